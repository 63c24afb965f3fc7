/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator does with `juju deploy` and `juju config`, and what he then sees: the whole
 * charm through the stand-in Juju and the stand-in snapd.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/charm.h"

static struct charm charm;

static void set_up(void)
{
	charm_open(&charm, "2.68");
}

static void tear_down(void)
{
	charm_close(&charm);
}

/* Whether the history of the unit's statuses holds MESSAGE. */
static bool was_told(const char *message)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(shown, "runs"));
	bool told = strstr(text, message) != NULL;

	free(text);
	cJSON_Delete(shown);
	return told;
}

static int calls(const char *hook, const char *tool)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	int count =
		tool ? juju_show_calls(shown, hook, tool)
		     : cJSON_GetArraySize(cJSON_GetObjectItem(juju_show_run(shown, hook), "calls"));

	cJSON_Delete(shown);
	return count;
}

START_TEST(deploy_installs_from_edge_by_default)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_expect_version(&charm, "3.0-dev");
	ck_assert(was_told("Installing microsample snap"));
	ck_assert_int_eq(charm_posts(&charm), 1);
	ck_assert_int_eq(charm_changes_done(&charm), 1);
}
END_TEST

START_TEST(deploy_installs_from_the_configured_channel)
{
	ck_assert_int_eq(charm_deploy(&charm, "channel=beta"), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
	charm_expect_version(&charm, "2.0");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(a_track_is_followed)
{
	ck_assert_int_eq(charm_deploy(&charm, "channel=2.0/stable"), 0);
	charm_expect(&charm, "active", "Ready at '2.0/stable'");
	charm_config(&charm, "edge");
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_expect_version(&charm, "3.0-dev");
}
END_TEST

START_TEST(a_closed_risk_that_the_store_serves_from_another_is_ready)
{
	ck_assert_int_eq(charm_deploy(&charm, "channel=2.0/edge"), 0);
	charm_expect(&charm, "active", "Ready at '2.0/edge'");
}
END_TEST

START_TEST(the_port_is_open_after_deploy)
{
	cJSON *shown;

	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	shown = juju_show(&charm.juju, UNIT);
	ck_assert_str_eq(cJSON_GetArrayItem(cJSON_GetObjectItem(shown, "ports"), 0)->valuestring,
		"8080/tcp");
	cJSON_Delete(shown);
}
END_TEST

START_TEST(progress_is_told_while_it_downloads)
{
	charm_ctl(&charm, "{\"do\":\"mode\",\"task-ms\":8000}");
	ck_assert_int_eq(charm_deploy(&charm, "channel=big/stable"), 0);
	ck_assert(was_told("Installing microsample snap: "));
	for (int i = 0; i < 5; i++)
		charm_tick(&charm);
	charm_expect(&charm, "active", "Ready at 'big/stable'");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(config_refreshes_to_another_channel)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	charm_expect_version(&charm, "2.0");
	ck_assert(was_told("Refreshing microsample snap to 'beta'"));
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(the_same_revision_in_another_channel_is_only_switched)
{
	ck_assert_int_eq(charm_deploy(&charm, "channel=stable"), 0);
	charm_config(&charm, "candidate");
	charm_expect(&charm, "active", "Ready at 'candidate'");
	charm_expect_version(&charm, "1.0");
}
END_TEST

static const char *const nonsense[] = { "foo", "a/b/c/d", "EDGE", "", "; rm -rf /", "$(reboot)",
	"edge\nbeta", "edge\x1b[31m", "caf\xc3\xa9/edge", "7", "edge ", " edge", "/edge", "edge/",
	"latest//edge", "2.0", "latest", "--edge", "edge/fix/me/now", "Edge", "latest/EDGE" };

START_TEST(nonsense_blocks_and_asks_snapd_nothing)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	charm_config(&charm, nonsense[_i]);
	charm_expect_begin(&charm, "blocked", "Invalid channel configured: '");
	ck_assert(was_told("use [track/]stable|candidate|beta|edge[/branch]"));
	ck_assert_int_eq(charm_requests(&charm), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(charm_requests(&charm), 0);
	charm_config(&charm, "edge");
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
	charm_expect_version(&charm, "3.0-dev");
}
END_TEST

START_TEST(ten_kilobytes_of_option_are_cut)
{
	char *value = malloc(10001);
	cJSON *shown;

	memset(value, 'x', 10000);
	value[10000] = '\0';
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_config(&charm, value);
	free(value);
	shown = juju_show(&charm.juju, UNIT);
	ck_assert_str_eq(juju_show_text(shown, "message"),
		"Invalid channel configured: 'xxxxxxxx...'; use "
		"[track/]stable|candidate|beta|edge[/"
		"branch]");
	cJSON_Delete(shown);
}
END_TEST

START_TEST(an_option_that_is_no_text_blocks)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	ck_assert_int_eq(
		juju_call(&charm.juju, "fault", "config-get", "text", "{\"channel\":5}"), 0);
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	charm_expect_begin(&charm, "blocked", "Invalid channel configured: (no text)");
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "config-get", "text", "{}"), 0);
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	charm_expect_begin(&charm, "blocked", "Invalid channel configured: (not set)");
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "config-get", "text",
				 "{\"channel\":\"edge\\u0000x\"}"),
		0);
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	charm_expect_begin(&charm, "blocked", "Invalid channel configured: 'edge\\x1ax'");
}
END_TEST

