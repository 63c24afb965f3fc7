/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of fsm/ begin with: a world in which nothing is to be done, limits that allow
 * everything, and one turn in a line.
 */
#ifndef TESTS_FSM_KIT_H
#define TESTS_FSM_KIT_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "fsm/failure.h"
#include "fsm/look.h"
#include "fsm/names.h"
#include "fsm/turn.h"
#include "fsm/update.h"
#include "tests/suite.h"

#define EDGE "latest/edge"
#define BETA "latest/beta"
#define UNIT "microsample/23" /* whose tries are not spread: its pauses are the nominal ones */

#define COUNT(array) ((int)(sizeof array / sizeof *array))

enum {
	NOW = 1750000000, /* seconds since the epoch */
	MINUTE = 60,
	HOUR = 3600,
	DAY = 24 * HOUR,
	BASELINE = 40, /* the highest change id before a request */
	CHANGE = 41,   /* the one that the request made */
	BACK = 3,      /* the revision that an order to revert goes to */
};
#define FOREVER       "2318-09-24T05:35:57.127854Z" /* a hold, as snapd shows it */
#define FOREVER_UNTIL ((int64_t)NOW + 200 * 366 * (int64_t)DAY)

/* update-status, edge is wanted, the snap runs from it. */
static inline struct fsm_facts kit_facts(void)
{
	struct fsm_facts facts = fsm_facts_none;

	facts.now = NOW;
	facts.age = INT64_MAX;
	facts.uptime = 1000;
	facts.boot = "boot";
	facts.option_valid = true;
	facts.wanted = fsm_target_of(EDGE);
	facts.reachable = true;
	facts.seeded = true;
	facts.stopped = true;
	facts.present = true;
	facts.active = true;
	facts.tracking = EDGE;
	facts.revision = "7";
	facts.version = "1.2";
	facts.services = "microsample.daemon";
	return facts;
}

/* The snap is to come from the resource, which has REVISION of it, and is held as that implies. */
static inline void kit_supply(struct fsm_facts *facts, int64_t revision)
{
	facts->source = FSM_SOURCE_FILE;
	facts->wanted = (struct fsm_target){ .revision = revision };
	facts->hold_wanted = true;
	if (facts->present) {
		facts->hold = FOREVER;
		facts->hold_until = FOREVER_UNTIL;
	}
}

/* The same with no snap on the machine. */
static inline struct fsm_facts kit_bare(void)
{
	struct fsm_facts facts = kit_facts();

	facts.present = facts.active = false;
	facts.tracking = facts.revision = facts.version = "";
	return facts;
}

/* The same while snapd does not answer: nothing is known. */
static inline struct fsm_facts kit_away(void)
{
	struct fsm_facts facts = kit_bare();

	facts.reachable = facts.seeded = false;
	facts.away = "its socket is not there";
	return facts;
}

/* The same with the option set to something that is no channel. */
static inline struct fsm_facts kit_bad_option(void)
{
	struct fsm_facts facts = kit_away();

	facts.option_valid = false;
	facts.option = "'foo' has no risk";
	facts.wanted = fsm_target_of("");
	return facts;
}

/* A hold on the snap UNTIL then, as snapd SHOWS it. */
static inline void kit_hold(struct fsm_facts *facts, const char *shows, int64_t until)
{
	facts->hold = shows;
	facts->hold_until = until;
}

/* A rollback of kit_facts() to revision 7, which has been gone back to already. */
static inline void kit_rolling(struct fsm_record *record)
{
	record->order = (struct fsm_given){ FSM_ORDER_ROLLBACK, NOW, 7 };
	record->refused = (struct fsm_refused){
		.target = fsm_target_of(EDGE), .times = 3, .bad = 9, .back = 7, .detail = "HTTP 500"
	};
	record->probation = (struct fsm_probation){
		.revision = "9", .before = { EDGE, 7 }, .well = true, .since = 990, .boot = "boot"
	};
}

