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

static const struct inspect_item items[] = {
	{ "would", "nothing" },
	{ "why", "a\nb\xff" },
	{ "hinders", "" },
};

/* The results of a plan with COUNT channels, VERSION of bytes that take room when escaped. */
static void plan(size_t count, const char *version)
{
	static struct inspect_release releases[1000];

	for (size_t i = 0; i < count; i++)
		releases[i] = (struct inspect_release){ .channel = "latest/edge",
			.revision = "3",
			.version = version,
			.released = "2026-01-01T00:00:00Z",
			.size = (int64_t)i };
	inspect_results_done(&results);
	inspect_plan(items, 3, releases, count, &results);
	expect_keys();
}

static size_t channels_of_json(void)
{
	cJSON *json = cJSON_Parse(result("json"));
	size_t ret = (size_t)cJSON_GetArraySize(cJSON_GetObjectItem(json, "channels"));

	ck_assert_ptr_nonnull(json);
	cJSON_Delete(json);
	return ret;
}

START_TEST(a_plan_has_its_items_and_a_row_for_each_channel)
{
	plan(0, "");
	ck_assert_str_eq(result("would"), "nothing");
	ck_assert_str_eq(result("why"), "a\\nb\\xff");
	ck_assert_ptr_null(result("hinders"));
	ck_assert_str_eq(result("rows"), "0");
	ck_assert_uint_eq(channels_of_json(), 0);
	plan(2, "");
	ck_assert_str_eq(result("row-1"), "edge 3 - - 2026-01-01");
	ck_assert_str_eq(result("row-2"), "edge 3 - 1B 2026-01-01");
	ck_assert_uint_eq(channels_of_json(), 2);
	plan(20, "1\t");
	ck_assert_str_eq(result("row-20"), "edge 3 1\\t 19B 2026-01-01");
	ck_assert_ptr_null(result("note"));
	plan(21, "1");
	ck_assert_str_eq(result("rows"), "20");
	ck_assert_str_eq(result("note"), "the first 20 of 21 channels; json has 21");
}
END_TEST

/* One byte more in each version until a whole channel is pushed out. */
START_TEST(the_limit_of_a_plan_is_kept_to_the_byte)
{
	char version[512] = "";
	size_t before = 1000;

	for (size_t i = 0; i + 1 < sizeof version; i++) {
		size_t size, fit;

		version[i] = "x\x1b"[i % 2];
		plan(1000, version);
		size = strlen(result("json"));
		fit = channels_of_json();
		ck_assert_uint_le(size, INSPECT_JSON_MAX);
		ck_assert_uint_gt(size + size / fit + 1, INSPECT_JSON_MAX);
		ck_assert_uint_le(fit, before);
		before = fit;
	}
	ck_assert_uint_lt(before, 100);
}
END_TEST

static const struct {
	int64_t bytes;
	const char *said;
} sizes[] = {
	{ 0, "-" },
	{ -1, "-" },
	{ 1, "1B" },
	{ 9999, "9999B" },
	{ 10000, "10kB" },
	{ 9999499, "9999kB" },
	{ 12345678, "12MB" },
	{ 99999999999999, "100000GB" },
};

START_TEST(a_size_is_told_in_a_unit_that_fits)
{
	struct inspect_release release = { "latest/edge", "3", "1", "", sizes[_i].bytes };
	char *wanted = alloc_textf("edge 3 1 %s -", sizes[_i].said);

	inspect_plan(items, 3, &release, 1, &results);
	ck_assert_str_eq(result("row-1"), wanted);
	free(wanted);
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
	tcase_add_test(tests, a_plan_has_its_items_and_a_row_for_each_channel);
	tcase_add_test(tests, the_limit_of_a_plan_is_kept_to_the_byte);
	tcase_add_loop_test(
		tests, a_size_is_told_in_a_unit_that_fits, 0, sizeof sizes / sizeof *sizes);
	return run_suite(suite);
}
