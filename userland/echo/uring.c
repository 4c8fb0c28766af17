// SPDX-License-Identifier: MIT
/*
 * io_uring: one system call sends all answers and waits for the next requests.
 *
 * Sending what came and receiving the next are linked: the order of the bytes is
 * kept, a client that does not read holds up only itself, and one buffer a
 * connection is enough. Only what was received is reported. Sockets are direct
 * descriptors, which nothing has to look up in the table of files.
 */
#include "echo.h"

#include <errno.h>
#include <liburing.h>
#include <sys/socket.h>

#define CONNECTIONS 64
#define BUFFER_BYTES 16384
/* Two for each connection, and the listener's. */
#define ENTRIES (4 * CONNECTIONS)

/* What is reported of: a connection, by its number, or one of these. */
enum { LISTENER = CONNECTIONS, SENDING, CLOSING };

static struct io_uring ring;
static char buffers[CONNECTIONS][BUFFER_BYTES];

static struct io_uring_sqe *next_entry(void)
{
	struct io_uring_sqe *entry = io_uring_get_sqe(&ring);

	/* There are more of them than could be asked for at once. */
	check(entry ? 0 : -ENOBUFS, "io_uring_get_sqe");
	return entry;
}

static void accept_clients(int listener)
{
	struct io_uring_sqe *entry = next_entry();

	io_uring_prep_multishot_accept_direct(entry, listener, NULL, NULL, 0);
	io_uring_sqe_set_data64(entry, LISTENER);
}

static void receive(unsigned int connection)
{
	struct io_uring_sqe *entry = next_entry();

	io_uring_prep_recv(entry, connection, buffers[connection], BUFFER_BYTES, 0);
	entry->flags |= IOSQE_FIXED_FILE;
	io_uring_sqe_set_data64(entry, connection);
}

/* All of it; what is linked to it is cancelled when that cannot be done. */
static void send_back(unsigned int connection, size_t size)
{
	struct io_uring_sqe *entry = next_entry();

	io_uring_prep_send(entry, connection, buffers[connection], size, MSG_NOSIGNAL | MSG_WAITALL);
	entry->flags |= IOSQE_FIXED_FILE | IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
	io_uring_sqe_set_data64(entry, SENDING);
}

static void close_connection(unsigned int connection)
{
	struct io_uring_sqe *entry = next_entry();

	io_uring_prep_close_direct(entry, connection);
	io_uring_sqe_set_data64(entry, CLOSING);
}

static void handle(const struct io_uring_cqe *completion, int listener)
{
	const unsigned long subject = io_uring_cqe_get_data64(completion);

	if (subject < CONNECTIONS && completion->res > 0) {
		send_back(subject, completion->res);
		receive(subject);
	} else if (subject < CONNECTIONS) {
		close_connection(subject);
	} else if (subject == LISTENER && completion->res >= 0) {
		receive(completion->res);
	}
	/* It stops when there are too many connections: until one is closed. */
	if (subject == CLOSING || (subject == LISTENER && completion->res >= 0 && !(completion->flags & IORING_CQE_F_MORE)))
		accept_clients(listener);
}

void serve_by_uring(int listener)
{
	struct io_uring_params parameters = { .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN };

	check(io_uring_queue_init_params(ENTRIES, &ring, &parameters), "io_uring_queue_init_params");
	check(io_uring_register_ring_fd(&ring), "io_uring_register_ring_fd");
	check(io_uring_register_files_sparse(&ring, CONNECTIONS), "io_uring_register_files_sparse");
	accept_clients(listener);
	for (;;) {
		struct io_uring_cqe *completion;
		unsigned int head, count = 0;

		check(io_uring_submit_and_wait(&ring, 1), "io_uring_submit_and_wait");
		io_uring_for_each_cqe(&ring, head, completion) {
			handle(completion, listener);
			count++;
		}
		io_uring_cq_advance(&ring, count);
	}
}
