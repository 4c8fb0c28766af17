// SPDX-License-Identifier: Apache-2.0
/* Descriptors: pipes, sockets, polling of all kinds, and the errors of bad arguments. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "check.h"

static void test_polling(void)
{
	struct timespec short_time = { 0, 1000000 };
	struct epoll_event event = { .events = EPOLLIN };
	struct pollfd polled;
	fd_set set;
	int ends[2];
	int epoll = epoll_create1(0);

	(void)!pipe(ends);
	polled = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	CHECK("poll waits in vain", poll(&polled, 1, 1) == 0);
	CHECK("pselect, with six arguments, too", pselect(ends[0] + 1, &set, NULL, NULL, &short_time, NULL) == 0);
	epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
	(void)!write(ends[1], "x", 1);
	CHECK("poll sees what is there", poll(&polled, 1, -1) == 1 && polled.revents == POLLIN);
	CHECK("epoll too", epoll_wait(epoll, &event, 1, -1) == 1 && event.events == EPOLLIN);
}

static void test_descriptors_for_events(void)
{
	struct itimerspec soon = { .it_value = { 0, 1000000 } };
	struct signalfd_siginfo info;
	uint64_t number = 0;
	sigset_t set;
	int fd = eventfd(3, 0);

	CHECK("an eventfd counts", read(fd, &number, 8) == 8 && number == 3);
	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(fd, 0, &soon, NULL);
	CHECK("a timerfd expires", read(fd, &number, 8) == 8 && number >= 1);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, 0);
	raise(SIGUSR1);
	CHECK("a signalfd tells the signal", read(fd, &info, sizeof(info)) == sizeof(info) && info.ssi_signo == SIGUSR1);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void *echo_once(void *argument)
{
	int fd = accept(*(int *)argument, NULL, NULL);
	char buffer[4096];
	ssize_t got;

	while ((got = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		if (send(fd, buffer, (size_t)got, 0) != got)
			break;
	close(fd);
	return NULL;
}

static void test_tcp(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	pthread_t thread;
	char sent[4096], received[4096];
	int good = 1;

	CHECK("a socket listens", bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 1) == 0);
	getsockname(listener, (struct sockaddr *)&address, &length);
	pthread_create(&thread, NULL, echo_once, &listener);
	CHECK("another connects", connect(fd, (struct sockaddr *)&address, length) == 0);
	memset(sent, 'u', sizeof(sent));
	for (int i = 0; i < 200; i++) {
		sent[0] = (char)i;
		good = good && send(fd, sent, sizeof(sent), 0) == sizeof(sent) &&
		       recv(fd, received, sizeof(received), MSG_WAITALL) == sizeof(received) &&
		       memcmp(sent, received, sizeof(sent)) == 0;
	}
	CHECK("200 messages come back over TCP", good);
	shutdown(fd, SHUT_WR);
	pthread_join(thread, NULL);
	CHECK("the end of the stream too", recv(fd, received, 1, 0) == 0);
}

static void test_passing(void)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec data = { .iov_base = "f", .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int pair[2], ends[2], passed = -1;
	char byte = 0;

	(void)!pipe(ends);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	*header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(header), &ends[1], sizeof(int));
	CHECK("a descriptor is sent", sendmsg(pair[0], &message, 0) == 1);
	data.iov_base = &byte;
	CHECK("and received", recvmsg(pair[1], &message, 0) == 1);
	memcpy(&passed, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	CHECK("and is the same pipe", write(passed, "p", 1) == 1 && read(ends[0], &byte, 1) == 1 && byte == 'p');
}

static void test_errors(void)
{
	char byte;

	CHECK("a bad descriptor is EBADF", read(-1, &byte, 1) == -1 && errno == EBADF);
	CHECK("a bad pointer is EFAULT", syscall(SYS_uname, (void *)8) == -1 && errno == EFAULT);
	CHECK("a kernel pointer is EFAULT", syscall(SYS_uname, (void *)0xffffffff81000000) == -1 && errno == EFAULT);
	CHECK("an unknown call is ENOSYS", syscall(100000) == -1 && errno == ENOSYS);
}

static void test_vectors(void)
{
	struct iovec parts[2] = { { "ab", 2 }, { "cd", 2 } };
	int file = memfd_create("test", 0);
	char text[5] = "";
	int ends[2];
	off_t offset = 0;

	CHECK("pwritev writes at an offset", pwritev(file, parts, 2, 1) == 4);
	CHECK("pread reads it", pread(file, text, 4, 1) == 4 && strcmp(text, "abcd") == 0);
	(void)!pipe(ends);
	CHECK("sendfile moves it", sendfile(ends[1], file, &offset, 5) == 5 && offset == 5);
	CHECK("splice, with six arguments, too",
	      splice(ends[0], NULL, file, &(off64_t){ 100 }, 5, 0) == 5 && lseek(file, 0, SEEK_END) == 105);
}

int main(void)
{
	test_polling();
	test_descriptors_for_events();
	test_tcp();
	test_passing();
	test_errors();
	test_vectors();
	return check_result();
}
