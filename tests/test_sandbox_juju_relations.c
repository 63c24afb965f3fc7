/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in Juju: what units tell one another in peer relations, who leads, and machines. What
 * Juju 4.0 does was seen on a genuine 4.0.15, or is in Juju's source.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_json.h"
#include "tests/shell_charm.h"
#include "tests/suite.h"

enum {
	JUJU_3,
	JUJU_4,
	LIKES
};
static const char *const likes[LIKES] = { "3.6", "4.0" };

#define ONE "shelly/1"
#define TWO "shelly/2"

/* What each hook does: SCRIPT of the test, after a line in a file of the unit's name beside the model. */
static void deploy(int like, const char *script, const char *units)
{
	static const char tells[] = "model=${CHARM_DIR%/agents/*}\n"
				    "echo ${JUJU_DISPATCH_PATH#hooks/} $JUJU_REMOTE_UNIT "
				    ">>$model/told-${JUJU_UNIT_NAME#*/}\n";
	CLEANUP(cleanup_free) char *whole = alloc_textf("%s%s", tells, script);
	CLEANUP(cleanup_free) char *folder = NULL;

	ck_assert_int_eq(setenv("SANDBOX_JUJU_LIKE", likes[like], 1), 0);
	ck_assert_int_eq(setenv("SANDBOX_JUJU_RETRIES", "0", 1), 0);
	juju_proc_init(&shelly);
	folder = shell_charm_peers(&shelly, whole);
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder, "-n", units), 0);
}

/* What SCRIPT prints in UNIT, stdout and stderr together; its exit code is lost. */
static char *in(const char *unit, const char *script)
{
	CLEANUP(cleanup_free) char *whole = alloc_textf("exec 2>&1; %s", script);
	struct juju_answer answer = juju_ask(&shelly, "exec", "--unit", unit, "--", whole);
	char *out = alloc_text(answer.out);

	juju_answer_done(&answer);
	return out;
}

static void expect_in(const char *unit, const char *script, const char *wanted)
{
	CLEANUP(cleanup_free) char *printed = in(unit, script);

	ck_assert_str_eq(printed, wanted);
}

/* The hooks of the unit of that NUMBER since this was last asked. */
static void expect_told(int number, const char *wanted)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/told-%d", shelly.dir, number);
	FILE *file = fopen(path, "re");
	char seen[4096];
	size_t got = file ? fread(seen, 1, sizeof seen - 1, file) : 0;

	seen[got] = '\0';
	if (file) {
		(void)fclose(file);
		ck_assert_int_eq(remove(path), 0);
	}
	ck_assert_str_eq(seen, wanted);
}

static void forget_told(int units)
{
	for (int number = 0; number < units; number++) {
		CLEANUP(cleanup_free) char *path = alloc_textf("%s/told-%d", shelly.dir, number);

		(void)remove(path);
	}
}

static bool shown(const char *unit, const char *key)
{
	cJSON *all = juju_show(&shelly, unit);
	bool ret = json_true(all, key);

	cJSON_Delete(all);
	return ret;
}

#define R       " -r cluster:1 "
#define CHANGED "cluster-relation-changed "

/* --- the tools --- */

