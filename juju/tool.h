/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Child processes: hook tools, found on the PATH that Juju gives, without a shell.
 */
#ifndef JUJU_TOOL_H
#define JUJU_TOOL_H

#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

enum {
	TOOL_OUTPUT_MAX = 1024 * 1024, /* bytes, standard output and standard error each */
	TOOL_TIME_MAX = 30 * 1000,     /* milliseconds; Juju's tools take some 10 */
};

/*
 * Runs ARGV (NULL at its end) with standard input from /dev/null and our environment, for at most
 * LIMIT milliseconds. OUT gets its standard output (NULL: not wanted), SAID the standard error; both
 * are initialised by the caller. Fails with ERROR_TOOL (code: the exit status, 127 when there is no
 * such tool, 128 + N when signal N ended it; the text carries the first line it said), ERROR_LIMIT
 * (too much output, too slow; the child is killed) or ERROR_SYSTEM.
 */
int tool_run(const char *const *argv, int64_t limit, struct buf *out, struct buf *said,
	struct error *err);

#endif
