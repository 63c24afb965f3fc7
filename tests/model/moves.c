/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that can happen next: in the world, to the hook that runs, and what Juju, time and
 * people do between two hooks.
 */
#include <string.h>

#include "fsm/names.h"
#include "tests/model/model.h"

int move_cost(struct move move)
{
#define MOVE(name, cost, in, text) cost,
	static const int costs[] = { MOVES(MOVE) };
#undef MOVE

	return costs[move.kind];
}

/* clang-format off */
/* The values that the argument of a move takes in some features; a move without takes 0. */
static const struct {
	uint16_t in;
	uint8_t kind, count, args[11];
} arguments[] = {
	/* install is like start, upgrade-charm like config-changed, departed like stop (test_rules.c) */
	{ IN_FLEET, MOVE_HOOK, 6,
		{ FSM_HOOK_OTHER, FSM_HOOK_START, FSM_HOOK_CONFIG_CHANGED, FSM_HOOK_STOP, FSM_HOOK_REMOVE,
			FSM_HOOK_SIGNAL } },
	{ IN_ALL, MOVE_HOOK, 5,
		{ FSM_HOOK_OTHER, FSM_HOOK_START, FSM_HOOK_CONFIG_CHANGED, FSM_HOOK_STOP, FSM_HOOK_REMOVE } },
	{ IN_ALL, MOVE_STRAY, 4,
		{ FSM_HOOK_START, FSM_HOOK_CONFIG_CHANGED, FSM_HOOK_STOP, FSM_HOOK_REMOVE } },
	{ IN_ORDERED | IN_TURNS, MOVE_UNDONE, 2, { FAILED, EMPTY } },
	{ IN_FLEET, MOVE_LEAD, 2, { ROOM, NO_ROOM } },
	{ IN_FLEET, MOVE_WIDTH, 2, { 0, 1 } },
	{ IN_FLEET, MOVE_OLD_TURN, 2, { A, B } },
	{ IN_TURNS, MOVE_ORDER, 2, { FSM_ORDER_RETRY, FSM_ORDER_ABORT } },
	{ IN_TURNS, MOVE_FOREIGN, 2, { FSM_OP_REFRESH + TARGET * A, FSM_OP_REMOVE } },
	{ IN_HOLD, MOVE_LEAVE, 2, { AWAY, PURGED } },
	{ IN_BASE | IN_REGISTER, MOVE_STORE, 4, { STORE_FINE, REFUSES_A, REFUSES_B, TROUBLE } },
	{ IN_HOLD, MOVE_STORE, 3, { STORE_FINE, REFUSES_REVISIONS, TROUBLE } },
	{ IN_TRIED, MOVE_STORE, 2, { STORE_FINE, TROUBLE } },
	{ IN_ORDERS, MOVE_STORE, 3, { STORE_FINE, REFUSES_A, TROUBLE } },
	{ IN_ALL, MOVE_OPTION, 3, { NO_CHANNEL, A, B } },
	{ IN_RESOURCE, MOVE_ATTACH, 4, { NO_FILE, 1, 2, BAD_FILE } },
	{ IN_RESOURCE | IN_TURNS, MOVE_STORE, 2, { STORE_FINE, TROUBLE } },
	{ IN_RESOURCE, MOVE_FOREIGN, 4,
		{ FSM_OP_INSTALL + TARGET * A, FSM_OP_REFRESH + TARGET * A, FSM_OP_REMOVE, AUTO_REFRESH } },
	{ IN_HOLD, MOVE_PIN, 3, { 0, 1, 2 } },
	{ IN_HOLD, MOVE_NO_AUTO, 2, { 0, 1 } },
	{ IN_TRIED, MOVE_FAIL, 2, { 0, UNSERVED } },
	{ IN_TRIED, MOVE_STOP, 3, { DOWN, MUTE, UNSERVED } },
	{ IN_TRIED, MOVE_ROLLS, 2, { 0, 1 } },
	{ IN_ROLLBACK, MOVE_ORDER, 1, { FSM_ORDER_RETRY } },
	{ IN_ORDERED, MOVE_ORDER, 5,
		{ FSM_ORDER_REFRESH, FSM_ORDER_REVERT, FSM_ORDER_RESTART, FSM_ORDER_RETRY, FSM_ORDER_ABORT } },
	{ IN_REGISTER, MOVE_OTHER, 7, { ALONE, KIN, WANTS_A, WANTS_B, YIELDS, UNKNOWN, NO_REGISTER } },
	{ IN_BASE | IN_REGISTER, MOVE_FOREIGN, 6,
		{ FSM_OP_INSTALL + TARGET * A, FSM_OP_INSTALL + TARGET * B, FSM_OP_REFRESH + TARGET * A,
			FSM_OP_REFRESH + TARGET * B, FSM_OP_REMOVE, AUTO_REFRESH } },
	{ IN_HOLD, MOVE_FOREIGN, 6,
		{ FSM_OP_INSTALL + TARGET * A, FSM_OP_REFRESH + TARGET * (A + REVISION * 1),
			FSM_OP_REFRESH + TARGET * (A + REVISION * 2), FSM_OP_REMOVE, FSM_OP_REVERT,
			AUTO_REFRESH } },
	{ IN_ORDERS, MOVE_FOREIGN, 7,
		{ FSM_OP_INSTALL + TARGET * A, FSM_OP_REFRESH + TARGET * A, FSM_OP_REFRESH + TARGET * (A + REVISION * 1),
			FSM_OP_REMOVE, FSM_OP_REVERT, FSM_OP_RESTART, AUTO_REFRESH } },
	{ IN_TRIED, MOVE_FOREIGN, 5,
		{ FSM_OP_REFRESH + TARGET * A, FSM_OP_REFRESH + TARGET * B, FSM_OP_REMOVE, FSM_OP_REVERT, AUTO_REFRESH } },
	{ IN_HOLD, MOVE_HOLDS, 3, { NO_HOLD, LONG, SHORT } },
	{ IN_HOLD | IN_ORDERS, MOVE_PUBLISH, 2, { 1, 2 } },
	{ IN_TRIED, MOVE_PUBLISH, 3, { 1, 2, 3 } },
	{ IN_ALL, MOVE_SWITCH, 2, { A, B } },
};
/* clang-format on */

