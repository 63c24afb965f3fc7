/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A refresh that spoils the snap, through the whole charm, when it is to be rolled back: it goes back once.
 */
#include "tests/going_back_kit.h"

START_TEST(bad_refresh_goes_back_once)
{
	const struct way *way = &ways[_i];

	release_broken(way);
	charm_config(&charm, "beta");
	probation_passes();
	expect_rolled_back(way->seen);
	expect_asked(1, 1, 0, 1);
	ck_assert_int_eq(charm_rows(&charm, "order rollback done"), 1);
}
END_TEST

/* What a hook or a day does not try again, another revision does: a bad one for one more rollback. */
START_TEST(bad_revision_goes_back_once)
{
	release("beta", "5", CRASHES);
	charm_config(&charm, "beta");
	expect_rolled_back(DOWN);
	live(DAY);
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	ck_assert_int_eq(charm_hook(&charm, "upgrade-charm"), 0);
	ck_assert_int_eq(charm_hook(&charm, "start"), 0);
	expect_rolled_back(DOWN);
	expect_asked(1, 1, 0, 1);
	release("beta", "6", DIES("30000"));
	live(DAY);
	expect_rolled_back(DOWN);
	expect_asked(2, 2, 0, 2);
	release("beta", "7", "");
	live(DAY);
	charm_expect(&charm, "active", "Ready at 'beta'");
	expect_asked(3, 2, 0, 2);
	expect_revision("7");
	expect_service("microsample", "yes", "yes");
}
END_TEST

/* systemd would refuse the old revision too, as long as its ten seconds last. */
START_TEST(crash_loop_is_waited_out_within_the_hook)
{
	double pause;

	release("beta", "5", CRASHES);
	charm_config(&charm, "beta");
	expect_rolled_back(DOWN);
	pause = time_of("\"revert\"") - time_of("\"refresh\"");
	ck_assert_msg(pause >= 15000 && pause < 30000, "%.0f ms", pause);
}
END_TEST

/* Nothing has to be moved then but what is tracked. */
START_TEST(channel_of_the_same_revision_is_switched_back)
{
	release("beta", "3", "");
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	charm_ctl(&charm, "{\"do\":\"die\",\"name\":\"microsample\",\"stays-dead\":true}");
	live(DAY);
	/* What is down is told first. */
	charm_expect(&charm, "blocked", "Service is down; run: snap start microsample");
	expect_shown("snaps", "microsample", "tracking", "latest/edge");
	expect_revision("3");
	expect_asked(1, 0, 0, 1);
}
END_TEST

/* --- what a person says ----------------------------------------------------------------------- */

START_TEST(person_may_try_again)
{
	release("beta", "5", CRASHES);
	charm_config(&charm, "beta");
	ck_assert_int_eq(juju_call(&charm.juju, "run", UNIT, "retry"), 0);
	expect_rolled_back(DOWN);
	expect_asked(2, 2, 0, 2);
	/* Any other option is a word too. */
	set("rollback=false");
	charm_expect(&charm, "blocked", "Service is down; to go back: juju run UNIT revert");
	expect_asked(3, 2, 0, 2);
}
END_TEST

START_TEST(person_may_go_to_what_runs)
{
	release("beta", "5", CRASHES);
	charm_config(&charm, "beta");
	charm_config(&charm, "edge");
	charm_expect(&charm, "active", "Ready at 'edge'");
	expect_asked(1, 1, 0, 1);
	/* And to the other one once more. */
	charm_config(&charm, "beta");
	expect_rolled_back(DOWN);
	expect_asked(2, 2, 0, 2);
}
END_TEST

START_TEST(action_refresh_that_is_rolled_back_fails)
{
	struct juju_answer answer;
	cJSON *task;

	set("auto-refresh=false");
	charm_forget(&charm);
	release("edge", "20", CRASHES);
	answer = juju_ask(&charm.juju, "run", "--format", "json", UNIT, "refresh");
	task = cJSON_Parse(answer.out);
	ck_assert_str_eq(charm_told(task, "status"), "failed");
	ck_assert_msg(strncmp(charm_told(task, "message"), "it was rolled back: service is down",
			      35) == 0,
		"%s", charm_told(task, "message"));
	charm_expect(&charm, "blocked",
		"Refresh to 'edge' was rolled back: service is down; 'edge' runs");
	expect_as_before();
	expect_asked(1, 1, 0, 0);
	live(DAY);
	expect_asked(1, 1, 0, 0);
	juju_answer_done(&answer);
	cJSON_Delete(task);
}
END_TEST

