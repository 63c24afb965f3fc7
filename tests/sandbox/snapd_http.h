/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two sockets: the API at PATH, with all faults of a transport, and the control socket at
 * PATH.ctl. One lock guards the state; every connection has its own thread.
 */
#ifndef TESTS_SANDBOX_SNAPD_HTTP_H
#define TESTS_SANDBOX_SNAPD_HTTP_H

#include "tests/sandbox/snapd_state.h"

/* Serves until SIGTERM or SIGINT; prints "ready" on stdout when both sockets accept. */
int sim_serve(struct sim *sim, const char *path, struct error *err);

#endif
