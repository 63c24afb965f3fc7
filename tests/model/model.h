/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model of everything that decides what the charm does: the unit's record, snapd with its snap,
 * its changes and a request on the way to it, the Snap Store, the option, the hook that runs and
 * how far it is. What the charm decides is decided by the real fsm/, in the same calls; steps.c only
 * tells in which order a hook reads, commits and asks (the loop of hooks/loop.c).
 *
 * Time is told in few truths only: an intent is fresh or aged, a next try is due or not, the last
 * attempt is more than a day old or not, an order is old or not. Ids of changes keep their order
 * alone, and of the holds counts only which are the same. That makes the nodes finite.
 *
 * Everything at once would be too much. A run is about one feature: its roots and moves are those in
 * which the others are at rest.
 */
#ifndef TESTS_MODEL_MODEL_H
#define TESTS_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fsm/facts.h"
#include "fsm/record.h"
#include "fsm/turn.h"

/* clang-format off */
/*
 * The disturbances are those that make check explores: a few seconds. The changes are those that the
 * calm way needs at most.
 */
#define FEATURES(ON) \
	/*  name    of the run  disturbances  changes */ \
	ON(BASE,    "base",     2,            1) \
	ON(HOLD,    "hold",     1,            2) /* hold and pin */ \
	ON(ORDERS,  "orders",   2,            2) \
	ON(ROLLBACK, "rollback", 1,           6) /* health and rollback */ \
	ON(BOTH,    "both",     1,            6) /* rollback and orders */ \
	ON(REGISTER, "register", 2,           1) /* other units on the machine */ \
	ON(RESOURCE, "resource", 1,           3) /* the charm's resource: to be held, and back */ \
	ON(TURNS,   "turns",    1,            1) /* a fleet that moves one by one */ \
	ON(RETURNS, "returns",  0,            6) /* turns and rollback */
#define FEATURE(name, text, disturbances, changes) FEATURE_##name,
/* clang-format on */

enum feature {
	FEATURES(FEATURE) FEATURE_COUNT
};
#undef FEATURE
enum { /* sets of features */
	IN_BASE = 1 << FEATURE_BASE,
	IN_HOLD = 1 << FEATURE_HOLD,
	IN_ORDERS = 1 << FEATURE_ORDERS,
	IN_ROLLBACK = 1 << FEATURE_ROLLBACK,
	IN_BOTH = 1 << FEATURE_BOTH,
	IN_REGISTER = 1 << FEATURE_REGISTER,
	IN_RESOURCE = 1 << FEATURE_RESOURCE,
	IN_TURNS = 1 << FEATURE_TURNS,
	IN_RETURNS = 1 << FEATURE_RETURNS,
	IN_FLEET = IN_TURNS | IN_RETURNS,
	/* the workload is asked, and a refresh is on probation */
	IN_TRIED = IN_ROLLBACK | IN_BOTH | IN_RETURNS,
	IN_ORDERED = IN_ORDERS | IN_BOTH,         /* by a person */
	IN_NEW = IN_HOLD | IN_ORDERED | IN_TRIED, /* where revisions make a difference */
	IN_ALL = IN_BASE | IN_NEW | IN_REGISTER | IN_RESOURCE | IN_FLEET,
};

enum {
	CHANGES = 3, /* that matter at a time; nothing that makes a fourth happens */
	PRUNED = 9,  /* the id of a change that snapd has forgotten */
	LOOKS = 8,   /* in a hook without any time passing; more are a loop */
	REQUESTS = 2,
	/* A target is a channel, and so many times the revision that is meant, 0 for whatever it has. */
	REVISION = 4,
	/* A change that somebody starts is its kind, and so many times its target. */
	TARGET = 16,
	TOUCHED = 0x80, /* among what was rolled back from: somebody has moved the snap since */
};

#define SERVICES "microsample.daemon"
#define BOOT     "boot"

