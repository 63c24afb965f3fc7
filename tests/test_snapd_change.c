/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the client reads changes and their tasks. The bodies are shortened answers of running daemons,
 * and some that no daemon should send. In them ' means ".
 */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/snapd_kit.h"
#include "tests/suite.h"

#define SYNC(result) "{'type':'sync','status-code':200,'status':'OK','result':" result "}"
#define CHANGE(rest) "{'id':'139','kind':'refresh-snap','summary':'Refresh'," rest "}"
#define TASK(kind, status)                                                                         \
	"{'id':'1','kind':'" kind "','summary':'Do " kind "','status':'" status                    \
	"','progress':{'label':'','done':1,'total':1}}"

static void get_139(const char *json, struct snapd_change *ret)
{
	char body[4096];

	(void)snprintf(body, sizeof body, SYNC("%s"), json);
	reply(200, body);
	ck_assert_int_eq(snapd_get_change(snapd, 139, ret, &err), 0);
	ck_assert_int_eq(ret->id, 139);
}

/* clang-format off */
static const struct {
	const char *json;
	enum snapd_progress progress;
} progresses[] = {
	{ CHANGE("'status':'Do','ready':false"), SNAPD_CHANGE_RUNNING },
	{ CHANGE("'status':'Doing','ready':false"), SNAPD_CHANGE_RUNNING },
	{ CHANGE("'status':'Abort','ready':false"), SNAPD_CHANGE_UNDOING },
	{ CHANGE("'status':'Undo','ready':false"), SNAPD_CHANGE_UNDOING },
	{ CHANGE("'status':'Undoing','ready':false"), SNAPD_CHANGE_UNDOING },
	{ CHANGE("'status':'Wait','ready':false"), SNAPD_CHANGE_WAITING },
	/* `ready` comes first */
	{ CHANGE("'status':'Done','ready':false"), SNAPD_CHANGE_RUNNING },
	{ CHANGE("'status':'Error','ready':false"), SNAPD_CHANGE_RUNNING },
	{ CHANGE("'status':'Undone','ready':false"), SNAPD_CHANGE_RUNNING },
	{ CHANGE("'status':'Done'"), SNAPD_CHANGE_RUNNING },
	{ CHANGE("'status':'Done','ready':'true'"), SNAPD_CHANGE_RUNNING },
	{ CHANGE("'status':'Done','ready':1"), SNAPD_CHANGE_RUNNING },
	{ CHANGE("'status':'Done','ready':true"), SNAPD_CHANGE_DONE },
	{ CHANGE("'status':'Done','ready':true,'tasks':[]"), SNAPD_CHANGE_DONE },
	{ CHANGE("'status':'Done','ready':true,'tasks':null"), SNAPD_CHANGE_DONE },
	{ CHANGE("'status':'Error','ready':true"), SNAPD_CHANGE_FAILED },
	{ CHANGE("'status':'Undone','ready':true"), SNAPD_CHANGE_FAILED },
	{ CHANGE("'status':'Hold','ready':true"), SNAPD_CHANGE_FAILED },
	{ CHANGE("'status':'Wait','ready':true"), SNAPD_CHANGE_FAILED },
	{ CHANGE("'status':'Doing','ready':true"), SNAPD_CHANGE_FAILED },
	{ CHANGE("'status':'Undoing','ready':true"), SNAPD_CHANGE_FAILED },
	{ CHANGE("'status':'','ready':true"), SNAPD_CHANGE_FAILED },
	{ CHANGE("'status':7,'ready':true"), SNAPD_CHANGE_FAILED },
	{ CHANGE("'ready':true"), SNAPD_CHANGE_FAILED },
	{ CHANGE("'status':'done','ready':true"), SNAPD_CHANGE_FAILED },
	/* aborted before it did anything */
	{ CHANGE("'status':'Done','ready':true,'tasks':[" TASK("prerequisites", "Done") ","
		TASK("download-snap", "Hold") "," TASK("prerequisites", "Hold") ","
		TASK("link-snap", "Hold") "]"), SNAPD_CHANGE_EMPTY },
	{ CHANGE("'status':'Done','ready':true,'tasks':[" TASK("link-snap", "Hold") "]"),
	  SNAPD_CHANGE_EMPTY },
	{ CHANGE("'status':'Done','ready':true,'tasks':[" TASK("switch-snap-channel", "Done") "]"),
	  SNAPD_CHANGE_DONE },
	{ CHANGE("'status':'Done','ready':true,'tasks':[" TASK("prerequisites", "Done") "]"),
	  SNAPD_CHANGE_DONE },
	{ CHANGE("'status':'Done','ready':true,'tasks':[" TASK("link-snap", "Done") ","
		TASK("cleanup", "Hold") "]"), SNAPD_CHANGE_DONE },
	{ CHANGE("'status':'Error','ready':true,'tasks':[" TASK("link-snap", "Hold") "]"),
	  SNAPD_CHANGE_FAILED },
};
/* clang-format on */

