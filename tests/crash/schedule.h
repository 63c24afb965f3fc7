/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One schedule: a scenario, what becomes of its request, where the charm is killed, and what Juju
 * does then.
 */
#ifndef TESTS_CRASH_SCHEDULE_H
#define TESTS_CRASH_SCHEDULE_H

#include "base/buf.h"
#include "tests/crash/judge.h"
#include "tests/crash/scenario.h"
#include "tests/crash/seen.h"
#include "tests/crash/world.h"

enum {
	KILLS_MAX = 2,
};

/* What Juju does after a kill; the first is what it does when only the hook dies. */
enum then {
	THEN_RERUN,  /* the hook was terminated, and is run again at once */
	THEN_AGENT,  /* the agent died too: the hook counts as failed, and is tried again */
	THEN_SKIP,   /* the same, and the operator says resolved --no-retry */
	THEN_REBOOT, /* the machine went down */
	THEN_COUNT
};

struct kill {
	long at; /* the boundary, counted from the kill before; 0 for none */
	enum then then;
};

struct schedule {
	const struct scenario *scenario;
	const struct fault *fault; /* may be NULL */
	struct kill kills[KILLS_MAX];
};

/* By name, "rerun" and so on; THEN_COUNT for any other name. */
const char *then_name(enum then then);
enum then then_find(const char *name);

/* Builds the state from which the scenario starts, and keeps it. */
void schedule_prepare(struct world *world, const struct scenario *scenario);

/* Plays the undisturbed run. -1 with a text in RET if even that breaks a promise. */
int schedule_reference(struct world *world, const struct scenario *scenario,
	struct judge_end *ret_end, struct buf *ret);

/*
 * The boundaries after the schedule's kills, if it has any, to the first update-status: a line for
 * each, "+" or "-" and names, to be freed.
 */
char *schedule_list(struct world *world, const struct schedule *schedule);

/* The world right after the first kill, as a number: with equal numbers the run goes on alike. */
unsigned long long schedule_after_kill(struct world *world, const struct schedule *schedule);

/*
 * Runs it; each broken promise adds a line to RET. With SEEN, it ends at the last kill if that
 * killed an agent and left the world as an earlier one did. Returns the number of kills that took
 * place.
 */
int schedule_run(struct world *world, const struct schedule *schedule, const struct judge_end *end,
	struct seen *seen, struct buf *ret);

/* The command that runs only this schedule, for a person; to be freed. */
char *schedule_text(const struct schedule *schedule, const char *like);

#endif
