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

enum {
	JUJU_PARAMETERS_MAX = 2, /* that an action takes */
	JUJU_TEXT_MAX = 128,     /* bytes of a text */
};

/* A parameter: a whole number, or a text of JUJU_TEXT_MAX bytes. */
struct juju_parameter {
	const char *name; /* NULL ends a list of them */
	enum juju_kind {
		JUJU_NUMBER,
		JUJU_TEXT
	} kind;
	int64_t least, most; /* of a number */
	int64_t usual;       /* the number when it is not given; a text is then "" */
};

struct juju_value {
	int64_t number;
	char text[JUJU_TEXT_MAX + 1];
};

/*
 * action-get: RET are the values of the PARAMETERS that the action takes (NULL: none), in their
 * order. Juju has held what was given to actions.yaml; this does it once more, and fails with
 * ERROR_FORMAT for anything else.
 */
int juju_action_get(const struct juju_parameter *parameters, int64_t limit,
	struct juju_value ret[JUJU_PARAMETERS_MAX], struct error *err);

/* The same from the tool's output, SIZE bytes and a NUL behind them. */
int juju_action_read(const struct juju_parameter *parameters, const char *output, size_t size,
	struct juju_value ret[JUJU_PARAMETERS_MAX], struct error *err);

/*
 * action-set: adds results, COUNT texts KEY=VALUE. A KEY has lower-case letters, digits and hyphens,
 * begins and ends with no hyphen, and is not stdout or stderr.
 */
int juju_action_set(char *const *pairs, size_t count, int64_t limit, struct error *err);

/* action-fail: the action has failed, for REASON; its results stay. */
int juju_action_fail(const char *reason, int64_t limit, struct error *err);

#endif
