/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose the snap is: what a look at the snap and its marker makes of what the record knew, written
 * out for every marker and every record, and when a marker is to be written.
 */
#include "tests/fsm_kit.h"

/* A record says: not ours; ours, and no marker was written so far; ours and marked. */
enum whose {
	NOT,
	OWES,
	MARKED,
	WHOSE_COUNT
};

static enum whose whose(const struct fsm_record *record)
{
	ck_assert(record->ours || !record->marked);
	return record->marked ? MARKED : record->ours ? OWES : NOT;
}

static struct fsm_record record_of(enum whose before)
{
	return (struct fsm_record){ .state = FSM_STATE_ACTIVE,
		.target.channel = EDGE,
		.revision = "7",
		.ours = before != NOT,
		.marked = before == MARKED };
}

/* clang-format off */
/* The snap is there, from the Snap Store, and nothing is in flight. */
static const enum whose seen[FSM_MARKER_COUNT][WHOSE_COUNT] = {
	/*                     was: NOT,    OWES,   MARKED */
	[FSM_MARKER_UNREAD] = { NOT,    OWES,   MARKED },
	[FSM_MARKER_NONE] =   { NOT,    OWES,   NOT },
	[FSM_MARKER_OURS] =   { MARKED, MARKED, MARKED },
};

/* snapd is silent, or a change is in flight: only that the snap is ours is believed. */
static const enum whose unsure[FSM_MARKER_COUNT][WHOSE_COUNT] = {
	[FSM_MARKER_UNREAD] = { NOT,    OWES,   MARKED },
	[FSM_MARKER_NONE] =   { NOT,    OWES,   MARKED },
	[FSM_MARKER_OURS] =   { MARKED, MARKED, MARKED },
};
/* clang-format on */

static void expect(const struct fsm_facts *facts, enum whose before, enum whose after, bool owes)
{
	struct fsm_record record = record_of(before);
	struct fsm_turn turn = kit_turn(&record, facts);

	ck_assert_msg(whose(&turn.record) == after, "marker %d, was %d, is %d", facts->marker,
		before, whose(&turn.record));
	ck_assert_int_eq(turn.owes_marker, owes);
}

/* All of them, with the marker and what was known before. */
#define EACH(marker, before)                                                                       \
	for (enum fsm_marker marker = 0; marker < FSM_MARKER_COUNT; marker++)                      \
		for (enum whose before = 0; before < WHOSE_COUNT; before++)

START_TEST(marker_of_a_snap_that_is_seen)
{
	struct fsm_facts facts = kit_facts();

	facts.active = _i & 1;
	facts.broken = _i & 2;
	facts.service_down = _i & 4 ? "daemon" : "";
	EACH(marker, before)
	{
		facts.marker = marker;
		expect(&facts, before, seen[marker][before], seen[marker][before] == OWES);
	}
}
END_TEST

START_TEST(snap_that_is_gone_or_local_is_nobodys)
{
	struct fsm_facts facts = _i ? kit_facts() : kit_bare();

	facts.local = _i;
	EACH(marker, before)
	{
		facts.marker = marker;
		expect(&facts, before, NOT, false);
	}
}
END_TEST

START_TEST(what_is_ours_needs_nobodys_word)
{
	struct fsm_facts facts = _i == 0 ? kit_away() : kit_facts();

	if (_i)
		facts.flight = _i == 1 ? FSM_FLIGHT_FOREIGN : FSM_FLIGHT_OURS;
	EACH(marker, before)
	{
		facts.marker = marker;
		expect(&facts, before, unsure[marker][before], false);
	}
}
END_TEST

/* With a bad option nothing is read at all. */
START_TEST(bad_option_changes_nothing)
{
	struct fsm_facts facts = kit_bad_option();

	for (enum whose before = 0; before < WHOSE_COUNT; before++)
		expect(&facts, before, before, false);
}
END_TEST

