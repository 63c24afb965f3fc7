/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "juju/tool.h"
#include "workload/workload.h"

#define SNAP_DATA "/var/snap" /* on every system that snapd runs on */

static const char *from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

static int64_t budget(void)
{
	long long seconds = text_number(from_environment("MICROSAMPLE_HOOK_BUDGET", ""));

	if (seconds < RUN_BUDGET_MIN || seconds > RUN_BUDGET_MAX)
		seconds = MICROSAMPLE_HOOK_BUDGET;
	return seconds * 1000;
}

/* What workload.h says, or the environment; Juju sets none. */
static int port(void)
{
	long long port = text_number(from_environment("MICROSAMPLE_WORKLOAD_PORT", ""));

	return port > 0 && port <= UINT16_MAX ? (int)port : (int)strtol(WORKLOAD_PORT, NULL, 10);
}

void run_init(struct run *run, const char *name)
{
	const char *departing = from_environment("JUJU_DEPARTING_UNIT", "");

	*run = (struct run){
		.hook = name,
		.unit = from_environment("JUJU_UNIT_NAME", ""),
		.data = from_environment("MICROSAMPLE_SNAP_DATA", SNAP_DATA),
		.machine = from_environment("MICROSAMPLE_REGISTER", MICROSAMPLE_REGISTER),
		.directory = from_environment("JUJU_CHARM_DIR", from_environment("CHARM_DIR", ".")),
		.port = port(),
		.budget = budget(),
		.lock = -1,
		.fleet = { .skip = FSM_NO_UNIT },
	};
	run->kind = fsm_hook_of(name, *from_environment("JUJU_REMOTE_UNIT", ""),
		*run->unit && strcmp(run->unit, departing) == 0);
	run->deadline = clock_uptime() + run->budget;
	run->snapd =
		snapd_open(from_environment("MICROSAMPLE_SNAPD_SOCKET", MICROSAMPLE_SNAPD_SOCKET));
	clock_boot(run->boot, sizeof run->boot);
	log_init(&run->log);
}

void run_done(struct run *run)
{
	snapd_close(run->snapd);
	store_close(run->store);
	juju_units_done(&run->fleet.units);
	log_done(&run->log);
	cleanup_close(&run->lock); /* last: the database is the lock's */
}

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
	/* What was refused stays so, whatever becomes of an order that another action left. */
	if (news->kind == FSM_ORDER_NONE || run->news.end == FSM_ORDER_END_REFUSED)
		return;
	run->news = *news;
	if (news->kind != FSM_ORDER_ROLLBACK || run->order == FSM_ORDER_NONE)
		return;
	/* To the person who ordered it, the refresh has failed. */
	run->news.kind = run->order;
	run->news.end = FSM_ORDER_END_FAILED;
	(void)snprintf(run->news.text, sizeof run->news.text, "%s: %s",
		news->end == FSM_ORDER_END_DONE ? "it was rolled back" : "its rollback failed",
		news->text);
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

bool run_may_wait(const struct run *run)
{
	return run_left(run) >= at_most(RUN_POST_LEAST, run->budget / 2);
}

bool run_may_post(const struct run *run)
{
	return run->posts < RUN_POSTS_MAX && run->posting < RUN_POST_SHORT && run_may_wait(run);
}

int64_t run_post_time(const struct run *run)
{
	return at_most(RUN_POST_TIME, run->budget);
}

int64_t run_move_time(const struct run *run, int64_t most)
{
	return run->budget < RUN_POST_TIME / 2 ? run->budget : most;
}

void run_posted(struct run *run, int64_t milliseconds)
{
	run->posts++;
	run->posting += milliseconds;
	run->deadline += milliseconds;
}
