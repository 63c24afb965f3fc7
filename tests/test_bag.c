/* SPDX-License-Identifier: Apache-2.0 */
/* The bags of the peer relation: what is written is read again, and what nobody wrote so is a fault. */
#include "tests/rollout_kit.h"

/* Every row of the seats, told a second time. */
/* clang-format off */
#define S(name) FSM_SEAT_##name
static const struct {
	const char *text;
	bool out, counts, halts;
	enum fsm_seat_state after[FSM_SAYS_COUNT], passed;
} seats_told[FSM_SEAT_COUNT] = {
	[S(NONE)] =     { "none",     0, 0, 0, { S(NONE), S(NONE), S(NONE), S(NONE), S(NONE), S(NONE) }, S(NONE) },
	[S(OUT)] =      { "out",      1, 1, 0, { S(OUT), S(DONE), S(STUCK), S(LATER), S(LATER), S(DECLINED) }, S(OUT) },
	[S(RETRY)] =    { "retry",    1, 1, 1, { S(RETRY), S(DONE), S(STUCK), S(STUCK), S(STUCK), S(STUCK) }, S(AGAIN) },
	[S(AGAIN)] =    { "again",    1, 1, 0, { S(AGAIN), S(DONE), S(PASSED), S(PASSED), S(PASSED), S(PASSED) }, S(AGAIN) },
	[S(SKIPPED)] =  { "skipped",  1, 0, 0, { S(SKIPPED), S(DONE), S(PASSED), S(PASSED), S(LATER), S(DECLINED) }, S(SKIPPED) },
	[S(DONE)] =     { "done",     0, 0, 0, { S(DONE), S(DONE), S(DONE), S(DONE), S(DONE), S(DONE) }, S(DONE) },
	[S(STUCK)] =    { "stuck",    0, 1, 1, { S(STUCK), S(DONE), S(STUCK), S(STUCK), S(STUCK), S(STUCK) }, S(PASSED) },
	[S(PASSED)] =   { "passed",   0, 0, 0, { S(PASSED), S(DONE), S(PASSED), S(PASSED), S(PASSED), S(PASSED) }, S(PASSED) },
	[S(LATER)] =    { "later",    0, 0, 0, { S(LATER), S(DONE), S(LATER), S(LATER), S(LATER), S(LATER) }, S(LATER) },
	[S(DECLINED)] = { "declined", 0, 0, 0, { S(DECLINED), S(DONE), S(DECLINED), S(DECLINED), S(DECLINED), S(DECLINED) }, S(DECLINED) },
	[S(GARBLED)] =  { "garbled",  1, 1, 1, { S(GARBLED), S(GARBLED), S(GARBLED), S(GARBLED), S(GARBLED), S(GARBLED) }, S(NONE) },
};
/* clang-format on */

START_TEST(row_is_what_the_page_says)
{
	const struct fsm_seat_row *row = fsm_seat_row((enum fsm_seat_state)_i);

	ck_assert_str_eq(fsm_seat_state_name((enum fsm_seat_state)_i), seats_told[_i].text);
	ck_assert_int_eq(row->out, seats_told[_i].out);
	ck_assert_int_eq(row->counts, seats_told[_i].counts);
	ck_assert_int_eq(row->halts, seats_told[_i].halts);
	ck_assert_int_eq(row->passed, seats_told[_i].passed);
	for (int word = 0; word < FSM_SAYS_COUNT; word++)
		ck_assert_int_eq(row->after[word], seats_told[_i].after[word]);
}
END_TEST

START_TEST(target_is_a_word)
{
	char word[FSM_GOAL_SIZE], words[FSM_GOAL_WORDS];
	struct fsm_target target = fsm_target_of(EDGE);

	fsm_goal_of(&target, word);
	ck_assert_str_eq(word, EDGE);
	fsm_goal_words(word, words);
	ck_assert_str_eq(words, "'edge'");
	target.revision = 5;
	fsm_goal_of(&target, word);
	fsm_goal_words(word, words);
	ck_assert_str_eq(words, "'edge' revision 5");
	target = (struct fsm_target){ .revision = INT64_MAX };
	fsm_goal_of(&target, word);
	fsm_goal_words(word, words);
	ck_assert_str_eq(words, "revision 9223372036854775807 of the resource");
	target.revision = INT64_MAX;
	memset(target.channel, 'c', sizeof target.channel - 1);
	fsm_goal_of(&target, word);
	ck_assert_uint_eq(strlen(word), sizeof target.channel - 1 + strlen("@9223372036854775807"));
	target = fsm_target_of("");
	fsm_goal_of(&target, word);
	ck_assert_str_eq(word, "");
}
END_TEST

