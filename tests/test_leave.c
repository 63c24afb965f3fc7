/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unit on its way out, from the hook that says so to its end, and one at rest, in which a hook of
 * the fleet has nothing to do.
 */
#include "base/text.h"
#include "tests/fsm_kit.h"

START_TEST(retired_is_sticky_until_a_new_life)
{
	struct fsm_record record = { .target.channel = EDGE };
	struct fsm_facts facts = kit_bare();

	facts.hook = FSM_HOOK_REMOVE;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_RETIRED);
	ck_assert(record.retired);
	ck_assert_str_eq(record.target.channel, "");
	facts.hook = FSM_HOOK_CONFIG_CHANGED;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_RETIRED);
	ck_assert(record.retired);
	facts.hook = FSM_HOOK_INSTALL;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_ABSENT);
	ck_assert(!record.retired);
	ck_assert_str_eq(record.target.channel, EDGE);
}
END_TEST

/* From the hook that says so to one that Juju sends to no unit that goes. */
START_TEST(unit_that_is_about_to_go_starts_nothing_but_its_removal)
{
	static const enum fsm_hook says[] = { FSM_HOOK_STOP, FSM_HOOK_DEPARTED };
	static const enum fsm_op ops[] = { FSM_OP_INSTALL, FSM_OP_REFRESH };
	struct fsm_facts facts = kit_needs(ops[_i % 2]);

	for (enum fsm_hook after = 0; after < FSM_HOOK_COUNT; after++) {
		struct fsm_record record = { .ours = true };
		bool takes_back = fsm_hook_is(after, FSM_HOOK_STAYS);
		struct fsm_turn turn;

		facts.hook = says[_i / 2];
		turn = kit_turn(&record, &facts);
		ck_assert_int_eq(turn.effect, FSM_DO_NOTHING);
		ck_assert_int_eq(record.reason, FSM_REASON_INTERRUPTED);
		ck_assert(record.stopping && !record.retired);
		facts.hook = after;
		turn = kit_turn(&record, &facts);
		ck_assert_int_eq(record.stopping, !takes_back);
		if (after != FSM_HOOK_REMOVE)
			ck_assert_int_eq(record.intent.op, takes_back ? ops[_i % 2] : FSM_OP_NONE);
		else
			ck_assert_int_eq(
				turn.event, facts.present ? FSM_EVENT_RETIRING : FSM_EVENT_RETIRED);
	}
}
END_TEST

/* It is about to go whatever else the look showed. */
START_TEST(that_a_unit_is_about_to_go_is_written_by_any_look)
{
	struct fsm_facts looks[] = { kit_facts(), kit_bare(), kit_away(), kit_bad_option() };
	struct fsm_record record = { 0 };

	looks[_i].hook = FSM_HOOK_STOP;
	(void)kit_look(&record, &looks[_i]);
	ck_assert(record.stopping);
	looks[_i].hook = FSM_HOOK_START;
	(void)kit_look(&record, &looks[_i]);
	ck_assert(!record.stopping);
}
END_TEST

/* A unit in which all is well, as the hook before has left it. */
static struct fsm_record at_rest(void)
{
	struct fsm_record record = { .port = FSM_PORT_OPEN };
	struct fsm_facts facts = kit_facts();
	struct fsm_turn turn = kit_turn(&record, &facts);

	record.told_status = turn.status.status;
	text_ascii(record.told_message, sizeof record.told_message, turn.status.message);
	text_ascii(record.told_version, sizeof record.told_version, record.version);
	return record;
}

START_TEST(hook_of_the_fleet_ends_at_once_in_a_unit_at_rest)
{
	enum fsm_hook hook = (enum fsm_hook)_i;
	struct fsm_record record = at_rest();

	bool fleet = hook == FSM_HOOK_FLEET || hook == FSM_HOOK_TOLD || hook == FSM_HOOK_SIGNAL;

	ck_assert_int_eq(fsm_at_rest(&record, hook), fleet);
	record.stopping = true; /* known already */
	ck_assert_int_eq(fsm_at_rest(&record, hook), fleet || hook == FSM_HOOK_DEPARTED);
}
END_TEST

#define UNSETTLED(change)                                                                          \
	do {                                                                                       \
		struct fsm_record record = at_rest();                                              \
		ck_assert(fsm_at_rest(&record, FSM_HOOK_FLEET));                                   \
		change;                                                                            \
		ck_assert(!fsm_at_rest(&record, FSM_HOOK_FLEET));                                  \
	} while (0)

START_TEST(unit_with_something_to_do_is_not_at_rest)
{
	for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++)
		if (state != FSM_STATE_ACTIVE)
			UNSETTLED(record.state = state);
	for (enum fsm_port port = 0; port < FSM_PORT_COUNT; port++)
		if (port != FSM_PORT_OPEN)
			UNSETTLED(record.port = port);
	UNSETTLED(record.told_status = FSM_STATUS_NONE);
	UNSETTLED(record.told_message[0] = 'r');
	UNSETTLED(record.told_version[0] = '\0');
	UNSETTLED(record.ticket.pending = true);
	UNSETTLED(record.peers.due = true);
	UNSETTLED(record = (struct fsm_record){ 0 });
}
END_TEST

/* There for sure, or perhaps. */
START_TEST(snap_that_is_not_ours_stays_and_it_is_said)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = _i == 0 ? kit_facts() : _i == 1 ? kit_away() : kit_bare();

	facts.hook = FSM_HOOK_REMOVE;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_RETIRED);
	ck_assert_str_eq(
		record.detail, _i < 2 ? "the snap stays: it was not installed by this unit" : "");
}
END_TEST

/* The unit may go when nothing of it is left, or when snapd is about to take the snap away. */
START_TEST(unit_may_end)
{
	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++) {
		for (enum fsm_op op = 0; op < FSM_OP_COUNT; op++) {
			for (enum fsm_phase phase = 0; phase < FSM_PHASE_COUNT; phase++) {
				struct fsm_record record = { .reason = (enum fsm_reason)_i,
					.intent = { .op = op, .phase = phase } };
				bool runs = event == FSM_EVENT_BUSY && _i == FSM_REASON_OWN_CHANGE;
				bool stands =
					event == FSM_EVENT_STANDING && _i == FSM_REASON_OWN_STANDS;
				bool removing = (runs || stands) && op == FSM_OP_REMOVE &&
						phase == FSM_PHASE_KNOWN;

				ck_assert_int_eq(fsm_may_end(&record, event),
					removing || event == FSM_EVENT_RETIRED);
				record.pace.way = FSM_WAY_UNDOES; /* it will stay */
				ck_assert_int_eq(
					fsm_may_end(&record, event), event == FSM_EVENT_RETIRED);
			}
		}
	}
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("leave");

	tcase_add_test(tests, retired_is_sticky_until_a_new_life);
	tcase_add_loop_test(tests, unit_that_is_about_to_go_starts_nothing_but_its_removal, 0, 4);
	tcase_add_loop_test(tests, that_a_unit_is_about_to_go_is_written_by_any_look, 0, 4);
	tcase_add_loop_test(
		tests, hook_of_the_fleet_ends_at_once_in_a_unit_at_rest, 0, FSM_HOOK_COUNT);
	tcase_add_test(tests, unit_with_something_to_do_is_not_at_rest);
	tcase_add_loop_test(tests, snap_that_is_not_ours_stays_and_it_is_said, 0, 3);
	tcase_add_loop_test(tests, unit_may_end, 0, FSM_REASON_COUNT);
	return kit_run(tests, "leave");
}
