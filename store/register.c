/* SPDX-License-Identifier: Apache-2.0 */
#include "store/register.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "store/agents.h"

#define NEXT ".next"

enum {
	TEXT_SIZE = FSM_UNIT_SIZE + CHANNEL_SIZE + 64,
	LOCK_PAUSE = 50, /* milliseconds */
};

/* The whole file; another version of the charm that says it otherwise is not understood. */
static int say(const struct fsm_entry *entry, char ret[TEXT_SIZE])
{
	return snprintf(ret, TEXT_SIZE, "1 %s %s %" PRId64 " %s %s\n", entry->unit,
		*entry->target.channel ? entry->target.channel : "-", entry->target.revision,
		entry->yields ? "yields" : "counts", entry->holds ? "holds" : "free");
}

/* What TEXT says, if it is to the byte what would be written for it. */
static bool understand(const char *text, size_t length, struct fsm_entry *entry)
{
	enum {
		VERSION,
		NAME,
		CHANNEL,
		REVISION,
		COUNTS,
		HOLDS,
		WORDS
	};
	char copy[TEXT_SIZE], same[TEXT_SIZE], *rest = copy;
	const char *words[WORDS];

	(void)snprintf(copy, sizeof copy, "%s", text);
	for (int i = 0; i < WORDS; i++) {
		words[i] = strsep(&rest, " \n");
		if (!rest)
			return false;
	}
	if (strcmp(words[CHANNEL], "-") != 0 && strlen(words[CHANNEL]) < CHANNEL_SIZE)
		entry->target = fsm_target_of(words[CHANNEL]);
	entry->target.revision = text_number(words[REVISION]);
	entry->yields = strcmp(words[COUNTS], "yields") == 0;
	entry->holds = strcmp(words[HOLDS], "holds") == 0;
	return entry->target.revision >= 0 && say(entry, same) == (int)length &&
	       memcmp(same, text, length) == 0;
}

/* The entry in the file TAG; one that is no plain file of ours, or cannot be read, says nothing. */
static void read_entry(int at, const char *tag, struct fsm_entry *entry)
{
	CLEANUP(cleanup_close)
	int fd = openat(at, tag, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct fsm_entry read_one = *entry;
	char text[TEXT_SIZE];
	struct stat file;
	ssize_t length = -1;

	if (fd >= 0 && fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_uid == geteuid())
		length = read(fd, text, sizeof text - 1);
	if (length > 0) {
		text[length] = '\0';
		if (understand(text, (size_t)length, &read_one)) {
			*entry = read_one;
			return;
		}
	}
	entry->unknown = true;
}

static bool is_kin(const char *a, const char *b)
{
	size_t length = strcspn(a, "/");

	return length == strcspn(b, "/") && strncmp(a, b, length) == 0;
}

/* Room for one more, of the unit with TAG. */
static struct fsm_entry *add(
	struct store_register *list, const char *unit, const char *tag, struct error *err)
{
	struct fsm_entry *entry = &list->others[list->count];

	if (list->count == STORE_REGISTER_MAX) {
		(void)error_set(
			err, ERROR_LIMIT, "%s: more than %d units", list->path, STORE_REGISTER_MAX);
		return NULL;
	}
	list->count++;
	*entry = (struct fsm_entry){ .unknown = false };
	agents_unit(tag, entry->unit);
	entry->kin = is_kin(entry->unit, unit);
	return entry;
}

struct reading {
	struct store_register *list;
	const char *unit;
	char tag[AGENTS_TAG_SIZE];
	int agents;
};

/* One name in the folder of the register. */
static int take_file(struct reading *reading, const char *tag, struct error *err)
{
	struct store_register *list = reading->list;
	struct fsm_entry *entry;

	if (strcmp(tag, reading->tag) == 0) {
		list->listed = true;
		(void)snprintf(list->own.unit, FSM_UNIT_SIZE, "%s", reading->unit);
		list->own.kin = true;
		read_entry(list->fd, tag, &list->own);
		return 0;
	}
	if (agents_life(reading->agents, tag) == AGENTS_NOT) {
		if (list->use != STORE_REGISTER_LOOK)
			(void)unlinkat(list->fd, tag, 0);
		return 0;
	}
	entry = add(list, reading->unit, tag, err);
	if (!entry)
		return -1;
	read_entry(list->fd, tag, entry);
	return 0;
}

static bool has(const struct store_register *list, const char *tag)
{
	char unit[FSM_UNIT_SIZE];

	agents_unit(tag, unit);
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->others[i].unit, unit) == 0)
			return true;
	return false;
}

