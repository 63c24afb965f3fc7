/* SPDX-License-Identifier: Apache-2.0 */
/* What the leader does: who gets a turn, how many are out, what halts, pauses and ends a rollout. */
#include "tests/rollout_kit.h"

/* Units 0, 1, ... of which 0 leads; beta is wanted. */
struct fleet {
	struct fsm_fleet fleet;
	struct fsm_seat seats[KIT_UNITS];
	struct fsm_member members[KIT_UNITS];
	struct fsm_note notes[KIT_UNITS];
	struct fsm_lead lead;
	struct fsm_rollout rollout;
	char bag[KIT_TEXT]; /* what Juju holds */
};

static void meet(struct fleet *all, unsigned units, int64_t width, const char *bag)
{
	memset(all, 0, sizeof *all);
	for (unsigned i = 0; i < units; i++)
		all->members[i] = (struct fsm_member){ .unit = i, .joined = true };
	all->lead = (struct fsm_lead){ .members = all->members,
		.count = units,
		.wish = BETA,
		.width = width,
		.skip = FSM_NO_UNIT };
	strcpy(all->bag, bag);
}

/* The bag of UNIT, which the hook is about. */
static void say(struct fleet *all, unsigned unit, const char *note)
{
	all->notes[unit] = kit_note(note);
	all->members[unit].note = &all->notes[unit];
}

/* One setting of a bag, with or without what follows, is not there any more. */
static void cut(char *bag, const char *key)
{
	char *at = strstr(bag, key), *next;

	if (!at)
		return;
	next = strstr(at, "; ");
	if (next)
		memmove(at, next + 2, strlen(next + 2) + 1);
	else
		*(at > bag ? at - 2 : at) = '\0';
}

/* The leader's part; what it writes is in the bag then, as after a hook that ended well. */
static const char *lead(struct fleet *all)
{
	struct fsm_setting setting;
	unsigned at = 0;

	kit_fleet(&all->fleet, all->seats, KIT_UNITS, all->bag);
	fsm_fleet_lead(&all->fleet, &all->lead, &all->rollout);
	while (fsm_fleet_setting(&all->fleet, &at, &setting)) {
		char key[FSM_KEY_SIZE + 1];

		(void)snprintf(key, sizeof key, "%s=", setting.key);
		cut(all->bag, key);
		if (*setting.value)
			kit_add(all->bag, &setting);
	}
	/* What it leaves can be read, unless it was left alone for a person. */
	if (all->rollout.kind != FSM_ROLLOUT_FAULT && all->lead.width > 0 && all->lead.count > 0) {
		struct fsm_seat again[KIT_UNITS];
		struct fsm_fleet read;

		kit_fleet(&read, again, KIT_UNITS, all->bag);
		ck_assert_str_eq(read.fault, "");
	}
	for (unsigned i = 0; i < all->lead.count; i++)
		all->members[i].note = NULL;
	all->lead.resume = false;
	all->lead.skip = FSM_NO_UNIT;
	return kit_written(&all->fleet);
}

static void ck_says(struct fleet *all, const char *words)
{
	char text[91];

	fsm_rollout_words(&all->fleet, &all->rollout, "app", text, sizeof text);
	ck_assert_str_eq(text, words);
}

#define AT_EDGE "number=0; rollout=0 " EDGE " over"

START_TEST(deploy_is_no_rollout)
{
	struct fleet all;

	meet(&all, 3, 1, "");
	ck_assert_str_eq(lead(&all), "number=0; rollout=0 " BETA " over");
	ck_says(&all, "");
	ck_assert_str_eq(lead(&all), "");
	/* The width came with the channel: the leader itself has to move. */
	meet(&all, 3, 1, "");
	all.lead.moves = true;
	ck_assert_str_eq(lead(&all), "number=1; rollout=0 " BETA "; turn-1=1 " BETA " out");
	ck_says(&all, "rollout 0 of 3");
}
END_TEST

