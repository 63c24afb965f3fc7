/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/op.h"

#include <assert.h>

/* clang-format off */
#define ROW(name, text, noun, kind, channel, counts, starts, lands, done, forgotten, failed, refused) \
	[FSM_OP_##name] = { noun, kind, channel, counts, starts, lands, FSM_OWNER_##done, FSM_OWNER_##forgotten, \
		FSM_REASON_##failed, FSM_REASON_##refused },
static const struct fsm_op_row rows[FSM_OP_COUNT] = { FSM_OPS(ROW) };

#define OP(name, text, op, meaning) [FSM_DO_##name] = FSM_OP_##op,
static const enum fsm_op effect_ops[FSM_DO_COUNT] = { FSM_EFFECTS(OP) };
/* clang-format on */

const struct fsm_op_row *fsm_op_row(enum fsm_op op)
{
	assert((unsigned)op < FSM_OP_COUNT);
	return &rows[op];
}

enum fsm_op fsm_effect_op(enum fsm_effect effect)
{
	assert((unsigned)effect < FSM_DO_COUNT);
	return effect_ops[effect];
}

bool fsm_op_moves(enum fsm_op op)
{
	return op == FSM_OP_REFRESH || op == FSM_OP_SIDELOAD;
}
