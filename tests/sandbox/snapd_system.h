/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer to GET /v2/system-info, as recorded.
 */
#ifndef TESTS_SANDBOX_SNAPD_SYSTEM_H
#define TESTS_SANDBOX_SNAPD_SYSTEM_H

#include "tests/sandbox/snapd_state.h"

/* A new object, which the caller owns. */
cJSON *sim_system_info(const struct sim *sim);

#endif
