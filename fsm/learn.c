/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/learn.h"

#include <string.h>

#include "base/text.h"
#include "fsm/failure.h"
#include "fsm/look.h"
#include "fsm/probation.h"

static void own(struct fsm_record *record, enum fsm_owner owner, bool present)
{
	if (owner == FSM_OWNER_US && present)
		record->ours = true;
	else if (owner == FSM_OWNER_NOBODY)
		record->ours = record->marked = false;
}

/*
 * What the marker says of whose the snap is. That there is none says nothing if it was never
 * written: then what was last seen holds.
 */
static void learn_owner(struct fsm_record *record, const struct fsm_facts *facts)
{
#define OWNER(name, owner, meaning) [FSM_MARKER_##name] = FSM_OWNER_##owner,
	static const enum fsm_owner owners[FSM_MARKER_COUNT] = { FSM_MARKERS(OWNER) };
#undef OWNER

	if (facts->marker == FSM_MARKER_NONE && !record->marked)
		return;
	own(record, owners[facts->marker], true);
	record->marked |= facts->marker == FSM_MARKER_OURS;
}

/*
 * Whose the snap is after our request for OP. A file came into the place of another snap if the services
 * were stopped for it. Once snapd has forgotten that: if there was a snap when it was asked for, or
 * there is one that follows a channel, as somebody must have put it there since.
 */
static enum fsm_owner owner_of(
	const struct fsm_record *record, const struct fsm_facts *facts, bool done)
{
	const struct fsm_op_row *row = fsm_op_row(record->intent.op);
	enum fsm_owner ret = done ? row->done : row->forgotten;
	bool first = done ? !facts->stopped
			  : record->probation.before.revision == 0 && !*facts->tracking;

	if (ret != FSM_OWNER_FIRST)
		return ret;
	return first ? FSM_OWNER_US : FSM_OWNER_AS_BEFORE;
}

static enum fsm_write write_of(const struct fsm_record *record, const struct fsm_facts *facts)
{
	return fsm_life(
		record->intent.phase, fsm_sight_of(record, facts), fsm_is_needed(record, facts));
}

/* What a look shows of the request. A failure is left to the rules, which may look past it. */
static void learn_request(struct fsm_turn *turn, const struct fsm_facts *facts)
{
	struct fsm_record *record = &turn->record;
	enum fsm_write write = write_of(record, facts);
	enum fsm_owner owner;

	if (write == FSM_WRITE_CHANGE) {
		record->intent.phase = FSM_PHASE_KNOWN;
		record->intent.change = facts->shown;
		write = write_of(record, facts); /* how far that change is */
	}
	if (facts->flight != FSM_FLIGHT_NONE)
		return;
	if (write == FSM_WRITE_MEET) {
		owner = owner_of(record, facts, fsm_sight_of(record, facts) == FSM_SIGHT_DONE);
		own(record, owner, facts->present);
		if (owner == FSM_OWNER_US && record->intent.op == FSM_OP_SIDELOAD)
			record->marked = false; /* what is new has no marker yet */
	}
	if (write != FSM_WRITE_MEET && write != FSM_WRITE_FORGET)
		return;
	if (write == FSM_WRITE_MEET && fsm_op_moves(record->intent.op))
		fsm_probation_begin(record, facts);
	fsm_order_over(turn, fsm_sight_of(record, facts), facts);
	fsm_request_forget(record);
}

/*
 * A hold is ours if it is what snapd showed after our change, and that change is the only one that
 * touched the hold since before it was asked for. Once another value shows, it is somebody else's.
 */
static void learn_hold(struct fsm_record *record, bool made, const struct fsm_facts *facts)
{
	struct fsm_hold *hold = &record->hold;
	const char *until = facts->present ? facts->hold : "";

	if (strcmp(hold->until, until) != 0)
		hold->ours = false;
	text_ascii(hold->until, sizeof hold->until, until);
	hold->held = *until && facts->hold_until > facts->now;
	hold->ours = (hold->ours || (made && facts->holds == 1)) && hold->held;
}

static void learn_snap(struct fsm_record *record, const struct fsm_facts *facts)
{
	if (strcmp(record->revision, facts->revision) != 0)
		record->update = (struct fsm_update){ 0 };
	if (strcmp(record->reverted, facts->revision) != 0)
		text_ascii(record->reverted, sizeof record->reverted, "");
	text_ascii(record->revision, sizeof record->revision, facts->revision);
	text_ascii(record->version, sizeof record->version, facts->version);
	text_ascii(record->tracking, sizeof record->tracking, facts->tracking);
	text_ascii(record->origin, sizeof record->origin, facts->channel);
	record->serves = facts->serves;
	if (facts->probe == FSM_PROBE_ANSWERED || facts->probe_wanted)
		record->lenient = false;
}

/* What a look shows that proves it, once no change is in flight: that may be undone again. */
static void learn_place(struct fsm_record *record, const struct fsm_facts *facts)
{
	if (!facts->present || facts->local)
		own(record, FSM_OWNER_NOBODY, false);
	else
		learn_owner(record, facts);
	learn_snap(record, facts->present ? facts : &fsm_facts_none);
}

/* Where there is no snapd there is no hold, nor anything that could come of a request about one. */
static void let_go(struct fsm_record *record)
{
	record->hold = (struct fsm_hold){ 0 };
	if (!fsm_op_row(record->intent.op)->counts)
		fsm_request_forget(record);
}

void fsm_learn(struct fsm_turn *turn, const struct fsm_facts *facts)
{
	struct fsm_record *record = &turn->record;
	bool made = record->intent.op == FSM_OP_HOLD && facts->fate == FSM_FATE_DONE;

	record->stopping = fsm_stopping(record, facts->hook);
	if (facts->option_valid && record->order.kind != FSM_ORDER_ROLLBACK &&
		(!fsm_target_same(&record->refused.target, &facts->wanted) ||
			(record->refused.back && record->refused.options != facts->options)))
		record->refused = (struct fsm_refused){ 0 }; /* something else is wanted now */
	/* That the snap is ours needs nobody's word: a record that says otherwise may be a new one. */
	if (facts->marker == FSM_MARKER_OURS)
		learn_owner(record, facts);
	if (fsm_going(record, facts) && facts->no_snapd)
		let_go(record);
	if (!facts->reachable)
		return;
	/* Whether a request to lift it is still needed follows from the hold. */
	if (facts->flight == FSM_FLIGHT_NONE)
		learn_hold(record, made, facts);
	if (record->intent.op != FSM_OP_NONE)
		learn_request(turn, facts);
	fsm_pace_see(&record->pace, &facts->pace);
	if (facts->flight == FSM_FLIGHT_NONE) {
		learn_place(record, facts);
		fsm_probation_see(record, facts);
	}
}
