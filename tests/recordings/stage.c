/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens around the exchanges: changes that move on step by step, and the scenes.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "tests/recordings/replay.h"

enum {
	LIMIT = 20000,    /* milliseconds for an answer */
	STEPS_MAX = 1000, /* a change has far fewer */
};

/* A request that was not recorded. */
static cJSON *request_new(const char *method, const char *path, const char *body)
{
	cJSON *ret = cJSON_CreateObject();

	(void)cJSON_AddStringToObject(ret, "method", method);
	(void)cJSON_AddStringToObject(ret, "path", path);
	if (body)
		(void)cJSON_AddStringToObject(ret, "body", body);
	return ret;
}

/* --- changes in progress --------------------------------------------------------------------- */

/* "Doing D>...": the status, other things of note, and the tasks. */
char *stage_look_new(const cJSON *about, const char *tasks)
{
	return alloc_textf("%s%s%s%s %s", replay_text(about, "status"),
		cJSON_IsTrue(replay_member(about, "ready")) ? " ready" : "",
		replay_member(about, "err") ? " err" : "",
		replay_member(about, "maintenance") ? " maintenance" : "", tasks);
}

void stage_look(struct replay *replay, const cJSON *change)
{
	CLEANUP(buf_done) struct buf tasks = { 0 };
	CLEANUP(cleanup_free) char *look = NULL;
	const char *id = replay_text(change, "id");
	const cJSON *letters = replay_member(replay->file, "letters"), *task;
	cJSON *looks = cJSON_GetObjectItemCaseSensitive(replay->looks, id);

	buf_init(&tasks, 1024);
	cJSON_ArrayForEach(task, replay_member(change, "tasks"))
	{
		(void)buf_adds(&tasks, replay_text(letters, replay_text(task, "status")));
	}
	look = stage_look_new(change, buf_text(&tasks));
	if (!looks)
		looks = cJSON_AddObjectToObject(replay->looks, id);
	if (!replay_member(looks, look))
		(void)cJSON_AddTrueToObject(looks, look);
}

cJSON *stage_change(struct replay *replay, const char *id)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("/v2/changes/%s", id);
	CLEANUP(replay_delete) cJSON *request = request_new("GET", path, NULL);
	struct wire answer;
	cJSON *ret;

	wire_ask(replay->snapd.socket, request, LIMIT, NULL, &answer);
	ret = cJSON_DetachItemFromObject(answer.json, "result");
	if (replay_member(answer.json, "maintenance"))
		(void)cJSON_AddTrueToObject(ret, "maintenance");
	wire_done(&answer);
	if (!ret || !cJSON_HasObjectItem(ret, "ready"))
		abort();
	return ret;
}

/* Makes one transition; returns the change ID after it. The caller deletes it. */
static cJSON *step_once(struct replay *replay, const char *id)
{
	cJSON *change;

	snapd_proc_do(&replay->snapd, "{'do':'step'}");
	change = stage_change(replay, id);
	stage_look(replay, change);
	return change;
}

void stage_step(struct replay *replay, const char *id)
{
	cJSON_Delete(step_once(replay, id));
}

void stage_finish(struct replay *replay)
{
	snapd_proc_do(&replay->snapd, "{'do':'finish'}");
}

/* Steps until IS_ENOUGH, or until the change ID is over. */
static void run(struct replay *replay, const char *id,
	bool (*is_enough)(const cJSON *change, const char *what), const char *what)
{
	cJSON *change = stage_change(replay, id);

	stage_look(replay, change);
	for (int i = 0; i < STEPS_MAX && !cJSON_IsTrue(replay_member(change, "ready")); i++) {
		if (is_enough && is_enough(change, what))
			break;
		cJSON_Delete(change);
		change = step_once(replay, id);
	}
	cJSON_Delete(change);
}

void stage_run(struct replay *replay, const char *id)
{
	run(replay, id, NULL, NULL);
}

static bool is_doing(const cJSON *change, const char *what)
{
	const cJSON *task;

	cJSON_ArrayForEach(task, replay_member(change, "tasks"))
	{
		if (strcmp(replay_text(task, "status"), "Doing") == 0 &&
			(strcmp(replay_text(task, "kind"), what) == 0 ||
				strncmp(replay_text(task, "summary"), what, strlen(what)) == 0))
			return true;
	}
	return false;
}

