/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control commands, in two tables: commands about changes and requests (snapd_ctl.c), and
 * settings, called knobs (snapd_knobs.c).
 */
#ifndef TESTS_SANDBOX_SNAPD_COMMAND_H
#define TESTS_SANDBOX_SNAPD_COMMAND_H

#include "tests/sandbox/snapd_state.h"

/* Does what WHAT says, and may change WHAT; adds to RET, which already has "ok". */
typedef int sim_command(struct sim *sim, cJSON *what, cJSON *ret, struct error *err);

struct sim_command_row {
	const char *name; /* NULL ends a table */
	const char *
		keys; /* what it may have beside "do", with spaces between; NULL: it looks itself */
	sim_command *run;
};

extern const struct sim_command_row sim_knobs[];

/* A member of WHAT; NULL, false or OTHERWISE if it is missing or of another type. */
const char *sim_command_text(const cJSON *what, const char *key);
bool sim_command_flag(const cJSON *what, const char *key);
long long sim_command_number(const cJSON *what, const char *key, long long otherwise);

#endif
