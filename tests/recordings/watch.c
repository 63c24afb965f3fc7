/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends several requests again and again while a change runs. The recorded answers to each of them
 * must come, in their order, among the answers given from step to step.
 */
#include <stdio.h>
#include <string.h>

#include "tests/recordings/replay.h"

enum {
	PROBES_MAX = 64,
	LIMIT = 20000,
	STEPS_MAX = 1000
};

/* One request; its recorded answers are those of the probes with the same request. */
struct probe {
	const cJSON *request;
	const cJSON *expected; /* the next probe whose answer must come; NULL = all came */
};

/* The next recorded probe from PROBE on that sends REQUEST. */
static const cJSON *next_like(const cJSON *probe, const cJSON *request)
{
	for (; probe; probe = probe->next)
		if (cJSON_Compare(replay_member(probe, "request"), request, true))
			return probe;
	return NULL;
}

static size_t read_probes(const cJSON *list, struct probe *ret)
{
	const cJSON *item;
	size_t count = 0;

	cJSON_ArrayForEach(item, list)
	{
		const cJSON *request = replay_member(item, "request");
		size_t i = 0;

		while (i < count && !cJSON_Compare(ret[i].request, request, true))
			i++;
		if (i == count && count < PROBES_MAX)
			ret[count++] = (struct probe){ request, item };
	}
	return count;
}

/* Asks once; if the answer is the next recorded one, goes on to the one after it. */
static void ask(struct replay *replay, const cJSON *exchange, struct probe *probe)
{
	struct buf ignored;
	struct wire answer;

	buf_init(&ignored, 65536);
	replay_ask(replay, probe->request, LIMIT, NULL, &answer);
	if (replay_match(replay, replay_member(probe->expected, "response"), &answer, &ignored)) {
		probe->expected = next_like(probe->expected->next, probe->request);
		if (answer.status == 202)
			stage_play(replay, exchange, SCENE_DURING, NULL, NULL);
	}
	wire_done(&answer);
	buf_done(&ignored);
}

/* Asks all requests whose answers have not all come. */
static void ask_all(
	struct replay *replay, const cJSON *exchange, struct probe *probes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (probes[i].expected)
			ask(replay, exchange, &probes[i]);
}

/* The change as it was in the end. */
static bool match_final(struct replay *replay, const cJSON *exchange, struct buf *why)
{
	const cJSON *body = replay_member(replay_member(exchange, "response"), "body");
	char path[64];
	cJSON *request = cJSON_CreateObject();
	struct wire answer;
	bool ret;

	(void)snprintf(path, sizeof path, "/v2/changes/%s", replay_text(body, "change"));
	(void)cJSON_AddStringToObject(request, "method", "GET");
	(void)cJSON_AddStringToObject(request, "path", path);
	replay_ask(replay, request, LIMIT, NULL, &answer);
	ret = replay_match(replay, replay_member(exchange, "final"), &answer, why);
	wire_done(&answer);
	cJSON_Delete(request);
	return ret;
}

/* Step by step to the end of the change ID and beyond, because some requests succeed only then. */
static void watch(struct replay *replay, const cJSON *exchange, const char *id,
	struct probe *probes, size_t count)
{
	bool ready = false;

	for (int i = 0; i < STEPS_MAX && !ready; i++) {
		cJSON *change = stage_change(replay, id);

		stage_look(replay, change);
		ready = cJSON_IsTrue(replay_member(change, "ready"));
		cJSON_Delete(change);
		ask_all(replay, exchange, probes, count);
		if (!ready)
			stage_step(replay, id);
	}
	ask_all(replay, exchange, probes, count);
}

bool play_watch(struct replay *replay, const cJSON *exchange, struct buf *why)
{
	struct probe probes[PROBES_MAX];
	size_t count = read_probes(replay_member(exchange, "probes"), probes);
	bool ret = play_response(replay, exchange, why);
	char id[sizeof replay->newest];

	(void)strcpy(id, replay->newest);
	watch(replay, exchange, id, probes, count);
	for (size_t i = 0; i < count; i++) {
		const cJSON *answer = replay_member(probes[i].expected, "response");

		if (!answer)
			continue;
		(void)buf_addf(why, "    %s %s: never %d\n",
			replay_text(probes[i].request, "method"),
			replay_text(probes[i].request, "body"),
			(int)cJSON_GetNumberValue(replay_member(answer, "status")));
		ret = false;
	}
	return match_final(replay, exchange, why) && ret;
}
