/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a request: what an operation is, and what becomes of the record by each thing that can
 * be seen of a request.
 */
#include "tests/fsm_kit.h"

/* clang-format off */
static const struct {
	enum fsm_op op;
	const char *kind;
	bool channel;
	int lands;
	enum fsm_owner done, forgotten;
} operations[] = {
	{ FSM_OP_NONE,    "",             false, 0,  FSM_OWNER_AS_BEFORE, FSM_OWNER_AS_BEFORE },
	{ FSM_OP_REMOVE,  "remove-snap",  false, 45, FSM_OWNER_NOBODY,    FSM_OWNER_AS_BEFORE },
	{ FSM_OP_INSTALL, "install-snap", true,  45, FSM_OWNER_US,        FSM_OWNER_US },
	{ FSM_OP_REFRESH, "refresh-snap", true,  45, FSM_OWNER_AS_BEFORE, FSM_OWNER_AS_BEFORE },
};
/* clang-format on */

START_TEST(operation_is_what_snapd_takes_it_for)
{
	const struct fsm_op_row *row = fsm_op_row(operations[_i].op);

	ck_assert_int_eq(COUNT(operations), FSM_OP_COUNT);
	ck_assert_str_eq(row->kind, operations[_i].kind);
	ck_assert_int_eq(row->channel, operations[_i].channel);
	ck_assert_int_eq(row->lands, operations[_i].lands);
	ck_assert_int_eq(row->done, operations[_i].done);
	ck_assert_int_eq(row->forgotten, operations[_i].forgotten);
}
END_TEST

/* clang-format off */
#define SEEN(sight) (1u << FSM_SIGHT_##sight)
enum { NEEDED = 1, NOT_NEEDED = 2, EITHER = 3 };

/* The table of lives by what is written; every other case writes nothing. */
static const struct {
	enum fsm_phase phase;
	unsigned sights;
	int when;
	enum fsm_write write;
} lives[] = {
	{ FSM_PHASE_ASKED, SEEN(ACCEPTED) | SEEN(SHOWN),   EITHER,     FSM_WRITE_CHANGE },
	{ FSM_PHASE_ASKED, SEEN(UNSENT) | SEEN(UNTRUSTED), EITHER,     FSM_WRITE_DROP },
	{ FSM_PHASE_ASKED, SEEN(REFUSED),                  EITHER,     FSM_WRITE_FAIL },
	{ FSM_PHASE_ASKED, SEEN(AGED),                     NEEDED,     FSM_WRITE_FAIL },
	{ FSM_PHASE_KNOWN, SEEN(EMPTY) | SEEN(FAILED),     NEEDED,     FSM_WRITE_FAIL },
	{ FSM_PHASE_ASKED, SEEN(AGED),                     NOT_NEEDED, FSM_WRITE_FORGET },
	{ FSM_PHASE_KNOWN, SEEN(EMPTY) | SEEN(FAILED),     NOT_NEEDED, FSM_WRITE_FORGET },
	{ FSM_PHASE_KNOWN, SEEN(DONE) | SEEN(FORGOTTEN),   EITHER,     FSM_WRITE_MEET },
};

static enum fsm_write told_again(enum fsm_phase phase, enum fsm_sight sight, int when)
{
	for (int i = 0; i < COUNT(lives); i++)
		if (lives[i].phase == phase && lives[i].sights >> sight & 1 && lives[i].when & when)
			return lives[i].write;
	return FSM_WRITE_NOTHING;
}

