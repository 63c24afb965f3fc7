/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a unit waits for when its hook has ended: what the waker looks out for, and when it wakes the
 * unit whatever it sees. Pure, like all of the machine.
 *
 * What a person has to do is not due, and nothing is of a unit that is about to go: Juju itself runs
 * its hooks then. What the status shows as the next try is due.
 */
#ifndef FSM_DUE_H
#define FSM_DUE_H

#include <stdint.h>

#include "fsm/record.h"

/* clang-format off */
#define FSM_WAITS(ON) \
	ON(TRY,     "the next try, or look") \
	ON(NOTHING, "nothing") \
	ON(CHANGE,  "the end of a change") \
	ON(REQUEST, "the change that an unanswered request makes, or that it makes none") \
	ON(SNAPD,   "snapd") \
	ON(DRIFT,   "the next time that the snap is put right")

/*
 * What is awaited with a reason. With any other it is the next try of the failure that the reason is
 * of, if it is one's: a local build stays, whatever was tried with it.
 */
#define FSM_AWAITED(ON) \
	ON(SNAPD_AWAY,     SNAPD) \
	ON(NOT_SEEDED,     SNAPD) \
	ON(OWN_CHANGE,     CHANGE) \
	ON(OWN_STANDS,     CHANGE) \
	ON(FOREIGN_CHANGE, CHANGE) \
	ON(FOREIGN_STANDS, CHANGE) \
	ON(UNANSWERED,     REQUEST) \
	ON(LOCAL,          NOTHING) \
	ON(DRIFTED,        DRIFT)

#define FSM_WAIT_(name, meaning) FSM_WAIT_##name,
/* clang-format on */

enum fsm_wait {
	FSM_WAITS(FSM_WAIT_) FSM_WAIT_COUNT
};

/* When it is asked what is due, and of which unit. */
struct fsm_moment {
	int64_t now;    /* seconds since the epoch */
	int64_t uptime; /* seconds since boot */
	const char *boot;
	const char *unit; /* its name spreads tries in time */
};

#define FSM_NEVER INT64_MAX

struct fsm_due {
	enum fsm_wait wait; /* DRIFT is a TRY */
	int64_t change;     /* the one whose end is awaited */
	int64_t seconds;    /* until the unit is to be woken in any case; 0 now, FSM_NEVER */
};

struct fsm_due fsm_due(const struct fsm_record *record, const struct fsm_moment *moment);

const char *fsm_wait_meaning(enum fsm_wait wait);

#endif
