/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_uniter.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_charm.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_log.h"
#include "tests/sandbox/juju_settings.h"
#include "tests/sandbox/juju_time.h"

enum {
	TERMINATIONS_MAX = 20,
	HOOK_NAME_MAX = 128,
	RETRY_FIRST_MS = 5000,
	RETRY_LAST_MS = 300000,
};

enum step {
	NOTHING,
	RUN,
	SKIP,
	DEPLOY,
	DEAD,
	STUCK
};

struct agent {
	const char *dir;
	const char *unit;
	const struct juju_limits *limits;
	long long retries; /* used up */
	char hook[HOOK_NAME_MAX];
	bool timed_out;
};

static enum step run(struct agent *agent, const char *hook)
{
	(void)snprintf(agent->hook, sizeof agent->hook, "%s", hook);
	return RUN;
}

static bool charm_differs(const cJSON *app, const cJSON *unit)
{
	return json_number(json_get(app, "charm"), "revision", 0) !=
		       json_number(unit, "charm-revision", -1) ||
	       json_number(app, "modified", 0) != json_number(unit, "modified", 0);
}

/* A unit in error: only the operator, a forced upgrade or a retry changes that. */
static enum step decide_error(struct agent *agent, const cJSON *app, const cJSON *unit)
{
	const cJSON *error = json_get(unit, "error");
	const char *hook = json_text(error, "hook", "");
	const char *resolved = json_text(unit, "resolved", "");
	long long delay = RETRY_FIRST_MS;

	if (charm_differs(app, unit) && json_true(app, "force-units"))
		return DEPLOY;
	if (strcmp(resolved, "retry") == 0)
		return run(agent, hook);
	if (strcmp(resolved, "no-retry") == 0) {
		(void)run(agent, hook);
		return SKIP;
	}
	if (json_true(unit, "force-dead"))
		return DEAD;
	if (agent->timed_out || agent->retries >= agent->limits->retries)
		return STUCK;
	for (long long done = 1; done < json_number(error, "times", 1); done++)
		delay = delay * 2 > RETRY_LAST_MS ? RETRY_LAST_MS : delay * 2;
	juju_time_pass(delay);
	agent->retries++;
	return run(agent, hook);
}

static enum step decide_relations(
	struct agent *agent, const struct juju_like *like, const cJSON *app, const cJSON *unit)
{
	const char *leadership = json_text(unit, "leadership", "");
	bool leader = strcmp(json_text(app, "leader", ""), agent->unit) == 0;
	const cJSON *peer;

	cJSON_ArrayForEach(peer, json_get(json_get(app, "charm"), "peers"))
	{
		const char *name = cJSON_GetStringValue(peer);
		CLEANUP(cleanup_free) char *hook = alloc_textf("%s-relation-created", name);

		if (!json_true(json_get(unit, "relations"), name))
			return run(agent, hook);
	}
	if (leader && strcmp(leadership, "leader") != 0)
		return run(agent, "leader-elected");
	if (!leader && !*leadership && like->leader_settings)
		return run(agent, "leader-settings-changed");
	return NOTHING;
}

/* The next hook of a peer relation that is due, if there is one. */
static enum step decide_members(struct agent *agent, const struct juju_model *model, cJSON *unit)
{
	if (!json_true(unit, "started") || !juju_relations_queue(model, unit))
		return NOTHING;
	return run(agent, json_text(json_get(unit, "op"), "hook", ""));
}

static enum step decide_dying(struct agent *agent, const struct juju_model *model, cJSON *unit)
{
	const cJSON *charm = json_get(juju_model_unit_app(model, unit), "charm");

	if (model->like->needs_relation && !json_get(charm, "peers")->child)
		return DEAD;
	if (decide_members(agent, model, unit) != NOTHING)
		return RUN;
	if (json_true(unit, "started"))
		return run(agent, "stop");
	if (json_true(unit, "installed") && !json_true(unit, "removed"))
		return run(agent, "remove");
	return DEAD;
}

static enum step decide(struct agent *agent, const struct juju_model *model, cJSON *unit)
{
	const cJSON *app = juju_model_unit_app(model, unit);
	const cJSON *op = json_get(unit, "op");
	CLEANUP(cleanup_free) char *hash = NULL;
	enum step step;

