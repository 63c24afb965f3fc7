/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's transport: what it sends, how it handles every way in which an answer can go wrong,
 * and that it asks only once, only at the socket, and within its time.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "snapd/snapd.h"
#include "tests/canned.h"
#include "tests/suite.h"

#define SYSTEM                                                                                     \
	"{\"type\":\"sync\",\"status-code\":200,\"status\":\"OK\","                                \
	"\"result\":{\"version\":\"2.68\",\"architecture\":\"amd64\"}}"
#define ACCEPTED "{'type':'async','status-code':202,'result':null,'change':'73'}"

enum {
	SHORT = 150,         /* milliseconds for a request that gets no answer */
	SUN_PATH_SIZE = 108, /* of a unix socket */
};

static struct canned *canned;
static struct snapd *snapd;
static struct snapd_system info;
static struct snapd_answer answer;
static struct error err;

static void set_up(void)
{
	canned = canned_start();
	snapd = snapd_open(canned_path(canned));
	info = (struct snapd_system){ .version = "as it was" };
	answer = (struct snapd_answer){ .change = 12345 };
	err = (struct error){ 0 };
}

static void tear_down(void)
{
	snapd_close(snapd);
	canned_stop(canned);
}

static int64_t now(void)
{
	struct timespec time;

	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &time), 0);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int post(int64_t limit)
{
	return snapd_post(snapd, "microsample",
		&(struct snapd_request){ .action = "install", .channel = "latest/edge" }, limit,
		&answer, &err);
}

/* Checks the request line and the headers, and that there is nothing else. */
START_TEST(get_sends_this_and_nothing_else)
{
	canned_answer(canned, 200, SYSTEM);
	ck_assert_int_eq(snapd_get_system(snapd, &info, &err), 0);
	ck_assert_str_eq(info.version, "2.68");
	ck_assert_str_eq(info.architecture, "amd64");
	ck_assert_uint_eq(canned_requests(canned), 1);
	ck_assert_str_eq(canned_request(canned),
		"GET /v2/system-info HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n"
		"Content-Type: application/json\r\n\r\n");
}
END_TEST

START_TEST(environment_has_no_say)
{
	static const char *const names[] = { "http_proxy", "HTTP_PROXY", "https_proxy",
		"HTTPS_PROXY", "all_proxy", "ALL_PROXY", "socks_proxy" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_int_eq(setenv(names[i], "http://127.0.0.1:9", 1), 0);
	ck_assert_int_eq(setenv("no_proxy", "example.com", 1), 0);
	ck_assert_int_eq(setenv("NO_PROXY", "example.com", 1), 0);
	canned_answer(canned, 200, SYSTEM);
	ck_assert_int_eq(snapd_get_system(snapd, &info, &err), 0);
	ck_assert_uint_eq(canned_requests(canned), 1);
	ck_assert_int_eq(
		strncmp(canned_request(canned), "GET /v2/system-info HTTP/1.1\r\n", 30), 0);
}
END_TEST

#define BYTES(text) text, sizeof text - 1

/* clang-format off */
/* An answer to GET /v2/system-info in every form that HTTP knows. */
static const struct {
	const char *bytes;
	size_t size;
} proper[] = {
	{ BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"5\r\n{\"typ\r\n"
		"47\r\ne\":\"sync\",\"status-code\":200,\"result\":{\"version\":\"2.68\",\"architecture\":\"\r\n"
		"9\r\namd64\"}}\n\r\n0\r\nX-Behind: x\r\n\r\n") },
	{ BYTES("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" SYSTEM) },
	{ BYTES("HTTP/1.0 200 OK\r\n\r\n" SYSTEM "\n") },
	{ BYTES("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" SYSTEM) },
	{ BYTES("HTTP/1.1 200 OK\nContent-Type: text/plain\n\n" SYSTEM) },
};
/* clang-format on */

START_TEST(answer_is_read_in_every_form)
{
	canned_bytes(canned, CANNED_CLOSE, proper[_i].bytes, proper[_i].size);
	ck_assert_int_eq(snapd_get_system(snapd, &info, &err), 0);
	ck_assert_str_eq(info.version, "2.68");
	ck_assert_str_eq(info.architecture, "amd64");
}
END_TEST

