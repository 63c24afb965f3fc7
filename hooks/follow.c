/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/follow.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "hooks/tell.h"

enum {
	POLL_FIRST = 100,          /* ms between two looks at a running change, growing ... */
	POLL_LAST = 1000,          /* ... to this */
	PROGRESS_PAUSE = 5 * 1000, /* ms between two progress messages */
	IDLE_PATIENCE = 20 * 1000, /* ms for somebody else's change that makes no progress */
};

static void describe(const struct snapd_change *change, char *ret, size_t size)
{
	int64_t percent = change->total > 1 ? change->done * 100 / change->total : 0;

	if (strcmp(change->task_kind, "download-snap") == 0 && change->total > 1)
		(void)snprintf(ret, size, "download %" PRId64 "%%", percent > 100 ? 100 : percent);
	else if (change->steps > 0)
		(void)snprintf(ret, size, "step %" PRId64 " of %" PRId64,
			change->steps_done < change->steps ? change->steps_done + 1 : change->steps,
			change->steps);
	else
		ret[0] = '\0';
}

/* Where a change stood, so that the next look can tell whether it moved. */
struct pace {
	int64_t steps, done, moved; /* MOVED: clock_uptime() */
};

static bool moves(struct pace *pace, const struct snapd_change *change)
{
	int64_t now = clock_uptime();

	if (change->steps_done != pace->steps || change->done != pace->done)
		*pace = (struct pace){ change->steps_done, change->done, now };
	return now - pace->moved < IDLE_PATIENCE;
}

static void show_progress(struct run *run, const struct snapd_change *change, int64_t *told)
{
	char progress[48];

	if (clock_uptime() - *told < PROGRESS_PAUSE)
		return;
	*told = clock_uptime();
	describe(change, progress, sizeof progress);
	tell_progress(run, progress);
}

/* Waits for one change as long as it is worth it. */
static bool follow_change(struct run *run, int64_t id, bool ours)
{
	struct pace pace = { .moved = clock_uptime() };
	int64_t pause = POLL_FIRST, told = clock_uptime();

	for (;;) {
		struct snapd_change change;
		int64_t begun;
		bool usable;

		if (run_left(run) <= pause)
			return false;
		clock_sleep(pause);
		pause = pause * 2 < POLL_LAST ? pause * 2 : POLL_LAST;
		begun = clock_uptime();
		usable = snapd_get_change(run_snapd(run), id, &change, NULL) == 0;
		run_heard(run, begun, usable);
		if (!usable && run_patience(run) <= pause)
			return true; /* the next look says what is the matter */
		if (!usable)
			continue;
		if (change.id == 0 || (change.progress != SNAPD_CHANGE_RUNNING &&
					      change.progress != SNAPD_CHANGE_WAITING)) {
			run->finished_own = run->finished_own || ours;
			return true;
		}
		if (change.progress == SNAPD_CHANGE_WAITING)
			return false; /* for a reboot, say: that is not ours to wait for */
		if (!ours && !moves(&pace, &change))
			return false;
		if (ours)
			show_progress(run, &change, &told);
	}
}

bool follow_flight(struct run *run, const struct look *look)
{
	if (look->flight.id != 0)
		return follow_change(run, look->flight.id, look->facts.flight == FSM_FLIGHT_OURS);
	/* An unanswered request: it shows, or time shows that it does not. */
	if (run_left(run) <= POLL_LAST)
		return false;
	clock_sleep(POLL_LAST);
	return true;
}
