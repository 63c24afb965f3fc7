/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/resource.h"

#include <string.h>

bool fsm_resource_due(const struct fsm_record *record, enum fsm_hook hook, enum fsm_order order)
{
	if (hook == FSM_HOOK_REMOVE || (record->retired && !fsm_hook_is(hook, FSM_HOOK_BEGINS)))
		return false; /* what is removed is not looked for */
	return record->resource.supply == FSM_SUPPLY_NONE || record->retired ||
	       fsm_hook_is(hook, FSM_HOOK_READS) || order == FSM_ORDER_RETRY;
}

bool fsm_resource_note(struct fsm_record *record, const struct fsm_resource *seen)
{
	const struct fsm_resource *known = &record->resource;

	if (seen->supply == known->supply && seen->hash == known->hash &&
		seen->size == known->size && strcmp(seen->path, known->path) == 0 &&
		strcmp(seen->detail, known->detail) == 0)
		return false;
	record->resource = *seen;
	if (record->failure.op == FSM_OP_SIDELOAD) {
		record->failure = (struct fsm_failure){ 0 };
		record->refused = (struct fsm_refused){ 0 };
	}
	return true;
}

void fsm_resource_facts(const struct fsm_record *record, const char *why, struct fsm_facts *facts)
{
	const struct fsm_resource *known = &record->resource;

	facts->resource = known->detail;
	switch (known->supply) {
	case FSM_SUPPLY_NONE:
		facts->resource = why;
		facts->source = *why ? FSM_SOURCE_UNKNOWN : FSM_SOURCE_STORE;
		return;
	case FSM_SUPPLY_FILE:
		facts->source = FSM_SOURCE_FILE;
		facts->wanted = (struct fsm_target){ .revision = known->revision };
		facts->hold_wanted = true;
		return;
	case FSM_SUPPLY_BAD:
		facts->source = FSM_SOURCE_BAD;
		facts->wanted = record->target;
		return;
	case FSM_SUPPLY_STORE:
	case FSM_SUPPLY_COUNT:
		return;
	}
}
