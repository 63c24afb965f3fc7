/* SPDX-License-Identifier: Apache-2.0 */
/* What only the checks know: whose things are, and what has been asked how often. */
#include <string.h>

#include "fsm/names.h"
#include "fsm/order.h"
#include "fsm/request.h"
#include "tests/model/model.h"

static uint8_t done_of(const struct change *change)
{
	switch (change->stage) {
	case DONE:
		return ORDER_DONE;
	case EMPTY:
	case FAILED:
		return ORDER_FAILED;
	default:
		return ORDER_RUNS;
	}
}

/*
 * Somebody made the same request in the same seconds, and his change was taken for ours. That is the
 * one thing that nobody can tell apart, and no promise holds against it.
 */
void yield_to_other(struct node *node, int64_t id)
{
	if (node->changes[id - 1].ours)
		return;
	node->air = (struct request){ 0 };
	if (asker_of(&node->db) == PERSON) {
		node->changes[id - 1].ordered = 1;
		node->done = done_of(&node->changes[id - 1]);
	}
	for (int i = 0; i < CHANGES; i++)
		node->changes[i].ours = 0;
	if (node->db.op == FSM_OP_REFRESH) /* or where it came from */
		node->back = node->young = 0;
	if (node->db.op == FSM_OP_HOLD)
		node->moved = 1; /* ours may have come in between */
	if (node->db.op == FSM_OP_INSTALL)
		node->truly_ours = node->marker == FSM_MARKER_OURS;
}

/*
 * A hold is provably ours if our change alone touched it since before it was asked for. A foreign one
 * that was taken for ours is ours; and where there is no snapd nobody looks for a hold.
 */
static void believe_hold(struct node *node, const struct fsm_record *record,
	const struct fsm_facts *facts, bool known)
{
	bool sure = facts->reachable && facts->flight == FSM_FLIGHT_NONE;

	if (facts->no_snapd && fsm_going(record, facts)) {
		node->hold_ours = 0;
		promise(record->ours || node->db.op == FSM_OP_INSTALL ||
				node->db.op == FSM_OP_REFRESH || node->event == FSM_EVENT_RETIRED,
			"where there is no snapd there is no hold to wait for");
	}
	if (!sure || node->db.op != FSM_OP_HOLD || facts->fate != FSM_FATE_DONE)
		return;
	if (known)
		node->hold_ours &= facts->holds == 1;
	else
		node->hold_ours = record->hold.ours && node->hold_id == node->seen_hold_id;
}

/*
 * Whose the snap is, as far as anyone can know. It is nobody's any more once it was seen gone or
 * replaced: what happens between two looks and is undone again leaves no trace. A change that snapd
 * has forgotten did its work if it was to install, and none if it was to remove; a foreign one that
 * was taken for ours is ours. What another unit left behind is ours once it was seen.
 */
void believe(struct node *node, const struct fsm_record *record, const struct fsm_facts *facts)
{
	uint8_t id = facts->shown ? (uint8_t)facts->shown : node->db.change;
	bool known = id && id != PRUNED && node->changes[id - 1].ours;
	bool over = node->db.op != FSM_OP_NONE && facts->flight == FSM_FLIGHT_NONE &&
		    (facts->fate > FSM_FATE_RUNNING ||
			    (node->db.phase == FSM_PHASE_ASKED && node->db.aged));
	bool sure = facts->reachable && facts->flight == FSM_FLIGHT_NONE;

	if (over && sure && record->ours && !known)
		node->truly_ours = 1;
	else if (over && sure && node->db.op == FSM_OP_SIDELOAD && !known && !record->marked)
		node->truly_ours = 0; /* or somebody put there what it came in the place of */
	else if (over && sure && node->db.op == FSM_OP_REMOVE && facts->fate == FSM_FATE_DONE)
		node->truly_ours = 0;
	if (sure && (!facts->present || facts->local))
		node->truly_ours =
			facts->local && node->snap != LOCAL && node->marker == FSM_MARKER_OURS;
	believe_hold(node, record, facts, known);
}

/* How an order that was there before ended. */
static void check_news(const struct node *node, const struct fsm_order_news *news)
{
	const struct given *order = &node->db.order;
	bool is_there = order->kind == FSM_ORDER_REVERT && node->seen_revision == order->revision;

	promise(news->kind == order->kind && news->end > FSM_ORDER_END_REFUSED,
		"an order that ends says how");
	promise(!node->air.ordered || news->end == FSM_ORDER_END_DROPPED,
		"an order does not end while its request may still land");
	promise(news->end != FSM_ORDER_END_DONE || node->done == ORDER_DONE || is_there ||
			node->verdict == NEWEST,
		"done is said of what was done");
	promise(news->end != FSM_ORDER_END_FAILED || node->done != ORDER_DONE ||
			node->seen_snap == DOWN,
		"an order that was carried out is not called failed");
}

