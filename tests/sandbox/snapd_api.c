/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_api.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/snapd_decode.h"
#include "tests/sandbox/snapd_fault.h"
#include "tests/sandbox/snapd_ops.h"
#include "tests/sandbox/snapd_render.h"
#include "tests/sandbox/snapd_system.h"

const char *sim_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{ 200, "OK" },
		{ 202, "Accepted" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 409, "Conflict" },
		{ 429, "Too Many Requests" },
		{ 500, "Internal Server Error" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 507, "Insufficient Storage" },
	};

	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Unknown";
}

static cJSON *envelope(const char *type, int status)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "type", type);
	cJSON_AddNumberToObject(json, "status-code", status);
	cJSON_AddStringToObject(json, "status", sim_reason(status));
	return json;
}

struct sim_answer sim_sync(cJSON *result)
{
	cJSON *json = envelope("sync", 200);

	cJSON_AddItemToObject(json, "result", result ? result : cJSON_CreateNull());
	return (struct sim_answer){ .status = 200, .json = json };
}

struct sim_answer sim_async(long long change)
{
	cJSON *json = envelope("async", 202);
	char id[32];

	(void)snprintf(id, sizeof id, "%lld", change);
	cJSON_AddNullToObject(json, "result");
	cJSON_AddStringToObject(json, "change", id);
	return (struct sim_answer){ .status = 202, .json = json };
}

struct sim_answer sim_error(int status, const char *kind, cJSON *value, const char *format, ...)
{
	cJSON *json = envelope("error", status), *result = cJSON_AddObjectToObject(json, "result");
	char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		abort();
	va_end(arguments);
	cJSON_AddStringToObject(result, "message", text);
	free(text);
	if (kind)
		cJSON_AddStringToObject(result, "kind", kind);
	if (value)
		cJSON_AddItemToObject(result, "value", value);
	return (struct sim_answer){ .status = status, .json = json };
}

char *sim_target_path(const char *target)
{
	return alloc_textf("%.*s", (int)strcspn(target, "?"), target);
}

void sim_target_parameter(const char *target, const char *key, char *ret, size_t size)
{
	const char *at = strchr(target, '?');
	size_t length = strlen(key);

	ret[0] = '\0';
	while (at) {
		at++;
		if (strncmp(at, key, length) == 0 && at[length] == '=') {
			at += length + 1;
			sim_unescape(at, strcspn(at, "&"), ret, size);
			return;
		}
		at = strchr(at, '&');
	}
}

static struct sim_answer get_root(
	struct sim *sim, const char *name, const struct sim_request *request)
{
	cJSON *list = cJSON_CreateArray();

	(void)sim;
	(void)name;
	(void)request;
	cJSON_AddItemToArray(list, cJSON_CreateString("TBD"));
	return sim_sync(list);
}

static struct sim_answer get_system_info(
	struct sim *sim, const char *name, const struct sim_request *request)
{
	(void)name;
	(void)request;
	return sim_sync(sim_system_info(sim));
}

static struct sim_answer post_system_info(
	struct sim *sim, const char *name, const struct sim_request *request)
{
	(void)name;
	(void)request;
	if (!sim->newer)
		return sim_error(405, NULL, NULL, "method \"POST\" not allowed");
	return sim_error(400, NULL, NULL, "no action");
}

