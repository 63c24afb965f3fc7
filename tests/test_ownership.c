/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The marker in the snap's data, and what it saves: ownership outlives the database and a missed
 * `remove` hook, and never the snap.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/charm.h"
#include "tests/suite.h"

#define OTHER     "other/0"
#define SNAP(set) "{\"do\":\"snap\",\"name\":\"microsample\"," set "}"
#define THERE                                                                                      \
	SNAP("\"set\":{\"revision\":\"3\",\"version\":\"3.0-dev\",\"channel\":\"latest/edge\","    \
	     "\"tracking\":\"latest/edge\",\"id\":\"MicroSampleSnapId000000000000001\"}")

static struct charm charm;

/* Runs COMMANDS with $marker, $common, and $agents, the folder of the units. */
static int shell(const char *commands)
{
	char *script =
		alloc_textf("common=%s/microsample/common agents=%s/agents register=%s/register; "
			    "marker=$common/.installed-by-microsample-vm; %s",
			charm.data, charm.juju.dir, charm.dir, commands);
	int status = system(script);

	free(script);
	return status;
}

#define run(commands) ck_assert_msg(shell(commands) == 0, "%s", commands)

/* The tag in a marker that is whole, "" without one: the second word is the file's own number. */
static void expect_marker(const char *tag)
{
	char *command = alloc_textf("[ \"$(cat $marker 2>/dev/null | cut -d ' ' -f 1,2)\" = "
				    "\"%s%s$(stat -c %%i $marker 2>/dev/null)\" ]",
		tag, *tag ? " " : "");

	ck_assert_msg(shell(command) == 0, "marker of %s", tag);
	free(command);
}

static void expect_record(const char *ours_and_marked)
{
	charm_expect_sql(&charm, "SELECT ours || ' ' || marked FROM record", ours_and_marked);
}

/* The unit goes, and the snap goes with it or stays. */
static void remove_unit(const char *unit, bool takes)
{
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", unit), 0);
	ck_assert_int_eq(charm_snap_present(&charm), !takes);
}

static void lose_database(void)
{
	run("rm $agents/unit-microsample-0/charm/state.db*");
}

static void set_up_bare(void)
{
	charm_open(&charm, "2.77");
}

static void set_up(void)
{
	set_up_bare();
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_forget(&charm);
}

static void tear_down(void)
{
	charm_close(&charm);
}

/* Another application on the same machine. */
static void deploy_other(void)
{
	ck_assert_int_eq(charm_deploy_as(&charm, "other", NULL), 0);
}

/* As Juju leaves the machine when it removes a unit by force. */
static void unit_is_gone(void)
{
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "config-get", "exit1", "--times", "9"), 0);
	ck_assert_int_eq(charm_tick(&charm), 1);
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "--clear"), 0);
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT, "--force"), 0);
	run("rm -rf $agents/unit-microsample-0");
	ck_assert(charm_snap_present(&charm));
}

START_TEST(an_install_is_marked_before_its_request_is_over)
{
	expect_marker("unit-microsample-0");
	expect_record("yes yes");
	/* The row that has the snap for ours is the one that ends the install. */
	charm_expect_sql(&charm,
		"SELECT group_concat(detail, '|') FROM journal WHERE detail LIKE '%ours%'",
		"revision none -> 3; the snap is ours");
	run("stat -c %i $marker >$agents/before");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_config(&charm, "beta");
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\"}");
	charm_pass(&charm, 60);
	ck_assert_int_eq(charm_tick(&charm), 0);
	run("stat -c %i $marker | cmp - $agents/before");
	remove_unit(UNIT, true);
	run("[ ! -e $common ]");
}
END_TEST

START_TEST(a_lost_database_does_not_lose_the_snap)
{
	lose_database();
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_record("yes yes");
	ck_assert_int_eq(charm_posts(&charm), 0);
	remove_unit(UNIT, true);
}
END_TEST

