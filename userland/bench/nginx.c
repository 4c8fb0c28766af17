// SPDX-License-Identifier: MIT
/*
 * nginx over HTTP: one connection, or 16; one request at a time on each. The pages are those that src/bench puts into
 * the image: so many letters "x".
 */
#include "server.h"

#define SMALL 1024
#define LARGE 16384

#define GET(path, connection) "GET " path " HTTP/1.1\r\nHost: localhost\r\nConnection: " connection "\r\n\r\n"
#define GOT(size) "HTTP/1.1 200 OK\r\n*Content-Length: " #size "\r\n*\r\n\r\n"

static const char page[LARGE] = { [0 ... LARGE - 1] = 'x' };

#define KEPT "keep-alive"

static const struct request requests[] = {
	{ .name = "small", .text = GET("/small", KEPT), .answer = GOT(1024), .body = page, .body_size = SMALL },
	{ .name = "small_nops",
	  .text = GET("/small", KEPT),
	  .answer = GOT(1024),
	  .body = page,
	  .body_size = SMALL,
	  .nops = 1 },
	{ .name = "large", .text = GET("/large", KEPT), .answer = GOT(16384), .body = page, .body_size = LARGE },
	{ .name = "missing", .text = GET("/missing", KEPT), .answer = "HTTP/1.1 404 Not Found\r\n*</html>\r\n" },
	{ .name = "connect",
	  .text = GET("/small", "close"),
	  .answer = GOT(1024),
	  .body = page,
	  .body_size = SMALL,
	  .connects = 1 },
	{ 0 },
};

static const struct load loads[] = {
	{ .name = "c1", .connections = 1, .pipeline = 1, .exchanges = 24 },
	{ .name = "c16", .connections = 16, .pipeline = 1, .exchanges = 3 },
	{ 0 },
};

const struct server nginx = { .name = "nginx", .port = 8080, .requests = requests, .loads = loads };
