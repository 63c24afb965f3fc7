/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snaps and changes as snapd's API shows them.
 */
#ifndef TESTS_SANDBOX_SNAPD_RENDER_H
#define TESTS_SANDBOX_SNAPD_RENDER_H

#include "tests/sandbox/snapd_change.h"

/* RFC 3339 in UTC with the nanoseconds that are not trailing zeros. RET holds SIZE bytes. */
void sim_render_time(long long ns, char *ret, size_t size);

/* All three are new, and the caller owns them. */
cJSON *sim_render_snap(const struct sim *sim, struct sim_snap *snap);
cJSON *sim_render_apps(struct sim_snap *snap); /* NULL when it has none */
cJSON *sim_render_change(const struct sim_change *change, bool newer);

/* As Go decodes the parts of a path: %XX. RET holds SIZE bytes. */
void sim_unescape(const char *text, size_t length, char *ret, size_t size);

#endif
