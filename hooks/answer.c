/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/answer.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fsm/fsm.h"
#include "fsm/target.h"
#include "fsm/turn.h"
#include "workload/probe.h"
#include "workload/workload.h"

enum {
	TRIES = 3,            /* of a workload that has run for a while ... */
	PAUSE = 1000,         /* ms between two of them ... */
	PATIENCE = 30 * 1000, /* ... and ms for which one is tried that has just been started */
};

static bool is_to_answer(const struct run *run, const struct fsm_facts *facts)
{
	return facts->present && facts->active && !facts->broken && !facts->unserved &&
	       !*facts->service_down && facts->flight == FSM_FLIGHT_NONE &&
	       !fsm_going(&run->record, facts) && *run->option.health_path;
}

static bool has_answered(const struct run *run, const struct fsm_facts *facts, bool started,
	char seen[PROBE_TEXT_SIZE])
{
	/* Whether one that may be silent answers is worth a question, and no waiting. */
	int tries = run->record.lenient && !facts->probe_wanted ? 1 : TRIES;
	int64_t end = clock_uptime() + PATIENCE;

	for (int tried = 1; !probe(run->port, run->option.health_path, seen); tried++) {
		bool again = tries > 1 && started ? clock_uptime() + PAUSE <= end : tried < tries;

		if (!again || run_left(run) <= PAUSE + PROBE_TIME)
			return false;
		clock_sleep(PAUSE);
	}
	return true;
}

void answer_look(const struct run *run, struct look *look, bool started)
{
	struct fsm_facts *facts = &look->facts;

	if (!is_to_answer(run, facts))
		return;
	(void)snprintf(look->asked_at, sizeof look->asked_at, "%.*s%s",
		(int)strcspn(WORKLOAD_PORT, "/"), WORKLOAD_PORT, run->option.health_path);
	facts->asked_at = look->asked_at;
	facts->mute = look->mute;
	facts->probe =
		has_answered(run, facts, started, look->mute) ? FSM_PROBE_ANSWERED : FSM_PROBE_MUTE;
}
