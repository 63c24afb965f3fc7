/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unit whose snap is held: the charm sets the hold and puts it back, lifts its own and no other, and
 * leaves none behind.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/hold_kit.h"
#include "tests/hostile_kit.h"
#include "tests/suite.h"

#define HELD  "Ready at 'edge', held at revision 3"
#define READY "Ready at 'edge'"

static struct charm charm;

static void set_up(void)
{
	charm_open(&charm, "2.77");
}

static void set_up_ready(void)
{
	charm_open_ready(&charm, "2.77");
}

static void set_up_held(void)
{
	hold_open(&charm);
}

static void tear_down(void)
{
	charm_close(&charm);
}

static void expect_held(void)
{
	char *until = hold_shown(&charm);

	ck_assert_msg(strcmp(until, "2300") > 0, "held until %s", until);
	free(until);
	charm_expect(&charm, "active", HELD);
	charm_expect_sql(&charm, "SELECT hold_held || hold_ours FROM record", "yesyes");
}

/* --- held, and not any more --- */

START_TEST(what_is_not_to_refresh_by_itself_is_held)
{
	hold_configure(&charm, "auto-refresh=false");
	expect_held();
	hold_expect_actions(&charm, "hold");
	hold_expect_rest(&charm);
	hold_configure(&charm, "auto-refresh=true");
	charm_expect(&charm, "active", READY);
	hold_expect(&charm, "");
	hold_expect_actions(&charm, "unhold");
	hold_expect_rest(&charm);
}
END_TEST

START_TEST(after_an_install_the_hold_is_the_first_thing)
{
	ck_assert_int_eq(charm_deploy(&charm, "auto-refresh=false"), 0);
	expect_held();
	hold_expect_actions(&charm, "install hold");
	hold_expect_rest(&charm);
}
END_TEST

START_TEST(hold_survives_a_refresh)
{
	hold_configure(&charm, "channel=beta");
	charm_expect(&charm, "active", "Ready at 'beta', held at revision 2");
	hold_expect_actions(&charm, "refresh");
}
END_TEST

/* Both options at once: what has just been installed or is about to move is held first. */
START_TEST(hold_comes_before_a_refresh)
{
	ck_assert_int_eq(juju_call(&charm.juju, "config", "microsample", "channel=beta",
				 "auto-refresh=false"),
		0);
	charm_expect(&charm, "active", "Ready at 'beta', held at revision 2");
	hold_expect_actions(&charm, "hold refresh");
}
END_TEST

START_TEST(snap_that_was_removed_by_hand_is_held_again)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_held();
	hold_expect_actions(&charm, "install hold");
}
END_TEST

/* --- what a person does to it --- */

START_TEST(hold_that_is_lifted_by_hand_is_put_back)
{
	char *before = hold_shown(&charm), *detail;

	hold_lifted_by_person(&charm);
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_held();
	hold_expect_actions(&charm, "hold");
	detail =
		charm_sql(&charm, "SELECT group_concat(detail) FROM journal WHERE effect = 'hold'");
	ck_assert_msg(strstr(detail, before) && strstr(detail, "-> none"), "journal: %s", detail);
	free(before);
	free(detail);
	hold_expect_rest(&charm);
}
END_TEST

/* Over, about to be over, and in a lifetime: the charm wants one that lasts. */
static const char *const shorts[] = { "2020-01-01T00:00:00Z", "2026-12-24T12:00:00Z",
	"2090-06-01T12:00:00Z" };

START_TEST(short_hold_of_a_person_is_replaced_and_told)
{
	char *theirs, *detail;

	hold_by_person(&charm, shorts[_i]);
	theirs = hold_shown(&charm);
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_held();
	hold_expect_actions(&charm, "hold");
	detail =
		charm_sql(&charm, "SELECT group_concat(detail) FROM journal WHERE effect = 'hold'");
	ck_assert_msg(
		strstr(detail, theirs) != NULL, "%s is not in the journal: %s", theirs, detail);
	free(theirs);
	free(detail);
	hold_expect_rest(&charm);
}
END_TEST

