/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/follow.h"

#include "base/clock.h"
#include "fsm/look.h"
#include "fsm/rules.h"
#include "hooks/tell.h"

enum {
	POLL_FIRST = 100,          /* ms between two looks at a running change, growing ... */
	POLL_LAST = 1000,          /* ... to this */
	PROGRESS_PAUSE = 5 * 1000, /* ms between two progress messages */
};

/* Whether the change still moves, with where it is now taken into the record. */
static bool moves(struct run *run, const struct fsm_change *change)
{
	struct fsm_pace seen = fsm_pace_of(change, clock_now()), *pace = &run->record.pace;
	int64_t since = pace->since;

	fsm_pace_see(pace, &seen);
	run->dirty = run->dirty || pace->since != since;
	return seen.since - pace->since < FSM_PATIENCE;
}

static void show_progress(struct run *run, const struct fsm_change *change, int64_t *told)
{
	if (clock_uptime() - *told < PROGRESS_PAUSE)
		return;
	*told = clock_uptime();
	tell_progress(run, change->way == FSM_WAY_UNDOES ? "rolling back" : change->at);
}

/* Waits for one change as long as it is worth it. */
static bool follow_change(struct run *run, int64_t id, bool ours)
{
	int64_t pause = POLL_FIRST, told = clock_uptime();

	for (;;) {
		struct snapd_change shown;
		struct fsm_change change;
		int64_t begun;
		bool usable;

		if (run_left(run) <= pause)
			return false;
		clock_sleep(pause);
		pause = pause * 2 < POLL_LAST ? pause * 2 : POLL_LAST;
		begun = clock_uptime();
		usable = snapd_get_change(run_snapd(run), id, &shown, NULL) == 0;
		run_heard(run, begun, usable);
		if (!usable && run_patience(run) <= pause)
			return true; /* the next look says what is the matter */
		if (!usable)
			continue;
		change = look_change(&shown);
		if (change.id == 0 || change.fate != FSM_FATE_RUNNING) {
			run->finished_own = run->finished_own ||
					    (ours && fsm_op_row(run->record.intent.op)->starts);
			return true;
		}
		if (change.way == FSM_WAY_WAITS || !moves(run, &change))
			return true; /* the next look says where it stands */
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
