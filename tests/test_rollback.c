/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way back from a refresh that spoilt the snap: when it begins, its steps, whatever becomes of one,
 * and what happens in the middle.
 */
#include "tests/probation_kit.h"

/* Before the revert, systemd's count of starts has to run out. */

START_TEST(rollback_waits_until_a_dying_service_was_quiet_for_15_seconds)
{
	struct world world = refreshed();

	world.facts.service_down = "daemon";
	ck_assert_int_eq(look(&world), FSM_EVENT_SPOILT);
	ck_assert_int_eq(look(&world), FSM_EVENT_COOLING);
	ck_assert_int_eq(world.turn.effect, FSM_DO_FOLLOW);
	world.facts.uptime = 1014; /* down all the time: it is not started any more */
	ck_assert_int_eq(look(&world), FSM_EVENT_COOLING);
	if (_i) {
		world.facts.service_down = ""; /* up, to die once more */
		world.facts.serves = true;
		ck_assert_int_eq(look(&world), FSM_EVENT_COOLING);
		world.facts.service_down = "daemon";
		world.facts.uptime = 1014 + 14;
		ck_assert_int_eq(look(&world), FSM_EVENT_COOLING);
	}
	world.facts.uptime++;
	ck_assert_int_eq(look(&world), FSM_EVENT_RETURNING);
	ck_assert_int_eq(world.turn.effect, FSM_DO_REVERT);
}
END_TEST

START_TEST(rollback_waits_for_60_seconds_at_most)
{
	struct world world = refreshed();

	world.facts.service_down = "daemon";
	ck_assert_int_eq(look(&world), FSM_EVENT_SPOILT);
	world.facts.service_down = "";
	world.facts.serves = true;
	for (; world.facts.uptime < 1060; world.facts.uptime++)
		ck_assert_int_eq(look(&world), FSM_EVENT_COOLING);
	ck_assert_int_eq(look(&world), FSM_EVENT_RETURNING);
}
END_TEST

START_TEST(rollback_of_what_only_does_not_answer_waits_for_nothing)
{
	struct world world = spoilt();

	ck_assert_int_eq(world.record.probation.quiet, 0);
	ck_assert_int_eq(look(&world), FSM_EVENT_RETURNING);
}
END_TEST

START_TEST(rollback_waits_anew_after_a_reboot)
{
	struct world world = refreshed();

	world.facts.service_down = "daemon";
	(void)look(&world);
	world.facts.boot = "another";
	world.facts.uptime = 3;
	ck_assert_int_eq(look(&world), FSM_EVENT_COOLING);
	world.facts.uptime = 17;
	ck_assert_int_eq(look(&world), FSM_EVENT_COOLING);
	world.facts.uptime = 18;
	ck_assert_int_eq(look(&world), FSM_EVENT_RETURNING);
}
END_TEST

/* The steps. */

#define MOVED   1
#define LOST    2
#define TRACKED 4

