/* SPDX-License-Identifier: Apache-2.0 */
#include "juju/action.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
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

int juju_action_read(const struct juju_parameter *parameter, const char *output, size_t size,
	int64_t *ret, struct error *err)
{
	CLEANUP(cleanup_json)
	cJSON *json = cJSON_ParseWithLengthOpts(output, size + 1, NULL, true);
	int64_t value = parameter ? parameter->usual : 0;
	const cJSON *item;

	if (!cJSON_IsObject(json) || memchr(output, '\0', size))
		return error_set(err, ERROR_FORMAT, "action-get: its output is no JSON object");
	cJSON_ArrayForEach(item, json)
	{
		char name[64];

		text_ascii(name, sizeof name, item->string);
		if (!parameter || strcmp(item->string, parameter->name) != 0)
			return error_set(
				err, ERROR_FORMAT, "this action takes no parameter '%s'", name);
		if (read_number(parameter, item, &value, err) < 0)
			return -1;
	}
	*ret = value;
	return 0;
}

int juju_action_get(
	const struct juju_parameter *parameter, int64_t limit, int64_t *ret, struct error *err)
{
	static const char *const argv[] = { "action-get", "--format=json", NULL };
	CLEANUP(buf_done) struct buf out;
	CLEANUP(buf_done) struct buf said;

	buf_init(&out, TOOL_OUTPUT_MAX);
	buf_init(&said, TOOL_OUTPUT_MAX);
	if (tool_run(argv, limit, &out, &said, err) < 0)
		return -1;
	return juju_action_read(parameter, buf_text(&out), out.len, ret, err);
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
