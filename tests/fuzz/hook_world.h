/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything around a hook, out of a fuzz input: snapd's answers, the hook tools and the clock
 * stand in place of snapd/http.c, juju/tool.c and base/clock.c. It watches what the charm does
 * and ends the process when a promise is broken.
 *
 * Parts, in any order; of several for the same thing each serves once, the last one for ever:
 *	config-get 0, status-set 1, juju-log hang, ...	a hook tool: its exit status (or "hang",
 *		"missing", "flood"), and its output, or what it said when the status is not 0
 *	snap 200 50, progress, all, change, seeded, system, post	an answer of snapd: its HTTP status (or
 *		"away", "lost", "huge"), the milliseconds it took, and its body
 * A tool without a part does well (config-get says `edge`), snapd without one is away.
 */
#ifndef TESTS_FUZZ_HOOK_WORLD_H
#define TESTS_FUZZ_HOOK_WORLD_H

#include <stdint.h>

#include "tests/fuzz/fuzz.h"

/* A hook begins: BUDGET milliseconds are its. */
void world_begin(struct fuzz_input *input, int64_t budget);

/* It has ended; checks the time it took. */
void world_end(void);

/* Time goes by between two hooks. */
void world_pass(int64_t milliseconds);

#endif
