// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts and page faults that arrive while the stack pointer is on a page
 * that is absent or copy-on-write, and what lies below the stack pointer.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ukl_test.h"

static volatile sig_atomic_t ticks;

static void tick(int sig)
{
	ticks++;
}

/* 1 kHz of SIGALRM, on a stack of its own, until the test ends. */
static void start_ticking(void)
{
	static char stack[64 * 1024];
	const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	const struct sigaction sa = { .sa_handler = tick, .sa_flags = SA_ONSTACK };
	const struct itimerval every = { { 0, 1000 }, { 0, 1000 } };

	REQUIRE(sigaltstack(&alternate, NULL) == 0);
	REQUIRE(sigaction(SIGALRM, &sa, NULL) == 0);
	REQUIRE(setitimer(ITIMER_REAL, &every, NULL) == 0);
}

static long __attribute__((noinline)) deep(int depth)
{
	volatile long frame[64];

	frame[63] = depth;
	return depth ? deep(depth - 1) + (frame[63] == depth) : 0;
}

static void grow_a_stack(void)
{
	start_ticking();
	REQUIRE(deep(10000) == 10000);
}

/* Each child grows a stack that its parent has not: page faults on pushes. */
TEST(stacks_grow_under_a_timer)
{
	int i;

	for (i = 0; i < 20; i++)
		REQUIRE(run_child(grow_a_stack) == 0);
}

/* Spin for a while with RSP at @sp, touching nothing there. */
static void spin_with_stack_at(uintptr_t sp, unsigned long loops)
{
	asm volatile("movq %%rsp, %%rbx\n\t"
		     "movq %[sp], %%rsp\n"
		     "1:\n\t"
		     "subq $1, %[loops]\n\t"
		     "jnz 1b\n\t"
		     "movq %%rbx, %%rsp"
		     : [loops] "+r"(loops)
		     : [sp] "r"(sp)
		     : "rbx", "cc", "memory");
}

/* Interrupts must neither be lost nor write to the page under RSP. */
TEST(interrupts_leave_an_untouched_stack_page_alone)
{
	unsigned char resident[2];
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigset_t all;

	REQUIRE(pages != MAP_FAILED);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	spin_with_stack_at((uintptr_t)pages + 4096, 100 * 1000 * 1000);
	REQUIRE(mincore(pages, 8192, resident) == 0);
	REQUIRE(!(resident[0] & 1) && !(resident[1] & 1));
}

TEST(stack_pages_may_be_dropped)
{
	uintptr_t page = ((uintptr_t)__builtin_frame_address(0) & ~4095UL) - 64 * 4096;
	int i;

	start_ticking();
	REQUIRE(deep(1000) == 1000);
	for (i = 0; i < 2000; i++) {
		REQUIRE(deep(200) == 200);
		REQUIRE(madvise((void *)page, 60 * 4096, MADV_DONTNEED) == 0);
	}
}

/* Keeps a counter in the red zone only. */
static unsigned long count_in_the_red_zone(unsigned long loops)
{
	unsigned long result;

	asm volatile("movq $0, -8(%%rsp)\n\t"
		     "movq $0, -128(%%rsp)\n"
		     "1:\n\t"
		     "addq $1, -8(%%rsp)\n\t"
		     "addq $1, -128(%%rsp)\n\t"
		     "subq $1, %[loops]\n\t"
		     "jnz 1b\n\t"
		     "movq -8(%%rsp), %[result]\n\t"
		     "cmpq -128(%%rsp), %[result]\n\t"
		     "je 2f\n\t"
		     "xorl %k[result], %k[result]\n"
		     "2:"
		     : [loops] "+r"(loops), [result] "=&r"(result)
		     :
		     : "cc", "memory");
	return result;
}

/* With signals too: their frames begin below the red zone. */
TEST(the_red_zone_is_intact)
{
	const unsigned long loops = 100 * 1000 * 1000;

	start_ticking();
	REQUIRE(count_in_the_red_zone(loops) == loops);
	REQUIRE(ticks > 0);
}

/* After fork every first push, in parent and child, breaks copy-on-write. */
TEST(pushes_onto_copy_on_write_pages)
{
	int i, status;

	start_ticking();
	for (i = 0; i < 200; i++) {
		pid_t pid = fork();

		REQUIRE(pid >= 0);
		if (!pid)
			_exit(deep(50) != 50);
		REQUIRE(deep(50) == 50);
		while (waitpid(pid, &status, 0) != pid)
			;
		REQUIRE(status == 0);
	}
}
