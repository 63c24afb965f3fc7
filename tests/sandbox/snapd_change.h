/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes and their tasks. snapd_plan.c makes them. The functions here move them on one transition
 * at a time, and let them fail, undo and abort by the rules that the recordings show.
 */
#ifndef TESTS_SANDBOX_SNAPD_CHANGE_H
#define TESTS_SANDBOX_SNAPD_CHANGE_H

#include "tests/sandbox/snapd_state.h"

enum sim_status {
	SIM_DO,
	SIM_DOING,
	SIM_DONE,
	SIM_WAIT,
	SIM_ABORT,
	SIM_UNDO,
	SIM_UNDOING,
	SIM_UNDONE,
	SIM_HOLD,
	SIM_ERROR,
};

struct sim_task {
	long long id;
	long long rank; /* tasks are done by rising rank and undone by falling rank */
	long long spawned, began, ended, log_at; /* times; 0 = not yet */
	long long done, total;                   /* bytes, when there is a label */
	long long status;                        /* enum sim_status */
	bool affects;                            /* shows the snaps it affects */
	bool error;                              /* the log line is an error */
	char kind[48];
	char hook[24];
	char snap[64];
	char peer[64];   /* the other snap, "" when there is none */
	char number[24]; /* the revision it is about */
	char label[64];
	char summary[256];
	char log[1024]; /* one entry, without time and level; "" = none */
};

struct sim_change {
	long long id, spawned, ended, due;
	bool named;  /* its data has the snap's name; else it is only found by it */
	bool posted; /* made by a POST, not by somebody else */
	bool held, waiting;
	bool interrupted; /* its hook, by a restart of snapd */
	bool lasting;     /* of a service command: enable or disable too */
	bool reverting, devmode;
	bool there; /* the snap was there before, as `before` */
	char kind[32];
	char snap[64];     /* "" when it is about none */
	char verb[16];     /* of a service command */
	char held_at[48];  /* the kind of task to stay in, "" for the first */
	char channel[128]; /* what the snap is to track, not yet in full */
	char summary[256];
	struct sim_revision target;
	struct sim_snap before;
	size_t count;
	struct sim_task **tasks; /* in the order in which they are shown */
};

const char *sim_status_name(long long status);

/* A new change, running, without tasks. SNAP may be "". */
struct sim_change *sim_change_new(
	struct sim *sim, const char *kind, const char *snap, const char *summary);

/* Adds a task that comes last; RANK 0 is the next free one. */
struct sim_task *sim_task_new(struct sim *sim, struct sim_change *change, const char *kind,
	const char *snap, const char *summary, long long rank);

/* The change of a machine's first boot, which is over. */
void sim_change_seed(struct sim *sim);

struct sim_change *sim_change_find(struct sim *sim, const char *id);

/* A change that is not over and conflicts with another one for SNAP; NULL = none. */
struct sim_change *sim_change_conflict(struct sim *sim, const char *snap);

enum sim_status sim_change_status(const struct sim_change *change);

/* The `err` of a change that is over; NULL when it has none. Caller frees. */
char *sim_change_error(const struct sim_change *change);

/* Makes one transition, at the time NOW; none for a change that is over, waits or is held. */
void sim_change_step(struct sim *sim, struct sim_change *change, long long now);

/*
 * Marks all that is to be held, aborted and undone. What follows at once from that is left to
 * sim_change_settle(), so that the answer shows the marks.
 */
void sim_change_abort(struct sim *sim, struct sim_change *change);
void sim_change_settle(struct sim *sim, struct sim_change *change, long long now);

/* Does what is due by now, and prunes changes that are a day old. In manual mode it only prunes. */
void sim_advance(struct sim *sim);

/* N transitions of the oldest change that can move; how many there were. */
int sim_step(struct sim *sim, int n);

/* Runs every change to its end, except held and waiting ones. */
void sim_finish(struct sim *sim);

/* Drops the changes that are over, or all. */
void sim_changes_prune(struct sim *sim);
void sim_changes_clear(struct sim *sim);

#endif
