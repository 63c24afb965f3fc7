/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_fault.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"

enum {
	FLOOD_BYTES = 256 << 20, /* then the flood ends by itself, as a failure */
	HANG_SECONDS = 600,
};

/* clang-format off */
static const char *const names[] = {
	[JUJU_FAULT_NONE]          = "none",
	[JUJU_FAULT_EXIT1]         = "exit1",
	[JUJU_FAULT_EXIT2]         = "exit2",
	[JUJU_FAULT_HANG]          = "hang",
	[JUJU_FAULT_FLOOD]         = "flood",
	[JUJU_FAULT_DIE]           = "die",
	[JUJU_FAULT_HALFWAY]       = "halfway",
	[JUJU_FAULT_MISSING]       = "missing",
	[JUJU_FAULT_KILL_BEFORE]   = "kill-before",
	[JUJU_FAULT_KILL_AFTER]    = "kill-after",
	[JUJU_FAULT_TEXT]          = "text",
	[JUJU_FAULT_PORT_CONFLICT] = "port-conflict",
	[JUJU_FAULT_DEPOSED]       = "deposed",
	[JUJU_FAULT_ABSENT]        = "absent",
};
/* clang-format on */

enum juju_fault juju_fault_find(const char *name)
{
	for (size_t at = 1; at < sizeof names / sizeof *names; at++)
		if (strcmp(names[at], name) == 0)
			return (enum juju_fault)at;
	return JUJU_FAULT_NONE;
}

const char *juju_fault_name(enum juju_fault fault)
{
	return names[fault];
}

/* Counts down the first fault of TOOL (or "any"); NULL if it does not occur now. */
static cJSON *count_down(
	struct juju_model *model, const char *tool, bool missing, bool *ret_changed)
{
	cJSON *faults = json_get(model->root, "faults");
	cJSON *fault;

	cJSON_ArrayForEach(fault, faults)
	{
		const char *of = json_text(fault, "tool", "");
		bool takes_away = strcmp(json_text(fault, "mode", ""), "missing") == 0;
		long long skip = json_number(fault, "skip", 0);
		long long times = json_number(fault, "times", 1);

		if ((strcmp(of, tool) != 0 && strcmp(of, "any") != 0) || takes_away != missing)
			continue;
		*ret_changed = true;
		if (skip > 0) {
			json_put_number(fault, "skip", (double)skip - 1);
			return NULL;
		}
		json_put_number(fault, "times", (double)times - 1);
		if (times > 1)
			return cJSON_Duplicate(fault, true);
		return cJSON_DetachItemViaPointer(faults, fault);
	}
	return NULL;
}

enum juju_fault juju_fault_take(struct juju_call *call, const char *tool, char **ret_text)
{
	cJSON *fault = count_down(&call->model, tool, false, &call->changed);
	enum juju_fault found = juju_fault_find(json_text(fault, "mode", ""));

	*ret_text = alloc_text(json_text(fault, "text", ""));
	cJSON_Delete(fault);
	return found;
}

bool juju_fault_missing(struct juju_model *model, const char *tool)
{
	bool changed = false;
	cJSON *fault = count_down(model, tool, true, &changed);

	cJSON_Delete(fault);
	return fault != NULL;
}

/* In real time, also where sleep() moves the virtual clock. */
static void rest(int ms)
{
	(void)poll(NULL, 0, ms);
}

void juju_fault_kill_caller(void)
{
	pid_t caller = getppid();

	if (caller > 1)
		(void)kill(caller, SIGKILL);
	for (int ms = 0; ms < 1000 && getppid() == caller; ms++)
		rest(1);
}

/* Waits until the caller gives up and is gone, but not for ever. */
static void hang(void)
{
	pid_t caller = getppid();

	for (int tenths = 0; tenths < HANG_SECONDS * 10 && getppid() == caller; tenths++)
		rest(100);
}

static void flood(void)
{
	char line[4096];

	memset(line, 'x', sizeof line);
	line[sizeof line - 1] = '\n';
	for (size_t sent = 0; sent < FLOOD_BYTES; sent += sizeof line)
		if (juju_write_all(STDOUT_FILENO, line, sizeof line))
			return;
}

static void die(void)
{
	struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)signal(SIGSEGV, SIG_DFL);
	(void)raise(SIGSEGV);
}

int juju_fault_act(struct juju_call *call, enum juju_fault fault, const char *text)
{
	switch (fault) {
	case JUJU_FAULT_EXIT1:
		return juju_tool_fail(call, 1, "%s",
			*text ? text : "cannot reach the controller: connection is shut down");
	case JUJU_FAULT_EXIT2:
		return juju_tool_fail(
			call, 2, "%s", *text ? text : "flag provided but not defined: --x");
	case JUJU_FAULT_HANG:
		hang();
		return 1;
	case JUJU_FAULT_FLOOD:
		flood();
		return 1;
	case JUJU_FAULT_DIE:
		die();
		return 1;
	case JUJU_FAULT_TEXT:
		(void)buf_adds(&call->out, text);
		return 0;
	case JUJU_FAULT_PORT_CONFLICT:
		return juju_tool_fail(call, 1,
			"cannot open %s (unit \"%s\"): port range conflicts with %s "
			"(unit \"other/0\")",
			call->flags.nargs ? call->flags.args[0] : "8080/tcp", call->unit_name,
			call->flags.nargs ? call->flags.args[0] : "8080/tcp");
	case JUJU_FAULT_ABSENT:
		return 127;
	case JUJU_FAULT_KILL_BEFORE:
		juju_fault_kill_caller();
		return 1;
	case JUJU_FAULT_HALFWAY:
	case JUJU_FAULT_NONE:
	case JUJU_FAULT_MISSING:
	case JUJU_FAULT_KILL_AFTER:
	case JUJU_FAULT_DEPOSED:
		break;
	}
	return -1;
}
