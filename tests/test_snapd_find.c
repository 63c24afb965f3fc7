/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the client reads what tells of other revisions than the one that runs: the hold, the revisions
 * on disk, what the Snap Store has. In the bodies ' means ".
 */
#include <check.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapd/snapd.h"
#include "tests/canned.h"
#include "tests/suite.h"

#define SYNC(result)      "{'type':'sync','status-code':200,'status':'OK','result':" result "}"
#define ERROR(code, rest) "{'type':'error','status-code':" code ",'status':'x','result':" rest "}"

static struct canned *canned;
static struct snapd *snapd;
static struct snapd_releases releases;
static struct error err;

static void set_up(void)
{
	canned = canned_start();
	snapd = snapd_open(canned_path(canned));
	releases = (struct snapd_releases){ .count = 12345 };
	err = (struct error){ 0 };
}

static void tear_down(void)
{
	snapd_close(snapd);
	canned_stop(canned);
}

__attribute__((format(printf, 1, 2))) static void reply(const char *format, ...)
{
	static char body[1 << 20];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(body, sizeof body, format, arguments);
	va_end(arguments);
	canned_answer(canned, 200, body);
}

static void expect_request(const char *wanted)
{
	ck_assert_int_eq(strncmp(canned_request(canned), wanted, strlen(wanted)), 0);
}

#define NINES "999999999999999999999999999999999999999999999999999999999999"

/* clang-format off */
static const struct {
	const char *member, *hold;
	int64_t until;
} holds[] = {
	{ "", "", 0 },
	/* as recorded: for ever, until then, over */
	{ ",'hold':'2319-03-07T20:25:58.5Z'", "2319-03-07T20:25:58.5Z", INT64_C(11019011158) },
	{ ",'hold':'2027-06-01T12:00:00.000007661Z'", "2027-06-01T12:00:00.000007661Z", 1811851200 },
	{ ",'hold':'2020-01-01T00:00:00.000009514Z'", "2020-01-01T00:00:00.000009514Z", 1577836800 },
	/* in another zone, as RFC 3339 has it */
	{ ",'hold':'2027-06-01T14:00:00+02:00'", "2027-06-01T14:00:00+02:00", 1811851200 },
	{ ",'hold':'2027-06-01T06:30:00.25-05:30'", "2027-06-01T06:30:00.25-05:30", 1811851200 },
	{ ",'hold':'2024-02-29T00:00:00Z'", "2024-02-29T00:00:00Z", 1709164800 },
	/* too early, or no time at all */
	{ ",'hold':'0001-01-01T00:00:00Z'", "0001-01-01T00:00:00Z", 0 },
	{ ",'hold':'1969-12-31T23:59:59Z'", "1969-12-31T23:59:59Z", 0 },
	{ ",'hold':'12319-03-07T20:25:58Z'", "12319-03-07T20:25:58Z", 0 },
	{ ",'hold':'2027-02-29T00:00:00Z'", "2027-02-29T00:00:00Z", 0 },
	{ ",'hold':'2027-13-01T00:00:00Z'", "2027-13-01T00:00:00Z", 0 },
	{ ",'hold':'2027-06-01T24:00:00Z'", "2027-06-01T24:00:00Z", 0 },
	{ ",'hold':'2027-06-01T12:00:00'", "2027-06-01T12:00:00", 0 },
	{ ",'hold':'2027-06-01 12:00:00Z'", "2027-06-01 12:00:00Z", 0 },
	{ ",'hold':'2027-06-01T12:00:00.Z'", "2027-06-01T12:00:00.Z", 0 },
	{ ",'hold':'2027-06-01T12:00:00.5'", "2027-06-01T12:00:00.5", 0 },
	{ ",'hold':'2027-06-01T12:00:00z'", "2027-06-01T12:00:00z", 0 },
	{ ",'hold':'2027-06-01T12:00:00ZZ'", "2027-06-01T12:00:00ZZ", 0 },
	{ ",'hold':'2027-06-01T12:00:00+0200'", "2027-06-01T12:00:00+0200", 0 },
	{ ",'hold':'2027-06-01T12:00:00+02:60'", "2027-06-01T12:00:00+02:60", 0 },
	{ ",'hold':'2027-06-01T12:00:00+24:00'", "2027-06-01T12:00:00+24:00", 0 },
	{ ",'hold':'2027-06-01T12:00:00+2:000'", "2027-06-01T12:00:00+2:000", 0 },
	{ ",'hold':'forever'", "forever", 0 },
	{ ",'hold':'-'", "-", 0 },
	/* cut, so that it is not the whole of a time */
	{ ",'hold':'2027-06-01T12:00:00." NINES "Z'", "2027-06-01T12:00:00.9999999999999999999999999999999999999999999", 0 },
	{ ",'hold':''", "", 0 }, { ",'hold':null", "", 0 }, { ",'hold':7", "", 0 },
	{ ",'hold':11019011158", "", 0 }, { ",'hold':{'a':1}", "", 0 },
	{ ",'hold':'\\u0000'", "", 0 },
};
/* clang-format on */

