/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resources, as the operator gives them to an application: a copy at the controller, and every unit
 * gets a new "revision" of the charm, which is the same charm.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_commands.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"

static const char *ending(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && !strchr(dot, '/') ? dot : "";
}

static int attach(const struct juju_model *model, cJSON *app, const char *name, const char *path,
	struct error *err)
{
	const char *file = json_text(json_get(json_get(app, "charm"), "resources"), name, NULL);
	CLEANUP(cleanup_free) char *to = juju_resource_path(model, app, name);
	CLEANUP(cleanup_free) char *folder = alloc_textf("%.*s", (int)(strrchr(to, '/') - to), to);

	if (!file)
		return error_set(err, ERROR_FORMAT, "resource \"%s\" not found", name);
	if (access(path, R_OK))
		return error_system(err, errno, "file for resource \"%s\": %s", name, path);
	if (strcmp(ending(path), ending(file)) != 0)
		return error_set(err, ERROR_FORMAT,
			"failed to upload resource \"%s\": incorrect extension on resource upload "
			"\"%s\", expected \"%s\"",
			name, path, ending(file));
	if (juju_make_dirs(folder, err) || juju_copy_file(path, to, 0644, err))
		return -1;
	json_put_bool(json_object(app, "attached"), name, true);
	json_put_number(app, "modified", (double)json_number(app, "modified", 0) + 1);
	return 0;
}

/* One of NAME=PATH. */
static int attach_pair(
	const struct juju_model *model, cJSON *app, const char *pair, struct error *err)
{
	const char *equals = strchr(pair, '=');
	CLEANUP(cleanup_free) char *name = NULL;

	if (!equals || equals == pair || !equals[1])
		return error_set(err, ERROR_FORMAT, "expected name=path format, got \"%s\"", pair);
	name = alloc_textf("%.*s", (int)(equals - pair), pair);
	return attach(model, app, name, equals + 1, err);
}

int juju_resources_add(const struct juju_model *model, cJSON *app,
	const struct juju_command *command, struct error *err)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, juju_flag_all(&command->flags, "resource"))
	{
		if (attach_pair(model, app, cJSON_GetStringValue(item), err))
			return -1;
	}
	return 0;
}

int juju_command_attach_resource(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	const char *name = NULL, *pair = NULL;
	cJSON *app;

	if (juju_command_argument(&name, command, 0, "application", err) ||
		juju_command_argument(&pair, command, 1, "resource", err) ||
		juju_command_app(&model, &app, command, name, err) ||
		attach_pair(&model, app, pair, err) || juju_model_save(&model, err))
		return -1;
	juju_model_close(&model);
	return juju_command_settle(command, name, err);
}
