/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "fsm/memory.h"
#include "fsm/names.h"
#include "fsm/status.h"
#include "juju/tool.h"
#include "workload/workload.h"

int64_t run_left(const struct run *run)
{
	int64_t left = run->deadline - clock_uptime();

	return left > 0 ? left : 0;
}

static int64_t at_most(int64_t most, int64_t time)
{
	return time < most ? time : most;
}

int64_t run_tool_time(const struct run *run)
{
	return at_most(TOOL_TIME_MAX, run_left(run) + RUN_TOOL_GRACE);
}

struct snapd *run_snapd(const struct run *run)
{
	int64_t left = run_left(run);

	snapd_limit(run->snapd, at_most(RUN_GET_TIME, left < RUN_GET_LEAST ? RUN_GET_LEAST : left));
	return run->snapd;
}

/* What snapd or the environment brings into a line must not reach a terminal as it is. */
__attribute__((format(printf, 2, 0))) static void write_line(
	struct buf *ret, const char *format, va_list args)
{
	char line[1024];

	(void)vsnprintf(line, sizeof line, format, args);
	buf_init(ret, 4 * sizeof line);
	(void)text_escape(ret, line, strlen(line));
}

void run_say(const char *format, ...)
{
	CLEANUP(buf_done) struct buf line;
	va_list args;

	va_start(args, format);
	write_line(&line, format, args);
	va_end(args);
	(void)puts(buf_text(&line));
	(void)fflush(stdout);
}

void run_log(struct run *run, enum juju_level level, const char *format, ...)
{
	CLEANUP(buf_done) struct buf line;
	va_list args;

	va_start(args, format);
	write_line(&line, format, args);
	va_end(args);
	/* A hook that keeps looking says a thing once. */
	if (strstr(buf_text(&run->log), buf_text(&line)))
		return;
	if (buf_addf(&run->log, "%s%s", run->log.len ? "\n" : "", buf_text(&line)) == 0 &&
		level > run->level)
		run->level = level;
}

/*
 * Damage that opening did not meet: a record that cannot be written would stop the unit for good. It
 * goes into a new database as it is in memory, with a row that says so.
 */
static int commit_anew(
	struct run *run, const struct store_entry *row, size_t count, struct error *err)
{
	struct error why = *err;
	const char *state = fsm_state_name(run->record.state);
	char aside[128] = "", detail[192];
	struct store_entry rows[2];

	store_close(run->store);
	run->store = NULL;
	if (store_set_aside(run->directory, aside, sizeof aside, err) < 0 ||
		store_open(run->directory, &run->store, NULL, 0, err) < 0)
		return -1;
	run_log(run, JUJU_WARNING, "the database could not be used (%s); it was set aside as %s",
		why.text, aside);
	(void)snprintf(detail, sizeof detail, "database set aside as %s, record kept", aside);
	rows[0] = (struct store_entry){
		.time = clock_now(),
		.hook = run->hook,
		.event = fsm_event_name(run->event),
		.before = state,
		.after = state,
		.effect = fsm_effect_name(FSM_DO_NOTHING),
		.channel = run->record.channel,
		.detail = detail,
	};
	if (count)
		rows[1] = *row;
	return store_commit(run->store, &run->record, rows, 1 + count, err);
}

int run_commit(struct run *run, const struct store_entry *entry, struct error *err)
{
	struct store_entry row = { 0 };
	size_t count = entry ? 1 : 0;
	struct error own = { 0 };

	err = err ? err : &own;
	if (!run->store)
		return error_set(err, ERROR_CORRUPT, "there is no database to write to");
	if (entry) {
		row = *entry;
		row.time = clock_now();
		row.hook = run->hook;
	}
	if (store_commit(run->store, &run->record, entry ? &row : NULL, count, err) < 0 &&
		(err->kind != ERROR_CORRUPT || commit_anew(run, &row, count, err) < 0))
		return -1;
	run->dirty = false;
	return 0;
}

static void tell_status(struct run *run, const char *progress)
{
	struct fsm_told told = fsm_told(&run->record, progress);
	struct fsm_record *record = &run->record;
	struct error err = { 0 };

	if (told.status == record->told_status && strcmp(told.message, record->told_message) == 0)
		return;
	run_say("status: %s: %s", fsm_status_name(told.status), told.message);
	if (juju_status(fsm_status_name(told.status), told.message, run_tool_time(run), &err) < 0) {
		run_log(run, JUJU_WARNING, "%s", err.text); /* the next hook repeats it */
		return;
	}
	record->told_status = told.status;
	fsm_copy(record->told_message, sizeof record->told_message, told.message);
	run->dirty = true;
}

static void tell_version(struct run *run)
{
	struct fsm_record *record = &run->record;
	struct error err = { 0 };

	if (!*record->version || strcmp(record->version, record->told_version) == 0)
		return;
	if (juju_version(record->version, run_tool_time(run), &err) < 0) {
		run_log(run, JUJU_WARNING, "%s", err.text);
		return;
	}
	fsm_copy(record->told_version, sizeof record->told_version, record->version);
	run->dirty = true;
}

void run_tell(struct run *run, const char *progress)
{
	tell_version(run);
	tell_status(run, progress);
}

void run_port(struct run *run)
{
	enum fsm_port *port = &run->record.port;
	bool verify = run->kind == FSM_HOOK_START || run->kind == FSM_HOOK_UPGRADE_CHARM;
	bool is_open = false, taken = false;
	struct error err = { 0 };

	if (run->record.retired || run->kind == FSM_HOOK_STOP || run->kind == FSM_HOOK_REMOVE)
		return;
	if (*port == FSM_PORT_OPEN && !verify)
		return;
	/*
	 * open-port is a wish that Juju grants when the hook ends well. Whether it did, only a later
	 * hook can see; until one has, the wish is repeated.
	 */
	if ((*port == FSM_PORT_ASKED || *port == FSM_PORT_OPEN) &&
		juju_port_is_open(WORKLOAD_PORT, run_tool_time(run), &is_open, &err) == 0 &&
		is_open) {
		*port = FSM_PORT_OPEN;
		return;
	}
	if (juju_open_port(WORKLOAD_PORT, run_tool_time(run), &taken, &err) < 0) {
		run_log(run, JUJU_WARNING, "%s", err.text);
		return;
	}
	*port = taken ? FSM_PORT_TAKEN : FSM_PORT_ASKED;
}
