/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An operator's hand on one snap, asked of the stand-in snapd: hold, revert, a revision, services,
 * abort, and what the Snap Store has. Each test runs for one version of snapd and then for the other.
 */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapd/snapd.h"
#include "tests/sandbox/clock.h"
#include "tests/sandbox/snapd_proc.h"
#include "tests/suite.h"

enum {
	YEAR = 365 * 24 * 3600, /* seconds */
};

/* The clock of the stand-in stands still, so that no two holds are alike by chance. */
#define NOW (SANDBOX_CLOCK_START / SANDBOX_CLOCK_SECOND)

static const char *const versions[] = { "2.68", "2.77" };

static char directory[64];
static struct snapd_proc proc;
static struct snapd *snapd;
static struct snapd_snap snap;
static struct snapd_change change;
static struct snapd_revisions revisions;
static struct snapd_update update;
static struct snapd_answer answer;
static struct error err;

static void set_up(void)
{
	char file[96];
	const char *const options[] = { "--clock", file, NULL };

	(void)snprintf(directory, sizeof directory, "/tmp/snapd-orders-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	(void)snprintf(file, sizeof file, "%s/clock", directory);
	snapd_proc_start(&proc, directory, options);
	snapd_proc_do(&proc, "{'do':'mode','manual':true}");
	snapd = snapd_open(proc.socket);
	err = (struct error){ 0 };
}

static void tear_down(void)
{
	char command[128];

	snapd_close(snapd);
	snapd_proc_stop(&proc);
	(void)snprintf(command, sizeof command, "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
}

static enum snapd_verdict ask(struct snapd_request request)
{
	ck_assert_int_eq(snapd_post(snapd, "microsample", &request, 5000, &answer, &err), 0);
	return answer.verdict;
}

/* Runs it to its end, and looks at the snap after it. */
static void carry_out(struct snapd_request request)
{
	ck_assert_int_eq(ask(request), SNAPD_ACCEPTED);
	snapd_proc_do(&proc, "{'do':'finish'}");
	ck_assert_int_eq(snapd_get_change(snapd, answer.change, &change, &err), 0);
	ck_assert_int_eq(change.progress, SNAPD_CHANGE_DONE);
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), 0);
}

static void go_to(const char *action, const char *channel)
{
	carry_out((struct snapd_request){ .action = action, .channel = channel });
}

static void revert_to(const char *revision)
{
	carry_out((struct snapd_request){ .action = "revert", .revision = revision });
}

/* The revisions on disk, the active one with a star. */
static void expect_on_disk(const char *wanted)
{
	char seen[256] = "";

	ck_assert_int_eq(snapd_get_revisions(snapd, "microsample", &revisions, &err), 0);
	for (size_t i = 0; i < revisions.count; i++)
		(void)snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s%s%s",
			i ? " " : "", revisions.list[i].revision,
			strcmp(revisions.list[i].status, "active") == 0 ? "*" : "");
	ck_assert_str_eq(seen, wanted);
}

static void expect_update(const char *revision)
{
	ck_assert_int_eq(snapd_find_update(snapd, "microsample", 5000, &update, &err), 0);
	ck_assert_str_eq(update.revision, revision);
}

static void expect_snap(const char *revision, const char *tracking, const char *channel)
{
	ck_assert_str_eq(snap.revision, revision);
	ck_assert_str_eq(snap.tracking, tracking);
	ck_assert_str_eq(snap.channel, channel);
}

START_TEST(hold_is_for_ever_until_it_is_lifted)
{
	char first[SNAPD_WORD_SIZE];

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	go_to("install", "latest/beta");
	ck_assert_str_eq(snap.hold, "");
	ck_assert_int_eq(snap.hold_until, 0);
	carry_out((struct snapd_request){ .action = "hold" });
	ck_assert_str_eq(change.kind, "hold-snap");
	ck_assert_int_gt(snap.hold_until, NOW + (int64_t)290 * YEAR);
	ck_assert_int_lt(snap.hold_until, NOW + (int64_t)295 * YEAR);
	(void)strcpy(first, snap.hold);
	carry_out((struct snapd_request){ .action = "hold" });
	ck_assert_str_ne(snap.hold, first);
	carry_out((struct snapd_request){ .action = "unhold" });
	ck_assert_str_eq(change.kind, "unhold-snap");
	ck_assert_str_eq(snap.hold, "");
	carry_out((struct snapd_request){ .action = "unhold" });
}
END_TEST