static bool is_in(enum move_kind kind, enum feature feature)
{
#define MOVE(name, cost, in, text) in,
	static const unsigned ins[] = { MOVES(MOVE) };
#undef MOVE

	return ins[kind] & 1u << feature;
}

static size_t add_moves(uint8_t kind, enum feature feature, struct move *ret)
{
	for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
		if (arguments[i].kind != kind || !(arguments[i].in & 1u << feature))
			continue;
		for (uint8_t j = 0; j < arguments[i].count; j++)
			ret[j] = (struct move){ kind, arguments[i].args[j] };
		return arguments[i].count;
	}
	ret[0] = (struct move){ kind, 0 };
	return 1;
}

size_t all_moves(enum feature feature, struct move ret[MOVES_MAX])
{
	size_t count = 0;

	for (uint8_t kind = 0; kind < MOVE_COUNT; kind++)
		if (is_in(kind, feature))
			count += add_moves(kind, feature, ret + count);
	return count;
}

static void forget_finished(struct node *node)
{
	bool unknown = node->db.phase == FSM_PHASE_ASKED && node->db.op != FSM_OP_REFRESH;

	for (int i = 0; i < CHANGES; i++) {
		if (node->changes[i].stage == NO_CHANGE)
			continue;
		/* Nobody can know any more what this one of ours did. */
		if (unknown && node->changes[i].ours && node->changes[i].stage == DONE)
			node->truly_ours = node->db.op == FSM_OP_REMOVE
						   ? !node->db.marked
						   : node->marker == FSM_MARKER_OURS;
		/* Nor that this one failed. */
		if (node->changes[i].ours && node->changes[i].stage == FAILED && node->stops)
			node->stops--;
		node->changes[i] = (struct change){ 0 };
	}
	if (node->db.op == FSM_OP_HOLD)
		node->hold_ours = 0;
	node->done = NOTHING_DONE;
	node->undone |= node->db.order.kind == FSM_ORDER_ROLLBACK;
	if (node->db.change)
		node->db.change = PRUNED;
}

/* A service that is left alone is started again by systemd, and a probation comes to its end. */
static void rest(struct node *node, enum move_kind kind)
{
	struct probation *probation = &node->db.probation;

	node->restless = probation->restless = 0;
	if (kind != MOVE_LATER || node->db.order.kind == FSM_ORDER_ROLLBACK)
		probation->old = probation->revision != 0;
	if (kind != MOVE_LATER)
		node->db.found = node->young = 0;
}

static bool time_passes(struct node *node, enum move_kind kind)
{
	struct failure *failure = &node->db.failure;
	struct drift *drift = &node->db.drift;
	struct node before = *node;

	if (node->air.op != FSM_OP_NONE || (kind == MOVE_DAY && in_flight(node)))
		return false;
	node->db.aged = node->db.phase == FSM_PHASE_ASKED;
	failure->recent = drift->recent = 0;
	rest(node, kind);
	if (kind != MOVE_LATER) {
		failure->due = failure->class != FSM_CLASS_NONE;
		drift->due = drift->times > 0;
		node->db.order.old = asker_of(&node->db) == PERSON;
		witness_pause(node);
	}
	if (kind == MOVE_DAY) {
		if (node->hold == SHORT) {
			node->hold = OVER;
			node->hold_ours = 0; /* even if it was taken for that */
		}
		drift->old = drift->times > 0;
		forget_finished(node);
	}
	return memcmp(&before, node, sizeof before) != 0;
}

