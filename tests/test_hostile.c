/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapd answers too much, too slowly, in pieces, in another language, or not at all. The whole
 * charm must stay within its time, say what it sees, ask for nothing twice, and be ready again as
 * soon as snapd is.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/hostile_kit.h"
#include "tests/suite.h"

static struct charm charm;

static void set_up(void)
{
	charm_open(&charm, "2.68");
	hostile_begin();
}

static void tear_down(void)
{
	charm_close(&charm);
}

/* Odd answers that are still valid. */
static const char *const harmless[] = { "'mode':'chunked'", "'mode':'extra-fields'",
	"'mode':'shuffle'", "'mode':'delay','ms':150" };

START_TEST(an_unusual_answer_is_an_answer)
{
	hostile_fault(&charm, "", harmless[_i], 0);
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	charm_config(&charm, "9.9/stable");
	charm_expect_begin(&charm, "blocked",
		"Snap Store has no channel '9.9/stable'; it has stable, candidate, beta, edge");
	ck_assert_int_eq(charm_posts(&charm), 3);
	hostile_sound(&charm);
}
END_TEST

#define RAW(status, body) "'mode':'raw','status':" #status ",'body':'" body "'"

#define AWAY "Waiting for snapd: it does not answer"
#define BARE "Waiting for snapd: it shows a snap without revision or status"
#define FOREIGN(status)                                                                            \
	"Waiting for snapd: it answers with HTTP status " #status " and not in its own format"

/* Answers that nobody can use, and what is told of them; the first four take their time. */
static const struct {
	const char *fault, *told;
} useless[] = {
	{ "'mode':'hang'", AWAY },
	{ "'mode':'drip'", AWAY },
	{ "'mode':'huge','bytes':20000000", "Waiting for snapd: it answers with too much" },
	{ "'mode':'delay','ms':3000", AWAY },
	{ "'mode':'reset'", AWAY },
	{ "'mode':'eof-mid-body'", AWAY },
	{ "'mode':'drop-unacted'", AWAY },
	{ RAW(200, ""), FOREIGN(200) },
	{ RAW(200, "OK"), FOREIGN(200) },
	{ RAW(200, "<html></html>"), FOREIGN(200) },
	{ RAW(200, "null"), FOREIGN(200) },
	{ RAW(200, "{}"), FOREIGN(200) },
	{ RAW(200, "[1,2,3"), FOREIGN(200) },
	{ RAW(200, "{\\\"type\\\":\\\"sync\\\",\\\"status-code\\\":200}"), FOREIGN(200) },
	{ RAW(200, "{\\\"type\\\":\\\"sync\\\",\\\"status-code\\\":200,\\\"result\\\":null}"),
		BARE },
	{ RAW(200, "{\\\"type\\\":\\\"sync\\\",\\\"status-code\\\":200,\\\"result\\\":5}"), BARE },
	{ RAW(200, "{\\\"type\\\":\\\"sync\\\",\\\"status-code\\\":200,\\\"result\\\":{"
		   "\\\"revision\\\":7,\\\"status\\\":[\\\"active\\\"]}}"),
		BARE },
	{ RAW(200, "{\\\"type\\\":\\\"sync\\\",\\\"status-code\\\":\\\"200\\\",\\\"result\\\":[]}"),
		FOREIGN(200) },
	{ RAW(200, "{\\\"type\\\":\\\"error\\\",\\\"status-code\\\":200,\\\"result\\\":{}}"),
		FOREIGN(200) },
	{ RAW(202, "{\\\"type\\\":\\\"async\\\",\\\"status-code\\\":202,\\\"result\\\":null}"),
		"Waiting for snapd: it answered with HTTP status 202" },
	{ RAW(301, ""), FOREIGN(301) },
	{ RAW(404, "404 page not found"), FOREIGN(404) },
	{ RAW(500, "<html></html>"), FOREIGN(500) },
	{ RAW(503, "Service Unavailable"), FOREIGN(503) },
	{ "'mode':'status','status':500,'kind':'internal-error','message':'no'",
		"Waiting for snapd: it answered with HTTP status 500: no" },
	{ "'mode':'status','status':400,'kind':'some-new-kind','message':'\\u001b[31m'",
		"Waiting for snapd: it answered with HTTP status 400: [31m" },
	{ "'mode':'status','status':404,'kind':'','message':''",
		"Waiting for snapd: it answered with HTTP status 404" },
	{ "'mode':'status','status':401,'kind':'login-required','message':'access denied'",
		"Waiting for snapd: it answered with HTTP status 401: access denied" },
};

START_TEST(a_look_that_fails_is_waited_out)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	/* Within one second it looks four times. */
	hostile_env(&charm, "MICROSAMPLE_HOOK_BUDGET=1");
	hostile_fault(&charm, "GET", useless[_i].fault, 4);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "waiting", useless[_i].told);
	ck_assert_int_eq(hostile_complaints(&charm), 0);
	ck_assert_int_eq(charm_requests(&charm), 4);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert_int_eq(charm_changes(&charm), 1);
	hostile_sound(&charm);
	ck_assert_int_lt(hostile_elapsed(), 40000);
}
END_TEST

