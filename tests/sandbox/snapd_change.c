/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "tests/sandbox/snapd_effect.h"

enum {
	RANK_STEP = 100,
	KEPT = 500
};

#define DAY          (24LL * 3600 * SIM_SECOND)
#define LONGEST_LIFE (3 * DAY)

const char *sim_status_name(long long status)
{
	static const char *const names[] = {
		[SIM_DO] = "Do",
		[SIM_DOING] = "Doing",
		[SIM_DONE] = "Done",
		[SIM_WAIT] = "Wait",
		[SIM_ABORT] = "Abort",
		[SIM_UNDO] = "Undo",
		[SIM_UNDOING] = "Undoing",
		[SIM_UNDONE] = "Undone",
		[SIM_HOLD] = "Hold",
		[SIM_ERROR] = "Error",
	};

	return names[status];
}

static bool is_over(long long status)
{
	return status == SIM_DONE || status == SIM_UNDONE || status == SIM_HOLD ||
	       status == SIM_ERROR;
}

static void set_status(struct sim_task *task, enum sim_status status, long long now)
{
	if (is_over(status) && !is_over(task->status))
		task->ended = now;
	if (status == SIM_DOING)
		task->began = now;
	task->status = status;
}

struct sim_change *sim_change_new(
	struct sim *sim, const char *kind, const char *snap, const char *summary)
{
	struct sim_change *change = alloc_new(1, sizeof *change);
	const struct sim_snap *installed = sim_snap(sim, snap);

	if (sim->change_count == sim->change_room) {
		sim->change_room += 64;
		sim->changes = alloc_again(sim->changes, sim->change_room * sizeof(change));
	}
	sim->changes[sim->change_count++] = change;
	sim->dirty = true;
	change->id = ++sim->last_change;
	change->spawned = sim_now(sim);
	change->due = change->spawned + sim->task_ms * SIM_MILLISECOND / 2;
	(void)snprintf(change->kind, sizeof change->kind, "%s", kind);
	(void)snprintf(change->snap, sizeof change->snap, "%s", snap);
	(void)snprintf(change->summary, sizeof change->summary, "%s", summary);
	if (installed) {
		change->there = true;
		change->before = *installed;
	}
	return change;
}

struct sim_task *sim_task_new(struct sim *sim, struct sim_change *change, const char *kind,
	const char *snap, const char *summary, long long rank)
{
	struct sim_task *task = alloc_new(1, sizeof *task);

	change->tasks = alloc_again(change->tasks, (change->count + 1) * sizeof(task));
	change->tasks[change->count++] = task;
	task->id = ++sim->last_task;
	task->rank = rank > 0 ? rank : (long long)change->count * RANK_STEP;
	task->spawned = sim_now(sim);
	task->affects = !sim_kind_background(kind);
	(void)snprintf(task->kind, sizeof task->kind, "%s", kind);
	(void)snprintf(task->snap, sizeof task->snap, "%s", snap);
	(void)snprintf(task->number, sizeof task->number, "%s", change->target.number);
	(void)snprintf(task->summary, sizeof task->summary, "%s", summary);
	return task;
}

void sim_change_seed(struct sim *sim)
{
	struct sim_change *change = sim_change_new(sim, "seed", "", "Initialize system state");
	struct sim_task *task;

	task = sim_task_new(sim, change, "run-hook", "core",
		"Run configure hook of \"core\" snap if present", 0);
	task->affects = false;
	task = sim_task_new(sim, change, "mark-seeded", "", "Mark system seeded", 0);
	task->affects = false;
	for (size_t i = 0; i < change->count; i++)
		set_status(change->tasks[i], SIM_DONE, change->spawned);
	sim_change_settle(sim, change, change->spawned);
}

struct sim_change *sim_change_find(struct sim *sim, const char *id)
{
	long long number = text_number(id);

	for (size_t i = 0; i < sim->change_count; i++)
		if (sim->changes[i]->id == number)
			return sim->changes[i];
	return NULL;
}

static bool is_ignored(const struct sim_change *change)
{
	return strcmp(change->kind, "pre-download") == 0 ||
	       strcmp(change->kind, "become-operational") == 0;
}

struct sim_change *sim_change_conflict(struct sim *sim, const char *snap)
{
	for (size_t i = 0; i < sim->change_count; i++) {
		struct sim_change *change = sim->changes[i];

		if (change->ended == 0 && strcmp(change->snap, snap) == 0 && !is_ignored(change))
			return change;
	}
	return NULL;
}

enum sim_status sim_change_status(const struct sim_change *change)
{
	/* The first of these statuses, in this order, that any task has. */
	static const enum sim_status order[] = { SIM_WAIT, SIM_ABORT, SIM_UNDOING, SIM_UNDO,
		SIM_DOING, SIM_DO, SIM_ERROR, SIM_UNDONE, SIM_DONE, SIM_HOLD };
	unsigned seen = 0;

	for (size_t i = 0; i < change->count; i++)
		seen |= 1u << change->tasks[i]->status;
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		if (seen & 1u << order[i])
			return order[i];
	return SIM_DONE;
}

