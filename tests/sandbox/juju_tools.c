/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by all hook tools: finds the model and the context, applies faults, records the call.
 */
#include "tests/sandbox/juju_tools.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_fault.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_hook.h"
#include "tests/sandbox/juju_json.h"

enum {
	OUTPUT_LIMIT = 64 << 20,
};

/* clang-format off */
static const struct juju_flag output[] = { JUJU_OUTPUT_FLAGS, { 0 } };
static const struct juju_flag application[] = { { "application", "application", false }, { 0 } };
static const struct juju_flag config_get[] = { JUJU_OUTPUT_FLAGS,
	{ "a", "all", false }, { "all", "all", false }, { 0 } };
static const struct juju_flag log_flags[] = { { "debug", "debug", false },
	{ "l", "level", true }, { "log-level", "level", true }, { 0 } };
static const struct juju_flag ports[] = { JUJU_OUTPUT_FLAGS,
	{ "endpoints", "endpoints", true }, { 0 } };
static const struct juju_flag opened[] = { JUJU_OUTPUT_FLAGS,
	{ "endpoints", "endpoints", false }, { 0 } };
#define RELATION_FLAGS \
	{ "app", "app", false }, { "r", "relation", true }, { "relation", "relation", true }
static const struct juju_flag relation[] = { JUJU_OUTPUT_FLAGS, RELATION_FLAGS, { 0 } };
static const struct juju_flag relation_set[] = { RELATION_FLAGS, { 0 } };

static const struct juju_flag service[] = { { "quiet", "quiet", false },
	{ "collect", "collect", false }, { "unit", "unit", true },
	{ "property", "property", true }, { "setenv", "setenv", true }, { 0 } };

const struct juju_tool juju_tools[] = {
	{ "action-fail",             juju_tool_action_fail,   NULL,        false },
	{ "action-get",              juju_tool_action_get,    output,      false },
	{ "action-log",              juju_tool_action_log,    NULL,        false },
	{ "action-set",              juju_tool_action_set,    NULL,        false },
	{ "application-version-set", juju_tool_version_set,   NULL,        false },
	{ "close-port",              juju_tool_close_port,    ports,       false },
	{ "config-get",              juju_tool_config_get,    config_get,  false },
	{ "goal-state",              juju_tool_goal_state,    output,      false },
	{ "is-leader",               juju_tool_is_leader,     output,      false },
	{ "juju-exec",               juju_tool_exec,          NULL,        false },
	{ "juju-log",                juju_tool_log,           log_flags,   true },
	{ "open-port",               juju_tool_open_port,     ports,       false },
	{ "opened-ports",            juju_tool_opened_ports,  opened,      false },
	{ "relation-get",            juju_tool_relation_get,  relation,    false },
	{ "relation-ids",            juju_tool_relation_ids,  output,      false },
	{ "relation-list",           juju_tool_relation_list, relation,    false },
	{ "relation-set",            juju_tool_relation_set,  relation_set, false },
	{ "resource-get",            juju_tool_resource_get,  NULL,        false },
	{ "status-set",              juju_tool_status_set,    application, false },
	/* No tool of Juju's; a hook of a test never starts a service of the real systemd. */
	{ "systemd-run",             juju_tool_systemd_run,   service,     true },
	{ NULL, NULL, NULL, false },
};
/* clang-format on */

const struct juju_tool *juju_tool_find(const char *name)
{
	for (const struct juju_tool *tool = juju_tools; tool->name; tool++)
		if (strcmp(tool->name, name) == 0)
			return tool;
	return NULL;
}

int juju_tool_fail(struct juju_call *call, int code, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	(void)buf_addf(&call->err, "ERROR %s\n", text);
	return code;
}

int juju_tool_extra(struct juju_call *call, int first)
{
	CLEANUP(buf_done) struct buf list = { .limit = OUTPUT_LIMIT };

	if (call->flags.nargs <= first)
		return 0;
	for (int at = first; at < call->flags.nargs; at++)
		(void)buf_addf(&list, "%s\"%s\"", at > first ? " " : "", call->flags.args[at]);
	return juju_tool_fail(call, 2, "unrecognized args: [%s]", buf_text(&list));
}

