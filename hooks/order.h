/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders: actions that do something. Each runs like a hook, with an order to the machine in its first
 * look, and gives as results what became of it.
 */
#ifndef HOOKS_ORDER_H
#define HOOKS_ORDER_H

#include "hooks/run.h"
#include "inspect/inspect.h"

/*
 * Carries out ORDER in RUN, which is new. RET are its results, also when it was refused
 * or has failed: this then fails with the cause and the remedy. There are none when the unit could not be
 * taken, or the record not be made durable. RET is to be given back, whatever this returns.
 */
int order_run(
	struct run *run, enum fsm_order order, struct inspect_results *ret, struct error *err);

#endif
