/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What hinders an order, each thing for itself and the first of two; and the two orders that are no
 * request of their own: to forget what rests, and to abort the change in flight.
 */
#include "tests/fsm_kit.h"

/* A unit in which nothing hinders ORDER: an abort needs a change, the others none. */
static void free_for(enum fsm_order order, struct fsm_record *record, struct fsm_facts *facts)
{
	*record = (struct fsm_record){ .state = FSM_STATE_ACTIVE, .target.channel = EDGE };
	*facts = kit_facts();
	facts->first = true;
	facts->order = order;
	facts->before = BACK;
	if (order == FSM_ORDER_ABORT) {
		facts->flight = FSM_FLIGHT_FOREIGN;
		facts->flight_kind = "auto-refresh";
	}
}

/* clang-format off */
#define REFRESH (1u << FSM_ORDER_REFRESH)
#define REVERT  (1u << FSM_ORDER_REVERT)
#define RESTART (1u << FSM_ORDER_RESTART)
#define RETRY   (1u << FSM_ORDER_RETRY)
#define ABORT   (1u << FSM_ORDER_ABORT)
#define WORK    (REFRESH | REVERT | RESTART)
/* In the order in which they are told. */
static const struct {
	unsigned orders;
	const char *text;
} hindrances[FSM_HINDRANCE_COUNT] = {
	[FSM_HINDRANCE_GOING] =       { WORK | RETRY | ABORT, "the unit is on its way out" },
	[FSM_HINDRANCE_BAD_OPTION] =  { WORK | RETRY,         "an option is not valid: 'foo' has no risk" },
	[FSM_HINDRANCE_SILENT] =      { WORK | ABORT,         "snapd gives no usable answer; see: systemctl status snapd" },
	[FSM_HINDRANCE_NO_CHANGE] =   { ABORT,                "no change of the snap is in progress" },
	[FSM_HINDRANCE_ORDERED] =     { WORK,                 "another order is being carried out: restart" },
	[FSM_HINDRANCE_IN_FLIGHT] =   { WORK,                 "a change of the snap is in progress: auto-refresh" },
	[FSM_HINDRANCE_AT_WORK] =     { WORK,                 "the unit waits for the end of its own request: refresh" },
	[FSM_HINDRANCE_ABSENT] =      { WORK,                 "the snap is not installed" },
	[FSM_HINDRANCE_UNFIT] =       { WORK,                 "the snap is disabled, broken or a local build; see: snap list" },
	[FSM_HINDRANCE_OF_ANOTHER] =  { WORK,                 "another unit on this machine has the snap" },
	[FSM_HINDRANCE_UNLISTED] =    { WORK,
		"the register of this machine's units cannot be used: the disk is full" },
	[FSM_HINDRANCE_OF_RIVAL] =    { REFRESH | REVERT,
		"another application would not have the snap there: other/0 on this machine wants 'edge' revision 5" },
	[FSM_HINDRANCE_CONTESTED] =   { WORK,
		"somebody keeps moving the snap; make them agree, then run the action retry" },
	[FSM_HINDRANCE_SUPPLIED] =    { REFRESH | REVERT,
		"the resource snaps says which revision runs; attach another one" },
	[FSM_HINDRANCE_PINNED] =      { REFRESH | REVERT,
		"the option revision keeps the snap where it is; first: juju config APP revision=0" },
	[FSM_HINDRANCE_NO_WAY_BACK] = { REVERT,
		"no revision to revert to; snap list --all shows those on the disk" },
	[FSM_HINDRANCE_NO_SERVICE] =  { RESTART,              "no service of the snap is enabled; see: snap services" },
};
static const struct fsm_entry rival = { .unit = "other/0", .target = { EDGE, 5 } };
/* clang-format on */

