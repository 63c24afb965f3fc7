/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which other users of the database can make a commit wait or fail. The test replaces SQLite's
 * sleep, so no time passes.
 */
#include <sqlite3.h>
#include <unistd.h>

#include "tests/store_kit.h"
#include "tests/suite.h"

static long slept_us;

static int sleep_at_once(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	slept_us += us;
	return us;
}

static void stand_in(void)
{
	static sqlite3_vfs quick;

	quick = *sqlite3_vfs_find(NULL);
	quick.zName = "quick";
	quick.xSleep = sleep_at_once;
	ck_assert_int_eq(sqlite3_vfs_register(&quick, 1), SQLITE_OK);
}

/* What another process does with the database. */
static void hold(void *context)
{
	const char *const *statements = context;
	sqlite3 *db;

	if (sqlite3_open("state.db", &db) != SQLITE_OK ||
		sqlite3_exec(db, statements[0], NULL, NULL, NULL) != SQLITE_OK)
		_exit(1);
	kit_ready();
	kit_wait();
	/* A reader goes on seeing the data from when it began. */
	if (sqlite3_exec(db, statements[1], NULL, NULL, NULL) != SQLITE_OK)
		_exit(2);
	sqlite3_close(db);
}

START_TEST(reader_does_not_stop_a_commit)
{
	const char *statements[] = { "BEGIN; SELECT * FROM record",
		"CREATE TEMP TABLE sum (n CHECK (n = 1));"
		"INSERT INTO sum SELECT count(*) FROM journal; COMMIT" };
	struct kit_child child;
	struct fsm_record record;

	kit_make(1);
	kit_fork(&child, hold, statements);
	stand_in();
	struct store *store = kit_open();
	for (int i = 0; i < 100; i++) {
		kit_record(&record, i);
		kit_commit(store, &record);
	}
	store_close(store);
	ck_assert_int_eq(slept_us, 0);
	ck_assert_int_eq(kit_release(&child), 0);
	store = kit_open();
	kit_expect(store, &record);
	store_close(store);
}
END_TEST

START_TEST(writer_is_waited_for_but_not_for_ever)
{
	const char *statements[] = { "BEGIN IMMEDIATE; UPDATE record SET state = state",
		"ROLLBACK" };
	struct fsm_record record, other;
	struct kit_child child;
	struct error err = { 0 };

	kit_make(1);
	kit_record(&record, 1);
	kit_record(&other, 2);
	kit_fork(&child, hold, statements);
	stand_in();
	/* A hook that has nothing to write does not notice the lock. */
	struct store *store = kit_open();
	kit_expect(store, &record);
	ck_assert_int_eq(store_commit(store, &record, NULL, 0, NULL), 0);
	ck_assert_int_eq(slept_us, 0);
	ck_assert_int_eq(store_commit(store, &other, NULL, 0, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_BUSY);
	ck_assert_int_ge(slept_us, 4000000);
	ck_assert_int_le(slept_us, 6000000);
	kit_expect(store, &record);
	ck_assert_int_eq(kit_release(&child), 0);
	kit_commit(store, &other);
	kit_expect(store, &other);
	store_close(store);
}
END_TEST

START_TEST(locked_database_is_busy_and_not_set_aside)
{
	const char *statements[] = { "BEGIN EXCLUSIVE; UPDATE record SET state = 'x'", "ROLLBACK" };
	struct kit_child child;
	struct error err = { 0 };
	struct store *store = NULL;
	char aside[64];

	kit_make(1);
	kit_sql("PRAGMA journal_mode = DELETE");
	kit_fork(&child, hold, statements);
	stand_in();
	ck_assert_int_eq(store_open(".", &store, aside, sizeof aside, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_BUSY);
	ck_assert_str_eq(aside, "");
	ck_assert_int_ge(slept_us, 4000000);
	ck_assert_int_le(slept_us, 6000000);
	slept_us = 0;
	ck_assert_int_eq(store_inspect(".", &store, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_BUSY);
	ck_assert_int_le(slept_us, 3000000);
	ck_assert_int_eq(kit_release(&child), 0);
	store_close(kit_open());
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = kit_suite("store, locks", &tests);

	tcase_add_test(tests, reader_does_not_stop_a_commit);
	tcase_add_test(tests, writer_is_waited_for_but_not_for_ever);
	tcase_add_test(tests, locked_database_is_busy_and_not_set_aside);
	return run_suite(suite);
}
