/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One hook, step by step, in the order of hooks/drive.c, observe.c and effects.c: whatever can
 * happen in the world can happen between two of these steps, and the hook can be killed there.
 */
#include <string.h>

#include "fsm/memory.h"
#include "tests/model/model.h"

/* What an answer to a request means (verdicts[] of hooks/effects.c). */
static const struct {
	bool drop;
	enum fsm_class class;
	enum fsm_reason reason;
} verdicts[] = {
	[NOT_NEEDED] = { true, FSM_CLASS_PASSING, FSM_REASON_CONFLICT },
	[IS_LOCAL] = { true, FSM_CLASS_OPERATOR, FSM_REASON_LOCAL },
	[CONFLICT] = { false, FSM_CLASS_PASSING, FSM_REASON_CONFLICT },
	[MISSING] = { false, FSM_CLASS_OPERATOR, FSM_REASON_CHANNEL_MISSING },
	[STORE_AWAY] = { false, FSM_CLASS_PASSING, FSM_REASON_STORE_TROUBLE },
};

static enum fsm_op operation_of(enum fsm_effect effect)
{
	switch (effect) {
	case FSM_DO_INSTALL:
		return FSM_OP_INSTALL;
	case FSM_DO_REFRESH:
		return FSM_OP_REFRESH;
	case FSM_DO_REMOVE:
		return FSM_OP_REMOVE;
	default:
		return FSM_OP_NONE;
	}
}

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
	/* A person who touches the configuration may ask again. */
	if (hook == FSM_HOOK_CONFIG_CHANGED || hook == FSM_HOOK_UPGRADE_CHARM)
		witness_reason_to_ask(node);
}

static void forget_hook(struct node *node)
{
	struct memory none = { 0 };

	node->pc = IDLE;
	node->hook = node->first = node->requests = node->looks = 0;
	node->seen_snap = node->seen_track = node->seen_own = 0;
	node->event = node->effect = node->verdict = node->told = node->moved = 0;
	node->before = none;
}

static void look_again(struct node *node, bool time_passed)
{
	node->pc = LOOK;
	node->looks = time_passed ? 0 : (uint8_t)(node->looks + 1);
	promise(node->looks <= LOOKS, "a hook does not loop without time passing");
}

static bool is_candidate(const struct node *node, int i, bool in_flight_only)
{
	const struct change *change = &node->changes[i];

	return change->kind == node->db.op && change->stage != NO_CHANGE &&
	       (change->stage == DOING || !in_flight_only);
}

/*
 * The id of our change: the known one, or that which an unanswered request made, after the baseline
 * and of its kind; first among those in flight, then among all.
 */
static uint8_t own_change(const struct node *node)
{
	if (node->db.phase != FSM_PHASE_ASKED)
		return node->db.change;
	for (int all = 0; all < 2; all++)
		for (uint8_t i = 0; i < CHANGES; i++)
			if (is_candidate(node, i, !all))
				return (uint8_t)(i + 1);
	return 0;
}

static enum fsm_fate fate_of(const struct node *node, uint8_t id)
{
	static const enum fsm_fate fates[] = {
		[DOING] = FSM_FATE_RUNNING,
		[DONE] = FSM_FATE_DONE,
		[EMPTY] = FSM_FATE_EMPTY,
		[FAILED] = FSM_FATE_FAILED,
	};

	if (id == 0)
		return FSM_FATE_NONE;
	return id == PRUNED ? FSM_FATE_PRUNED : fates[node->changes[id - 1].stage];
}

/* Our change first, then the snap. */
static void look(struct node *node)
{
	node->seen_own = (uint8_t)fate_of(node, own_change(node));
	node->seen_snap = node->snap;
	node->seen_track = node->track;
	node->moved = 0;
	node->pc = LIST;
}

/*
 * Somebody made the same request in the same seconds, and his change was taken for ours. That is the
 * one thing that nobody can tell apart, and no promise holds against it.
 */
static void yield_to_other(struct node *node)
{
	node->air = (struct request){ 0 };
	for (int i = 0; i < CHANGES; i++)
		node->changes[i].ours = 0;
}

static void adopt(struct node *node, struct fsm_record *record, uint8_t id)
{
	if (!node->changes[id - 1].ours)
		yield_to_other(node);
	fsm_adopt(record, id);
	node->db.phase = FSM_PHASE_KNOWN; /* for what tidy() keeps */
	node->db.change = id;
}

