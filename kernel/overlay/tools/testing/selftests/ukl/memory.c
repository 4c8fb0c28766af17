// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/swap.h>
#include <unistd.h>

#include "memory.h"
#include "ukl_test.h"

#define SWAP_DISK	"/dev/ram0"
#define SWAP_PAGES	8192

#define PAGE_TABLES	"/sys/kernel/debug/page_tables/current_kernel"

char *map_memory(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(memory != MAP_FAILED);
	return memory;
}

char *map_huge_memory(size_t size)
{
	const uintptr_t start = (uintptr_t)map_memory(size + HUGE_PAGE);
	const uintptr_t aligned = (start + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);

	/* A mapping of its own, so that smaps speaks of it alone. */
	if (aligned > start)
		REQUIRE(munmap((void *)start, aligned - start) == 0);
	REQUIRE(munmap((void *)(aligned + size), start + HUGE_PAGE - aligned) == 0);
	return (char *)aligned;
}

static uint64_t filling(const char *page, unsigned int seed)
{
	return ((uintptr_t)page ^ ((uint64_t)seed << 48)) * 0x9e3779b97f4a7c15ULL;
}

void fill(char *memory, size_t size, unsigned int seed)
{
	size_t i;

	for (i = 0; i < size; i += SMALL_PAGE)
		*(volatile uint64_t *)(memory + i) = filling(memory + i, seed);
}

bool is_filled(const char *memory, size_t size, unsigned int seed)
{
	size_t i;

	for (i = 0; i < size; i += SMALL_PAGE)
		if (*(volatile uint64_t *)(memory + i) != filling(memory + i, seed))
			return false;
	return true;
}

long read_number(const char *path, const char *name)
{
	FILE *file = fopen(path, "r");
	long number = 0;
	char word[64];

	REQUIRE(file);
	if (!name)
		REQUIRE(fscanf(file, "%ld", &number) == 1);
	while (name && fscanf(file, "%63s", word) == 1) {
		if (strcmp(word, name))
			continue;
		REQUIRE(fscanf(file, "%ld", &number) == 1);
		break;
	}
	fclose(file);
	return number;
}

size_t smaps_bytes(const void *memory, const char *name)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	unsigned long start, end, kib;
	bool inside = false;
	char line[512], key[64];

	REQUIRE(smaps);
	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
			inside = start == (uintptr_t)memory;
			continue;
		}
		if (inside && sscanf(line, "%63[^:]: %lu kB", key, &kib) == 2 &&
		    !strcmp(key, name)) {
			fclose(smaps);
			return kib * 1024;
		}
	}
	fclose(smaps);
	errno = ENOENT;
	REQUIRE(!"the mapping is in /proc/self/smaps");
	return 0;
}

void read_pagemap(const void *memory, size_t size, uint64_t *entries)
{
	const size_t bytes = size / SMALL_PAGE * sizeof(*entries);
	int fd = open("/proc/self/pagemap", O_RDONLY);

	REQUIRE(fd >= 0);
	REQUIRE(pread(fd, entries, bytes, (uintptr_t)memory / SMALL_PAGE * sizeof(*entries)) ==
		(ssize_t)bytes);
	close(fd);
}

uint64_t pagemap(const void *address)
{
	uint64_t entry;

	read_pagemap(address, SMALL_PAGE, &entry);
	return entry;
}

size_t count_swapped(const char *memory, size_t size)
{
	static uint64_t entries[MAX_PAGES];
	size_t i, count = 0;

	REQUIRE(size <= ARRAY_SIZE(entries) * SMALL_PAGE);
	read_pagemap(memory, size, entries);
	for (i = 0; i < size / SMALL_PAGE; i++)
		count += !!(entries[i] & PAGEMAP_SWAPPED);
	return count;
}

void want_huge_pages(void)
{
	if (access("/sys/kernel/mm/transparent_hugepage", F_OK))
		SKIP("no CONFIG_TRANSPARENT_HUGEPAGE");
	/* Small machines boot with "never". */
	REQUIRE(write_file("/sys/kernel/mm/transparent_hugepage/enabled", "madvise"));
}

