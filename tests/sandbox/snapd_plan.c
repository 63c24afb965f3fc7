/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox/snapd_store.h"

/* A row is used if all its bits are set. */
enum {
	ALWAYS = 0,
	OLDER = 1, /* like 2.68 */
	NEWER = 2, /* like 2.77 */
	FETCH = 4, /* the revision is not here yet */
	HERE = 8,  /* the revision is here */
	SNAPSHOT = 16,
	APP = 32, /* not a base and not the snapd snap */
};

/* A summary may hold %n the snap, %r the revision, %c the channel, %h the hook, %o the current
 * revision, %f the file, %s the number of a snapshot, %t the channel tracked until now. */
struct row {
	unsigned when;
	const char *kind, *hook, *summary;
};

/* clang-format off */
#define PREREQUISITES { ALWAYS, "prerequisites", "", \
			"Ensure prerequisites for \"%n\" are available" }
#define WAIT          { NEWER, "prerequisites", "", \
			"Wait until prerequisites for \"%n\" are available" }
#define DOWNLOAD      { FETCH, "download-snap", "", \
			"Download snap \"%n\" (%r) from channel \"%c\"" }
#define VALIDATE      { FETCH, "validate-snap", "", \
			"Fetch and check assertions for snap \"%n\" (%r)" }
#define PREPARE       { HERE, "prepare-snap", "", "Prepare snap \"%f\" (%r)" }
#define MOUNT         { FETCH, "mount-snap", "", "Mount snap \"%n\" (%r)" }
#define HOOK(name)    { ALWAYS, "run-hook", name, "Run %h hook of \"%n\" snap if present" }
#define APP_HOOK(name) { APP, "run-hook", name, "Run %h hook of \"%n\" snap if present" }
#define CHECK         { ALWAYS, "run-hook", "check-health", "Run health check of \"%n\" snap" }
#define STOP          { ALWAYS, "stop-snap-services", "", "Stop snap \"%n\" services" }
#define NO_ALIASES    { ALWAYS, "remove-aliases", "", "Remove aliases for snap \"%n\"" }
#define UNLINK        { ALWAYS, "unlink-current-snap", "", \
			"Make current revision for snap \"%n\" unavailable" }
#define COPY          { ALWAYS, "copy-snap-data", "", "Copy snap \"%n\" data" }
#define PROFILES      { OLDER, "setup-profiles", "", "Setup snap \"%n\" (%r) security profiles" }, \
		      { NEWER, "setup-profiles", "", \
			"Prepare snap \"%n\" (%r) for security profile setup" }
#define LINK          { ALWAYS, "link-snap", "", "Make snap \"%n\" (%r) available to the system" }
#define CONNECT       { ALWAYS, "auto-connect", "", \
			"Automatically connect eligible plugs and slots of snap \"%n\"" }
#define ALIASES       { ALWAYS, "set-auto-aliases", "", "Set automatic aliases for snap \"%n\"" }, \
		      { ALWAYS, "setup-aliases", "", "Setup snap \"%n\" aliases" }
#define START         { ALWAYS, "start-snap-services", "", "Start snap \"%n\" (%r) services" }
#define RERUN         { ALWAYS, "check-rerefresh", "", "Monitoring snap \"%n\" to determine " \
			"whether extra refresh steps are required" }
#define DELAYED       { NEWER, "process-delayed-security-backend-effects", "", \
			"Process delayed security backend side effects for affected snaps" }
#define DISCARD_OLD   { ALWAYS, "(old)", "", "" }
#define DISCARD_ALL   { ALWAYS, "(all)", "", "" }
#define END           { ALWAYS, NULL, NULL, NULL }

