/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in Juju: peer relations of several units, and what differs between the versions of Juju
 * that it plays. What Juju 4.0 does was seen on a genuine 4.0.15.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/clock.h"
#include "tests/sandbox/juju_json.h"
#include "tests/shell_charm.h"
#include "tests/suite.h"

enum {
	JUJU_3,
	JUJU_4,
	LIKES
};
static const char *const likes[LIKES] = { "3.6", "4.0" };

/* One line for each hook, in a file of the unit's name beside the model, which outlives the unit. */
static const char tells[] =
	"echo ${JUJU_DISPATCH_PATH#hooks/} $JUJU_RELATION $JUJU_RELATION_ID $JUJU_REMOTE_APP "
	"$JUJU_REMOTE_UNIT ${JUJU_DEPARTING_UNIT:+departs: $JUJU_DEPARTING_UNIT} "
	">>${CHARM_DIR%/agents/*}/told-${JUJU_UNIT_NAME#*/}";

static void begin(int like)
{
	ck_assert_int_eq(setenv("SANDBOX_JUJU_LIKE", likes[like], 1), 0);
	ck_assert_int_eq(setenv("SANDBOX_JUJU_RETRIES", "0", 1), 0);
	juju_proc_init(&shelly);
}

static void deploy(int like, const char *script, const char *units)
{
	CLEANUP(cleanup_free) char *folder = NULL;

	begin(like);
	folder = shell_charm_peers(&shelly, script);
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder, "-n", units), 0);
}

/* What the hooks of the unit of that NUMBER saw, and forgets it. */
static void told(char ret[4096], int number)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/told-%d", shelly.dir, number);
	FILE *file = fopen(path, "re");
	size_t got;

	ret[0] = '\0';
	if (!file)
		return;
	got = fread(ret, 1, 4095, file);
	ret[got] = '\0';
	(void)fclose(file);
	ck_assert_int_eq(remove(path), 0);
}

static void expect_told(int number, const char *wanted)
{
	char seen[4096];

	told(seen, number);
	ck_assert_str_eq(seen, wanted);
}

#define ABOUT(what, other) "cluster-relation-" what " cluster cluster:1 shelly" other "\n"

START_TEST(each_unit_hears_of_each_other_one)
{
	deploy(_i, tells, "3");
	expect_told(0,
		"install\n" ABOUT("created", "") "leader-elected\nconfig-changed\nstart\n" ABOUT(
			"joined", " shelly/1") ABOUT("changed", " shelly/1")
			ABOUT("joined", " shelly/2") ABOUT("changed", " shelly/2"));
	expect_told(2, _i == JUJU_3
			       ? "install\n" ABOUT("created",
					 "") "leader-settings-changed\nconfig-changed\n"
					     "start\n" ABOUT("joined", " shelly/0") ABOUT("changed",
						     " shelly/0") ABOUT("joined", " shelly/1")
						     ABOUT("changed", " shelly/1")
			       : "install\n" ABOUT("created",
					 "") "config-changed\n"
					     "start\n" ABOUT("joined", " shelly/0") ABOUT("changed",
						     " shelly/0") ABOUT("joined", " shelly/1")
						     ABOUT("changed", " shelly/1"));
	ck_assert_int_eq(juju_call(&shelly, "add-unit", "shelly"), 0);
	expect_told(0, ABOUT("joined", " shelly/3") ABOUT("changed", " shelly/3"));
	ck_assert_int_eq(juju_call(&shelly, "tick"), 0);
	expect_told(0, "update-status\n");
}
END_TEST

START_TEST(unit_that_goes_hears_so_for_each_that_stays)
{
	deploy(_i, tells, "3");
	for (int number = 0; number < 3; number++) {
		char seen[4096];

		told(seen, number);
	}
	ck_assert_int_eq(juju_call(&shelly, "remove-unit", "shelly/1"), 0);
	expect_told(1, ABOUT("departed", " shelly/0 departs: shelly/1")
			       ABOUT("departed", " shelly/2 departs: shelly/1") "stop\nremove\n");
	for (int number = 0; number < 3; number += 2)
		expect_told(number,
			_i == JUJU_3 ? ABOUT("departed", " shelly/1 departs: shelly/1") : "");
	ck_assert_int_eq(juju_call(&shelly, "remove-application", "shelly"), 0);
	expect_told(0, _i == JUJU_3
			       ? ABOUT("departed", " shelly/2 departs: shelly/0") "stop\nremove\n"
			       : ABOUT("departed", " shelly/1 departs: shelly/0") ABOUT("departed",
					 " shelly/2 departs: shelly/0") "stop\nremove\n");
}
END_TEST

