/* SPDX-License-Identifier: Apache-2.0 */
/* What goes into the database comes out again: record, journal, schema; and `state check`. */
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "fsm/names.h"
#include "store/record.h"
#include "store/schema.h"
#include "tests/store_kit.h"
#include "tests/suite.h"

static void expect_text(const char *sql, const char *expected)
{
	sqlite3_stmt *statement;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open("state.db", &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
	ck_assert_str_eq((const char *)sqlite3_column_text(statement, 0), expected);
	sqlite3_finalize(statement);
	sqlite3_close(db);
}

START_TEST(new_database_holds_the_zeroed_record)
{
	static const struct fsm_record zeroed;
	struct store *store = kit_open();

	kit_expect(store, &zeroed);
	ck_assert_int_eq(store_schema(store), store_schema_own());
	store_close(store);
}
END_TEST

START_TEST(record_comes_back_as_it_was)
{
	struct fsm_record record;

	kit_record(&record, 1);
	kit_make(1);
	struct store *store = kit_open();
	kit_expect(store, &record);
	kit_record(&record, 2);
	kit_commit(store, &record);
	kit_expect(store, &record);
	store_close(store);
}
END_TEST

#define EVERY(kind, PREFIX, member)                                                                \
	for (unsigned value = 0; value < FSM_##PREFIX##_COUNT; value++) {                          \
		memset(&record, 0, sizeof record);                                                 \
		record.member = (enum fsm_##kind)value;                                            \
		kit_commit(store, &record);                                                        \
		kit_expect(store, &record);                                                        \
	}

START_TEST(every_name_comes_back)
{
	struct store *store = kit_open();
	struct fsm_record record;

	EVERY(state, STATE, state)
	EVERY(reason, REASON, reason)
	EVERY(reason, REASON, failure.reason)
	EVERY(op, OP, intent.op)
	EVERY(op, OP, failure.op)
	EVERY(phase, PHASE, intent.phase)
	EVERY(class, CLASS, failure.class)
	EVERY(port, PORT, port)
	EVERY(status, STATUS, told_status)
	store_close(store);
}
END_TEST

/*
 * A charm cannot read a name that was added after it, so a change of the names in a record or in the
 * journal is a change of the schema: see store/schema.c.
 */
enum {
	NAMES_OF_SCHEMA_2 = 2143286379
};

#define ADD_NAMES(kind, PREFIX, LIST)                                                              \
	for (unsigned i = 0; i < FSM_##PREFIX##_COUNT; i++)                                        \
		for (const char *at = fsm_##kind##_name((enum fsm_##kind)i); *at; at++)            \
			sum = (sum * 33 + (unsigned char)*at) % 2147483647;

START_TEST(names_are_those_of_this_schema)
{
	unsigned long sum = 5381;

	FSM_KINDS(ADD_NAMES)
	ck_assert_int_eq(store_schema_own(), 2);
	ck_assert_uint_eq(sum, NAMES_OF_SCHEMA_2);
}
END_TEST

START_TEST(plain_sql_reads_it)
{
	struct store *store = kit_open();
	struct fsm_record record = { .state = FSM_STATE_INSTALLING,
		.target.channel = "latest/edge",
		.intent = { .op = FSM_OP_REFRESH,
			.target.channel = "latest/edge",
			.asked = 1795404300,
			.change = 12 },
		.ours = true };

	kit_commit(store, &record);
	store_close(store);
	expect_text(
		"SELECT state || ' ' || ours || ' ' || retired FROM record", "installing yes no");
	expect_text("SELECT intent_op || ' ' || intent_channel || ', asked ' || intent_asked ||"
		    " ', change ' || intent_change FROM record",
		"refresh latest/edge, asked 2026-11-23T03:25:00Z, change 12");
	expect_text("SELECT time || ' ' || hook || ' ' || event FROM journal",
		"2023-11-14T22:13:20Z config-changed astray");
}
END_TEST

struct seen {
	int64_t first, last;
	size_t count, stop;
	char detail[64];
};

static int see(const struct store_entry *entry, void *context)
{
	struct seen *seen = context;

	if (!seen->count)
		seen->first = entry->sequence;
	else
		ck_assert_int_eq(entry->sequence, seen->last + 1);
	seen->last = entry->sequence;
	(void)snprintf(seen->detail, sizeof seen->detail, "%s", entry->detail);
	return ++seen->count == seen->stop;
}

static void list(struct store *store, size_t limit, struct seen *seen)
{
	struct error err = { 0 };

	if (store_journal(store, limit, see, seen, &err) < 0)
		ck_abort_msg("%s", err.text);
}

static int see_whole(const struct store_entry *entry, void *context)
{
	const struct store_entry *expected = context;

	ck_assert_int_eq(entry->sequence, 1);
	ck_assert_int_eq(entry->time, expected->time);
	ck_assert_str_eq(entry->hook, expected->hook);
	ck_assert_str_eq(entry->event, expected->event);
	ck_assert_str_eq(entry->before, expected->before);
	ck_assert_str_eq(entry->after, expected->after);
	ck_assert_str_eq(entry->effect, expected->effect);
	ck_assert_str_eq(entry->channel, expected->channel);
	ck_assert_int_eq(entry->change, expected->change);
	ck_assert_str_eq(entry->detail, "");
	return 0;
}

START_TEST(journal_row_comes_back_as_it_was)
{
	struct store_entry entry = { 99, 1795404300, "it's", "\"event\"", "a", "b", "--",
		"\xc3\xa4", INT64_MAX, NULL };
	struct fsm_record record = { 0 };
	struct store *store = kit_open();

	ck_assert_int_eq(store_commit(store, &record, &entry, 1, NULL), 0);
	ck_assert_int_eq(store_journal(store, 10, see_whole, &entry, NULL), 0);
	store_close(store);
}
END_TEST

START_TEST(journal_keeps_the_last_thousand_without_a_gap)
{
	struct fsm_record record = { 0 };
	struct store_entry entries[230];
	struct seen all = { 0 }, few = { 0 }, one = { .stop = 1 };
	char details[230][16];
	struct store *store = kit_open();

	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 230; i++) {
			(void)snprintf(details[i], sizeof details[i], "%d", round * 230 + i + 1);
			entries[i] = (struct store_entry){ .detail = details[i] };
		}
		ck_assert_int_eq(store_commit(store, &record, entries, 230, NULL), 0);
	}
	list(store, SIZE_MAX, &all);
	ck_assert_uint_eq(all.count, STORE_JOURNAL_MAX);
	ck_assert_int_eq(all.first, 1301);
	ck_assert_int_eq(all.last, 2300);
	list(store, 3, &few);
	ck_assert_int_eq(few.first, 2298);
	ck_assert_str_eq(few.detail, "2300");
	list(store, 3, &one);
	ck_assert_uint_eq(one.count, 1);
	store_close(store);
	expect_text("SELECT count(*) FROM journal", "1000");
}
END_TEST

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
	struct seen seen = { 0 };

	kit_record(&record, 1);
	kit_make(1);
	struct store *store = open_with(migrations, count - 1);
	ck_assert_int_eq(store_schema(store), (int)count - 1);
	kit_expect(store, &record);
	list(store, 10, &seen);
	ck_assert_uint_eq(seen.count, 1);
	store_close(store);
	store_close(open_with(migrations, count));
	expect_text("SELECT mood || (SELECT count(*) FROM extra) FROM record", "better0");
}
END_TEST

static void gather(const char *line, void *context)
{
	char *lines = context;
	size_t used = strlen(lines);

	(void)snprintf(lines + used, 4096 - used, "%s\n", line);
}

static size_t check(char lines[static 4096])
{
	struct error err = { 0 };
	struct store *store = NULL;
	size_t found;

	lines[0] = '\0';
	if (store_inspect(".", &store, &err) < 0)
		ck_abort_msg("%s", err.text);
	if (store_check(store, gather, lines, &found, &err) < 0)
		ck_abort_msg("%s", err.text);
	store_close(store);
	return found;
}

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
	expect_text("PRAGMA user_version", "1");
	ck_assert_int_eq(store_inspect(".", &store, NULL), 0);
	kit_expect(store, &record);
	store_close(store);
	expect_text("PRAGMA user_version", "1");
	store = kit_open();
	kit_expect(store, &record);
	ck_assert_int_eq(store_journal(store, 10, see_row, &rows, NULL), 0);
	ck_assert_int_eq(rows, 1);
	kit_commit(store, &record);
	store_close(store);
	expect_text("PRAGMA user_version", "2");
	expect_text("SELECT ours || (SELECT count(*) FROM journal) FROM status", "yes2");
	ck_assert_uint_eq(check(lines), 0);
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

/* clang-format off */
static const struct {
	const char *damage, *line;
} damages[] = {
	{ "DELETE FROM journal WHERE sequence = 3",                    "no rows between 2 and 4" },
	{ "UPDATE journal SET event = 'dreamt' WHERE sequence = 2",    "row 2: unknown name 'dreamt'" },
	{ "UPDATE journal SET before = 'dreamt' WHERE sequence = 2",   "row 2: unknown name 'dreamt'" },
	{ "UPDATE journal SET after = 'dreamt' WHERE sequence = 2",    "row 2: unknown name 'dreamt'" },
	{ "UPDATE journal SET effect = char(27) WHERE sequence = 2",   "row 2: unknown name '?'" },
	{ "UPDATE journal SET time = 'noon' WHERE sequence = 2",       "row 2: not a valid time" },
	{ "INSERT INTO journal (sequence, time, hook, event, before, after, effect, channel, change,"
	  " detail) WITH RECURSIVE n(i) AS (SELECT 6 UNION ALL SELECT i + 1 FROM n WHERE i < 1001)"
	  " SELECT i, '', '', '', '', '', '', '', 0, '' FROM n",       "1001 rows" },
	{ "UPDATE record SET reason = 'dreamt'",                       "record.reason" },
	{ "UPDATE record SET since = 'noon'",                          "record.since" },
	{ "DELETE FROM record",                                        "record is gone" },
	{ "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql,"
	  " 'time TEXT NOT NULL', 'time INTEGER NOT NULL')",           "non-INTEGER value" },
};
/* clang-format on */

START_TEST(check_finds_what_is_wrong)
{
	struct store *store = kit_open();
	char lines[4096];

	for (int i = 0; i < 5; i++)
		kit_commit(store, NULL);
	store_close(store);
	ck_assert_uint_eq(check(lines), 0);
	kit_sql(damages[_i].damage);
	ck_assert_uint_ge(check(lines), 1);
	ck_assert_msg(strstr(lines, damages[_i].line) != NULL, "%s", lines);
}
END_TEST

START_TEST(library_says_its_version)
{
	ck_assert_str_eq(store_library(), sqlite3_libversion());
	store_close(NULL);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = kit_suite("store", &tests);

	tcase_add_test(tests, new_database_holds_the_zeroed_record);
	tcase_add_test(tests, record_comes_back_as_it_was);
	tcase_add_test(tests, every_name_comes_back);
	tcase_add_test(tests, names_are_those_of_this_schema);
	tcase_add_test(tests, plain_sql_reads_it);
	tcase_add_test(tests, journal_row_comes_back_as_it_was);
	tcase_add_test(tests, journal_keeps_the_last_thousand_without_a_gap);
	tcase_add_test(tests, new_database_is_what_the_migrations_make);
	tcase_add_test(tests, older_schema_is_brought_up_to_date);
	tcase_add_test(tests, schema_1_keeps_record_and_history);
	tcase_add_loop_test(tests, schema_1_keeps_the_class_of_a_failure_that_passes, 0, 2);
	tcase_add_test(tests, drift_of_schema_1_becomes_a_memory_of_its_own);
	tcase_add_test(tests, new_unit_of_schema_1_is_a_new_unit);
	tcase_add_test(tests, newer_schema_is_refused_and_left_alone);
	tcase_add_test(tests, older_schema_is_inspected_as_it_would_become);
	tcase_add_loop_test(
		tests, check_finds_what_is_wrong, 0, sizeof damages / sizeof damages[0]);
	tcase_add_test(tests, library_says_its_version);
	return run_suite(suite);
}
