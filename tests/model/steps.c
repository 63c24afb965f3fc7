/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hook, step by step: what it reads when, what it commits when, and where it can be killed. What
 * is read and decided is fsm/'s; whatever can happen in the world can happen between two steps.
 */
#include <string.h>

#include "fsm/failure.h"
#include "fsm/resource.h"
#include "fsm/turn.h"
#include "fsm/update.h"
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
	[NEWEST] = { FSM_SIGHT_UNTRUSTED, FSM_REASON_CONTRADICTED },
	[NO_REVISION] = { FSM_SIGHT_REFUSED, FSM_REASON_PIN_MISSING },
	[NO_WAY_BACK] = { FSM_SIGHT_REFUSED, FSM_REASON_SNAPD_REFUSED },
};

/* One transaction: the record, and what Juju has been told by now. */
static void commit(struct node *node, const struct fsm_record *record)
{
	uint8_t before;

	keep_record(record, &node->db);
	/* Whose a snap from a file is follows from what was there before. */
	before = node->db.op == FSM_OP_SIDELOAD ? node->db.probation.before : 0;
	if (!(IN_TRIED & 1u << node->feature)) {
		forget_trial(&node->db);
		node->db.probation.before = before;
	}
	node->db.told = node->told;
}

/* The resource, where the hook is one that reads it; upgrade-charm is like config-changed, install like start. */
static void read_file(struct node *node, enum fsm_hook hook)
{
	static const enum fsm_hook likes[FSM_HOOK_COUNT] = {
		[FSM_HOOK_CONFIG_CHANGED] = FSM_HOOK_UPGRADE_CHARM,
		[FSM_HOOK_START] = FSM_HOOK_INSTALL,
	};
	struct fsm_record record;

	record_of(&node->db, &record);
	if (node->hidden ||
		!fsm_resource_due(&record, likes[hook] ? likes[hook] : hook, FSM_ORDER_NONE))
		return;
	if (file_known(&node->db) != node->file && node->db.failure.op == FSM_OP_SIDELOAD) {
		node->db.failure = (struct failure){ 0 };
		node->db.refused = (struct refused){ 0 };
	}
	node->db.unfiled = (uint8_t)(UNREAD - node->file);
	node->stale = 0;
}

void hook_starts(struct node *node, enum fsm_hook hook, enum fsm_order given)
{
	node->pc = LOOK;
	node->hook = (uint8_t)hook;
	node->first = 1;
	node->given = (uint8_t)given;
	node->told = node->db.told;
	if (hook == FSM_HOOK_SIGNAL)
		node->signal = 0;
	if (node->feature == FEATURE_RESOURCE)
		read_file(node, hook);
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
	node->hook = node->first = node->given = node->requests = node->looks = 0;
	node->seen_snap = node->seen_track = node->seen_own = node->seen_id = 0;
	node->seen_revision = node->seen_hold = node->seen_hold_id = 0;
	node->event = node->effect = node->verdict = node->told = node->moved = 0;
	node->before = none;
	node->bags = 0;
	node->noted = node->wrote = (struct note){ 0 };
}

/* Killed: Juju will run the same hook again, but no action. */
static void die(struct node *node)
{
	if (node->given == FSM_ORDER_NONE)
		node->again = node->hook;
	forget_hook(node);
}

