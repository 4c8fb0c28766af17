// SPDX-License-Identifier: GPL-2.0-only
/* Waiting for events ends with the first one, in time, at a signal, and not without reason. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "connection.h"
#include "ukl_test.h"

#define KERNEL_ADDRESS	((struct epoll_event *)0xffffffff81000000UL)

static int watch(int fd, unsigned int events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };
	int epoll = epoll_create1(0);

	REQUIRE(epoll >= 0 && fd >= 0);
	REQUIRE(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
	return epoll;
}

static double now(void)
{
	struct timespec time;

	REQUIRE(clock_gettime(CLOCK_MONOTONIC, &time) == 0);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

TEST(events_come_once_an_edge_or_as_long_as_they_are_there)
{
	int timeouts[] = { 0, 1, 1000, -1 }, fd = eventfd(1, 0);
	struct epoll_event event;
	unsigned long count;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(timeouts); i++) {
		int level = watch(fd, EPOLLIN), edge = watch(fd, EPOLLIN | EPOLLET);

		REQUIRE(epoll_wait(level, &event, 1, timeouts[i]) == 1);
		REQUIRE(event.events == EPOLLIN && event.data.fd == fd);
		REQUIRE(epoll_wait(level, &event, 1, timeouts[i]) == 1);
		REQUIRE(epoll_pwait(edge, &event, 1, timeouts[i], NULL) == 1);
		REQUIRE(epoll_pwait(edge, &event, 1, 0, NULL) == 0);
		REQUIRE(close(level) == 0 && close(edge) == 0);
	}
	REQUIRE(read(fd, &count, 8) == 8);
	REQUIRE(epoll_wait(watch(fd, EPOLLIN), &event, 1, 0) == 0);
}

TEST(waiting_takes_as_long_as_was_asked)
{
	int epoll = watch(eventfd(0, 0), EPOLLIN);
	struct epoll_event event;
	double start = now();

	REQUIRE(epoll_wait(epoll, &event, 1, 50) == 0);
	REQUIRE(now() - start >= 0.05);
	start = now();
	REQUIRE(epoll_pwait(epoll, &event, 1, 50, NULL) == 0);
	REQUIRE(now() - start >= 0.05);
}

TEST(what_cannot_be_waited_for_is_refused)
{
	int fd = eventfd(1, 0), epoll = watch(fd, EPOLLIN), timeout;
	struct epoll_event event;

	for (timeout = 0; timeout < 2; timeout++) {
		REQUIRE(epoll_wait(epoll, &event, 0, timeout) == -1 && errno == EINVAL);
		REQUIRE(epoll_wait(epoll, KERNEL_ADDRESS, 1, timeout) == -1 && errno == EFAULT);
		REQUIRE(syscall(SYS_epoll_wait, epoll, 0, 1, timeout) == -1 && errno == EFAULT);
		REQUIRE(epoll_wait(fd, &event, 1, timeout) == -1 && errno == EINVAL);
		REQUIRE(epoll_wait(-1, &event, 1, timeout) == -1 && errno == EBADF);
	}
	/* An event that could not be told is not lost. */
	REQUIRE(epoll_wait(epoll, &event, 1, 1) == 1);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	signals++;
}

static pthread_t waiter;
static pid_t waiter_tid;

static void *interrupt_waiter(void *argument)
{
	await_sleep(waiter_tid);
	REQUIRE(pthread_kill(waiter, SIGUSR1) == 0);
	return NULL;
}

TEST(waiting_for_events_ends_at_a_signal)
{
	const struct sigaction action = { .sa_handler = count_signal, .sa_flags = SA_RESTART };
	int epoll = watch(eventfd(0, 0), EPOLLIN), round;
	struct epoll_event event;
	sigset_t all, none;
	pthread_t other;

	waiter = pthread_self();
	waiter_tid = gettid();
	sigfillset(&all);
	sigemptyset(&none);
	REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
	for (round = 0; round < 3; round++) {
		int result;

		signals = 0;
		/* In the last round only while it waits. */
		REQUIRE(pthread_sigmask(SIG_SETMASK, round == 2 ? &all : &none, NULL) == 0);
		REQUIRE(pthread_create(&other, NULL, interrupt_waiter, NULL) == 0);
		if (round == 0)
			result = epoll_wait(epoll, &event, 1, 30000);
		else
			result = epoll_pwait(epoll, &event, 1, 30000,
					     round == 2 ? &none : NULL);
		REQUIRE(result == -1 && errno == EINTR && signals == 1);
		REQUIRE(pthread_join(other, NULL) == 0);
	}
}

static void *make_event(void *argument)
{
	const unsigned long one = 1;

	await_sleep(waiter_tid);
	REQUIRE(write(*(int *)argument, &one, 8) == 8);
	return NULL;
}

TEST(an_event_wakes_who_waits_for_it)
{
	int fd = eventfd(0, 0), epoll = watch(fd, EPOLLIN), i;
	struct epoll_event event;
	unsigned long count;
	pthread_t other;

	waiter_tid = gettid();
	for (i = 0; i < 20; i++) {
		REQUIRE(pthread_create(&other, NULL, make_event, &fd) == 0);
		REQUIRE(epoll_wait(epoll, &event, 1, i % 2 ? 30000 : -1) == 1);
		REQUIRE(pthread_join(other, NULL) == 0);
		REQUIRE(read(fd, &count, 8) == 8 && count == 1);
	}
}
