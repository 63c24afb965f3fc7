/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's handle, and the code that all requests share.
 */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "snapd/json.h"

#define SMALL    "abcdefghijklmnopqrstuvwxyz"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS   "0123456789"

enum {
	LIMIT_DEFAULT = 10000, /* milliseconds; long enough for one answer while snapd restarts */
	NAME_MAX_BYTES = 40,   /* snapd's own rule (snap/naming/validate.go) */
};

struct snapd *snapd_open(const char *path)
{
	struct snapd *snapd = alloc_new(1, sizeof *snapd);

	snapd->path = alloc_text(path);
	snapd->limit = LIMIT_DEFAULT;
	return snapd;
}

void snapd_close(struct snapd *snapd)
{
	if (!snapd)
		return;
	if (snapd->started)
		snapd_http_stop();
	free(snapd->path);
	free(snapd);
}

void snapd_limit(struct snapd *snapd, int64_t milliseconds)
{
	snapd->limit = milliseconds;
}

const char *snapd_library(void)
{
	return curl_version_info(CURLVERSION_NOW)->version;
}

const char *snapd_json_library(void)
{
	return cJSON_Version();
}

int snapd_name_check(const char *name, struct error *err)
{
	size_t size = strlen(name);
	bool fine = size > 0 && size <= NAME_MAX_BYTES && strspn(name, SMALL DIGITS "-") == size;

	if (!fine || name[0] == '-' || name[size - 1] == '-' || strstr(name, "--"))
		return error_set(
			err, ERROR_UNREACHABLE, "nothing was sent: not the name of a snap");
	return 0;
}

bool snapd_service_fine(const char *name, size_t size)
{
	return size > 0 && strspn(name, SMALL CAPITALS DIGITS "-") >= size;
}

int snapd_ask(struct snapd *snapd, const char *path, const struct snapd_body *body, int64_t limit,
	struct snapd_http *ret, struct error *err)
{
	if (!snapd->started && snapd_http_start(err) < 0)
		return -1;
	snapd->started = true;
	return snapd_http_ask(snapd->path, path, body, limit, ret, err);
}

static void free_reply(struct snapd_http *reply)
{
	buf_done(&reply->body);
}

int snapd_get(struct snapd *snapd, const char *path, struct snapd_envelope *ret, struct error *err)
{
	CLEANUP(free_reply) struct snapd_http reply = { 0 };

	if (snapd_ask(snapd, path, NULL, snapd->limit, &reply, err) < 0)
		return -1;
	return snapd_envelope_read(&reply, ret, err);
}
