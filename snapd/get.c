/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What snapd says about itself and about a snap. snapd answers all of it alone and never asks the
 * Snap Store.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "snapd/json.h"

int snapd_get_system(struct snapd *snapd, struct snapd_system *ret, struct error *err)
{
	CLEANUP(snapd_envelope_done) struct snapd_envelope reply = { 0 };

	if (snapd_get(snapd, "/v2/system-info", &reply, err) < 0)
		return -1;
	if (reply.status != 200)
		return snapd_unexpected(&reply, err);
	snapd_line(ret->version, sizeof ret->version, snapd_json_text(reply.result, "version"));
	snapd_line(ret->architecture, sizeof ret->architecture,
		snapd_json_text(reply.result, "architecture"));
	return 0;
}

int snapd_get_seeded(struct snapd *snapd, bool *ret, struct error *err)
{
	CLEANUP(snapd_envelope_done) struct snapd_envelope reply = { 0 };
	const char *kind;

	if (snapd_get(snapd, "/v2/snaps/system/conf?keys=seed.loaded", &reply, err) < 0)
		return -1;
	kind = snapd_json_text(reply.result, "kind");
	if (reply.status == 200)
		*ret = snapd_json_true(reply.result, "seed.loaded");
	else if (strcmp(kind, "option-not-found") == 0)
		*ret = false;
	else if (reply.status == 401 || reply.status == 403)
		*ret = true;
	else
		return snapd_unexpected(&reply, err);
	return 0;
}

static bool is_system(const cJSON *app)
{
	return *snapd_json_text(app, "daemon") &&
	       strcmp(snapd_json_text(app, "daemon-scope"), "user") != 0;
}

/* A service that systemd is to run all the time. */
static bool is_service(const cJSON *app)
{
	const cJSON *activators = cJSON_GetObjectItemCaseSensitive(app, "activators");

	return is_system(app) && strcmp(snapd_json_text(app, "daemon"), "oneshot") != 0 &&
	       cJSON_GetArraySize(activators) == 0;
}

/* Adds NAME, whole or not at all. */
static void add_service(const char *name, struct snapd_snap *ret)
{
	size_t used = strlen(ret->enabled);

	if (snapd_service_fine(name, strlen(name)) && used + 1 + strlen(name) < sizeof ret->enabled)
		(void)snprintf(ret->enabled + used, sizeof ret->enabled - used, "%s%s",
			used ? " " : "", name);
}

/* A name of blanks and control bytes leaves nothing to be read. */
static void name_service(const char *name, char *ret, size_t size)
{
	snapd_line(ret, size, name);
	if (!*ret)
		snapd_line(ret, size, "(unnamed)");
}

/*
 * snapd omits `enabled` and `active` when they are false, and `apps` when systemd does not answer.
 */
static void read_services(const cJSON *snap, struct snapd_snap *ret)
{
	bool any = false, enabled = false;
	const cJSON *app;

	cJSON_ArrayForEach(app, cJSON_GetObjectItemCaseSensitive(snap, "apps"))
	{
		const char *name = snapd_json_text(app, "name");

		if (is_system(app) && snapd_json_true(app, "enabled"))
			add_service(name, ret);
		if (!is_service(app))
			continue;
		any = true;
		ret->serves |= snapd_json_true(app, "active");
		if (!snapd_json_true(app, "enabled"))
			continue;
		enabled = true;
		if (!snapd_json_true(app, "active") && !*ret->service_down)
			name_service(name, ret->service_down, sizeof ret->service_down);
	}
	ret->unserved = any && !enabled;
}

/* snapd keeps the health of a revision over all that comes after it. */
static void read_health(const cJSON *snap, struct snapd_snap *ret)
{
	const cJSON *health = cJSON_GetObjectItemCaseSensitive(snap, "health");
	const char *status = snapd_json_text(health, "status");
	const char *message = snapd_json_text(health, "message");

	if (strcmp(snapd_json_text(health, "revision"), ret->revision) != 0 ||
		(strcmp(status, "blocked") != 0 && strcmp(status, "error") != 0))
		return;
	snapd_line(ret->health, sizeof ret->health, status);
	if (*message) {
		snapd_line_add(ret->health, sizeof ret->health, ":", 1, true);
		snapd_line_add(ret->health, sizeof ret->health, message, strlen(message), false);
	}
}

