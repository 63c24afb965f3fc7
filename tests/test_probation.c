/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a refresh of ours is on probation and for how long, and what spoils it.
 */
#include "tests/probation_kit.h"

/* Probation begins. */

START_TEST(what_runs_is_remembered_when_the_refresh_is_asked)
{
	struct world world = begin();

	world.facts.services = DAEMON " microsample.web";
	ask(&world, FSM_OP_REFRESH);
	ck_assert_str_eq(world.record.probation.before.channel, EDGE);
	ck_assert_int_eq(world.record.probation.before.revision, 7);
	ck_assert_str_eq(world.record.probation.services, DAEMON " microsample.web");
	ck_assert(world.record.probation.well);
	/* it is as it was then, whatever is seen while it runs */
	moved(&world, BETA, "9");
	world.facts.services = DAEMON;
	world.facts.flight = FSM_FLIGHT_OURS;
	ck_assert_int_eq(ends(&world, FSM_FATE_RUNNING), FSM_EVENT_BUSY);
	ck_assert_str_eq(world.record.probation.services, DAEMON " microsample.web");
	ck_assert_str_eq(world.record.probation.revision, "");
	ck_assert(!on_probation(&world));
}
END_TEST

START_TEST(probation_begins_with_the_end_of_our_refresh)
{
	struct world world = begin();
	enum fsm_fate fates[] = { FSM_FATE_DONE, FSM_FATE_FORGOTTEN };

	ask(&world, FSM_OP_REFRESH);
	moved(&world, BETA, "9");
	world.facts.uptime = 1234;
	ck_assert_int_eq(ends(&world, fates[_i]), FSM_EVENT_SETTLED);
	ck_assert(on_probation(&world));
	ck_assert_str_eq(world.record.probation.revision, "9");
	ck_assert_int_eq(world.record.probation.since, 1234);
	ck_assert_str_eq(world.record.probation.boot, "boot");
	ck_assert_int_eq(world.record.state, FSM_STATE_ACTIVE);
}
END_TEST

START_TEST(refresh_that_did_nothing_is_not_on_probation)
{
	struct world world = begin();
	enum fsm_fate fates[] = { FSM_FATE_FAILED, FSM_FATE_EMPTY };

	ask(&world, FSM_OP_REFRESH);
	(void)ends(&world, fates[_i]);
	ck_assert_str_eq(world.record.probation.revision, "");
	world.facts.service_down = "daemon";
	(void)look(&world);
	ck_assert_int_eq(world.record.order.kind, FSM_ORDER_NONE);
}
END_TEST

START_TEST(install_is_not_on_probation)
{
	struct world world = { .facts = kit_bare() };

	world.facts.rollback = true;
	ask(&world, FSM_OP_INSTALL);
	world.facts = kit_facts();
	world.facts.rollback = true;
	world.facts.service_down = "daemon";
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_DOWN);
	ck_assert(!on_probation(&world));
}
END_TEST

/* Whatever is remembered of a refresh that came to nothing. */
START_TEST(install_after_a_refresh_that_failed_is_not_on_probation)
{
	struct world world = begin();

	ask(&world, FSM_OP_REFRESH);
	(void)ends(&world, FSM_FATE_FAILED);
	world.facts.present = world.facts.active = false;
	ask(&world, FSM_OP_INSTALL);
	world.facts.present = world.facts.active = true;
	moved(&world, BETA, "9");
	world.facts.service_down = "daemon";
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_DOWN);
	ck_assert_str_eq(world.record.probation.revision, "");
}
END_TEST

/* It was asked by a charm that remembered nothing of what ran. */
START_TEST(refresh_from_before_probation_is_not_on_probation)
{
	struct world world = begin();

	ask(&world, FSM_OP_REFRESH);
	world.record.probation = (struct fsm_probation){ .revision = "" };
	moved(&world, BETA, "9");
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_SETTLED);
	ck_assert_str_eq(world.record.probation.revision, "");
	ck_assert_int_eq(world.record.probation.since, 0);
}
END_TEST

