/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in Juju. When called by its own name it takes commands; when called by the name of a
 * hook tool, it acts as that tool.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/sandbox/juju_commands.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_time.h"
#include "tests/sandbox/juju_tools.h"

enum {
	RETRIES = 3,
	HOOK_TIMEOUT = 300, /* seconds */
};

struct row {
	const char *name;
	int (*act)(struct juju_command *command, struct error *err);
	bool interspersed;
	const char *help;
};

/* clang-format off */
static const struct row rows[] = {
	{ "deploy",      juju_command_deploy,      true,  "PATH [APP] [--config K=V] [-n N] [--to 0,1] [--resource NAME=PATH] [--hook-env K=V] [--clock FILE]" },
	{ "config",      juju_command_config,      true,  "APP [KEY | K=V ... | --reset K] [--format json|yaml]" },
	{ "status",      juju_command_status,      true,  "[--format tabular|json|yaml]" },
	{ "exec",        juju_command_exec,        false, "--unit U [--format json|yaml] -- COMMAND..." },
	{ "ssh",         juju_command_ssh,         false, "U COMMAND..." },
	{ "run",         juju_command_run,         true,  "U ACTION [K=V ...] [--params FILE] [--format json|yaml]" },
	{ "refresh",     juju_command_refresh,     true,  "APP --path PATH [--force-units] [--resource NAME=PATH] [--hook-env K=V]" },
	{ "attach-resource", juju_command_attach_resource, true, "APP NAME=PATH" },
	{ "resolved",    juju_command_resolved,    true,  "U [--no-retry]" },
	{ "retry",       juju_command_retry,       true,  "[U]: lets it work on, with a new budget of retries" },
	{ "add-unit",    juju_command_add_unit,    true,  "APP [-n N] [--to 0,1]" },
	{ "add-machine", juju_command_add_machine, true,  "[--hook-env K=V]: wins there over that of the application" },
	{ "lead",        juju_command_lead,        true,  "U: it is the leader from now on" },
	{ "agent",       juju_command_agent,       true,  "U down|up: nothing runs while it is down" },
	{ "remove-unit", juju_command_remove_unit, true,  "U... [--force]" },
	{ "remove-application", juju_command_remove_application, true, "APP... [--force]" },
	{ "debug-log",   juju_command_debug_log,   true,  "[--level L] [--include E] [--limit 0]" },
	{ "hook",        juju_command_hook,        true,  "U NAME [--remote U] [--departing U]: any hook, now" },
	{ "tick",        juju_command_tick,        true,  "[U]: update-status" },
	{ "reboot",      juju_command_reboot,      true,  "U: the machine started again" },
	{ "meter",       juju_command_meter,       true,  "U: meter-status-changed in its restricted context" },
	{ "show",        juju_command_show,        true,  "U: all about it, JSON; also when it is gone" },
	{ "fault",       juju_command_fault,       true,  "TOOL|any MODE [TEXT] [--times N] [--skip N] | --clear" },
	{ "hook-env",    juju_command_hook_env,    true,  "APP NAME=VALUE...: added to the environment of hooks" },
	{ "forget",      juju_command_forget,      true,  ": empties journals and log" },
	{ "add-model",   juju_command_add_model,   true,  "NAME: in $SANDBOX_JUJU_DATA; --model takes it from there" },
	{ "destroy-model", juju_command_destroy_model, true, "NAME" },
	{ "version",     juju_command_version,     true,  "[--all --format json]" },
};

static const struct juju_flag flags[] = {
	{ "model", "model", true }, { "m", "model", true },
	{ "like", "like", true }, { "clock", "clock", true }, { "retries", "retries", true },
	{ "hook-timeout", "hook-timeout", true },
	{ "config", "config", true }, { "n", "units", true }, { "num-units", "units", true },
	{ "hook-env", "hook-env", true }, { "resource", "resource", true }, { "reset", "reset", true },
	{ "format", "format", true }, { "unit", "unit", true }, { "u", "unit", true },
	{ "path", "path", true }, { "force-units", "force-units", false },
	{ "no-retry", "no-retry", false }, { "force", "force", false },
	{ "no-prompt", "no-prompt", false }, { "destroy-storage", "destroy-storage", false },
	{ "no-switch", "no-switch", false }, { "all", "all", false },
	{ "to", "to", true }, { "params", "params", true },
	{ "level", "level", true }, { "l", "level", true },
	{ "include", "include", true }, { "i", "include", true }, { "limit", "limit", true },
	{ "remote", "remote", true }, { "departing", "departing", true },
	{ "times", "times", true }, { "skip", "skip", true }, { "clear", "clear", false },
	{ 0 },
};
/* clang-format on */

