/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"

cJSON *juju_settings_effective(const cJSON *app, bool all)
{
	const cJSON *stored = json_get(app, "settings");
	cJSON *result = cJSON_CreateObject();
	const cJSON *option;

	cJSON_ArrayForEach(option, json_get(json_get(app, "charm"), "options"))
	{
		const cJSON *value = json_get(stored, option->string);

		if (!value)
			value = json_get(option, "default");
		if (value && !cJSON_IsNull(value))
			json_put(result, option->string, cJSON_Duplicate(value, true));
		else if (all)
			json_put(result, option->string, NULL);
	}
	return result;
}

static cJSON *convert(const char *type, const char *text)
{
	char *end = NULL;

	if (strcmp(type, "boolean") == 0) {
		if (strcmp(text, "true") == 0 || strcmp(text, "True") == 0 ||
			strcmp(text, "1") == 0)
			return cJSON_CreateTrue();
		if (strcmp(text, "false") == 0 || strcmp(text, "False") == 0 ||
			strcmp(text, "0") == 0)
			return cJSON_CreateFalse();
		return NULL;
	}
	if (strcmp(type, "int") == 0 || strcmp(type, "float") == 0) {
		double number;

		errno = 0;
		number = *type == 'i' ? (double)strtoll(text, &end, 10) : strtod(text, &end);
		return errno || end == text || *end ? NULL : cJSON_CreateNumber(number);
	}
	if (strcmp(type, "secret") == 0 && strncmp(text, "secret:", 7) != 0)
		return NULL;
	return cJSON_CreateString(text);
}

static const cJSON *find_option(const cJSON *app, const char *key, struct error *err)
{
	const cJSON *option = json_get(json_get(json_get(app, "charm"), "options"), key);

	if (!option)
		(void)error_set(err, ERROR_FORMAT, "unknown option \"%s\"", key);
	return option;
}

int juju_settings_set(cJSON *app, const char *assignment, struct error *err)
{
	const char *equals = strchr(assignment, '=');
	CLEANUP(cleanup_free) char *key = NULL;
	CLEANUP(buf_done) struct buf file = { .limit = 5 << 20 };
	const cJSON *option;
	const char *text;
	const char *type;
	cJSON *value;

	if (!equals)
		return error_set(
			err, ERROR_FORMAT, "expected \"key=value\", got \"%s\"", assignment);
	key = alloc_textf("%.*s", (int)(equals - assignment), assignment);
	option = find_option(app, key, err);
	if (!option)
		return -1;
	text = equals + 1;
	if (*text == '@') {
		if (juju_read_file(&file, text + 1, err))
			return -1;
		text = buf_text(&file);
	}
	type = json_text(option, "type", "string");
	value = convert(type, text);
	if (!value)
		return error_set(err, ERROR_FORMAT, "option \"%s\" expected %s, got \"%s\"", key,
			type, text);
	json_put(json_object(app, "settings"), key, value);
	return 0;
}

int juju_settings_reset(cJSON *app, const char *key, struct error *err)
{
	if (!find_option(app, key, err))
		return -1;
	json_drop(json_object(app, "settings"), key);
	return 0;
}

char *juju_settings_hash(const cJSON *app)
{
	CLEANUP(buf_done) struct buf text = { .limit = 16 << 20 };
	const cJSON *charm = json_get(app, "charm");

	(void)buf_addf(
		&text, "%s-%lld ", json_text(charm, "name", ""), json_number(charm, "revision", 0));
	json_print_go(&text, json_get(app, "settings"));
	return alloc_text(buf_text(&text));
}
