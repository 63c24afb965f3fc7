/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hook tools: one function each, found by the name by which the program was called.
 */
#ifndef SANDBOX_JUJU_TOOLS_H
#define SANDBOX_JUJU_TOOLS_H

#include <stdbool.h>

#include "base/buf.h"
#include "tests/sandbox/juju_flags.h"
#include "tests/sandbox/juju_model.h"

struct juju_call {
	const char *name;
	struct juju_model model;
	char *unit_name;
	cJSON *unit;
	cJSON *app;
	cJSON *context;
	struct juju_flags flags;
	struct buf out;
	struct buf err;
	bool changed; /* the model is to be saved */
	bool halfway; /* a download ends before all is there */
};

struct juju_tool {
	const char *name;
	int (*act)(struct juju_call *call); /* the exit code */
	const struct juju_flag *flags;      /* NULL: none */
	bool restricted;                    /* works for meter-status-changed too */
};

/* The tools, a NULL name at the end. */
extern const struct juju_tool juju_tools[];

const struct juju_tool *juju_tool_find(const char *name);

/* Runs as the hook tool TOOL and gives its exit code. */
int juju_tool_main(const struct juju_tool *tool, char **argv);

/* "ERROR <text>" on stderr; gives CODE back: 1 for an error, 2 for a bad command line. */
int juju_tool_fail(struct juju_call *call, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* If there are positional arguments from number FIRST on, says so and returns 2. */
int juju_tool_extra(struct juju_call *call, int first);
/* Prints VALUE by --format and --output; STANDARD is the tool's default format. */
int juju_tool_print(struct juju_call *call, const cJSON *value, const char *standard);
/* Once it was not, it is not until the hook ends. */
bool juju_tool_leader(struct juju_call *call);

/* --format and --output, the flags of every tool that prints. */
/* clang-format off */
#define JUJU_OUTPUT_FLAGS \
	{ "format", "format", true }, { "o", "output", true }, { "output", "output", true }
/* clang-format on */

int juju_tool_status_set(struct juju_call *call);
int juju_tool_version_set(struct juju_call *call);
int juju_tool_config_get(struct juju_call *call);
int juju_tool_log(struct juju_call *call);
int juju_tool_is_leader(struct juju_call *call);
int juju_tool_goal_state(struct juju_call *call);
int juju_tool_open_port(struct juju_call *call);
int juju_tool_close_port(struct juju_call *call);
int juju_tool_opened_ports(struct juju_call *call);
int juju_tool_action_get(struct juju_call *call);
int juju_tool_action_set(struct juju_call *call);
int juju_tool_action_fail(struct juju_call *call);
int juju_tool_action_log(struct juju_call *call);
int juju_tool_relation_ids(struct juju_call *call);
int juju_tool_relation_list(struct juju_call *call);
int juju_tool_relation_get(struct juju_call *call);
int juju_tool_relation_set(struct juju_call *call);
int juju_tool_resource_get(struct juju_call *call);
int juju_tool_exec(struct juju_call *call);
int juju_tool_systemd_run(struct juju_call *call);

#endif
