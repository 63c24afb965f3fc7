/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGKILL around everything that others see of a hook. The stand-ins kill the hook at each call of
 * a hook tool and at each request to snapd; and the answers to requests get lost. Juju then runs
 * the hook again, and the unit must end where it would have ended, without one additional change.
 * tests/crash/ kills at every system call.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "tests/hold_kit.h"
#include "tests/sandbox/snap_files.h"
#include "tests/suite.h"

enum {
	STEPS_MAX = 200,
	PATIENCE = 90,       /* seconds, written out: not what the charm takes for it */
	PATIENCE_LOCAL = 45, /* of what asks the Snap Store nothing */
	PATIENCE_FORM = 390, /* of files, which take their time */
};

static struct charm charm;

static void set_up(void)
{
	charm_open(&charm, "2.77");
}

static void tear_down(void)
{
	charm_close(&charm);
}

/* --- the faults --- */

/* The N-th call of any hook tool kills the hook. */
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

static void arm_method(const char *method, const char *when, int n)
{
	charm_ctl(&charm,
		"{\"do\":\"fault\",\"method\":\"%s\",\"path\":\"\",\"mode\":\"kill-client\","
		"\"when\":\"%s\",\"skip\":%d}",
		method, when, n);
}

/* The N-th request to snapd kills the hook. */
static void arm_request(const char *when, int n)
{
	arm_method("", when, n);
}

/* The N-th POST kills the hook. */
static void arm_post(const char *when, int n)
{
	arm_method("POST", when, n);
}

static bool request_went_off(void)
{
	cJSON *answer = snapd_proc_ctl(&charm.snapd, "%s", "{\"do\":\"state\"}");
	bool left = cJSON_GetArraySize(cJSON_GetObjectItem(answer, "faults")) > 0;

	cJSON_Delete(answer);
	return !left;
}

/* clang-format off */
static const struct way {
	void (*arm)(const char *mode, int n);
	bool (*went_off)(void);
	const char *mode;
	int least; /* steps there are, in any case */
} ways[] = {
	{ arm_tool,    tool_went_off,    "kill-before", 4 },
	{ arm_tool,    tool_went_off,    "kill-after",  4 },
	{ arm_request, request_went_off, "before",      6 },
	{ arm_post,    request_went_off, "acted",       1 },
	{ arm_post,    request_went_off, "answered",    1 },
};
/* clang-format on */

enum {
	WAYS = sizeof ways / sizeof *ways,
};

/* --- what is done, and how it has to end --- */

static int patience_of(const cJSON *request)
{
	const char *body = cJSON_GetStringValue(cJSON_GetObjectItem(request, "body"));

	if (cJSON_IsObject(cJSON_GetObjectItem(request, "form")))
		return PATIENCE_FORM;
	return strstr(body, "\"install\"") || strstr(body, "\"refresh\"") ? PATIENCE
									  : PATIENCE_LOCAL;
}

/* Assertions aside: snapd has them or not. */
static bool is_repeated(const cJSON *before, const cJSON *request)
{
	const char *path = cJSON_GetStringValue(cJSON_GetObjectItem(request, "path"));

	return before && strcmp(path, "/v2/assertions") != 0 &&
	       cJSON_Compare(cJSON_GetObjectItem(before, "body"),
		       cJSON_GetObjectItem(request, "body"), true) &&
	       cJSON_Compare(cJSON_GetObjectItem(before, "form"),
		       cJSON_GetObjectItem(request, "form"), true);
}

/* A request that snapd did not refuse is not repeated before it has had its time. */
static void expect_patience(void)
{
	cJSON *answer = snapd_proc_ctl(&charm.snapd, "%s", "{\"do\":\"requests\"}");
	const cJSON *request, *before = NULL;

	cJSON_ArrayForEach(request, cJSON_GetObjectItem(answer, "requests"))
	{
		if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(request, "method")), "POST") !=
			0)
			continue;
		if (is_repeated(before, request))
			ck_assert_double_ge(
				cJSON_GetObjectItem(request, "time")->valuedouble -
					cJSON_GetObjectItem(before, "time")->valuedouble,
				1000.0 * patience_of(request));
		before = request;
	}
	cJSON_Delete(answer);
}

/* A hook that has waited for a request to show has too little time left to repeat it. */
static void next_hook_goes_on(void)
{
	ck_assert_int_eq(charm_tick(&charm), 0);
}

