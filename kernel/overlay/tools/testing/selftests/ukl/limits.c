// SPDX-License-Identifier: GPL-2.0-only
/* Processes come until no more can, and go: all are refused politely, reaped, and leave nothing. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ukl_test.h"

extern char **environ;

/* How many processes a limit leaves room for. */
static int room(void)
{
	return (int)ukl_test_scaled(40);
}

/*
 * Fork until it is refused, which has to be with EAGAIN; end the children, reap
 * every one, and fork once more. The children live until the pipe closes.
 * Return: how many there were.
 */
static int fork_until_refused(void)
{
	int forked = 0, reaped = 0, ends[2], status;
	pid_t pid;
	char byte;

	REQUIRE(pipe(ends) == 0);
	while ((pid = fork()) > 0)
		forked++;
	if (!pid) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
	}
	REQUIRE(errno == EAGAIN);

	close(ends[1]);
	while ((pid = wait(&status)) > 0) {
		REQUIRE(status == 0);
		reaped++;
	}
	REQUIRE(errno == ECHILD && reaped == forked);
	close(ends[0]);

	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid)
		_exit(0);
	REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
	return forked;
}

static void fork_until_the_limit(void)
{
	const struct rlimit limit = { .rlim_cur = room(), .rlim_max = room() };

	/* A user whom nobody else is: the limit counts all processes of one. */
	REQUIRE(setresgid(4242, 4242, 4242) == 0);
	REQUIRE(setrlimit(RLIMIT_NPROC, &limit) == 0);
	REQUIRE(setresuid(4242, 4242, 4242) == 0);
	/* This process is one of them. */
	REQUIRE(fork_until_refused() == room() - 1);
}

TEST(forks_until_the_limit_of_its_user)
{
	if (getuid())
		SKIP("needs root");
	REQUIRE(run_child(fork_until_the_limit) == 0);
}

/* What the machine has room for; what runs beside us takes its share. */
static int places;

static void fork_within_places(void)
{
	int forked = fork_until_refused();

	REQUIRE(forked > 0 && forked <= places);
}

static long read_number(const char *path)
{
	FILE *file = fopen(path, "r");
	long number;

	REQUIRE(file);
	REQUIRE(fscanf(file, "%ld", &number) == 1);
	fclose(file);
	return number;
}

static void write_number(const char *path, long number)
{
	FILE *file = fopen(path, "w");

	REQUIRE(file);
	fprintf(file, "%ld\n", number);
	REQUIRE(fclose(file) == 0);
}

/* Fork with the sysctl at @path set to @value, which leaves so many @free_places. */
static void fork_with_sysctl(const char *path, long value, int free_places)
{
	long before = read_number(path);
	int status;

	places = free_places;
	write_number(path, value);
	status = run_child(fork_within_places);
	write_number(path, before);
	REQUIRE(status == 0);
}

/* Tasks of the whole machine, the kernel's own and threads included. */
static long count_tasks(void)
{
	FILE *file = fopen("/proc/loadavg", "r");
	long tasks;

	REQUIRE(file);
	REQUIRE(fscanf(file, "%*f %*f %*f %*d/%ld", &tasks) == 1);
	fclose(file);
	return tasks;
}

#define THREADS_MAX	"/proc/sys/kernel/threads-max"

TEST(forks_until_the_machine_has_no_more_tasks)
{
	if (access(THREADS_MAX, W_OK))
		SKIP("needs root and /proc/sys");
	fork_with_sysctl(THREADS_MAX, count_tasks() + room(), room());
}

#define PID_MAX		"/proc/sys/kernel/pid_max"
/* PIDs below are given out once, while the machine is young (RESERVED_PIDS). */
#define FIRST_PID	300

TEST(forks_until_the_machine_has_no_more_pids)
{
	if (access(PID_MAX, W_OK))
		SKIP("needs root and /proc/sys");
	fork_with_sysctl(PID_MAX, FIRST_PID + room(), FIRST_PID + room());
}

/* What a process could leave behind. */
struct remains {
	long memory_kib;
	long tasks;
};

/* Make the kernel free what it keeps for later, and wait for what it frees later. */
static void settle(void)
{
	int i;

	/* An RCU grace period each; what one frees may be freed in steps. */
	for (i = 0; i < 3; i++)
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	write_number("/proc/sys/vm/drop_caches", 3);
	/* Every CPU counts for itself first; a kernel for one CPU has no such file. */
	if (access("/proc/sys/vm/stat_refresh", F_OK) == 0)
		write_number("/proc/sys/vm/stat_refresh", 1);
}

static long available_kib(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	long kib = -1;

	REQUIRE(file);
	while (kib < 0 && fgets(line, sizeof(line), file))
		sscanf(line, "MemAvailable: %ld", &kib);
	fclose(file);
	REQUIRE(kib >= 0);
	return kib;
}

/* Start this program @cycles times, to its end, and @after each. Return: what remained of that. */
static struct remains start_and_exit(int cycles, void (*after)(void))
{
	char *const argv[] = { "/proc/self/exe", UKL_TEST_EXIT, NULL };
	struct remains remains;
	int i, status;
	pid_t pid;

	settle();
	remains = (struct remains){ .memory_kib = available_kib(), .tasks = -count_tasks() };
	for (i = 0; i < cycles; i++) {
		REQUIRE(posix_spawn(&pid, argv[0], NULL, NULL, argv, environ) == 0);
		REQUIRE(waitpid(pid, &status, 0) == pid && status == 0);
		after();
	}
	settle();
	remains.memory_kib -= available_kib();
	remains.tasks += count_tasks();
	printf("# %d starts left %ld KiB and %ld tasks\n", cycles, remains.memory_kib,
	       remains.tasks);
	return remains;
}

/*
 * What the kernel's lists of free pages, objects and stacks keep differs by a MiB
 * or two; other programs may start or end one or two tasks meanwhile.
 */
#define UNCERTAIN_KIB	4096
#define UNCERTAIN_TASKS	5
#define WARM_UP		10
#define CYCLES		25

static void leave_nothing(void)
{
}

#define LEFT_KIB	1024

/* A file without a name that stays open, and a child that nobody waits for. */
static void leave_something(void)
{
	static char block[LEFT_KIB << 10];
	int fd = memfd_create("left", 0);

	REQUIRE(fd >= 0 && write(fd, block, sizeof(block)) == sizeof(block));
	if (!fork())
		_exit(0);
}

TEST(programs_leave_nothing_behind)
{
	struct remains remains;

	if (getuid())
		SKIP("needs root");
	start_and_exit(WARM_UP, leave_nothing);
	remains = start_and_exit((int)ukl_test_scaled(CYCLES), leave_nothing);
	REQUIRE(remains.memory_kib < UNCERTAIN_KIB);
	REQUIRE(remains.tasks < UNCERTAIN_TASKS);
}

/* The test above can fail. */
TEST(what_programs_leave_behind_is_seen)
{
	struct remains remains;

	if (getuid())
		SKIP("needs root");
	start_and_exit(WARM_UP, leave_nothing);
	remains = start_and_exit(CYCLES, leave_something);
	REQUIRE(remains.memory_kib > UNCERTAIN_KIB);
	REQUIRE(remains.tasks > UNCERTAIN_TASKS);
}
