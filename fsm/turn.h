/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One turn of the machine: from a record and a look to the next record and what is to be done.
 *
 *	fsm_turn -> commit -> tell Juju -> the effect; for a request: POST -> fsm_answer -> commit
 *
 * This is all that a caller needs, whether it is the charm, the model checker or a test. When an
 * answer never comes nothing is called: a later look shows the change, or time shows that there is
 * none. All pure; the caller commits.
 */
#ifndef FSM_TURN_H
#define FSM_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/facts.h"
#include "fsm/order.h"
#include "fsm/record.h"
#include "fsm/request.h"
#include "fsm/status.h"

enum {
	FSM_BASELINE_UNREAD = -1,
};

/* What the caller can still afford, and what a new request is committed with. */
struct fsm_limits {
	bool may_ask;  /* there is time for a request, and one is left */
	bool may_step; /* there is time for a step of a rollback, which needs none that is left */
	int64_t baseline; /* the highest change id that snapd shows for the snap, or UNREAD */
	int64_t uptime;   /* seconds since boot, not before the baseline was read */
	const char *boot; /* the id of the boot */
	const char *unit; /* its name spreads the tries of a fleet in time */
};

struct fsm_turn {
	struct fsm_record record; /* as it is to be committed */
	enum fsm_event event;
	enum fsm_effect effect; /* to be carried out once the record is durable */
	/*
	 * A request is needed and may be asked, but the baseline is unread: without it an unanswered
	 * request could not be told from an old one. Read it and take the turn again; if that cannot
	 * be done, the turn holds as it is, and the next hook asks.
	 */
	bool needs_baseline;
	/*
	 * The snap is this unit's, and no marker says so yet. Write it before the record is committed,
	 * and set `marked` if that was done: what led here is in the record until then.
	 */
	bool owes_marker;
	/*
	 * Its own entry in the register is to be ENTRY, or to go, before the record is committed and as
	 * long as nobody else changes the register. When it cannot be entered, the turn is taken again
	 * with that in the facts.
	 */
	enum fsm_listing listing;
	struct fsm_entry entry; /* without the name of the unit */
	bool drifted; /* the snap had settled on this very target and somebody has moved it since */
	struct fsm_order_news news; /* of an order that was given, or ended */
	struct fsm_order_news over; /* of one that ended in the look in which another was given */
	struct fsm_failure before;  /* the failure before the request: see fsm_answer() */
	struct fsm_status_line status; /* what Juju is to show */
};

/*
 * Takes over what FACTS show for certain (ownership, the snap's revision, version and channel, the
 * end of a request), finds the event, and writes its transition, with the request if one is asked.
 * What Juju was told is taken back if the record says something else now.
 */
void fsm_turn(const struct fsm_record *record, const struct fsm_facts *facts,
	const struct fsm_limits *limits, struct fsm_turn *ret);

/* What came of a request that was sent, or could not be. */
struct fsm_answer {
	enum fsm_sight
		sight;  /* ACCEPTED; REFUSED; UNTRUSTED: refused, and a look will tell; UNSENT */
	int64_t change; /* with ACCEPTED */
	enum fsm_reason reason; /* why it was refused */
	const char *detail;
	bool newest; /* it was refused since there is nothing newer */
	/* A change of the snap is in flight, or that is not known: a refusal may be about it. */
	bool busy;
	bool may_ask; /* one more request may be sent in this hook */
	int64_t now;  /* seconds since the epoch */
	const char *unit;
};

/*
 * Writes the ANSWER to the request of TURN into RECORD and returns what was written: CHANGE, DROP (the
 * attempt did not count, look again), FAIL, or FORGET: it ended an order, and the news of TURN say how.
 * With its second request spent, or when the
 * same answer came to the try before, a hook takes what only a look can tell for a refusal, so that the
 * charm and snapd cannot answer each other for ever.
 */
enum fsm_write fsm_answer(
	struct fsm_record *record, struct fsm_turn *turn, const struct fsm_answer *answer);

/*
 * Whether HOOK ends here, with no look and no hook tool: all is as it should be, Juju knows it, and
 * nothing is due. What is not seen now, the next update-status sees.
 */
bool fsm_at_rest(const struct fsm_record *record, enum fsm_hook hook);

/* Whether the unit may go: nothing of ours is left, or snapd is about to take it away. */
bool fsm_may_end(const struct fsm_record *record, enum fsm_event event);

#endif
