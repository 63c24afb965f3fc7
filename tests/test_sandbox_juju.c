/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unit agent of the stand-in Juju: which hook runs when, in which environment, and what
 * follows.
 */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/clock.h"
#include "tests/sandbox/juju_json.h"
#include "tests/shell_charm.h"
#include "tests/suite.h"

START_TEST(deploy_runs_install_leader_config_start)
{
	shell_charm_deployed("exit 0");
	shell_charm_hooks("install leader-elected config-changed start");
	juju_assert_status(&shelly, SHELLY, "unknown", "");
}
END_TEST

START_TEST(peer_relation_is_created_before_the_lead_is_told)
{
	CLEANUP(cleanup_free) char *folder = NULL;

	juju_proc_init(&shelly);
	folder = shell_charm_peers(&shelly, "exit 0");
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder), 0);
	shell_charm_hooks("install cluster-relation-created leader-elected config-changed start");
}
END_TEST

START_TEST(environment_is_jujus_and_nothing_else)
{
	static const char wanted[] = "APT_LISTCHANGES_FRONTEND CHARM_DIR CLOUD_API_VERSION "
				     "DEBIAN_FRONTEND JUJU_AGENT_SOCKET_ADDRESS "
				     "JUJU_AGENT_SOCKET_NETWORK JUJU_API_ADDRESSES "
				     "JUJU_AVAILABILITY_ZONE JUJU_CHARM_DIR JUJU_CHARM_FTP_PROXY "
				     "JUJU_CHARM_HTTPS_PROXY JUJU_CHARM_HTTP_PROXY "
				     "JUJU_CHARM_NO_PROXY JUJU_CONTEXT_ID JUJU_DISPATCH_PATH "
				     "JUJU_HOOK_NAME JUJU_MACHINE_ID JUJU_METER_INFO "
				     "JUJU_METER_STATUS JUJU_MODEL_NAME JUJU_MODEL_UUID "
				     "JUJU_PRINCIPAL_UNIT JUJU_SLA JUJU_UNIT_NAME JUJU_VERSION "
				     "LANG MORE PATH TERM ";
	CLEANUP(cleanup_free) char *folder = NULL;
	char names[8192];

	juju_proc_init(&shelly);
	folder = shell_charm(&shelly,
		"tr '\\0' '\\n' </proc/$$/environ | cut -d= -f1 | sort | tr '\\n' ' ' >names");
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder, "--hook-env", "MORE=1"), 0);
	shell_charm_read(names, &shelly, "names");
	ck_assert_str_eq(names, wanted);
}
END_TEST

START_TEST(hook_has_no_arguments_no_input_and_no_descriptor_of_ours)
{
	char seen[8192];
	CLEANUP(cleanup_free) char *wanted = NULL;
	CLEANUP(cleanup_free) char *real = NULL;

	ck_assert_int_eq(dup2(0, 42), 42);
	shell_charm_deployed("test -e /proc/$$/fd/42 && open=open\n"
			     "echo $# $(readlink /proc/$$/fd/0) $(pwd) $open >seen");
	real = realpath(shelly.dir, NULL);
	shell_charm_read(seen, &shelly, "seen");
	wanted = alloc_textf("0 /dev/null %s/agents/unit-shelly-0/charm\n", real);
	ck_assert_str_eq(seen, wanted);
}
END_TEST

START_TEST(config_changed_runs_once_when_stored_settings_change)
{
	cJSON *shown;

	shell_charm_deployed("status-set -- active \"$(config-get channel)\"");
	ck_assert_int_eq(juju_call(&shelly, "config", "shelly", "channel=beta", "big=2"), 0);
	juju_assert_status(&shelly, SHELLY, "active", "beta");
	ck_assert_int_eq(juju_call(&shelly, "config", "shelly", "channel=beta"), 0);
	shell_charm_hooks("install leader-elected config-changed start config-changed");
	ck_assert_int_eq(juju_call(&shelly, "config", "shelly", "--reset", "channel"), 0);
	juju_assert_status(&shelly, SHELLY, "active", "latest/edge");
	ck_assert_int_ne(juju_call(&shelly, "config", "shelly", "big=much"), 0);
	ck_assert_int_ne(juju_call(&shelly, "config", "shelly", "chanel=beta"), 0);
	shown = juju_show(&shelly, SHELLY);
	ck_assert_int_eq(json_number(json_get(shown, "config"), "big", 0), 2);
	cJSON_Delete(shown);
}
END_TEST

