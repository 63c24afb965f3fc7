/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/memory.h"

#include <string.h>

#include "fsm/status.h"

enum {
	MINUTE = 60,
	HOUR = 3600,
	LONGEST_PAUSE = 6 * HOUR + 6 * HOUR / 5,
	DRIFT_FORGOTTEN = 24 * HOUR, /* a day in place, and putting it right starts afresh */
	DRIFT_CONTESTED = 6,         /* put right so often, somebody else wants it elsewhere */
};

void fsm_copy(char *ret, size_t size, const char *text)
{
	size_t length = strnlen(text, size);
	size_t keep = length < size ? length : size - 1;

	for (size_t i = 0; i < keep; i++)
		ret[i] = text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?';
	memset(ret + keep, 0,
		size - keep); /* no trace of a longer text: records compare as bytes */
	if (keep < length && keep >= 6)
		memcpy(ret + keep - 3, "...", 3);
}

const char *fsm_change_kind(enum fsm_op op)
{
	static const char *const kinds[FSM_OP_COUNT] = {
		[FSM_OP_NONE] = "",
		[FSM_OP_INSTALL] = "install-snap",
		[FSM_OP_REFRESH] = "refresh-snap",
		[FSM_OP_REMOVE] = "remove-snap",
	};

	return kinds[op];
}

static void forget_intent(struct fsm_record *record)
{
	record->intent = (struct fsm_intent){ 0 };
}

static bool intent_needed(const struct fsm_record *record, const struct fsm_facts *facts)
{
	if (fsm_going(record, facts))
		return record->intent.op == FSM_OP_REMOVE;
	return record->intent.op == fsm_needed(facts) &&
	       strcmp(record->intent.channel, facts->wanted) == 0;
}

static void learn_intent(struct fsm_record *record, const struct fsm_facts *facts)
{
	const struct fsm_intent *intent = &record->intent;
	bool aged = intent->phase == FSM_PHASE_ASKED && facts->age >= FSM_PATIENCE;

	if (facts->fate == FSM_FATE_DONE || facts->fate == FSM_FATE_PRUNED) {
		/* Only our own finished install makes the snap ours, as only our own removal ends it. */
		if (intent->op == FSM_OP_INSTALL && facts->present)
			record->ours = true;
		if (intent->op == FSM_OP_REMOVE && facts->fate == FSM_FATE_DONE)
			record->ours = false; /* what is there now was put there since */
		forget_intent(record);
		return;
	}
	/* What ended badly and is wanted no more is no failure of what is wanted now. */
	if ((aged || facts->fate == FSM_FATE_EMPTY || facts->fate == FSM_FATE_FAILED) &&
		!intent_needed(record, facts))
		forget_intent(record);
}

void fsm_learn(struct fsm_record *record, const struct fsm_facts *facts)
{
	if (!facts->reachable)
		return;
	if (record->intent.op != FSM_OP_NONE && facts->flight == FSM_FLIGHT_NONE)
		learn_intent(record, facts);
	if (facts->flight != FSM_FLIGHT_NONE)
		return; /* what the snap looks like meanwhile may be undone again */
	if (!facts->present || facts->local)
		record->ours = false;
	fsm_copy(record->revision, sizeof record->revision, facts->present ? facts->revision : "");
	fsm_copy(record->version, sizeof record->version, facts->present ? facts->version : "");
	fsm_copy(record->tracking, sizeof record->tracking, facts->present ? facts->tracking : "");
}

/* Whether the memory is what keeps the request that is needed now from being made. */
static bool rests(const struct fsm_record *record, const struct fsm_facts *facts)
{
	if (fsm_going(record, facts))
		return fsm_resting(&record->memory, FSM_OP_REMOVE, "", facts->now);
	return fsm_resting(&record->memory, fsm_needed(facts), facts->wanted, facts->now);
}