/* clang-format off */
static const struct {
	const char *unit;
	const char *command;
	const char *prints; /* then the exit code */
} cases[] = {
	{ SHELLY, "relation-ids cluster",          "cluster:1\n0" },
	{ SHELLY, "relation-ids cluster --format json", "[\"cluster:1\"]\n0" },
	{ SHELLY, "relation-ids other --format json", "[]\n0" },
	{ SHELLY, "relation-ids",                  "ERROR no endpoint name specified\n2" },
	{ SHELLY, "relation-list",                 "ERROR no relation id specified\n2" },
	{ SHELLY, "relation-list" R,               ONE "\n0" },
	{ ONE,    "relation-list" R "--format json", "[\"" SHELLY "\"]\n0" },
	{ SHELLY, "relation-list" R "--app",       "shelly\n0" },
	/* a boolean is what Go's strconv.ParseBool takes for one */
	{ SHELLY, "relation-list" R "--app=T",     "shelly\n0" },
	{ SHELLY, "relation-list" R "--app=no",    "ERROR invalid value \"no\" for flag --app: strconv.ParseBool: parsing \"no\": invalid syntax\n2" },
	{ SHELLY, "relation-get - " ONE,           "ERROR no relation id specified\n2" },
	{ SHELLY, "relation-get" R,                "ERROR no unit or application specified\n2" },
	{ SHELLY, "relation-get -r cluster:7 - " ONE, "ERROR invalid value \"cluster:7\" for option -r: relation not found\n2" },
	{ SHELLY, "relation-get -r other:1 - " ONE, "ERROR invalid value \"other:1\" for option -r: relation not found\n2" },
	{ SHELLY, "relation-get -r cluster - " ONE, "ERROR invalid value \"cluster\" for option -r: invalid relation id\n2" },
	{ SHELLY, "relation-get" R "ingress-address " ONE, "10.0.0.11\n0" },
	{ SHELLY, "relation-get" R "ingress-address " SHELLY, "10.0.0.10\n0" },
	{ SHELLY, "relation-get" R "nothing " ONE, "0" },
	{ SHELLY, "relation-get" R "--format json nothing " ONE, "null\n0" },
	{ SHELLY, "relation-get" R "a b c",        "ERROR unrecognized args: [\"c\"]\n2" },
	{ SHELLY, "relation-get" R "- shelly/9",   "ERROR cannot read settings for unit \"shelly/9\" in relation \"cluster\": unit \"shelly/9\": settings not found\n1" },
	{ SHELLY, "relation-get" R "--app --format json - shelly", "{}\n0" },
	{ ONE,    "relation-get" R "--app --format json - shelly", "{}\n0" },
	{ ONE,    "relation-get" R "--app --format json - " ONE, "{}\n0" },
	{ SHELLY, "relation-set" R "word",         "ERROR expected \"key=value\", got \"word\"\n2" },
	{ SHELLY, "relation-set" R "--file x",     "ERROR flag provided but not defined: --file\n2" },
	{ ONE,    "relation-set" R "--app a=1",    "ERROR cannot write relation settings\n1" },
	{ SHELLY, "relation-set" R "--app a=1 b= && relation-get" R "--app --format json - shelly", "{\"a\":\"1\"}\n0" },
	{ ONE,    "relation-set" R "a=1=2 b= && relation-get" R "a " ONE, "1=2\n0" },
	{ ONE,    "relation-set" R "a=1 && relation-set" R "a= && relation-get" R "--format json a " ONE, "null\n0" },
	{ SHELLY, "is-leader",                     "True\n0" },
	{ ONE,    "is-leader",                     "False\n0" },
};
#define CASES (int)(sizeof cases / sizeof *cases)
/* clang-format on */

START_TEST(tool_prints_and_exits_as_jujus)
{
	CLEANUP(cleanup_free)
	char *script = alloc_textf("%s; printf $?", cases[_i / LIKES].command);

	deploy(_i % LIKES, "", "2");
	expect_in(cases[_i / LIKES].unit, script, cases[_i / LIKES].prints);
}
END_TEST

START_TEST(juju_writes_the_address_into_the_bag_of_a_unit)
{
	deploy(_i, "", "2");
	expect_in(SHELLY, "relation-get" R "--format json - " ONE,
		_i == JUJU_3 ? "{\"egress-subnets\":\"10.0.0.11/32\",\"ingress-address\":"
			       "\"10.0.0.11\",\"private-address\":\"10.0.0.11\"}\n"
			     : "{\"egress-subnets\":\"10.0.0.11/32\",\"ingress-address\":"
			       "\"10.0.0.11\"}\n");
}
END_TEST

/* In a hook of the relation neither the relation nor the unit need be named; before it, there is none. */
START_TEST(hook_of_the_relation_is_about_it_and_about_a_unit)
{
	deploy(_i,
		"case $JUJU_HOOK_NAME in cluster-relation-created) relation-set mine=1;;\n"
		"install|cluster-relation-joined|cluster-relation-changed)\n"
		"echo $JUJU_HOOK_NAME $(relation-ids cluster) $(relation-list) $(relation-get "
		"mine) "
		">>seen;; esac",
		"2");
	char seen[8192];

	shell_charm_read(seen, &shelly, "seen");
	ck_assert_str_eq(seen, "install\n"
			       "cluster-relation-joined cluster:1 shelly/1 1\n"
			       "cluster-relation-changed cluster:1 shelly/1 1\n");
}
END_TEST

