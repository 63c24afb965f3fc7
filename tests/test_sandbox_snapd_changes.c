/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in snapd: aborted, failing, foreign and waiting changes, and what tests can set by
 * control commands.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sandbox_snapd_kit.h"
#include "tests/suite.h"

/* The name and whether it runs of every service of the snap. */
static const char *services(void)
{
	static char ret[128];
	const cJSON *app;

	ret[0] = '\0';
	(void)kit_ask("GET", KIT_SNAP, NULL, 200, "");
	cJSON_ArrayForEach(
		app, cJSON_GetObjectItem(cJSON_GetObjectItem(kit_answer(), "result"), "apps"))(void)
		snprintf(ret + strlen(ret), sizeof ret - strlen(ret), "%s%s ",
			cJSON_GetStringValue(cJSON_GetObjectItem(app, "name")),
			cJSON_IsTrue(cJSON_GetObjectItem(app, "active")) ? "+" : "-");
	return ret;
}

START_TEST(release_may_have_several_services)
{
	kit_do("{'do':'store','set':{'channels':{'latest/edge':{'services':'web,worker'}}}}");
	kit_install("latest/edge");
	ck_assert_str_eq(services(), "web+ worker+ ");
	(void)kit_ask(
		"POST", "/v2/apps", "{'action':'stop','names':['microsample.worker']}", 202, "");
	(void)kit_ask("POST", "/v2/apps", "{'action':'stop','names':['microsample.work']}", 404,
		"app-not-found");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(services(), "web- worker- ");
	kit_refresh("latest/beta");
	ck_assert_str_eq(services(), "microsample+ ");
}
END_TEST

START_TEST(store_can_be_released_to)
{
	kit_install("latest/edge");
	kit_do("{'do':'store','set':{'channels':{'latest/"
	       "edge':{'revision':'30','version':'3.1'}}}}");
	(void)kit_post("{'action':'refresh'}", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_member(KIT_SNAP, "version"), "3.1");
	kit_do("{'do':'store','set':{'channels':{'latest/edge':null}}}");
	kit_refresh("latest/edge/x");
	ck_assert_str_eq(kit_snap(), "2 latest/edge/x active ea");
}
END_TEST

START_TEST(failed_download_touches_nothing)
{
	kit_install("latest/edge");
	kit_do("{'do':'store','set':{'download':404}}");
	kit_refresh("latest/beta");
	ck_assert_str_eq(kit_tasks("3"), "+EHHHHHHHHHHHHHHHHH+ Error");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active ea");
}
END_TEST

START_TEST(long_download_shows_how_far_it_is)
{
	(void)kit_post("{'action':'install','channel':'big'}", 202, "");
	kit_do("{'do':'step','n':5}");
	ck_assert_ptr_nonnull(strstr(kit_member("/v2/changes/2", "tasks"),
		"{\"label\":\"microsample\",\"done\":6389760,\"total\":12288000}"));
}
END_TEST

START_TEST(abort_at_once_ends_done_with_nothing_done)
{
	kit_install("latest/edge");
	(void)kit_post("{'action':'refresh','channel':'latest/beta'}", 202, "");
	kit_do("{'do':'step','n':2}");
	(void)kit_ask("POST", "/v2/changes/3", "{'action':'abort'}", 200, "");
	ck_assert_str_eq(kit_tasks("3"), "+HHHHHHHHHHHHHHHHHHH Done");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active ea");
	ck_assert_int_eq(kit_counter("changes-made"), 2);
	ck_assert_int_eq(kit_counter("changes-done"), 1);
	ck_assert_str_eq(kit_ask("POST", "/v2/changes/3", "{'action':'abort'}", 400, ""),
		"cannot abort change 3 with nothing pending");
}
END_TEST

START_TEST(abort_shows_its_marks_first)
{
	(void)kit_post("{'action':'install','channel':'big'}", 202, "");
	kit_do("{'do':'step','n':3}");
	(void)kit_ask("POST", "/v2/changes/2", "{'action':'abort'}", 200, "");
	ck_assert_str_eq(cJSON_GetObjectItemCaseSensitive(
				 cJSON_GetObjectItemCaseSensitive(kit_answer(), "result"), "status")
				 ->valuestring,
		"Abort");
	ck_assert_str_eq(kit_tasks("2"), "uAHHHHHHHHHHHHH Abort");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_tasks("2"), "+EHHHHHHHHHHHHH Error");
}
END_TEST

