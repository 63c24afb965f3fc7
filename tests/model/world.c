/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of one snap and of the change of it that is in flight, by snapd itself and by the
 * people who have the same rights on the machine as the charm.
 */
#include "tests/model/model.h"

enum {
	FRESH_ID = 9, /* of a hold that is new; tidy() gives it another one */
};

struct change *in_flight(struct node *node)
{
	for (int i = 0; i < CHANGES; i++)
		if (node->changes[i].stage == DOING || node->changes[i].stage == UNDOING)
			return &node->changes[i];
	return NULL;
}

bool silent(const struct node *node)
{
	return node->reach == AWAY || node->reach == PURGED;
}

enum asker asker_of(const struct database *db)
{
	return db->order.kind == FSM_ORDER_ROLLBACK ? ROLLBACK_STEP
	       : db->order.kind != FSM_ORDER_NONE   ? PERSON
						    : ITSELF;
}

/*
 * Whether the record takes a snap for ours that was put in the place of ours and that has no marker,
 * because it does not know of one there was.
 */
static bool unmarked(const struct database *db)
{
	return !db->marked && (db->ours || db->op == FSM_OP_INSTALL || db->op == FSM_OP_SIDELOAD);
}

static void set_hold(struct node *node, enum hold hold, bool ours)
{
	node->hold = (uint8_t)hold;
	node->hold_id = hold ? FRESH_ID : 0;
	node->hold_ours = hold && ours;
}

static void set_revision(struct node *node, uint8_t revision, bool reverts)
{
	if (node->revision == revision)
		return;
	node->previous = reverts ? 0 : node->revision;
	node->revision = revision;
	node->put_back = 0;
}

static void remove_snap(struct node *node, const struct change *change)
{
	node->snap = ABSENT;
	node->track = NO_CHANNEL;
	node->marker = FSM_MARKER_NONE;
	node->truly_ours &= !change->ours && unmarked(&node->db);
	set_hold(node, NO_HOLD, false);
	set_revision(node, 0, true);
}

static bool runs(const struct node *node)
{
	return node->snap == FINE || node->snap == DOWN || node->snap == MUTE;
}

/* What a revision is once its service has been started. */
static enum snap nature_of(const struct node *node)
{
	static const enum snap natures[] = { FINE, DOWN, MUTE, FINE };

	return node->revision == 0 ? FINE : natures[node->natures >> 2 * (node->revision - 1) & 3];
}

/* Somebody else's deed: what became of our refresh is his as well. */
static void touch_trial(struct node *node)
{
	node->young = node->stops = 0;
	if (node->db.order.kind == FSM_ORDER_ROLLBACK)
		node->undone = 1;
	else if (node->rolled)
		node->rolled = TOUCHED;
}

/* The services are started, unless they are disabled. */
static void serve(struct node *node, const struct change *change)
{
	if (node->snap == UNSERVED && change->kind != FSM_OP_START &&
		change->kind != FSM_OP_INSTALL)
		return;
	node->snap = (uint8_t)nature_of(node);
	node->restless |= node->snap == DOWN && change->ours && change->kind == FSM_OP_REFRESH;
}

