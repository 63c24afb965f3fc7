/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control commands: what a test asks of the stand-in beyond what snapd offers.
 */
#ifndef TESTS_SANDBOX_SNAPD_CTL_H
#define TESTS_SANDBOX_SNAPD_CTL_H

#include "tests/sandbox/snapd_state.h"

/* Does what the JSON text says. The answer object, the caller's; NULL with ERR set. */
cJSON *sim_ctl(struct sim *sim, const char *text, struct error *err);

/* What --help says about the commands. */
extern const char sim_ctl_help[];

#endif
