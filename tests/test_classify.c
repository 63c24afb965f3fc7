/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts that the order of precedence was made for, one by one. (The whole product of facts is
 * test_precedence.c.)
 */
#include "tests/fsm_kit.h"

enum {
	LONGEST = 6 * HOUR + 6 * HOUR / 5, /* the longest pause, spread included */
};

static struct fsm_record asked(enum fsm_op op, const char *channel)
{
	struct fsm_record record = { 0 };

	kit_intend(&record, op, channel, NOW);
	return record;
}

static struct fsm_record remembers(
	enum fsm_class class, enum fsm_op op, const char *channel, int64_t next_try)
{
	struct fsm_record record = { 0 };

	record.memory.class = class;
	record.memory.op = op;
	record.memory.next_try = next_try;
	fsm_copy(record.memory.channel, sizeof record.memory.channel, channel);
	return record;
}

START_TEST(unsure_beats_settled)
{
	struct fsm_record record = asked(FSM_OP_REFRESH, EDGE);
	struct fsm_facts facts = kit_facts();

	facts.age = FSM_PATIENCE - 1;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_UNSURE);
	facts.age = FSM_PATIENCE;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_SETTLED);
}
END_TEST

START_TEST(reboot_ends_patience)
{
	struct fsm_record record = asked(FSM_OP_INSTALL, EDGE);
	struct fsm_facts facts = kit_bare();

	facts.age = INT64_MAX;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_FAILED);
}
END_TEST

START_TEST(busy_beats_settled_and_unsure)
{
	struct fsm_record record = asked(FSM_OP_REFRESH, EDGE);
	struct fsm_facts facts = kit_facts();

	facts.age = 0;
	for (facts.flight = FSM_FLIGHT_OURS; facts.flight < FSM_FLIGHT_COUNT; facts.flight++)
		ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_BUSY);
}
END_TEST

START_TEST(misconfigured_beats_all_but_going)
{
	struct fsm_record record = { .ours = true };
	struct fsm_facts facts = kit_away();

	facts.option_valid = false;
	facts.wanted = "";
	for (facts.hook = 0; facts.hook < FSM_HOOK_COUNT; facts.hook++)
		ck_assert_int_eq(fsm_classify(&record, &facts), facts.hook == FSM_HOOK_REMOVE
									? FSM_EVENT_UNREACHABLE
									: FSM_EVENT_MISCONFIGURED);
}
END_TEST

START_TEST(misconfigured_keeps_the_intent)
{
	struct fsm_record record = asked(FSM_OP_INSTALL, EDGE), before = record;
	struct fsm_facts facts = kit_away();

	facts.option_valid = false;
	facts.wanted = "";
	facts.option = "'EDGE'";
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_MISCONFIGURED);
	ck_assert_mem_eq(&record.intent, &before.intent, sizeof record.intent);
	ck_assert_mem_eq(&record.memory, &before.memory, sizeof record.memory);
	ck_assert_int_eq(record.state, FSM_STATE_BLOCKED);
	ck_assert_str_eq(record.detail, "'EDGE'");
}
END_TEST

START_TEST(unseeded_is_unreachable)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_bare();

	facts.seeded = false;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_UNREACHABLE);
}
END_TEST

START_TEST(unfit_snap_is_never_refreshed)
{
	struct fsm_record record = { 0 };

	for (unsigned bits = 0; bits < 8; bits++) {
		struct fsm_facts facts = kit_facts();

		facts.tracking = BETA;
		facts.active = !(bits & 1);
		facts.broken = bits & 2;
		facts.local = bits & 4;
		ck_assert_int_eq(
			fsm_classify(&record, &facts), bits ? FSM_EVENT_UNFIT : FSM_EVENT_ASTRAY);
	}
}
END_TEST

START_TEST(service_down_elsewhere_is_no_reason_to_stay)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_facts();

	facts.service_down = "microsample";
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_DOWN);
	facts.tracking = BETA;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_ASTRAY);
}
END_TEST

START_TEST(taken_port_is_down)
{
	struct fsm_record record = { .port = FSM_PORT_TAKEN };
	struct fsm_facts facts = kit_facts();

	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_DOWN);
	/* The unit that has the port moves the snap, unless this one brought it. */
	facts.tracking = BETA;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_DOWN);
	record.ours = true;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_ASTRAY);
	facts = kit_bare();
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_ABSENT);
}
END_TEST