/* As a person sets an option, in Juju's own words. */
static void configure(const char *setting)
{
	ck_assert_int_eq(juju_call(&charm.juju, "config", "microsample", setting), 0);
}

static void expect_detail(const char *detail)
{
	char *kept = charm_sql(&charm, "select detail from record");

	ck_assert_str_eq(kept, detail);
	free(kept);
}

START_TEST(a_bad_revision_blocks_and_a_good_one_mends_it)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	configure("revision=-3");
	charm_expect(&charm, "blocked",
		"Invalid revision configured: -3; use 0 or the number of a revision");
	configure("revision=2147483648");
	charm_expect_begin(&charm, "blocked", "Invalid revision configured: 2147483648; use ");
	/* What is right with the others counts for nothing meanwhile. */
	configure("channel=beta");
	charm_expect_begin(&charm, "blocked", "Invalid revision configured: 2147483648; use ");
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(charm_requests(&charm), 0);
	charm_expect_version(&charm, "3.0-dev");
	charm_config(&charm, "edge");
	configure("revision=0");
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(of_several_bad_options_the_first_is_told_and_all_are_kept)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	configure("revision=-3");
	charm_config(&charm, "foo");
	charm_expect(&charm, "blocked",
		"Invalid channel configured: 'foo'; use "
		"[track/]stable|candidate|beta|edge[/branch]");
	expect_detail("channel 'foo' has no risk: one of stable, candidate, beta, edge; "
		      "revision -3 is no whole number from 0 to 2147483647");
	charm_config(&charm, "edge");
	charm_expect_begin(&charm, "blocked", "Invalid revision configured: -3; use ");
	expect_detail("revision -3 is no whole number from 0 to 2147483647");
	ck_assert_int_eq(charm_requests(&charm), 0);
	ck_assert_int_eq(juju_call(&charm.juju, "config", "microsample", "--reset", "revision"), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(a_revision_is_part_of_what_is_wanted)
{
	char *kept;

	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	configure("revision=1234567");
	kept = charm_sql(&charm, "select channel || ' ' || target_revision from record");
	ck_assert_str_eq(kept, "latest/edge 1234567");
	free(kept);
}
END_TEST

/* Juju itself refuses these, so that the charm never sees them. */
static const char *const refused[] = { "revision=", "revision=4x", "revision=1.5",
	"auto-refresh=", "auto-refresh=yes", "rollback=", "rollback=yes" };

START_TEST(juju_refuses_what_is_not_of_the_type)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	ck_assert_int_ne(juju_call(&charm.juju, "config", "microsample", refused[_i]), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

START_TEST(a_configuration_of_one_option_has_the_defaults_of_the_others)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	ck_assert_int_eq(
		juju_call(&charm.juju, "fault", "config-get", "text", "{\"channel\":\"edge\"}"), 0);
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "config-get", "text",
				 "{\"auto-refresh\":\"no\",\"channel\":\"edge\"}"),
		0);
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	charm_expect(&charm, "blocked", "Invalid auto-refresh configured: 'no'; use true or false");
}
END_TEST

