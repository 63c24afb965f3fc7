/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database as files: what stands under its names in the directory, whether that is ours, and
 * moving it out of the way. Knows nothing of SQLite but the names it gives to its files.
 *
 * No file is opened here while a connection may be open: closing a descriptor would drop the locks
 * that this process holds on the same file.
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
	 * Bytes of an SQLite database. One byte is none to SQLite, and then it deletes the log beside
	 * it, be it only to read.
	 */
	STORE_FILE_SMALLEST = 512,
};

/* What stands there: st_nlink is 0 for a file that is not there. */
struct store_files {
	struct stat file[STORE_FILE_COUNT];
};

/* Opens DIRECTORY; -1 with ERROR_SYSTEM. */
int store_files_open(const char *directory, struct error *err);

/* Looks without touching; ERROR_SYSTEM when even that fails. */
int store_files_look(int dirfd, struct store_files *ret, struct error *err);

/* Whether FILE is there and holds at least a byte. */
bool store_files_filled(const struct store_files *files, enum store_file file);

/*
 * Makes sure that SQLite finds files of ours only: regular ones of this user, without a second
 * name, mode 0600, no remains without their database. An absent database becomes an empty file.
 * ERROR_CORRUPT: something else stands there and has to be set aside. ERROR_SYSTEM: nobody can write
 * there.
 */
int store_files_ready(int dirfd, struct error *err);

/*
 * Renames whatever stands there to a name that was free; RET (SIZE bytes) is that of the database.
 * Durable when it returns 0. The database goes first: what is left when this is interrupted is
 * remains without their database, which store_files_ready() does not accept.
 */
int store_files_set_aside(int dirfd, char *ret, size_t size, struct error *err);

#endif
