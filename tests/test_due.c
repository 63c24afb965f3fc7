/* SPDX-License-Identifier: Apache-2.0 */
/* What a unit waits for after a hook: for each way in which a hook may have left it. */
#include <stdlib.h>

#include "fsm/due.h"
#include "fsm/probation.h"
#include "tests/fsm_kit.h"

static struct fsm_due due_at(const struct fsm_record *record, int64_t now)
{
	const struct fsm_moment moment = { now, 1000 + now - NOW, "boot", UNIT };

	return fsm_due(record, &moment);
}

#define EXPECT(record, now, expected, expected_change, expected_seconds)                           \
	do {                                                                                       \
		struct fsm_due due_ = due_at((record), (now));                                     \
		ck_assert_int_eq(due_.wait, FSM_WAIT_##expected);                                  \
		ck_assert_int_eq(due_.change, (expected_change));                                  \
		ck_assert_int_eq(due_.seconds, (expected_seconds));                                \
	} while (0)

START_TEST(a_settled_unit_waits_for_nothing)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_facts();

	EXPECT(&record, NOW, NOTHING, 0, FSM_NEVER);
	(void)kit_turn(&record, &facts);
	ck_assert_int_eq(record.state, FSM_STATE_ACTIVE);
	EXPECT(&record, NOW, NOTHING, 0, FSM_NEVER);
}
END_TEST

START_TEST(a_request_is_due_until_it_is_aged)
{
	for (int op = FSM_OP_NONE + 1; op < FSM_OP_COUNT; op++) {
		int lands = fsm_op_row((enum fsm_op)op)->lands;
		struct fsm_record record = { .state = FSM_STATE_INSTALLING,
			.reason = FSM_REASON_OWN_CHANGE,
			.intent = { .op = (enum fsm_op)op,
				.phase = FSM_PHASE_ASKED,
				.uptime = 1000,
				.boot = "boot" } };

		EXPECT(&record, NOW, REQUEST, 0, lands);
		EXPECT(&record, NOW + lands - 1, REQUEST, 0, 1);
		EXPECT(&record, NOW + lands, REQUEST, 0, 0);
		(void)strcpy(record.intent.boot, "another");
		EXPECT(&record, NOW, REQUEST, 0, 0);
		record.retired = true; /* Juju itself runs `remove` again */
		EXPECT(&record, NOW, NOTHING, 0, FSM_NEVER);
	}
}
END_TEST

START_TEST(an_unanswered_request_that_was_looked_at_is_due_as_before)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_bare();

	(void)kit_turn(&record, &facts);
	facts.age = 20;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_UNSURE);
	EXPECT(&record, NOW + 20, REQUEST, 0, 70);
}
END_TEST

START_TEST(a_change_is_due_at_its_end_moving_or_not)
{
	static const struct {
		enum fsm_flight flight;
		int64_t since;
	} cases[] = {
		{ FSM_FLIGHT_OURS, NOW },
		{ FSM_FLIGHT_OURS, NOW - HOUR },
		{ FSM_FLIGHT_FOREIGN, NOW },
		{ FSM_FLIGHT_FOREIGN, NOW - HOUR },
	};

	for (int i = 0; i < COUNT(cases); i++) {
		struct fsm_record record = { 0 };
		struct fsm_facts facts = kit_bare();
		struct fsm_turn turn = kit_turn(&record, &facts);

		(void)kit_accept(&record, &turn);
		EXPECT(&record, NOW, CHANGE, CHANGE, FSM_NEVER);
		facts.flight = cases[i].flight;
		facts.fate = FSM_FATE_RUNNING;
		facts.flight_kind = "auto-refresh";
		facts.pace = (struct fsm_pace){ .way = FSM_WAY_DOES, .since = NOW };
		facts.pace.change = CHANGE + (cases[i].flight == FSM_FLIGHT_FOREIGN);
		record.pace = facts.pace;
		record.pace.since = cases[i].since;
		(void)kit_look(&record, &facts);
		EXPECT(&record, NOW, CHANGE, facts.pace.change, FSM_NEVER);
	}
}
END_TEST

START_TEST(what_had_no_time_to_be_asked_is_due_at_once)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_bare();

	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_ABSENT);
	EXPECT(&record, NOW, TRY, 0, 0);
}
END_TEST

START_TEST(a_silent_or_unseeded_snapd_is_awaited)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_away();

	(void)kit_look(&record, &facts);
	EXPECT(&record, NOW, SNAPD, 0, FSM_NEVER);
	facts = kit_bare();
	facts.seeded = false;
	(void)kit_look(&record, &facts);
	EXPECT(&record, NOW, SNAPD, 0, FSM_NEVER);
}
END_TEST

