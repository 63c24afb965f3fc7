/* SPDX-License-Identifier: Apache-2.0 */
/* What a unit does about its turn: it takes one once, says how it ended, and asks where nobody would. */
#include "tests/rollout_kit.h"

/* Unit 3, which wants beta and runs edge; its bags, and what it remembers. */
struct unit {
	struct fsm_ticket ticket;
	struct fsm_stand stand;
	struct fsm_fleet fleet;
	struct fsm_seat seats[1];
	struct fsm_note note;
	struct fsm_leave leave;
};

#define ROLLS "number=17; rollout=16 " BETA "; "

static void meet(struct unit *unit, const char *application, const char *own)
{
	*unit = (struct unit){ .stand = { .unit = 3,
				       .width = 1,
				       .signal = true,
				       .wish = BETA,
				       .kind = FSM_STAND_MOVES,
				       .serves = true,
				       .why = "it broke" } };
	unit->ticket.wide = true;
	kit_fleet(&unit->fleet, unit->seats, 1, application);
	unit->note = kit_note(own);
	unit->stand.fleet = &unit->fleet;
	unit->stand.note = &unit->note;
}

static void show(struct unit *unit, const char *application)
{
	kit_fleet(&unit->fleet, unit->seats, 1, application);
}

static void step(struct unit *unit)
{
	fsm_ticket_step(&unit->ticket, &unit->stand, &unit->leave);
}

/* The step, and what is to stand in the unit's bag then; "" when nothing is to be written. */
#define ck_writes(unit, text)                                                                      \
	do {                                                                                       \
		step(unit);                                                                        \
		ck_assert_str_eq(                                                                  \
			(unit)->leave.writes ? kit_noted(&(unit)->leave.note) : "", text);         \
	} while (0)

/* clang-format off */
/* Every row of the stands, told a second time. */
static const enum fsm_word told[FSM_STAND_COUNT][4] = {
	/*                       new: same          other              held: same         other */
	[FSM_STAND_PLACED]  = { FSM_SAYS_DECLINED, FSM_SAYS_DECLINED, FSM_SAYS_DONE,     FSM_SAYS_DECLINED },
	[FSM_STAND_MOVES]   = { FSM_SAYS_NONE,     FSM_SAYS_DECLINED, FSM_SAYS_NONE,     FSM_SAYS_DECLINED },
	[FSM_STAND_AWAY]    = { FSM_SAYS_NONE,     FSM_SAYS_NONE,     FSM_SAYS_NONE,     FSM_SAYS_NONE },
	[FSM_STAND_UNKNOWN] = { FSM_SAYS_LATER,    FSM_SAYS_DECLINED, FSM_SAYS_NONE,     FSM_SAYS_NONE },
	[FSM_STAND_LATER]   = { FSM_SAYS_LATER,    FSM_SAYS_DECLINED, FSM_SAYS_LATER,    FSM_SAYS_DECLINED },
	[FSM_STAND_STUCK]   = { FSM_SAYS_STILL,    FSM_SAYS_DECLINED, FSM_SAYS_STUCK,    FSM_SAYS_DECLINED },
};
/* clang-format on */

