/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum {
	PAIRS = 20,         /* sampled for each scenario */
	FAULTS_SAMPLED = 1, /* kills for each fault of its request */
	OTHERWISE = 3,      /* after every third kill, Juju also does something unusual */
};

/* Marks the last COUNT of POINTS, which are those of a hook. */
static void mark_hook(struct plan_points *points, size_t count)
{
	struct plan_point *hook = points->list + points->count - count;
	bool asks = false;

	for (size_t i = 0; i < count; i++)
		asks = asks || hook[i].post;
	for (size_t i = 0; i < count; i++)
		hook[i].asks = asks;
}

struct plan_points plan_points(const char *list)
{
	struct plan_points ret = { 0 };
	const char *before = list;
	size_t room = 0, hook = 0;

	for (const char *line = list; *line; line += strcspn(line, "\n"), line += *line != '\0')
		room++;
	ret.list = alloc_new(room + 1, sizeof *ret.list);
	for (const char *line = list; *line; line += strcspn(line, "\n"), line += *line != '\0') {
		if (strncmp(line + 2, before + 2, strcspn(line + 2, " ") + 1) != 0) {
			mark_hook(&ret, hook);
			hook = 0;
		}
		ret.list[ret.count++] =
			(struct plan_point){ .loud = *line != '-', .post = *line == '!' };
		ret.loud += *line != '-';
		before = line;
		hook++;
	}
	mark_hook(&ret, hook);
	return ret;
}

/* splitmix64 */
static unsigned long long dice(unsigned long long *seed)
{
	unsigned long long z = *seed += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

struct making {
	struct plan plan;
	size_t room;
	const struct plan_options *options;
	const struct plan_points *points;
	unsigned long long seed;
};

static struct schedule *add(struct making *making, const struct fault *fault)
{
	struct plan *plan = &making->plan;
	struct plan_job *job;

	if (plan->count == making->room) {
		making->room = making->room * 2 + 256;
		plan->jobs = alloc_again(plan->jobs, making->room * sizeof *plan->jobs);
	}
	job = &plan->jobs[plan->count++];
	*job = (struct plan_job){ .schedule = { .scenario = plan->scenario, .fault = fault } };
	return &job->schedule;
}

static void add_kill(struct making *making, const struct fault *fault, size_t point, enum then then)
{
	add(making, fault)->kills[0] = (struct kill){ .at = (long)point + 1, .then = then };
}

static void add_folded(struct making *making, const struct fault *fault, size_t point)
{
	add_kill(making, fault, point, THEN_AGENT);
	making->plan.jobs[making->plan.count - 1].folded = true;
}

static void add_singles(struct making *making)
{
	const struct plan_points *points = making->points;
	bool all = making->options->extent != PLAN_SAMPLED;
	bool wide = !all && making->plan.scenario->kind == SCENARIO_WIDE;
	size_t loud = 0;

	for (size_t i = 0; i < points->count; i++) {
		if (wide && !points->list[i].asks)
			continue;
		if (points->list[i].loud || all)
			add_kill(making, NULL, i, THEN_RERUN);
		if (!points->list[i].loud)
			continue;
		for (unsigned then = THEN_AGENT; all && then < THEN_COUNT; then++)
			add_kill(making, NULL, i, then);
		/* The seed decides which third of them, and what Juju does then. */
		if (!all && (loud++ + making->options->seed) % OTHERWISE == 0)
			add_kill(making, NULL, i,
				THEN_AGENT + (enum then)(dice(&making->seed) % (THEN_COUNT - 1)));
	}
}

static size_t any_loud(struct making *making)
{
	size_t skip = (size_t)(dice(&making->seed) % making->points->loud);

	for (size_t i = 0; i < making->points->count; i++)
		if (making->points->list[i].loud && skip-- == 0)
			return i;
	return 0;
}

static enum then any_then(struct making *making)
{
	return (enum then)(dice(&making->seed) % THEN_COUNT);
}

static void add_faults(struct making *making)
{
	const struct plan_points *points = making->points;
	bool everything = making->options->extent == PLAN_EVERYTHING;
	bool wide = making->plan.scenario->kind == SCENARIO_WIDE;

	if (making->plan.scenario->kind != SCENARIO_ASKS && !wide)
		return;
	for (size_t f = 0; f < faults_count; f++) {
		(void)add(making, &faults[f]);
		if (wide && !everything)
			continue;
		for (size_t i = 0; i < points->count; i++)
			if (everything && points->list[i].loud)
				add_folded(making, &faults[f], i);
			else if (!everything && points->list[i].post)
				add_kill(making, &faults[f], i, THEN_RERUN);
		for (int i = 0; !everything && i < FAULTS_SAMPLED; i++)
			add_kill(making, &faults[f], any_loud(making), any_then(making));
	}
}

static void add_pairs(struct making *making)
{
	const struct plan_points *points = making->points;

	for (int i = 0; making->options->extent != PLAN_EVERYTHING && i < PAIRS; i++) {
		size_t first = any_loud(making);
		struct schedule *pair = add(making, NULL);

		/*
		 * It is not known how long the run after the first kill is: about as long as what
		 * was cut off.
		 */
		pair->kills[0] = (struct kill){ (long)first + 1, any_then(making) };
		pair->kills[1] = (struct kill){ 1 + (long)(dice(&making->seed) % points->count),
			any_then(making) };
	}
	for (size_t i = 0; making->options->extent == PLAN_EVERYTHING && i < points->count; i++) {
		if (!points->list[i].loud)
			continue;
		add_kill(making, NULL, i, THEN_RERUN);
		making->plan.jobs[making->plan.count - 1].all_seconds = true;
	}
}

struct plan plan_make(const struct plan_options *options, const struct scenario *scenario,
	const struct plan_points *points)
{
	struct making making = { .plan = { .scenario = scenario },
		.options = options,
		.points = points,
		.seed = options->seed };

	for (const char *c = scenario->name; *c; c++)
		making.seed = making.seed * 31 + (unsigned char)*c;
	add_singles(&making);
	add_faults(&making);
	if (points->loud)
		add_pairs(&making);
	return making.plan;
}