/* --- who is told --- */

START_TEST(others_are_told_of_a_write_and_the_unit_itself_is_not)
{
	deploy(_i, "", "3");
	forget_told(3);
	free(in(ONE, "relation-set" R "a=1; relation-set" R "a=2 b=3"));
	expect_told(0, CHANGED ONE "\n");
	expect_told(1, "");
	expect_told(2, CHANGED ONE "\n");
	expect_in(TWO, "relation-get" R "a " ONE, "2\n");
	free(in(ONE, "relation-set" R "a=2"));
	expect_told(0, "");
}
END_TEST

START_TEST(leader_is_told_of_its_own_write_for_the_application)
{
	deploy(_i, "", "3");
	forget_told(3);
	free(in(SHELLY, "relation-set" R "--app a=1"));
	for (int number = 0; number < 3; number++)
		expect_told(number, "cluster-relation-changed\n");
	expect_in(TWO, "relation-get" R "--app a shelly", "1\n");
	free(in(SHELLY, "relation-set" R "--app a=1"));
	expect_told(0, "");
	free(in(SHELLY, "relation-set" R "--app a="));
	expect_told(2, "cluster-relation-changed\n");
}
END_TEST

/* The application's bag first, if there is anything in it. */
START_TEST(late_unit_is_told_of_all_that_is_there)
{
	deploy(_i, "", "2");
	free(in(SHELLY, "relation-set" R "--app a=1"));
	forget_told(2);
	ck_assert_int_eq(juju_call(&shelly, "add-unit", "shelly"), 0);
	expect_told(0, "cluster-relation-joined " TWO "\n" CHANGED TWO "\n");
	expect_told(2, _i == JUJU_3 ? "install\ncluster-relation-created\n"
				      "leader-settings-changed\nconfig-changed\nstart\n"
				      "cluster-relation-changed\n"
				      "cluster-relation-joined " SHELLY "\n" CHANGED SHELLY "\n"
				      "cluster-relation-joined " ONE "\n" CHANGED ONE "\n"
				    : "install\ncluster-relation-created\n"
				      "config-changed\nstart\n"
				      "cluster-relation-changed\n"
				      "cluster-relation-joined " SHELLY "\n" CHANGED SHELLY "\n"
				      "cluster-relation-joined " ONE "\n" CHANGED ONE "\n");
}
END_TEST

/* What was written several times meanwhile is told once. */
START_TEST(unit_whose_agent_was_down_is_told_once)
{
	deploy(_i, "", "2");
	ck_assert_int_eq(juju_call(&shelly, "agent", ONE, "down"), 0);
	forget_told(2);
	for (int times = 0; times < 3; times++) {
		CLEANUP(cleanup_free)
		char *script = alloc_textf(
			"relation-set" R "a=%d; relation-set" R "--app b=%d", times, times);

		free(in(SHELLY, script));
	}
	expect_told(0, "cluster-relation-changed\ncluster-relation-changed\n"
		       "cluster-relation-changed\n");
	expect_told(1, "");
	ck_assert_int_eq(juju_call(&shelly, "agent", ONE, "up"), 0);
	expect_told(1, "cluster-relation-changed\n" CHANGED SHELLY "\n");
	expect_in(ONE, "relation-get" R "a " SHELLY, "2\n");
}
END_TEST

/* --- what is kept --- */

#define WRITES                                                                                     \
	"[ $JUJU_HOOK_NAME = update-status ] || exit 0\n"                                          \
	"relation-set" R "a=1; relation-set" R "--app b=1; open-port 80\n"

