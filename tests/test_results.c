/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an action gives of a unit, of a database that is made here: its limit, whatever the record and
 * the journal hold, and the memory it takes.
 */
#include <check.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "inspect/inspect.h"
#include "tests/store_kit.h"
#include "tests/suite.h"

static struct inspect_view view;
static struct inspect_results results;

static const char *result(const char *key)
{
	size_t size = strlen(key);

	for (size_t i = 0; i < results.count; i++)
		if (strncmp(results.pairs[i], key, size) == 0 && results.pairs[i][size] == '=')
			return results.pairs[i] + size + 1;
	return NULL;
}

/* Makes the results of the database in the working folder. */
static void make(bool history, size_t rows)
{
	inspect_results_done(&results);
	ck_assert_int_eq(inspect_open(".", &view, NULL), 0);
	ck_assert_int_eq(inspect_choose(&view, history, rows, NULL), 0);
	ck_assert_int_eq(inspect_results(&view, &results, NULL), 0);
	inspect_close(&view);
}

static void done(void)
{
	inspect_results_done(&results);
}

/* action-set takes no other. */
static void expect_keys(void)
{
	for (size_t i = 0; i < results.count; i++) {
		const char *pair = results.pairs[i];
		size_t size = strspn(pair, "abcdefghijklmnopqrstuvwxyz0123456789-");

		ck_assert_msg(
			size > 0 && pair[size] == '=' && *pair != '-' && pair[size - 1] != '-',
			"%s", pair);
		for (size_t j = 0; j < i; j++)
			ck_assert(strncmp(results.pairs[j], pair, size + 1) != 0);
	}
}

START_TEST(keys_are_what_juju_takes_and_differ)
{
	kit_make(1);
	make(false, 0);
	ck_assert_uint_ge(results.count, 10);
	expect_keys();
	make(true, 0);
	ck_assert_uint_eq(results.count, 3); /* rows, row-1, json */
	expect_keys();
}
END_TEST

START_TEST(a_unit_without_a_journal_has_no_row)
{
	store_close(kit_open());
	kit_sql("delete from journal");
	make(true, 0);
	ck_assert_str_eq(result("rows"), "0");
	ck_assert_str_eq(result("json"), "[]");
	ck_assert_ptr_null(result("row-1"));
	ck_assert_ptr_null(result("note"));
}
END_TEST

/* Each text of the record as long as it can be, of bytes that take most room when escaped. */
START_TEST(the_fullest_record_leaves_room_for_rows)
{
	kit_make(1);
	kit_sql("update record set detail = replace(hex(zeroblob(95)) || '0', '0', char(1))");
	kit_sql("update record set failure_detail = detail, refused_detail = detail, "
		"told_message = substr(detail, 1, 90), told_version = substr(detail, 1, 63), "
		"version = substr(detail, 1, 63), revision = substr(detail, 1, 63), "
		"build = substr(detail, 1, 63)");
	make(false, 0);
	ck_assert_str_eq(result("rows"), "1");
	ck_assert_uint_gt(strlen(result("json")), 5000);
	ck_assert_uint_lt(strlen(result("json")), INSPECT_JSON_MAX / 2);
}
END_TEST

/* A thousand rows, each of so many bytes of detail. */
static void fill(int bytes)
{
	char *sql = alloc_textf(
		"with recursive n(i) as (select 2 union all select i + 1 from n where i < 1000) "
		"insert into journal select i, time, hook, event, before, after, effect, channel, "
		"change, substr(hex(zeroblob(%d)), 1, %d) from n, (select * from journal limit 1)",
		bytes, bytes);

	kit_sql(sql);
	free(sql);
}

static void expect_full(size_t row)
{
	ck_assert_uint_le(strlen(result("json")), INSPECT_JSON_MAX);
	ck_assert_uint_gt(strlen(result("json")) + row + 1, INSPECT_JSON_MAX);
}

/* The newest row gets longer until it has pushed out another one: each remainder comes by. */
START_TEST(the_limit_is_kept_to_the_byte)
{
	size_t row;

	kit_make(1);
	fill(100);
	make(true, 1);
	row = strlen(result("json")) - 2;
	for (size_t more = 0; more <= row; more++) {
		kit_sql("update journal set detail = detail || 'x' where sequence = 1000");
		make(true, 0);
		expect_full(row);
		make(false, 1000);
		expect_full(row);
	}
	expect_keys();
}
END_TEST

/* Fifty megabytes of rows: the copy of the database is there already, no second one is made. */
START_TEST(memory_is_that_of_what_fits)
{
	struct rusage before, after;

	kit_make(1);
	fill(50000);
	ck_assert_int_eq(inspect_open(".", &view, NULL), 0);
	ck_assert_int_eq(inspect_choose(&view, true, 0, NULL), 0);
	ck_assert_int_eq(getrusage(RUSAGE_SELF, &before), 0);
	ck_assert_int_eq(inspect_results(&view, &results, NULL), 0);
	ck_assert_int_eq(getrusage(RUSAGE_SELF, &after), 0);
	inspect_close(&view);
	ck_assert_str_eq(result("rows"), "1");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
	/* Under the address sanitizer freed memory stays. */
	ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 16 * 1024);
#endif
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = kit_suite("results", &tests);

	tcase_add_checked_fixture(tests, NULL, done);
	tcase_add_test(tests, keys_are_what_juju_takes_and_differ);
	tcase_add_test(tests, a_unit_without_a_journal_has_no_row);
	tcase_add_test(tests, the_fullest_record_leaves_room_for_rows);
	tcase_add_test(tests, the_limit_is_kept_to_the_byte);
	tcase_add_test(tests, memory_is_that_of_what_fits);
	return run_suite(suite);
}