START_TEST(turns_go_from_the_lowest_unit_to_the_leader)
{
	struct fleet all;

	meet(&all, 3, 1, AT_EDGE);
	all.lead.unit = 1;
	ck_assert_str_eq(lead(&all), "number=1; rollout=0 " BETA "; turn-0=1 " BETA " out");
	ck_assert_str_eq(lead(&all), "");
	say(&all, 0, "returned=1 done");
	ck_assert_str_eq(lead(&all),
		"number=2; rollout=0 " BETA "; turn-0=1 " BETA " done; turn-2=2 " BETA " out");
	ck_says(&all, "rollout 1 of 3");
	say(&all, 2, "returned=2 done");
	ck_assert_str_eq(lead(&all),
		"number=3; rollout=0 " BETA "; turn-1=3 " BETA " out; turn-2=2 " BETA " done");
	say(&all, 1, "returned=3 done");
	ck_assert_str_eq(lead(&all), "number=3; rollout=0 " BETA " over; turn-1=3 " BETA " done");
	ck_says(&all, "");
}
END_TEST

/* Whatever the width, and however large, so many are out at once and no more. */
START_TEST(no_more_than_the_width_are_out)
{
	struct fleet all;
	unsigned width = (unsigned)_i;

	meet(&all, 6, width, AT_EDGE);
	(void)lead(&all);
	ck_assert_uint_eq(all.rollout.out, width < 6 ? width : 6);
	for (unsigned unit = 1; unit < 6; unit++) {
		char note[40];

		(void)snprintf(note, sizeof note, "returned=%u %s", unit,
			unit == 2   ? "later"
			: unit == 3 ? "declined"
				    : "done");
		say(&all, unit, note);
		(void)lead(&all);
		ck_assert_uint_eq(all.rollout.out, width < 6 - unit ? width : 6 - unit);
	}
}
END_TEST

START_TEST(width_that_shrinks_takes_nothing_back_and_gives_nothing)
{
	struct fleet all;

	meet(&all, 6, 3, AT_EDGE);
	(void)lead(&all);
	all.lead.width = 1;
	ck_assert_str_eq(lead(&all), "");
	say(&all, 1, "returned=1 done");
	say(&all, 2, "returned=2 done");
	(void)lead(&all);
	ck_assert_uint_eq(all.rollout.out, 1);
	say(&all, 3, "returned=3 done");
	(void)lead(&all);
	ck_assert_uint_eq(all.rollout.out, 1);
	all.lead.width = 2;
	(void)lead(&all);
	ck_assert_uint_eq(all.rollout.out, 2);
	all.lead.width = 0;
	ck_assert_str_eq(lead(&all), "");
	ck_assert_int_eq(all.rollout.kind, FSM_ROLLOUT_REST);
}
END_TEST

START_TEST(bag_that_is_older_than_the_turn_says_nothing)
{
	struct fleet all;

	meet(&all, 3, 1, AT_EDGE);
	(void)lead(&all);
	say(&all, 1, "returned=0 done");
	ck_assert_str_eq(lead(&all), "");
	meet(&all, 3, 1,
		"number=20; rollout=19 " BETA "; turn-1=20 " BETA " out; turn-2=5 " EDGE " done");
	say(&all, 1, "returned=19 done; wants=" EDGE);
	say(&all, 2, "returned=4 stuck x");
	ck_assert_str_eq(lead(&all), "");
}
END_TEST

/* A leader that reads all bags finds what nobody told it. */
START_TEST(new_leader_goes_on_from_the_bags)
{
	struct fleet all;

	meet(&all, 4, 2, AT_EDGE);
	(void)lead(&all);
	all.lead.unit = 3;
	for (unsigned unit = 0; unit < 4; unit++)
		say(&all, unit, "");
	say(&all, 1, "returned=1 done");
	say(&all, 2, "returned=2 done");
	ck_assert_str_eq(lead(&all),
		"number=4; rollout=0 " BETA "; turn-0=3 " BETA " out; turn-1=1 " BETA
		" done; turn-2=2 " BETA " done; turn-3=4 " BETA " out");
}
END_TEST

