// SPDX-License-Identifier: MIT
/*
 * Starts a Redis server beside itself and counts the instructions of requests
 * over loopback: the server's own, which is its CPU time in nanoseconds, since
 * the clock advances by one with every instruction; and the whole machine's,
 * client and network included. Named as "get_p16", with the number of requests
 * that are sent at once, and, for the machine, "get_p16_all".
 *
 * The client is deliberately plain: one connection, one buffer, no library.
 */
#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT 6379
/* Long enough for the server's periodic work. */
#define SETTLING_SECONDS 2
/* In a region: so few that most regions see no timer interrupt. */
#define EXCHANGES 24
#define MAX_PIPELINE 16
#define VALUE "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" /* 64 bytes */

#define GET "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n"

/* What the client does more in each exchange of "get_nops". */
#define KNOWN_EFFECT 1000

static const struct command {
	const char *name, *request;
	/* Before each region, uncounted. */
	const char *prepare;
	int nops;
} commands[] = {
	{ .name = "set", .request = "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$64\r\n" VALUE "\r\n" },
	{ .name = "get", .request = GET },
	{ .name = "get_nops", .request = GET, .nops = 1 },
	{ .name = "incr", .request = "*2\r\n$4\r\nINCR\r\n$7\r\ncounter\r\n" },
	{ .name = "lpush", .request = "*3\r\n$5\r\nLPUSH\r\n$4\r\nlist\r\n$64\r\n" VALUE "\r\n",
	  .prepare = "*2\r\n$3\r\nDEL\r\n$4\r\nlist\r\n" },
	{ .name = "mset",
	  .request = "*9\r\n$4\r\nMSET\r\n$2\r\nk1\r\n$2\r\nv1\r\n$2\r\nk2\r\n$2\r\nv2\r\n"
		     "$2\r\nk3\r\n$2\r\nv3\r\n$2\r\nk4\r\n$2\r\nv4\r\n" },
};

static const int pipelines[] = { 1, MAX_PIPELINE };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static unsigned long server_counts[COUNT(commands)][COUNT(pipelines)][REGIONS];
static unsigned long machine_counts[COUNT(commands)][COUNT(pipelines)][REGIONS];

/*
 * Where keys lie in a hash table depends on a random seed, and finding them on
 * where they lie. Every server gets the same seed: the differences between two
 * servers are those of their kernels.
 */
static void fix_random_numbers(void)
{
	check(unlink("/dev/urandom"), "unlink /dev/urandom");
	check(mknod("/dev/urandom", S_IFCHR | 0444, makedev(1, 5)), "mknod /dev/urandom"); /* /dev/zero */
}

static pid_t start_redis(char **arguments)
{
	pid_t pid = check(fork(), "fork");

	if (pid == 0) {
		/* What it says at its start is not asked for here. */
		check(dup2(STDERR_FILENO, STDOUT_FILENO), "dup2");
		execv(arguments[0], arguments);
		check(-1, arguments[0]);
	}
	return pid;
}

/* Waits until the server listens. */
static int connect_redis(pid_t pid)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int on = 1;

	for (;;) {
		int fd = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

		if (!connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
			check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "setsockopt");
			return fd;
		}
		close(fd);
		if (waitpid(pid, NULL, WNOHANG) == pid)
			fail("the server ended");
		sched_yield();
	}
}

static unsigned long read_server_time(clockid_t clock)
{
	struct timespec time;

	check(clock_gettime(clock, &time), "clock_gettime");
	return time.tv_sec * 1000000000UL + time.tv_nsec;
}

/* How many complete replies there are; none of ours has a line end in it. */
static int count_replies(const char *text, size_t size)
{
	int lines = 0, bulks = 0;

	for (size_t i = 0; i < size; i++) {
		lines += text[i] == '\n';
		bulks += text[i] == '$';
	}
	if (size && text[0] == '-')
		fail("the server answered with an error");
	/* A bulk string takes two lines. */
	return lines - bulks;
}

