/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a unit between its deployment and its removal: what it notices by itself, and what it
 * keeps over upgrades and reboots.
 */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/charm.h"

static struct charm charm;

static void set_up(void)
{
	charm_open_ready(&charm, "2.77");
}

static void tear_down(void)
{
	charm_close(&charm);
}

/* --- what update-status notices --- */

START_TEST(a_version_changed_by_snapds_own_refresh_is_reported)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"revision\":\"12\","
			  "\"version\":\"3.1\"}}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect_version(&charm, "3.1");
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
	charm_expect_sql(&charm, "select detail from journal order by sequence desc limit 1",
		"revision 3 -> 12");
}
END_TEST

START_TEST(an_auto_refresh_in_progress_is_waited_for_and_named)
{
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"held\":true}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect_begin(&charm, "waiting", "auto-refresh stands at step ");
	ck_assert(charm_logged(&charm, "WARNING", "foreign-change; auto-refresh"));
	charm_ctl(&charm, "{\"do\":\"release\"}");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(a_snap_removed_by_hand_is_put_back_and_journaled_as_drift)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 1);
	charm_expect_sql(&charm,
		"select count(*) from journal where detail like '%drift: the snap was removed%'",
		"1");
}
END_TEST

START_TEST(a_snap_switched_by_hand_is_put_right_and_journaled_as_drift)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"tracking\":"
			  "\"latest/beta\"}}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 1);
	charm_expect_sql(&charm,
		"select count(*) from journal where detail like '%drift: the snap was switched%'",
		"1");
}
END_TEST

START_TEST(two_who_share_a_machine_do_not_flip_for_ever)
{
	for (int i = 0; i < 12 * 24; i++) { /* a day of update-status, each time moved away */
		charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"tracking\":"
				  "\"latest/beta\"}}");
		charm_pass(&charm, 300);
		ck_assert_int_eq(charm_tick(&charm), 0);
	}
	ck_assert_int_le(charm_posts(&charm), 14);
	charm_expect_begin(&charm, "blocked", "Somebody keeps moving the snap away from 'edge'");
}
END_TEST

START_TEST(a_disabled_snap_blocks_with_the_command_and_clears)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"disabled\":true}}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "blocked", "Snap is disabled; run: snap enable microsample");
	charm_config(&charm, "beta"); /* snapd could only refuse a refresh */
	charm_expect(&charm, "blocked", "Snap is disabled; run: snap enable microsample");
	ck_assert_int_eq(charm_posts(&charm), 0);
	charm_ctl(
		&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"disabled\":false}}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

START_TEST(a_service_that_does_not_run_blocks_with_the_command_and_clears)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"service\":"
			  "{\"enabled\":true,\"active\":false}}}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect_begin(&charm, "blocked", "Service ");
	ck_assert(charm_logged(&charm, "ERROR", "service-down"));
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"service\":"
			  "{\"enabled\":true,\"active\":true}}}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

/* systemd starts it again within 100 ms; the first look met it between the two. */
START_TEST(a_service_that_blinks_is_not_called_down)
{
	charm_ctl(&charm,
		"{\"do\":\"fault\",\"method\":\"GET\",\"path\":\"/v2/snaps/"
		"microsample\",\"mode\":\"raw\","
		"\"times\":1,\"status\":200,\"type\":\"application/json\",\"body\":"
		"\"{\\\"type\\\":\\\"sync\\\",\\\"status-code\\\":200,\\\"status\\\":\\\"OK\\\","
		"\\\"result\\\":{\\\"name\\\":\\\"microsample\\\",\\\"status\\\":\\\"active\\\","
		"\\\"id\\\":\\\"i\\\",\\\"revision\\\":\\\"3\\\",\\\"version\\\":\\\"3.0-dev\\\","
		"\\\"tracking-channel\\\":\\\"latest/"
		"edge\\\",\\\"apps\\\":[{\\\"snap\\\":\\\"microsample\\\","
		"\\\"name\\\":\\\"microsample\\\",\\\"daemon\\\":\\\"simple\\\",\\\"enabled\\\":"
		"true}]}}\"}");
	charm_forget(&charm);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_ge(
		charm_requests(&charm), 3); /* the look that met it down, and the second one */
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert(!charm_logged(&charm, "ERROR", "service-down"));
}
END_TEST

START_TEST(services_that_snapd_does_not_tell_of_are_taken_as_running)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"apps\":null}}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

START_TEST(a_service_down_on_another_channel_does_not_keep_the_snap_there)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"service\":"
			  "{\"enabled\":true,\"active\":false}}}");
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