/* Why the record is in the state that EVENT has led to. */
static enum fsm_reason reason_of(const struct fsm_record *record, enum fsm_event event,
	const struct fsm_facts *facts, const char **ret_detail)
{
	switch (event) {
	case FSM_EVENT_MISCONFIGURED:
		*ret_detail = facts->option;
		return FSM_REASON_BAD_OPTION;
	case FSM_EVENT_UNREACHABLE:
		return facts->reachable ? FSM_REASON_NOT_SEEDED : FSM_REASON_SNAPD_AWAY;
	case FSM_EVENT_BUSY:
		*ret_detail = facts->flight_kind;
		return facts->flight == FSM_FLIGHT_OURS ? FSM_REASON_OWN_CHANGE
							: FSM_REASON_FOREIGN_CHANGE;
	case FSM_EVENT_UNSURE:
		return FSM_REASON_UNANSWERED;
	case FSM_EVENT_RETIRED:
		if (!record->ours && (facts->present || !facts->reachable))
			*ret_detail = "the snap stays: this unit did not install it";
		return FSM_REASON_REMOVED;
	case FSM_EVENT_UNFIT:
		return facts->local    ? FSM_REASON_LOCAL
		       : facts->broken ? FSM_REASON_BROKEN
				       : FSM_REASON_DISABLED;
	case FSM_EVENT_DOWN:
		*ret_detail = facts->service_down;
		return *facts->service_down ? FSM_REASON_SERVICE_DOWN : FSM_REASON_PORT_TAKEN;
	case FSM_EVENT_SETTLED:
		return FSM_REASON_NONE;
	case FSM_EVENT_REFUSED:
	case FSM_EVENT_RESTING:
		if (!rests(record, facts))
			return FSM_REASON_INTERRUPTED; /* the stop hook starts nothing */
		*ret_detail = record->memory.detail;
		return record->memory.reason;
	default: /* retiring, failed, absent, astray: what is done about it says it all */
		return FSM_REASON_OWN_CHANGE;
	}
}

/* Whether MEMORY is of a snap that was put right after it had settled, not of a failure. */
static bool counts_drift(const struct fsm_memory *memory)
{
	return memory->class == FSM_CLASS_DRIFT || memory->reason == FSM_REASON_CONTESTED;
}

/* The snap is where it should be: what was failing is over, what was ours to do is done. */
static void settle(struct fsm_record *record, const char *channel)
{
	struct fsm_memory *memory = &record->memory;

	forget_intent(record);
	if (strcmp(memory->channel, channel) != 0) {
		*memory = (struct fsm_memory){ 0 };
		return;
	}
	if (memory->class == FSM_CLASS_NONE || counts_drift(memory))
		return;
	/* From here on the same request again means that somebody undid it. */
	memory->class = FSM_CLASS_DRIFT;
	memory->reason = FSM_REASON_DRIFTED;
	memory->detail[0] = '\0';
	memory->attempts = 1;
	memory->next_try = 0;
}

/*
 * What Juju was told is taken back before it is told something else: a hook that is killed between
 * the telling and the next commit must not leave a record that believes in the old message.
 */
static void take_back(struct fsm_record *record)
{
	struct fsm_told told = fsm_told(record, "");

	if (told.status == record->told_status && strcmp(told.message, record->told_message) == 0)
		return;
	record->told_status = FSM_STATUS_NONE;
	fsm_copy(record->told_message, sizeof record->told_message, "");
}

void fsm_apply(struct fsm_record *record, enum fsm_event event, const struct fsm_facts *facts)
{
	enum fsm_state state = fsm_step(record->state, event).state;
	const char *detail = "";
	enum fsm_reason reason = reason_of(record, event, facts, &detail);
	const char *channel = facts->option_valid ? facts->wanted : record->channel;
	bool waits_for_snapd =
		record->reason == FSM_REASON_SNAPD_AWAY || record->reason == FSM_REASON_NOT_SEEDED;

	/* A person's task that snapd's silence does not end is still the thing to show. */
	if (event == FSM_EVENT_UNREACHABLE && record->state == FSM_STATE_BLOCKED &&
		!waits_for_snapd && record->reason != FSM_REASON_BAD_OPTION &&
		strcmp(channel, record->channel) == 0) {
		reason = record->reason;
		detail = NULL;
	}
	if (event == FSM_EVENT_RETIRED)
		channel = "";
	record->retired = fsm_going(record, facts);
	/* In place is in place, whether it serves or not: a request for it is fulfilled. */
	if (event == FSM_EVENT_SETTLED ||
		(event == FSM_EVENT_DOWN && strcmp(facts->tracking, channel) == 0))
		settle(record, channel);
	if (event == FSM_EVENT_UNFIT || event == FSM_EVENT_DOWN || event == FSM_EVENT_RETIRED)
		forget_intent(record);
	if (state != record->state || reason != record->reason ||
		strcmp(channel, record->channel) != 0)
		record->since = facts->now;
	record->state = state;
	record->reason = reason;
	fsm_copy(record->channel, sizeof record->channel, channel);
	if (detail)
		fsm_copy(record->detail, sizeof record->detail, detail);
	take_back(record);
}

