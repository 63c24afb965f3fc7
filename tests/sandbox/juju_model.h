/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of the model: one JSON file in a folder. It is replaced atomically and under a lock,
 * because hook tools are separate processes. A process that has it open has the only copy until it
 * closes the model, so the model is never open while a hook runs. Beside it are a journal for each
 * unit (runs, tool calls, statuses) and the log. Both are append-only, so they grow and the model
 * does not.
 *
 *	model.json	the model		agents/unit-x-0/	the agent directory
 *	log.jsonl	the log			tools/unit-x-0/		symlinks, first in PATH
 *	journal/	see above		charms/name-1/		what the controller holds
 *	locks/		machine and units	resources/app/name	the same
 */
#ifndef SANDBOX_JUJU_MODEL_H
#define SANDBOX_JUJU_MODEL_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "tests/sandbox/juju_like.h"

struct juju_model {
	char *dir; /* absolute */
	const struct juju_like *like;
	cJSON *root;
	int lock;
};

/* Locks and reads; a folder without a model gets a fresh one at the first save. */
int juju_model_open(struct juju_model *ret, const char *dir, struct error *err);
/* Replaces the file; the lock stays. */
int juju_model_save(struct juju_model *model, struct error *err);
/* Unlocks; changes that were not saved are lost. */
void juju_model_close(struct juju_model *model);

/* Borrowed; NULL when there is none of that name. */
cJSON *juju_model_app(const struct juju_model *model, const char *app);
cJSON *juju_model_unit(const struct juju_model *model, const char *unit);
cJSON *juju_model_unit_app(const struct juju_model *model, const cJSON *unit);

/* Leadership goes to UNIT; false if it is not there, or leads. Who led gets no hook. */
bool juju_model_lead(struct juju_model *model, const char *unit);
/* The number of the machine of UNIT, and its name as a lock. */
const char *juju_model_machine(const cJSON *unit);
char *juju_model_machine_lock(const cJSON *unit);

/* The id of a new task, to be freed. */
char *juju_model_task(struct juju_model *model);

/* "microsample/0" -> "unit-microsample-0". */
char *juju_tag(const char *unit);
/* DIR/KIND/<tag>, KIND one of agents, tools, journal, locks. */
char *juju_unit_path(const char *dir, const char *kind, const char *unit);
/* Where the controller has the resource NAME of APP, to be freed. */
char *juju_resource_path(const struct juju_model *model, const cJSON *app, const char *name);
char *juju_charm_dir(const char *dir, const char *unit);

/* Waits for and takes the lock DIR/locks/NAME; the descriptor, or -1. Close it to unlock. */
int juju_lock(const char *dir, const char *name, struct error *err);

/* Takes ownership of ENTRY and adds the time. If it cannot be written, it is lost silently. */
void juju_journal_add(const char *dir, const char *unit, const char *what, cJSON *entry);
/* All entries of a unit, as an array. */
cJSON *juju_journal_read(const char *dir, const char *unit);

/* Sets the status of a unit as Juju does: the same again changes nothing. BY is charm or juju. */
void juju_unit_status(const struct juju_model *model, cJSON *unit, const char *status,
	const char *message, const char *by);
/* The agent's own status: idle, executing ... */
void juju_unit_agent(cJSON *unit, const char *status, const char *message);

#endif
