/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in Juju: hook tools, commands that run beside hooks, and what the operator sees.
 */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_model.h"
#include "tests/shell_charm.h"
#include "tests/suite.h"

/* What SCRIPT prints when juju exec runs it, stdout and stderr together. */
static char *exec_script(const char *script)
{
	CLEANUP(cleanup_free) char *whole = alloc_textf("exec 2>&1; %s", script);
	struct juju_answer answer = juju_ask(&shelly, "exec", "--unit", SHELLY, "--", whole);
	char *out = alloc_text(answer.out);

	juju_answer_done(&answer);
	return out;
}

struct tool_case {
	const char *command;
	const char *prints; /* stdout and stderr, then the exit code */
};

/* clang-format off */
static const struct tool_case cases[] = {
	{ "status-set foo",              "ERROR invalid status \"foo\", expected one of [maintenance blocked waiting active]\n2" },
	{ "status-set",                  "ERROR invalid args, require <status> [message]\n2" },
	{ "status-set active a x",       "ERROR unrecognized args: [\"x\"]\n2" },
	{ "status-set active -x",        "ERROR flag provided but not defined: -x\n2" },
	{ "status-set active --no",      "ERROR flag provided but not defined: --no\n2" },
	{ "status-set -- active -x",     "0" },
	{ "status-set active",           "0" },
	{ "application-version-set",     "ERROR no version specified\n2" },
	{ "application-version-set ''",  "0" },
	{ "config-get channel",          "latest/edge\n0" },
	{ "config-get chanel",           "0" },
	{ "config-get note",             "0" },
	{ "config-get note --format json", "null\n0" },
	{ "config-get wanted",           "True\n0" },
	{ "config-get big",              "1e+06\n0" },
	{ "config-get big --format=json", "1000000\n0" },
	{ "config-get --format json",
		"{\"big\":1000000,\"channel\":\"latest/edge\",\"ratio\":0.5,\"wanted\":true}\n0" },
	{ "config-get --all --format json",
		"{\"big\":1000000,\"channel\":\"latest/edge\",\"note\":null,\"ratio\":0.5,\"wanted\":true}\n0" },
	{ "config-get -a channel",       "ERROR cannot use argument --all together with key \"channel\"\n2" },
	{ "config-get --format xml",     "ERROR invalid value \"xml\" for flag --format: unknown format \"xml\"\n2" },
	/* a boolean is what Go's strconv.ParseBool takes for one */
	{ "config-get --all=False channel", "latest/edge\n0" },
	{ "config-get --all=f channel",  "latest/edge\n0" },
	{ "config-get --all=F channel",  "latest/edge\n0" },
	{ "config-get --all=0 channel",  "latest/edge\n0" },
	{ "config-get --all=FALSE channel", "latest/edge\n0" },
	{ "config-get --all=false channel", "latest/edge\n0" },
	{ "config-get --all=1 channel",  "ERROR cannot use argument --all together with key \"channel\"\n2" },
	{ "config-get --all=t channel",  "ERROR cannot use argument --all together with key \"channel\"\n2" },
	{ "config-get -a=T channel",     "ERROR flag provided but not defined: -=\n2" },
	{ "config-get --all=T channel",  "ERROR cannot use argument --all together with key \"channel\"\n2" },
	{ "config-get --all=TRUE channel", "ERROR cannot use argument --all together with key \"channel\"\n2" },
	{ "config-get --all=True channel", "ERROR cannot use argument --all together with key \"channel\"\n2" },
	{ "config-get --all=yes channel", "ERROR invalid value \"yes\" for flag --all: strconv.ParseBool: parsing \"yes\": invalid syntax\n2" },
	{ "config-get --all=tRUE channel", "ERROR invalid value \"tRUE\" for flag --all: strconv.ParseBool: parsing \"tRUE\": invalid syntax\n2" },
	{ "config-get --all= channel",   "ERROR invalid value \"\" for flag --all: strconv.ParseBool: parsing \"\": invalid syntax\n2" },
	{ "status-set --application=False active ready", "0" },
	{ "config-get --format",         "ERROR flag needs an argument: --format\n2" },
	{ "config-get",                  "big: 1e+06\nchannel: latest/edge\nratio: 0.5\nwanted: true\n0" },
	{ "config-get -o out channel; cat out", "latest/edge\n0" },
	{ "juju-log",                    "ERROR no message specified\n2" },
	{ "juju-log -l nonsense -- hi",  "0" },
	{ "is-leader",                   "True\n0" },
	{ "is-leader --format=json",     "true\n0" },
	{ "open-port",                   "ERROR no port or range specified\n2" },
	{ "open-port 80 && open-port 80 && open-port 53/udp && opened-ports", "80/tcp\n53/udp\n0" },
	{ "open-port 80 && open-port 90 && open-port 85 && opened-ports", "80/tcp\n85/tcp\n90/tcp\n0" },
	{ "open-port 80-90; open-port 85", "ERROR cannot open 85/tcp (unit \"shelly/0\"): port range conflicts with 80-90/tcp (unit \"shelly/0\")\n1" },
	{ "open-port icmp; opened-ports --format json", "[\"icmp\"]\n0" },
	{ "close-port 81",               "0" },
	{ "action-log hi",               "0" },
	{ "action-get",                  "{}\n0" },
	{ "action-set A=1",              "ERROR key \"A\" must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric and hyphens\n2" },
	{ "relation-ids cluster --format json", "[]\n0" },
	{ "JUJU_CONTEXT_ID=x is-leader 2>&1 | sed 's/id .*,/ID,/'",
		"ERROR bad request: expected context ID, got \"x\"\n0" },
	{ "env -u JUJU_CONTEXT_ID is-leader", "ERROR JUJU_CONTEXT_ID not set\n1" },
};
/* clang-format on */

