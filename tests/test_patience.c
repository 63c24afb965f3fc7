/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks past a pause: a person's hook after a while, the remove hook in each run, and where there
 * is no pause each hook once. And what nobody asks past: a target that is refused.
 */
#include "fsm/rules.h"
#include "tests/fsm_kit.h"

enum who {
	NOBODY,
	REMOVAL, /* the remove hook, in each run */
	PERSON,  /* config-changed and upgrade-charm, a minute after the failure was known */
};

static enum who who_runs(enum fsm_hook hook)
{
	if (hook == FSM_HOOK_CONFIG_CHANGED || hook == FSM_HOOK_UPGRADE_CHARM)
		return PERSON;
	return hook == FSM_HOOK_REMOVE ? REMOVAL : NOBODY;
}

/* A unit whose request for OP failed for REASON at NOW, and rests for a quarter of an hour. */
static struct fsm_record failed(enum fsm_op op, enum fsm_reason reason)
{
	return (struct fsm_record){
		.ours = true,
		.failure = { fsm_reason_row(reason)->class, op,
			fsm_target_of(op == FSM_OP_REMOVE ? "" : EDGE), reason, "", 3, NOW - DAY,
			NOW, NOW + 15 * MINUTE, NOW },
	};
}

static bool rests(const struct fsm_record *record, const struct fsm_facts *facts)
{
	return (fsm_bits(record, facts) & FSM_BIT_RESTS) != 0;
}

/* The pause is that of a person's cure, whatever was asked when; only a removal is not repeated. */
START_TEST(pause_is_for_all_hooks_but_those_of_a_person_a_minute_later)
{
	enum fsm_hook hook = (enum fsm_hook)_i;
	enum fsm_op op = hook == FSM_HOOK_REMOVE ? FSM_OP_REMOVE : FSM_OP_REFRESH;

	for (enum fsm_reason reason = 0; reason < FSM_REASON_COUNT; reason++) {
		struct fsm_record record = failed(op, reason);
		struct fsm_facts facts = kit_needs(op);
		/* it stopped what still ran; a person did not want it */
		bool hard = reason == FSM_REASON_REMOVAL_FAILED || reason == FSM_REASON_ABORTED;
		enum who who = hard ? NOBODY : who_runs(hook);

		if (fsm_class_row(record.failure.class)->minutes[0] == 0)
			continue; /* there is no pause */
		facts.hook = hook;
		for (int wait = 0; wait <= 2 * MINUTE; wait++) {
			facts.now = NOW + wait;
			facts.first = true;
			ck_assert_int_eq(rests(&record, &facts),
				who == NOBODY || (who == PERSON && wait < 60));
			facts.first = false; /* once a run */
			ck_assert(rests(&record, &facts));
		}
	}
}
END_TEST

/* One run of HOOK, in which it may ask twice, and snapd refuses for REASON; how often it asked. */
static int run(
	struct fsm_record *record, struct fsm_facts facts, enum fsm_reason reason, int64_t now)
{
	int asked = 0;

	facts.first = true;
	facts.now = now;
	for (int look = 0; look < 4; look++) {
		struct fsm_turn turn = kit_turn(record, &facts);

		facts.first = false;
		if (fsm_effect_op(turn.effect) == FSM_OP_NONE)
			continue;
		asked++;
		facts.asked = true;
		(void)kit_refuse(record, &turn, reason, now);
	}
	return asked;
}

/* Juju runs config-changed again after an error, and after each restart of its agent. */
START_TEST(person_who_comes_twice_in_a_row_asks_once)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_bare();

	facts.hook = _i ? FSM_HOOK_UPGRADE_CHARM : FSM_HOOK_CONFIG_CHANGED;
	ck_assert_int_eq(run(&record, facts, FSM_REASON_CHANNEL_MISSING, NOW), 1);
	ck_assert_int_eq(run(&record, facts, FSM_REASON_CHANNEL_MISSING, NOW), 0);
	ck_assert_int_eq(run(&record, facts, FSM_REASON_CHANNEL_MISSING, NOW + 59), 0);
	ck_assert_int_eq(run(&record, facts, FSM_REASON_CHANNEL_MISSING, NOW + 60), 1);
	ck_assert_int_eq(run(&record, facts, FSM_REASON_CHANNEL_MISSING, NOW + 119), 0);
	ck_assert_int_eq(record.state, FSM_STATE_BLOCKED);
	facts.wanted = fsm_target_of(BETA); /* another channel never waits */
	ck_assert_int_eq(run(&record, facts, FSM_REASON_CHANNEL_MISSING, NOW + 119), 1);
}
END_TEST

