/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/snapd_api.h"
#include "tests/sandbox/snapd_fault.h"
#include "tests/sandbox/snapd_fields.h"
#include "tests/sandbox/snapd_plan.h"
#include "tests/sandbox/snapd_save.h"
#include "tests/sandbox/snapd_store.h"

/* A command: takes what it knows out of WHAT, and adds to RET, which has "ok" already. */
typedef int command(struct sim *sim, cJSON *what, cJSON *ret, struct error *err);

static const char *text_of(const cJSON *what, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(what, key));
}

static bool flag_of(const cJSON *what, const char *key)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(what, key));
}

static long long number_of(const cJSON *what, const char *key, long long otherwise)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(what, key);

	return cJSON_IsNumber(value) ? (long long)value->valuedouble : otherwise;
}

static int reset(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)what;
	(void)ret;
	(void)err;
	sim_reset(sim);
	return 0;
}

static int mode(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	const cJSON *manual = cJSON_GetObjectItemCaseSensitive(what, "manual");

	(void)ret;
	(void)err;
	/* What is due is done first, by the mode it was due in. */
	sim_api_catch_up(sim);
	if (manual)
		sim->manual = cJSON_IsTrue(manual);
	sim->task_ms = number_of(what, "task-ms", sim->task_ms);
	return 0;
}

static int step(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)err;
	sim_api_catch_up(sim);
	cJSON_AddNumberToObject(ret, "taken", sim_step(sim, (int)number_of(what, "n", 1)));
	return 0;
}

static int finish(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)what;
	(void)ret;
	(void)err;
	sim_api_catch_up(sim);
	sim_finish(sim);
	return 0;
}

static int fail(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	struct sim_fail fail = { .times = 1, .log = "injected failure" };

	(void)ret;
	cJSON_DeleteItemFromObjectCaseSensitive(what, "do");
	if (sim->fail_count == SIM_FAILS)
		return error_set(err, ERROR_LIMIT, "too many tasks to fail");
	if (sim_fields_merge(sim_fail_fields, &fail, what, err) < 0)
		return -1;
	if (fail.task[0] == '\0')
		return error_set(err, ERROR_FORMAT, "which task?");
	sim->fails[sim->fail_count++] = fail;
	return 0;
}

/* What the other one installs: a revision that the store need not have, or what a channel gives. */
static int foreign_target(
	struct sim *sim, const cJSON *what, const struct sim_plan *plan, struct sim_revision *ret)
{
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(what, "revision");
	const char *channel = plan->channel ? plan->channel : "latest/stable";
	char text[24] = "";

	if (!number)
		return sim_store_find(&sim->store, plan->snap, channel, ret);
	if (cJSON_IsNumber(number))
		(void)snprintf(text, sizeof text, "%.0f", number->valuedouble);
	else if (cJSON_IsString(number))
		(void)snprintf(text, sizeof text, "%s", number->valuestring);
	if (sim_store_find_number(&sim->store, plan->snap, text, ret) == 0)
		return 0;
	*ret = (struct sim_revision){ .confinement = "strict", .size = 286720 };
	(void)strcpy(ret->number, text);
	(void)snprintf(ret->version, sizeof ret->version, "%.20s.0", text);
	(void)snprintf(ret->channel, sizeof ret->channel, "%s", channel);
	return 0;
}

static bool needs_target(const char *kind)
{
	return strcmp(kind, "install-snap") == 0 || strcmp(kind, "refresh-snap") == 0 ||
	       strcmp(kind, "auto-refresh") == 0 || strcmp(kind, "pre-download") == 0;
}

static void foreign_start(
	struct sim *sim, const cJSON *what, const struct sim_plan *plan, cJSON *ret)
{
	const char *verb = text_of(what, "verb"), *held_at = text_of(what, "held-at");
	struct sim_change *change;
	char id[32];

	if (strcmp(plan->kind, "service-control") == 0)
		change = sim_plan_service(sim, plan->snap, verb ? verb : "restart", false);
	else
		change = sim_plan(sim, plan);
	change->held = flag_of(what, "held") || held_at;
	if (held_at)
		(void)snprintf(change->held_at, sizeof change->held_at, "%s", held_at);
	/* Somebody else's is under way. */
	sim_change_step(sim, change, sim_now(sim));
	(void)snprintf(id, sizeof id, "%lld", change->id);
	cJSON_AddStringToObject(ret, "change", id);
}

