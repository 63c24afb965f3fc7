/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/snapd_fields.h"

#define SMALL 286720
#define MID   569344
#define BIG   12288000

/* clang-format off */
static const struct {
	const char *snap, *channel, *number, *version, *confinement, *quirk;
	long long size;
} defaults[] = {
	{ "bare",         "latest/stable",    "5",   "1.0",          "strict",  "",         4096 },
	{ "microclassic", "latest/stable",    "1",   "1.0",          "classic", "",         SMALL },
	{ "microdevmode", "latest/stable",    "1",   "1.0",          "devmode", "",         SMALL },
	{ "microother",   "latest/edge",      "1",   "1.0",          "strict",  "",         SMALL },
	{ "microsample",  "2.0/stable",       "4",   "2.0.1",        "strict",  "",         SMALL },
	{ "microsample",  "badconf/stable",   "9",   "9.0-badconf",  "strict",  "badconf",  MID },
	{ "microsample",  "big/stable",       "7",   "7.0-big",      "strict",  "",         BIG },
	{ "microsample",  "edgeonly/edge",    "3",   "3.0-dev",      "strict",  "",         SMALL },
	{ "microsample",  "hookfail/stable",  "5",   "5.0-hookfail", "strict",  "hookfail", MID },
	{ "microsample",  "latest/beta",      "2",   "2.0",          "strict",  "",         SMALL },
	{ "microsample",  "latest/candidate", "1",   "1.0",          "strict",  "",         SMALL },
	{ "microsample",  "latest/edge",      "3",   "3.0-dev",      "strict",  "",         SMALL },
	{ "microsample",  "latest/stable",    "1",   "1.0",          "strict",  "",         SMALL },
	{ "microsample",  "slow/stable",      "8",   "8.0-slowhook", "strict",  "slow",     MID },
	{ "microsample",  "svcfail/stable",   "6",   "6.0-svcfail",  "strict",  "svcfail",  SMALL },
	{ "snapd",        "latest/stable",    "100", "2.0rig",       "strict",  "",         4096 },
};

static const char *const ids[][2] = {
	{ "bare",         "EISPgh06mRh1vordZY9OZ34QHdd7OrdR" },
	{ "microclassic", "MicroClassicSnapId00000000000001" },
	{ "microdevmode", "MicroDevmodeSnapId00000000000001" },
	{ "microother",   "MicroOtherSnapId0000000000000001" },
	{ "microsample",  "MicroSampleSnapId000000000000001" },
	{ "snapd",        "PMrrV4ml8uWuEUDBT8dSGnKUYbevVhc4" },
};

static const char *const risks[] = { "stable", "candidate", "beta", "edge" };

static const struct sim_field knob_fields[] = {
	SIM_FIELD("status",       SIM_NUMBER, sim_store, status),
	SIM_FIELD("delay-ms",     SIM_NUMBER, sim_store, delay_ms),
	SIM_FIELD("size",         SIM_NUMBER, sim_store, size),
	SIM_FIELD("down",         SIM_BOOL,   sim_store, down),
	SIM_FIELD("no-dns",       SIM_BOOL,   sim_store, no_dns),
	SIM_FIELD("timeout",      SIM_BOOL,   sim_store, timeout),
	SIM_FIELD("snap-missing", SIM_BOOL,   sim_store, missing),
	SIM_FIELD("confinement",  SIM_TEXT,   sim_store, confinement),
	SIM_FIELD("download",     SIM_TEXT,   sim_store, download),
	{ NULL, SIM_TEXT, 0, 0 },
};