START_TEST(a_channel_the_store_lacks_blocks_and_names_those_it_has)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	charm_config(&charm, "9.9/stable");
	charm_expect_begin(&charm, "blocked",
		"Snap Store has no channel '9.9/stable'; it has stable, candidate, beta, edge");
	ck_assert_int_eq(charm_posts(&charm), 1);
	/* The running snap is left alone. */
	charm_expect_version(&charm, "3.0-dev");
	/* Juju runs the hook twice for one word of a person: that is one question. */
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	ck_assert_int_eq(charm_posts(&charm), 1);
	charm_pass(&charm, 60);
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	ck_assert_int_eq(charm_posts(&charm), 2);
	/* The pauses are of a quarter of an hour, an hour, two hours. */
	for (int i = 0; i < 24; i++) {
		charm_pass(&charm, 300);
		ck_assert_int_eq(charm_tick(&charm), 0);
	}
	ck_assert_int_eq(charm_posts(&charm), 4);
	charm_expect_begin(&charm, "blocked", "Snap Store has no channel '9.9/stable'");
	charm_config(&charm, "edge");
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 4);
}
END_TEST

START_TEST(a_missing_channel_that_appears_is_taken)
{
	ck_assert_int_eq(charm_deploy(&charm, "channel=9.9/stable"), 0);
	charm_expect_begin(&charm, "blocked", "Snap Store has no channel '9.9/stable'");
	charm_ctl(&charm,
		"{\"do\":\"store\",\"set\":{\"channels\":{\"9.9/stable\":{\"revision\":\"9\","
		"\"version\":\"9.9\"}}}}");
	charm_pass(&charm, 300); /* the hooks of the deploy were one try */
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at '9.9/stable'");
	charm_expect_version(&charm, "9.9");
}
END_TEST

START_TEST(a_corrected_channel_installs_what_was_never_installed)
{
	ck_assert_int_eq(charm_deploy(&charm, "channel=foo"), 0);
	charm_expect_begin(&charm, "blocked", "Invalid channel configured: 'foo'");
	ck_assert_int_eq(charm_requests(&charm), 0);
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert(was_told("Installing microsample snap"));
	ck_assert(!was_told("Refreshing"));
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(start_does_not_overwrite_a_block)
{
	ck_assert_int_eq(charm_deploy(&charm, "channel=foo"), 0);
	ck_assert_int_eq(charm_hook(&charm, "start"), 0);
	charm_expect_begin(&charm, "blocked", "Invalid channel configured: 'foo'");
	ck_assert_int_eq(charm_hook(&charm, "leader-elected"), 0);
	charm_expect_begin(&charm, "blocked", "Invalid channel configured: 'foo'");
}
END_TEST

START_TEST(a_failed_install_is_never_ready)
{
	ck_assert_int_eq(charm_deploy(&charm, "channel=hookfail/stable"), 0);
	charm_expect_begin(&charm, "waiting", "Change failed");
	ck_assert(!was_told("Ready at"));
	charm_expect_version(&charm, "");
	ck_assert(!charm_snap_present(&charm));
}
END_TEST

START_TEST(a_failed_refresh_keeps_what_runs_and_says_so)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_config(&charm, "hookfail/stable");
	charm_expect_begin(
		&charm, "waiting", "Refresh failed: ...post-refresh hook: about to fail; next try");
	ck_assert(was_told("next try "));
	ck_assert(was_told("'edge' runs"));
	charm_expect_version(&charm, "3.0-dev");
	charm_config(&charm, "edge");
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

START_TEST(another_channel_is_another_request)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_config(&charm, "hookfail/stable");
	charm_expect_begin(&charm, "waiting", "Refresh failed: ");
	charm_config(&charm, "beta"); /* the pause is only for hookfail/stable */
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

/* Each try stops the service. */
START_TEST(a_refresh_that_fails_is_tried_three_times_and_no_more)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	charm_config(&charm, "hookfail/stable");
	for (int i = 0; i < 288; i++) { /* a day of update-status */
		charm_pass(&charm, 300);
		ck_assert_int_eq(charm_tick(&charm), 0);
	}
	ck_assert_int_eq(charm_posts(&charm), 3);
	charm_expect_begin(&charm, "blocked", "Refresh to 'hookfail/stable' failed three times: ");
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	charm_config(&charm, "hookfail/stable"); /* set anew, it is asked for anew */
	ck_assert_int_eq(charm_posts(&charm), 5);
}
END_TEST

