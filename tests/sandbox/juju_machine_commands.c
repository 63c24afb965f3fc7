/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands about machines, and about what happens to the agents there: who leads, and who is away.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_commands.h"
#include "tests/sandbox/juju_json.h"

/* add-machine [--hook-env K=V]: for the hooks of units there this wins over what the application has. */
int juju_command_add_machine(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	CLEANUP(cleanup_free) char *name = NULL;
	cJSON *machines;

	if (juju_model_open(&model, command->dir, err))
		return -1;
	machines = json_object(model.root, "machines");
	name = alloc_textf("%d", cJSON_GetArraySize(machines));
	if (juju_command_hook_env_of(json_object(machines, name), command, err) ||
		juju_model_save(&model, err))
		return -1;
	(void)fprintf(stderr, "created machine %s\n", name);
	return 0;
}

/* lead U: it becomes leader, as when the lease of the one before ran out. */
int juju_command_lead(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	CLEANUP(cleanup_free) char *app = NULL;
	cJSON *unit;

	if (juju_command_unit(&model, &unit, command, 0, err))
		return -1;
	app = alloc_text(json_text(unit, "app", ""));
	(void)juju_model_lead(&model, unit->string);
	if (juju_model_save(&model, err))
		return -1;
	juju_model_close(&model);
	return juju_command_settle(command, app, err);
}

/* agent U down|up: a unit whose agent is down runs nothing; up again, it has forgotten what it read. */
int juju_command_agent(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	CLEANUP(cleanup_free) char *app = NULL;
	const char *how = NULL;
	cJSON *unit;

	if (juju_command_argument(&how, command, 1, "state", err) ||
		juju_command_unit(&model, &unit, command, 0, err))
		return -1;
	if (strcmp(how, "down") != 0 && strcmp(how, "up") != 0)
		return error_set(err, ERROR_FORMAT, "agent U down|up");
	app = alloc_text(json_text(unit, "app", ""));
	json_put_bool(unit, "down", strcmp(how, "down") == 0);
	json_drop(unit, "read");
	if (juju_model_save(&model, err))
		return -1;
	juju_model_close(&model);
	return juju_command_settle(command, app, err);
}
