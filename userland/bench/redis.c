// SPDX-License-Identifier: MIT
/* Redis: one connection, with one request at a time or 16; or 50 connections, as many as redis-benchmark opens. */
#include "server.h"

#define VALUE "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" /* 64 bytes */

#define GET "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n"
#define GOT "$64\r\n" VALUE "\r\n"

static const struct request delete_list = {
	.name = "del",
	.text = "*2\r\n$3\r\nDEL\r\n$4\r\nlist\r\n",
	.answer = ":#\r\n",
};

static const struct request requests[] = {
	{ .name = "set",
	  .text = "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$64\r\n" VALUE "\r\n",
	  .answer = "+OK\r\n" },
	{ .name = "get", .text = GET, .answer = GOT },
	{ .name = "get_nops", .text = GET, .answer = GOT, .nops = 1 },
	{ .name = "incr", .text = "*2\r\n$4\r\nINCR\r\n$7\r\ncounter\r\n", .answer = ":#\r\n" },
	{ .name = "lpush",
	  .text = "*3\r\n$5\r\nLPUSH\r\n$4\r\nlist\r\n$64\r\n" VALUE "\r\n",
	  .answer = ":#\r\n",
	  .prepare = &delete_list },
	{ .name = "mset",
	  .text = "*9\r\n$4\r\nMSET\r\n$2\r\nk1\r\n$2\r\nv1\r\n$2\r\nk2\r\n$2\r\nv2\r\n"
		  "$2\r\nk3\r\n$2\r\nv3\r\n$2\r\nk4\r\n$2\r\nv4\r\n",
	  .answer = "+OK\r\n" },
	{ 0 },
};

static const struct load loads[] = {
	{ .name = "p1", .connections = 1, .pipeline = 1, .exchanges = 24 },
	{ .name = "p16", .connections = 1, .pipeline = 16, .exchanges = 24 },
	{ .name = "c50", .connections = 50, .pipeline = 1, .exchanges = 4 },
	{ 0 },
};

const struct server redis = { .name = "redis", .port = 6379, .requests = requests, .loads = loads };
