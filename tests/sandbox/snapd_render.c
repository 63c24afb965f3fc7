/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_render.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/cleanup.h"

void sim_render_time(long long ns, char *ret, size_t size)
{
	time_t seconds = (time_t)(ns / SIM_SECOND);
	char day[32], rest[16] = "";
	struct tm tm;

	(void)gmtime_r(&seconds, &tm);
	(void)strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
	if (ns % SIM_SECOND != 0) {
		(void)snprintf(rest, sizeof rest, ".%09lld", ns % SIM_SECOND);
		for (size_t end = strlen(rest); rest[end - 1] == '0'; end--)
			rest[end - 1] = '\0';
	}
	(void)snprintf(ret, size, "%s%sZ", day, rest);
}

static void add_time(cJSON *object, const char *key, long long ns)
{
	char text[64];

	sim_render_time(ns, text, sizeof text);
	cJSON_AddStringToObject(object, key, text);
}

static void add_publisher(cJSON *object, const struct sim_snap *snap)
{
	bool plain = sim_is_plain(snap->name);
	const char *id = plain ? "testrootorg" : "developer1";
	cJSON *publisher;

	if (snap->id[0] == '\0') {
		cJSON_AddStringToObject(object, "developer", "");
		return;
	}
	publisher = cJSON_AddObjectToObject(object, "publisher");
	cJSON_AddStringToObject(publisher, "id", id);
	cJSON_AddStringToObject(publisher, "username", id);
	cJSON_AddStringToObject(publisher, "display-name", plain ? "Testrootorg" : "Developer 1");
	cJSON_AddStringToObject(publisher, "validation", plain ? "verified" : "unproven");
	cJSON_AddStringToObject(object, "developer", id);
}

cJSON *sim_render_apps(struct sim_snap *snap)
{
	bool forks = strcmp(sim_snap_current(snap)->quirk, "svcfail") == 0;
	const char *name = NULL;
	cJSON *list;
	int length;

	if (snap->apps[0] != '\0')
		return strcmp(snap->apps, "null") == 0 ? NULL : cJSON_Parse(snap->apps);
	if (sim_is_plain(snap->name) || snap->wiped || snap->broken[0] != '\0')
		return NULL;
	list = cJSON_CreateArray();
	while ((name = sim_snap_service(snap, name, &length))) {
		CLEANUP(cleanup_free) char *text = alloc_textf("%.*s", length, name);
		cJSON *app = cJSON_CreateObject();

		cJSON_AddItemToArray(list, app);
		cJSON_AddStringToObject(app, "snap", snap->name);
		cJSON_AddStringToObject(app, "name", text);
		cJSON_AddStringToObject(app, "daemon", forks ? "forking" : "simple");
		cJSON_AddStringToObject(app, "daemon-scope", "system");
		if (snap->active && snap->enabled)
			cJSON_AddTrueToObject(app, "enabled");
		if (snap->active && snap->running)
			cJSON_AddTrueToObject(app, "active");
	}
	return list;
}

/* From here on the keys are in snapd's order. */
static void add_what(
	cJSON *object, const struct sim_snap *snap, const struct sim_revision *revision)
{
	bool plain = sim_is_plain(snap->name);
	bool snapd = strcmp(snap->name, "snapd") == 0;
	const char *summary = snapd   ? "empty snapd snap for the rig"
			      : plain ? "minimal base for the rig"
				      : "Micro sample service";

	if (snap->wiped)
		summary = "";
	cJSON_AddStringToObject(object, "id", snap->id);
	cJSON_AddStringToObject(object, "summary", summary);
	cJSON_AddStringToObject(object, "description",
		plain || snap->wiped ? summary : "Answers Online on port 8080.\n");
	if (!snap->wiped)
		cJSON_AddNumberToObject(object, "installed-size", (double)revision->size);
	if (snap->active)
		add_time(object, "install-date", snap->installed);
	cJSON_AddStringToObject(object, "name", snap->name);
	add_publisher(object, snap);
	cJSON_AddStringToObject(object, "status", snap->active ? "active" : "installed");
	cJSON_AddStringToObject(object, "type",
		snap->wiped ? ""
		: snapd     ? "snapd"
		: plain     ? "base"
			    : "app");
	if (!plain && !snap->wiped)
		cJSON_AddStringToObject(object, "base", "bare");
}

static void add_revision(cJSON *object, const struct sim *sim, const struct sim_snap *snap,
	const struct sim_revision *revision)
{
	bool devel = strcmp(revision->version, "3.0-dev") == 0;

	cJSON_AddStringToObject(object, "version", snap->wiped ? "" : revision->version);
	cJSON_AddStringToObject(object, "channel", revision->channel);
	if (snap->tracking[0] != '\0')
		cJSON_AddStringToObject(object, "tracking-channel", snap->tracking);
	cJSON_AddFalseToObject(object, "ignore-validation");
	cJSON_AddStringToObject(object, "revision", revision->number);
	cJSON_AddStringToObject(object, "confinement", revision->confinement);
	if (sim->newer)
		cJSON_AddStringToObject(object, "grade",
			snap->wiped || sim_is_plain(snap->name) ? ""
			: devel                                 ? "devel"
								: "stable");
	cJSON_AddFalseToObject(object, "private");
	cJSON_AddBoolToObject(object, "devmode", snap->devmode);
	cJSON_AddFalseToObject(object, "jailmode");
}