START_TEST(stuck_unit_halts_until_a_person_goes_on)
{
	struct fleet all;

	meet(&all, 4, 2, AT_EDGE);
	(void)lead(&all);
	say(&all, 1, "returned=1 stuck Refresh failed");
	ck_assert_str_eq(lead(&all), "turn-1=1 " BETA " stuck");
	ck_says(&all, "rollout to 'beta' halted by app/1");
	say(&all, 2, "returned=2 done");
	ck_assert_str_eq(lead(&all), "turn-2=2 " BETA " done");
	ck_assert_str_eq(lead(&all), "");
	all.lead.resume = true;
	ck_assert_str_eq(lead(&all), "number=4; rollout=0 " BETA " resumed; turn-0=4 " BETA
				     " out; turn-1=1 " BETA " passed; turn-3=3 " BETA " out");
	/* Stuck once more, by another try of its own, it halts nothing. */
	say(&all, 1, "returned=1 stuck x; wants=" BETA);
	ck_assert_str_eq(lead(&all), "turn-1=1 " BETA " passed " BETA);
	say(&all, 3, "returned=3 done");
	(void)lead(&all);
	ck_assert_ptr_nonnull(strstr(all.bag, "turn-1=5 " BETA " again"));
	say(&all, 1, "returned=5 stuck x");
	say(&all, 0, "returned=4 done");
	ck_assert_str_eq(lead(&all), "number=5; rollout=0 " BETA " resumed over; turn-0=4 " BETA
				     " done; turn-1=5 " BETA " passed");
}
END_TEST

/* It was no better before its turn: nobody has passed it over, so its next turn counts again. */
START_TEST(unit_that_is_still_stuck_halts_nothing)
{
	struct fleet all;

	meet(&all, 3, 1, AT_EDGE);
	(void)lead(&all);
	say(&all, 1, "returned=1 still x");
	ck_assert_str_eq(lead(&all),
		"number=2; rollout=0 " BETA "; turn-1=1 " BETA " later; turn-2=2 " BETA " out");
}
END_TEST

/* What was stuck when a new rollout begins gets its turn last, after the leader, and halts nothing. */
START_TEST(stuck_before_the_rollout_comes_last)
{
	struct fleet all;

	meet(&all, 3, 1,
		"number=9; rollout=6 " EDGE "; turn-0=7 " EDGE " done; turn-1=8 " EDGE " stuck");
	ck_assert_str_eq(lead(&all),
		"number=10; rollout=9 " BETA "; turn-1=8 " EDGE " passed; turn-2=10 " BETA " out");
	say(&all, 2, "returned=10 done");
	(void)lead(&all);
	say(&all, 0, "returned=11 done");
	ck_assert_str_eq(lead(&all),
		"number=12; rollout=9 " BETA "; turn-0=11 " BETA " done; turn-1=12 " BETA " again");
	say(&all, 1, "returned=12 stuck x");
	ck_assert_str_eq(
		lead(&all), "number=12; rollout=9 " BETA " over; turn-1=12 " BETA " passed");
	ck_says(&all, "");
}
END_TEST

/* Its own try again may be given while it halts; nobody else gets a turn beside it. */
START_TEST(stuck_unit_may_try_again_alone)
{
	struct fleet all;

	meet(&all, 4, 2, AT_EDGE);
	(void)lead(&all);
	say(&all, 2, "returned=2 done");
	say(&all, 1, "returned=1 stuck x");
	(void)lead(&all);
	say(&all, 1, "returned=1 stuck x; wants=" BETA);
	ck_assert_str_eq(lead(&all), "number=3; rollout=0 " BETA "; turn-1=3 " BETA " retry");
	ck_assert_str_eq(lead(&all), "");
	say(&all, 1, "returned=3 later");
	ck_assert_str_eq(lead(&all), "turn-1=3 " BETA " stuck");
	say(&all, 1, "returned=3 later; wants=" BETA);
	(void)lead(&all);
	say(&all, 1, "returned=4 done");
	ck_assert_str_eq(lead(&all), "number=6; rollout=0 " BETA "; turn-0=6 " BETA
				     " out; turn-1=4 " BETA " done; turn-3=5 " BETA " out");
}
END_TEST

