/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands about units: those of an operator, and events that a test sends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "tests/sandbox/juju_commands.h"
#include "tests/sandbox/juju_fault.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_log.h"
#include "tests/sandbox/juju_time.h"

/* Saves, lets the unit work, gives its exit code. */
static int save_and_settle(struct juju_model *model, const struct juju_command *command,
	const char *unit, struct error *err)
{
	int result;

	if (juju_model_save(model, err))
		return -1;
	juju_model_close(model);
	result = juju_uniter_settle(command->dir, unit, &command->limits, NULL, err);
	return result ? result : juju_command_follow(command->dir, &command->limits, err);
}

static int remove_one(struct juju_command *command, int at, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	CLEANUP(cleanup_free) char *app = NULL;
	cJSON *unit;
	int result;

	if (juju_command_unit(&model, &unit, command, at, err))
		return -1;
	app = alloc_text(json_text(unit, "app", ""));
	printf("will remove unit %s\n", command->flags.args[at]);
	json_put_bool(unit, "dying", true);
	json_put_bool(unit, "force-dead", juju_flag(&command->flags, "force") != NULL);
	result = save_and_settle(&model, command, command->flags.args[at], err);
	return result ? result : juju_command_settle(command, app, err);
}

int juju_command_remove_unit(struct juju_command *command, struct error *err)
{
	const char *first = NULL;
	int result = juju_command_argument(&first, command, 0, "units", err);

	for (int at = 0; at < command->flags.nargs && !result; at++)
		result = remove_one(command, at, err);
	return result;
}

/* The names of the units of APP, which is told to go with them. */
static int take_units(
	cJSON *ret, const struct juju_command *command, const char *app, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	cJSON *unit;

	if (juju_model_open(&model, command->dir, err))
		return -1;
	if (!juju_model_app(&model, app))
		return error_set(err, ERROR_FORMAT, "application \"%s\" not found", app);
	printf("will remove application %s\n", app);
	cJSON_ArrayForEach(unit, json_get(model.root, "units"))
	{
		if (strcmp(json_text(unit, "app", ""), app) != 0)
			continue;
		printf("- will remove unit %s\n", unit->string);
		json_put_bool(unit, "dying", true);
		json_put_bool(unit, "force-dead", juju_flag(&command->flags, "force") != NULL);
		json_push_text(ret, unit->string);
	}
	return juju_model_save(&model, err);
}

/* It stays as long as a unit of it is there. The numbers of units go on under the same name. */
static int drop_app(const struct juju_command *command, const char *app, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	const cJSON *unit;
	long long next;

	if (juju_model_open(&model, command->dir, err))
		return -1;
	cJSON_ArrayForEach(
		unit, json_get(model.root, "units")) if (strcmp(json_text(unit, "app", ""), app) ==
							 0) return 0;
	next = json_number(juju_model_app(&model, app), "next-unit", 0);
	json_put_number(json_object(model.root, "next-units"), app, (double)next);
	cJSON_DeleteItemFromObjectCaseSensitive(json_get(model.root, "apps"), app);
	return juju_model_save(&model, err);
}

static int remove_application(
	const struct juju_command *command, const char *app, struct error *err)
{
	CLEANUP(json_done) cJSON *names = cJSON_CreateArray();
	const cJSON *name;
	int result = take_units(names, command, app, err);

	cJSON_ArrayForEach(name, names)
	{
		if (result)
			break;
		result = juju_uniter_settle(
			command->dir, cJSON_GetStringValue(name), &command->limits, NULL, err);
	}
	return result ? result : drop_app(command, app, err);
}

int juju_command_remove_application(struct juju_command *command, struct error *err)
{
	const char *first = NULL;
	int result = juju_command_argument(&first, command, 0, "application", err);

	for (int at = 0; at < command->flags.nargs && !result; at++)
		result = remove_application(command, command->flags.args[at], err);
	return result;
}

int juju_command_resolved(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	bool skip = juju_flag(&command->flags, "no-retry") != NULL;
	cJSON *unit;

	if (juju_command_unit(&model, &unit, command, 0, err))
		return -1;
	if (!json_has(unit, "error"))
		return error_set(err, ERROR_FORMAT, "%sunit \"%s\" is not in %s",
			model.like->resolving, command->flags.args[0], model.like->error_state);
	json_put_text(unit, "resolved", skip ? "no-retry" : "retry");
	return save_and_settle(&model, command, command->flags.args[0], err);
}

/* All units of the model, or the one that is named. */
static cJSON *units_named(const struct juju_command *command)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	cJSON *names = cJSON_CreateArray();
	const cJSON *unit;

	if (command->flags.nargs) {
		json_push_text(names, command->flags.args[0]);
		return names;
	}
	if (juju_model_open(&model, command->dir, NULL))
		return names;
	cJSON_ArrayForEach(unit, json_get(model.root, "units")) json_push_text(names, unit->string);
	return names;
}

int juju_command_retry(struct juju_command *command, struct error *err)
{
	CLEANUP(json_done) cJSON *names = units_named(command);
	const cJSON *name;
	int result = 0;

	cJSON_ArrayForEach(name, names)
	{
		result = juju_uniter_settle(
			command->dir, cJSON_GetStringValue(name), &command->limits, NULL, err);
		if (result)
			break;
	}
	return result ? result : juju_command_follow(command->dir, &command->limits, err);
}

