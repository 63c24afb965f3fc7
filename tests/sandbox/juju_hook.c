/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_hook.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_bags.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_log.h"
#include "tests/sandbox/juju_ports.h"
#include "tests/sandbox/juju_time.h"

enum {
	OUTPUT_LIMIT = 64 << 20,
};

static const char *const kinds[] = { "hook", "action", "exec", "meter" };
static const char *const ends[] = { "done", "failed", "terminated", "timeout" };

struct running {
	const struct juju_job *job;
	char *logger;
	cJSON *entry; /* of the journal */
};

/* "peers-relation-changed" belongs to the peer relation "peers". */
static void add_relation(cJSON *unit, cJSON *context, const char *hook)
{
	const char *found = strstr(hook, "-relation-");
	const cJSON *op = json_get(unit, "op");
	cJSON *relation;
	CLEANUP(cleanup_free) char *id = NULL;
	CLEANUP(cleanup_free) char *name = NULL;

	if (!found)
		return;
	name = alloc_textf("%.*s", (int)(found - hook), hook);
	id = alloc_textf("%s:1", name);
	relation = json_object(context, "relation");
	json_put_text(relation, "name", name);
	json_put_text(relation, "id", id);
	json_put_text(relation, "app", json_text(unit, "app", ""));
	json_put_text(relation, "unit", json_text(op, "remote", ""));
	if (strcmp(found, "-relation-departed") == 0)
		json_put_text(relation, "departing", json_text(op, "departing", ""));
}

static void add_action(struct juju_model *model, cJSON *context, const struct juju_job *job)
{
	CLEANUP(cleanup_free) char *id = juju_model_task(model);
	cJSON *action = json_object(context, "action");

	json_put_text(action, "id", id);
	json_put_text(action, "name", job->kind == JUJU_EXEC ? "juju-exec" : job->name);
	json_put(action, "params",
		job->params ? cJSON_Duplicate(job->params, true) : cJSON_CreateObject());
	json_object(action, "results");
}

static char *context_id(const struct juju_like *like, const struct juju_job *job)
{
	unsigned long long random[2] = { 0 };

	(void)!getrandom(random, sizeof random, 0);
	if (like->context_hex)
		return alloc_textf(
			"%s-%s-%016llx%016llx", job->unit, job->name, random[0], random[1]);
	return alloc_textf("%s-%s-%llu", job->unit,
		job->kind == JUJU_EXEC ? "run-commands" : job->name, random[0] >> 1);
}

static void begin(struct juju_model *model, cJSON *unit, struct running *running)
{
	const struct juju_job *job = running->job;
	CLEANUP(cleanup_free) char *id = context_id(model->like, job);
	CLEANUP(cleanup_free) char *message = NULL;
	cJSON *context;

	json_put_number(unit, "runs", (double)json_number(unit, "runs", 0) + 1);
	json_put(unit, "context", cJSON_CreateObject());
	context = json_get(unit, "context");
	json_put_text(context, "id", id);
	json_put_text(context, "kind", kinds[job->kind]);
	json_put_text(context, "name", job->name);
	json_put_number(context, "run", (double)json_number(unit, "runs", 0));
	json_put_number(context, "agent", getpid());
	if (job->kind == JUJU_HOOK)
		add_relation(unit, context, job->name);
	if (job->kind == JUJU_ACTION || job->kind == JUJU_EXEC)
		add_action(model, context, job);
	if (job->kind == JUJU_HOOK)
		message = alloc_textf("running %s hook", job->name);
	else if (job->kind == JUJU_ACTION)
		message = alloc_textf("running action %s", job->name);
	if (message && strcmp(job->name, "update-status") != 0)
		juju_unit_agent(unit, "executing", message);
	running->entry = cJSON_CreateObject();
	json_put_number(running->entry, "run", (double)json_number(unit, "runs", 0));
	json_put_text(running->entry, "kind", kinds[job->kind]);
	json_put_text(running->entry, "name", job->name);
	json_put_number(running->entry, "started", (double)juju_time_now());
	json_put(running->entry, "ports-before", juju_ports_list(unit));
}

static void remember_pid(void *data, int pid)
{
	struct running *running = data;
	struct juju_model model;
	cJSON *unit;

	json_put_number(running->entry, "pid", pid);
	if (juju_model_open(&model, running->job->dir, NULL))
		return;
	unit = juju_model_unit(&model, running->job->unit);
	if (unit) {
		json_put_number(json_object(unit, "context"), "pid", pid);
		(void)juju_model_save(&model, NULL);
	}
	juju_model_close(&model);
}

static void log_line(void *data, bool err, const char *text)
{
	struct running *running = data;

	if (running->job->kind == JUJU_EXEC)
		return;
	juju_log_add(running->job->dir, running->job->unit, err ? "WARNING" : "DEBUG",
		running->logger, text);
}

