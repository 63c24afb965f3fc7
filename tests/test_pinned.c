/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option `revision`, and what a unit whose snap is held says of newer revisions.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/hold_kit.h"
#include "tests/hostile_kit.h"
#include "tests/suite.h"

#define HELD   "Ready at 'edge', held at revision 3"
#define PINNED "Ready at 'edge', pinned to revision 2"
#define MORE   "; revision 5 is available"

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

/* CHANNEL has REVISION from now on. */
static void release(const char *channel, const char *revision)
{
	snapd_proc_do(&charm.snapd,
		"{'do':'store','set':{'channels':{'latest/"
		"%s':{'revision':'%s','version':'%s.0'}}}}",
		channel, revision, revision);
}

static void tick_after(long long seconds)
{
	charm_pass(&charm, seconds);
	ck_assert_int_eq(charm_tick(&charm), 0);
}

/* --- the pin --- */

START_TEST(deploy_installs_the_revision_and_holds_it)
{
	ck_assert_int_eq(charm_deploy(&charm, "revision=2"), 0);
	charm_expect(&charm, "active", PINNED);
	charm_expect_version(&charm, "2.0");
	hold_expect_actions(&charm, "install:2 hold");
	hold_expect_rest(&charm);
}
END_TEST

START_TEST(refresh_goes_to_the_revision_and_is_held_first)
{
	hold_configure(&charm, "revision=2");
	charm_expect(&charm, "active", PINNED);
	charm_expect_version(&charm, "2.0");
	charm_expect_sql(&charm, "SELECT tracking FROM record", "latest/edge");
	hold_expect_actions(&charm, "hold refresh:2");
	hold_configure(&charm, "revision=1");
	charm_expect(&charm, "active", "Ready at 'edge', pinned to revision 1");
	hold_expect_actions(&charm, "hold refresh:2 refresh:1");
	hold_expect_rest(&charm);
}
END_TEST

START_TEST(pin_to_what_runs_only_holds_it)
{
	hold_configure(&charm, "revision=3");
	charm_expect(&charm, "active", "Ready at 'edge', pinned to revision 3");
	hold_expect_actions(&charm, "hold");
	release("edge", "5");
	tick_after(7 * 3600);
	charm_expect(&charm, "active", "Ready at 'edge', pinned to revision 3" MORE);
	hold_expect_actions(&charm, "hold");
}
END_TEST

START_TEST(pin_and_channel_are_one_refresh)
{
	ck_assert_int_eq(
		juju_call(&charm.juju, "config", "microsample", "channel=beta", "revision=1"), 0);
	charm_expect(&charm, "active", "Ready at 'beta', pinned to revision 1");
	charm_expect_sql(&charm, "SELECT tracking FROM record", "latest/beta");
	hold_expect_actions(&charm, "hold refresh:1");
}
END_TEST

START_TEST(pin_that_somebody_moves_is_put_right)
{
	hold_configure(&charm, "revision=2");
	charm_forget(&charm);
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"refresh-snap\",\"revision\":\"3\"}");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	tick_after(3600);
	charm_expect(&charm, "active", PINNED);
	hold_expect_actions(&charm, "refresh:2");
	hold_expect_rest(&charm);
}
END_TEST

START_TEST(without_the_pin_the_channel_is_followed_again)
{
	hold_configure(&charm, "revision=2");
	charm_forget(&charm);
	hold_configure(&charm, "revision=0");
	charm_expect(&charm, "active", "Ready at 'edge'");
	hold_expect(&charm, "");
	hold_expect_actions(&charm, "unhold");
	/* From there on snapd refreshes it, as it does any snap that is not held. */
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\"}");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	tick_after(300);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_expect_version(&charm, "3.0-dev");
	hold_expect_rest(&charm);
}
END_TEST

START_TEST(without_the_pin_the_hold_stays_when_it_is_wanted)
{
	hold_configure(&charm, "revision=2");
	hold_configure(&charm, "auto-refresh=false");
	charm_forget(&charm);
	hold_configure(&charm, "revision=0");
	charm_expect(&charm, "active", "Ready at 'edge', held at revision 2");
	hold_expect_actions(&charm, "");
	tick_after(300);
	charm_expect(
		&charm, "active", "Ready at 'edge', held at revision 2; revision 3 is available");
	hold_expect_rest(&charm);
}
END_TEST