/* What it is about is the same when it runs again. */
START_TEST(failed_relation_hook_is_about_the_same_unit_again)
{
	CLEANUP(cleanup_free)
	char *script =
		alloc_textf("%s\n[ $JUJU_REMOTE_UNIT$JUJU_UNIT_NAME != shelly/1shelly/0 ]", tells);
	char seen[4096];

	deploy(_i, script, "2");
	told(seen, 0);
	ck_assert_int_eq(juju_call(&shelly, "resolved", SHELLY), 0);
	expect_told(0, ABOUT("joined", " shelly/1"));
	ck_assert_int_eq(juju_call(&shelly, "resolved", "--no-retry", SHELLY), 0);
	expect_told(0, ABOUT("changed", " shelly/1"));
}
END_TEST

START_TEST(any_hook_can_be_sent_about_a_unit)
{
	char seen[4096];

	deploy(_i, tells, "1");
	told(seen, 0);
	ck_assert_int_eq(juju_call(&shelly, "hook", SHELLY, "cluster-relation-departed", "--remote",
				 "shelly/7", "--departing", "shelly/0"),
		0);
	expect_told(0, ABOUT("departed", " shelly/7 departs: shelly/0"));
	ck_assert_int_eq(juju_call(&shelly, "hook", SHELLY, "update-status"), 0);
	expect_told(0, "update-status\n");
}
END_TEST

/* --- Juju 4.0 against 3.6 --- */

START_TEST(unit_without_a_relation_dies_at_once)
{
	CLEANUP(cleanup_free) char *folder = NULL;
	CLEANUP(cleanup_free) char *hooks = NULL;
	cJSON *shown;

	begin(_i);
	folder = shell_charm(&shelly, "exit 0");
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder), 0);
	ck_assert_int_eq(juju_call(&shelly, "remove-unit", SHELLY), 0);
	shown = juju_show(&shelly, SHELLY);
	hooks = juju_show_hooks(shown);
	ck_assert(json_true(shown, "gone"));
	ck_assert_str_eq(hooks, _i == JUJU_3
					? "install leader-elected config-changed start stop remove"
					: "install leader-elected config-changed start");
	cJSON_Delete(shown);
}
END_TEST

START_TEST(change_of_an_option_is_told_twice_and_a_reset_not_at_all)
{
	CLEANUP(cleanup_free) char *folder = NULL;

	deploy(_i, "status-set active \"$(config-get channel)\"", "1");
	ck_assert_int_eq(juju_call(&shelly, "forget"), 0);
	ck_assert_int_eq(juju_call(&shelly, "config", "shelly", "channel=beta"), 0);
	shell_charm_hooks(_i == JUJU_3 ? "config-changed" : "config-changed config-changed");
	ck_assert_int_eq(juju_call(&shelly, "config", "shelly", "channel=beta"), 0);
	ck_assert_int_eq(juju_call(&shelly, "forget"), 0);
	ck_assert_int_eq(juju_call(&shelly, "config", "shelly", "--reset", "channel"), 0);
	shell_charm_hooks(_i == JUJU_3 ? "config-changed" : "");
	ck_assert_int_eq(juju_call(&shelly, "tick"), 0);
	juju_assert_status(&shelly, SHELLY, "active", "latest/edge");
	ck_assert_int_eq(juju_call(&shelly, "config", "shelly", "note=x"), 0);
	ck_assert_int_eq(juju_call(&shelly, "forget"), 0);
	ck_assert_int_eq(
		juju_call(&shelly, "config", "shelly", "--reset", "note", "channel=edge"), 0);
	shell_charm_hooks(_i == JUJU_3 ? "config-changed" : "config-changed config-changed");
	ck_assert_int_eq(juju_call(&shelly, "forget"), 0);
	folder = shell_charm_peers(&shelly, "exit 0");
	ck_assert_int_eq(juju_call(&shelly, "refresh", "shelly", "--path", folder), 0);
	shell_charm_hooks("upgrade-charm config-changed");
}
END_TEST

