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
	EVERY(way, WAY, pace.way)
	EVERY(status, STATUS, told_status)
	store_close(store);
}
END_TEST

/*
 * A charm cannot read a name that was added after it, so a change of the names in a record or in the
 * journal is a change of the schema: see store/schema.c.
 */
enum {
	NAMES_OF_SCHEMA_2 = 1895971675
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
	kit_expect_text(
		"SELECT state || ' ' || ours || ' ' || retired FROM record", "installing yes no");
	kit_expect_text("SELECT intent_op || ' ' || intent_channel || ', asked ' || intent_asked ||"
			" ', change ' || intent_change FROM record",
		"refresh latest/edge, asked 2026-11-23T03:25:00Z, change 12");
	kit_expect_text("SELECT time || ' ' || hook || ' ' || event FROM journal",
		"2023-11-14T22:13:20Z config-changed astray");
}
END_TEST

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
	struct kit_seen all = { 0 }, few = { 0 }, one = { .stop = 1 };
	char details[230][16];
	struct store *store = kit_open();

	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 230; i++) {
			(void)snprintf(details[i], sizeof details[i], "%d", round * 230 + i + 1);
			entries[i] = (struct store_entry){ .detail = details[i] };
		}
		ck_assert_int_eq(store_commit(store, &record, entries, 230, NULL), 0);
	}
	kit_list(store, SIZE_MAX, &all);
	ck_assert_uint_eq(all.count, STORE_JOURNAL_MAX);
	ck_assert_int_eq(all.first, 1301);
	ck_assert_int_eq(all.last, 2300);
	kit_list(store, 3, &few);
	ck_assert_int_eq(few.first, 2298);
	ck_assert_str_eq(few.detail, "2300");
	kit_list(store, 3, &one);
	ck_assert_uint_eq(one.count, 1);
	store_close(store);
	kit_expect_text("SELECT count(*) FROM journal", "1000");
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
	{ "UPDATE record SET channel = NULL",                          "record.channel" },
	{ "UPDATE record SET intent_change = NULL",                    "record.intent_change" },
	{ "UPDATE record SET stopping = 'perhaps'",                    "record.stopping" },
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
	ck_assert_uint_eq(kit_check(lines), 0);
	kit_sql(damages[_i].damage);
	ck_assert_uint_ge(kit_check(lines), 1);
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
	tcase_add_loop_test(
		tests, check_finds_what_is_wrong, 0, sizeof damages / sizeof damages[0]);
	tcase_add_test(tests, library_says_its_version);
	return run_suite(suite);
}
