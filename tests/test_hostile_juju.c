/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hook tools fail, flood, hang, die or are missing, at each place where the charm calls them.
 * Whatever they do, the snap must be installed once, and the charm must tell Juju later what it
 * could not tell it at first.
 */
#include <check.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/hostile_kit.h"
#include "tests/suite.h"

static struct charm charm;

static void set_up(void)
{
	charm_open(&charm, "2.77");
	hostile_begin();
}

static void tear_down(void)
{
	charm_close(&charm);
}

static const char *const tools[] = { "config-get", "status-set", "application-version-set",
	"juju-log", "open-port", "opened-ports" };
static const char *const faults[] = { "exit1", "exit2", "flood", "die", "missing" };

/* Checks that the port is open, Juju knows the version, and one request was made. */
static void expect_installed(void)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	const cJSON *ports = cJSON_GetObjectItem(shown, "ports");

	ck_assert_int_eq(cJSON_GetArraySize(ports), 1);
	ck_assert_str_eq(cJSON_GetArrayItem(ports, 0)->valuestring, "8080/tcp");
	cJSON_Delete(shown);
	charm_expect_version(&charm, "3.0-dev");
	ck_assert_int_eq(charm_changes(&charm), 1);
	ck_assert_int_eq(charm_changes_done(&charm), 1);
	hostile_sound(&charm);
}

enum {
	POSITIONS = 3, /* the first, second, third call of a tool */
};

START_TEST(one_call_that_fails_is_made_good)
{
	const char *tool = tools[_i / POSITIONS / COUNT(faults)];
	const char *fault = faults[_i / POSITIONS % COUNT(faults)];

	hostile_tool(&charm, tool, fault, 1, _i % POSITIONS);
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	hostile_tools_well(&charm);
	hostile_settle(&charm, "edge");
	expect_installed();
}
END_TEST

START_TEST(what_could_not_be_told_is_told_later)
{
	hostile_tool(&charm, "status-set", faults[_i], 999, 0);
	hostile_tool(&charm, "application-version-set", faults[_i], 999, 0);
	hostile_tool(&charm, "juju-log", faults[_i], 999, 0);
	hostile_tool(&charm, "open-port", faults[_i], 999, 0);
	hostile_tool(&charm, "opened-ports", faults[_i], 999, 0);
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	ck_assert_int_eq(hostile_complaints(&charm), 0);
	ck_assert_int_eq(charm_changes_done(&charm), 1);
	ck_assert_int_eq(charm_tick(&charm), 0);
	hostile_tools_well(&charm);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	expect_installed();
}
END_TEST

START_TEST(without_its_configuration_it_does_nothing_and_says_so)
{
	cJSON *shown;

	hostile_tool(&charm, "config-get", faults[_i], 999, 0);
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	shown = juju_show(&charm.juju, UNIT);
	ck_assert_str_eq(juju_show_text(shown, "status"), "error");
	/* One line for each of the runs. */
	ck_assert_int_eq(
		hostile_complaints(&charm), cJSON_GetArraySize(cJSON_GetObjectItem(shown, "runs")));
	ck_assert(hostile_logged(&charm, "microsample-vm: config-get: "));
	cJSON_Delete(shown);
	ck_assert_int_eq(charm_requests(&charm), 0);
	hostile_tools_well(&charm);
	ck_assert_int_eq(juju_call(&charm.juju, "resolved", UNIT), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	expect_installed();
}
END_TEST

/* config-get succeeds, but prints no configuration. */
static const char *const unreadable[] = { "", "null", "[]", "{", "{\"channel\":\"edge\"", "edge",
	"channel: edge", "{\"channel\":\"edge\"} {}" };

START_TEST(a_configuration_that_is_none_changes_nothing)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "config-get", "text", unreadable[_i]), 0);
	/* Juju runs the hook again, and then the tool works. */
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	ck_assert_int_eq(hostile_complaints(&charm), 1);
	ck_assert(
		hostile_logged(&charm, "microsample-vm: config-get: its output is no JSON object"));
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

