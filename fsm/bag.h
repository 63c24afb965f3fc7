/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the bags of the peer relation hold when a fleet moves one by one (rollout.h has the whole), and
 * how they are read and written. Pure. Whatever stands in a bag, reading it leaves something sane: a
 * setting that cannot be read says nothing and is named as the bag's fault. It never becomes a turn.
 */
#ifndef FSM_BAG_H
#define FSM_BAG_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/target.h"

enum {
	FSM_GOAL_SIZE = CHANNEL_SIZE + 24, /* a target as a word: `latest/edge`, `latest/edge@5` */
	FSM_GOAL_WORDS = FSM_GOAL_SIZE + 32,
	FSM_WHY_SIZE = 64,   /* why a unit is stuck: printable ASCII, and the NUL */
	FSM_FAULT_SIZE = 96, /* KEY 'VALUE' */
	FSM_KEY_SIZE = 24,
	FSM_FLEET_MAX = 2000, /* units; the number of a unit is below a billion */
	FSM_NO_UNIT = -1,
};
#define FSM_NUMBER_MAX INT64_C(999999999999998) /* of a turn that can be read */

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
 * What the application's bag says of a unit's last turn. While it is OUT the unit has not returned it.
 * What COUNTS fills the width: a unit that is stuck does so as well, since it may be down, until a
 * person passes it over. While a unit HALTS, no other gets a turn. Then what becomes of it with the
 * unit's word, and when a person goes on past it: by resume-rollout, or by another target.
 */
/*           name      text        out    counts halts     done  stuck   still   later   declined passed over */
#define FSM_SEATS(ON) \
	ON(NONE,     "none",     false, false, false,    NONE, NONE,   NONE,   NONE,   NONE,     NONE) \
	ON(OUT,      "out",      true,  true,  false,    DONE, STUCK,  LATER,  LATER,  DECLINED, OUT) \
	/* out again, after it was stuck; and after a person passed it over */ \
	ON(RETRY,    "retry",    true,  true,  true,     DONE, STUCK,  STUCK,  STUCK,  STUCK,    AGAIN) \
	ON(AGAIN,    "again",    true,  true,  false,    DONE, PASSED, PASSED, PASSED, PASSED,   AGAIN) \
	/* a person gave it up, and the unit has not returned it */ \
	ON(SKIPPED,  "skipped",  true,  false, false,    DONE, PASSED, PASSED, LATER,  DECLINED, SKIPPED) \
	ON(DONE,     "done",     false, false, false,    DONE, DONE,   DONE,   DONE,   DONE,     DONE) \
	ON(STUCK,    "stuck",    false, true,  true,     DONE, STUCK,  STUCK,  STUCK,  STUCK,    PASSED) \
	ON(PASSED,   "passed",   false, false, false,    DONE, PASSED, PASSED, PASSED, PASSED,   PASSED) \
	ON(LATER,    "later",    false, false, false,    DONE, LATER,  LATER,  LATER,  LATER,    LATER) \
	ON(DECLINED, "declined", false, false, false,    DONE, DECLINED, DECLINED, DECLINED, DECLINED, DECLINED) \
	/* nobody can read it; it is as good as out until a person says otherwise */ \
	ON(GARBLED,  "garbled",  true,  true,  true,     GARBLED, GARBLED, GARBLED, GARBLED, GARBLED, NONE)

#define FSM_WORD_(name, text) FSM_SAYS_##name,
#define FSM_SEAT_(name, text, ...) FSM_SEAT_##name,
/* clang-format on */

enum fsm_word {
	FSM_WORDS(FSM_WORD_) FSM_SAYS_COUNT
};
enum fsm_seat_state {
	FSM_SEATS(FSM_SEAT_) FSM_SEAT_COUNT
};

struct fsm_seat_row {
	bool out, counts, halts;
	enum fsm_seat_state after[FSM_SAYS_COUNT]; /* by the unit's word */
	enum fsm_seat_state passed;                /* when a person goes on past it */
};

/* The row of a valid STATE. */
const struct fsm_seat_row *fsm_seat_row(enum fsm_seat_state state);

/* One setting of a bag, as relation-set takes it; an empty value deletes the key. */
struct fsm_setting {
	char key[FSM_KEY_SIZE];
	char value[2 * FSM_GOAL_SIZE + 40];
};

/*
 * A unit's own bag: `returned` = NUMBER WORD [WHY], `wants` = TARGET. Other keys are left alone: Juju
 * has some, and a newer charm may.
 */
struct fsm_note {
	int64_t number; /* the highest that was returned; 0 for none */
	enum fsm_word word;
	char why[FSM_WHY_SIZE];
	char wants[FSM_GOAL_SIZE];  /* "" for nothing */
	char fault[FSM_FAULT_SIZE]; /* "", or the first setting that cannot be read */
};

/* Of one unit in the application's bag: `turn-UNIT` = NUMBER TARGET STATE [WANTED]; no target is `-`. */
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
 * [resumed] [over]: the turns above START belong to it. SEATS has room for as many as the caller gives:
 * FSM_FLEET_MAX for the leader, one for a unit, which takes `rollout` and its own turn alone.
 */
struct fsm_fleet {
	struct fsm_seat *seats; /* by rising number of the unit */
	unsigned count, room;
	int64_t number, start;
	char goal[FSM_GOAL_SIZE]; /* "" before there was a rollout */
	bool resumed;             /* a person went on after the pause */
	bool over;
	bool changed;               /* `rollout` and `number` are to be written */
	char fault[FSM_FAULT_SIZE]; /* as in a note; the leader gives nothing while there is one */
};

/* TARGET as a word; "" for none. */
void fsm_goal_of(const struct fsm_target *target, char ret[FSM_GOAL_SIZE]);

/* The same for people: 'beta', 'beta' revision 5, revision 5 of the resource. RET holds FSM_GOAL_WORDS bytes. */
void fsm_goal_words(const char *goal, char *ret);

/* The number of the unit NAME, APPLICATION/NUMBER; FSM_NO_UNIT when it is none. */
int64_t fsm_unit_number(const char *name);

/* The key of the turn of UNIT. */
void fsm_turn_key(int64_t unit, char ret[FSM_KEY_SIZE]);

/* Empty ones. */
void fsm_note_init(struct fsm_note *note);
void fsm_fleet_init(struct fsm_fleet *fleet, struct fsm_seat *seats, unsigned room);

/* Takes one setting of the bag; the order of the keys makes no difference. */
void fsm_note_take(struct fsm_note *note, const char *key, const char *value);
void fsm_fleet_take(struct fsm_fleet *fleet, const char *key, const char *value);

/* The seat of UNIT, NULL when the bag has none; and one that is made when it has none and room. */
struct fsm_seat *fsm_fleet_seat(const struct fsm_fleet *fleet, int64_t unit);
struct fsm_seat *fsm_fleet_seated(struct fsm_fleet *fleet, int64_t unit);

/* Whether the rollout has yet to give a turn to the unit of SEAT, NULL for one that has none. */
bool fsm_fleet_owes(const struct fsm_fleet *fleet, const struct fsm_seat *seat);

/* NOTE as settings: two. */
void fsm_note_settings(const struct fsm_note *note, struct fsm_setting ret[2]);

/* What has changed in FLEET, setting by setting: *AT is 0 at first. False when there is no more. */
bool fsm_fleet_setting(const struct fsm_fleet *fleet, unsigned *at, struct fsm_setting *ret);

#endif
