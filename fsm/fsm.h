/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine: states, events, effects, and the transitions that join them. Pure: no I/O, no
 * allocation. Which event holds is decided by the rules (rules.h); what an operation of snapd is, and
 * how a request lives, is in request.h; hooks/ carries out the effects.
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

/* What a look at the world adds up to: exactly one of these. */
#define FSM_EVENTS(ON) \
	ON(MISCONFIGURED, "misconfigured", "an option is not valid, or the resource is of no use") \
	ON(UNMENDED,      "unmended",      "snapd is silent, and what a person had to mend is not known to be mended") \
	ON(UNREACHABLE,   "unreachable",   "snapd does not answer, or is not seeded; or nobody knows what is wanted") \
	ON(BUSY,          "busy",          "a change of the snap is in flight, ours or anyone's") \
	ON(STANDING,      "standing",      "that change does not move on") \
	ON(UNSURE,        "unsure",        "a request went unanswered and may still land") \
	ON(RETIRED,       "retired",       "the unit is going, and no snap of ours is left") \
	ON(UNFIT,         "unfit",         "the snap is disabled, broken or locally built") \
	ON(OPPOSED,       "opposed",       "another application on the machine wants the snap elsewhere") \
	ON(DOWN,          "down",          "the snap is in place but does not serve") \
	ON(SETTLED,       "settled",       "the snap is in place and serves") \
	ON(FAILED,        "failed",        "our own change ended without doing its work") \
	ON(REFUSED,       "refused",       "this very request was refused; its next try is not due") \
	ON(RESTING,       "resting",       "this very request failed; its next try is not due") \
	ON(RETIRING,      "retiring",      "the unit is going, and our snap is still there") \
	ON(RELEASING,     "releasing",     "the unit is going, and its hold is on a snap that stays") \
	ON(ABORTING,      "aborting",      "a person wants the change in flight aborted") \
	ON(SPOILT,        "spoilt",        "our own refresh has left the snap down or silent, and it is to go back") \
	ON(COOLING,       "cooling",       "a rollback or an order waits: a service that kept dying is not started yet") \
	ON(RETURNING,     "returning",     "a rollback is not at its end") \
	ON(ORDERED,       "ordered",       "a person has given an order") \
	ON(LOOSE,         "loose",         "the snap is to be held, and is not") \
	ON(TIED,          "tied",          "our hold on the snap is to be lifted") \
	ON(QUEUED,        "queued",        "the snap serves, and the unit has no turn to move it yet") \
	ON(SUPPLIED,      "supplied",      "the snap is to come from the resource, and is not there or at another revision") \
	ON(ABSENT,        "absent",        "the snap is not there") \
	ON(ASTRAY,        "astray",        "the snap tracks another channel, or is at another revision")

/*           name     text       operation of snapd  what is done once the state is durable */
#define FSM_EFFECTS(ON) \
	ON(NOTHING, "nothing", NONE,    "nothing is to be done") \
	ON(INSTALL, "install", INSTALL, "ask snapd to install the snap") \
	ON(REFRESH, "refresh", REFRESH, "ask snapd to refresh the snap to the wanted channel") \
	ON(SIDELOAD, "sideload", SIDELOAD, "ask snapd to install the snap, and what else is missing, from the resource") \
	ON(REMOVE,  "remove",  REMOVE,  "ask snapd to remove the snap") \
	ON(HOLD,    "hold",    HOLD,    "ask snapd to hold the snap, so that it refreshes it no more by itself") \
	ON(UNHOLD,  "unhold",  UNHOLD,  "ask snapd to lift that hold") \
	ON(REVERT,  "revert",  REVERT,  "ask snapd to go back to the revision before") \
	ON(RESTART, "restart", RESTART, "ask snapd to restart the services that are enabled") \
	ON(START,   "start",   START,   "ask snapd to enable and start the services that were enabled before") \
	ON(SWITCH,  "switch",  SWITCH,  "ask snapd to let the snap track the channel that it tracked before") \
	ON(ORDER,   "order",   NONE,    "what the order is: refresh, revert, restart, or the next step of a rollback") \
	ON(ABORT,   "abort",   NONE,    "ask snapd to abort the change in flight") \
	ON(FOLLOW,  "follow",  NONE,    "wait for the change in flight, as long as this hook may") \
	ON(DIGEST,  "digest",  NONE,    "the failure is in the record: look again")

