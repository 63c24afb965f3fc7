/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a connection, checks whose database it is, and migrates it to the current schema. */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "store/files.h"
#include "store/record.h"
#include "store/sql.h"

enum {
	LOG_PAGES = 64, /* from this size on the log is moved into the database: docs/store.md */
};

void store_close(struct store *store)
{
	if (!store)
		return;
	for (int i = 0; i < STORE_STATEMENT_COUNT; i++)
		(void)sqlite3_finalize(store->statements[i]);
	(void)sqlite3_close(store->db);
	free(store);
}

void store_cleanup(struct store **store)
{
	store_close(*store);
}

/*
 * Called after a commit that is already durable, so after a failure here the next commit tries
 * again. SQLite's own checkpoints would not limit the log of processes that commit only once.
 * SQLite keeps only in memory how much of the log is in the database, so each process appends at
 * the end of the file. TRUNCATE shortens the file. It waits for nobody.
 */
static int shorten_log(void *context, sqlite3 *db, const char *name, int pages)
{
	const int *wait_ms = context;

	if (pages < LOG_PAGES)
		return SQLITE_OK;
	(void)sqlite3_busy_timeout(db, 0);
	(void)sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	(void)sqlite3_busy_timeout(db, *wait_ms);
	return SQLITE_OK;
}

static int set_up(struct store *store, int wait_ms, struct error *err)
{
	sqlite3 *db = store->db;
	int rc = store_record_reader(db, &store->taken);

	store->wait_ms = wait_ms;
	(void)sqlite3_extended_result_codes(db, 1);
	(void)sqlite3_busy_timeout(db, wait_ms);
	/*
	 * The file is ours; still, nothing in it (triggers and the like) may run in this process.
	 */
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	(void)sqlite3_wal_hook(db, shorten_log, &store->wait_ms);
	if (rc != SQLITE_OK)
		return store_fail(db, rc, err);
	return store_run(db, "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON", err);
}

/*
 * We have one thread and never ask how much memory SQLite uses, so it needs no locks and no
 * counters for its allocations. Once SQLite is initialised these calls do nothing, and are not
 * needed.
 */
static void set_up_library(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int store_connect(const char *name, int flags, int wait_ms, struct store **ret, struct error *err)
{
	CLEANUP(store_cleanup) struct store *store = alloc_new(1, sizeof *store);
	int rc;

	set_up_library();
	rc = sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOFOLLOW, NULL);
	if (rc != SQLITE_OK) {
		if (store->db)
			rc = sqlite3_extended_errcode(store->db);
		return store_fail(store->db, rc, err);
	}
	if (set_up(store, wait_ms, err) < 0)
		return -1;
	*ret = store;
	store = NULL;
	return 0;
}

int store_identify(sqlite3 *db, struct store_identity *ret, struct error *err)
{
	struct store_identity found = { 0 };

	if (store_number(db, "PRAGMA application_id", &found.application, err) < 0 ||
		store_number(db, "PRAGMA user_version", &found.schema, err) < 0)
		return -1;
	/* Either a new database, or one of a program that sets neither number. */
	if (!found.application && !found.schema &&
		store_number(db, "SELECT count(*) FROM sqlite_schema", &found.objects, err) < 0)
		return -1;
	*ret = found;
	return 0;
}

bool store_is_new(const struct store_identity *found)
{
	return !found->application && !found->schema && !found->objects;
}

/* ERROR_CORRUPT for a foreign database, ERROR_NEWER for one of a newer charm. */
int store_judge(const struct store_identity *found, size_t own, struct error *err)
{
	if (store_is_new(found))
		return 0;
	if (found->application != STORE_APPLICATION_ID)
		return error_set(
			err, ERROR_CORRUPT, "%s: the database of another program", STORE_FILE);
	if (found->schema <= 0)
		return error_set(err, ERROR_CORRUPT, "%s: not a schema of this charm", STORE_FILE);
	if ((size_t)found->schema <= own)
		return 0;
	(void)error_set(err, ERROR_NEWER,
		"%s: written by a newer charm (schema %d, this charm has %d)", STORE_FILE,
		(int)found->schema, (int)own);
	if (err)
		err->code = (int)found->schema;
	return -1;
}

/* Applies the migrations after schema FOUND, within a transaction. */
static int apply(sqlite3 *db, int64_t found, const struct store_migration *migrations, size_t count,
	struct error *err)
{
	size_t next = (size_t)found;
	char version[64];

	for (size_t i = 0; found == 0 && i < count; i++)
		if (migrations[i].whole)
			next = i;
	if (found == 0 && migrations[next].whole &&
		store_run(db, migrations[next++].whole, err) < 0)
		return -1;
	for (; next < count; next++)
		if (store_run(db, migrations[next].sql, err) < 0)
			return -1;
	/* A PRAGMA takes no parameters; these two numbers are ours and not input. */
	(void)snprintf(version, sizeof version,
		"PRAGMA application_id = %d; PRAGMA user_version = %d", (int)STORE_APPLICATION_ID,
		(int)count);
	return store_run(db, version, err);
}

int store_migrate(
	sqlite3 *db, const struct store_migration *migrations, size_t count, struct error *err)
{
	struct store_identity found;

	if (store_run(db, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	if (store_identify(db, &found, err) < 0 || store_judge(&found, count, err) < 0 ||
		apply(db, found.schema, migrations, count, err) < 0 ||
		store_run(db, "COMMIT", err) < 0) {
		if (!sqlite3_get_autocommit(db))
			(void)store_run(db, "ROLLBACK", NULL);
		return -1;
	}
	return 0;
}