/* Of each set of what is not as it was before, the steps that it needs, in their order. */
START_TEST(steps_follow_from_what_the_look_shows)
{
	struct world world = begin();

	world.facts.services = DAEMON " microsample.off microsample.web";
	if (!(_i & TRACKED))
		world.facts.tracking = BETA, world.facts.wanted = (struct fsm_target){ BETA, 9 };
	if (!(_i & MOVED))
		world.facts.revision = "9";
	if (_i == 0 || _i == LOST) { /* nothing is to be asked for but by an order */
		world.facts.first = true;
		world.facts.wanted.revision = 0;
		world.facts.order = FSM_ORDER_REFRESH;
	}
	ask(&world, FSM_OP_REFRESH);
	world.facts.first = false;
	world.facts.order = FSM_ORDER_NONE;
	moved(&world, BETA, "9");
	if (_i & LOST)
		world.facts.services = "microsample.off";
	world.facts.health = "error: no";
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_SPOILT);
	if (_i & MOVED) {
		ask(&world, FSM_OP_REVERT);
		ck_assert_int_eq(world.record.intent.target.revision, 7);
		ck_assert_str_eq(world.record.intent.target.channel, "");
		world.facts.revision = "7";
		(void)ends(&world, FSM_FATE_DONE);
	}
	if (_i & LOST) {
		char lost[FSM_SERVICES_MAX + 1];

		ask(&world, FSM_OP_START);
		fsm_lost_services(&world.record.probation, world.facts.services, lost);
		ck_assert_str_eq(lost, DAEMON " microsample.web");
		world.facts.services = DAEMON " microsample.off microsample.web";
		(void)ends(&world, FSM_FATE_DONE);
	}
	if (_i & TRACKED) {
		ask(&world, FSM_OP_SWITCH);
		ck_assert_str_eq(world.record.intent.target.channel, EDGE);
		ck_assert_int_eq(world.record.intent.target.revision, 0);
		world.facts.tracking = EDGE;
		(void)ends(&world, FSM_FATE_DONE);
	}
	if (_i == 0)
		(void)look(&world);
	must_end(&world, FSM_ORDER_END_DONE, "error: no");
	ck_assert_int_eq(world.record.state, FSM_STATE_BLOCKED);
	ck_assert_int_eq(world.record.reason, FSM_REASON_UNHEALTHY);
	world.facts.health = "";
	(void)look(&world);
	ck_assert_int_eq(world.record.reason,
		_i & (MOVED | TRACKED) ? FSM_REASON_ROLLED_BACK : FSM_REASON_NONE);
	ck_assert_int_eq(world.record.failure.class, FSM_CLASS_NONE);
}
END_TEST

/* clang-format off */
static const struct {
	const char *before, *enabled, *lost;
} lists[] = {
	{ "",                    "",              "" },
	{ "a.web",               "a.web",         "" },
	{ "a.web",               "",              "a.web" },
	{ "a.web a.worker",      "a.web",         "a.worker" },
	{ "a.web a.worker",      "a.worker",      "a.web" },
	{ "a.web a.worker a.x",  "a.worker",      "a.web a.x" },
	/* a part of a name is another name */
	{ "a.web",               "a.web2 a.we",   "a.web" },
	{ "a.web2",              "a.web",         "a.web2" },
	/* one that a person had disabled, or that came with the refresh, is not missed */
	{ "a.web",               "a.web a.new",   "" },
	{ "a.web",               "a.new",         "a.web" },
};
/* clang-format on */

START_TEST(services_that_were_enabled_and_are_not_are_to_be_started)
{
	struct fsm_probation probation = { .revision = "9" };
	char lost[FSM_SERVICES_MAX + 1];

	strcpy(probation.services, lists[_i].before);
	fsm_lost_services(&probation, lists[_i].enabled, lost);
	ck_assert_str_eq(lost, lists[_i].lost);
}
END_TEST

START_TEST(longest_list_of_services_is_started)
{
	struct fsm_probation probation = { .revision = "9" };
	char lost[FSM_SERVICES_MAX + 1];

	for (size_t i = 0; i < FSM_SERVICES_MAX; i++)
		probation.services[i] = i % 8 == 7 ? ' ' : 'a';
	probation.services[FSM_SERVICES_MAX - 1] = 'b';
	fsm_lost_services(&probation, "", lost);
	ck_assert_str_eq(lost, probation.services);
}
END_TEST

/* What becomes of a step. */

static const enum fsm_op steps[] = { FSM_OP_REVERT, FSM_OP_START, FSM_OP_SWITCH };

/* The step with that number is what the rollback needs, and two services of it are not enabled. */
static struct world before_step(int step)
{
	struct world world = spoilt();

	world.facts.services = step < 2 ? "" : DAEMON;
	if (step > 0)
		world.facts.revision = "7";
	return world;
}

