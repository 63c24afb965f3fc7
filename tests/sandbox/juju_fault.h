/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults of hook tools, as `sandbox-juju fault` has set them.
 */
#ifndef SANDBOX_JUJU_FAULT_H
#define SANDBOX_JUJU_FAULT_H

#include "tests/sandbox/juju_tools.h"

enum juju_fault {
	JUJU_FAULT_NONE,
	JUJU_FAULT_EXIT1,
	JUJU_FAULT_EXIT2,
	JUJU_FAULT_HANG,
	JUJU_FAULT_FLOOD,
	JUJU_FAULT_DIE,
	JUJU_FAULT_HALFWAY, /* resource-get: half of the file comes */
	JUJU_FAULT_MISSING,
	JUJU_FAULT_KILL_BEFORE,
	JUJU_FAULT_KILL_AFTER,
	JUJU_FAULT_TEXT,
	JUJU_FAULT_PORT_CONFLICT,
	JUJU_FAULT_DEPOSED, /* the tool has acted, and TEXT is the leader now */
	JUJU_FAULT_ABSENT,  /* as if there were no such program: exit 127 */
};

/* JUJU_FAULT_NONE for an unknown name. */
enum juju_fault juju_fault_find(const char *name);
const char *juju_fault_name(enum juju_fault fault);

/*
 * The fault of this call of TOOL. Lowers its count in the model, which the caller must then save.
 * RET_TEXT is its text, to be freed. Does not handle "missing".
 */
enum juju_fault juju_fault_take(struct juju_call *call, const char *tool, char **ret_text);

/*
 * Does what the fault does in place of the tool, and returns the exit code; or returns -1 if the
 * tool must act as usual.
 */
int juju_fault_act(struct juju_call *call, enum juju_fault fault, const char *text);

/* Sends SIGKILL to the process that called the tool, and waits until it is gone. */
void juju_fault_kill_caller(void);

/* Whether a "missing" fault removes TOOL from this run. Lowers its count. */
bool juju_fault_missing(struct juju_model *model, const char *tool);

#endif
