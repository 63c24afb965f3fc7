/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders: what a person asks of the unit once, from the action to its end. What hinders one, and the
 * two that are no request, are in test_hindrance.c.
 */
#include "fsm/columns.h"
#include "tests/fsm_kit.h"

static const enum fsm_order work[] = { FSM_ORDER_REFRESH, FSM_ORDER_REVERT, FSM_ORDER_RESTART };
static const enum fsm_op ops[] = { FSM_OP_REFRESH, FSM_OP_REVERT, FSM_OP_RESTART };

/* The first look of an action. */
static struct fsm_facts given(enum fsm_order order)
{
	struct fsm_facts facts = kit_facts();

	facts.first = true;
	facts.order = order;
	facts.before = BACK;
	return facts;
}

/* A unit in which all is well, and which remembers a failure, and that the snap was moved. */
static struct fsm_record settled(void)
{
	return (struct fsm_record){
		.state = FSM_STATE_ACTIVE,
		.target.channel = EDGE,
		.ours = true,
		.revision = "7",
		.failure = { FSM_CLASS_FINAL, FSM_OP_INSTALL, { EDGE, 0 }, FSM_REASON_SNAP_MISSING,
			"old", 3, NOW - DAY, NOW - DAY, NOW + DAY, NOW - DAY },
		.drift = { { EDGE, 0 }, 3, NOW - HOUR, NOW + HOUR },
	};
}

/* That is as it was: there is no failure, no pause and no drift of an order. */
static void must_remember(const struct fsm_record *record, bool failure)
{
	const struct fsm_record before = settled();
	const struct fsm_record expected = {
		.failure = failure ? before.failure : (struct fsm_failure){ 0 },
		.drift = before.drift,
	};
	const struct fsm_record remembered = {
		.failure = record->failure, .drift = record->drift, .refused = record->refused
	};

	ck_assert(fsm_same_all(&remembered, &expected));
}

/* One that has committed the request of ORDER. */
static struct fsm_turn order(struct fsm_record *record, enum fsm_order kind)
{
	struct fsm_facts facts = given(kind);

	*record = settled();
	return kit_turn(record, &facts);
}

START_TEST(order_has_its_effect)
{
	static const enum fsm_effect effects[FSM_ORDER_COUNT] = {
		[FSM_ORDER_NONE] = FSM_DO_NOTHING,
		[FSM_ORDER_REFRESH] = FSM_DO_REFRESH,
		[FSM_ORDER_REVERT] = FSM_DO_REVERT,
		[FSM_ORDER_RESTART] = FSM_DO_RESTART,
		[FSM_ORDER_RETRY] = FSM_DO_NOTHING,
		[FSM_ORDER_ABORT] = FSM_DO_ABORT,
		[FSM_ORDER_ROLLBACK] = FSM_DO_REVERT,
	};
	static const char *const names[] = { "none", "refresh", "revert", "restart", "retry",
		"abort", "rollback" };
	static const char *const ends[] = { "pending", "refused", "done", "failed", "dropped" };

	for (enum fsm_order kind = 0; kind < FSM_ORDER_COUNT; kind++) {
		ck_assert_int_eq(fsm_order_effect(kind), effects[kind]);
		ck_assert_str_eq(fsm_order_name(kind), names[kind]);
	}
	for (enum fsm_order_end end = 0; end < FSM_ORDER_END_COUNT; end++)
		ck_assert_str_eq(fsm_order_end_name(end), ends[end]);
}
END_TEST

/* Killed at any moment, the next hook finds it. */
START_TEST(order_is_committed_with_its_request)
{
	struct fsm_record record;
	struct fsm_turn turn = order(&record, work[_i]);

	ck_assert_int_eq(turn.event, FSM_EVENT_ORDERED);
	ck_assert_int_eq(fsm_effect_op(turn.effect), ops[_i]);
	ck_assert_int_eq(turn.news.kind, work[_i]);
	ck_assert_int_eq(turn.news.end, FSM_ORDER_END_NONE);
	ck_assert_int_eq(record.order.kind, work[_i]);
	ck_assert_int_eq(record.order.since, NOW);
	ck_assert_int_eq(record.order.revision, work[_i] == FSM_ORDER_REVERT ? BACK : 0);
	ck_assert_int_eq(record.intent.op, ops[_i]);
	ck_assert_int_eq(record.intent.phase, FSM_PHASE_ASKED);
	ck_assert_str_eq(record.intent.target.channel, work[_i] == FSM_ORDER_REFRESH ? EDGE : "");
	ck_assert_int_eq(record.intent.target.revision, work[_i] == FSM_ORDER_REVERT ? BACK : 0);
	/* it is no try of the machine's, nor has anybody moved the snap */
	must_remember(&record, true);
	ck_assert(!turn.drifted);
}
END_TEST

