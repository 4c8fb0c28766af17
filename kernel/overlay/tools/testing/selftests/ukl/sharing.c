// SPDX-License-Identifier: GPL-2.0-only
/* Pages that several mappings share until one writes: fork, the zero page, KSM. */
#define _GNU_SOURCE
#include <string.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "ukl_test.h"

#define KSM	"/sys/kernel/mm/ksm/"

/* The parent's threads write on. In the child nothing may change but by itself. */
static void keep_a_snapshot(char *memory, size_t size)
{
	static uint64_t seen[1024];
	int round;
	size_t i;

	for (i = 0; i < size / SMALL_PAGE; i++)
		seen[i] = *(uint64_t *)(memory + i * SMALL_PAGE + 64);
	for (round = 0; round < 20; round++) {
		sched_yield();
		for (i = 0; i < size / SMALL_PAGE; i++) {
			volatile uint64_t *counter =
				(uint64_t *)(memory + i * SMALL_PAGE + 64);

			REQUIRE(*counter == seen[i]++);
			++*counter;
		}
	}
	REQUIRE_USER_BITS();
}

TEST(fork_copies_under_concurrent_writers)
{
	const size_t size = 96 * SMALL_PAGE;
	char *memory = map_memory(size);
	struct writers writers;
	int i, status;
	pid_t pid;

	start_writers(&writers, memory, size);
	for (i = 0; i < 40; i++) {
		fflush(stdout);
		pid = fork();
		REQUIRE(pid >= 0);
		if (!pid) {
			keep_a_snapshot(memory, size);
			_exit(0);
		}
		REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
	}
	stop_writers(&writers);
	REQUIRE_USER_BITS();
}

TEST(the_zero_page_is_replaced_by_a_write)
{
	char *memory = map_memory(4 * SMALL_PAGE);
	const volatile char *reader = memory;
	uint64_t zero_page;
	int i;

	for (i = 0; i < 4; i++)
		REQUIRE(reader[i * SMALL_PAGE] == 0);
	zero_page = pagemap(memory);
	REQUIRE(zero_page & PAGEMAP_PFN);
	REQUIRE(pagemap(memory + SMALL_PAGE) == zero_page);
	REQUIRE_USER_BITS();

	memory[0] = 1;
	REQUIRE(pagemap(memory) != zero_page);
	REQUIRE(pagemap(memory + SMALL_PAGE) == zero_page);
	REQUIRE(reader[0] == 1 && reader[SMALL_PAGE] == 0);
	REQUIRE_USER_BITS();
}

static bool is_same_frame(const char *a, const char *b)
{
	return !((pagemap(a) ^ pagemap(b)) & PAGEMAP_PFN);
}

static bool are_merged(const char *memory, size_t pages)
{
	size_t i;

	for (i = 1; i < pages; i++)
		if (!is_same_frame(memory, memory + i * SMALL_PAGE))
			return false;
	return true;
}

TEST(equal_pages_are_merged_and_parted)
{
	const size_t pages = 32, size = pages * SMALL_PAGE;
	char *memory = map_memory(size);
	int round;
	size_t i;

	if (!write_file(KSM "pages_to_scan", "1000"))
		SKIP("no CONFIG_KSM");
	REQUIRE(write_file(KSM "sleep_millisecs", "1"));
	REQUIRE(write_file(KSM "run", "1"));
	REQUIRE(madvise(memory, size, MADV_MERGEABLE) == 0);

	for (round = 0; round < 3; round++) {
		memset(memory, 0x55 + round, size);
		while (!are_merged(memory, pages))
			usleep(1000);
		REQUIRE_USER_BITS();
		for (i = 0; i < pages; i += 2)
			memory[i * SMALL_PAGE] = i;
		for (i = 0; i < pages; i++)
			REQUIRE(memory[i * SMALL_PAGE] == (char)(i % 2 ? 0x55 + round : i));
		REQUIRE_USER_BITS();
	}
	/* The others are still merged: part them. */
	REQUIRE(is_same_frame(memory + SMALL_PAGE, memory + 3 * SMALL_PAGE));
	REQUIRE(write_file(KSM "run", "2"));
	REQUIRE(!is_same_frame(memory + SMALL_PAGE, memory + 3 * SMALL_PAGE));
	for (i = 1; i < pages; i += 2)
		REQUIRE(memory[i * SMALL_PAGE] == 0x55 + round - 1);
	REQUIRE_USER_BITS();
	REQUIRE(write_file(KSM "run", "0"));
}