START_TEST(progress_follows_ready_and_then_status)
{
	struct snapd_change change;

	get_139(progresses[_i].json, &change);
	ck_assert_int_eq(change.progress, progresses[_i].progress);
	ck_assert_str_eq(change.kind, "refresh-snap");
	ck_assert_int_eq(
		*change.error != '\0', change.progress == SNAPD_CHANGE_FAILED &&
					       strstr(progresses[_i].json, "'status':'") &&
					       !strstr(progresses[_i].json, "'status':''"));
}
END_TEST

#define FAILED(rest) CHANGE("'status':'Error','ready':true," rest)
#define ERR(text)    FAILED("'err':'cannot perform the following tasks:\\n" text "'")

#define ENDED(name, second)                                                                        \
	"{'status':'Error','summary':'Do " name "','log':['2026-11-25T20:39:40Z ERROR why " name   \
	"'],'ready-time':'2026-11-25T20:39:" second "'}"

/* clang-format off */
static const struct {
	const char *json, *error;
} failures[] = {
	/* as recorded; ` means a quote inside a text */
	{ ERR("- Run post-refresh hook of `microsample` snap if present (run hook `post-refresh`: "
	      "\\n-----\\nerror: microsample cannot initialise its database\\npost-refresh hook: "
	      "about to fail\\n-----)"),
	  "Run post-refresh hook of `microsample` snap if present (run hook `post-refresh`: error: "
	  "microsample cannot initialise its database post-refresh hook: about to fail)" },
	{ ERR("- Download snap `microsample` (7) from channel `big/stable` (the download has been "
	      "cancelled: context canceled)"),
	  "Download snap `microsample` (7) from channel `big/stable` (the download has been "
	  "cancelled: context canceled)" },
	{ ERR("- Run post-refresh hook (run hook `post-refresh`: \\n-----\\nhook: sleeping\\n\\n"
	      "<aborted>\\n-----)"),
	  "Run post-refresh hook (run hook `post-refresh`: hook: sleeping <aborted>)" },
	{ ERR("- Start services (systemctl failed with exit status 1: stderr:\\nJob failed.\\nSee "
	      "`systemctl status`.)"),
	  "Start services (systemctl failed with exit status 1: stderr: Job failed. See "
	  "`systemctl status`.)" },
	/* the first of several */
	{ ERR("- One (a)\\n- Two (b)"), "One (a)" },
	{ ERR("- One (run hook `x`: \\n-----\\n- not a task\\n-----)\\n- Two (b)"),
	  "One (run hook `x`: - not a task)" },
	{ ERR("- One (a\\n  continued\\n\\n)\\n- Two (b)"), "One (a continued )" },
	{ FAILED("'err':'- at once (x)'"), "at once (x)" },
	/* not of the usual form: the log of the failed task, or whatever there is */
	{ FAILED("'err':'cannot','tasks':[" TASK("a", "Done") ",{'kind':'run-hook','status':'Error',"
		"'summary':'Run hook','log':['2026-11-23T01:59:29Z ERROR first','2026-11-23T01:59:29Z "
		"INFO no','2026-11-23T01:59:30+02:00 ERROR run hook:\\n-----\\nnot a port']}]"),
	  "Run hook (run hook: not a port)" },
	{ FAILED("'tasks':[{'status':'Error','summary':'Run hook','log':['x',7,null]}]"), "Run hook" },
	{ FAILED("'tasks':[{'status':'Error','summary':'Run hook','log':{}}]"), "Run hook" },
	/* of several failed tasks the one that was not an undo: it was the first to end, and is listed last */
	{ FAILED("'tasks':[" TASK("a", "Undone") "," TASK("b", "Error") "," TASK("c", "Error") "]"),
	  "Do c" },
	{ FAILED("'err':'- Do b (x)\\n- Do c (y)','tasks':[" TASK("b", "Error") "," TASK("c", "Error") "]"),
	  "Do c (y)" },
	{ FAILED("'tasks':[" ENDED("a", "41.381946413Z") "," ENDED("b", "40.14984011Z") ","
		ENDED("c", "41.5Z") "]"), "Do b (why b)" },
	{ FAILED("'tasks':[" ENDED("a", "41.38Z") "," ENDED("b", "41.3Z") "]"), "Do b (why b)" },
	{ FAILED("'tasks':[" ENDED("a", "41.3Z") "," ENDED("b", "41.38Z") "]"), "Do a (why a)" },
	{ FAILED("'tasks':[" ENDED("a", "41Z") "," ENDED("b", "41.3Z") "]"), "Do a (why a)" },
	{ FAILED("'tasks':[" ENDED("a", "41.3+02:00") "," ENDED("b", "41+02:00") "]"), "Do b (why b)" },
	{ FAILED("'tasks':[" ENDED("a", "41.3Z") "," ENDED("b", "41.3Z") "]"), "Do b (why b)" },
	{ FAILED("'tasks':[{'status':'Error'}]"), "Error" },
	{ FAILED("'err':'all\\nis lost'"), "all is lost" },
	{ FAILED("'err':''"), "Error" },
	{ FAILED("'err':'oh','tasks':[{'status':'Error','summary':'\\u0004 '}]"), "oh" },
	{ FAILED("'err':'\\u001f','tasks':[{'status':'Error','summary':'\\u0004 '}]"), "Error" },
	{ CHANGE("'status':'Err\\ror\\r\\n!','ready':true"), "Err or !" },
	{ FAILED("'err':['x'],'tasks':'none'"), "Error" },
	{ FAILED("'err':'\\n- '"), "-" },
	{ FAILED("'err':'\\n- \\n- x'"), "- - x" },
	{ CHANGE("'status':'Undone','ready':true"), "Undone" },
	{ CHANGE("'status':'Hold','ready':true,'tasks':[" TASK("a", "Hold") "]"), "Hold" },
	/* not yet, or not at all */
	{ CHANGE("'status':'Doing','ready':false,'err':'- x','tasks':[" TASK("a", "Error") "]"), "" },
	{ CHANGE("'status':'Done','ready':true,'err':'- x'"), "" },
};
/* clang-format on */

