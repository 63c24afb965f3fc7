/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a hold ends: it is not wanted any more, or the unit goes, with snapd or without.
 */
#include "tests/fsm_kit.h"

/* A unit that has set its hold. */
static struct fsm_record holder(void)
{
	struct fsm_record record = kit_owner(FSM_OP_UNHOLD);
	struct fsm_facts facts = kit_needs(FSM_OP_HOLD);

	kit_hold(&facts, FOREVER, FOREVER_UNTIL);
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_SETTLED);
	ck_assert(record.hold.held && record.hold.ours);
	return record;
}

START_TEST(our_hold_that_is_not_wanted_is_lifted_before_the_snap_moves)
{
	struct fsm_record record = holder();
	struct fsm_facts facts = _i ? kit_needs(FSM_OP_REFRESH) : kit_facts();
	struct fsm_turn turn;

	kit_hold(&facts, FOREVER, FOREVER_UNTIL);
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, FSM_EVENT_TIED);
	ck_assert_int_eq(turn.effect, FSM_DO_UNHOLD);
	(void)kit_accept(&record, &turn);
	kit_hold(&facts, "", 0);
	facts.fate = FSM_FATE_DONE;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.effect, _i ? FSM_DO_REFRESH : FSM_DO_NOTHING);
	ck_assert_int_eq(turn.event, _i ? FSM_EVENT_ASTRAY : FSM_EVENT_SETTLED);
	ck_assert(!record.hold.ours && !record.hold.held);
}
END_TEST

START_TEST(request_to_lift_a_hold_that_has_gone_is_over)
{
	struct fsm_record record = holder();
	struct fsm_facts facts = kit_needs(FSM_OP_UNHOLD);
	struct fsm_turn turn = kit_turn(&record, &facts);

	ck_assert_int_eq(turn.effect, FSM_DO_UNHOLD);
	(void)kit_accept(&record, &turn);
	facts = _i ? kit_bare() : kit_facts();
	facts.fate = FSM_FATE_FAILED;
	(void)kit_look(&record, &facts);
	ck_assert_int_eq(record.intent.op, FSM_OP_NONE);
	ck_assert_int_eq(record.failure.class, FSM_CLASS_NONE);
}
END_TEST

/* The unit goes. */

static struct fsm_facts going(void)
{
	struct fsm_facts facts = kit_needs(FSM_OP_UNHOLD);

	facts.hook = FSM_HOOK_REMOVE;
	return facts;
}

START_TEST(unit_that_goes_lifts_its_hold_on_a_snap_that_stays)
{
	struct fsm_record record = holder();
	struct fsm_facts facts = going();
	struct fsm_turn turn;

	record.ours = record.marked = false;
	facts.hold_wanted = _i & 1;
	facts.option_valid = _i & 2;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, FSM_EVENT_RELEASING);
	ck_assert_int_eq(turn.effect, FSM_DO_UNHOLD);
	ck_assert(!fsm_may_end(&record, turn.event));
	(void)kit_accept(&record, &turn);
	facts.flight = FSM_FLIGHT_OURS; /* unlike a removal, it is seen to its end */
	facts.fate = FSM_FATE_RUNNING;
	turn = kit_turn(&record, &facts);
	ck_assert(!fsm_may_end(&record, turn.event));
	facts.flight = FSM_FLIGHT_NONE;
	facts.fate = FSM_FATE_DONE;
	kit_hold(&facts, "", 0);
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, FSM_EVENT_RETIRED);
	ck_assert(fsm_may_end(&record, turn.event));
	ck_assert_str_eq(record.detail, "the snap stays: it was not installed by this unit");
}
END_TEST

START_TEST(removal_takes_the_hold_with_it_and_that_of_a_person_stays)
{
	struct fsm_record record = holder();
	struct fsm_facts facts = going();

	record.ours = _i;
	record.hold.ours = _i;
	ck_assert_int_eq(
		kit_turn(&record, &facts).event, _i ? FSM_EVENT_RETIRING : FSM_EVENT_RETIRED);
}
END_TEST

/* Refused, each run of the remove hook asks again, past any pause. */
START_TEST(release_that_is_refused_is_asked_in_each_run)
{
	struct fsm_record record = holder();
	struct fsm_facts facts = going();
	struct fsm_turn turn;

	record.ours = record.marked = false;
	for (int i = 0; i < 3; i++) {
		facts.first = true;
		turn = kit_turn(&record, &facts);
		ck_assert_int_eq(turn.effect, FSM_DO_UNHOLD);
		(void)kit_refuse(&record, &turn, FSM_REASON_CONFLICT, NOW);
		facts.first = false;
		turn = kit_turn(&record, &facts);
		ck_assert_int_eq(turn.event, FSM_EVENT_RESTING);
		ck_assert_int_eq(record.reason, FSM_REASON_CONFLICT);
		ck_assert(!fsm_may_end(&record, turn.event));
	}
}
END_TEST

/* clang-format off */
#define ASKS(name) .intent = { .op = FSM_OP_##name, .phase = FSM_PHASE_ASKED }
/* Where there is no snapd: what may still come of a request decides. */
static const struct {
	struct fsm_record record;
	bool ends;
} leaves[] = {
	{ { .hold = { FOREVER, true, true } },                true },
	{ { .hold = { FOREVER, true, true }, ASKS(UNHOLD) },  true },
	{ { ASKS(HOLD) },                                     true },
	{ { ASKS(REVERT) },                                   true },
	{ { ASKS(RESTART) },                                  true },
	{ { ASKS(INSTALL) },                                  false },
	{ { .hold = { FOREVER, true, true }, .ours = true },  false },
};
/* clang-format on */

START_TEST(unit_does_not_wait_for_a_snapd_that_is_not_there)
{
	struct fsm_record record = leaves[_i].record;
	struct fsm_facts facts = kit_away();
	struct fsm_turn turn;

	facts.hook = FSM_HOOK_REMOVE;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, FSM_EVENT_UNREACHABLE); /* it is there, and silent */
	facts.no_snapd = true;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(fsm_may_end(&record, turn.event), leaves[_i].ends);
	record = leaves[_i].record;
	facts.hook = FSM_HOOK_START; /* of a unit that stays it lifts nothing */
	(void)kit_turn(&record, &facts);
	ck_assert_mem_eq(&record.hold, &leaves[_i].record.hold, sizeof record.hold);
	ck_assert_int_eq(record.intent.op, leaves[_i].record.intent.op);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("release");

	tcase_add_loop_test(
		tests, our_hold_that_is_not_wanted_is_lifted_before_the_snap_moves, 0, 2);
	tcase_add_loop_test(tests, request_to_lift_a_hold_that_has_gone_is_over, 0, 2);
	tcase_add_loop_test(tests, unit_that_goes_lifts_its_hold_on_a_snap_that_stays, 0, 4);
	tcase_add_loop_test(tests, removal_takes_the_hold_with_it_and_that_of_a_person_stays, 0, 2);
	tcase_add_test(tests, release_that_is_refused_is_asked_in_each_run);
	tcase_add_loop_test(
		tests, unit_does_not_wait_for_a_snapd_that_is_not_there, 0, COUNT(leaves));
	return kit_run(tests, "release");
}
