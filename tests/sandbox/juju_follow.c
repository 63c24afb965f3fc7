/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Juju does around a hook: the statuses that it sets itself, the hooks that follow, the error
 * state, the removal of a unit.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_log.h"
#include "tests/sandbox/juju_time.h"
#include "tests/sandbox/juju_uniter.h"

enum {
	TOLD_AGAIN_MS = 300, /* between the two config-changed of Juju 4 */
};

void juju_follow_queue(cJSON *unit, const char *hook)
{
	const cJSON *before = json_get(unit, "op");
	bool same = strcmp(json_text(before, "hook", ""), hook) == 0;
	CLEANUP(cleanup_free)
	char *remote = alloc_text(same ? json_text(before, "remote", "") : "");
	CLEANUP(cleanup_free)
	char *departing = alloc_text(same ? json_text(before, "departing", "") : "");
	double version = same ? (double)json_number(before, "version", -1) : -1;
	cJSON *op = cJSON_CreateObject();

	json_put_text(op, "hook", hook);
	json_put_number(op, "version", version);
	json_put_text(op, "step", "queued");
	json_put(unit, "op", op);
	juju_follow_about(unit, remote, departing);
}

void juju_follow_about(cJSON *unit, const char *remote, const char *departing)
{
	json_put_text(json_get(unit, "op"), "remote", remote);
	json_put_text(json_get(unit, "op"), "departing", departing);
}

void juju_follow_before(const struct juju_model *model, cJSON *unit, const char *hook)
{
	juju_relations_before(model, unit, hook);
	if (strcmp(hook, "install") == 0 && !json_true(unit, "status-set"))
		juju_unit_status(model, unit, "maintenance", "installing charm software", "juju");
	if (strcmp(hook, "stop") == 0)
		juju_unit_status(model, unit, "maintenance", "stopping charm software", "juju");
	if (strcmp(hook, "remove") == 0)
		juju_unit_status(
			model, unit, "maintenance", "cleaning up prior to charm deletion", "juju");
}

static void tell_again(cJSON *unit)
{
	json_drop(unit, "told-twice");
	juju_time_pass(TOLD_AGAIN_MS);
	juju_follow_queue(unit, "config-changed");
}

static void done_by_name(
	const struct juju_model *model, cJSON *unit, const char *hook, const char *hash)
{
	if (strcmp(hook, "install") == 0) {
		json_put_bool(unit, "installed", true);
	} else if (strcmp(hook, "config-changed") == 0) {
		json_put_text(unit, "hash", hash);
		if (!json_true(unit, "started"))
			juju_follow_queue(unit, "start");
		else if (json_true(unit, "told-twice"))
			tell_again(unit);
	} else if (strcmp(hook, "start") == 0) {
		json_put_bool(unit, "started", true);
		json_put_bool(unit, "reboot", false);
		if (!json_true(unit, "status-set"))
			juju_unit_status(model, unit, "unknown", "", "juju");
	} else if (strcmp(hook, "upgrade-charm") == 0) {
		juju_follow_queue(unit, "config-changed");
	} else if (strcmp(hook, "stop") == 0) {
		json_put_bool(unit, "started", false);
		juju_unit_status(model, unit, "maintenance", "", "juju");
	} else if (strcmp(hook, "remove") == 0) {
		json_put_bool(unit, "removed", true);
		juju_unit_status(model, unit, "terminated", "", "juju");
	} else if (strcmp(hook, "leader-elected") == 0) {
		json_put_text(unit, "leadership", "leader");
	} else if (strcmp(hook, "leader-settings-changed") == 0) {
		json_put_text(unit, "leadership", "minion");
	}
}

void juju_follow_done(
	const struct juju_model *model, cJSON *unit, const char *hook, const char *hash)
{
	juju_relations_done(unit, hook);
	json_drop(unit, "op");
	json_drop(unit, "error");
	json_drop(unit, "resolved");
	json_drop(unit, "tick");
	done_by_name(model, unit, hook, hash);
}

void juju_follow_failed(
	const struct juju_model *model, cJSON *unit, const char *hook, const char *problem)
{
	cJSON *error = json_object(unit, "error");
	const char *name = json_text(unit, "name", "");
	CLEANUP(cleanup_free)
	char *text = alloc_textf(
		"hook \"%s\" (via hook dispatching script: dispatch) failed: %s", hook, problem);

	json_put_text(error, "hook", hook);
	json_put_text(error, "problem", problem);
	json_put_number(error, "times", (double)json_number(error, "times", 0) + 1);
	json_drop(unit, "resolved");
	juju_follow_queue(unit, hook);
	juju_log_add(model->dir, name, "ERROR", "juju.worker.uniter.operation", text);
}

/* The next unit of the application that is not going. */
static void elect(const struct juju_model *model, cJSON *app)
{
	const cJSON *unit;

	json_drop(app, "leader");
	cJSON_ArrayForEach(unit, json_get(model->root, "units"))
	{
		if (strcmp(json_text(unit, "app", ""), json_text(app, "name", "")) != 0 ||
			json_true(unit, "dying"))
			continue;
		json_put_text(app, "leader", unit->string);
		return;
	}
}

int juju_follow_dead(struct juju_model *model, const char *unit, struct error *err)
{
	CLEANUP(cleanup_free) char *name = alloc_text(unit);
	CLEANUP(cleanup_free) char *agent = juju_unit_path(model->dir, "agents", name);
	CLEANUP(cleanup_free) char *tools = juju_unit_path(model->dir, "tools", name);
	cJSON *app = juju_model_unit_app(model, juju_model_unit(model, name));
	cJSON *gone = cJSON_DetachItemFromObjectCaseSensitive(json_get(model->root, "units"), name);

	json_put(json_object(model->root, "gone"), name, gone);
	if (strcmp(json_text(app, "leader", ""), name) == 0)
		elect(model, app);
	if (juju_remove_tree(agent, err) || juju_remove_tree(tools, err))
		return -1;
	return 0;
}