/* Whether NAME is among the comma-separated NAMES; it is when there are none. */
static bool is_among(const char *names, const char *name)
{
	size_t length = strlen(name);

	if (names[0] == '\0')
		return true;
	for (const char *at = names; *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
		if (strcspn(at, ",") == length && strncmp(at, name, length) == 0)
			return true;
	return false;
}

static struct sim_answer get_snaps(
	struct sim *sim, const char *name, const struct sim_request *request)
{
	cJSON *list = cJSON_CreateArray(), *sources;
	struct sim_answer answer;
	char names[256];

	(void)name;
	sim_target_parameter(request->target, "snaps", names, sizeof names);
	for (size_t i = 0; i < sim->snap_count; i++)
		if (is_among(names, sim->snaps[i].name))
			cJSON_AddItemToArray(list, sim_render_snap(sim, &sim->snaps[i]));
	answer = sim_sync(list);
	sources = cJSON_AddArrayToObject(answer.json, "sources");
	cJSON_AddItemToArray(sources, cJSON_CreateString("local"));
	return answer;
}

static struct sim_answer get_snap(
	struct sim *sim, const char *name, const struct sim_request *request)
{
	struct sim_snap *snap = sim_snap(sim, name);

	(void)request;
	if (!snap)
		return sim_error(
			404, "snap-not-found", cJSON_CreateString(name), "snap not installed");
	return sim_sync(sim_render_snap(sim, snap));
}

static struct sim_answer post_snaps(
	struct sim *sim, const char *name, const struct sim_request *request)
{
	(void)sim;
	(void)name;
	(void)request;
	return sim_error(400, NULL, NULL, "unsupported multi-snap operation");
}

static struct sim_answer get_conf(
	struct sim *sim, const char *name, const struct sim_request *request)
{
	bool system = strcmp(name, "system") == 0 || strcmp(name, "core") == 0;
	const char *shown = system ? "core" : name;
	cJSON *result, *value;
	char keys[256];

	if (!sim->root)
		return sim_error(401, "login-required", NULL, "access denied");
	sim_target_parameter(request->target, "keys", keys, sizeof keys);
	result = cJSON_CreateObject();
	if (system && sim->seeded && is_among(keys, "seed.loaded") && keys[0] != '\0')
		cJSON_AddTrueToObject(result, "seed.loaded");
	if (keys[0] == '\0' || result->child)
		return sim_sync(result);
	cJSON_Delete(result);
	value = cJSON_CreateObject();
	cJSON_AddStringToObject(value, "SnapName", shown);
	cJSON_AddStringToObject(value, "Key", keys);
	return sim_error(400, "option-not-found", value,
		"snap \"%s\" has no \"%s\" configuration option", shown, keys);
}

static struct sim_answer get_apps(
	struct sim *sim, const char *name, const struct sim_request *request)
{
	cJSON *list, *apps, *app;
	char names[256];

	(void)name;
	sim_target_parameter(request->target, "names", names, sizeof names);
	if (names[0] != '\0' && !strchr(names, ',') && !sim_snap(sim, names))
		return sim_error(404, "snap-not-found", cJSON_CreateString(names),
			"snap \"%s\" not found", names);
	list = cJSON_CreateArray();
	for (size_t i = 0; i < sim->snap_count; i++) {
		if (!is_among(names, sim->snaps[i].name))
			continue;
		apps = sim_render_apps(&sim->snaps[i]);
		while (apps && (app = cJSON_DetachItemFromArray(apps, 0)))
			cJSON_AddItemToArray(list, app);
		cJSON_Delete(apps);
	}
	return sim_sync(list);
}

static bool is_selected(const struct sim_change *change, const char *select, const char *snap)
{
	bool over = change->ended != 0;

	if (snap[0] != '\0' && strcmp(change->snap, snap) != 0)
		return false;
	return strcmp(select, "all") == 0 || over == (strcmp(select, "ready") == 0);
}

/* The changes in any order, as out of a Go map. (libcjson 1.7.15 inserts at an end only.) Freed by
 * the caller. */
static size_t *shuffle(struct sim *sim)
{
	size_t *order = alloc_new(sim->change_count + 1, sizeof *order);

	for (size_t i = 0; i < sim->change_count; i++) {
		size_t at = sim_dice(sim, (unsigned)i + 1);

		order[i] = order[at];
		order[at] = i;
	}
	return order;
}

static struct sim_answer get_changes(
	struct sim *sim, const char *name, const struct sim_request *request)
{
	CLEANUP(cleanup_free) size_t *order = shuffle(sim);
	cJSON *list;
	char select[32], snap[128];

	(void)name;
	sim_target_parameter(request->target, "select", select, sizeof select);
	sim_target_parameter(request->target, "for", snap, sizeof snap);
	if (select[0] == '\0')
		(void)strcpy(select, "in-progress");
	if (strcmp(select, "all") != 0 && strcmp(select, "in-progress") != 0 &&
		strcmp(select, "ready") != 0)
		return sim_error(400, NULL, NULL, "select should be one of: all,in-progress,ready");
	list = cJSON_CreateArray();
	for (size_t i = 0; i < sim->change_count; i++) {
		const struct sim_change *change = sim->changes[order[i]];

		if (is_selected(change, select, snap))
			cJSON_AddItemToArray(list, sim_render_change(change, sim->newer));
	}
	return sim_sync(list);
}

static struct sim_answer get_change(
	struct sim *sim, const char *name, const struct sim_request *request)
{
	struct sim_change *change = sim_change_find(sim, name);

	(void)request;
	if (!change)
		return sim_error(404, NULL, NULL, "cannot find change with id \"%s\"", name);
	return sim_sync(sim_render_change(change, sim->newer));
}

static struct sim_answer post_change(
	struct sim *sim, const char *name, const struct sim_request *request)
{
	struct sim_change *change = sim_change_find(sim, name);
	struct sim_answer answer;
	const char *action;
	cJSON *body;

	if (!change)
		return sim_error(404, NULL, NULL, "cannot find change with id \"%s\"", name);
	body = sim_body(request, "data from request body", "struct { Action string }", &answer);
	if (!body)
		return answer;
	action = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "action"));
	if (!action || strcmp(action, "abort") != 0)
		answer = sim_error(400, NULL, NULL, "change action \"%s\" is unsupported",
			action ? action : "");
	else if (change->ended != 0)
		answer = sim_error(
			400, NULL, NULL, "cannot abort change %s with nothing pending", name);
	else {
		sim_change_abort(sim, change);
		answer = sim_sync(sim_render_change(change, sim->newer));
		sim_change_settle(sim, change, sim_now(sim));
	}
	cJSON_Delete(body);
	return answer;
}