START_TEST(failed_hook_loses_all_that_it_wrote)
{
	cJSON *unit;

	deploy(_i, WRITES "[ -e $model/good ]", "2");
	forget_told(2);
	ck_assert_int_eq(juju_call(&shelly, "tick", SHELLY), 0);
	expect_told(1, "");
	expect_in(SHELLY, "relation-get" R "--format json a " SHELLY, "null\n");
	expect_in(SHELLY, "relation-get" R "--app --format json - shelly", "{}\n");
	shell_charm_file(shelly.dir, "good", "", 0644);
	ck_assert_int_eq(juju_call(&shelly, "resolved", SHELLY), 0);
	expect_told(1, "cluster-relation-changed\n" CHANGED SHELLY "\n");
	unit = juju_show(&shelly, SHELLY);
	ck_assert_int_eq(cJSON_GetArraySize(json_get(unit, "ports")), 1);
	cJSON_Delete(unit);
}
END_TEST

static const char *const deaths[] = { "TERM", "KILL", "ABRT" };

START_TEST(killed_hook_loses_it_too)
{
	CLEANUP(cleanup_free)
	char *script = alloc_textf(WRITES "[ -e $model/good ] && exit 0; touch $model/good\n"
					  "relation-get" R "--app --format json - shelly "
					  ">$model/before; relation-set" R "c=1; kill -%s $$",
		deaths[_i / LIKES]);

	deploy(_i % LIKES, script, "2");
	ck_assert_int_eq(juju_call(&shelly, "tick", SHELLY), 0);
	if (shown(SHELLY, "error"))
		ck_assert_int_eq(juju_call(&shelly, "resolved", SHELLY), 0);
	expect_in(SHELLY, "relation-get" R "--format json c " SHELLY, "null\n");
}
END_TEST

START_TEST(exec_that_fails_keeps_what_it_wrote)
{
	deploy(_i, "", "2");
	forget_told(2);
	free(in(SHELLY, "relation-set" R "--app a=1; exit 3"));
	expect_told(1, "cluster-relation-changed\n");
}
END_TEST

/* An action that fails by its exit loses it, one that says so by action-fail does not. */
START_TEST(action_keeps_what_it_wrote_unless_it_exits_with_a_failure)
{
	CLEANUP(cleanup_free) char *folder = NULL;

	deploy(_i, "", "1");
	folder = shell_charm_peers(&shelly,
		"[ \"${JUJU_ACTION_NAME-}\" ] || exit 0\n"
		"relation-set" R "a=$(action-get code); action-fail no; exit $(action-get code)");
	shell_charm_file(folder, "actions.yaml",
		"greet: {description: x, params: {code: {type: integer}}}\n", 0644);
	ck_assert_int_eq(juju_call(&shelly, "refresh", "shelly", "--path", folder), 0);
	ck_assert_int_eq(juju_call(&shelly, "run", SHELLY, "greet", "code=0"), 0);
	(void)juju_call(&shelly, "run", SHELLY, "greet", "code=3");
	expect_in(SHELLY, "relation-get" R "a " SHELLY, "0\n");
}
END_TEST

/* The agent keeps what it read of another unit until a hook about that unit runs. */
START_TEST(what_was_read_of_another_unit_is_old_until_it_is_told)
{
	deploy(_i, "[ $JUJU_HOOK_NAME != update-status ]", "2");
	free(in(ONE, "relation-set" R "a=1"));
	expect_in(SHELLY, "relation-get" R "a " ONE, "1\n");
	ck_assert_int_eq(juju_call(&shelly, "tick", SHELLY), 0); /* in error, it hears of nothing */
	free(in(ONE, "relation-set" R "a=2"));
	expect_in(SHELLY, "relation-get" R "a " ONE, "1\n");
	ck_assert_int_eq(juju_call(&shelly, "resolved", "--no-retry", SHELLY), 0);
	expect_in(SHELLY, "relation-get" R "a " ONE, "2\n");
}
END_TEST

/* --- who leads --- */

START_TEST(new_leader_is_told_and_the_old_one_is_not)
{
	deploy(_i, "", "3");
	forget_told(3);
	ck_assert_int_eq(juju_call(&shelly, "lead", ONE), 0);
	expect_told(0, "");
	expect_told(1, "leader-elected\n");
	expect_told(2, "");
	ck_assert_int_eq(juju_call(&shelly, "lead", ONE), 0);
	expect_told(1, "");
	expect_in(SHELLY, "is-leader; relation-set" R "--app a=1",
		"False\nERROR cannot write relation settings\n");
	expect_in(ONE, "relation-set" R "--app a=1; is-leader", "True\n");
	forget_told(3);
	ck_assert_int_eq(juju_call(&shelly, "lead", SHELLY), 0);
	expect_told(0, "leader-elected\n");
}
END_TEST

