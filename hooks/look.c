/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/look.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "fsm/look.h"
#include "fsm/probation.h"
#include "fsm/request.h"
#include "fsm/resource.h"
#include "hooks/answer.h"
#include "hooks/disk.h"
#include "hooks/mark.h"
#include "workload/workload.h"

enum {
	AWAY_PAUSE = 250, /* ms between two tries while snapd does not answer */
	SERVICE_PAUSE = 250,
	SERVICE_PATIENCE = 5 * 1000, /* ms a service gets to come up after our own change ... */
	SERVICE_STEADY = 2500,       /* ... and between two looks that both find it running */
	SERVICE_BLINK = 500, /* ms after which one that was met down is looked at once more */
	BEGINNINGS_MAX = 5,  /* of one look: a change shows once for the first time */
};

/* clang-format off */
static const struct {
	enum fsm_fate fate;
	enum fsm_way way;
} progresses[SNAPD_CHANGE_COUNT] = {
	[SNAPD_CHANGE_RUNNING] = { FSM_FATE_RUNNING, FSM_WAY_DOES },
	[SNAPD_CHANGE_WAITING] = { FSM_FATE_RUNNING, FSM_WAY_WAITS },
	[SNAPD_CHANGE_UNDOING] = { FSM_FATE_RUNNING, FSM_WAY_UNDOES },
	[SNAPD_CHANGE_DONE]    = { FSM_FATE_DONE,    FSM_WAY_NONE },
	[SNAPD_CHANGE_EMPTY]   = { FSM_FATE_EMPTY,   FSM_WAY_NONE },
	[SNAPD_CHANGE_FAILED]  = { FSM_FATE_FAILED,  FSM_WAY_NONE },
};
/* clang-format on */

static void say_where(const struct snapd_change *change, char *ret, size_t size)
{
	int64_t step = change->steps_done < change->steps ? change->steps_done + 1 : change->steps;

	if (strcmp(change->task_kind, "download-snap") == 0 && change->total > 1)
		(void)snprintf(ret, size, "download %d%%",
			(int)((double)change->done / (double)change->total * 100));
	else if (change->steps > 0)
		(void)snprintf(ret, size, "step %" PRId64 " of %" PRId64, step, change->steps);
}

struct fsm_change look_change(const struct snapd_change *change)
{
	struct fsm_change ret = {
		.id = change->id,
		.kind = change->kind,
		.fate = progresses[change->progress].fate,
		.error = change->error,
		.stopped = change->stopped,
		.revision = change->revision,
		.way = progresses[change->progress].way,
		.bytes = change->done,
	};

	say_where(change, ret.at, sizeof ret.at);
	return ret;
}

/* The change that our unanswered request made, in the list of all; id 0 when none shows. */
static int find_made(struct run *run, struct snapd_change *ret, struct error *err)
{
	__attribute__((cleanup(snapd_changes_done))) struct snapd_changes changes = { 0 };

	*ret = (struct snapd_change){ 0 };
	if (snapd_get_changes(run_snapd(run), WORKLOAD_SNAP, true, &changes, err) < 0)
		return -1;
	for (size_t i = 0; i < changes.count; i++) {
		struct fsm_change change = look_change(&changes.list[i]), best = look_change(ret);

		if (fsm_made_by(&run->record.intent, &change, &best))
			*ret = changes.list[i];
	}
	return 0;
}

static int find_flight(struct run *run, struct snapd_change *ret, struct error *err)
{
	__attribute__((cleanup(snapd_changes_done))) struct snapd_changes changes = { 0 };

	*ret = (struct snapd_change){ 0 };
	if (snapd_get_changes(run_snapd(run), WORKLOAD_SNAP, false, &changes, err) < 0)
		return -1;
	if (changes.count > 0)
		*ret = changes.list[0];
	return 0;
}

static int find_own(struct run *run, struct snapd_change *ret, struct error *err)
{
	const struct fsm_intent *intent = &run->record.intent;

	*ret = (struct snapd_change){ 0 };
	if (intent->phase == FSM_PHASE_ASKED)
		return find_made(run, ret, err);
	if (intent->phase == FSM_PHASE_KNOWN)
		return snapd_get_change(run_snapd(run), intent->change, ret, err);
	return 0;
}

/* How many changes touched the hold since our request for one; they are read after the snap. */
static int count_holds(struct run *run, int *ret, struct error *err)
{
	__attribute__((cleanup(snapd_changes_done))) struct snapd_changes changes = { 0 };

	if (snapd_get_changes(run_snapd(run), WORKLOAD_SNAP, true, &changes, err) < 0)
		return -1;
	*ret = 0;
	for (size_t i = 0; i < changes.count; i++)
		*ret += fsm_touches_hold(
			&run->record.intent, changes.list[i].id, changes.list[i].kind);
	return 0;
}

