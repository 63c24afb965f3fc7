/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/tell.h"

#include <string.h>

#include "base/text.h"
#include "fsm/names.h"
#include "fsm/port.h"
#include "workload/workload.h"

static void tell_status(struct run *run, const struct fsm_status_line *status)
{
	struct fsm_record *record = &run->record;
	struct error err = { 0 };

	if (status->status == record->told_status &&
		strcmp(status->message, record->told_message) == 0)
		return;
	log_say("status: %s: %s", fsm_status_name(status->status), status->message);
	if (juju_status(fsm_status_name(status->status), status->message, run_tool_time(run),
		    &err) < 0) {
		log_add(&run->log, JUJU_WARNING, "%s", err.text); /* the next hook repeats it */
		return;
	}
	record->told_status = status->status;
	text_ascii(record->told_message, sizeof record->told_message, status->message);
	run->dirty = true;
}

static void tell_version(struct run *run)
{
	struct fsm_record *record = &run->record;
	struct error err = { 0 };

	if (!*record->version || strcmp(record->version, record->told_version) == 0)
		return;
	if (juju_version(record->version, run_tool_time(run), &err) < 0) {
		log_add(&run->log, JUJU_WARNING, "%s", err.text);
		return;
	}
	text_ascii(record->told_version, sizeof record->told_version, record->version);
	run->dirty = true;
}

void tell_juju(struct run *run, const struct fsm_status_line *status)
{
	tell_version(run);
	tell_status(run, status);
}

void tell_progress(struct run *run, const char *progress)
{
	struct fsm_status_line status = fsm_status_line(&run->record, progress);

	tell_juju(run, &status);
}

static void ask_for_port(struct run *run)
{
	struct error err = { 0 };
	bool taken = false;

	if (juju_open_port(WORKLOAD_PORT, run_tool_time(run), &taken, &err) < 0)
		log_add(&run->log, JUJU_WARNING, "%s", err.text);
	else
		run->record.port =
			fsm_port_after(taken ? FSM_PORT_ANSWER_CONFLICT : FSM_PORT_ANSWER_GRANTED);
}

void tell_port(struct run *run)
{
	bool open = false;

	switch (fsm_port_step(&run->record, run->kind)) {
	case FSM_PORT_DO_NOTHING:
		return;
	case FSM_PORT_DO_LOOK:
		if (juju_port_is_open(WORKLOAD_PORT, run_tool_time(run), &open, NULL) == 0 && open)
			run->record.port = fsm_port_after(FSM_PORT_ANSWER_SHOWN);
		else
			ask_for_port(run);
		return;
	case FSM_PORT_DO_ASK:
		ask_for_port(run);
		return;
	}
}
