/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of tasks: the tasks and summaries with which each kind of change begins, and those that
 * are added while it runs. For both versions of snapd, as recorded.
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

/* Makes the change with its tasks. An unknown kind gets one task of that kind. */
struct sim_change *sim_plan(struct sim *sim, const struct sim_plan *plan);

/* A service command: VERB is start, stop or restart. */
struct sim_change *sim_plan_service(
	struct sim *sim, const char *snap, const char *verb, bool lasting);

/* Adds after TASK the tasks that install the base and the snapd snap, if they are missing. */
void sim_plan_prerequisites(struct sim *sim, struct sim_change *change, struct sim_task *task);

/* Adds after the auto-connect TASK the connections of a new snap. */
void sim_plan_connect(struct sim *sim, struct sim_change *change, struct sim_task *task);
void sim_plan_disconnect(struct sim *sim, struct sim_change *change, struct sim_task *task);

/* Adds an auto-connect after the link TASK of a snap that was disabled. */
void sim_plan_connect_later(struct sim *sim, struct sim_change *change, struct sim_task *task);

#endif
