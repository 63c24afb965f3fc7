/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/order.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "fsm/names.h"
#include "fsm/status.h"
#include "hooks/loop.h"
#include "hooks/resource.h"
#include "hooks/unit.h"
#include "hooks/waker.h"

/* What there is to say beside the end: its cause, or what a pending order waits for. */
static char *note(const struct run *run, const struct fsm_record *before)
{
	const struct fsm_order_news *news = &run->news;

	if (news->kind == FSM_ORDER_REFRESH && news->end == FSM_ORDER_END_DONE &&
		*before->reverted && strcmp(before->revision, run->record.revision) != 0)
		return alloc_textf("the revert to revision %s is undone", before->reverted);
	if (news->end == FSM_ORDER_END_NONE)
		return alloc_textf("not over yet; the next hook goes on and writes its end into "
				   "the journal%s%s",
			*news->text ? ": " : "", news->text);
	return alloc_text(news->text);
}

static void show(
	const struct run *run, const struct fsm_record *before, struct inspect_results *ret)
{
	const struct fsm_record *record = &run->record;
	struct fsm_status_line line = fsm_status_line(record, "");
	CLEANUP(cleanup_free)
	char *status = alloc_textf("%s: %s", fsm_status_name(line.status), line.message);
	CLEANUP(cleanup_free) char *more = note(run, before);
	char change[32] = "";

	if (run->change != 0)
		(void)snprintf(change, sizeof change, "%" PRId64, run->change);
	const struct inspect_item items[] = {
		{ "order", fsm_order_end_name(run->news.end) },
		{ "change", change },
		{ "revision-before", before->revision },
		{ "version-before", before->version },
		{ "revision", record->revision },
		{ "version", record->version },
		{ "status", status },
		{ "note", more },
	};
	inspect_items(items, sizeof items / sizeof *items, ret);
}

/* Why the order has come to nothing, as far as it has: the text of a refusal says what to do. */
static int tell_end(const struct run *run, struct error *err)
{
	const struct fsm_order_news *news = &run->news;
	const char *cause = *news->text ? news->text : "snapd gave no cause";

	if (news->end == FSM_ORDER_END_REFUSED)
		return error_set(err, ERROR_FORMAT, "%s", cause);
	if (news->end != FSM_ORDER_END_FAILED)
		return 0;
	if (run->change == 0 || strstr(cause, "see: "))
		return error_set(err, ERROR_FORMAT, "%s", cause);
	return error_set(err, ERROR_FORMAT, "%s; see: snap change %" PRId64, cause, run->change);
}

int order_run(struct run *run, enum fsm_order order, struct inspect_results *ret, struct error *err)
{
	struct fsm_record before;
	int outcome;

	*ret = (struct inspect_results){ 0 };
	if (unit_take(run, err) < 0)
		return -1;
	before = run->record;
	run->order = order;
	resource_read(run);
	outcome = loop_run(run, err);
	waker_keep(run);
	log_send(&run->log, run_tool_time(run));
	if (outcome < 0)
		return -1; /* what is durable of the order, the next hook goes on with */
	show(run, &before, ret);
	return tell_end(run, err);
}
