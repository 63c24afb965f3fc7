/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows from the charm's resource: when it is read, what the record keeps of it, and what the
 * machine does with it.
 */
#include "fsm/resource.h"

#include "tests/fsm_kit.h"

#define FILE_OF(number)                                                                            \
	(struct fsm_resource)                                                                      \
	{                                                                                          \
		FSM_SUPPLY_FILE, "/snaps.tar", 1000, 77, (number), ""                              \
	}
static const struct fsm_resource store = { .supply = FSM_SUPPLY_STORE };
static const struct fsm_resource bad = { FSM_SUPPLY_BAD, "/snaps.tar", 9, 0, 0, "is cut off" };

START_TEST(it_is_read_where_it_may_be_another_one)
{
	for (enum fsm_hook hook = 0; hook < FSM_HOOK_COUNT; hook++) {
		bool reads = hook == FSM_HOOK_INSTALL || hook == FSM_HOOK_UPGRADE_CHARM;
		bool begins = hook == FSM_HOOK_INSTALL || hook == FSM_HOOK_START;
		struct fsm_record record = { 0 };

		/* never read: in each hook but that which removes */
		ck_assert_int_eq(
			fsm_resource_due(&record, hook, FSM_ORDER_NONE), hook != FSM_HOOK_REMOVE);
		for (int i = 0; i < 3; i++) {
			record.resource = i == 0 ? store : i == 1 ? bad : FILE_OF(3);
			record.retired = false;
			ck_assert_int_eq(fsm_resource_due(&record, hook, FSM_ORDER_NONE), reads);
			record.retired = true;
			ck_assert_int_eq(fsm_resource_due(&record, hook, FSM_ORDER_NONE), begins);
		}
	}
}
END_TEST

START_TEST(it_is_read_when_a_person_says_retry)
{
	struct fsm_record record = { .resource = store };

	for (enum fsm_order order = 0; order < FSM_ORDER_COUNT; order++)
		ck_assert_int_eq(
			fsm_resource_due(&record, FSM_HOOK_OTHER, order), order == FSM_ORDER_RETRY);
}
END_TEST

START_TEST(what_is_the_same_is_not_noted)
{
	const struct fsm_resource all[] = { store, bad, FILE_OF(3) };
	struct fsm_record record = { 0 };

	for (int i = 0; i < COUNT(all); i++) {
		ck_assert(fsm_resource_note(&record, &all[i]));
		ck_assert_mem_eq(&record.resource, &all[i], sizeof all[i]);
		record.failure = (struct fsm_failure){ .op = FSM_OP_SIDELOAD, .attempts = 3 };
		ck_assert(!fsm_resource_note(&record, &all[i]));
		ck_assert_int_eq(record.failure.attempts, 3);
	}
}
END_TEST

/* Every member tells one file from another. */
START_TEST(what_is_another_one_is_tried_at_once)
{
	struct fsm_resource others[] = { FILE_OF(3), FILE_OF(3), FILE_OF(3), bad, store };

	others[0].hash++;
	others[1].size++;
	others[2].path[1] = 'x';
	for (int i = 0; i < COUNT(others); i++) {
		struct fsm_record record = { .resource = FILE_OF(3),
			.failure = { .op = FSM_OP_SIDELOAD, .attempts = 3 },
			.refused = { .times = 3 } };

		ck_assert(fsm_resource_note(&record, &others[i]));
		ck_assert_int_eq(record.failure.attempts, 0);
		ck_assert_int_eq(record.refused.times, 0);
		record = (struct fsm_record){ .failure = { .op = FSM_OP_HOLD, .attempts = 3 } };
		ck_assert(fsm_resource_note(&record, &others[i]));
		ck_assert_int_eq(record.failure.attempts, 3);
	}
}
END_TEST

START_TEST(it_says_what_is_wanted)
{
	struct fsm_record record = { .target = { EDGE, 3 } };
	struct fsm_facts facts = kit_facts();

	fsm_resource_facts(&record, "", &facts);
	ck_assert_int_eq(facts.source, FSM_SOURCE_STORE);
	fsm_resource_facts(&record, "no answer", &facts);
	ck_assert_int_eq(facts.source, FSM_SOURCE_UNKNOWN);
	ck_assert_str_eq(facts.resource, "no answer");
	record.resource = store;
	facts = kit_facts();
	fsm_resource_facts(&record, "no answer", &facts);
	ck_assert_int_eq(facts.source, FSM_SOURCE_STORE);
	ck_assert_str_eq(facts.wanted.channel, EDGE);
	ck_assert(!facts.hold_wanted);
	record.resource = FILE_OF(7);
	fsm_resource_facts(&record, "no answer", &facts);
	ck_assert_int_eq(facts.source, FSM_SOURCE_FILE);
	ck_assert(fsm_target_supplied(&facts.wanted));
	ck_assert_int_eq(facts.wanted.revision, 7);
	ck_assert(facts.hold_wanted);
	record.resource = bad;
	facts = kit_facts();
	fsm_resource_facts(&record, "", &facts);
	ck_assert_int_eq(facts.source, FSM_SOURCE_BAD);
	ck_assert_str_eq(facts.resource, "is cut off");
	ck_assert_int_eq(facts.wanted.revision, 3); /* as it was */
}
END_TEST

