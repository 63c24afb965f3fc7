/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hold on the snap: when one is asked for, whose it is, and what becomes of a request for one that
 * fails. How it ends is in test_release.c, what a pinned revision does in test_pin.c.
 */
#include "tests/fsm_kit.h"

#define ANOTHER "2318-09-24T05:35:57.127855Z" /* a microsecond later */
#define CENTURY (100 * 366 * (int64_t)DAY)

/* The snap is to be held. */
static struct fsm_facts loose(void)
{
	return kit_needs(FSM_OP_HOLD);
}

/* It is, by what snapd SHOWS. */
static struct fsm_facts held(const char *shows)
{
	struct fsm_facts facts = loose();

	kit_hold(&facts, shows, FOREVER_UNTIL);
	return facts;
}

/* A unit that has set its hold. */
static struct fsm_record holder(void)
{
	struct fsm_record record = kit_owner(FSM_OP_UNHOLD);
	struct fsm_facts facts = held(FOREVER);

	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_SETTLED);
	ck_assert(record.hold.held && record.hold.ours);
	return record;
}

/* When one is asked for. */

START_TEST(hold_comes_before_all_that_moves_the_snap)
{
	struct fsm_facts facts = _i & 1 ? kit_needs(FSM_OP_REFRESH) : kit_facts();
	struct fsm_record record = { .state = FSM_STATE_ACTIVE, .target = facts.wanted };
	struct fsm_turn turn;

	facts.hold_wanted = true;
	facts.wanted.revision = _i & 2 ? 9 : 0;
	facts.service_down = _i & 4 ? "daemon" : "";
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, FSM_EVENT_LOOSE);
	ck_assert_int_eq(turn.effect, FSM_DO_HOLD);
	ck_assert(!turn.drifted);
	ck_assert_str_eq(turn.status.message, "Holding microsample snap");
	(void)kit_accept(&record, &turn);
	kit_hold(&facts, FOREVER, FOREVER_UNTIL);
	facts.fate = FSM_FATE_DONE;
	facts.holds = 1;
	turn = kit_turn(&record, &facts);
	ck_assert(record.hold.ours);
	ck_assert_int_eq(turn.effect, _i & 3 ? FSM_DO_REFRESH : FSM_DO_NOTHING);
	ck_assert(!(_i & 3) || fsm_target_same(&record.intent.target, &facts.wanted));
	ck_assert(_i != 0 || turn.event == FSM_EVENT_SETTLED);
}
END_TEST

START_TEST(hold_is_asked_first_thing_after_an_install)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_bare();
	struct fsm_turn turn;

	facts.hold_wanted = true;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.effect, FSM_DO_INSTALL);
	(void)kit_accept(&record, &turn);
	facts = loose();
	facts.fate = FSM_FATE_DONE;
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_HOLD);
	ck_assert(record.ours);
	ck_assert_int_ne(record.state, FSM_STATE_ACTIVE);
}
END_TEST

/* A person's hold: as good as ours, or too short; wanted, or not. */
START_TEST(hold_of_a_person_is_replaced_only_when_it_is_too_short_and_one_is_wanted)
{
	static const int64_t lasts[] = { INT64_MAX - NOW, CENTURY, CENTURY - 1, 1, 0, -DAY };
	bool good = lasts[_i] >= CENTURY;

	for (int wanted = 0; wanted < 2; wanted++) {
		struct fsm_record record = { .ours = true };
		struct fsm_facts facts = kit_facts();
		struct fsm_turn turn;

		facts.hold_wanted = wanted;
		kit_hold(&facts, FOREVER, NOW + lasts[_i]);
		turn = kit_turn(&record, &facts);
		ck_assert_int_eq(turn.effect, wanted && !good ? FSM_DO_HOLD : FSM_DO_NOTHING);
		ck_assert(!record.hold.ours);
		ck_assert_int_eq(record.hold.held, lasts[_i] > 0);
		ck_assert_str_eq(record.hold.until, FOREVER);
		facts.hold_wanted = false; /* and it is never ours to lift */
		record.intent = (struct fsm_intent){ 0 };
		ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_SETTLED);
	}
}
END_TEST

