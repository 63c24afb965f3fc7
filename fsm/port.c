/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/port.h"

#include <assert.h>

#include "fsm/request.h"

/* clang-format off */
#define STEPS(port, usual, checking) \
	[FSM_PORT_##port] = { FSM_PORT_DO_##usual, FSM_PORT_DO_##checking },
static const enum fsm_port_step steps[FSM_PORT_COUNT][2] = { FSM_PORT_STEPS(STEPS) };

#define ANSWER(name, port) [FSM_PORT_ANSWER_##name] = FSM_PORT_##port,
static const enum fsm_port answers[FSM_PORT_ANSWER_COUNT] = { FSM_PORT_ANSWERS(ANSWER) };
/* clang-format on */

enum fsm_port_step fsm_port_step(const struct fsm_record *record, enum fsm_hook hook)
{
	if (record->retired || fsm_stopping(record, hook))
		return FSM_PORT_DO_NOTHING;
	return steps[record->port][fsm_hook_is(hook, FSM_HOOK_CHECKS)];
}

enum fsm_port fsm_port_after(enum fsm_port_answer answer)
{
	assert((unsigned)answer < FSM_PORT_ANSWER_COUNT);
	return answers[answer];
}