/* What is told on deploying and on refreshing is told once; how long it is between the two. */
START_TEST(time_passes_between_the_two_and_before_a_killed_hook_runs_again)
{
	CLEANUP(cleanup_free) char *folder = NULL;
	CLEANUP(cleanup_free) char *file = NULL;
	struct sandbox_clock *clock;
	long long before;

	begin(_i);
	folder = shell_charm_peers(&shelly,
		"[ $JUJU_HOOK_NAME = update-status ] || exit 0\n"
		"test -e again && exit; touch again; kill -TERM $$; sleep 9");
	file = alloc_textf("%s/clock", shelly.dir);
	clock = sandbox_clock_open(file, NULL);
	ck_assert_ptr_nonnull(clock);
	before = sandbox_clock_now(clock);
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder, "--clock", file), 0);
	ck_assert_int_eq(sandbox_clock_now(clock) - before, 0);
	ck_assert_int_eq(juju_call(&shelly, "config", "shelly", "channel=beta"), 0);
	ck_assert_int_eq(sandbox_clock_now(clock) - before,
		_i == JUJU_3 ? 0 : SANDBOX_CLOCK_SECOND * 3 / 10);
	before = sandbox_clock_now(clock);
	ck_assert_int_eq(juju_call(&shelly, "tick", SHELLY), 0);
	ck_assert_int_eq(
		sandbox_clock_now(clock) - before, _i == JUJU_3 ? 0 : SANDBOX_CLOCK_SECOND * 3);
	sandbox_clock_close(clock);
}
END_TEST

/* The value of NAME in the environment of the last hook; "-" when it is not there. */
static const char *value_of(const char *environment, const char *name, char ret[256])
{
	CLEANUP(cleanup_free) char *line = alloc_textf("\n%s=", name);
	const char *at = strstr(environment, line);

	(void)snprintf(ret, 256, "-");
	if (at)
		(void)snprintf(
			ret, 256, "%.*s", (int)strcspn(at + strlen(line), "\n"), at + strlen(line));
	return ret;
}

START_TEST(environment_is_that_of_the_version)
{
	char environment[8192], value[256];

	deploy(_i, "{ echo; tr '\\0' '\\n' </proc/$$/environ; } >environment", "1");
	shell_charm_read(environment, &shelly, "environment");
	ck_assert_str_eq(value_of(environment, "JUJU_VERSION", value), _i ? "4.0.15" : "3.6.8");
	ck_assert_str_eq(value_of(environment, "JUJU_SLA", value), _i ? "-" : "unsupported");
	ck_assert_str_eq(value_of(environment, "JUJU_METER_STATUS", value), _i ? "-" : "NOT SET");
	ck_assert_str_eq(value_of(environment, "JUJU_METER_INFO", value), _i ? "-" : "");
	ck_assert_str_eq(
		value_of(environment, "JUJU_CHARM_TRACE_CONFIG_GRPC", value), _i ? "" : "-");
	ck_assert_int_eq(
		value_of(environment, "JUJU_AGENT_SOCKET_ADDRESS", value)[0], _i ? '/' : '@');
	(void)value_of(environment, "PATH", value);
	ck_assert_str_eq(strrchr(value, ':'), _i ? ":/usr/bin" : ":/bin");
	(void)value_of(environment, "JUJU_CONTEXT_ID", value);
	ck_assert(strncmp(value, "shelly/0-start-", 15) == 0);
	ck_assert_uint_eq(
		strspn(value + 15, _i ? "0123456789abcdef" : "0123456789"), strlen(value + 15));
	ck_assert(_i == JUJU_3 || strlen(value + 15) == 32);
}
END_TEST

START_TEST(exec_is_named_in_its_context)
{
	struct juju_answer answer;

	deploy(_i, "exit 0", "1");
	answer = juju_ask(&shelly, "exec", "--unit", SHELLY, "--", "printenv", "JUJU_CONTEXT_ID");
	ck_assert_ptr_nonnull(strstr(
		answer.out, _i == JUJU_3 ? "shelly/0-run-commands-" : "shelly/0-juju-exec-"));
	juju_answer_done(&answer);
}
END_TEST

