// SPDX-License-Identifier: MIT
/*
 * Starts a server beside itself and counts the instructions of requests over
 * loopback: the server's own, which is its CPU time in nanoseconds, since the
 * clock advances by one with every instruction; and the whole machine's, client
 * and network included. Named as "get_p16", the request and the load, and, for
 * the machine, "get_p16_all".
 *
 * The client is deliberately plain: one process, blocking calls, no library. It
 * looks at every byte of every answer.
 */
#include "server.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Long enough for the server's periodic work. */
#define SETTLING_SECONDS 2
/* An answer that never comes. In the guest's seconds: idle ones pass at once. */
#define PATIENCE_SECONDS 300

#define MAX_REQUESTS 8
#define MAX_LOADS 2
#define MAX_CONNECTIONS 16
#define MAX_PIPELINE 16
#define MAX_PROCESSES 8

static unsigned long server_counts[MAX_REQUESTS][MAX_LOADS][REGIONS];
static unsigned long machine_counts[MAX_REQUESTS][MAX_LOADS][REGIONS];

static int port;
static int connections[MAX_CONNECTIONS];

/* Of the server and its children. */
static clockid_t clocks[MAX_PROCESSES];
static size_t clock_count;

/*
 * Where keys lie in a hash table may depend on a random seed, and finding them
 * on where they lie. Every server gets the same seed: the differences between two
 * servers are those of their kernels.
 */
static void fix_random_numbers(void)
{
	check(unlink("/dev/urandom"), "unlink /dev/urandom");
	check(mknod("/dev/urandom", S_IFCHR | 0444, makedev(1, 5)), "mknod /dev/urandom"); /* /dev/zero */
}

static pid_t start_program(char **arguments)
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

/* Returns -1 when nobody listens. */
static int try_to_connect(void)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int on = 1;
	int fd = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

	if (connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "setsockopt");
	return fd;
}

/* Waits until the server listens. */
static void await_server(pid_t pid)
{
	while ((connections[0] = try_to_connect()) < 0) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			fail("the server ended");
		sched_yield();
	}
}

static pid_t read_parent(const char *pid)
{
	char path[64], text[512];
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);

	FILE *file = fopen(path, "re");

	/* "PID (NAME) STATE PARENT …" */
	if (file && fgets(text, sizeof(text), file) && strrchr(text, ')'))
		sscanf(strrchr(text, ')') + 1, " %*c %d", &parent);
	if (file)
		fclose(file);
	return parent;
}

static void add_clock(pid_t pid)
{
	if (clock_count == MAX_PROCESSES)
		fail("the server has too many processes");
	if (clock_getcpuclockid(pid, &clocks[clock_count++]))
		fail("the server has no clock");
}

static void find_clocks(pid_t server)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;

	check(directory ? 0 : -1, "opendir /proc");
	add_clock(server);
	while ((entry = readdir(directory))) {
		if (isdigit(entry->d_name[0]) && read_parent(entry->d_name) == server)
			add_clock(atoi(entry->d_name));
	}
	closedir(directory);
}

static unsigned long read_server_time(void)
{
	unsigned long sum = 0;
	struct timespec time;

	for (size_t i = 0; i < clock_count; i++) {
		check(clock_gettime(clocks[i], &time), "clock_gettime");
		sum += time.tv_sec * 1000000000UL + time.tv_nsec;
	}
	return sum;
}

/* Shows the answer's first line. */
static void __attribute__((noreturn)) refuse(const struct request *request, const char *text, size_t size)
{
	const char *end = memchr(text, '\r', size);

	fprintf(stderr, "bench: the server answered \"%s\" with: %.*s …\n", request->name,
		(int)MIN(end ? (size_t)(end - text) : size, 200), text);
	exit(1);
}

/* The size of the answer that "text" begins with, 0 when more has to come. */
static size_t match_answer(const struct request *request, const char *text, size_t size)
{
	size_t at = 0;

	for (const char *expected = request->answer; *expected; expected++) {
		size_t begin = at;

		if (at == size)
			return 0;
		if (*expected == '*') {
			const size_t length = strcspn(expected + 1, "*#");
			const char *found = memmem(text + at, size - at, expected + 1, length);

			if (!found)
				return 0;
			at = found - text;
		} else if (*expected == '#') {
			while (at < size && isdigit(text[at]))
				at++;
			if (at == begin)
				refuse(request, text, size);
			/* There may be more of it. */
			if (at == size)
				return 0;
		} else if (text[at++] != *expected) {
			refuse(request, text, size);
		}
	}
	if (request->body && memcmp(text + at, request->body, MIN(size - at, request->body_size)))
		refuse(request, text, size);
	at += request->body_size;
	return at <= size ? at : 0;
}

/* Waits for so many answers, and for nothing after them. */
static void await_answers(int fd, const struct request *request, int count)
{
	static char answers[MAX_PIPELINE * 2048];
	size_t begin = 0, end = 0;

	while (count) {
		if (end == sizeof(answers))
			refuse(request, answers + begin, end - begin);
		end += check(recv(fd, answers + end, sizeof(answers) - end, 0) - 1, "recv") + 1;
		for (size_t size; count && (size = match_answer(request, answers + begin, end - begin)); count--)
			begin += size;
	}
	if (begin != end)
		refuse(request, answers + begin, end - begin);
}

/* A message, as often as a load sends it on a connection. */
struct message {
	char text[MAX_PIPELINE * 512];
	size_t size;
};

static void write_message(struct message *message, const struct request *request, int pipeline)
{
	char *end = message->text;

	if (strlen(request->text) * pipeline >= sizeof(message->text))
		fail("a request is too long");
	for (int i = 0; i < pipeline; i++)
		end = stpcpy(end, request->text);
	message->size = end - message->text;
}

