/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong, in its three memories: the last failure and its pauses, how often the snap was put
 * right, and the target that is not asked for any more. Who asks past a pause is in test_patience.c.
 */
#include "fsm/columns.h"
#include "tests/fsm_kit.h"

/* clang-format off */
/* Minutes before the second try, the third, ..., and each one after the fifth. */
static const struct {
	enum fsm_class class;
	int minutes[FSM_PAUSES];
	bool by_hand;
	int lasting; /* hours */
} patiences[] = {
	{ FSM_CLASS_SERVICE, { 15, 60, 60, 60, 60 },     true, 0 },  /* the service was down for it */
	{ FSM_CLASS_REMOVAL, { 1, 5, 15, 15, 15 },       false, 0 }, /* and here a snapshot was made */
	{ FSM_CLASS_FINAL,   { 5, 15, 60, 120, 360 },    true, 6 },  /* only a person cures it */
	{ FSM_CLASS_UNKNOWN, { 1, 5, 15, 60, 60 },       true, 6 },
	{ FSM_CLASS_PASSING, { 1, 5, 15, 60, 60 },       true, 0 },
	{ FSM_CLASS_DRIFT,   { 5, 15, 60, 60, 60 },      true, 0 },
	{ FSM_CLASS_LITTLE,  { 1, 5, 15, 15, 15 },       true, 0 },
	{ FSM_CLASS_CONTEST, { 60, 120, 240, 360, 360 }, true, 0 },
	{ FSM_CLASS_SNAPD,   { 0 },                      true, 0 },  /* asked again at each hook */
	{ FSM_CLASS_ABORT,   { 360, 360, 360, 360, 360 }, false, 0 }, /* a person did not want it */
	{ FSM_CLASS_UPDATE,  { 360, 360, 360, 360, 360 }, false, 0 },
	{ FSM_CLASS_NONE,    { 0 },                      true, 0 },
};
static const struct {
	int64_t attempts;
	int pause;
} counts[] = {
	{ INT64_MIN, 0 }, { 0, 0 }, { 1, 0 }, { 2, 1 }, { 3, 2 }, { 4, 3 }, { 5, 4 }, { 6, 4 },
	{ INT64_MAX, 4 },
};
/* clang-format on */

START_TEST(pause_follows_from_the_class_and_grows_with_the_attempts)
{
	enum fsm_class class = patiences[_i].class;

	ck_assert_int_eq(COUNT(patiences), FSM_CLASS_COUNT);
	for (int i = 0; i < COUNT(counts); i++) {
		int64_t pause = (int64_t)patiences[_i].minutes[counts[i].pause] * MINUTE,
			bare = pause;

		if ((class == FSM_CLASS_PASSING || class == FSM_CLASS_UNKNOWN) &&
			bare > 15 * MINUTE)
			bare = 15 * MINUTE; /* nobody is served meanwhile */
		ck_assert_int_eq(fsm_pause(class, counts[i].attempts, UNIT, true), pause);
		ck_assert_int_eq(fsm_pause(class, counts[i].attempts, UNIT, false), bare);
	}
	ck_assert_int_eq(fsm_class_row(class)->by_hand, patiences[_i].by_hand);
	ck_assert_int_eq(fsm_class_row(class)->lasting, patiences[_i].lasting);
}
END_TEST

START_TEST(units_of_a_fleet_spread_over_a_fifth_and_without_a_snap_none_waits_longer)
{
	int64_t least = INT64_MAX, most = 0;
	bool installed = _i;

	for (int i = 0; i < 500; i++) {
		char unit[32];
		int64_t pause;

		snprintf(unit, sizeof unit, "microsample/%d", i);
		pause = fsm_pause(FSM_CLASS_FINAL, 3, unit, installed);
		least = pause < least ? pause : least;
		most = pause > most ? pause : most;
		ck_assert_int_le(
			fsm_pause(FSM_CLASS_PASSING, 5, unit, false), (int64_t)15 * MINUTE);
	}
	ck_assert_int_eq(least, HOUR - HOUR / 5);
	ck_assert_int_eq(most, installed ? HOUR + HOUR / 5 : HOUR);
}
END_TEST

