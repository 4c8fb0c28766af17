/* SPDX-License-Identifier: Apache-2.0 */
/* <ukl/kernel.h>: receiving, sending and waiting by hand, in either ring. */

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <ukl/kernel.h>
#include <unistd.h>

#include "check.h"

static volatile sig_atomic_t signals;

static void count_signal(int signal)
{
	signals += signal == SIGPIPE;
}

/* A connection from the first to the second. */
static void connect_over_loopback(int ends[2])
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	bind(listener, (struct sockaddr *)&address, size);
	listen(listener, 1);
	getsockname(listener, (struct sockaddr *)&address, &size);
	CHECK("a connection can be made", connect(ends[0], (struct sockaddr *)&address, size) == 0);
	ends[1] = accept(listener, NULL, NULL);
	close(listener);
}

static void exchange(struct ukl_kernel kernel, const int ends[2])
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = ends[1] };
	int epoll = epoll_create1(0);
	char buffer[16] = "";

	epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], &event);
	CHECK("there is no event yet", ukl_wait(kernel, epoll, &event, 1, 1) == 0);
	CHECK("a message is sent", ukl_send(kernel, ends[0], "message", 7, 0) == 7);
	CHECK("its arrival is an event", ukl_wait(kernel, epoll, &event, 1, 10000) == 1 && event.data.fd == ends[1]);
	CHECK("it can be looked at", ukl_receive(kernel, ends[1], buffer, 16, MSG_PEEK) == 7);
	CHECK("it is received", ukl_receive(kernel, ends[1], buffer, 16, 0) == 7 && !strcmp(buffer, "message"));
	close(epoll);
}

static void fail(struct ukl_kernel kernel, int ends[2])
{
	int file = open("/dev/null", O_RDWR);
	char byte;

	errno = 0;
	CHECK("nothing there is an error", ukl_receive(kernel, ends[1], &byte, 1, MSG_DONTWAIT) == -EAGAIN);
	CHECK("a bad buffer is an error", ukl_send(kernel, ends[0], (void *)-4096, 1, 0) == -EFAULT);
	CHECK("a file is no socket", ukl_receive(kernel, file, &byte, 1, 0) == -ENOTSOCK);
	CHECK("a bad descriptor is an error", ukl_wait(kernel, -1, &(struct epoll_event){ 0 }, 1, 0) == -EBADF);
	signal(SIGPIPE, count_signal);
	close(ends[1]);
	while (ukl_send(kernel, ends[0], "x", 1, MSG_NOSIGNAL) == 1)
		;
	CHECK("nobody there is an error", ukl_send(kernel, ends[0], "x", 1, 0) == -EPIPE);
	CHECK("and a signal", signals == 1);
	CHECK("errno is left alone", errno == 0);
}

int main(void)
{
	struct ukl_kernel kernel = ukl_find_kernel();
	int unix_ends[2], tcp_ends[2];

	connect_over_loopback(tcp_ends);
	exchange(kernel, tcp_ends);
	fail(kernel, tcp_ends);
	socketpair(AF_UNIX, SOCK_STREAM, 0, unix_ends);
	exchange(kernel, unix_ends);
	return check_result();
}
