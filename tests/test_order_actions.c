/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actions that give an order: what each does, what it says of it, and that one that is killed or
 * not over in time is gone on with by the next hook, and never done twice.
 */
#include <check.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/hostile_kit.h"
#include "tests/suite.h"

enum {
	STEPS_MAX = 200,
};

static struct charm charm;
static cJSON *task; /* of the last `juju run` */

static void set_up(void)
{
	charm_open_ready(&charm, "2.77");
}

static void tear_down(void)
{
	cJSON_Delete(task);
	task = NULL;
	charm_close(&charm);
}

static const char *told(const char *key)
{
	return charm_told(task, key);
}

static const char *result(const char *key)
{
	return charm_result(task, key);
}

static void order(const char *action)
{
	struct juju_answer answer = juju_ask(&charm.juju, "run", "--format", "json", UNIT, action);

	cJSON_Delete(task);
	task = cJSON_Parse(answer.out); /* of one that was killed too */
	ck_assert_msg(task != NULL, "%s", answer.err);
	juju_answer_done(&answer);
}

static void expect_done(const char *action, const char *note)
{
	order(action);
	ck_assert_msg(strcmp(told("status"), "completed") == 0, "%s", told("message"));
	ck_assert_str_eq(result("order"), "done");
	ck_assert_str_eq(result("note"), note);
}

/* MESSAGE is what it begins with. */
static void expect_failed(const char *action, const char *end, const char *message)
{
	order(action);
	ck_assert_str_eq(told("status"), "failed");
	ck_assert_str_eq(result("order"), end);
	ck_assert_msg(strncmp(told("message"), message, strlen(message)) == 0, "%s: \"%s\"", action,
		told("message"));
}

static void expect_refused(const char *action, const char *message)
{
	long posts = charm_posts(&charm);

	expect_failed(action, "refused", message);
	ck_assert_str_eq(told("message"), message);
	ck_assert_str_eq(result("note"), message);
	ck_assert_int_eq(charm_posts(&charm), posts);
}

static void release(const char *channel, const char *revision)
{
	charm_ctl(&charm,
		"{\"do\":\"store\",\"set\":{\"channels\":{\"%s\":{\"revision\":\"%s\","
		"\"version\":\"%s.0\"}}}}",
		channel, revision, revision);
}

START_TEST(refresh_goes_to_the_newest)
{
	expect_done("refresh", "already the newest");
	ck_assert_int_eq(charm_changes_done(&charm), 1); /* the install */
	release("latest/edge", "20");
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"hold\":"
			  "\"2300-01-01T00:00:00.000000001Z\"}}");
	expect_done("refresh", "");
	ck_assert_str_eq(result("change"), "3");
	ck_assert_str_eq(result("revision-before"), "3");
	ck_assert_str_eq(result("version-before"), "3.0-dev");
	ck_assert_str_eq(result("revision"), "20");
	ck_assert_str_eq(result("version"), "20.0");
	ck_assert_str_eq(result("status"), "active: Ready at 'edge', held at revision 20");
	ck_assert_int_eq(charm_rows(&charm, "order refresh done"), 2);
	charm_expect(&charm, "active", "Ready at 'edge', held at revision 20");
	hostile_sound(&charm);
}
END_TEST

