/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A database as an older charm left it.
 */
#ifndef TESTS_CRASH_OLD_H
#define TESTS_CRASH_OLD_H

/*
 * The database in DIRECTORY becomes one that all migrations but the last have made, with what those
 * put in: the schema before this one, of a unit that knows nothing yet. Before the first there was
 * no database.
 */
void old_schema(const char *directory);

/* It was last written by the charm build NAME. */
void old_build(const char *directory, const char *name);

#endif