static bool juju_runs(struct node *node, struct move move)
{
	bool signal = move.arg == FSM_HOOK_SIGNAL && node->signal && node->again == FSM_HOOK_OTHER;

	if (move.kind == MOVE_STRAY ? node->again != FSM_HOOK_OTHER
				    : node->again != move.arg && !signal)
		return false;
	if (move.arg == FSM_HOOK_SIGNAL && rests(node)) {
		signal |= node->again == FSM_HOOK_SIGNAL;
		node->signal = node->again = FSM_HOOK_OTHER;
		return signal;
	}
	hook_starts(node, move.arg, FSM_ORDER_NONE);
	return true;
}

/* Between two operations: with one on the way, nobody could know that it was ours. */
static bool forget_database(struct node *node)
{
	static const struct database empty;

	if (node->air.op != FSM_OP_NONE || in_flight(node) ||
		memcmp(&node->db, &empty, sizeof empty) == 0)
		return false;
	node->db = empty;
	node->truly_ours &= node->marker == FSM_MARKER_OURS; /* it knows what the database knew */
	node->leaving = node->stopping = node->hold_ours = 0;
	node->trial = node->young = 0;
	witness_word(node);
	witness_pause(node);
	return true;
}

static bool set_option(struct node *node, uint8_t *option, uint8_t value)
{
	if (*option == value)
		return false;
	*option = value;
	if (node->again == FSM_HOOK_OTHER)
		node->again = FSM_HOOK_CONFIG_CHANGED;
	node->rests = (struct request){ 0 };
	witness_word(node);
	if (option == &node->pin || option == &node->no_auto)
		node->asked_hold.times = 0;
	return true;
}

/*
 * Juju runs one hook on a machine at a time. A unit of another application comes, or wants something
 * else: it has its way if nobody who came before wants the snap elsewhere.
 */
static bool other_becomes(struct node *node, uint8_t other)
{
	bool wants = other == WANTS_A || other == WANTS_B;
	unsigned channel = other == WANTS_A ? A : B;
	bool first = node->said > 1 && !(node->said & 1);

	if (node->other == other || (wants && first && node->said / 2 != channel))
		return false;
	node->other = other;
	witness_reason_to_ask(node);
	return true;
}

static bool between_hooks(struct node *node, struct move move)
{
	if (node->pc != IDLE)
		return false;
	switch (move.kind) {
	case MOVE_LATER:
	case MOVE_DUE:
	case MOVE_DAY:
		return time_passes(node, move.kind);
	case MOVE_HOOK:
	case MOVE_STRAY:
		return juju_runs(node, move);
	case MOVE_SKIP:
		if (node->again == FSM_HOOK_OTHER)
			return false;
		/* Nobody signals it again: the guide says to give its turn up as well. */
		if (node->again == FSM_HOOK_SIGNAL)
			(void)lead(node, ROOM, true);
		node->again = FSM_HOOK_OTHER;
		return true;
	case MOVE_OPTION:
		return set_option(node, &node->option, move.arg);
	case MOVE_PIN:
		return set_option(node, &node->pin, move.arg);
	case MOVE_NO_AUTO:
		return set_option(node, &node->no_auto, move.arg);
	case MOVE_OTHER:
		return other_becomes(node, move.arg);
	case MOVE_FOUND:
		return node->other == NO_REGISTER && other_becomes(node, ALONE);
	case MOVE_ROLLS:
		return set_option(node, &node->rolls, move.arg);
	case MOVE_WIDTH:
		return set_option(node, &node->width, move.arg);
	case MOVE_LEAD:
	case MOVE_RESUME:
		return lead(node, move.arg, move.kind == MOVE_RESUME);
	case MOVE_OLD_TURN:
		return show_old_turn(node, move.arg);
	case MOVE_ORDER:
		hook_starts(node, FSM_HOOK_OTHER, move.arg);
		return true;
	case MOVE_FORGET:
		return forget_database(node);
	default:
		return false;
	}
}

