/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "fsm/columns.h"
#include "inspect/inspect.h"
#include "inspect/json.h"

void inspect_json_done(cJSON **json)
{
	cJSON_Delete(*json);
}

void inspect_json_text(cJSON *object, const char *key, const char *text)
{
	CLEANUP(buf_done) struct buf escaped;

	buf_init(&escaped, 1024 * 1024);
	(void)text_escape(&escaped, text, strlen(text));
	(void)cJSON_AddStringToObject(object, key, buf_text(&escaped));
}

void inspect_json_number(cJSON *object, const char *key, int64_t number)
{
	(void)cJSON_AddNumberToObject(object, key, (double)number);
}

static void put_time(cJSON *object, const char *key, int64_t seconds)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(seconds, text);
	if (seconds > 0)
		(void)cJSON_AddStringToObject(object, key, text);
	else
		(void)cJSON_AddNullToObject(object, key);
}

/* The object of a part of the record; RET itself for the parts that stand at the top. */
static cJSON *part_of(cJSON *ret, const char *part)
{
	cJSON *object = *part ? cJSON_GetObjectItemCaseSensitive(ret, part) : ret;

	return object ? object : cJSON_AddObjectToObject(ret, part);
}

static void put_value(
	cJSON *object, const struct fsm_record *record, const struct fsm_column *column)
{
	const void *value = fsm_value(record, column);

	if (column->how == FSM_HOW_text)
		inspect_json_text(object, column->key, value);
	else if (column->how == FSM_HOW_number)
		inspect_json_number(object, column->key, *(const int64_t *)value);
	else if (column->how == FSM_HOW_time)
		put_time(object, column->key, *(const int64_t *)value);
	else if (column->how == FSM_HOW_flag)
		(void)cJSON_AddBoolToObject(object, column->key, *(const bool *)value);
	else
		inspect_json_text(object, column->key, fsm_value_name(record, column));
}

/* The record, column by column; a failure only if it still keeps the unit from its goal. */
static void put_record(cJSON *ret, const struct fsm_record *record)
{
	struct fsm_record shown = *record;
	bool fails = inspect_failure(record) != NULL;

	shown.failure.next_try = inspect_next_try(record);
	for (size_t i = 0; i < FSM_COLUMN_COUNT; i++) {
		const struct fsm_column *column = &fsm_columns[i];

		if (!fails && strcmp(column->part, "failure") == 0) {
			if (!cJSON_HasObjectItem(ret, "failure"))
				(void)cJSON_AddNullToObject(ret, "failure");
		} else if (*column->key) {
			put_value(part_of(ret, column->part), &shown, column);
		}
	}
}

static cJSON *row_of(const struct store_entry *entry)
{
	cJSON *row = cJSON_CreateObject();

	inspect_json_number(row, "sequence", entry->sequence);
	put_time(row, "time", entry->time);
	inspect_json_text(row, "hook", entry->hook);
	inspect_json_text(row, "event", entry->event);
	inspect_json_text(row, "before", entry->before);
	inspect_json_text(row, "after", entry->after);
	inspect_json_text(row, "effect", entry->effect);
	inspect_json_text(row, "channel", entry->channel);
	inspect_json_number(row, "change", entry->change);
	inspect_json_text(row, "detail", entry->detail);
	return row;
}

static int put_row(const struct store_entry *entry, void *context)
{
	(void)cJSON_AddItemToArray(context, row_of(entry));
	return 0;
}

static int print(const cJSON *json, FILE *out)
{
	char *text = cJSON_Print(json);

	if (text)
		(void)fprintf(out, "%s\n", text);
	cJSON_free(text);
	return 0;
}

int inspect_history_json(const struct inspect_view *view, FILE *out, struct error *err)
{
	CLEANUP(inspect_json_done) cJSON *rows = cJSON_CreateArray();

	if (inspect_journal(view, put_row, rows, err) < 0)
		return -1;
	return print(rows, out);
}

/* All but the journal. */
static cJSON *view_of(const struct inspect_view *view)
{
	cJSON *json = cJSON_CreateObject();
	cJSON *part;

	put_record(json, &view->record);
	part = cJSON_AddObjectToObject(json, "database");
	inspect_json_number(part, "schema", view->schema);
	inspect_json_number(part, "problems", (int64_t)view->problems);
	return json;
}

int inspect_show_json(const struct inspect_view *view, FILE *out, struct error *err)
{
	CLEANUP(inspect_json_done) cJSON *json = view_of(view);

	if (inspect_journal(view, put_row, cJSON_AddArrayToObject(json, "journal"), err) < 0)
		return -1;
	return print(json, out);
}

char *inspect_json_compact(const cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);

	if (!text)
		abort();
	return text;
}

char *inspect_row_json(const struct store_entry *entry)
{
	CLEANUP(inspect_json_done) cJSON *row = row_of(entry);

	return inspect_json_compact(row);
}

char *inspect_view_json(const struct inspect_view *view, const char *journal)
{
	CLEANUP(inspect_json_done) cJSON *json = view_of(view);

	(void)cJSON_AddRawToObject(json, "journal", journal);
	return inspect_json_compact(json);
}
