/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/resource.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "fsm/resource.h"
#include "juju/resource.h"
#include "resource/snaps.h"
#include "workload/workload.h"

#define RESOURCE "snaps"

enum {
	NAME_SIZE = ASSERTION_NAME_SIZE + 32,
};

/* Opens the plain file at PATH, and says how large it is. */
static int open_file(const char *path, int *ret, int64_t *size, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct stat file;

	if (fd < 0)
		return error_system(err, errno, "cannot open the resource " RESOURCE);
	if (fstat(fd, &file) < 0 || !S_ISREG(file.st_mode)) {
		(void)close(fd);
		return error_set(err, ERROR_SYSTEM, "the resource " RESOURCE " is no plain file");
	}
	*ret = fd;
	*size = file.st_size;
	return 0;
}

/* What the file at PATH is, in the record's words. */
static int read_file(const char *path, struct fsm_resource *ret, struct error *err)
{
	struct fsm_resource seen = { .supply = FSM_SUPPLY_FILE };
	CLEANUP(cleanup_close) int fd = -1;
	struct snaps snaps;

	if (open_file(path, &fd, &seen.size, err) < 0)
		return -1;
	if (seen.size == 0) {
		*ret = (struct fsm_resource){ .supply = FSM_SUPPLY_STORE };
		return 0;
	}
	text_ascii(seen.path, sizeof seen.path, path);
	if (snaps_read(fd, seen.size, WORKLOAD_SNAP, &snaps, err) == 0) {
		seen.hash = snaps.hash;
		seen.revision = snaps.main->revision;
	} else if (err->kind == ERROR_FORMAT) {
		seen.supply = FSM_SUPPLY_BAD;
		text_ascii(seen.detail, sizeof seen.detail, err->text);
	} else {
		return -1;
	}
	*ret = seen;
	return 0;
}

/* Asks Juju for the file, and reads it. */
static int fetch(struct run *run, struct fsm_resource *ret, struct error *err)
{
	char path[sizeof ret->path];
	int64_t begun = clock_uptime();
	int64_t limit = run_move_time(run, RUN_FETCH_TIME);
	int outcome = juju_resource(RESOURCE, limit, path, sizeof path, err);

	run->deadline += clock_uptime() - begun;
	if (outcome < 0)
		return -1;
	if (*path)
		return read_file(path, ret, err);
	*ret = (struct fsm_resource){ .supply = FSM_SUPPLY_STORE };
	return 0;
}

void resource_read(struct run *run)
{
	struct fsm_resource seen;
	struct error err = { 0 };

	if (!fsm_resource_due(&run->record, run->kind, run->order))
		return;
	if (fetch(run, &seen, &err) < 0) {
		text_ascii(run->resource, sizeof run->resource, err.text);
		log_add(&run->log, JUJU_WARNING, "the resource " RESOURCE " is not read: %s",
			err.text);
		return;
	}
	if (!fsm_resource_note(&run->record, &seen))
		return;
	run->dirty = true;
	if (seen.supply == FSM_SUPPLY_FILE)
		log_say("the resource " RESOURCE " has revision %" PRId64, seen.revision);
	else if (seen.supply == FSM_SUPPLY_BAD)
		log_say("the resource " RESOURCE " %s", seen.detail);
}

/* The file as it was read: another one may have other snaps in it by now, or half of them. */
static int open_known(
	const struct fsm_resource *known, int *fd, struct snaps *ret, struct error *err)
{
	struct error why = { 0 };
	int64_t size;

	if (open_file(known->path, fd, &size, &why) == 0 && size == known->size &&
		snaps_read(*fd, size, WORKLOAD_SNAP, ret, &why) == 0 && ret->hash == known->hash &&
		ret->main->revision == known->revision)
		return 0;
	(void)error_set(err, ERROR_CORRUPT, "%s",
		*why.text ? why.text : "it has other bytes than when it was read");
	return -1;
}

/* The files that are to be sent, the snap first, then what is not on the machine. */
struct parcel {
	size_t count;
	char names[SNAPS_MAX][2][NAME_SIZE]; /* of the snap and its assertions */
	struct snapd_file snaps[SNAPS_MAX], assertions[SNAPS_MAX];
};
_Static_assert((int)SNAPS_MAX == (int)SNAPD_FILES_MAX, "all of them go into one request");

static void put(struct parcel *parcel, int fd, const struct snaps_file *file)
{
	size_t i = parcel->count++;
	const char *endings[] = { "snap", "assert" };

	for (int j = 0; j < 2; j++)
		(void)snprintf(parcel->names[i][j], NAME_SIZE, "%s_%" PRId64 ".%s", file->name,
			file->revision, endings[j]);
	parcel->snaps[i] =
		(struct snapd_file){ parcel->names[i][0], fd, file->snap.offset, file->snap.size };
	parcel->assertions[i] = (struct snapd_file){ parcel->names[i][1], fd,
		file->assertions.offset, file->assertions.size };
}

static int make_parcel(const struct run *run, int fd, const struct snaps *snaps, struct parcel *ret,
	struct error *err)
{
	struct snapd_snap there;

	ret->count = 0;
	put(ret, fd, snaps->main);
	for (size_t i = 0; i < snaps->count; i++) {
		const struct snaps_file *file = &snaps->list[i];

		if (file == snaps->main)
			continue;
		if (snapd_get_snap(run_snapd(run), file->name, &there, err) < 0) {
			err->kind = ERROR_UNREACHABLE; /* nothing was sent */
			return -1;
		}
		if (!there.present)
			put(ret, fd, file);
	}
	return 0;
}

/* Milliseconds until everything has to be with snapd: what is later may land later than the record says. */
static int64_t left(const struct run *run)
{
	return run->record.intent.uptime * 1000 + run_move_time(run, RUN_UPLOAD_TIME) -
	       clock_uptime();
}

int resource_post(struct run *run, struct snapd_answer *ret, struct error *err)
{
	static struct parcel parcel;
	CLEANUP(cleanup_close) int fd = -1;
	struct snapd_answer answer;
	struct snaps snaps;

	if (open_known(&run->record.resource, &fd, &snaps, err) < 0 ||
		make_parcel(run, fd, &snaps, &parcel, err) < 0)
		return -1;
	/* Assertions are known or not: a lost answer to them is no reason to believe in a change. */
	for (size_t i = 0; i < parcel.count; i++) {
		if (snapd_assert(run->snapd, &parcel.assertions[i], left(run), &answer, err) < 0) {
			err->kind = ERROR_UNREACHABLE;
			return -1;
		}
		if (answer.verdict != SNAPD_ACCEPTED) {
			*ret = answer;
			return 0;
		}
	}
	return snapd_sideload(run->snapd, parcel.snaps, parcel.count, left(run), ret, err);
}
