/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults of hook tools: what `sandbox-juju fault` asked for.
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
	JUJU_FAULT_MISSING,
	JUJU_FAULT_KILL_BEFORE,
	JUJU_FAULT_KILL_AFTER,
	JUJU_FAULT_TEXT,
	JUJU_FAULT_PORT_CONFLICT,
};

/* JUJU_FAULT_NONE for an unknown name. */
enum juju_fault juju_fault_find(const char *name);
const char *juju_fault_name(enum juju_fault fault);

/*
 * The fault that this call of TOOL meets, its count lowered in the model, which is then to be
 * saved; RET_TEXT is its text, to be freed. "missing" is no such fault.
 */
enum juju_fault juju_fault_take(struct juju_call *call, const char *tool, char **ret_text);

/*
 * Does the work of the fault where that is instead of the tool's; gives the exit code, or -1 when
 * the tool has to act as ever.
 */
int juju_fault_act(struct juju_call *call, enum juju_fault fault, const char *text);

/* SIGKILL to the process that called the tool, and wait for it to be gone. */
void juju_fault_kill_caller(void);

/* Has "missing" taken TOOL away from this run? Lowers its count. */
bool juju_fault_missing(struct juju_model *model, const char *tool);

#endif