static const struct row install[] = {
	PREREQUISITES, DOWNLOAD, VALIDATE, PREPARE, WAIT, MOUNT, COPY, PROFILES, LINK, CONNECT,
	ALIASES, HOOK("install"), APP_HOOK("default-configure"), START, APP_HOOK("configure"),
	CHECK, { NEWER | APP, "process-delayed-security-backend-effects", "",
		"Process delayed security backend side effects for affected snaps" }, END,
};
static const struct row refresh[] = {
	PREREQUISITES, DOWNLOAD, VALIDATE, PREPARE, WAIT, MOUNT, HOOK("pre-refresh"), STOP,
	NO_ALIASES, UNLINK, COPY, PROFILES, LINK, CONNECT, ALIASES, HOOK("post-refresh"), START,
	DISCARD_OLD, { ALWAYS, "cleanup", "", "Clean up \"%n\" (%r) install" }, HOOK("configure"),
	CHECK, RERUN, DELAYED, END,
};
static const struct row revert[] = {
	PREREQUISITES, PREPARE, WAIT, STOP, NO_ALIASES, UNLINK, PROFILES, LINK, CONNECT, ALIASES,
	START, HOOK("configure"), CHECK, END,
};
static const struct row removal[] = {
	STOP, HOOK("remove"),
	{ ALWAYS, "auto-disconnect", "", "Disconnect interfaces of snap \"%n\"" },
	{ SNAPSHOT, "save-snapshot", "",
		"Save data of snap \"%n\" in automatic snapshot set #%s" },
	NO_ALIASES,
	{ ALWAYS, "unlink-snap", "", "Make snap \"%n\" unavailable to the system" },
	{ ALWAYS, "remove-profiles", "", "Remove security profile for snap \"%n\" (%o)" },
	DISCARD_ALL, END,
};
static const struct row switching[] = {
	{ ALWAYS, "switch-snap", "", "Switch snap \"%n\" from channel \"%t\" to \"%c\"" }, END,
};
static const struct row switching_first[] = {
	{ ALWAYS, "switch-snap", "", "Switch snap \"%n\" to channel \"%c\"" }, END,
};
static const struct row switching_same[] = {
	{ ALWAYS, "switch-snap-channel", "",
		"Switch snap \"%n\" from channel \"%t\" to \"%c\"" }, END,
};
static const struct row enable[] = {
	{ ALWAYS, "prepare-snap", "", "Prepare snap \"%n\" (%o)" },
	{ ALWAYS, "setup-profiles", "", "Setup snap \"%n\" (%o) security profiles" },
	{ ALWAYS, "link-snap", "", "Make snap \"%n\" (%o) available to the system" },
	{ ALWAYS, "setup-aliases", "", "Setup snap \"%n\" aliases" },
	{ ALWAYS, "start-snap-services", "", "Start snap \"%n\" (%o) services" }, END,
};
static const struct row disable[] = {
	{ ALWAYS, "stop-snap-services", "", "Stop snap \"%n\" (%o) services" }, NO_ALIASES,
	{ ALWAYS, "unlink-snap", "", "Make snap \"%n\" (%o) unavailable to the system" },
	{ ALWAYS, "remove-profiles", "", "Remove security profiles of snap \"%n\"" }, END,
};
static const struct row operational[] = {
	{ ALWAYS, "generate-device-key", "", "Generate device key" },
	{ ALWAYS, "request-serial", "", "Request device serial" }, END,
};
static const struct row pre_download[] = {
	{ ALWAYS, "pre-download-snap", "", "Pre-download snap \"%n\" (%r) from channel \"%c\"" },
	END,
};
static const struct row nothing[] = { END };

static const struct { const char *kind; const struct row *rows; } lists[] = {
	{ "install-snap", install },           { "refresh-snap", refresh },
	{ "auto-refresh", refresh },           { "revert-snap", revert },
	{ "remove-snap", removal },            { "switch-snap", switching },
	{ "enable-snap", enable },             { "disable-snap", disable },
	{ "become-operational", operational }, { "pre-download", pre_download },
	{ "hold-snap", nothing },              { "unhold-snap", nothing },
};
/* clang-format on */

/* What the letters of a summary stand for. */
struct words {
	const char *snap, *revision, *channel, *hook, *current, *file, *tracking;
	long long snapshot;
};

static void expand(const char *format, const struct words *words, char *ret, size_t size)
{
	CLEANUP(buf_done) struct buf text;

	buf_init(&text, size - 1);
	for (const char *c = format; *c; c++) {
		if (*c != '%') {
			(void)buf_add(&text, c, 1);
			continue;
		}
		c++;
		switch (*c) {
		case 'n':
			(void)buf_adds(&text, words->snap);
			break;
		case 'r':
			(void)buf_adds(&text, words->revision);
			break;
		case 'c':
			(void)buf_adds(&text, words->channel);
			break;
		case 'h':
			(void)buf_adds(&text, words->hook);
			break;
		case 'o':
			(void)buf_adds(&text, words->current);
			break;
		case 'f':
			(void)buf_adds(&text, words->file);
			break;
		case 't':
			(void)buf_adds(&text, words->tracking);
			break;
		default:
			(void)buf_addf(&text, "%lld", words->snapshot);
			break;
		}
	}
	(void)snprintf(ret, size, "%s", buf_text(&text));
}