enum channel {
	NO_CHANNEL,
	A,
	B
};
enum file { /* what is attached as the charm's resource; other numbers are the revision in it */
	NO_FILE = 0,
	BAD_FILE = 3,
	UNREAD = 4 /* as the unit remembers it */
};
enum snap {
	ABSENT,
	FINE,
	DISABLED,
	LOCAL,
	DOWN,
	MUTE,    /* it runs and does not answer */
	UNSERVED /* no service of it is enabled */
};
enum asker { /* whose request it is */
	ITSELF,
	PERSON,
	ROLLBACK_STEP
};
enum reach {
	UP,
	AWAY,
	UNSEEDED,
	PURGED /* its socket is not there */
};
enum store {
	STORE_FINE,
	REFUSES_A,
	REFUSES_B,
	TROUBLE,
	REFUSES_REVISIONS /* that are asked for by number */
};
enum other { /* what the register has of the other unit on the machine, if there is one */
	ALONE,
	KIN,     /* it is of the same application */
	WANTS_A, /* of another one, and came first */
	WANTS_B,
	YIELDS,      /* and is blocked */
	UNKNOWN,     /* and what it wants cannot be read */
	NO_REGISTER, /* the register cannot be read at all */
};
enum hold {
	NO_HOLD,
	LONG, /* as good as for ever */
	SHORT,
	OVER /* its time has passed; snapd shows it all the same */
};
enum stage { /* of a change */
	NO_CHANGE,
	DOING,
	DONE,
	EMPTY,
	FAILED,
	UNDOING /* aborted, and not at its end */
};
enum put_back {
	NOBODY,
	BY_SOMEBODY,
	BY_ORDER
};
enum done { /* how far the last order that was taken is, in the world */
	NOTHING_DONE,
	ORDER_RUNS,
	ORDER_DONE,
	ORDER_FAILED
};
enum {                   /* what a hook knows of the fleet */
	BAGS_TRIED = 1,  /* it has asked for the bags */
	TURNS_SEEN = 2,  /* and read that of the application */
	BAG_KNOWN = 4,   /* what its own bag holds is NOTED */
	BAG_WRITTEN = 8, /* it has WROTE into its own */
	WORD_GIVEN = 16, /* a person has just said that it is to be tried now */
};
enum room { /* for the turn of this unit */
	ROOM,
	NO_ROOM, /* another unit is before it */
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
	STORE_AWAY,
	NEWEST,      /* there is nothing newer */
	NO_REVISION, /* none of that number in the channel */
	NO_WAY_BACK  /* nothing to revert to */
};

enum {
	AUTO_REFRESH = FSM_OP_COUNT /* as the kind of a change, beside the operations */
};

struct request {
	uint8_t op, target;
	uint8_t ordered; /* an enum asker */
};

struct change {
	uint8_t kind, target, stage, ours, ordered;
	uint8_t fresh; /* there was no snap before it */
	uint8_t meant; /* the one that an order to abort found */
};

/* What was asked last, and how often since there was a reason to. */
struct asked {
	struct request request;
	uint8_t times;
};

/* struct fsm_failure and struct fsm_record in few bytes; texts are interned. */
struct failure {
	uint8_t class, op, target, reason, detail, attempts, due, recent;
};

struct drift {
	uint8_t target, times, due, recent, old;
};

struct refused {
	uint8_t target, times, bad, back, failed, options, detail;
};

/* OLD: its five minutes are over, or the minute that a rollback waits at most. */
struct probation {
	uint8_t revision, before, services, well, old, looked, restless;
};

struct given {
	uint8_t kind, revision, old;
};

struct held {
	uint8_t until, held, ours;
};

/* Of the numbers of turns counts only their order. */
struct ticket {
	uint8_t taken, goal, well, returned, word, asked, pending, wide;
};

/* What the application's bag says of this unit's turn and of the rollout, and a unit's own bag. */
struct turns {
	uint8_t number, start, goal, over;
	uint8_t turn, to, state, wanted;
};

struct note {
	uint8_t number, word, wants;
};

struct database {
	uint8_t state, target, reason, detail;
	uint8_t op, to, phase, change, aged, aborted; /* the intent */
	struct failure failure;
	struct drift drift;
	struct refused refused;
	struct probation probation;
	struct given order;
	struct held hold;
	struct ticket ticket;
	uint8_t waits; /* to where it waits for its turn */
	uint8_t ours, marked, retired, stopping, tracking, revision, reverted;
	uint8_t unfiled; /* an enum file, as it was read last, counted from UNREAD: zero says the truth */
	uint8_t found; /* the Snap Store was asked for a refused channel, less than six hours ago */
	uint8_t told;  /* what Juju was last told, interned */
};

