/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each event does, told by what comes of it; properties of the whole machine; hooks and names.
 */
#include "tests/fsm_kit.h"

/* clang-format off */
#define ON(event) (1u << FSM_EVENT_##event)

/* The machine by its outcomes: the events that have one, whatever the state. */
static const struct {
	enum fsm_state to;
	enum fsm_effect effect;
	enum fsm_request_end request;
	unsigned events;
} outcomes[] = {
	/* a person is waited for; an unfit snap ends the request, a snap in its place has met it */
	{ FSM_STATE_BLOCKED,     FSM_DO_NOTHING, FSM_REQUEST_STAYS, ON(MISCONFIGURED) | ON(UNMENDED) | ON(REFUSED) },
	{ FSM_STATE_BLOCKED,     FSM_DO_NOTHING, FSM_REQUEST_OVER,  ON(UNFIT) },
	{ FSM_STATE_BLOCKED,     FSM_DO_NOTHING, FSM_REQUEST_MET,   ON(DOWN) },
	{ FSM_STATE_BLOCKED,     FSM_DO_NOTHING, FSM_REQUEST_OVER,  ON(OPPOSED) },
	/* the two ends */
	{ FSM_STATE_ACTIVE,      FSM_DO_NOTHING, FSM_REQUEST_MET,   ON(SETTLED) },
	{ FSM_STATE_UNINSTALLED, FSM_DO_NOTHING, FSM_REQUEST_OVER,  ON(RETIRED) },
	{ FSM_STATE_ACTIVE,      FSM_DO_NOTHING, FSM_REQUEST_STAYS, ON(QUEUED) },
	/* time is waited for */
	{ FSM_STATE_INSTALLING,  FSM_DO_NOTHING, FSM_REQUEST_STAYS, ON(UNREACHABLE) | ON(RESTING) | ON(STANDING) },
	{ FSM_STATE_INSTALLING,  FSM_DO_FOLLOW,  FSM_REQUEST_STAYS, ON(BUSY) | ON(UNSURE) | ON(COOLING) },
	/* something is done */
	{ FSM_STATE_INSTALLING,  FSM_DO_DIGEST,  FSM_REQUEST_NOTED, ON(FAILED) },
	{ FSM_STATE_INSTALLING,  FSM_DO_DIGEST,  FSM_REQUEST_SPOILT, ON(SPOILT) },
	{ FSM_STATE_INSTALLING,  FSM_DO_INSTALL, FSM_REQUEST_STAYS, ON(ABSENT) },
	{ FSM_STATE_INSTALLING,  FSM_DO_REFRESH, FSM_REQUEST_STAYS, ON(ASTRAY) },
	{ FSM_STATE_INSTALLING,  FSM_DO_SIDELOAD, FSM_REQUEST_STAYS, ON(SUPPLIED) },
	{ FSM_STATE_INSTALLING,  FSM_DO_REMOVE,  FSM_REQUEST_STAYS, ON(RETIRING) },
	{ FSM_STATE_INSTALLING,  FSM_DO_HOLD,    FSM_REQUEST_STAYS, ON(LOOSE) },
	{ FSM_STATE_INSTALLING,  FSM_DO_UNHOLD,  FSM_REQUEST_STAYS, ON(TIED) | ON(RELEASING) },
	{ FSM_STATE_INSTALLING,  FSM_DO_ORDER,   FSM_REQUEST_STAYS, ON(ORDERED) | ON(RETURNING) },
	{ FSM_STATE_INSTALLING,  FSM_DO_ABORT,   FSM_REQUEST_STAYS, ON(ABORTING) },
};
/* clang-format on */

/* Facts are level-triggered: where the unit stands does not change what they call for. */
START_TEST(event_has_one_outcome_in_every_state)
{
	unsigned seen = 0;

	for (int i = 0; i < COUNT(outcomes); i++) {
		for (enum fsm_event event = 0; event < FSM_EVENT_COUNT; event++) {
			struct fsm_step step = fsm_step((enum fsm_state)_i, event);

			if (!(outcomes[i].events >> event & 1))
				continue;
			ck_assert_int_eq(step.state, outcomes[i].to);
			ck_assert_int_eq(step.effect, outcomes[i].effect);
			ck_assert_int_eq(step.request, outcomes[i].request);
			ck_assert(!(seen >> event & 1));
			seen |= 1u << event;
		}
	}
	ck_assert_uint_eq(seen, (1u << FSM_EVENT_COUNT) - 1);
}
END_TEST

START_TEST(effect_that_asks_snapd_names_its_operation)
{
	static const enum fsm_op ops[FSM_DO_COUNT] = {
		[FSM_DO_INSTALL] = FSM_OP_INSTALL,
		[FSM_DO_REFRESH] = FSM_OP_REFRESH,
		[FSM_DO_SIDELOAD] = FSM_OP_SIDELOAD,
		[FSM_DO_REMOVE] = FSM_OP_REMOVE,
		[FSM_DO_HOLD] = FSM_OP_HOLD,
		[FSM_DO_UNHOLD] = FSM_OP_UNHOLD,
		[FSM_DO_REVERT] = FSM_OP_REVERT,
		[FSM_DO_RESTART] = FSM_OP_RESTART,
		[FSM_DO_START] = FSM_OP_START,
		[FSM_DO_SWITCH] = FSM_OP_SWITCH,
	};

	for (enum fsm_effect effect = 0; effect < FSM_DO_COUNT; effect++)
		ck_assert_int_eq(fsm_effect_op(effect), ops[effect]);
}
END_TEST

