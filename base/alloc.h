/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocation that cannot fail: when memory runs out, it prints one line on stderr and calls
 * abort(). Nothing is lost by that, because everything that matters is committed before the charm
 * acts on it; the next hook repeats the work.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

/* Zeroed memory for COUNT things of SIZE bytes. Free with free(). */
void *alloc_new(size_t count, size_t size)
	__attribute__((malloc, alloc_size(1, 2), returns_nonnull));

/* As realloc(). SIZE is in bytes and never 0. */
void *alloc_again(void *old, size_t size) __attribute__((alloc_size(2), returns_nonnull));

/* A copy of TEXT; NULL gives NULL. */
char *alloc_text(const char *text);

/* A formatted text. */
char *alloc_textf(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

#endif