/* One name in the folder of the agents, for a unit that is not in the register. */
static int take_agent(struct reading *reading, const char *tag, struct error *err)
{
	struct store_register *list = reading->list;
	struct fsm_entry *entry;

	if (strcmp(tag, reading->tag) == 0 || has(list, tag) ||
		agents_life(reading->agents, tag) != AGENTS_OURS)
		return 0;
	entry = add(list, reading->unit, tag, err);
	if (!entry)
		return -1;
	entry->unknown = true;
	if (list->use == STORE_REGISTER_ENTER) {
		CLEANUP(cleanup_close)
		int fd = openat(
			list->fd, tag, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

		if (fd < 0)
			return error_system(err, errno, "%s/%s", list->path, tag);
	}
	return 0;
}

/* Gives TAKE each name in the folder AT that is a tag. */
static int each(int at, const char *path, struct reading *reading,
	int (*take)(struct reading *, const char *, struct error *), struct error *err)
{
	int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), outcome = 0;
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *name;

	if (!folder) {
		outcome = error_system(err, errno, "%s", path);
		cleanup_close(&fd);
		return outcome;
	}
	for (int names = 0; outcome == 0; names++) {
		errno = 0;
		name = readdir(folder);
		if (!name && errno)
			outcome = error_system(err, errno, "%s", path);
		if (!name)
			break;
		if (names == STORE_REGISTER_NAMES)
			outcome = error_set(err, ERROR_LIMIT, "%s: more than %d names", path,
				STORE_REGISTER_NAMES);
		else if (agents_is_tag(name->d_name))
			outcome = take(reading, name->d_name, err);
	}
	(void)closedir(folder);
	return outcome;
}

/* Locks the folder; ESTALE when another unit has removed it meanwhile. */
static int lock(int fd, int64_t end)
{
	struct stat folder;

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return errno;
		if (clock_uptime() >= end)
			return EBUSY;
		clock_sleep(LOCK_PAUSE);
	}
	if (fstat(fd, &folder) < 0)
		return errno;
	if (folder.st_nlink == 0)
		return ESTALE;
	return folder.st_uid == geteuid() && !(folder.st_mode & (S_IWGRP | S_IWOTH)) ? 0 : EPERM;
}

/* The folder, locked; -1 with RET 0 when there is none. */
static int open_folder(const char *path, bool make, int64_t end, int *ret)
{
	int fd;

	do {
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		*ret = fd < 0 ? errno : lock(fd, end);
		if (*ret && fd >= 0) {
			(void)close(fd);
			fd = -1;
		}
		if (*ret == ENOENT && !make)
			*ret = 0;
		else if (*ret == ENOENT)
			*ret = mkdir(path, 0700) < 0 && errno != EEXIST ? errno : ESTALE;
	} while (*ret == ESTALE && clock_uptime() < end);
	return fd;
}

int store_register_open(const char *path, enum store_register_use use, int64_t wait,
	const char *unit, const char *directory, struct store_register *ret, struct error *err)
{
	struct reading reading = { .list = ret, .unit = unit, .agents = -1 };
	int number = 0, outcome = 0;

	ret->path = path;
	ret->use = use;
	ret->fd = -1;
	ret->listed = false;
	ret->own = (struct fsm_entry){ .unknown = false };
	ret->count = 0;
	if (agents_tag(unit, reading.tag) < 0)
		return error_set(err, ERROR_FORMAT, "'%.100s' is not the name of a unit", unit);
	ret->fd = open_folder(path, use == STORE_REGISTER_ENTER, clock_uptime() + wait, &number);
	if (number)
		return error_system(err, number, "%s", path);
	reading.agents = agents_open(directory, reading.tag);
	if (ret->fd >= 0)
		outcome = each(ret->fd, path, &reading, take_file, err);
	if (outcome == 0 && !ret->listed && reading.agents >= 0)
		outcome = each(reading.agents, directory, &reading, take_agent, err);
	cleanup_close(&reading.agents);
	return outcome;
}

void store_register_close(struct store_register *list)
{
	cleanup_close(&list->fd);
	list->fd = -1;
}

static int fill(int at, const struct fsm_entry *entry)
{
	CLEANUP(cleanup_close)
	int fd = openat(at, NEXT, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	char text[TEXT_SIZE];
	int length = say(entry, text);

	if (fd < 0)
		return -1;
	errno = ENOSPC; /* of a write that is cut short */
	return write(fd, text, (size_t)length) == length ? fsync(fd) : -1;
}

int store_register_enter(
	struct store_register *list, const struct fsm_entry *entry, struct error *err)
{
	char tag[AGENTS_TAG_SIZE];

	if (list->fd < 0 || agents_tag(entry->unit, tag) < 0)
		return error_set(err, ERROR_FORMAT, "%s: nobody can be entered", list->path);
	if ((unlinkat(list->fd, NEXT, 0) < 0 && errno != ENOENT) || fill(list->fd, entry) < 0 ||
		renameat(list->fd, NEXT, list->fd, tag) < 0 || fsync(list->fd) < 0) {
		int number = errno;

		(void)unlinkat(list->fd, NEXT, 0);
		return error_system(err, number, "%s", list->path);
	}
	return 0;
}

int store_register_leave(struct store_register *list, const char *unit, struct error *err)
{
	char tag[AGENTS_TAG_SIZE];

	if (list->fd < 0 || agents_tag(unit, tag) < 0)
		return 0;
	if (unlinkat(list->fd, tag, 0) < 0 && errno != ENOENT)
		return error_system(err, errno, "%s/%s", list->path, tag);
	(void)unlinkat(list->fd, NEXT, 0);
	(void)rmdir(list->path); /* unless others are in it */
	return 0;
}
