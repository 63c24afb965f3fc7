/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_log.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_model.h"
#include "tests/sandbox/juju_time.h"

static const char *const levels[] = { "TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL" };

int juju_log_level(const char *name)
{
	for (int level = 0; level < (int)(sizeof levels / sizeof *levels); level++)
		if (strcasecmp(levels[level], name) == 0)
			return level;
	return -1;
}

const char *juju_log_level_name(int level)
{
	return levels[level];
}

void juju_log_add(
	const char *dir, const char *unit, const char *level, const char *logger, const char *text)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/log.jsonl", dir);
	CLEANUP(json_done) cJSON *record = cJSON_CreateObject();
	CLEANUP(cleanup_free) char *line = NULL;
	CLEANUP(cleanup_free) char *whole = NULL;

	json_put_number(record, "at", (double)juju_time_now());
	json_put_text(record, "unit", unit);
	json_put_text(record, "level", level);
	json_put_text(record, "logger", logger);
	json_put_text(record, "text", text);
	line = cJSON_PrintUnformatted(record);
	whole = alloc_textf("%s\n", line);
	(void)juju_append_file(path, whole, strlen(whole), NULL);
}

cJSON *juju_log_read(const char *dir, const char *unit)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/log.jsonl", dir);
	cJSON *records = cJSON_CreateArray();
	CLEANUP(buf_done) struct buf text = { .limit = 1 << 30 };
	const char *next = NULL;

	if (juju_read_file(&text, path, NULL))
		return records;
	for (const char *at = buf_text(&text); *at; at = next) {
		cJSON *record = cJSON_ParseWithOpts(at, &next, false);

		if (!record)
			break;
		if (!unit || strcmp(json_text(record, "unit", ""), unit) == 0)
			cJSON_AddItemToArray(records, record);
		else
			cJSON_Delete(record);
		next += strspn(next, "\n");
	}
	return records;
}

static bool included(const cJSON *include, const char *unit, const char *tag)
{
	const cJSON *item;

	if (!include || !include->child)
		return true;
	cJSON_ArrayForEach(item, include)
	{
		const char *name = cJSON_GetStringValue(item);
		size_t len = strcspn(name, "*");

		if (strncmp(name, unit, len) == 0 && (name[len] || !unit[len] || unit[len] == '/'))
			return true;
		if (strncmp(name, tag, len) == 0 && (name[len] || !tag[len]))
			return true;
	}
	return false;
}

void juju_log_print(const cJSON *records, int level, const cJSON *include)
{
	const cJSON *record;

	cJSON_ArrayForEach(record, records)
	{
		const char *unit = json_text(record, "unit", "");
		CLEANUP(cleanup_free) char *tag = juju_tag(unit);
		char clock[40];

		if (juju_log_level(json_text(record, "level", "")) < level ||
			!included(include, unit, tag))
			continue;
		juju_time_text(clock, json_number(record, "at", 0), JUJU_TIME_CLOCK);
		printf("%s: %s %s %s %s\n", tag, clock, json_text(record, "level", ""),
			json_text(record, "logger", ""), json_text(record, "text", ""));
	}
}
