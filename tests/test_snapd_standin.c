/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests the client with the stand-in snapd, which answers as snapd 2.68 or 2.77 does. Each loop
 * test runs its table for one version and then for the other.
 */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapd/snapd.h"
#include "tests/sandbox/snapd_proc.h"
#include "tests/suite.h"

#define COUNT(array) (int)(sizeof array / sizeof *array)

enum {
	SHORT = 500, /* milliseconds for a request that gets no answer */
};

static const char *const versions[] = { "2.68", "2.77" };

static char directory[64];
static struct snapd_proc proc;
static struct snapd *snapd;
static struct snapd_snap snap;
static struct snapd_change change;
static struct snapd_changes changes;
static struct snapd_answer answer;
static struct error err;

static void set_up(void)
{
	(void)snprintf(directory, sizeof directory, "/tmp/snapd-standin-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snapd_proc_start(&proc, directory, NULL);
	snapd_proc_do(&proc, "{'do':'mode','manual':true}");
	snapd = snapd_open(proc.socket);
	snap = (struct snapd_snap){ .present = false };
	answer = (struct snapd_answer){ .change = 0 };
	err = (struct error){ 0 };
}

static void tear_down(void)
{
	char command[128];

	snapd_close(snapd);
	snapd_changes_done(&changes);
	snapd_proc_stop(&proc);
	(void)snprintf(command, sizeof command, "rm -rf %s", directory);
	ck_assert_int_eq(system(command), 0);
}

/* A command of the tables below; snapd_proc_do() replaces ' by " only in its format. */
static void control(const char *command)
{
	char *copy = strdup(command);

	ck_assert_ptr_nonnull(copy);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	snapd_proc_do(&proc, "%s", copy);
	free(copy);
}

static void get_snap(void)
{
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), 0);
}

static void get_change(int64_t id)
{
	ck_assert_int_eq(snapd_get_change(snapd, id, &change, &err), 0);
}

static void get_changes(bool all)
{
	snapd_changes_done(&changes);
	ck_assert_int_eq(snapd_get_changes(snapd, "microsample", all, &changes, &err), 0);
}

static int ask(const char *action, const char *channel)
{
	struct snapd_request request = { .action = action, .channel = channel };

	return snapd_post(snapd, "microsample", &request, 5000, &answer, &err);
}

/* Sends a request that snapd accepts, and leaves the change where it is. */
static int64_t begin(const char *action, const char *channel)
{
	ck_assert_int_eq(ask(action, channel), 0);
	ck_assert_int_eq(answer.verdict, SNAPD_ACCEPTED);
	return answer.change;
}

static void complete(const char *action, const char *channel)
{
	int64_t id = begin(action, channel);

	snapd_proc_do(&proc, "{'do':'finish'}");
	get_change(id);
	ck_assert_int_eq(change.progress, SNAPD_CHANGE_DONE);
}

START_TEST(snap_comes_moves_and_goes)
{
	int64_t id;

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	get_snap();
	ck_assert(!snap.present);
	id = begin("install", "latest/edge");
	get_changes(false);
	ck_assert_uint_eq(changes.count, 1);
	ck_assert_int_eq(changes.list[0].id, id);
	ck_assert_str_eq(changes.list[0].kind, "install-snap");
	ck_assert_int_eq(changes.list[0].progress, SNAPD_CHANGE_RUNNING);
	snapd_proc_do(&proc, "{'do':'finish'}");
	get_change(id);
	ck_assert_int_eq(change.progress, SNAPD_CHANGE_DONE);
	ck_assert_int_eq(change.steps, change.steps_done);
	get_changes(false);
	ck_assert_uint_eq(changes.count, 0);
	get_snap();
	ck_assert(snap.present && snap.active && !snap.broken && !snap.local);
	ck_assert_str_eq(snap.revision, "3");
	ck_assert_str_eq(snap.version, "3.0-dev");
	ck_assert_str_eq(snap.tracking, "latest/edge");
	ck_assert_str_eq(snap.service_down, "");
	complete("refresh", "latest/beta");
	complete("refresh", "2.0/edge");
	get_snap();
	ck_assert_str_eq(snap.revision, "4");
	ck_assert_str_eq(snap.tracking, "2.0/edge");
	complete("remove", NULL);
	get_snap();
	ck_assert(!snap.present);
	get_changes(true);
	ck_assert_uint_eq(changes.count, 4);
	for (size_t i = 1; i < changes.count; i++)
		ck_assert_int_lt(changes.list[i - 1].id, changes.list[i].id);
}
END_TEST

