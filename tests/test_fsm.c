/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties of the table and of the names: what must hold for every row, whatever the rows say.
 */
#include "fsm/names.h"
#include "tests/fsm_kit.h"

enum {
	EVERY_STATE = (1 << FSM_STATE_COUNT) - 1,
};

/* The states that can be reached from those in the set FROM. */
static unsigned reach(unsigned from)
{
	for (unsigned before = 0; before != from;) {
		before = from;
		for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++)
			for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++)
				if (before >> state & 1)
					from |= 1u << fsm_step(state, event).state;
	}
	return from;
}

START_TEST(every_state_is_reachable_from_every_state)
{
	ck_assert_uint_eq(reach(1u << _i), EVERY_STATE);
}
END_TEST

START_TEST(every_state_can_be_left_at_once)
{
	bool left = false;

	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++)
		left |= fsm_step((enum fsm_state)_i, event).state != (enum fsm_state)_i;
	ck_assert(left);
}
END_TEST

START_TEST(every_effect_is_used)
{
	bool used = false;

	for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++)
		for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++)
			used |= fsm_step(state, event).effect == (enum fsm_effect)_i;
	ck_assert(used);
}
END_TEST

/* An event that nothing sets apart from another one would be one name too many. */
START_TEST(every_event_leads_somewhere_of_its_own)
{
	static const enum fsm_event alike[][2] = {
		/* told apart by their reason: what a person does about them differs */
		{ FSM_EVENT_MISCONFIGURED, FSM_EVENT_UNFIT },
		{ FSM_EVENT_MISCONFIGURED, FSM_EVENT_DOWN },
		{ FSM_EVENT_MISCONFIGURED, FSM_EVENT_REFUSED },
		{ FSM_EVENT_UNFIT, FSM_EVENT_DOWN },
		{ FSM_EVENT_UNFIT, FSM_EVENT_REFUSED },
		{ FSM_EVENT_DOWN, FSM_EVENT_REFUSED },
		/* told apart by what is followed: a change that shows, or one that may come to */
		{ FSM_EVENT_BUSY, FSM_EVENT_UNSURE },
	};
	enum fsm_event event = (enum fsm_event)_i;

	for (enum fsm_event other = 0; other < FSM_EVENT_COUNT; other++) {
		bool differs = other == event;

		for (int i = 0; i < COUNT(alike); i++)
			differs |= (alike[i][0] == event && alike[i][1] == other) ||
				   (alike[i][1] == event && alike[i][0] == other);
		for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++) {
			struct fsm_step a = fsm_step(state, event), b = fsm_step(state, other);

			differs |= a.state != b.state || a.effect != b.effect;
		}
		ck_assert(differs);
	}
}
END_TEST

/* Facts are level-triggered: where the unit stands must not change what they call for. */
START_TEST(every_state_answers_like_installing)
{
	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++) {
		struct fsm_step step = fsm_step((enum fsm_state)_i, event);
		struct fsm_step model = fsm_step(FSM_STATE_INSTALLING, event);

		if (_i == FSM_STATE_BLOCKED && event == FSM_EVENT_UNREACHABLE)
			continue;
		ck_assert_int_eq(step.state, model.state);
		ck_assert_int_eq(step.effect, model.effect);
	}
}
END_TEST

START_TEST(silence_of_snapd_keeps_blocked)
{
	struct fsm_step step = fsm_step(FSM_STATE_BLOCKED, FSM_EVENT_UNREACHABLE);

	ck_assert_int_eq(step.state, FSM_STATE_BLOCKED);
	ck_assert_int_eq(step.effect, FSM_DO_NOTHING);
}
END_TEST

START_TEST(only_settled_leads_to_active)
{
	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++)
		ck_assert_int_eq(fsm_step((enum fsm_state)_i, event).state == FSM_STATE_ACTIVE,
			event == FSM_EVENT_SETTLED);
}
END_TEST

START_TEST(only_retired_leads_to_uninstalled)
{
	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++)
		ck_assert_int_eq(fsm_step((enum fsm_state)_i, event).state == FSM_STATE_UNINSTALLED,
			event == FSM_EVENT_RETIRED);
}
END_TEST

/* What runs is waited for, and what waits for a person starts nothing. */
START_TEST(work_is_done_while_installing)
{
	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++) {
		struct fsm_step step = fsm_step((enum fsm_state)_i, event);

		if (step.effect != FSM_DO_NOTHING)
			ck_assert_int_eq(step.state, FSM_STATE_INSTALLING);
	}
}
END_TEST

START_TEST(each_request_has_one_event)
{
	static const struct {
		enum fsm_event event;
		enum fsm_effect effect;
	} requests[] = {
		{ FSM_EVENT_ABSENT, FSM_DO_INSTALL },
		{ FSM_EVENT_ASTRAY, FSM_DO_REFRESH },
		{ FSM_EVENT_RETIRING, FSM_DO_REMOVE },
		{ FSM_EVENT_FAILED, FSM_DO_DIGEST },
	};

	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++)
		for (int i = 0; i < COUNT(requests); i++)
			ck_assert_int_eq(
				fsm_step((enum fsm_state)_i, event).effect == requests[i].effect,
				event == requests[i].event);
}
END_TEST

