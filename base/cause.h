/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts the text of a failure so that the cause stays.
 *
 * Errors of Go nest, and so do those of a task of snapd: what was tried stands in front, the cause at
 * the end: `Fetch it (cannot get it: Get "https://x": dial tcp 192.0.2.1:443: connect: no route)`.
 */
#ifndef BASE_CAUSE_H
#define BASE_CAUSE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes TEXT, which is one line, to RET, SIZE bytes (16 at least) with the NUL. Where it is too
 * long, URLs and network addresses go first, then what stands furthest from the cause. "..." marks
 * words that were left out, but not in front of whole ones. No character of UTF-8 is cut in two.
 * Returns whether the innermost cause is there in whole.
 */
bool cause_fit(char *ret, size_t size, const char *text);

/* TEXT without `cannot VERB "NAME": ` or `cannot VERB snap "NAME": ` in front, if words follow. Borrowed. */
const char *cause_words(const char *text);

#endif