/* Nothing but the marker can tell the hook then. */
START_TEST(a_database_that_is_lost_in_remove_does_not_lose_the_snap)
{
	lose_database();
	remove_unit(UNIT, true);
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(a_database_that_is_lost_while_snapd_is_away_does_not_lose_the_snap)
{
	lose_database();
	charm_ctl(&charm, "{\"do\":\"away\",\"how\":\"refused\"}");
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	charm_expect(&charm, "error", "hook failed: \"remove\"");
	charm_ctl(&charm, "{\"do\":\"back\"}");
	ck_assert_int_eq(juju_call(&charm.juju, "resolved", UNIT), 0);
	ck_assert(!charm_snap_present(&charm));
}
END_TEST

START_TEST(a_database_that_is_lost_during_somebody_elses_change_does_not_lose_the_snap)
{
	lose_database();
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"held\":true}");
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	charm_expect(&charm, "error", "hook failed: \"remove\"");
	charm_ctl(&charm, "{\"do\":\"release\"}");
	charm_pass(&charm, 60);
	ck_assert_int_eq(juju_call(&charm.juju, "resolved", UNIT), 0);
	ck_assert(!charm_snap_present(&charm));
}
END_TEST

START_TEST(a_unit_that_follows_one_without_remove_owns_its_snap)
{
	unit_is_gone();
	deploy_other();
	juju_assert_status(&charm.juju, OTHER, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
	expect_marker("unit-microsample-0"); /* it says who installed it */
	remove_unit(OTHER, true);
}
END_TEST

START_TEST(the_last_of_two_applications_takes_the_snap_along)
{
	deploy_other();
	expect_marker("unit-microsample-0");
	remove_unit(_i ? OTHER : UNIT, false);
	ck_assert_int_eq(charm_posts(&charm), 0);
	remove_unit(_i ? UNIT : OTHER, true);
	run("[ ! -e $register ]");
}
END_TEST

/* clang-format off */
/* What people do while no hook runs. The last one is not theirs: nothing was lost. */
static const struct {
	const char *name, *commands[4];
	bool ours;
} deeds[] = {
	{ "removed and installed", { SNAP("\"gone\":true"), THERE }, false },
	{ "removed, installed, restored",
		{ "{\"do\":\"foreign\",\"kind\":\"remove-snap\"}", "{\"do\":\"finish\"}", THERE,
			"{\"do\":\"restore\"}" }, false },
	{ "removed with purge, installed",
		{ "{\"do\":\"foreign\",\"kind\":\"remove-snap\",\"purge\":true}", "{\"do\":\"finish\"}", THERE },
		false },
	{ "put back from a local build",
		{ SNAP("\"set\":{\"id\":\"\",\"revision\":\"x1\"}"), THERE }, true },
	{ "disabled and enabled",
		{ SNAP("\"set\":{\"disabled\":true}"), SNAP("\"set\":{\"disabled\":false}") }, true },
};
/* clang-format on */

START_TEST(what_people_do_between_two_hooks_is_seen)
{
	for (size_t i = 0; i < 4 && deeds[_i].commands[i]; i++)
		charm_ctl(&charm, "%s", deeds[_i].commands[i]);
	ck_assert(charm_snap_present(&charm));
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	expect_record(deeds[_i].ours ? "yes yes" : "no no");
	ck_assert_int_eq(charm_tick(&charm), 0);
	remove_unit(UNIT, deeds[_i].ours);
}
END_TEST

/* The same when the database goes too. */
START_TEST(what_people_do_is_seen_without_the_database)
{
	for (size_t i = 0; i < 4 && deeds[_i].commands[i]; i++)
		charm_ctl(&charm, "%s", deeds[_i].commands[i]);
	lose_database();
	remove_unit(UNIT, deeds[_i].ours);
}
END_TEST

/* While it is in place it is not removed, and afterwards the snap is what it was. */
START_TEST(a_local_build_is_not_ours_and_what_follows_it_is)
{
	charm_ctl(&charm, "%s", SNAP("\"set\":{\"id\":\"\",\"revision\":\"x1\"}"));
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_record("no no");
	expect_marker("unit-microsample-0");
	if (_i) {
		charm_ctl(&charm, "%s", THERE);
		ck_assert_int_eq(charm_tick(&charm), 0);
		expect_record("yes yes");
	}
	remove_unit(UNIT, _i);
}
END_TEST

START_TEST(a_snap_that_was_there_is_never_marked)
{
	charm_ctl(&charm, "%s", THERE);
	ck_assert_int_eq(charm_deploy(&charm, _i ? "channel=beta" : NULL), 0);
	charm_expect(&charm, "active", _i ? "Ready at 'beta'" : "Ready at 'edge'");
	expect_marker("");
	expect_record("no no");
	remove_unit(UNIT, false);
}
END_TEST

/* A record of 0.1.0 knows that the snap is ours, and nothing of a marker: it is written once. */
START_TEST(a_record_from_before_the_marker_is_marked)
{
	run("rm $marker");
	free(charm_sql(&charm, "UPDATE record SET marked = 'no'"));
	ck_assert_int_eq(
		juju_call(&charm.juju, "refresh", "microsample", "--path", getenv("CHARM_TREE")),
		0);
	expect_marker("unit-microsample-0");
	expect_record("yes yes");
	charm_expect_sql(&charm,
		"SELECT count(*) FROM journal WHERE detail LIKE '%the snap is marked as ours%'",
		"1");
	run("rm $marker");
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_marker("");
	expect_record("no no");
}
END_TEST

/* clang-format off */
/* What keeps a marker from being written, and how that is mended. */
static const struct {
	const char *hinder, *mend;
} obstacles[] = {
	{ "mkdir -p $marker/x", "rm -r $marker" },
	{ "mkdir -p $marker.next/x", "rm -r $marker.next" },
	{ "rmdir $common", "mkdir $common" },
	{ "rmdir $common; echo >$common", "rm $common; mkdir $common" },
};
/* clang-format on */

/* In the last hook. */
static long warnings(void)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(shown, "log"));
	long count = 0;

	for (const char *at = text; (at = strstr(at, "cannot be marked as installed by")); at++)
		count++;
	free(text);
	cJSON_Delete(shown);
	return count;
}

