/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One look at the world. It only looks: the record is as it was.
 */
#ifndef HOOKS_LOOK_H
#define HOOKS_LOOK_H

#include "fsm/facts.h"
#include "hooks/run.h"
#include "workload/probe.h"

/* What one look found; the facts borrow their texts from the rest and from RUN. */
struct look {
	struct fsm_facts facts;
	char away[FSM_DETAIL_MAX + 1];     /* what is wrong with snapd, as in the facts */
	char asked_at[JUJU_PATH_MAX + 16]; /* where the workload was asked, as in the facts */
	char mute[PROBE_TEXT_SIZE];        /* what was seen in place of an answer */
	struct snapd_snap snap;
	struct snapd_change flight; /* the change in flight, id 0 when there is none */
	struct snapd_change own;    /* the change of our request, id 0 when none is known */
};

/* Looks, in the order that fsm/look.h gives. snapd's silence is a fact, not a failure. */
void look_take(struct run *run, struct look *ret);

/* The highest id of a change that snapd shows for the snap, 0 when there is none. */
int look_baseline(struct run *run, int64_t *ret, struct error *err);

/* Whether a change of the snap is in flight; true when snapd does not tell. */
bool look_in_flight(struct run *run);

/* CHANGE in the machine's words. */
struct fsm_change look_change(const struct snapd_change *change);

#endif
