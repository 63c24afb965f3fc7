/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The action `plan`: it tells what the next hook then does, and does nothing itself.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "tests/hostile_kit.h"
#include "tests/suite.h"

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

/* The database and its companions as they are, and how often snapd got a POST. */
static char *picture(void)
{
	struct juju_answer answer = juju_ask(&charm.juju, "exec", "--unit", UNIT, "--", "bash",
		"-c", "sha256sum state.db*; ls -la --time-style=full-iso");
	char *ret = alloc_textf("%ld posts\n%s", charm_posts(&charm), answer.out);

	ck_assert_msg(answer.code == 0, "%s", answer.err);
	juju_answer_done(&answer);
	return ret;
}

static void ask(const char *first, const char *second)
{
	char *before = picture(), *after;
	struct juju_answer answer =
		juju_ask(&charm.juju, "run", "--format", "json", UNIT, "plan", first, second);

	ck_assert_msg(answer.code == 0, "%s", answer.err);
	cJSON_Delete(task);
	task = cJSON_Parse(answer.out);
	ck_assert_ptr_nonnull(task);
	juju_answer_done(&answer);
	after = picture();
	ck_assert_str_eq(after, before);
	free(before);
	free(after);
}

static void plan(const char *first, const char *second)
{
	ask(first, second);
	ck_assert_msg(strcmp(told("status"), "completed") == 0, "%s", told("message"));
}

static void expect_has(const char *key, const char *text)
{
	ck_assert_msg(strstr(result(key), text) != NULL, "%s is \"%s\"", key, result(key));
}

START_TEST(a_settled_unit_would_do_nothing)
{
	plan(NULL, NULL);
	ck_assert_str_eq(result("would"), "nothing");
	ck_assert_str_eq(result("why"), "settled: the snap is in place and serves");
	ck_assert_str_eq(result("status"), "active: Ready at 'edge'");
	ck_assert_str_eq(result("channel"), "edge");
	ck_assert_str_eq(result("revision"), "");
	ck_assert_str_eq(result("runs"), "revision 3, version 3.0-dev, from edge");
	ck_assert_str_eq(result("hinders"), "");
	ck_assert_str_eq(result("store"), "");
}
END_TEST

/* What the Snap Store has: rows for people, in the order of snapd's own list, and JSON. */
START_TEST(the_channels_of_the_store_are_shown)
{
	const cJSON *channels;
	cJSON *json;

	plan(NULL, NULL);
	ck_assert_str_eq(result("rows"), "11");
	expect_has("row-1", "stable 1 1.0 ");
	ck_assert_str_eq(result("row-4"), "edge 3 3.0-dev 287kB 2026-01-01");
	expect_has("row-11", "/");
	ck_assert_str_eq(result("row-12"), "");
	ck_assert_str_eq(result("note"), "");
	json = cJSON_Parse(result("json"));
	ck_assert_ptr_nonnull(json);
	channels = cJSON_GetObjectItem(json, "channels");
	ck_assert_int_eq(cJSON_GetArraySize(channels), 11);
	ck_assert_str_eq(cJSON_GetStringValue(
				 cJSON_GetObjectItem(cJSON_GetArrayItem(channels, 3), "channel")),
		"latest/edge");
	ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(json, "would")), "nothing");
	cJSON_Delete(json);
}
END_TEST

/* Twenty rows of them; the JSON has all. */
START_TEST(of_many_channels_the_first_are_rows)
{
	struct buf set;

	buf_init(&set, 4000);
	for (int i = 0; i < 30; i++)
		(void)buf_addf(&set, "%s\"t%d/edge\":{\"revision\":\"3\",\"version\":\"3.0-dev\"}",
			i > 0 ? "," : "", i);
	charm_ctl(&charm, "{\"do\":\"store\",\"set\":{\"channels\":{%s}}}", buf_text(&set));
	buf_done(&set);
	plan(NULL, NULL);
	ck_assert_str_eq(result("rows"), "20");
	ck_assert_str_ne(result("row-20"), "");
	ck_assert_str_eq(result("row-21"), "");
	ck_assert_str_eq(result("note"), "the first 20 of 41 channels; json has 41");
}
END_TEST