/* What a hook has read and will not read again makes no difference. */
static void tidy_hook(struct node *node)
{
	bool acts = node->pc == TELL || node->pc == ACT;
	bool asks = acts && fsm_effect_op(node->effect) != FSM_OP_NONE;
	bool aborts = acts && node->effect == FSM_DO_ABORT;

	if (node->pc != LIST) {
		node->seen_snap = node->seen_track = node->seen_revision = 0;
		node->seen_hold = node->seen_hold_id = 0;
		node->seen_own = node->seen_id = 0;
	}
	for (int i = 0; i < CHANGES; i++)
		node->changes[i].meant &= aborts;
	if (!asks && node->pc != ANSWER) {
		node->before = (struct failure){ 0 };
		node->asked_before = (struct asked){ 0 };
	}
	if (!acts)
		node->effect = 0;
	if (node->pc != ANSWER)
		node->verdict = 0;
	if (node->pc == LOOK || node->pc == LIST)
		node->event = 0;
	if (node->pc == LOOK || node->pc == IDLE)
		node->moved = 0;
}

/* A hook that starts, tells Juju or ends reads nothing of the world. */
static bool blind(const struct node *node)
{
	return (node->pc == LOOK && node->first) || node->pc == TELL || node->pc == END;
}

/* Whether the move would do the same a step earlier or later. */
static bool nothing_new(const struct node *node, struct move move)
{
	return blind(node) && ((move.kind >= MOVE_FINISH && move.kind <= MOVE_STORE_BACK) ||
				      (move.kind >= MOVE_FAIL && move.kind <= MOVE_MEND));
}

bool move(struct node *node, struct move move)
{
	bool happened;

	if (node->life == GONE || nothing_new(node, move))
		return false;
	if (move.kind <= MOVE_STAND || (move.kind >= MOVE_KILL && move.kind <= MOVE_LOSE))
		happened = hook_moves(node, move);
	else if ((move.kind >= MOVE_LATER && move.kind <= MOVE_SKIP) ||
		 (move.kind >= MOVE_OPTION && move.kind <= MOVE_ORDER) || move.kind == MOVE_FORGET)
		happened = between_hooks(node, move);
	else
		happened = world_moves(node, move);
	if (!happened)
		return false;
	node->stands &= in_flight(node) != NULL;
	tidy(node);
	tidy_hook(node);
	check_node(node);
	return true;
}

static struct move change_move(const struct node *node)
{
	bool undoes = in_flight((struct node *)node)->stage == UNDOING;

	return undoes ? (struct move){ MOVE_UNDONE, FAILED } : (struct move){ MOVE_FINISH, 0 };
}

static struct move calm_move_in_hook(const struct node *node)
{
	bool follows = node->pc == ACT && node->effect == FSM_DO_FOLLOW;

	if (follows && node->event == FSM_EVENT_COOLING)
		return (struct move){ MOVE_QUIET, 0 };

	if (follows && in_flight((struct node *)node))
		return change_move(node);
	if (follows && node->air.op != FSM_OP_NONE)
		return (struct move){ MOVE_LAND, 0 };
	if (follows && node->db.phase == FSM_PHASE_ASKED && !node->db.aged)
		return (struct move){ MOVE_WAIT, 0 };
	return (struct move){ MOVE_STEP, 0 };
}

/* The one way on when nobody disturbs and everything works. */
struct move calm_move(const struct node *node)
{
	bool waits = (node->db.failure.class != FSM_CLASS_NONE && !node->db.failure.due) ||
		     (node->db.drift.times > 0 && !node->db.drift.due) ||
		     (asker_of(&node->db) == PERSON && node->db.op == FSM_OP_NONE &&
			     !node->db.order.old) ||
		     (in_fleet(node) && node->db.probation.revision && !node->db.probation.old);

	if (blind(node))
		return (struct move){ MOVE_STEP, 0 };
	if (node->reach != UP)
		return (struct move){ MOVE_BACK, 0 };
	if (node->store == TROUBLE)
		return (struct move){ MOVE_STORE_BACK, 0 };
	if (node->hidden)
		return (struct move){ MOVE_SHOW, 0 };
	if (node->pc != IDLE)
		return calm_move_in_hook(node);
	if (node->other == NO_REGISTER)
		return (struct move){ MOVE_FOUND, 0 };
	if (in_fleet(node) && node->again == FSM_HOOK_OTHER) {
		struct node next = *node;

		if (node->signal)
			return (struct move){ MOVE_HOOK, FSM_HOOK_SIGNAL };
		if (lead(&next, ROOM, false))
			return (struct move){ MOVE_LEAD, ROOM };
	}
	if (in_flight((struct node *)node))
		return change_move(node);
	if (node->air.op != FSM_OP_NONE)
		return (struct move){ MOVE_LAND, 0 };
	if (waits || (node->db.phase == FSM_PHASE_ASKED && !node->db.aged))
		return (struct move){ MOVE_DUE, 0 };
	return (struct move){ MOVE_HOOK, node->again };
}
