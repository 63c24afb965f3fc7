/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What actions.yaml says of an action, and the parameters that it is given.
 */
#ifndef SANDBOX_JUJU_ACTIONS_H
#define SANDBOX_JUJU_ACTIONS_H

#include <cjson/cJSON.h>

#include "base/error.h"
#include "tests/sandbox/juju_like.h"

/*
 * Why Juju does not run ACTION, as actions.yaml has it, with PARAMS, in Juju's words, to be freed;
 * NULL when it does.
 */
char *juju_actions_refuse(const struct juju_like *like, const cJSON *action, const cJSON *params);

/* Adds the defaults of what was not given. */
void juju_actions_defaults(const cJSON *action, cJSON *params);

/* The parameters of a command: ARGS, each KEY=VALUE, NULL at the end, win over FILE, or NULL. */
int juju_actions_params(cJSON **ret, const char *file, char *const *args, struct error *err);

#endif