START_TEST(order_that_cannot_be_asked_yet_is_committed_and_asked_by_the_next_hook)
{
	struct fsm_record record = settled();
	struct fsm_facts facts = given(work[_i]);
	struct fsm_limits limits = kit_limits();
	struct fsm_turn turn;

	limits.baseline = FSM_BASELINE_UNREAD;
	fsm_turn(&record, &facts, &limits, &turn);
	ck_assert(turn.needs_baseline);
	ck_assert_int_eq(turn.effect, FSM_DO_NOTHING);
	ck_assert_int_eq(turn.record.order.kind, work[_i]);
	ck_assert_int_eq(turn.record.intent.op, FSM_OP_NONE);
	record = turn.record;
	facts = kit_facts();
	facts.now += 100;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(fsm_effect_op(turn.effect), ops[_i]);
	ck_assert_int_eq(record.order.since, NOW);
	ck_assert_int_eq(record.intent.target.revision, work[_i] == FSM_ORDER_REVERT ? BACK : 0);
}
END_TEST

/* Answers. */

/* clang-format off */
static const struct {
	enum fsm_sight sight;
	bool newest;
	enum fsm_write write;
	enum fsm_order_end end, end_of_refresh;
} answers[] = {
	{ FSM_SIGHT_ACCEPTED,  false, FSM_WRITE_CHANGE, FSM_ORDER_END_NONE,   FSM_ORDER_END_NONE },
	{ FSM_SIGHT_UNSENT,    false, FSM_WRITE_DROP,   FSM_ORDER_END_NONE,   FSM_ORDER_END_NONE },
	/* snapd's word is the end, busy or not: a person asks again, not the charm */
	{ FSM_SIGHT_REFUSED,   false, FSM_WRITE_FORGET, FSM_ORDER_END_FAILED, FSM_ORDER_END_FAILED },
	{ FSM_SIGHT_UNTRUSTED, false, FSM_WRITE_FORGET, FSM_ORDER_END_FAILED, FSM_ORDER_END_FAILED },
	/* what is the newest is where the person wants it */
	{ FSM_SIGHT_UNTRUSTED, true,  FSM_WRITE_FORGET, FSM_ORDER_END_FAILED, FSM_ORDER_END_DONE },
	{ FSM_SIGHT_REFUSED,   true,  FSM_WRITE_FORGET, FSM_ORDER_END_FAILED, FSM_ORDER_END_DONE },
};
/* clang-format on */

/* The bits of _i: snapd is busy, one more request may be sent. */
START_TEST(first_definite_answer_ends_the_order)
{
	for (int i = 0; i < COUNT(answers) * COUNT(work); i++) {
		int row = i / COUNT(work);
		enum fsm_order kind = work[i % COUNT(work)];
		struct fsm_record record;
		struct fsm_turn turn = order(&record, kind);
		const struct fsm_answer answer = { answers[row].sight, CHANGE, FSM_REASON_CONFLICT,
			"no\nway", answers[row].newest, _i & 1, _i & 2, NOW, UNIT };
		enum fsm_order_end end =
			kind == FSM_ORDER_REFRESH ? answers[row].end_of_refresh : answers[row].end;

		ck_assert_int_eq(fsm_answer(&record, &turn, &answer), answers[row].write);
		ck_assert_int_eq(turn.news.kind, kind);
		ck_assert_int_eq(turn.news.end, end);
		ck_assert_int_eq(
			record.order.kind, end == FSM_ORDER_END_NONE ? kind : FSM_ORDER_NONE);
		ck_assert_int_eq(record.intent.op, answers[row].write == FSM_WRITE_CHANGE
							   ? ops[i % COUNT(work)]
							   : FSM_OP_NONE);
		ck_assert_str_eq(turn.news.text, end == FSM_ORDER_END_FAILED ? "no?way"
						 : end == FSM_ORDER_END_DONE ? "already the newest"
									     : "");
		must_remember(&record, true);
	}
}
END_TEST

