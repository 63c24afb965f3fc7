/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole state of the stand-in snapd: installed snaps, changes, the little Snap Store, the knobs
 * (settings), and the faults that are set. It is one struct, and the lock of snapd_http.c guards
 * it.
 */
#ifndef TESTS_SANDBOX_SNAPD_STATE_H
#define TESTS_SANDBOX_SNAPD_STATE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "tests/sandbox/clock.h"
#include "tests/sandbox/snapd_snap.h"

#define SIM_MILLISECOND 1000000LL
#define SIM_SECOND      1000000000LL

enum {
	SIM_SNAPS = 16,
	SIM_RELEASES = 64,
	SIM_FAILS = 16,
	SIM_CACHED = 64
};

struct sim_release {
	char snap[64];
	struct sim_revision revision; /* its channel is the full name: track/risk[/branch] */
};

struct sim_store {
	long long status;   /* HTTP status of its answers */
	long long delay_ms; /* how long a POST waits for it, in real time */
	long long size;     /* when not 0, of every download */
	bool down, no_dns, timeout, missing;
	char confinement[16]; /* when not "", of every snap */
	char download[8];     /* "ok", "404" or "500" */
	size_t count;
	struct sim_release releases[SIM_RELEASES]; /* sorted by snap and channel */
};

/* A task to fail. */
struct sim_fail {
	char task[48];
	char hook[24]; /* "" = any */
	char log[1024];
	long long times;
};

enum sim_away {
	SIM_PRESENT,
	SIM_REFUSED,
	SIM_MISSING,
	SIM_HANGING
};

struct sim_change;
struct sim_fault;
struct sim_late;

struct sim {
	/* Set by the command line, survives a reset. */
	struct sandbox_clock *clock; /* NULL = the real one */
	const char *file;            /* where the state is kept, or NULL */
	bool unsaved;                /* it is not written at the moment */
	bool dirty;                  /* it has changed since it was last written */
	cJSON *store_file;           /* knobs of --store, or NULL */
	long long usual_task_ms;

	/* Knobs. */
	bool newer; /* like 2.77 and not like 2.68 */
	bool manual, seeded, degraded, root, maintenance;
	long long task_ms; /* how long a task takes */
	enum sim_away away;

	/* What happened since the reset. */
	long long last_change, last_task, snapshots;
	long long made;          /* changes made by POSTs */
	long long done;          /* of these: ended Done, with something done */
	unsigned long long dice; /* for orders that are random in the real one */

	struct sim_store store;
	size_t snap_count;
	struct sim_snap snaps[SIM_SNAPS];
	size_t change_count, change_room;
	struct sim_change **changes; /* by id */
	size_t fail_count;
	struct sim_fail fails[SIM_FAILS];
	size_t cached_count;
	char cached[SIM_CACHED][96]; /* downloads that are still in the cache: name_revision */
	struct sim_fault *faults;    /* in the order in which they were set */
	struct sim_late *late;       /* by the time they are due */
	cJSON *requests; /* an array: every request to the API since the last "forget" */
	long long posts, gets;
};

/* Resets everything to the state after `serve` has started; the command line's settings stay. */
void sim_reset(struct sim *sim);

/* Frees what SIM holds; the clock and the store file are the caller's. */
void sim_done(struct sim *sim);

/* Nanoseconds since the epoch, by the clock in use. */
long long sim_now(const struct sim *sim);

/* A number below LIMIT, the same sequence after every reset. */
unsigned sim_dice(struct sim *sim, unsigned limit);

/* NULL when there is no such snap. */
struct sim_snap *sim_snap(struct sim *sim, const char *name);

/* A new snap NAME without revisions, or the one that is there. Aborts when the table is full. */
struct sim_snap *sim_snap_new(struct sim *sim, const char *name);
void sim_snap_remove(struct sim *sim, const char *name);

#endif
