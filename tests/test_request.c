/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a request: what an operation is, and what becomes of the record by each thing that can
 * be seen of a request.
 */
#include "tests/fsm_kit.h"

/* clang-format off */
static const struct {
	enum fsm_op op;
	const char *noun, *kind;
	bool channel, counts, starts;
	int lands;
	enum fsm_owner done, forgotten;
	enum fsm_reason failed, refused;
} operations[] = {
	{ FSM_OP_NONE,    "",        "",             false, false, false, 0,  FSM_OWNER_AS_BEFORE, FSM_OWNER_AS_BEFORE,
		FSM_REASON_NONE,           FSM_REASON_NONE },
	{ FSM_OP_REMOVE,  "Removal", "remove-snap",  false, true, false,  45, FSM_OWNER_NOBODY,    FSM_OWNER_AS_BEFORE,
		FSM_REASON_REMOVAL_FAILED, FSM_REASON_REMOVAL_REFUSED },
	{ FSM_OP_INSTALL, "Install", "install-snap", true,  true, true,   90, FSM_OWNER_US,        FSM_OWNER_US,
		FSM_REASON_CHANGE_FAILED,  FSM_REASON_SNAPD_REFUSED },
	{ FSM_OP_REFRESH, "Refresh", "refresh-snap", true,  true, true,   90, FSM_OWNER_AS_BEFORE, FSM_OWNER_AS_BEFORE,
		FSM_REASON_REFRESH_FAILED, FSM_REASON_SNAPD_REFUSED },
	{ FSM_OP_SIDELOAD, "Installation", "install-snap", true, true, true, 390, FSM_OWNER_FIRST,   FSM_OWNER_FIRST,
		FSM_REASON_REFRESH_FAILED, FSM_REASON_RESOURCE_REFUSED },
	/* what touches no revision, or only one that is on the disk */
	{ FSM_OP_HOLD,    "Hold",    "hold-snap",       false, false, false, 45, FSM_OWNER_AS_BEFORE, FSM_OWNER_AS_BEFORE,
		FSM_REASON_CHANGE_FAILED,  FSM_REASON_SNAPD_REFUSED },
	{ FSM_OP_UNHOLD,  "Unhold",  "unhold-snap",     false, false, false, 45, FSM_OWNER_AS_BEFORE, FSM_OWNER_AS_BEFORE,
		FSM_REASON_CHANGE_FAILED,  FSM_REASON_SNAPD_REFUSED },
	{ FSM_OP_REVERT,  "Revert",  "revert-snap",     false, false, true,  45, FSM_OWNER_AS_BEFORE, FSM_OWNER_AS_BEFORE,
		FSM_REASON_CHANGE_FAILED,  FSM_REASON_SNAPD_REFUSED },
	{ FSM_OP_RESTART, "Restart", "service-control", false, false, true,  45, FSM_OWNER_AS_BEFORE, FSM_OWNER_AS_BEFORE,
		FSM_REASON_CHANGE_FAILED,  FSM_REASON_SNAPD_REFUSED },
	{ FSM_OP_START,   "Start",   "service-control", false, false, true,  45, FSM_OWNER_AS_BEFORE, FSM_OWNER_AS_BEFORE,
		FSM_REASON_CHANGE_FAILED,  FSM_REASON_SNAPD_REFUSED },
	{ FSM_OP_SWITCH,  "Switch",  "switch-snap",     false, false, false, 45, FSM_OWNER_AS_BEFORE, FSM_OWNER_AS_BEFORE,
		FSM_REASON_CHANGE_FAILED,  FSM_REASON_SNAPD_REFUSED },
};
/* clang-format on */