/* The same after an upgrade of the charm: no unit may fall in step with another by it. */
START_TEST(spread_of_a_unit_never_changes)
{
	ck_assert_int_eq(fsm_pause(FSM_CLASS_PASSING, 4, "microsample/0", true), 3348);
	ck_assert_int_eq(fsm_pause(FSM_CLASS_PASSING, 4, "microsample/1", true), 3672);
	ck_assert_int_eq(fsm_pause(FSM_CLASS_FINAL, 3, "microsample/0", false), 3348);
	ck_assert_int_eq(fsm_pause(FSM_CLASS_FINAL, 3, "microsample/1", false), 3528);
}
END_TEST

#define FOR(reason) (1ull << FSM_REASON_##reason)

/* clang-format off */
/* What each reason costs and waits for; a request cannot fail for the others. */
static const unsigned long long waits_for[FSM_CLASS_COUNT] = {
	[FSM_CLASS_SNAPD] = FOR(DENIED) | FOR(DEGRADED) | FOR(NOT_SEEDED),
	[FSM_CLASS_UNKNOWN] = FOR(SNAPD_REFUSED),
	[FSM_CLASS_LITTLE] = FOR(DISK_FULL) | FOR(CONFLICT) | FOR(REMOVAL_REFUSED),
	[FSM_CLASS_REMOVAL] = FOR(REMOVAL_FAILED),
	[FSM_CLASS_PASSING] = FOR(STORE_TROUBLE) | FOR(STORE_TIMEOUT) | FOR(CHANGE_FAILED) | FOR(CHANGE_EMPTY) | FOR(NO_TRACE) | FOR(INTERRUPTED) |
		FOR(UPLOAD_CUT),
	[FSM_CLASS_FINAL] = FOR(CHANNEL_MISSING) | FOR(ARCH_MISSING) | FOR(REVISION_MISSING) |
		FOR(SNAP_MISSING) | FOR(NEEDS_CLASSIC) | FOR(NEEDS_DEVMODE) | FOR(LOCAL) |
		FOR(CONTRADICTED) | FOR(RESOURCE_LOST) | FOR(RESOURCE_REFUSED) | FOR(PIN_MISSING) | FOR(HOLD_UNKNOWN),
	[FSM_CLASS_ABORT] = FOR(ABORTED),
	[FSM_CLASS_SERVICE] = FOR(REFRESH_FAILED),
	[FSM_CLASS_CONTEST] = FOR(CONTESTED),
};
/* clang-format on */

START_TEST(reason_waits_for_its_class)
{
	enum fsm_reason reason = (enum fsm_reason)_i;
	const struct fsm_reason_row *row = fsm_reason_row(reason);
	bool passes = reason == FSM_REASON_NOT_SEEDED || reason == FSM_REASON_CONTRADICTED;
	bool person = (row->class == FSM_CLASS_SNAPD || row->class == FSM_CLASS_FINAL ||
			      row->class == FSM_CLASS_CONTEST || row->class == FSM_CLASS_ABORT ||
			      reason == FSM_REASON_DISK_FULL) &&
		      !passes;

	for (enum fsm_class class = FSM_CLASS_NONE + 1; class < FSM_CLASS_COUNT; class ++)
		ck_assert_int_eq(row->class == class, waits_for[class] >> reason & 1);
	/* What waits for a person is blocked, what passes is not. */
	if (row->class != FSM_CLASS_NONE)
		ck_assert_int_eq(row->status, person ? FSM_STATUS_BLOCKED : FSM_STATUS_WAITING);
}
END_TEST

/* A unit whose snap is there. */
static struct fsm_record installed(void)
{
	return (struct fsm_record){ .target.channel = EDGE, .revision = "7" };
}

static void count(struct fsm_record *record, enum fsm_op op, const char *channel, int64_t now)
{
	struct fsm_target target = fsm_target_of(channel);

	fsm_failure_count(record, op, &target, now, UNIT);
}

static void try_fails(
	struct fsm_record *record, const char *channel, enum fsm_reason reason, int64_t now)
{
	count(record, FSM_OP_REFRESH, channel, now);
	fsm_failure_note(record, reason, "why", now, UNIT);
}

static bool resting(const struct fsm_record *record, enum fsm_op op, const char *channel,
	int64_t revision, int64_t now)
{
	struct fsm_target target = fsm_target_of(channel);

	target.revision = revision;
	return fsm_resting(&record->failure, op, &target, now);
}

