/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"

enum {
	FILE_MAX = 64 << 20,
	DEPTH = 16,
};

noreturn void tree_fail(const char *format, ...)
{
	int number = errno;
	va_list args;

	va_start(args, format);
	(void)fprintf(stderr, "crash: ");
	(void)vfprintf(stderr, format, args);
	(void)fprintf(stderr, "%s%s\n", number ? ": " : "", number ? strerror(number) : "");
	va_end(args);
	exit(2);
}

void tree_make(const char *path)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		tree_fail("%s", path);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info;
	(void)kind;
	(void)where;
	if (remove(path) < 0 && errno != ENOENT)
		tree_fail("%s", path);
	return 0;
}

void tree_remove(const char *path)
{
	if (nftw(path, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
		tree_fail("%s", path);
}

static void read_into(struct buf *ret, const char *path)
{
	CLEANUP(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char part[32768];
	ssize_t got;

	if (fd < 0 && errno == ENOENT)
		return;
	while ((got = fd < 0 ? -1 : read(fd, part, sizeof part)) > 0)
		if (buf_add(ret, part, (size_t)got) < 0)
			tree_fail("%s is too long", path);
	if (got < 0)
		tree_fail("%s", path);
}

static void write_at(const char *path, int flags, mode_t mode, const void *data, size_t size)
{
	CLEANUP(cleanup_close) int fd = open(path, O_WRONLY | O_CLOEXEC | flags, mode);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		tree_fail("%s", path);
}

static void copy_link(const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t length = readlink(from, target, sizeof target - 1);

	if (length < 0)
		tree_fail("%s", from);
	target[length] = '\0';
	if (symlink(target, to) < 0)
		tree_fail("%s", to);
}

static void copy_folder(
	const char *from, const char *to, void (*copy)(const char *from, const char *to))
{
	DIR *folder = opendir(from);
	const struct dirent *entry;

	if (!folder)
		tree_fail("%s", from);
	tree_make(to);
	while ((entry = readdir(folder))) {
		CLEANUP(cleanup_free) char *source = alloc_textf("%s/%s", from, entry->d_name);
		CLEANUP(cleanup_free) char *target = alloc_textf("%s/%s", to, entry->d_name);

		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			copy(source, target);
	}
	(void)closedir(folder);
}

void tree_copy(const char *from, const char *to)
{
	CLEANUP(buf_done) struct buf text = { .limit = FILE_MAX };
	struct stat info;

	if (lstat(from, &info) < 0)
		tree_fail("%s", from);
	if (S_ISLNK(info.st_mode)) {
		copy_link(from, to);
	} else if (S_ISDIR(info.st_mode)) {
		copy_folder(from, to, tree_copy);
	} else if ((info.st_mode & S_IXUSR) && link(from, to) == 0) {
		return;
	} else {
		read_into(&text, from);
		write_at(to, O_CREAT | O_EXCL, info.st_mode & 0777, buf_text(&text), text.len);
	}
}

void tree_link(const char *from, const char *to)
{
	struct stat info;

	if (lstat(from, &info) < 0)
		tree_fail("%s", from);
	if (S_ISDIR(info.st_mode))
		copy_folder(from, to, tree_link);
	else if (link(from, to) < 0)
		tree_fail("%s", to);
}

char *tree_read(const char *path)
{
	CLEANUP(buf_done) struct buf text = { .limit = FILE_MAX };

	read_into(&text, path);
	return alloc_text(buf_text(&text));
}

void tree_write(const char *path, const void *data, unsigned long size)
{
	write_at(path, O_CREAT, 0600, data, size);
	if (truncate(path, (off_t)size) < 0)
		tree_fail("%s", path);
}

void tree_copy_over(const char *from, const char *to)
{
	CLEANUP(buf_done) struct buf text = { .limit = FILE_MAX };

	read_into(&text, from);
	tree_write(to, buf_text(&text), text.len);
}
