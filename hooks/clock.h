/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time: the wall clock for people and next tries, the time since boot for everything that waits.
 */
#ifndef HOOKS_CLOCK_H
#define HOOKS_CLOCK_H

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

/* "2026-11-23T03:25:00Z"; RET holds at least 21 bytes. */
void clock_text(int64_t seconds, char *ret, size_t size);

#endif
