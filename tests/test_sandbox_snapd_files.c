/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in snapd and snaps from files, where no recording can hold it: several of them in one
 * request, files that are made for it, a daemon that is killed. The rest is for
 * tests/test_recordings.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/snap_files.h"
#include "tests/sandbox_snapd_kit.h"
#include "tests/suite.h"

#define ONE "action=install snap-path=some.snap snap=@"
#define ALL "action=install transaction=all-snaps snap=@"

static char files[64];

static void make_folder(void)
{
	(void)strcpy(files, "/tmp/filesXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(files));
}

static void drop_folder(void)
{
	CLEANUP(cleanup_free) char *command = alloc_textf("rm -r %s", files);

	ck_assert_int_eq(system(command), 0); /* NOLINT(cert-env33-c): a folder of our own */
}

/* A snap of which snapd has the assertions. */
static void known(const char *what, const char *assertions)
{
	snap_file_make(files, what);
	(void)kit_acknowledge(files, assertions, 200);
}

static void none_there(const char *name)
{
	kit_do("{'do':'snap','name':'%s','gone':true}", name);
}

/* Whether the snap NAME is there, and in which revision. */
static const char *revision_of(const char *name)
{
	CLEANUP(cleanup_free) char *target = alloc_textf("/v2/snaps/%s", name);
	long status;

	cJSON_Delete(snapd_proc_ask(&kit, "GET", target, NULL, &status));
	return status == 404 ? "none" : kit_member(target, "revision");
}

static const char *error_of(const char *change)
{
	CLEANUP(cleanup_free) char *target = alloc_textf("/v2/changes/%s", change);

	return kit_member(target, "err");
}

START_TEST(file_is_what_it_says_of_itself)
{
	known("{'revision':'7','version':'7.1','services':'web,worker','health':'blocked',"
	      "'health-message':'no license','size':'100000'}",
		"microsample_7.assert");
	ck_assert_str_eq(kit_send(files, ONE "microsample_7.snap", 202, ""), "2");
	ck_assert_str_eq(kit_member("/v2/changes/2", "kind"), "install-snap");
	ck_assert_str_eq(kit_member("/v2/changes/2", "summary"),
		"Install \"microsample\" snap from file \"some.snap\"");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "7  active ea");
	ck_assert_str_eq(kit_member(KIT_SNAP, "version"), "7.1");
	ck_assert_str_eq(kit_member(KIT_SNAP, "installed-size"), "100000");
	ck_assert_ptr_nonnull(strstr(kit_member(KIT_SNAP, "apps"), "worker"));
	ck_assert_ptr_nonnull(strstr(kit_member(KIT_SNAP, "health"), "no license"));
}
END_TEST

START_TEST(file_fails_as_it_says)
{
	known("{'revision':'7','quirk':'hookfail'}", "microsample_7.assert");
	(void)kit_send(files, ONE "microsample_7.snap", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_ptr_nonnull(strstr(error_of("2"), "cannot initialise its database"));
	ck_assert_str_eq(kit_snap(), "none");
	kit_install("latest/beta");
	(void)kit_send(files, ONE "microsample_7.snap", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "2 latest/beta active ea");
}
END_TEST

/* The change over what is there has all tasks of a refresh but those that ask the store. */
START_TEST(tasks_are_those_that_were_recorded)
{
	static const char one[] = "................. Do", same[] = "............... Do";

	known("{'revision':'1'}", "microsample_1.assert");
	known("{'revision':'2'}", "microsample_2.assert");
	kit_install("latest/stable");
	(void)kit_post("{'action':'refresh','channel':'latest/beta'}", 202, "");
	kit_do("{'do':'finish'}");
	/* The one that runs; without the hooks of a refresh. */
	ck_assert_str_eq(kit_tasks(kit_send(files, ONE "microsample_2.snap", 202, "")), same);
	kit_do("{'do':'finish'}");
	/* One that is on the disk. */
	ck_assert_str_eq(kit_tasks(kit_send(files, ONE "microsample_1.snap", 202, "")), one);
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "1 latest/beta active ea");
}
END_TEST

/* Everything that a machine without a network needs, in any order. */
START_TEST(several_files_are_one_change)
{
	static const char *const forms[] = {
		ALL "microsample_3.snap snap=@bare_5.snap snap=@snapd_100.snap",
		ALL "snapd_100.snap snap=@microsample_3.snap snap=@bare_5.snap",
	};

	known("{'revision':'3'}", "microsample_3.assert");
	known("{'name':'bare','revision':'5'}", "bare_5.assert");
	known("{'name':'snapd','revision':'100'}", "snapd_100.assert");
	kit_do("{'do':'store','set':{'down':true}}");
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		none_there("microsample");
		none_there("bare");
		none_there("snapd");
		kit_do("{'do':'purge'}");
		(void)kit_send(files, forms[i], 202, "");
		kit_do("{'do':'finish'}");
		ck_assert_str_eq(kit_member("/v2/changes/1", "status"), "Done");
		ck_assert_str_eq(kit_snap(), "3  active ea");
		ck_assert_str_eq(revision_of("bare"), "5");
		ck_assert_str_eq(revision_of("snapd"), "100");
	}
	ck_assert_str_eq(kit_member("/v2/changes/1", "summary"),
		"Install snaps \"snapd\", \"microsample\", \"bare\" from files \"snapd_100.snap\", "
		"\"microsample_3.snap\", \"bare_5.snap\"");
	ck_assert_str_eq(kit_member("/v2/changes/1", "data"),
		"{\"snap-names\":[\"snapd\",\"microsample\",\"bare\"]}");
}
END_TEST

