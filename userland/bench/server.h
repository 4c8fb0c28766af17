/* SPDX-License-Identifier: MIT */
/* Servers whose requests are counted: what a client has to know of each. */
#ifndef SERVER_H
#define SERVER_H

#include "bench.h"

/* What the client does more in each exchange of a request with "nops". */
#define KNOWN_EFFECT 1000

struct request {
	const char *name, *text;
	/*
	 * The answer: these bytes, where "#" is a number, and "*" whatever comes until what follows it; and then the
	 * body. Anything else ends the program.
	 */
	const char *answer;
	const char *body;
	size_t body_size;
	/* Another one, once before each region, uncounted. */
	const struct request *prepare;
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
	/* In a region: so few that most regions see no timer interrupt. */
	int exchanges;
};

struct server {
	const char *name;
	int port;
	/* Both end with one that has no name. The first request is what the others need; servers get warm with the second. */
	const struct request *requests;
	const struct load *loads;
};

extern const struct server redis, memcached, nginx;

#endif