START_TEST(zero_is_uninstalled_and_nothing_else)
{
	struct fsm_record record = { 0 };

	ck_assert_int_eq(record.state, FSM_STATE_UNINSTALLED);
	ck_assert_int_eq(record.intent.op, FSM_OP_NONE);
	ck_assert_int_eq(record.intent.phase, FSM_PHASE_NONE);
	ck_assert_int_eq(record.memory.class, FSM_CLASS_NONE);
	ck_assert_int_eq(record.reason, FSM_REASON_NONE);
	ck_assert_int_eq(record.port, FSM_PORT_NONE);
	ck_assert_int_eq(record.told_status, FSM_STATUS_NONE);
	ck_assert_int_eq(FSM_DO_NOTHING, 0);
}
END_TEST

/* clang-format off */
/* The kinds of names by number, so that one loop goes over all of them. */
#define NAME_OF(kind, PREFIX, LIST) \
	static const char *name_##kind(unsigned value) \
	{ \
		return fsm_##kind##_name((enum fsm_##kind)value); \
	} \
	static int value_##kind(const char *name, unsigned *ret) \
	{ \
		enum fsm_##kind value = (enum fsm_##kind)*ret; \
		int outcome = fsm_##kind##_named(name, &value); \
		*ret = (unsigned)value; \
		return outcome; \
	}
FSM_KINDS(NAME_OF)

#define KIND(kind, PREFIX, LIST) { #kind, FSM_##PREFIX##_COUNT, name_##kind, value_##kind },
static const struct {
	const char *kind;
	unsigned count;
	const char *(*name)(unsigned);
	int (*value)(const char *, unsigned *);
} kinds[] = { FSM_KINDS(KIND) };
/* clang-format on */

START_TEST(names_round_trip)
{
	for (unsigned value = 0; value < kinds[_i].count; value++) {
		unsigned back = kinds[_i].count;

		ck_assert_int_eq(kinds[_i].value(kinds[_i].name(value), &back), 0);
		ck_assert_uint_eq(back, value);
	}
}
END_TEST

START_TEST(names_are_plain_words)
{
	for (unsigned value = 0; value < kinds[_i].count; value++) {
		const char *name = kinds[_i].name(value);

		ck_assert_uint_gt(strlen(name), 0);
		ck_assert_uint_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
	}
}
END_TEST

START_TEST(names_are_unique_in_their_kind)
{
	for (unsigned a = 0; a < kinds[_i].count; a++)
		for (unsigned b = 0; b < a; b++)
			ck_assert_str_ne(kinds[_i].name(a), kinds[_i].name(b));
}
END_TEST

START_TEST(unknown_name_is_refused_and_changes_nothing)
{
	static const char *const strange[] = { "", " ", "0", "1", "NONE", "Active", "active ",
		" none", "none\n", "activ", "activee", "installing,active", "%s", "\xff" };

	for (int i = 0; i < COUNT(strange); i++) {
		unsigned value = 1;

		ck_assert_int_eq(kinds[_i].value(strange[i], &value), -1);
		ck_assert_uint_eq(value, 1);
	}
}
END_TEST

START_TEST(everything_has_a_meaning)
{
	for (enum fsm_state state = 0; state < FSM_STATE_COUNT; state++)
		ck_assert_uint_gt(strlen(fsm_state_meaning(state)), 10);
	for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++)
		ck_assert_uint_gt(strlen(fsm_event_meaning(event)), 10);
	for (enum fsm_effect effect = 0; effect < FSM_DO_COUNT; effect++)
		ck_assert_uint_gt(strlen(fsm_effect_meaning(effect)), 10);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("fsm");

	tcase_add_loop_test(tests, every_state_is_reachable_from_every_state, 0, FSM_STATE_COUNT);
	tcase_add_loop_test(tests, every_state_can_be_left_at_once, 0, FSM_STATE_COUNT);
	tcase_add_loop_test(tests, every_effect_is_used, 0, FSM_DO_COUNT);
	tcase_add_loop_test(tests, every_event_leads_somewhere_of_its_own, 0, FSM_EVENT_COUNT);
	tcase_add_loop_test(tests, every_state_answers_like_installing, 0, FSM_STATE_COUNT);
	tcase_add_test(tests, silence_of_snapd_keeps_blocked);
	tcase_add_loop_test(tests, only_settled_leads_to_active, 0, FSM_STATE_COUNT);
	tcase_add_loop_test(tests, only_retired_leads_to_uninstalled, 0, FSM_STATE_COUNT);
	tcase_add_loop_test(tests, work_is_done_while_installing, 0, FSM_STATE_COUNT);
	tcase_add_loop_test(tests, each_request_has_one_event, 0, FSM_STATE_COUNT);
	tcase_add_test(tests, zero_is_uninstalled_and_nothing_else);
	tcase_add_loop_test(tests, names_round_trip, 0, COUNT(kinds));
	tcase_add_loop_test(tests, names_are_plain_words, 0, COUNT(kinds));
	tcase_add_loop_test(tests, names_are_unique_in_their_kind, 0, COUNT(kinds));
	tcase_add_loop_test(tests, unknown_name_is_refused_and_changes_nothing, 0, COUNT(kinds));
	tcase_add_test(tests, everything_has_a_meaning);
	return kit_run(tests, "fsm");
}