START_TEST(store_trouble_is_waited_out)
{
	charm_ctl(&charm, "{\"do\":\"store\",\"set\":{\"down\":true}}");
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect_begin(&charm, "waiting", "Snap Store trouble: ");
	charm_ctl(&charm, "{\"do\":\"store\",\"set\":{\"down\":false}}");
	charm_pass(&charm, 1000);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

START_TEST(the_last_value_wins)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	charm_expect_begin(&charm, "waiting", "Refresh stands at step ");
	charm_config(&charm, "stable"); /* while the refresh to beta runs */
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	charm_pass(&charm, 300);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'stable'");
	ck_assert_int_eq(charm_changes(&charm), 3); /* install, beta, stable: none of them twice */
}
END_TEST

START_TEST(a_value_that_changes_back_while_it_runs_is_followed_back)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	charm_config(&charm, "edge");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_changes(&charm), 3);
}
END_TEST

START_TEST(a_change_that_does_not_end_does_not_hold_the_hook)
{
	long long before;

	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	before = sandbox_clock_now(charm.clock);
	charm_config(&charm, "beta");
	ck_assert_int_le(sandbox_clock_now(charm.clock) - before, 25 * SANDBOX_CLOCK_SECOND);
	ck_assert_int_ge(sandbox_clock_now(charm.clock) - before, 20 * SANDBOX_CLOCK_SECOND);
	charm_expect_begin(&charm, "waiting", "Refresh stands at step ");
}
END_TEST

START_TEST(a_foreign_change_that_does_not_move_is_not_waited_for)
{
	long long before;

	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"held\":true}");
	before = sandbox_clock_now(charm.clock);
	charm_config(&charm, "beta");
	ck_assert_int_le(
		sandbox_clock_now(charm.clock) - before, charm_tells() * 30 * SANDBOX_CLOCK_SECOND);
	ck_assert_int_eq(charm_posts(&charm), 1); /* that of the install */
}
END_TEST

START_TEST(a_bad_option_while_a_change_runs_harms_nothing)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	charm_config(&charm, "foo");
	charm_expect_begin(&charm, "blocked", "Invalid channel configured: 'foo'");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_changes(&charm), 2);
}
END_TEST

START_TEST(nothing_is_asked_when_nothing_is_to_be_done)
{
	char *rows;

	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	rows = charm_sql(&charm, "select count(*) from journal");
	charm_forget(&charm);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert_int_le(charm_requests(&charm), 2);
	ck_assert_int_eq(calls("update-status", NULL), 1);
	ck_assert_int_eq(calls("update-status", "config-get"), 1);
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	ck_assert_int_le(calls("config-changed", NULL), 2);
	ck_assert_int_eq(charm_posts(&charm), 0);
	char *after = charm_sql(&charm, "select count(*) from journal");
	ck_assert_str_eq(rows, after);
	free(rows);
	free(after);
}
END_TEST

START_TEST(a_port_that_another_unit_has_blocks_and_clears)
{
	ck_assert_int_eq(
		juju_call(&charm.juju, "fault", "open-port", "port-conflict", "--times", "9"), 0);
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect(&charm, "blocked",
		"Port 8080/tcp is taken by another unit on this machine; move one of them");
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "--clear"), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

