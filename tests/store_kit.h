/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the tests of store/. Each test runs in its own directory, which is the current one, and
 * calls it ".".
 */
#ifndef TESTS_STORE_KIT_H
#define TESTS_STORE_KIT_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "store/store.h"

/* The fixture makes an empty current directory, and removes it. */
void kit_setup(void);
void kit_teardown(void);

/* A suite of one case with the fixture and a generous timeout. */
Suite *kit_suite(const char *name, TCase **ret);

/* Opens the database, which must succeed without setting anything aside. */
struct store *kit_open(void);

/* Opens it, which must set one aside; ASIDE (NAME_MAX + 1 bytes) gets that one's name. */
struct store *kit_open_aside(char *aside);

/* A record whose members all differ from one another; each SALT gives another record. */
void kit_record(struct fsm_record *ret, int salt);

/* Commits RECORD (NULL: the zeroed one) with one row in the journal; this must succeed. */
void kit_commit(struct store *store, const struct fsm_record *record);

/* Checks that the database holds RECORD. */
void kit_expect(struct store *store, const struct fsm_record *record);

/* A database that holds kit_record(SALT), closed. */
void kit_make(int salt);

/* The same in schema 1, whose failure waits for an operator, and what of it comes back. */
void kit_make_first(int salt);
void kit_as_first_had_it(struct fsm_record *record);

/* The same, with everything in the one file and no log. */
void kit_make_whole(int salt);

/* Runs SQL on the database as a person would, with the settings of the sqlite3 tool. */
void kit_sql(const char *sql);

/* What is in a file; free it. */
char *kit_read(const char *name, size_t *size);
void kit_write(const char *name, const void *data, size_t size);
void kit_copy(const char *from, const char *to);
void kit_expect_same(const char *one, const char *other);

/* Removes the database and all that belongs to it. */
void kit_clear(void);

/*
 * A text that changes when any file here changes: names, modes and contents. The contents of -shm
 * are included only WITH_INDEX, because -shm is an index that any reader may make anew. Free it.
 */
char *kit_picture(bool with_index);

/*
 * Starts a child that runs DO_THIS with CONTEXT, and waits until it calls kit_ready().
 * kit_release() lets the child go on that waits in kit_wait(), and returns its exit status.
 */
struct kit_child {
	pid_t pid;
	int from, to; /* pipes */
};
void kit_fork(struct kit_child *ret, void (*do_this)(void *context), void *context);
void kit_ready(void);
void kit_wait(void);
int kit_release(struct kit_child *child);

/* What one query of plain SQL returns, as text. */
void kit_expect_text(const char *sql, const char *expected);

/* The rows of the journal, at most LIMIT, which must have no gap; it ends at row number STOP. */
struct kit_seen {
	int64_t first, last;
	size_t count, stop;
	char detail[64]; /* of the last one */
};
void kit_list(struct store *store, size_t limit, struct kit_seen *seen);

/* What `state check` finds, a line each. */
size_t kit_check(char lines[static 4096]);

#endif
