/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record as columns of the database: the list of fsm/columns.h, which the statements that read
 * and write the record are made of as well.
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include <sqlite3.h>

#include "base/error.h"
#include "fsm/record.h"

/* Binds RECORD to the parameters 1 and following; it has to outlive the step. An SQLite code. */
int store_record_bind(sqlite3_stmt *statement, const struct fsm_record *record);

/* Reads the record from column 0 and following. ERROR_CORRUPT: a value that we never write. */
int store_record_read(sqlite3_stmt *statement, struct fsm_record *ret, struct error *err);

#endif
