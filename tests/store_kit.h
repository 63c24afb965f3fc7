/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of store/ share. Each test runs in a directory of its own, which is the current
 * one, and calls it ".".
 */
#ifndef TESTS_STORE_KIT_H
#define TESTS_STORE_KIT_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "store/store.h"

/* The fixture: an empty current directory, and its end. */
void kit_setup(void);
void kit_teardown(void);

/* A suite of one case with the fixture and a generous timeout. */
Suite *kit_suite(const char *name, TCase **ret);

/* Opens the database, which has to succeed without setting anything aside. */
struct store *kit_open(void);

/* Opens it where one has to be set aside; ASIDE (NAME_MAX + 1 bytes) gets its name. */
struct store *kit_open_aside(char *aside);

/* A record in which every member differs from every other; SALT makes another one of it. */
void kit_record(struct fsm_record *ret, int salt);

/* Commits RECORD with one row in the journal, or the zeroed one for NULL, which has to succeed. */
void kit_commit(struct store *store, const struct fsm_record *record);

/* That the database holds RECORD. */
void kit_expect(struct store *store, const struct fsm_record *record);

/* A database that holds kit_record(SALT), closed. */
void kit_make(int salt);

/* The same in schema 1, which has no revisions: they are 0 when it comes back. */
void kit_make_first(int salt);
void kit_without_revisions(struct fsm_record *record);

/* A database that holds kit_record(SALT), all of it in the one file. */
void kit_make_whole(int salt);

/* Runs SQL on the database as a person would, with the tool's own settings. */
void kit_sql(const char *sql);

/* What is in a file; free it. */
char *kit_read(const char *name, size_t *size);
void kit_write(const char *name, const void *data, size_t size);
void kit_copy(const char *from, const char *to);
void kit_expect_same(const char *one, const char *other);

/* Removes the database and all that belongs to it. */
void kit_clear(void);

/*
 * A text that differs when any file here does: names, modes and contents; of -shm, which is no data
 * but an index that any reader may make anew, the contents only WITH_INDEX. Free it.
 */
char *kit_picture(bool with_index);

/*
 * A child that runs DO_THIS with CONTEXT, says that it is ready by kit_ready(), and is awaited until
 * then. kit_release() lets a child go on that waits in kit_wait(), and returns its exit status.
 */
struct kit_child {
	pid_t pid;
	int from, to; /* pipes */
};
void kit_fork(struct kit_child *ret, void (*do_this)(void *context), void *context);
void kit_ready(void);
void kit_wait(void);
int kit_release(struct kit_child *child);

#endif
