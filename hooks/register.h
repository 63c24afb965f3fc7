/* SPDX-License-Identifier: Apache-2.0 */
/*
 * This unit among those of its machine: the register is read before a turn and written after it, with
 * nobody else at it in between.
 */
#ifndef HOOKS_REGISTER_H
#define HOOKS_REGISTER_H

#include "fsm/turn.h"
#include "hooks/run.h"

/*
 * Takes the register, and tells FACTS of it; a plan WRITES nothing. What FACTS borrow is good until it is
 * taken again.
 */
void register_take(const struct run *run, bool writes, struct fsm_facts *facts);

/*
 * Makes of this unit's entry what TURN says. False when that cannot be done and matters: FACTS say so,
 * and the turn is to be taken again.
 */
bool register_keep(const struct run *run, const struct fsm_turn *turn, struct fsm_facts *facts);

/* Leaves it to the others again. */
void register_release(void);

#endif