START_TEST(failure_is_told_in_one_line)
{
	struct snapd_change change;

	get_139(failures[_i].json, &change);
	ck_assert_str_eq(change.error, failures[_i].error);
}
END_TEST

/* The cause stands at the end. */
START_TEST(long_failure_is_cut_in_front_and_between_characters)
{
	static const size_t lengths[] = { 255, 253, 254, 255 };
	struct snapd_change change;
	char json[2048];

	for (int after = 0; after < 4; after++) {
		(void)snprintf(json, sizeof json, ERR("- %0300d\xe2\x82\xac\xe2\x82\xac%0*d"), 0,
			249 + after, 0);
		get_139(json, &change);
		ck_assert_uint_eq(strlen(change.error), lengths[after]);
		ck_assert_int_eq(strncmp(change.error, "...", 3), 0);
		ck_assert_uint_ne((unsigned char)change.error[3] & 0xc0, 0x80);
	}
}
END_TEST

/* clang-format off */
#define RUNNING(tasks) CHANGE("'status':'Doing','ready':false,'tasks':[" tasks "]")
#define LOADING(progress) \
	RUNNING("{'kind':'download-snap','summary':'Download','status':'Doing','progress':" progress "}")

static const struct {
	const char *json, *task, *kind;
	int64_t done, total, steps_done, steps;
} task_lists[] = {
	{ LOADING("{'label':'microsample','done':4124698,'total':12288000}"),
	  "Download", "download-snap", 4124698, 12288000, 0, 1 },
	{ RUNNING(TASK("prerequisites", "Done") "," TASK("run-hook", "Doing") ","
	          TASK("cleanup", "Do") "," TASK("check-rerefresh", "Doing")),
	  "Do run-hook", "run-hook", 0, 0, 1, 4 },
	{ RUNNING(TASK("check-rerefresh", "Doing") "," TASK("link-snap", "Doing")),
	  "Do link-snap", "link-snap", 0, 0, 0, 2 },
	{ RUNNING(TASK("check-rerefresh", "Doing") "," TASK("link-snap", "Do")), "", "", 0, 0, 0, 2 },
	{ RUNNING(TASK("a", "Done") "," TASK("b", "Undoing") "," TASK("c", "Error") ","
		  TASK("d", "Undone") "," TASK("e", "Undo") "," TASK("f", "Hold")),
	  "Do b", "b", 0, 0, 4, 6 },
	{ RUNNING(TASK("a", "Doing") "," TASK("b", "Doing")), "Do a", "a", 0, 0, 0, 2 },
	{ RUNNING(TASK("a", "Abort")), "Do a", "a", 0, 0, 0, 1 },
	{ RUNNING(TASK("a", "Wait") "," TASK("b", "Wait")), "Do a", "a", 0, 0, 0, 2 },
	{ RUNNING(TASK("a", "Wait") "," TASK("b", "Doing")), "Do b", "b", 0, 0, 0, 2 },
	{ RUNNING(""), "", "", 0, 0, 0, 0 },
	{ RUNNING("null,7,[],{},'x'"), "", "", 0, 0, 0, 5 },
	/* unexpected numbers */
	{ LOADING("{'done':'1','total':'2'}"), "Download", "download-snap", 0, 0, 0, 1 },
	{ LOADING("{'done':-5,'total':100}"), "Download", "download-snap", 0, 100, 0, 1 },
	{ LOADING("{'done':500,'total':100}"), "Download", "download-snap", 100, 100, 0, 1 },
	{ LOADING("{'done':5,'total':-100}"), "Download", "download-snap", 0, 0, 0, 1 },
	{ LOADING("{'done':5,'total':0}"), "Download", "download-snap", 0, 0, 0, 1 },
	{ LOADING("{'done':5,'total':1e999}"), "Download", "download-snap", 0, 0, 0, 1 },
	{ LOADING("{'done':5,'total':1e18}"), "Download", "download-snap", 0, 0, 0, 1 },
	{ LOADING("{'done':1e999,'total':100}"), "Download", "download-snap", 0, 100, 0, 1 },
	{ LOADING("{'done':10.7,'total':100.2}"), "Download", "download-snap", 10, 100, 0, 1 },
	{ LOADING("{'total':9007199254740992}"),
	  "Download", "download-snap", 0, INT64_C(9007199254740992), 0, 1 },
	{ LOADING("[1,2]"), "Download", "download-snap", 0, 0, 0, 1 },
	{ RUNNING("{'status':'Doing'}"), "", "", 0, 0, 0, 1 },
	{ RUNNING("{'status':'Doing','summary':['x'],'kind':7}"), "", "", 0, 0, 0, 1 },
};
/* clang-format on */

