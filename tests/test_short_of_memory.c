/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hook runs out of memory: by a limit on its memory, or at single allocations. It must end with
 * one clear line, the database must stay undamaged, and the next hook must come to the same end
 * without a second request. tests/test_store_durable.c tests SQLite alone in this way.
 *
 * MEMORY=all tries many more allocations.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/charm.h"
#include "tests/suite.h"

enum {
	STEP = 80, /* kilobytes between two limits */
};

static struct charm charm;
static char *directory; /* of the charm */

static int shell(const char *commands)
{
	char *script = alloc_textf("cd %s && %s", directory, commands);
	int status = system(script);

	free(script);
	return status;
}

/*
 * Runs the program after the commands that the test puts into a file; writes how it ended to
 * another.
 */
static const char wrapper[] =
	"mv dispatch dispatch.real && cat >dispatch <<'END' && chmod 755 dispatch\n"
	"#!/bin/sh\n"
	"here=$(dirname \"$0\")\n"
	"[ -f \"$here/limit\" ] || exec \"$here/dispatch.real\" \"$@\"\n"
	"(ulimit -c 0; . \"$here/limit\"; exec \"$here/dispatch.real\" \"$@\") 2>said\n"
	"code=$?\n"
	"cat said >&2\n"
	"echo $code >>ended\n"
	"exit $code\n"
	"END\n";

static void set_up(void)
{
	cJSON *shown;

	charm_open(&charm, "2.77");
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	shown = juju_show(&charm.juju, UNIT);
	directory = alloc_text(juju_show_text(shown, "charm-dir"));
	cJSON_Delete(shown);
	ck_assert_int_eq(shell(wrapper), 0);
}

static void tear_down(void)
{
	free(directory);
	charm_close(&charm);
}

/* The fewest kilobytes with which the program can be loaded. */
static long least(void)
{
	for (long limit = 2000; limit < 400000; limit += 500) {
		char *command = alloc_textf("(ulimit -c 0; ulimit -v %ld; exec ./dispatch.real "
					    "state --version) >/dev/null 2>&1",
			limit);
		int status = shell(command);

		free(command);
		if (status == 0)
			return limit - 500;
	}
	ck_abort_msg("the program does not start");
	return 0;
}

/*
 * It ended by itself: with success, an error or abort(), or before it began; and gave one line why.
 */
static void expect_clear_end(const char *limit)
{
	ck_assert_msg(shell("! grep -qvx -e 0 -e 1 -e 127 -e 134 ended") == 0, "%s", limit);
	ck_assert_msg(
		shell("[ \"$(tail -n 1 ended)\" = 0 ] || [ \"$(grep -vc -e ' initialization: ' "
		      "said)\" = 1 ]") == 0,
		"%s", limit);
}

static void expect_whole(const char *limit)
{
	int code;
	char *text = charm_state(&charm, "check", &code);

	ck_assert_msg(code == 0, "%s: %s", limit, text);
	free(text);
}

static bool shows(const char *status, const char *message)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	bool same = strcmp(juju_show_text(shown, "status"), status) == 0 &&
		    (!message || strcmp(juju_show_text(shown, "message"), message) == 0);

	cJSON_Delete(shown);
	return same;
}

/* Runs a hook with LIMIT that must bring the snap to CHANNEL. Returns whether it succeeded. */
static bool one_hook(const char *limit, const char *channel)
{
	char *ready = alloc_textf("Ready at '%s'", channel);
	char *set = alloc_textf("rm -f ended; echo '%s' >limit", limit);
	long done = charm_changes_done(&charm);
	bool failed;

	ck_assert_int_eq(shell(set), 0);
	charm_config(&charm, channel);
	ck_assert_int_eq(shell("rm limit"), 0);
	expect_clear_end(limit);
	failed = shows("error", NULL);
	expect_whole(limit);
	if (failed)
		ck_assert_int_eq(juju_call(&charm.juju, "resolved", UNIT), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	if (!shows("active", ready)) { /* an answer that got lost */
		charm_pass(&charm, 60);
		ck_assert_int_eq(charm_tick(&charm), 0);
	}
	ck_assert_msg(shows("active", ready), "%s: not %s", limit, ready);
	done = charm_changes_done(&charm) - done;
	ck_assert_msg(done == 1, "%s: %ld changes", limit, done);
	free(ready);
	free(set);
	return !failed;
}

START_TEST(small_address_space_ends_a_hook_and_not_the_unit)
{
	int tried = 0, failures = 0, in_a_row = 0;

	if (SANITIZED) /* reserves terabytes of address space at its start */
		return;
	for (long limit = least(); in_a_row < 2; limit += STEP) {
		char *text = alloc_textf("ulimit -v %ld", limit);
		bool through = one_hook(text, tried++ % 2 ? "edge" : "beta");

		free(text);
		in_a_row = through ? in_a_row + 1 : 0;
		failures += !through;
	}
	(void)printf("%d hooks in too small an address space\n", failures);
	(void)fflush(stdout);
	ck_assert_int_gt(failures, 3);
}
END_TEST

START_TEST(failing_allocation_ends_a_hook_and_not_the_unit)
{
	int tried = 0, failures = 0;
	bool met = true;

	if (SANITIZED) /* brings its own malloc() */
		return;
	for (long at = 1; met; at += getenv("MEMORY") ? 1 + at / 100 : 2 + at / 3) {
		char *text = alloc_textf("export LD_PRELOAD=\"$LD_PRELOAD:%s\" "
					 "FAIL_IN=dispatch.real FAIL_NOTE=\"$here/met\" "
					 "FAIL_AT=%ld%s",
			getenv("FAIL_MALLOC_SO"), at, tried % 2 ? " FAIL_ALL=1" : "");

		failures += !one_hook(text, tried++ % 2 ? "edge" : "beta");
		met = shell("[ -f met ] && rm met") == 0;
		free(text);
	}
	(void)printf("%d allocations failed, %d hooks with them\n", tried - 1, failures);
	(void)fflush(stdout);
	ck_assert_int_gt(failures, 5);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("short of memory");
	TCase *tests = tcase_create("memory");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, getenv("MEMORY") ? 3600 : 200);
	tcase_add_test(tests, small_address_space_ends_a_hook_and_not_the_unit);
	tcase_add_test(tests, failing_allocation_ends_a_hook_and_not_the_unit);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