/* --- a revision that is not there --- */

static void expect_missing(const char *has)
{
	char *text = alloc_textf("Snap Store has no revision 77 in 'edge'; %s", has);

	charm_expect_begin(&charm, "blocked", text);
	free(text);
}

START_TEST(revision_that_is_not_there_blocks_and_says_what_is)
{
	hold_configure(&charm, "revision=77");
	expect_missing("it has revision 3; next try ");
	hold_expect_actions(&charm, "hold refresh:77");
	charm_expect_version(&charm, "3.0-dev");
	for (int i = 0; i < 3; i++)
		tick_after(50);
	hold_expect_actions(&charm, "hold refresh:77");
	expect_missing("it has revision 3; next try ");
	tick_after(300);
	hold_expect_actions(&charm, "hold refresh:77 refresh:77");
	release("beta", "77"); /* in any channel */
	tick_after(3600);
	charm_expect(&charm, "active", "Ready at 'edge', pinned to revision 77");
}
END_TEST

START_TEST(revision_that_is_not_there_is_not_installed)
{
	ck_assert_int_eq(charm_deploy(&charm, "revision=77"), 0);
	expect_missing("it has revision 3; next try ");
	ck_assert(!charm_snap_present(&charm));
	hold_expect_actions(&charm, "install:77");
	hold_configure(&charm, "revision=2");
	charm_expect(&charm, "active", PINNED);
	hold_expect_actions(&charm, "install:77 install:2 hold");
}
END_TEST

START_TEST(what_there_is_may_stay_unknown)
{
	hostile_fault(
		&charm, "GET", "'path':'/v2/find','mode':'status','status':500,'message':'no'", 9);
	hold_configure(&charm, "revision=77");
	expect_missing("set another; next try ");
}
END_TEST

START_TEST(channel_that_is_not_there_beside_a_pin_is_told_with_it)
{
	ck_assert_int_eq(
		juju_call(&charm.juju, "config", "microsample", "channel=9.9/edge", "revision=77"),
		0);
	charm_expect_begin(&charm, "blocked",
		"Snap Store has no revision 77 in '9.9/edge'; set another; next try ");
}
END_TEST

/* --- a newer revision --- */