/* Sends "pipeline" requests at once, and waits for all replies. */
static void exchange(int fd, const char *requests, size_t size, int pipeline)
{
	static char replies[MAX_PIPELINE * 256];
	size_t got = 0;

	check(send(fd, requests, size, 0), "send");
	do {
		got += check(recv(fd, replies + got, sizeof(replies) - got, 0) - 1, "recv") + 1;
	} while (count_replies(replies, got) < pipeline || replies[got - 1] != '\n');
}

static size_t repeat_request(char *requests, const char *request, int pipeline)
{
	char *end = requests;

	for (int i = 0; i < pipeline; i++)
		end = stpcpy(end, request);
	return end - requests;
}

/*
 * A server fits the buffer of a connection to the longest reply, from time to
 * time: gets it and the kernel to where they will stay.
 */
static void warm_up(int fd)
{
	char requests[MAX_PIPELINE * 256];
	size_t size = repeat_request(requests, GET, MAX_PIPELINE);

	exchange(fd, commands[0].request, strlen(commands[0].request), 1);
	for (int i = 0; i < 3; i++) {
		exchange(fd, requests, size, MAX_PIPELINE);
		settle(SETTLING_SECONDS);
	}
}

static void measure(int fd, clockid_t server, const struct command *command, int pipeline,
		    unsigned long *server_count, unsigned long *machine_count)
{
	char requests[MAX_PIPELINE * 256];
	size_t size = repeat_request(requests, command->request, pipeline);

	for (int region = 0; region < REGIONS; region++) {
		if (command->prepare)
			exchange(fd, command->prepare, strlen(command->prepare), 1);

		unsigned long time = read_server_time(server), start = read_counter();

		for (int i = 0; i < EXCHANGES; i++) {
			exchange(fd, requests, size, pipeline);
			if (command->nops)
				NOPS(KNOWN_EFFECT);
		}
		machine_count[region] = read_counter() - start;
		server_count[region] = read_server_time(server) - time;
	}
}

/* Whether a list with commas has the name; "all" has every name. */
static int is_listed(const char *name, const char *list)
{
	size_t length = strlen(name);

	if (!strcmp(list, "all"))
		return 1;
	for (const char *item = list; item; item = strchr(item, ',')) {
		item += *item == ',';
		if (!strncmp(item, name, length) && (item[length] == ',' || item[length] == '\0'))
			return 1;
	}
	return 0;
}

static void print_results(size_t i)
{
	char name[64];

	for (size_t k = 0; k < COUNT(pipelines); k++) {
		const unsigned long requests = EXCHANGES * pipelines[k];

		snprintf(name, sizeof(name), "%s_p%d", commands[i].name, pipelines[k]);
		print_counts(name, requests, server_counts[i][k]);
		snprintf(name, sizeof(name), "%s_p%d_all", commands[i].name, pipelines[k]);
		print_counts(name, requests, machine_counts[i][k]);
	}
}

int measure_redis(const char *list, char **arguments)
{
	fix_random_numbers();

	pid_t pid = start_redis(arguments);
	int fd = connect_redis(pid);
	clockid_t server;

	if (clock_getcpuclockid(pid, &server))
		fail("the server has no clock");
	warm_up(fd);
	for (size_t i = 0; i < COUNT(commands); i++) {
		if (!is_listed(commands[i].name, list))
			continue;
		for (size_t k = 0; k < COUNT(pipelines); k++)
			measure(fd, server, &commands[i], pipelines[k], server_counts[i][k], machine_counts[i][k]);
	}
	for (size_t i = 0; i < COUNT(commands); i++) {
		if (is_listed(commands[i].name, list))
			print_results(i);
	}
	check(kill(pid, SIGKILL), "kill");
	check(waitpid(pid, NULL, 0), "waitpid");
	return 0;
}
