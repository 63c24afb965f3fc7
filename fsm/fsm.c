/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/fsm.h"

#include <assert.h>

/* clang-format off */
#define EVERY_EVENT ((1u << FSM_EVENT_COUNT) - 1u)

/* Each state in turn: the bits of its rows, once or-ed and once added, must be those of all events. */
#define BIT(k, s, e)        (FSM_STATE_##s == (k) ? 1u << FSM_EVENT_##e : 0u)
#define OR(k, s, e, n, d)   | BIT(k, s, e)
#define PLUS(k, s, e, n, d) + BIT(k, s, e)
#define PROVE(s, text, meaning) \
	_Static_assert((0u FSM_TABLE(OR, FSM_STATE_##s)) == EVERY_EVENT, #s ": an event has no row"); \
	_Static_assert((0u FSM_TABLE(PLUS, FSM_STATE_##s)) == EVERY_EVENT, #s ": an event has two rows");
FSM_STATES(PROVE)

#define CELL(k, s, e, n, d) [FSM_STATE_##s][FSM_EVENT_##e] = { FSM_STATE_##n, FSM_DO_##d },
static const struct fsm_step steps[FSM_STATE_COUNT][FSM_EVENT_COUNT] = { FSM_TABLE(CELL, ) };
/* clang-format on */

struct fsm_step fsm_step(enum fsm_state state, enum fsm_event event)
{
	assert((unsigned)state < FSM_STATE_COUNT && (unsigned)event < FSM_EVENT_COUNT);
	return steps[state][event];
}
