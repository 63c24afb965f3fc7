/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that an operator types, and commands only for tests. Each returns the exit code; -1 with
 * ERR set becomes "ERROR ..." and 1.
 */
#ifndef SANDBOX_JUJU_COMMANDS_H
#define SANDBOX_JUJU_COMMANDS_H

#include "base/error.h"
#include "tests/sandbox/juju_flags.h"
#include "tests/sandbox/juju_model.h"
#include "tests/sandbox/juju_uniter.h"

struct juju_command {
	const char *dir;
	const char *clock; /* NULL: as the model has it */
	struct juju_limits limits;
	struct juju_flags flags;
};

/* clang-format off */
int juju_command_deploy(struct juju_command *command, struct error *err);
int juju_command_config(struct juju_command *command, struct error *err);
int juju_command_refresh(struct juju_command *command, struct error *err);
int juju_command_hook_env(struct juju_command *command, struct error *err);
int juju_command_add_unit(struct juju_command *command, struct error *err);
int juju_command_add_machine(struct juju_command *command, struct error *err);
int juju_command_lead(struct juju_command *command, struct error *err);
int juju_command_agent(struct juju_command *command, struct error *err);
int juju_command_remove_unit(struct juju_command *command, struct error *err);
int juju_command_resolved(struct juju_command *command, struct error *err);
int juju_command_attach_resource(struct juju_command *command, struct error *err);
int juju_command_retry(struct juju_command *command, struct error *err);
int juju_command_exec(struct juju_command *command, struct error *err);
int juju_command_run(struct juju_command *command, struct error *err);
int juju_command_ssh(struct juju_command *command, struct error *err);
int juju_command_hook(struct juju_command *command, struct error *err);
int juju_command_tick(struct juju_command *command, struct error *err);
int juju_command_reboot(struct juju_command *command, struct error *err);
int juju_command_meter(struct juju_command *command, struct error *err);
int juju_command_fault(struct juju_command *command, struct error *err);
int juju_command_status(struct juju_command *command, struct error *err);
int juju_command_show(struct juju_command *command, struct error *err);
int juju_command_debug_log(struct juju_command *command, struct error *err);
int juju_command_forget(struct juju_command *command, struct error *err);
int juju_command_remove_application(struct juju_command *command, struct error *err);
int juju_command_add_model(struct juju_command *command, struct error *err);
int juju_command_destroy_model(struct juju_command *command, struct error *err);
int juju_command_version(struct juju_command *command, struct error *err);
/* clang-format on */

/* Argument number AT, or -1 with "no WHAT specified". */
int juju_command_argument(const char **ret, const struct juju_command *command, int at,
	const char *what, struct error *err);

/* The folder of the model of that name, which must be there; to be freed. See juju_client.c. */
int juju_client_model(char **ret, const char *name, struct error *err);

/*
 * Lets every unit of APP settle, and then those that hear of it; returns the largest exit code, or -1.
 */
int juju_command_settle(const struct juju_command *command, const char *app, struct error *err);

/* Lets the units settle that have to hear of another one, until there are none. */
int juju_command_follow(const char *dir, const struct juju_limits *limits, struct error *err);

/* Adds what --hook-env says to the environment that OWNER has for hooks. */
int juju_command_hook_env_of(cJSON *owner, const struct juju_command *command, struct error *err);

/* Opens the model and finds the application. */
int juju_command_app(struct juju_model *ret, cJSON **ret_app, const struct juju_command *command,
	const char *app, struct error *err);

/* Opens the model and finds the unit that argument AT names. */
int juju_command_unit(struct juju_model *ret, cJSON **ret_unit, const struct juju_command *command,
	int at, struct error *err);

/* Attaches what the flags --resource name to APP (juju_resources.c). */
int juju_resources_add(const struct juju_model *model, cJSON *app,
	const struct juju_command *command, struct error *err);

/* As the program juju-exec, outside of a hook: UNIT SCRIPT, in the model of $SANDBOX_JUJU_MODEL. */
int juju_exec_main(char **argv);

#endif
