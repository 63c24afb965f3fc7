/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations that are asked of snapd, one row each. Whatever depends on the operation is a column
 * here: nothing falls through to another one.
 */
#ifndef FSM_OP_H
#define FSM_OP_H

#include <stdbool.h>

#include "fsm/fsm.h"
#include "fsm/reason.h"

/* What a finished request says about whose the snap is. */
enum fsm_owner {
	FSM_OWNER_AS_BEFORE,
	FSM_OWNER_US,    /* this charm installed the snap, if it is there */
	FSM_OWNER_FIRST, /* the same, if it was not there before */
	FSM_OWNER_NOBODY /* it is not this charm's: what is there now was put there since */
};

/* clang-format off */
/*
 * Only our own finished install makes the snap ours, as only our own removal ends that. A change that
 * snapd has forgotten did its work if it was to install; if it was to remove, nothing is known.
 *
 * The name is the action that snapd is asked for, and what the database holds; a change of its kind is
 * told by its noun. The seconds are how
 * long an unanswered request may still land: a request that asks the Snap Store was seen to take 64 s,
 * and files may be on their way for RUN_UPLOAD_TIME before snapd has all of them.
 * The reasons are those of a change that failed after it had stopped the services, and of a refusal
 * that says no more.
 */
/*           name     action     noun       kind of change     channel counts starts seconds  when done  when forgotten  failed          refused */
#define FSM_OPS(ON) \
	ON(NONE,    "none",    "",        "",                false, false, false,  0,  AS_BEFORE, AS_BEFORE, NONE,           NONE) \
	ON(INSTALL, "install", "Install", "install-snap",    true,  true,  true,  90,  US,        US,        CHANGE_FAILED,  SNAPD_REFUSED) \
	ON(REFRESH, "refresh", "Refresh", "refresh-snap",    true,  true,  true,  90,  AS_BEFORE, AS_BEFORE, REFRESH_FAILED, SNAPD_REFUSED) \
	ON(SIDELOAD, "sideload", "Installation", "install-snap", true, true, true, 390, FIRST,  FIRST,     REFRESH_FAILED, RESOURCE_REFUSED) \
	ON(REMOVE,  "remove",  "Removal", "remove-snap",     false, true,  false, 45,  NOBODY,    AS_BEFORE, REMOVAL_FAILED, REMOVAL_REFUSED) \
	ON(HOLD,    "hold",    "Hold",    "hold-snap",       false, false, false, 45,  AS_BEFORE, AS_BEFORE, CHANGE_FAILED,  SNAPD_REFUSED) \
	ON(UNHOLD,  "unhold",  "Unhold",  "unhold-snap",     false, false, false, 45,  AS_BEFORE, AS_BEFORE, CHANGE_FAILED,  SNAPD_REFUSED) \
	ON(REVERT,  "revert",  "Revert",  "revert-snap",     false, false, true,  45,  AS_BEFORE, AS_BEFORE, CHANGE_FAILED,  SNAPD_REFUSED) \
	ON(RESTART, "restart", "Restart", "service-control", false, false, true,  45,  AS_BEFORE, AS_BEFORE, CHANGE_FAILED,  SNAPD_REFUSED) \
	ON(START,   "start",   "Start",   "service-control", false, false, true,  45,  AS_BEFORE, AS_BEFORE, CHANGE_FAILED,  SNAPD_REFUSED) \
	ON(SWITCH,  "switch",  "Switch",  "switch-snap",     false, false, false, 45,  AS_BEFORE, AS_BEFORE, CHANGE_FAILED,  SNAPD_REFUSED)

#define FSM_OP_(name, text, noun, kind, channel, counts, starts, lands, done, forgotten, failed, refused) FSM_OP_##name,
/* clang-format on */

enum fsm_op {
	FSM_OPS(FSM_OP_) FSM_OP_COUNT
};

struct fsm_op_row {
	const char *noun; /* for people */
	const char *kind; /* of the change that snapd makes for it */
	bool channel;     /* it goes to the wanted target */
	bool counts; /* a try counts from when it is asked: a kill must not repeat it at once */
	bool starts; /* its change starts the services: they may still be coming up */
	int lands;   /* seconds */
	enum fsm_owner done;      /* its change is Done */
	enum fsm_owner forgotten; /* snapd does not know its change any more */
	enum fsm_reason failed;   /* its change failed */
	enum fsm_reason refused;  /* it was refused for no reason that has a name */
};

/* The row of a valid OP. */
const struct fsm_op_row *fsm_op_row(enum fsm_op op);

/* Whether OP may bring another revision in the place of one that runs. */
bool fsm_op_moves(enum fsm_op op);

/* What EFFECT asks of snapd, FSM_OP_NONE for one that asks nothing. */
enum fsm_op fsm_effect_op(enum fsm_effect effect);

#endif
