/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machines without a network: the snap comes from the charm's resource, and a unit that had one never
 * asks the Snap Store by accident.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/charm.h"
#include "tests/sandbox/snap_files.h"
#include "tests/suite.h"

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))
enum {
	PATIENCE = 390,             /* seconds, written out: not what the charm takes for it */
	MEMORY = 128 * 1024 * 1024, /* bytes */
};

#define BARE "{'name':'bare','revision':'5'}"

static struct charm charm;
static char files[128], tar[128], pair[160];

static void shell(const char *commands)
{
	CLEANUP(cleanup_free)
	char *script =
		alloc_textf("set -e; cd %s; tar=%s db=%s/agents/unit-microsample-0/charm; %s",
			files, tar, charm.juju.dir, commands);

	ck_assert_msg(system(script) == 0, "%s", commands);
}

static void store(bool there)
{
	charm_ctl(&charm, "{\"do\":\"store\",\"set\":{\"down\":%s}}", there ? "false" : "true");
}

static void set_up(void)
{
	charm_open(&charm, "2.77");
	(void)snprintf(files, sizeof files, "%s/files", charm.dir);
	(void)snprintf(tar, sizeof tar, "%s/snaps.tar", charm.dir);
	(void)snprintf(pair, sizeof pair, "snaps=%s", tar);
	ck_assert_int_eq(mkdir(files, 0700), 0);
}

/* A machine that has never seen the Snap Store, nor a base. */
static void set_up_away(void)
{
	set_up();
	store(false);
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"bare\",\"gone\":true}");
}

static void tear_down(void)
{
	charm_close(&charm);
}

/* The tar has the snap in REVISION, and the base. */
static void make_tar(const char *revision)
{
	CLEANUP(cleanup_free)
	char *what = alloc_textf("{'name':'microsample','revision':'%s'}", revision);

	shell("rm -f *");
	snap_file_make(files, what);
	snap_file_make(files, BARE);
	snap_files_tar(tar, files);
}

static void attach(void)
{
	ck_assert_int_eq(juju_call(&charm.juju, "attach-resource", "microsample", pair), 0);
}

static void deploy(void)
{
	ck_assert_int_eq(charm_deploy_file(&charm, pair), 0);
}

static void deploy_ready(void)
{
	make_tar("7");
	deploy();
	charm_expect(&charm, "active", "Ready at revision 7 of the resource");
	charm_forget(&charm);
}

/* Nothing that was ever sent asks the Snap Store for a channel. */
static void expect_no_channel(void)
{
	cJSON *all = snapd_proc_ctl(&charm.snapd, "{'do':'requests'}");
	char *text = cJSON_PrintUnformatted(all);

	ck_assert_ptr_null(strstr(text, "\\\"channel\\\""));
	ck_assert_ptr_null(strstr(text, "dangerous"));
	free(text);
	cJSON_Delete(all);
}

static void fault(const char *mode)
{
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "resource-get", mode, "--times", "99"), 0);
}

static void no_fault(void)
{
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "--clear"), 0);
}

/* What `juju run` says of ACTION. */
static cJSON *order(const char *action)
{
	struct juju_answer answer = juju_ask(&charm.juju, "run", "--format", "json", UNIT, action);
	cJSON *ret = cJSON_Parse(answer.out);

	ck_assert_msg(ret != NULL, "%s", answer.err);
	juju_answer_done(&answer);
	return ret;
}

static void expect_record(const char *query, const char *expected)
{
	CLEANUP(cleanup_free) char *sql = alloc_textf("SELECT %s FROM record", query);

	charm_expect_sql(&charm, sql, expected);
}

START_TEST(snap_and_base_come_in_one_change)
{
	make_tar("7");
	deploy();
	charm_expect(&charm, "active", "Ready at revision 7 of the resource");
	charm_expect_version(&charm, "7.0");
	ck_assert_int_eq(charm_changes(&charm), 2); /* and the hold */
	expect_record("revision || tracking || ours || marked || hold_ours", "7yesyesyes");
	expect_no_channel();
	/* and it goes as it came */
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(!charm_snap_present(&charm));
	expect_no_channel();
}
END_TEST