/* What a change is about, by GET /v2/changes?for=. */
static int changes_for(const char *snap)
{
	CLEANUP(cleanup_free)
	char *target = alloc_textf("/v2/changes?select=all&for=%s", snap);

	(void)kit_ask("GET", target, NULL, 200, "");
	return cJSON_GetArraySize(cJSON_GetObjectItem(kit_answer(), "result"));
}

START_TEST(change_of_several_is_about_each)
{
	known("{'revision':'3'}", "microsample_3.assert");
	known("{'name':'bare','revision':'6'}", "bare_6.assert");
	(void)kit_send(files, ALL "bare_6.snap snap=@microsample_3.snap", 202, "");
	ck_assert_int_eq(changes_for("microsample"), 1);
	ck_assert_int_eq(changes_for("bare"), 1);
	ck_assert_int_eq(changes_for("snapd"), 0);
	ck_assert_str_eq(kit_send(files, ONE "bare_6.snap", 409, "snap-change-conflict"),
		"snap \"bare\" has \"install-snap\" change in progress");
	(void)kit_post("{'action':'install'}", 409, "snap-change-conflict");
}
END_TEST

/* A change of several that fails in one of them is undone in all of them. */
START_TEST(several_files_come_together_or_not_at_all)
{
	known("{'revision':'3','quirk':'badconf'}", "microsample_3.assert");
	known("{'name':'bare','revision':'6'}", "bare_6.assert");
	none_there("bare");
	(void)kit_send(files, ALL "microsample_3.snap snap=@bare_6.snap", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_member("/v2/changes/2", "status"), "Error");
	ck_assert_str_eq(kit_snap(), "none");
	ck_assert_str_eq(revision_of("bare"), "none");
	/* And over what was there. */
	kit_do("{'do':'snap','name':'bare','set':{'revision':'5'}}");
	kit_install("latest/beta");
	(void)kit_send(files, ALL "microsample_3.snap snap=@bare_6.snap", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "2 latest/beta active ea");
	ck_assert_str_eq(revision_of("bare"), "5");
}
END_TEST

/* One bad file among good ones: nothing is begun. */
START_TEST(one_bad_file_is_enough)
{
	known("{'revision':'3'}", "microsample_3.assert");
	known("{'revision':'4','architecture':'arm64'}", "microsample_4.assert");
	known("{'name':'bare','revision':'6','architecture':'all'}", "bare_6.assert");
	snap_file_make(files, "{'name':'bare','revision':'7'}");
	ck_assert_str_eq(kit_send(files, ALL "bare_6.snap snap=@microsample_4.snap", 500, ""),
		"cannot install snap/component files: snap \"microsample\" supported architectures "
		"(arm64) are incompatible with this system (amd64)");
	ck_assert_str_eq(kit_send(files, ALL "microsample_3.snap snap=@bare_7.snap", 400, ""),
		"cannot find signatures with metadata for snap/component \"bare_7.snap\"");
	ck_assert_str_eq(kit_send(files, "action=install", 400, ""),
		"cannot find \"snap\" file field in provided multipart/form-data payload");
	ck_assert_str_eq(kit_send(files, "transaction=some snap=@bare_6.snap", 400, ""),
		"transaction must be either \"per-snap\" or \"all-snaps\"");
	kit_do("{'do':'seeded','value':false}");
	(void)kit_send(files, ONE "microsample_3.snap", 500, "");
	kit_do("{'do':'seeded','value':true}");
	kit_do("{'do':'root','value':false}");
	(void)kit_send(files, ONE "microsample_3.snap", 401, "login-required");
	kit_do("{'do':'root','value':true}");
	ck_assert_int_eq(kit_counter("changes-made"), 0);
	(void)kit_send(files, ALL "bare_6.snap snap=@microsample_3.snap", 202, "");
}
END_TEST

/* The real one says nothing of it, and takes the first. */
START_TEST(second_revision_of_a_snap_is_dropped)
{
	known("{'revision':'3'}", "microsample_3.assert");
	known("{'revision':'4'}", "microsample_4.assert");
	(void)kit_send(files, ALL "microsample_4.snap snap=@microsample_3.snap", 202, "");
	ck_assert_str_eq(kit_member("/v2/changes/2", "data"),
		"{\"snap-names\":[\"microsample\",\"microsample\"]}");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "4  active ea");
}
END_TEST