char *sim_change_error(const struct sim_change *change)
{
	char *text = NULL;

	if (change->ended == 0 || sim_change_status(change) != SIM_ERROR)
		return NULL;
	for (size_t i = 0; i < change->count; i++) {
		const struct sim_task *task = change->tasks[i];
		char *more;

		if (task->status != SIM_ERROR)
			continue;
		more = alloc_textf("%s\n- %s (%s)",
			text ? text : "cannot perform the following tasks:", task->summary,
			task->log);
		free(text);
		text = more;
	}
	return text;
}

/* Tasks as they are picked: those in front that have one of STATUSES, by rank. */
static struct sim_task *pick(
	const struct sim_change *change, unsigned statuses, bool background, bool last)
{
	struct sim_task *best = NULL;

	for (size_t i = 0; i < change->count; i++) {
		struct sim_task *task = change->tasks[i];

		if (!(statuses & 1u << task->status) ||
			sim_kind_background(task->kind) != background)
			continue;
		if (!best || (last ? task->rank > best->rank : task->rank < best->rank))
			best = task;
	}
	return best;
}

static struct sim_task *running(const struct sim_change *change)
{
	return pick(change, 1u << SIM_DOING | 1u << SIM_ABORT | 1u << SIM_UNDOING, false, false);
}

/* Whether the change is held, and has reached the place where it is held. */
static bool is_stuck(const struct sim_change *change)
{
	const struct sim_task *task = running(change);

	if (!change->held || !task || task->status != SIM_DOING)
		return false;
	return change->held_at[0] == '\0' || strcmp(change->held_at, task->kind) == 0 ||
	       strcmp(change->held_at, task->hook) == 0;
}

static bool can_move(const struct sim_change *change)
{
	return change->ended == 0 && !change->waiting && !is_stuck(change);
}

static void log_line(struct sim_task *task, const char *text, bool error, long long now)
{
	(void)snprintf(task->log, sizeof task->log, "%s", text);
	task->error = error;
	task->log_at = now;
}

/* What one failed or aborted task means for the others. */
static void unwind(struct sim_change *change, bool all, long long now)
{
	for (size_t i = 0; i < change->count; i++) {
		struct sim_task *task = change->tasks[i];
		bool background = sim_kind_background(task->kind);

		if (background && !all && !sim_kind_ends_with_change(change))
			continue;
		if (task->status == SIM_DO)
			set_status(task, SIM_HOLD, now);
		else if (task->status == SIM_DOING)
			task->status = SIM_ABORT;
		else if (task->status == SIM_DONE)
			task->status = SIM_UNDO;
	}
}

static void fail(struct sim_change *change, struct sim_task *task, const char *text, long long now)
{
	log_line(task, text, true, now);
	set_status(task, SIM_ERROR, now);
	unwind(change, false, now);
}

static void complete(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	char text[1024];

	if (task->status == SIM_UNDOING) {
		sim_effect_undo(sim, change, task, now);
		set_status(task, SIM_UNDONE, now);
		return;
	}
	if (sim_effect_failure(sim, change, task, text, sizeof text)) {
		task->done = task->total;
		fail(change, task, text, now);
		return;
	}
	sim_effect_finish(sim, change, task, now);
	/* A task that ended although it was to be aborted is undone like the others. */
	if (task->status == SIM_ABORT) {
		task->ended = now;
		task->status = SIM_UNDO;
		return;
	}
	set_status(task, SIM_DONE, now);
}

static void begin(struct sim *sim, struct sim_change *change, struct sim_task *task, long long now)
{
	struct sim_task *background;

	while ((background = pick(change, 1u << SIM_DO, true, false)))
		set_status(background, SIM_DOING, now);
	set_status(task, SIM_DOING, now);
	sim_effect_start(sim, change, task, now);
}

/* Whether CHANGE brought a revision that was not here before. */
static bool brought_one(const struct sim_change *change)
{
	for (size_t i = 0; i < change->count; i++)
		if (strcmp(change->tasks[i]->kind, "mount-snap") == 0)
			return change->tasks[i]->status == SIM_DONE;
	return false;
}

static void end_background(struct sim_change *change, struct sim_task *task, long long now)
{
	if (strcmp(task->kind, "check-rerefresh") == 0 && brought_one(change) &&
		strcmp(change->kind, "refresh-snap") == 0)
		log_line(task, "No re-refreshes found.", false, now);
	set_status(task, SIM_DONE, now);
}

static void end(struct sim *sim, struct sim_change *change, long long now)
{
	bool held = false;

	change->ended = now;
	for (size_t i = 0; i < change->count; i++)
		held = held || change->tasks[i]->status == SIM_HOLD;
	if (change->posted && !held && sim_change_status(change) == SIM_DONE)
		sim->done++;
}

/* Does what the marks of a failure or an abort mean at once. */
static void settle_marks(struct sim_change *change, long long now)
{
	struct sim_task *task;

	while ((task = pick(change, 1u << SIM_ABORT, true, false)))
		set_status(task, SIM_HOLD, now);
	/* A task that cannot be undone stays done; this takes no time. */
	while (!running(change) && (task = pick(change, 1u << SIM_UNDO, false, true)) &&
		!sim_kind_undoable(task->kind))
		set_status(task, SIM_DONE, now);
}

