/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a status is one that the unit's database gives.
 */
#ifndef TESTS_CRASH_TOLD_H
#define TESTS_CRASH_TOLD_H

#include <stdbool.h>

#include "fsm/record.h"

/*
 * What the database in DIRECTORY holds, looked at in a copy of its files below SCRATCH so that it
 * stays as a killed hook left it; NULL for SCRATCH: where it is. A unit without a database yet has
 * the zeroed record. -1 when there is one and it cannot be read.
 */
int told_load(const char *directory, const char *scratch, struct fsm_record *ret);

/* The words that a status-set got are those of RECORD, progress aside. */
bool told_by(const struct fsm_record *record, const char *status, const char *message);

/* The journal has its rows in sequence, all names are known, SQLite finds no fault. */
bool told_sound(const char *directory);

#endif
