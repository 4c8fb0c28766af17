// SPDX-License-Identifier: GPL-2.0-only
/*
 * What goes over a TCP connection arrives as over any, whichever call takes it,
 * and what is no connection is not taken for one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "connection.h"
#include "ukl_test.h"

/* A multiple of no size below. */
#define STREAM_BYTES	300007

static unsigned char pattern(size_t position)
{
	return (unsigned char)(position * 7 + position / 251);
}

enum way { BY_READ, BY_RECV, BY_VECTOR, BY_MESSAGE };

/* In two parts, or in more than the kernel has room for on its stack (UIO_FASTIOV). */
static ssize_t send_by(enum way way, int fd, char *buffer, size_t size)
{
	const size_t count = size < 1000 ? 2 : 12;
	struct iovec parts[12];
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = count };
	size_t part = size / (count + 1), i;

	for (i = 0; i < count; i++)
		parts[i] = (struct iovec){ buffer + i * part, part };
	parts[count - 1].iov_len = size - (count - 1) * part;

	if (way == BY_MESSAGE)
		return sendmsg(fd, &message, 0);
	if (way == BY_VECTOR)
		return writev(fd, parts, (int)count);
	return way == BY_READ ? write(fd, buffer, size) : send(fd, buffer, size, 0);
}

static ssize_t receive_by(enum way way, int fd, char *buffer, size_t size)
{
	struct iovec parts[] = { { buffer, size / 3 }, { buffer + size / 3, size - size / 3 } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	if (way == BY_MESSAGE)
		return recvmsg(fd, &message, 0);
	if (way == BY_VECTOR)
		return readv(fd, parts, 2);
	return way == BY_READ ? read(fd, buffer, size) : recv(fd, buffer, size, 0);
}

struct sending {
	int fd;
	enum way way;
	size_t piece;
};

static void *send_stream(void *argument)
{
	const struct sending *sending = argument;
	static char buffer[100003];
	size_t position = 0, i;
	ssize_t sent;

	while (position < STREAM_BYTES) {
		size_t size = sending->piece;

		if (size > STREAM_BYTES - position)
			size = STREAM_BYTES - position;
		for (i = 0; i < size; i++)
			buffer[i] = (char)pattern(position + i);
		sent = send_by(sending->way, sending->fd, buffer, size);
		REQUIRE(sent > 0);
		position += (size_t)sent;
	}
	REQUIRE(close(sending->fd) == 0);
	return NULL;
}

static void check_stream(int family, enum way way, size_t sent, size_t read_size)
{
	struct connection ends = open_connection(family);
	struct sending sending = { ends.there, way, sent };
	static char buffer[100003];
	size_t position = 0;
	pthread_t sender;
	ssize_t got, i;

	REQUIRE(pthread_create(&sender, NULL, send_stream, &sending) == 0);
	while ((got = receive_by(way, ends.here, buffer, read_size)) > 0) {
		for (i = 0; i < got; i++)
			REQUIRE((unsigned char)buffer[i] == pattern(position + (size_t)i));
		position += (size_t)got;
	}
	REQUIRE(got == 0 && position == STREAM_BYTES);
	REQUIRE(pthread_join(sender, NULL) == 0);
	close(ends.here);
}

TEST(a_tcp_stream_arrives_as_it_was_sent)
{
	check_stream(AF_INET, BY_READ, 100003, 4096);
	check_stream(AF_INET, BY_READ, 1009, 100003);
	check_stream(AF_INET, BY_RECV, 8192, 1013);
	check_stream(AF_INET, BY_RECV, 67, 100003);
	check_stream(AF_INET, BY_VECTOR, 5003, 7001);
	check_stream(AF_INET, BY_VECTOR, 67, 100003);
	check_stream(AF_INET, BY_MESSAGE, 5003, 7001);
	check_stream(AF_INET6, BY_MESSAGE, 67, 1009);
	check_stream(AF_INET6, BY_READ, 16384, 16384);
}

/* The first part may hold what is there, or be just too small for it, or empty. */
TEST(a_vector_is_filled_in_its_order)
{
	struct connection ends = open_connection(AF_INET);
	char text[16], first[16], second[16];
	size_t size, i;

	for (size = 0; size <= sizeof(first); size++) {
		struct iovec parts[] = { { first, size }, { second, sizeof(second) } };

		memset(first, '-', sizeof(first));
		send_text(ends.there, "01234567");
		await_bytes(ends.here, 8);
		REQUIRE(readv(ends.here, parts, 2) == 8);
		for (i = 0; i < 8; i++)
			text[i] = i < size ? first[i] : second[i - size];
		REQUIRE(!memcmp(text, "01234567", 8));
		for (; i < sizeof(first); i++)
			REQUIRE(first[i] == '-');
	}
}

/* Every byte goes to one of the readers, and only to one. */
static void *count_bytes(void *argument)
{
	long counts[256] = { 0 }, *result = malloc(sizeof(counts));
	int fd = *(int *)argument;
	unsigned char buffer[17];
	ssize_t got, i;

	REQUIRE(result);
	while ((got = read(fd, buffer, sizeof(buffer))) > 0)
		for (i = 0; i < got; i++)
			counts[buffer[i]]++;
	REQUIRE(got == 0);
	return memcpy(result, counts, sizeof(counts));
}

TEST(readers_share_a_tcp_stream)
{
	struct connection ends = open_connection(AF_INET);
	struct sending sending = { ends.there, BY_READ, 1009 };
	long expected[256] = { 0 }, sum;
	pthread_t sender, readers[4];
	long *counts[4];
	size_t i, k;

	for (i = 0; i < STREAM_BYTES; i++)
		expected[pattern(i)]++;
	for (k = 0; k < ARRAY_SIZE(readers); k++)
		REQUIRE(pthread_create(&readers[k], NULL, count_bytes, &ends.here) == 0);
	REQUIRE(pthread_create(&sender, NULL, send_stream, &sending) == 0);
	REQUIRE(pthread_join(sender, NULL) == 0);
	for (k = 0; k < ARRAY_SIZE(readers); k++)
		REQUIRE(pthread_join(readers[k], (void **)&counts[k]) == 0);
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		for (sum = 0, k = 0; k < ARRAY_SIZE(readers); k++)
			sum += counts[k][i];
		REQUIRE(sum == expected[i]);
	}
}

