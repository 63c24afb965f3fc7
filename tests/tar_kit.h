/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes tars by hand, good ones and others, and the assertions of a snap, unsigned.
 */
#ifndef TESTS_TAR_KIT_H
#define TESTS_TAR_KIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* A tar is bytes; begin with buf_init(). */
enum {
	TAR_KIT_MAX = 8 * 1024 * 1024,
};

/* Adds a header alone: for a file of SIZE bytes, whatever follows it. */
void tar_kit_header(struct buf *tar, const char *name, char type, int64_t size);

/* Adds the bytes of a file, up to the end of the last block. */
void tar_kit_bytes(struct buf *tar, const void *data, size_t size);

/* Both. */
void tar_kit_file(struct buf *tar, const char *name, char type, const void *data, size_t size);

/* The two blocks of zeros at the end. */
void tar_kit_end(struct buf *tar);

/* Makes the checksum of the header at OFFSET fit again. */
void tar_kit_sum(struct buf *tar, size_t offset);

/* A file in memory that holds TAR; the caller closes it. */
int tar_kit_open(const struct buf *tar);

/* NAME_REVISION.snap of SIZE bytes and its .assert, in one go. */
void tar_kit_snap(struct buf *tar, const char *name, int revision, size_t size);

/* Adds to RET what the .assert says. */
void tar_kit_assertions(struct buf *ret, const char *name, int revision, size_t size);

#endif
