/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts in, one event out. The order of precedence carries the machine's intelligence; each step
 * of it stands in fsm_classify() with its reason.
 */
#ifndef FSM_CLASSIFY_H
#define FSM_CLASSIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/fsm.h"
#include "fsm/record.h"

enum {
	FSM_PATIENCE = 45, /* seconds in which an unanswered request may still land: snapd waits up
			      to 40 s for the Snap Store */
};

/* Hooks that make a difference; every other name reconciles as FSM_HOOK_OTHER. */
enum fsm_hook {
	FSM_HOOK_OTHER,
	FSM_HOOK_INSTALL,
	FSM_HOOK_START,
	FSM_HOOK_CONFIG_CHANGED,
	FSM_HOOK_UPGRADE_CHARM,
	FSM_HOOK_STOP,
	FSM_HOOK_REMOVE,
	FSM_HOOK_COUNT
};

enum fsm_flight { /* a change for the snap that is not final */
	FSM_FLIGHT_NONE,
	FSM_FLIGHT_OURS,
	FSM_FLIGHT_FOREIGN,
	FSM_FLIGHT_COUNT
};

enum fsm_fate {        /* of the change whose id the intent holds */
	FSM_FATE_NONE, /* no id is known */
	FSM_FATE_RUNNING,
	FSM_FATE_DONE,
	FSM_FATE_EMPTY, /* Done, but aborted before it did anything */
	FSM_FATE_FAILED,
	FSM_FATE_PRUNED, /* snapd has forgotten it: look at the snap instead */
	FSM_FATE_COUNT
};

/* One look at the world. Texts are borrowed and never NULL, "" when there is none. */
struct fsm_facts {
	enum fsm_hook hook;
	bool first;  /* the first look of this run */
	int64_t now; /* seconds since the epoch */
	int64_t age; /* seconds since the intent was asked, INT64_MAX when before this boot */

	bool option_valid;
	const char *option; /* the option's value, made printable, in quotes; for a bad one */
	const char *wanted; /* its channel in full; "" when the option is not valid */

	bool reachable; /* snapd answered; when false nothing below is known */
	bool seeded;

	enum fsm_flight flight;
	const char *flight_kind; /* install-snap, auto-refresh, ... */
	enum fsm_fate fate;
	const char *fate_error; /* why it failed */

	bool present;
	bool active; /* false for a disabled snap */
	bool broken;
	bool local;
	const char *tracking; /* in full */
	const char *revision;
	const char *version;
	const char *service_down; /* an enabled service that does not run */
};

/* Whether the unit is on its way out: the remove hook, and what comes after it. */
bool fsm_going(const struct fsm_record *record, const struct fsm_facts *facts);

/* The request that would bring the snap to its channel: refresh when it is there, else install. */
enum fsm_op fsm_needed(const struct fsm_facts *facts);

/*
 * Total: exactly one event for any record and any facts. The record has learned from the same facts
 * (fsm_learn) before.
 */
enum fsm_event fsm_classify(const struct fsm_record *record, const struct fsm_facts *facts);

#endif