START_TEST(failed_hook_drops_ports_and_keeps_status)
{
	cJSON *shown;
	const cJSON *run;

	shell_charm_deployed("open-port 80; status-set waiting soon\n"
			     "[ \"$JUJU_HOOK_NAME\" != config-changed ] || test -e mended");
	juju_assert_status(&shelly, SHELLY, "error", "hook failed: \"config-changed\"");
	shown = juju_show(&shelly, SHELLY);
	run = juju_show_run(shown, "config-changed");
	ck_assert_int_eq(json_number(run, "exit", -1), 1);
	ck_assert_str_eq(json_text(run, "outcome", ""), "failed");
	ck_assert_str_eq(json_text(json_get(shown, "charm-status"), "message", ""), "soon");
	ck_assert_int_eq(cJSON_GetArraySize(json_get(shown, "ports")), 1);
	ck_assert_int_eq(juju_show_calls(shown, "config-changed", "open-port"), 1);
	cJSON_Delete(shown);
}
END_TEST

START_TEST(failed_first_hook_opens_no_port)
{
	cJSON *shown;

	shell_charm_deployed("open-port 80; opened-ports >seen; exit 7");
	shown = juju_show(&shelly, SHELLY);
	ck_assert_int_eq(cJSON_GetArraySize(json_get(shown, "ports")), 0);
	ck_assert_int_eq(json_number(juju_show_run(shown, "install"), "exit", -1), 7);
	cJSON_Delete(shown);
}
END_TEST

START_TEST(failed_hook_is_retried_until_the_budget_is_spent)
{
	shell_charm_deployed("test -e mended");
	ck_assert_int_eq(juju_call(&shelly, "retry", "--retries", "2"), 0);
	shell_charm_hooks("install install install");
	ck_assert_int_eq(
		juju_call(&shelly, "ssh", SHELLY, "touch", "agents/unit-shelly-0/charm/mended"), 0);
	ck_assert_int_eq(juju_call(&shelly, "retry", "--retries", "1"), 0);
	shell_charm_hooks("install install install install leader-elected config-changed start");
}
END_TEST

START_TEST(retries_wait_longer_each_time_on_the_virtual_clock)
{
	CLEANUP(cleanup_free) char *folder = NULL;
	CLEANUP(cleanup_free) char *file = NULL;
	struct sandbox_clock *clock;
	long long before;

	juju_proc_init(&shelly);
	folder = shell_charm(&shelly, "exit 1");
	file = alloc_textf("%s/clock", shelly.dir);
	clock = sandbox_clock_open(file, NULL);
	ck_assert_ptr_nonnull(clock);
	before = sandbox_clock_now(clock);
	ck_assert_int_eq(
		juju_call(&shelly, "deploy", folder, "--clock", file, "--retries", "8"), 0);
	ck_assert_int_eq((sandbox_clock_now(clock) - before) / SANDBOX_CLOCK_SECOND,
		5 + 10 + 20 + 40 + 80 + 160 + 300 + 300);
	sandbox_clock_close(clock);
}
END_TEST

START_TEST(resolved_runs_the_hook_again)
{
	shell_charm_deployed("test -e mended");
	ck_assert_int_eq(juju_call(&shelly, "resolved", SHELLY), 0);
	shell_charm_hooks("install install");
	ck_assert_int_ne(juju_call(&shelly, "hook", SHELLY, "start"), 0);
	ck_assert_int_eq(juju_call(&shelly, "tick"), 0);
	shell_charm_hooks("install install");
}
END_TEST

START_TEST(resolved_without_retry_counts_the_hook_as_done)
{
	shell_charm_deployed("[ \"$JUJU_HOOK_NAME\" != install ]");
	ck_assert_int_eq(juju_call(&shelly, "resolved", "--no-retry", SHELLY), 0);
	shell_charm_hooks("install leader-elected config-changed start");
	ck_assert_int_ne(juju_call(&shelly, "resolved", SHELLY), 0);
}
END_TEST

static const char *const gentle[] = { "KILL", "TERM" };

START_TEST(killed_hook_runs_again_at_once_without_error)
{
	CLEANUP(cleanup_free)
	char *script = alloc_textf(
		"open-port 80; test -e again && exit; touch again; kill -%s $$; sleep 9",
		gentle[_i]);
	const cJSON *first;
	cJSON *shown;

	shell_charm_deployed(script);
	shell_charm_hooks("install install leader-elected config-changed start");
	shown = juju_show(&shelly, SHELLY);
	first = cJSON_GetArrayItem(json_get(shown, "runs"), 0);
	ck_assert_str_eq(json_text(first, "outcome", ""), "terminated");
	ck_assert_int_eq(cJSON_GetArraySize(json_get(first, "ports-after")), 0);
	ck_assert(!json_has(shown, "error"));
	cJSON_Delete(shown);
}
END_TEST