START_TEST(who_does_not_lead_once_does_not_lead_until_the_hook_ends)
{
	deploy(_i, "", "2");
	ck_assert_int_eq(juju_call(&shelly, "fault", "is-leader", "deposed", ONE), 0);
	ck_assert_int_eq(juju_call(&shelly, "fault", "relation-ids", "deposed", SHELLY), 0);
	expect_in(SHELLY, "is-leader; is-leader; relation-ids cluster; is-leader",
		"True\nFalse\ncluster:1\nFalse\n");
	expect_in(SHELLY, "is-leader", "True\n");
}
END_TEST

/* Leadership is looked at again when the hook has ended: it fails, and nothing of it is kept. */
START_TEST(write_of_a_leader_that_led_no_more_at_the_end_fails_its_hook)
{
	deploy(_i, WRITES, "2");
	forget_told(2);
	ck_assert_int_eq(juju_call(&shelly, "fault", "open-port", "deposed", ONE), 0);
	ck_assert_int_eq(juju_call(&shelly, "tick", SHELLY), 0);
	juju_assert_status(&shelly, SHELLY, "error", "hook failed: \"update-status\"");
	ck_assert_int_eq(juju_call(&shelly, "retry", ONE), 0);
	expect_told(1, "leader-elected\n");
	expect_in(ONE,
		"relation-get" R "--app --format json - shelly; "
		"relation-get" R "--format json a " SHELLY,
		"{}\nnull\n");
}
END_TEST

/* --- units that go --- */

START_TEST(unit_that_is_gone_stays_in_the_list_where_nobody_says_so)
{
	deploy(_i, "[ $JUJU_HOOK_NAME = stop ] && goal-state --format json >$model/goal; exit 0",
		"3");
	free(in(ONE, "relation-set" R "a=1"));
	forget_told(3);
	ck_assert_int_eq(juju_call(&shelly, "remove-unit", ONE), 0);
	expect_told(0, _i == JUJU_3 ? "cluster-relation-departed " ONE "\n" : "");
	expect_in(SHELLY, "relation-list" R, _i == JUJU_3 ? TWO "\n" : ONE "\n" TWO "\n");
	expect_in(SHELLY, "relation-get" R "a " ONE, "1\n");
	expect_in(SHELLY, "goal-state --format json | tr -s ',' '\\n' | grep -c " ONE, "0\n");
	expect_in(SHELLY,
		"tr -s '}' '\\n' <${CHARM_DIR%/agents/*}/goal | grep -o '" ONE ".*dying' | wc -l",
		"1\n");
}
END_TEST

/* --- machines --- */

START_TEST(machine_has_an_environment_of_its_own)
{
	struct juju_answer answer;
	CLEANUP(cleanup_free) char *folder = NULL;

	juju_proc_init(&shelly);
	folder = shell_charm(&shelly, "open-port 80");
	ck_assert_int_eq(
		juju_call(&shelly, "add-machine", "--hook-env", "A=there", "--hook-env", "B=x"), 0);
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder, "-n", "3", "--to", "0,1",
				 "--hook-env", "A=here"),
		0);
	juju_assert_status(&shelly, ONE, "unknown", "");
	juju_assert_status(&shelly, TWO, "error", "hook failed: \"install\""); /* the port of 0 */
	expect_in(SHELLY, "echo $JUJU_MACHINE_ID $A $B", "0 here\n");
	expect_in(ONE, "echo $JUJU_MACHINE_ID $A $B", "1 there x\n");
	answer = juju_ask(&shelly, "status", "--format", "json");
	ck_assert_ptr_nonnull(strstr(answer.out, "\"hostname\":\"juju-sandbox-1\""));
	ck_assert_ptr_nonnull(strstr(answer.out, "\"machine\":\"1\""));
	juju_answer_done(&answer);
}
END_TEST