static const struct sim_field release_fields[] = {
	SIM_FIELD("revision",    SIM_TEXT,   sim_revision, number),
	SIM_FIELD("version",     SIM_TEXT,   sim_revision, version),
	SIM_FIELD("confinement", SIM_TEXT,   sim_revision, confinement),
	SIM_FIELD("quirk",       SIM_TEXT,   sim_revision, quirk),
	SIM_FIELD("services",    SIM_TEXT,   sim_revision, services),
	SIM_FIELD("size",        SIM_NUMBER, sim_revision, size),
	{ NULL, SIM_TEXT, 0, 0 },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A channel in its parts; each "" when it is not there. */
struct parts {
	char track[128], risk[16], branch[128];
};

static int risk_rank(const char *risk, size_t length)
{
	for (int i = 0; i < (int)COUNT(risks); i++)
		if (strlen(risks[i]) == length && memcmp(risks[i], risk, length) == 0)
			return i;
	return -1;
}

static void put(char *ret, size_t size, const char *text, size_t length)
{
	(void)snprintf(ret, size, "%.*s", (int)length, text);
}

/* One to three parts with a known risk; the other parts may be anything. */
static struct parts split(const char *channel)
{
	struct parts parts = { .track = "" };
	size_t length = strcspn(channel, "/");
	const char *slash = strchr(channel, '/');
	bool three = slash && strchr(slash + 1, '/');

	if (three || risk_rank(channel, length) < 0) {
		put(parts.track, sizeof parts.track, channel, length);
		channel += length + (channel[length] == '/');
		length = strcspn(channel, "/");
	}
	put(parts.risk, sizeof parts.risk, channel, length);
	channel += length + (channel[length] == '/');
	put(parts.branch, sizeof parts.branch, channel, strlen(channel));
	return parts;
}

static void join(const struct parts *parts, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s%s%s%s%s", parts->track, parts->track[0] ? "/" : "",
		parts->risk, parts->branch[0] ? "/" : "", parts->branch);
}

char *sim_channel_fault(const char *channel)
{
	const char *first = channel, *second, *third;
	size_t lengths[3] = { 0 };
	int count = 1;
	bool risk_first;

	for (const char *c = channel; *c; c++)
		count += *c == '/';
	if (count > 3)
		return alloc_textf("channel name has too many components: %s", channel);
	lengths[0] = strcspn(first, "/");
	second = first + lengths[0] + (first[lengths[0]] == '/');
	lengths[1] = strcspn(second, "/");
	third = second + lengths[1] + (second[lengths[1]] == '/');
	lengths[2] = strlen(third);
	risk_first = count < 3 && risk_rank(first, lengths[0]) >= 0;
	if (!risk_first && lengths[0] == 0)
		return alloc_textf("invalid track in channel name: %s", channel);
	if (!risk_first && count > 1 && risk_rank(second, lengths[1]) < 0)
		return alloc_textf("invalid risk in channel name: %s", channel);
	if ((risk_first && count == 2 && lengths[1] == 0) || (count == 3 && lengths[2] == 0))
		return alloc_textf("invalid branch in channel name: %s", channel);
	return NULL;
}

void sim_channel_full(const char *channel, char *ret, size_t size)
{
	struct parts parts = split(channel);

	if (parts.track[0] == '\0')
		(void)strcpy(parts.track, "latest");
	if (parts.risk[0] == '\0')
		(void)strcpy(parts.risk, "stable");
	join(&parts, ret, size);
}

void sim_channel_resolve(const char *tracking, const char *wanted, char *ret, size_t size)
{
	struct parts now = split(tracking), next = split(wanted);

	if (wanted[0] == '\0') {
		(void)snprintf(ret, size, "%s", tracking);
		return;
	}
	if (next.track[0] != '\0' || now.track[0] == '\0') {
		(void)snprintf(ret, size, "%s", wanted);
		return;
	}
	(void)strcpy(next.track, now.track);
	join(&next, ret, size);
}

static int release_compare(const void *left, const void *right)
{
	const struct sim_release *a = left, *b = right;
	int order = strcmp(a->snap, b->snap);

	return order ? order : strcmp(a->revision.channel, b->revision.channel);
}