START_TEST(tool_prints_and_exits_as_jujus)
{
	const struct tool_case *tried = &cases[_i];
	CLEANUP(cleanup_free) char *script = NULL;
	CLEANUP(cleanup_free) char *printed = NULL;
	script = alloc_textf("%s; printf $?", tried->command);
	shell_charm_deployed("exit 0");
	printed = exec_script(script);
	ck_assert_str_eq(printed, tried->prints);
}
END_TEST

START_TEST(ended_context_refuses_its_tools)
{
	char seen[8192];

	shell_charm_deployed("(sleep 0.3; juju-log hi 2>late; echo $? >>late) >/dev/null 2>&1 &");
	(void)usleep(700000);
	shell_charm_read(seen, &shelly, "late");
	ck_assert_ptr_nonnull(strstr(seen, "ERROR dial unix @"));
	ck_assert_ptr_nonnull(strstr(seen, "connection refused\n1\n"));
}
END_TEST

START_TEST(exec_has_the_hook_environment_and_flushes_when_it_fails)
{
	struct juju_answer answer;
	cJSON *shown;

	shell_charm_deployed("exit 0");
	answer = juju_ask(&shelly, "exec", "--unit", SHELLY, "--",
		"open-port 99; echo \"${JUJU_DISPATCH_PATH-unset} ${JUJU_HOOK_NAME-unset} "
		"$JUJU_ACTION_NAME $(basename $PWD)\"; echo no >&2; exit 4");
	ck_assert_int_eq(answer.code, 1);
	ck_assert_str_eq(answer.out, "unset  juju-exec charm\n");
	ck_assert_ptr_nonnull(strstr(answer.err, "no\nERROR the following task failed:\n"));
	juju_answer_done(&answer);
	answer = juju_ask(&shelly, "exec", "--unit", SHELLY, "--", "printf", "%s|", "a b", "c");
	ck_assert_int_eq(answer.code, 0);
	ck_assert_str_eq(answer.out, "a b|c|");
	juju_answer_done(&answer);
	shown = juju_show(&shelly, SHELLY);
	ck_assert_int_eq(cJSON_GetArraySize(json_get(shown, "ports")), 1);
	cJSON_Delete(shown);
}
END_TEST

