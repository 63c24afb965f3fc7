/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The waker from outside: what a hook does about it. The waker is a process of its own, a transient
 * systemd service, that waits for what a hook has left due (fsm/due.h) without holding Juju's lock,
 * and then has Juju run update-status. See wait.h for its own life.
 *
 * It holds `waker.lock` in the charm's directory as long as it lives, a lock of fcntl(), which tells
 * who holds it. The file says which build that is; or that none could be started, which is logged once.
 */
#ifndef HOOKS_WAKER_H
#define HOOKS_WAKER_H

#include <signal.h>

#include "fsm/due.h"
#include "hooks/run.h"

/* That the record has changed; the waker reads it anew. */
#define WAKER_NEWS SIGUSR1

/*
 * The last thing that a hook or an order does, while it holds the unit's lock: where something is due
 * it sees to it that a waker of this build runs. One that runs already is told to look again. `remove`
 * ends it, and so does upgrade-charm, before it starts the new one. Never fails a hook.
 */
void waker_keep(struct run *run);

/*
 * For the waker itself: takes `waker.lock` of the charm in DIRECTORY, and writes there which build has
 * it. The file descriptor, whose closing gives it back; -1: another one has it, or it cannot be had.
 */
int waker_lock(const char *directory);

/* What is due of the unit of RUN now, by its record. */
struct fsm_due waker_due(const struct run *run);

#endif