static void connect_anew(int i)
{
	close(connections[i]);
	connections[i] = check(try_to_connect(), "connect");
}

static void await_end(int fd)
{
	char byte;

	if (recv(fd, &byte, 1, 0))
		fail("the server did not close the connection");
}

/* Sends the message on each connection, and waits for all answers. */
static void exchange(const struct request *request, const struct load *load, const struct message *message)
{
	for (int i = 0; i < load->connections; i++) {
		if (request->connects)
			connect_anew(i);
		check(send(connections[i], message->text, message->size, 0), "send");
	}
	for (int i = 0; i < load->connections; i++) {
		await_answers(connections[i], request, load->pipeline);
		if (request->connects)
			await_end(connections[i]);
	}
	if (request->nops)
		NOPS(KNOWN_EFFECT);
}

static void exchange_once(const struct request *request, const struct load *load)
{
	struct message message;

	write_message(&message, request, load->pipeline);
	exchange(request, load, &message);
}

static const struct load alone = { .connections = 1, .pipeline = 1 };

static size_t count_loads(const struct server *server)
{
	size_t count = 0;

	while (server->loads[count].name)
		count++;
	return count;
}

/* The first has one; the others come once the first request is answered. */
static void connect_all(const struct server *server)
{
	int count = 1;

	for (const struct load *load = server->loads; load->name; load++)
		count = MAX(count, load->connections);
	for (int i = 1; i < count; i++)
		connections[i] = check(try_to_connect(), "connect");
}

/*
 * From now on the client runs whenever it can: the next request is there before the server would sleep, as at a busy
 * one. Otherwise the scheduler would let the server finish first or not, depending on which of both had executed more
 * instructions, which is a difference of 8 % to memcached.
 */
static void become_busy(void)
{
	const struct sched_param parameters = { .sched_priority = 1 };

	check(sched_setscheduler(0, SCHED_FIFO, &parameters), "sched_setscheduler");
}

/*
 * A server fits its buffers to its use, from time to time: gets it and the kernel
 * to where they will stay.
 */
static void warm_up(const struct server *server)
{
	const struct load *heaviest = &server->loads[count_loads(server) - 1];

	exchange_once(&server->requests[0], &alone);
	connect_all(server);
	for (int i = 0; i < 3; i++) {
		exchange_once(&server->requests[1], heaviest);
		settle(SETTLING_SECONDS);
	}
}

static void measure(const struct request *request, const struct load *load, unsigned long *server_count,
		    unsigned long *machine_count)
{
	struct message message;

	write_message(&message, request, load->pipeline);
	for (int region = 0; region < REGIONS; region++) {
		if (request->prepare)
			exchange_once(request->prepare, &alone);

		unsigned long time = read_server_time(), start = read_counter();

		for (int i = 0; i < load->exchanges; i++)
			exchange(request, load, &message);
		machine_count[region] = read_counter() - start;
		server_count[region] = read_server_time() - time;
	}
	/* The server has closed those of a request that connects. */
	for (int i = 0; request->connects && i < load->connections; i++)
		connect_anew(i);
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

static void print_results(const struct server *server, size_t i)
{
	char name[64];

	for (size_t k = 0; k < count_loads(server); k++) {
		const struct load *load = &server->loads[k];
		const unsigned long requests = load->exchanges * load->connections * load->pipeline;

		snprintf(name, sizeof(name), "%s_%s", server->requests[i].name, load->name);
		print_counts(name, requests, server_counts[i][k]);
		snprintf(name, sizeof(name), "%s_%s_all", server->requests[i].name, load->name);
		print_counts(name, requests, machine_counts[i][k]);
	}
}

static const struct server *find_server(const char *name)
{
	static const struct server *const servers[] = { &redis, &memcached, &nginx };

	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		if (!strcmp(servers[i]->name, name))
			return servers[i];
	}
	fail("there is no such server");
}

/*
 * Before the server is there, its client must take nothing from it: it asks whether it listens when nothing else is
 * to be done.
 */
static void wait_idly(void)
{
	const struct sched_param parameters = { 0 };

	check(sched_setscheduler(0, SCHED_IDLE, &parameters), "sched_setscheduler");
}

int measure_first_answer(const char *name, char **arguments)
{
	const struct server *server = find_server(name);
	pid_t pid = start_program(arguments);

	port = server->port;
	alarm(PATIENCE_SECONDS);
	wait_idly();
	await_server(pid);
	exchange_once(&server->requests[0], &alone);
	printf("boot answered %lu\n", read_counter());
	check(kill(pid, SIGKILL), "kill");
	check(waitpid(pid, NULL, 0), "waitpid");
	return 0;
}

int measure_server(const char *name, const char *list, char **arguments)
{
	const struct server *server = find_server(name);

	port = server->port;
	alarm(PATIENCE_SECONDS);
	fix_random_numbers();

	pid_t pid = start_program(arguments);

	await_server(pid);
	become_busy();
	warm_up(server);
	find_clocks(pid);
	for (size_t i = 0; server->requests[i].name; i++) {
		if (i == MAX_REQUESTS || count_loads(server) > MAX_LOADS)
			fail("too many requests or loads");
		for (size_t k = 0; is_listed(server->requests[i].name, list) && k < count_loads(server); k++)
			measure(&server->requests[i], &server->loads[k], server_counts[i][k], machine_counts[i][k]);
	}
	for (size_t i = 0; server->requests[i].name; i++) {
		if (is_listed(server->requests[i].name, list))
			print_results(server, i);
	}
	check(kill(pid, SIGKILL), "kill");
	check(waitpid(pid, NULL, 0), "waitpid");
	return 0;
}