/* A tool that hangs when it is called to tell Juju something. */
static const struct {
	const char *tool, *hook, *option;
} hangs[] = {
	{ "status-set", "config-changed", "{\"channel\":\"foo\"}" },
	{ "juju-log", "config-changed", "{\"channel\":\"foo\"}" },
	{ "application-version-set", "config-changed", "{\"channel\":\"beta\"}" },
	{ "opened-ports", "start", "{\"channel\":\"edge\"}" },
};

START_TEST(a_tool_that_hangs_is_left_behind)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	hostile_env(&charm, "MICROSAMPLE_HOOK_BUDGET=2");
	hostile_tool(&charm, hangs[_i].tool, "hang", 1, 0);
	ck_assert_int_eq(
		juju_call(&charm.juju, "fault", "config-get", "text", hangs[_i].option), 0);
	hostile_begin();
	ck_assert_int_eq(charm_hook(&charm, hangs[_i].hook), 0);
	/* What is left of the two seconds, and five to tell Juju. */
	ck_assert_int_ge(hostile_elapsed(), 5000);
	ck_assert_int_lt(hostile_elapsed(), 25000);
	ck_assert_int_eq(hostile_complaints(&charm), 0);
	hostile_settle(&charm, "edge");
	hostile_sound(&charm);
}
END_TEST

START_TEST(a_config_get_that_hangs_is_a_failure)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	hostile_env(&charm, "MICROSAMPLE_HOOK_BUDGET=1");
	hostile_tool(&charm, "config-get", "hang", 1, 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(hostile_complaints(&charm), 1);
	ck_assert(hostile_logged(&charm, "microsample-vm: config-get: no end after 6 s"));
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_lt(hostile_elapsed(), 40000);
}
END_TEST

/* Real time passes here, and no hanging tool gets all of it. */
START_TEST(all_tools_that_hang_have_one_budget)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	hostile_env(&charm, "SANDBOX_CLOCK=");
	hostile_env(&charm, "MICROSAMPLE_HOOK_BUDGET=3");
	for (int i = 1; i < COUNT(tools); i++)
		hostile_tool(&charm, tools[i], "hang", 99, 0);
	ck_assert_int_eq(
		juju_call(&charm.juju, "fault", "config-get", "text", "{\"channel\":\"foo\"}"), 0);
	hostile_begin();
	ck_assert_int_eq(charm_hook(&charm, "start"), 0);
	/* opened-ports 8 s; open-port, status-set and juju-log 5 s each. */
	ck_assert_int_ge(hostile_elapsed(), 20000);
	ck_assert_int_lt(hostile_elapsed(), 40000);
	ck_assert_int_eq(hostile_complaints(&charm), 0);
	hostile_tools_well(&charm);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	expect_installed();
}
END_TEST

START_TEST(a_unit_leaves_without_its_tools)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	/* The hook stop reads the option; the hook remove does not need it. */
	for (int i = 0; i < COUNT(tools); i++)
		hostile_tool(&charm, tools[i], faults[_i], 999, i == 0);
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(!charm_snap_present(&charm));
	ck_assert_int_eq(charm_changes_done(&charm), 2);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("hostile_juju");
	TCase *tests = tcase_create("tools");
	TCase *slow = tcase_create("hanging");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_checked_fixture(slow, set_up, tear_down);
	tcase_set_timeout(tests, 60);
	tcase_set_timeout(slow, 120);
	tcase_add_loop_test(tests, one_call_that_fails_is_made_good, 0,
		COUNT(tools) * COUNT(faults) * POSITIONS);
	tcase_add_loop_test(tests, what_could_not_be_told_is_told_later, 0, COUNT(faults));
	tcase_add_loop_test(
		tests, without_its_configuration_it_does_nothing_and_says_so, 0, COUNT(faults));
	tcase_add_loop_test(
		tests, a_configuration_that_is_none_changes_nothing, 0, COUNT(unreadable));
	tcase_add_loop_test(tests, a_unit_leaves_without_its_tools, 0, COUNT(faults));
	tcase_add_loop_test(slow, a_tool_that_hangs_is_left_behind, 0, COUNT(hangs));
	tcase_add_test(slow, a_config_get_that_hangs_is_a_failure);
	tcase_add_test(slow, all_tools_that_hang_have_one_budget);
	suite_add_tcase(suite, tests);
	suite_add_tcase(suite, slow);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
