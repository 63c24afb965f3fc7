/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person sees of a unit from outside: `./state` in all its forms, plain SQL, the log. None
 * of these changes anything.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "tests/charm.h"
#include "tests/suite.h"

static struct charm charm;

static void set_up(void)
{
	charm_open_ready(&charm, "2.77");
}

static void tear_down(void)
{
	charm_close(&charm);
}

static void expect_state(const char *arguments, int wanted, const char *text)
{
	int code;
	char *said = charm_state(&charm, arguments, &code);

	ck_assert_msg(code == wanted, "state %s: exit %d: %s", arguments, code, said);
	ck_assert_msg(
		strstr(said, text) != NULL, "state %s: no '%s' in: %s", arguments, text, said);
	free(said);
}

START_TEST(state_shows_what_is_remembered)
{
	int code;
	char *text = charm_state(&charm, "", &code);

	ck_assert_int_eq(code, 0);
	ck_assert_ptr_nonnull(strstr(text, "state      active at 'edge' since "));
	ck_assert_ptr_nonnull(
		strstr(text, "snap       microsample 3.0-dev, revision 3, tracks edge"));
	ck_assert_ptr_nonnull(strstr(text, "installed by this charm"));
	ck_assert_ptr_nonnull(strstr(text, "told Juju  active: Ready at 'edge' (version 3.0-dev)"));
	ck_assert_ptr_nonnull(strstr(text, "sound"));
	free(text);
}
END_TEST

START_TEST(state_speaks_json)
{
	int code;
	char *text = charm_state(&charm, "--format json", &code);
	cJSON *json = cJSON_Parse(text);

	ck_assert_int_eq(code, 0);
	ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(json, "state")), "active");
	ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(
				 cJSON_GetObjectItem(json, "snap"), "revision")),
		"3");
	ck_assert(cJSON_IsTrue(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "snap"), "ours")));
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(json, "failure")));
	ck_assert_int_gt(cJSON_GetArraySize(cJSON_GetObjectItem(json, "journal")), 2);
	cJSON_Delete(json);
	free(text);
}
END_TEST

START_TEST(state_has_exit_codes)
{
	static const struct {
		const char *arguments;
		int code;
	} cases[] = { { "history", 0 }, { "history -n 2", 0 }, { "check", 0 }, { "diagram", 0 },
		{ "--help", 0 }, { "--version", 0 }, { "nonsense", 2 }, { "-n 0", 2 }, { "-n", 2 },
		{ "--format xml", 2 }, { "--format=json", 0 }, { "check --format=json", 2 },
		{ "-n=3", 0 }, { "history --format json", 0 }, { "show > /dev/full", 1 } };
	int code;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		free(charm_state(&charm, cases[i].arguments, &code));
		ck_assert_msg(code == cases[i].code, "state %s: %d", cases[i].arguments, code);
	}
}
END_TEST

START_TEST(state_marks_where_the_machine_is)
{
	int code;
	char *text = charm_state(&charm, "diagram", &code);

	ck_assert_ptr_nonnull(strstr(text, "active [style=\"rounded,filled\""));
	free(text);
}
END_TEST

START_TEST(state_changes_nothing)
{
	char *before = charm_sql(&charm, "select count(*) || max(sequence) from journal");
	char *after;
	int code;

	free(charm_state(&charm, "", &code));
	after = charm_sql(&charm, "select count(*) || max(sequence) from journal");
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}
END_TEST

START_TEST(state_says_when_there_is_no_database_yet)
{
	char *command = alloc_textf("%s/state", getenv("CHARM_TREE"));
	char *diagram = alloc_textf("%s diagram | grep -q digraph", command);

	ck_assert_int_eq(WEXITSTATUS(system(command)), 1);
	/* Without a database the state machine is the same. */
	ck_assert_int_eq(system(diagram), 0);
	free(diagram);
	free(command);
}
END_TEST

/* A refresh that goes on after its hook has used up its time. */
START_TEST(state_shows_the_operation_in_flight)
{
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	expect_state("", 0, "doing      refresh from beta, change ");
	expect_state("--format json", 0, "\"operation\":\t\"refresh\"");
	expect_state("", 0, "next try   none is due\n");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_state("", 0, "doing      nothing");
}
END_TEST

