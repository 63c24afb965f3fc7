/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Actions: what an operator asks of one unit, by `juju run`.
 */
#ifndef HOOKS_ACTION_H
#define HOOKS_ACTION_H

#include "hooks/run.h"

/*
 * Runs the action of RUN, which is new. What becomes of it, its own failure too, is told to Juju, and
 * 0 returned: Juju drops the reason of an action that exits with another status. -1 only when Juju
 * could not be told.
 */
int action_run(struct run *run, struct error *err);

#endif
