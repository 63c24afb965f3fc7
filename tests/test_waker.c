/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The waker, with the whole charm: what it waits for, when and how often it wakes the unit, and that
 * nothing of it is left. It runs on the virtual clock, and its juju-exec runs real hooks.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/hostile_kit.h"
#include "tests/suite.h"

enum {
	MINUTE = 60,
	HOUR = 3600,
	LOOKS = 5, /* at a refresh on probation, in five minutes */
};

static struct charm charm;

static void set_up(void)
{
	charm_open_ready(&charm, "2.77");
}

static void tear_down(void)
{
	charm_close(&charm);
}

static long long now(void)
{
	return sandbox_clock_now(charm.clock) / SANDBOX_CLOCK_SECOND;
}

static char *charm_file(const char *name)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	char *path = alloc_textf("%s/%s", juju_show_text(shown, "charm-dir"), name);

	cJSON_Delete(shown);
	return path;
}

/* Whether a process holds waker.lock. */
static bool lock_is_held(void)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char *path = charm_file("waker.lock");
	int fd = open(path, O_RDWR);

	free(path);
	if (fd < 0)
		return false;
	ck_assert_int_eq(fcntl(fd, F_GETLK, &lock), 0);
	(void)close(fd);
	return lock.l_type != F_UNLCK;
}

static bool waker_said(const char *text)
{
	char *path = alloc_textf("%s/waker.log", charm.dir), log[65536];
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(log, 1, sizeof log - 1, file) : 0;

	log[length] = '\0';
	if (file)
		(void)fclose(file);
	free(path);
	return strstr(log, text) != NULL;
}

/* A refresh that nobody moves: the hook has ended before it. */
static void begin_to_stand(void)
{
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	charm_expect_begin(&charm, "waiting", "Refresh stands at step ");
}

/* In a hook after which Juju runs none: 4.0 runs config-changed twice. */
static void lose_a_request(void)
{
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"held\":true}");
	charm_config(&charm, "beta");
	charm_ctl(&charm, "{\"do\":\"release\"}");
	hostile_fault(&charm, "POST", "'mode':'drop-unacted'", 1);
	ck_assert_int_eq(charm_tick(&charm), 0);
}

/*
 * The unit was woken COUNT times until its refresh was done, and once for each look at it while it was
 * on probation. After that nothing is left.
 */
static void expect_wakes(int count)
{
	ck_assert(!charm_wake(&charm, 6 * MINUTE));
	ck_assert_int_eq(charm_woken(&charm), count + LOOKS);
	ck_assert(!charm_wakes(&charm));
	ck_assert(!lock_is_held());
}

START_TEST(a_unit_at_rest_has_no_waker)
{
	ck_assert(!charm_wakes(&charm));
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert(!charm_wakes(&charm));
	ck_assert(!lock_is_held());
}
END_TEST

/* Steps of 15 seconds: the change moves, and outlasts the hook. */
START_TEST(status_is_true_five_seconds_after_a_change_that_moves)
{
	long long before;

	charm_ctl(&charm, "{\"do\":\"mode\",\"task-ms\":15000}");
	charm_config(&charm, "beta");
	charm_expect_begin(&charm, "maintenance", "Refreshing microsample snap to 'beta': step ");
	ck_assert(charm_wakes(&charm));
	do {
		ck_assert_int_lt(charm_changes_done(&charm), 2); /* with the install */
		before = now();
		ck_assert(charm_wake(&charm, 1));
	} while (charm_woken(&charm) == 0);
	/* It ended after that second had begun. */
	ck_assert_int_le(now() - before, 5);
	charm_expect(&charm, "active", "Ready at 'beta'");
	expect_wakes(1);
}
END_TEST

START_TEST(a_change_that_stands_wakes_nobody_until_its_end)
{
	begin_to_stand();
	ck_assert(charm_wake(&charm, HOUR));
	ck_assert_int_eq(charm_woken(&charm), 0);
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	(void)charm_wake(&charm, 66);
	charm_expect(&charm, "active", "Ready at 'beta'");
	expect_wakes(1);
}
END_TEST