static void expect_ready(const char *message, const char *version, long changes)
{
	char *ours =
		charm_sql(&charm, "select ours || ' ' || marked || ' ' || intent_op from record");
	char *gaps = charm_sql(
		&charm, "select count(*) - max(sequence) + min(sequence) - 1 from journal");

	charm_expect(&charm, "active", message);
	charm_expect_version(&charm, version);
	ck_assert_int_eq(charm_changes(&charm), changes);
	ck_assert_int_eq(charm_changes_done(&charm), changes);
	ck_assert_str_eq(ours, "yes yes none");
	ck_assert_str_eq(gaps, "0");
	expect_patience();
	free(ours);
	free(gaps);
}

static void expect_end(const char *channel, const char *version, long changes)
{
	char message[64];

	(void)snprintf(message, sizeof message, "Ready at '%s'", channel);
	expect_ready(message, version, changes);
}

START_TEST(an_install_killed_at_any_step_ends_the_same)
{
	const struct way *way = &ways[_i];
	int killed = 0;

	for (bool went_off = true; went_off && killed < STEPS_MAX; killed += went_off) {
		struct charm next = { 0 };

		way->arm(way->mode, killed);
		ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
		went_off = way->went_off();
		expect_end("edge", "3.0-dev", 1);
		/* The next one starts with a new machine. */
		charm_open(&next, "2.77");
		charm_close(&charm);
		charm = next;
	}
	ck_assert_int_ge(killed, way->least);
	ck_assert_int_lt(killed, STEPS_MAX);
}
END_TEST

START_TEST(a_refresh_killed_at_any_step_ends_the_same)
{
	const struct way *way = &ways[_i];
	bool beta = true, went_off = true;
	int killed = 0;

	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	/* To and fro, so that there are more and more old changes to mistake for the new one. */
	for (long changes = 2; went_off && killed < STEPS_MAX; changes++, beta = !beta) {
		way->arm(way->mode, killed);
		charm_config(&charm, beta ? "beta" : "edge");
		went_off = way->went_off();
		killed += went_off;
		if (went_off)
			next_hook_goes_on();
		expect_end(beta ? "beta" : "edge", beta ? "2.0" : "3.0-dev", changes);
	}
	ck_assert_int_ge(killed, way->least);
	ck_assert_int_lt(killed, STEPS_MAX);
}
END_TEST

/* A tar at PATH with the snap in REVISION; snap_files.h. */
static void make_tar(const char *path, const char *revision)
{
	char *dir = alloc_textf("%s/files-%s", charm.dir, revision);
	char *what = alloc_textf("{'revision':'%s'}", revision);

	ck_assert_int_eq(mkdir(dir, 0700), 0);
	snap_file_make(dir, what);
	snap_files_tar(path, dir);
	free(dir);
	free(what);
}

START_TEST(an_install_from_a_file_killed_at_any_step_ends_the_same)
{
	static const char *const revisions[] = { "7", "8" };
	const struct way *way = &ways[_i];
	char *pairs[2], message[64], version[16];
	bool went_off = true;
	int killed = 0;

	for (int i = 0; i < 2; i++) {
		pairs[i] = alloc_textf("snaps=%s/%s.tar", charm.dir, revisions[i]);
		make_tar(strchr(pairs[i], '=') + 1, revisions[i]);
	}
	ck_assert_int_eq(charm_deploy_file(&charm, pairs[0]), 0);
	for (long changes = 3; went_off && killed < STEPS_MAX;
		changes++) { /* it and the hold before */
		const char *revision = revisions[changes % 2];

		way->arm(way->mode, killed);
		ck_assert_int_eq(juju_call(&charm.juju, "attach-resource", "microsample",
					 pairs[changes % 2]),
			0);
		went_off = way->went_off();
		killed += went_off;
		if (went_off) {
			next_hook_goes_on();
			charm_pass(&charm, PATIENCE_FORM); /* longer than a hook waits */
			next_hook_goes_on();
		}
		(void)snprintf(
			message, sizeof message, "Ready at revision %s of the resource", revision);
		(void)snprintf(version, sizeof version, "%s.0", revision);
		expect_ready(message, version, changes);
	}
	ck_assert_int_ge(killed, way->least);
	ck_assert_int_lt(killed, STEPS_MAX);
	free(pairs[0]);
	free(pairs[1]);
}
END_TEST

