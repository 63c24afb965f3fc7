/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the headers of a stream of assertions, as `snap download` writes it, for what they say of a
 * snap. It proves nothing: whether they are signed, and by whom, is snapd's to judge.
 */
#ifndef RESOURCE_ASSERTION_H
#define RESOURCE_ASSERTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
	ASSERTION_NAME_SIZE = 64,
	ASSERTION_ID_SIZE = 64,
	ASSERTION_HASH_SIZE = 65, /* 384 bits in base64, and the NUL */
};

/* clang-format off */
enum assertion_type {
	ASSERTION_OTHER,
	ASSERTION_DECLARATION, /* snap-declaration: ID and NAME belong together */
	ASSERTION_REVISION,    /* snap-revision: the file with this hash and size is REVISION of ID */
};
/* clang-format on */

struct assertion {
	enum assertion_type type;
	char id[ASSERTION_ID_SIZE];
	char name[ASSERTION_NAME_SIZE]; /* the name of a snap */
	char hash[ASSERTION_HASH_SIZE]; /* SHA3-384, as snapd writes it */
	int64_t revision;               /* from 1 to 2147483647 */
	int64_t size;                   /* bytes */
};

/*
 * The assertion at *AT of TEXT, SIZE bytes: 1, and *AT is behind it. 0 at the end. -1 with ERROR_FORMAT
 * when there is something else than an assertion, or one that lacks what its type must say.
 */
int assertion_next(
	const char *text, size_t size, size_t *at, struct assertion *ret, struct error *err);

#endif
