// SPDX-License-Identifier: GPL-2.0-only
/* Pages that the kernel moves while the application writes to them: compaction, NUMA. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "memory.h"
#include "ukl_test.h"

/* Return: how many pages are in other frames than the page map @then says. */
static size_t count_moved(const char *memory, size_t size, const uint64_t *then)
{
	static uint64_t now[MAX_PAGES];
	size_t i, count = 0;

	read_pagemap(memory, size, now);
	for (i = 0; i < size / SMALL_PAGE; i++)
		count += (now[i] & then[i] & PAGEMAP_PRESENT) &&
			 ((now[i] ^ then[i]) & PAGEMAP_PFN);
	return count;
}

/* Leave single pages between free ones, so that there is something to compact. */
static char *map_scattered_memory(size_t size, size_t holes)
{
	char *memory = map_memory(size * (holes + 1)), *page;
	size_t i;

	REQUIRE(madvise(memory, size * (holes + 1), MADV_NOHUGEPAGE) == 0 || errno == EINVAL);
	fill(memory, size * (holes + 1), 1);
	for (i = 0; i < size * (holes + 1); i += (holes + 1) * SMALL_PAGE) {
		page = memory + i + SMALL_PAGE;
		REQUIRE(madvise(page, holes * SMALL_PAGE, MADV_DONTNEED) == 0);
	}
	/* Move what is left together. */
	for (i = 1; i < size / SMALL_PAGE; i++)
		REQUIRE(mremap(memory + i * (holes + 1) * SMALL_PAGE, SMALL_PAGE, SMALL_PAGE,
			       MREMAP_MAYMOVE | MREMAP_FIXED,
			       memory + i * SMALL_PAGE) != MAP_FAILED);
	return memory;
}

TEST(compaction_moves_pages_under_writers)
{
	const size_t size = 512 * SMALL_PAGE, holes = 7;
	static uint64_t entries[MAX_PAGES];
	struct writers writers;
	size_t moved = 0, round;
	char *memory;

	if (access("/proc/sys/vm/compact_memory", F_OK))
		SKIP("no CONFIG_COMPACTION");
	for (round = 0; moved < 2 * size / SMALL_PAGE; round++) {
		/* Have the pages elsewhere each time: those where the others move to stay. */
		const size_t ballast_size = (round % 8 + 1) * 4 * size;
		char *ballast = map_memory(ballast_size);
		int i;

		fill(ballast, ballast_size, 1);
		memory = map_scattered_memory(size, holes);
		REQUIRE(munmap(ballast, ballast_size) == 0);
		start_writers(&writers, memory, size);
		for (i = 0; i < 10; i++) {
			read_pagemap(memory, size, entries);
			REQUIRE(write_file("/proc/sys/vm/compact_memory", "1"));
			moved += count_moved(memory, size, entries);
		}
		stop_writers(&writers);
		REQUIRE_USER_BITS();
		REQUIRE(munmap(memory, size * (holes + 1)) == 0);
	}
}

static void require_nodes(void)
{
	if (access("/sys/devices/system/node/node1", F_OK))
		SKIP("one NUMA node only");
}

/* Return: how many pages are on @node. */
static size_t count_on_node(char *memory, size_t size, int node)
{
	static int status[MAX_PAGES];
	static void *pages[MAX_PAGES];
	size_t i, count = 0;

	for (i = 0; i < size / SMALL_PAGE; i++)
		pages[i] = memory + i * SMALL_PAGE;
	REQUIRE(syscall(SYS_move_pages, 0, i, pages, NULL, status, 0) == 0);
	for (i = 0; i < size / SMALL_PAGE; i++)
		count += status[i] == node;
	return count;
}

static void bind(char *memory, size_t size, int node)
{
	const unsigned long nodes = 1UL << node;

	REQUIRE(syscall(SYS_mbind, memory, size, MPOL_BIND, &nodes, 8 * sizeof(nodes),
			MPOL_MF_MOVE) == 0);
}

TEST(pages_move_between_nodes_under_writers)
{
	const size_t size = 300 * SMALL_PAGE;
	char *memory = map_memory(size);
	struct writers writers;
	int i;

	require_nodes();
	fill(memory, size, 1);
	start_writers(&writers, memory, size);
	for (i = 0; i < 20; i++) {
		const unsigned long from = 1UL << (i % 2), to = 1UL << !(i % 2);

		/* A page that is in use at that very moment stays. */
		do {
			bind(memory, size, i % 2);
		} while (count_on_node(memory, size, i % 2) < size / SMALL_PAGE);
		REQUIRE(syscall(SYS_mbind, memory, size, MPOL_DEFAULT, NULL, 0, 0) == 0);
		do {
			REQUIRE(syscall(SYS_migrate_pages, 0, 8 * sizeof(from), &from,
					&to) >= 0);
		} while (count_on_node(memory, size, !(i % 2)) < size / SMALL_PAGE);
	}
	stop_writers(&writers);
	REQUIRE(is_filled(memory, size, 1));
	REQUIRE_USER_BITS();
}

TEST(huge_pages_move_between_nodes)
{
	char *memory;
	int i;

	require_nodes();
	want_huge_pages();
	memory = map_huge_memory(HUGE_PAGE);
	REQUIRE(madvise(memory, HUGE_PAGE, MADV_HUGEPAGE) == 0);
	fill(memory, HUGE_PAGE, 1);
	for (i = 0; i < 10; i++) {
		do {
			bind(memory, HUGE_PAGE, i % 2);
		} while (count_on_node(memory, HUGE_PAGE, i % 2) < HUGE_PAGE / SMALL_PAGE);
		REQUIRE(is_filled(memory, HUGE_PAGE, 1));
		REQUIRE_USER_BITS();
	}
}

/* Balancing makes pages inaccessible for a while, to see who touches them. */
TEST(numa_hints_fault_and_pass)
{
	const char *knob = "/proc/sys/kernel/numa_balancing";
	const size_t size = 512 * SMALL_PAGE;
	char *memory = map_memory(size), *code = map_memory(SMALL_PAGE);
	struct writers writers;
	long before;

	require_nodes();
	if (access(knob, F_OK))
		SKIP("no CONFIG_NUMA_BALANCING");
	REQUIRE(can_read_user_bits());
	REQUIRE(write_file("/sys/kernel/debug/sched/numa_balancing/scan_delay_ms", "1"));
	REQUIRE(write_file("/sys/kernel/debug/sched/numa_balancing/scan_period_min_ms", "1"));
	REQUIRE(write_file("/sys/kernel/debug/sched/numa_balancing/scan_period_max_ms", "10"));
	REQUIRE(write_file(knob, "1"));
	write_code(code, 7);
	REQUIRE(mprotect(code, SMALL_PAGE, PROT_READ | PROT_EXEC) == 0);
	fill(memory, size, 1);
	before = read_number("/proc/vmstat", "numa_hint_faults");
	start_writers(&writers, memory, size);
	while (read_number("/proc/vmstat", "numa_hint_faults") < before + 500) {
		REQUIRE(call_code(code) == 7);
		REQUIRE_USER_BITS();
	}
	stop_writers(&writers);
	REQUIRE(write_file(knob, "0"));
	REQUIRE(is_filled(memory, size, 1));
	REQUIRE_USER_BITS();
}