/* It failed, or was empty, or snapd says that it is done and it is not. */
START_TEST(step_that_comes_to_nothing_ends_the_rollback_and_a_revert_still_enables)
{
	static const struct {
		enum fsm_fate fate;
		const char *text;
	} fates[] = {
		{ FSM_FATE_FAILED, "no space" },
		{ FSM_FATE_EMPTY, "its change ended without doing anything" },
		{ FSM_FATE_DONE, "snapd did it, and nothing has changed" },
		{ FSM_FATE_FORGOTTEN, "snapd did it, and nothing has changed" },
	};
	int step = _i % 3, fate = _i / 3;
	struct world world = before_step(step);

	ask(&world, steps[step]);
	world.facts.fate_error = "no space";
	(void)ends(&world, fates[fate].fate);
	ck_assert(world.record.refused.failed);
	ck_assert_int_eq(world.record.failure.class, FSM_CLASS_NONE);
	if (step == 0) {
		/* its undo has tried to start what may have used up its starts */
		ck_assert_int_eq(world.turn.event, FSM_EVENT_COOLING);
		ck_assert_int_eq(world.turn.news.end, FSM_ORDER_END_NONE);
		world.facts.uptime += 14;
		ck_assert_int_eq(look(&world), FSM_EVENT_COOLING);
		world.facts.uptime++;
		ck_assert_int_eq(look(&world), FSM_EVENT_RETURNING);
		ck_assert_int_eq(world.record.intent.op, FSM_OP_START);
		(void)kit_accept(&world.record, &world.turn);
		world.facts.services = DAEMON;
		(void)ends(&world, FSM_FATE_DONE);
	}
	must_end(&world, FSM_ORDER_END_FAILED, fates[fate].text);
	ck_assert_int_eq(world.record.reason, FSM_REASON_ROLLBACK_FAILED);
	ck_assert_str_eq(world.record.detail, fates[fate].text);
	/* and is not begun again */
	world.facts.uptime += 1000;
	world.facts.now += DAY;
	ck_assert_int_eq(look(&world), FSM_EVENT_REFUSED);
	ck_assert_int_eq(world.record.intent.op, FSM_OP_NONE);
}
END_TEST

START_TEST(step_that_left_no_trace_is_asked_again)
{
	struct world world = before_step(_i);

	(void)look(&world);
	ck_assert_int_eq(world.record.intent.op, steps[_i]);
	world.facts.age = 44;
	ck_assert_int_eq(look(&world), FSM_EVENT_UNSURE);
	world.facts.age = 45;
	ck_assert_int_eq(look(&world), FSM_EVENT_RETURNING);
	ck_assert_int_eq(world.record.intent.op, steps[_i]);
	ck_assert(!world.record.refused.failed);
	/* and one that did its work unseen is not */
	went_back(&world);
	world.facts.services = DAEMON;
	(void)look(&world);
	must_end(&world, FSM_ORDER_END_DONE, "HTTP 500");
}
END_TEST

START_TEST(step_that_is_refused_ends_the_rollback_unless_snapd_is_busy)
{
	int step = _i / 2;
	struct world world = before_step(step);
	struct fsm_answer answer = { .sight = _i % 2 ? FSM_SIGHT_REFUSED : FSM_SIGHT_UNTRUSTED,
		.reason = FSM_REASON_CONFLICT,
		.detail = "cannot\ndo",
		.busy = true,
		.now = NOW,
		.unit = UNIT };

	(void)look(&world);
	ck_assert_int_eq(fsm_answer(&world.record, &world.turn, &answer), FSM_WRITE_DROP);
	ck_assert_int_eq(world.record.order.kind, FSM_ORDER_ROLLBACK);
	ck_assert_int_eq(look(&world), FSM_EVENT_RETURNING);
	answer.busy = false;
	ck_assert_int_eq(fsm_answer(&world.record, &world.turn, &answer), FSM_WRITE_FORGET);
	must_end(&world, FSM_ORDER_END_FAILED, "cannot?do");
	ck_assert(world.record.refused.failed);
	ck_assert_int_eq(look(&world), FSM_EVENT_REFUSED);
	ck_assert_int_eq(world.record.reason, FSM_REASON_ROLLBACK_FAILED);
}
END_TEST

