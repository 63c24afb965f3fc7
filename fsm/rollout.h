/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet that moves one by one: what the leader does. bag.h has the bags of the peer relation, ticket.h
 * what a unit does about its turn. Pure.
 *
 * A turn is (unit, target, number). Only the leader gives one, in the application's bag; only its unit
 * gives it back, in the unit's own bag. Numbers rise, and no unit takes a number that is not above all
 * that it has taken or returned, so that no bag that is read late, and no write that was dropped or came
 * twice, gives a turn again. All that the leader knows is in the bags: a new one reads them and goes on.
 *
 * The order in a hook, which the proof needs: both bags are read before anything is written to one
 * (the hook tools show a hook its own writes, and a hook that fails drops them); the ticket is committed
 * to the record before the unit's bag is written; the unit's bag is written before the application's.
 * The leader reads the application's bag, and asks whether it is the leader, less than 30 s before the
 * hook ends: for so long nobody else can have been it, so that nothing is written over another's turns.
 */
#ifndef FSM_ROLLOUT_H
#define FSM_ROLLOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/bag.h"
#include "fsm/ticket.h"

/* A unit of the application, as goal-state shows it. */
struct fsm_member {
	int64_t unit;
	bool dying;
	bool joined; /* the relation shows it: it has an agent, which will see its turn */
	const struct fsm_note
		*note; /* its bag; of the leader's own as it is to be; NULL: not read */
};

struct fsm_lead {
	int64_t unit; /* the leader */
	/* By rising number. Without the leader among them goal-state is not believed, and nothing given. */
	const struct fsm_member *members;
	unsigned count;
	const char *wish; /* what the options want; "" when they are not valid */
	bool moves;       /* the leader itself has to move for it, or is about to */
	bool away;        /* the leader moves without a turn */
	int64_t width;
	bool pause;   /* rollout-pause=first */
	bool resume;  /* the action resume-rollout */
	int64_t skip; /* its parameter, FSM_NO_UNIT for none */
};

/* clang-format off */
/* Where the rollout is, for the leader's status: the first that holds. */
#define FSM_ROLLOUTS(ON) \
	ON(REST,   "rest")   /* nobody has to move */ \
	ON(FAULT,  "fault")  /* the bag cannot be read: see the fleet's fault */ \
	ON(HALTED, "halted") /* by UNIT, which is stuck */ \
	ON(PAUSED, "paused") /* after UNIT, the first that is done */ \
	ON(ROLLS,  "rolls")  /* UNIT has its turn, FSM_NO_UNIT: nobody has */
#define FSM_ROLLOUT_(name, text) FSM_ROLLOUT_##name,
/* clang-format on */

enum fsm_rollout_kind {
	FSM_ROLLOUTS(FSM_ROLLOUT_) FSM_ROLLOUT_COUNT
};

struct fsm_rollout {
	enum fsm_rollout_kind kind;
	int64_t unit;
	unsigned done, all; /* units that have returned their turn, and that take part */
	unsigned out;       /* turns that are out */
	bool skipped;       /* `skip` named a unit that had a turn, or was stuck */
};

/*
 * Takes what the bags say into FLEET, and gives the turns that may be given. To be called by the leader
 * with the bag of the unit that the hook is about; with all of them in leader-elected, config-changed,
 * upgrade-charm and resume-rollout: what came while there was no leader, or no width, is read then.
 */
void fsm_fleet_lead(struct fsm_fleet *fleet, const struct fsm_lead *lead, struct fsm_rollout *ret);

/* ROLLOUT in words for the status of the leader in APPLICATION: "rollout 3 of 12"; "" at rest. */
void fsm_rollout_words(const struct fsm_fleet *fleet, const struct fsm_rollout *rollout,
	const char *application, char *ret, unsigned size);

#endif
