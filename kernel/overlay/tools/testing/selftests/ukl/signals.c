// SPDX-License-Identifier: GPL-2.0-only
/* Signals while computing and in system calls; restart; other stacks. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "ukl_test.h"

static volatile sig_atomic_t signals_seen;

static void count_signal(int sig)
{
	signals_seen++;
}

static void install(int sig, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	REQUIRE(sigaction(sig, &sa, NULL) == 0);
}

/* Send SIGALRM every @us microseconds. */
static void start_timer(int us)
{
	const struct itimerval every = { { 0, us }, { 0, us } };

	REQUIRE(setitimer(ITIMER_REAL, &every, NULL) == 0);
}

static long __attribute__((noinline)) recurse(int depth)
{
	volatile char frame[512];

	frame[0] = (char)depth;
	return depth ? recurse(depth - 1) + (frame[0] == (char)depth) : 0;
}

TEST(signals_while_computing)
{
	install(SIGALRM, count_signal, 0);
	start_timer(1000);
	while (signals_seen < 300)
		REQUIRE(recurse(1500) == 1500);
}

TEST(signals_in_system_calls)
{
	pid_t pid = getpid();

	install(SIGALRM, count_signal, 0);
	start_timer(1000);
	while (signals_seen < 300) {
		REQUIRE(syscall(SYS_getpid) == pid);
		REQUIRE(syscall(SYS_close, -1) == -1 && errno == EBADF);
	}
}

/*
 * A blocking call, a signal while it blocks, then what it waits for. The helper
 * waits until we really sleep in the call, so there is no race to lose.
 */
static void wait_until_blocked(pid_t pid)
{
	char path[64], state = 0;
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (state != 'S') {
		stat = fopen(path, "r");
		REQUIRE(stat);
		REQUIRE(fscanf(stat, "%*d (%*[^)]) %c", &state) == 1);
		fclose(stat);
		sched_yield();
	}
}

/* Fork a helper that signals the parent once it blocks, then calls @then(arg). */
static pid_t signal_when_blocked(void (*then)(int), int arg)
{
	pid_t parent = getpid(), pid;

	pid = fork();
	REQUIRE(pid >= 0);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	wait_until_blocked(parent);
	kill(parent, SIGUSR1);
	wait_until_blocked(parent);
	if (then)
		then(arg);
	_exit(0);
}

static void write_byte(int fd)
{
	REQUIRE(write(fd, "x", 1) == 1);
}

TEST(read_restarts_with_sa_restart)
{
	int fds[2];
	char byte = 0;

	install(SIGUSR1, count_signal, SA_RESTART);
	REQUIRE(pipe(fds) == 0);
	signal_when_blocked(write_byte, fds[1]);
	REQUIRE(read(fds[0], &byte, 1) == 1 && byte == 'x');
	REQUIRE(signals_seen == 1);
}

TEST(read_by_instruction_restarts)
{
	int fds[2];
	char byte = 0;

	install(SIGUSR1, count_signal, SA_RESTART);
	REQUIRE(pipe(fds) == 0);
	signal_when_blocked(write_byte, fds[1]);
	REQUIRE(syscall_by_instruction(SYS_read, fds[0], (long)&byte, 1) == 1);
	REQUIRE(byte == 'x' && signals_seen == 1);
}

TEST(read_is_interrupted_without_sa_restart)
{
	int fds[2];
	char byte;

	install(SIGUSR1, count_signal, 0);
	REQUIRE(pipe(fds) == 0);
	signal_when_blocked(NULL, 0);
	REQUIRE(read(fds[0], &byte, 1) == -1 && errno == EINTR);
	REQUIRE(signals_seen == 1);
}

TEST(pause_is_interrupted)
{
	install(SIGUSR1, count_signal, SA_RESTART);
	signal_when_blocked(NULL, 0);
	REQUIRE(pause() == -1 && errno == EINTR);
	REQUIRE(signals_seen == 1);
}

static void connect_to(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	REQUIRE(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
}

TEST(accept_restarts)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	REQUIRE(fd >= 0);
	REQUIRE(bind(fd, (struct sockaddr *)&address, length) == 0);
	REQUIRE(listen(fd, 1) == 0);
	REQUIRE(getsockname(fd, (struct sockaddr *)&address, &length) == 0);
	install(SIGUSR1, count_signal, SA_RESTART);
	signal_when_blocked(connect_to, ntohs(address.sin_port));
	REQUIRE(accept(fd, NULL, NULL) >= 0);
	REQUIRE(signals_seen == 1);
}

static atomic_int *shared_futex;

static void wake_futex(int unused)
{
	atomic_store(shared_futex, 1);
	syscall(SYS_futex, shared_futex, FUTEX_WAKE, 1, NULL, NULL, 0);
}

TEST(futex_wait_restarts)
{
	shared_futex = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(shared_futex != MAP_FAILED);
	install(SIGUSR1, count_signal, SA_RESTART);
	signal_when_blocked(wake_futex, 0);
	REQUIRE(syscall(SYS_futex, shared_futex, FUTEX_WAIT, 0, NULL, NULL, 0) == 0);
	REQUIRE(signals_seen == 1 && atomic_load(shared_futex) == 1);
}