START_TEST(what_snapd_itself_refuses_is_asked_once_in_each_hook)
{
	enum fsm_reason reason = _i & 1 ? FSM_REASON_DENIED : FSM_REASON_DEGRADED;
	enum fsm_op op = (enum fsm_op)(FSM_OP_INSTALL + _i / 2);

	for (enum fsm_hook hook = 0; hook < FSM_HOOK_COUNT; hook++) {
		struct fsm_record record = { .ours = true };
		struct fsm_facts facts = kit_needs(op);

		if (op != FSM_OP_REMOVE && fsm_hook_is(hook, FSM_HOOK_LEAVES))
			continue;
		if (op != FSM_OP_REMOVE)
			facts.hook = hook;
		for (int i = 0; i < 3; i++)
			ck_assert_int_eq(run(&record, facts, reason, NOW), 1);
		ck_assert_int_eq(record.reason, reason);
		/* a unit that goes works on */
		ck_assert_int_eq(record.state,
			op == FSM_OP_REMOVE ? FSM_STATE_INSTALLING : FSM_STATE_BLOCKED);
		ck_assert_int_eq(kit_turn(&record, &facts).record.failure.attempts, 4);
	}
}
END_TEST

/* What was asked once may be what snapd dropped, or something else than what is needed now. */
START_TEST(request_that_did_not_fail_may_follow_another_in_the_same_run)
{
	struct fsm_record record = failed(FSM_OP_REFRESH, FSM_REASON_DENIED);
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);

	facts.asked = true;
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_REFUSED);
	facts.wanted = fsm_target_of("latest/candidate");
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_REFRESH);
	record = failed(FSM_OP_REFRESH, FSM_REASON_DENIED);
	facts = kit_bare();
	facts.asked = true;
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_INSTALL);
	record = (struct fsm_record){ 0 };
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_INSTALL);
}
END_TEST

START_TEST(removal_that_is_refused_is_asked_in_each_run)
{
	static const enum fsm_reason reasons[] = { FSM_REASON_SNAPD_REFUSED, FSM_REASON_CONFLICT,
		FSM_REASON_DISK_FULL, FSM_REASON_STORE_TIMEOUT };
	struct fsm_record record = { .ours = true };

	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(run(&record, kit_needs(FSM_OP_REMOVE), reasons[_i], NOW + i), 1);
	if (_i == 0)
		ck_assert_int_eq(record.reason, FSM_REASON_REMOVAL_REFUSED);
}
END_TEST

/* A request for OP at NOW, and its change has failed at the next look. */
static void change_fails(struct fsm_record *record, enum fsm_op op, int64_t now)
{
	struct fsm_facts facts = kit_needs(op);
	struct fsm_turn turn;

	facts.now = now;
	turn = kit_turn(record, &facts);
	ck_assert_int_eq(fsm_effect_op(turn.effect), op);
	(void)kit_accept(record, &turn);
	facts.fate = FSM_FATE_FAILED;
	facts.fate_error = "no space";
	ck_assert_int_eq(kit_look(record, &facts), FSM_EVENT_FAILED);
	ck_assert_int_eq(record->failure.reason, fsm_op_row(op)->failed);
}

/* A download, say: the service has run on, and the trouble may pass. */
START_TEST(change_that_failed_before_it_stopped_the_service_counts_as_no_stop)
{
	static const enum fsm_op ops[] = { FSM_OP_INSTALL, FSM_OP_REFRESH, FSM_OP_REMOVE };
	struct fsm_record record = { .ours = true, .revision = "7" };

	for (int64_t now = NOW; now < NOW + 10 * DAY; now += DAY) {
		struct fsm_facts facts = kit_needs(ops[_i]);
		struct fsm_turn turn;

		facts.now = now;
		turn = kit_turn(&record, &facts);
		ck_assert_int_eq(fsm_effect_op(turn.effect), ops[_i]);
		(void)kit_accept(&record, &turn);
		facts.fate = FSM_FATE_FAILED;
		facts.stopped = false;
		ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_FAILED);
		ck_assert_int_eq(record.failure.reason, FSM_REASON_CHANGE_FAILED);
		ck_assert_int_eq(record.failure.class, FSM_CLASS_PASSING);
		ck_assert_int_eq(record.refused.times, 0);
	}
}
END_TEST

