/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of one run for the juju-log.
 */
#include <check.h>
#include <string.h>

#include "hooks/log.h"
#include "tests/suite.h"

static struct log record;

static void set_up(void)
{
	log_init(&record);
}

static void tear_down(void)
{
	log_done(&record);
}

static void add(const char *line)
{
	log_add(&record, JUJU_INFO, "%s", line);
}

/* A part of an earlier line is a line of its own: its beginning, its middle, its end. */
START_TEST(line_that_is_part_of_another_is_kept)
{
	add("snapd is busy: another change is in progress");
	add("snapd is busy");
	add("another change");
	add("in progress");
	add("busy");
	ck_assert_str_eq(buf_text(&record.lines), "snapd is busy: another change is in progress\n"
						  "snapd is busy\n"
						  "another change\n"
						  "in progress\n"
						  "busy");
}
END_TEST

START_TEST(longer_line_is_kept)
{
	add("busy");
	add("busy with something");
	ck_assert_str_eq(buf_text(&record.lines), "busy\nbusy with something");
}
END_TEST

/* Wherever it stands: the first, one between, the last. */
START_TEST(same_line_is_said_once)
{
	const char *all = "first\nsecond\nthird";

	add("first");
	add("second");
	add("third");
	add("first");
	add("second");
	add("third");
	ck_assert_str_eq(buf_text(&record.lines), all);
}
END_TEST

START_TEST(level_is_the_highest_of_the_lines)
{
	ck_assert_int_eq(record.level, JUJU_INFO);
	log_add(&record, JUJU_ERROR, "bad");
	log_add(&record, JUJU_WARNING, "not so bad");
	ck_assert_int_eq(record.level, JUJU_ERROR);
}
END_TEST

START_TEST(line_break_from_outside_stays_in_its_line)
{
	add("one\ntwo");
	ck_assert_ptr_null(strchr(buf_text(&record.lines), '\n'));
	add("one");
	ck_assert_ptr_nonnull(strchr(buf_text(&record.lines), '\n'));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("log");
	TCase *tests = tcase_create("lines");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, line_that_is_part_of_another_is_kept);
	tcase_add_test(tests, longer_line_is_kept);
	tcase_add_test(tests, same_line_is_said_once);
	tcase_add_test(tests, level_is_the_highest_of_the_lines);
	tcase_add_test(tests, line_break_from_outside_stays_in_its_line);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
