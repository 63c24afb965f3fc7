/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requests that change something: what is sent for each of them, what never is, and how the
 * answers are read. In them ' means ".
 */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapd/snapd.h"
#include "tests/canned.h"
#include "tests/suite.h"

#define ERROR(code, rest) "{'type':'error','status-code':" code ",'status':'x','result':" rest "}"
#define KIND(code, kind)  ERROR(code, "{'message':'text','kind':'" kind "','value':''}")
#define ACCEPTED          "{'type':'async','status-code':202,'result':null,'change':'73'}"
#define ABORTED           "{'type':'sync','status-code':200,'result':{'id':'73','status':'Abort'}}"

static struct canned *canned;
static struct snapd *snapd;
static struct snapd_answer answer;
static struct error err;

static void set_up(void)
{
	canned = canned_start();
	snapd = snapd_open(canned_path(canned));
	answer = (struct snapd_answer){ .change = 12345 };
	err = (struct error){ 0 };
}

static void tear_down(void)
{
	snapd_close(snapd);
	canned_stop(canned);
}

static void reply(int status, const char *text)
{
	canned_answer(canned, status, text);
}

static int post(const struct snapd_request *request)
{
	return snapd_post(snapd, "microsample", request, 5000, &answer, &err);
}

/* clang-format off */
#define SNAP "/v2/snaps/microsample"
static const struct {
	struct snapd_request request;
	const char *path, *body;
} posts[] = {
	{ { .action = "install", .channel = "latest/edge" }, SNAP,
	  "{'action':'install','channel':'latest/edge'}" },
	{ { .action = "install", .channel = "latest/edge", .revision = "3" }, SNAP,
	  "{'action':'install','channel':'latest/edge','revision':'3'}" },
	{ { .action = "refresh", .channel = "2.0/beta/fix", .revision = "" }, SNAP,
	  "{'action':'refresh','channel':'2.0/beta/fix','ignore-running':true}" },
	{ { .action = "refresh", .channel = "2.0/beta", .revision = "4711" }, SNAP,
	  "{'action':'refresh','channel':'2.0/beta','revision':'4711','ignore-running':true}" },
	{ { .action = "remove", .channel = "" }, SNAP, "{'action':'remove'}" },
	{ { .action = "revert", .revision = "2" }, SNAP, "{'action':'revert','revision':'2'}" },
	{ { .action = "revert", .revision = "x12" }, SNAP, "{'action':'revert','revision':'x12'}" },
	{ { .action = "switch", .channel = "2.0/beta/fix" }, SNAP,
	  "{'action':'switch','channel':'2.0/beta/fix'}" },
	{ { .action = "hold" }, SNAP, "{'action':'hold','time':'forever','hold-level':'general'}" },
	{ { .action = "unhold" }, SNAP, "{'action':'unhold'}" },
	{ { .action = "start", .services = "microsample" }, "/v2/apps",
	  "{'action':'start','names':['microsample.microsample'],'enable':true}" },
	{ { .action = "restart", .services = "web Worker-2" }, "/v2/apps",
	  "{'action':'restart','names':['microsample.web','microsample.Worker-2']}" },
	{ { .action = "abort", .change = 73 }, "/v2/changes/73", "{'action':'abort'}" },
};
/* clang-format on */