START_TEST(zero_is_uninstalled_and_nothing_else)
{
	struct fsm_record record = { 0 };

	ck_assert_int_eq(record.state, FSM_STATE_UNINSTALLED);
	ck_assert_int_eq(record.intent.op, FSM_OP_NONE);
	ck_assert_int_eq(record.intent.phase, FSM_PHASE_NONE);
	ck_assert_int_eq(record.failure.class, FSM_CLASS_NONE);
	ck_assert_int_eq(record.reason, FSM_REASON_NONE);
	ck_assert_int_eq(record.port, FSM_PORT_NONE);
	ck_assert_int_eq(record.told_status, FSM_STATUS_NONE);
	ck_assert_int_eq(record.order.kind, FSM_ORDER_NONE);
	ck_assert_int_eq(record.resource.supply, FSM_SUPPLY_NONE);
	ck_assert_int_eq(FSM_DO_NOTHING, 0);
}
END_TEST

/* clang-format off */
#define IN(hook) (1u << FSM_HOOK_##hook)
static const struct {
	enum fsm_hook_trait trait;
	unsigned hooks;
} traits[] = {
	{ FSM_HOOK_BEGINS,  IN(INSTALL) | IN(START) },
	{ FSM_HOOK_BY_HAND, IN(CONFIG_CHANGED) | IN(UPGRADE_CHARM) },
	{ FSM_HOOK_CHECKS,  IN(START) | IN(UPGRADE_CHARM) },
	{ FSM_HOOK_LEAVES,  IN(STOP) | IN(REMOVE) | IN(DEPARTED) },
	{ FSM_HOOK_STAYS,   IN(INSTALL) | IN(START) | IN(CONFIG_CHANGED) | IN(UPGRADE_CHARM) },
	{ FSM_HOOK_QUIET,   IN(FLEET) | IN(TOLD) | IN(SIGNAL) | IN(DEPARTED) },
	{ FSM_HOOK_TELLS,   IN(TOLD) },
	{ FSM_HOOK_GATHERS, IN(CONFIG_CHANGED) | IN(UPGRADE_CHARM) | IN(LEADER_ELECTED) },
	{ FSM_HOOK_IDLE,    IN(UPDATE_STATUS) },
	{ FSM_HOOK_READS,   IN(INSTALL) | IN(UPGRADE_CHARM) },
};
/* clang-format on */

START_TEST(trait_is_that_of_its_hooks_alone)
{
	for (enum fsm_hook hook = 0; hook < FSM_HOOK_COUNT; hook++)
		ck_assert_int_eq(fsm_hook_is(hook, traits[_i].trait), traits[_i].hooks >> hook & 1);
}
END_TEST

/* clang-format off */
static const struct {
	const char *name;
	bool about, itself;
	enum fsm_hook hook;
} called[] = {
	{ "install",                  true,  false, FSM_HOOK_INSTALL },
	{ "stop",                     true,  true,  FSM_HOOK_STOP },
	{ "update-status",            true,  false, FSM_HOOK_UPDATE_STATUS },
	{ "update-statuses",          true,  false, FSM_HOOK_OTHER },
	{ "leader-elected",           false, false, FSM_HOOK_LEADER_ELECTED },
	{ "fleet-relation-created",   true,  false, FSM_HOOK_FLEET },
	{ "fleet-relation-joined",    true,  false, FSM_HOOK_FLEET },
	{ "fleet-relation-changed",   true,  true,  FSM_HOOK_TOLD },
	{ "fleet-relation-changed",   false, false, FSM_HOOK_SIGNAL },
	{ "fleet-relation-joined",    false, false, FSM_HOOK_FLEET },
	{ "fleet-relation-departed",  true,  false, FSM_HOOK_FLEET },
	{ "fleet-relation-departed",  true,  true,  FSM_HOOK_DEPARTED },
	{ "fleet-relation-broken",    true,  false, FSM_HOOK_FLEET },
	{ "fleet-relation-of-later",  true,  false, FSM_HOOK_FLEET },
	{ "peers-relation-departed",  true,  true,  FSM_HOOK_OTHER },
	{ "fleets-relation-departed", true,  true,  FSM_HOOK_OTHER },
	{ "fleet-storage-attached",   true,  false, FSM_HOOK_OTHER },
	{ "",                         true,  true,  FSM_HOOK_OTHER },
};
/* clang-format on */

START_TEST(hook_is_known_by_its_name_and_by_whom_it_is_about)
{
	ck_assert_int_eq(
		fsm_hook_of(called[_i].name, called[_i].about, called[_i].itself), called[_i].hook);
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

START_TEST(names_are_plain_words_one_for_each_value)
{
	for (unsigned value = 0; value < kinds[_i].count; value++) {
		const char *name = kinds[_i].name(value);
		unsigned back = kinds[_i].count;

		ck_assert_uint_gt(strlen(name), 0);
		ck_assert_uint_eq(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		ck_assert_int_eq(kinds[_i].value(name, &back), 0);
		ck_assert_uint_eq(back, value);
	}
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

	tcase_add_loop_test(tests, event_has_one_outcome_in_every_state, 0, FSM_STATE_COUNT);
	tcase_add_test(tests, effect_that_asks_snapd_names_its_operation);
	tcase_add_test(tests, zero_is_uninstalled_and_nothing_else);
	tcase_add_loop_test(tests, trait_is_that_of_its_hooks_alone, 0, COUNT(traits));
	tcase_add_loop_test(
		tests, hook_is_known_by_its_name_and_by_whom_it_is_about, 0, COUNT(called));
	tcase_add_loop_test(tests, names_are_plain_words_one_for_each_value, 0, COUNT(kinds));
	tcase_add_loop_test(tests, unknown_name_is_refused_and_changes_nothing, 0, COUNT(kinds));
	tcase_add_test(tests, everything_has_a_meaning);
	return kit_run(tests, "fsm");
}
