/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define LOCK_FILE "state.lock"

enum {
	LOCK_TIME = 10 * 1000, /* milliseconds */
};

int unit_lock(struct run *run, struct error *err)
{
	const char *directory = run->directory;
	CLEANUP(cleanup_close) int at = open(directory, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	int64_t end = clock_uptime() + LOCK_TIME;
	int fd;

	if (at < 0)
		return error_system(err, errno, "%s", directory);
	fd = openat(at, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	if (fd < 0)
		return error_system(err, errno, "%s/%s", directory, LOCK_FILE);
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int number = errno;

		if (number != EWOULDBLOCK && number != EINTR) {
			(void)close(fd);
			return error_system(err, number, "%s/%s", directory, LOCK_FILE);
		}
		if (clock_uptime() >= end) {
			(void)close(fd);
			return error_set(
				err, ERROR_BUSY, "another dispatch of this unit is running");
		}
		clock_sleep(100);
	}
	run->lock = fd;
	run->deadline = clock_uptime() + run->budget;
	return 0;
}

static void note_aside(struct run *run, const char *aside, const struct error *why)
{
	if (!*aside)
		return;
	(void)snprintf(run->note, sizeof run->note,
		"database set aside as %s, record rebuilt from what snapd shows", aside);
	log_add(&run->log, JUJU_WARNING,
		"the database could not be used (%s); it was set aside as %s", why->text, aside);
}

int unit_open(struct run *run, struct error *err)
{
	char aside[128] = "";
	struct error why;

	if (store_open(run->directory, &run->store, aside, sizeof aside, err) < 0)
		return -1;
	why = *err;
	run->record = *store_opened(run->store);
	note_aside(run, aside, &why);
	return 0;
}

int unit_take(struct run *run, struct error *err)
{
	if (run->budget > UNIT_ACTION_TIME)
		run->budget = UNIT_ACTION_TIME;
	if (unit_lock(run, err) < 0)
		return -1;
	if (unit_open(run, err) < 0)
		return err->kind == ERROR_NEWER
			       ? error_wrap(
					 err, "the database is of a newer charm; run: juju refresh")
			       : -1;
	return juju_options(run_tool_time(run), &run->option, err);
}
