/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of the database: which of them exist in the directory, whether they are ours, and
 * moving them out of the way. This code knows nothing of SQLite but the names of its files.
 *
 * No file may be opened here while a connection is open, because closing a descriptor would drop
 * the locks that this process holds on the same file.
 */
#ifndef STORE_FILES_H
#define STORE_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/error.h"

#define STORE_FILE "state.db"

/* The database and what SQLite keeps beside it. */
enum store_file {
	STORE_FILE_MAIN,
	STORE_FILE_WAL,
	STORE_FILE_SHM,
	STORE_FILE_JOURNAL,
	STORE_FILE_COUNT,
};

enum {
	/*
	 * The fewest bytes that an SQLite database has. SQLite treats a file of one byte as empty,
	 * and then deletes the log beside it, even when it opens the database only to read.
	 */
	STORE_FILE_SMALLEST = 512,
};

/* The files that exist: st_nlink is 0 for one that does not. */
struct store_files {
	struct stat file[STORE_FILE_COUNT];
};

/* Opens DIRECTORY; -1 with ERROR_SYSTEM. */
int store_files_open(const char *directory, struct error *err);

/* Looks at the files and changes nothing; ERROR_SYSTEM when even that fails. */
int store_files_look(int dirfd, struct store_files *ret, struct error *err);

/* Whether FILE is there and holds at least a byte. */
bool store_files_filled(const struct store_files *files, enum store_file file);

/*
 * Makes sure that SQLite finds only files of ours: regular files of this user, without a second
 * name, with mode 0600, and no log or journal without its database. If the database is missing,
 * makes an empty file. ERROR_CORRUPT: something else is there and has to be set aside.
 * ERROR_SYSTEM: the files cannot be read or written.
 */
int store_files_ready(int dirfd, struct error *err);

/*
 * Renames whatever is there to a free name; RET (SIZE bytes) gets the new name of the database. The
 * renames are durable when it returns 0. It renames the database first. So if it is interrupted, a
 * log or journal without its database is left, and store_files_ready() does not accept that.
 */
int store_files_set_aside(int dirfd, char *ret, size_t size, struct error *err);

#endif
