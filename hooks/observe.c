/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One look at the world. The order of the requests matters: our change first, then the snap, then
 * the list of changes in progress. A snap that looks right proves something only when the list that
 * was read after it is empty.
 */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "fsm/memory.h"
#include "hooks/run.h"

enum {
	AWAY_PAUSE = 250,              /* ms between two tries while snapd does not answer */
	AWAY_PATIENCE = 5 * 1000,      /* ms: a restart of snapd takes less */
	AWAY_PATIENCE_OWN = 30 * 1000, /* ms: with our change running, snapd may replace itself */
	SERVICE_PAUSE = 250,
	SERVICE_PATIENCE = 5 * 1000, /* ms a service gets to come up after our own change */
};

static bool fits(const struct fsm_intent *intent, const struct snapd_change *change)
{
	return strcmp(change->kind, fsm_change_kind(intent->op)) == 0;
}

/* The change our unanswered request made: after the baseline, of the kind we asked for. */
static const struct snapd_change *find_ours(
	const struct fsm_intent *intent, const struct snapd_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		if (changes->list[i].id > intent->baseline && fits(intent, &changes->list[i]))
			return &changes->list[i];
	return NULL;
}

static bool adopt(struct run *run, struct look *look, const struct snapd_changes *changes)
{
	const struct snapd_change *ours = find_ours(&run->record.intent, changes);

	if (!ours)
		return false;
	look->own = *ours;
	fsm_adopt(&run->record, ours->id);
	run->dirty = true;
	run_say("change %" PRId64 " is the one an unanswered request made", ours->id);
	return true;
}

static enum fsm_fate fate_of(const struct fsm_intent *intent, const struct snapd_change *own)
{
	if (intent->phase != FSM_PHASE_KNOWN)
		return FSM_FATE_NONE;
	/* An id that means something else now: snapd's state was purged, its numbers restarted. */
	if (own->id == 0 || !fits(intent, own))
		return FSM_FATE_PRUNED;
	switch (own->progress) {
	case SNAPD_CHANGE_DONE:
		return FSM_FATE_DONE;
	case SNAPD_CHANGE_EMPTY:
		return FSM_FATE_EMPTY;
	case SNAPD_CHANGE_FAILED:
		return FSM_FATE_FAILED;
	default:
		return FSM_FATE_RUNNING;
	}
}

static int look_at_changes(struct run *run, struct look *look, struct error *err)
{
	__attribute__((cleanup(snapd_changes_done))) struct snapd_changes changes = { 0 };
	__attribute__((cleanup(snapd_changes_done))) struct snapd_changes all = { 0 };
	const struct fsm_intent *intent = &run->record.intent;

	if (snapd_get_changes(run_snapd(run), WORKLOAD_SNAP, false, &changes, err) < 0)
		return -1;
	if (changes.count > 0)
		look->flight = changes.list[0];
	if (intent->phase != FSM_PHASE_ASKED || adopt(run, look, &changes))
		return 0;
	/* It may have come and gone between two looks. */
	if (snapd_get_changes(run_snapd(run), WORKLOAD_SNAP, true, &all, err) < 0)
		return -1;
	(void)adopt(run, look, &all);
	return 0;
}

/* Whether snapd must be asked for its seeding: only a request could fail for the lack of it. */
static bool seed_matters(const struct run *run, const struct look *look)
{
	return !run->seeded && !look->snap.present && look->flight.id == 0;
}

static int look_once(struct run *run, struct look *look, struct error *err)
{
	const struct fsm_intent *intent = &run->record.intent;

	look->own = look->flight = (struct snapd_change){ 0 };
	if (intent->phase == FSM_PHASE_KNOWN &&
		snapd_get_change(run_snapd(run), intent->change, &look->own, err) < 0)
		return -1;
	if (snapd_get_snap(run_snapd(run), WORKLOAD_SNAP, &look->snap, err) < 0 ||
		look_at_changes(run, look, err) < 0)
		return -1;
	if (seed_matters(run, look) && snapd_get_seeded(run_snapd(run), &run->seeded, err) < 0)
		return -1;
	return 0;
}