START_TEST(a_removal_killed_at_any_step_ends_the_same)
{
	const struct way *way = &ways[_i];
	int killed = 0;

	for (bool went_off = true; went_off && killed < STEPS_MAX; killed += went_off) {
		cJSON *shown;
		struct charm next = { 0 };

		ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
		way->arm(way->mode, killed);
		ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
		went_off = way->went_off();
		shown = juju_show(&charm.juju, UNIT);
		ck_assert(cJSON_IsTrue(cJSON_GetObjectItem(shown, "gone")));
		cJSON_Delete(shown);
		ck_assert(!charm_snap_present(&charm));
		ck_assert_int_eq(charm_changes(&charm), 2);
		charm_open(&next, "2.77");
		charm_close(&charm);
		charm = next;
	}
	ck_assert_int_ge(killed, way->least);
	ck_assert_int_lt(killed, STEPS_MAX);
}
END_TEST

/* --- the hold and the pin --- */

/* clang-format off */
/* To and fro between two settings, each of which is so many changes. */
static const struct {
	const char *first; /* "" for none */
	int changes;
	struct {
		const char *channel, *other, *message, *version;
	} to[2];
} settings[] = {
	{ "", 1, {
		{ "channel=edge", "auto-refresh=false", "Ready at 'edge', held at revision 3", "3.0-dev" },
		{ "channel=edge", "auto-refresh=true", "Ready at 'edge'", "3.0-dev" } } },
	{ "auto-refresh=false", 1, {
		{ "channel=edge", "revision=2", "Ready at 'edge', pinned to revision 2", "2.0" },
		{ "channel=edge", "revision=3", "Ready at 'edge', pinned to revision 3", "3.0-dev" } } },
	{ "", 2, {
		{ "channel=beta", "auto-refresh=false", "Ready at 'beta', held at revision 2", "2.0" },
		{ "channel=edge", "auto-refresh=true", "Ready at 'edge'", "3.0-dev" } } },
};
/* clang-format on */

enum {
	SETTINGS = sizeof settings / sizeof *settings,
};

START_TEST(a_hold_or_a_pin_killed_at_any_step_ends_the_same)
{
	const struct way *way = &ways[_i % WAYS];
	bool went_off = true;
	int killed = 0, which = _i / WAYS, turn = 0;
	long changes;

	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	if (*settings[which].first)
		ck_assert_int_eq(
			juju_call(&charm.juju, "config", "microsample", settings[which].first), 0);
	for (changes = charm_changes(&charm); went_off && killed < STEPS_MAX; turn = !turn) {
		const char *wanted = settings[which].to[turn].message;

		way->arm(way->mode, killed);
		ck_assert_int_eq(
			juju_call(&charm.juju, "config", "microsample",
				settings[which].to[turn].channel, settings[which].to[turn].other),
			0);
		went_off = way->went_off();
		killed += went_off;
		if (went_off) /* not the one that asks for updates */
			ck_assert_int_eq(charm_hook(&charm, "leader-elected"), 0);
		changes += settings[which].changes;
		expect_ready(wanted, settings[which].to[turn].version, changes);
		charm_expect_sql(&charm, "select hold_ours = hold_held from record", "1");
	}
	ck_assert_int_ge(killed, way->least);
	ck_assert_int_lt(killed, STEPS_MAX);
}
END_TEST

/* A unit that goes and whose snap stays leaves no hold on it. */
START_TEST(a_release_killed_at_any_step_ends_the_same)
{
	const struct way *way = &ways[_i];
	int killed = 0;

	for (bool went_off = true; went_off && killed < STEPS_MAX; killed += went_off) {
		struct charm next = { 0 };
		cJSON *shown;

		charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{}}");
		ck_assert_int_eq(charm_deploy(&charm, "auto-refresh=false"), 0);
		charm_forget(&charm);
		way->arm(way->mode, killed);
		ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
		went_off = way->went_off();
		shown = juju_show(&charm.juju, UNIT);
		ck_assert(cJSON_IsTrue(cJSON_GetObjectItem(shown, "gone")));
		cJSON_Delete(shown);
		ck_assert(charm_snap_present(&charm));
		charm_ctl(&charm, "{\"do\":\"well\"}"); /* the last one did not go off */
		hold_expect(&charm, "");
		expect_patience();
		charm_open(&next, "2.77");
		charm_close(&charm);
		charm = next;
	}
	ck_assert_int_ge(killed, way->least);
	ck_assert_int_lt(killed, STEPS_MAX);
}
END_TEST

/* --- the way back --- */

#define TWO "\"services\":\"microsample,worker\""

