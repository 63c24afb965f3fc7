/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/judge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "fsm/due.h"
#include "fsm/names.h"
#include "tests/crash/told.h"
#include "tests/crash/tree.h"

#define SAY(...) (void)buf_addf(ret, __VA_ARGS__)

enum {
	/* Seconds, written out: not what the charm takes for it. */
	PATIENCE = 90,
	PATIENCE_LOCAL = 45, /* of what asks the Snap Store nothing */
	PATIENCE_FORM = 390, /* five minutes more, for the files */
};

void judge_truth(const struct sight *now, struct buf *ret)
{
	if (now->error || strcmp(now->status, "active") != 0)
		return;
	if (!ctl_fit(&now->snap, &now->record.target))
		SAY("active was left standing while snapd shows otherwise: %s\n", now->message);
}

void judge_waker(const struct world *world, const struct sight *now, struct buf *ret)
{
	char boot[sizeof now->record.intent.boot];
	const struct fsm_moment moment = {
		.now = world_now(world),
		.uptime = sandbox_clock_boot(world->clock) / SANDBOX_CLOCK_SECOND,
		.boot = boot,
		.unit = WORLD_UNIT,
	};
	struct fsm_due due;

	if (!now->deployed || now->error || now->waker)
		return;
	clock_boot(boot, sizeof boot);
	due = fsm_due(&now->record, &moment);
	if (due.wait != FSM_WAIT_NOTHING)
		SAY("nobody waits for %s\n", fsm_wait_meaning(due.wait));
}

/* What Juju itself reports when a hook begins or ends. */
static bool by_juju(const struct sight *now)
{
	static const char *const messages[] = { "installing charm software",
		"stopping charm software", "cleaning up prior to charm deletion", "" };

	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
		if (strcmp(now->message, messages[i]) == 0)
			return true;
	return false;
}

void judge_killed(const struct sight *now, struct buf *ret)
{
	const struct fsm_record *record = &now->record;

	if (!now->deployed)
		return;
	if (!now->readable) {
		SAY("the database cannot be read after the kill\n");
		return;
	}
	if (by_juju(now) || told_by(record, now->status, now->message))
		return;
	/* None: what was told is taken back with the commit of what is to be told next. */
	if (record->told_status == FSM_STATUS_NONE)
		return;
	if (strcmp(fsm_status_name(record->told_status), now->status) == 0 &&
		strcmp(record->told_message, now->message) == 0)
		return;
	SAY("Juju shows what the database knows nothing of: %s: %s\n", now->status, now->message);
}

static void same_text(const char *what, const char *a, const char *b, struct buf *ret)
{
	if (strcmp(a, b) != 0)
		SAY("the end differs: %s is \"%s\", was \"%s\"\n", what, b, a);
}

static void same_number(const char *what, long a, long b, struct buf *ret)
{
	if (a != b)
		SAY("the end differs: %s is %ld, was %ld\n", what, b, a);
}

static void same_record(const struct fsm_record *a, const struct fsm_record *b, struct buf *ret)
{
	same_text("state", fsm_state_name(a->state), fsm_state_name(b->state), ret);
	same_text("reason", fsm_reason_name(a->reason), fsm_reason_name(b->reason), ret);
	same_text("intent", fsm_op_name(a->intent.op), fsm_op_name(b->intent.op), ret);
	same_text("the record's channel", a->target.channel, b->target.channel, ret);
	same_text("the record's revision", a->revision, b->revision, ret);
	same_text("the record's version", a->version, b->version, ret);
	same_text("the record's tracking", a->tracking, b->tracking, ret);
	same_text("the record's port", fsm_port_name(a->port), fsm_port_name(b->port), ret);
	same_number("ours", a->ours, b->ours, ret);
	same_number("marked", a->marked, b->marked, ret);
	same_number("retired", a->retired, b->retired, ret);
	same_number("stopping", a->stopping, b->stopping, ret);
	same_number("the wanted revision", a->target.revision, b->target.revision, ret);
	same_number("held", a->hold.held, b->hold.held, ret);
	same_number("the hold being ours", a->hold.ours, b->hold.ours, ret);
	same_text("the order", fsm_order_name(a->order.kind), fsm_order_name(b->order.kind), ret);
	same_text("reverted", a->reverted, b->reverted, ret);
	same_text("the supply", fsm_supply_name(a->resource.supply),
		fsm_supply_name(b->resource.supply), ret);
	same_number("the resource's revision", a->resource.revision, b->resource.revision, ret);
}

