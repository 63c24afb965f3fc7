/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands that run something on a unit: exec, run, ssh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_actions.h"
#include "tests/sandbox/juju_commands.h"
#include "tests/sandbox/juju_fault.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_time.h"

/* Quotes a word for bash where that is needed. */
static void add_word(struct buf *ret, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./=:,@%+";

	if (*word && strspn(word, plain) == strlen(word)) {
		(void)buf_adds(ret, word);
		return;
	}
	(void)buf_adds(ret, "'");
	for (; *word; word++)
		(void)buf_adds(ret, *word == '\'' ? "'\"'\"'" : (char[]){ *word, '\0' });
	(void)buf_adds(ret, "'");
}

/* A single argument is a script, several are words. */
static void join(struct buf *ret, char **args)
{
	if (args[0] && !args[1]) {
		(void)buf_adds(ret, args[0]);
		return;
	}
	for (int at = 0; args[at]; at++) {
		(void)buf_adds(ret, at ? " " : "");
		add_word(ret, args[at]);
	}
}

static void print_both(const struct juju_outcome *outcome)
{
	(void)juju_write_all(STDOUT_FILENO, buf_text(&outcome->out), outcome->out.len);
	(void)juju_write_all(STDERR_FILENO, buf_text(&outcome->err), outcome->err.len);
}

/* --format json: by unit, with results as Juju names them. */
static void print_results(
	const struct juju_outcome *outcome, const char *unit, bool failed, const char *format)
{
	CLEANUP(json_done) cJSON *all = cJSON_CreateObject();
	CLEANUP(buf_done) struct buf text = { .limit = 64 << 20 };
	cJSON *task = json_object(all, unit);
	cJSON *results;

	json_put_text(task, "id", json_text(outcome->action, "id", ""));
	json_put_text(task, "unit", unit);
	json_put_text(task, "status", failed ? "failed" : "completed");
	json_put_text(task, "message", json_text(outcome->action, "message", ""));
	json_put(task, "results", cJSON_Duplicate(json_get(outcome->action, "results"), true));
	json_put(task, "log", cJSON_Duplicate(json_get(outcome->action, "logs"), true));
	results = json_object(task, "results");
	if (json_has(outcome->action, "results")) { /* it ran */
		json_put_number(results, "return-code", outcome->exit);
		json_put_text(results, "stdout", buf_text(&outcome->out));
		json_put_text(results, "stderr", buf_text(&outcome->err));
	}
	if (strcmp(format, "json") == 0) {
		json_print_go(&text, all);
		(void)buf_adds(&text, "\n");
	} else {
		json_print_yaml(&text, all, 0);
	}
	(void)fputs(buf_text(&text), stdout);
}

static int tell_failed(const struct juju_outcome *outcome)
{
	(void)fprintf(stderr,
		"ERROR the following task failed:\n - id \"%s\" with return code %d\n\n"
		"use 'juju show-task' to inspect the failure\n",
		json_text(outcome->action, "id", ""), outcome->exit);
	return 1;
}

int juju_command_exec(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_outcome_done) struct juju_outcome outcome = { 0 };
	const char *format = juju_flag(&command->flags, "format");
	CLEANUP(buf_done) struct buf script = { .limit = 1 << 20 };
	struct juju_job job = { .dir = command->dir,
		.unit = juju_flag(&command->flags, "unit"),
		.kind = JUJU_EXEC,
		.name = "juju-exec",
		.timeout = command->limits.hook_timeout };

	if (!job.unit)
		return error_set(err, ERROR_FORMAT,
			"You must specify a target, either through --all, --machine, --application "
			"or --unit");
	if (!command->flags.nargs)
		return error_set(err, ERROR_FORMAT, "no commands specified");
	join(&script, command->flags.args);
	job.script = buf_text(&script);
	if (juju_uniter_between(&outcome, &job, err))
		return -1;
	if (format && strcmp(format, "plain") != 0)
		print_results(&outcome, job.unit, outcome.exit != 0, format);
	else
		print_both(&outcome);
	if (outcome.end == JUJU_TIMEOUT)
		return JUJU_TIMED_OUT;
	if (juju_command_follow(command->dir, &command->limits, err) < 0)
		return -1;
	return outcome.exit == 0 ? 0 : tell_failed(&outcome);
}

/* What actions.yaml says of it, to be freed; none where the client does not know what there is. */
static int find_action(cJSON **ret, const struct juju_like **ret_like,
	const struct juju_command *command, const char *name, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	const cJSON *charm, *actions, *action;
	cJSON *unit;

	if (juju_command_unit(&model, &unit, command, 0, err))
		return -1;
	charm = json_get(juju_model_unit_app(&model, unit), "charm");
	actions = json_get(charm, "actions");
	action = json_get(actions, name);
	*ret_like = model.like;
	if (!action && !model.like->any_action)
		return actions->child
			       ? error_set(err, ERROR_FORMAT,
					 "action \"%s\" not defined for unit \"%s\". (not found)",
					 name, command->flags.args[0])
			       : error_set(err, ERROR_FORMAT,
					 "no actions defined for charm %s. (not found)",
					 json_text(charm, "name", ""));
	*ret = action ? cJSON_Duplicate(action, true) : NULL;
	return 0;
}

/* A task that failed before anything ran. */
static int refuse(struct juju_outcome *ret, const struct juju_command *command, const char *why,
	struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	CLEANUP(cleanup_free) char *id = NULL;

	if (juju_model_open(&model, command->dir, err))
		return -1;
	id = juju_model_task(&model);
	*ret = (struct juju_outcome){ .end = JUJU_DONE, .action = cJSON_CreateObject() };
	json_put_text(ret->action, "id", id);
	json_put_text(ret->action, "message", why);
	json_put_bool(ret->action, "failed", true);
	return juju_model_save(&model, err);
}

