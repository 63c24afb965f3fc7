/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a record learns from a look before it is classified: whose the snap is, and what has become
 * of the intent.
 */
#include "tests/fsm_kit.h"

/* clang-format off */
/* Who owns the snap after our change OP came to FATE. PRESENT: what the look shows. */
static const struct {
	bool before;
	enum fsm_op op;
	enum fsm_fate fate;
	bool present, after;
} owners[] = {
	{ false, FSM_OP_INSTALL, FSM_FATE_DONE,    true,  true },
	{ false, FSM_OP_INSTALL, FSM_FATE_DONE,    false, false },
	{ false, FSM_OP_INSTALL, FSM_FATE_PRUNED,  true,  true },
	{ false, FSM_OP_INSTALL, FSM_FATE_PRUNED,  false, false },
	{ false, FSM_OP_INSTALL, FSM_FATE_EMPTY,   true,  false },
	{ false, FSM_OP_INSTALL, FSM_FATE_FAILED,  true,  false },
	{ false, FSM_OP_INSTALL, FSM_FATE_NONE,    true,  false },
	{ false, FSM_OP_REFRESH, FSM_FATE_DONE,    true,  false },
	{ false, FSM_OP_REFRESH, FSM_FATE_PRUNED,  true,  false },
	{ true,  FSM_OP_REFRESH, FSM_FATE_DONE,    true,  true },
	{ true,  FSM_OP_REFRESH, FSM_FATE_FAILED,  true,  true },
	{ true,  FSM_OP_REFRESH, FSM_FATE_FAILED,  false, false },
	{ true,  FSM_OP_REMOVE,  FSM_FATE_FAILED,  true,  true },
	{ true,  FSM_OP_REMOVE,  FSM_FATE_DONE,    false, false },
	{ true,  FSM_OP_REMOVE,  FSM_FATE_DONE,    true,  false }, /* put there since by somebody */
	{ true,  FSM_OP_REMOVE,  FSM_FATE_PRUNED,  true,  true },  /* it may have failed */
};
/* clang-format on */

START_TEST(snap_is_ours_by_our_own_finished_change_only)
{
	struct fsm_record record = { .ours = owners[_i].before };
	struct fsm_facts facts = owners[_i].present ? kit_facts() : kit_bare();

	kit_intend(&record, owners[_i].op, owners[_i].op == FSM_OP_REMOVE ? "" : EDGE, NOW);
	if (owners[_i].fate != FSM_FATE_NONE)
		fsm_accept(&record, 41);
	facts.fate = owners[_i].fate;
	fsm_learn(&record, &facts);
	ck_assert_int_eq(record.ours, owners[_i].after);
}
END_TEST

START_TEST(snap_that_is_gone_or_local_is_ours_no_more)
{
	struct fsm_record record = { .ours = true };
	struct fsm_facts facts = kit_facts();

	facts.active = false;
	facts.broken = true;
	facts.tracking = BETA;
	fsm_learn(&record, &facts);
	ck_assert(record.ours);
	facts.local = true;
	fsm_learn(&record, &facts);
	ck_assert(!record.ours);
	record.ours = true;
	facts = kit_bare();
	fsm_learn(&record, &facts);
	ck_assert(!record.ours);
}
END_TEST

START_TEST(silence_teaches_nothing)
{
	struct fsm_record record = { .ours = true, .tracking = EDGE }, before;
	struct fsm_facts facts = kit_away();

	kit_intend(&record, FSM_OP_INSTALL, EDGE, NOW);
	fsm_accept(&record, 41);
	before = record;
	facts.fate = FSM_FATE_PRUNED;
	fsm_learn(&record, &facts);
	ck_assert_mem_eq(&record, &before, sizeof record);
}
END_TEST

/* What it looks like in mid-change may be undone again. */
START_TEST(change_in_flight_teaches_nothing)
{
	for (enum fsm_flight flight = FSM_FLIGHT_OURS; flight < FSM_FLIGHT_COUNT; flight++) {
		struct fsm_record record = { .ours = true, .tracking = EDGE }, before;
		struct fsm_facts facts = kit_bare();

		kit_intend(&record, FSM_OP_REFRESH, EDGE, NOW);
		fsm_accept(&record, 41);
		before = record;
		facts.flight = flight;
		facts.fate = flight == FSM_FLIGHT_OURS ? FSM_FATE_RUNNING : FSM_FATE_DONE;
		fsm_learn(&record, &facts);
		ck_assert_mem_eq(&record, &before, sizeof record);
	}
}
END_TEST

