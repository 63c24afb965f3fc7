/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tests/sandbox/snapd_effect.h"

#define BYTES_PER_SECOND 2500000LL
#define SLOW_HOOK        (20 * SIM_SECOND)
#define RETRIES          (82 * SIM_SECOND) /* how long a download is tried again */

static bool is_injected(struct sim *sim, const struct sim_task *task, char *text, size_t size)
{
	for (size_t i = 0; i < sim->fail_count; i++) {
		struct sim_fail *fail = &sim->fails[i];

		if (strcmp(fail->task, task->kind) != 0 ||
			(fail->hook[0] != '\0' && strcmp(fail->hook, task->hook) != 0))
			continue;
		(void)snprintf(text, size, "%s", fail->log);
		if (--fail->times <= 0) {
			sim->fail_count--;
			memmove(fail, fail + 1,
				(size_t)(&sim->fails[sim->fail_count] - fail) * sizeof *fail);
		}
		return true;
	}
	return false;
}

static bool is_hook(const struct sim_task *task, const char *one, const char *other)
{
	return strcmp(task->kind, "run-hook") == 0 &&
	       (strcmp(task->hook, one) == 0 || strcmp(task->hook, other) == 0);
}

/* No revision but badconf has that hook, and nothing but a new configuration misses it. */
static bool lacks_hook(
	const struct sim_change *change, const struct sim_task *task, char *text, size_t size)
{
	if (strcmp(change->kind, "configure-snap") != 0)
		return false;
	(void)snprintf(text, size, "snap \"%s\" has no \"configure\" hook", task->snap);
	return true;
}

/* For a revision that was made to fail. */
static bool is_quirky(
	const struct sim_change *change, const struct sim_task *task, char *text, size_t size)
{
	const char *quirk = change->target.quirk;
	bool hook = (strcmp(quirk, "hookfail") == 0 && is_hook(task, "install", "post-refresh")) ||
		    (strcmp(quirk, "badconf") == 0 && is_hook(task, "configure", ""));
	bool service =
		strcmp(quirk, "svcfail") == 0 && strcmp(task->kind, "start-snap-services") == 0;

	if (strcmp(task->snap, change->snap) != 0)
		return false;
	if (hook)
		(void)snprintf(text, size,
			"run hook \"%s\": \n-----\nerror: %s cannot initialise its database\n"
			"%s hook: about to fail\n-----",
			task->hook, task->snap, task->hook);
	if (service)
		(void)snprintf(text, size,
			"systemctl command [start snap.%s.%s.service] failed with exit status 1: "
			"stderr:\nJob for snap.%s.%s.service failed because the control process "
			"exited with error code.\nSee \"systemctl status snap.%s.%s.service\" and "
			"\"journalctl -xeu snap.%s.%s.service\" for details.",
			task->snap, task->snap, task->snap, task->snap, task->snap, task->snap,
			task->snap, task->snap);
	return hook || service;
}

static bool is_slow(const struct sim_change *change, const struct sim_task *task)
{
	return strcmp(change->target.quirk, "slow") == 0 &&
	       is_hook(task, "install", "post-refresh");
}

void sim_effect_restarted(struct sim *sim)
{
	for (size_t i = 0; !sim->newer && i < sim->change_count; i++) {
		struct sim_change *change = sim->changes[i];

		for (size_t j = 0; j < change->count; j++)
			if (change->tasks[j]->status == SIM_DOING &&
				is_slow(change, change->tasks[j]))
				change->interrupted = true;
	}
}

/* Of the two that look whether they are to stop. */
static bool is_aborted(
	const struct sim_change *change, const struct sim_task *task, char *text, size_t size)
{
	bool aborting = task->status == SIM_ABORT;

	if (aborting && strcmp(task->kind, "download-snap") == 0) {
		(void)snprintf(text, size, "the download has been cancelled: context canceled");
		return true;
	}
	if (!is_slow(change, task) || !(aborting || change->interrupted))
		return false;
	(void)snprintf(text, size, "run hook \"%s\": \n-----\nhook: sleeping\n\n<aborted>\n-----",
		task->hook);
	return true;
}

bool sim_effect_failure(struct sim *sim, const struct sim_change *change,
	const struct sim_task *task, char *text, size_t size)
{
	if (is_aborted(change, task, text, size) || is_injected(sim, task, text, size) ||
		is_quirky(change, task, text, size) || lacks_hook(change, task, text, size))
		return true;
	if (strcmp(task->kind, "download-snap") != 0)
		return false;
	if (sim->store.down) {
		(void)snprintf(text, size,
			"Get \"http://127.0.0.1:11028/download/%s_%s.snap\": dial tcp "
			"127.0.0.1:11028: connect: connection refused",
			task->snap, task->number);
		return true;
	}
	if (strcmp(sim->store.download, "ok") == 0)
		return false;
	(void)snprintf(text, size,
		"received an unexpected http response code (%s) when trying to download "
		"http://127.0.0.1:11028/download/%s_%s.snap",
		sim->store.download, task->snap, task->number);
	return true;
}

long long sim_effect_duration(
	const struct sim *sim, const struct sim_change *change, const struct sim_task *task)
{
	if (task->status == SIM_DOING && is_slow(change, task))
		return SLOW_HOOK;
	if (task->status == SIM_DOING && strcmp(task->kind, "download-snap") == 0) {
		if (strcmp(sim->store.download, "500") == 0 || sim->store.down)
			return RETRIES;
		if (task->total > SIM_LONG_DOWNLOAD)
			return task->total * SIM_MILLISECOND / (BYTES_PER_SECOND / 1000);
	}
	return sim->task_ms * SIM_MILLISECOND / 2;
}

static bool is_downloading(const struct sim_task *task)
{
	return task->status == SIM_DOING && task->total > SIM_LONG_DOWNLOAD;
}

bool sim_effect_progress(const struct sim *sim, struct sim_task *task)
{
	if (!sim->manual || !is_downloading(task) || task->done >= task->total)
		return false;
	task->done += task->total / 4;
	if (task->done > task->total)
		task->done = task->total;
	return true;
}

void sim_effect_elapsed(const struct sim *sim, const struct sim_change *change,
	struct sim_task *task, long long now)
{
	long long duration = sim_effect_duration(sim, change, task);

	if (!is_downloading(task) || now - task->began >= duration)
		return;
	task->done = task->total / 50 +
		     task->total / 50 * 48 / 1000 * ((now - task->began) * 1000 / duration);
}