START_TEST(long_hold_of_a_person_is_left_alone)
{
	char *theirs;

	hold_by_person(&charm, _i ? "2150-01-01T00:00:00Z" : "forever");
	theirs = hold_shown(&charm);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", HELD);
	charm_expect_sql(&charm, "SELECT hold_held || hold_ours FROM record", "yesno");
	hold_configure(&charm, "auto-refresh=true");
	charm_expect(&charm, "active", HELD);
	hold_configure(&charm, "auto-refresh=false");
	hold_configure(&charm, "revision=3");
	hold_configure(&charm, "revision=0");
	hold_configure(&charm, "auto-refresh=true");
	hold_expect(&charm, theirs);
	hold_expect_actions(&charm, "");
	charm_expect(&charm, "active", HELD);
	hold_expect_rest(&charm);
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	free(theirs);
}
END_TEST

/* Where no hold is wanted, one of a person is none of ours: short or long, first or later. */
START_TEST(hold_that_nobody_asked_us_for_is_not_touched)
{
	char *theirs;

	hold_by_person(&charm, _i ? "2026-12-24T12:00:00Z" : "forever");
	theirs = hold_shown(&charm);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", HELD);
	hold_configure(&charm, "channel=beta");
	hold_configure(&charm, "channel=edge");
	hold_expect(&charm, theirs);
	hold_expect_actions(&charm, "refresh refresh");
	free(theirs);
	charm_pass(&charm, 40LL * 24 * 3600); /* beyond the short one */
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", _i ? READY : HELD);
	hold_expect_rest(&charm);
}
END_TEST

/* --- a hold whose answer is lost --- */

START_TEST(lost_answer_to_a_hold_is_adopted)
{
	hostile_fault(&charm, "POST",
		_i ? "'path':'','mode':'drop-acted'" : "'path':'','mode':'act-late','ms':5000", 1);
	hold_configure(&charm, "auto-refresh=false");
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_held();
	hold_expect_actions(&charm, "hold");
	hold_configure(&charm, "auto-refresh=true");
	hold_expect(&charm, "");
	charm_expect(&charm, "active", READY);
}
END_TEST

START_TEST(hold_that_never_got_there_is_asked_again)
{
	hostile_fault(&charm, "POST", "'path':'','mode':'drop-unacted'", 1);
	hold_configure(&charm, "auto-refresh=false");
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_held();
	hold_expect_actions(&charm, "hold hold");
}
END_TEST

/* A person held it too while nobody knew: whose it is cannot be told, so it is not ours to lift. */
START_TEST(lost_hold_beside_that_of_a_person_is_not_ours)
{
	char *theirs;

	hostile_fault(&charm, "POST", "'path':'','mode':'kill-client','when':'acted'", 1);
	hostile_tool(&charm, "config-get", "kill-before", 99, 1);
	ck_assert_int_eq(juju_call(&charm.juju, "--retries", "0", "config", "microsample",
				 "auto-refresh=false"),
		0);
	hold_by_person(&charm, "forever");
	theirs = hold_shown(&charm);
	hostile_tools_well(&charm);
	ck_assert_int_eq(juju_call(&charm.juju, "resolved", UNIT), 0);
	charm_expect(&charm, "active", HELD);
	charm_expect_sql(&charm, "SELECT hold_held || hold_ours FROM record", "yesno");
	hold_configure(&charm, "auto-refresh=true");
	hold_expect(&charm, theirs);
	hold_expect_actions(&charm, "");
	free(theirs);
}
END_TEST

/* --- a snapd that cannot, and one that will not --- */

START_TEST(snapd_that_cannot_hold_blocks_with_the_remedy)
{
	charm_ctl(&charm, "{\"do\":\"holds\",\"value\":false}");
	hold_configure(&charm, "auto-refresh=false");
	charm_expect_begin(&charm, "blocked",
		"snapd is too old to hold a snap; run: snap refresh snapd; next try ");
	ck_assert_int_eq(charm_tick(&charm), 0);
	hold_expect_actions(&charm, "hold");
	hold_configure(&charm, "auto-refresh=true");
	charm_expect(&charm, "active", READY);
	charm_ctl(&charm, "{\"do\":\"holds\",\"value\":true}");
	hold_configure(&charm, "auto-refresh=false");
	expect_held();
}
END_TEST

START_TEST(hold_that_is_refused_is_tried_again)
{
	hostile_fault(&charm, "POST", "'path':'','mode':'status','status':400,'message':'odd'", 1);
	hold_configure(&charm, "auto-refresh=false");
	charm_expect_begin(&charm, "waiting", "snapd refused: odd; next try ");
	charm_pass(&charm, 600);
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_held();
	hold_expect_actions(&charm, "hold hold");
}
END_TEST

