/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hook tools that read: configuration, leadership, goal state.
 */
#include <string.h>

#include "base/cleanup.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_settings.h"
#include "tests/sandbox/juju_time.h"
#include "tests/sandbox/juju_tools.h"

/* A hook sees the first answer until its end. */
int juju_tool_config_get(struct juju_call *call)
{
	bool all = juju_flag(&call->flags, "all") != NULL;
	int extra = juju_tool_extra(call, 1);
	CLEANUP(json_done) cJSON *shown = NULL;
	cJSON *config;
	cJSON *option;
	cJSON *next;

	if (extra)
		return extra;
	if (call->flags.nargs && all)
		return juju_tool_fail(call, 2, "cannot use argument --all together with key \"%s\"",
			call->flags.args[0]);
	if (!json_has(call->context, "config")) {
		json_put(call->context, "config", juju_settings_effective(call->app, true));
		call->changed = true;
	}
	config = json_get(call->context, "config");
	if (call->flags.nargs)
		return juju_tool_print(call, json_get(config, call->flags.args[0]), "smart");
	shown = cJSON_Duplicate(config, true);
	for (option = shown->child; option && !all; option = next) {
		next = option->next;
		if (cJSON_IsNull(option))
			json_drop(shown, option->string);
	}
	return juju_tool_print(call, shown, "smart");
}

int juju_tool_is_leader(struct juju_call *call)
{
	CLEANUP(json_done) cJSON *leader = cJSON_CreateBool(juju_tool_leader(call));
	int extra = juju_tool_extra(call, 0);

	return extra ? extra : juju_tool_print(call, leader, "smart");
}

int juju_tool_goal_state(struct juju_call *call)
{
	CLEANUP(json_done) cJSON *goal = cJSON_CreateObject();
	cJSON *units = json_object(goal, "units");
	const cJSON *unit;
	char since[40];

	(void)json_object(goal, "relations");
	cJSON_ArrayForEach(unit, json_get(call->model.root, "units"))
	{
		const cJSON *status = json_get(unit, "status");
		cJSON *entry;

		if (strcmp(json_text(unit, "app", ""), json_text(call->unit, "app", "")) != 0)
			continue;
		entry = json_object(units, unit->string);
		juju_time_text(since, json_number(status, "since", 0), JUJU_TIME_DATE);
		json_put_text(entry, "status",
			json_true(unit, "dying") ? "dying" : json_text(status, "status", ""));
		json_put_text(entry, "since", since);
	}
	return juju_tool_print(call, goal, "yaml");
}