/* Nothing is known, or another unit serves from here, or nothing is to be begun. */
START_TEST(hold_is_not_asked_where_the_snap_is_not_the_units_to_change)
{
	struct fsm_record record = { .ours = _i < 3, .hold = { ANOTHER, true, _i < 3 } };
	struct fsm_facts facts = _i & 1 ? loose() : kit_facts();

	if (!(_i & 1))
		kit_hold(&facts, ANOTHER, FOREVER_UNTIL);
	if (_i < 2)
		facts.hook = FSM_HOOK_STOP;
	else if (_i < 4)
		facts.broken = true;
	else if (_i < 6)
		record.port = FSM_PORT_TAKEN;
	else if (_i < 8)
		facts.option_valid = false;
	else
		facts.reachable = false;
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_NOTHING);
	ck_assert_int_eq(record.intent.op, FSM_OP_NONE);
}
END_TEST

/* Whose it is. */

/* clang-format off */
/* What a look finds after a request for a hold, answered or not; and whether the hold is then ours. */
static const struct {
	enum fsm_fate fate;
	int holds;
	const char *shows;
	int64_t lasts;
	bool ours;
} finds[] = {
	{ FSM_FATE_DONE,      1, FOREVER, CENTURY, true },
	/* somebody else's may have come after it, or ours is not in the list at all */
	{ FSM_FATE_DONE,      2, FOREVER, CENTURY, false },
	{ FSM_FATE_DONE,      0, FOREVER, CENTURY, false },
	/* it was lifted at once, or is over */
	{ FSM_FATE_DONE,      1, "",      0,       false },
	{ FSM_FATE_DONE,      1, FOREVER, 0,       false },
	/* it is not known that we set it */
	{ FSM_FATE_FAILED,    1, FOREVER, CENTURY, false },
	{ FSM_FATE_EMPTY,     1, FOREVER, CENTURY, false },
	{ FSM_FATE_FORGOTTEN, 1, FOREVER, CENTURY, false },
};
/* clang-format on */

START_TEST(hold_is_ours_when_our_change_is_the_only_one_that_touched_it)
{
	bool known = _i >= COUNT(finds);
	int i = _i % COUNT(finds);
	struct fsm_record record = { .hold = { ANOTHER, true, false } };
	struct fsm_facts facts = loose();
	struct fsm_turn turn = kit_turn(&record, &facts);

	ck_assert_int_eq(turn.effect, FSM_DO_HOLD);
	if (known)
		(void)kit_accept(&record, &turn);
	else if (finds[i].fate == FSM_FATE_FORGOTTEN)
		return;
	else
		facts.shown = CHANGE; /* the answer was lost */
	facts.fate = finds[i].fate;
	facts.fate_error = "why";
	facts.holds = finds[i].holds;
	kit_hold(&facts, finds[i].shows, NOW + finds[i].lasts);
	(void)kit_look(&record, &facts);
	ck_assert_int_eq(record.hold.ours, finds[i].ours);
	ck_assert_str_eq(record.hold.until, finds[i].shows);
	ck_assert_int_eq(record.intent.op, FSM_OP_NONE);
	/* that of a change which is over proves nothing later */
	facts.fate = FSM_FATE_NONE;
	facts.shown = 0;
	(void)kit_look(&record, &facts);
	ck_assert_int_eq(record.hold.ours, finds[i].ours);
}
END_TEST

/* Somebody has held the snap while our change of another kind ran. */
START_TEST(change_of_another_kind_makes_no_hold_ours)
{
	enum fsm_op op = (enum fsm_op)_i;
	struct fsm_record record = kit_owner(op);
	struct fsm_facts facts = kit_needs(op);
	struct fsm_turn turn = kit_turn(&record, &facts);

	(void)kit_accept(&record, &turn);
	facts = kit_facts();
	facts.fate = FSM_FATE_DONE;
	facts.holds = 1;
	kit_hold(&facts, ANOTHER, FOREVER_UNTIL);
	(void)kit_look(&record, &facts);
	ck_assert(record.hold.held);
	ck_assert_int_eq(record.hold.ours, op == FSM_OP_HOLD);
}
END_TEST

START_TEST(what_shows_while_a_change_runs_makes_no_hold_ours)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = loose();
	struct fsm_turn turn = kit_turn(&record, &facts);

	(void)kit_accept(&record, &turn);
	facts = held(FOREVER);
	facts.fate = FSM_FATE_DONE;
	facts.holds = 1;
	facts.flight = FSM_FLIGHT_FOREIGN;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_BUSY);
	ck_assert(!record.hold.ours && record.intent.op == FSM_OP_HOLD);
	facts.flight = FSM_FLIGHT_NONE;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
	ck_assert(record.hold.ours);
	ck_assert_int_eq(record.drift.times, 1); /* it was found in place, not put there */
}
END_TEST

