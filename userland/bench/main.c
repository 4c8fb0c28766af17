// SPDX-License-Identifier: MIT
/* What runs in the guest to be counted, see src/bench: the usage below. */
#include "bench.h"

#include <errno.h>
#include <gnu/libc-version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void fail(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

long check(long result, const char *what)
{
	if (result >= 0)
		return result;
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

void settle(int seconds)
{
	const struct timespec time = { .tv_sec = seconds };

	nanosleep(&time, NULL);
}

void print_counts(const char *name, unsigned long divisor, const unsigned long *counts)
{
	printf("count %s %lu", name, divisor);
	for (int i = 0; i < REGIONS; i++)
		printf(" %lu", counts[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	printf("built by gcc %s, glibc %s\n", __VERSION__, gnu_get_libc_version());
	if (argc > 1 && !strcmp(argv[1], "micro"))
		return measure_operations(argv + 2);
	if (argc > 4 && !strcmp(argv[1], "server"))
		return measure_server(argv[2], argv[3], argv + 4);
	if (argc > 3 && !strcmp(argv[1], "first"))
		return measure_first_answer(argv[2], argv + 3);
	fail("usage: bench micro [OPERATION …] | bench server NAME REQUESTS PROGRAM [ARG …] | bench first NAME PROGRAM [ARG …]");
}
