/* SPDX-License-Identifier: Apache-2.0 */
/* Where it begins. */
#include "tests/model/model.h"

/* clang-format off */
enum whose {
	NOBODYS,
	OURS,    /* this unit installed the snap, and is settled */
	OTHERS,  /* a person installed it, and the unit is settled all the same */
	FOUND,   /* it was there before the unit */
	ANOTHER, /* it is that of another unit, of which nobody knows */
	LEFT     /* another unit of the charm installed it and has gone */
};

static const struct {
	uint8_t feature, whose, track, revision, previous, newest, hold, hold_ours, no_auto, pin, file;
} roots[] = {
	/* a bare machine; one with a person's snap; one with the snap of another unit, which has the port; a
	   bare one without a port; a snap that has been moved again and again; the snap that another unit has left */
	{ FEATURE_BASE,   NOBODYS,  0, 0, 0, 0, 0,       0, 0, 0, 0 },
	{ FEATURE_BASE,   FOUND,    B, 1, 0, 0, 0,       0, 0, 0, 0 },
	{ FEATURE_BASE,   ANOTHER,  B, 1, 0, 0, 0,       0, 0, 0, 0 },
	{ FEATURE_BASE,   NOBODYS,  0, 0, 0, 0, 0,       0, 0, 0, 0 },
	{ FEATURE_BASE,   OURS,     A, 1, 0, 0, 0,       0, 0, 0, 0 },
	{ FEATURE_BASE,   LEFT,     B, 1, 0, 0, 0,       0, 0, 0, 0 },
	/* a bare machine, to be held; to be pinned below the newest revision; held by us, something newer is
	   there; the same with a snap that stays; a person's short hold; a person's snap, to be pinned */
	{ FEATURE_HOLD,   NOBODYS,  0, 0, 0, 1, 0,       0, 1, 0, 0 },
	{ FEATURE_HOLD,   NOBODYS,  0, 0, 0, 2, 0,       0, 0, 1, 0 },
	{ FEATURE_HOLD,   OURS,     A, 1, 0, 2, LONG,    1, 1, 0, 0 },
	{ FEATURE_HOLD,   OTHERS,   A, 1, 0, 2, LONG,    1, 1, 0, 0 },
	{ FEATURE_HOLD,   OURS,     A, 1, 0, 2, SHORT,   0, 0, 0, 0 },
	{ FEATURE_HOLD,   FOUND,    B, 2, 0, 2, LONG,    0, 0, 1, 0 },
	/* settled, and there is something to revert to; settled, and there is something newer; a bare machine */
	{ FEATURE_ORDERS, OURS,     A, 2, 1, 2, 0,       0, 0, 0, 0 },
	{ FEATURE_ORDERS, OURS,     A, 1, 0, 2, 0,       0, 0, 0, 0 },
	{ FEATURE_ORDERS, NOBODYS,  0, 0, 0, 1, 0,       0, 0, 0, 0 },
	/* a bare machine; the same with another application; settled, beside a unit of the same application, and
	   beside one that is blocked; the snap that another application uses */
	{ FEATURE_REGISTER, NOBODYS, 0, 0, 0, 0, 0,      0, 0, 0, 0 },
	{ FEATURE_REGISTER, NOBODYS, 0, 0, 0, 0, 0,      0, 0, 0, 0 },
	{ FEATURE_REGISTER, OURS,    A, 1, 0, 0, 0,      0, 0, 0, 0 },
	{ FEATURE_REGISTER, OURS,    A, 1, 0, 0, 0,      0, 0, 0, 0 },
	{ FEATURE_REGISTER, LEFT,    B, 1, 0, 0, 0,      0, 0, 0, 0 },
	/* a bare machine with a file; settled on one; settled in the Snap Store; a person's snap, and a file that has
	   another revision of it, or the same */
	{ FEATURE_RESOURCE, NOBODYS, 0, 0, 0, 1, 0,      0, 0, 0, 1 },
	{ FEATURE_RESOURCE, OURS,   0, 1, 0, 2, LONG,    1, 0, 0, 1 },
	{ FEATURE_RESOURCE, OURS,   A, 1, 0, 1, 0,       0, 0, 0, NO_FILE },
	{ FEATURE_RESOURCE, FOUND,  B, 1, 0, 1, 0,       0, 0, 0, 2 },
	{ FEATURE_RESOURCE, FOUND,  B, 1, 0, 1, LONG,    0, 0, 0, 1 },
	/* a bare machine; settled, and another channel is wanted now; settled by a rollout; another channel is
	   wanted, and there is no relation */
	{ FEATURE_TURNS,  NOBODYS,  0, 0, 0, 0, 0,       0, 0, 0, 0 },
	{ FEATURE_TURNS,  OURS,     A, 1, 0, 0, 0,       0, 0, 0, 0 },
	{ FEATURE_TURNS,  OURS,     A, 1, 0, 0, 0,       0, 0, 0, 0 },
	{ FEATURE_TURNS,  OURS,     A, 1, 0, 0, 0,       0, 0, 0, 0 },
};
static const uint8_t beside[ROOTS] = { [16] = WANTS_B, [17] = KIN, [18] = YIELDS, [19] = WANTS_B };

enum { /* what three revisions are when they begin to run */
	WELL = 0,
	DIES = 1,
	SILENT = 2,
};
#define NATURES(one, two, three) ((one) | (two) << 2 | (three) << 4)

