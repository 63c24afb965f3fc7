/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several processes work on one unit: two dispatches at once, one that keeps the lock for ever,
 * `state` while hooks run, and a reader and a writer that keep the database locked.
 */
#include <check.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/charm.h"
#include "tests/sandbox/snapd_port.h"
#include "tests/suite.h"

static struct charm charm;

static void set_up(void)
{
	charm_open_ready(&charm, "2.77");
}

/* Two processes that wait for each other need a clock that runs by itself. */
static void set_up_real_time(void)
{
	const char *options[] = { "--like", "2.77", "--data", charm.data, NULL };
	CLEANUP(cleanup_free) char *socket = NULL, *port = NULL, *data = NULL, *machine = NULL;

	charm = (struct charm){ .dir = "/tmp/charm-XXXXXX" };
	ck_assert_ptr_nonnull(mkdtemp(charm.dir));
	(void)snprintf(charm.data, sizeof charm.data, "%s/data", charm.dir);
	snapd_proc_start(&charm.snapd, charm.dir, options);
	juju_proc_init(&charm.juju);
	socket = alloc_textf("MICROSAMPLE_SNAPD_SOCKET=%s", charm.snapd.socket);
	port = snapd_port_setting(charm.dir);
	data = alloc_textf("MICROSAMPLE_SNAP_DATA=%s", charm.data);
	machine = alloc_textf("MICROSAMPLE_REGISTER=%s/register", charm.dir);
	ck_assert_int_eq(
		juju_call(&charm.juju, "deploy", getenv("CHARM_TREE"), "microsample", "--hook-env",
			socket, "--hook-env", port, "--hook-env", data, "--hook-env", machine),
		0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_forget(&charm);
}

static void tear_down(void)
{
	charm_close(&charm);
}

static char *charm_folder(void)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	char *folder = alloc_text(juju_show_text(shown, "charm-dir"));

	cJSON_Delete(shown);
	return folder;
}

/* Checks by its database that the unit is as it was. */
static char *picture(void)
{
	return charm_sql(&charm,
		"select state || channel || reason || detail || since || intent_op || "
		"intent_change || failure_attempts || told_status || told_message || "
		"(select max(sequence) from journal) from record");
}

/* --- two dispatches --- */

/* Runs SCRIPT where hook tools work; returns its output, to be freed. */
static char *within_a_hook(const char *script)
{
	struct juju_answer answer =
		juju_ask(&charm.juju, "exec", "--unit", UNIT, "--", "bash", "-c", script);
	char *out = alloc_textf("%s%s", answer.out, answer.err);

	juju_answer_done(&answer);
	return out;
}

START_TEST(the_second_of_two_waits_for_the_first)
{
	CLEANUP(cleanup_free) char *out = NULL;

	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"tracking\":"
			  "\"latest/beta\"}}");
	out = within_a_hook("for i in 1 2 3 4; do"
			    " (JUJU_DISPATCH_PATH=hooks/update-status ./dispatch >/dev/null;"
			    " echo \"end $?\") & done; wait");
	ck_assert_str_eq(out, "end 0\nend 0\nend 0\nend 0\n");
	ck_assert_int_eq(charm_posts(&charm), 1);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert(!charm_logged(&charm, "WARNING", "another dispatch"));
}
END_TEST