bool fsm_drifted(
	const struct fsm_record *before, enum fsm_event event, const struct fsm_facts *facts)
{
	return (event == FSM_EVENT_ABSENT || event == FSM_EVENT_ASTRAY) &&
	       before->state == FSM_STATE_ACTIVE && strcmp(before->channel, facts->wanted) == 0;
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
	static const int64_t passing[] = { 1 * MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR };
	static const int64_t operator[] = { HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR };
	const int64_t *steps = class == FSM_CLASS_OPERATOR ? operator: passing;
	int64_t at = attempts < 1 ? 0 : attempts > 4 ? 3 : attempts - 1;

	return steps[at] + steps[at] * ((int64_t)spread_of(unit) - 20) / 100;
}

bool fsm_resting(const struct fsm_memory *memory, enum fsm_op op, const char *channel, int64_t now)
{
	if (memory->class == FSM_CLASS_NONE || memory->op != op ||
		strcmp(memory->channel, channel) != 0)
		return false;
	/* Further away than any pause: the clock was set back. Waiting for it could take years. */
	return now < memory->next_try && memory->next_try - now <= LONGEST_PAUSE;
}

void fsm_intend(struct fsm_record *record, const struct fsm_asking *asking)
{
	struct fsm_memory *memory = &record->memory;
	bool same = memory->class != FSM_CLASS_NONE && memory->op == asking->op &&
		    strcmp(memory->channel, asking->channel) == 0;

	if (same && counts_drift(memory) && asking->now - memory->tried > DRIFT_FORGOTTEN)
		same = false;
	if (!same) {
		*memory = (struct fsm_memory){
			.class = FSM_CLASS_PASSING,
			.op = asking->op,
			.reason = FSM_REASON_INTERRUPTED,
		};
		fsm_copy(memory->channel, sizeof memory->channel, asking->channel);
	}
	memory->attempts++;
	if (memory->class == FSM_CLASS_DRIFT && memory->attempts >= DRIFT_CONTESTED) {
		memory->class = FSM_CLASS_OPERATOR;
		memory->reason = FSM_REASON_CONTESTED;
		memory->attempts = 1;
	}
	memory->tried = asking->now;
	memory->next_try = asking->now + fsm_pause(memory->class, memory->attempts, asking->unit);

	record->intent = (struct fsm_intent){
		.op = asking->op,
		.phase = FSM_PHASE_ASKED,
		.baseline = asking->baseline,
		.asked = asking->now,
		.uptime = asking->uptime,
	};
	fsm_copy(record->intent.channel, sizeof record->intent.channel, asking->channel);
	fsm_copy(record->intent.boot, sizeof record->intent.boot, asking->boot);
}

void fsm_accept(struct fsm_record *record, int64_t change)
{
	record->intent.phase = FSM_PHASE_KNOWN;
	record->intent.change = change;
}

void fsm_adopt(struct fsm_record *record, int64_t change)
{
	fsm_accept(record, change);
}

void fsm_refuse(struct fsm_record *record, enum fsm_class class, enum fsm_reason reason,
	const char *detail, int64_t now, const char *unit)
{
	struct fsm_memory *memory = &record->memory;

	if (memory->class != class)
		memory->attempts = 1; /* another kind of trouble has pauses of its own */
	memory->class = class;
	memory->reason = reason;
	fsm_copy(memory->detail, sizeof memory->detail, detail);
	memory->next_try = now + fsm_pause(class, memory->attempts, unit);
	forget_intent(record);
}

void fsm_drop(struct fsm_record *record, const struct fsm_memory *before)
{
	record->memory = *before;
	forget_intent(record);
}

void fsm_digest(struct fsm_record *record, const struct fsm_facts *facts, const char *unit)
{
	bool lost = record->intent.phase == FSM_PHASE_ASKED;
	enum fsm_reason reason = lost                            ? FSM_REASON_NO_TRACE
				 : facts->fate == FSM_FATE_EMPTY ? FSM_REASON_CHANGE_EMPTY
								 : FSM_REASON_CHANGE_FAILED;

	fsm_refuse(
		record, FSM_CLASS_PASSING, reason, lost ? "" : facts->fate_error, facts->now, unit);
	/* Patience was the pause: a first request that vanished, with its hook perhaps, is repeated. */
	if (lost && record->memory.attempts <= 1)
		record->memory.next_try = facts->now;
}
