/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last failure: whom it waits for, when it is tried again, how often, and for how long it is
 * remembered.
 */
#include "tests/fsm_kit.h"

/* clang-format off */
/* Before the second try, the third, the fourth, and each one after that. */
static const struct {
	enum fsm_class class;
	int64_t pauses[4];
} patiences[FSM_CLASS_COUNT] = {
	{ FSM_CLASS_NONE,     { MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR } },
	{ FSM_CLASS_PASSING,  { MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR } },
	{ FSM_CLASS_DRIFT,    { MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR } },
	{ FSM_CLASS_OPERATOR, { HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR } },
};
static const struct {
	int64_t attempts;
	int pause;
} counts[] = {
	{ INT64_MIN, 0 }, { 0, 0 }, { 1, 0 }, { 2, 1 }, { 3, 2 }, { 4, 3 }, { 5, 3 }, { INT64_MAX, 3 },
};
/* clang-format on */

START_TEST(pause_grows_with_the_attempts)
{
	for (int i = 0; i < COUNT(counts); i++)
		ck_assert_int_eq(fsm_pause(patiences[_i].class, counts[i].attempts, UNIT),
			patiences[_i].pauses[counts[i].pause]);
}
END_TEST

START_TEST(units_of_a_fleet_spread_over_a_fifth_either_way)
{
	int64_t least = INT64_MAX, most = 0;

	for (int i = 0; i < 500; i++) {
		char unit[32];
		int64_t pause;

		snprintf(unit, sizeof unit, "microsample/%d", i);
		pause = fsm_pause(FSM_CLASS_OPERATOR, 1, unit);
		least = pause < least ? pause : least;
		most = pause > most ? pause : most;
	}
	ck_assert_int_eq(least, HOUR - HOUR / 5);
	ck_assert_int_eq(most, HOUR + HOUR / 5);
}
END_TEST

/* The same after an upgrade of the charm: no unit may fall in step with another by it. */
START_TEST(spread_of_a_unit_never_changes)
{
	ck_assert_int_eq(fsm_pause(FSM_CLASS_PASSING, 4, "microsample/0"), 3348);
	ck_assert_int_eq(fsm_pause(FSM_CLASS_PASSING, 4, "microsample/1"), 3672);
}
END_TEST

#define FOR(reason) (1ull << FSM_REASON_##reason)

/* clang-format off */
/* Whom each reason waits for; a request cannot fail for the others. */
static const unsigned long long waits_for[FSM_CLASS_COUNT] = {
	[FSM_CLASS_PASSING] = FOR(STORE_TROUBLE) | FOR(STORE_TIMEOUT) | FOR(CONFLICT) |
		FOR(CHANGE_FAILED) | FOR(CHANGE_EMPTY) | FOR(NO_TRACE) | FOR(INTERRUPTED),
	[FSM_CLASS_OPERATOR] = FOR(CHANNEL_MISSING) | FOR(ARCH_MISSING) | FOR(REVISION_MISSING) |
		FOR(SNAP_MISSING) | FOR(NEEDS_CLASSIC) | FOR(NEEDS_DEVMODE) | FOR(DENIED) |
		FOR(DEGRADED) | FOR(DISK_FULL) | FOR(LOCAL) | FOR(CONTESTED),
	[FSM_CLASS_DRIFT] = FOR(DRIFTED),
};
/* clang-format on */

START_TEST(reason_waits_for_its_class)
{
	enum fsm_reason reason = (enum fsm_reason)_i;
	const struct fsm_reason_row *row = fsm_reason_row(reason);

	for (enum fsm_class class = FSM_CLASS_PASSING; class < FSM_CLASS_COUNT; class ++)
		ck_assert_int_eq(row->class == class, waits_for[class] >> reason & 1);
	/* What waits for a person is blocked, what passes is not. */
	if (row->class != FSM_CLASS_NONE)
		ck_assert_int_eq(row->status,
			row->class == FSM_CLASS_OPERATOR ? FSM_STATUS_BLOCKED : FSM_STATUS_WAITING);
}
END_TEST

