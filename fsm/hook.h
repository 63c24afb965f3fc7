/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hooks that make a difference. Every other name reconciles as `other`: a hook is not an order,
 * it only makes the charm look.
 *
 * Of the peer relation Juju sends n * n hooks when n units are deployed; a unit that has nothing to do
 * does nothing in them. Juju tells a unit that goes so by `departed` about the unit itself, once for
 * each unit that stays; `stop` and `remove` come after it.
 */
#ifndef FSM_HOOK_H
#define FSM_HOOK_H

#include <stdbool.h>

/* clang-format off */
enum fsm_hook_trait {
	FSM_HOOK_BEGINS  = 1, /* begins a new life: after a `remove` only this installs again */
	FSM_HOOK_BY_HAND = 2, /* a person has just touched something: it asks past a pause */
	FSM_HOOK_CHECKS  = 4, /* looks whether the port is still open */
	FSM_HOOK_LEAVES  = 8, /* the unit is about to go: from here on nothing is started */
	FSM_HOOK_STAYS   = 16, /* Juju sends it to no unit that is about to go: it takes that back */
	FSM_HOOK_IDLE    = 64, /* Juju sends it by the clock: there is time for what can wait */
	FSM_HOOK_TELLS   = 128, /* another unit has said something: the leader listens */
	FSM_HOOK_GATHERS = 256, /* the leader looks what all of them say */
	FSM_HOOK_READS   = 512, /* there may be another file in the charm's resource */
	FSM_HOOK_QUIET   = 32, /* ends after the record is read where all is well: see fsm_at_rest() */
};

/*           name            Juju's name        traits */
#define FSM_HOOKS(ON) \
	ON(OTHER,          "other",          0) \
	ON(INSTALL,        "install",        FSM_HOOK_BEGINS | FSM_HOOK_STAYS | FSM_HOOK_READS) \
	ON(START,          "start",          FSM_HOOK_BEGINS | FSM_HOOK_STAYS | FSM_HOOK_CHECKS) \
	ON(CONFIG_CHANGED, "config-changed", FSM_HOOK_BY_HAND | FSM_HOOK_STAYS | FSM_HOOK_GATHERS) \
	ON(UPGRADE_CHARM,  "upgrade-charm",  FSM_HOOK_BY_HAND | FSM_HOOK_STAYS | FSM_HOOK_CHECKS | FSM_HOOK_GATHERS | FSM_HOOK_READS) \
	ON(LEADER_ELECTED, "leader-elected", FSM_HOOK_GATHERS) \
	ON(UPDATE_STATUS,  "update-status",  FSM_HOOK_IDLE) \
	ON(STOP,           "stop",           FSM_HOOK_LEAVES) \
	ON(REMOVE,         "remove",         FSM_HOOK_LEAVES) \
	/* -created, -joined, and -departed about another unit */ \
	ON(FLEET,          "fleet-relation", FSM_HOOK_QUIET) \
	/* about another unit, whose bag has changed; and without one: the application's has */ \
	ON(TOLD,           "fleet-relation-changed", FSM_HOOK_QUIET | FSM_HOOK_TELLS) \
	ON(SIGNAL,         "fleet-relation-signal", FSM_HOOK_QUIET) \
	/* about this unit itself */ \
	ON(DEPARTED,       "fleet-relation-departed", FSM_HOOK_LEAVES | FSM_HOOK_QUIET)

#define FSM_HOOK_(name, text, traits) FSM_HOOK_##name,
/* clang-format on */

enum fsm_hook {
	FSM_HOOKS(FSM_HOOK_) FSM_HOOK_COUNT
};

/*
 * The hook that Juju calls NAME. ABOUT: it is about another unit, and not the application; ITSELF: it is
 * about a unit that departs, and that is this one.
 */
enum fsm_hook fsm_hook_of(const char *name, bool about, bool itself);

/* Whether HOOK has TRAIT. */
bool fsm_hook_is(enum fsm_hook hook, enum fsm_hook_trait trait);

#endif
