/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of an intent and the memory of what failed: when it is asked again, how often, and for
 * how long it is remembered.
 */
#include "fsm/names.h"
#include "tests/fsm_kit.h"

static const char *const units[] = { "microsample/0", "microsample/1", "microsample/2",
	"microsample/10", "a/0", "very-long-application-name-of-somebody/4294967295", "" };

/* What a pause may be around its nominal length. */
static void must_be_about(int64_t pause, int64_t nominal)
{
	ck_assert_int_ge(pause, nominal - nominal / 5);
	ck_assert_int_le(pause, nominal + nominal / 5);
}

/* clang-format off */
static const struct {
	enum fsm_class class;
	int64_t attempts, nominal;
} pauses[] = {
	{ FSM_CLASS_PASSING,  INT64_MIN, 1 * MINUTE },
	{ FSM_CLASS_PASSING,  0,         1 * MINUTE },
	{ FSM_CLASS_PASSING,  1,         1 * MINUTE },
	{ FSM_CLASS_PASSING,  2,         5 * MINUTE },
	{ FSM_CLASS_PASSING,  3,         15 * MINUTE },
	{ FSM_CLASS_PASSING,  4,         60 * MINUTE },
	{ FSM_CLASS_PASSING,  5,         60 * MINUTE },
	{ FSM_CLASS_PASSING,  INT64_MAX, 60 * MINUTE },
	{ FSM_CLASS_DRIFT,    2,         5 * MINUTE },
	{ FSM_CLASS_DRIFT,    5,         60 * MINUTE },
	{ FSM_CLASS_OPERATOR, 1,         1 * HOUR },
	{ FSM_CLASS_OPERATOR, 2,         2 * HOUR },
	{ FSM_CLASS_OPERATOR, 3,         4 * HOUR },
	{ FSM_CLASS_OPERATOR, 4,         6 * HOUR },
	{ FSM_CLASS_OPERATOR, 5,         6 * HOUR },
	{ FSM_CLASS_OPERATOR, INT64_MAX, 6 * HOUR },
};
/* clang-format on */

START_TEST(pause_grows_and_is_spread_by_a_fifth)
{
	for (int unit = 0; unit < COUNT(units); unit++)
		must_be_about(fsm_pause(pauses[_i].class, pauses[_i].attempts, units[unit]),
			pauses[_i].nominal);
}
END_TEST

