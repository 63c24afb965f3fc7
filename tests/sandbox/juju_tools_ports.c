/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hook tools: ports, buffered until the hook ends well.
 */
#include <string.h>

#include "base/cleanup.h"
#include "tests/sandbox/juju_ports.h"
#include "tests/sandbox/juju_tools.h"

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