/* A unit that owns what there is, and of which OP has to be asked in a look of kit_needs(). */
static inline struct fsm_record kit_owner(enum fsm_op op)
{
	struct fsm_record record = { .ours = true };

	if (op == FSM_OP_UNHOLD)
		record.hold = (struct fsm_hold){ FOREVER, true, true };
	if (op == FSM_OP_REVERT)
		record.order = (struct fsm_given){ FSM_ORDER_REVERT, NOW, BACK };
	if (op == FSM_OP_RESTART)
		record.order = (struct fsm_given){ FSM_ORDER_RESTART, NOW, 0 };
	if (op == FSM_OP_START || op == FSM_OP_SWITCH)
		kit_rolling(&record);
	if (op == FSM_OP_START)
		strcpy(record.probation.services, "microsample.gone");
	if (op == FSM_OP_SWITCH)
		record.probation.before = fsm_target_of(BETA);
	return record;
}

/* Where OP is what has to be asked of a unit that owns what there is. */
static inline struct fsm_facts kit_needs(enum fsm_op op)
{
	struct fsm_facts facts = op == FSM_OP_INSTALL ? kit_bare() : kit_facts();

	if (op == FSM_OP_REFRESH)
		facts.tracking = BETA;
	if (op == FSM_OP_SIDELOAD)
		kit_supply(&facts, 8);
	if (op == FSM_OP_REMOVE)
		facts.hook = FSM_HOOK_REMOVE;
	if (op == FSM_OP_HOLD)
		facts.hold_wanted = true;
	if (op == FSM_OP_UNHOLD)
		kit_hold(&facts, FOREVER, FOREVER_UNTIL);
	return facts;
}

static inline struct fsm_limits kit_limits(void)
{
	return (struct fsm_limits){
		.may_ask = true, .baseline = BASELINE, .uptime = 1000, .boot = "boot", .unit = UNIT
	};
}

/* One turn that may ask; RECORD is then what was committed. */
static inline struct fsm_turn kit_turn(struct fsm_record *record, const struct fsm_facts *facts)
{
	const struct fsm_limits limits = kit_limits();
	struct fsm_turn turn;

	fsm_turn(record, facts, &limits, &turn);
	*record = turn.record;
	return turn;
}

/* One turn of a hook that may not ask; the event. */
static inline enum fsm_event kit_look(struct fsm_record *record, const struct fsm_facts *facts)
{
	struct fsm_limits limits = kit_limits();
	struct fsm_turn turn;

	limits.may_ask = false;
	fsm_turn(record, facts, &limits, &turn);
	*record = turn.record;
	return turn.event;
}

static inline enum fsm_write kit_accept(struct fsm_record *record, struct fsm_turn *turn)
{
	const struct fsm_answer answer = {
		.sight = FSM_SIGHT_ACCEPTED, .change = CHANGE, .detail = ""
	};

	return fsm_answer(record, turn, &answer);
}

static inline enum fsm_write kit_refuse(
	struct fsm_record *record, struct fsm_turn *turn, enum fsm_reason reason, int64_t now)
{
	const struct fsm_answer answer = {
		.sight = FSM_SIGHT_REFUSED,
		.reason = reason,
		.detail = "words",
		.now = now,
		.unit = UNIT,
	};

	return fsm_answer(record, turn, &answer);
}

/* One of the first COUNT numbers, and a long sequence of them that is always the same. */
static inline unsigned kit_pick(unsigned long long *random, unsigned count)
{
	*random = *random * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(*random >> 33) % count;
}

/* What became of a refresh of ours to the revision that is there: one of all that there can be. */
static inline void kit_past(
	unsigned long long *random, struct fsm_record *record, const struct fsm_facts *facts)
{
	int64_t back = kit_pick(random, 3) ? BACK : 7;

	record->probation =
		(struct fsm_probation){ .before = fsm_target_of(kit_pick(random, 2) ? EDGE : BETA),
			.services = "microsample.daemon",
			.well = kit_pick(random, 4) > 0,
			.since = 990,
			.quiet = kit_pick(random, 2) ? 995 : 0,
			.boot = "boot",
			.looks = kit_pick(random, 6) };
	record->probation.before.revision = back;
	strcpy(record->probation.revision, kit_pick(random, 4) ? "7" : "9");
	if (kit_pick(random, 2))
		return;
	record->refused = (struct fsm_refused){ .target = facts->wanted,
		.times = 3,
		.bad = kit_pick(random, 2) ? 7 : 9,
		.back = back,
		.failed = kit_pick(random, 2),
		.options = facts->options };
	if (kit_pick(random, 2))
		record->order = (struct fsm_given){ FSM_ORDER_ROLLBACK, NOW, back };
}