static int foreign(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	const char *kind = text_of(what, "kind"), *name = text_of(what, "snap");
	const char *text = text_of(what, "summary");
	struct sim_plan plan = { .kind = kind ? kind : "auto-refresh",
		.snap = name ? name : "microsample",
		.channel = text_of(what, "channel"),
		.purge = flag_of(what, "purge") };
	const struct sim_snap *snap = sim_snap(sim, plan.snap);
	CLEANUP(cleanup_free)
	char *summary = alloc_textf("Foreign %s of \"%s\" snap", plan.kind, plan.snap);
	struct sim_revision target = { .number = "" };

	if (strcmp(plan.kind, "auto-refresh") == 0) {
		free(summary);
		summary = alloc_textf("Auto-refresh snap \"%s\"", plan.snap);
	}
	plan.summary = text ? text : summary;
	if (!plan.channel && snap && snap->tracking[0] != '\0')
		plan.channel = snap->tracking;
	if (!snap && strcmp(plan.kind, "install-snap") != 0 &&
		strcmp(plan.kind, "become-operational") != 0)
		return error_set(err, ERROR_FORMAT, "%s is not installed", plan.snap);
	if (needs_target(plan.kind)) {
		if (foreign_target(sim, what, &plan, &target) < 0)
			return error_set(err, ERROR_FORMAT, "nothing is released there");
		plan.target = &target;
	}
	if (strcmp(plan.kind, "become-operational") == 0)
		plan.snap = "";
	foreign_start(sim, what, &plan, ret);
	return 0;
}

static int release(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)what;
	(void)ret;
	(void)err;
	for (size_t i = 0; i < sim->change_count; i++) {
		struct sim_change *change = sim->changes[i];

		for (size_t k = 0; change->waiting && k < change->count; k++)
			if (change->tasks[k]->status == SIM_WAIT)
				change->tasks[k]->status = SIM_DOING;
		if (change->held || change->waiting)
			change->due = sim_now(sim);
		change->held = change->waiting = false;
	}
	return 0;
}

static struct sim_change *change_of(struct sim *sim, const cJSON *what, struct error *err)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(what, "change");
	struct sim_change *change;
	char text[32] = "";

	if (cJSON_IsNumber(id))
		(void)snprintf(text, sizeof text, "%.0f", id->valuedouble);
	else if (cJSON_IsString(id))
		(void)snprintf(text, sizeof text, "%s", id->valuestring);
	change = sim_change_find(sim, text);
	if (!change || change->ended != 0) {
		(void)error_set(err, ERROR_FORMAT, "no change %s under way", text);
		return NULL;
	}
	return change;
}

static int abort_change(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	struct sim_change *change = change_of(sim, what, err);

	(void)ret;
	if (!change)
		return -1;
	sim_change_abort(sim, change);
	sim_change_settle(sim, change, sim_now(sim));
	return 0;
}

static int wait_change(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	struct sim_change *change = change_of(sim, what, err);

	(void)ret;
	if (!change)
		return -1;
	/* The task that is next, or the one that is being done. */
	for (size_t i = 0; i < change->count; i++) {
		struct sim_task *task = change->tasks[i];

		if (task->status == SIM_DO || task->status == SIM_DOING) {
			task->status = SIM_WAIT;
			change->waiting = true;
			return 0;
		}
	}
	return error_set(err, ERROR_FORMAT, "nothing left to wait for");
}

static int prune(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)what;
	(void)ret;
	(void)err;
	sim_api_catch_up(sim);
	sim_changes_prune(sim);
	return 0;
}

static int purge(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)what;
	(void)ret;
	(void)err;
	sim_changes_clear(sim);
	sim->last_change = sim->last_task = 0;
	return 0;
}

/* Those of the current revision stand beside those of the snap. */
static int set_snap(struct sim *sim, struct sim_snap *snap, cJSON *set, struct error *err)
{
	static const char *const of_revision[] = { "revision", "version", "channel", "quirk",
		"confinement", "size" };
	cJSON *revision = cJSON_CreateObject();
	cJSON *service = cJSON_DetachItemFromObjectCaseSensitive(set, "service");
	cJSON *disabled = cJSON_DetachItemFromObjectCaseSensitive(set, "disabled");
	cJSON *apps = cJSON_DetachItemFromObjectCaseSensitive(set, "apps");
	CLEANUP(cleanup_free) char *text = apps ? cJSON_PrintUnformatted(apps) : NULL;
	int result;

	for (size_t i = 0; i < sizeof of_revision / sizeof of_revision[0]; i++) {
		cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(set, of_revision[i]);

		if (item)
			cJSON_AddItemToObject(revision, of_revision[i], item);
	}
	result = sim_fields_merge(sim_revision_fields, sim_snap_current(snap), revision, err);
	if (result == 0)
		result = sim_fields_merge(sim_snap_fields, snap, set, err);
	if (disabled)
		snap->active = !cJSON_IsTrue(disabled);
	if (service) {
		snap->wanted = snap->enabled = flag_of(service, "enabled");
		snap->running = flag_of(service, "active");
	}
	if (text && strlen(text) < sizeof snap->apps)
		(void)strcpy(snap->apps, text);
	(void)sim;
	cJSON_Delete(revision);
	cJSON_Delete(service);
	cJSON_Delete(disabled);
	cJSON_Delete(apps);
	return result;
}

