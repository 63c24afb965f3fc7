/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cleanup attributes for straight-line early returns:
 *
 *	CLEANUP(cleanup_free) char *text = alloc_text("...");
 *	CLEANUP(cleanup_close) int fd = open(...);
 *	CLEANUP(buf_done) struct buf out;
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

/* For a pointer to memory from malloc(). */
static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

/* For a file descriptor; does nothing if it is negative. */
static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

#endif