/* clang-format off */
static const struct {
	enum canned_way way;
	const char *bytes;
	size_t size;
	enum error_kind get, post;
} wrong[] = {
	/* nothing, or less than all of it */
	{ CANNED_CLOSE, BYTES(""), ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_RESET, BYTES(""), ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_HANG, BYTES(""), ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 20"), ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_HANG, BYTES("HTTP/1.1 200 OK\r\nContent-"), ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200 OK\r\nContent-"), ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 404 Not Found\r\n"), ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_HANG, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n" SYSTEM),
	  ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n" SYSTEM),
	  ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 404 Not Found\r\nContent-Length: 600\r\n\r\n{}"),
	  ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 202 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"20\r\n{\"type\":\"async"), ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"2\r\n{}\r\n"), ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		"zz\r\n{}\r\n0\r\n\r\n"), ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_DRIP, BYTES("HTTP/1.1 200 OK\r\n\r\n" SYSTEM), ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 100 Continue\r\n\r\n"), ERROR_UNANSWERED, ERROR_UNANSWERED },
	/* not HTTP */
	{ CANNED_CLOSE, BYTES("SSH-2.0-OpenSSH_8.9\r\n"), ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_CLOSE, BYTES(SYSTEM), ERROR_UNANSWERED, ERROR_UNANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/9.9 200 OK\r\n\r\n" SYSTEM), ERROR_UNANSWERED, ERROR_UNANSWERED },
	/* more than anyone needs */
	{ CANNED_FOREVER, BYTES("HTTP/1.1 200 OK\r\n\r\n"), ERROR_LIMIT, ERROR_LIMIT },
	{ CANNED_FOREVER, BYTES("HTTP/1.1 500 Oh\r\n\r\n"), ERROR_LIMIT, ERROR_LIMIT },
	{ CANNED_FOREVER, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n"),
	  ERROR_LIMIT, ERROR_LIMIT },
	/* complete, but not snapd's */
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200 OK\r\n\r\n"), ERROR_FORMAT, ERROR_FORMAT },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 204 No Content\r\n\r\n"), ERROR_FORMAT, ERROR_FORMAT },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200 OK\r\n\r\n{\"type\":\"sync\",\"status-c"),
	  ERROR_FORMAT, ERROR_FORMAT },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200 OK\r\n\r\n" SYSTEM SYSTEM), ERROR_FORMAT, ERROR_FORMAT },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200 OK\r\n\r\n" SYSTEM "\0"), ERROR_FORMAT, ERROR_FORMAT },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200 OK\r\n\r\n<html></html>"), ERROR_FORMAT, ERROR_FORMAT },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 301 Moved\r\nLocation: /v2/system-info\r\n\r\n"),
	  ERROR_FORMAT, ERROR_FORMAT },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n"),
	  ERROR_FORMAT, ERROR_FORMAT },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 307 Same\r\nLocation: http://localhost/v2/x\r\n\r\n" SYSTEM),
	  ERROR_FORMAT, ERROR_FORMAT },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n"),
	  ERROR_UNANSWERED, ERROR_UNANSWERED },
	/*
	 * a refusal without an envelope: a GET learns nothing from it, a POST was not carried out
	 */
	{ CANNED_CLOSE, BYTES("HTTP/1.1 400 Bad Request\r\n\r\n400 Bad Request"),
	  ERROR_FORMAT, ERROR_NONE },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 417 Expectation Failed\r\n\r\n"), ERROR_FORMAT, ERROR_NONE },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=x\r\n\r\n"),
	  ERROR_FORMAT, ERROR_NONE },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 408 Late\r\nConnection: close\r\nRetry-After: 0\r\n\r\n"),
	  ERROR_FORMAT, ERROR_NONE },
};
/* clang-format on */

/* The machine may be busy, so only answers that never end get a short time. */
static int64_t patience(enum canned_way way)
{
	return way == CANNED_HANG || way == CANNED_DRIP ? SHORT : 10000;
}

START_TEST(wrong_answer_to_a_get_is_an_error_of_its_kind)
{
	int64_t start = now();

	snapd_limit(snapd, patience(wrong[_i].way));
	canned_bytes(canned, wrong[_i].way, wrong[_i].bytes, wrong[_i].size);
	ck_assert_int_eq(snapd_get_system(snapd, &info, &err), -1);
	ck_assert_int_eq(err.kind, wrong[_i].get);
	ck_assert_uint_gt(strlen(err.text), 0);
	ck_assert_str_eq(info.version, "as it was");
	ck_assert_uint_eq(canned_requests(canned), 1);
	if (patience(wrong[_i].way) == SHORT)
		ck_assert_int_lt(now() - start, 2000);
}
END_TEST