/* What becomes of its change. */

/* clang-format off */
static const struct {
	enum fsm_fate fate;
	int64_t age;
	bool down;
	enum fsm_order_end end;
	const char *text;
} fates[] = {
	{ FSM_FATE_DONE,      1,  false, FSM_ORDER_END_DONE,    "" },
	{ FSM_FATE_DONE,      1,  true,  FSM_ORDER_END_FAILED,  "service daemon does not run; see: snap logs microsample" },
	{ FSM_FATE_FAILED,    1,  false, FSM_ORDER_END_FAILED,  "no space" },
	{ FSM_FATE_FAILED,    1,  true,  FSM_ORDER_END_FAILED,  "no space" },
	{ FSM_FATE_EMPTY,     1,  false, FSM_ORDER_END_FAILED,  "its change ended without doing anything" },
	{ FSM_FATE_FORGOTTEN, 1,  false, FSM_ORDER_END_DROPPED, "snapd does not know its change any more" },
	/* it left no trace */
	{ FSM_FATE_NONE,      90, false, FSM_ORDER_END_FAILED,  "the request left no trace in snapd" },
};
/* clang-format on */

/* Each one adopted from the list, and known by its answer. */
START_TEST(order_ends_with_its_change)
{
	enum fsm_fate fate = fates[_i].fate;

	for (int i = 0; i < 2 * COUNT(work); i++) {
		enum fsm_order kind = work[i / 2];
		struct fsm_record record;
		struct fsm_turn turn = order(&record, kind);
		struct fsm_facts facts = kit_facts();

		if (fate == FSM_FATE_FORGOTTEN || (i & 1 && fate != FSM_FATE_NONE))
			(void)kit_accept(&record, &turn);
		else if (fate != FSM_FATE_NONE)
			facts.shown = CHANGE;
		facts.fate = fate;
		facts.fate_error = "no space";
		facts.age = fates[_i].age;
		facts.flight = FSM_FLIGHT_FOREIGN; /* while another runs nothing is certain */
		turn = kit_turn(&record, &facts);
		ck_assert_int_eq(record.order.kind, kind);
		ck_assert_int_eq(turn.news.kind, FSM_ORDER_NONE);
		facts.flight = FSM_FLIGHT_NONE;
		facts.shown = record.intent.phase == FSM_PHASE_ASKED ? facts.shown : 0;
		facts.service_down = fates[_i].down ? "daemon" : "";
		turn = kit_turn(&record, &facts);
		ck_assert_int_eq(turn.news.kind, kind);
		ck_assert_int_eq(turn.news.end, fates[_i].end);
		ck_assert_str_eq(turn.news.text, fates[_i].text);
		ck_assert_int_eq(record.order.kind, FSM_ORDER_NONE);
		ck_assert_int_eq(record.intent.op, FSM_OP_NONE);
		ck_assert_int_eq(turn.event, fates[_i].down ? FSM_EVENT_DOWN : FSM_EVENT_SETTLED);
		must_remember(&record, false); /* the snap is in place */
	}
}
END_TEST

/* It stopped the service, but not at the charm's wish. */
START_TEST(refresh_by_order_that_fails_is_none_of_the_three_refreshes)
{
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);
	struct fsm_record record = { .revision = "7" };

	for (int i = 0; i < 5; i++) {
		struct fsm_turn turn;

		facts.order = FSM_ORDER_REFRESH;
		facts.fate = FSM_FATE_NONE;
		turn = kit_turn(&record, &facts);
		ck_assert_int_eq(turn.news.end, FSM_ORDER_END_NONE);
		(void)kit_accept(&record, &turn);
		facts.order = FSM_ORDER_NONE;
		facts.fate = FSM_FATE_FAILED;
		ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_ASTRAY);
		ck_assert_int_eq(record.failure.class, FSM_CLASS_NONE);
		ck_assert_int_eq(record.refused.times, 0);
	}
}
END_TEST

