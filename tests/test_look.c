/* SPDX-License-Identifier: Apache-2.0 */
/* What the changes that a look has read are to the request in the record. */
#include "fsm/look.h"
#include "tests/fsm_kit.h"

/* clang-format off */
#define NONE { .kind = "", .error = "" }
#define MADE(number, kind_, fate_, error_, stopped_) \
	{ .id = (number), .kind = (kind_), .fate = (fate_), .error = (error_), .stopped = (stopped_) }
/* clang-format on */

static const struct fsm_change none = NONE;

static struct fsm_intent asked(enum fsm_op op)
{
	return (struct fsm_intent){ .op = op, .phase = FSM_PHASE_ASKED, .baseline = BASELINE };
}

static struct fsm_intent known(enum fsm_op op)
{
	return (struct fsm_intent){
		.op = op, .phase = FSM_PHASE_KNOWN, .baseline = BASELINE, .change = CHANGE
	};
}

static struct fsm_change change(int64_t id, enum fsm_fate fate)
{
	return (struct fsm_change)MADE(id, "install-snap", fate, "why", true);
}

START_TEST(change_is_made_by_an_unanswered_request_of_its_kind)
{
	static const char *const kinds[] = {
		[FSM_OP_INSTALL] = "install-snap",
		[FSM_OP_REFRESH] = "refresh-snap",
		[FSM_OP_SIDELOAD] = "install-snap",
		[FSM_OP_REMOVE] = "remove-snap",
		[FSM_OP_HOLD] = "hold-snap",
		[FSM_OP_UNHOLD] = "unhold-snap",
		[FSM_OP_REVERT] = "revert-snap",
		[FSM_OP_RESTART] = "service-control",
		[FSM_OP_START] = "service-control",
		[FSM_OP_SWITCH] = "switch-snap",
	};

	for (enum fsm_op op = FSM_OP_INSTALL; op < FSM_OP_COUNT; op++) {
		for (enum fsm_op kind = FSM_OP_INSTALL; kind < FSM_OP_COUNT; kind++) {
			struct fsm_change made =
				MADE(CHANGE, kinds[kind], FSM_FATE_DONE, "", false);
			struct fsm_intent intent = asked(op);

			ck_assert_int_eq(fsm_made_by(&intent, &made, &none),
				strcmp(kinds[op], kinds[kind]) == 0);
			made.id = BASELINE; /* one from before it */
			ck_assert(!fsm_made_by(&intent, &made, &none));
			made.id = CHANGE;
			intent = known(op);
			ck_assert(!fsm_made_by(&intent, &made, &none));
			intent.phase = FSM_PHASE_NONE;
			ck_assert(!fsm_made_by(&intent, &made, &none));
		}
	}
}
END_TEST

/* Whose hold it is, is told by how many changes touched it since the baseline. */
START_TEST(change_touches_the_hold_by_its_kind_after_the_baseline)
{
	static const char *const kinds[] = { "install-snap", "refresh-snap", "remove-snap",
		"auto-refresh", "", "hold-snap", "unhold-snap" };
	struct fsm_intent intent = _i ? known(FSM_OP_HOLD) : asked(FSM_OP_HOLD);

	for (int i = 0; i < COUNT(kinds); i++) {
		ck_assert_int_eq(fsm_touches_hold(&intent, BASELINE + 1, kinds[i]), i >= 5);
		ck_assert_int_eq(fsm_touches_hold(&intent, INT64_MAX, kinds[i]), i >= 5);
		ck_assert(!fsm_touches_hold(&intent, BASELINE, kinds[i]));
		ck_assert(!fsm_touches_hold(&intent, 1, kinds[i]));
	}
}
END_TEST

