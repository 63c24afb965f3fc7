/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests that carry files: what is sent to the byte, what never is, how the answers are read, and
 * that a file of any size takes no memory.
 */
#include <check.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "snapd/snapd.h"
#include "tests/canned.h"
#include "tests/suite.h"

#define COUNT(list)    ((int)(sizeof(list) / sizeof *(list)))
#define ERROR(code, m) "{'type':'error','status-code':" code ",'result':{'message':'" m "'}}"
#define ACCEPTED       "{'type':'async','status-code':202,'result':null,'change':'73'}"
#define DONE           "{'type':'sync','status-code':200,'status':'OK','result':null}"
#define CONTENT        "0123456789abcdefghij"

enum {
	BOUNDARY = 32,
	GROWTH = 32 * 1024, /* KiB that a large file may take */
	EDGES = 4096,
};

static struct canned *canned;
static struct snapd *snapd;
static struct snapd_answer answer;
static struct error err;
static int fd;

static void set_up(void)
{
	canned = canned_start();
	snapd = snapd_open(canned_path(canned));
	answer = (struct snapd_answer){ .change = 12345 };
	err = (struct error){ 0 };
	fd = memfd_create("files", MFD_CLOEXEC);
	ck_assert_int_eq(write(fd, CONTENT, strlen(CONTENT)), (ssize_t)strlen(CONTENT));
}

static void tear_down(void)
{
	snapd_close(snapd);
	canned_stop(canned);
	(void)close(fd);
}

static int assert_part(int64_t offset, int64_t size)
{
	struct snapd_file file = { "x.assert", fd, offset, size };

	return snapd_assert(snapd, &file, 5000, &answer, &err);
}

static int sideload(const struct snapd_file *files, size_t count)
{
	return snapd_sideload(snapd, files, count, 5000, &answer, &err);
}

static int sideload_one(void)
{
	return sideload(&(struct snapd_file){ "x.snap", fd, 0, 3 }, 1);
}

static const char *body(void)
{
	const char *end = strstr(canned_request(canned), "\r\n\r\n");

	ck_assert_ptr_nonnull(end);
	return end + 4;
}

START_TEST(assertions_are_sent_as_they_are)
{
	canned_answer(canned, 200, DONE);
	ck_assert_msg(assert_part(3, 12) == 0, "%s", err.text);
	ck_assert_uint_eq(canned_requests(canned), 1);
	ck_assert_ptr_eq(strstr(canned_request(canned), "POST /v2/assertions HTTP/1.1\r\n"),
		canned_request(canned));
	ck_assert_ptr_nonnull(strstr(
		canned_request(canned), "\r\nContent-Type: application/x.ubuntu.assertion\r\n"));
	ck_assert_ptr_nonnull(strstr(canned_request(canned), "\r\nContent-Length: 12\r\n"));
	ck_assert_ptr_null(strstr(canned_request(canned), "Expect"));
	ck_assert_ptr_null(strstr(canned_request(canned), "chunked"));
	ck_assert_str_eq(body(), "3456789abcde");
	ck_assert_int_eq(answer.verdict, SNAPD_ACCEPTED);
	ck_assert_int_eq(answer.change, 0);
}
END_TEST

/* The boundary of the form that was sent; the form with B in its place in RET. */
static void read_form(char ret[8192], char boundary[BOUNDARY + 1])
{
	const char *request = canned_request(canned);
	const char *found = strstr(request, "Content-Type: multipart/form-data; boundary=");
	const char *at = body();
	char *to = ret;

	ck_assert_ptr_nonnull(found);
	(void)snprintf(boundary, BOUNDARY + 1, "%s", strchr(found, '=') + 1);
	ck_assert_uint_eq(strspn(boundary, "0123456789abcdef"), BOUNDARY);
	while (*at) {
		bool here = strncmp(at, boundary, BOUNDARY) == 0;

		*to++ = here ? 'B' : *at;
		at += here ? BOUNDARY : 1;
	}
	*to = '\0';
}

#define FIELDS                                                                                     \
	"--B\r\nContent-Disposition: form-data; name=\"action\"\r\n\r\ninstall\r\n"                \
	"--B\r\nContent-Disposition: form-data; name=\"transaction\"\r\n\r\nall-snaps\r\n"
#define FILE_OF(name, data)                                                                        \
	"--B\r\nContent-Disposition: form-data; name=\"snap\"; filename=\"" name                   \
	"\"\r\nContent-Type: application/octet-stream\r\n\r\n" data "\r\n"

