/* SPDX-License-Identifier: Apache-2.0 */
/* Where it begins. */
#include "tests/model/model.h"

/* clang-format off */
enum whose {
	NOBODYS,
	OURS,    /* this unit installed the snap, and is settled */
	OTHERS,  /* a person installed it, and the unit is settled all the same */
	FOUND,   /* it was there before the unit */
	ANOTHER, /* it is that of another unit */
	ORPHANED /* it is that of a unit that has gone */
};

static const struct {
	uint8_t feature, whose, track, revision, previous, newest, hold, hold_ours, no_auto, pin;
} roots[ROOTS] = {
	/* a bare machine; one with a person's snap; one with the snap of another unit, which has the port; a
	   bare one without a port; a snap that has been moved again and again; the snap of a unit that has gone */
	{ FEATURE_BASE,   NOBODYS,  0, 0, 0, 0, 0,       0, 0, 0 },
	{ FEATURE_BASE,   FOUND,    B, 1, 0, 0, 0,       0, 0, 0 },
	{ FEATURE_BASE,   ANOTHER,  B, 1, 0, 0, 0,       0, 0, 0 },
	{ FEATURE_BASE,   NOBODYS,  0, 0, 0, 0, 0,       0, 0, 0 },
	{ FEATURE_BASE,   OURS,     A, 1, 0, 0, 0,       0, 0, 0 },
	{ FEATURE_BASE,   ORPHANED, B, 1, 0, 0, 0,       0, 0, 0 },
	/* a bare machine, to be held; to be pinned below the newest revision; held by us, something newer is
	   there; the same with a snap that stays; a person's short hold; a person's snap, to be pinned */
	{ FEATURE_HOLD,   NOBODYS,  0, 0, 0, 1, 0,       0, 1, 0 },
	{ FEATURE_HOLD,   NOBODYS,  0, 0, 0, 2, 0,       0, 0, 1 },
	{ FEATURE_HOLD,   OURS,     A, 1, 0, 2, LONG,    1, 1, 0 },
	{ FEATURE_HOLD,   OTHERS,   A, 1, 0, 2, LONG,    1, 1, 0 },
	{ FEATURE_HOLD,   OURS,     A, 1, 0, 2, SHORT,   0, 0, 0 },
	{ FEATURE_HOLD,   FOUND,    B, 2, 0, 2, LONG,    0, 0, 1 },
	/* settled, and there is something to revert to; settled, and there is something newer; a bare machine */
	{ FEATURE_ORDERS, OURS,     A, 2, 1, 2, 0,       0, 0, 0 },
	{ FEATURE_ORDERS, OURS,     A, 1, 0, 2, 0,       0, 0, 0 },
	{ FEATURE_ORDERS, NOBODYS,  0, 0, 0, 1, 0,       0, 0, 0 },
};
/* clang-format on */

enum { /* in the base */
	UNSEEDED_ROOT = 0,
	ANOTHER_ROOT = 2,
	PORTLESS_ROOT = 3,
	MOVED_ROOT = 4,
};

/* All is as the options ask for, and Juju knows it. */
static void settle(struct node *node, bool ours)
{
	node->truly_ours = ours;
	node->marker = ours ? FSM_MARKER_OURS : FSM_MARKER_NONE;
	node->db.state = FSM_STATE_ACTIVE;
	node->db.target = wanted_target(node);
	node->db.tracking = node->track;
	node->db.revision = node->revision;
	node->db.ours = node->db.marked = ours;
	node->db.hold = (struct held){ node->hold_id, node->hold != NO_HOLD, node->hold_ours };
	node->db.drift = (struct drift){ .target = node->db.target, .times = 1, .due = 1 };
	node->again = FSM_HOOK_OTHER;
}

void first_node(struct node *ret, unsigned root)
{
	static const uint8_t markers[] = {
		[NOBODYS] = FSM_MARKER_NONE,
		[FOUND] = FSM_MARKER_NONE,
		[ANOTHER] = FSM_MARKER_OTHERS,
		[ORPHANED] = FSM_MARKER_ORPHAN,
	};
	uint8_t whose = roots[root].whose;
	struct node node = {
		.feature = roots[root].feature,
		.option = A,
		.no_auto = roots[root].no_auto,
		.pin = roots[root].pin,
		.reach = root == UNSEEDED_ROOT ? UNSEEDED : UP,
		.taken = root == ANOTHER_ROOT || root == PORTLESS_ROOT,
		.snap = roots[root].revision ? FINE : ABSENT,
		.track = roots[root].track,
		.revision = roots[root].revision,
		.previous = roots[root].previous,
		.newest = roots[root].newest,
		.hold = roots[root].hold,
		.hold_id = roots[root].hold != NO_HOLD,
		.hold_ours = roots[root].hold_ours,
		.again = FSM_HOOK_START,
	};

	if (whose == OURS || whose == OTHERS)
		settle(&node, whose == OURS);
	else
		node.marker = markers[whose];
	if (root == MOVED_ROOT)
		node.db.drift.times = 5;
	if (node.again == FSM_HOOK_OTHER)
		node.shown = node.db.told = told_of(&node.db);
	*ret = node;
}
