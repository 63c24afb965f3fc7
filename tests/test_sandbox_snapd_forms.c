/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in snapd and the transport of forms: whole and cut ones, with all the faults that other
 * requests may have, and such that come while the body is on its way.
 */
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox/snap_files.h"
#include "tests/sandbox_snapd_kit.h"
#include "tests/suite.h"

#define FORM "action=install snap-path=a.snap snap=@microsample_3.snap"
#define SIZE "3000000"

static char files[64];

static void make_files(void)
{
	(void)strcpy(files, "/tmp/formsXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(files));
	snap_file_make(files, "{'revision':'3','size':'" SIZE "'}");
}

static void drop_files(void)
{
	CLEANUP(cleanup_free) char *command = alloc_textf("rm -r %s", files);

	ck_assert_int_eq(system(command), 0); /* NOLINT(cert-env33-c): a folder of our own */
}

static void acknowledge(void)
{
	(void)kit_acknowledge(files, "microsample_3.assert", 200);
}

static long status_of_form(void)
{
	long status;

	cJSON_Delete(snapd_proc_send(&kit, files, FORM, &status));
	return status;
}

/* All that comes back for BODY, cut at SENT bytes, of a form with the boundary X. */
static void exchange(const char *body, size_t sent, struct buf *ret)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	CLEANUP(cleanup_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CLEANUP(cleanup_free)
	char *head = alloc_textf("POST /v2/snaps HTTP/1.1\r\nHost: localhost\r\nConnection: "
				 "close\r\nContent-Type: multipart/form-data; boundary=X\r\n"
				 "Content-Length: %zu\r\n\r\n",
		strlen(body));
	char part[4096];
	ssize_t size;

	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", kit.socket);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	ck_assert_int_eq(write(fd, head, strlen(head)), (ssize_t)strlen(head));
	if (sent > 0)
		ck_assert_int_eq(write(fd, body, sent), (ssize_t)sent);
	if (sent < strlen(body))
		ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	buf_init(ret, sizeof part);
	while ((size = read(fd, part, sizeof part)) > 0)
		ck_assert_int_eq(buf_add(ret, part, (size_t)size), 0);
}

#define FILE_PART "Content-Disposition: form-data; name=\"snap\"; filename=\"../a/b.snap\"\r\n\r\n"

START_TEST(forms_are_read_as_they_are_written)
{
	static const struct {
		const char *body, *answer;
	} rows[] = {
		{ "--X\r\n" FILE_PART "text\r\n--X--\r\n", "snap/component \\\"b.snap\\\"" },
		{ "--X\r\n" FILE_PART "\r\n--X--", "snap/component \\\"b.snap\\\"" },
		{ "--X\r\n" FILE_PART "\r\n--\r\n--Y\r\n--\r\n--X--\r\nepilogue",
			"snap/component \\\"b.snap\\\"" },
		{ "preamble\r\n--X\r\n" FILE_PART "\r\n--X\r\nContent-Disposition: form-data; "
		  "name=\"snap-path\"\r\n\r\nc.snap\r\n--X--\r\n",
			"snap/component \\\"c.snap\\\"" },
		{ "--X--\r\n", "cannot find \\\"snap\\\" file field" },
		{ "", "cannot read POST form" },
		{ "--X\r\n" FILE_PART "text", "cannot read POST form" },
		{ "--X\r\n" FILE_PART "text\r\n--X", "cannot read POST form" },
		{ "--X\r\nContent-Disposition: form-data\r\n\r\ntext\r\n--X--\r\n",
			"cannot read POST form" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CLEANUP(buf_done) struct buf answer;

		exchange(rows[i].body, strlen(rows[i].body), &answer);
		ck_assert_msg(strstr(buf_text(&answer), rows[i].answer) != NULL, "%zu: %s", i,
			buf_text(&answer));
	}
}
END_TEST

/* Wherever it is cut, nobody answers and nothing is done. */
START_TEST(cut_form_is_not_acted_on)
{
	const char *body = "--X\r\n" FILE_PART "text\r\n--X--\r\n";

	for (size_t sent = 0; sent < strlen(body); sent++) {
		CLEANUP(buf_done) struct buf answer;

		exchange(body, sent, &answer);
		ck_assert_uint_eq(answer.len, 0);
	}
	ck_assert_int_eq(kit_counter("changes-made"), 0);
}
END_TEST

START_TEST(values_have_a_limit)
{
	CLEANUP(cleanup_free) char *value = calloc(1, (1 << 20) + 2);
	CLEANUP(cleanup_free) char *form = NULL;

	memset(value, 'x', (1 << 20) + 1);
	form = alloc_textf("snap-path=%s", value);
	ck_assert_str_eq(
		kit_send(files, form, 400, ""), "cannot read form data: exceeds memory limit");
}
END_TEST

START_TEST(form_has_the_faults_of_any_request)
{
	acknowledge();
	kit_do("{'do':'fault','path':'/v2/snaps','mode':'drop-unacted'}");
	ck_assert_int_eq(status_of_form(), -CURLE_GOT_NOTHING);
	ck_assert_int_eq(kit_counter("changes-made"), 0);
	kit_do("{'do':'fault','path':'/v2/snaps','mode':'drop-acted'}");
	ck_assert_int_eq(status_of_form(), -CURLE_GOT_NOTHING);
	ck_assert_int_eq(kit_counter("changes-made"), 1);
	ck_assert_int_eq(status_of_form(), 409);
	kit_do("{'do':'finish'}");
	kit_do("{'do':'fault','path':'/v2/snaps','mode':'status','status':507,'kind':'full'}");
	ck_assert_str_eq(kit_send(files, FORM, 507, "full"), "injected");
	kit_do("{'do':'fault','path':'/v2/snaps','mode':'act-late','ms':0}");
	ck_assert_int_eq(status_of_form(), -CURLE_GOT_NOTHING);
	ck_assert_int_eq(kit_counter("changes-made"), 2);
}
END_TEST

START_TEST(assertions_have_the_faults_of_any_request)
{
	kit_do("{'do':'fault','path':'/v2/assertions','mode':'drop-unacted'}");
	(void)kit_acknowledge(files, "microsample_3.assert", -CURLE_GOT_NOTHING);
	ck_assert_int_eq(status_of_form(), 400);
	kit_do("{'do':'fault','path':'/v2/assertions','mode':'drop-acted'}");
	(void)kit_acknowledge(files, "microsample_3.assert", -CURLE_GOT_NOTHING);
	ck_assert_int_eq(status_of_form(), 202);
}
END_TEST

/* No answer, or one, before all was sent. */
START_TEST(fault_may_come_in_the_middle)
{
	acknowledge();
	kit_do("{'do':'fault','path':'/v2/snaps','mode':'drop-unacted','after':1000000}");
	ck_assert_int_lt(status_of_form(), 0);
	kit_do("{'do':'fault','path':'/v2/snaps','mode':'drop-unacted','after':0}");
	ck_assert_int_lt(status_of_form(), 0);
	ck_assert_int_eq(kit_counter("changes-made"), 0);
	kit_do("{'do':'fault','path':'/v2/snaps','mode':'status','status':507,'after':1000000}");
	ck_assert_int_eq(status_of_form(), 507);
	ck_assert_int_eq(kit_counter("changes-made"), 0);
	kit_do("{'do':'fault','path':'/v2/snaps','mode':'delay','ms':300,'after':1000000}");
	ck_assert_int_eq(status_of_form(), 202);
	ck_assert_int_eq(kit_counter("changes-made"), 1);
}
END_TEST

START_TEST(fault_behind_the_end_does_not_come)
{
	acknowledge();
	kit_do("{'do':'fault','path':'/v2/snaps','mode':'drop-unacted','after':1000000000}");
	ck_assert_int_eq(status_of_form(), 202);
}
END_TEST

static int killed(const char *key, const char *value)
{
	pid_t client;
	int status;

	kit_do("{'do':'reset'}");
	acknowledge();
	kit_do("{'do':'fault','path':'/v2/snaps','mode':'kill-client','%s':%s}", key, value);
	client = fork();
	if (client == 0) {
		(void)status_of_form();
		(void)poll(NULL, 0, 2000);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(client, &status, 0), client);
	ck_assert(WIFSIGNALED(status));
	return kit_counter("changes-made");
}

START_TEST(client_can_be_killed_at_four_moments)
{
	ck_assert_int_eq(killed("after", "1000000"), 0);
	ck_assert_int_eq(killed("when", "\"before\""), 0);
	ck_assert_int_eq(killed("when", "\"acted\""), 1);
	ck_assert_int_eq(killed("when", "\"answered\""), 1);
}
END_TEST

START_TEST(forms_are_remembered)
{
	cJSON *answer, *request, *form, *file;

	(void)kit_send(files, FORM, 400, "");
	answer = snapd_proc_ctl(&kit, "{'do':'requests'}");
	request = cJSON_GetArrayItem(cJSON_GetObjectItem(answer, "requests"), 0);
	form = cJSON_GetObjectItem(request, "form");
	file = cJSON_GetArrayItem(cJSON_GetObjectItem(form, "snap"), 0);
	ck_assert_str_eq(cJSON_GetObjectItem(form, "action")->valuestring, "install");
	ck_assert_str_eq(cJSON_GetObjectItem(file, "name")->valuestring, "microsample_3.snap");
	ck_assert_int_eq(cJSON_GetObjectItem(file, "size")->valueint, atoi(SIZE));
	cJSON_Delete(answer);
}
END_TEST

/* The most memory that the server ever had, in KiB. */
static long peak(void)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("/proc/%d/status", (int)kit.pid);
	FILE *file = fopen(path, "r");
	char line[256];
	long ret = 0;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof line, file))
		if (strncmp(line, "VmHWM:", 6) == 0)
			ret = strtol(line + 6, NULL, 10);
	(void)fclose(file);
	ck_assert_int_gt(ret, 0);
	return ret;
}

START_TEST(big_file_needs_no_memory)
{
	long before = peak();

	snap_file_make(files, "{'revision':'9','size':'400000000'}");
	(void)kit_acknowledge(files, "microsample_9.assert", 200);
	(void)kit_send(files, "action=install snap=@microsample_9.snap", 202, "");
	ck_assert_int_lt(peak() - before, 20000);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox_snapd_forms");
	TCase *tcase = kit_case("forms");

	tcase_add_unchecked_fixture(tcase, make_files, drop_files);
	tcase_add_test(tcase, forms_are_read_as_they_are_written);
	tcase_add_test(tcase, cut_form_is_not_acted_on);
	tcase_add_test(tcase, values_have_a_limit);
	tcase_add_test(tcase, form_has_the_faults_of_any_request);
	tcase_add_test(tcase, assertions_have_the_faults_of_any_request);
	tcase_add_test(tcase, fault_may_come_in_the_middle);
	tcase_add_test(tcase, fault_behind_the_end_does_not_come);
	tcase_add_test(tcase, client_can_be_killed_at_four_moments);
	tcase_add_test(tcase, forms_are_remembered);
	tcase_add_test(tcase, big_file_needs_no_memory);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
