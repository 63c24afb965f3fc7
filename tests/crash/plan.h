/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which schedules of a scenario are run.
 *
 * Always: a kill after every boundary that leaves something behind, followed by Juju's own rerun; and
 * every fault of the request, without a kill and with one after the request was sent. As a sample: the
 * other things that Juju can do after a kill, pairs of kills, and kills together with a fault. Of a wide
 * scenario only the hooks that send a request are killed, and not together with a fault.
 *
 * With --singles: a kill at every boundary; and at those that leave something behind, with
 * everything that can happen then. With --long: these also with every fault, and all pairs of them.
 * There the agent dies, and if a kill leaves the same behind as an earlier one, it is not followed
 * further.
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
	bool asks; /* its hook sends one */
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
	bool folded;      /* a kill that leaves the same behind as an earlier one is not followed */
};

struct plan {
	const struct scenario *scenario;
	struct plan_job *jobs; /* to be freed */
	size_t count;
};

struct plan plan_make(const struct plan_options *options, const struct scenario *scenario,
	const struct plan_points *points);

#endif
