/* SPDX-License-Identifier: Apache-2.0 */
/*
 * snapd with one snap, at most one change of it in flight, the Snap Store behind it, and the
 * people who have the same rights on the machine as the charm.
 */
#include <string.h>

#include "fsm/names.h"
#include "tests/model/model.h"

struct change *in_flight(struct node *node)
{
	for (int i = 0; i < CHANGES; i++)
		if (node->changes[i].stage == DOING)
			return &node->changes[i];
	return NULL;
}

/* Whether a finished change can still be taken for that of the intent. */
static bool matters(const struct node *node, int i)
{
	const struct change *change = &node->changes[i];

	if (change->stage == DOING)
		return true;
	if (change->stage == NO_CHANGE)
		return false;
	if (node->db.phase == FSM_PHASE_ASKED)
		return change->kind == node->db.op;
	return node->db.phase == FSM_PHASE_KNOWN && node->db.change == i + 1;
}

void tidy(struct node *node)
{
	struct change kept[CHANGES] = { 0 };
	uint8_t known = node->db.change ? PRUNED : 0, seen = 0;
	int count = 0;

	for (int i = 0; i < CHANGES; i++) {
		if (!matters(node, i))
			continue;
		if (node->db.change == i + 1)
			known = (uint8_t)(count + 1);
		if (node->seen_id == i + 1)
			seen = (uint8_t)(count + 1);
		kept[count++] = node->changes[i];
	}
	memcpy(node->changes, kept, sizeof kept);
	node->db.change = known;
	node->seen_id = seen;
}

/* False when the model has no room for another change. */
static bool start(struct node *node, struct change change)
{
	for (int i = 0; i < CHANGES; i++) {
		if (node->changes[i].stage == NO_CHANGE) {
			node->changes[i] = change;
			return true;
		}
	}
	return false;
}

static bool store_has(const struct node *node, unsigned channel)
{
	return !(node->store == REFUSES_A && channel == A) &&
	       !(node->store == REFUSES_B && channel == B);
}

/* The checks that snapd makes before it starts a change: the one for conflicts comes last. */
static enum verdict judge(struct node *node, struct request request)
{
	bool refreshes = request.op == FSM_OP_REFRESH;

	if (node->reach == UNSEEDED)
		return CONFLICT;
	if ((request.op == FSM_OP_INSTALL) == (node->snap != ABSENT))
		return NOT_NEEDED;
	if (refreshes && node->snap == LOCAL)
		return IS_LOCAL;
	if (request.op != FSM_OP_REMOVE && node->store == TROUBLE)
		return STORE_AWAY;
	if (request.op != FSM_OP_REMOVE && !store_has(node, request.channel))
		return MISSING;
	if (refreshes && node->snap == DISABLED)
		return STORE_AWAY; /* a refusal without a kind of its own */
	if (refreshes && node->track == request.channel)
		return NOT_NEEDED;
	return in_flight(node) ? CONFLICT : ACCEPTED;
}

enum verdict snapd_takes(struct node *node, struct request request)
{
	enum verdict verdict = judge(node, request);
	struct change change = {
		.kind = request.op,
		.channel = request.channel,
		.stage = DOING,
		.ours = 1,
	};

	if (verdict == ACCEPTED && !start(node, change))
		return CONFLICT;
	return verdict;
}

/*
 * Whether the record takes a snap for ours that was put in the place of ours and that has no marker,
 * because it does not know of one there was.
 */
static bool unmarked(const struct database *db)
{
	return !db->marked && (db->ours || db->op == FSM_OP_INSTALL);
}

/* The change in flight has done its work. */
static void finish(struct node *node, struct change *change)
{
	change->stage = DONE;
	node->moved |= !change->ours;
	if (change->kind == FSM_OP_REMOVE) {
		node->snap = ABSENT;
		node->track = NO_CHANNEL;
		node->marker = FSM_MARKER_NONE;
		node->truly_ours &= !change->ours && unmarked(&node->db);
		return;
	}
	if (change->kind == FSM_OP_INSTALL)
		node->truly_ours |= change->ours;
	if (change->kind != AUTO_REFRESH)
		node->track = change->channel;
	node->snap = FINE;
}

