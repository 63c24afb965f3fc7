/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the changes that a look read are to the request in the record.
 *
 * The order of a look is its proof. It reads: the list of all changes, if a request is unanswered;
 * the change of our request; the snap; the changes in progress; and, if a request is unanswered and
 * the first list did not show its change, the list of all once more. So a snap that looks right
 * counts only if nothing was in progress after it was read, a change that has ended was seen to have
 * ended before the snap was read, and that a request left no trace is concluded from a list that is
 * younger than its age.
 */
#ifndef FSM_LOOK_H
#define FSM_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/facts.h"
#include "fsm/record.h"

/* Facts of which nothing is known: all zeros, and every text is "". */
extern const struct fsm_facts fsm_facts_none;

/* One change of the snap as snapd shows it; the id is 0 when there is none. Texts are never NULL. */
struct fsm_change {
	int64_t id;
	const char *kind;
	enum fsm_fate fate; /* how far it is; FSM_FATE_NONE and FORGOTTEN do not occur */
	const char *error;  /* why it failed */
	bool stopped;       /* the snap's services were stopped for it */
	int64_t revision;   /* that it leads to, 0 when that is not known */
	enum fsm_way way;
	char at[FSM_WORD_MAX + 1]; /* how far it is, for people */
	int64_t bytes;             /* of a download */
};

/*
 * Whether CHANGE, the next in a list by ascending id, is that of the unanswered request rather than
 * BEST, the one found so far (id 0: none): of its kind, younger than its baseline, and the first that
 * runs, or else the first. Somebody else may have asked for the same in the same seconds, and one that
 * has ended would not tell that ours still runs.
 */
bool fsm_made_by(const struct fsm_intent *intent, const struct fsm_change *change,
	const struct fsm_change *best);

/*
 * Whether the look has to begin again: the change of the unanswered request shows in the LAST list of
 * all and not in the FIRST one. The snap was read between them, and may be from before its end.
 */
bool fsm_look_again(const struct fsm_intent *intent, const struct fsm_change *first,
	const struct fsm_change *last);

/* Whether the change ID of KIND held the snap or lifted a hold, after the baseline of INTENT. */
bool fsm_touches_hold(const struct fsm_intent *intent, int64_t id, const char *kind);

/*
 * Writes flight, kind, fate and what shows into RET. OWN is the change of the request, from the first
 * list or by its id; FLIGHT is the first one in progress. The texts of both must outlive RET.
 */
void fsm_look_changes(const struct fsm_intent *intent, const struct fsm_change *own,
	const struct fsm_change *flight, struct fsm_facts *ret);

/* Where CHANGE is, as if it had come there NOW (seconds since the epoch). */
struct fsm_pace fsm_pace_of(const struct fsm_change *change, int64_t now);

/* Takes over where a change was SEEN: the time stays if it was there before, and is not ahead. */
void fsm_pace_see(struct fsm_pace *pace, const struct fsm_pace *seen);

#endif
