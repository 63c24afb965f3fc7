/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a transition writes into the record, and when two records are the same.
 */
#include "fsm/names.h"
#include "fsm/status.h"
#include "tests/fsm_kit.h"

/* What each event leaves in a record that stood blocked for a missing channel. */
static struct fsm_record blocked(void)
{
	struct fsm_record record = {
		.state = FSM_STATE_BLOCKED,
		.channel = EDGE,
		.reason = FSM_REASON_CHANNEL_MISSING,
		.detail = "beta",
		.since = NOW - HOUR,
		.memory = {
			.class = FSM_CLASS_OPERATOR,
			.op = FSM_OP_REFRESH,
			.channel = EDGE,
			.reason = FSM_REASON_CHANNEL_MISSING,
			.detail = "beta",
			.attempts = 1,
			.next_try = NOW + 1,
		},
	};

	return record;
}

static struct fsm_facts facts_for(enum fsm_event event)
{
	struct fsm_facts facts = kit_facts();

	facts.tracking = BETA;
	if (event == FSM_EVENT_BUSY) {
		facts.flight = FSM_FLIGHT_FOREIGN;
		facts.flight_kind = "auto-refresh";
	}
	facts.active = event != FSM_EVENT_UNFIT;
	if (event == FSM_EVENT_DOWN)
		facts.service_down = "daemon";
	if (event == FSM_EVENT_MISCONFIGURED) {
		facts.option_valid = false;
		facts.option = "'foo'";
		facts.wanted = "";
	}
	return facts;
}

/* clang-format off */
static const struct {
	enum fsm_event event;
	enum fsm_reason reason;
	const char *detail;
} reasons[] = {
	{ FSM_EVENT_MISCONFIGURED, FSM_REASON_BAD_OPTION,      "'foo'" },
	{ FSM_EVENT_UNREACHABLE,   FSM_REASON_CHANNEL_MISSING, "beta" },
	{ FSM_EVENT_BUSY,          FSM_REASON_FOREIGN_CHANGE,  "auto-refresh" },
	{ FSM_EVENT_UNSURE,        FSM_REASON_UNANSWERED,      "" },
	{ FSM_EVENT_UNFIT,         FSM_REASON_DISABLED,        "" },
	{ FSM_EVENT_DOWN,          FSM_REASON_SERVICE_DOWN,    "daemon" },
	{ FSM_EVENT_SETTLED,       FSM_REASON_NONE,            "" },
	{ FSM_EVENT_FAILED,        FSM_REASON_OWN_CHANGE,      "" },
	{ FSM_EVENT_REFUSED,       FSM_REASON_CHANNEL_MISSING, "beta" },
	{ FSM_EVENT_RESTING,       FSM_REASON_CHANNEL_MISSING, "beta" },
	{ FSM_EVENT_ABSENT,        FSM_REASON_OWN_CHANGE,      "" },
	{ FSM_EVENT_ASTRAY,        FSM_REASON_OWN_CHANGE,      "" },
};
/* clang-format on */

START_TEST(transition_writes_state_reason_and_detail)
{
	struct fsm_record record = blocked();
	struct fsm_facts facts = facts_for(reasons[_i].event);

	fsm_apply(&record, reasons[_i].event, &facts);
	ck_assert_int_eq(record.state, fsm_step(FSM_STATE_BLOCKED, reasons[_i].event).state);
	ck_assert_str_eq(fsm_reason_name(record.reason), fsm_reason_name(reasons[_i].reason));
	ck_assert_str_eq(record.detail, reasons[_i].detail);
	ck_assert_str_eq(record.channel, EDGE);
}
END_TEST

/* An idle hook writes nothing: the same look a while later leaves the same record. */
START_TEST(same_look_again_changes_nothing)
{
	struct fsm_facts facts = facts_for(reasons[_i].event);
	struct fsm_record record = blocked(), before;

	fsm_apply(&record, reasons[_i].event, &facts);
	before = record;
	facts.now += 1;
	facts.first = true;
	record.memory.next_try += 1;
	before.memory.next_try += 1;
	fsm_apply(&record, reasons[_i].event, &facts);
	ck_assert(fsm_same(&record, &before));
}
END_TEST

START_TEST(since_moves_with_state_reason_and_channel_only)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_facts();

	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
	ck_assert_int_eq(record.since, NOW);
	facts.now = NOW + HOUR;
	facts.revision = "8";
	facts.version = "1.3";
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
	ck_assert_int_eq(record.since, NOW);
	facts.wanted = facts.tracking = BETA;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
	ck_assert_int_eq(record.since, NOW + HOUR);
	facts.now = NOW + DAY;
	facts.active = false;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_UNFIT);
	ck_assert_int_eq(record.since, NOW + DAY);
	facts.now = NOW + DAY + HOUR;
	facts.broken = true;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_UNFIT);
	ck_assert_int_eq(record.since, NOW + DAY + HOUR);
}
END_TEST

