/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What whoever changes a unit takes first, a hook or an order: its lock, then its database.
 */
#ifndef HOOKS_UNIT_H
#define HOOKS_UNIT_H

#include "hooks/run.h"

/*
 * One dispatch per unit at a time: two would make two requests. RUN holds the lock until run_done(),
 * and its budget begins now. ERROR_BUSY when another one keeps it.
 */
int unit_lock(struct run *run, struct error *err);

/* Opens the database and reads the record, with the failures of store_open(). */
int unit_open(struct run *run, struct error *err);

enum {
	/* Milliseconds for which an action waits once snapd has taken it, or less with a shorter budget. */
	UNIT_ACTION_TIME = 50 * 1000,
};

/* All of that for an action that works like a hook, and the options. */
int unit_take(struct run *run, struct error *err);

#endif
