/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replays the exchanges in order, and decides which are left out and why.
 */
#include "tests/recordings/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

enum {
	FILE_MAX = 4 * 1024 * 1024,
	REPORT_MAX = 4 * 1024 * 1024,
	KEY_SIZE = 160
};

/* clang-format off */

/* The key that shows the kind of an exchange. */
static const struct {
	const char *key;
	bool (*play)(struct replay *replay, const cJSON *exchange, struct buf *why);
} kinds[] = {
	{ "unseen",   play_unseen },
	{ "looks",    play_polls },
	{ "probes",   play_watch },
	{ "answers",  play_answers },
	{ "response", play_response },
};

/* Requests that the charm never makes and the stand-in does not know. */
static const struct {
	const char *path, *reason;
} endpoints[] = {
	{ "/v2/find",      "a search in the store" },
	{ "/v2/notices",   "notices" },
	{ "/v2/warnings",  "warnings" },
	{ "/v2/snapshots", "snapshots" },
	{ "/v2/snaps",     "several snaps in one request, or one from a file" },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static cJSON *read_json(const char *path)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	FILE *file = fopen(path, "r");
	char piece[65536];
	size_t got;

	if (!file) {
		perror(path);
		abort();
	}
	buf_init(&text, FILE_MAX);
	while ((got = fread(piece, 1, sizeof piece, file)) > 0)
		if (buf_add(&text, piece, got) < 0)
			abort();
	(void)fclose(file);
	return cJSON_Parse(buf_text(&text));
}

/* Notes every whole change within JSON by the name of its exchange and its id. */
static void note_changes(struct replay *replay, const char *name, cJSON *json)
{
	char key[KEY_SIZE];
	cJSON *item;

	if (cJSON_HasObjectItem(json, "ready") && cJSON_HasObjectItem(json, "id")) {
		(void)snprintf(key, sizeof key, "%s/%s", name, replay_text(json, "id"));
		(void)cJSON_AddItemReferenceToObject(replay->changes, key, json);
		return;
	}
	cJSON_ArrayForEach(item, json)
	{
		note_changes(replay, name, item);
	}
}

/* The kind of EXCHANGE; -1 if its answer was not kept. */
static int kind_of(const cJSON *exchange)
{
	for (int i = 0; i < (int)COUNT(kinds); i++)
		if (replay_member(exchange, kinds[i].key))
			return i;
	return -1;
}

/* Why EXCHANGE is left out; NULL if it is not. */
static const char *reason_for(const struct replay *replay, const cJSON *exchange)
{
	const char *path = replay_text(replay_member(exchange, "request"), "path");

	if (replay_member(exchange, "looks") && !replay_id(replay, path + strlen("/v2/changes/")))
		return "a change that came from a request that is left out";
	if (kind_of(exchange) >= 0)
		return NULL;
	for (size_t i = 0; i < COUNT(endpoints); i++)
		if (strncmp(path, endpoints[i].path, strlen(endpoints[i].path)) == 0)
			return endpoints[i].reason;
	return "an answer that was not kept";
}

static void count_left(struct replay *replay, const char *reason)
{
	cJSON *count = cJSON_GetObjectItemCaseSensitive(replay->left, reason);

	if (count)
		cJSON_SetNumberValue(count, count->valuedouble + 1);
	else
		(void)cJSON_AddNumberToObject(replay->left, reason, 1);
}

/* Whether the change that EXCHANGE began goes on after it. */
static bool goes_on(const struct replay *replay, const cJSON *exchange)
{
	const char *made = replay_text(exchange, "made");
	const struct scene *scene = NULL;
	const cJSON *later;

	while ((scene = scene_next(scene, replay->version, replay_text(exchange, "name"))))
		if (scene->when == SCENE_AFTER &&
			(scene->verb == SCENE_STEP || scene->verb == SCENE_STAY))
			return true;
	for (later = exchange->next; *made && later; later = later->next) {
		const char *path = replay_text(replay_member(later, "request"), "path");

		if (replay_member(later, "looks") &&
			strcmp(path + strlen("/v2/changes/"), made) == 0)
			return true;
	}
	return !*made;
}

/* Whether the client of EXCHANGE is root. */
static void tell_root(struct replay *replay, const cJSON *exchange, bool root)
{
	if (replay_member(exchange, "uid"))
		snapd_proc_do(&replay->snapd, "{'do':'root','value':%s}", root ? "true" : "false");
}

static void play(struct replay *replay, const cJSON *exchange)
{
	CLEANUP(buf_done) struct buf why = { 0 };
	bool unseen = replay_member(exchange, "unseen") != NULL;
	bool as_recorded;

	buf_init(&why, REPORT_MAX);
	tell_root(replay, exchange, false);
	as_recorded = kinds[kind_of(exchange)].play(replay, exchange, &why);
	tell_root(replay, exchange, true);
	replay->unseen += unseen;
	replay->replayed += !unseen;
	if (as_recorded)
		return;
	replay->failed++;
	(void)buf_addf(&replay->report, "%s %s:\n%s", replay->version,
		replay_text(exchange, "name"), buf_text(&why));
}

static void play_or_leave(struct replay *replay, const cJSON *exchange)
{
	const char *name = replay_text(exchange, "name");
	const struct scene *scene = NULL;
	const char *reason;

	while ((scene = scene_next(scene, replay->version, name)))
		replay->scenes++;
	stage_play(replay, exchange, SCENE_BEFORE, NULL, NULL);
	reason = reason_for(replay, exchange);
	if (reason)
		count_left(replay, reason);
	else
		play(replay, exchange);
	stage_play(replay, exchange, SCENE_AFTER, NULL, NULL);
	if (!goes_on(replay, exchange))
		stage_finish(replay);
}

static void start(struct replay *replay, const char *folder)
{
	bool newer = strncmp(replay->version, "2.77", 4) == 0;

	(void)snprintf(replay->state, sizeof replay->state, "%s/state", folder);
	snapd_proc_start(&replay->snapd, folder,
		(const char *const[]){ "--manual", "--like", newer ? "2.77" : "2.68", "--state",
			replay->state, NULL });
	snapd_proc_do(&replay->snapd, "{'do':'mode','saving':false}");
}

void replay_run(struct replay *replay, const char *path, const char *folder)
{
	cJSON *exchange, *exchanges;

	replay->file = read_json(path);
	replay->version = replay_text(replay->file, "version");
	exchanges = cJSON_GetObjectItem(replay->file, "exchanges");
	replay->ids = cJSON_CreateObject();
	replay->changes = cJSON_CreateObject();
	replay->looks = cJSON_CreateObject();
	replay->left = cJSON_CreateObject();
	replay->extra = cJSON_CreateObject();
	buf_init(&replay->report, REPORT_MAX);
	cJSON_ArrayForEach(exchange, exchanges)
	{
		note_changes(replay, replay_text(exchange, "name"), exchange);
	}
	start(replay, folder);
	cJSON_ArrayForEach(exchange, exchanges)
	{
		play_or_leave(replay, exchange);
	}
	snapd_proc_stop(&replay->snapd);
	(void)unlink(replay->state);
}

void replay_done(struct replay *replay)
{
	cJSON_Delete(replay->changes);
	cJSON_Delete(replay->ids);
	cJSON_Delete(replay->looks);
	cJSON_Delete(replay->left);
	cJSON_Delete(replay->extra);
	cJSON_Delete(replay->file);
	buf_done(&replay->report);
}
