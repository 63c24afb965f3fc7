/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control commands: what a test can ask of the stand-in beyond snapd's own API.
 */
#ifndef TESTS_SANDBOX_SNAPD_CTL_H
#define TESTS_SANDBOX_SNAPD_CTL_H

#include "tests/sandbox/snapd_state.h"

/* Does what the JSON text says. Returns the answer, which the caller owns; NULL with ERR set. */
cJSON *sim_ctl(struct sim *sim, const char *text, struct error *err);

/* What --help says about the commands. */
extern const char sim_ctl_help[];

#endif