/* clang-format off */
#define PRESENT "{'do':'snap','name':'microsample','set':{'revision':'3','channel':'latest/edge'," \
		"'tracking':'latest/edge'}}"
#define ABSENT  "{'do':'forget'}"

static const struct {
	const char *before, *trouble; /* commands */
	const char *action, *channel;
	enum snapd_verdict verdict;
	int status;
} refusals[] = {
	{ PRESENT, ABSENT, "install", "latest/edge", SNAPD_ALREADY_INSTALLED, 400 },
	{ PRESENT, ABSENT, "install", "foo/stable", SNAPD_ALREADY_INSTALLED, 400 },
	{ ABSENT, ABSENT, "remove", NULL, SNAPD_NOT_INSTALLED, 400 },
	{ PRESENT, ABSENT, "refresh", "latest/edge", SNAPD_NO_UPDATE, 400 },
	{ ABSENT, ABSENT, "refresh", "latest/edge", SNAPD_TROUBLE, 400 },
	{ PRESENT, "{'do':'foreign','kind':'auto-refresh','channel':'latest/edge','held':true}",
	  "refresh", "latest/beta", SNAPD_CONFLICT, 409 },
	{ PRESENT, "{'do':'foreign','kind':'auto-refresh','channel':'latest/edge','held':true}",
	  "remove", NULL, SNAPD_CONFLICT, 409 },
	{ ABSENT, "{'do':'seeded','value':false}", "install", "latest/edge", SNAPD_UNSEEDED, 409 },
	{ ABSENT, ABSENT, "install", "foo/stable", SNAPD_CHANNEL_MISSING, 404 },
	{ PRESENT, ABSENT, "refresh", "9.9/beta", SNAPD_CHANNEL_MISSING, 404 },
	{ ABSENT, "{'do':'store','set':{'snap-missing':true}}",
	  "install", "latest/edge", SNAPD_SNAP_MISSING, 404 },
	{ "{'do':'snap','name':'microsample','set':{'revision':'x1','id':''}}", ABSENT,
	  "refresh", "latest/edge", SNAPD_LOCAL, 400 },
	{ ABSENT, "{'do':'store','set':{'confinement':'classic'}}",
	  "install", "latest/edge", SNAPD_NEEDS_CLASSIC, 400 },
	{ ABSENT, "{'do':'store','set':{'confinement':'devmode'}}",
	  "install", "latest/edge", SNAPD_NEEDS_DEVMODE, 400 },
	{ ABSENT, "{'do':'root','value':false}", "install", "latest/edge", SNAPD_DENIED, 401 },
	{ ABSENT, "{'do':'store','set':{'timeout':true}}",
	  "install", "latest/edge", SNAPD_TIMEOUT, 400 },
	{ ABSENT, "{'do':'degraded','value':true}", "install", "latest/edge", SNAPD_DEGRADED, 500 },
	{ ABSENT, "{'do':'store','set':{'down':true}}", "install", "latest/edge", SNAPD_STORE, 400 },
	{ ABSENT, "{'do':'store','set':{'status':429}}",
	  "install", "latest/edge", SNAPD_TROUBLE, 400 },
	{ ABSENT, "{'do':'store','set':{'status':500}}",
	  "install", "latest/edge", SNAPD_STORE, 400 },
	{ PRESENT, "{'do':'snap','name':'microsample','set':{'disabled':true}}",
	  "refresh", "latest/beta", SNAPD_TROUBLE, 400 },
	{ ABSENT, "{'do':'fault','method':'POST','path':'','mode':'status','status':507,"
	  "'kind':'insufficient-disk-space','message':'m','value':{'snap-names':['microsample']}}",
	  "install", "latest/edge", SNAPD_DISK_FULL, 507 },
	{ ABSENT, "{'do':'fault','method':'POST','path':'','mode':'status','status':404,"
	  "'kind':'snap-architecture-not-available','message':'m','value':{}}",
	  "install", "latest/edge", SNAPD_ARCH_MISSING, 404 },
	{ ABSENT, "{'do':'fault','method':'POST','path':'','mode':'status','status':404,"
	  "'kind':'snap-revision-not-available','message':'m','value':'microsample'}",
	  "install", "latest/edge", SNAPD_REVISION_MISSING, 404 },
	{ ABSENT, "{'do':'fault','method':'POST','path':'','mode':'raw','status':400,"
	  "'type':'text/plain','body':'400 Bad Request'}",
	  "install", "latest/edge", SNAPD_TROUBLE, 400 },
};
/* clang-format on */

