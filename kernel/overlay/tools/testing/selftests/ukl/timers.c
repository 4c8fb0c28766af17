// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's timer runs at the frequency that it takes it to have, measured or
 * told by ukl_apic_timer.
 */
#define _GNU_SOURCE
#include <time.h>

#include "ukl_test.h"

#define SLEEP_NS	20000000L

static long nanoseconds(void)
{
	struct timespec now;

	REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

/* Never early. Late is whoever shares its processor, but not each of many times. */
TEST(a_timer_expires_when_it_is_due)
{
	const struct timespec duration = { .tv_nsec = SLEEP_NS };
	long start, slept, shortest = 1000000000L;
	int i;

	for (i = 0; i < 25; i++) {
		start = nanoseconds();
		REQUIRE(nanosleep(&duration, NULL) == 0);
		slept = nanoseconds() - start;
		REQUIRE(slept >= SLEEP_NS);
		if (slept < shortest)
			shortest = slept;
	}
	REQUIRE(shortest < 2 * SLEEP_NS);
}