/* Somebody else asked for the same in the same seconds: the one that has ended tells nothing of ours. */
START_TEST(of_two_changes_the_one_that_runs_is_taken_or_else_the_first)
{
	static const struct {
		enum fsm_fate best, next;
		bool taken;
	} pairs[] = {
		{ FSM_FATE_DONE, FSM_FATE_RUNNING, true },
		{ FSM_FATE_FAILED, FSM_FATE_RUNNING, true },
		{ FSM_FATE_EMPTY, FSM_FATE_RUNNING, true },
		{ FSM_FATE_RUNNING, FSM_FATE_RUNNING, false },
		{ FSM_FATE_RUNNING, FSM_FATE_DONE, false },
		{ FSM_FATE_DONE, FSM_FATE_DONE, false },
	};
	struct fsm_intent intent = asked(FSM_OP_INSTALL);
	struct fsm_change best = change(CHANGE, pairs[_i].best);
	struct fsm_change next = change(CHANGE + 1, pairs[_i].next);

	ck_assert_int_eq(fsm_made_by(&intent, &next, &best), pairs[_i].taken);
}
END_TEST

START_TEST(look_begins_again_when_the_change_shows_in_the_last_list_only)
{
	struct fsm_change made = change(CHANGE, FSM_FATE_DONE);
	struct fsm_intent intent = asked(FSM_OP_INSTALL);

	ck_assert(fsm_look_again(&intent, &none, &made));
	ck_assert(!fsm_look_again(&intent, &made, &none));
	ck_assert(!fsm_look_again(&intent, &made, &made));
	ck_assert(!fsm_look_again(&intent, &none, &none));
	intent = known(FSM_OP_INSTALL);
	ck_assert(!fsm_look_again(&intent, &none, &made));
}
END_TEST

/* clang-format off */
static const struct {
	enum fsm_phase phase;
	struct fsm_change own, flight;
	enum fsm_fate fate;
	enum fsm_flight in_flight;
} looks[] = {
	/* nothing was asked: whatever runs is somebody else's */
	{ FSM_PHASE_NONE, NONE, NONE, FSM_FATE_NONE, FSM_FLIGHT_NONE },
	{ FSM_PHASE_NONE, MADE(CHANGE, "install-snap", FSM_FATE_DONE, "", false), NONE, FSM_FATE_NONE, FSM_FLIGHT_NONE },
	{ FSM_PHASE_NONE, NONE, MADE(CHANGE, "install-snap", FSM_FATE_RUNNING, "", false),
		FSM_FATE_NONE, FSM_FLIGHT_FOREIGN },
	/* nothing shows */
	{ FSM_PHASE_ASKED, NONE,                   NONE, FSM_FATE_NONE, FSM_FLIGHT_NONE },
	{ FSM_PHASE_ASKED, NONE, MADE(50, "auto-refresh", FSM_FATE_RUNNING, "", false), FSM_FATE_NONE, FSM_FLIGHT_FOREIGN },
	{ FSM_PHASE_KNOWN, NONE,                   NONE, FSM_FATE_FORGOTTEN, FSM_FLIGHT_NONE },
	{ FSM_PHASE_KNOWN, NONE, MADE(50, "install-snap", FSM_FATE_RUNNING, "", false), FSM_FATE_FORGOTTEN, FSM_FLIGHT_FOREIGN },
	/* it is what runs */
	{ FSM_PHASE_ASKED, MADE(CHANGE, "install-snap", FSM_FATE_RUNNING, "", false), MADE(CHANGE, "install-snap", FSM_FATE_RUNNING, "", false),
		FSM_FATE_RUNNING, FSM_FLIGHT_OURS },
	{ FSM_PHASE_KNOWN, MADE(CHANGE, "install-snap", FSM_FATE_RUNNING, "", false), MADE(CHANGE, "install-snap", FSM_FATE_RUNNING, "", false),
		FSM_FATE_RUNNING, FSM_FLIGHT_OURS },
	/* it ran when it was read, and was gone when the list was: the snap may be from before its end */
	{ FSM_PHASE_ASKED, MADE(CHANGE, "install-snap", FSM_FATE_RUNNING, "", false), NONE, FSM_FATE_RUNNING, FSM_FLIGHT_OURS },
	{ FSM_PHASE_KNOWN, MADE(CHANGE, "install-snap", FSM_FATE_RUNNING, "", false), NONE, FSM_FATE_RUNNING, FSM_FLIGHT_OURS },
	/* it had ended before the snap was read */
	{ FSM_PHASE_ASKED, MADE(CHANGE, "install-snap", FSM_FATE_DONE, "", false),    NONE, FSM_FATE_DONE, FSM_FLIGHT_NONE },
	{ FSM_PHASE_KNOWN, MADE(CHANGE, "install-snap", FSM_FATE_FAILED, "why", true),  NONE, FSM_FATE_FAILED, FSM_FLIGHT_NONE },
	{ FSM_PHASE_KNOWN, MADE(CHANGE, "install-snap", FSM_FATE_EMPTY, "", false), MADE(50, "remove-snap", FSM_FATE_RUNNING, "", false),
		FSM_FATE_EMPTY, FSM_FLIGHT_FOREIGN },
	/* its number means something else now */
	{ FSM_PHASE_KNOWN, MADE(CHANGE, "refresh-snap", FSM_FATE_DONE, "", false),    NONE, FSM_FATE_FORGOTTEN, FSM_FLIGHT_NONE },
	{ FSM_PHASE_KNOWN, MADE(CHANGE, "refresh-snap", FSM_FATE_RUNNING, "", false), NONE, FSM_FATE_FORGOTTEN, FSM_FLIGHT_NONE },
};
/* clang-format on */

