/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/commit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/channel.h"
#include "base/clock.h"
#include "fsm/failure.h"
#include "fsm/names.h"
#include "workload/workload.h"

/* A row about the record as it is now. */
static struct store_entry entry_of(
	const struct run *run, enum fsm_state before, enum fsm_effect effect, const char *detail)
{
	const struct fsm_record *record = &run->record;

	return (struct store_entry){
		.time = clock_now(),
		.hook = run->hook,
		.event = fsm_event_name(run->event),
		.before = fsm_state_name(before),
		.after = fsm_state_name(record->state),
		.effect = fsm_effect_name(effect),
		.channel = *record->intent.target.channel ? record->intent.target.channel
							  : record->target.channel,
		.change = record->intent.change,
		.detail = detail,
	};
}

/*
 * Damage that opening did not meet: a record that cannot be written would stop the unit for good. It
 * goes into a new database as it is in memory, with a row that says so.
 */
static int commit_anew(
	struct run *run, const struct store_entry *row, size_t count, struct error *err)
{
	struct error why = *err;
	char aside[128] = "", detail[192];
	struct store_entry rows[2];

	store_close(run->store);
	run->store = NULL;
	if (store_set_aside(run->directory, aside, sizeof aside, err) < 0 ||
		store_open(run->directory, &run->store, NULL, 0, err) < 0)
		return -1;
	log_add(&run->log, JUJU_WARNING,
		"the database could not be used (%s); it was set aside as %s", why.text, aside);
	(void)snprintf(detail, sizeof detail, "database set aside as %s, record kept", aside);
	rows[0] = entry_of(run, run->record.state, FSM_DO_NOTHING, detail);
	if (count)
		rows[1] = *row;
	return store_commit(run->store, &run->record, rows, 1 + count, err);
}

static int commit(struct run *run, const struct store_entry *row, struct error *err)
{
	size_t count = row ? 1 : 0;

	if (!run->store)
		return error_set(err, ERROR_CORRUPT, "there is no database to write to");
	if (store_commit(run->store, &run->record, row, count, err) < 0 &&
		(err->kind != ERROR_CORRUPT || commit_anew(run, row, count, err) < 0))
		return -1;
	run->dirty = false;
	return 0;
}

int commit_record(struct run *run, struct error *err)
{
	return commit(run, NULL, err);
}

int commit_outcome(struct run *run, enum fsm_effect effect, const char *detail, struct error *err)
{
	struct store_entry row = entry_of(run, run->record.state, effect, detail);

	return commit(run, &row, err);
}

static void add(char *ret, size_t size, const char *text)
{
	size_t used = strlen(ret);

	if (*text)
		(void)snprintf(ret + used, size - used, "%s%s", used ? "; " : "", text);
}

static const char *or_none(const char *text)
{
	return *text ? text : "none";
}

/* What happened beyond the names. */
static void describe_news(const struct run *run, const struct fsm_record *before,
	const struct fsm_turn *turn, char *ret, size_t size)
{
	const struct fsm_record *record = &turn->record;
	char text[FSM_WORD_MAX * 2 + 32];

	ret[0] = '\0';
	add(ret, size, run->note);
	if (turn->drifted)
		add(ret, size,
			*record->revision ? "drift: the snap was switched"
					  : "drift: the snap was removed");
	if (strcmp(before->revision, record->revision) != 0) {
		(void)snprintf(text, sizeof text, "revision %s -> %s", or_none(before->revision),
			or_none(record->revision));
		add(ret, size, text);
	}
	if (before->port != record->port) {
		(void)snprintf(text, sizeof text, "port %s: %s", WORKLOAD_PORT,
			fsm_port_name(record->port));
		add(ret, size, text);
	}
	if (strcmp(before->hold.until, record->hold.until) != 0 && *record->revision) {
		(void)snprintf(text, sizeof text, "hold %s -> %s", or_none(before->hold.until),
			or_none(record->hold.until));
		add(ret, size, text);
	}
	if (before->hold.ours != record->hold.ours && *record->revision)
		add(ret, size, record->hold.ours ? "the hold is ours" : "no hold of ours");
	if (strcmp(before->probation.revision, record->probation.revision) != 0)
		add(ret, size,
			*record->probation.revision ? "probation begins" : "probation is over");
	if (before->ours != record->ours)
		add(ret, size, record->ours ? "the snap is ours" : "no snap of ours");
	else if (!before->marked && record->marked)
		add(ret, size, "the snap is marked as ours");
}

static void describe_end(const struct fsm_order_news *news, char *ret, size_t size)
{
	char text[sizeof news->text + 32];

	(void)snprintf(text, sizeof text, "order %s %s%s%s", fsm_order_name(news->kind),
		fsm_order_end_name(news->end), *news->text ? ": " : "", news->text);
	add(ret, size, text);
}

