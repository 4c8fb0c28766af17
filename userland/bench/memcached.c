// SPDX-License-Identifier: MIT
/* memcached and its text protocol: one connection, or 16; one request at a time on each. */
#include "server.h"

#define VALUE "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" /* 64 bytes */

#define SET(key) "set " key " 0 0 64\r\n" VALUE "\r\n"
#define GOT(key) "VALUE " key " 0 64\r\n" VALUE "\r\n"

static const struct request set_counter = {
	.name = "set_counter",
	.text = "set counter 0 0 1\r\n0\r\n",
	.answer = "STORED\r\n",
};

static const struct request set_four = {
	.name = "set_four",
	.text = SET("k1") SET("k2") SET("k3") SET("k4"),
	.answer = "STORED\r\nSTORED\r\nSTORED\r\nSTORED\r\n",
};

static const struct request requests[] = {
	{ .name = "set", .text = SET("key"), .answer = "STORED\r\n" },
	{ .name = "get", .text = "get key\r\n", .answer = GOT("key") "END\r\n" },
	{ .name = "get_nops", .text = "get key\r\n", .answer = GOT("key") "END\r\n", .nops = 1 },
	{ .name = "miss", .text = "get nothing\r\n", .answer = "END\r\n" },
	{ .name = "incr", .text = "incr counter 1\r\n", .answer = "#\r\n", .prepare = &set_counter },
	{ .name = "mget",
	  .text = "get k1 k2 k3 k4\r\n",
	  .answer = GOT("k1") GOT("k2") GOT("k3") GOT("k4") "END\r\n",
	  .prepare = &set_four },
	{ 0 },
};

static const struct load loads[] = {
	{ .name = "c1", .connections = 1, .pipeline = 1, .exchanges = 24 },
	{ .name = "c16", .connections = 16, .pipeline = 1, .exchanges = 4 },
	{ 0 },
};

const struct server memcached = { .name = "memcached", .port = 11211, .requests = requests, .loads = loads };