START_TEST(hold_survives_all_but_removal)
{
	char hold[SNAPD_WORD_SIZE];

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	go_to("install", "latest/beta");
	carry_out((struct snapd_request){ .action = "hold" });
	(void)strcpy(hold, snap.hold);
	go_to("refresh", "latest/edge");
	ck_assert_str_eq(snap.hold, hold);
	revert_to("2");
	ck_assert_str_eq(snap.hold, hold);
	ck_assert_int_eq(ask((struct snapd_request){ .action = "remove" }), SNAPD_ACCEPTED);
	snapd_proc_do(&proc, "{'do':'finish'}");
	ck_assert_int_eq(ask((struct snapd_request){ .action = "hold" }), SNAPD_TROUBLE);
	go_to("install", "latest/beta");
	ck_assert_str_eq(snap.hold, "");
}
END_TEST

START_TEST(revert_goes_to_the_revision_that_is_named)
{
	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	expect_on_disk("");
	go_to("install", "latest/beta");
	expect_on_disk("2*");
	go_to("refresh", "latest/edge");
	expect_on_disk("2 3*");
	revert_to("2");
	ck_assert_str_eq(change.kind, "revert-snap");
	expect_snap("2", "latest/edge", "latest/beta");
	expect_on_disk("2* 3");
	/* what it was reverted from is no update, until somebody asks for it by name */
	expect_update("");
	revert_to("3");
	expect_snap("3", "latest/edge", "latest/edge");
	revert_to("2");
	go_to("refresh", "latest/edge");
	expect_snap("3", "latest/edge", "latest/edge");
	expect_on_disk("2 3*");
}
END_TEST

/* The Snap Store is not asked, so it may be a channel that is not there. */
START_TEST(switch_changes_what_is_tracked_and_nothing_else)
{
	struct snapd_request request = { .action = "switch", .channel = "9.9/edge" };

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	ck_assert_int_eq(ask(request), SNAPD_NOT_INSTALLED);
	go_to("install", "latest/beta");
	go_to("refresh", "latest/edge");
	snapd_proc_do(&proc, "{'do':'store','set':{'down':true}}");
	carry_out(request);
	ck_assert_str_eq(change.kind, "switch-snap");
	expect_snap("3", "9.9/edge", "latest/edge");
	expect_on_disk("2 3*");
	ck_assert_str_eq(snap.enabled, "microsample");
	/* as after a rollback: what is tracked goes back to where the revision came from */
	revert_to("2");
	expect_snap("2", "9.9/edge", "latest/beta");
	go_to("switch", "latest/beta");
	expect_snap("2", "latest/beta", "latest/beta");
	expect_on_disk("2* 3");
	snapd_proc_do(&proc, "{'do':'store','set':{'down':false}}");
	expect_update("");
	snapd_proc_do(&proc,
		"{'do':'foreign','kind':'auto-refresh','channel':'latest/edge','held':true}");
	ck_assert_int_eq(ask(request), SNAPD_CONFLICT);
}
END_TEST

START_TEST(revisions_above_a_revert_go_with_the_next_refresh)
{
	long status;

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	cJSON_Delete(snapd_proc_ask(
		&proc, "PUT", "/v2/snaps/system/conf", "{\"refresh.retain\":4}", &status));
	ck_assert_int_eq(status, 202);
	go_to("install", "latest/stable");
	go_to("refresh", "latest/beta");
	go_to("refresh", "latest/edge");
	expect_on_disk("1 2 3*");
	revert_to("1");
	expect_on_disk("1* 2 3");
	go_to("refresh", "latest/edge");
	expect_on_disk("1 3*");
}
END_TEST

/* No kind tells these apart: the look before them does. */
START_TEST(revert_to_nowhere_is_trouble)
{
	struct snapd_request request = { .action = "revert", .revision = "3" };

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	ck_assert_int_eq(ask(request), SNAPD_TROUBLE);
	go_to("install", "latest/edge");
	ck_assert_int_eq(ask(request), SNAPD_TROUBLE);
	ck_assert_str_eq(answer.kind, "");
	request.revision = "4711";
	ck_assert_int_eq(ask(request), SNAPD_TROUBLE);
	expect_on_disk("3*");
}
END_TEST

