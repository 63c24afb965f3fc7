/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A refresh that spoils the snap and is not rolled back, through the whole charm: how a person goes back.
 */
#include "tests/going_back_kit.h"

/* --- without the option ---------------------------------------------------------------------- */

/* clang-format off */
#define DOWN_THEN "Service is down; to go back: juju run UNIT revert"
static const char *const without[COUNT(ways)] = {
	DOWN_THEN, DOWN_THEN, DOWN_THEN, DOWN_THEN, DOWN_THEN, DOWN_THEN, DOWN_THEN,
	"Snap reports error: no disk; to go back: juju run UNIT revert",
	"Snap reports blocked: no license; to go back: juju run UNIT revert",
	"No answer at 8080/: HTTP 500; to go back: juju run UNIT revert",
	"No answer at 8080/: connection refused; to go back: juju run UNIT revert",
	"No answer at 8080/: connection closed; to go back: juju run UNIT revert",
};
/* clang-format on */

START_TEST(without_the_option_the_way_back_is_told)
{
	release_broken(&ways[_i]);
	charm_config(&charm, "beta");
	probation_passes();
	charm_expect(&charm, "blocked", without[_i]);
	expect_asked(1, 0, 0, 0);
	ck_assert_int_eq(juju_call(&charm.juju, "run", UNIT, "revert"), 0);
	charm_expect(&charm, "active", "Ready at 'beta', reverted to revision 3");
	live(DAY / 4);
	charm_expect(&charm, "active", "Ready at 'beta', reverted to revision 3");
	expect_service("microsample", "yes", "yes");
	expect_asked(1, 1, 0, 0);
}
END_TEST

/* What dies later than that is no matter of the refresh. */
START_TEST(five_minutes_later_it_has_passed)
{
	release("beta", "5", DIES("330000"));
	charm_config(&charm, "beta");
	probation_passes();
	charm_expect(&charm, "active", "Ready at 'beta'");
	live(DAY);
	charm_expect(&charm, "blocked", "Service is down; run: snap start microsample");
	expect_asked(1, 0, 0, 0);
}
END_TEST

START_TEST(what_was_down_before_does_not_go_back)
{
	charm_ctl(&charm, "{\"do\":\"die\",\"name\":\"microsample\",\"stays-dead\":true}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	release("beta", "5", CRASHES);
	charm_config(&charm, "beta");
	live(DAY);
	charm_expect(&charm, "blocked", "Service is down; run: snap start microsample");
	expect_asked(1, 0, 0, 0);
}
END_TEST

START_TEST(auto_refresh_before_the_verdict_is_none_of_ours)
{
	release("beta", "5", "");
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	release("beta", "6", CRASHES);
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\"}");
	live(DAY);
	charm_expect(&charm, "blocked", "Service is down; run: snap start microsample");
	expect_asked(1, 0, 0, 0);
	expect_revision("6");
}
END_TEST

/* Between the end of ours and the first look at what it led to. */
START_TEST(auto_refresh_before_the_first_look_is_none_of_ours)
{
	release("beta", "5", "");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	charm_expect_begin(&charm, "waiting", "Refresh stands at step ");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	release("beta", "6", CRASHES);
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\"}");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	live(DAY);
	charm_expect(&charm, "blocked", "Service is down; run: snap start microsample");
	expect_asked(1, 0, 0, 0);
	expect_revision("6");
}
END_TEST

/* A person who was faster, by the action or by snap: what they did stays. */
static void revert_by_hand(int how)
{
	long status;

	if (how == 0) {
		ck_assert_int_eq(juju_call(&charm.juju, "run", UNIT, "revert"), 0);
		return;
	}
	cJSON_Delete(snapd_proc_ask(
		&charm.snapd, "POST", "/v2/snaps/microsample", "{\"action\":\"revert\"}", &status));
	ck_assert_int_eq(status, 202);
}

START_TEST(revert_by_hand_on_probation_stays)
{
	release("beta", "5", "");
	charm_config(&charm, "beta");
	revert_by_hand(_i);
	tick_after(60);
	charm_expect_begin(&charm, "active", "Ready at 'beta'");
	expect_revision("3");
	charm_ctl(&charm, "{\"do\":\"die\",\"name\":\"microsample\",\"stays-dead\":true}");
	live(DAY);
	charm_expect(&charm, "blocked", "Service is down; run: snap start microsample");
	expect_asked(1, 1, 0, 0); /* theirs */
}
END_TEST

