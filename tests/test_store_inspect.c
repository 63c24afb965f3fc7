/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at a database shows what was committed, and changes nothing. The last few tests need a
 * file system of their own; they are skipped if the machine does not allow one.
 */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tests/store_kit.h"
#include "tests/suite.h"

static struct store *inspect(void)
{
	struct error err = { 0 };
	struct store *store = NULL;

	if (store_inspect(".", &store, &err) < 0)
		ck_abort_msg("%s", err.text);
	return store;
}

static void expect_error(enum error_kind kind, int code)
{
	struct error err = { 0 };
	struct store *store = NULL;

	ck_assert_int_eq(store_inspect(".", &store, &err), -1);
	ck_assert_int_eq(err.kind, kind);
	ck_assert_int_eq(err.code, code);
	ck_assert_int_eq(strncmp(err.text, "state.db: ", 10), 0);
	ck_assert_ptr_null(store);
}

/* Each leaves kit_record(1) behind. */
static void with_log(void)
{
	kit_make(0);
	kit_make(1);
}

static void with_empty_log(void)
{
	struct store *store;

	with_log();
	store = kit_open(); /* keeps the files when the next connection closes */
	kit_sql("PRAGMA wal_checkpoint(TRUNCATE)");
	store_close(store);
}

static void without_log(void)
{
	with_log();
	kit_sql("SELECT 1 FROM record"); /* the last connection to close removes the log */
	ck_assert_int_ne(access("state.db-wal", F_OK), 0);
}

static void without_wal_mode(void)
{
	with_log();
	kit_sql("PRAGMA journal_mode = DELETE");
}

static void die_in_commit(void *context)
{
	struct fsm_record record;
	struct store *store = kit_open();

	(void)context;
	kit_record(&record, 1);
	kit_commit(store, &record);
	kit_ready();
	(void)raise(SIGKILL);
}

static void after_a_kill(void)
{
	struct kit_child child;

	kit_fork(&child, die_in_commit, NULL);
	ck_assert_int_eq(kit_release(&child), 128 + SIGKILL);
}

static void (*const makers[])(
	void) = { with_log, with_empty_log, without_log, without_wal_mode, after_a_kill };

START_TEST(inspection_shows_all_and_changes_nothing)
{
	struct fsm_record record;

	makers[_i]();
	kit_record(&record, 1);
	CLEANUP(cleanup_free) char *before = kit_picture(true);
	for (int i = 0; i < 2; i++) {
		struct store *store = inspect();

		kit_expect(store, &record);
		ck_assert_int_eq(store_schema(store), store_schema_own());
		store_close(store);
	}
	CLEANUP(cleanup_free) char *after = kit_picture(true);
	ck_assert_str_eq(before, after);
}
END_TEST

START_TEST(log_without_its_index_is_seen)
{
	struct fsm_record record;
	struct store *store;

	with_log();
	kit_record(&record, 1);
	ck_assert_int_eq(unlink("state.db-shm"), 0);
	store = inspect();
	kit_expect(store, &record);
	store_close(store);
	ck_assert_int_eq(access("state.db-wal", F_OK), 0);
	store = kit_open();
	kit_expect(store, &record);
	store_close(store);
}
END_TEST

/* Only up to the first frame: a process died, or the disk was full, when it began the log. */
static const int beginnings[] = { 1, 31, 32, 33, 32 + 24, 32 + 24 + 4096 - 1 };

START_TEST(log_that_is_just_begun_is_seen_at_once)
{
	struct fsm_record record;
	struct kit_child child;
	struct store *store;

	kit_make_whole(0);
	kit_record(&record, 0);
	kit_fork(&child, die_in_commit, NULL);
	ck_assert_int_eq(kit_release(&child), 128 + SIGKILL);
	ck_assert_int_eq(truncate("state.db-wal", beginnings[_i]), 0);
	CLEANUP(cleanup_free) char *before = kit_picture(true);
	time_t began = time(NULL);
	store = inspect();
	ck_assert_int_lt(time(NULL) - began, 5);
	kit_expect(store, &record);
	store_close(store);
	CLEANUP(cleanup_free) char *after = kit_picture(true);
	ck_assert_str_eq(before, after);
}
END_TEST

START_TEST(log_with_a_damaged_header_holds_nothing)
{
	struct fsm_record record;
	struct kit_child child;
	struct store *store;
	size_t size;

	kit_make_whole(0);
	kit_record(&record, 0);
	kit_fork(&child, die_in_commit, NULL);
	ck_assert_int_eq(kit_release(&child), 128 + SIGKILL);
	CLEANUP(cleanup_free) char *log = kit_read("state.db-wal", &size);
	ck_assert_uint_gt(size, 4096);
	log[0] = (char)~log[0];
	kit_write("state.db-wal", log, size);
	store = inspect();
	kit_expect(store, &record);
	store_close(store);
}
END_TEST