START_TEST(revert_goes_back_and_the_charm_stays_there)
{
	expect_refused(
		"revert", "no revision to revert to; snap list --all shows those on the disk");
	charm_config(&charm, "beta");
	expect_done("revert", "");
	ck_assert_str_eq(result("revision-before"), "2");
	ck_assert_str_eq(result("revision"), "3");
	ck_assert_str_eq(result("status"), "active: Ready at 'beta', reverted to revision 3");
	charm_forget(&charm);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(charm_posts(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta', reverted to revision 3");
	/* A plan warns of what a refresh then says. */
	order("plan");
	ck_assert_str_eq(result("would"), "nothing");
	ck_assert_ptr_nonnull(strstr(result("hinders"),
		"it was reverted to revision 3, and any refresh by name undoes that"));
	expect_done("refresh", "the revert to revision 3 is undone");
	ck_assert_str_eq(result("revision"), "2");
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

START_TEST(restart_restarts_what_is_enabled)
{
	expect_done("restart", "");
	ck_assert_str_ne(result("change"), "");
	ck_assert_int_eq(charm_posts(&charm), 1);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"service\":"
			  "{\"enabled\":false,\"active\":false}}}");
	expect_refused("restart", "no service of the snap is enabled; see: snap services");
}
END_TEST

START_TEST(retry_asks_past_a_pause)
{
	charm_config(&charm, "9.9/stable");
	charm_expect_begin(&charm, "blocked", "Snap Store has no channel '9.9/stable'");
	release("9.9/stable", "9");
	charm_forget(&charm);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(charm_posts(&charm), 0);
	expect_done("retry", "");
	ck_assert_str_eq(result("revision"), "9");
	charm_expect(&charm, "active", "Ready at '9.9/stable'");
	/* Nothing to be tried: no request. */
	charm_forget(&charm);
	expect_done("retry", "");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(abort_ends_the_change_that_is_in_progress)
{
	expect_refused("abort", "no change of the snap is in progress");
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"revision\":\"2\","
			  "\"held\":true}");
	expect_done("abort", "auto-refresh");
	ck_assert_str_ne(result("change"), "");
	ck_assert_int_eq(charm_rows(&charm, "order abort"), 1);
	ck_assert_int_eq(charm_posts(&charm), 1);
	hostile_settle(&charm, "edge");
}
END_TEST

START_TEST(what_was_aborted_of_ours_rests_until_a_retry)
{
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	expect_done("abort", "refresh-snap");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect_begin(&charm, "blocked", "Change was aborted by order");
	charm_forget(&charm);
	charm_pass(&charm, 3600);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(charm_posts(&charm), 0);
	expect_done("retry", "");
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

static const char *const movers[] = { "refresh", "revert", "restart" };

START_TEST(a_change_in_progress_is_named_and_in_the_way)
{
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"revision\":\"2\","
			  "\"held\":true}");
	expect_refused(movers[_i], "a change of the snap is in progress: auto-refresh");
}
END_TEST

START_TEST(a_bad_option_is_named_and_in_the_way)
{
	const char *wanted = "an option is not valid: channel 'foo' has no risk";

	charm_config(&charm, "foo");
	expect_failed(movers[_i], "refused", wanted);
	expect_failed("retry", "refused", wanted);
	charm_expect_begin(&charm, "blocked", "Invalid channel configured: 'foo'");
}
END_TEST

START_TEST(a_silent_snapd_is_in_the_way)
{
	charm_ctl(&charm, "{\"do\":\"away\",\"how\":\"refused\"}");
	expect_failed(movers[_i], "refused", "snapd gives no usable answer");
}
END_TEST

START_TEST(an_order_that_is_not_over_in_time_is_pending)
{
	char change[32];

	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	order("restart");
	ck_assert_str_eq(told("status"), "completed");
	ck_assert_str_eq(result("order"), "pending");
	(void)snprintf(change, sizeof change, "%s", result("change"));
	ck_assert_str_ne(change, "");
	ck_assert_str_eq(result("note"),
		"not over yet; the next hook goes on and writes its end into the journal");
	expect_refused("refresh", "another order is being carried out: restart");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(charm_rows(&charm, "order restart done"), 1);
	ck_assert_int_eq(charm_posts(&charm), 1);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

/* A person who orders the next thing before any hook has seen the end of the first. */
START_TEST(the_end_of_an_order_is_journaled_beside_the_next_one)
{
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	order("restart");
	ck_assert_str_eq(result("order"), "pending");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	expect_done("refresh", "already the newest");
	ck_assert_int_eq(charm_rows(&charm, "order restart done; order refresh"), 1);
	ck_assert_int_eq(charm_posts(&charm), 2);
}
END_TEST

/* A change that moves, by a step each 15 seconds, is waited for by an action for 50 s at most. */
static const struct {
	const char *budget;
	long long least, most; /* seconds */
} times[] = {
	{ "MICROSAMPLE_HOOK_BUDGET=120", 45, 55 },
	{ "MICROSAMPLE_HOOK_BUDGET=10", 9, 15 },
	{ "MICROSAMPLE_HOOK_BUDGET=120", 19, 25 },
};

/* The end of an order that another action left is not the answer to this one. */
START_TEST(a_refused_order_stays_refused_when_another_ends_meanwhile)
{
	/* Longer than an action waits, and shorter than two. */
	hostile_env(&charm, "MICROSAMPLE_HOOK_BUDGET=10");
	charm_ctl(&charm, "{\"do\":\"mode\",\"task-ms\":15000}");
	order("restart");
	ck_assert_str_eq(result("order"), "pending");
	expect_refused("refresh", "another order is being carried out: restart");
	ck_assert_int_eq(charm_rows(&charm, "order restart done"), 1);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

START_TEST(an_order_returns_within_its_time)
{
	long long begun, took;

	hostile_env(&charm, times[_i].budget);
	charm_ctl(&charm, _i < 2 ? "{\"do\":\"mode\",\"task-ms\":15000}"
				 : "{\"do\":\"mode\",\"manual\":true}");
	if (_i < 2)
		release("latest/edge", "20");
	begun = sandbox_clock_now(charm.clock);
	order(_i < 2 ? "refresh" : "restart");
	took = (sandbox_clock_now(charm.clock) - begun) / SANDBOX_CLOCK_SECOND;
	ck_assert_str_eq(result("order"), "pending");
	ck_assert_int_ge(took, times[_i].least);
	ck_assert_int_le(took, times[_i].most);
}
END_TEST

static const char *const refusals[][2] = {
	{ "'mode':'status','status':400,'message':'no way'", "no way" },
	{ "'mode':'status','status':500,'message':'snapd fell over'", "snapd fell over" },
	{ "'mode':'status','status':403,'kind':'login-required','message':'access denied'",
		"access denied" },
};

START_TEST(a_refusal_of_snapd_is_told_and_never_repeated)
{
	char *fault = alloc_textf("'path':'',%s", refusals[_i][0]);

	hostile_fault(&charm, "POST", fault, 1);
	expect_failed("restart", "failed", refusals[_i][1]);
	ck_assert_str_eq(told("message"), refusals[_i][1]);
	ck_assert_int_eq(charm_posts(&charm), 1);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(charm_posts(&charm), 1);
	charm_expect(&charm, "active", "Ready at 'edge'");
	free(fault);
}
END_TEST

START_TEST(a_change_that_fails_is_told_with_its_cause)
{
	release("latest/edge", "20");
	charm_ctl(&charm, "{\"do\":\"fail\",\"task\":\"run-hook\",\"hook\":\"configure\","
			  "\"log\":\"out of luck\"}");
	expect_failed("refresh", "failed", "");
	ck_assert_msg(strstr(told("message"), "out of luck") != NULL, "%s", told("message"));
	ck_assert_msg(
		strstr(told("message"), "; see: snap change ") != NULL, "%s", told("message"));
	ck_assert_str_eq(result("revision"), "3");
	charm_forget(&charm);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(charm_posts(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

/* The path of FILE in the charm's folder, to be freed. */
static char *path_of(const char *file)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	char *ret = alloc_textf("%s/%s", juju_show_text(shown, "charm-dir"), file);

	cJSON_Delete(shown);
	return ret;
}

/* It gives no result, and begins with nothing. */
static void expect_not_begun(const char *message)
{
	expect_failed("restart", "", message);
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert_int_eq(hostile_complaints(&charm), 0);
}

START_TEST(another_dispatch_is_in_the_way)
{
	char *path = path_of("state.lock");
	int fd = open(path, O_RDWR);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	expect_not_begun("another dispatch of this unit is running");
	ck_assert_int_eq(close(fd), 0);
	expect_done("retry", "");
	free(path);
}
END_TEST

START_TEST(a_lock_that_cannot_be_opened_is_named)
{
	char *path = path_of("state.lock");

	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	expect_not_begun(path);
	ck_assert_int_eq(rmdir(path), 0);
	free(path);
}
END_TEST

START_TEST(a_database_of_a_newer_charm_is_left_alone)
{
	free(charm_sql(&charm, "pragma user_version = 99"));
	expect_not_begun("the database is of a newer charm; run: juju refresh");
}
END_TEST

START_TEST(a_database_that_somebody_keeps_is_named)
{
	char *path = path_of("state.db");
	sqlite3 *db = NULL;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, "begin exclusive", NULL, NULL, NULL), SQLITE_OK);
	expect_not_begun("state.db: ");
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	free(path);
}
END_TEST

START_TEST(options_that_cannot_be_read_are_in_the_way)
{
	hostile_tool(&charm, "config-get", "exit1", 1, 0);
	expect_not_begun("config-get: exit status 1");
}
END_TEST

/* --- killed --- */

static void arm_tool(const char *mode, int n)
{
	char skip[16];

	(void)snprintf(skip, sizeof skip, "%d", n);
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "any", mode, "--skip", skip), 0);
}

static bool tool_went_off(void)
{
	struct juju_answer answer = juju_ask(&charm.juju, "fault");
	bool left = strstr(answer.out, "kill-") != NULL;

	juju_answer_done(&answer);
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "--clear"), 0);
	return !left;
}

