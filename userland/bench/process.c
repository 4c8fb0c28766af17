// SPDX-License-Identifier: MIT
/* Making and ending processes and threads. */
#include "operations.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static void fork_and_wait(void)
{
	pid_t child = fork();

	check(child, "fork");
	if (child == 0)
		_exit(0);
	check(waitpid(child, NULL, 0), "waitpid");
}

static void *end_at_once(void *unused)
{
	return unused;
}

static void make_thread(void)
{
	pthread_t thread;

	check(-pthread_create(&thread, NULL, end_at_once, NULL), "pthread_create");
	check(-pthread_join(thread, NULL), "pthread_join");
}

const struct operation process_operations[] = {
	{ .name = "fork", .run = fork_and_wait, .count = 8 },
	{ .name = "thread", .run = make_thread, .count = 20 },
	{ 0 },
};
