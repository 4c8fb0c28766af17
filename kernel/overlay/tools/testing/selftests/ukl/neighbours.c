// SPDX-License-Identifier: GPL-2.0-only
/*
 * What other processes try: to make a UKL process theirs, and with it CPL 0, or
 * to bring the machine down from ring 3.
 */
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "ukl_test.h"

#define SOMEBODY	1000

static void become_somebody(void)
{
	REQUIRE(setresgid(SOMEBODY, SOMEBODY, SOMEBODY) == 0);
	REQUIRE(setresuid(SOMEBODY, SOMEBODY, SOMEBODY) == 0);
}

/* Start this program anew, as somebody who is not root. Return: its PID, when it runs. */
static pid_t start_as_somebody(void)
{
	char *const argv[] = { "/proc/self/exe", UKL_TEST_WAIT, NULL };
	int out[2];
	pid_t pid;
	char byte;

	REQUIRE(pipe(out) == 0);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		become_somebody();
		dup2(out[1], STDOUT_FILENO);
		execv(argv[0], argv);
		_exit(127);
	}
	close(out[1]);
	REQUIRE(read(out[0], &byte, 1) == 1);
	close(out[0]);
	return pid;
}

static pid_t target;

/* At CPL 3 a process is its user's; at CPL 0 it would be the way to the kernel. */
static void try_to_control_target(void)
{
	bool refused = current_cpl() == 0;
	struct iovec local = { .iov_base = &(char){ 0 }, .iov_len = 1 };
	struct iovec remote = { .iov_base = (void *)&try_to_control_target, .iov_len = 1 };
	char path[64];
	int fd;

	become_somebody();
	snprintf(path, sizeof(path), "/proc/%d/mem", target);
	fd = open(path, O_RDWR);
	REQUIRE((fd < 0) == refused);
	/* Without CONFIG_CROSS_MEMORY_ATTACH nobody can. */
	if (process_vm_readv(target, &local, 1, &remote, 1, 0) == 1)
		REQUIRE(!refused);
	else
		REQUIRE(errno == ENOSYS || (refused && errno == EPERM));
	REQUIRE((ptrace(PTRACE_ATTACH, target, NULL, NULL) < 0) == refused);
	if (refused)
		REQUIRE(errno == EPERM);
}

TEST(its_user_alone_does_not_control_it)
{
	int status;

	target = start_as_somebody();
	REQUIRE(run_child(try_to_control_target) == 0);
	/* Root does. */
	REQUIRE(ptrace(PTRACE_SEIZE, target, NULL, NULL) == 0);
	REQUIRE(kill(target, SIGKILL) == 0);
	REQUIRE(waitpid(target, &status, 0) == target && WIFSIGNALED(status));
}

