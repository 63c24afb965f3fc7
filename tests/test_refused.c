/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The target that was rolled back from: it is not asked for again without a word of a person, or another
 * revision in the channel.
 */
#include "tests/probation_kit.h"

/* The target that was rolled back from. */

START_TEST(target_that_was_rolled_back_from_is_not_asked_for_again)
{
	struct world world = rolled_back();

	ck_assert_int_eq(world.record.state, FSM_STATE_BLOCKED);
	ck_assert_str_eq(fsm_status_line(&world.record, "").message,
		"Refresh to 'beta' was rolled back: HTTP 500; 'edge' runs");
	ck_assert_int_eq(world.record.drift.times, 0);
	for (enum fsm_hook hook = 0; hook < FSM_HOOK_COUNT; hook++) {
		if (hook == FSM_HOOK_REMOVE)
			continue;
		world.facts.hook = hook;
		world.facts.first = true;
		world.facts.now += DAY;
		world.facts.uptime = _i ? 5 : world.facts.uptime + DAY;
		world.facts.boot = _i ? "another" : "boot";
		ck_assert_int_eq(look(&world), FSM_EVENT_REFUSED);
		ck_assert_int_eq(world.record.intent.op, FSM_OP_NONE);
		ck_assert_int_eq(world.record.refused.bad, 9);
	}
}
END_TEST

/* What a person changes: the channel, health-path, rollback; the action retry. */
START_TEST(target_that_was_rolled_back_from_is_asked_for_again_by_a_persons_word)
{
	struct world world = rolled_back();

	if (_i == 0)
		world.facts.options++;
	if (_i == 1)
		world.facts.wanted.revision = 9;
	if (_i == 2)
		world.facts.wanted = fsm_target_of("latest/candidate");
	if (_i == 3)
		world.facts.first = true, world.facts.order = FSM_ORDER_RETRY;
	ask(&world, FSM_OP_REFRESH);
	world.facts.order = FSM_ORDER_NONE;
	ck_assert_int_eq(world.record.refused.times, 0);
	/* and rolled back again if it is no better */
	moved(&world, _i == 2 ? "latest/candidate" : BETA, "9");
	world.facts.service_down = "daemon";
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_SPOILT);
}
END_TEST

START_TEST(bad_option_alone_clears_nothing)
{
	struct world world = rolled_back();

	world.facts.option_valid = false;
	world.facts.wanted = fsm_target_of("");
	world.facts.options = 99;
	ck_assert_int_eq(look(&world), FSM_EVENT_MISCONFIGURED);
	ck_assert_int_eq(world.record.refused.bad, 9);
	ck_assert(!fsm_update_due(&world.record, NOW, UNIT)); /* nor is anything asked for it */
	world.facts.option_valid = true;
	world.facts.wanted = fsm_target_of(BETA);
	world.facts.options = 1;
	ck_assert_int_eq(look(&world), FSM_EVENT_REFUSED);
}
END_TEST

START_TEST(another_revision_in_the_channel_clears_what_was_rolled_back)
{
	static const char *const same[] = { "9", "", NULL };
	struct world world = rolled_back();

	ck_assert(fsm_update_due(&world.record, NOW, UNIT));
	for (int i = 0; i < COUNT(same); i++) {
		ck_assert(!fsm_update_note(&world.record, same[i], NOW));
		ck_assert_int_eq(world.record.refused.bad, 9);
		ck_assert_int_eq(look(&world), FSM_EVENT_REFUSED);
	}
	ck_assert(!fsm_update_due(&world.record, NOW + 6 * HOUR - 1, UNIT));
	ck_assert(fsm_update_due(&world.record, NOW + 6 * HOUR, UNIT));
	ck_assert(fsm_update_note(&world.record, _i ? "8" : "10", NOW + 6 * HOUR));
	ck_assert_str_eq(world.record.update.revision, ""); /* it is not held */
	ask(&world, FSM_OP_REFRESH);
	/* one rollback for that one, too */
	moved(&world, BETA, _i ? "8" : "10");
	world.facts.service_down = "daemon";
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_SPOILT);
	ck_assert_int_eq(world.record.refused.bad, _i ? 8 : 10);
	ck_assert_int_eq(world.record.refused.back, 7);
}
END_TEST

