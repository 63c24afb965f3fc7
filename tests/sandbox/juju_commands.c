/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands about an application: deploy, refresh, units.
 */
#include "tests/sandbox/juju_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_charm.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_settings.h"

int juju_command_argument(const char **ret, const struct juju_command *command, int at,
	const char *what, struct error *err)
{
	if (at >= command->flags.nargs)
		return error_set(err, ERROR_FORMAT, "no %s specified", what);
	*ret = command->flags.args[at];
	return 0;
}

int juju_command_unit(struct juju_model *ret, cJSON **ret_unit, const struct juju_command *command,
	int at, struct error *err)
{
	const char *name = NULL;

	if (juju_command_argument(&name, command, at, "unit", err) ||
		juju_model_open(ret, command->dir, err))
		return -1;
	*ret_unit = juju_model_unit(ret, name);
	return *ret_unit ? 0 : error_set(err, ERROR_FORMAT, "unit \"%s\" not found", name);
}

int juju_command_app(struct juju_model *ret, cJSON **ret_app, const struct juju_command *command,
	const char *app, struct error *err)
{
	if (juju_model_open(ret, command->dir, err))
		return -1;
	*ret_app = juju_model_app(ret, app);
	return *ret_app ? 0 : error_set(err, ERROR_FORMAT, "application \"%s\" not found", app);
}

static int settle(const struct juju_command *command, const cJSON *names, struct error *err)
{
	const cJSON *name;
	int worst = 0;

	cJSON_ArrayForEach(name, names)
	{
		int result = juju_uniter_settle(
			command->dir, cJSON_GetStringValue(name), &command->limits, NULL, err);

		if (result < 0)
			return -1;
		worst = result > worst ? result : worst;
	}
	return worst;
}

/* The units of APP, or of all applications for NULL; with DUE, those that have to hear of another. */
static cJSON *units_of(const char *dir, const char *app, bool due, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	cJSON *names;
	const cJSON *unit;

	if (juju_model_open(&model, dir, err))
		return NULL;
	names = cJSON_CreateArray();
	cJSON_ArrayForEach(unit, json_get(model.root, "units"))
	{
		if ((!app || strcmp(json_text(unit, "app", ""), app) == 0) &&
			(!due || juju_relations_due(&model, unit)))
			json_push_text(names, unit->string);
	}
	return names;
}

int juju_command_follow(const char *dir, const struct juju_limits *limits, struct error *err)
{
	bool worked = true;

	while (worked) {
		CLEANUP(json_done) cJSON *names = units_of(dir, NULL, true, err);
		const cJSON *name;

		if (!names)
			return -1;
		worked = false;
		cJSON_ArrayForEach(name, names)
		{
			int result = juju_uniter_settle(
				dir, cJSON_GetStringValue(name), limits, &worked, err);

			if (result)
				return result;
		}
	}
	return 0;
}

int juju_command_settle(const struct juju_command *command, const char *app, struct error *err)
{
	CLEANUP(json_done) cJSON *names = units_of(command->dir, app, false, err);
	int first = names ? settle(command, names, err) : -1;

	return first ? first : juju_command_follow(command->dir, &command->limits, err);
}

/* Of --to 0,1: the machine for unit number AT of those that are added; 0 for the rest. To be freed. */
static char *placed(const struct juju_command *command, long long at)
{
	const char *to = juju_flag(&command->flags, "to");

	while (to && at-- > 0) {
		to = strchr(to, ',');
		to = to ? to + 1 : NULL;
	}
	return to ? alloc_textf("%.*s", (int)strcspn(to, ","), to) : alloc_text("0");
}

static void add_unit(struct juju_model *model, cJSON *app, const char *machine)
{
	long long number = json_number(app, "next-unit", 0);
	const char *name = json_text(app, "name", "");
	CLEANUP(cleanup_free) char *unit_name = alloc_textf("%s/%lld", name, number);
	CLEANUP(cleanup_free) char *address = alloc_textf("10.0.0.%lld", 10 + number);
	cJSON *unit = json_object(json_get(model->root, "units"), unit_name);

	json_put_number(app, "next-unit", (double)number + 1);
	json_put_text(unit, "name", unit_name);
	json_put_text(unit, "app", name);
	json_put_text(unit, "address", address);
	json_put_text(unit, "machine", machine);
	json_put_number(unit, "charm-revision", -1);
	juju_unit_agent(unit, "allocating", "");
	juju_unit_status(model, unit, "waiting", "waiting for machine", "juju");
	juju_unit_status(model, unit, "waiting", "installing agent", "juju");
	juju_unit_status(model, unit, "waiting", "agent initialising", "juju");
	juju_unit_agent(unit, "idle", "");
	if (!json_has(app, "leader"))
		json_put_text(app, "leader", unit_name);
}