START_TEST(hold_is_its_text_and_its_seconds)
{
	struct snapd_snap snap;

	reply(SYNC("{'id':'i','status':'active','revision':'3'%s}"), holds[_i].member);
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), 0);
	ck_assert_str_eq(snap.hold, holds[_i].hold);
	ck_assert_int_eq(snap.hold_until, holds[_i].until);
}
END_TEST

/* clang-format off */
#define APP(name, rest) "{'snap':'microsample','name':'" name "','daemon':'simple'" rest "}"
#define ON ",'enabled':true"
static const struct {
	const char *apps, *enabled;
} services[] = {
	{ "", "" },
	{ APP("web", ON), "web" },
	{ APP("web", ON ",'active':true") "," APP("worker", ON), "web worker" },
	{ APP("web", "") "," APP("Worker-2", ON) "," APP("c", ",'enabled':false"), "Worker-2" },
	/* of every type but those of users */
	{ "{'name':'a','daemon':'oneshot'" ON "},{'name':'b','daemon':'simple','activators':[{'N':1}]" ON "}",
	  "a b" },
	{ APP("web", ON ",'daemon-scope':'user'") "," APP("b", ON ",'daemon-scope':'system'"), "b" },
	{ "{'name':'tool'" ON "},{'name':'web','daemon':7" ON "}", "" },
	/* nothing that could not be sent */
	{ APP("a b", ON) "," APP("", ON) "," APP("c.d", ON) "," APP("\\n", ON) "," APP("e", ON), "e" },
	{ "{'daemon':'simple'" ON "},null,7," APP("e", ",'enabled':'true'"), "" },
};
/* clang-format on */

START_TEST(enabled_services_are_named)
{
	struct snapd_snap snap;

	reply(SYNC("{'id':'i','status':'active','revision':'3','apps':[%s]}"), services[_i].apps);
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), 0);
	ck_assert_str_eq(snap.enabled, services[_i].enabled);
}
END_TEST

/* The first name is shorter, so that the next one would just fit without its NUL. */
START_TEST(service_that_does_not_fit_is_left_out)
{
	static char apps[65536];
	struct snapd_snap snap;
	size_t used = 0;

	for (int i = 0; i < 300; i++)
		used += (size_t)sprintf(apps + used, "%s{'name':'s%0*d','daemon':'simple'" ON "}",
			i ? "," : "", i ? 4 : 3, i);
	reply(SYNC("{'id':'i','status':'active','revision':'3','apps':[%s]}"), apps);
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), 0);
	ck_assert_uint_eq(strlen(snap.enabled), 1018); /* 170 of six bytes, less two */
	ck_assert_str_eq(snap.enabled + 1018 - 11, "s0168 s0169");
}
END_TEST

/* clang-format off */
#define REV(rest) "{'name':'microsample'," rest "}"
static const struct {
	const char *list;
	int count; /* -1: ERROR_FORMAT */
	const char *first, *last, *status; /* of the last */
} revisions[] = {
	{ "", 0, "", "", "" },
	{ REV("'revision':'3','status':'active'"), 1, "3", "3", "active" },
	{ REV("'revision':'1','status':'installed'") "," REV("'revision':'x1','status':'active'"),
	  2, "1", "x1", "active" },
	{ REV("'revision':'3','status':'active'") "," REV("'revision':'2','status':'installed'"),
	  2, "3", "2", "installed" },
	{ "{'name':'other','revision':'9','status':'active'}," REV("'revision':'3','status':'active'"),
	  1, "3", "3", "active" },
	{ REV("'revision':'3','status':7"), 1, "3", "3", "" },
	{ "null,7,'text',[],{}", 0, "", "", "" },
	{ REV("'status':'active'"), -1, "", "", "" },
	{ REV("'revision':3,'status':'active'"), -1, "", "", "" },
	{ REV("'revision':'','status':'active'"), -1, "", "", "" },
	{ REV("'revision':'1\\n','status':'active'"), -1, "", "", "" },
	{ REV("'revision':'\\u001b[31m','status':'active'"), -1, "", "", "" },
	{ REV("'revision':'0','status':'active'"), -1, "", "", "" },
	{ REV("'revision':'1','status':'active'") "," REV("'revision':'two'"), -1, "", "", "" },
};
/* clang-format on */

