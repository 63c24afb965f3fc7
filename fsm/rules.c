/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/rules.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fsm/failure.h"
#include "fsm/probation.h"
#include "fsm/request.h"

enum {
	FSM_HAND_PATIENCE = 60, /* seconds after a failure until a person's hook asks again */
};

/* clang-format off */
/* The rules name the bits alone. */
__extension__ enum {
#define SHORT(name, meaning) name = FSM_BIT_##name,
	FSM_BITS(SHORT)
};
_Static_assert(FSM_BIT_COUNT <= 64, "the bits fit into an uint64_t");

#define RULE(event, reason, when, unless) { FSM_EVENT_##event, FSM_REASON_##reason, when, unless },
const struct fsm_rule fsm_rules[FSM_RULE_COUNT] = { FSM_RULES(RULE) };

#define NAME(name, meaning)    #name,
#define MEANING(name, meaning) meaning,
static const char *const names[FSM_BIT_COUNT]    = { FSM_BITS(NAME) };
static const char *const meanings[FSM_BIT_COUNT] = { FSM_BITS(MEANING) };
/* clang-format on */

const char *fsm_bit_name(unsigned number)
{
	assert(number < FSM_BIT_COUNT);
	return names[number];
}

const char *fsm_bit_meaning(unsigned number)
{
	assert(number < FSM_BIT_COUNT);
	return meanings[number];
}

static uint64_t bit(bool holds, uint64_t bit)
{
	return holds ? bit : 0;
}

/*
 * A person's task does not end with snapd's silence: it is still the thing to show. A bad option is
 * none any more as soon as the option is good, which needs nobody's word.
 */
static bool has_task(const struct fsm_record *record, const struct fsm_facts *facts)
{
	bool for_person = fsm_reason_row(record->reason)->status == FSM_STATUS_BLOCKED ||
			  (record->reason == record->failure.reason &&
				  fsm_for_person(&record->failure, facts->now));

	return record->state == FSM_STATE_BLOCKED && for_person &&
	       record->reason != FSM_REASON_BAD_OPTION &&
	       record->reason != FSM_REASON_BAD_RESOURCE &&
	       (!facts->option_valid || fsm_target_same(&facts->wanted, &record->target));
}

/* A person asks past a pause that has lasted for a while: Juju may run the same hook twice in a row. */
static bool asks_past(const struct fsm_failure *failure, const struct fsm_facts *facts)
{
	bool person = fsm_hook_is(facts->hook, FSM_HOOK_BY_HAND) &&
		      facts->now - failure->answered >= FSM_HAND_PATIENCE;

	return facts->first && (person || facts->hook == FSM_HOOK_REMOVE) &&
	       fsm_class_row(failure->class)->by_hand;
}

/* Whether the request that is needed is to wait. Where there is no pause, each run asks once. */
static bool rests(const struct fsm_record *record, const struct fsm_facts *facts, enum fsm_op op,
	const struct fsm_target *target)
{
	const struct fsm_failure *failure = &record->failure;
	bool once = facts->asked && fsm_failed(failure, op, target) &&
		    fsm_class_row(failure->class)->minutes[0] == 0;

	return once || (fsm_resting(failure, op, target, facts->now) && !asks_past(failure, facts));
}

static uint64_t bits_of_request(const struct fsm_record *record, const struct fsm_facts *facts)
{
	const struct fsm_target none = { .revision = 0 };
	enum fsm_op needed = fsm_needed(record, facts);
	const struct fsm_target *target = fsm_op_row(needed)->channel ? &facts->wanted : &none;
	enum fsm_sight sight = fsm_sight_of(record, facts);
	bool asked = record->intent.phase == FSM_PHASE_ASKED;
	bool unasked = record->intent.op == FSM_OP_NONE;
	bool rollback = record->order.kind == FSM_ORDER_ROLLBACK;
	bool ordered = record->order.kind != FSM_ORDER_NONE && unasked && !rollback &&
		       !fsm_order_rival(record->order.kind, record->order.revision, facts);
	bool ended = fsm_is_needed(record, facts) &&
		     fsm_life(record->intent.phase, sight, true) == FSM_WRITE_FAIL;
	bool for_person = fsm_for_person(&record->failure, facts->now);

	return bit(record->intent.op != FSM_OP_NONE, INTENT) | bit(ordered, ORDERED) |
	       bit(rollback, ROLLBACK) |
	       bit((rollback || ordered) && fsm_restless(record, facts), RESTLESS) |
	       bit(fsm_loose(record, facts), LOOSE) | bit(fsm_tied(record, facts), TIED) |
	       bit(asked && sight == FSM_SIGHT_FRESH, FRESH) | bit(ended, ENDED) |
	       bit(rests(record, facts, needed, target), RESTS) | bit(for_person, FOR_PERSON);
}

