/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command show: prints all that is known about one unit, for tests.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_commands.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_log.h"
#include "tests/sandbox/juju_ports.h"
#include "tests/sandbox/juju_settings.h"
#include "tests/sandbox/juju_view.h"

static cJSON *find_run(cJSON *runs, long long number)
{
	cJSON *run = cJSON_GetArrayItem(runs, cJSON_GetArraySize(runs) - 1);

	for (; run; run = run == runs->child ? NULL : run->prev)
		if (json_number(run, "run", 0) == number)
			return run;
	run = cJSON_CreateObject();
	json_put_number(run, "run", (double)number);
	json_put_text(run, "outcome", "running");
	(void)json_object(run, "tools");
	(void)json_array(run, "calls");
	cJSON_AddItemToArray(runs, run);
	return run;
}

static void add_call(cJSON *run, const cJSON *entry)
{
	const char *tool = json_text(entry, "tool", "");
	cJSON *tools = json_object(run, "tools");
	cJSON *call = cJSON_Duplicate(entry, true);

	json_drop(call, "what");
	json_drop(call, "run");
	json_put_number(tools, tool, (double)json_number(tools, tool, 0) + 1);
	cJSON_AddItemToArray(json_array(run, "calls"), call);
}

static void add_result(cJSON *shown, cJSON *run, const cJSON *entry)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, entry) if (strcmp(item->string, "what") != 0)
		json_put(run, item->string, cJSON_Duplicate(item, true));
	if (strcmp(json_text(entry, "kind", ""), "hook") == 0)
		json_push_text(json_array(shown, "hooks"), json_text(entry, "name", ""));
}

static void add_journal(cJSON *shown, const char *dir, const char *unit)
{
	CLEANUP(json_done) cJSON *entries = juju_journal_read(dir, unit);
	cJSON *runs = json_array(shown, "runs");
	cJSON *history = json_array(shown, "history");
	const cJSON *entry;

	(void)json_array(shown, "hooks");
	cJSON_ArrayForEach(entry, entries)
	{
		const char *what = json_text(entry, "what", "");

		if (strcmp(what, "call") == 0)
			add_call(find_run(runs, json_number(entry, "run", 0)), entry);
		else if (strcmp(what, "run") == 0)
			add_result(shown, find_run(runs, json_number(entry, "run", 0)), entry);
		else
			cJSON_AddItemToArray(history, cJSON_Duplicate(entry, true));
	}
}

static void add_paths(cJSON *shown, const struct juju_model *model, const char *unit)
{
	CLEANUP(cleanup_free) char *agent = juju_unit_path(model->dir, "agents", unit);
	CLEANUP(cleanup_free) char *tools = juju_unit_path(model->dir, "tools", unit);
	CLEANUP(cleanup_free) char *charm = juju_charm_dir(model->dir, unit);

	json_put_text(shown, "agent-dir", agent);
	json_put_text(shown, "charm-dir", charm);
	json_put_text(shown, "tools-dir", tools);
}

static void copy(cJSON *shown, const cJSON *unit, const char *key)
{
	json_put(shown, key,
		json_has(unit, key) ? cJSON_Duplicate(json_get(unit, key), true) : NULL);
}

static void add_state(cJSON *shown, const struct juju_model *model, const cJSON *unit)
{
	const cJSON *app = juju_model_unit_app(model, unit);
	CLEANUP(json_done) cJSON *workload = juju_view_workload(unit);
	const char *unit_name = json_text(unit, "name", "");

	json_put_text(shown, "unit", unit_name);
	json_put_text(shown, "app", json_text(unit, "app", ""));
	json_put_bool(shown, "leader", strcmp(json_text(app, "leader", ""), unit_name) == 0);
	json_put_text(shown, "status", json_text(workload, "status", ""));
	json_put_text(shown, "message", json_text(workload, "message", ""));
	json_put(shown, "charm-status", cJSON_Duplicate(json_get(unit, "status"), true));
	copy(shown, unit, "agent");
	copy(shown, unit, "error");
	copy(shown, unit, "op");
	copy(shown, unit, "context");
	json_put_text(shown, "version", json_text(unit, "version", ""));
	json_put_number(shown, "charm-revision", (double)json_number(unit, "charm-revision", -1));
	json_put_bool(shown, "installed", json_true(unit, "installed"));
	json_put_bool(shown, "started", json_true(unit, "started"));
	json_put_bool(shown, "dying", json_true(unit, "dying"));
	json_put_text(shown, "machine", juju_model_machine(unit));
	copy(shown, app, "bags");
	json_put(shown, "ports", juju_ports_list(unit));
	json_put(shown, "config", juju_settings_effective(app, true));
	json_put(shown, "settings", cJSON_Duplicate(json_get(app, "settings"), true));
}

int juju_command_show(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	CLEANUP(json_done) cJSON *shown = cJSON_CreateObject();
	CLEANUP(cleanup_free) char *text = NULL;
	const char *name = NULL;
	const cJSON *unit;
	bool gone;

	if (juju_command_argument(&name, command, 0, "unit", err) ||
		juju_model_open(&model, command->dir, err))
		return -1;
	unit = juju_model_unit(&model, name);
	gone = !unit;
	if (gone)
		unit = json_get(json_get(model.root, "gone"), name);
	if (!unit)
		return error_set(err, ERROR_FORMAT, "unit \"%s\" not found", name);
	add_state(shown, &model, unit);
	json_put_bool(shown, "gone", gone);
	add_paths(shown, &model, name);
	add_journal(shown, model.dir, name);
	json_put(shown, "log", juju_log_read(model.dir, name));
	text = cJSON_Print(shown);
	(void)puts(text);
	return 0;
}