/* Whether our change shows for the first time and has ended: the snap was read before its end. */
static bool must_look_again(const struct node *node)
{
	uint8_t id = own_change(node);

	return node->db.phase == FSM_PHASE_ASKED && node->reach != AWAY && id != 0 &&
	       node->changes[id - 1].stage != DOING &&
	       (node->seen_own == FSM_FATE_NONE || node->seen_own == FSM_FATE_RUNNING);
}

static void read_changes(struct node *node, struct fsm_record *record, struct fsm_facts *facts)
{
	const struct change *flight = in_flight(node);
	uint8_t id = own_change(node);

	if (record->intent.phase == FSM_PHASE_ASKED && id != 0) {
		adopt(node, record, id);
		node->seen_own = (uint8_t)fate_of(node, id);
	}
	facts->fate = node->seen_own;
	facts->fate_error = facts->fate == FSM_FATE_FAILED ? "cause" : "";
	if (flight) {
		bool ours = node->db.change == flight - node->changes + 1;

		facts->flight = ours ? FSM_FLIGHT_OURS : FSM_FLIGHT_FOREIGN;
		facts->flight_kind = flight->kind == AUTO_REFRESH ? "auto-refresh"
								  : fsm_change_kind(flight->kind);
	} else if (facts->fate == FSM_FATE_RUNNING) {
		/* It ran when it was read, and is gone from the list. */
		facts->flight = FSM_FLIGHT_OURS;
	}
}

/* The facts as hooks/observe.c states them. */
static struct fsm_facts observe(struct node *node, struct fsm_record *record)
{
	struct fsm_facts facts = {
		.hook = node->hook,
		.first = node->first,
		.now = model_now(),
		.age = node->db.aged ? INT64_MAX : 10,
		.option_valid = node->option != NO_CHANNEL && node->hook != FSM_HOOK_REMOVE,
		.option = "'bad'",
		.wanted = node->hook != FSM_HOOK_REMOVE ? channel_name(node->option) : "",
		.flight_kind = "",
		.fate_error = "",
		.tracking = "",
		.revision = "",
		.version = "",
		.service_down = "",
	};
	bool there = node->seen_snap != ABSENT;

	if (!facts.option_valid && !fsm_going(record, &facts))
		return facts;
	facts.reachable = node->reach != AWAY;
	if (!facts.reachable)
		return facts;
	read_changes(node, record, &facts);
	facts.seeded = there || facts.flight != FSM_FLIGHT_NONE || node->reach != UNSEEDED;
	facts.present = there;
	facts.active = there && node->seen_snap != DISABLED;
	facts.local = node->seen_snap == LOCAL;
	facts.tracking = channel_name(node->seen_track);
	facts.revision = facts.version = there ? "1" : "";
	facts.service_down = node->seen_snap == DOWN ? "daemon" : "";
	return facts;
}

static void intend(struct node *node, struct fsm_record *record, enum fsm_op op)
{
	struct fsm_asking asking = {
		.op = op,
		.channel = op == FSM_OP_REMOVE ? "" : channel_name(node->option),
		.now = model_now(),
		.boot = "",
		.unit = "",
	};

	promise(record->intent.phase != FSM_PHASE_ASKED || node->db.aged,
		"an unanswered request is not repeated within 45 s");
	keep_memory(&record->memory, &node->before);
	witness_intent(node,
		(struct request){ (uint8_t)op, op == FSM_OP_REMOVE ? NO_CHANNEL : node->option });
	fsm_intend(record, &asking);
	/* After the baseline: what has ended by now is none of this intent's. */
	memset(node->changes, 0, sizeof node->changes);
	node->db.op = FSM_OP_NONE;
}

/*
 * Whose the snap is, as far as anyone can know. It is nobody's any more once it was seen gone or
 * replaced: what happens between two looks and is undone again leaves no trace. A change that snapd
 * has forgotten did its work if it was to install, and none if it was to remove; a foreign one that
 * was taken for ours is ours.
 */
static void believe(
	struct node *node, const struct fsm_record *record, const struct fsm_facts *facts)
{
	bool known = node->db.change && node->db.change != PRUNED &&
		     node->changes[node->db.change - 1].ours;

	if (record->intent.op != node->db.op && record->ours && !known)
		node->truly_ours = 1;
	if (facts->reachable && facts->flight == FSM_FLIGHT_NONE &&
		(!facts->present || facts->local))
		node->truly_ours = 0;
}

