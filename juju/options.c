/* SPDX-License-Identifier: Apache-2.0 */
#include "juju/options.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "juju/tool.h"

static void cleanup_json(cJSON **json)
{
	cJSON_Delete(*json);
}

static void show_value(const char *value, char *ret, size_t size)
{
	CLEANUP(buf_done) struct buf escaped;
	char inner[JUJU_SHOWN_SIZE - 2];

	buf_init(&escaped, 4 * (size_t)CHANNEL_OPTION_MAX + 64);
	/* What does not fit is cut: its beginning is what a person recognises. */
	(void)text_escape(&escaped, value, strnlen(value, CHANNEL_OPTION_MAX + 1));
	text_ascii(inner, size - 2 < sizeof inner ? size - 2 : sizeof inner, buf_text(&escaped));
	ret[0] = '\'';
	memcpy(ret + 1, inner, strlen(inner));
	memcpy(ret + 1 + strlen(inner), "'", 2);
}

int juju_option_read(const char *output, size_t size, struct juju_option *ret, struct error *err)
{
	CLEANUP(cleanup_json)
	cJSON *json = cJSON_ParseWithLengthOpts(output, size + 1, NULL, true);
	struct juju_option option = { 0 };
	const cJSON *channel;

	/* cJSON takes a bare NUL into a text, which ends it: `edge` of "edge<NUL>...". */
	if (!cJSON_IsObject(json) || memchr(output, '\0', size))
		return error_set(err, ERROR_FORMAT, "config-get: its output is no JSON object");
	channel = cJSON_GetObjectItemCaseSensitive(json, "channel");
	if (!channel || cJSON_IsNull(channel)) {
		memcpy(option.shown, "(not set)", sizeof "(not set)");
	} else if (!cJSON_IsString(channel)) {
		memcpy(option.shown, "(no text)", sizeof "(no text)");
	} else {
		const char *value = channel->valuestring;

		show_value(value, option.shown, sizeof option.shown);
		/* The same by an escape, which JSON may hold. */
		option.valid = !memmem(output, size, "\\u0000", 6) &&
			       channel_parse(value, strlen(value), option.channel, NULL) == 0;
	}
	*ret = option;
	return 0;
}

int juju_option(int64_t limit, struct juju_option *ret, struct error *err)
{
	static const char *const argv[] = { "config-get", "--format=json", NULL };
	CLEANUP(buf_done) struct buf out;
	CLEANUP(buf_done) struct buf said;

	buf_init(&out, TOOL_OUTPUT_MAX);
	buf_init(&said, TOOL_OUTPUT_MAX);
	if (tool_run(argv, limit, &out, &said, err) < 0)
		return -1;
	return juju_option_read(buf_text(&out), out.len, ret, err);
}
