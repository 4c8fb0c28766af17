// SPDX-License-Identifier: MIT
/*
 * What a system call that does nothing takes on this machine, and a call of a function that does nothing: lines
 * "null-call NS" and "function NS", nanoseconds of processor time a call, several of each.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 21
#define CALLS 200000

static void null_call(void)
{
	/* There is none of this number. */
	syscall(-1);
}

static void function(void)
{
	__asm__ volatile("");
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static void measure(const char *name, void (*volatile call)(void))
{
	double start = now();

	for (int i = 0; i < CALLS; i++)
		call();
	printf("%s %.3f\n", name, (now() - start) / CALLS);
}

int main(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		measure("null-call", null_call);
		measure("function", function);
	}
	return 0;
}
