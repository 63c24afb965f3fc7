/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hooks that make a difference. Every other name reconciles as `other`: a hook is not an order,
 * it only makes the charm look.
 */
#ifndef FSM_HOOK_H
#define FSM_HOOK_H

#include <stdbool.h>

/* clang-format off */
enum fsm_hook_trait {
	FSM_HOOK_BEGINS  = 1, /* begins a new life: after a `remove` only this installs again */
	FSM_HOOK_BY_HAND = 2, /* a person has just touched something: it asks past a pause */
	FSM_HOOK_CHECKS  = 4, /* looks whether the port is still open */
	FSM_HOOK_LEAVES  = 8, /* the unit is about to go: no port is opened */
};

/*           name            Juju's name        traits */
#define FSM_HOOKS(ON) \
	ON(OTHER,          "other",          0) \
	ON(INSTALL,        "install",        FSM_HOOK_BEGINS) \
	ON(START,          "start",          FSM_HOOK_BEGINS | FSM_HOOK_CHECKS) \
	ON(CONFIG_CHANGED, "config-changed", FSM_HOOK_BY_HAND) \
	ON(UPGRADE_CHARM,  "upgrade-charm",  FSM_HOOK_BY_HAND | FSM_HOOK_CHECKS) \
	ON(STOP,           "stop",           FSM_HOOK_LEAVES) \
	ON(REMOVE,         "remove",         FSM_HOOK_LEAVES)

#define FSM_HOOK_(name, text, traits) FSM_HOOK_##name,
/* clang-format on */

enum fsm_hook {
	FSM_HOOKS(FSM_HOOK_) FSM_HOOK_COUNT
};

/* Whether HOOK has TRAIT. */
bool fsm_hook_is(enum fsm_hook hook, enum fsm_hook_trait trait);

#endif
