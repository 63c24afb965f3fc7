/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_effect.h"

#include <stdio.h>
#include <string.h>

#include "tests/sandbox/snapd_plan.h"
#include "tests/sandbox/snapd_store.h"

typedef void effect(struct sim *, struct sim_change *, struct sim_task *, long long);

static void log_info(struct sim_task *task, const char *text, long long now)
{
	(void)snprintf(task->log, sizeof task->log, "%s", text);
	task->error = false;
	task->log_at = now;
}

static const struct sim_revision *release_of(struct sim *sim, const struct sim_change *change,
	const struct sim_task *task, struct sim_revision *room)
{
	if (strcmp(task->snap, change->snap) == 0)
		return &change->target;
	*room = (struct sim_revision){ .size = 4096 };
	(void)sim_store_find(&sim->store, task->snap, "latest/stable", room);
	return room;
}

static bool is_cached(const struct sim *sim, const char *key)
{
	for (size_t i = 0; i < sim->cached_count; i++)
		if (strcmp(sim->cached[i], key) == 0)
			return true;
	return false;
}

static void download_start(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_revision room;
	const struct sim_revision *release = release_of(sim, change, task, &room);

	(void)now;
	if (release->size <= SIM_LONG_DOWNLOAD)
		return;
	(void)strcpy(task->label, task->snap);
	task->total = release->size;
	task->done = task->total / 50;
}

static void download_finish(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_revision room;
	const struct sim_revision *release = release_of(sim, change, task, &room);
	char key[sizeof sim->cached[0]];

	(void)now;
	(void)snprintf(key, sizeof key, "%s_%s", task->snap, release->number);
	if (is_cached(sim, key))
		return;
	(void)strcpy(task->label, task->snap);
	task->done = task->total = release->size;
	if (sim->cached_count < SIM_CACHED && release->size <= SIM_LONG_DOWNLOAD)
		(void)strcpy(sim->cached[sim->cached_count++], key);
}

static void prerequisites_finish(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	(void)now;
	if (strncmp(task->summary, "Ensure", 6) == 0 && !sim_is_plain(task->snap))
		sim_plan_prerequisites(sim, change, task);
}

static void stop_finish(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_snap *snap = sim_snap(sim, task->snap);

	(void)change;
	(void)now;
	if (snap)
		snap->running = false;
}

static void start_start(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_snap *snap = sim_snap(sim, task->snap);

	(void)change;
	(void)now;
	if (snap && !sim_is_plain(task->snap))
		snap->enabled = snap->wanted;
}

static void start_finish(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_snap *snap = sim_snap(sim, task->snap);

	start_start(sim, change, task, now);
	if (snap && !sim_is_plain(task->snap))
		snap->running = snap->wanted;
}

static void unlink_finish(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_snap *snap = sim_snap(sim, task->snap);

	(void)change;
	(void)now;
	if (snap)
		snap->active = snap->enabled = snap->running = false;
}

static void unlink_undo(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_snap *snap = sim_snap(sim, task->snap);

	(void)change;
	if (!snap)
		return;
	snap->active = true;
	snap->enabled = snap->wanted;
	snap->installed = now;
}

/* The new revision comes last; one that was there already moves. */
static void append_revision(struct sim_snap *snap, const struct sim_revision *revision)
{
	sim_snap_drop(snap, revision->number);
	if (snap->count == SIM_REVISIONS)
		sim_snap_drop(snap, snap->revisions[0].number);
	snap->revisions[snap->count++] = *revision;
	snap->current = snap->count - 1;
}

static void link_plain(struct sim *sim, struct sim_task *task, long long now)
{
	struct sim_revision release;

	if (sim_store_find(&sim->store, task->snap, "latest/stable", &release) < 0)
		return;
	sim_store_install(sim, task->snap, &release, "latest/stable");
	if (strcmp(task->snap, "snapd") != 0)
		return;
	log_info(task, "Requested daemon restart (snapd snap).", now);
	sim->maintenance = true;
}

static void link_finish(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_snap *snap;

	if (strcmp(task->snap, change->snap) != 0) {
		link_plain(sim, task, now);
		return;
	}
	snap = sim_snap_new(sim, change->snap);
	if (change->reverting)
		snap->current = sim_snap_find(snap, change->target.number);
	else if (change->target.number[0] != '\0') {
		append_revision(snap, &change->target);
		if (change->channel[0] != '\0')
			sim_channel_full(change->channel, snap->tracking, sizeof snap->tracking);
		if (change->target.number[0] != 'x')
			sim_store_id(snap->name, snap->id, sizeof snap->id);
		snap->devmode = change->devmode;
	}
	snap->active = true;
	snap->enabled = snap->running = snap->wiped = false;
	snap->broken[0] = '\0';
	snap->installed = now;
	if (strcmp(change->kind, "enable-snap") == 0) {
		sim_plan_connect_later(sim, change, task);
		log_info(task, "added auto-connect task", now);
	}
}

