/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/channel.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "fsm/names.h"
#include "fsm/status.h"
#include "inspect/inspect.h"
#include "workload/workload.h"

void inspect_put(FILE *out, const char *text)
{
	CLEANUP(buf_done) struct buf escaped;

	buf_init(&escaped, 1024 * 1024);
	(void)text_escape(&escaped, text, strlen(text));
	(void)fputs(buf_text(&escaped), out);
}

static void label(FILE *out, const char *name)
{
	(void)fprintf(out, "%-11s", name);
}

static void put_time(FILE *out, int64_t seconds)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(seconds, text);
	(void)fputs(seconds > 0 ? text : "never", out);
}

static void show_snap(FILE *out, const struct fsm_record *record)
{
	label(out, "snap");
	if (!*record->revision) {
		(void)fputs(WORKLOAD_SNAP ": not there when last seen\n", out);
		return;
	}
	(void)fputs(*record->version ? WORKLOAD_SNAP " " : WORKLOAD_SNAP, out);
	inspect_put(out, record->version); /* a broken snap shows none */
	(void)fputs(", revision ", out);
	inspect_put(out, record->revision);
	(void)fputs(", tracks ", out);
	inspect_put(out, *record->tracking ? channel_short(record->tracking) : "nothing");
	if (*record->origin && strcmp(record->origin, record->tracking) != 0) {
		(void)fputs(", came from ", out);
		inspect_put(out, channel_short(record->origin));
	}
	(void)fputs(record->ours ? "; installed by this unit\n" : "; not installed by this unit\n",
		out);
}

static void put_operation(FILE *out, enum fsm_op op, const char *channel)
{
	(void)fputs(fsm_op_name(op), out);
	if (*channel) {
		(void)fputs(" from ", out);
		inspect_put(out, channel_short(channel));
	}
}

static void show_intent(FILE *out, const struct fsm_intent *intent)
{
	label(out, "doing");
	if (intent->op == FSM_OP_NONE) {
		(void)fputs("nothing\n", out);
		return;
	}
	put_operation(out, intent->op, intent->target.channel);
	if (intent->phase == FSM_PHASE_KNOWN)
		(void)fprintf(out, ", change %" PRId64, intent->change);
	else
		(void)fputs(", not answered yet", out);
	(void)fputs(", asked at ", out);
	put_time(out, intent->asked);
	(void)fputc('\n', out);
}

/* Where the change in flight was seen, ours or anyone's; no line when there was none. */
static void show_pace(FILE *out, const struct fsm_pace *pace)
{
	if (pace->change == 0)
		return;
	label(out, "change");
	(void)fprintf(out, "%" PRId64, pace->change);
	if (*pace->at) {
		(void)fputs(" at ", out);
		inspect_put(out, pace->at);
	}
	(void)fputs(pace->way == FSM_WAY_WAITS    ? ", waits for a reboot of the machine"
		    : pace->way == FSM_WAY_UNDOES ? ", is being rolled back"
						  : "",
		out);
	(void)fputs(", seen there since ", out);
	put_time(out, pace->since);
	(void)fputc('\n', out);
}

static void show_next_try(FILE *out, const struct fsm_record *record)
{
	const struct fsm_failure *failure = inspect_failure(record);
	int64_t next = inspect_next_try(record);

	label(out, "next try");
	if (inspect_drifts(record)) {
		(void)fputs("back to ", out);
		inspect_put(out, channel_short(record->drift.target.channel));
		(void)fputs(" at ", out);
		put_time(out, next);
		(void)fprintf(out, ", settled %" PRId64 " times (%s)\n", record->drift.times,
			fsm_reason_name(record->reason));
		return;
	}
	if (!failure) {
		(void)fputs("none is due\n", out);
		return;
	}
	if (next > 0 || (inspect_each_hook(failure) && record->intent.op == FSM_OP_NONE)) {
		put_operation(out, failure->op, failure->target.channel);
		(void)fputs(next > 0 ? " at " : " at each hook", out);
		if (next > 0)
			put_time(out, next);
		(void)fprintf(out, ", after %" PRId64 " tr%s (", failure->attempts,
			failure->attempts == 1 ? "y" : "ies");
	} else {
		(void)fprintf(
			out, "none is due: try %" PRId64 " is under way (", failure->attempts);
	}
	(void)fputs(fsm_reason_name(failure->reason), out);
	if (*failure->detail) {
		(void)fputs(": ", out);
		inspect_put(out, failure->detail);
	}
	(void)fputs(")\n", out);
}

