/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hook tools of the peer relation print, read: what Juju prints, and anything else.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "juju/relation.h"
#include "tests/suite.h"

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))
#define DEEP        "[[[[[[[[[[[[[[[[[[[["

static struct juju_bag bag;
static struct juju_units units;

static void done(void)
{
	juju_bag_done(&bag);
	juju_units_done(&units);
}

/* clang-format off */
static const struct {
	const char *output, *key, *value;
	size_t count;
} bags[] = {
	{ "null", NULL, NULL, 0 },
	{ "{}", NULL, NULL, 0 },
	{ " {\"turn-1\":\"3 latest/beta out\"}\n", "turn-1", "3 latest/beta out", 1 },
	{ "{\"a\":\"\",\"b\":\"1\",\"c\":\"null\"}", "a", "", 3 },
	{ "{\"a\":\"\\u00fc \\\" \\n\",\"a\":\"2\"}", "a", "\xc3\xbc \" \n", 2 },
};
static const char *const no_bags[] = {
	"", " ", "x", "{", "{\"a\":\"b\"", "{\"a\":\"b\"}}", "{\"a\":\"b\"} {}", "{'a':'b'}", "a: b",
	"[]", "[\"a\"]", "\"a\"", "1", "true", "{\"a\":1}", "{\"a\":null}", "{\"a\":true}",
	"{\"a\":\"b\",\"c\":{}}", "{\"a\":[\"b\"]}", "{\"a\":\"\\u0000b\"}", "{\"a\\u0000b\":\"c\"}",
	"ERROR permission denied", DEEP DEEP DEEP DEEP DEEP DEEP DEEP DEEP DEEP DEEP DEEP DEEP DEEP DEEP DEEP DEEP,
};
static const struct {
	const char *output;
	size_t count;
} lists[] = {
	{ "null", 0 }, { "[]", 0 }, { "[\"microsample/1\"]", 1 }, { "[\"microsample/2\",\"\",\"x\"]\n", 3 },
};
static const char *const no_lists[] = {
	"", "{}", "[1]", "[null]", "[\"microsample/1\",2]", "[[\"microsample/1\"]]", "\"microsample/1\"",
	"[\"microsample/1\"", "[\"micro\\u0000sample/1\"]", "microsample/1",
};
static const struct {
	const char *output;
	size_t count, dying;
} goals[] = {
	{ "{\"units\":{},\"relations\":{}}", 0, 0 },
	{ "{\"units\":{\"m/0\":{\"status\":\"active\",\"since\":\"\"}}}", 1, 0 },
	{ "{\"units\":{\"m/0\":{\"status\":\"dying\"},\"m/1\":{\"status\":\"\"},\"m/2\":{\"status\":\"Dying\"}}}", 3, 1 },
};
static const char *const no_goals[] = {
	"", "null", "[]", "{}", "{\"units\":null}", "{\"units\":[]}", "{\"Units\":{}}",
	"{\"units\":{\"m/0\":{}}}", "{\"units\":{\"m/0\":null}}", "{\"units\":{\"m/0\":\"active\"}}",
	"{\"units\":{\"m/0\":{\"status\":1}}}", "{\"units\":{\"m/0\":{\"Status\":\"active\"}}}",
	"{\"units\":{\"m/0\":{\"status\":\"active\"},\"m/1\":{}}}", "{\"units\":{\"m/0\":{\"status\":\"active\"}}",
	"{\"units\":{\"m\\u0000/0\":{\"status\":\"active\"}}}",
};
/* clang-format on */

/* Without a byte behind it that could be taken for a part of it. */
static int read_bag(const char *output)
{
	CLEANUP(cleanup_free) char *copy = alloc_text(output);

	return juju_bag_read(copy, strlen(copy), &bag, NULL);
}

static int read_list(const char *output)
{
	CLEANUP(cleanup_free) char *copy = alloc_text(output);

	return juju_list_read(copy, strlen(copy), &units, NULL);
}

static int read_goal(const char *output)
{
	CLEANUP(cleanup_free) char *copy = alloc_text(output);

	return juju_goal_read(copy, strlen(copy), &units, NULL);
}

START_TEST(bag_has_its_settings)
{
	ck_assert_int_eq(read_bag(bags[_i].output), 0);
	ck_assert_uint_eq(bag.count, bags[_i].count);
	if (bag.count > 0) {
		ck_assert_str_eq(bag.list[0].key, bags[_i].key);
		ck_assert_str_eq(bag.list[0].value, bags[_i].value);
	}
}
END_TEST

START_TEST(what_is_no_bag_is_an_error)
{
	ck_assert_int_eq(read_bag(no_bags[_i]), -1);
	ck_assert_uint_eq(bag.count, 0);
}
END_TEST

START_TEST(nul_ends_no_text)
{
	static const char output[] = "{\"a\":\"b\"}\0,\"c\":\"d\"}";

	ck_assert_int_eq(juju_bag_read(output, sizeof output - 1, &bag, NULL), -1);
}
END_TEST

START_TEST(list_has_its_units)
{
	ck_assert_int_eq(read_list(lists[_i].output), 0);
	ck_assert_uint_eq(units.count, lists[_i].count);
}
END_TEST

START_TEST(what_is_no_list_is_an_error)
{
	ck_assert_int_eq(read_list(no_lists[_i]), -1);
	ck_assert_uint_eq(units.count, 0);
}
END_TEST

START_TEST(goal_state_has_its_units)
{
	size_t dying = 0;

	ck_assert_int_eq(read_goal(goals[_i].output), 0);
	ck_assert_uint_eq(units.count, goals[_i].count);
	for (size_t i = 0; i < units.count; i++)
		dying += units.list[i].dying;
	ck_assert_uint_eq(dying, goals[_i].dying);
}
END_TEST

START_TEST(what_is_no_goal_state_is_an_error)
{
	ck_assert_int_eq(read_goal(no_goals[_i]), -1);
	ck_assert_uint_eq(units.count, 0);
}
END_TEST

/* A list of COUNT units, to be freed. */
static char *list_of(int count)
{
	char *ret = alloc_new((size_t)count + 1, sizeof "\"a\","), *end = ret;

	for (int i = 0; i < count; i++)
		end += sprintf(end, "%s\"a\"", i ? "," : "[");
	(void)strcpy(end, "]");
	return ret;
}

START_TEST(no_more_units_than_there_is_room_for)
{
	CLEANUP(cleanup_free) char *most = list_of(JUJU_UNITS_MAX);
	CLEANUP(cleanup_free) char *more = list_of(JUJU_UNITS_MAX + 1);

	ck_assert_int_eq(read_list(more), -1);
	ck_assert_int_eq(read_list(most), 0);
	ck_assert_uint_eq(units.count, JUJU_UNITS_MAX);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("relation");
	TCase *tests = tcase_create("tools");

	tcase_add_checked_fixture(tests, NULL, done);
	tcase_add_loop_test(tests, bag_has_its_settings, 0, COUNT(bags));
	tcase_add_loop_test(tests, what_is_no_bag_is_an_error, 0, COUNT(no_bags));
	tcase_add_test(tests, nul_ends_no_text);
	tcase_add_loop_test(tests, list_has_its_units, 0, COUNT(lists));
	tcase_add_loop_test(tests, what_is_no_list_is_an_error, 0, COUNT(no_lists));
	tcase_add_loop_test(tests, goal_state_has_its_units, 0, COUNT(goals));
	tcase_add_loop_test(tests, what_is_no_goal_state_is_an_error, 0, COUNT(no_goals));
	tcase_add_test(tests, no_more_units_than_there_is_room_for);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
