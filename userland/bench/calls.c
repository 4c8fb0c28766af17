// SPDX-License-Identifier: MIT
/* The way into the kernel and back, and what shows whether the counting is right. */
#include "operations.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* No kernel has it: the call does nothing but come and go. */
#define NO_SUCH_CALL 1023

#define KNOWN_EFFECT 100

static void nothing(void)
{
	asm volatile("");
}

static void null_call(void)
{
	syscall(NO_SUCH_CALL);
	NOPS(0);
}

static void null_call_and_nops(void)
{
	syscall(NO_SUCH_CALL);
	NOPS(KNOWN_EFFECT);
}

static void call_getppid(void)
{
	getppid();
}

static void call_clock_gettime(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
}

static void clock_gettime_by_call(void)
{
	struct timespec time;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
}

static volatile sig_atomic_t handled;

static void on_signal(int signal)
{
	handled = signal;
}

static void signal_begin(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	check(sigaction(SIGUSR1, &action, NULL), "sigaction");
}

static void send_signal(void)
{
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
}

/* The smallest step of the counter that no single instruction can make. */
#define INTERRUPT_STEP 200

/* Computes until the timer interrupts it, and counts the interruption. */
static unsigned long timer_interrupt(void)
{
	unsigned long before, now = read_counter();

	do {
		before = now;
		now = read_counter();
	} while (now - before < INTERRUPT_STEP);
	return now - before;
}

const struct operation call_operations[] = {
	{ .name = "nothing", .run = nothing, .count = 1000 },
	{ .name = "null_call", .run = null_call, .count = 500 },
	{ .name = "null_call_and_nops", .run = null_call_and_nops, .count = 500 },
	{ .name = "getppid", .run = call_getppid, .count = 500 },
	{ .name = "clock_gettime", .run = call_clock_gettime, .count = 500 },
	{ .name = "clock_gettime_by_call", .run = clock_gettime_by_call, .count = 500 },
	{ .name = "signal", .begin = signal_begin, .run = send_signal, .count = 100 },
	{ .name = "timer_interrupt", .region = timer_interrupt },
	{ 0 },
};
