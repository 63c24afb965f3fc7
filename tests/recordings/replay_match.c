/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends requests, and compares the answers with the recorded ones.
 */
#include "tests/recordings/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/recordings/match.h"

void replay_delete(cJSON **json)
{
	cJSON_Delete(*json);
}

const cJSON *replay_member(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *replay_text(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(replay_member(object, key));

	return text ? text : "";
}

/*
 * --- changes have other ids here ---------------------------------------------------------------
 */

const char *replay_id(const struct replay *replay, const char *recorded)
{
	return cJSON_GetStringValue(replay_member(replay->ids, recorded));
}

static void learn_id(struct replay *replay, const char *recorded, const char *here)
{
	if (!*recorded || !*here)
		return;
	cJSON_DeleteItemFromObjectCaseSensitive(replay->ids, recorded);
	(void)cJSON_AddStringToObject(replay->ids, recorded, here);
	(void)snprintf(replay->newest, sizeof replay->newest, "%s", here);
}

/* A copy of REQUEST, with the id in its path replaced by the one here, or 0 if there is none. */
static cJSON *translate(const struct replay *replay, const cJSON *request)
{
	static const char prefix[] = "/v2/changes/";
	const char *path = replay_text(request, "path");
	cJSON *ret = cJSON_Duplicate(request, true);

	/* Change 1 exists from the start, 99999 never exists. */
	if (strncmp(path, prefix, strlen(prefix)) == 0 && strcmp(path + strlen(prefix), "1") != 0 &&
		strcmp(path + strlen(prefix), "99999") != 0) {
		const char *id = replay_id(replay, path + strlen(prefix));
		CLEANUP(cleanup_free) char *text = alloc_textf("%s%s", prefix, id ? id : "0");

		(void)cJSON_ReplaceItemInObject(ret, "path", cJSON_CreateString(text));
	}
	return ret;
}

void replay_ask(struct replay *replay, const cJSON *request, int limit,
	const struct wire_meanwhile *meanwhile, struct wire *ret)
{
	CLEANUP(replay_delete) cJSON *here = translate(replay, request);

	wire_ask(replay->snapd.socket, here, limit, meanwhile, ret);
}

/*
 * --- comparing ---------------------------------------------------------------------------------
 */

bool replay_match_change(
	struct replay *replay, const cJSON *recorded, const cJSON *seen, struct buf *why)
{
	const char *name = replay_text(recorded, "same-as");
	const char *recorded_id = replay_text(recorded, "id");
	const char *id = strcmp(recorded_id, "1") == 0 ? "1" : replay_id(replay, recorded_id);
	CLEANUP(cleanup_free) char *key = alloc_textf("%s/%s", name, recorded_id);
	CLEANUP(replay_delete) cJSON *whole = NULL;

	if (*name)
		recorded = replay_member(replay->changes, key);
	whole = cJSON_Duplicate(recorded, true);
	(void)cJSON_ReplaceItemInObject(whole, "id", cJSON_CreateString(id ? id : "?"));
	return match_json(whole, seen, why);
}

static bool is_change(const cJSON *json)
{
	return cJSON_IsObject(json) && *replay_text(json, "id") &&
	       (cJSON_HasObjectItem(json, "ready") || cJSON_HasObjectItem(json, "same-as"));
}

static const cJSON *find_by_id(const cJSON *list, const char *id)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list)
	{
		if (strcmp(replay_text(item, "id"), id) == 0)
			return item;
	}
	return NULL;
}

static bool match_listed(
	struct replay *replay, const cJSON *recorded, const cJSON *seen, struct buf *why)
{
	CLEANUP(buf_done) struct buf own = { 0 };

	buf_init(&own, why->limit);
	if (replay_match_change(replay, recorded, seen, &own))
		return true;
	(void)buf_addf(why, "    change %s:\n%s", replay_text(recorded, "id"), buf_text(&own));
	return false;
}

/* Lists are in random order. A change of a request that is left out does not exist here. */
static bool match_changes(
	struct replay *replay, const cJSON *recorded, const cJSON *seen, struct buf *why)
{
	const cJSON *item;
	int common = 0, here = 0;
	bool ret = true;

	cJSON_ArrayForEach(item, recorded)
	{
		const char *recorded_id = replay_text(item, "id");
		const char *id =
			strcmp(recorded_id, "1") == 0 ? "1" : replay_id(replay, recorded_id);

		if (!id) {
			replay->unlisted++;
			continue;
		}
		common++;
		replay->listed++;
		if (!match_listed(replay, item, find_by_id(seen, id), why))
			ret = false;
	}
	cJSON_ArrayForEach(item, seen)
	{
		here += !cJSON_HasObjectItem(replay->extra, replay_text(item, "id"));
	}
	if (common == here)
		return ret;
	(void)buf_addf(why, "    %d changes here, %d of the recorded ones\n", here, common);
	return false;
}

