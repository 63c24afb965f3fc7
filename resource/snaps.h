/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the charm's resource holds: snaps, each with its assertions, as `snap download` writes them
 * (NAME.snap and NAME.assert) and `tar` puts them into one file. Read in place; nothing is unpacked.
 */
#ifndef RESOURCE_SNAPS_H
#define RESOURCE_SNAPS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "resource/assertion.h"

enum {
	SNAPS_MAX = 16,                     /* snaps in one resource */
	SNAPS_ASSERTIONS_MAX = 1024 * 1024, /* bytes of one .assert */
};

/* Bytes of the tar. */
struct snaps_part {
	int64_t offset, size;
};

struct snaps_file {
	char name[ASSERTION_NAME_SIZE]; /* of the snap, by its declaration */
	int64_t revision;
	struct snaps_part snap, assertions;
};

struct snaps {
	size_t count;
	struct snaps_file list[SNAPS_MAX]; /* no two of one name */
	const struct snaps_file *main;     /* the one that was asked for, in LIST */
	int64_t hash; /* of the names, revisions and hashes of all: another one for other snaps */
};

/*
 * Reads the tar of SIZE bytes behind FD (which stays the caller's), and says what is in it if the snap
 * NAME is. ERROR_FORMAT with words that follow the name of the tar and are safe to show when it is
 * anything else than such a tar; ERROR_SYSTEM when it cannot be read.
 */
int snaps_read(int fd, int64_t size, const char *name, struct snaps *ret, struct error *err);

#endif