START_TEST(exec_waits_for_the_hook_and_ssh_does_not)
{
	struct juju_answer answer;
	pid_t pid;

	shell_charm_deployed("[ $JUJU_HOOK_NAME = update-status ] || exit 0\n"
			     "touch begun; sleep 0.5; touch ended");
	pid = juju_start(&shelly, "tick");
	for (int tries = 0; tries < 500 && !shell_charm_has(&shelly, "begun"); tries++)
		(void)usleep(10000);
	answer = juju_ask(&shelly, "ssh", SHELLY,
		"ls agents/unit-shelly-0/charm | grep -x -e begun -e ended;", "env", "|", "grep",
		"-c", "JUJU");
	ck_assert_str_eq(answer.out, "begun\n0\n");
	juju_answer_done(&answer);
	answer = juju_ask(&shelly, "exec", "--unit", SHELLY, "ls | grep -x -e begun -e ended");
	ck_assert_str_eq(answer.out, "begun\nended\n");
	juju_answer_done(&answer);
	ck_assert_int_eq(juju_wait(pid), 0);
}
END_TEST

START_TEST(action_fails_with_its_own_words_or_its_exit)
{
	struct juju_answer answer;

	shell_charm_deployed("[ \"${JUJU_ACTION_NAME-}\" ] || exit 0\n"
			     "action-set got=\"$(action-get who)\" at=$JUJU_DISPATCH_PATH\n"
			     "action-fail 'not today'; exit $(action-get code)");
	answer = juju_ask(&shelly, "run", SHELLY, "greet", "who=me", "code=0", "--format", "json");
	ck_assert_int_eq(answer.code, 0);
	ck_assert_ptr_nonnull(strstr(answer.out, "\"message\":\"not today\""));
	ck_assert_ptr_nonnull(strstr(answer.out, "\"at\":\"actions/greet\",\"got\":\"me\""));
	juju_answer_done(&answer);
	answer = juju_ask(&shelly, "run", SHELLY, "greet", "code=3", "--format", "json");
	ck_assert_int_eq(answer.code, 1);
	ck_assert_ptr_nonnull(strstr(answer.out, "\"message\":\"exit status 3\""));
	juju_answer_done(&answer);
}
END_TEST

START_TEST(action_takes_parameters_from_a_file)
{
	struct juju_answer answer;
	CLEANUP(cleanup_free) char *file = NULL;

	shell_charm_deployed("[ \"${JUJU_ACTION_NAME-}\" ] || exit 0\n"
			     "action-set got=\"$(action-get who) $(action-get limit)\"");
	shell_charm_file(shelly.dir, "params", "who: you\nlimit: 3\n", 0644);
	file = alloc_textf("%s/params", shelly.dir);
	answer = juju_ask(
		&shelly, "run", "--format", "json", SHELLY, "greet", "--params", file, "who=me");
	ck_assert_ptr_nonnull(strstr(answer.out, "\"got\":\"me 3\""));
	juju_answer_done(&answer);
}
END_TEST

START_TEST(config_tells_where_a_value_comes_from)
{
	struct juju_answer answer;

	shell_charm_deployed("exit 0");
	ck_assert_int_eq(juju_call(&shelly, "config", "shelly", "channel=beta"), 0);
	answer = juju_ask(&shelly, "config", "--format", "json", "shelly");
	ck_assert_ptr_nonnull(strstr(answer.out, "\"source\":\"user\",\"type\":\"string\","
						 "\"value\":\"beta\"}"));
	ck_assert_ptr_nonnull(strstr(answer.out, "\"source\":\"default\",\"type\":\"boolean\","
						 "\"value\":true}"));
	ck_assert_ptr_nonnull(strstr(answer.out, "\"source\":\"unset\",\"type\":\"string\"}"));
	juju_answer_done(&answer);
}
END_TEST

