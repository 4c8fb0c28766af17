/* SPDX-License-Identifier: Apache-2.0 */
/* <ukl/level.h>: system calls take another way into the kernel, and back. */

#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ukl/level.h>
#include <unistd.h>

#include "check.h"

static int in_ring_0(void)
{
	unsigned short selector;

	__asm__("mov %%cs, %0" : "=r"(selector));
	return (selector & 3) == 0;
}

static void *make_calls(void *stop)
{
	long calls = 0;

	while (!__atomic_load_n((int *)stop, __ATOMIC_RELAXED))
		if (syscall(SYS_gettid) <= 0)
			return NULL;
		else
			calls++;
	return (void *)calls;
}

static void switch_beside_a_thread(void)
{
	pthread_t thread;
	void *calls;
	int i, stop = 0, failed = 0;

	pthread_create(&thread, NULL, make_calls, &stop);
	for (i = 0; i < 1000; i++)
		failed |= ukl_set_level(i % 3);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, &calls);
	CHECK("1000 switches succeed", !failed);
	CHECK("another thread's calls succeed meanwhile", calls);
}

static void check_ring_0(void)
{
	uint64_t started = ukl_syscall_slot, base, bypass;
	int status;

	CHECK("base can be chosen", ukl_set_level(UKL_BASE) == 0);
	base = ukl_syscall_slot;
	CHECK("bypass can be chosen", ukl_set_level(UKL_BYPASS) == 0);
	bypass = ukl_syscall_slot;
	CHECK("it is another entry", bypass != base);
	CHECK("shortcut can be chosen", ukl_set_level(UKL_SHORTCUT) == 0);
	CHECK("it is a third entry", ukl_syscall_slot != base && ukl_syscall_slot != bypass);
	CHECK("one of them was the first", started == base || started == bypass || started == ukl_syscall_slot);
	CHECK("calls are made", getppid() == syscall(SYS_getppid) && close(-1) == -1 && errno == EBADF);
	if (!fork())
		_exit(ukl_syscall_slot == base);
	CHECK("a child inherits it", wait(&status) > 0 && status == 0);
	switch_beside_a_thread();
}

static void check_ring_3(void)
{
	uint64_t started = ukl_syscall_slot;

	CHECK("there is nothing to choose", ukl_set_level(UKL_BYPASS) == -1 && errno == ENOTSUP);
	CHECK("and nothing changes", ukl_syscall_slot == started);
}

int main(void)
{
	CHECK("an unknown level is refused", ukl_set_level((enum ukl_level)7) == -1 && errno == EINVAL);
	if (in_ring_0())
		check_ring_0();
	else
		check_ring_3();
	return check_result();
}