/* What was there before, without the revisions that were discarded since. */
static void link_undo(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_snap *snap = sim_snap(sim, task->snap), was = change->before;

	(void)now;
	if (!snap || strcmp(task->snap, change->snap) != 0)
		return;
	if (!change->there) {
		sim_snap_remove(sim, change->snap);
		return;
	}
	snap->active = snap->enabled = snap->running = false;
	(void)strcpy(snap->tracking, was.tracking);
	(void)strcpy(snap->id, was.id);
	snap->devmode = was.devmode;
	for (long long i = was.count - 1; i >= 0; i--)
		if (sim_snap_find(snap, was.revisions[i].number) < 0)
			sim_snap_drop(&was, was.revisions[i].number);
	memcpy(snap->revisions, was.revisions, sizeof was.revisions);
	snap->count = was.count;
	snap->current = was.current;
}

static void connect_finish(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	(void)now;
	if (strcmp(task->snap, "snapd") == 0) {
		log_info(task, "Waiting for automatic snapd restart...", task->began);
		sim->maintenance = false;
	}
	sim_plan_connect(sim, change, task);
}

static void disconnect_finish(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	(void)now;
	sim_plan_disconnect(sim, change, task);
}

static void discard_start(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_snap *snap = sim_snap(sim, task->snap);

	(void)change;
	(void)now;
	if (snap && snap->count == 1)
		snap->wiped = true;
}

static void discard_finish(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_snap *snap = sim_snap(sim, task->snap);

	(void)change;
	(void)now;
	if (!snap)
		return;
	sim_snap_drop(snap, task->number);
	if (snap->count == 0)
		sim_snap_remove(sim, task->snap);
}

static void switch_finish(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_snap *snap = sim_snap(sim, task->snap);

	(void)now;
	if (!snap)
		return;
	sim_channel_full(change->channel, snap->tracking, sizeof snap->tracking);
	if (strcmp(task->kind, "switch-snap-channel") == 0)
		(void)strcpy(sim_snap_current(snap)->channel, change->channel);
}

static void service_finish(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_snap *snap = sim_snap(sim, task->snap);
	bool stop = strcmp(change->verb, "stop") == 0;

	(void)now;
	if (!snap)
		return;
	snap->running = !stop;
	if (change->lasting)
		snap->wanted = snap->enabled = !stop;
}

/* clang-format off */
static const struct kind {
	const char *kind;
	bool final;      /* cannot be undone */
	bool background;
	effect *start, *finish, *undo;
} kinds[] = {
	{ "auto-connect",        false, false, NULL,           connect_finish,       NULL },
	{ "auto-disconnect",     true,  false, NULL,           disconnect_finish,    NULL },
	{ "check-rerefresh",     true,  true,  NULL,           NULL,                 NULL },
	{ "cleanup",             true,  false, NULL,           NULL,                 NULL },
	{ "clear-snap",          true,  false, NULL,           NULL,                 NULL },
	{ "discard-snap",        true,  false, discard_start,  discard_finish,       NULL },
	{ "download-snap",       false, false, download_start, download_finish,      NULL },
	{ "link-snap",           false, false, NULL,           link_finish,          link_undo },
	{ "mark-seeded",         true,  false, NULL,           NULL,                 NULL },
	{ "pre-download-snap",   true,  false, NULL,           NULL,                 NULL },
	{ "prerequisites",       true,  false, NULL,           prerequisites_finish, NULL },
	{ "process-delayed-security-backend-effects",
				 true,  true,  NULL,           NULL,                 NULL },
	{ "service-control",     true,  false, NULL,           service_finish,       NULL },
	{ "start-snap-services", false, false, start_start,    start_finish,         stop_finish },
	{ "stop-snap-services",  false, false, NULL,           stop_finish,          start_finish },
	{ "switch-snap",         true,  false, NULL,           switch_finish,        NULL },
	{ "switch-snap-channel", true,  false, NULL,           switch_finish,        NULL },
	{ "unlink-current-snap", false, false, NULL,           unlink_finish,        unlink_undo },
	{ "unlink-snap",         false, false, NULL,           unlink_finish,        unlink_undo },
	{ "validate-snap",       true,  false, NULL,           NULL,                 NULL },
};
/* clang-format on */

/* All others can be undone and have no effect that is seen from outside. */
static const struct kind *kind_of(const char *name)
{
	static const struct kind other = { .kind = "" };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].kind, name) == 0)
			return &kinds[i];
	return &other;
}

bool sim_kind_background(const char *kind)
{
	return kind_of(kind)->background;
}

bool sim_kind_ends_with_change(const struct sim_change *change)
{
	return strcmp(change->kind, "install-snap") == 0;
}

bool sim_kind_undoable(const char *kind)
{
	return !kind_of(kind)->final;
}

void sim_effect_start(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	effect *start = kind_of(task->kind)->start;

	if (start)
		start(sim, change, task, now);
}

void sim_effect_finish(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	effect *finish = kind_of(task->kind)->finish;

	if (finish)
		finish(sim, change, task, now);
}

void sim_effect_undo(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	effect *undo = kind_of(task->kind)->undo;

	if (undo)
		undo(sim, change, task, now);
}
