/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ready means that the workload answers on its port, unless the operator switched that off; and a
 * unit that was Ready before the charm asked is not blocked by the question.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/charm.h"
#include "tests/suite.h"

#define SEE "; see: snap logs microsample"

static struct charm charm;

static void set_up_ready(void)
{
	charm_open_ready(&charm, "2.77");
}

static void tear_down(void)
{
	charm_close(&charm);
}

/* What the workload answers from now on: JSON. */
static void answer(const char *what)
{
	charm_ctl(&charm, "{\"do\":\"workload\",\"answer\":%s}", what);
}

static void answer_at(const char *path, const char *what)
{
	charm_ctl(&charm, "{\"do\":\"workload\",\"path\":\"%s\",\"answer\":%s}", path, what);
}

static void set_path(const char *path)
{
	char *setting = alloc_textf("health-path=%s", path);

	ck_assert_int_eq(juju_call(&charm.juju, "config", "microsample", setting), 0);
	free(setting);
}

static void tick(void)
{
	ck_assert_int_eq(charm_tick(&charm), 0);
}

/* How often the workload was asked since charm_forget(). */
static int probes(void)
{
	cJSON *json = snapd_proc_ctl(&charm.snapd, "{'do':'requests'}");
	int count = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(json, "probes"));

	cJSON_Delete(json);
	return count;
}

static long long seconds(void)
{
	return sandbox_clock_now(charm.clock) / SANDBOX_CLOCK_SECOND;
}

START_TEST(unit_is_ready_when_its_workload_has_answered)
{
	charm_forget(&charm);
	tick();
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(probes(), 1);
}
END_TEST

/* clang-format off */
static const struct {
	const char *answer, *seen; /* NULL: it counts as an answer */
} answers[] = {
	{ "204",             NULL },
	{ "302",             NULL },
	{ "399",             NULL },
	{ "400",             "HTTP 400" },
	{ "500",             "HTTP 500" },
	{ "\"endless\"",     NULL },
	{ "\"cut\"",         NULL },
	{ "\"slow\"",        NULL },
	{ "\"refuse\"",      "connection refused" },
	{ "\"close\"",       "connection closed" },
	{ "\"garbage\"",     "no HTTP answer" },
	{ "\"endless-head\"", "no HTTP answer" },
	{ "\"drip\"",        "no answer within 2 s" },
	{ "\"hang\"",        "no answer within 2 s" },
};
/* clang-format on */

START_TEST(workload_that_does_not_answer_blocks_and_comes_back)
{
	const char *seen = answers[_i].seen;
	char *message = alloc_textf("No answer at 8080/: %s" SEE, seen);

	answer(answers[_i].answer);
	tick();
	charm_expect(&charm, seen ? "blocked" : "active", seen ? message : "Ready at 'edge'");
	answer("200");
	tick();
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
	free(message);
}
END_TEST

/* Three times, a second apart; one answer is enough. */
START_TEST(workload_that_has_run_for_a_while_is_asked_three_times)
{
	long long before = seconds();

	answer("500");
	charm_forget(&charm);
	tick();
	ck_assert_int_eq(probes(), 3);
	ck_assert_int_eq(seconds() - before, 2);
	answer("200");
	charm_forget(&charm);
	tick();
	ck_assert_int_eq(probes(), 1);
}
END_TEST

START_TEST(path_is_asked_as_it_is_configured)
{
	answer_at("/healthz?deep=1", "503");
	set_path("/healthz?deep=1");
	charm_expect(&charm, "blocked", "No answer at 8080/healthz?deep=1: HTTP 503" SEE);
	answer_at("/healthz?deep=1", "200");
	answer("500"); /* anywhere else */
	tick();
	charm_expect(&charm, "active", "Ready at 'edge'");
	set_path("/");
	charm_expect(&charm, "blocked", "No answer at 8080/: HTTP 500" SEE);
}
END_TEST

