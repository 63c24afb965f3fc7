/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_ops.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/sandbox/snapd_decode.h"
#include "tests/sandbox/snapd_plan.h"

static bool flag(const cJSON *body, const char *key)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(body, key));
}

static bool has_service(struct sim_snap *snap, const char *app)
{
	const char *name = NULL;
	int length;

	while ((name = sim_snap_service(snap, name, &length)))
		if ((int)strlen(app) == length && memcmp(app, name, (size_t)length) == 0)
			return true;
	return false;
}

/* SNAP or SNAP.APP, which is all of its services; one snap is enough for the stand-in. */
static struct sim_answer control(
	struct sim *sim, const cJSON *body, const char *verb, const char *wanted)
{
	size_t length = strcspn(wanted, ".");
	const char *app = wanted[length] == '.' ? wanted + length + 1 : NULL;
	struct sim_change *change;
	char name[64];

	(void)snprintf(name, sizeof name, "%.*s", (int)length, wanted);
	if (!sim_snap(sim, name))
		return sim_error(404, "snap-not-found", cJSON_CreateString(name),
			"snap \"%s\" not found", name);
	if (app && !has_service(sim_snap(sim, name), app))
		return sim_error(
			404, "app-not-found", NULL, "snap \"%s\" has no service \"%s\"", name, app);
	change = sim_change_conflict(sim, name);
	if (change)
		return sim_error(400, NULL, NULL, "snap \"%s\" has \"%s\" change in progress", name,
			change->kind);
	change = sim_plan_service(sim, name, verb, flag(body, "enable") || flag(body, "disable"));
	change->posted = true;
	sim->made++;
	return sim_async(change->id);
}

struct sim_answer sim_post_apps(struct sim *sim, const struct sim_request *request)
{
	struct sim_answer answer;
	cJSON *body = sim_body(request, "request body into service operation",
		"servicestate.Instruction", &answer);
	const char *verb, *name;

	if (!body)
		return answer;
	verb = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "action"));
	name = cJSON_GetStringValue(
		cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(body, "names"), 0));
	verb = verb ? verb : "";
	if (!name)
		answer = sim_error(400, NULL, NULL,
			"cannot perform operation on services without a list of services to "
			"operate on");
	else if (strcmp(verb, "start") != 0 && strcmp(verb, "stop") != 0 &&
		 strcmp(verb, "restart") != 0)
		answer = sim_error(400, NULL, NULL, "unknown action \"%s\"", verb);
	else
		answer = control(sim, body, verb, name);
	cJSON_Delete(body);
	return answer;
}

struct sim_answer sim_put_conf(struct sim *sim, const char *name, const struct sim_request *request)
{
	struct sim_answer answer;
	cJSON *body = sim_body(
		request, "request body into patch values", "map[string]interface {}", &answer);
	struct sim_change *change;
	struct sim_task *task;
	char summary[256];

	if (!body)
		return answer;
	cJSON_Delete(body);
	if (!sim_snap(sim, name))
		return sim_error(404, "snap-not-found", cJSON_CreateString(name),
			"snap \"%s\" is not installed", name);
	(void)snprintf(summary, sizeof summary, "Change configuration of \"%s\" snap", name);
	change = sim_change_new(sim, "configure-snap", name, summary);
	(void)snprintf(summary, sizeof summary, "Run configure hook of \"%s\" snap", name);
	task = sim_task_new(sim, change, "run-hook", name, summary, 0);
	(void)strcpy(task->hook, "configure");
	change->posted = true;
	sim->made++;
	return sim_async(change->id);
}
