/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/turn.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fsm/failure.h"
#include "fsm/learn.h"
#include "fsm/look.h"
#include "fsm/probation.h"
#include "fsm/rules.h"

/* Of a unit that goes and leaves the snap: who did not install it, or who uses it. */
static const char *why_it_stays(const struct fsm_record *record, const struct fsm_facts *facts,
	char room[FSM_DETAIL_MAX + 1])
{
	if (facts->reachable && !facts->present)
		return "";
	if (!record->ours)
		return "the snap stays: it was not installed by this unit";
	if (facts->others_count > 0) {
		(void)snprintf(room, FSM_DETAIL_MAX + 1,
			"the snap stays: %s on this machine uses it", facts->others[0].unit);
		return room;
	}
	return *facts->unlisted ? "the snap stays: who else uses it cannot be read" : "";
}

/* What explains REASON, beyond its own words; ROOM may hold it. */
static const char *detail_of(const struct fsm_record *record, enum fsm_reason reason,
	const struct fsm_facts *facts, char room[FSM_DETAIL_MAX + 1])
{
	switch (reason) {
	case FSM_REASON_BAD_OPTION:
		return facts->option;
	case FSM_REASON_BAD_RESOURCE:
	case FSM_REASON_RESOURCE_AWAY:
		return facts->resource;
	case FSM_REASON_SNAPD_AWAY:
		return facts->away;
	case FSM_REASON_OWN_CHANGE:
	case FSM_REASON_FOREIGN_CHANGE:
	case FSM_REASON_OWN_STANDS:
	case FSM_REASON_FOREIGN_STANDS:
		return facts->flight_kind;
	case FSM_REASON_BROKEN:
		return facts->damage;
	case FSM_REASON_SERVICE_DOWN:
		return facts->service_down;
	case FSM_REASON_NO_ANSWER:
		(void)snprintf(room, FSM_DETAIL_MAX + 1, "%s: %s", facts->asked_at, facts->mute);
		return room;
	case FSM_REASON_UNHEALTHY:
		return facts->health;
	case FSM_REASON_TARGET_REFUSED:
	case FSM_REASON_ROLLED_BACK:
	case FSM_REASON_ROLLBACK_FAILED:
		return record->refused.detail;
	case FSM_REASON_UNLISTED:
		return facts->unlisted;
	case FSM_REASON_RIVAL:
		fsm_rival_say(fsm_rival(facts, &facts->wanted), room, FSM_DETAIL_MAX + 1);
		return room;
	case FSM_REASON_REMOVED:
		return why_it_stays(record, facts, room);
	default:
		return "";
	}
}

static void give_reason(
	struct fsm_record *record, const struct fsm_rule *rule, const struct fsm_facts *facts)
{
	char room[FSM_DETAIL_MAX + 1];
	const char *detail;

	if (rule->reason == FSM_REASON_KEPT)
		return;
	if (rule->reason == FSM_REASON_REMEMBERED) {
		record->reason = record->failure.reason;
		detail = record->failure.detail;
	} else {
		record->reason = (enum fsm_reason)rule->reason;
		detail = detail_of(record, record->reason, facts, room);
	}
	text_ascii(record->detail, sizeof record->detail, detail);
}

/*
 * A request whose tries do not count when it is asked counts when it has failed; so does one that a
 * person has let forget its tries meanwhile.
 */
static void count(
	struct fsm_record *record, const struct fsm_intent *intent, int64_t now, const char *unit)
{
	if (!fsm_op_row(intent->op)->counts ||
		!fsm_failed(&record->failure, intent->op, &intent->target))
		fsm_failure_count(record, intent->op, &intent->target, now, unit);
}

/* Our change failed, came to nothing, or was never seen. */
static void note_failure(struct fsm_record *record, const struct fsm_facts *facts, const char *unit)
{
	enum fsm_sight sight = fsm_sight_of(record, facts);
	/* What failed before it touched the service, a download for one, cost no more than a request. */
	enum fsm_reason reason = sight == FSM_SIGHT_FAILED && facts->stopped
					 ? fsm_op_row(record->intent.op)->failed
					 : fsm_sight_reason(sight);
	struct fsm_intent intent = record->intent;
	enum fsm_class class = record->failure.class;
	bool lost = sight == FSM_SIGHT_AGED;

	if (intent.aborted && !lost)
		reason = FSM_REASON_ABORTED;
	fsm_request_forget(record);
	count(record, &intent, facts->now, unit);
	/* A loss tells nothing of its cause: what snapd answered before stays the last word. */
	if (lost && class != FSM_CLASS_NONE && class != FSM_CLASS_PASSING)
		return;
	fsm_failure_note(record, reason, lost ? "" : facts->fate_error, facts->now, unit);
	if (fsm_reason_row(reason)->class == FSM_CLASS_SERVICE)
		record->refused.bad = facts->fetched;
	/*
	 * Patience was the pause: a first request that vanished, with its hook perhaps, is repeated. So
	 * is one of which a person says, in the turn that finds it failed, that it is to be tried again.
	 */
	if ((lost && record->failure.attempts <= 1) ||
		(facts->order == FSM_ORDER_RETRY && !fsm_going(record, facts)))
		record->failure.next_try = facts->now;
}