START_TEST(stuck_unit_that_is_mended_lets_the_rollout_go_on)
{
	struct fleet all;

	meet(&all, 3, 1, AT_EDGE);
	(void)lead(&all);
	say(&all, 1, "returned=1 stuck x");
	(void)lead(&all);
	say(&all, 1, "returned=1 done");
	ck_assert_str_eq(lead(&all),
		"number=2; rollout=0 " BETA "; turn-1=1 " BETA " done; turn-2=2 " BETA " out");
}
END_TEST

/* The leader itself: it comes last, and stuck it leads all the same. */
START_TEST(leader_that_is_stuck_leads_on)
{
	struct fleet all;

	meet(&all, 2, 1,
		"number=2; rollout=1 " BETA "; turn-0=2 " BETA " out; turn-1=1 " BETA " done");
	say(&all, 0, "returned=2 stuck x");
	ck_assert_str_eq(lead(&all), "turn-0=2 " BETA " stuck");
	ck_says(&all, "rollout to 'beta' halted by app/0");
	all.lead.wish = EDGE;
	ck_assert_str_eq(lead(&all),
		"number=3; rollout=2 " EDGE "; turn-0=2 " BETA " passed; turn-1=3 " EDGE " out");
}
END_TEST

/*
 * It turns out to be stuck for the old target when the new one is there already: nobody has passed it
 * over. It may be down, so it is the one to move first, in its own place.
 */
START_TEST(unit_that_is_stuck_for_the_old_target_moves_first)
{
	struct fleet all;

	meet(&all, 4, 1, AT_EDGE);
	(void)lead(&all);
	all.lead.wish = EDGE;
	say(&all, 1, "returned=1 stuck x");
	ck_assert_str_eq(lead(&all), "number=2; rollout=1 " EDGE "; turn-1=2 " EDGE " retry");
	ck_says(&all, "rollout to 'edge' halted by app/1");
	say(&all, 1, "returned=2 done");
	ck_assert_str_eq(lead(&all),
		"number=3; rollout=1 " EDGE "; turn-1=2 " EDGE " done; turn-2=3 " EDGE " out");
}
END_TEST

START_TEST(first_unit_is_waited_for_and_stops_the_rollout)
{
	struct fleet all;

	meet(&all, 4, 3, AT_EDGE);
	all.lead.pause = true;
	ck_assert_str_eq(lead(&all), "number=1; rollout=0 " BETA "; turn-1=1 " BETA " out");
	/* Not the first that is done: the next one is tried. */
	say(&all, 1, "returned=1 declined");
	ck_assert_str_eq(lead(&all),
		"number=2; rollout=0 " BETA "; turn-1=1 " BETA " declined; turn-2=2 " BETA " out");
	say(&all, 2, "returned=2 done");
	ck_assert_str_eq(lead(&all), "turn-2=2 " BETA " done");
	ck_says(&all, "rollout to 'beta' paused after app/2");
	/* One that says that it has to move is not moved past the pause; one that was there is repaired. */
	say(&all, 1, "returned=1 declined; wants=" BETA);
	ck_assert_str_eq(lead(&all), "turn-1=1 " BETA " declined " BETA);
	say(&all, 2, "returned=2 done; wants=" BETA);
	ck_assert_str_eq(lead(&all), "number=3; rollout=0 " BETA "; turn-2=3 " BETA " out");
	say(&all, 2, "returned=3 done");
	(void)lead(&all);
	all.lead.resume = true;
	ck_assert_str_eq(lead(&all), "number=6; rollout=0 " BETA " resumed; turn-0=6 " BETA
				     " out; turn-1=4 " BETA " out; turn-3=5 " BETA " out");
	/* The next rollout stops again. */
	all.lead.wish = EDGE;
	say(&all, 0, "returned=6 done");
	say(&all, 1, "returned=4 done");
	say(&all, 3, "returned=5 done");
	(void)lead(&all);
	ck_assert_uint_eq(all.rollout.out, 1);
}
END_TEST

