/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unit agent: decides what runs next, and what follows from how it ended. Commands only change
 * the model and then let the agent settle. The first command to get the unit's lock does the work,
 * one operation at a time.
 */
#ifndef SANDBOX_JUJU_UNITER_H
#define SANDBOX_JUJU_UNITER_H

#include <stdbool.h>

#include "base/error.h"
#include "tests/sandbox/juju_hook.h"
#include "tests/sandbox/juju_model.h"

struct juju_limits {
	long long retries;      /* automatic ones of a failed hook, in one command */
	long long hook_timeout; /* seconds */
};

enum {
	JUJU_TIMED_OUT = 3, /* exit code of a command whose hook had to be killed */
};

/*
 * Runs everything that is due on UNIT until it is idle, gone, or in error with its retries used up
 * (which it reports on stderr). 0, JUJU_TIMED_OUT, or -1 with ERR set. *RET_WORKED, which may be NULL, becomes
 * true if anything ran.
 */
int juju_uniter_settle(const char *dir, const char *unit, const struct juju_limits *limits,
	bool *ret_worked, struct error *err);

/* Runs an action, a command or the meter hook between two operations of the agent. */
int juju_uniter_between(struct juju_outcome *ret, const struct juju_job *job, struct error *err);

/* What is done before and after a hook (juju_follow.c). HASH is from when the hook began. */
void juju_follow_before(const struct juju_model *model, cJSON *unit, const char *hook);
void juju_follow_done(
	const struct juju_model *model, cJSON *unit, const char *hook, const char *hash);
void juju_follow_failed(
	const struct juju_model *model, cJSON *unit, const char *hook, const char *problem);
/* Queues HOOK as the next operation; if it was that before, it is about the same units again. */
void juju_follow_queue(cJSON *unit, const char *hook);
/* Whom the next operation is about: another unit of a relation, and the one that departs; or "". */
void juju_follow_about(cJSON *unit, const char *remote, const char *departing);
/* The hooks of peer relations (juju_relations.c): whether one is due; queues the next one that is due, if there is one. */
bool juju_relations_due(const struct juju_model *model, const cJSON *unit);
bool juju_relations_queue(const struct juju_model *model, cJSON *unit);
/* What is done before one runs, and what follows from one that ran. */
void juju_relations_before(const struct juju_model *model, cJSON *unit, const char *hook);
void juju_relations_done(cJSON *unit, const char *hook);
/* Removes the dead unit and its folders from the model; another unit becomes leader. */
int juju_follow_dead(struct juju_model *model, const char *unit, struct error *err);

#endif
