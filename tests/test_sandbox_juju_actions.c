/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in Juju: what actions.yaml says of an action is held to, and what a charm without it
 * gets. The words of a refusal are those of Juju's own tests of its unit agent.
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

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

static const char actions[] = "dance:\n"
			      "  description: Dance\n"
			      "  params:\n"
			      "    steps: {type: integer, minimum: 1, maximum: 5, default: 2}\n"
			      "    tempo: {type: number}\n"
			      "    partner: {type: string}\n"
			      "    fast: {type: boolean}\n"
			      "  required: [partner]\n"
			      "look:\n"
			      "  parallel: true\n"
			      "  additionalProperties: false\n"
			      "say:\n"
			      "  additionalProperties: true\n";

/* An action gives back what it got; update-status of the second unit waits until it may go on. */
static const char script[] =
	"[ \"${JUJU_ACTION_NAME-}\" ] && action-set got=\"$(action-get --format=json)\"\n"
	"cd ${CHARM_DIR%/agents/*}\n"
	"[ \"${JUJU_ACTION_NAME-}\" = dance ] && touch danced\n"
	"[ \"$JUJU_UNIT_NAME $JUJU_HOOK_NAME\" = 'shelly/1 update-status' ] || exit 0\n"
	"touch begun\n"
	"for try in $(seq 1500); do [ ! -e go ] || break; sleep 0.02; done";

static void deploy(int like, const char *units)
{
	CLEANUP(cleanup_free) char *folder = NULL;

	ck_assert_int_eq(setenv("SANDBOX_JUJU_LIKE", likes[like], 1), 0);
	ck_assert_int_eq(setenv("SANDBOX_JUJU_RETRIES", "0", 1), 0);
	juju_proc_init(&shelly);
	folder = shell_charm_peers(&shelly, script);
	shell_charm_file(folder, "actions.yaml", actions, 0644);
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder, "-n", units), 0);
}

/* clang-format off */
/* NULL: it runs, and GOT is what action-get gives. */
static const struct {
	const char *args[4];
	const char *message, *got;
} cases[] = {
	{ { "look" },                          NULL, "{}" },
	{ { "dance", "partner=me" },           NULL, "{\"partner\":\"me\",\"steps\":2}" },
	{ { "dance", "partner=me", "steps=5" }, NULL, "{\"partner\":\"me\",\"steps\":5}" },
	{ { "dance", "partner=me", "steps=1.0" }, NULL, "{\"partner\":\"me\",\"steps\":1}" },
	{ { "dance", "partner=a=b", "tempo=0.5" }, NULL, "{\"partner\":\"a=b\",\"steps\":2,\"tempo\":0.5}" },
	{ { "dance", "partner='7'", "fast=yes" }, NULL, "{\"fast\":true,\"partner\":\"7\",\"steps\":2}" },
	{ { "say", "anything=[1]" },           NULL, "{\"anything\":[1]}" },
	{ { "dance" },                         "(root) : \"partner\" property is missing and required, given {}", NULL },
	{ { "dance", "partner=7" },            "(root).partner : must be of type string, given 7", NULL },
	{ { "dance", "partner=me", "steps=0" }, "(root).steps : must be greater than or equal to 1, given 0", NULL },
	{ { "dance", "partner=me", "steps=6" }, "(root).steps : must be lower than or equal to 5, given 6", NULL },
	{ { "dance", "partner=me", "steps=1.5" }, "(root).steps : must be of type integer, given 1.5", NULL },
	{ { "dance", "partner=me", "steps=two" }, "(root).steps : must be of type integer, given \"two\"", NULL },
	{ { "dance", "partner=me", "tempo=x" }, "(root).tempo : must be of type number, given \"x\"", NULL },
	{ { "dance", "partner=me", "fast=1" }, "(root).fast : must be of type boolean, given 1", NULL },
	{ { "dance", "partner=", "steps=9" },
		"(root).partner : must be of type string, given null; (root).steps : must be lower than or equal to 5, given 9", NULL },
	{ { "look", "up=1" },                  "(root) : additional property \"up\" is not allowed, given {\"up\":1}", NULL },
};
/* clang-format on */