/* Descriptors on which the calls for sockets fail; the file ones must do their work. */
static void check_no_socket(int in, int out)
{
	struct iovec part = { "text", 4 };
	const struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	char buffer[8];

	REQUIRE(send(out, "text", 4, 0) == -1 && errno == ENOTSOCK);
	REQUIRE(sendmsg(out, &message, 0) == -1 && errno == ENOTSOCK);
	REQUIRE(recv(in, buffer, 4, 0) == -1 && errno == ENOTSOCK);
	REQUIRE(write(out, "text", 4) == 4);
	REQUIRE(writev(out, &part, 1) == 4);
	if (in == out)
		REQUIRE(lseek(in, 0, SEEK_SET) == 0);
	part.iov_base = buffer;
	REQUIRE(readv(in, &part, 1) == 4 && read(in, buffer + 4, 4) == 4);
	REQUIRE(!memcmp(buffer, "texttext", 8));
}

TEST(files_and_pipes_are_no_connections)
{
	int file = memfd_create("file", 0), ends[2];
	unsigned long count = 8;

	REQUIRE(file >= 0 && pipe(ends) == 0);
	check_no_socket(file, file);
	check_no_socket(ends[0], ends[1]);
	file = eventfd(0, 0);
	REQUIRE(write(file, &count, 8) == 8 && read(file, &count, 8) == 8 && count == 8);
	REQUIRE(send(file, &count, 8, 0) == -1 && errno == ENOTSOCK);
}

static void check_bad(int fd)
{
	struct iovec part = { "x", 1 };
	const struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	char byte;

	REQUIRE(sendmsg(fd, &message, 0) == -1 && errno == EBADF);
	REQUIRE(readv(fd, &part, 1) == -1 && errno == EBADF);
	REQUIRE(read(fd, &byte, 1) == -1 && errno == EBADF);
	REQUIRE(write(fd, "x", 1) == -1 && errno == EBADF);
	REQUIRE(writev(fd, &part, 1) == -1 && errno == EBADF);
	REQUIRE(recv(fd, &byte, 1, 0) == -1 && errno == EBADF);
	REQUIRE(send(fd, "x", 1, 0) == -1 && errno == EBADF);
}

TEST(a_descriptor_that_is_none_is_bad)
{
	struct connection ends = open_connection(AF_INET);

	send_text(ends.there, "text");
	await_bytes(ends.here, 4);
	REQUIRE(close(ends.here) == 0);
	check_bad(ends.here);
	check_bad(-1);
	check_bad(1 << 20);
	check_bad(open("/", O_PATH));
}

