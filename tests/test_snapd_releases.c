/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the client reads the channels that snapd offers in place of a missing one. In the bodies '
 * means ".
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapd/snapd.h"
#include "tests/canned.h"
#include "tests/suite.h"

static struct canned *canned;
static struct snapd *snapd;
static struct snapd_answer answer;
static struct error err;

static void set_up(void)
{
	canned = canned_start();
	snapd = snapd_open(canned_path(canned));
	answer = (struct snapd_answer){ .releases = "as it was" };
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

static void ask(void)
{
	struct snapd_request request = { .action = "install", .channel = "foo/stable" };

	ck_assert_int_eq(snapd_post(snapd, "microsample", &request, 5000, &answer, &err), 0);
}

/* clang-format off */
#define OFFER(releases) "{'action':'install','architecture':'amd64','releases':[" releases "]}"
#define ON(architecture, channel) "{'architecture':'" architecture "','channel':'" channel "'}"
#define AMD(channel) ON("amd64", channel)

static const struct {
	const char *value, *releases;
} offers[] = {
	{ OFFER(AMD("2.0/stable") "," AMD("badconf/stable") "," AMD("beta") "," AMD("edge") ","
		AMD("candidate") "," AMD("stable") "," AMD("2.0/edge")),
	  "stable, candidate, beta, edge, 2.0/stable, 2.0/edge, badconf/stable" },
	{ OFFER(ON("arm64", "stable") "," AMD("edge") "," ON("s390x", "beta")), "edge" },
	{ OFFER(AMD("edge") "," AMD("latest/edge") "," AMD("edge")), "edge" },
	{ OFFER(AMD("edge/fix") "," AMD("edge") "," AMD("beta/a")), "beta/a, edge, edge/fix" },
	{ OFFER(AMD("20/edge") "," AMD("2/stable") "," AMD("2/edge") "," AMD("20/stable")),
	  "2/stable, 2/edge, 20/stable, 20/edge" },
	{ OFFER(AMD("2.0")), "2.0/stable" },
	/* the one that was asked for */
	{ OFFER(AMD("foo/stable") "," AMD("edge") "," AMD("foo/edge")), "edge, foo/edge" },
	{ OFFER(AMD("foo")), "" },
	/* not well formed */
	{ OFFER(AMD("edge;id") "," AMD("a b/edge") "," AMD("") "," AMD("\\u001b[31m/edge") ","
		AMD("beta\\n") "," AMD("2.0/foo") "," AMD("a/b/c/d") "," AMD("ä/edge") "," AMD("beta")),
	  "beta" },
	{ OFFER("null,7,[],{},'edge',{'architecture':'amd64'},{'channel':'edge'},"
		"{'architecture':['amd64'],'channel':'edge'},{'architecture':'amd64','channel':7}"), "" },
	{ OFFER(""), "" },
	{ "{'architecture':'amd64','releases':{'a':1}}", "" },
	{ "{'architecture':'amd64','releases':null}", "" },
	{ "{'releases':[" AMD("edge") "]}", "" },
	{ "''", "" }, { "'text'", "" }, { "{}", "" }, { "null", "" }, { "[]", "" }, { "7", "" },
};
/* clang-format on */

static void refuse_with(const char *value)
{
	char body[16384];

	(void)snprintf(body, sizeof body,
		"{'type':'error','status-code':404,'result':{'message':'m',"
		"'kind':'snap-channel-not-available','value':%s}}",
		value);
	reply(404, body);
	ask();
	ck_assert_int_eq(answer.verdict, SNAPD_CHANNEL_MISSING);
}

START_TEST(channels_there_are_come_in_order)
{
	refuse_with(offers[_i].value);
	ck_assert_str_eq(answer.releases, offers[_i].releases);
}
END_TEST

START_TEST(missing_value_is_no_channels)
{
	reply(404, "{'type':'error','status-code':404,'result':{"
		   "'kind':'snap-channel-not-available'}}");
	ask();
	ck_assert_str_eq(answer.releases, "");
}
END_TEST

/* Then the list is for another architecture. */
START_TEST(missing_architecture_offers_no_channels)
{
	reply(404, "{'type':'error','status-code':404,'result':{'message':'m',"
		   "'kind':'snap-architecture-not-available','value':" OFFER(AMD("edge")) "}}");
	ask();
	ck_assert_int_eq(answer.verdict, SNAPD_ARCH_MISSING);
	ck_assert_str_eq(answer.releases, "");
}
END_TEST

START_TEST(many_channels_are_cut_at_the_end_of_one)
{
	static char value[16384];
	size_t used = (size_t)sprintf(value, "{'architecture':'amd64','releases':[");
	size_t length;

	for (int i = 0; i < 300; i++)
		used += (size_t)sprintf(
			value + used, "%s" ON("amd64", "%03d/edge"), i ? "," : "", i);
	(void)sprintf(value + used, "]}");
	refuse_with(value);
	length = strlen(answer.releases);
	ck_assert_uint_lt(length, SNAPD_TEXT_SIZE);
	ck_assert_uint_gt(length, SNAPD_TEXT_SIZE - 12);
	ck_assert_str_eq(answer.releases + length - 5, "/edge");
	ck_assert_int_eq(strncmp(answer.releases, "000/edge, 001/edge, ", 20), 0);
}
END_TEST

#define COUNT(array) (int)(sizeof array / sizeof *array)

int main(void)
{
	Suite *suite = suite_create("snapd-releases");
	TCase *tests = tcase_create("channels");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, channels_there_are_come_in_order, 0, COUNT(offers));
	tcase_add_test(tests, missing_value_is_no_channels);
	tcase_add_test(tests, missing_architecture_offers_no_channels);
	tcase_add_test(tests, many_channels_are_cut_at_the_end_of_one);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
