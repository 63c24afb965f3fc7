/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model of everything that decides what the charm does: the unit's record, snapd with its snap,
 * its changes and a request on the way to it, the Snap Store, the option, the hook that runs and
 * how far it is. What the charm decides is decided by the real fsm/, in the same calls; steps.c only
 * tells in which order a hook reads, commits and asks (the loop of hooks/loop.c).
 *
 * Time is told in three truths only: an intent is fresh or aged, a next try is due or not, the last
 * attempt is more than a day old or not. Ids of changes keep their order alone. That makes the
 * nodes finite.
 */
#ifndef TESTS_MODEL_MODEL_H
#define TESTS_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fsm/facts.h"
#include "fsm/record.h"

enum {
	CHANGES = 3, /* that matter at a time; nothing that makes a fourth happens */
	PRUNED = 9,  /* the id of a change that snapd has forgotten */
	LOOKS = 8,   /* in a hook without any time passing; more are a loop */
	REQUESTS = 2,
};

enum channel {
	NO_CHANNEL,
	A,
	B
};
enum snap {
	ABSENT,
	FINE,
	DISABLED,
	LOCAL,
	DOWN
};
enum reach {
	UP,
	AWAY,
	UNSEEDED
};
enum store {
	STORE_FINE,
	REFUSES_A,
	REFUSES_B,
	TROUBLE
};
enum stage { /* of a change */
	NO_CHANGE,
	DOING,
	DONE,
	EMPTY,
	FAILED
};
enum life {
	ALIVE,
	GONE /* remove has ended well */
};
enum pc { /* how far the hook is: what it does next */
	IDLE,
	LOOK,   /* reads our change and the snap */
	LIST,   /* reads the changes, decides, commits */
	TELL,   /* tells Juju */
	ACT,    /* carries out the effect */
	ANSWER, /* takes snapd's answer into the record */
	END     /* commits what Juju was told, exits */
};
enum verdict {
	ACCEPTED,
	NOT_NEEDED, /* already installed, not installed, no update: a look will tell */
	IS_LOCAL,
	CONFLICT,
	MISSING, /* no such channel */
	STORE_AWAY
};

enum {
	AUTO_REFRESH = FSM_OP_COUNT /* as the kind of a change, beside the operations */
};

struct request {
	uint8_t op, channel;
};

struct change {
	uint8_t kind, channel, stage, ours;
};

/* struct fsm_failure and struct fsm_record in few bytes; texts are interned. */
struct failure {
	uint8_t class, op, channel, reason, detail, attempts, due, recent;
};

struct drift {
	uint8_t channel, times, due, recent, old;
};

struct refused {
	uint8_t channel, times;
};

struct database {
	uint8_t state, channel, reason, detail;
	uint8_t op, to, phase, change, aged; /* the intent */
	struct failure failure;
	struct drift drift;
	struct refused refused;
	uint8_t ours, marked, retired, stopping, tracking;
	uint8_t told; /* what Juju was last told, interned */
};

/* Bytes only, all of them meant: nodes are compared and hashed as they are. */
struct node {
	/* the world */
	uint8_t snap, track, reach, store;
	uint8_t stands; /* the change in flight has not moved for longer than it is waited for */
	uint8_t marker; /* an enum fsm_marker: what the snap's data says */
	uint8_t taken;  /* 8080/tcp is another unit's */
	struct request air; /* sent and not yet acted on: it lands within 45 s or never */
	struct change changes[CHANGES]; /* by ascending id, those that could still matter */
	/* Juju */
	uint8_t option; /* a channel, or NO_CHANNEL for one that is invalid */
	uint8_t life;
	uint8_t again; /* a hook that Juju will run (again), FSM_HOOK_OTHER for none */
	uint8_t shown; /* the status, interned */
	/* the unit */
	struct database db;
	/* its hook */
	uint8_t pc, hook, first, requests, looks;
	uint8_t seen_snap, seen_track, seen_own, seen_id; /* the look: our change's fate and id */
	uint8_t event, effect, verdict;
	uint8_t told;          /* committed with the next commit */
	struct failure before; /* the intent: what a dropped one puts back */
	/* what only the checks know */
	uint8_t truly_ours;   /* the snap was installed by our change */
	uint8_t moved;        /* somebody changed the snap since the look */
	uint8_t leaving;      /* remove has begun, and no new life since */
	uint8_t stopping;     /* stop or remove has begun, and nothing that takes it back since */
	struct request asked; /* last, and how often since there was a reason to */
	uint8_t times;
	struct request asked_before; /* what a dropped intent puts back */
	uint8_t times_before;
};