START_TEST(revision_is_no_pin)
{
	struct snapd_request request = {
		.action = "install", .channel = "latest/edge", .revision = "4711"
	};

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	ck_assert_int_eq(ask(request), SNAPD_REVISION_MISSING);
	ck_assert_str_eq(answer.kind, "snap-channel-not-available");
	ck_assert_str_eq(answer.releases, "");
	request.revision = "2";
	carry_out(request);
	expect_snap("2", "latest/edge", "");
	expect_update("3");
	carry_out((struct snapd_request){ .action = "hold" });
	expect_update("3");
	request.action = "refresh";
	request.revision = "4";
	carry_out(request);
	expect_snap("4", "latest/edge", "");
	request.revision = "2";
	carry_out(request);
	expect_snap("2", "latest/edge", "latest/edge");
}
END_TEST

START_TEST(store_tells_its_open_channels)
{
	struct snapd_releases releases;

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	snapd_proc_do(&proc, "{'do':'store','set':{'channels':{'latest/candidate':null}}}");
	ck_assert_int_eq(snapd_find(snapd, "microsample", 5000, &releases, &err), 0);
	ck_assert(releases.found);
	ck_assert_str_eq(releases.list[0].channel, "latest/stable");
	ck_assert_str_eq(releases.list[1].channel, "latest/beta");
	ck_assert_str_eq(releases.list[1].revision, "2");
	ck_assert_str_eq(releases.list[1].version, "2.0");
	ck_assert_str_eq(releases.list[1].released, "2026-01-01T00:00:00Z");
	ck_assert_int_eq(releases.list[1].size, 286720);
	snapd_releases_done(&releases);
	ck_assert_int_eq(snapd_find(snapd, "no-such-snap", 5000, &releases, &err), 0);
	ck_assert(!releases.found);
}
END_TEST

START_TEST(store_that_is_not_there_is_an_error)
{
	static const char *const troubles[] = { "\"down\":true", "\"status\":500", "\"status\":429",
		"\"timeout\":true", "\"no-dns\":true" };
	struct snapd_releases releases;

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++) {
		snapd_proc_do(&proc, "{'do':'reset'}");
		snapd_proc_do(&proc, "{'do':'store','set':{%s}}", troubles[i]);
		err = (struct error){ 0 };
		ck_assert_int_eq(snapd_find(snapd, "microsample", 5000, &releases, &err), -1);
		ck_assert_int_eq(err.kind, ERROR_FORMAT);
		ck_assert_int_eq(err.code, 500);
		err = (struct error){ 0 };
		ck_assert_int_eq(snapd_find_update(snapd, "microsample", 5000, &update, &err), -1);
		ck_assert_int_eq(err.code, 500);
	}
	snapd_proc_do(&proc, "{'do':'reset'}");
	snapd_proc_do(&proc, "{'do':'store','set':{'delay-ms':5000}}");
	ck_assert_int_eq(snapd_find_update(snapd, "microsample", 100, &update, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNANSWERED);
}
END_TEST

#define TWO                                                                                        \
	"{'do':'store','set':{'channels':{'two/"                                                   \
	"stable':{'revision':'13','services':'web,worker'}}}}"
#define STOPPED "{'do':'snap','name':'microsample','set':{'service':{'name':'worker'}}}"

START_TEST(services_are_named_one_by_one)
{
	struct snapd_request request = { .action = "restart", .services = "web" };

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	ck_assert_int_eq(ask(request), SNAPD_NOT_INSTALLED);
	snapd_proc_do(&proc, TWO);
	go_to("install", "two/stable");
	ck_assert_str_eq(snap.enabled, "web worker");
	snapd_proc_do(&proc, STOPPED);
	carry_out(request);
	ck_assert_str_eq(change.kind, "service-control");
	ck_assert_str_eq(snap.enabled, "web");
	request = (struct snapd_request){ .action = "start", .services = "worker" };
	carry_out(request);
	ck_assert_str_eq(snap.enabled, "web worker");
	ck_assert_str_eq(snap.service_down, "");
	request.services = "worker other";
	ck_assert_int_eq(ask(request), SNAPD_NO_SERVICE);
	snapd_proc_do(&proc,
		"{'do':'foreign','kind':'auto-refresh','channel':'latest/edge','held':true}");
	request.services = "worker";
	ck_assert_int_eq(ask(request), SNAPD_TROUBLE);
}
END_TEST