static int read_snap(const cJSON *json, struct snapd_snap *ret, struct error *err)
{
	const char *revision = snapd_json_text(json, "revision");
	const char *status = snapd_json_text(json, "status");

	if (!snapd_revision_fine(revision) || !*status)
		return error_set(
			err, ERROR_FORMAT, "snapd shows a snap without revision or status");
	*ret = (struct snapd_snap){
		.present = true,
		.active = strcmp(status, "active") == 0,
		.broken = *snapd_json_text(json, "broken") != '\0',
		/* `snap install --dangerous` gives x1, x2, ... */
		.local = !*snapd_json_text(json, "id") || *revision == 'x',
	};
	snapd_cause(ret->damage, sizeof ret->damage, snapd_json_text(json, "broken"));
	snapd_line(ret->revision, sizeof ret->revision, revision);
	snapd_line(ret->version, sizeof ret->version, snapd_json_text(json, "version"));
	channel_full(snapd_json_text(json, "tracking-channel"), ret->tracking);
	channel_full(snapd_json_text(json, "channel"), ret->channel);
	snapd_line(ret->hold, sizeof ret->hold, snapd_json_text(json, "hold"));
	ret->hold_until = snapd_time(ret->hold);
	read_services(json, ret);
	read_health(json, ret);
	return 0;
}

int snapd_get_snap(struct snapd *snapd, const char *name, struct snapd_snap *ret, struct error *err)
{
	CLEANUP(snapd_envelope_done) struct snapd_envelope reply = { 0 };
	char path[SNAPD_PATH_SIZE];

	if (snapd_name_check(name, err) < 0)
		return -1;
	(void)snprintf(path, sizeof path, "/v2/snaps/%s", name);
	if (snapd_get(snapd, path, &reply, err) < 0)
		return -1;
	if (reply.status == 200)
		return read_snap(reply.result, ret, err);
	if (strcmp(snapd_json_text(reply.result, "kind"), "snap-not-found") != 0)
		return snapd_unexpected(&reply, err);
	*ret = (struct snapd_snap){ .present = false };
	return 0;
}

/* One of the list; those of other snaps are not ours. */
static int read_revision(
	const cJSON *json, const char *name, struct snapd_revisions *ret, struct error *err)
{
	const char *revision = snapd_json_text(json, "revision");
	struct snapd_revision *item = &ret->list[ret->count];

	if (strcmp(snapd_json_text(json, "name"), name) != 0)
		return 0;
	if (ret->count == SNAPD_REVISIONS_MAX)
		return error_set(err, ERROR_LIMIT, "snapd lists too many revisions");
	if (!snapd_revision_fine(revision))
		return error_set(err, ERROR_FORMAT, "snapd lists a revision without its number");
	snapd_line(item->revision, sizeof item->revision, revision);
	snapd_line(item->status, sizeof item->status, snapd_json_text(json, "status"));
	ret->count++;
	return 0;
}

int snapd_get_revisions(
	struct snapd *snapd, const char *name, struct snapd_revisions *ret, struct error *err)
{
	CLEANUP(snapd_envelope_done) struct snapd_envelope reply = { 0 };
	struct snapd_revisions list = { 0 };
	char path[SNAPD_PATH_SIZE];
	const cJSON *item;

	if (snapd_name_check(name, err) < 0)
		return -1;
	(void)snprintf(path, sizeof path, "/v2/snaps?select=all&snaps=%s", name);
	if (snapd_get(snapd, path, &reply, err) < 0)
		return -1;
	if (reply.status != 200)
		return snapd_unexpected(&reply, err);
	if (!cJSON_IsArray(reply.result))
		return error_set(err, ERROR_FORMAT, "snapd does not list the revisions");
	cJSON_ArrayForEach(item, reply.result)
	{
		if (read_revision(item, name, &list, err) < 0)
			return -1;
	}
	*ret = list;
	return 0;
}
