/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe of the workload: what counts as an answer, what is said of everything else, and that it
 * goes nowhere but to the port, once, within its time.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/canned.h"
#include "tests/suite.h"
#include "workload/probe.h"

static struct canned *canned;
static char seen[PROBE_TEXT_SIZE];

static void set_up(void)
{
	canned = canned_start_port();
	strcpy(seen, "as it was");
}

static void tear_down(void)
{
	canned_stop(canned);
}

static int64_t now(void)
{
	struct timespec time;

	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &time), 0);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static bool ask(const char *path)
{
	return probe(canned_port(canned), path, seen);
}

START_TEST(it_asks_for_this_and_nothing_else)
{
	static const char *const paths[] = { "/", "/healthz", "//", "/..", "/a/./../b",
		"/?a=%20&b=%zz", "/%2e", "/?%-._~!$&()*+,;=:@" };
	char expected[256];

	(void)snprintf(expected, sizeof expected,
		"GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: microsample-vm\r\n"
		"Accept: */*\r\n\r\n",
		paths[_i], canned_port(canned));
	canned_answer(canned, 200, "ok");
	ck_assert(ask(paths[_i]));
	ck_assert_str_eq(seen, "as it was");
	ck_assert_uint_eq(canned_requests(canned), 1);
	ck_assert_str_eq(canned_request(canned), expected);
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
	canned_answer(canned, 200, "ok");
	ck_assert(ask("/"));
	ck_assert_uint_eq(canned_requests(canned), 1);
	ck_assert_int_eq(strncmp(canned_request(canned), "GET / HTTP/1.1\r\n", 16), 0);
}
END_TEST

START_TEST(status_below_400_is_an_answer)
{
	static const int statuses[] = { 200, 204, 299, 300, 301, 302, 304, 399, 400, 401, 404, 499,
		500, 503, 599, 999 };
	int status = statuses[_i];
	char text[32];

	(void)snprintf(text, sizeof text, "HTTP %d", status);
	canned_answer(canned, status, "");
	ck_assert_int_eq(ask("/"), status < 400);
	ck_assert_str_eq(seen, status < 400 ? "as it was" : text);
	ck_assert_uint_eq(canned_requests(canned), 1);
}
END_TEST

START_TEST(redirect_is_not_followed)
{
	char bytes[128];
	int size = snprintf(bytes, sizeof bytes,
		"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/bad\r\n\r\n",
		canned_port(canned));

	canned_bytes(canned, CANNED_CLOSE, bytes, (size_t)size);
	ck_assert(ask("/"));
	ck_assert_uint_eq(canned_requests(canned), 1);
	ck_assert_int_eq(strncmp(canned_request(canned), "GET / ", 6), 0);
}
END_TEST

#define BYTES(text) text, sizeof text - 1
#define ANSWERED    NULL
#define CLOSED      "connection closed"
#define SLOW        "no answer within 2 s"
#define NO_HTTP     "no HTTP answer"