#define ROW(phase, sight, needed, otherwise) \
	rows++; \
	ck_assert_int_eq(FSM_WRITE_##needed, told_again(FSM_PHASE_##phase, FSM_SIGHT_##sight, NEEDED)); \
	ck_assert_int_eq(FSM_WRITE_##otherwise, told_again(FSM_PHASE_##phase, FSM_SIGHT_##sight, NOT_NEEDED));
/* clang-format on */

START_TEST(life_is_as_told)
{
	int rows = 0;

	for (enum fsm_phase phase = 0; phase < FSM_PHASE_COUNT; phase++) {
		for (enum fsm_sight sight = 0; sight < FSM_SIGHT_COUNT; sight++) {
			ck_assert_int_eq(
				fsm_life(phase, sight, true), told_again(phase, sight, NEEDED));
			ck_assert_int_eq(fsm_life(phase, sight, false),
				told_again(phase, sight, NOT_NEEDED));
		}
	}
	/* each sight stands in the table once, for the reader, those that write nothing too */
	FSM_LIFE(ROW)
	ck_assert_int_eq(rows, FSM_SIGHT_COUNT);
}
END_TEST

START_TEST(sight_that_is_a_failure_has_its_reason)
{
	for (enum fsm_sight sight = 0; sight < FSM_SIGHT_COUNT; sight++) {
		enum fsm_reason reason = sight == FSM_SIGHT_AGED     ? FSM_REASON_NO_TRACE
					 : sight == FSM_SIGHT_EMPTY  ? FSM_REASON_CHANGE_EMPTY
					 : sight == FSM_SIGHT_FAILED ? FSM_REASON_CHANGE_FAILED
								     : FSM_REASON_NONE;

		ck_assert_int_eq(fsm_sight_reason(sight), reason);
		ck_assert_uint_gt(strlen(fsm_sight_meaning(sight)), 10);
		for (enum fsm_sight other = 0; other < sight; other++)
			ck_assert_str_ne(fsm_sight_name(sight), fsm_sight_name(other));
	}
	for (enum fsm_write write = 0; write < FSM_WRITE_COUNT; write++) {
		ck_assert_uint_ge(strlen(fsm_write_meaning(write)), 10);
		for (enum fsm_write other = 0; other < write; other++)
			ck_assert_str_ne(fsm_write_name(write), fsm_write_name(other));
	}
	ck_assert_str_eq(fsm_sight_name(FSM_SIGHT_AGED), "AGED");
	ck_assert_str_eq(fsm_write_name(FSM_WRITE_MEET), "MEET");
}
END_TEST

static bool is_none(const struct fsm_intent *intent)
{
	static const struct fsm_intent none;

	return memcmp(intent, &none, sizeof none) == 0;
}

/* A unit that has committed a request for OP. */
static struct fsm_turn ask(struct fsm_record *record, enum fsm_op op)
{
	struct fsm_facts facts = kit_needs(op);
	struct fsm_turn turn;

	record->ours = true;
	turn = kit_turn(record, &facts);
	ck_assert_int_eq(fsm_effect_op(turn.effect), op);
	ck_assert_int_eq(record->intent.op, op);
	ck_assert_int_eq(record->intent.phase, FSM_PHASE_ASKED);
	ck_assert_int_eq(record->intent.baseline, BASELINE);
	return turn;
}

/* clang-format off */
static const struct {
	enum fsm_sight sight;
	bool busy, may_ask;
	enum fsm_write write;
} answers[] = {
	{ FSM_SIGHT_ACCEPTED,  false, false, FSM_WRITE_CHANGE },
	{ FSM_SIGHT_ACCEPTED,  true,  true,  FSM_WRITE_CHANGE },
	{ FSM_SIGHT_UNSENT,    false, false, FSM_WRITE_DROP },
	{ FSM_SIGHT_UNSENT,    true,  true,  FSM_WRITE_DROP },
	{ FSM_SIGHT_REFUSED,   false, false, FSM_WRITE_FAIL },
	{ FSM_SIGHT_REFUSED,   false, true,  FSM_WRITE_FAIL },
	{ FSM_SIGHT_REFUSED,   true,  false, FSM_WRITE_DROP },
	{ FSM_SIGHT_REFUSED,   true,  true,  FSM_WRITE_DROP },
	{ FSM_SIGHT_UNTRUSTED, false, true,  FSM_WRITE_DROP },
	{ FSM_SIGHT_UNTRUSTED, true,  true,  FSM_WRITE_DROP },
	{ FSM_SIGHT_UNTRUSTED, true,  false, FSM_WRITE_DROP },
	{ FSM_SIGHT_UNTRUSTED, false, false, FSM_WRITE_FAIL }, /* or there would be no end */
};
/* clang-format on */

START_TEST(answer_is_written)
{
	for (enum fsm_op op = FSM_OP_INSTALL; op < FSM_OP_COUNT; op++) {
		struct fsm_record record = { .failure = { .class = FSM_CLASS_PASSING, .op = op } };
		struct fsm_record asked, expected;
		struct fsm_turn turn = ask(&record, op);
		const struct fsm_answer answer = { answers[_i].sight, CHANGE, FSM_REASON_CONFLICT,
			"why\n", answers[_i].busy, answers[_i].may_ask, NOW + 3, UNIT };

		expected = asked = record;
		ck_assert_int_eq(fsm_answer(&record, &turn, &answer), answers[_i].write);
		if (answers[_i].write == FSM_WRITE_CHANGE) {
			expected.intent.phase = FSM_PHASE_KNOWN;
			expected.intent.change = CHANGE;
		} else {
			ck_assert(is_none(&record.intent));
			expected.intent = record.intent;
		}
		if (answers[_i].write == FSM_WRITE_DROP)
			expected.failure = turn.before;
		if (answers[_i].write == FSM_WRITE_FAIL) {
			ck_assert_int_eq(record.failure.reason, FSM_REASON_CONFLICT);
			ck_assert_int_eq(record.failure.class, FSM_CLASS_PASSING);
			ck_assert_str_eq(record.failure.detail, "why?");
			ck_assert_int_eq(record.failure.next_try, NOW + 3 + MINUTE);
			ck_assert_int_eq(record.failure.attempts, asked.failure.attempts);
			expected.failure = record.failure;
		}
		ck_assert_mem_eq(&record, &expected, sizeof record);
	}
}
END_TEST

START_TEST(dropped_attempt_counts_for_nothing)
{
	for (enum fsm_op op = FSM_OP_INSTALL; op < FSM_OP_COUNT; op++) {
		static const struct fsm_answer unsent = { .sight = FSM_SIGHT_UNSENT };
		struct fsm_record record = { .ours = true }, before;
		struct fsm_facts facts = kit_needs(op);
		struct fsm_turn turn = ask(&record, op);

		kit_refuse(&record, &turn, FSM_REASON_STORE_TROUBLE, NOW);
		before = record;
		facts.now = NOW + DAY;
		turn = kit_turn(&record, &facts);
		ck_assert_int_eq(record.failure.attempts, 2);
		ck_assert_int_eq(fsm_answer(&record, &turn, &unsent), FSM_WRITE_DROP);
		ck_assert_mem_eq(&record.failure, &before.failure, sizeof before.failure);
	}
}
END_TEST

/* A request for OP whose change is known by its answer, or shows in the look that FACTS are of. */
static struct fsm_record known(enum fsm_op op, bool answered, struct fsm_facts *facts)
{
	struct fsm_record record = { 0 };
	struct fsm_turn turn = ask(&record, op);

	*facts = kit_needs(op);
	if (answered)
		kit_accept(&record, &turn);
	else
		facts->shown = CHANGE;
	facts->age = 1;
	return record;
}

/* Another channel is wanted, or a new life begins. */
static void change_mind(struct fsm_facts *facts)
{
	facts->hook = FSM_HOOK_START;
	facts->wanted = fsm_target_of("latest/candidate");
}

START_TEST(unanswered_request_may_land_for_45_seconds)
{
	for (enum fsm_op op = FSM_OP_INSTALL; op < FSM_OP_COUNT; op++) {
		struct fsm_record record = { 0 }, asked;
		struct fsm_facts facts = kit_needs(op);

		(void)ask(&record, op);
		asked = record;
		facts.age = 44;
		for (int other = 0; other < 2; other++) {
			ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_UNSURE);
			ck_assert_mem_eq(&record.intent, &asked.intent, sizeof asked.intent);
			ck_assert_mem_eq(&record.failure, &asked.failure, sizeof asked.failure);
			change_mind(&facts);
		}
	}
}
END_TEST

START_TEST(request_that_left_no_trace_has_failed_if_it_is_needed)
{
	static const int64_t ages[] = { 45, INT64_MAX }; /* or there was a boot */

	for (enum fsm_op op = FSM_OP_INSTALL; op < FSM_OP_COUNT; op++) {
		struct fsm_record record = { 0 }, other;
		struct fsm_facts facts = kit_needs(op);

		(void)ask(&record, op);
		other = record;
		facts.age = ages[_i];
		facts.fate_error = "stale";
		ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_FAILED);
		ck_assert(is_none(&record.intent));
		ck_assert_int_eq(record.failure.reason, FSM_REASON_NO_TRACE);
		ck_assert_str_eq(record.failure.detail, "");
		change_mind(&facts);
		ck_assert_int_ne(kit_look(&other, &facts), FSM_EVENT_FAILED);
		ck_assert(is_none(&other.intent));
		ck_assert_int_eq(other.failure.reason, FSM_REASON_INTERRUPTED);
	}
}
END_TEST

