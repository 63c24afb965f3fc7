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

/* ITEM is the option's value in JSON, NULL when it has none; HAS_NUL: it may hold a NUL byte. */
static void read_channel(const cJSON *item, bool has_nul, struct juju_option *ret)
{
	const char *value = cJSON_GetStringValue(item);
	struct juju_option option = { 0 };
	struct error why = { 0 };

	if (value) {
		show_value(value, option.shown, sizeof option.shown);
		option.valid =
			!has_nul && channel_parse(value, strlen(value), option.channel, &why) == 0;
		text_ascii(option.wrong, sizeof option.wrong,
			has_nul ? "has a NUL byte in it" : why.text);
	} else if (!item || cJSON_IsNull(item)) {
		memcpy(option.shown, "(not set)", sizeof "(not set)");
		memcpy(option.wrong, "is not set", sizeof "is not set");
	} else {
		memcpy(option.shown, "(no text)", sizeof "(no text)");
		memcpy(option.wrong, "is no text", sizeof "is no text");
	}
	*ret = option;
}

int juju_option_read(const char *output, size_t size, struct juju_option *ret, struct error *err)
{
	CLEANUP(cleanup_json)
	cJSON *json = cJSON_ParseWithLengthOpts(output, size + 1, NULL, true);
	const cJSON *channel;

	/* cJSON takes a bare NUL into a text, which ends it: `edge` of "edge<NUL>...". */
	if (!cJSON_IsObject(json) || memchr(output, '\0', size))
		return error_set(err, ERROR_FORMAT, "config-get: its output is no JSON object");
	channel = cJSON_GetObjectItemCaseSensitive(json, "channel");
	/* The same by an escape, which JSON may hold. */
	read_channel(channel, memmem(output, size, "\\u0000", 6) != NULL, ret);
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
