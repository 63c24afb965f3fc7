/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of tasks: which tasks, with which summaries, a change of each kind begins with, and
 * which are added while it runs. Both versions of snapd, as recorded.
 */
#ifndef TESTS_SANDBOX_SNAPD_PLAN_H
#define TESTS_SANDBOX_SNAPD_PLAN_H

#include "tests/sandbox/snapd_change.h"

struct sim_plan {
	const char *kind; /* of the change: "install-snap", ... */
	const char *snap;
	const char *summary;               /* of the change */
	const char *channel;               /* what it is to track; NULL = as it does */
	const char *source;                /* the channel a download is said to come from */
	const struct sim_revision *target; /* NULL when it is not about a revision */
	bool purge;                        /* of a remove: without a snapshot */
};

/* The change, with its tasks. A kind that is not known gets one task of that kind. */
struct sim_change *sim_plan(struct sim *sim, const struct sim_plan *plan);

/* A service command: VERB is start, stop or restart. */
struct sim_change *sim_plan_service(
	struct sim *sim, const char *snap, const char *verb, bool lasting);

/* Adds, behind TASK, what installs the base and the snapd snap, where they are missing. */
void sim_plan_prerequisites(struct sim *sim, struct sim_change *change, struct sim_task *task);

/* Adds, behind the auto-connect TASK, the connections of a new snap. */
void sim_plan_connect(struct sim *sim, struct sim_change *change, struct sim_task *task);
void sim_plan_disconnect(struct sim *sim, struct sim_change *change, struct sim_task *task);

/* Adds an auto-connect behind the link TASK of a snap that was disabled. */
void sim_plan_connect_later(struct sim *sim, struct sim_change *change, struct sim_task *task);

#endif
