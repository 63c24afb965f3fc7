/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a hook of the whole charm waits, and for what: a change that stands still, a request that
 * takes its time or is lost, a snapd that is slow or silent.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/hostile_kit.h"
#include "tests/suite.h"

static struct charm charm;

static void set_up(void)
{
	charm_open_ready(&charm, "2.77");
}

static void tear_down(void)
{
	charm_close(&charm);
}

/* Virtual seconds that a hook takes, rounded to the nearest. */
static long seconds_of(const char *hook)
{
	long long before = sandbox_clock_now(charm.clock);

	ck_assert_int_eq(charm_hook(&charm, hook), 0);
	return (long)((sandbox_clock_now(charm.clock) - before + SANDBOX_CLOCK_SECOND / 2) /
		      SANDBOX_CLOCK_SECOND);
}

/* Of all the hooks that Juju runs for it. */
static long seconds_of_config(const char *channel)
{
	long long before = sandbox_clock_now(charm.clock);

	charm_config(&charm, channel);
	return (long)((sandbox_clock_now(charm.clock) - before + SANDBOX_CLOCK_SECOND / 2) /
		      SANDBOX_CLOCK_SECOND);
}

#define ABOUT(expected, seconds)                                                                   \
	do {                                                                                       \
		long seconds_ = (seconds);                                                         \
		ck_assert_int_ge(seconds_, (expected)-2);                                          \
		ck_assert_int_le(seconds_, (expected) + 3);                                        \
	} while (0)

/* The status begins with BEGIN and has the id of the newest change at its end. */
static void expect_stand(const char *begin)
{
	char end[64];
	cJSON *shown;
	const char *message;

	snprintf(end, sizeof end, "; see: snap change %ld",
		charm_number(&charm, "{\"do\":\"state\"}", "last-change"));
	charm_expect_begin(&charm, "waiting", begin);
	shown = juju_show(&charm.juju, UNIT);
	message = juju_show_text(shown, "message");
	ck_assert_str_eq(message + strlen(message) - strlen(end), end);
	cJSON_Delete(shown);
}

/* Later hooks find it where it was: they end at once, tell nothing and write nothing. */
static void expect_rest(const char *begin)
{
	char *rows = charm_sql(&charm, "SELECT max(sequence) FROM journal");

	for (int i = 0; i < 3; i++) {
		charm_pass(&charm, 300);
		ABOUT(0, seconds_of(i == 1 ? "config-changed" : "update-status"));
		expect_stand(begin);
	}
	charm_expect_sql(&charm, "SELECT max(sequence) FROM journal", rows);
	free(rows);
}

