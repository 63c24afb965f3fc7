/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/failure.h"

#include <assert.h>

#include "base/text.h"

enum {
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	LONGEST_BARE = 15 * MINUTE,  /* while nothing is installed, for what passes by itself */
	DRIFT_FORGOTTEN = 24 * 3600, /* a day in place, and putting it right starts afresh */
	DRIFT_CONTESTED = 6,         /* put right so often, somebody else wants it elsewhere */
};

/* clang-format off */
#define ROW(name, text, a, b, c, d, e, by_hand, lasting) \
	[FSM_CLASS_##name] = { { a, b, c, d, e }, by_hand, lasting },
static const struct fsm_class_row classes[FSM_CLASS_COUNT] = { FSM_CLASSES(ROW) };
/* clang-format on */

const struct fsm_class_row *fsm_class_row(enum fsm_class class)
{
	assert((unsigned)class < FSM_CLASS_COUNT);
	return &classes[class];
}

static int64_t spread_of(const char *unit)
{
	return (int64_t)(text_hash(unit) % 41) - 20;
}

static int64_t pause_of(enum fsm_class class, int64_t attempts)
{
	int64_t at = attempts < 1 ? 0 : attempts > FSM_PAUSES ? FSM_PAUSES - 1 : attempts - 1;

	return (int64_t)fsm_class_row(class)->minutes[at] * MINUTE;
}

int64_t fsm_pause(enum fsm_class class, int64_t attempts, const char *unit, bool installed)
{
	int64_t pause = pause_of(class, attempts);
	int64_t spread = spread_of(unit);

	if (!installed && (class == FSM_CLASS_PASSING || class == FSM_CLASS_UNKNOWN) &&
		pause > LONGEST_BARE)
		pause = LONGEST_BARE;
	if (!installed && spread > 0)
		spread = -spread;
	return pause + pause * spread / 100;
}

bool fsm_failed(const struct fsm_failure *failure, enum fsm_op op, const struct fsm_target *target)
{
	return failure->class != FSM_CLASS_NONE && failure->op == op &&
	       fsm_target_same(&failure->target, target);
}

bool fsm_for_person(const struct fsm_failure *failure, int64_t now)
{
	int lasting = fsm_class_row(failure->class)->lasting;

	return fsm_reason_row(failure->reason)->status == FSM_STATUS_BLOCKED ||
	       (lasting > 0 && failure->since > 0 &&
		       now - failure->since >= (int64_t)lasting * HOUR);
}

/*
 * Seconds to UNTIL, 0 when it is over. A clock that is before FROM, the beginning of the pause, was set
 * back, and what is further off than the LONGEST was never a pause: waiting could take years.
 */
static int64_t left(int64_t from, int64_t now, int64_t until, int64_t longest)
{
	return from <= now && now < until && until <= now + longest ? until - now : 0;
}

/* The pause of a unit that is spread furthest. */
static int64_t longest_of(enum fsm_class class, int64_t attempts)
{
	int64_t pause = pause_of(class, attempts);

	return pause + pause / 5;
}

int64_t fsm_rest_left(const struct fsm_failure *failure, int64_t now)
{
	return left(failure->answered, now, failure->next_try,
		longest_of(failure->class, failure->attempts));
}

bool fsm_resting(const struct fsm_failure *failure, enum fsm_op op, const struct fsm_target *target,
	int64_t now)
{
	return fsm_failed(failure, op, target) && fsm_rest_left(failure, now) > 0;
}

static bool is_installed(const struct fsm_record *record)
{
	return *record->revision != '\0';
}

static void rest(struct fsm_record *record, int64_t now, const char *unit)
{
	struct fsm_failure *failure = &record->failure;

	failure->answered = now;
	failure->next_try =
		now + fsm_pause(failure->class, failure->attempts, unit, is_installed(record));
}

void fsm_failure_count(struct fsm_record *record, enum fsm_op op, const struct fsm_target *target,
	int64_t now, const char *unit)
{
	struct fsm_failure *failure = &record->failure;

	if (!fsm_failed(failure, op, target))
		*failure = (struct fsm_failure){
			.class = FSM_CLASS_PASSING,
			.op = op,
			.target = *target,
			.reason = FSM_REASON_INTERRUPTED,
		};
	failure->attempts++;
	failure->tried = now;
	rest(record, now, unit);
}

/* One more refresh that stopped the service for nothing. */
static void count_stop(struct fsm_record *record)
{
	const struct fsm_failure *failure = &record->failure;
	struct fsm_refused *refused = &record->refused;

	if (!fsm_target_same(&refused->target, &failure->target))
		refused->times = 0;
	refused->target = failure->target;
	refused->times++;
	text_ascii(refused->detail, sizeof refused->detail, failure->detail);
}

bool fsm_target_refused(const struct fsm_refused *refused, const struct fsm_target *target)
{
	return refused->times >= FSM_REFRESHES && fsm_target_same(&refused->target, target);
}

void fsm_failure_note(struct fsm_record *record, enum fsm_reason reason, const char *detail,
	int64_t now, const char *unit)
{
	struct fsm_failure *failure = &record->failure;
	enum fsm_class class = fsm_reason_row(reason)->class;

	/* A clock that was set back makes it begin now: it would not last for years. */
	if (failure->reason != reason || failure->since == 0 || failure->since > now)
		failure->since = now;
	if (failure->class != class)
		failure->attempts = 1; /* another kind of trouble has pauses of its own */
	failure->class = class;
	failure->reason = reason;
	text_ascii(failure->detail, sizeof failure->detail, detail);
	rest(record, now, unit);
	if (class == FSM_CLASS_SERVICE)
		count_stop(record);
}

enum fsm_class fsm_drift_class(const struct fsm_drift *drift)
{
	return fsm_contested(drift) ? FSM_CLASS_CONTEST : FSM_CLASS_DRIFT;
}

/* How often it was put right in its class. */
static int64_t attempts_of(const struct fsm_drift *drift)
{
	return drift->times - (fsm_contested(drift) ? DRIFT_CONTESTED - 1 : 1);
}

void fsm_failure_settle(struct fsm_record *record, bool put, int64_t now, const char *unit)
{
	struct fsm_drift *drift = &record->drift;

	record->failure = (struct fsm_failure){ 0 };
	record->refused = (struct fsm_refused){ 0 };
	if (drift->times == 0 || !fsm_target_same(&drift->target, &record->target) ||
		(put && now - drift->put > DRIFT_FORGOTTEN)) {
		*drift = (struct fsm_drift){ .target = record->target, .times = 1, .put = now };
		return;
	}
	if (!put)
		return;
	drift->times++;
	drift->put = now;
	drift->next_try = now + fsm_pause(fsm_drift_class(drift), attempts_of(drift), unit, true);
}

int64_t fsm_drift_left(const struct fsm_drift *drift, int64_t now)
{
	return left(drift->put, now, drift->next_try,
		longest_of(fsm_drift_class(drift), attempts_of(drift)));
}

bool fsm_drifting(const struct fsm_drift *drift, const struct fsm_target *target, int64_t now)
{
	return drift->times > 1 && fsm_target_same(&drift->target, target) &&
	       fsm_drift_left(drift, now) > 0;
}

bool fsm_contested(const struct fsm_drift *drift)
{
	return drift->times >= DRIFT_CONTESTED;
}
