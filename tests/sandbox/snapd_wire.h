/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lower half of snapd_http.c: sockets, peers, writing bytes directly, and waiting until the
 * client hangs up.
 */
#ifndef TESTS_SANDBOX_SNAPD_WIRE_H
#define TESTS_SANDBOX_SNAPD_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* A listening socket at PATH in place of whatever is there; -1 with ERR set. */
int sim_wire_listen(const char *path, struct error *err);

/* A socket file at PATH that nobody listens on. */
int sim_wire_refuse(const char *path, struct error *err);

/*
 * Waits MS (forever when negative) of real time; true when the client hung up or STOP is readable.
 */
bool sim_wire_wait(int fd, int stop, long long ms);

/* Writes all of it, or as much as the client takes. */
void sim_wire_write(int fd, const char *data, size_t size);

/* The same, one byte a second. */
void sim_wire_drip(int fd, int stop, const char *data, size_t size);

/* SIGKILL to the process at the other end, as it was when it connected. */
void sim_wire_kill(int fd);

/* A whole HTTP/1.1 answer; caller frees. RET_HEADER, when not NULL, is the size of its header. */
char *sim_wire_answer(
	int status, const char *reason, const char *type, const char *body, size_t *ret_header);

#endif
