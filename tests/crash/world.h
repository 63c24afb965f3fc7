/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One unit on one machine with everything around it: the stand-in Juju's model, the stand-in snapd,
 * the clock, and the charm with cut.c before its program and witness.c before its status-set. All
 * of it can be saved and restored.
 */
#ifndef TESTS_CRASH_WORLD_H
#define TESTS_CRASH_WORLD_H

#include <stdbool.h>
#include <sys/types.h>

#include "fsm/record.h"
#include "tests/crash/ctl.h"
#include "tests/sandbox/clock.h"

#define WORLD_UNIT   "microsample/0"
#define WORLD_SECOND "microsample/1" /* on the same machine, in some scenarios */
#define WORLD_FILE   "snaps="        /* in a juju command: the file of the resource follows */

struct world {
	char dir[64];
	const char *like; /* the version of snapd */
	struct sandbox_clock *clock;
	pid_t snapd; /* 0 when it does not run */
	bool loud;   /* what Juju prints is shown */
};

/* Makes DIR. A process may have only one world at a time. */
void world_open(struct world *world, const char *dir, const char *like);
/* Removes it unless KEEP. */
void world_close(struct world *world, bool keep);

/* Starts anew: nothing is deployed, snapd is pristine, the clock is at its start. */
void world_fresh(struct world *world);

/* Saves everything as it is now, and restores it any number of times. */
void world_keep(struct world *world);
void world_back(struct world *world);

/*
 * One line: "juju COMMAND..." (deploy and refresh are of the charm under test), "juju-only ..." the
 * same with the unit's agent away, "snapd JSON", "pass SECONDS", "schema previous", "build NAME",
 * "lose" (the database), "clock SECONDS" (the time of day jumps), "tar REVISION" (of the snap and its
 * base, for "snaps=REVISION.tar" in a juju command), "reboot". "wake": the waker, if a hook has had
 * systemd start one, until it ends; "wake beside": while another one lives. Gives the exit status of a
 * juju command or of the waker, 137 when it was killed, otherwise 0.
 */
int world_run(struct world *world, const char *line);

/* Sets the plan of cut.c; how many numbers are left; takes the list that it made, to be freed. */
void world_plan(const struct world *world, const char *plan);
int world_plan_left(const struct world *world);
char *world_plan_list(struct world *world);

/* Statuses that the witness saw; those that broke a promise begin with "!". */
char *world_witness(struct world *world);

/* What can be seen from outside. */
struct sight {
	bool deployed; /* the unit is there */
	bool error;
	bool port; /* 8080/tcp */
	char status[16];
	char message[160];
	char version[64];
	char hook[64]; /* queued or running */
	bool waker;    /* systemd is to run it */
	struct ctl_snap snap;
	bool readable; /* the record, if there is one, can be loaded */
	struct fsm_record record;
};
void world_look(struct world *world, struct sight *ret);

/* Virtual seconds since the epoch. */
long long world_now(const struct world *world);

/* A program of the build, by the variable that names it; where what a child prints goes. */
const char *world_program(const char *name);
void world_redirect(const struct world *world);

/* Where the charm is. */
char *world_charm(const struct world *world);

#endif