/* By snapd itself, or by a person: the charm did not ask. */
START_TEST(refresh_of_others_is_not_on_probation)
{
	struct world world = begin();

	world.facts.wanted = fsm_target_of(EDGE);
	world.facts.flight = FSM_FLIGHT_FOREIGN;
	ck_assert_int_eq(look(&world), FSM_EVENT_BUSY);
	world.facts.flight = FSM_FLIGHT_NONE;
	world.facts.revision = "9";
	world.facts.service_down = "daemon";
	ck_assert_int_eq(look(&world), FSM_EVENT_DOWN);
}
END_TEST

/* Within the channel. */
/* Its change tells where it led; with one that led nowhere, or that snapd has forgotten, the look does. */
START_TEST(auto_refresh_before_the_first_look_is_not_on_probation)
{
	static const struct {
		int64_t led_to;
		bool ours;
	} changes[] = { { 0, true }, { 9, true }, { 8, false }, { 90, false } };
	struct world world = begin();

	ask(&world, FSM_OP_REFRESH);
	moved(&world, BETA, "9");
	world.facts.fetched = changes[_i].led_to;
	(void)ends(&world, FSM_FATE_DONE);
	ck_assert_int_eq(on_probation(&world), changes[_i].ours);
	world.facts.service_down = "daemon";
	ck_assert_int_eq(look(&world), changes[_i].ours ? FSM_EVENT_SPOILT : FSM_EVENT_DOWN);
}
END_TEST

/* The disk is looked at only for what a revert could help, and what is lost is not gone back to. */
START_TEST(revision_that_is_lost_is_not_gone_back_to)
{
	struct world world = refreshed();

	ck_assert(!fsm_way_back_matters(&world.record, &world.facts)); /* it is well */
	world.facts.service_down = "daemon";
	ck_assert(fsm_way_back_matters(&world.record, &world.facts));
	world.facts.revision = "7"; /* it is back */
	ck_assert(!fsm_way_back_matters(&world.record, &world.facts));
	world.facts.revision = "9";
	world.record.order.kind = FSM_ORDER_REVERT; /* that order looks by itself */
	ck_assert(!fsm_way_back_matters(&world.record, &world.facts));
	world.record.order.kind = FSM_ORDER_NONE;
	world.record.probation.before.revision = 9; /* only the channel was another one */
	ck_assert(!fsm_way_back_matters(&world.record, &world.facts));
	world.record.probation.before.revision = 7;
	world.facts.lost = true;
	ck_assert_int_eq(look(&world), FSM_EVENT_DOWN);
	ck_assert_str_eq(world.turn.status.message, "Service is down; run: snap start microsample");
	ck_assert(!fsm_way_back_matters(&world.record, &world.facts)); /* and is asked about once */
	world.facts.lost = false;
	ck_assert_int_eq(look(&world), FSM_EVENT_DOWN);
}
END_TEST

START_TEST(refresh_by_order_is_on_probation_and_is_rolled_back)
{
	struct world world = begin();

	world.facts.wanted = fsm_target_of(EDGE);
	world.facts.first = true;
	world.facts.order = FSM_ORDER_REFRESH;
	ask(&world, FSM_OP_REFRESH);
	world.facts.first = false;
	world.facts.order = FSM_ORDER_NONE;
	world.facts.revision = "9";
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_SETTLED);
	ck_assert(on_probation(&world));
	world.facts.health = "error: no";
	ck_assert_int_eq(look(&world), FSM_EVENT_SPOILT);
	ask(&world, FSM_OP_REVERT);
	world.facts.revision = "7";
	world.facts.health = "";
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_REFUSED);
	ck_assert_int_eq(world.record.reason, FSM_REASON_ROLLED_BACK);
	must_end(&world, FSM_ORDER_END_DONE, "error: no");
	ck_assert_int_eq(look(&world), FSM_EVENT_REFUSED);
}
END_TEST

/* Probation goes on, and ends. */

