/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/dispatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "fsm/names.h"
#include "fsm/turn.h"
#include "hooks/action.h"
#include "hooks/fleet.h"
#include "hooks/loop.h"
#include "hooks/resource.h"
#include "hooks/unit.h"
#include "hooks/waker.h"
#include "juju/tool.h"

_Static_assert((int)JUJU_WRONG_SIZE == (int)FSM_DETAIL_MAX + 1, "what is wrong is a detail");

static int complain(const struct error *err)
{
	char line[sizeof err->text];

	text_ascii(line, sizeof line, err->text);
	(void)fprintf(stderr, "microsample-vm: %s\n", line);
	return 1;
}

/* The database of a newer charm is left alone: what it holds we cannot know. */
static int refuse_newer(const struct run *run, const struct error *err)
{
	struct error why = { 0 };
	char message[FSM_STATUS_MAX + 1];

	(void)snprintf(message, sizeof message,
		"Database is of a newer charm (schema %d, known %d); run: juju refresh", err->code,
		store_schema_own());
	if (juju_status(fsm_status_name(FSM_STATUS_BLOCKED), message, run_tool_time(run), &why) < 0)
		return complain(&why);
	(void)juju_log(JUJU_ERROR, err->text, run_tool_time(run), NULL);
	if (run->kind == FSM_HOOK_REMOVE)
		return complain(err); /* whether the snap is ours to remove stands in there */
	return 0;
}

static int reconcile(struct run *run, bool option, struct error *err)
{
	int outcome;

	if (unit_open(run, err) < 0)
		return err->kind == ERROR_NEWER ? refuse_newer(run, err) : complain(err);
	if (fsm_at_rest(&run->record, run->kind) && fleet_rests(run))
		return 0;
	if (option && juju_options(run_tool_time(run), &run->option, err) < 0)
		return complain(err);
	resource_read(run);
	outcome = loop_run(run, err) < 0 ? complain(err) : 0;
	waker_keep(run);
	log_send(&run->log, run_tool_time(run));
	if (outcome == 0 && run->kind == FSM_HOOK_REMOVE &&
		!fsm_may_end(&run->record, run->event)) {
		struct fsm_status_line why = fsm_status_line(&run->record, "");

		(void)error_set(err, ERROR_NONE,
			"the snap could not be removed yet; the hook is to run again: %s",
			why.message);
		return complain(err);
	}
	return outcome;
}

static int run_hook(const char *name, bool option)
{
	CLEANUP(run_done) struct run run;
	struct error err = { 0 };

	run_init(&run, name);
	if (unit_lock(&run, &err) == 0)
		return reconcile(&run, option, &err);
	if (err.kind != ERROR_BUSY)
		return complain(&err);
	(void)juju_log(JUJU_WARNING, err.text, run_tool_time(&run), NULL);
	return run.kind == FSM_HOOK_REMOVE ? complain(&err) : 0;
}

static int run_hook_untouched(const char *name, bool option)
{
	(void)name;
	(void)option;
	return 0;
}

static int run_action(const char *name, bool option)
{
	CLEANUP(run_done) struct run run;
	struct error err = { 0 };

	(void)option;
	run_init(&run, name);
	return action_run(&run, &err) < 0 ? complain(&err) : 0;
}

/* clang-format off */
/* What JUJU_DISPATCH_PATH can name; the first row that fits. Without a name it fits any. */
static const struct entry {
	const char *folder, *name;
	bool option; /* the option is read: on the way out it means nothing, and need not be readable */
	int (*run)(const char *name, bool option);
} entries[] = {
	{ "actions", NULL,                   false, run_action },
	/* Metering: it may come before `install`, and nearly every hook tool fails in it. */
	{ NULL,      "meter-status-changed", false, run_hook_untouched },
	{ NULL,      "collect-metrics",      false, run_hook_untouched },
	{ NULL,      "remove",               false, run_hook },
	{ NULL,      NULL,                   true,  run_hook },
};
/* clang-format on */

static bool fits(const struct entry *entry, const char *path, const char *name)
{
	size_t folder = entry->folder ? strlen(entry->folder) : 0;

	if (entry->folder && (strncmp(path, entry->folder, folder) != 0 || path[folder] != '/'))
		return false;
	return !entry->name || strcmp(name, entry->name) == 0;
}

int dispatch(void)
{
	const char *path = getenv("JUJU_DISPATCH_PATH");
	const struct entry *entry = entries;
	char name[FSM_WORD_MAX + 1];
	const char *slash;

	if (!path || !*path) {
		(void)fprintf(stderr, "usage: dispatch runs the hook that Juju names in "
				      "JUJU_DISPATCH_PATH; to look at the unit: ./state\n");
		return 2;
	}
	slash = strrchr(path, '/');
	text_ascii(name, sizeof name, slash ? slash + 1 : path);
	while (!fits(entry, path, name))
		entry++;
	return entry->run(name, entry->option);
}