/* Once through the order of fsm/look.h. RET is false when the look has to begin again. */
static int look_through(struct run *run, struct look *look, bool *ret, struct error *err)
{
	const struct fsm_intent *intent = &run->record.intent;
	struct snapd_change last = { 0 };
	struct fsm_change first, then;

	if (find_own(run, &look->own, err) < 0 ||
		snapd_get_snap(run_snapd(run), WORKLOAD_SNAP, &look->snap, err) < 0 ||
		find_flight(run, &look->flight, err) < 0)
		return -1;
	if (intent->op == FSM_OP_HOLD && look->own.progress == SNAPD_CHANGE_DONE &&
		look->own.id != 0 && count_holds(run, &look->facts.holds, err) < 0)
		return -1;
	if (look->facts.order == FSM_ORDER_REVERT && disk_before(run, &look->facts.before, err) < 0)
		return -1;
	look->facts.age = fsm_request_age(&run->record.intent, run->boot, clock_uptime() / 1000);
	if (intent->phase == FSM_PHASE_ASKED && look->own.id == 0 && find_made(run, &last, err) < 0)
		return -1;
	first = look_change(&look->own);
	then = look_change(&last);
	*ret = !fsm_look_again(intent, &first, &then);
	return 0;
}

/* Whether snapd must be asked for its seeding: only a request could fail for the lack of it. */
static bool seed_matters(const struct run *run, const struct look *look)
{
	return !run->seeded && !look->snap.present && look->flight.id == 0;
}

static int look_once(struct run *run, struct look *look, struct error *err)
{
	bool whole = false;

	for (int i = 0; !whole; i++) {
		if (i == BEGINNINGS_MAX)
			return error_set(
				err, ERROR_FORMAT, "snapd shows lists of changes that disagree");
		if (look_through(run, look, &whole, err) < 0)
			return -1;
	}
	if (seed_matters(run, look))
		return snapd_get_seeded(run_snapd(run), &run->seeded, err);
	return 0;
}

/*
 * How the looks failed. What snapd said itself is in the texts of the client, which all begin with
 * "snapd": snapd answered with HTTP status 500.
 */
static void say_away(const struct error *err, char *ret)
{
	static const char itself[] = "snapd ";
	const char *words = ""; /* silence */

	if (err->kind == ERROR_UNREACHABLE && err->code == ENOENT)
		words = "its socket is not there";
	else if (err->kind == ERROR_UNREACHABLE && err->code == ECONNREFUSED)
		words = "nothing listens on its socket";
	else if (err->kind == ERROR_UNREACHABLE && err->code)
		words = "its socket cannot be used";
	else if ((err->kind == ERROR_FORMAT || err->kind == ERROR_LIMIT) &&
		 strncmp(err->text, itself, strlen(itself)) == 0) {
		(void)snprintf(ret, FSM_DETAIL_MAX + 1, "it %s", err->text + strlen(itself));
		return;
	}
	(void)snprintf(ret, FSM_DETAIL_MAX + 1, "%s", words);
}

static bool look_patiently(struct run *run, struct look *look)
{
	struct error err = { 0 };

	for (;;) {
		int64_t begun = clock_uptime();
		bool usable = look_once(run, look, &err) == 0;

		run_heard(run, begun, usable);
		if (usable)
			return true;
		if (run_patience(run) <= AWAY_PAUSE || run_left(run) <= AWAY_PAUSE)
			break;
		clock_sleep(AWAY_PAUSE);
	}
	say_away(&err, look->away);
	look->facts.no_snapd = err.kind == ERROR_UNREACHABLE && err.code == ENOENT;
	log_say("%s", err.text);
	if (run->record.reason != FSM_REASON_SNAPD_AWAY)
		log_add(&run->log, JUJU_WARNING, "%s",
			err.text); /* once, not in every hook of an hour */
	return false;
}

/* What the looks so far add up to, in the machine's words. */
static void state_facts(const struct run *run, struct look *look)
{
	struct fsm_change own = look_change(&look->own), flight = look_change(&look->flight);
	struct fsm_facts *facts = &look->facts;

	fsm_look_changes(&run->record.intent, &own, &flight, facts);
	facts->seeded = look->snap.present || look->flight.id != 0 || run->seeded;
	/* To be followed: it ran when it was read, and has left the list since. */
	if (facts->flight != FSM_FLIGHT_NONE && look->flight.id == 0)
		look->flight = look->own;
	facts->present = look->snap.present;
	facts->active = look->snap.active;
	facts->broken = look->snap.broken;
	facts->damage = look->snap.damage;
	facts->local = look->snap.local;
	facts->tracking = look->snap.tracking;
	facts->revision = look->snap.revision;
	facts->version = look->snap.version;
	facts->channel = look->snap.channel;
	facts->serves = look->snap.serves;
	facts->unserved = look->snap.unserved;
	facts->service_down = look->snap.service_down;
	facts->health = look->snap.health;
	facts->services = look->snap.enabled;
	facts->uptime = clock_uptime() / 1000;
	facts->hold = look->snap.hold;
	facts->hold_until = look->snap.hold_until;
}