void sim_store_reset(struct sim_store *store)
{
	*store = (struct sim_store){ .status = 200, .download = "ok", .count = COUNT(defaults) };
	for (size_t i = 0; i < COUNT(defaults); i++) {
		struct sim_release *release = &store->releases[i];
		struct sim_revision *revision = &release->revision;

		(void)strcpy(release->snap, defaults[i].snap);
		(void)strcpy(revision->number, defaults[i].number);
		(void)strcpy(revision->version, defaults[i].version);
		(void)strcpy(revision->channel, defaults[i].channel);
		(void)strcpy(revision->confinement, defaults[i].confinement);
		(void)strcpy(revision->quirk, defaults[i].quirk);
		revision->size = defaults[i].size;
	}
}

static struct sim_release *release_at(
	struct sim_store *store, const char *snap, const char *channel)
{
	for (size_t i = 0; i < store->count; i++) {
		struct sim_release *release = &store->releases[i];

		if (strcmp(release->snap, snap) == 0 &&
			strcmp(release->revision.channel, channel) == 0)
			return release;
	}
	return NULL;
}

static int set_channel(
	struct sim_store *store, const char *snap, const cJSON *value, struct error *err)
{
	char full[128];
	struct sim_release *release;

	sim_channel_full(value->string, full, sizeof full);
	release = release_at(store, snap, full);
	if (cJSON_IsNull(value)) {
		if (release) {
			store->count--;
			memmove(release, release + 1,
				(size_t)(&store->releases[store->count] - release) *
					sizeof *release);
		}
		return 0;
	}
	if (!release) {
		if (store->count == SIM_RELEASES)
			return error_set(err, ERROR_LIMIT, "too many releases");
		release = &store->releases[store->count++];
		*release = (struct sim_release){ .revision = { .confinement = "strict",
							 .number = "1",
							 .version = "1.0",
							 .size = SMALL } };
		(void)snprintf(release->snap, sizeof release->snap, "%s", snap);
		(void)strcpy(release->revision.channel, full);
	}
	if (sim_fields_merge(release_fields, &release->revision, value, err) < 0)
		return error_wrap(err, "%s", value->string);
	qsort(store->releases, store->count, sizeof *release, release_compare);
	return 0;
}

/* As sim_store_save() wrote them. */
static int set_releases(struct sim_store *store, const cJSON *list, struct error *err)
{
	const cJSON *item;

	store->count = 0;
	cJSON_ArrayForEach(item, list)
	{
		const cJSON *snap = cJSON_GetArrayItem(item, 0);
		cJSON *value = cJSON_GetArrayItem(item, 1);

		if (!cJSON_IsString(snap) || !cJSON_IsObject(value) || !value->child)
			return error_set(err, ERROR_FORMAT, "releases must be pairs");
		if (set_channel(store, snap->valuestring, value->child, err) < 0)
			return -1;
	}
	return 0;
}

int sim_store_set(struct sim_store *store, const cJSON *knobs, struct error *err)
{
	cJSON *rest = cJSON_Duplicate(knobs, 1);
	cJSON *channels = cJSON_DetachItemFromObjectCaseSensitive(rest, "channels");
	cJSON *releases = cJSON_DetachItemFromObjectCaseSensitive(rest, "releases");
	cJSON *snap = cJSON_DetachItemFromObjectCaseSensitive(rest, "snap");
	const char *name = cJSON_IsString(snap) ? snap->valuestring : "microsample";
	const cJSON *value;
	int result = sim_fields_merge(knob_fields, store, rest, err);

	if (result == 0 && releases)
		result = set_releases(store, releases, err);
	cJSON_ArrayForEach(value, channels)
	{
		if (result == 0)
			result = set_channel(store, name, value, err);
	}
	cJSON_Delete(snap);
	cJSON_Delete(channels);
	cJSON_Delete(releases);
	cJSON_Delete(rest);
	return result;
}