START_TEST(look_says_how_far_our_change_is_and_what_is_in_flight)
{
	struct fsm_intent intent = known(FSM_OP_INSTALL);
	const struct fsm_change *flight = looks[_i].flight.id ? &looks[_i].flight : &looks[_i].own;
	struct fsm_facts facts = kit_facts();

	intent.phase = looks[_i].phase;
	if (looks[_i].phase != FSM_PHASE_KNOWN)
		intent.change = 0;
	facts.flight = FSM_FLIGHT_OURS; /* of the look before, which began again */
	facts.shown = facts.fate = 3;
	fsm_look_changes(&intent, &looks[_i].own, &looks[_i].flight, &facts);
	ck_assert_int_eq(facts.fate, looks[_i].fate);
	ck_assert_int_eq(facts.flight, looks[_i].in_flight);
	ck_assert_int_eq(facts.shown, looks[_i].phase == FSM_PHASE_ASKED ? looks[_i].own.id : 0);
	ck_assert_str_eq(facts.fate_error, looks[_i].own.error);
	ck_assert_int_eq(facts.stopped, looks[_i].own.stopped);
	ck_assert_str_eq(
		facts.flight_kind, looks[_i].in_flight == FSM_FLIGHT_NONE ? "" : flight->kind);
}
END_TEST

/* The look of a unit that has asked for an install, as one turn takes it. */
static enum fsm_event take(struct fsm_record *record, const struct fsm_change *own,
	const struct fsm_change *flight, bool present)
{
	struct fsm_facts facts = present ? kit_facts() : kit_bare();

	facts.age = 60;
	fsm_look_changes(&record->intent, own, flight, &facts);
	return kit_look(record, &facts);
}

/*
 * An install that lands between the first list and the reading of the snap, and ends at once. Taken as
 * it is, the look shows the snap in place and no trace of the request: the snap would be nobody's.
 */
START_TEST(change_that_comes_and_ends_within_a_look_keeps_the_snap_ours)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_bare();
	struct fsm_change done = change(CHANGE, FSM_FATE_DONE);

	(void)kit_turn(&record, &facts);
	ck_assert(fsm_made_by(&record.intent, &done, &none));
	ck_assert(fsm_look_again(&record.intent, &none, &done));
	ck_assert(!fsm_look_again(&record.intent, &done, &none));
	ck_assert_int_eq(take(&record, &done, &none, true), FSM_EVENT_SETTLED);
	ck_assert(record.ours);
}
END_TEST

/*
 * One that ends between the reading of its change, or of the snap, and the list in progress: the snap
 * was read too early to be believed, whether it looked absent or present.
 */