/* The change in flight has done its work. */
static void finish(struct node *node, struct change *change)
{
	uint8_t revision = change->target / REVISION;

	change->stage = DONE;
	node->moved |= !change->ours;
	if (!change->ours && change->kind != AUTO_REFRESH)
		touch_trial(node);
	if (change->ordered == PERSON)
		node->done = ORDER_DONE;
	switch (change->kind) {
	case FSM_OP_REMOVE:
		remove_snap(node, change);
		return;
	case FSM_OP_HOLD:
		set_hold(node, LONG, change->ours);
		return;
	case FSM_OP_UNHOLD:
		set_hold(node, NO_HOLD, false);
		return;
	case FSM_OP_SWITCH:
		node->track = change->target % REVISION;
		return;
	case FSM_OP_REVERT:
		set_revision(node, revision, true);
		node->put_back = change->ordered == PERSON ? BY_ORDER : BY_SOMEBODY;
		break;
	case FSM_OP_INSTALL:
	case FSM_OP_REFRESH:
		if (change->kind == FSM_OP_INSTALL) /* another snap is to be held anew */
			node->asked_hold.times = 0;
		node->truly_ours |= change->kind == FSM_OP_INSTALL && change->ours;
		node->track = change->target % REVISION;
		set_revision(node, revision ? revision : 1, false);
		break;
	case FSM_OP_SIDELOAD:
		change->fresh = node->snap == ABSENT;
		if (node->snap == ABSENT)
			node->asked_hold.times = 0;
		node->truly_ours |= node->snap == ABSENT && change->ours;
		set_revision(node, revision, false);
		break;
	case AUTO_REFRESH:
		set_revision(node, revision ? revision : 1, false);
		break;
	default: /* restarted */
		break;
	}
	serve(node, change);
	if (change->kind == FSM_OP_REFRESH && change->ours)
		witness_refresh(node);
}

/* snapd refreshes by itself what is older than its channel, not held, and was not reverted. */
static bool refreshes_itself(const struct node *node)
{
	bool holds = node->hold == LONG || node->hold == SHORT;
	bool newer = node->newest != node->revision && !holds && !node->put_back;

	return node->snap == FINE && (node->newest == 0 || newer);
}

/* What somebody else may ask of snapd: ARG is the kind of change and TARGET times its target. */
static bool foreign(struct node *node, uint8_t arg)
{
	struct request request = { .op = arg % TARGET, .target = arg / TARGET };
	struct change change = { .kind = request.op, .target = request.target, .stage = DOING };

	if (node->reach != UP)
		return false;
	if (change.kind == AUTO_REFRESH) {
		change.target = REVISION * node->newest;
		return refreshes_itself(node) && !in_flight(node) && snapd_starts(node, change);
	}
	if (change.kind == FSM_OP_REVERT)
		request.target = change.target = (uint8_t)(REVISION * node->previous);
	if (snapd_judges(node, request) != ACCEPTED)
		return false;
	change.target = snapd_resolves(node, request);
	return snapd_starts(node, change);
}

/* A person's word about the hold; snapd makes a change for it, which is done at once. */
static bool holds(struct node *node, uint8_t hold)
{
	struct change change = {
		.kind = hold ? FSM_OP_HOLD : FSM_OP_UNHOLD,
		.stage = DONE,
	};

	if (node->reach != UP || node->snap == ABSENT || (!hold && !node->hold) ||
		!snapd_starts(node, change))
		return false;
	node->moved = 1;
	node->asked_hold.times = 0;
	set_hold(node, hold, false);
	return true;
}

uint8_t found_in_store(const struct node *node, uint8_t target)
{
	return store_judges(node, (struct request){ .target = target }) == ACCEPTED ? node->newest
										    : 0;
}

static bool publish(struct node *node, uint8_t revision)
{
	if (node->newest == revision)
		return false;
	node->newest = revision;
	if (node->rolled & (rolled_bit(A, revision) | rolled_bit(B, revision)))
		node->rolled = TOUCHED;
	node->stops = 0;
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
		if (!runs(node))
			return false;
		node->snap = DISABLED;
		return true;
	case MOVE_SIDELOAD:
		if (node->snap == LOCAL)
			return false;
		node->snap = LOCAL;
		node->revision = 1;
		node->track = node->track ? node->track : A;
		return true;
	case MOVE_STOP:
		if (node->snap != FINE)
			return false;
		node->snap = move.arg ? move.arg : DOWN;
		return true;
	default: /* mend: enable, start, refresh --amend */
		if (node->snap == ABSENT || node->snap == FINE)
			return false;
		node->snap = FINE;
		node->restless = 0;
		node->truly_ours |= node->marker == FSM_MARKER_OURS;
		return true;
	}
}

