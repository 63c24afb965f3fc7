/* SPDX-License-Identifier: Apache-2.0 */
#include "juju/juju.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/cleanup.h"
#include "juju/tool.h"

static void cleanup_json(cJSON **json)
{
	cJSON_Delete(*json);
}

static int run_quietly(const char *const *argv, int64_t limit, struct buf *said, struct error *err)
{
	buf_init(said, TOOL_OUTPUT_MAX);
	return tool_run(argv, limit, NULL, said, err);
}

int juju_status(const char *status, const char *message, int64_t limit, struct error *err)
{
	const char *argv[] = { "status-set", "--", status, message, NULL };
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

int juju_open_port(const char *port, int64_t limit, bool *taken, struct error *err)
{
	const char *argv[] = { "open-port", port, NULL };
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

int juju_port_is_open(const char *port, int64_t limit, bool *ret, struct error *err)
{
	static const char *const argv[] = { "opened-ports", "--format=json", NULL };
	CLEANUP(buf_done) struct buf out;
	CLEANUP(buf_done) struct buf said;
	const cJSON *item;
	bool open = false;

	buf_init(&out, TOOL_OUTPUT_MAX);
	buf_init(&said, TOOL_OUTPUT_MAX);
	if (tool_run(argv, limit, &out, &said, err) < 0)
		return -1;
	CLEANUP(cleanup_json) cJSON *json = cJSON_ParseWithLength(buf_text(&out), out.len);
	if (!json)
		return error_set(err, ERROR_FORMAT, "opened-ports: its output is no JSON");
	cJSON_ArrayForEach(item, json)
	{
		if (cJSON_IsString(item) && strcmp(item->valuestring, port) == 0)
			open = true;
	}
	*ret = open;
	return 0;
}