START_TEST(units_of_a_fleet_spread_over_the_whole_range)
{
	int64_t least = INT64_MAX, most = 0;

	for (int i = 0; i < 500; i++) {
		char unit[32];
		int64_t pause;

		snprintf(unit, sizeof unit, "microsample/%d", i);
		pause = fsm_pause(FSM_CLASS_OPERATOR, 1, unit);
		must_be_about(pause, HOUR);
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

START_TEST(intent_holds_what_recovery_needs)
{
	struct fsm_record record = { .ours = true };

	kit_intend(&record, FSM_OP_REFRESH, EDGE, NOW);
	ck_assert_int_eq(record.intent.op, FSM_OP_REFRESH);
	ck_assert_str_eq(record.intent.channel, EDGE);
	ck_assert_int_eq(record.intent.phase, FSM_PHASE_ASKED);
	ck_assert_int_eq(record.intent.baseline, 40);
	ck_assert_int_eq(record.intent.change, 0);
	ck_assert_int_eq(record.intent.asked, NOW);
	ck_assert_int_eq(record.intent.uptime, 1000);
	ck_assert_str_eq(record.intent.boot, "boot");
	ck_assert(record.ours);
}
END_TEST

START_TEST(new_intent_leaves_nothing_of_the_last_one)
{
	struct fsm_record record = { 0 };

	kit_intend(&record, FSM_OP_REFRESH, "some-long-track/candidate/branch", NOW);
	fsm_accept(&record, 41);
	kit_intend(&record, FSM_OP_REMOVE, "", NOW);
	ck_assert_str_eq(record.intent.channel, "");
	ck_assert_int_eq(record.intent.phase, FSM_PHASE_ASKED);
	ck_assert_int_eq(record.intent.change, 0);
	ck_assert_str_eq(record.memory.channel, "");
}
END_TEST

/* A hook that is killed each time for its memory must not ask each time. */
START_TEST(attempt_counts_when_the_intent_is_committed)
{
	static const int64_t nominal[] = { MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, HOUR };
	struct fsm_record record = { 0 };

	for (int i = 0; i < COUNT(nominal); i++) {
		kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW + i * DAY);
		ck_assert_int_eq(record.memory.attempts, i + 1);
		ck_assert_int_eq(record.memory.class, FSM_CLASS_PASSING);
		ck_assert_int_eq(record.memory.reason, FSM_REASON_INTERRUPTED);
		ck_assert_int_eq(record.memory.tried, NOW + i * DAY);
		must_be_about(record.memory.next_try - (NOW + i * DAY), nominal[i]);
	}
}
END_TEST

START_TEST(other_request_begins_with_a_memory_of_its_own)
{
	static const struct {
		enum fsm_op op;
		const char *channel;
	} others[] = {
		{ FSM_OP_INSTALL, BETA },
		{ FSM_OP_REFRESH, EDGE },
		{ FSM_OP_REMOVE, "" },
	};
	struct fsm_record record = { 0 };

	for (int i = 0; i < COUNT(others); i++) {
		kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
		fsm_refuse(
			&record, FSM_CLASS_OPERATOR, FSM_REASON_CHANNEL_MISSING, "beta", NOW, UNIT);
		kit_intend(&record, others[i].op, others[i].channel, NOW);
		ck_assert_int_eq(record.memory.class, FSM_CLASS_PASSING);
		ck_assert_int_eq(record.memory.op, others[i].op);
		ck_assert_str_eq(record.memory.channel, others[i].channel);
		ck_assert_str_eq(record.memory.detail, "");
		ck_assert_int_eq(record.memory.attempts, 1);
	}
}
END_TEST

START_TEST(accepted_and_adopted_are_known_alike)
{
	struct fsm_record record = { 0 }, other;

	kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
	other = record;
	fsm_accept(&record, 41);
	fsm_adopt(&other, 41);
	ck_assert_int_eq(record.intent.phase, FSM_PHASE_KNOWN);
	ck_assert_int_eq(record.intent.change, 41);
	ck_assert_int_eq(record.intent.baseline, 40);
	ck_assert_mem_eq(&record, &other, sizeof record);
}
END_TEST

START_TEST(refusal_ends_the_intent_and_is_remembered)
{
	struct fsm_record record = { 0 };

	kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
	fsm_refuse(&record, FSM_CLASS_OPERATOR, FSM_REASON_CHANNEL_MISSING, "beta", NOW + 3, UNIT);
	ck_assert_int_eq(record.intent.op, FSM_OP_NONE);
	ck_assert_int_eq(record.memory.class, FSM_CLASS_OPERATOR);
	ck_assert_int_eq(record.memory.reason, FSM_REASON_CHANNEL_MISSING);
	ck_assert_str_eq(record.memory.detail, "beta");
	ck_assert_int_eq(record.memory.op, FSM_OP_INSTALL);
	ck_assert_str_eq(record.memory.channel, EDGE);
	must_be_about(record.memory.next_try - (NOW + 3), HOUR);
}
END_TEST

START_TEST(refused_again_waits_twice_as_long_up_to_six_hours)
{
	static const int64_t nominal[] = { HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 6 * HOUR };
	struct fsm_record record = { 0 };

	for (int i = 0; i < COUNT(nominal); i++) {
		kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
		fsm_refuse(&record, FSM_CLASS_OPERATOR, FSM_REASON_CHANNEL_MISSING, "", NOW, UNIT);
		must_be_about(record.memory.next_try - NOW, nominal[i]);
	}
}
END_TEST

START_TEST(other_kind_of_trouble_has_pauses_of_its_own)
{
	struct fsm_record record = { 0 };

	for (int i = 0; i < 4; i++) {
		kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
		fsm_refuse(&record, FSM_CLASS_PASSING, FSM_REASON_STORE_TROUBLE, "", NOW, UNIT);
	}
	must_be_about(record.memory.next_try - NOW, HOUR);
	kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
	fsm_refuse(&record, FSM_CLASS_OPERATOR, FSM_REASON_CHANNEL_MISSING, "", NOW, UNIT);
	must_be_about(record.memory.next_try - NOW, HOUR);
	ck_assert_int_eq(record.memory.attempts, 1);
	kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
	fsm_refuse(&record, FSM_CLASS_PASSING, FSM_REASON_STORE_TROUBLE, "", NOW, UNIT);
	must_be_about(record.memory.next_try - NOW, MINUTE);
}
END_TEST

START_TEST(dropped_intent_counts_for_nothing)
{
	struct fsm_record record = { 0 }, before;

	kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
	fsm_refuse(&record, FSM_CLASS_PASSING, FSM_REASON_STORE_TROUBLE, "why", NOW, UNIT);
	before = record;
	kit_intend(&record, FSM_OP_REFRESH, BETA, NOW + DAY);
	fsm_drop(&record, &before.memory);
	ck_assert_mem_eq(&record, &before, sizeof record);
}
END_TEST

static enum fsm_reason digest(struct fsm_record *record, enum fsm_fate fate, const char *error)
{
	struct fsm_facts facts = kit_bare();

	facts.fate = fate;
	facts.fate_error = error;
	fsm_digest(record, &facts, UNIT);
	ck_assert_int_eq(record->intent.op, FSM_OP_NONE);
	ck_assert_int_eq(record->memory.class, FSM_CLASS_PASSING);
	return record->memory.reason;
}

START_TEST(failed_change_is_remembered_with_its_cause)
{
	struct fsm_record record = { 0 };

	kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
	fsm_accept(&record, 41);
	ck_assert_int_eq(digest(&record, FSM_FATE_FAILED, "Mount\nsnap"), FSM_REASON_CHANGE_FAILED);
	ck_assert_str_eq(record.memory.detail, "Mount?snap");
	must_be_about(record.memory.next_try - NOW, MINUTE);
}
END_TEST

START_TEST(done_with_nothing_done_is_remembered_as_aborted)
{
	struct fsm_record record = { 0 };

	kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
	fsm_accept(&record, 41);
	ck_assert_int_eq(digest(&record, FSM_FATE_EMPTY, ""), FSM_REASON_CHANGE_EMPTY);
	must_be_about(record.memory.next_try - NOW, MINUTE);
}
END_TEST

/* Its 45 seconds were the pause. */
START_TEST(first_lost_request_is_repeated_at_once_the_second_is_not)
{
	struct fsm_record record = { 0 };

	kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
	ck_assert_int_eq(digest(&record, FSM_FATE_NONE, "stale"), FSM_REASON_NO_TRACE);
	ck_assert_str_eq(record.memory.detail, "");
	ck_assert(!fsm_resting(&record.memory, FSM_OP_INSTALL, EDGE, NOW));
	kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
	ck_assert_int_eq(digest(&record, FSM_FATE_NONE, ""), FSM_REASON_NO_TRACE);
	ck_assert(fsm_resting(&record.memory, FSM_OP_INSTALL, EDGE, NOW));
	must_be_about(record.memory.next_try - NOW, 5 * MINUTE);
}
END_TEST

START_TEST(memory_rests_for_its_own_request_only)
{
	static const struct {
		enum fsm_op op;
		const char *channel;
	} others[] = {
		{ FSM_OP_NONE, EDGE },
		{ FSM_OP_INSTALL, BETA },
		{ FSM_OP_INSTALL, "" },
		{ FSM_OP_REFRESH, EDGE },
		{ FSM_OP_REMOVE, "" },
	};
	struct fsm_record record = { 0 };

	ck_assert(!fsm_resting(&record.memory, FSM_OP_NONE, "", NOW));
	kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
	ck_assert(fsm_resting(&record.memory, FSM_OP_INSTALL, EDGE, NOW));
	for (int i = 0; i < COUNT(others); i++)
		ck_assert(!fsm_resting(&record.memory, others[i].op, others[i].channel, NOW));
}
END_TEST

/* Set back by a year, the clock must not keep the unit waiting for a year. */
START_TEST(clock_that_jumps_makes_the_next_try_due)
{
	struct fsm_record record = { 0 };

	kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
	fsm_refuse(&record, FSM_CLASS_OPERATOR, FSM_REASON_CHANNEL_MISSING, "", NOW, UNIT);
	ck_assert(fsm_resting(&record.memory, FSM_OP_INSTALL, EDGE, NOW));
	ck_assert(fsm_resting(&record.memory, FSM_OP_INSTALL, EDGE, NOW - HOUR));
	ck_assert(!fsm_resting(&record.memory, FSM_OP_INSTALL, EDGE, NOW - 365 * (int64_t)DAY));
	ck_assert(!fsm_resting(&record.memory, FSM_OP_INSTALL, EDGE, 0));
	ck_assert(!fsm_resting(&record.memory, FSM_OP_INSTALL, EDGE, NOW + 2 * HOUR));
}
END_TEST

/* A refresh that does its work, and a snap that is switched away again AFTER seconds later. */
static void put_right(struct fsm_record *record, int64_t now)
{
	struct fsm_facts facts = kit_facts();

	kit_intend(record, FSM_OP_REFRESH, EDGE, now);
	fsm_accept(record, 41);
	facts.now = now;
	facts.fate = FSM_FATE_DONE;
	ck_assert_int_eq(kit_look(record, &facts), FSM_EVENT_SETTLED);
}

static enum fsm_event look_astray(struct fsm_record *record, int64_t now)
{
	struct fsm_facts facts = kit_facts();

	facts.tracking = BETA;
	facts.now = now;
	return kit_look(record, &facts);
}

START_TEST(settled_memory_counts_drift)
{
	struct fsm_record record = { 0 };

	put_right(&record, NOW);
	ck_assert_int_eq(record.memory.class, FSM_CLASS_DRIFT);
	ck_assert_int_eq(record.memory.reason, FSM_REASON_DRIFTED);
	ck_assert_int_eq(record.memory.attempts, 1);
	ck_assert_int_eq(look_astray(&record, NOW + 1), FSM_EVENT_ASTRAY);
}
END_TEST

/* Aged or failed: the snap is where the request wanted it, and that is that. */
START_TEST(settled_ends_the_intent)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_facts();

	kit_intend(&record, FSM_OP_REFRESH, EDGE, NOW);
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
	ck_assert_int_eq(record.intent.op, FSM_OP_NONE);
	kit_intend(&record, FSM_OP_REFRESH, EDGE, NOW);
	fsm_accept(&record, 41);
	facts.fate = FSM_FATE_FAILED;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
	ck_assert_int_eq(record.intent.op, FSM_OP_NONE);
}
END_TEST

