/* SPDX-License-Identifier: Apache-2.0 */
/* What the service of the stand-in snapd's snap answers at its port, and when nobody listens there. */
#include <check.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sandbox/clock.h"
#include "tests/sandbox/snapd_port.h"
#include "tests/sandbox_snapd_kit.h"
#include "tests/suite.h"

enum {
	LIMIT_MS = 700,       /* more than the slow answer takes */
	ENOUGH = 1024 * 1024, /* bytes of a body that has no end */
};

#define NOBODY (-CURLE_COULDNT_CONNECT)

static char clock_file[96], state_file[96];
static struct sandbox_clock *timer;

static void set_up(void)
{
	const char *const options[] = { "--clock", clock_file, "--state", state_file, "--manual",
		"--task-ms", "0", NULL };

	(void)strcpy(kit_dir, "/tmp/snapdXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(kit_dir));
	(void)snprintf(clock_file, sizeof clock_file, "%s.clock", kit_dir);
	(void)snprintf(state_file, sizeof state_file, "%s.state", kit_dir);
	timer = sandbox_clock_open(clock_file, NULL);
	snapd_proc_start(&kit, kit_dir, options);
}

static void tear_down(void)
{
	snapd_proc_stop(&kit);
	sandbox_clock_close(timer);
	(void)unlink(clock_file);
	(void)unlink(state_file);
	ck_assert_int_eq(rmdir(kit_dir), 0); /* nothing of it is left */
}

static size_t count(char *data, size_t size, size_t times, void *total)
{
	size_t *sum = total;

	(void)data;
	*sum += size * times;
	return *sum > ENOUGH ? 0 : size * times;
}

/* The HTTP status of a GET of PATH, or -CURLcode; what came of a body. */
static int get(const char *path, size_t *ret_bytes)
{
	CURL *curl = curl_easy_init();
	size_t bytes = 0;
	char url[128];
	long status;
	CURLcode code;

	(void)snprintf(url, sizeof url, "http://127.0.0.1:%d%s", snapd_port(kit_dir), path);
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)LIMIT_MS);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, count);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &bytes);
	code = curl_easy_perform(curl);
	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	if (ret_bytes)
		*ret_bytes = bytes;
	return code == CURLE_OK ? (int)status : -(int)code;
}

static void carry_out(const char *target, const char *body)
{
	(void)kit_ask("POST", target, body, 202, "");
	kit_do("{'do':'finish'}");
}

static void refresh(const char *channel)
{
	char body[128];

	(void)snprintf(body, sizeof body, "{'action':'refresh','channel':'%s'}", channel);
	carry_out(KIT_SNAP, body);
}

START_TEST(it_answers_while_the_service_runs)
{
	ck_assert_int_eq(get("/", NULL), NOBODY);
	kit_install("edge");
	ck_assert_int_eq(get("/", NULL), 200);
	ck_assert_int_eq(get("/any/path?at=all", NULL), 200);
	carry_out("/v2/apps", "{'action':'stop','names':['microsample']}");
	ck_assert_int_eq(get("/", NULL), NOBODY);
	carry_out("/v2/apps", "{'action':'start','names':['microsample']}");
	ck_assert_int_eq(get("/", NULL), 200);
	carry_out(KIT_SNAP, "{'action':'disable'}");
	ck_assert_int_eq(get("/", NULL), NOBODY);
	carry_out(KIT_SNAP, "{'action':'enable'}");
	ck_assert_int_eq(get("/", NULL), 200);
	kit_do("{'do':'die','stays-dead':true}");
	ck_assert_int_eq(get("/", NULL), NOBODY);
	carry_out("/v2/apps", "{'action':'restart','names':['microsample']}");
	ck_assert_int_eq(get("/", NULL), 200);
	carry_out(KIT_SNAP, "{'action':'remove'}");
	ck_assert_int_eq(get("/", NULL), NOBODY);
}
END_TEST

START_TEST(it_answers_while_one_of_the_services_runs)
{
	kit_do("{'do':'store','set':{'channels':{'latest/edge':{'services':'web,worker'}}}}");
	kit_install("edge");
	kit_do("{'do':'die','service':'web','stays-dead':true}");
	ck_assert_int_eq(get("/", NULL), 200);
	kit_do("{'do':'die','service':'worker','stays-dead':true}");
	ck_assert_int_eq(get("/", NULL), NOBODY);
}
END_TEST