START_TEST(status_has_no_service_level_any_more)
{
	struct juju_answer answer;

	deploy(_i, "exit 0", "1");
	answer = juju_ask(&shelly, "status");
	ck_assert_int_eq(strstr(answer.out, "SLA") != NULL, _i == JUJU_3);
	ck_assert_ptr_nonnull(strstr(answer.out, _i == JUJU_3 ? "  3.6.8 " : "  4.0.15 "));
	juju_answer_done(&answer);
	answer = juju_ask(&shelly, "status", "--format", "json");
	ck_assert_ptr_nonnull(
		strstr(answer.out, _i ? "\"version\":\"4.0.15\"" : "\"version\":\"3.6.8\""));
	juju_answer_done(&answer);
	answer = juju_ask(&shelly, "version");
	ck_assert_str_eq(answer.out, _i ? "4.0.15-sandbox-amd64\n" : "3.6.8-sandbox-amd64\n");
	juju_answer_done(&answer);
}
END_TEST

/* In the words of the client: 3.6, and 4.0. NULL: it does as it is told. */
/* clang-format off */
static const struct {
	const char *args[5];
	const char *errors[LIKES];
} refusals[] = {
	{ { "config", "shelly", "bogus=1" },
		{ "ERROR unknown option \"bogus\"\n",
		  "ERROR invalid application config: unknown option \"bogus\"\n" } },
	{ { "config", "shelly", "--reset", "bogus" },
		{ "ERROR unknown option \"bogus\"\n",
		  "ERROR invalid application config: unknown option \"bogus\"\n" } },
	{ { "resolved", SHELLY },
		{ "ERROR unit \"shelly/0\" is not in an error state\n",
		  "ERROR resolving unit: unit \"shelly/0\" is not in error state\n" } },
	{ { "run", SHELLY, "dance" },
		{ NULL, "ERROR no actions defined for charm shelly. (not found)\n" } },
};
/* clang-format on */

START_TEST(client_refuses_in_the_words_of_its_version)
{
	const char *wanted = refusals[_i / LIKES].errors[_i % LIKES];
	struct juju_answer answer;

	deploy(_i % LIKES, "exit 0", "1");
	ck_assert_int_eq(juju_call(&shelly, "forget"), 0);
	answer = juju_proc_args(&shelly, refusals[_i / LIKES].args);
	ck_assert_int_eq(answer.code, wanted ? 1 : 0);
	ck_assert_str_eq(answer.err, wanted ? wanted : "");
	juju_answer_done(&answer);
	if (wanted)
		shell_charm_hooks("");
}
END_TEST

START_TEST(declared_action_runs)
{
	CLEANUP(cleanup_free) char *folder = NULL;
	struct juju_answer answer;

	begin(_i);
	folder = shell_charm_peers(&shelly, "exit 0");
	shell_charm_file(folder, "actions.yaml", "dance: {description: Dance}\n", 0644);
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder), 0);
	ck_assert_int_eq(juju_call(&shelly, "run", SHELLY, "dance"), 0);
	answer = juju_ask(&shelly, "run", SHELLY, "sing");
	ck_assert_int_eq(answer.code, _i == JUJU_3 ? 0 : 1);
	juju_answer_done(&answer);
}
END_TEST

/* clang-format off */
static const struct {
	const char *adds;
	const char *error;
} additions[] = {
	{ "peers: {cluster: {interface: cluster}}\n",
		"ERROR setting application \"shelly\" charm: one or more of the provided endpoints "
		"\"juju-info, cluster\" do not exist\n" },
	{ "resources: {disk: {type: file, filename: disk.img}}\n",
		"ERROR new resource \"disk\" was missing, please provide it via --resource\n" },
};
/* clang-format on */