/* Brings about HINDRANCE, in the way that comes VARIANTth; whether there is one. */
static bool hinder(enum fsm_hindrance hindrance, int variant, struct fsm_record *record,
	struct fsm_facts *facts)
{
	switch (hindrance) {
	case FSM_HINDRANCE_GOING:
		if (variant == 0)
			facts->hook = FSM_HOOK_REMOVE;
		record->retired = variant == 1;
		record->stopping = variant == 2;
		return variant < 3;
	case FSM_HINDRANCE_BAD_OPTION:
		facts->option_valid = false;
		facts->option = "'foo' has no risk";
		break;
	case FSM_HINDRANCE_SILENT:
		facts->reachable = variant > 0;
		facts->seeded = false;
		return variant < 2;
	case FSM_HINDRANCE_NO_CHANGE:
		facts->flight = FSM_FLIGHT_NONE;
		break;
	case FSM_HINDRANCE_ORDERED:
		record->order = (struct fsm_given){ FSM_ORDER_RESTART, NOW, 0 };
		break;
	case FSM_HINDRANCE_IN_FLIGHT:
		facts->flight = variant ? FSM_FLIGHT_OURS : FSM_FLIGHT_FOREIGN;
		facts->flight_kind = "auto-refresh";
		return variant < 2;
	case FSM_HINDRANCE_AT_WORK:
		record->intent.op = FSM_OP_REFRESH;
		record->intent.phase = FSM_PHASE_ASKED;
		facts->age = 0;
		break;
	case FSM_HINDRANCE_ABSENT:
		facts->present = false;
		break;
	case FSM_HINDRANCE_UNFIT:
		facts->local = variant == 0;
		facts->broken = variant == 1;
		facts->active = variant != 2;
		return variant < 3;
	case FSM_HINDRANCE_OF_ANOTHER:
		record->port = FSM_PORT_TAKEN;
		break;
	case FSM_HINDRANCE_UNLISTED:
		facts->unlisted = "the disk is full";
		break;
	case FSM_HINDRANCE_OF_RIVAL:
		facts->others = &rival;
		facts->others_count = 1;
		break;
	case FSM_HINDRANCE_CONTESTED:
		record->drift = (struct fsm_drift){ facts->wanted, 6, NOW - 1, NOW + 1 };
		break;
	case FSM_HINDRANCE_SUPPLIED:
		facts->source = FSM_SOURCE_FILE + (unsigned)variant;
		return variant < 3;
	case FSM_HINDRANCE_PINNED:
		facts->wanted.revision = 7;
		record->drift.target.revision = record->drift.times ? 7 : 0;
		break;
	case FSM_HINDRANCE_NO_WAY_BACK:
		facts->before = 0;
		break;
	case FSM_HINDRANCE_NO_SERVICE:
		facts->services = "";
		break;
	case FSM_HINDRANCE_COUNT:
		break;
	}
	return variant < 1;
}

START_TEST(nothing_hinders_an_order_where_all_is_well)
{
	for (enum fsm_order order = FSM_ORDER_NONE + 1; order < FSM_ORDER_ROLLBACK; order++) {
		struct fsm_record record;
		struct fsm_facts facts;
		char text[FSM_DETAIL_MAX + 1] = "as before";

		free_for(order, &record, &facts);
		ck_assert(!fsm_order_hindered(order, &record, &facts, text));
		ck_assert_str_eq(text, "as before");
	}
}
END_TEST

START_TEST(hindrance_is_told_for_the_orders_that_it_hinders_and_for_no_other)
{
	enum fsm_hindrance hindrance = (enum fsm_hindrance)_i;

	for (enum fsm_order order = FSM_ORDER_NONE + 1; order < FSM_ORDER_ROLLBACK; order++) {
		bool hinders = hindrances[_i].orders >> order & 1;
		char text[FSM_DETAIL_MAX + 1];
		struct fsm_record record;
		struct fsm_facts facts;

		for (int variant = 0;; variant++) {
			free_for(order, &record, &facts);
			if (!hinder(hindrance, variant, &record, &facts))
				break;
			ck_assert_int_eq(fsm_order_hindered(order, &record, &facts, text), hinders);
			if (hinders)
				ck_assert_str_eq(text, hindrances[_i].text);
		}
	}
}
END_TEST

/* And it changes nothing, but for what else the look shows. */
START_TEST(order_that_is_hindered_is_refused_with_its_news)
{
	for (enum fsm_order order = FSM_ORDER_NONE + 1; order < FSM_ORDER_ROLLBACK; order++) {
		struct fsm_record record, without;
		struct fsm_facts facts;
		struct fsm_turn turn;

		if (!(hindrances[_i].orders >> order & 1))
			continue;
		free_for(order, &record, &facts);
		(void)hinder((enum fsm_hindrance)_i, 0, &record, &facts);
		without = record;
		turn = kit_turn(&record, &facts);
		ck_assert_int_eq(turn.news.kind, order);
		ck_assert_int_eq(turn.news.end, FSM_ORDER_END_REFUSED);
		ck_assert_str_eq(turn.news.text, hindrances[_i].text);
		facts.order = FSM_ORDER_NONE;
		(void)kit_turn(&without, &facts);
		ck_assert(fsm_same(&record, &without));
	}
}
END_TEST