static void count(struct fsm_failure *failure, enum fsm_op op, const char *channel, int64_t now)
{
	struct fsm_target target = fsm_target_of(channel);

	fsm_failure_count(failure, op, &target, now, UNIT);
}

static void refuse(struct fsm_failure *failure, enum fsm_reason reason, int64_t now)
{
	count(failure, FSM_OP_INSTALL, EDGE, now);
	fsm_failure_note(failure, reason, "why", now, UNIT);
}

static bool resting(const struct fsm_failure *failure, enum fsm_op op, const char *channel,
	int64_t revision, int64_t now)
{
	struct fsm_target target = fsm_target_of(channel);

	target.revision = revision;
	return fsm_resting(failure, op, &target, now);
}

/* A hook that is killed each time for its memory must not ask each time. */
START_TEST(attempt_counts_when_the_request_is_committed)
{
	static const int64_t pauses[] = { MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, HOUR };
	struct fsm_failure failure = { 0 };

	for (int i = 0; i < COUNT(pauses); i++) {
		const struct fsm_failure expected = {
			.class = FSM_CLASS_PASSING,
			.op = FSM_OP_INSTALL,
			.target.channel = EDGE,
			.reason = FSM_REASON_INTERRUPTED,
			.attempts = i + 1,
			.tried = NOW + i * DAY,
			.next_try = NOW + i * DAY + pauses[i],
		};

		count(&failure, FSM_OP_INSTALL, EDGE, NOW + i * DAY);
		ck_assert_mem_eq(&failure, &expected, sizeof failure);
	}
}
END_TEST

/* clang-format off */
static const struct {
	enum fsm_op op;
	const char *channel;
	int64_t revision;
} others[] = {
	{ FSM_OP_NONE,    EDGE, 0 },
	{ FSM_OP_INSTALL, BETA, 0 },
	{ FSM_OP_INSTALL, "",   0 },
	{ FSM_OP_INSTALL, EDGE, 7 },
	{ FSM_OP_REFRESH, EDGE, 0 },
	{ FSM_OP_REMOVE,  "",   0 },
};
/* clang-format on */

START_TEST(failure_says_nothing_about_another_request)
{
	struct fsm_failure failure = { 0 };
	struct fsm_target target = fsm_target_of(others[_i].channel);

	ck_assert(!resting(&failure, FSM_OP_NONE, "", 0, NOW));
	refuse(&failure, FSM_REASON_CHANNEL_MISSING, NOW);
	ck_assert(resting(&failure, FSM_OP_INSTALL, EDGE, 0, NOW));
	ck_assert(!resting(&failure, others[_i].op, others[_i].channel, others[_i].revision, NOW));
	target.revision = others[_i].revision;
	fsm_failure_count(&failure, others[_i].op, &target, NOW, UNIT);
	ck_assert_int_eq(failure.class, FSM_CLASS_PASSING);
	ck_assert_int_eq(failure.reason, FSM_REASON_INTERRUPTED);
	ck_assert_int_eq(failure.op, others[_i].op);
	ck_assert(fsm_target_same(&failure.target, &target));
	ck_assert_str_eq(failure.detail, "");
	ck_assert_int_eq(failure.attempts, 1);
}
END_TEST

START_TEST(other_kind_of_trouble_has_pauses_of_its_own)
{
	struct fsm_failure failure = { 0 };

	for (int i = 0; i < 4; i++)
		refuse(&failure, FSM_REASON_STORE_TROUBLE, NOW);
	ck_assert_int_eq(failure.next_try, NOW + HOUR);
	refuse(&failure, FSM_REASON_STORE_TIMEOUT, NOW); /* the same kind */
	ck_assert_int_eq(failure.attempts, 5);
	refuse(&failure, FSM_REASON_DISK_FULL, NOW);
	ck_assert_int_eq(failure.next_try, NOW + HOUR);
	ck_assert_int_eq(failure.attempts, 1);
	refuse(&failure, FSM_REASON_DISK_FULL, NOW);
	ck_assert_int_eq(failure.next_try, NOW + 2 * HOUR);
	refuse(&failure, FSM_REASON_STORE_TROUBLE, NOW);
	ck_assert_int_eq(failure.next_try, NOW + MINUTE);
}
END_TEST

