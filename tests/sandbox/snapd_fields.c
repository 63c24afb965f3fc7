/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sim_fields_save(const struct sim_field *fields, const void *row, cJSON *ret)
{
	for (const struct sim_field *field = fields; field->key; field++) {
		const char *at = (const char *)row + field->offset;

		if (field->type == SIM_TEXT)
			cJSON_AddStringToObject(ret, field->key, at);
		else if (field->type == SIM_BOOL)
			cJSON_AddBoolToObject(ret, field->key, *(const bool *)at);
		else {
			char digits[32];

			/* Quoted, since nanoseconds since the epoch do not fit a double. */
			(void)snprintf(digits, sizeof digits, "%lld", *(const long long *)at);
			cJSON_AddStringToObject(ret, field->key, digits);
		}
	}
}

static int take_text(const struct sim_field *field, char *at, const cJSON *value, struct error *err)
{
	char number[32];
	const char *text = cJSON_GetStringValue(value);

	if (cJSON_IsNull(value))
		text = "";
	if (cJSON_IsNumber(value)) {
		(void)snprintf(number, sizeof number, "%.0f", value->valuedouble);
		text = number;
	}
	if (!text)
		return error_set(err, ERROR_FORMAT, "%s must be a text", field->key);
	if (strlen(text) >= field->size)
		return error_set(err, ERROR_LIMIT, "%s is too long", field->key);
	memmove(at, text, strlen(text) + 1);
	return 0;
}

static int take(const struct sim_field *field, void *row, const cJSON *value, struct error *err)
{
	char *at = (char *)row + field->offset;

	if (field->type == SIM_TEXT)
		return take_text(field, at, value, err);
	if (field->type == SIM_BOOL) {
		if (!cJSON_IsBool(value))
			return error_set(err, ERROR_FORMAT, "%s must be true or false", field->key);
		*(bool *)at = cJSON_IsTrue(value);
		return 0;
	}
	if (cJSON_IsString(value)) {
		*(long long *)at = strtoll(value->valuestring, NULL, 10);
		return 0;
	}
	if (!cJSON_IsNumber(value))
		return error_set(err, ERROR_FORMAT, "%s must be a number", field->key);
	*(long long *)at = (long long)value->valuedouble;
	return 0;
}

int sim_fields_merge(
	const struct sim_field *fields, void *row, const cJSON *json, struct error *err)
{
	const cJSON *value;

	cJSON_ArrayForEach(value, json)
	{
		const struct sim_field *field = fields;

		while (field->key && strcmp(field->key, value->string) != 0)
			field++;
		if (!field->key)
			return error_set(err, ERROR_FORMAT, "unknown key %s", value->string);
		if (take(field, row, value, err) < 0)
			return -1;
	}
	return 0;
}
