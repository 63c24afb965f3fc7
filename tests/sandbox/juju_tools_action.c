/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hook tools of actions.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_tools.h"

static cJSON *action_of(struct juju_call *call)
{
	return json_get(call->context, "action");
}

static int no_action(struct juju_call *call)
{
	return juju_tool_fail(call, 1, "not running an action");
}

int juju_tool_action_get(struct juju_call *call)
{
	int extra = juju_tool_extra(call, 1);
	CLEANUP(cleanup_free) char *key = NULL;
	const cJSON *value;
	char *rest = NULL;

	if (!action_of(call))
		return no_action(call);
	if (extra)
		return extra;
	value = json_get(action_of(call), "params");
	key = alloc_text(call->flags.nargs ? call->flags.args[0] : "");
	for (char *part = strtok_r(key, ".", &rest); part; part = strtok_r(NULL, ".", &rest))
		value = json_get(value, part);
	return juju_tool_print(call, value, "smart");
}

static bool good_part(const char *part)
{
	static const char *const reserved[] = { "stdout", "stdout-encoding", "stderr",
		"stderr-encoding" };
	size_t len = strlen(part);

	for (size_t at = 0; at < sizeof reserved / sizeof *reserved; at++)
		if (strcmp(part, reserved[at]) == 0)
			return false;
	return len && strspn(part, "abcdefghijklmnopqrstuvwxyz0123456789-") == len &&
	       part[0] != '-' && part[len - 1] != '-';
}

static int set_result(struct juju_call *call, cJSON *results, const char *text)
{
	const char *equals = strchr(text, '=');
	CLEANUP(cleanup_free) char *key = NULL;
	char *rest = NULL;
	cJSON *in = results;
	char *part;

	if (!equals)
		return juju_tool_fail(
			call, 2, "argument \"%s\" must be of the form key...=value", text);
	key = alloc_textf("%.*s", (int)(equals - text), text);
	part = strtok_r(key, ".", &rest);
	if (!part)
		return juju_tool_fail(
			call, 2, "argument \"%s\" must be of the form key...=value", text);
	while (part) {
		char *next = strtok_r(NULL, ".", &rest);

		if (!good_part(part))
			return juju_tool_fail(call, 2,
				"key \"%s\" must start and end with lowercase alphanumeric, and "
				"contain only lowercase alphanumeric and hyphens",
				part);
		if (next)
			in = json_object(in, part);
		else
			json_put_text(in, part, equals + 1);
		part = next;
	}
	return 0;
}

int juju_tool_action_set(struct juju_call *call)
{
	cJSON *action = action_of(call);
	CLEANUP(json_done) cJSON *results = NULL;

	if (!action)
		return no_action(call);
	results = cJSON_Duplicate(json_get(action, "results"), true);
	for (int at = 0; at < call->flags.nargs; at++) {
		int code = set_result(call, results, call->flags.args[at]);

		if (code)
			return code;
	}
	json_put(action, "results", results);
	results = NULL;
	call->changed = true;
	return 0;
}

int juju_tool_action_fail(struct juju_call *call)
{
	int extra = juju_tool_extra(call, 1);
	cJSON *action = action_of(call);

	if (extra)
		return extra;
	if (!action)
		return no_action(call);
	json_put_bool(action, "failed", true);
	json_put_text(action, "message",
		call->flags.nargs ? call->flags.args[0]
				  : "action failed without reason given, check action for errors");
	call->changed = true;
	return 0;
}

int juju_tool_action_log(struct juju_call *call)
{
	cJSON *action = action_of(call);
	CLEANUP(buf_done) struct buf text = { .limit = 16 << 20 };

	if (!call->flags.nargs)
		return juju_tool_fail(call, 2, "no message specified");
	if (!action)
		return no_action(call);
	for (int at = 0; at < call->flags.nargs; at++)
		(void)buf_addf(&text, "%s%s", at ? " " : "", call->flags.args[at]);
	json_push_text(json_array(action, "logs"), buf_text(&text));
	call->changed = true;
	return 0;
}
