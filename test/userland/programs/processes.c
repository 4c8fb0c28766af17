// SPDX-License-Identifier: Apache-2.0
/* Processes: fork, vfork, clone, spawn, exec, wait. Executes itself, so that it needs no other program. */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define SELF "/proc/self/exe"

extern char **environ;

static int global = 1;

static int exit_status_of(pid_t child)
{
	int status = -1;

	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_fork(void)
{
	char *memory = malloc(1 << 20);
	pid_t parent = getpid();
	pid_t child;
	int good = 0;
	int status;

	memset(memory, 1, 1 << 20);
	child = fork();
	if (child == 0) {
		memset(memory, 2, 1 << 20);
		global = 2;
		free(malloc(100000));
		_exit(getppid() == parent && memory[12345] == 2 ? 33 : 1);
	}
	CHECK("fork gives a child with its own memory", exit_status_of(child) == 33);
	CHECK("whose writes the parent does not see", global == 1 && memory[12345] == 1);
	free(memory);

	for (int i = 0; i < 100; i++) {
		child = fork();
		if (child == 0)
			_exit(i);
		good += exit_status_of(child) == i;
	}
	CHECK("100 forks in a row", good == 100);

	child = fork();
	if (child == 0) {
		signal(SIGTERM, SIG_DFL);
		raise(SIGTERM);
	}
	waitpid(child, &status, 0);
	CHECK("death by signal is told to the parent", WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

static void test_vfork(void)
{
	volatile int seen = 0;
	pid_t child = vfork();

	if (child == 0) {
		seen = 1;
		_exit(21);
	}
	CHECK("a vfork child shares memory, and the parent waits for it", seen == 1);
	CHECK("and returns to the parent intact", exit_status_of(child) == 21);

	child = vfork();
	if (child == 0) {
		execl(SELF, "processes", "exit", "22", NULL);
		_exit(1);
	}
	CHECK("vfork and exec", exit_status_of(child) == 22);

	child = vfork();
	if (child == 0) {
		execl("/nowhere", "nowhere", NULL);
		_exit(errno == ENOENT ? 23 : 1);
	}
	CHECK("a failed exec returns to the vfork child", exit_status_of(child) == 23);
}

static void test_spawn(void)
{
	char *arguments[] = { "processes", "environment", NULL };
	char *environment[] = { "UKL_TEST=spawned", NULL };
	posix_spawn_file_actions_t actions;
	char text[32] = "";
	int ends[2];
	pid_t child;

	(void)!pipe(ends);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	CHECK("posix_spawn starts a program", posix_spawn(&child, SELF, &actions, NULL, arguments, environment) == 0);
	close(ends[1]);
	(void)!read(ends[0], text, sizeof(text) - 1);
	CHECK("which has the environment and output it was given", strcmp(text, "spawned\n") == 0);
	CHECK("and the status is its own", exit_status_of(child) == 24);
	CHECK("posix_spawn of nothing says so",
	      posix_spawn(&child, "/nowhere", NULL, NULL, arguments, environ) == ENOENT);
}

static int run_on_new_stack(void *argument)
{
	char *here = __builtin_frame_address(0);
	char *stack = argument;

	return here >= stack && here < stack + 65536 ? 25 : 1;
}

static void test_clone(void)
{
	char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct clone_args arguments = { .exit_signal = SIGCHLD };
	pid_t child = clone(run_on_new_stack, stack + 65536, SIGCHLD, stack);

	CHECK("clone runs a function on another stack", exit_status_of(child) == 25);

	child = (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
	if (child == 0)
		_exit(26);
	CHECK("clone3 by number behaves like fork", exit_status_of(child) == 26);
}

static int prepared, resumed_parent;

static void prepare(void)
{
	prepared++;
}

static void resume_parent(void)
{
	resumed_parent++;
}

static void *fork_in_thread(void *argument)
{
	pid_t child = fork();

	(void)argument;
	if (child == 0)
		_exit(prepared == 1 && resumed_parent == 0 ? 27 : 1);
	return (void *)(intptr_t)exit_status_of(child);
}

static void test_fork_in_thread(void)
{
	pthread_t thread;
	void *status;

	pthread_atfork(prepare, resume_parent, NULL);
	pthread_create(&thread, NULL, fork_in_thread, NULL);
	pthread_join(thread, &status);
	CHECK("a thread forks, with its fork handlers", status == (void *)27 && resumed_parent == 1);
}

static void test_exec(void)
{
	pid_t child = fork();

	if (child == 0) {
		execl(SELF, "processes", "exit", "28", NULL);
		_exit(1);
	}
	CHECK("exec of itself", exit_status_of(child) == 28);
}

static void test_stop(void)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		for (;;)
			pause();
	kill(child, SIGSTOP);
	waitpid(child, &status, WUNTRACED);
	CHECK("SIGSTOP stops", WIFSTOPPED(status));
	kill(child, SIGCONT);
	waitpid(child, &status, WCONTINUED);
	CHECK("SIGCONT continues", WIFCONTINUED(status));
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	CHECK("SIGKILL kills", WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "exit") == 0)
		return atoi(argv[2]);
	if (argc == 2 && strcmp(argv[1], "environment") == 0) {
		puts(getenv("UKL_TEST"));
		return 24;
	}
	test_fork();
	test_vfork();
	test_spawn();
	test_clone();
	test_fork_in_thread();
	test_exec();
	test_stop();
	return check_result();
}