START_TEST(running_change_is_adopted_and_waited_for)
{
	for (enum fsm_op op = FSM_OP_INSTALL; op < FSM_OP_COUNT; op++) {
		struct fsm_facts facts;
		struct fsm_record record = known(op, _i, &facts);

		facts.flight = FSM_FLIGHT_OURS;
		facts.flight_kind = fsm_op_row(op)->kind;
		facts.fate = FSM_FATE_RUNNING;
		for (int other = 0; other < 2; other++) {
			ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_BUSY);
			ck_assert_int_eq(record.intent.op, op);
			ck_assert_int_eq(record.intent.phase, FSM_PHASE_KNOWN);
			ck_assert_int_eq(record.intent.change, CHANGE);
			ck_assert_str_eq(record.detail, fsm_op_row(op)->kind);
			change_mind(&facts);
		}
	}
}
END_TEST

START_TEST(change_that_ended_badly_is_a_failure_if_it_is_needed)
{
	for (enum fsm_op op = FSM_OP_INSTALL; op < FSM_OP_COUNT; op++) {
		struct fsm_facts facts;
		struct fsm_record record = known(op, _i & 1, &facts), other = record;
		bool empty = _i & 2;

		facts.fate = empty ? FSM_FATE_EMPTY : FSM_FATE_FAILED;
		facts.fate_error = "Mount\nsnap";
		facts.now = NOW + 7;
		ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_FAILED);
		ck_assert(is_none(&record.intent));
		ck_assert_int_eq(record.failure.reason,
			empty ? FSM_REASON_CHANGE_EMPTY : FSM_REASON_CHANGE_FAILED);
		ck_assert_str_eq(record.failure.detail, "Mount?snap");
		ck_assert_int_eq(record.failure.next_try, NOW + 7 + MINUTE);
		change_mind(&facts);
		ck_assert_int_ne(kit_look(&other, &facts), FSM_EVENT_FAILED);
		ck_assert(is_none(&other.intent));
		ck_assert_int_eq(other.failure.reason, FSM_REASON_INTERRUPTED);
	}
}
END_TEST