/* Between a service's end and the next request nobody could tell; a connection is not answered. */
START_TEST(death_by_the_clock_is_no_answer)
{
	kit_do("{'do':'store','set':{'channels':{'latest/edge':{'dies-ms':1000,"
	       "'stays-dead':true}}}}");
	kit_install("edge");
	ck_assert_int_eq(get("/", NULL), 200);
	sandbox_clock_advance(timer, SANDBOX_CLOCK_SECOND);
	ck_assert_int_eq(get("/", NULL), -CURLE_GOT_NOTHING);
	ck_assert_int_eq(get("/", NULL), NOBODY);
}
END_TEST

static const struct {
	const char *answer;
	int seen;
} answers[] = {
	{ "200", 200 },
	{ "204", 204 },
	{ "302", 302 },
	{ "404", 404 },
	{ "500", 500 },
	{ "999", 999 },
	{ "\"refuse\"", NOBODY },
	{ "\"hang\"", -CURLE_OPERATION_TIMEDOUT },
	{ "\"close\"", -CURLE_GOT_NOTHING },
	{ "\"garbage\"", -CURLE_UNSUPPORTED_PROTOCOL },
	{ "\"cut\"", -CURLE_PARTIAL_FILE },
	{ "\"endless\"", -CURLE_WRITE_ERROR },
	{ "\"drip\"", -CURLE_OPERATION_TIMEDOUT },
	{ "\"slow\"", 200 },
};

START_TEST(it_does_what_it_is_told)
{
	size_t bytes;

	kit_install("edge");
	kit_do("{'do':'workload','answer':%s}", answers[_i].answer);
	ck_assert_int_eq(get("/", &bytes), answers[_i].seen);
	ck_assert_int_eq(bytes > ENOUGH, answers[_i].seen == -CURLE_WRITE_ERROR);
	kit_do("{'do':'workload','answer':null}");
	ck_assert_int_eq(get("/", NULL), 200);
	kit_do("{'do':'workload','answer':%s}", answers[_i].answer);
	kit_do("{'do':'reset'}");
	kit_do("{'do':'mode','manual':true}");
	kit_install("edge");
	ck_assert_int_eq(get("/", NULL), 200);
}
END_TEST

START_TEST(head_without_end_is_not_an_answer)
{
	kit_install("edge");
	kit_do("{'do':'workload','answer':'endless-head'}");
	ck_assert_int_lt(get("/", NULL), 0);
}
END_TEST

/* Who is more particular counts, and the revision before the path. */
START_TEST(a_path_and_a_revision_answer_for_themselves)
{
	kit_install("edge"); /* 3 */
	kit_do("{'do':'workload','answer':500,'path':'/healthz'}");
	ck_assert_int_eq(get("/healthz", NULL), 500);
	ck_assert_int_eq(get("/healthz/", NULL), 200);
	ck_assert_int_eq(get("/", NULL), 200);
	kit_do("{'do':'workload','answer':404}");
	ck_assert_int_eq(get("/healthz", NULL), 500);
	ck_assert_int_eq(get("/", NULL), 404);
	kit_do("{'do':'workload','answer':201,'revision':'3'}");
	ck_assert_int_eq(get("/healthz", NULL), 201);
	kit_do("{'do':'workload','answer':202,'revision':3,'path':'/healthz'}");
	ck_assert_int_eq(get("/healthz", NULL), 202);
	ck_assert_int_eq(get("/", NULL), 201);
	refresh("beta"); /* 2 */
	ck_assert_int_eq(get("/healthz", NULL), 500);
	ck_assert_int_eq(get("/", NULL), 404);
}
END_TEST

START_TEST(bad_revision_answers_badly_until_it_is_left)
{
	static const struct {
		const char *answer;
		int seen;
	} bad[] = { { "500", 500 }, { "\"refuse\"", NOBODY }, { "\"close\"", -CURLE_GOT_NOTHING } };

	kit_install("edge");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		kit_do("{'do':'workload','answer':%s,'revision':'2'}", bad[i].answer);
		ck_assert_int_eq(get("/", NULL), 200);
		refresh("beta");
		ck_assert_int_eq(get("/", NULL), bad[i].seen);
		carry_out(KIT_SNAP, "{'action':'revert'}");
		ck_assert_int_eq(get("/", NULL), 200);
	}
}
END_TEST

