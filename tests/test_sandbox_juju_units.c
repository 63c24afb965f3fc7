/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in Juju: refreshing a charm, adding and removing units.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_json.h"
#include "tests/shell_charm.h"
#include "tests/suite.h"

/* A new charm in the same folder: the old one's files are replaced or removed. */
static int refresh(const char *script, const char *option)
{
	CLEANUP(cleanup_free) char *folder = shell_charm(&shelly, script);

	return juju_call(&shelly, "refresh", "shelly", "--path", folder, option);
}

START_TEST(refresh_swaps_files_by_manifest)
{
	CLEANUP(cleanup_free) char *folder = NULL;
	CLEANUP(cleanup_free) char *old = NULL;
	char revision[8192];

	juju_proc_init(&shelly);
	folder = shell_charm(&shelly, "touch .unit-state.db");
	old = alloc_textf("%s/old", folder);
	shell_charm_file(folder, "old", "", 0640);
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder), 0);
	ck_assert(shell_charm_has(&shelly, "old"));
	ck_assert_int_eq(unlink(old), 0);
	shell_charm_file(folder, "new", "", 0600);
	ck_assert_int_eq(refresh("exit 0", NULL), 0);
	ck_assert(!shell_charm_has(&shelly, "old"));
	ck_assert(shell_charm_has(&shelly, "new"));
	ck_assert(shell_charm_has(&shelly, ".unit-state.db"));
	shell_charm_read(revision, &shelly, "revision");
	ck_assert_str_eq(revision, "1\n");
	shell_charm_hooks("install leader-elected config-changed start "
			  "upgrade-charm config-changed");
}
END_TEST

START_TEST(refresh_waits_for_a_unit_in_error)
{
	shell_charm_deployed("[ \"$JUJU_HOOK_NAME\" != start ]");
	ck_assert_int_eq(refresh("exit 0", NULL), 0);
	shell_charm_hooks("install leader-elected config-changed start");
	ck_assert_int_eq(juju_call(&shelly, "resolved", "--no-retry", SHELLY), 0);
	shell_charm_hooks("install leader-elected config-changed start "
			  "upgrade-charm config-changed");
}
END_TEST

START_TEST(forced_refresh_in_error_never_runs_upgrade_charm)
{
	shell_charm_deployed("[ \"$JUJU_HOOK_NAME\" != start ]");
	ck_assert_int_eq(refresh("exit 0", "--force-units"), 0);
	ck_assert_int_eq(juju_call(&shelly, "resolved", SHELLY), 0);
	shell_charm_hooks("install leader-elected config-changed start start config-changed");
}
END_TEST

START_TEST(reboot_runs_start)
{
	shell_charm_deployed("exit 0");
	ck_assert_int_eq(juju_call(&shelly, "reboot", SHELLY), 0);
	shell_charm_hooks("install leader-elected config-changed start start");
}
END_TEST

START_TEST(removed_unit_stops_and_its_folders_go)
{
	struct juju_answer answer;
	CLEANUP(cleanup_free) char *agent = NULL;
	cJSON *shown;

	shell_charm_deployed("status-set active");
	agent = alloc_textf("%s/agents/unit-shelly-0", shelly.dir);
	ck_assert_int_eq(access(agent, F_OK), 0);
	ck_assert_int_eq(juju_call(&shelly, "remove-unit", SHELLY), 0);
	ck_assert_int_ne(access(agent, F_OK), 0);
	shell_charm_hooks("install leader-elected config-changed start stop remove");
	shown = juju_show(&shelly, SHELLY);
	ck_assert(json_true(shown, "gone"));
	ck_assert_str_eq(juju_show_text(shown, "status"), "terminated");
	cJSON_Delete(shown);
	answer = juju_ask(&shelly, "status");
	ck_assert_ptr_null(strstr(answer.out, SHELLY));
	ck_assert_ptr_nonnull(strstr(answer.out, "\nshelly "));
	juju_answer_done(&answer);
}
END_TEST

START_TEST(unit_in_error_is_removed_once_resolved)
{
	shell_charm_deployed("[ \"$JUJU_HOOK_NAME\" != start ]");
	ck_assert_int_eq(juju_call(&shelly, "remove-unit", SHELLY), 0);
	juju_assert_status(&shelly, SHELLY, "error", "hook failed: \"start\"");
	ck_assert_int_eq(juju_call(&shelly, "resolved", "--no-retry", SHELLY), 0);
	shell_charm_hooks("install leader-elected config-changed start stop remove");
}
END_TEST

START_TEST(lead_goes_to_the_next_unit)
{
	CLEANUP(cleanup_free) char *hooks = NULL;
	cJSON *shown;

	shell_charm_deployed("exit 0");
	ck_assert_int_eq(juju_call(&shelly, "add-unit", "shelly"), 0);
	ck_assert_int_eq(juju_call(&shelly, "remove-unit", SHELLY), 0);
	shown = juju_show(&shelly, "shelly/1");
	hooks = juju_show_hooks(shown);
	ck_assert_str_eq(
		hooks, "install leader-settings-changed config-changed start leader-elected");
	ck_assert(json_true(shown, "leader"));
	cJSON_Delete(shown);
}
END_TEST

START_TEST(packed_charm_is_unpacked_with_its_modes)
{
	const char *python = getenv("PYTHON");
	CLEANUP(cleanup_free) char *folder = NULL;
	CLEANUP(cleanup_free) char *packed = NULL;
	CLEANUP(cleanup_free) char *command = NULL;

	juju_proc_init(&shelly);
	folder = shell_charm(&shelly, "status-set active unpacked");
	packed = alloc_textf("%s/shelly.charm", shelly.dir);
	command = alloc_textf("cd %s && %s -m zipfile -c %s *", folder,
		python && *python ? python : "python3", packed);
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(juju_call(&shelly, "deploy", packed, "named"), 0);
	juju_assert_status(&shelly, "named/0", "active", "unpacked");
}
END_TEST