/* A plan for other values is what the hook then does that is told of them. */
START_TEST(another_channel_would_be_refreshed_to)
{
	plan("channel=beta", NULL);
	ck_assert_str_eq(result("would"), "refresh");
	ck_assert_str_eq(result("why"),
		"astray: the snap tracks another channel, or is at another revision");
	ck_assert_str_eq(result("status"), "maintenance: Refreshing microsample snap to 'beta'");
	ck_assert_str_eq(result("channel"), "beta");
	ck_assert_str_eq(result("runs"), "revision 3, version 3.0-dev, from edge");
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	plan("channel=latest/edge", NULL);
	ck_assert_str_eq(result("would"), "refresh");
	ck_assert_str_eq(result("channel"), "edge");
	plan("channel=''", NULL);
	ck_assert_str_eq(result("would"), "nothing");
}
END_TEST

START_TEST(a_revision_is_told)
{
	plan("revision=2", "channel=beta");
	ck_assert_str_eq(result("channel"), "beta");
	ck_assert_str_eq(result("revision"), "2");
	ck_assert_str_eq(result("would"), "hold");
	ck_assert_str_eq(result("why"), "loose: the snap is to be held, and is not");
	/* What is configured stands, where nothing takes its place. */
	ck_assert_int_eq(
		juju_call(&charm.juju, "config", "microsample", "channel=beta", "revision=2"), 0);
	charm_expect(&charm, "active", "Ready at 'beta', pinned to revision 2");
	charm_forget(&charm);
	plan("channel=edge", NULL);
	ck_assert_str_eq(result("revision"), "2");
	plan("revision=0", NULL);
	ck_assert_str_eq(result("revision"), "");
	ck_assert_str_eq(result("would"), "unhold");
}
END_TEST

START_TEST(a_missing_snap_would_be_installed)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
	plan(NULL, NULL);
	ck_assert_str_eq(result("would"), "install");
	ck_assert_str_eq(result("why"), "absent: the snap is not there");
	ck_assert_str_eq(result("runs"), "nothing");
}
END_TEST

START_TEST(a_bad_option_is_named_and_the_channels_are_shown)
{
	charm_config(&charm, "foo");
	charm_forget(&charm);
	plan(NULL, NULL);
	ck_assert_str_eq(result("would"), "nothing");
	expect_has("why", "misconfigured: ");
	expect_has("why", "'foo' ");
	ck_assert_str_eq(result("channel"), "");
	ck_assert_str_eq(result("rows"), "11");
	/* What would be good is not held to what it takes the place of; the rest is. */
	plan("channel=beta", NULL);
	ck_assert_str_eq(result("would"), "refresh");
	plan("revision=2", NULL);
	ck_assert_str_eq(result("would"), "nothing");
	charm_config(&charm, "edge");
	ck_assert_int_eq(juju_call(&charm.juju, "config", "microsample", "revision=-1"), 0);
	charm_forget(&charm);
	plan("channel=beta", NULL);
	ck_assert_str_eq(result("would"), "nothing");
	expect_has("why", "revision -1 ");
	plan("channel=beta", "revision=0");
	ck_assert_str_eq(result("would"), "refresh");
}
END_TEST

START_TEST(what_hinders_is_told)
{
	charm_config(&charm, "9.9/stable");
	charm_forget(&charm);
	plan(NULL, NULL);
	ck_assert_str_eq(result("would"), "nothing");
	expect_has("why", "refused: the Snap Store has no such channel");
	expect_has("hinders", "the next try is at 20");
	/* A person who sets the channel anew is not made to wait. */
	charm_pass(&charm, 61);
	plan("channel=9.9/stable", NULL);
	ck_assert_str_eq(result("would"), "refresh");
	charm_config(&charm, "edge");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"revision\":\"2\"}");
	charm_forget(&charm);
	plan("channel=beta", NULL);
	ck_assert_str_eq(result("would"), "follow");
	expect_has("hinders", " (auto-refresh) is in progress");
}
END_TEST

/* The record holds a request whose change has failed since: two turns, of which the first digests. */
START_TEST(a_failure_that_no_hook_has_seen_is_taken_in)
{
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	charm_ctl(&charm, "{\"do\":\"fail\",\"task\":\"run-hook\",\"hook\":\"configure\"}");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	charm_forget(&charm);
	plan(NULL, NULL);
	ck_assert_str_ne(result("would"), "digest");
	expect_has("hinders", "the next try is at 20");
}
END_TEST

static const struct {
	const char *set, *said;
} troubles[] = {
	{ "\"down\":true", "connection refused" },
	{ "\"no-dns\":true", "network is unreachable" },
	{ "\"status\":503", "503" },
	{ "\"status\":404", "it has no snap microsample, or nothing in any channel" },
};

