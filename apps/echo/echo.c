// SPDX-License-Identifier: Apache-2.0
/*
 * TCP echo server: sends every client back what it sent, any number of clients
 * at once, in one thread. An ordinary program: "cc -o echo echo.c" builds it.
 *
 *	echo [PORT]		default 5000
 */

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_PORT	5000
#define BUFFER_BYTES	16384
#define EVENTS_AT_ONCE	64

/*
 * One connection. It either waits to read, with an empty buffer, or to write
 * the rest of the buffer: so a client that does not read slows down only itself.
 */
struct client {
	int fd;
	size_t begin;		/* of what is still to be sent */
	size_t end;
	char buffer[BUFFER_BYTES];
};

static int epoll_fd;

/* Stands for itself in epoll events, which otherwise carry a client. */
static int listener_fd;

static int parse_port(const char *text)
{
	char *end;
	long port;

	errno = 0;
	port = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || port < 1 || port > 65535)
		error(2, 0, "\"%s\" is not a port: give a number from 1 to 65535", text);
	return (int)port;
}

/* Changes what an open descriptor waits for; there is no way to go on without. */
static void watch(int operation, int fd, unsigned int events, void *subject)
{
	struct epoll_event event = { .events = events, .data.ptr = subject };

	if (epoll_ctl(epoll_fd, operation, fd, &event) != 0)
		error(1, errno, "cannot watch a connection");
}

static int start_listening(int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((unsigned short)port),
		.sin_addr.s_addr = htonl(INADDR_ANY),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		error(1, errno, "cannot make a socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		error(1, errno, "cannot set SO_REUSEADDR");
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		error(1, errno, "cannot bind to port %d", port);
	if (listen(fd, SOMAXCONN) != 0)
		error(1, errno, "cannot listen on port %d", port);
	return fd;
}

/* Accepts one connection. One that is gone again, or too many, is the client's loss only. */
static void accept_client(void)
{
	int fd = accept4(listener_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *client;

	if (fd < 0) {
		/* Until a client leaves, nothing can be done about these but to let it wait. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			watch(EPOLL_CTL_MOD, listener_fd, 0, &listener_fd);
		return;
	}
	client = malloc(sizeof(*client));
	if (!client) {
		close(fd);
		return;
	}
	client->fd = fd;
	client->begin = 0;
	client->end = 0;
	watch(EPOLL_CTL_ADD, fd, EPOLLIN, client);
}

static void drop_client(struct client *client)
{
	close(client->fd);
	free(client);
	watch(EPOLL_CTL_MOD, listener_fd, EPOLLIN, &listener_fd);
}

/* Sends what is in the buffer. Returns 0 when the connection is over. */
static int send_pending(struct client *client)
{
	while (client->begin < client->end) {
		ssize_t sent = send(client->fd, client->buffer + client->begin,
				    client->end - client->begin, MSG_NOSIGNAL);

		if (sent < 0) {
			if (errno == EINTR)
				continue;
			return errno == EAGAIN;
		}
		client->begin += (size_t)sent;
	}
	return 1;
}

/* Fills the empty buffer. Returns 0 when the connection is over. */
static int receive_more(struct client *client)
{
	ssize_t received;

	do {
		received = recv(client->fd, client->buffer, sizeof(client->buffer), 0);
	} while (received < 0 && errno == EINTR);

	client->begin = 0;
	client->end = received > 0 ? (size_t)received : 0;
	return received > 0 || (received < 0 && errno == EAGAIN);
}

static int has_pending(const struct client *client)
{
	return client->begin < client->end;
}

static void serve_client(struct client *client)
{
	int was_pending = has_pending(client);

	if ((!was_pending && !receive_more(client)) || !send_pending(client)) {
		drop_client(client);
		return;
	}
	if (has_pending(client) != was_pending)
		watch(EPOLL_CTL_MOD, client->fd, has_pending(client) ? EPOLLOUT : EPOLLIN, client);
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	int port = DEFAULT_PORT;

	if (argc > 2)
		error(2, 0, "usage: echo [PORT]");
	if (argc == 2)
		port = parse_port(argv[1]);

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		error(1, errno, "cannot make an epoll instance");
	listener_fd = start_listening(port);
	watch(EPOLL_CTL_ADD, listener_fd, EPOLLIN, &listener_fd);
	printf("echo: listening on port %d\n", port);
	fflush(stdout);

	for (;;) {
		int count = epoll_wait(epoll_fd, events, EVENTS_AT_ONCE, -1);

		if (count < 0 && errno != EINTR)
			error(1, errno, "cannot wait for events");
		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr == &listener_fd)
				accept_client();
			else
				serve_client(events[i].data.ptr);
		}
	}
}
