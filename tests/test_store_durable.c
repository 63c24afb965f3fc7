/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commits: what they cost, and that they are durable. This program replaces the C library's calls
 * that write and sync, to count them and to make them fail.
 */
#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/store_kit.h"
#include "tests/suite.h"

/* The disk: counts, and fails at every call for the file fail_for. */
static int writes, syncs, fail_with;
static const char *fail_for;

static bool is_for(int fd, const char *name)
{
	struct stat file, other;

	return fstat(fd, &file) == 0 && stat(name, &other) == 0 && file.st_ino == other.st_ino;
}

static bool disk_fails(int fd)
{
	if (!fail_for || !is_for(fd, fail_for))
		return false;
	errno = fail_with;
	return true;
}

int fdatasync(int fd)
{
	syncs++;
	return disk_fails(fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	syncs++;
	return disk_fails(fd) ? -1 : (int)syscall(SYS_fsync, fd);
}

static ssize_t write_at(int fd, const void *data, size_t size, off_t offset)
{
	writes++;
	return disk_fails(fd) ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, data, size, offset);
}

static int truncate_to(int fd, off_t size)
{
	writes++;
	return disk_fails(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}

static void stand_in(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	for (const char *const *name = (const char *const[]){ "pwrite", "pwrite64", NULL }; *name;
		name++)
		(void)vfs->xSetSystemCall(vfs, *name, (sqlite3_syscall_ptr)write_at);
	ck_assert_int_eq(
		vfs->xSetSystemCall(vfs, "ftruncate", (sqlite3_syscall_ptr)truncate_to), SQLITE_OK);
	writes = syncs = 0;
}

START_TEST(hook_that_changes_nothing_writes_nothing)
{
	struct fsm_record record;

	kit_make(1);
	char *before = kit_picture(false);
	stand_in();
	struct store *store = kit_open();
	ck_assert_int_eq(store_load(store, &record, NULL), 0);
	/* Reading the log may write to its index, which is not data. */
	writes = 0;
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(store_commit(store, &record, NULL, 0, NULL), 0);
	ck_assert_int_eq(writes, 0);
	store_close(store);
	ck_assert_int_eq(syncs, 0);
	char *after = kit_picture(false);
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}
END_TEST

START_TEST(commit_syncs_the_log_once)
{
	struct fsm_record record;

	kit_make(1);
	stand_in();
	struct store *store = kit_open();
	kit_record(&record, 2);
	kit_commit(store, &record);
	ck_assert_int_eq(syncs, 2); /* the directory too, once in a process */
	for (int i = 3; i < 8; i++) {
		kit_record(&record, i);
		ck_assert_int_eq(store_commit(store, &record, NULL, 0, NULL), 0);
		ck_assert_int_eq(syncs, i);
	}
	store_close(store);
	ck_assert_int_eq(syncs, 7);
}
END_TEST

START_TEST(log_stays_short_when_each_process_commits_once)
{
	struct stat log, longest = { 0 };

	stand_in();
	store_close(kit_open());
	syncs = 0;
	for (int i = 0; i < 150; i++) {
		struct store *store = kit_open();

		kit_commit(store, NULL);
		store_close(store);
		ck_assert_int_eq(stat("state.db-wal", &log), 0);
		longest = log.st_size > longest.st_size ? log : longest;
	}
	ck_assert_int_lt(longest.st_size, 80 * 4096);
	ck_assert_int_lt(syncs, 150 * 5 / 2);
}
END_TEST

/* Commits 1, 2, 3, ... and says each number when it is durable. */
static void commit_for_ever(void *context)
{
	int out = *(int *)context;
	struct fsm_record record = { 0 };
	struct store *store = kit_open();

	kit_ready();
	for (;;) {
		record.intent.change++;
		kit_commit(store, &record);
		if (write(out, &record.intent.change, sizeof record.intent.change) < 0)
			_exit(1);
	}
}

START_TEST(killed_process_loses_no_commit)
{
	struct fsm_record record;
	struct kit_child child;
	int64_t number = 0;
	int pipes[2];

	store_close(kit_open());
	ck_assert_int_eq(pipe(pipes), 0);
	kit_fork(&child, commit_for_ever, &pipes[1]);
	(void)close(pipes[1]);
	ck_assert_int_eq(read(pipes[0], &number, sizeof number), sizeof number);
	(void)usleep(7919 * (useconds_t)_i);
	ck_assert_int_eq(kill(child.pid, SIGKILL), 0);
	ck_assert_int_eq(kit_release(&child), 128 + SIGKILL);
	while (read(pipes[0], &number, sizeof number) == sizeof number)
		;
	struct store *store = kit_open();
	ck_assert_int_eq(store_load(store, &record, NULL), 0);
	ck_assert_int_gt(number, 0);
	ck_assert_int_ge(record.intent.change, number);
	ck_assert_int_le(record.intent.change, number + 1);
	kit_commit(store, &record);
	store_close(store);
}
END_TEST

START_TEST(index_without_room_is_said_and_loses_nothing)
{
	struct fsm_record record;
	struct error err = { 0 };
	struct store *store = NULL;
	char aside[64];

	kit_record(&record, 1);
	kit_make(1);
	stand_in();
	fail_for = "state.db-shm";
	fail_with = ENOSPC;
	ck_assert_int_eq(store_open(".", &store, aside, sizeof aside, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	ck_assert_int_eq(err.code, ENOSPC);
	ck_assert_str_eq(err.text, "state.db: disk I/O error: No space left on device");
	ck_assert_str_eq(aside, "");
	fail_for = NULL;
	store = kit_open();
	kit_expect(store, &record);
	store_close(store);
}
END_TEST

/* SQLite's own allocation, until a given number of pieces is used up. */
static sqlite3_mem_methods memory;
static int memory_left; /* pieces */

static void *take_memory(int size)
{
	return memory_left-- > 0 ? memory.xMalloc(size) : NULL;
}

static void *take_more_memory(void *old, int size)
{
	return memory_left-- > 0 ? memory.xRealloc(old, size) : NULL;
}

static void run_short_of_memory(void)
{
	sqlite3_mem_methods scarce;

	ck_assert_int_eq(sqlite3_shutdown(), SQLITE_OK);
	ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory), SQLITE_OK);
	scarce = memory;
	scarce.xMalloc = take_memory;
	scarce.xRealloc = take_more_memory;
	ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &scarce), SQLITE_OK);
}

