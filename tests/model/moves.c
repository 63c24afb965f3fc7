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
#define MOVE(name, cost, text) cost,
	static const int costs[] = { MOVES(MOVE) };
#undef MOVE

	return costs[move.kind];
}

/* The values that the argument of a move takes, as many as COUNT; a move without takes 0. */
static const struct {
	uint8_t kind, count, args[8];
} arguments[] = {
	/* install is like start, upgrade-charm like config-changed, departed like stop (test_rules.c) */
	{ MOVE_HOOK, 5,
		{ FSM_HOOK_OTHER, FSM_HOOK_START, FSM_HOOK_CONFIG_CHANGED, FSM_HOOK_STOP,
			FSM_HOOK_REMOVE } },
	{ MOVE_STRAY, 4,
		{ FSM_HOOK_START, FSM_HOOK_CONFIG_CHANGED, FSM_HOOK_STOP, FSM_HOOK_REMOVE } },
	{ MOVE_STORE, 4, { STORE_FINE, REFUSES_A, REFUSES_B, TROUBLE } },
	{ MOVE_OPTION, 3, { NO_CHANNEL, A, B } },
	{ MOVE_FOREIGN, 6,
		{ FSM_OP_INSTALL + 8 * A, FSM_OP_INSTALL + 8 * B, FSM_OP_REFRESH + 8 * A,
			FSM_OP_REFRESH + 8 * B, FSM_OP_REMOVE, AUTO_REFRESH } },
	{ MOVE_SWITCH, 2, { A, B } },
};

static size_t add_moves(uint8_t kind, struct move *ret)
{
	for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
		if (arguments[i].kind != kind)
			continue;
		for (uint8_t j = 0; j < arguments[i].count; j++)
			ret[j] = (struct move){ kind, arguments[i].args[j] };
		return arguments[i].count;
	}
	ret[0] = (struct move){ kind, 0 };
	return 1;
}

size_t all_moves(struct move ret[MOVES_MAX])
{
	size_t count = 0;

	for (uint8_t kind = 0; kind < MOVE_COUNT; kind++)
		count += add_moves(kind, ret + count);
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
		node->changes[i] = (struct change){ 0 };
	}
	if (node->db.change)
		node->db.change = PRUNED;
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
	if (kind != MOVE_LATER) {
		failure->due = failure->class != FSM_CLASS_NONE;
		drift->due = drift->times > 0;
		witness_pause(node);
	}
	if (kind == MOVE_DAY) {
		drift->old = drift->times > 0;
		forget_finished(node);
	}
	return memcmp(&before, node, sizeof before) != 0;
}

static bool juju_runs(struct node *node, struct move move)
{
	if (move.kind == MOVE_STRAY ? node->again != FSM_HOOK_OTHER : node->again != move.arg)
		return false;
	hook_starts(node, move.arg);
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
	node->leaving = node->stopping = 0;
	witness_pause(node);
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
		node->again = FSM_HOOK_OTHER;
		return true;
	case MOVE_OPTION:
		if (node->option == move.arg)
			return false;
		node->option = move.arg;
		if (node->again == FSM_HOOK_OTHER)
			node->again = FSM_HOOK_CONFIG_CHANGED;
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
	bool asks = acts && node->effect >= FSM_DO_INSTALL && node->effect <= FSM_DO_REMOVE;

	if (node->pc != LIST)
		node->seen_snap = node->seen_track = 0;
	if (node->pc != LIST)
		node->seen_own = node->seen_id = 0;
	if (!asks && node->pc != ANSWER) {
		node->before = (struct failure){ 0 };
		node->asked_before = (struct request){ 0 };
		node->times_before = 0;
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
	else if ((move.kind >= MOVE_LATER && move.kind <= MOVE_SKIP) || move.kind == MOVE_OPTION ||
		 move.kind == MOVE_FORGET)
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

static struct move calm_move_in_hook(const struct node *node)
{
	bool follows = node->pc == ACT && node->effect == FSM_DO_FOLLOW;

	if (follows && in_flight((struct node *)node))
		return (struct move){ MOVE_FINISH, 0 };
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
		     (node->db.drift.times > 0 && !node->db.drift.due);

	if (blind(node))
		return (struct move){ MOVE_STEP, 0 };
	if (node->reach != UP)
		return (struct move){ MOVE_BACK, 0 };
	if (node->store == TROUBLE)
		return (struct move){ MOVE_STORE_BACK, 0 };
	if (node->pc != IDLE)
		return calm_move_in_hook(node);
	if (in_flight((struct node *)node))
		return (struct move){ MOVE_FINISH, 0 };
	if (node->air.op != FSM_OP_NONE)
		return (struct move){ MOVE_LAND, 0 };
	if (waits || (node->db.phase == FSM_PHASE_ASKED && !node->db.aged))
		return (struct move){ MOVE_DUE, 0 };
	return (struct move){ MOVE_HOOK, node->again };
}

/*
 * Where it begins: a bare machine; one with a person's snap; one with the snap of another unit, which
 * has the port; a bare one without a port; a snap that has been moved again and again; the snap of a
 * unit that has gone.
 */
void first_node(struct node *ret, unsigned root)
{
	struct node node = { .option = A, .reach = UP };

	node.again = FSM_HOOK_START;
	node.taken = root == 2 || root == 3;
	node.marker = FSM_MARKER_NONE;
	if (root == 0) {
		node.reach = UNSEEDED;
	} else if (root == 1 || root == 2) {
		node.snap = FINE;
		node.track = B;
		node.marker = root == 1 ? FSM_MARKER_NONE : FSM_MARKER_OTHERS;
	} else if (root == 5) {
		node.snap = FINE;
		node.track = B;
		node.marker = FSM_MARKER_ORPHAN;
	} else if (root == 4) {
		node.snap = FINE;
		node.track = A;
		node.truly_ours = 1;
		node.db.state = FSM_STATE_ACTIVE;
		node.db.channel = node.db.tracking = A;
		node.db.ours = node.db.marked = 1;
		node.marker = FSM_MARKER_OURS;
		node.db.drift = (struct drift){ .channel = A, .times = 5, .due = 1 };
		node.shown = node.db.told = told_of(&node.db);
		node.again = FSM_HOOK_OTHER;
	}
	*ret = node;
}