START_TEST(a_form_has_all_files_and_nothing_else)
{
	static const char *const forms[] = {
		FIELDS FILE_OF("microsample_3.snap", "012") "--B--\r\n",
		FIELDS FILE_OF("microsample_3.snap", "012")
			FILE_OF("core22_1.snap", "abcdefghij") "--B--\r\n",
	};
	struct snapd_file files[] = { { "microsample_3.snap", fd, 0, 3 },
		{ "core22_1.snap", fd, 10, 10 } };
	char form[8192], boundary[BOUNDARY + 1], length[64], before[BOUNDARY + 1];
	size_t count = (size_t)_i + 1;

	canned_answer(canned, 202, ACCEPTED);
	ck_assert_msg(sideload(files, count) == 0, "%s", err.text);
	ck_assert_uint_eq(canned_requests(canned), 1);
	ck_assert_ptr_eq(strstr(canned_request(canned), "POST /v2/snaps HTTP/1.1\r\n"),
		canned_request(canned));
	read_form(form, boundary);
	ck_assert_str_eq(form, forms[_i]);
	ck_assert_ptr_null(strstr(form, "dangerous"));
	ck_assert_ptr_null(strstr(form, "channel"));
	(void)snprintf(length, sizeof length, "\r\nContent-Length: %zu\r\n", strlen(body()));
	ck_assert_ptr_nonnull(strstr(canned_request(canned), length));
	ck_assert_int_eq(answer.verdict, SNAPD_ACCEPTED);
	ck_assert_int_eq(answer.change, 73);
	/* Nobody can know it before. */
	memcpy(before, boundary, sizeof before);
	ck_assert_int_eq(sideload(files, count), 0);
	read_form(form, boundary);
	ck_assert_str_ne(boundary, before);
}
END_TEST

START_TEST(what_is_no_file_is_not_sent)
{
	const struct snapd_file bad[] = { { "", fd, 0, 3 }, { "a/b", fd, 0, 3 },
		{ "a\"; name=\"dangerous", fd, 0, 3 }, { "a\r\nb", fd, 0, 3 }, { "a b", fd, 0, 3 },
		{ "x.snap", -1, 0, 3 }, { "x.snap", fd, -1, 3 }, { "x.snap", fd, 0, 0 },
		{ "x.snap", fd, 0, -1 } };
	struct snapd_file files[SNAPD_FILES_MAX + 1];

	canned_answer(canned, 202, ACCEPTED);
	for (int i = 0; i < COUNT(bad); i++) {
		struct snapd_file two[] = { { "good.snap", fd, 0, 3 }, bad[i] };

		ck_assert_int_eq(sideload(two, 2), -1);
		ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
		ck_assert_int_eq(snapd_assert(snapd, &bad[i], 5000, &answer, &err), -1);
		ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
	}
	for (int i = 0; i < COUNT(files); i++)
		files[i] = (struct snapd_file){ "x.snap", fd, 0, 3 };
	ck_assert_int_eq(sideload(files, 0), -1);
	ck_assert_int_eq(sideload(files, SNAPD_FILES_MAX + 1), -1);
	ck_assert_uint_eq(canned_requests(canned), 0);
	ck_assert_int_eq(answer.change, 12345);
	ck_assert_int_eq(sideload(files, SNAPD_FILES_MAX), 0);
}
END_TEST

/* A file that has become shorter since it was looked at: the form never ends, so nothing is done. */
START_TEST(a_file_that_ends_early_is_no_success)
{
	canned_answer(canned, 202, ACCEPTED);
	ck_assert_int_eq(
		sideload(&(struct snapd_file){ "x.snap", fd, 0, strlen(CONTENT) + 1 }, 1), -1);
	ck_assert_int_eq(err.kind, ERROR_CUT);
	ck_assert_ptr_nonnull(strstr(err.text, "cannot be read"));
	ck_assert_int_eq(assert_part(0, strlen(CONTENT) + 1), -1);
	ck_assert_int_eq(err.kind, ERROR_CUT);
	ck_assert_int_eq(answer.change, 12345);
}
END_TEST

static const struct {
	int status;
	const char *body;
	enum snapd_verdict verdict;
	const char *message;
} refusals[] = {
	{ 400,
		ERROR("400",
			"cannot find signatures with metadata for snap/component \\\"x.snap\\\""),
		SNAPD_TROUBLE,
		"cannot find signatures with metadata for snap/component \"x.snap\"" },
	{ 500, ERROR("500", "supported architectures (arm64) are incompatible with this system"),
		SNAPD_DEGRADED,
		"supported architectures (arm64) are incompatible with this system" },
	{ 409,
		"{'type':'error','status-code':409,'result':{'message':'x','kind':"
		"'snap-change-conflict','value':{'change-kind':'remove-snap'}}}",
		SNAPD_CONFLICT, "x" },
	{ 403, ERROR("403", "access denied"), SNAPD_DENIED, "access denied" },
	{ 507, ERROR("507", "disk"), SNAPD_DISK_FULL, "disk" },
	{ 413, "too large", SNAPD_TROUBLE, "HTTP status 413" },
};

