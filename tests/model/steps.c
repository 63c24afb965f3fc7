/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hook, step by step: what it reads when, what it commits when, and where it can be killed. What
 * is read and decided is fsm/'s; whatever can happen in the world can happen between two steps.
 */
#include <string.h>

#include "fsm/failure.h"
#include "fsm/look.h"
#include "fsm/turn.h"
#include "tests/model/model.h"

/* What the model's snapd answers, to the machine (verdicts[] of hooks/ask.c). */
static const struct {
	enum fsm_sight sight;
	enum fsm_reason reason;
} verdicts[] = {
	[ACCEPTED] = { FSM_SIGHT_ACCEPTED, FSM_REASON_NONE },
	[NOT_NEEDED] = { FSM_SIGHT_UNTRUSTED, FSM_REASON_CONTRADICTED },
	[IS_LOCAL] = { FSM_SIGHT_UNTRUSTED, FSM_REASON_LOCAL },
	[CONFLICT] = { FSM_SIGHT_REFUSED, FSM_REASON_CONFLICT },
	[MISSING] = { FSM_SIGHT_REFUSED, FSM_REASON_CHANNEL_MISSING },
	[STORE_AWAY] = { FSM_SIGHT_REFUSED, FSM_REASON_STORE_TROUBLE },
};

/* One transaction: the record, and what Juju has been told by now. */
static void commit(struct node *node, const struct fsm_record *record)
{
	keep_record(record, &node->db);
	node->db.told = node->told;
}

void hook_starts(struct node *node, enum fsm_hook hook)
{
	node->pc = LOOK;
	node->hook = (uint8_t)hook;
	node->first = 1;
	node->told = node->db.told;
	/* A person who touches the configuration may ask again, and a removal that is refused is. */
	if ((fsm_hook_is(hook, FSM_HOOK_BY_HAND) && !node->db.failure.recent &&
		    !node->db.drift.recent) ||
		(hook == FSM_HOOK_REMOVE && fsm_class_row(node->db.failure.class)->by_hand))
		witness_reason_to_ask(node);
}

static void forget_hook(struct node *node)
{
	struct failure none = { 0 };

	node->pc = IDLE;
	node->hook = node->first = node->requests = node->looks = 0;
	node->seen_snap = node->seen_track = node->seen_own = node->seen_id = 0;
	node->event = node->effect = node->verdict = node->told = node->moved = 0;
	node->before = none;
}

/* Killed: Juju will run the same hook again. */
static void die(struct node *node)
{
	node->again = node->hook;
	forget_hook(node);
}

static void look_again(struct node *node, bool time_passed)
{
	node->pc = LOOK;
	node->looks = time_passed ? 0 : (uint8_t)(node->looks + 1);
	promise(node->looks <= LOOKS, "a hook does not loop without time passing");
}

/* Change ID as snapd shows it; one that is not there, or not any more, has the id 0. */
static struct fsm_change change_of(const struct node *node, uint8_t id)
{
	static const enum fsm_fate fates[] = {
		[DOING] = FSM_FATE_RUNNING,
		[DONE] = FSM_FATE_DONE,
		[EMPTY] = FSM_FATE_EMPTY,
		[FAILED] = FSM_FATE_FAILED,
	};
	struct fsm_change ret = { .kind = "", .error = "" };
	const struct change *change;

	if (id == 0 || id == PRUNED || node->changes[id - 1].stage == NO_CHANGE)
		return ret;
	change = &node->changes[id - 1];
	ret.id = id;
	ret.kind = change->kind == AUTO_REFRESH ? "auto-refresh" : fsm_op_row(change->kind)->kind;
	ret.fate = fates[change->stage];
	ret.error = change->stage == FAILED ? "cause" : "";
	ret.stopped = true;
	return ret;
}

/* The change of our request: the known one, or that which an unanswered one is seen to have made. */
static struct fsm_change own_change(const struct node *node, const struct fsm_record *record)
{
	struct fsm_change ret = change_of(node, 0);

	if (record->intent.phase != FSM_PHASE_ASKED)
		return change_of(node, node->db.change);
	for (uint8_t id = 1; id <= CHANGES; id++) {
		struct fsm_change change = change_of(node, id);

		if (fsm_made_by(&record->intent, &change, &ret))
			ret = change;
	}
	return ret;
}

/* Our change first, then the snap. */
static void look(struct node *node)
{
	struct fsm_record record;
	struct fsm_change own;

	record_of(&node->db, &record);
	own = own_change(node, &record);
	node->seen_own = (uint8_t)own.fate;
	node->seen_id = (uint8_t)own.id;
	node->seen_snap = node->snap;
	node->seen_track = node->track;
	node->moved = 0;
	node->pc = LIST;
}

