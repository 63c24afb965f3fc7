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
	int64_t left = run_left(run);

	snapd_limit(run->snapd, at_most(RUN_GET_TIME, left < RUN_GET_LEAST ? RUN_GET_LEAST : left));
	return run->snapd;
}

bool run_may_ask(const struct run *run)
{
	return run->requests < RUN_REQUESTS_MAX &&
	       run_left(run) >= at_most(RUN_REQUEST_TIME, run->budget / 2);
}
