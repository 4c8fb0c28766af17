// SPDX-License-Identifier: MIT
#include "server-process.h"

#include <ctype.h>
#include <dirent.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_PROCESSES 16
/* The user "nobody". */
#define NOBODY 65534

/* Of the server and its children. */
static clockid_t clocks[MAX_PROCESSES];
static size_t clock_count;

/*
 * Where keys lie in a hash table may depend on a random seed, and finding them
 * on where they lie. Every server gets the same seed: the differences between two
 * servers are those of their kernels.
 */
static void fix_random_numbers(void)
{
	check(unlink("/dev/urandom"), "unlink /dev/urandom");
	check(mknod("/dev/urandom", S_IFCHR | 0444, makedev(1, 5)), "mknod /dev/urandom"); /* /dev/zero */
}

void set_up_server(const struct server *server)
{
	int status;

	fix_random_numbers();
	if (server->directory)
		check(chown(server->directory, NOBODY, NOBODY), "chown");
	if (!server->setup)
		return;
	check(waitpid(start_server_process(server, server->setup), &status, 0), "waitpid");
	if (status)
		fail("the server could not be set up");
}

static void become_nobody(void)
{
	check(setgroups(0, NULL), "setgroups");
	check(setgid(NOBODY), "setgid");
	check(setuid(NOBODY), "setuid");
}

pid_t start_server_process(const struct server *server, char *const *arguments)
{
	pid_t pid = check(fork(), "fork");

	if (pid == 0) {
		/* What it says at its start is not asked for here. */
		check(dup2(STDERR_FILENO, STDOUT_FILENO), "dup2");
		if (server->directory)
			become_nobody();
		execv(arguments[0], arguments);
		check(-1, arguments[0]);
	}
	return pid;
}

void end_server_process(pid_t pid)
{
	check(kill(pid, SIGKILL), "kill");
	check(waitpid(pid, NULL, 0), "waitpid");
}

static pid_t read_parent(const char *pid)
{
	char path[64], text[512];
	int parent = 0;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);

	FILE *file = fopen(path, "re");

	/* "PID (NAME) STATE PARENT …" */
	if (file && fgets(text, sizeof(text), file) && strrchr(text, ')'))
		sscanf(strrchr(text, ')') + 1, " %*c %d", &parent);
	if (file)
		fclose(file);
	return parent;
}

static void add_clock(pid_t pid)
{
	if (clock_count == MAX_PROCESSES)
		fail("the server has too many processes");
	if (clock_getcpuclockid(pid, &clocks[clock_count++]))
		fail("the server has no clock");
}

void find_server_clocks(pid_t server)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;

	check(directory ? 0 : -1, "opendir /proc");
	clock_count = 0;
	add_clock(server);
	while ((entry = readdir(directory))) {
		if (isdigit(entry->d_name[0]) && read_parent(entry->d_name) == server)
			add_clock(atoi(entry->d_name));
	}
	closedir(directory);
}

static unsigned long read_clock(clockid_t clock)
{
	struct timespec time;

	check(clock_gettime(clock, &time), "clock_gettime");
	return time.tv_sec * 1000000000UL + time.tv_nsec;
}

unsigned long read_server_time(const struct server *server)
{
	unsigned long sum = 0;

	if (server->kernel_works)
		return read_counter() - read_clock(CLOCK_PROCESS_CPUTIME_ID);
	for (size_t i = 0; i < clock_count; i++)
		sum += read_clock(clocks[i]);
	return sum;
}