static void arm_request(const char *when, int n)
{
	charm_ctl(&charm,
		"{\"do\":\"fault\",\"method\":\"\",\"path\":\"\",\"mode\":\"kill-client\","
		"\"when\":\"%s\",\"skip\":%d}",
		when, n);
}

static bool request_went_off(void)
{
	cJSON *answer = snapd_proc_ctl(&charm.snapd, "%s", "{\"do\":\"state\"}");
	bool left = cJSON_GetArraySize(cJSON_GetObjectItem(answer, "faults")) > 0;

	cJSON_Delete(answer);
	charm_ctl(&charm, "{\"do\":\"well\"}");
	return !left;
}

static const struct {
	void (*arm)(const char *mode, int n);
	bool (*went_off)(void);
	const char *mode;
} ways[] = {
	{ arm_tool, tool_went_off, "kill-before" },
	{ arm_tool, tool_went_off, "kill-after" },
	{ arm_request, request_went_off, "before" },
	{ arm_request, request_went_off, "acted" },
	{ arm_request, request_went_off, "answered" },
};

/* How many orders have ended. */
static long ends(void)
{
	return charm_rows(&charm, "order restart done") +
	       charm_rows(&charm, "order restart failed") +
	       charm_rows(&charm, "order restart dropped");
}

/* Each order that was taken ends once, by at most one change, and nothing is left of it. */
START_TEST(an_order_that_is_killed_is_gone_on_with_and_done_once)
{
	int killed = 0, done = 0;

	for (bool went_off = true; went_off && killed < STEPS_MAX; killed += went_off) {
		long before = charm_changes(&charm), ended = ends();
		long changes;

		ways[_i].arm(ways[_i].mode, killed);
		order("restart");
		went_off = ways[_i].went_off();
		for (int ticks = 0; ticks < 4; ticks++) {
			charm_pass(&charm, 60);
			ck_assert_int_eq(charm_tick(&charm), 0);
		}
		changes = charm_changes(&charm) - before;
		ended = ends() - ended;
		ck_assert_msg(changes <= 1 && ended <= 1 && changes <= ended,
			"killed at step %d: %ld changes, %ld ends", killed, changes, ended);
		done += changes == 1 && went_off;
		charm_expect_sql(&charm, "select order_kind || intent_op from record", "nonenone");
		charm_expect(&charm, "active", "Ready at 'edge'");
	}
	ck_assert_int_ge(killed, 4);
	ck_assert_int_lt(killed, STEPS_MAX);
	ck_assert_int_ge(done, 1);
	hostile_sound(&charm);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("order_actions");
	TCase *tests = charm_case(suite, "orders", set_up, tear_down);

	tcase_add_test(tests, refresh_goes_to_the_newest);
	tcase_add_test(tests, revert_goes_back_and_the_charm_stays_there);
	tcase_add_test(tests, restart_restarts_what_is_enabled);
	tcase_add_test(tests, retry_asks_past_a_pause);
	tcase_add_test(tests, abort_ends_the_change_that_is_in_progress);
	tcase_add_test(tests, what_was_aborted_of_ours_rests_until_a_retry);
	tcase_add_loop_test(tests, a_change_in_progress_is_named_and_in_the_way, 0, COUNT(movers));
	tcase_add_loop_test(tests, a_bad_option_is_named_and_in_the_way, 0, COUNT(movers));
	tcase_add_loop_test(tests, a_silent_snapd_is_in_the_way, 0, COUNT(movers));
	tcase_add_test(tests, an_order_that_is_not_over_in_time_is_pending);
	tcase_add_test(tests, the_end_of_an_order_is_journaled_beside_the_next_one);
	tcase_add_test(tests, a_refused_order_stays_refused_when_another_ends_meanwhile);
	tcase_add_loop_test(tests, an_order_returns_within_its_time, 0, COUNT(times));
	tcase_add_loop_test(
		tests, a_refusal_of_snapd_is_told_and_never_repeated, 0, COUNT(refusals));
	tcase_add_test(tests, a_change_that_fails_is_told_with_its_cause);
	tcase_add_test(tests, another_dispatch_is_in_the_way);
	tcase_add_test(tests, a_lock_that_cannot_be_opened_is_named);
	tcase_add_test(tests, a_database_of_a_newer_charm_is_left_alone);
	tcase_add_test(tests, a_database_that_somebody_keeps_is_named);
	tcase_add_test(tests, options_that_cannot_be_read_are_in_the_way);
	tcase_add_loop_test(
		tests, an_order_that_is_killed_is_gone_on_with_and_done_once, 0, COUNT(ways));
	return suite;
}

int main(void)
{
	return charm_run(suite);
}
