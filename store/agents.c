/* SPDX-License-Identifier: Apache-2.0 */
#include "store/agents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "store/files.h"
#include "store/store.h"

#define UNIT "unit-"

/* Of the database: SQLite's words at its beginning, and the number of the program that it is of. */
static const char magic[] = "SQLite format 3";
enum {
	APPLICATION_AT = 68,
	HEADER_SIZE = APPLICATION_AT + 4,
	PATH_SIZE = AGENTS_TAG_SIZE + 32,
};

bool agents_is_tag(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-",
			  digits[] = "0123456789";
	const char *number = strrchr(name, '-');

	return strncmp(name, UNIT, strlen(UNIT)) == 0 && strlen(name) < AGENTS_TAG_SIZE &&
	       name[strspn(name, letters)] == '\0' && number[1] &&
	       number[1 + strspn(number + 1, digits)] == '\0' && number > name + strlen(UNIT);
}

int agents_tag(const char *unit, char ret[AGENTS_TAG_SIZE])
{
	const char *slash = strchr(unit, '/');

	if (!slash || strlen(unit) >= FSM_UNIT_SIZE)
		return -1;
	(void)snprintf(ret, AGENTS_TAG_SIZE, UNIT "%.*s-%s", (int)(slash - unit), unit, slash + 1);
	return agents_is_tag(ret) && !strchr(slash, '-') ? 0 : -1;
}

void agents_unit(const char *tag, char ret[FSM_UNIT_SIZE])
{
	(void)snprintf(ret, FSM_UNIT_SIZE, "%s", tag + strlen(UNIT));
	*strrchr(ret, '-') = '/';
}

int agents_open(const char *directory, const char *tag)
{
	CLEANUP(cleanup_close) int charm = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = charm < 0 ? -1 : openat(charm, "../..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char path[PATH_SIZE];
	struct stat own, same;

	(void)snprintf(path, sizeof path, "%s/charm", tag);
	if (fd >= 0 && fstat(charm, &own) == 0 && fstatat(fd, path, &same, 0) == 0 &&
		own.st_dev == same.st_dev && own.st_ino == same.st_ino)
		return fd;
	cleanup_close(&fd);
	return -1;
}

/* In a database whose first page is still in its log the number is 0. */
static enum agents_life life_of(int fd, bool log)
{
	uint8_t header[HEADER_SIZE];
	uint32_t number = 0;

	if (pread(fd, header, sizeof header, 0) != HEADER_SIZE ||
		memcmp(header, magic, sizeof magic) != 0)
		return AGENTS_MAYBE;
	for (int i = 0; i < 4; i++)
		number = number << 8 | header[APPLICATION_AT + i];
	if (number == STORE_APPLICATION_ID || (number == 0 && log))
		return AGENTS_OURS;
	return AGENTS_NOT;
}

enum agents_life agents_life(int agents, const char *tag)
{
	CLEANUP(cleanup_close) int fd = -1;
	char path[PATH_SIZE];
	struct stat log;

	if (agents < 0)
		return AGENTS_MAYBE;
	(void)snprintf(path, sizeof path, "%s/charm/" STORE_FILE, tag);
	fd = openat(agents, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? AGENTS_NOT : AGENTS_MAYBE;
	(void)snprintf(path, sizeof path, "%s/charm/" STORE_FILE "-wal", tag);
	return life_of(fd, fstatat(agents, path, &log, AT_SYMLINK_NOFOLLOW) == 0);
}
