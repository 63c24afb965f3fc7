/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks whether a status agrees with the unit's database.
 */
#ifndef TESTS_CRASH_TOLD_H
#define TESTS_CRASH_TOLD_H

#include <stdbool.h>

#include "fsm/record.h"

/*
 * Reads the database in DIRECTORY from a copy of its files below SCRATCH, so that the original
 * stays as a killed hook left it; with NULL for SCRATCH, reads it in place. If there is no database
 * yet, gives a zeroed record. -1 if there is one and it cannot be read.
 */
int told_load(const char *directory, const char *scratch, struct fsm_record *ret);

/* Whether a status-set got the text that RECORD gives, progress aside. */
bool told_by(const struct fsm_record *record, const char *status, const char *message);

/* The journal has no gap, all names are known, and SQLite finds no damage. */
bool told_sound(const char *directory);

/* The journal says of each order that was taken how it ended. */
bool told_orders(const char *directory);

#endif