START_TEST(post_sends_this_and_nothing_else)
{
	const struct snapd_request *request = &posts[_i].request;
	char wanted[512];
	int head = snprintf(wanted, sizeof wanted,
		"POST %s HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n"
		"Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		posts[_i].path, strlen(posts[_i].body));

	for (const char *at = posts[_i].body; *at; at++)
		wanted[head++] = *at == '\'' ? '"' : *at;
	wanted[head] = '\0';
	reply(request->change ? 200 : 202, request->change ? ABORTED : ACCEPTED);
	ck_assert_int_eq(post(request), 0);
	ck_assert_int_eq(answer.verdict, SNAPD_ACCEPTED);
	ck_assert_int_eq(answer.change, 73);
	ck_assert_int_eq(answer.status, request->change ? 200 : 202);
	ck_assert_uint_eq(canned_requests(canned), 1);
	ck_assert_str_eq(canned_request(canned), wanted);
}
END_TEST

START_TEST(every_service_is_sent_however_many)
{
	static char services[SNAPD_SERVICES_SIZE], wanted[32768];
	size_t used = (size_t)sprintf(wanted, "{\"action\":\"restart\",\"names\":[");

	for (size_t i = 0; i < sizeof services - 1; i++)
		services[i] = i % 2 ? ' ' : 'a';
	for (size_t i = 0; i < sizeof services / 2; i++)
		used += (size_t)sprintf(wanted + used, "%s\"microsample.a\"", i ? "," : "");
	(void)sprintf(wanted + used, "]}");
	reply(202, ACCEPTED);
	ck_assert_int_eq(
		post(&(struct snapd_request){ .action = "restart", .services = services }), 0);
	ck_assert_ptr_nonnull(strstr(canned_request(canned), wanted));
}
END_TEST

/* clang-format off */
static const struct snapd_request never[] = {
	{ .action = "" }, { .action = "purge" }, { .action = "Remove" }, { .action = "remove\"" },
	/* less than the action takes */
	{ .action = "install" }, { .action = "refresh", .revision = "3" }, { .action = "revert" },
	{ .action = "start" }, { .action = "restart", .services = "" }, { .action = "abort" },
	{ .action = "switch" }, { .action = "switch", .revision = "3" },
	/* more than that */
	{ .action = "remove", .channel = "latest/edge" }, { .action = "remove", .revision = "3" },
	{ .action = "revert", .revision = "3", .channel = "latest/edge" },
	{ .action = "switch", .channel = "latest/edge", .revision = "3" },
	{ .action = "switch", .channel = "latest/edge", .services = "web" },
	{ .action = "hold", .revision = "3" }, { .action = "unhold", .change = 7 },
	{ .action = "start", .services = "web", .change = 7 },
	{ .action = "install", .channel = "latest/edge", .services = "web" },
	{ .action = "abort", .change = 7, .services = "web" },
	/* not a revision */
	{ .action = "revert", .revision = "0" }, { .action = "revert", .revision = "03" },
	{ .action = "revert", .revision = "-1" }, { .action = "revert", .revision = "3\"" },
	{ .action = "revert", .revision = "x" }, { .action = "revert", .revision = "x0" },
	{ .action = "revert", .revision = "3 " }, { .action = "revert", .revision = "xx1" },
	{ .action = "revert", .revision = "12345678901" }, { .action = "revert", .revision = "\n" },
	{ .action = "refresh", .channel = "latest/edge", .revision = "3,4" },
	/* not services */
	{ .action = "start", .services = " " }, { .action = "start", .services = " web" },
	{ .action = "start", .services = "web  worker" }, { .action = "start", .services = "a.b" },
	{ .action = "restart", .services = "web,worker" }, { .action = "start", .services = "web\"" },
	{ .action = "restart", .services = "\xc3\xa4" }, { .action = "start", .services = "web\n" },
	{ .action = "restart", .services = "web " },
	/* not a change */
	{ .action = "abort", .change = -1 },
};
/* clang-format on */

START_TEST(what_snapd_would_not_take_is_never_sent)
{
	ck_assert_int_eq(post(&never[_i]), -1);
	ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	ck_assert_uint_eq(canned_requests(canned), 0);
	ck_assert_int_eq(answer.change, 12345);
}
END_TEST

static const char *const no_channels[] = { "", "edge", "latest", "latest/edge\"", "latest/edge,",
	"latest/edge/x\\", "foo/bar", "edge/latest", "latest/edge\n" };

START_TEST(channel_that_is_not_in_full_is_never_sent)
{
	static const struct {
		const char *action, *revision;
	} actions[] = { { "install", NULL }, { "install", "3" }, { "refresh", NULL },
		{ "refresh", "3" }, { "switch", NULL } };

	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		struct snapd_request request = { .action = actions[i].action,
			.channel = no_channels[_i],
			.revision = actions[i].revision };

		ck_assert_int_eq(post(&request), -1);
		ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	}
	ck_assert_uint_eq(canned_requests(canned), 0);
}
END_TEST