static void settle_end(struct sim *sim, struct sim_change *change, long long now)
{
	for (size_t i = 0; i < change->count; i++)
		if (!is_over(change->tasks[i]->status))
			return;
	if (change->ended == 0)
		end(sim, change, now);
}

void sim_change_settle(struct sim *sim, struct sim_change *change, long long now)
{
	if (change->ended == 0)
		settle_marks(change, now);
	settle_end(sim, change, now);
}

void sim_change_step(struct sim *sim, struct sim_change *change, long long now)
{
	struct sim_task *task;
	bool failed = false;

	if (!can_move(change))
		return;
	sim->dirty = true;
	settle_marks(change, now);
	if ((task = running(change))) {
		if (!sim_effect_progress(sim, task))
			complete(sim, change, task, now);
		failed = task->status == SIM_ERROR;
	} else if ((task = pick(change, 1u << SIM_UNDO, false, true)))
		set_status(task, SIM_UNDOING, now);
	else if ((task = pick(change, 1u << SIM_DO, false, false)))
		begin(sim, change, task, now);
	else if ((task = pick(change, 1u << SIM_DOING, true, true)))
		end_background(change, task, now);
	/* The marks of a failure show for a moment. */
	if (!failed)
		settle_marks(change, now);
	settle_end(sim, change, now);
	task = running(change);
	change->due = now + (task ? sim_effect_duration(sim, change, task)
				  : sim->task_ms * SIM_MILLISECOND / 2);
}

void sim_change_abort(struct sim *sim, struct sim_change *change)
{
	sim->dirty = true;
	change->held = change->waiting = false;
	for (size_t i = 0; i < change->count; i++)
		if (change->tasks[i]->status == SIM_WAIT)
			change->tasks[i]->status = SIM_DOING;
	unwind(change, true, sim_now(sim));
	change->due = sim_now(sim) + sim->task_ms * SIM_MILLISECOND / 2;
}

static void forget(struct sim *sim, size_t at)
{
	struct sim_change *change = sim->changes[at];

	sim->dirty = true;
	for (size_t i = 0; i < change->count; i++)
		free(change->tasks[i]);
	free(change->tasks);
	free(change);
	sim->change_count--;
	memmove(&sim->changes[at], &sim->changes[at + 1],
		(sim->change_count - at) * sizeof(change));
}

static void prune_old(struct sim *sim, long long now)
{
	for (size_t i = 0; i < sim->change_count;) {
		struct sim_change *change = sim->changes[i];
		bool many = sim->change_count > KEPT;

		if (change->ended != 0 && (many || now - change->ended > DAY)) {
			forget(sim, i);
			continue;
		}
		if (change->ended == 0 && now - change->spawned > LONGEST_LIFE &&
			!is_ignored(change) && sim_change_status(change) != SIM_ABORT) {
			sim_change_abort(sim, change);
			sim_change_settle(sim, change, now);
		}
		i++;
	}
}

/* The change that can move and is due first. */
static struct sim_change *next_due(struct sim *sim)
{
	struct sim_change *best = NULL;

	for (size_t i = 0; i < sim->change_count; i++) {
		struct sim_change *change = sim->changes[i];

		if (change->ended == 0 && (!best || change->due < best->due) && can_move(change))
			best = change;
	}
	return best;
}

void sim_advance(struct sim *sim)
{
	long long now = sim_now(sim);
	struct sim_change *change;

	while (!sim->manual && (change = next_due(sim)) && change->due <= now)
		sim_change_step(sim, change, change->due);
	for (size_t i = 0; !sim->manual && i < sim->change_count; i++) {
		struct sim_task *task =
			sim->changes[i]->ended == 0 ? running(sim->changes[i]) : NULL;

		if (task)
			sim_effect_elapsed(sim, sim->changes[i], task, now);
	}
	prune_old(sim, now);
}

static struct sim_change *oldest(struct sim *sim)
{
	for (size_t i = 0; i < sim->change_count; i++)
		if (can_move(sim->changes[i]) && !is_ignored(sim->changes[i]))
			return sim->changes[i];
	return NULL;
}

int sim_step(struct sim *sim, int n)
{
	struct sim_change *change;
	int taken = 0;

	for (; taken < n && (change = oldest(sim)); taken++)
		sim_change_step(sim, change, sim_now(sim));
	return taken;
}

void sim_finish(struct sim *sim)
{
	struct sim_change *change;

	while ((change = oldest(sim)))
		sim_change_step(sim, change, sim_now(sim));
}

void sim_changes_prune(struct sim *sim)
{
	for (size_t i = sim->change_count; i > 0; i--)
		if (sim->changes[i - 1]->ended != 0)
			forget(sim, i - 1);
}

void sim_changes_clear(struct sim *sim)
{
	while (sim->change_count > 0)
		forget(sim, sim->change_count - 1);
}
