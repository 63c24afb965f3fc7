/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unit's record and journal, durable in SQLite.
 *
 * Promises: a commit is on disk when the call returns (synchronous=FULL). A database that is
 * damaged, foreign, or not a file of ours is renamed and never deleted. A database that a newer
 * charm wrote is refused and left alone. Links are not followed. The file's mode is 0600. Waiting
 * for a lock ends after seconds. Readers never stop a hook from committing.
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
 * NULL) gets the new name of an unusable database that was set aside, or "" if none was; at most
 * ASIDE_SIZE bytes (NAME_MAX + 1 is enough). If one was set aside, ERR's text says why, although 0
 * is returned. ERROR_NEWER: a newer charm wrote the database; it is untouched. ERROR_BUSY: it was
 * locked for longer than we wait. ERROR_SYSTEM: the disk failed. RET is untouched on failure.
 */
int store_open(const char *directory, struct store **ret, char *aside, size_t aside_size,
	struct error *err);

/*
 * Sets the database in DIRECTORY aside, for a caller that got ERROR_CORRUPT after opening. The
 * caller must close the database before and open it again after. ASIDE (may be NULL) gets the new
 * name, at most SIZE bytes.
 */
int store_set_aside(const char *directory, char *aside, size_t size, struct error *err);

/*
 * Copies DIRECTORY/state.db into memory to look at. Changes no row, sets nothing aside, and holds
 * no lock after it returned; migrates an older schema only in the copy. ERROR_SYSTEM with code
 * ENOENT: nothing has been committed yet. ERROR_CORRUPT, ERROR_NEWER: as for store_open(). Makes no
 * file, except SQLite's own -shm if there is a log without one.
 */
int store_inspect(const char *directory, struct store **ret, struct error *err);

void store_close(struct store *store); /* takes NULL */

/* The record as store_open() found it, borrowed from STORE: opening reads it anyway. */
const struct fsm_record *store_opened(const struct store *store);

/* Reads the record; a new database has a zeroed one. An unknown name in it gives ERROR_CORRUPT. */
int store_load(struct store *store, struct fsm_record *ret, struct error *err);

/*
 * In one transaction, replaces the record, appends ENTRIES (COUNT of them) to the journal, and
 * deletes the oldest rows beyond STORE_JOURNAL_MAX. Durable when it returns 0. ENTRIES may be NULL
 * with COUNT 0. On failure the database is as before.
 */
int store_commit(struct store *store, const struct fsm_record *record,
	const struct store_entry *entries, size_t count, struct error *err);

/*
 * Calls SHOW with CONTEXT for each of the journal's last LIMIT rows, oldest first. The texts live
 * until SHOW returns. Stops when SHOW returns non-zero.
 */
int store_journal(struct store *store, size_t limit,
	int (*show)(const struct store_entry *entry, void *context), void *context,
	struct error *err);

/*
 * Looks for damage: runs SQLite's own check, and looks for gaps in the journal's sequence and for
 * unknown names. RET is the number of findings; SHOW gets each as one line.
 */
int store_check(struct store *store, void (*show)(const char *line, void *context), void *context,
	size_t *ret, struct error *err);

/* The schema of the open database, and the one this charm writes. */
int store_schema(struct store *store);
int store_schema_own(void);

/* SQLite's version. */
const char *store_library(void);

#endif