START_TEST(a_change_that_is_rolled_back_wakes_the_unit_once)
{
	begin_to_stand();
	ck_assert(charm_wake(&charm, 1));
	charm_ctl(&charm, "{\"do\":\"step\",\"n\":9}");
	charm_ctl(&charm, "{\"do\":\"abort\",\"change\":\"%ld\"}",
		charm_number(&charm, "{\"do\":\"state\"}", "last-change"));
	ck_assert(charm_wake(&charm, 10 * MINUTE));
	charm_expect_begin(&charm, "waiting", "Refresh is being rolled back since ");
	ck_assert_int_eq(charm_woken(&charm), 1);
}
END_TEST

START_TEST(the_change_of_somebody_else_is_awaited_too)
{
	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"held\":true}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert(charm_wake(&charm, HOUR));
	ck_assert_int_eq(charm_woken(&charm), 0);
	charm_ctl(&charm, "{\"do\":\"release\"}");
	ck_assert(!charm_wake(&charm, 70));
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_woken(&charm), 1);
}
END_TEST

/* Three hours without the Snap Store: the tries at 1, 6, 21, 81 and 141 minutes, and the good one. */
START_TEST(next_tries_come_at_the_minute_that_is_shown)
{
	int tries = 0;

	charm_ctl(&charm, "{\"do\":\"store\",\"set\":{\"down\":true}}");
	charm_config(&charm, "beta");
	charm_expect_begin(&charm, "waiting", "Snap Store trouble");
	for (long long end = now() + 3 * HOUR; now() < end;) {
		char *due =
			charm_sql(&charm, "SELECT strftime('%s', failure_next_try) FROM record");
		long long at = atoll(due);
		int before = charm_woken(&charm);

		free(due);
		ck_assert_int_gt(at, now());
		ck_assert(charm_wake(&charm, at - now() - 1));
		ck_assert_int_eq(charm_woken(&charm), before);
		ck_assert(charm_wake(&charm, at - now() + 30));
		ck_assert_int_eq(charm_woken(&charm), before + 1);
		tries++;
	}
	ck_assert_int_eq(tries, 6);
	ck_assert_int_eq(charm_posts(&charm), tries + 1);
	charm_ctl(&charm, "{\"do\":\"store\",\"set\":{\"down\":false}}");
	(void)charm_wake(&charm, 2 * HOUR);
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

START_TEST(a_snapd_that_comes_back_is_noticed_within_a_minute)
{
	charm_ctl(&charm, "{\"do\":\"away\",\"how\":\"refused\"}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert(charm_wake(&charm, HOUR));
	ck_assert_int_eq(charm_woken(&charm), 0);
	charm_ctl(&charm, "{\"do\":\"back\"}");
	ck_assert(!charm_wake(&charm, 66));
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_woken(&charm), 1);
}
END_TEST

/* 90 seconds show that it did not land. */
START_TEST(a_lost_request_is_due_when_it_is_aged)
{
	lose_a_request();
	charm_expect_begin(&charm, "waiting", "No answer from snapd");
	(void)charm_wake(&charm, 40);
	charm_expect(&charm, "active", "Ready at 'beta'");
	expect_wakes(1);
	ck_assert_int_eq(charm_posts(&charm), 2);
}
END_TEST

START_TEST(a_person_has_to_act_and_nothing_waits)
{
	charm_config(&charm, "???");
	charm_expect_begin(&charm, "blocked", "Invalid channel configured");
	ck_assert(!charm_wakes(&charm));
}
END_TEST

/* The waker sleeps for an hour; the option is mended, and it finds that nothing is due any more. */
START_TEST(what_a_hook_leaves_is_news_to_the_waker)
{
	charm_ctl(&charm, "{\"do\":\"store\",\"set\":{\"down\":true}}");
	charm_config(&charm, "beta");
	ck_assert(charm_wake(&charm, 30));
	charm_config(&charm, "edge");
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert(!charm_wake(&charm, 0));
	ck_assert_int_eq(charm_woken(&charm), 0);
	ck_assert(!lock_is_held());
}
END_TEST

START_TEST(one_waker_at_a_time)
{
	cJSON *shown;

	begin_to_stand();
	ck_assert(charm_wake(&charm, 1));
	ck_assert(lock_is_held());
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(charm_tick(&charm), 0);
		shown = juju_show(&charm.juju, UNIT);
		ck_assert_int_eq(juju_show_calls(shown, "update-status", "systemd-run"), 0);
		cJSON_Delete(shown);
	}
}
END_TEST

