/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The leader's part in a fleet that moves one by one: it reads what the units say and gives the turns
 * (fsm/rollout.h decides).
 */
#ifndef HOOKS_LEAD_H
#define HOOKS_LEAD_H

#include "fsm/status.h"
#include "hooks/run.h"

/*
 * At the end of a run, when the unit itself has done what it could: a unit that was elected, in a hook
 * that may change something, asks whether it leads, and gives turns. -1: the database cannot be written;
 * no tool fails a hook.
 */
int lead_fleet(struct run *run, struct error *err);

/*
 * The action resume-rollout in RUN, which is new: the leader goes on with a rollout that is halted or
 * paused, and gives up the turn of the unit SKIP, "" for none. RET is the status after it.
 */
int lead_resume(struct run *run, const char *skip, struct fsm_status_line *ret, struct error *err);

#endif