START_TEST(wrong_answer_to_a_post_is_an_error_of_its_kind_and_never_asked_again)
{
	canned_bytes(canned, wrong[_i].way, wrong[_i].bytes, wrong[_i].size);
	ck_assert_int_eq(post(patience(wrong[_i].way)), wrong[_i].post == ERROR_NONE ? 0 : -1);
	if (wrong[_i].post != ERROR_NONE) {
		ck_assert_int_eq(err.kind, wrong[_i].post);
		ck_assert_int_eq(answer.change, 12345);
	}
	ck_assert_uint_eq(canned_requests(canned), 1);
}
END_TEST

START_TEST(headers_without_end_are_too_large)
{
	static char bytes[200000];

	memset(bytes, 'x', sizeof bytes);
	for (size_t i = 17; i + 8 < sizeof bytes; i += 64)
		memcpy(bytes + i, "\r\nX-Y: ", 7);
	memcpy(bytes, "HTTP/1.1 200 OK\r\n", 17);
	memcpy(bytes + 17, "X-Y: ab", 7);
	canned_bytes(canned, CANNED_CLOSE, bytes, sizeof bytes);
	ck_assert_int_eq(snapd_get_system(snapd, &info, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
}
END_TEST

/* Each value costs cJSON forty times its two bytes. */
START_TEST(values_and_nesting_without_end_are_refused)
{
	static char bytes[3 * 1000 * 1000];

	for (size_t i = 0; i < sizeof bytes; i += 2)
		memcpy(bytes + i, "0,", 2);
	memcpy(bytes, "HTTP/1.1 200 OK\r\n\r\n[", 20);
	canned_bytes(canned, CANNED_CLOSE, bytes, sizeof bytes);
	ck_assert_int_eq(snapd_get_system(snapd, &info, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	memset(bytes + 19, '[', sizeof bytes - 19);
	canned_bytes(canned, CANNED_CLOSE, bytes, 900000);
	ck_assert_int_eq(snapd_get_system(snapd, &info, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
}
END_TEST

static void expect_unreachable(const char *path, int code)
{
	struct snapd *away = snapd_open(path);

	ck_assert_int_eq(snapd_get_system(away, &info, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	ck_assert_int_eq(err.code, code);
	ck_assert_str_eq(info.version, "as it was");
	err = (struct error){ 0 };
	ck_assert_int_eq(
		snapd_post(away, "microsample", &(struct snapd_request){ .action = "remove" }, 5000,
			&answer, &err),
		-1);
	ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	ck_assert_int_eq(err.code, code);
	ck_assert_int_eq(answer.change, 12345);
	snapd_close(away);
}

START_TEST(missing_socket_is_unreachable)
{
	char path[300];

	expect_unreachable("/nonexistent/snapd.socket", ENOENT);
	expect_unreachable("/etc/passwd/snapd.socket", ENOTDIR);
	expect_unreachable("", 0);
	memset(path, 'a', sizeof path);
	path[0] = '/';
	path[sizeof path - 1] = '\0';
	expect_unreachable(path, 0);
	path[SUN_PATH_SIZE] = '\0';
	expect_unreachable(path, 0);
}
END_TEST

START_TEST(socket_without_listener_is_unreachable)
{
	char path[128];

	(void)snprintf(path, sizeof path, "%s.file", canned_path(canned));
	ck_assert_int_eq(close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);
	expect_unreachable(path, ECONNREFUSED);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(no_time_left_sends_nothing)
{
	snapd_limit(snapd, 0);
	ck_assert_int_eq(snapd_get_system(snapd, &info, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	ck_assert_int_eq(post(-1), -1);
	ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	ck_assert_uint_eq(canned_requests(canned), 0);
}
END_TEST

static int listener_that_never_accepts(char *path, size_t size, int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(path, size, "%s.2", canned_path(canned));
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	ck_assert_int_eq(listen(listener, backlog), 0);
	return listener;
}

/* A stopped snapd: the kernel takes the connection and the request, and no answer comes. */
START_TEST(frozen_snapd_is_unanswered)
{
	char path[SUN_PATH_SIZE];
	int listener = listener_that_never_accepts(path, sizeof path, 8);
	struct snapd *frozen = snapd_open(path);
	int64_t start = now();

	ck_assert_int_eq(
		snapd_post(frozen, "microsample",
			&(struct snapd_request){ .action = "install", .channel = "latest/edge" },
			SHORT, &answer, &err),
		-1);
	ck_assert_int_eq(err.kind, ERROR_UNANSWERED);
	ck_assert_int_lt(now() - start, 2000);
	snapd_close(frozen);
	ck_assert_int_eq(close(listener), 0);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

/* The same when its queue is full: not one byte was sent. */
START_TEST(full_queue_is_unreachable)
{
	char path[SUN_PATH_SIZE];
	int listener = listener_that_never_accepts(path, sizeof path, 0);
	struct snapd *frozen = snapd_open(path);

	ck_assert_int_eq(
		snapd_post(frozen, "microsample", &(struct snapd_request){ .action = "remove" },
			SHORT, &answer, &err),
		-1);
	ck_assert_int_eq(err.kind, ERROR_UNANSWERED);
	for (int i = 0; i < 3; i++) {
		struct sockaddr_un address = { .sun_family = AF_UNIX };
		int client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
		(void)connect(client, (struct sockaddr *)&address, sizeof address);
	}
	ck_assert_int_eq(
		snapd_post(frozen, "microsample", &(struct snapd_request){ .action = "remove" },
			SHORT, &answer, &err),
		-1);
	ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	snapd_close(frozen);
	ck_assert_int_eq(close(listener), 0);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

static const char *const no_names[] = { "", "a/b", "../changes", "a%2fb", "a b", "Micro", "a?x=1",
	"a#", "-a", "a-", "a--b", "\xc3\xa4", "a\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };

START_TEST(name_that_is_none_is_never_sent)
{
	static const char *const actions[] = { "remove", "hold", "unhold" };
	struct snapd_snap snap;
	struct snapd_changes changes;
	struct snapd_revisions revisions;
	struct snapd_releases releases;
	struct snapd_update update;

	ck_assert_int_eq(snapd_get_snap(snapd, no_names[_i], &snap, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	ck_assert_int_eq(snapd_get_changes(snapd, no_names[_i], true, &changes, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	ck_assert_int_eq(snapd_get_revisions(snapd, no_names[_i], &revisions, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	ck_assert_int_eq(snapd_find(snapd, no_names[_i], 5000, &releases, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	ck_assert_int_eq(snapd_find_update(snapd, no_names[_i], 5000, &update, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
		struct snapd_request request = { .action = actions[i] };

		err = (struct error){ 0 };
		ck_assert_int_eq(
			snapd_post(snapd, no_names[_i], &request, 5000, &answer, &err), -1);
		ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	}
	ck_assert_uint_eq(canned_requests(canned), 0);
}
END_TEST

/* The server does not close it, so it could be used again. */
START_TEST(every_request_has_its_own_connection)
{
	static const char bytes[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}";

	for (int i = 0; i < 3; i++) {
		canned_bytes(canned, CANNED_HANG, bytes, sizeof bytes - 1);
		ck_assert_int_eq(post(5000), 0);
		ck_assert_int_eq(answer.status, 404);
	}
	ck_assert_uint_eq(canned_requests(canned), 3);
}
END_TEST

START_TEST(closing_nothing_is_fine)
{
	snapd_close(NULL);
	snapd_close(snapd_open("/nonexistent"));
	snapd_changes_done(NULL);
	ck_assert_uint_gt(strlen(snapd_library()), 4);
	ck_assert_uint_gt(strlen(snapd_json_library()), 4);
}
END_TEST

#define COUNT(array) (int)(sizeof array / sizeof *array)

int main(void)
{
	Suite *suite = suite_create("snapd-http");
	TCase *tests = tcase_create("http");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, get_sends_this_and_nothing_else);
	tcase_add_test(tests, environment_has_no_say);
	tcase_add_loop_test(tests, answer_is_read_in_every_form, 0, COUNT(proper));
	tcase_add_loop_test(tests, wrong_answer_to_a_get_is_an_error_of_its_kind, 0, COUNT(wrong));
	tcase_add_loop_test(tests,
		wrong_answer_to_a_post_is_an_error_of_its_kind_and_never_asked_again, 0,
		COUNT(wrong));
	tcase_add_test(tests, headers_without_end_are_too_large);
	tcase_add_test(tests, values_and_nesting_without_end_are_refused);
	tcase_add_test(tests, missing_socket_is_unreachable);
	tcase_add_test(tests, socket_without_listener_is_unreachable);
	tcase_add_test(tests, no_time_left_sends_nothing);
	tcase_add_test(tests, frozen_snapd_is_unanswered);
	tcase_add_test(tests, full_queue_is_unreachable);
	tcase_add_loop_test(tests, name_that_is_none_is_never_sent, 0, COUNT(no_names));
	tcase_add_test(tests, every_request_has_its_own_connection);
	tcase_add_test(tests, closing_nothing_is_fine);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
