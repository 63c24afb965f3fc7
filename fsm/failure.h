/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong, in three memories that do not touch one another: the last failure of a request,
 * how often the snap was put right after it had settled, and a target that is not asked for any more.
 * Each speaks of its own target: an operator who sets another channel is never made to wait.
 */
#ifndef FSM_FAILURE_H
#define FSM_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/record.h"

enum {
	FSM_PAUSES = 5, /* of a class: before the second try, the third, ..., and all later ones */
	FSM_REFRESHES = 3, /* that failed, each a stop of the service, refuse their target */
};

/* A class of FSM_CLASSES. */
struct fsm_class_row {
	int minutes[FSM_PAUSES];
	bool by_hand; /* a hook that a person caused asks past the pause */
	int lasting;  /* hours of one reason that make it a person's; 0: they do not */
};
const struct fsm_class_row *fsm_class_row(enum fsm_class class);

/*
 * Seconds until try ATTEMPTS + 1, spread by up to a fifth either way by the name of the UNIT. While
 * nothing is INSTALLED it is only shortened, and a quarter of an hour at most for what passes.
 */
int64_t fsm_pause(enum fsm_class class, int64_t attempts, const char *unit, bool installed);

/* Whether FAILURE is about this request. */
bool fsm_failed(const struct fsm_failure *failure, enum fsm_op op, const struct fsm_target *target);

/* Whether a person has to do something about FAILURE: its reason says so, or it has lasted for so long. */
bool fsm_for_person(const struct fsm_failure *failure, int64_t now);

/*
 * Seconds until the next try of FAILURE. 0 when it is due: its time has come, the clock is before the
 * answer, or that time is further off than a pause of its class can be.
 */
int64_t fsm_rest_left(const struct fsm_failure *failure, int64_t now);

/* Whether FAILURE is about this request and its next try is not due. */
bool fsm_resting(const struct fsm_failure *failure, enum fsm_op op, const struct fsm_target *target,
	int64_t now);

/*
 * Counts an attempt of the request, at NOW, and says when the next one would be due: a hook that is
 * killed each time does not ask each time.
 */
void fsm_failure_count(struct fsm_record *record, enum fsm_op op, const struct fsm_target *target,
	int64_t now, const char *unit);

/* The attempt that was counted last has failed for REASON, one that a request can fail for. */
void fsm_failure_note(struct fsm_record *record, enum fsm_reason reason, const char *detail,
	int64_t now, const char *unit);

/*
 * The snap is where the record's target wants it, by a request of ours (PUT) or found so. What was
 * failing is over. By a request again for the same target, somebody had undone it.
 */
void fsm_failure_settle(struct fsm_record *record, bool put, int64_t now, const char *unit);

/* Whether refreshes to TARGET have failed so often that none is asked any more. */
bool fsm_target_refused(const struct fsm_refused *refused, const struct fsm_target *target);

/* Seconds until what DRIFT is about is put right again, in the same way. */
int64_t fsm_drift_left(const struct fsm_drift *drift, int64_t now);

/* Whether the snap, once settled on TARGET, was moved away again and is not to be put right yet. */
bool fsm_drifting(const struct fsm_drift *drift, const struct fsm_target *target, int64_t now);

/* Whether that has happened so often that a person has to make somebody agree. */
bool fsm_contested(const struct fsm_drift *drift);

/* The class whose pauses DRIFT has. */
enum fsm_class fsm_drift_class(const struct fsm_drift *drift);

#endif