/*
 * Somebody made the same request in the same seconds, and his change was taken for ours. That is the
 * one thing that nobody can tell apart, and no promise holds against it.
 */
static void yield_to_other(struct node *node, int64_t id)
{
	if (node->changes[id - 1].ours)
		return;
	node->air = (struct request){ 0 };
	for (int i = 0; i < CHANGES; i++)
		node->changes[i].ours = 0;
	if (node->db.op == FSM_OP_INSTALL)
		node->truly_ours = node->marker == FSM_MARKER_OURS;
}

/* The change of our request as it was when it was read; id 0 if it did not show then. */
static struct fsm_change own_as_seen(const struct node *node)
{
	struct fsm_change own = change_of(node, node->seen_id);

	own.fate = own.id ? node->seen_own : FSM_FATE_NONE;
	if (own.fate != FSM_FATE_FAILED)
		own.error = "";
	return own;
}

/* Whether the list that is read after the snap shows what the one before did not. */
static bool must_look_again(const struct node *node)
{
	struct fsm_record record;
	struct fsm_change first, last;

	record_of(&node->db, &record);
	first = own_as_seen(node);
	last = own_change(node, &record);
	return node->reach != AWAY && fsm_look_again(&record.intent, &first, &last);
}

/* The facts as hooks/look.c states them. */
static struct fsm_facts observe(struct node *node, const struct fsm_record *record)
{
	bool option = node->hook != FSM_HOOK_REMOVE && node->option != NO_CHANNEL;
	struct fsm_facts facts = {
		.hook = node->hook,
		.first = node->first,
		.asked = node->requests > 0,
		.now = model_now(),
		.age = node->db.aged ? INT64_MAX : 10,
		.option_valid = option,
		.option = "'bad' is bad",
		.wanted = fsm_target_of(option ? channel_name(node->option) : ""),
		.away = "",
		.flight_kind = "",
		.fate_error = "",
		.damage = "",
		.tracking = "",
		.revision = "",
		.version = "",
		.channel = "",
		.service_down = "",
		.health = "",
		.services = "microsample.daemon",
		.hold = "",
	};
	const struct change *change = in_flight(node);
	struct fsm_change own = own_as_seen(node);
	struct fsm_change flight =
		change_of(node, change ? (uint8_t)(change - node->changes + 1) : 0);
	bool there = node->seen_snap != ABSENT;

	if (!option && !fsm_going(record, &facts))
		return facts;
	facts.marker = node->marker;
	if (node->reach == AWAY)
		return facts;
	facts.reachable = true;
	fsm_look_changes(&record->intent, &own, &flight, &facts);
	if (node->stands && facts.pace.change)
		facts.pace = model_stand();
	facts.seeded = there || flight.id != 0 || node->reach != UNSEEDED;
	facts.present = there;
	facts.active = there && node->seen_snap != DISABLED;
	facts.local = node->seen_snap == LOCAL;
	facts.tracking = channel_name(node->seen_track);
	facts.revision = facts.version = there ? "1" : "";
	facts.service_down = node->seen_snap == DOWN ? "daemon" : "";
	return facts;
}

/*
 * Whose the snap is, as far as anyone can know. It is nobody's any more once it was seen gone or
 * replaced: what happens between two looks and is undone again leaves no trace. A change that snapd
 * has forgotten did its work if it was to install, and none if it was to remove; a foreign one that
 * was taken for ours is ours. What another unit left behind is ours once it was seen.
 */
static void believe(
	struct node *node, const struct fsm_record *record, const struct fsm_facts *facts)
{
	uint8_t id = facts->shown ? (uint8_t)facts->shown : node->db.change;
	bool known = id && id != PRUNED && node->changes[id - 1].ours;
	bool over = node->db.op != FSM_OP_NONE && facts->flight == FSM_FLIGHT_NONE &&
		    (facts->fate > FSM_FATE_RUNNING ||
			    (node->db.phase == FSM_PHASE_ASKED && node->db.aged));
	bool sure = facts->reachable && facts->flight == FSM_FLIGHT_NONE;

	if (over && sure && record->ours && !known)
		node->truly_ours = 1;
	else if (over && sure && node->db.op == FSM_OP_REMOVE && facts->fate == FSM_FATE_DONE)
		node->truly_ours = 0;
	if (sure && (!facts->present || facts->local))
		node->truly_ours =
			facts->local && node->snap != LOCAL && node->marker == FSM_MARKER_OURS;
	else if (facts->marker == FSM_MARKER_ORPHAN)
		node->truly_ours = 1;
}