/* Also while nobody listens: the port is nobody else's. */
START_TEST(port_is_the_same_after_a_restart)
{
	int port = snapd_port(kit_dir);

	kit_install("edge");
	kit_do("{'do':'workload','answer':503}");
	for (int i = 0; i < 3; i++) {
		if (i == 1)
			snapd_proc_stop(&kit);
		else
			snapd_proc_kill(&kit);
		snapd_proc_again(&kit);
		ck_assert_int_eq(snapd_port(kit_dir), port);
		ck_assert_int_eq(get("/", NULL), 503);
	}
}
END_TEST

START_TEST(it_may_belong_to_another_snap)
{
	kit_install("edge");
	kit_do("{'do':'workload','snap':'microother'}");
	ck_assert_int_eq(get("/", NULL), NOBODY);
	carry_out("/v2/snaps/microother", "{'action':'install','channel':'edge'}");
	ck_assert_int_eq(get("/", NULL), 200);
}
END_TEST

START_TEST(every_request_is_kept)
{
	const cJSON *probe;
	cJSON *told;

	kit_install("edge");
	kit_do("{'do':'workload','answer':418,'path':'/tea'}");
	kit_do("{'do':'forget'}");
	ck_assert_int_eq(get("/tea", NULL), 418);
	told = snapd_proc_ctl(&kit, "{'do':'requests'}");
	probe = cJSON_GetObjectItemCaseSensitive(told, "probes");
	ck_assert_int_eq(cJSON_GetArraySize(probe), 1);
	probe = probe->child;
	ck_assert_str_eq(cJSON_GetObjectItemCaseSensitive(probe, "method")->valuestring, "GET");
	ck_assert_str_eq(cJSON_GetObjectItemCaseSensitive(probe, "path")->valuestring, "/tea");
	ck_assert_str_eq(cJSON_GetObjectItemCaseSensitive(probe, "answer")->valuestring, "418");
	ck_assert_int_eq(cJSON_GetObjectItemCaseSensitive(told, "gets")->valueint, 0);
	cJSON_Delete(told);
	kit_do("{'do':'forget'}");
	told = snapd_proc_ctl(&kit, "{'do':'requests'}");
	ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(told, "probes")), 0);
	cJSON_Delete(told);
}
END_TEST

static const char *const slips[] = { "{\"do\":\"workload\",\"answer\":\"frob\"}",
	"{\"do\":\"workload\",\"answer\":7}", "{\"do\":\"workload\",\"answer\":true}",
	"{\"do\":\"workload\",\"answer\":\"refuse\",\"path\":\"/\"}",
	"{\"do\":\"workload\",\"anser\":500}", "{\"do\":\"die\"}",
	"{\"do\":\"die\",\"name\":\"microsample\"}" };

START_TEST(slips_are_errors)
{
	struct snapd_proc control = kit;
	long status;

	(void)strcat(control.socket, ".ctl");
	cJSON_Delete(snapd_proc_ask(&control, "POST", "/", slips[_i], &status));
	ck_assert_int_eq(status, 400);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox_snapd_workload");
	TCase *tests = tcase_create("workload");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, it_answers_while_the_service_runs);
	tcase_add_test(tests, it_answers_while_one_of_the_services_runs);
	tcase_add_test(tests, death_by_the_clock_is_no_answer);
	tcase_add_loop_test(
		tests, it_does_what_it_is_told, 0, (int)(sizeof answers / sizeof *answers));
	tcase_add_test(tests, head_without_end_is_not_an_answer);
	tcase_add_test(tests, a_path_and_a_revision_answer_for_themselves);
	tcase_add_test(tests, bad_revision_answers_badly_until_it_is_left);
	tcase_add_test(tests, port_is_the_same_after_a_restart);
	tcase_add_test(tests, it_may_belong_to_another_snap);
	tcase_add_test(tests, every_request_is_kept);
	tcase_add_loop_test(tests, slips_are_errors, 0, (int)(sizeof slips / sizeof *slips));
	tcase_set_timeout(tests, 30);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
