/* SPDX-License-Identifier: Apache-2.0 */
#include "store/record.h"

#include <string.h>

#include "base/clock.h"
#include "fsm/columns.h"

_Static_assert(FSM_COLUMN_COUNT <= 127, "the most arguments that an SQL function takes");

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
static int read_value(
	sqlite3_value *value, struct fsm_record *record, const struct fsm_column *column)
{
	void *member = (char *)record + column->offset;
	const char *text;
	size_t length;

	if (column->how == FSM_HOW_number) {
		*(int64_t *)member = sqlite3_value_int64(value);
		return sqlite3_value_type(value) == SQLITE_INTEGER ? 0 : -1;
	}
	text = (const char *)sqlite3_value_text(value);
	length = (size_t)sqlite3_value_bytes(value);
	if (!text || strlen(text) != length)
		return -1;
	if (column->how == FSM_HOW_time)
		return clock_read(text, member);
	if (column->how != FSM_HOW_text)
		return fsm_value_named(record, column, text);
	if (length >= column->size)
		return -1;
	memcpy(member, text, length + 1);
	return 0;
}

static void take(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct fsm_record *record = sqlite3_user_data(context);
	int taken = 0;

	while (taken < count && read_value(values[taken], record, &fsm_columns[taken]) == 0)
		taken++;
	sqlite3_result_int(context, taken);
}

int store_record_reader(sqlite3 *db, struct fsm_record *ret)
{
	return sqlite3_create_function_v2(db, STORE_RECORD_TAKE, FSM_COLUMN_COUNT,
		SQLITE_UTF8 | SQLITE_DIRECTONLY, ret, take, NULL, NULL, NULL);
}

int store_record_read(sqlite3_stmt *statement, struct error *err)
{
	int taken = sqlite3_column_int(statement, 0);

	if (taken == FSM_COLUMN_COUNT)
		return 0;
	return error_set(err, ERROR_CORRUPT, "record.%s: not a value of this charm",
		fsm_columns[taken].name);
}