/* Each try stops the service and takes a snapshot. */
START_TEST(removal_whose_change_failed_waits_for_its_pause)
{
	static const int minutes[] = { 1, 5, 15, 15, 15, 15 };
	struct fsm_record record = { .ours = true, .revision = "7" };
	struct fsm_facts facts = kit_needs(FSM_OP_REMOVE);
	int64_t now = NOW;

	for (int i = 0; i < COUNT(minutes); i++) {
		change_fails(&record, FSM_OP_REMOVE, now);
		ck_assert_int_eq(record.failure.next_try, now + minutes[i] * MINUTE);
		now = record.failure.next_try;
		ck_assert_int_eq(run(&record, facts, FSM_REASON_CONFLICT, now - 1), 0);
		ck_assert_int_eq(record.reason, FSM_REASON_REMOVAL_FAILED);
	}
}
END_TEST

START_TEST(person_asks_past_drift_a_minute_after_it_was_put_right)
{
	struct fsm_record record = { .drift = { { EDGE, 0 }, _i ? 7 : 2, NOW, NOW + 5 * MINUTE } };
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);

	for (facts.hook = 0; facts.hook < FSM_HOOK_COUNT; facts.hook++) {
		for (int wait = 59; wait <= 61; wait++) {
			bool person = who_runs(facts.hook) == PERSON && wait >= 60;

			facts.now = NOW + wait;
			facts.first = true;
			ck_assert_int_eq(!(fsm_bits(&record, &facts) & FSM_BIT_DRIFTS), person);
			facts.first = false;
			ck_assert(fsm_bits(&record, &facts) & FSM_BIT_DRIFTS);
		}
	}
}
END_TEST

/* clang-format off */
/* What may come between two refreshes that fail. */
enum between { NONE, STORE, CHANNEL, SILENCE, KILLED, BUSY, BETWEEN_COUNT };
/* clang-format on */

static void come_between(struct fsm_record *record, enum between what, int64_t now)
{
	struct fsm_facts facts = what == SILENCE ? kit_away() : kit_needs(FSM_OP_REFRESH);
	enum fsm_reason reason =
		what == CHANNEL ? FSM_REASON_CHANNEL_MISSING : FSM_REASON_STORE_TROUBLE;

	if (what == BUSY)
		facts.flight = FSM_FLIGHT_FOREIGN;
	if (what == STORE || what == CHANNEL)
		ck_assert_int_eq(run(record, facts, reason, now), 1);
	else if (what != NONE)
		(void)kit_look(record, &facts);
	if (what != KILLED)
		return;
	facts.now = now;
	(void)kit_turn(record, &facts);
	facts.fate = FSM_FATE_NONE;
	ck_assert_int_eq(kit_look(record, &facts), FSM_EVENT_FAILED);
	ck_assert_int_eq(record->reason, FSM_REASON_OWN_CHANGE);
	ck_assert_int_eq(record->failure.reason, FSM_REASON_REFRESH_FAILED);
}

/* A running service is not stopped a fourth time for what went wrong three times. */
static struct fsm_record thrice(enum between what)
{
	struct fsm_record record = { .ours = true, .revision = "7" };

	for (int i = 0; i < 3; i++) {
		ck_assert_int_ne(record.reason, FSM_REASON_TARGET_REFUSED);
		change_fails(&record, FSM_OP_REFRESH, NOW + 2 * i * DAY);
		if (i < 2)
			come_between(&record, what, NOW + (2 * i + 1) * DAY);
	}
	return record;
}

START_TEST(target_is_refused_for_good_after_the_third_refresh_that_failed)
{
	struct fsm_record record = thrice((enum between)_i);
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);

	facts.first = true;
	facts.now = NOW + 100 * DAY;
	for (facts.hook = 0; facts.hook < FSM_HOOK_COUNT; facts.hook++) {
		if (facts.hook == FSM_HOOK_REMOVE)
			continue;
		ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_REFUSED);
		ck_assert_int_eq(record.state, FSM_STATE_BLOCKED);
		ck_assert_int_eq(record.reason, FSM_REASON_TARGET_REFUSED);
		ck_assert_str_eq(record.detail, "no space");
	}
	facts = kit_bare(); /* nothing runs that could be stopped */
	facts.hook = FSM_HOOK_START;
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_INSTALL);
	record = thrice((enum between)_i);
	facts = kit_needs(FSM_OP_REMOVE);
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_REMOVE);
}
END_TEST