/* From one without to one with is refused; to the same again, and back, is not. */
START_TEST(refresh_adds_neither_relation_nor_resource)
{
	bool three = _i % LIKES == JUJU_3;
	CLEANUP(cleanup_free) char *folder = NULL;
	CLEANUP(cleanup_free)
	char *about = alloc_textf("name: shelly\nsummary: More\n%s", additions[_i / LIKES].adds);
	struct juju_answer answer;

	begin(_i % LIKES);
	folder = shell_charm(&shelly, "exit 0");
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder), 0);
	ck_assert_int_eq(juju_call(&shelly, "refresh", "shelly", "--path", folder), 0);
	shell_charm_file(folder, "metadata.yaml", about, 0644);
	ck_assert_int_eq(juju_call(&shelly, "forget"), 0);
	answer = juju_ask(&shelly, "refresh", "shelly", "--path", folder);
	ck_assert_int_eq(answer.code, three ? 0 : 1);
	if (!three)
		ck_assert_str_eq(answer.err, additions[_i / LIKES].error);
	juju_answer_done(&answer);
	if (!three)
		shell_charm_hooks("");
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder, "other"), 0);
	ck_assert_int_eq(juju_call(&shelly, "refresh", "other", "--path", folder), 0);
}
END_TEST

/* A model stays what it was made as, whatever the environment says later. */
START_TEST(model_keeps_its_version)
{
	struct juju_answer answer;

	deploy(JUJU_4, "exit 0", "1");
	ck_assert_int_eq(setenv("SANDBOX_JUJU_LIKE", "3.6", 1), 0);
	answer = juju_ask(&shelly, "status");
	ck_assert_ptr_nonnull(strstr(answer.out, " 4.0.15 "));
	juju_answer_done(&answer);
	answer = juju_ask(&shelly, "--like", "4.0", "version");
	ck_assert_str_eq(answer.out, "4.0.15-sandbox-amd64\n");
	juju_answer_done(&answer);
	answer = juju_ask(&shelly, "--like", "2.9", "version");
	ck_assert_int_eq(answer.code, 1);
	ck_assert_str_eq(answer.err, "ERROR no Juju 2.9 is played here\n");
	juju_answer_done(&answer);
}
END_TEST

/* clang-format off */
static Suite *suite(void)
{
	Suite *all = suite_create("sandbox_juju_like");
	TCase *relations = tcase_create("relations");
	TCase *versions = tcase_create("versions");

	suite_add_tcase(all, relations);
	tcase_add_checked_fixture(relations, NULL, shell_charm_done);
	tcase_set_timeout(relations, 30);
	tcase_add_loop_test(relations, each_unit_hears_of_each_other_one, 0, LIKES);
	tcase_add_loop_test(relations, unit_that_goes_hears_so_for_each_that_stays, 0, LIKES);
	tcase_add_loop_test(relations, failed_relation_hook_is_about_the_same_unit_again, 0, LIKES);
	tcase_add_loop_test(relations, any_hook_can_be_sent_about_a_unit, 0, LIKES);

	suite_add_tcase(all, versions);
	tcase_add_checked_fixture(versions, NULL, shell_charm_done);
	tcase_set_timeout(versions, 30);
	tcase_add_loop_test(versions, unit_without_a_relation_dies_at_once, 0, LIKES);
	tcase_add_loop_test(versions, change_of_an_option_is_told_twice_and_a_reset_not_at_all, 0, LIKES);
	tcase_add_loop_test(versions, time_passes_between_the_two_and_before_a_killed_hook_runs_again, 0, LIKES);
	tcase_add_loop_test(versions, environment_is_that_of_the_version, 0, LIKES);
	tcase_add_loop_test(versions, exec_is_named_in_its_context, 0, LIKES);
	tcase_add_loop_test(versions, status_has_no_service_level_any_more, 0, LIKES);
	tcase_add_loop_test(versions, client_refuses_in_the_words_of_its_version, 0,
		LIKES * (int)(sizeof refusals / sizeof *refusals));
	tcase_add_loop_test(versions, declared_action_runs, 0, LIKES);
	tcase_add_loop_test(versions, refresh_adds_neither_relation_nor_resource, 0,
		LIKES * (int)(sizeof additions / sizeof *additions));
	tcase_add_test(versions, model_keeps_its_version);
	return all;
}
/* clang-format on */

int main(void)
{
	return run_suite(suite());
}
