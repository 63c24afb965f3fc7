/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requests that change something. Each is sent once. The verdict comes from the kind of snapd's
 * answer, or else from its HTTP status, and never from its text, which is localised.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "snapd/json.h"

enum {
	RELEASES_MAX = 256, /* how many are read; only a few fit into the answer */
};

/* clang-format off */
static const struct {
	const char *kind; /* client/errors.go */
	enum snapd_verdict verdict;
} kinds[] = {
	{ "snap-already-installed",          SNAPD_ALREADY_INSTALLED },
	{ "snap-not-installed",              SNAPD_NOT_INSTALLED },
	{ "snap-no-update-available",        SNAPD_NO_UPDATE },
	{ "snap-change-conflict",            SNAPD_CONFLICT },
	{ "snap-channel-not-available",      SNAPD_CHANNEL_MISSING },
	{ "snap-architecture-not-available", SNAPD_ARCH_MISSING },
	{ "snap-revision-not-available",     SNAPD_REVISION_MISSING },
	{ "snap-not-found",                  SNAPD_SNAP_MISSING },
	{ "snap-local",                      SNAPD_LOCAL },
	{ "snap-needs-classic",              SNAPD_NEEDS_CLASSIC },
	{ "snap-needs-classic-system",       SNAPD_NEEDS_CLASSIC },
	{ "snap-needs-devmode",              SNAPD_NEEDS_DEVMODE },
	{ "login-required",                  SNAPD_DENIED },
	{ "auth-cancelled",                  SNAPD_DENIED },
	{ "insufficient-disk-space",         SNAPD_DISK_FULL },
	{ "network-timeout",                 SNAPD_TIMEOUT },
};

static const struct {
	int status;
	enum snapd_verdict verdict;
} statuses[] = {
	{ 401, SNAPD_DENIED },
	{ 403, SNAPD_DENIED },
	{ 409, SNAPD_CONFLICT },
	{ 500, SNAPD_DEGRADED },
	{ 507, SNAPD_DISK_FULL },
};
/* clang-format on */

static enum snapd_verdict verdict_of(const char *kind, int status)
{
	for (size_t i = 0; status != 409 && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kind, kinds[i].kind) == 0)
			return kinds[i].verdict;
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		if (status == statuses[i].status)
			return statuses[i].verdict;
	return SNAPD_TROUBLE;
}

/* A channel in full, and its sort keys. */
struct release {
	char channel[CHANNEL_SIZE];
	size_t track; /* bytes of its track */
	size_t risk;  /* index */
};

static int compare_tracks(const struct release *left, const struct release *right)
{
	bool left_other = strncmp(left->channel, "latest/", 7) != 0;
	bool right_other = strncmp(right->channel, "latest/", 7) != 0;
	size_t size = left->track < right->track ? left->track : right->track;
	int ret;

	if (left_other != right_other)
		return left_other - right_other;
	ret = memcmp(left->channel, right->channel, size);
	return ret ? ret : (left->track > right->track) - (left->track < right->track);
}

/* Sorts by track, latest first; each track from stable to edge, branches after their risk. */
static int compare_releases(const void *a, const void *b)
{
	const struct release *left = a, *right = b;
	int ret = compare_tracks(left, right);

	if (ret)
		return ret;
	if (left->risk != right->risk)
		return left->risk < right->risk ? -1 : 1;
	return strcmp(left->channel, right->channel);
}

/* False if the option would not take this channel: people see the list and choose from it. */
static bool read_release(const char *channel, struct release *ret)
{
	char full[CHANNEL_SIZE];
	const char *risk;

	channel_full(channel, full);
	if (channel_parse(channel_short(full), strlen(channel_short(full)), ret->channel, NULL) < 0)
		return false;
	ret->track = strcspn(ret->channel, "/");
	risk = ret->channel + ret->track + 1;
	for (ret->risk = 0; ret->risk < CHANNEL_RISKS; ret->risk++)
		if (strncmp(risk, channel_risks[ret->risk], strlen(channel_risks[ret->risk])) == 0)
			break;
	return true;
}

/* Joins the sorted LIST, without duplicates, up to the last one that fits. */
static void join_releases(const struct release *list, size_t count, char *ret, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		const char *name = channel_short(list[i].channel);
		const char *comma = used ? ", " : "";

		if (i > 0 && strcmp(list[i].channel, list[i - 1].channel) == 0)
			continue;
		if (used + strlen(comma) + strlen(name) >= size)
			return;
		used += (size_t)snprintf(ret + used, size - used, "%s%s", comma, name);
	}
}

/*
 * VALUE comes with snap-channel-not-available; it lists the channels of all architectures. The channel
 * that was ASKED for may be among them, when what it has cannot be had; it is not offered.
 */
