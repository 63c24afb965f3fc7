/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data of peer relations: a bag for each unit that has entered, and one for the application. What
 * a hook writes stays in its context until the hook ends well. Each commit that changes a bag gives it
 * a new version; from that follows who is told (juju_relations.c).
 */
#ifndef SANDBOX_JUJU_BAGS_H
#define SANDBOX_JUJU_BAGS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "tests/sandbox/juju_model.h"

/* UNIT gets a bag in RELATION, with what Juju writes there by itself. */
void juju_bags_enter(const struct juju_model *model, cJSON *unit, const char *relation);

/* The bag of the unit or application NAME in a RELATION of APP: borrowed, NULL for none. */
const cJSON *juju_bags_data(const cJSON *app, const char *relation, const char *name);
/* How often it was changed; 0: it never held anything. */
long long juju_bags_version(const cJSON *app, const char *relation, const char *name);

/*
 * What UNIT sees in its own bag, or as leader in that of its application: with what the hook has
 * written so far. Made in the context; borrowed.
 */
cJSON *juju_bags_pending(
	const struct juju_model *model, cJSON *unit, const char *relation, const char *name);

/* Takes what the hook of UNIT has written into the bags. False, and nothing is taken, if the unit wrote
 * for its application and is not its leader any more. */
bool juju_bags_commit(const struct juju_model *model, cJSON *unit);

#endif