/* The snap is installed, and the hook that ends that cannot write. */
static void install_unmarked(const char *hinder)
{
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	run(hinder);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	expect_record("yes no");
	ck_assert_int_eq(warnings(), 1);
	charm_forget(&charm);
}

START_TEST(a_snap_that_cannot_be_marked_is_still_ours)
{
	char *rows;

	install_unmarked(obstacles[_i].hinder);
	rows = charm_sql(&charm, "SELECT max(sequence) FROM journal");
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(warnings(), 0); /* in the last one; so not in every hook */
	charm_expect_sql(&charm, "SELECT max(sequence) FROM journal", rows);
	expect_record("yes no");
	free(rows);
	remove_unit(UNIT, true);
}
END_TEST

START_TEST(a_marker_that_could_not_be_written_is_written_later)
{
	install_unmarked(obstacles[_i].hinder);
	run(obstacles[_i].mend);
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_marker("unit-microsample-0");
	expect_record("yes yes");
}
END_TEST

#define LOOP(tests, test, list)                                                                    \
	tcase_add_loop_test(tests, test, 0, (int)(sizeof(list) / sizeof(list)[0]))

int main(void)
{
	Suite *suite = suite_create("ownership");
	TCase *tests = charm_case(suite, "marked", set_up, tear_down);

	tcase_add_test(tests, an_install_is_marked_before_its_request_is_over);
	tcase_add_test(tests, a_lost_database_does_not_lose_the_snap);
	tcase_add_test(tests, a_database_that_is_lost_in_remove_does_not_lose_the_snap);
	tcase_add_test(tests, a_database_that_is_lost_while_snapd_is_away_does_not_lose_the_snap);
	tcase_add_test(
		tests, a_database_that_is_lost_during_somebody_elses_change_does_not_lose_the_snap);
	tcase_add_test(tests, a_unit_that_follows_one_without_remove_owns_its_snap);
	tcase_add_loop_test(tests, the_last_of_two_applications_takes_the_snap_along, 0, 2);
	LOOP(tests, what_people_do_between_two_hooks_is_seen, deeds);
	LOOP(tests, what_people_do_is_seen_without_the_database, deeds);
	tcase_add_loop_test(tests, a_local_build_is_not_ours_and_what_follows_it_is, 0, 2);
	tcase_add_test(tests, a_record_from_before_the_marker_is_marked);

	tests = charm_case(suite, "bare", set_up_bare, tear_down);
	tcase_add_loop_test(tests, a_snap_that_was_there_is_never_marked, 0, 2);
	LOOP(tests, a_snap_that_cannot_be_marked_is_still_ours, obstacles);
	LOOP(tests, a_marker_that_could_not_be_written_is_written_later, obstacles);
	return run_suite(suite);
}