START_TEST(looks_are_at_10_30_60_120_and_300_seconds)
{
	static const int times[] = { 10, 30, 60, 120, 300 };
	struct world world = refreshed();

	ck_assert_int_eq(FSM_LOOKS, COUNT(times));
	for (int i = 0; i < COUNT(times); i++) {
		ck_assert_int_eq(fsm_probation_look((unsigned)i), times[i]);
		world.facts.uptime = 1000 + times[i] - 1;
		ck_assert_int_eq(look(&world), FSM_EVENT_SETTLED);
		ck_assert_int_eq(world.record.probation.looks, i);
		ck_assert(on_probation(&world));
		world.facts.uptime++;
		ck_assert_int_eq(look(&world), FSM_EVENT_SETTLED);
		ck_assert_int_eq(world.record.probation.looks, i + 1 < COUNT(times) ? i + 1 : 0);
	}
	ck_assert_str_eq(world.record.probation.revision, "");
	ck_assert_str_eq(world.record.probation.services, "");
	ck_assert_int_eq(world.record.probation.before.revision, 0);
}
END_TEST

/* The first one after 300 s still counts, however late; one that is well is the last. */
START_TEST(last_look_still_counts)
{
	struct world world = refreshed();

	world.facts.uptime = 1000 + (_i ? 7200 : 300);
	world.facts.service_down = "daemon";
	ck_assert_int_eq(look(&world), FSM_EVENT_SPOILT);
	world = refreshed();
	world.facts.uptime = 1000 + (_i ? 7200 : 300);
	ck_assert_int_eq(look(&world), FSM_EVENT_SETTLED);
	ck_assert(!on_probation(&world));
	world.facts.service_down = "daemon";
	ck_assert_int_eq(look(&world), FSM_EVENT_DOWN);
	ck_assert_int_eq(world.record.order.kind, FSM_ORDER_NONE);
}
END_TEST

/* A person is told to go back as long as nobody has seen it well. */
START_TEST(revision_that_is_sick_when_its_time_is_over_stays_known_and_is_not_rolled_back)
{
	struct world world = refreshed();

	world.facts.rollback = false;
	world.facts.uptime = 1300;
	world.facts.service_down = "daemon";
	ck_assert_int_eq(look(&world), FSM_EVENT_DOWN);
	ck_assert_str_eq(world.record.probation.revision, "9");
	ck_assert_str_eq(fsm_status_line(&world.record, "").message,
		"Service is down; to go back: juju run UNIT revert");
	ck_assert(!on_probation(&world));
	world.facts.rollback = true;
	world.facts.options = 2;
	ck_assert_int_eq(look(&world), FSM_EVENT_DOWN);
	world.facts.service_down = "";
	ck_assert_int_eq(look(&world), FSM_EVENT_SETTLED);
	ck_assert_str_eq(world.record.probation.revision, "");
}
END_TEST

START_TEST(reboot_begins_the_time_anew_and_does_not_end_it)
{
	struct world world = refreshed();

	world.facts.uptime = 1061;
	ck_assert_int_eq(look(&world), FSM_EVENT_SETTLED);
	ck_assert_int_eq(world.record.probation.looks, 3);
	world.facts.boot = "another";
	world.facts.uptime = 20;
	ck_assert_int_eq(look(&world), FSM_EVENT_SETTLED);
	ck_assert_int_eq(world.record.probation.looks, 3);
	ck_assert_int_eq(world.record.probation.since, 20);
	world.facts.uptime = 20 + 299;
	ck_assert_int_eq(look(&world), FSM_EVENT_SETTLED);
	ck_assert(on_probation(&world));
	world.facts.service_down = "daemon";
	ck_assert_int_eq(look(&world), FSM_EVENT_SPOILT);
}
END_TEST

/* It counts seconds since boot: the clock of the day may jump by years. */
START_TEST(clock_that_jumps_is_no_time)
{
	struct world world = refreshed();

	world.facts.now += _i ? -1000 * (int64_t)DAY : 1000 * (int64_t)DAY;
	world.facts.uptime += 9;
	ck_assert_int_eq(look(&world), FSM_EVENT_SETTLED);
	ck_assert_int_eq(world.record.probation.looks, 0);
	ck_assert(on_probation(&world));
}
END_TEST

/* An auto-refresh before the verdict, a revert by hand, a local build, a removal. */
START_TEST(what_somebody_has_moved_is_on_probation_no_more)
{
	static const char *const revisions[] = { "10", "7", "x1", "" };
	struct world world = refreshed();

	world.facts.revision = revisions[_i];
	world.facts.local = _i == 2;
	if (_i == 3)
		world.facts.present = world.facts.active = false;
	world.facts.service_down = _i == 3 ? "" : "daemon";
	(void)look(&world);
	ck_assert_int_ne(world.turn.event, FSM_EVENT_SPOILT);
	ck_assert_str_eq(world.record.probation.revision, "");
	ck_assert_int_eq(world.record.order.kind, FSM_ORDER_NONE);
	/* nor when it comes back to it */
	moved(&world, BETA, "9");
	world.facts.local = false;
	world.facts.present = world.facts.active = true;
	ck_assert_int_ne(look(&world), FSM_EVENT_SPOILT);
}
END_TEST