static void end_request(struct fsm_record *record, const struct fsm_record *before,
	enum fsm_request_end end, uint64_t bits, const struct fsm_facts *facts, const char *unit)
{
	switch (end) {
	case FSM_REQUEST_STAYS:
		return;
	case FSM_REQUEST_NOTED:
		note_failure(record, facts, unit);
		return;
	case FSM_REQUEST_SPOILT:
		/* The request for it did its work: there is nothing to pause for. */
		record->failure = (struct fsm_failure){ 0 };
		fsm_request_forget(record);
		fsm_order_rollback(record, facts);
		return;
	case FSM_REQUEST_MET:
		/* A snap that is in place fulfils the request for it, whether it serves or not. */
		if (bits & FSM_BIT_TRACKS)
			fsm_failure_settle(record,
				before->intent.op != FSM_OP_NONE &&
					before->order.kind == FSM_ORDER_NONE &&
					fsm_target_same(&before->intent.target, &record->target),
				facts->now, unit);
		fsm_request_forget(record);
		return;
	case FSM_REQUEST_OVER:
		fsm_request_forget(record);
		return;
	}
}

static void transit(struct fsm_turn *turn, const struct fsm_record *before,
	const struct fsm_rule *rule, struct fsm_step step, uint64_t bits,
	const struct fsm_facts *facts, const char *unit)
{
	static const struct fsm_target none;
	struct fsm_record *record = &turn->record;
	struct fsm_target target = facts->option_valid ? facts->wanted : record->target;
	bool queued = rule->event == FSM_EVENT_QUEUED;
	enum fsm_reason reason = record->reason;

	if (rule->event == FSM_EVENT_RETIRED)
		target = none;
	fsm_goal_of(queued ? &facts->wanted : &none, record->peers.waits);
	/* Until its turn it is Ready where it is. */
	if (queued)
		target = fsm_target_of(facts->tracking);
	record->retired = (bits & FSM_BIT_GOING) != 0;
	give_reason(record, rule, facts);
	if (step.state != record->state || record->reason != reason ||
		!fsm_target_same(&target, &record->target))
		record->since = facts->now;
	record->state = step.state;
	record->target = target;
	end_request(record, before, step.request, bits, facts, unit);
}

/* The request that EFFECT asks for, to be committed with the transition that leads to it. */
static void intend(
	struct fsm_turn *turn, const struct fsm_facts *facts, const struct fsm_limits *limits)
{
	struct fsm_record *record = &turn->record;
	struct fsm_target target = { .revision = 0 };
	enum fsm_op op = fsm_effect_op(turn->effect);
	/* A rollback that is begun is brought to its end. */
	bool may =
		limits->may_ask || (limits->may_step && record->order.kind == FSM_ORDER_ROLLBACK);

	if (op == FSM_OP_NONE)
		return;
	if (!may || limits->baseline == FSM_BASELINE_UNREAD) {
		turn->needs_baseline = may;
		turn->effect = FSM_DO_NOTHING; /* the next hook goes on */
		return;
	}
	if (fsm_op_row(op)->channel)
		target = facts->wanted;
	else if (op == FSM_OP_REVERT)
		target.revision = record->order.revision;
	else if (op == FSM_OP_SWITCH)
		target = fsm_target_of(record->probation.before.channel);
	if (fsm_op_moves(op))
		fsm_probation_prepare(record, facts);
	turn->before = record->failure;
	if (fsm_op_row(op)->counts && record->order.kind == FSM_ORDER_NONE)
		fsm_failure_count(record, op, &target, facts->now, limits->unit);
	record->intent = (struct fsm_intent){
		.op = op,
		.target = target,
		.phase = FSM_PHASE_ASKED,
		.baseline = limits->baseline,
		.asked = facts->now,
		.uptime = limits->uptime,
	};
	text_ascii(record->intent.boot, sizeof record->intent.boot, limits->boot);
}

/* What the other units on the machine are to know of this one. */
static void enter(struct fsm_turn *turn, const struct fsm_facts *facts, uint64_t bits)
{
	turn->entry = fsm_entry_of(&turn->record, facts, (bits & FSM_BIT_TRACKS) != 0);
	if (bits & FSM_BIT_GOING)
		turn->listing = fsm_may_end(&turn->record, turn->event) ? FSM_LISTING_LEFT
									: FSM_LISTING_AS_IS;
	else
		turn->listing = *facts->unlisted ? FSM_LISTING_AS_IS : FSM_LISTING_ENTERED;
}

