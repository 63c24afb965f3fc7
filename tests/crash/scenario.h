/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the charm is killed in the middle of, as lines that world_run() understands.
 */
#ifndef TESTS_CRASH_SCENARIO_H
#define TESTS_CRASH_SCENARIO_H

#include <stddef.h>

enum {
	SCENARIO_LINES = 12,
};

enum scenario_kind {
	SCENARIO_PLAIN,
	SCENARIO_ASKS,   /* sends a request, which may go wrong, too */
	SCENARIO_SELDOM, /* mostly what others are: in the long form only */
};

struct scenario {
	const char *name;
	const char *base[SCENARIO_LINES];  /* before; nothing is killed in it */
	const char *steps[SCENARIO_LINES]; /* in which the charm is killed */
	enum scenario_kind kind;
};

extern const struct scenario scenarios[];
extern const size_t scenarios_count;

/* What may become of a request besides: a fault of the stand-in snapd. */
struct fault {
	const char *name;
	const char *command; /* for the control */
};

extern const struct fault faults[];
extern const size_t faults_count;

/* By name; NULL when there is none. */
const struct scenario *scenario_find(const char *name);
const struct fault *fault_find(const char *name);

#endif
