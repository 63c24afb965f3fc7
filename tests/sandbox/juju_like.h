/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The versions of Juju that the stand-in plays, and all in which they differ. A model keeps the one
 * that it was made for: --like, or $SANDBOX_JUJU_LIKE, or the first.
 */
#ifndef SANDBOX_JUJU_LIKE_H
#define SANDBOX_JUJU_LIKE_H

#include <stdbool.h>

#include "base/error.h"

struct juju_like {
	const char *name;
	const char *version;
	/* JUJU_SLA and JUJU_METER_* in the environment, a column SLA in the status. */
	bool meters;
	/* A unit that is not the leader gets leader-settings-changed. */
	bool leader_settings;
	/* The bags of units hold private-address. */
	bool private_address;
	/* A unit that stays hears `departed` of one that goes. */
	bool hears_departed;
	/* A dying unit runs no more hooks when it has no relation. */
	bool needs_relation;
	/* What `juju config` sets is told twice, what it resets not at all. */
	bool config_twice;
	/* A refresh may bring relations and resources that the old charm did not have. */
	bool refresh_adds;
	/* An action that no actions.yaml declares gets as far as the charm. */
	bool any_action;
	/* Parameters that actions.yaml does not name are refused, unless it says otherwise. */
	bool closed_params;
	/* The id of a context ends in 32 hexadecimal digits, and that of `juju exec` names it. */
	bool context_hex;
	/* Until a hook that was killed runs again, in milliseconds. */
	int killed_pause;
	/* What the client says before an unknown option, before and after a unit that is in no error. */
	const char *wrong_option, *resolving, *error_state;
	/* In the environment, before the address of the agent's socket and after the tools in PATH. */
	const char *socket, *path;
};

/* The row of that name, NULL for none. */
const struct juju_like *juju_like_find(const char *name);
/* What a new model is like; -1 when $SANDBOX_JUJU_LIKE names none. */
int juju_like_chosen(const struct juju_like **ret, struct error *err);

#endif