/* With the resource no request names a channel, whatever the snap looks like. */
START_TEST(nothing_asks_the_store)
{
	unsigned long long random = 1;

	for (int i = 0; i < 50000; i++) {
		struct fsm_record record;
		struct fsm_facts facts;
		struct fsm_turn turn;

		kit_situation(&random, &record, &facts);
		/* A rollback that is begun goes to where it came from. */
		if (!facts.option_valid || fsm_going(&record, &facts) ||
			record.order.kind == FSM_ORDER_ROLLBACK)
			continue;
		facts.source = 1 + facts.source % (FSM_SOURCE_COUNT - 1);
		if (facts.source == FSM_SOURCE_FILE)
			kit_supply(&facts, 8);
		turn = kit_turn(&record, &facts);
		ck_assert_int_ne(turn.effect, FSM_DO_INSTALL);
		ck_assert_int_ne(turn.effect, FSM_DO_REFRESH);
		ck_assert_int_ne(turn.effect, FSM_DO_SWITCH);
		if (facts.source != FSM_SOURCE_FILE)
			ck_assert_int_eq(fsm_effect_op(turn.effect), FSM_OP_NONE);
	}
}
END_TEST

/* One that was not there is ours; one that was stays whose it was. */
START_TEST(file_makes_ours_what_was_not_there)
{
	struct fsm_facts facts = _i ? kit_facts() : kit_bare();
	struct fsm_record record = { .resource = FILE_OF(8) };
	struct fsm_turn turn;

	kit_supply(&facts, 8);
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.effect, FSM_DO_SIDELOAD);
	ck_assert_int_eq(record.intent.target.revision, 8);
	ck_assert_str_eq(record.intent.target.channel, "");
	(void)kit_accept(&record, &turn);
	facts = kit_facts();
	kit_supply(&facts, 8);
	facts.revision = "8";
	facts.tracking = "";
	facts.fate = FSM_FATE_DONE;
	facts.stopped = _i;
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_SETTLED);
	ck_assert_int_eq(record.ours, !_i);
	/* what ran before it can be gone back to */
	ck_assert_int_eq(*record.probation.revision != '\0', _i);
}
END_TEST

/* The one that was ours went while ours was on its way: its marker proves nothing about the new one. */
START_TEST(new_snap_has_no_marker_yet)
{
	struct fsm_facts facts = kit_facts();
	struct fsm_record record = { .resource = FILE_OF(8), .ours = true, .marked = true };
	struct fsm_turn turn;

	facts.marker = FSM_MARKER_OURS;
	kit_supply(&facts, 8);
	turn = kit_turn(&record, &facts);
	(void)kit_accept(&record, &turn);
	facts.revision = "8";
	facts.tracking = "";
	facts.marker = FSM_MARKER_NONE;
	facts.fate = FSM_FATE_DONE;
	facts.stopped = false;
	turn = kit_turn(&record, &facts);
	ck_assert(record.ours && !record.marked);
	ck_assert(turn.owes_marker);
}
END_TEST

/* Of a change that snapd has forgotten, what was there before it tells, and what it follows. */
START_TEST(forgotten_change_makes_ours_what_was_not_there)
{
	static const struct {
		bool there;
		const char *tracking;
		bool ours;
	} rows[] = { { false, "", true }, { true, "", false }, { false, EDGE, false },
		{ true, EDGE, false } };
	struct fsm_facts facts = rows[_i].there ? kit_facts() : kit_bare();
	struct fsm_record record = { .resource = FILE_OF(8) };
	struct fsm_turn turn;

	kit_supply(&facts, 8);
	turn = kit_turn(&record, &facts);
	(void)kit_accept(&record, &turn);
	facts = kit_facts();
	kit_supply(&facts, 8);
	facts.revision = "8";
	facts.tracking = rows[_i].tracking;
	facts.fate = FSM_FATE_FORGOTTEN;
	facts.stopped = false;
	(void)kit_turn(&record, &facts);
	ck_assert_int_eq(record.ours, rows[_i].ours);
}
END_TEST

/* A snap that is held is not asked the Snap Store for: it is not there. */
START_TEST(store_is_not_asked_for_something_newer)
{
	struct fsm_record record = {
		.state = FSM_STATE_ACTIVE, .target.revision = 8, .hold = { FOREVER, true, true }
	};

	ck_assert(!fsm_update_due(&record, NOW, UNIT));
	strcpy(record.target.channel, EDGE);
	ck_assert(fsm_update_due(&record, NOW, UNIT));
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("resource");

	tcase_add_test(tests, it_is_read_where_it_may_be_another_one);
	tcase_add_test(tests, it_is_read_when_a_person_says_retry);
	tcase_add_test(tests, what_is_the_same_is_not_noted);
	tcase_add_test(tests, what_is_another_one_is_tried_at_once);
	tcase_add_test(tests, it_says_what_is_wanted);
	tcase_add_test(tests, nothing_asks_the_store);
	tcase_add_loop_test(tests, file_makes_ours_what_was_not_there, 0, 2);
	tcase_add_test(tests, new_snap_has_no_marker_yet);
	tcase_add_loop_test(tests, forgotten_change_makes_ours_what_was_not_there, 0, 4);
	tcase_add_test(tests, store_is_not_asked_for_something_newer);
	return kit_run(tests, "resource");
}
