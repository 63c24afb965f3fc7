/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A clock that several processes share: a small file that holds one time, and that each process
 * maps. The clock never runs by itself; it stands still until somebody moves it. Moving and reading
 * it is atomic, also between processes.
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

/* Moves it by NS, which may be negative, as when an operator sets the time. */
void sandbox_clock_advance(struct sandbox_clock *clock, long long ns);

/*
 * Sets the time of day to NS since the epoch. As on a real machine, the time since the start does
 * not change.
 */
void sandbox_clock_set(struct sandbox_clock *clock, long long ns);

/* Starts the machine now: the time since the start is 0 again. */
void sandbox_clock_reboot(struct sandbox_clock *clock);

/*
 * A program that was started with SANDBOX_CLOCK_STOPS stops (SIGSTOP) when a sleep of its own comes to
 * here, NS after the machine was started. Once it is continued it stops at what is set then.
 */
void sandbox_clock_stop_at(struct sandbox_clock *clock, long long ns);
long long sandbox_clock_stops_at(const struct sandbox_clock *clock);

#endif
