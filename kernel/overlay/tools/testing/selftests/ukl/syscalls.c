// SPDX-License-Identifier: GPL-2.0-only
/* System calls by the call entry and by the SYSCALL instruction. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ukl_test.h"

#define AT_UKL		0x554b4c
#define NESTED_TASK	0x4000UL	/* in the flags */
#define KERNEL_ADDRESS	((void *)0xffffffff81000000UL)

struct ukl_vector {
	uint32_t version;
	uint32_t size;
	void (*syscall)(void);
	void (*fast_syscall)(void);
	void (*shortcut_syscall)(void);
};

static const struct ukl_vector *find_vector(void)
{
	return (const struct ukl_vector *)getauxval(AT_UKL);
}

TEST(the_vector_is_offered_at_cpl_0_only)
{
	const struct ukl_vector *vector = find_vector();

	REQUIRE(!!vector == (current_cpl() == 0));
	if (vector) {
		REQUIRE(vector->version == 1);
		REQUIRE(vector->size >= sizeof(*vector));
		REQUIRE((long)vector->syscall < 0);
		REQUIRE((long)vector->fast_syscall < 0);
		REQUIRE((long)vector->shortcut_syscall < 0);
	}
}

/* Where system calls of a program of ours go; an unmodified program has no such thing. */
extern void (*ukl_syscall_slot)(void) __attribute__((weak));

TEST(the_level_chooses_the_entry)
{
	const struct ukl_vector *vector = find_vector();
	const char *level = getenv("UKL_LEVEL");
	void (*entry)(void);

	if (!vector || !level || !&ukl_syscall_slot)
		SKIP("its system calls are not calls");
	entry = vector->syscall;
	if (!strcmp(level, "bypass"))
		entry = vector->fast_syscall;
	if (!strcmp(level, "shortcut"))
		entry = vector->shortcut_syscall;
	REQUIRE(ukl_syscall_slot == entry);
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

static void check_registers(void (*entry)(void), long nr, long result)
{
	const struct call_regs before = {
		nr, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26,
	};
	struct call_regs after = before;

	call_with_regs(&after, entry);
	REQUIRE(after.rax == result);
	after.rax = before.rax;
	REQUIRE(!memcmp(&before, &after, sizeof(before)));
}

TEST(the_call_entries_preserve_registers)
{
	const struct ukl_vector *vector = find_vector();
	int i;

	if (!vector)
		SKIP("no vector");
	for (i = 0; i < 3; i++) {
		void (*entry)(void) = (&vector->syscall)[i];

		check_registers(entry, SYS_getpid, getpid());
		check_registers(entry, SYS_sched_yield, 0);
		/* The number of a call is an int, the rest of the register is ignored. */
		check_registers(entry, SYS_getpid | 1L << 32, getpid());
		check_registers(entry, 9999, -ENOSYS);
		check_registers(entry, -1, -ENOSYS);
		/* Never made by the fast entry itself; they fail and do nothing. */
		check_registers(entry, SYS_execve, -EFAULT);
		check_registers(entry, SYS_ptrace, -ESRCH);
	}
}

/* What a system call leaves to its exit is done when it returns, not some time later. */
TEST(closing_is_done_when_close_returns)
{
	int i, ends[2];
	char byte;

	for (i = 0; i < 1000; i++) {
		REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
		REQUIRE(close(ends[1]) == 0);
		REQUIRE(read(ends[0], &byte, 1) == 0);
		REQUIRE(close(ends[0]) == 0);
	}
}

static volatile sig_atomic_t handled;

static void count_signal(int signal)
{
	handled++;
}

TEST(a_signal_to_oneself_arrives_before_the_call_returns)
{
	int i;

	REQUIRE(signal(SIGUSR1, count_signal) != SIG_ERR);
	for (i = 1; i <= 1000; i++) {
		REQUIRE(kill(getpid(), SIGUSR1) == 0);
		REQUIRE(handled == i);
	}
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

/* getpid(2) of 32-bit programs. */
#define GETPID_32	20L

static void call_by_32_bit_gate(void)
{
	long ret;

	asm volatile("int $0x80"
		     : "=a"(ret) : "a"(GETPID_32)
		     : "r8", "r9", "r10", "r11", "memory");
	REQUIRE(ret == getpid());
}

static void call_by_sysenter(void)
{
	asm volatile("sysenter"
		     : : "a"(GETPID_32)
		     : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory");
}

/* What 32-bit programs use is there or not; at worst it ends who uses it. */
TEST(entries_of_32_bit_programs_are_harmless)
{
	int status = run_child(call_by_32_bit_gate);

	REQUIRE(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV));
	status = run_child(call_by_sysenter);
	REQUIRE(WIFSIGNALED(status));
	REQUIRE(WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGILL);
}

static void change_nested_task_flag(bool set)
{
	asm volatile("pushfq\n\t"
		     "andq %[others], (%%rsp)\n\t"
		     "orq %[flag], (%%rsp)\n\t"
		     "popfq"
		     : : [others] "i"(~NESTED_TASK), [flag] "r"(set ? NESTED_TASK : 0UL)
		     : "memory", "cc");
}

/* With it the kernel's own return to whatever is switched to would fault. */
TEST(the_nested_task_flag_stays_with_its_process)
{
	cpu_set_t first;
	int status, i;
	pid_t pid;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	REQUIRE(sched_setaffinity(0, sizeof(first), &first) == 0);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid)
		for (;;)
			asm volatile("");
	for (i = 0; i < 50; i++) {
		change_nested_task_flag(true);
		usleep(1000);
		change_nested_task_flag(false);
	}
	REQUIRE(waitpid(pid, &status, WNOHANG) == 0);
	REQUIRE(kill(pid, SIGKILL) == 0);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	REQUIRE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
