// SPDX-License-Identifier: MIT
/* Reading and writing without a device behind it. */
#include "operations.h"

#include <fcntl.h>
#include <unistd.h>

static char buffer[8192];
static int fd;

static void open_zero(void)
{
	fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	check(fd, "open /dev/zero");
}

static void open_null(void)
{
	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	check(fd, "open /dev/null");
}

static void close_it(void)
{
	close(fd);
}

#define TRANSFER(call, size)                                   \
	static void call##_##size(void)                        \
	{                                                      \
		check(call(fd, buffer, size), #call " " #size); \
	}

TRANSFER(read, 1)
TRANSFER(read, 64)
TRANSFER(read, 1024)
TRANSFER(read, 8192)
TRANSFER(write, 1)
TRANSFER(write, 8192)

const struct operation file_operations[] = {
	{ .name = "read_1", .begin = open_zero, .run = read_1, .end = close_it, .count = 400 },
	{ .name = "read_64", .begin = open_zero, .run = read_64, .end = close_it, .count = 400 },
	{ .name = "read_1024", .begin = open_zero, .run = read_1024, .end = close_it, .count = 400 },
	{ .name = "read_8192", .begin = open_zero, .run = read_8192, .end = close_it, .count = 200 },
	{ .name = "write_1", .begin = open_null, .run = write_1, .end = close_it, .count = 400 },
	{ .name = "write_8192", .begin = open_null, .run = write_8192, .end = close_it, .count = 400 },
	{ 0 },
};
