// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that have been written to a swap space are brought back by whoever
 * touches them: the application, the kernel on its behalf, and pushes onto stacks.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "ukl_test.h"

TEST(swapped_pages_come_back_to_the_application)
{
	const size_t size = 512 * SMALL_PAGE;
	char *memory = map_memory(size);
	int i;

	start_swapping();
	for (i = 0; i < 5; i++) {
		fill(memory, size, i);
		swap_out(memory, size);
		REQUIRE(smaps_bytes(memory, "Swap") == size);
		REQUIRE(is_filled(memory, size, i));
		REQUIRE_USER_BITS();
	}
	/* What is left in the swap space comes back when that goes away. */
	swap_out(memory, size);
	stop_swapping();
	REQUIRE(count_swapped(memory, size) == 0);
	REQUIRE(is_filled(memory, size, i - 1));
	REQUIRE_USER_BITS();
}

static volatile sig_atomic_t handled;

static void handle(int sig)
{
	handled++;
}

TEST(swapped_pages_come_back_to_the_kernel)
{
	const struct sigaction sa = { .sa_handler = handle, .sa_flags = SA_ONSTACK };
	const size_t stack_size = 16 * SMALL_PAGE;
	char *from = map_memory(SMALL_PAGE), *to = map_memory(SMALL_PAGE);
	char *stack = map_memory(stack_size);
	const stack_t alternate = { .ss_sp = stack, .ss_size = stack_size };
	int i, pipe_ends[2];

	start_swapping();
	REQUIRE(pipe(pipe_ends) == 0);
	REQUIRE(sigaltstack(&alternate, NULL) == 0);
	REQUIRE(sigaction(SIGUSR1, &sa, NULL) == 0);
	memset(stack, 0xaa, stack_size);
	for (i = 1; i < 100; i++) {
		uint32_t *word = (uint32_t *)to;

		/* copy_from_user() and copy_to_user() */
		memset(from, i, SMALL_PAGE);
		memset(to, 0, SMALL_PAGE);
		swap_out(from, SMALL_PAGE);
		swap_out(to, SMALL_PAGE);
		REQUIRE(write(pipe_ends[1], from, SMALL_PAGE) == SMALL_PAGE);
		REQUIRE(read(pipe_ends[0], to, SMALL_PAGE) == SMALL_PAGE);
		REQUIRE(!memcmp(from, to, SMALL_PAGE));

		/* A futex is read with page faults disabled first. */
		swap_out(to, SMALL_PAGE);
		REQUIRE(syscall(SYS_futex, word, FUTEX_WAIT, *word + 1, NULL) == -1);

		/* The frame of a signal. */
		swap_out(stack, stack_size);
		REQUIRE(raise(SIGUSR1) == 0);
		REQUIRE(handled == i);
	}
	REQUIRE_USER_BITS();
	stop_swapping();
}

static long __attribute__((noinline)) descend(int depth)
{
	volatile long frame[64];

	frame[63] = depth;
	return depth ? descend(depth - 1) + (frame[63] == depth) : 0;
}

/* Touch no memory, so that the page below the stack pointer can go. */
static void compute(unsigned long loops)
{
	asm volatile("1: subq $1, %0\n\t"
		     "jnz 1b" : "+r"(loops) : : "cc");
}

static bool done;

static void *descend_for_ever(void *arg)
{
	while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
		if (descend(100) != 100)
			return "a frame was lost";
		compute(1000 * 1000);
	}
	return NULL;
}

/* The stack vanishes under a thread that pushes, computes and is interrupted. */
TEST(stacks_are_swapped_out_under_a_timer)
{
	const struct sigaction sa = { .sa_handler = handle, .sa_flags = SA_RESTART };
	const struct itimerval every = { { 0, 1000 }, { 0, 1000 } }, never = { 0 };
	const size_t size = 32 * SMALL_PAGE;
	char *stack = map_memory(size);
	size_t i, swapped = 0;
	pthread_attr_t attr;
	pthread_t thread;
	void *complaint;

	start_swapping();
	REQUIRE(pthread_attr_init(&attr) == 0);
	REQUIRE(pthread_attr_setstack(&attr, stack, size) == 0);
	REQUIRE(sigaction(SIGALRM, &sa, NULL) == 0);
	REQUIRE(setitimer(ITIMER_REAL, &every, NULL) == 0);
	REQUIRE(pthread_create(&thread, &attr, descend_for_ever, NULL) == 0);
	for (i = 0; i < 100 || swapped < 500; i++) {
		REQUIRE(madvise(stack, size, MADV_PAGEOUT) == 0);
		swapped += count_swapped(stack, size);
		sched_yield();
	}
	REQUIRE(setitimer(ITIMER_REAL, &never, NULL) == 0);
	__atomic_store_n(&done, true, __ATOMIC_RELAXED);
	REQUIRE(pthread_join(thread, &complaint) == 0);
	REQUIRE(!complaint);
	REQUIRE(handled > 0);
	REQUIRE_USER_BITS();
	stop_swapping();
}

/* Of the program itself: its data, and code that it has made. */
TEST(data_and_code_are_swapped_out)
{
	static char __attribute__((aligned(4096))) data[16 * 4096];
	char *code = map_memory(SMALL_PAGE);
	int i;

	start_swapping();
	for (i = 0; i < 20; i++) {
		REQUIRE(mprotect(code, SMALL_PAGE, PROT_READ | PROT_WRITE) == 0);
		write_code(code, i);
		REQUIRE(mprotect(code, SMALL_PAGE, PROT_READ | PROT_EXEC) == 0);
		fill(data, sizeof(data), i);
		swap_out(code, SMALL_PAGE);
		swap_out(data, sizeof(data));
		REQUIRE(call_code(code) == i);
		REQUIRE(is_filled(data, sizeof(data), i));
	}
	REQUIRE_USER_BITS();
	stop_swapping();
}

/* The kernel's file cache of a memfd is swapped, too. */
TEST(shared_memory_is_swapped_out)
{
	const size_t size = 64 * SMALL_PAGE;
	int fd = memfd_create("shared", 0), i;
	char *memory;

	REQUIRE(fd >= 0 && ftruncate(fd, size) == 0);
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	REQUIRE(memory != MAP_FAILED);
	start_swapping();
	for (i = 0; i < 10; i++) {
		fill(memory, size, i);
		do {
			REQUIRE(madvise(memory, size, MADV_PAGEOUT) == 0);
		} while (smaps_bytes(memory, "Swap") < size);
		REQUIRE(is_filled(memory, size, i));
		REQUIRE_USER_BITS();
	}
	stop_swapping();
}

/* Through process_madvise(). */
TEST(another_process_swaps_pages_out)
{
	const size_t size = 64 * SMALL_PAGE;
	struct iovec iov = { map_memory(size), size };
	int pidfd, status;
	pid_t pid;

	start_swapping();
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		fill(iov.iov_base, size, 1);
		raise(SIGSTOP);
		REQUIRE(count_swapped(iov.iov_base, size) > 0);
		REQUIRE(is_filled(iov.iov_base, size, 1));
		REQUIRE_USER_BITS();
		_exit(0);
	}
	REQUIRE(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	REQUIRE(pidfd >= 0);
	REQUIRE(syscall(SYS_process_madvise, pidfd, &iov, 1, MADV_PAGEOUT, 0) == (long)size);
	REQUIRE(kill(pid, SIGCONT) == 0);
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
	stop_swapping();
}