START_TEST(turn_that_is_lost_is_named_and_skipped_by_a_person_alone)
{
	struct fleet all;

	meet(&all, 3, 1, AT_EDGE);
	(void)lead(&all);
	for (int i = 0; i < 100; i++)
		ck_assert_str_eq(lead(&all), "");
	ck_assert_int_eq(all.rollout.unit, 1);
	all.lead.resume = true;
	ck_assert_str_eq(lead(&all), "number=1; rollout=0 " BETA " resumed");
	all.lead.resume = true;
	all.lead.skip = 2;
	(void)lead(&all);
	ck_assert(!all.rollout.skipped);
	all.lead.resume = true;
	all.lead.skip = 1;
	ck_assert_str_eq(lead(&all), "number=2; rollout=0 " BETA " resumed; turn-1=1 " BETA
				     " skipped; turn-2=2 " BETA " out");
	ck_assert(all.rollout.skipped);
	ck_assert_int_eq(all.rollout.unit, 2);
	/* It comes back, and is the next to wait for. */
	say(&all, 1, "returned=1 declined; wants=" BETA);
	say(&all, 2, "returned=2 done");
	ck_assert_str_eq(lead(&all), "number=3; rollout=0 " BETA " resumed; turn-1=3 " BETA
				     " out; turn-2=2 " BETA " done");
}
END_TEST

/* A unit that never comes back does not keep the rollout from its end, nor gets another turn. */
START_TEST(skipped_unit_holds_up_nothing)
{
	struct fleet all;

	meet(&all, 2, 1, AT_EDGE);
	(void)lead(&all);
	all.lead.resume = true;
	all.lead.skip = 1;
	(void)lead(&all);
	say(&all, 0, "returned=2 done");
	ck_assert_str_eq(
		lead(&all), "number=2; rollout=0 " BETA " resumed over; turn-0=2 " BETA " done");
	all.lead.wish = EDGE;
	ck_assert_str_eq(lead(&all), "number=3; rollout=2 " EDGE "; turn-0=3 " EDGE " out");
}
END_TEST

START_TEST(unit_that_left_takes_its_turn_with_it)
{
	struct fleet all;

	meet(&all, 3, 1, AT_EDGE);
	(void)lead(&all);
	/* Still there, though it goes: its turn is out. */
	all.members[1].dying = true;
	ck_assert_str_eq(lead(&all), "");
	all.members[1] = all.members[2];
	all.lead.count = 2;
	ck_assert_str_eq(
		lead(&all), "number=2; rollout=0 " BETA "; turn-1=; turn-2=2 " BETA " out");
	ck_assert_ptr_null(strstr(all.bag, "turn-1"));
	/* A stuck one that is taken away halts nothing any more. */
	say(&all, 1, "returned=2 stuck x");
	all.notes[1] = kit_note("returned=2 stuck x");
	(void)lead(&all);
	ck_assert_int_eq(all.rollout.kind, FSM_ROLLOUT_HALTED);
	all.lead.count = 1;
	ck_assert_str_eq(
		lead(&all), "number=3; rollout=0 " BETA "; turn-0=3 " BETA " out; turn-2=");
}
END_TEST

/* goal-state that fails, or shows a fleet without the leader, takes nobody's turn away. */
START_TEST(without_goal_state_nothing_is_given_or_taken)
{
	struct fleet all;

	meet(&all, 3, 1, "number=1; rollout=0 " BETA "; turn-1=1 " BETA " out");
	all.lead.count = 0;
	ck_assert_str_eq(lead(&all), "");
	all.lead.count = 3;
	all.lead.unit = 7;
	say(&all, 1, "returned=1 done");
	ck_assert_str_eq(lead(&all), "");
}
END_TEST

