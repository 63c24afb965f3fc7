/* SPDX-License-Identifier: Apache-2.0 */
#include "resource/snaps.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "resource/tar.h"

enum {
	FILES_MAX = 2 * SNAPS_MAX,
	SHOWN_SIZE = 64,
};

#define SNAP   ".snap"
#define ASSERT ".assert"

/* The files of the two kinds that count. */
struct files {
	size_t count;
	struct tar_member list[FILES_MAX];
};

/* The bytes of NAME in front of ENDING; 0 when it has no such ending, or nothing in front. */
static size_t stem(const char *name, const char *ending)
{
	size_t size = strlen(name), tail = strlen(ending);

	if (size <= tail || strcmp(name + size - tail, ending) != 0 || name[size - tail - 1] == '/')
		return 0;
	return size - tail;
}

static int refuse(const struct tar_member *member, const char *words, struct error *err)
{
	char shown[SHOWN_SIZE];

	text_ascii(shown, sizeof shown, member->name);
	return error_set(err, ERROR_FORMAT, "holds '%s', %s", shown, words);
}

static int list_files(int fd, int64_t size, struct files *ret, struct error *err)
{
	struct tar tar;
	struct tar_member member;
	int more;

	ret->count = 0;
	tar_init(&tar, fd, size);
	while ((more = tar_next(&tar, &member, err)) == 1) {
		if (!stem(member.name, SNAP) && !stem(member.name, ASSERT))
			continue;
		if (ret->count == FILES_MAX)
			return error_set(err, ERROR_FORMAT, "holds more than %d snaps", SNAPS_MAX);
		ret->list[ret->count++] = member;
	}
	return more;
}

static bool is_beside(const struct tar_member *assertions, const struct tar_member *snap)
{
	size_t size = stem(snap->name, SNAP);

	return stem(assertions->name, ASSERT) == size &&
	       strncmp(assertions->name, snap->name, size) == 0;
}

/* The assertions of SNAP; NULL with an error. */
static const struct tar_member *find_assertions(
	const struct files *files, const struct tar_member *snap, struct error *err)
{
	const struct tar_member *ret = NULL;

	for (size_t i = 0; i < files->count; i++) {
		if (!is_beside(&files->list[i], snap))
			continue;
		if (ret) {
			(void)refuse(ret, "twice", err);
			return NULL;
		}
		ret = &files->list[i];
	}
	if (!ret)
		(void)refuse(snap, "without its .assert", err);
	return ret;
}

/* Of a stream of assertions: the one that is of a file of SIZE bytes, and its snap's name. */
static int match(const char *text, size_t length, int64_t size, struct assertion *revision,
	char name[ASSERTION_NAME_SIZE], struct error *err)
{
	struct assertion seen;
	size_t at = 0;
	int more;

	*revision = (struct assertion){ .size = 0 };
	*name = '\0';
	while ((more = assertion_next(text, length, &at, &seen, err)) == 1)
		if (seen.type == ASSERTION_REVISION && seen.size == size)
			*revision = seen;
	if (more < 0)
		return -1;
	at = 0;
	while (assertion_next(text, length, &at, &seen, NULL) == 1)
		if (seen.type == ASSERTION_DECLARATION && strcmp(seen.id, revision->id) == 0)
			memcpy(name, seen.name, sizeof seen.name);
	return 0;
}

/* What SNAP is, by the assertions in MEMBER. LINES gets a line of it. */
static int identify(int fd, const struct tar_member *snap, const struct tar_member *member,
	struct snaps_file *ret, struct buf *lines, struct error *err)
{
	CLEANUP(cleanup_free) char *text = NULL;
	struct assertion revision;
	struct error why;

	if (member->size > SNAPS_ASSERTIONS_MAX)
		return refuse(member, "which is too large", err);
	text = alloc_new(1, (size_t)member->size + 1);
	if (tar_read(fd, member->offset, text, (size_t)member->size, err) < 0)
		return -1;
	*ret = (struct snaps_file){
		.snap = { snap->offset, snap->size },
		.assertions = { member->offset, member->size },
	};
	if (match(text, (size_t)member->size, snap->size, &revision, ret->name, &why) < 0)
		return refuse(member, "which is not a list of assertions", err);
	if (!*ret->name)
		return refuse(member, "which is of another file than the .snap beside it", err);
	ret->revision = revision.revision;
	return buf_addf(lines, "%s %" PRId64 " %s\n", ret->name, ret->revision, revision.hash);
}

static const struct snaps_file *find(const struct snaps *snaps, const char *name)
{
	for (size_t i = 0; i < snaps->count; i++)
		if (strcmp(snaps->list[i].name, name) == 0)
			return &snaps->list[i];
	return NULL;
}

static int add(int fd, const struct files *files, const struct tar_member *snap, struct snaps *ret,
	struct buf *lines, struct error *err)
{
	struct snaps_file file;
	const struct tar_member *assertions = find_assertions(files, snap, err);

	if (!assertions || identify(fd, snap, assertions, &file, lines, err) < 0)
		return -1;
	if (find(ret, file.name))
		return error_set(err, ERROR_FORMAT, "holds two files of the snap '%s'", file.name);
	if (ret->count == SNAPS_MAX)
		return error_set(err, ERROR_FORMAT, "holds more than %d snaps", SNAPS_MAX);
	ret->list[ret->count++] = file;
	return 0;
}

int snaps_read(int fd, int64_t size, const char *name, struct snaps *ret, struct error *err)
{
	CLEANUP(cleanup_free) struct files *files = alloc_new(1, sizeof *files);
	CLEANUP(buf_done) struct buf lines;

	buf_init(&lines, (size_t)SNAPS_MAX * sizeof(struct assertion));
	ret->count = 0;
	if (list_files(fd, size, files, err) < 0)
		return -1;
	for (size_t i = 0; i < files->count; i++)
		if (stem(files->list[i].name, SNAP) &&
			add(fd, files, &files->list[i], ret, &lines, err) < 0)
			return -1;
	ret->main = find(ret, name);
	if (!ret->main)
		return error_set(err, ERROR_FORMAT, "holds no snap '%s'", name);
	ret->hash = text_hash(buf_text(&lines));
	return 0;
}