/* clang-format off */
static const struct {
	enum canned_way way;
	const char *bytes;
	size_t size;
	const char *seen;
} answers[] = {
	{ CANNED_CLOSE, BYTES("HTTP/1.0 200 OK\r\n\r\n"), ANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200\n\nhello"), ANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"), ANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 500 Oh\r\n\r\n"), "HTTP 500" },
	/* once the headers are there, nothing behind them counts */
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort"), ANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nlonger"), ANSWERED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 500 Oh\r\nContent-Length: 500\r\n\r\nshort"), "HTTP 500" },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), ANSWERED },
	{ CANNED_HANG, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), ANSWERED },
	{ CANNED_HANG, BYTES("HTTP/1.1 503 Oh\r\nContent-Length: 5\r\n\r\n"), "HTTP 503" },
	{ CANNED_DRIP, BYTES("HTTP/1.1 200 OK\r\n\r\n"), ANSWERED },
	{ CANNED_FOREVER, BYTES("HTTP/1.1 200 OK\r\n\r\n"), ANSWERED },
	{ CANNED_FOREVER, BYTES("HTTP/1.1 404 No\r\n\r\n"), "HTTP 404" },
	{ CANNED_FOREVER, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), ANSWERED },
	/* no end of the headers */
	{ CANNED_CLOSE, BYTES(""), CLOSED },
	{ CANNED_RESET, BYTES(""), CLOSED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 200 OK\r\nServer: x"), CLOSED },
	{ CANNED_CLOSE, BYTES("HTTP/1.1 100 Continue\r\n\r\n"), CLOSED },
	{ CANNED_HANG, BYTES(""), SLOW },
	{ CANNED_HANG, BYTES("HTTP/1.1 200 OK\r\nServer: x"), SLOW },
	{ CANNED_HANG, BYTES("HTTP/1.1 100 Continue\r\n\r\n"), SLOW },
	{ CANNED_DRIP, BYTES("HTTP/1.1 200 OK\r\nX: "), SLOW },
	{ CANNED_FOREVER, BYTES("HTTP/1.1 200 OK\r\nX: "), NO_HTTP },
	/* no HTTP */
	{ CANNED_CLOSE, BYTES("hello"), NO_HTTP },
	{ CANNED_CLOSE, BYTES("SSH-2.0-OpenSSH_9.6\r\n"), NO_HTTP },
	{ CANNED_CLOSE, BYTES("<html>HTTP/1.1 200 OK\r\n\r\n</html>"), NO_HTTP },
	{ CANNED_CLOSE, BYTES("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03"), NO_HTTP },
	{ CANNED_CLOSE, BYTES("\0\0\0\0\0\0\0\0"), NO_HTTP },
	{ CANNED_FOREVER, BYTES(""), NO_HTTP },
};
/* clang-format on */

START_TEST(what_is_seen_is_told)
{
	int64_t begun = now();

	canned_bytes(canned, answers[_i].way, answers[_i].bytes, answers[_i].size);
	ck_assert_int_eq(ask("/"), answers[_i].seen == ANSWERED);
	ck_assert_str_eq(seen, answers[_i].seen ? answers[_i].seen : "as it was");
	ck_assert_uint_eq(canned_requests(canned), 1);
	ck_assert_int_lt(now() - begun, 2 * PROBE_TIME);
}
END_TEST

/* UNIT once and again, until all together is far more than is read. */
static void send_many(const char *unit)
{
	size_t size = strlen(unit), times = 300000 / size;
	char *bytes = calloc(times, size);

	ck_assert_ptr_nonnull(bytes);
	for (size_t i = 0; i < times; i++)
		memcpy(bytes + i * size, unit, size);
	canned_bytes(canned, CANNED_HANG, bytes, times * size);
	free(bytes);
}

START_TEST(headers_without_end_are_not_read_to_their_end)
{
	static const char *const units[] = { "HTTP/1.1 100 Continue\r\n\r\n",
		"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" };
	int64_t begun = now();

	send_many(units[_i]);
	ck_assert(!ask("/"));
	ck_assert_str_eq(seen, NO_HTTP);
	ck_assert_int_lt(now() - begun, PROBE_TIME / 2);
}
END_TEST

/* A port of this machine, as it is before anybody listens there. */
static int take_port(int *ret)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*ret = ntohs(address.sin_port);
	return fd;
}

START_TEST(nobody_listens)
{
	int port, fd = take_port(&port);

	ck_assert(!probe(port, "/", seen));
	ck_assert_str_eq(seen, "connection refused");
	(void)close(fd);
}
END_TEST

START_TEST(nobody_takes_the_call)
{
	int port, fd = take_port(&port);

	ck_assert_int_eq(listen(fd, 8), 0);
	ck_assert(!probe(port, "/", seen));
	ck_assert_str_eq(seen, SLOW);
	(void)close(fd);
}
END_TEST

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

int main(void)
{
	Suite *suite = suite_create("probe");
	TCase *tests = tcase_create("probe");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 20);
	tcase_add_loop_test(tests, it_asks_for_this_and_nothing_else, 0, 8);
	tcase_add_test(tests, environment_has_no_say);
	tcase_add_loop_test(tests, status_below_400_is_an_answer, 0, 16);
	tcase_add_test(tests, redirect_is_not_followed);
	tcase_add_loop_test(tests, what_is_seen_is_told, 0, COUNT(answers));
	tcase_add_loop_test(tests, headers_without_end_are_not_read_to_their_end, 0, 2);
	tcase_add_test(tests, nobody_listens);
	tcase_add_test(tests, nobody_takes_the_call);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
