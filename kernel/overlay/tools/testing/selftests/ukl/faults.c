// SPDX-License-Identifier: GPL-2.0-only
/* Every fault of the program is a signal, with the right address; never an oops. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ukl_test.h"

static sigjmp_buf recovery;
static volatile int fault_signal, fault_code;
static void *volatile fault_address;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	fault_signal = sig;
	fault_code = info->si_code;
	fault_address = info->si_addr;
	siglongjmp(recovery, 1);
}

static void catch_faults(void)
{
	static char stack[64 * 1024];
	const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	const struct sigaction sa = {
		.sa_sigaction = on_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
	size_t i;

	REQUIRE(sigaltstack(&alternate, NULL) == 0);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		REQUIRE(sigaction(signals[i], &sa, NULL) == 0);
}

/* Run @statement; it must raise @sig. */
#define REQUIRE_FAULT(sig, statement)				\
	do {							\
		catch_faults();					\
		fault_signal = 0;				\
		if (!sigsetjmp(recovery, 1)) {			\
			statement;				\
			REQUIRE(!"no fault: " #statement);	\
		}						\
		REQUIRE(fault_signal == (sig));			\
	} while (0)

static void read_at(uintptr_t address)
{
	asm volatile("movb (%0), %%al" : : "r"(address) : "rax");
}

static void write_at(uintptr_t address)
{
	asm volatile("movb $1, (%0)" : : "r"(address) : "memory");
}

static void jump_to(uintptr_t address)
{
	asm volatile("call *%0" : : "r"(address) : "memory");
}

TEST(null_dereference)
{
	REQUIRE_FAULT(SIGSEGV, read_at(16));
	REQUIRE(fault_address == (void *)16 && fault_code == SEGV_MAPERR);
}

TEST(write_to_read_only_data)
{
	static const char text[4096] __attribute__((aligned(4096))) = "constant";

	REQUIRE_FAULT(SIGSEGV, write_at((uintptr_t)text));
	REQUIRE(fault_address == text && fault_code == SEGV_ACCERR);
}

TEST(jump_to_data)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(page != MAP_FAILED);
	memset(page, 0xc3, 4096);
	REQUIRE_FAULT(SIGSEGV, jump_to((uintptr_t)page));
	REQUIRE(fault_address == page && fault_code == SEGV_ACCERR);
}

TEST(jump_to_null)
{
	REQUIRE_FAULT(SIGSEGV, jump_to(0));
	REQUIRE(fault_address == NULL);
}

/* At CPL 0 only the page tables could stop this, and there is nothing mapped. */
TEST(unmapped_kernel_address)
{
	REQUIRE_FAULT(SIGSEGV, read_at(0xffffffffffff0000));
}

TEST(non_canonical_address)
{
	REQUIRE_FAULT(SIGSEGV, read_at(0x8000000000000000));
}

TEST(undefined_instruction)
{
	REQUIRE_FAULT(SIGILL, asm volatile("ud2"));
}

TEST(division_by_zero)
{
	REQUIRE_FAULT(SIGFPE, asm volatile("xorl %%ecx, %%ecx\n\tidivl %%ecx"
					   : : : "rax", "rdx", "rcx"));
	REQUIRE(fault_code == FPE_INTDIV);
}

TEST(breakpoint_instruction)
{
	REQUIRE_FAULT(SIGTRAP, asm volatile("int3"));
}

TEST(beyond_the_end_of_a_file)
{
	int fd = memfd_create("short", 0);
	char *page;

	REQUIRE(fd >= 0);
	page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	REQUIRE(page != MAP_FAILED);
	REQUIRE_FAULT(SIGBUS, read_at((uintptr_t)page));
	REQUIRE(fault_address == page);
}

static int __attribute__((noinline)) exhaust_stack(int depth)
{
	volatile char frame[4096];

	frame[0] = (char)depth;
	return depth < 0 ? 0 : exhaust_stack(depth + 1) + frame[0];
}

TEST(stack_overflow_is_caught_on_the_alternate_stack)
{
	REQUIRE_FAULT(SIGSEGV, exhaust_stack(0));
}

static void crash(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_CORE, &unlimited);
	if (chdir("/tmp"))
		_exit(2);
	read_at(8);
}

/* The core holds the registers at the fault, as those of a normal process. */
TEST(an_uncaught_fault_dumps_core)
{
	unsigned char header[20];
	FILE *pattern, *core;
	int status;

	if (access("/tmp", W_OK))
		SKIP("/tmp is not writable");
	pattern = fopen("/proc/sys/kernel/core_pattern", "w");
	if (!pattern)
		SKIP("the core pattern cannot be set");
	fputs("/tmp/core.ukl", pattern);
	REQUIRE(fclose(pattern) == 0);

	unlink("/tmp/core.ukl");
	status = run_child(crash);
	REQUIRE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	REQUIRE(WCOREDUMP(status));
	core = fopen("/tmp/core.ukl", "r");
	REQUIRE(core);
	REQUIRE(fread(header, sizeof(header), 1, core) == 1);
	REQUIRE(!memcmp(header, "\177ELF", 4) && header[16] == 4 /* ET_CORE */);
	fclose(core);
	unlink("/tmp/core.ukl");
}
