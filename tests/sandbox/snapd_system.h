/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What GET /v2/system-info says, in the words of the recordings.
 */
#ifndef TESTS_SANDBOX_SNAPD_SYSTEM_H
#define TESTS_SANDBOX_SNAPD_SYSTEM_H

#include "tests/sandbox/snapd_state.h"

/* New, the caller's. */
cJSON *sim_system_info(const struct sim *sim);

#endif