static int snap(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	static const struct sim_revision first = { .number = "1",
		.version = "1.0",
		.channel = "latest/stable",
		.confinement = "strict",
		.size = 286720 };
	const char *name = text_of(what, "name");
	cJSON *set = cJSON_GetObjectItemCaseSensitive(what, "set");

	(void)ret;
	name = name ? name : "microsample";
	sim_api_catch_up(sim);
	if (flag_of(what, "gone")) {
		sim_snap_remove(sim, name);
		return 0;
	}
	if (!cJSON_IsObject(set))
		return error_set(err, ERROR_FORMAT, "set what?");
	if (!sim_snap(sim, name))
		sim_store_install(sim, name, &first, "latest/stable");
	return set_snap(sim, sim_snap(sim, name), set, err);
}

static int store(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	cJSON *set = cJSON_GetObjectItemCaseSensitive(what, "set");

	(void)ret;
	if (!cJSON_IsObject(set))
		return error_set(err, ERROR_FORMAT, "set what?");
	sim_api_catch_up(sim);
	return sim_store_set(&sim->store, set, err);
}

static int set_flag(const cJSON *what, bool *flag, struct error *err)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(what, "value");

	if (!cJSON_IsBool(value))
		return error_set(err, ERROR_FORMAT, "value must be true or false");
	*flag = cJSON_IsTrue(value);
	return 0;
}

static int seeded(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)ret;
	return set_flag(what, &sim->seeded, err);
}

static int degraded(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)ret;
	return set_flag(what, &sim->degraded, err);
}

static int root(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)ret;
	return set_flag(what, &sim->root, err);
}

static int maintenance(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)ret;
	return set_flag(what, &sim->maintenance, err);
}

static int like(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	const char *version = text_of(what, "value");

	(void)ret;
	if (!version || (strcmp(version, "2.68") != 0 && strcmp(version, "2.77") != 0))
		return error_set(err, ERROR_FORMAT, "like 2.68 or 2.77");
	sim->newer = strcmp(version, "2.77") == 0;
	return 0;
}

static int away(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	static const struct {
		const char *how;
		enum sim_away away;
	} ways[] = { { "refused", SIM_REFUSED }, { "missing", SIM_MISSING },
		{ "hang", SIM_HANGING } };
	const char *how = text_of(what, "how");

	(void)ret;
	for (size_t i = 0; how && i < sizeof ways / sizeof ways[0]; i++) {
		if (strcmp(ways[i].how, how) == 0) {
			sim->away = ways[i].away;
			return 0;
		}
	}
	return error_set(err, ERROR_FORMAT, "away how: refused, missing or hang?");
}

static int back(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)what;
	(void)ret;
	(void)err;
	sim->away = SIM_PRESENT;
	return 0;
}

static int fault(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)ret;
	return sim_fault_add(sim, what, err);
}

static int requests(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)what;
	(void)err;
	cJSON_AddItemToObject(ret, "requests", cJSON_Duplicate(sim->requests, 1));
	cJSON_AddNumberToObject(ret, "posts", (double)sim->posts);
	cJSON_AddNumberToObject(ret, "gets", (double)sim->gets);
	return 0;
}

static int forget(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)what;
	(void)ret;
	(void)err;
	cJSON_Delete(sim->requests);
	sim->requests = cJSON_CreateArray();
	sim->posts = sim->gets = 0;
	return 0;
}

static int state(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	cJSON *all, *item;

	(void)what;
	(void)err;
	sim_api_catch_up(sim);
	all = sim_save_state(sim);
	while ((item = all->child))
		cJSON_AddItemToObject(ret, item->string, cJSON_DetachItemViaPointer(all, item));
	cJSON_Delete(all);
	return 0;
}

/* clang-format off */
static const struct {
	const char *name;
	command *run;
} commands[] = {
	{ "reset",    reset },        { "mode",        mode },
	{ "step",     step },         { "finish",      finish },
	{ "fail",     fail },         { "foreign",     foreign },
	{ "release",  release },      { "abort",       abort_change },
	{ "prune",    prune },        { "purge",       purge },
	{ "wait",     wait_change },  { "snap",        snap },
	{ "store",    store },        { "seeded",      seeded },
	{ "degraded", degraded },     { "root",        root },
	{ "like",     like },         { "maintenance", maintenance },
	{ "away",     away },         { "back",        back },
	{ "fault",    fault },        { "requests",    requests },
	{ "forget",   forget },       { "state",       state },
};
/* clang-format on */

cJSON *sim_ctl(struct sim *sim, const char *text, struct error *err)
{
	cJSON *what = cJSON_Parse(text), *ret;
	const char *name = text_of(what, "do");
	int result = -1;

	ret = cJSON_CreateObject();
	cJSON_AddTrueToObject(ret, "ok");
	(void)error_set(err, ERROR_FORMAT, "unknown command %s", name ? name : "");
	for (size_t i = 0; name && i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(commands[i].name, name) == 0)
			result = commands[i].run(sim, what, ret, err);
	cJSON_Delete(what);
	if (result == 0)
		return ret;
	cJSON_Delete(ret);
	return NULL;
}