START_TEST(hold_that_shows_another_value_is_not_ours_any_more)
{
	static const char *const shows[] = { ANOTHER, "", FOREVER };
	struct fsm_record record = holder();
	struct fsm_facts facts = held(shows[_i]);

	if (_i == 1)
		facts.hold_until = 0;
	if (_i == 2)
		facts.now = FOREVER_UNTIL; /* it has run out */
	(void)kit_look(&record, &facts);
	ck_assert(!record.hold.ours);
	facts = held(FOREVER); /* not even when the old one comes back */
	(void)kit_look(&record, &facts);
	ck_assert(!record.hold.ours);
	facts.hold_wanted = false;
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_SETTLED);
}
END_TEST

START_TEST(silence_and_a_change_in_flight_leave_the_hold_as_it_was)
{
	struct fsm_record record = holder(), before = record;
	struct fsm_facts facts = _i ? kit_facts() : kit_away();

	facts.hold_wanted = true;
	if (_i)
		facts.flight = (enum fsm_flight)_i;
	(void)kit_look(&record, &facts);
	ck_assert_mem_eq(&record.hold, &before.hold, sizeof before.hold);
}
END_TEST

START_TEST(hold_is_forgotten_with_the_snap)
{
	static const struct fsm_hold none;
	struct fsm_record record = holder();
	struct fsm_facts facts = kit_bare();

	facts.hold_wanted = _i;
	kit_hold(&facts, FOREVER, FOREVER_UNTIL); /* of no snap */
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_INSTALL);
	ck_assert_mem_eq(&record.hold, &none, sizeof none);
}
END_TEST

/* What goes wrong. */

/* clang-format off */
static const struct {
	enum fsm_reason reason;
	int64_t pauses[4];
	enum fsm_event event;
} refusals[] = {
	{ FSM_REASON_HOLD_UNKNOWN,  { 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR },    FSM_EVENT_REFUSED },
	{ FSM_REASON_CONFLICT,      { MINUTE, 5 * MINUTE, 15 * MINUTE, 15 * MINUTE }, FSM_EVENT_RESTING },
	{ FSM_REASON_CHANGE_FAILED, { MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR },      FSM_EVENT_RESTING },
	{ FSM_REASON_SNAPD_REFUSED, { MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR },      FSM_EVENT_RESTING },
};
/* clang-format on */

/* The next look of a unit whose request for OP was sent and came to nothing, for REASON. */
static void ask_in_vain(
	struct fsm_record *record, enum fsm_op op, enum fsm_reason reason, int64_t now)
{
	struct fsm_facts facts = kit_needs(op);
	struct fsm_turn turn;

	facts.now = now;
	turn = kit_turn(record, &facts);
	ck_assert_int_eq(fsm_effect_op(turn.effect), op);
	if (reason != FSM_REASON_CHANGE_FAILED) {
		ck_assert_int_eq(kit_refuse(record, &turn, reason, now), FSM_WRITE_FAIL);
		return;
	}
	(void)kit_accept(record, &turn);
	facts.fate = FSM_FATE_FAILED;
	ck_assert_int_eq(kit_look(record, &facts), FSM_EVENT_FAILED);
}

START_TEST(hold_that_fails_rests_as_its_reason_says_and_nothing_else_is_asked)
{
	enum fsm_op op = _i & 1 ? FSM_OP_UNHOLD : FSM_OP_HOLD;
	struct fsm_record record = kit_owner(op);
	struct fsm_facts facts = kit_needs(op);
	int64_t now = NOW;

	strcpy(record.revision, "7");
	facts.tracking = BETA; /* the snap is to move as well */
	for (int i = 0; i < COUNT(refusals[0].pauses); i++) {
		ask_in_vain(&record, op, refusals[_i / 2].reason, now);
		ck_assert_int_eq(record.failure.reason, refusals[_i / 2].reason);
		ck_assert_int_eq(record.failure.op, op);
		ck_assert_int_eq(record.failure.attempts, i + 1);
		ck_assert_int_eq(record.failure.next_try, now + refusals[_i / 2].pauses[i]);
		facts.now = record.failure.next_try - 1;
		facts.first = true;
		ck_assert_int_eq(kit_turn(&record, &facts).event, refusals[_i / 2].event);
		ck_assert_int_eq(record.reason, refusals[_i / 2].reason);
		now = record.failure.next_try;
	}
	facts.hook = FSM_HOOK_CONFIG_CHANGED; /* a person asks past the pause */
	facts.now = record.failure.answered + MINUTE;
	ck_assert_int_eq(fsm_effect_op(kit_turn(&record, &facts).effect), op);
}
END_TEST