static struct sim_answer post_apps(
	struct sim *sim, const char *name, const struct sim_request *request)
{
	(void)name;
	return sim_post_apps(sim, request);
}

/* clang-format off */
static const struct {
	const char *path;   /* with a '*' for the one part that varies */
	const char *method;
	struct sim_answer (*handle)(struct sim *, const char *, const struct sim_request *);
} routes[] = {
	{ "/",                "GET",  get_root },
	{ "/v2/system-info",  "GET",  get_system_info },
	{ "/v2/system-info",  "POST", post_system_info },
	{ "/v2/snaps",        "GET",  get_snaps },
	{ "/v2/snaps",        "POST", post_snaps },
	{ "/v2/snaps/*",      "GET",  get_snap },
	{ "/v2/snaps/*",      "POST", sim_post_snap },
	{ "/v2/snaps/*/conf", "GET",  get_conf },
	{ "/v2/snaps/*/conf", "PUT",  sim_put_conf },
	{ "/v2/apps",         "GET",  get_apps },
	{ "/v2/apps",         "POST", post_apps },
	{ "/v2/changes",      "GET",  get_changes },
	{ "/v2/changes/*",    "GET",  get_change },
	{ "/v2/changes/*",    "POST", post_change },
};
/* clang-format on */

static bool path_matches(const char *pattern, const char *path, char *name, size_t size)
{
	size_t fixed = strcspn(pattern, "*"), length;

	if (strncmp(pattern, path, fixed) != 0)
		return false;
	if (pattern[fixed] == '\0')
		return path[fixed] == '\0';
	length = strcspn(path + fixed, "/");
	sim_unescape(path + fixed, length, name, size);
	return length > 0 && strcmp(pattern + fixed + 1, path + fixed + length) == 0;
}

static struct sim_answer route(struct sim *sim, const struct sim_request *request)
{
	CLEANUP(cleanup_free) char *path = sim_target_path(request->target);
	bool get = strcmp(request->method, "GET") == 0, known = false;
	char name[256] = "";

	for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
		if (!path_matches(routes[i].path, path, name, sizeof name))
			continue;
		known = true;
		if (strcmp(routes[i].method, request->method) != 0)
			continue;
		if (!get && sim->degraded)
			break;
		if (!get && !sim->root)
			return sim_error(401, "login-required", NULL, "access denied");
		return routes[i].handle(sim, name, request);
	}
	if (!known)
		return sim_error(404, NULL, NULL, "not found");
	if (!get && sim->degraded)
		return sim_error(500, NULL, NULL,
			"system does not fully support snapd: cannot mount squashfs image");
	return sim_error(405, NULL, NULL, "method \"%s\" not allowed", request->method);
}

struct sim_answer sim_api(struct sim *sim, const struct sim_request *request)
{
	struct sim_answer answer;

	sim_api_catch_up(sim);
	answer = route(sim, request);
	if (answer.json && sim->maintenance) {
		cJSON *maintenance = cJSON_AddObjectToObject(answer.json, "maintenance");

		cJSON_AddStringToObject(maintenance, "kind", "daemon-restart");
		cJSON_AddStringToObject(maintenance, "message", "daemon is restarting");
	}
	return answer;
}

void sim_api_catch_up(struct sim *sim)
{
	struct sim_late *late;

	sim_advance(sim);
	while ((late = sim_late_take(sim))) {
		struct sim_request request = { .method = late->method,
			.target = late->target,
			.body = late->body,
			.waited = true };
		struct sim_answer answer = route(sim, &request);

		cJSON_Delete(answer.json);
		sim_late_free(late);
		sim_advance(sim);
	}
}
