/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a database as an older charm left it.
 */
#ifndef TESTS_CRASH_OLD_H
#define TESTS_CRASH_OLD_H

/*
 * Replaces the database in DIRECTORY by one that all migrations but the last have made: the
 * previous schema, of a unit that knows nothing yet. If there is only one migration, removes the
 * database.
 */
void old_schema(const char *directory);

/* Makes NAME the charm build that wrote it last. */
void old_build(const char *directory, const char *name);

#endif
