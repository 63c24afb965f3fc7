/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The migrations, as a list that can be given: a test appends a real one to the charm's own.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stddef.h>

#include "store/store.h"

/* Schema N is what the first N of a list made. One may hold several statements. */
struct store_migration {
	const char *sql;
};
extern const struct store_migration store_migrations[];
extern const size_t store_migrations_count;

/* As store_open() and store_inspect(), with another list. */
int store_open_with(const char *directory, const struct store_migration *migrations, size_t count,
	struct store **ret, char *aside, size_t aside_size, struct error *err);
int store_inspect_with(const char *directory, const struct store_migration *migrations,
	size_t count, struct store **ret, struct error *err);

#endif
