// SPDX-License-Identifier: MIT
/* What all programs that count have in common. */
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

void print_maker(void)
{
	printf("built by gcc %s, glibc %s\n", __VERSION__, gnu_get_libc_version());
}

void print_counts(const char *name, unsigned long divisor, const unsigned long *counts)
{
	printf("count %s %lu", name, divisor);
	for (int i = 0; i < REGIONS; i++)
		printf(" %lu", counts[i]);
	printf("\n");
}
