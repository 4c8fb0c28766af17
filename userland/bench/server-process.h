/* SPDX-License-Identifier: MIT */
/* The server as a process, or several: its start, and what it executes. */
#ifndef SERVER_PROCESS_H
#define SERVER_PROCESS_H

#include "server.h"

#include <sys/types.h>

/* Every server gets the same random numbers, and finds its directory and what else it needs. */
void set_up_server(const struct server *server);

pid_t start_server_process(const struct server *server, char *const *arguments);

void end_server_process(pid_t pid);

/* Once all of its processes are there. */
void find_server_clocks(pid_t pid);

/* What the server has executed so far: instructions, or in time nanoseconds. */
unsigned long read_server_time(const struct server *server);

#endif