START_TEST(unit_has_a_number)
{
	static const struct {
		const char *name;
		int64_t number;
	} units[] = { { "microsample/0", 0 }, { "micro-sample/17", 17 },
		{ "a/999999999", 999999999 }, { "a/1000000000", FSM_NO_UNIT },
		{ "microsample", FSM_NO_UNIT }, { "/3", FSM_NO_UNIT }, { "a/", FSM_NO_UNIT },
		{ "a/03", FSM_NO_UNIT }, { "a/-1", FSM_NO_UNIT }, { "a/3 ", FSM_NO_UNIT },
		{ "", FSM_NO_UNIT } };

	for (int i = 0; i < COUNT(units); i++)
		ck_assert_int_eq(fsm_unit_number(units[i].name), units[i].number);
}
END_TEST

/* What a unit writes, it reads. */
START_TEST(note_is_read_as_it_was_written)
{
	static const char *const notes[] = { "returned=; wants=", "returned=17 done; wants=",
		"returned=17 stuck Refresh failed: no space; wants=" BETA "@5",
		"returned=999999999999998 still x; wants=" EDGE,
		"returned=1 later; wants=", "returned=2 declined; wants=" EDGE "/fix" };

	for (int i = 0; i < COUNT(notes); i++) {
		struct fsm_note note = kit_note(notes[i]);

		ck_assert_str_eq(note.fault, "");
		ck_assert_str_eq(kit_noted(&note), notes[i]);
	}
}
END_TEST

/* And what no charm writes leaves the rest as it is, and is named. */
START_TEST(garbage_in_a_unit_s_bag_says_nothing)
{
	static const char *const bad[] = { "returned=17", "returned=17 ", "returned= 17 done",
		"returned=17  done", "returned=17 done ", "returned=017 done", "returned=-1 done",
		"returned=0 done", "returned=1e3 done", "returned=17 none", "returned=17 DONE",
		"returned=17 finished", "returned=999999999999999 done",
		"returned=1000000000000000 done", "returned=99999999999999999999999 done",
		"returned=done 17", "returned=17\tdone", "returned=17 stuck \xc3\xa9",
		"returned={\"number\": 17}", "wants=-", "wants= ", "wants=latest/edge latest/beta",
		"wants=latest/edge\n", "wants=\x7f" };
	char text[KIT_TEXT];

	for (int i = 0; i < COUNT(bad); i++) {
		bool wants = strncmp(bad[i], "wants", 5) == 0;
		struct fsm_note note;

		(void)snprintf(text, sizeof text, "%s; %s", bad[i],
			wants ? "returned=5 done" : "wants=" EDGE);
		note = kit_note(text);
		ck_assert_msg(*note.fault, "'%s' is taken", bad[i]);
		ck_assert_int_eq(strncmp(note.fault, bad[i], strcspn(bad[i], "=")), 0);
		ck_assert_int_eq(note.number, wants ? 5 : 0);
		ck_assert_str_eq(note.wants, wants ? "" : EDGE);
	}
}
END_TEST

/* Juju's own keys, and those of a newer charm, are nobody's fault. */
START_TEST(other_keys_are_left_alone)
{
	static const char *const keys =
		"ingress-address=10.0.0.1; egress-subnets=10.0.0.1/32; "
		"private-address=10.0.0.1; returned2=x y z; turn=7; turn-=7; "
		"turn-03=7; turn-3a=7; turn--1=7; turn-1000000000=7; Wants=x";
	struct fsm_note note = kit_note(keys);
	struct fsm_seat seats[2];
	struct fsm_fleet fleet;

	kit_fleet(&fleet, seats, 2, keys);
	ck_assert_str_eq(note.fault, "");
	ck_assert_str_eq(fleet.fault, "");
	ck_assert_uint_eq(fleet.count, 0);
}
END_TEST