static struct sim_task *add(struct sim *sim, struct sim_change *change, const struct row *row,
	const struct words *words, long long rank)
{
	struct words with_hook = *words;
	struct sim_task *task;
	char summary[256];

	with_hook.hook = row->hook;
	expand(row->summary, &with_hook, summary, sizeof summary);
	task = sim_task_new(sim, change, row->kind, words->snap, summary, rank);
	(void)snprintf(task->hook, sizeof task->hook, "%s", row->hook);
	return task;
}

/* Adds the two tasks that remove one revision. */
static void discard(
	struct sim *sim, struct sim_change *change, const struct words *words, const char *number)
{
	static const struct row rows[] = {
		{ ALWAYS, "clear-snap", "", "Remove data for snap \"%n\" (%r)" },
		{ ALWAYS, "discard-snap", "", "Remove snap \"%n\" (%r) from the system" },
	};
	struct words of = *words;

	of.revision = number;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sim_task *task = add(sim, change, &rows[i], &of, 0);

		(void)snprintf(task->number, sizeof task->number, "%s", number);
	}
}

/* What is newer than the current one goes, and all but the current one of the older. */
static void discard_old(struct sim *sim, struct sim_change *change, const struct words *words)
{
	const struct sim_snap *snap = &change->before;

	for (long long i = snap->current + 1; i < snap->count; i++)
		discard(sim, change, words, snap->revisions[i].number);
	for (long long i = 0; i < snap->current; i++)
		discard(sim, change, words, snap->revisions[i].number);
}

static void fill(struct sim *sim, struct sim_change *change, const struct row *rows,
	const struct words *words, unsigned holds)
{
	for (const struct row *row = rows; row->kind; row++) {
		if ((row->when & ~holds) != 0)
			continue;
		if (strcmp(row->kind, "(old)") == 0) {
			if (holds & FETCH)
				discard_old(sim, change, words);
		} else if (strcmp(row->kind, "(all)") == 0)
			for (long long i = 0; i < change->before.count; i++)
				discard(sim, change, words, change->before.revisions[i].number);
		else
			(void)add(sim, change, row, words, 0);
	}
}

static const struct row *rows_of(const struct sim_plan *plan, const struct sim_snap *snap)
{
	if (strcmp(plan->kind, "switch-snap") == 0 && snap->tracking[0] == '\0')
		return switching_first;
	/* A refresh to a revision that is here already, from another channel. */
	if (strcmp(plan->kind, "refresh-snap") == 0 && !plan->target)
		return switching_same;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		if (strcmp(lists[i].kind, plan->kind) == 0)
			return lists[i].rows;
	return NULL;
}

static void prepare(struct sim_change *change, const struct sim_plan *plan)
{
	change->named = true;
	change->reverting = strcmp(plan->kind, "revert-snap") == 0;
	change->devmode = plan->target && strcmp(plan->target->confinement, "devmode") == 0;
	if (plan->target)
		change->target = *plan->target;
	if (plan->channel)
		(void)snprintf(change->channel, sizeof change->channel, "%s", plan->channel);
}

struct sim_change *sim_plan(struct sim *sim, const struct sim_plan *plan)
{
	struct sim_change *change = sim_change_new(sim, plan->kind, plan->snap, plan->summary);
	const struct row *rows = rows_of(plan, &change->before);
	struct sim_snap *snap = &change->before;
	const char *current = change->there ? sim_snap_current(snap)->number : "";
	const char *number = plan->target ? plan->target->number : "";
	bool here = change->there && sim_snap_find(snap, number) >= 0;
	unsigned holds = (sim->newer ? NEWER : OLDER) | (here ? HERE : FETCH) |
			 (plan->purge ? ALWAYS : SNAPSHOT) |
			 (sim_is_plain(plan->snap) ? ALWAYS : APP);
	struct words words = { .snap = plan->snap,
		.revision = number,
		.current = current,
		.channel = plan->source    ? plan->source
			   : plan->channel ? plan->channel
					   : "",
		.file = "",
		.tracking = snap->tracking };
	CLEANUP(cleanup_free)
	char *file = alloc_textf("/var/lib/snapd/snaps/%s_%s.snap", plan->snap, number);

