/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/loop.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "fsm/names.h"
#include "fsm/turn.h"
#include "fsm/update.h"
#include "hooks/ask.h"
#include "hooks/commit.h"
#include "hooks/fleet.h"
#include "hooks/follow.h"
#include "hooks/lead.h"
#include "hooks/look.h"
#include "hooks/mark.h"
#include "hooks/register.h"
#include "hooks/tell.h"
#include "workload/workload.h"

enum {
	LOOKS_MAX = 1000,       /* in one run; the budget ends it long before */
	UPDATE_TIME = 5 * 1000, /* milliseconds */
};

/* Which snapd was asked to install: what a reader of the journal wants to know years later. */
static void note_system(struct run *run)
{
	char text[2 * SNAPD_WORD_SIZE + 16];
	struct snapd_system system;

	if (*run->note || snapd_get_system(run_snapd(run), &system, NULL) < 0)
		return;
	(void)snprintf(text, sizeof text, "snapd %s on %s", system.version, system.architecture);
	text_ascii(run->note, sizeof run->note, text);
}

/* The turn that follows from LOOK, with the baseline of a request if it asks one. */
static void take_turn(struct run *run, struct look *look, struct fsm_turn *turn)
{
	struct fsm_limits limits = {
		.may_ask = run_may_post(run),
		.may_step = run_may_wait(run),
		.baseline = FSM_BASELINE_UNREAD,
		.boot = run->boot,
		.unit = run->unit,
	};
	struct error err = { 0 };

	register_take(run, true, &look->facts);
	fsm_turn(&run->record, &look->facts, &limits, turn);
	if (!register_keep(run, turn, &look->facts))
		fsm_turn(&run->record, &look->facts, &limits, turn);
	register_release();
	if (turn->needs_baseline) {
		if (look_baseline(run, &limits.baseline, &err) < 0) {
			log_add(&run->log, JUJU_WARNING, "%s", err.text);
		} else {
			/* Rounded up: a request is never thought older than it is. */
			limits.uptime = (clock_uptime() + 999) / 1000;
			fsm_turn(&run->record, &look->facts, &limits, turn);
		}
	}
	if (turn->effect == FSM_DO_INSTALL)
		note_system(run);
	log_say("%s: %s on %s -> %s, %s", run->hook, fsm_state_name(run->record.state),
		fsm_event_name(turn->event), fsm_state_name(turn->record.state),
		fsm_effect_name(turn->effect));
	run->dirty = run->dirty || turn->record.pace.since != run->record.pace.since ||
		     turn->record.probation.looks != run->record.probation.looks ||
		     turn->record.probation.quiet != run->record.probation.quiet;
	run->record = turn->record;
	run->event = turn->event;
	run_news(run, &turn->news);
}

/* What an effect of the table does. RET: whether this run looks again. */
struct act {
	const struct look *look;
	struct fsm_turn *turn;
};

static int do_nothing(struct run *run, const struct act *act, bool *ret, struct error *err)
{
	(void)run;
	(void)act;
	(void)err;
	*ret = false;
	return 0;
}

static int do_ask(struct run *run, const struct act *act, bool *ret, struct error *err)
{
	return ask_snapd(run, act->look, act->turn, ret, err);
}

static int do_abort(struct run *run, const struct act *act, bool *ret, struct error *err)
{
	(void)err;
	ask_to_abort(run, act->look);
	*ret = true;
	return 0;
}

static int do_follow(struct run *run, const struct act *act, bool *ret, struct error *err)
{
	(void)err;
	*ret = follow_flight(run, act->look);
	return 0;
}

static int do_digest(struct run *run, const struct act *act, bool *ret, struct error *err)
{
	(void)run;
	(void)act;
	(void)err;
	*ret = true;
	return 0;
}

/* clang-format off */
/* One function for each effect of the table: a forgotten one does not compile. */
#define do_NOTHING do_nothing
#define do_INSTALL do_ask
#define do_REFRESH do_ask
#define do_SIDELOAD do_ask
#define do_REMOVE  do_ask
#define do_HOLD    do_ask
#define do_UNHOLD  do_ask
#define do_REVERT  do_ask
#define do_RESTART do_ask
#define do_START   do_ask
#define do_SWITCH  do_ask
#define do_ORDER   do_nothing /* a turn says which one */
#define do_ABORT   do_abort
#define do_FOLLOW  do_follow
#define do_DIGEST  do_digest
#define EFFECT(name, text, op, meaning) [FSM_DO_##name] = do_##name,
static int (*const effects[FSM_DO_COUNT])(
	struct run *, const struct act *, bool *, struct error *) = { FSM_EFFECTS(EFFECT) };
