/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the headers of a tar in place: ustar, GNU and pax. Nothing is unpacked, and nothing on the disk
 * is touched but the tar itself, which anybody may have made.
 *
 * Folders are passed over. Whatever else is not a plain file (a link, a device, a sparse file), a name
 * that leads out of the tar, a header that is damaged, and a tar that is cut off end the reading: the
 * whole tar is then of no use. Memory is bounded by TAR_NAME_SIZE and one extended header, whatever
 * the size of the tar.
 */
#ifndef RESOURCE_TAR_H
#define RESOURCE_TAR_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
	TAR_NAME_SIZE = 257,    /* of ustar's longest, and a NUL */
	TAR_HEADERS_MAX = 4096, /* that are read of one tar, extended ones included */
	TAR_EXTENDED_MAX = 64 * 1024,
};

struct tar {
	int fd;       /* borrowed; read with pread() alone */
	int64_t size; /* of the file */
	int64_t at;   /* the next header */
	int headers;  /* read so far */
};

/* A plain file. */
struct tar_member {
	char name
		[TAR_NAME_SIZE]; /* without a leading ./; any bytes but NUL, to be escaped when shown */
	int64_t offset, size; /* of its bytes in the tar, all of which are there */
};

/* Begins to read the tar of SIZE bytes behind FD. */
void tar_init(struct tar *tar, int fd, int64_t size);

/*
 * The next plain file: 1. 0 at the end. -1 with ERROR_FORMAT and words that follow the name of the tar
 * ("holds 'x', a link"; what they name is escaped), or with ERROR_SYSTEM.
 */
int tar_next(struct tar *tar, struct tar_member *ret, struct error *err);

/* Reads SIZE bytes at OFFSET of FD. ERROR_FORMAT if the file ends before. */
int tar_read(int fd, int64_t offset, void *ret, size_t size, struct error *err);

#endif
