/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/run.h"

#include "base/clock.h"
#include "juju/tool.h"

int64_t run_left(const struct run *run)
{
	int64_t left = run->deadline - clock_uptime();

	return left > 0 ? left : 0;
}

static int64_t at_most(int64_t most, int64_t time)
{
	return time < most ? time : most;
}

int64_t run_tool_time(const struct run *run)
{
	return at_most(TOOL_TIME_MAX, run_left(run) + RUN_TOOL_GRACE);
}

struct snapd *run_snapd(const struct run *run)
{
	int64_t limit = at_most(RUN_GET_TIME, run_left(run));

	if (run->silent)
		limit = at_most(limit, run_patience(run));
	snapd_limit(run->snapd, limit < RUN_GET_LEAST ? RUN_GET_LEAST : limit);
	return run->snapd;
}

void run_news(struct run *run, const struct fsm_order_news *news)
{
	if (news->kind != FSM_ORDER_NONE)
		run->news = *news;
}

void run_heard(struct run *run, int64_t begun, bool usable)
{
	if (usable)
		run->silent = 0;
	else if (!run->silent)
		run->silent = begun;
}

int64_t run_patience(const struct run *run)
{
	int64_t patience = run->record.intent.op != FSM_OP_NONE ? RUN_SILENCE_OWN : RUN_SILENCE;

	return run->silent ? run->silent + patience - clock_uptime() : patience;
}

bool run_may_post(const struct run *run)
{
	return run->posts < RUN_POSTS_MAX && run->posting < RUN_POST_SHORT &&
	       run_left(run) >= at_most(RUN_POST_LEAST, run->budget / 2);
}

int64_t run_post_time(const struct run *run)
{
	return at_most(RUN_POST_TIME, run->budget);
}

void run_posted(struct run *run, int64_t milliseconds)
{
	run->posts++;
	run->posting += milliseconds;
	run->deadline += milliseconds;
}