START_TEST(empty_path_asks_nothing)
{
	answer("\"refuse\"");
	tick();
	charm_expect(&charm, "blocked", "No answer at 8080/: connection refused" SEE);
	charm_forget(&charm);
	set_path("");
	charm_expect(&charm, "active", "Ready at 'edge'");
	tick();
	ck_assert_int_eq(probes(), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

START_TEST(bad_path_blocks_and_asks_nobody)
{
	charm_forget(&charm);
	set_path("healthz");
	charm_expect(&charm, "blocked",
		"Invalid health-path configured: 'healthz'; use a path like /healthz, or nothing");
	ck_assert_int_eq(probes(), 0);
	ck_assert_int_eq((int)charm_requests(&charm), 0);
	set_path("/");
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

START_TEST(configuration_of_before_asks_at_the_default)
{
	ck_assert_int_eq(
		juju_call(&charm.juju, "fault", "config-get", "text", "{\"channel\":\"edge\"}"), 0);
	charm_forget(&charm);
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(probes(), 1);
}
END_TEST

/* What comes before the answer of the workload is what a person has to see to first. */
START_TEST(workload_is_asked_only_when_it_is_to_answer)
{
	static const char *const worse[] = { "{\"service\":{\"enabled\":true,\"active\":false}}",
		"{\"service\":{\"enabled\":false,\"active\":false}}", "{\"disabled\":true}" };

	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":%s}", worse[_i]);
	charm_forget(&charm);
	tick();
	ck_assert_int_eq(probes(), 0);
	charm_expect_sql(&charm, "SELECT reason = 'no-answer' FROM record", "0");
}
END_TEST

/* A hook that waits for somebody's change asks nothing meanwhile. */
START_TEST(nobody_is_asked_while_a_change_runs)
{
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"held\":true}");
	charm_forget(&charm);
	tick();
	ck_assert_int_eq(probes(), 0);
	charm_expect_begin(&charm, "waiting", "auto-refresh stands at step ");
}
END_TEST

/* --- what has just been started --- */

/* Asked once a second in the one hook, before anything is told. */
START_TEST(slow_starter_gets_thirty_seconds_after_our_change)
{
	long long before;

	charm_ctl(&charm, "{\"do\":\"workload\",\"revision\":\"2\",\"answer\":500}");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	charm_forget(&charm);
	before = seconds();
	tick();
	charm_expect_begin(&charm, "blocked", "No answer at 8080/: HTTP 500; ");
	/* and once more at the end of the hook, as one that has run for a while */
	ck_assert_int_eq(probes(), 31 + 3);
	ck_assert_int_ge(seconds() - before, 30);
	ck_assert_int_lt(seconds() - before, 40);
	charm_forget(&charm);
	tick();
	ck_assert_int_eq(probes(), 3);
}
END_TEST

START_TEST(refresh_to_what_does_not_answer_is_never_ready)
{
	charm_ctl(&charm, "{\"do\":\"workload\",\"revision\":\"2\",\"answer\":500}");
	charm_config(&charm, "beta");
	charm_expect(&charm, "blocked",
		"No answer at 8080/: HTTP 500; to go back: juju run UNIT revert");
	charm_expect_sql(&charm,
		"SELECT count(*) FROM journal WHERE event = 'settled' AND channel = 'latest/beta'",
		"0");
	charm_config(&charm, "edge");
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

/* --- a unit of 0.1.0 --- */

static void become_released(void)
{
	char *command = alloc_textf("unit=%s/agents/unit-microsample-0/charm; "
				    "rm -f $unit/state.db-*; "
				    "cp %s/tests/released/ready-0.1.0.db $unit/state.db",
		charm.juju.dir, getenv("top_srcdir"));

	charm_config(&charm, "beta"); /* where that one was */
	ck_assert_msg(system(command) == 0, "%s", command);
	free(command);
	charm_forget(&charm);
}

START_TEST(unit_of_before_is_blocked_only_after_its_workload_has_answered)
{
	become_released();
	answer("\"refuse\"");
	ck_assert_int_eq(charm_hook(&charm, "upgrade-charm"), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
	tick();
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq((int)charm_posts(&charm), 0);
	answer("200");
	tick();
	charm_expect(&charm, "active", "Ready at 'beta'");
	answer("\"refuse\"");
	tick();
	charm_expect(&charm, "blocked", "No answer at 8080/: connection refused" SEE);
}
END_TEST

START_TEST(unit_of_before_is_blocked_once_a_path_is_set)
{
	become_released();
	answer("500");
	ck_assert_int_eq(charm_hook(&charm, "upgrade-charm"), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
	set_path("/healthz");
	charm_expect(&charm, "blocked", "No answer at 8080/healthz: HTTP 500" SEE);
}
END_TEST

/* A database that was lost is rebuilt from what snapd shows: that is no unit of 0.1.0. */
START_TEST(rebuilt_record_is_not_lenient)
{
	char *command =
		alloc_textf("rm -f %s/agents/unit-microsample-0/charm/state.db*", charm.juju.dir);

	answer("500");
	ck_assert_int_eq(system(command), 0);
	free(command);
	tick();
	charm_expect(&charm, "blocked", "No answer at 8080/: HTTP 500" SEE);
}
END_TEST

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

int main(void)
{
	Suite *suite = suite_create("answer");
	TCase *tests = charm_case(suite, "answer", set_up_ready, tear_down);

	tcase_add_test(tests, unit_is_ready_when_its_workload_has_answered);
	tcase_add_loop_test(
		tests, workload_that_does_not_answer_blocks_and_comes_back, 0, COUNT(answers));
	tcase_add_test(tests, workload_that_has_run_for_a_while_is_asked_three_times);
	tcase_add_test(tests, path_is_asked_as_it_is_configured);
	tcase_add_test(tests, empty_path_asks_nothing);
	tcase_add_test(tests, bad_path_blocks_and_asks_nobody);
	tcase_add_test(tests, configuration_of_before_asks_at_the_default);
	tcase_add_loop_test(tests, workload_is_asked_only_when_it_is_to_answer, 0, 3);
	tcase_add_test(tests, nobody_is_asked_while_a_change_runs);
	tcase_add_test(tests, slow_starter_gets_thirty_seconds_after_our_change);
	tcase_add_test(tests, refresh_to_what_does_not_answer_is_never_ready);
	tcase_add_test(tests, unit_of_before_is_blocked_only_after_its_workload_has_answered);
	tcase_add_test(tests, unit_of_before_is_blocked_once_a_path_is_set);
	tcase_add_test(tests, rebuilt_record_is_not_lenient);
	return run_suite(suite);
}
