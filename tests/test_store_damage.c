/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database file is another program's, or any of its bytes is damaged. A hook must go on with a
 * database, and nothing may be lost.
 */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
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

START_TEST(foreign_database_is_set_aside)
{
	char aside[NAME_MAX + 1];

	kit_sql("CREATE TABLE other (a); INSERT INTO other VALUES (1)");
	kit_copy("state.db", "kept");
	store_close(kit_open_aside(aside));
	kit_expect_same(aside, "kept");
}
END_TEST

/*
 * A damaged file is either set aside unchanged, or its record is still the same. Then a commit
 * works, or fails in a way that lets the hook replace the database.
 */
static void survive(const char *kept, const struct fsm_record *record)
{
	char aside[NAME_MAX + 1];
	struct error err = { 0 };
	struct fsm_record found;
	struct store *store = NULL;

	if (store_inspect(".", &store, &err) == 0)
		store_close(store);
	store = NULL;
	if (store_open(".", &store, aside, sizeof aside, &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert_int_eq(store_load(store, &found, NULL), 0);
	if (*aside) {
		ck_assert_mem_eq(&found, &zeroed, sizeof found);
		kit_expect_same(aside, kept);
		ck_assert_int_eq(unlink(aside), 0);
	} else {
		ck_assert_mem_eq(&found, record, sizeof found);
	}
	if (store_commit(store, record, &(struct store_entry){ 0 }, 1, &err) == 0) {
		kit_expect(store, record);
		store_close(store);
		return;
	}
	ck_assert_int_eq(err.kind, ERROR_CORRUPT);
	store_close(store);
	ck_assert_int_eq(store_set_aside(".", aside, sizeof aside, &err), 0);
	store_close(kit_open());
}

START_TEST(cut_database_is_survived)
{
	static const size_t sizes[] = { 1, 15, 16, 17, 99, 100, 101, 511, 512, 513, 1024, 4095,
		4096, 4097, 8191, 8192, 8193, 12287 };
	struct fsm_record record;
	size_t size;

	kit_record(&record, 1);
	kit_make_whole(1);
	CLEANUP(cleanup_free) char *data = kit_read("state.db", &size);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		ck_assert_uint_lt(sizes[i], size);
		kit_clear();
		kit_write("state.db", data, sizes[i]);
		kit_copy("state.db", "kept");
		survive("kept", &record);
	}
}
END_TEST

START_TEST(flipped_bytes_are_survived)
{
	struct fsm_record record;
	size_t size;

	kit_record(&record, 1);
	kit_make_whole(1);
	CLEANUP(cleanup_free) char *data = kit_read("state.db", &size);
	for (size_t i = 0; i < 100; i++) {
		if (i > 60 && i < 64)
			continue; /* a newer schema */
		kit_clear();
		data[i] = (char)~data[i];
		kit_write("state.db", data, size);
		kit_copy("state.db", "kept");
		survive("kept", &record);
		data[i] = (char)~data[i];
	}
}
END_TEST

START_TEST(overwritten_pages_are_survived)
{
	struct fsm_record record;
	size_t size;

	kit_record(&record, 1);
	kit_make_whole(1);
	CLEANUP(cleanup_free) char *data = kit_read("state.db", &size);
	for (size_t at = 0; at < size; at += 4096) {
		for (int byte = 0; byte < 256; byte += 85) {
			char page[4096];

			kit_clear();
			memcpy(page, data + at, 4096);
			memset(data + at, byte, 4096);
			kit_write("state.db", data, size);
			memcpy(data + at, page, 4096);
			kit_copy("state.db", "kept");
			survive("kept", &record);
		}
	}
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
	tcase_add_test(tests, foreign_database_is_set_aside);
	tcase_add_test(tests, cut_database_is_survived);
	tcase_add_test(tests, flipped_bytes_are_survived);
	tcase_add_test(tests, overwritten_pages_are_survived);
	tcase_add_test(tests, garbage_is_set_aside);
	return run_suite(suite);
}
