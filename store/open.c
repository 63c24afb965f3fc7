/* SPDX-License-Identifier: Apache-2.0 */
/* Opens the database: checks whose it is, migrates it, and sets aside one that cannot be used. */
#include "store/store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "store/files.h"
#include "store/sql.h"

enum {
	WAIT_MS = 5000, /* the longest that a hook waits for a lock */
};

/* One attempt. ERROR_CORRUPT: the database has to be set aside. */
static int open_once(int dirfd, const char *path, const struct store_migration *migrations,
	size_t count, struct store **ret, struct error *err)
{
	CLEANUP(store_cleanup) struct store *store = NULL;
	struct store_identity found;

	if (store_files_ready(dirfd, err) < 0 ||
		store_connect(path, SQLITE_OPEN_READWRITE, WAIT_MS, &store, err) < 0 ||
		store_identify(store->db, &found, err) < 0 || store_judge(&found, count, err) < 0)
		return -1;
	/* The file is writable, so it is SQLite that cannot write this format. */
	if (sqlite3_db_readonly(store->db, "main") == 1)
		return error_set(
			err, ERROR_CORRUPT, "%s: in a format that can only be read", STORE_FILE);
	if ((size_t)found.schema < count && store_migrate(store->db, migrations, count, err) < 0)
		return -1;
	store->schema = (int)count;
	if (!store_statement(store, STORE_ADD, err) || store_load(store, &store->record, err) < 0)
		return -1;
	/*
	 * Only now, because it is certain that the database is ours. The mode stays as it is while
	 * another process has the database open, or if WAL is not possible there.
	 */
	(void)sqlite3_busy_timeout(store->db, 0);
	(void)store_run(store->db, "PRAGMA journal_mode = WAL", NULL);
	(void)sqlite3_busy_timeout(store->db, WAIT_MS);
	*ret = store;
	store = NULL;
	return 0;
}

/*
 * SQLITE_OPEN_NOFOLLOW refuses a link anywhere in the path, so links to the directory are resolved.
 */
int store_path(const char *directory, char **ret, struct error *err)
{
	CLEANUP(cleanup_free) char *real = realpath(directory, NULL);

	if (!real)
		return error_system(err, errno, "%s", directory);
	*ret = alloc_textf("%s/%s", real, STORE_FILE);
	return 0;
}

int store_open_with(const char *directory, const struct store_migration *migrations, size_t count,
	struct store **ret, char *aside, size_t aside_size, struct error *err)
{
	CLEANUP(cleanup_free) char *path = NULL;
	struct error own = { 0 }, again = { 0 };
	char name[NAME_MAX + 1];

	if (!err)
		err = &own;
	if (aside && aside_size)
		*aside = '\0';
	CLEANUP(cleanup_close) int dirfd = store_files_open(directory, err);
	if (dirfd < 0 || store_path(directory, &path, err) < 0)
		return -1;
	if (open_once(dirfd, path, migrations, count, ret, err) == 0)
		return 0;
	if (err->kind != ERROR_CORRUPT)
		return -1;
	/* If setting it aside succeeds, ERR keeps the reason for it. */
	if (store_files_set_aside(dirfd, name, sizeof name, &again) == 0) {
		if (aside)
			(void)snprintf(aside, aside_size, "%s", name);
		if (open_once(dirfd, path, migrations, count, ret, &again) == 0)
			return 0;
	}
	*err = again;
	return -1;
}

int store_open(const char *directory, struct store **ret, char *aside, size_t aside_size,
	struct error *err)
{
	return store_open_with(
		directory, store_migrations, store_migrations_count, ret, aside, aside_size, err);
}

int store_set_aside(const char *directory, char *aside, size_t size, struct error *err)
{
	char name[NAME_MAX + 1];

	CLEANUP(cleanup_close) int dirfd = store_files_open(directory, err);
	if (dirfd < 0 || store_files_set_aside(dirfd, name, sizeof name, err) < 0)
		return -1;
	if (aside)
		(void)snprintf(aside, size, "%s", name);
	return 0;
}
