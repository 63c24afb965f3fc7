/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ownership of the snap, from a disturbed install to the removal of the unit: a snap that this unit
 * installed is removed with it, a snap that was there before stays.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/charm.h"

static struct charm charm;

static void set_up(void)
{
	charm_open_ready(&charm, "2.77");
}

static void set_up_bare(void)
{
	charm_open(&charm, "2.77");
}

static void tear_down(void)
{
	charm_close(&charm);
}

START_TEST(removal_takes_the_snap_that_this_unit_installed)
{
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(!charm_snap_present(&charm));
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(removal_ends_well_when_the_snap_is_gone)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(removal_ends_well_while_ours_is_in_flight)
{
	cJSON *shown;

	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	shown = juju_show(&charm.juju, UNIT);
	ck_assert(cJSON_IsTrue(cJSON_GetObjectItem(shown, "gone")));
	cJSON_Delete(shown);
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(removal_is_run_again_while_snapd_is_away)
{
	cJSON *shown;

	charm_ctl(&charm, "{\"do\":\"away\",\"how\":\"refused\"}");
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	charm_expect(&charm, "error", "hook failed: \"remove\"");
	ck_assert(charm_logged(&charm, "WARNING",
		"the hook is to run again: Waiting for snapd: nothing listens on its socket"));
	charm_ctl(&charm, "{\"do\":\"back\"}");
	ck_assert_int_eq(juju_call(&charm.juju, "resolved", UNIT), 0);
	shown = juju_show(&charm.juju, UNIT);
	ck_assert(cJSON_IsTrue(cJSON_GetObjectItem(shown, "gone")));
	cJSON_Delete(shown);
	ck_assert(!charm_snap_present(&charm));
}
END_TEST

START_TEST(removal_needs_no_readable_option)
{
	charm_config(&charm, "foo");
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(!charm_snap_present(&charm));
}
END_TEST

START_TEST(removal_leaves_a_snap_that_was_there_before)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"revision\":\"3\","
			  "\"version\":\"3.0-dev\",\"channel\":\"latest/edge\",\"tracking\":"
			  "\"latest/edge\",\"id\":\"MicroSampleSnapId000000000000001\"}}");
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(charm_snap_present(&charm));
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(a_snap_that_was_only_refreshed_is_not_ours)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"revision\":\"2\","
			  "\"version\":\"2.0\",\"channel\":\"latest/beta\",\"tracking\":"
			  "\"latest/beta\",\"id\":\"MicroSampleSnapId000000000000001\"}}");
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 1);
	charm_expect_sql(&charm, "select ours from record", "no");
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(charm_snap_present(&charm));
}
END_TEST

START_TEST(a_bad_option_during_the_install_does_not_lose_the_snap)
{
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_config(&charm, "foo");
	charm_expect_begin(&charm, "blocked", "Invalid channel configured: 'foo'");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	charm_config(&charm, "edge");
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 1);
	charm_expect_sql(&charm, "select ours from record", "yes");
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(!charm_snap_present(&charm));
}
END_TEST

START_TEST(an_unseeded_snapd_is_waited_for)
{
	charm_ctl(&charm, "{\"do\":\"seeded\",\"value\":false}");
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect(&charm, "waiting", "Waiting for snapd: it is not seeded yet");
	ck_assert_int_eq(charm_posts(&charm), 0);
	charm_ctl(&charm, "{\"do\":\"seeded\",\"value\":true}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("removal");
	TCase *tests;

	tests = charm_case(suite, "removal", set_up, tear_down);
	tcase_add_test(tests, removal_takes_the_snap_that_this_unit_installed);
	tcase_add_test(tests, removal_ends_well_when_the_snap_is_gone);
	tcase_add_test(tests, removal_ends_well_while_ours_is_in_flight);
	tcase_add_test(tests, removal_is_run_again_while_snapd_is_away);
	tcase_add_test(tests, removal_needs_no_readable_option);

	tests = charm_case(suite, "bare", set_up_bare, tear_down);
	tcase_add_test(tests, removal_leaves_a_snap_that_was_there_before);
	tcase_add_test(tests, a_snap_that_was_only_refreshed_is_not_ours);
	tcase_add_test(tests, a_bad_option_during_the_install_does_not_lose_the_snap);
	tcase_add_test(tests, an_unseeded_snapd_is_waited_for);
	return suite;
}

int main(void)
{
	return charm_run(suite);
}