static uint64_t bits_of_register(const struct fsm_record *record, const struct fsm_facts *facts)
{
	const struct fsm_target *before = &record->probation.before;
	bool rival = facts->option_valid && fsm_rival(facts, &facts->wanted);

	return bit(*facts->unlisted, UNLISTED) | bit(fsm_shared(facts), SHARED) |
	       bit(rival, RIVAL) | bit(fsm_rival(facts, before), BOUND);
}

static uint64_t bits_of_target(const struct fsm_record *record, const struct fsm_facts *facts)
{
	bool person = facts->first && fsm_hook_is(facts->hook, FSM_HOOK_BY_HAND) &&
		      fsm_class_row(fsm_drift_class(&record->drift))->by_hand &&
		      facts->now - record->drift.put >= FSM_HAND_PATIENCE;

	return bit(fsm_target_refused(&record->refused, &facts->wanted), GIVEN_UP) |
	       bit(fsm_on_probation(record, facts), PROBATION) | bit(facts->rollback, ROLLS) |
	       bit(fsm_rolled(record, facts), ROLLED) | bit(fsm_unrolled(record, facts), UNROLLED) |
	       bit(fsm_drifting(&record->drift, &facts->wanted, facts->now) && !person, DRIFTS) |
	       bit(fsm_contested(&record->drift), CONTESTED);
}

static bool is_to_abort(const struct fsm_record *record, const struct fsm_facts *facts)
{
	char hindrance[FSM_DETAIL_MAX + 1];

	if (facts->order == FSM_ORDER_ABORT)
		return !fsm_order_hindered(FSM_ORDER_ABORT, record, facts, hindrance);
	/* Asked for once more by the hook after one that was killed: twice does no harm. */
	return facts->first && facts->flight == FSM_FLIGHT_OURS && record->intent.aborted &&
	       record->pace.way != FSM_WAY_UNDOES;
}

static uint64_t bits_of_flight(const struct fsm_record *record, const struct fsm_facts *facts)
{
	const struct fsm_pace *pace = &record->pace;
	bool stands = pace->change != 0 &&
		      (pace->way == FSM_WAY_WAITS || facts->now - pace->since >= FSM_PATIENCE);

	if (facts->flight == FSM_FLIGHT_NONE)
		return 0;
	return (uint64_t)IN_FLIGHT | bit(facts->flight == FSM_FLIGHT_OURS, OURS_IN_FLIGHT) |
	       bit(stands, STANDS) | bit(is_to_abort(record, facts), ABORTS);
}

/* Where it is wanted: a revert within the channel is a person's own matter. */
static bool is_in_place(const struct fsm_facts *facts)
{
	char revision[FSM_WORD_MAX + 1];

	(void)snprintf(revision, sizeof revision, "%" PRId64, facts->wanted.revision);
	/* What came from a file follows whatever it did before. */
	return (fsm_target_supplied(&facts->wanted) ||
		       strcmp(facts->tracking, facts->wanted.channel) == 0) &&
	       (facts->wanted.revision == 0 || strcmp(facts->revision, revision) == 0);
}

static uint64_t bits_of_snap(const struct fsm_record *record, const struct fsm_facts *facts)
{
	if (!facts->present)
		return 0;
	return (uint64_t)PRESENT | bit(facts->local, LOCAL) | bit(facts->broken, BROKEN) |
	       bit(!facts->active, DISABLED) | bit(*facts->service_down, SERVICE_DOWN) |
	       bit(facts->unserved, UNSERVED) | bit(*facts->health, UNHEALTHY) |
	       bit(fsm_mute(record, facts), MUTE) | bit(fsm_sick(record, facts), SICK) |
	       bit(is_in_place(facts), TRACKS);
}

uint64_t fsm_bits(const struct fsm_record *record, const struct fsm_facts *facts)
{
	return bit(fsm_going(record, facts), GOING) | bit(record->stopping, STOPPING) |
	       bit(!facts->option_valid, BAD_OPTION) |
	       bit(facts->source == FSM_SOURCE_BAD, BAD_RESOURCE) |
	       bit(facts->source == FSM_SOURCE_UNKNOWN, UNSUPPLIED) |
	       bit(facts->source == FSM_SOURCE_FILE, SUPPLIED) |
	       bit(!facts->reachable || !facts->seeded, SILENT) |
	       bit(facts->reachable && !facts->seeded, UNSEEDED) |
	       bit(has_task(record, facts), TASK) | bit(record->port == FSM_PORT_TAKEN, TAKEN) |
	       bit(record->ours, OURS) | bit(facts->queued, QUEUED) |
	       bit(facts->unrelated, UNRELATED) | bits_of_flight(record, facts) |
	       bits_of_request(record, facts) | bits_of_target(record, facts) |
	       bits_of_register(record, facts) | bits_of_snap(record, facts);
}

const struct fsm_rule *fsm_rule(uint64_t bits)
{
	const struct fsm_rule *rule = fsm_rules;

	/* The last row asks nothing. */
	while ((bits & rule->when) != rule->when || (bits & rule->unless))
		rule++;
	return rule;
}
