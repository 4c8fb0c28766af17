// SPDX-License-Identifier: MIT
/*
 * Requests come at fixed times, whatever the server does: one that is due while the one before has no answer yet waits,
 * and its wait counts, because its time runs from when it was due and not from when it was sent. There is one client with
 * one connection, as everything runs on one processor.
 */
#include "latency.h"

#include "../bench/client.h"
#include "histogram.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define DURATION_NS 1000000000UL
/* Before a request is due: what becoming busy takes, and more. */
#define LEAD_NS 5000
#define MAX_REQUESTS 8

static const char *plan = "";
static struct histogram histograms[MAX_REQUESTS];

void plan_latencies(const char *intervals)
{
	plan = intervals;
}

/* 0 for a request that is not planned. */
static unsigned long find_interval(const char *name)
{
	const size_t length = strlen(name);

	for (const char *item = plan; item; item = strchr(item, ',')) {
		item += *item == ',';
		if (!strncmp(item, name, length) && item[length] == '=')
			return strtoul(item + length + 1, NULL, 10);
	}
	return 0;
}

static void set_policy(int policy, int priority)
{
	const struct sched_param parameters = { .sched_priority = priority };

	check(sched_setscheduler(0, policy, &parameters), "sched_setscheduler");
}

/*
 * Meanwhile the server does what its last answer left, as it would if its client were elsewhere. The processor is not
 * idle, so waking it, which in a virtual machine is the host's work, is in nobody's time.
 */
static void wait_until(unsigned long due)
{
	set_policy(SCHED_IDLE, 0);
	do {
		sched_yield();
	} while (read_counter() + LEAD_NS < due);
	/* As in the rest of the client: the answer is taken when it comes. */
	set_policy(SCHED_FIFO, 1);
	while (read_counter() < due)
		;
}

static void measure(const struct request *request, unsigned long interval, struct histogram *histogram)
{
	const unsigned long count = DURATION_NS / interval + 1;

	if (request->prepare)
		exchange_once(request->prepare, &alone);
	write_messages(request, &alone);

	const unsigned long start = read_counter() + interval;

	for (unsigned long i = 0; i < count; i++) {
		const unsigned long due = start + i * interval;

		if (read_counter() < due)
			wait_until(due);
		exchange(request, &alone);
		record(histogram, read_counter() - due);
	}
	if (request->connects)
		connect_again(&alone);
}

void measure_latencies(const struct server *server)
{
	for (size_t i = 0; server->requests[i].name && i < MAX_REQUESTS; i++) {
		const unsigned long interval = find_interval(server->requests[i].name);

		if (interval)
			measure(&server->requests[i], interval, &histograms[i]);
	}
	for (size_t i = 0; server->requests[i].name && i < MAX_REQUESTS; i++)
		print_histogram(&histograms[i], server->requests[i].name, find_interval(server->requests[i].name));
}
