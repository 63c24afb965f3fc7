/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox/snapd_change.h"
#include "tests/sandbox/snapd_effect.h"
#include "tests/sandbox/snapd_fault.h"
#include "tests/sandbox/snapd_fields.h"
#include "tests/sandbox/snapd_store.h"

/* clang-format off */
#define END { NULL, SIM_TEXT, 0, 0 }

const struct sim_field sim_revision_fields[] = {
	SIM_FIELD("revision",    SIM_TEXT,   sim_revision, number),
	SIM_FIELD("version",     SIM_TEXT,   sim_revision, version),
	SIM_FIELD("channel",     SIM_TEXT,   sim_revision, channel),
	SIM_FIELD("confinement", SIM_TEXT,   sim_revision, confinement),
	SIM_FIELD("quirk",       SIM_TEXT,   sim_revision, quirk),
	SIM_FIELD("services",    SIM_TEXT,   sim_revision, services),
	SIM_FIELD("size",        SIM_NUMBER, sim_revision, size),
	END,
};

const struct sim_field sim_snap_fields[] = {
	SIM_FIELD("name",      SIM_TEXT,   sim_snap, name),
	SIM_FIELD("id",        SIM_TEXT,   sim_snap, id),
	SIM_FIELD("tracking",  SIM_TEXT,   sim_snap, tracking),
	SIM_FIELD("apps",      SIM_TEXT,   sim_snap, apps),
	SIM_FIELD("broken",    SIM_TEXT,   sim_snap, broken),
	SIM_FIELD("hold",      SIM_TEXT,   sim_snap, hold),
	SIM_FIELD("installed", SIM_NUMBER, sim_snap, installed),
	SIM_FIELD("current",   SIM_NUMBER, sim_snap, current),
	SIM_FIELD("active",    SIM_BOOL,   sim_snap, active),
	SIM_FIELD("wiped",     SIM_BOOL,   sim_snap, wiped),
	SIM_FIELD("devmode",   SIM_BOOL,   sim_snap, devmode),
	SIM_FIELD("wanted",    SIM_BOOL,   sim_snap, wanted),
	SIM_FIELD("enabled",   SIM_BOOL,   sim_snap, enabled),
	SIM_FIELD("running",   SIM_BOOL,   sim_snap, running),
	END,
};

const struct sim_field sim_fail_fields[] = {
	SIM_FIELD("task",  SIM_TEXT,   sim_fail, task),
	SIM_FIELD("hook",  SIM_TEXT,   sim_fail, hook),
	SIM_FIELD("log",   SIM_TEXT,   sim_fail, log),
	SIM_FIELD("times", SIM_NUMBER, sim_fail, times),
	END,
};

static const struct sim_field task_fields[] = {
	SIM_FIELD("id",      SIM_NUMBER, sim_task, id),
	SIM_FIELD("kind",    SIM_TEXT,   sim_task, kind),
	SIM_FIELD("hook",    SIM_TEXT,   sim_task, hook),
	SIM_FIELD("status",  SIM_NUMBER, sim_task, status),
	SIM_FIELD("summary", SIM_TEXT,   sim_task, summary),
	SIM_FIELD("snap",    SIM_TEXT,   sim_task, snap),
	SIM_FIELD("peer",    SIM_TEXT,   sim_task, peer),
	SIM_FIELD("number",  SIM_TEXT,   sim_task, number),
	SIM_FIELD("rank",    SIM_NUMBER, sim_task, rank),
	SIM_FIELD("spawned", SIM_NUMBER, sim_task, spawned),
	SIM_FIELD("began",   SIM_NUMBER, sim_task, began),
	SIM_FIELD("ended",   SIM_NUMBER, sim_task, ended),
	SIM_FIELD("log",     SIM_TEXT,   sim_task, log),
	SIM_FIELD("log-at",  SIM_NUMBER, sim_task, log_at),
	SIM_FIELD("error",   SIM_BOOL,   sim_task, error),
	SIM_FIELD("affects", SIM_BOOL,   sim_task, affects),
	SIM_FIELD("label",   SIM_TEXT,   sim_task, label),
	SIM_FIELD("done",    SIM_NUMBER, sim_task, done),
	SIM_FIELD("total",   SIM_NUMBER, sim_task, total),
	END,
};

