/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/hook_world.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/channel.h"
#include "base/clock.h"
#include "fsm/names.h"
#include "juju/tool.h"
#include "snapd/http.h"
#include "snapd/snapd.h"
#include "workload/probe.h"

enum {
	REQUEST_TIME =
		120 * 1000, /* ms for a request, beside the budget; a short budget is another */
	REQUESTS_MAX = 2,   /* of one hook */
	/*
	 * How much longer than its budget a hook may take: its last look, and what it tells Juju.
	 */
	OVERTIME = 30 * 1000,
};

static const int64_t start = INT64_C(1795399200);

static struct {
	struct fuzz_input *input;
	int64_t uptime, wall; /* ms */
	int64_t budget, end;  /* ms, and when they are spent, in uptime */
	int requests;
	bool fits; /* the snap that was shown last is active; reset by a request */
	char tracking[CHANNEL_SIZE];
	bool idle; /* the list that was read after it was empty */
} world = { .uptime = 3600 * 1000 };

void world_pass(int64_t milliseconds)
{
	world.uptime += milliseconds;
	world.wall += milliseconds;
}

void world_begin(struct fuzz_input *input, int64_t budget)
{
	world.input = input;
	world.budget = budget;
	world.end = world.uptime + budget;
	world.requests = 0;
	world.fits = world.idle = false;
}

void world_end(void)
{
	FUZZ_CHECK(world.uptime <= world.end + OVERTIME);
}

/* --- base/clock.h, but for its texts */

int64_t clock_now(void)
{
	return start + world.wall / 1000;
}

int64_t clock_uptime(void)
{
	return world.uptime;
}

void clock_sleep(int64_t milliseconds)
{
	FUZZ_CHECK(milliseconds > 0);
	world_pass(milliseconds);
}

void clock_boot(char *ret, size_t size)
{
	(void)snprintf(ret, size, "f0000000-0000-0000-0000-000000000000");
}

/* --- juju/tool.h */

static void check_status(const char *const *argv)
{
	enum fsm_status status = FSM_STATUS_NONE;
	char ready[CHANNEL_SIZE + 16];

	FUZZ_CHECK(strcmp(argv[1], "--") == 0 && argv[2] && argv[3] && !argv[4]);
	FUZZ_CHECK(fsm_status_named(argv[2], &status) == 0 && status != FSM_STATUS_NONE);
	fuzz_check_ascii(argv[3], FSM_STATUS_MAX);
	if (status != FSM_STATUS_ACTIVE)
		return;
	/* "active" only if snapd showed it, in this run and after our last request. */
	FUZZ_CHECK(world.fits && world.idle);
	(void)snprintf(ready, sizeof ready, "Ready at '%s'", channel_short(world.tracking));
	FUZZ_CHECK(strlen(channel_short(world.tracking)) > 20 ||
		   (strncmp(ready, argv[3], strlen(ready)) == 0 &&
			   strchr(",;", argv[3][strlen(ready)])));
}

static void check_call(const char *const *argv)
{
	static const char *const tools[] = { "config-get", "status-set", "application-version-set",
		"juju-log", "open-port", "opened-ports", "action-get", "action-set", "action-fail",
		"systemd-run", "resource-get" };
	bool known = false;

	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
		known = known || strcmp(argv[0], tools[i]) == 0;
	FUZZ_CHECK(known);
	if (strcmp(argv[0], "status-set") == 0)
		check_status(argv);
	if (strcmp(argv[0], "application-version-set") == 0)
		fuzz_check_ascii(argv[2], FSM_WORD_MAX);
	for (size_t i = 1; argv[i]; i++) {
		FUZZ_CHECK(strlen(argv[i]) < 100 * 1024);
		FUZZ_CHECK(strcmp(argv[0], "action-set") != 0 || i < 1020);
		fuzz_check_shown(argv[i], strlen(argv[i]));
	}
}

static int fail(struct error *err, enum error_kind kind, int code, const char *what)
{
	(void)error_set(err, kind, "%s", what);
	if (err)
		err->code = code;
	return -1;
}

static int answer(const struct fuzz_part *part, int64_t limit, struct buf *out, struct buf *said,
	struct error *err)
{
	int code = atoi(part->rest) & 0xff;

	if (strcmp(part->rest, "hang") == 0) {
		world_pass(limit - 10);
		return fail(err, ERROR_LIMIT, 0, "tool: no end");
	}
	if (strcmp(part->rest, "flood") == 0)
		return fail(err, ERROR_LIMIT, 0, "tool: more than that");
	if (strcmp(part->rest, "missing") == 0)
		return fail(err, ERROR_TOOL, 127, "tool: No such file or directory");
	if (code == 0 && out)
		FUZZ_CHECK(buf_add(out, part->body, part->size) == 0);
	if (code == 0)
		return 0;
	FUZZ_CHECK(buf_add(said, part->body, part->size) == 0);
	return fail(err, ERROR_TOOL, code, "tool: exit status");
}

int tool_run(const char *const *argv, int64_t limit, struct buf *out, struct buf *said,
	struct error *err)
{
	const struct fuzz_part *part = fuzz_input_next(world.input, argv[0]);

