/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a unit of this charm installed the snap, by the marker in its data.
 */
#ifndef HOOKS_MARK_H
#define HOOKS_MARK_H

#include "fsm/marker.h"
#include "fsm/turn.h"
#include "hooks/run.h"

/* What the marker says to this unit. */
enum fsm_marker mark_look(const struct run *run);

/*
 * Writes the marker if TURN asks for it, which comes before the turn is committed: a hook that is
 * killed in between finds its request and does the same again. Without it the unit goes on, and each
 * further look tries again.
 */
void mark_write(struct run *run, const struct fsm_record *before, struct fsm_turn *turn);

#endif