START_TEST(step_that_could_not_be_sent_is_asked_again)
{
	struct world world = before_step(_i);
	const struct fsm_answer answer = {
		.sight = FSM_SIGHT_UNSENT, .detail = "", .now = NOW, .unit = UNIT
	};

	(void)look(&world);
	ck_assert_int_eq(fsm_answer(&world.record, &world.turn, &answer), FSM_WRITE_DROP);
	world.facts.now += 100 * DAY; /* a rollback is not given up for its age */
	ck_assert_int_eq(look(&world), FSM_EVENT_RETURNING);
	ck_assert_int_eq(world.record.intent.op, steps[_i]);
}
END_TEST

/* Its undo has started once more what was to be left, and that runs for a while. */
START_TEST(rollback_that_failed_is_not_forgotten_when_what_it_leaves_runs)
{
	struct world world = spoilt();

	ask(&world, FSM_OP_REVERT);
	world.facts.fate_error = "no space";
	world.facts.probe = FSM_PROBE_ANSWERED;
	world.facts.serves = true;
	(void)ends(&world, FSM_FATE_FAILED);
	world.facts.uptime += 60;
	(void)look(&world);
	for (int i = 0; i < 3; i++) {
		world.facts.service_down = i == 1 ? "daemon" : "";
		world.facts.now += DAY;
		ck_assert_int_eq(look(&world), FSM_EVENT_REFUSED);
		ck_assert_int_eq(world.record.reason, FSM_REASON_ROLLBACK_FAILED);
		ck_assert_str_eq(world.record.detail, "no space");
		ck_assert_int_eq(world.record.intent.op, FSM_OP_NONE);
	}
	moved(&world, BETA, "10"); /* by somebody else: what there is now was not tried */
	ck_assert_int_eq(look(&world), FSM_EVENT_SETTLED);
}
END_TEST

/* In the middle. */

/* Longer than a probation, and what is to be left is well for once. */
START_TEST(rollback_that_takes_long_keeps_what_was_before)
{
	struct world world = spoilt();

	world.facts.probe = FSM_PROBE_ANSWERED;
	world.facts.uptime += 1000;
	ck_assert_int_eq(kit_look(&world.record, &world.facts), FSM_EVENT_RETURNING);
	ask(&world, FSM_OP_REVERT);
	world.facts.revision = "7";
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_RETURNING);
	ck_assert_str_eq(world.record.probation.revision, "9");
	ck_assert_int_eq(world.record.intent.op, FSM_OP_SWITCH);
	ck_assert_str_eq(world.record.intent.target.channel, EDGE);
}
END_TEST

START_TEST(snap_that_tracked_no_channel_is_switched_to_none)
{
	struct world world = begin();

	world.facts.tracking = "";
	ask(&world, FSM_OP_REFRESH);
	moved(&world, BETA, "9");
	world.facts.health = "error: no";
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_SPOILT);
	ask(&world, FSM_OP_REVERT);
	world.facts.revision = "7";
	world.facts.health = "";
	(void)ends(&world, FSM_FATE_DONE);
	must_end(&world, FSM_ORDER_END_DONE, "error: no");
}
END_TEST

/* Whatever its steps: an option that turns bad, or asks for something else. */
START_TEST(option_that_changes_between_two_steps_changes_nothing)
{
	struct world world = before_step(_i / 3);
	struct fsm_facts facts = world.facts;

	if (_i % 3 == 0)
		world.facts.option_valid = false, world.facts.wanted = fsm_target_of("");
	else if (_i % 3 == 1)
		world.facts.wanted = fsm_target_of("latest/stable");
	else
		world.facts.rollback = false, world.facts.options = 2;
	ask(&world, steps[_i / 3]);
	/* nor while one is under way, which is waited for */
	world.facts.flight = FSM_FLIGHT_OURS;
	ck_assert_int_eq(ends(&world, FSM_FATE_RUNNING), FSM_EVENT_BUSY);
	ck_assert_int_eq(world.turn.effect, FSM_DO_FOLLOW);
	facts.option_valid = world.facts.option_valid;
	facts.wanted = world.facts.wanted;
	facts.options = world.facts.options;
	world.facts = facts;
	went_back(&world);
	world.facts.services = DAEMON;
	/* only then is it another target, and asked for */
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), _i % 3 == 0   ? FSM_EVENT_MISCONFIGURED
						      : _i % 3 == 1 ? FSM_EVENT_ASTRAY
								    : FSM_EVENT_REFUSED);
	if (_i % 3 != 1)
		must_end(&world, FSM_ORDER_END_DONE, "HTTP 500");
	ck_assert_int_eq(world.turn.news.end, FSM_ORDER_END_DONE);
}
END_TEST

