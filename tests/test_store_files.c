/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other things in place of the database. Whatever they are, a hook must go on with a database, and
 * nothing that was there may be lost.
 */
#include <errno.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tests/store_kit.h"
#include "tests/suite.h"

static const struct fsm_record zeroed;

static mode_t mode_of(const char *name)
{
	struct stat file;

	ck_assert_int_eq(lstat(name, &file), 0);
	return file.st_mode;
}

START_TEST(files_are_for_their_owner_alone)
{
	static const char *const names[] = { "state.db", "state.db-wal", "state.db-shm" };

	(void)umask(0277);
	kit_make(1);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(mode_of(names[i]), S_IFREG | 0600);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(chmod(names[i], 0666), 0);
	store_close(kit_open());
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq(mode_of(names[i]), S_IFREG | 0600);
}
END_TEST

START_TEST(empty_file_is_a_database_that_never_was)
{
	kit_write("state.db", "", 0);
	struct error err = { 0 };
	struct store *store = NULL;
	ck_assert_int_eq(store_inspect(".", &store, &err), -1);
	ck_assert_int_eq(err.code, ENOENT);
	store = kit_open();
	kit_expect(store, &zeroed);
	store_close(store);
}
END_TEST

/* Things that are not a file of ours. */
static void put_directory(void)
{
	ck_assert_int_eq(mkdir("state.db", 0700), 0);
}

static void put_link(void)
{
	kit_write("target", "x", 1);
	ck_assert_int_eq(symlink("target", "state.db"), 0);
}

static void put_link_to_database(void)
{
	kit_make_whole(1);
	ck_assert_int_eq(rename("state.db", "target"), 0);
	ck_assert_int_eq(symlink("target", "state.db"), 0);
}

static void put_dangling_link(void)
{
	ck_assert_int_eq(symlink("target", "state.db"), 0);
}

static void put_fifo(void)
{
	ck_assert_int_eq(mkfifo("state.db", 0600), 0);
}

static void put_second_name(void)
{
	kit_make_whole(1);
	ck_assert_int_eq(link("state.db", "target"), 0);
}

static void put_another_users(void)
{
	kit_make_whole(1);
	if (chown("state.db", 1, 1) < 0)
		ck_assert_int_eq(errno, EPERM);
}

static void put_linked_log(void)
{
	kit_make_whole(1);
	kit_write("target", "x", 1);
	ck_assert_int_eq(symlink("target", "state.db-wal"), 0);
}

static void put_directory_as_index(void)
{
	kit_make_whole(1);
	ck_assert_int_eq(mkdir("state.db-shm", 0700), 0);
}

static void put_fifo_as_journal(void)
{
	kit_make_whole(1);
	ck_assert_int_eq(mkfifo("state.db-journal", 0600), 0);
}

static void (*const things[])(void) = { put_directory, put_link, put_link_to_database,
	put_dangling_link, put_fifo, put_second_name, put_another_users, put_linked_log,
	put_directory_as_index, put_fifo_as_journal };