START_TEST(revert_that_is_done_is_shown_until_another_revision_runs)
{
	struct fsm_record record;
	struct fsm_turn turn = order(&record, FSM_ORDER_REVERT);
	struct fsm_facts facts = kit_facts();

	(void)kit_accept(&record, &turn);
	facts.fate = FSM_FATE_DONE;
	facts.revision = _i ? "3" : "7";
	turn = kit_turn(&record, &facts);
	ck_assert_str_eq(turn.status.message,
		_i ? "Ready at 'edge', reverted to revision 3" : "Ready at 'edge'");
	facts.fate = FSM_FATE_NONE;
	turn = kit_turn(&record, &facts);
	ck_assert_str_eq(record.reverted, _i ? "3" : "");
	facts.revision = "8";
	(void)kit_turn(&record, &facts);
	ck_assert_str_eq(record.reverted, "");
	facts.revision = "3"; /* by another way */
	(void)kit_turn(&record, &facts);
	ck_assert_str_eq(record.reverted, "");
}
END_TEST

START_TEST(only_a_revert_is_shown_as_one)
{
	struct fsm_record record;
	struct fsm_turn turn = order(&record, _i ? FSM_ORDER_REFRESH : FSM_ORDER_RESTART);
	struct fsm_facts facts = kit_facts();

	(void)kit_accept(&record, &turn);
	facts.fate = FSM_FATE_DONE;
	(void)kit_turn(&record, &facts);
	ck_assert_str_eq(record.reverted, "");
}
END_TEST

/* A person who did not wait for the end of the one before: the journal still tells it. */
START_TEST(end_of_an_order_is_told_beside_the_next_one)
{
	struct fsm_record record;
	struct fsm_turn turn = order(&record, FSM_ORDER_RESTART);
	struct fsm_facts facts = given(work[_i]);

	(void)kit_accept(&record, &turn);
	facts.fate = FSM_FATE_FAILED;
	facts.fate_error = "why";
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.over.kind, FSM_ORDER_RESTART);
	ck_assert_int_eq(turn.over.end, FSM_ORDER_END_FAILED);
	ck_assert_str_eq(turn.over.text, "why");
	ck_assert_int_eq(turn.news.kind, work[_i]);
	ck_assert_int_eq(turn.news.end, FSM_ORDER_END_NONE);
	ck_assert_int_eq(record.order.kind, work[_i]);
	facts = kit_facts();
	facts.flight = FSM_FLIGHT_OURS;
	ck_assert_int_eq(kit_turn(&record, &facts).over.end, FSM_ORDER_END_NONE);
}
END_TEST

/* What ends an order that could not be asked. */

/* One that waits since NOW, and the look after AGE seconds. */
static struct fsm_turn waits(enum fsm_order kind, struct fsm_facts facts, int64_t age)
{
	struct fsm_record record = settled();
	struct fsm_limits limits = kit_limits();
	struct fsm_turn turn;

	record.order = (struct fsm_given){ kind, NOW, kind == FSM_ORDER_REVERT ? BACK : 0 };
	facts.now = NOW + age;
	limits.may_ask = false;
	fsm_turn(&record, &facts, &limits, &turn);
	return turn;
}

static void must_end(
	const struct fsm_turn *turn, enum fsm_order kind, enum fsm_order_end end, const char *text)
{
	ck_assert_int_eq(turn->news.kind, end == FSM_ORDER_END_NONE ? FSM_ORDER_NONE : kind);
	ck_assert_int_eq(turn->news.end, end);
	ck_assert_str_eq(turn->news.text, text);
	ck_assert_int_eq(
		turn->record.order.kind, end == FSM_ORDER_END_NONE ? kind : FSM_ORDER_NONE);
}