/* Whether an order that nobody has asked for yet can be asked for now. */
static bool order_can_go_on(const struct node *node, const struct fsm_facts *facts)
{
	const struct database *db = &node->db;
	bool there =
		db->order.kind == FSM_ORDER_REVERT && node->seen_revision == db->order.revision;

	return asker_of(db) == PERSON && db->op == FSM_OP_NONE && !db->order.old && !there &&
	       facts->option_valid && facts->reachable && facts->flight == FSM_FLIGHT_NONE &&
	       (node->seen_snap == FINE || node->seen_snap >= DOWN) && !node->leaving &&
	       !node->stopping && !fsm_hook_is(node->hook, FSM_HOOK_LEAVES) &&
	       !(node->taken && !node->truly_ours);
}

/* The unit is about to go, and this hook does not take it back. */
static bool starts_nothing(const struct node *node)
{
	return fsm_hook_is(node->hook, FSM_HOOK_LEAVES) ||
	       (node->leaving && !fsm_hook_is(node->hook, FSM_HOOK_BEGINS)) ||
	       (node->stopping && !fsm_hook_is(node->hook, FSM_HOOK_STAYS));
}

/* A rollback that was not there before. */
static void check_rollback(
	struct node *node, const struct fsm_facts *facts, const struct fsm_turn *turn)
{
	uint8_t bit = rolled_bit(wanted_target(node), node->seen_revision);

	promise((node->db.order.kind == FSM_ORDER_NONE || turn->news.kind == node->db.order.kind ||
			turn->over.kind == node->db.order.kind) &&
			node->air.ordered != PERSON,
		"an order and a rollback are never both");
	promise(facts->rollback && !starts_nothing(node), "only what is to be rolled back is");
	promise(node->seen_snap == DOWN || node->seen_snap == MUTE,
		"what serves is not rolled back");
	promise(node->seen_revision == node->trial && (node->back || !node->young),
		"only our own refresh of what was well is rolled back");
	promise(!(node->rolled & bit), "nothing is rolled back twice without a word between");
	node->rolled |= bit;
	node->undone = node->young = 0;
}

/* How a rollback that was there before ended, as far as the look shows it. */
static void check_rollback_end(struct node *node, const struct fsm_record *record,
	const struct fsm_facts *facts, const struct fsm_order_news *news)
{
	bool there = node->seen_revision == node->back / REVISION &&
		     node->seen_track == node->back % REVISION && node->seen_snap != UNSERVED;
	bool between =
		node->seen_revision == node->back / REVISION || node->seen_revision == node->trial;

	promise(news->kind == FSM_ORDER_ROLLBACK && news->end > FSM_ORDER_END_REFUSED,
		"a rollback that ends says how");
	if (news->end == FSM_ORDER_END_DONE && node->back)
		promise(there, "a rollback that is done has led to what ran before");
	if (news->end == FSM_ORDER_END_FAILED)
		promise((record->refused.failed || record->state == FSM_STATE_ACTIVE ||
				facts->order == FSM_ORDER_RETRY || !between ||
				node->db.refused.target != wanted_target(node)) &&
				node->undone,
			"a rollback that failed is remembered as such");
	if (news->end == FSM_ORDER_END_DROPPED)
		promise(fsm_hook_is(node->hook, FSM_HOOK_LEAVES) || node->leaving ||
				node->seen_snap == ABSENT || !between,
			"a rollback is dropped only when somebody else moved the snap");
	if (news->end == FSM_ORDER_END_DROPPED)
		node->rolled = 0;
}

/* Whether a rollback has something to do, and nothing hinders it. */
static bool rollback_can_go_on(const struct node *node, const struct fsm_facts *facts)
{
	return node->db.order.kind == FSM_ORDER_ROLLBACK && node->db.op == FSM_OP_NONE &&
	       facts->reachable && facts->flight == FSM_FLIGHT_NONE && facts->present &&
	       !starts_nothing(node);
}

/* The trial of our refresh is over once somebody was seen to have moved it. */
static void witness_trial(struct node *node, const struct fsm_facts *facts)
{
	bool over = facts->fate == FSM_FATE_FORGOTTEN ||
		    (facts->fate == FSM_FATE_DONE && node->seen_revision == facts->fetched);

	if (!facts->reachable || facts->flight != FSM_FLIGHT_NONE ||
		node->seen_revision == node->trial || node->db.order.kind == FSM_ORDER_ROLLBACK)
		return;
	node->young = 0;
	/* Nobody can tell where it led to if somebody moved it since. */
	node->trial = over && node->db.op == FSM_OP_REFRESH ? node->seen_revision : 0;
}

static void witness_rollback(
	struct node *node, const struct fsm_facts *facts, const struct fsm_turn *turn)
{
	bool was = node->db.order.kind == FSM_ORDER_ROLLBACK;
	bool is = turn->record.order.kind == FSM_ORDER_ROLLBACK;

	witness_trial(node, facts);
	if (is && !was)
		check_rollback(node, facts, turn);
	else if (was && !is)
		check_rollback_end(node, &turn->record, facts,
			facts->order != FSM_ORDER_NONE ? &turn->over : &turn->news);
	else if (was && rollback_can_go_on(node, facts))
		promise(turn->event == FSM_EVENT_RETURNING || turn->event == FSM_EVENT_COOLING,
			"a rollback goes on with the next hook");
}