START_TEST(refusal_is_a_verdict)
{
	int row = _i / 2;

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i % 2]);
	control(refusals[row].before);
	control(refusals[row].trouble);
	ck_assert_int_eq(ask(refusals[row].action, refusals[row].channel), 0);
	ck_assert_int_eq(answer.verdict, refusals[row].verdict);
	ck_assert_int_eq(answer.status, refusals[row].status);
	ck_assert_int_eq(answer.change, 0);
	ck_assert_uint_gt(strlen(answer.message), 0);
}
END_TEST

START_TEST(missing_channel_comes_with_those_there_are)
{
	ck_assert_int_eq(ask("install", "9.9/stable"), 0);
	ck_assert_int_eq(answer.verdict, SNAPD_CHANNEL_MISSING);
	ck_assert_int_eq(
		strncmp(answer.releases, "stable, candidate, beta, edge, 2.0/stable, ", 43), 0);
	ck_assert_str_eq(answer.kind, "snap-channel-not-available");
}
END_TEST

/* clang-format off */
#define FAULT(rest) "{'do':'fault','method':'','path':'','times':1," rest "}"
static const struct {
	const char *trouble;
	enum error_kind get, post; /* ERROR_NONE: an answer all the same */
	size_t made; /* changes that the POST made, seen or not */
} faults[] = {
	{ FAULT("'mode':'drop-unacted'"), ERROR_UNANSWERED, ERROR_UNANSWERED, 0 },
	{ FAULT("'mode':'drop-acted'"), ERROR_UNANSWERED, ERROR_UNANSWERED, 1 },
	{ FAULT("'mode':'reset'"), ERROR_UNANSWERED, ERROR_UNANSWERED, 1 },
	{ FAULT("'mode':'hang'"), ERROR_UNANSWERED, ERROR_UNANSWERED, 0 },
	{ FAULT("'mode':'eof-mid-body'"), ERROR_UNANSWERED, ERROR_UNANSWERED, 1 },
	{ FAULT("'mode':'drip'"), ERROR_UNANSWERED, ERROR_UNANSWERED, 1 },
	{ FAULT("'mode':'huge','bytes':20000000"), ERROR_LIMIT, ERROR_LIMIT, 1 },
	{ FAULT("'mode':'raw','status':200,'type':'text/plain','body':'hello'"),
	  ERROR_FORMAT, ERROR_FORMAT, 0 },
	{ FAULT("'mode':'raw','status':301,'type':'text/plain','body':'there'"),
	  ERROR_FORMAT, ERROR_FORMAT, 0 },
	{ FAULT("'mode':'chunked'"), ERROR_NONE, ERROR_NONE, 1 },
	{ FAULT("'mode':'extra-fields'"), ERROR_NONE, ERROR_NONE, 1 },
	{ FAULT("'mode':'shuffle'"), ERROR_NONE, ERROR_NONE, 1 },
	{ "{'do':'maintenance','value':true}", ERROR_NONE, ERROR_NONE, 1 },
	{ "{'do':'away','how':'refused'}", ERROR_UNREACHABLE, ERROR_UNREACHABLE, 0 },
	{ "{'do':'away','how':'missing'}", ERROR_UNREACHABLE, ERROR_UNREACHABLE, 0 },
	{ "{'do':'away','how':'hang'}", ERROR_UNANSWERED, ERROR_UNANSWERED, 0 },
};
/* clang-format on */

START_TEST(fault_of_a_get_is_an_error_of_its_kind)
{
	control(PRESENT);
	control(faults[_i].trouble);
	snapd_limit(snapd, faults[_i].get == ERROR_UNANSWERED ? SHORT : 10000);
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err),
		faults[_i].get == ERROR_NONE ? 0 : -1);
	ck_assert_int_eq(err.kind, faults[_i].get);
	ck_assert_int_eq(snap.present, faults[_i].get == ERROR_NONE);
	snapd_proc_do(&proc, "{'do':'back'}");
	snapd_limit(snapd, 10000);
	get_snap();
	ck_assert(snap.present && snap.active);
}
END_TEST