START_TEST(version_is_that_of_the_agents)
{
	struct juju_answer answer;

	juju_proc_init(&shelly);
	answer = juju_ask(&shelly, "version");
	ck_assert_str_eq(answer.out, "3.6.8-sandbox-amd64\n");
	juju_answer_done(&answer);
}
END_TEST

START_TEST(meter_hook_is_restricted_and_may_fail)
{
	char seen[8192];

	shell_charm_deployed("[ $JUJU_DISPATCH_PATH = hooks/meter-status-changed ] || exit 0\n"
			     "echo $JUJU_UNIT_NAME ${JUJU_HOOK_NAME-unset} >seen\n"
			     "status-set active 2>>seen || juju-log hi >>seen && false");
	ck_assert_int_eq(juju_call(&shelly, "meter", SHELLY), 0);
	shell_charm_read(seen, &shelly, "seen");
	ck_assert_str_eq(
		seen, "unit-shelly-0 unset\nERROR not implemented for restricted context\n");
	shell_charm_hooks("install leader-elected config-changed start");
}
END_TEST

START_TEST(ports_of_two_units_conflict)
{
	cJSON *shown;

	shell_charm_deployed("open-port 8080");
	ck_assert_int_eq(juju_call(&shelly, "add-unit", "shelly"), 0);
	juju_assert_status(&shelly, "shelly/1", "error", "hook failed: \"install\"");
	shown = juju_show(&shelly, "shelly/1");
	ck_assert(juju_show_logged(shown, "WARNING",
		"ERROR cannot open 8080/tcp (unit \"shelly/1\"): port range conflicts with "
		"8080/tcp (unit \"shelly/0\")"));
	cJSON_Delete(shown);
}
END_TEST

START_TEST(faults_meet_the_calls_they_are_for)
{
	CLEANUP(cleanup_free) char *printed = NULL;

	shell_charm_deployed("exit 0");
	ck_assert_int_eq(juju_call(&shelly, "fault", "is-leader", "exit1", "--skip", "1"), 0);
	ck_assert_int_eq(juju_call(&shelly, "fault", "is-leader", "text", "perhaps"), 0);
	ck_assert_int_eq(juju_call(&shelly, "fault", "config-get", "exit2"), 0);
	ck_assert_int_eq(juju_call(&shelly, "fault", "relation-ids", "die"), 0);
	ck_assert_int_eq(juju_call(&shelly, "fault", "goal-state", "missing"), 0);
	ck_assert_int_eq(juju_call(&shelly, "fault", "open-port", "port-conflict"), 0);
	ck_assert_int_eq(juju_call(&shelly, "fault", "opened-ports", "flood"), 0);
	printed = exec_script("is-leader; is-leader 2>&-; echo $?; is-leader; echo; is-leader\n"
			      "config-get 2>&-; echo $?; { relation-ids; } 2>&-; echo $?\n"
			      "goal-state 2>&-; echo $?; open-port 7; echo $?\n"
			      "opened-ports | head -c 9000000 | wc -c; opened-ports");
	ck_assert_str_eq(printed,
		"True\n1\nperhaps\nTrue\n2\n139\n127\n"
		"ERROR cannot open 7 (unit \"shelly/0\"): port range conflicts with 7 "
		"(unit \"other/0\")\n1\n9000000\n");
	free(printed);
	printed = exec_script("goal-state >&-; echo $?");
	ck_assert_str_eq(printed, "0\n");
}
END_TEST

