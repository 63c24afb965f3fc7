/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hook tools of an action. LIMIT is the time that the tool may take, in milliseconds. Juju keeps
 * results and reason only if the action then ends with exit status 0.
 */
#ifndef JUJU_ACTION_H
#define JUJU_ACTION_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A parameter: a whole number. */
struct juju_parameter {
	const char *name;
	int64_t least, most;
	int64_t usual; /* when it is not given */
};

/*
 * action-get: RET is the value of PARAMETER, which is all that the action takes; 0 if it takes none
 * (NULL). Juju has held what was given to actions.yaml; this does it once more, and fails with
 * ERROR_FORMAT for anything else.
 */
int juju_action_get(
	const struct juju_parameter *parameter, int64_t limit, int64_t *ret, struct error *err);

/* The same from the tool's output, SIZE bytes and a NUL behind them. */
int juju_action_read(const struct juju_parameter *parameter, const char *output, size_t size,
	int64_t *ret, struct error *err);

/*
 * action-set: adds results, COUNT texts KEY=VALUE. A KEY has lower-case letters, digits and hyphens,
 * begins and ends with no hyphen, and is not stdout or stderr.
 */
int juju_action_set(char *const *pairs, size_t count, int64_t limit, struct error *err);

/* action-fail: the action has failed, for REASON; its results stay. */
int juju_action_fail(const char *reason, int64_t limit, struct error *err);

#endif