/* A turn that has just come: taken only by a unit that has to move to where it leads. */
START_TEST(new_turn_is_taken_by_who_has_to_move)
{
	for (int other = 0; other < 2; other++) {
		enum fsm_word word = told[_i][other];
		struct unit unit;

		meet(&unit, other ? "turn-3=17 " EDGE " out" : "turn-3=17 " BETA " out", "");
		unit.stand.kind = (enum fsm_stand_kind)_i;
		ck_assert(fsm_ticket_reads(&unit.ticket, &unit.stand));
		step(&unit);
		ck_assert_int_eq(unit.ticket.returned, word == FSM_SAYS_NONE ? 0 : 17);
		ck_assert_int_eq(unit.ticket.word, word);
		ck_assert_int_eq(unit.ticket.asked, word != FSM_SAYS_NONE);
		ck_assert_int_eq(unit.leave.writes, word != FSM_SAYS_NONE);
		ck_assert_int_eq(fsm_ticket_held(&unit.ticket), !other && _i == FSM_STAND_MOVES);
		ck_assert_int_eq(unit.leave.may, !other && _i == FSM_STAND_MOVES);
		ck_assert_int_eq(unit.leave.waits, other && _i == FSM_STAND_MOVES);
		ck_assert_int_eq(
			unit.ticket.pending, word == FSM_SAYS_NONE && _i != FSM_STAND_MOVES);
		/* What was neither taken nor returned is looked at in each hook. */
		unit.stand.signal = false;
		ck_assert_int_eq(fsm_ticket_reads(&unit.ticket, &unit.stand),
			unit.ticket.pending || unit.ticket.asked || _i == FSM_STAND_MOVES);
	}
}
END_TEST

/* A turn that it has: kept while the unit may be away. SERVES and WELL make the difference of its words. */
START_TEST(held_turn_is_returned_when_nothing_is_away)
{
	for (int way = 0; way < 8; way++) {
		bool other = way & 1, serves = way & 2, well = way & 4;
		enum fsm_word word = told[_i][2 + other];
		struct unit unit;

		meet(&unit, "turn-3=17 " BETA " out", "");
		unit.ticket = (struct fsm_ticket){ .taken = 17, .goal = BETA, .well = well };
		unit.stand.kind = (enum fsm_stand_kind)_i;
		unit.stand.wish = other ? EDGE : BETA;
		unit.stand.serves = serves;
		if (word != FSM_SAYS_NONE && word != FSM_SAYS_DONE && !serves)
			word = FSM_SAYS_STUCK;
		if (word == FSM_SAYS_STUCK && !well)
			word = FSM_SAYS_STILL;
		ck_assert_int_eq(fsm_ticket_reads(&unit.ticket, &unit.stand),
			word != FSM_SAYS_NONE || _i == FSM_STAND_MOVES);
		step(&unit);
		ck_assert_int_eq(unit.ticket.word, word);
		ck_assert_int_eq(unit.ticket.returned, word == FSM_SAYS_NONE ? 0 : 17);
		ck_assert_str_eq(unit.ticket.why,
			word == FSM_SAYS_STUCK || word == FSM_SAYS_STILL ? "it broke" : "");
		ck_assert_int_eq(unit.leave.may, word == FSM_SAYS_NONE && !other);
	}
}
END_TEST

START_TEST(returned_turn_is_never_taken_again)
{
	static const char *const states[] = { "out", "retry", "again", "skipped" };
	char bag[200];

	for (int number = 1; number < 25; number++) {
		for (int state = 0; state < COUNT(states); state++) {
			for (int rebuilt = 0; rebuilt < 2; rebuilt++) {
				struct unit unit;

				(void)snprintf(bag, sizeof bag, "turn-3=%d " BETA " %s", number,
					states[state]);
				meet(&unit, bag, "returned=17 done");
				unit.ticket.wide = false;
				if (!rebuilt)
					unit.ticket = (struct fsm_ticket){ .taken = 17,
						.goal = BETA,
						.returned = 17,
						.word = FSM_SAYS_DONE,
						.wide = true };
				step(&unit);
				ck_assert_int_eq(
					unit.leave.may, number > 17 && (state != 3 || rebuilt));
				ck_assert_int_eq(fsm_ticket_held(&unit.ticket),
					number > 17 && (state != 3 || rebuilt));
			}
		}
	}
}
END_TEST

/* What it took and did not return is its turn still, whatever hook was killed; but no lower one is. */
START_TEST(taken_turn_outlives_a_killed_hook)
{
	struct unit unit;

	meet(&unit, ROLLS "turn-3=17 " BETA " out", "");
	step(&unit);
	ck_assert(unit.leave.may);
	unit.stand.signal = false;
	for (int i = 0; i < 2; i++) {
		ck_assert(fsm_ticket_reads(&unit.ticket, &unit.stand));
		step(&unit);
		ck_assert(unit.leave.may);
		show(&unit, ROLLS "turn-3=16 " BETA " out");
	}
}
END_TEST

