/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database file is another program's, or any of its bytes is damaged. A hook must go on with a
 * database, and nothing may be lost.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fsm/columns.h"
#include "tests/store_kit.h"
#include "tests/suite.h"

static const struct fsm_record zeroed;

/* clang-format off */
static const char *const strange[] = {
	"PRAGMA application_id = 1",
	"PRAGMA application_id = 0",
	"PRAGMA user_version = 0",
	"PRAGMA user_version = -1",
	"DROP TABLE record",
	"DROP TABLE journal",
	"ALTER TABLE record RENAME COLUMN detail TO details",
	"ALTER TABLE journal RENAME TO diary",
	"DELETE FROM record",
	"UPDATE record SET state = 'dreaming'",
	"UPDATE record SET state = ''",
	"UPDATE record SET told_status = 'ACTIVE'",
	"UPDATE record SET since = 'noon'",
	"UPDATE record SET failure_next_try = '2026-11-23 03:25:00'",
	"UPDATE record SET version = printf('%064d', 1)",
	"UPDATE record SET channel = 'latest/' || char(0) || 'edge'",
	"UPDATE record SET serves = 'perhaps'",
	"DROP TABLE record; CREATE TABLE record (id INTEGER PRIMARY KEY, state TEXT)",
	"DROP TABLE record; CREATE VIEW record AS SELECT 1 AS id",
};
/* clang-format on */

START_TEST(database_that_is_not_ours_is_set_aside)
{
	char aside[NAME_MAX + 1];

	kit_make_whole(1);
	kit_sql("PRAGMA journal_mode = DELETE");
	kit_sql(strange[_i]);
	kit_copy("state.db", "kept");
	struct store *store = kit_open_aside(aside);
	kit_expect(store, &zeroed);
	store_close(store);
	kit_expect_same(aside, "kept");
}
END_TEST

/* The table has no constraint that would forbid it. */
START_TEST(null_in_any_column_is_set_aside)
{
	char aside[NAME_MAX + 1], sql[128];

	kit_make_whole(1);
	(void)snprintf(sql, sizeof sql, "UPDATE record SET %s = NULL", fsm_columns[_i].name);
	kit_sql(sql);
	struct store *store = kit_open_aside(aside);
	kit_expect(store, &zeroed);
	store_close(store);
}
END_TEST

START_TEST(foreign_database_is_set_aside)
{
	char aside[NAME_MAX + 1];

	kit_sql("CREATE TABLE other (a); INSERT INTO other VALUES (1)");
	kit_copy("state.db", "kept");
	store_close(kit_open_aside(aside));
	kit_expect_same(aside, "kept");
}
END_TEST

START_TEST(garbage_is_set_aside)
{
	static const char *const garbage[] = { "x", "SQLite format 3", "SQLite format 4\0",
		"#!/bin/sh\nexit 1\n" };
	char aside[NAME_MAX + 1];

	for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
		kit_clear();
		kit_write("state.db", garbage[i], strlen(garbage[i]));
		kit_copy("state.db", "kept");
		store_close(kit_open_aside(aside));
		kit_expect_same(aside, "kept");
	}
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = kit_suite("store, damage", &tests);

	tcase_add_loop_test(tests, database_that_is_not_ours_is_set_aside, 0,
		sizeof strange / sizeof strange[0]);
	tcase_add_loop_test(tests, null_in_any_column_is_set_aside, 0, FSM_COLUMN_COUNT);
	tcase_add_test(tests, foreign_database_is_set_aside);
	tcase_add_test(tests, garbage_is_set_aside);
	return run_suite(suite);
}
