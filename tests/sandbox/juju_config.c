/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command config.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_commands.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_settings.h"

/* Prints one value bare, or all as juju config does; FORMAT is NULL, yaml or json. */
static int show_config(const cJSON *app, const char *key, const char *format, struct error *err)
{
	CLEANUP(json_done) cJSON *values = juju_settings_effective(app, true);
	CLEANUP(json_done) cJSON *shown = cJSON_CreateObject();
	CLEANUP(buf_done) struct buf text = { .limit = 16 << 20 };
	cJSON *settings = json_object(shown, "settings");
	const cJSON *option;

	if (key && !json_get(values, key))
		return error_set(err, ERROR_FORMAT,
			"key \"%s\" not found in \"%s\" application config "
			"or charm settings.",
			key, json_text(app, "name", ""));
	if (key) {
		json_print_smart(&text, json_get(values, key));
		(void)fputs(buf_text(&text), stdout);
		return 0;
	}
	json_put_text(shown, "application", json_text(app, "name", ""));
	json_put_text(shown, "charm", json_text(json_get(app, "charm"), "name", ""));
	cJSON_ArrayForEach(option, json_get(json_get(app, "charm"), "options"))
	{
		cJSON *entry = json_object(settings, option->string);
		const cJSON *value = json_get(values, option->string);
		bool user = json_get(json_get(app, "settings"), option->string) != NULL;
		const char *source = user                          ? "user"
				     : json_has(option, "default") ? "default"
								   : "unset";

		json_put_text(entry, "description", json_text(option, "description", ""));
		json_put_text(entry, "type", json_text(option, "type", "string"));
		json_put_text(entry, "source", source);
		if (value && !cJSON_IsNull(value))
			json_put(entry, "value", cJSON_Duplicate(value, true));
		if (json_has(option, "default"))
			json_put(entry, "default",
				cJSON_Duplicate(json_get(option, "default"), true));
	}
	if (format && strcmp(format, "json") == 0) {
		json_print_go(&text, shown);
		(void)buf_adds(&text, "\n");
	} else {
		json_print_yaml(&text, shown, 0);
	}
	(void)fputs(buf_text(&text), stdout);
	return 0;
}

static int wrong_option(const struct juju_model *model, struct error *err)
{
	struct error why = *err;

	return error_set(err, why.kind, "%s%s", model->like->wrong_option, why.text);
}

/* Units that knew the settings before know them now: Juju 4 tells nobody. */
static void reset_untold(
	const struct juju_model *model, const cJSON *app, const char *before, const char *now)
{
	cJSON *unit;

	cJSON_ArrayForEach(unit, json_get(model->root, "units"))
	{
		if (strcmp(json_text(unit, "app", ""), json_text(app, "name", "")) == 0 &&
			strcmp(json_text(unit, "hash", ""), before) == 0)
			json_put_text(unit, "hash", now);
	}
}

static int reset_settings(
	const struct juju_model *model, cJSON *app, const char *list, struct error *err)
{
	CLEANUP(cleanup_free) char *before = juju_settings_hash(app);
	CLEANUP(cleanup_free) char *keys = alloc_text(list);
	CLEANUP(cleanup_free) char *now = NULL;
	char *rest = NULL;

	for (char *key = strtok_r(keys, ",", &rest); key; key = strtok_r(NULL, ",", &rest))
		if (juju_settings_reset(app, key, err))
			return wrong_option(model, err);
	now = juju_settings_hash(app);
	if (model->like->config_twice)
		reset_untold(model, app, before, now);
	return 0;
}

int juju_command_config(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	const cJSON *resets = juju_flag_all(&command->flags, "reset");
	const char *format = juju_flag(&command->flags, "format");
	const char *name = NULL;
	const cJSON *reset;
	cJSON *app;

	if (juju_command_argument(&name, command, 0, "application name", err) ||
		juju_command_app(&model, &app, command, name, err))
		return -1;
	if (command->flags.nargs == 1 && !resets->child)
		return show_config(app, NULL, format, err);
	if (command->flags.nargs == 2 && !strchr(command->flags.args[1], '='))
		return show_config(app, command->flags.args[1], format, err);
	cJSON_ArrayForEach(reset, resets) if (reset_settings(&model, app,
						      cJSON_GetStringValue(reset), err)) return -1;
	for (int at = 1; at < command->flags.nargs; at++)
		if (juju_settings_set(app, command->flags.args[at], err))
			return wrong_option(&model, err);
	if (juju_model_save(&model, err))
		return -1;
	juju_model_close(&model);
	return juju_command_settle(command, name, err);
}
