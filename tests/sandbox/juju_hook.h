/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one hook, action or command of a unit: gives its tools a context, sets its environment, logs
 * its output, and keeps a record of it.
 */
#ifndef SANDBOX_JUJU_HOOK_H
#define SANDBOX_JUJU_HOOK_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "tests/sandbox/juju_model.h"

enum juju_kind {
	JUJU_HOOK,
	JUJU_ACTION,
	JUJU_EXEC,
	JUJU_METER
};

struct juju_job {
	const char *dir;
	const char *unit;
	enum juju_kind kind;
	const char *name;    /* of the hook or action */
	const char *script;  /* JUJU_EXEC: bash runs it */
	const cJSON *params; /* JUJU_ACTION */
	bool parallel;       /* the same: no need to wait for what runs on other units */
	long long timeout;   /* seconds, then the whole process group is killed */
};

enum juju_end {
	JUJU_DONE,       /* exit 0; the buffered changes are in the model */
	JUJU_FAILED,     /* any other exit or signal, or it could not be started */
	JUJU_TERMINATED, /* died by SIGTERM or SIGKILL: runs again */
	JUJU_TIMEOUT,    /* killed by us */
};

struct juju_outcome {
	enum juju_end end;
	int exit;          /* -1 when it did not exit */
	int signal;        /* 0 when it was not killed */
	char problem[160]; /* as Juju words it: exit status 1, signal: killed */
	struct buf out;    /* JUJU_EXEC and JUJU_ACTION: all of it */
	struct buf err;
	cJSON *action; /* JUJU_ACTION: name, results, failed, message, logs */
};

/* Runs it to its end. -1 only if the model cannot be used. Always call juju_outcome_done(). */
int juju_hook_run(struct juju_outcome *ret, const struct juju_job *job, struct error *err);
void juju_outcome_done(struct juju_outcome *outcome);

/* The environment, NULL at the end, to be freed with juju_environment_free(). */
char **juju_environment(
	const struct juju_model *model, const cJSON *unit, const struct juju_job *job);
void juju_environment_free(char **environment);

/*
 * Starts a program in the charm folder with stdin from /dev/null, and reads its output by lines
 * until it ends, or is killed with its process group after the time-out. STARTED is told the pid
 * before any of the program's code runs.
 */
struct juju_program {
	const char *path;
	char *const *argv;
	char *const *environment;
	const char *folder;
	long long timeout;
	void (*started)(void *data, int pid);
	void (*line)(void *data, bool err, const char *text);
	void *data;
};

void juju_spawn(struct juju_outcome *ret, const struct juju_program *program);

/* Makes the symlinks in the tools folder of UNIT, without those that a "missing" fault removes. */
int juju_tools_prepare(struct juju_model *model, const char *unit, struct error *err);

#endif
