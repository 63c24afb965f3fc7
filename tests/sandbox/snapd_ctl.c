/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/snapd_api.h"
#include "tests/sandbox/snapd_command.h"
#include "tests/sandbox/snapd_fault.h"
#include "tests/sandbox/snapd_fields.h"
#include "tests/sandbox/snapd_plan.h"
#include "tests/sandbox/snapd_save.h"
#include "tests/sandbox/snapd_store.h"

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
	const cJSON *saving = cJSON_GetObjectItemCaseSensitive(what, "saving");

	(void)ret;
	(void)err;
	/* First does what is due, in the mode in which it became due. */
	sim_api_catch_up(sim);
	if (manual)
		sim->manual = cJSON_IsTrue(manual);
	if (saving)
		sim->unsaved = cJSON_IsFalse(saving);
	sim->task_ms = sim_command_number(what, "task-ms", sim->task_ms);
	return 0;
}

static int step(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)err;
	sim_api_catch_up(sim);
	cJSON_AddNumberToObject(ret, "taken", sim_step(sim, (int)sim_command_number(what, "n", 1)));
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
	const char *verb = sim_command_text(what, "verb"),
		   *held_at = sim_command_text(what, "held-at");
	struct sim_change *change;
	char id[32];

	if (strcmp(plan->kind, "service-control") == 0)
		change = sim_plan_service(sim, plan->snap, verb ? verb : "restart", false);
	else
		change = sim_plan(sim, plan);
	change->held = sim_command_flag(what, "held") || held_at;
	if (held_at)
		(void)snprintf(change->held_at, sizeof change->held_at, "%s", held_at);
	/* Somebody else's change is in progress. */
	sim_change_step(sim, change, sim_now(sim));
	(void)snprintf(id, sizeof id, "%lld", change->id);
	cJSON_AddStringToObject(ret, "change", id);
}

static int foreign(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	const char *kind = sim_command_text(what, "kind"), *name = sim_command_text(what, "snap");
	const char *text = sim_command_text(what, "summary");
	struct sim_plan plan = { .kind = kind ? kind : "auto-refresh",
		.snap = name ? name : "microsample",
		.channel = sim_command_text(what, "channel"),
		.purge = sim_command_flag(what, "purge") };
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

static int fault(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)ret;
	return sim_fault_add(sim, what, err);
}

static int well(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	(void)what;
	(void)ret;
	(void)err;
	sim_faults_clear(sim);
	return 0;
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
static const struct sim_command_row commands[] = {
	{ "reset",    "",               reset },
	{ "mode",     "manual task-ms saving", mode },
	{ "step",     "n",              step },
	{ "finish",   "",               finish },
	{ "fail",     NULL,             fail },
	{ "foreign",  "kind snap channel revision held held-at summary verb purge", foreign },
	{ "release",  "",               release },
	{ "abort",    "change",         abort_change },
	{ "prune",    "",               prune },
	{ "purge",    "",               purge },
	{ "wait",     "change",         wait_change },
	{ "fault",    NULL,             fault },
	{ "well",     "",               well },
	{ "requests", "",               requests },
	{ "forget",   "",               forget },
	{ "state",    "",               state },
	{ NULL,       NULL,             NULL },
};
/* clang-format on */

static const struct sim_command_row *row_of(const struct sim_command_row *rows, const char *name)
{
	for (; rows->name; rows++)
		if (strcmp(rows->name, name) == 0)
			return rows;
	return NULL;
}

/* An error in a test must not look like a daemon that does nothing. */
static int check_keys(const struct sim_command_row *row, const cJSON *what, struct error *err)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, what)
	{
		size_t length = strlen(item->string);
		const char *at = row->keys;

		while (at && (strncmp(at, item->string, length) != 0 ||
				     (at[length] != ' ' && at[length] != '\0')))
			at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL;
		if (row->keys && !at && strcmp(item->string, "do") != 0)
			return error_set(
				err, ERROR_FORMAT, "%s: unknown key %s", row->name, item->string);
	}
	return 0;
}

static int run(struct sim *sim, cJSON *what, cJSON *ret, struct error *err)
{
	const char *name = sim_command_text(what, "do");
	const struct sim_command_row *row = row_of(commands, name ? name : "");

	if (!row)
		row = row_of(sim_knobs, name ? name : "");
	if (!row)
		return error_set(err, ERROR_FORMAT, "unknown command %s", name ? name : "");
	if (check_keys(row, what, err) < 0)
		return -1;
	return row->run(sim, what, ret, err);
}

cJSON *sim_ctl(struct sim *sim, const char *text, struct error *err)
{
	cJSON *what = cJSON_Parse(text), *ret = cJSON_CreateObject();
	int result;

	cJSON_AddTrueToObject(ret, "ok");
	result = run(sim, what, ret, err);
	cJSON_Delete(what);
	if (result == 0)
		return ret;
	cJSON_Delete(ret);
	return NULL;
}