/* A tick never reaches a unit in error, and is lost while something else runs. */
static int tick_one(const struct juju_command *command, const char *name, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	cJSON *unit;

	if (juju_model_open(&model, command->dir, err))
		return -1;
	unit = juju_model_unit(&model, name);
	if (!unit)
		return error_set(err, ERROR_FORMAT, "unit \"%s\" not found", name);
	if (json_has(unit, "error")) {
		(void)fprintf(stderr, "sandbox-juju: %s is in error: no update-status\n", name);
		return 0;
	}
	json_put_bool(unit, "tick", json_true(unit, "started"));
	return save_and_settle(&model, command, name, err);
}

int juju_command_tick(struct juju_command *command, struct error *err)
{
	CLEANUP(json_done) cJSON *names = units_named(command);
	const cJSON *name;
	int result = 0;

	cJSON_ArrayForEach(name, names)
	{
		result = tick_one(command, cJSON_GetStringValue(name), err);
		if (result)
			break;
	}
	return result;
}

int juju_command_hook(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	const char *remote = juju_flag(&command->flags, "remote");
	const char *departing = juju_flag(&command->flags, "departing");
	const char *hook = NULL;
	cJSON *unit;

	if (juju_command_argument(&hook, command, 1, "hook", err) ||
		juju_command_unit(&model, &unit, command, 0, err))
		return -1;
	if (json_has(unit, "error"))
		return error_set(err, ERROR_FORMAT,
			"unit \"%s\" is in error: it runs no other hook", command->flags.args[0]);
	juju_follow_queue(unit, hook);
	juju_follow_about(unit, remote ? remote : "", departing ? departing : "");
	return save_and_settle(&model, command, command->flags.args[0], err);
}

int juju_command_reboot(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	cJSON *unit;

	if (juju_command_unit(&model, &unit, command, 0, err))
		return -1;
	juju_time_reboot();
	json_put_bool(unit, "reboot", json_true(unit, "started"));
	return save_and_settle(&model, command, command->flags.args[0], err);
}

int juju_command_meter(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_outcome_done) struct juju_outcome outcome = { 0 };
	struct juju_job job = { .dir = command->dir,
		.kind = JUJU_METER,
		.name = "meter-status-changed",
		.timeout = command->limits.hook_timeout };

	if (juju_command_argument(&job.unit, command, 0, "unit", err) ||
		juju_uniter_between(&outcome, &job, err))
		return -1;
	if (outcome.end == JUJU_FAILED || outcome.end == JUJU_TERMINATED) {
		CLEANUP(cleanup_free)
		char *text =
			alloc_textf("error running \"meter-status-changed\": %s", outcome.problem);

		juju_log_add(command->dir, job.unit, "ERROR", "juju.worker.meterstatus", text);
	}
	return outcome.end == JUJU_TIMEOUT ? JUJU_TIMED_OUT : 0;
}

/* fault TOOL MODE [TEXT] [--times N] [--skip N]; fault --clear; fault (lists). */
int juju_command_fault(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	const struct juju_flags *flags = &command->flags;
	CLEANUP(cleanup_free) char *list = NULL;
	cJSON *fault;

	if (juju_model_open(&model, command->dir, err))
		return -1;
	if (juju_flag(flags, "clear")) {
		json_put(model.root, "faults", cJSON_CreateArray());
		return juju_model_save(&model, err);
	}
	if (!flags->nargs) {
		list = cJSON_Print(json_get(model.root, "faults"));
		(void)puts(list);
		return 0;
	}
	if (flags->nargs < 2 || juju_fault_find(flags->args[1]) == JUJU_FAULT_NONE)
		return error_set(err, ERROR_FORMAT,
			"fault TOOL exit1|exit2|hang|flood|die|missing|kill-before|kill-after|"
			"text TEXT|port-conflict|halfway|deposed UNIT");
	if (juju_fault_find(flags->args[1]) == JUJU_FAULT_HALFWAY &&
		strcmp(flags->args[0], "resource-get") != 0)
		return error_set(err, ERROR_FORMAT, "halfway is for resource-get");
	if (!juju_tool_find(flags->args[0]) && strcmp(flags->args[0], "any") != 0)
		return error_set(err, ERROR_FORMAT, "no hook tool \"%s\"", flags->args[0]);
	fault = cJSON_CreateObject();
	json_put_text(fault, "tool", flags->args[0]);
	json_put_text(fault, "mode", flags->args[1]);
	json_put_text(fault, "text", flags->nargs > 2 ? flags->args[2] : "");
	json_put_number(fault, "times", (double)juju_flag_number(flags, "times", 1));
	json_put_number(fault, "skip", (double)juju_flag_number(flags, "skip", 0));
	cJSON_AddItemToArray(json_array(model.root, "faults"), fault);
	return juju_model_save(&model, err);
}

/* forget: empties the journals and the log; the numbers of runs go on. */
int juju_command_forget(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	CLEANUP(cleanup_free) char *journal = alloc_textf("%s/journal", command->dir);
	CLEANUP(cleanup_free) char *log = alloc_textf("%s/log.jsonl", command->dir);

	if (juju_model_open(&model, command->dir, err) || juju_remove_tree(journal, err) ||
		juju_remove_tree(log, err))
		return -1;
	return juju_make_dirs(journal, err);
}
