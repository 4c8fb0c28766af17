// SPDX-License-Identifier: MIT
/* TCP over loopback: both ends in one process, and a server that answers. */
#include "operations.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_SIZE 64

static char buffer[8192];
static int near_end, far_end;

static void set_no_delay(int fd)
{
	const int on = 1;

	check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "setsockopt");
}

static void connect_ends(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	check(listener, "socket");
	check(bind(listener, (struct sockaddr *)&address, size), "bind");
	check(listen(listener, 1), "listen");
	check(getsockname(listener, (struct sockaddr *)&address, &size), "getsockname");
	near_end = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check(connect(near_end, (struct sockaddr *)&address, size), "connect");
	far_end = accept(listener, NULL, NULL);
	check(far_end, "accept");
	close(listener);
	set_no_delay(near_end);
	set_no_delay(far_end);
}

static void close_ends(void)
{
	close(near_end);
	close(far_end);
}

/* Sends all of a message, and receives all of it at the other end. */
static void carry(int from, int to, size_t size)
{
	check(send(from, buffer, size, 0), "send");
	for (size_t got = 0; got < size;) {
		ssize_t n = recv(to, buffer, size - got, 0);

		check(n - 1, "recv");
		got += n;
	}
}

static void tcp_1(void)
{
	carry(near_end, far_end, 1);
}

static void tcp_64(void)
{
	carry(near_end, far_end, 64);
}

static void tcp_8192(void)
{
	carry(near_end, far_end, 8192);
}

static void serve(void)
{
	char request[REQUEST_SIZE];

	while (recv(far_end, request, sizeof(request), 0) > 0)
		check(send(far_end, request, sizeof(request), 0), "send");
}

static void connect_server(void)
{
	connect_ends();
	start_server(serve);
	close(far_end);
}

static void end_connection(void)
{
	end_server();
	close(near_end);
}

static void tcp_request(void)
{
	check(send(near_end, buffer, REQUEST_SIZE, 0), "send");
	check(recv(near_end, buffer, REQUEST_SIZE, 0), "recv");
}

const struct operation network_operations[] = {
	{ .name = "tcp_1", .begin = connect_ends, .run = tcp_1, .end = close_ends, .count = 50 },
	{ .name = "tcp_64", .begin = connect_ends, .run = tcp_64, .end = close_ends, .count = 50 },
	{ .name = "tcp_8192", .begin = connect_ends, .run = tcp_8192, .end = close_ends, .count = 50 },
	{ .name = "tcp_request", .begin = connect_server, .run = tcp_request, .end = end_connection, .count = 40 },
	{ 0 },
};