START_TEST(drift_is_put_right_ever_more_slowly_then_contested)
{
	static const int64_t nominal[] = { 5 * MINUTE, 15 * MINUTE, HOUR, HOUR };
	struct fsm_record record = { 0 };
	int64_t now = NOW;

	put_right(&record, now);
	for (int i = 0; i < COUNT(nominal); i++) {
		ck_assert_int_eq(look_astray(&record, now), FSM_EVENT_ASTRAY);
		put_right(&record, now);
		ck_assert_int_eq(look_astray(&record, now), FSM_EVENT_RESTING);
		ck_assert_int_eq(record.reason, FSM_REASON_DRIFTED);
		must_be_about(record.memory.next_try - now, nominal[i]);
		now = record.memory.next_try;
	}
	put_right(&record, now);
	ck_assert_int_eq(look_astray(&record, now), FSM_EVENT_REFUSED);
	ck_assert_int_eq(record.state, FSM_STATE_BLOCKED);
	ck_assert_int_eq(record.reason, FSM_REASON_CONTESTED);
	must_be_about(record.memory.next_try - now, HOUR);
	now = record.memory.next_try;
	put_right(&record, now);
	ck_assert_int_eq(look_astray(&record, now), FSM_EVENT_REFUSED);
	must_be_about(record.memory.next_try - now, 2 * HOUR);
}
END_TEST