START_TEST(abort_in_a_slow_hook_ends_in_error)
{
	kit_install("latest/edge");
	(void)kit_post("{'action':'refresh','channel':'slow'}", 202, "");
	kit_do("{'do':'step','n':29}");
	ck_assert_str_eq(kit_tasks("3"), "++++++++++++++D....D Doing");
	kit_do("{'do':'abort','change':'3'}");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_tasks("3"), "+-+-----------EHHHHH Error");
	ck_assert_ptr_nonnull(strstr(kit_member("/v2/changes/3", "err"), "<aborted>"));
}
END_TEST

START_TEST(abort_in_another_task_ends_undone_without_error)
{
	(void)kit_post("{'action':'install'}", 202, "");
	kit_do("{'do':'step','n':7}");
	kit_do("{'do':'abort','change':'2'}");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_tasks("2"), "+-+-HHHHHHHHHHH Undone");
	ck_assert_str_eq(kit_member("/v2/changes/2", "err"), "");
}
END_TEST

START_TEST(disabled_snap_is_installed_and_cannot_be_refreshed)
{
	kit_install("latest/edge");
	(void)kit_post("{'action':'disable'}", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "3 latest/edge installed ");
	(void)kit_post("{'action':'refresh','channel':'9.9'}", 400, "");
	(void)kit_post("{'action':'enable'}", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_tasks("4"), "++++++ Done");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active ea");
}
END_TEST

START_TEST(refresh_starts_what_was_stopped_and_not_what_was_disabled)
{
	kit_install("latest/edge");
	(void)kit_ask("POST", "/v2/apps", "{'action':'stop','names':['microsample']}", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active e");
	kit_refresh("latest/beta");
	ck_assert_str_eq(kit_snap(), "2 latest/beta active ea");
	(void)kit_ask("POST", "/v2/apps",
		"{'action':'stop','disable':true,'names':['microsample.microsample']}", 202, "");
	kit_do("{'do':'finish'}");
	kit_refresh("latest/edge");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active ");
	(void)kit_ask("POST", "/v2/apps", "{'action':'stop','names':['microsample.nope']}", 404,
		"app-not-found");
}
END_TEST

START_TEST(local_snap_must_be_amended)
{
	kit_do("{'do':'snap','set':{'revision':'x1','id':'','channel':'','tracking':''}}");
	ck_assert_str_eq(kit_member(KIT_SNAP, "tracking-channel"), "");
	(void)kit_post("{'action':'refresh','channel':'latest/edge'}", 400, "snap-local");
	(void)kit_post("{'action':'refresh','channel':'latest/edge','amend':true}", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active ea");
	ck_assert_str_eq(kit_member(KIT_SNAP, "id"), "MicroSampleSnapId000000000000001");
}
END_TEST

START_TEST(snap_can_be_set_as_wanted)
{
	kit_do("{'do':'snap','set':{'revision':'77','tracking':'7/edge','service':"
	       "{'enabled':true,'active':false},'disabled':false,'broken':'torn'}}");
	ck_assert_str_eq(kit_snap(), "77 7/edge active ");
	ck_assert_str_eq(kit_member(KIT_SNAP, "broken"), "torn");
	kit_do("{'do':'snap','set':{'broken':'','apps':null}}");
	ck_assert_str_eq(kit_member(KIT_SNAP, "apps"), "");
	kit_do("{'do':'snap','set':{'apps':[{'name':'other'}]}}");
	ck_assert_str_eq(kit_member(KIT_SNAP, "apps"), "[{\"name\":\"other\"}]");
	kit_do("{'do':'snap','name':'microsample','gone':true}");
	ck_assert_str_eq(kit_snap(), "none");
}
END_TEST

START_TEST(foreign_change_stands_in_the_way_until_released)
{
	kit_install("latest/edge");
	kit_do("{'do':'foreign','kind':'auto-refresh','channel':'latest/beta','held':true}");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_tasks("3"), "D..................D Doing");
	ck_assert_str_eq(kit_post("{'action':'remove'}", 409, "snap-change-conflict"),
		"snap \"microsample\" has \"auto-refresh\" change in progress");
	kit_do("{'do':'release'}");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "2 latest/beta active ea");
	ck_assert_int_eq(kit_counter("changes-made"), 1);
}
END_TEST

START_TEST(foreign_change_can_be_held_anywhere)
{
	kit_install("latest/edge");
	kit_do("{'do':'foreign','kind':'refresh-snap','revision':99,'held-at':'copy-snap-data'}");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "3 latest/edge installed ");
	kit_do("{'do':'release'}");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "99 latest/edge active ea");
}
END_TEST

START_TEST(pre_download_stands_in_nobodys_way)
{
	kit_install("latest/edge");
	kit_do("{'do':'foreign','kind':'pre-download','channel':'latest/beta','held':true}");
	kit_do("{'do':'foreign','kind':'become-operational','held':true}");
	(void)kit_post("{'action':'remove'}", 202, "");
}
END_TEST

