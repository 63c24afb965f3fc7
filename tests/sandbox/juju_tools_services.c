/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hook finds on its PATH beside the hook tools: systemd-run, and juju-exec, which Juju refuses
 * to a hook. A transient service is only written down, as services/NAME.json in the model's folder:
 * its command line and its environment. Whoever runs it writes its process id beside it, NAME.pid.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_files.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/juju_tools.h"

int juju_tool_exec(struct juju_call *call)
{
	(void)buf_adds(&call->err, "ERROR juju-exec cannot be called from within a hook\n");
	return 2;
}

/* Whether the process runs; one that nobody has waited for yet has ended. */
static bool runs(const char *pid_path)
{
	CLEANUP(cleanup_free) char *path = NULL;
	FILE *file = fopen(pid_path, "re");
	char state = 'Z';
	int pid = 0;

	if (!file)
		return false;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	(void)fclose(file);
	path = alloc_textf("/proc/%d/stat", pid);
	file = pid > 0 ? fopen(path, "re") : NULL;
	if (!file)
		return false;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 'Z';
	(void)fclose(file);
	return state != 'Z' && state != 'X';
}

int juju_tool_systemd_run(struct juju_call *call)
{
	const char *name = juju_flag(&call->flags, "unit");
	CLEANUP(cleanup_free) char *dir = alloc_textf("%s/services", call->model.dir);
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s.json", dir, name ? name : "run");
	CLEANUP(cleanup_free) char *pid = alloc_textf("%s/%s.pid", dir, name ? name : "run");
	CLEANUP(json_done) cJSON *service = cJSON_CreateObject();
	CLEANUP(buf_done) struct buf text = { .limit = 1 << 20 };
	struct error err;

	if (runs(pid)) {
		(void)buf_addf(&call->err,
			"Failed to start transient service unit: Unit %s.service was already "
			"loaded or has a fragment file.\n",
			name);
		return 1;
	}
	for (int at = 0; at < call->flags.nargs; at++)
		json_push_text(json_array(service, "argv"), call->flags.args[at]);
	json_put(service, "env", cJSON_Duplicate(juju_flag_all(&call->flags, "setenv"), true));
	json_put(service, "property",
		cJSON_Duplicate(juju_flag_all(&call->flags, "property"), true));
	json_put_bool(service, "collect", juju_flag(&call->flags, "collect") != NULL);
	json_print_go(&text, service);
	if (juju_make_dirs(dir, &err) || juju_replace_file(path, buf_text(&text), text.len, &err))
		return juju_tool_fail(call, 1, "%s", err.text);
	(void)unlink(pid);
	return 0;
}