static void look_again(struct node *node, bool time_passed)
{
	node->pc = LOOK;
	node->looks = time_passed ? 0 : (uint8_t)(node->looks + 1);
	promise(node->looks <= LOOKS, "a hook does not loop without time passing");
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

/* The own entry in the register, before the turn is committed; whether it changes. */
static bool enter(struct node *node, const struct fsm_turn *turn)
{
	uint8_t before = node->said;

	if (!(IN_REGISTER & 1u << node->feature))
		return false;
	if (turn->listing == FSM_LISTING_LEFT)
		node->said = 0;
	if (turn->listing == FSM_LISTING_ENTERED)
		node->said = (uint8_t)(2 * code_of(&turn->entry.target) + turn->entry.yields);
	return node->said != before;
}

/* Beyond the last one it makes no difference how many there were. */
static void count_request(struct node *node)
{
	node->requests = (uint8_t)(node->requests < REQUESTS ? node->requests + 1 : REQUESTS);
}

/* What the checks are told of a turn that is about to be committed. */
static void witness_turn(
	struct node *node, const struct fsm_facts *facts, const struct fsm_turn *turn)
{
	const struct fsm_intent *intent = &turn->record.intent;

	if (turn->event == FSM_EVENT_FAILED && facts->order != FSM_ORDER_RETRY)
		witness_failure(node, node->db.phase == FSM_PHASE_ASKED);
	if (fsm_effect_op(turn->effect) == FSM_OP_NONE)
		return;
	promise(node->db.phase != FSM_PHASE_ASKED || node->db.aged || facts->shown,
		"an unanswered request is not repeated within 45 s");
	keep_failure(&turn->before, &node->before);
	node->db.order.kind = (uint8_t)turn->record.order.kind;
	witness_intent(node, (struct request){ .op = (uint8_t)intent->op,
				     .target = code_of(&intent->target),
				     .ordered = (uint8_t)asker_of(&node->db) });
	/* After the baseline: what has ended by now is none of this intent's. */
	memset(node->changes, 0, sizeof node->changes);
	node->touches = 0;
	node->db.op = FSM_OP_NONE;
}

/*
 * Reads the lists and the bags, takes the turn and commits: one transaction. BY is what makes a
 * difference. False when it cannot go so.
 */
static bool decide(struct node *node, enum move_kind by)
{
	enum marking marking = by == MOVE_KILL_MARKED ? KILLED
			       : by == MOVE_UNMARKED  ? UNMARKED
						      : MARKED;
	bool may_ask = by != MOVE_NO_TIME;
	struct fsm_limits limits = {
		.may_ask = may_ask && node->requests < REQUESTS,
		.may_step = may_ask,
		.boot = "",
		.unit = "",
	};
	static struct fsm_turn turn;
	struct fsm_record record;
	struct fsm_leave leave;
	struct fsm_facts facts;
	bool writes;

	record_of(&node->db, &record);
	tell_record(node->told, &record);
	record.port = node->taken ? FSM_PORT_TAKEN : FSM_PORT_OPEN;
	facts = observe(node, &record);
	if (facts.shown)
		yield_to_other(node, facts.shown);
	look_at_turn(node, by == MOVE_UNREAD, &record, &facts, &leave);
	if ((by == MOVE_UNREAD && !(node->bags & BAGS_TRIED)) ||
		(by == MOVE_UNSAID && !leave.writes))
		return false;
	fsm_turn(&record, &facts, &limits, &turn);
	witness_ticket(node, &turn.record);
	node->event = (uint8_t)turn.event;
	node->effect = (uint8_t)turn.effect;
	believe(node, &turn.record, &facts);
	witness_order(node, &facts, &turn);
	writes = mark(node, &turn, marking);
	writes |= enter(node, &turn);
	if (!writes && marking != MARKED)
		return false;
	if (marking == KILLED) {
		die(node);
		return true;
	}
	witness_turn(node, &facts, &turn);
	if (turn.record.told_status == FSM_STATUS_NONE)
		node->told = 0;
	commit(node, &turn.record);
	if (by != MOVE_UNSAID)
		say(node, &leave);
	node->pc = TELL;
	if (node->hook == FSM_HOOK_REMOVE || node->hook == FSM_HOOK_START)
		node->leaving = node->hook == FSM_HOOK_REMOVE;
	if (node->hook != FSM_HOOK_OTHER && node->hook != FSM_HOOK_SIGNAL)
		node->stopping = node->hook == FSM_HOOK_REMOVE || node->hook == FSM_HOOK_STOP;
	if (turn.effect == FSM_DO_ABORT && in_flight(node))
		in_flight(node)->meant = 1;
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

static struct request request_of(const struct node *node)
{
	return (struct request){ node->db.op, node->db.to, (uint8_t)asker_of(&node->db) };
}

/* The answer never comes: snapd may be at it. */
static void request_in_the_air(struct node *node)
{
	node->air = request_of(node);
}

/* Takes what came of the request into the record. */
static void write_answer(struct node *node, struct fsm_answer answer)
{
	static struct fsm_turn turn;
	struct fsm_record record;
	enum fsm_write write;

	answer.detail = answer.unit = "";
	answer.now = model_now();
	answer.busy = in_flight(node) || silent(node);
	answer.may_ask = node->requests < REQUESTS;
	record_of(&node->db, &record);
	turn.news = (struct fsm_order_news){ 0 };
	failure_of(&node->before, &turn.before);
	write = fsm_answer(&record, &turn, &answer);
	if (write == FSM_WRITE_DROP)
		witness_drop(node);
	else if (write == FSM_WRITE_FAIL)
		witness_failure(node, false);
	witness_answer(node, &record, &turn);
	commit(node, &record);
	look_again(node, false);
}

static void request_answered(struct node *node)
{
	if (silent(node)) {
		write_answer(node, (struct fsm_answer){ .sight = FSM_SIGHT_UNSENT });
		return;
	}
	node->verdict = (uint8_t)snapd_takes(node, request_of(node));
	node->pc = ANSWER;
}

static bool asks(const struct node *node)
{
	return node->pc == ACT && fsm_effect_op(node->effect) != FSM_OP_NONE;
}

/* Whether the Snap Store has another revision than the one that was refused, as the idle hook asks. */
static bool finds_another(struct node *node)
{
	static struct fsm_record record;
	uint8_t found = found_in_store(node, node->db.target);
	bool another;

	record_of(&node->db, &record);
	if (!(IN_TRIED & 1u << node->feature) || node->event != FSM_EVENT_REFUSED ||
		node->given != FSM_ORDER_NONE || node->hook != FSM_HOOK_OTHER || node->looks ||
		node->requests || !fsm_update_due(&record, model_now(), ""))
		return false;
	another = fsm_update_note(&record, found ? revision_name(found) : NULL, model_now());
	commit(node, &record);
	if (another)
		witness_pause(node);
	return another;
}

static void act(struct node *node)
{
	if (asks(node)) {
		check_request(node, request_of(node));
		count_request(node);
		request_answered(node);
	} else if (node->effect == FSM_DO_ABORT) {
		count_request(node);
		if (!silent(node))
			snapd_aborts(node);
		look_again(node, false);
	} else if (node->effect == FSM_DO_DIGEST || finds_another(node)) {
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
				   .newest = node->verdict == NEWEST,
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
	if (node->given == FSM_ORDER_NONE)
		node->again = well ? FSM_HOOK_OTHER : node->hook;
	if (well)
		flush(node);
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
			(void)decide(node, MOVE_STEP);
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
	bool aborts = node->pc == ACT && node->effect == FSM_DO_ABORT;

	if ((!asks(node) && !aborts) || silent(node))
		return false;
	if (aborts) {
		snapd_aborts(node);
	} else {
		check_request(node, request_of(node));
		request_in_the_air(node);
	}
	count_request(node);
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

/* A rollback, or an order, waits until the service has been quiet, or for a minute at most. */
static bool cool(struct node *node)
{
	if (!waits(node) || node->event != FSM_EVENT_COOLING)
		return false;
	node->db.probation.restless = node->restless = 0;
	node->db.probation.old |= node->db.order.kind == FSM_ORDER_ROLLBACK;
	look_again(node, true);
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
	case MOVE_UNREAD:
	case MOVE_UNSAID:
		return node->pc == LIST && !must_look_again(node) && decide(node, move.kind);
	case MOVE_BUDGET:
		if (!waits(node))
			return false;
		node->pc = END;
		return true;
	case MOVE_WAIT:
		return wait(node);
	case MOVE_QUIET:
		return cool(node);
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
