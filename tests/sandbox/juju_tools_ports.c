/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hook tools: ports and the unit's state in the controller; both take effect when the hook
 * succeeds.
 */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_ports.h"
#include "tests/sandbox/juju_tools.h"

enum {
	KEY_MAX = 256,
	VALUE_MAX = 65536,
	STATE_MAX = 2 << 20,
};

static int change_port(struct juju_call *call, const char *op)
{
	cJSON *ops = json_array(call->context, "ports");
	struct juju_range range;
	CLEANUP(buf_done) struct buf clash = { .limit = 4096 };
	struct error err;
	cJSON *entry;
	int extra = juju_tool_extra(call, 1);

	if (!call->flags.nargs)
		return juju_tool_fail(call, 2, "no port or range specified");
	if (juju_range_read(&range, call->flags.args[0], &err))
		return juju_tool_fail(call, 2, "%s", err.text);
	if (extra)
		return extra;
	if (strcmp(op, "open") == 0 &&
		juju_ports_clash(&clash, &call->model, call->unit, ops, &range))
		return juju_tool_fail(call, 1, "%s", buf_text(&clash));
	entry = cJSON_CreateObject();
	json_put_text(entry, "op", op);
	json_put_number(entry, "from", range.from);
	json_put_number(entry, "to", range.to);
	json_put_text(entry, "protocol", range.protocol);
	cJSON_AddItemToArray(ops, entry);
	call->changed = true;
	return 0;
}

int juju_tool_open_port(struct juju_call *call)
{
	return change_port(call, "open");
}

int juju_tool_close_port(struct juju_call *call)
{
	return change_port(call, "close");
}

int juju_tool_opened_ports(struct juju_call *call)
{
	CLEANUP(json_done)
	cJSON *list = juju_ports_after(call->unit, json_get(call->context, "ports"));
	int extra = juju_tool_extra(call, 0);

	return extra ? extra : juju_tool_print(call, list, "smart");
}

/* The state as this hook sees it. */
static cJSON *state(struct juju_call *call)
{
	const cJSON *held = json_get(call->unit, "state");

	if (!json_has(call->context, "state"))
		json_put(call->context, "state",
			held ? cJSON_Duplicate(held, true) : cJSON_CreateObject());
	return json_get(call->context, "state");
}

int juju_tool_state_get(struct juju_call *call)
{
	const char *key = call->flags.nargs ? call->flags.args[0] : "-";
	const cJSON *now = state(call);
	CLEANUP(json_done) cJSON *nothing = cJSON_CreateString("");
	int extra = juju_tool_extra(call, 1);

	if (extra)
		return extra;
	call->changed = true;
	if (strcmp(key, "-") == 0)
		return juju_tool_print(call, now, "smart");
	if (!json_get(now, key) && juju_flag(&call->flags, "strict"))
		return juju_tool_fail(call, 1, "\"%s\" not found", key);
	return juju_tool_print(call, json_get(now, key) ? json_get(now, key) : nothing, "smart");
}

static int set_state(struct juju_call *call, cJSON *now, const char *text)
{
	const char *equals = strchr(text, '=');
	CLEANUP(cleanup_free) char *key = NULL;
	size_t total = 0;
	const cJSON *item;

	if (!equals || equals == text)
		return juju_tool_fail(call, 2, "expected \"key=value\", got \"%s\"", text);
	if (equals - text > KEY_MAX || strlen(equals + 1) > VALUE_MAX)
		return juju_tool_fail(call, 1, "max allowed %s size (%d) exceeded",
			equals - text > KEY_MAX ? "key" : "value",
			equals - text > KEY_MAX ? KEY_MAX : VALUE_MAX);
	key = alloc_textf("%.*s", (int)(equals - text), text);
	json_put_text(now, key, equals + 1);
	cJSON_ArrayForEach(item, now) total +=
		strlen(item->string) + strlen(cJSON_GetStringValue(item));
	if (total > STATE_MAX)
		return juju_tool_fail(call, 1, "max allowed size (%d) exceeded", STATE_MAX);
	return 0;
}

int juju_tool_state_set(struct juju_call *call)
{
	cJSON *now = state(call);
	const char *file = juju_flag(&call->flags, "file");

	if (file)
		return juju_tool_fail(call, 1, "--file is not played by this stand-in");
	for (int at = 0; at < call->flags.nargs; at++) {
		int code = set_state(call, now, call->flags.args[at]);

		if (code)
			return code;
	}
	json_put_bool(call->context, "state-changed", true);
	call->changed = true;
	return 0;
}

int juju_tool_state_delete(struct juju_call *call)
{
	int extra = juju_tool_extra(call, 1);

	if (!call->flags.nargs || !*call->flags.args[0])
		return juju_tool_fail(call, 2, "the key to delete is missing");
	if (extra)
		return extra;
	json_drop(state(call), call->flags.args[0]);
	json_put_bool(call->context, "state-changed", true);
	call->changed = true;
	return 0;
}