/* Settled on channel a, and perhaps another one is wanted now. */
static const struct {
	uint8_t feature, option, revision, previous, newest, natures, no_rolls, stops;
} trials[] = {
	/* what comes dies at once; is silent; runs; what was does not run any more either; the other channel has the
	   same revision; two refreshes have failed; nothing is to be rolled back */
	{ FEATURE_ROLLBACK, B, 1, 0, 2, NATURES(WELL, DIES, DIES),     0, 0 },
	{ FEATURE_ROLLBACK, B, 1, 0, 2, NATURES(WELL, SILENT, WELL),   0, 0 },
	{ FEATURE_ROLLBACK, B, 1, 0, 2, NATURES(WELL, WELL, DIES),     0, 0 },
	{ FEATURE_ROLLBACK, B, 1, 0, 2, NATURES(DIES, DIES, WELL),     0, 0 },
	{ FEATURE_ROLLBACK, B, 1, 0, 1, NATURES(SILENT, WELL, WELL),   0, 0 },
	{ FEATURE_ROLLBACK, B, 1, 0, 2, NATURES(WELL, WELL, WELL),     0, 2 },
	{ FEATURE_ROLLBACK, B, 1, 0, 2, NATURES(WELL, DIES, WELL),     1, 0 },
	/* settled, something newer is there that dies, and something to revert to; another channel is wanted; what is
	   newer is silent */
	{ FEATURE_BOTH,     A, 2, 1, 3, NATURES(WELL, WELL, DIES),     0, 0 },
	{ FEATURE_BOTH,     B, 1, 0, 2, NATURES(WELL, DIES, WELL),     0, 0 },
	{ FEATURE_BOTH,     B, 2, 1, 3, NATURES(DIES, WELL, SILENT),   0, 0 },
	/* the first three again, in a fleet */
	{ FEATURE_RETURNS,  B, 1, 0, 2, NATURES(WELL, DIES, DIES),     0, 0 },
	{ FEATURE_RETURNS,  B, 1, 0, 2, NATURES(WELL, SILENT, WELL),   0, 0 },
	{ FEATURE_RETURNS,  B, 1, 0, 2, NATURES(WELL, WELL, DIES),     0, 0 },
};
/* clang-format on */

enum {
	OLD_ROOTS = sizeof roots / sizeof *roots,
};
_Static_assert(OLD_ROOTS + sizeof trials / sizeof *trials == ROOTS, "a root is forgotten");

enum { /* in the base */
	UNSEEDED_ROOT = 0,
	ANOTHER_ROOT = 2,
	PORTLESS_ROOT = 3,
	MOVED_ROOT = 4,
};

enum { /* in a fleet */
	OLD_TARGET_ROOT = 26,
	TURNED_ROOT = 27,
	UNRELATED_ROOT = 28,
};

/* All is as the options ask for, and Juju knows it. */
static void settle(struct node *node, bool ours)
{
	if (node->feature == FEATURE_RESOURCE)
		node->db.unfiled = (uint8_t)(UNREAD - node->file);
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

/* Before its first rollout, or after it. */
static void join_fleet(struct node *node, unsigned root)
{
	node->width = in_fleet(node);
	node->unrelated = root == UNRELATED_ROOT;
	if (root == OLD_TARGET_ROOT || root == UNRELATED_ROOT) {
		node->option = B;
		node->again = FSM_HOOK_CONFIG_CHANGED;
	}
	if (root != TURNED_ROOT)
		return;
	node->turns = (struct turns){
		.number = 1, .goal = A, .over = 1, .turn = 1, .to = A, .state = FSM_SEAT_DONE
	};
	node->note = (struct note){ .number = 1, .word = FSM_SAYS_DONE };
	node->db.ticket =
		(struct ticket){ .taken = 1, .returned = 1, .word = FSM_SAYS_DONE, .wide = 1 };
}

static void first_trial(struct node *ret, unsigned root)
{
	struct node node = {
		.feature = trials[root].feature,
		.option = A,
		.snap = FINE,
		.track = A,
		.revision = trials[root].revision,
		.previous = trials[root].previous,
		.newest = trials[root].newest,
		.natures = trials[root].natures,
		.rolls = !trials[root].no_rolls,
		.width = trials[root].feature == FEATURE_RETURNS,
	};

	settle(&node, true);
	node.shown = node.db.told = told_of(&node.db);
	node.option = trials[root].option;
	if (node.option != A)
		node.again = FSM_HOOK_CONFIG_CHANGED;
	if (trials[root].stops) {
		node.failing = (uint8_t)(node.option + REVISION * node.newest);
		node.stops = trials[root].stops;
		node.db.refused = (struct refused){
			.target = node.option, .times = trials[root].stops, .bad = node.newest
		};
	}
	*ret = node;
}

void first_node(struct node *ret, unsigned root)
{
	static const uint8_t markers[] = {
		[NOBODYS] = FSM_MARKER_NONE,
		[FOUND] = FSM_MARKER_NONE,
		[ANOTHER] = FSM_MARKER_NONE,
		[LEFT] = FSM_MARKER_OURS,
	};
	uint8_t whose;
	struct node node;

	if (root >= OLD_ROOTS) {
		first_trial(ret, root - OLD_ROOTS);
		return;
	}
	whose = roots[root].whose;
	node = (struct node){
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
		.truly_ours = whose == LEFT,
		.other = beside[root],
		.file = roots[root].file,
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
	join_fleet(&node, root);
	*ret = node;
}