START_TEST(pin_that_moved_does_not_move_the_rollback)
{
	struct world world = spoilt();

	world.facts.wanted.revision = 12;
	ask(&world, FSM_OP_REVERT);
	ck_assert_int_eq(world.record.intent.target.revision, 7);
	went_back(&world);
	world.facts.tracking = BETA;
	(void)ends(&world, FSM_FATE_DONE);
	ck_assert_int_eq(world.record.intent.op, FSM_OP_SWITCH);
	(void)kit_accept(&world.record, &world.turn);
	went_back(&world);
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_ASTRAY);
	ck_assert_int_eq(world.record.intent.op, FSM_OP_REFRESH);
	ck_assert_int_eq(world.record.intent.target.revision, 12);
}
END_TEST

START_TEST(revert_by_a_person_in_the_middle_is_a_step_less)
{
	struct world world = spoilt();

	if (_i)
		ask(&world, FSM_OP_REVERT);
	world.facts.flight = FSM_FLIGHT_FOREIGN;
	ck_assert_int_eq(look(&world), FSM_EVENT_BUSY);
	world.facts.flight = FSM_FLIGHT_NONE;
	world.facts.revision = "7";
	(void)ends(&world, _i ? FSM_FATE_FAILED : FSM_FATE_NONE);
	if (_i)
		ck_assert(world.record.refused.failed); /* ours was; and what is there is shown */
	else
		ck_assert_int_eq(world.record.intent.op, FSM_OP_SWITCH);
}
END_TEST

/* Removed, a local build, another revision: what is there now was not tried, and is not refused. */
START_TEST(snap_that_somebody_else_moves_in_the_middle_ends_the_rollback)
{
	struct world world = spoilt();

	if (_i == 0)
		world.facts.present = world.facts.active = false;
	world.facts.local = _i == 1;
	world.facts.revision = _i == 0 ? "" : _i == 1 ? "x1" : "10";
	(void)look(&world);
	ck_assert_int_eq(world.turn.news.kind, FSM_ORDER_ROLLBACK);
	ck_assert_int_eq(world.turn.news.end, FSM_ORDER_END_DROPPED);
	ck_assert_str_eq(world.turn.news.text, "somebody else moved the snap");
	ck_assert_int_eq(world.record.order.kind, FSM_ORDER_NONE);
	ck_assert_int_eq(world.record.refused.times, 0);
	ck_assert_int_eq(world.turn.event, _i == 0   ? FSM_EVENT_ABSENT
					   : _i == 1 ? FSM_EVENT_UNFIT
						     : FSM_EVENT_DOWN);
}
END_TEST

START_TEST(unit_that_goes_drops_the_rollback)
{
	struct world world = before_step(_i);

	world.facts.hook = FSM_HOOK_REMOVE;
	ck_assert_int_eq(look(&world), FSM_EVENT_RETIRING);
	ck_assert_int_eq(world.turn.news.end, FSM_ORDER_END_DROPPED);
	ck_assert_str_eq(world.turn.news.text, "the unit is on its way out");
	ck_assert_int_eq(world.record.order.kind, FSM_ORDER_NONE);
}
END_TEST

