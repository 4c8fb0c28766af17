// SPDX-License-Identifier: GPL-2.0-only
/* Mappings that grow, move, are shared with files, locked and given back. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "ukl_test.h"

TEST(mappings_grow_shrink_and_move)
{
	const size_t size = 64 * SMALL_PAGE;
	char *memory = map_memory(size), *moved, *place = map_memory(4 * size);

	memset(memory, 'm', size);
	moved = mremap(memory, size, 2 * size, MREMAP_MAYMOVE);
	REQUIRE(moved != MAP_FAILED);
	REQUIRE(moved[0] == 'm' && moved[size - 1] == 'm' && moved[size] == 0);
	memset(moved + size, 'n', size);
	REQUIRE(mremap(moved, 2 * size, 2 * size, MREMAP_MAYMOVE | MREMAP_FIXED,
		       place + size) == place + size);
	REQUIRE(place[size] == 'm' && place[2 * size] == 'n');
	REQUIRE(mremap(place + size, 2 * size, size, 0) == place + size);
	REQUIRE_USER_BITS();

	/* The old place stays mapped, empty. */
	moved = mremap(place + size, size, size, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0);
	REQUIRE(moved != MAP_FAILED && moved != place + size);
	REQUIRE(moved[0] == 'm' && place[size] == 0);
	place[size] = 'o';
	REQUIRE(moved[0] == 'm');
	REQUIRE_USER_BITS();
}

TEST(a_huge_page_moves)
{
	char *memory, *place;

	want_huge_pages();
	memory = map_huge_memory(HUGE_PAGE);
	place = map_huge_memory(HUGE_PAGE);
	REQUIRE(madvise(memory, HUGE_PAGE, MADV_HUGEPAGE) == 0);
	memset(memory, 'h', HUGE_PAGE);
	REQUIRE(mremap(memory, HUGE_PAGE, HUGE_PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       place) == place);
	REQUIRE(place[0] == 'h' && place[HUGE_PAGE - 1] == 'h');
	REQUIRE(smaps_bytes(place, "AnonHugePages") == HUGE_PAGE);
	REQUIRE_USER_BITS();
}

TEST(the_break_moves_both_ways)
{
	const size_t size = 256 * SMALL_PAGE;
	char *start = sbrk(0);
	int i;

	for (i = 0; i < 20; i++) {
		REQUIRE(sbrk(size) == start);
		REQUIRE(start[0] == 0 || ((uintptr_t)start & (SMALL_PAGE - 1)));
		memset(start, i + 1, size);
		REQUIRE(start[size - 1] == i + 1);
		REQUIRE_USER_BITS();
		REQUIRE(brk(start) == 0 && sbrk(0) == start);
	}
}

TEST(files_are_shared_through_mappings)
{
	char path[] = "/tmp/mappingXXXXXX", byte;
	const size_t size = 16 * SMALL_PAGE;
	char *shared, *private;
	int fd = mkstemp(path), status;
	pid_t pid;

	REQUIRE(fd >= 0 && unlink(path) == 0 && ftruncate(fd, size) == 0);
	shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	private = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	REQUIRE(shared != MAP_FAILED && private != MAP_FAILED);
	shared[SMALL_PAGE] = 's';
	REQUIRE(private[SMALL_PAGE] == 's');
	private[SMALL_PAGE] = 'p';
	REQUIRE(shared[SMALL_PAGE] == 's');
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		shared[0] = 'c';
		private[0] = 'd';
		REQUIRE_USER_BITS();
		_exit(msync(shared, size, MS_SYNC));
	}
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
	REQUIRE(shared[0] == 'c' && private[0] == 'c');
	REQUIRE(pread(fd, &byte, 1, SMALL_PAGE) == 1 && byte == 's');
	REQUIRE(pwrite(fd, "w", 1, 2 * SMALL_PAGE) == 1);
	REQUIRE(shared[2 * SMALL_PAGE] == 'w' && private[2 * SMALL_PAGE] == 'w');
	REQUIRE_USER_BITS();
}

TEST(locked_pages_stay)
{
	const size_t size = 32 * SMALL_PAGE;
	char *memory = map_memory(size), *later;
	unsigned char resident[32];
	size_t i;

	REQUIRE(mlock(memory, size) == 0);
	REQUIRE(smaps_bytes(memory, "Locked") == size);
	REQUIRE(madvise(memory, size, MADV_PAGEOUT) == -1 && errno == EINVAL);
	REQUIRE(munlock(memory, size) == 0);
	REQUIRE(mlockall(MCL_FUTURE) == 0);
	later = map_memory(size);
	REQUIRE(mincore(later, size, resident) == 0);
	for (i = 0; i < ARRAY_SIZE(resident); i++)
		REQUIRE(resident[i] & 1);
	REQUIRE_USER_BITS();
	REQUIRE(munlockall() == 0);
	fill(map_memory(size), size, 1);
	REQUIRE_USER_BITS();
}

/* What is not written again may vanish, and does when the kernel looks for pages. */
TEST(freed_pages_vanish_unless_written)
{
	const size_t size = 64 * SMALL_PAGE;
	char *memory = map_memory(size);
	size_t i;

	start_swapping();
	fill(memory, size, 1);
	REQUIRE(madvise(memory, size, MADV_FREE) == 0);
	for (i = 0; i < size; i += 2 * SMALL_PAGE)
		fill(memory + i, SMALL_PAGE, 2);
	REQUIRE(madvise(memory, size, MADV_PAGEOUT) == 0);
	for (i = 0; i < size; i += 2 * SMALL_PAGE) {
		REQUIRE(is_filled(memory + i, SMALL_PAGE, 2));
		REQUIRE(*(volatile uint64_t *)(memory + i + SMALL_PAGE) == 0);
	}
	REQUIRE_USER_BITS();
	stop_swapping();
}
