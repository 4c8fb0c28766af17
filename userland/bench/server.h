/* SPDX-License-Identifier: MIT */
/* Servers whose requests are counted: what a client has to know of each. */
#ifndef SERVER_H
#define SERVER_H

#include "bench.h"

/* What the client does more in each exchange of a request with "nops". */
#define KNOWN_EFFECT 1000

struct request {
	const char *name, *text;
	/* 0 for the whole string. */
	size_t text_size;
	/*
	 * The answer: these bytes, where "#" is a number, and "*" whatever comes until what follows it; and then the
	 * body. Anything else ends the program.
	 */
	const char *answer;
	size_t answer_size;
	const char *body;
	size_t body_size;
	/* Another one, once before each region, uncounted. */
	const struct request *prepare;
	/* What is asked for once this is answered, and counts as one with it. */
	const struct request *next;
	/* The client does more, which must not show in what the server does. */
	int nops;
	/* Each comes on a connection of its own, which the server closes. */
	int connects;
};

/* How many requests are on their way at once. */
struct load {
	const char *name;
	int connections;
	/* On each connection. */
	int pipeline;
	/* In a region: where that is possible so few that most regions see no timer interrupt. */
	int exchanges;
};

struct server {
	const char *name;
	int port;
	/* Both end with one that has no name. The first request is what the others need; servers get warm with the second. */
	const struct request *requests;
	const struct load *loads;
	/* Writes a text without a size as a message; undefined: as it is. */
	size_t (*write)(char *to, const char *text);
	/* What each connection begins with, and is refused while the server is not ready. */
	const struct request *greeting;
	/* Once, before anything else. */
	const struct request *fill;
	/* A command before the server's start, and the directory that both write to: as user "nobody". */
	char *const *setup;
	const char *directory;
	/*
	 * The kernel's threads may do the server's work, or part of it: everything but what the client's process executes
	 * counts as the server's.
	 */
	int kernel_works;
};

extern const struct server redis, memcached, nginx, echo, postgresql;

#endif
