/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a look shows for certain is written into the record before anything is decided.
 */
#ifndef FSM_LEARN_H
#define FSM_LEARN_H

#include "fsm/turn.h"

/*
 * Takes over into the record of TURN what FACTS show of the owner, the snap, its hold and the
 * request; the end of an order goes to the news of TURN. A failure of a request is left to the rules.
 */
void fsm_learn(struct fsm_turn *turn, const struct fsm_facts *facts);

#endif
