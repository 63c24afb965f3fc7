/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The POSTs that make changes, each with its checks in snapd's order.
 */
#ifndef TESTS_SANDBOX_SNAPD_OPS_H
#define TESTS_SANDBOX_SNAPD_OPS_H

#include "tests/sandbox/snapd_api.h"

/* POST /v2/snaps/NAME */
struct sim_answer sim_post_snap(
	struct sim *sim, const char *name, const struct sim_request *request);

/* POST /v2/apps */
struct sim_answer sim_post_apps(struct sim *sim, const struct sim_request *request);

/* PUT /v2/snaps/NAME/conf */
struct sim_answer sim_put_conf(
	struct sim *sim, const char *name, const struct sim_request *request);

#endif