static int add_units(
	struct juju_model *model, cJSON *app, const struct juju_command *command, struct error *err)
{
	long long units = juju_flag_number(&command->flags, "units", 1);

	for (long long at = 0; at < units; at++) {
		CLEANUP(cleanup_free) char *machine = placed(command, at);

		if (!json_get(json_get(model->root, "machines"), machine))
			return error_set(err, ERROR_FORMAT, "machine %s not found", machine);
		add_unit(model, app, machine);
	}
	return 0;
}
int juju_command_hook_env_of(cJSON *owner, const struct juju_command *command, struct error *err)
{
	cJSON *environment = json_object(owner, "hook-env");
	const cJSON *item;

	cJSON_ArrayForEach(item, juju_flag_all(&command->flags, "hook-env"))
	{
		const char *text = cJSON_GetStringValue(item);
		const char *equals = strchr(text, '=');
		CLEANUP(cleanup_free) char *key = NULL;

		if (!equals)
			return error_set(
				err, ERROR_FORMAT, "expected NAME=VALUE, got \"%s\"", text);
		key = alloc_textf("%.*s", (int)(equals - text), text);
		json_put_text(environment, key, equals + 1);
	}
	return 0;
}

static int add_settings(cJSON *app, const struct juju_command *command, struct error *err)
{
	const cJSON *item;

	cJSON_ArrayForEach(item,
		juju_flag_all(&command->flags, "config")) if (juju_settings_set(app,
								      cJSON_GetStringValue(item),
								      err)) return -1;
	return 0;
}

static int fill_app(struct juju_model *model, cJSON *app, cJSON *charm,
	const struct juju_command *command, struct error *err)
{
	json_put(app, "charm", charm);
	json_put_text(app, "name", app->string);
	if (juju_resources_add(model, app, command, err))
		return -1;
	json_put_number(app, "next-unit",
		(double)json_number(json_get(model->root, "next-units"), app->string, 0));
	(void)json_object(app, "settings");
	if (command->clock) {
		CLEANUP(cleanup_free) char *clock = realpath(command->clock, NULL);

		json_put_text(model->root, "clock", clock ? clock : command->clock);
	}
	if (add_settings(app, command, err) || juju_command_hook_env_of(app, command, err))
		return -1;
	return add_units(model, app, command, err) ? -1 : juju_model_save(model, err);
}

int juju_command_deploy(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	CLEANUP(cleanup_free) char *name = NULL;
	cJSON *charm = NULL;
	const char *path = NULL;

	if (juju_command_argument(&path, command, 0, "charm", err) ||
		juju_model_open(&model, command->dir, err) ||
		juju_charm_take(&charm, &model, path, err))
		return -1;
	name = alloc_text(
		command->flags.nargs > 1 ? command->flags.args[1] : json_text(charm, "name", ""));
	if (juju_model_app(&model, name)) {
		cJSON_Delete(charm);
		return error_set(err, ERROR_FORMAT,
			"cannot add application \"%s\": application already exists", name);
	}
	(void)fprintf(stderr,
		"Located local charm \"%s\", revision %lld\n"
		"Deploying \"%s\" from local charm \"%s\", revision %lld on %s/stable\n",
		json_text(charm, "name", ""), json_number(charm, "revision", 0), name,
		json_text(charm, "name", ""), json_number(charm, "revision", 0),
		json_text(charm, "base", ""));
	if (fill_app(&model, json_object(json_get(model.root, "apps"), name), charm, command, err))
		return -1;
	juju_model_close(&model);
	return juju_command_settle(command, name, err);
}

/* Values of options that the new charm does not have, or has with another type, are dropped. */
static void keep_known_settings(cJSON *app)
{
	cJSON *settings = json_object(app, "settings");
	const cJSON *options = json_get(json_get(app, "charm"), "options");
	cJSON *value = settings->child;

	while (value) {
		cJSON *next = value->next;

		if (!json_get(options, value->string))
			json_drop(settings, value->string);
		value = next;
	}
}

