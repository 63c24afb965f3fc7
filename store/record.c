/* SPDX-License-Identifier: Apache-2.0 */
#include "store/record.h"

#include <string.h>

#include "base/clock.h"
#include "fsm/columns.h"

static int bind(sqlite3_stmt *statement, int index, const struct fsm_record *record,
	const struct fsm_column *column)
{
	const char *name = fsm_value_name(record, column);
	const void *value = fsm_value(record, column);
	char time[CLOCK_TEXT_SIZE];

	if (name)
		return sqlite3_bind_text(statement, index, name, -1, SQLITE_STATIC);
	if (column->how == FSM_HOW_text)
		return sqlite3_bind_text(statement, index, value, -1, SQLITE_STATIC);
	if (column->how == FSM_HOW_number)
		return sqlite3_bind_int64(statement, index, *(const int64_t *)value);
	clock_text(*(const int64_t *)value, time);
	return sqlite3_bind_text(statement, index, time, -1, SQLITE_TRANSIENT);
}

int store_record_bind(sqlite3_stmt *statement, const struct fsm_record *record)
{
	for (int i = 0; i < FSM_COLUMN_COUNT; i++) {
		int rc = bind(statement, i + 1, record, &fsm_columns[i]);

		if (rc != SQLITE_OK)
			return rc;
	}
	return SQLITE_OK;
}

/* -1: the value is not one that bind() writes. */
static int read_value(sqlite3_stmt *statement, int index, struct fsm_record *record,
	const struct fsm_column *column)
{
	const char *text = (const char *)sqlite3_column_text(statement, index);
	size_t length = (size_t)sqlite3_column_bytes(statement, index);
	void *member = (char *)record + column->offset;

	if (!text || strlen(text) != length)
		return -1;
	if (column->how == FSM_HOW_number) {
		*(int64_t *)member = sqlite3_column_int64(statement, index);
		return 0;
	}
	if (column->how == FSM_HOW_time)
		return clock_read(text, member);
	if (column->how != FSM_HOW_text)
		return fsm_value_named(record, column, text);
	if (length >= column->size)
		return -1;
	memcpy(member, text, length + 1);
	return 0;
}

int store_record_read(sqlite3_stmt *statement, struct fsm_record *ret, struct error *err)
{
	struct fsm_record record = { 0 };

	for (int i = 0; i < FSM_COLUMN_COUNT; i++) {
		if (read_value(statement, i, &record, &fsm_columns[i]) < 0)
			return error_set(err, ERROR_CORRUPT, "record.%s: not a value of this charm",
				fsm_columns[i].name);
	}
	*ret = record;
	return 0;
}