/* What became of one that did not do its work: of its undoing the service may be left disabled. */
static void change_failed(struct node *node, const struct change *change, struct move move)
{
	bool failed = move.kind == MOVE_FAIL;
	bool refresh = change->kind == FSM_OP_REFRESH && change->ours && change->ordered == ITSELF;

	if (!(IN_TRIED & 1u << node->feature))
		return;
	node->moved |= !change->ours;
	node->undone |= change->ordered == ROLLBACK_STEP ||
			(!change->ours && node->db.order.kind == FSM_ORDER_ROLLBACK);
	if (failed && move.arg == UNSERVED && runs(node))
		node->snap = UNSERVED;
	if (!failed || !refresh)
		return;
	if (node->failing != change->target)
		node->stops = 0;
	node->failing = change->target;
	node->stops++;
}

static bool can_fail_so(const struct change *change, struct move move)
{
	return move.kind != MOVE_FAIL || move.arg != UNSERVED || change->kind == FSM_OP_REFRESH ||
	       change->kind == FSM_OP_REVERT;
}

static bool change_ends(struct node *node, struct move move)
{
	struct change *change = in_flight(node);

	if (!change || (change->stage == UNDOING) != (move.kind == MOVE_UNDONE) ||
		!can_fail_so(change, move))
		return false;
	if (move.kind == MOVE_FINISH) {
		finish(node, change);
		return true;
	}
	change->stage = move.kind == MOVE_FAIL    ? FAILED
			: move.kind == MOVE_ABORT ? EMPTY
						  : move.arg;
	change_failed(node, change, move);
	if (change->ordered == PERSON)
		node->done = ORDER_FAILED;
	else if (move.kind == MOVE_UNDONE && change->ours)
		node->rests = (struct request){ .op = change->kind, .target = node->db.to };
	return true;
}

/* A service that goes bad is the revision's fault, all else a person's deed. */
static void tampered(struct node *node, enum move_kind kind)
{
	if (kind != MOVE_STOP || node->snap == UNSERVED)
		touch_trial(node);
}

static bool air_ends(struct node *node, bool lands)
{
	if (node->air.op == FSM_OP_NONE || (lands && silent(node)))
		return false;
	if (lands)
		(void)snapd_takes(node, node->air);
	node->air = (struct request){ 0 };
	return true;
}

/* An operator attaches another file: Juju runs upgrade-charm, which is like config-changed. */
static bool attach(struct node *node, uint8_t file)
{
	if (node->file == file || node->pc != IDLE)
		return false;
	node->file = file;
	node->stale = 1;
	if (node->again == FSM_HOOK_OTHER)
		node->again = FSM_HOOK_CONFIG_CHANGED;
	node->rests = (struct request){ 0 };
	witness_word(node);
	witness_pause(node);
	node->asked_hold.times = 0;
	return true;
}

static bool hide(struct node *node, bool hidden)
{
	if (node->hidden == hidden)
		return false;
	node->hidden = hidden;
	return true;
}

static bool reach_moves(struct node *node, struct move move)
{
	if ((move.kind == MOVE_BACK) == (node->reach == UP))
		return false;
	node->reach = move.kind == MOVE_BACK ? UP : move.arg ? move.arg : AWAY;
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
	case MOVE_UNDONE:
		return change_ends(node, move);
	case MOVE_LAND:
	case MOVE_VANISH:
		return air_ends(node, move.kind == MOVE_LAND);
	case MOVE_BACK:
	case MOVE_LEAVE:
		return reach_moves(node, move);
	case MOVE_ATTACH:
		return attach(node, move.arg);
	case MOVE_HIDE:
	case MOVE_SHOW:
		return hide(node, move.kind == MOVE_HIDE);
	case MOVE_STORE:
	case MOVE_STORE_BACK:
		return store_moves(node, move);
	case MOVE_FOREIGN:
		return foreign(node, move.arg);
	case MOVE_HOLDS:
		return holds(node, move.arg);
	case MOVE_PUBLISH:
		return publish(node, move.arg);
	default:
		if (!tamper(node, move))
			return false;
		if (IN_TRIED & 1u << node->feature)
			tampered(node, move.kind);
		return true;
	}
}
