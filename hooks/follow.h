/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for a change, as long as it is worth it.
 */
#ifndef HOOKS_FOLLOW_H
#define HOOKS_FOLLOW_H

#include "hooks/look.h"

/*
 * Waits for the change in flight that LOOK found, or, with none, a moment for an unanswered request.
 * Returns whether this run looks again; it does not when its time is spent, or when the change makes
 * no progress that a hook could wait for.
 */
bool follow_flight(struct run *run, const struct look *look);

#endif
