/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Older and newer schemas: what a migration keeps, and that a newer database is left alone.
 */
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/schema.h"
#include "tests/store_kit.h"
#include "tests/suite.h"

static struct store *open_with(const struct store_migration *migrations, size_t count)
{
	struct error err = { 0 };
	struct store *store = NULL;
	char aside[NAME_MAX + 1];

	if (store_open_with(".", migrations, count, &store, aside, sizeof aside, &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert_str_eq(aside, "");
	return store;
}

/* The charm's own list and two more migrations. */
static size_t later_list(struct store_migration ret[static 16])
{
	memcpy(ret, store_migrations, store_migrations_count * sizeof *ret);
	ret[store_migrations_count] = (struct store_migration){
		.sql = "ALTER TABLE record ADD COLUMN mood TEXT NOT NULL "
		       "DEFAULT 'good'; UPDATE record SET mood = 'better'",
	};
	ret[store_migrations_count + 1] = (struct store_migration){
		.sql = "CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT",
	};
	return store_migrations_count + 2;
}

static int gather_row(void *context, int count, char **values, char **names)
{
	struct buf *ret = context;

	(void)names;
	for (int i = 0; i < count; i++)
		ck_assert_int_eq(buf_addf(ret, "%s|", values[i] ? values[i] : "NULL"), 0);
	return buf_adds(ret, "\n");
}

/* What a new database holds: every table and view as it was made, the record, the schema. */
static void describe(const struct store_migration *migrations, struct buf *ret)
{
	sqlite3 *db;

	store_close(open_with(migrations, store_migrations_count));
	buf_init(ret, 64 * 1024);
	ck_assert_int_eq(sqlite3_open("state.db", &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db,
				 "SELECT type, name, sql FROM sqlite_schema ORDER BY name;"
				 "SELECT * FROM record; PRAGMA user_version",
				 gather_row, ret, NULL),
		SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	kit_clear();
}

START_TEST(new_database_is_what_the_migrations_make)
{
	CLEANUP(buf_done) struct buf new;
	CLEANUP(buf_done) struct buf migrated;
	struct store_migration one_by_one[16];

	(void)later_list(one_by_one);
	for (size_t i = 0; i < store_migrations_count; i++)
		one_by_one[i].whole = NULL;
	describe(store_migrations, &new);
	describe(one_by_one, &migrated);
	ck_assert_str_eq(buf_text(&new), buf_text(&migrated));
	ck_assert_ptr_nonnull(strstr(buf_text(&new), "1|uninstalled|"));
}
END_TEST

START_TEST(older_schema_is_brought_up_to_date)
{
	struct store_migration migrations[16];
	size_t count = later_list(migrations);
	struct fsm_record record;
	struct kit_seen seen = { 0 };

	kit_record(&record, 1);
	kit_make(1);
	struct store *store = open_with(migrations, count - 1);
	ck_assert_int_eq(store_schema(store), (int)count - 1);
	kit_expect(store, &record);
	kit_list(store, 10, &seen);
	ck_assert_uint_eq(seen.count, 1);
	store_close(store);
	store_close(open_with(migrations, count));
	kit_expect_text("SELECT mood || (SELECT count(*) FROM extra) FROM record", "better0");
}
END_TEST

/* The row that kit_make() wrote. */
static int see_row(const struct store_entry *entry, void *context)
{
	++*(int *)context;
	ck_assert_int_eq(entry->sequence, 1);
	ck_assert_int_eq(entry->time, 1700000000);
	ck_assert_str_eq(entry->hook, "config-changed");
	ck_assert_str_eq(entry->before, "active");
	ck_assert_str_eq(entry->detail, "from latest/stable");
	return 0;
}

START_TEST(schema_1_keeps_record_and_history)
{
	struct fsm_record record;
	struct store *store = NULL;
	char lines[4096] = "";
	int rows = 0;

	kit_record(&record, 3);
	kit_as_first_had_it(&record);
	ck_assert(record.ours);
	ck_assert_int_eq(record.failure.class, FSM_CLASS_FINAL);
	kit_make_first(3);
	kit_expect_text("PRAGMA user_version", "1");
	ck_assert_int_eq(store_inspect(".", &store, NULL), 0);
	kit_expect(store, &record);
	store_close(store);
	kit_expect_text("PRAGMA user_version", "1");
	store = kit_open();
	kit_expect(store, &record);
	ck_assert_int_eq(store_journal(store, 10, see_row, &rows, NULL), 0);
	ck_assert_int_eq(rows, 1);
	kit_commit(store, &record);
	store_close(store);
	kit_expect_text("PRAGMA user_version", "2");
	kit_expect_text("SELECT ours || (SELECT count(*) FROM journal) FROM status", "yes2");
	ck_assert_uint_eq(kit_check(lines), 0);
}
END_TEST

/* Whom a failure waited for: those that pass and none are called as before. */
START_TEST(schema_1_keeps_the_class_of_a_failure_that_passes)
{
	struct fsm_record record;
	struct store *store;

	kit_record(&record, 3);
	kit_as_first_had_it(&record);
	record.failure.class = _i ? FSM_CLASS_PASSING : FSM_CLASS_NONE;
	kit_make_first(3);
	kit_sql(_i ? "UPDATE record SET memory_class = 'passing'"
		   : "UPDATE record SET memory_class = 'none'");
	store = kit_open();
	kit_expect(store, &record);
	store_close(store);
}
END_TEST

/* How often the snap was put right was the attempts of a failure, which had not failed. */
START_TEST(drift_of_schema_1_becomes_a_memory_of_its_own)
{
	struct fsm_record record;
	struct store *store;

	kit_record(&record, 3);
	kit_as_first_had_it(&record);
	record.failure.class = FSM_CLASS_NONE;
	record.drift.target = record.failure.target;
	record.drift.times = record.failure.attempts;
	record.drift.put = record.failure.tried;
	record.drift.next_try = record.failure.next_try;
	kit_make_first(3);
	kit_sql("UPDATE record SET memory_class = 'drift'");
	store = kit_open();
	kit_expect(store, &record);
	store_close(store);
}
END_TEST

START_TEST(new_unit_of_schema_1_is_a_new_unit)
{
	static const struct fsm_record zeroed;

	kit_sql(store_migrations[0].sql);
	kit_sql("PRAGMA application_id = 0x6d73766d; PRAGMA user_version = 1");
	struct store *store = kit_open();
	kit_expect(store, &zeroed);
	store_close(store);
}
END_TEST

START_TEST(newer_schema_is_refused_and_left_alone)
{
	struct store_migration migrations[16];
	size_t count = later_list(migrations);
	struct error err = { 0 };
	struct store *store = NULL;
	char aside[NAME_MAX + 1];

	store = open_with(migrations, count);
	kit_commit(store, NULL);
	store_close(store);
	store = NULL;
	char *before = kit_picture(false);
	ck_assert_int_eq(store_open(".", &store, aside, sizeof aside, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_NEWER);
	ck_assert_int_eq(err.code, (int)count);
	ck_assert_str_eq(aside, "");
	ck_assert_ptr_null(store);
	err = (struct error){ 0 };
	ck_assert_int_eq(store_inspect(".", &store, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_NEWER);
	ck_assert_int_eq(err.code, (int)count);
	char *after = kit_picture(false);
	ck_assert_str_eq(before, after);
	store_close(open_with(migrations, count));
	free(before);
	free(after);
}
END_TEST

START_TEST(older_schema_is_inspected_as_it_would_become)
{
	struct store_migration migrations[16];
	size_t count = later_list(migrations);
	struct fsm_record record;
	struct store *store = NULL;

	kit_record(&record, 1);
	kit_make(1);
	char *before = kit_picture(true);
	ck_assert_int_eq(store_inspect_with(".", migrations, count, &store, NULL), 0);
	kit_expect(store, &record);
	ck_assert_int_eq(store_schema(store), store_schema_own());
	store_close(store);
	char *after = kit_picture(true);
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = kit_suite("store_migrate", &tests);

	tcase_add_test(tests, new_database_is_what_the_migrations_make);
	tcase_add_test(tests, older_schema_is_brought_up_to_date);
	tcase_add_test(tests, schema_1_keeps_record_and_history);
	tcase_add_loop_test(tests, schema_1_keeps_the_class_of_a_failure_that_passes, 0, 2);
	tcase_add_test(tests, drift_of_schema_1_becomes_a_memory_of_its_own);
	tcase_add_test(tests, new_unit_of_schema_1_is_a_new_unit);
	tcase_add_test(tests, newer_schema_is_refused_and_left_alone);
	tcase_add_test(tests, older_schema_is_inspected_as_it_would_become);
	return run_suite(suite);
}
