// SPDX-License-Identifier: MIT
/*
 * Time by the processor's counter. Reading it takes no call of the kernel, which at every level would take another time.
 * How long a tick is the kernel's own clock tells, in 200 ms before the first reading: by then programs have let the kernel
 * settle, which measures its clock once more a second after it started. At the program's end both are printed, so that it
 * shows when they have not gone alike:
 *
 *   clock NANOSECONDS-BY-THE-COUNTER NANOSECONDS-BY-THE-KERNEL KILOHERTZ
 */
#include "../bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define CALIBRATION_NS 200000000UL
#define TRIES 16

/* The same moment by both. */
struct moment {
	unsigned long ticks, ns;
};

static struct moment first;
/* Nanoseconds of a tick, times 2 to the 32nd; 0 before the first reading. */
static unsigned long tick;

/* CLOCK_MONOTONIC_RAW is not adjusted by anybody. */
static unsigned long read_kernel_clock(void)
{
	struct timespec time;

	check(clock_gettime(CLOCK_MONOTONIC_RAW, &time), "clock_gettime");
	return time.tv_sec * 1000000000UL + time.tv_nsec;
}

/* Of several readings that which took least: in it nothing came between the two clocks. */
static struct moment read_both(void)
{
	struct moment best = { 0 };
	unsigned long least = -1UL;

	for (int i = 0; i < TRIES; i++) {
		const unsigned long before = read_ticks(), ns = read_kernel_clock(), took = read_ticks() - before;

		if (took >= least)
			continue;
		least = took;
		best = (struct moment){ .ticks = before + took / 2, .ns = ns };
	}
	return best;
}

static unsigned long to_ns(unsigned long ticks)
{
	return ((unsigned __int128)(ticks - first.ticks) * tick) >> 32;
}

static void print_clock(void)
{
	const struct moment now = read_both();

	printf("clock %lu %lu %lu\n", to_ns(now.ticks), now.ns - first.ns, (1000000UL << 32) / tick);
}

static void begin_clock(void)
{
	struct moment now;

	first = read_both();
	do {
		now = read_both();
	} while (now.ns - first.ns < CALIBRATION_NS);
	tick = ((unsigned __int128)(now.ns - first.ns) << 32) / (now.ticks - first.ticks);
	check(-atexit(print_clock), "atexit");
}

unsigned long read_counter(void)
{
	if (!tick)
		begin_clock();
	return to_ns(read_ticks());
}
