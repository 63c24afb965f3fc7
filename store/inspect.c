/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at the database without changing it. The reader gets a copy in memory, taken in
 * milliseconds, so a person who pages through it holds up no hook.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/files.h"
#include "store/sql.h"

enum {
	WAIT_MS = 2000,
	TRIES = 5, /* copies taken while the file changes */
	URI_MAX = 4 * PATH_MAX,
	LOG_HEADER = 32, /* bytes of a log before its first frame */
};

static int no_database(struct error *err)
{
	(void)error_set(err, ERROR_SYSTEM, "%s: no database yet", STORE_FILE);
	if (err)
		err->code = ENOENT;
	return -1;
}

/* Looks at any file that the reader may read; it does not matter here who owns it. */
static int look(int dirfd, struct store_files *ret, struct error *err)
{
	if (store_files_look(dirfd, ret, err) < 0)
		return -1;
	if (!ret->file[STORE_FILE_MAIN].st_nlink)
		return no_database(err);
	if (!S_ISREG(ret->file[STORE_FILE_MAIN].st_mode))
		return error_set(err, ERROR_CORRUPT, "%s: not a regular file", STORE_FILE);
	if (!store_files_filled(ret, STORE_FILE_MAIN))
		return no_database(err);
	if (ret->file[STORE_FILE_MAIN].st_size < STORE_FILE_SMALLEST)
		return error_set(err, ERROR_CORRUPT, "%s: too short for a database", STORE_FILE);
	return 0;
}

static const char alone[] = "?immutable=1";
static const char index_as_is[] = "?mode=ro&readonly_shm=1";
static const char with_index[] = "?mode=ro";
static const char with_recovery[] = "?mode=rw";

/*
 * Whether there is anything in the log. A process that dies before it writes the first frame leaves
 * only the header. If SQLite may not write the index, it takes that for a log that somebody is just
 * changing.
 */
static bool logged(const struct store_files *files)
{
	return files->file[STORE_FILE_WAL].st_nlink &&
	       files->file[STORE_FILE_WAL].st_size > LOG_HEADER;
}

/*
 * How to open it. With neither log nor journal, everything is in the one file, and reading only
 * that file keeps SQLite from making the others. With a log, SQLite reads its index, if there is
 * one, and does not write it. A journal may be left by a process that died during a commit; to roll
 * that back, SQLite must be allowed to write.
 */
static const char *manner(const struct store_files *files)
{
	if (logged(files))
		return files->file[STORE_FILE_SHM].st_nlink ? index_as_is : with_index;
	return store_files_filled(files, STORE_FILE_JOURNAL) ? with_recovery : alone;
}

static int uri_of(const char *path, const char *query, struct buf *ret, struct error *err)
{
	int failed = buf_adds(ret, "file:");

	for (; *path && failed == 0; path++) {
		unsigned char byte = (unsigned char)*path;

		/*
		 * Only characters with a meaning in a URI need an escape, but escaping others is
		 * harmless.
		 */
		failed = isascii(byte) && (isalnum(byte) || byte == '/' || byte == '.')
				 ? buf_add(ret, path, 1)
				 : buf_addf(ret, "%%%02x", byte);
	}
	if (failed || buf_adds(ret, query) < 0)
		return error_set(err, ERROR_LIMIT, "%s: its path is too long", STORE_FILE);
	return 0;
}

static int copy(struct store *from, struct store *to, struct error *err)
{
	sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");
	int rc;

	if (!backup)
		return store_fail(to->db, sqlite3_extended_errcode(to->db), err);
	rc = sqlite3_backup_step(backup, -1);
	(void)sqlite3_backup_finish(backup);
	return rc == SQLITE_DONE ? 0 : store_fail(NULL, rc, err);
}

static int copy_from(const char *path, const char *query, struct store **ret, struct error *err)
{
	CLEANUP(store_cleanup) struct store *file = NULL;
	CLEANUP(store_cleanup) struct store *memory = NULL;
	CLEANUP(buf_done) struct buf uri;
	int access = query == with_recovery ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;

	buf_init(&uri, URI_MAX);
	if (uri_of(path, query, &uri, err) < 0 ||
		store_connect(buf_text(&uri), access | SQLITE_OPEN_URI, WAIT_MS, &file, err) < 0 ||
		store_connect(":memory:", SQLITE_OPEN_READWRITE, 0, &memory, err) < 0 ||
		copy(file, memory, err) < 0)
		return -1;
	*ret = memory;
	memory = NULL;
	return 0;
}

static bool unchanged(const struct store_files *before, const struct store_files *after)
{
	const struct stat *old = &before->file[STORE_FILE_MAIN];
	const struct stat *now = &after->file[STORE_FILE_MAIN];

	return old->st_ino == now->st_ino && old->st_size == now->st_size &&
	       old->st_mtim.tv_sec == now->st_mtim.tv_sec &&
	       old->st_mtim.tv_nsec == now->st_mtim.tv_nsec && !logged(after) &&
	       !store_files_filled(after, STORE_FILE_JOURNAL);
}

/* Takes a copy. One that was read without locks counts only if nobody wrote meanwhile. */
static int snapshot(int dirfd, const char *path, struct store **ret, struct error *err)
{
	struct store_files before, after;

	for (int i = 0; i < TRIES; i++) {
		CLEANUP(store_cleanup) struct store *store = NULL;
		const char *query;
		int result;

		if (look(dirfd, &before, err) < 0)
			return -1;
		query = manner(&before);
		result = copy_from(path, query, &store, err);
		/*
		 * A hook that has just begun makes the index anew, and reading it then takes a
		 * lock. And a log with a damaged header looks for ten seconds as if it changed all
		 * the time.
		 */
		if (result < 0 && query == index_as_is &&
			(err->code == EROFS || err->kind == ERROR_BUSY))
			result = copy_from(path, with_index, &store, err);
		if (store_files_look(dirfd, &after, err) < 0)
			return -1;
		if (query == alone && !unchanged(&before, &after))
			continue;
		if (result == 0) {
			*ret = store;
			store = NULL;
		}
		return result;
	}
	return error_set(err, ERROR_BUSY, "%s: it keeps changing", STORE_FILE);
}

int store_inspect_with(const char *directory, const struct store_migration *migrations,
	size_t count, struct store **ret, struct error *err)
{
	CLEANUP(store_cleanup) struct store *store = NULL;
	CLEANUP(cleanup_free) char *path = NULL;
	struct store_identity found;
	struct error own;

	if (!err)
		err = &own;
	CLEANUP(cleanup_close) int dirfd = store_files_open(directory, err);
	if (dirfd < 0 || store_path(directory, &path, err) < 0 ||
		snapshot(dirfd, path, &store, err) < 0 ||
		store_identify(store->db, &found, err) < 0 || store_judge(&found, count, err) < 0)
		return -1;
	if (store_is_new(&found))
		return no_database(err);
	if ((size_t)found.schema < count && store_migrate(store->db, migrations, count, err) < 0)
		return -1;
	if (!store_statement(store, STORE_LOAD, err) || !store_statement(store, STORE_RECENT, err))
		return -1;
	store->schema = (int)found.schema;
	*ret = store;
	store = NULL;
	return 0;
}

int store_inspect(const char *directory, struct store **ret, struct error *err)
{
	return store_inspect_with(directory, store_migrations, store_migrations_count, ret, err);
}
