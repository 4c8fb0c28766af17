// SPDX-License-Identifier: GPL-2.0-only
/* A debugger sees an ordinary process and cannot make it anything else. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ukl_test.h"

#define AT_UKL	0x554b4c
#define USER_CS	0x33
#define USER_DS	0x2b

/* Fork a child that stops at once, traced by us. */
static pid_t start_traced(void (*child)(void))
{
	int status;
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		child();
		_exit(0);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
	return pid;
}

static void finish(pid_t pid)
{
	int status;

	REQUIRE(ptrace(PTRACE_CONT, pid, NULL, NULL) == 0);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void do_nothing(void)
{
}

TEST(registers_are_those_of_a_normal_process)
{
	pid_t pid = start_traced(do_nothing);
	struct user_regs_struct regs;

	REQUIRE(ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0);
	REQUIRE(regs.cs == USER_CS && regs.ss == USER_DS);
	REQUIRE(regs.gs_base == 0);
	REQUIRE((long)regs.rip > 0 && (long)regs.rsp > 0);

	/* Writing back what was read, and what no process may have. */
	REQUIRE(ptrace(PTRACE_SETREGS, pid, NULL, &regs) == 0);
	regs.cs = 0x10;
	REQUIRE(ptrace(PTRACE_SETREGS, pid, NULL, &regs) == -1 && errno == EIO);
	finish(pid);
}

static void make_system_calls(void)
{
	int i;

	for (i = 0; i < 20; i++) {
		syscall(SYS_getpid);
		syscall_by_instruction(SYS_getpid, 0, 0, 0);
	}
}

/* Every step ends in the program's own text, system calls included. */
TEST(single_steps_go_over_system_calls)
{
	pid_t pid = start_traced(make_system_calls);
	int status, steps = 0;

	for (;;) {
		struct user_regs_struct regs;

		REQUIRE(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == 0);
		REQUIRE(waitpid(pid, &status, 0) == pid);
		if (WIFEXITED(status))
			break;
		REQUIRE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
		REQUIRE(ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0);
		REQUIRE(regs.cs == USER_CS);
		steps++;
	}
	REQUIRE(WEXITSTATUS(status) == 0);
	REQUIRE(steps > 200);
}

static void (*repeated_entry)(void);
static long repeated_number;

static void repeat(void)
{
	repeat_call(repeated_number, repeated_entry);
}

/* Stop the program wherever it is: one step takes it no further than behind the call. */
static void stop_and_step(pid_t pid)
{
	struct user_regs_struct before, after;
	int status;

	REQUIRE(kill(pid, SIGSTOP) == 0);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	REQUIRE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	REQUIRE(ptrace(PTRACE_GETREGS, pid, NULL, &before) == 0);

	REQUIRE(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) == 0);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	REQUIRE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	REQUIRE(ptrace(PTRACE_GETREGS, pid, NULL, &after) == 0);
	REQUIRE(after.r12 - before.r12 == (before.rip == (uintptr_t)repeat_call_returned));
}

static void step_through_calls(void (*entry)(void), long number)
{
	long i, count = ukl_test_scaled(50);
	int status;
	pid_t pid;

	repeated_entry = entry;
	repeated_number = number;
	pid = start_traced(repeat);
	REQUIRE(ptrace(PTRACE_CONT, pid, NULL, NULL) == 0);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	REQUIRE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	for (i = 0; i < count; i++) {
		REQUIRE(ptrace(PTRACE_CONT, pid, NULL, NULL) == 0);
		usleep(1 + i % 50);
		stop_and_step(pid);
	}
	REQUIRE(kill(pid, SIGKILL) == 0);
	REQUIRE(waitpid(pid, NULL, 0) == pid);
}

TEST(a_step_from_anywhere_in_a_call_ends_behind_it)
{
	static const long numbers[] = { SYS_getppid, 9999 };
	const uintptr_t *vector = (const uintptr_t *)getauxval(AT_UKL);
	size_t i, entry;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		step_through_calls(syscall_entry, numbers[i]);
		for (entry = 1; vector && entry <= 3; entry++) {
			if (vector[entry])
				step_through_calls((void (*)(void))vector[entry], numbers[i]);
		}
	}
}

static void __attribute__((noinline)) breakpoint_here(void)
{
	asm volatile("nop");
}

TEST(a_breakpoint_stops_at_its_address)
{
	pid_t pid = start_traced(breakpoint_here);
	long address = (long)breakpoint_here, word;
	struct user_regs_struct regs;
	int status;

	errno = 0;
	word = ptrace(PTRACE_PEEKTEXT, pid, address, NULL);
	REQUIRE(errno == 0);
	REQUIRE(ptrace(PTRACE_POKETEXT, pid, address, (word & ~0xffL) | 0xcc) == 0);
	REQUIRE(ptrace(PTRACE_CONT, pid, NULL, NULL) == 0);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	REQUIRE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	REQUIRE(ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0);
	REQUIRE((long)regs.rip == address + 1);

	REQUIRE(ptrace(PTRACE_POKETEXT, pid, address, word) == 0);
	regs.rip = address;
	REQUIRE(ptrace(PTRACE_SETREGS, pid, NULL, &regs) == 0);
	finish(pid);
}

static volatile int watched;

static void write_watched(void)
{
	watched = 1;
}

TEST(a_watchpoint_stops_at_the_write)
{
	const long control = 1 | (1 << 16) | (3 << 18); /* local, write, 4 bytes */
	pid_t pid = start_traced(write_watched);
	int status;

	REQUIRE(ptrace(PTRACE_POKEUSER, pid,
		       offsetof(struct user, u_debugreg[0]), &watched) == 0);
	REQUIRE(ptrace(PTRACE_POKEUSER, pid,
		       offsetof(struct user, u_debugreg[7]), control) == 0);
	REQUIRE(ptrace(PTRACE_CONT, pid, NULL, NULL) == 0);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	REQUIRE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	finish(pid);
}
