/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in snapd: what it shows of the snap and of a change while that runs. The expected
 * values come from the recorded daemons.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox_snapd_kit.h"
#include "tests/suite.h"

/*
 * Steps until nothing moves. One line for each view of the snap that differs from the one before.
 */
static void views(struct buf *ret)
{
	char last[256] = "";
	int taken = 1;

	buf_init(ret, 4096);
	while (taken > 0) {
		const char *now = kit_snap();
		cJSON *stepped;

		if (strcmp(now, last) != 0) {
			(void)buf_addf(ret, "%s\n", now);
			(void)snprintf(last, sizeof last, "%s", now);
		}
		stepped = snapd_proc_ctl(&kit, "{'do':'step'}");
		taken = cJSON_GetObjectItemCaseSensitive(stepped, "taken")->valueint;
		cJSON_Delete(stepped);
	}
}

START_TEST(install_is_seen_from_link_on)
{
	CLEANUP(buf_done) struct buf seen;

	(void)kit_post("{'action':'install','channel':'latest/stable'}", 202, "");
	views(&seen);
	ck_assert_str_eq(buf_text(&seen), "none\n"
					  "1 latest/stable active \n"
					  "1 latest/stable active e\n"
					  "1 latest/stable active ea\n");
	ck_assert_str_eq(kit_tasks("2"), "++++++++++++++++++ Done");
}
END_TEST

START_TEST(refresh_is_unlinked_then_active_before_its_service)
{
	CLEANUP(buf_done) struct buf seen;

	kit_install("latest/edge");
	(void)kit_post("{'action':'refresh','channel':'latest/beta'}", 202, "");
	views(&seen);
	ck_assert_str_eq(buf_text(&seen), "3 latest/edge active ea\n"
					  "3 latest/edge active e\n"
					  "3 latest/edge installed \n"
					  "2 latest/beta active \n"
					  "2 latest/beta active e\n"
					  "2 latest/beta active ea\n");
}
END_TEST

START_TEST(remove_is_installed_then_gone)
{
	CLEANUP(buf_done) struct buf seen;

	kit_install("latest/beta");
	(void)kit_post("{'action':'remove','purge':true}", 202, "");
	views(&seen);
	ck_assert_str_eq(buf_text(&seen), "2 latest/beta active ea\n"
					  "2 latest/beta active e\n"
					  "2 latest/beta installed \n"
					  "none\n");
}
END_TEST

START_TEST(failed_refresh_goes_all_the_way_back)
{
	CLEANUP(buf_done) struct buf seen;

	kit_install("latest/stable");
	(void)kit_post("{'action':'refresh','channel':'badconf/stable'}", 202, "");
	views(&seen);
	ck_assert_str_eq(buf_text(&seen), "1 latest/stable active ea\n"
					  "1 latest/stable active e\n"
					  "1 latest/stable installed \n"
					  "9 badconf/stable active \n"
					  "9 badconf/stable active e\n"
					  "9 badconf/stable active ea\n"
					  "9 badconf/stable active e\n"
					  "1 latest/stable installed \n"
					  "1 latest/stable active e\n"
					  "1 latest/stable active ea\n");
	ck_assert_str_eq(kit_tasks("3"), "+-+-------------+EH+ Error");
}
END_TEST

START_TEST(failed_install_leaves_no_snap)
{
	static const char *const channels[][2] = { { "hookfail", "+-+-------EHHHH--- Error" },
		{ "svcfail", "+-+---------EHH--- Error" },
		{ "badconf", "+-+----------EH--- Error" } };

	for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++) {
		char id[16];

		kit_install(channels[i][0]);
		(void)snprintf(id, sizeof id, "%zu", i + 2);
		ck_assert_str_eq(kit_tasks(id), channels[i][1]);
		ck_assert_str_eq(kit_snap(), "none");
	}
	ck_assert_int_eq(kit_counter("changes-done"), 0);
}
END_TEST

START_TEST(error_has_a_line_for_each_failed_task)
{
	kit_install("hookfail");
	ck_assert_str_eq(kit_member("/v2/changes/2", "err"),
		"cannot perform the following tasks:\n- Run install hook of \"microsample\" snap "
		"if "
		"present (run hook \"install\": \n-----\nerror: microsample cannot initialise its "
		"database\ninstall hook: about to fail\n-----)");
}
END_TEST

START_TEST(injected_failure_is_undone_too)
{
	kit_install("latest/edge");
	kit_do("{'do':'fail','task':'run-hook','hook':'check-health','log':'ill'}");
	kit_refresh("latest/beta");
	ck_assert_str_eq(kit_tasks("3"), "+-+-------------+-E+ Error");
	ck_assert_str_eq(kit_member("/v2/changes/3", "err"),
		"cannot perform the following tasks:\n"
		"- Run health check of \"microsample\" snap (ill)");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active ea");
	kit_refresh("latest/beta");
	ck_assert_str_eq(kit_snap(), "2 latest/beta active ea");
}
END_TEST

START_TEST(failed_refresh_to_a_kept_revision_goes_back_too)
{
	kit_install("latest/edge");
	kit_refresh("latest/beta");
	kit_do("{'do':'fail','task':'start-snap-services'}");
	kit_refresh("latest/edge");
	ck_assert_str_eq(kit_tasks("4"), "+------------EHHH+ Error");
	ck_assert_str_eq(kit_snap(), "2 latest/beta active ea");
	kit_refresh("latest/edge");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active ea");
}
END_TEST