START_TEST(what_is_there_is_not_sent_again)
{
	deploy_ready();
	make_tar("8");
	attach();
	charm_expect(&charm, "active", "Ready at revision 8 of the resource");
	ck_assert_int_eq(charm_changes(&charm), 3); /* one more */
	ck_assert_int_eq(charm_posts(&charm), 2);   /* its assertions, and its file */
	/* back again, as the operator wants it */
	make_tar("6");
	attach();
	charm_expect(&charm, "active", "Ready at revision 6 of the resource");
	expect_no_channel();
}
END_TEST

START_TEST(same_file_again_does_nothing)
{
	deploy_ready();
	attach();
	charm_expect(&charm, "active", "Ready at revision 7 of the resource");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(store_to_file_and_back)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	make_tar("7");
	store(false);
	attach();
	charm_expect(&charm, "active", "Ready at revision 7 of the resource");
	expect_record("tracking || ours || hold_ours", "latest/edgeyesyes");
	store(true);
	shell(": >$tar");
	attach();
	charm_expect(&charm, "active", "Ready at 'edge'");
	expect_record("revision || hold_held || resource_supply", "7nostore");
	/* within its channel it is snapd that moves it, or a person */
	cJSON_Delete(order("refresh"));
	expect_record("revision", "3");
}
END_TEST

START_TEST(snap_of_somebody_else_stays_his)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"revision\":\"3\","
			  "\"version\":\"3.0\",\"channel\":\"latest/edge\",\"tracking\":"
			  "\"latest/edge\",\"id\":\"MicroSampleSnapId000000000000001\"}}");
	make_tar("7");
	deploy();
	charm_expect(&charm, "active", "Ready at revision 7 of the resource");
	expect_record("ours || marked", "nono");
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(charm_snap_present(&charm));
}
END_TEST

/* clang-format off */
static const struct {
	const char *made; /* by the shell, of files with the snap in revision 7 and its base */
	const char *message;
} bad[] = {
	{ "rm microsample_7.assert", "Resource snaps holds 'microsample_7.snap', without its .assert; attach another" },
	{ "cp bare_5.assert microsample_7.assert", "Resource snaps holds 'microsample_7.assert', which is of another file t...; attach another" },
	{ "rm microsample*", "Resource snaps holds no snap 'microsample'; attach another" },
	{ "rm *", "Resource snaps holds no snap 'microsample'; attach another" },
	{ "mv microsample_7.snap a.snap; mv microsample_7.assert a.assert; cp a.snap b.snap; cp a.assert b.assert",
		"Resource snaps holds two files of the snap 'microsample'; attach another" },
	{ "ln -s /etc/passwd x.snap", "Resource snaps holds 'x.snap', a link; attach another" },
	{ "mkfifo x.snap", "Resource snaps holds 'x.snap', a pipe; attach another" },
	{ "tar cf $tar -P --transform s,^,../, *; exit 0", "Resource snaps holds '../bare_5.assert', a name that leads out of it; attach another" },
	{ "truncate -s 1M x.snap; tar cf $tar --sparse *; exit 0", "Resource snaps holds 'x.snap', a sparse file; attach another" },
	{ "truncate -s 1M x.snap; tar cf $tar --format=pax --sparse *; exit 0", "Resource snaps holds a sparse file; attach another" },
	{ "tar cf $tar *; truncate -s -9000 $tar; exit 0", "Resource snaps is cut off; attach another" },
	{ "tar czf $tar *; exit 0", "Resource snaps is not a tar; attach another" },
	{ "head -c 1048577 /dev/zero >microsample_7.assert", "Resource snaps holds 'microsample_7.assert', which is too large; attach another" },
	{ "echo hello >microsample_7.assert", "Resource snaps holds 'microsample_7.assert', which is not a list of ass...; attach another" },
};
/* clang-format on */

static void make_bad(const char *made)
{
	CLEANUP(cleanup_free)
	char *commands = alloc_textf("%s; tar cf $tar -T /dev/null * || "
				     "tar cf $tar -T /dev/null",
		made);

	make_tar("7");
	shell(commands);
}

START_TEST(file_of_no_use_installs_nothing)
{
	make_bad(bad[_i].made);
	deploy();
	charm_expect(&charm, "blocked", bad[_i].message);
	(void)charm_tick(&charm);
	charm_expect(&charm, "blocked", bad[_i].message);
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert(!charm_snap_present(&charm));
	make_tar("7");
	attach();
	charm_expect(&charm, "active", "Ready at revision 7 of the resource");
	/* nor does it harm what runs */
	charm_forget(&charm);
	make_bad(bad[_i].made);
	attach();
	charm_expect(&charm, "blocked", bad[_i].message);
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert(charm_snap_present(&charm));
	expect_no_channel();
}
END_TEST