START_TEST(a_look_that_fails_once_is_repeated_at_once)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	hostile_env(&charm, "MICROSAMPLE_HOOK_BUDGET=2");
	hostile_fault(&charm, "GET", useless[_i].fault, 1);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(hostile_complaints(&charm), 0);
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

/* Faults while the charm follows its own change. */
START_TEST(a_change_is_followed_through_bad_answers)
{
	char *more = alloc_textf("'skip':6,%s", useless[_i].fault);

	charm_ctl(&charm, "{\"do\":\"mode\",\"task-ms\":2000}");
	hostile_fault(&charm, "GET", more, 3);
	free(more);
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	hostile_settle(&charm, "edge");
	ck_assert_int_eq(charm_changes(&charm), 1);
	ck_assert_int_eq(charm_changes_done(&charm), 1);
	hostile_sound(&charm);
}
END_TEST

/* What happens to the one request; ACTED: snapd carries it out all the same. */
static const struct {
	const char *more;
	bool acted;
} answers[] = {
	{ "'mode':'drop-acted'", true },
	{ "'mode':'drop-unacted'", false },
	{ "'mode':'act-late','ms':1000", true },
	{ "'mode':'act-late','ms':40000", true },
	{ "'mode':'reset'", true },
	{ "'mode':'eof-mid-body'", true },
	{ "'mode':'huge','bytes':20000000", true },
	{ "'mode':'delay','ms':1500", true },
	{ RAW(200, ""), false },
	{ RAW(200, "{}"), false },
	{ RAW(202, "accepted"), false },
	{ RAW(202, "{\\\"type\\\":\\\"async\\\",\\\"status-code\\\":202,\\\"result\\\":null}"),
		false },
	{ RAW(202, "{\\\"type\\\":\\\"async\\\",\\\"status-code\\\":202,\\\"result\\\":null,"
		   "\\\"change\\\":7}"),
		false },
	{ RAW(302, ""), false },
	{ RAW(400, "400 Bad Request"), false },
	{ RAW(404, "404 page not found"), false },
	{ RAW(500, "<html></html>"), false },
	{ "'mode':'status','status':500,'kind':'internal-error','message':'no'", false },
	{ "'mode':'status','status':400,'kind':'some-new-kind','message':'\\u001b[31m'", false },
	{ "'mode':'status','status':400,'kind':'','message':''", false },
	{ "'mode':'status','status':409,'kind':'snap-change-conflict','message':'x',"
	  "'value':{'change-kind':5}",
		false },
	{ "'mode':'status','status':404,'kind':'snap-channel-not-available','message':'x',"
	  "'value':{'releases':{'a':[null]}}",
		false },
};

/* The seconds between the first two POSTs that snapd got; 0 when there was one. */
static double between_posts(void)
{
	cJSON *answer = snapd_proc_ctl(&charm.snapd, "{'do':'requests'}");
	const cJSON *request;
	double first = 0, second = 0;

	cJSON_ArrayForEach(request, cJSON_GetObjectItem(answer, "requests"))
	{
		double at = cJSON_GetNumberValue(cJSON_GetObjectItem(request, "time"));

		if (strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(request, "method")), "POST") !=
			0)
			continue;
		if (first == 0)
			first = at;
		else if (second == 0)
			second = at;
	}
	cJSON_Delete(answer);
	return second == 0 ? 0 : (second - first) / 1000;
}

START_TEST(a_request_is_never_made_twice)
{
	double pause;

	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	hostile_fault(&charm, "POST", answers[_i].more, 1);
	charm_config(&charm, "beta");
	ck_assert_int_eq(hostile_complaints(&charm), 0);
	if (answers[_i].acted) {
		charm_expect(&charm, "active", "Ready at 'beta'");
		ck_assert_int_eq(charm_posts(&charm), 1);
	}
	for (int ticks = 0; ticks < 30 && charm_changes_done(&charm) < 2; ticks++) {
		charm_pass(&charm, 300);
		ck_assert_int_eq(charm_tick(&charm), 0);
	}
	pause = between_posts();
	ck_assert(answers[_i].acted ? pause == 0 : pause >= 90);
	hostile_settle(&charm, "beta");
	ck_assert_int_eq(charm_changes(&charm), 2);
	ck_assert_int_eq(charm_changes_done(&charm), 2);
	hostile_sound(&charm);
	ck_assert_int_lt(hostile_elapsed(), 40000);
}
END_TEST

static const char *const stuck[] = { "'mode':'hang'", "'mode':'drip'" };

