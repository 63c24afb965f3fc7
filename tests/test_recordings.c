/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares the stand-in snapd with the real one: asks it everything that was recorded of two real
 * daemons, in the same order and in the same situations. The test prints how much it compared, what
 * it left out and why, and fails if these numbers change, so nothing can drop out unnoticed.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/recordings/match.h"
#include "tests/recordings/replay.h"
#include "tests/suite.h"

/* Of 362 and 348 recorded exchanges; a whole sequence of polls counts as one. */
static const struct {
	const char *version, *summary;
	int looks; /* at least; which of two tasks comes first is random in the real one */
} pinned[] = {
	{ "2.68.3",
		"334 exchanges replayed\n"
		"  11 left out: several snaps in one request, or one from a file\n"
		"  4 left out: a search in the store\n"
		"  1 left out: warnings\n"
		"  6 left out: notices\n"
		"  1 left out: snapshots\n"
		"  5 left out: a change that came from a request that is left out\n"
		"20 changes between the exchanges, made and compared too\n"
		"401 changes compared in lists\n"
		"  11 left out with the requests that made them\n",
		800 },
	{ "2.77.1",
		"322 exchanges replayed\n"
		"  11 left out: several snaps in one request, or one from a file\n"
		"  4 left out: a search in the store\n"
		"  1 left out: warnings\n"
		"  4 left out: notices\n"
		"  1 left out: snapshots\n"
		"  5 left out: a change that came from a request that is left out\n"
		"21 changes between the exchanges, made and compared too\n"
		"402 changes compared in lists\n"
		"  11 left out with the requests that made them\n",
		940 },
};

static void summarize(const struct replay *replay, struct buf *ret)
{
	const cJSON *reason;

	(void)buf_addf(ret, "%d exchanges replayed\n", replay->replayed);
	cJSON_ArrayForEach(reason, replay->left)
	{
		(void)buf_addf(ret, "  %d left out: %s\n", reason->valueint, reason->string);
	}
	(void)buf_addf(
		ret, "%d changes between the exchanges, made and compared too\n", replay->unseen);
	(void)buf_addf(ret, "%d changes compared in lists\n", replay->listed);
	(void)buf_addf(ret, "  %d left out with the requests that made them\n", replay->unlisted);
}

START_TEST(answers_are_those_of_the_recorded_daemons)
{
	struct replay replay = { 0 };
	const char *top = getenv("top_srcdir");
	char folder[] = "/tmp/recordings-XXXXXX";
	char path[4096];
	struct buf summary;

	buf_init(&summary, sizeof path);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof path, "%s/tests/recordings/%s.json", top ? top : ".",
		pinned[_i].version);
	replay_run(&replay, path, folder);
	ck_assert_int_eq(rmdir(folder), 0);
	summarize(&replay, &summary);
	(void)printf("snapd %s: %s%d distinct looks of changes on their way, %d shown task by "
		     "task\n%s",
		replay.version, buf_text(&summary), replay.looks_recorded, replay.looks_shown,
		buf_text(&replay.report));
	(void)fflush(stdout);
	ck_assert_int_eq(replay.failed, 0);
	ck_assert_str_eq(buf_text(&summary), pinned[_i].summary);
	ck_assert_int_ge(replay.looks_shown, pinned[_i].looks);
	ck_assert_int_eq(replay.scenes, scene_count(pinned[_i].version));
	replay_done(&replay);
	buf_done(&summary);
}
END_TEST

/* clang-format off */
static const struct {
	const char *recorded, *seen;
	bool same;
} pairs[] = {
	{ "{'a':1,'b':[true,null]}", "{'b':[true,null],'a':1}", true },
	{ "{'a':1}",            "{'a':2}",                      false },
	{ "{'a':1}",            "{'a':'1'}",                    false },
	{ "{'a':1}",            "{'a':1,'b':null}",             false },
	{ "{'a':1,'b':null}",   "{'a':1}",                      false },
	{ "[1,2]",              "[2,1]",                        false },
	{ "[1,2]",              "[1,2,3]",                      false },
	{ "[1,2]",              "[1]",                          false },
	{ "true",               "false",                        false },
	{ "'<aborted>'",        "'<aborted>'",                  true },
	{ "'<aborted>'",        "'aborted'",                    false },
	{ "'<time>'",           "'2026-11-23T01:58:40.4585Z'",  true },
	{ "'<time>'",           "'2026-11-23 01:58:40'",        false },
	{ "'<time> ERROR (x)'", "'2026-11-23T01:58:40Z ERROR (x)'", true },
	{ "'<time> ERROR (x)'", "'2026-11-23T01:58:40Z ERROR x'",   false },
	{ "'<id>'",             "'12'",                         true },
	{ "'<id>'",             "'x1'",                         false },
	{ "'<id>'",             "12",                           false },
	{ "'<number>'",         "12",                           true },
	{ "'<number>'",         "'12'",                         false },
	{ "'<object>'",         "{}",                           true },
	{ "'<object>'",         "[]",                           false },
	{ "'2.68<text>'",       "'2.68.3-1'",                   true },
	{ "'2.68<text>'",       "'2.6.8'",                      false },
	{ "'Get <url>: no'",    "'Get http://a:1/b: no'",       true },
	{ "'Get <url>: no'",    "'Get a: no'",                  false },
	{ "'tcp <address>: no'", "'tcp 10.0.0.1:80: no'",       true },
	{ "'tcp <address>: no'", "'tcp a: no'",                 false },
	{ "'<download>'",       "{'label':'','done':1,'total':1}", true },
	{ "'<download>'",       "{'label':'','done':2,'total':1}", false },
	{ "'<download>'",       "{'done':1,'total':1}",         false },
};
/* clang-format on */

/* TEXT with " for every '. */
static cJSON *parse(const char *text)
{
	char quoted[128];

	(void)snprintf(quoted, sizeof quoted, "%s", text);
	for (char *c = quoted; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	return cJSON_Parse(quoted);
}

START_TEST(placeholders_stand_for_their_kind_and_all_else_for_itself)
{
	cJSON *recorded = parse(pairs[_i].recorded), *seen = parse(pairs[_i].seen);
	struct buf why;

	buf_init(&why, 4096);
	ck_assert_ptr_nonnull(recorded);
	ck_assert_ptr_nonnull(seen);
	ck_assert_int_eq(match_json(recorded, seen, &why), pairs[_i].same);
	ck_assert_int_eq(why.len == 0, pairs[_i].same);
	cJSON_Delete(recorded);
	cJSON_Delete(seen);
	buf_done(&why);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("recordings");
	TCase *matching = tcase_create("matching"), *replaying = tcase_create("replaying");

	tcase_add_loop_test(matching, placeholders_stand_for_their_kind_and_all_else_for_itself, 0,
		sizeof pairs / sizeof *pairs);
	tcase_set_timeout(replaying, 120);
	tcase_add_loop_test(replaying, answers_are_those_of_the_recorded_daemons, 0,
		sizeof pinned / sizeof *pinned);
	suite_add_tcase(suite, matching);
	suite_add_tcase(suite, replaying);
	return run_suite(suite);
}
