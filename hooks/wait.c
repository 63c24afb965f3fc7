/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/wait.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "fsm/look.h"
#include "fsm/rules.h"
#include "hooks/look.h"
#include "hooks/unit.h"
#include "hooks/waker.h"
#include "juju/tool.h"
#include "store/store.h"
#include "workload/workload.h"

/* What juju-exec says when Juju knows nothing of the unit any more. */
#define UNIT_GONE "not found on this machine"

enum {
	POLL_MOVING = 500, /* ms between two looks at a change that moves ... */
	POLL_REQUEST = 1000,
	READ_ANEW =
		60 * 1000, /* ms, at least so often the record is read and the clock looked at */
	GET_TIME = 5 * 1000,
	TOOL_TIME =
		30 * 60 * 1000, /* ms: juju-exec waits for the hooks of all units on the machine */
};

/* Seconds between two looks at what does not move. */
static const int polls[] = { 10, 20, 40, 60 };
/* Seconds between two wakes that left the record as it was: the unit was not reached, or did nothing. */
static const int pauses[] = { 5, 15, 60, 300, 900 };

#define LAST(array) ((int)(sizeof array / sizeof *array) - 1)

struct waker {
	struct run run;
	int lock;
	bool over;                    /* it is to end */
	struct fsm_record woken_from; /* as the record was when the unit was woken last */
	int wakes;                    /* for that record */
	int64_t woken;                /* clock_uptime() at the end of the last one */
	struct fsm_pace seen;         /* the change that is awaited */
	int looks;                    /* at what does not move */
};

enum reading {
	READ,
	NOTHING_TO_READ, /* no database, or none that this build can read: nothing is known to be due */
	BUSY
};

static enum reading read_record(struct run *run)
{
	struct store *store = NULL;
	struct error err = { 0 };
	int outcome;

	if (access(run->directory, F_OK) < 0)
		return NOTHING_TO_READ;
	outcome = store_inspect(run->directory, &store, &err);
	if (outcome == 0)
		outcome = store_load(store, &run->record, &err);
	store_close(store);
	(void)malloc_trim(0); /* the copy of the database is larger than all the rest */
	if (outcome == 0)
		return READ;
	log_say("%s", err.text);
	return err.kind == ERROR_CORRUPT || err.kind == ERROR_NEWER ||
			       (err.kind == ERROR_SYSTEM && err.code == ENOENT)
		       ? NOTHING_TO_READ
		       : BUSY;
}

/* Sleeps, and returns whether a hook has news. */
static bool rest(int64_t milliseconds)
{
	const struct timespec time = {
		.tv_sec = (time_t)(milliseconds / 1000),
		.tv_nsec = (long)(milliseconds % 1000) * 1000000,
	};
	sigset_t news;

	(void)sigemptyset(&news);
	(void)sigaddset(&news, WAKER_NEWS);
	return sigtimedwait(&news, NULL, &time) == WAKER_NEWS;
}

/* Whether the change has ended, or goes another way than the status says. */
static bool change_ended(struct waker *waker, int64_t id)
{
	const struct fsm_pace *known = &waker->run.record.pace;
	struct snapd_change shown;
	struct fsm_change change;
	struct fsm_pace seen;

	if (snapd_get_change(waker->run.snapd, id, &shown, NULL) < 0)
		return false;
	change = look_change(&shown);
	if (change.id == 0 || change.fate != FSM_FATE_RUNNING)
		return true;
	seen = fsm_pace_of(&change, clock_uptime() / 1000);
	fsm_pace_see(&waker->seen, &seen);
	if (seen.since - waker->seen.since < FSM_PATIENCE)
		waker->looks = 0;
	return known->change == id && known->way != change.way;
}

static bool request_shows(const struct waker *waker)
{
	__attribute__((cleanup(snapd_changes_done))) struct snapd_changes changes = { 0 };
	const struct fsm_change none = { .kind = "" };

	if (snapd_get_changes(waker->run.snapd, WORKLOAD_SNAP, true, &changes, NULL) < 0)
		return false;
	for (size_t i = 0; i < changes.count; i++) {
		struct fsm_change change = look_change(&changes.list[i]);

		if (fsm_made_by(&waker->run.record.intent, &change, &none))
			return true;
	}
	return false;
}

/* Whether it gives a hook what it needs, as far as a hook asks it. */
static bool snapd_answers(const struct waker *waker)
{
	static struct snapd_snap snap; /* large */
	bool seeded = false;

	if (snapd_get_snap(waker->run.snapd, WORKLOAD_SNAP, &snap, NULL) < 0)
		return false;
	return snap.present || waker->run.record.reason != FSM_REASON_NOT_SEEDED ||
	       (snapd_get_seeded(waker->run.snapd, &seeded, NULL) == 0 && seeded);
}