START_TEST(first_of_two_hindrances_is_told)
{
	for (enum fsm_order order = FSM_ORDER_NONE + 1; order < FSM_ORDER_ROLLBACK; order++) {
		for (enum fsm_hindrance i = 0; i < (enum fsm_hindrance)_i; i++) {
			char text[FSM_DETAIL_MAX + 1];
			struct fsm_record record;
			struct fsm_facts facts;

			if (!(hindrances[i].orders & hindrances[_i].orders & 1u << order))
				continue;
			free_for(order, &record, &facts);
			(void)hinder(i, 0, &record, &facts);
			(void)hinder((enum fsm_hindrance)_i, 0, &record, &facts);
			ck_assert(fsm_order_hindered(order, &record, &facts, text));
			ck_assert_str_eq(text, hindrances[i].text);
		}
	}
}
END_TEST

/* What looks like a hindrance and is none. */
START_TEST(order_is_not_hindered_by_what_does_not_concern_it)
{
	char text[FSM_DETAIL_MAX + 1];
	struct fsm_record record;
	struct fsm_facts facts;

	free_for(FSM_ORDER_RESTART, &record, &facts);
	record.ours = true;
	record.port = FSM_PORT_TAKEN; /* and the snap is this unit's */
	record.drift = (struct fsm_drift){ facts.wanted, 5, NOW - 1, NOW + 1 };
	record.failure = (struct fsm_failure){ .class = FSM_CLASS_FINAL,
		.op = FSM_OP_REFRESH,
		.target.channel = EDGE,
		.answered = NOW - 1,
		.next_try = NOW + 1 };
	record.refused = (struct fsm_refused){ .target = facts.wanted, .times = 3 };
	facts.service_down = "daemon";
	ck_assert(!fsm_order_hindered(FSM_ORDER_RESTART, &record, &facts, text));
	record.drift.times = 6;
	record.drift.next_try = NOW; /* it is put right again */
	ck_assert(!fsm_order_hindered(FSM_ORDER_RESTART, &record, &facts, text));
}
END_TEST

/* Retry. */

START_TEST(retry_forgets_what_rests_and_tries_at_once)
{
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);
	struct fsm_record record = { .revision = "7" };
	static const struct fsm_refused not_refused;
	static const struct fsm_drift no_drift;
	struct fsm_turn turn;

	if (_i == 0)
		record.refused =
			(struct fsm_refused){ .target = facts.wanted, .times = 3, .detail = "why" };
	if (_i == 1)
		record.drift = (struct fsm_drift){ facts.wanted, 6, NOW - 1, NOW + HOUR };
	if (_i == 2)
		record.failure = (struct fsm_failure){ FSM_CLASS_ABORT, FSM_OP_REFRESH,
			facts.wanted, FSM_REASON_ABORTED, "", 1, NOW, NOW, NOW + HOUR, NOW };
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_REFUSED);
	facts.order = FSM_ORDER_RETRY;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.news.kind, FSM_ORDER_RETRY);
	ck_assert_int_eq(turn.news.end, FSM_ORDER_END_DONE);
	ck_assert_str_eq(turn.news.text, "");
	ck_assert_int_eq(turn.effect, FSM_DO_REFRESH);
	ck_assert_int_eq(record.order.kind, FSM_ORDER_NONE);
	ck_assert_int_eq(record.failure.reason, FSM_REASON_INTERRUPTED);
	ck_assert_int_eq(record.failure.attempts, 1);
	ck_assert_mem_eq(&record.refused, &not_refused, sizeof not_refused);
	ck_assert_mem_eq(&record.drift, &no_drift, sizeof no_drift);
}
END_TEST

/* A request that runs. */

/* A unit whose refresh runs. */
static struct fsm_record refreshing(struct fsm_facts *facts)
{
	struct fsm_record record = { .ours = true, .revision = "7" };
	struct fsm_turn turn;

	*facts = kit_needs(FSM_OP_REFRESH);
	turn = kit_turn(&record, facts);
	(void)kit_accept(&record, &turn);
	facts->flight = FSM_FLIGHT_OURS;
	facts->fate = FSM_FATE_RUNNING;
	facts->pace = (struct fsm_pace){ .change = CHANGE, .way = FSM_WAY_DOES, .since = NOW };
	return record;
}