START_TEST(a_refusal_is_read)
{
	canned_answer(canned, refusals[_i].status, refusals[_i].body);
	for (int i = 0; i < 2; i++) {
		ck_assert_msg((i ? assert_part(0, 3) : sideload_one()) == 0, "%s", err.text);
		ck_assert_int_eq(answer.verdict, refusals[_i].verdict);
		ck_assert_int_eq(answer.status, refusals[_i].status);
		ck_assert_str_eq(answer.message, refusals[_i].message);
	}
}
END_TEST

START_TEST(any_other_answer_leaves_it_unknown)
{
	static const struct {
		int status;
		const char *body;
	} answers[] = { { 200, "nonsense" }, { 202, DONE }, { 200, "" },
		{ 202, "{'type':'async','status-code':202,'result':null}" },
		{ 204, "{'type':'sync','status-code':204,'result':null}" } };

	canned_answer(canned, answers[_i].status, answers[_i].body);
	ck_assert_int_eq(sideload_one(), -1);
	ck_assert_int_ne(err.kind, ERROR_UNREACHABLE);
	ck_assert_int_eq(assert_part(0, 3), -1);
	ck_assert_int_ne(err.kind, ERROR_UNREACHABLE);
	ck_assert_int_eq(answer.change, 12345);
}
END_TEST

START_TEST(where_nothing_listens_nothing_was_sent)
{
	snapd_close(snapd);
	snapd = snapd_open("/nowhere/snapd.socket");
	ck_assert_int_eq(sideload_one(), -1);
	ck_assert_int_eq(err.kind, ERROR_UNREACHABLE);
}
END_TEST

START_TEST(silence_is_no_answer)
{
	canned_bytes(canned, CANNED_HANG, "", 0);
	ck_assert_int_eq(snapd_sideload(snapd, &(struct snapd_file){ "x.snap", fd, 0, 3 }, 1, 150,
				 &answer, &err),
		-1);
	ck_assert_int_eq(err.kind, ERROR_UNANSWERED);
}
END_TEST

/* Takes all of a request at PATH, and answers with how many bytes its body had as the change. */
static _Noreturn void swallow(int listener)
{
	static char block[1 << 20];
	int peer = accept(listener, NULL, NULL);
	long long came = 0, wanted = -1;
	ssize_t got;

	while ((got = recv(peer, block, sizeof block, 0)) > 0) {
		came += got;
		if (wanted < 0) {
			block[got < EDGES ? got : EDGES] = '\0';
			wanted = atoll(strstr(block, "Content-Length: ") + 16);
			came -= strstr(block, "\r\n\r\n") + 4 - block;
		}
		if (came >= wanted)
			break;
	}
	(void)dprintf(peer,
		"HTTP/1.1 202 Accepted\r\nConnection: close\r\n\r\n"
		"{\"type\":\"async\",\"status-code\":202,\"result\":null,\"change\":\"%lld\"}",
		came);
	_exit(0);
}

static long address_space(void)
{
	CLEANUP(cleanup_close) int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	char text[EDGES] = "";

	ck_assert_int_gt(read(file, text, sizeof text - 1), 0);
	return atol(strstr(text, "VmPeak:") + 7);
}

START_TEST(two_gigabytes_take_no_memory)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct snapd_file file = { "x.snap", fd, 0, INT64_C(2) << 30 };
	long before;
	pid_t child;

	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s.2", canned_path(canned));
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(ftruncate(fd, file.size), 0);
	child = fork();
	if (child == 0)
		swallow(listener);
	(void)close(listener);
	snapd_close(snapd);
	snapd = snapd_open(address.sun_path);
	before = address_space();
	ck_assert_msg(snapd_sideload(snapd, &file, 1, 60000, &answer, &err) == 0, "%s", err.text);
	ck_assert_int_gt(answer.change, file.size);
	ck_assert_int_lt(answer.change, file.size + 1024);
	ck_assert_int_lt(address_space() - before, GROWTH);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	(void)unlink(address.sun_path);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapd_sideload");
	TCase *tests = tcase_create("all"), *slow = tcase_create("slow");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, assertions_are_sent_as_they_are);
	tcase_add_loop_test(tests, a_form_has_all_files_and_nothing_else, 0, 2);
	tcase_add_test(tests, what_is_no_file_is_not_sent);
	tcase_add_test(tests, a_file_that_ends_early_is_no_success);
	tcase_add_loop_test(tests, a_refusal_is_read, 0, COUNT(refusals));
	tcase_add_loop_test(tests, any_other_answer_leaves_it_unknown, 0, 5);
	tcase_add_test(tests, where_nothing_listens_nothing_was_sent);
	tcase_add_test(tests, silence_is_no_answer);
	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(slow, set_up, tear_down);
	tcase_set_timeout(slow, 60);
	tcase_add_test(slow, two_gigabytes_take_no_memory);
	suite_add_tcase(suite, slow);
	return run_suite(suite);
}