	if (json_true(unit, "down"))
		return NOTHING;
	if (json_has(unit, "error"))
		return decide_error(agent, app, unit);
	if (json_number(unit, "charm-revision", -1) < 0)
		return json_true(unit, "dying") ? DEAD : DEPLOY;
	if (op)
		return run(agent, json_text(op, "hook", ""));
	if (json_true(unit, "reboot") && json_true(unit, "started"))
		return run(agent, "start");
	if (json_true(unit, "installed") && !json_true(unit, "dying")) {
		step = decide_relations(agent, model->like, app, unit);
		if (step != NOTHING)
			return step;
	}
	if (json_true(unit, "dying"))
		return decide_dying(agent, model, unit);
	if (!json_true(unit, "installed"))
		return run(agent, "install");
	if (charm_differs(app, unit))
		return DEPLOY;
	hash = juju_settings_hash(app);
	if (strcmp(hash, json_text(unit, "hash", "")) != 0) {
		json_put_bool(unit, "told-twice",
			model->like->config_twice && json_true(unit, "started"));
		return run(agent, "config-changed");
	}
	if (decide_members(agent, model, unit) != NOTHING)
		return RUN;
	return json_true(unit, "tick") ? run(agent, "update-status") : NOTHING;
}

/*
 * An operation that is pending although nobody runs it: the agent died during the hook. Juju cannot
 * know what the hook did, so it counts it as failed.
 */
static void recover(struct juju_model *model, cJSON *unit)
{
	const cJSON *op = json_get(unit, "op");
	cJSON *context = json_get(unit, "context");
	cJSON *entry;
	char hook[HOOK_NAME_MAX];

	if (context) {
		entry = cJSON_CreateObject();
		json_put_number(entry, "run", (double)json_number(context, "run", 0));
		json_put_text(entry, "kind", json_text(context, "kind", ""));
		json_put_text(entry, "name", json_text(context, "name", ""));
		json_put_text(entry, "outcome", "lost");
		juju_journal_add(model->dir, json_text(unit, "name", ""), "run", entry);
		json_drop(unit, "context");
		juju_unit_agent(unit, "idle", "");
	}
	if (strcmp(json_text(op, "step", ""), "pending") != 0)
		return;
	(void)snprintf(hook, sizeof hook, "%s", json_text(op, "hook", ""));
	juju_follow_failed(model, unit, hook, "the agent was killed");
}

static int deploy(
	const struct agent *agent, struct juju_model *model, cJSON *unit, struct error *err)
{
	cJSON *app = juju_model_unit_app(model, unit);
	const cJSON *charm = json_get(app, "charm");
	long long revision = json_number(charm, "revision", 0);
	CLEANUP(cleanup_free)
	char *name = alloc_textf("%s-%lld", json_text(charm, "name", ""), revision);
	bool first = json_number(unit, "charm-revision", -1) < 0;

	if (juju_charm_deploy(agent->dir, agent->unit, name, err))
		return -1;
	json_put_number(unit, "charm-revision", (double)revision);
	json_put_number(unit, "modified", (double)json_number(app, "modified", 0));
	if (!json_has(unit, "error"))
		juju_follow_queue(unit, first ? "install" : "upgrade-charm");
	return juju_model_save(model, err);
}

static void log_ran(const struct agent *agent, const char *hook)
{
	CLEANUP(cleanup_free)
	char *text = alloc_textf("ran \"%s\" hook (via hook dispatching script: dispatch)", hook);

	juju_log_add(agent->dir, agent->unit, "INFO", "juju.worker.uniter.operation", text);
}

static void log_killed(const struct agent *agent, const struct juju_like *like)
{
	CLEANUP(cleanup_free)
	char *text = like->killed_pause
			     ? alloc_textf("last \"%s\" hook was killed, but agent still alive",
				       agent->hook)
			     : alloc_text("hook was terminated, running it again");

	juju_log_add(agent->dir, agent->unit, "WARNING", "juju.worker.uniter.operation", text);
}

static void after(struct agent *agent, struct juju_model *model, cJSON *unit,
	const struct juju_outcome *outcome)
{
	cJSON *op = json_get(unit, "op");
	long long terminations = json_number(op, "terminations", 0);
	CLEANUP(cleanup_free) char *hash = alloc_text(json_text(op, "hash", ""));

	if (outcome->end == JUJU_DONE) {
		juju_follow_done(model, unit, agent->hook, hash);
		log_ran(agent, agent->hook);
		return;
	}
	if (outcome->end == JUJU_TERMINATED && terminations < TERMINATIONS_MAX) {
		json_put_text(op, "step", "queued");
		json_put_number(op, "terminations", (double)terminations + 1);
		log_killed(agent, model->like);
		juju_time_pass(model->like->killed_pause);
		return;
	}
	if (outcome->end == JUJU_TIMEOUT) {
		agent->timed_out = true;
		(void)fprintf(stderr,
			"sandbox-juju: %s: hook \"%s\" was killed after %lld seconds\n",
			agent->unit, agent->hook, agent->limits->hook_timeout);
	}
	juju_follow_failed(model, unit, agent->hook, outcome->problem);
}