/* Retry while a request runs, and in the very look that finds it failed. */
START_TEST(what_fails_after_a_retry_is_remembered_as_what_it_is)
{
	struct fsm_facts facts;
	struct fsm_record record = refreshing(&facts);

	facts.first = true;
	facts.order = FSM_ORDER_RETRY;
	(void)kit_turn(&record, &facts);
	facts.order = FSM_ORDER_NONE;
	facts.first = false;
	facts.flight = FSM_FLIGHT_NONE;
	facts.fate = FSM_FATE_FAILED;
	facts.stopped = true;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_FAILED);
	ck_assert_int_eq(record.failure.op, FSM_OP_REFRESH);
	ck_assert(fsm_target_same(&record.failure.target, &facts.wanted));
	ck_assert(fsm_target_same(&record.refused.target, &facts.wanted));
	ck_assert_int_eq(record.refused.times, 1);
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_RESTING);
}
END_TEST

START_TEST(what_a_retry_finds_failed_is_tried_at_once)
{
	struct fsm_facts facts;
	struct fsm_record record = refreshing(&facts);

	facts.first = true;
	facts.order = FSM_ORDER_RETRY;
	facts.flight = FSM_FLIGHT_NONE;
	facts.fate = FSM_FATE_FAILED;
	facts.stopped = true;
	facts.hook = _i ? FSM_HOOK_REMOVE : FSM_HOOK_OTHER;
	record.intent.op = _i ? FSM_OP_REMOVE : FSM_OP_REFRESH;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_FAILED);
	ck_assert_int_eq(
		record.failure.reason, _i ? FSM_REASON_REMOVAL_FAILED : FSM_REASON_REFRESH_FAILED);
	ck_assert_int_eq(
		record.failure.next_try == NOW, !_i); /* it is refused of a unit that goes */
}
END_TEST

static struct fsm_record aborted(struct fsm_facts *facts)
{
	struct fsm_record record = refreshing(facts);
	struct fsm_turn turn;

	facts->order = FSM_ORDER_ABORT;
	facts->first = true;
	turn = kit_turn(&record, facts);
	ck_assert_int_eq(turn.effect, FSM_DO_ABORT);
	ck_assert_int_eq(turn.news.kind, FSM_ORDER_ABORT);
	ck_assert_int_eq(turn.news.end, FSM_ORDER_END_NONE);
	ck_assert(record.intent.aborted);
	ck_assert_int_eq(record.order.kind, FSM_ORDER_NONE);
	facts->order = FSM_ORDER_NONE;
	facts->first = false;
	return record;
}

START_TEST(change_of_somebody_else_is_aborted_and_nothing_is_remembered)
{
	struct fsm_record record;
	struct fsm_facts facts;
	struct fsm_turn turn;

	free_for(FSM_ORDER_ABORT, &record, &facts);
	facts.option_valid = !_i; /* it needs no valid option */
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, FSM_EVENT_ABORTING);
	ck_assert_int_eq(turn.effect, FSM_DO_ABORT);
	ck_assert_int_eq(record.reason, FSM_REASON_FOREIGN_CHANGE);
	ck_assert(!record.intent.aborted);
	facts.order = FSM_ORDER_NONE;
	ck_assert_int_eq(
		kit_turn(&record, &facts).event, _i ? FSM_EVENT_MISCONFIGURED : FSM_EVENT_BUSY);
}
END_TEST

START_TEST(abort_is_asked_once_in_a_run_and_again_by_the_next_one_while_the_change_goes_on)
{
	struct fsm_facts facts;
	struct fsm_record record = aborted(&facts);

	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_BUSY);
	facts.first = true; /* the hook before may have been killed */
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_ABORTING);
	ck_assert(record.intent.aborted);
	facts.pace.way = FSM_WAY_UNDOES;
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_BUSY);
}
END_TEST

/* Another change was aborted meanwhile: that ours was is not forgotten. */
START_TEST(abort_of_another_change_leaves_that_of_ours)
{
	struct fsm_facts facts;
	struct fsm_record record = aborted(&facts);

	facts.flight = FSM_FLIGHT_FOREIGN;
	facts.fate = FSM_FATE_FAILED;
	facts.order = FSM_ORDER_ABORT;
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_ABORT);
	ck_assert(record.intent.aborted);
}
END_TEST

/* Undone, or Done without having done anything. */
START_TEST(request_whose_change_was_aborted_rests_for_six_hours)
{
	struct fsm_facts facts;
	struct fsm_record record = aborted(&facts);

	facts.flight = FSM_FLIGHT_NONE;
	facts.fate = _i ? FSM_FATE_EMPTY : FSM_FATE_FAILED;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_FAILED);
	ck_assert_int_eq(record.failure.reason, FSM_REASON_ABORTED);
	ck_assert_int_eq(record.failure.next_try, NOW + 6 * HOUR);
	ck_assert_int_eq(record.refused.times, 0);
	facts.fate = FSM_FATE_NONE;
	facts.now = NOW + 6 * HOUR - 1;
	facts.first = true;
	for (facts.hook = 0; facts.hook < FSM_HOOK_REMOVE; facts.hook++)
		ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_REFUSED);
	ck_assert_int_eq(record.state, FSM_STATE_BLOCKED);
	facts.hook = FSM_HOOK_UPDATE_STATUS;
	record.stopping = false;
	facts.now++;
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_REFRESH);
	ck_assert(!record.intent.aborted);
}
END_TEST

