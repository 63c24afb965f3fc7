/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a record changes: what it learns from a look, what a transition writes into it, and the life
 * of an intent. All pure; the caller commits.
 *
 *	fsm_intend -> commit -> POST -> fsm_accept | fsm_refuse | fsm_drop -> commit
 *
 * and when the answer never came: nothing, until a later look shows the change (fsm_adopt) or time
 * has shown that there is none (event `failed`, fsm_digest).
 */
#ifndef FSM_MEMORY_H
#define FSM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fsm/classify.h"
#include "fsm/fsm.h"
#include "fsm/record.h"

/*
 * Takes over what a look shows for certain, before it is classified: ownership, the snap's
 * revision, version and channel, and intents that are fulfilled, pruned, or no longer what is
 * needed. Changes nothing when snapd did not answer.
 */
void fsm_learn(struct fsm_record *record, const struct fsm_facts *facts);

/*
 * Writes a transition into the record: state, reason and what follows from them. What Juju was told
 * is taken back if the record says something else now, until it is told that.
 */
void fsm_apply(struct fsm_record *record, enum fsm_event event, const struct fsm_facts *facts);

/* Whether the snap had settled on this very channel and somebody has since moved or removed it. */
bool fsm_drifted(
	const struct fsm_record *before, enum fsm_event event, const struct fsm_facts *facts);

/*
 * A new intent, to be committed before the request is sent. BASELINE is the highest change id that
 * snapd shows for the snap. Counts an attempt and sets when the next one would be due, so that a
 * hook which is killed each time does not ask each time. UNIT spreads a fleet's tries in time.
 */
struct fsm_asking {
	enum fsm_op op;
	const char *channel; /* "" for a removal */
	int64_t baseline;
	int64_t now;      /* seconds since the epoch */
	int64_t uptime;   /* seconds since boot */
	const char *boot; /* the boot's id */
	const char *unit;
};
void fsm_intend(struct fsm_record *record, const struct fsm_asking *asking);

/* snapd made our change: its id. */
void fsm_accept(struct fsm_record *record, int64_t change);

/* A look found the change that an unanswered request made. */
void fsm_adopt(struct fsm_record *record, int64_t change);

/* The change kind that our request makes, "install-snap" and so on; "" for FSM_OP_NONE. */
const char *fsm_change_kind(enum fsm_op op);

/* snapd refused, for good (FSM_CLASS_OPERATOR) or for now (FSM_CLASS_PASSING). */
void fsm_refuse(struct fsm_record *record, enum fsm_class class, enum fsm_reason reason,
	const char *detail, int64_t now, const char *unit);

/* Nothing was asked, or nothing that the answer says can be trusted: as if it had not been. */
void fsm_drop(struct fsm_record *record, const struct fsm_memory *before);

/* Effect `digest`: our change failed, came to nothing, or was never seen. */
void fsm_digest(struct fsm_record *record, const struct fsm_facts *facts, const char *unit);

/* Whether MEMORY is about this request and its next try is not due. */
bool fsm_resting(const struct fsm_memory *memory, enum fsm_op op, const char *channel, int64_t now);

/* Seconds until try ATTEMPTS + 1, spread by up to a fifth either way by UNIT. */
int64_t fsm_pause(enum fsm_class class, int64_t attempts, const char *unit);

/* RET (SIZE bytes) becomes TEXT, printable ASCII, cut where it must be. */
void fsm_copy(char *ret, size_t size, const char *text);

#endif
