/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes text from outside safe for a terminal, a log line or a Juju status.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Adds TEXT (SIZE bytes) with everything escaped that is unsafe for a terminal. Control bytes
 * (newline and tab too), DEL, C1 controls, characters that reorder text and bytes that are not
 * UTF-8 become \n, \t, \r or \xHH; a backslash becomes \\. Other UTF-8 stays, so that people can
 * read their own language. -1 when the buffer is full.
 */
int text_escape(struct buf *ret, const char *text, size_t size);

/*
 * The strict form for a Juju status: printable ASCII stays, everything else becomes '?'. Writes at
 * most SIZE - 1 bytes; when it cuts the text, that ends in "..." (never within the first three
 * bytes). RET holds SIZE bytes and is filled with NUL bytes to its end, so that records can be
 * compared as bytes.
 */
void text_ascii(char *ret, size_t size, const char *text);

/* TEXT as a decimal number from 0 to 2^62; -1 when TEXT is anything else. */
long long text_number(const char *text);

/* FNV-1a of TEXT: the same over builds and machines. */
uint32_t text_hash(const char *text);

#endif