START_TEST(look_is_taken_over)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_facts();

	fsm_learn(&record, &facts);
	ck_assert_str_eq(record.revision, "7");
	ck_assert_str_eq(record.version, "1.2");
	ck_assert_str_eq(record.tracking, EDGE);
	facts.version = "1.3\x1b[2J";
	fsm_learn(&record, &facts);
	ck_assert_str_eq(record.version, "1.3?[2J");
	facts.present = false;
	fsm_learn(&record, &facts);
	ck_assert_str_eq(record.revision, "");
	ck_assert_str_eq(record.version, "");
	ck_assert_str_eq(record.tracking, "");
}
END_TEST

/* clang-format off */
/* Whether an intent is still there after a look that shows its change as FATE. */
static const struct {
	enum fsm_op op;
	const char *channel;
	enum fsm_fate fate;
	int64_t age;
	bool kept;
} intents[] = {
	{ FSM_OP_REFRESH, EDGE, FSM_FATE_DONE,    50, false },
	{ FSM_OP_REFRESH, BETA, FSM_FATE_DONE,    50, false },
	{ FSM_OP_REFRESH, EDGE, FSM_FATE_PRUNED,  50, false },
	{ FSM_OP_REFRESH, EDGE, FSM_FATE_RUNNING, 50, true },
	{ FSM_OP_REFRESH, BETA, FSM_FATE_RUNNING, 50, true },
	/* a failure of what is needed is kept, to be digested; any other is none */
	{ FSM_OP_REFRESH, EDGE, FSM_FATE_FAILED,  50, true },
	{ FSM_OP_REFRESH, EDGE, FSM_FATE_EMPTY,   50, true },
	{ FSM_OP_REFRESH, BETA, FSM_FATE_FAILED,  50, false },
	{ FSM_OP_REFRESH, BETA, FSM_FATE_EMPTY,   50, false },
	{ FSM_OP_INSTALL, EDGE, FSM_FATE_FAILED,  50, false },
	{ FSM_OP_REMOVE,  "",   FSM_FATE_FAILED,  50, false },
	/* an unanswered request is waited for, whatever it is */
	{ FSM_OP_REFRESH, EDGE, FSM_FATE_NONE,    FSM_PATIENCE - 1, true },
	{ FSM_OP_REFRESH, BETA, FSM_FATE_NONE,    FSM_PATIENCE - 1, true },
	{ FSM_OP_REMOVE,  "",   FSM_FATE_NONE,    FSM_PATIENCE - 1, true },
	{ FSM_OP_REFRESH, EDGE, FSM_FATE_NONE,    FSM_PATIENCE, true },
	{ FSM_OP_REFRESH, BETA, FSM_FATE_NONE,    FSM_PATIENCE, false },
	{ FSM_OP_INSTALL, EDGE, FSM_FATE_NONE,    INT64_MAX, false },
};
/* clang-format on */

START_TEST(intent_is_kept_as_long_as_it_says_something)
{
	struct fsm_record record = { 0 }, before;
	struct fsm_facts facts = kit_facts();

	kit_intend(&record, intents[_i].op, intents[_i].channel, NOW);
	if (intents[_i].fate != FSM_FATE_NONE)
		fsm_accept(&record, 41);
	before = record;
	facts.tracking = BETA;
	facts.fate = intents[_i].fate;
	facts.age = intents[_i].age;
	fsm_learn(&record, &facts);
	ck_assert_int_eq(record.intent.op != FSM_OP_NONE, intents[_i].kept);
	ck_assert_mem_eq(&record.memory, &before.memory, sizeof record.memory);
	if (intents[_i].kept)
		ck_assert_mem_eq(&record.intent, &before.intent, sizeof record.intent);
}
END_TEST

START_TEST(failed_removal_is_kept_on_the_way_out)
{
	struct fsm_record record = { .ours = true };
	struct fsm_facts facts = kit_facts();

	kit_intend(&record, FSM_OP_REMOVE, "", NOW);
	fsm_accept(&record, 41);
	facts.hook = FSM_HOOK_REMOVE;
	facts.fate = FSM_FATE_FAILED;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_FAILED);
	ck_assert_int_eq(record.intent.op, FSM_OP_REMOVE);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("learn");

	tcase_add_loop_test(tests, snap_is_ours_by_our_own_finished_change_only, 0, COUNT(owners));
	tcase_add_test(tests, snap_that_is_gone_or_local_is_ours_no_more);
	tcase_add_test(tests, silence_teaches_nothing);
	tcase_add_test(tests, change_in_flight_teaches_nothing);
	tcase_add_test(tests, look_is_taken_over);
	tcase_add_loop_test(tests, intent_is_kept_as_long_as_it_says_something, 0, COUNT(intents));
	tcase_add_test(tests, failed_removal_is_kept_on_the_way_out);
	return kit_run(tests, "learn");
}
