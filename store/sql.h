/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For use within store/ only: the connection, its statements, and what an SQLite code means to the
 * caller.
 */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <sqlite3.h>
#include <stdint.h>

#include "store/schema.h"

enum store_statement {
	STORE_BEGIN,
	STORE_COMMIT,
	STORE_ROLLBACK,
	STORE_LOAD,
	STORE_SAVE,
	STORE_ADD,
	STORE_TRIM,
	STORE_RECENT,
	STORE_ALL,
	STORE_INTEGRITY,
	STORE_STATEMENT_COUNT,
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[STORE_STATEMENT_COUNT];
	int schema;               /* of the file */
	int wait_ms;              /* for a lock */
	struct fsm_record taken;  /* what STORE_LOAD reads */
	struct fsm_record record; /* as it was when the database was opened for a hook */
};

/* What a database says about itself. */
struct store_identity {
	int64_t application;
	int64_t schema;
	int64_t objects; /* tables and the like; counted when the others are 0 */
};

/*
 * Opens NAME, a path or a URI as FLAGS say, and sets the connection up; does not look at the
 * content. Waits WAIT_MS for a lock.
 */
int store_connect(const char *name, int flags, int wait_ms, struct store **ret, struct error *err);
void store_cleanup(struct store **store); /* for CLEANUP */

int store_identify(sqlite3 *db, struct store_identity *ret, struct error *err);
bool store_is_new(const struct store_identity *found);

/*
 * ERROR_CORRUPT for a database that is neither ours nor new, ERROR_NEWER for one whose schema is
 * newer than OWN.
 */
int store_judge(const struct store_identity *found, size_t own, struct error *err);

/* Brings the database to schema COUNT, in one transaction. */
int store_migrate(
	sqlite3 *db, const struct store_migration *migrations, size_t count, struct error *err);

/* The absolute path of the database, with all links resolved; free it. */
int store_path(const char *directory, char **ret, struct error *err);

/* ERR for the SQLite code RC, with SQLite's own words when DB (may be NULL) has them. */
int store_fail(sqlite3 *db, int rc, struct error *err);

/*
 * A statement, prepared at its first use. NULL on failure: ERROR_CORRUPT when the schema is not the
 * one that the statement was written for.
 */
sqlite3_stmt *store_statement(struct store *store, enum store_statement which, struct error *err);

/* Runs our own SQL and ignores what it returns. */
int store_run(sqlite3 *db, const char *sql, struct error *err);

/* Runs our own SQL and gives the one number that it returns. */
int store_number(sqlite3 *db, const char *sql, int64_t *ret, struct error *err);

/* Resets a statement and clears its bindings. For CLEANUP; takes NULL. */
void store_reset(sqlite3_stmt **statement);

/* A write transaction. It takes the lock at once, so another's lock cannot make it fail halfway. */
int store_begin(struct store *store, struct error *err);
int store_end(struct store *store, struct error *err);
void store_undo(struct store *store); /* harmless without a transaction */

#endif