/* clang-format off */
enum {
	LONGEST = 6 * HOUR + 6 * HOUR / 5, /* the longest pause, spread included */
};
static const struct {
	int64_t next_try;
	bool rests;
} tries[] = {
	{ 0,                 false },
	{ NOW - 1,           false },
	{ NOW,               false },
	{ NOW + 1,           true },
	{ NOW + LONGEST,     true },
	/* the clock was set back: to wait for it could take years */
	{ NOW + LONGEST + 1, false },
	{ INT64_MAX,         false },
};
/* clang-format on */

START_TEST(next_try_is_due_at_its_second_and_when_the_clock_was_set_back)
{
	struct fsm_failure failure = { 0 };

	refuse(&failure, FSM_REASON_CHANNEL_MISSING, NOW);
	failure.next_try = tries[_i].next_try;
	ck_assert_int_eq(resting(&failure, FSM_OP_INSTALL, EDGE, 0, NOW), tries[_i].rests);
}
END_TEST

START_TEST(settled_elsewhere_ends_the_failure)
{
	static const struct fsm_failure none;
	struct fsm_failure failure = { 0 };
	struct fsm_target beta = fsm_target_of(BETA), pinned = fsm_target_of(EDGE);

	refuse(&failure, FSM_REASON_CHANNEL_MISSING, NOW);
	fsm_failure_settle(&failure, &beta);
	ck_assert_mem_eq(&failure, &none, sizeof none);
	refuse(&failure, FSM_REASON_CHANNEL_MISSING, NOW);
	pinned.revision = 7;
	fsm_failure_settle(&failure, &pinned);
	ck_assert_mem_eq(&failure, &none, sizeof none);
	fsm_failure_settle(&failure, &failure.target); /* nothing comes of nothing */
	ck_assert_mem_eq(&failure, &none, sizeof none);
}
END_TEST

START_TEST(settled_failure_counts_drift_from_one)
{
	struct fsm_failure failure = { 0 }, once;

	for (int i = 0; i < 3; i++)
		refuse(&failure, FSM_REASON_CHANNEL_MISSING, NOW);
	fsm_failure_settle(&failure, &failure.target);
	ck_assert_int_eq(failure.class, FSM_CLASS_DRIFT);
	ck_assert_int_eq(failure.reason, FSM_REASON_DRIFTED);
	ck_assert_int_eq(failure.attempts, 1);
	ck_assert_int_eq(failure.next_try, 0);
	ck_assert_int_eq(failure.tried, NOW);
	ck_assert_str_eq(failure.detail, "");
	count(&failure, FSM_OP_INSTALL, EDGE, NOW);
	once = failure;
	fsm_failure_settle(&failure, &failure.target);
	ck_assert_mem_eq(&failure, &once, sizeof once);
}
END_TEST

/* A refresh that does its work, seen in one more turn. */
static void put_right(struct fsm_record *record, int64_t now)
{
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);
	struct fsm_turn turn;

	facts.now = now;
	turn = kit_turn(record, &facts);
	ck_assert_int_eq(turn.effect, FSM_DO_REFRESH);
	kit_accept(record, &turn);
	facts = kit_facts();
	facts.now = now;
	facts.fate = FSM_FATE_DONE;
	ck_assert_int_eq(kit_look(record, &facts), FSM_EVENT_SETTLED);
}

static enum fsm_event look_astray(struct fsm_record *record, int64_t now)
{
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);

	facts.now = now;
	return kit_look(record, &facts);
}

