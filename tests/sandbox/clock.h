/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clock that several processes share: a small file, mapped by each of them, that holds one time.
 * It stands still until somebody moves it, and never runs by itself. Moving and reading it is
 * atomic, across processes too.
 */
#ifndef TESTS_SANDBOX_CLOCK_H
#define TESTS_SANDBOX_CLOCK_H

#include "base/error.h"

#define SANDBOX_CLOCK_SECOND 1000000000LL

/* 2026-11-23 02:00:00 UTC, in nanoseconds since the epoch: what a new clock shows. */
#define SANDBOX_CLOCK_START (1795399200LL * SANDBOX_CLOCK_SECOND)

struct sandbox_clock;

/*
 * Maps the clock file PATH, and makes it first when there is none: it then shows
 * SANDBOX_CLOCK_START, on a machine that was started an hour before. NULL with ERR set (which may
 * be NULL itself).
 */
struct sandbox_clock *sandbox_clock_open(const char *path, struct error *err);

/* Takes NULL. The file stays. */
void sandbox_clock_close(struct sandbox_clock *clock);

/* Nanoseconds since the epoch. */
long long sandbox_clock_now(const struct sandbox_clock *clock);

/* Nanoseconds since the machine was started, as CLOCK_BOOTTIME has it. */
long long sandbox_clock_boot(const struct sandbox_clock *clock);

/* Moves it by NS, backwards too (that is what an operator who sets the time does). */
void sandbox_clock_advance(struct sandbox_clock *clock, long long ns);

/*
 * Sets the time of day to NS since the epoch. The time since the start is not touched by that, just
 * as a machine's is not.
 */
void sandbox_clock_set(struct sandbox_clock *clock, long long ns);

/* The machine is started now: the time since the start is 0 again. */
void sandbox_clock_reboot(struct sandbox_clock *clock);

#endif