/* For each reason that a request can fail for: the time that is shown is kept. */
START_TEST(a_failure_is_due_at_its_next_try)
{
	for (int reason = 0; reason < FSM_REASON_COUNT; reason++) {
		const struct fsm_reason_row *row = fsm_reason_row((enum fsm_reason)reason);
		struct fsm_record record = { 0 };
		struct fsm_facts facts = kit_bare();
		struct fsm_turn turn;
		int64_t pause;

		if (row->class == FSM_CLASS_NONE || row->class == FSM_CLASS_CONTEST ||
			fsm_class_row(row->class)->minutes[0] == 0 || reason == FSM_REASON_LOCAL)
			continue;
		turn = kit_turn(&record, &facts);
		(void)kit_refuse(&record, &turn, (enum fsm_reason)reason, NOW);
		pause = record.failure.next_try - NOW;
		ck_assert_int_gt(pause, 0);
		facts.asked = true;
		(void)kit_look(&record, &facts);
		ck_assert_int_eq(record.reason, reason);
		EXPECT(&record, NOW, TRY, 0, pause);
		EXPECT(&record, NOW + pause - 1, TRY, 0, 1);
		EXPECT(&record, NOW + pause, TRY, 0, 0);
		EXPECT(&record, NOW + DAY, TRY, 0, 0);
		EXPECT(&record, NOW - 1, TRY, 0, 0); /* the clock was set back */
	}
}
END_TEST

START_TEST(what_each_hook_asks_is_due_after_one_five_and_fifteen_minutes)
{
	static const int minutes[] = { 1, 5, 15, 15, 15 };
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_bare();

	for (int i = 0; i < COUNT(minutes); i++) {
		struct fsm_turn turn;

		facts.asked = false;
		turn = kit_turn(&record, &facts);
		ck_assert_int_eq(turn.event, FSM_EVENT_ABSENT);
		(void)kit_refuse(&record, &turn, FSM_REASON_DENIED, NOW);
		facts.asked = true;
		ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_REFUSED);
		EXPECT(&record, NOW, TRY, 0, minutes[i] * MINUTE);
		EXPECT(&record, NOW + minutes[i] * MINUTE, TRY, 0, 0);
	}
}
END_TEST

START_TEST(what_a_person_has_to_do_is_not_due)
{
	struct fsm_facts cases[] = { kit_bad_option(), kit_facts(), kit_facts(), kit_facts(),
		kit_facts(), kit_facts(), kit_facts() };

	cases[1].active = false;
	cases[2].broken = true;
	cases[3].local = true;
	cases[4].service_down = "daemon";
	cases[5].unserved = true;
	cases[6].health = "blocked: no license";
	for (int i = 0; i < COUNT(cases); i++) {
		struct fsm_record record = { 0 };
		struct fsm_facts away = kit_away();

		record.failure = (struct fsm_failure){ .class = FSM_CLASS_FINAL,
			.op = FSM_OP_REFRESH,
			.reason = FSM_REASON_LOCAL,
			.attempts = 1,
			.answered = NOW - HOUR,
			.next_try = NOW - MINUTE };
		(void)kit_look(&record, &cases[i]);
		ck_assert_int_eq(record.state, FSM_STATE_BLOCKED);
		EXPECT(&record, NOW, NOTHING, 0, FSM_NEVER);
		/* Nor is it while snapd is silent: the person's task stands. */
		if (i == 0)
			continue;
		(void)kit_look(&record, &away);
		EXPECT(&record, NOW, NOTHING, 0, FSM_NEVER);
	}
}
END_TEST

START_TEST(a_target_refused_for_good_and_a_contest_are_a_persons)
{
	struct fsm_record record = { .target.channel = EDGE };
	struct fsm_facts facts = kit_facts();

	facts.tracking = BETA;
	record.refused = (struct fsm_refused){ .target.channel = EDGE, .times = FSM_REFRESHES };
	(void)kit_look(&record, &facts);
	ck_assert_int_eq(record.reason, FSM_REASON_TARGET_REFUSED);
	EXPECT(&record, NOW, NOTHING, 0, FSM_NEVER);
	record.refused.times = 0;
	record.drift = (struct fsm_drift){ fsm_target_of(EDGE), 7, NOW - 10, NOW + HOUR };
	(void)kit_look(&record, &facts);
	ck_assert_int_eq(record.reason, FSM_REASON_CONTESTED);
	EXPECT(&record, NOW, NOTHING, 0, FSM_NEVER);
}
END_TEST

START_TEST(a_snap_that_drifts_is_due_when_it_is_put_right)
{
	struct fsm_record record = { .target.channel = EDGE };
	struct fsm_facts facts = kit_facts();

	facts.tracking = BETA;
	record.drift = (struct fsm_drift){ fsm_target_of(EDGE), 2, NOW - 10, NOW + 50 };
	(void)kit_look(&record, &facts);
	ck_assert_int_eq(record.reason, FSM_REASON_DRIFTED);
	EXPECT(&record, NOW, TRY, 0, 50);
	EXPECT(&record, NOW + 50, TRY, 0, 0);
	EXPECT(&record, NOW - 11, TRY, 0, 0);
}
END_TEST