START_TEST(change_that_ends_within_a_look_is_looked_at_again)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_bare();
	struct fsm_change running = change(CHANGE, FSM_FATE_RUNNING);
	struct fsm_change done = change(CHANGE, FSM_FATE_DONE);

	(void)kit_turn(&record, &facts);
	ck_assert(!fsm_look_again(&record.intent, &running, &none));
	ck_assert_int_eq(take(&record, &running, &none, _i), FSM_EVENT_BUSY);
	ck_assert_int_eq(record.intent.change, CHANGE);
	ck_assert(!record.ours);
	ck_assert_int_eq(take(&record, &done, &none, true), FSM_EVENT_SETTLED);
	ck_assert(record.ours);
}
END_TEST

/* Any of these is a move; a clock that was set back is none, and the time begins anew. */
static const struct {
	struct fsm_pace seen;
	int64_t since;
} paces[] = {
	{ { 41, FSM_WAY_DOES, "step 2 of 9", 0, NOW }, NOW - 30 },
	{ { 42, FSM_WAY_DOES, "step 2 of 9", 0, NOW }, NOW },
	{ { 41, FSM_WAY_UNDOES, "step 2 of 9", 0, NOW }, NOW },
	{ { 41, FSM_WAY_DOES, "step 3 of 9", 0, NOW }, NOW },
	{ { 41, FSM_WAY_DOES, "step 2 of 9", 1, NOW }, NOW },
	{ { 41, FSM_WAY_DOES, "step 2 of 9", 0, NOW - 31 }, NOW - 31 },
	{ { 0, FSM_WAY_NONE, "", 0, 0 }, 0 },
};

START_TEST(pace_keeps_the_time_while_nothing_moves)
{
	struct fsm_pace pace = { 41, FSM_WAY_DOES, "step 2 of 9", 0, NOW - 30 };

	fsm_pace_see(&pace, &paces[_i].seen);
	ck_assert_int_eq(pace.since, paces[_i].since);
	ck_assert_int_eq(pace.change, paces[_i].seen.change);
	ck_assert_int_eq(pace.way, paces[_i].seen.way);
	ck_assert_int_eq(pace.bytes, paces[_i].seen.bytes);
	ck_assert_str_eq(pace.at, paces[_i].seen.at);
}
END_TEST

START_TEST(look_says_where_the_change_in_flight_is)
{
	struct fsm_change flight = change(50, FSM_FATE_RUNNING);
	struct fsm_intent intent = known(FSM_OP_INSTALL);
	struct fsm_facts facts = kit_facts();

	flight.way = FSM_WAY_UNDOES;
	flight.bytes = 5;
	strcpy(flight.at, "step 2 of 9");
	fsm_look_changes(&intent, &none, &flight, &facts);
	ck_assert_int_eq(facts.pace.change, 50);
	ck_assert_int_eq(facts.pace.way, FSM_WAY_UNDOES);
	ck_assert_int_eq(facts.pace.bytes, 5);
	ck_assert_str_eq(facts.pace.at, "step 2 of 9");
	ck_assert_int_eq(facts.pace.since, NOW);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("look");

	tcase_add_test(tests, change_is_made_by_an_unanswered_request_of_its_kind);
	tcase_add_loop_test(tests, change_touches_the_hold_by_its_kind_after_the_baseline, 0, 2);
	tcase_add_loop_test(
		tests, of_two_changes_the_one_that_runs_is_taken_or_else_the_first, 0, 6);
	tcase_add_test(tests, look_begins_again_when_the_change_shows_in_the_last_list_only);
	tcase_add_loop_test(
		tests, look_says_how_far_our_change_is_and_what_is_in_flight, 0, COUNT(looks));
	tcase_add_test(tests, change_that_comes_and_ends_within_a_look_keeps_the_snap_ours);
	tcase_add_loop_test(tests, change_that_ends_within_a_look_is_looked_at_again, 0, 2);
	tcase_add_loop_test(tests, pace_keeps_the_time_while_nothing_moves, 0, COUNT(paces));
	tcase_add_test(tests, look_says_where_the_change_in_flight_is);
	return kit_run(tests, "look");
}
