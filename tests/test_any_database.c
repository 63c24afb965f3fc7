/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A running unit finds something else in place of its database. It must set that aside, take over
 * what snapd shows, ask snapd for nothing and say what happened. tests/test_store_any.c tests all
 * bytes.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/charm.h"
#include "tests/suite.h"

static struct charm charm;
static char *directory; /* of the charm */

static void set_up(void)
{
	cJSON *shown;

	charm_open(&charm, "2.77");
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	shown = juju_show(&charm.juju, UNIT);
	directory = alloc_text(juju_show_text(shown, "charm-dir"));
	cJSON_Delete(shown);
	charm_forget(&charm);
}

static void tear_down(void)
{
	free(directory);
	charm_close(&charm);
}

/* The exit code of shell commands in the charm's directory; $kept is a file name elsewhere. */
static int shell(const char *commands)
{
	char *script = alloc_textf("cd %s && kept=%s/kept && %s", directory, charm.dir, commands);
	int status = system(script);

	free(script);
	return status;
}

static void sql(const char *statements)
{
	char *path = alloc_textf("%s/state.db", directory);
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, statements, NULL, NULL, NULL) != SQLITE_OK)
		ck_abort_msg("%s: %s", statements, sqlite3_errmsg(db));
	/* Closing leaves everything in the one file. */
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	free(path);
}

/* Except the index, which is not data. */
#define LIST "ls -l --full-time | grep -v -e state.lock -e state.db-shm -e ^total"

/* If a person looks first, `state` answers and changes nothing. */
static void look(void)
{
	static const char *const arguments[] = { "", "--format json", "history", "check" };
	int code;

	ck_assert_int_eq(shell(LIST " >$kept.before"), 0);
	for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
		free(charm_state(&charm, arguments[i], &code));
		ck_assert_msg(code == 0 || code == 1, "state %s: %d", arguments[i], code);
	}
	ck_assert_int_eq(shell(LIST " | diff $kept.before -"), 0);
}

/* clang-format off */
static const struct {
	const char *sql; /* what is done to it before */
	const char *commands;
} unusable[] = {
	{ "", "dd if=/dev/urandom of=state.db bs=4096 count=1 conv=notrunc status=none" },
	{ "", "dd if=/dev/urandom of=state.db bs=1 seek=100 count=3900 conv=notrunc status=none" },
	{ "", "dd if=/dev/zero of=state.db bs=4096 seek=1 count=5 conv=notrunc status=none" },
	{ "", "truncate -s 1 state.db" },
	{ "", "truncate -s 5000 state.db" },
	{ "", "echo 'Dear diary, today there was no snap in the Snap Store.' >state.db" },
	{ "", "rm state.db && mkdir state.db && echo x >state.db/x" },
	{ "", "mv state.db elsewhere.db && ln -s elsewhere.db state.db" },
	{ "", "rm state.db && ln -s /nonexistent/state.db state.db" },
	{ "", "ln state.db elsewhere.db" },
	{ "", "rm state.db && mkfifo state.db" },
	{ "", "mkdir state.db-wal" },
	{ "PRAGMA application_id = 7", "true" },
	{ "DROP TABLE record; DROP TABLE journal; DROP VIEW status; CREATE TABLE notes (a);"
	  "PRAGMA application_id = 0; PRAGMA user_version = 3", "true" },
	{ "UPDATE record SET state = 'asleep'", "true" },
	{ "DELETE FROM record", "true" },
};
/* clang-format on */

START_TEST(unusable_database_is_set_aside_and_the_record_rebuilt)
{
	/* If it is not a regular file, compare its type and inode number. */
	static const char same[] =
		"aside=$(ls -d state.db.aside-* | head -n 1) && "
		"{ [ \"$(stat -c %F%i $aside)\" = \"$(cat $kept.stat)\" ] || exit 1; } && "
		"{ [ ! -f $aside ] || [ -h $aside ] || cmp $aside $kept; }";

	sql(unusable[_i].sql);
	sql("SELECT * FROM sqlite_schema");
	ck_assert_int_eq(shell(unusable[_i].commands), 0);
	ck_assert_int_eq(shell("stat -c %F%i state.db >$kept.stat; "
			       "[ ! -f state.db ] || [ -h state.db ] || cp state.db $kept"),
		0);
	look();
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_expect_version(&charm, "3.0-dev");
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert_int_eq(shell(same), 0);
	ck_assert(charm_logged(&charm, "WARNING", "it was set aside as state.db.aside-"));
	charm_expect_sql(&charm,
		"SELECT count(*) FROM journal "
		"WHERE detail LIKE '%database set aside as state.db.aside-%'",
		"1");
	charm_expect_sql(&charm, "SELECT state || ' ' || ours || ' ' || marked FROM record",
		"active yes yes"); /* the marker says so */
	/* And the unit goes on as usual. */
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 1);
	ck_assert_int_eq(shell("[ $(ls -d state.db.aside-*Z | wc -l) = 1 ]"), 0);
}
END_TEST

