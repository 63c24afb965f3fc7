/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several units of the whole charm on one machine: two applications, two units of one, one that goes
 * without a word, and a register that is lost, spoilt or cannot be used. The snap is never taken from
 * a unit that uses it, and no unit is kept from going.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/charm.h"

#define OTHER                "other/0"
#define SECOND               "microsample/1"
#define TAKEN                "Port 8080/tcp is taken by another unit on this machine; move one of them"
#define WANTS(unit, channel) unit " on this machine wants '" channel "'; set the same channel"

static struct charm charm;

/* Runs COMMANDS in the register, with $agents, the folder of the units, and $register. */
static void run(const char *commands)
{
	CLEANUP(cleanup_free)
	char *script =
		alloc_textf("agents=%s/agents register=%s/register; cd $register || cd /; %s",
			charm.juju.dir, charm.dir, commands);

	ck_assert_msg(system(script) == 0, "%s", commands);
}

static void tick(const char *unit)
{
	ck_assert_int_eq(juju_call(&charm.juju, "hook", unit, "update-status"), 0);
}

static void config(const char *application, const char *setting)
{
	ck_assert_int_eq(juju_call(&charm.juju, "config", application, setting), 0);
}

static void expect(const char *unit, const char *status, const char *message)
{
	juju_assert_status(&charm.juju, unit, status, message);
}

/* Ends with the unit gone, whatever else is the matter. */
static void remove_unit(const char *unit, bool takes)
{
	cJSON *shown;

	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", unit), 0);
	shown = juju_show(&charm.juju, unit);
	ck_assert_msg(cJSON_IsTrue(cJSON_GetObjectItem(shown, "gone")), "%s cannot go", unit);
	cJSON_Delete(shown);
	ck_assert_int_eq(charm_snap_present(&charm), !takes);
}

static void expect_nothing_left(void)
{
	run("[ ! -e $register ]");
}

/* The channel that the snap tracks, as the unit with it saw it last. */
static void expect_tracking(const char *channel)
{
	cJSON *answer = snapd_proc_ctl(&charm.snapd, "%s", "{\"do\":\"state\"}");
	CLEANUP(cleanup_free)
	char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(answer, "snaps"));
	CLEANUP(cleanup_free) char *tracking = alloc_textf("\"tracking\":\"%s\"", channel);

	ck_assert_msg(strstr(text, tracking) != NULL, "%s", text);
	cJSON_Delete(answer);
}

static void deploy_other(const char *option)
{
	ck_assert_int_eq(charm_deploy_as(&charm, "other", option), 0);
}

static void add_second(void)
{
	ck_assert_int_eq(juju_call(&charm.juju, "add-unit", "microsample"), 0);
}

static void set_up(void)
{
	charm_open_ready(&charm, "2.77");
}

static void tear_down(void)
{
	charm_close(&charm);
}

/* --- two applications --- */