START_TEST(fault_of_a_post_is_an_error_of_its_kind)
{
	control(faults[_i].trouble);
	ck_assert_int_eq(
		snapd_post(snapd, "microsample",
			&(struct snapd_request){ .action = "install", .channel = "latest/edge" },
			faults[_i].post == ERROR_UNANSWERED ? SHORT : 10000, &answer, &err),
		faults[_i].post == ERROR_NONE ? 0 : -1);
	ck_assert_int_eq(err.kind, faults[_i].post);
	ck_assert_int_eq(answer.change > 0, faults[_i].post == ERROR_NONE);
	snapd_proc_do(&proc, "{'do':'back'}");
	get_changes(false);
	ck_assert_uint_eq(changes.count, faults[_i].made);
}
END_TEST

/* clang-format off */
#define SEEN(active_, broken_, local_, revision_, version_, tracking_, down_) \
	{ .present = true, .active = (active_), .broken = (broken_), .local = (local_), \
		.revision = revision_, .version = version_, .tracking = tracking_, .service_down = down_ }

static const struct {
	const char *set;
	struct snapd_snap snap;
} shapes[] = {
	{ "{'disabled':true}", SEEN(false, false, false, "3", "3.0-dev", "latest/edge", "") },
	{ "{'broken':'cannot read'}", SEEN(true, true, false, "3", "3.0-dev", "latest/edge", "") },
	{ "{'id':'','revision':'x1'}", SEEN(true, false, true, "x1", "3.0-dev", "latest/edge", "") },
	{ "{'tracking':''}", SEEN(true, false, false, "3", "3.0-dev", "", "") },
	{ "{'tracking':'edge'}", SEEN(true, false, false, "3", "3.0-dev", "latest/edge", "") },
	{ "{'version':''}", SEEN(true, false, false, "3", "", "latest/edge", "") },
	{ "{'apps':null}", SEEN(true, false, false, "3", "3.0-dev", "latest/edge", "") },
	{ "{'service':{'enabled':true,'active':false}}",
	  SEEN(true, false, false, "3", "3.0-dev", "latest/edge", "microsample") },
	{ "{'service':{'enabled':false,'active':false}}",
	  SEEN(true, false, false, "3", "3.0-dev", "latest/edge", "") },
};
/* clang-format on */

START_TEST(shape_of_a_snap_is_seen)
{
	const struct snapd_snap *wanted = &shapes[_i / 2].snap;
	char command[256];

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i % 2]);
	complete("install", "latest/edge");
	(void)snprintf(command, sizeof command, "{'do':'snap','name':'microsample','set':%s}",
		shapes[_i / 2].set);
	control(command);
	get_snap();
	ck_assert_int_eq(snap.active, wanted->active);
	ck_assert_int_eq(snap.broken, wanted->broken);
	ck_assert_int_eq(snap.local, wanted->local);
	ck_assert_str_eq(snap.revision, wanted->revision);
	ck_assert_str_eq(snap.tracking, wanted->tracking);
	ck_assert_str_eq(snap.service_down, wanted->service_down);
}
END_TEST

START_TEST(failed_change_says_why)
{
	int64_t id;

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	snapd_proc_do(&proc, "{'do':'fail','task':'link-snap','log':'no room'}");
	id = begin("install", "latest/edge");
	snapd_proc_do(&proc, "{'do':'finish'}");
	get_change(id);
	ck_assert_int_eq(change.progress, SNAPD_CHANGE_FAILED);
	ck_assert_str_eq(change.status, "Error");
	ck_assert_ptr_nonnull(strstr(change.error, "(no room)"));
	ck_assert_ptr_null(strchr(change.error, '\n'));
	get_snap();
	ck_assert(!snap.present);
}
END_TEST

/* One step at a time: only `ready` means the end, and every step shows. */
START_TEST(change_is_running_until_it_is_ready)
{
	int64_t id, before = -1;
	int states[SNAPD_CHANGE_FAILED + 1] = { 0 };

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	snapd_proc_do(&proc, "{'do':'fail','task':'start-snap-services','log':'no'}");
	id = begin("install", "latest/edge");
	for (int i = 0; i < 200 && !states[SNAPD_CHANGE_FAILED]; i++) {
		get_change(id);
		states[change.progress]++;
		get_changes(false);
		ck_assert_uint_eq(changes.count, change.progress != SNAPD_CHANGE_FAILED);
		ck_assert_int_le(change.steps_done, change.steps);
		if (change.steps_done != before)
			before = change.steps_done;
		snapd_proc_do(&proc, "{'do':'step','n':1}");
	}
	ck_assert_int_eq(states[SNAPD_CHANGE_FAILED], 1);
	ck_assert_int_gt(states[SNAPD_CHANGE_RUNNING], 20);
	ck_assert_int_eq(states[SNAPD_CHANGE_DONE] + states[SNAPD_CHANGE_EMPTY], 0);
}
END_TEST

