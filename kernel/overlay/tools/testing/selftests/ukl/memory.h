/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the memory management share: mappings, and how the kernel sees them. */
#ifndef UKL_MEMORY_H
#define UKL_MEMORY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMALL_PAGE	4096UL
#define HUGE_PAGE	(2UL << 20)
#define MAX_PAGES	1024

/* Bits of an entry of /proc/PID/pagemap: Documentation/admin-guide/mm/pagemap.rst. */
#define PAGEMAP_PFN		0x007fffffffffffffULL
#define PAGEMAP_SOFT_DIRTY	0x0080000000000000ULL
#define PAGEMAP_SWAPPED		0x4000000000000000ULL
#define PAGEMAP_PRESENT		0x8000000000000000ULL

/* Return: @size bytes of private memory, readable and writable. */
char *map_memory(size_t size);

/* The same, beginning where a huge page can. */
char *map_huge_memory(size_t size);

/* Write to every page of @memory a value that depends on its address and @seed. */
void fill(char *memory, size_t size, unsigned int seed);

/* Is that what is there? */
bool is_filled(const char *memory, size_t size, unsigned int seed);

/* Return: the number in a file of /proc or /sys, or, if @name is given, behind that word. */
long read_number(const char *path, const char *name);

/* Return: a value of the mapping that begins at @memory, in bytes: "Swap". */
size_t smaps_bytes(const void *memory, const char *name);

/* Read the entries for the pages of @memory. */
void read_pagemap(const void *memory, size_t size, uint64_t *entries);

/* Return: the entry for the page at @address. */
uint64_t pagemap(const void *address);

/* Return: the number of swapped pages, of MAX_PAGES at most. */
size_t count_swapped(const char *memory, size_t size);

/* Allow huge pages on request, whatever the size of the machine, or skip the test. */
void want_huge_pages(void);

/* Swap to a RAM disk, and stay on one CPU with all threads to come, or skip the test. */
void start_swapping(void);
void stop_swapping(void);

/* Ask for all of @memory to be written to the swap space, and wait until it is. */
void swap_out(char *memory, size_t size);

/* Return: can read_user_bits() tell? */
bool can_read_user_bits(void);

/*
 * Look at the page-table entries of the present pages of this process.
 *
 * Return: 3 if all are the user's, 0 if all are the supervisor's.
 */
unsigned int read_user_bits(void);

/* Every present page is the user's at CPL 3, the supervisor's at CPL 0: as far as one can see. */
#define REQUIRE_USER_BITS() \
	REQUIRE(!can_read_user_bits() || read_user_bits() == current_cpl())

/*
 * Threads that never cease to write to @memory, each to pages of its own, and
 * that notice if a page is not what they have left there.
 */
struct writers {
	pthread_t threads[3];
	size_t count;
	char *memory;
	size_t size;
	bool stop;
};

void start_writers(struct writers *writers, char *memory, size_t size);

/* Stop them. The test fails if one has lost a write. */
void stop_writers(struct writers *writers);

/* Return: the result of the call of a function that is @code; see write_code(). */
int call_code(const char *code);

/* Write the code of a function that returns @result. */
void write_code(char *code, int result);

#endif /* UKL_MEMORY_H */