/* Whether a change of ours that starts services has just ended. */
static bool has_started(const struct run *run, const struct look *look)
{
	bool done = look->own.id != 0 && look->own.progress == SNAPD_CHANGE_DONE &&
		    fsm_op_row(run->record.intent.op)->starts;

	return run->finished_own || done;
}

/* Whether there are such services: they may still be starting, or dying. */
static bool is_fresh(const struct run *run, const struct look *look)
{
	return has_started(run, look) && (look->snap.serves || *look->snap.service_down);
}

/*
 * A service that our own change has just started gets a moment to come up, and has to be seen
 * running twice: one that dies at once is started again by systemd, and shows as active in between.
 * Any other gets a second look, since systemd may be about to start one again that has just died.
 * False when snapd has fallen silent meanwhile: then nothing is known.
 */
static bool watch_services(struct run *run, struct look *look)
{
	bool fresh = is_fresh(run, look);
	int64_t patience = fresh ? SERVICE_PATIENCE : SERVICE_BLINK;
	int64_t now = clock_uptime(), end = now + patience, up = 0;

	while (look->flight.id == 0) {
		bool down = *look->snap.service_down;
		int64_t pause = !fresh ? SERVICE_BLINK : down ? SERVICE_PAUSE : SERVICE_STEADY;

		if (down)
			up = 0;
		else if (up == 0)
			up = now;
		if (down ? now >= end : !fresh || now - up >= SERVICE_STEADY)
			break;
		/* What cannot be seen twice in time is seen twice all the same: it is 2.5 s. */
		if (run_left(run) <= pause && pause != SERVICE_STEADY)
			break;
		clock_sleep(pause);
		if (!look_patiently(run, look))
			return false;
		now = clock_uptime();
	}
	run->confirm = fresh;
	return true;
}

/* A number for the options that are no part of the target. */
static int64_t options_in_short(const struct juju_options *option)
{
	char text[sizeof option->health_path + 8];

	(void)snprintf(text, sizeof text, "%s %d %d", option->health_path, option->rollback,
		option->auto_refresh);
	return text_hash(text);
}

void look_take(struct run *run, struct look *ret)
{
	struct fsm_facts *facts = &ret->facts;
	bool started;

	*ret = (struct look){ .facts = fsm_facts_none };
	facts->hook = run->kind;
	facts->first = run->first;
	facts->asked = run->posts > 0;
	facts->order = run->first ? run->order : FSM_ORDER_NONE;
	facts->now = clock_now();
	facts->age = INT64_MAX;
	facts->boot = run->boot;
	facts->option_valid = run->option.valid;
	facts->option = run->option.wrong;
	facts->options = options_in_short(&run->option);
	facts->away = ret->away;
	facts->wanted = fsm_target_of(run->option.channel);
	facts->wanted.revision = run->option.revision;
	if (run->option.valid) {
		facts->rollback = run->option.rollback;
		facts->probe_wanted = strcmp(run->option.health_path, "/") != 0;
		facts->hold_wanted = !run->option.auto_refresh || run->option.revision > 0;
		fsm_resource_facts(&run->record, run->resource, facts);
	}
	/* With an option that cannot be meant, snapd is not even asked. */
	if (!run->option.valid && !fsm_going(&run->record, &ret->facts) &&
		ret->facts.order != FSM_ORDER_ABORT && run->record.order.kind != FSM_ORDER_ROLLBACK)
		return;
	ret->facts.reachable = look_patiently(run, ret);
	if (ret->facts.reachable && (*ret->snap.service_down || is_fresh(run, ret)))
		ret->facts.reachable = watch_services(run, ret);
	ret->facts.marker = mark_look(run);
	if (!ret->facts.reachable)
		return;
	started = has_started(run, ret);
	run->finished_own = false;
	state_facts(run, ret);
	answer_look(run, ret, started);
	if (fsm_way_back_matters(&run->record, &ret->facts))
		ret->facts.lost = disk_lost(run, run->record.probation.before.revision);
}

int look_baseline(struct run *run, int64_t *ret, struct error *err)
{
	__attribute__((cleanup(snapd_changes_done))) struct snapd_changes changes = { 0 };

	if (snapd_get_changes(run_snapd(run), WORKLOAD_SNAP, true, &changes, err) < 0)
		return -1;
	*ret = changes.count > 0 ? changes.list[changes.count - 1].id : 0;
	return 0;
}

bool look_in_flight(struct run *run)
{
	struct snapd_change flight;

	return find_flight(run, &flight, NULL) < 0 || flight.id != 0;
}