/* A restored machine: the record is older than the unit's bag. */
START_TEST(older_record_holds_nothing_that_was_returned)
{
	struct unit unit;

	meet(&unit, ROLLS "turn-3=20 " BETA " done", "returned=20 done");
	unit.ticket = (struct fsm_ticket){ .taken = 17, .goal = BETA, .well = true };
	step(&unit);
	ck_assert(!unit.leave.may && unit.leave.waits);
	ck_assert_int_eq(unit.ticket.returned, 20);
}
END_TEST

/* Nobody knows whether it is away in that very turn: it is returned by the rules of one that was taken. */
START_TEST(rebuilt_record_holds_what_is_out)
{
	for (enum fsm_stand_kind kind = 0; kind < FSM_STAND_COUNT; kind++) {
		for (int other = 0; other < 2; other++) {
			enum fsm_word word = told[kind][2 + other];
			struct unit unit;

			meet(&unit, ROLLS "turn-3=17 " BETA " out", "returned=15 done");
			unit.ticket.wide = false;
			unit.stand.kind = kind;
			unit.stand.wish = other ? EDGE : BETA;
			unit.stand.serves = false;
			if (word != FSM_SAYS_NONE && word != FSM_SAYS_DONE)
				word = FSM_SAYS_STUCK;
			step(&unit);
			ck_assert_int_eq(unit.ticket.taken, 17);
			ck_assert_int_eq(unit.ticket.returned, word == FSM_SAYS_NONE ? 15 : 17);
			ck_assert_int_eq(
				unit.ticket.word, word == FSM_SAYS_NONE ? FSM_SAYS_DONE : word);
		}
	}
}
END_TEST

START_TEST(without_the_bags_nothing_is_taken_or_returned)
{
	for (int missing = 0; missing < 2; missing++) {
		struct unit unit;

		meet(&unit, ROLLS "turn-3=17 " BETA " out", "");
		unit.ticket.wide = false;
		*(missing ? (const void **)&unit.stand.fleet : (const void **)&unit.stand.note) =
			NULL;
		step(&unit);
		ck_assert(!unit.leave.may && unit.leave.waits && !unit.leave.writes);
		ck_assert(!unit.ticket.wide);
		/* The signal comes once: the next hook reads what this one could not. */
		unit.stand.signal = false;
		unit.stand.kind = FSM_STAND_PLACED;
		unit.ticket.wide = true;
		ck_assert(fsm_ticket_reads(&unit.ticket, &unit.stand));
		unit.ticket.wide = false;
		unit.ticket = (struct fsm_ticket){ .taken = 17, .goal = BETA };
		unit.stand.kind = FSM_STAND_PLACED;
		step(&unit);
		ck_assert(fsm_ticket_held(&unit.ticket));
	}
}
END_TEST

START_TEST(without_a_limit_nobody_waits)
{
	struct unit unit;

	meet(&unit, "", "");
	unit.stand.width = 0;
	ck_assert(!fsm_ticket_reads(&unit.ticket, &unit.stand));
	ck_writes(&unit, "");
	ck_assert(unit.leave.may && !unit.leave.waits);
	meet(&unit, "", "");
	unit.stand.alone = true;
	ck_assert(!fsm_ticket_reads(&unit.ticket, &unit.stand));
	ck_writes(&unit, "");
	ck_assert(unit.leave.may && !unit.leave.waits);
	/* A turn from the time before is returned all the same. */
	meet(&unit, ROLLS "turn-3=17 " BETA " out", "");
	unit.ticket = (struct fsm_ticket){ .taken = 17, .goal = BETA };
	unit.stand.width = 0;
	unit.stand.kind = FSM_STAND_PLACED;
	ck_assert(fsm_ticket_reads(&unit.ticket, &unit.stand));
	ck_writes(&unit, "returned=17 done; wants=");
}
END_TEST

