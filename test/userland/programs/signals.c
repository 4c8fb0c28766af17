// SPDX-License-Identifier: Apache-2.0
/* Signals: delivery, restart, alternate stacks, jumps out of handlers, registers. */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static volatile sig_atomic_t handled;
static int wake_up[2];

static void count(int number)
{
	(void)number;
	handled++;
}

/* Lets the interrupted read finish, after it was interrupted. */
static void count_and_write(int number)
{
	(void)number;
	handled++;
	(void)!write(wake_up[1], "x", 1);
}

static void install(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigaction(number, &action, NULL);
}

/* Raises a signal in this thread every 5 ms; so it also hits a call that was just entered. */
static timer_t start_timer(int number)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = number };
	struct itimerspec interval = { { 0, 5000000 }, { 0, 5000000 } };
	timer_t timer;

	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &interval, NULL);
	return timer;
}

static void test_delivery(void)
{
	install(SIGUSR1, count, 0);
	handled = 0;
	raise(SIGUSR1);
	kill(getpid(), SIGUSR1);
	CHECK("raise and kill run the handler before they return", handled == 2);
}

static void test_restart(void)
{
	timer_t timer;
	char byte = 0;
	ssize_t got;

	(void)!pipe(wake_up);
	handled = 0;
	install(SIGUSR1, count_and_write, SA_RESTART);
	timer = start_timer(SIGUSR1);
	got = read(wake_up[0], &byte, 1);
	timer_delete(timer);
	CHECK("with SA_RESTART read goes on after the handler", got == 1 && byte == 'x' && handled > 0);

	handled = 0;
	install(SIGUSR2, count, 0);
	timer = start_timer(SIGUSR2);
	while (read(wake_up[0], &byte, 1) == 1)
		;
	CHECK("without it read fails with EINTR", errno == EINTR && handled > 0);
	timer_delete(timer);
}

static void test_sleep(void)
{
	struct timespec wish = { 10, 0 };
	struct timespec rest = { 0, 0 };
	timer_t timer;
	int result;

	install(SIGUSR2, count, 0);
	timer = start_timer(SIGUSR2);
	result = nanosleep(&wish, &rest);
	timer_delete(timer);
	CHECK("nanosleep is interrupted and says what is left",
	      result == -1 && errno == EINTR && rest.tv_sec == 9);
}

static stack_t alternate;
static sigjmp_buf recovery;
static void *fault_address;
static int on_alternate_stack;

static void recover(int number, siginfo_t *info, void *context)
{
	char *here = __builtin_frame_address(0);

	(void)context;
	fault_address = info->si_addr;
	on_alternate_stack = here >= (char *)alternate.ss_sp && here < (char *)alternate.ss_sp + alternate.ss_size;
	siglongjmp(recovery, number);
}

static void install_recovery(int number)
{
	struct sigaction action = { .sa_sigaction = recover, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigaction(number, &action, NULL);
}

static int overflow_stack(int depth)
{
	volatile char frame[4096];

	frame[0] = (char)depth;
	return depth == 0 ? 0 : overflow_stack(depth + 1) + frame[0];
}

static void test_faults(void)
{
	volatile int zero = 0;
	int number;

	alternate.ss_size = 64 * 1024;
	alternate.ss_sp = malloc(alternate.ss_size);
	sigaltstack(&alternate, NULL);
	install_recovery(SIGSEGV);
	install_recovery(SIGFPE);
	install_recovery(SIGILL);

	number = sigsetjmp(recovery, 1);
	if (number == 0)
		*(volatile int *)16 = 1;
	CHECK("a write to address 16 is SIGSEGV at that address", number == SIGSEGV && fault_address == (void *)16);
	CHECK("its handler is on the alternate stack", on_alternate_stack);

	number = sigsetjmp(recovery, 1);
	if (number == 0)
		zero = 1000 / zero;
	CHECK("a division by zero is SIGFPE", number == SIGFPE);

	number = sigsetjmp(recovery, 1);
	if (number == 0)
		__asm__ volatile("ud2");
	CHECK("an undefined instruction is SIGILL", number == SIGILL);

	number = sigsetjmp(recovery, 1);
	if (number == 0)
		overflow_stack(1);
	CHECK("an overflow of the stack is SIGSEGV", number == SIGSEGV && on_alternate_stack);
}

static void *fault_in_thread(void *argument)
{
	stack_t stack = { .ss_size = 64 * 1024, .ss_sp = argument };

	sigaltstack(&stack, NULL);
	alternate = stack;
	if (sigsetjmp(recovery, 1) == 0)
		*(volatile int *)24 = 1;
	return (void *)(intptr_t)(fault_address == (void *)24 && on_alternate_stack);
}

/*
 * The jump leads down in memory, from an alternate stack above the thread's own:
 * then the checking longjmp of _FORTIFY_SOURCE asks sigaltstack, with its answer
 * in the red zone (glibc's ____longjmp_chk.S).
 */
static void test_jump_down(void)
{
	size_t stack_bytes = 256 * 1024;
	char *memory = mmap(NULL, stack_bytes + 64 * 1024, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attributes;
	pthread_t thread;
	void *result = NULL;

	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, memory, stack_bytes);
	pthread_create(&thread, &attributes, fault_in_thread, memory + stack_bytes);
	pthread_join(thread, &result);
	CHECK("a checked longjmp leads down from an alternate stack", result != NULL);
}

static volatile int received_value;

static void receive_value(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	received_value = info->si_value.sival_int;
}

static void test_queue_and_mask(void)
{
	struct sigaction action = { .sa_sigaction = receive_value, .sa_flags = SA_SIGINFO };
	union sigval value = { .sival_int = 1234 };
	struct timespec no_time = { 0, 0 };
	siginfo_t info;
	sigset_t set, pending, none;

	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaction(SIGRTMIN, &action, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigqueue(getpid(), SIGRTMIN, value);
	sigpending(&pending);
	CHECK("a blocked signal is pending", sigismember(&pending, SIGRTMIN) == 1 && received_value == 0);
	CHECK("sigsuspend lets it in", sigsuspend(&none) == -1 && errno == EINTR && received_value == 1234);
	value.sival_int = 99;
	sigqueue(getpid(), SIGRTMIN, value);
	CHECK("sigtimedwait takes it without the handler",
	      sigtimedwait(&set, &info, &no_time) == SIGRTMIN && info.si_value.sival_int == 99);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void spoil_registers(int number)
{
	(void)number;
	handled++;
	__asm__ volatile("pxor %%xmm0, %%xmm0; pxor %%xmm7, %%xmm7; pxor %%xmm15, %%xmm15; fninit" ::
			 : "xmm0", "xmm7", "xmm15");
}

/* Counts in registers only while a timer interrupts; any loss shows in the sums. */
static void test_registers(void)
{
	double sum = 0;
	long steps = 0;
	long double x87 = 0;
	timer_t timer;

	install(SIGUSR1, spoil_registers, SA_RESTART);
	handled = 0;
	timer = start_timer(SIGUSR1);
	while (handled < 20) {
		steps++;
		sum += 1.0;
		x87 += 1.0L;
	}
	timer_delete(timer);
	CHECK("handlers leave integer, SSE and x87 registers alone", sum == (double)steps && x87 == (long double)steps);
}

int main(void)
{
	test_delivery();
	test_restart();
	test_sleep();
	test_faults();
	test_jump_down();
	test_queue_and_mask();
	test_registers();
	return check_result();
}
