/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the tools folder of a unit.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_archive.h"
#include "tests/sandbox/juju_fault.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_hook.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_tools.h"

static int link_tool(
	const char *dir, const char *tool, const char *program, bool missing, struct error *err)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", dir, tool);

	if (missing) {
		(void)unlink(path);
		return 0;
	}
	if (symlink(program, path) && errno != EEXIST)
		return error_system(err, errno, "cannot make %s", path);
	return 0;
}

/*
 * The target of the links: sandbox-juju-tool beside this program, which starts faster because it
 * needs fewer libraries, or else this program itself.
 */
static int find_program(char *ret, size_t size, struct error *err)
{
	if (juju_beside(ret, size, "-tool", err))
		return -1;
	if (access(ret, X_OK))
		ret[strlen(ret) - strlen("-tool")] = '\0';
	return 0;
}

static bool any_missing(const struct juju_model *model)
{
	const cJSON *fault;

	cJSON_ArrayForEach(
		fault, json_get(model->root, "faults")) if (strcmp(json_text(fault, "mode", ""),
								    "missing") == 0) return true;
	return false;
}

int juju_tools_prepare(struct juju_model *model, const char *unit, struct error *err)
{
	CLEANUP(cleanup_free) char *dir = juju_unit_path(model->dir, "tools", unit);
	cJSON *state = juju_model_unit(model, unit);
	bool some = any_missing(model);
	char program[PATH_MAX];

	if (json_true(state, "tools") && !some)
		return 0;
	if (find_program(program, sizeof program, err))
		return -1;
	if (juju_make_dirs(dir, err))
		return -1;
	for (const struct juju_tool *tool = juju_tools; tool->name; tool++) {
		bool missing = some && juju_fault_missing(model, tool->name);

		if (link_tool(dir, tool->name, program, missing, err))
			return -1;
	}
	/* If a tool was left out, the next run makes the links again. */
	json_put_bool(state, "tools", !some);
	return 0;
}
