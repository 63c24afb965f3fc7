/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unit and its turn (rollout.h has the whole): when it takes one, what it says when it gives it back,
 * and when it asks for one. Pure.
 */
#ifndef FSM_TICKET_H
#define FSM_TICKET_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/bag.h"

/* clang-format off */
/*
 * How a unit stands to what it wants, in the look at hand; and what it says of a turn for that or for
 * another target, before it has taken it (NEW) and after (HELD). NONE keeps it: a NEW one is taken only
 * by a unit that MOVES. A unit that gives up a turn it HELD and does not serve is stuck, whatever the
 * row says; one that did not serve when it took it is `still` so. A record that has not met the bag
 * before may have been rebuilt in mid-turn: it holds what is out.
 */
/*           stand    new: same  other     held: same  other     meaning */
#define FSM_STANDS(ON) \
	ON(PLACED,  DECLINED,  DECLINED, DONE,       DECLINED, "it is Ready at what it wants, and with rollback on its probation has ended") \
	ON(MOVES,   NONE,      DECLINED, NONE,       DECLINED, "what it asks of snapd next needs a turn") \
	ON(AWAY,    NONE,      NONE,     NONE,       NONE,     "a change, a request, a rollback or a probation is not at its end") \
	ON(UNKNOWN, LATER,     DECLINED, NONE,       NONE,     "snapd does not say") \
	ON(LATER,   LATER,     DECLINED, LATER,      DECLINED, "nothing was stopped, and the next try is not due") \
	ON(STUCK,   STILL,     DECLINED, STUCK,      DECLINED, "it went wrong: a person has to act, or the next try is not due")

#define FSM_STAND_(name, ...) FSM_STAND_##name,
/* clang-format on */

enum fsm_stand_kind {
	FSM_STANDS(FSM_STAND_) FSM_STAND_COUNT
};

/* What a unit remembers of its turns: a part of the record. All zeros: nothing. */
struct fsm_ticket {
	int64_t taken; /* the highest number that it took; it has it while RETURNED is lower */
	char goal[FSM_GOAL_SIZE]; /* of that turn */
	bool well;                /* it served when it took it */
	int64_t returned;         /* the highest number that it gave back ... */
	enum fsm_word word;       /* ... and how */
	char why[FSM_WHY_SIZE];
	bool asked; /* the return was written, and no later hook has read it in the unit's bag yet */
	bool pending; /* the bag shows, or may show, a turn that it has neither taken nor returned */
	bool wide;    /* the option rollout-width is set, and the bag was read since */
};

/* How the unit stands, and what it sees of the fleet. Texts are borrowed and never NULL. */
struct fsm_stand {
	int64_t unit;
	int64_t width; /* the option; 0: no limit */
	bool alone;    /* goal-state knows no other unit */
	bool idle;     /* the hook is one that Juju sends by the clock */
	bool signal;   /* the hook is about the application's bag */
	const char *wish;
	enum fsm_stand_kind kind;
	bool serves;
	const char *why; /* it is stuck */
	/* Both as they were before this hook wrote anything; NULL when they were not read. */
	const struct fsm_fleet *fleet;
	const struct fsm_note *note;
};

struct fsm_leave {
	bool may;             /* what needs a turn may be asked, once the ticket is committed */
	bool waits;           /* it may not, and would have to */
	bool writes;          /* NOTE is to be written, once the ticket is committed */
	struct fsm_note note; /* the unit's bag as it is to be */
};

/* Whether the unit has a turn that it has not returned. */
bool fsm_ticket_held(const struct fsm_ticket *ticket);

/*
 * Whether SEAT (NULL for none) has a turn that the unit has neither taken nor returned. In a hook about
 * the application's bag a unit at rest reads its own turn alone, and ends when this says no.
 */
bool fsm_ticket_new(const struct fsm_ticket *ticket, const struct fsm_seat *seat);

/* Whether both bags have to be read for the next step. */
bool fsm_ticket_reads(const struct fsm_ticket *ticket, const struct fsm_stand *stand);

/*
 * Takes a turn, or gives it back, or asks for one. To be called with each look, and with both bags if
 * fsm_ticket_reads() says so. Without them nothing is taken or returned, and without a limit alone the
 * unit may move.
 */
void fsm_ticket_step(
	struct fsm_ticket *ticket, const struct fsm_stand *stand, struct fsm_leave *ret);

#endif
