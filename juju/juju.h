/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the charm tells Juju and asks of it, its configuration aside, each a call of one hook tool. Free text follows `--`:
 * a message that begins with a dash is a message. LIMIT is the time the tool may take, in
 * milliseconds.
 */
#ifndef JUJU_JUJU_H
#define JUJU_JUJU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * status-set: acts at once, whatever becomes of the hook. STATUS is Juju's word for it, "active",
 * "blocked", ...
 */
int juju_status(const char *status, const char *message, int64_t limit, struct error *err);

/* application-version-set: acts at once. */
int juju_version(const char *version, int64_t limit, struct error *err);

enum juju_level {
	JUJU_INFO,
	JUJU_WARNING,
	JUJU_ERROR
};

/* juju-log: one record, cut well below the 128 KiB an argument may have. */
int juju_log(enum juju_level level, const char *text, int64_t limit, struct error *err);

/*
 * open-port PORT ("8080/tcp"). It counts only when the hook ends well. TAKEN is true, and that is no
 * failure, when another unit on this machine has it.
 */
int juju_open_port(const char *port, int64_t limit, bool *taken, struct error *err);

/* Whether PORT is open for this unit, as earlier hooks left it. */
int juju_port_is_open(const char *port, int64_t limit, bool *ret, struct error *err);

#endif
