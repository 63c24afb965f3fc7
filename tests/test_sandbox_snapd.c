/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in snapd where no recording can hold it: what can go wrong with the transport, and what
 * can be set from outside. How it answers is for tests/test_recordings.py.
 */
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox_snapd_kit.h"
#include "tests/suite.h"

#define INSTALL "{\"action\":\"install\",\"channel\":\"latest/edge\"}"

static int connected(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", kit.socket);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	return fd;
}

static void say(int fd, const char *method, const char *target, const char *body)
{
	CLEANUP(cleanup_free)
	char *text = alloc_textf("%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
				 "Content-Length: %zu\r\n\r\n%s",
		method, target, strlen(body), body);

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

/* Everything until the other side closes. */
static void hear(int fd, struct buf *ret)
{
	char part[4096];
	ssize_t size;

	buf_init(ret, (size_t)8 << 20);
	while ((size = read(fd, part, sizeof part)) > 0)
		ck_assert_int_eq(buf_add(ret, part, (size_t)size), 0);
}

/* All that comes back for one request, header and all. */
static void exchange(const char *method, const char *target, const char *body, struct buf *ret)
{
	CLEANUP(cleanup_close) int fd = connected();

	say(fd, method, target, body);
	hear(fd, ret);
}

static bool has(const struct buf *text, const char *part)
{
	return strstr(buf_text(text), part) != NULL;
}

static long install_status(void)
{
	long status;

	cJSON_Delete(snapd_proc_ask(&kit, "POST", KIT_SNAP, INSTALL, &status));
	return status;
}

static long snap_status(void)
{
	long status;

	cJSON_Delete(snapd_proc_ask(&kit, "GET", KIT_SNAP, NULL, &status));
	return status;
}

START_TEST(dropped_request_is_acted_on_or_not)
{
	kit_do("{'do':'fault','method':'POST','mode':'drop-unacted'}");
	ck_assert_int_eq(install_status(), -CURLE_GOT_NOTHING);
	ck_assert_int_eq(kit_counter("changes-made"), 0);
	kit_do("{'do':'fault','method':'POST','mode':'drop-acted'}");
	ck_assert_int_eq(install_status(), -CURLE_GOT_NOTHING);
	ck_assert_int_eq(kit_counter("changes-made"), 1);
	ck_assert_int_eq(install_status(), 409);
}
END_TEST

START_TEST(fault_waits_for_its_turn_and_wears_out)
{
	kit_do("{'do':'fault','method':'GET','path':'" KIT_SNAP
	       "','mode':'status','status':500,'message':'no','kind':'odd','skip':1,'times':2}");
	ck_assert_int_eq(snap_status(), 404);
	(void)kit_ask("GET", "/v2/changes", NULL, 200, "");
	ck_assert_str_eq(kit_ask("GET", KIT_SNAP, NULL, 500, "odd"), "no");
	ck_assert_int_eq(snap_status(), 500);
	ck_assert_int_eq(snap_status(), 404);
}
END_TEST

START_TEST(answers_can_be_cut_short)
{
	CLEANUP(buf_done) struct buf answer;

	kit_do("{'do':'fault','mode':'eof-mid-body'}");
	ck_assert_int_eq(snap_status(), -CURLE_PARTIAL_FILE);
	kit_do("{'do':'fault','mode':'reset'}");
	exchange("GET", KIT_SNAP, "", &answer);
	ck_assert(has(&answer, "HTTP/1.1 404"));
	ck_assert(!has(&answer, "\r\n\r\n"));
}
END_TEST

START_TEST(answers_can_be_anything)
{
	CLEANUP(buf_done) struct buf answer;

	kit_do("{'do':'fault','mode':'raw','status':502,'type':'text/html','body':'<p>'}");
	exchange("GET", KIT_SNAP, "", &answer);
	ck_assert(has(&answer, "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n"));
	ck_assert(has(&answer, "\r\n\r\n<p>"));
	kit_do("{'do':'fault','mode':'huge','bytes':3000000}");
	ck_assert_int_eq(snap_status(), 404);
	buf_done(&answer);
	kit_do("{'do':'fault','mode':'huge','bytes':3000000}");
	exchange("GET", KIT_SNAP, "", &answer);
	ck_assert_uint_gt(answer.len, 3000000);
	buf_done(&answer);
	kit_do("{'do':'fault','mode':'chunked'}");
	exchange("GET", KIT_SNAP, "", &answer);
	ck_assert(has(&answer, "chunked"));
}
END_TEST

START_TEST(answers_can_be_shuffled_and_padded)
{
	kit_install("latest/edge");
	kit_do("{'do':'fault','mode':'extra-fields'}");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active ea");
	ck_assert_ptr_nonnull(cJSON_GetObjectItemCaseSensitive(kit_answer(), "x-object"));
	kit_do("{'do':'fault','mode':'shuffle'}");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active ea");
	ck_assert_str_ne(kit_answer()->child->string, "type");
}
END_TEST

START_TEST(dripping_answer_comes_byte_by_byte)
{
	CLEANUP(cleanup_close) int fd = connected();
	struct pollfd waiting = { .fd = fd, .events = POLLIN };
	char part[64];

	kit_do("{'do':'fault','mode':'drip'}");
	say(fd, "GET", KIT_SNAP, "");
	ck_assert_int_eq(poll(&waiting, 1, 5000), 1);
	ck_assert_int_eq(read(fd, part, sizeof part), 1);
	ck_assert_int_eq(poll(&waiting, 1, 300), 0);
}
END_TEST

START_TEST(hanging_request_is_never_answered)
{
	CLEANUP(cleanup_close) int fd = connected();
	struct pollfd waiting = { .fd = fd, .events = POLLIN };

	kit_do("{'do':'fault','mode':'hang'}");
	say(fd, "POST", KIT_SNAP, INSTALL);
	ck_assert_int_eq(poll(&waiting, 1, 300), 0);
	ck_assert_int_eq(kit_counter("changes-made"), 0);
	/* The others are served all the same. */
	ck_assert_int_eq(snap_status(), 404);
}
END_TEST

START_TEST(delayed_answer_was_acted_on_at_once)
{
	CLEANUP(cleanup_close) int fd = connected();
	struct pollfd waiting = { .fd = fd, .events = POLLIN };
	CLEANUP(buf_done) struct buf answer;

	kit_do("{'do':'fault','mode':'delay','ms':400}");
	say(fd, "POST", KIT_SNAP, INSTALL);
	ck_assert_int_eq(poll(&waiting, 1, 200), 0);
	ck_assert_int_eq(kit_counter("changes-made"), 1);
	hear(fd, &answer);
	ck_assert(has(&answer, "202 Accepted"));
}
END_TEST

START_TEST(who_hangs_up_while_the_store_is_asked_asked_for_nothing)
{
	int fd = connected();

	kit_do("{'do':'store','set':{'delay-ms':300}}");
	say(fd, "POST", KIT_SNAP, INSTALL);
	(void)poll(NULL, 0, 100);
	(void)close(fd);
	(void)poll(NULL, 0, 400);
	ck_assert_int_eq(kit_counter("changes-made"), 0);
	ck_assert_int_eq(install_status(), 202);
	/* What needs no store does not wait for it. */
	kit_do("{'do':'finish'}");
	kit_do("{'do':'store','set':{'delay-ms':60000}}");
	ck_assert_int_eq(install_status(), 400);
}
END_TEST

START_TEST(away_is_refused_missing_or_silent)
{
	CLEANUP(cleanup_close) int fd = -1;
	struct pollfd waiting = { .events = POLLIN };

	kit_do("{'do':'away','how':'refused'}");
	ck_assert_int_eq(snap_status(), -CURLE_COULDNT_CONNECT);
	ck_assert_int_eq(access(kit.socket, F_OK), 0);
	kit_do("{'do':'away','how':'missing'}");
	ck_assert_int_eq(snap_status(), -CURLE_COULDNT_CONNECT);
	ck_assert_int_ne(access(kit.socket, F_OK), 0);
	kit_do("{'do':'away','how':'hang'}");
	waiting.fd = fd = connected();
	say(fd, "GET", KIT_SNAP, "");
	ck_assert_int_eq(poll(&waiting, 1, 200), 0);
	kit_do("{'do':'back'}");
	ck_assert_int_eq(snap_status(), 404);
	kit_do("{'do':'away','how':'missing'}");
	kit_do("{'do':'reset'}");
	ck_assert_int_eq(snap_status(), 404);
}
END_TEST

/* A client that is killed: how many changes it left behind. */
static int killed(const char *when)
{
	pid_t client;
	int status;

	kit_do("{'do':'reset'}");
	kit_do("{'do':'fault','mode':'kill-client','when':'%s'}", when);
	client = fork();
	if (client == 0) {
		CLEANUP(buf_done) struct buf answer;

		exchange("POST", KIT_SNAP, INSTALL, &answer);
		(void)poll(NULL, 0, 2000);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(client, &status, 0), client);
	ck_assert(WIFSIGNALED(status));
	return kit_counter("changes-made");
}

START_TEST(client_can_be_killed_at_three_moments)
{
	ck_assert_int_eq(killed("before"), 0);
	ck_assert_int_eq(killed("acted"), 1);
	ck_assert_int_eq(killed("answered"), 1);
}
END_TEST

START_TEST(requests_are_remembered)
{
	cJSON *answer;
	const cJSON *first;

	(void)install_status();
	(void)kit_ask("GET", "/v2/changes?select=all", NULL, 200, "");
	answer = snapd_proc_ctl(&kit, "{'do':'requests'}");
	first = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(answer, "requests"), 0);
	ck_assert_str_eq(cJSON_GetObjectItemCaseSensitive(first, "body")->valuestring, INSTALL);
	ck_assert_int_eq(cJSON_GetObjectItemCaseSensitive(first, "status")->valueint, 202);
	ck_assert_int_eq(cJSON_GetObjectItemCaseSensitive(answer, "posts")->valueint, 1);
	ck_assert_int_eq(cJSON_GetObjectItemCaseSensitive(answer, "gets")->valueint, 1);
	cJSON_Delete(answer);
	kit_do("{'do':'forget'}");
	answer = snapd_proc_ctl(&kit, "{'do':'requests'}");
	ck_assert_int_eq(cJSON_GetObjectItemCaseSensitive(answer, "posts")->valueint, 0);
	cJSON_Delete(answer);
}
END_TEST

