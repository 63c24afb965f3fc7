/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last failure: which request, whom it waits for, and when the next try is due. It speaks of that
 * request and no other: an operator who sets another channel is never made to wait.
 */
#ifndef FSM_FAILURE_H
#define FSM_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/record.h"

enum {
	FSM_PAUSES =
		4, /* of a class: before the second try, the third, the fourth, and all later ones */
};

/* The pauses of CLASS in minutes, FSM_PAUSES of them. */
const int *fsm_class_pauses(enum fsm_class class);

/* Seconds until try ATTEMPTS + 1, spread by up to a fifth either way by the name of the UNIT. */
int64_t fsm_pause(enum fsm_class class, int64_t attempts, const char *unit);

/* Whether FAILURE is about this request and its next try is not due. */
bool fsm_resting(const struct fsm_failure *failure, enum fsm_op op, const struct fsm_target *target,
	int64_t now);

/*
 * Counts an attempt of the request, at NOW, and says when the next one would be due: a hook that is
 * killed each time does not ask each time.
 */
void fsm_failure_count(struct fsm_failure *failure, enum fsm_op op, const struct fsm_target *target,
	int64_t now, const char *unit);

/* The attempt that was counted last has failed for REASON, which is one that a request can fail for. */
void fsm_failure_note(struct fsm_failure *failure, enum fsm_reason reason, const char *detail,
	int64_t now, const char *unit);

/*
 * The snap is where TARGET wants it. What was failing is over; but the same request again would mean
 * that somebody undid it, and that is counted as drift.
 */
void fsm_failure_settle(struct fsm_failure *failure, const struct fsm_target *target);

#endif