/* A change that failed at last is forgiven when the snap is where it should be all the same. */
START_TEST(settled_beats_failed)
{
	struct fsm_record record = asked(FSM_OP_REFRESH, EDGE);
	struct fsm_facts facts = kit_facts();

	fsm_accept(&record, 41);
	facts.fate = FSM_FATE_FAILED;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_SETTLED);
}
END_TEST

START_TEST(done_with_nothing_done_is_failed)
{
	struct fsm_record record = asked(FSM_OP_INSTALL, EDGE);
	struct fsm_facts facts = kit_bare();

	fsm_accept(&record, 41);
	facts.fate = FSM_FATE_EMPTY;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_FAILED);
}
END_TEST

START_TEST(failure_of_what_is_needed_no_more_is_none)
{
	struct fsm_record record = asked(FSM_OP_INSTALL, BETA);
	struct fsm_facts facts = kit_bare();

	fsm_accept(&record, 41);
	facts.fate = FSM_FATE_FAILED;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_ABSENT);
	strcpy(record.intent.channel, EDGE);
	record.intent.op = FSM_OP_REFRESH;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_ABSENT);
	record.intent.op = FSM_OP_INSTALL;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_FAILED);
}
END_TEST

START_TEST(pruned_change_means_look_again)
{
	struct fsm_record record = asked(FSM_OP_INSTALL, EDGE);
	struct fsm_facts facts = kit_bare();

	fsm_accept(&record, 41);
	facts.fate = FSM_FATE_PRUNED;
	fsm_learn(&record, &facts);
	record.memory.next_try = NOW;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_ABSENT);
}
END_TEST

static const struct {
	enum fsm_op op;
	const char *channel;
	enum fsm_event present, absent;
} memories[] = {
	{ FSM_OP_REFRESH, EDGE, FSM_EVENT_REFUSED, FSM_EVENT_ABSENT },
	{ FSM_OP_INSTALL, EDGE, FSM_EVENT_ASTRAY, FSM_EVENT_REFUSED },
	{ FSM_OP_REFRESH, BETA, FSM_EVENT_ASTRAY, FSM_EVENT_ABSENT },
	{ FSM_OP_INSTALL, BETA, FSM_EVENT_ASTRAY, FSM_EVENT_ABSENT },
	{ FSM_OP_REMOVE, "", FSM_EVENT_ASTRAY, FSM_EVENT_ABSENT },
};

START_TEST(memory_speaks_of_its_operation_and_channel_only)
{
	struct fsm_record record =
		remembers(FSM_CLASS_OPERATOR, memories[_i].op, memories[_i].channel, NOW + HOUR);
	struct fsm_facts facts = kit_bare();

	ck_assert_int_eq(fsm_classify(&record, &facts), memories[_i].absent);
	facts = kit_facts();
	facts.tracking = BETA;
	ck_assert_int_eq(fsm_classify(&record, &facts), memories[_i].present);
}
END_TEST

START_TEST(refusal_is_bypassed_once_by_hand)
{
	struct fsm_record record = remembers(FSM_CLASS_OPERATOR, FSM_OP_INSTALL, EDGE, NOW + HOUR);
	struct fsm_facts facts = kit_bare();

	for (facts.hook = 0; facts.hook < FSM_HOOK_REMOVE; facts.hook++) {
		bool by_hand = facts.hook == FSM_HOOK_CONFIG_CHANGED ||
			       facts.hook == FSM_HOOK_UPGRADE_CHARM;

		facts.first = true;
		ck_assert_int_eq(fsm_classify(&record, &facts),
			by_hand ? FSM_EVENT_ABSENT : FSM_EVENT_REFUSED);
		facts.first = false;
		ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_REFUSED);
	}
}
END_TEST

START_TEST(passing_trouble_is_not_bypassed)
{
	struct fsm_record record = remembers(FSM_CLASS_PASSING, FSM_OP_INSTALL, EDGE, NOW + MINUTE);
	struct fsm_facts facts = kit_bare();

	facts.first = true;
	for (facts.hook = 0; facts.hook < FSM_HOOK_REMOVE; facts.hook++)
		ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_RESTING);
}
END_TEST

static const struct {
	int64_t next_try;
	enum fsm_event event;
} tries[] = {
	{ 0, FSM_EVENT_ABSENT },
	{ NOW - 1, FSM_EVENT_ABSENT },
	{ NOW, FSM_EVENT_ABSENT },
	{ NOW + 1, FSM_EVENT_RESTING },
	{ NOW + LONGEST, FSM_EVENT_RESTING },
	{ NOW + LONGEST + 1, FSM_EVENT_ABSENT },
	{ INT64_MAX, FSM_EVENT_ABSENT },
};

