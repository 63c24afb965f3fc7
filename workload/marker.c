/* SPDX-License-Identifier: Apache-2.0 */
#include "workload/marker.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "workload/workload.h"

#define COMMON WORKLOAD_SNAP "/common"
#define NAME   ".installed-by-microsample-vm"
#define NEXT   NAME ".next"

enum {
	PATH_SIZE = 256,
	TEXT_SIZE = MARKER_TAG_SIZE + 64,
};

/* What tells FD's file from a copy; a file system without times of birth gives 0 for that. */
static int look(int fd, struct statx *ret)
{
	unsigned wanted = STATX_TYPE | STATX_UID | STATX_INO | STATX_BTIME;

	return statx(fd, "", AT_EMPTY_PATH, wanted, ret);
}

static int say(const struct statx *file, const char *tag, char ret[TEXT_SIZE])
{
	return snprintf(ret, TEXT_SIZE, "%s %" PRIu64 " %" PRId64 ".%09" PRIu32 "\n", tag,
		(uint64_t)file->stx_ino, (int64_t)file->stx_btime.tv_sec,
		(uint32_t)file->stx_btime.tv_nsec);
}

/* Whether TAG may name a folder: it comes from a file that anyone with rights could have written. */
static bool is_tag(const char *tag)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return strncmp(tag, "unit-", 5) == 0 && strlen(tag) < MARKER_TAG_SIZE &&
	       tag[strspn(tag, letters)] == '\0';
}

/* The tag, if the text is to the byte what marker_write() writes into this very file; or "". */
static void take_tag(const struct statx *file, const char *text, size_t length, char *ret)
{
	char same[TEXT_SIZE], tag[TEXT_SIZE];

	(void)snprintf(tag, sizeof tag, "%.*s", (int)strcspn(text, " "), text);
	ret[0] = '\0';
	if (is_tag(tag) && say(file, tag, same) == (int)length && memcmp(text, same, length) == 0)
		(void)snprintf(ret, MARKER_TAG_SIZE, "%s", tag);
}

int marker_read(const char *data, char ret[MARKER_TAG_SIZE], struct error *err)
{
	char path[PATH_SIZE], text[TEXT_SIZE];
	CLEANUP(cleanup_close) int fd = -1;
	struct statx file;
	ssize_t length;

	if (snprintf(path, sizeof path, "%s/" COMMON "/" NAME, data) >= PATH_SIZE)
		return error_system(err, ENAMETOOLONG, "%s", data);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != ENXIO)
		return error_system(err, errno, "%s", path);
	ret[0] = '\0';
	if (fd < 0)
		return 0;
	if (look(fd, &file) < 0)
		return error_system(err, errno, "%s", path);
	if (!S_ISREG(file.stx_mode) || file.stx_uid != geteuid())
		return 0;
	length = read(fd, text, sizeof text - 1);
	if (length < 0)
		return error_system(err, errno, "%s", path);
	text[length] = '\0';
	take_tag(&file, text, (size_t)length, ret);
	return 0;
}

static int fill(int fd, const char *tag)
{
	struct statx file;
	char text[TEXT_SIZE];
	int length;

	if (look(fd, &file) < 0)
		return -1;
	length = say(&file, tag, text);
	errno = ENOSPC; /* of a write that is cut short */
	return write(fd, text, (size_t)length) == length ? fsync(fd) : -1;
}

/* With a name of its own first: a file that is not whole would be nobody's for ever. */
static int replace(int at, const char *tag)
{
	CLEANUP(cleanup_close) int fd = -1;

	if (unlinkat(at, NEXT, 0) < 0 && errno != ENOENT)
		return -1;
	fd = openat(at, NEXT, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	if (fill(fd, tag) < 0 || renameat(at, NEXT, at, NAME) < 0) {
		int number = errno;

		(void)unlinkat(at, NEXT, 0);
		errno = number;
		return -1;
	}
	return fsync(at);
}

int marker_write(const char *data, const char *tag, struct error *err)
{
	CLEANUP(cleanup_close) int at = -1;
	char path[PATH_SIZE];

	if (!is_tag(tag))
		return error_set(err, ERROR_FORMAT, "'%.100s' is not the tag of a unit", tag);
	if (snprintf(path, sizeof path, "%s/" COMMON, data) >= PATH_SIZE)
		return error_system(err, ENAMETOOLONG, "%s", data);
	at = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0 || replace(at, tag) < 0)
		return error_system(err, errno, "%s", path);
	return 0;
}
