/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Something changes in snapd between two looks of a hook, or between a look and the request that it
 * led to. The next look must put it right.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/charm.h"
#include "tests/suite.h"

static struct charm charm;

static void set_up(void)
{
	charm_open(&charm, "2.77");
}

static void tear_down(void)
{
	charm_close(&charm);
}

static void deploy(void)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_forget(&charm);
}

/* One POST gets an answer that contradicts what the look before showed. */
static void refuse(const char *kind)
{
	snapd_proc_do(&charm.snapd,
		"{'do':'fault','method':'POST','path':'','mode':'status','status':400,"
		"'kind':'%s','message':'not now'}",
		kind);
}

START_TEST(a_refusal_that_the_last_look_does_not_explain_is_looked_at_again)
{
	refuse(_i ? "snap-no-update-available" : "snap-not-installed");
	deploy();
	ck_assert_int_eq(charm_changes_done(&charm), 1);
	charm_expect_sql(
		&charm, "SELECT count(*) FROM journal WHERE detail LIKE '%looking again'", "1");
}
END_TEST

START_TEST(a_refusal_that_repeats_itself_is_believed)
{
	deploy();
	refuse("snap-not-installed");
	refuse("snap-not-installed");
	charm_config(&charm, "beta");
	ck_assert_int_eq(charm_posts(&charm), 2);
	charm_expect_begin(&charm, "waiting", "");
	charm_pass(&charm, 360);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

/* The change ended, and snapd forgot it before we asked again: the snap shows how it ended. */
START_TEST(a_change_that_snapd_has_forgotten_is_judged_by_the_snap)
{
	deploy();
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	charm_expect_begin(&charm, "waiting", "Refresh stands at step ");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	charm_ctl(&charm, _i ? "{\"do\":\"purge\"}" : "{\"do\":\"prune\"}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(a_poll_that_fails_ends_no_wait)
{
	deploy();
	snapd_proc_do(&charm.snapd,
		"{'do':'fault','method':'GET','path':'/v2/changes/%ld','mode':'raw','status':500,"
		"'type':'text/plain','body':'?','times':3}",
		charm_number(&charm, "{\"do\":\"state\"}", "last-change") + 1);
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

/* The answer after the refresh; one time the service does not run yet. */
START_TEST(a_service_that_is_still_starting_is_waited_for)
{
	long status;
	cJSON *answer, *snap;

	deploy();
	answer = snapd_proc_ask(&charm.snapd, "GET", "/v2/snaps/microsample", NULL, &status);
	snap = cJSON_GetObjectItem(answer, "result");
	cJSON_ReplaceItemInObject(snap, "tracking-channel", cJSON_CreateString("latest/beta"));
	cJSON_DeleteItemFromObject(
		cJSON_GetArrayItem(cJSON_GetObjectItem(snap, "apps"), 0), "active");
	charm_show_snap(&charm, answer, 2, 1); /* not before it, nor while it runs */
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	charm_expect_sql(&charm, "SELECT count(*) FROM journal WHERE event = 'down'", "0");
	cJSON_Delete(answer);
}
END_TEST

/* --- whose the snap is, when the install's answer was lost --- */

/* How often snapd was asked for the snap so far. */
static int looks(void)
{
	cJSON *answer = snapd_proc_ctl(&charm.snapd, "%s", "{\"do\":\"requests\"}");
	const cJSON *request;
	int count = 0;

	cJSON_ArrayForEach(request, cJSON_GetObjectItem(answer, "requests"))
	{
		count += strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(request, "path")),
				 "/v2/snaps/microsample") == 0 &&
			 strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(request, "method")),
				 "GET") == 0;
	}
	cJSON_Delete(answer);
	return count;
}

/*
 * The hook is killed when snapd has acted on its POST; or with the POST on its way, which snapd acts
 * on SECONDS later: then before the first list that is read after it, the third of that hook.
 */
static void lose_the_answer(int seconds)
{
	if (seconds == 0) {
		charm_ctl(&charm, "{\"do\":\"fault\",\"method\":\"POST\",\"path\":\"\","
				  "\"mode\":\"kill-client\",\"when\":\"acted\"}");
		return;
	}
	charm_ctl(&charm,
		"{\"do\":\"fault\",\"method\":\"POST\",\"path\":\"\",\"mode\":\"act-late\","
		"\"ms\":%d}",
		seconds * 1000);
	charm_ctl(&charm, "{\"do\":\"fault\",\"method\":\"GET\",\"path\":\"/v2/changes\","
			  "\"mode\":\"kill-client\",\"when\":\"before\",\"skip\":2}");
}

/*
 * The first hook is killed at the POST of its install. The change begins at once, or SECONDS after
 * that. In the hook that follows, snapd's answer that there is no snap is 1.5 s late; in that time
 * those seconds go by and the install ends.
 */
static void end_the_install_during_a_look(int seconds)
{
	pid_t deployment;

	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	lose_the_answer(seconds);
	charm_ctl(&charm, "{\"do\":\"fault\",\"method\":\"GET\",\"path\":\"/v2/snaps/microsample\","
			  "\"mode\":\"delay\",\"ms\":1500,\"skip\":1}");
	deployment = fork();
	ck_assert_int_ge(deployment, 0);
	if (deployment == 0)
		_exit(charm_deploy(&charm, NULL));
	for (int i = 0; i < 1000 && looks() < 2; i++)
		(void)usleep(10000);
	charm_pass(&charm, seconds);
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	ck_assert_int_eq(looks(), 2); /* it is still waiting for that answer */
	ck_assert_int_eq(juju_wait(deployment), 0);
}

/*
 * Seconds from the POST to the change. 0: the first list shows it, and the list in progress does not
 * any more. 5: it shows in the last list only, since it began when the first one had been read. 100:
 * the same when the request is so old that without a trace it would be given up.
 */
static const int begins[] = { 0, 5, 100 };

START_TEST(an_install_that_ends_during_a_look_is_ours)
{
	end_the_install_during_a_look(begins[_i]);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 1);
	ck_assert_int_eq(charm_changes(&charm), 1);
	ck_assert(!charm_logged(&charm, "DEBUG", "Snap was moved away again"));
	charm_expect_sql(&charm, "SELECT count(*) FROM journal WHERE detail LIKE '%drift%'", "0");
	charm_expect_sql(&charm, "SELECT ours FROM record", "yes");
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(!charm_snap_present(&charm));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("races");
	TCase *tests = tcase_create("between looks");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(
		tests, a_refusal_that_the_last_look_does_not_explain_is_looked_at_again, 0, 2);
	tcase_add_test(tests, a_refusal_that_repeats_itself_is_believed);
	tcase_add_loop_test(tests, a_change_that_snapd_has_forgotten_is_judged_by_the_snap, 0, 2);
	tcase_add_test(tests, a_poll_that_fails_ends_no_wait);
	tcase_add_test(tests, a_service_that_is_still_starting_is_waited_for);
	tcase_add_loop_test(tests, an_install_that_ends_during_a_look_is_ours, 0,
		(int)(sizeof begins / sizeof *begins));
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