START_TEST(next_try_is_due_at_its_second_and_when_the_clock_jumped)
{
	struct fsm_record record =
		remembers(FSM_CLASS_PASSING, FSM_OP_INSTALL, EDGE, tries[_i].next_try);
	struct fsm_facts facts = kit_bare();

	ck_assert_int_eq(fsm_classify(&record, &facts), tries[_i].event);
}
END_TEST

START_TEST(stop_starts_nothing_new)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_bare();

	facts.hook = FSM_HOOK_STOP;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_RESTING);
	facts = kit_facts();
	facts.hook = FSM_HOOK_STOP;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_SETTLED);
	facts.tracking = BETA;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_RESTING);
}
END_TEST

START_TEST(remove_hook_needs_no_option)
{
	struct fsm_record record = { .ours = true };
	struct fsm_facts facts = kit_facts();

	facts.hook = FSM_HOOK_REMOVE;
	facts.option_valid = false;
	facts.wanted = "";
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_RETIRING);
	facts = kit_bare();
	facts.hook = FSM_HOOK_REMOVE;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_RETIRED);
}
END_TEST

START_TEST(unfit_snap_of_ours_is_removed_all_the_same)
{
	struct fsm_record record = { .ours = true };
	struct fsm_facts facts = kit_facts();

	facts.hook = FSM_HOOK_REMOVE;
	facts.active = false;
	facts.broken = true;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_RETIRING);
}
END_TEST

START_TEST(what_was_never_ours_needs_no_word_of_snapd)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_away();

	facts.hook = FSM_HOOK_REMOVE;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_RETIRED);
	record.ours = true;
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_UNREACHABLE);
	/* An install of ours may have landed: only snapd can tell. */
	record = asked(FSM_OP_INSTALL, EDGE);
	ck_assert_int_eq(fsm_classify(&record, &facts), FSM_EVENT_UNREACHABLE);
}
END_TEST

START_TEST(no_stray_hook_reinstalls)
{
	struct fsm_record record = { .retired = true };
	struct fsm_facts facts = kit_bare();

	facts.first = true;
	for (facts.hook = 0; facts.hook < FSM_HOOK_COUNT; facts.hook++) {
		bool new_life = facts.hook == FSM_HOOK_INSTALL || facts.hook == FSM_HOOK_START;

		ck_assert_int_eq(fsm_classify(&record, &facts),
			new_life ? FSM_EVENT_ABSENT : FSM_EVENT_RETIRED);
	}
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("classify");

	tcase_add_test(tests, unsure_beats_settled);
	tcase_add_test(tests, reboot_ends_patience);
	tcase_add_test(tests, busy_beats_settled_and_unsure);
	tcase_add_test(tests, misconfigured_beats_all_but_going);
	tcase_add_test(tests, misconfigured_keeps_the_intent);
	tcase_add_test(tests, unseeded_is_unreachable);
	tcase_add_test(tests, unfit_snap_is_never_refreshed);
	tcase_add_test(tests, service_down_elsewhere_is_no_reason_to_stay);
	tcase_add_test(tests, taken_port_is_down);
	tcase_add_test(tests, settled_beats_failed);
	tcase_add_test(tests, done_with_nothing_done_is_failed);
	tcase_add_test(tests, failure_of_what_is_needed_no_more_is_none);
	tcase_add_test(tests, pruned_change_means_look_again);
	tcase_add_loop_test(
		tests, memory_speaks_of_its_operation_and_channel_only, 0, COUNT(memories));
	tcase_add_test(tests, refusal_is_bypassed_once_by_hand);
	tcase_add_test(tests, passing_trouble_is_not_bypassed);
	tcase_add_loop_test(
		tests, next_try_is_due_at_its_second_and_when_the_clock_jumped, 0, COUNT(tries));
	tcase_add_test(tests, stop_starts_nothing_new);
	tcase_add_test(tests, remove_hook_needs_no_option);
	tcase_add_test(tests, unfit_snap_of_ours_is_removed_all_the_same);
	tcase_add_test(tests, what_was_never_ours_needs_no_word_of_snapd);
	tcase_add_test(tests, no_stray_hook_reinstalls);
	return kit_run(tests, "classify");
}