START_TEST(slips_in_commands_are_errors)
{
	static const char *const commands[] = { "{\"do\":\"frob\"}", "nonsense",
		"{\"do\":\"mode\",\"manul\":true}", "{\"do\":\"fault\",\"mode\":\"frob\"}",
		"{\"do\":\"store\",\"set\":{\"dwon\":true}}", "{\"do\":\"snap\",\"set\":{\"x\":1}}",
		"{\"do\":\"fault\",\"mode\":\"hang\",\"pth\":\"/\"}" };
	struct snapd_proc control = kit;
	long status;

	(void)strcat(control.socket, ".ctl");
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		cJSON_Delete(snapd_proc_ask(&control, "POST", "/", commands[i], &status));
		ck_assert_int_eq(status, 400);
	}
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
	ck_assert_str_eq(services(), "web+ worker- ");
	(void)kit_post("{'action':'refresh','channel':'latest/beta'}", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(services(), "microsample+ ");
}
END_TEST

START_TEST(one_of_several_services_can_be_set)
{
	kit_do("{'do':'store','set':{'channels':{'latest/edge':{'services':'web,worker'},"
	       "'latest/beta':{'services':'web,worker'}}}}");
	kit_install("latest/edge");
	kit_do("{'do':'snap','name':'microsample','set':{'service':{'name':'worker'}}}");
	ck_assert_str_eq(services(), "web+ worker- ");
	kit_do("{'do':'snap','name':'microsample','set':{'service':{'active':true}}}");
	ck_assert_str_eq(services(), "web+ worker+ ");
	/* Those run, but are disabled. */
	(void)kit_post("{'action':'refresh','channel':'latest/beta'}", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(services(), "web- worker- ");
}
END_TEST

static const char *health(const char *key)
{
	const cJSON *shown;

	(void)kit_ask("GET", KIT_SNAP, NULL, 200, "");
	shown = cJSON_GetObjectItem(cJSON_GetObjectItem(kit_answer(), "result"), "health");
	return shown ? cJSON_GetStringValue(cJSON_GetObjectItem(shown, key)) : "none";
}

START_TEST(health_can_be_set_and_outlives_the_snap)
{
	kit_install("latest/stable");
	ck_assert_str_eq(health("status"), "none");
	kit_do("{'do':'snap','name':'microsample','set':{'health':'waiting','health-code':'db'}}");
	ck_assert_str_eq(health("status"), "waiting");
	ck_assert_str_eq(health("code"), "db");
	ck_assert_str_eq(health("revision"), "1");
	kit_do("{'do':'fail','task':'run-hook','hook':'check-health'}");
	(void)kit_post("{'action':'refresh','channel':'latest/edge'}", 202, "");
	kit_do("{'do':'finish'}");
	ck_assert_str_eq(health("revision"), "3");
	ck_assert_str_eq(health("message"), "hook failed");
	ck_assert_str_eq(kit_snap(), "1 latest/stable active ea");
	(void)kit_post("{'action':'remove','purge':true}", 202, "");
	kit_do("{'do':'finish'}");
	kit_install("latest/edge");
	ck_assert_str_eq(health("message"), "hook failed");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox_snapd");
	TCase *tcase = kit_case("faults");

	tcase_add_test(tcase, dropped_request_is_acted_on_or_not);
	tcase_add_test(tcase, fault_waits_for_its_turn_and_wears_out);
	tcase_add_test(tcase, answers_can_be_cut_short);
	tcase_add_test(tcase, answers_can_be_anything);
	tcase_add_test(tcase, answers_can_be_shuffled_and_padded);
	tcase_add_test(tcase, dripping_answer_comes_byte_by_byte);
	tcase_add_test(tcase, hanging_request_is_never_answered);
	tcase_add_test(tcase, delayed_answer_was_acted_on_at_once);
	tcase_add_test(tcase, who_hangs_up_while_the_store_is_asked_asked_for_nothing);
	tcase_add_test(tcase, away_is_refused_missing_or_silent);
	tcase_add_test(tcase, client_can_be_killed_at_three_moments);
	tcase_add_test(tcase, requests_are_remembered);
	tcase_add_test(tcase, slips_in_commands_are_errors);
	tcase_add_test(tcase, snap_can_be_set_as_wanted);
	tcase_add_test(tcase, foreign_change_stands_in_the_way_until_released);
	tcase_add_test(tcase, foreign_change_can_be_held_anywhere);
	tcase_add_test(tcase, pre_download_stands_in_nobodys_way);
	tcase_add_test(tcase, pruned_change_is_unknown);
	tcase_add_test(tcase, waiting_change_is_not_over);
	tcase_add_test(tcase, release_may_have_several_services);
	tcase_add_test(tcase, one_of_several_services_can_be_set);
	tcase_add_test(tcase, health_can_be_set_and_outlives_the_snap);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