/* A hook was killed once the marker was there; or it was not, or could not be written. */
START_TEST(finished_install_owes_a_marker_until_it_is_there)
{
	static const enum fsm_fate fates[] = { FSM_FATE_DONE, FSM_FATE_FORGOTTEN };
	struct fsm_record record = { .intent = { .op = FSM_OP_INSTALL,
					     .target.channel = EDGE,
					     .phase = FSM_PHASE_KNOWN,
					     .change = CHANGE } };
	struct fsm_facts facts = kit_facts();
	struct fsm_turn turn;

	facts.fate = fates[_i % 2];
	facts.marker = _i < 2 ? FSM_MARKER_NONE : FSM_MARKER_OURS;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.record.intent.op, FSM_OP_NONE);
	ck_assert(turn.record.ours);
	ck_assert_int_eq(turn.owes_marker, _i < 2);
	ck_assert_int_eq(turn.record.marked, _i >= 2);
	/* It could not be written: the next look owes it again, and the snap stays ours. */
	facts.fate = FSM_FATE_NONE;
	turn = kit_turn(&record, &facts);
	ck_assert(turn.record.ours);
	ck_assert_int_eq(turn.owes_marker, _i < 2);
}
END_TEST

/* Our install is Done, and before anyone looked somebody has removed the snap and has put his own. */
START_TEST(known_marker_that_is_gone_outweighs_a_finished_install)
{
	struct fsm_record record = { .ours = true,
		.marked = true,
		.intent = { .op = FSM_OP_INSTALL,
			.target.channel = EDGE,
			.phase = FSM_PHASE_KNOWN,
			.change = CHANGE } };
	struct fsm_facts facts = kit_facts();

	facts.fate = FSM_FATE_DONE;
	facts.marker = FSM_MARKER_NONE;
	ck_assert(!kit_turn(&record, &facts).owes_marker);
	ck_assert_int_eq(whose(&record), NOT);
}
END_TEST

START_TEST(unit_that_goes_marks_nothing_and_removes)
{
	struct fsm_record record = record_of(OWES);
	struct fsm_facts facts = kit_needs(FSM_OP_REMOVE);
	struct fsm_turn turn;

	facts.marker = FSM_MARKER_NONE;
	turn = kit_turn(&record, &facts);
	ck_assert(!turn.owes_marker);
	ck_assert_int_eq(turn.effect, FSM_DO_REMOVE);
}
END_TEST

/* A unit that has lost its record on its way out does not go before the snap is gone. */
START_TEST(lost_record_in_remove_is_found_in_the_marker)
{
	struct fsm_facts looks[] = { kit_away(), kit_facts(), kit_facts() };
	struct fsm_record record = { .ours = false };
	struct fsm_facts facts = looks[_i];
	struct fsm_turn turn;

	facts.hook = FSM_HOOK_REMOVE;
	facts.option_valid = false;
	facts.wanted = fsm_target_of("");
	facts.marker = FSM_MARKER_OURS;
	if (_i == 1)
		facts.flight = FSM_FLIGHT_FOREIGN;
	turn = kit_turn(&record, &facts);
	ck_assert(!fsm_may_end(&turn.record, turn.event));
	ck_assert_int_eq(turn.effect == FSM_DO_REMOVE, _i == 2);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("owner");

	tcase_add_loop_test(tests, marker_of_a_snap_that_is_seen, 0, 8);
	tcase_add_loop_test(tests, snap_that_is_gone_or_local_is_nobodys, 0, 2);
	tcase_add_loop_test(tests, what_is_ours_needs_nobodys_word, 0, 3);
	tcase_add_test(tests, bad_option_changes_nothing);
	tcase_add_loop_test(tests, finished_install_owes_a_marker_until_it_is_there, 0, 4);
	tcase_add_test(tests, known_marker_that_is_gone_outweighs_a_finished_install);
	tcase_add_test(tests, unit_that_goes_marks_nothing_and_removes);
	tcase_add_loop_test(tests, lost_record_in_remove_is_found_in_the_marker, 0, 3);
	return kit_run(tests, "owner");
}
