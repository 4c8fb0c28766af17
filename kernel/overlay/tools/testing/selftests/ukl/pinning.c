// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that the kernel takes hold of, to let devices read and write them: direct
 * I/O, io_uring, vmsplice, shared futexes. What may not be written is not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "ukl_test.h"

#define DISK		"/dev/ram1"
#define KERNEL_ADDRESS	((void *)0xffffffff81000000UL)

/* Return: the disk, the first pages of which begin with 1, 2, 3 … */
static int open_disk(void)
{
	int fd = open(DISK, O_RDWR | O_DIRECT), i;
	char *page = map_memory(SMALL_PAGE);

	if (fd < 0)
		SKIP("no CONFIG_BLK_DEV_RAM");
	for (i = 0; i < 64; i++) {
		memset(page, i + 1, SMALL_PAGE);
		REQUIRE(pwrite(fd, page, SMALL_PAGE, i * SMALL_PAGE) == SMALL_PAGE);
	}
	return fd;
}

static void require_contents(const char *memory, size_t pages)
{
	size_t i;

	for (i = 0; i < pages; i++)
		REQUIRE(memory[i * SMALL_PAGE] == (char)(i + 1) &&
			memory[(i + 1) * SMALL_PAGE - 1] == (char)(i + 1));
}

TEST(direct_reads_reach_pages_in_every_state)
{
	const size_t size = 64 * SMALL_PAGE;
	int disk = open_disk(), status;
	char *memory = map_memory(size);
	pid_t pid;

	/* Absent, the zero page, present, */
	REQUIRE(pread(disk, memory, size, 0) == (ssize_t)size);
	require_contents(memory, 64);
	REQUIRE(madvise(memory, size, MADV_DONTNEED) == 0);
	REQUIRE(*(volatile char *)memory == 0);
	REQUIRE(pread(disk, memory, size, 0) == (ssize_t)size);
	require_contents(memory, 64);
	REQUIRE(pread(disk, memory, size, 0) == (ssize_t)size);
	require_contents(memory, 64);

	/* shared with a child since fork: the copy belongs to one of them. */
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		memset(memory, 'c', size);
		REQUIRE(pread(disk, memory, size / 2, 0) == (ssize_t)size / 2);
		require_contents(memory, 32);
		REQUIRE(memory[size / 2] == 'c');
		_exit(0);
	}
	memset(memory, 'p', SMALL_PAGE);
	REQUIRE(pread(disk, memory + SMALL_PAGE, SMALL_PAGE, 0) == SMALL_PAGE);
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
	REQUIRE(memory[0] == 'p' && memory[SMALL_PAGE] == 1 && memory[2 * SMALL_PAGE] == 3);
	REQUIRE_USER_BITS();
}

TEST(direct_reads_reach_huge_pages)
{
	int disk = open_disk();
	char *memory;

	want_huge_pages();
	memory = map_huge_memory(HUGE_PAGE);
	REQUIRE(madvise(memory, HUGE_PAGE, MADV_HUGEPAGE) == 0);
	memset(memory, 'x', HUGE_PAGE);
	REQUIRE(pread(disk, memory + 64 * SMALL_PAGE, 64 * SMALL_PAGE, 0) ==
		64 * (ssize_t)SMALL_PAGE);
	require_contents(memory + 64 * SMALL_PAGE, 64);
	REQUIRE(memory[64 * SMALL_PAGE - 1] == 'x' && memory[128 * SMALL_PAGE] == 'x');
}

/* Return: the error of reading into @memory and, in the high half, that of writing from it. */
static int direct_errors(int disk, void *memory)
{
	const int reading = pread(disk, memory, SMALL_PAGE, 0) < 0 ? errno : 0;
	const int writing = pwrite(disk, memory, SMALL_PAGE, 0) < 0 ? errno : 0;

	return reading | writing << 16;
}