static const struct fsm_facts *ending(int which)
{
	static struct fsm_facts facts;

	facts = which == 0 ? kit_facts() : which == 2 ? kit_away() : kit_needs(FSM_OP_REFRESH);
	if (which > 0)
		facts.wanted = fsm_target_of("latest/candidate");
	if (which == 3) {
		facts.wanted = fsm_target_of(EDGE);
		facts.wanted.revision = 9;
	}
	return &facts;
}

/* The snap settles after all, or something else is wanted, seen with snapd or without. */
START_TEST(refused_target_ends_by_settling_or_by_another_target)
{
	struct fsm_record record = thrice(NONE);
	struct fsm_facts facts = kit_bad_option();

	(void)kit_look(&record, &facts); /* nothing can be meant by it */
	ck_assert_int_eq(record.refused.times, 3);
	(void)kit_look(&record, ending(_i));
	ck_assert_int_eq(record.refused.times, 0);
	ck_assert_str_eq(record.refused.target.channel, "");
	facts = kit_needs(FSM_OP_REFRESH);
	facts.now = NOW + 100 * DAY;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_ASTRAY);
}
END_TEST

/* Behind a service nobody waits; without one everybody does. */
START_TEST(bare_unit_is_never_kept_waiting_by_what_passes)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_bare();
	int64_t now = NOW, pause = 0;

	for (int i = 0; i < 8; i++) {
		ck_assert_int_eq(run(&record, facts, FSM_REASON_STORE_TROUBLE, now), 1);
		pause = record.failure.next_try - now;
		ck_assert_int_le(pause, (int64_t)15 * MINUTE);
		now = record.failure.next_try;
	}
	ck_assert_int_eq(pause, (int64_t)15 * MINUTE);
}
END_TEST

/* The reasons that say themselves that a person is needed, and those that say nothing. */
START_TEST(reason_that_nobody_knows_is_for_a_person_after_six_hours)
{
	enum fsm_reason reason = (enum fsm_reason)_i;
	bool lasts = reason == FSM_REASON_SNAPD_REFUSED || reason == FSM_REASON_CONTRADICTED;
	bool at_once = fsm_reason_row(reason)->status == FSM_STATUS_BLOCKED;
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);
	int64_t last = NOW;

	if (fsm_reason_row(reason)->class == FSM_CLASS_NONE || reason == FSM_REASON_REFRESH_FAILED)
		return; /* the latter is for a person after three stops of the service */
	for (int64_t now = NOW; now < NOW + 2 * DAY; now += 5 * MINUTE) {
		if (run(&record, facts, reason, now) > 0) {
			/* No longer than the class allows, whoever is to act. */
			ck_assert_int_le(now - last, fsm_pause(record.failure.class,
							     record.failure.attempts, UNIT, true) +
							     5 * MINUTE);
			last = now;
		}
		ck_assert_int_eq(record.state == FSM_STATE_BLOCKED,
			at_once || (lasts && now - NOW >= 6 * HOUR));
		ck_assert_int_eq(fsm_status_line(&record, "").status,
			record.state == FSM_STATE_BLOCKED ? FSM_STATUS_BLOCKED
							  : FSM_STATUS_WAITING);
	}
}
END_TEST

START_TEST(what_lasts_begins_anew_with_another_reason_and_another_channel)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);
	int64_t now = NOW + 5 * HOUR;

	(void)run(&record, facts, FSM_REASON_SNAPD_REFUSED, NOW);
	(void)run(&record, facts, _i ? FSM_REASON_STORE_TROUBLE : FSM_REASON_SNAPD_REFUSED, now);
	ck_assert_int_eq(record.failure.since, _i ? now : NOW);
	now += 2 * HOUR;
	ck_assert_int_eq(run(&record, facts, FSM_REASON_SNAPD_REFUSED, now), 1);
	ck_assert_int_eq(record.state, _i ? FSM_STATE_INSTALLING : FSM_STATE_BLOCKED);
	facts.wanted = fsm_target_of("latest/candidate");
	ck_assert_int_eq(run(&record, facts, FSM_REASON_SNAPD_REFUSED, now), 1);
	ck_assert_int_eq(record.state, FSM_STATE_INSTALLING);
	ck_assert_int_eq(record.failure.since, now);
}
END_TEST

