/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The migrations, and functions that take another list: a test appends a migration to the charm's
 * own.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stddef.h>

#include "store/store.h"

/* Schema N is what the first N entries of a list make. An entry may hold several statements. */
struct store_migration {
	const char *sql;
	const char
		*whole; /* makes the same from nothing, for a new database; NULL: there is none */
};
extern const struct store_migration store_migrations[];
extern const size_t store_migrations_count;

/* As store_open() and store_inspect(), but with another list. */
int store_open_with(const char *directory, const struct store_migration *migrations, size_t count,
	struct store **ret, char *aside, size_t aside_size, struct error *err);
int store_inspect_with(const char *directory, const struct store_migration *migrations,
	size_t count, struct store **ret, struct error *err);

#endif
