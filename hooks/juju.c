/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/juju.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "fsm/names.h"
#include "hooks/tool.h"

#define PORT "8080/tcp"

static void cleanup_json(cJSON **json)
{
	cJSON_Delete(*json);
}

static void show_value(const char *value, char *ret, size_t size)
{
	CLEANUP(buf_done) struct buf escaped;
	char inner[FSM_DETAIL_MAX - 1];

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

static int run_quietly(const char *const *argv, int64_t limit, struct buf *said, struct error *err)
{
	buf_init(said, TOOL_OUTPUT_MAX);
	return tool_run(argv, limit, NULL, said, err);
}

int juju_status(enum fsm_status status, const char *message, int64_t limit, struct error *err)
{
	const char *argv[] = { "status-set", "--", fsm_status_name(status), message, NULL };
	CLEANUP(buf_done) struct buf said;

	return run_quietly(argv, limit, &said, err);
}

int juju_version(const char *version, int64_t limit, struct error *err)
{
	const char *argv[] = { "application-version-set", "--", version, NULL };
	CLEANUP(buf_done) struct buf said;

	return run_quietly(argv, limit, &said, err);
}

int juju_log(enum juju_level level, const char *text, int64_t limit, struct error *err)
{
	static const char *const levels[] = { "INFO", "WARNING", "ERROR" };
	const char *argv[] = { "juju-log", "-l", levels[level], "--", text, NULL };
	CLEANUP(buf_done) struct buf said;

	return run_quietly(argv, limit, &said, err);
}

int juju_open_port(int64_t limit, bool *taken, struct error *err)
{
	static const char *const argv[] = { "open-port", PORT, NULL };
	CLEANUP(buf_done) struct buf said;
	struct error why = { 0 };

	if (run_quietly(argv, limit, &said, &why) == 0) {
		*taken = false;
		return 0;
	}
	/* Juju has no code for it: exit status 1 is also a controller that does not answer. */
	if (why.kind == ERROR_TOOL && why.code == 1 && strstr(buf_text(&said), "conflicts with")) {
		*taken = true;
		return 0;
	}
	if (err)
		*err = why;
	return -1;
}

int juju_port_is_open(int64_t limit, bool *ret, struct error *err)
{
	static const char *const argv[] = { "opened-ports", "--format=json", NULL };
	CLEANUP(buf_done) struct buf out;
	CLEANUP(buf_done) struct buf said;
	const cJSON *port;
	bool open = false;

	buf_init(&out, TOOL_OUTPUT_MAX);
	buf_init(&said, TOOL_OUTPUT_MAX);
	if (tool_run(argv, limit, &out, &said, err) < 0)
		return -1;
	CLEANUP(cleanup_json) cJSON *json = cJSON_ParseWithLength(buf_text(&out), out.len);
	if (!json)
		return error_set(err, ERROR_FORMAT, "opened-ports: its output is no JSON");
	cJSON_ArrayForEach(port, json)
	{
		if (cJSON_IsString(port) && strcmp(port->valuestring, PORT) == 0)
			open = true;
	}
	*ret = open;
	return 0;
}

int juju_action_fail(const char *reason, int64_t limit, struct error *err)
{
	const char *argv[] = { "action-fail", "--", reason, NULL };
	CLEANUP(buf_done) struct buf said;

	return run_quietly(argv, limit, &said, err);
}
