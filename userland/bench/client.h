/* SPDX-License-Identifier: MIT */
/* The client of a server: deliberately plain, one process, blocking calls, no library. */
#ifndef CLIENT_H
#define CLIENT_H

#include "server.h"

/* The load of what is not counted. */
extern const struct load alone;

/* From now on it is this server's client. */
void begin_client(const struct server *server);

/* The first connection. Returns -1 when the server does not listen, or is not ready. */
int try_to_connect(void);

/* Those that the load needs beside those that there are. */
void connect_others(const struct load *load);

/* Makes connections anew that the server has closed. */
void connect_again(const struct load *load);

/* Once for any number of exchanges: the messages of the request and of what follows it. */
void write_messages(const struct request *request, const struct load *load);

/* Sends the messages on each connection, and waits for all answers. */
void exchange(const struct request *request, const struct load *load);

/* Both. */
void exchange_once(const struct request *request, const struct load *load);

/* The size of the answer that "text" begins with, 0 when more has to come. */
size_t match_answer(const struct request *request, const char *text, size_t size);

/* Ends the program and says what the answer was. */
void refuse(const struct request *request, const char *text, size_t size) __attribute__((noreturn));

#endif