/* The write is asked for until a hook that did not write it reads it. */
START_TEST(return_is_asked_until_it_is_read)
{
	struct unit unit;

	meet(&unit, ROLLS "turn-3=17 " BETA " out", "");
	step(&unit);
	unit.stand.kind = FSM_STAND_PLACED;
	unit.stand.signal = false;
	for (int i = 0; i < 3; i++) {
		ck_assert(fsm_ticket_reads(&unit.ticket, &unit.stand));
		ck_writes(&unit, "returned=17 done; wants=");
		ck_assert(unit.ticket.asked);
	}
	unit.note = kit_note("returned=17 done");
	ck_assert(fsm_ticket_reads(&unit.ticket, &unit.stand));
	ck_writes(&unit, "");
	ck_assert(!unit.ticket.asked);
	ck_assert(!fsm_ticket_reads(&unit.ticket, &unit.stand));
}
END_TEST

START_TEST(turn_before_the_width_was_known_is_seen)
{
	struct unit unit;

	meet(&unit, ROLLS "turn-3=17 " BETA " out", "");
	unit.ticket.wide = false;
	unit.stand.signal = false;
	ck_assert(fsm_ticket_reads(&unit.ticket, &unit.stand));
	step(&unit);
	ck_assert(unit.ticket.wide && unit.leave.may);
	unit.stand.width = 0;
	step(&unit);
	ck_assert(!unit.ticket.wide);
}
END_TEST

/* A unit that only waits reads nothing more until the application's bag changes, or the clock comes. */
START_TEST(waiting_costs_nothing)
{
	struct unit unit;

	meet(&unit, ROLLS, "");
	ck_writes(&unit, "");
	ck_assert(unit.leave.waits && unit.ticket.wide);
	unit.stand.signal = false;
	ck_assert(!fsm_ticket_reads(&unit.ticket, &unit.stand));
	unit.stand.idle = true;
	ck_assert(fsm_ticket_reads(&unit.ticket, &unit.stand));
	unit.stand.kind = FSM_STAND_PLACED;
	ck_assert(!fsm_ticket_reads(&unit.ticket, &unit.stand));
}
END_TEST

START_TEST(turn_is_asked_for_where_no_rollout_owes_one)
{
	static const struct {
		const char *application;
		bool idle, asks;
	} cases[] = {
		/* The rollout will come to it. */
		{ ROLLS, true, false },
		{ ROLLS "turn-3=16 " EDGE " done", true, false },
		{ ROLLS "turn-3=16 " BETA " later", true, false },
		/* It has been there: drift, or another try. */
		{ ROLLS "turn-3=17 " BETA " done", false, true },
		{ ROLLS "turn-3=17 " BETA " stuck", false, true },
		{ ROLLS "turn-3=17 " BETA " later", false, true },
		{ ROLLS "turn-3=17 " EDGE " declined", false, true },
		{ ROLLS "turn-3=16 " BETA " done", false, true },
		{ "number=17; rollout=16 " BETA " over", false, true },
		{ "number=17; rollout=16 " BETA " over; turn-3=5 " EDGE " passed", false, true },
		/* The leader knows. */
		{ ROLLS "turn-3=17 " BETA " done " BETA, false, false },
		{ ROLLS "turn-3=17 " BETA " done " EDGE, false, true },
		/* The leader has not seen the option yet, or nobody leads. */
		{ "number=17; rollout=16 " EDGE, false, false },
		{ "number=17; rollout=16 " EDGE, true, true },
		{ "", false, false },
		{ "", true, true },
	};

	for (int i = 0; i < COUNT(cases); i++) {
		struct unit unit;

		meet(&unit, cases[i].application, "returned=17 done");
		unit.stand.idle = cases[i].idle;
		ck_writes(&unit, cases[i].asks ? "returned=17 done; wants=" BETA : "");
		/* Once. */
		unit.note = kit_note("returned=17 done; wants=" BETA);
		ck_writes(&unit, "");
	}
}
END_TEST