START_TEST(unfit_says_what_is_wrong)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_facts();

	facts.active = false;
	kit_look(&record, &facts);
	ck_assert_int_eq(record.reason, FSM_REASON_DISABLED);
	facts.broken = true;
	kit_look(&record, &facts);
	ck_assert_int_eq(record.reason, FSM_REASON_BROKEN);
	facts.local = true;
	kit_look(&record, &facts);
	ck_assert_int_eq(record.reason, FSM_REASON_LOCAL);
}
END_TEST

START_TEST(service_down_is_told_before_a_taken_port)
{
	struct fsm_record record = { .port = FSM_PORT_TAKEN };
	struct fsm_facts facts = kit_facts();

	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_DOWN);
	ck_assert_int_eq(record.reason, FSM_REASON_PORT_TAKEN);
	facts.service_down = "daemon";
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_DOWN);
	ck_assert_int_eq(record.reason, FSM_REASON_SERVICE_DOWN);
}
END_TEST

START_TEST(own_change_and_someone_elses_are_told_apart)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_facts();

	facts.flight = FSM_FLIGHT_OURS;
	facts.flight_kind = "refresh-snap";
	kit_look(&record, &facts);
	ck_assert_int_eq(record.reason, FSM_REASON_OWN_CHANGE);
	facts.flight = FSM_FLIGHT_FOREIGN;
	kit_look(&record, &facts);
	ck_assert_int_eq(record.reason, FSM_REASON_FOREIGN_CHANGE);
}
END_TEST

/* A bad option is gone once it is good; the rest is still what a person has to see to. */
START_TEST(silence_hides_no_task_but_one_that_is_done)
{
	struct fsm_record record = blocked();
	struct fsm_facts facts = kit_away();

	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_UNREACHABLE);
	ck_assert_int_eq(record.reason, FSM_REASON_CHANNEL_MISSING);
	record.reason = FSM_REASON_BAD_OPTION;
	kit_look(&record, &facts);
	ck_assert_int_eq(record.state, FSM_STATE_BLOCKED);
	ck_assert_int_eq(record.reason, FSM_REASON_SNAPD_AWAY);
	facts.reachable = true; /* but not seeded */
	kit_look(&record, &facts);
	ck_assert_int_eq(record.reason, FSM_REASON_NOT_SEEDED);
	record = blocked();
	facts = kit_away();
	facts.wanted = BETA;
	kit_look(&record, &facts);
	ck_assert_int_eq(record.reason, FSM_REASON_SNAPD_AWAY);
	ck_assert_str_eq(record.channel, BETA);
}
END_TEST

START_TEST(stop_does_not_blame_the_memory_of_another_request)
{
	struct fsm_record record = blocked();
	struct fsm_facts facts = kit_bare();

	facts.hook = FSM_HOOK_STOP;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_RESTING);
	ck_assert_int_eq(record.reason, FSM_REASON_INTERRUPTED);
	ck_assert_str_eq(record.detail, "");
}
END_TEST

START_TEST(retired_is_sticky_until_a_new_life)
{
	struct fsm_record record = { .channel = EDGE };
	struct fsm_facts facts = kit_bare();

	facts.hook = FSM_HOOK_REMOVE;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_RETIRED);
	ck_assert(record.retired);
	ck_assert_str_eq(record.channel, "");
	facts.hook = FSM_HOOK_CONFIG_CHANGED;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_RETIRED);
	ck_assert(record.retired);
	facts.hook = FSM_HOOK_INSTALL;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_ABSENT);
	ck_assert(!record.retired);
}
END_TEST

START_TEST(snap_that_is_not_ours_stays_and_it_is_said)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_facts();

	facts.hook = FSM_HOOK_REMOVE;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_RETIRED);
	ck_assert_uint_gt(strlen(record.detail), 0);
	facts = kit_bare();
	facts.hook = FSM_HOOK_REMOVE;
	kit_look(&record, &facts);
	ck_assert_uint_eq(strlen(record.detail), 0);
}
END_TEST

/* A hook killed after it has told Juju the new status must not leave the old one for known. */
START_TEST(what_juju_was_told_is_taken_back_by_what_makes_it_untrue)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_facts();
	struct fsm_told told;

	kit_look(&record, &facts);
	told = fsm_told(&record, "");
	record.told_status = told.status;
	fsm_copy(record.told_message, sizeof record.told_message, told.message);
	kit_look(&record, &facts);
	ck_assert_int_eq(record.told_status, FSM_STATUS_ACTIVE);
	ck_assert_str_eq(record.told_message, "Ready at 'edge'");
	facts.flight = FSM_FLIGHT_FOREIGN;
	facts.flight_kind = "auto-refresh";
	kit_look(&record, &facts);
	ck_assert_int_eq(record.told_status, FSM_STATUS_NONE);
	ck_assert_str_eq(record.told_message, "");
}
END_TEST

/* A snap that a person must see to first ends the intent, not the memory of it. */
START_TEST(unfit_and_down_end_the_intent_only)
{
	static const enum fsm_event events[] = { FSM_EVENT_UNFIT, FSM_EVENT_DOWN };

	for (int i = 0; i < COUNT(events); i++) {
		struct fsm_facts facts = facts_for(events[i]);
		struct fsm_record record = { 0 }, before;

		kit_intend(&record, FSM_OP_REFRESH, EDGE, NOW);
		before = record;
		fsm_apply(&record, events[i], &facts);
		ck_assert_int_eq(record.intent.op, FSM_OP_NONE);
		ck_assert_mem_eq(&record.memory, &before.memory, sizeof record.memory);
	}
}
END_TEST

