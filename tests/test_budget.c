/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hook may do, in exact numbers: processes, hook tools, requests, questions to the workload, and calls that wait for
 * the disk. `make bench` measures how long it takes. Without ptrace() the test is skipped.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/stage.h"
#include "tests/suite.h"

enum {
	SKIPPED = 77, /* Automake's exit status for it */
};

static struct stage stage;

/* clang-format off */
static const struct {
	struct event event;
	int processes, gets, posts, probes, syncs;
	const char *tools[7];
} budgets[] = {
	{ { "update-status", "update-status", STAGE_OLD, false }, 1, 2, 0, 1, 0,
		{ "config-get" } },
	{ { "the same channel", "config-changed", STAGE_OLD, false }, 1, 2, 0, 1, 0,
		{ "config-get" } },
	{ { "start", "start", STAGE_OLD, false }, 2, 2, 0, 1, 0,
		{ "config-get", "opened-ports" } },
	{ { "leader-elected", "leader-elected", STAGE_OLD, false }, 1, 2, 0, 1, 0,
		{ "config-get" } },
	/* With systemd-run, for the waker: the refresh is on probation. */
	{ { "a new channel", "config-changed", STAGE_NEW, false }, 6, 11, 1, 3, 8,
		{ "config-get", "status-set", "application-version-set", "systemd-run", "juju-log" } },
	{ { "the snap is there already", "install", STAGE_OLD, true }, 6, 2, 0, 1, 14,
		{ "config-get", "resource-get", "open-port", "application-version-set", "status-set",
			"juju-log" } },
};

static const struct load loads[] = {
	{ "other", 500, 1000, 0 },
	{ "other", 0, 1000, 60 },
};
/* clang-format on */

enum {
	BUDGETS = sizeof budgets / sizeof *budgets,
	IDLE = 4, /* in the first ones nothing is to be done */
	LOADS = sizeof loads / sizeof *loads,
};

static void expect(int which)
{
	struct counts counts;
	int tools = 0;

	stage_count(&stage, &stage.charm, &budgets[which].event, &counts);
	ck_assert_int_eq(counts.trace.processes, budgets[which].processes);
	ck_assert_int_eq(counts.gets, budgets[which].gets);
	ck_assert_int_eq(counts.posts, budgets[which].posts);
	ck_assert_int_eq(counts.probes, budgets[which].probes);
	ck_assert_int_eq(counts.trace.syncs, budgets[which].syncs);
	for (; budgets[which].tools[tools]; tools++)
		ck_assert_str_eq(counts.trace.tools[tools].name, budgets[which].tools[tools]);
	ck_assert_int_eq(counts.trace.tools[tools].calls, 0);
}

START_TEST(hook_does_what_it_must_and_no_more)
{
	expect(_i);
}
END_TEST

START_TEST(idle_hook_does_the_same_beside_whatever_else_there_is)
{
	stage_load(&stage, &loads[_i % LOADS]);
	expect(_i / LOADS);
}
END_TEST

/* The Snap Store was asked what it has not long ago. */
START_TEST(idle_hook_of_a_held_unit_costs_no_more)
{
	cJSON *state = stage_snapd(&stage, "{'do':'state'}");
	char *text = cJSON_PrintUnformatted(state);

	ck_assert_ptr_nonnull(strstr(text, "\"hold\":\"2"));
	free(text);
	cJSON_Delete(state);
	expect(_i);
}
END_TEST

static void open_stage(void)
{
	stage_open(&stage, NULL);
}

static void open_held_stage(void)
{
	open_stage();
	stage_hold(&stage);
}

static void close_stage(void)
{
	stage_close(&stage);
}

int main(void)
{
	Suite *suite = suite_create("budget");
	TCase *tests = tcase_create("budget");

	if (!trace_possible()) {
		(void)puts("no process can be traced here");
		return SKIPPED;
	}
	tcase_set_timeout(tests, 60);
	tcase_add_unchecked_fixture(tests, open_stage, close_stage);
	tcase_add_loop_test(tests, hook_does_what_it_must_and_no_more, 0, BUDGETS);
	tcase_add_loop_test(
		tests, idle_hook_does_the_same_beside_whatever_else_there_is, 0, IDLE * LOADS);
	suite_add_tcase(suite, tests);
	tests = tcase_create("held");
	tcase_set_timeout(tests, 60);
	tcase_add_unchecked_fixture(tests, open_held_stage, close_stage);
	tcase_add_loop_test(tests, idle_hook_of_a_held_unit_costs_no_more, 0, IDLE);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
