/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hook tools: status, version, log.
 */
#include <string.h>

#include "base/cleanup.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_log.h"
#include "tests/sandbox/juju_time.h"
#include "tests/sandbox/juju_tools.h"

static int set_app_status(struct juju_call *call, const char *status, const char *message)
{
	cJSON *now;

	if (!juju_tool_leader(call))
		return juju_tool_fail(call, 1, "this unit is not the leader");
	now = json_object(call->app, "status");
	json_put_text(now, "status", status);
	json_put_text(now, "message", message);
	json_put_number(now, "since", (double)juju_time_now());
	return 0;
}

int juju_tool_status_set(struct juju_call *call)
{
	static const char *const words[] = { "maintenance", "blocked", "waiting", "active" };
	const char *status = call->flags.nargs ? call->flags.args[0] : NULL;
	const char *message = call->flags.nargs > 1 ? call->flags.args[1] : "";
	bool known = false;
	int extra;

	if (!status)
		return juju_tool_fail(call, 2, "invalid args, require <status> [message]");
	for (size_t at = 0; at < sizeof words / sizeof *words; at++)
		known = known || strcmp(words[at], status) == 0;
	if (!known)
		return juju_tool_fail(call, 2,
			"invalid status \"%s\", expected one of "
			"[maintenance blocked waiting active]",
			status);
	extra = juju_tool_extra(call, 2);
	if (extra)
		return extra;
	call->changed = true;
	if (juju_flag(&call->flags, "application"))
		return set_app_status(call, status, message);
	json_put_bool(call->unit, "status-set", true);
	juju_unit_status(&call->model, call->unit, status, message, "charm");
	return 0;
}

int juju_tool_version_set(struct juju_call *call)
{
	int extra = juju_tool_extra(call, 1);
	const char *version;

	if (!call->flags.nargs)
		return juju_tool_fail(call, 2, "no version specified");
	if (extra)
		return extra;
	version = call->flags.args[0];
	if (strcmp(json_text(call->unit, "version", ""), version) != 0)
		json_put_text(call->app, "version-unit", call->unit_name);
	json_put_text(call->unit, "version", version);
	call->changed = true;
	return 0;
}

static void log_prefixed(struct juju_call *call, const char *level, const char *text)
{
	const cJSON *relation = json_get(call->context, "relation");
	CLEANUP(buf_done) struct buf logger = { .limit = 4096 };
	CLEANUP(buf_done) struct buf whole = { .limit = 16 << 20 };

	(void)buf_addf(&logger, "unit.%s.juju-log", call->unit_name);
	if (relation)
		(void)buf_addf(&whole, "%s: ", json_text(relation, "id", ""));
	(void)buf_adds(&whole, text);
	juju_log_add(call->model.dir, call->unit_name, level, buf_text(&logger), buf_text(&whole));
}

int juju_tool_log(struct juju_call *call)
{
	const char *wanted = juju_flag(&call->flags, "level");
	CLEANUP(buf_done) struct buf text = { .limit = 16 << 20 };
	int level = juju_log_level(wanted ? wanted : "INFO");

	if (!call->flags.nargs)
		return juju_tool_fail(call, 2, "no message specified");
	for (int at = 0; at < call->flags.nargs; at++)
		(void)buf_addf(&text, "%s%s", at ? " " : "", call->flags.args[at]);
	if (juju_flag(&call->flags, "debug"))
		level = juju_log_level("DEBUG");
	if (level < 0) {
		CLEANUP(buf_done) struct buf warning = { .limit = 4096 };

		(void)buf_addf(&warning,
			"Specified log level of \"%.100s\" is not valid, using INFO", wanted);
		log_prefixed(call, "WARNING", buf_text(&warning));
		level = juju_log_level("INFO");
	}
	log_prefixed(call, juju_log_level_name(level), buf_text(&text));
	return 0;
}