static bool exists(const char *name)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", shelly.dir, name);

	return access(path, F_OK) == 0;
}

/* Whether the hook of unit 1 begins while that of unit 0 runs; 0 waits for it half a second. */
static const char waits[] =
	"[ $JUJU_HOOK_NAME = update-status ] || exit 0\n"
	"model=${CHARM_DIR%/agents/*}; touch $model/begun-${JUJU_UNIT_NAME#*/}\n"
	"[ $JUJU_UNIT_NAME = shelly/1 ] && exit 0\n"
	"for i in 1 2 3 4 5 6 7 8 9 10; do [ -e $model/begun-1 ] && touch $model/both; sleep 0.05; "
	"done\n"
	"exit 0";

START_TEST(hooks_of_one_machine_wait_for_each_other)
{
	CLEANUP(cleanup_free) char *folder = NULL;
	pid_t first;

	juju_proc_init(&shelly);
	folder = shell_charm(&shelly, waits);
	ck_assert_int_eq(juju_call(&shelly, "add-machine"), 0);
	ck_assert_int_eq(
		juju_call(&shelly, "deploy", folder, "-n", "2", "--to", _i ? "0,1" : "0,0"), 0);
	first = juju_start(&shelly, "tick", SHELLY);
	for (int tries = 0; tries < 500 && !exists("begun-0"); tries++)
		(void)usleep(10000);
	ck_assert_int_eq(juju_call(&shelly, "tick", ONE), 0);
	ck_assert_int_eq(juju_wait(first), 0);
	ck_assert_int_eq(exists("both"), _i);
}
END_TEST

/* clang-format off */
static Suite *suite(void)
{
	Suite *all = suite_create("sandbox_juju_relations");
	TCase *tests = tcase_create("relations");

	suite_add_tcase(all, tests);
	tcase_add_checked_fixture(tests, NULL, shell_charm_done);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, tool_prints_and_exits_as_jujus, 0, LIKES * CASES);
	tcase_add_loop_test(tests, juju_writes_the_address_into_the_bag_of_a_unit, 0, LIKES);
	tcase_add_loop_test(tests, hook_of_the_relation_is_about_it_and_about_a_unit, 0, LIKES);
	tcase_add_loop_test(tests, others_are_told_of_a_write_and_the_unit_itself_is_not, 0, LIKES);
	tcase_add_loop_test(tests, leader_is_told_of_its_own_write_for_the_application, 0, LIKES);
	tcase_add_loop_test(tests, late_unit_is_told_of_all_that_is_there, 0, LIKES);
	tcase_add_loop_test(tests, unit_whose_agent_was_down_is_told_once, 0, LIKES);
	tcase_add_loop_test(tests, failed_hook_loses_all_that_it_wrote, 0, LIKES);
	tcase_add_loop_test(tests, killed_hook_loses_it_too, 0, LIKES * (int)(sizeof deaths / sizeof *deaths));
	tcase_add_loop_test(tests, exec_that_fails_keeps_what_it_wrote, 0, LIKES);
	tcase_add_loop_test(tests, action_keeps_what_it_wrote_unless_it_exits_with_a_failure, 0, LIKES);
	tcase_add_loop_test(tests, what_was_read_of_another_unit_is_old_until_it_is_told, 0, LIKES);
	tcase_add_loop_test(tests, new_leader_is_told_and_the_old_one_is_not, 0, LIKES);
	tcase_add_loop_test(tests, who_does_not_lead_once_does_not_lead_until_the_hook_ends, 0, LIKES);
	tcase_add_loop_test(tests, write_of_a_leader_that_led_no_more_at_the_end_fails_its_hook, 0, LIKES);
	tcase_add_loop_test(tests, unit_that_is_gone_stays_in_the_list_where_nobody_says_so, 0, LIKES);
	tcase_add_test(tests, machine_has_an_environment_of_its_own);
	tcase_add_loop_test(tests, hooks_of_one_machine_wait_for_each_other, 0, 2);
	return all;
}
/* clang-format on */

int main(void)
{
	return run_suite(suite());
}
