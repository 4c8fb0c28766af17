/* SPDX-License-Identifier: MIT */
/*
 * What is counted is counted in regions. Their counts are kept and printed when
 * everything is done, so that no output's interrupts fall into a region, one
 * line for each thing that was counted:
 *
 *   count NAME DIVISOR REGION REGION …
 *
 * A region's count divided by DIVISOR is the cost of one operation. The first
 * region of a line is a warm-up.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>

#define REGIONS 32

/*
 * The programs; each returns the exit status. All operations are measured when
 * none is named; requests are a list with commas, or "all".
 */
int measure_operations(char **names);
int measure_server(const char *name, const char *requests, char **program);
int measure_first_answer(const char *name, char **program);

/* Who built the program: the first line of its output. */
void print_maker(void);

void print_counts(const char *name, unsigned long divisor, const unsigned long *counts);

/* Lets others finish what they do at first. Idle time costs nothing: the emulator skips it. */
void settle(int seconds);

/* Ends the program with a message. */
void fail(const char *what) __attribute__((noreturn));

/* The result of a call that has to succeed. */
long check(long result, const char *what);

/*
 * The processor's clock. Under QEMU's -icount shift=0 it is the instruction counter:
 * it advances by one with every instruction, in either ring, and by the time that
 * is skipped while the machine is idle.
 */
static inline unsigned long read_ticks(void)
{
	unsigned int low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return ((unsigned long)high << 32) | low;
}

#ifdef IN_TIME
/* Nanoseconds since the first reading, see userland/timed. */
unsigned long read_counter(void);
#else
static inline unsigned long read_counter(void)
{
	return read_ticks();
}
#endif

/*
 * Exactly so many instructions more. The statement stands in both functions that
 * are compared, so that the compiler makes the same of the rest.
 */
#define NOPS(number) asm volatile(".rept %c0\n\tnop\n\t.endr" ::"i"(number))

#endif
