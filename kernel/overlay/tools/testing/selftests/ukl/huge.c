// SPDX-License-Identifier: GPL-2.0-only
/* Huge pages: transparent ones as they come, split and collapse, and those of hugetlbfs. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "ukl_test.h"

#ifndef MADV_COLLAPSE
# define MADV_COLLAPSE	25
#endif

#define KHUGEPAGED	"/sys/kernel/mm/transparent_hugepage/khugepaged/"
#define POOL		"/proc/sys/vm/nr_hugepages"

/* Fault in @size bytes by huge pages. */
static char *touch_huge_memory(size_t size, unsigned int seed)
{
	char *memory = map_huge_memory(size);

	REQUIRE(madvise(memory, size, MADV_HUGEPAGE) == 0);
	fill(memory, size, seed);
	REQUIRE(smaps_bytes(memory, "AnonHugePages") == size);
	REQUIRE_USER_BITS();
	return memory;
}

TEST(huge_pages_are_split)
{
	char *memory, *middle;

	want_huge_pages();
	memory = touch_huge_memory(2 * HUGE_PAGE, 1);

	/* A page of the first is dropped, */
	middle = memory + 100 * SMALL_PAGE;
	REQUIRE(madvise(middle, SMALL_PAGE, MADV_DONTNEED) == 0);
	REQUIRE(*(volatile uint64_t *)middle == 0);
	REQUIRE(is_filled(memory, 100 * SMALL_PAGE, 1));
	REQUIRE(is_filled(middle + SMALL_PAGE, HUGE_PAGE - 101 * SMALL_PAGE, 1));
	REQUIRE_USER_BITS();

	/* and a part of the second protected, moved away and moved back. */
	middle = memory + HUGE_PAGE + 50 * SMALL_PAGE;
	REQUIRE(mprotect(middle, 10 * SMALL_PAGE, PROT_READ) == 0);
	REQUIRE(is_filled(memory + HUGE_PAGE, HUGE_PAGE, 1));
	REQUIRE_USER_BITS();
	REQUIRE(mprotect(middle, 10 * SMALL_PAGE, PROT_READ | PROT_WRITE) == 0);
	fill(memory, 2 * HUGE_PAGE, 2);
	REQUIRE(is_filled(memory, 2 * HUGE_PAGE, 2));
	REQUIRE_USER_BITS();
}

TEST(huge_pages_are_copied_on_write)
{
	char *memory;
	int i, status;

	want_huge_pages();
	memory = touch_huge_memory(2 * HUGE_PAGE, 1);
	for (i = 0; i < 5; i++) {
		pid_t pid = fork();

		REQUIRE(pid >= 0);
		if (!pid) {
			REQUIRE(is_filled(memory, 2 * HUGE_PAGE, i + 1));
			fill(memory + HUGE_PAGE, HUGE_PAGE, 99);
			REQUIRE(is_filled(memory, HUGE_PAGE, i + 1));
			REQUIRE(is_filled(memory + HUGE_PAGE, HUGE_PAGE, 99));
			REQUIRE_USER_BITS();
			_exit(0);
		}
		fill(memory, HUGE_PAGE, 77);
		REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
		fill(memory, 2 * HUGE_PAGE, i + 2);
	}
	REQUIRE_USER_BITS();
}