START_TEST(change_aborted_at_once_is_empty)
{
	int64_t id = begin("install", "latest/edge");

	snapd_proc_do(&proc, "{'do':'step','n':2}");
	snapd_proc_do(&proc, "{'do':'abort','change':'%lld'}", (long long)id);
	snapd_proc_do(&proc, "{'do':'finish'}");
	get_change(id);
	ck_assert_str_eq(change.status, "Done");
	ck_assert_int_eq(change.progress, SNAPD_CHANGE_EMPTY);
	ck_assert_str_eq(change.error, "");
}
END_TEST

START_TEST(waiting_change_is_seen)
{
	int64_t id = begin("install", "latest/edge");

	snapd_proc_do(&proc, "{'do':'step','n':3}");
	snapd_proc_do(&proc, "{'do':'wait','change':'%lld'}", (long long)id);
	get_change(id);
	ck_assert_int_eq(change.progress, SNAPD_CHANGE_WAITING);
	ck_assert_uint_gt(strlen(change.task), 0);
}
END_TEST

START_TEST(download_counts_its_bytes)
{
	int64_t id = begin("install", "big/stable");
	int64_t done = 0;

	for (int i = 0; i < 100 && done == 0; i++) {
		snapd_proc_do(&proc, "{'do':'step','n':1}");
		get_change(id);
		if (strcmp(change.task_kind, "download-snap") == 0)
			done = change.done;
	}
	ck_assert_int_gt(done, 0);
	ck_assert_int_eq(change.total, 12288000);
}
END_TEST

START_TEST(pruned_change_is_not_known)
{
	complete("install", "latest/edge");
	snapd_proc_do(&proc, "{'do':'prune'}");
	get_change(answer.change);
	ck_assert_int_eq(change.id, 0);
}
END_TEST

START_TEST(harmless_change_is_not_in_flight)
{
	control(PRESENT);
	snapd_proc_do(&proc, "{'do':'foreign','kind':'pre-download','held':true}");
	get_changes(false);
	ck_assert_uint_eq(changes.count, 0);
	snapd_proc_do(&proc, "{'do':'foreign','kind':'service-control','held':true}");
	get_changes(false);
	ck_assert_uint_eq(changes.count, 1);
	ck_assert_str_eq(changes.list[0].kind, "service-control");
}
END_TEST

START_TEST(system_and_seeding_are_seen)
{
	struct snapd_system info;
	bool seeded = false;

	snapd_proc_do(&proc, "{'do':'like','value':'%s'}", versions[_i]);
	ck_assert_int_eq(snapd_get_system(snapd, &info, &err), 0);
	ck_assert_int_eq(strncmp(info.version, versions[_i], 4), 0);
	ck_assert_str_eq(info.architecture, "amd64");
	ck_assert_int_eq(snapd_get_seeded(snapd, &seeded, &err), 0);
	ck_assert(seeded);
	snapd_proc_do(&proc, "{'do':'seeded','value':false}");
	ck_assert_int_eq(snapd_get_seeded(snapd, &seeded, &err), 0);
	ck_assert(!seeded);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapd-standin");
	TCase *tests = tcase_create("snapd");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, snap_comes_moves_and_goes, 0, COUNT(versions));
	tcase_add_loop_test(tests, refusal_is_a_verdict, 0, 2 * COUNT(refusals));
	tcase_add_test(tests, missing_channel_comes_with_those_there_are);
	tcase_add_loop_test(tests, fault_of_a_get_is_an_error_of_its_kind, 0, COUNT(faults));
	tcase_add_loop_test(tests, fault_of_a_post_is_an_error_of_its_kind, 0, COUNT(faults));
	tcase_add_loop_test(tests, shape_of_a_snap_is_seen, 0, 2 * COUNT(shapes));
	tcase_add_loop_test(tests, failed_change_says_why, 0, COUNT(versions));
	tcase_add_loop_test(tests, change_is_running_until_it_is_ready, 0, COUNT(versions));
	tcase_add_test(tests, change_aborted_at_once_is_empty);
	tcase_add_test(tests, waiting_change_is_seen);
	tcase_add_test(tests, download_counts_its_bytes);
	tcase_add_test(tests, pruned_change_is_not_known);
	tcase_add_test(tests, harmless_change_is_not_in_flight);
	tcase_add_loop_test(tests, system_and_seeding_are_seen, 0, COUNT(versions));
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
