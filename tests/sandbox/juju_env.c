/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment of a hook: what Juju sets on a machine, and nothing from our own environment.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_hook.h"
#include "tests/sandbox/juju_json.h"

enum {
	ENVIRONMENT_MAX = 96, /* with what --hook-env adds */
};

struct environment {
	char **list;
	int count;
};

static void add(struct environment *env, const char *name, const char *value)
{
	if (env->count < ENVIRONMENT_MAX)
		env->list[env->count++] = alloc_textf("%s=%s", name, value);
}

static void add_path(struct environment *env, const char *name, const char *dir, const char *kind,
	const char *unit, const char *rest)
{
	CLEANUP(cleanup_free) char *path = juju_unit_path(dir, kind, unit);
	CLEANUP(cleanup_free) char *value = alloc_textf("%s%s", path, rest);

	add(env, name, value);
}

/* Model and machine: not in the restricted context of meter-status-changed. */
static void add_model(struct environment *env, const struct juju_model *model, const cJSON *unit)
{
	add(env, "JUJU_MODEL_UUID", json_text(model->root, "uuid", ""));
	add(env, "JUJU_MODEL_NAME", json_text(model->root, "name", ""));
	add(env, "JUJU_API_ADDRESSES", "10.0.0.1:17070 127.0.0.1:17070");
	if (model->like->meters)
		add(env, "JUJU_SLA", "unsupported");
	add(env, "JUJU_MACHINE_ID", juju_model_machine(unit));
	add(env, "JUJU_PRINCIPAL_UNIT", "");
	add(env, "JUJU_AVAILABILITY_ZONE", "");
	add(env, "JUJU_VERSION", model->like->version);
	add(env, "CLOUD_API_VERSION", "");
	add(env, "JUJU_CHARM_HTTP_PROXY", "");
	add(env, "JUJU_CHARM_HTTPS_PROXY", "");
	add(env, "JUJU_CHARM_FTP_PROXY", "");
	add(env, "JUJU_CHARM_NO_PROXY", "127.0.0.1,localhost,::1");
}

/* What Juju 4 has in their place is empty as long as nothing is traced. */
static void add_meters(struct environment *env, const struct juju_like *like)
{
	static const char *const traces[] = { "JUJU_CHARM_TRACE_CONFIG_CA_CERT",
		"JUJU_CHARM_TRACE_CONFIG_GRPC", "JUJU_CHARM_TRACE_CONFIG_HTTP" };

	if (like->meters) {
		add(env, "JUJU_METER_STATUS", "NOT SET");
		add(env, "JUJU_METER_INFO", "");
		return;
	}
	for (size_t at = 0; at < sizeof traces / sizeof *traces; at++)
		add(env, traces[at], "");
}

static void add_relation(struct environment *env, const cJSON *context)
{
	const cJSON *relation = json_get(context, "relation");

	if (!relation)
		return;
	add(env, "JUJU_RELATION", json_text(relation, "name", ""));
	add(env, "JUJU_RELATION_ID", json_text(relation, "id", ""));
	add(env, "JUJU_REMOTE_UNIT", json_text(relation, "unit", ""));
	add(env, "JUJU_REMOTE_APP", json_text(relation, "app", ""));
	if (json_has(relation, "departing"))
		add(env, "JUJU_DEPARTING_UNIT", json_text(relation, "departing", ""));
}

static void add_action(struct environment *env, const cJSON *context)
{
	const cJSON *action = json_get(context, "action");
	CLEANUP(cleanup_free) char *tag = NULL;

	if (!action)
		return;
	tag = alloc_textf("action-%s", json_text(action, "id", ""));
	add(env, "JUJU_ACTION_NAME", json_text(action, "name", ""));
	add(env, "JUJU_ACTION_UUID", json_text(action, "id", ""));
	add(env, "JUJU_ACTION_TAG", tag);
}

static void add_dispatch_path(struct environment *env, const struct juju_job *job)
{
	CLEANUP(cleanup_free)
	char *path =
		alloc_textf("%s/%s", job->kind == JUJU_ACTION ? "actions" : "hooks", job->name);

	if (job->kind != JUJU_EXEC)
		add(env, "JUJU_DISPATCH_PATH", path);
}

char **juju_environment(
	const struct juju_model *model, const cJSON *unit, const struct juju_job *job)
{
	struct environment env = { .list = alloc_new(ENVIRONMENT_MAX + 1, sizeof *env.list) };
	const cJSON *context = json_get(unit, "context");
	CLEANUP(cleanup_free) char *tag = juju_tag(job->unit);
	CLEANUP(cleanup_free)
	char *socket =
		alloc_textf("%s%s/agents/%s/agent.socket", model->like->socket, model->dir, tag);
	bool meter = job->kind == JUJU_METER;
	const cJSON *extra, *machine;

	add_dispatch_path(&env, job);
	add_path(&env, "CHARM_DIR", model->dir, "agents", job->unit, "/charm");
	add_path(&env, "JUJU_CHARM_DIR", model->dir, "agents", job->unit, "/charm");
	add(&env, "JUJU_CONTEXT_ID", json_text(context, "id", ""));
	add(&env, "JUJU_AGENT_SOCKET_ADDRESS", socket);
	add(&env, "JUJU_AGENT_SOCKET_NETWORK", "unix");
	add(&env, "JUJU_UNIT_NAME", meter ? tag : job->unit);
	add_meters(&env, model->like);
	if (!meter) {
		add(&env, "JUJU_HOOK_NAME", job->kind == JUJU_HOOK ? job->name : "");
		add_model(&env, model, unit);
	}
	add_relation(&env, context);
	add_action(&env, context);
	add_path(&env, "PATH", model->dir, "tools", job->unit, model->like->path);
	add(&env, "APT_LISTCHANGES_FRONTEND", "none");
	add(&env, "DEBIAN_FRONTEND", "noninteractive");
	add(&env, "LANG", "C.UTF-8");
	add(&env, "TERM", "tmux-256color");
	machine = json_get(
		json_get(json_get(model->root, "machines"), juju_model_machine(unit)), "hook-env");
	cJSON_ArrayForEach(extra, machine) add(&env, extra->string, cJSON_GetStringValue(extra));
	cJSON_ArrayForEach(extra, json_get(juju_model_unit_app(model, unit), "hook-env"))
	{
		if (!json_has(machine, extra->string))
			add(&env, extra->string, cJSON_GetStringValue(extra));
	}
	return env.list;
}

void juju_environment_free(char **environment)
{
	for (char **at = environment; at && *at; at++)
		free(*at);
	free(environment);
}