static const struct sim_field change_fields[] = {
	SIM_FIELD("id",        SIM_NUMBER, sim_change, id),
	SIM_FIELD("kind",      SIM_TEXT,   sim_change, kind),
	SIM_FIELD("snap",      SIM_TEXT,   sim_change, snap),
	SIM_FIELD("summary",   SIM_TEXT,   sim_change, summary),
	SIM_FIELD("channel",   SIM_TEXT,   sim_change, channel),
	SIM_FIELD("spawned",   SIM_NUMBER, sim_change, spawned),
	SIM_FIELD("ended",     SIM_NUMBER, sim_change, ended),
	SIM_FIELD("due",       SIM_NUMBER, sim_change, due),
	SIM_FIELD("named",     SIM_BOOL,   sim_change, named),
	SIM_FIELD("posted",    SIM_BOOL,   sim_change, posted),
	SIM_FIELD("held",      SIM_BOOL,   sim_change, held),
	SIM_FIELD("held-at",   SIM_TEXT,   sim_change, held_at),
	SIM_FIELD("waiting",   SIM_BOOL,   sim_change, waiting),
	SIM_FIELD("verb",      SIM_TEXT,   sim_change, verb),
	SIM_FIELD("lasting",   SIM_BOOL,   sim_change, lasting),
	SIM_FIELD("reverting", SIM_BOOL,   sim_change, reverting),
	SIM_FIELD("devmode",   SIM_BOOL,   sim_change, devmode),
	SIM_FIELD("there",     SIM_BOOL,   sim_change, there),
	END,
};

static const struct sim_field sim_fields[] = {
	SIM_FIELD("newer",        SIM_BOOL,   sim, newer),
	SIM_FIELD("manual",       SIM_BOOL,   sim, manual),
	SIM_FIELD("task-ms",      SIM_NUMBER, sim, task_ms),
	SIM_FIELD("seeded",       SIM_BOOL,   sim, seeded),
	SIM_FIELD("degraded",     SIM_BOOL,   sim, degraded),
	SIM_FIELD("root",         SIM_BOOL,   sim, root),
	SIM_FIELD("maintenance",  SIM_BOOL,   sim, maintenance),
	SIM_FIELD("last-change",  SIM_NUMBER, sim, last_change),
	SIM_FIELD("last-task",    SIM_NUMBER, sim, last_task),
	SIM_FIELD("snapshots",    SIM_NUMBER, sim, snapshots),
	SIM_FIELD("changes-made", SIM_NUMBER, sim, made),
	SIM_FIELD("changes-done", SIM_NUMBER, sim, done),
	END,
};
/* clang-format on */

static cJSON *save_row(const struct sim_field *fields, const void *row)
{
	cJSON *json = cJSON_CreateObject();

	sim_fields_save(fields, row, json);
	return json;
}

static cJSON *save_snap(const struct sim_snap *snap)
{
	cJSON *json = save_row(sim_snap_fields, snap);
	cJSON *list = cJSON_AddArrayToObject(json, "revisions");

	for (long long i = 0; i < snap->count; i++)
		cJSON_AddItemToArray(list, save_row(sim_revision_fields, &snap->revisions[i]));
	return json;
}

static cJSON *save_change(const struct sim_change *change)
{
	cJSON *json = save_row(change_fields, change), *tasks;

	cJSON_AddItemToObject(json, "target", save_row(sim_revision_fields, &change->target));
	cJSON_AddItemToObject(json, "before", save_snap(&change->before));
	tasks = cJSON_AddArrayToObject(json, "tasks");
	for (size_t i = 0; i < change->count; i++)
		cJSON_AddItemToArray(tasks, save_row(task_fields, change->tasks[i]));
	return json;
}

cJSON *sim_save_state(const struct sim *sim)
{
	cJSON *json = save_row(sim_fields, sim);
	cJSON *snaps = cJSON_AddArrayToObject(json, "snaps");
	cJSON *changes = cJSON_AddArrayToObject(json, "changes");
	cJSON *fails = cJSON_AddArrayToObject(json, "fails");
	cJSON *faults = cJSON_AddArrayToObject(json, "faults");

	for (size_t i = 0; i < sim->snap_count; i++)
		cJSON_AddItemToArray(snaps, save_snap(&sim->snaps[i]));
	for (size_t i = 0; i < sim->change_count; i++)
		cJSON_AddItemToArray(changes, save_change(sim->changes[i]));
	for (size_t i = 0; i < sim->fail_count; i++)
		cJSON_AddItemToArray(fails, save_row(sim_fail_fields, &sim->fails[i]));
	for (const struct sim_fault *fault = sim->faults; fault; fault = fault->next) {
		cJSON *item = cJSON_Duplicate(fault->json, 1);

		cJSON_DeleteItemFromObjectCaseSensitive(item, "times");
		cJSON_DeleteItemFromObjectCaseSensitive(item, "skip");
		cJSON_AddNumberToObject(item, "times", (double)fault->times);
		cJSON_AddNumberToObject(item, "skip", (double)fault->skip);
		cJSON_AddItemToArray(faults, item);
	}
	cJSON_AddItemToObject(json, "store", sim_store_save(&sim->store));
	return json;
}

