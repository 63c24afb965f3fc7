/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in snapd over time, and the clock that several processes share, the preloaded one
 * included.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/clock.h"
#include "tests/sandbox_snapd_kit.h"
#include "tests/suite.h"

#define INSTALL "{\"action\":\"install\",\"channel\":\"latest/edge\"}"

/* A server in a folder of its own, with options of its own. */
static void start_other(struct snapd_proc *other, char *dir, const char *const *options)
{
	(void)strcpy(dir, "/tmp/snapdXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snapd_proc_start(other, dir, options);
}

static int status_at(struct snapd_proc *other, const char *target, char *ret_status)
{
	long status;
	cJSON *answer = snapd_proc_ask(other, "GET", target, NULL, &status);
	const cJSON *result = cJSON_GetObjectItemCaseSensitive(answer, "result");
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(result, "status");

	(void)strcpy(ret_status, cJSON_IsString(value) ? value->valuestring : "");
	cJSON_Delete(answer);
	return (int)status;
}

START_TEST(changes_take_the_time_of_the_shared_clock)
{
	char dir[64], file[96], status[64];
	const char *const options[] = { "--clock", file, "--task-ms", "1000", NULL };
	struct snapd_proc other;
	struct sandbox_clock *clock;
	long got;

	(void)snprintf(file, sizeof file, "%s.clock", kit_dir);
	clock = sandbox_clock_open(file, NULL);
	start_other(&other, dir, options);
	cJSON_Delete(snapd_proc_ask(
		&other, "POST", KIT_SNAP, "{\"action\":\"install\",\"channel\":\"slow\"}", &got));
	sandbox_clock_advance(clock, 6 * SANDBOX_CLOCK_SECOND);
	ck_assert_int_eq(status_at(&other, KIT_SNAP, status), 404);
	sandbox_clock_advance(clock, 2 * SANDBOX_CLOCK_SECOND);
	ck_assert_int_eq(status_at(&other, KIT_SNAP, status), 200);
	/* 18 tasks of a second, one of them a hook of 20 seconds. */
	sandbox_clock_advance(clock, 29 * SANDBOX_CLOCK_SECOND);
	(void)status_at(&other, "/v2/changes/2", status);
	ck_assert_str_ne(status, "Done");
	sandbox_clock_advance(clock, 2 * SANDBOX_CLOCK_SECOND);
	(void)status_at(&other, "/v2/changes/2", status);
	ck_assert_str_eq(status, "Done");
	sandbox_clock_advance(clock, 25LL * 3600 * SANDBOX_CLOCK_SECOND);
	ck_assert_int_eq(status_at(&other, "/v2/changes/2", status), 404);
	snapd_proc_stop(&other);
	sandbox_clock_close(clock);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(late_request_is_acted_on_when_its_time_has_come)
{
	char dir[64], file[96], status[64];
	const char *const options[] = { "--clock", file, NULL };
	struct snapd_proc other;
	struct sandbox_clock *clock;
	long got;

	(void)snprintf(file, sizeof file, "%s.clock", kit_dir);
	clock = sandbox_clock_open(file, NULL);
	start_other(&other, dir, options);
	snapd_proc_do(&other, "{'do':'fault','method':'POST','mode':'act-late','ms':5000}");
	cJSON_Delete(snapd_proc_ask(&other, "POST", KIT_SNAP, INSTALL, &got));
	ck_assert_int_eq(got, -CURLE_GOT_NOTHING);
	sandbox_clock_advance(clock, 4 * SANDBOX_CLOCK_SECOND);
	ck_assert_int_eq(status_at(&other, "/v2/changes/2", status), 404);
	sandbox_clock_advance(clock, 2 * SANDBOX_CLOCK_SECOND);
	ck_assert_int_eq(status_at(&other, "/v2/changes/2", status), 200);
	snapd_proc_stop(&other);
	sandbox_clock_close(clock);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(clock_stands_still_until_it_is_moved)
{
	struct sandbox_clock *clock, *same;
	char file[96];

	(void)snprintf(file, sizeof file, "%s.clock", kit_dir);
	clock = sandbox_clock_open(file, NULL);
	same = sandbox_clock_open(file, NULL);
	ck_assert(sandbox_clock_now(clock) == SANDBOX_CLOCK_START);
	sandbox_clock_advance(same, 5);
	ck_assert(sandbox_clock_now(clock) == SANDBOX_CLOCK_START + 5);
	ck_assert(sandbox_clock_boot(clock) == 3600 * SANDBOX_CLOCK_SECOND + 5);
	sandbox_clock_set(clock, 1000);
	ck_assert(sandbox_clock_now(same) == 1000);
	ck_assert(sandbox_clock_boot(same) == 3600 * SANDBOX_CLOCK_SECOND + 5);
	sandbox_clock_reboot(clock);
	ck_assert(sandbox_clock_boot(same) == 0);
	sandbox_clock_close(same);
	sandbox_clock_close(clock);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_ptr_null(sandbox_clock_open("/nonexistent/clock", NULL));
}
END_TEST

/* What PROGRAM, run by a shell with the clock of FILE preloaded, prints: a number. */
static long long printed(const char *file, const char *program)
{
	const char *object = getenv("SANDBOX_CLOCK_SO");
	CLEANUP(cleanup_free)
	char *command = alloc_textf("LD_PRELOAD=%s SANDBOX_CLOCK=%s sh -c '%s'",
		object ? object : "tests/sandbox/sandbox-clock.so", file, program);
	FILE *pipe = popen(command, "re");
	long long number = -1;

	ck_assert_ptr_nonnull(pipe);
	ck_assert_int_eq(fscanf(pipe, "%lld", &number), 1);
	ck_assert_int_eq(pclose(pipe), 0);
	return number;
}

START_TEST(preloaded_clock_is_the_shared_one_and_sleeps_move_it)
{
	struct sandbox_clock *clock;
	char file[96];

	(void)snprintf(file, sizeof file, "%s.clock", kit_dir);
	clock = sandbox_clock_open(file, NULL);
	ck_assert_int_eq(printed(file, "date +%s"), SANDBOX_CLOCK_START / SANDBOX_CLOCK_SECOND);
	ck_assert_int_eq(printed(file, "sleep 7200; date +%s"),
		SANDBOX_CLOCK_START / SANDBOX_CLOCK_SECOND + 7200);
	ck_assert(sandbox_clock_now(clock) == SANDBOX_CLOCK_START + 7200 * SANDBOX_CLOCK_SECOND);
	ck_assert_int_gt(printed("", "date +%s"), 0);
	sandbox_clock_close(clock);
	ck_assert_int_eq(unlink(file), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox_snapd_time");
	TCase *tcase = kit_case("time");

	tcase_add_test(tcase, changes_take_the_time_of_the_shared_clock);
	tcase_add_test(tcase, late_request_is_acted_on_when_its_time_has_come);
	tcase_add_test(tcase, clock_stands_still_until_it_is_moved);
	tcase_add_test(tcase, preloaded_clock_is_the_shared_one_and_sleeps_move_it);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
