/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the client reads snapd's answers to its GETs. The bodies are shortened answers
 * of running daemons, and some that no daemon should send. In them ' means ".
 */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/snapd_kit.h"
#include "tests/suite.h"

#define SYNC(result)      "{'type':'sync','status-code':200,'status':'OK','result':" result "}"
#define ERROR(code, rest) "{'type':'error','status-code':" code ",'status':'x','result':" rest "}"
#define KIND(code, kind)  ERROR(code, "{'message':'text','kind':'" kind "','value':''}")

/* clang-format off */
#define APP(rest) "{'snap':'microsample','name':'microsample'" rest "}"
#define SNAP(rest) \
	"{'id':'MicroSampleSnapId1','name':'microsample','status':'active','version':'3.0-dev'," \
	"'channel':'latest/stable','revision':'3'," rest "'links':null,'contact':''}"
#define RUNNING ",'daemon':'simple','daemon-scope':'system','enabled':true,'active':true"
#define EDGE "'tracking-channel':'latest/edge'"

#define SEEN(active_, broken_, local_, revision_, version_, tracking_, down_) \
	{ .present = true, .active = (active_), .broken = (broken_), .local = (local_), \
		.revision = revision_, .version = version_, .tracking = tracking_, .service_down = down_ }

static const struct {
	const char *json;
	struct snapd_snap snap;
} snaps[] = {
	/* as 2.68.3 and 2.77.1 show it */
	{ SNAP(EDGE ",'apps':[" APP(RUNNING) "],"),
	  SEEN(true, false, false, "3", "3.0-dev", "latest/edge", "") },
	/* disabled, or between two revisions */
	{ "{'id':'i','status':'installed','revision':'3','version':''," EDGE ","
	  "'apps':[" APP(",'daemon':'simple','daemon-scope':'system'") "]}",
	  SEEN(false, false, false, "3", "", "latest/edge", "") },
	/* local */
	{ "{'id':'','status':'active','revision':'x1','version':'0.1','channel':''}",
	  SEEN(true, false, true, "x1", "0.1", "", "") },
	{ "{'id':'','status':'active','revision':'7'}",
	  SEEN(true, false, true, "7", "", "", "") },
	{ "{'id':'i','status':'active','revision':'x12'}",
	  SEEN(true, false, true, "x12", "", "", "") },
	/* broken */
	{ "{'id':'i','status':'active','revision':'3','broken':'cannot read'}",
	  SEEN(true, true, false, "3", "", "", "") },
	{ "{'id':'i','status':'active','revision':'3','broken':''}",
	  SEEN(true, false, false, "3", "", "", "") },
	/* state written by an old snapd */
	{ "{'id':'i','status':'active','revision':'3','tracking-channel':'edge'}",
	  SEEN(true, false, false, "3", "", "latest/edge", "") },
	{ "{'id':'i','status':'active','revision':'3','tracking-channel':'2.0'}",
	  SEEN(true, false, false, "3", "", "2.0/stable", "") },
	/* no `apps` key: snapd could not ask systemd */
	{ SNAP(EDGE ","), SEEN(true, false, false, "3", "3.0-dev", "latest/edge", "") },
	{ SNAP("'apps':[],"), SEEN(true, false, false, "3", "3.0-dev", "", "") },
	/* services: false is left out */
	{ SNAP("'apps':[" APP(",'daemon':'simple','enabled':true") "],"),
	  SEEN(true, false, false, "3", "3.0-dev", "", "microsample") },
	{ SNAP("'apps':[" APP(",'daemon':'simple','enabled':true,'active':false") "],"),
	  SEEN(true, false, false, "3", "3.0-dev", "", "microsample") },
	{ SNAP("'apps':[" APP(RUNNING) ",{'name':'b','daemon':'notify','enabled':true},"
	       "{'name':'c','daemon':'simple','enabled':true}],"),
	  SEEN(true, false, false, "3", "3.0-dev", "", "b") },
	{ SNAP("'apps':[" APP(",'daemon':'simple'") "],"),
	  SEEN(true, false, false, "3", "3.0-dev", "", "") },
	{ SNAP("'apps':[" APP(",'daemon':'oneshot','enabled':true") "],"),
	  SEEN(true, false, false, "3", "3.0-dev", "", "") },
	{ SNAP("'apps':[" APP(",'daemon':'simple','daemon-scope':'user','enabled':true") "],"),
	  SEEN(true, false, false, "3", "3.0-dev", "", "") },
	{ SNAP("'apps':[" APP(",'daemon':'simple','enabled':true,'activators':[{'Name':'s'}]") "],"),
	  SEEN(true, false, false, "3", "3.0-dev", "", "") },
	{ SNAP("'apps':[" APP(",'daemon':'simple','enabled':true,'activators':[]") "],"),
	  SEEN(true, false, false, "3", "3.0-dev", "", "microsample") },
	{ SNAP("'apps':[" APP(",'enabled':true") "],"),
	  SEEN(true, false, false, "3", "3.0-dev", "", "") },
	{ SNAP("'apps':[{'daemon':'simple','enabled':true}],"),
	  SEEN(true, false, false, "3", "3.0-dev", "", "(unnamed)") },
	{ SNAP("'apps':[{'name':'\\u0004 \\u001f','daemon':'simple','enabled':true}],"),
	  SEEN(true, false, false, "3", "3.0-dev", "", "(unnamed)") },
	/* values of unexpected types */
	{ SNAP("'apps':{'a':1},'broken':7,'tracking-channel':['x'],"),
	  SEEN(true, false, false, "3", "3.0-dev", "", "") },
	{ SNAP("'apps':[null,7,'x',[],{}],'tracking-channel':{},'broken':null,"),
	  SEEN(true, false, false, "3", "3.0-dev", "", "") },
	{ "{'status':'active','revision':'3','id':5,'version':9,'new-key':{'a':[1,2]}}",
	  SEEN(true, false, true, "3", "", "", "") },
	{ "{'id':'i','status':'active\\u0000','revision':'3\\u0000\\u0007'}",
	  SEEN(true, false, false, "3", "", "", "") },
};
/* clang-format on */

