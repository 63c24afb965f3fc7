/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One turn: what a look teaches, what a transition writes, what a request is committed with, and what
 * holds after any turn whatever.
 */
#include "tests/fsm_kit.h"

static struct fsm_turn turn_of(
	struct fsm_record record, const struct fsm_facts *facts, const struct fsm_limits *limits)
{
	struct fsm_turn turn;

	fsm_turn(&record, facts, limits, &turn);
	return turn;
}

/* What the limits allow. */

START_TEST(request_is_committed_with_all_that_recovery_needs)
{
	for (enum fsm_op op = FSM_OP_INSTALL; op < FSM_OP_COUNT; op++) {
		struct fsm_facts facts = kit_needs(op);
		struct fsm_limits limits = kit_limits();
		struct fsm_record before = kit_owner(op);
		struct fsm_intent expected = {
			.op = op,
			.phase = FSM_PHASE_ASKED,
			.baseline = _i, /* 0: snapd shows no change at all */
			.asked = NOW,
			.uptime = 1000,
			.boot = "boot",
		};
		struct fsm_turn turn;

		limits.baseline = _i;
		before.failure = (struct fsm_failure){ .class = FSM_CLASS_FINAL, .detail = "old" };
		if (fsm_op_row(op)->channel)
			facts.wanted.revision = 9;
		if (fsm_op_row(op)->channel)
			expected.target = facts.wanted;
		if (op == FSM_OP_REVERT)
			expected.target.revision = BACK;
		if (op == FSM_OP_SWITCH)
			expected.target = fsm_target_of(BETA);
		turn = turn_of(before, &facts, &limits);
		ck_assert_int_eq(fsm_effect_op(turn.effect), op);
		ck_assert(!turn.needs_baseline);
		ck_assert_mem_eq(&turn.record.intent, &expected, sizeof expected);
		ck_assert_mem_eq(&turn.before, &before.failure, sizeof turn.before);
		if (!fsm_op_row(op)->counts) {
			ck_assert_mem_eq(&turn.record.failure, &before.failure, sizeof turn.before);
			continue;
		}
		ck_assert_int_eq(turn.record.failure.op, op);
		ck_assert(fsm_target_same(&turn.record.failure.target, &expected.target));
		ck_assert_int_eq(turn.record.failure.attempts, 1);
		ck_assert_int_eq(turn.record.failure.next_try, NOW + MINUTE);
	}
}
END_TEST

START_TEST(nothing_is_asked_without_a_baseline_or_leave)
{
	for (enum fsm_op op = FSM_OP_INSTALL; op < FSM_OP_COUNT; op++) {
		struct fsm_facts facts = kit_needs(op);
		struct fsm_limits limits = kit_limits();
		const struct fsm_record before = kit_owner(op);
		struct fsm_turn turn;

		limits.may_ask = _i == 0;
		limits.baseline = _i < 2 ? FSM_BASELINE_UNREAD : BASELINE;
		turn = turn_of(before, &facts, &limits);
		ck_assert_int_eq(turn.effect, FSM_DO_NOTHING);
		ck_assert_int_eq(turn.needs_baseline, limits.may_ask);
		ck_assert_int_eq(turn.record.state, FSM_STATE_INSTALLING);
		ck_assert_int_eq(turn.record.reason, FSM_REASON_OWN_CHANGE);
		ck_assert_int_eq(turn.record.intent.op, FSM_OP_NONE);
		ck_assert_mem_eq(&turn.record.failure, &before.failure, sizeof turn.record.failure);
		ck_assert_int_eq(turn.status.status, FSM_STATUS_MAINTENANCE);
	}
}
END_TEST

START_TEST(drift_is_a_settled_snap_moved_or_removed)
{
	static const enum fsm_op asks[] = { FSM_OP_INSTALL, FSM_OP_REFRESH, FSM_OP_SIDELOAD };
	struct fsm_limits limits = kit_limits();
	struct fsm_facts facts = kit_needs(asks[_i]);
	struct fsm_record record = { .state = FSM_STATE_ACTIVE, .target = facts.wanted };

	ck_assert(turn_of(record, &facts, &limits).drifted);
	limits.may_ask = false; /* whether it may be put right or not */
	ck_assert(turn_of(record, &facts, &limits).drifted);
	facts.wanted.revision = 3; /* the option has moved, not the snap */
	ck_assert(!turn_of(record, &facts, &limits).drifted);
	facts = kit_needs(asks[_i]);
	record.state = FSM_STATE_INSTALLING;
	ck_assert(!turn_of(record, &facts, &limits).drifted);
	record.state = FSM_STATE_ACTIVE;
	facts.flight = FSM_FLIGHT_FOREIGN;
	ck_assert(!turn_of(record, &facts, &limits).drifted);
	record.ours = true;
	facts = kit_needs(FSM_OP_REMOVE);
	ck_assert(!turn_of(record, &facts, &limits).drifted);
}
END_TEST

