// SPDX-License-Identifier: GPL-2.0-only
/* System calls by the call entry and by the SYSCALL instruction. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ukl_test.h"

#define AT_UKL		0x554b4c
#define KERNEL_ADDRESS	((void *)0xffffffff81000000UL)

struct ukl_vector {
	uint32_t version;
	uint32_t size;
	void (*syscall)(void);
	void (*fast_syscall)(void);
};

static const struct ukl_vector *find_vector(void)
{
	return (const struct ukl_vector *)getauxval(AT_UKL);
}

/* All registers that the ABI of the call entry mentions. */
struct call_regs {
	long rax, rdi, rsi, rdx, r10, r8, r9;
	long rbx, rbp, r12, r13, r14, r15;
};

/* Load @regs, call @entry, store the registers back. */
void call_with_regs(struct call_regs *regs, void (*entry)(void));

asm(".pushsection .text\n"
    "call_with_regs:\n\t"
    "pushq %rbx\n\t"
    "pushq %rbp\n\t"
    "pushq %r12\n\t"
    "pushq %r13\n\t"
    "pushq %r14\n\t"
    "pushq %r15\n\t"
    "pushq %rdi\n\t"
    "pushq %rsi\n\t"
    "movq %rdi, %rcx\n\t"
    "movq 0(%rcx), %rax\n\t"
    "movq 8(%rcx), %rdi\n\t"
    "movq 16(%rcx), %rsi\n\t"
    "movq 24(%rcx), %rdx\n\t"
    "movq 32(%rcx), %r10\n\t"
    "movq 40(%rcx), %r8\n\t"
    "movq 48(%rcx), %r9\n\t"
    "movq 56(%rcx), %rbx\n\t"
    "movq 64(%rcx), %rbp\n\t"
    "movq 72(%rcx), %r12\n\t"
    "movq 80(%rcx), %r13\n\t"
    "movq 88(%rcx), %r14\n\t"
    "movq 96(%rcx), %r15\n\t"
    "call *(%rsp)\n\t"
    "movq 8(%rsp), %rcx\n\t"
    "movq %rax, 0(%rcx)\n\t"
    "movq %rdi, 8(%rcx)\n\t"
    "movq %rsi, 16(%rcx)\n\t"
    "movq %rdx, 24(%rcx)\n\t"
    "movq %r10, 32(%rcx)\n\t"
    "movq %r8, 40(%rcx)\n\t"
    "movq %r9, 48(%rcx)\n\t"
    "movq %rbx, 56(%rcx)\n\t"
    "movq %rbp, 64(%rcx)\n\t"
    "movq %r12, 72(%rcx)\n\t"
    "movq %r13, 80(%rcx)\n\t"
    "movq %r14, 88(%rcx)\n\t"
    "movq %r15, 96(%rcx)\n\t"
    "addq $16, %rsp\n\t"
    "popq %r15\n\t"
    "popq %r14\n\t"
    "popq %r13\n\t"
    "popq %r12\n\t"
    "popq %rbp\n\t"
    "popq %rbx\n\t"
    "ret\n"
    ".popsection");

TEST(the_vector_is_offered_at_cpl_0_only)
{
	const struct ukl_vector *vector = find_vector();

	REQUIRE(!!vector == (current_cpl() == 0));
	if (vector) {
		REQUIRE(vector->version == 1);
		REQUIRE(vector->size >= sizeof(*vector));
		REQUIRE((long)vector->syscall < 0);
	}
}

TEST(results_and_errors)
{
	REQUIRE(getpid() == syscall(SYS_getpid));
	REQUIRE(getpid() == syscall_by_instruction(SYS_getpid, 0, 0, 0));
	REQUIRE(syscall(SYS_close, -1) == -1 && errno == EBADF);
	REQUIRE(syscall_by_instruction(SYS_close, -1, 0, 0) == -EBADF);
	REQUIRE(syscall(9999) == -1 && errno == ENOSYS);
	REQUIRE(syscall(-1) == -1 && errno == ENOSYS);
}

TEST(six_arguments_arrive)
{
	int fd = memfd_create("six", 0);
	char *page;

	REQUIRE(fd >= 0);
	REQUIRE(ftruncate(fd, 2 * 4096) == 0);
	REQUIRE(pwrite(fd, "second", 6, 4096) == 6);
	page = mmap((void *)0x700000000000, 4096, PROT_READ,
		    MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 4096);
	REQUIRE(page == (char *)0x700000000000);
	REQUIRE(!memcmp(page, "second", 6));
}

TEST(the_call_entry_preserves_registers)
{
	const struct ukl_vector *vector = find_vector();
	const struct call_regs before = {
		SYS_getpid, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26,
	};
	struct call_regs after = before;

	if (!vector)
		SKIP("no vector");
	call_with_regs(&after, vector->syscall);
	REQUIRE(after.rax == getpid());
	after.rax = before.rax;
	REQUIRE(!memcmp(&before, &after, sizeof(before)));
}

TEST(a_kernel_pointer_is_efault)
{
	struct iovec iov = { KERNEL_ADDRESS, 8 };
	struct stat st;
	int fd = open("/dev/zero", O_RDWR);

	REQUIRE(fd >= 0);
	REQUIRE(read(fd, KERNEL_ADDRESS, 8) == -1 && errno == EFAULT);
	REQUIRE(readv(fd, &iov, 1) == -1 && errno == EFAULT);
	REQUIRE(open(KERNEL_ADDRESS, O_RDONLY) == -1 && errno == EFAULT);
	REQUIRE(syscall_by_instruction(SYS_read, fd, (long)KERNEL_ADDRESS, 8) == -EFAULT);
	REQUIRE(syscall(SYS_stat, "/", KERNEL_ADDRESS) == -1 && errno == EFAULT);
	REQUIRE(stat("/", &st) == 0);
}

/* Both ways in, in alternation, many times: the GS base must survive. */
TEST(instruction_and_call_alternate)
{
	pid_t pid = getpid();
	int i;

	for (i = 0; i < 20000; i++) {
		REQUIRE(syscall(SYS_getpid) == pid);
		REQUIRE(syscall_by_instruction(SYS_getpid, 0, 0, 0) == pid);
		if (i % 100 == 0)
			syscall(SYS_sched_yield);
	}
}