static bool lacks(const cJSON *names, const char *name)
{
	const cJSON *one;

	cJSON_ArrayForEach(
		one, names) if (strcmp(cJSON_GetStringValue(one), name) == 0) return false;
	return true;
}

/*
 * A refresh of Juju 4.0.15 brings no relation and no resource that was not there before, also when
 * a file for it is GIVEN.
 */
static int refuse_additions(const cJSON *app, const cJSON *charm, bool given, struct error *err)
{
	const cJSON *old = json_get(app, "charm");
	const cJSON *one;

	cJSON_ArrayForEach(one, json_get(charm, "resources"))
	{
		if (!json_has(json_get(old, "resources"), one->string))
			return error_set(err, ERROR_FORMAT,
				given ? "resource \"%s\" not found"
				      : "new resource \"%s\" was missing, please provide it via "
					"--resource",
				one->string);
	}
	cJSON_ArrayForEach(one, json_get(charm, "peers"))
	{
		const char *name = cJSON_GetStringValue(one);

		if (lacks(json_get(old, "peers"), name))
			return error_set(err, ERROR_FORMAT,
				"setting application \"%s\" charm: one or more of the provided "
				"endpoints \"juju-info, %s\" do not exist",
				json_text(app, "name", ""), name);
	}
	return 0;
}

int juju_command_refresh(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	const char *path = juju_flag(&command->flags, "path");
	cJSON *charm = NULL;
	const char *name = NULL;
	cJSON *app;

	if (juju_command_argument(&name, command, 0, "application", err) ||
		juju_command_app(&model, &app, command, name, err))
		return -1;
	if (!path)
		return error_set(err, ERROR_FORMAT, "a local charm is refreshed with --path");
	if (juju_charm_take(&charm, &model, path, err))
		return -1;
	if (strcmp(json_text(charm, "name", ""), json_text(json_get(app, "charm"), "name", ""))) {
		(void)error_set(err, ERROR_FORMAT, "cannot upgrade \"%s\" to \"%s\"", name,
			json_text(charm, "name", ""));
		cJSON_Delete(charm);
		return -1;
	}
	if (!model.like->refresh_adds &&
		refuse_additions(app, charm, juju_flag(&command->flags, "resource") != NULL, err)) {
		cJSON_Delete(charm);
		return -1;
	}
	(void)fprintf(stderr, "Added local charm \"%s\", revision %lld, to the model\n",
		json_text(charm, "name", ""), json_number(charm, "revision", 0));
	json_put(app, "charm", charm);
	json_put_bool(app, "force-units", juju_flag(&command->flags, "force-units") != NULL);
	if (juju_resources_add(&model, app, command, err))
		return -1;
	keep_known_settings(app);
	if (juju_command_hook_env_of(app, command, err) || juju_model_save(&model, err))
		return -1;
	juju_model_close(&model);
	return juju_command_settle(command, name, err);
}

int juju_command_add_unit(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	const char *name = NULL;
	cJSON *app;

	if (juju_command_argument(&name, command, 0, "application", err) ||
		juju_command_app(&model, &app, command, name, err) ||
		add_units(&model, app, command, err) || juju_model_save(&model, err))
		return -1;
	juju_model_close(&model);
	return juju_command_settle(command, name, err);
}

/* hook-env APP NAME=VALUE...: adds to the environment of hooks; "NAME=" removes it again. */
int juju_command_hook_env(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	const char *name = NULL;
	cJSON *app;

	if (juju_command_argument(&name, command, 0, "application", err) ||
		juju_command_app(&model, &app, command, name, err))
		return -1;
	for (int at = 1; at < command->flags.nargs; at++) {
		const char *text = command->flags.args[at];
		const char *equals = strchr(text, '=');
		CLEANUP(cleanup_free) char *key = NULL;

		if (!equals)
			return error_set(
				err, ERROR_FORMAT, "expected NAME=VALUE, got \"%s\"", text);
		key = alloc_textf("%.*s", (int)(equals - text), text);
		if (equals[1])
			json_put_text(json_object(app, "hook-env"), key, equals + 1);
		else
			json_drop(json_object(app, "hook-env"), key);
	}
	return juju_model_save(&model, err);
}