START_TEST(log_without_its_database_is_set_aside)
{
	ck_assert_int_eq(shell("cp state.db-wal $kept && rm state.db"), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert_int_eq(shell("cmp state.db.aside-*-wal $kept"), 0);
	ck_assert(charm_logged(&charm, "WARNING", "left without its database"));
}
END_TEST

/* A damaged log loses the last commits. The unit looks again and comes to the same result. */
static const char *const logs[] = { "truncate -s 0 state.db-wal", "truncate -s 6000 state.db-wal",
	"dd if=/dev/urandom of=state.db-wal bs=4096 count=1 conv=notrunc status=none",
	"dd if=/dev/urandom of=state.db-wal bs=4096 seek=2 count=1 conv=notrunc status=none" };

START_TEST(damaged_log_costs_no_request)
{
	ck_assert_int_eq(shell(logs[_i]), 0);
	look();
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

static const char *const modes[] = { "0400", "0666", "0000" };

START_TEST(mode_is_put_right_and_nothing_lost)
{
	char *command = alloc_textf("chmod %s state.db", modes[_i]);

	ck_assert_int_eq(shell(command), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(shell("[ $(stat -c %a state.db) = 600 ]"), 0);
	ck_assert_int_ne(shell("ls -d state.db.aside-* 2>/dev/null"), 0);
	charm_expect_sql(&charm, "SELECT ours FROM record", "yes");
	free(command);
}
END_TEST

/* Opening reads only the record. The hook writes the one in memory into a new database. */
START_TEST(damage_that_only_a_commit_meets_costs_nothing)
{
	char *page =
		charm_sql(&charm, "SELECT rootpage - 1 FROM sqlite_schema WHERE name = 'journal'");
	int code = -1;
	char *damage = alloc_textf("dd if=/dev/zero of=state.db bs=4096 seek=%s count=1 "
				   "conv=notrunc status=none",
		page);

	sql("PRAGMA wal_checkpoint(TRUNCATE)");
	ck_assert_int_eq(shell(damage), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_ne(shell("ls -d state.db.aside-* 2>/dev/null"), 0);
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 1);
	ck_assert_int_eq(shell("ls -d state.db.aside-*"), 0);
	ck_assert(charm_logged(&charm, "WARNING", "set aside as state.db.aside-"));
	charm_expect_sql(&charm, "SELECT ours FROM record", "yes");
	charm_expect_sql(&charm,
		"SELECT count(*) FROM journal "
		"WHERE detail LIKE 'database set aside as state.db.aside-%, record kept'",
		"1");
	free(charm_state(&charm, "check", &code));
	ck_assert_int_eq(code, 0);
	free(damage);
	free(page);
}
END_TEST

START_TEST(empty_file_is_a_new_database)
{
	ck_assert_int_eq(shell("rm state.db* && touch state.db"), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert_int_ne(shell("ls -d state.db.aside-* 2>/dev/null"), 0);
}
END_TEST

START_TEST(newer_schema_is_refused_and_left_alone)
{
	sql("PRAGMA user_version = 99");
	ck_assert_int_eq(shell("cp state.db $kept"), 0);
	look();
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "blocked",
		"Database is of a newer charm (schema 99, known 2); run: juju refresh");
	ck_assert_int_eq(charm_requests(&charm), 0);
	ck_assert_int_eq(shell("cmp state.db $kept"), 0);
	ck_assert_int_ne(shell("ls -d state.db.aside-* 2>/dev/null"), 0);
	/* The remedy is the newer build; here the test changes the record instead of the build. */
	sql("PRAGMA user_version = 2");
	ck_assert_int_eq(
		juju_call(&charm.juju, "refresh", "microsample", "--path", getenv("CHARM_TREE")),
		0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
	charm_expect_sql(&charm, "SELECT ours FROM record", "yes");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("any database");
	TCase *tests = tcase_create("charm");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, unusable_database_is_set_aside_and_the_record_rebuilt, 0,
		sizeof unusable / sizeof unusable[0]);
	tcase_add_test(tests, log_without_its_database_is_set_aside);
	tcase_add_loop_test(tests, damaged_log_costs_no_request, 0, sizeof logs / sizeof logs[0]);
	tcase_add_loop_test(
		tests, mode_is_put_right_and_nothing_lost, 0, sizeof modes / sizeof modes[0]);
	tcase_add_test(tests, damage_that_only_a_commit_meets_costs_nothing);
	tcase_add_test(tests, empty_file_is_a_new_database);
	tcase_add_test(tests, newer_schema_is_refused_and_left_alone);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