START_TEST(snap_is_read)
{
	const struct snapd_snap *wanted = &snaps[_i].snap;
	struct snapd_snap snap;
	char body[2048];

	(void)snprintf(body, sizeof body, SYNC("%s"), snaps[_i].json);
	reply(200, body);
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), 0);
	ck_assert_int_eq(strncmp(canned_request(canned), "GET /v2/snaps/microsample HTTP", 30), 0);
	ck_assert_int_eq(snap.present, wanted->present);
	ck_assert_int_eq(snap.active, wanted->active);
	ck_assert_int_eq(snap.broken, wanted->broken);
	ck_assert_str_eq(snap.damage, wanted->broken ? "cannot read" : "");
	ck_assert_int_eq(snap.local, wanted->local);
	ck_assert_str_eq(snap.revision, wanted->revision);
	ck_assert_str_eq(snap.version, wanted->version);
	ck_assert_str_eq(snap.tracking, wanted->tracking);
	ck_assert_str_eq(snap.service_down, wanted->service_down);
}
END_TEST

/* clang-format off */
#define SAYS(rest) "'health':{'revision':'3','timestamp':'2026-11-23T03:25:00Z'," rest "},"
/* What the services and the snap itself say. */
static const struct {
	const char *json;
	bool serves, unserved;
	const char *health, *channel;
} states[] = {
	{ SNAP(""), false, false, "", "latest/stable" },
	{ SNAP("'apps':[" APP("") "],"), false, false, "", "latest/stable" },
	{ SNAP("'apps':[" APP(RUNNING) "],"), true, false, "", "latest/stable" },
	{ SNAP("'apps':[" APP(",'daemon':'simple','enabled':true") "],"), false, false, "", "latest/stable" },
	{ SNAP("'apps':[" APP(",'daemon':'simple','active':true") "],"), true, true, "", "latest/stable" },
	{ SNAP("'apps':[" APP(",'daemon':'simple'") "],"), false, true, "", "latest/stable" },
	{ SNAP("'apps':[" APP(",'daemon':'forking'") "," APP(",'daemon':'notify'") "],"),
	  false, true, "", "latest/stable" },
	{ SNAP("'apps':[" APP(",'daemon':'simple'") "," APP(RUNNING) "],"), true, false, "", "latest/stable" },
	/* none that is to run all the time */
	{ SNAP("'apps':[" APP(",'daemon':'oneshot'") "],"), false, false, "", "latest/stable" },
	{ SNAP("'apps':[" APP(",'daemon':'simple','daemon-scope':'user'") "],"), false, false, "", "latest/stable" },
	{ SNAP("'apps':[" APP(",'daemon':'simple','activators':[{'Name':'s'}]") "],"), false, false, "", "latest/stable" },
	/* health */
	{ SNAP(SAYS("'status':'blocked','message':'no license'")), false, false, "blocked: no license", "latest/stable" },
	{ SNAP(SAYS("'status':'error','message':'a\\nb','code':'c'")), false, false, "error: a b", "latest/stable" },
	{ SNAP(SAYS("'status':'error'")), false, false, "error", "latest/stable" },
	{ SNAP(SAYS("'status':'blocked','message':7")), false, false, "blocked", "latest/stable" },
	{ SNAP(SAYS("'status':'okay'")), false, false, "", "latest/stable" },
	{ SNAP(SAYS("'status':'waiting','message':'for a peer'")), false, false, "", "latest/stable" },
	{ SNAP(SAYS("'status':'unknown','message':'hook did not call set-health'")), false, false, "", "latest/stable" },
	{ SNAP(SAYS("'status':'Blocked'")), false, false, "", "latest/stable" },
	{ SNAP(SAYS("'message':'no license'")), false, false, "", "latest/stable" },
	/* of another revision, which snapd never forgets */
	{ SNAP("'health':{'revision':'15','status':'blocked','message':'no license'},"), false, false, "", "latest/stable" },
	{ SNAP("'health':{'status':'blocked','message':'no license'},"), false, false, "", "latest/stable" },
	{ SNAP("'health':'blocked',"), false, false, "", "latest/stable" },
	/* the channel of the revision */
	{ "{'id':'i','status':'active','revision':'3','channel':'edge'}", false, false, "", "latest/edge" },
	{ "{'id':'i','status':'active','revision':'3','channel':'2.0/beta'}", false, false, "", "2.0/beta" },
	{ "{'id':'i','status':'active','revision':'3','channel':''}", false, false, "", "" },
	{ "{'id':'i','status':'active','revision':'3','channel':{}}", false, false, "", "" },
};
/* clang-format on */

