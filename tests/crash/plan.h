/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which schedules are run of a scenario.
 *
 * In any case: a kill after every boundary that leaves something, followed by Juju's own rerun;
 * every fault of its request, without a kill and with one after it was sent. Sampled: the other
 * things that Juju does after a kill, pairs of kills, kills on top of a fault.
 *
 * With all single kills: every boundary, and those that leave something with all that can happen
 * then. With everything: these also with every fault, and all pairs of them. There the agent dies,
 * and what a kill leaves that another left before is not followed once more.
 */
#ifndef TESTS_CRASH_PLAN_H
#define TESTS_CRASH_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/crash/schedule.h"

enum plan_extent {
	PLAN_SAMPLED,
	PLAN_SINGLES,
	PLAN_EVERYTHING,
};

struct plan_options {
	enum plan_extent extent;
	unsigned long long seed;
};

struct plan_point {
	bool loud; /* the call can leave something behind */
	bool post; /* it sends a request */
};

struct plan_points {
	struct plan_point *list; /* to be freed */
	size_t count, loud;
};

/* From the list of cut.c. */
struct plan_points plan_points(const char *list);

struct plan_job {
	struct schedule schedule;
	bool all_seconds; /* with every second kill that can follow */
	bool folded;      /* what a kill leaves that another left before is not followed */
};

struct plan {
	const struct scenario *scenario;
	struct plan_job *jobs; /* to be freed */
	size_t count;
};

struct plan plan_make(const struct plan_options *options, const struct scenario *scenario,
	const struct plan_points *points);

#endif
