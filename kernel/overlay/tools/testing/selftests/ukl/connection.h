/* SPDX-License-Identifier: GPL-2.0-only */
/* TCP connections within the machine, for the tests of what is done with them. */
#ifndef UKL_CONNECTION_H
#define UKL_CONNECTION_H

#include <sys/types.h>

/* The two ends of a connection; what is written into one is read from the other. */
struct connection {
	int here, there;
};

/* Connect over loopback, by AF_INET or AF_INET6, without waiting to fill segments. */
struct connection open_connection(int family);

/* Send all of @text. */
void send_text(int fd, const char *text);

/* Wait until at least @size bytes can be read from @fd. */
void await_bytes(int fd, int size);

/* Wait until the thread sleeps, which it does only in the system call of the test. */
void await_sleep(pid_t thread);

#endif /* UKL_CONNECTION_H */