START_TEST(day_in_place_forgets_drift_and_contest)
{
	struct fsm_record record = { 0 };
	int64_t now = NOW;

	for (int i = 0; i < 8; i++) {
		put_right(&record, now);
		ck_assert_int_eq(record.memory.attempts, 1);
		now += DAY + 1;
	}
	for (int i = 0; i < 8; i++)
		put_right(&record, now);
	ck_assert_int_eq(record.memory.reason, FSM_REASON_CONTESTED);
	now += DAY + 1;
	put_right(&record, now);
	ck_assert_int_eq(record.memory.class, FSM_CLASS_DRIFT);
	ck_assert_int_eq(record.memory.attempts, 1);
	ck_assert_int_eq(look_astray(&record, now), FSM_EVENT_ASTRAY);
}
END_TEST

START_TEST(settled_elsewhere_forgets_the_memory)
{
	static const struct {
		enum fsm_op op;
		const char *channel;
	} others[] = {
		{ FSM_OP_INSTALL, BETA },
		{ FSM_OP_REFRESH, BETA },
		{ FSM_OP_REMOVE, "" },
	};

	for (int i = 0; i < COUNT(others); i++) {
		struct fsm_record record = { 0 };
		struct fsm_facts facts = kit_facts();

		kit_intend(&record, others[i].op, others[i].channel, NOW);
		fsm_refuse(&record, FSM_CLASS_OPERATOR, FSM_REASON_DENIED, "why", NOW, UNIT);
		ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
		ck_assert_int_eq(record.memory.class, FSM_CLASS_NONE);
		ck_assert_int_eq(record.memory.attempts, 0);
		ck_assert_str_eq(record.memory.detail, "");
	}
}
END_TEST

