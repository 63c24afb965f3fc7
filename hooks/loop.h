/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop that every hook runs: look, turn, commit, tell Juju, act, until nothing is pending. The
 * next event always comes from looking again, so that a hook that was killed, an answer that was lost
 * and an ordinary return take the same path.
 */
#ifndef HOOKS_LOOP_H
#define HOOKS_LOOP_H

#include "hooks/run.h"

/* Fails only when the record cannot be made durable. */
int loop_run(struct run *run, struct error *err);

#endif
