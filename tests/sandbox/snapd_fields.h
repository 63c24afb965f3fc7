/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of struct members by name. One table is used to save a row, to load it, and for the
 * control commands that set some of its members.
 */
#ifndef TESTS_SANDBOX_SNAPD_FIELDS_H
#define TESTS_SANDBOX_SNAPD_FIELDS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum sim_type {
	SIM_TEXT,   /* char[size]; JSON numbers are taken as text too, null as "" */
	SIM_BOOL,   /* bool */
	SIM_NUMBER, /* long long */
};

struct sim_field {
	const char *key; /* NULL ends a table */
	enum sim_type type;
	size_t offset, size;
};

/* clang-format off */
#define SIM_FIELD(key, type, row, member) \
	{ key, type, offsetof(struct row, member), sizeof(((struct row *)NULL)->member) }
/* clang-format on */

/* Adds every member of ROW to the object RET. */
void sim_fields_save(const struct sim_field *fields, const void *row, cJSON *ret);

/*
 * Sets the members of ROW that the object JSON names; the others stay. -1 for a name that the table
 * does not have, a value of the wrong type, or a text that does not fit; ROW may then be partly
 * changed.
 */
int sim_fields_merge(
	const struct sim_field *fields, void *row, const cJSON *json, struct error *err);

#endif