/* clang-format on */

static int look_and_act(
	struct run *run, const struct fsm_record *before, bool *ret, struct error *err)
{
	struct fsm_turn turn;
	struct look look;
	struct act act = { &look, &turn };

	look_take(run, &look);
	fleet_look(run, &look);
	take_turn(run, &look, &turn);
	mark_write(run, before, &turn);
	if (commit_turn(run, before, &turn, err) < 0)
		return -1;
	run->first = false;
	fleet_say(run);
	tell_juju(run, &turn.status);
	return effects[turn.effect](run, &act, ret, err);
}

/*
 * What the Snap Store has for a snap that is held, or in a channel whose revision was refused: asked
 * when nothing else is to be done and there is time, and its silence is nobody's trouble. RET: there is
 * something to be done now.
 */
static int ask_for_update(struct run *run, bool *ret, struct error *err)
{
	struct snapd_update update = { .revision = "" };
	struct fsm_status_line status;
	int64_t limit = run_left(run) < UPDATE_TIME ? run_left(run) : UPDATE_TIME;
	char revision[FSM_WORD_MAX + 1];
	bool told;

	if (run->event == FSM_EVENT_REFUSED) {
		told = ask_the_store(run, run->record.target.channel, UPDATE_TIME, revision);
	} else {
		told = snapd_find_update(run_snapd(run), WORKLOAD_SNAP, limit, &update, NULL) == 0;
		text_ascii(revision, sizeof revision, update.revision);
	}
	*ret = fsm_update_note(&run->record, told ? revision : NULL, clock_now());
	if (*ret)
		return commit_outcome(run, FSM_DO_NOTHING, "the channel has another revision", err);
	if (commit_record(run, err) < 0)
		return -1;
	status = fsm_status_line(&run->record, "");
	tell_juju(run, &status);
	return 0;
}

/* What this build changes in a record of another one. */
static void take_over(struct run *run)
{
	struct fsm_record *record = &run->record;

	if (strcmp(record->build, MICROSAMPLE_VERSION) != 0) {
		if (*record->build && !*run->note)
			(void)snprintf(run->note, sizeof run->note, "charm %s -> %s", record->build,
				MICROSAMPLE_VERSION);
		text_ascii(record->build, sizeof record->build, MICROSAMPLE_VERSION);
	}
	/* An older build may have refused this database, and told Juju so without noting it here. */
	if (run->kind == FSM_HOOK_UPGRADE_CHARM) {
		record->told_status = FSM_STATUS_NONE;
		text_ascii(record->told_message, sizeof record->told_message, "");
	}
}

/*
 * Looks and acts until nothing more is to be done, from the record that is in the database as BEFORE.
 * RET: there was nothing to do at all.
 */
static int loop_through(struct run *run, struct fsm_record before, bool *ret, struct error *err)
{
	bool again = true;

	for (int looks = 0; again && looks < LOOKS_MAX; looks++) {
		if (look_and_act(run, &before, &again, err) < 0)
			return -1;
		before = run->record;
		*ret = looks == 0 &&
		       (run->event == FSM_EVENT_SETTLED || run->event == FSM_EVENT_REFUSED);
		again = again || run->confirm;
		run->confirm = false;
	}
	return 0;
}

int loop_run(struct run *run, struct error *err)
{
	struct fsm_record before = run->record;
	bool calm = false, more = false;

	run->first = true;
	run->fresh = !*run->record.build;
	take_over(run);
	tell_port(run);
	if (loop_through(run, before, &calm, err) < 0)
		return -1;
	if (calm && fsm_hook_is(run->kind, FSM_HOOK_IDLE) &&
		fsm_update_due(&run->record, clock_now(), run->unit) &&
		ask_for_update(run, &more, err) < 0)
		return -1;
	if (more && loop_through(run, run->record, &calm, err) < 0)
		return -1;
	if (lead_fleet(run, err) < 0)
		return -1;
	/* What Juju was told since the last commit. */
	return run->dirty ? commit_record(run, err) : 0;
}