/* No handler runs: the kernel restarts these by itself, through restart_syscall. */
static void stop_and_continue(pid_t parent)
{
	wait_until_blocked(parent);
	kill(parent, SIGSTOP);
	kill(parent, SIGCONT);
	_exit(0);
}

static long long now_ns(void)
{
	struct timespec now;

	REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

TEST(nanosleep_continues_after_a_stop)
{
	const struct timespec half = { .tv_nsec = 500000000 };
	long long start = now_ns();
	pid_t parent = getpid();

	if (!fork())
		stop_and_continue(parent);
	REQUIRE(nanosleep(&half, NULL) == 0);
	REQUIRE(now_ns() - start >= 500000000);
}

TEST(poll_continues_after_a_stop)
{
	long long start = now_ns();
	pid_t parent = getpid();

	if (!fork())
		stop_and_continue(parent);
	REQUIRE(poll(NULL, 0, 500) == 0);
	REQUIRE(now_ns() - start >= 500000000);
}

static char *alternate_stack;
static volatile bool on_alternate_stack;

static void note_stack(int sig)
{
	char here;

	on_alternate_stack = &here >= alternate_stack &&
			     &here < alternate_stack + SIGSTKSZ;
}

TEST(handlers_run_on_the_alternate_stack)
{
	stack_t stack = { .ss_size = SIGSTKSZ };

	stack.ss_sp = alternate_stack = malloc(SIGSTKSZ);
	REQUIRE(sigaltstack(&stack, NULL) == 0);
	install(SIGUSR1, note_stack, SA_ONSTACK);
	REQUIRE(raise(SIGUSR1) == 0);
	REQUIRE(on_alternate_stack);
}

/* UC_STRICT_RESTORE_SS of <asm/ucontext.h>, which cannot be included beside glibc's. */
#define STRICT_RESTORE_SS	0x4

static void forget_the_stack_selector(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	signals_seen++;
	uc->uc_flags &= ~STRICT_RESTORE_SS;
	/* SS is in the upper 16 bits, where older programs have padding. */
	uc->uc_mcontext.gregs[REG_CSGSFS] &= (1ULL << 48) - 1;
}

/* Programs of before Linux 4.6 restore frames that they have made themselves. */
TEST(sigreturn_finds_a_stack_selector)
{
	const struct sigaction sa = {
		.sa_sigaction = forget_the_stack_selector, .sa_flags = SA_SIGINFO,
	};

	REQUIRE(sigaction(SIGUSR1, &sa, NULL) == 0);
	REQUIRE(raise(SIGUSR1) == 0);
	REQUIRE(signals_seen == 1);
}

static sigjmp_buf jump_target;

static void jump_out(int sig)
{
	siglongjmp(jump_target, sig);
}

TEST(siglongjmp_leaves_a_handler)
{
	volatile int i;

	install(SIGUSR1, jump_out, 0);
	for (i = 0; i < 1000; i++) {
		int sig = sigsetjmp(jump_target, 1);

		if (!sig) {
			raise(SIGUSR1);
			REQUIRE(!"not reached");
		}
		REQUIRE(sig == SIGUSR1);
	}
}

/*
 * As ____longjmp_chk() of glibc calls it: the result goes below the stack
 * pointer, and a call entry that returns through the stack must not destroy it.
 */
TEST(sigaltstack_may_write_into_the_red_zone)
{
	stack_t stack = { .ss_size = SIGSTKSZ };
	unsigned long size;
	long ret;

	stack.ss_sp = malloc(SIGSTKSZ);
	REQUIRE(sigaltstack(&stack, NULL) == 0);
	asm volatile("xorl %%edi, %%edi\n\t"
		     "leaq -24(%%rsp), %%rsi\n\t"
		     "syscall\n\t"
		     "movq -8(%%rsp), %[size]"
		     : "=a"(ret), [size] "=r"(size)
		     : "0"((long)SYS_sigaltstack)
		     : "rdi", "rsi", "rcx", "r11", "memory");
	REQUIRE(ret == 0);
	REQUIRE(size == (unsigned long)SIGSTKSZ);
}

static ucontext_t main_context, coroutine_context;
static volatile int switches;

static void coroutine(void)
{
	for (;;) {
		switches++;
		swapcontext(&coroutine_context, &main_context);
	}
}

TEST(coroutines_switch_under_a_timer)
{
	static char stack[64 * 1024];
	int i;

	install(SIGALRM, count_signal, SA_RESTART);
	start_timer(1000);
	REQUIRE(getcontext(&coroutine_context) == 0);
	coroutine_context.uc_stack.ss_sp = stack;
	coroutine_context.uc_stack.ss_size = sizeof(stack);
	makecontext(&coroutine_context, coroutine, 0);
	for (i = 1; i <= 20000; i++) {
		REQUIRE(swapcontext(&main_context, &coroutine_context) == 0);
		REQUIRE(switches == i);
	}
}

static void spin(void)
{
	for (;;)
		asm volatile("");
}

TEST(a_spinning_process_stops_continues_and_dies)
{
	int status;
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (!pid)
		spin();
	REQUIRE(kill(pid, SIGSTOP) == 0);
	REQUIRE(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	REQUIRE(kill(pid, SIGCONT) == 0);
	REQUIRE(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status));
	REQUIRE(kill(pid, SIGKILL) == 0);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	REQUIRE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