/* Reads the lists, learns, classifies, steps and commits: one transaction. */
static void decide(struct node *node, bool may_ask)
{
	struct fsm_record record;
	struct fsm_facts facts;
	struct fsm_step step;
	enum fsm_op op;

	record_of(&node->db, &record);
	tell_record(node->told, &record);
	record.port = node->taken ? FSM_PORT_TAKEN : FSM_PORT_OPEN;
	facts = observe(node, &record);
	fsm_learn(&record, &facts);
	believe(node, &record, &facts);
	node->event = (uint8_t)fsm_classify(&record, &facts);
	step = fsm_step(record.state, node->event);
	fsm_apply(&record, node->event, &facts);
	node->effect = (uint8_t)step.effect;
	op = operation_of(step.effect);
	if (op != FSM_OP_NONE && may_ask && node->requests < REQUESTS)
		intend(node, &record, op);
	else if (op != FSM_OP_NONE)
		node->effect = FSM_DO_NOTHING;
	if (record.told_status == FSM_STATUS_NONE)
		node->told = 0;
	commit(node, &record);
	node->pc = TELL;
	if (node->hook == FSM_HOOK_REMOVE || node->hook == FSM_HOOK_START)
		node->leaving = node->hook == FSM_HOOK_REMOVE;
	check_decision(node, in_flight(node) != NULL);
	/* It is there: if it is needed again, that is another story. */
	if (node->event == FSM_EVENT_SETTLED || node->event == FSM_EVENT_DOWN)
		witness_reason_to_ask(node);
	node->first = 0;
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

static void request_answered(struct node *node)
{
	struct fsm_record record;
	struct fsm_memory before;

	if (node->reach == AWAY) {
		/* Nothing was sent. */
		record_of(&node->db, &record);
		memory_of(&node->before, &before);
		fsm_drop(&record, &before);
		witness_drop(node);
		commit(node, &record);
		look_again(node, false);
		return;
	}
	node->verdict = (uint8_t)snapd_takes(node, (struct request){ node->db.op, node->db.to });
	node->pc = ANSWER;
}

static bool asks(const struct node *node)
{
	return node->pc == ACT && operation_of(node->effect) != FSM_OP_NONE;
}

static void act(struct node *node)
{
	struct fsm_record record;
	struct fsm_facts facts = { .now = model_now(), .fate = node->seen_own };

	if (asks(node)) {
		check_request(node, (struct request){ node->db.op, node->db.to });
		node->requests++;
		request_answered(node);
	} else if (node->effect == FSM_DO_DIGEST) {
		record_of(&node->db, &record);
		facts.fate_error = facts.fate == FSM_FATE_FAILED ? "cause" : "";
		witness_failure(node, facts.fate == FSM_FATE_NONE);
		fsm_digest(&record, &facts, "");
		commit(node, &record);
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
	enum verdict verdict = node->verdict;
	struct fsm_record record;
	struct fsm_memory before;
	bool flight = in_flight(node) || node->reach == AWAY;

	record_of(&node->db, &record);
	if (verdict == ACCEPTED) {
		fsm_accept(&record, accepted_change(node));
	} else if (flight || (verdicts[verdict].drop && node->requests < REQUESTS)) {
		memory_of(&node->before, &before);
		fsm_drop(&record, &before);
		witness_drop(node);
	} else {
		witness_failure(node, false);
		fsm_refuse(&record, verdicts[verdict].class, verdicts[verdict].reason, "",
			model_now(), "");
	}
	commit(node, &record);
	look_again(node, false);
}

/* Whether the remove hook may end well (hooks/dispatch.c). */
static bool may_go(const struct node *node)
{
	return node->event == FSM_EVENT_RETIRED ||
	       (node->event == FSM_EVENT_BUSY && node->db.op == FSM_OP_REMOVE &&
		       node->db.phase == FSM_PHASE_KNOWN &&
		       node->db.reason == FSM_REASON_OWN_CHANGE);
}

static void end(struct node *node)
{
	bool well = node->hook != FSM_HOOK_REMOVE || may_go(node);

	node->db.told = node->told;
	check_end(node, well);
	if (node->hook == FSM_HOOK_REMOVE && well)
		node->life = GONE;
	node->again = well ? FSM_HOOK_OTHER : node->hook;
	forget_hook(node);
}

/* Killed: Juju will run the same hook again. */
static void die(struct node *node)
{
	node->again = node->hook;
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
			decide(node, true);
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

bool hook_moves(struct node *node, struct move move)
{
	switch (move.kind) {
	case MOVE_STEP:
		return step(node);
	case MOVE_NO_TIME:
		if (node->pc != LIST || must_look_again(node))
			return false;
		decide(node, false);
		return true;
	case MOVE_BUDGET:
		if (!waits(node))
			return false;
		node->pc = END;
		return true;
	case MOVE_WAIT:
		return wait(node);
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