/* Whether the status was set when the hook is killed around status-set. */
static void kill_around(const char *mode, int set_first)
{
	cJSON *shown;
	const cJSON *run;

	shell_charm_deployed("[ $JUJU_HOOK_NAME = update-status ] || exit 0\n"
			     "status-set active again");
	ck_assert_int_eq(juju_call(&shelly, "fault", "status-set", mode), 0);
	ck_assert_int_eq(juju_call(&shelly, "tick"), 0);
	shown = juju_show(&shelly, SHELLY);
	run = cJSON_GetArrayItem(json_get(shown, "runs"), 4);
	ck_assert_str_eq(json_text(run, "outcome", ""), "terminated");
	ck_assert_int_eq(json_number(run, "signal", 0), SIGKILL);
	ck_assert_str_eq(json_text(json_get(run, "calls")->child, "fault", ""), mode);
	ck_assert_str_eq(
		json_text(cJSON_GetArrayItem(json_get(shown, "runs"), 5), "outcome", ""), "done");
	ck_assert_int_eq(juju_show_calls(shown, "update-status", "status-set"), 1);
	ck_assert_int_eq(json_number(cJSON_GetArrayItem(json_get(shown, "history"),
					     cJSON_GetArraySize(json_get(shown, "history")) - 1),
				 "run", 0),
		set_first ? 5 : 6);
	cJSON_Delete(shown);
}

START_TEST(hook_is_killed_before_the_tool_acts)
{
	kill_around("kill-before", 0);
}
END_TEST

START_TEST(hook_is_killed_after_the_tool_acted)
{
	kill_around("kill-after", 1);
}
END_TEST

START_TEST(hanging_tool_ends_with_its_hook)
{
	struct juju_answer answer;

	shell_charm_deployed("[ $JUJU_HOOK_NAME = update-status ] || exit 0; is-leader");
	ck_assert_int_eq(juju_call(&shelly, "fault", "is-leader", "hang"), 0);
	answer = juju_ask(&shelly, "tick", "--hook-timeout", "1");
	ck_assert_int_eq(answer.code, 3);
	juju_answer_done(&answer);
	juju_assert_status(&shelly, SHELLY, "error", "hook failed: \"update-status\"");
}
END_TEST

START_TEST(status_cuts_message_and_version)
{
	struct juju_answer answer;
	cJSON *shown;

	shell_charm_deployed("m=0123456789; m=$m$m$m$m; m=$m$m$m; status-set active \"$m+\"\n"
			     "application-version-set 123456789012345; open-port 81\n"
			     "open-port 80; [ \"$JUJU_HOOK_NAME\" != start ] || sleep 0.1");
	answer = juju_ask(&shelly, "status");
	ck_assert_ptr_nonnull(strstr(answer.out, "\nshelly  123456789012345  active "));
	ck_assert_ptr_nonnull(strstr(answer.out, "  10.0.0.10       80-81/tcp  0123456789"));
	ck_assert_ptr_nonnull(strstr(answer.out, "0123456789012345678901234567890123456...\n"));
	ck_assert_ptr_null(strstr(answer.out, "9...\n"));
	juju_answer_done(&answer);
	shown = juju_show(&shelly, SHELLY);
	ck_assert_uint_eq(strlen(juju_show_text(shown, "message")), 121);
	cJSON_Delete(shown);
	answer = juju_ask(
		&shelly, "exec", "--unit", SHELLY, "application-version-set 1234567890123456");
	juju_answer_done(&answer);
	answer = juju_ask(&shelly, "status");
	ck_assert_ptr_nonnull(strstr(answer.out, "\nshelly  123456789012...  active "));
	juju_answer_done(&answer);
	answer = juju_ask(&shelly, "status", "--format", "json");
	ck_assert_ptr_nonnull(strstr(answer.out, "\"version\":\"1234567890123456\""));
	ck_assert_ptr_nonnull(strstr(answer.out, "\"open-ports\":[\"80/tcp\",\"81/tcp\"]"));
	juju_answer_done(&answer);
}
END_TEST

