/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders: actions that do something. Each runs like a hook, with an order to the machine in its first
 * look, and gives as results what became of it.
 */
#ifndef HOOKS_ORDER_H
#define HOOKS_ORDER_H

#include "hooks/run.h"
#include "inspect/inspect.h"

enum {
	/* Milliseconds for which an order waits once snapd has taken it, or less with a shorter budget. */
	ORDER_TIME = 50 * 1000,
};

/*
 * Carries out ORDER in RUN, which is new. When the unit could be taken, RET are its results, also of a
 * failure; it is to be given back, whatever this returns. Fails with the cause and the remedy when the
 * order was refused or has failed.
 */
int order_run(
	struct run *run, enum fsm_order order, struct inspect_results *ret, struct error *err);

#endif