enum marking { /* what comes of a marker that is to be written */
	MARKED,
	UNMARKED,
	KILLED, /* it is written, and the record is not */
};

/* Before the turn is committed. False when there is nothing to be written. */
static bool mark(struct node *node, struct fsm_turn *turn, enum marking marking)
{
	if (!turn->owes_marker)
		return false;
	promise(node->truly_ours || node->moved, "only a snap of ours is marked");
	if (marking == UNMARKED || node->snap == ABSENT) /* its folder has gone with it */
		return true;
	node->marker = FSM_MARKER_OURS;
	turn->record.marked = true;
	return true;
}

/* What the checks are told of a turn that is about to be committed. */
static void witness_turn(
	struct node *node, const struct fsm_facts *facts, const struct fsm_turn *turn)
{
	const struct fsm_intent *intent = &turn->record.intent;

	if (turn->event == FSM_EVENT_FAILED)
		witness_failure(node, node->db.phase == FSM_PHASE_ASKED);
	if (fsm_effect_op(turn->effect) == FSM_OP_NONE)
		return;
	promise(node->db.phase != FSM_PHASE_ASKED || node->db.aged || facts->shown,
		"an unanswered request is not repeated within 45 s");
	keep_failure(&turn->before, &node->before);
	witness_intent(node, (struct request){ (uint8_t)intent->op,
				     intent->op == FSM_OP_REMOVE ? NO_CHANNEL : node->option });
	/* After the baseline: what has ended by now is none of this intent's. */
	memset(node->changes, 0, sizeof node->changes);
	node->db.op = FSM_OP_NONE;
}

/* Reads the lists, takes the turn and commits: one transaction. False when it cannot go so. */
static bool decide(struct node *node, bool may_ask, enum marking marking)
{
	struct fsm_limits limits = {
		.may_ask = may_ask && node->requests < REQUESTS,
		.boot = "",
		.unit = "",
	};
	static struct fsm_turn turn;
	struct fsm_record record;
	struct fsm_facts facts;

	record_of(&node->db, &record);
	tell_record(node->told, &record);
	record.port = node->taken ? FSM_PORT_TAKEN : FSM_PORT_OPEN;
	facts = observe(node, &record);
	if (facts.shown)
		yield_to_other(node, facts.shown);
	fsm_turn(&record, &facts, &limits, &turn);
	node->event = (uint8_t)turn.event;
	node->effect = (uint8_t)turn.effect;
	believe(node, &turn.record, &facts);
	if (!mark(node, &turn, marking) && marking != MARKED)
		return false;
	if (marking == KILLED) {
		die(node);
		return true;
	}
	witness_turn(node, &facts, &turn);
	if (turn.record.told_status == FSM_STATUS_NONE)
		node->told = 0;
	commit(node, &turn.record);
	node->pc = TELL;
	if (node->hook == FSM_HOOK_REMOVE || node->hook == FSM_HOOK_START)
		node->leaving = node->hook == FSM_HOOK_REMOVE;
	if (node->hook != FSM_HOOK_OTHER)
		node->stopping = node->hook == FSM_HOOK_REMOVE || node->hook == FSM_HOOK_STOP;
	check_decision(node, in_flight(node) != NULL);
	/* It is there: if it is needed again, that is another story. */
	if (node->event == FSM_EVENT_SETTLED || node->event == FSM_EVENT_DOWN)
		witness_reason_to_ask(node);
	node->first = 0;
	return true;
}

/* Only what Juju was not told yet. */
static void tell(struct node *node)
{
	uint8_t told = told_of(&node->db);

	if (told != node->told)
		node->told = node->shown = told;
	node->pc = ACT;
}

/* The answer never comes: snapd may be at it. */
static void request_in_the_air(struct node *node)
{
	node->air = (struct request){ node->db.op, node->db.to };
}

/* Takes what came of the request into the record. */
static void write_answer(struct node *node, struct fsm_answer answer)
{
	static struct fsm_turn turn;
	struct fsm_record record;
	enum fsm_write write;

	answer.detail = answer.unit = "";
	answer.now = model_now();
	answer.busy = in_flight(node) || node->reach == AWAY;
	answer.may_ask = node->requests < REQUESTS;
	record_of(&node->db, &record);
	failure_of(&node->before, &turn.before);
	write = fsm_answer(&record, &turn, &answer);
	if (write == FSM_WRITE_DROP)
		witness_drop(node);
	else if (write == FSM_WRITE_FAIL)
		witness_failure(node, false);
	commit(node, &record);
	look_again(node, false);
}