START_TEST(hook_that_is_always_killed_ends_in_error)
{
	cJSON *shown;

	shell_charm_deployed("kill -KILL $$");
	shown = juju_show(&shelly, SHELLY);
	ck_assert_int_eq(cJSON_GetArraySize(json_get(shown, "hooks")), 21);
	ck_assert_str_eq(juju_show_text(shown, "status"), "error");
	cJSON_Delete(shown);
}
END_TEST

START_TEST(other_signals_are_failures)
{
	cJSON *shown;

	shell_charm_deployed("kill -ABRT $$");
	shown = juju_show(&shelly, SHELLY);
	ck_assert_int_eq(json_number(juju_show_run(shown, NULL), "signal", 0), SIGABRT);
	ck_assert(juju_show_logged(shown, "ERROR", "failed: signal: aborted"));
	cJSON_Delete(shown);
	shell_charm_hooks("install");
}
END_TEST

START_TEST(dead_agent_makes_the_hook_a_failed_one)
{
	CLEANUP(cleanup_free) char *folder = NULL;
	CLEANUP(cleanup_free) char *marker = NULL;
	pid_t pid;

	(void)setenv("SANDBOX_JUJU_RETRIES", "0", 1);
	juju_proc_init(&shelly);
	folder = shell_charm(&shelly, "test -e begun && exit; touch begun; sleep 1");
	marker = alloc_textf("%s/agents/unit-shelly-0/charm/begun", shelly.dir);
	pid = juju_start(&shelly, "deploy", folder);
	for (int tries = 0; tries < 500 && access(marker, F_OK); tries++)
		(void)usleep(10000);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(juju_wait(pid), 128 + SIGKILL);
	ck_assert_int_eq(juju_call(&shelly, "retry"), 0);
	juju_assert_status(&shelly, SHELLY, "error", "hook failed: \"install\"");
	ck_assert_int_eq(juju_call(&shelly, "resolved", SHELLY), 0);
	shell_charm_hooks("install install leader-elected config-changed start");
}
END_TEST

START_TEST(hook_that_hangs_is_killed_with_its_children)
{
	CLEANUP(cleanup_free) char *folder = NULL;
	struct juju_answer answer;

	juju_proc_init(&shelly);
	folder = shell_charm(&shelly, "sleep 600 & sleep 600");
	answer = juju_ask(&shelly, "deploy", folder, "--hook-timeout", "1");
	ck_assert_int_eq(answer.code, 3);
	ck_assert_ptr_nonnull(strstr(answer.err, "shelly/0: hook \"install\" was killed after 1"));
	juju_answer_done(&answer);
}
END_TEST

/* clang-format off */
static Suite *suite(void)
{
	Suite *all = suite_create("sandbox_juju");
	TCase *agent = tcase_create("agent");

	suite_add_tcase(all, agent);
	tcase_add_checked_fixture(agent, NULL, shell_charm_done);
	tcase_set_timeout(agent, 30);
	tcase_add_test(agent, deploy_runs_install_leader_config_start);
	tcase_add_test(agent, peer_relation_is_created_before_the_lead_is_told);
	tcase_add_test(agent, environment_is_jujus_and_nothing_else);
	tcase_add_test(agent, hook_has_no_arguments_no_input_and_no_descriptor_of_ours);
	tcase_add_test(agent, config_changed_runs_once_when_stored_settings_change);
	tcase_add_test(agent, failed_hook_drops_ports_and_keeps_status);
	tcase_add_test(agent, failed_first_hook_opens_no_port);
	tcase_add_test(agent, failed_hook_is_retried_until_the_budget_is_spent);
	tcase_add_test(agent, retries_wait_longer_each_time_on_the_virtual_clock);
	tcase_add_test(agent, resolved_runs_the_hook_again);
	tcase_add_test(agent, resolved_without_retry_counts_the_hook_as_done);
	tcase_add_loop_test(agent, killed_hook_runs_again_at_once_without_error, 0, 2);
	tcase_add_test(agent, hook_that_is_always_killed_ends_in_error);
	tcase_add_test(agent, other_signals_are_failures);
	tcase_add_test(agent, dead_agent_makes_the_hook_a_failed_one);
	tcase_add_test(agent, hook_that_hangs_is_killed_with_its_children);
	return all;
}
/* clang-format on */

int main(void)
{
	return run_suite(suite());
}
