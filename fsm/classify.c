/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/classify.h"

#include <string.h>

#include "fsm/memory.h"

bool fsm_going(const struct fsm_record *record, const struct fsm_facts *facts)
{
	if (facts->hook == FSM_HOOK_REMOVE)
		return true;
	/* A stray hook of a unit that is gone must not install again; only a new life may. */
	return record->retired && facts->hook != FSM_HOOK_INSTALL && facts->hook != FSM_HOOK_START;
}

enum fsm_op fsm_needed(const struct fsm_facts *facts)
{
	return facts->present ? FSM_OP_REFRESH : FSM_OP_INSTALL;
}

static bool ended_badly(const struct fsm_record *record, const struct fsm_facts *facts)
{
	if (record->intent.phase == FSM_PHASE_ASKED)
		return facts->age >= FSM_PATIENCE; /* nothing of it is to be seen */
	return facts->fate == FSM_FATE_EMPTY || facts->fate == FSM_FATE_FAILED;
}

static enum fsm_event classify_going(const struct fsm_record *record, const struct fsm_facts *facts)
{
	if (!facts->present || !record->ours)
		return FSM_EVENT_RETIRED;
	if (record->intent.op == FSM_OP_REMOVE && ended_badly(record, facts))
		return FSM_EVENT_FAILED;
	if (fsm_resting(&record->memory, FSM_OP_REMOVE, "", facts->now))
		return FSM_EVENT_RESTING;
	return FSM_EVENT_RETIRING;
}

static enum fsm_event classify_needed(
	const struct fsm_record *record, const struct fsm_facts *facts)
{
	const struct fsm_memory *memory = &record->memory;
	enum fsm_op needed = fsm_needed(facts);
	bool asked_by_hand =
		facts->first && memory->class == FSM_CLASS_OPERATOR &&
		(facts->hook == FSM_HOOK_CONFIG_CHANGED || facts->hook == FSM_HOOK_UPGRADE_CHARM);

	if (record->intent.op == needed && strcmp(record->intent.channel, facts->wanted) == 0 &&
		ended_badly(record, facts))
		return FSM_EVENT_FAILED;
	/*
	 * A memory speaks only of the request it was made by: another channel is another request. A
	 * person who touches the configuration gets one new try of what was refused, at once.
	 */
	if (!asked_by_hand && fsm_resting(memory, needed, facts->wanted, facts->now))
		return memory->class == FSM_CLASS_OPERATOR ? FSM_EVENT_REFUSED : FSM_EVENT_RESTING;
	if (facts->hook == FSM_HOOK_STOP)
		return FSM_EVENT_RESTING; /* the unit is about to go: nothing new is started */
	return facts->present ? FSM_EVENT_ASTRAY : FSM_EVENT_ABSENT;
}

enum fsm_event fsm_classify(const struct fsm_record *record, const struct fsm_facts *facts)
{
	bool going = fsm_going(record, facts);

	/* Nothing is asked of snapd for an option that cannot be meant; what runs, runs on. */
	if (!going && !facts->option_valid)
		return FSM_EVENT_MISCONFIGURED;
	/* What was never ours does not need snapd's word to be left alone. */
	if (going && !record->ours && record->intent.op == FSM_OP_NONE)
		return FSM_EVENT_RETIRED;
	if (!facts->reachable || !facts->seeded)
		return FSM_EVENT_UNREACHABLE;
	/* While a change runs, what the snap looks like proves nothing, good or bad. */
	if (facts->flight != FSM_FLIGHT_NONE)
		return FSM_EVENT_BUSY;
	/* A request may be inside snapd, waiting for the Snap Store: no list shows it yet. */
	if (record->intent.phase == FSM_PHASE_ASKED && facts->age < FSM_PATIENCE)
		return FSM_EVENT_UNSURE;
	if (going)
		return classify_going(record, facts);
	/* A refresh of such a snap could only be refused. */
	if (facts->present && (!facts->active || facts->broken || facts->local))
		return FSM_EVENT_UNFIT;
	/* Another unit serves from here, so the snap is its to move. */
	if (facts->present && record->port == FSM_PORT_TAKEN && !record->ours)
		return FSM_EVENT_DOWN;
	if (facts->present && strcmp(facts->tracking, facts->wanted) == 0)
		return *facts->service_down || record->port == FSM_PORT_TAKEN ? FSM_EVENT_DOWN
									      : FSM_EVENT_SETTLED;
	return classify_needed(record, facts);
}
