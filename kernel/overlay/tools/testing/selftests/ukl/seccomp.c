// SPDX-License-Identifier: GPL-2.0-only
/* seccomp decides about system calls by the call entry as about those by instruction. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "ukl_test.h"

/* The error and the result that only a filter, or somebody whom it asks, gives. */
#define FILTERED_ERROR	EDOM
#define FILTERED_RESULT	4242

/* The call that the filters are about. */
#define FILTERED	SYS_getppid

#define LOAD(member)	\
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define LOAD_HIGH(member) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member) + 4)
/* Go on if what was loaded is @value, else over @others instructions. */
#define REQUIRE_EQUAL(value, others) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)(value), 0, (others))
#define RETURN(action)	BPF_STMT(BPF_RET | BPF_K, (action))

static void require_seccomp(void)
{
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
		SKIP("no seccomp");
	REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
}

static long install(struct sock_filter *filter, size_t length, unsigned int flags)
{
	struct sock_fprog program = { .len = (unsigned short)length, .filter = filter };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

/* Let the kernel do @action at FILTERED. Return: the result of seccomp(2). */
static long install_action(unsigned int action, unsigned int flags)
{
	struct sock_filter filter[] = {
		LOAD(nr),
		REQUIRE_EQUAL(FILTERED, 1),
		RETURN(action),
		RETURN(SECCOMP_RET_ALLOW),
	};

	return install(filter, ARRAY_SIZE(filter), flags);
}

TEST(seccomp_answers_for_the_kernel)
{
	require_seccomp();
	REQUIRE(install_action(SECCOMP_RET_ERRNO | FILTERED_ERROR, 0) == 0);
	REQUIRE(syscall(FILTERED) == -1 && errno == FILTERED_ERROR);
	REQUIRE(syscall_by_instruction(FILTERED, 0, 0, 0) == -FILTERED_ERROR);
	REQUIRE(syscall(SYS_getpid) == getpid());
}

static void do_nothing(void)
{
}

TEST(seccomp_sees_an_ordinary_system_call)
{
	struct sock_filter filter[] = {
		LOAD(nr), REQUIRE_EQUAL(FILTERED, 17),
		LOAD(arch), REQUIRE_EQUAL(AUDIT_ARCH_X86_64, 15),
		LOAD_HIGH(instruction_pointer),
		REQUIRE_EQUAL((uintptr_t)do_nothing >> 32, 13),
		LOAD(args[0]), REQUIRE_EQUAL(1, 11),
		LOAD(args[1]), REQUIRE_EQUAL(2, 9),
		LOAD(args[2]), REQUIRE_EQUAL(3, 7),
		LOAD(args[3]), REQUIRE_EQUAL(4, 5),
		LOAD(args[4]), REQUIRE_EQUAL(5, 3),
		LOAD(args[5]), REQUIRE_EQUAL(6, 1),
		RETURN(SECCOMP_RET_ERRNO | FILTERED_ERROR),
		RETURN(SECCOMP_RET_ALLOW),
	};

	require_seccomp();
	REQUIRE(install(filter, ARRAY_SIZE(filter), 0) == 0);
	REQUIRE(syscall(FILTERED, 1, 2, 3, 4, 5, 6) == -1 && errno == FILTERED_ERROR);
	REQUIRE(syscall(FILTERED, 1, 2, 3, 4, 5, 7) == getppid());
}

static void call_filtered(void)
{
	syscall(FILTERED);
}

static void call_filtered_by_instruction(void)
{
	syscall_by_instruction(FILTERED, 0, 0, 0);
}

static void (*make_call)(void);

static void make_deadly_call(void)
{
	REQUIRE(install_action(SECCOMP_RET_KILL_PROCESS, 0) == 0);
	make_call();
}

static void make_call_in_strict_mode(void)
{
	REQUIRE(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0);
	if (write(STDOUT_FILENO, "", 0) != 0)
		syscall(SYS_exit, 1);
	make_call();
}

TEST(seccomp_kills)
{
	void (*const calls[])(void) = { call_filtered, call_filtered_by_instruction };
	size_t i;
	int status;

	require_seccomp();
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		make_call = calls[i];
		status = run_child(make_deadly_call);
		REQUIRE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
		status = run_child(make_call_in_strict_mode);
		REQUIRE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
}

static volatile int trapped;

/* Answer the call that the filter has stopped. */
static void answer_call(int signal, siginfo_t *info, void *context)
{
	REQUIRE(signal == SIGSYS && info->si_syscall == FILTERED);
	REQUIRE(info->si_arch == AUDIT_ARCH_X86_64);
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = FILTERED_RESULT;
	trapped++;
}

TEST(seccomp_lets_a_handler_answer)
{
	struct sigaction action = { .sa_sigaction = answer_call, .sa_flags = SA_SIGINFO };
	int i;

	require_seccomp();
	REQUIRE(sigaction(SIGSYS, &action, NULL) == 0);
	REQUIRE(install_action(SECCOMP_RET_TRAP, 0) == 0);
	for (i = 0; i < 100; i++) {
		REQUIRE(syscall(FILTERED) == FILTERED_RESULT);
		REQUIRE(syscall_by_instruction(FILTERED, 0, 0, 0) == FILTERED_RESULT);
	}
	REQUIRE(trapped == 200);
}

#define CALLS_OF_TRACED	4

/* The tracer turns the first two calls into getpid(2) and answers the others itself. */
static void be_traced(void)
{
	REQUIRE(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
	raise(SIGSTOP);
	REQUIRE(install_action(SECCOMP_RET_TRACE, 0) == 0);
	REQUIRE(syscall(FILTERED) == getpid());
	REQUIRE(syscall_by_instruction(FILTERED, 0, 0, 0) == getpid());
	REQUIRE(syscall(FILTERED) == FILTERED_RESULT);
	REQUIRE(syscall_by_instruction(FILTERED, 0, 0, 0) == FILTERED_RESULT);
}

static void change_call(pid_t pid, int number)
{
	struct user_regs_struct regs;

	REQUIRE(ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0);
	REQUIRE(regs.orig_rax == FILTERED);
	regs.orig_rax = number < CALLS_OF_TRACED / 2 ? SYS_getpid : -1;
	if (number >= CALLS_OF_TRACED / 2)
		regs.rax = FILTERED_RESULT;
	REQUIRE(ptrace(PTRACE_SETREGS, pid, NULL, &regs) == 0);
}

TEST(seccomp_lets_a_tracer_decide)
{
	int status, calls = 0;
	pid_t pid;

	require_seccomp();
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		be_traced();
		_exit(0);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status));
	REQUIRE(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESECCOMP) == 0);
	for (;;) {
		REQUIRE(ptrace(PTRACE_CONT, pid, NULL, NULL) == 0);
		REQUIRE(waitpid(pid, &status, 0) == pid);
		if (WIFEXITED(status))
			break;
		REQUIRE(status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8));
		change_call(pid, calls++);
	}
	REQUIRE(WEXITSTATUS(status) == 0 && calls == CALLS_OF_TRACED);
}