	check_call(argv);
	FUZZ_CHECK(limit > 0 && (limit <= TOOL_TIME_MAX || strcmp(argv[0], "resource-get") == 0));
	world_pass(10);
	if (part)
		return answer(part, limit, out, said, err);
	if (strcmp(argv[0], "config-get") == 0)
		FUZZ_CHECK(buf_adds(out, "{\"channel\":\"edge\"}\n") == 0);
	if (strcmp(argv[0], "opened-ports") == 0)
		FUZZ_CHECK(buf_adds(out, "[]\n") == 0);
	if (strcmp(argv[0], "action-get") == 0)
		FUZZ_CHECK(buf_adds(out, "{}\n") == 0);
	if (strcmp(argv[0], "resource-get") == 0) {
		FUZZ_CHECK(buf_adds(said, "resource \"snaps\" not found\n") == 0);
		return fail(err, ERROR_TOOL, 1, "tool: exit status 1");
	}
	return 0;
}

/* --- snapd/http.h */

int snapd_http_start(struct error *err)
{
	(void)err;
	return 0;
}

void snapd_http_stop(void)
{
}

static const char *word_of(const char *path, const char *body)
{
	if (body)
		return "post";
	if (strcmp(path, "/v2/snaps/microsample") == 0)
		return "snap";
	if (strcmp(path, "/v2/changes?select=in-progress&for=microsample") == 0)
		return "progress";
	if (strcmp(path, "/v2/changes?select=all&for=microsample") == 0)
		return "all";
	if (strcmp(path, "/v2/snaps/system/conf?keys=seed.loaded") == 0)
		return "seeded";
	if (strcmp(path, "/v2/system-info") == 0)
		return "system";
	if (strncmp(path, "/v2/find?", 9) == 0)
		return "find";
	if (strcmp(path, "/v2/snaps?select=all&snaps=microsample") == 0)
		return "revisions";
	FUZZ_CHECK(strncmp(path, "/v2/changes/", 12) == 0);
	FUZZ_CHECK(path[12] && !path[12 + strspn(path + 12, "0123456789")]);
	return "change";
}

static void check_request(const char *word, const char *body, int64_t limit)
{
	FUZZ_CHECK(limit > 0);
	if (!body) {
		FUZZ_CHECK(limit <= (strcmp(word, "find") == 0 ? 30 : 20) * 1000);
		return;
	}
	FUZZ_CHECK(limit == REQUEST_TIME || limit == world.budget);
	FUZZ_CHECK(++world.requests <= REQUESTS_MAX);
	FUZZ_CHECK(strncmp(body, "{\"action\":\"", 11) == 0 && body[strlen(body) - 1] == '}');
	world.fits = world.idle = false;
}

/* What the answer proves about the snap, read in the simplest way. */
static void take_proof(const char *word, const struct snapd_http *reply)
{
	cJSON *json = cJSON_ParseWithLength(buf_text(&reply->body), reply->body.len);
	const cJSON *result = cJSON_GetObjectItemCaseSensitive(json, "result");
	const char *text;

	if (strcmp(word, "snap") == 0) {
		text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(result, "status"));
		world.fits = reply->status == 200 && text && strcmp(text, "active") == 0;
		text = cJSON_GetStringValue(
			cJSON_GetObjectItemCaseSensitive(result, "tracking-channel"));
		channel_full(text ? text : "", world.tracking);
		world.idle = false;
	} else if (strcmp(word, "progress") == 0) {
		const cJSON *change;

		world.idle = reply->status == 200 && cJSON_IsArray(result);
		cJSON_ArrayForEach(change, result)
		{
			text = cJSON_GetStringValue(
				cJSON_GetObjectItemCaseSensitive(change, "kind"));
			if (!text || (strcmp(text, "pre-download") != 0 &&
					     strcmp(text, "become-operational") != 0))
				world.idle = false;
		}
	}
	cJSON_Delete(json);
}

int snapd_http_ask(const char *socket, const char *path, const struct snapd_body *body,
	int64_t limit, struct snapd_http *ret, struct error *err)
{
	const char *text = body ? body->pieces[0].text : NULL;
	const char *word = word_of(path, text);
	const struct fuzz_part *part = fuzz_input_next(world.input, word);
	const char *blank = part ? strchr(part->rest, ' ') : NULL;
	int64_t took = blank ? atoi(blank + 1) : 1;

	FUZZ_CHECK(*socket == '/');
	check_request(word, text, limit);
	if (!part || strncmp(part->rest, "away", 4) == 0)
		return fail(err, ERROR_UNREACHABLE, 0, "cannot ask snapd");
	took = took < 0 ? 0 : took < limit ? took : limit;
	world_pass(took);
	if (body)
		world.end += took;
	if (strncmp(part->rest, "lost", 4) == 0 || took >= limit)
		return fail(err, ERROR_UNANSWERED, 0, "snapd did not answer");
	if (strncmp(part->rest, "huge", 4) == 0)
		return fail(err, ERROR_LIMIT, 0, "snapd answers with too much");
	*ret = (struct snapd_http){ .status = atoi(part->rest) };
	buf_init(&ret->body, SNAPD_BODY_MAX);
	FUZZ_CHECK(buf_add(&ret->body, part->body, part->size) == 0);
	if (!body)
		take_proof(word, ret);
	return 0;
}

/* --- workload/probe.h */

bool probe(int port, const char *path, char ret[PROBE_TEXT_SIZE])
{
	const struct fuzz_part *part = fuzz_input_next(world.input, "probe");
	int status = part ? atoi(part->rest) : 200;

	FUZZ_CHECK(port == 8080 && *path == '/');
	FUZZ_CHECK(world.fits && world.idle);
	world_pass(part && strcmp(part->rest, "hang") == 0 ? PROBE_TIME : 1);
	if (status >= 200 && status < 400)
		return true;
	(void)snprintf(ret, PROBE_TEXT_SIZE, "HTTP %d", status);
	return false;
}