bool juju_tool_leader(struct juju_call *call)
{
	if (strcmp(json_text(call->app, "leader", ""), call->unit_name) != 0)
		json_put_bool(call->context, "led", call->changed = true);
	return !json_true(call->context, "led");
}

int juju_tool_print(struct juju_call *call, const cJSON *value, const char *standard)
{
	const char *format = juju_flag(&call->flags, "format");
	const char *file = juju_flag(&call->flags, "output");
	CLEANUP(buf_done) struct buf text = { .limit = OUTPUT_LIMIT };
	struct error err;

	format = format ? format : standard;
	if (strcmp(format, "json") == 0) {
		json_print_go(&text, value);
		(void)buf_adds(&text, "\n");
	} else if (strcmp(format, "yaml") == 0) {
		json_print_yaml(&text, value, 0);
	} else {
		json_print_smart(&text, value);
	}
	if (!file)
		return buf_add(&call->out, buf_text(&text), text.len) ? 1 : 0;
	if (juju_replace_file(file, buf_text(&text), text.len, &err))
		return juju_tool_fail(call, 1, "%s", err.text);
	return 0;
}

/* The folder of the model in "@DIR/agents/unit-x-0/agent.socket"; NULL when it is no such thing. */
static char *model_of(const char *address)
{
	char *dir = alloc_text(address + (*address == '@'));

	for (int parts = 0; parts < 3; parts++) {
		char *slash = strrchr(dir, '/');

		if (slash)
			*slash = '\0';
	}
	return dir;
}

/* Juju closes the socket with the context, so a later tool gets no answer. */
static int refused(struct juju_call *call, const char *address)
{
	return juju_tool_fail(call, 1, "dial unix %s: connect: connection refused", address);
}

static int find_context(struct juju_call *call)
{
	const char *id = getenv("JUJU_CONTEXT_ID");
	const char *address = getenv("JUJU_AGENT_SOCKET_ADDRESS");
	CLEANUP(cleanup_free) char *dir = NULL;
	CLEANUP(cleanup_free) char *file = NULL;
	const cJSON *unit;
	struct error err;

	if (!id)
		return juju_tool_fail(call, 1, "JUJU_CONTEXT_ID not set");
	if (!address)
		return juju_tool_fail(call, 1, "JUJU_AGENT_SOCKET_ADDRESS not set");
	dir = model_of(address);
	file = alloc_textf("%s/model.json", dir);
	if (access(file, F_OK) || juju_model_open(&call->model, dir, &err))
		return refused(call, address);
	cJSON_ArrayForEach(unit, json_get(call->model.root, "units"))
	{
		CLEANUP(cleanup_free) char *tag = juju_tag(unit->string);

		if (strstr(address, tag) &&
			strcmp(strstr(address, tag) + strlen(tag), "/agent.socket") == 0)
			call->unit_name = alloc_text(unit->string);
	}
	call->unit = call->unit_name ? juju_model_unit(&call->model, call->unit_name) : NULL;
	call->context = json_get(call->unit, "context");
	if (!call->context || kill((pid_t)json_number(call->context, "agent", 0), 0))
		return refused(call, address);
	if (strcmp(json_text(call->context, "id", ""), id) != 0)
		return juju_tool_fail(call, 1,
			"bad request: expected context id \"%s\", got \"%s\"",
			json_text(call->context, "id", ""), id);
	call->app = juju_model_unit_app(&call->model, call->unit);
	return 0;
}