static int run_action(
	struct juju_outcome *ret, const struct juju_command *command, struct error *err)
{
	CLEANUP(json_done) cJSON *params = NULL;
	CLEANUP(json_done) cJSON *declared = NULL;
	CLEANUP(cleanup_free) char *why = NULL;
	const struct juju_like *like = NULL;
	struct juju_job job = {
		.dir = command->dir, .kind = JUJU_ACTION, .timeout = command->limits.hook_timeout
	};

	if (juju_command_argument(&job.unit, command, 0, "unit", err) ||
		juju_command_argument(&job.name, command, 1, "action", err) ||
		juju_actions_params(&params, juju_flag(&command->flags, "params"),
			command->flags.args + 2, err) ||
		find_action(&declared, &like, command, job.name, err))
		return -1;
	if (declared) {
		why = juju_actions_refuse(like, declared, params);
		if (why)
			return refuse(ret, command, why, err);
		juju_actions_defaults(declared, params);
	}
	job.params = params;
	job.parallel = json_true(declared, "parallel");
	return juju_uniter_between(ret, &job, err);
}

int juju_command_run(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_outcome_done) struct juju_outcome outcome = { 0 };
	const char *format = juju_flag(&command->flags, "format");
	cJSON *action;
	bool failed;

	if (run_action(&outcome, command, err))
		return -1;
	action = outcome.action;
	if (outcome.end != JUJU_DONE)
		json_put_text(action, "message", outcome.problem);
	failed = json_true(action, "failed") || outcome.end != JUJU_DONE;
	print_results(&outcome, command->flags.args[0], failed, format ? format : "yaml");
	if (failed)
		(void)fprintf(stderr, "Action id %s failed: %s\n", json_text(action, "id", ""),
			json_text(action, "message", ""));
	if (outcome.end == JUJU_TIMEOUT)
		return JUJU_TIMED_OUT;
	if (juju_command_follow(command->dir, &command->limits, err) < 0)
		return -1;
	return outcome.exit == 0 ? 0 : tell_failed(&outcome);
}

/* A new login shell: no hook environment, no lock, no queue. */
int juju_command_ssh(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	CLEANUP(buf_done) struct buf script = { .limit = 1 << 20 };
	CLEANUP(cleanup_free) char *home = NULL;
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char user[] = "USER=ubuntu", lang[] = "LANG=C.UTF-8", bash[] = "bash", option[] = "-c";
	char *environment[5] = { path, user, lang, NULL, NULL };
	char *argv[4] = { bash, option, NULL, NULL };
	cJSON *unit;

	if (juju_command_unit(&model, &unit, command, 0, err))
		return -1;
	for (int at = 1; at < command->flags.nargs; at++)
		(void)buf_addf(&script, "%s%s", at > 1 ? " " : "", command->flags.args[at]);
	home = alloc_textf("HOME=%s", model.dir);
	environment[3] = home;
	argv[2] = script.data;
	if (!script.len)
		return error_set(err, ERROR_FORMAT, "no command specified");
	if (chdir(model.dir))
		return error_set(err, ERROR_FORMAT, "cannot enter %s", model.dir);
	juju_model_close(&model);
	(void)fflush(NULL);
	(void)execve("/bin/bash", argv, environment);
	return error_set(err, ERROR_FORMAT, "cannot run bash");
}

/* The fault of this call, as for the hook tools. */
static enum juju_fault take_fault(const char *dir, char **ret_text)
{
	struct juju_call call = { .name = "juju-exec", .model = { .lock = -1 } };
	enum juju_fault fault = JUJU_FAULT_NONE;

	*ret_text = NULL;
	if (juju_model_open(&call.model, dir, NULL))
		return fault;
	fault = juju_fault_take(&call, call.name, ret_text);
	if (call.changed)
		(void)juju_model_save(&call.model, NULL);
	juju_model_close(&call.model);
	return fault;
}

static int exec_failed(const char *text)
{
	(void)fprintf(stderr, "ERROR %s\n", text);
	return 1;
}

/* Its exit status is that of the script. A fault comes before it, "kill-after" when it has run. */
int juju_exec_main(char **argv)
{
	const char *dir = getenv("SANDBOX_JUJU_MODEL"), *clock = getenv("SANDBOX_CLOCK");
	CLEANUP(juju_outcome_done) struct juju_outcome outcome = { 0 };
	const struct juju_limits limits = { .hook_timeout = 300 };
	CLEANUP(cleanup_free) char *text = NULL;
	struct juju_job job = {
		.dir = dir, .kind = JUJU_EXEC, .name = "juju-exec", .timeout = limits.hook_timeout
	};
	enum juju_fault fault;
	struct error err;

	if (!dir || !argv[1] || !argv[2] || juju_time_use(clock, &err))
		return 2;
	job.unit = argv[1];
	job.script = argv[2];
	fault = take_fault(dir, &text);
	if (fault == JUJU_FAULT_ABSENT)
		return 127;
	if (fault != JUJU_FAULT_NONE && fault != JUJU_FAULT_KILL_AFTER)
		return exec_failed(*text ? text : "unexpected EOF");
	if (juju_uniter_between(&outcome, &job, &err)) {
		CLEANUP(cleanup_free)
		char *gone = alloc_textf("unit \"%s\" not found on this machine", job.unit);

		return exec_failed(strstr(err.text, "not found") ? gone : err.text);
	}
	if (fault == JUJU_FAULT_KILL_AFTER)
		return exec_failed("unexpected EOF");
	print_both(&outcome);
	(void)juju_command_follow(dir, &limits, &err);
	return outcome.exit;
}