START_TEST(status_names_the_running_hook)
{
	struct juju_answer answer;
	pid_t pid;

	shell_charm_deployed("status-set active ready\n"
			     "[ $JUJU_HOOK_NAME != odd ] || { touch begun; sleep 0.5; }");
	pid = juju_start(&shelly, "hook", SHELLY, "odd");
	for (int tries = 0; tries < 500 && !shell_charm_has(&shelly, "begun"); tries++)
		(void)usleep(10000);
	answer = juju_ask(&shelly, "status");
	ck_assert_ptr_nonnull(strstr(answer.out, "  executing  "));
	ck_assert_ptr_nonnull(strstr(answer.out, "  (odd) ready\n"));
	juju_answer_done(&answer);
	ck_assert_int_eq(juju_wait(pid), 0);
}
END_TEST

START_TEST(log_shows_by_level)
{
	struct juju_answer answer;

	shell_charm_deployed("[ $JUJU_HOOK_NAME = install ] || exit 0; echo out; echo err >&2\n"
			     "juju-log -l debug -- low; juju-log 'to' you; juju-log -l no x");
	answer = juju_ask(&shelly, "debug-log", "--include", SHELLY);
	ck_assert_ptr_null(strstr(answer.out, "out\n"));
	ck_assert_ptr_nonnull(strstr(answer.out, " WARNING unit.shelly/0.install err\n"));
	ck_assert_ptr_null(strstr(answer.out, "low\n"));
	ck_assert_ptr_nonnull(strstr(answer.out, " INFO unit.shelly/0.juju-log to you\n"));
	ck_assert_ptr_nonnull(strstr(answer.out, " INFO unit.shelly/0.juju-log x\n"));
	juju_answer_done(&answer);
	answer = juju_ask(&shelly, "debug-log", "--level", "DEBUG");
	ck_assert_ptr_nonnull(strstr(answer.out, " DEBUG unit.shelly/0.install out\n"));
	ck_assert_ptr_nonnull(strstr(answer.out, " DEBUG unit.shelly/0.juju-log low\n"));
	juju_answer_done(&answer);
	answer = juju_ask(&shelly, "debug-log", "--limit", "0");
	ck_assert_ptr_nonnull(strstr(answer.out, " x\n"));
	juju_answer_done(&answer);
}
END_TEST

/* clang-format off */
static Suite *suite(void)
{
	Suite *all = suite_create("sandbox_juju_tools");
	TCase *tools = tcase_create("tools");

	suite_add_tcase(all, tools);
	tcase_add_checked_fixture(tools, NULL, shell_charm_done);
	tcase_set_timeout(tools, 30);
	tcase_add_loop_test(tools, tool_prints_and_exits_as_jujus, 0, sizeof cases / sizeof *cases);
	tcase_add_test(tools, ended_context_refuses_its_tools);
	tcase_add_test(tools, exec_has_the_hook_environment_and_flushes_when_it_fails);
	tcase_add_test(tools, exec_waits_for_the_hook_and_ssh_does_not);
	tcase_add_test(tools, action_fails_with_its_own_words_or_its_exit);
	tcase_add_test(tools, action_takes_parameters_from_a_file);
	tcase_add_test(tools, config_tells_where_a_value_comes_from);
	tcase_add_test(tools, version_is_that_of_the_agents);
	tcase_add_test(tools, meter_hook_is_restricted_and_may_fail);
	tcase_add_test(tools, ports_of_two_units_conflict);
	tcase_add_test(tools, faults_meet_the_calls_they_are_for);
	tcase_add_test(tools, hook_is_killed_before_the_tool_acts);
	tcase_add_test(tools, hook_is_killed_after_the_tool_acted);
	tcase_add_test(tools, hanging_tool_ends_with_its_hook);
	tcase_add_test(tools, status_cuts_message_and_version);
	tcase_add_test(tools, status_names_the_running_hook);
	tcase_add_test(tools, log_shows_by_level);
	return all;
}
/* clang-format on */

int main(void)
{
	return run_suite(suite());
}