static void add_broken(cJSON *object, const struct sim_snap *snap, const char *number)
{
	if (snap->broken[0] != '\0') {
		cJSON_AddStringToObject(object, "broken", snap->broken);
		return;
	}
	CLEANUP(cleanup_free)
	char *text = alloc_textf("cannot find installed snap \"%s\" at revision %s: missing file "
				 "/snap/%s/%s/meta/snap.yaml",
		snap->name, number, snap->name, number);

	if (snap->wiped)
		cJSON_AddStringToObject(object, "broken", text);
}

cJSON *sim_render_snap(const struct sim *sim, struct sim_snap *snap)
{
	const struct sim_revision *revision = sim_snap_current(snap);
	cJSON *object = cJSON_CreateObject(), *apps = sim_render_apps(snap);
	CLEANUP(cleanup_free)
	char *file = alloc_textf("/var/lib/snapd/snaps/%s_%s.snap", snap->name, revision->number);

	add_what(object, snap, revision);
	add_revision(object, sim, snap, revision);
	if (apps)
		cJSON_AddItemToObject(object, "apps", apps);
	add_broken(object, snap, revision->number);
	cJSON_AddStringToObject(object, "mounted-from", file);
	if (!sim->newer)
		cJSON_AddNullToObject(object, "links");
	cJSON_AddStringToObject(object, "contact", "");
	if (snap->hold[0] != '\0')
		cJSON_AddStringToObject(object, "hold", snap->hold);
	return object;
}

static void add_log(cJSON *object, const struct sim_task *task)
{
	CLEANUP(cleanup_free) char *line = NULL;
	char time[64];
	cJSON *log;

	if (task->log[0] == '\0')
		return;
	sim_render_time(task->log_at / SIM_SECOND * SIM_SECOND, time, sizeof time);
	line = alloc_textf("%s %s %s", time, task->error ? "ERROR" : "INFO", task->log);
	log = cJSON_AddArrayToObject(object, "log");
	cJSON_AddItemToArray(log, cJSON_CreateString(line));
}

static cJSON *render_task(const struct sim_task *task)
{
	cJSON *object = cJSON_CreateObject(), *progress, *affected;
	bool counted = task->label[0] != '\0';
	char id[32];

	(void)snprintf(id, sizeof id, "%lld", task->id);
	cJSON_AddStringToObject(object, "id", id);
	cJSON_AddStringToObject(object, "kind", task->kind);
	cJSON_AddStringToObject(object, "summary", task->summary);
	cJSON_AddStringToObject(object, "status", sim_status_name(task->status));
	add_log(object, task);
	progress = cJSON_AddObjectToObject(object, "progress");
	cJSON_AddStringToObject(progress, "label", task->label);
	cJSON_AddNumberToObject(progress, "done",
		counted                  ? (double)task->done
		: task->status == SIM_DO ? 0
					 : 1);
	cJSON_AddNumberToObject(progress, "total", counted ? (double)task->total : 1);
	add_time(object, "spawn-time", task->spawned);
	if (task->ended != 0)
		add_time(object, "ready-time", task->ended);
	if (!task->affects || task->snap[0] == '\0')
		return object;
	affected =
		cJSON_AddArrayToObject(cJSON_AddObjectToObject(object, "data"), "affected-snaps");
	cJSON_AddItemToArray(affected, cJSON_CreateString(task->snap));
	if (task->peer[0] != '\0')
		cJSON_AddItemToArray(affected, cJSON_CreateString(task->peer));
	return object;
}

static void add_data(cJSON *object, const struct sim_change *change, bool newer)
{
	cJSON *data, *components, *names;

	if (!change->named || change->snap[0] == '\0')
		return;
	data = cJSON_AddObjectToObject(object, "data");
	if (!newer && strcmp(change->kind, "install-snap") == 0) {
		components = cJSON_AddObjectToObject(data, "components");
		cJSON_AddNullToObject(components, change->snap);
	}
	names = cJSON_AddArrayToObject(data, "snap-names");
	cJSON_AddItemToArray(names, cJSON_CreateString(change->snap));
}

cJSON *sim_render_change(const struct sim_change *change, bool newer)
{
	cJSON *object = cJSON_CreateObject(), *tasks;
	CLEANUP(cleanup_free) char *error = sim_change_error(change);
	char id[32];

	(void)snprintf(id, sizeof id, "%lld", change->id);
	cJSON_AddStringToObject(object, "id", id);
	cJSON_AddStringToObject(object, "kind", change->kind);
	cJSON_AddStringToObject(object, "summary", change->summary);
	cJSON_AddStringToObject(object, "status", sim_status_name(sim_change_status(change)));
	if (change->count > 0) {
		tasks = cJSON_AddArrayToObject(object, "tasks");
		for (size_t i = 0; i < change->count; i++)
			cJSON_AddItemToArray(tasks, render_task(change->tasks[i]));
	}
	cJSON_AddBoolToObject(object, "ready", change->ended != 0);
	if (error)
		cJSON_AddStringToObject(object, "err", error);
	add_time(object, "spawn-time", change->spawned);
	if (change->ended != 0)
		add_time(object, "ready-time", change->ended);
	add_data(object, change, newer);
	return object;
}

void sim_unescape(const char *text, size_t length, char *ret, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < length && at + 1 < size; i++) {
		char digits[3] = { 0 };

		if (text[i] == '%' && i + 2 < length && isxdigit((unsigned char)text[i + 1]) &&
			isxdigit((unsigned char)text[i + 2])) {
			memcpy(digits, text + i + 1, 2);
			ret[at++] = (char)strtol(digits, NULL, 16);
			i += 2;
		} else
			ret[at++] = text[i];
	}
	ret[at] = '\0';
}