/* `dispatch wait` as anybody could start it: its exit status. */
static int wait_of(const char *unit, const char *directory)
{
	char *dispatch = charm_file("dispatch");
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		(void)setenv("JUJU_UNIT_NAME", unit, 1);
		(void)setenv("JUJU_CHARM_DIR", directory, 1);
		(void)execl(dispatch, dispatch, "wait", (char *)NULL);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	free(dispatch);
	return WEXITSTATUS(status);
}

/* Started twice all the same, by whatever: the second one ends. */
START_TEST(a_second_waker_ends_at_once)
{
	char *directory = charm_file("");

	begin_to_stand();
	ck_assert(charm_wake(&charm, 1));
	directory[strlen(directory) - 1] = '\0';
	ck_assert_int_eq(wait_of(UNIT, directory), 0);
	ck_assert(lock_is_held());
	ck_assert(charm_wake(&charm, 1));
	free(directory);
}
END_TEST

/* Of no unit, or of one that is not there; it makes nothing. */
START_TEST(a_waker_without_a_unit_ends_at_once)
{
	char *directory = charm_file(""), *gone = charm_file("gone");

	ck_assert_int_eq(wait_of("", directory), 2);
	ck_assert_int_eq(wait_of(UNIT, ""), 2);
	ck_assert_int_eq(wait_of(UNIT, "charm"), 2);
	ck_assert_int_eq(wait_of(UNIT, gone), 0);
	ck_assert_int_ne(access(gone, F_OK), 0);
	ck_assert(!lock_is_held());
	free(directory);
	free(gone);
}
END_TEST