void fsm_turn(const struct fsm_record *record, const struct fsm_facts *facts,
	const struct fsm_limits *limits, struct fsm_turn *ret)
{
	const struct fsm_rule *rule;
	struct fsm_step step;
	uint64_t bits;

	*ret = (struct fsm_turn){ .record = *record };
	fsm_learn(ret, facts);
	fsm_order_learn(ret, facts);
	bits = fsm_bits(&ret->record, facts);
	rule = fsm_rule(bits);
	step = fsm_step(record->state, rule->event);
	ret->owes_marker = ret->record.ours && !ret->record.marked && facts->reachable &&
			   facts->flight == FSM_FLIGHT_NONE && !(bits & FSM_BIT_GOING);
	ret->event = rule->event;
	ret->effect = step.effect;
	if (step.effect == FSM_DO_ORDER)
		ret->effect = rule->event == FSM_EVENT_RETURNING
				      ? fsm_rollback_step(&ret->record, facts)
				      : fsm_order_effect(ret->record.order.kind);
	ret->drifted =
		(step.effect == FSM_DO_INSTALL || fsm_op_moves(fsm_effect_op(step.effect))) &&
		record->state == FSM_STATE_ACTIVE &&
		fsm_target_same(&record->target, &facts->wanted);
	transit(ret, record, rule, step, bits, facts, limits->unit);
	if (facts->reachable && facts->flight == FSM_FLIGHT_NONE)
		fsm_probation_seen(&ret->record, facts);
	intend(ret, facts, limits);
	enter(ret, facts, bits);
	ret->status = fsm_status_line(&ret->record, "");
	fsm_told_take_back(&ret->record, &ret->status);
}

/* The first definite answer ends an order. */
static enum fsm_write answer_order(
	struct fsm_record *record, struct fsm_turn *turn, const struct fsm_answer *answer)
{
	fsm_order_answered(record, answer->newest, answer->detail, &turn->news);
	fsm_request_forget(record);
	return FSM_WRITE_FORGET;
}

enum fsm_write fsm_answer(
	struct fsm_record *record, struct fsm_turn *turn, const struct fsm_answer *answer)
{
	const struct fsm_failure *before = &turn->before;
	enum fsm_reason reason = answer->reason;
	enum fsm_sight sight = answer->sight;
	/* It was looked at again when the same answer came before. */
	bool again = before->reason == reason &&
		     fsm_failed(before, record->intent.op, &record->intent.target);
	enum fsm_write write;

	/* A refusal of a step of a rollback that may be about something else is no answer. */
	if (record->order.kind != FSM_ORDER_NONE &&
		(sight == FSM_SIGHT_REFUSED || sight == FSM_SIGHT_UNTRUSTED) &&
		(record->order.kind != FSM_ORDER_ROLLBACK || !answer->busy))
		return answer_order(record, turn, answer);
	if (sight == FSM_SIGHT_REFUSED && answer->busy)
		sight = FSM_SIGHT_UNTRUSTED;
	else if (sight == FSM_SIGHT_UNTRUSTED && !answer->busy && (!answer->may_ask || again))
		sight = FSM_SIGHT_REFUSED;
	write = fsm_life(record->intent.phase, sight, true);
	if (write == FSM_WRITE_CHANGE) {
		record->intent.phase = FSM_PHASE_KNOWN;
		record->intent.change = answer->change;
	} else if (write == FSM_WRITE_DROP) {
		record->failure = turn->before;
		fsm_request_forget(record);
	} else if (write == FSM_WRITE_FAIL) {
		if (reason == FSM_REASON_SNAPD_REFUSED)
			reason = fsm_op_row(record->intent.op)->refused;
		count(record, &record->intent, answer->now, answer->unit);
		fsm_failure_note(record, reason, answer->detail, answer->now, answer->unit);
		fsm_request_forget(record);
	}
	return write;
}

bool fsm_at_rest(const struct fsm_record *record, enum fsm_hook hook)
{
	struct fsm_status_line told;

	if (!fsm_hook_is(hook, FSM_HOOK_QUIET))
		return false;
	told = fsm_status_line(record, "");
	return record->state == FSM_STATE_ACTIVE && record->port == FSM_PORT_OPEN &&
	       !record->ticket.pending && !record->peers.due &&
	       record->stopping == fsm_stopping(record, hook) &&
	       record->told_status == told.status &&
	       strcmp(record->told_message, told.message) == 0 &&
	       strcmp(record->told_version, record->version) == 0;
}

bool fsm_may_end(const struct fsm_record *record, enum fsm_event event)
{
	bool own = (event == FSM_EVENT_BUSY && record->reason == FSM_REASON_OWN_CHANGE) ||
		   (event == FSM_EVENT_STANDING && record->reason == FSM_REASON_OWN_STANDS);

	bool removal = own && record->intent.op == FSM_OP_REMOVE &&
		       record->intent.phase == FSM_PHASE_KNOWN;

	return event == FSM_EVENT_RETIRED || (removal && record->pace.way != FSM_WAY_UNDOES);
}
