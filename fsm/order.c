/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/order.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cause.h"
#include "base/text.h"
#include "fsm/failure.h"
#include "fsm/names.h"
#include "fsm/probation.h"
#include "fsm/turn.h"

/* clang-format off */
#define EFFECT(name, text, effect) [FSM_ORDER_##name] = FSM_DO_##effect,
static const enum fsm_effect effects[FSM_ORDER_COUNT] = { FSM_ORDERS(EFFECT) };

#define ROW(name, orders, text) { orders, text },
static const struct {
	unsigned orders;
	const char *text;
} hindrances[FSM_HINDRANCE_COUNT] = { FSM_HINDRANCES(ROW) };
/* clang-format on */

enum fsm_effect fsm_order_effect(enum fsm_order order)
{
	assert((unsigned)order < FSM_ORDER_COUNT);
	return effects[order];
}

const struct fsm_entry *fsm_order_rival(
	enum fsm_order order, int64_t revision, const struct fsm_facts *facts)
{
	struct fsm_target to = facts->wanted;

	if (!(hindrances[FSM_HINDRANCE_OF_RIVAL].orders & 1u << order))
		return NULL;
	if (order == FSM_ORDER_REVERT) {
		to = fsm_target_of(facts->tracking);
		to.revision = revision;
	}
	return fsm_rival(facts, &to);
}

static bool holds(enum fsm_hindrance hindrance, const struct fsm_record *record,
	const struct fsm_facts *facts)
{
	bool flight = facts->flight != FSM_FLIGHT_NONE;

	switch (hindrance) {
	case FSM_HINDRANCE_GOING:
		return fsm_going(record, facts) || record->stopping;
	case FSM_HINDRANCE_BAD_OPTION:
		return !facts->option_valid;
	case FSM_HINDRANCE_SILENT:
		return !facts->reachable || !facts->seeded;
	case FSM_HINDRANCE_NO_CHANGE:
		return !flight;
	case FSM_HINDRANCE_ORDERED:
		return record->order.kind != FSM_ORDER_NONE;
	case FSM_HINDRANCE_IN_FLIGHT:
		return flight;
	case FSM_HINDRANCE_AT_WORK:
		return record->intent.op != FSM_OP_NONE;
	case FSM_HINDRANCE_ABSENT:
		return !facts->present;
	case FSM_HINDRANCE_UNFIT:
		return facts->local || facts->broken || !facts->active;
	case FSM_HINDRANCE_OF_ANOTHER:
		return record->port == FSM_PORT_TAKEN && !record->ours;
	case FSM_HINDRANCE_UNLISTED:
		return *facts->unlisted;
	case FSM_HINDRANCE_OF_RIVAL:
		return fsm_order_rival(facts->order, facts->before, facts);
	case FSM_HINDRANCE_CONTESTED:
		return fsm_contested(&record->drift) &&
		       fsm_drifting(&record->drift, &facts->wanted, facts->now);
	case FSM_HINDRANCE_SUPPLIED:
		return facts->source != FSM_SOURCE_STORE;
	case FSM_HINDRANCE_PINNED:
		return facts->wanted.revision != 0;
	case FSM_HINDRANCE_NO_WAY_BACK:
		return facts->before == 0;
	case FSM_HINDRANCE_NO_SERVICE:
		return !*facts->services;
	case FSM_HINDRANCE_COUNT:
		break;
	}
	return false;
}

static const char *detail_of(enum fsm_hindrance hindrance, const struct fsm_record *record,
	const struct fsm_facts *facts, char room[FSM_DETAIL_MAX + 1])
{
	switch (hindrance) {
	case FSM_HINDRANCE_BAD_OPTION:
		return facts->option;
	case FSM_HINDRANCE_UNLISTED:
		return facts->unlisted;
	case FSM_HINDRANCE_OF_RIVAL:
		fsm_rival_say(fsm_order_rival(facts->order, facts->before, facts), room,
			FSM_DETAIL_MAX + 1);
		return room;
	case FSM_HINDRANCE_ORDERED:
		return fsm_order_name(record->order.kind);
	case FSM_HINDRANCE_IN_FLIGHT:
		return facts->flight_kind;
	case FSM_HINDRANCE_AT_WORK:
		return fsm_op_name(record->intent.op);
	default:
		return "";
	}
}

bool fsm_order_hindered(enum fsm_order order, const struct fsm_record *record,
	const struct fsm_facts *facts, char *text)
{
	char room[FSM_DETAIL_MAX + 1];

	for (enum fsm_hindrance i = 0; i < FSM_HINDRANCE_COUNT; i++) {
		if (!(hindrances[i].orders & 1u << order) || !holds(i, record, facts))
			continue;
		(void)snprintf(text, FSM_DETAIL_MAX + 1, "%s%s", hindrances[i].text,
			detail_of(i, record, facts, room));
		return true;
	}
	return false;
}