/* The bits of _i: known by its answer, forgotten by snapd, the snap is there, it was ours before. */
START_TEST(whose_the_snap_is_follows_from_the_operation)
{
	bool forgotten = _i & 2, present = _i & 4, before = _i & 8;

	for (enum fsm_op op = FSM_OP_INSTALL; op < FSM_OP_COUNT; op++) {
		struct fsm_facts facts, looked;
		struct fsm_record record = known(op, _i & 1 || forgotten, &facts);
		bool after = op == FSM_OP_INSTALL  ? true
			     : op == FSM_OP_REMOVE ? before && forgotten /* it may have failed */
						   : before;

		looked = present ? kit_facts() : kit_bare();
		looked.shown = facts.shown;
		looked.fate = forgotten ? FSM_FATE_FORGOTTEN : FSM_FATE_DONE;
		record.ours = before;
		record.retired = false;
		(void)kit_look(&record, &looked);
		ck_assert(is_none(&record.intent));
		ck_assert_int_eq(record.ours, present && after);
	}
}
END_TEST

START_TEST(failed_change_makes_nothing_ours)
{
	for (enum fsm_fate fate = 0; fate < FSM_FATE_COUNT; fate++) {
		struct fsm_facts facts;
		struct fsm_record record = known(FSM_OP_INSTALL, true, &facts);

		facts = kit_facts();
		facts.fate = fate;
		record.ours = false;
		(void)kit_look(&record, &facts);
		ck_assert_int_eq(record.ours, fate == FSM_FATE_DONE || fate == FSM_FATE_FORGOTTEN);
	}
}
END_TEST