START_TEST(status_of_an_install_goes_back_and_forth)
{
	(void)kit_post("{'action':'install'}", 202, "");
	ck_assert_str_eq(kit_tasks("2"), "............... Do");
	kit_do("{'do':'step'}");
	ck_assert_str_eq(kit_tasks("2"), "D.............. Doing");
	kit_do("{'do':'step'}");
	ck_assert_str_eq(kit_tasks("2"), "+.............. Do");
	kit_do("{'do':'step','n':14}");
	ck_assert_str_eq(kit_tasks("2"), "++++++++.......... Do");
}
END_TEST

START_TEST(refresh_watches_itself_from_the_start)
{
	kit_install("latest/edge");
	(void)kit_post("{'action':'refresh','channel':'latest/beta'}", 202, "");
	kit_do("{'do':'step','n':2}");
	ck_assert_str_eq(kit_tasks("3"), "+..................D Doing");
}
END_TEST

START_TEST(newer_snapd_has_more_tasks)
{
	kit_do("{'do':'like','value':'2.77'}");
	kit_install("latest/stable");
	ck_assert_str_eq(kit_tasks("2"), "++++++++++++++++++++ Done");
	kit_refresh("hookfail");
	ck_assert_str_eq(kit_tasks("3"), "+-++-----------EHHHH++- Error");
	ck_assert_str_eq(kit_member(KIT_SNAP, "grade"), "stable");
	ck_assert_str_eq(kit_member(KIT_SNAP, "links"), "");
}
END_TEST

START_TEST(only_two_revisions_are_kept)
{
	kit_install("latest/edge");
	kit_refresh("latest/beta");
	kit_refresh("latest/stable");
	ck_assert_str_eq(kit_tasks("4"), "++++++++++++++++++++++ Done");
	(void)kit_post("{'action':'remove','revision':'3'}", 400, "snap-not-installed");
	kit_refresh("latest/beta");
	ck_assert_str_eq(kit_tasks("5"), "++++++++++++++++++ Done");
}
END_TEST

START_TEST(same_revision_elsewhere_is_one_task)
{
	kit_install("latest/stable");
	kit_refresh("latest/candidate");
	ck_assert_str_eq(kit_tasks("3"), "+ Done");
	ck_assert_str_eq(kit_member(KIT_SNAP, "channel"), "latest/candidate");
	ck_assert_str_eq(kit_snap(), "1 latest/candidate active ea");
}
END_TEST

START_TEST(closed_risk_falls_back_and_is_tracked)
{
	kit_install("2.0/edge");
	ck_assert_str_eq(kit_member(KIT_SNAP, "channel"), "2.0/stable");
	ck_assert_str_eq(kit_member(KIT_SNAP, "tracking-channel"), "2.0/edge");
	kit_refresh("2.0");
	ck_assert_str_eq(kit_member(KIT_SNAP, "channel"), "2.0");
	ck_assert_str_eq(kit_member(KIT_SNAP, "tracking-channel"), "2.0/stable");
	kit_refresh("2.0/stable/hotfix");
	ck_assert_str_eq(kit_member(KIT_SNAP, "tracking-channel"), "2.0/stable/hotfix");
	kit_refresh("edge");
	ck_assert_str_eq(kit_member(KIT_SNAP, "tracking-channel"), "2.0/edge");
}
END_TEST

START_TEST(refresh_by_revision_always_runs)
{
	kit_install("latest/stable");
	(void)kit_post("{'action':'refresh','revision':'1'}", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_tasks("3"), "++++++++++++++++++ Done");
	(void)kit_post("{'action':'refresh','revision':2}", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "2 latest/stable active ea");
	(void)kit_post("{'action':'refresh','revision':4711}", 404, "snap-revision-not-available");
}
END_TEST

START_TEST(switch_asks_no_store)
{
	kit_install("latest/edge");
	(void)kit_post("{'action':'switch','channel':'9.9/edge'}", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "3 9.9/edge active ea");
	(void)kit_post("{'action':'refresh'}", 404, "snap-channel-not-available");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox_snapd");
	TCase *tcase = kit_case("seen");

	tcase_add_test(tcase, install_is_seen_from_link_on);
	tcase_add_test(tcase, refresh_is_unlinked_then_active_before_its_service);
	tcase_add_test(tcase, remove_is_installed_then_gone);
	tcase_add_test(tcase, failed_refresh_goes_all_the_way_back);
	tcase_add_test(tcase, failed_install_leaves_no_snap);
	tcase_add_test(tcase, error_has_a_line_for_each_failed_task);
	tcase_add_test(tcase, injected_failure_is_undone_too);
	tcase_add_test(tcase, failed_refresh_to_a_kept_revision_goes_back_too);
	tcase_add_test(tcase, status_of_an_install_goes_back_and_forth);
	tcase_add_test(tcase, refresh_watches_itself_from_the_start);
	tcase_add_test(tcase, newer_snapd_has_more_tasks);
	tcase_add_test(tcase, only_two_revisions_are_kept);
	tcase_add_test(tcase, same_revision_elsewhere_is_one_task);
	tcase_add_test(tcase, closed_risk_falls_back_and_is_tracked);
	tcase_add_test(tcase, refresh_by_revision_always_runs);
	tcase_add_test(tcase, switch_asks_no_store);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