/* Another unit on the machine that wants the one or the other, or a register that nobody can use. */
static inline void kit_others(unsigned long long *random, struct fsm_facts *facts)
{
	static const struct fsm_entry others[] = {
		{ .unit = "other/0", .target.channel = EDGE },
		{ .unit = "other/0", .target.channel = BETA },
		{ .unit = "other/0", .target.channel = BETA, .yields = true },
		{ .unit = "microsample/0", .target.channel = BETA, .kin = true, .holds = true },
	};

	facts->others = &others[kit_pick(random, COUNT(others))];
	facts->others_count = kit_pick(random, 4) > 0;
	facts->unlisted = kit_pick(random, 8) ? "" : "the disk is full";
}

/* One of all situations that there can be, of a record that the machine could have written. */
static inline void kit_situation(
	unsigned long long *random, struct fsm_record *record, struct fsm_facts *facts)
{
	static const char *const channels[] = { EDGE, BETA, "" };
	enum fsm_reason reason = (enum fsm_reason)kit_pick(random, FSM_REASON_COUNT);
	bool fails = fsm_reason_row(reason)->class != FSM_CLASS_NONE;

	*facts = kit_pick(random, 6) ? kit_facts() : kit_pick(random, 2) ? kit_bare() : kit_away();
	facts->hook = (enum fsm_hook)kit_pick(random, FSM_HOOK_COUNT);
	facts->first = kit_pick(random, 2);
	facts->option_valid = kit_pick(random, 8) > 0;
	facts->wanted = fsm_target_of(facts->option_valid ? channels[kit_pick(random, 2)] : "");
	facts->seeded = facts->reachable && kit_pick(random, 8) > 0;
	facts->asked = !kit_pick(random, 4);
	facts->queued = !kit_pick(random, 4);
	facts->unrelated = facts->queued && kit_pick(random, 2);
	facts->age = kit_pick(random, 2) ? 44 : kit_pick(random, 2) ? 45 : 90;
	if (facts->present) {
		facts->tracking = channels[kit_pick(random, 2)];
		facts->active = kit_pick(random, 6) > 0;
		facts->broken = !kit_pick(random, 6);
		facts->local = !kit_pick(random, 6);
		facts->service_down = kit_pick(random, 4) ? "" : "daemon";
		facts->unserved = !kit_pick(random, 8);
		facts->health = kit_pick(random, 8) ? "" : "blocked: no license";
	}
	facts->hold_wanted = kit_pick(random, 2);
	if (facts->present && kit_pick(random, 2))
		kit_hold(facts, FOREVER, kit_pick(random, 4) ? FOREVER_UNTIL : NOW);
	if (!kit_pick(random, 4))
		facts->order = (enum fsm_order)kit_pick(random, FSM_ORDER_COUNT);
	if (facts->reachable && !kit_pick(random, 3))
		facts->flight = (enum fsm_flight)kit_pick(random, FSM_FLIGHT_COUNT);
	if (facts->flight != FSM_FLIGHT_NONE)
		facts->pace = (struct fsm_pace){ .change = CHANGE,
			.way = (enum fsm_way)(1 + kit_pick(random, FSM_WAY_COUNT - 1)),
			.since = NOW };
	*record = (struct fsm_record){ .state = (enum fsm_state)kit_pick(random, FSM_STATE_COUNT) };
	record->target = fsm_target_of(channels[kit_pick(random, 3)]);
	record->reason = (enum fsm_reason)kit_pick(random, FSM_REASON_COUNT);
	record->ours = kit_pick(random, 2);
	record->marked = record->ours && kit_pick(random, 2);
	facts->marker = (enum fsm_marker)kit_pick(random, FSM_MARKER_COUNT);
	record->retired = !kit_pick(random, 4);
	record->stopping = !kit_pick(random, 4);
	record->port = (enum fsm_port)kit_pick(random, FSM_PORT_COUNT);
	if (facts->present && *facts->hold && kit_pick(random, 2))
		record->hold = (struct fsm_hold){ FOREVER, true, kit_pick(random, 2) };
	if (!kit_pick(random, 4))
		record->order =
			(struct fsm_given){ (enum fsm_order)kit_pick(random, FSM_ORDER_RETRY), NOW,
				BACK };
	record->intent.op = (enum fsm_op)kit_pick(random, FSM_OP_COUNT);
	record->intent.aborted = !kit_pick(random, 4);
	if (fsm_op_row(record->intent.op)->channel)
		record->intent.target = fsm_target_of(channels[kit_pick(random, 2)]);
	if (record->intent.op != FSM_OP_NONE && kit_pick(random, 2)) {
		record->intent.phase = FSM_PHASE_KNOWN;
		record->intent.change = CHANGE;
		facts->fate = (enum fsm_fate)kit_pick(random, FSM_FATE_COUNT);
	} else if (record->intent.op != FSM_OP_NONE) {
		record->intent.phase = FSM_PHASE_ASKED;
		facts->shown = kit_pick(random, 2) ? CHANGE : 0;
		facts->fate = facts->shown ? (enum fsm_fate)(1 + kit_pick(random, 4)) : 0;
	}
	if (facts->flight != FSM_FLIGHT_NONE && kit_pick(random, 2)) {
		record->pace = facts->pace;
		record->pace.since = NOW - 10 - kit_pick(random, 2) * MINUTE;
	}
	if (!kit_pick(random, 3))
		record->drift = (struct fsm_drift){ fsm_target_of(channels[kit_pick(random, 2)]),
			1 + kit_pick(random, 7), NOW - 70 + kit_pick(random, 2) * MINUTE,
			NOW + kit_pick(random, 2) };
	if (!kit_pick(random, 3))
		record->refused = (struct fsm_refused){ .target = fsm_target_of(
								channels[kit_pick(random, 2)]),
			.times = 1 + kit_pick(random, 4) };
	if (!kit_pick(random, 4)) {
		facts->source = (enum fsm_source)kit_pick(random, FSM_SOURCE_COUNT);
		facts->resource = "holds 'x', a link";
		if (facts->source == FSM_SOURCE_FILE && facts->option_valid)
			facts->wanted = (struct fsm_target){ .revision = 7 + kit_pick(random, 2) };
		if (record->intent.op == FSM_OP_SIDELOAD)
			record->intent.target =
				(struct fsm_target){ .revision = 7 + kit_pick(random, 2) };
	}
	facts->rollback = kit_pick(random, 2);
	facts->probe = (enum fsm_probe)kit_pick(random, FSM_PROBE_COUNT);
	facts->mute = facts->probe == FSM_PROBE_MUTE ? "HTTP 500" : "";
	record->lenient = !kit_pick(random, 4);
	if (!kit_pick(random, 3))
		kit_past(random, record, facts);
	if (!kit_pick(random, 3))
		kit_others(random, facts);
	if (!fails)
		return;
	record->failure.reason = reason;
	record->failure.class = fsm_reason_row(reason)->class;
	record->failure.op = (enum fsm_op)(1 + kit_pick(random, FSM_OP_COUNT - 1));
	if (fsm_op_row(record->failure.op)->channel)
		record->failure.target = fsm_target_of(channels[kit_pick(random, 2)]);
	record->failure.attempts = 1 + kit_pick(random, 7);
	record->failure.answered = NOW - 70 + kit_pick(random, 2) * MINUTE;
	record->failure.next_try = NOW + (kit_pick(random, 2) ? MINUTE : 0);
}

/* Runs one suite of one case. */
static inline int kit_run(TCase *tests, const char *name)
{
	Suite *suite = suite_create(name);

	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}

#endif