/* Nobody knows what became of a step: it is waited for, whatever it was, and then the snap goes. */
START_TEST(unit_that_goes_beside_a_step_that_went_unanswered_removes_once_that_is_over)
{
	int step = _i % 3;
	struct world world = before_step(step);

	(void)look(&world);
	ck_assert_int_eq(world.record.intent.op, steps[step]);
	world.facts.hook = FSM_HOOK_REMOVE;
	world.facts.age = 44;
	ck_assert_int_eq(look(&world), FSM_EVENT_UNSURE);
	ck_assert_int_eq(world.turn.effect, FSM_DO_FOLLOW);
	ck_assert_int_eq(world.record.intent.op, steps[step]);
	if (_i < 3) { /* it never landed */
		world.facts.age = 45;
	} else { /* its change shows, and ends well or badly */
		world.facts.shown = CHANGE;
		world.facts.flight = FSM_FLIGHT_OURS;
		ck_assert_int_eq(ends(&world, FSM_FATE_RUNNING), FSM_EVENT_BUSY);
		world.facts.shown = 0;
		world.facts.flight = FSM_FLIGHT_NONE;
		world.facts.fate = _i < 6 ? FSM_FATE_DONE : FSM_FATE_FAILED;
	}
	ck_assert_int_eq(look(&world), FSM_EVENT_RETIRING);
	ck_assert_int_eq(world.record.intent.op, FSM_OP_REMOVE);
	ck_assert_int_eq(world.record.order.kind, FSM_ORDER_NONE);
}
END_TEST

/* It starts nothing any more; and goes on where it was if it stays after all. */
START_TEST(unit_that_is_about_to_go_leaves_the_rollback_as_it_is)
{
	struct world world = before_step(_i % 3);

	if (_i > 2)
		world.facts.probe = FSM_PROBE_ANSWERED;
	world.facts.hook = FSM_HOOK_STOP;
	for (int i = 0; i < 2; i++) {
		(void)look(&world);
		ck_assert_int_eq(world.record.intent.op, FSM_OP_NONE);
		ck_assert_int_eq(world.record.order.kind, FSM_ORDER_ROLLBACK);
		ck_assert_int_eq(world.record.refused.bad, 9);
	}
	world.facts.hook = FSM_HOOK_START;
	ck_assert_int_eq(look(&world), FSM_EVENT_RETURNING);
	ck_assert_int_eq(world.record.intent.op, steps[_i % 3]);
}
END_TEST

START_TEST(silent_snapd_leaves_the_rollback_as_it_is)
{
	struct world world = before_step(_i);
	struct fsm_facts facts = world.facts;

	world.facts = kit_away();
	world.facts.wanted = facts.wanted;
	world.facts.options = facts.options;
	ck_assert_int_eq(look(&world), FSM_EVENT_UNREACHABLE);
	world.facts = facts;
	ck_assert_int_eq(look(&world), FSM_EVENT_RETURNING);
	ck_assert_int_eq(world.record.intent.op, steps[_i]);
}
END_TEST

START_TEST(retry_in_the_middle_does_not_end_the_rollback)
{
	struct world world = before_step(_i);

	world.facts.first = true;
	world.facts.order = FSM_ORDER_RETRY;
	ck_assert_int_eq(look(&world), FSM_EVENT_RETURNING);
	ck_assert_int_eq(world.turn.news.end, FSM_ORDER_END_DONE);
	world.facts.order = FSM_ORDER_NONE;
	ck_assert_int_eq(world.record.order.kind, FSM_ORDER_ROLLBACK);
	ck_assert_int_eq(world.record.refused.bad, 9);
	ck_assert_int_eq(world.record.intent.op, steps[_i]);
}
END_TEST

/* Afterwards. */

