// SPDX-License-Identifier: MIT
/*
 * Preloaded into a server: with every system call that it makes for a request come UKL_EXTRA_CALLS that do nothing. How
 * its time grows with their number tells what it would be without the transition of its own.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static long extra;
static ssize_t (*next_read)(int, void *, size_t);
static ssize_t (*next_write)(int, const void *, size_t);
static int (*next_epoll_wait)(int, struct epoll_event *, int, int);

static void __attribute__((constructor)) prepare(void)
{
	const char *number = getenv("UKL_EXTRA_CALLS");

	extra = number ? atol(number) : 0;
	next_read = dlsym(RTLD_NEXT, "read");
	next_write = dlsym(RTLD_NEXT, "write");
	next_epoll_wait = dlsym(RTLD_NEXT, "epoll_wait");
}

static void make_extra_calls(void)
{
	for (long i = 0; i < extra; i++)
		syscall(-1);
}

ssize_t read(int fd, void *data, size_t size)
{
	make_extra_calls();
	return next_read(fd, data, size);
}

ssize_t write(int fd, const void *data, size_t size)
{
	make_extra_calls();
	return next_write(fd, data, size);
}

int epoll_wait(int fd, struct epoll_event *events, int size, int timeout)
{
	make_extra_calls();
	return next_epoll_wait(fd, events, size, timeout);
}