START_TEST(want_of_memory_is_no_damage)
{
	struct fsm_record record, found;
	struct error err = { 0 };
	int result = -1, failures = 0;

	kit_record(&record, 1);
	kit_make(1);
	run_short_of_memory();
	for (int pieces = 0; result < 0; pieces += 7) {
		struct store *store = NULL;
		char aside[64] = "";

		memory_left = pieces;
		result = store_open(".", &store, aside, sizeof aside, &err);
		if (result == 0)
			result = store_load(store, &found, &err);
		if (result == 0)
			result = store_commit(store, &record, &(struct store_entry){ 0 }, 1, &err);
		store_close(store);
		ck_assert_str_eq(aside, "");
		if (result == 0)
			break;
		failures++;
		ck_assert_int_eq(err.kind, ERROR_SYSTEM);
		ck_assert_int_eq(err.code, ENOMEM);
		ck_assert_str_eq(err.text, "state.db: out of memory");
	}
	ck_assert_int_gt(failures, 10);
	ck_assert_mem_eq(&found, &record, sizeof found);
}
END_TEST

/* If the log cannot be moved into the database, the commit has succeeded all the same. */
START_TEST(commit_counts_when_only_shortening_the_log_fails)
{
	struct fsm_record record;
	struct stat log;

	stand_in();
	struct store *store = kit_open();
	kit_commit(store, NULL);
	fail_with = EIO;
	fail_for = "state.db";
	for (int i = 0; i < 60; i++) {
		kit_record(&record, i);
		kit_commit(store, &record);
		kit_expect(store, &record);
	}
	fail_for = NULL;
	store_close(store);
	ck_assert_int_eq(stat("state.db-wal", &log), 0);
	ck_assert_int_gt(log.st_size, 100 * 4096);
	store = kit_open();
	kit_expect(store, &record);
	kit_commit(store, &record);
	store_close(store);
	ck_assert_int_eq(stat("state.db-wal", &log), 0);
	ck_assert_int_eq(log.st_size, 0);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = kit_suite("store, durable", &tests);

	tcase_add_test(tests, hook_that_changes_nothing_writes_nothing);
	tcase_add_test(tests, commit_syncs_the_log_once);
	tcase_add_test(tests, log_stays_short_when_each_process_commits_once);
	tcase_add_loop_test(tests, killed_process_loses_no_commit, 0, 10);
	tcase_add_test(tests, index_without_room_is_said_and_loses_nothing);
	tcase_add_test(tests, want_of_memory_is_no_damage);
	tcase_add_test(tests, commit_counts_when_only_shortening_the_log_fails);
	return run_suite(suite);
}