static int run_hook(struct agent *agent, struct juju_model *model, cJSON *unit, struct error *err)
{
	CLEANUP(juju_outcome_done) struct juju_outcome outcome = { 0 };
	CLEANUP(cleanup_free) char *hash = juju_settings_hash(juju_model_unit_app(model, unit));
	struct juju_job job = { .dir = agent->dir,
		.unit = agent->unit,
		.kind = JUJU_HOOK,
		.name = agent->hook,
		.timeout = agent->limits->hook_timeout };
	CLEANUP(cleanup_free) char *place = juju_model_machine_lock(unit);
	CLEANUP(cleanup_close) int machine = -1;
	long long terminations = json_number(json_get(unit, "op"), "terminations", 0);

	juju_follow_queue(unit, agent->hook);
	json_put_text(json_get(unit, "op"), "step", "pending");
	json_put_text(json_get(unit, "op"), "hash", hash);
	json_put_number(json_get(unit, "op"), "terminations", (double)terminations);
	juju_follow_before(model, unit, agent->hook);
	if (juju_model_save(model, err))
		return -1;
	juju_model_close(model);
	machine = juju_lock(agent->dir, place, err);
	if (machine < 0 || juju_hook_run(&outcome, &job, err) ||
		juju_model_open(model, agent->dir, err))
		return -1;
	unit = juju_model_unit(model, agent->unit);
	if (!unit)
		return error_set(err, ERROR_FORMAT, "unit \"%s\" not found", agent->unit);
	after(agent, model, unit, &outcome);
	return juju_model_save(model, err);
}

static void tell_stuck(const struct agent *agent, const cJSON *unit)
{
	const cJSON *error = json_get(unit, "error");

	(void)fprintf(stderr, "sandbox-juju: %s: hook failed: \"%s\" (%s), no more retries now\n",
		agent->unit, json_text(error, "hook", ""), json_text(error, "problem", ""));
}

/* Runs one operation; 1 if there was none. */
static int operate(struct agent *agent, struct error *err)
{
	CLEANUP(cleanup_free) char *tag = juju_tag(agent->unit);
	CLEANUP(cleanup_close) int lock = juju_lock(agent->dir, tag, err);
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	CLEANUP(cleanup_free) char *hash = NULL;
	cJSON *unit;
	enum step step;

	if (lock < 0 || juju_model_open(&model, agent->dir, err))
		return -1;
	unit = juju_model_unit(&model, agent->unit);
	if (!unit)
		return 1;
	recover(&model, unit);
	step = decide(agent, &model, unit);
	switch (step) {
	case RUN:
		return run_hook(agent, &model, unit, err);
	case SKIP:
		hash = juju_settings_hash(juju_model_unit_app(&model, unit));
		juju_follow_done(&model, unit, agent->hook, hash);
		return juju_model_save(&model, err);
	case DEPLOY:
		return deploy(agent, &model, unit, err);
	case DEAD:
		if (juju_follow_dead(&model, agent->unit, err))
			return -1;
		return juju_model_save(&model, err);
	case STUCK:
		tell_stuck(agent, unit);
		break;
	case NOTHING:
		break;
	}
	return juju_model_save(&model, err) ? -1 : 1;
}

int juju_uniter_settle(const char *dir, const char *unit, const struct juju_limits *limits,
	bool *ret_worked, struct error *err)
{
	struct agent agent = { .dir = dir, .unit = unit, .limits = limits };
	int result = operate(&agent, err);

	if (ret_worked && result == 0)
		*ret_worked = true;
	while (result == 0)
		result = operate(&agent, err);
	if (result < 0)
		return -1;
	return agent.timed_out ? JUJU_TIMED_OUT : 0;
}

/* The name of the lock of its machine, to be freed; NULL if the model cannot be read. */
static char *machine_of(const struct juju_job *job)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };

	if (juju_model_open(&model, job->dir, NULL))
		return NULL;
	return juju_model_machine_lock(juju_model_unit(&model, job->unit));
}

int juju_uniter_between(struct juju_outcome *ret, const struct juju_job *job, struct error *err)
{
	CLEANUP(cleanup_free) char *tag = juju_tag(job->unit);
	CLEANUP(cleanup_close) int lock = juju_lock(job->dir, tag, err);
	CLEANUP(cleanup_close) int machine = -1;
	CLEANUP(cleanup_free) char *place = NULL;

	*ret = (struct juju_outcome){ .end = JUJU_FAILED };
	if (lock < 0)
		return -1;
	if (job->kind == JUJU_ACTION && !job->parallel) {
		place = machine_of(job);
		machine = place ? juju_lock(job->dir, place, err) : -1;
		if (machine < 0)
			return -1;
	}
	return juju_hook_run(ret, job, err);
}