/* Half of the commit has reached the file, and the old pages are in the journal. */
static void die_in_mid_commit(void *context)
{
	(void)context;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open("state.db", &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(db,
				 "PRAGMA cache_size = 1; BEGIN; UPDATE record SET channel = 'x';"
				 "CREATE TABLE much AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
				 "SELECT i + 1 FROM n WHERE i < 1000) "
				 "SELECT hex(randomblob(200)) FROM n",
				 NULL, NULL, NULL),
		SQLITE_OK);
	kit_ready();
	(void)raise(SIGKILL);
}

START_TEST(half_a_commit_is_taken_back)
{
	struct fsm_record record;
	struct kit_child child;
	struct store *store;

	without_wal_mode();
	kit_record(&record, 1);
	kit_fork(&child, die_in_mid_commit, NULL);
	ck_assert_int_eq(kit_release(&child), 128 + SIGKILL);
	ck_assert_int_eq(access("state.db-journal", F_OK), 0);
	store = inspect();
	kit_expect(store, &record);
	store_close(store);
}
END_TEST

START_TEST(nothing_is_made_where_nothing_is)
{
	expect_error(ERROR_SYSTEM, ENOENT);
	CLEANUP(cleanup_free) char *picture = kit_picture(true);
	ck_assert_str_eq(picture, "");
}
END_TEST

static void put_garbage(void)
{
	kit_write("state.db", "garbage, and more than a little of it", 37);
}

static void put_directory(void)
{
	ck_assert_int_eq(mkdir("state.db", 0700), 0);
}

static void put_link(void)
{
	without_log();
	ck_assert_int_eq(rename("state.db", "target"), 0);
	ck_assert_int_eq(symlink("target", "state.db"), 0);
}

static void put_fifo(void)
{
	ck_assert_int_eq(mkfifo("state.db", 0600), 0);
}

static void put_foreign(void)
{
	kit_sql("CREATE TABLE other (a)");
}

/* SQLite treats a file of one byte as an empty database, and would delete the log beside it. */
static void put_cut_beside_its_log(void)
{
	kit_make(1);
	kit_write("state.db", "S", 1);
}

static void (*const unusable[])(void) = { put_garbage, put_directory, put_link, put_fifo,
	put_foreign, put_cut_beside_its_log };

START_TEST(unusable_database_is_named_and_stays)
{
	unusable[_i]();
	CLEANUP(cleanup_free) char *before = kit_picture(true);
	expect_error(ERROR_CORRUPT, 0);
	CLEANUP(cleanup_free) char *after = kit_picture(true);
	ck_assert_str_eq(before, after);
}
END_TEST

