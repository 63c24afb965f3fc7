/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to snapd: one POST, and what came of it in the record, durable. What that means is for the
 * next look to say.
 */
#ifndef HOOKS_ASK_H
#define HOOKS_ASK_H

#include "fsm/turn.h"
#include "hooks/look.h"
#include "hooks/run.h"

/* Sends the request that TURN committed. RET: whether this run looks again. */
int ask_snapd(struct run *run, const struct look *look, struct fsm_turn *turn, bool *ret,
	struct error *err);

/* Asks snapd to abort the change in flight that LOOK found. What it answers is news of the order. */
void ask_to_abort(struct run *run, const struct look *look);

/*
 * Asks the Snap Store what it has, with LIMIT milliseconds of the budget; whether it said. RET gets the
 * revision in CHANNEL, a full one, "" when that is not open.
 */
bool ask_the_store(struct run *run, const char *channel, int64_t limit, char ret[FSM_WORD_MAX + 1]);

#endif
