/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How snapd, and the Snap Store behind it, take a request.
 */
#include "tests/model/model.h"

static void touch_hold(struct node *node)
{
	node->touches = (uint8_t)(node->touches < 2 ? node->touches + 1 : 2);
}

/* False when the model has no room for another change. */
bool snapd_starts(struct node *node, struct change change)
{
	for (int i = 0; i < CHANGES; i++) {
		if (node->changes[i].stage == NO_CHANGE) {
			node->changes[i] = change;
			if (change.kind == FSM_OP_HOLD || change.kind == FSM_OP_UNHOLD)
				touch_hold(node);
			return true;
		}
	}
	return false;
}

static unsigned channel_of(struct request request)
{
	return request.target % REVISION;
}

/* The revision that the request is about: the one it names, or whatever its channel has. */
static uint8_t revision_of(const struct node *node, struct request request)
{
	return request.target >= REVISION ? request.target / REVISION : node->newest;
}

enum verdict store_judges(const struct node *node, struct request request)
{
	if (node->store == TROUBLE)
		return STORE_AWAY;
	if (node->store == REFUSES_REVISIONS && request.target >= REVISION)
		return NO_REVISION;
	if ((node->store == REFUSES_A && channel_of(request) == A) ||
		(node->store == REFUSES_B && channel_of(request) == B))
		return MISSING;
	return ACCEPTED;
}

/* A request for what is there already. */
static enum verdict nothing_new(const struct node *node, struct request request)
{
	if (node->track != channel_of(request))
		return ACCEPTED;
	if (node->newest == 0)
		return NOT_NEEDED;
	return node->revision == revision_of(node, request) ? NEWEST : ACCEPTED;
}

/* The checks that snapd makes before it starts a change: the one for conflicts comes last. */
enum verdict snapd_judges(struct node *node, struct request request)
{
	bool refreshes = request.op == FSM_OP_REFRESH;
	enum verdict ret = ACCEPTED;

	if (node->reach == UNSEEDED)
		return CONFLICT;
	if (request.op == FSM_OP_SIDELOAD)
		return in_flight(node) ? CONFLICT : node->snap == DISABLED ? STORE_AWAY : ACCEPTED;
	if ((request.op == FSM_OP_INSTALL) == (node->snap != ABSENT))
		return NOT_NEEDED;
	if (refreshes && node->snap == LOCAL)
		return IS_LOCAL;
	if (fsm_op_row(request.op)->channel)
		ret = store_judges(node, request);
	if (ret == ACCEPTED && refreshes)
		/* A disabled one: a refusal without a kind of its own. */
		ret = node->snap == DISABLED ? STORE_AWAY : nothing_new(node, request);
	if (request.op == FSM_OP_REVERT &&
		(!node->previous || node->previous != revision_of(node, request)))
		return NO_WAY_BACK;
	return ret == ACCEPTED && in_flight(node) ? CONFLICT : ret;
}

/* The target of a change, with the revision that the Snap Store names for it. */
uint8_t snapd_resolves(const struct node *node, struct request request)
{
	if (!fsm_op_row(request.op)->channel)
		return request.target;
	return (uint8_t)(channel_of(request) + REVISION * revision_of(node, request));
}

enum verdict snapd_takes(struct node *node, struct request request)
{
	enum verdict verdict = snapd_judges(node, request);
	struct change change = {
		.kind = request.op,
		.target = snapd_resolves(node, request),
		.stage = DOING,
		.ours = 1,
		.ordered = request.ordered,
	};

	if (verdict == ACCEPTED && !snapd_starts(node, change))
		return CONFLICT;
	if (request.ordered == ROLLBACK_STEP) {
		node->undone |= verdict != ACCEPTED;
	} else if (request.ordered && verdict == ACCEPTED) {
		promise(node->done == NOTHING_DONE, "an order is carried out once at most");
		node->done = ORDER_RUNS;
	} else if (request.ordered && verdict != NEWEST) {
		node->done = ORDER_FAILED;
	}
	return verdict;
}

void snapd_aborts(struct node *node)
{
	struct change *change = in_flight(node);

	if (change && change->meant)
		change->stage = UNDOING;
}