/* What a look teaches. */

START_TEST(look_is_taken_over)
{
	struct fsm_record record = { .ours = true };
	struct fsm_facts facts = kit_facts();

	facts.version = "1.3\x1b[2J";
	facts.broken = true;
	(void)kit_look(&record, &facts);
	ck_assert_str_eq(record.revision, "7");
	ck_assert_str_eq(record.version, "1.3?[2J");
	ck_assert_str_eq(record.tracking, EDGE);
	ck_assert(record.ours);
	facts.local = true; /* somebody has put it there */
	(void)kit_look(&record, &facts);
	ck_assert(!record.ours);
	record.ours = true;
	facts.present = facts.local = false;
	(void)kit_look(&record, &facts);
	ck_assert_str_eq(record.revision, "");
	ck_assert_str_eq(record.version, "");
	ck_assert_str_eq(record.tracking, "");
	ck_assert(!record.ours);
}
END_TEST

/* Silence, and what a snap looks like in mid-change, which may be undone again. */
START_TEST(what_is_not_certain_teaches_nothing)
{
	struct fsm_record record = { .ours = true, .tracking = EDGE, .revision = "6" }, before;
	struct fsm_facts facts = _i ? kit_bare() : kit_away();

	record.intent = (struct fsm_intent){ .op = FSM_OP_REFRESH,
		.target.channel = EDGE,
		.phase = FSM_PHASE_KNOWN,
		.change = CHANGE };
	before = record;
	facts.flight = (enum fsm_flight)_i;
	facts.fate = _i == FSM_FLIGHT_OURS ? FSM_FATE_RUNNING : FSM_FATE_FORGOTTEN;
	(void)kit_look(&record, &facts);
	ck_assert(record.ours);
	ck_assert_str_eq(record.tracking, EDGE);
	ck_assert_str_eq(record.revision, "6");
	ck_assert_mem_eq(&record.intent, &before.intent, sizeof before.intent);
}
END_TEST

/* What a transition writes. */

static struct fsm_record refused(void)
{
	return (struct fsm_record){
		.state = FSM_STATE_BLOCKED,
		.target.channel = EDGE,
		.reason = FSM_REASON_CHANNEL_MISSING,
		.detail = "beta",
		.since = NOW - HOUR,
		.failure = { FSM_CLASS_FINAL, FSM_OP_REFRESH, { EDGE, 0 },
			FSM_REASON_CHANNEL_MISSING, "beta", 1, NOW, NOW, NOW + 2, NOW },
	};
}

/* clang-format off */
static const struct {
	enum fsm_event event;
	enum fsm_reason reason;
	const char *detail;
} details[] = {
	{ FSM_EVENT_MISCONFIGURED, FSM_REASON_BAD_OPTION,      "'foo' has no risk" },
	{ FSM_EVENT_UNMENDED,      FSM_REASON_CHANNEL_MISSING, "beta" },
	{ FSM_EVENT_BUSY,          FSM_REASON_FOREIGN_CHANGE,  "auto-refresh" },
	{ FSM_EVENT_UNFIT,         FSM_REASON_DISABLED,        "" },
	{ FSM_EVENT_DOWN,          FSM_REASON_SERVICE_DOWN,    "daemon" },
	{ FSM_EVENT_SETTLED,       FSM_REASON_NONE,            "" },
	{ FSM_EVENT_REFUSED,       FSM_REASON_CHANNEL_MISSING, "beta" },
	{ FSM_EVENT_RESTING,       FSM_REASON_INTERRUPTED,     "" },
	{ FSM_EVENT_ABSENT,        FSM_REASON_OWN_CHANGE,      "" },
};
/* clang-format on */

