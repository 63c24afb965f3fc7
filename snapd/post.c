/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The requests that change something. Each is sent once. The verdict comes from the kind of snapd's
 * answer, or else from its HTTP status, and never from its text, which is localised.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "snapd/json.h"
#include "snapd/release.h"

enum {
	RELEASES_MAX = 256,   /* how many are read; only a few fit into the answer */
	BODY_MAX = 64 * 1024, /* bytes; more than any request has */
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
	{ "app-not-found",                   SNAPD_NO_SERVICE },
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

/* Joins the sorted LIST, without duplicates, up to the last one that fits. */
static void join_releases(char (*list)[CHANNEL_SIZE], size_t count, char *ret, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		const char *name = channel_short(list[i]);
		const char *comma = used ? ", " : "";

		if (i > 0 && strcmp(list[i], list[i - 1]) == 0)
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
	CLEANUP(cleanup_free) char(*list)[CHANNEL_SIZE] = alloc_new(RELEASES_MAX, sizeof *list);
	const char *architecture = snapd_json_text(value, "architecture");
	const cJSON *item;
	size_t count = 0;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(value, "releases"))
	{
		if (count == RELEASES_MAX)
			break;
		if (strcmp(snapd_json_text(item, "architecture"), architecture) != 0)
			continue;
		count += snapd_release_channel(snapd_json_text(item, "channel"), list[count]) &&
			 strcmp(list[count], asked) != 0;
	}
	qsort(list, count, sizeof *list, snapd_release_order);
	join_releases(list, count, ret, size);
}

/* What a request carries. */
enum {
	CHANNEL = 1 << 0,
	REVISION = 1 << 1,
	SERVICES = 1 << 2, /* it goes to /v2/apps */
	CHANGE = 1 << 3,   /* it goes to the change */
};

/* clang-format off */
/* The actions: what each has to carry, what it may carry, and what its body says beside that. */
static const struct action {
	const char *name;
	unsigned needs, may;
	const char *rest;
} actions[] = {
	{ "install", CHANNEL,  REVISION, "" },
	{ "refresh", CHANNEL,  REVISION, ",\"ignore-running\":true" },
	{ "remove",  0,        0,        "" },
	{ "revert",  REVISION, 0,        "" },
	{ "switch",  CHANNEL,  0,        "" },
	{ "hold",    0,        0,        ",\"time\":\"forever\",\"hold-level\":\"general\"" },
	{ "unhold",  0,        0,        "" },
	{ "start",   SERVICES, 0,        ",\"enable\":true" },
	{ "restart", SERVICES, 0,        "" },
	{ "abort",   CHANGE,   0,        "" },
};
/* clang-format on */

static const char *text_of(const char *text)
{
	return text ? text : "";
}

static unsigned carried(const struct snapd_request *request)
{
	return (*text_of(request->channel) ? CHANNEL : 0U) |
	       (*text_of(request->revision) ? REVISION : 0U) |
	       (*text_of(request->services) ? SERVICES : 0U) | (request->change ? CHANGE : 0U);
}

static bool is_full(const char *channel)
{
	char plain[CHANNEL_SIZE];

	return channel_parse(channel_short(channel), strlen(channel_short(channel)), plain, NULL) ==
		       0 &&
	       strcmp(plain, channel) == 0;
}

/* NULL, with an error, if REQUEST is not to be sent. */
static const struct action *find_action(const struct snapd_request *request, struct error *err)
{
	unsigned carries = carried(request);
	const struct action *action = actions;

	while (strcmp(action->name, request->action) != 0)
		if (++action == actions + sizeof actions / sizeof *actions) {
			(void)error_set(err, ERROR_UNREACHABLE, "nothing was sent: no such action");
			return NULL;
		}
	if ((carries & action->needs) != action->needs ||
		(carries & ~(action->needs | action->may)) != 0 ||
		((carries & CHANNEL) && !is_full(request->channel)) ||
		((carries & REVISION) && !snapd_revision_fine(request->revision)) ||
		request->change < 0) {
		(void)error_set(err, ERROR_UNREACHABLE,
			"nothing was sent: not a request that snapd would take");
		return NULL;
	}
	return action;
}

/* SERVICES are of the snap NAME, with blanks between them. -1 if one of them is no service. */
static int add_services(struct buf *body, const char *name, const char *services)
{
	const char *gap = ",\"names\":[";

	do {
		size_t size = strcspn(services, " ");

		if (!snapd_service_fine(services, size) ||
			buf_addf(body, "%s\"%s.%.*s\"", gap, name, (int)size, services) < 0)
			return -1;
		gap = ",";
		services += size;
	} while (*services++ == ' ');
	return buf_adds(body, "]");
}