START_TEST(the_lock_dies_with_a_killed_dispatch)
{
	CLEANUP(cleanup_free) char *out = NULL;

	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
	out = within_a_hook("JUJU_DISPATCH_PATH=hooks/update-status ./dispatch >/dev/null &"
			    " sleep 0.7; kill -9 $!; wait $! 2>/dev/null; echo \"end $?\"");
	ck_assert_ptr_nonnull(strstr(out, "end 137"));
	ck_assert_int_eq(charm_posts(&charm), 1);
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":false}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

/* --- the lock --- */

static int take_lock(void)
{
	CLEANUP(cleanup_free) char *folder = charm_folder();
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/state.lock", folder);
	int fd = open(path, O_RDWR | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	return fd;
}

START_TEST(a_lock_that_is_not_let_go_is_waited_for_ten_seconds)
{
	CLEANUP(cleanup_free) char *before = picture();
	CLEANUP(cleanup_free) char *after = NULL;
	CLEANUP(cleanup_close) __attribute__((unused)) int lock = take_lock();
	long long began = sandbox_clock_now(charm.clock);
	long long took;

	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	took = sandbox_clock_now(charm.clock) - began;
	ck_assert_int_ge(took, 10 * SANDBOX_CLOCK_SECOND);
	ck_assert_int_lt(took, 11 * SANDBOX_CLOCK_SECOND);
	after = picture();
	ck_assert_str_eq(after, before);
	ck_assert_int_eq(charm_requests(&charm), 0);
	ck_assert(charm_logged(&charm, "WARNING", "another dispatch of this unit is running"));
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

START_TEST(the_hook_after_the_lock_was_let_go_does_it_all)
{
	int lock = take_lock();

	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'edge'");
	(void)close(lock);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(a_unit_does_not_go_while_the_lock_is_held)
{
	int lock = take_lock();
	cJSON *shown;

	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	charm_expect(&charm, "error", "hook failed: \"remove\"");
	ck_assert(charm_snap_present(&charm));
	ck_assert_int_eq(charm_requests(&charm), 0);
	(void)close(lock);
	ck_assert_int_eq(juju_call(&charm.juju, "resolved", UNIT), 0);
	shown = juju_show(&charm.juju, UNIT);
	ck_assert(cJSON_IsTrue(cJSON_GetObjectItem(shown, "gone")));
	cJSON_Delete(shown);
	ck_assert(!charm_snap_present(&charm));
}
END_TEST

/* --- looking on --- */

struct looks {
	atomic_int good, bad;
	atomic_bool enough;
};

/* Runs `state` again and again until it has run often enough. */
static pid_t start_looking(const char *folder, struct looks *looks)
{
	CLEANUP(cleanup_free)
	char *command =
		alloc_textf("cd %s && ./state --format json >%s/shown && ./state check >/dev/null",
			folder, charm.dir);
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid > 0)
		return pid;
	while (!looks->enough)
		atomic_fetch_add(system(command) == 0 ? &looks->good : &looks->bad, 1);
	_exit(0);
}

START_TEST(state_can_be_looked_at_while_hooks_run)
{
	CLEANUP(cleanup_free) char *folder = charm_folder();
	struct looks *looks = mmap(
		NULL, sizeof *looks, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t looking;

	ck_assert_ptr_ne(looks, MAP_FAILED);
	looking = start_looking(folder, looks);
	for (int i = 0; i < 6 || (looks->good < 5 && i < 60); i++) {
		charm_config(&charm, i % 2 ? "edge" : "beta");
		charm_expect(&charm, "active", i % 2 ? "Ready at 'edge'" : "Ready at 'beta'");
	}
	looks->enough = true;
	ck_assert_int_eq(waitpid(looking, NULL, 0), looking);
	ck_assert_int_ge(looks->good, 5);
	ck_assert_int_eq(looks->bad, 0);
	ck_assert(!charm_logged(&charm, "WARNING", "state.db"));
}
END_TEST

/* --- holding on to the database --- */

static sqlite3 *hold(const char *sql)
{
	CLEANUP(cleanup_free) char *folder = charm_folder();
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/state.db", folder);
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static long long size_of_log(void)
{
	CLEANUP(cleanup_free) char *folder = charm_folder();
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/state.db-wal", folder);
	CLEANUP(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? 0 : (long long)lseek(fd, 0, SEEK_END);
}

START_TEST(a_reader_in_a_transaction_stops_no_hook)
{
	sqlite3 *db = hold("BEGIN; SELECT * FROM record; SELECT * FROM journal");

	for (int i = 0; i < 6; i++) {
		charm_config(&charm, i % 2 ? "edge" : "beta");
		charm_expect(&charm, "active", i % 2 ? "Ready at 'edge'" : "Ready at 'beta'");
	}
	ck_assert_int_eq(charm_posts(&charm), 6);
	ck_assert_int_eq(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	/* The reader kept the log from being shortened; now it is shortened. */
	charm_config(&charm, "beta");
	charm_config(&charm, "edge");
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_lt(size_of_log(), 300 * 1024);
}
END_TEST

START_TEST(a_writer_in_a_transaction_is_waited_for_and_named)
{
	sqlite3 *db = hold("BEGIN IMMEDIATE");

	charm_config(&charm, "beta");
	charm_expect(&charm, "error", "hook failed: \"config-changed\"");
	ck_assert(charm_logged(&charm, "WARNING", "state.db"));
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	ck_assert_int_eq(juju_call(&charm.juju, "resolved", UNIT), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("concurrency");
	TCase *tests = tcase_create("virtual time");
	TCase *real = tcase_create("real time");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, a_lock_that_is_not_let_go_is_waited_for_ten_seconds);
	tcase_add_test(tests, the_hook_after_the_lock_was_let_go_does_it_all);
	tcase_add_test(tests, a_unit_does_not_go_while_the_lock_is_held);
	tcase_add_test(tests, state_can_be_looked_at_while_hooks_run);
	tcase_add_test(tests, a_reader_in_a_transaction_stops_no_hook);
	tcase_add_test(tests, a_writer_in_a_transaction_is_waited_for_and_named);
	suite_add_tcase(suite, tests);

	tcase_add_checked_fixture(real, set_up_real_time, tear_down);
	tcase_set_timeout(real, 120);
	tcase_add_test(real, the_second_of_two_waits_for_the_first);
	tcase_add_test(real, the_lock_dies_with_a_killed_dispatch);
	suite_add_tcase(suite, real);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
