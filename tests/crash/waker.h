/* SPDX-License-Identifier: Apache-2.0 */
/* The waker of a world, and what stands for systemd. */
#ifndef TESTS_CRASH_WAKER_H
#define TESTS_CRASH_WAKER_H

#include "tests/crash/world.h"

/* What systemd was told to run, a file that goes when it has ended, well or not; to be freed. */
char *waker_service(const struct world *world);

/* Runs that until it ends, with BESIDE while another one lives, after which it is to run once more. */
int waker_run(struct world *world, bool beside);

#endif
