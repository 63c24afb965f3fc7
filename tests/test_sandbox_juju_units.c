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
static int refresh(const struct juju_proc *juju, const char *script, const char *option)
{
	CLEANUP(cleanup_free) char *folder = shell_charm(juju, script);

	return juju_call(juju, "refresh", "shelly", "--path", folder, option);
}

START_TEST(refresh_swaps_files_by_manifest)
{
	struct juju_proc juju;
	CLEANUP(cleanup_free) char *folder = NULL;
	CLEANUP(cleanup_free) char *old = NULL;
	char revision[8192];

	juju_proc_init(&juju);
	folder = shell_charm(&juju, "touch .unit-state.db");
	old = alloc_textf("%s/old", folder);
	shell_charm_file(folder, "old", "", 0640);
	ck_assert_int_eq(juju_call(&juju, "deploy", folder), 0);
	ck_assert(shell_charm_has(&juju, "old"));
	ck_assert_int_eq(unlink(old), 0);
	shell_charm_file(folder, "new", "", 0600);
	ck_assert_int_eq(refresh(&juju, "exit 0", NULL), 0);
	ck_assert(!shell_charm_has(&juju, "old"));
	ck_assert(shell_charm_has(&juju, "new"));
	ck_assert(shell_charm_has(&juju, ".unit-state.db"));
	shell_charm_read(revision, &juju, "revision");
	ck_assert_str_eq(revision, "1\n");
	shell_charm_hooks(&juju, "install leader-elected config-changed start "
				 "upgrade-charm config-changed");
	juju_proc_done(&juju);
}
END_TEST

START_TEST(refresh_waits_for_a_unit_in_error)
{
	struct juju_proc juju;

	shell_charm_deployed(&juju, "[ \"$JUJU_HOOK_NAME\" != start ]");
	ck_assert_int_eq(refresh(&juju, "exit 0", NULL), 0);
	shell_charm_hooks(&juju, "install leader-elected config-changed start");
	ck_assert_int_eq(juju_call(&juju, "resolved", "--no-retry", SHELLY), 0);
	shell_charm_hooks(&juju, "install leader-elected config-changed start "
				 "upgrade-charm config-changed");
	juju_proc_done(&juju);
}
END_TEST

START_TEST(forced_refresh_in_error_never_runs_upgrade_charm)
{
	struct juju_proc juju;

	shell_charm_deployed(&juju, "[ \"$JUJU_HOOK_NAME\" != start ]");
	ck_assert_int_eq(refresh(&juju, "exit 0", "--force-units"), 0);
	ck_assert_int_eq(juju_call(&juju, "resolved", SHELLY), 0);
	shell_charm_hooks(
		&juju, "install leader-elected config-changed start start config-changed");
	juju_proc_done(&juju);
}
END_TEST

START_TEST(reboot_runs_start)
{
	struct juju_proc juju;

	shell_charm_deployed(&juju, "exit 0");
	ck_assert_int_eq(juju_call(&juju, "reboot", SHELLY), 0);
	shell_charm_hooks(&juju, "install leader-elected config-changed start start");
	juju_proc_done(&juju);
}
END_TEST

START_TEST(removed_unit_stops_and_its_folders_go)
{
	struct juju_proc juju;
	struct juju_answer answer;
	CLEANUP(cleanup_free) char *agent = NULL;
	cJSON *shown;

	shell_charm_deployed(&juju, "status-set active");
	agent = alloc_textf("%s/agents/unit-shelly-0", juju.dir);
	ck_assert_int_eq(access(agent, F_OK), 0);
	ck_assert_int_eq(juju_call(&juju, "remove-unit", SHELLY), 0);
	ck_assert_int_ne(access(agent, F_OK), 0);
	shell_charm_hooks(&juju, "install leader-elected config-changed start stop remove");
	shown = juju_show(&juju, SHELLY);
	ck_assert(json_true(shown, "gone"));
	ck_assert_str_eq(juju_show_text(shown, "status"), "terminated");
	cJSON_Delete(shown);
	answer = juju_ask(&juju, "status");
	ck_assert_ptr_null(strstr(answer.out, SHELLY));
	ck_assert_ptr_nonnull(strstr(answer.out, "\nshelly "));
	juju_answer_done(&answer);
	juju_proc_done(&juju);
}
END_TEST

START_TEST(unit_in_error_is_removed_once_resolved)
{
	struct juju_proc juju;

	shell_charm_deployed(&juju, "[ \"$JUJU_HOOK_NAME\" != start ]");
	ck_assert_int_eq(juju_call(&juju, "remove-unit", SHELLY), 0);
	juju_assert_status(&juju, SHELLY, "error", "hook failed: \"start\"");
	ck_assert_int_eq(juju_call(&juju, "resolved", "--no-retry", SHELLY), 0);
	shell_charm_hooks(&juju, "install leader-elected config-changed start stop remove");
	juju_proc_done(&juju);
}
END_TEST

START_TEST(lead_goes_to_the_next_unit)
{
	struct juju_proc juju;
	CLEANUP(cleanup_free) char *hooks = NULL;
	cJSON *shown;

	shell_charm_deployed(&juju, "exit 0");
	ck_assert_int_eq(juju_call(&juju, "add-unit", "shelly"), 0);
	ck_assert_int_eq(juju_call(&juju, "remove-unit", SHELLY), 0);
	shown = juju_show(&juju, "shelly/1");
	hooks = juju_show_hooks(shown);
	ck_assert_str_eq(
		hooks, "install leader-settings-changed config-changed start leader-elected");
	ck_assert(json_true(shown, "leader"));
	cJSON_Delete(shown);
	juju_proc_done(&juju);
}
END_TEST

START_TEST(packed_charm_is_unpacked_with_its_modes)
{
	const char *python = getenv("PYTHON");
	struct juju_proc juju;
	CLEANUP(cleanup_free) char *folder = NULL;
	CLEANUP(cleanup_free) char *packed = NULL;
	CLEANUP(cleanup_free) char *command = NULL;

	juju_proc_init(&juju);
	folder = shell_charm(&juju, "status-set active unpacked");
	packed = alloc_textf("%s/shelly.charm", juju.dir);
	command = alloc_textf("cd %s && %s -m zipfile -c %s *", folder,
		python && *python ? python : "python3", packed);
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(juju_call(&juju, "deploy", packed, "named"), 0);
	juju_assert_status(&juju, "named/0", "active", "unpacked");
	juju_proc_done(&juju);
}
END_TEST

START_TEST(dispatch_that_cannot_be_run_fails_every_hook)
{
	struct juju_proc juju;
	CLEANUP(cleanup_free) char *folder = NULL;
	cJSON *shown;

	(void)setenv("SANDBOX_JUJU_RETRIES", "0", 1);
	juju_proc_init(&juju);
	folder = shell_charm(&juju, "");
	shell_charm_file(folder, "dispatch", "\177ELF, but no more", 0755);
	ck_assert_int_eq(juju_call(&juju, "deploy", folder), 0);
	shown = juju_show(&juju, SHELLY);
	ck_assert(juju_show_logged(shown, "ERROR", "exec format error") ||
		  juju_show_logged(shown, "ERROR", "Exec format error"));
	cJSON_Delete(shown);
	juju_proc_done(&juju);
}
END_TEST

/* clang-format off */
static Suite *suite(void)
{
	Suite *all = suite_create("sandbox_juju_units");
	TCase *units = tcase_create("units");

	suite_add_tcase(all, units);
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
	return all;
}
/* clang-format on */

int main(void)
{
	return run_suite(suite());
}