/* clang-format off */
/* What a kind means depends on what was asked. */
static const struct {
	struct snapd_request request;
	int status;
	const char *kind;
	enum snapd_verdict verdict;
} meanings[] = {
	{ { .action = "remove" }, 404, "snap-not-found", SNAPD_NOT_INSTALLED },
	{ { .action = "revert", .revision = "2" }, 404, "snap-not-found", SNAPD_NOT_INSTALLED },
	{ { .action = "restart", .services = "a" }, 404, "snap-not-found", SNAPD_NOT_INSTALLED },
	{ { .action = "install", .channel = "latest/edge" }, 404, "snap-not-found", SNAPD_SNAP_MISSING },
	{ { .action = "refresh", .channel = "latest/edge", .revision = "3" }, 404, "snap-not-found",
	  SNAPD_SNAP_MISSING },
	{ { .action = "restart", .services = "a" }, 404, "app-not-found", SNAPD_NO_SERVICE },
	{ { .action = "start", .services = "a b" }, 404, "app-not-found", SNAPD_NO_SERVICE },
	{ { .action = "refresh", .channel = "latest/edge" }, 404, "snap-channel-not-available",
	  SNAPD_CHANNEL_MISSING },
	{ { .action = "refresh", .channel = "latest/edge", .revision = "3" }, 404,
	  "snap-channel-not-available", SNAPD_REVISION_MISSING },
	{ { .action = "install", .channel = "latest/edge", .revision = "3" }, 404,
	  "snap-channel-not-available", SNAPD_REVISION_MISSING },
	{ { .action = "install", .channel = "latest/edge", .revision = "3" }, 404,
	  "snap-revision-not-available", SNAPD_REVISION_MISSING },
	{ { .action = "switch", .channel = "latest/edge" }, 400, "snap-not-installed",
	  SNAPD_NOT_INSTALLED },
	{ { .action = "switch", .channel = "latest/edge" }, 409, "snap-change-conflict",
	  SNAPD_CONFLICT },
	{ { .action = "hold" }, 409, "snap-change-conflict", SNAPD_CONFLICT },
	{ { .action = "unhold" }, 401, "login-required", SNAPD_DENIED },
	/* no kind: only a look tells */
	{ { .action = "revert", .revision = "2" }, 400, "", SNAPD_TROUBLE },
	{ { .action = "hold" }, 400, "", SNAPD_TROUBLE },
	{ { .action = "restart", .services = "a" }, 400, "", SNAPD_TROUBLE },
	{ { .action = "abort", .change = 73 }, 400, "", SNAPD_TROUBLE },
	{ { .action = "abort", .change = 73 }, 404, "", SNAPD_TROUBLE },
};
/* clang-format on */

START_TEST(kind_means_what_the_request_makes_of_it)
{
	char body[1024];

	(void)snprintf(body, sizeof body,
		ERROR("%d", "{'message':'text','kind':'%s','value':{'architecture':'amd64',"
			    "'releases':[{'architecture':'amd64','channel':'beta'}]}}"),
		meanings[_i].status, meanings[_i].kind);
	reply(meanings[_i].status, body);
	ck_assert_int_eq(post(&meanings[_i].request), 0);
	ck_assert_int_eq(answer.verdict, meanings[_i].verdict);
	ck_assert_str_eq(answer.kind, meanings[_i].kind);
	ck_assert_str_eq(
		answer.releases, meanings[_i].verdict == SNAPD_CHANNEL_MISSING ? "beta" : "");
}
END_TEST

/* clang-format off */
static const struct {
	int status;
	const char *body;
} no_aborts[] = {
	{ 202, ACCEPTED },
	{ 200, "{'type':'sync','status-code':200,'result':{'id':'74'}}" },
	{ 200, "{'type':'sync','status-code':200,'result':{'id':73}}" },
	{ 200, "{'type':'sync','status-code':200,'result':null,'change':'73'}" },
	{ 200, "{'type':'sync','status-code':200,'result':[{'id':'73'}]}" },
	{ 200, "{'type':'sync','status-code':200,'result':{}}" },
	{ 202, "{'type':'async','status-code':202,'result':{'id':'73'}}" },
	{ 200, "73" },
};
/* clang-format on */