START_TEST(a_local_build_is_left_alone)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"revision\":\"x1\","
			  "\"id\":\"\"}}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect_begin(&charm, "blocked", "Local build");
	charm_config(&charm, "beta");
	charm_expect_begin(&charm, "blocked", "Local build");
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(charm_snap_present(&charm));
}
END_TEST

START_TEST(a_silent_snapd_is_waited_for)
{
	charm_ctl(&charm, "{\"do\":\"away\",\"how\":\"refused\"}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "waiting", "Waiting for snapd: nothing listens on its socket");
	charm_ctl(&charm, "{\"do\":\"back\"}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_expect_version(&charm, "3.0-dev");
}
END_TEST

START_TEST(a_stored_version_is_never_overwritten_by_nothing)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"version\":\"\"}}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect_version(&charm, "3.0-dev");
}
END_TEST

/* --- hooks of any name, upgrades, reboots --- */

START_TEST(any_hook_name_is_legal)
{
	static const char *const hooks[] = { "leader-elected", "peers-relation-changed",
		"secret-rotate", "a-hook-of-the-future", "data-storage-attached", "update-status",
		"upgrade-charm", "start", "config-changed" };

	for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
		ck_assert_int_eq(charm_hook(&charm, hooks[i]), 0);
		charm_expect(&charm, "active", "Ready at 'edge'");
	}
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(metering_touches_nothing)
{
	ck_assert_int_eq(juju_call(&charm.juju, "meter", UNIT), 0);
	ck_assert_int_eq(charm_hook(&charm, "collect-metrics"), 0);
	ck_assert_int_eq(charm_requests(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

/* By the charm, or by a client that knows which actions it has. */
START_TEST(an_action_fails_with_a_reason_and_no_error)
{
	struct juju_answer answer = juju_ask(&charm.juju, "run", UNIT, "reinstall");
	const char *reason =
		charm_tells() > 1 ? "action \"reinstall\" not defined" : "no action 'reinstall'";

	ck_assert_msg(strstr(answer.out, reason) || strstr(answer.err, reason), "%s%s", answer.out,
		answer.err);
	ck_assert_int_eq(answer.code, charm_tells() > 1 ? 1 : 0); /* Juju's own refusal; ours */
	juju_answer_done(&answer);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_requests(&charm), 0);
}
END_TEST

START_TEST(refresh_of_the_charm_keeps_the_record_and_the_snap)
{
	ck_assert_int_eq(
		juju_call(&charm.juju, "refresh", "microsample", "--path", getenv("CHARM_TREE")),
		0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_expect_sql(&charm, "select ours from record", "yes");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(a_unit_without_a_record_takes_over_what_runs)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	char *command =
		alloc_textf("rm -f %s/state.db* %s/microsample/common/.installed-by-microsample-vm",
			juju_show_text(shown, "charm-dir"), charm.data);

	cJSON_Delete(shown);
	ck_assert_int_eq(system(command), 0); /* as after the Python charm of the same name */
	free(command);
	ck_assert_int_eq(
		juju_call(&charm.juju, "refresh", "microsample", "--path", getenv("CHARM_TREE")),
		0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_expect_version(&charm, "3.0-dev");
	ck_assert_int_eq(charm_posts(&charm), 0);
	/*
	 * Nothing says that this unit installed the snap, so the snap stays when the unit is
	 * removed.
	 */
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(charm_snap_present(&charm));
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(a_reboot_changes_nothing)
{
	sandbox_clock_reboot(charm.clock);
	ck_assert_int_eq(juju_call(&charm.juju, "reboot", UNIT), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(an_unreadable_configuration_takes_no_step)
{
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "config-get", "exit1", "--times", "1"), 0);
	ck_assert_int_eq(juju_call(&charm.juju, "hook", UNIT, "config-changed"), 0);
	ck_assert_int_eq(charm_posts(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'"); /* the retry went through */
	ck_assert(charm_logged(&charm, "WARNING", "config-get: exit status 1"));
}
END_TEST

START_TEST(a_failed_status_is_repeated_by_the_next_hook)
{
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "status-set", "exit1", "--times", "9"), 0);
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "--clear"), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(resolved_without_retry_goes_on)
{
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "config-get", "exit1", "--times", "9"), 0);
	charm_config(&charm, "beta");
	charm_expect(&charm, "error", "hook failed: \"config-changed\"");
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "--clear"), 0);
	ck_assert_int_eq(juju_call(&charm.juju, "resolved", UNIT, "--no-retry"), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

START_TEST(a_forced_refresh_in_error_goes_on)
{
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "config-get", "exit1", "--times", "9"), 0);
	charm_config(&charm, "beta");
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "--clear"), 0);
	ck_assert_int_eq(juju_call(&charm.juju, "refresh", "microsample", "--path",
				 getenv("CHARM_TREE"), "--force-units"),
		0);
	(void)juju_call(&charm.juju, "resolved", UNIT); /* unless Juju's own retry was first */
	charm_expect(&charm, "active", "Ready at 'beta'");
	charm_expect_sql(&charm, "select ours from record", "yes");
}
END_TEST