/* SEEN with its snaps by name: snapd's order is random. */
static cJSON *sort_snaps(const cJSON *seen)
{
	cJSON *ret = cJSON_Duplicate(seen, true);
	cJSON *from = cJSON_DetachItemFromObject(ret, "result");
	cJSON *to = cJSON_AddArrayToObject(ret, "result");

	while (cJSON_GetArraySize(from) > 0) {
		cJSON *first = from->child, *item;

		cJSON_ArrayForEach(item, from)
		{
			if (strcmp(replay_text(item, "name"), replay_text(first, "name")) < 0)
				first = item;
		}
		(void)cJSON_AddItemToArray(to, cJSON_DetachItemViaPointer(from, first));
	}
	cJSON_Delete(from);
	return ret;
}

static bool match_body(
	struct replay *replay, const cJSON *recorded, const cJSON *seen, struct buf *why)
{
	const cJSON *left = replay_member(recorded, "result");
	const cJSON *right = replay_member(seen, "result");
	CLEANUP(replay_delete) cJSON *rest = NULL, *rest_seen = NULL;
	bool ret;

	if (cJSON_HasObjectItem(seen, "sources")) {
		rest_seen = sort_snaps(seen);
		return match_json(recorded, rest_seen, why);
	}
	if (!seen || (!is_change(left) && !(cJSON_IsArray(left) && is_change(left->child))))
		return match_json(recorded, seen, why);
	rest = cJSON_Duplicate(recorded, true);
	rest_seen = cJSON_Duplicate(seen, true);
	cJSON_DeleteItemFromObject(rest, "result");
	cJSON_DeleteItemFromObject(rest_seen, "result");
	ret = match_json(rest, rest_seen, why);
	if (is_change(left))
		return replay_match_change(replay, left, right, why) && ret;
	return match_changes(replay, left, right, why) && ret;
}

/* Notes the id of a change, and replaces it by the recorded one. */
static bool match_accepted(
	struct replay *replay, const cJSON *recorded, const cJSON *seen, struct buf *why)
{
	CLEANUP(replay_delete) cJSON *expected = cJSON_Duplicate(recorded, true);

	if (!match_text("<id>", replay_text(seen, "change")))
		return match_json(recorded, seen, why);
	learn_id(replay, replay_text(recorded, "change"), replay_text(seen, "change"));
	(void)cJSON_ReplaceItemInObject(expected, "change", cJSON_CreateString("<id>"));
	return match_json(expected, seen, why);
}

static bool match_head(const cJSON *recorded, const struct wire *answer, struct buf *why)
{
	int status = (int)cJSON_GetNumberValue(cJSON_GetObjectItem(recorded, "status"));
	const char *type = replay_text(recorded, "type");
	const char *framing = replay_text(recorded, "framing");

	if (answer->status != status)
		(void)buf_addf(why, "    status: recorded %d, here %d\n", status, answer->status);
	if (strcmp(type, answer->type) != 0)
		(void)buf_addf(why, "    type: recorded %s, here %s\n", type, answer->type);
	if (strcmp(framing, answer->framing) != 0)
		(void)buf_addf(
			why, "    framing: recorded %s, here %s\n", framing, answer->framing);
	return answer->status == status && strcmp(type, answer->type) == 0 &&
	       strcmp(framing, answer->framing) == 0;
}

bool replay_match(
	struct replay *replay, const cJSON *recorded, const struct wire *answer, struct buf *why)
{
	const cJSON *body = replay_member(recorded, "body");
	const char *failure = replay_text(recorded, "error");
	bool ret;

	if (*failure || answer->failure) {
		if (answer->failure && strcmp(failure, answer->failure) == 0)
			return true;
		(void)buf_addf(why, "    recorded %s, here %s\n", *failure ? failure : "an answer",
			answer->failure ? answer->failure : "an answer");
		return false;
	}
	ret = match_head(recorded, answer, why);
	if (cJSON_IsString(body))
		return strcmp(body->valuestring, answer->body) == 0 && ret;
	if (cJSON_HasObjectItem(body, "change"))
		return match_accepted(replay, body, answer->json, why) && ret;
	return match_body(replay, body, answer->json, why) && ret;
}
