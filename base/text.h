/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text from outside, made fit for a person's terminal, a log line or a Juju status.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Adds TEXT (SIZE bytes) with everything escaped that a terminal must not see: control bytes
 * (newline and tab too), DEL, C1 controls and bytes that are not UTF-8 become \n, \t, \r or \xHH,
 * a backslash \\. Other UTF-8 stays, so a reader sees his own language. -1 when the buffer is full.
 */
int text_escape(struct buf *ret, const char *text, size_t size);

/*
 * The strict form for a Juju status: printable ASCII in, everything else as '?', at most SIZE - 1
 * bytes, "..." at the end when something was cut (never within the first three bytes). RET holds
 * SIZE bytes and is filled with NUL bytes to its end, so that records can be compared as bytes.
 */
void text_ascii(char *ret, size_t size, const char *text);

/* The decimal number that is the whole of TEXT, 0 to 2^62; -1 when it is none. */
long long text_number(const char *text);

#endif