START_TEST(pin_that_moved_goes_back)
{
	release("beta", "15", CRASHES);
	set("revision=15");
	charm_expect(&charm, "blocked",
		"Refresh to 'edge' was rolled back: service is down; 'edge' runs");
	expect_as_before();
	ck_assert_int_eq(asked("\"refresh\""), 1);
	ck_assert_int_eq(asked("\"revert\""), 1);
	live(DAY);
	ck_assert_int_eq(asked("\"refresh\""), 1);
	ck_assert_int_eq(asked("\"revert\""), 1);
	set("revision=2");
	charm_expect(&charm, "active", "Ready at 'edge', pinned to revision 2");
}
END_TEST

/* --- what goes wrong on the way back ------------------------------------------------------------ */

/* What a person has to know first is that nothing serves; what was rolled back stays refused. */
START_TEST(old_revision_that_dies_later_is_told)
{
	release("beta", "5", CRASHES);
	charm_config(&charm, "beta");
	expect_rolled_back(DOWN);
	charm_ctl(&charm, "{\"do\":\"die\",\"name\":\"microsample\",\"stays-dead\":true}");
	live(DAY);
	charm_expect(&charm, "blocked", "Service is down; run: snap start microsample");
	expect_asked(1, 1, 0, 1);
	ck_assert_int_eq(juju_call(&charm.juju, "run", UNIT, "restart"), 0);
	expect_rolled_back(DOWN);
	live(DAY);
	expect_rolled_back(DOWN);
	ck_assert_int_eq(asked("\"refresh\""), 1);
}
END_TEST

#define STAYS "Rollback from 'beta' failed: ...(3) services (no port); run: juju run UNIT revert"

/* The revert does not get through; what it undoes is enabled and runs. */
START_TEST(old_revision_does_not_start_either)
{
	release("beta", "5", DIES("30000"));
	charm_config(&charm, "beta");
	charm_ctl(&charm, "{\"do\":\"fail\",\"task\":\"start-snap-services\",\"log\":\"no port\"}");
	live(DAY);
	charm_expect(&charm, "blocked", STAYS);
	ck_assert_int_eq(charm_rows(&charm, "order rollback failed: Start snap"), 1);
	expect_revision("5");
	expect_service("microsample", "yes", "no");
	expect_asked(1, 1, 0, 0);
}
END_TEST