/* WHAT as in SCENE_STEP. */
static void step(struct replay *replay, const char *what)
{
	long long count = text_number(what);

	if (count < 0)
		run(replay, replay->newest, is_doing, what);
	for (; count > 0; count--)
		stage_step(replay, replay->newest);
}

/*
 * --- scenes --------------------------------------------------------------------------------------
 */

static void post(struct replay *replay, const char *path, const char *body, int limit)
{
	CLEANUP(replay_delete) cJSON *request = request_new("POST", path, body);
	struct wire answer;

	wire_ask(replay->snapd.socket, request, limit, NULL, &answer);
	if (*replay_text(answer.json, "change"))
		(void)snprintf(replay->newest, sizeof replay->newest, "%s",
			replay_text(answer.json, "change"));
	wire_done(&answer);
}

void stage_post(struct replay *replay, const char *body, int limit)
{
	post(replay, "/v2/snaps/microsample", body, limit);
}

void stage_abort(struct replay *replay)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("/v2/changes/%s", replay->newest);

	step(replay, "2");
	post(replay, path, "{\"action\":\"abort\"}", LIMIT);
}

void stage_freeze(struct replay *replay)
{
	snapd_proc_do(&replay->snapd, "{'do':'mode','saving':true}");
	(void)kill(replay->snapd.pid, SIGSTOP);
	replay->frozen = true;
}

void stage_restart(struct replay *replay, bool kindly)
{
	/* Writing all of it at every step until now would have taken a minute. */
	if (!replay->frozen)
		snapd_proc_do(&replay->snapd, "{'do':'mode','saving':true}");
	replay->frozen = false;
	if (kindly)
		snapd_proc_stop(&replay->snapd);
	else
		snapd_proc_kill(&replay->snapd);
	snapd_proc_again(&replay->snapd);
	snapd_proc_do(&replay->snapd, "{'do':'mode','saving':false}");
}

/*
 * If a change was recorded with a request that is left out, use that of the request sent instead.
 */
static void stand_in(struct replay *replay, const cJSON *exchange, const char *body)
{
	const char *made = replay_text(exchange, "made");

	stage_post(replay, body, LIMIT);
	if (*made && !replay_member(exchange, "response"))
		(void)cJSON_AddStringToObject(replay->ids, made, replay->newest);
	else
		stage_finish(replay);
}

/* COMMAND as in SCENE_TELL. */
static void tell(struct replay *replay, const char *command)
{
	size_t digits = strspn(command, "0123456789");
	CLEANUP(cleanup_free) char *recorded = alloc_textf("%.*s", (int)digits, command);
	CLEANUP(replay_delete) cJSON *told = snapd_proc_ctl(&replay->snapd, "%s", command + digits);
	const char *change = replay_text(told, "change");

	if (*recorded)
		(void)cJSON_AddStringToObject(replay->ids, recorded, change);
	else if (*change)
		(void)cJSON_AddTrueToObject(replay->extra, change);
}

static void play(struct replay *replay, const cJSON *exchange, const struct scene *scene)
{
	switch (scene->verb) {
	case SCENE_TELL:
		tell(replay, scene->text);
		break;
	case SCENE_STEP:
		step(replay, scene->text);
		break;
	case SCENE_FINISH:
		stage_finish(replay);
		break;
	case SCENE_POST:
		stand_in(replay, exchange, scene->text);
		break;
	case SCENE_HANG_UP:
		stage_post(replay, scene->text, 0);
		break;
	case SCENE_ABORT:
		stage_abort(replay);
		break;
	case SCENE_RESTART:
	case SCENE_KILL:
		stage_restart(replay, scene->verb == SCENE_RESTART);
		break;
	case SCENE_ASK:
	case SCENE_ASK_DYING:
	case SCENE_STAY:
		break;
	}
}

void stage_play(struct replay *replay, const cJSON *exchange, enum scene_when when,
	void (*ask)(void *data, enum scene_verb verb), void *data)
{
	const char *name = replay_text(exchange, "name");
	const struct scene *scene = NULL;

	while ((scene = scene_next(scene, replay->version, name))) {
		bool asks = scene->verb == SCENE_ASK || scene->verb == SCENE_ASK_DYING;

		if (scene->when != when)
			continue;
		if (asks && ask)
			ask(data, scene->verb);
		else
			play(replay, exchange, scene);
	}
}