START_TEST(why_is_cut_and_stays_on_its_line)
{
	struct fsm_note note = kit_note("returned=1 stuck "
					"0123456789012345678901234567890123456789"
					"0123456789012345678901234567890123456789");

	ck_assert_uint_eq(strlen(note.why), FSM_WHY_SIZE - 1);
	ck_assert_str_eq(note.why + FSM_WHY_SIZE - 4, "...");
}
END_TEST

/* All that the leader writes, it reads; units stand in the order of their numbers, not of the keys. */
START_TEST(fleet_is_read_as_it_was_written)
{
	static const char *const bag =
		"number=31; rollout=12 " EDGE " resumed over; turn-0=3 " EDGE
		" done; turn-2=0 - none " BETA "; turn-3=13 " EDGE "@5 out; turn-4=14 " EDGE
		" retry; turn-5=15 " EDGE " again; turn-6=16 " EDGE " skipped; turn-7=17 " EDGE
		" stuck " EDGE "; turn-8=18 " EDGE " passed; turn-9=19 " EDGE " later " BETA
		"; turn-10=20 " EDGE " declined; turn-999999999=999999999999998 " EDGE " out";
	struct fsm_seat seats[KIT_UNITS];
	struct fsm_fleet fleet;
	char backwards[KIT_TEXT] = "", copy[KIT_TEXT];

	strcpy(copy, bag);
	for (char *at; (at = strrchr(copy, ';')); *at = '\0') {
		strcat(backwards, at + 2);
		strcat(backwards, "; ");
	}
	strcat(backwards, copy);
	for (int i = 0; i < 2; i++) {
		kit_fleet(&fleet, seats, KIT_UNITS, i ? backwards : bag);
		ck_assert_str_eq(fleet.fault, "");
		ck_assert_str_eq(kit_written(&fleet), "");
		fleet.changed = true;
		for (unsigned seat = 0; seat < fleet.count; seat++)
			seats[seat].changed = true;
		ck_assert_str_eq(kit_written(&fleet), bag);
	}
}
END_TEST

START_TEST(garbage_in_the_application_s_bag_is_no_turn)
{
	static const char *const bad[] = { "turn-3=17 latest/edge", "turn-3=17 latest/edge out ",
		"turn-3=17 latest/edge  out", "turn-3= 17 latest/edge out", "turn-3=17 - out",
		"turn-3=0 latest/edge out", "turn-3=17 latest/edge OUT",
		"turn-3=17 latest/edge garbled", "turn-3=17 latest/edge none",
		"turn-3=17 latest/edge out -", "turn-3=17 latest/edge out latest/beta x",
		"turn-3=-17 latest/edge out", "turn-3=1e9 latest/edge out",
		"turn-3=999999999999999 latest/edge out", "turn-3=0 - passed", "turn-3=17 - passed",
		"turn-3=0 - done", "turn-3=0 - stuck", "turn-3=17 latest/edge going", "turn-3=x",
		"turn-3=17\tlatest/edge\tout", "turn-3=17 latest/\xff out", "number=x", "number=-1",
		"number= 1", "number=01", "number=999999999999999", "rollout=x", "rollout=5",
		"rollout=5 -", "rollout=5 latest/edge paused", "rollout=5 latest/edge over resumed",
		"rollout=5 latest/edge resumed over over", "rollout=-5 latest/edge" };
	struct fsm_seat seats[2];
	struct fsm_fleet fleet;

	for (int i = 0; i < COUNT(bad); i++) {
		struct fsm_ticket ticket = { .taken = 0 };

		kit_fleet(&fleet, seats, 2, bad[i]);
		ck_assert_msg(*fleet.fault, "'%s' is taken", bad[i]);
		ck_assert_int_eq(strncmp(fleet.fault, bad[i], strcspn(bad[i], "=")), 0);
		ck_assert(!fsm_ticket_new(&ticket, fsm_fleet_seat(&fleet, 3)));
		ck_assert_int_eq(fleet.number, 0);
		ck_assert_str_eq(fleet.goal, "");
	}
}
END_TEST

