/* SPDX-License-Identifier: Apache-2.0 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "fsm/names.h"
#include "inspect/inspect.h"

static void cleanup_json(cJSON **json)
{
	cJSON_Delete(*json);
}

/* JSON is UTF-8: other bytes are shown as escapes, as everywhere. */
static void put_text(cJSON *object, const char *key, const char *text)
{
	CLEANUP(buf_done) struct buf escaped;

	buf_init(&escaped, 1024 * 1024);
	(void)text_escape(&escaped, text, strlen(text));
	(void)cJSON_AddStringToObject(object, key, buf_text(&escaped));
}

static void put_number(cJSON *object, const char *key, int64_t number)
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

static void put_intent(cJSON *object, const struct fsm_intent *intent)
{
	cJSON *doing = cJSON_AddObjectToObject(object, "doing");

	put_text(doing, "operation", fsm_op_name(intent->op));
	put_text(doing, "channel", intent->channel);
	put_text(doing, "phase", fsm_phase_name(intent->phase));
	put_number(doing, "baseline", intent->baseline);
	put_number(doing, "change", intent->change);
	put_time(doing, "asked", intent->asked);
}

static void put_failure(cJSON *object, const struct fsm_record *record)
{
	const struct fsm_memory *failure = inspect_failure(record);
	cJSON *part;

	if (!failure) {
		(void)cJSON_AddNullToObject(object, "failure");
		return;
	}
	part = cJSON_AddObjectToObject(object, "failure");
	put_text(part, "class", fsm_class_name(failure->class));
	put_text(part, "operation", fsm_op_name(failure->op));
	put_text(part, "channel", failure->channel);
	put_text(part, "reason", fsm_reason_name(failure->reason));
	put_text(part, "detail", failure->detail);
	put_number(part, "attempts", failure->attempts);
	put_time(part, "tried", failure->tried);
	put_time(part, "next-try", inspect_next_try(record));
}

static int put_row(const struct store_entry *entry, void *context)
{
	cJSON *row = cJSON_CreateObject();

	put_number(row, "sequence", entry->sequence);
	put_time(row, "time", entry->time);
	put_text(row, "hook", entry->hook);
	put_text(row, "event", entry->event);
	put_text(row, "before", entry->before);
	put_text(row, "after", entry->after);
	put_text(row, "effect", entry->effect);
	put_text(row, "channel", entry->channel);
	put_number(row, "change", entry->change);
	put_text(row, "detail", entry->detail);
	(void)cJSON_AddItemToArray(context, row);
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
	CLEANUP(cleanup_json) cJSON *rows = cJSON_CreateArray();

	if (inspect_journal(view, put_row, rows, err) < 0)
		return -1;
	return print(rows, out);
}

int inspect_show_json(const struct inspect_view *view, FILE *out, struct error *err)
{
	CLEANUP(cleanup_json) cJSON *json = cJSON_CreateObject();
	const struct fsm_record *record = &view->record;
	cJSON *part;

	put_text(json, "state", fsm_state_name(record->state));
	put_text(json, "channel", record->channel);
	put_text(json, "reason", fsm_reason_name(record->reason));
	put_text(json, "detail", record->detail);
	put_time(json, "since", record->since);
	put_text(json, "build", record->build);
	part = cJSON_AddObjectToObject(json, "snap");
	put_text(part, "revision", record->revision);
	put_text(part, "version", record->version);
	put_text(part, "tracking", record->tracking);
	(void)cJSON_AddBoolToObject(part, "ours", record->ours);
	(void)cJSON_AddBoolToObject(json, "retired", record->retired);
	put_text(json, "port", fsm_port_name(record->port));
	put_intent(json, &record->intent);
	put_failure(json, record);
	part = cJSON_AddObjectToObject(json, "told");
	put_text(part, "status", fsm_status_name(record->told_status));
	put_text(part, "message", record->told_message);
	put_text(part, "version", record->told_version);
	part = cJSON_AddObjectToObject(json, "database");
	put_number(part, "schema", view->schema);
	put_number(part, "problems", (int64_t)view->problems);
	part = cJSON_AddArrayToObject(json, "journal");
	if (inspect_journal(view, put_row, part, err) < 0)
		return -1;
	return print(json, out);
}
