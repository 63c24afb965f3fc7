/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/fsm.h"

#include <assert.h>
#include <stdbool.h>

/* clang-format off */
#define FSM_STATE_ANY FSM_STATE_COUNT
#define EVERY_EVENT ((1u << FSM_EVENT_COUNT) - 1u)

/*
 * Each state in turn, and ANY: the bits of its rows' events, once or-ed and once added, are the same
 * unless an event has two rows. With the rows of ANY, each state must have those of all events.
 */
#define BIT(k, in, on)                     (FSM_STATE_##in == (k) ? 1u << FSM_EVENT_##on : 0u)
#define OR(k, in, on, to, effect, request)   | BIT(k, in, on)
#define PLUS(k, in, on, to, effect, request) + BIT(k, in, on)
#define ROWS(state) (0u FSM_TRANSITIONS(OR, state))
#define ONCE(state) \
	_Static_assert(ROWS(state) == (0u FSM_TRANSITIONS(PLUS, state)), #state ": an event has two rows");
#define PROVE(name, text, meaning) \
	ONCE(FSM_STATE_##name) \
	_Static_assert((ROWS(FSM_STATE_##name) | ROWS(FSM_STATE_ANY)) == EVERY_EVENT, \
		#name ": an event has no row");
ONCE(FSM_STATE_ANY)
FSM_STATES(PROVE)

#define CELL(k, in, on, to, effect, request) \
	[FSM_STATE_##in][FSM_EVENT_##on] = { true, { FSM_STATE_##to, FSM_DO_##effect, FSM_REQUEST_##request } },
static const struct {
	bool own;
	struct fsm_step step;
} steps[FSM_STATE_COUNT + 1][FSM_EVENT_COUNT] = { FSM_TRANSITIONS(CELL, ) };

#define TRANSITION(k, in, on, to, effect, request) \
	{ FSM_STATE_##in, FSM_EVENT_##on, { FSM_STATE_##to, FSM_DO_##effect, FSM_REQUEST_##request } },
const struct fsm_transition fsm_transitions[] = { FSM_TRANSITIONS(TRANSITION, ) };
const unsigned fsm_transition_count = sizeof fsm_transitions / sizeof *fsm_transitions;
/* clang-format on */

struct fsm_step fsm_step(enum fsm_state state, enum fsm_event event)
{
	assert((unsigned)state < FSM_STATE_COUNT && (unsigned)event < FSM_EVENT_COUNT);
	return steps[steps[state][event].own ? (unsigned)state : FSM_STATE_ANY][event].step;
}