static int write_body(const struct action *action, const char *name,
	const struct snapd_request *request, struct buf *body, struct error *err)
{
	unsigned carries = carried(request);
	int ret;

	buf_init(body, BODY_MAX);
	ret = buf_addf(body, "{\"action\":\"%s\"", action->name);
	if (ret == 0 && (carries & CHANNEL))
		ret = buf_addf(body, ",\"channel\":\"%s\"", request->channel);
	if (ret == 0 && (carries & REVISION))
		ret = buf_addf(body, ",\"revision\":\"%s\"", request->revision);
	if (ret == 0 && (carries & SERVICES))
		ret = add_services(body, name, request->services);
	if (ret < 0 || buf_addf(body, "%s}", action->rest) < 0)
		return error_set(err, ERROR_UNREACHABLE, "nothing was sent: not the services");
	return 0;
}

static void write_path(
	const struct action *action, const char *name, int64_t change, char ret[SNAPD_PATH_SIZE])
{
	if (action->needs & SERVICES)
		(void)snprintf(ret, SNAPD_PATH_SIZE, "/v2/apps");
	else if (action->needs & CHANGE)
		(void)snprintf(ret, SNAPD_PATH_SIZE, "/v2/changes/%" PRId64, change);
	else
		(void)snprintf(ret, SNAPD_PATH_SIZE, "/v2/snaps/%s", name);
}

/*
 * What KIND means for a request that carries these. Without a channel the Snap Store is not asked:
 * what is not found is not there. With a revision snapd tells of its channel although that exists.
 */
static enum snapd_verdict verdict_for(const char *kind, int status, unsigned carries)
{
	enum snapd_verdict ret = verdict_of(kind, status);

	if (ret == SNAPD_SNAP_MISSING && !(carries & CHANNEL))
		return SNAPD_NOT_INSTALLED;
	if (ret == SNAPD_CHANNEL_MISSING && (carries & REVISION))
		return SNAPD_REVISION_MISSING;
	return ret;
}

static void read_refusal(const cJSON *result, const struct snapd_request *request, int status,
	struct snapd_answer *ret)
{
	const char *kind = snapd_json_text(result, "kind");
	const char *message = snapd_json_text(result, "message");
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(result, "value");

	*ret = (struct snapd_answer){
		.verdict = verdict_for(kind, status, carried(request)),
		.status = status,
	};
	snapd_line(ret->kind, sizeof ret->kind, kind);
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
		read_releases(
			value, text_of(request->channel), ret->releases, sizeof ret->releases);
}

int snapd_answer_read(const struct snapd_http *reply, const struct snapd_request *request,
	struct snapd_answer *ret, struct error *err)
{
	CLEANUP(snapd_envelope_done) struct snapd_envelope envelope = { 0 };
	int64_t change;

	if (snapd_envelope_read(reply, &envelope, err) < 0 && reply->status < 400)
		return -1;
	if (reply->status >= 400) {
		read_refusal(envelope.result, request, reply->status, ret);
		return 0;
	}
	change = request->change ? snapd_json_id(envelope.result, "id")
				 : snapd_json_id(envelope.root, "change");
	if (reply->status != (request->change ? 200 : 202) || change == 0 ||
		(request->change && change != request->change))
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

int snapd_post(struct snapd *snapd, const char *name, const struct snapd_request *request,
	int64_t limit, struct snapd_answer *ret, struct error *err)
{
	CLEANUP(free_reply) struct snapd_http reply = { 0 };
	CLEANUP(buf_done) struct buf body = { 0 };
	struct snapd_piece piece = { .fd = -1 };
	struct snapd_body sent = { SNAPD_JSON, &piece, 1 };
	const struct action *action;
	char path[SNAPD_PATH_SIZE];

	if (snapd_name_check(name, err) < 0)
		return -1;
	action = find_action(request, err);
	if (!action || write_body(action, name, request, &body, err) < 0)
		return -1;
	write_path(action, name, request->change, path);
	piece.text = buf_text(&body);
	piece.size = (int64_t)body.len;
	if (snapd_ask(snapd, path, &sent, limit, &reply, err) < 0)
		return -1;
	return snapd_answer_read(&reply, request, ret, err);
}