START_TEST(drift_is_a_settled_snap_moved_or_removed)
{
	struct fsm_record record = { .state = FSM_STATE_ACTIVE, .channel = EDGE };
	struct fsm_facts facts = kit_facts();

	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++)
		ck_assert_int_eq(fsm_drifted(&record, event, &facts),
			event == FSM_EVENT_ABSENT || event == FSM_EVENT_ASTRAY);
	facts.wanted = BETA; /* the option has moved, not the snap */
	ck_assert(!fsm_drifted(&record, FSM_EVENT_ASTRAY, &facts));
	facts.wanted = EDGE;
	record.state = FSM_STATE_INSTALLING;
	ck_assert(!fsm_drifted(&record, FSM_EVENT_ASTRAY, &facts));
}
END_TEST

START_TEST(kinds_of_changes_are_snapds)
{
	ck_assert_str_eq(fsm_change_kind(FSM_OP_NONE), "");
	ck_assert_str_eq(fsm_change_kind(FSM_OP_INSTALL), "install-snap");
	ck_assert_str_eq(fsm_change_kind(FSM_OP_REFRESH), "refresh-snap");
	ck_assert_str_eq(fsm_change_kind(FSM_OP_REMOVE), "remove-snap");
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("memory");

	tcase_add_loop_test(tests, pause_grows_and_is_spread_by_a_fifth, 0, COUNT(pauses));
	tcase_add_test(tests, units_of_a_fleet_spread_over_the_whole_range);
	tcase_add_test(tests, spread_of_a_unit_never_changes);
	tcase_add_test(tests, intent_holds_what_recovery_needs);
	tcase_add_test(tests, new_intent_leaves_nothing_of_the_last_one);
	tcase_add_test(tests, attempt_counts_when_the_intent_is_committed);
	tcase_add_test(tests, other_request_begins_with_a_memory_of_its_own);
	tcase_add_test(tests, accepted_and_adopted_are_known_alike);
	tcase_add_test(tests, refusal_ends_the_intent_and_is_remembered);
	tcase_add_test(tests, refused_again_waits_twice_as_long_up_to_six_hours);
	tcase_add_test(tests, other_kind_of_trouble_has_pauses_of_its_own);
	tcase_add_test(tests, dropped_intent_counts_for_nothing);
	tcase_add_test(tests, failed_change_is_remembered_with_its_cause);
	tcase_add_test(tests, done_with_nothing_done_is_remembered_as_aborted);
	tcase_add_test(tests, first_lost_request_is_repeated_at_once_the_second_is_not);
	tcase_add_test(tests, memory_rests_for_its_own_request_only);
	tcase_add_test(tests, clock_that_jumps_makes_the_next_try_due);
	tcase_add_test(tests, settled_memory_counts_drift);
	tcase_add_test(tests, settled_ends_the_intent);
	tcase_add_test(tests, drift_is_put_right_ever_more_slowly_then_contested);
	tcase_add_test(tests, day_in_place_forgets_drift_and_contest);
	tcase_add_test(tests, settled_elsewhere_forgets_the_memory);
	tcase_add_test(tests, drift_is_a_settled_snap_moved_or_removed);
	tcase_add_test(tests, kinds_of_changes_are_snapds);
	return kit_run(tests, "memory");
}
