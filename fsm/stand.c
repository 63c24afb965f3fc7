/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/stand.h"

#include "base/text.h"
#include "fsm/failure.h"
#include "fsm/names.h"
#include "fsm/probation.h"

/* clang-format off */
#define STAND(event, stand) [FSM_EVENT_##event] = FSM_STAND_##stand,
static const enum fsm_stand_kind stands[FSM_EVENT_COUNT] = { FSM_STANDINGS(STAND) };
#define COUNT(event, stand) + 1
_Static_assert(0 FSM_STANDINGS(COUNT) == FSM_EVENT_COUNT, "each event has its row");
/* clang-format on */

enum fsm_stand_kind fsm_stand_of(const struct fsm_record *record, const struct fsm_facts *facts,
	const struct fsm_limits *limits, char why[FSM_WHY_SIZE])
{
	enum fsm_stand_kind ret;
	struct fsm_turn turn;

	fsm_turn(record, facts, limits, &turn);
	ret = stands[turn.event];
	text_ascii(why, FSM_WHY_SIZE, fsm_reason_name(turn.record.reason));
	if (ret == FSM_STAND_MOVES && !facts->serves)
		return FSM_STAND_AWAY;
	if (ret == FSM_STAND_LATER && turn.record.reason == turn.record.failure.reason &&
		turn.record.failure.class == FSM_CLASS_SERVICE)
		return FSM_STAND_STUCK;
	if (ret == FSM_STAND_PLACED && facts->rollback && fsm_on_probation(&turn.record, facts))
		return FSM_STAND_AWAY;
	return ret;
}