static void end(struct fsm_record *record, enum fsm_order_end how, const char *text,
	struct fsm_order_news *news)
{
	char cause[sizeof news->text];

	news->kind = record->order.kind;
	news->end = how;
	(void)cause_fit(cause, sizeof cause, text);
	text_ascii(news->text, sizeof news->text, cause);
	record->order = (struct fsm_given){ 0 };
	record->probation.quiet = 0;
}

/* Only a revert goes to a revision, and there is none of number 0. */
static bool is_there(const struct fsm_given *order, const struct fsm_facts *facts)
{
	char revision[FSM_WORD_MAX + 1];

	(void)snprintf(revision, sizeof revision, "%" PRId64, order->revision);
	return facts->present && strcmp(facts->revision, revision) == 0;
}

void fsm_order_rollback(struct fsm_record *record, const struct fsm_facts *facts)
{
	struct fsm_probation *probation = &record->probation;
	struct fsm_refused *refused = &record->refused;

	record->order = (struct fsm_given){
		.kind = FSM_ORDER_ROLLBACK,
		.since = facts->now,
		.revision = probation->before.revision,
	};
	*refused = (struct fsm_refused){
		.target = facts->wanted,
		.times = FSM_REFRESHES,
		.bad = text_number(facts->revision),
		.back = probation->before.revision,
		.options = facts->options,
	};
	text_ascii(refused->detail, sizeof refused->detail, fsm_symptom(facts));
	/* The refresh did not fail, and that it settled there is nothing that somebody has undone. */
	record->failure = (struct fsm_failure){ 0 };
	record->drift = (struct fsm_drift){ 0 };
	probation->since = facts->uptime;
	probation->quiet = *facts->service_down ? facts->uptime : 0;
}

/* The rollback did not get to its end, for that reason. */
static void fail_rollback(struct fsm_record *record, const char *why)
{
	char cause[sizeof record->refused.detail];

	record->refused.failed = true;
	(void)cause_fit(cause, sizeof cause, why);
	text_ascii(record->refused.detail, sizeof record->refused.detail, cause);
}

static void end_rollback(struct fsm_record *record, enum fsm_order_end how, const char *text,
	struct fsm_order_news *news)
{
	if (how == FSM_ORDER_END_DROPPED)
		record->refused = (struct fsm_refused){ 0 }; /* what there is now was not tried */
	end(record, how, text, news);
	record->probation = (struct fsm_probation){ .revision = "" };
}

/* Whether the look shows a revision that is neither the one to leave nor the one to go to. */
static bool is_elsewhere(const struct fsm_record *record, const struct fsm_facts *facts)
{
	int64_t revision = text_number(facts->revision);

	return revision != record->refused.bad && revision != record->refused.back;
}

static void learn_rollback(struct fsm_turn *turn, const struct fsm_facts *facts)
{
	struct fsm_record *record = &turn->record;
	char text[sizeof record->refused.detail];

	if (fsm_going(record, facts)) {
		end_rollback(
			record, FSM_ORDER_END_DROPPED, "the unit is on its way out", &turn->news);
	} else if (record->intent.op != FSM_OP_NONE || !facts->reachable ||
		   facts->flight != FSM_FLIGHT_NONE) {
		return;
	} else if (!facts->present || is_elsewhere(record, facts)) {
		end_rollback(
			record, FSM_ORDER_END_DROPPED, "somebody else moved the snap", &turn->news);
	} else if (fsm_rollback_step(record, facts) == FSM_DO_NOTHING) {
		text_ascii(text, sizeof text, record->refused.detail);
		end_rollback(record,
			record->refused.failed ? FSM_ORDER_END_FAILED : FSM_ORDER_END_DONE, text,
			&turn->news);
	}
}

/* What became of a step: the next one follows from what the look shows, unless this one came to nothing. */
static void rollback_over(struct fsm_turn *turn, unsigned sight, const struct fsm_facts *facts)
{
	struct fsm_record *record = &turn->record;
	bool same = fsm_effect_op(fsm_rollback_step(record, facts)) == record->intent.op;
	bool ended = sight == FSM_SIGHT_DONE || sight == FSM_SIGHT_FORGOTTEN;

	if ((ended && !same) || sight == FSM_SIGHT_AGED)
		return; /* a step that left no trace is asked for again */
	fail_rollback(record, sight == FSM_SIGHT_FAILED ? facts->fate_error
			      : ended                   ? "snapd did it, and nothing has changed"
							: fsm_sight_meaning(sight));
	if (record->intent.op == FSM_OP_REVERT) {
		record->order.revision = 0; /* what its undo has disabled is enabled all the same */
		record->probation.since = record->probation.quiet = facts->uptime;
	} else {
		end_rollback(record, FSM_ORDER_END_FAILED, record->refused.detail, &turn->news);
	}
}