START_TEST(revisions_on_disk_come_in_their_order)
{
	struct snapd_revisions seen = { .count = 12345 };
	int count = revisions[_i].count;

	reply(SYNC("[%s]"), revisions[_i].list);
	ck_assert_int_eq(
		snapd_get_revisions(snapd, "microsample", &seen, &err), count < 0 ? -1 : 0);
	expect_request("GET /v2/snaps?select=all&snaps=microsample HTTP/1.1\r\n");
	ck_assert_int_eq(err.kind, count < 0 ? ERROR_FORMAT : ERROR_NONE);
	ck_assert_uint_eq(seen.count, count < 0 ? 12345 : (size_t)count);
	if (count <= 0)
		return;
	ck_assert_str_eq(seen.list[0].revision, revisions[_i].first);
	ck_assert_str_eq(seen.list[count - 1].revision, revisions[_i].last);
	ck_assert_str_eq(seen.list[count - 1].status, revisions[_i].status);
}
END_TEST

/* A part of them could hide the one to go back to. */
START_TEST(too_many_revisions_are_an_error)
{
	static char list[65536];

	for (int count = SNAPD_REVISIONS_MAX; count <= SNAPD_REVISIONS_MAX + 1; count++) {
		struct snapd_revisions seen = { .count = 12345 };
		size_t used = 0;

		for (int i = 1; i <= count; i++)
			used += (size_t)sprintf(
				list + used, "%s" REV("'revision':'%d'"), i > 1 ? "," : "", i);
		reply(SYNC("[%s]"), list);
		err = (struct error){ 0 };
		(void)snapd_get_revisions(snapd, "microsample", &seen, &err);
		ck_assert_int_eq(err.kind, count > SNAPD_REVISIONS_MAX ? ERROR_LIMIT : ERROR_NONE);
		ck_assert_uint_eq(seen.count, count > SNAPD_REVISIONS_MAX ? 12345 : (size_t)count);
	}
}
END_TEST

/* clang-format off */
#define CHANNEL(name, revision) "'" name "':{'revision':'" revision "','version':'1.0'}"
static const struct {
	const char *channels, *seen; /* channel=revision, ... */
} finds[] = {
	{ "{}", "" },
	{ "{" CHANNEL("2.0/stable", "4") "," CHANNEL("latest/edge", "3") "," CHANNEL("latest/stable", "1") ","
	  CHANNEL("latest/beta", "2") "}", "latest/stable=1,latest/beta=2,latest/edge=3,2.0/stable=4" },
	{ "{" CHANNEL("20/edge", "1") "," CHANNEL("2/edge", "2") "," CHANNEL("2/edge/fix", "3") "}",
	  "2/edge=2,2/edge/fix=3,20/edge=1" },
	{ "{" CHANNEL("edge", "3") "," CHANNEL("2.0", "4") "}", "latest/edge=3,2.0/stable=4" },
	/* not well formed */
	{ "{" CHANNEL("a b/edge", "1") "," CHANNEL("\\u001b[31m/edge", "1") "," CHANNEL("", "1") ","
	  CHANNEL("edge\\n", "1") "," CHANNEL("a/b/c/d", "1") "," CHANNEL("2.0/beta", "5") "}", "2.0/beta=5" },
	{ "{" CHANNEL("latest/edge", "0") "," CHANNEL("latest/beta", "") "," CHANNEL("latest/stable", "a") "}", "" },
	{ "{'latest/edge':{'revision':3},'latest/beta':{},'latest/stable':null,'2/edge':[],'3/edge':7}", "" },
	{ "[{'revision':'1'}]", "" },
	{ "null", "" }, { "7", "" }, { "'text'", "" },
};
/* clang-format on */

START_TEST(channels_of_the_store_come_in_order)
{
	char seen[256] = "";

	reply(SYNC("[{'name':'microsample','revision':'8','channel':'slow/stable','channels':%s}]"),
		finds[_i].channels);
	ck_assert_int_eq(snapd_find(snapd, "microsample", 5000, &releases, &err), 0);
	expect_request("GET /v2/find?name=microsample HTTP/1.1\r\n");
	ck_assert(releases.found);
	for (size_t i = 0; i < releases.count; i++)
		(void)snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s%s=%s",
			i ? "," : "", releases.list[i].channel, releases.list[i].revision);
	ck_assert_str_eq(seen, finds[_i].seen);
	snapd_releases_done(&releases);
}
END_TEST