/* What can happen. */
/* clang-format off */
#define MOVES(ON) \
	/*  name        cost  text */ \
	ON(STEP,        0, "the hook goes on") \
	ON(NO_TIME,     0, "the hook has no time left to ask") \
	ON(BUDGET,      0, "the hook stops waiting") \
	ON(WAIT,        0, "90 s pass in the hook") \
	ON(STAND,       0, "the change in flight stands still, and the hook has waited for it") \
	ON(FINISH,      0, "the change in flight is done") \
	ON(LAND,        0, "snapd takes up the request on the way") \
	ON(VANISH,      0, "the request on the way is lost") \
	ON(BACK,        0, "snapd is there again") \
	ON(STORE_BACK,  0, "the Snap Store answers again") \
	ON(LATER,       0, "90 s pass") \
	ON(DUE,         0, "the next try is due") \
	ON(DAY,         0, "a day passes, old changes are forgotten") \
	ON(HOOK,        0, "Juju runs") \
	ON(STRAY,       1, "Juju runs, out of turn,") \
	ON(SKIP,        1, "resolved --no-retry skips") \
	ON(KILL,        1, "the hook is killed") \
	ON(KILL_ASKING, 1, "the hook is killed while snapd has its request") \
	ON(KILL_MARKED, 1, "the hook is killed between the marker and its commit") \
	ON(UNMARKED,    1, "the marker cannot be written when the hook goes on") \
	ON(LOSE,        1, "the answer is lost while snapd has the request") \
	ON(FAIL,        1, "the change in flight fails") \
	ON(ABORT,       1, "the change in flight ends with nothing done") \
	ON(LEAVE,       1, "snapd goes away") \
	ON(STORE,       1, "the Snap Store now") \
	ON(OPTION,      1, "the option becomes") \
	ON(FOREIGN,     1, "somebody starts to") \
	ON(SWITCH,      1, "somebody switches the snap to") \
	ON(DISABLE,     1, "somebody disables the snap") \
	ON(SIDELOAD,    1, "somebody puts a local build in its place") \
	ON(STOP,        1, "its service goes down") \
	ON(MEND,        1, "somebody mends the snap") \
	ON(ORPHAN,      1, "the unit that installed the snap goes without its remove hook") \
	ON(FORGET,      1, "the database is deleted")
/* clang-format on */

enum move_kind {
#define MOVE(name, cost, text) MOVE_##name,
	MOVES(MOVE)
#undef MOVE
	MOVE_COUNT
};

struct move {
	uint8_t kind, arg;
};

/* pack.c: the record as the charm has it, and back; the limits of the model's time. */
void record_of(const struct database *db, struct fsm_record *ret);
void failure_of(const struct failure *failure, struct fsm_failure *ret);
void keep_failure(const struct fsm_failure *failure, struct failure *ret);
void keep_record(const struct fsm_record *record, struct database *ret);
uint8_t told_of(const struct database *db); /* what Juju is to show for it */
void tell_record(uint8_t told, struct fsm_record *ret);
const char *told_text(uint8_t told);
const char *channel_name(unsigned channel);
int64_t model_now(void);
struct fsm_pace model_stand(void); /* the pace of a change that stands, whichever it is */

/* world.c: snapd, the Snap Store and their users. */
struct change *in_flight(struct node *node);
enum verdict snapd_takes(struct node *node, struct request request); /* may start a change */
bool world_moves(struct node *node, struct move move); /* false: it cannot happen here */
void tidy(struct node *node);                          /* forgets what can matter no more */

/* steps.c: the hook of the charm. */
void hook_starts(struct node *node, enum fsm_hook hook);
bool hook_moves(struct node *node, struct move move);

/* check.c: the promises. A broken one is remembered by its name, which is a literal. */
void promise(bool kept, const char *name);
const char *broken_promise(void); /* the first since the last call, or NULL */
unsigned promises_tested(void);   /* how many different ones so far */
void check_node(const struct node *node);
void check_request(const struct node *node, struct request request);
void check_decision(const struct node *node, bool flight);
void check_end(const struct node *node, bool well);
bool at_goal(const struct node *node);

/* What has been asked how often: told to the checks when it happens. */
void witness_intent(struct node *node, struct request request);
void witness_drop(struct node *node);
void witness_failure(struct node *node, bool lost);
void witness_reason_to_ask(struct node *node);
void witness_pause(struct node *node);

enum {
	ROOTS = 6,
	MOVES_MAX = 80
};

/* moves.c: everything that can happen next, and what happens when all goes well. */
bool move(struct node *node, struct move move); /* false: it cannot happen here */

size_t all_moves(struct move ret[MOVES_MAX]); /* whether they can happen or not */
struct move calm_move(const struct node *node);
int move_cost(struct move move);
void first_node(struct node *ret, unsigned root); /* ROOT below ROOTS */

/* show.c: nodes and moves for people. */
void show_node(const struct node *node);
void show_move(struct move move);

/* explore.c: all nodes within so many disturbances; random.c: one long walk. */
int explore(unsigned disturbances, bool verbose);
int walk(uint64_t seed, uint64_t steps);
int replay(const char *trace);

/* Follows the calm way from NODE until nothing is left to be done. False when it never comes. */
bool calms_down(struct node *node, bool show);

#endif