/* An order is told when it is taken and when it ends. */
static void describe_order(
	const struct fsm_record *before, const struct fsm_turn *turn, char *ret, size_t size)
{
	enum fsm_order taken = turn->record.order.kind;
	bool is_new = taken != before->order.kind || turn->over.end != FSM_ORDER_END_NONE;
	char text[64];

	if (turn->over.end != FSM_ORDER_END_NONE)
		describe_end(&turn->over, ret, size);
	if (turn->effect == FSM_DO_ABORT)
		taken = FSM_ORDER_ABORT;
	if (turn->news.end > FSM_ORDER_END_REFUSED) {
		describe_end(&turn->news, ret, size);
	} else if (taken == FSM_ORDER_ABORT || (is_new && taken != FSM_ORDER_NONE)) {
		(void)snprintf(text, sizeof text, "order %s", fsm_order_name(taken));
		add(ret, size, text);
	}
}

/* What a turn that looks again has taken in; "" in place of REASON when the detail says it all. */
static const char *digested(const struct fsm_turn *turn, const char **ret_reason)
{
	if (turn->event == FSM_EVENT_SPOILT) {
		*ret_reason = "";
		return turn->record.refused.detail;
	}
	*ret_reason = fsm_reason_name(turn->record.failure.reason);
	return turn->record.failure.detail;
}

static void describe_reason(const struct fsm_turn *turn, char *ret, size_t size)
{
	const struct fsm_record *record = &turn->record;
	const char *cause, *reason;

	if (record->reason != FSM_REASON_OWN_CHANGE && record->reason != FSM_REASON_NONE)
		add(ret, size, fsm_reason_name(record->reason));
	add(ret, size, record->detail);
	if (turn->effect == FSM_DO_DIGEST) {
		cause = digested(turn, &reason);
		add(ret, size, reason);
		add(ret, size, cause);
	}
}

static bool same_place(const struct fsm_record *a, const struct fsm_record *b)
{
	return a->state == b->state && a->reason == b->reason && strcmp(a->detail, b->detail) == 0;
}

/*
 * Whether TURN tells nothing that the journal does not say: it tries again what snapd refused or
 * failed to do; or that try ended where it had begun, for the same reason; or the row before said how
 * it ended. What is asked in each hook would fill the journal in a day.
 */
static bool repeats(struct run *run, const struct fsm_record *before, const struct fsm_turn *turn)
{
	const struct fsm_intent *intent = &turn->record.intent;
	bool again = run->again, digested = run->digested;

	run->again = false;
	run->digested = turn->event == FSM_EVENT_FAILED;
	if (turn->effect == FSM_DO_NOTHING)
		return (again && same_place(&run->before_try, &turn->record)) ||
		       (digested && before->state == turn->record.state &&
			       turn->record.reason == turn->record.failure.reason);
	if (fsm_effect_op(turn->effect) == FSM_OP_NONE ||
		turn->before.reason == FSM_REASON_NO_TRACE ||
		turn->before.reason == FSM_REASON_INTERRUPTED ||
		!fsm_failed(&turn->before, intent->op, &intent->target))
		return false;
	run->before_try = *before;
	return true;
}

static void log_turn(struct run *run, const struct fsm_record *before, const struct fsm_turn *turn,
	const char *detail)
{
	static const enum juju_level levels[FSM_STATUS_COUNT] = {
		[FSM_STATUS_WAITING] = JUJU_WARNING,
		[FSM_STATUS_BLOCKED] = JUJU_ERROR,
	};
	const struct fsm_failure *failure = &turn->record.failure;
	const char *effect = turn->effect == FSM_DO_NOTHING ? "" : fsm_effect_name(turn->effect);
	const char *channel = channel_short(turn->record.target.channel);
	bool stays = same_place(before, &turn->record); /* it was said when it was new */

	log_add(&run->log, stays ? JUJU_INFO : levels[turn->status.status],
		"%s: %s -> %s on %s%s%s%s%s%s%s%s%s", run->hook, fsm_state_name(before->state),
		fsm_state_name(turn->record.state), fsm_event_name(turn->event),
		*effect ? ", " : "", effect, *channel ? ", '" : "", channel, *channel ? "'" : "",
		*detail ? " (" : "", detail, *detail ? ")" : "");
	if (turn->event == FSM_EVENT_SPOILT)
		log_add(&run->log, JUJU_WARNING,
			"our refresh to revision %" PRId64 " is rolled back: %s",
			turn->record.refused.bad, turn->record.refused.detail);
	else if (turn->effect == FSM_DO_DIGEST)
		log_add(&run->log, JUJU_WARNING, "%s%s%s", fsm_reason_row(failure->reason)->meaning,
			*failure->detail ? ": " : "", failure->detail);
}

int commit_turn(struct run *run, const struct fsm_record *before, const struct fsm_turn *turn,
	struct error *err)
{
	struct store_entry row;
	char detail[512];

	if (fsm_same(before, &turn->record) && turn->effect != FSM_DO_ABORT)
		return 0;
	describe_news(run, before, turn, detail, sizeof detail);
	describe_order(before, turn, detail, sizeof detail);
	if (repeats(run, before, turn) && !*detail)
		return commit(run, NULL, err);
	describe_reason(turn, detail, sizeof detail);
	row = entry_of(run, before->state, turn->effect, detail);
	if (commit(run, &row, err) < 0)
		return -1;
	run->note[0] = '\0';
	log_turn(run, before, turn, detail);
	return 0;
}