/* What the end of ours looks like while another change runs may be undone again. */
START_TEST(end_is_not_taken_over_while_a_change_runs)
{
	static const enum fsm_fate ends[] = { FSM_FATE_DONE, FSM_FATE_FORGOTTEN, FSM_FATE_FAILED,
		FSM_FATE_EMPTY };

	for (enum fsm_op op = FSM_OP_INSTALL; op < FSM_OP_COUNT; op++) {
		struct fsm_facts facts;
		struct fsm_record record = known(op, true, &facts), before = record;

		facts.flight = FSM_FLIGHT_FOREIGN;
		facts.fate = ends[_i];
		for (int other = 0; other < 2; other++) {
			ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_BUSY);
			ck_assert_mem_eq(&record.intent, &before.intent, sizeof before.intent);
			ck_assert_mem_eq(&record.failure, &before.failure, sizeof before.failure);
			ck_assert_int_eq(record.ours, before.ours);
			change_mind(&facts);
		}
	}
}
END_TEST

START_TEST(remove_is_needed_by_a_unit_that_goes_and_by_no_other)
{
	for (enum fsm_hook hook = 0; hook < FSM_HOOK_COUNT; hook++) {
		struct fsm_record record = { 0 };
		struct fsm_facts facts = kit_bare();

		facts.hook = hook;
		ck_assert_int_eq(fsm_needed(&record, &facts),
			hook == FSM_HOOK_REMOVE ? FSM_OP_REMOVE : FSM_OP_INSTALL);
		facts.present = true;
		ck_assert_int_eq(fsm_needed(&record, &facts),
			hook == FSM_HOOK_REMOVE ? FSM_OP_REMOVE : FSM_OP_REFRESH);
		record.retired = true;
		ck_assert_int_eq(fsm_needed(&record, &facts),
			hook == FSM_HOOK_INSTALL || hook == FSM_HOOK_START ? FSM_OP_REFRESH
									   : FSM_OP_REMOVE);
	}
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("request");

	tcase_add_loop_test(tests, operation_is_what_snapd_takes_it_for, 0, COUNT(operations));
	tcase_add_test(tests, life_is_as_told);
	tcase_add_test(tests, sight_that_is_a_failure_has_its_reason);
	tcase_add_loop_test(tests, answer_is_written, 0, COUNT(answers));
	tcase_add_test(tests, dropped_attempt_counts_for_nothing);
	tcase_add_test(tests, unanswered_request_may_land_for_45_seconds);
	tcase_add_loop_test(tests, request_that_left_no_trace_has_failed_if_it_is_needed, 0, 2);
	tcase_add_loop_test(tests, running_change_is_adopted_and_waited_for, 0, 2);
	tcase_add_loop_test(tests, change_that_ended_badly_is_a_failure_if_it_is_needed, 0, 4);
	tcase_add_loop_test(tests, whose_the_snap_is_follows_from_the_operation, 0, 16);
	tcase_add_test(tests, failed_change_makes_nothing_ours);
	tcase_add_loop_test(tests, end_is_not_taken_over_while_a_change_runs, 0, 4);
	tcase_add_test(tests, remove_is_needed_by_a_unit_that_goes_and_by_no_other);
	return kit_run(tests, "request");
}
