/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"

int juju_make_dirs(const char *path, struct error *err)
{
	CLEANUP(cleanup_free) char *copy = alloc_text(path);

	for (char *at = copy + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			return error_system(err, errno, "cannot make %s", copy);
		*at = '/';
	}
	if (mkdir(copy, 0755) && errno != EEXIST)
		return error_system(err, errno, "cannot make %s", copy);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

int juju_remove_tree(const char *path, struct error *err)
{
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : error_system(err, errno, "cannot look at %s", path);
	if (nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS))
		return error_system(err, errno, "cannot remove %s", path);
	return 0;
}

int juju_read_file(struct buf *ret, const char *path, struct error *err)
{
	CLEANUP(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char data[16384];
	ssize_t got;

	if (fd < 0)
		return error_system(err, errno, "cannot open %s", path);
	while ((got = read(fd, data, sizeof data)) > 0)
		if (buf_add(ret, data, (size_t)got))
			return error_set(err, ERROR_LIMIT, "%s is too large", path);
	if (got < 0)
		return error_system(err, errno, "cannot read %s", path);
	return 0;
}

int juju_write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t put = write(fd, data, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		data += put;
		size -= (size_t)put;
	}
	return 0;
}

int juju_replace_file(const char *path, const char *data, size_t size, struct error *err)
{
	CLEANUP(cleanup_free) char *other = alloc_textf("%s.new.%d", path, (int)getpid());
	CLEANUP(cleanup_close)
	int fd = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return error_system(err, errno, "cannot make %s", other);
	if (juju_write_all(fd, data, size))
		return error_system(err, errno, "cannot write %s", other);
	if (rename(other, path))
		return error_system(err, errno, "cannot replace %s", path);
	return 0;
}

int juju_append_file(const char *path, const char *data, size_t size, struct error *err)
{
	CLEANUP(cleanup_close)
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0)
		return error_system(err, errno, "cannot open %s", path);
	if (juju_write_all(fd, data, size))
		return error_system(err, errno, "cannot write %s", path);
	return 0;
}

int juju_copy_file(const char *from, const char *to, mode_t mode, struct error *err)
{
	CLEANUP(cleanup_close) int in = open(from, O_RDONLY | O_CLOEXEC);
	CLEANUP(cleanup_close) int out = -1;
	char data[65536];
	ssize_t got;

	if (in < 0)
		return error_system(err, errno, "cannot open %s", from);
	if (unlink(to) && errno != ENOENT)
		return error_system(err, errno, "cannot replace %s", to);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (out < 0)
		return error_system(err, errno, "cannot make %s", to);
	while ((got = read(in, data, sizeof data)) > 0)
		if (juju_write_all(out, data, (size_t)got))
			return error_system(err, errno, "cannot write %s", to);
	if (got < 0)
		return error_system(err, errno, "cannot read %s", from);
	return 0;
}