START_TEST(snap_says_whether_it_serves)
{
	struct snapd_snap snap;
	char body[2048];

	(void)snprintf(body, sizeof body, SYNC("%s"), states[_i].json);
	reply(200, body);
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), 0);
	ck_assert_int_eq(snap.serves, states[_i].serves);
	ck_assert_int_eq(snap.unserved, states[_i].unserved);
	ck_assert_str_eq(snap.health, states[_i].health);
	ck_assert_str_eq(snap.channel, states[_i].channel);
}
END_TEST

START_TEST(absent_snap_is_no_error)
{
	struct snapd_snap snap = { .present = true, .revision = "3" };

	reply(404, ERROR("404", "{'message':'snap not installed','kind':'snap-not-found',"
				"'value':'microsample'}"));
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), 0);
	ck_assert(!snap.present);
	ck_assert_str_eq(snap.revision, "");
}
END_TEST

/* Characters of three and four bytes; one that would be cut in two is left out. */
START_TEST(long_text_is_cut_between_characters)
{
	static const struct {
		const char *character;
		size_t before, left;
	} cuts[] = { { "\xe2\x82\xac", 60, 63 }, { "\xe2\x82\xac", 61, 61 },
		{ "\xe2\x82\xac", 62, 62 }, { "\xe2\x82\xac", 63, 63 },
		{ "\xf0\x9f\x98\x80", 59, 63 }, { "\xf0\x9f\x98\x80", 60, 60 },
		{ "\xf0\x9f\x98\x80", 61, 61 }, { "\xf0\x9f\x98\x80", 62, 62 } };
	char version[400], body[1200];
	struct snapd_snap snap;

	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
		(void)snprintf(version, sizeof version, "%0*d%s%060d", (int)cuts[i].before, 0,
			cuts[i].character, 0);
		(void)snprintf(body, sizeof body,
			SYNC("{'id':'i','status':'active','revision':'1','version':'%s',"
			     "'tracking-channel':'%0300d/edge'}"),
			version, 0);
		reply(200, body);
		ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), 0);
		ck_assert_uint_eq(strlen(snap.version), cuts[i].left);
		ck_assert_int_eq(strncmp(snap.version, version, cuts[i].left), 0);
		ck_assert_str_eq(snap.tracking, "");
	}
}
END_TEST

