/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet that moves one by one: the bags of the peer relation, what a unit does about its turn, and
 * what the leader does about all of them. Pure.
 *
 * A turn is (unit, target, number). Only the leader gives one, in the application's bag; only its unit
 * gives it back, in the unit's own bag. Numbers rise, and no unit takes a number that is not above all
 * that it has taken or returned, so that no bag that is read late, and no write that was dropped or came
 * twice, gives a turn again. All that the leader knows is in the bags: a new one reads them and goes on.
 *
 * The order in a hook, which the proof needs: both bags are read before anything is written to one
 * (the hook tools show a hook its own writes, and a hook that fails drops them); the ticket is committed
 * to the record before the unit's bag is written; the unit's bag is written before the application's.
 */
#ifndef FSM_ROLLOUT_H
#define FSM_ROLLOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/target.h"

enum {
	FSM_GOAL_SIZE = CHANNEL_SIZE + 24, /* a target as a word: `latest/edge`, `latest/edge@5` */
	FSM_WHY_SIZE = 64,                 /* why a unit is stuck: printable ASCII, and the NUL */
	FSM_FAULT_SIZE = 96,               /* what is wrong with a bag: "KEY 'VALUE'" */
	FSM_FLEET_MAX = 2000,              /* units; a number of a unit is below a billion */
	FSM_NO_UNIT = -1,
};

/* clang-format off */
/* What a unit says when it gives a turn back. */
#define FSM_WORDS(ON) \
	ON(NONE,     "none") \
	ON(DONE,     "done")     /* it is Ready at the target, and what had to be waited for has ended */ \
	ON(STUCK,    "stuck")    /* it went wrong */ \
	ON(STILL,    "still")    /* the same, but it was no better before its turn */ \
	ON(LATER,    "later")    /* the Snap Store or snapd is away, and nothing was stopped */ \
	ON(DECLINED, "declined") /* it wants something else by now, or need not move */

/*
 * What the application's bag says of a unit's last turn; it is OUT, and counts, while COUNTS says so. A
 * unit that is stuck counts as well, since it may be down, until a person passes it over; while it is
 * HALTS, nobody else gets a turn. Then what the state becomes with the unit's word.
 */
/*           name      text        out    counts halts     done  stuck    still    later    declined */
#define FSM_SEATS(ON) \
	ON(NONE,     "none",     false, false, false,    NONE, NONE,    NONE,    NONE,    NONE) \
	ON(OUT,      "out",      true,  true,  false,    DONE, STUCK,   PASSED,  LATER,   DECLINED) \
	/* out again, after it was stuck; and after a person passed it over */ \
	ON(RETRY,    "retry",    true,  true,  true,     DONE, STUCK,   STUCK,   STUCK,   STUCK) \
	ON(AGAIN,    "again",    true,  true,  false,    DONE, PASSED,  PASSED,  PASSED,  PASSED) \
	/* a person gave it up, and the unit has not returned it */ \
	ON(SKIPPED,  "skipped",  true,  false, false,    DONE, PASSED,  PASSED,  LATER,   DECLINED) \
	ON(DONE,     "done",     false, false, false,    DONE, DONE,    DONE,    DONE,    DONE) \
	ON(STUCK,    "stuck",    false, true,  true,     DONE, STUCK,   STUCK,   STUCK,   STUCK) \
	ON(PASSED,   "passed",   false, false, false,    DONE, PASSED,  PASSED,  PASSED,  PASSED) \
	ON(LATER,    "later",    false, false, false,    DONE, LATER,   LATER,   LATER,   LATER) \
	ON(DECLINED, "declined", false, false, false,    DONE, DECLINED, DECLINED, DECLINED, DECLINED) \
	/* nobody can read it: as good as out, until its unit returns a turn or a person skips it */ \
	ON(GARBLED,  "garbled",  true,  true,  false,    DONE, STUCK,   PASSED,  LATER,   DECLINED)

/* How a unit stands to its wish in the look at hand, and what it makes of a turn. */
#define FSM_STANDS(ON) \
	ON(PLACED,  "it is Ready at what it wants; with rollback on, probation has ended") \
	ON(MOVES,   "the request that comes next would stop a service that runs") \
	ON(AWAY,    "a change, a request, a rollback or a probation is not at its end") \
	ON(UNKNOWN, "snapd does not say") \
	ON(LATER,   "nothing was stopped, and the next try is not due") \
	ON(STUCK,   "it went wrong: a person has to act, or the next try is not due")

#define FSM_WORD_(name, text)      FSM_SAYS_##name,
#define FSM_SEAT_(name, text, out, counts, halts, done, stuck, still, later, declined) FSM_SEAT_##name,
#define FSM_STAND_(name, meaning)  FSM_STAND_##name,
/* clang-format on */

enum fsm_word {
	FSM_WORDS(FSM_WORD_) FSM_SAYS_COUNT
};
enum fsm_seat_state {
	FSM_SEATS(FSM_SEAT_) FSM_SEAT_COUNT
};
enum fsm_stand_kind {
	FSM_STANDS(FSM_STAND_) FSM_STAND_COUNT
};

/* One setting of a bag, as relation-set takes it; an empty value deletes the key. */
struct fsm_setting {
	char key[24];
	char value[2 * FSM_GOAL_SIZE + 40];
};

/* --- the bags ------------------------------------------------------------------------------ */

/*
 * A unit's own bag: `returned` = NUMBER WORD [WHY], `wants` = TARGET. Other keys are left alone: Juju
 * has some, and a newer charm may.
 */
