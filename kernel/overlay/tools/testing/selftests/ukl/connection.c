// SPDX-License-Identifier: GPL-2.0-only
/* TCP connections within the machine. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"
#include "ukl_test.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static void start_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	REQUIRE(fd >= 0);
	REQUIRE(ioctl(fd, SIOCGIFFLAGS, &request) == 0);
	if (!(request.ifr_flags & IFF_UP)) {
		request.ifr_flags |= IFF_UP;
		REQUIRE(ioctl(fd, SIOCSIFFLAGS, &request) == 0);
	}
	close(fd);
}

struct connection open_connection(int family)
{
	union address address = { .any.sa_family = (sa_family_t)family };
	socklen_t size = family == AF_INET ? sizeof(address.v4) : sizeof(address.v6);
	struct connection ends;
	const int on = 1;
	int listener;

	start_loopback();
	if (family == AF_INET)
		address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		address.v6.sin6_addr = in6addr_loopback;
	listener = socket(family, SOCK_STREAM, 0);
	ends.here = socket(family, SOCK_STREAM, 0);
	REQUIRE(listener >= 0 && ends.here >= 0);
	REQUIRE(bind(listener, &address.any, size) == 0 && listen(listener, 1) == 0);
	REQUIRE(getsockname(listener, &address.any, &size) == 0);
	REQUIRE(connect(ends.here, &address.any, size) == 0);
	ends.there = accept(listener, NULL, NULL);
	REQUIRE(ends.there >= 0);
	close(listener);
	REQUIRE(setsockopt(ends.here, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
	REQUIRE(setsockopt(ends.there, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
	return ends;
}

void send_text(int fd, const char *text)
{
	REQUIRE(send(fd, text, strlen(text), 0) == (ssize_t)strlen(text));
}

void await_bytes(int fd, int size)
{
	int available;

	do {
		sched_yield();
		REQUIRE(ioctl(fd, FIONREAD, &available) == 0);
	} while (available < size);
}

void await_sleep(pid_t thread)
{
	char path[64], state;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", thread);
	do {
		sched_yield();
		file = fopen(path, "r");
		REQUIRE(file && fscanf(file, "%*d (%*[^)]) %c", &state) == 1);
		fclose(file);
	} while (state != 'S');
}