static int usage(FILE *out)
{
	(void)fputs("Usage: sandbox-juju [--model DIR] [--like 3.6|4.0] [--retries N] "
		    "[--hook-timeout SECONDS] COMMAND ...\n",
		out);
	for (size_t at = 0; at < sizeof rows / sizeof *rows; at++)
		(void)fprintf(out, "  %-12s %s\n", rows[at].name, rows[at].help);
	(void)fputs("The folder of the model is also $SANDBOX_JUJU_MODEL, the number of retries "
		    "$SANDBOX_JUJU_RETRIES. With $SANDBOX_JUJU_DATA a model is a name.\n"
		    "The version of Juju that is played is also $SANDBOX_JUJU_LIKE; a model keeps "
		    "the one it was made with.\n",
		out);
	return out == stdout ? 0 : 2;
}

static const struct row *find_row(const char *name)
{
	for (size_t at = 0; at < sizeof rows / sizeof *rows; at++)
		if (strcmp(rows[at].name, name) == 0)
			return &rows[at];
	return NULL;
}

static long long from_environment(const char *name, long long fallback)
{
	const char *text = getenv(name);
	long long number = text ? text_number(text) : -1;

	return number < 0 ? fallback : number;
}

/* A flag after the command wins over one before it, and that over the environment. */
static const char *text_of(
	const struct juju_command *command, const struct juju_flags *global, const char *key)
{
	const char *text = juju_flag(&command->flags, key);

	return text ? text : juju_flag(global, key);
}

static long long number_of(const struct juju_command *command, const struct juju_flags *global,
	const char *key, long long fallback)
{
	const char *text = text_of(command, global, key);
	long long number = text ? text_number(text) : -1;

	return number < 0 ? fallback : number;
}

static bool needs_no_model(const struct row *row)
{
	return row->act == juju_command_version || row->act == juju_command_add_model ||
	       row->act == juju_command_destroy_model;
}

static int run(const struct row *row, struct juju_command *command, const struct juju_flags *global,
	struct error *err)
{
	CLEANUP(cleanup_free) char *dir = NULL;
	const char *model, *like;

	if (juju_flags_parse(&command->flags, flags, row->interspersed, global->args + 1, err))
		return -1;
	if (juju_flag(&command->flags, "help")) {
		printf("Usage: sandbox-juju %s %s\n", row->name, row->help);
		return 0;
	}
	like = text_of(command, global, "like");
	if (like)
		(void)setenv("SANDBOX_JUJU_LIKE", like, 1);
	model = text_of(command, global, "model");
	if (!model)
		model = getenv("SANDBOX_JUJU_MODEL");
	if (model && juju_client_model(&dir, model, err))
		return -1;
	if (!model && !needs_no_model(row))
		return error_set(err, ERROR_FORMAT, "no --model and no $SANDBOX_JUJU_MODEL");
	command->dir = dir;
	command->clock = text_of(command, global, "clock");
	if (juju_time_use(command->clock, err))
		return -1;
	command->limits.retries = number_of(
		command, global, "retries", from_environment("SANDBOX_JUJU_RETRIES", RETRIES));
	command->limits.hook_timeout = number_of(command, global, "hook-timeout",
		from_environment("SANDBOX_JUJU_HOOK_TIMEOUT", HOOK_TIMEOUT));
	return row->act(command, err);
}

int main(int argc, char **argv)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const struct juju_tool *tool = argc ? juju_tool_find(slash ? slash + 1 : argv[0]) : NULL;
	struct juju_command command = { 0 };
	struct juju_flags global = { 0 };
	const struct row *row = NULL;
	struct error err = { 0 };
	int code;

	if (tool && strcmp(tool->name, "juju-exec") == 0 && !getenv("JUJU_CONTEXT_ID"))
		return juju_exec_main(argv);
	if (tool)
		return juju_tool_main(tool, argv);
	code = juju_flags_parse(&global, flags, false, argv + 1, &err);
	if (!code && global.nargs)
		row = find_row(global.args[0]);
	if (code)
		(void)error_wrap(&err, "sandbox-juju");
	else if (!row)
		return usage(juju_flag(&global, "help") ? stdout : stderr);
	else
		code = run(row, &command, &global, &err);
	(void)fflush(stdout);
	if (code < 0)
		(void)fprintf(stderr, "ERROR %s\n", err.text);
	juju_flags_done(&command.flags);
	juju_flags_done(&global);
	return code < 0 ? 1 : code;
}