static bool same(const struct sight *then, const struct sight *now, struct buf *ret)
{
	size_t before = ret->len;

	same_number("deployed", then->deployed, now->deployed, ret);
	same_number("error", then->error, now->error, ret);
	same_number("port", then->port, now->port, ret);
	if (then->deployed) {
		same_text("status", then->status, now->status, ret);
		same_text("message", then->message, now->message, ret);
		same_text("version", then->version, now->version, ret);
		same_record(&then->record, &now->record, ret);
	}
	same_number("the snap's presence", then->snap.present, now->snap.present, ret);
	same_number("the snap's being active", then->snap.active, now->snap.active, ret);
	same_number("the snap's hold", then->snap.held, now->snap.held, ret);
	same_number("a change in progress", then->snap.busy, now->snap.busy, ret);
	same_text("the snap's channel", then->snap.tracking, now->snap.tracking, ret);
	same_text("the snap's revision", then->snap.revision, now->snap.revision, ret);
	same_number("successful changes", then->snap.done, now->snap.done, ret);
	return ret->len == before;
}

bool judge_ended(const struct judge_end *end, bool lost, const struct sight *now, struct buf *ret)
{
	CLEANUP(buf_done) struct buf ignored = { .limit = 65536 };

	return (lost && same(&end->without, now, &ignored)) || same(&end->sight, now, ret);
}

static cJSON *requests_of(const struct world *world)
{
	CLEANUP(cleanup_free) char *socket = alloc_textf("%s/s.ctl", world->dir);
	cJSON *answer = ctl_ask(socket, "{\"do\":\"requests\"}");

	errno = 0;
	if (!answer)
		tree_fail("snapd does not answer on %s", socket);
	return answer;
}

static const char *text_of(const cJSON *json, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));

	return text ? text : "";
}

static double number_of(const cJSON *json, const char *key)
{
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(json, key);

	return cJSON_IsNumber(number) ? number->valuedouble : -1;
}

static bool is_counted(const cJSON *request)
{
	return strcmp(text_of(request, "method"), "POST") == 0 &&
	       strcmp(text_of(request, "path"), "/v2/assertions") != 0;
}

long judge_posts(struct world *world)
{
	cJSON *answer = requests_of(world);
	const cJSON *request;
	long posts = 0;

	cJSON_ArrayForEach(request, cJSON_GetObjectItemCaseSensitive(answer, "requests"))
	{
		posts += is_counted(request);
	}
	cJSON_Delete(answer);
	return posts;
}

/* What is in the body, or in the form, "null" without one. */
static bool is_alike(const cJSON *a, const cJSON *b, const char *key)
{
	return cJSON_Compare(cJSON_GetObjectItemCaseSensitive(a, key),
		cJSON_GetObjectItemCaseSensitive(b, key), true);
}

static bool asks_store(const cJSON *request)
{
	const char *body = text_of(request, "body");

	return strstr(body, "\"install\"") || strstr(body, "\"refresh\"") ||
	       strcmp(text_of(request, "path"), "/v2/find") == 0;
}

static int patience_of(const cJSON *request)
{
	bool form = cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(request, "form"));

	return form ? PATIENCE_FORM : asks_store(request) ? PATIENCE : PATIENCE_LOCAL;
}

/* A request that snapd has not refused may still run, so it must not be repeated in that time. */
static void judge_repeats(const cJSON *requests, struct buf *ret)
{
	const cJSON *request, *before = NULL;

	cJSON_ArrayForEach(request, requests)
	{
		double gap = (number_of(request, "time") - number_of(before, "time")) / 1000;

		if (!is_counted(request))
			continue;
		if (before && is_alike(before, request, "body") &&
			is_alike(before, request, "form") && number_of(before, "status") < 400 &&
			gap < patience_of(request))
			SAY("the same request again after %.1f s\n", gap);
		before = request;
	}
}

static void judge_requests(struct world *world, bool supplied, struct buf *ret)
{
	cJSON *answer = requests_of(world);
	const cJSON *requests = cJSON_GetObjectItemCaseSensitive(answer, "requests"), *request;

	judge_repeats(requests, ret);
	cJSON_ArrayForEach(request, requests)
	{
		if (supplied && asks_store(request))
			SAY("the Snap Store was asked: %s\n", text_of(request, "body"));
	}
	cJSON_Delete(answer);
}

static void judge_witness(struct world *world, struct buf *ret)
{
	CLEANUP(cleanup_free) char *seen = world_witness(world);
	char *save = NULL;

	for (const char *line = strtok_r(seen, "\n", &save); line;
		line = strtok_r(NULL, "\n", &save))
		if (*line == '!')
			SAY("told against a promise: %s\n", line + 2);
}

void judge_whole(struct world *world, const struct judge_end *end, const struct sight *now,
	int more, struct buf *ret)
{
	CLEANUP(cleanup_free) char *charm = world_charm(world);
	long posts = judge_posts(world);

	if (now->snap.made > end->sight.snap.made)
		SAY("%ld changes instead of %ld\n", now->snap.made, end->sight.snap.made);
	if (posts > end->posts + more)
		SAY("%ld requests instead of %ld\n", posts, end->posts);
	judge_requests(world, end->supplied, ret);
	judge_witness(world, ret);
	if (now->deployed && !told_sound(charm))
		SAY("the journal is not sound\n");
	if (now->deployed && !told_orders(charm))
		SAY("the journal does not say how an order ended\n");
}
