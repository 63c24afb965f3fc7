/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the charm does while it is killed, as lines that world_run() understands.
 */
#ifndef TESTS_CRASH_SCENARIO_H
#define TESTS_CRASH_SCENARIO_H

#include <stddef.h>

enum {
	SCENARIO_LINES = 12,
};

enum scenario_kind {
	SCENARIO_PLAIN,
	SCENARIO_ASKS,   /* sends a request, which may also fail */
	SCENARIO_SELDOM, /* much like another one: only in the long form */
	SCENARIO_WIDE, /* the same, in many hooks: only those that send one are killed in the sample */
	SCENARIO_TWO, /* of two units on the machine; what is killed goes on after the last step */
};

struct scenario {
	const char *name;
	const char *base[SCENARIO_LINES];  /* runs first; nothing is killed in it */
	const char *steps[SCENARIO_LINES]; /* in which the charm is killed */
	enum scenario_kind kind;
};

extern const struct scenario scenarios[];
extern const size_t scenarios_count;

/* What else may become of a request: a fault of the stand-in snapd. */
struct fault {
	const char *name;
	const char *mode; /* for the control */
};

extern const struct fault faults[];
extern const size_t faults_count;

/*
 * The revision in the tar that is attached last, and so what is to run at the end; 0 for none. In
 * "snaps=8.tar" it is 8: see world.h.
 */
long scenario_file(const struct scenario *scenario);

/* By name; NULL when there is none. */
const struct scenario *scenario_find(const char *name);
const struct fault *fault_find(const char *name);

#endif