START_TEST(release_has_its_version_size_and_time)
{
	reply(SYNC("[{'name':'other'},{'name':'microsample','channels':{%s}}]"),
		"'latest/stable':{'revision':'7','version':'7.0','size':12566528,"
		"'released-at':'2026-01-01T00:00:00Z','epoch':{'read':[0]},'confinement':'strict'},"
		"'latest/edge':{'revision':'8','version':9,'size':'big','released-at':null},"
		"'2.0/edge':{'revision':'8','size':-1},'3.0/edge':{'revision':'8','size':1e300}");
	ck_assert_int_eq(snapd_find(snapd, "microsample", 5000, &releases, &err), 0);
	ck_assert_uint_eq(releases.count, 4);
	ck_assert_str_eq(releases.list[0].version, "7.0");
	ck_assert_str_eq(releases.list[0].released, "2026-01-01T00:00:00Z");
	ck_assert_int_eq(releases.list[0].size, 12566528);
	for (size_t i = 1; i < 4; i++) {
		ck_assert_str_eq(releases.list[i].version, "");
		ck_assert_str_eq(releases.list[i].released, "");
		ck_assert_int_eq(releases.list[i].size, 0);
	}
	snapd_releases_done(&releases);
	ck_assert_ptr_null(releases.list);
	snapd_releases_done(NULL);
}
END_TEST

/* `latest` comes after hundreds of tracks in the alphabet. */
START_TEST(many_channels_are_cut_behind_the_first)
{
	static char channels[262144];
	size_t used = 0;

	for (int i = 0; i < 2000; i++)
		used += (size_t)sprintf(channels + used, "'%04d/edge':{'revision':'1'},", 1999 - i);
	(void)sprintf(channels + used, "'latest/edge':{'revision':'3'}");
	reply(SYNC("[{'name':'microsample','channels':{%s}}]"), channels);
	ck_assert_int_eq(snapd_find(snapd, "microsample", 5000, &releases, &err), 0);
	ck_assert_uint_eq(releases.count, SNAPD_RELEASES_MAX);
	ck_assert_str_eq(releases.list[0].channel, "latest/edge");
	ck_assert_str_eq(releases.list[1].channel, "0000/edge");
	ck_assert_str_eq(releases.list[SNAPD_RELEASES_MAX - 1].channel, "0254/edge");
	snapd_releases_done(&releases);
}
END_TEST

START_TEST(snap_that_the_store_lacks_is_no_error)
{
	canned_answer(canned, 404,
		ERROR("404", "{'message':'snap not found','kind':'snap-not-found',"
			     "'value':'microsample'}"));
	ck_assert_int_eq(snapd_find(snapd, "microsample", 5000, &releases, &err), 0);
	ck_assert(!releases.found);
	ck_assert_uint_eq(releases.count, 0);
	ck_assert_ptr_null(releases.list);
}
END_TEST

/* clang-format off */
static const struct {
	const char *result, *revision; /* NULL: an error */
} updates[] = {
	{ "[]", "" },
	{ "[{'name':'microsample','revision':'2'}]", "2" },
	{ "[{'name':'microother','revision':'9'},{'name':'microsample','revision':'2'}]", "2" },
	{ "[{'name':'microother','revision':'9'}]", "" },
	{ "[{'name':'microother'},null,7,[],{},{'name':['microsample']}]", "" },
	{ "[{'name':'microsample'}]", NULL },
	{ "[{'name':'microsample','revision':2}]", NULL },
	{ "[{'name':'microsample','revision':''}]", NULL },
	{ "[{'name':'microsample','revision':'2\\n'}]", NULL },
	{ "[{'name':'microsample','revision':'99999999999999999999'}]", NULL },
	{ "{}", NULL }, { "{'microsample':{'name':'microsample','revision':'2'}}", NULL },
	{ "null", NULL }, { "7", NULL }, { "'text'", NULL },
};
/* clang-format on */

START_TEST(update_is_the_revision_of_the_one_snap)
{
	struct snapd_update update = { .revision = "as it was" };
	const char *revision = updates[_i].revision;

	reply(SYNC("%s"), updates[_i].result);
	ck_assert_int_eq(
		snapd_find_update(snapd, "microsample", 5000, &update, &err), revision ? 0 : -1);
	expect_request("GET /v2/find?select=refresh HTTP/1.1\r\n");
	ck_assert_int_eq(err.kind, revision ? ERROR_NONE : ERROR_FORMAT);
	ck_assert_str_eq(update.revision, revision ? revision : "as it was");
}
END_TEST