START_TEST(an_order_that_is_not_sent_is_due_when_it_is_dropped)
{
	struct fsm_record record = { .state = FSM_STATE_BLOCKED,
		.reason = FSM_REASON_BAD_OPTION,
		.order = { FSM_ORDER_REFRESH, NOW, 0 } };

	EXPECT(&record, NOW, TRY, 0, FSM_ORDER_LASTS);
	record.state = FSM_STATE_INSTALLING;
	record.reason = FSM_REASON_SNAPD_AWAY;
	EXPECT(&record, NOW + 1, SNAPD, 0, FSM_ORDER_LASTS - 1);
	record.reason = FSM_REASON_OWN_CHANGE;
	EXPECT(&record, NOW, TRY, 0, 0);
	record.intent =
		(struct fsm_intent){ FSM_OP_REFRESH, .phase = FSM_PHASE_KNOWN, .change = 7 };
	EXPECT(&record, NOW, CHANGE, 7, FSM_NEVER);
}
END_TEST

START_TEST(a_revision_on_probation_is_due_at_its_looks)
{
	struct fsm_record record = { .state = FSM_STATE_ACTIVE,
		.probation = { .revision = "8", .since = 1000, .boot = "boot" } };

	for (int look = 0; look < FSM_LOOKS; look++) {
		int at = fsm_probation_look((unsigned)look);

		record.probation.looks = look;
		EXPECT(&record, NOW, TRY, 0, at);
		EXPECT(&record, NOW + at - 1, TRY, 0, 1);
		EXPECT(&record, NOW + at, TRY, 0, 0);
	}
	(void)strcpy(record.probation.boot, "before");
	EXPECT(&record, NOW, TRY, 0, 0);
	record.probation.looks = FSM_LOOKS;
	EXPECT(&record, NOW, NOTHING, 0, FSM_NEVER);
}
END_TEST

/* A rollback goes on until it is done. */
START_TEST(a_rollback_is_not_dropped)
{
	struct fsm_record record = { .state = FSM_STATE_INSTALLING,
		.reason = FSM_REASON_SNAPD_AWAY,
		.order = { FSM_ORDER_ROLLBACK, NOW - HOUR, 3 } };

	EXPECT(&record, NOW, SNAPD, 0, FSM_NEVER);
	record.reason = FSM_REASON_OWN_CHANGE;
	EXPECT(&record, NOW, TRY, 0, 0);
}
END_TEST

/* Whatever the record says: nothing is due of a unit that goes, and no time is in the past. */
START_TEST(of_any_record_what_is_due_makes_sense)
{
	unsigned long long random = 1;
	int seen[FSM_WAIT_COUNT] = { 0 };

	for (int i = 0; i < 200000; i++) {
		struct fsm_facts facts;
		struct fsm_record record;
		struct fsm_due due;

		kit_situation(&random, &record, &facts);
		if (kit_pick(&random, 2))
			(void)kit_turn(&record, &facts);
		due = due_at(&record, NOW);
		seen[due.wait]++;
		ck_assert_int_ge(due.seconds, 0);
		ck_assert(due.wait != FSM_WAIT_DRIFT);
		ck_assert_int_eq(due.wait == FSM_WAIT_CHANGE, due.change != 0);
		if (due.wait == FSM_WAIT_NOTHING || due.wait == FSM_WAIT_TRY)
			ck_assert_int_eq(due.wait == FSM_WAIT_NOTHING, due.seconds == FSM_NEVER);
		if (record.retired || record.stopping)
			ck_assert_int_eq(due.wait, FSM_WAIT_NOTHING);
		ck_assert_int_gt((int)strlen(fsm_wait_meaning(due.wait)), 0);
	}
	for (int wait = 0; wait < FSM_WAIT_COUNT; wait++)
		ck_assert_int_eq(seen[wait] > 0, wait != FSM_WAIT_DRIFT);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("due");

	tcase_add_test(tests, a_settled_unit_waits_for_nothing);
	tcase_add_test(tests, a_request_is_due_until_it_is_aged);
	tcase_add_test(tests, an_unanswered_request_that_was_looked_at_is_due_as_before);
	tcase_add_test(tests, a_change_is_due_at_its_end_moving_or_not);
	tcase_add_test(tests, what_had_no_time_to_be_asked_is_due_at_once);
	tcase_add_test(tests, a_silent_or_unseeded_snapd_is_awaited);
	tcase_add_test(tests, a_failure_is_due_at_its_next_try);
	tcase_add_test(tests, what_each_hook_asks_is_due_after_one_five_and_fifteen_minutes);
	tcase_add_test(tests, what_a_person_has_to_do_is_not_due);
	tcase_add_test(tests, a_target_refused_for_good_and_a_contest_are_a_persons);
	tcase_add_test(tests, a_snap_that_drifts_is_due_when_it_is_put_right);
	tcase_add_test(tests, an_order_that_is_not_sent_is_due_when_it_is_dropped);
	tcase_add_test(tests, a_revision_on_probation_is_due_at_its_looks);
	tcase_add_test(tests, a_rollback_is_not_dropped);
	tcase_add_test(tests, of_any_record_what_is_due_makes_sense);
	return kit_run(tests, "due");
}
