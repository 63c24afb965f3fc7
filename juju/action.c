/* SPDX-License-Identifier: Apache-2.0 */
#include "juju/action.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "juju/tool.h"

static void cleanup_json(cJSON **json)
{
	cJSON_Delete(*json);
}

static int read_number(
	const struct juju_parameter *parameter, const cJSON *item, int64_t *ret, struct error *err)
{
	double value = cJSON_GetNumberValue(item); /* NaN for what is no number */

	if (!(value >= (double)parameter->least && value <= (double)parameter->most) ||
		value != (double)(int64_t)value)
		return error_set(err, ERROR_FORMAT,
			"the parameter %s takes a whole number from %" PRId64 " to %" PRId64,
			parameter->name, parameter->least, parameter->most);
	*ret = (int64_t)value;
	return 0;
}

/* HAS_NUL: there may be a NUL byte in it, at which cJSON ends a text. */
static int read_text(const struct juju_parameter *parameter, const cJSON *item, bool has_nul,
	char ret[JUJU_TEXT_MAX + 1], struct error *err)
{
	const char *value = cJSON_GetStringValue(item);

	if (!value || has_nul || strlen(value) > JUJU_TEXT_MAX)
		return error_set(err, ERROR_FORMAT,
			"the parameter %s takes a text of at most %d bytes", parameter->name,
			JUJU_TEXT_MAX);
	memcpy(ret, value, strlen(value) + 1);
	return 0;
}

static int refuse(const char *name, struct error *err)
{
	char shown[64];

	text_ascii(shown, sizeof shown, name);
	return error_set(err, ERROR_FORMAT, "this action takes no parameter '%s'", shown);
}

static int read_item(const struct juju_parameter *parameters, const cJSON *item, bool has_nul,
	struct juju_value *values, struct error *err)
{
	for (size_t i = 0; parameters && parameters[i].name; i++) {
		if (strcmp(item->string, parameters[i].name) != 0)
			continue;
		return parameters[i].kind == JUJU_NUMBER
			       ? read_number(&parameters[i], item, &values[i].number, err)
			       : read_text(&parameters[i], item, has_nul, values[i].text, err);
	}
	return refuse(item->string, err);
}

int juju_action_read(const struct juju_parameter *parameters, const char *output, size_t size,
	struct juju_value ret[JUJU_PARAMETERS_MAX], struct error *err)
{
	CLEANUP(cleanup_json)
	cJSON *json = cJSON_ParseWithLengthOpts(output, size + 1, NULL, true);
	struct juju_value values[JUJU_PARAMETERS_MAX] = { 0 };
	bool has_nul = memmem(output, size, "\\u0000", 6) != NULL;
	const cJSON *item;

	if (!cJSON_IsObject(json) || memchr(output, '\0', size))
		return error_set(err, ERROR_FORMAT, "action-get: its output is no JSON object");
	for (size_t i = 0; parameters && parameters[i].name; i++)
		values[i].number = parameters[i].usual;
	cJSON_ArrayForEach(item, json)
	{
		if (read_item(parameters, item, has_nul, values, err) < 0)
			return -1;
	}
	memcpy(ret, values, sizeof values);
	return 0;
}

int juju_action_get(const struct juju_parameter *parameters, int64_t limit,
	struct juju_value ret[JUJU_PARAMETERS_MAX], struct error *err)
{
	static const char *const argv[] = { "action-get", "--format=json", NULL };
	CLEANUP(buf_done) struct buf out;
	CLEANUP(buf_done) struct buf said;

	buf_init(&out, TOOL_OUTPUT_MAX);
	buf_init(&said, TOOL_OUTPUT_MAX);
	if (tool_run(argv, limit, &out, &said, err) < 0)
		return -1;
	return juju_action_read(parameters, buf_text(&out), out.len, ret, err);
}

int juju_action_set(char *const *pairs, size_t count, int64_t limit, struct error *err)
{
	CLEANUP(cleanup_free) const char **argv = alloc_new(count + 2, sizeof *argv);
	CLEANUP(buf_done) struct buf said;

	argv[0] = "action-set";
	for (size_t i = 0; i < count; i++)
		argv[i + 1] = pairs[i];
	buf_init(&said, TOOL_OUTPUT_MAX);
	return tool_run(argv, limit, NULL, &said, err);
}

int juju_action_fail(const char *reason, int64_t limit, struct error *err)
{
	const char *argv[] = { "action-fail", "--", reason, NULL };
	CLEANUP(buf_done) struct buf said;

	buf_init(&said, TOOL_OUTPUT_MAX);
	return tool_run(argv, limit, NULL, &said, err);
}