TEST(small_pages_are_collapsed_on_request)
{
	char *memory = map_huge_memory(2 * HUGE_PAGE);
	struct writers writers;
	int i;

	want_huge_pages();
	fill(memory, 2 * HUGE_PAGE, 1);
	REQUIRE(smaps_bytes(memory, "AnonHugePages") == 0);
	REQUIRE(madvise(memory, 2 * HUGE_PAGE, MADV_HUGEPAGE) == 0);
	start_writers(&writers, memory, 2 * HUGE_PAGE);
	for (i = 0; i < 20; i++) {
		/* A page is in use at that very moment, or NUMA balancing watches them all. */
		while (madvise(memory, 2 * HUGE_PAGE, MADV_COLLAPSE))
			REQUIRE(errno == EAGAIN || errno == EBUSY || errno == EINVAL);
		REQUIRE(smaps_bytes(memory, "AnonHugePages") == 2 * HUGE_PAGE);
		REQUIRE_USER_BITS();
		/* Split them again. */
		REQUIRE(mprotect(memory + SMALL_PAGE, SMALL_PAGE,
				 PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
		REQUIRE(mprotect(memory + HUGE_PAGE + SMALL_PAGE, SMALL_PAGE,
				 PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
		REQUIRE(mprotect(memory, 2 * HUGE_PAGE, PROT_READ | PROT_WRITE) == 0);
	}
	stop_writers(&writers);
	REQUIRE(is_filled(memory, 2 * HUGE_PAGE, 1));
}

TEST(khugepaged_collapses_under_writers)
{
	char *memory = map_huge_memory(2 * HUGE_PAGE);
	struct writers writers;

	want_huge_pages();
	REQUIRE(write_file(KHUGEPAGED "scan_sleep_millisecs", "1"));
	REQUIRE(write_file(KHUGEPAGED "alloc_sleep_millisecs", "1"));
	REQUIRE(write_file(KHUGEPAGED "pages_to_scan", "4096"));
	fill(memory, 2 * HUGE_PAGE, 1);
	start_writers(&writers, memory, 2 * HUGE_PAGE);
	REQUIRE(madvise(memory, 2 * HUGE_PAGE, MADV_HUGEPAGE) == 0);
	while (smaps_bytes(memory, "AnonHugePages") < 2 * HUGE_PAGE)
		usleep(1000);
	stop_writers(&writers);
	REQUIRE(is_filled(memory, 2 * HUGE_PAGE, 1));
	REQUIRE_USER_BITS();
}

/* SMEP looks at the entry of the huge page, too. */
TEST(code_runs_from_huge_pages)
{
	char *memory;
	size_t i;

	want_huge_pages();
	memory = map_huge_memory(HUGE_PAGE);
	REQUIRE(madvise(memory, HUGE_PAGE, MADV_HUGEPAGE) == 0);
	for (i = 0; i < HUGE_PAGE; i += SMALL_PAGE)
		write_code(memory + i, i);
	REQUIRE(mprotect(memory, HUGE_PAGE, PROT_READ | PROT_EXEC) == 0);
	REQUIRE(smaps_bytes(memory, "AnonHugePages") == HUGE_PAGE);
	for (i = 0; i < HUGE_PAGE; i += SMALL_PAGE)
		REQUIRE(call_code(memory + i) == (int)i);
	REQUIRE_USER_BITS();
}

TEST(hugetlb_pages_are_private_and_shared)
{
	char *private, *shared;
	int status;
	pid_t pid;

	if (access(POOL, F_OK))
		SKIP("no CONFIG_HUGETLBFS");
	REQUIRE(write_file(POOL, "6"));
	private = mmap(NULL, HUGE_PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	shared = mmap(NULL, HUGE_PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	REQUIRE(private != MAP_FAILED && shared != MAP_FAILED);
	fill(private, HUGE_PAGE, 1);
	fill(shared, HUGE_PAGE, 1);
	REQUIRE_USER_BITS();

	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		REQUIRE(is_filled(private, HUGE_PAGE, 1));
		fill(private, HUGE_PAGE, 2);
		fill(shared, HUGE_PAGE, 2);
		REQUIRE_USER_BITS();
		_exit(0);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
	REQUIRE(is_filled(private, HUGE_PAGE, 1));
	REQUIRE(is_filled(shared, HUGE_PAGE, 2));
	REQUIRE(mprotect(private, HUGE_PAGE, PROT_READ) == 0);
	REQUIRE(mprotect(private, HUGE_PAGE, PROT_READ | PROT_WRITE) == 0);
	fill(private, HUGE_PAGE, 3);
	REQUIRE_USER_BITS();
	REQUIRE(munmap(private, HUGE_PAGE) == 0 && munmap(shared, HUGE_PAGE) == 0);
	REQUIRE(write_file(POOL, "0"));
}
