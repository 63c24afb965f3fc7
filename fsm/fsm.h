/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine: states, events, effects and the one table that joins them. Pure: no I/O, no
 * allocation, nothing but libc. Events are facts that classify.h reads off the world; effects are
 * names that hooks/ carries out.
 */
#ifndef FSM_FSM_H
#define FSM_FSM_H

/* clang-format off */
/*           name         in the database and in logs  what it means */
#define FSM_STATES(ON) \
	ON(UNINSTALLED, "uninstalled", "nothing of ours is on the machine") \
	ON(INSTALLING,  "installing",  "on the way to its channel: waiting for a change, between tries, or for snapd") \
	ON(ACTIVE,      "active",      "snapd showed the snap running from the wanted channel") \
	ON(BLOCKED,     "blocked",     "a person has to do something; the status says what")

/* In the order of their precedence: the first that holds (classify.c). */
#define FSM_EVENTS(ON) \
	ON(MISCONFIGURED, "misconfigured", "the channel option is no valid channel") \
	ON(UNREACHABLE,   "unreachable",   "snapd does not answer, or is not seeded") \
	ON(BUSY,          "busy",          "a change for the snap is in flight, ours or anyone's") \
	ON(UNSURE,        "unsure",        "a request went unanswered and may still land") \
	ON(RETIRED,       "retired",       "the unit is going, and no snap of ours is left") \
	ON(UNFIT,         "unfit",         "the snap is disabled, broken or locally built") \
	ON(DOWN,          "down",          "the snap is in place but does not serve") \
	ON(SETTLED,       "settled",       "the snap is in place and serves") \
	ON(FAILED,        "failed",        "our own change ended without doing its work") \
	ON(REFUSED,       "refused",       "this very request was refused; its next try is not due") \
	ON(RESTING,       "resting",       "this very request failed; its next try is not due") \
	ON(RETIRING,      "retiring",      "the unit is going, and our snap is still there") \
	ON(ABSENT,        "absent",        "the snap is not there") \
	ON(ASTRAY,        "astray",        "the snap tracks another channel")

#define FSM_EFFECTS(ON) \
	ON(NOTHING, "nothing", "nothing is to be done") \
	ON(INSTALL, "install", "ask snapd to install the snap") \
	ON(REFRESH, "refresh", "ask snapd to refresh the snap to the wanted channel") \
	ON(REMOVE,  "remove",  "ask snapd to remove the snap") \
	ON(FOLLOW,  "follow",  "wait for the change in flight, as long as this hook may") \
	ON(DIGEST,  "digest",  "take the failure into the record and look again")

/*
 * The whole machine. Every state answers every event in exactly one row; the compiler proves it
 * (fsm.c). Facts are level-triggered, so a pair that makes no sense today is still answered as
 * `installing` would answer it: refusing it would leave the unit where it is for ever.
 */