START_TEST(state_shows_a_request_that_was_not_answered)
{
	charm_ctl(&charm, "{\"do\":\"fault\",\"method\":\"POST\",\"path\":\"\",\"mode\":"
			  "\"drop-unacted\"}");
	/* Less than the time in which the request may still take effect. */
	ck_assert_int_eq(
		juju_call(&charm.juju, "hook-env", "microsample", "MICROSAMPLE_HOOK_BUDGET=20"), 0);
	charm_config(&charm, "beta");
	expect_state("", 0, "doing      refresh from beta, not answered yet, asked at 20");
}
END_TEST

/* Looking repairs nothing, and `state` does not call it a success. */
START_TEST(state_names_what_is_wrong_with_the_database)
{
	static const struct {
		const char *damage, *problem;
	} cases[] = {
		{ "delete from journal where sequence = 2",
			"problem: journal: no rows between 1 and 3" },
		{ "update journal set event = 'boredom' where sequence = 1",
			"problem: journal row 1: unknown name 'boredom'" },
		{ "update journal set time = 'noon' where sequence = 1",
			"problem: journal row 1: not a valid time" },
	};

	free(charm_sql(&charm, cases[_i].damage));
	expect_state("check", 1, cases[_i].problem);
	expect_state("", 1, "DAMAGED: see ./state check");
	expect_state("--format json", 1, "\"problems\":\t1");
	expect_state("history", 0, _i == 2 ? "     1  at an unknown time" : "     1  20");
}
END_TEST

START_TEST(a_new_build_of_the_charm_is_in_the_journal)
{
	free(charm_sql(&charm, "update record set build = '0.0.9'"));
	ck_assert_int_eq(charm_hook(&charm, "upgrade-charm"), 0);
	charm_expect_sql(
		&charm, "select count(*) from journal where detail like '%charm 0.0.9 -> %'", "1");
}
END_TEST

START_TEST(ssh_finds_the_database_from_any_folder)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	char *path = alloc_textf("%s/state", juju_show_text(shown, "charm-dir"));
	struct juju_answer answer = juju_ask(&charm.juju, "ssh", UNIT, path);

	ck_assert_int_eq(answer.code, 0);
	ck_assert_ptr_nonnull(strstr(answer.out, "active at 'edge'"));
	juju_answer_done(&answer);
	free(path);
	cJSON_Delete(shown);
}
END_TEST

START_TEST(the_journal_says_which_snapd_installed)
{
	charm_expect_sql(
		&charm, "select count(*) from journal where detail like '%snapd 2.77%amd64%'", "1");
}
END_TEST

START_TEST(the_view_is_readable_by_plain_sql)
{
	charm_expect_sql(&charm,
		"select state || ', ' || version || ', ' || \"Juju was told\" from status",
		"active, 3.0-dev, Ready at 'edge'");
	charm_expect_sql(
		&charm, "select state || ' at ' || channel from record", "active at latest/edge");
}
END_TEST

START_TEST(the_log_has_one_record_per_hook_that_did_something)
{
	ck_assert(!charm_logged(&charm, "INFO", "astray"));
	charm_config(&charm, "beta");
	ck_assert(charm_logged(&charm, "INFO", "active -> installing on astray, refresh, 'beta'"));
	charm_forget(&charm);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert(!charm_logged(&charm, "INFO", "update-status: "));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("inspection");
	TCase *tests = tcase_create("state");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, state_shows_what_is_remembered);
	tcase_add_test(tests, state_speaks_json);
	tcase_add_test(tests, state_has_exit_codes);
	tcase_add_test(tests, state_marks_where_the_machine_is);
	tcase_add_test(tests, state_changes_nothing);
	tcase_add_test(tests, state_says_when_there_is_no_database_yet);
	tcase_add_test(tests, state_shows_the_operation_in_flight);
	tcase_add_test(tests, state_shows_a_request_that_was_not_answered);
	tcase_add_loop_test(tests, state_names_what_is_wrong_with_the_database, 0, 3);
	tcase_add_test(tests, ssh_finds_the_database_from_any_folder);
	tcase_add_test(tests, the_journal_says_which_snapd_installed);
	tcase_add_test(tests, the_view_is_readable_by_plain_sql);
	tcase_add_test(tests, the_log_has_one_record_per_hook_that_did_something);
	tcase_add_test(tests, a_new_build_of_the_charm_is_in_the_journal);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