/* A hook that is killed each time for its memory must not ask each time. */
START_TEST(attempt_counts_when_the_request_is_committed)
{
	static const int64_t pauses[] = { MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, HOUR, HOUR };
	struct fsm_record record = installed();

	for (int i = 0; i < COUNT(pauses); i++) {
		const struct fsm_failure expected = {
			.class = FSM_CLASS_PASSING,
			.op = FSM_OP_INSTALL,
			.target.channel = EDGE,
			.reason = FSM_REASON_INTERRUPTED,
			.attempts = i + 1,
			.tried = NOW + i * DAY,
			.answered = NOW + i * DAY,
			.next_try = NOW + i * DAY + pauses[i],
		};

		struct fsm_record wanted;

		count(&record, FSM_OP_INSTALL, EDGE, NOW + i * DAY);
		wanted = record;
		wanted.failure = expected;
		ck_assert(fsm_same_all(&record, &wanted));
	}
}
END_TEST

/* A request may take minutes to fail. */
START_TEST(pause_begins_with_the_answer)
{
	struct fsm_record record = installed();

	count(&record, FSM_OP_REFRESH, EDGE, NOW);
	fsm_failure_note(&record, FSM_REASON_STORE_TIMEOUT, "why", NOW + 90, UNIT);
	ck_assert_int_eq(record.failure.tried, NOW);
	ck_assert_int_eq(record.failure.answered, NOW + 90);
	ck_assert_int_eq(record.failure.next_try, NOW + 90 + MINUTE);
}
END_TEST

/* clang-format off */
static const struct {
	enum fsm_op op;
	const char *channel;
	int64_t revision;
} others[] = {
	{ FSM_OP_NONE,    EDGE, 0 },
	{ FSM_OP_REFRESH, BETA, 0 },
	{ FSM_OP_REFRESH, "",   0 },
	{ FSM_OP_REFRESH, EDGE, 7 },
	{ FSM_OP_INSTALL, EDGE, 0 },
	{ FSM_OP_REMOVE,  "",   0 },
};
/* clang-format on */

START_TEST(failure_says_nothing_about_another_request)
{
	struct fsm_record record = installed();
	struct fsm_target target = fsm_target_of(others[_i].channel);

	ck_assert(!resting(&record, FSM_OP_NONE, "", 0, NOW));
	try_fails(&record, EDGE, FSM_REASON_CHANNEL_MISSING, NOW);
	ck_assert(resting(&record, FSM_OP_REFRESH, EDGE, 0, NOW));
	ck_assert(!resting(&record, others[_i].op, others[_i].channel, others[_i].revision, NOW));
	target.revision = others[_i].revision;
	fsm_failure_count(&record, others[_i].op, &target, NOW, UNIT);
	ck_assert_int_eq(record.failure.class, FSM_CLASS_PASSING);
	ck_assert_int_eq(record.failure.reason, FSM_REASON_INTERRUPTED);
	ck_assert_int_eq(record.failure.op, others[_i].op);
	ck_assert(fsm_target_same(&record.failure.target, &target));
	ck_assert_str_eq(record.failure.detail, "");
	ck_assert_int_eq(record.failure.attempts, 1);
}
END_TEST

START_TEST(other_kind_of_trouble_has_pauses_of_its_own)
{
	struct fsm_record record = installed();

	for (int i = 0; i < 4; i++)
		try_fails(&record, EDGE, FSM_REASON_STORE_TROUBLE, NOW);
	ck_assert_int_eq(record.failure.next_try, NOW + HOUR);
	try_fails(&record, EDGE, FSM_REASON_STORE_TIMEOUT, NOW); /* the same kind */
	ck_assert_int_eq(record.failure.attempts, 5);
	try_fails(&record, EDGE, FSM_REASON_SNAP_MISSING, NOW);
	ck_assert_int_eq(record.failure.next_try, NOW + 5 * MINUTE);
	ck_assert_int_eq(record.failure.attempts, 1);
	try_fails(&record, EDGE, FSM_REASON_CHANNEL_MISSING, NOW);
	ck_assert_int_eq(record.failure.next_try, NOW + 15 * MINUTE);
	try_fails(&record, EDGE, FSM_REASON_STORE_TROUBLE, NOW);
	ck_assert_int_eq(record.failure.next_try, NOW + MINUTE);
}
END_TEST