/* clang-format off */
/* Every field that the database holds; one changed value is another record. */
#define CHANGED(field, value) \
	record = zero; record.field = (value); \
	ck_assert(!fsm_same(&record, &zero)); ck_assert(!fsm_same(&zero, &record));
#define WRITTEN(field) \
	record = zero; record.field[0] = 'x'; \
	ck_assert(!fsm_same(&record, &zero)); ck_assert(!fsm_same(&zero, &record));
/* clang-format on */

START_TEST(every_field_makes_a_difference)
{
	struct fsm_record zero = { 0 }, record;

	CHANGED(state, FSM_STATE_ACTIVE)
	WRITTEN(channel)
	CHANGED(reason, FSM_REASON_LOCAL)
	WRITTEN(detail)
	CHANGED(since, 1)
	WRITTEN(build)
	CHANGED(intent.op, FSM_OP_REFRESH)
	WRITTEN(intent.channel)
	CHANGED(intent.phase, FSM_PHASE_ASKED)
	CHANGED(intent.baseline, 1)
	CHANGED(intent.change, 1)
	CHANGED(intent.asked, 1)
	CHANGED(intent.uptime, 1)
	WRITTEN(intent.boot)
	CHANGED(memory.class, FSM_CLASS_DRIFT)
	CHANGED(memory.op, FSM_OP_REFRESH)
	WRITTEN(memory.channel)
	CHANGED(memory.reason, FSM_REASON_LOCAL)
	WRITTEN(memory.detail)
	CHANGED(memory.attempts, 1)
	CHANGED(memory.tried, 1)
	CHANGED(memory.next_try, 1)
	CHANGED(ours, true)
	CHANGED(retired, true)
	CHANGED(port, FSM_PORT_OPEN)
	WRITTEN(revision)
	WRITTEN(version)
	WRITTEN(tracking)
}
END_TEST

START_TEST(what_juju_was_told_makes_none)
{
	struct fsm_record zero = { 0 }, record = { 0 };

	record.told_status = FSM_STATUS_ACTIVE;
	record.told_message[0] = 'x';
	record.told_version[0] = 'x';
	ck_assert(fsm_same(&record, &zero));
}
END_TEST

/* clang-format off */
static const struct {
	size_t size;
	const char *text, *copied;
} copies[] = {
	{ 8,  "",            "" },
	{ 8,  "edge",        "edge" },
	{ 8,  "1234567",     "1234567" },
	{ 8,  "12345678",    "1234..." },
	{ 8,  "1234567890",  "1234..." },
	{ 7,  "1234567",     "123..." },
	{ 6,  "123456",      "12345" }, /* too short for dots */
	{ 2,  "12",          "1" },
	{ 1,  "12",          "" },
	{ 32, "a\nb\tc\x1b[0m\x7f", "a?b?c?[0m?" },
	{ 32, "\xc3\xa4\xff\x01",   "????" },
	{ 32, "%s%n\\",             "%s%n\\" },
};
/* clang-format on */

START_TEST(copy_is_printable_and_bounded)
{
	char ret[33];

	memset(ret, 'X', sizeof ret);
	fsm_copy(ret, copies[_i].size, copies[_i].text);
	ck_assert_str_eq(ret, copies[_i].copied);
	/* no byte of a longer text is left behind, and none beyond is touched */
	for (size_t i = strlen(ret); i < copies[_i].size; i++)
		ck_assert_int_eq(ret[i], 0);
	ck_assert_int_eq(ret[copies[_i].size], 'X');
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("record");

	tcase_add_loop_test(tests, transition_writes_state_reason_and_detail, 0, COUNT(reasons));
	tcase_add_loop_test(tests, same_look_again_changes_nothing, 0, COUNT(reasons));
	tcase_add_test(tests, since_moves_with_state_reason_and_channel_only);
	tcase_add_test(tests, unfit_says_what_is_wrong);
	tcase_add_test(tests, service_down_is_told_before_a_taken_port);
	tcase_add_test(tests, own_change_and_someone_elses_are_told_apart);
	tcase_add_test(tests, silence_hides_no_task_but_one_that_is_done);
	tcase_add_test(tests, stop_does_not_blame_the_memory_of_another_request);
	tcase_add_test(tests, retired_is_sticky_until_a_new_life);
	tcase_add_test(tests, snap_that_is_not_ours_stays_and_it_is_said);
	tcase_add_test(tests, what_juju_was_told_is_taken_back_by_what_makes_it_untrue);
	tcase_add_test(tests, unfit_and_down_end_the_intent_only);
	tcase_add_test(tests, every_field_makes_a_difference);
	tcase_add_test(tests, what_juju_was_told_makes_none);
	tcase_add_loop_test(tests, copy_is_printable_and_bounded, 0, COUNT(copies));
	return kit_run(tests, "record");
}