START_TEST(unreadable_record_can_still_be_looked_into)
{
	struct fsm_record record;
	struct error err = { 0 };
	struct store *store;

	without_log();
	kit_sql("UPDATE record SET state = 'dreaming'");
	store = inspect();
	ck_assert_int_eq(store_load(store, &record, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_CORRUPT);
	ck_assert_str_eq(err.text, "state.db: record.state: not a value of this charm");
	store_close(store);
}
END_TEST

START_TEST(inspection_holds_up_nobody)
{
	struct fsm_record record, old;
	struct stat log;

	kit_record(&old, 1);
	with_log();
	struct store *looking = inspect();
	struct store *store = kit_open();
	for (int i = 0; i < 100; i++) {
		kit_record(&record, i);
		kit_commit(store, &record);
	}
	ck_assert_int_eq(stat("state.db-wal", &log), 0);
	ck_assert_int_lt(log.st_size, 80 * 4096);
	kit_expect(store, &record);
	kit_expect(looking, &old);
	store_close(store);
	store_close(looking);
}
END_TEST

static void commit_for_ever(void *context)
{
	struct fsm_record record = { 0 };
	struct store_entry entry = { 0 };
	struct store *store = kit_open();

	(void)context;
	for (;;) {
		entry.change = ++record.intent.change;
		if (store_commit(store, &record, &entry, 1, NULL) < 0)
			_exit(1);
		if (record.intent.change == 1)
			kit_ready();
		if (record.intent.change % 10 == 0) {
			store_close(store);
			store = kit_open();
		}
	}
}

static int see(const struct store_entry *entry, void *context)
{
	*(int64_t *)context = entry->change;
	return 0;
}

START_TEST(what_is_seen_is_one_moment)
{
	struct fsm_record record;
	struct kit_child child;
	int64_t change = 0, last = 0;

	kit_fork(&child, commit_for_ever, NULL);
	/* On a busy machine the writer may not get to its second commit for a while. */
	for (int i = 0; i < 100 || last <= 1; i++) {
		struct store *store = inspect();

		ck_assert_int_eq(store_load(store, &record, NULL), 0);
		ck_assert_int_eq(store_journal(store, 1, see, &change, NULL), 0);
		ck_assert_int_eq(record.intent.change, change);
		ck_assert_int_ge(change, last);
		last = change;
		store_close(store);
	}
	ck_assert_int_eq(kill(child.pid, SIGKILL), 0);
	ck_assert_int_eq(kit_release(&child), 128 + SIGKILL);
	ck_assert_int_gt(last, 1);
}
END_TEST

START_TEST(unreadable_file_is_a_system_error)
{
	if (geteuid() != 0)
		return;
	without_log();
	ck_assert_int_eq(chmod(".", 0755), 0);
	ck_assert_int_eq(seteuid(65534), 0);
	expect_error(ERROR_SYSTEM, EACCES);
	ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

/* Makes a file system of 512 KiB the current directory; false if that is not possible. */
static bool own_file_system(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", "", MS_REC | MS_PRIVATE, "") < 0)
		return false;
	ck_assert_int_eq(mkdir("own", 0700), 0);
	if (mount("own", "own", "tmpfs", 0, "size=512k") < 0)
		return false;
	ck_assert_int_eq(chdir("own"), 0);
	return true;
}

static void leave_file_system(void)
{
	ck_assert_int_eq(chdir(".."), 0);
	ck_assert_int_eq(umount("own"), 0);
}

START_TEST(read_only_file_system_is_said_and_can_be_looked_into)
{
	struct fsm_record record;
	struct error err = { 0 };
	struct store *store = NULL;

	if (!own_file_system())
		return;
	kit_record(&record, 1);
	makers[_i]();
	ck_assert_int_eq(mount("own", ".", "", MS_REMOUNT | MS_RDONLY, ""), 0);
	ck_assert_int_eq(store_open(".", &store, NULL, 0, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	ck_assert_int_eq(err.code, EROFS);
	ck_assert_str_eq(err.text, "state.db: Read-only file system");
	store = inspect();
	kit_expect(store, &record);
	store_close(store);
	leave_file_system();
}
END_TEST

START_TEST(full_disk_is_said_and_leaves_the_last_commit)
{
	struct fsm_record old, new;
	struct error err = { 0 };
	struct store *store;
	char filler[4096] = { 0 };

	if (!own_file_system())
		return;
	kit_record(&old, 1);
	kit_record(&new, 2);
	with_log();
	FILE *file = fopen("filler", "w");
	while (fwrite(filler, sizeof filler, 1, file) == 1 && fflush(file) == 0)
		;
	(void)fclose(file);
	store = kit_open();
	ck_assert_int_eq(store_commit(store, &new, NULL, 0, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	ck_assert_int_eq(err.code, ENOSPC);
	ck_assert_str_eq(err.text, "state.db: database or disk is full");
	kit_expect(store, &old);
	store_close(store);
	store = kit_open();
	kit_expect(store, &old);
	ck_assert_int_eq(unlink("filler"), 0);
	kit_commit(store, &new);
	kit_expect(store, &new);
	store_close(store);
	leave_file_system();
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = kit_suite("store, inspected", &tests);
	const int all = sizeof makers / sizeof makers[0];

	tcase_add_loop_test(tests, inspection_shows_all_and_changes_nothing, 0, all);
	tcase_add_test(tests, log_without_its_index_is_seen);
	tcase_add_loop_test(tests, log_that_is_just_begun_is_seen_at_once, 0,
		sizeof beginnings / sizeof beginnings[0]);
	tcase_add_test(tests, log_with_a_damaged_header_holds_nothing);
	tcase_add_test(tests, half_a_commit_is_taken_back);
	tcase_add_test(tests, nothing_is_made_where_nothing_is);
	tcase_add_loop_test(tests, unusable_database_is_named_and_stays, 0,
		sizeof unusable / sizeof unusable[0]);
	tcase_add_test(tests, unreadable_record_can_still_be_looked_into);
	tcase_add_test(tests, inspection_holds_up_nobody);
	tcase_add_test(tests, what_is_seen_is_one_moment);
	tcase_add_test(tests, unreadable_file_is_a_system_error);
	tcase_add_loop_test(tests, read_only_file_system_is_said_and_can_be_looked_into, 0, all);
	tcase_add_test(tests, full_disk_is_said_and_leaves_the_last_commit);
	return run_suite(suite);
}
