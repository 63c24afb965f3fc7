/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of the waker: `dispatch wait`, started by a hook that left something due (waker.h).
 *
 * It waits for that, and then has Juju run update-status once. While it waits it holds no lock of
 * Juju's or the unit's, and no transaction of the database; its own lock tells that it is there. It
 * ends when nothing is due: only while it holds the unit's lock, with the record read under it, so that
 * a hook either finds it alive or starts the next one.
 */
#ifndef HOOKS_WAIT_H
#define HOOKS_WAIT_H

/* The exit status: 0 when nothing is due any more, or the unit is gone; 2 without a unit. */
int wait_run(void);

#endif