START_TEST(silent_snapd_and_a_change_in_flight_leave_the_probation)
{
	struct world world = refreshed(), before = world;

	world.facts = _i ? world.facts : kit_away();
	world.facts.wanted = fsm_target_of(BETA);
	world.facts.flight = _i ? FSM_FLIGHT_FOREIGN : FSM_FLIGHT_NONE;
	world.facts.service_down = _i ? "daemon" : "";
	(void)look(&world);
	ck_assert_mem_eq(
		&world.record.probation, &before.record.probation, sizeof before.record.probation);
	world.facts = before.facts;
	world.facts.service_down = "daemon";
	ck_assert_int_eq(look(&world), FSM_EVENT_SPOILT);
}
END_TEST

/* What spoils it. */

START_TEST(sick_is_a_service_that_is_down_bad_health_or_silence)
{
	struct world world = refreshed();
	static const char *const seen[] = { "service is down", "error: no", "HTTP 500" };

	world.facts.service_down = _i == 0 ? "daemon" : "";
	world.facts.health = _i == 1 ? "error: no" : "";
	world.facts.mute = "HTTP 500";
	ck_assert_int_eq(fsm_sick(&world.record, &world.facts), _i < 2);
	world.facts.probe = _i == 2 ? FSM_PROBE_MUTE : FSM_PROBE_ANSWERED;
	ck_assert(fsm_sick(&world.record, &world.facts));
	ck_assert_int_eq(fsm_mute(&world.record, &world.facts), _i == 2);
	ck_assert_str_eq(fsm_symptom(&world.facts), seen[_i]);
	ck_assert_int_eq(look(&world), FSM_EVENT_SPOILT);
	ck_assert_int_eq(world.turn.effect, FSM_DO_DIGEST);
	ck_assert_str_eq(world.record.refused.detail, seen[_i]);
	world.facts.present = false;
	ck_assert(!fsm_sick(&world.record, &world.facts));
}
END_TEST

/* A unit that comes from a charm that did not probe. */
START_TEST(silence_of_a_lenient_unit_spoils_nothing)
{
	struct world world = begin();

	world.record.lenient = true;
	ask(&world, FSM_OP_REFRESH);
	moved(&world, BETA, "9");
	world.facts.probe = FSM_PROBE_MUTE;
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_SETTLED);
	ck_assert(on_probation(&world));
	world.facts.service_down = "daemon";
	ck_assert_int_eq(look(&world), FSM_EVENT_SPOILT);
}
END_TEST

START_TEST(what_was_no_better_before_is_not_rolled_back)
{
	struct world world = begin();

	world.facts.service_down = _i == 0 ? "daemon" : "";
	world.facts.health = _i == 1 ? "blocked: no license" : "";
	world.facts.probe = _i == 2 ? FSM_PROBE_MUTE : FSM_PROBE_OFF;
	world.facts.unserved = _i == 3;
	ask(&world, FSM_OP_REFRESH);
	ck_assert(!world.record.probation.well);
	moved(&world, BETA, "9");
	ck_assert_int_eq(ends(&world, FSM_FATE_DONE), FSM_EVENT_DOWN);
	world.facts.service_down = "daemon";
	ck_assert_int_eq(look(&world), FSM_EVENT_DOWN);
}
END_TEST

START_TEST(sick_snap_is_only_rolled_back_when_that_is_wanted_and_it_is_where_it_is_wanted)
{
	struct world world = refreshed();

	world.facts.service_down = "daemon";
	world.facts.rollback = _i > 0;
	if (_i == 1)
		world.facts.tracking = "latest/stable"; /* somebody has moved it on */
	if (_i == 2)
		world.facts.wanted = fsm_target_of(EDGE); /* that will be the way back */
	if (_i == 3)
		world.facts.hook = FSM_HOOK_STOP;
	if (_i == 4)
		world.facts.hook = FSM_HOOK_REMOVE;
	if (_i == 5)
		world.facts.option_valid = false;
	ck_assert_int_ne(look(&world), FSM_EVENT_SPOILT);
	ck_assert_int_eq(world.record.order.kind, FSM_ORDER_NONE);
}
END_TEST