START_TEST(order_that_cannot_be_sent_is_dropped_after_ten_minutes)
{
	static const char late[] = "it could not be sent for ten minutes";
	static const int64_t ages[] = { 0, 599, 600, 100 * DAY, -1, -100 * DAY };
	bool keeps = _i < 2; /* a clock that was set back would keep it for years */

	for (int i = 0; i < COUNT(work); i++) {
		struct fsm_facts looks[] = { kit_facts(), kit_away(), kit_bad_option() };

		for (int look = 0; look < COUNT(looks); look++) {
			struct fsm_turn turn = waits(work[i], looks[look], ages[_i]);

			must_end(&turn, work[i], keeps ? FSM_ORDER_END_NONE : FSM_ORDER_END_DROPPED,
				keeps ? "" : late);
		}
	}
}
END_TEST

START_TEST(order_that_was_sent_is_seen_to_its_end_however_long_it_takes)
{
	struct fsm_record record;
	struct fsm_turn turn = order(&record, work[_i]);
	struct fsm_facts facts = kit_facts();

	(void)kit_accept(&record, &turn);
	facts.flight = FSM_FLIGHT_OURS;
	facts.fate = FSM_FATE_RUNNING;
	facts.now += DAY;
	(void)kit_turn(&record, &facts);
	ck_assert_int_eq(record.order.kind, work[_i]);
}
END_TEST

START_TEST(order_goes_with_the_unit_and_with_the_snap)
{
	struct fsm_facts going = kit_needs(FSM_OP_REMOVE), unsure = kit_bare();
	struct fsm_turn turn = waits(work[_i], going, 0);

	must_end(&turn, work[_i], FSM_ORDER_END_DROPPED, "the unit is on its way out");
	going = kit_away();
	going.hook = FSM_HOOK_REMOVE;
	turn = waits(work[_i], going, 0);
	must_end(&turn, work[_i], FSM_ORDER_END_DROPPED, "the unit is on its way out");
	turn = waits(work[_i], kit_bare(), 0);
	must_end(&turn, work[_i], FSM_ORDER_END_DROPPED, "the snap is not installed");
	unsure.flight = FSM_FLIGHT_FOREIGN; /* somebody installs it, perhaps */
	turn = waits(work[_i], unsure, 0);
	must_end(&turn, work[_i], FSM_ORDER_END_NONE, "");
}
END_TEST

/* Somebody, perhaps the charm itself in a hook that was killed, has done it. */
START_TEST(revert_that_is_there_is_done_without_asking)
{
	struct fsm_facts facts = kit_facts();
	struct fsm_turn turn;

	facts.revision = "3";
	turn = waits(work[_i], facts, 0);
	if (work[_i] != FSM_ORDER_REVERT) {
		must_end(&turn, work[_i], FSM_ORDER_END_NONE, "");
		return;
	}
	must_end(&turn, work[_i], FSM_ORDER_END_DONE, "already there");
	facts.flight = FSM_FLIGHT_FOREIGN;
	turn = waits(work[_i], facts, 0);
	must_end(&turn, work[_i], FSM_ORDER_END_NONE, "");
	facts.flight = FSM_FLIGHT_NONE;
	facts.revision = "33";
	turn = waits(work[_i], facts, 0);
	must_end(&turn, work[_i], FSM_ORDER_END_NONE, "");
}
END_TEST

/* It may be that somebody else has done it, and that ours still lands. */
START_TEST(revert_that_was_asked_is_not_done_before_its_answer)
{
	struct fsm_record record;
	struct fsm_turn turn = order(&record, FSM_ORDER_REVERT);
	struct fsm_facts facts = kit_facts();

	facts.revision = "3";
	facts.age = 44;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, FSM_EVENT_UNSURE);
	must_end(&turn, FSM_ORDER_REVERT, FSM_ORDER_END_NONE, "");
}
END_TEST

/* What is met down may have died again and again: systemd would refuse to start it. */
START_TEST(order_at_a_service_that_is_down_waits_until_it_was_quiet)
{
	struct fsm_record record = settled();
	struct fsm_facts facts = given(work[_i]);

	facts.service_down = "daemon";
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_COOLING);
	facts.first = false;
	facts.order = FSM_ORDER_NONE;
	facts.uptime += 14;
	facts.service_down = ""; /* up, to die once more */
	facts.serves = true;
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_COOLING);
	facts.service_down = "daemon";
	facts.uptime += 14;
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_FOLLOW);
	ck_assert_int_eq(record.intent.op, FSM_OP_NONE);
	facts.uptime++;
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_ORDERED);
	ck_assert_int_eq(record.intent.op, ops[_i]);
}
END_TEST

