/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in snapd's services, which live as long as their revision says, on a clock that the tests
 * turn. What genuine ones did is in the recordings (test_recordings.py).
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/sandbox/clock.h"
#include "tests/sandbox_snapd_kit.h"
#include "tests/suite.h"

#define MS (SANDBOX_CLOCK_SECOND / 1000)

static char file[96];
static struct sandbox_clock *timer;

/* The kit's server once more, with a clock. */
static void set_up(void)
{
	const char *const options[] = { "--clock", file, "--manual", "--task-ms", "0", NULL };

	(void)strcpy(kit_dir, "/tmp/snapdXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(kit_dir));
	(void)snprintf(file, sizeof file, "%s.clock", kit_dir);
	timer = sandbox_clock_open(file, NULL);
	snapd_proc_start(&kit, kit_dir, options);
}

static void tear_down(void)
{
	snapd_proc_stop(&kit);
	sandbox_clock_close(timer);
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(rmdir(kit_dir), 0);
}

static void pass(long long ms)
{
	sandbox_clock_advance(timer, ms * MS);
}

/* CHANNEL has a revision, with MORE. */
static void release(const char *channel, int revision, const char *more)
{
	kit_do("{'do':'store','set':{'channels':{'latest/%s':{'revision':'%d',%s}}}}", channel,
		revision, more);
}

/* What becomes of a request, without the task letters: "Done" or "Error". */
static const char *carry_out(const char *target, const char *body)
{
	const char *change = kit_ask("POST", target, body, 202, "");

	change = strcpy((char[32]){ 0 }, change);
	kit_do("{'do':'finish'}");
	return strchr(kit_tasks(change), ' ') + 1;
}

static const char *go_to(const char *action, const char *channel)
{
	char body[128];

	(void)snprintf(body, sizeof body, "{'action':'%s','channel':'%s'}", action, channel);
	return carry_out(KIT_SNAP, body);
}

static const char *service(const char *verb, const char *more)
{
	char body[128];

	(void)snprintf(body, sizeof body, "{'action':'%s','names':['microsample.microsample']%s}",
		verb, more);
	return carry_out("/v2/apps", body);
}

static bool is_active(void)
{
	const char *snap = kit_snap();

	return snap[strlen(snap) - 1] == 'a';
}

/* From the start on, one letter for each STEP ms: a when it is active. */
static void expect_life(int step, const char *letters)
{
	char seen[64] = "";

	for (size_t i = 0; letters[i]; i++) {
		seen[i] = is_active() ? 'a' : '.';
		pass(step);
	}
	ck_assert_str_eq(seen, letters);
}

static const struct {
	const char *more;
	int step;
	const char *letters;
} lives[] = {
	{ "\"quirk\":\"crash\"", 50, "aaa..aaa..aaa..aaa..aaa........." },
	/* five starts within ten seconds and no more */
	{ "\"dies-ms\":1000", 550, "aaaaaaaaaa......" },
	{ "\"dies-ms\":1000,\"stays-dead\":true", 500, "aa......" },
	/* too slow for the limit: it is dead for a moment each time */
	{ "\"dies-ms\":1900", 1000, "aaaaaaaaaaaaaaaaaaaa" },
	{ "\"dies-ms\":1900", 1950, "a..aaaaaaaaaaaaaaaaaaa" },
	{ "\"dies-ms\":30000", 15000, "aa.aaaaaaaaaaaa" },
	{ "\"dies-ms\":30000,\"stays-dead\":true", 15000, "aa..........." },
	{ "\"dies-ms\":240000,\"stays-dead\":true", 60000, "aaaa........" },
	{ "\"dies-ms\":0", 600000, "aaaaaaaaaaaa" },
	{ "\"quirk\":\"oneshot\"", 100, "....." },
};

START_TEST(revision_says_how_long_its_service_lives)
{
	release("edge", 10, lives[_i].more);
	ck_assert_str_eq(go_to("install", "edge"), "Done");
	expect_life(lives[_i].step, lives[_i].letters);
	/* that is all that shows */
	ck_assert_ptr_nonnull(strstr(kit_snap(), "10 latest/edge active e"));
}
END_TEST

/* The start limit is systemd's, of the name: not of a revision, nor of a snap. */
START_TEST(limit_outlives_revision_and_snap)
{
	release("beta", 10, "\"quirk\":\"crash\"");
	ck_assert_str_eq(go_to("install", "beta"), "Done");
	pass(2000);
	ck_assert_str_eq(service("start", ""), "Error");
	ck_assert_str_eq(service("restart", ""), "Error");
	ck_assert_str_eq(kit_snap(), "10 latest/beta active e");
	ck_assert_str_eq(carry_out(KIT_SNAP, "{'action':'remove','purge':true}"), "Done");
	ck_assert_str_eq(go_to("install", "edge"), "Error");
	ck_assert_str_eq(kit_snap(), "none");
	pass(7000);
	ck_assert_str_eq(go_to("install", "edge"), "Error");
	pass(1001);
	ck_assert_str_eq(go_to("install", "edge"), "Done");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active ea");
}
END_TEST

/* Not at the limit yet, it is Done although nothing stays. */
START_TEST(start_of_one_that_crashes_is_done_until_the_limit)
{
	static const char *const verbs[] = { "start", "restart" };

	release("edge", 10, "\"quirk\":\"crash\"");
	ck_assert_str_eq(go_to("install", "edge"), "Done");
	pass(12000);
	ck_assert(!is_active());
	ck_assert_str_eq(service(verbs[_i], ""), "Done");
	pass(2000);
	ck_assert(!is_active());
	ck_assert_str_eq(service(verbs[_i], ""), "Error");
	ck_assert_str_eq(kit_snap(), "10 latest/edge active e");
}
END_TEST

/* The undo cannot start the old one either: both fail, and it is left disabled and stopped. */
START_TEST(failed_undo_leaves_it_disabled_until_somebody_enables_it)
{
	release("beta", 10, "\"quirk\":\"crash\"");
	ck_assert_str_eq(go_to("install", "beta"), "Done");
	pass(2000);
	ck_assert_str_eq(go_to("refresh", "edge"), "Error");
	ck_assert_str_eq(kit_snap(), "10 latest/beta active ");
	pass(11000);
	ck_assert_str_eq(go_to("refresh", "edge"), "Done");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active ");
	ck_assert_str_eq(service("start", ""), "Done");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active a");
	ck_assert_str_eq(go_to("refresh", "stable"), "Done");
	ck_assert_str_eq(kit_snap(), "1 latest/stable active ");
	ck_assert_str_eq(service("start", ",'enable':true"), "Done");
	ck_assert_str_eq(kit_snap(), "1 latest/stable active ea");
	ck_assert_str_eq(go_to("refresh", "edge"), "Done");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active ea");
}
END_TEST

START_TEST(revert_in_which_both_fail_ends_the_same)
{
	ck_assert_str_eq(go_to("install", "edge"), "Done");
	release("beta", 10, "\"quirk\":\"crash\"");
	ck_assert_str_eq(go_to("refresh", "beta"), "Done");
	pass(2000);
	ck_assert_str_eq(carry_out(KIT_SNAP, "{'action':'revert'}"), "Error");
	ck_assert_str_eq(kit_snap(), "10 latest/beta active ");
	pass(9000);
	ck_assert_str_eq(carry_out(KIT_SNAP, "{'action':'revert'}"), "Done");
	ck_assert_str_eq(kit_snap(), "3 latest/beta active ");
}
END_TEST

/* Back at once, as systemd does after a SIGKILL, or not. */
START_TEST(process_dies_on_command)
{
	ck_assert_str_eq(go_to("install", "edge"), "Done");
	kit_do("{'do':'die'}");
	ck_assert_str_eq(kit_snap(), "3 latest/edge active e");
	pass(99);
	ck_assert(!is_active());
	pass(1);
	ck_assert(is_active());
	kit_do("{'do':'die','stays-dead':true}");
	pass(3600000);
	ck_assert_str_eq(kit_snap(), "3 latest/edge active e");
	ck_assert_str_eq(service("start", ""), "Done");
	ck_assert(is_active());
	/* each time counts */
	for (int i = 0; i < 5; i++) {
		kit_do("{'do':'die'}");
		pass(100);
		ck_assert(is_active());
	}
	kit_do("{'do':'die'}");
	pass(60000);
	ck_assert(!is_active());
}
END_TEST

/* Neither does systemd start again what was stopped while it was dead. */
START_TEST(stopped_service_stays_so)
{
	release("edge", 10, "\"dies-ms\":1000");
	ck_assert_str_eq(go_to("install", "edge"), "Done");
	pass(1050);
	ck_assert(!is_active());
	ck_assert_str_eq(service("stop", ""), "Done");
	pass(60000);
	ck_assert(!is_active());
	ck_assert_str_eq(service("start", ""), "Done");
	ck_assert(is_active());
	/* by hand: it lives on */
	kit_do("{'do':'snap','set':{'service':{'enabled':true,'active':true}}}");
	pass(60000);
	ck_assert(is_active());
}
END_TEST

START_TEST(one_of_two_dies)
{
	release("edge", 10, "\"services\":\"web,worker\"");
	ck_assert_str_eq(go_to("install", "edge"), "Done");
	kit_do("{'do':'die','service':'worker','stays-dead':true}");
	ck_assert_ptr_nonnull(
		strstr(kit_member(KIT_SNAP, "apps"), "\"name\":\"web\",\"daemon\":\"simple\","
						     "\"daemon-scope\":\"system\",\"enabled\":true,"
						     "\"active\":true}"));
	ck_assert_ptr_nonnull(strstr(kit_member(KIT_SNAP, "apps"),
		"\"name\":\"worker\",\"daemon\":\"simple\",\"daemon-scope\":\"system\","
		"\"enabled\":true}"));
}
END_TEST

/* A good one that takes the place of a dying one is not killed by what that one would have done. */
START_TEST(refresh_ends_the_life_of_before)
{
	release("beta", 10, "\"dies-ms\":30000");
	ck_assert_str_eq(go_to("install", "beta"), "Done");
	pass(20000);
	ck_assert_str_eq(go_to("refresh", "edge"), "Done");
	expect_life(10000, "aaaaaa");
	ck_assert_str_eq(carry_out(KIT_SNAP, "{'action':'revert'}"), "Done");
	expect_life(15000, "aa.a");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox_snapd_service");
	TCase *tests = tcase_create("service");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, revision_says_how_long_its_service_lives, 0,
		(int)(sizeof lives / sizeof *lives));
	tcase_add_test(tests, limit_outlives_revision_and_snap);
	tcase_add_loop_test(tests, start_of_one_that_crashes_is_done_until_the_limit, 0, 2);
	tcase_add_test(tests, failed_undo_leaves_it_disabled_until_somebody_enables_it);
	tcase_add_test(tests, revert_in_which_both_fail_ends_the_same);
	tcase_add_test(tests, process_dies_on_command);
	tcase_add_test(tests, stopped_service_stays_so);
	tcase_add_test(tests, one_of_two_dies);
	tcase_add_test(tests, refresh_ends_the_life_of_before);
	tcase_set_timeout(tests, 30);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
