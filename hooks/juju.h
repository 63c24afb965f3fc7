/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the charm asks of Juju and tells it, each a call of one hook tool. Free text follows `--`:
 * a message that begins with a dash is a message. LIMIT is the time the tool may take, in
 * milliseconds.
 */
#ifndef HOOKS_JUJU_H
#define HOOKS_JUJU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/channel.h"
#include "base/error.h"
#include "fsm/record.h"

/* The option `channel`, as it is and as it is meant. */
struct juju_option {
	bool valid;
	char shown[FSM_DETAIL_MAX +
		   1];              /* the value, printable, in quotes; else why there is none */
	char channel[CHANNEL_SIZE]; /* in full; "" when not valid */
};

/*
 * Reads the option by one `config-get --format=json`. An option that is no valid channel is an
 * answer (RET->valid is false); only a configuration that cannot be read is a failure.
 */
int juju_option(int64_t limit, struct juju_option *ret, struct error *err);

/* The same from the tool's output, SIZE bytes and a NUL behind them. */
int juju_option_read(const char *output, size_t size, struct juju_option *ret, struct error *err);

/* status-set: acts at once, whatever becomes of the hook. */
int juju_status(enum fsm_status status, const char *message, int64_t limit, struct error *err);

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
 * open-port 8080/tcp. It counts only when the hook ends well. TAKEN is true, and that is no
 * failure, when another unit on this machine has it.
 */
int juju_open_port(int64_t limit, bool *taken, struct error *err);

/* Whether 8080/tcp is open for this unit, as earlier hooks left it. */
int juju_port_is_open(int64_t limit, bool *ret, struct error *err);

/* action-fail: the action's result, with our reason. */
int juju_action_fail(const char *reason, int64_t limit, struct error *err);

#endif