/* clang-format off */
static const struct {
	int status;
	const char *body;
	int code;
} odd[] = {
	{ 200, "null", 0 },
	{ 200, "[]", 0 },
	{ 200, "'text'", 0 },
	{ 200, "{}", 0 },
	{ 200, "{'type':'sync','status-code':200}", 0 },
	{ 200, "{'type':'sync','result':{}}", 0 },
	{ 200, "{'status-code':200,'result':{}}", 0 },
	{ 200, "{'type':'sync','status-code':'200','result':{}}", 0 },
	{ 200, "{'type':'sync','status-code':404,'result':{}}", 0 },
	{ 200, "{'type':'error','status-code':200,'result':{}}", 0 },
	{ 200, "{'type':'other','status-code':200,'result':{}}", 0 },
	{ 404, "{'type':'sync','status-code':404,'result':{}}", 0 },
	{ 200, "{'type':'sync','status-code':1e999,'result':{}}", 0 },
	{ 200, "{'type':'sync','status-code':-200,'result':{}}", 0 },
	{ 200, SYNC("null"), 0 },
	{ 200, SYNC("[]"), 0 },
	{ 200, SYNC("7"), 0 },
	{ 200, SYNC("{}"), 0 },
	{ 200, SYNC("{'status':'active'}"), 0 },
	{ 200, SYNC("{'revision':'1'}"), 0 },
	{ 200, SYNC("{'status':7,'revision':1}"), 0 },
	{ 200, SYNC("{'status':'active','revision':'\\u0004'}"), 0 },
	{ 200, SYNC("{'status':'active','revision':' \\n'}"), 0 },
	{ 200, SYNC("{'status':'active','revision':'unset'}"), 0 },
	{ 200, SYNC("{'status':'active','revision':'0'}"), 0 },
	{ 200, SYNC("{'status':'active','revision':'x'}"), 0 },
	{ 200, SYNC("{'status':'active','revision':'x1y'}"), 0 },
	{ 200, SYNC("{'status':'active','revision':'3 4'}"), 0 },
	{ 200, SYNC("{'status':'active','revision':'12345678901'}"), 0 },
	{ 404, ERROR("404", "{'message':'not found'}"), 404 },
	{ 404, ERROR("404", "null"), 404 },
	{ 403, KIND("403", "login-required"), 403 },
	{ 500, ERROR("500", "{'message':'oh'}"), 500 },
	{ 400, ERROR("400", "{'message':7,'kind':7}"), 400 },
};
/* clang-format on */