/* Looks once at what is awaited. RET: the milliseconds until the next look. */
static bool has_come(struct waker *waker, const struct fsm_due *due, int64_t *ret)
{
	int looks = waker->looks < LAST(polls) ? waker->looks : LAST(polls);
	bool come = false;

	*ret = polls[looks] * 1000;
	switch (due->wait) {
	case FSM_WAIT_CHANGE:
		waker->looks = looks + 1;
		come = change_ended(waker, due->change);
		if (waker->looks == 0)
			*ret = POLL_MOVING;
		break;
	case FSM_WAIT_REQUEST:
		come = request_shows(waker);
		*ret = POLL_REQUEST;
		break;
	case FSM_WAIT_SNAPD:
		waker->looks = looks + 1;
		come = snapd_answers(waker);
		break;
	case FSM_WAIT_TRY:
	case FSM_WAIT_DRIFT:
	case FSM_WAIT_NOTHING:
	case FSM_WAIT_COUNT:
		*ret = READ_ANEW;
		break;
	}
	return come;
}

/* Whether the unit is to be woken now. False when the record is to be read anew before that is known. */
static bool await(struct waker *waker, const struct fsm_due *due)
{
	/* The time of day may jump: what is further off is computed again. */
	int64_t now = clock_uptime(), anew = now + READ_ANEW;
	int64_t end = due->seconds < READ_ANEW ? now + due->seconds * 1000 : FSM_NEVER;

	while (now < end) {
		int64_t pause;

		if (has_come(waker, due, &pause))
			return true;
		if (pause > end - now)
			pause = end - now;
		if (rest(pause)) {
			waker->looks = 0;
			return false;
		}
		now = clock_uptime();
		if (now >= anew && now < end)
			return false;
	}
	return true;
}

/* Whether the last wake did nothing. That of a revision on probation was to look, and has looked. */
static bool is_as_before(const struct waker *waker)
{
	const struct fsm_record *record = &waker->run.record, *before = &waker->woken_from;

	return fsm_same(before, record) && before->probation.looks == record->probation.looks;
}

/* The milliseconds that the next wake has to wait, since the last one changed nothing. */
static int64_t pause_left(const struct waker *waker)
{
	int at = waker->wakes - 1 < LAST(pauses) ? waker->wakes - 1 : LAST(pauses);
	int64_t now = clock_uptime();

	if (waker->wakes == 0 || !is_as_before(waker))
		return 0;
	return waker->woken + pauses[at] * 1000 - now;
}

static void wake(struct waker *waker)
{
	const char *argv[] = { "juju-exec", waker->run.unit,
		"JUJU_DISPATCH_PATH=hooks/update-status ./dispatch", NULL };
	CLEANUP(buf_done) struct buf said;
	struct error err = { 0 };

	if (!is_as_before(waker))
		waker->wakes = 0;
	waker->woken_from = waker->run.record;
	waker->wakes++;
	log_say("waking %s", waker->run.unit);
	buf_init(&said, TOOL_OUTPUT_MAX);
	if (tool_run(argv, TOOL_TIME, NULL, &said, &err) < 0) {
		log_say("%s", err.text);
		/* Without juju-exec no unit is woken, and Juju's own hooks are all there is. */
		waker->over = err.code == 127 || strstr(buf_text(&said), UNIT_GONE);
	}
	waker->woken = clock_uptime();
	waker->looks = 0;
}

/*
 * Ends if nothing is due, with nobody between that and the end. A hook that comes before finds the
 * waker alive and gives it a sign; one that comes after finds it gone.
 */
static void end_if_nothing_is_due(struct waker *waker)
{
	struct run *run = &waker->run;
	enum reading reading;

	if (access(run->directory, F_OK) < 0) {
		waker->over = true;
		return;
	}
	if (unit_lock(run, NULL) < 0)
		return;
	reading = read_record(run);
	waker->over = reading == NOTHING_TO_READ ||
		      (reading == READ && waker_due(run).wait == FSM_WAIT_NOTHING);
	if (waker->over)
		cleanup_close(&waker->lock);
	cleanup_close(&run->lock);
}

static void live(struct waker *waker)
{
	enum reading reading = read_record(&waker->run);
	struct fsm_due due = waker_due(&waker->run);
	int64_t pause;

	if (reading == BUSY) {
		(void)rest(polls[0] * 1000);
		return;
	}
	if (reading == NOTHING_TO_READ || due.wait == FSM_WAIT_NOTHING) {
		end_if_nothing_is_due(waker);
		return;
	}
	pause = pause_left(waker);
	if (pause > 0) {
		(void)rest(pause < READ_ANEW ? pause : READ_ANEW);
		return;
	}
	log_say("%s waits for %s", waker->run.unit, fsm_wait_meaning(due.wait));
	if (await(waker, &due))
		wake(waker);
}

int wait_run(void)
{
	struct waker waker = { .lock = -1 };
	sigset_t news;

	run_init(&waker.run, "wait");
	if (!*waker.run.unit || *waker.run.directory != '/') {
		(void)fprintf(stderr, "dispatch wait is started by a hook\n");
		run_done(&waker.run);
		return 2;
	}
	/* A sign that comes while the waker does not sleep keeps. */
	(void)sigemptyset(&news);
	(void)sigaddset(&news, WAKER_NEWS);
	(void)sigprocmask(SIG_BLOCK, &news, NULL);
	snapd_limit(waker.run.snapd, GET_TIME);
	waker.lock = waker_lock(waker.run.directory);
	waker.over = waker.lock < 0; /* there is another one, or no unit */
	while (!waker.over)
		live(&waker);
	cleanup_close(&waker.lock);
	run_done(&waker.run);
	return 0;
}