static void request_answered(struct node *node)
{
	if (node->reach == AWAY) {
		write_answer(node, (struct fsm_answer){ .sight = FSM_SIGHT_UNSENT });
		return;
	}
	node->verdict = (uint8_t)snapd_takes(node, (struct request){ node->db.op, node->db.to });
	node->pc = ANSWER;
}

static bool asks(const struct node *node)
{
	return node->pc == ACT && fsm_effect_op(node->effect) != FSM_OP_NONE;
}

static void act(struct node *node)
{
	if (asks(node)) {
		check_request(node, (struct request){ node->db.op, node->db.to });
		node->requests++;
		request_answered(node);
	} else if (node->effect == FSM_DO_DIGEST) {
		look_again(node, false);
	} else {
		node->pc = END;
	}
}

/* The id of the change that snapd has just started for us: the last one that runs. */
static uint8_t accepted_change(struct node *node)
{
	for (int i = CHANGES - 1; i >= 0; i--)
		if (node->changes[i].stage != NO_CHANGE && node->changes[i].ours)
			return (uint8_t)(i + 1);
	return PRUNED;
}

static void take_answer(struct node *node)
{
	write_answer(node, (struct fsm_answer){
				   .sight = verdicts[node->verdict].sight,
				   .reason = verdicts[node->verdict].reason,
				   .change = accepted_change(node),
			   });
}

static bool may_end(const struct node *node)
{
	struct fsm_record record;

	record_of(&node->db, &record);
	return fsm_may_end(&record, node->event);
}

static void end(struct node *node)
{
	bool well = node->hook != FSM_HOOK_REMOVE || may_end(node);

	node->db.told = node->told;
	check_end(node, well);
	if (node->hook == FSM_HOOK_REMOVE && well)
		node->life = GONE;
	node->again = well ? FSM_HOOK_OTHER : node->hook;
	forget_hook(node);
}

/* In `follow`: the change is still in flight, or the request may still land. */
static bool waits(const struct node *node)
{
	return node->pc == ACT && node->effect == FSM_DO_FOLLOW;
}

static bool step(struct node *node)
{
	switch (node->pc) {
	case LOOK:
		look(node);
		return true;
	case LIST:
		if (must_look_again(node))
			look_again(node, false);
		else
			(void)decide(node, true, MARKED);
		return true;
	case TELL:
		tell(node);
		return true;
	case ACT:
		if (waits(node) && in_flight(node))
			return false;
		if (waits(node))
			look_again(node, true);
		else
			act(node);
		return true;
	case ANSWER:
		take_answer(node);
		return true;
	case END:
		end(node);
		return true;
	default:
		return false;
	}
}

static bool lose(struct node *node, bool killed)
{
	if (!asks(node) || node->reach == AWAY)
		return false;
	check_request(node, (struct request){ node->db.op, node->db.to });
	request_in_the_air(node);
	node->requests++;
	if (killed)
		die(node);
	else
		look_again(node, false);
	return true;
}

static bool wait(struct node *node)
{
	if (!waits(node) || node->db.aged || node->air.op != FSM_OP_NONE)
		return false;
	node->db.aged = 1;
	return true;
}

/* The change in flight is no further than it was when the hook began to follow it. */
static bool stand(struct node *node)
{
	if (!waits(node) || !in_flight(node))
		return false;
	node->stands = 1;
	look_again(node, true);
	return true;
}

bool hook_moves(struct node *node, struct move move)
{
	switch (move.kind) {
	case MOVE_STEP:
		return step(node);
	case MOVE_NO_TIME:
	case MOVE_KILL_MARKED:
	case MOVE_UNMARKED:
		if (node->pc != LIST || must_look_again(node))
			return false;
		return decide(node, move.kind != MOVE_NO_TIME,
			move.kind == MOVE_KILL_MARKED ? KILLED
			: move.kind == MOVE_UNMARKED  ? UNMARKED
						      : MARKED);
	case MOVE_BUDGET:
		if (!waits(node))
			return false;
		node->pc = END;
		return true;
	case MOVE_WAIT:
		return wait(node);
	case MOVE_STAND:
		return stand(node);
	case MOVE_KILL:
		if (node->pc == IDLE)
			return false;
		die(node);
		return true;
	case MOVE_KILL_ASKING:
	case MOVE_LOSE:
		return lose(node, move.kind == MOVE_KILL_ASKING);
	default:
		return false;
	}
}