START_TEST(snap_store_is_asked_for_a_refused_channel_and_not_for_a_pin)
{
	struct world world = rolled_back();

	for (world.record.state = 0; world.record.state < FSM_STATE_COUNT; world.record.state++)
		ck_assert_int_eq(fsm_update_due(&world.record, NOW, UNIT),
			world.record.state == FSM_STATE_BLOCKED);
	world = rolled_back();
	world.record.stopping = true;
	ck_assert(!fsm_update_due(&world.record, NOW, UNIT));
	world = rolled_back();
	world.record.refused.bad = 0; /* no revision to compare with */
	ck_assert(!fsm_update_due(&world.record, NOW, UNIT));
	world = rolled_back();
	world.record.refused.times = 2;
	ck_assert(!fsm_update_due(&world.record, NOW, UNIT));
	world = rolled_back();
	world.record.refused.target.revision = world.record.target.revision = 9;
	ck_assert(!fsm_update_due(&world.record, NOW, UNIT));
}
END_TEST

/* Three refreshes that failed by themselves: the revision is the one that they fetched. */
START_TEST(refreshes_that_failed_are_refused_for_the_revision_that_they_fetched)
{
	struct world world = begin();

	for (int i = 0; i < 3; i++) {
		ask(&world, FSM_OP_REFRESH);
		world.facts.fetched = 9;
		world.facts.fate_error = "exit 1";
		ck_assert_int_eq(ends(&world, FSM_FATE_FAILED), FSM_EVENT_FAILED);
		world.facts.fetched = 0;
		world.facts.now +=
			i < 2 ? DAY : 1; /* what rests is not why the next one is not asked */
	}
	ck_assert_int_eq(look(&world), FSM_EVENT_REFUSED);
	ck_assert_int_eq(world.record.reason, FSM_REASON_TARGET_REFUSED);
	ck_assert_int_eq(world.record.refused.bad, 9);
	ck_assert_int_eq(world.record.refused.back, 0);
	ck_assert(fsm_update_due(&world.record, world.facts.now, UNIT));
	ck_assert(!fsm_update_note(&world.record, "9", world.facts.now));
	world.facts.options++; /* no option but the target would make it another one */
	ck_assert_int_eq(look(&world), FSM_EVENT_REFUSED);
	ck_assert(fsm_update_note(&world.record, "10", world.facts.now));
	ask(&world, FSM_OP_REFRESH);
}
END_TEST

START_TEST(drift_is_forgotten_with_what_spoilt_the_snap)
{
	struct world world = rolled_back();

	world.facts.wanted = fsm_target_of(EDGE);
	ck_assert_int_eq(look(&world), FSM_EVENT_SETTLED);
	ck_assert_int_eq(world.record.drift.times, 1);
	ck_assert(!world.turn.drifted);
	ck_assert_int_eq(world.record.refused.times, 0);
}
END_TEST

/* clang-format off */
int main(void)
{
	TCase *tests = tcase_create("refused");

	tcase_add_loop_test(tests, target_that_was_rolled_back_from_is_not_asked_for_again, 0, 2);
	tcase_add_loop_test(tests, target_that_was_rolled_back_from_is_asked_for_again_by_a_persons_word, 0, 4);
	tcase_add_test(tests, bad_option_alone_clears_nothing);
	tcase_add_loop_test(tests, another_revision_in_the_channel_clears_what_was_rolled_back, 0, 2);
	tcase_add_test(tests, snap_store_is_asked_for_a_refused_channel_and_not_for_a_pin);
	tcase_add_test(tests, refreshes_that_failed_are_refused_for_the_revision_that_they_fetched);
	tcase_add_test(tests, drift_is_forgotten_with_what_spoilt_the_snap);
	return kit_run(tests, "refused");
}
/* clang-format on */