TEST(other_sockets_are_no_tcp_connections)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	int fd, ends[2];
	char buffer[8];

	/* One message a call, whatever the buffer. */
	REQUIRE(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
	REQUIRE(write(ends[0], "one", 3) == 3 && write(ends[0], "two", 3) == 3);
	REQUIRE(read(ends[1], buffer, 8) == 3 && recv(ends[1], buffer, 8, 0) == 3);
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	REQUIRE(write(ends[0], "one", 3) == 3 && read(ends[1], buffer, 8) == 3);

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	REQUIRE(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	REQUIRE(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
	REQUIRE(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	REQUIRE(write(fd, "one", 3) == 3 && send(fd, "two", 3, 0) == 3);
	REQUIRE(read(fd, buffer, 2) == 2 && recv(fd, buffer, 8, 0) == 3);
	REQUIRE(!memcmp(buffer, "two", 3));

	/* Of TCP, but without a connection. */
	fd = socket(AF_INET, SOCK_STREAM, 0);
	REQUIRE(read(fd, buffer, 8) == -1 && errno == ENOTCONN);
	REQUIRE(send(fd, "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
	REQUIRE(listen(fd, 1) == 0);
	REQUIRE(read(fd, buffer, 8) == -1 && errno == ENOTCONN);
	REQUIRE(recv(fd, buffer, 8, 0) == -1 && errno == ENOTCONN);
}

TEST(flags_of_receiving_mean_what_they_do)
{
	struct connection ends = open_connection(AF_INET);
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	char buffer[16];
	int number = 10;

	send_text(ends.there, "0123456789");
	await_bytes(ends.here, 10);
	REQUIRE(recv(ends.here, buffer, 4, MSG_PEEK) == 4 && !memcmp(buffer, "0123", 4));
	REQUIRE(recv(ends.here, buffer, 2, 0) == 2 && !memcmp(buffer, "01", 2));
	REQUIRE(recv(ends.here, NULL, 2, MSG_TRUNC) == 2);
	REQUIRE(read(ends.here, buffer, 0) == 0);
	REQUIRE(recv(ends.here, buffer, 0, 0) == 0);
	REQUIRE(write(ends.here, buffer, 0) == 0);
	REQUIRE(send(ends.here, buffer, 0, 0) == 0);
	REQUIRE(recvfrom(ends.here, buffer, 2, 0, (struct sockaddr *)&address, &size) == 2);
	REQUIRE(!memcmp(buffer, "45", 2) && size == 0);

	/* Less than wanted is given to who does not wait. */
	REQUIRE(setsockopt(ends.here, SOL_SOCKET, SO_RCVLOWAT, &number, sizeof(number)) == 0);
	REQUIRE(recv(ends.here, buffer, 16, MSG_DONTWAIT) == 4 && !memcmp(buffer, "6789", 4));
	REQUIRE(recv(ends.here, buffer, 16, MSG_DONTWAIT) == -1 && errno == EAGAIN);
}

/* What a message has beside its data is looked at, as ever. */
TEST(messages_are_more_than_their_data)
{
	struct connection ends = open_connection(AF_INET);
	struct cmsghdr bad = { .cmsg_len = 1, .cmsg_level = SOL_SOCKET };
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct iovec parts[] = { { "one", 3 }, { "two", 3 } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	char buffer[8];

	message.msg_control = &bad;
	message.msg_controllen = sizeof(bad);
	REQUIRE(sendmsg(ends.there, &message, 0) == -1 && errno == EINVAL);
	message.msg_controllen = 0;
	message.msg_iovlen = 1025;
	REQUIRE(sendmsg(ends.there, &message, 0) == -1 && errno == EMSGSIZE);
	message.msg_iovlen = (1UL << 32) + 2;
	REQUIRE(sendmsg(ends.there, &message, 0) == -1 && errno == EMSGSIZE);
	message.msg_iovlen = 0;
	REQUIRE(sendmsg(ends.there, &message, 0) == 0);
	/* An address is not looked at where there is a connection, nor are flags here. */
	message.msg_iovlen = 2;
	message.msg_name = &address;
	message.msg_namelen = sizeof(address);
	message.msg_flags = MSG_OOB;
	REQUIRE(sendmsg(ends.there, &message, 0) == 6);
	message.msg_name = NULL;
	await_bytes(ends.here, 6);
	REQUIRE(read(ends.here, buffer, 8) == 6 && !memcmp(buffer, "onetwo", 6));
	REQUIRE(sendmsg(ends.there, &message, MSG_OOB) == 6);
	await_bytes(ends.here, 5);
	REQUIRE(read(ends.here, buffer, 8) == 5 && !memcmp(buffer, "onetw", 5));
	REQUIRE(recv(ends.here, buffer, 1, MSG_OOB) == 1 && buffer[0] == 'o');
}

static void *send_rest(void *argument)
{
	const struct connection *ends = argument;

	await_sleep(getpid());
	send_text(ends->there, "56789");
	return NULL;
}

static volatile sig_atomic_t interrupted;

static void note_signal(int number)
{
	interrupted = 1;
}

static void *interrupt_reader(void *argument)
{
	await_sleep(getpid());
	REQUIRE(pthread_kill(*(pthread_t *)argument, SIGUSR1) == 0);
	return NULL;
}

TEST(receiving_waits_for_as_much_as_was_asked)
{
	struct connection ends = open_connection(AF_INET);
	const struct sigaction action = { .sa_handler = note_signal };
	pthread_t here = pthread_self(), other;
	const int number = 10;
	char buffer[16];
	struct iovec parts[] = { { buffer, 5 }, { buffer + 5, sizeof(buffer) - 5 } };
	int by_vector;
	ssize_t got;

	send_text(ends.there, "01234");
	await_bytes(ends.here, 5);
	REQUIRE(pthread_create(&other, NULL, send_rest, &ends) == 0);
	REQUIRE(recv(ends.here, buffer, 10, MSG_WAITALL) == 10);
	REQUIRE(!memcmp(buffer, "0123456789", 10));
	REQUIRE(pthread_join(other, NULL) == 0);

	REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
	REQUIRE(setsockopt(ends.here, SOL_SOCKET, SO_RCVLOWAT, &number, sizeof(number)) == 0);
	for (by_vector = 0; by_vector < 2; by_vector++) {
		interrupted = 0;
		send_text(ends.there, "01234");
		await_bytes(ends.here, 5);
		REQUIRE(pthread_create(&other, NULL, interrupt_reader, &here) == 0);
		/* The first of the parts could be filled at once. */
		got = by_vector ? readv(ends.here, parts, 2) : read(ends.here, buffer, 16);
		/* It waited, as the signal is sent to a thread that sleeps. */
		REQUIRE(got == 5 && interrupted);
		REQUIRE(pthread_join(other, NULL) == 0);
	}
}

TEST(urgent_data_end_what_is_read)
{
	struct connection ends = open_connection(AF_INET);
	const int on = 1;
	char buffer[16];

	send_text(ends.there, "abc");
	REQUIRE(send(ends.there, "X", 1, MSG_OOB) == 1);
	send_text(ends.there, "def");
	await_bytes(ends.here, 3);
	REQUIRE(read(ends.here, buffer, 16) == 3 && !memcmp(buffer, "abc", 3));
	REQUIRE(recv(ends.here, buffer, 1, MSG_OOB) == 1 && buffer[0] == 'X');
	REQUIRE(recv(ends.here, buffer, 16, 0) == 3 && !memcmp(buffer, "def", 3));

	/* In one segment the last byte is the urgent one. */
	REQUIRE(send(ends.there, "abcX", 4, MSG_OOB) == 4);
	await_bytes(ends.here, 3);
	REQUIRE(read(ends.here, buffer, 16) == 3 && !memcmp(buffer, "abc", 3));
	REQUIRE(recv(ends.here, buffer, 1, MSG_OOB) == 1 && buffer[0] == 'X');

	ends = open_connection(AF_INET);
	REQUIRE(setsockopt(ends.here, SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on)) == 0);
	send_text(ends.there, "abc");
	REQUIRE(send(ends.there, "X", 1, MSG_OOB) == 1);
	send_text(ends.there, "def");
	await_bytes(ends.here, 3);
	REQUIRE(read(ends.here, buffer, 16) == 3 && !memcmp(buffer, "abc", 3));
	await_bytes(ends.here, 4);
	REQUIRE(read(ends.here, buffer, 16) == 4 && !memcmp(buffer, "Xdef", 4));
}

TEST(what_was_sent_before_the_end_is_read_before_it)
{
	struct connection ends = open_connection(AF_INET);
	char buffer[16];

	send_text(ends.there, "last words");
	REQUIRE(shutdown(ends.there, SHUT_WR) == 0);
	await_bytes(ends.here, 10);
	REQUIRE(read(ends.here, buffer, 4) == 4 && recv(ends.here, buffer, 16, 0) == 6);
	REQUIRE(read(ends.here, buffer, 16) == 0 && recv(ends.here, buffer, 16, 0) == 0);
	/* Half of the connection is still there. */
	REQUIRE(write(ends.here, "answer", 6) == 6);
	REQUIRE(read(ends.there, buffer, 16) == 6);
}