START_TEST(revert_by_hand_of_what_died_stays)
{
	release("beta", "5", DIES("30000"));
	charm_config(&charm, "beta");
	charm_pass(&charm, 40);
	revert_by_hand(1);
	live(DAY);
	charm_expect_begin(&charm, "active", "Ready at 'beta'");
	expect_revision("3");
	expect_asked(1, 1, 0, 0);
}
END_TEST

/* As soon as the status says so: systemd has used up its starts, and would refuse the old revision too. */
START_TEST(revert_by_hand_waits_until_a_crash_loop_is_quiet)
{
	char *state = NULL;
	double pause;

	release("beta", "5", ways[_i].how);
	charm_config(&charm, "beta");
	do {
		free(state);
		tick_after(1);
		state = charm_sql(&charm, "select state from record");
	} while (strcmp(state, "blocked") != 0);
	free(state);
	charm_expect(&charm, "blocked", DOWN_THEN);
	revert_by_hand(0);
	charm_expect(&charm, "active", "Ready at 'beta', reverted to revision 3");
	expect_service("microsample", "yes", "yes");
	expect_asked(1, 1, 0, 0);
	pause = time_of("\"revert\"") - time_of("\"refresh\"");
	ck_assert_msg(pause >= 15000 && pause < 40000, "%.0f ms", pause);
}
END_TEST

START_TEST(revert_by_hand_of_what_runs_waits_for_nothing)
{
	double begun;

	release("beta", "5", "");
	charm_config(&charm, "beta");
	begun = time_of("\"refresh\"");
	revert_by_hand(0);
	ck_assert_msg(
		time_of("\"revert\"") - begun < 15000, "%.0f ms", time_of("\"revert\"") - begun);
	charm_expect(&charm, "active", "Ready at 'beta', reverted to revision 3");
}
END_TEST

static void discard(const char *revision)
{
	char *body = alloc_textf("{\"action\":\"remove\",\"revision\":\"%s\"}", revision);
	long status;

	cJSON_Delete(snapd_proc_ask(&charm.snapd, "POST", "/v2/snaps/microsample", body, &status));
	ck_assert_int_eq(status, 202);
	free(body);
}

/* Removed by a person, before the new one breaks or after: there is nothing to go back to. */
START_TEST(way_back_is_told_only_while_it_is_on_the_disk)
{
	release("beta", "5", DIES("30000"));
	charm_config(&charm, "beta");
	if (_i != 0)
		discard("3");
	tick_after(60);
	if (_i == 0) {
		charm_expect(&charm, "blocked", DOWN_THEN);
		discard("3");
		tick_after(60);
	}
	charm_expect(&charm, "blocked", "Service is down; run: snap start microsample");
	live(DAY);
	charm_expect(&charm, "blocked", "Service is down; run: snap start microsample");
	ck_assert_int_eq(asked("\"refresh\""), 1);
	ck_assert_int_eq(asked("\"revert\""), 0);
}
END_TEST

START_TEST(way_back_is_not_told_where_it_would_be_refused)
{
	release("beta", "15", CRASHES);
	set("revision=15");
	charm_expect(&charm, "blocked", "Service is down; run: snap start microsample");
	revert_by_hand(0); /* and is */
	ck_assert_int_eq(asked("\"revert\""), 0);
}
END_TEST

static Suite *by_hand_suite(void)
{
	Suite *suite = suite_create("by-hand");
	TCase *tests = charm_case(suite, "rollback", set_up, tear_down);
	TCase *plain = charm_case(suite, "no rollback", set_up_plain, tear_down);

	tcase_add_loop_test(plain, without_the_option_the_way_back_is_told, 0, COUNT(ways));
	tcase_add_test(tests, five_minutes_later_it_has_passed);
	tcase_add_test(tests, what_was_down_before_does_not_go_back);
	tcase_add_test(tests, auto_refresh_before_the_verdict_is_none_of_ours);
	tcase_add_test(tests, auto_refresh_before_the_first_look_is_none_of_ours);
	tcase_add_loop_test(tests, revert_by_hand_on_probation_stays, 0, 2);
	tcase_add_test(tests, revert_by_hand_of_what_died_stays);
	tcase_add_loop_test(
		plain, revert_by_hand_waits_until_a_crash_loop_is_quiet, 0, CRASH_LOOPS);
	tcase_add_test(plain, revert_by_hand_of_what_runs_waits_for_nothing);
	tcase_add_loop_test(plain, way_back_is_told_only_while_it_is_on_the_disk, 0, 2);
	tcase_add_loop_test(tests, way_back_is_told_only_while_it_is_on_the_disk, 1, 2);
	tcase_add_test(plain, way_back_is_not_told_where_it_would_be_refused);
	return suite;
}

int main(void)
{
	return charm_run(by_hand_suite);
}
