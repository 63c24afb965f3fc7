/* SPDX-License-Identifier: Apache-2.0 */
#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"

enum {
	MODE = 0600,
	NAME_SIZE = 64,    /* the longest name used here has 43 bytes */
	ASIDE_TRIES = 100, /* how many names are tried for one second */
};

static const char *const suffixes[STORE_FILE_COUNT] = {
	[STORE_FILE_MAIN] = "",
	[STORE_FILE_WAL] = "-wal",
	[STORE_FILE_SHM] = "-shm",
	[STORE_FILE_JOURNAL] = "-journal",
};

static void name_of(char ret[static NAME_SIZE], const char *stem, enum store_file file)
{
	(void)snprintf(ret, NAME_SIZE, "%s%s", stem, suffixes[file]);
}

static int look(int dirfd, const char *stem, struct store_files *ret, struct error *err)
{
	struct store_files found = { 0 };
	char name[NAME_SIZE];

	for (enum store_file i = 0; i < STORE_FILE_COUNT; i++) {
		name_of(name, stem, i);
		if (fstatat(dirfd, name, &found.file[i], AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		if (errno != ENOENT)
			return error_system(err, errno, "%s", name);
		memset(&found.file[i], 0, sizeof found.file[i]);
	}
	*ret = found;
	return 0;
}

static bool there(const struct store_files *files, enum store_file file)
{
	return files->file[file].st_nlink > 0;
}

bool store_files_filled(const struct store_files *files, enum store_file file)
{
	return there(files, file) && files->file[file].st_size > 0;
}

int store_files_open(const char *directory, struct error *err)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? error_system(err, errno, "%s", directory) : fd;
}

int store_files_look(int dirfd, struct store_files *ret, struct error *err)
{
	return look(dirfd, STORE_FILE, ret, err);
}

/* What is wrong with an existing file; NULL if nothing is. */
static const char *fault(const struct stat *file)
{
	if (!S_ISREG(file->st_mode))
		return "not a regular file";
	if (file->st_uid != geteuid())
		return "belongs to another user";
	if (file->st_nlink != 1)
		return "has a second name";
	return NULL;
}

static int judge(const struct store_files *files, struct error *err)
{
	char name[NAME_SIZE];

	for (enum store_file i = 0; i < STORE_FILE_COUNT; i++) {
		const char *what = there(files, i) ? fault(&files->file[i]) : NULL;

		name_of(name, STORE_FILE, i);
		if (what)
			return error_set(err, ERROR_CORRUPT, "%s: %s", name, what);
	}
	if (store_files_filled(files, STORE_FILE_MAIN) &&
		files->file[STORE_FILE_MAIN].st_size < STORE_FILE_SMALLEST)
		return error_set(err, ERROR_CORRUPT, "%s: too short for a database", STORE_FILE);
	/* SQLite would delete these files, or replay them into a new database. */
	for (enum store_file i = STORE_FILE_MAIN + 1; i < STORE_FILE_COUNT; i++) {
		name_of(name, STORE_FILE, i);
		if (there(files, i) && !there(files, STORE_FILE_MAIN))
			return error_set(err, ERROR_CORRUPT, "%s: left without its database", name);
	}
	/* SQLite writes the first page of a database before the first frame of its log. */
	if (store_files_filled(files, STORE_FILE_WAL) && !files->file[STORE_FILE_MAIN].st_size)
		return error_set(
			err, ERROR_CORRUPT, "%s: empty, although it has a log", STORE_FILE);
	return 0;
}

static int tighten(int dirfd, enum store_file file, struct error *err)
{
	char name[NAME_SIZE];
	struct stat now;

	name_of(name, STORE_FILE, file);
	CLEANUP(cleanup_close)
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &now) < 0)
		return error_system(err, errno, "%s", name);
	if (fault(&now))
		return error_set(err, ERROR_CORRUPT, "%s: %s", name, fault(&now));
	if (fchmod(fd, MODE) < 0)
		return error_system(err, errno, "%s", name);
	return 0;
}

static int create(int dirfd, struct error *err)
{
	CLEANUP(cleanup_close)
	int fd =
		openat(dirfd, STORE_FILE, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);

	/* fchmod() sets the mode whatever the umask is. */
	if (fd < 0 || fchmod(fd, MODE) < 0)
		return error_system(err, errno, "%s", STORE_FILE);
	return 0;
}

int store_files_ready(int dirfd, struct error *err)
{
	struct store_files files;

	if (look(dirfd, STORE_FILE, &files, err) < 0 || judge(&files, err) < 0)
		return -1;
	for (enum store_file i = 0; i < STORE_FILE_COUNT; i++) {
		if (there(&files, i) && (files.file[i].st_mode & 07777) != MODE &&
			tighten(dirfd, i, err) < 0)
			return -1;
	}
	if (!there(&files, STORE_FILE_MAIN))
		return create(dirfd, err);
	/* Checked here, because SQLite would notice it only at the first commit. */
	if (faccessat(dirfd, STORE_FILE, R_OK | W_OK, AT_EACCESS) < 0 ||
		faccessat(dirfd, ".", W_OK, AT_EACCESS) < 0)
		return error_system(err, errno, "%s", STORE_FILE);
	return 0;
}

/* A stem that no file has: the time, and also a number when that stem is taken. */
static int free_stem(int dirfd, char ret[static NAME_SIZE], struct error *err)
{
	struct store_files files;
	char stamp[sizeof "20261123T032500Z"];
	time_t now = time(NULL);
	struct tm utc;

	(void)gmtime_r(&now, &utc);
	if (!strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &utc))
		(void)snprintf(stamp, sizeof stamp, "unknown-time");
	for (int i = 1; i <= ASIDE_TRIES; i++) {
		bool taken = false;

		(void)snprintf(ret, NAME_SIZE, i == 1 ? "%s.aside-%s" : "%s.aside-%s.%d",
			STORE_FILE, stamp, i);
		if (look(dirfd, ret, &files, err) < 0)
			return -1;
		for (enum store_file k = 0; k < STORE_FILE_COUNT; k++)
			taken = taken || there(&files, k);
		if (!taken)
			return 0;
	}
	return error_system(err, EEXIST, "%s.aside-%s", STORE_FILE, stamp);
}

int store_files_set_aside(int dirfd, char *ret, size_t size, struct error *err)
{
	struct store_files files;
	char stem[NAME_SIZE], from[NAME_SIZE], to[NAME_SIZE];

	if (look(dirfd, STORE_FILE, &files, err) < 0 || free_stem(dirfd, stem, err) < 0)
		return -1;
	for (enum store_file i = 0; i < STORE_FILE_COUNT; i++) {
		if (!there(&files, i))
			continue;
		name_of(from, STORE_FILE, i);
		name_of(to, stem, i);
		if (renameat(dirfd, from, dirfd, to) < 0)
			return error_system(err, errno, "%s: setting it aside", from);
	}
	if (fsync(dirfd) < 0)
		return error_system(err, errno, "%s: setting it aside", STORE_FILE);
	(void)snprintf(ret, size, "%s", stem);
	return 0;
}
