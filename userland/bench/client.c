// SPDX-License-Identifier: MIT
/* Connections to a server, and what goes over them. */
#include "client.h"
#include "marks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CONNECTIONS 50
#define MAX_PIPELINE 16
/* A request and what follows it. */
#define MAX_STEPS 8
/* What a server's protocol puts around a text. */
#define MAX_FRAME 16

/* As often as a load sends it on a connection. */
struct message {
	char text[MAX_PIPELINE * 512];
	size_t size;
};

const struct load alone = { .connections = 1, .pipeline = 1 };

static const struct server *server;
static int connections[MAX_CONNECTIONS];
static int connection_count;
static struct message messages[MAX_STEPS];

void begin_client(const struct server *its_server)
{
	server = its_server;
}

static size_t write_text(char *to, const char *text)
{
	return stpcpy(to, text) - to;
}

static void write_message(struct message *message, const struct request *request, int pipeline)
{
	size_t (*const write)(char *, const char *) = server->write ?: write_text;
	char *end = message->text;

	if ((request->text_size ?: strlen(request->text) + MAX_FRAME) * pipeline > sizeof(message->text))
		fail("a request is too long");
	for (int i = 0; i < pipeline; i++) {
		if (request->text_size)
			end = mempcpy(end, request->text, request->text_size);
		else
			end += write(end, request->text);
	}
	message->size = end - message->text;
}

void write_messages(const struct request *request, const struct load *load)
{
	for (size_t i = 0; request; request = request->next) {
		if (i == MAX_STEPS)
			fail("a request has too many steps");
		write_message(&messages[i++], request, load->pipeline);
	}
}

/* Where the client waits: what is executed from here to the next time is its own. */
static ssize_t receive(int fd, void *to, size_t size)
{
	ssize_t received = recv(fd, to, size, 0);

	MARK(MARK_CLIENT);
	return received;
}

/* Waits for so many answers, and for nothing after them. */
static void await_answers(int fd, const struct request *request, int count)
{
	static char answers[MAX_PIPELINE * 2048];
	size_t begin = 0, end = 0;

	while (count) {
		if (end == sizeof(answers))
			refuse(request, answers + begin, end - begin);
		ssize_t received = check(receive(fd, answers + end, sizeof(answers) - end), "recv");

		if (!received)
			fail("the server closed the connection");
		end += received;
		for (size_t size; count && (size = match_answer(request, answers + begin, end - begin)); count--)
			begin += size;
	}
	if (begin != end)
		refuse(request, answers + begin, end - begin);
}

/* Whether the server takes the connection: it may listen and not be ready. */
static int greet(int fd)
{
	struct message message;
	char first;

	if (!server->greeting)
		return 1;
	write_message(&message, server->greeting, 1);
	check(send(fd, message.text, message.size, 0), "send");
	check(recv(fd, &first, 1, MSG_PEEK) - 1, "recv");
	if (first != server->greeting->answer[0])
		return 0;
	await_answers(fd, server->greeting, 1);
	return 1;
}

/* Returns -1 when the server does not listen, or is not ready. */
static int open_connection(void)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(server->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int on = 1;
	int fd = check(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");

	if (connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	check(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), "setsockopt");
	if (!greet(fd)) {
		close(fd);
		return -1;
	}
	return fd;
}

int try_to_connect(void)
{
	connections[0] = open_connection();
	if (connections[0] < 0)
		return -1;
	connection_count = 1;
	return 0;
}

void connect_others(const struct load *load)
{
	if (load->connections > MAX_CONNECTIONS)
		fail("a load has too many connections");
	for (; connection_count < load->connections; connection_count++)
		connections[connection_count] = check(open_connection(), "connect");
}

static void connect_anew(int i)
{
	close(connections[i]);
	connections[i] = check(open_connection(), "connect");
}

void connect_again(const struct load *load)
{
	for (int i = 0; i < load->connections; i++)
		connect_anew(i);
}

static void await_end(int fd)
{
	char byte;

	if (receive(fd, &byte, 1))
		fail("the server did not close the connection");
}

static void exchange_message(const struct request *request, const struct load *load, const struct message *message)
{
	for (int i = 0; i < load->connections; i++) {
		if (request->connects)
			connect_anew(i);
		check(send(connections[i], message->text, message->size, 0), "send");
	}
	for (int i = 0; i < load->connections; i++) {
		await_answers(connections[i], request, load->pipeline);
		if (request->connects)
			await_end(connections[i]);
	}
	if (request->nops)
		NOPS(KNOWN_EFFECT);
}

void exchange(const struct request *request, const struct load *load)
{
	for (const struct message *message = messages; request; request = request->next)
		exchange_message(request, load, message++);
}

void exchange_once(const struct request *request, const struct load *load)
{
	write_messages(request, load);
	exchange(request, load);
}
