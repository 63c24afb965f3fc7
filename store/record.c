/* SPDX-License-Identifier: Apache-2.0 */
#include "store/record.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "fsm/names.h"
#include "store/store.h"

/* clang-format off */
#define HOW(kind, PREFIX, LIST) HOW_##kind,
enum how { FSM_KINDS(HOW) HOW_text, HOW_number, HOW_time, HOW_flag };

static const struct column {
	const char *name;
	enum how how;
	size_t offset; /* of the member, in struct fsm_record */
	size_t size;
} columns[] = {
#define COLUMN(column, how, member) \
	{ #column, HOW_##how, offsetof(struct fsm_record, member), \
		sizeof ((struct fsm_record *)0)->member },
	STORE_RECORD(COLUMN, COLUMN)
};
/* clang-format on */

enum {
	COLUMNS = sizeof columns / sizeof columns[0],
};

static const int64_t last_time = 253402300799; /* 9999-12-31T23:59:59Z */

void store_time_text(char ret[static STORE_TIME_SIZE], int64_t time)
{
	time_t when = (time_t)(time < last_time ? time : last_time);
	struct tm utc;

	ret[0] = '\0';
	if (when <= 0 || !gmtime_r(&when, &utc))
		return;
	if (!strftime(ret, STORE_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc))
		ret[0] = '\0';
}

int store_time_read(const char *text, int64_t *ret)
{
	struct tm utc = { 0 };
	char again[STORE_TIME_SIZE];
	int64_t time = 0;

	if (*text) {
		const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc);

		if (!end || *end)
			return -1;
		time = timegm(&utc);
	}
	store_time_text(again, time);
	if (strcmp(again, text) != 0)
		return -1;
	*ret = time;
	return 0;
}

static int bind_text(sqlite3_stmt *statement, int index, const char *text)
{
	return sqlite3_bind_text(statement, index, text, -1, SQLITE_STATIC);
}

static int bind(sqlite3_stmt *statement, int index, enum how how, const void *member)
{
	char time[STORE_TIME_SIZE];

	switch (how) {
/* clang-format off */
#define BIND(kind, PREFIX, LIST) \
	case HOW_##kind: \
		return bind_text(statement, index, \
			fsm_##kind##_name(*(const enum fsm_##kind *)member));
	FSM_KINDS(BIND)
		/* clang-format on */
	case HOW_text:
		return bind_text(statement, index, member);
	case HOW_number:
		return sqlite3_bind_int64(statement, index, *(const int64_t *)member);
	case HOW_time:
		store_time_text(time, *(const int64_t *)member);
		return sqlite3_bind_text(statement, index, time, -1, SQLITE_TRANSIENT);
	case HOW_flag:
		return bind_text(statement, index, *(const bool *)member ? "yes" : "no");
	}
	return SQLITE_MISUSE;
}

int store_record_bind(sqlite3_stmt *statement, const struct fsm_record *record)
{
	for (int i = 0; i < COLUMNS; i++) {
		int rc = bind(
			statement, i + 1, columns[i].how, (const char *)record + columns[i].offset);

		if (rc != SQLITE_OK)
			return rc;
	}
	return SQLITE_OK;
}

static int read_flag(const char *text, bool *ret)
{
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
		return -1;
	*ret = strcmp(text, "yes") == 0;
	return 0;
}

/* -1: bind() would not write such a value. */
static int read_value(sqlite3_stmt *statement, int index, const struct column *column, void *member)
{
	const char *text = (const char *)sqlite3_column_text(statement, index);
	size_t length = (size_t)sqlite3_column_bytes(statement, index);

	if (!text || strlen(text) != length)
		return -1;
	switch (column->how) {
/* clang-format off */
#define READ(kind, PREFIX, LIST) \
	case HOW_##kind: \
		return fsm_##kind##_named(text, (enum fsm_##kind *)member);
	FSM_KINDS(READ)
		/* clang-format on */
	case HOW_text:
		if (length >= column->size)
			return -1;
		memcpy(member, text, length + 1);
		return 0;
	case HOW_number:
		*(int64_t *)member = sqlite3_column_int64(statement, index);
		return 0;
	case HOW_time:
		return store_time_read(text, member);
	case HOW_flag:
		return read_flag(text, member);
	}
	return -1;
}

int store_record_read(sqlite3_stmt *statement, struct fsm_record *ret, struct error *err)
{
	struct fsm_record record = { 0 };

	for (int i = 0; i < COLUMNS; i++) {
		if (read_value(statement, i, &columns[i], (char *)&record + columns[i].offset) < 0)
			return error_set(err, ERROR_CORRUPT, "record.%s: not a value of this charm",
				columns[i].name);
	}
	*ret = record;
	return 0;
}

bool store_record_same(const struct fsm_record *a, const struct fsm_record *b)
{
	for (int i = 0; i < COLUMNS; i++) {
		const char *left = (const char *)a + columns[i].offset;
		const char *right = (const char *)b + columns[i].offset;

		if (columns[i].how == HOW_text ? strcmp(left, right) != 0
					       : memcmp(left, right, columns[i].size) != 0)
			return false;
	}
	return true;
}
