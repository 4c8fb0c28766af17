// SPDX-License-Identifier: MIT
/*
 * The echo server of apps/echo as it would be written for what else stock Linux
 * has against the cost of system calls: io_uring, and eBPF. An ordinary process.
 */
#include "echo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

long check(long result, const char *what)
{
	if (result >= 0)
		return result;
	fprintf(stderr, "echo: %s: %s\n", what, strerror(result == -1 ? errno : -result));
	exit(1);
}

static int start_listening(int port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_ANY),
	};
	const int on = 1;
	int fd = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

	check(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), "setsockopt");
	check(bind(fd, (const struct sockaddr *)&address, sizeof(address)), "bind");
	check(listen(fd, SOMAXCONN), "listen");
	return fd;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "uring"))
		serve_by_uring(start_listening(atoi(argv[2])));
	if (argc == 3 && !strcmp(argv[1], "sockmap"))
		serve_by_sockmap(start_listening(atoi(argv[2])));
	fprintf(stderr, "usage: echo uring|sockmap PORT\n");
	return 2;
}
