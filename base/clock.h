/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time: the wall clock for people and next tries, the time since boot for everything that waits.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Seconds since the epoch. The clock may be set; never measure with it. */
int64_t clock_now(void);

/* Milliseconds since boot, time in suspend included. Nobody sets it. */
int64_t clock_uptime(void);

/* Sleeps; a signal does not cut it short. */
void clock_sleep(int64_t milliseconds);

/* The id of this boot, "" when the kernel does not tell. RET holds SIZE bytes. */
void clock_boot(char *ret, size_t size);

enum {
	CLOCK_TEXT_SIZE = sizeof "2026-11-23T03:25:00Z",
};

/*
 * A wall clock time as text, in UTC; "" for 0. A time before 1970 counts as none, one after the year
 * 9999 as the end of that year, so that the text always has the same length.
 */
void clock_text(int64_t seconds, char ret[static CLOCK_TEXT_SIZE]);

/* The reverse; -1 for a text that clock_text() does not write. */
int clock_read(const char *text, int64_t *ret);

#endif
