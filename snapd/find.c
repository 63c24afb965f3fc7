/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the Snap Store has. snapd asks it for each of these, and waits for it half a minute and more
 * when it is not there: hence the time limit of each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "snapd/json.h"
#include "snapd/release.h"

static int ask(struct snapd *snapd, const char *path, int64_t limit, struct snapd_envelope *ret,
	struct error *err)
{
	int64_t usual = snapd->limit;
	int outcome;

	snapd->limit = limit;
	outcome = snapd_get(snapd, path, ret, err);
	snapd->limit = usual;
	return outcome;
}

static const cJSON *item_named(const cJSON *list, const char *name)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		if (strcmp(snapd_json_text(item, "name"), name) == 0)
			return item;
	}
	return NULL;
}

void snapd_releases_done(struct snapd_releases *releases)
{
	if (!releases)
		return;
	free(releases->list);
	*releases = (struct snapd_releases){ 0 };
}

static bool read_release(const cJSON *json, struct snapd_release *ret)
{
	const char *revision = snapd_json_text(json, "revision");

	if (!snapd_revision_fine(revision) || !json->string ||
		!snapd_release_channel(json->string, ret->channel))
		return false;
	snapd_line(ret->revision, sizeof ret->revision, revision);
	snapd_line(ret->version, sizeof ret->version, snapd_json_text(json, "version"));
	snapd_line(ret->released, sizeof ret->released, snapd_json_text(json, "released-at"));
	ret->size = snapd_json_count(json, "size");
	return true;
}

static void sort_and_cut(struct snapd_releases *releases)
{
	qsort(releases->list, releases->count, sizeof *releases->list, snapd_release_order);
	if (releases->count > SNAPD_RELEASES_MAX)
		releases->count = SNAPD_RELEASES_MAX;
}

/* All are read before the list is cut: they come in the order of the alphabet. */
static void read_releases(const cJSON *channels, struct snapd_releases *ret)
{
	const size_t room = (size_t)2 * SNAPD_RELEASES_MAX;
	const cJSON *item;

	*ret = (struct snapd_releases){ .found = true };
	ret->list = alloc_new(room, sizeof *ret->list);
	cJSON_ArrayForEach(item, channels)
	{
		if (ret->count == room)
			sort_and_cut(ret);
		ret->count += read_release(item, &ret->list[ret->count]);
	}
	sort_and_cut(ret);
}

int snapd_find(struct snapd *snapd, const char *name, int64_t limit, struct snapd_releases *ret,
	struct error *err)
{
	CLEANUP(snapd_envelope_done) struct snapd_envelope reply = { 0 };
	char path[SNAPD_PATH_SIZE];
	const cJSON *item;

	if (snapd_name_check(name, err) < 0)
		return -1;
	(void)snprintf(path, sizeof path, "/v2/find?name=%s", name);
	if (ask(snapd, path, limit, &reply, err) < 0)
		return -1;
	if (strcmp(snapd_json_text(reply.result, "kind"), "snap-not-found") == 0) {
		*ret = (struct snapd_releases){ .found = false };
		return 0;
	}
	if (reply.status != 200)
		return snapd_unexpected(&reply, err);
	item = item_named(reply.result, name);
	if (!item)
		return error_set(err, ERROR_FORMAT, "snapd found another snap than %s", name);
	read_releases(cJSON_GetObjectItemCaseSensitive(item, "channels"), ret);
	return 0;
}

int snapd_find_update(struct snapd *snapd, const char *name, int64_t limit,
	struct snapd_update *ret, struct error *err)
{
	CLEANUP(snapd_envelope_done) struct snapd_envelope reply = { 0 };
	const char *revision;
	const cJSON *item;

	if (snapd_name_check(name, err) < 0 ||
		ask(snapd, "/v2/find?select=refresh", limit, &reply, err) < 0)
		return -1;
	if (reply.status != 200)
		return snapd_unexpected(&reply, err);
	item = item_named(reply.result, name);
	revision = snapd_json_text(item, "revision");
	if (!cJSON_IsArray(reply.result) || (item && !snapd_revision_fine(revision)))
		return error_set(err, ERROR_FORMAT, "snapd lists an update without a revision");
	snapd_line(ret->revision, sizeof ret->revision, revision);
	return 0;
}