/*
 * The whole machine: what an event does in a state. ANY stands for each state that has no row of its
 * own for that event. Events are facts that come back with every look, so every state answers every
 * event: a fact that is not answered would leave the unit where it is for ever.
 *
 * The last column is what becomes of the request in the record: it STAYS; it is OVER; it is MET
 * (over, and the same request again would mean that somebody undid it); it is NOTED as a failure; or
 * what it brought is SPOILT: the way back is committed as an order.
 */
/*        in           on             go to        and do   request */
#define FSM_TRANSITIONS(ON, k) \
	ON(k, ANY,         MISCONFIGURED, BLOCKED,     NOTHING, STAYS) \
	ON(k, ANY,         UNMENDED,      BLOCKED,     NOTHING, STAYS) \
	ON(k, ANY,         UNREACHABLE,   INSTALLING,  NOTHING, STAYS) \
	ON(k, ANY,         BUSY,          INSTALLING,  FOLLOW,  STAYS) \
	ON(k, ANY,         STANDING,      INSTALLING,  NOTHING, STAYS) \
	ON(k, ANY,         UNSURE,        INSTALLING,  FOLLOW,  STAYS) \
	ON(k, ANY,         RETIRED,       UNINSTALLED, NOTHING, OVER)  \
	ON(k, ANY,         UNFIT,         BLOCKED,     NOTHING, OVER)  \
	ON(k, ANY,         OPPOSED,       BLOCKED,     NOTHING, OVER)  \
	ON(k, ANY,         DOWN,          BLOCKED,     NOTHING, MET)   \
	ON(k, ANY,         SETTLED,       ACTIVE,      NOTHING, MET)   \
	ON(k, ANY,         FAILED,        INSTALLING,  DIGEST,  NOTED) \
	ON(k, ANY,         REFUSED,       BLOCKED,     NOTHING, STAYS) \
	ON(k, ANY,         RESTING,       INSTALLING,  NOTHING, STAYS) \
	ON(k, ANY,         RETIRING,      INSTALLING,  REMOVE,  STAYS) \
	ON(k, ANY,         RELEASING,     INSTALLING,  UNHOLD,  STAYS) \
	ON(k, ANY,         ABORTING,      INSTALLING,  ABORT,   STAYS) \
	ON(k, ANY,         SPOILT,        INSTALLING,  DIGEST,  SPOILT) \
	ON(k, ANY,         COOLING,       INSTALLING,  FOLLOW,  STAYS) \
	ON(k, ANY,         RETURNING,     INSTALLING,  ORDER,   STAYS) \
	ON(k, ANY,         ORDERED,       INSTALLING,  ORDER,   STAYS) \
	ON(k, ANY,         LOOSE,         INSTALLING,  HOLD,    STAYS) \
	ON(k, ANY,         TIED,          INSTALLING,  UNHOLD,  STAYS) \
	ON(k, ANY,         QUEUED,        ACTIVE,      NOTHING, STAYS) \
	ON(k, ANY,         SUPPLIED,      INSTALLING,  SIDELOAD, STAYS) \
	ON(k, ANY,         ABSENT,        INSTALLING,  INSTALL, STAYS) \
	ON(k, ANY,         ASTRAY,        INSTALLING,  REFRESH, STAYS)

#define FSM_STATE_(name, text, meaning)      FSM_STATE_##name,
#define FSM_EVENT_(name, text, meaning)      FSM_EVENT_##name,
#define FSM_EFFECT_(name, text, op, meaning) FSM_DO_##name,
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
enum fsm_request_end { /* what a transition makes of the request in the record */
	FSM_REQUEST_STAYS,
	FSM_REQUEST_OVER,
	FSM_REQUEST_MET,
	FSM_REQUEST_NOTED,
	FSM_REQUEST_SPOILT,
};

struct fsm_step {
	enum fsm_state state;   /* the state after */
	enum fsm_effect effect; /* what is to be done once that state is durable */
	enum fsm_request_end request;
};

/* The rows of the table as they are written, for the documents; IN is FSM_STATE_COUNT for any. */
struct fsm_transition {
	unsigned in;
	enum fsm_event on;
	struct fsm_step step;
};
extern const struct fsm_transition fsm_transitions[];
extern const unsigned fsm_transition_count;

/* Total: defined for every pair of a valid state and a valid event. */
struct fsm_step fsm_step(enum fsm_state state, enum fsm_event event);

#endif
