/* SPDX-License-Identifier: Apache-2.0 */
/* What is done about the port in a hook, and what it is after what Juju said. */
#include "fsm/port.h"
#include "tests/fsm_kit.h"

/*
 * A wish is looked after until it is seen granted, and one that was not granted is repeated; an open
 * port is looked at where Juju may have lost it. A unit that goes leaves it all alone.
 */
START_TEST(port_is_seen_to_in_every_hook_but_the_last_ones)
{
	enum fsm_hook hook = (enum fsm_hook)_i;
	bool checks = hook == FSM_HOOK_START || hook == FSM_HOOK_UPGRADE_CHARM;
	bool leaves = hook == FSM_HOOK_STOP || hook == FSM_HOOK_REMOVE || hook == FSM_HOOK_DEPARTED;
	bool stays = hook == FSM_HOOK_INSTALL || hook == FSM_HOOK_START ||
		     hook == FSM_HOOK_CONFIG_CHANGED || hook == FSM_HOOK_UPGRADE_CHARM;

	for (enum fsm_port port = 0; port < FSM_PORT_COUNT; port++) {
		struct fsm_record record = { .port = port };
		enum fsm_port_step step = FSM_PORT_DO_ASK;

		if (port == FSM_PORT_ASKED || (port == FSM_PORT_OPEN && checks))
			step = FSM_PORT_DO_LOOK;
		else if (port == FSM_PORT_OPEN)
			step = FSM_PORT_DO_NOTHING;
		ck_assert_int_eq(fsm_port_step(&record, hook), leaves ? FSM_PORT_DO_NOTHING : step);
		record.stopping = true;
		ck_assert_int_eq(fsm_port_step(&record, hook), stays ? step : FSM_PORT_DO_NOTHING);
		record.retired = true;
		ck_assert_int_eq(fsm_port_step(&record, hook), FSM_PORT_DO_NOTHING);
	}
}
END_TEST

START_TEST(port_is_what_juju_says)
{
	ck_assert_int_eq(fsm_port_after(FSM_PORT_ANSWER_SHOWN), FSM_PORT_OPEN);
	ck_assert_int_eq(fsm_port_after(FSM_PORT_ANSWER_GRANTED), FSM_PORT_ASKED);
	ck_assert_int_eq(fsm_port_after(FSM_PORT_ANSWER_CONFLICT), FSM_PORT_TAKEN);
	ck_assert_int_eq(FSM_PORT_ANSWER_COUNT, 3);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("port");

	tcase_add_loop_test(
		tests, port_is_seen_to_in_every_hook_but_the_last_ones, 0, FSM_HOOK_COUNT);
	tcase_add_test(tests, port_is_what_juju_says);
	return kit_run(tests, "port");
}