START_TEST(unit_without_its_snap_tries_again_within_a_quarter_of_an_hour)
{
	struct fsm_record record = { 0 };

	for (int i = 0; i < 9; i++) {
		count(&record, FSM_OP_INSTALL, EDGE, NOW);
		ck_assert_int_le(record.failure.next_try, NOW + 15 * MINUTE);
		fsm_failure_note(&record, FSM_REASON_STORE_TROUBLE, "why", NOW, "microsample/1");
		ck_assert_int_le(record.failure.next_try, NOW + 15 * MINUTE);
	}
	ck_assert_int_eq(record.failure.next_try, NOW + 882);
	strcpy(record.revision, "7");
	fsm_failure_note(&record, FSM_REASON_STORE_TROUBLE, "why", NOW, "microsample/1");
	ck_assert_int_eq(record.failure.next_try, NOW + 3672);
}
END_TEST

/* clang-format off */
/* From when until when it rests, and whether it does so now. */
static const struct {
	int64_t from, until;
	bool rests;
} pauses[] = {
	{ 0,            0,                 false },
	{ NOW - MINUTE, NOW - 1,           false },
	{ NOW - MINUTE, NOW,               false },
	{ NOW - MINUTE, NOW + 1,           true },
	{ NOW,          NOW,               false },
	{ NOW,          NOW + 1,           true },
	/* the clock was set back: to wait for it could take years */
	{ NOW + 1,      NOW + 2,           false },
	{ NOW + 1,      NOW + MINUTE,      false },
	{ NOW + HOUR,   NOW + 2 * HOUR,    false },
	{ INT64_MAX - 1, INT64_MAX,        false },
	/* further off than the first pause of this class is, and its spread */
	{ NOW,          NOW + 6 * MINUTE,     true },
	{ NOW,          NOW + 6 * MINUTE + 1, false },
	{ NOW - DAY,    NOW + 6 * MINUTE,     true },
	{ NOW - DAY,    NOW + 100 * DAY,      false },
	{ 0,            INT64_MAX,            false },
};
/* clang-format on */

START_TEST(pause_ends_at_its_second_and_when_the_clock_is_set_back_by_any_amount)
{
	struct fsm_record record = installed();
	struct fsm_drift *drift = &record.drift;

	try_fails(&record, EDGE, FSM_REASON_CHANNEL_MISSING, NOW);
	record.failure.answered = pauses[_i].from;
	record.failure.next_try = pauses[_i].until;
	ck_assert_int_eq(resting(&record, FSM_OP_REFRESH, EDGE, 0, NOW), pauses[_i].rests);
	*drift = (struct fsm_drift){ record.target, 2, pauses[_i].from, pauses[_i].until };
	ck_assert_int_eq(fsm_drifting(drift, &record.target, NOW), pauses[_i].rests);
	drift->times = 1; /* it was never put right: somebody moved it for the first time */
	ck_assert(!fsm_drifting(drift, &record.target, NOW));
	drift->times = 2;
	record.target.revision = 3;
	ck_assert(!fsm_drifting(drift, &record.target, NOW));
}
END_TEST

/* The snap was put on a channel twice, and is to go elsewhere or stay, found so or put so. */
START_TEST(settling_ends_the_failure_and_what_was_refused)
{
	static const struct fsm_failure no_failure;
	static const struct fsm_refused not_refused;
	struct fsm_record record = installed();
	struct fsm_target elsewhere = fsm_target_of(_i & 1 ? BETA : EDGE);
	bool put = _i & 4;

	elsewhere.revision = _i & 2;
	fsm_failure_settle(&record, true, NOW, UNIT);
	fsm_failure_settle(&record, true, NOW + 1, UNIT);
	ck_assert_int_eq(record.drift.times, 2);
	try_fails(&record, EDGE, FSM_REASON_REFRESH_FAILED, NOW + 2);
	ck_assert_int_eq(record.drift.times, 2); /* trouble leaves it alone */
	record.target = elsewhere;
	fsm_failure_settle(&record, put, NOW + 3, UNIT);
	ck_assert_mem_eq(&record.failure, &no_failure, sizeof no_failure);
	ck_assert_mem_eq(&record.refused, &not_refused, sizeof not_refused);
	ck_assert(fsm_target_same(&record.drift.target, &elsewhere));
	ck_assert_int_eq(record.drift.times, _i & 3 ? 1 : put ? 3 : 2);
	ck_assert_int_eq(record.drift.put, _i & 3 || put ? NOW + 3 : NOW + 1);
	if (_i & 3)
		ck_assert_int_eq(record.drift.next_try, 0);
}
END_TEST