START_TEST(our_change_that_stands_is_waited_for_once)
{
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	ABOUT(20, seconds_of_config("beta"));
	expect_rest("Refresh stands at step ");
	charm_expect_sql(&charm, "SELECT reason FROM record", "own-stands");
	charm_ctl(&charm, "{\"do\":\"step\",\"n\":2}"); /* it moves on, and is waited for again */
	charm_pass(&charm, 300);
	ABOUT(20, seconds_of("update-status"));
	expect_rest("Refresh stands at step ");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	ABOUT(0, seconds_of("update-status"));
	charm_expect(&charm, "active", "Ready at 'beta'");
	charm_expect_sql(&charm, "SELECT pace_change FROM record", "0");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

/* A step each 15 seconds: it gets the hook's budget, and the next hook goes on. */
START_TEST(change_that_moves_is_followed_until_the_budget_is_spent)
{
	charm_ctl(&charm, "{\"do\":\"mode\",\"task-ms\":15000}");
	ABOUT(60 * charm_tells(), seconds_of_config("beta"));
	charm_expect_begin(&charm, "maintenance", "Refreshing microsample snap to 'beta': step ");
	ABOUT(60, seconds_of("update-status"));
	charm_expect_begin(&charm, "maintenance", "Refreshing microsample snap to 'beta': step ");
	charm_pass(&charm, 300);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(change_of_somebody_else_that_stands_is_waited_for_once)
{
	static const char *const kinds[] = { "auto-refresh", "refresh-snap" };

	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"%s\",\"held\":true}", kinds[_i]);
	ABOUT(20, seconds_of("update-status"));
	expect_rest(kinds[_i]);
	charm_expect_sql(&charm, "SELECT reason FROM record", "foreign-stands");
	charm_ctl(&charm, "{\"do\":\"release\"}");
	charm_pass(&charm, 300);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(change_that_waits_for_a_reboot_is_not_waited_for)
{
	char command[64];

	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	if (_i)
		charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\"}");
	else
		charm_config(&charm, "beta");
	snprintf(command, sizeof command, "{\"do\":\"wait\",\"change\":\"%ld\"}",
		charm_number(&charm, "{\"do\":\"state\"}", "last-change"));
	charm_ctl(&charm, "%s", command);
	ABOUT(0, seconds_of("update-status"));
	expect_stand(_i ? "auto-refresh waits for a reboot of the machine"
			: "Refresh waits for a reboot of the machine");
	expect_rest(_i ? "auto-refresh waits" : "Refresh waits");
	charm_ctl(&charm, "{\"do\":\"release\"}");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect_begin(&charm, "active", "Ready at '");
	ck_assert_int_eq(charm_posts(&charm), _i ? 0 : 1);
}
END_TEST

START_TEST(change_that_is_rolled_back_says_so)
{
	char command[64];

	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	charm_ctl(&charm, "{\"do\":\"step\",\"n\":9}");
	snprintf(command, sizeof command, "{\"do\":\"abort\",\"change\":\"%ld\"}",
		charm_number(&charm, "{\"do\":\"state\"}", "last-change"));
	charm_ctl(&charm, "%s", command);
	ABOUT(20, seconds_of("update-status"));
	expect_rest("Refresh is being rolled back since ");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect_begin(&charm, "waiting", "");
	hostile_settle(&charm, "beta");
	ck_assert_int_eq(charm_changes_done(&charm), 2); /* with the install */
}
END_TEST

/* snapd finishes it without the unit; but the snap that a rollback brings back is still there. */
START_TEST(removal_that_stands_is_left_to_snapd_unless_it_is_rolled_back)
{
	char command[64];

	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	ABOUT(20, seconds_of("remove"));
	charm_ctl(&charm, "{\"do\":\"step\",\"n\":5}");
	snprintf(command, sizeof command, "{\"do\":\"abort\",\"change\":\"%ld\"}",
		charm_number(&charm, "{\"do\":\"state\"}", "last-change"));
	charm_ctl(&charm, "%s", command);
	ck_assert_int_eq(charm_hook(&charm, "remove"), 1);
	charm_expect_sql(&charm,
		"SELECT count(*) FROM record WHERE told_message LIKE 'Removal is being rolled back "
		"since %'",
		"1");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

/* --- a request --- */

static pid_t start_config(const char *channel)
{
	char option[64];

	snprintf(option, sizeof option, "channel=%s", channel);
	return juju_start(&charm.juju, "config", "microsample", option);
}

/* While snapd has the POST, SECONDS go by. */
static void let_it_take(long seconds)
{
	for (int i = 0; i < 1000 && charm_posts(&charm) == 0; i++)
		(void)usleep(10000);
	charm_pass(&charm, seconds);
}

START_TEST(request_that_takes_64_seconds_gets_its_answer)
{
	pid_t hook;

	charm_ctl(&charm, "{\"do\":\"store\",\"set\":{\"down\":%s}}", _i ? "true" : "false");
	hostile_fault(&charm, "POST", "'mode':'delay','ms':1500", 1);
	hook = start_config("beta");
	let_it_take(64);
	ck_assert_int_eq(juju_wait(hook), 0);
	if (_i)
		charm_expect_begin(&charm, "waiting", "Snap Store trouble: ");
	else
		charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 1);
	charm_expect_sql(
		&charm, "SELECT count(*) FROM journal WHERE detail LIKE '%unanswered%'", "0");
}
END_TEST

/* Its time is not taken from what is left to follow its change. */
START_TEST(request_has_a_time_of_its_own)
{
	long long before;
	pid_t hook;

	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	hostile_fault(&charm, "POST", "'mode':'delay','ms':1500", 1);
	hook = start_config("beta");
	let_it_take(100);
	before = sandbox_clock_now(charm.clock);
	ck_assert_int_eq(juju_wait(hook), 0);
	ABOUT(20, (long)((sandbox_clock_now(charm.clock) - before) / SANDBOX_CLOCK_SECOND));
	expect_stand("Refresh stands at step ");
}
END_TEST

/* The next GETs of the snap show it as it is now, whatever becomes of it. */
static void freeze_the_snap(int times)
{
	long status;
	cJSON *answer = snapd_proc_ask(&charm.snapd, "GET", "/v2/snaps/microsample", NULL, &status);

	charm_show_snap(&charm, answer, 0, times);
	cJSON_Delete(answer);
}

/* Both answers contradict the look. After a short request the hook asks again, after a long one not. */
START_TEST(second_request_follows_a_short_one_only)
{
	pid_t hook;

	freeze_the_snap(4);
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":"
			  "{\"tracking\":\"latest/beta\",\"revision\":\"2\"}}");
	hostile_fault(&charm, "POST", "'mode':'delay','ms':1500", 1);
	hook = start_config("beta");
	let_it_take(_i ? 6 : 4);
	ck_assert_int_eq(juju_wait(hook), 0);
	ck_assert_int_eq(charm_posts(&charm), _i ? 1 : 2);
	charm_expect_begin(&charm, "waiting", "");
	hostile_settle(&charm, "beta");
}
END_TEST