int sim_save(struct sim *sim, struct error *err)
{
	CLEANUP(cleanup_free) char *text = NULL, *next = NULL;
	CLEANUP(cleanup_close) int fd = -1;
	cJSON *json;
	size_t size;

	if (!sim->file || sim->unsaved || !sim->dirty)
		return 0;
	json = sim_save_state(sim);
	text = cJSON_PrintUnformatted(json);
	cJSON_Delete(json);
	size = strlen(text);
	next = alloc_textf("%s.next", sim->file);
	fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, size) != (ssize_t)size || rename(next, sim->file) < 0)
		return error_system(err, errno, "%s", next);
	sim->dirty = false;
	return 0;
}

/* Takes the lists out of JSON, which the table of the row does not know. */
static cJSON *take(cJSON *json, const char *key)
{
	return cJSON_DetachItemFromObjectCaseSensitive(json, key);
}

static int load_snap(cJSON *json, struct sim_snap *ret, struct error *err)
{
	cJSON *revisions = take(json, "revisions"), *item;
	int result = sim_fields_merge(sim_snap_fields, ret, json, err);

	cJSON_ArrayForEach(item, revisions)
	{
		if (result == 0 && ret->count < SIM_REVISIONS)
			result = sim_fields_merge(
				sim_revision_fields, &ret->revisions[ret->count++], item, err);
	}
	cJSON_Delete(revisions);
	return result;
}

static int load_change(struct sim *sim, cJSON *json, struct error *err)
{
	cJSON *tasks = take(json, "tasks"), *target = take(json, "target");
	cJSON *before = take(json, "before"), *item;
	struct sim_change *change = sim_change_new(sim, "", "", "");
	int result = sim_fields_merge(change_fields, change, json, err);

	if (result == 0)
		result = sim_fields_merge(sim_revision_fields, &change->target, target, err);
	if (result == 0)
		result = load_snap(before, &change->before, err);
	cJSON_ArrayForEach(item, tasks)
	{
		struct sim_task *task = sim_task_new(sim, change, "", "", "", 1);

		if (result == 0)
			result = sim_fields_merge(task_fields, task, item, err);
	}
	cJSON_Delete(tasks);
	cJSON_Delete(target);
	cJSON_Delete(before);
	return result;
}

static int load_lists(struct sim *sim, cJSON *json, struct error *err)
{
	cJSON *item;
	int result = 0;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "snaps"))
	{
		struct sim_snap snap = { .wanted = true };

		if (result == 0 && (result = load_snap(item, &snap, err)) == 0)
			*sim_snap_new(sim, snap.name) = snap;
	}
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "changes"))
	{
		if (result == 0)
			result = load_change(sim, item, err);
	}
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "fails"))
	{
		if (result == 0 && sim->fail_count < SIM_FAILS)
			result = sim_fields_merge(
				sim_fail_fields, &sim->fails[sim->fail_count++], item, err);
	}
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "faults"))
	{
		if (result == 0)
			result = sim_fault_add(sim, item, err);
	}
	if (result == 0)
		result = sim_store_set(
			&sim->store, cJSON_GetObjectItemCaseSensitive(json, "store"), err);
	return result;
}

static int load(struct sim *sim, cJSON *json, struct error *err)
{
	static const char *const lists[] = { "snaps", "changes", "fails", "faults", "store" };
	cJSON *kept = cJSON_CreateObject();
	int result;

	sim_changes_clear(sim);
	sim->snap_count = 0;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		cJSON *list = take(json, lists[i]);

		if (list)
			cJSON_AddItemToObject(kept, lists[i], list);
	}
	result = load_lists(sim, kept, err);
	cJSON_Delete(kept);
	/* Last, since loading counts up the ids. */
	return result < 0 ? -1 : sim_fields_merge(sim_fields, sim, json, err);
}

int sim_load(struct sim *sim, struct error *err)
{
	CLEANUP(buf_done) struct buf text;
	CLEANUP(cleanup_close) int fd = -1;
	char part[65536];
	ssize_t size;
	cJSON *json;
	int result;

	buf_init(&text, (size_t)256 << 20);
	fd = sim->file ? open(sim->file, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return 0;
	while ((size = read(fd, part, sizeof part)) > 0)
		if (buf_add(&text, part, (size_t)size) < 0)
			return error_set(err, ERROR_LIMIT, "%s is too long", sim->file);
	json = cJSON_Parse(buf_text(&text));
	if (!json)
		return error_set(err, ERROR_FORMAT, "%s is no JSON", sim->file);
	result = load(sim, json, err);
	cJSON_Delete(json);
	sim_effect_restarted(sim);
	return result < 0 ? error_wrap(err, "%s", sim->file) : 0;
}