START_TEST(trouble_of_the_store_fails_no_plan)
{
	charm_ctl(&charm, "{\"do\":\"store\",\"set\":{%s}}", troubles[_i].set);
	plan("channel=beta", NULL);
	ck_assert_str_eq(result("would"), "refresh");
	expect_has("store", troubles[_i].said);
	ck_assert_str_eq(result("rows"), "0");
}
END_TEST

START_TEST(a_silent_snapd_is_not_asked_about_the_store)
{
	charm_ctl(&charm, "{\"do\":\"away\",\"how\":\"refused\"}");
	ask(NULL, NULL);
	ck_assert_str_eq(told("status"), "completed");
	ck_assert_str_eq(result("would"), "nothing");
	expect_has("why", "unreachable: snapd gives no usable answer");
	ck_assert_str_eq(result("store"), "not asked: snapd does not answer");
}
END_TEST

static const struct {
	const char *first, *message;
} wrong[] = {
	{ "channel=foo", "the parameter channel has no risk" },
	{ "channel=edge/", "the parameter channel has an empty part" },
	{ "channel=EDGE", "the parameter channel " },
	{ "revision=-1", "cannot run \"plan\" action: validation failed" },
	{ "revision=x", "cannot run \"plan\" action: validation failed" },
	{ "channel=5", "cannot run \"plan\" action: validation failed" },
	{ "limit=5", "cannot run \"plan\" action: validation failed" },
};

START_TEST(a_wrong_parameter_is_refused)
{
	const char *accepted = "; it takes [track/]stable|candidate|beta|edge[/branch]";
	const char *message;

	ask(wrong[_i].first, NULL);
	message = told("message");
	ck_assert_str_eq(told("status"), "failed");
	ck_assert_msg(
		strncmp(message, wrong[_i].message, strlen(wrong[_i].message)) == 0, "%s", message);
	if (message[0] == 't')
		ck_assert_ptr_nonnull(strstr(message, accepted));
	ck_assert_int_eq(charm_requests(&charm), 0);
}
END_TEST

/* Beside its own hook, which has the lock. */
START_TEST(a_plan_waits_for_no_hook)
{
	struct juju_answer answer = juju_ask(&charm.juju, "exec", "--format", "json", "--unit",
		UNIT, "--", "flock state.lock env JUJU_DISPATCH_PATH=actions/plan ./dispatch");

	ck_assert_msg(answer.code == 0, "%s", answer.err);
	cJSON_Delete(task);
	task = cJSON_Parse(answer.out);
	juju_answer_done(&answer);
	ck_assert_str_eq(result("would"), "nothing");
	ck_assert(!hostile_logged(&charm, "another dispatch"));
}
END_TEST

START_TEST(without_a_database_there_is_no_plan)
{
	struct juju_answer answer = juju_ask(
		&charm.juju, "exec", "--unit", UNIT, "--", "bash", "-c", "rm -f state.db*");

	juju_answer_done(&answer);
	ask(NULL, NULL);
	ck_assert_str_eq(told("status"), "failed");
	ck_assert_str_eq(told("message"), "there is no database yet: no hook of this unit has run");
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("plan");
	TCase *tests = charm_case(suite, "plan", set_up, tear_down);

	tcase_add_test(tests, a_settled_unit_would_do_nothing);
	tcase_add_test(tests, the_channels_of_the_store_are_shown);
	tcase_add_test(tests, of_many_channels_the_first_are_rows);
	tcase_add_test(tests, another_channel_would_be_refreshed_to);
	tcase_add_test(tests, a_revision_is_told);
	tcase_add_test(tests, a_missing_snap_would_be_installed);
	tcase_add_test(tests, a_bad_option_is_named_and_the_channels_are_shown);
	tcase_add_test(tests, what_hinders_is_told);
	tcase_add_test(tests, a_failure_that_no_hook_has_seen_is_taken_in);
	tcase_add_loop_test(tests, trouble_of_the_store_fails_no_plan, 0, COUNT(troubles));
	tcase_add_test(tests, a_silent_snapd_is_not_asked_about_the_store);
	tcase_add_loop_test(tests, a_wrong_parameter_is_refused, 0, COUNT(wrong));
	tcase_add_test(tests, a_plan_waits_for_no_hook);
	tcase_add_test(tests, without_a_database_there_is_no_plan);
	return suite;
}

int main(void)
{
	return charm_run(suite);
}