START_TEST(a_waker_that_was_killed_is_started_by_the_next_hook)
{
	begin_to_stand();
	ck_assert(charm_wake(&charm, 1));
	ck_assert_int_eq(kill(charm.waker, SIGKILL), 0);
	while (lock_is_held())
		(void)usleep(1000);
	ck_assert(!charm_wakes(&charm));
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	(void)charm_wake(&charm, 60);
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

/* --- its end --- */

/* A hook is at work and holds the unit's lock: the waker does not end beside it. */
START_TEST(it_does_not_end_while_a_hook_is_at_work)
{
	char *path = charm_file("state.lock");
	int fd = open(path, O_RDWR | O_CLOEXEC);

	begin_to_stand();
	ck_assert(charm_wake(&charm, 1));
	free(charm_sql(&charm, "UPDATE record SET state = 'active', reason = 'none'"));
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert(charm_wake(&charm, 5 * MINUTE)); /* nothing is due, but it cannot be sure of it */
	ck_assert(lock_is_held());
	/* What the hook leaves is due again: the waker is there for it. */
	free(charm_sql(&charm, "UPDATE record SET state = 'installing', reason = 'own-stands'"));
	(void)close(fd);
	ck_assert(charm_wake(&charm, 5 * MINUTE));
	ck_assert(lock_is_held());
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	(void)charm_wake(&charm, 70);
	charm_expect(&charm, "active", "Ready at 'beta'");
	free(path);
}
END_TEST

/* The other order: it has ended, and its lock is free before the unit's lock is. */
START_TEST(once_it_has_ended_a_hook_starts_the_next)
{
	begin_to_stand();
	ck_assert(charm_wake(&charm, 1));
	free(charm_sql(&charm, "UPDATE record SET state = 'active', reason = 'none'"));
	ck_assert(!charm_wake(&charm, 2 * MINUTE));
	ck_assert(!lock_is_held());
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert(charm_wakes(&charm));
	ck_assert(charm_wake(&charm, 1));
	ck_assert(lock_is_held());
}
END_TEST

START_TEST(remove_ends_it)
{
	pid_t waker;

	begin_to_stand();
	ck_assert(charm_wake(&charm, 1));
	waker = charm.waker;
	ck_assert_int_eq(charm_hook(&charm, "stop"), 0);
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	ck_assert_int_eq(charm_hook(&charm, "remove"), 0);
	ck_assert(!lock_is_held());
	ck_assert_int_eq(waitpid(waker, NULL, 0), waker);
	charm.waker = 0;
}
END_TEST

START_TEST(a_waker_of_another_build_is_replaced)
{
	char *path = charm_file("waker.lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	pid_t waker;

	begin_to_stand();
	ck_assert(charm_wake(&charm, 1));
	waker = charm.waker;
	if (_i == 0)
		ck_assert_int_eq(pwrite(fd, "0.0.9\n", 6, 0), 6);
	ck_assert_int_eq(charm_hook(&charm, _i == 0 ? "update-status" : "upgrade-charm"), 0);
	ck_assert(!lock_is_held());
	ck_assert_int_eq(waitpid(waker, NULL, 0), waker);
	charm.waker = 0;
	ck_assert(charm_wake(&charm, 1)); /* the next one */
	ck_assert(lock_is_held());
	(void)close(fd);
	free(path);
}
END_TEST

START_TEST(it_ends_with_the_unit)
{
	char *directory = charm_file(""), *command;

	begin_to_stand();
	ck_assert(charm_wake(&charm, 1));
	directory[strlen(directory) - 1] = '\0';
	command = alloc_textf("mv %s %s.gone", directory, directory);
	ck_assert_int_eq(system(command), 0);
	ck_assert(!charm_wake(&charm, 2 * MINUTE));
	free(command);
	command = alloc_textf("mv %s.gone %s", directory, directory);
	ck_assert_int_eq(system(command), 0);
	free(command);
	free(directory);
}
END_TEST

/* It is gone, is no database, or is one of a newer charm: nothing is known to be due. */
START_TEST(it_ends_without_a_database)
{
	char *path = charm_file("state.db"), *command;

	begin_to_stand();
	ck_assert(charm_wake(&charm, 1));
	if (_i < 2) {
		command = _i == 0 ? alloc_textf("rm -f %s*", path)
				  : alloc_textf(
					    "yes text | head -c 9000 >%s; rm -f %s-*", path, path);
		ck_assert_int_eq(system(command), 0);
		free(command);
	} else {
		free(charm_sql(&charm, "PRAGMA user_version = 99"));
	}
	ck_assert(!charm_wake(&charm, 2 * MINUTE));
	ck_assert(!lock_is_held());
	free(path);
}
END_TEST

START_TEST(a_database_that_is_replaced_is_read)
{
	char *path = charm_file("state.db"), *command;

	begin_to_stand();
	ck_assert(charm_wake(&charm, 1));
	command = alloc_textf("cp %s %s.new && cp %s-wal %s.new-wal 2>/dev/null; rm -f %s %s-*; "
			      "mv %s.new %s && mv %s.new-wal %s-wal 2>/dev/null; true",
		path, path, path, path, path, path, path, path, path, path);
	ck_assert_int_eq(system(command), 0);
	ck_assert(charm_wake(&charm, 5 * MINUTE));
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	(void)charm_wake(&charm, 70);
	charm_expect(&charm, "active", "Ready at 'beta'");
	free(command);
	free(path);
}
END_TEST

/* While the next try, the end of a change, a lost request or snapd is awaited. */
static void begin_to_wait(int what)
{
	if (what == 0) {
		charm_ctl(&charm, "{\"do\":\"store\",\"set\":{\"down\":true}}");
		charm_config(&charm, "beta");
	} else if (what == 1) {
		begin_to_stand();
	} else if (what == 2) {
		lose_a_request();
	} else {
		charm_ctl(&charm, "{\"do\":\"away\",\"how\":\"refused\"}");
		charm_config(&charm, "beta");
	}
	charm_expect_begin(&charm, "waiting", "");
}

START_TEST(a_clock_that_jumps_delays_nothing)
{
	static const long long jumps[] = { -30 * 24 * HOUR, 20 * HOUR };

	begin_to_wait(_i / COUNT(jumps));
	ck_assert(charm_wake(&charm, 5));
	ck_assert_int_eq(charm_woken(&charm), 0);
	sandbox_clock_set(charm.clock,
		sandbox_clock_now(charm.clock) + jumps[_i % COUNT(jumps)] * SANDBOX_CLOCK_SECOND);
	charm_ctl(&charm, "{\"do\":\"store\",\"set\":{\"down\":false}}");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	charm_ctl(&charm, "{\"do\":\"back\"}");
	(void)charm_wake(&charm, 90);

	charm_expect(&charm, "active", "Ready at 'beta'");
	expect_wakes(1);
}
END_TEST

/* What it cannot see has not ended; and nobody is woken to see no more. */
START_TEST(a_snapd_that_goes_in_the_middle_of_a_change_wakes_nobody)
{
	static const char *const ways[] = { "refused", "missing" };

	begin_to_stand();
	ck_assert(charm_wake(&charm, 1));
	charm_ctl(&charm, "{\"do\":\"away\",\"how\":\"%s\"}", ways[_i]);
	ck_assert(charm_wake(&charm, HOUR));
	ck_assert_int_eq(charm_woken(&charm), 0);
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	charm_ctl(&charm, "{\"do\":\"back\"}");
	(void)charm_wake(&charm, 66);
	charm_expect(&charm, "active", "Ready at 'beta'");
	expect_wakes(1);
}
END_TEST

/* --- juju-exec and systemd-run --- */

static const char *const failures[] = {
	"dialing juju run socket: dial unix /var/lib/juju/agents/unit-microsample-0/run.socket: "
	"connect: connection refused",
	"dialing juju run socket: dial unix /var/lib/juju/agents/unit-microsample-0/run.socket: "
	"connect: no such file or directory",
	"unexpected EOF",
	"juju-exec cannot be called from within a hook",
};

START_TEST(a_wake_that_fails_is_tried_again)
{
	begin_to_stand();
	ck_assert_int_eq(
		juju_call(&charm.juju, "fault", "juju-exec", "exit1", failures[_i], "--times", "3"),
		0);
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	(void)charm_wake(&charm, 3 * MINUTE);
	ck_assert(waker_said(failures[_i] + strlen(failures[_i]) - 10));
	charm_expect(&charm, "active", "Ready at 'beta'");
	expect_wakes(1);
}
END_TEST

/* For two hours: 5 s, 15 s, 1, 5 min, then each 15. */
START_TEST(an_agent_that_is_down_is_not_stormed)
{
	const char *begun;
	char *path = alloc_textf("%s/waker.log", charm.dir), log[65536];
	FILE *file;
	int tries = 0;

	begin_to_stand();
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "juju-exec", "exit1", failures[0],
				 "--times", "1000"),
		0);
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	ck_assert(charm_wake(&charm, 2 * HOUR));
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	log[fread(log, 1, sizeof log - 1, file)] = '\0';
	(void)fclose(file);
	for (begun = log; (begun = strstr(begun, "waking ")); begun++)
		tries++;
	ck_assert_int_eq(tries, 12);
	free(path);
}
END_TEST

