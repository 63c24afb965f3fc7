/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a unit stands to its target, for its turn (ticket.h), from what a look adds up to. Pure.
 */
#ifndef FSM_STAND_H
#define FSM_STAND_H

#include "fsm/facts.h"
#include "fsm/fsm.h"
#include "fsm/record.h"
#include "fsm/ticket.h"
#include "fsm/turn.h"

/* clang-format off */
/*
 * By the event that would follow if the unit had its turn. With a snap that does not serve no turn is
 * needed, so it is AWAY where the table says MOVES; a try that is paused because of one that stopped
 * the service is STUCK and not LATER; and what is on probation, with something to go back to, is AWAY.
 */
#define FSM_STANDINGS(ON) \
	ON(MISCONFIGURED, STUCK) \
	ON(UNMENDED,      UNKNOWN) \
	ON(UNREACHABLE,   UNKNOWN) \
	ON(BUSY,          AWAY) \
	ON(STANDING,      AWAY) \
	ON(UNSURE,        AWAY) \
	ON(RETIRED,       AWAY) \
	ON(UNFIT,         STUCK) \
	ON(OPPOSED,       STUCK) \
	ON(DOWN,          STUCK) \
	ON(SETTLED,       PLACED) \
	ON(FAILED,        AWAY) \
	ON(REFUSED,       STUCK) \
	ON(RESTING,       LATER) \
	ON(RETIRING,      AWAY) \
	ON(RELEASING,     AWAY) \
	ON(ABORTING,      AWAY) \
	ON(SPOILT,        AWAY) \
	ON(COOLING,       AWAY) \
	ON(RETURNING,     AWAY) \
	ON(ORDERED,       AWAY) \
	ON(LOOSE,         AWAY) \
	ON(TIED,          AWAY) \
	ON(QUEUED,        MOVES) \
	ON(SUPPLIED,      MOVES) \
	ON(ABSENT,        AWAY) \
	ON(ASTRAY,        MOVES)
/* clang-format on */

/*
 * How the unit with RECORD stands in the look of FACTS, which say nothing of a turn. WHY gets the name
 * of what it is stuck for, FSM_WHY_SIZE bytes.
 */
enum fsm_stand_kind fsm_stand_of(const struct fsm_record *record, const struct fsm_facts *facts,
	const struct fsm_limits *limits, char why[FSM_WHY_SIZE]);

#endif
