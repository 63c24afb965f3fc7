/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_ops.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/snapd_decode.h"
#include "tests/sandbox/snapd_plan.h"
#include "tests/sandbox/snapd_render.h"
#include "tests/sandbox/snapd_store.h"

/* One POST to a snap that goes through the checks. A check that refuses it fills in `answer`. */
struct op {
	struct sim *sim;
	const char *name;
	const struct sim_request *request;
	struct sim_instruction what;
	struct sim_snap *snap;       /* NULL when it is not there */
	struct sim_revision release; /* what the store gives */
	char channel[512];           /* what is to be tracked, as it was asked for */
	struct sim_answer answer;
};

/* A check: 0 to go on, -1 when `answer` is set. */
typedef int check(struct op *op);

#define REFUSE(op, ...) ((op)->answer = sim_error(__VA_ARGS__), -1)

static cJSON *text_value(const char *text)
{
	return cJSON_CreateString(text);
}

static int seeded(struct op *op)
{
	cJSON *value;

	if (op->sim->seeded)
		return 0;
	value = cJSON_CreateObject();
	cJSON_AddStringToObject(value, "change-kind", "seed");
	return REFUSE(op, 409, "snap-change-conflict", value, "too early for operation, device %s",
		strcmp(op->what.action, "remove") == 0 || strcmp(op->what.action, "switch") == 0
			? "model not yet acknowledged"
			: "not yet seeded or device model not acknowledged");
}

static int free_of_changes(struct op *op)
{
	const struct sim_change *other = sim_change_conflict(op->sim, op->name);
	cJSON *value;

	if (!other)
		return 0;
	value = cJSON_CreateObject();
	cJSON_AddStringToObject(value, "change-kind", other->kind);
	cJSON_AddStringToObject(value, "snap-name", op->name);
	return REFUSE(op, 409, "snap-change-conflict", value,
		"snap \"%s\" has \"%s\" change in progress", op->name, other->kind);
}

static int there(struct op *op)
{
	if (op->snap)
		return 0;
	return REFUSE(op, 400, "snap-not-installed", text_value(op->name),
		"snap \"%s\" is not installed", op->name);
}

/* Refresh and hold say the same without a kind. */
static int there_kindless(struct op *op)
{
	if (op->snap)
		return 0;
	return REFUSE(op, 400, NULL, NULL, "cannot %s \"%s\": snap \"%s\" is not installed",
		op->what.action, op->name, op->name);
}

static int not_there(struct op *op)
{
	cJSON *value = NULL;

	if (!op->snap)
		return 0;
	if (op->sim->newer) {
		value = cJSON_CreateObject();
		cJSON_AddItemToArray(
			cJSON_AddArrayToObject(value, "snaps"), cJSON_CreateString(op->name));
	} else
		value = text_value(op->name);
	return REFUSE(op, 400, "snap-already-installed", value, "snap \"%s\" is already installed",
		op->name);
}

/* The newer snapd checks the snap first. */
static int seeded_and_not_there(struct op *op)
{
	if (op->sim->newer)
		return not_there(op) < 0 ? -1 : seeded(op);
	return seeded(op) < 0 ? -1 : not_there(op);
}

static int well_named(struct op *op)
{
	size_t length = 0;

	while (islower((unsigned char)op->name[length]) ||
		isdigit((unsigned char)op->name[length]) || op->name[length] == '-')
		length++;
	if (length > 0 && (op->name[length] == '\0' || op->name[length] == '_'))
		return 0;
	return REFUSE(op, 400, NULL, NULL,
		"cannot install \"%s\": invalid instance name: invalid snap name: \"%.*s\"",
		op->name, (int)strcspn(op->name, "_"), op->name);
}

static int active(struct op *op)
{
	if (op->snap->active)
		return 0;
	return REFUSE(op, 400, NULL, NULL,
		"cannot refresh \"%s\": refreshing disabled snap \"%s\" not supported", op->name,
		op->name);
}

static int from_the_store(struct op *op)
{
	if (op->snap->id[0] != '\0' || op->what.amend)
		return 0;
	return REFUSE(
		op, 400, "snap-local", text_value(""), "cannot perform operation on local snap");
}

#define STORE_URL "http://localhost:11028/v2/snaps/refresh"

