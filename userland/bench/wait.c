// SPDX-License-Identifier: MIT
/* Waiting, waking, and changing from one thread or process to another. */
#include "operations.h"

#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static int ready, waiter;

static void open_ready(void)
{
	struct epoll_event event = { .events = EPOLLIN };

	ready = eventfd(1, EFD_CLOEXEC);
	waiter = epoll_create1(EPOLL_CLOEXEC);
	check(ready, "eventfd");
	check(waiter, "epoll_create1");
	check(epoll_ctl(waiter, EPOLL_CTL_ADD, ready, &event), "epoll_ctl");
}

static void close_ready(void)
{
	close(ready);
	close(waiter);
}

static void wait_epoll(void)
{
	struct epoll_event event;

	check(epoll_wait(waiter, &event, 1, -1) - 1, "epoll_wait");
}

static void wait_poll(void)
{
	struct pollfd event = { .fd = ready, .events = POLLIN };

	check(poll(&event, 1, -1) - 1, "poll");
}

/* [0] is read, [1] is written. */
static int there[2], back[2];

static void open_pipe(void)
{
	check(pipe2(there, 0), "pipe2");
}

static void close_pipe(void)
{
	close(there[0]);
	close(there[1]);
}

static void pipe_alone(void)
{
	char byte = 0;

	check(write(there[1], &byte, 1), "write");
	check(read(there[0], &byte, 1), "read");
}

static void serve(void)
{
	char byte;

	while (read(there[0], &byte, 1) == 1)
		check(write(back[1], &byte, 1), "write");
}

static void start_partner(void)
{
	check(pipe2(there, 0), "pipe2");
	check(pipe2(back, 0), "pipe2");
	start_server(serve);
}

static void end_partner(void)
{
	end_server();
	close_pipe();
	close(back[0]);
	close(back[1]);
}

static void pipe_ping_pong(void)
{
	char byte = 0;

	check(write(there[1], &byte, 1), "write");
	check(read(back[0], &byte, 1), "read");
}

static atomic_int turn;
static pthread_t thread;

enum { OURS, THEIRS, NOBODYS };

static void futex(int operation, int value)
{
	syscall(SYS_futex, &turn, operation | FUTEX_PRIVATE_FLAG, value, NULL);
}

static void futex_wake(void)
{
	futex(FUTEX_WAKE, 1);
}

/* Gives the turn to the other thread, and waits until it is given back. */
static void give(int to)
{
	atomic_store(&turn, to);
	futex(FUTEX_WAKE, 1);
	while (atomic_load(&turn) == to)
		futex(FUTEX_WAIT, to);
}

static void *play(void *unused)
{
	while (atomic_load(&turn) == OURS)
		futex(FUTEX_WAIT, OURS);
	while (atomic_load(&turn) == THEIRS)
		give(OURS);
	return unused;
}

static void start_thread(void)
{
	atomic_store(&turn, OURS);
	check(-pthread_create(&thread, NULL, play, NULL), "pthread_create");
}

static void end_thread(void)
{
	atomic_store(&turn, NOBODYS);
	futex(FUTEX_WAKE, 1);
	check(-pthread_join(thread, NULL), "pthread_join");
}

static void futex_ping_pong(void)
{
	give(THEIRS);
}

const struct operation wait_operations[] = {
	{ .name = "epoll_wait", .begin = open_ready, .run = wait_epoll, .end = close_ready, .count = 400 },
	{ .name = "poll", .begin = open_ready, .run = wait_poll, .end = close_ready, .count = 400 },
	{ .name = "futex_wake", .run = futex_wake, .count = 400 },
	{ .name = "pipe", .begin = open_pipe, .run = pipe_alone, .end = close_pipe, .count = 200 },
	{ .name = "pipe_ping_pong", .begin = start_partner, .run = pipe_ping_pong, .end = end_partner, .count = 60 },
	{ .name = "futex_ping_pong", .begin = start_thread, .run = futex_ping_pong, .end = end_thread, .count = 60 },
	{ 0 },
};
