/* SPDX-License-Identifier: MIT */
/* Operations of the kernel, each counted alone. */
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "bench.h"

/* An operation, and how it is repeated. */
struct operation {
	const char *name;
	/* Once, before everything and after it. */
	void (*begin)(void);
	void (*end)(void);
	/* Before each region, uncounted. */
	void (*prepare)(void);
	void (*run)(void);
	/*
	 * How often it runs in a region: so few that most regions see no timer
	 * interrupt, which comes every four million instructions.
	 */
	unsigned int count;
	/* How many things one run does, as pages touched; 0 means one. */
	unsigned int things;
	/* For what is not repeated but waited for: returns a region's count itself. */
	unsigned long (*region)(void);
};

/* Each ends with an operation without a name. */
extern const struct operation call_operations[], file_operations[], network_operations[], wait_operations[],
	memory_operations[], process_operations[];

/* Starts a process that runs "serve" until it is ended; the program's end ends it too. */
void start_server(void (*serve)(void));
void end_server(void);

#endif