START_TEST(a_request_that_is_not_answered_is_left_with_true_words)
{
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_forget(&charm);
	hostile_env(&charm, "MICROSAMPLE_HOOK_BUDGET=5");
	hostile_fault(&charm, "POST", stuck[_i], 1);
	hostile_begin();
	charm_config(&charm, "beta");
	ck_assert_int_ge(hostile_elapsed(), 4000);
	ck_assert_int_lt(hostile_elapsed(), 30000);
	ck_assert_int_eq(hostile_complaints(&charm), 0);
	if (_i == 0) {
		charm_expect(&charm, "waiting", "No answer from snapd; asking it again");
		charm_expect_sql(&charm, "select reason from record", "unanswered");
	} else { /* snapd is at it, only its answer does not end */
		charm_expect(&charm, "active", "Ready at 'beta'");
	}
	hostile_settle(&charm, "beta");
	ck_assert_int_eq(charm_changes_done(&charm), 2);
	hostile_sound(&charm);
}
END_TEST

static bool is_asking(void)
{
	char *phase = charm_sql(&charm, "select intent_phase from record");
	bool asking = strcmp(phase, "asked") == 0;

	free(phase);
	return asking;
}

START_TEST(a_snapd_that_is_killed_in_mid_request_is_waited_for)
{
	const char *options[] = { "--like", "2.68", "--clock", charm.clock_path, "--state", NULL,
		NULL };
	char *state = alloc_textf("%s/snapd.json", charm.dir);
	pid_t hook;

	options[5] = state;
	snapd_proc_stop(&charm.snapd);
	snapd_proc_start(&charm.snapd, charm.dir, options);
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "config-get", "text",
				 "{\"channel\":\"beta\"}", "--times", "99"),
		0);
	hostile_fault(&charm, "POST", stuck[_i], 1);
	hook = juju_start(&charm.juju, "hook", UNIT, "config-changed");
	while (!is_asking())
		(void)usleep(50000);
	(void)usleep(1500000);
	charm_ctl(&charm, "{\"do\":\"mode\"}"); /* writes the state: the fault has come */
	snapd_proc_kill(&charm.snapd);
	snapd_proc_again(&charm.snapd);
	ck_assert_int_eq(juju_wait(hook), 0);
	hostile_settle(&charm, "beta");
	ck_assert_int_eq(charm_changes_done(&charm), 2);
	hostile_sound(&charm);
	free(state);
	ck_assert_int_lt(hostile_elapsed(), 40000);
}
END_TEST

static const struct {
	const char *how, *told;
} absences[] = {
	{ "refused", "Waiting for snapd: nothing listens on its socket" },
	{ "missing", "Waiting for snapd: its socket is not there" },
};

START_TEST(without_snapd_a_new_unit_waits)
{
	charm_ctl(&charm, "{\"do\":\"away\",\"how\":\"%s\"}", absences[_i].how);
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect(&charm, "waiting", absences[_i].told);
	ck_assert_int_eq(hostile_complaints(&charm), 0);
	charm_ctl(&charm, "{\"do\":\"back\"}");
	hostile_settle(&charm, "edge");
	ck_assert_int_eq(charm_changes(&charm), 1);
}
END_TEST

START_TEST(what_snapd_says_is_not_obeyed_by_a_terminal)
{
	int code;
	char *shown;

	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	hostile_fault(&charm, "POST",
		"'mode':'status','status':400,'kind':'x','message':"
		"'a\\u001b]0;b\\u0007\\nc\\u202ed\\u009be %s%n $(reboot)'",
		1);
	charm_config(&charm, "beta");
	charm_expect_begin(&charm, "waiting", "snapd refused: a ]0;b c???d??e %s%n $(reboot)");
	shown = charm_state(&charm, "show", &code);
	ck_assert_int_eq(code, 0);
	ck_assert_ptr_null(strchr(shown, '\x1b'));
	ck_assert_ptr_null(strchr(shown, '\x07'));
	ck_assert_ptr_null(strstr(shown, "\xe2\x80\xae"));
	ck_assert(!hostile_logged(&charm, "\x1b"));
	ck_assert(!hostile_logged(&charm, "\xe2\x80\xae"));
	free(shown);
	hostile_settle(&charm, "beta");
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("hostile");
	TCase *looks = charm_case(suite, "looks", set_up, tear_down);
	TCase *requests = charm_case(suite, "requests", set_up, tear_down);
	TCase *others = charm_case(suite, "others", set_up, tear_down);

	tcase_add_loop_test(looks, a_look_that_fails_is_waited_out, 0, COUNT(useless));
	tcase_add_loop_test(looks, a_look_that_fails_once_is_repeated_at_once, 0, COUNT(useless));
	tcase_add_loop_test(looks, a_change_is_followed_through_bad_answers, 2, COUNT(useless));
	tcase_add_loop_test(requests, a_request_is_never_made_twice, 0, COUNT(answers));
	tcase_add_loop_test(
		requests, a_request_that_is_not_answered_is_left_with_true_words, 0, COUNT(stuck));
	tcase_add_loop_test(
		requests, a_snapd_that_is_killed_in_mid_request_is_waited_for, 0, COUNT(stuck));
	tcase_add_loop_test(others, an_unusual_answer_is_an_answer, 0, COUNT(harmless));
	tcase_add_loop_test(others, without_snapd_a_new_unit_waits, 0, COUNT(absences));
	tcase_add_test(others, what_snapd_says_is_not_obeyed_by_a_terminal);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