/* The change of somebody else took the time. Of two hooks for one option the second one asks. */
START_TEST(request_for_which_no_time_is_left_is_the_next_hook_s)
{
	charm_ctl(&charm, "{\"do\":\"mode\",\"task-ms\":2800}");
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\"}");
	if (charm_tells() == 1) {
		ABOUT(57, seconds_of_config("beta"));
		charm_expect(&charm, "maintenance", "Refreshing microsample snap to 'beta'");
		ck_assert_int_eq(charm_posts(&charm), 0);
		ck_assert_int_eq(charm_tick(&charm), 0);
	} else {
		charm_config(&charm, "beta");
	}
	charm_expect_begin(&charm, "maintenance", "Refreshing microsample snap to 'beta': ");
	ck_assert_int_eq(charm_posts(&charm), 1);
	charm_pass(&charm, 300);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

/* 90 seconds show that it did not land; then the hook that waits for them asks again. */
START_TEST(lost_request_costs_no_hook_more)
{
	hostile_fault(&charm, "POST", "'mode':'drop-unacted'", 1);
	if (charm_tells() == 1) {
		ABOUT(60, seconds_of_config("beta"));
		charm_expect_begin(&charm, "waiting", "No answer from snapd");
		ABOUT(33, seconds_of("update-status"));
	} else {
		ABOUT(60 + 33, seconds_of_config("beta"));
	}
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 2);
	ck_assert_int_eq(charm_changes_done(&charm), 2); /* with the install */
}
END_TEST

/* --- snapd --- */

/* From the first poll of our change on, every answer is useless: one silence, one deadline. */
START_TEST(silence_during_our_change_is_waited_out_once)
{
	static const char *const faults[] = { "'skip':6,'mode':'drop-unacted'",
		"'skip':6,'mode':'raw','status':500,'type':'text/plain','body':'?'" };

	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	hostile_fault(&charm, "GET", faults[_i], 0);
	ABOUT(30 * charm_tells(), seconds_of_config("beta"));
	charm_expect_begin(&charm, "waiting", "Waiting for snapd: it ");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(silence_without_a_request_is_waited_out_for_five_seconds)
{
	hostile_fault(&charm, "GET", "'mode':'drop-unacted'", 0);
	ABOUT(5 * charm_tells(), seconds_of_config("beta"));
	charm_expect_begin(&charm, "waiting", "Waiting for snapd: it ");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

/* Eleven seconds for one answer: slow, not silent. */
START_TEST(slow_snapd_is_worked_with)
{
	hostile_fault(&charm, "GET", "'mode':'delay','ms':11000", 1);
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 1);
	ck_assert(!charm_logged(&charm, "WARNING", "snapd did not answer"));
}
END_TEST

static Suite *waiting_suite(void)
{
	Suite *suite = suite_create("waiting");
	TCase *tests = charm_case(suite, "changes", set_up, tear_down);

	tcase_add_test(tests, our_change_that_stands_is_waited_for_once);
	tcase_add_test(tests, change_that_moves_is_followed_until_the_budget_is_spent);
	tcase_add_loop_test(tests, change_of_somebody_else_that_stands_is_waited_for_once, 0, 2);
	tcase_add_loop_test(tests, change_that_waits_for_a_reboot_is_not_waited_for, 0, 2);
	tcase_add_test(tests, change_that_is_rolled_back_says_so);
	tcase_add_test(tests, removal_that_stands_is_left_to_snapd_unless_it_is_rolled_back);
	tests = charm_case(suite, "requests", set_up, tear_down);
	tcase_add_loop_test(tests, request_that_takes_64_seconds_gets_its_answer, 0, 2);
	tcase_add_test(tests, request_has_a_time_of_its_own);
	tcase_add_loop_test(tests, second_request_follows_a_short_one_only, 0, 2);
	tcase_add_test(tests, request_for_which_no_time_is_left_is_the_next_hook_s);
	tcase_add_test(tests, lost_request_costs_no_hook_more);
	tests = charm_case(suite, "snapd", set_up, tear_down);
	tcase_add_loop_test(tests, silence_during_our_change_is_waited_out_once, 0, 2);
	tcase_add_test(tests, silence_without_a_request_is_waited_out_for_five_seconds);
	tcase_add_test(tests, slow_snapd_is_worked_with);
	return suite;
}

int main(void)
{
	return charm_run(waiting_suite);
}