/* Bytes only, all of them meant: nodes are compared and hashed as they are. */
struct node {
	uint8_t feature;
	/* the world */
	uint8_t snap, track, reach, store;
	uint8_t revision; /* of the snap: 1, 2 or, if it is not there, 0 */
	uint8_t previous; /* the revision that is on the disk, and snapd would go back to, or 0 */
	uint8_t natures;  /* what the revisions are when they begin to run: see nature_of() */
	uint8_t restless; /* a service has just died again and again: systemd starts it no more */
	uint8_t newest;   /* what the Snap Store has in every channel; 0: it makes no difference */
	uint8_t hold, hold_id; /* an enum hold; no two are alike */
	uint8_t stands; /* the change in flight has not moved for longer than it is waited for */
	uint8_t marker; /* an enum fsm_marker: what the snap's data says */
	uint8_t taken;  /* 8080/tcp is another unit's */
	uint8_t other;  /* an enum other */
	uint8_t said; /* what this unit is entered with: 2 * its channel, 1 if that yields; 0 for nothing */
	struct request air; /* sent and not yet acted on: it lands within 45 s or never */
	struct change changes[CHANGES]; /* by ascending id, those that could still matter */
	/* Juju */
	uint8_t option;       /* a channel, or NO_CHANNEL for one that is invalid */
	uint8_t pin, no_auto; /* the options revision and auto-refresh=false */
	uint8_t rolls;        /* the option rollback */
	uint8_t width;        /* the option rollout-width: 1, or 0 for no limit */
	uint8_t unrelated;    /* there is no peer relation */
	struct turns turns;
	struct note note;
	uint8_t signal; /* a hook about the application's bag is to run */
	uint8_t file;   /* an enum file: what is attached */
	uint8_t hidden; /* the controller does not give it */
	uint8_t life;
	uint8_t again; /* a hook that Juju will run (again), FSM_HOOK_OTHER for none */
	uint8_t shown; /* the status, interned */
	/* the unit */
	struct database db;
	/* its hook */
	uint8_t pc, hook, first, requests, looks;
	uint8_t given;                                    /* the order, if it is an action */
	uint8_t seen_snap, seen_track, seen_own, seen_id; /* the look: our change's fate and id */
	uint8_t seen_revision, seen_hold, seen_hold_id;
	uint8_t event, effect, verdict;
	uint8_t told;          /* committed with the next commit */
	struct failure before; /* the intent: what a dropped one puts back */
	uint8_t bags;          /* what it knows of the fleet */
	struct note noted, wrote;
	/* what only the checks know */
	uint8_t truly_ours; /* the snap was installed by our change */
	uint8_t hold_ours;  /* the hold is of our change, and that can be known */
	uint8_t touches;    /* changes that touched the hold since ours was asked for */
	uint8_t put_back;   /* an enum put_back: whose revert led to the revision */
	uint8_t done;       /* an enum done */
	uint8_t back;       /* where our last refresh came from, if that was well; 0 */
	uint8_t trial;      /* the revision that it led to, while nobody was seen to move it */
	uint8_t young;      /* that runs for less than five minutes, and nobody has touched it */
	uint8_t rolled;     /* a bit for each channel and revision that was rolled back from */
	uint8_t undone;     /* something came between the last rollback and its end */
	uint8_t failing, stops; /* to where a refresh of ours failed last, how often */
	uint8_t stale;    /* what is attached is not what was read last, for lack of an answer */
	uint8_t moved;    /* somebody changed the snap since the look */
	uint8_t leaving;  /* remove has begun, and no new life since */
	uint8_t stopping; /* stop or remove has begun, and nothing that takes it back since */
	struct asked asked, asked_hold; /* of a hold and its end by itself */
	struct asked asked_before;      /* what a dropped intent puts back */
	struct request rests;           /* whose change was aborted by order */
};

