/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unit's record and journal, durable in SQLite.
 *
 * Promises: a commit is on disk when it returns (synchronous=FULL); a database that is damaged,
 * foreign, or no file of ours is set aside under another name, never deleted; one written by a
 * newer charm is refused and left alone; links are not followed; the file's mode is 0600; waits for
 * a lock last seconds; readers never stop a hook from committing.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "fsm/record.h"

enum {
	STORE_JOURNAL_MAX = 1000,          /* rows kept */
	STORE_APPLICATION_ID = 0x6d73766d, /* "msvm", in the header of the file */
};

struct store;

/* One row of the journal. Text is copied; NULL counts as "". */
struct store_entry {
	int64_t sequence; /* given by the database; 0 when adding */
	int64_t time;     /* seconds since the epoch, 0 when that is damaged */
	const char *hook;
	const char *event;
	const char *before; /* names of the states */
	const char *after;
	const char *effect;
	const char *channel;
	int64_t change; /* 0 for none */
	const char *detail;
};

/*
 * Opens DIRECTORY/state.db for a hook, making, migrating or rebuilding it as needed. ASIDE (may be
 * NULL) gets the name under which an unusable database was set aside, "" when there was none; at
 * most ASIDE_SIZE bytes (NAME_MAX + 1 is enough). When one was, ERR's text says why although 0 is
 * returned. ERROR_NEWER: written by a newer charm, and untouched. ERROR_BUSY: locked for longer
 * than we wait. ERROR_SYSTEM: the disk. RET is untouched on failure.
 */
int store_open(const char *directory, struct store **ret, char *aside, size_t aside_size,
	struct error *err);

/*
 * Sets the database in DIRECTORY aside, for a caller that met ERROR_CORRUPT after opening: to be
 * closed before, opened again after. ASIDE (may be NULL) gets the name, at most SIZE bytes.
 */
int store_set_aside(const char *directory, char *aside, size_t size, struct error *err);

/*
 * Takes a copy of DIRECTORY/state.db into memory to look at: changes no row, sets nothing aside,
 * holds no lock after it returned; an older schema is brought up to date in the copy.
 * ERROR_SYSTEM with code ENOENT: nothing was committed yet. ERROR_CORRUPT, ERROR_NEWER as they
 * are. Makes no file, but for SQLite's own -shm where a log is left without one.
 */
int store_inspect(const char *directory, struct store **ret, struct error *err);

void store_close(struct store *store); /* takes NULL */

/* The record; a new database has the zeroed one. An unknown name in it is ERROR_CORRUPT. */
int store_load(struct store *store, struct fsm_record *ret, struct error *err);

/*
 * One transaction: the record replaces the old one, and ENTRIES (COUNT of them) join the journal,
 * whose oldest rows beyond STORE_JOURNAL_MAX go. Durable when it returns 0. ENTRIES may be NULL
 * with COUNT 0. On failure the database is as before.
 */
int store_commit(struct store *store, const struct fsm_record *record,
	const struct store_entry *entries, size_t count, struct error *err);

/*
 * The journal's last LIMIT rows, oldest first, each given to SHOW with CONTEXT; the texts live
 * until SHOW returns. A SHOW that returns non-zero ends it.
 */
int store_journal(struct store *store, size_t limit,
	int (*show)(const struct store_entry *entry, void *context), void *context,
	struct error *err);

/*
 * Integrity: SQLite's own check, the journal's sequence without gaps, names that are known. RET is
 * the number of things found wrong; each is told to SHOW as one line.
 */
int store_check(struct store *store, void (*show)(const char *line, void *context), void *context,
	size_t *ret, struct error *err);

/* The schema of the open database, and the one this charm writes. */
int store_schema(struct store *store);
int store_schema_own(void);

/* SQLite's version. */
const char *store_library(void);

#endif