START_TEST(changes_are_selected)
{
	kit_install("latest/edge");
	(void)kit_post("{'action':'refresh','channel':'latest/beta'}", 202, "");
	ck_assert_int_eq(kit_count("/v2/changes"), 1);
	ck_assert_int_eq(kit_count("/v2/changes?select=ready&for=microsample"), 1);
	ck_assert_int_eq(kit_count("/v2/changes?select=all"), 3);
	ck_assert_int_eq(kit_count("/v2/changes?select=in-progress&for=other"), 0);
	ck_assert_str_eq(kit_ask("GET", "/v2/changes?select=bogus", NULL, 400, ""),
		"select should be one of: all,in-progress,ready");
}
END_TEST

START_TEST(pruned_change_is_unknown)
{
	kit_install("latest/edge");
	kit_do("{'do':'prune'}");
	ck_assert_str_eq(
		kit_ask("GET", "/v2/changes/2", NULL, 404, ""), "cannot find change with id \"2\"");
	ck_assert_str_eq(kit_post("{'action':'remove'}", 202, ""), "3");
	kit_do("{'do':'purge'}");
	ck_assert_str_eq(kit_post("{'action':'remove'}", 202, ""), "1");
}
END_TEST

START_TEST(waiting_change_is_not_over)
{
	kit_install("latest/edge");
	(void)kit_post("{'action':'refresh','channel':'latest/beta'}", 202, "");
	kit_do("{'do':'wait','change':'3'}");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_member("/v2/changes/3", "status"), "Wait");
	ck_assert_str_eq(kit_member("/v2/changes/3", "ready"), "false");
	kit_do("{'do':'release'}");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_member("/v2/changes/3", "status"), "Done");
}
END_TEST

START_TEST(hold_is_done_at_once_and_shown)
{
	kit_install("latest/edge");
	(void)kit_post("{'action':'hold','time':'forever','hold-level':'general'}", 202, "");
	ck_assert_str_eq(kit_tasks("3"), " Done");
	ck_assert_int_eq(strncmp(kit_member(KIT_SNAP, "hold"), "23", 2), 0);
	(void)kit_post("{'action':'unhold'}", 202, "");
	ck_assert_str_eq(kit_member(KIT_SNAP, "hold"), "");
}
END_TEST

START_TEST(first_install_brings_its_base_and_restarts_snapd)
{
	bool restarted = false;

	kit_do("{'do':'snap','name':'snapd','gone':true}");
	kit_do("{'do':'snap','name':'bare','gone':true}");
	(void)kit_post("{'action':'install','channel':'latest/edge'}", 202, "");
	for (int i = 0; i < 100; i++) {
		kit_do("{'do':'step'}");
		(void)kit_tasks("2");
		restarted =
			restarted || cJSON_GetObjectItemCaseSensitive(kit_answer(), "maintenance");
	}
	ck_assert(restarted);
	ck_assert_str_eq(kit_tasks("2"), "++++++++++++++++++++++++++++++++++++++++++++ Done");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active ea");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox_snapd_changes");
	TCase *tcase = kit_case("changes");

	tcase_add_test(tcase, release_may_have_several_services);
	tcase_add_test(tcase, store_can_be_released_to);
	tcase_add_test(tcase, failed_download_touches_nothing);
	tcase_add_test(tcase, long_download_shows_how_far_it_is);
	tcase_add_test(tcase, abort_at_once_ends_done_with_nothing_done);
	tcase_add_test(tcase, abort_shows_its_marks_first);
	tcase_add_test(tcase, abort_in_a_slow_hook_ends_in_error);
	tcase_add_test(tcase, abort_in_another_task_ends_undone_without_error);
	tcase_add_test(tcase, disabled_snap_is_installed_and_cannot_be_refreshed);
	tcase_add_test(tcase, refresh_starts_what_was_stopped_and_not_what_was_disabled);
	tcase_add_test(tcase, local_snap_must_be_amended);
	tcase_add_test(tcase, snap_can_be_set_as_wanted);
	tcase_add_test(tcase, foreign_change_stands_in_the_way_until_released);
	tcase_add_test(tcase, foreign_change_can_be_held_anywhere);
	tcase_add_test(tcase, pre_download_stands_in_nobodys_way);
	tcase_add_test(tcase, changes_are_selected);
	tcase_add_test(tcase, pruned_change_is_unknown);
	tcase_add_test(tcase, waiting_change_is_not_over);
	tcase_add_test(tcase, hold_is_done_at_once_and_shown);
	tcase_add_test(tcase, first_install_brings_its_base_and_restarts_snapd);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