START_TEST(snap_that_is_found_in_place_is_not_put_there)
{
	struct fsm_record record = installed(), once;

	fsm_failure_settle(&record, false, NOW, UNIT);
	once = record;
	ck_assert_int_eq(record.drift.times, 1);
	fsm_failure_settle(&record, false, NOW + 2 * DAY, UNIT);
	ck_assert_mem_eq(&record, &once, sizeof once);
}
END_TEST

static struct fsm_facts moved(enum fsm_op op, int64_t now)
{
	struct fsm_facts facts = kit_needs(op);

	facts.now = now;
	return facts;
}

/* Somebody moves or removes the snap, and a request puts it right, seen in one more turn. */
static void put_right(struct fsm_record *record, enum fsm_op op, int64_t now)
{
	struct fsm_facts facts = moved(op, now);
	struct fsm_turn turn = kit_turn(record, &facts);

	ck_assert_int_eq(fsm_effect_op(turn.effect), op);
	kit_accept(record, &turn);
	facts = kit_facts();
	facts.now = now;
	facts.fate = FSM_FATE_DONE;
	ck_assert_int_eq(kit_look(record, &facts), FSM_EVENT_SETTLED);
}

/* Each time it is moved the same way, or in turn removed and moved; in between a try may fail. */
START_TEST(drift_is_put_right_ever_more_slowly_and_contested_at_the_sixth_time)
{
	static const int64_t minutes[] = { 0, 5, 15, 60, 60, 60, 120, 240, 360, 360 };
	struct fsm_record record = { 0 };
	int64_t now = NOW;

	for (int i = 0; i < COUNT(minutes); i++) {
		enum fsm_op op = (_i & 1 ? i % 2 : _i & 2) ? FSM_OP_INSTALL : FSM_OP_REFRESH;
		struct fsm_facts facts = moved(op, now);
		struct fsm_turn turn;

		if (_i & 4) {
			turn = kit_turn(&record, &facts);
			(void)kit_refuse(&record, &turn, FSM_REASON_STORE_TROUBLE, now);
			ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_RESTING);
			ck_assert_int_eq(record.reason, FSM_REASON_STORE_TROUBLE);
			now = record.failure.next_try;
		}
		put_right(&record, op, now);
		ck_assert_int_eq(record.drift.times, i + 1);
		ck_assert_int_eq(record.failure.class, FSM_CLASS_NONE);
		ck_assert_int_eq(fsm_contested(&record.drift), i >= 5);
		if (i == 0)
			continue;
		ck_assert_int_eq(record.drift.next_try, now + minutes[i] * MINUTE);
		facts = moved(op, record.drift.next_try - 1);
		ck_assert_int_eq(
			kit_look(&record, &facts), i < 5 ? FSM_EVENT_RESTING : FSM_EVENT_REFUSED);
		ck_assert_int_eq(record.reason, i < 5 ? FSM_REASON_DRIFTED : FSM_REASON_CONTESTED);
		now = record.drift.next_try;
	}
}
END_TEST

/* What a day in place, and a second more, makes of a snap that is moved away again. */
START_TEST(more_than_a_day_in_place_forgets_drift_and_contest)
{
	struct fsm_record record = { 0 }, other;
	int64_t now = NOW;

	put_right(&record, FSM_OP_REFRESH, now);
	put_right(&record, FSM_OP_REFRESH, now += DAY);
	ck_assert_int_eq(record.drift.times, 2);
	put_right(&record, FSM_OP_REFRESH, now += DAY + 1);
	ck_assert_int_eq(record.drift.times, 1);
	ck_assert_int_eq(record.drift.next_try, 0);
	for (int i = 0; i < 5; i++)
		put_right(&record, FSM_OP_REFRESH, now += HOUR + 1);
	ck_assert(fsm_contested(&record.drift));
	other = record;
	put_right(&other, FSM_OP_REFRESH, now + DAY);
	ck_assert_int_eq(other.drift.times, 7);
	put_right(&record, FSM_OP_REFRESH, now + DAY + 1);
	ck_assert_int_eq(record.drift.times, 1);
}
END_TEST