START_TEST(who_goes_or_has_not_come_gets_no_turn)
{
	struct fleet all;

	meet(&all, 4, 4, AT_EDGE);
	all.members[1].dying = true;
	all.members[2].joined = false;
	ck_assert_str_eq(lead(&all),
		"number=2; rollout=0 " BETA "; turn-0=2 " BETA " out; turn-3=1 " BETA " out");
	ck_says(&all, "rollout 0 of 2");
	/* Scale-up in the middle: it takes part once it is there. */
	all.members[2].joined = true;
	ck_assert_str_eq(lead(&all), "number=3; rollout=0 " BETA "; turn-2=3 " BETA " out");
	say(&all, 0, "returned=2 done");
	say(&all, 2, "returned=3 declined");
	say(&all, 3, "returned=1 done");
	ck_assert_ptr_nonnull(strstr(lead(&all), "over"));
	/* And after its end it gets none. */
	all.lead.count = 5;
	all.members[4] = (struct fsm_member){ .unit = 4, .joined = true };
	ck_assert_str_eq(lead(&all), "");
}
END_TEST

/* A new target cancels no turn, and counts those that are out for the old one. */
START_TEST(new_target_cancels_no_turn)
{
	struct fleet all;

	meet(&all, 4, 2, AT_EDGE);
	(void)lead(&all);
	all.lead.wish = "latest/candidate";
	ck_assert_str_eq(lead(&all), "number=2; rollout=2 latest/candidate");
	say(&all, 1, "returned=1 declined");
	ck_assert_str_eq(lead(&all), "number=3; rollout=2 latest/candidate; turn-1=3 "
				     "latest/candidate out");
}
END_TEST

/* To beta and back to edge: only who was moved, or may be, gets a turn. */
START_TEST(back_to_the_old_target_moves_who_was_moved)
{
	struct fleet all;

	meet(&all, 4, 1,
		"number=4; rollout=0 " EDGE " over; turn-0=4 " EDGE " done; turn-1=1 " EDGE
		" done; turn-2=2 " EDGE " done; turn-3=3 " EDGE " done");
	(void)lead(&all);
	say(&all, 1, "returned=5 done");
	(void)lead(&all);
	all.lead.wish = EDGE;
	ck_assert_str_eq(lead(&all), "number=6; rollout=6 " EDGE);
	say(&all, 2, "returned=6 done");
	ck_assert_str_eq(lead(&all),
		"number=7; rollout=6 " EDGE "; turn-1=7 " EDGE " out; turn-2=6 " BETA " done");
	say(&all, 1, "returned=7 done");
	(void)lead(&all);
	say(&all, 2, "returned=8 done");
	ck_assert_ptr_nonnull(strstr(lead(&all), "rollout=6 " EDGE " over"));
}
END_TEST

START_TEST(wish_of_one_unit_is_a_rollout_of_one)
{
	struct fleet all;

	meet(&all, 4, 1, "number=4; rollout=0 " BETA " over; turn-2=4 " BETA " done");
	say(&all, 2, "returned=4 done; wants=" BETA);
	ck_assert_str_eq(lead(&all), "number=5; rollout=0 " BETA " over; turn-2=5 " BETA " out");
	ck_says(&all, "turn of app/2");
	/* The next one waits for it, and is not forgotten when it was read once. */
	say(&all, 3, "wants=" BETA);
	ck_assert_str_eq(lead(&all), "turn-3=0 - none " BETA);
	say(&all, 2, "returned=5 done");
	ck_assert_str_eq(lead(&all),
		"number=6; rollout=0 " BETA " over; turn-2=5 " BETA " done; turn-3=6 " BETA " out");
	/* Taken back before its turn came. */
	say(&all, 1, "wants=" BETA);
	(void)lead(&all);
	say(&all, 1, "");
	ck_assert_str_eq(lead(&all), "turn-1=0 - none");
}
END_TEST