START_TEST(needs_that_are_missing_end_in_the_change)
{
	known("{'revision':'3','base':'core22'}", "microsample_3.assert");
	known("{'name':'core22','revision':'9'}", "core22_9.assert");
	(void)kit_send(files, ONE "microsample_3.snap", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_ptr_nonnull(
		strstr(error_of("2"), "(cannot install snap base \"core22\": snap not found)"));
	ck_assert_str_eq(kit_snap(), "none");
	kit_do("{'do':'store','set':{'down':true}}");
	none_there("snapd");
	(void)kit_send(files, ALL "microsample_3.snap snap=@core22_9.snap", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_ptr_nonnull(strstr(error_of("3"), "(cannot install system snap \"snapd\": Post"));
	kit_do("{'do':'snap','name':'snapd','set':{'revision':'100'}}");
	(void)kit_send(files, ALL "microsample_3.snap snap=@core22_9.snap", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "3  active ea");
	ck_assert_str_eq(kit_member(KIT_SNAP, "base"), "core22");
	ck_assert_str_eq(kit_member("/v2/snaps/core22", "type"), "base");
}
END_TEST

START_TEST(foreign_assertions_are_not_taken)
{
	snap_file_make(files, "{'revision':'3','root':'a foreign root','key':'a foreign key'}");
	ck_assert_str_eq(kit_acknowledge(files, "microsample_3.assert", 400),
		"assert failed: cannot resolve prerequisite assertion: account-key (a foreign "
		"root)");
	(void)kit_send(files, ONE "microsample_3.snap", 400, "");
	/* The file itself is as good as any. */
	snap_file_make(files, "{'revision':'3'}");
	(void)kit_acknowledge(files, "microsample_3.assert", 200);
	(void)kit_send(files, ONE "microsample_3.snap", 202, "");
}
END_TEST

START_TEST(assertions_are_kept_and_shown)
{
	long status;

	(void)kit_ask("GET", "/v2/assertions/frob", NULL, 400, "");
	(void)kit_ask("PUT", "/v2/assertions", "", 405, "");
	known("{'revision':'3'}", "microsample_3.assert");
	known("{'revision':'3'}", "microsample_3.assert");
	ck_assert_ptr_null(snapd_proc_ask(
		&kit, "GET", "/v2/assertions/snap-revision?snap-revision=3", NULL, &status));
	ck_assert_int_eq(status, 200);
}
END_TEST

/* What was acknowledged, and a change of several, are as before behind a kill. */
START_TEST(kill_of_the_daemon_loses_nothing)
{
	struct snapd_proc used = kit;
	char dir[] = "/tmp/snapdXXXXXX", *state;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	state = alloc_textf("%s/state", dir);
	snapd_proc_start(&kit, dir, (const char *[]){ "--manual", "--state", state, NULL });
	known("{'revision':'3'}", "microsample_3.assert");
	known("{'name':'bare','revision':'6'}", "bare_6.assert");
	snapd_proc_kill(&kit);
	snapd_proc_again(&kit);
	(void)kit_send(files, ALL "bare_6.snap snap=@microsample_3.snap", 202, "");
	kit_do("{'do':'step','n':6}");
	snapd_proc_kill(&kit);
	snapd_proc_again(&kit);
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "3  active ea");
	ck_assert_str_eq(revision_of("bare"), "6");
	snapd_proc_stop(&kit);
	ck_assert_int_eq(unlink(state), 0);
	free(state);
	ck_assert_int_eq(rmdir(dir), 0);
	kit = used;
}
END_TEST

START_TEST(change_from_files_can_be_aborted)
{
	known("{'revision':'3'}", "microsample_3.assert");
	known("{'name':'bare','revision':'6'}", "bare_6.assert");
	kit_install("latest/beta");
	(void)kit_send(files, ALL "bare_6.snap snap=@microsample_3.snap", 202, "");
	kit_do("{'do':'step','n':40}");
	(void)kit_ask("POST", "/v2/changes/3", "{'action':'abort'}", 200, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(kit_snap(), "2 latest/beta active ea");
	ck_assert_str_eq(revision_of("bare"), "5");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox_snapd_files");
	TCase *tcase = kit_case("files");

	tcase_add_unchecked_fixture(tcase, make_folder, drop_folder);
	tcase_add_test(tcase, file_is_what_it_says_of_itself);
	tcase_add_test(tcase, file_fails_as_it_says);
	tcase_add_test(tcase, tasks_are_those_that_were_recorded);
	tcase_add_test(tcase, several_files_are_one_change);
	tcase_add_test(tcase, change_of_several_is_about_each);
	tcase_add_test(tcase, several_files_come_together_or_not_at_all);
	tcase_add_test(tcase, one_bad_file_is_enough);
	tcase_add_test(tcase, second_revision_of_a_snap_is_dropped);
	tcase_add_test(tcase, needs_that_are_missing_end_in_the_change);
	tcase_add_test(tcase, foreign_assertions_are_not_taken);
	tcase_add_test(tcase, assertions_are_kept_and_shown);
	tcase_add_test(tcase, kill_of_the_daemon_loses_nothing);
	tcase_add_test(tcase, change_from_files_can_be_aborted);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