START_TEST(odd_answer_about_a_snap_is_a_format_error)
{
	struct snapd_snap snap = { .revision = "as it was" };

	reply(odd[_i].status, odd[_i].body);
	ck_assert_int_eq(snapd_get_snap(snapd, "microsample", &snap, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_int_eq(err.code, odd[_i].code);
	ck_assert_str_eq(snap.revision, "as it was");
}
END_TEST

/* system-info requires no key, so only the envelope decides. */
START_TEST(odd_envelope_is_a_format_error)
{
	struct snapd_system system = { .version = "as it was" };

	if (strstr(odd[_i].body, "'OK'"))
		return;
	reply(odd[_i].status, odd[_i].body);
	ck_assert_int_eq(snapd_get_system(snapd, &system, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_str_eq(system.version, "as it was");
}
END_TEST

START_TEST(odd_answer_about_changes_is_a_format_error)
{
	struct snapd_change change = { .id = 12345 };
	struct snapd_changes changes = { .count = 12345 };

	reply(odd[_i].status, odd[_i].body);
	if (odd[_i].code != 404) {
		ck_assert_int_eq(snapd_get_change(snapd, 7, &change, &err), -1);
		ck_assert_int_eq(err.kind, ERROR_FORMAT);
		ck_assert_int_eq(change.id, 12345);
	}
	if (strstr(odd[_i].body, "'result':[]"))
		return;
	err = (struct error){ 0 };
	ck_assert_int_eq(snapd_get_changes(snapd, "microsample", false, &changes, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_uint_eq(changes.count, 12345);
}
END_TEST

/* clang-format off */
static const struct {
	int status;
	const char *body;
	int seeded; /* -1: an error */
} seeds[] = {
	{ 200, SYNC("{'seed.loaded':true}"), 1 },
	{ 200, SYNC("{'seed.loaded':false}"), 0 },
	{ 200, SYNC("{}"), 0 },
	{ 200, SYNC("null"), 0 },
	{ 200, SYNC("{'seed.loaded':'true'}"), 0 },
	{ 200, SYNC("{'seed':{'loaded':true}}"), 0 },
	{ 400, ERROR("400", "{'message':'no','kind':'option-not-found',"
		"'value':{'SnapName':'core','Key':'seed.loaded'}}"), 0 },
	{ 401, KIND("401", "login-required"), 1 },
	{ 403, KIND("403", "login-required"), 1 },
	{ 400, ERROR("400", "{'message':'no'}"), -1 },
	{ 404, ERROR("404", "{'message':'not found'}"), -1 },
	{ 500, ERROR("500", "{'message':'oh'}"), -1 },
	{ 200, "[]", -1 },
};
/* clang-format on */

START_TEST(seeding_is_known_or_left_to_the_post)
{
	bool seeded = false;

	for (int before = 0; before < 2; before++) {
		seeded = before;
		reply(seeds[_i].status, seeds[_i].body);
		ck_assert_int_eq(
			snapd_get_seeded(snapd, &seeded, &err), seeds[_i].seeded < 0 ? -1 : 0);
		ck_assert_int_eq(seeded, seeds[_i].seeded < 0 ? before : seeds[_i].seeded);
	}
	ck_assert_int_eq(strncmp(canned_request(canned),
				 "GET /v2/snaps/system/conf?keys=seed.loaded HTTP/1.1\r\n", 53),
		0);
}
END_TEST

START_TEST(maintenance_and_unknown_keys_change_nothing)
{
	struct snapd_system system;

	reply(200, "{'maintenance':{'kind':'daemon-restart','message':'daemon is restarting'},"
		   "'result':{'series':'16','version':'2.77.1','x':{'y':[[[1]]]},"
		   "'architecture':'arm64'},'warning-count':1,'status-code':200,'type':'sync'}");
	ck_assert_int_eq(snapd_get_system(snapd, &system, &err), 0);
	ck_assert_str_eq(system.version, "2.77.1");
	ck_assert_str_eq(system.architecture, "arm64");
}
END_TEST

#define COUNT(array) (int)(sizeof array / sizeof *array)

int main(void)
{
	Suite *suite = suite_create("snapd");
	TCase *tests = tcase_create("answers");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(
		tests, snap_says_whether_it_serves, 0, (int)(sizeof states / sizeof *states));
	tcase_add_loop_test(tests, snap_is_read, 0, COUNT(snaps));
	tcase_add_test(tests, absent_snap_is_no_error);
	tcase_add_test(tests, long_text_is_cut_between_characters);
	tcase_add_loop_test(tests, odd_answer_about_a_snap_is_a_format_error, 0, COUNT(odd));
	tcase_add_loop_test(tests, odd_envelope_is_a_format_error, 0, COUNT(odd));
	tcase_add_loop_test(tests, odd_answer_about_changes_is_a_format_error, 0, COUNT(odd));
	tcase_add_loop_test(tests, seeding_is_known_or_left_to_the_post, 0, COUNT(seeds));
	tcase_add_test(tests, maintenance_and_unknown_keys_change_nothing);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