START_TEST(thing_that_is_no_file_of_ours_is_set_aside)
{
	char aside[NAME_MAX + 1];
	struct stat before, after;

	if (things[_i] == put_another_users && geteuid() != 0)
		return;
	things[_i]();
	ck_assert_int_eq(lstat("state.db", &before), 0);
	bool linked = access("target", F_OK) == 0;
	if (linked)
		kit_copy("target", "kept");
	struct store *store = kit_open_aside(aside);
	kit_expect(store, &zeroed);
	kit_commit(store, NULL);
	store_close(store);
	ck_assert_int_eq(lstat(aside, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_uint_eq(before.st_mode, after.st_mode);
	if (linked)
		kit_expect_same("target", "kept");
	store_close(kit_open());
}
END_TEST

START_TEST(names_of_what_was_set_aside_differ)
{
	char names[5][NAME_MAX + 1], text[2] = "0";
	size_t size;

	for (int i = 0; i < 5; i++) {
		text[0] = (char)('0' + i);
		kit_clear();
		for (int k = 0; k < i; k++)
			kit_write(names[k], (char[]){ (char)('0' + k) }, 1);
		kit_write("state.db", text, 1);
		store_close(kit_open_aside(names[i]));
	}
	for (int i = 0; i < 5; i++) {
		CLEANUP(cleanup_free) char *data = kit_read(names[i], &size);
		ck_assert_uint_eq(size, 1);
		ck_assert_int_eq(data[0], '0' + i);
	}
}
END_TEST

START_TEST(log_goes_along_with_its_database)
{
	char aside[NAME_MAX + 1], name[NAME_MAX + 16];
	struct fsm_record record;

	kit_make(1);
	ck_assert_int_eq(access("state.db-wal", F_OK), 0);
	kit_copy("state.db-wal", "kept");
	ck_assert_int_eq(store_set_aside(".", aside, sizeof aside, NULL), 0);
	ck_assert_int_ne(access("state.db-wal", F_OK), 0);
	ck_assert_int_ne(access("state.db-shm", F_OK), 0);
	(void)snprintf(name, sizeof name, "%s-wal", aside);
	kit_expect_same(name, "kept");
	struct store *store = kit_open();
	kit_expect(store, &zeroed);
	store_close(store);
	/* When it is put back, it is unchanged. */
	kit_clear();
	kit_make(1);
	ck_assert_int_eq(store_set_aside(".", aside, sizeof aside, NULL), 0);
	(void)snprintf(name, sizeof name, "%s-wal", aside);
	ck_assert_int_eq(rename(aside, "state.db"), 0);
	ck_assert_int_eq(rename(name, "state.db-wal"), 0);
	store = kit_open();
	kit_record(&record, 1);
	kit_expect(store, &record);
	store_close(store);
}
END_TEST

/* As after a kill between two renames, or after somebody deleted a file. */
static const struct {
	const char *left, *suffix;
	bool emptied; /* the database is empty instead of missing */
} remains[] = {
	{ "state.db-wal", "-wal", false },
	{ "state.db-wal", "-wal", true },
	{ "state.db-shm", "-shm", false },
	{ "state.db-journal", "-journal", false },
};

START_TEST(remains_without_their_database_are_set_aside)
{
	char aside[NAME_MAX + 1], name[NAME_MAX + 16];

	kit_make(1);
	kit_copy("state.db-wal", "kept");
	kit_clear();
	kit_copy("kept", remains[_i].left);
	if (remains[_i].emptied)
		kit_write("state.db", "", 0);
	struct store *store = kit_open_aside(aside);
	kit_expect(store, &zeroed);
	store_close(store);
	(void)snprintf(name, sizeof name, "%s%s", aside, remains[_i].suffix);
	kit_expect_same(name, "kept");
}
END_TEST

START_TEST(directory_that_is_none_is_an_error)
{
	struct error err = { 0 };
	struct store *store = NULL;

	kit_write("file", "", 0);
	ck_assert_int_eq(store_open("absent", &store, NULL, 0, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	ck_assert_int_eq(err.code, ENOENT);
	ck_assert_int_eq(store_open("file", &store, NULL, 0, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	ck_assert_int_eq(err.code, ENOTDIR);
	ck_assert_int_eq(store_inspect("file", &store, &err), -1);
	ck_assert_int_eq(err.code, ENOTDIR);
	ck_assert_int_eq(store_open("absent", &store, NULL, 0, NULL), -1);
	ck_assert_ptr_null(store);
}
END_TEST

/* A path too long for SQLite; the error must not be that of a missing file. */
START_TEST(path_that_is_too_long_is_no_absent_database)
{
	char name[NAME_MAX + 1], path[3 * sizeof name] = ".", data[512] = "x";
	struct error err = { 0 };
	struct store *store = NULL;

	memset(name, 'x', 200);
	name[200] = '\0';
	for (int i = 0; i < 3; i++) {
		size_t used = strlen(path);

		(void)snprintf(path + used, sizeof path - used, "/%s", name);
		ck_assert_int_eq(mkdir(path, 0700), 0);
	}
	ck_assert_int_eq(store_open(path, &store, NULL, 0, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	ck_assert_int_ne(err.code, ENOENT);
	(void)strcat(path, "/state.db");
	kit_write(path, data, sizeof data);
	*strrchr(path, '/') = '\0';
	ck_assert_int_eq(store_inspect(path, &store, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	ck_assert_int_ne(err.code, ENOENT);
}
END_TEST

START_TEST(directory_may_be_reached_by_a_link)
{
	struct store *store = NULL;

	ck_assert_int_eq(mkdir("real place#?%", 0700), 0);
	ck_assert_int_eq(symlink("real place#?%", "link"), 0);
	ck_assert_int_eq(store_open("link", &store, NULL, 0, NULL), 0);
	kit_commit(store, NULL);
	store_close(store);
	ck_assert_int_eq(access("real place#?%/state.db", F_OK), 0);
	ck_assert_int_eq(store_inspect("link", &store, NULL), 0);
	kit_expect(store, &zeroed);
	store_close(store);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = kit_suite("store, files", &tests);

	tcase_add_test(tests, files_are_for_their_owner_alone);
	tcase_add_test(tests, empty_file_is_a_database_that_never_was);
	tcase_add_loop_test(tests, thing_that_is_no_file_of_ours_is_set_aside, 0,
		sizeof things / sizeof things[0]);
	tcase_add_test(tests, names_of_what_was_set_aside_differ);
	tcase_add_test(tests, log_goes_along_with_its_database);
	tcase_add_loop_test(tests, remains_without_their_database_are_set_aside, 0,
		sizeof remains / sizeof remains[0]);
	tcase_add_test(tests, directory_that_is_none_is_an_error);
	tcase_add_test(tests, path_that_is_too_long_is_no_absent_database);
	tcase_add_test(tests, directory_may_be_reached_by_a_link);
	return run_suite(suite);
}