static bool refused(const struct fsm_record *record, const char *channel)
{
	struct fsm_target target = fsm_target_of(channel);

	return fsm_target_refused(&record->refused, &target);
}

/* The third stop of the service for the same target is the last, whatever happens in between. */
START_TEST(target_is_refused_after_three_refreshes_that_failed)
{
	struct fsm_record record = installed();

	ck_assert(!refused(&record, EDGE));
	ck_assert(!refused(&record, ""));
	for (int i = 0; i < 3; i++) {
		ck_assert(!refused(&record, EDGE));
		try_fails(&record, EDGE, FSM_REASON_REFRESH_FAILED, NOW);
		if (_i)
			try_fails(&record, EDGE, FSM_REASON_STORE_TROUBLE, NOW);
		if (_i == 2)
			try_fails(&record, EDGE, FSM_REASON_CHANNEL_MISSING, NOW);
	}
	ck_assert(refused(&record, EDGE));
	ck_assert(!refused(&record, BETA));
	ck_assert_str_eq(record.refused.detail, "why");
	try_fails(&record, BETA, FSM_REASON_REFRESH_FAILED, NOW);
	ck_assert(!refused(&record, EDGE));
	ck_assert_int_eq(record.refused.times, 1);
}
END_TEST

/* Its 90 seconds were the pause. */
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

/* The pauses of what snapd answered go on, and the unit stays blocked for it. */
START_TEST(lost_request_leaves_what_snapd_answered_before)
{
	enum fsm_reason reason = (enum fsm_reason)_i;
	enum fsm_class class = fsm_reason_row(reason)->class;
	bool kept = class != FSM_CLASS_NONE && class != FSM_CLASS_PASSING;
	struct fsm_record record = installed();
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);

	if (class == FSM_CLASS_NONE)
		return; /* nothing fails for it */
	for (int i = 0; i < 2; i++) {
		record.target = facts.wanted;
		try_fails(&record, facts.wanted.channel, reason, facts.now);
		ck_assert_int_eq(record.failure.attempts, 1 + 2 * i);
		facts.now += DAY;
		ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_REFRESH);
		ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_FAILED);
		ck_assert_int_eq(record.failure.reason, kept ? reason : FSM_REASON_NO_TRACE);
		ck_assert_int_eq(record.failure.attempts, 2 + 2 * i);
		ck_assert_int_eq(kept ? record.failure.class : class, class);
		facts.now += DAY;
	}
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("failure");

	tcase_add_loop_test(tests, pause_follows_from_the_class_and_grows_with_the_attempts, 0,
		COUNT(patiences));
	tcase_add_loop_test(tests,
		units_of_a_fleet_spread_over_a_fifth_and_without_a_snap_none_waits_longer, 0, 2);
	tcase_add_test(tests, spread_of_a_unit_never_changes);
	tcase_add_loop_test(tests, reason_waits_for_its_class, 0, FSM_REASON_COUNT);
	tcase_add_test(tests, attempt_counts_when_the_request_is_committed);
	tcase_add_test(tests, pause_begins_with_the_answer);
	tcase_add_loop_test(tests, failure_says_nothing_about_another_request, 0, COUNT(others));
	tcase_add_test(tests, other_kind_of_trouble_has_pauses_of_its_own);
	tcase_add_test(tests, unit_without_its_snap_tries_again_within_a_quarter_of_an_hour);
	tcase_add_loop_test(tests,
		pause_ends_at_its_second_and_when_the_clock_is_set_back_by_any_amount, 0,
		COUNT(pauses));
	tcase_add_loop_test(tests, settling_ends_the_failure_and_what_was_refused, 0, 8);
	tcase_add_test(tests, snap_that_is_found_in_place_is_not_put_there);
	tcase_add_loop_test(
		tests, drift_is_put_right_ever_more_slowly_and_contested_at_the_sixth_time, 0, 8);
	tcase_add_test(tests, more_than_a_day_in_place_forgets_drift_and_contest);
	tcase_add_loop_test(tests, target_is_refused_after_three_refreshes_that_failed, 0, 3);
	tcase_add_test(tests, first_lost_request_is_repeated_at_once_the_second_is_not);
	tcase_add_loop_test(
		tests, lost_request_leaves_what_snapd_answered_before, 0, FSM_REASON_COUNT);
	return kit_run(tests, "failure");
}
