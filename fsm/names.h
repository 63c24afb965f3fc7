/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of everything that is stored or shown. Names, not numbers, go into the database: a person
 * reads them there, and a reordered enum does not change their meaning.
 */
#ifndef FSM_NAMES_H
#define FSM_NAMES_H

#include "fsm/bag.h"
#include "fsm/hook.h"
#include "fsm/record.h"

/* clang-format off */
#define FSM_KINDS(ON) \
	ON(state,  STATE,  FSM_STATES) \
	ON(event,  EVENT,  FSM_EVENTS) \
	ON(effect, DO,     FSM_EFFECTS) \
	ON(op,     OP,     FSM_OPS) \
	ON(order,  ORDER,  FSM_ORDERS) \
	ON(order_end, ORDER_END, FSM_ORDER_ENDS) \
	ON(phase,  PHASE,  FSM_PHASES) \
	ON(class,  CLASS,  FSM_CLASSES) \
	ON(port,   PORT,   FSM_PORTS) \
	ON(way,    WAY,    FSM_WAYS) \
	ON(supply, SUPPLY, FSM_SUPPLIES) \
	ON(reason, REASON, FSM_REASONS) \
	ON(status, STATUS, FSM_STATUSES) \
	ON(hook,   HOOK,   FSM_HOOKS) \
	ON(word,   SAYS,   FSM_WORDS) \
	ON(seat_state, SEAT, FSM_SEATS)

/*
 * For each kind K:
 * const char *fsm_K_name(enum fsm_K): the name; never NULL for a valid value.
 * int fsm_K_named(const char *name, enum fsm_K *ret): 0, or -1 for an unknown name (RET then stays
 * as it is).
 */
#define FSM_DECLARE_(kind, PREFIX, LIST) \
	const char *fsm_##kind##_name(enum fsm_##kind value); \
	int fsm_##kind##_named(const char *name, enum fsm_##kind *ret);
FSM_KINDS(FSM_DECLARE_)
/* clang-format on */

/* One line on what a state, an event or an effect means, for the documents and the diagram. */
const char *fsm_state_meaning(enum fsm_state state);
const char *fsm_event_meaning(enum fsm_event event);
const char *fsm_effect_meaning(enum fsm_effect effect);

#endif