TEST(direct_reads_honour_protections)
{
	char *memory = map_memory(2 * SMALL_PAGE);
	const int both = EFAULT | EFAULT << 16;
	int disk = open_disk(), status;
	pid_t pid;

	memset(memory, 1, 2 * SMALL_PAGE);
	REQUIRE(direct_errors(disk, memory) == 0);
	REQUIRE(mprotect(memory, SMALL_PAGE, PROT_READ) == 0);
	REQUIRE(direct_errors(disk, memory) == EFAULT);
	REQUIRE(mprotect(memory, SMALL_PAGE, PROT_NONE) == 0);
	REQUIRE(direct_errors(disk, memory) == both);
	REQUIRE(direct_errors(disk, KERNEL_ADDRESS) == both);
	REQUIRE(munmap(memory, SMALL_PAGE) == 0);
	REQUIRE(direct_errors(disk, memory) == both);
	REQUIRE(direct_errors(disk, memory + SMALL_PAGE) == 0);

	/* What the parent has protected, the child has, too. */
	REQUIRE(mprotect(memory + SMALL_PAGE, SMALL_PAGE, PROT_READ) == 0);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid)
		_exit(direct_errors(disk, memory + SMALL_PAGE) != EFAULT);
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
}

/* Pinned pages do not move, and fork leaves them to the parent. */
TEST(registered_buffers_stay_where_they_are)
{
	const size_t size = 16 * SMALL_PAGE;
	char *memory = map_memory(size), *closed = map_memory(SMALL_PAGE);
	struct io_uring_params params = { 0 };
	struct iovec iov = { memory, size };
	uint64_t before[16], after[16];
	int disk = open_disk(), ring, i, status;
	pid_t pid;

	ring = syscall(SYS_io_uring_setup, 1, &params);
	REQUIRE(ring >= 0);
	memset(memory, 'r', size);
	REQUIRE(syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &iov, 1) == 0);
	read_pagemap(memory, size, before);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		REQUIRE(memory[0] == 'r');
		memset(memory, 'c', size);
		_exit(0);
	}
	write_file("/proc/sys/vm/compact_memory", "1");
	REQUIRE(madvise(memory, size, MADV_PAGEOUT) == 0);
	memset(memory, 'w', size);
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
	read_pagemap(memory, size, after);
	for (i = 0; i < 16; i++)
		REQUIRE((before[i] & PAGEMAP_PRESENT) &&
			!((before[i] ^ after[i]) & PAGEMAP_PFN));
	REQUIRE(pread(disk, memory, size, 0) == (ssize_t)size);
	require_contents(memory, 16);
	REQUIRE(syscall(SYS_io_uring_register, ring, IORING_UNREGISTER_BUFFERS, NULL, 0) == 0);

	REQUIRE(mprotect(closed, SMALL_PAGE, PROT_NONE) == 0);
	iov = (struct iovec){ closed, SMALL_PAGE };
	REQUIRE(syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &iov, 1) < 0 &&
		errno == EFAULT);
	iov.iov_base = KERNEL_ADDRESS;
	REQUIRE(syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &iov, 1) < 0 &&
		errno == EFAULT);
	REQUIRE_USER_BITS();
}

TEST(spliced_pages_carry_what_is_in_them)
{
	const size_t size = 8 * SMALL_PAGE;
	char *from = map_memory(size), *to = map_memory(size);
	struct iovec iov = { from, size };
	int ends[2], i;

	REQUIRE(pipe(ends) == 0);
	for (i = 1; i < 20; i++) {
		fill(from, size, i);
		REQUIRE(vmsplice(ends[1], &iov, 1, 0) == (ssize_t)size);
		REQUIRE(read(ends[0], to, size) == (ssize_t)size);
		REQUIRE(!memcmp(from, to, size));
	}
	REQUIRE_USER_BITS();
}

/* In different mappings of one page. */
TEST(a_shared_futex_wakes_another_process)
{
	int fd = memfd_create("futex", 0), i, status;
	uint32_t *word[2];
	pid_t pid;

	REQUIRE(fd >= 0 && ftruncate(fd, SMALL_PAGE) == 0);
	for (i = 0; i < 2; i++) {
		word[i] = mmap(NULL, SMALL_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		REQUIRE(word[i] != MAP_FAILED);
	}
	pid = fork();
	REQUIRE(pid >= 0);
	for (i = 0; i < 1000; i++) {
		volatile uint32_t *mine = word[!pid];

		/* They take turns: the parent makes it odd, the child even. */
		while (*mine % 2 != !pid)
			syscall(SYS_futex, mine, FUTEX_WAIT, !!pid, NULL);
		*mine = !!pid;
		syscall(SYS_futex, mine, FUTEX_WAKE, 1);
	}
	if (!pid)
		_exit(0);
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
}
