/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hook tools of the peer relation: its bags, who leads, and which units there are. LIMIT is the time
 * that the tool may take, in milliseconds. What is written counts only when the hook ends well, but
 * under `juju exec` also when it does not.
 */
#ifndef JUJU_RELATION_H
#define JUJU_RELATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
	JUJU_UNITS_MAX = 2000,
	JUJU_RELATION_SIZE = 64, /* bytes of the id of a relation: fleet:1 */
};

/* What a bag holds, or the part of it that was asked for. */
struct juju_bag {
	struct juju_setting {
		char *key, *value;
	} * list;
	size_t count;
};

void juju_bag_done(struct juju_bag *bag);

/* relation-ids: the id of the relation ENDPOINT, "" when there is none (yet). */
int juju_relation_id(
	const char *endpoint, int64_t limit, char ret[JUJU_RELATION_SIZE], struct error *err);

/* relation-get of the bag of OWNER, a unit, or the application of one with APPLICATION. */
int juju_relation_get(const char *relation, const char *owner, bool application, int64_t limit,
	struct juju_bag *ret, struct error *err);

/* The one setting KEY of the application of UNIT; nothing in RET when there is none. */
int juju_relation_get_one(const char *relation, const char *key, const char *unit, int64_t limit,
	struct juju_bag *ret, struct error *err);

/*
 * relation-set into the unit's own bag, or, with APPLICATION, into that of its application, which only
 * the leader may. COUNT texts KEY=VALUE; an empty value deletes the key.
 */
int juju_relation_set(const char *relation, bool application, char *const *pairs, size_t count,
	int64_t limit, struct error *err);

/* relation-list: the other units in the relation. On Juju 4.0 also some that are gone. */
struct juju_units {
	struct juju_unit {
		char *name;
		bool dying; /* goal-state alone tells that */
	} * list;
	size_t count;
};

void juju_units_done(struct juju_units *units);

int juju_relation_list(
	const char *relation, int64_t limit, struct juju_units *ret, struct error *err);

/* goal-state: all units of the application, this one and those that do not run yet included. */
int juju_goal_units(int64_t limit, struct juju_units *ret, struct error *err);

/* is-leader: true holds for 30 s. */
int juju_is_leader(int64_t limit, bool *ret, struct error *err);

/* The same from the output of the tools, SIZE bytes and a NUL behind them. */
int juju_bag_read(const char *output, size_t size, struct juju_bag *ret, struct error *err);
int juju_list_read(const char *output, size_t size, struct juju_units *ret, struct error *err);
int juju_goal_read(const char *output, size_t size, struct juju_units *ret, struct error *err);

#endif