/* clang-format off */
static const struct {
	const char *what, *after, *message;
} refused[] = {
	{ "{'revision':'7','architecture':'arm64'}", ":",
		"snapd refuses the resource: ...incompatible with this system (amd64); next try " },
	{ "{'revision':'7','root':'a foreign root','key':'a foreign key'}", ":", "snapd refuses the resource: " },
	{ "{'revision':'7'}", "printf x | dd of=microsample_7.snap bs=1 seek=40 conv=notrunc 2>/dev/null",
		"snapd refuses the resource: ...for snap/component \"microsample_7.snap\"; next try " },
};
/* clang-format on */

START_TEST(what_snapd_refuses_installs_nothing)
{
	snap_file_make(files, refused[_i].what);
	snap_file_make(files, BARE);
	shell(refused[_i].after);
	snap_files_tar(tar, files);
	deploy();
	charm_expect_begin(&charm, "blocked", refused[_i].message);
	ck_assert(!charm_snap_present(&charm));
	ck_assert_int_eq(charm_changes(&charm), 0);
	make_tar("8");
	attach();
	charm_expect(&charm, "active", "Ready at revision 8 of the resource");
	expect_no_channel();
}
END_TEST

static const char *const needed[] = { "bare", "snapd" };

START_TEST(what_the_snap_needs_and_nobody_has_is_named)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"snapd\",\"gone\":true}");
	snap_file_make(files, "{'revision':'7'}");
	if (_i > 0)
		snap_file_make(files, BARE);
	snap_files_tar(tar, files);
	deploy();
	charm_pass(&charm, 40); /* snapd asks the Snap Store for it */
	(void)charm_tick(&charm);
	charm_expect_begin(&charm, "waiting", "Change failed: ");
	ck_assert_msg(charm_rows(&charm, needed[_i]) > 0, "%s is not named", needed[_i]);
	ck_assert(!charm_snap_present(&charm));
	snap_file_make(files, BARE);
	snap_file_make(files, "{'name':'snapd','revision':'100'}");
	snap_files_tar(tar, files);
	attach();
	charm_expect(&charm, "active", "Ready at revision 7 of the resource");
	expect_no_channel();
}
END_TEST

/* Nothing was asked while the controller was away; the snap comes from the file when it is there again. */
static void expect_install_once_it_is_back(void)
{
	ck_assert_int_eq(charm_posts(&charm), 0);
	no_fault();
	(void)charm_tick(&charm);
	charm_expect(&charm, "active", "Ready at revision 7 of the resource");
	expect_no_channel();
}

/* The Snap Store is there: only a word of the controller may lead to it. */
START_TEST(controller_that_is_away_is_waited_for)
{
	store(true);
	make_tar("7");
	fault("exit1");
	deploy();
	charm_expect_begin(
		&charm, "waiting", "Waiting for the resource snaps: cannot reach the controller: ");
	(void)charm_tick(&charm);
	(void)charm_hook(&charm, "config-changed");
	expect_install_once_it_is_back();
}
END_TEST

START_TEST(what_was_read_stays_when_the_controller_is_away)
{
	store(true);
	deploy_ready();
	make_tar("8");
	fault(_i ? "halfway" : "exit1");
	attach();
	charm_expect(&charm, "active", "Ready at revision 7 of the resource");
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert(charm_logged(&charm, "WARNING", "the resource snaps is not read"));
	/* the snap goes: there is nothing to install it from any more but half a file */
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
	(void)charm_tick(&charm);
	if (_i)
		charm_expect_begin(&charm, "blocked",
			"Resource snaps is not on the disk as it was; attach it again; next try ");
	else
		charm_expect(&charm, "active", "Ready at revision 7 of the resource");
	no_fault();
	cJSON_Delete(order("retry"));
	charm_expect(&charm, "active", "Ready at revision 8 of the resource");
	expect_no_channel();
}
END_TEST

/* The record is lost, and the controller away: a unit that may have had a resource asks nothing. */
START_TEST(lost_record_does_not_lead_to_the_store)
{
	store(true);
	deploy_ready();
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
	shell("rm $db/state.db*");
	fault("exit1");
	(void)charm_tick(&charm);
	charm_expect_begin(
		&charm, "waiting", "Waiting for the resource snaps: cannot reach the controller: ");
	expect_install_once_it_is_back();
}
END_TEST

