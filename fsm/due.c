/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/due.h"

#include <assert.h>
#include <string.h>

#include "fsm/failure.h"
#include "fsm/probation.h"
#include "fsm/request.h"

/* clang-format off */
#define AWAITED(reason, wait) [FSM_REASON_##reason] = FSM_WAIT_##wait,
static const enum fsm_wait awaited[FSM_REASON_COUNT] = { FSM_AWAITED(AWAITED) };

#define MEANING(name, meaning) meaning,
static const char *const meanings[FSM_WAIT_COUNT] = { FSM_WAITS(MEANING) };
/* clang-format on */

const char *fsm_wait_meaning(enum fsm_wait wait)
{
	assert((unsigned)wait < FSM_WAIT_COUNT);
	return meanings[wait];
}

/* Seconds to UNTIL. A clock that is before FROM was set back: then it is over. */
static int64_t left(int64_t from, int64_t now, int64_t until)
{
	return from <= now && now < until ? until - now : 0;
}

/* Of a class without pauses, which each hook asks anew, the waker makes some. */
static int64_t next_try(const struct fsm_failure *failure, const struct fsm_moment *moment)
{
	int64_t pause = fsm_pause(FSM_CLASS_LITTLE, failure->attempts, moment->unit, true);
	bool asked_by_each = fsm_class_row(failure->class)->minutes[0] == 0;

	return asked_by_each ? left(failure->answered, moment->now, failure->answered + pause)
			     : fsm_rest_left(failure, moment->now);
}

static int64_t until_aged(const struct fsm_intent *intent, const struct fsm_moment *moment)
{
	int64_t age = fsm_request_age(intent, moment->boot, moment->uptime);

	return left(0, age, fsm_op_row(intent->op)->lands);
}

static struct fsm_due due_of_change(
	const struct fsm_record *record, const struct fsm_moment *moment)
{
	const struct fsm_intent *intent = &record->intent;
	bool ours = intent->phase == FSM_PHASE_KNOWN &&
		    record->reason != FSM_REASON_FOREIGN_CHANGE &&
		    record->reason != FSM_REASON_FOREIGN_STANDS;
	int64_t change = ours ? intent->change : record->pace.change;

	if (change != 0)
		return (struct fsm_due){ FSM_WAIT_CHANGE, change, FSM_NEVER };
	if (intent->phase == FSM_PHASE_ASKED)
		return (struct fsm_due){ FSM_WAIT_REQUEST, 0, until_aged(intent, moment) };
	return (struct fsm_due){ FSM_WAIT_TRY, 0, 0 }; /* the hook had no time left to ask */
}

static struct fsm_due due_of_reason(
	const struct fsm_record *record, const struct fsm_moment *moment)
{
	const struct fsm_failure *failure = &record->failure;

	switch (awaited[record->reason]) {
	case FSM_WAIT_CHANGE:
		return due_of_change(record, moment);
	case FSM_WAIT_REQUEST:
		return (struct fsm_due){ FSM_WAIT_REQUEST, 0, until_aged(&record->intent, moment) };
	case FSM_WAIT_SNAPD:
		return (struct fsm_due){ FSM_WAIT_SNAPD, 0, FSM_NEVER };
	case FSM_WAIT_DRIFT:
		return (struct fsm_due){ FSM_WAIT_TRY, 0,
			fsm_drift_left(&record->drift, moment->now) };
	case FSM_WAIT_TRY:
		break;
	case FSM_WAIT_NOTHING:
	case FSM_WAIT_COUNT:
		return (struct fsm_due){ FSM_WAIT_NOTHING, 0, FSM_NEVER };
	}
	if (failure->class != FSM_CLASS_NONE && failure->reason == record->reason)
		return (struct fsm_due){ FSM_WAIT_TRY, 0, next_try(failure, moment) };
	return (struct fsm_due){ FSM_WAIT_NOTHING, 0, FSM_NEVER };
}

/* An order that was not sent is dropped; that to roll back is the machine's own, and never is. */
static int64_t until_dropped(const struct fsm_record *record, const struct fsm_moment *moment)
{
	const struct fsm_given *order = &record->order;

	if (order->kind == FSM_ORDER_NONE || order->kind == FSM_ORDER_ROLLBACK ||
		record->intent.op != FSM_OP_NONE)
		return FSM_NEVER;
	return left(order->since, moment->now, order->since + FSM_ORDER_LASTS);
}

/* The next look at a revision on probation; after a reboot the first one tells from when it counts. */
static int64_t until_looked_at(const struct fsm_record *record, const struct fsm_moment *moment)
{
	const struct fsm_probation *probation = &record->probation;

	if (!*probation->revision || probation->looks >= FSM_LOOKS)
		return FSM_NEVER;
	if (strcmp(probation->boot, moment->boot) != 0)
		return 0;
	return left(probation->since, moment->uptime,
		probation->since + fsm_probation_look((unsigned)probation->looks));
}

struct fsm_due fsm_due(const struct fsm_record *record, const struct fsm_moment *moment)
{
	struct fsm_due ret = { FSM_WAIT_NOTHING, 0, FSM_NEVER };
	int64_t dropped = until_dropped(record, moment),
		looked_at = until_looked_at(record, moment);

	if (record->retired || record->stopping)
		return ret;
	if (record->peers.due)
		return (struct fsm_due){ FSM_WAIT_TRY, 0, 0 };
	if (record->state != FSM_STATE_ACTIVE)
		ret = due_of_reason(record, moment);
	if (dropped < ret.seconds)
		ret.seconds = dropped;
	if (looked_at < ret.seconds)
		ret.seconds = looked_at;
	if (ret.wait == FSM_WAIT_NOTHING && ret.seconds != FSM_NEVER)
		ret.wait = FSM_WAIT_TRY;
	return ret;
}