/* Nothing is left for a person to do, although snapd does not say what is there. */
START_TEST(an_option_mended_while_snapd_is_silent_is_no_task)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_config(&charm, "foo");
	charm_expect_begin(&charm, "blocked", "Invalid channel configured: 'foo'");
	charm_ctl(&charm, "{\"do\":\"away\",\"how\":\"refused\"}");
	charm_forget(&charm);
	charm_config(&charm, "edge");
	charm_expect(&charm, "waiting", "Waiting for snapd: nothing listens on its socket");
	charm_expect_sql(&charm, "SELECT state FROM record", "installing");
	ck_assert(!charm_logged(&charm, "ERROR", ""));
	charm_ctl(&charm, "{\"do\":\"back\"}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("charm");
	TCase *tests;

	tests = charm_case(suite, "deploy", set_up, tear_down);
	tcase_add_test(tests, deploy_installs_from_edge_by_default);
	tcase_add_test(tests, deploy_installs_from_the_configured_channel);
	tcase_add_test(tests, a_track_is_followed);
	tcase_add_test(tests, a_closed_risk_that_the_store_serves_from_another_is_ready);
	tcase_add_test(tests, the_port_is_open_after_deploy);
	tcase_add_test(tests, progress_is_told_while_it_downloads);

	tests = charm_case(suite, "config", set_up, tear_down);
	tcase_add_test(tests, config_refreshes_to_another_channel);
	tcase_add_test(tests, the_same_revision_in_another_channel_is_only_switched);
	tcase_add_test(tests, the_last_value_wins);
	tcase_add_test(tests, a_value_that_changes_back_while_it_runs_is_followed_back);
	tcase_add_test(tests, a_bad_option_while_a_change_runs_harms_nothing);
	tcase_add_test(tests, a_change_that_does_not_end_does_not_hold_the_hook);
	tcase_add_test(tests, a_foreign_change_that_does_not_move_is_not_waited_for);

	tests = charm_case(suite, "options", set_up, tear_down);
	tcase_add_loop_test(tests, nonsense_blocks_and_asks_snapd_nothing, 0,
		(int)(sizeof nonsense / sizeof *nonsense));
	tcase_add_test(tests, ten_kilobytes_of_option_are_cut);
	tcase_add_test(tests, an_option_that_is_no_text_blocks);
	tcase_add_test(tests, a_bad_revision_blocks_and_a_good_one_mends_it);
	tcase_add_test(tests, of_several_bad_options_the_first_is_told_and_all_are_kept);
	tcase_add_test(tests, a_revision_is_part_of_what_is_wanted);
	tcase_add_loop_test(tests, juju_refuses_what_is_not_of_the_type, 0,
		(int)(sizeof refused / sizeof *refused));
	tcase_add_test(tests, a_configuration_of_one_option_has_the_defaults_of_the_others);
	tcase_add_test(tests, a_corrected_channel_installs_what_was_never_installed);
	tcase_add_test(tests, start_does_not_overwrite_a_block);
	tcase_add_test(tests, an_option_mended_while_snapd_is_silent_is_no_task);

	tests = charm_case(suite, "store", set_up, tear_down);
	tcase_add_test(tests, a_channel_the_store_lacks_blocks_and_names_those_it_has);
	tcase_add_test(tests, a_missing_channel_that_appears_is_taken);
	tcase_add_test(tests, store_trouble_is_waited_out);

	tests = charm_case(suite, "failures", set_up, tear_down);
	tcase_add_test(tests, a_failed_install_is_never_ready);
	tcase_add_test(tests, a_failed_refresh_keeps_what_runs_and_says_so);
	tcase_add_test(tests, another_channel_is_another_request);
	tcase_add_test(tests, a_refresh_that_fails_is_tried_three_times_and_no_more);

	tests = charm_case(suite, "idle", set_up, tear_down);
	tcase_add_test(tests, nothing_is_asked_when_nothing_is_to_be_done);
	tcase_add_test(tests, a_port_that_another_unit_has_blocks_and_clears);
	return suite;
}

int main(void)
{
	return charm_run(suite);
}