/* However it goes on; nor for what is only up, or only does not answer. */
START_TEST(order_waits_for_a_minute_at_most_and_for_no_service_that_runs)
{
	struct fsm_record record = settled();
	struct fsm_facts facts = given(work[_i]);

	facts.service_down = "daemon";
	(void)kit_turn(&record, &facts);
	facts.first = false;
	facts.order = FSM_ORDER_NONE;
	facts.service_down = "";
	facts.serves = true;
	for (int i = 0; i < 60; i++, facts.uptime++, facts.now++)
		ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_COOLING);
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_ORDERED);

	record = settled();
	facts = given(work[_i]);
	facts.serves = true;
	facts.probe = FSM_PROBE_MUTE;
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_ORDERED);
}
END_TEST

START_TEST(order_that_has_ended_leaves_no_quiet_to_wait_for)
{
	struct fsm_record record = settled();
	struct fsm_facts facts = given(work[_i]);

	facts.service_down = "daemon";
	(void)kit_turn(&record, &facts);
	ck_assert_int_eq(record.probation.quiet, facts.uptime);
	facts.first = false;
	facts.order = FSM_ORDER_NONE;
	facts.now += FSM_ORDER_LASTS;
	ck_assert_int_eq(kit_turn(&record, &facts).news.end, FSM_ORDER_END_DROPPED);
	ck_assert_int_eq(record.probation.quiet, 0);
}
END_TEST

START_TEST(order_waits_while_the_unit_is_about_to_go)
{
	struct fsm_facts facts = kit_facts();
	struct fsm_turn turn;

	facts.hook = FSM_HOOK_STOP;
	turn = waits(work[_i], facts, 0);
	ck_assert_int_eq(turn.event, FSM_EVENT_SETTLED);
	must_end(&turn, work[_i], FSM_ORDER_END_NONE, "");
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("order");

	tcase_add_test(tests, order_has_its_effect);
	tcase_add_loop_test(tests, order_is_committed_with_its_request, 0, 3);
	tcase_add_loop_test(tests,
		order_that_cannot_be_asked_yet_is_committed_and_asked_by_the_next_hook, 0, 3);
	tcase_add_loop_test(tests, first_definite_answer_ends_the_order, 0, 4);
	tcase_add_loop_test(tests, order_ends_with_its_change, 0, COUNT(fates));
	tcase_add_test(tests, refresh_by_order_that_fails_is_none_of_the_three_refreshes);
	tcase_add_loop_test(tests, revert_that_is_done_is_shown_until_another_revision_runs, 0, 2);
	tcase_add_loop_test(tests, only_a_revert_is_shown_as_one, 0, 2);
	tcase_add_loop_test(tests, order_that_cannot_be_sent_is_dropped_after_ten_minutes, 0, 6);
	tcase_add_loop_test(
		tests, order_that_was_sent_is_seen_to_its_end_however_long_it_takes, 0, 3);
	tcase_add_loop_test(tests, end_of_an_order_is_told_beside_the_next_one, 0, 3);
	tcase_add_loop_test(tests, order_goes_with_the_unit_and_with_the_snap, 0, 3);
	tcase_add_loop_test(tests, revert_that_is_there_is_done_without_asking, 0, 3);
	tcase_add_test(tests, revert_that_was_asked_is_not_done_before_its_answer);
	tcase_add_loop_test(tests, order_at_a_service_that_is_down_waits_until_it_was_quiet, 0, 3);
	tcase_add_loop_test(
		tests, order_waits_for_a_minute_at_most_and_for_no_service_that_runs, 0, 3);
	tcase_add_loop_test(tests, order_that_has_ended_leaves_no_quiet_to_wait_for, 0, 3);
	tcase_add_loop_test(tests, order_waits_while_the_unit_is_about_to_go, 0, 3);
	return kit_run(tests, "order");
}