/* Asks the store; the checks that follow look at its answer. */
static int store_answers(struct op *op)
{
	const struct sim_store *store = &op->sim->store;
	const char *verb = op->what.action;

	if (store->delay_ms > 0 && !op->request->waited) {
		op->answer = (struct sim_answer){ .status = 0 };
		return -1;
	}
	if (op->request->cancelled)
		return REFUSE(op, 400, NULL, NULL,
			"cannot %s \"%s\": Post \"" STORE_URL "\": context canceled", verb,
			op->name);
	if (store->timeout)
		return REFUSE(op, 400, "network-timeout", text_value(""),
			"Post \"" STORE_URL
			"\": %s (Client.Timeout exceeded while awaiting headers)",
			op->sim->newer ? "net/http: request canceled"
				       : "context deadline exceeded");
	if (store->down)
		return REFUSE(op, 400, NULL, NULL,
			"cannot %s \"%s\": Post \"" STORE_URL
			"\": dial tcp 127.0.0.1:11028: connect: connection refused",
			verb, op->name);
	if (store->no_dns)
		return REFUSE(op, 400, NULL, NULL,
			"cannot %s \"%s\": persistent network error: Post \"" STORE_URL
			"\": dial tcp: lookup localhost: dial udp 10.255.255.53:53: connect: "
			"network "
			"is unreachable",
			verb, op->name);
	if (store->status == 429)
		return REFUSE(
			op, 400, NULL, NULL, "cannot %s \"%s\": too many requests", verb, op->name);
	if (store->status != 200)
		return REFUSE(op, 400, NULL, NULL,
			"cannot %s \"%s\": cannot query the store for updates: got unexpected HTTP "
			"status code %lld via POST to \"" STORE_URL "\"",
			verb, op->name, store->status);
	return 0;
}

static int no_channel(struct op *op, const char *channel)
{
	cJSON *value = cJSON_CreateObject();

	cJSON_AddStringToObject(value, "action", op->what.action);
	cJSON_AddStringToObject(value, "architecture", "amd64");
	cJSON_AddStringToObject(value, "channel", channel);
	cJSON_AddItemToObject(value, "releases", sim_store_releases(&op->sim->store, op->name));
	cJSON_AddStringToObject(value, "snap-name", op->name);
	return REFUSE(op, 404, "snap-channel-not-available", value,
		"no snap revision on specified channel");
}

static int no_revision(struct op *op)
{
	return REFUSE(op, 404, "snap-revision-not-available", text_value(op->name),
		"no snap revision available as specified");
}

static int released(struct op *op)
{
	const struct sim_store *store = &op->sim->store;
	const char *channel = op->channel[0] != '\0' ? op->channel : "stable";
	cJSON *releases;
	bool none;

	if (!sim_store_has(store, op->name))
		return REFUSE(op, 404, "snap-not-found", text_value(op->name), "snap not found");
	if (op->what.revision[0] != '\0') {
		if (sim_store_find_number(store, op->name, op->what.revision, &op->release) < 0)
			return no_revision(op);
		(void)snprintf(op->release.channel, sizeof op->release.channel, "%.127s", channel);
		return 0;
	}
	if (sim_store_find(store, op->name, channel, &op->release) == 0)
		return 0;
	releases = sim_store_releases(store, op->name);
	none = !releases->child;
	cJSON_Delete(releases);
	return none ? no_revision(op) : no_channel(op, channel);
}

static int confined(struct op *op)
{
	const char *confinement = op->release.confinement;
	const char *had = op->snap ? sim_snap_current(op->snap)->confinement : "";

	if (strcmp(confinement, "classic") == 0 && !op->what.classic && strcmp(had, "classic") != 0)
		return REFUSE(op, 400, "snap-needs-classic", text_value(op->name),
			"snap \"%s\" requires classic confinement", op->name);
	if (strcmp(confinement, "devmode") == 0 && !op->what.devmode && !op->what.jailmode &&
		strcmp(had, "devmode") != 0)
		return REFUSE(op, 400, "snap-needs-devmode", text_value(op->name),
			"snap \"%s\" requires devmode or confinement override", op->name);
	return 0;
}

/* Nothing newer there, and it is tracked already. */
static int worthwhile(struct op *op)
{
	if (op->what.revision[0] != '\0' || strcmp(op->channel, op->snap->tracking) != 0 ||
		strcmp(op->release.number, sim_snap_current(op->snap)->number) != 0)
		return 0;
	return REFUSE(op, 400, "snap-no-update-available", text_value(""),
		"snap has no updates available");
}

static int removable(struct op *op)
{
	if (op->what.revision[0] == '\0' || sim_snap_find(op->snap, op->what.revision) >= 0)
		return 0;
	return REFUSE(op, 400, "snap-not-installed", text_value(op->name),
		"revision %s of snap \"%s\" is not installed", op->what.revision, op->name);
}

static int revertible(struct op *op)
{
	if (op->snap && op->snap->current > 0)
		return 0;
	return REFUSE(
		op, 400, NULL, NULL, "cannot revert \"%s\": no revision to revert to", op->name);
}

static int enable_wanted(struct op *op)
{
	bool enable = strcmp(op->what.action, "enable") == 0;

	if (op->snap->active != enable)
		return 0;
	return REFUSE(op, 400, NULL, NULL, "cannot %s \"%s\": snap \"%s\" already %sd",
		op->what.action, op->name, op->name, op->what.action);
}

/* A change as made by the POST. TEXT is its summary. */
static void make(struct op *op, const char *kind, const struct sim_revision *target, char *text)
{
	bool tracks = op->channel[0] != '\0';
	struct sim_plan plan = { .kind = kind,
		.snap = op->name,
		.summary = text,
		.channel = tracks ? op->channel : NULL,
		.source = tracks ? op->channel : "stable",
		.target = target,
		.purge = op->what.purge };
	struct sim_change *change = sim_plan(op->sim, &plan);

	free(text);
	change->posted = true;
	op->sim->made++;
	op->answer = sim_async(change->id);
}

