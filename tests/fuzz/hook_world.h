/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything around a hook, made from a fuzz input: snapd's answers, the hook tools and the clock.
 * It replaces snapd/http.c, workload/probe.c, juju/tool.c and base/clock.c. It watches what the charm does, and
 * ends the process when a promise is broken.
 *
 * The parts may be in any order. If there are several for the same thing, each is used once, and
 * the last one from then on:
 *	config-get 0, status-set 1, juju-log hang, ...	a hook tool: its exit status (or "hang",
 *		"missing", "flood"), and its output, or what it said when the status is not 0
 *	snap 200 50, progress, all, change, seeded, system, post	an answer of snapd: its HTTP status (or
 *		"away", "lost", "huge"), the milliseconds it took, and its body
 *	probe 500, probe hang	the workload's answer: its HTTP status, or what else was seen
 * A tool without a part succeeds (config-get prints `edge`); snapd without one cannot be reached,
 * and the workload answers.
 */
#ifndef TESTS_FUZZ_HOOK_WORLD_H
#define TESTS_FUZZ_HOOK_WORLD_H

#include <stdint.h>

#include "tests/fuzz/fuzz.h"

/* A hook begins; it has BUDGET milliseconds. */
void world_begin(struct fuzz_input *input, int64_t budget);

/* The hook has ended; checks the time that it took. */
void world_end(void);

/* Lets time pass between two hooks. */
void world_pass(int64_t milliseconds);

#endif