/* A word of each length, and a long one of every kind: too long is a fault, never a cut target. */
START_TEST(target_that_is_too_long_is_none)
{
	char value[2 * FSM_GOAL_SIZE + 100];

	for (int length = 1; length < FSM_GOAL_SIZE + 40; length++) {
		struct fsm_note note;
		struct fsm_seat seats[1];
		struct fsm_fleet fleet;

		memset(value, 'x', sizeof value);
		value[length] = '\0';
		fsm_note_init(&note);
		fsm_note_take(&note, "wants", value);
		ck_assert_int_eq(*note.fault == '\0', length < FSM_GOAL_SIZE);
		ck_assert_int_eq((int)strlen(note.wants), length < FSM_GOAL_SIZE ? length : 0);
		memcpy(value, "1 ", 2);
		value[length] = '\0';
		if (length > 2)
			strcat(value, " out");
		fsm_fleet_init(&fleet, seats, 1);
		fsm_fleet_take(&fleet, "turn-0", value);
		ck_assert_int_eq(*fleet.fault == '\0', length > 2 && length - 2 < FSM_GOAL_SIZE);
	}
}
END_TEST

START_TEST(more_units_than_there_is_room_for_are_a_fault)
{
	struct fsm_seat seats[2];
	struct fsm_fleet fleet;

	kit_fleet(&fleet, seats, 2,
		"turn-5=1 " EDGE " out; turn-1=2 " EDGE " out; turn-3=3 " EDGE " out");
	ck_assert_uint_eq(fleet.count, 2);
	ck_assert_str_eq(fleet.fault, "turn-3 '3 " EDGE " out'");
	ck_assert_ptr_null(fsm_fleet_seat(&fleet, 3));
	ck_assert_int_eq(fsm_fleet_seat(&fleet, 1)->number, 2);
	ck_assert_int_eq(fsm_fleet_seat(&fleet, 5)->number, 1);
}
END_TEST

/* The largest setting there can be fits: nothing is cut on the way to Juju. */
START_TEST(largest_setting_is_read_as_it_was_written)
{
	struct fsm_seat seats[1], again[1];
	struct fsm_fleet fleet;
	struct fsm_setting setting;
	unsigned at = 0;

	fsm_fleet_init(&fleet, seats, 1);
	(void)fsm_fleet_seated(&fleet, 999999999);
	seats[0].number = 999999999999998;
	seats[0].state = FSM_SEAT_DECLINED;
	memset(seats[0].goal, 'g', FSM_GOAL_SIZE - 1);
	memset(seats[0].wanted, 'w', FSM_GOAL_SIZE - 1);
	seats[0].changed = true;
	ck_assert(fsm_fleet_setting(&fleet, &at, &setting));
	kit_fleet(&fleet, again, 1, "");
	fsm_fleet_take(&fleet, setting.key, setting.value);
	again[0].changed = true;
	ck_assert_str_eq(fleet.fault, "");
	ck_assert_mem_eq(again, seats, sizeof seats);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("bag");

	tcase_add_loop_test(tests, row_is_what_the_page_says, 0, FSM_SEAT_COUNT);
	tcase_add_test(tests, target_is_a_word);
	tcase_add_test(tests, unit_has_a_number);
	tcase_add_test(tests, note_is_read_as_it_was_written);
	tcase_add_test(tests, garbage_in_a_unit_s_bag_says_nothing);
	tcase_add_test(tests, other_keys_are_left_alone);
	tcase_add_test(tests, why_is_cut_and_stays_on_its_line);
	tcase_add_test(tests, fleet_is_read_as_it_was_written);
	tcase_add_test(tests, garbage_in_the_application_s_bag_is_no_turn);
	tcase_add_test(tests, target_that_is_too_long_is_none);
	tcase_add_test(tests, more_units_than_there_is_room_for_are_a_fault);
	tcase_add_test(tests, largest_setting_is_read_as_it_was_written);
	return kit_run_all(tests, "bag");
}
