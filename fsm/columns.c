/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/columns.h"

#include <string.h>

/* clang-format off */
#define COLUMN(column, how, member, part, key) \
	{ #column, part, key, FSM_HOW_##how, offsetof(struct fsm_record, member), \
		sizeof ((struct fsm_record *)0)->member },
const struct fsm_column fsm_columns[FSM_COLUMN_COUNT] = { FSM_COLUMNS(COLUMN, COLUMN) };
/* clang-format on */

const void *fsm_value(const struct fsm_record *record, const struct fsm_column *column)
{
	return (const char *)record + column->offset;
}

const char *fsm_value_name(const struct fsm_record *record, const struct fsm_column *column)
{
	const void *member = fsm_value(record, column);

	switch (column->how) {
/* clang-format off */
#define NAME(kind, PREFIX, LIST) \
	case FSM_HOW_##kind: \
		return fsm_##kind##_name(*(const enum fsm_##kind *)member);
	FSM_KINDS(NAME)
		/* clang-format on */
	case FSM_HOW_flag:
		return *(const bool *)member ? "yes" : "no";
	case FSM_HOW_text:
	case FSM_HOW_number:
	case FSM_HOW_time:
		return NULL;
	}
	return NULL;
}

static int flag_named(const char *name, bool *ret)
{
	if (strcmp(name, "yes") != 0 && strcmp(name, "no") != 0)
		return -1;
	*ret = strcmp(name, "yes") == 0;
	return 0;
}

int fsm_value_named(struct fsm_record *record, const struct fsm_column *column, const char *name)
{
	void *member = (char *)record + column->offset;

	switch (column->how) {
/* clang-format off */
#define NAMED(kind, PREFIX, LIST) \
	case FSM_HOW_##kind: \
		return fsm_##kind##_named(name, member);
	FSM_KINDS(NAMED)
		/* clang-format on */
	case FSM_HOW_flag:
		return flag_named(name, member);
	case FSM_HOW_text:
	case FSM_HOW_number:
	case FSM_HOW_time:
		return -1;
	}
	return -1;
}

static bool same_column(
	const struct fsm_record *a, const struct fsm_record *b, const struct fsm_column *column)
{
	const void *left = fsm_value(a, column), *right = fsm_value(b, column);

	return column->how == FSM_HOW_text ? strcmp(left, right) == 0
					   : memcmp(left, right, column->size) == 0;
}

static bool is_aside(const struct fsm_column *column)
{
	return strcmp(column->part, "told") == 0 || strcmp(column->part, "flight") == 0 ||
	       strcmp(column->name, "probation_looks") == 0 ||
	       strcmp(column->name, "probation_quiet") == 0;
}

bool fsm_same(const struct fsm_record *a, const struct fsm_record *b)
{
	for (size_t i = 0; i < FSM_COLUMN_COUNT; i++)
		if (!is_aside(&fsm_columns[i]) && !same_column(a, b, &fsm_columns[i]))
			return false;
	return true;
}

bool fsm_same_all(const struct fsm_record *a, const struct fsm_record *b)
{
	for (size_t i = 0; i < FSM_COLUMN_COUNT; i++)
		if (!same_column(a, b, &fsm_columns[i]))
			return false;
	return true;
}
