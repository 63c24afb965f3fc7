/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/old.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "store/sql.h"
#include "tests/crash/tree.h"

static sqlite3 *open_database(const char *directory)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/state.db", directory);
	sqlite3 *db = NULL;

	errno = 0;
	if (sqlite3_open(path, &db) != SQLITE_OK)
		tree_fail("%s: %s", path, sqlite3_errmsg(db));
	return db;
}

void old_schema(const char *directory)
{
	static const char *const names[] = { "", "-wal", "-shm", "-journal" };
	struct error err = { 0 };
	sqlite3 *db;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CLEANUP(cleanup_free)
		char *path = alloc_textf("%s/state.db%s", directory, names[i]);

		if (unlink(path) < 0 && errno != ENOENT)
			tree_fail("%s", path);
	}
	if (store_migrations_count == 1)
		return;
	db = open_database(directory);
	if (store_migrate(db, store_migrations, store_migrations_count - 1, &err) < 0)
		tree_fail("%s", err.text);
	(void)sqlite3_close(db);
}

void old_build(const char *directory, const char *name)
{
	CLEANUP(cleanup_free) char *sql = alloc_textf("UPDATE record SET build = '%s'", name);
	sqlite3 *db = open_database(directory);

	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		tree_fail("%s: %s", sql, sqlite3_errmsg(db));
	(void)sqlite3_close(db);
}