static struct fsm_facts facts_for(enum fsm_event event)
{
	struct fsm_facts facts = event == FSM_EVENT_MISCONFIGURED ? kit_bad_option()
				 : event == FSM_EVENT_UNMENDED    ? kit_away()
				 : event == FSM_EVENT_ABSENT      ? kit_bare()
				 : event == FSM_EVENT_RESTING     ? kit_bare()
				 : event == FSM_EVENT_REFUSED     ? kit_needs(FSM_OP_REFRESH)
								  : kit_facts();

	if (event == FSM_EVENT_BUSY) {
		facts.flight = FSM_FLIGHT_FOREIGN;
		facts.flight_kind = "auto-refresh";
	}
	if (event == FSM_EVENT_RESTING)
		facts.hook =
			FSM_HOOK_STOP; /* which does not blame the failure of another request */
	facts.active &= event != FSM_EVENT_UNFIT;
	if (event == FSM_EVENT_DOWN)
		facts.service_down = "daemon";
	return facts;
}

static struct fsm_facts mute(void)
{
	struct fsm_facts facts = kit_facts();

	facts.probe = FSM_PROBE_MUTE;
	facts.mute = "HTTP 500";
	facts.asked_at = "8080/";
	return facts;
}

START_TEST(workload_that_does_not_answer_blocks_until_it_does)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = mute();

	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_DOWN);
	ck_assert_int_eq(record.state, FSM_STATE_BLOCKED);
	ck_assert_int_eq(record.reason, FSM_REASON_NO_ANSWER);
	ck_assert_str_eq(record.detail, "8080/: HTTP 500");
	facts.probe = _i ? FSM_PROBE_ANSWERED : FSM_PROBE_OFF;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
	ck_assert_int_eq(record.state, FSM_STATE_ACTIVE);
}
END_TEST

/* A unit of 0.1.0 is blocked only after its workload has answered once, or a path was set. */
START_TEST(lenience_ends_with_the_first_answer_or_a_path)
{
	struct fsm_record record = { .lenient = true };
	struct fsm_facts facts = mute();

	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
	ck_assert(record.lenient);
	facts.probe = FSM_PROBE_OFF;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
	ck_assert(record.lenient);
	if (_i == 0)
		facts.probe = FSM_PROBE_ANSWERED;
	else
		facts.probe_wanted = true;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
	ck_assert(!record.lenient);
	facts = mute();
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_DOWN);
	ck_assert_int_eq(record.reason, FSM_REASON_NO_ANSWER);
}
END_TEST

START_TEST(path_that_is_set_is_asked_in_earnest_at_once)
{
	struct fsm_record record = { .lenient = true };
	struct fsm_facts facts = mute();

	facts.probe_wanted = true;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_DOWN);
	ck_assert(!record.lenient);
}
END_TEST

START_TEST(transition_writes_state_reason_and_detail)
{
	struct fsm_record record = refused();
	struct fsm_facts facts = facts_for(details[_i].event);

	ck_assert_int_eq(kit_look(&record, &facts), details[_i].event);
	ck_assert_int_eq(record.state, fsm_step(FSM_STATE_BLOCKED, details[_i].event).state);
	ck_assert_str_eq(fsm_reason_name(record.reason), fsm_reason_name(details[_i].reason));
	ck_assert_str_eq(record.detail, details[_i].detail);
	ck_assert_str_eq(record.target.channel, EDGE); /* a bad option leaves it */
}
END_TEST

/* An idle hook writes nothing: the same look a second later leaves the same record. */
START_TEST(same_look_again_changes_nothing)
{
	struct fsm_record record = refused(), before;
	struct fsm_facts facts = facts_for(details[_i].event);

	(void)kit_look(&record, &facts);
	before = record;
	facts.now++;
	facts.first = true;
	ck_assert_int_eq(kit_look(&record, &facts), details[_i].event);
	ck_assert(fsm_same(&record, &before));
}
END_TEST

START_TEST(since_moves_with_state_reason_and_target_only)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_facts();

	(void)kit_look(&record, &facts);
	ck_assert_int_eq(record.since, NOW);
	facts.now++;
	facts.revision = "8";
	facts.version = "1.3";
	(void)kit_look(&record, &facts);
	ck_assert_int_eq(record.since, NOW);
	facts.now++;
	facts.wanted.revision = 8;
	(void)kit_look(&record, &facts);
	ck_assert_int_eq(record.since, NOW + 2);
	facts.now++;
	facts.wanted = fsm_target_of(facts.tracking = BETA);
	(void)kit_look(&record, &facts);
	ck_assert_int_eq(record.since, NOW + 3);
	facts.now++;
	facts.active = false;
	(void)kit_look(&record, &facts);
	ck_assert_int_eq(record.since, NOW + 4);
	facts.now++;
	facts.broken = true; /* the same state for another reason */
	(void)kit_look(&record, &facts);
	ck_assert_int_eq(record.since, NOW + 5);
}
END_TEST