static void exec_while_traced(void)
{
	char *const argv[] = { "/proc/self/exe", UKL_TEST_WAIT, NULL };
	bool refused = current_cpl() == 0;
	int status;
	pid_t pid;

	become_somebody();
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		REQUIRE(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
		execv(argv[0], argv);
		_exit(errno == EPERM ? 42 : 1);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	if (refused)
		REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	else
		REQUIRE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	kill(pid, SIGKILL);
}

TEST(somebody_cannot_trace_it_into_being)
{
	REQUIRE(run_child(exec_while_traced) == 0);
}

static void exec_in_user_namespace(void)
{
	char *const argv[] = { "/proc/self/exe", "results_and_errors", NULL };

	if (unshare(CLONE_NEWUSER))
		_exit(errno == EINVAL ? 4 : 1);
	if (current_cpl() == 0)
		REQUIRE(execv(argv[0], argv) == -1 && errno == EPERM);
	else
		REQUIRE(run_program(argv) == 0);
}

TEST(a_user_namespace_is_no_way_in)
{
	int status = run_child(exec_in_user_namespace);

	if (WIFEXITED(status) && WEXITSTATUS(status) == 4)
		SKIP("no user namespaces");
	REQUIRE(status == 0);
}

/* In a UKL note, counted from its name: the flags, and the one of a directly linked program. */
#define NOTE_FLAGS	8
#define NOTE_LINKED	1

/* Write a copy of this program without its note. */
static void copy_as_ordinary_program(const char *path)
{
	int in = open("/proc/self/exe", O_RDONLY), out;
	struct stat stat;
	Elf64_Ehdr *ehdr;
	Elf64_Phdr *phdr;
	char *bytes;
	int i;

	REQUIRE(in >= 0 && fstat(in, &stat) == 0);
	bytes = mmap(NULL, stat.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, in, 0);
	REQUIRE(bytes != MAP_FAILED);
	ehdr = (Elf64_Ehdr *)bytes;
	phdr = (Elf64_Phdr *)(bytes + ehdr->e_phoff);
	for (i = 0; i < ehdr->e_phnum; i++) {
		char *notes = bytes + phdr[i].p_offset;
		char *name;

		if (phdr[i].p_type != PT_NOTE)
			continue;
		while ((name = memmem(notes, phdr[i].p_filesz, "UKL", sizeof("UKL")))) {
			if (name[NOTE_FLAGS] & NOTE_LINKED)
				SKIP("linked against the kernel, it cannot run in ring 3");
			name[0] = 'X';
		}
	}
	out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	REQUIRE(out >= 0 && write(out, bytes, stat.st_size) == stat.st_size);
	REQUIRE(close(out) == 0 && close(in) == 0);
}

/*
 * The tests below attack from ring 3. At CPL 0 they run in an ordinary copy of
 * this program. Return: whether that has been done.
 */
static bool done_in_ring_3(const char *test)
{
	char *const argv[] = { "/tmp/neighbour", (char *)test, NULL };

	if (current_cpl() == 3)
		return false;
	if (access("/tmp", W_OK))
		SKIP("/tmp is not writable");
	copy_as_ordinary_program(argv[0]);
	REQUIRE(run_program(argv) == 0);
	REQUIRE(unlink(argv[0]) == 0);
	return true;
}

static struct forged {
	unsigned short cs, ss;
	unsigned long ip, sp;
} forged;

/* Put what is not zero of @forged into the interrupted context. */
static void forge_context(int signal, siginfo_t *info, void *context)
{
	mcontext_t *machine = &((ucontext_t *)context)->uc_mcontext;
	unsigned long long selectors = machine->gregs[REG_CSGSFS];

	(void)signal;
	(void)info;
	if (forged.cs)
		selectors = (selectors & ~0xffffULL) | forged.cs;
	if (forged.ss)
		selectors = (selectors & ~(0xffffULL << 48)) |
			    (unsigned long long)forged.ss << 48;
	machine->gregs[REG_CSGSFS] = (long long)selectors;
	if (forged.ip)
		machine->gregs[REG_RIP] = (long long)forged.ip;
	if (forged.sp)
		machine->gregs[REG_RSP] = (long long)forged.sp;
}

static void raise_with_forged_context(void)
{
	struct sigaction action = { .sa_sigaction = forge_context, .sa_flags = SA_SIGINFO };

	/* A frame that cannot be returned to is a fault; its handler must not hide it. */
	REQUIRE(signal(SIGSEGV, SIG_DFL) != SIG_ERR);
	REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
	raise(SIGUSR1);
}

static void require_death_by_fault(struct forged context)
{
	int status;

	forged = context;
	status = run_child(raise_with_forged_context);
	REQUIRE(WIFSIGNALED(status));
	REQUIRE(WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGBUS);
}

#define KERNEL_CS	0x10
#define KERNEL_TEXT	0xffffffff81000000UL
#define NON_CANONICAL	0x0000800000000000UL

TEST(sigreturn_does_not_lead_into_the_kernel)
{
	if (done_in_ring_3("sigreturn_does_not_lead_into_the_kernel"))
		return;
	require_death_by_fault((struct forged){ .cs = KERNEL_CS });
	require_death_by_fault((struct forged){ .cs = KERNEL_CS, .ip = KERNEL_TEXT });
	require_death_by_fault((struct forged){ .ip = KERNEL_TEXT });
	require_death_by_fault((struct forged){ .ip = NON_CANONICAL });
	require_death_by_fault((struct forged){ .ss = 0xfff8 });
}

static void fault_with_kernel_stack_pointer(void)
{
	asm volatile("movq %0, %%rsp\n\tud2" : : "r"(KERNEL_TEXT));
}

TEST(a_kernel_stack_pointer_in_ring_3_is_just_wrong)
{
	int status;

	if (done_in_ring_3("a_kernel_stack_pointer_in_ring_3_is_just_wrong"))
		return;
	status = run_child(fault_with_kernel_stack_pointer);
	/* No stack to put the frame of SIGILL on, and no handler either. */
	REQUIRE(WIFSIGNALED(status));
}

#define LDT_SELECTOR(index)	((index) << 3 | 7)

/* IRET to a 16-bit stack goes by a read-only alias (espfix): also when it faults. */
TEST(returns_to_a_16_bit_stack_may_fault)
{
	struct user_desc stack = {
		.entry_number = 0, .limit = 0xffff, .seg_32bit = 0,
		.contents = MODIFY_LDT_CONTENTS_DATA,
	};
	struct user_desc absent_code = {
		.entry_number = 1, .limit = 0xffff, .seg_32bit = 1,
		.contents = MODIFY_LDT_CONTENTS_CODE, .seg_not_present = 1,
	};
	int i;

	if (done_in_ring_3("returns_to_a_16_bit_stack_may_fault"))
		return;
	if (syscall(SYS_modify_ldt, 1, &stack, sizeof(stack)))
		SKIP("no modify_ldt");
	REQUIRE(syscall(SYS_modify_ldt, 1, &absent_code, sizeof(absent_code)) == 0);
	for (i = 0; i < 100; i++) {
		require_death_by_fault((struct forged){
			.ss = LDT_SELECTOR(0), .cs = LDT_SELECTOR(1) });
		require_death_by_fault((struct forged){
			.ss = LDT_SELECTOR(0), .ip = NON_CANONICAL });
	}
}