/* Drift while another is stuck and may be down: within the width only. */
START_TEST(repair_in_a_halted_rollout_stays_within_the_width)
{
	for (int64_t width = 1; width < 3; width++) {
		struct fleet all;

		meet(&all, 4, width,
			"number=2; rollout=0 " BETA "; turn-1=1 " BETA " done; turn-2=2 " BETA
			" stuck");
		say(&all, 1, "returned=1 done; wants=" BETA);
		say(&all, 3, "wants=" BETA);
		(void)lead(&all);
		ck_assert_uint_eq(all.rollout.out, width == 1 ? 0 : 1);
		ck_assert_int_eq(strstr(all.bag, "turn-1=3 " BETA " out") != NULL, width == 2);
	}
}
END_TEST

/* The leader moves alone, without a turn, and another unit has come meanwhile. */
START_TEST(leader_that_moves_without_a_turn_counts)
{
	struct fleet all;

	meet(&all, 2, 1, AT_EDGE);
	all.lead.away = true;
	(void)lead(&all);
	ck_assert_uint_eq(all.rollout.out, 0);
	all.lead.away = false;
	(void)lead(&all);
	ck_assert_uint_eq(all.rollout.out, 1);
}
END_TEST

START_TEST(bad_option_gives_nothing_and_forgets_nothing)
{
	struct fleet all;

	meet(&all, 3, 1, AT_EDGE);
	(void)lead(&all);
	all.lead.wish = "";
	say(&all, 1, "returned=1 done");
	ck_assert_str_eq(lead(&all), "turn-1=1 " BETA " done");
	all.lead.wish = BETA;
	ck_assert_str_eq(lead(&all), "number=2; rollout=0 " BETA "; turn-2=2 " BETA " out");
}
END_TEST

/* Garbage stops the leader, which names it, until a person goes on; then no number is given again. */
START_TEST(garbage_stops_the_rollout_until_a_person_goes_on)
{
	static const struct {
		const char *bag, *words, *written;
	} cases[] = {
		{ "number=many; rollout=0 " BETA "; turn-1=7 " BETA " done",
			"rollout stands: bad relation data: number 'many'",
			"number=10; rollout=0 " BETA " resumed; turn-2=10 " BETA " out" },
		{ "number=7; turn-1=7 " BETA " out; rollout=soon",
			"rollout stands: bad relation data: rollout 'soon'",
			"number=9; rollout=9 " BETA " over" },
		{ "number=7; rollout=0 " BETA "; turn-1=mine",
			"rollout stands: bad relation data: turn-1 'mine'",
			"number=10; rollout=0 " BETA " resumed; turn-1=10 " BETA " out" },
	};

	for (int i = 0; i < COUNT(cases); i++) {
		struct fleet all;

		meet(&all, 3, 1, cases[i].bag);
		say(&all, 2, "returned=9 done");
		ck_assert_str_eq(lead(&all), "");
		ck_says(&all, cases[i].words);
		all.lead.resume = true;
		say(&all, 2, "returned=9 done");
		ck_assert_str_eq(lead(&all), cases[i].written);
	}
}
END_TEST

/* A bag of a unit that cannot be read says nothing: its turn stays out. */
START_TEST(garbage_of_a_unit_returns_nothing)
{
	struct fleet all;

	meet(&all, 3, 1, AT_EDGE);
	(void)lead(&all);
	say(&all, 1, "returned=one done");
	ck_assert_str_eq(lead(&all), "");
	/* A number that was never given is given to nobody after it. */
	say(&all, 2, "returned=500 done");
	ck_assert_str_eq(lead(&all), "number=500; rollout=0 " BETA);
	say(&all, 1, "returned=1 done");
	ck_assert_ptr_nonnull(strstr(lead(&all), "turn-2=501 " BETA " out"));
	/* There are always more to give. */
	say(&all, 0, "returned=999998999999998 done");
	(void)lead(&all);
	say(&all, 2, "returned=501 done");
	ck_assert_ptr_nonnull(strstr(lead(&all), "turn-0=999998999999999 " BETA " out"));
	say(&all, 0, "returned=999999999999998 done; wants=" EDGE);
	say(&all, 1, "returned=999999999999998 done; wants=" EDGE);
	ck_assert_str_eq(lead(&all), "");
	/* Unless the bag says that it was given. */
	meet(&all, 2, 1,
		"number=999999999999990; rollout=0 " BETA "; turn-1=999999999999990 " BETA " out");
	say(&all, 1, "returned=999999999999990 done");
	ck_assert_ptr_nonnull(strstr(lead(&all), "turn-0=999999999999991 " BETA " out"));
}
END_TEST