/* The wish goes with the turn that answers it; a unit that does not wait any more leaves it standing. */
START_TEST(wish_is_cleared_with_the_return)
{
	struct unit unit;

	meet(&unit, "number=18; rollout=16 " BETA "; turn-3=18 " BETA " out",
		"returned=17 done; wants=" BETA);
	ck_writes(&unit, "");
	ck_assert(unit.leave.may);
	unit.stand.kind = FSM_STAND_PLACED;
	ck_writes(&unit, "returned=18 done; wants=");
	meet(&unit, "number=17; rollout=16 " BETA, "returned=17 done; wants=" BETA);
	unit.stand.kind = FSM_STAND_PLACED;
	ck_writes(&unit, "");
}
END_TEST

/* Declined for another target, it asks for its own in the same breath where none is owed to it. */
START_TEST(turn_for_another_target_is_declined)
{
	struct unit unit;

	meet(&unit, "number=17; rollout=16 " EDGE "; turn-3=17 " EDGE " out", "");
	ck_writes(&unit, "returned=17 declined; wants=");
	meet(&unit, "number=18; rollout=16 " BETA "; turn-3=18 " EDGE " out", "");
	ck_writes(&unit, "returned=18 declined; wants=" BETA);
}
END_TEST

/* The option went to beta and back while it moved: it is away until that has ended. */
START_TEST(option_set_back_in_mid_turn)
{
	struct unit unit;

	meet(&unit, ROLLS "turn-3=17 " BETA " out", "");
	step(&unit);
	ck_assert(unit.leave.may);
	unit.stand.wish = EDGE;
	unit.stand.kind = FSM_STAND_AWAY;
	ck_writes(&unit, "");
	ck_assert(!unit.leave.may);
	unit.stand.kind = FSM_STAND_MOVES;
	ck_writes(&unit, "returned=17 declined; wants=");
	ck_assert(!unit.leave.may && unit.leave.waits);
	/* And back again before anything was done: the same turn, not returned, still serves. */
	meet(&unit, ROLLS "turn-3=17 " BETA " out", "");
	step(&unit);
	unit.stand.wish = BETA;
	ck_writes(&unit, "");
	ck_assert(unit.leave.may);
}
END_TEST

START_TEST(turn_that_was_given_up_is_returned_and_asked_for_again)
{
	struct unit unit;

	meet(&unit, ROLLS "turn-3=17 " BETA " skipped", "");
	ck_writes(&unit, "returned=17 declined; wants=" BETA);
	ck_assert(!unit.leave.may);
	/* One that it has is finished. */
	meet(&unit, ROLLS "turn-3=17 " BETA " skipped", "");
	unit.ticket = (struct fsm_ticket){ .taken = 17, .goal = BETA, .well = true };
	step(&unit);
	ck_assert(unit.leave.may);
}
END_TEST

