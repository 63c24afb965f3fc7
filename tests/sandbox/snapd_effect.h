/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each kind of task does to the snap when it begins, when it is done and when it is undone;
 * how long it takes and how it fails.
 */
#ifndef TESTS_SANDBOX_SNAPD_EFFECT_H
#define TESTS_SANDBOX_SNAPD_EFFECT_H

#include "tests/sandbox/snapd_change.h"

/* From this size on, a download takes time, shows its progress, and is not cached. */
#define SIM_LONG_DOWNLOAD (1024LL * 1024)

/* A watcher: a task that begins with the change and ends after all the others. */
bool sim_kind_background(const char *kind);

/* Whether the background tasks of CHANGE stop when it fails, instead of running to their end. */
bool sim_kind_ends_with_change(const struct sim_change *change);

bool sim_kind_undoable(const char *kind);

void sim_effect_start(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now);
void sim_effect_finish(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now);
void sim_effect_undo(
	struct sim *sim, struct sim_change *change, struct sim_task *task, long long now);

/* Whether TASK, about to be done, fails instead; then with TEXT. Uses up an injected failure. */
bool sim_effect_failure(struct sim *sim, const struct sim_change *change,
	const struct sim_task *task, char *text, size_t size);

/* After a start from a kept state: the older snapd has killed the hook that was running. */
void sim_effect_restarted(struct sim *sim);

/* From this transition to the next, in nanoseconds. */
long long sim_effect_duration(
	const struct sim *sim, const struct sim_change *change, const struct sim_task *task);

/* In manual mode a long download takes some steps; whether this was one before the last. */
bool sim_effect_progress(const struct sim *sim, struct sim_task *task);

/* Shows how far a long download has come by NOW. */
void sim_effect_elapsed(const struct sim *sim, const struct sim_change *change,
	struct sim_task *task, long long now);

#endif