START_TEST(operation_is_what_snapd_takes_it_for)
{
	const struct fsm_op_row *row = fsm_op_row(operations[_i].op);

	ck_assert_int_eq(COUNT(operations), FSM_OP_COUNT);
	ck_assert_str_eq(row->noun, operations[_i].noun);
	ck_assert_str_eq(row->kind, operations[_i].kind);
	ck_assert_int_eq(row->channel, operations[_i].channel);
	ck_assert_int_eq(row->counts, operations[_i].counts);
	ck_assert_int_eq(row->starts, operations[_i].starts);
	ck_assert_int_eq(row->lands, operations[_i].lands);
	ck_assert_int_eq(row->done, operations[_i].done);
	ck_assert_int_eq(row->forgotten, operations[_i].forgotten);
	ck_assert_int_eq(row->failed, operations[_i].failed);
	ck_assert_int_eq(row->refused, operations[_i].refused);
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

static const struct fsm_failure no_failure;

static bool is_none(const struct fsm_intent *intent)
{
	static const struct fsm_intent none;

	return memcmp(intent, &none, sizeof none) == 0;
}

/* A unit that has committed a request for OP, and remembers FAILURE. */
static struct fsm_turn ask(
	struct fsm_record *record, enum fsm_op op, const struct fsm_failure *failure)
{
	struct fsm_facts facts = kit_needs(op);
	struct fsm_turn turn;

	*record = kit_owner(op);
	record->failure = *failure;
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

/* What an answer makes of an order is in test_order.c. */
START_TEST(answer_is_written)
{
	for (enum fsm_op op = FSM_OP_INSTALL; op <= FSM_OP_UNHOLD; op++) {
		struct fsm_failure before = { .class = FSM_CLASS_PASSING, .op = op, .attempts = 1 };
		struct fsm_record record, expected;
		struct fsm_turn turn;
		const struct fsm_answer answer = { answers[_i].sight, CHANGE,
			FSM_REASON_STORE_TIMEOUT, "why\n", false, answers[_i].busy,
			answers[_i].may_ask, NOW + 3, UNIT };

		if (fsm_op_row(op)->channel)
			before.target = kit_needs(op).wanted;
		turn = ask(&record, op, &before);
		expected = record;
		ck_assert_int_eq(record.failure.attempts, fsm_op_row(op)->counts ? 2 : 1);
		ck_assert_int_eq(fsm_answer(&record, &turn, &answer), answers[_i].write);
		if (answers[_i].write == FSM_WRITE_CHANGE) {
			expected.intent.phase = FSM_PHASE_KNOWN;
			expected.intent.change = CHANGE;
		} else {
			ck_assert(is_none(&record.intent));
			expected.intent = record.intent;
		}
		if (answers[_i].write == FSM_WRITE_DROP)
			expected.failure = before; /* the attempt counts for nothing */
		if (answers[_i].write == FSM_WRITE_FAIL) {
			ck_assert_int_eq(record.failure.reason, FSM_REASON_STORE_TIMEOUT);
			ck_assert_int_eq(record.failure.class, FSM_CLASS_PASSING);
			ck_assert_str_eq(record.failure.detail, "why?");
			ck_assert_int_eq(record.failure.next_try, NOW + 3 + 5 * MINUTE);
			ck_assert_int_eq(record.failure.attempts, 2);
			expected.failure = record.failure;
		}
		ck_assert_mem_eq(&record, &expected, sizeof record);
	}
}
END_TEST

/* Only the words tell why. What a removal, or a file, is refused for is not the Snap Store's. */
START_TEST(refusal_without_a_name_is_that_of_the_operation)
{
	for (enum fsm_op op = FSM_OP_INSTALL; op <= FSM_OP_UNHOLD; op++) {
		struct fsm_record record;
		struct fsm_turn turn = ask(&record, op, &no_failure);

		ck_assert_int_eq(
			kit_refuse(&record, &turn, FSM_REASON_SNAPD_REFUSED, NOW), FSM_WRITE_FAIL);
		ck_assert_int_eq(
			record.failure.reason, op == FSM_OP_REMOVE     ? FSM_REASON_REMOVAL_REFUSED
					       : op == FSM_OP_SIDELOAD ? FSM_REASON_RESOURCE_REFUSED
								       : FSM_REASON_SNAPD_REFUSED);
		ck_assert_str_eq(record.failure.detail, "words");
	}
}
END_TEST

/* Another channel is wanted, a hold no more or after all, or a new life begins. */
static void change_mind(struct fsm_facts *facts)
{
	facts->hold_wanted = !facts->hold_wanted;
	facts->hook = FSM_HOOK_START;
	facts->wanted = fsm_target_of("latest/candidate");
}

enum way { /* how a request and its change are connected */
	UNSEEN,
	SHOWN, /* in the list of the look */
	TOLD,  /* by the answer */
};

/* A unit whose request for OP was seen that WAY, and the facts of the next look. */
static struct fsm_record requested(enum fsm_op op, enum way way, struct fsm_facts *facts)
{
	struct fsm_record record;
	struct fsm_turn turn = ask(&record, op, &no_failure);

	*facts = kit_needs(op);
	facts->now = NOW + 7;
	facts->age = 44;
	facts->fate_error = "Mount\nsnap";
	if (way == TOLD)
		(void)kit_accept(&record, &turn);
	if (way == SHOWN)
		facts->shown = CHANGE;
	return record;
}

/* clang-format off */
#define OURS    FSM_FLIGHT_OURS
#define FOREIGN FSM_FLIGHT_FOREIGN
#define ANY     FSM_EVENT_COUNT

/* Ages: a second before it cannot land any more, and when it cannot. */
enum { YOUNG = -2, OLD = -1 };

/* What a look finds, and what it leaves of a request that is needed, and of one that is not. */
static const struct {
	enum way way;
	enum fsm_fate fate;
	int64_t age;
	enum fsm_flight flight;
	enum fsm_event event;      /* if it is needed */
	enum fsm_phase phase;      /* after it, needed or not */
	enum fsm_reason failure;   /* if it is needed; the attempt itself is counted as interrupted */
} looks[] = {
	/* an unanswered one may land for as long as its row says, if there was no boot */
	{ UNSEEN, FSM_FATE_NONE,      0,  0,       FSM_EVENT_UNSURE, FSM_PHASE_ASKED, FSM_REASON_INTERRUPTED },
	{ UNSEEN, FSM_FATE_NONE,      YOUNG, 0,       FSM_EVENT_UNSURE, FSM_PHASE_ASKED, FSM_REASON_INTERRUPTED },
	{ UNSEEN, FSM_FATE_NONE,      YOUNG, FOREIGN, FSM_EVENT_BUSY,   FSM_PHASE_ASKED, FSM_REASON_INTERRUPTED },
	{ UNSEEN, FSM_FATE_NONE,      OLD, FOREIGN, FSM_EVENT_BUSY,   FSM_PHASE_ASKED, FSM_REASON_INTERRUPTED },
	{ UNSEEN, FSM_FATE_NONE,      OLD, 0,       FSM_EVENT_FAILED, FSM_PHASE_NONE,  FSM_REASON_NO_TRACE },
	{ UNSEEN, FSM_FATE_NONE, INT64_MAX, 0,     FSM_EVENT_FAILED, FSM_PHASE_NONE,  FSM_REASON_NO_TRACE },
	/* one that shows is adopted and waited for, however old it is */
	{ SHOWN,  FSM_FATE_RUNNING,   OLD, OURS,    FSM_EVENT_BUSY,   FSM_PHASE_KNOWN, FSM_REASON_INTERRUPTED },
	{ TOLD,   FSM_FATE_RUNNING,   OLD, OURS,    FSM_EVENT_BUSY,   FSM_PHASE_KNOWN, FSM_REASON_INTERRUPTED },
	{ SHOWN,  FSM_FATE_FAILED,    1,  0,       FSM_EVENT_FAILED, FSM_PHASE_NONE,  FSM_REASON_CHANGE_FAILED },
	{ TOLD,   FSM_FATE_FAILED,    1,  0,       FSM_EVENT_FAILED, FSM_PHASE_NONE,  FSM_REASON_CHANGE_FAILED },
	{ SHOWN,  FSM_FATE_EMPTY,     1,  0,       FSM_EVENT_FAILED, FSM_PHASE_NONE,  FSM_REASON_CHANGE_EMPTY },
	{ TOLD,   FSM_FATE_EMPTY,     1,  0,       FSM_EVENT_FAILED, FSM_PHASE_NONE,  FSM_REASON_CHANGE_EMPTY },
	{ SHOWN,  FSM_FATE_DONE,      1,  0,       ANY,              FSM_PHASE_NONE,  FSM_REASON_INTERRUPTED },
	{ TOLD,   FSM_FATE_DONE,      1,  0,       ANY,              FSM_PHASE_NONE,  FSM_REASON_INTERRUPTED },
	{ TOLD,   FSM_FATE_FORGOTTEN, 1,  0,       ANY,              FSM_PHASE_NONE,  FSM_REASON_INTERRUPTED },
	/* what its end looks like while another change runs may be undone again */
	{ TOLD,   FSM_FATE_DONE,      1,  FOREIGN, FSM_EVENT_BUSY,   FSM_PHASE_KNOWN, FSM_REASON_INTERRUPTED },
	{ TOLD,   FSM_FATE_FORGOTTEN, 1,  FOREIGN, FSM_EVENT_BUSY,   FSM_PHASE_KNOWN, FSM_REASON_INTERRUPTED },
	{ TOLD,   FSM_FATE_FAILED,    1,  FOREIGN, FSM_EVENT_BUSY,   FSM_PHASE_KNOWN, FSM_REASON_INTERRUPTED },
	{ TOLD,   FSM_FATE_EMPTY,     1,  FOREIGN, FSM_EVENT_BUSY,   FSM_PHASE_KNOWN, FSM_REASON_INTERRUPTED },
};
/* clang-format on */

static void must_be_left(
	int row, const struct fsm_record *record, enum fsm_op op, enum fsm_reason failure)
{
	enum fsm_phase phase = looks[row].phase;

	ck_assert_int_eq(record->intent.phase, phase);
	ck_assert_int_eq(record->intent.change, phase == FSM_PHASE_KNOWN ? CHANGE : 0);
	ck_assert(phase == FSM_PHASE_NONE ? is_none(&record->intent) : record->intent.op == op);
	if (failure == FSM_REASON_INTERRUPTED && !fsm_op_row(op)->counts)
		failure = FSM_REASON_NONE;
	if (failure == FSM_REASON_CHANGE_FAILED && fsm_op_moves(op))
		failure = FSM_REASON_REFRESH_FAILED;
	if (failure == FSM_REASON_CHANGE_FAILED && op == FSM_OP_REMOVE)
		failure = FSM_REASON_REMOVAL_FAILED;
	ck_assert_int_eq(record->failure.reason, failure);
}

START_TEST(look_leaves_of_a_request_what_is_still_to_come)
{
	for (enum fsm_op op = FSM_OP_INSTALL; op <= FSM_OP_UNHOLD; op++) {
		struct fsm_facts facts;
		struct fsm_record record = requested(op, looks[_i].way, &facts), other = record;
		bool ours = record.ours, lost = looks[_i].failure == FSM_REASON_NO_TRACE;
		bool stopped = looks[_i].fate == FSM_FATE_FAILED && fsm_op_moves(op);
		enum fsm_event event;

		facts.fate = looks[_i].fate;
		facts.age = looks[_i].age;
		if (facts.age < 0)
			facts.age += fsm_op_row(op)->lands + 1;
		facts.flight = looks[_i].flight;
		event = kit_look(&record, &facts);
		if (looks[_i].event != ANY)
			ck_assert_int_eq(event, looks[_i].event);
		must_be_left(_i, &record, op, looks[_i].failure);
		if (event == FSM_EVENT_FAILED) {
			ck_assert_str_eq(record.failure.detail, lost ? "" : "Mount?snap");
			ck_assert_int_eq(
				record.failure.next_try, NOW + 7 +
								 (lost             ? 0
									 : stopped ? 15 * MINUTE
										   : MINUTE));
		}
		change_mind(&facts);
		ck_assert_int_ne(kit_look(&other, &facts), FSM_EVENT_FAILED);
		must_be_left(_i, &other, op, FSM_REASON_INTERRUPTED);
		if (looks[_i].phase == FSM_PHASE_KNOWN)
			ck_assert(record.ours == ours && other.ours == ours);
	}
}
END_TEST

static const struct {
	const char *boot;
	int64_t uptime, age;
} nows[] = {
	{ "boot", 1000, 0 },
	{ "boot", 1001, 1 },
	{ "boot", 1090, 90 },
	{ "boot", 999, 0 }, /* it was rounded up */
	{ "boot", 998, INT64_MAX },
	{ "boot", 0, INT64_MAX },
	{ "another", 1000, INT64_MAX },
	{ "", 1090, INT64_MAX },
};

START_TEST(age_is_that_since_boot)
{
	const struct fsm_intent intent = { .uptime = 1000, .boot = "boot" };

	ck_assert_int_eq(fsm_request_age(&intent, nows[_i].boot, nows[_i].uptime), nows[_i].age);
}
END_TEST

/* The bits of _i: known by its answer, the snap is there, it was ours before. */
START_TEST(whose_the_snap_is_follows_from_the_operation)
{
	bool present = _i & 2, before = _i & 4, after;

	for (enum fsm_op op = FSM_OP_INSTALL; op < FSM_OP_COUNT; op++) {
		for (enum fsm_fate fate = FSM_FATE_DONE; fate < FSM_FATE_COUNT; fate++) {
			bool worked = fate == FSM_FATE_DONE || fate == FSM_FATE_FORGOTTEN;
			struct fsm_facts facts, looked = present ? kit_facts() : kit_bare();
			struct fsm_record record = requested(
				op, _i & 1 || fate == FSM_FATE_FORGOTTEN ? TOLD : SHOWN, &facts);

			looked.shown = facts.shown;
			looked.fate = fate;
			record.ours = before;
			record.retired = false;
			(void)kit_look(&record, &looked);
			after = before;
			if (op == FSM_OP_INSTALL && worked)
				after = true;
			if (op == FSM_OP_REMOVE && fate == FSM_FATE_DONE)
				after = false; /* a forgotten one may have failed */
			ck_assert(is_none(&record.intent));
			ck_assert_int_eq(record.ours, present && after);
		}
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
	tcase_add_test(tests, refusal_without_a_name_is_that_of_the_operation);
	tcase_add_loop_test(tests, look_leaves_of_a_request_what_is_still_to_come, 0, COUNT(looks));
	tcase_add_loop_test(tests, age_is_that_since_boot, 0, COUNT(nows));
	tcase_add_loop_test(tests, whose_the_snap_is_follows_from_the_operation, 0, 8);
	return kit_run(tests, "request");
}
