// SPDX-License-Identifier: MIT
/* What sends back what it gets, however it does it: one connection, or 16; one message at a time on each. */
#include "server.h"

#define BYTES_64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define BYTES_256 BYTES_64 BYTES_64 BYTES_64 BYTES_64
#define BYTES_1024 BYTES_256 BYTES_256 BYTES_256 BYTES_256

static const struct request requests[] = {
	{ .name = "small", .text = BYTES_64, .answer = "", .body = BYTES_64, .body_size = 64 },
	{ .name = "large", .text = BYTES_1024, .answer = "", .body = BYTES_1024, .body_size = 1024 },
	{ .name = "small_nops", .text = BYTES_64, .answer = "", .body = BYTES_64, .body_size = 64, .nops = 1 },
	{ 0 },
};

static const struct load loads[] = {
	{ .name = "c1", .connections = 1, .pipeline = 1, .exchanges = 24 },
	{ .name = "c16", .connections = 16, .pipeline = 1, .exchanges = 4 },
	{ 0 },
};

const struct server echo = {
	.name = "echo",
	.port = 5000,
	.requests = requests,
	.loads = loads,
	.kernel_works = 1,
};