/* One that was given before, perhaps to a hook that was killed. */
static void learn_kept(struct fsm_turn *turn, const struct fsm_facts *facts)
{
	struct fsm_record *record = &turn->record;
	const struct fsm_given *order = &record->order;
	int64_t age = facts->now - order->since;
	bool unsent = record->intent.op == FSM_OP_NONE;
	bool seen = facts->reachable && facts->flight == FSM_FLIGHT_NONE;

	if (fsm_going(record, facts))
		end(record, FSM_ORDER_END_DROPPED, "the unit is on its way out", &turn->news);
	else if (unsent && (age < 0 || age >= FSM_ORDER_LASTS))
		end(record, FSM_ORDER_END_DROPPED, "it could not be sent for ten minutes",
			&turn->news);
	else if (unsent && seen && !facts->present)
		end(record, FSM_ORDER_END_DROPPED, "the snap is not installed", &turn->news);
	else if (unsent && facts->source != FSM_SOURCE_STORE && order->kind != FSM_ORDER_RESTART)
		end(record, FSM_ORDER_END_DROPPED, hindrances[FSM_HINDRANCE_SUPPLIED].text,
			&turn->news);
	else if (unsent && seen && is_there(order, facts))
		end(record, FSM_ORDER_END_DONE, "already there", &turn->news);
}

static void forget_failures(struct fsm_record *record)
{
	record->failure = (struct fsm_failure){ 0 };
	/* A rollback needs to know what it leaves, and for what. */
	if (record->order.kind != FSM_ORDER_ROLLBACK)
		record->refused = (struct fsm_refused){ 0 };
	record->drift = (struct fsm_drift){ 0 };
}

static void take(struct fsm_turn *turn, const struct fsm_facts *facts)
{
	struct fsm_record *record = &turn->record;

	turn->over = turn->news;
	turn->news = (struct fsm_order_news){ .kind = facts->order };
	if (fsm_order_hindered(facts->order, record, facts, turn->news.text)) {
		turn->news.end = FSM_ORDER_END_REFUSED;
		return;
	}
	switch (facts->order) {
	case FSM_ORDER_RETRY:
		forget_failures(record);
		turn->news.end = FSM_ORDER_END_DONE;
		return;
	case FSM_ORDER_ABORT:
		record->intent.aborted |= facts->flight == FSM_FLIGHT_OURS;
		return;
	default:
		record->order = (struct fsm_given){
			.kind = facts->order,
			.since = facts->now,
			.revision = facts->order == FSM_ORDER_REVERT ? facts->before : 0,
		};
		record->probation.quiet = *facts->service_down ? facts->uptime : 0;
		return;
	}
}

void fsm_order_learn(struct fsm_turn *turn, const struct fsm_facts *facts)
{
	if (turn->record.order.kind == FSM_ORDER_ROLLBACK)
		learn_rollback(turn, facts);
	else if (turn->record.order.kind != FSM_ORDER_NONE)
		learn_kept(turn, facts);
	if (facts->order != FSM_ORDER_NONE)
		take(turn, facts);
}

void fsm_order_over(struct fsm_turn *turn, unsigned sight, const struct fsm_facts *facts)
{
	struct fsm_record *record = &turn->record;
	enum fsm_order kind = record->order.kind;
	char text[FSM_DETAIL_MAX + 1];

	if (kind == FSM_ORDER_NONE)
		return;
	if (kind == FSM_ORDER_ROLLBACK) {
		rollback_over(turn, sight, facts);
		return;
	}
	if (is_there(&record->order, facts))
		text_ascii(record->reverted, sizeof record->reverted, facts->revision);
	if (sight == FSM_SIGHT_DONE && *facts->service_down) {
		(void)snprintf(text, sizeof text,
			"service %s does not run; see: snap logs " WORKLOAD_SNAP,
			facts->service_down);
		end(record, FSM_ORDER_END_FAILED, text, &turn->news);
	} else if (sight == FSM_SIGHT_DONE) {
		end(record, FSM_ORDER_END_DONE, "", &turn->news);
	} else if (sight == FSM_SIGHT_FAILED) {
		end(record, FSM_ORDER_END_FAILED, facts->fate_error, &turn->news);
	} else {
		end(record,
			sight == FSM_SIGHT_FORGOTTEN ? FSM_ORDER_END_DROPPED : FSM_ORDER_END_FAILED,
			sight == FSM_SIGHT_AGED ? "the request left no trace in snapd"
						: fsm_sight_meaning(sight),
			&turn->news);
	}
}

void fsm_order_answered(
	struct fsm_record *record, bool newest, const char *words, struct fsm_order_news *news)
{
	if (record->order.kind == FSM_ORDER_ROLLBACK) {
		fail_rollback(record, words);
		end_rollback(record, FSM_ORDER_END_FAILED, record->refused.detail, news);
	} else if (newest && record->order.kind == FSM_ORDER_REFRESH)
		end(record, FSM_ORDER_END_DONE, "already the newest", news);
	else
		end(record, FSM_ORDER_END_FAILED, words, news);
}