/* What can happen. */
/* clang-format off */
#define MOVES(ON) \
	/*  name        cost  in         text */ \
	ON(STEP,        0, IN_ALL,    "the hook goes on") \
	ON(NO_TIME,     0, IN_ALL,    "the hook has no time left to ask") \
	ON(BUDGET,      0, IN_ALL,    "the hook stops waiting") \
	ON(WAIT,        0, IN_ALL,    "90 s pass in the hook") \
	ON(QUIET,       0, IN_TRIED | IN_ORDERED, "a minute passes in the hook") \
	ON(STAND,       0, IN_BASE,   "the change in flight stands still, and the hook has waited for it") \
	ON(FINISH,      0, IN_ALL,    "the change in flight is done") \
	ON(UNDONE,      0, IN_ORDERED | IN_TURNS, "the change that was aborted ends as") \
	ON(LAND,        0, IN_ALL,    "snapd takes up the request on the way") \
	ON(VANISH,      0, IN_ALL,    "the request on the way is lost") \
	ON(BACK,        0, IN_ALL,    "snapd is there again") \
	ON(SHOW,        0, IN_RESOURCE, "the controller gives the resource again") \
	ON(STORE_BACK,  0, IN_ALL,    "the Snap Store answers again") \
	ON(LATER,       0, IN_ALL,    "90 s pass") \
	ON(DUE,         0, IN_ALL,    "the next try is due") \
	ON(DAY,         0, IN_ALL,    "a day passes, old changes are forgotten") \
	ON(FOUND,       0, IN_REGISTER, "the register can be used again") \
	ON(LEAD,        0, IN_FLEET,  "the leader reads the unit's bag, and") \
	ON(HOOK,        0, IN_ALL,    "Juju runs") \
	ON(STRAY,       1, IN_ALL,    "Juju runs, out of turn,") \
	ON(SKIP,        1, IN_ALL,    "resolved --no-retry skips") \
	ON(KILL,        1, IN_ALL,    "the hook is killed") \
	ON(KILL_ASKING, 1, IN_ALL,    "the hook is killed while snapd has its request") \
	ON(KILL_MARKED, 1, IN_BASE | IN_REGISTER, "the hook is killed between the marker, or the entry, and its commit") \
	ON(UNMARKED,    1, IN_BASE,   "the marker cannot be written when the hook goes on") \
	ON(UNREAD,      1, IN_FLEET,  "the bags of the fleet cannot be read when the hook goes on") \
	ON(UNSAID,      1, IN_FLEET,  "its own cannot be written when the hook goes on") \
	ON(LOSE,        1, IN_ALL,    "the answer is lost while snapd has the request") \
	ON(FAIL,        1, IN_ALL,    "the change in flight fails") \
	ON(ABORT,       1, IN_ALL,    "the change in flight ends with nothing done") \
	ON(LEAVE,       1, IN_ALL,    "snapd goes away") \
	ON(STORE,       1, IN_ALL,    "the Snap Store now") \
	ON(OPTION,      1, IN_ALL,    "the option becomes") \
	ON(ATTACH,      1, IN_RESOURCE, "the resource becomes") \
	ON(HIDE,        1, IN_RESOURCE, "the controller does not give the resource") \
	ON(PIN,         1, IN_HOLD,   "the option revision becomes") \
	ON(NO_AUTO,     1, IN_HOLD,   "the option auto-refresh becomes") \
	ON(ROLLS,       1, IN_TRIED,  "the option rollback becomes") \
	ON(OTHER,       1, IN_REGISTER, "the other unit on the machine becomes") \
	ON(WIDTH,       1, IN_FLEET,  "the option rollout-width becomes") \
	ON(RESUME,      1, IN_FLEET,  "a person runs resume-rollout") \
	ON(OLD_TURN,    1, IN_FLEET,  "the application's bag shows once more the turn that was returned, to") \
	ON(ORDER,       1, IN_ORDERED | IN_ROLLBACK | IN_TURNS, "a person runs the action") \
	ON(FOREIGN,     1, IN_ALL,    "somebody starts to") \
	ON(HOLDS,       1, IN_HOLD,   "somebody makes the hold") \
	ON(PUBLISH,     1, IN_NEW,    "the newest revision becomes") \
	ON(SWITCH,      1, IN_ALL,    "somebody switches the snap to") \
	ON(DISABLE,     1, IN_BASE | IN_ORDERS, "somebody disables the snap") \
	ON(SIDELOAD,    1, IN_BASE,   "somebody puts a local build in its place") \
	ON(STOP,        1, IN_ALL,    "its service goes down or bad:") \
	ON(MEND,        1, IN_ALL,    "somebody mends the snap") \
	ON(FORGET,      1, IN_ALL,    "the database is deleted")
/* clang-format on */

