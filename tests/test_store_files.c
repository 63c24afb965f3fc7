/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may stand where the database should be. Whatever it is, a hook goes on with a database, and
 * nothing that stood there is lost.
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

static const struct fsm_record zeroed;

static mode_t mode_of(const char *name)
{
	struct stat file;

	ck_assert_int_eq(lstat(name, &file), 0);
	return file.st_mode;
}

static void copy(const char *from, const char *to)
{
	size_t size;
	CLEANUP(cleanup_free) char *data = kit_read(from, &size);

	kit_write(to, data, size);
}

static void expect_same(const char *one, const char *other)
{
	size_t size, other_size;
	CLEANUP(cleanup_free) char *data = kit_read(one, &size);
	CLEANUP(cleanup_free) char *other_data = kit_read(other, &other_size);

	ck_assert_uint_eq(size, other_size);
	ck_assert_mem_eq(data, other_data, size);
}

/* A database that holds kit_record(1), in one file. */
static void make_whole(void)
{
	kit_make(1);
	kit_sql("PRAGMA wal_checkpoint(TRUNCATE)");
	(void)unlink("state.db-wal");
	(void)unlink("state.db-shm");
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

/* Things that are no file of ours. */
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
	make_whole();
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
	make_whole();
	ck_assert_int_eq(link("state.db", "target"), 0);
}

static void put_another_users(void)
{
	make_whole();
	if (chown("state.db", 1, 1) < 0)
		ck_assert_int_eq(errno, EPERM);
}

static void put_linked_log(void)
{
	make_whole();
	kit_write("target", "x", 1);
	ck_assert_int_eq(symlink("target", "state.db-wal"), 0);
}

static void put_directory_as_index(void)
{
	make_whole();
	ck_assert_int_eq(mkdir("state.db-shm", 0700), 0);
}

