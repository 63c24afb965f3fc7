/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where hooks are measured. The stand-in Juju deploys one unit and brings it to rest, beside a
 * stand-in snapd that does its changes at once. Then the program is run directly, with the
 * environment that Juju gave it, with hook tools that cost nothing, and always from the same state
 * of the unit and of snapd. Environment variables name the programs: CHARM_TREE, SANDBOX_JUJU,
 * SANDBOX_SNAPD, top_builddir. Any error here prints a line and ends the process.
 */
#ifndef TESTS_BENCH_STAGE_H
#define TESTS_BENCH_STAGE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <sys/types.h>

#include "tests/bench/trace.h"
#include "tests/sandbox/juju_proc.h"

#define STAGE_OLD "edge" /* the channel that the snap follows */
#define STAGE_NEW "beta"

/* A program that does the work of the hooks, in its own unit folder. */
struct player {
	const char *name;
	char *program;
	char *directory;
	char *machine; /* the register; NULL for the floor, which keeps none */
	char *rest;    /* copies of its database and of its entry in the register, at rest */
};

/* The event of one dispatch, and what the dispatch finds. */
struct event {
	const char *name; /* for people */
	const char *hook;
	const char *option; /* the channel that is configured */
	bool fresh;         /* no database yet */
};

struct stage {
	char dir[64]; /* everything is below it; removed at the end */
	char socket[96];
	pid_t snapd;
	struct juju_proc juju;
	char **environment;
	struct player charm;
	struct player floor; /* not there when the stage was opened without */
	bool loaded;
	const char *options; /* beside the channel, as JSON; "" for none */
};

/* FLOOR: the program of the floor, NULL for none. */
void stage_open(struct stage *stage, const char *floor);
void stage_close(struct stage *stage);

/* From here on the snap is held: the charm does it, comes to rest so, and that is what is put back. */
void stage_hold(struct stage *stage);

/* Puts everything back: the player's database and entry, the snap, no changes, no requests. */
void stage_reset(struct stage *stage, const struct player *player, const struct event *event);

/* The command that runs EVENT. It borrows from STAGE, until the next call. */
struct command stage_command(
	struct stage *stage, const struct player *player, const struct event *event);

/* Counts one run of it, after a reset; it must succeed. */
struct counts {
	struct trace trace;
	int gets, posts, probes;
};
void stage_count(struct stage *stage, const struct player *player, const struct event *event,
	struct counts *ret);

/* Sends the stand-in snapd a control command, with ' for "; the caller owns the answer. */
cJSON *stage_snapd(struct stage *stage, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Adds CHANGES of the snap SNAP that are over, ROWS in the charm's journal, and at least PAGES in
 * the log of its database. They are there after each reset until the next call.
 */
struct load {
	const char *snap;
	int changes, rows, pages;
};
void stage_load(struct stage *stage, const struct load *load);

#endif
