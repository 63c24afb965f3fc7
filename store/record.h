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

/*
 * The SQL function that takes all columns of the record as its arguments. In a hook with nothing to do
 * a SELECT of as many results would be the dearest part: SQLite makes a copy of each one's name.
 */
#define STORE_RECORD_TAKE "take_record"

/* Defines that function, which writes into RET. An SQLite code. */
int store_record_reader(sqlite3 *db, struct fsm_record *ret);

/* What STATEMENT says of the values it took. ERROR_CORRUPT: there was one that we never write. */
int store_record_read(sqlite3_stmt *statement, struct error *err);

#endif
