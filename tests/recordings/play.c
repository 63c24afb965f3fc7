/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replays each kind of recorded exchange.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tests/recordings/replay.h"

enum {
	LIMIT = 20000,   /* milliseconds for an answer */
	SILENCE = 200,   /* milliseconds after which there will be no answer */
	IN_FLIGHT = 200, /* milliseconds after which a request is surely being handled */
};

/* Plays the scenes during a request. */
struct meanwhile {
	struct replay *replay;
	const cJSON *exchange;
};

static void play_meanwhile(void *data)
{
	struct meanwhile *meanwhile = data;

	(void)usleep(IN_FLIGHT * 1000);
	stage_play(meanwhile->replay, meanwhile->exchange, SCENE_DURING, NULL, NULL);
}

static bool has_meanwhile(const struct replay *replay, const cJSON *exchange)
{
	const struct scene *scene = NULL;

	/* In a watch they belong to the probes. */
	while (!replay_member(exchange, "probes") &&
		(scene = scene_next(scene, replay->version, replay_text(exchange, "name"))))
		if (scene->when == SCENE_DURING)
			return true;
	return false;
}

bool play_response(struct replay *replay, const cJSON *exchange, struct buf *why)
{
	const cJSON *recorded = replay_member(exchange, "response");
	bool silent = strcmp(replay_text(recorded, "error"), "recv timed out") == 0;
	struct meanwhile data = { replay, exchange };
	struct wire_meanwhile meanwhile = { play_meanwhile, &data };
	struct wire answer;
	bool ret;

	replay_ask(replay, replay_member(exchange, "request"), silent ? SILENCE : LIMIT,
		has_meanwhile(replay, exchange) ? &meanwhile : NULL, &answer);
	ret = replay_match(replay, recorded, &answer, why);
	wire_done(&answer);
	return ret;
}

/*
 * Whether a look like LOOK was seen: with the same tasks, or at least with the same status before
 * them.
 */
static bool was_seen(const cJSON *looks, const char *look)
{
	size_t head = (size_t)(strrchr(look, ' ') - look) + 1;
	const cJSON *seen;

	cJSON_ArrayForEach(seen, looks)
	{
		if (strncmp(seen->string, look, head) == 0 && !strchr(seen->string + head, ' '))
			return true;
	}
	return false;
}

static bool match_looks(
	struct replay *replay, const cJSON *exchange, const cJSON *seen, struct buf *why)
{
	const cJSON *recorded;
	bool ret = true;

	cJSON_ArrayForEach(recorded, replay_member(exchange, "looks"))
	{
		CLEANUP(cleanup_free)
		char *look = stage_look_new(recorded, replay_text(recorded, "tasks"));

		replay->looks_recorded++;
		replay->looks_shown += replay_member(seen, look) != NULL;
		if (!replay_member(seen, look) && getenv("RECORDINGS_LOOKS"))
			(void)fprintf(stderr, "%s %s: never %s\n", replay->version,
				replay_text(exchange, "name"), look);
		if (was_seen(seen, look))
			continue;
		(void)buf_addf(why, "    never like %s\n", look);
		ret = false;
	}
	return ret;
}

bool play_polls(struct replay *replay, const cJSON *exchange, struct buf *why)
{
	const char *path = replay_text(replay_member(exchange, "request"), "path");
	const char *id = replay_id(replay, path + strlen("/v2/changes/"));
	bool ret;

	stage_run(replay, id);
	ret = play_response(replay, exchange, why);
	return match_looks(replay, exchange, replay_member(replay->looks, id), why) && ret;
}

struct asking {
	struct replay *replay;
	const cJSON *exchange, *expected;
	struct buf *why;
	bool as_recorded;
};

static void die(void *data)
{
	stage_restart(data, false);
}

/* Sends the request again: as before, or as the next recorded one. */
static void ask_again(void *data, enum scene_verb verb)
{
	struct asking *asking = data;
	struct wire_meanwhile meanwhile = { die, asking->replay };
	bool dying = verb == SCENE_ASK_DYING;
	CLEANUP(buf_done) struct buf ignored = { 0 };
	struct wire answer;

	buf_init(&ignored, asking->why->limit);
	/* Frozen first, so that the request is never read. */
	if (dying)
		stage_freeze(asking->replay);
	replay_ask(asking->replay, replay_member(asking->exchange, "request"), LIMIT,
		dying ? &meanwhile : NULL, &answer);
	if (asking->expected->next &&
		replay_match(asking->replay, asking->expected->next, &answer, &ignored))
		asking->expected = asking->expected->next;
	else if (!replay_match(asking->replay, asking->expected, &answer, asking->why))
		asking->as_recorded = false;
	wire_done(&answer);
}

bool play_answers(struct replay *replay, const cJSON *exchange, struct buf *why)
{
	const cJSON *answers = replay_member(exchange, "answers");
	/* So that the first recorded answer is the next one. */
	const cJSON before = { .next = answers->child };
	struct asking asking = { replay, exchange, &before, why, true };

	ask_again(&asking, SCENE_ASK);
	stage_play(replay, exchange, SCENE_DURING, ask_again, &asking);
	if (asking.expected->next) {
		(void)buf_adds(why, "    not all of the recorded answers\n");
		return false;
	}
	return asking.as_recorded;
}

bool play_unseen(struct replay *replay, const cJSON *exchange, struct buf *why)
{
	const cJSON *recorded = replay_member(exchange, "change");
	const cJSON *request = replay_member(exchange, "request");
	CLEANUP(replay_delete) cJSON *change = NULL;

	stage_post(replay, replay_text(request, "body"), LIMIT);
	(void)cJSON_AddStringToObject(replay->ids, replay_text(recorded, "id"), replay->newest);
	if (cJSON_IsTrue(replay_member(exchange, "aborted")))
		stage_abort(replay);
	stage_finish(replay);
	change = stage_change(replay, replay->newest);
	return replay_match_change(replay, recorded, change, why);
}