static void show_told(FILE *out, const struct fsm_record *record)
{
	label(out, "told Juju");
	(void)fprintf(out, "%s: ", fsm_status_name(record->told_status));
	inspect_put(out, record->told_message);
	if (*record->told_version) {
		(void)fputs(" (version ", out);
		inspect_put(out, record->told_version);
		(void)fputc(')', out);
	}
	(void)fputc('\n', out);
}

static int show_row(const struct store_entry *entry, void *context)
{
	char when[CLOCK_TEXT_SIZE];
	FILE *out = context;

	clock_text(entry->time, when);
	(void)fprintf(out, "%6" PRId64 "  %-20s  ", entry->sequence,
		entry->time ? when : "at an unknown time");
	inspect_put(out, entry->hook);
	(void)fputs(": ", out);
	inspect_put(out, entry->before);
	(void)fputs(" -> ", out);
	inspect_put(out, entry->after);
	(void)fputs(" on ", out);
	inspect_put(out, entry->event);
	if (strcmp(entry->effect, fsm_effect_name(FSM_DO_NOTHING)) != 0) {
		(void)fputs(", ", out);
		inspect_put(out, entry->effect);
	}
	if (*entry->channel) {
		(void)fputs(" [", out);
		inspect_put(out, channel_short(entry->channel));
		(void)fputc(']', out);
	}
	if (entry->change > 0)
		(void)fprintf(out, " change %" PRId64, entry->change);
	if (*entry->detail) {
		(void)fputs(": ", out);
		inspect_put(out, entry->detail);
	}
	(void)fputc('\n', out);
	return 0;
}

int inspect_history_text(const struct inspect_view *view, FILE *out, struct error *err)
{
	return inspect_journal(view, show_row, out, err);
}

int inspect_show_text(const struct inspect_view *view, FILE *out, struct error *err)
{
	const struct fsm_record *record = &view->record;

	label(out, "state");
	(void)fputs(fsm_state_name(record->state), out);
	if (*record->target.channel) {
		(void)fputs(" at '", out);
		inspect_put(out, channel_short(record->target.channel));
		(void)fputc('\'', out);
	}
	(void)fputs(" since ", out);
	put_time(out, record->since);
	(void)fputc('\n', out);
	label(out, "reason");
	(void)fprintf(out, "%s: %s\n", fsm_reason_name(record->reason),
		fsm_reason_row(record->reason)->meaning);
	if (*record->detail) {
		label(out, "");
		inspect_put(out, record->detail);
		(void)fputc('\n', out);
	}
	show_snap(out, record);
	show_intent(out, &record->intent);
	show_pace(out, &record->pace);
	show_next_try(out, record);
	label(out, "port");
	(void)fprintf(out, WORKLOAD_PORT ": %s\n", fsm_port_name(record->port));
	show_told(out, record);
	label(out, "database");
	(void)fprintf(out, "schema %d, %s; written by charm ", view->schema,
		view->problems ? "DAMAGED: see ./state check" : "sound");
	inspect_put(out, record->build);
	(void)fputs(record->retired    ? "; the unit is going\n"
		    : record->stopping ? "; the unit is about to go\n"
				       : "\n",
		out);
	(void)fprintf(
		out, "journal    the last %zu rows (./state history shows more)\n", view->rows);
	return inspect_history_text(view, out, err);
}