struct fsm_note {
	int64_t number; /* the highest that was returned; 0 for none */
	enum fsm_word word;
	char why[FSM_WHY_SIZE];
	char wants[FSM_GOAL_SIZE]; /* "" for nothing */
	char fault
		[FSM_FAULT_SIZE]; /* "" or the first setting that cannot be read, which says nothing */
};

/* Of one unit in the application's bag: `turn-UNIT` = NUMBER TARGET STATE [WANTED], `-` for no target. */
struct fsm_seat {
	int64_t unit;
	int64_t number; /* of its last turn, 0: it had none */
	char goal[FSM_GOAL_SIZE];
	enum fsm_seat_state state;
	char wanted[FSM_GOAL_SIZE]; /* it asked for a turn to here, and has not got it */
	bool changed;               /* to be written; with GONE, deleted */
	bool gone;
};

/*
 * The application's bag: the seats; `number` = the highest that was ever given; `rollout` = START TARGET
 * [resumed] [over]: turns above START belong to it. SEATS has ROOM for as many as the caller gives
 * (FSM_FLEET_MAX; one is enough for a unit that looks for its own).
 */
struct fsm_fleet {
	struct fsm_seat *seats; /* by rising number of the unit */
	unsigned count, room;
	int64_t number, start;
	char goal[FSM_GOAL_SIZE]; /* "" before there was a rollout */
	bool resumed;             /* a person went on after the pause */
	bool over;
	bool changed;               /* `rollout` or `number` is to be written */
	char fault[FSM_FAULT_SIZE]; /* as in a note; the leader gives nothing while there is one */
};

/* TARGET as a word; "" for none. */
void fsm_goal_of(const struct fsm_target *target, char ret[FSM_GOAL_SIZE]);

/* The number of the unit NAME, APPLICATION/NUMBER; FSM_NO_UNIT when it is none. */
int64_t fsm_unit_number(const char *name);

/* Empty ones. */
void fsm_note_init(struct fsm_note *note);
void fsm_fleet_init(struct fsm_fleet *fleet, struct fsm_seat *seats, unsigned room);

/* Takes one setting of the bag, in any order of the keys. Whatever it says, something sane is left. */
void fsm_note_take(struct fsm_note *note, const char *key, const char *value);
void fsm_fleet_take(struct fsm_fleet *fleet, const char *key, const char *value);

/* The key of the turn of UNIT. */
void fsm_turn_key(int64_t unit, char ret[24]);

/* The seat of UNIT, NULL when the bag has none. */
const struct fsm_seat *fsm_fleet_seat(const struct fsm_fleet *fleet, int64_t unit);

/* NOTE as settings: two. */
void fsm_note_settings(const struct fsm_note *note, struct fsm_setting ret[2]);

/* What has changed in FLEET, setting by setting: *AT is 0 at first. False when there is no more. */
bool fsm_fleet_setting(const struct fsm_fleet *fleet, unsigned *at, struct fsm_setting *ret);

/* --- the unit ------------------------------------------------------------------------------ */

/* What a unit remembers of its turns: a part of the record. All zeros: nothing. */
struct fsm_ticket {
	int64_t taken; /* the highest number that it took; it has it while RETURNED is lower */
	char goal[FSM_GOAL_SIZE]; /* of that turn */
	bool well;                /* it served when it took it */
	int64_t returned;         /* the highest number that it gave back ... */
	enum fsm_word word;       /* ... and how */
	char why[FSM_WHY_SIZE];
	bool asked; /* the return was written, and no later hook has read it in the unit's bag yet */
	bool wide;  /* the option rollout-width was set when it was last read */
};

/* How the unit stands, and what it sees of the fleet. Texts are borrowed and never NULL. */
struct fsm_stand {
	int64_t unit;
	int64_t width; /* the option; 0: no limit */
	bool alone;    /* goal-state knows no other unit */
	bool idle;     /* the hook is one that Juju sends by the clock */
	const char *wish;
	enum fsm_stand_kind kind;
	bool serves;
	const char *why; /* it is stuck */
	/* Both as they were before this hook wrote anything; NULL when they were not read. */
	const struct fsm_fleet *fleet;
	const struct fsm_note *note;
};

struct fsm_leave {
	bool may; /* the request that would stop the service may be sent, once the ticket is committed */
	bool waits;           /* it may not, and would have to */
	bool writes;          /* NOTE is to be written, once the ticket is committed */
	struct fsm_note note; /* the unit's bag as it is to be */
};

/* Whether the unit has a turn that it has not returned. */
bool fsm_ticket_held(const struct fsm_ticket *ticket);

/* Whether SEAT (NULL for none) has a turn that the unit has neither taken nor returned. */
bool fsm_ticket_new(const struct fsm_ticket *ticket, const struct fsm_seat *seat);

/*
 * Takes a turn, or gives it back, or asks for one. To be called with each look, and with both bags if
 * fsm_ticket_reads() says so; without them nothing is taken or returned.
 */
void fsm_ticket_step(
	struct fsm_ticket *ticket, const struct fsm_stand *stand, struct fsm_leave *ret);

/* Whether both bags have to be read for the next step. SIGNAL: the application's bag has changed. */
bool fsm_ticket_reads(const struct fsm_ticket *ticket, const struct fsm_stand *stand, bool signal);

/* --- the leader ---------------------------------------------------------------------------- */

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