/* The end of a summary: the channel as it was asked for. */
static char *summary_from(const struct op *op, const char *verb)
{
	if (op->what.channel[0] == '\0' || strcmp(op->what.channel, "stable") == 0)
		return alloc_textf("%s \"%s\" snap", verb, op->name);
	return alloc_textf("%s \"%s\" snap from \"%s\" channel", verb, op->name, op->what.channel);
}

static void install(struct op *op)
{
	if (op->channel[0] == '\0')
		(void)strcpy(op->channel, "stable");
	make(op, "install-snap", &op->release, summary_from(op, "Install"));
}

static void refresh(struct op *op)
{
	const char *current = sim_snap_current(op->snap)->number;
	bool same = op->what.revision[0] == '\0' && strcmp(op->release.number, current) == 0;

	make(op, "refresh-snap", same ? NULL : &op->release, summary_from(op, "Refresh"));
}

static void removal(struct op *op)
{
	make(op, "remove-snap", NULL, alloc_textf("Remove \"%s\" snap", op->name));
}

static void revert(struct op *op)
{
	struct sim_revision target = op->snap->revisions[op->snap->current - 1];

	op->channel[0] = '\0';
	make(op, "revert-snap", &target, alloc_textf("Revert \"%s\" snap", op->name));
}

static void switching(struct op *op)
{
	make(op, "switch-snap", NULL,
		alloc_textf("Switch \"%s\" snap to channel \"%s\"", op->name, op->what.channel));
}

static void enable(struct op *op)
{
	make(op, "enable-snap", NULL, alloc_textf("Enable \"%s\" snap", op->name));
}

static void disable(struct op *op)
{
	make(op, "disable-snap", NULL, alloc_textf("Disable \"%s\" snap", op->name));
}

static void hold(struct op *op)
{
	bool general = strcmp(op->what.level, "general") == 0;
	char *until = op->snap->hold, day[32];
	long long now = sim_now(op->sim);
	time_t seconds = (time_t)(now / SIM_SECOND + 9223372036LL);
	struct tm tm;

	(void)snprintf(until, sizeof op->snap->hold, "%.47s", op->what.time);
	if (strcmp(op->what.time, "forever") == 0) {
		/* The longest time that Go can express, from now on. */
		(void)gmtime_r(&seconds, &tm);
		(void)strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
		(void)snprintf(until, sizeof op->snap->hold, "%s.%09lldZ", day, now % SIM_SECOND);
	}
	make(op, "hold-snap", NULL,
		alloc_textf("Hold %s for \"%s\"", general ? "general refreshes" : "auto-refreshes",
			op->name));
}

static void unhold(struct op *op)
{
	if (op->snap)
		op->snap->hold[0] = '\0';
	make(op, "unhold-snap", NULL, alloc_textf("Remove refresh hold on \"%s\"", op->name));
}

/* clang-format off */
static const struct {
	const char *action;
	check *checks[8];
	void (*act)(struct op *op);
} actions[] = {
	{ "install", { seeded_and_not_there, well_named, store_answers, released, confined,
		free_of_changes }, install },
	{ "refresh", { seeded, there_kindless, active, from_the_store, store_answers, released,
		worthwhile, free_of_changes }, refresh },
	{ "remove",  { there, removable, free_of_changes, seeded }, removal },
	{ "switch",  { there, free_of_changes, seeded }, switching },
	{ "enable",  { there, enable_wanted, free_of_changes }, enable },
	{ "disable", { there, enable_wanted, free_of_changes }, disable },
	{ "revert",  { revertible, free_of_changes }, revert },
	{ "hold",    { there_kindless }, hold },
	{ "unhold",  { NULL }, unhold },
};
/* clang-format on */

static struct sim_answer run(struct op *op)
{
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
		if (strcmp(actions[i].action, op->what.action) != 0)
			continue;
		for (size_t k = 0; k < 8 && actions[i].checks[k]; k++)
			if (actions[i].checks[k](op) < 0)
				return op->answer;
		actions[i].act(op);
		return op->answer;
	}
	return sim_error(400, NULL, NULL, "unknown action %s", op->what.action);
}

struct sim_answer sim_post_snap(
	struct sim *sim, const char *name, const struct sim_request *request)
{
	struct op op = { .sim = sim, .name = name, .request = request };

	if (sim_instruction_read(request, &op.what, &op.answer) < 0)
		return op.answer;
	op.snap = sim_snap(sim, name);
	/* An install takes the channel as it is, the others start from what is tracked. */
	if (!op.snap || strcmp(op.what.action, "install") == 0)
		(void)snprintf(op.channel, sizeof op.channel, "%s", op.what.channel);
	else
		sim_channel_resolve(
			op.snap->tracking, op.what.channel, op.channel, sizeof op.channel);
	return run(&op);
}