/* It came too late; or another target is wanted, or the change is not known any more. */
START_TEST(abort_leaves_nothing_where_the_request_is_over_anyway)
{
	struct fsm_facts facts;
	struct fsm_record record = aborted(&facts);

	facts.flight = FSM_FLIGHT_NONE;
	facts.fate = _i == 0 ? FSM_FATE_DONE : _i == 1 ? FSM_FATE_FAILED : FSM_FATE_FORGOTTEN;
	facts.tracking = _i == 0 ? EDGE : BETA;
	if (_i == 1)
		facts.wanted = fsm_target_of("latest/candidate");
	(void)kit_look(&record, &facts);
	ck_assert_int_ne(record.failure.reason, FSM_REASON_ABORTED);
	ck_assert_int_eq(record.intent.op, FSM_OP_NONE);
	ck_assert(!record.intent.aborted);
}
END_TEST

/* A request that was never seen was not aborted: it rests as one that was lost. */
START_TEST(abort_of_a_request_that_left_no_trace_is_forgotten)
{
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);
	struct fsm_record record = { .revision = "7" };

	(void)kit_turn(&record, &facts);
	record.intent.aborted = true;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_FAILED);
	ck_assert_int_eq(record.failure.reason, FSM_REASON_NO_TRACE);
}
END_TEST

/* The order whose change it was has ended with it. */
START_TEST(aborted_order_leaves_no_pause)
{
	struct fsm_facts facts;
	struct fsm_record record = refreshing(&facts);
	struct fsm_turn turn;

	record.failure = (struct fsm_failure){ 0 };
	record.order = (struct fsm_given){ FSM_ORDER_REFRESH, NOW, 0 };
	facts.order = FSM_ORDER_ABORT;
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_ABORT);
	facts.order = FSM_ORDER_NONE;
	facts.flight = FSM_FLIGHT_NONE;
	facts.fate = FSM_FATE_FAILED;
	facts.fate_error = "aborted";
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.news.kind, FSM_ORDER_REFRESH);
	ck_assert_int_eq(turn.news.end, FSM_ORDER_END_FAILED);
	ck_assert_int_eq(
		turn.effect, FSM_DO_REFRESH); /* the machine's own, to the wanted channel */
	ck_assert_int_eq(record.failure.reason, FSM_REASON_INTERRUPTED);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("hindrance");

	tcase_add_test(tests, nothing_hinders_an_order_where_all_is_well);
	tcase_add_loop_test(tests,
		hindrance_is_told_for_the_orders_that_it_hinders_and_for_no_other, 0,
		FSM_HINDRANCE_COUNT);
	tcase_add_loop_test(
		tests, order_that_is_hindered_is_refused_with_its_news, 0, FSM_HINDRANCE_COUNT);
	tcase_add_loop_test(tests, first_of_two_hindrances_is_told, 0, FSM_HINDRANCE_COUNT);
	tcase_add_test(tests, order_is_not_hindered_by_what_does_not_concern_it);
	tcase_add_loop_test(tests, retry_forgets_what_rests_and_tries_at_once, 0, 3);
	tcase_add_test(tests, what_fails_after_a_retry_is_remembered_as_what_it_is);
	tcase_add_loop_test(tests, what_a_retry_finds_failed_is_tried_at_once, 0, 2);
	tcase_add_loop_test(
		tests, change_of_somebody_else_is_aborted_and_nothing_is_remembered, 0, 2);
	tcase_add_test(tests,
		abort_is_asked_once_in_a_run_and_again_by_the_next_one_while_the_change_goes_on);
	tcase_add_test(tests, abort_of_another_change_leaves_that_of_ours);
	tcase_add_loop_test(tests, request_whose_change_was_aborted_rests_for_six_hours, 0, 2);
	tcase_add_loop_test(tests, abort_leaves_nothing_where_the_request_is_over_anyway, 0, 3);
	tcase_add_test(tests, abort_of_a_request_that_left_no_trace_is_forgotten);
	tcase_add_test(tests, aborted_order_leaves_no_pause);
	return kit_run(tests, "hindrance");
}