START_TEST(snap_without_services_has_none_to_start)
{
	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	snapd_proc_do(&proc, "{'do':'snap','name':'microsample','set':{'services':'none'}}");
	ck_assert_int_eq(
		ask((struct snapd_request){ .action = "start", .services = "microsample" }),
		SNAPD_NO_SERVICE);
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), 0);
	ck_assert_str_eq(snap.enabled, "");
	ck_assert(!snap.serves && !snap.unserved);
}
END_TEST

static void abort_change(int64_t id, enum snapd_verdict verdict, int status)
{
	ck_assert_int_eq(ask((struct snapd_request){ .action = "abort", .change = id }), verdict);
	ck_assert_int_eq(answer.status, status);
}

START_TEST(change_is_aborted_while_it_runs)
{
	int64_t id;

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	abort_change(4711, SNAPD_TROUBLE, 404);
	go_to("install", "latest/edge");
	ck_assert_int_eq(
		ask((struct snapd_request){ .action = "refresh", .channel = "big/stable" }),
		SNAPD_ACCEPTED);
	id = answer.change;
	snapd_proc_do(&proc, "{'do':'step','n':3}");
	abort_change(id, SNAPD_ACCEPTED, 200);
	ck_assert_int_eq(answer.change, id);
	snapd_proc_do(&proc, "{'do':'finish'}");
	ck_assert_int_eq(snapd_get_change(snapd, id, &change, &err), 0);
	ck_assert_int_eq(change.progress, SNAPD_CHANGE_FAILED);
	abort_change(id, SNAPD_TROUBLE, 400);
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), 0);
	expect_snap("3", "latest/edge", "latest/edge");
}
END_TEST

/* Ready, neither Done nor Error, and without a cause. */
START_TEST(aborted_removal_is_undone)
{
	int64_t id;

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	go_to("install", "latest/edge");
	ck_assert_int_eq(ask((struct snapd_request){ .action = "remove" }), SNAPD_ACCEPTED);
	id = answer.change;
	snapd_proc_do(&proc, "{'do':'step','n':3}");
	abort_change(id, SNAPD_ACCEPTED, 200);
	snapd_proc_do(&proc, "{'do':'finish'}");
	ck_assert_int_eq(snapd_get_change(snapd, id, &change, &err), 0);
	ck_assert_int_eq(change.progress, SNAPD_CHANGE_FAILED);
	ck_assert_str_eq(change.status, "Undone");
	ck_assert_str_eq(change.error, "Undone");
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), 0);
	ck_assert(snap.active && snap.serves);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapd-orders");
	TCase *tests = tcase_create("snapd");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, hold_is_for_ever_until_it_is_lifted, 0, 2);
	tcase_add_loop_test(tests, hold_survives_all_but_removal, 0, 2);
	tcase_add_loop_test(tests, revert_goes_to_the_revision_that_is_named, 0, 2);
	tcase_add_loop_test(tests, switch_changes_what_is_tracked_and_nothing_else, 0, 2);
	tcase_add_loop_test(tests, revisions_above_a_revert_go_with_the_next_refresh, 0, 2);
	tcase_add_loop_test(tests, revert_to_nowhere_is_trouble, 0, 2);
	tcase_add_loop_test(tests, revision_is_no_pin, 0, 2);
	tcase_add_loop_test(tests, store_tells_its_open_channels, 0, 2);
	tcase_add_loop_test(tests, store_that_is_not_there_is_an_error, 0, 2);
	tcase_add_loop_test(tests, services_are_named_one_by_one, 0, 2);
	tcase_add_loop_test(tests, snap_without_services_has_none_to_start, 0, 2);
	tcase_add_loop_test(tests, change_is_aborted_while_it_runs, 0, 2);
	tcase_add_loop_test(tests, aborted_removal_is_undone, 0, 2);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