/* A task of a person stays with snapd's silence; a clock that is set back does not last for years. */
START_TEST(what_has_lasted_stays_with_silence_and_not_with_a_clock)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH), away = kit_away();

	(void)run(&record, facts, FSM_REASON_SNAPD_REFUSED, NOW);
	(void)run(&record, facts, FSM_REASON_SNAPD_REFUSED, NOW + 7 * HOUR);
	ck_assert_int_eq(record.state, FSM_STATE_BLOCKED);
	away.now = NOW + 8 * HOUR;
	ck_assert_int_eq(kit_look(&record, &away), FSM_EVENT_UNMENDED);
	ck_assert_int_eq(record.reason, FSM_REASON_SNAPD_REFUSED);
	ck_assert_int_eq(run(&record, facts, FSM_REASON_SNAPD_REFUSED, NOW - DAY), 1);
	ck_assert_int_eq(record.failure.since, NOW - DAY);
	ck_assert_int_eq(record.state, FSM_STATE_INSTALLING);
}
END_TEST

/* What a look did not settle the last time is not looked at again: it counts at once. */
START_TEST(answer_that_contradicts_the_look_is_looked_at_again_once)
{
	static const int asked[] = { 2, 1, 1 };
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);

	facts.now = NOW;
	for (int hook = 0; hook < COUNT(asked); hook++) {
		enum fsm_write write = FSM_WRITE_DROP;

		for (int post = 1; write == FSM_WRITE_DROP; post++) {
			struct fsm_turn turn = kit_turn(&record, &facts);
			struct fsm_answer answer = {
				.sight = FSM_SIGHT_UNTRUSTED,
				.reason = FSM_REASON_CONTRADICTED,
				.detail = "snap has no updates available",
				.may_ask = post < 2,
				.now = facts.now,
				.unit = UNIT,
			};

			ck_assert_int_eq(turn.effect, FSM_DO_REFRESH);
			ck_assert_int_le(post, asked[hook]);
			write = fsm_answer(&record, &turn, &answer);
			ck_assert_int_eq(
				write, post == asked[hook] ? FSM_WRITE_FAIL : FSM_WRITE_DROP);
		}
		ck_assert_int_eq(record.failure.reason, FSM_REASON_CONTRADICTED);
		facts.now = record.failure.next_try;
	}
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("patience");

	tcase_add_loop_test(tests, pause_is_for_all_hooks_but_those_of_a_person_a_minute_later, 0,
		FSM_HOOK_COUNT);
	tcase_add_loop_test(tests, person_who_comes_twice_in_a_row_asks_once, 0, 2);
	tcase_add_loop_test(tests, what_snapd_itself_refuses_is_asked_once_in_each_hook, 0, 6);
	tcase_add_test(tests, request_that_did_not_fail_may_follow_another_in_the_same_run);
	tcase_add_loop_test(tests, removal_that_is_refused_is_asked_in_each_run, 0, 4);
	tcase_add_loop_test(
		tests, change_that_failed_before_it_stopped_the_service_counts_as_no_stop, 0, 3);
	tcase_add_test(tests, removal_whose_change_failed_waits_for_its_pause);
	tcase_add_loop_test(tests, person_asks_past_drift_a_minute_after_it_was_put_right, 0, 2);
	tcase_add_loop_test(tests, target_is_refused_for_good_after_the_third_refresh_that_failed,
		0, BETWEEN_COUNT);
	tcase_add_loop_test(tests, refused_target_ends_by_settling_or_by_another_target, 0, 4);
	tcase_add_test(tests, bare_unit_is_never_kept_waiting_by_what_passes);
	tcase_add_loop_test(tests, reason_that_nobody_knows_is_for_a_person_after_six_hours, 0,
		FSM_REASON_COUNT);
	tcase_add_loop_test(
		tests, what_lasts_begins_anew_with_another_reason_and_another_channel, 0, 2);
	tcase_add_test(tests, what_has_lasted_stays_with_silence_and_not_with_a_clock);
	tcase_add_test(tests, answer_that_contradicts_the_look_is_looked_at_again_once);
	return kit_run(tests, "patience");
}
