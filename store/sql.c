/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "fsm/columns.h"
#include "store/files.h"
#include "store/record.h"

/* clang-format off */
#define NAME(column, how, member, part, key)     #column
#define AND_NAME(column, how, member, part, key) ", " #column
#define SET(column, how, member, part, key)      #column " = ?"
#define AND_SET(column, how, member, part, key)  ", " #column " = ?"

#define JOURNAL "sequence, time, hook, event, before, after, effect, channel, change, detail"
#define TEXT_(number) #number
#define TEXT(number) TEXT_(number)

static const char *const texts[STORE_STATEMENT_COUNT] = {
	[STORE_BEGIN]     = "BEGIN IMMEDIATE",
	[STORE_COMMIT]    = "COMMIT",
	[STORE_ROLLBACK]  = "ROLLBACK",
	[STORE_LOAD]      = "SELECT " STORE_RECORD_TAKE "(" FSM_COLUMNS(NAME, AND_NAME) ") FROM record"
	                    " WHERE id = 1",
	[STORE_SAVE]      = "UPDATE record SET " FSM_COLUMNS(SET, AND_SET) " WHERE id = 1",
	[STORE_ADD]       = "INSERT INTO journal (" JOURNAL ") VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STORE_TRIM]      = "DELETE FROM journal WHERE sequence <= (SELECT max(sequence) FROM journal) - ?",
	[STORE_RECENT]    = "SELECT " JOURNAL " FROM (SELECT " JOURNAL " FROM journal "
	                    "ORDER BY sequence DESC LIMIT ?) ORDER BY sequence",
	[STORE_ALL]       = "SELECT " JOURNAL " FROM journal ORDER BY sequence",
	[STORE_INTEGRITY] = "PRAGMA integrity_check(20)",
};

/* What a primary code means to the caller. Any other is ERROR_SYSTEM with the errno SQLite saw. */
static const struct {
	int rc;
	enum error_kind kind;
	int number; /* errno for ERROR_SYSTEM */
} meanings[] = {
	{ SQLITE_CORRUPT,    ERROR_CORRUPT, 0 },
	{ SQLITE_NOTADB,     ERROR_CORRUPT, 0 },
	{ SQLITE_FORMAT,     ERROR_CORRUPT, 0 },
	/* Our statements are fixed and tested, so if SQLite refuses one, the schema is not ours. */
	{ SQLITE_ERROR,      ERROR_CORRUPT, 0 },
	{ SQLITE_CONSTRAINT, ERROR_CORRUPT, 0 },
	{ SQLITE_MISMATCH,   ERROR_CORRUPT, 0 },
	{ SQLITE_BUSY,       ERROR_BUSY,    0 },
	{ SQLITE_LOCKED,     ERROR_BUSY,    0 },
	{ SQLITE_PROTOCOL,   ERROR_BUSY,    0 },
	{ SQLITE_NOMEM,      ERROR_SYSTEM,  ENOMEM },
	{ SQLITE_IOERR,      ERROR_SYSTEM,  EIO },
	{ SQLITE_FULL,       ERROR_SYSTEM,  ENOSPC },
	{ SQLITE_READONLY,   ERROR_SYSTEM,  EROFS },
	{ SQLITE_PERM,       ERROR_SYSTEM,  EACCES },
	{ SQLITE_AUTH,       ERROR_SYSTEM,  EACCES },
};
/* clang-format on */

int store_fail(sqlite3 *db, int rc, struct error *err)
{
	enum error_kind kind = ERROR_SYSTEM;
	int number = 0;
	int seen = db ? sqlite3_system_errno(db) : 0;
	char words[200];

	for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
		if (meanings[i].rc == (rc & 0xff)) {
			kind = meanings[i].kind;
			number = meanings[i].number;
		}
	}
	/* SQLite's message may quote from the file. */
	text_ascii(words, sizeof words,
		db && sqlite3_extended_errcode(db) == rc ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
	if (kind != ERROR_SYSTEM)
		return error_set(err, kind, "%s: %s", STORE_FILE, words);
	/* When the index of the log cannot be written, SQLite says only EIO. */
	if (number == EIO && seen == ENOSPC)
		return error_system(err, seen, "%s: %s", STORE_FILE, words);
	/*
	 * The caller has checked that the database exists, so ENOENT is about another file. In an
	 * error from here it would mean that the database is missing.
	 */
	if (!number && seen && seen != ENOENT)
		return error_system(err, seen, "%s: %s", STORE_FILE, words);
	(void)error_set(err, kind, "%s: %s", STORE_FILE, words);
	if (err)
		err->code = number ? number : EIO;
	return -1;
}

sqlite3_stmt *store_statement(struct store *store, enum store_statement which, struct error *err)
{
	sqlite3_stmt **statement = &store->statements[which];
	int rc = SQLITE_OK;

	if (!*statement)
		rc = sqlite3_prepare_v2(store->db, texts[which], -1, statement, NULL);
	if (rc != SQLITE_OK)
		(void)store_fail(store->db, rc, err);
	return *statement;
}

int store_run(sqlite3 *db, const char *sql, struct error *err)
{
	int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : store_fail(db, rc, err);
}

int store_number(sqlite3 *db, const char *sql, int64_t *ret, struct error *err)
{
	sqlite3_stmt *statement;
	int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

	if (rc != SQLITE_OK)
		return store_fail(db, rc, err);
	rc = sqlite3_step(statement);
	if (rc != SQLITE_ROW) {
		(void)store_fail(db, rc, err);
		(void)sqlite3_finalize(statement);
		return -1;
	}
	*ret = sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	return 0;
}

void store_reset(sqlite3_stmt **statement)
{
	if (!*statement)
		return;
	(void)sqlite3_reset(*statement);
	(void)sqlite3_clear_bindings(*statement);
}

static int step(struct store *store, enum store_statement which, struct error *err)
{
	CLEANUP(store_reset) sqlite3_stmt *statement = store_statement(store, which, err);
	int rc;

	if (!statement)
		return -1;
	rc = sqlite3_step(statement);
	return rc == SQLITE_DONE ? 0 : store_fail(store->db, rc, err);
}

int store_begin(struct store *store, struct error *err)
{
	return step(store, STORE_BEGIN, err);
}

int store_end(struct store *store, struct error *err)
{
	return step(store, STORE_COMMIT, err);
}

void store_undo(struct store *store)
{
	/* After some failures SQLite has already rolled back. */
	if (!sqlite3_get_autocommit(store->db))
		(void)step(store, STORE_ROLLBACK, NULL);
}