START_TEST(abort_that_is_not_of_the_change_tells_nothing)
{
	reply(no_aborts[_i].status, no_aborts[_i].body);
	ck_assert_int_eq(post(&(struct snapd_request){ .action = "abort", .change = 73 }), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_int_eq(answer.change, 12345);
}
END_TEST

/* clang-format off */
static const struct {
	int status;
	const char *body;
	enum snapd_verdict verdict;
} verdicts[] = {
	{ 400, KIND("400", "snap-already-installed"), SNAPD_ALREADY_INSTALLED },
	{ 400, ERROR("400", "{'message':'m','kind':'snap-already-installed','value':'x'}"),
	  SNAPD_ALREADY_INSTALLED },
	{ 400, ERROR("400", "{'message':'m','kind':'snap-already-installed','value':{'snaps':['x']}}"),
	  SNAPD_ALREADY_INSTALLED },
	{ 400, ERROR("400", "{'kind':'snap-already-installed'}"), SNAPD_ALREADY_INSTALLED },
	{ 400, KIND("400", "snap-not-installed"), SNAPD_NOT_INSTALLED },
	{ 400, KIND("400", "snap-no-update-available"), SNAPD_NO_UPDATE },
	{ 409, KIND("409", "snap-change-conflict"), SNAPD_CONFLICT },
	{ 409, KIND("409", "quota-change-conflict"), SNAPD_CONFLICT },
	{ 409, KIND("409", "snap-not-found"), SNAPD_CONFLICT },
	{ 409, ERROR("409", "{'message':'m'}"), SNAPD_CONFLICT },
	{ 409, ERROR("409", "{'kind':'snap-change-conflict','message':'m','value':{'change-kind':'seed'}}"),
	  SNAPD_UNSEEDED },
	{ 409, ERROR("409", "{'kind':'snap-change-conflict','message':'m','value':{'change-kind':'remodel'}}"),
	  SNAPD_CONFLICT },
	{ 409, ERROR("409", "{'kind':'snap-change-conflict','message':'m','value':'seed'}"), SNAPD_CONFLICT },
	{ 400, ERROR("400", "{'message':'m','value':{'change-kind':'seed'}}"), SNAPD_TROUBLE },
	{ 404, KIND("404", "snap-channel-not-available"), SNAPD_CHANNEL_MISSING },
	{ 404, KIND("404", "snap-architecture-not-available"), SNAPD_ARCH_MISSING },
	{ 404, KIND("404", "snap-revision-not-available"), SNAPD_REVISION_MISSING },
	{ 404, KIND("404", "snap-not-found"), SNAPD_SNAP_MISSING },
	{ 400, KIND("400", "snap-local"), SNAPD_LOCAL },
	{ 400, KIND("400", "snap-needs-classic"), SNAPD_NEEDS_CLASSIC },
	{ 400, KIND("400", "snap-needs-classic-system"), SNAPD_NEEDS_CLASSIC },
	{ 400, KIND("400", "snap-needs-devmode"), SNAPD_NEEDS_DEVMODE },
	{ 401, KIND("401", "login-required"), SNAPD_DENIED },
	{ 403, KIND("403", "login-required"), SNAPD_DENIED },
	{ 403, KIND("403", "auth-cancelled"), SNAPD_DENIED },
	{ 403, ERROR("403", "{'message':'m'}"), SNAPD_DENIED },
	{ 507, KIND("507", "insufficient-disk-space"), SNAPD_DISK_FULL },
	{ 507, ERROR("507", "{'message':'m'}"), SNAPD_DISK_FULL },
	{ 400, KIND("400", "network-timeout"), SNAPD_TIMEOUT },
	{ 500, ERROR("500", "{'message':'system does not fully support snapd'}"), SNAPD_DEGRADED },
	{ 400, ERROR("400", "{'message':'dial tcp: connection refused'}"), SNAPD_TROUBLE },
	{ 400, ERROR("400", "{'message':'cannot refresh: snap is not installed'}"), SNAPD_TROUBLE },
	/* the URL that was not reached, in whatever language the rest is; a kind says more */
	{ 400, ERROR("400", "{'message':'Get https://api.snapcraft.io/v2: EOF'}"), SNAPD_STORE },
	{ 500, ERROR("500", "{'message':'see https://snapcraft.io'}"), SNAPD_DEGRADED },
	{ 409, ERROR("409", "{'message':'see https://snapcraft.io'}"), SNAPD_CONFLICT },
	{ 400, KIND("400", "dns-failure"), SNAPD_TROUBLE },
	{ 400, KIND("400", "some-new-kind"), SNAPD_TROUBLE },
	{ 400, KIND("400", ""), SNAPD_TROUBLE },
	{ 404, ERROR("404", "{'message':'not found'}"), SNAPD_TROUBLE },
	{ 429, ERROR("429", "{'message':'slowly'}"), SNAPD_TROUBLE },
	{ 503, ERROR("503", "{'message':'later'}"), SNAPD_TROUBLE },
	/* odd ones: the HTTP status decides */
	{ 400, ERROR("400", "null"), SNAPD_TROUBLE },
	{ 400, ERROR("400", "[{'kind':'snap-local'}]"), SNAPD_TROUBLE },
	{ 400, ERROR("400", "{'kind':['snap-local'],'message':{}}"), SNAPD_TROUBLE },
	{ 409, "busy", SNAPD_CONFLICT },
	{ 403, "", SNAPD_DENIED },
	{ 500, "<html>", SNAPD_DEGRADED },
	{ 400, "400 Bad Request", SNAPD_TROUBLE },
	{ 400, ERROR("409", "{'kind':'snap-local'}"), SNAPD_TROUBLE },
	{ 404, "{'type':'async','status-code':202,'result':null,'change':'7'}", SNAPD_TROUBLE },
};
/* clang-format on */

START_TEST(refusal_is_a_verdict)
{
	reply(verdicts[_i].status, verdicts[_i].body);
	ck_assert_int_eq(
		snapd_post(snapd, "microsample",
			&(struct snapd_request){ .action = "refresh", .channel = "latest/edge" },
			5000, &answer, &err),
		0);
	ck_assert_int_eq(answer.verdict, verdicts[_i].verdict);
	ck_assert_int_eq(answer.status, verdicts[_i].status);
	ck_assert_int_eq(answer.change, 0);
	ck_assert_uint_gt(strlen(answer.message), 0);
	ck_assert_str_eq(answer.releases, "");
}
END_TEST

START_TEST(message_is_one_line)
{
	reply(400, ERROR("400", "{'message':'  one\\n two\\t\\u0001three  '}"));
	ck_assert_int_eq(
		snapd_post(snapd, "microsample", &(struct snapd_request){ .action = "remove" },
			5000, &answer, &err),
		0);
	ck_assert_str_eq(answer.message, "one two three");
	reply(502, "<html>");
	ck_assert_int_eq(
		snapd_post(snapd, "microsample", &(struct snapd_request){ .action = "remove" },
			5000, &answer, &err),
		0);
	ck_assert_str_eq(answer.message, "HTTP status 502");
}
END_TEST

/* clang-format off */
static const struct {
	const char *change;
	int64_t id; /* 0: an error */
} accepted[] = {
	{ "'73'", 73 },
	{ "'1'", 1 },
	{ "'9007199254740992'", INT64_C(9007199254740992) },
	{ "'9007199254740993'", 0 },
	{ "'99999999999999999999999999'", 0 },
	{ "'0'", 0 },
	{ "'-1'", 0 },
	{ "'+1'", 0 },
	{ "' 1'", 0 },
	{ "'1 '", 0 },
	{ "'0x1'", 0 },
	{ "'1e3'", 0 },
	{ "''", 0 },
	{ "'seven'", 0 },
	{ "73", 0 },
	{ "null", 0 },
	{ "['73']", 0 },
};
/* clang-format on */

START_TEST(accepted_request_has_a_change_id)
{
	char body[256];

	(void)snprintf(body, sizeof body,
		"{'type':'async','status-code':202,'status':'Accepted','result':null,'change':%s}",
		accepted[_i].change);
	reply(202, body);
	ck_assert_int_eq(
		snapd_post(snapd, "microsample",
			&(struct snapd_request){ .action = "install", .channel = "latest/edge" },
			5000, &answer, &err),
		accepted[_i].id ? 0 : -1);
	ck_assert_int_eq(answer.change, accepted[_i].id ? accepted[_i].id : 12345);
	ck_assert_int_eq(err.kind, accepted[_i].id ? ERROR_NONE : ERROR_FORMAT);
}
END_TEST

START_TEST(success_without_a_change_tells_nothing)
{
	reply(200, "{'type':'sync','status-code':200,'result':null,'change':'7'}");
	ck_assert_int_eq(
		snapd_post(snapd, "microsample", &(struct snapd_request){ .action = "remove" },
			5000, &answer, &err),
		-1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	reply(202, "{'type':'async','status-code':202,'result':null}");
	ck_assert_int_eq(
		snapd_post(snapd, "microsample", &(struct snapd_request){ .action = "remove" },
			5000, &answer, &err),
		-1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_int_eq(answer.change, 12345);
}
END_TEST

#define COUNT(array) (int)(sizeof array / sizeof *array)

int main(void)
{
	Suite *suite = suite_create("snapd-post");
	TCase *tests = tcase_create("requests");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, post_sends_this_and_nothing_else, 0, COUNT(posts));
	tcase_add_test(tests, every_service_is_sent_however_many);
	tcase_add_loop_test(tests, what_snapd_would_not_take_is_never_sent, 0, COUNT(never));
	tcase_add_loop_test(
		tests, channel_that_is_not_in_full_is_never_sent, 0, COUNT(no_channels));
	tcase_add_loop_test(tests, kind_means_what_the_request_makes_of_it, 0, COUNT(meanings));
	tcase_add_loop_test(
		tests, abort_that_is_not_of_the_change_tells_nothing, 0, COUNT(no_aborts));
	tcase_add_loop_test(tests, refusal_is_a_verdict, 0, COUNT(verdicts));
	tcase_add_test(tests, message_is_one_line);
	tcase_add_loop_test(tests, accepted_request_has_a_change_id, 0, COUNT(accepted));
	tcase_add_test(tests, success_without_a_change_tells_nothing);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