START_TEST(old_revision_that_is_sick_is_told_and_what_was_refused_stays_so)
{
	static const enum fsm_reason told[] = { FSM_REASON_SERVICE_DOWN, FSM_REASON_UNSERVED,
		FSM_REASON_UNHEALTHY, FSM_REASON_NO_ANSWER };
	struct world world = rolled_back();
	struct fsm_facts well;

	/* In the wanted channel too, where it looks as if it had settled. */
	if (_i >= COUNT(told))
		world.facts.tracking = BETA;
	well = world.facts;
	world.facts.service_down = _i % 4 == 0 ? "daemon" : "";
	world.facts.unserved = _i % 4 == 1;
	world.facts.health = _i % 4 == 2 ? "error: no disk" : "";
	world.facts.probe = _i % 4 == 3 ? FSM_PROBE_MUTE : FSM_PROBE_OFF;
	world.facts.mute = "HTTP 500";
	ck_assert_int_eq(look(&world), FSM_EVENT_REFUSED);
	ck_assert_int_eq(world.record.state, FSM_STATE_BLOCKED);
	ck_assert_int_eq(world.record.reason, told[_i % 4]);
	ck_assert_int_eq(world.record.intent.op, FSM_OP_NONE);
	ck_assert_ptr_null(strstr(world.turn.status.message, "revert"));
	world.facts = well;
	ck_assert_int_eq(look(&world), FSM_EVENT_REFUSED);
	ck_assert_int_eq(world.record.reason, FSM_REASON_ROLLED_BACK);
	ck_assert_str_eq(world.record.detail, "HTTP 500");
}
END_TEST

/* clang-format off */
int main(void)
{
	TCase *tests = tcase_create("rollback");

	tcase_add_loop_test(tests, rollback_waits_until_a_dying_service_was_quiet_for_15_seconds, 0, 2);
	tcase_add_test(tests, rollback_waits_for_60_seconds_at_most);
	tcase_add_test(tests, rollback_of_what_only_does_not_answer_waits_for_nothing);
	tcase_add_test(tests, rollback_waits_anew_after_a_reboot);
	tcase_add_loop_test(tests, steps_follow_from_what_the_look_shows, 0, 8);
	tcase_add_loop_test(tests, services_that_were_enabled_and_are_not_are_to_be_started, 0, COUNT(lists));
	tcase_add_test(tests, longest_list_of_services_is_started);
	tcase_add_loop_test(tests, step_that_comes_to_nothing_ends_the_rollback_and_a_revert_still_enables, 0, 12);
	tcase_add_loop_test(tests, step_that_left_no_trace_is_asked_again, 0, 3);
	tcase_add_loop_test(tests, step_that_is_refused_ends_the_rollback_unless_snapd_is_busy, 0, 6);
	tcase_add_loop_test(tests, step_that_could_not_be_sent_is_asked_again, 0, 3);
	tcase_add_test(tests, rollback_that_failed_is_not_forgotten_when_what_it_leaves_runs);
	tcase_add_test(tests, rollback_that_takes_long_keeps_what_was_before);
	tcase_add_test(tests, snap_that_tracked_no_channel_is_switched_to_none);
	tcase_add_loop_test(tests, option_that_changes_between_two_steps_changes_nothing, 0, 9);
	tcase_add_test(tests, pin_that_moved_does_not_move_the_rollback);
	tcase_add_loop_test(tests, revert_by_a_person_in_the_middle_is_a_step_less, 0, 2);
	tcase_add_loop_test(tests, snap_that_somebody_else_moves_in_the_middle_ends_the_rollback, 0, 3);
	tcase_add_loop_test(tests, unit_that_goes_drops_the_rollback, 0, 3);
	tcase_add_loop_test(tests, unit_that_goes_beside_a_step_that_went_unanswered_removes_once_that_is_over, 0, 9);
	tcase_add_loop_test(tests, unit_that_is_about_to_go_leaves_the_rollback_as_it_is, 0, 6);
	tcase_add_loop_test(tests, silent_snapd_leaves_the_rollback_as_it_is, 0, 3);
	tcase_add_loop_test(tests, retry_in_the_middle_does_not_end_the_rollback, 0, 3);
	tcase_add_loop_test(tests, old_revision_that_is_sick_is_told_and_what_was_refused_stays_so, 0, 8);
	return kit_run(tests, "rollback");
}
/* clang-format on */
