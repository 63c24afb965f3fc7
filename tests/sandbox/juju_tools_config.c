/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hook tools that read: configuration, leadership, addresses, goal state; and the reboot.
 */
#include <string.h>

#include "base/alloc.h"
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

int juju_tool_unit_get(struct juju_call *call)
{
	const char *key = call->flags.nargs ? call->flags.args[0] : NULL;
	CLEANUP(json_done)
	cJSON *address = cJSON_CreateString(json_text(call->unit, "address", ""));
	int extra = juju_tool_extra(call, 1);

	if (!key)
		return juju_tool_fail(call, 2, "no setting specified");
	if (strcmp(key, "private-address") != 0 && strcmp(key, "public-address") != 0)
		return juju_tool_fail(call, 2, "unknown setting \"%s\"", key);
	return extra ? extra : juju_tool_print(call, address, "smart");
}

static cJSON *network_info(const char *address)
{
	cJSON *info = cJSON_CreateObject();
	cJSON *device = cJSON_CreateObject();
	cJSON *entry = cJSON_CreateObject();
	CLEANUP(cleanup_free) char *subnet = alloc_textf("%s/32", address);

	json_put_text(entry, "hostname", "");
	json_put_text(entry, "value", address);
	json_put_text(entry, "address", address);
	json_put_text(entry, "cidr", "10.0.0.0/24");
	json_put_text(device, "interface-name", "eth0");
	json_put_text(device, "mac-address", "00:16:3e:00:00:01");
	cJSON_AddItemToArray(json_array(device, "addresses"), entry);
	cJSON_AddItemToArray(json_array(info, "bind-addresses"), device);
	json_push_text(json_array(info, "egress-subnets"), subnet);
	json_push_text(json_array(info, "ingress-addresses"), address);
	return info;
}

int juju_tool_network_get(struct juju_call *call)
{
	const char *binding = call->flags.nargs ? call->flags.args[0] : NULL;
	const char *address = json_text(call->unit, "address", "");
	CLEANUP(json_done) cJSON *info = network_info(address);
	CLEANUP(json_done) cJSON *bare = NULL;
	bool known = false;
	const cJSON *name;
	int extra = juju_tool_extra(call, 1);

	if (!binding)
		return juju_tool_fail(call, 2, "no arguments specified");
	if (extra)
		return extra;
	cJSON_ArrayForEach(name, json_get(json_get(call->app, "charm"), "bindings")) known =
		known || strcmp(cJSON_GetStringValue(name), binding) == 0;
	if (!known && strcmp(binding, "juju-info") != 0)
		return juju_tool_fail(
			call, 1, "no network config found for binding \"%s\"", binding);
	if (juju_flag(&call->flags, "bind-address") || juju_flag(&call->flags, "ingress-address"))
		bare = cJSON_CreateString(address);
	else if (juju_flag(&call->flags, "egress-subnets"))
		bare = cJSON_Duplicate(json_get(info, "egress-subnets"), true);
	return juju_tool_print(call, bare ? bare : info, "smart");
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

int juju_tool_reboot(struct juju_call *call)
{
	const char *kind = json_text(call->context, "kind", "");
	int extra = juju_tool_extra(call, 0);

	if (extra)
		return extra;
	if (strcmp(kind, "action") == 0 || strcmp(kind, "exec") == 0)
		return juju_tool_fail(
			call, 1, "juju-reboot is not supported when running an action.");
	call->changed = true;
	if (!juju_flag(&call->flags, "now")) {
		json_put_bool(call->context, "reboot", true);
		return 0;
	}
	json_put_bool(call->unit, "reboot", true);
	call->kill_hook = true;
	return 0;
}

int juju_tool_resource_get(struct juju_call *call)
{
	if (!call->flags.nargs)
		return juju_tool_fail(call, 2, "missing required resource name");
	return juju_tool_fail(call, 1,
		"could not download resource: HTTP request failed: resource \"%s\" not found",
		call->flags.args[0]);
}
