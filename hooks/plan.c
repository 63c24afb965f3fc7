/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/option.h"
#include "fsm/names.h"
#include "fsm/turn.h"
#include "hooks/fleet.h"
#include "hooks/look.h"
#include "hooks/register.h"
#include "workload/workload.h"

enum {
	DIGESTS_MAX = 5, /* failures that a record still has to take in: there is one request */
};

/* The options, with the wish in the place of what is configured. */
static int read_options(struct run *run, const struct plan_wish *wish, struct error *err)
{
	char channel[CHANNEL_SIZE];
	struct error why = { 0 };

	if (*wish->channel &&
		channel_parse(wish->channel, strlen(wish->channel), channel, &why) < 0)
		return error_set(err, ERROR_FORMAT, "the parameter channel %s; it takes %s",
			why.text, option_rows[OPTION_CHANNEL].accepted);
	/* What is asked for here is what a person would configure, who is never made to wait. */
	if (*wish->channel || wish->revision != JUJU_AS_CONFIGURED)
		run->kind = FSM_HOOK_CONFIG_CHANGED;
	return juju_options_instead(
		run_tool_time(run), wish->channel, wish->revision, &run->option, err);
}

/* The turn that the next hook would take; the request that it asks is not sent. */
static void take_turn(struct run *run, struct look *look, struct fsm_turn *ret)
{
	struct fsm_limits limits = { .may_ask = true, .boot = run->boot, .unit = run->unit };
	int digests = 0;

	run->first = true;
	do {
		look_take(run, look);
		register_take(run, false, &look->facts);
		fleet_plan(run, look);
		fsm_turn(&run->record, &look->facts, &limits, ret);
		register_release();
		run->record = ret->record;
	} while (ret->effect == FSM_DO_DIGEST && digests++ < DIGESTS_MAX);
}

/* Where a request is to be sent, the reason is that of a hook that has sent it. */
static char *why(const struct fsm_turn *turn)
{
	const struct fsm_record *record = &turn->record;
	const char *detail = record->detail;

	if (record->reason == FSM_REASON_NONE || fsm_effect_op(turn->effect) != FSM_OP_NONE)
		return alloc_textf(
			"%s: %s", fsm_event_name(turn->event), fsm_event_meaning(turn->event));
	return alloc_textf("%s: %s%s%s", fsm_event_name(turn->event),
		fsm_reason_row(record->reason)->meaning, *detail ? "; " : "", detail);
}

static void add(struct buf *list, const char *text)
{
	(void)buf_addf(list, "%s%s", list->len > 0 ? "; " : "", text);
}

/* What stands between the unit and its goal, or would undo it. */
static void hinders(const struct look *look, const struct fsm_record *record, struct buf *ret)
{
	int64_t next = inspect_next_try(record);
	char when[CLOCK_TEXT_SIZE];

	buf_init(ret, 1024);
	if (look->facts.flight != FSM_FLIGHT_NONE)
		(void)buf_addf(ret, "change %" PRId64 " (%s) is in progress", look->flight.id,
			look->flight.kind);
	if (next > 0) {
		CLEANUP(cleanup_free) char *text = NULL;

		clock_text(next, when);
		text = alloc_textf("the next try is at %s", when);
		add(ret, text);
	}
	if (*record->reverted)
		(void)buf_addf(ret,
			"%sit was reverted to revision %s, and any refresh by name undoes that",
			ret->len > 0 ? "; " : "", record->reverted);
	if (look->facts.reachable && look->snap.hold_until > look->facts.now) {
		CLEANUP(cleanup_free) char *text = NULL;

		clock_text(look->snap.hold_until, when);
		text = alloc_textf("snapd itself refreshes nothing until %s", when);
		add(ret, text);
	}
}

static char *runs(const struct fsm_record *record)
{
	if (!*record->revision)
		return alloc_text("nothing");
	return alloc_textf("revision %s, version %s, from %s", record->revision,
		*record->version ? record->version : "unknown",
		*record->origin ? channel_short(record->origin) : "no channel");
}

/* What the Snap Store has; why that is not known, or "". */
static void ask_store(const struct run *run, const struct look *look, struct snapd_releases *ret,
	struct error *why)
{
	int64_t limit = run->budget < PLAN_STORE_TIME ? run->budget : PLAN_STORE_TIME;

	/* With an option that cannot be meant snapd was not asked: what can be meant is what is shown. */
	if (run->option.valid && !look->facts.reachable)
		(void)error_set(why, ERROR_UNREACHABLE, "not asked: snapd does not answer");
	else if (snapd_find(run->snapd, WORKLOAD_SNAP, limit, ret, why) == 0 && !ret->found)
		(void)error_set(why, ERROR_FORMAT,
			"it has no snap " WORKLOAD_SNAP ", or nothing in any channel");
}

static struct inspect_release *releases_of(const struct snapd_releases *releases)
{
	struct inspect_release *ret = alloc_new(releases->count + 1, sizeof *ret);

	for (size_t i = 0; i < releases->count; i++)
		ret[i] = (struct inspect_release){
			.channel = releases->list[i].channel,
			.revision = releases->list[i].revision,
			.version = releases->list[i].version,
			.released = releases->list[i].released,
			.size = releases->list[i].size,
		};
	return ret;
}

static void show(const struct run *run, const struct look *look, const struct fsm_turn *turn,
	struct inspect_results *ret)
{
	CLEANUP(snapd_releases_done) struct snapd_releases releases = { 0 };
	const struct fsm_target *wanted = &look->facts.wanted;
	CLEANUP(cleanup_free) struct inspect_release *list = NULL;
	CLEANUP(cleanup_free) char *reason = why(turn);
	CLEANUP(cleanup_free) char *snap = runs(&turn->record);
	CLEANUP(cleanup_free)
	char *status =
		alloc_textf("%s: %s", fsm_status_name(turn->status.status), turn->status.message);
	CLEANUP(buf_done) struct buf hindrance;
	struct error store = { 0 };
	char revision[32];

	hinders(look, &turn->record, &hindrance);
	ask_store(run, look, &releases, &store);
	list = releases_of(&releases);
	(void)snprintf(revision, sizeof revision, "%" PRId64, wanted->revision);
	const struct inspect_item items[] = {
		{ "would", fsm_effect_name(turn->effect) },
		{ "why", reason },
		{ "status", status },
		{ "channel", channel_short(wanted->channel) },
		{ "revision", wanted->revision > 0 ? revision : "" },
		{ "runs", snap },
		{ "hinders", buf_text(&hindrance) },
		{ "store", store.text },
	};
	inspect_plan(items, sizeof items / sizeof *items, list, releases.count, ret);
}

int plan_make(struct run *run, const struct plan_wish *wish, struct inspect_results *ret,
	struct error *err)
{
	CLEANUP(inspect_close) struct inspect_view view = { 0 };
	struct look look;
	struct fsm_turn turn;

	if (inspect_open(run->directory, &view, err) < 0 || read_options(run, wish, err) < 0)
		return -1;
	run->record = view.record;
	take_turn(run, &look, &turn);
	show(run, &look, &turn, ret);
	return 0;
}
