/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
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

static void put_time(FILE *out, int64_t seconds)
{
	char text[CLOCK_TEXT_SIZE];

	clock_text(seconds, text);
	(void)fputs(seconds > 0 ? text : "never", out);
}

static void put_state(FILE *out, const struct inspect_view *view)
{
	const struct fsm_record *record = &view->record;

	(void)fputs(fsm_state_name(record->state), out);
	if (*record->target.channel) {
		(void)fputs(" at '", out);
		inspect_put(out, channel_short(record->target.channel));
		(void)fputc('\'', out);
	}
	if (record->target.revision)
		(void)fprintf(out, "%s revision %" PRId64 "%s",
			*record->target.channel ? "" : " at", record->target.revision,
			*record->target.channel ? "" : " of the resource");
	(void)fputs(" since ", out);
	put_time(out, record->since);
}

static void put_reason(FILE *out, const struct inspect_view *view)
{
	enum fsm_reason reason = view->record.reason;

	(void)fprintf(out, "%s: %s", fsm_reason_name(reason), fsm_reason_row(reason)->meaning);
}

static void put_detail(FILE *out, const struct inspect_view *view)
{
	inspect_put(out, view->record.detail);
}

static void put_snap(FILE *out, const struct inspect_view *view)
{
	const struct fsm_record *record = &view->record;

	if (!*record->revision) {
		(void)fputs(WORKLOAD_SNAP ": not there when last seen", out);
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
	(void)fputs(
		record->ours ? "; installed by this charm" : "; not installed by this charm", out);
}

static void put_hold(FILE *out, const struct inspect_view *view)
{
	const struct fsm_record *record = &view->record;

	if (!*record->hold.until)
		return;
	(void)fputs(record->hold.held ? "until " : "over since ", out);
	inspect_put(out, record->hold.until);
	(void)fputs(record->hold.ours ? "; set by this unit" : "; not set by this unit", out);
	if (!*record->update.revision)
		return;
	(void)fputs("; revision ", out);
	inspect_put(out, record->update.revision);
	(void)fputs(" is available", out);
}

static void put_resource(FILE *out, const struct inspect_view *view)
{
	const struct fsm_resource *resource = &view->record.resource;

	if (resource->supply != FSM_SUPPLY_FILE && resource->supply != FSM_SUPPLY_BAD)
		return;
	inspect_put(out, resource->path);
	(void)fprintf(out, ", %" PRId64 " bytes", resource->size);
	if (resource->supply == FSM_SUPPLY_FILE) {
		(void)fprintf(out, ", has revision %" PRId64, resource->revision);
		return;
	}
	(void)fputs(", is of no use: it ", out);
	inspect_put(out, resource->detail);
}

static void put_order(FILE *out, const struct inspect_view *view)
{
	const struct fsm_given *order = &view->record.order;

	if (order->kind == FSM_ORDER_NONE)
		return;
	(void)fputs(fsm_order_name(order->kind), out);
	if (order->revision)
		(void)fprintf(out, " to revision %" PRId64, order->revision);
	(void)fputs(", given at ", out);
	put_time(out, order->since);
}

static void put_operation(FILE *out, enum fsm_op op, const char *channel)
{
	(void)fputs(fsm_op_name(op), out);
	if (*channel) {
		(void)fputs(" from ", out);
		inspect_put(out, channel_short(channel));
	}
}

static void put_intent(FILE *out, const struct inspect_view *view)
{
	const struct fsm_intent *intent = &view->record.intent;

	if (intent->op == FSM_OP_NONE) {
		(void)fputs("nothing", out);
		return;
	}
	put_operation(out, intent->op, intent->target.channel);
	if (intent->phase == FSM_PHASE_KNOWN)
		(void)fprintf(out, ", change %" PRId64, intent->change);
	else
		(void)fputs(", not answered yet", out);
	(void)fputs(", asked at ", out);
	put_time(out, intent->asked);
}

/* Where the change in flight was seen, ours or anyone's; nothing when there was none. */
static void put_pace(FILE *out, const struct inspect_view *view)
{
	const struct fsm_pace *pace = &view->record.pace;

	if (pace->change == 0)
		return;
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
}

static void put_next_try(FILE *out, const struct inspect_view *view)
{
	const struct fsm_record *record = &view->record;
	const struct fsm_failure *failure = inspect_failure(record);
	int64_t next = inspect_next_try(record);

	if (inspect_drifts(record)) {
		(void)fputs("back to ", out);
		inspect_put(out, channel_short(record->drift.target.channel));
		(void)fputs(" at ", out);
		put_time(out, next);
		(void)fprintf(out, ", settled %" PRId64 " times (%s)", record->drift.times,
			fsm_reason_name(record->reason));
		return;
	}
	if (!failure) {
		(void)fputs("none is due", out);
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
	(void)fputs(")", out);
}

static void put_port(FILE *out, const struct inspect_view *view)
{
	(void)fprintf(out, WORKLOAD_PORT ": %s", fsm_port_name(view->record.port));
}

static void put_told(FILE *out, const struct inspect_view *view)
{
	const struct fsm_record *record = &view->record;

	(void)fprintf(out, "%s: ", fsm_status_name(record->told_status));
	inspect_put(out, record->told_message);
	if (*record->told_version) {
		(void)fputs(" (version ", out);
		inspect_put(out, record->told_version);
		(void)fputc(')', out);
	}
}

static void put_goal(FILE *out, const char *goal)
{
	char words[FSM_GOAL_WORDS];

	fsm_goal_words(goal, words);
	(void)fputs("to go to ", out);
	inspect_put(out, words);
}

/* Its turn in a rollout; nothing for a unit that never had one and waits for none. */
static void put_turn(FILE *out, const struct inspect_view *view)
{
	const struct fsm_ticket *ticket = &view->record.ticket;
	const char *waits = view->record.peers.waits;

	if (*waits) {
		(void)fputs("waits for its turn ", out);
		put_goal(out, waits);
	}
	if (ticket->taken == 0)
		return;
	(void)fprintf(out, "%s%" PRId64, *waits ? "; last " : "", ticket->taken);
	if (*ticket->goal) {
		(void)fputc(' ', out);
		put_goal(out, ticket->goal);
	}
	if (fsm_ticket_held(ticket)) {
		(void)fputs(", not returned yet", out);
		return;
	}
	(void)fprintf(out, ", returned as %s", fsm_word_name(ticket->word));
	if (*ticket->why) {
		(void)fputs(": ", out);
		inspect_put(out, ticket->why);
	}
}

static void put_rollout(FILE *out, const struct inspect_view *view)
{
	const struct fsm_peers *peers = &view->record.peers;

	if (!peers->elected)
		return;
	(void)fputs("this unit leads", out);
	if (*peers->rollout) {
		(void)fputs("; ", out);
		inspect_put(out, peers->rollout);
	}
}

static void put_database(FILE *out, const struct inspect_view *view)
{
	const struct fsm_record *record = &view->record;

	(void)fprintf(out, "schema %d, %s; written by charm ", view->schema,
		view->problems ? "DAMAGED: see ./state check" : "sound");
	inspect_put(out, record->build);
	(void)fputs(record->retired    ? "; the unit is going"
		    : record->stopping ? "; the unit is about to go"
				       : "",
		out);
}

static void put_row(FILE *out, const struct store_entry *entry)
{
	char when[CLOCK_TEXT_SIZE];

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
}

static int show_row(const struct store_entry *entry, void *context)
{
	put_row(context, entry);
	(void)fputc('\n', context);
	return 0;
}

int inspect_history_text(const struct inspect_view *view, FILE *out, struct error *err)
{
	return inspect_journal(view, show_row, out, err);
}

/* A file in memory. */
struct memory {
	FILE *file;
	char *text;
	size_t size;
};

/* Out of memory ends the program, as everywhere. */
static FILE *memory_open(struct memory *memory)
{
	memory->file = open_memstream(&memory->text, &memory->size);
	if (!memory->file)
		abort();
	return memory->file;
}

static char *memory_close(struct memory *memory)
{
	if (fclose(memory->file) != 0)
		abort();
	return memory->text;
}

char *inspect_row(const struct store_entry *entry)
{
	struct memory memory = { 0 };

	put_row(memory_open(&memory), entry);
	return memory_close(&memory);
}

/* clang-format off */
static const struct line {
	const char *label, *key;
	void (*put)(FILE *out, const struct inspect_view *view);
} lines[] = {
	{ "state",     "state",     put_state },
	{ "reason",    "reason",    put_reason },
	{ "",          "detail",    put_detail },
	{ "snap",      "snap",      put_snap },
	{ "hold",      "hold",      put_hold },
	{ "resource",  "resource",  put_resource },
	{ "order",     "order",     put_order },
	{ "doing",     "doing",     put_intent },
	{ "change",    "change",    put_pace },
	{ "next try",  "next-try",  put_next_try },
	{ "port",      "port",      put_port },
	{ "turn",      "turn",      put_turn },
	{ "rollout",   "rollout",   put_rollout },
	{ "told Juju", "told-juju", put_told },
	{ "database",  "database",  put_database },
};
/* clang-format on */

void inspect_lines(const struct inspect_view *view,
	void (*show)(const char *label, const char *key, const char *value, void *context),
	void *context)
{
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct memory memory = { 0 };
		CLEANUP(cleanup_free) char *value = NULL;

		lines[i].put(memory_open(&memory), view);
		value = memory_close(&memory);
		if (*value)
			show(lines[i].label, lines[i].key, value, context);
	}
}

static void show_line(const char *label, const char *key, const char *value, void *context)
{
	(void)key;
	(void)fprintf(context, "%-11s%s\n", label, value);
}

int inspect_show_text(const struct inspect_view *view, FILE *out, struct error *err)
{
	inspect_lines(view, show_line, out);
	(void)fprintf(
		out, "journal    the last %zu rows (./state history shows more)\n", view->rows);
	return inspect_history_text(view, out, err);
}