/* systemd has refused both, and snapd left the service disabled. */
START_TEST(what_a_failed_undo_disables_is_enabled)
{
	release("beta", "5", DIES("30000"));
	charm_config(&charm, "beta");
	charm_ctl(&charm,
		"{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"quirk\":\"svcfail\"}}");
	charm_ctl(&charm, "{\"do\":\"fail\",\"task\":\"start-snap-services\",\"log\":\"no port\"}");
	hostile_env(&charm, "MICROSAMPLE_HOOK_BUDGET=25");
	tick_after(60);
	expect_service("microsample", "no", "no");
	expect_asked(1, 1, 0, 0);
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"quirk\":\"\","
			  "\"dies-ms\":0}}");
	live(DAY);
	expect_service("microsample", "yes", "yes");
	charm_expect(&charm, "blocked", STAYS);
	ck_assert_int_eq(charm_rows(&charm, "order rollback failed: Start snap"), 1);
	expect_asked(1, 1, 1, 0);
	ck_assert_int_eq(juju_call(&charm.juju, "run", UNIT, "retry"), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

START_TEST(option_turns_bad_between_two_steps)
{
	release("beta", "5", CRASHES);
	charm_ctl(&charm,
		"{\"do\":\"fault\",\"method\":\"POST\",\"path\":\"/v2/snaps/microsample\","
		"\"mode\":\"kill-client\",\"when\":\"acted\",\"skip\":1}");
	(void)juju_call(&charm.juju, "config", "microsample", "channel=beta");
	(void)juju_call(&charm.juju, "config", "microsample", "channel=foo");
	live(TICK * OFTEN);
	charm_expect_begin(&charm, "blocked", "Invalid channel configured: ");
	expect_as_before();
	expect_asked(1, 1, 0, 1);
	charm_config(&charm, "beta");
	expect_rolled_back(DOWN);
	expect_asked(1, 1, 0, 1);
}
END_TEST

START_TEST(remove_in_the_middle_takes_the_snap)
{
	release("beta", "5", DIES("30000"));
	charm_config(&charm, "beta");
	charm_pass(&charm, 60);
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect_begin(&charm, "waiting", "");
	charm_expect_sql(&charm, "select order_kind || intent_op from record", "rollbackrevert");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	(void)juju_call(&charm.juju, "remove-unit", UNIT);
	ck_assert(!charm_snap_present(&charm));
	ck_assert_int_eq(asked("\"revert\""), 1);
	ck_assert_int_eq(asked("\"remove\""), 1);
}
END_TEST

/* clang-format off */
static const struct cut {
	int skip;
	const char *when;
} cuts[] = {
	{ 0, "before" }, { 0, "acted" }, { 0, "answered" },
	{ 1, "before" }, { 1, "acted" }, { 1, "answered" },
	{ 2, "before" }, { 2, "acted" }, { 2, "answered" },
};
/* clang-format on */

START_TEST(killed_at_any_request_it_goes_back_once)
{
	release("beta", "5", CRASHES);
	charm_ctl(&charm,
		"{\"do\":\"fault\",\"method\":\"POST\",\"path\":\"\",\"mode\":\"kill-client\","
		"\"when\":\"%s\",\"skip\":%d}",
		cuts[_i].when, cuts[_i].skip);
	(void)juju_call(&charm.juju, "config", "microsample", "channel=beta");
	live(TICK * OFTEN);
	expect_rolled_back(DOWN);
	charm_expect_sql(&charm,
		"select count(*) from journal where detail like '%order rollback done%'", "1");
	live(DAY / 2);
	expect_rolled_back(DOWN);
	ck_assert_int_eq(charm_changes_done(&charm), 4); /* the install is one */
}
END_TEST

/* --- two services ----------------------------------------------------------------------------- */

#define TWO "'services':'microsample,worker'"

static void set_up_two(void)
{
	charm_open(&charm, "2.77");
	release("edge", "3", TWO);
	ck_assert_int_eq(charm_deploy(&charm, "rollback=true"), 0);
	charm_ctl(&charm,
		"{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"service\":{\"name\":"
		"\"worker\",\"enabled\":false,\"active\":false}}}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_forget(&charm);
}

START_TEST(service_that_a_person_disabled_stays_so)
{
	release("beta", "5", CRASHES "," TWO);
	charm_config(&charm, "beta");
	charm_expect(&charm, "blocked", BACK DOWN RUNS);
	expect_service("microsample", "yes", "yes");
	expect_service("worker", "no", "no");
	expect_asked(1, 1, 0, 1);
}
END_TEST

START_TEST(only_what_was_enabled_is_enabled_again)
{
	release("beta", "5", DIES("30000") "," TWO);
	charm_config(&charm, "beta");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	tick_after(60);
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	/* As an undo that failed before would have left it. */
	charm_ctl(&charm,
		"{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"service\":{\"name\":"
		"\"microsample\",\"enabled\":false,\"active\":false}}}");
	live(TICK * OFTEN);
	expect_service("microsample", "yes", "yes");
	expect_service("worker", "no", "no");
	charm_expect(&charm, "blocked", BACK DOWN RUNS);
	expect_asked(1, 1, 1, 1);
}
END_TEST

/* --- a refresh that snapd itself undoes --------------------------------------------------------- */

START_TEST(three_failures_end_with_another_revision)
{
	release("beta", "5", "'quirk':'hookfail'");
	charm_config(&charm, "beta");
	live(DAY);
	charm_expect_begin(&charm, "blocked", "Refresh to 'beta' failed three times: ");
	expect_asked(3, 0, 0, 0);
	live(DAY);
	expect_asked(3, 0, 0, 0);
	release("beta", "6", "");
	live(DAY / 2);
	charm_expect(&charm, "active", "Ready at 'beta'");
	expect_asked(4, 0, 0, 0);
	expect_revision("6");
}
END_TEST

static Suite *rollback_suite(void)
{
	Suite *suite = suite_create("going-back");
	TCase *tests = charm_case(suite, "rollback", set_up, tear_down);
	TCase *plain = charm_case(suite, "no rollback", set_up_plain, tear_down);
	TCase *two = charm_case(suite, "two services", set_up_two, tear_down);

	tcase_add_loop_test(tests, bad_refresh_goes_back_once, 0, COUNT(ways));
	tcase_add_test(tests, bad_revision_goes_back_once);
	tcase_add_test(tests, crash_loop_is_waited_out_within_the_hook);
	tcase_add_test(tests, channel_of_the_same_revision_is_switched_back);
	tcase_add_test(tests, person_may_try_again);
	tcase_add_test(tests, person_may_go_to_what_runs);
	tcase_add_test(tests, action_refresh_that_is_rolled_back_fails);
	tcase_add_test(tests, pin_that_moved_goes_back);
	tcase_add_test(tests, old_revision_that_dies_later_is_told);
	tcase_add_test(tests, old_revision_does_not_start_either);
	tcase_add_test(tests, what_a_failed_undo_disables_is_enabled);
	tcase_add_test(tests, option_turns_bad_between_two_steps);
	tcase_add_test(tests, remove_in_the_middle_takes_the_snap);
	tcase_add_loop_test(tests, killed_at_any_request_it_goes_back_once, 0, COUNT(cuts));
	tcase_add_test(two, service_that_a_person_disabled_stays_so);
	tcase_add_test(two, only_what_was_enabled_is_enabled_again);
	tcase_add_test(plain, three_failures_end_with_another_revision);
	return suite;
}

int main(void)
{
	return charm_run(rollback_suite);
}
