// SPDX-License-Identifier: MIT
/* Page faults, and mapping memory. */
#include "operations.h"

#include <alloca.h>
#include <stdint.h>
#include <sys/mman.h>

#define PAGE 4096
#define PAGES 64

static char *area;

static void *map(size_t size)
{
	void *place = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(place == MAP_FAILED ? -1 : 0, "mmap");
	return place;
}

static void map_area(void)
{
	area = map(PAGES * PAGE);
}

static void unmap_area(void)
{
	munmap(area, PAGES * PAGE);
}

/* The pages are given back, so that touching them faults. */
static void empty_area(void)
{
	check(madvise(area, PAGES * PAGE, MADV_DONTNEED), "madvise");
}

static void touch_area(void)
{
	for (size_t i = 0; i < PAGES; i++)
		*(volatile char *)(area + i * PAGE) = 1;
}

/* Pages of the stack, far enough below that nothing else is there. */
static __attribute__((noinline)) char *find_stack(void)
{
	char *place = alloca((PAGES + 16) * PAGE);

	return (char *)(((uintptr_t)place + PAGE) & -(uintptr_t)PAGE);
}

/* From the top, as a stack grows; below the stack pointer, where Linux lets a stack grow, too. */
static void touch_stack(void)
{
	for (size_t i = PAGES; i > 0; i--)
		*(volatile char *)(area + (i - 1) * PAGE) = 1;
}

static void grow_stack(void)
{
	area = find_stack();
	touch_stack();
}

static void map_and_unmap(void)
{
	munmap(map(PAGE), PAGE);
}

const struct operation memory_operations[] = {
	{ .name = "page_fault", .begin = map_area, .prepare = empty_area, .run = touch_area, .end = unmap_area,
	  .count = 1, .things = PAGES },
	{ .name = "stack_fault", .begin = grow_stack, .prepare = empty_area, .run = touch_stack, .count = 1,
	  .things = PAGES },
	{ .name = "mmap", .run = map_and_unmap, .count = 100 },
	{ 0 },
};