START_TEST(running_task_is_the_one_that_matters)
{
	struct snapd_change change;

	get_139(task_lists[_i].json, &change);
	ck_assert_str_eq(change.task, task_lists[_i].task);
	ck_assert_str_eq(change.task_kind, task_lists[_i].kind);
	ck_assert_int_eq(change.done, task_lists[_i].done);
	ck_assert_int_eq(change.total, task_lists[_i].total);
	ck_assert_int_eq(change.steps_done, task_lists[_i].steps_done);
	ck_assert_int_eq(change.steps, task_lists[_i].steps);
}
END_TEST

START_TEST(pruned_change_is_no_error)
{
	struct snapd_change change = { .id = 12345, .status = "Done" };

	reply(404, "{'type':'error','status-code':404,'status':'Not Found',"
		   "'result':{'message':'cannot find change with id'}}");
	ck_assert_int_eq(snapd_get_change(snapd, 99999, &change, &err), 0);
	ck_assert_int_eq(change.id, 0);
	ck_assert_str_eq(change.status, "");
	ck_assert_int_eq(
		strncmp(canned_request(canned), "GET /v2/changes/99999 HTTP/1.1\r\n", 32), 0);
}
END_TEST

START_TEST(another_change_than_asked_for_is_a_format_error)
{
	struct snapd_change change = { .id = 12345 };

	reply(200, SYNC(CHANGE("'status':'Done','ready':true")));
	ck_assert_int_eq(snapd_get_change(snapd, 138, &change, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_int_eq(change.id, 12345);
}
END_TEST

START_TEST(changes_come_sorted_and_without_the_harmless)
{
	struct snapd_changes changes;

	reply(200, SYNC("[{'id':'100','kind':'a','status':'Doing','ready':false},"
			"{'id':'9','kind':'become-operational','status':'Doing'},"
			"{'id':'30','kind':'auto-refresh','status':'Done','ready':true},"
			"{'kind':'pre-download'},"
			"{'id':'99','kind':'refresh-snap','status':'Error','ready':true,"
			"'err':'- a (b)'}]"));
	ck_assert_int_eq(snapd_get_changes(snapd, "microsample", true, &changes, &err), 0);
	ck_assert_int_eq(strncmp(canned_request(canned),
				 "GET /v2/changes?select=all&for=microsample HTTP/1.1\r\n", 53),
		0);
	ck_assert_uint_eq(changes.count, 3);
	ck_assert_int_eq(changes.list[0].id, 30);
	ck_assert_int_eq(changes.list[0].progress, SNAPD_CHANGE_DONE);
	ck_assert_int_eq(changes.list[1].id, 99);
	ck_assert_str_eq(changes.list[1].error, "a (b)");
	ck_assert_int_eq(changes.list[2].id, 100);
	ck_assert_int_eq(changes.list[2].progress, SNAPD_CHANGE_RUNNING);
	snapd_changes_done(&changes);
	ck_assert_uint_eq(changes.count, 0);
	snapd_changes_done(&changes);
}
END_TEST

START_TEST(nothing_in_flight_is_an_empty_list)
{
	struct snapd_changes changes = { .count = 5 };

	reply(200, SYNC("[]"));
	ck_assert_int_eq(snapd_get_changes(snapd, "microsample", false, &changes, &err), 0);
	ck_assert_uint_eq(changes.count, 0);
	ck_assert_int_eq(
		strncmp(canned_request(canned),
			"GET /v2/changes?select=in-progress&for=microsample HTTP/1.1\r\n", 61),
		0);
	snapd_changes_done(&changes);
}
END_TEST

/* clang-format off */
static const char *const unreadable[] = {
	"[{'id':'7','kind':'a'},{'kind':'b'}]", "[{'id':7}]", "[{'id':'0'}]", "[{'id':'-1'}]",
	"[{'id':''}]", "[{'id':'99999999999999999999'}]", "[null]", "[7]", "[[]]", "['7']", "{}",
	"null", "{'id':'7','kind':'a'}",
};
/* clang-format on */

/* Leaving an entry out could hide a change in flight. */
START_TEST(one_unreadable_change_spoils_the_list)
{
	struct snapd_changes changes = { .count = 5 };
	char body[256];

	(void)snprintf(body, sizeof body, SYNC("%s"), unreadable[_i]);
	reply(200, body);
	ck_assert_int_eq(snapd_get_changes(snapd, "microsample", false, &changes, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_uint_eq(changes.count, 5);
}
END_TEST

#define COUNT(array) (int)(sizeof array / sizeof *array)

/* clang-format off */
static const struct {
	const char *tasks;
	bool stopped;
} stops[] = {
	{ TASK("download-snap", "Error") "," TASK("stop-snap-services", "Hold"), false },
	{ TASK("download-snap", "Doing") "," TASK("stop-snap-services", "Do"), false },
	{ TASK("download-snap", "Error") "," TASK("link-snap", "Hold"), false },
	{ TASK("stop-snap-services", "Undone") "," TASK("run-hook", "Error"), true },
	{ TASK("stop-snap-services", "Error") "," TASK("run-hook", "Hold"), true },
	{ TASK("stop-snap-services", "Done") "," TASK("remove-data", "Error"), true },
	{ TASK("stop-snap-services", "Doing"), true },
};
/* clang-format on */

START_TEST(services_are_stopped_once_their_task_has_begun)
{
	char json[512];
	struct snapd_change change;

	(void)snprintf(json, sizeof json, CHANGE("'status':'Error','ready':true,'tasks':[%s]"),
		stops[_i].tasks);
	get_139(json, &change);
	ck_assert_int_eq(change.stopped, stops[_i].stopped);
}
END_TEST

/* clang-format off */
#define LINK(name, revision) \
	"{'id':'2','kind':'link-snap','status':'Done','summary':" \
	"'Make snap \\\"" name "\\\" (" revision ") available to the system'}"
#define OF(about, tasks) \
	"{'id':'139','kind':'refresh-snap','status':'Error','ready':true," \
	"'summary':'" about "','tasks':[" tasks "]}"
#define REFRESH "Refresh \\\"microsample\\\" snap from \\\"latest/beta\\\" channel"
static const struct {
	const char *json;
	int revision;
} revisions[] = {
	{ OF(REFRESH, LINK("microsample", "5")), 5 },
	/* its base and snapd come with it, before and after */
	{ OF(REFRESH, LINK("bare", "7") "," LINK("microsample", "5")), 5 },
	{ OF(REFRESH, LINK("microsample", "5") "," LINK("snapd", "8")), 5 },
	{ OF(REFRESH, LINK("microsampler", "7") "," LINK("micro", "8")), 0 },
	/* other tasks speak of the revision before */
	{ OF(REFRESH, "{'kind':'unlink-current-snap','summary':"
		"'Make current revision for snap \\\"microsample\\\" (3) unavailable'}"), 0 },
	{ OF(REFRESH, LINK("microsample", "x1")), 0 },
	{ OF(REFRESH, LINK("microsample", "")), 0 },
	{ OF(REFRESH, LINK("microsample", "0")), 0 },
	{ OF(REFRESH, LINK("microsample", "-5")), 0 },
	{ OF(REFRESH, LINK("microsample", "99999999999999999999999999999999999999999999999999999999999999999999999999")), 0 },
	{ OF(REFRESH, "{'kind':'link-snap','summary':'Make snap \\\"microsample\\\" (5'}"), 5 },
	{ OF(REFRESH, "{'kind':'link-snap','summary':'Make snap \\\"microsample'}"), 0 },
	{ OF(REFRESH, "{'kind':'link-snap','summary':'\\\" (5)'}"), 0 },
	{ OF(REFRESH, "{'kind':'link-snap','summary':5}"), 0 },
	{ OF("", LINK("microsample", "5")), 0 },
	{ OF(REFRESH, ""), 0 },
};
/* clang-format on */

START_TEST(revision_is_that_of_the_snap_itself)
{
	struct snapd_change change;

	get_139(revisions[_i].json, &change);
	ck_assert_int_eq(change.revision, revisions[_i].revision);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapd-change");
	TCase *tests = tcase_create("changes");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, progress_follows_ready_and_then_status, 0, COUNT(progresses));
	tcase_add_loop_test(tests, failure_is_told_in_one_line, 0, COUNT(failures));
	tcase_add_test(tests, long_failure_is_cut_in_front_and_between_characters);
	tcase_add_loop_test(tests, running_task_is_the_one_that_matters, 0, COUNT(task_lists));
	tcase_add_test(tests, pruned_change_is_no_error);
	tcase_add_test(tests, another_change_than_asked_for_is_a_format_error);
	tcase_add_test(tests, changes_come_sorted_and_without_the_harmless);
	tcase_add_test(tests, nothing_in_flight_is_an_empty_list);
	tcase_add_loop_test(tests, one_unreadable_change_spoils_the_list, 0, COUNT(unreadable));
	tcase_add_loop_test(tests, services_are_stopped_once_their_task_has_begun, 0, COUNT(stops));
	tcase_add_loop_test(tests, revision_is_that_of_the_snap_itself, 0, COUNT(revisions));
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
