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
#include "hooks/inspect.h"
#include "workload/workload.h"

void state_put(const char *text)
{
	CLEANUP(buf_done) struct buf escaped;

	buf_init(&escaped, 1024 * 1024);
	(void)text_escape(&escaped, text, strlen(text));
	(void)fputs(buf_text(&escaped), stdout);
}

static void label(const char *name)
{
	(void)printf("%-11s", name);
}

static void put_time(int64_t seconds)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(seconds, text);
	(void)fputs(seconds > 0 ? text : "never", stdout);
}

static void show_snap(const struct fsm_record *record)
{
	label("snap");
	if (!*record->revision) {
		(void)puts(WORKLOAD_SNAP ": not there when last seen");
		return;
	}
	(void)fputs(WORKLOAD_SNAP " ", stdout);
	state_put(record->version);
	(void)fputs(", revision ", stdout);
	state_put(record->revision);
	(void)fputs(", tracks ", stdout);
	state_put(*record->tracking ? channel_short(record->tracking) : "nothing");
	(void)puts(record->ours ? "; installed by this unit" : "; not installed by this unit");
}

static void show_intent(const struct fsm_intent *intent)
{
	label("doing");
	if (intent->op == FSM_OP_NONE) {
		(void)puts("nothing");
		return;
	}
	(void)fputs(fsm_op_name(intent->op), stdout);
	if (*intent->channel) {
		(void)fputs(" from ", stdout);
		state_put(channel_short(intent->channel));
	}
	if (intent->phase == FSM_PHASE_KNOWN)
		(void)printf(", change %" PRId64, intent->change);
	else
		(void)fputs(", not answered yet", stdout);
	(void)fputs(", asked at ", stdout);
	put_time(intent->asked);
	(void)putchar('\n');
}

static void show_memory(const struct fsm_record *record)
{
	const struct fsm_memory *memory = &record->memory;

	label("next try");
	/* A unit that is fine remembers how often the snap was put right: nothing is due for that. */
	if (memory->class == FSM_CLASS_NONE || record->state == FSM_STATE_ACTIVE) {
		(void)puts("none is due");
		return;
	}
	(void)printf("%s", fsm_op_name(memory->op));
	if (*memory->channel) {
		(void)fputs(" from ", stdout);
		state_put(channel_short(memory->channel));
	}
	(void)fputs(" at ", stdout);
	put_time(memory->next_try);
	(void)printf(", after %" PRId64 " tr%s (%s", memory->attempts,
		memory->attempts == 1 ? "y" : "ies", fsm_reason_name(memory->reason));
	if (*memory->detail) {
		(void)fputs(": ", stdout);
		state_put(memory->detail);
	}
	(void)puts(")");
}

static void show_told(const struct fsm_record *record)
{
	label("told Juju");
	(void)printf("%s: ", fsm_status_name(record->told_status));
	state_put(record->told_message);
	if (*record->told_version) {
		(void)fputs(" (version ", stdout);
		state_put(record->told_version);
		(void)putchar(')');
	}
	(void)putchar('\n');
}

static int show_row(const struct store_entry *entry, void *context)
{
	char when[CLOCK_TEXT_SIZE];

	(void)context;
	clock_text(entry->time, when);
	(void)printf("%6" PRId64 "  %-20s  ", entry->sequence,
		entry->time ? when : "at an unknown time");
	state_put(entry->hook);
	(void)fputs(": ", stdout);
	state_put(entry->before);
	(void)fputs(" -> ", stdout);
	state_put(entry->after);
	(void)fputs(" on ", stdout);
	state_put(entry->event);
	if (strcmp(entry->effect, fsm_effect_name(FSM_DO_NOTHING)) != 0) {
		(void)fputs(", ", stdout);
		state_put(entry->effect);
	}
	if (*entry->channel) {
		(void)fputs(" [", stdout);
		state_put(channel_short(entry->channel));
		(void)putchar(']');
	}
	if (entry->change > 0)
		(void)printf(" change %" PRId64, entry->change);
	if (*entry->detail) {
		(void)fputs(": ", stdout);
		state_put(entry->detail);
	}
	(void)putchar('\n');
	return 0;
}

int state_history_text(const struct state_view *view, struct error *err)
{
	return store_journal(view->store, view->rows, show_row, NULL, err);
}

int state_show_text(const struct state_view *view, struct error *err)
{
	const struct fsm_record *record = &view->record;

	label("state");
	(void)fputs(fsm_state_name(record->state), stdout);
	if (*record->channel) {
		(void)fputs(" at '", stdout);
		state_put(channel_short(record->channel));
		(void)putchar('\'');
	}
	(void)fputs(" since ", stdout);
	put_time(record->since);
	(void)putchar('\n');
	label("reason");
	(void)printf(
		"%s: %s\n", fsm_reason_name(record->reason), fsm_reason_meaning(record->reason));
	if (*record->detail) {
		label("");
		state_put(record->detail);
		(void)putchar('\n');
	}
	show_snap(record);
	show_intent(&record->intent);
	show_memory(record);
	label("port");
	(void)printf(WORKLOAD_PORT ": %s\n", fsm_port_name(record->port));
	show_told(record);
	label("database");
	(void)printf("schema %d, %s; written by charm ", store_schema(view->store),
		view->problems ? "DAMAGED: see ./state check" : "sound");
	state_put(record->build);
	(void)puts(record->retired ? "; the unit is going" : "");
	(void)printf("journal    the last %zu rows (./state history shows more)\n", view->rows);
	return state_history_text(view, err);
}