/* What somebody else may ask of snapd: ARG is the kind of change and 8 times its channel. */
static bool foreign(struct node *node, uint8_t arg)
{
	struct change change = { .kind = arg % 8, .channel = arg / 8, .stage = DOING };
	struct request request = { change.kind, change.channel };

	if (node->reach != UP)
		return false;
	if (change.kind == AUTO_REFRESH)
		return node->snap == FINE && !in_flight(node) && start(node, change);
	return judge(node, request) == ACCEPTED && start(node, change);
}

static bool orphan(struct node *node)
{
	if (node->marker != FSM_MARKER_OTHERS)
		return false;
	node->marker = FSM_MARKER_ORPHAN;
	return true;
}

/* What a person does to the snap that takes no time worth telling. */
static bool tamper(struct node *node, struct move move)
{
	if (node->reach != UP || in_flight(node))
		return false;
	node->moved = 1;
	switch (move.kind) {
	case MOVE_SWITCH:
		if (node->snap == ABSENT || node->snap == LOCAL || node->track == move.arg)
			return false;
		node->track = move.arg;
		return true;
	case MOVE_DISABLE:
		if (node->snap != FINE && node->snap != DOWN)
			return false;
		node->snap = DISABLED;
		return true;
	case MOVE_SIDELOAD:
		if (node->snap == LOCAL)
			return false;
		node->snap = LOCAL;
		node->track = node->track ? node->track : A;
		return true;
	case MOVE_STOP:
		if (node->snap != FINE)
			return false;
		node->snap = DOWN;
		return true;
	default: /* mend: enable, start, refresh --amend */
		if (node->snap == ABSENT || node->snap == FINE)
			return false;
		node->snap = FINE;
		node->truly_ours |= node->marker == FSM_MARKER_OURS;
		return true;
	}
}

static bool change_ends(struct node *node, enum move_kind kind)
{
	struct change *change = in_flight(node);

	if (!change)
		return false;
	if (kind == MOVE_FINISH)
		finish(node, change);
	else
		change->stage = kind == MOVE_FAIL ? FAILED : EMPTY;
	return true;
}

static bool air_ends(struct node *node, bool lands)
{
	if (node->air.op == FSM_OP_NONE || (lands && node->reach == AWAY))
		return false;
	if (lands)
		(void)snapd_takes(node, node->air);
	node->air = (struct request){ 0 };
	return true;
}

static bool reach_moves(struct node *node, enum move_kind kind)
{
	if ((kind == MOVE_BACK) == (node->reach == UP))
		return false;
	node->reach = kind == MOVE_BACK ? UP : AWAY;
	return true;
}

static bool store_moves(struct node *node, struct move move)
{
	if (move.kind == MOVE_STORE_BACK ? node->store != TROUBLE : node->store == move.arg)
		return false;
	node->store = move.kind == MOVE_STORE_BACK ? STORE_FINE : move.arg;
	return true;
}

bool world_moves(struct node *node, struct move move)
{
	switch (move.kind) {
	case MOVE_FINISH:
	case MOVE_FAIL:
	case MOVE_ABORT:
		return change_ends(node, move.kind);
	case MOVE_LAND:
	case MOVE_VANISH:
		return air_ends(node, move.kind == MOVE_LAND);
	case MOVE_BACK:
	case MOVE_LEAVE:
		return reach_moves(node, move.kind);
	case MOVE_STORE:
	case MOVE_STORE_BACK:
		return store_moves(node, move);
	case MOVE_FOREIGN:
		return foreign(node, move.arg);
	case MOVE_ORPHAN:
		return orphan(node);
	default:
		return tamper(node, move);
	}
}