/* A turn belongs to the rollout that it was given in, whatever is left of the bag. */
START_TEST(rollout_begins_at_a_number_that_was_given)
{
	struct fleet all;

	meet(&all, 2, 1, "number=7; rollout=12 " BETA "; turn-1=6 " EDGE " done");
	ck_assert_str_eq(lead(&all), "number=13; rollout=12 " BETA "; turn-1=13 " BETA " out");
	say(&all, 1, "returned=13 declined");
	ck_assert_str_eq(lead(&all), "number=14; rollout=12 " BETA "; turn-0=14 " BETA
				     " out; turn-1=13 " BETA " declined");
}
END_TEST

START_TEST(single_unit_is_a_fleet_as_well)
{
	struct fleet all;

	meet(&all, 1, 5, AT_EDGE);
	ck_assert_str_eq(lead(&all), "number=1; rollout=0 " BETA "; turn-0=1 " BETA " out");
	say(&all, 0, "returned=1 declined");
	ck_assert_ptr_nonnull(strstr(lead(&all), "over"));
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("rollout");

	tcase_add_test(tests, deploy_is_no_rollout);
	tcase_add_test(tests, turns_go_from_the_lowest_unit_to_the_leader);
	tcase_add_loop_test(tests, no_more_than_the_width_are_out, 1, 9);
	tcase_add_test(tests, width_that_shrinks_takes_nothing_back_and_gives_nothing);
	tcase_add_test(tests, bag_that_is_older_than_the_turn_says_nothing);
	tcase_add_test(tests, new_leader_goes_on_from_the_bags);
	tcase_add_test(tests, stuck_unit_halts_until_a_person_goes_on);
	tcase_add_test(tests, unit_that_is_still_stuck_halts_nothing);
	tcase_add_test(tests, stuck_before_the_rollout_comes_last);
	tcase_add_test(tests, stuck_unit_may_try_again_alone);
	tcase_add_test(tests, stuck_unit_that_is_mended_lets_the_rollout_go_on);
	tcase_add_test(tests, leader_that_is_stuck_leads_on);
	tcase_add_test(tests, unit_that_is_stuck_for_the_old_target_moves_first);
	tcase_add_test(tests, first_unit_is_waited_for_and_stops_the_rollout);
	tcase_add_test(tests, turn_that_is_lost_is_named_and_skipped_by_a_person_alone);
	tcase_add_test(tests, skipped_unit_holds_up_nothing);
	tcase_add_test(tests, unit_that_left_takes_its_turn_with_it);
	tcase_add_test(tests, without_goal_state_nothing_is_given_or_taken);
	tcase_add_test(tests, who_goes_or_has_not_come_gets_no_turn);
	tcase_add_test(tests, new_target_cancels_no_turn);
	tcase_add_test(tests, back_to_the_old_target_moves_who_was_moved);
	tcase_add_test(tests, wish_of_one_unit_is_a_rollout_of_one);
	tcase_add_test(tests, repair_in_a_halted_rollout_stays_within_the_width);
	tcase_add_test(tests, leader_that_moves_without_a_turn_counts);
	tcase_add_test(tests, bad_option_gives_nothing_and_forgets_nothing);
	tcase_add_test(tests, garbage_stops_the_rollout_until_a_person_goes_on);
	tcase_add_test(tests, garbage_of_a_unit_returns_nothing);
	tcase_add_test(tests, rollout_begins_at_a_number_that_was_given);
	tcase_add_test(tests, single_unit_is_a_fleet_as_well);
	return kit_run_all(tests, "rollout");
}