START_TEST(rollback_is_committed_with_what_it_refuses)
{
	struct world world = refreshed();
	const struct fsm_drift none = { .times = 0 };

	ck_assert_int_gt(world.record.drift.times, 0);
	world.facts.uptime = 1040;
	world.facts.service_down = "daemon";
	world.facts.options = 77;
	ck_assert_int_eq(look(&world), FSM_EVENT_SPOILT);
	ck_assert_int_eq(world.record.order.kind, FSM_ORDER_ROLLBACK);
	ck_assert_int_eq(world.record.order.since, NOW);
	ck_assert_int_eq(world.record.order.revision, 7);
	ck_assert(fsm_target_same(&world.record.refused.target, &world.facts.wanted));
	ck_assert(fsm_target_refused(&world.record.refused, &world.facts.wanted));
	ck_assert_int_eq(world.record.refused.bad, 9);
	ck_assert_int_eq(world.record.refused.back, 7);
	ck_assert_int_eq(world.record.refused.options, 77);
	ck_assert(!world.record.refused.failed);
	ck_assert_mem_eq(&world.record.drift, &none, sizeof none);
	ck_assert_int_eq(world.record.probation.since, 1040);
	ck_assert_int_eq(world.record.probation.quiet, 1040);
	ck_assert_int_eq(world.record.intent.op, FSM_OP_NONE);
	ck_assert_int_eq(world.record.failure.class, FSM_CLASS_NONE);
	ck_assert_int_eq(world.turn.news.end, FSM_ORDER_END_NONE);
}
END_TEST

/* clang-format off */
int main(void)
{
	TCase *tests = tcase_create("probation");

	tcase_add_test(tests, what_runs_is_remembered_when_the_refresh_is_asked);
	tcase_add_loop_test(tests, probation_begins_with_the_end_of_our_refresh, 0, 2);
	tcase_add_loop_test(tests, refresh_that_did_nothing_is_not_on_probation, 0, 2);
	tcase_add_test(tests, install_is_not_on_probation);
	tcase_add_test(tests, install_after_a_refresh_that_failed_is_not_on_probation);
	tcase_add_test(tests, refresh_from_before_probation_is_not_on_probation);
	tcase_add_test(tests, refresh_of_others_is_not_on_probation);
	tcase_add_loop_test(tests, auto_refresh_before_the_first_look_is_not_on_probation, 0, 4);
	tcase_add_test(tests, revision_that_is_lost_is_not_gone_back_to);
	tcase_add_test(tests, refresh_by_order_is_on_probation_and_is_rolled_back);
	tcase_add_test(tests, looks_are_at_10_30_60_120_and_300_seconds);
	tcase_add_loop_test(tests, last_look_still_counts, 0, 2);
	tcase_add_test(tests, revision_that_is_sick_when_its_time_is_over_stays_known_and_is_not_rolled_back);
	tcase_add_test(tests, reboot_begins_the_time_anew_and_does_not_end_it);
	tcase_add_loop_test(tests, clock_that_jumps_is_no_time, 0, 2);
	tcase_add_loop_test(tests, what_somebody_has_moved_is_on_probation_no_more, 0, 4);
	tcase_add_loop_test(tests, silent_snapd_and_a_change_in_flight_leave_the_probation, 0, 2);
	tcase_add_loop_test(tests, sick_is_a_service_that_is_down_bad_health_or_silence, 0, 3);
	tcase_add_test(tests, silence_of_a_lenient_unit_spoils_nothing);
	tcase_add_loop_test(tests, what_was_no_better_before_is_not_rolled_back, 0, 4);
	tcase_add_loop_test(tests, sick_snap_is_only_rolled_back_when_that_is_wanted_and_it_is_where_it_is_wanted, 0, 6);
	tcase_add_test(tests, rollback_is_committed_with_what_it_refuses);
	return kit_run(tests, "probation");
}
/* clang-format on */
