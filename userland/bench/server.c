// SPDX-License-Identifier: MIT
/*
 * Starts a server beside itself and counts the instructions of requests over
 * loopback: the server's own, which is its CPU time in nanoseconds, since the
 * clock advances by one with every instruction; and the whole machine's, client
 * and network included. Named as "get_p16", the request and the load, and, for
 * the machine, "get_p16_all".
 */
#include "client.h"
#include "marks.h"
#include "server-process.h"
#ifdef IN_TIME
#include "../timed/latency.h"
#endif

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * Together longer than the intervals of the server's periodic work, of which Redis' longest is five seconds, and each
 * shorter than the second that Redis looks back, so that it finds no connection without use.
 */
#define WARM_UP_ROUNDS 11
#define WARM_UP_PAUSE_US 500000
/* An answer that never comes. In the guest's seconds: idle ones pass at once. */
#define PATIENCE_SECONDS 300

#define MAX_REQUESTS 8
#define MAX_LOADS 3

static unsigned long server_counts[MAX_REQUESTS][MAX_LOADS][REGIONS];
static unsigned long machine_counts[MAX_REQUESTS][MAX_LOADS][REGIONS];

/* Waits until the server takes connections. */
static void await_server(pid_t pid)
{
	while (try_to_connect()) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			fail("the server ended");
		sched_yield();
	}
}

static size_t count_loads(const struct server *server)
{
	size_t count = 0;

	while (server->loads[count].name)
		count++;
	return count;
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
static void warm_up(const struct server *server, const struct load *load)
{
	for (int i = 0; i < WARM_UP_ROUNDS; i++) {
		exchange_once(&server->requests[1], load);
		usleep(WARM_UP_PAUSE_US);
	}
}

static void repeat(const struct request *request, const struct load *load)
{
	for (int i = 0; i < load->exchanges; i++)
		exchange(request, load);
}

static void measure(const struct server *server, const struct request *request, const struct load *load,
		    unsigned long *server_count, unsigned long *machine_count)
{
	for (int region = 0; region < REGIONS; region++) {
		if (request->prepare)
			exchange_once(request->prepare, &alone);
		write_messages(request, load);

		unsigned long time = read_server_time(server), start = read_counter();

		if (load == server->loads) {
			/* One request at a time, so that it can be told who executes what. */
			MARK(MARK_START);
			repeat(request, load);
			MARK(MARK_STOP);
		} else {
			repeat(request, load);
		}
		machine_count[region] = read_counter() - start;
		server_count[region] = read_server_time(server) - time;
	}
	if (request->connects)
		connect_again(load);
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
	static const struct server *const servers[] = { &redis, &memcached, &nginx, &echo, &postgresql };

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
	pid_t pid = start_server_process(server, arguments);

	alarm(PATIENCE_SECONDS);
	begin_client(server);
	wait_idly();
	await_server(pid);
	exchange_once(&server->requests[0], &alone);
	printf("boot answered %lu\n", read_counter());
	end_server_process(pid);
	return 0;
}

/* Loads come one after the other, so that none finds what those after it leave: more connections, other buffers. */
static void measure_load(const struct server *server, size_t k, const char *list)
{
	const struct load *load = &server->loads[k];

	for (size_t i = 0; server->requests[i].name; i++) {
		if (i == MAX_REQUESTS)
			fail("too many requests");
		if (is_listed(server->requests[i].name, list))
			measure(server, &server->requests[i], load, server_counts[i][k], machine_counts[i][k]);
	}
}

int measure_server(const char *name, const char *list, char **arguments)
{
	const struct server *server = find_server(name);

	alarm(PATIENCE_SECONDS);
	set_up_server(server);
	pid_t pid = start_server_process(server, arguments);
	begin_client(server);
	await_server(pid);
	become_busy();
	if (server->fill)
		exchange_once(server->fill, &alone);
	exchange_once(&server->requests[0], &alone);
	for (size_t k = 0; k < count_loads(server); k++) {
		if (k == MAX_LOADS)
			fail("too many loads");
		connect_others(&server->loads[k]);
		warm_up(server, &server->loads[k]);
		find_server_clocks(pid);
		measure_load(server, k, list);
#ifdef IN_TIME
		if (k == 0)
			measure_latencies(server);
#endif
	}
	for (size_t i = 0; server->requests[i].name; i++) {
		if (is_listed(server->requests[i].name, list))
			print_results(server, i);
	}
	end_server_process(pid);
	return 0;
}
