// SPDX-License-Identifier: Apache-2.0
/*
 * What system calls cost that pin pages of their caller, in ticks of the time stamp counter: instructions, on a
 * machine whose clock counts them. Prints a line "name ticks" for each, the median of many calls.
 *
 * Direct I/O needs the RAM disk /dev/ram0, and is left out without it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SAMPLES 401
#define SMALL 4096
#define LARGE 65536
#define HUGE (2UL << 20)

#define REQUIRE(cond)                                                             \
	do {                                                                      \
		if (!(cond)) {                                                    \
			fprintf(stderr, "line %d: %s: %s\n", __LINE__, #cond,     \
				strerror(errno));                                 \
			exit(1);                                                  \
		}                                                                 \
	} while (0)

static int disk, pipe_ends[2];
static char *buffer, *huge_buffer, *unpinned;
static uint32_t *word;

/* An io_uring with the least that a call at a time needs. */
static struct {
	int fd;
	unsigned int *sq_tail, *sq_array, *cq_head, *cq_tail, sq_mask, cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
} ring;

static void open_ring(void)
{
	struct io_uring_params params = { 0 };
	char *rings;

	ring.fd = syscall(SYS_io_uring_setup, 4, &params);
	REQUIRE(ring.fd >= 0 && (params.features & IORING_FEAT_SINGLE_MMAP));
	rings = mmap(NULL, LARGE, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQ_RING);
	if (rings == MAP_FAILED)
		rings = mmap(NULL, SMALL, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQ_RING);
	ring.sqes = mmap(NULL, SMALL, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQES);
	REQUIRE(rings != MAP_FAILED && ring.sqes != MAP_FAILED);
	ring.sq_tail = (void *)(rings + params.sq_off.tail);
	ring.sq_array = (void *)(rings + params.sq_off.array);
	ring.sq_mask = *(unsigned int *)(rings + params.sq_off.ring_mask);
	ring.cq_head = (void *)(rings + params.cq_off.head);
	ring.cq_tail = (void *)(rings + params.cq_off.tail);
	ring.cq_mask = *(unsigned int *)(rings + params.cq_off.ring_mask);
	ring.cqes = (void *)(rings + params.cq_off.cqes);
}

static void submit(const struct io_uring_sqe *sqe)
{
	unsigned int tail = *ring.sq_tail, head = *ring.cq_head;

	ring.sqes[tail & ring.sq_mask] = *sqe;
	ring.sq_array[tail & ring.sq_mask] = tail & ring.sq_mask;
	__atomic_store_n(ring.sq_tail, tail + 1, __ATOMIC_RELEASE);
	REQUIRE(syscall(SYS_io_uring_enter, ring.fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1);
	REQUIRE(__atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE) == head + 1);
	REQUIRE(ring.cqes[head & ring.cq_mask].res == (int)sqe->len);
	__atomic_store_n(ring.cq_head, head + 1, __ATOMIC_RELEASE);
}

static void ring_read(void *to, unsigned int size, unsigned char opcode)
{
	const struct io_uring_sqe sqe = {
		.opcode = opcode, .fd = disk, .addr = (uintptr_t)to, .len = size,
	};

	submit(&sqe);
}

static void register_buffer(void)
{
	const struct iovec iov = { buffer, LARGE };

	REQUIRE(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, &iov, 1) == 0);
}

static void unregister_buffer(void)
{
	REQUIRE(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_BUFFERS, NULL, 0) == 0);
}

/* Controls: neither pins anything. */
static void do_getppid(void) { syscall(SYS_getppid); }
static void do_pread(void) { REQUIRE(pread(pipe_ends[0], unpinned, 1, 0) < 0 && errno == ESPIPE); }
static void do_private_futex(void) { REQUIRE(syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1) == 0); }

static void do_shared_futex(void) { REQUIRE(syscall(SYS_futex, word, FUTEX_WAKE, 1) == 0); }
static void do_read_small(void) { REQUIRE(pread(disk, buffer, SMALL, 0) == SMALL); }
static void do_read_large(void) { REQUIRE(pread(disk, buffer, LARGE, 0) == LARGE); }
static void do_read_huge_page(void) { REQUIRE(pread(disk, huge_buffer, LARGE, 0) == LARGE); }
static void do_write_small(void) { REQUIRE(pwrite(disk, buffer, SMALL, 0) == SMALL); }
static void do_ring_small(void) { ring_read(buffer, SMALL, IORING_OP_READ); }
static void do_ring_large(void) { ring_read(buffer, LARGE, IORING_OP_READ); }
static void do_ring_fixed_small(void) { ring_read(buffer, SMALL, IORING_OP_READ_FIXED); }
static void do_ring_fixed_large(void) { ring_read(buffer, LARGE, IORING_OP_READ_FIXED); }

static void do_register(void)
{
	register_buffer();
	unregister_buffer();
}

static void do_vmsplice(void)
{
	const struct iovec iov = { buffer, LARGE };

	REQUIRE(vmsplice(pipe_ends[1], &iov, 1, 0) == LARGE);
	REQUIRE(read(pipe_ends[0], unpinned, LARGE) == LARGE);
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void measure(const char *name, void (*call)(void))
{
	static uint64_t ticks[SAMPLES];
	int i;

	for (i = 0; i < SAMPLES; i++) {
		const uint64_t start = __builtin_ia32_rdtsc();

		call();
		ticks[i] = __builtin_ia32_rdtsc() - start;
	}
	qsort(ticks, SAMPLES, sizeof(ticks[0]), compare);
	printf("%s %lu\n", name, (unsigned long)ticks[SAMPLES / 2]);
}

static char *map_pages(size_t size, int flags)
{
	char *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	REQUIRE(pages != MAP_FAILED);
	return pages;
}

static void map_buffers(void)
{
	char *huge = map_pages(2 * HUGE, MAP_PRIVATE);

	huge_buffer = (char *)(((uintptr_t)huge + HUGE - 1) & ~(HUGE - 1));
	REQUIRE(madvise(huge_buffer, HUGE, MADV_HUGEPAGE) == 0);
	buffer = map_pages(LARGE, MAP_PRIVATE);
	unpinned = map_pages(LARGE, MAP_PRIVATE);
	word = (uint32_t *)map_pages(SMALL, MAP_SHARED);
	memset(huge_buffer, 1, HUGE);
	memset(buffer, 1, LARGE);
	memset(unpinned, 1, LARGE);
	*word = 1;
}

/* How much is pinned by direct I/O. */
static void measure_disk(void)
{
	do_read_large();
	REQUIRE(pwrite(disk, unpinned, LARGE, 0) == LARGE);
	measure("read-4k", do_read_small);
	measure("read-64k", do_read_large);
	measure("read-64k-huge-page", do_read_huge_page);
	measure("write-4k", do_write_small);
	measure("uring-read-4k", do_ring_small);
	measure("uring-read-64k", do_ring_large);
	register_buffer();
	measure("uring-fixed-4k", do_ring_fixed_small);
	measure("uring-fixed-64k", do_ring_fixed_large);
	unregister_buffer();
}

int main(void)
{
	map_buffers();
	REQUIRE(pipe(pipe_ends) == 0);
	open_ring();

	measure("getppid", do_getppid);
	measure("pread-error", do_pread);
	measure("futex-private", do_private_futex);
	measure("futex-shared", do_shared_futex);
	measure("uring-register-64k", do_register);
	measure("vmsplice-64k", do_vmsplice);

	disk = open("/dev/ram0", O_RDWR | O_DIRECT);
	if (disk >= 0)
		measure_disk();
	return 0;
}
