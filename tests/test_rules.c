/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a look to its event: each fact sets its bit, and the order of the rules is the one that is
 * told here a second time in other words, over all sets of bits.
 */
#include "fsm/rules.h"
#include <inttypes.h>

#include "tests/fsm_kit.h"

/* clang-format off */
__extension__ enum {
#define SHORT(name, meaning) name = FSM_BIT_##name,
	FSM_BITS(SHORT)
	HERE = PRESENT | TRACKS, /* what kit_facts() shows */
};
/* clang-format on */

static void must_be(uint64_t bits, uint64_t expected, const char *change)
{
	for (unsigned i = 0; i < FSM_BIT_COUNT; i++)
		if ((bits ^ expected) >> i & 1)
			ck_abort_msg("%s: %s %s", change, fsm_bit_name(i),
				bits >> i & 1 ? "is set" : "is not set");
}

/* The bits of a unit that remembers nothing and sees a snap in its place, after CHANGE. */
#define SETS(change, expected)                                                                     \
	do {                                                                                       \
		struct fsm_record record = { 0 };                                                  \
		struct fsm_facts facts = kit_facts();                                              \
		change;                                                                            \
		must_be(fsm_bits(&record, &facts), (uint64_t)(expected), #change);                 \
	} while (0)

START_TEST(fact_about_snapd_sets_its_bit)
{
	SETS((void)record, HERE);
	SETS(facts.option_valid = false, HERE | BAD_OPTION);
	SETS(facts.seeded = false, HERE | SILENT | UNSEEDED);
	SETS(facts.reachable = false, HERE | SILENT);
	SETS(facts.reachable = facts.seeded = false, HERE | SILENT);
	SETS(facts.flight = FSM_FLIGHT_FOREIGN, HERE | IN_FLIGHT);
	SETS(facts.flight = FSM_FLIGHT_OURS, HERE | IN_FLIGHT | OURS_IN_FLIGHT);
	SETS(facts.no_snapd = true, HERE);
	SETS(facts.queued = true, HERE | QUEUED);
	SETS(facts.queued = facts.unrelated = true, HERE | QUEUED | UNRELATED);
}
END_TEST

START_TEST(fact_about_the_snap_sets_its_bit)
{
	SETS(facts.local = true, HERE | LOCAL);
	SETS(facts.broken = true, HERE | BROKEN);
	SETS(facts.active = false, HERE | DISABLED);
	SETS(facts.service_down = "daemon", HERE | SERVICE_DOWN | SICK);
	SETS(facts.unserved = true, HERE | UNSERVED);
	SETS(facts.health = "error: no", HERE | UNHEALTHY | SICK);
	SETS(facts.probe = FSM_PROBE_MUTE, HERE | MUTE | SICK);
	SETS(facts.probe = FSM_PROBE_MUTE; record.lenient = true, HERE);
	SETS(facts.probe = FSM_PROBE_MUTE; record.lenient = true;
		facts.service_down = "daemon", HERE | SERVICE_DOWN | SICK);
	SETS(facts.probe = FSM_PROBE_ANSWERED, HERE);
	SETS(facts.mute = "HTTP 500", HERE); /* it was not asked */
	SETS(facts.tracking = BETA, PRESENT);
	SETS(facts.wanted = fsm_target_of(BETA), PRESENT);
	SETS(facts = kit_bare(), 0);
	/* a revision that is wanted is its own word, in the wanted channel alone */
	SETS(facts.wanted.revision = 7, HERE);
	SETS(facts.wanted.revision = 70, PRESENT);
	SETS(facts.wanted.revision = 7; facts.tracking = BETA, PRESENT);
	SETS(facts.wanted.revision = 7; facts.revision = "x7", PRESENT);
	SETS(facts.wanted.revision = 7; facts.revision = "", PRESENT);
	SETS(facts.wanted.revision = INT64_MAX; facts.revision = "9223372036854775807", HERE);
	SETS(facts.present = facts.active = false; facts.local = facts.broken = true;
		facts.service_down = "daemon"; facts.health = "error"; facts.unserved = true;
		facts.probe = FSM_PROBE_MUTE, 0);
}
END_TEST

#define FILED(number)                                                                              \
	facts.source = FSM_SOURCE_FILE, facts.wanted = (struct fsm_target)                         \
	{                                                                                          \
		.revision = (number)                                                               \
	}

/* Of what came from a file the revision alone counts, whatever it follows. */
START_TEST(resource_sets_its_bit)
{
	SETS(FILED(7), HERE | SUPPLIED);
	SETS(FILED(7); facts.tracking = BETA, HERE | SUPPLIED);
	SETS(FILED(7); facts.tracking = "", HERE | SUPPLIED);
	SETS(FILED(8), PRESENT | SUPPLIED);
	SETS(FILED(7); facts.revision = "x7", PRESENT | SUPPLIED);
	SETS(FILED(7); facts = kit_bare(); FILED(7), SUPPLIED);
	SETS(facts.source = FSM_SOURCE_BAD, HERE | BAD_RESOURCE);
	SETS(facts.source = FSM_SOURCE_UNKNOWN, HERE | UNSUPPLIED);
}
END_TEST

#define HELD(seconds) kit_hold(&facts, FOREVER, NOW + (seconds))
/* A hold for a century, in seconds. */
#define CENTURY (100 * 366 * (int64_t)DAY)

START_TEST(hold_sets_its_bit)
{
	SETS(HELD(CENTURY), HERE);
	SETS(facts.hold_wanted = true, HERE | LOOSE);
	SETS(facts.hold_wanted = true; HELD(CENTURY), HERE);
	SETS(facts.hold_wanted = true; HELD(CENTURY - 1), HERE | LOOSE);
	SETS(facts.hold_wanted = true; HELD(-1), HERE | LOOSE);
	SETS(facts.hold_wanted = true; facts = kit_bare(), 0);
	SETS(facts = kit_bare(); facts.hold_wanted = true, 0);
	SETS(facts.hold_wanted = true; facts.hook = FSM_HOOK_REMOVE, HERE | GOING);
}
END_TEST

#define OUR_HOLD                                                                                   \
	record.hold = (struct fsm_hold)                                                            \
	{                                                                                          \
		FOREVER, true, true                                                                \
	}

START_TEST(our_hold_that_is_not_wanted_sets_its_bit)
{
	SETS(OUR_HOLD, HERE | TIED);
	SETS(OUR_HOLD; record.hold.ours = false, HERE);
	SETS(OUR_HOLD; record.hold.held = false, HERE); /* it is over */
	SETS(OUR_HOLD; facts.hold_wanted = true; HELD(CENTURY), HERE);
	SETS(OUR_HOLD; facts.option_valid = false, HERE | BAD_OPTION);
	/* whatever is wanted of a unit that stays */
	SETS(OUR_HOLD; facts.hold_wanted = true; HELD(CENTURY);
		facts.hook = FSM_HOOK_REMOVE, HERE | GOING | TIED);
	SETS(OUR_HOLD; facts.option_valid = false;
		facts.hook = FSM_HOOK_REMOVE, HERE | GOING | BAD_OPTION | TIED);
}
END_TEST

#define ABORT      facts.order = FSM_ORDER_ABORT
#define OURS_FLIES facts.flight = FSM_FLIGHT_OURS

/* Asked by a person; or begun, and the hook may have been killed before it was asked. */
START_TEST(change_is_to_be_aborted_at_once_and_by_the_next_hook)
{
	int flies = HERE | IN_FLIGHT;

	SETS(ABORT, HERE);
	SETS(ABORT; facts.flight = FSM_FLIGHT_FOREIGN, flies | ABORTS);
	SETS(ABORT; OURS_FLIES, flies | OURS_IN_FLIGHT | ABORTS);
	SETS(ABORT; OURS_FLIES; record.pace.way = FSM_WAY_UNDOES, flies | OURS_IN_FLIGHT | ABORTS);
	SETS(ABORT; OURS_FLIES;
		facts.option_valid = false, flies | OURS_IN_FLIGHT | ABORTS | BAD_OPTION);
	/* it was refused */
	SETS(ABORT; OURS_FLIES; record.stopping = true, flies | OURS_IN_FLIGHT | STOPPING);
	SETS(ABORT; OURS_FLIES; facts.hook = FSM_HOOK_REMOVE, flies | OURS_IN_FLIGHT | GOING);
	SETS(ABORT; OURS_FLIES; facts.seeded = false, flies | OURS_IN_FLIGHT | SILENT | UNSEEDED);
	for (enum fsm_order order = 0; order < FSM_ORDER_ABORT; order++)
		SETS(facts.order = order; OURS_FLIES, flies | OURS_IN_FLIGHT);
}
END_TEST

#define ABORTED facts.first = record.intent.aborted = true

START_TEST(abort_is_asked_again_by_the_first_look_of_a_hook)
{
	int flies = HERE | IN_FLIGHT | OURS_IN_FLIGHT;

	SETS(ABORTED; OURS_FLIES, flies | ABORTS);
	SETS(ABORTED; OURS_FLIES; facts.first = false, flies);
	SETS(ABORTED; OURS_FLIES; record.intent.aborted = false, flies);
	SETS(ABORTED; OURS_FLIES; record.pace.way = FSM_WAY_UNDOES, flies);
	SETS(ABORTED; OURS_FLIES; record.pace.way = FSM_WAY_DOES, flies | ABORTS);
	SETS(ABORTED; facts.flight = FSM_FLIGHT_FOREIGN, HERE | IN_FLIGHT);
	SETS(ABORTED, HERE);
}
END_TEST

START_TEST(hook_sets_its_bit)
{
	for (enum fsm_hook hook = 0; hook < FSM_HOOK_COUNT; hook++) {
		bool begins = hook == FSM_HOOK_INSTALL || hook == FSM_HOOK_START;
		int going = hook == FSM_HOOK_REMOVE ? GOING : 0;

		SETS(facts.hook = hook, HERE | going);
		SETS(facts.hook = hook; facts.first = true, HERE | going);
		/* a unit that is gone stays gone but for a new life */
		SETS(facts.hook = hook; record.retired = true, HERE | (begins ? 0 : GOING));
	}
}
END_TEST

#define FLIES(whose, how, seconds)                                                                 \
	facts.flight = FSM_FLIGHT_##whose, record.pace = (struct fsm_pace)                         \
	{                                                                                          \
		CHANGE, FSM_WAY_##how, "", 0, NOW - (seconds)                                      \
	}

/* 60 seconds for our own change and 20 for any other, forwards or backwards; a reboot is not awaited. */
START_TEST(change_stands_when_it_has_not_moved_for_a_while)
{
	int flies = HERE | IN_FLIGHT;

	SETS(FLIES(OURS, DOES, 19), flies | OURS_IN_FLIGHT);
	SETS(FLIES(OURS, DOES, 20), flies | OURS_IN_FLIGHT | STANDS);
	SETS(FLIES(OURS, UNDOES, 19), flies | OURS_IN_FLIGHT);
	SETS(FLIES(OURS, UNDOES, 20), flies | OURS_IN_FLIGHT | STANDS);
	SETS(FLIES(OURS, WAITS, 0), flies | OURS_IN_FLIGHT | STANDS);
	SETS(FLIES(FOREIGN, DOES, 19), flies);
	SETS(FLIES(FOREIGN, DOES, 20), flies | STANDS);
	SETS(FLIES(FOREIGN, UNDOES, 20), flies | STANDS);
	SETS(FLIES(FOREIGN, WAITS, 0), flies | STANDS);
	SETS(FLIES(NONE, DOES, 60), HERE);
	SETS(FLIES(NONE, WAITS, 60), HERE);
	SETS(FLIES(FOREIGN, DOES, 20); record.pace.change = 0, flies); /* not known where */
}
END_TEST

START_TEST(record_sets_its_bit)
{
	SETS(record.ours = true, HERE | OURS);
	SETS(record.stopping = true, HERE | STOPPING);
	SETS(record.port = FSM_PORT_TAKEN, HERE | TAKEN);
	SETS(record.port = FSM_PORT_OPEN, HERE);
	SETS(record.port = FSM_PORT_ASKED, HERE);
	SETS(record.state = FSM_STATE_BLOCKED, HERE);
	SETS(record.failure.reason = FSM_REASON_CHANNEL_MISSING, HERE | FOR_PERSON);
	SETS(record.failure.reason = FSM_REASON_DISK_FULL, HERE | FOR_PERSON);
	SETS(record.failure.reason = FSM_REASON_CONFLICT, HERE);
	SETS(record.failure.reason = FSM_REASON_REFRESH_FAILED, HERE);
}
END_TEST

#define DRIFTED(count)                                                                             \
	record.drift = (struct fsm_drift)                                                          \
	{                                                                                          \
		{ EDGE, 0 }, count, NOW - MINUTE, NOW + 1                                          \
	}
#define GAVE_UP(where, count)                                                                      \
	record.refused = (struct fsm_refused)                                                      \
	{                                                                                          \
		.target = fsm_target_of(where), .times = count                                     \
	}

START_TEST(target_sets_its_bit)
{
	SETS(DRIFTED(1), HERE);
	SETS(DRIFTED(2), HERE | DRIFTS);
	SETS(DRIFTED(5), HERE | DRIFTS);
	SETS(DRIFTED(6), HERE | DRIFTS | CONTESTED);
	SETS(DRIFTED(6); facts.wanted = fsm_target_of(BETA), PRESENT | CONTESTED);
	SETS(DRIFTED(2); facts.now++, HERE);
	SETS(DRIFTED(2); facts.now -= MINUTE, HERE | DRIFTS);
	SETS(DRIFTED(2); facts.now -= MINUTE + 1, HERE);
	SETS(GAVE_UP(EDGE, 2), HERE);
	SETS(GAVE_UP(EDGE, 3), HERE | GIVEN_UP);
	SETS(GAVE_UP(EDGE, 4), HERE | GIVEN_UP);
	SETS(GAVE_UP(BETA, 3), HERE);
	SETS(GAVE_UP(EDGE, 3); facts.wanted.revision = 7, HERE);
}
END_TEST

#define STOOD(where, why)                                                                          \
	record.state = FSM_STATE_##where, record.reason = FSM_REASON_##why,                        \
	record.target = fsm_target_of(EDGE)

/* Silence leaves it open whether a person has done what the status asks; an option that is not. */
START_TEST(task_is_one_that_only_snapd_could_tell_to_be_done)
{
	SETS(STOOD(BLOCKED, CHANNEL_MISSING), HERE | TASK);
	SETS(STOOD(BLOCKED, DISABLED), HERE | TASK);
	SETS(STOOD(BLOCKED, BAD_OPTION), HERE);
	SETS(STOOD(BLOCKED, SNAPD_AWAY), HERE);
	SETS(STOOD(INSTALLING, CHANNEL_MISSING), HERE);
	SETS(STOOD(ACTIVE, DISABLED), HERE);
	SETS(STOOD(BLOCKED, DISABLED); facts.wanted = fsm_target_of(BETA), PRESENT);
	SETS(STOOD(BLOCKED, DISABLED); facts.wanted.revision = 7, HERE);
	SETS(STOOD(BLOCKED, DISABLED); facts.wanted = fsm_target_of(BETA);
		facts.option_valid = false, PRESENT | TASK | BAD_OPTION);
}
END_TEST

#define ASKED(what, where)                                                                         \
	record.intent.op = FSM_OP_##what, record.intent.phase = FSM_PHASE_ASKED,                   \
	record.intent.target = fsm_target_of(where), facts.age = 90
#define KNOWN(what, where, how)                                                                    \
	ASKED(what, where), record.intent.phase = FSM_PHASE_KNOWN, record.intent.change = CHANGE,  \
			    facts.fate = FSM_FATE_##how

START_TEST(request_is_fresh_then_ended)
{
	for (enum fsm_op op = FSM_OP_INSTALL; op < FSM_OP_COUNT; op++) {
		SETS(ASKED(NONE, BETA); record.intent.op = op;
			facts.age = 0, HERE | INTENT | FRESH);
		SETS(ASKED(NONE, BETA); record.intent.op = op;
			facts.age = fsm_op_row(op)->lands - 1, HERE | INTENT | FRESH);
	}
	SETS(ASKED(REFRESH, EDGE), HERE | INTENT | ENDED);
	SETS(ASKED(REFRESH, EDGE); facts.age = INT64_MAX, HERE | INTENT | ENDED);
	SETS(ASKED(REFRESH, EDGE); facts.shown = CHANGE, HERE | INTENT);
	SETS(ASKED(REFRESH, EDGE); facts.age = 0; facts.shown = CHANGE, HERE | INTENT);
	SETS(KNOWN(REFRESH, EDGE, NONE), HERE | INTENT);
	SETS(KNOWN(REFRESH, EDGE, NONE); facts.age = 0, HERE | INTENT);
	SETS(KNOWN(REFRESH, EDGE, RUNNING), HERE | INTENT);
	SETS(KNOWN(REFRESH, EDGE, DONE), HERE | INTENT);
	SETS(KNOWN(REFRESH, EDGE, FORGOTTEN), HERE | INTENT);
	SETS(KNOWN(REFRESH, EDGE, EMPTY), HERE | INTENT | ENDED);
	SETS(KNOWN(REFRESH, EDGE, FAILED), HERE | INTENT | ENDED);
}
END_TEST

START_TEST(only_what_is_needed_can_end_badly)
{
	SETS(KNOWN(REFRESH, BETA, FAILED), HERE | INTENT);
	SETS(KNOWN(INSTALL, EDGE, FAILED), HERE | INTENT);
	SETS(KNOWN(REMOVE, "", FAILED), HERE | INTENT);
	SETS(KNOWN(REFRESH, EDGE, FAILED); record.intent.target.revision = 3, HERE | INTENT);
	SETS(KNOWN(INSTALL, EDGE, FAILED); facts.present = false, INTENT | ENDED);
	SETS(KNOWN(REFRESH, EDGE, FAILED); facts.present = false, INTENT);
	SETS(KNOWN(REMOVE, "", FAILED);
		facts.hook = FSM_HOOK_REMOVE, HERE | GOING | INTENT | ENDED);
	SETS(KNOWN(REFRESH, EDGE, FAILED); facts.hook = FSM_HOOK_REMOVE, HERE | GOING | INTENT);
	SETS(KNOWN(HOLD, "", FAILED), HERE | INTENT);
	SETS(KNOWN(HOLD, "", FAILED); facts.hold_wanted = true, HERE | INTENT | ENDED | LOOSE);
	SETS(KNOWN(REFRESH, EDGE, FAILED); facts.hold_wanted = true, HERE | INTENT | ENDED | LOOSE);
	SETS(KNOWN(UNHOLD, "", FAILED), HERE | INTENT);
	SETS(KNOWN(UNHOLD, "", FAILED); OUR_HOLD, HERE | INTENT | ENDED | TIED);
	SETS(KNOWN(REVERT, "", FAILED), HERE | INTENT);
	SETS(KNOWN(RESTART, "", FAILED), HERE | INTENT);
}
END_TEST

#define FELL(what, where)                                                                          \
	record.failure.class = FSM_CLASS_PASSING, record.failure.op = FSM_OP_##what,               \
	record.failure.target = fsm_target_of(where), record.failure.answered = NOW - 1,           \
	record.failure.next_try = NOW + 1

START_TEST(failure_rests_for_the_request_that_is_needed)
{
	SETS(FELL(REFRESH, EDGE), HERE | RESTS);
	SETS(FELL(REFRESH, EDGE);
		record.failure.reason = FSM_REASON_SNAP_MISSING, HERE | RESTS | FOR_PERSON);
	SETS(FELL(REFRESH, EDGE); record.failure.next_try = NOW, HERE);
	SETS(FELL(REFRESH, BETA), HERE);
	SETS(FELL(INSTALL, EDGE), HERE);
	SETS(FELL(REMOVE, ""), HERE);
	SETS(FELL(INSTALL, EDGE); facts.present = false, RESTS);
	SETS(FELL(REFRESH, EDGE); facts.hook = FSM_HOOK_REMOVE, HERE | GOING);
	SETS(FELL(REMOVE, ""); facts.hook = FSM_HOOK_REMOVE, HERE | GOING | RESTS);
	SETS(FELL(REFRESH, EDGE); facts.wanted.revision = 7, HERE);
}
END_TEST

/* A hold, or its end, comes first, and rests by itself. */
START_TEST(hold_is_what_is_needed_before_anything_else)
{
	SETS(FELL(HOLD, ""), HERE);
	SETS(FELL(HOLD, ""); facts.hold_wanted = true, HERE | LOOSE | RESTS);
	SETS(FELL(HOLD, EDGE); facts.hold_wanted = true, HERE | LOOSE);
	SETS(FELL(REFRESH, EDGE); facts.hold_wanted = true, HERE | LOOSE);
	SETS(FELL(UNHOLD, ""), HERE);
	SETS(FELL(UNHOLD, ""); OUR_HOLD, HERE | TIED | RESTS);
	SETS(FELL(REFRESH, EDGE); OUR_HOLD, HERE | TIED);
	SETS(FELL(UNHOLD, ""); OUR_HOLD; facts.hook = FSM_HOOK_REMOVE, HERE | GOING | TIED | RESTS);
	SETS(FELL(UNHOLD, ""); OUR_HOLD; record.ours = true;
		facts.hook = FSM_HOOK_REMOVE, HERE | GOING | TIED | OURS);
	SETS(FELL(REMOVE, ""); OUR_HOLD; record.ours = true;
		facts.hook = FSM_HOOK_REMOVE, HERE | GOING | TIED | OURS | RESTS);
}
END_TEST

#define ORDER(what)                                                                                \
	record.order = (struct fsm_given)                                                          \
	{                                                                                          \
		FSM_ORDER_##what, NOW, BACK                                                        \
	}

START_TEST(order_sets_its_bit_until_it_is_asked)
{
	SETS(ORDER(REFRESH), HERE | ORDERED);
	SETS(ORDER(REVERT), HERE | ORDERED);
	SETS(ORDER(RESTART), HERE | ORDERED);
	SETS(ORDER(REFRESH); KNOWN(REFRESH, EDGE, RUNNING), HERE | INTENT);
	/* the person's to ask again: it cannot end badly for the unit */
	SETS(ORDER(REFRESH); KNOWN(REFRESH, EDGE, FAILED), HERE | INTENT);
	SETS(ORDER(REFRESH); ASKED(REFRESH, EDGE), HERE | INTENT);
	SETS(ORDER(REVERT); KNOWN(REVERT, "", FAILED), HERE | INTENT);
	SETS(ORDER(REFRESH); ASKED(REFRESH, EDGE); facts.age = 0, HERE | INTENT | FRESH);
}
END_TEST

#define DIED(at) record.probation.quiet = (at)

/* Whatever it starts: systemd counts the starts of the service. */
START_TEST(order_waits_until_a_service_was_quiet)
{
	SETS(ORDER(REVERT); DIED(986), HERE | ORDERED | RESTLESS);
	SETS(ORDER(REFRESH); DIED(986), HERE | ORDERED | RESTLESS);
	SETS(ORDER(RESTART); DIED(986), HERE | ORDERED | RESTLESS);
	SETS(ORDER(REVERT); DIED(985), HERE | ORDERED);
	SETS(ORDER(REVERT); DIED(999); record.order.since = NOW - 59, HERE | ORDERED | RESTLESS);
	SETS(ORDER(REVERT); DIED(999); record.order.since = NOW - 60, HERE | ORDERED);
	SETS(ORDER(REVERT); DIED(999); KNOWN(REVERT, "", RUNNING), HERE | INTENT);
	SETS(DIED(999), HERE);
}
END_TEST

/* A rollback is no order of a person: what is wanted, and what rests, do not concern it. */
START_TEST(rollback_sets_its_bits_until_its_end)
{
	SETS(ORDER(ROLLBACK), HERE | ROLLBACK);
	SETS(ORDER(ROLLBACK); KNOWN(REVERT, "", RUNNING), HERE | ROLLBACK | INTENT);
	SETS(ORDER(ROLLBACK); KNOWN(REVERT, "", FAILED), HERE | ROLLBACK | INTENT);
	SETS(ORDER(ROLLBACK); record.probation.since = 985;
		record.probation.quiet = 986, HERE | ROLLBACK | RESTLESS);
	SETS(ORDER(ROLLBACK); record.probation.since = 985;
		record.probation.quiet = 985, HERE | ROLLBACK);
	SETS(ORDER(ROLLBACK); record.probation.quiet = 999;
		record.probation.since = 940, HERE | ROLLBACK);
	SETS(ORDER(ROLLBACK); record.probation.quiet = 999;
		record.probation.since = 941, HERE | ROLLBACK | RESTLESS);
	SETS(record.probation.quiet = 999, HERE); /* nothing is rolled back */
}
END_TEST

#define ON_PROBATION                                                                               \
	record.probation = (struct fsm_probation)                                                  \
	{                                                                                          \
		.revision = "7", .before = { EDGE, BACK }, .well = true, .boot = "boot"            \
	}
#define WENT_BACK(from, to)                                                                        \
	record.refused = (struct fsm_refused)                                                      \
	{                                                                                          \
		.target = fsm_target_of(EDGE), .times = 1, .bad = (from), .back = (to)             \
	}

START_TEST(what_became_of_our_refresh_sets_its_bit)
{
	SETS(facts.rollback = true, HERE | ROLLS);
	SETS(ON_PROBATION, HERE | PROBATION);
	SETS(ON_PROBATION; record.probation.well = false, HERE);
	SETS(ON_PROBATION; record.probation.before.revision = 0, HERE);
	SETS(ON_PROBATION; record.probation.looks = 4, HERE | PROBATION);
	SETS(ON_PROBATION; record.probation.looks = 5, HERE);
	SETS(ON_PROBATION; facts.revision = "8", HERE);
	SETS(ON_PROBATION; facts.present = false, 0);
	/* gone back from 9 to 7, in the wanted channel or out of it */
	SETS(WENT_BACK(9, 7), HERE | ROLLED);
	SETS(WENT_BACK(9, 7); facts.tracking = BETA, PRESENT | ROLLED);
	SETS(WENT_BACK(9, 7); facts.revision = "8", HERE);
	SETS(WENT_BACK(9, 7); facts.revision = "8"; facts.tracking = BETA, PRESENT | ROLLED);
	SETS(WENT_BACK(7, 5), HERE);
	SETS(WENT_BACK(7, 5); facts.tracking = BETA, PRESENT); /* somebody brought the bad one */
	/* the revision never changed, only the channel */
	SETS(WENT_BACK(7, 7); facts.tracking = BETA, PRESENT | ROLLED);
	SETS(WENT_BACK(7, 7), HERE);
	SETS(WENT_BACK(9, 7); facts.wanted = fsm_target_of(BETA), PRESENT);
	SETS(WENT_BACK(9, 7); ORDER(RESTART), HERE | ORDERED);
	SETS(WENT_BACK(9, 7); facts.option_valid = false, HERE | BAD_OPTION);
	SETS(WENT_BACK(9, 7); facts.present = false, 0);
	SETS(WENT_BACK(9, 0), HERE); /* refreshes failed, and nothing was rolled back */
}
END_TEST

#define STUCK(from, to) WENT_BACK(from, to), record.refused.failed = true

START_TEST(rollback_that_failed_sets_its_bit)
{
	SETS(STUCK(9, 7), HERE | UNROLLED);
	SETS(STUCK(7, 5), HERE | UNROLLED); /* what is to be left runs */
	SETS(STUCK(7, 5); facts.tracking = BETA, PRESENT | UNROLLED);
	SETS(STUCK(9, 5), HERE); /* somebody has brought another one */
	SETS(STUCK(9, 5); facts.service_down = "d", HERE | SERVICE_DOWN | SICK);
	SETS(STUCK(9, 5); facts.tracking = BETA, PRESENT | UNROLLED);
	SETS(STUCK(7, 5); facts.unserved = true, HERE | UNSERVED | UNROLLED);
	SETS(STUCK(7, 5); facts.service_down = "d", HERE | SERVICE_DOWN | SICK | UNROLLED);
	SETS(STUCK(7, 5); facts.probe = FSM_PROBE_MUTE, HERE | MUTE | SICK | UNROLLED);
	SETS(STUCK(7, 5); facts.wanted = fsm_target_of(BETA), PRESENT);
	SETS(STUCK(7, 5); ORDER(RESTART);
		facts.service_down = "d", HERE | ORDERED | SERVICE_DOWN | SICK);
}
END_TEST

START_TEST(other_unit_on_the_machine_sets_its_bits)
{
	struct fsm_entry other = { .unit = "other/0", .target = { EDGE, 5 } };

#define BESIDE facts.others = &other, facts.others_count = 1
	SETS(BESIDE, HERE | SHARED | RIVAL | BOUND);
	SETS(BESIDE; facts.wanted.revision = 5; facts.revision = "5", HERE | SHARED | BOUND);
	SETS(BESIDE; record.probation.before = other.target, HERE | SHARED | RIVAL);
	SETS(BESIDE; facts.option_valid = false, HERE | BAD_OPTION | SHARED | BOUND);
	SETS(facts.unlisted = "why", HERE | UNLISTED | SHARED);
	other.yields = true;
	SETS(BESIDE, HERE | SHARED);
	SETS(BESIDE; ORDER(REFRESH), HERE | SHARED | ORDERED);
	other.yields = false;
	SETS(BESIDE; ORDER(REFRESH), HERE | SHARED | RIVAL | BOUND);
}
END_TEST

/* The order of precedence, told again. */

struct verdict {
	enum fsm_event event;
	unsigned reason;
};
#define IS(bit)        ((bits & (bit)) != 0)
#define SAY(what, why) ((struct verdict){ FSM_EVENT_##what, FSM_REASON_##why })

static struct verdict on_the_way_out(uint64_t bits)
{
	if (!IS(PRESENT) || !IS(OURS | TIED))
		return SAY(RETIRED, REMOVED);
	if (IS(SHARED) && !IS(TIED))
		return SAY(RETIRED, REMOVED);
	if (IS(ENDED))
		return SAY(FAILED, OWN_CHANGE);
	if (IS(RESTS))
		return SAY(RESTING, REMEMBERED);
	return IS(OURS) && !IS(SHARED) ? SAY(RETIRING, OWN_CHANGE) : SAY(RELEASING, OWN_CHANGE);
}

/* A request of the machine's own went wrong before, or may be sent. */
static struct verdict rested(uint64_t bits)
{
	return IS(FOR_PERSON) ? SAY(REFUSED, REMEMBERED) : SAY(RESTING, REMEMBERED);
}

/* Nothing is wrong with asking for it, unless it went wrong before or the hook is the wrong one. */
static struct verdict to_be_asked(uint64_t bits)
{
	if (IS(ENDED))
		return SAY(FAILED, OWN_CHANGE);
	if (IS(GIVEN_UP) && IS(PRESENT))
		return SAY(REFUSED, TARGET_REFUSED);
	if (IS(RESTS))
		return rested(bits);
	if (IS(DRIFTS))
		return IS(CONTESTED) ? SAY(REFUSED, CONTESTED) : SAY(RESTING, DRIFTED);
	if (IS(STOPPING))
		return SAY(RESTING, INTERRUPTED);
	if (IS(PRESENT) && IS(UNRELATED))
		return SAY(REFUSED, UNRELATED);
	if (IS(PRESENT) && IS(QUEUED))
		return SAY(QUEUED, NONE);
	if (IS(SUPPLIED))
		return SAY(SUPPLIED, OWN_CHANGE);
	return IS(PRESENT) ? SAY(ASTRAY, OWN_CHANGE) : SAY(ABSENT, OWN_CHANGE);
}

/*
 * A hold to be set or to be lifted. A unit that is about to go sets none, and is not ready without it;
 * that it still has one is no trouble.
 */
static struct verdict to_be_held(uint64_t bits)
{
	if (IS(ENDED))
		return SAY(FAILED, OWN_CHANGE);
	if (IS(RESTS))
		return rested(bits);
	if (IS(LOOSE))
		return IS(STOPPING) ? SAY(RESTING, INTERRUPTED) : SAY(LOOSE, OWN_CHANGE);
	return SAY(TIED, OWN_CHANGE);
}

static struct verdict arrived(uint64_t bits)
{
	if (IS(SERVICE_DOWN))
		return SAY(DOWN, SERVICE_DOWN);
	if (IS(UNSERVED))
		return SAY(DOWN, UNSERVED);
	if (IS(UNHEALTHY))
		return SAY(DOWN, UNHEALTHY);
	if (IS(TAKEN))
		return SAY(DOWN, PORT_TAKEN);
	return IS(MUTE) ? SAY(DOWN, NO_ANSWER) : SAY(SETTLED, NONE);
}

/* Whether what a rollback led to serves is what a person has to know first. */
static struct verdict went_back(uint64_t bits)
{
	if (IS(SERVICE_DOWN))
		return SAY(REFUSED, SERVICE_DOWN);
	if (IS(UNSERVED))
		return SAY(REFUSED, UNSERVED);
	if (IS(UNHEALTHY))
		return SAY(REFUSED, UNHEALTHY);
	return IS(MUTE) ? SAY(REFUSED, NO_ANSWER) : SAY(REFUSED, ROLLED_BACK);
}

static struct verdict in_place(uint64_t bits)
{
	bool held = IS(LOOSE) || (IS(TIED) && (IS(ENDED | RESTS) || !IS(STOPPING)));

	if (IS(LOCAL) || IS(BROKEN) || IS(DISABLED))
		return IS(LOCAL)    ? SAY(UNFIT, LOCAL)
		       : IS(BROKEN) ? SAY(UNFIT, BROKEN)
				    : SAY(UNFIT, DISABLED);
	if (IS(RIVAL) && !IS(TRACKS))
		return SAY(OPPOSED, RIVAL);
	if (IS(TAKEN) && !IS(OURS))
		return IS(SERVICE_DOWN) ? SAY(DOWN, SERVICE_DOWN) : SAY(DOWN, PORT_TAKEN);
	if (IS(ORDERED) && !IS(STOPPING))
		return IS(RESTLESS) ? SAY(COOLING, OWN_CHANGE) : SAY(ORDERED, OWN_CHANGE);
	if (IS(PROBATION) && IS(SICK) && IS(ROLLS) && IS(TRACKS) && !IS(STOPPING | BOUND))
		return SAY(SPOILT, OWN_CHANGE);
	if (held)
		return to_be_held(bits);
	if (IS(ROLLED) || IS(UNROLLED))
		return IS(ROLLED) ? went_back(bits) : SAY(REFUSED, ROLLBACK_FAILED);
	return IS(TRACKS) ? arrived(bits) : to_be_asked(bits);
}

/* A person's option is not asked about while a rollback is under way: it knows where it goes. */
static struct verdict to_stay(uint64_t bits)
{
	if (IS(UNLISTED))
		return SAY(RESTING, UNLISTED);
	if (IS(ROLLBACK) && IS(PRESENT) && IS(STOPPING | INTENT))
		return SAY(RESTING, INTERRUPTED);
	if (IS(ROLLBACK) && IS(PRESENT))
		return IS(RESTLESS) ? SAY(COOLING, OWN_CHANGE) : SAY(RETURNING, OWN_CHANGE);
	if (IS(BAD_OPTION))
		return SAY(MISCONFIGURED, BAD_OPTION);
	if (IS(BAD_RESOURCE | UNSUPPLIED))
		return IS(BAD_RESOURCE) ? SAY(MISCONFIGURED, BAD_RESOURCE)
					: SAY(UNREACHABLE, RESOURCE_AWAY);
	if (IS(PRESENT))
		return in_place(bits);
	return IS(RIVAL) ? SAY(OPPOSED, RIVAL) : to_be_asked(bits);
}

static struct verdict told_again(uint64_t bits)
{
	if (IS(ABORTS))
		return IS(OURS_IN_FLIGHT) ? SAY(ABORTING, OWN_CHANGE)
					  : SAY(ABORTING, FOREIGN_CHANGE);
	if (IS(BAD_OPTION) && !IS(GOING) && !IS(ROLLBACK))
		return SAY(MISCONFIGURED, BAD_OPTION);
	if (IS(BAD_RESOURCE | UNSUPPLIED) && !IS(GOING) && !IS(ROLLBACK))
		return IS(BAD_RESOURCE) ? SAY(MISCONFIGURED, BAD_RESOURCE)
					: SAY(UNREACHABLE, RESOURCE_AWAY);
	if (IS(GOING) && !IS(OURS) && !IS(INTENT) && !IS(TIED))
		return SAY(RETIRED, REMOVED);
	if (IS(GOING) && IS(SHARED) && !IS(INTENT | TIED))
		return SAY(RETIRED, REMOVED);
	if (IS(SILENT))
		return IS(TASK)       ? SAY(UNMENDED, KEPT)
		       : IS(UNSEEDED) ? SAY(UNREACHABLE, NOT_SEEDED)
				      : SAY(UNREACHABLE, SNAPD_AWAY);
	if (IS(STANDS))
		return IS(OURS_IN_FLIGHT) ? SAY(STANDING, OWN_STANDS)
					  : SAY(STANDING, FOREIGN_STANDS);
	if (IS(IN_FLIGHT))
		return IS(OURS_IN_FLIGHT) ? SAY(BUSY, OWN_CHANGE) : SAY(BUSY, FOREIGN_CHANGE);
	if (IS(FRESH))
		return SAY(UNSURE, UNANSWERED);
	return IS(GOING) ? on_the_way_out(bits) : to_stay(bits);
}

/* clang-format off */
/*
 * The bits that hang together, and those that stand alone: a snap that is not there cannot be broken.
 * What a snap looks like is any set of eight bits, and PRESENT; so is what became of our refresh to it.
 */
static const uint64_t snapds[]   = { 0, SILENT, SILENT | UNSEEDED };
static const uint64_t sources[]  = { 0, BAD_RESOURCE, UNSUPPLIED, SUPPLIED };
static const uint64_t holds[]    = { 0, LOOSE, TIED };
static const uint64_t requests[] = { 0, INTENT, INTENT | FRESH, INTENT | ENDED, ORDERED, ORDERED | RESTLESS,
	ROLLBACK, ROLLBACK | RESTLESS, ROLLBACK | INTENT, ROLLBACK | RESTLESS | INTENT };
static const uint64_t pasts[]    = { 0, PROBATION, ROLLED, UNROLLED };
static const uint64_t others[]   = { 0, SHARED, SHARED | RIVAL, SHARED | BOUND, SHARED | RIVAL | BOUND,
	SHARED | UNLISTED };
#define MINE (IN_FLIGHT | OURS_IN_FLIGHT)
static const uint64_t flights[]  = { 0, IN_FLIGHT, IN_FLIGHT | STANDS, MINE, MINE | STANDS,
	IN_FLIGHT | ABORTS, IN_FLIGHT | STANDS | ABORTS, MINE | ABORTS, MINE | STANDS | ABORTS };
static const uint64_t looks[]    = { LOCAL, BROKEN, DISABLED, SERVICE_DOWN, UNSERVED, UNHEALTHY, TRACKS, MUTE };
static const uint64_t alone[]    = { GOING, STOPPING, BAD_OPTION, TASK, TAKEN, OURS, RESTS, FOR_PERSON,
	GIVEN_UP, DRIFTS, CONTESTED, ROLLS, QUEUED, UNRELATED };

enum {
	SNAPS = 1 + (1 << COUNT(looks)) * COUNT(pasts),
	STEP = 2999, /* no factor of any of the counts: each set of one meets each of another */
};
#define SETS_IN_ALL \
	((uint64_t)SNAPS * COUNT(snapds) * COUNT(sources) * COUNT(holds) * COUNT(requests) * COUNT(others) * COUNT(flights) << COUNT(alone))
/* clang-format on */

/* The bits of BITS that NUMBER has. */
static uint64_t some_of(const uint64_t *bits, int count, unsigned number)
{
	uint64_t ret = 0;

	for (int i = 0; i < count; i++)
		ret |= number >> i & 1 ? bits[i] : 0;
	return ret;
}

static unsigned take(uint64_t *number, unsigned count)
{
	unsigned ret = (unsigned)(*number % count);

	*number /= count;
	return ret;
}

static uint64_t set_of(uint64_t number)
{
	uint64_t bits = some_of(alone, COUNT(alone), take(&number, 1u << COUNT(alone)));
	unsigned snap = take(&number, SNAPS);

	bits |= sources[take(&number, COUNT(sources))];
	bits |= snapds[take(&number, COUNT(snapds))] | holds[take(&number, COUNT(holds))];
	bits |= requests[take(&number, COUNT(requests))] | others[take(&number, COUNT(others))];
	bits |= flights[number];
	if (snap == 0 && !IS(SILENT | IN_FLIGHT))
		bits &= ~(uint64_t)TIED; /* with the snap goes the hold */
	if (snap == 0)
		return bits & ~(uint64_t)LOOSE;
	bits |= PRESENT | pasts[(snap - 1) % COUNT(pasts)];
	bits |= some_of(looks, COUNT(looks), (snap - 1) / COUNT(pasts));
	return IS(SERVICE_DOWN | UNHEALTHY | MUTE) ? bits | SICK : bits;
}

START_TEST(first_rule_is_as_told_for_sets_of_all_bits)
{
	for (uint64_t i = 0; i < SETS_IN_ALL; i += STEP) {
		uint64_t bits = set_of(i);
		const struct fsm_rule *rule = fsm_rule(bits);
		struct verdict verdict = told_again(bits);

		if (rule < fsm_rules || rule >= fsm_rules + FSM_RULE_COUNT)
			ck_abort_msg("%#" PRIx64 ": no rule", bits);
		if (rule->event != verdict.event || rule->reason != verdict.reason)
			ck_abort_msg("%#" PRIx64 ": %s, to be %s; reason %u, to be %u", bits,
				fsm_event_name(rule->event), fsm_event_name(verdict.event),
				rule->reason, verdict.reason);
	}
	/* every bit is in one of them */
	ck_assert_uint_eq(COUNT(alone) + COUNT(looks) + 26, FSM_BIT_COUNT);
}
END_TEST

START_TEST(every_rule_is_reached)
{
	unsigned long long random = 1;
	bool reached[FSM_RULE_COUNT] = { false };

	for (int i = 0; i < 200000; i++) {
		struct fsm_record record;
		struct fsm_facts facts;

		kit_situation(&random, &record, &facts);
		reached[fsm_rule(fsm_bits(&record, &facts)) - fsm_rules] = true;
	}
	for (int i = 0; i < FSM_RULE_COUNT; i++)
		ck_assert_msg(reached[i], "rule %d: %s", i, fsm_event_name(fsm_rules[i].event));
}
END_TEST

START_TEST(bits_have_names_and_meanings)
{
	for (unsigned i = 0; i < FSM_BIT_COUNT; i++) {
		ck_assert_uint_gt(strlen(fsm_bit_meaning(i)), 10);
		for (unsigned other = 0; other < i; other++)
			ck_assert_str_ne(fsm_bit_name(i), fsm_bit_name(other));
	}
	ck_assert_str_eq(fsm_bit_name(0), "GOING");
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("rules");

	tcase_add_test(tests, fact_about_snapd_sets_its_bit);
	tcase_add_test(tests, fact_about_the_snap_sets_its_bit);
	tcase_add_test(tests, resource_sets_its_bit);
	tcase_add_test(tests, hold_sets_its_bit);
	tcase_add_test(tests, our_hold_that_is_not_wanted_sets_its_bit);
	tcase_add_test(tests, change_is_to_be_aborted_at_once_and_by_the_next_hook);
	tcase_add_test(tests, abort_is_asked_again_by_the_first_look_of_a_hook);
	tcase_add_test(tests, hook_sets_its_bit);
	tcase_add_test(tests, change_stands_when_it_has_not_moved_for_a_while);
	tcase_add_test(tests, record_sets_its_bit);
	tcase_add_test(tests, target_sets_its_bit);
	tcase_add_test(tests, task_is_one_that_only_snapd_could_tell_to_be_done);
	tcase_add_test(tests, request_is_fresh_then_ended);
	tcase_add_test(tests, only_what_is_needed_can_end_badly);
	tcase_add_test(tests, failure_rests_for_the_request_that_is_needed);
	tcase_add_test(tests, hold_is_what_is_needed_before_anything_else);
	tcase_add_test(tests, order_sets_its_bit_until_it_is_asked);
	tcase_add_test(tests, order_waits_until_a_service_was_quiet);
	tcase_add_test(tests, rollback_sets_its_bits_until_its_end);
	tcase_add_test(tests, what_became_of_our_refresh_sets_its_bit);
	tcase_add_test(tests, rollback_that_failed_sets_its_bit);
	tcase_add_test(tests, other_unit_on_the_machine_sets_its_bits);
	tcase_add_test(tests, first_rule_is_as_told_for_sets_of_all_bits);
	tcase_add_test(tests, every_rule_is_reached);
	tcase_add_test(tests, bits_have_names_and_meanings);
	return kit_run(tests, "rules");
}