/* --- the end of the unit --- */

static void deploy_beside_theirs(void)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"revision\":\"3\","
			  "\"channel\":\"latest/edge\",\"tracking\":\"latest/edge\"}}");
	ck_assert_int_eq(charm_deploy(&charm, "auto-refresh=false"), 0);
	charm_expect(&charm, "active", HELD);
	charm_expect_sql(&charm, "SELECT ours FROM record", "no");
	charm_forget(&charm);
}

START_TEST(our_snap_takes_its_hold_along)
{
	hold_remove_unit(&charm);
	hold_expect_actions(&charm, "remove");
	ck_assert(!charm_snap_present(&charm));
}
END_TEST

START_TEST(snap_that_stays_is_released)
{
	deploy_beside_theirs();
	hold_remove_unit(&charm);
	hold_expect_actions(&charm, "unhold");
	hold_expect(&charm, "");
	ck_assert(charm_snap_present(&charm));
}
END_TEST

START_TEST(snap_that_stays_keeps_the_hold_of_a_person)
{
	char *theirs;

	deploy_beside_theirs();
	hold_by_person(&charm, "forever");
	theirs = hold_shown(&charm);
	hold_remove_unit(&charm);
	hold_expect_actions(&charm, "");
	hold_expect(&charm, theirs);
	free(theirs);
}
END_TEST

/* Killed, lost, refused at first, or with the hold lifted meanwhile: it goes, and leaves no hold. */
static const char *const ways[] = { "'mode':'kill-client','when':'before'",
	"'mode':'kill-client','when':'acted'", "'mode':'kill-client','when':'answered'",
	"'mode':'drop-unacted'", "'mode':'drop-acted'",
	"'mode':'status','status':500,'message':'odd'" };

START_TEST(snap_that_stays_is_released_whatever_happens)
{
	char *fault = alloc_textf("'path':'',%s", ways[_i]);

	deploy_beside_theirs();
	hostile_fault(&charm, "POST", fault, 1);
	hold_remove_unit(&charm);
	hold_expect(&charm, "");
	ck_assert(charm_snap_present(&charm));
	free(fault);
}
END_TEST

START_TEST(without_snapd_nothing_is_left_to_release)
{
	deploy_beside_theirs();
	charm_ctl(&charm, "{\"do\":\"away\",\"how\":\"missing\"}");
	hold_remove_unit(&charm);
	hold_expect_actions(&charm, "");
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("held");
	TCase *tests = charm_case(suite, "held", set_up_held, tear_down);

	tcase_add_test(tests, hold_survives_a_refresh);
	tcase_add_test(tests, snap_that_was_removed_by_hand_is_held_again);
	tcase_add_test(tests, hold_that_is_lifted_by_hand_is_put_back);
	tcase_add_loop_test(tests, short_hold_of_a_person_is_replaced_and_told, 0, COUNT(shorts));
	tcase_add_loop_test(tests, long_hold_of_a_person_is_left_alone, 0, 2);
	tcase_add_test(tests, our_snap_takes_its_hold_along);
	tests = charm_case(suite, "unheld", set_up_ready, tear_down);
	tcase_add_test(tests, what_is_not_to_refresh_by_itself_is_held);
	tcase_add_test(tests, hold_comes_before_a_refresh);
	tcase_add_loop_test(tests, hold_that_nobody_asked_us_for_is_not_touched, 0, 2);
	tcase_add_loop_test(tests, lost_answer_to_a_hold_is_adopted, 0, 2);
	tcase_add_test(tests, hold_that_never_got_there_is_asked_again);
	tcase_add_test(tests, lost_hold_beside_that_of_a_person_is_not_ours);
	tcase_add_test(tests, snapd_that_cannot_hold_blocks_with_the_remedy);
	tcase_add_test(tests, hold_that_is_refused_is_tried_again);
	tests = charm_case(suite, "life", set_up, tear_down);
	tcase_add_test(tests, after_an_install_the_hold_is_the_first_thing);
	tcase_add_test(tests, snap_that_stays_is_released);
	tcase_add_test(tests, snap_that_stays_keeps_the_hold_of_a_person);
	tcase_add_loop_test(tests, snap_that_stays_is_released_whatever_happens, 0, COUNT(ways));
	tcase_add_test(tests, without_snapd_nothing_is_left_to_release);
	return suite;
}

int main(void)
{
	return charm_run(suite);
}