/* clang-format off */
/* What a look makes of a refresh to edge that was asked and left no trace. */
static const struct {
	enum fsm_event event;
	const char *tracking, *service_down;
	bool taken, broken, bad_option, stays;
	bool settles; /* the failure that the attempt was counted as is over */
} ends[] = {
	/* the snap is where the request wanted it, however that came about */
	{ FSM_EVENT_SETTLED,       EDGE, "",       false, false, false, false, true },
	{ FSM_EVENT_DOWN,          EDGE, "daemon", false, false, false, false, true },
	{ FSM_EVENT_DOWN,          EDGE, "",       true,  false, false, false, true },
	/* it is not, but nothing more will be asked: a person comes first, or another unit */
	{ FSM_EVENT_DOWN,          BETA, "",       true,  false, false, false, false },
	{ FSM_EVENT_UNFIT,         BETA, "",       false, true,  false, false, false },
	/* nobody has looked */
	{ FSM_EVENT_MISCONFIGURED, "",   "",       false, false, true,  true,  false },
};
/* clang-format on */

START_TEST(request_ends_where_nothing_more_is_asked)
{
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);
	struct fsm_record record = { .port = ends[_i].taken ? FSM_PORT_TAKEN : FSM_PORT_OPEN };
	struct fsm_record before;
	struct fsm_turn turn;

	record.ours = true;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.effect, FSM_DO_REFRESH);
	record.ours = false;
	before = record;
	facts = ends[_i].bad_option ? kit_bad_option() : facts;
	facts.tracking = ends[_i].tracking;
	facts.service_down = ends[_i].service_down;
	facts.broken = ends[_i].broken;
	ck_assert_int_eq(kit_look(&record, &facts), ends[_i].event);
	ck_assert_int_eq(
		record.failure.class, ends[_i].settles ? FSM_CLASS_NONE : FSM_CLASS_PASSING);
	ck_assert_int_eq(record.drift.times, ends[_i].settles);
	if (!ends[_i].stays)
		before.intent = (struct fsm_intent){ 0 };
	ck_assert_mem_eq(&record.intent, &before.intent, sizeof before.intent);
}
END_TEST

/* We asked for beta, and the operator went back to edge, where the snap still is. */
START_TEST(request_for_another_channel_did_not_put_the_snap_where_it_is)
{
	struct fsm_record record = { .drift = { { EDGE, 0 }, 1, NOW - HOUR, 0 } };
	struct fsm_facts facts = kit_facts();

	facts.wanted = fsm_target_of(BETA);
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_REFRESH);
	facts = kit_facts();
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
	ck_assert_int_eq(record.drift.times, 1);
	ck_assert_int_eq(record.drift.put, NOW - HOUR);
}
END_TEST

/* A hook killed after it has told Juju the new status must not leave the old one for known. */
START_TEST(what_juju_was_told_is_taken_back_by_what_makes_it_untrue)
{
	struct fsm_record record = { .told_status = FSM_STATUS_ACTIVE,
		.told_message = "Ready at 'edge'",
		.told_version = "1.2" };
	struct fsm_facts facts = kit_facts();
	struct fsm_turn turn = kit_turn(&record, &facts);

	ck_assert_int_eq(record.told_status, FSM_STATUS_ACTIVE);
	ck_assert_str_eq(record.told_message, "Ready at 'edge'");
	facts.wanted = fsm_target_of(facts.tracking = BETA); /* only the message differs */
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.status.status, FSM_STATUS_ACTIVE);
	ck_assert_str_eq(turn.status.message, "Ready at 'beta'");
	ck_assert_int_eq(record.told_status, FSM_STATUS_NONE);
	ck_assert_str_eq(record.told_message, "");
	ck_assert_str_eq(record.told_version, "1.2");
	record.told_status = FSM_STATUS_WAITING; /* only the status differs */
	strcpy(record.told_message, "Ready at 'beta'");
	(void)kit_turn(&record, &facts);
	ck_assert_int_eq(record.told_status, FSM_STATUS_NONE);
}
END_TEST

