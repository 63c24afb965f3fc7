/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A refresh that spoils the snap, through the whole charm: it goes back once, or says how a person
 * goes back.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/hostile_kit.h"
#include "tests/suite.h"

#define DOWN  "service is down"
#define BACK  "Refresh to 'beta' was rolled back: "
#define RUNS  "; 'edge' runs"
#define NOTES "/microsample/common/notes" /* that a person has in the data of the snap */

enum {
	DAY = 24 * 3600,
	TICK = 300, /* seconds between two update-status, about */
	OFTEN = 6,
	SELDOM = 7200,
};

static struct charm charm;

static void set_up(void)
{
	char *command;

	charm_open(&charm, "2.77");
	ck_assert_int_eq(charm_deploy(&charm, "rollback=true"), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	command = alloc_textf("echo mine > %s" NOTES, charm.data);
	ck_assert_int_eq(system(command), 0);
	free(command);
	charm_forget(&charm);
}

/* As it is when nobody has said that a refresh is to be rolled back. */
static void set_up_plain(void)
{
	charm_open_ready(&charm, "2.77");
}

static void tear_down(void)
{
	charm_close(&charm);
}

/* --- what is seen ----------------------------------------------------------------------------- */

/* POSTs whose body holds TEXT, since charm_forget(). */
static int asked(const char *text)
{
	cJSON *answer = snapd_proc_ctl(&charm.snapd, "{'do':'requests'}");
	const cJSON *request;
	int ret = 0;

	cJSON_ArrayForEach(request, cJSON_GetObjectItem(answer, "requests"))
	{
		const char *body = cJSON_GetStringValue(cJSON_GetObjectItem(request, "body"));

		ret += body && strstr(body, text);
	}
	cJSON_Delete(answer);
	return ret;
}

/* Refreshes, reverts, starts and switches were asked for so often, and nothing else was. */
static void expect_asked(int refreshes, int reverts, int starts, int switches)
{
	ck_assert_int_eq(asked("\"refresh\""), refreshes);
	ck_assert_int_eq(asked("\"revert\""), reverts);
	ck_assert_int_eq(asked("\"start\""), starts);
	ck_assert_int_eq(asked("\"switch\""), switches);
	ck_assert_int_eq(charm_posts(&charm), refreshes + reverts + starts + switches);
}

/* That KEY of the snap, or of its service NAME, in what the stand-in shows. */
static char *shown(const char *list, const char *name, const char *key)
{
	cJSON *state = snapd_proc_ctl(&charm.snapd, "{'do':'state'}");
	const cJSON *item;
	char *ret = NULL;

	cJSON_ArrayForEach(item, cJSON_GetObjectItem(state, list))
	{
		const cJSON *value = cJSON_GetObjectItem(item, key);

		if (strcmp(cJSON_GetObjectItem(item, "name")->valuestring, name) != 0)
			continue;
		ck_assert_ptr_null(ret);
		ret = cJSON_IsBool(value) ? alloc_text(cJSON_IsTrue(value) ? "yes" : "no")
					  : alloc_text(cJSON_GetStringValue(value));
	}
	cJSON_Delete(state);
	ck_assert_msg(ret != NULL, "%s has no %s %s", list, name, key);
	return ret;
}

static void expect_shown(const char *list, const char *name, const char *key, const char *value)
{
	char *text = shown(list, name, key);

	ck_assert_msg(strcmp(text, value) == 0, "%s of %s is %s, not %s", key, name, text, value);
	free(text);
}

static void expect_service(const char *name, const char *enabled, const char *running)
{
	expect_shown("units", name, "enabled", enabled);
	expect_shown("units", name, "running", running);
}

static void expect_revision(const char *revision)
{
	char *query = alloc_textf("select revision = '%s' from record", revision);

	charm_expect_sql(&charm, query, "1");
	free(query);
}

/* As before the refresh: revision 3 of edge, enabled and running, with the data. */
static void expect_as_before(void)
{
	char *command = alloc_textf("grep -qx mine %s" NOTES, charm.data);

	ck_assert_int_eq(system(command), 0);
	free(command);
	expect_revision("3");
	expect_shown("snaps", "microsample", "tracking", "latest/edge");
	expect_service("microsample", "yes", "yes");
	charm_expect_version(&charm, "3.0-dev");
}

static void expect_rolled_back(const char *why)
{
	char *message = alloc_textf(BACK "%s" RUNS, why);

	charm_expect(&charm, "blocked", message);
	free(message);
	expect_as_before();
	hostile_sound(&charm);
}

/* --- what is done ----------------------------------------------------------------------------- */

/* The channel has REVISION, which is as MORE says: "'quirk':'crash'"; ' means ". */
static void release(const char *channel, const char *revision, const char *more)
{
	char *command = alloc_textf(
		"{'do':'store','set':{'channels':{'latest/%s':{'revision':'%s','version':'%s.0',"
		"'quirk':'','dies-ms':0,'stays-dead':false,'health':'','health-message':''%s%s}}}}",
		channel, revision, revision, *more ? "," : "", more);

	for (char *quote = command; (quote = strchr(quote, '\''));)
		*quote = '"';
	charm_ctl(&charm, "%s", command);
	free(command);
}

static void tick_after(long long seconds)
{
	charm_pass(&charm, seconds);
	ck_assert_int_eq(charm_tick(&charm), 0);
}

/* update-status for a while: as often as Juju runs it at first, then every other hour. */
static void live(int seconds)
{
	for (int i = 0, pause; seconds > 0; i++, seconds -= pause) {
		pause = i < OFTEN ? TICK : SELDOM;
		tick_after(pause);
	}
}

static void set(const char *setting)
{
	ck_assert_int_eq(juju_call(&charm.juju, "config", "microsample", setting), 0);
}

/* --- how it breaks ---------------------------------------------------------------------------- */

#define CRASHES            "'quirk':'crash'"
#define DIES(milliseconds) "'dies-ms':" milliseconds ",'stays-dead':true"

/* clang-format off */
static const struct way {
	const char *how, *seen;
	const char *answer; /* at its port, in place of 200 */
} ways[] = {
	{ CRASHES,                                       DOWN, NULL },
	{ "'dies-ms':1",                                 DOWN, NULL },
	{ "'dies-ms':900",                               DOWN, NULL }, /* and systemd starts it again, five times */
	{ DIES("1000"),                                  DOWN, NULL },
	{ DIES("3000"),                                  DOWN, NULL },
	{ DIES("30000"),                                 DOWN, NULL },
	{ DIES("240000"),                                DOWN, NULL },
	{ "'health':'error','health-message':'no disk'", "error: no disk", NULL },
	{ "'health':'blocked','health-message':'no license'", "blocked: no license", NULL },
	{ "", "HTTP 500", "500" },
	{ "", "connection refused", "\"refuse\"" },
	{ "", "connection closed", "\"close\"" },
};
/* clang-format on */

/* beta has revision 5, which breaks in that WAY. */
static void release_broken(const struct way *way)
{
	release("beta", "5", way->how);
	if (way->answer)
		charm_ctl(&charm, "{\"do\":\"workload\",\"revision\":\"5\",\"answer\":%s}",
			way->answer);
}

/* Five looks in five minutes; Juju's own hooks happen to be so far apart. */
static void probation_passes(void)
{
	static const int seconds[] = { 10, 20, 30, 60, 180 };

	for (int i = 0; i < COUNT(seconds); i++)
		tick_after(seconds[i]);
}

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

/* When the POST whose body holds TEXT came, in ms; the first one. */
static double time_of(const char *text)
{
	cJSON *answer = snapd_proc_ctl(&charm.snapd, "{'do':'requests'}");
	const cJSON *request;
	double ret = -1;

	cJSON_ArrayForEach(request, cJSON_GetObjectItem(answer, "requests"))
	{
		const char *body = cJSON_GetStringValue(cJSON_GetObjectItem(request, "body"));

		if (ret < 0 && body && strstr(body, text))
			ret = cJSON_GetObjectItem(request, "time")->valuedouble;
	}
	cJSON_Delete(answer);
	ck_assert(ret >= 0);
	return ret;
}

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

/* --- what is no rollback ---------------------------------------------------------------------- */

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

/* Nothing has to be moved then but what is tracked. */
START_TEST(channel_of_the_same_revision_is_switched_back)
{
	release("beta", "3", "");
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	charm_ctl(&charm, "{\"do\":\"die\",\"name\":\"microsample\",\"stays-dead\":true}");
	live(DAY);
	charm_expect_begin(&charm, "blocked", "Refresh to 'beta' was rolled back: service is down");
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

/* The revert does not get through; what it undoes is enabled and runs. */
START_TEST(old_revision_does_not_start_either)
{
	release("beta", "5", DIES("30000"));
	charm_config(&charm, "beta");
	charm_ctl(&charm, "{\"do\":\"fail\",\"task\":\"start-snap-services\",\"log\":\"no port\"}");
	live(DAY);
	charm_expect(&charm, "blocked", "Service is down; run: snap start microsample");
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
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_rows(&charm, "order rollback failed: Start snap"), 1);
	expect_asked(1, 1, 1, 0);
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
	tcase_add_loop_test(plain, without_the_option_the_way_back_is_told, 0, COUNT(ways));
	tcase_add_test(tests, five_minutes_later_it_has_passed);
	tcase_add_test(tests, what_was_down_before_does_not_go_back);
	tcase_add_test(tests, auto_refresh_before_the_verdict_is_none_of_ours);
	tcase_add_loop_test(tests, revert_by_hand_on_probation_stays, 0, 2);
	tcase_add_test(tests, revert_by_hand_of_what_died_stays);
	tcase_add_test(tests, channel_of_the_same_revision_is_switched_back);
	tcase_add_test(tests, person_may_try_again);
	tcase_add_test(tests, person_may_go_to_what_runs);
	tcase_add_test(tests, action_refresh_that_is_rolled_back_fails);
	tcase_add_test(tests, pin_that_moved_goes_back);
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
