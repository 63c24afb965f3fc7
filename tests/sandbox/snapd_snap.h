/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An installed snap as the stand-in snapd knows it, and its revisions.
 */
#ifndef TESTS_SANDBOX_SNAPD_SNAP_H
#define TESTS_SANDBOX_SNAPD_SNAP_H

#include <stdbool.h>

enum {
	SIM_REVISIONS = 8
};

/* One revision of a snap: what the store says of it. */
struct sim_revision {
	char number[24]; /* "3", or "x1" when built locally */
	char version[48];
	char channel[128]; /* where it came from, as the store spells it; "" when local */
	char confinement[16];
	char quirk[16];    /* "", hookfail, svcfail, badconf or slow */
	char services[64]; /* "web,worker"; "" for one with the snap's name */
	long long size;    /* bytes */
};

struct sim_snap {
	char name[64];
	char id[64];        /* "" when it did not come from the store */
	char tracking[128]; /* "" when no channel was ever set */
	char apps[512];     /* JSON to show in place of the app; "null" leaves the key out */
	char broken[256];
	char hold[48];       /* RFC 3339, "" when not held */
	long long installed; /* when its current revision was linked */
	long long current;   /* which of the revisions */
	long long count;
	bool active;
	bool wiped; /* its files are gone, its entry not yet */
	bool devmode;
	bool wanted; /* the service is to be enabled whenever the snap is active */
	bool enabled, running;
	struct sim_revision revisions[SIM_REVISIONS]; /* oldest first */
};

/* The current revision of SNAP, which has one. */
struct sim_revision *sim_snap_current(struct sim_snap *snap);

/*
 * The service of SNAP that comes behind AT, which is NULL at first: its name, and how long that is.
 * NULL behind the last one.
 */
const char *sim_snap_service(struct sim_snap *snap, const char *at, int *ret_length);

/* Where in SNAP's revisions NUMBER is; -1 when it is not. */
long long sim_snap_find(const struct sim_snap *snap, const char *number);
void sim_snap_drop(struct sim_snap *snap, const char *number);

/* Whether NAME is one of the two snaps that are there for the others: no service, no hooks. */
bool sim_is_plain(const char *name);

#endif
