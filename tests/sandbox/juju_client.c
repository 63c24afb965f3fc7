/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Juju's client has besides a model's commands: its version, and models by name. They are
 * folders in $SANDBOX_JUJU_DATA; without it, and with a slash in its name, a model is a folder that
 * the caller has chosen.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_commands.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"

static const char *data_folder(const char *name)
{
	return strchr(name, '/') ? NULL : getenv("SANDBOX_JUJU_DATA");
}

int juju_client_model(char **ret, const char *name, struct error *err)
{
	const char *data = data_folder(name);
	CLEANUP(cleanup_free)
	char *dir = data ? alloc_textf("%s/%s", data, name) : alloc_text(name);

	if (data && access(dir, F_OK))
		return error_set(err, ERROR_FORMAT, "model sandbox:admin/%s not found", name);
	*ret = dir;
	dir = NULL;
	return 0;
}

/* The folder of the model that the first argument names. To be freed. */
static int named_model(char **ret, const struct juju_command *command, struct error *err)
{
	const char *name = NULL;
	const char *data;

	if (juju_command_argument(&name, command, 0, "model name", err))
		return -1;
	data = data_folder(name);
	if (!data || *name == '.')
		return error_set(err, ERROR_FORMAT,
			"\"%s\" is not a valid name, or $SANDBOX_JUJU_DATA is not set", name);
	*ret = alloc_textf("%s/%s", data, name);
	return 0;
}

/* A cloud, a configuration and the like are taken and mean nothing. */
int juju_command_add_model(struct juju_command *command, struct error *err)
{
	CLEANUP(juju_model_close) struct juju_model model = { .lock = -1 };
	CLEANUP(cleanup_free) char *dir = NULL;

	if (named_model(&dir, command, err))
		return -1;
	if (access(dir, F_OK) == 0)
		return error_set(err, ERROR_FORMAT,
			"failed to create new model: model \"%s\" for admin already exists",
			command->flags.args[0]);
	if (juju_model_open(&model, dir, err))
		return -1;
	json_put_text(model.root, "name", command->flags.args[0]);
	(void)fprintf(stderr, "Added '%s' model on localhost/localhost for user 'admin'\n",
		command->flags.args[0]);
	return juju_model_save(&model, err);
}

/* Units run no hooks: as with --force on a machine that goes with its model. */
int juju_command_destroy_model(struct juju_command *command, struct error *err)
{
	CLEANUP(cleanup_free) char *dir = NULL;

	if (named_model(&dir, command, err))
		return -1;
	if (access(dir, F_OK))
		return error_set(err, ERROR_FORMAT, "model sandbox:admin/%s not found",
			command->flags.args[0]);
	(void)fprintf(stderr, "Destroying model\nModel destroyed.\n");
	return juju_remove_tree(dir, err);
}

int juju_command_version(struct juju_command *command, struct error *err)
{
	CLEANUP(json_done) cJSON *all = cJSON_CreateObject();
	CLEANUP(buf_done) struct buf text = { .limit = 4096 };
	CLEANUP(cleanup_free) char *version = NULL;
	const struct juju_like *like = NULL;

	if (juju_like_chosen(&like, err))
		return -1;
	version = alloc_textf("%s-sandbox-amd64", like->version);
	json_put_text(all, "version", version);
	json_put_text(all, "git-commit", "");
	json_put_text(all, "git-tree-state", "");
	json_put_text(all, "compiler", "gcc");
	if (!juju_flag(&command->flags, "format") || !juju_flag(&command->flags, "all")) {
		(void)puts(json_text(all, "version", ""));
		return 0;
	}
	json_print_go(&text, all);
	(void)puts(buf_text(&text));
	return 0;
}