static pthread_barrier_t listening;
static int listener;

/* A thread without the filter, which the other waits for inside its system call. */
static void *supervise(void *arg)
{
	int i;

	(void)arg;
	pthread_barrier_wait(&listening);
	for (i = 0; i < 2; i++) {
		struct seccomp_notif call = { 0 };
		struct seccomp_notif_resp answer = { .val = FILTERED_RESULT };

		REQUIRE(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) == 0);
		REQUIRE(call.data.nr == FILTERED && call.data.arch == AUDIT_ARCH_X86_64);
		answer.id = call.id;
		REQUIRE(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0);
	}
	return NULL;
}

TEST(seccomp_asks_a_supervisor)
{
	pthread_t supervisor;

	require_seccomp();
	REQUIRE(pthread_barrier_init(&listening, NULL, 2) == 0);
	REQUIRE(pthread_create(&supervisor, NULL, supervise, NULL) == 0);
	listener = (int)install_action(SECCOMP_RET_USER_NOTIF,
				       SECCOMP_FILTER_FLAG_NEW_LISTENER);
	REQUIRE(listener >= 0);
	pthread_barrier_wait(&listening);
	REQUIRE(syscall(FILTERED) == FILTERED_RESULT);
	REQUIRE(syscall_by_instruction(FILTERED, 0, 0, 0) == FILTERED_RESULT);
	REQUIRE(pthread_join(supervisor, NULL) == 0);
}