START_TEST(stuck_unit_that_is_mended_says_done)
{
	static const enum fsm_word words[] = { FSM_SAYS_STUCK, FSM_SAYS_STILL };

	for (int i = 0; i < 2; i++) {
		struct unit unit;

		meet(&unit, ROLLS "turn-3=17 " BETA " stuck", "returned=17 stuck it broke");
		unit.ticket = (struct fsm_ticket){ .taken = 17,
			.goal = BETA,
			.returned = 17,
			.word = words[i],
			.why = "it broke",
			.wide = true };
		unit.stand.signal = false;
		unit.stand.kind = FSM_STAND_PLACED;
		unit.stand.wish = EDGE;
		ck_assert(!fsm_ticket_reads(&unit.ticket, &unit.stand));
		step(&unit);
		ck_assert_int_eq(unit.ticket.word, words[i]);
		unit.stand.wish = BETA;
		ck_assert(fsm_ticket_reads(&unit.ticket, &unit.stand));
		ck_writes(&unit, "returned=17 done; wants=");
		/* Also for another target, and when the next turn came first, and from its bag alone. */
		meet(&unit, ROLLS "turn-3=18 " EDGE " again", "returned=17 stuck it broke");
		unit.ticket = (struct fsm_ticket){
			.taken = 17, .goal = BETA, .returned = 17, .word = words[i], .wide = true
		};
		unit.stand.kind = FSM_STAND_PLACED;
		unit.stand.wish = EDGE;
		ck_writes(&unit, "returned=18 done; wants=");
		meet(&unit, ROLLS "turn-3=18 " BETA " retry", "returned=17 stuck it broke");
		unit.ticket = (struct fsm_ticket){
			.taken = 17, .goal = BETA, .returned = 17, .word = words[i]
		};
		unit.stand.kind = FSM_STAND_PLACED;
		ck_writes(&unit, "returned=18 done; wants=");
		meet(&unit, ROLLS "turn-3=17 " BETA " stuck", "returned=17 stuck it broke");
		unit.stand.kind = FSM_STAND_PLACED;
		ck_writes(&unit, "returned=17 done; wants=");
	}
}
END_TEST

/* Garbage in its own bag: nobody knows what was returned, so nothing is taken until it is mended. */
START_TEST(spoilt_bag_of_its_own_is_written_again_and_takes_nothing)
{
	struct unit unit;

	meet(&unit, ROLLS "turn-3=17 " BETA " out", "returned=a lot");
	ck_writes(&unit, "returned=; wants=");
	ck_assert(!unit.leave.may && unit.leave.waits && unit.ticket.pending);
	unit.stand.signal = false;
	unit.note = kit_note("");
	ck_assert(fsm_ticket_reads(&unit.ticket, &unit.stand));
	ck_writes(&unit, "");
	ck_assert(unit.leave.may);
	meet(&unit, ROLLS, "returned=a lot; wants=" BETA);
	unit.ticket = (struct fsm_ticket){
		.taken = 15, .goal = EDGE, .returned = 15, .word = FSM_SAYS_DONE, .asked = true
	};
	ck_writes(&unit, "returned=15 done; wants=");
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("ticket");

	tcase_add_loop_test(tests, new_turn_is_taken_by_who_has_to_move, 0, FSM_STAND_COUNT);
	tcase_add_loop_test(tests, held_turn_is_returned_when_nothing_is_away, 0, FSM_STAND_COUNT);
	tcase_add_test(tests, returned_turn_is_never_taken_again);
	tcase_add_test(tests, taken_turn_outlives_a_killed_hook);
	tcase_add_test(tests, older_record_holds_nothing_that_was_returned);
	tcase_add_test(tests, rebuilt_record_holds_what_is_out);
	tcase_add_test(tests, without_the_bags_nothing_is_taken_or_returned);
	tcase_add_test(tests, without_a_limit_nobody_waits);
	tcase_add_test(tests, return_is_asked_until_it_is_read);
	tcase_add_test(tests, turn_before_the_width_was_known_is_seen);
	tcase_add_test(tests, waiting_costs_nothing);
	tcase_add_test(tests, turn_is_asked_for_where_no_rollout_owes_one);
	tcase_add_test(tests, wish_is_cleared_with_the_return);
	tcase_add_test(tests, turn_for_another_target_is_declined);
	tcase_add_test(tests, option_set_back_in_mid_turn);
	tcase_add_test(tests, turn_that_was_given_up_is_returned_and_asked_for_again);
	tcase_add_test(tests, stuck_unit_that_is_mended_says_done);
	tcase_add_test(tests, spoilt_bag_of_its_own_is_written_again_and_takes_nothing);
	return kit_run_all(tests, "ticket");
}