/* What needs a person is blocked and what does not is not. */

START_TEST(mended_option_waits_for_a_silent_snapd)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_bad_option();
	struct fsm_turn turn = kit_turn(&record, &facts);

	ck_assert_int_eq(turn.status.status, FSM_STATUS_BLOCKED);
	facts = kit_away();
	facts.reachable = _i;
	record.target = facts.wanted; /* even if it is what it was before */
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, FSM_EVENT_UNREACHABLE);
	ck_assert_int_eq(record.state, FSM_STATE_INSTALLING);
	ck_assert_int_eq(record.reason, _i ? FSM_REASON_NOT_SEEDED : FSM_REASON_SNAPD_AWAY);
	ck_assert_str_eq(record.detail, _i ? "" : facts.away);
	ck_assert_int_eq(turn.status.status, FSM_STATUS_WAITING);
}
END_TEST

/* A unit that goes works on, whatever its removal failed for. */
static void must_agree(const struct fsm_turn *turn)
{
	bool blocked = turn->status.status == FSM_STATUS_BLOCKED;

	if ((turn->record.state == FSM_STATE_BLOCKED) != blocked && !turn->record.retired)
		ck_abort_msg("%s: %s, %s, %s", fsm_event_name(turn->event),
			fsm_state_name(turn->record.state), fsm_reason_name(turn->record.reason),
			turn->status.message);
	/* and even then it is never told that a person is waited for when none is */
	ck_assert(turn->record.state != FSM_STATE_BLOCKED || blocked);
	ck_assert_int_eq(
		turn->status.status == FSM_STATUS_ACTIVE, turn->record.state == FSM_STATE_ACTIVE);
}

START_TEST(state_blocked_and_status_blocked_go_together)
{
	unsigned long long random = (unsigned long long)_i + 1;

	for (int i = 0; i < 1000; i++) {
		struct fsm_record record;
		struct fsm_facts facts;
		struct fsm_turn turn;

		kit_situation(&random, &record, &facts);
		record.reason = (enum fsm_reason)_i;
		for (facts.hook = 0; facts.hook < FSM_HOOK_COUNT; facts.hook++) {
			struct fsm_record next = record;

			turn = kit_turn(&next, &facts);
			must_agree(&turn);
			if (turn.record.intent.phase != FSM_PHASE_ASKED)
				continue;
			(void)kit_refuse(&next, &turn, FSM_REASON_DENIED, NOW);
			facts.asked = true;
			turn = kit_turn(&next, &facts);
			must_agree(&turn);
		}
	}
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("turn");

	tcase_add_loop_test(tests, request_is_committed_with_all_that_recovery_needs, 0, 2);
	tcase_add_loop_test(tests, nothing_is_asked_without_a_baseline_or_leave, 0, 3);
	tcase_add_loop_test(tests, drift_is_a_settled_snap_moved_or_removed, 0, 2);
	tcase_add_test(tests, look_is_taken_over);
	tcase_add_loop_test(tests, what_is_not_certain_teaches_nothing, 0, FSM_FLIGHT_COUNT);
	tcase_add_loop_test(tests, workload_that_does_not_answer_blocks_until_it_does, 0, 2);
	tcase_add_loop_test(tests, lenience_ends_with_the_first_answer_or_a_path, 0, 2);
	tcase_add_test(tests, path_that_is_set_is_asked_in_earnest_at_once);
	tcase_add_loop_test(tests, transition_writes_state_reason_and_detail, 0, COUNT(details));
	tcase_add_loop_test(tests, same_look_again_changes_nothing, 0, COUNT(details));
	tcase_add_test(tests, since_moves_with_state_reason_and_target_only);
	tcase_add_loop_test(tests, request_ends_where_nothing_more_is_asked, 0, COUNT(ends));
	tcase_add_test(tests, request_for_another_channel_did_not_put_the_snap_where_it_is);
	tcase_add_test(tests, what_juju_was_told_is_taken_back_by_what_makes_it_untrue);
	tcase_add_loop_test(tests, mended_option_waits_for_a_silent_snapd, 0, 2);
	tcase_add_loop_test(
		tests, state_blocked_and_status_blocked_go_together, 0, FSM_REASON_COUNT);
	return kit_run(tests, "turn");
}