static void read_releases(const cJSON *value, const char *asked, char *ret, size_t size)
{
	CLEANUP(cleanup_free) struct release *list = alloc_new(RELEASES_MAX, sizeof *list);
	const char *architecture = snapd_json_text(value, "architecture");
	const cJSON *item;
	size_t count = 0;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(value, "releases"))
	{
		if (count == RELEASES_MAX)
			break;
		if (strcmp(snapd_json_text(item, "architecture"), architecture) != 0)
			continue;
		count += read_release(snapd_json_text(item, "channel"), &list[count]) &&
			 strcmp(list[count].channel, asked) != 0;
	}
	qsort(list, count, sizeof *list, compare_releases);
	join_releases(list, count, ret, size);
}

static void read_refusal(
	const cJSON *result, const char *asked, int status, struct snapd_answer *ret)
{
	const char *kind = snapd_json_text(result, "kind");
	const char *message = snapd_json_text(result, "message");
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(result, "value");

	*ret = (struct snapd_answer){ .verdict = verdict_of(kind, status), .status = status };
	snapd_copy(ret->kind, sizeof ret->kind, kind);
	snapd_cause(ret->message, sizeof ret->message, message);
	if (!*ret->message)
		(void)snprintf(ret->message, sizeof ret->message, "HTTP status %d", status);
	/* Go writes the URL that it could not get; that part is never translated. */
	if (ret->verdict == SNAPD_TROUBLE && strstr(message, "://"))
		ret->verdict = SNAPD_STORE;
	if (ret->verdict == SNAPD_CONFLICT &&
		strcmp(snapd_json_text(value, "change-kind"), "seed") == 0)
		ret->verdict = SNAPD_UNSEEDED;
	if (ret->verdict == SNAPD_CHANNEL_MISSING)
		read_releases(value, asked, ret->releases, sizeof ret->releases);
}

/*
 * A status from 400 on is a refusal, whatever the body is: snapd (or Go's HTTP server, in plain
 * text) did not carry out the request. Any other answer than the 202 of a change leaves that
 * unknown.
 */
static int read_answer(const struct snapd_http *reply, const char *asked, struct snapd_answer *ret,
	struct error *err)
{
	CLEANUP(snapd_envelope_done) struct snapd_envelope envelope = { 0 };
	int64_t change;

	if (snapd_envelope_read(reply, &envelope, err) < 0 && reply->status < 400)
		return -1;
	if (reply->status >= 400) {
		read_refusal(envelope.result, asked, reply->status, ret);
		return 0;
	}
	change = snapd_json_id(envelope.root, "change");
	if (reply->status != 202 || change == 0)
		return error_set(
			err, ERROR_FORMAT, "snapd accepted the request but named no change");
	*ret = (struct snapd_answer){
		.verdict = SNAPD_ACCEPTED,
		.status = reply->status,
		.change = change,
	};
	return 0;
}

static void free_reply(struct snapd_http *reply)
{
	buf_done(&reply->body);
}

/* clang-format off */
/* The actions: whether a channel is named, and what the request says beside it. */
static const struct {
	const char *action;
	bool channel;
	const char *rest;
} actions[] = {
	{ "install", true,  "" },
	{ "refresh", true,  ",\"ignore-running\":true" },
	{ "remove",  false, "" },
};
/* clang-format on */

static int write_body(
	const char *action, const char *channel, char ret[SNAPD_PATH_SIZE], struct error *err)
{
	char plain[CHANNEL_SIZE] = "";
	size_t row = 0;

	while (row < sizeof actions / sizeof *actions && strcmp(actions[row].action, action) != 0)
		row++;
	if (row == sizeof actions / sizeof *actions)
		return error_set(err, ERROR_UNREACHABLE, "nothing was sent: no such action");
	if (actions[row].channel)
		(void)channel_parse(
			channel_short(channel), strlen(channel_short(channel)), plain, NULL);
	if (actions[row].channel != (*plain != '\0') || strcmp(plain, channel) != 0)
		return error_set(err, ERROR_UNREACHABLE, "nothing was sent: not a channel in full");
	(void)snprintf(ret, SNAPD_PATH_SIZE, "{\"action\":\"%s\"%s%s%s%s}", action,
		*plain ? ",\"channel\":\"" : "", plain, *plain ? "\"" : "", actions[row].rest);
	return 0;
}

int snapd_post(struct snapd *snapd, const char *name, const char *action, const char *channel,
	int64_t limit, struct snapd_answer *ret, struct error *err)
{
	CLEANUP(free_reply) struct snapd_http reply = { 0 };
	struct snapd_answer answer;
	char path[SNAPD_PATH_SIZE], body[SNAPD_PATH_SIZE];

	if (snapd_name_check(name, err) < 0 || write_body(action, channel, body, err) < 0)
		return -1;
	(void)snprintf(path, sizeof path, "/v2/snaps/%s", name);
	if (snapd_ask(snapd, path, body, limit, &reply, err) < 0 ||
		read_answer(&reply, channel, &answer, err) < 0)
		return -1;
	/* What a removal does not find is not there; the Snap Store is not asked. */
	if (answer.verdict == SNAPD_SNAP_MISSING && strcmp(action, "remove") == 0)
		answer.verdict = SNAPD_NOT_INSTALLED;
	*ret = answer;
	return 0;
}