/* clang-format off */
static const struct {
	int status;
	const char *body;
	int code;
} odd[] = {
	/* the store is not there */
	{ 500, ERROR("500", "{'message':'cannot list updates: connection refused'}"), 500 },
	{ 400, ERROR("400", "{'message':'invalid snap name'}"), 400 },
	{ 401, ERROR("401", "{'message':'access denied','kind':'login-required'}"), 401 },
	{ 404, ERROR("404", "{'message':'not found'}"), 404 },
	{ 404, ERROR("404", "null"), 404 },
	{ 200, "[]", 0 }, { 200, "", 0 },
	{ 200, SYNC("{}"), 0 }, { 200, SYNC("null"), 0 }, { 200, SYNC("'text'"), 0 },
};
/* clang-format on */

START_TEST(odd_answer_is_a_format_error)
{
	struct snapd_revisions seen = { .count = 12345 };
	struct snapd_update update = { .revision = "as it was" };

	canned_answer(canned, odd[_i].status, odd[_i].body);
	ck_assert_int_eq(snapd_get_revisions(snapd, "microsample", &seen, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_int_eq(err.code, odd[_i].code);
	err = (struct error){ 0 };
	ck_assert_int_eq(snapd_find(snapd, "microsample", 5000, &releases, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_int_eq(err.code, odd[_i].code);
	err = (struct error){ 0 };
	ck_assert_int_eq(snapd_find_update(snapd, "microsample", 5000, &update, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_int_eq(err.code, odd[_i].code);
	ck_assert_uint_eq(seen.count, 12345);
	ck_assert_uint_eq(releases.count, 12345);
	ck_assert_str_eq(update.revision, "as it was");
}
END_TEST

START_TEST(another_snap_than_asked_for_is_a_format_error)
{
	reply(SYNC("[%s]"), "{'name':'other','channels':{'latest/edge':{'revision':'1'}}}");
	ck_assert_int_eq(snapd_find(snapd, "microsample", 5000, &releases, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	reply(SYNC("[]"));
	ck_assert_int_eq(snapd_find(snapd, "microsample", 5000, &releases, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_uint_eq(releases.count, 12345);
}
END_TEST

/* The usual limit is ten seconds, and comes back. */
START_TEST(time_limit_is_that_of_the_one_question)
{
	struct snapd_update update;
	struct snapd_snap snap;

	canned_bytes(canned, CANNED_HANG, "", 0);
	ck_assert_int_eq(snapd_find(snapd, "microsample", 100, &releases, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNANSWERED);
	ck_assert_int_eq(snapd_find_update(snapd, "microsample", 100, &update, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNANSWERED);
	ck_assert_int_eq(snapd_find(snapd, "microsample", 0, &releases, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	snapd_limit(snapd, 100);
	ck_assert_int_eq(snapd_find(snapd, "microsample", -1, &releases, &err), -1);
	err = (struct error){ 0 };
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNANSWERED);
	snapd_limit(snapd, 0);
	reply(SYNC("[]"));
	ck_assert_int_eq(snapd_find_update(snapd, "microsample", 5000, &update, &err), 0);
}
END_TEST

#define COUNT(array) (int)(sizeof array / sizeof *array)

int main(void)
{
	Suite *suite = suite_create("snapd-find");
	TCase *tests = tcase_create("revisions");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, hold_is_its_text_and_its_seconds, 0, COUNT(holds));
	tcase_add_loop_test(tests, enabled_services_are_named, 0, COUNT(services));
	tcase_add_test(tests, service_that_does_not_fit_is_left_out);
	tcase_add_loop_test(tests, revisions_on_disk_come_in_their_order, 0, COUNT(revisions));
	tcase_add_test(tests, too_many_revisions_are_an_error);
	tcase_add_loop_test(tests, channels_of_the_store_come_in_order, 0, COUNT(finds));
	tcase_add_test(tests, release_has_its_version_size_and_time);
	tcase_add_test(tests, many_channels_are_cut_behind_the_first);
	tcase_add_test(tests, snap_that_the_store_lacks_is_no_error);
	tcase_add_loop_test(tests, update_is_the_revision_of_the_one_snap, 0, COUNT(updates));
	tcase_add_loop_test(tests, odd_answer_is_a_format_error, 0, COUNT(odd));
	tcase_add_test(tests, another_snap_than_asked_for_is_a_format_error);
	tcase_add_test(tests, time_limit_is_that_of_the_one_question);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