/* The program to run; NULL with the problem in RET when it cannot be. */
static char *find_program(const char *folder, struct juju_outcome *ret)
{
	CLEANUP(cleanup_free) char *metadata = alloc_textf("%s/metadata.yaml", folder);
	CLEANUP(cleanup_free) char *dispatch = alloc_textf("%s/dispatch", folder);

	if (access(metadata, F_OK))
		(void)snprintf(ret->problem, sizeof ret->problem, "charm missing from disk");
	else if (access(dispatch, X_OK))
		(void)snprintf(ret->problem, sizeof ret->problem, "exec: \"%s\": %s", dispatch,
			strerror(errno));
	else
		return alloc_text(dispatch);
	return NULL;
}

static void run_program(struct juju_outcome *ret, struct running *running, char **environment)
{
	const struct juju_job *job = running->job;
	CLEANUP(cleanup_free) char *folder = juju_charm_dir(job->dir, job->unit);
	CLEANUP(cleanup_free) char *path = NULL;
	struct juju_program program = { .environment = environment,
		.folder = folder,
		.timeout = job->timeout,
		.started = remember_pid,
		.line = log_line,
		.data = running };
	char script_path[] = "/tmp/juju-exec-XXXXXX";
	char *argv[3] = { NULL, NULL, NULL };
	int fd;

	if (job->kind != JUJU_EXEC) {
		path = find_program(folder, ret);
		program.path = path;
		argv[0] = path;
		program.argv = argv;
		if (path)
			juju_spawn(ret, &program);
		return;
	}
	fd = mkstemp(script_path);
	if (fd < 0 || write(fd, job->script, strlen(job->script)) < 0)
		(void)snprintf(ret->problem, sizeof ret->problem, "cannot write %s", script_path);
	(void)close(fd);
	program.path = "/bin/bash";
	argv[0] = (char[]){ "/bin/bash" };
	argv[1] = script_path;
	program.argv = argv;
	juju_spawn(ret, &program);
	(void)unlink(script_path);
}

/*
 * Buffered changes take effect when the hook exits 0, all or none; juju exec flushes them in any case.
 * A hook whose changes are refused has failed.
 */
static void settle_buffers(const struct juju_model *model, const struct juju_job *job, cJSON *unit,
	struct juju_outcome *ret)
{
	cJSON *context = json_get(unit, "context");

	if (ret->end != JUJU_DONE && (job->kind != JUJU_EXEC || ret->end != JUJU_FAILED))
		return;
	if (!juju_bags_commit(model, unit)) {
		ret->end = JUJU_FAILED;
		ret->exit = 1;
		(void)snprintf(ret->problem, sizeof ret->problem,
			"cannot apply changes: permission denied");
		return;
	}
	if (json_has(context, "ports"))
		juju_ports_commit(unit, json_get(context, "ports"));
}

static void finish(
	struct juju_model *model, cJSON *unit, struct running *running, struct juju_outcome *ret)
{
	settle_buffers(model, running->job, unit, ret);
	ret->action = cJSON_DetachItemFromObjectCaseSensitive(json_get(unit, "context"), "action");
	json_put(running->entry, "ports-after", juju_ports_list(unit));
	json_put_text(running->entry, "outcome", ends[ret->end]);
	json_put_number(running->entry, "exit", ret->exit);
	json_put_number(running->entry, "signal", ret->signal);
	json_put_text(running->entry, "problem", ret->problem);
	json_put_number(running->entry, "ended", (double)juju_time_now());
	json_drop(unit, "context");
	juju_unit_agent(unit, "idle", "");
	juju_journal_add(model->dir, running->job->unit, "run", running->entry);
	running->entry = NULL;
}

static int open_unit(
	struct juju_model *ret, cJSON **ret_unit, const struct juju_job *job, struct error *err)
{
	if (juju_model_open(ret, job->dir, err))
		return -1;
	*ret_unit = juju_model_unit(ret, job->unit);
	return *ret_unit ? 0 : error_set(err, ERROR_FORMAT, "unit \"%s\" not found", job->unit);
}

int juju_hook_run(struct juju_outcome *ret, const struct juju_job *job, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	struct running running = { .job = job };
	CLEANUP(cleanup_free)
	char *logger = alloc_textf("unit.%s.%s", job->unit, job->name);
	char **environment;
	cJSON *unit;

	*ret = (struct juju_outcome){ .end = JUJU_FAILED, .exit = -1 };
	buf_init(&ret->out, OUTPUT_LIMIT);
	buf_init(&ret->err, OUTPUT_LIMIT);
	running.logger = logger;
	if (open_unit(&model, &unit, job, err))
		return -1;
	begin(&model, unit, &running);
	environment = juju_environment(&model, unit, job);
	if (juju_tools_prepare(&model, job->unit, err) || juju_model_save(&model, err)) {
		juju_environment_free(environment);
		cJSON_Delete(running.entry);
		return -1;
	}
	juju_model_close(&model);
	run_program(ret, &running, environment);
	juju_environment_free(environment);
	if (open_unit(&model, &unit, job, err))
		return -1;
	finish(&model, unit, &running, ret);
	return juju_model_save(&model, err);
}

void juju_outcome_done(struct juju_outcome *outcome)
{
	if (!outcome)
		return;
	buf_done(&outcome->out);
	buf_done(&outcome->err);
	cJSON_Delete(outcome->action);
	outcome->action = NULL;
}