static void put_fifo_as_journal(void)
{
	make_whole();
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
		copy("target", "kept");
	struct store *store = kit_open_aside(aside);
	kit_expect(store, &zeroed);
	kit_commit(store, NULL);
	store_close(store);
	ck_assert_int_eq(lstat(aside, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_uint_eq(before.st_mode, after.st_mode);
	if (linked)
		expect_same("target", "kept");
	store_close(kit_open());
}
END_TEST

/* clang-format off */
static const char *const strange[] = {
	"PRAGMA application_id = 1",
	"PRAGMA application_id = 0",
	"PRAGMA user_version = 0",
	"PRAGMA user_version = -1",
	"DROP TABLE record",
	"DROP TABLE journal",
	"ALTER TABLE record RENAME COLUMN detail TO details",
	"ALTER TABLE journal RENAME TO diary",
	"DELETE FROM record",
	"UPDATE record SET state = 'dreaming'",
	"UPDATE record SET state = ''",
	"UPDATE record SET told_status = 'ACTIVE'",
	"UPDATE record SET since = 'noon'",
	"UPDATE record SET memory_next_try = '2026-11-23 03:25:00'",
	"UPDATE record SET version = printf('%064d', 1)",
	"UPDATE record SET channel = 'latest/' || char(0) || 'edge'",
	"DROP TABLE record; CREATE TABLE record (id INTEGER PRIMARY KEY, state TEXT)",
	"DROP TABLE record; CREATE VIEW record AS SELECT 1 AS id",
};
/* clang-format on */

START_TEST(database_that_is_not_ours_is_set_aside)
{
	char aside[NAME_MAX + 1];

	make_whole();
	kit_sql("PRAGMA journal_mode = DELETE");
	kit_sql(strange[_i]);
	copy("state.db", "kept");
	struct store *store = kit_open_aside(aside);
	kit_expect(store, &zeroed);
	store_close(store);
	expect_same(aside, "kept");
}
END_TEST

START_TEST(foreign_database_is_set_aside)
{
	char aside[NAME_MAX + 1];

	kit_sql("CREATE TABLE other (a); INSERT INTO other VALUES (1)");
	copy("state.db", "kept");
	store_close(kit_open_aside(aside));
	expect_same(aside, "kept");
}
END_TEST

/*
 * A damaged file: either it is set aside as it was, or the record is what it was; and then a commit
 * works, or says that it does not and the database can be replaced.
 */
static void survive(const char *kept, const struct fsm_record *record)
{
	char aside[NAME_MAX + 1];
	struct error err = { 0 };
	struct fsm_record found;
	struct store *store = NULL;

	if (store_inspect(".", &store, &err) == 0)
		store_close(store);
	store = NULL;
	if (store_open(".", &store, aside, sizeof aside, &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert_int_eq(store_load(store, &found, NULL), 0);
	if (*aside) {
		ck_assert_mem_eq(&found, &zeroed, sizeof found);
		expect_same(aside, kept);
		ck_assert_int_eq(unlink(aside), 0);
	} else {
		ck_assert_mem_eq(&found, record, sizeof found);
	}
	if (store_commit(store, record, &(struct store_entry){ 0 }, 1, &err) == 0) {
		kit_expect(store, record);
		store_close(store);
		return;
	}
	ck_assert_int_eq(err.kind, ERROR_CORRUPT);
	store_close(store);
	ck_assert_int_eq(store_set_aside(".", aside, sizeof aside, &err), 0);
	store_close(kit_open());
}

static void clear(void)
{
	ck_assert_int_eq(system("rm -rf state.db*"), 0);
}

START_TEST(cut_database_is_survived)
{
	static const size_t sizes[] = { 1, 15, 16, 17, 99, 100, 101, 511, 512, 513, 1024, 4095,
		4096, 4097, 8191, 8192, 8193, 12288, 16383 };
	struct fsm_record record;
	size_t size;

	kit_record(&record, 1);
	make_whole();
	CLEANUP(cleanup_free) char *data = kit_read("state.db", &size);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		ck_assert_uint_lt(sizes[i], size);
		clear();
		kit_write("state.db", data, sizes[i]);
		copy("state.db", "kept");
		survive("kept", &record);
	}
}
END_TEST

START_TEST(flipped_bytes_are_survived)
{
	struct fsm_record record;
	size_t size;

	kit_record(&record, 1);
	make_whole();
	CLEANUP(cleanup_free) char *data = kit_read("state.db", &size);
	for (size_t i = 0; i < 100; i++) {
		if (i > 60 && i < 64)
			continue; /* a newer schema */
		clear();
		data[i] = (char)~data[i];
		kit_write("state.db", data, size);
		copy("state.db", "kept");
		survive("kept", &record);
		data[i] = (char)~data[i];
	}
}
END_TEST

START_TEST(overwritten_pages_are_survived)
{
	struct fsm_record record;
	size_t size;

	kit_record(&record, 1);
	make_whole();
	CLEANUP(cleanup_free) char *data = kit_read("state.db", &size);
	for (size_t at = 0; at < size; at += 4096) {
		for (int byte = 0; byte < 256; byte += 85) {
			char page[4096];

			clear();
			memcpy(page, data + at, 4096);
			memset(data + at, byte, 4096);
			kit_write("state.db", data, size);
			memcpy(data + at, page, 4096);
			copy("state.db", "kept");
			survive("kept", &record);
		}
	}
}
END_TEST

START_TEST(garbage_is_set_aside)
{
	static const char *const garbage[] = { "x", "SQLite format 3", "SQLite format 4\0",
		"#!/bin/sh\nexit 1\n" };
	char aside[NAME_MAX + 1];

	for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
		clear();
		kit_write("state.db", garbage[i], strlen(garbage[i]));
		copy("state.db", "kept");
		store_close(kit_open_aside(aside));
		expect_same(aside, "kept");
	}
}
END_TEST

START_TEST(names_of_what_was_set_aside_differ)
{
	char names[5][NAME_MAX + 1], text[2] = "0";
	size_t size;

	for (int i = 0; i < 5; i++) {
		text[0] = (char)('0' + i);
		clear();
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
	copy("state.db-wal", "kept");
	ck_assert_int_eq(store_set_aside(".", aside, sizeof aside, NULL), 0);
	ck_assert_int_ne(access("state.db-wal", F_OK), 0);
	ck_assert_int_ne(access("state.db-shm", F_OK), 0);
	(void)snprintf(name, sizeof name, "%s-wal", aside);
	expect_same(name, "kept");
	struct store *store = kit_open();
	kit_expect(store, &zeroed);
	store_close(store);
	/* Put back, it is what it was. */
	clear();
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

/* As after a kill between two renames. */
START_TEST(log_without_its_database_is_set_aside)
{
	char aside[NAME_MAX + 1], name[NAME_MAX + 16];

	kit_make(1);
	copy("state.db-wal", "kept");
	if (_i == 0)
		ck_assert_int_eq(unlink("state.db"), 0);
	else
		kit_write("state.db", "", 0);
	struct store *store = kit_open_aside(aside);
	kit_expect(store, &zeroed);
	store_close(store);
	(void)snprintf(name, sizeof name, "%s-wal", aside);
	expect_same(name, "kept");
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
	tcase_add_loop_test(tests, database_that_is_not_ours_is_set_aside, 0,
		sizeof strange / sizeof strange[0]);
	tcase_add_test(tests, foreign_database_is_set_aside);
	tcase_add_test(tests, cut_database_is_survived);
	tcase_add_test(tests, flipped_bytes_are_survived);
	tcase_add_test(tests, overwritten_pages_are_survived);
	tcase_add_test(tests, garbage_is_set_aside);
	tcase_add_test(tests, names_of_what_was_set_aside_differ);
	tcase_add_test(tests, log_goes_along_with_its_database);
	tcase_add_loop_test(tests, log_without_its_database_is_set_aside, 0, 2);
	tcase_add_test(tests, directory_that_is_none_is_an_error);
	tcase_add_test(tests, directory_may_be_reached_by_a_link);
	return kit_run(suite);
}
