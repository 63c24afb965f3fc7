/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model: explores everything that can happen to the charm within so many disturbances, with the
 * state machine that the charm runs; or walks at random and far. See model.h.
 */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/model.h"
#include "tests/suite.h"

#define BY_FEATURE UINT_MAX /* disturbances */

enum {
	STEPS = 1000 * 1000,
};

static const char usage[] =
	"usage: model [--feature NAME] [--disturbances N] [--verbose]\n"
	"       model --seed S [--steps N]\n"
	"       model --replay TRACE\n"
	"\n"
	"Explores every order of up to N disturbances (some seconds' worth) in each "
	"feature, or in\n"
	"that of NAME: base, hold, orders, rollback, both, register, resource, turns or returns; "
	"or\n"
	"walks N steps (a million) at random.\n"
	"Prints the number of nodes and edges. A broken promise is shown with "
	"the way to it, which\n"
	"--replay goes again; the exit status is then 1.\n";

static const struct option options[] = {
	{ "disturbances", required_argument, NULL, 'd' },
	{ "feature", required_argument, NULL, 'f' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "seed", required_argument, NULL, 's' },
	{ "steps", required_argument, NULL, 'n' },
	{ "replay", required_argument, NULL, 'r' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static int explore_features(const char *name, unsigned disturbances, bool verbose)
{
#define FEATURE(name, text, disturbances, changes) disturbances,
	static const unsigned few[] = { FEATURES(FEATURE) };
#undef FEATURE
	bool known = false, broken = false;

	for (unsigned i = 0; i < FEATURE_COUNT; i++) {
		if (name && strcmp(name, feature_name(i)) != 0)
			continue;
		known = true;
		/* With sanitizers for the memory alone: the promises are looked for without them. */
		broken |= explore(i,
			disturbances != BY_FEATURE ? disturbances
						   : few[i] - (SANITIZED && few[i] > 0),
			verbose);
	}
	return known ? broken : 2;
}

int main(int argc, char **argv)
{
	unsigned disturbances = BY_FEATURE;
	const char *seed = NULL, *trace = NULL, *feature = NULL;
	uint64_t steps = STEPS;
	bool verbose = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'd':
			disturbances = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'f':
			feature = optarg;
			break;
		case 'v':
			verbose = true;
			break;
		case 's':
			seed = optarg;
			break;
		case 'n':
			steps = strtoull(optarg, NULL, 10);
			break;
		case 'r':
			trace = optarg;
			break;
		default:
			(void)fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (trace)
		return replay(trace);
	if (seed)
		return walk(strtoull(seed, NULL, 10), steps);
	return explore_features(feature, disturbances, verbose);
}