	prepare(change, plan);
	/* Of a revision that is not the current one no file is named. */
	if (here && strcmp(current, number) == 0)
		words.file = file;
	if (rows == removal && !plan->purge)
		words.snapshot = ++sim->snapshots;
	if (rows)
		fill(sim, change, rows, &words, holds);
	else
		(void)sim_task_new(sim, change, plan->kind, plan->snap, plan->summary, 0);
	sim_change_settle(sim, change, change->spawned);
	return change;
}

struct sim_change *sim_plan_service(
	struct sim *sim, const char *snap, const char *verb, bool lasting)
{
	struct sim_change *change =
		sim_change_new(sim, "service-control", snap, "Running service command");
	char summary[256];

	(void)snprintf(change->verb, sizeof change->verb, "%s", verb);
	change->lasting = lasting;
	(void)snprintf(summary, sizeof summary,
		"Run service command \"%s\" for services [\"%s\"] of snap \"%s\"", verb, snap,
		snap);
	(void)sim_task_new(sim, change, "service-control", snap, summary, 0);
	return change;
}

/* The whole install of a plain snap, within another change. */
static void add_plain(struct sim *sim, struct sim_change *change, const char *name, long long rank)
{
	unsigned holds = (sim->newer ? NEWER : OLDER) | FETCH;
	struct sim_revision release = { .number = "" };
	struct words words = { .snap = name,
		.revision = release.number,
		.current = "",
		.channel = "stable",
		.file = "",
		.tracking = "" };

	(void)sim_store_find(&sim->store, name, "latest/stable", &release);
	for (const struct row *row = install; row->kind; row++)
		if ((row->when & ~holds) == 0)
			(void)add(sim, change, row, &words, ++rank);
}

void sim_plan_prerequisites(struct sim *sim, struct sim_change *change, struct sim_task *task)
{
	/* The snapd snap is installed first and shown last. */
	if (!sim_snap(sim, "bare"))
		add_plain(sim, change, "bare", task->rank + 40);
	if (!sim_snap(sim, "snapd"))
		add_plain(sim, change, "snapd", task->rank);
}

static void add_connection(struct sim *sim, struct sim_change *change, struct sim_task *task,
	const char *verb, const char *way, const char *plug, long long rank)
{
	char summary[256], kind[16];
	struct sim_task *added;

	(void)snprintf(kind, sizeof kind, "%s", verb);
	kind[0] = (char)(kind[0] - 'A' + 'a');
	(void)snprintf(
		summary, sizeof summary, "%s %s:%s %s snapd:%s", verb, task->snap, plug, way, plug);
	added = sim_task_new(sim, change, kind, task->snap, summary, rank);
	(void)strcpy(added->peer, "snapd");
}

/* The classic one of the recordings has none. */
static bool has_plugs(const struct sim *sim, const char *snap)
{
	(void)sim;
	return !sim_is_plain(snap) && strcmp(snap, "microclassic") != 0;
}

void sim_plan_connect(struct sim *sim, struct sim_change *change, struct sim_task *task)
{
	bool fresh = strcmp(change->kind, "install-snap") == 0 && has_plugs(sim, task->snap);
	struct sim_snap *snap = sim_snap(sim, task->snap);
	long long first = sim->last_task + 1;
	struct sim_task *profiles;
	char summary[256];

	if (!fresh && !sim->newer)
		return;
	/* It is made first and shown last. */
	sim->last_task++;
	if (fresh) {
		add_connection(sim, change, task, "Connect", "to", "network", task->rank + 1);
		add_connection(sim, change, task, "Connect", "to", "network-bind", task->rank + 2);
	}
	(void)snprintf(summary, sizeof summary, "Setup snap \"%s\" (%s) security profiles%s",
		task->snap, snap ? sim_snap_current(snap)->number : "",
		sim->newer ? "" : " for auto-connections");
	profiles = sim_task_new(sim, change, "setup-profiles", task->snap, summary, task->rank + 3);
	sim->last_task--;
	profiles->id = first;
}

void sim_plan_disconnect(struct sim *sim, struct sim_change *change, struct sim_task *task)
{
	if (!has_plugs(sim, task->snap))
		return;
	add_connection(sim, change, task, "Disconnect", "from", "network", task->rank + 1);
	add_connection(sim, change, task, "Disconnect", "from", "network-bind", task->rank + 2);
}

void sim_plan_connect_later(struct sim *sim, struct sim_change *change, struct sim_task *task)
{
	static const struct row row = CONNECT;
	struct words words = { .snap = task->snap };

	(void)add(sim, change, &row, &words, task->rank + 1);
}