void start_swapping(void)
{
	static char header[SMALL_PAGE];
	uint32_t *words = (uint32_t *)header;
	int fd = open(SWAP_DISK, O_WRONLY);
	cpu_set_t cpu;

	if (fd < 0)
		SKIP("no CONFIG_BLK_DEV_RAM");
	/* A page that another CPU has just brought in waits there, out of reach. */
	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	REQUIRE(sched_setaffinity(0, sizeof(cpu), &cpu) == 0);
	/* union swap_header in include/linux/swap.h */
	words[256] = 1;
	words[257] = SWAP_PAGES - 1;
	memcpy(header + SMALL_PAGE - 10, "SWAPSPACE2", 10);
	/* A test that failed may have left it on. */
	if (swapoff(SWAP_DISK))
		REQUIRE(errno == EINVAL);
	REQUIRE(write(fd, header, sizeof(header)) == sizeof(header));
	REQUIRE(fsync(fd) == 0);
	close(fd);
	REQUIRE(swapon(SWAP_DISK, 0) == 0);
}

void stop_swapping(void)
{
	REQUIRE(swapoff(SWAP_DISK) == 0);
}

void swap_out(char *memory, size_t size)
{
	do {
		REQUIRE(madvise(memory, size, MADV_PAGEOUT) == 0);
		sched_yield();
	} while (count_swapped(memory, size) < size / SMALL_PAGE);
}

bool can_read_user_bits(void)
{
	if (access(PAGE_TABLES, F_OK))
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	return access(PAGE_TABLES, F_OK) == 0;
}

/* The format is that of note_page() in arch/x86/mm/dump_pagetables.c. */
unsigned int read_user_bits(void)
{
	unsigned long users = 0, supervisors = 0, start;
	FILE *tables = fopen(PAGE_TABLES, "r");
	char line[256];

	REQUIRE(tables);
	while (fgets(line, sizeof(line), tables)) {
		if (sscanf(line, "0x%lx-", &start) != 1)
			continue;
		if ((long)start < 0)
			break;
		if (!strstr(line, " RW ") && !strstr(line, " ro "))
			continue;	/* not present */
		if (strstr(line, " USR "))
			users++;
		else
			supervisors++;
	}
	fclose(tables);
	REQUIRE(users == 0 || supervisors == 0);
	REQUIRE(users > 0 || supervisors > 0);
	return users ? 3 : 0;
}

static void *write_for_ever(void *arg)
{
	struct writers *writers = arg;
	const size_t number = __atomic_fetch_add(&writers->count, 1, __ATOMIC_RELAXED);
	const size_t stride = ARRAY_SIZE(writers->threads) * SMALL_PAGE;
	uint64_t round;
	size_t i;

	for (round = 0; !__atomic_load_n(&writers->stop, __ATOMIC_RELAXED); round++) {
		for (i = number * SMALL_PAGE; i < writers->size; i += stride) {
			volatile uint64_t *counter = (uint64_t *)(writers->memory + i + 64);

			if (*counter != round)
				return "a write was lost";
			*counter = round + 1;
		}
	}
	return NULL;
}

void start_writers(struct writers *writers, char *memory, size_t size)
{
	size_t i;

	memset(writers, 0, sizeof(*writers));
	writers->memory = memory;
	writers->size = size;
	for (i = 0; i < ARRAY_SIZE(writers->threads); i++)
		REQUIRE(pthread_create(&writers->threads[i], NULL, write_for_ever,
				       writers) == 0);
}

void stop_writers(struct writers *writers)
{
	void *complaint;
	size_t i;

	__atomic_store_n(&writers->stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < ARRAY_SIZE(writers->threads); i++) {
		REQUIRE(pthread_join(writers->threads[i], &complaint) == 0);
		REQUIRE(!complaint);
	}
}

void write_code(char *code, int result)
{
	code[0] = 0xb8;		/* mov $result, %eax */
	memcpy(code + 1, &result, sizeof(result));
	code[5] = 0xc3;		/* ret */
}

int call_code(const char *code)
{
	int (*function)(void);

	memcpy(&function, &code, sizeof(function));
	return function();
}
