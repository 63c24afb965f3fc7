/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The charm's resource: anything as a tar, once as it is and once with the checksums of what looks
 * like headers put right, and anything as assertions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "resource/snaps.h"
#include "resource/tar.h"
#include "tests/fuzz/fuzz.h"

enum {
	BLOCK = 512,
	SUM = 148,
	MAGIC = 257,
};

static void assertions(const char *text, size_t size)
{
	struct assertion seen;
	struct error err;
	size_t at = 0, before = 0;
	int more;

	while ((more = assertion_next(text, size, &at, &seen, &err)) == 1) {
		FUZZ_CHECK(at > before && at <= size);
		before = at;
		fuzz_check_ends(seen.id, sizeof seen.id);
		fuzz_check_ends(seen.name, sizeof seen.name);
		if (seen.type == ASSERTION_DECLARATION)
			FUZZ_CHECK(*seen.name && *seen.id && !strchr(seen.name, '/'));
		if (seen.type == ASSERTION_REVISION)
			FUZZ_CHECK(seen.revision > 0 && seen.size > 0 && *seen.id &&
				   strlen(seen.hash) == ASSERTION_HASH_SIZE - 1);
	}
	FUZZ_CHECK(at == before);
	FUZZ_CHECK(more == 0 || err.kind == ERROR_FORMAT);
}

static void check_error(const struct error *err)
{
	FUZZ_CHECK(err->kind == ERROR_FORMAT);
	fuzz_check_ends(err->text, sizeof err->text);
	fuzz_check_ascii(err->text, sizeof err->text - 1);
}

/* No member leads out or overlaps another one, and all of its bytes are there. */
static void members(int fd, int64_t size)
{
	struct tar tar;
	struct tar_member member;
	struct error err;
	int64_t end = 0;
	int more;

	tar_init(&tar, fd, size);
	while ((more = tar_next(&tar, &member, &err)) == 1) {
		fuzz_check_ends(member.name, sizeof member.name);
		FUZZ_CHECK(*member.name && *member.name != '/');
		FUZZ_CHECK(strncmp(member.name, "../", 3) != 0 && !strstr(member.name, "/../"));
		FUZZ_CHECK(member.size >= 0 && member.offset >= end + BLOCK);
		end = member.offset + member.size;
		FUZZ_CHECK(end <= size);
	}
	if (more < 0)
		check_error(&err);
}

static void contents(int fd, int64_t size)
{
	struct snaps snaps;
	struct error err;

	if (snaps_read(fd, size, "microsample", &snaps, &err) < 0) {
		check_error(&err);
		return;
	}
	FUZZ_CHECK(snaps.count > 0 && snaps.count <= SNAPS_MAX);
	FUZZ_CHECK(snaps.main >= snaps.list && snaps.main < snaps.list + snaps.count);
	FUZZ_CHECK(strcmp(snaps.main->name, "microsample") == 0);
	for (size_t i = 0; i < snaps.count; i++)
		FUZZ_CHECK(snaps.list[i].snap.offset + snaps.list[i].snap.size <= size &&
			   snaps.list[i].revision > 0 &&
			   snaps.list[i].assertions.size <= SNAPS_ASSERTIONS_MAX);
}

static void tar(const char *data, size_t size)
{
	int fd = memfd_create("tar", MFD_CLOEXEC);

	FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	members(fd, (int64_t)size);
	contents(fd, (int64_t)size);
	(void)close(fd);
}

static void mend(char *header)
{
	unsigned sum = 0;

	memset(header + SUM, ' ', 8);
	for (int i = 0; i < BLOCK; i++)
		sum += (unsigned char)header[i];
	(void)snprintf(header + SUM, 8, "%06o", sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = alloc_new(1, size);

	if (size)
		memcpy(copy, data, size);
	assertions(copy, size);
	tar(copy, size);
	for (size_t at = 0; at + BLOCK <= size; at += BLOCK)
		if (memcmp(copy + at + MAGIC, "ustar", 5) == 0)
			mend(copy + at);
	tar(copy, size);
	free(copy);
	return 0;
}