START_TEST(application_that_would_have_to_move_the_snap_is_blocked)
{
	deploy_other("channel=beta");
	expect(OTHER, "blocked", WANTS(UNIT, "edge"));
	ck_assert_int_eq(charm_posts(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
	/* What it wants does not count against the other one, which goes on as it likes. */
	charm_config(&charm, "candidate");
	charm_expect(&charm, "active", "Ready at 'candidate'");
	tick(OTHER);
	expect(OTHER, "blocked", WANTS(UNIT, "candidate"));
	config("other", "channel=candidate");
	expect(OTHER, "blocked", TAKEN);
	/* Now both use it. */
	charm_config(&charm, "edge");
	charm_expect(&charm, "blocked", WANTS(OTHER, "candidate"));
	ck_assert_int_eq(charm_posts(&charm), 1);
	config("other", "channel=edge");
	expect(OTHER, "blocked", TAKEN);
	expect_tracking("latest/edge");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	remove_unit(OTHER, false);
	remove_unit(UNIT, true);
	expect_nothing_left();
}
END_TEST

START_TEST(application_that_stays_has_its_way)
{
	deploy_other("channel=beta");
	remove_unit(UNIT, false);
	tick(OTHER);
	expect(OTHER, "active", "Ready at 'beta'");
	remove_unit(OTHER, true);
	expect_nothing_left();
}
END_TEST

START_TEST(snap_that_a_person_moved_is_moved_back_by_its_unit_alone)
{
	deploy_other("channel=beta");
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
	tick(OTHER);
	expect(OTHER, "blocked", WANTS(UNIT, "edge"));
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

/* A unit that is blocked for a channel that nobody has stands in nobody's way. */
START_TEST(channel_that_is_not_there_does_not_count)
{
	charm_config(&charm, "9.9/stable");
	charm_expect_begin(&charm, "blocked", "Snap Store has no channel");
	deploy_other("channel=beta");
	expect(OTHER, "blocked", TAKEN);
	expect_tracking("latest/beta");
}
END_TEST

START_TEST(bad_option_keeps_what_the_unit_uses)
{
	charm_config(&charm, "no such");
	deploy_other("channel=beta");
	expect(OTHER, "blocked", WANTS(UNIT, "edge"));
	expect_tracking("latest/edge");
}
END_TEST

START_TEST(hold_of_one_is_respected_by_the_other)
{
	config("microsample", "auto-refresh=false");
	charm_expect(&charm, "active", "Ready at 'edge', held at revision 3");
	deploy_other("auto-refresh=false");
	charm_forget(&charm);
	config("microsample", "auto-refresh=true");
	charm_expect(&charm, "active", "Ready at 'edge', held at revision 3");
	ck_assert_int_eq(charm_posts(&charm), 0);
	config("other", "auto-refresh=true");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

/* It lifts its own hold, and the one that stays puts one. */
START_TEST(hold_goes_with_the_unit_that_has_put_it)
{
	config("microsample", "auto-refresh=false");
	deploy_other("auto-refresh=false");
	remove_unit(UNIT, false);
	tick(OTHER);
	expect(OTHER, "active", "Ready at 'edge', held at revision 3");
	remove_unit(OTHER, true);
	expect_nothing_left();
}
END_TEST

START_TEST(pin_of_one_is_respected_by_the_other)
{
	struct juju_answer answer;

	deploy_other("revision=3");
	tick(OTHER);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge', held at revision 3");
	charm_forget(&charm);
	answer = juju_ask(&charm.juju, "run", UNIT, "refresh", "--format", "json");
	ck_assert_msg(strstr(answer.out, OTHER " on this machine wants 'edge' revision 3") != NULL,
		"%s", answer.out);
	juju_answer_done(&answer);
	charm_config(&charm, "beta");
	charm_expect(
		&charm, "blocked", OTHER " on this machine wants 'edge' revision 3; set the same");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

/* --- two units of one --- */

START_TEST(units_of_one_application_move_the_snap_once)
{
	add_second();
	charm_forget(&charm);
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	for (int i = 0; i < 3; i++) {
		tick(SECOND);
		ck_assert_int_eq(charm_tick(&charm), 0);
	}
	charm_expect(&charm, "active", "Ready at 'beta'");
	expect(SECOND, "blocked", TAKEN);
	ck_assert_int_eq(charm_posts(&charm), 1);
	remove_unit(_i ? UNIT : SECOND, false);
	remove_unit(_i ? SECOND : UNIT, true);
	expect_nothing_left();
}
END_TEST

START_TEST(application_goes_with_all_its_units)
{
	add_second();
	deploy_other(NULL);
	ck_assert_int_eq(juju_call(&charm.juju, "remove-application", "microsample"), 0);
	ck_assert(charm_snap_present(&charm));
	remove_unit(OTHER, true);
	expect_nothing_left();
}
END_TEST

/* --- units that go without a word --- */

/* clang-format off */
static const char *const ends[] = {
	"rm -rf $agents/unit-microsample-0", /* its agent was purged */
	"rm $agents/unit-microsample-0/charm/state.db*",
	/* a unit of the same name was made again, and runs another charm */
	"cd $agents/unit-microsample-0 && rm -rf charm && mkdir charm && echo >charm/dispatch",
	("cd $agents/unit-microsample-0/charm && rm state.db* && head -c 4096 $agents/unit-other-0/charm/state.db >state.db &&"
		" printf abcd | dd of=state.db bs=1 seek=68 conv=notrunc 2>/dev/null"),
};
/* clang-format on */

START_TEST(unit_that_went_without_remove_counts_no_more)
{
	deploy_other("channel=beta");
	expect(OTHER, "blocked", WANTS(UNIT, "edge"));
	run(ends[_i]);
	tick(OTHER);
	expect_tracking("latest/beta");
	run("[ \"$(ls -A)\" = unit-other-0 ]");
	remove_unit(OTHER, true);
	expect_nothing_left();
}
END_TEST

/* --- the register itself --- */

START_TEST(register_that_was_lost_is_found_again)
{
	deploy_other("channel=beta");
	run(_i % 2 ? "rm -rf $register" : "rm unit-microsample-0 unit-other-0");
	if (_i < 2) { /* the first hook after it is that of a unit that goes */
		remove_unit(UNIT, false);
		return;
	}
	/* Or of the one that was stopped: nobody knows what the other wants before it has said so. */
	tick(OTHER);
	expect(OTHER, "blocked", UNIT " on this machine has not said which channel it wants");
	ck_assert_int_eq(charm_tick(&charm), 0);
	tick(OTHER);
	expect(OTHER, "blocked", WANTS(UNIT, "edge"));
	ck_assert_int_eq(charm_posts(&charm), 0);
	expect_tracking("latest/edge");
}
END_TEST

START_TEST(entry_that_is_garbage_counts_and_is_written_anew)
{
	deploy_other(NULL);
	run("echo garbage >unit-other-0");
	charm_config(&charm, "beta");
	charm_expect(
		&charm, "blocked", OTHER " on this machine has not said which channel it wants");
	tick(OTHER);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "blocked", WANTS(OTHER, "edge"));
	run("echo garbage >unit-other-0");
	remove_unit(UNIT, false);
	ck_assert_int_eq(charm_posts(&charm), 0);
	remove_unit(OTHER, true);
	expect_nothing_left();
}
END_TEST

/* clang-format off */
/* What keeps the register from being used, or this unit from being entered, and how that is mended. */
static const struct {
	const char *hinder, *mend;
} obstacles[] = {
	{ "rm -r $register && echo >$register",          "rm $register" },
	{ "mv $register $register.x && ln -s $register.x $register", "rm $register && mv $register.x $register" },
	{ "chmod 777 .",                                 "chmod 700 ." },
	{ "touch $(seq 5000)",                           "rm [0-9]*" },
	{ "rm unit-microsample-0 && mkdir unit-microsample-0", "rmdir unit-microsample-0" },
	{ "mkdir .next",                                 "rmdir .next" },
};
/* clang-format on */

START_TEST(nothing_is_asked_without_the_register)
{
	deploy_other(NULL);
	run(obstacles[_i].hinder);
	charm_config(&charm, "beta");
	charm_expect_begin(&charm, "waiting", "Waiting for the register of units: ");
	ck_assert_int_eq(charm_posts(&charm), 0);
	run(obstacles[_i].mend);
	ck_assert_int_eq(charm_tick(&charm), 0);
	tick(OTHER);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "blocked", WANTS(OTHER, "edge"));
	config("other", "channel=beta");
	expect_tracking("latest/beta");
}
END_TEST

START_TEST(unit_goes_without_the_register_and_the_snap_stays)
{
	deploy_other(NULL);
	run(obstacles[_i].hinder);
	remove_unit(UNIT, false);
	remove_unit(OTHER, _i > 3);
	ck_assert_int_eq(charm_posts(&charm), _i > 3);
}
END_TEST

static char *times(void)
{
	CLEANUP(cleanup_free)
	char *command = alloc_textf("cd %s/register && stat -c '%%i %%y %%z' . *", charm.dir);
	char text[1024] = "";
	FILE *pipe = popen(command, "re");

	ck_assert_ptr_nonnull(pipe);
	ck_assert_uint_gt(fread(text, 1, sizeof text - 1, pipe), 0);
	ck_assert_int_eq(pclose(pipe), 0);
	return alloc_text(text);
}

START_TEST(hook_that_changes_nothing_writes_nothing)
{
	CLEANUP(cleanup_free) char *before = NULL, *after = NULL;
	struct juju_answer answer;

	deploy_other(_i ? "channel=beta" : NULL);
	before = times();
	ck_assert_int_eq(charm_tick(&charm), 0);
	tick(OTHER);
	/* A plan says what a hook would do, and does not enter what it was asked about. */
	answer = juju_ask(
		&charm.juju, "run", OTHER, "plan", "channel=candidate", "--format", "json");
	ck_assert_msg(strstr(answer.out, WANTS(UNIT, "edge")) != NULL, "%s", answer.out);
	juju_answer_done(&answer);
	after = times();
	ck_assert_str_eq(before, after);
}
END_TEST

#define COUNT(array) (int)(sizeof array / sizeof *array)

int main(void)
{
	Suite *suite = suite_create("neighbours");
	TCase *tests = charm_case(suite, "neighbours", set_up, tear_down);

	tcase_add_test(tests, application_that_would_have_to_move_the_snap_is_blocked);
	tcase_add_test(tests, application_that_stays_has_its_way);
	tcase_add_test(tests, snap_that_a_person_moved_is_moved_back_by_its_unit_alone);
	tcase_add_test(tests, channel_that_is_not_there_does_not_count);
	tcase_add_test(tests, bad_option_keeps_what_the_unit_uses);
	tcase_add_test(tests, hold_of_one_is_respected_by_the_other);
	tcase_add_test(tests, hold_goes_with_the_unit_that_has_put_it);
	tcase_add_test(tests, pin_of_one_is_respected_by_the_other);
	tcase_add_loop_test(tests, units_of_one_application_move_the_snap_once, 0, 2);
	tcase_add_test(tests, application_goes_with_all_its_units);
	tcase_add_loop_test(tests, unit_that_went_without_remove_counts_no_more, 0, COUNT(ends));
	tcase_add_loop_test(tests, register_that_was_lost_is_found_again, 0, 4);
	tcase_add_test(tests, entry_that_is_garbage_counts_and_is_written_anew);
	tcase_add_loop_test(tests, nothing_is_asked_without_the_register, 0, COUNT(obstacles));
	tcase_add_loop_test(
		tests, unit_goes_without_the_register_and_the_snap_stays, 0, COUNT(obstacles));
	tcase_add_loop_test(tests, hook_that_changes_nothing_writes_nothing, 0, 2);
	return run_suite(suite);
}
