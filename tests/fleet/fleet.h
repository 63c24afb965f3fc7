/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model of a fleet that moves one by one: the bags of the peer relation, the units with their records
 * and snaps, the leader, and what Juju does with the writes of a hook. What units and leader decide is
 * decided by the real fsm/ticket.c and fsm/rollout.c.
 *
 * A hook that starts to move stays open until it ends; every other hook is one step. That loses nothing:
 * a hook that stays open for another reason is, for all others, one that was killed and comes again.
 * Numbers keep their order alone, which makes the nodes finite.
 */
#ifndef TESTS_FLEET_FLEET_H
#define TESTS_FLEET_FLEET_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/rollout.h"

enum {
	UNITS = 4,
	NOBODY = UNITS
};

enum target {
	NOWHERE,
	A,
	B
};
enum life {
	TO_COME,
	HERE,
	GONE, /* its machine is gone, and goal-state does not say so yet */
	FORGOTTEN
};
enum snap {
	SERVES,
	AWAY,    /* on its way to DEST; the service is down */
	DOWN,    /* the move has spoilt it: a person has to mend it */
	BACK,    /* the move to DEST failed and was undone; the next try is not due */
	TROUBLE, /* the Snap Store was away before anything was stopped; not due either */
	HURT,    /* the same, of one that was down before */
};

struct seat {
	uint8_t there, number, goal, state, wanted;
};
struct bag { /* the application's */
	uint8_t number, start, goal, resumed, over;
	struct seat seats[UNITS];
};
struct unit {
	uint8_t life, snap, at, dest;
	uint8_t served; /* before it was away */
	uint8_t hurt;   /* it was down before this move */
	uint8_t passed; /* a person has gone on past it: it is not counted until it is done */
	/* the ticket in its record */
	uint8_t taken, goal, well, returned, word, asked, pending, wide;
	/* its bag */
	uint8_t number, said, wants;
	/* hooks that Juju will run */
	uint8_t signal, config, elected;
	uint8_t saw; /* it has read the application's bag as it is: it will not read an older one */
	uint8_t told; /* the leader is to hear of its bag */
	/* the hook that is open */
	uint8_t open, wish, late; /* LATE: another has led since it began */
};

/* Bytes only, all of them meant: nodes are compared and hashed as they are. */
struct node {
	uint8_t leader, option;
	struct bag bag, before; /* the application's bag; as it was before the last write */
	struct unit units[UNITS];
};

/* What a run is about. */
struct run {
	const char *name;
	unsigned units, late; /* LATE: so many of them come later */
	unsigned width;
	bool pause;
	bool stale; /* a unit may read the application's bag as it was before the last write */
	int disturbances; /* in the short form; -1: not in it */
};

enum outcome { /* of a hook */
	WELL,
	DROPPED, /* it failed or was killed, and its writes are dropped */
	PARTLY,  /* under juju exec: killed between two writes, of which the first is kept */
	EARLY,   /* killed after the commit, before it asked snapd for anything */
	OUTCOMES
};

/* clang-format off */
#define MOVES(ON) \
	/*  name      cost  for each of   text */ \
	ON(SIGNAL,    0,    OUTCOMES, "the application's bag has changed:") \
	ON(CONFIG,    0,    OUTCOMES, "config-changed:") \
	ON(CLOCK,     0,    OUTCOMES, "update-status:") \
	ON(ABOUT,     0,    OUTCOMES, "the leader hears of the bag of") \
	ON(ELECTED,   0,    OUTCOMES, "leader-elected:") \
	ON(END,       0,    OUTCOMES, "the open hook ends:") \
	ON(FINISH,    0,    1,        "the move is done:") \
	ON(DUE,       0,    1,        "the next try is due:") \
	ON(FORGET,    0,    1,        "goal-state forgets") \
	ON(BREAK,     1,    1,        "the move spoils") \
	ON(UNDO,      1,    1,        "the move fails and is undone:") \
	ON(STORE,     1,    1,        "the Snap Store is away:") \
	ON(LEAD,      1,    1,        "the leader is lost; now it is") \
	ON(REBUILD,   1,    1,        "the record is lost:") \
	ON(LEAVE,     1,    1,        "leaves at once:") \
	ON(COME,      1,    1,        "comes:") \
	ON(OPTION,    1,    0,        "the option becomes the other target") \
	ON(DRIFT,     1,    1,        "somebody moves the snap of") \
	ON(MEND,      1,    1,        "somebody mends the snap of") \
	ON(RESUME,    1,    0,        "resume-rollout") \
	ON(SKIP,      1,    1,        "resume-rollout skip=") \
	ON(STALE,     1,    1,        "reads the bag as it was before the last write:")
/* clang-format on */

enum move_kind {
#define MOVE(name, cost, each, text) MOVE_##name,
	MOVES(MOVE)
#undef MOVE
	MOVE_COUNT
};
struct move {
	uint8_t kind, unit, outcome;
};

/* node.c: bags and tickets as the charm has them, and back. */
void fleet_of(const struct bag *bag, struct fsm_fleet *ret, struct fsm_seat seats[UNITS]);
void keep_fleet(const struct fsm_fleet *fleet, struct bag *ret);
struct fsm_ticket ticket_of(const struct unit *unit);
void keep_ticket(const struct fsm_ticket *ticket, struct unit *ret);
struct fsm_note note_of(const struct unit *unit);
void keep_note(const struct fsm_note *note, struct unit *ret);
const char *goal_name(unsigned target);
void tidy(const struct run *run,
	struct node *node); /* numbers become small, what can matter no more is forgotten */
void show_node(const struct node *node);
void show_move(struct move move);

/* moves.c */
struct node first_node(const struct run *run);
bool fleet_moves(const struct run *run, struct node *node, struct move move); /* false: not here */
unsigned move_cost(struct move move);
unsigned move_variants(
	enum move_kind kind); /* outcomes for each unit, 0: the unit does not matter */

/* check.c: the promises. A broken one is remembered by its name, which is a literal. */
void promise(bool kept, const char *name);
const char *broken_promise(void); /* the first since the last call, or NULL */
unsigned promises_tested(void);   /* how many different ones so far */
void check_node(const struct run *run, const struct node *node);
void check_take(const struct node *node, unsigned unit, unsigned number);
void check_start(const struct node *node, unsigned unit);
bool at_goal(const struct run *run, const struct node *node);

#endif
