// SPDX-License-Identifier: MIT
/*
 * Counts the instructions of statements that SQLite executes in this process,
 * on a database in memory and on one in a file, with SQLite's own defaults: a
 * statement is a transaction with a journal. Every answer is looked at, and in
 * the end what all of them together have done.
 */
#include "../bench/bench.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Before anything is counted. */
#define ROWS 2000
#define NAME_SIZE 64
/* What one statement adds up. */
#define SUMMED_ROWS 100
#define UPDATES_IN_TRANSACTION 10
/* What an operation with NOPs does more. */
#define KNOWN_EFFECT 1000

static sqlite3 *database;
static sqlite3_stmt *inserting, *selecting, *updating, *summing, *beginning, *committing;
/* What the table has to have. */
static sqlite3_int64 row_count, update_count;

static void expect(int result, int expected)
{
	if (result != expected) {
		fprintf(stderr, "bench: SQLite returned %d, not %d: %s\n", result, expected, sqlite3_errmsg(database));
		fail("a statement failed");
	}
}

static void execute(const char *text)
{
	expect(sqlite3_exec(database, text, NULL, NULL, NULL), SQLITE_OK);
}

static sqlite3_stmt *prepare(const char *text)
{
	sqlite3_stmt *statement;

	expect(sqlite3_prepare_v3(database, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), SQLITE_OK);
	return statement;
}

/* To the end, without an answer. */
static void finish(sqlite3_stmt *statement)
{
	expect(sqlite3_step(statement), SQLITE_DONE);
	expect(sqlite3_reset(statement), SQLITE_OK);
}

static void change_one(sqlite3_stmt *statement)
{
	finish(statement);
	if (sqlite3_changes(database) != 1)
		fail("a statement did not change one row");
}

static void name_row(char name[NAME_SIZE + 1], sqlite3_int64 id)
{
	snprintf(name, NAME_SIZE + 1, "%0*lld", NAME_SIZE, (long long)id);
}

/* Rows far from each other, and the same at every start. */
static sqlite3_int64 choose_row(unsigned int i)
{
	return 1 + i * 7919ULL % ROWS;
}

static void insert_row(unsigned int i)
{
	char name[NAME_SIZE + 1];

	(void)i;
	name_row(name, ++row_count);
	sqlite3_bind_int64(inserting, 1, row_count);
	sqlite3_bind_text(inserting, 2, name, NAME_SIZE, SQLITE_STATIC);
	change_one(inserting);
}

/* The same instructions in both operations that are compared. */
static inline __attribute__((always_inline)) void select_one(unsigned int i)
{
	const sqlite3_int64 id = choose_row(i);
	char name[NAME_SIZE + 1];

	name_row(name, id);
	sqlite3_bind_int64(selecting, 1, id);
	expect(sqlite3_step(selecting), SQLITE_ROW);
	if (strcmp((const char *)sqlite3_column_text(selecting, 0), name))
		fail("a row has another's name");
	finish(selecting);
}

static void select_row(unsigned int i)
{
	select_one(i);
}

static void select_row_and_nops(unsigned int i)
{
	select_one(i);
	NOPS(KNOWN_EFFECT);
}

static void update_row(unsigned int i)
{
	sqlite3_bind_int64(updating, 1, choose_row(i));
	change_one(updating);
	update_count++;
}

static void update_rows(unsigned int i)
{
	finish(beginning);
	for (unsigned int k = 0; k < UPDATES_IN_TRANSACTION; k++)
		update_row(i * UPDATES_IN_TRANSACTION + k);
	finish(committing);
}

static void sum_rows(unsigned int i)
{
	const sqlite3_int64 first = 1 + i * 7919ULL % (ROWS - SUMMED_ROWS);

	sqlite3_bind_int64(summing, 1, first);
	sqlite3_bind_int64(summing, 2, first + SUMMED_ROWS - 1);
	expect(sqlite3_step(summing), SQLITE_ROW);
	if (sqlite3_column_int64(summing, 0) != SUMMED_ROWS * (2 * first + SUMMED_ROWS - 1) / 2)
		fail("a sum is wrong");
	finish(summing);
}

/* In a region: so few that most regions see no timer interrupt. */
static const struct {
	const char *name;
	void (*run)(unsigned int i);
	unsigned int count;
} operations[] = {
	{ .name = "insert", .run = insert_row, .count = 20 },
	{ .name = "select", .run = select_row, .count = 50 },
	{ .name = "update", .run = update_row, .count = 20 },
	{ .name = "transaction", .run = update_rows, .count = 5 },
	{ .name = "sum", .run = sum_rows, .count = 20 },
	{ .name = "select_nops", .run = select_row_and_nops, .count = 50 },
};

static const struct {
	const char *name, *path;
} places[] = {
	{ .name = "memory", .path = ":memory:" },
	{ .name = "file", .path = "/tmp/bench.db" },
};

#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))
#define PLACES (sizeof(places) / sizeof(places[0]))

static unsigned long counts[PLACES][OPERATIONS][REGIONS];

static void open_database(const char *path)
{
	expect(sqlite3_open(path, &database), SQLITE_OK);
	execute("CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT NOT NULL, uses INTEGER NOT NULL DEFAULT 0)");
	inserting = prepare("INSERT INTO item(id, name) VALUES(?, ?)");
	selecting = prepare("SELECT name FROM item WHERE id = ?");
	updating = prepare("UPDATE item SET uses = uses + 1 WHERE id = ?");
	summing = prepare("SELECT sum(id) FROM item WHERE id BETWEEN ? AND ?");
	beginning = prepare("BEGIN IMMEDIATE");
	committing = prepare("COMMIT");
	row_count = update_count = 0;
	finish(beginning);
	for (unsigned int i = 0; i < ROWS; i++)
		insert_row(i);
	finish(committing);
}

static void check_database(void)
{
	sqlite3_stmt *total = prepare("SELECT count(*), sum(uses) FROM item");

	expect(sqlite3_step(total), SQLITE_ROW);
	if (sqlite3_column_int64(total, 0) != row_count || sqlite3_column_int64(total, 1) != update_count)
		fail("the table is not what it has to be");
	sqlite3_finalize(total);
}

static void close_database(void)
{
	sqlite3_stmt *const statements[] = { inserting, selecting, updating, summing, beginning, committing };

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		sqlite3_finalize(statements[i]);
	expect(sqlite3_close(database), SQLITE_OK);
}

static void measure(size_t i, unsigned long *regions)
{
	for (unsigned int region = 0; region < REGIONS; region++) {
		unsigned long start = read_counter();

		for (unsigned int k = 0; k < operations[i].count; k++)
			operations[i].run(region * operations[i].count + k);
		regions[region] = read_counter() - start;
	}
}

int main(void)
{
	char name[64];

	print_maker();
	settle(3);
	for (size_t place = 0; place < PLACES; place++) {
		open_database(places[place].path);
		for (size_t i = 0; i < OPERATIONS; i++)
			measure(i, counts[place][i]);
		check_database();
		close_database();
	}
	for (size_t place = 0; place < PLACES; place++) {
		for (size_t i = 0; i < OPERATIONS; i++) {
			snprintf(name, sizeof(name), "%s_%s", operations[i].name, places[place].name);
			print_counts(name, operations[i].count, counts[place][i]);
		}
	}
	check(unlink(places[PLACES - 1].path), "unlink");
	return 0;
}
