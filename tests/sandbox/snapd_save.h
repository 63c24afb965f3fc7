/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state as JSON, for the file that survives a kill and for the command "state".
 */
#ifndef TESTS_SANDBOX_SNAPD_SAVE_H
#define TESTS_SANDBOX_SNAPD_SAVE_H

#include "tests/sandbox/snapd_fields.h"
#include "tests/sandbox/snapd_state.h"

/* A new object, which the caller owns. */
cJSON *sim_save_state(const struct sim *sim);

/* Writes the state file atomically; does nothing if there is none, or nothing has changed. */
int sim_save(struct sim *sim, struct error *err);

/* Reads it; does nothing if it does not exist. SIM must have been reset before. */
int sim_load(struct sim *sim, struct error *err);

/* Members of rows that control commands set too. */
extern const struct sim_field sim_snap_fields[];
extern const struct sim_field sim_revision_fields[];
extern const struct sim_field sim_fail_fields[];

#endif