enum move_kind {
#define MOVE(name, cost, in, text) MOVE_##name,
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
const char *revision_name(unsigned revision);
struct fsm_target target_of(unsigned target);
uint8_t code_of(const struct fsm_target *target);
uint8_t code_of_goal(const char *goal);         /* of a channel */
unsigned file_known(const struct database *db); /* an enum file */
int64_t model_now(void);
int64_t model_uptime(void);
void forget_trial(struct database *db); /* of a feature without it */
struct fsm_pace model_stand(void);      /* the pace of a change that stands, whichever it is */

/* world.c: what happens to snapd and the snap, by itself and by people. */
struct change *in_flight(struct node *node);
bool silent(const struct node *node);
enum asker asker_of(const struct database *db);
bool world_moves(struct node *node, struct move move); /* false: it cannot happen here */
uint8_t found_in_store(
	const struct node *node, uint8_t target); /* the revision; 0 if it does not say */

/* snapd.c: how snapd and the Snap Store take a request. */
enum verdict snapd_takes(struct node *node, struct request request); /* may start a change */
enum verdict snapd_judges(struct node *node, struct request request);
enum verdict store_judges(const struct node *node, struct request request);
uint8_t snapd_resolves(const struct node *node, struct request request); /* its target */
bool snapd_starts(struct node *node, struct change change); /* false: there is no room for it */
void snapd_aborts(struct node *node); /* the change that was meant, if it is still in flight */

/* tidy.c */
void tidy(struct node *node); /* forgets what can matter no more */

/* look.c: what a hook reads of the world. */
void look(struct node *node);
bool must_look_again(const struct node *node); /* a list shows what the one before did not */
struct fsm_facts observe(struct node *node, const struct fsm_record *record);

/* turns.c: the turns of a unit in a fleet. */
bool in_fleet(const struct node *node);
bool lead(
	struct node *node, enum room room, bool resume); /* what the leader does; false: nothing */
bool show_old_turn(struct node *node, uint8_t target);
bool rests(const struct node *node); /* in a hook about the application's bag */
void look_at_turn(struct node *node, bool fails, struct fsm_record *record, struct fsm_facts *facts,
	struct fsm_leave *ret);
void witness_ticket(const struct node *node, const struct fsm_record *record);
void say(struct node *node, const struct fsm_leave *leave); /* into the unit's bag */
void flush(struct node *node);                              /* the hook has ended well */
void tidy_numbers(struct node *node);
bool has_turn(const struct node *node, uint8_t target);
bool turns_are_over(const struct node *node);

/* steps.c: the hook of the charm; GIVEN: the order of an action, FSM_ORDER_NONE for a hook. */
void hook_starts(struct node *node, enum fsm_hook hook, enum fsm_order given);
bool hook_moves(struct node *node, struct move move);

/* check.c: the promises. A broken one is remembered by its name, which is a literal. */
void promise(bool kept, const char *name);
const char *broken_promise(void); /* the first since the last call, or NULL */
unsigned promises_tested(void);   /* how many different ones so far */
void forget_promises(void);
void check_node(const struct node *node);
void check_request(const struct node *node, struct request request);
void check_decision(const struct node *node, bool flight);
void check_end(const struct node *node, bool well);
bool at_goal(const struct node *node);
uint8_t option_target(const struct node *node); /* by the options alone */
uint8_t wanted_target(const struct node *node);
bool from_file(const struct node *node); /* as the unit knows it */
bool hold_wanted(const struct node *node);
bool would_have(const struct node *node, unsigned channel); /* so the other unit on the machine */
uint8_t rolled_bit(unsigned channel, unsigned revision);

/* witness.c: whose things are, and what has been asked how often: told when it happens. */
void believe(struct node *node, const struct fsm_record *record, const struct fsm_facts *facts);
void yield_to_other(struct node *node, int64_t id);
void witness_order(struct node *node, const struct fsm_facts *facts, const struct fsm_turn *turn);
void witness_answer(
	struct node *node, const struct fsm_record *record, const struct fsm_turn *turn);
void witness_intent(struct node *node, struct request request);
void witness_drop(struct node *node);
void witness_failure(struct node *node, bool lost);
void witness_reason_to_ask(struct node *node);
void witness_pause(struct node *node);
void witness_word(struct node *node); /* a person's: what was refused may be asked for again */
void witness_refresh(struct node *node);

enum {
	ROOTS = 42,
	MOVES_MAX = 80
};

/* moves.c: everything that can happen next, and what happens when all goes well. */
bool move(struct node *node, struct move move); /* false: it cannot happen here */

size_t all_moves(enum feature feature, struct move ret[MOVES_MAX]); /* that can ever happen */
struct move calm_move(const struct node *node);
int move_cost(struct move move);

/* roots.c: where it begins, ROOT below ROOTS. */
void first_node(struct node *ret, unsigned root);

/* show.c: nodes and moves for people. */
const char *feature_name(enum feature feature);
void show_node(const struct node *node);
void show_move(struct move move);

/* explore.c: all nodes within so many disturbances; walk.c: one long walk. */
int explore(enum feature feature, unsigned disturbances, bool verbose);
int walk(uint64_t seed, uint64_t steps);
int replay(const char *trace);

/* Follows the calm way from NODE until nothing is left to be done. False when it never comes. */
bool calms_down(struct node *node, bool show);

#endif
