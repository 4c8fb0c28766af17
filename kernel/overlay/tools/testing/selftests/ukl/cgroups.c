// SPDX-License-Identifier: GPL-2.0-only
/* Control groups limit a UKL process as any other. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ukl_test.h"

#define CGROUPS	"/tmp/cgroups"
#define GROUP	CGROUPS "/ukl"

/* Make GROUP, with a controller, or with what every group has. */
static void make_group(const char *controller)
{
	char enable[32];

	if (access("/tmp", W_OK))
		SKIP("/tmp is not writable");
	if (!mount_kernel_files("cgroup2", CGROUPS))
		SKIP("no control groups");
	if (controller) {
		if (count_lines(CGROUPS "/cgroup.controllers", controller) == 0)
			SKIP("no such controller");
		snprintf(enable, sizeof(enable), "+%s", controller);
		REQUIRE(write_file(CGROUPS "/cgroup.subtree_control", enable));
	}
	REQUIRE(mkdir(GROUP, 0755) == 0);
}

static void join_group(void)
{
	REQUIRE(write_file(GROUP "/cgroup.procs", "0"));
}

#define MEMORY_LIMIT	(16 << 20)

static void use_memory(void)
{
	char *memory = mmap(NULL, 2 * MEMORY_LIMIT, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(memory != MAP_FAILED);
	join_group();
	memset(memory, 1, 2 * MEMORY_LIMIT);
}

/*
 * The kernel reports whom it kills. Here that is no trouble, so keep it from the
 * console, where whoever runs the tests looks for trouble.
 */
static void quieten_console(bool quiet)
{
	static char before[64];
	FILE *levels;

	if (quiet) {
		levels = fopen("/proc/sys/kernel/printk", "r");
		REQUIRE(levels && fgets(before, sizeof(before), levels));
		fclose(levels);
	}
	REQUIRE(write_file("/proc/sys/kernel/printk", quiet ? "1" : before));
}

TEST(a_group_limits_memory)
{
	char limit[32];
	int status;

	make_group("memory");
	snprintf(limit, sizeof(limit), "%d", MEMORY_LIMIT);
	REQUIRE(write_file(GROUP "/memory.max", limit));
	quieten_console(true);
	status = run_child(use_memory);
	quieten_console(false);
	REQUIRE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	REQUIRE(count_lines(GROUP "/memory.events", "oom_kill 1") == 1);
	REQUIRE(rmdir(GROUP) == 0);
}

static void fork_one_too_many(void)
{
	join_group();
	REQUIRE(fork() == -1 && errno == EAGAIN);
	REQUIRE(vfork() == -1 && errno == EAGAIN);
}

TEST(a_group_limits_processes)
{
	make_group("pids");
	REQUIRE(write_file(GROUP "/pids.max", "1"));
	REQUIRE(run_child(fork_one_too_many) == 0);
	REQUIRE(rmdir(GROUP) == 0);
}

/* Wait for a line in cgroup.events, of whose changes poll(2) tells. */
static void await_event(const char *line)
{
	struct pollfd events = {
		.fd = open(GROUP "/cgroup.events", O_RDONLY), .events = POLLPRI,
	};
	char text[256];
	ssize_t size;

	REQUIRE(events.fd >= 0);
	for (;;) {
		size = pread(events.fd, text, sizeof(text) - 1, 0);
		REQUIRE(size > 0);
		text[size] = '\0';
		if (strstr(text, line))
			break;
		REQUIRE(poll(&events, 1, -1) == 1);
	}
	close(events.fd);
}

/* Computes, and makes system calls, for ever. */
static void count_for_ever(volatile long *counter)
{
	for (;;) {
		(*counter)++;
		if (*counter % 1000 == 0)
			syscall(SYS_getppid);
	}
}

TEST(a_group_freezes_and_kills)
{
	volatile long *counter = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int i, status;
	pid_t pid;

	REQUIRE(counter != MAP_FAILED);
	make_group(NULL);
	fflush(stdout);
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid) {
		join_group();
		count_for_ever(counter);
	}
	for (i = 0; i < 20; i++) {
		long frozen_at = *counter;

		while (*counter == frozen_at)
			;
		REQUIRE(write_file(GROUP "/cgroup.freeze", "1"));
		await_event("frozen 1");
		frozen_at = *counter;
		usleep(10000);
		REQUIRE(*counter == frozen_at);
		REQUIRE(write_file(GROUP "/cgroup.freeze", "0"));
		await_event("frozen 0");
	}
	REQUIRE(write_file(GROUP "/cgroup.kill", "1"));
	REQUIRE(waitpid(pid, &status, 0) == pid);
	REQUIRE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	await_event("populated 0");
	REQUIRE(rmdir(GROUP) == 0);
}
