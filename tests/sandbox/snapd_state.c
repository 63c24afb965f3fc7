/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "tests/sandbox/snapd_change.h"
#include "tests/sandbox/snapd_fault.h"
#include "tests/sandbox/snapd_store.h"

/* The base and the snapd snap are there, as on every machine that ever had a snap. */
static void install_plain(struct sim *sim, const char *name)
{
	struct sim_revision release;

	if (sim_store_find(&sim->store, name, "latest/stable", &release) == 0)
		sim_store_install(sim, name, &release, "latest/stable");
}

static void clear(struct sim *sim)
{
	sim_changes_clear(sim);
	sim_faults_clear(sim);
	cJSON_Delete(sim->requests);
	sim->requests = cJSON_CreateArray();
	sim->posts = sim->gets = 0;
	sim->snap_count = sim->fail_count = sim->cached_count = 0;
	sim->last_change = sim->last_task = sim->snapshots = 0;
	sim->made = sim->done = 0;
}

void sim_reset(struct sim *sim)
{
	clear(sim);
	sim->manual = sim->degraded = sim->maintenance = false;
	sim->seeded = sim->root = true;
	sim->away = SIM_PRESENT;
	sim->task_ms = sim->usual_task_ms;
	sim->dice = 88172645463325252ULL;
	sim_store_reset(&sim->store);
	if (sim->store_file)
		(void)sim_store_set(&sim->store, sim->store_file, NULL);
	install_plain(sim, "snapd");
	install_plain(sim, "bare");
	sim_change_seed(sim);
}

void sim_done(struct sim *sim)
{
	clear(sim);
	cJSON_Delete(sim->requests);
	sim->requests = NULL;
	free(sim->changes);
	sim->changes = NULL;
	sim->change_room = 0;
}

long long sim_now(const struct sim *sim)
{
	struct timespec now;

	if (sim->clock)
		return sandbox_clock_now(sim->clock);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * SIM_SECOND + now.tv_nsec;
}

unsigned sim_dice(struct sim *sim, unsigned limit)
{
	sim->dice ^= sim->dice << 13;
	sim->dice ^= sim->dice >> 7;
	sim->dice ^= sim->dice << 17;
	return (unsigned)((sim->dice >> 11) % limit);
}

struct sim_snap *sim_snap(struct sim *sim, const char *name)
{
	for (size_t i = 0; i < sim->snap_count; i++)
		if (strcmp(sim->snaps[i].name, name) == 0)
			return &sim->snaps[i];
	return NULL;
}

struct sim_snap *sim_snap_new(struct sim *sim, const char *name)
{
	struct sim_snap *snap = sim_snap(sim, name);

	if (snap)
		return snap;
	if (sim->snap_count == SIM_SNAPS) {
		(void)fputs("sandbox-snapd: too many snaps\n", stderr);
		abort();
	}
	snap = &sim->snaps[sim->snap_count++];
	*snap = (struct sim_snap){ .wanted = true };
	(void)snprintf(snap->name, sizeof snap->name, "%s", name);
	return snap;
}

void sim_snap_remove(struct sim *sim, const char *name)
{
	struct sim_snap *snap = sim_snap(sim, name);

	if (!snap)
		return;
	sim->snap_count--;
	memmove(snap, snap + 1, (size_t)(&sim->snaps[sim->snap_count] - snap) * sizeof *snap);
}
