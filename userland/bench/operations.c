// SPDX-License-Identifier: MIT
/*
 * Counts the instructions of system calls and of what else a program asks of
 * its kernel. A figure includes the loop around the operation.
 */
#include "operations.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_OPERATIONS 64

/* The kernel measures its clock once more a second after it started. */
#define SETTLING_SECONDS 3

static const struct operation *done[MAX_OPERATIONS];
static unsigned long counts[MAX_OPERATIONS][REGIONS];

static pid_t server;

void start_server(void (*serve)(void))
{
	server = check(fork(), "fork");
	if (server > 0)
		return;
	check(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl");
	serve();
	_exit(0);
}

void end_server(void)
{
	check(kill(server, SIGKILL), "kill");
	check(waitpid(server, NULL, 0), "waitpid");
}

static unsigned long count_region(const struct operation *operation)
{
	if (operation->region)
		return operation->region();

	unsigned long start = read_counter();

	for (unsigned int i = 0; i < operation->count; i++)
		operation->run();
	return read_counter() - start;
}

static void measure(const struct operation *operation, unsigned long *regions)
{
	if (operation->begin)
		operation->begin();
	for (int i = 0; i < REGIONS; i++) {
		if (operation->prepare)
			operation->prepare();
		regions[i] = count_region(operation);
	}
	if (operation->end)
		operation->end();
}

/* All are when none is named. */
static int is_wanted(const char *name, char **names)
{
	if (!*names)
		return 1;
	while (*names && strcmp(name, *names))
		names++;
	return *names != NULL;
}

int measure_operations(char **names)
{
	static const struct operation *const groups[] = {
		call_operations, file_operations, network_operations, wait_operations, memory_operations,
		process_operations,
	};
	size_t total = 0;

	settle(SETTLING_SECONDS);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		for (const struct operation *operation = groups[i]; operation->name; operation++) {
			if (!is_wanted(operation->name, names))
				continue;
			if (total == MAX_OPERATIONS)
				fail("too many operations");
			measure(operation, counts[total]);
			done[total++] = operation;
		}
	}
	for (size_t i = 0; i < total; i++)
		print_counts(done[i]->name, (done[i]->count ?: 1) * (done[i]->things ?: 1), counts[i]);
	return 0;
}