/* The next revision of beta dies, and one service of two is left disabled as by an undo that failed. */
static void spoil(long revision)
{
	charm_ctl(&charm,
		"{\"do\":\"store\",\"set\":{\"channels\":{\"latest/beta\":{\"revision\":\"%ld\","
		"\"dies-ms\":30000,\"stays-dead\":true," TWO "}}}}",
		revision);
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	charm_pass(&charm, 60);
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"service\":"
			  "{\"name\":\"worker\",\"enabled\":false,\"active\":false}}}");
}

static void expect_rolled_back(long rounds)
{
	charm_expect(&charm, "blocked",
		"Refresh to 'beta' was rolled back: service is down; 'edge' runs");
	charm_expect_version(&charm, "3.0-dev");
	charm_expect_sql(
		&charm, "select order_kind || intent_op || refused_back from record", "nonenone3");
	ck_assert_int_eq(charm_rows(&charm, "order rollback done"), rounds);
	/* The install; and each time the refresh, the revert, the start, the switch. */
	ck_assert_int_eq(charm_changes(&charm), 1 + 4 * rounds);
	ck_assert_int_eq(charm_changes_done(&charm), 1 + 4 * rounds);
	expect_patience();
}

/* Of the requests only those of its three steps: tests/crash/ kills at the others. */
START_TEST(a_rollback_killed_at_any_step_ends_the_same)
{
	const struct way *way = &ways[_i];
	bool tool = way->arm == arm_tool;
	bool went_off = true;
	int killed = 0;

	charm_ctl(&charm, "{\"do\":\"store\",\"set\":{\"channels\":{\"latest/edge\":{" TWO "}}}}");
	ck_assert_int_eq(charm_deploy(&charm, "rollback=true"), 0);
	for (long round = 1; went_off && round < STEPS_MAX; round++) {
		spoil(100 + round);
		(tool ? arm_tool : arm_post)(way->mode, killed);
		ck_assert_int_eq(charm_tick(&charm), 0);
		went_off = way->went_off();
		killed += went_off;
		charm_ctl(&charm, "{\"do\":\"well\"}"); /* the last one did not go off */
		for (int i = 0; went_off && i < 3; i++) {
			charm_pass(&charm, 30);
			next_hook_goes_on();
		}
		expect_rolled_back(round);
		charm_config(&charm, "edge");
		charm_expect(&charm, "active", "Ready at 'edge'");
	}
	ck_assert_int_ge(killed, tool ? way->least : 3);
	ck_assert(tool || killed == 3);
}
END_TEST

/* --- what is left by a hook that is killed again and again --- */

START_TEST(what_juju_shows_is_in_the_database_already)
{
	char *record;

	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	ck_assert_int_eq(
		juju_call(&charm.juju, "fault", "status-set", "kill-after", "--times", "99"), 0);
	ck_assert_int_eq(
		juju_call(&charm.juju, "--retries", "0", "config", "microsample", "channel=beta"),
		0);
	charm_expect(&charm, "error", "hook failed: \"config-changed\"");
	record = charm_sql(&charm, "select state || ' ' || channel from record");
	ck_assert_str_eq(record, "installing latest/beta");
	free(record);
	ck_assert_int_eq(charm_posts(&charm), 1); /* the deployment's */
}
END_TEST

START_TEST(what_was_told_last_before_a_kill_is_not_forgotten)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"held\":true}");
	ck_assert_int_eq(
		juju_call(&charm.juju, "fault", "status-set", "kill-after", "--times", "99"), 0);
	ck_assert_int_eq(juju_call(&charm.juju, "--retries", "0", "tick", UNIT), 0);
	charm_expect(&charm, "error", "hook failed: \"update-status\"");
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "--clear"), 0);
	charm_ctl(&charm, "{\"do\":\"release\"}");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	/* Juju shows "Waiting for snapd", and the hook before ended with "Ready". */
	ck_assert_int_eq(juju_call(&charm.juju, "resolved", UNIT), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

START_TEST(a_hook_that_never_gets_to_read_the_answer_asks_once)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	charm_ctl(&charm, "{\"do\":\"fault\",\"method\":\"POST\",\"path\":\"\",\"mode\":"
			  "\"kill-client\",\"when\":\"acted\",\"times\":99}");
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

/* --- requests that are not answered --- */

/* clang-format off */
static const struct {
	const char *mode;
	long posts; /* how long it takes in all */
} losses[] = {
	{ "\"drop-unacted\"",            2 },
	{ "\"drop-acted\"",              1 },
	{ "\"eof-mid-body\"",            1 },
	{ "\"act-late\",\"ms\":5000",    1 },
	{ "\"act-late\",\"ms\":40000",   1 },
};
/* clang-format on */

static void lose(int which)
{
	charm_forget(&charm);
	charm_ctl(&charm, "{\"do\":\"fault\",\"method\":\"POST\",\"path\":\"\",\"mode\":%s}",
		losses[which].mode);
}

START_TEST(a_lost_answer_to_an_install_makes_no_second_change)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
	lose(_i);
	ck_assert_int_eq(charm_tick(&charm), 0);
	next_hook_goes_on();
	expect_end("edge", "3.0-dev", 2);
	ck_assert_int_eq(charm_posts(&charm), losses[_i].posts);
}
END_TEST

