/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/failure.h"

#include "base/text.h"

enum {
	MINUTE = 60,
	HOUR = 3600,
	LONGEST_PAUSE = 6 * HOUR + 6 * HOUR / 5,
	DRIFT_FORGOTTEN = 24 * HOUR, /* a day in place, and putting it right starts afresh */
	DRIFT_CONTESTED = 6,         /* put right so often, somebody else wants it elsewhere */
};

/* clang-format off */
#define PAUSES_OF(name, text, a, b, c, d) [FSM_CLASS_##name] = { a, b, c, d },
static const int pauses[FSM_CLASS_COUNT][FSM_PAUSES] = { FSM_CLASSES(PAUSES_OF) };
/* clang-format on */

const int *fsm_class_pauses(enum fsm_class class)
{
	return pauses[class];
}

static unsigned spread_of(const char *unit)
{
	unsigned hash = 2166136261u; /* FNV-1a: stable over builds and machines */

	for (; *unit; unit++)
		hash = (hash ^ (unsigned char)*unit) * 16777619u;
	return hash % 41;
}

int64_t fsm_pause(enum fsm_class class, int64_t attempts, const char *unit)
{
	int64_t at = attempts < 1 ? 0 : attempts > FSM_PAUSES ? FSM_PAUSES - 1 : attempts - 1;
	int64_t pause = (int64_t)pauses[class][at] * MINUTE;

	return pause + pause * ((int64_t)spread_of(unit) - 20) / 100;
}

static bool is_about(
	const struct fsm_failure *failure, enum fsm_op op, const struct fsm_target *target)
{
	return failure->class != FSM_CLASS_NONE && failure->op == op &&
	       fsm_target_same(&failure->target, target);
}

bool fsm_resting(const struct fsm_failure *failure, enum fsm_op op, const struct fsm_target *target,
	int64_t now)
{
	if (!is_about(failure, op, target))
		return false;
	/* Further away than any pause: the clock was set back. Waiting for it could take years. */
	return now < failure->next_try && failure->next_try - now <= LONGEST_PAUSE;
}

/* Whether FAILURE is of a snap that was put right after it had settled. */
static bool counts_drift(const struct fsm_failure *failure)
{
	return failure->class == FSM_CLASS_DRIFT || failure->reason == FSM_REASON_CONTESTED;
}

void fsm_failure_count(struct fsm_failure *failure, enum fsm_op op, const struct fsm_target *target,
	int64_t now, const char *unit)
{
	bool forgotten = counts_drift(failure) && now - failure->tried > DRIFT_FORGOTTEN;

	if (!is_about(failure, op, target) || forgotten)
		*failure = (struct fsm_failure){
			.class = FSM_CLASS_PASSING,
			.op = op,
			.target = *target,
			.reason = FSM_REASON_INTERRUPTED,
		};
	failure->attempts++;
	if (failure->class == FSM_CLASS_DRIFT && failure->attempts >= DRIFT_CONTESTED) {
		failure->class = FSM_CLASS_OPERATOR;
		failure->reason = FSM_REASON_CONTESTED;
		failure->attempts = 1;
	}
	failure->tried = now;
	failure->next_try = now + fsm_pause(failure->class, failure->attempts, unit);
}

void fsm_failure_note(struct fsm_failure *failure, enum fsm_reason reason, const char *detail,
	int64_t now, const char *unit)
{
	enum fsm_class class = fsm_reason_row(reason)->class;

	if (failure->class != class)
		failure->attempts = 1; /* another kind of trouble has pauses of its own */
	failure->class = class;
	failure->reason = reason;
	text_ascii(failure->detail, sizeof failure->detail, detail);
	failure->next_try = now + fsm_pause(class, failure->attempts, unit);
}

void fsm_failure_settle(struct fsm_failure *failure, const struct fsm_target *target)
{
	if (!fsm_target_same(&failure->target, target)) {
		*failure = (struct fsm_failure){ 0 };
		return;
	}
	if (failure->class == FSM_CLASS_NONE || counts_drift(failure))
		return;
	failure->class = FSM_CLASS_DRIFT;
	failure->reason = FSM_REASON_DRIFTED;
	text_ascii(failure->detail, sizeof failure->detail, "");
	failure->attempts = 1;
	failure->next_try = 0;
}
