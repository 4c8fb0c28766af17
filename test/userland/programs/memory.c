// SPDX-License-Identifier: Apache-2.0
/* Memory: heap, mappings, protection, stack growth, the red zone's absence. */
#define _GNU_SOURCE
#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"

#define PAGE 4096

static sigjmp_buf recovery;
static void *volatile fault_address;

static void recover(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	fault_address = info->si_addr;
	siglongjmp(recovery, 1);
}

static int faults(volatile char *address, int write)
{
	fault_address = NULL;
	if (sigsetjmp(recovery, 1) == 0) {
		if (write)
			*address = 1;
		else
			(void)*address;
	}
	return fault_address == address;
}

static void test_heap(void)
{
	void *blocks[1000];
	char *large = malloc(64 << 20);
	int good = 1;

	for (int i = 0; i < 1000; i++) {
		blocks[i] = malloc((size_t)i * 37 + 1);
		memset(blocks[i], i, (size_t)i * 37 + 1);
	}
	for (int i = 0; i < 1000; i++) {
		good = good && ((unsigned char *)blocks[i])[i * 37] == (unsigned char)i;
		free(blocks[i]);
	}
	CHECK("a thousand blocks keep their content", good);
	CHECK("64 MiB are there before they are touched", large != NULL);
	large[0] = large[(64 << 20) - 1] = 1;
	large = realloc(large, 80 << 20);
	CHECK("realloc moves them", large && large[(64 << 20) - 1] == 1);
	free(large);
	CHECK("alignment is honoured", ((uintptr_t)aligned_alloc(65536, 65536) & 65535) == 0);
}

static void test_protection(void)
{
	struct sigaction action = { .sa_sigaction = recover, .sa_flags = SA_SIGINFO };
	char *pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static const int constant = 5;

	sigaction(SIGSEGV, &action, NULL);
	pages[PAGE] = 9;
	mprotect(pages + PAGE, PAGE, PROT_READ);
	CHECK("a read-only page can be read", !faults(pages + PAGE, 0) && pages[PAGE] == 9);
	CHECK("but not written", faults(pages + PAGE, 1));
	mprotect(pages + PAGE, PAGE, PROT_NONE);
	CHECK("an inaccessible page can do neither", faults(pages + PAGE, 0) && faults(pages + PAGE, 1));
	munmap(pages + PAGE, PAGE);
	CHECK("an unmapped one too", faults(pages + PAGE, 0));
	CHECK("constants are read-only", faults((char *)&constant, 1));
	CHECK("code is read-only", faults((char *)test_protection, 1));
}

static void test_execution(void)
{
	static const unsigned char return_42[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
	unsigned char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(page, return_42, sizeof(return_42));
	fault_address = NULL;
	if (sigsetjmp(recovery, 1) == 0)
		((int (*)(void))(uintptr_t)page)();
	CHECK("data cannot be executed", fault_address == page);
	mprotect(page, PAGE, PROT_READ | PROT_EXEC);
	CHECK("until it is made code", ((int (*)(void))(uintptr_t)page)() == 42);
}

static void test_mappings(void)
{
	int file = memfd_create("test", 0);
	char *first, *second;

	(void)!ftruncate(file, 2 * PAGE);
	first = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	second = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, PAGE);
	first[PAGE] = 77;
	CHECK("two mappings of a file are one memory", second[0] == 77);
	first = mremap(first, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
	CHECK("mremap grows a mapping", first != MAP_FAILED && first[PAGE] == 77);
	first = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	first[5] = 1;
	madvise(first, PAGE, MADV_DONTNEED);
	CHECK("MADV_DONTNEED empties a page", first[5] == 0);
	CHECK("a call with six arguments fails as it should",
	      mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 1) == MAP_FAILED && errno == EINVAL);
}

static int use_stack(int depth)
{
	volatile char frame[1024];

	frame[0] = (char)depth;
	frame[1023] = (char)depth;
	return depth == 0 ? 0 : use_stack(depth - 1) + (frame[0] == frame[1023]);
}

/* System calls from functions that would like to use the red zone. */
static long leaf(long a, long b, long c, long d)
{
	long local[8] = { a, b, c, d, a ^ b, b ^ c, c ^ d, d ^ a };
	long pid;

	__asm__ volatile("syscall" : "=a"(pid) : "0"(39L) : "rcx", "r11", "memory");
	for (int i = 0; i < 8; i++)
		__asm__ volatile("" : "+m"(local[i]));
	return local[0] + local[1] + local[2] + local[3] + local[4] + local[5] + local[6] + local[7] + (pid - getpid());
}

int main(void)
{
	test_heap();
	test_protection();
	test_execution();
	test_mappings();
	CHECK("the stack grows to 4 MiB", use_stack(4096) == 4096);
	CHECK("a system call leaves a leaf function's variables alone", leaf(1, 2, 4, 8) == 15 + 3 + 6 + 12 + 9);
	return check_result();
}
