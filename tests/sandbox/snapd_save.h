/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state as JSON: in the file that outlives a kill, and as shown by the command "state".
 */
#ifndef TESTS_SANDBOX_SNAPD_SAVE_H
#define TESTS_SANDBOX_SNAPD_SAVE_H

#include "tests/sandbox/snapd_fields.h"
#include "tests/sandbox/snapd_state.h"

/* New, the caller's. */
cJSON *sim_save_state(const struct sim *sim);

/* Writes the state file, whole or not at all; nothing when there is none, or nothing new. */
int sim_save(struct sim *sim, struct error *err);

/* Reads it; nothing when it is not there. SIM has been reset before. */
int sim_load(struct sim *sim, struct error *err);

/* Members of rows that control commands set too. */
extern const struct sim_field sim_snap_fields[];
extern const struct sim_field sim_revision_fields[];
extern const struct sim_field sim_fail_fields[];

#endif