/* The hook ran, and the answer was lost. */
START_TEST(an_answer_that_is_lost_wakes_nobody_twice)
{
	begin_to_stand();
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "juju-exec", "kill-after"), 0);
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	(void)charm_wake(&charm, 70);
	charm_expect(&charm, "active", "Ready at 'beta'");
	expect_wakes(1);
}
END_TEST

START_TEST(it_ends_when_nobody_can_be_woken)
{
	begin_to_stand();
	if (_i == 0)
		ck_assert_int_eq(juju_call(&charm.juju, "fault", "juju-exec", "absent"), 0);
	else
		ck_assert_int_eq(juju_call(&charm.juju, "fault", "juju-exec", "exit1",
					 "unit \"microsample/0\" not found on this machine"),
			0);
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	(void)charm_wake(&charm, 70);
	ck_assert_int_eq(charm_woken(&charm), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

/* Exit 1 of the hook itself. */
START_TEST(a_hook_that_fails_is_woken_again)
{
	begin_to_stand();
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "config-get", "exit1", "--times", "2"), 0);
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	(void)charm_wake(&charm, 2 * MINUTE);
	charm_expect(&charm, "active", "Ready at 'beta'");
	expect_wakes(3);
}
END_TEST

/* juju-exec runs in a unit that is in error, and the error stays: that is for a person to resolve. */
START_TEST(a_unit_in_error_is_woken_too)
{
	begin_to_stand();
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "config-get", "exit1"), 0);
	ck_assert_int_eq(juju_call(&charm.juju, "--retries", "0", "tick", UNIT), 0);
	charm_expect(&charm, "error", "hook failed: \"update-status\"");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	(void)charm_wake(&charm, 70);
	charm_expect_sql(&charm, "SELECT state FROM record", "active");
	charm_expect(&charm, "error", "hook failed: \"update-status\"");
	expect_wakes(1);
	ck_assert_int_eq(juju_call(&charm.juju, "resolved", UNIT), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

/* No systemd-run, or one that fails: the charm works by its hooks, and says so once. */
START_TEST(without_systemd_the_hooks_do_it)
{
	static const char *const modes[] = { "absent", "exit1" };
	cJSON *shown;
	char *log;

	ck_assert_int_eq(
		juju_call(&charm.juju, "fault", "systemd-run", modes[_i],
			"Failed to connect to bus: No such file or directory", "--times", "100"),
		0);
	begin_to_stand();
	ck_assert(!charm_wakes(&charm));
	ck_assert(charm_logged(&charm, "WARNING", "no waker, the unit goes on at the next hook"));
	ck_assert_int_eq(juju_call(&charm.juju, "forget"), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert(!charm_logged(&charm, "WARNING", "no waker"));
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
	shown = juju_show(&charm.juju, UNIT);
	log = cJSON_PrintUnformatted(shown);
	ck_assert(strstr(log, "\"error\":{") == NULL);
	free(log);
	cJSON_Delete(shown);
}
END_TEST

/* The one before has just ended; its name is in use for a moment more. */
START_TEST(a_name_in_use_is_tried_again_for_two_seconds)
{
	static const char refused[] = "Failed to start transient service unit: Unit x.service was "
				      "already loaded or has a fragment file.";
	long long before;
	cJSON *shown;

	charm_ctl(&charm, "{\"do\":\"foreign\",\"kind\":\"auto-refresh\",\"held\":true}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "systemd-run", "exit1", refused, "--times",
				 _i == 0 ? "5" : "1000"),
		0);
	before = sandbox_clock_now(charm.clock);
	ck_assert_int_eq(charm_tick(&charm), 0);
	shown = juju_show(&charm.juju, UNIT);
	if (_i == 0)
		ck_assert_int_eq(juju_show_calls(shown, "update-status", "systemd-run"), 6);
	ck_assert_int_le(
		(sandbox_clock_now(charm.clock) - before) / (SANDBOX_CLOCK_SECOND / 10), 25);
	cJSON_Delete(shown);
}
END_TEST

/* What systemd is told: collected, of a name of its own, with what the waker needs. */
START_TEST(the_service_is_what_it_should_be)
{
	char *path =
		alloc_textf("%s/services/microsample-vm-wait-microsample-0.json", charm.juju.dir);
	char *directory = charm_file(""), text[16384], *expected;
	FILE *file;

	begin_to_stand();
	directory[strlen(directory) - 1] = '\0';
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	(void)fclose(file);
	expected = alloc_textf("{\"argv\":[\"%s/dispatch\",\"wait\"],\"collect\":true,\"env\":["
			       "\"JUJU_UNIT_NAME=" UNIT "\",\"JUJU_CHARM_DIR=%s\","
			       "\"MICROSAMPLE_SNAPD_SOCKET=%s\"],\"property\":[\"Type=exec\"]}",
		directory, directory, charm.snapd.socket);
	ck_assert_str_eq(text, expected);
	free(expected);
	free(path);
	free(directory);
}
END_TEST

static Suite *waker_suite(void)
{
	Suite *suite = suite_create("waker");
	TCase *tests = charm_case(suite, "waiting", set_up, tear_down);

	tcase_add_test(tests, a_unit_at_rest_has_no_waker);
	tcase_add_test(tests, status_is_true_five_seconds_after_a_change_that_moves);
	tcase_add_test(tests, a_change_that_stands_wakes_nobody_until_its_end);
	tcase_add_test(tests, a_change_that_is_rolled_back_wakes_the_unit_once);
	tcase_add_test(tests, the_change_of_somebody_else_is_awaited_too);
	tcase_add_test(tests, next_tries_come_at_the_minute_that_is_shown);
	tcase_add_test(tests, a_snapd_that_comes_back_is_noticed_within_a_minute);
	tcase_add_test(tests, a_lost_request_is_due_when_it_is_aged);
	tcase_add_test(tests, a_person_has_to_act_and_nothing_waits);
	tcase_add_test(tests, what_a_hook_leaves_is_news_to_the_waker);
	tests = charm_case(suite, "life", set_up, tear_down);
	tcase_add_test(tests, one_waker_at_a_time);
	tcase_add_test(tests, a_second_waker_ends_at_once);
	tcase_add_test(tests, a_waker_without_a_unit_ends_at_once);
	tcase_add_test(tests, a_waker_that_was_killed_is_started_by_the_next_hook);
	tcase_add_test(tests, it_does_not_end_while_a_hook_is_at_work);
	tcase_add_test(tests, once_it_has_ended_a_hook_starts_the_next);
	tcase_add_test(tests, remove_ends_it);
	tcase_add_loop_test(tests, a_waker_of_another_build_is_replaced, 0, 2);
	tcase_add_test(tests, it_ends_with_the_unit);
	tcase_add_loop_test(tests, it_ends_without_a_database, 0, 3);
	tcase_add_test(tests, a_database_that_is_replaced_is_read);
	tcase_add_loop_test(tests, a_clock_that_jumps_delays_nothing, 0, 8);
	tcase_add_loop_test(tests, a_snapd_that_goes_in_the_middle_of_a_change_wakes_nobody, 0, 2);
	tests = charm_case(suite, "juju-exec and systemd-run", set_up, tear_down);
	tcase_add_loop_test(tests, a_wake_that_fails_is_tried_again, 0, COUNT(failures));
	tcase_add_test(tests, an_agent_that_is_down_is_not_stormed);
	tcase_add_test(tests, an_answer_that_is_lost_wakes_nobody_twice);
	tcase_add_loop_test(tests, it_ends_when_nobody_can_be_woken, 0, 2);
	tcase_add_test(tests, a_hook_that_fails_is_woken_again);
	tcase_add_test(tests, a_unit_in_error_is_woken_too);
	tcase_add_loop_test(tests, without_systemd_the_hooks_do_it, 0, 2);
	tcase_add_loop_test(tests, a_name_in_use_is_tried_again_for_two_seconds, 0, 2);
	tcase_add_test(tests, the_service_is_what_it_should_be);
	return suite;
}

int main(void)
{
	return charm_run(waker_suite);
}