/* Its 45 seconds were the pause. */
START_TEST(first_hold_that_is_lost_is_repeated_at_once)
{
	enum fsm_op op = _i ? FSM_OP_UNHOLD : FSM_OP_HOLD;
	struct fsm_record record = kit_owner(op);
	struct fsm_facts facts = kit_needs(op);

	for (int lost = 1; lost <= 2; lost++) {
		ck_assert_int_eq(fsm_effect_op(kit_turn(&record, &facts).effect), op);
		facts.age = 44;
		ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_UNSURE);
		facts.age = 45;
		ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_FAILED);
		ck_assert_int_eq(record.failure.reason, FSM_REASON_NO_TRACE);
		ck_assert_int_eq(record.failure.attempts, lost);
	}
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_RESTING);
}
END_TEST

/* What was learned about a refresh that failed outlives a hold that worked, or could not be sent. */
START_TEST(hold_that_works_leaves_the_memory_of_a_failed_refresh_alone)
{
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);
	struct fsm_record record = { .revision = "7" };
	struct fsm_turn turn = kit_turn(&record, &facts);
	struct fsm_failure before;

	(void)kit_refuse(&record, &turn, FSM_REASON_CHANNEL_MISSING, NOW);
	before = record.failure;
	facts.hold_wanted = true;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.effect, FSM_DO_HOLD);
	ck_assert_mem_eq(&record.failure, &before, sizeof before);
	if (_i) {
		(void)kit_accept(&record, &turn);
		facts.fate = FSM_FATE_DONE;
	} else {
		const struct fsm_answer unsent = { .sight = FSM_SIGHT_UNSENT, .detail = "" };

		ck_assert_int_eq(fsm_answer(&record, &turn, &unsent), FSM_WRITE_DROP);
	}
	kit_hold(&facts, FOREVER, FOREVER_UNTIL);
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_REFUSED);
	ck_assert_int_eq(record.reason, FSM_REASON_CHANNEL_MISSING);
	ck_assert_mem_eq(&record.failure, &before, sizeof before);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("hold");

	tcase_add_loop_test(tests, hold_comes_before_all_that_moves_the_snap, 0, 8);
	tcase_add_test(tests, hold_is_asked_first_thing_after_an_install);
	tcase_add_loop_test(tests,
		hold_of_a_person_is_replaced_only_when_it_is_too_short_and_one_is_wanted, 0, 6);
	tcase_add_loop_test(
		tests, hold_is_not_asked_where_the_snap_is_not_the_units_to_change, 0, 10);
	tcase_add_loop_test(tests, hold_is_ours_when_our_change_is_the_only_one_that_touched_it, 0,
		2 * COUNT(finds));
	tcase_add_loop_test(
		tests, change_of_another_kind_makes_no_hold_ours, FSM_OP_INSTALL, FSM_OP_COUNT);
	tcase_add_test(tests, what_shows_while_a_change_runs_makes_no_hold_ours);
	tcase_add_loop_test(tests, hold_that_shows_another_value_is_not_ours_any_more, 0, 3);
	tcase_add_loop_test(tests, silence_and_a_change_in_flight_leave_the_hold_as_it_was, 0,
		FSM_FLIGHT_COUNT);
	tcase_add_loop_test(tests, hold_is_forgotten_with_the_snap, 0, 2);
	tcase_add_loop_test(tests,
		hold_that_fails_rests_as_its_reason_says_and_nothing_else_is_asked, 0,
		2 * COUNT(refusals));
	tcase_add_loop_test(tests, first_hold_that_is_lost_is_repeated_at_once, 0, 2);
	tcase_add_loop_test(
		tests, hold_that_works_leaves_the_memory_of_a_failed_refresh_alone, 0, 2);
	return kit_run(tests, "hold");
}