/* What TURN, which is not committed yet, makes of the order that was there and of one that is given. */
void witness_order(struct node *node, const struct fsm_facts *facts, const struct fsm_turn *turn)
{
	const struct fsm_order_news *news = &turn->news;
	bool told = facts->order != FSM_ORDER_NONE && news->kind == facts->order;
	bool taken = told && news->end == FSM_ORDER_END_NONE && facts->order != FSM_ORDER_ABORT;
	bool ended = asker_of(&node->db) == PERSON &&
		     (turn->record.order.kind == FSM_ORDER_NONE || taken);

	if (IN_TRIED & 1u << node->feature)
		witness_rollback(node, facts, turn);
	if (facts->order != FSM_ORDER_NONE)
		promise(told && (taken ? turn->record.order.kind == facts->order
				       : news->end != FSM_ORDER_END_NONE ||
							turn->effect == FSM_DO_ABORT),
			"an order that is given is taken or refused");
	if (ended)
		promise(turn->record.drift.times <= 1 ||
				turn->record.drift.times == node->db.drift.times,
			"what an order moves was not astray");
	if (ended)
		check_news(node, facts->order != FSM_ORDER_NONE ? &turn->over : news);
	else if (order_can_go_on(node, facts))
		promise(turn->event == FSM_EVENT_ORDERED ||
				(turn->event == FSM_EVENT_COOLING && turn->record.probation.quiet),
			"an order goes on with the next hook");
	if (taken) {
		node->done = NOTHING_DONE;
		node->stops = 0;
		node->rolled = node->rolled ? TOUCHED : 0;
	}
	if (told && facts->order == FSM_ORDER_RETRY && news->end == FSM_ORDER_END_DONE) {
		witness_pause(node);
		if (turn->record.order.kind != FSM_ORDER_ROLLBACK)
			witness_word(node);
	}
}

/* The answer to a request makes RECORD of what was there. */
void witness_answer(struct node *node, const struct fsm_record *record, const struct fsm_turn *turn)
{
	if (node->db.order.kind == FSM_ORDER_ROLLBACK && record->order.kind == FSM_ORDER_NONE)
		promise(record->refused.failed && node->undone &&
				turn->news.end == FSM_ORDER_END_FAILED,
			"a rollback that failed is remembered as such");
	else if (node->db.order.kind != FSM_ORDER_NONE && record->order.kind == FSM_ORDER_NONE)
		check_news(node, &turn->news);
}

/*
 * A request may be repeated once, when nothing came of it at all; one that was refused or that
 * failed not even once: not before a pause is over, or somebody gives a reason to.
 */
enum {
	ENOUGH = 2
};

/* The memory of a hold is another one than that of what moves the snap. */
static struct asked *memory_of(struct node *node, unsigned op)
{
	return op == FSM_OP_HOLD || op == FSM_OP_UNHOLD ? &node->asked_hold : &node->asked;
}

void witness_intent(struct node *node, struct request request)
{
	struct asked *asked = memory_of(node, request.op);

	node->asked_before = *asked;
	if (request.ordered == ROLLBACK_STEP)
		return;
	if (request.op == FSM_OP_REFRESH && (IN_TRIED & 1u << node->feature))
		node->back = node->seen_snap == FINE
				     ? (uint8_t)(node->seen_track + REVISION * node->seen_revision)
				     : 0;
	if (request.ordered) {
		promise(node->done != ORDER_FAILED, "an order that failed is not tried again");
		return;
	}
	if (node->rests.op != request.op) /* the one memory is for that now */
		node->rests = (struct request){ 0 };
	if (asked->request.op != request.op || asked->request.target != request.target)
		asked->times = 0;
	promise(asked->times < ENOUGH, "nothing is asked again and again");
	asked->request = request;
	asked->times = (uint8_t)(asked->times < ENOUGH ? asked->times + 1 : ENOUGH);
}

void witness_drop(struct node *node)
{
	*memory_of(node, node->db.op) = node->asked_before;
}

/* The record has one memory of failures: that of a hold takes the place of the other one. */
void witness_failure(struct node *node, bool lost)
{
	struct asked *asked = memory_of(node, node->db.op);

	asked->request = (struct request){ .op = node->db.op, .target = node->db.to };
	if (!lost)
		asked->times = ENOUGH;
	else if (asked->times == 0)
		asked->times = 1;
	if (asked == &node->asked_hold)
		node->asked = (struct asked){ 0 };
}

void witness_reason_to_ask(struct node *node)
{
	node->asked.times = node->asked_hold.times = 0;
	node->rests = (struct request){ 0 };
}

void witness_pause(struct node *node)
{
	node->asked = node->asked_hold = (struct asked){ 0 };
	node->rests = (struct request){ 0 };
}

void witness_word(struct node *node)
{
	/* The record may not see it: an option that is set and set back. */
	node->rolled = node->rolled ? TOUCHED : 0;
	node->stops = 0;
}

void witness_refresh(struct node *node)
{
	if (!(IN_TRIED & 1u << node->feature))
		return;
	node->trial = node->revision;
	node->young = 1;
	node->stops = 0;
}