START_TEST(newer_revision_is_shown_and_asked_for_every_six_hours)
{
	int before;

	release("edge", "5");
	ck_assert_int_eq(hold_questions(&charm), 0);
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	ck_assert_int_eq(charm_hook(&charm, "start"), 0);
	ck_assert_int_eq(charm_hook(&charm, "leader-elected"), 0);
	ck_assert_int_eq(hold_questions(&charm), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", HELD MORE);
	ck_assert_int_eq(hold_questions(&charm), 1);
	before = (int)charm_posts(&charm);
	for (int minutes = 0; minutes < 24 * 60; minutes += 20)
		tick_after(20 * 60);
	/* Spread by a fifth either way. */
	ck_assert_int_ge(hold_questions(&charm), 1 + 3);
	ck_assert_int_le(hold_questions(&charm), 1 + 5);
	ck_assert_int_eq(charm_posts(&charm), before);
	charm_expect_sql(&charm,
		"SELECT count(*) FROM journal WHERE event = 'settled' AND hook = "
		"'update-status'",
		"0");
}
END_TEST

START_TEST(newer_revision_is_forgotten_when_the_revision_changes)
{
	release("edge", "5");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", HELD MORE);
	hold_configure(&charm, "channel=beta");
	charm_expect(&charm, "active", "Ready at 'beta', held at revision 2");
	release("beta", "6");
	tick_after(60); /* another revision, another question */
	charm_expect(
		&charm, "active", "Ready at 'beta', held at revision 2; revision 6 is available");
	ck_assert_int_eq(hold_questions(&charm), 2);
}
END_TEST

START_TEST(newer_revision_that_is_withdrawn_is_not_shown_any_more)
{
	release("edge", "5");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", HELD MORE);
	release("edge", "3");
	tick_after(8 * 3600);
	charm_expect(&charm, "active", HELD);
}
END_TEST

START_TEST(nothing_is_asked_when_nothing_is_held)
{
	release("edge", "5");
	hold_configure(&charm, "auto-refresh=true");
	for (int i = 0; i < 3; i++)
		tick_after(7 * 3600);
	ck_assert_int_eq(hold_questions(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

/* In a hook that has other work the question can wait. */
START_TEST(hook_with_other_work_does_not_ask)
{
	release("edge", "5");
	hold_lifted_by_person(&charm);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", HELD);
	hold_expect_actions(&charm, "hold");
	ck_assert_int_eq(hold_questions(&charm), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", HELD MORE);
}
END_TEST

static const struct {
	const char *store, *fault;
} troubles[] = {
	{ "\"down\":true", NULL },
	{ "\"status\":500", NULL },
	{ NULL, "'mode':'raw','type':'application/json','body':'{}'" },
	{ NULL, "'mode':'reset'" },
	{ NULL, "'mode':'huge','bytes':20000000" },
	{ NULL, "'mode':'hang'" },
};

static void make_trouble(const char *store, const char *fault)
{
	char *text = alloc_textf("'path':'/v2/find',%s", fault ? fault : "");

	if (store)
		charm_ctl(&charm, "{\"do\":\"store\",\"set\":{%s}}", store);
	else
		hostile_fault(&charm, "GET", text, 1);
	free(text);
}

/* Neither status, nor row, nor line; what was known stays, and the next question has its time. */
START_TEST(trouble_with_the_question_is_nobodys)
{
	char *rows;
	long long begun;

	release("edge", "5");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", HELD MORE);
	rows = charm_sql(&charm, "SELECT max(sequence) FROM journal");
	charm_pass(&charm, 8LL * 3600);
	charm_forget(&charm);
	make_trouble(troubles[_i].store, troubles[_i].fault);
	begun = sandbox_clock_now(charm.clock);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_le(sandbox_clock_now(charm.clock) - begun, 6 * SANDBOX_CLOCK_SECOND);
	ck_assert_int_eq(hold_questions(&charm), 1);
	charm_expect(&charm, "active", HELD MORE);
	charm_expect_sql(&charm, "SELECT max(sequence) FROM journal", rows);
	ck_assert(!charm_logged(&charm, "WARNING", ""));
	ck_assert_int_eq(hostile_complaints(&charm), 0);
	tick_after(3600);
	ck_assert_int_eq(hold_questions(&charm), 1);
	free(rows);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("pinned");
	TCase *tests = charm_case(suite, "pin", set_up_ready, tear_down);

	tcase_add_test(tests, refresh_goes_to_the_revision_and_is_held_first);
	tcase_add_test(tests, pin_to_what_runs_only_holds_it);
	tcase_add_test(tests, pin_and_channel_are_one_refresh);
	tcase_add_test(tests, pin_that_somebody_moves_is_put_right);
	tcase_add_test(tests, without_the_pin_the_channel_is_followed_again);
	tcase_add_test(tests, without_the_pin_the_hold_stays_when_it_is_wanted);
	tcase_add_test(tests, revision_that_is_not_there_blocks_and_says_what_is);
	tcase_add_test(tests, what_there_is_may_stay_unknown);
	tcase_add_test(tests, channel_that_is_not_there_beside_a_pin_is_told_with_it);
	tests = charm_case(suite, "a deploy", set_up, tear_down);
	tcase_add_test(tests, deploy_installs_the_revision_and_holds_it);
	tcase_add_test(tests, revision_that_is_not_there_is_not_installed);
	tests = charm_case(suite, "updates", set_up_held, tear_down);
	tcase_add_test(tests, newer_revision_is_shown_and_asked_for_every_six_hours);
	tcase_add_test(tests, newer_revision_is_forgotten_when_the_revision_changes);
	tcase_add_test(tests, newer_revision_that_is_withdrawn_is_not_shown_any_more);
	tcase_add_test(tests, nothing_is_asked_when_nothing_is_held);
	tcase_add_test(tests, hook_with_other_work_does_not_ask);
	tcase_add_loop_test(tests, trouble_with_the_question_is_nobodys, 0, COUNT(troubles));
	return suite;
}

int main(void)
{
	return charm_run(suite);
}