START_TEST(dispatch_that_cannot_be_run_fails_every_hook)
{
	CLEANUP(cleanup_free) char *folder = NULL;
	cJSON *shown;

	(void)setenv("SANDBOX_JUJU_RETRIES", "0", 1);
	juju_proc_init(&shelly);
	folder = shell_charm(&shelly, "");
	shell_charm_file(folder, "dispatch", "\177ELF, but no more", 0755);
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder), 0);
	shown = juju_show(&shelly, SHELLY);
	ck_assert(juju_show_logged(shown, "ERROR", "exec format error") ||
		  juju_show_logged(shown, "ERROR", "Exec format error"));
	cJSON_Delete(shown);
}
END_TEST

START_TEST(application_goes_with_its_units_and_numbers_go_on)
{
	CLEANUP(cleanup_free) char *folder = NULL;
	struct juju_answer answer;

	juju_proc_init(&shelly);
	folder = shell_charm(&shelly, "exit 0");
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder, "-n", "2", "--to", "0,0"), 0);
	answer = juju_ask(&shelly, "remove-application", "--no-prompt", "shelly");
	ck_assert_str_eq(answer.out, "will remove application shelly\n"
				     "- will remove unit shelly/0\n- will remove unit shelly/1\n");
	juju_answer_done(&answer);
	answer = juju_ask(&shelly, "status", "--format", "json");
	ck_assert_ptr_nonnull(strstr(answer.out, "{\"applications\":{},"));
	juju_answer_done(&answer);
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder), 0);
	juju_assert_status(&shelly, "shelly/2", "unknown", "");
}
END_TEST

START_TEST(application_stays_while_a_unit_is_in_error)
{
	struct juju_answer answer;

	shell_charm_deployed("[ \"$JUJU_HOOK_NAME\" != stop ]");
	ck_assert_int_eq(juju_call(&shelly, "remove-application", "shelly"), 0);
	juju_assert_status(&shelly, SHELLY, "error", "hook failed: \"stop\"");
	answer = juju_ask(&shelly, "status", "--format", "json");
	ck_assert_ptr_nonnull(strstr(answer.out, "\"charm\":\"local:shelly-0\""));
	juju_answer_done(&answer);
	ck_assert_int_eq(juju_call(&shelly, "remove-application", "--force", "shelly"), 0);
	answer = juju_ask(&shelly, "status", "--format", "json");
	ck_assert_ptr_null(strstr(answer.out, "local:shelly-0"));
	juju_answer_done(&answer);
}
END_TEST

START_TEST(there_is_one_machine)
{
	struct juju_answer answer;

	shell_charm_deployed("exit 0");
	answer = juju_ask(&shelly, "add-unit", "shelly", "--to", "1");
	ck_assert_int_eq(answer.code, 1);
	ck_assert_str_eq(answer.err, "ERROR machine 1 not found\n");
	juju_answer_done(&answer);
}
END_TEST

START_TEST(model_of_a_name_must_have_been_added)
{
	struct juju_answer answer;

	juju_proc_init(&shelly);
	ck_assert_int_eq(setenv("SANDBOX_JUJU_DATA", shelly.dir, 1), 0);
	answer = juju_ask(&shelly, "status", "--model", "one");
	ck_assert_int_eq(answer.code, 1);
	ck_assert_str_eq(answer.err, "ERROR model sandbox:admin/one not found\n");
	juju_answer_done(&answer);
	ck_assert_int_eq(juju_call(&shelly, "add-model", "--no-switch", "one"), 0);
	answer = juju_ask(&shelly, "add-model", "one");
	ck_assert_int_eq(answer.code, 1);
	juju_answer_done(&answer);
	answer = juju_ask(&shelly, "status", "--model", "one");
	ck_assert_ptr_nonnull(strstr(answer.out, "\none "));
	juju_answer_done(&answer);
	ck_assert_int_eq(juju_call(&shelly, "destroy-model", "one", "--no-prompt"), 0);
	answer = juju_ask(&shelly, "destroy-model", "one", "--no-prompt");
	ck_assert_int_eq(answer.code, 1);
	juju_answer_done(&answer);
}
END_TEST

/* clang-format off */
static Suite *suite(void)
{
	Suite *all = suite_create("sandbox_juju_units");
	TCase *units = tcase_create("units");

	suite_add_tcase(all, units);
	tcase_add_checked_fixture(units, NULL, shell_charm_done);
	tcase_set_timeout(units, 30);
	tcase_add_test(units, refresh_swaps_files_by_manifest);
	tcase_add_test(units, refresh_waits_for_a_unit_in_error);
	tcase_add_test(units, forced_refresh_in_error_never_runs_upgrade_charm);
	tcase_add_test(units, reboot_runs_start);
	tcase_add_test(units, removed_unit_stops_and_its_folders_go);
	tcase_add_test(units, unit_in_error_is_removed_once_resolved);
	tcase_add_test(units, lead_goes_to_the_next_unit);
	tcase_add_test(units, packed_charm_is_unpacked_with_its_modes);
	tcase_add_test(units, dispatch_that_cannot_be_run_fails_every_hook);
	tcase_add_test(units, application_goes_with_its_units_and_numbers_go_on);
	tcase_add_test(units, application_stays_while_a_unit_is_in_error);
	tcase_add_test(units, there_is_one_machine);
	tcase_add_test(units, model_of_a_name_must_have_been_added);
	return all;
}
/* clang-format on */

int main(void)
{
	return run_suite(suite());
}
