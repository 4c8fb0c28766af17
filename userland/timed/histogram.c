// SPDX-License-Identifier: MIT
#include "histogram.h"

#include <stdio.h>
#include <sys/param.h>

/* How many bits of a value its bucket does not know. */
static int find_shift(unsigned long value)
{
	return value < EXACT ? 0 : 63 - __builtin_clzl(value) - 7;
}

static unsigned long find_bucket(unsigned long value)
{
	const int shift = find_shift(value);

	return MIN(shift * (EXACT / 2) + (value >> shift), BUCKETS - 1);
}

static unsigned long find_largest(unsigned long bucket)
{
	const unsigned long shift = bucket < EXACT ? 0 : bucket / (EXACT / 2) - 1;

	return ((bucket - shift * (EXACT / 2) + 1) << shift) - 1;
}

void record(struct histogram *histogram, unsigned long value)
{
	histogram->counts[find_bucket(value)]++;
}

void print_histogram(const struct histogram *histogram, const char *name, unsigned long interval)
{
	int printed = 0;

	for (unsigned long i = 0; i < BUCKETS; i++) {
		if (!histogram->counts[i])
			continue;
		if (!printed++)
			printf("latency %s %lu", name, interval);
		printf(" %lu:%u", find_largest(i), histogram->counts[i]);
	}
	if (printed)
		printf("\n");
}
