/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/request.h"

#include <assert.h>
#include <string.h>

enum {
	/* Seconds: a hold "for ever" is some 292 years, and one of a person's that is as good is kept. */
	LASTING_YEARS = 100,
};
#define LASTING ((int64_t)LASTING_YEARS * 366 * 24 * 3600)

/* clang-format off */
#define LIVES(phase, sight, needed, otherwise) \
	[FSM_PHASE_##phase][FSM_SIGHT_##sight] = { FSM_WRITE_##otherwise, FSM_WRITE_##needed },
static const enum fsm_write life[FSM_PHASE_COUNT][FSM_SIGHT_COUNT][2] = { FSM_LIFE(LIVES) };

static const struct {
	const char *name;
	enum fsm_reason reason;
	const char *meaning;
} sights[FSM_SIGHT_COUNT] = {
#define SIGHT(name, reason, meaning) [FSM_SIGHT_##name] = { #name, FSM_REASON_##reason, meaning },
	FSM_SIGHTS(SIGHT)
};
static const struct {
	const char *name, *meaning;
} writes[FSM_WRITE_COUNT] = {
#define WRITE(name, meaning) [FSM_WRITE_##name] = { #name, meaning },
	FSM_WRITES(WRITE)
};
/* clang-format on */

enum fsm_write fsm_life(enum fsm_phase phase, enum fsm_sight sight, bool needed)
{
	assert((unsigned)phase < FSM_PHASE_COUNT && (unsigned)sight < FSM_SIGHT_COUNT);
	return life[phase][sight][needed];
}

enum fsm_reason fsm_sight_reason(enum fsm_sight sight)
{
	return sights[sight].reason;
}

const char *fsm_sight_name(enum fsm_sight sight)
{
	return sights[sight].name;
}

const char *fsm_sight_meaning(enum fsm_sight sight)
{
	return sights[sight].meaning;
}

const char *fsm_write_name(enum fsm_write write)
{
	return writes[write].name;
}

const char *fsm_write_meaning(enum fsm_write write)
{
	return writes[write].meaning;
}

void fsm_request_forget(struct fsm_record *record)
{
	record->intent = (struct fsm_intent){ 0 };
}

bool fsm_going(const struct fsm_record *record, const struct fsm_facts *facts)
{
	/* A stray hook of a unit that is gone must not install again; only a new life may. */
	return facts->hook == FSM_HOOK_REMOVE ||
	       (record->retired && !fsm_hook_is(facts->hook, FSM_HOOK_BEGINS));
}

bool fsm_stopping(const struct fsm_record *record, enum fsm_hook hook)
{
	return fsm_hook_is(hook, FSM_HOOK_LEAVES) ||
	       (record->stopping && !fsm_hook_is(hook, FSM_HOOK_STAYS));
}

bool fsm_loose(const struct fsm_record *record, const struct fsm_facts *facts)
{
	return !fsm_going(record, facts) && facts->present && facts->hold_wanted &&
	       facts->hold_until < facts->now + LASTING;
}

bool fsm_tied(const struct fsm_record *record, const struct fsm_facts *facts)
{
	return record->hold.ours && record->hold.held &&
	       (fsm_going(record, facts) ||
		       (facts->option_valid && !facts->hold_wanted && !fsm_held_for_others(facts)));
}

enum fsm_op fsm_needed(const struct fsm_record *record, const struct fsm_facts *facts)
{
	if (fsm_going(record, facts))
		return fsm_tied(record, facts) && (!record->ours || fsm_shared(facts))
			       ? FSM_OP_UNHOLD
			       : FSM_OP_REMOVE;
	if (fsm_loose(record, facts))
		return FSM_OP_HOLD;
	if (fsm_tied(record, facts))
		return FSM_OP_UNHOLD;
	if (facts->source == FSM_SOURCE_FILE)
		return FSM_OP_SIDELOAD;
	return facts->present ? FSM_OP_REFRESH : FSM_OP_INSTALL;
}

bool fsm_is_needed(const struct fsm_record *record, const struct fsm_facts *facts)
{
	const struct fsm_intent *intent = &record->intent;

	if (record->order.kind != FSM_ORDER_NONE)
		return false;
	switch (intent->op) {
	case FSM_OP_HOLD:
		return fsm_loose(record, facts);
	case FSM_OP_UNHOLD:
		return fsm_tied(record, facts);
	case FSM_OP_REMOVE:
		return fsm_going(record, facts);
	case FSM_OP_INSTALL:
	case FSM_OP_REFRESH:
		/* Whether or not a hold comes first: how it failed counts. */
		return !fsm_going(record, facts) &&
		       facts->present == (intent->op == FSM_OP_REFRESH) &&
		       fsm_target_same(&intent->target, &facts->wanted);
	case FSM_OP_SIDELOAD:
		return !fsm_going(record, facts) && facts->source == FSM_SOURCE_FILE &&
		       fsm_target_same(&intent->target, &facts->wanted);
	default:
		return false;
	}
}

int64_t fsm_request_age(const struct fsm_intent *intent, const char *boot, int64_t uptime)
{
	int64_t age = uptime - intent->uptime;

	if (strcmp(intent->boot, boot) != 0 || age < -1)
		return INT64_MAX;
	/* When it was made is rounded up, and in that very second ahead of now. */
	return age < 0 ? 0 : age;
}

enum fsm_sight fsm_sight_of(const struct fsm_record *record, const struct fsm_facts *facts)
{
	static const enum fsm_sight of_fate[FSM_FATE_COUNT] = {
		[FSM_FATE_NONE] = FSM_SIGHT_RUNNING,
		[FSM_FATE_RUNNING] = FSM_SIGHT_RUNNING,
		[FSM_FATE_DONE] = FSM_SIGHT_DONE,
		[FSM_FATE_EMPTY] = FSM_SIGHT_EMPTY,
		[FSM_FATE_FAILED] = FSM_SIGHT_FAILED,
		[FSM_FATE_FORGOTTEN] = FSM_SIGHT_FORGOTTEN,
	};

	if (record->intent.phase == FSM_PHASE_KNOWN)
		return of_fate[facts->fate];
	if (facts->shown != 0)
		return FSM_SIGHT_SHOWN;
	return facts->age >= fsm_op_row(record->intent.op)->lands ? FSM_SIGHT_AGED
								  : FSM_SIGHT_FRESH;
}