cJSON *sim_store_save(const struct sim_store *store)
{
	cJSON *json = cJSON_CreateObject(), *list;

	sim_fields_save(knob_fields, store, json);
	list = cJSON_AddArrayToObject(json, "releases");
	for (size_t i = 0; i < store->count; i++) {
		const struct sim_release *release = &store->releases[i];
		cJSON *pair = cJSON_CreateArray(), *named = cJSON_CreateObject();

		cJSON_AddItemToArray(list, pair);
		cJSON_AddItemToArray(pair, cJSON_CreateString(release->snap));
		cJSON_AddItemToArray(pair, named);
		sim_fields_save(release_fields, &release->revision,
			cJSON_AddObjectToObject(named, release->revision.channel));
	}
	return json;
}

/* Applies the knobs that change every release. */
static void hand_out(
	const struct sim_store *store, const struct sim_release *release, struct sim_revision *ret)
{
	*ret = release->revision;
	if (sim_is_plain(release->snap))
		return;
	if (store->confinement[0] != '\0')
		(void)strcpy(ret->confinement, store->confinement);
	if (store->size > 0)
		ret->size = store->size;
}

int sim_store_find(const struct sim_store *store, const char *snap, const char *channel,
	struct sim_revision *ret)
{
	struct parts parts = split(channel);
	char full[128];
	int rank;

	sim_channel_full(channel, full, sizeof full);
	parts = split(full);
	rank = risk_rank(parts.risk, strlen(parts.risk));
	for (;;) {
		/* The caller's const is kept: only found here, copied there. */
		const struct sim_release *release =
			release_at((struct sim_store *)store, snap, full);

		if (release) {
			hand_out(store, release, ret);
			return 0;
		}
		if (parts.branch[0] != '\0')
			parts.branch[0] = '\0';
		else if (--rank < 0)
			return -1;
		(void)strcpy(parts.risk, risks[rank]);
		join(&parts, full, sizeof full);
	}
}

int sim_store_find_number(const struct sim_store *store, const char *snap, const char *number,
	struct sim_revision *ret)
{
	for (size_t i = 0; i < store->count; i++) {
		const struct sim_release *release = &store->releases[i];

		if (strcmp(release->snap, snap) == 0 &&
			strcmp(release->revision.number, number) == 0) {
			hand_out(store, release, ret);
			return 0;
		}
	}
	return -1;
}

bool sim_store_has(const struct sim_store *store, const char *snap)
{
	if (store->missing)
		return false;
	for (size_t i = 0; i < COUNT(ids); i++)
		if (strcmp(ids[i][0], snap) == 0)
			return true;
	for (size_t i = 0; i < store->count; i++)
		if (strcmp(store->releases[i].snap, snap) == 0)
			return true;
	return false;
}

cJSON *sim_store_releases(const struct sim_store *store, const char *snap)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < store->count; i++) {
		const char *channel = store->releases[i].revision.channel;
		cJSON *item;

		if (strcmp(store->releases[i].snap, snap) != 0)
			continue;
		if (strncmp(channel, "latest/", 7) == 0)
			channel += 7;
		item = cJSON_CreateObject();
		cJSON_AddStringToObject(item, "architecture", "amd64");
		cJSON_AddStringToObject(item, "channel", channel);
		cJSON_AddItemToArray(list, item);
	}
	return list;
}

void sim_store_id(const char *snap, char *ret, size_t size)
{
	for (size_t i = 0; i < COUNT(ids); i++) {
		if (strcmp(ids[i][0], snap) == 0) {
			(void)snprintf(ret, size, "%s", ids[i][1]);
			return;
		}
	}
	(void)snprintf(ret, size, "%sSnapId", snap);
}

void sim_store_install(struct sim *sim, const char *name, const struct sim_revision *revision,
	const char *tracking)
{
	struct sim_snap *snap = sim_snap_new(sim, name);

	snap->count = 1;
	snap->current = 0;
	snap->revisions[0] = *revision;
	snap->active = snap->wanted = true;
	snap->enabled = snap->running = !sim_is_plain(name);
	snap->installed = sim_now(sim);
	(void)snprintf(snap->tracking, sizeof snap->tracking, "%s", tracking);
	sim_store_id(name, snap->id, sizeof snap->id);
}