/* The task of the unit, to be deleted; the exit status of `juju run` is 0 whatever became of it. */
static cJSON *run(const char *const *args)
{
	const char *const all[] = { "run", "--format", "json", SHELLY, args[0], args[1],
		args[1] ? args[2] : NULL, NULL };
	struct juju_answer answer = juju_proc_args(&shelly, all);
	cJSON *ret = cJSON_Parse(answer.out);

	ck_assert_msg(answer.code == 0 && json_has(ret, SHELLY), "%s%s", answer.out, answer.err);
	juju_answer_done(&answer);
	return ret;
}

START_TEST(parameters_are_held_to_what_is_declared)
{
	const char *message = cases[_i / LIKES].message;
	CLEANUP(cleanup_free) char *wanted = NULL;
	CLEANUP(json_done) cJSON *all = NULL;
	const cJSON *task;

	deploy(_i % LIKES, "1");
	ck_assert_int_eq(juju_call(&shelly, "forget"), 0);
	all = run(cases[_i / LIKES].args);
	task = json_get(all, SHELLY);
	ck_assert_str_eq(json_text(task, "status", ""), message ? "failed" : "completed");
	if (!message) {
		ck_assert_str_eq(
			json_text(json_get(task, "results"), "got", ""), cases[_i / LIKES].got);
		return;
	}
	wanted = alloc_textf("cannot run \"%s\" action: validation failed: %s",
		cases[_i / LIKES].args[0], message);
	ck_assert_str_eq(json_text(task, "message", ""), wanted);
	ck_assert(!json_has(json_get(task, "results"), "return-code"));
	shell_charm_hooks("");
}
END_TEST

/* What is not declared and not forbidden either: since 4.0 it is. */
START_TEST(more_parameters_are_refused_since_4_0)
{
	static const char *const args[] = { "dance", "partner=me", "shoes=2", NULL };
	CLEANUP(json_done) cJSON *all = NULL;

	deploy(_i, "1");
	all = run(args);
	ck_assert_str_eq(json_text(json_get(all, SHELLY), "status", ""),
		_i == JUJU_3 ? "completed" : "failed");
}
END_TEST

static const char *const nonsense[] = { "steps", "=5", "steps=[" };

START_TEST(what_is_no_parameter_starts_no_task)
{
	struct juju_answer answer;

	deploy(JUJU_4, "1");
	answer = juju_ask(&shelly, "run", SHELLY, "dance", "partner=me", nonsense[_i]);
	ck_assert_int_eq(answer.code, 1);
	ck_assert_str_eq(answer.out, "");
	ck_assert_int_eq(strncmp(answer.err, "ERROR ", 6), 0);
	juju_answer_done(&answer);
}
END_TEST

/* A file beside the model, where the hooks of all units see it. */
static bool there(const char *name)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", shelly.dir, name);

	return access(path, F_OK) == 0;
}

static void wait_for(const char *name)
{
	for (int tries = 0; tries < 1000 && !there(name); tries++)
		(void)usleep(10000);
	ck_assert(there(name));
}

START_TEST(parallel_action_waits_for_no_hook_of_another_unit)
{
	pid_t hook, dance;

	deploy(_i, "2");
	hook = juju_start(&shelly, "tick", "shelly/1");
	wait_for("begun");
	ck_assert_int_eq(juju_call(&shelly, "run", SHELLY, "look"), 0);
	dance = juju_start(&shelly, "run", SHELLY, "dance", "partner=me");
	(void)usleep(500 * 1000);
	ck_assert(!there("danced"));
	shell_charm_file(shelly.dir, "go", "", 0644);
	ck_assert_int_eq(juju_wait(hook), 0);
	ck_assert_int_eq(juju_wait(dance), 0);
	ck_assert(there("danced"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox_juju_actions");
	TCase *tests = tcase_create("actions");

	tcase_add_checked_fixture(tests, NULL, shell_charm_done);
	tcase_set_timeout(tests, 30);
	tcase_add_loop_test(
		tests, parameters_are_held_to_what_is_declared, 0, LIKES * COUNT(cases));
	tcase_add_loop_test(tests, more_parameters_are_refused_since_4_0, 0, LIKES);
	tcase_add_loop_test(tests, what_is_no_parameter_starts_no_task, 0, COUNT(nonsense));
	tcase_add_loop_test(tests, parallel_action_waits_for_no_hook_of_another_unit, 0, LIKES);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
