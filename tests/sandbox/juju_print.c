/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The printing functions of juju_json.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "tests/sandbox/juju_json.h"

static void print_number(struct buf *ret, double value)
{
	char text[64];

	if (value == trunc(value) && fabs(value) < 1e21) {
		(void)buf_addf(ret, "%.0f", value);
		return;
	}
	for (int digits = 1; digits <= 17; digits++) {
		(void)snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	(void)buf_adds(ret, text);
}

/* yaml.v2 prints every number of a JSON reply as a float: 1000000 becomes 1e+06. */
static void print_yaml_number(struct buf *ret, double value)
{
	char text[64];

	if (fabs(value) < 1e6 || fabs(value) >= 1e21) {
		print_number(ret, value);
		return;
	}
	for (int digits = 0; digits <= 17; digits++) {
		(void)snprintf(text, sizeof text, "%.*e", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	(void)buf_adds(ret, text);
}

static void print_go_text(struct buf *ret, const char *text)
{
	static const char special[] = "\b\f\n\r\t\"\\";
	static const char letters[] = "bfnrt\"\\";

	(void)buf_adds(ret, "\"");
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;
		const char *found = strchr(special, *text);

		if (found)
			(void)buf_addf(ret, "\\%c", letters[found - special]);
		else if (byte < 0x20 || strchr("<>&", *text))
			(void)buf_addf(ret, "\\u%04x", byte);
		else
			(void)buf_add(ret, text, 1);
	}
	(void)buf_adds(ret, "\"");
}

static void print_go(struct buf *ret, const cJSON *value)
{
	bool map = cJSON_IsObject(value);
	const char *comma = "";
	const cJSON *item;

	if (cJSON_IsString(value)) {
		print_go_text(ret, value->valuestring);
	} else if (cJSON_IsNumber(value)) {
		print_number(ret, value->valuedouble);
	} else if (cJSON_IsBool(value)) {
		(void)buf_adds(ret, cJSON_IsTrue(value) ? "true" : "false");
	} else if (map || cJSON_IsArray(value)) {
		(void)buf_adds(ret, map ? "{" : "[");
		cJSON_ArrayForEach(item, value)
		{
			(void)buf_adds(ret, comma);
			if (map) {
				print_go_text(ret, item->string);
				(void)buf_adds(ret, ":");
			}
			print_go(ret, item);
			comma = ",";
		}
		(void)buf_adds(ret, map ? "}" : "]");
	} else {
		(void)buf_adds(ret, "null");
	}
}

void json_print_go(struct buf *ret, const cJSON *value)
{
	CLEANUP(json_done) cJSON *sorted = json_sorted(value);

	print_go(ret, sorted);
}

/* Whether a YAML reader would read this plain word as something other than a string. */
static bool reads_otherwise(const char *text)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL", "true", "True",
		"TRUE", "false", "False", "FALSE", "y", "Y", "yes", "Yes", "YES", "n", "N", "no",
		"No", "NO", "on", "On", "ON", "off", "Off", "OFF", "<<", ".nan", ".inf", "-.inf" };
	char *end;

	for (size_t at = 0; at < sizeof words / sizeof *words; at++)
		if (strcmp(text, words[at]) == 0)
			return true;
	(void)strtod(text, &end);
	return *end == '\0' && strchr("+-.0123456789", *text) != NULL;
}

static bool needs_quotes(const char *text)
{
	size_t len = strlen(text);

	return strchr("-?:,[]{}#&*!|>'\"%@` ", *text) != NULL || strstr(text, ": ") != NULL ||
	       strstr(text, " #") != NULL || text[len - 1] == ':' || text[len - 1] == ' ';
}

static void print_yaml_text(struct buf *ret, const char *text, int depth)
{
	if (reads_otherwise(text)) {
		(void)buf_addf(ret, "\"%s\"", text);
	} else if (strchr(text, '\n')) {
		(void)buf_adds(ret, text[strlen(text) - 1] == '\n' ? "|" : "|-");
		while (*text) {
			size_t line = strcspn(text, "\n");

			(void)buf_addf(ret, "\n%*s%.*s", depth * 2 + 2, "", (int)line, text);
			text += line;
			text += *text == '\n';
		}
	} else if (needs_quotes(text)) {
		(void)buf_adds(ret, "'");
		for (; *text; text++)
			(void)buf_adds(ret, *text == '\'' ? "''" : (char[]){ *text, '\0' });
		(void)buf_adds(ret, "'");
	} else {
		(void)buf_adds(ret, text);
	}
}

static void print_yaml(struct buf *ret, const cJSON *value, int depth);

static void print_yaml_items(struct buf *ret, const cJSON *value, int depth)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, value)
	{
		bool deeper = (cJSON_IsObject(item) || cJSON_IsArray(item)) && item->child;

		(void)buf_addf(ret, "%*s", depth * 2, "");
		if (cJSON_IsArray(value)) {
			(void)buf_adds(ret, "- ");
		} else {
			print_yaml_text(ret, item->string, depth);
			(void)buf_adds(ret, deeper ? ":\n" : ": ");
		}
		if (deeper && cJSON_IsArray(value))
			(void)buf_adds(ret, "\n");
		print_yaml(ret, item, deeper && !cJSON_IsArray(item) ? depth + 1 : depth);
	}
}

static void print_yaml(struct buf *ret, const cJSON *value, int depth)
{
	if ((cJSON_IsObject(value) || cJSON_IsArray(value)) && value->child) {
		print_yaml_items(ret, value, depth);
		return;
	}
	if (cJSON_IsObject(value))
		(void)buf_adds(ret, "{}");
	else if (cJSON_IsArray(value))
		(void)buf_adds(ret, "[]");
	else if (cJSON_IsString(value))
		print_yaml_text(ret, value->valuestring, depth);
	else if (cJSON_IsNumber(value))
		print_yaml_number(ret, value->valuedouble);
	else if (cJSON_IsBool(value))
		(void)buf_adds(ret, cJSON_IsTrue(value) ? "true" : "false");
	else
		(void)buf_adds(ret, "null");
	(void)buf_adds(ret, "\n");
}

void json_print_yaml(struct buf *ret, const cJSON *value, int depth)
{
	CLEANUP(json_done) cJSON *sorted = json_sorted(value);

	print_yaml(ret, sorted, depth);
}

void json_print_smart(struct buf *ret, const cJSON *value)
{
	const char *text = cJSON_GetStringValue(value);
	const cJSON *item;

	if (!value || cJSON_IsNull(value) || (text && !*text))
		return;
	if (text) {
		(void)buf_addf(ret, "%s\n", text);
	} else if (cJSON_IsBool(value)) {
		(void)buf_adds(ret, cJSON_IsTrue(value) ? "True\n" : "False\n");
	} else if (cJSON_IsArray(value)) {
		cJSON_ArrayForEach(item, value) json_print_smart(ret, item);
	} else {
		json_print_yaml(ret, value, 0);
	}
}