START_TEST(sigterm_ends_a_hook_and_juju_runs_it_again)
{
	const cJSON *context = NULL;
	cJSON *shown = NULL;
	pid_t hook;

	charm_ctl(&charm, "{\"do\":\"fault\",\"method\":\"GET\",\"path\":\"/v2/snaps/microsample\","
			  "\"mode\":\"hang\",\"times\":1}");
	hook = juju_start(&charm.juju, "hook", UNIT, "update-status");
	for (int i = 0; i < 500 && !cJSON_IsNumber(context); i++) {
		cJSON_Delete(shown);
		(void)usleep(10000);
		shown = juju_show(&charm.juju, UNIT);
		context = cJSON_GetObjectItem(cJSON_GetObjectItem(shown, "context"), "pid");
	}
	ck_assert(cJSON_IsNumber(context));
	(void)usleep(300000); /* by then it has long asked, and waits 10 s for an answer */
	ck_assert_int_eq(kill((pid_t)context->valuedouble, SIGTERM), 0);
	cJSON_Delete(shown);
	ck_assert_int_eq(juju_wait(hook), 0);
	shown = juju_show(&charm.juju, UNIT);
	ck_assert_int_eq(
		cJSON_GetArraySize(cJSON_GetObjectItem(shown, "runs")), 2); /* ended, and again */
	ck_assert_str_eq(
		cJSON_GetStringValue(cJSON_GetObjectItem(
			cJSON_GetArrayItem(cJSON_GetObjectItem(shown, "runs"), 0), "outcome")),
		"terminated");
	cJSON_Delete(shown);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("life");
	TCase *tests;

	tests = charm_case(suite, "notices", set_up, tear_down);
	tcase_add_test(tests, a_version_changed_by_snapds_own_refresh_is_reported);
	tcase_add_test(tests, an_auto_refresh_in_progress_is_waited_for_and_named);
	tcase_add_test(tests, a_snap_removed_by_hand_is_put_back_and_journaled_as_drift);
	tcase_add_test(tests, a_snap_switched_by_hand_is_put_right_and_journaled_as_drift);
	tcase_add_test(tests, two_who_share_a_machine_do_not_flip_for_ever);
	tcase_add_test(tests, a_disabled_snap_blocks_with_the_command_and_clears);
	tcase_add_test(tests, a_service_that_does_not_run_blocks_with_the_command_and_clears);
	tcase_add_test(tests, a_service_that_blinks_is_not_called_down);
	tcase_add_test(tests, services_that_snapd_does_not_tell_of_are_taken_as_running);
	tcase_add_test(tests, a_service_down_on_another_channel_does_not_keep_the_snap_there);
	tcase_add_test(tests, a_local_build_is_left_alone);
	tcase_add_test(tests, a_silent_snapd_is_waited_for);
	tcase_add_test(tests, a_stored_version_is_never_overwritten_by_nothing);

	tests = charm_case(suite, "hooks", set_up, tear_down);
	tcase_add_test(tests, any_hook_name_is_legal);
	tcase_add_test(tests, metering_touches_nothing);
	tcase_add_test(tests, an_action_fails_with_a_reason_and_no_error);
	tcase_add_test(tests, refresh_of_the_charm_keeps_the_record_and_the_snap);
	tcase_add_test(tests, a_unit_without_a_record_takes_over_what_runs);
	tcase_add_test(tests, a_reboot_changes_nothing);
	tcase_add_test(tests, an_unreadable_configuration_takes_no_step);
	tcase_add_test(tests, a_failed_status_is_repeated_by_the_next_hook);
	tcase_add_test(tests, resolved_without_retry_goes_on);
	tcase_add_test(tests, a_forced_refresh_in_error_goes_on);
	tcase_add_test(tests, sigterm_ends_a_hook_and_juju_runs_it_again);

	return suite;
}

int main(void)
{
	return charm_run(suite);
}
