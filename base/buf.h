/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one growable buffer. Its limit is a required argument, so that input from outside that is too
 * large gives an error and does not fill the machine's memory. The content is always NUL-terminated
 * and may hold NUL bytes.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>

struct buf {
	char *data;   /* NULL until something was added; LEN bytes and a NUL */
	size_t len;   /* bytes, without the NUL */
	size_t size;  /* bytes allocated */
	size_t limit; /* LEN never exceeds this */
};

/* LIMIT in bytes. Nothing is allocated yet. */
void buf_init(struct buf *buf, size_t limit);

/* Frees the data; takes NULL. The buffer may be used again and keeps its limit. */
void buf_done(struct buf *buf);

/* Adds SIZE bytes. -1 when that would exceed the limit; the buffer is then unchanged. */
int buf_add(struct buf *buf, const void *data, size_t size);
int buf_adds(struct buf *buf, const char *text);

/* The same, formatted. */
int buf_addf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text, never NULL: "" for an empty buffer. Borrowed until the next change. */
const char *buf_text(const struct buf *buf);

#endif
