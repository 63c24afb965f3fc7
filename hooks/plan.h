/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit would do now, and why, and what the Snap Store has: the machine's own turn on a copy
 * of the record. snapd is only looked at, and nothing is written.
 */
#ifndef HOOKS_PLAN_H
#define HOOKS_PLAN_H

#include "hooks/run.h"
#include "inspect/inspect.h"

enum {
	PLAN_STORE_TIME = 30 * 1000, /* milliseconds that the Snap Store gets */
};

/* What is wanted instead of what is configured. */
struct plan_wish {
	const char *channel; /* as the option takes it, "" as configured */
	int64_t revision;    /* 0: none, JUJU_AS_CONFIGURED */
};

/*
 * RUN is new, for the action. Fails when WISH is not what the options take, and when record or options
 * cannot be read; that of the Snap Store is a result. RET is to be given back when this succeeds.
 */
int plan_make(struct run *run, const struct plan_wish *wish, struct inspect_results *ret,
	struct error *err);

#endif