static bool look_patiently(struct run *run, struct look *look)
{
	int64_t patience = run->record.intent.op != FSM_OP_NONE ? AWAY_PATIENCE_OWN : AWAY_PATIENCE;
	int64_t end = clock_uptime() + patience;
	struct error err = { 0 };

	for (;;) {
		if (look_once(run, look, &err) == 0)
			return true;
		if (clock_uptime() + AWAY_PAUSE >= end || run_left(run) <= AWAY_PAUSE)
			break;
		clock_sleep(AWAY_PAUSE);
	}
	run_say("%s", err.text);
	if (run->record.reason != FSM_REASON_SNAPD_AWAY)
		run_log(run, JUJU_WARNING, "%s", err.text); /* once, not in every hook of an hour */
	return false;
}

/* What the looks so far add up to, in the machine's words. */
static void state_facts(struct run *run, struct look *look)
{
	struct fsm_facts *facts = &look->facts;
	const struct fsm_intent *intent = &run->record.intent;

	facts->seeded = look->snap.present || look->flight.id != 0 || run->seeded;
	facts->fate = fate_of(intent, &look->own);
	/* Ours may have been running when it was read and be gone from the list a moment later. */
	if (look->flight.id == 0 && facts->fate == FSM_FATE_RUNNING)
		look->flight = look->own;
	if (look->flight.id != 0) {
		facts->flight =
			intent->change == look->flight.id ? FSM_FLIGHT_OURS : FSM_FLIGHT_FOREIGN;
		facts->flight_kind = look->flight.kind;
	}
	facts->fate_error = look->own.error;
	facts->present = look->snap.present;
	facts->active = look->snap.active;
	facts->broken = look->snap.broken;
	facts->local = look->snap.local;
	facts->tracking = look->snap.tracking;
	facts->revision = look->snap.revision;
	facts->version = look->snap.version;
	facts->service_down = look->snap.service_down;
}

/* A service that our own change has just started may need a moment. */
static void wait_for_service(struct run *run, struct look *look)
{
	int64_t end = clock_uptime() + SERVICE_PATIENCE;

	while (run->finished_own && look->flight.id == 0 && *look->snap.service_down &&
		clock_uptime() < end && run_left(run) > SERVICE_PAUSE) {
		clock_sleep(SERVICE_PAUSE);
		if (look_once(run, look, NULL) < 0)
			return;
	}
	run->finished_own = false;
}

void run_observe(struct run *run, struct look *ret)
{
	const struct fsm_intent *intent = &run->record.intent;
	int64_t age = clock_uptime() / 1000 - intent->uptime;

	*ret = (struct look){
		.facts = {
			.hook = run->kind,
			.first = run->first,
			.now = clock_now(),
			.age = strcmp(intent->boot, run->boot) == 0 && age >= 0 ? age : INT64_MAX,
			.option_valid = run->option.valid,
			.option = run->option.shown,
			.wanted = run->option.channel,
			.flight_kind = "",
			.fate_error = "",
			.tracking = "",
			.revision = "",
			.version = "",
			.service_down = "",
		},
	};
	/* With an option that cannot be meant, snapd is not even asked. */
	if (!run->option.valid && !fsm_going(&run->record, &ret->facts))
		return;
	ret->facts.reachable = look_patiently(run, ret);
	if (!ret->facts.reachable)
		return;
	if (*ret->snap.service_down)
		wait_for_service(run, ret);
	state_facts(run, ret);
}

int run_baseline(struct run *run, int64_t *ret, struct error *err)
{
	__attribute__((cleanup(snapd_changes_done))) struct snapd_changes changes = { 0 };

	if (snapd_get_changes(run_snapd(run), WORKLOAD_SNAP, true, &changes, err) < 0)
		return -1;
	*ret = changes.count > 0 ? changes.list[changes.count - 1].id : 0;
	return 0;
}