START_TEST(idle_hook_does_not_ask_for_it)
{
	deploy_ready();
	fault("exit1");
	for (int i = 0; i < 3; i++) {
		charm_pass(&charm, 6L * 3600);
		(void)charm_tick(&charm);
	}
	(void)charm_hook(&charm, "config-changed");
	(void)charm_hook(&charm, "start");
	charm_expect(&charm, "active", "Ready at revision 7 of the resource");
	ck_assert(!charm_logged(&charm, "WARNING", "the resource snaps is not read"));
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

static void fault_of_upload(const char *mode)
{
	charm_ctl(&charm,
		"{\"do\":\"fault\",\"method\":\"POST\",\"path\":\"/v2/snaps\",\"mode\":%s}", mode);
}

/* How many there were; none before another had time to land. */
static int uploads(void)
{
	cJSON *all = snapd_proc_ctl(&charm.snapd, "{'do':'requests'}");
	const cJSON *request;
	double before = 0;
	int ret = 0;

	cJSON_ArrayForEach(request, cJSON_GetObjectItem(all, "requests"))
	{
		double time = cJSON_GetObjectItem(request, "time")->valuedouble / 1000;

		if (strcmp(cJSON_GetObjectItem(request, "path")->valuestring, "/v2/snaps") != 0 ||
			!cJSON_IsObject(cJSON_GetObjectItem(request, "form")))
			continue;
		ck_assert_msg(ret++ == 0 || time - before >= PATIENCE, "after %f s", time - before);
		before = time;
	}
	cJSON_Delete(all);
	return ret;
}

/* The same of those that did not come as a whole: snapd can have done nothing. */
static long halves(void)
{
	return charm_posts(&charm) / 2; /* each with its assertions */
}

/* clang-format off */
static const struct {
	const char *mode;
	int uploads;
} lost[] = {
	/* Its change is found and adopted, */
	{ "\"drop-acted\"", 1 },
	{ "\"act-late\",\"ms\":380000", 1 },
	/* or it left no trace and is asked for again. */
	{ "\"drop-unacted\"", 2 },
};
/* clang-format on */

START_TEST(lost_answer_makes_no_second_change)
{
	make_tar("7");
	fault_of_upload(lost[_i].mode);
	deploy();
	for (int i = 0; i < 8; i++) {
		charm_pass(&charm, 100);
		(void)charm_tick(&charm);
	}
	charm_expect(&charm, "active", "Ready at revision 7 of the resource");
	ck_assert_int_eq(uploads(), lost[_i].uploads);
	ck_assert_int_eq(charm_changes(&charm), 2); /* it, and the hold */
	expect_record("ours || marked", "yesyes");
	expect_no_channel();
}
END_TEST

static void budget(const char *seconds)
{
	CLEANUP(cleanup_free) char *setting = alloc_textf("MICROSAMPLE_HOOK_BUDGET=%s", seconds);

	ck_assert_int_eq(juju_call(&charm.juju, "hook-env", "microsample", setting), 0);
}

/* snapd stops to read in the middle, or hangs up: it cannot have done anything, and the pauses grow. */
START_TEST(upload_that_is_cut_off_is_told_and_rests)
{
	static const char *const modes[] = { "\"hang\",\"after\":100000,\"times\":99",
		"\"drop-unacted\",\"after\":100000,\"times\":99" };

	deploy_ready();
	shell("rm -f *");
	snap_file_make(files, "{'revision':'8','size':'8000000'}");
	snap_file_make(files, BARE);
	snap_files_tar(tar, files);
	fault_of_upload(modes[_i]);
	budget("1"); /* real seconds, when nothing moves */
	attach();
	charm_expect_begin(&charm, "waiting", "Upload to snapd was cut off; next try ");
	ck_assert_int_eq(halves(), 1);
	for (int i = 0; i < 4; i++)
		(void)charm_tick(&charm);
	ck_assert_int_eq(halves(), 1);
	for (int i = 0; i < 20; i++) {
		charm_pass(&charm, 180);
		(void)charm_tick(&charm);
	}
	ck_assert_int_ge(halves(), 3);
	ck_assert_int_le(halves(), 5); /* in an hour */
	charm_expect_begin(&charm, "waiting", "Upload to snapd was cut off; next try ");
	ck_assert_int_eq(charm_changes(&charm), 2);
	charm_ctl(&charm, "{\"do\":\"well\"}");
	budget("300");
	cJSON_Delete(order("retry"));
	charm_expect(&charm, "active", "Ready at revision 8 of the resource");
	ck_assert_int_eq(charm_changes(&charm), 3);
	expect_no_channel();
}
END_TEST

/* Juju, its tool and the charm have less address space together than the file has bytes. */
START_TEST(large_file_takes_no_memory)
{
	struct rlimit limit = { MEMORY, MEMORY };
	const char *bytes = getenv("AIRGAP_BYTES");
	CLEANUP(cleanup_free)
	char *what = alloc_textf("{'revision':'8','size':'%s'}", bytes ? bytes : "268435456");

	deploy_ready();
	shell("rm -f *");
	snap_file_make(files, what);
	snap_files_tar(tar, files);
	if (!SANITIZED)
		ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
	attach();
	charm_expect(&charm, "active", "Ready at revision 8 of the resource");
	ck_assert_int_eq(charm_changes(&charm), 3);
}
END_TEST

START_TEST(lost_answer_to_assertions_is_no_change)
{
	make_tar("7");
	charm_ctl(&charm,
		"{\"do\":\"fault\",\"method\":\"POST\",\"path\":\"/v2/assertions\",\"mode\":"
		"\"drop-acted\",\"times\":1}");
	deploy();
	charm_expect(&charm, "active", "Ready at revision 7 of the resource");
	ck_assert_int_eq(charm_changes(&charm), 2);
}
END_TEST

START_TEST(orders_that_would_move_it_are_refused)
{
	static const char *const orders[] = { "refresh", "revert" };
	cJSON *task;

	deploy_ready();
	task = order(orders[_i]);
	ck_assert_str_eq(charm_told(task, "message"),
		"the resource snaps says which revision runs; attach another one");
	cJSON_Delete(task);
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(plan_and_state_tell_of_it)
{
	char *shown;
	cJSON *task;
	int code;

	deploy_ready();
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
	task = order("plan");
	ck_assert_str_eq(charm_result(task, "would"), "sideload");
	ck_assert_str_eq(charm_result(task, "revision"), "7");
	cJSON_Delete(task);
	ck_assert_int_eq(charm_posts(&charm), 0);
	shown = charm_state(&charm, "", &code);
	ck_assert_msg(strstr(shown, "revision 7"), "%s", shown);
	ck_assert_msg(strstr(shown, "snaps.tar"), "%s", shown);
	free(shown);
}
END_TEST

static Suite *airgap(void)
{
	Suite *suite = suite_create("airgap");
	TCase *there = charm_case(suite, "there", set_up, tear_down);
	TCase *away = charm_case(suite, "away", set_up_away, tear_down);

	tcase_add_test(there, store_to_file_and_back);
	tcase_add_test(there, snap_of_somebody_else_stays_his);
	tcase_add_test(away, snap_and_base_come_in_one_change);
	tcase_add_test(away, what_is_there_is_not_sent_again);
	tcase_add_test(away, same_file_again_does_nothing);
	tcase_add_loop_test(away, file_of_no_use_installs_nothing, 0, COUNT(bad));
	tcase_add_loop_test(away, what_snapd_refuses_installs_nothing, 0, COUNT(refused));
	tcase_add_loop_test(away, what_the_snap_needs_and_nobody_has_is_named, 0, COUNT(needed));
	tcase_add_test(away, controller_that_is_away_is_waited_for);
	tcase_add_loop_test(away, what_was_read_stays_when_the_controller_is_away, 0, 2);
	tcase_add_test(away, lost_record_does_not_lead_to_the_store);
	tcase_add_test(away, idle_hook_does_not_ask_for_it);
	tcase_add_loop_test(away, lost_answer_makes_no_second_change, 0, COUNT(lost));
	tcase_add_loop_test(away, upload_that_is_cut_off_is_told_and_rests, 0, 2);
	tcase_add_test(away, large_file_takes_no_memory);
	tcase_add_test(away, lost_answer_to_assertions_is_no_change);
	tcase_add_loop_test(away, orders_that_would_move_it_are_refused, 0, 2);
	tcase_add_test(away, plan_and_state_tell_of_it);
	return suite;
}

int main(void)
{
	return charm_run(airgap);
}
