// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the UKL selftests and prints TAP. Arguments name the tests to run; none
 * means all. The exit status is 1 if one failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ukl_test.h"

/* A test that has not ended after this many seconds hangs. */
#define DEADLINE_S	60

/* What the lines of an instance that a test starts begin with: TAP's subtests. */
#define SUBTEST_INDENT	"    "
#define INDENT_VARIABLE	"UKL_TEST_INDENT"

#define SCALE_VARIABLE	"UKL_TEST_SCALE"

#define EXIT_FAILED	1
#define EXIT_SKIPPED	4	/* KSFT_SKIP */

static struct ukl_test *tests;
static const char *indent = "";

void ukl_test_register(struct ukl_test *test)
{
	struct ukl_test **end = &tests;

	while (*end)
		end = &(*end)->next;
	*end = test;
}

void ukl_test_fail(const char *file, int line, const char *what)
{
	printf("%s# %s:%d: %s (errno %d, %s)\n", indent, file, line, what, errno,
	       strerror(errno));
	fflush(stdout);
	_exit(EXIT_FAILED);
}

void ukl_test_skip(const char *why)
{
	printf("%s# skipped: %s\n", indent, why);
	fflush(stdout);
	_exit(EXIT_SKIPPED);
}

long ukl_test_scaled(long count)
{
	const char *scale = getenv(SCALE_VARIABLE);

	return scale && atol(scale) > 0 ? count * atol(scale) : count;
}

int run_child(void (*child)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		child();
		_exit(0);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	return status;
}

int run_program(char *const argv[])
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = vfork();
	REQUIRE(pid >= 0);
	if (!pid) {
		execv(argv[0], argv);
		_exit(127);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	return status;
}

/* Run @test in its own process group. Return: its status, as waitpid() gives it. */
static int run_test(const struct ukl_test *test)
{
	const struct timespec deadline = { .tv_sec = ukl_test_scaled(DEADLINE_S) };
	/* A test may stop itself; only its end is of interest. */
	const struct sigaction ends_only = {
		.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP,
	};
	sigset_t chld;
	int status;
	pid_t pid;

	/* Blocked, so that the wait below cannot miss it. */
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	sigaction(SIGCHLD, &ends_only, NULL);

	fflush(stdout);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		setenv(INDENT_VARIABLE, SUBTEST_INDENT, 1);
		sigprocmask(SIG_UNBLOCK, &chld, NULL);
		test->run();
		fflush(stdout);
		_exit(0);
	}
	if (pid < 0) {
		printf("%s# fork: %s\n", indent, strerror(errno));
		return EXIT_FAILED << 8;
	}

	if (sigtimedwait(&chld, NULL, &deadline) < 0 && errno == EAGAIN)
		printf("%s# no end after %ld seconds\n", indent, (long)deadline.tv_sec);
	kill(-pid, SIGKILL);	/* also what a test left behind */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static bool selected(const struct ukl_test *test, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], test->name))
			return true;
	return argc == 1;
}

/* Tell where the kernel's text is, if root may know it: random or not. */
static void print_kernel_base(void)
{
	FILE *symbols = fopen("/proc/kallsyms", "r");
	char line[256], name[128];
	unsigned long address;

	if (!symbols)
		return;
	while (fgets(line, sizeof(line), symbols)) {
		if (sscanf(line, "%lx %*c %127s", &address, name) != 2 ||
		    strcmp(name, "_text"))
			continue;
		if (address)
			printf("%s# kernel %lx\n", indent, address);
		break;
	}
	fclose(symbols);
}

int main(int argc, char **argv)
{
	int number = 0, failed = 0, skipped = 0;
	const struct ukl_test *test;

	if (argc == 2 && !strcmp(argv[1], UKL_TEST_EXIT))
		return 0;
	if (getenv(INDENT_VARIABLE))
		indent = getenv(INDENT_VARIABLE);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && !strcmp(argv[1], UKL_TEST_WAIT)) {
		puts("waiting");
		for (;;)
			pause();
	}
	printf("%sTAP version 13\n%s# CPL %u\n", indent, indent, current_cpl());
	print_kernel_base();

	for (test = tests; test; test = test->next) {
		int status;

		if (!selected(test, argc, argv))
			continue;
		status = run_test(test);
		number++;

		if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
			printf("%sok %d %s\n", indent, number, test->name);
		} else if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED) {
			printf("%sok %d %s # SKIP\n", indent, number, test->name);
			skipped++;
		} else {
			if (WIFSIGNALED(status))
				printf("%s# killed by %s\n", indent,
				       strsignal(WTERMSIG(status)));
			printf("%snot ok %d %s\n", indent, number, test->name);
			failed++;
		}
	}
	printf("%s1..%d\n%s# %d passed, %d failed, %d skipped\n", indent, number,
	       indent, number - failed - skipped, failed, skipped);
	return number == 0 || failed != 0;
}