static int check_flags(struct juju_call *call, const struct juju_tool *tool, char **argv)
{
	const char *format;
	struct error err;

	if (juju_flags_parse(&call->flags, tool->flags, true, argv + 1, &err))
		return juju_tool_fail(call, 2, "%s", err.text);
	format = juju_flag(&call->flags, "format");
	if (format && strcmp(format, "smart") != 0 && strcmp(format, "json") != 0 &&
		strcmp(format, "yaml") != 0)
		return juju_tool_fail(call, 2,
			"invalid value \"%s\" for flag --format: unknown format \"%s\"", format,
			format);
	return 0;
}

static int act(struct juju_call *call, const struct juju_tool *tool, char **argv)
{
	int code;

	if (strcmp(json_text(call->context, "kind", ""), "meter") == 0 && !tool->restricted)
		return juju_tool_fail(call, 1, "not implemented for restricted context");
	code = check_flags(call, tool, argv);
	if (code)
		return code;
	if (juju_flag(&call->flags, "help"))
		return buf_addf(&call->out, "Usage: %s [options]\n", tool->name) ? 1 : 0;
	return tool->act(call);
}

static void record(struct juju_call *call, char **argv, int code, enum juju_fault fault)
{
	cJSON *entry = cJSON_CreateObject();
	cJSON *args = json_array(entry, "args");

	json_put_number(entry, "run", (double)json_number(call->context, "run", 0));
	json_put_text(entry, "tool", call->name);
	for (char **arg = argv + 1; *arg; arg++)
		json_push_text(args, *arg);
	json_put_number(entry, "exit", code);
	json_put_text(entry, "err", buf_text(&call->err));
	if (fault)
		json_put_text(entry, "fault", juju_fault_name(fault));
	juju_journal_add(call->model.dir, call->unit_name, "call", entry);
}

/* Faults that take time or kill the caller must not hold the model: save it and unlock it first. */
static int meet(struct juju_call *call, const struct juju_tool *tool, enum juju_fault fault,
	const char *text, char **argv)
{
	int code = fault == JUJU_FAULT_EXIT2 ? 2 : fault == JUJU_FAULT_TEXT ? 0 : 1;

	record(call, argv, code, fault);
	(void)juju_model_save(&call->model, NULL);
	juju_model_close(&call->model);
	(void)juju_flags_parse(&call->flags, tool->flags, true, argv + 1, NULL);
	return juju_fault_act(call, fault, text);
}

static int run(struct juju_call *call, const struct juju_tool *tool, char **argv)
{
	CLEANUP(cleanup_free) char *text = NULL;
	enum juju_fault fault;
	struct error err;
	int code;

	code = find_context(call);
	if (code)
		return code;
	fault = juju_fault_take(call, tool->name, &text);
	call->halfway = fault == JUJU_FAULT_HALFWAY;
	if (fault != JUJU_FAULT_NONE && fault != JUJU_FAULT_KILL_AFTER &&
		fault != JUJU_FAULT_DEPOSED && !call->halfway)
		return meet(call, tool, fault, text, argv);
	code = act(call, tool, argv);
	record(call, argv, code, fault);
	if (fault == JUJU_FAULT_DEPOSED)
		call->changed = juju_model_lead(&call->model, text) || call->changed;
	if (call->changed && juju_model_save(&call->model, &err))
		return juju_tool_fail(call, 1, "%s", err.text);
	juju_model_close(&call->model);
	if (fault == JUJU_FAULT_KILL_AFTER)
		juju_fault_kill_caller();
	return code;
}

int juju_tool_main(const struct juju_tool *tool, char **argv)
{
	struct juju_call call = { .name = tool->name, .model = { .lock = -1 } };
	int code;

	buf_init(&call.out, OUTPUT_LIMIT);
	buf_init(&call.err, OUTPUT_LIMIT);
	code = run(&call, tool, argv);
	juju_model_close(&call.model);
	(void)juju_write_all(STDOUT_FILENO, buf_text(&call.out), call.out.len);
	(void)juju_write_all(STDERR_FILENO, buf_text(&call.err), call.err.len);
	juju_flags_done(&call.flags);
	free(call.unit_name);
	buf_done(&call.out);
	buf_done(&call.err);
	return code;
}