START_TEST(a_lost_answer_to_a_refresh_makes_no_second_change)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_config(&charm, "beta");
	charm_config(&charm, "edge");
	lose(_i);
	charm_config(&charm, "beta");
	next_hook_goes_on();
	expect_end("beta", "2.0", 4);
	ck_assert_int_eq(charm_posts(&charm), losses[_i].posts);
}
END_TEST

START_TEST(a_lost_answer_to_a_removal_makes_no_second_change)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	lose(_i);
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(!charm_snap_present(&charm));
	ck_assert_int_eq(charm_changes(&charm), 2);
	ck_assert_int_eq(charm_posts(&charm), losses[_i].posts);
	expect_patience();
}
END_TEST

/* An order is not asked again: what became of it is told. */
START_TEST(a_lost_answer_to_an_order_makes_no_second_change)
{
	bool landed = losses[_i].posts == 1;
	struct juju_answer answer;

	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	lose(_i);
	answer = juju_ask(&charm.juju, "run", UNIT, "restart");
	juju_answer_done(&answer);
	for (int i = 0; i < 3; i++) {
		charm_pass(&charm, 60);
		next_hook_goes_on();
	}
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 1);
	ck_assert_int_eq(charm_changes_done(&charm), landed ? 2 : 1);
	charm_expect_sql(&charm, "select order_kind || intent_op from record", "nonenone");
	charm_expect_sql(&charm,
		"select count(*) from journal where detail like '%order restart done%'",
		landed ? "1" : "0");
	charm_expect_sql(&charm,
		"select count(*) from journal where detail like '%order restart failed: the "
		"request left no trace in snapd%'",
		landed ? "0" : "1");
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("kill");
	TCase *tests = tcase_create("steps");
	TCase *lost = tcase_create("lost");
	const int all = sizeof losses / sizeof *losses;

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 300);
	tcase_add_loop_test(tests, an_install_killed_at_any_step_ends_the_same, 0, WAYS);
	tcase_add_loop_test(tests, a_refresh_killed_at_any_step_ends_the_same, 0, WAYS);
	tcase_add_loop_test(
		tests, an_install_from_a_file_killed_at_any_step_ends_the_same, 0, WAYS);
	tcase_add_loop_test(tests, a_removal_killed_at_any_step_ends_the_same, 0, WAYS);
	tcase_add_loop_test(
		tests, a_hold_or_a_pin_killed_at_any_step_ends_the_same, 0, SETTINGS * WAYS);
	tcase_add_loop_test(tests, a_release_killed_at_any_step_ends_the_same, 0, WAYS);
	tcase_add_loop_test(tests, a_rollback_killed_at_any_step_ends_the_same, 0, WAYS);
	tcase_add_test(tests, what_juju_shows_is_in_the_database_already);
	tcase_add_test(tests, what_was_told_last_before_a_kill_is_not_forgotten);
	tcase_add_test(tests, a_hook_that_never_gets_to_read_the_answer_asks_once);
	suite_add_tcase(suite, tests);

	tcase_add_checked_fixture(lost, set_up, tear_down);
	tcase_set_timeout(lost, 120);
	tcase_add_loop_test(lost, a_lost_answer_to_an_install_makes_no_second_change, 0, all);
	tcase_add_loop_test(lost, a_lost_answer_to_a_refresh_makes_no_second_change, 0, all);
	tcase_add_loop_test(lost, a_lost_answer_to_a_removal_makes_no_second_change, 0, all);
	tcase_add_loop_test(lost, a_lost_answer_to_an_order_makes_no_second_change, 0, all);
	suite_add_tcase(suite, lost);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