/*        in           on             go to        and do */
#define FSM_TABLE(ON, k) \
	ON(k, UNINSTALLED, MISCONFIGURED, BLOCKED,     NOTHING) \
	ON(k, UNINSTALLED, UNREACHABLE,   INSTALLING,  NOTHING) \
	ON(k, UNINSTALLED, BUSY,          INSTALLING,  FOLLOW)  \
	ON(k, UNINSTALLED, UNSURE,        INSTALLING,  FOLLOW)  \
	ON(k, UNINSTALLED, RETIRED,       UNINSTALLED, NOTHING) \
	ON(k, UNINSTALLED, UNFIT,         BLOCKED,     NOTHING) \
	ON(k, UNINSTALLED, DOWN,          BLOCKED,     NOTHING) \
	ON(k, UNINSTALLED, SETTLED,       ACTIVE,      NOTHING) \
	ON(k, UNINSTALLED, FAILED,        INSTALLING,  DIGEST)  \
	ON(k, UNINSTALLED, REFUSED,       BLOCKED,     NOTHING) \
	ON(k, UNINSTALLED, RESTING,       INSTALLING,  NOTHING) \
	ON(k, UNINSTALLED, RETIRING,      INSTALLING,  REMOVE)  \
	ON(k, UNINSTALLED, ABSENT,        INSTALLING,  INSTALL) \
	ON(k, UNINSTALLED, ASTRAY,        INSTALLING,  REFRESH) \
	\
	ON(k, INSTALLING,  MISCONFIGURED, BLOCKED,     NOTHING) \
	ON(k, INSTALLING,  UNREACHABLE,   INSTALLING,  NOTHING) \
	ON(k, INSTALLING,  BUSY,          INSTALLING,  FOLLOW)  \
	ON(k, INSTALLING,  UNSURE,        INSTALLING,  FOLLOW)  \
	ON(k, INSTALLING,  RETIRED,       UNINSTALLED, NOTHING) \
	ON(k, INSTALLING,  UNFIT,         BLOCKED,     NOTHING) \
	ON(k, INSTALLING,  DOWN,          BLOCKED,     NOTHING) \
	ON(k, INSTALLING,  SETTLED,       ACTIVE,      NOTHING) \
	ON(k, INSTALLING,  FAILED,        INSTALLING,  DIGEST)  \
	ON(k, INSTALLING,  REFUSED,       BLOCKED,     NOTHING) \
	ON(k, INSTALLING,  RESTING,       INSTALLING,  NOTHING) \
	ON(k, INSTALLING,  RETIRING,      INSTALLING,  REMOVE)  \
	ON(k, INSTALLING,  ABSENT,        INSTALLING,  INSTALL) \
	ON(k, INSTALLING,  ASTRAY,        INSTALLING,  REFRESH) \
	\
	ON(k, ACTIVE,      MISCONFIGURED, BLOCKED,     NOTHING) \
	ON(k, ACTIVE,      UNREACHABLE,   INSTALLING,  NOTHING) \
	ON(k, ACTIVE,      BUSY,          INSTALLING,  FOLLOW)  \
	ON(k, ACTIVE,      UNSURE,        INSTALLING,  FOLLOW)  \
	ON(k, ACTIVE,      RETIRED,       UNINSTALLED, NOTHING) \
	ON(k, ACTIVE,      UNFIT,         BLOCKED,     NOTHING) \
	ON(k, ACTIVE,      DOWN,          BLOCKED,     NOTHING) \
	ON(k, ACTIVE,      SETTLED,       ACTIVE,      NOTHING) \
	ON(k, ACTIVE,      FAILED,        INSTALLING,  DIGEST)  \
	ON(k, ACTIVE,      REFUSED,       BLOCKED,     NOTHING) \
	ON(k, ACTIVE,      RESTING,       INSTALLING,  NOTHING) \
	ON(k, ACTIVE,      RETIRING,      INSTALLING,  REMOVE)  \
	ON(k, ACTIVE,      ABSENT,        INSTALLING,  INSTALL) \
	ON(k, ACTIVE,      ASTRAY,        INSTALLING,  REFRESH) \
	\
	ON(k, BLOCKED,     MISCONFIGURED, BLOCKED,     NOTHING) \
	ON(k, BLOCKED,     UNREACHABLE,   BLOCKED,     NOTHING) \
	ON(k, BLOCKED,     BUSY,          INSTALLING,  FOLLOW)  \
	ON(k, BLOCKED,     UNSURE,        INSTALLING,  FOLLOW)  \
	ON(k, BLOCKED,     RETIRED,       UNINSTALLED, NOTHING) \
	ON(k, BLOCKED,     UNFIT,         BLOCKED,     NOTHING) \
	ON(k, BLOCKED,     DOWN,          BLOCKED,     NOTHING) \
	ON(k, BLOCKED,     SETTLED,       ACTIVE,      NOTHING) \
	ON(k, BLOCKED,     FAILED,        INSTALLING,  DIGEST)  \
	ON(k, BLOCKED,     REFUSED,       BLOCKED,     NOTHING) \
	ON(k, BLOCKED,     RESTING,       INSTALLING,  NOTHING) \
	ON(k, BLOCKED,     RETIRING,      INSTALLING,  REMOVE)  \
	ON(k, BLOCKED,     ABSENT,        INSTALLING,  INSTALL) \
	ON(k, BLOCKED,     ASTRAY,        INSTALLING,  REFRESH)

#define FSM_STATE_(name, text, meaning)  FSM_STATE_##name,
#define FSM_EVENT_(name, text, meaning)  FSM_EVENT_##name,
#define FSM_EFFECT_(name, text, meaning) FSM_DO_##name,
/* clang-format on */

/* UNINSTALLED is 0: a zeroed record tells the truth. */
enum fsm_state {
	FSM_STATES(FSM_STATE_) FSM_STATE_COUNT
};
enum fsm_event {
	FSM_EVENTS(FSM_EVENT_) FSM_EVENT_COUNT
};
enum fsm_effect {
	FSM_EFFECTS(FSM_EFFECT_) FSM_DO_COUNT
};

struct fsm_step {
	enum fsm_state state;   /* the state after */
	enum fsm_effect effect; /* what is to be done once that state is durable */
};

/* Total: defined for every pair of a valid state and a valid event. */
struct fsm_step fsm_step(enum fsm_state state, enum fsm_event event);

#endif
