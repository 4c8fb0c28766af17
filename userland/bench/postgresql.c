// SPDX-License-Identifier: MIT
/*
 * PostgreSQL by its protocol, version 3.0: what pgbench asks for, with a tenth of its smallest number of accounts. The
 * rows are always the same.
 */
#include "server.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#define SIZED(name, bytes) .name = bytes, .name##_size = sizeof(bytes) - 1

/* Messages of the server: a letter, the size in four bytes, the content. */
#define DONE(size, tag) "C\0\0\0" size tag "\0"
#define READY(state) "Z\0\0\0\5" state
#define IDLE READY("I")
#define IN_TRANSACTION READY("T")
/* Of one column, whose table has a number. */
#define HEAD(size, name) "T\0\0\0" size "\0\1" name "\0*"
#define ROW(size, length, value) "D\0\0\0" size "\0\1\0\0\0" length value

#define SELECT_BALANCE(id) "SELECT abalance FROM pgbench_accounts WHERE aid = " id
#define BALANCE HEAD("\x21", "abalance")

/* A simple query: the letter, the size of the rest, the text with its end. */
static size_t write_query(char *to, const char *text)
{
	const size_t size = strlen(text) + 1;
	const uint32_t length = htonl(sizeof(length) + size);

	to[0] = 'Q';
	memcpy(to + 1, &length, sizeof(length));
	memcpy(to + 1 + sizeof(length), text, size);
	return 1 + sizeof(length) + size;
}

static const struct request greeting = {
	.name = "greeting",
	SIZED(text, "\0\0\0\x29\0\3\0\0user\0postgres\0database\0postgres\0\0"),
	SIZED(answer, "R\0\0\0\x08\0\0\0\0*" IDLE),
};

/* As "pgbench -i" does, but for the balances, which have four digits, always. */
static const struct request fill[] = {
	{ .name = "fill",
	  .text = "CREATE TABLE pgbench_history(tid int, bid int, aid int, delta int, mtime timestamp, filler char(22))",
	  SIZED(answer, DONE("\x11", "CREATE TABLE") IDLE),
	  .next = &fill[1] },
	{ .name = "fill",
	  .text = "CREATE TABLE pgbench_tellers(tid int NOT NULL PRIMARY KEY, bid int, tbalance int, filler char(84))",
	  SIZED(answer, DONE("\x11", "CREATE TABLE") IDLE),
	  .next = &fill[2] },
	{ .name = "fill",
	  .text = "CREATE TABLE pgbench_accounts(aid int NOT NULL PRIMARY KEY, bid int, abalance int, filler char(84))",
	  SIZED(answer, DONE("\x11", "CREATE TABLE") IDLE),
	  .next = &fill[3] },
	{ .name = "fill",
	  .text = "CREATE TABLE pgbench_branches(bid int NOT NULL PRIMARY KEY, bbalance int, filler char(88))",
	  SIZED(answer, DONE("\x11", "CREATE TABLE") IDLE),
	  .next = &fill[4] },
	{ .name = "fill",
	  .text = "INSERT INTO pgbench_branches(bid, bbalance) VALUES(1, 0)",
	  SIZED(answer, DONE("\x0f", "INSERT 0 1") IDLE),
	  .next = &fill[5] },
	{ .name = "fill",
	  .text = "INSERT INTO pgbench_tellers(tid, bid, tbalance) SELECT n, 1, 0 FROM generate_series(1, 10) n",
	  SIZED(answer, DONE("\x10", "INSERT 0 10") IDLE),
	  .next = &fill[6] },
	{ .name = "fill",
	  .text = "INSERT INTO pgbench_accounts SELECT n, 1, 1000, '' FROM generate_series(1, 10000) n",
	  SIZED(answer, DONE("\x13", "INSERT 0 10000") IDLE),
	  .next = &fill[7] },
	{ .name = "fill", .text = "VACUUM ANALYZE", SIZED(answer, DONE("\x0b", "VACUUM") IDLE) },
};

static const struct request restore = {
	.name = "restore",
	.text = "UPDATE pgbench_accounts SET abalance = 1000 WHERE aid = 7777",
	SIZED(answer, DONE("\x0d", "UPDATE 1") IDLE),
};

/* The seven statements of pgbench's "TPC-B (sort of)". */
static const struct request statements[] = {
	{ .name = "update",
	  .text = "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = 7777",
	  SIZED(answer, DONE("\x0d", "UPDATE 1") IN_TRANSACTION),
	  .next = &statements[1] },
	{ .name = "balance",
	  .text = SELECT_BALANCE("7777"),
	  SIZED(answer, BALANCE ROW("\x0e", "\4", "#") DONE("\x0d", "SELECT 1") IN_TRANSACTION),
	  .next = &statements[2] },
	{ .name = "teller",
	  .text = "UPDATE pgbench_tellers SET tbalance = tbalance + 1 WHERE tid = 7",
	  SIZED(answer, DONE("\x0d", "UPDATE 1") IN_TRANSACTION),
	  .next = &statements[3] },
	{ .name = "branch",
	  .text = "UPDATE pgbench_branches SET bbalance = bbalance + 1 WHERE bid = 1",
	  SIZED(answer, DONE("\x0d", "UPDATE 1") IN_TRANSACTION),
	  .next = &statements[4] },
	{ .name = "history",
	  .text = "INSERT INTO pgbench_history(tid, bid, aid, delta, mtime) VALUES(7, 1, 7777, 1, CURRENT_TIMESTAMP)",
	  SIZED(answer, DONE("\x0f", "INSERT 0 1") IN_TRANSACTION),
	  .next = &statements[5] },
	{ .name = "end", .text = "END", SIZED(answer, DONE("\x0b", "COMMIT") IDLE) },
};

static const struct request requests[] = {
	{ .name = "select",
	  .text = SELECT_BALANCE("4242"),
	  SIZED(answer, BALANCE ROW("\x0e", "\4", "1000") DONE("\x0d", "SELECT 1") IDLE) },
	{ .name = "tpcb",
	  .text = "BEGIN",
	  SIZED(answer, DONE("\x0a", "BEGIN") IN_TRANSACTION),
	  .next = statements,
	  .prepare = &restore },
	{ .name = "select_nops",
	  .text = SELECT_BALANCE("4242"),
	  SIZED(answer, BALANCE ROW("\x0e", "\4", "1000") DONE("\x0d", "SELECT 1") IDLE),
	  .nops = 1 },
	{ 0 },
};

static const struct load loads[] = {
	{ .name = "c1", .connections = 1, .pipeline = 1, .exchanges = 6 },
	{ 0 },
};

static char *const setup[] = {
	"/usr/local/pgsql/bin/initdb", "-D", "/data/main", "-U", "postgres", "-A", "trust", "--no-locale", NULL,
};

const struct server postgresql = {
	.name = "postgresql",
	.port = 5432,
	.requests = requests,
	.loads = loads,
	.setup = setup,
	.directory = "/data",
	.greeting = &greeting,
	.fill = fill,
	.write = write_query,
};