START_TEST(drift_is_put_right_ever_more_slowly_then_contested)
{
	static const int64_t pauses[] = { 0, 5 * MINUTE, 15 * MINUTE, HOUR, HOUR };
	struct fsm_record record = { 0 };
	int64_t now = NOW;

	for (int i = 0; i < COUNT(pauses); i++) {
		ck_assert_int_eq(look_astray(&record, now), FSM_EVENT_ASTRAY);
		put_right(&record, now);
		ck_assert_int_eq(record.failure.reason, FSM_REASON_DRIFTED);
		if (i == 0)
			continue;
		ck_assert_int_eq(record.failure.next_try, now + pauses[i]);
		ck_assert_int_eq(look_astray(&record, now), FSM_EVENT_RESTING);
		ck_assert_int_eq(record.reason, FSM_REASON_DRIFTED);
		now = record.failure.next_try;
	}
	for (int hours = 1; hours <= 2; hours++) {
		put_right(&record, now);
		ck_assert_int_eq(look_astray(&record, now), FSM_EVENT_REFUSED);
		ck_assert_int_eq(record.state, FSM_STATE_BLOCKED);
		ck_assert_int_eq(record.reason, FSM_REASON_CONTESTED);
		ck_assert_int_eq(record.failure.next_try, now + hours * HOUR);
		now = record.failure.next_try;
	}
}
END_TEST

/* What a day in place, and a second more, makes of a snap that is moved away again. */
START_TEST(more_than_a_day_in_place_forgets_drift_and_contest)
{
	struct fsm_record record = { 0 }, other;
	int64_t now = NOW;

	put_right(&record, now);
	put_right(&record, now += DAY);
	ck_assert_int_eq(record.failure.attempts, 2);
	put_right(&record, now += DAY + 1);
	ck_assert_int_eq(record.failure.attempts, 1);
	for (int i = 0; i < 5; i++)
		put_right(&record, now += HOUR + 1);
	ck_assert_int_eq(record.failure.reason, FSM_REASON_CONTESTED);
	other = record;
	put_right(&other, now + DAY);
	ck_assert_int_eq(other.failure.reason, FSM_REASON_CONTESTED);
	ck_assert_int_eq(other.failure.attempts, 2);
	put_right(&record, now + DAY + 1);
	ck_assert_int_eq(record.failure.class, FSM_CLASS_DRIFT);
	ck_assert_int_eq(record.failure.attempts, 1);
	ck_assert_int_eq(look_astray(&record, now + DAY + 1), FSM_EVENT_ASTRAY);
}
END_TEST

/* Its 45 seconds were the pause. */
START_TEST(first_lost_request_is_repeated_at_once_the_second_is_not)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_needs(FSM_OP_INSTALL);

	for (int lost = 1; lost <= 2; lost++) {
		ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_INSTALL);
		ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_FAILED);
		ck_assert_int_eq(record.failure.reason, FSM_REASON_NO_TRACE);
		ck_assert_int_eq(record.failure.attempts, lost);
		ck_assert_int_eq(record.failure.next_try, lost == 1 ? NOW : NOW + 5 * MINUTE);
	}
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_RESTING);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("failure");

	tcase_add_loop_test(tests, pause_grows_with_the_attempts, 0, COUNT(patiences));
	tcase_add_test(tests, units_of_a_fleet_spread_over_a_fifth_either_way);
	tcase_add_test(tests, spread_of_a_unit_never_changes);
	tcase_add_loop_test(tests, reason_waits_for_its_class, 0, FSM_REASON_COUNT);
	tcase_add_test(tests, attempt_counts_when_the_request_is_committed);
	tcase_add_loop_test(tests, failure_says_nothing_about_another_request, 0, COUNT(others));
	tcase_add_test(tests, other_kind_of_trouble_has_pauses_of_its_own);
	tcase_add_loop_test(tests, next_try_is_due_at_its_second_and_when_the_clock_was_set_back, 0,
		COUNT(tries));
	tcase_add_test(tests, settled_elsewhere_ends_the_failure);
	tcase_add_test(tests, settled_failure_counts_drift_from_one);
	tcase_add_test(tests, drift_is_put_right_ever_more_slowly_then_contested);
	tcase_add_test(tests, more_than_a_day_in_place_forgets_drift_and_contest);
	tcase_add_test(tests, first_lost_request_is_repeated_at_once_the_second_is_not);
	return kit_run(tests, "failure");
}
