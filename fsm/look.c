/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/look.h"

#include <string.h>

#include "base/text.h"

const struct fsm_facts fsm_facts_none = {
	.boot = "",
	.option = "",
	.resource = "",
	.unlisted = "",
	.away = "",
	.flight_kind = "",
	.fate_error = "",
	.damage = "",
	.tracking = "",
	.revision = "",
	.version = "",
	.channel = "",
	.service_down = "",
	.services = "",
	.health = "",
	.mute = "",
	.asked_at = "",
	.hold = "",
};

static bool fits(const struct fsm_intent *intent, const struct fsm_change *change)
{
	return strcmp(change->kind, fsm_op_row(intent->op)->kind) == 0;
}

bool fsm_made_by(const struct fsm_intent *intent, const struct fsm_change *change,
	const struct fsm_change *best)
{
	bool better = best->id == 0 ||
		      (change->fate == FSM_FATE_RUNNING && best->fate != FSM_FATE_RUNNING);

	return intent->phase == FSM_PHASE_ASKED && change->id > intent->baseline &&
	       fits(intent, change) && better;
}

bool fsm_look_again(const struct fsm_intent *intent, const struct fsm_change *first,
	const struct fsm_change *last)
{
	return intent->phase == FSM_PHASE_ASKED && first->id == 0 && last->id != 0;
}

bool fsm_touches_hold(const struct fsm_intent *intent, int64_t id, const char *kind)
{
	return id > intent->baseline && (strcmp(kind, fsm_op_row(FSM_OP_HOLD)->kind) == 0 ||
						strcmp(kind, fsm_op_row(FSM_OP_UNHOLD)->kind) == 0);
}

struct fsm_pace fsm_pace_of(const struct fsm_change *change, int64_t now)
{
	struct fsm_pace ret = {
		.change = change->id, .way = change->way, .bytes = change->bytes, .since = now
	};

	text_ascii(ret.at, sizeof ret.at, change->at);
	return ret;
}

void fsm_pace_see(struct fsm_pace *pace, const struct fsm_pace *seen)
{
	bool same = pace->change == seen->change && pace->way == seen->way &&
		    pace->bytes == seen->bytes && strcmp(pace->at, seen->at) == 0;

	if (!same || pace->since > seen->since)
		*pace = *seen;
}

void fsm_look_changes(const struct fsm_intent *intent, const struct fsm_change *own,
	const struct fsm_change *flight, struct fsm_facts *ret)
{
	ret->shown = intent->phase == FSM_PHASE_ASKED ? own->id : 0;
	ret->fate = own->fate;
	ret->fate_error = own->error;
	ret->stopped = own->stopped;
	ret->fetched = own->revision;
	if (intent->phase == FSM_PHASE_NONE || (intent->phase == FSM_PHASE_ASKED && own->id == 0))
		ret->fate = FSM_FATE_NONE;
	else if (own->id == 0 || !fits(intent, own))
		/* An id that means something else now: snapd's state was purged, its numbers restarted. */
		ret->fate = FSM_FATE_FORGOTTEN;
	/* Ours may have been running when it was read and be gone from the list a moment later. */
	if (flight->id == 0 && ret->fate == FSM_FATE_RUNNING)
		flight = own;
	ret->flight = FSM_FLIGHT_NONE;
	if (flight->id == 0)
		return;
	ret->flight_kind = flight->kind;
	ret->pace = fsm_pace_of(flight, ret->now);
	ret->flight = flight->id == intent->change || flight->id == ret->shown ? FSM_FLIGHT_OURS
									       : FSM_FLIGHT_FOREIGN;
}
