/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All nodes that so many disturbances can lead to, each once, in the order of how many it takes;
 * then, from each of them, the way that it goes when nothing disturbs any more.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/model.h"

#define NONE UINT32_MAX /* no node */

enum {
	CALM_MAX = 200, /* moves of a way without disturbances; it needs some thirty */
	NAMES_MAX = 64,
	HOOKS = 4, /* after which a rollback has nothing more to do */
};

/* How a node was found, and where it goes from there. */
struct found {
	uint32_t parent;
	struct move by;
	uint8_t calms, requests; /* it comes to its goal, with so many requests */
};

static struct node *nodes;
static struct found *found;
static uint32_t *slots; /* by hash; NONE is free */
static uint32_t node_count, node_room, slot_count;
static uint64_t edge_count;
static enum feature explored;
static uint32_t first_root; /* the root that is node 0 */

#define FEATURE(name, text, disturbances, changes) changes,
static const uint8_t calm_changes[] = { FEATURES(FEATURE) };
#undef FEATURE

static struct broken {
	const char *name;
	uint64_t times;
} broken[NAMES_MAX];
static unsigned broken_count;

static void *grown(void *list, size_t count, size_t size)
{
	void *ret = reallocarray(list, count, size);

	if (!ret) {
		(void)fprintf(stderr, "model: out of memory at %" PRIu32 " nodes\n", node_count);
		exit(1);
	}
	return ret;
}

static uint64_t hash(const struct node *node)
{
	const unsigned char *byte = (const unsigned char *)node;
	uint64_t ret = 14695981039346656037u;

	for (size_t i = 0; i < sizeof *node; i++)
		ret = (ret ^ byte[i]) * 1099511628211u;
	return ret ^ ret >> 29;
}

static uint32_t *slot_of(const struct node *node)
{
	uint32_t i = (uint32_t)(hash(node) & (slot_count - 1));

	while (slots[i] != NONE && memcmp(&nodes[slots[i]], node, sizeof *node) != 0)
		i = (i + 1) & (slot_count - 1);
	return &slots[i];
}

static void grow(void)
{
	if (node_count < node_room)
		return;
	node_room = node_room ? node_room * 2 : 1u << 16;
	nodes = grown(nodes, node_room, sizeof *nodes);
	found = grown(found, node_room, sizeof *found);
	slot_count = node_room * 2;
	slots = grown(slots, slot_count, sizeof *slots);
	memset(slots, 0xff, slot_count * sizeof *slots);
	for (uint32_t i = 0; i < node_count; i++)
		*slot_of(&nodes[i]) = i;
}

static uint32_t add(const struct node *node, uint32_t parent, struct move by)
{
	uint32_t *slot;

	grow();
	slot = slot_of(node);
	if (*slot != NONE)
		return *slot;
	nodes[node_count] = *node;
	found[node_count] = (struct found){ .parent = parent, .by = by };
	*slot = node_count;
	return node_count++;
}

static void show_way(uint32_t index)
{
	uint32_t way[1000];
	unsigned length = 0;

	for (; length < 1000 && index != NONE; index = found[index].parent)
		way[length++] = index;
	(void)printf("    --replay '%u", first_root + way[length - 1]);
	for (unsigned i = length - 1; i-- > 0;)
		(void)printf(" %u.%u", found[way[i]].by.kind, found[way[i]].by.arg);
	(void)printf("'\n");
	for (unsigned i = length; i-- > 0;) {
		if (found[way[i]].parent != NONE)
			show_move(found[way[i]].by);
		show_node(&nodes[way[i]]);
	}
}

/* Counts a broken promise; the first of its name is shown with the way to it. */
static void report(const char *name, uint32_t from, struct move last)
{
	unsigned i = 0;

	if (!name)
		return;
	while (i < broken_count && strcmp(broken[i].name, name) != 0)
		i++;
	if (i == broken_count && broken_count < NAMES_MAX) {
		broken[broken_count++].name = name;
		(void)printf("BROKEN: %s\n", name);
		show_way(from);
		show_move(last);
	}
	broken[i < NAMES_MAX ? i : NAMES_MAX - 1].times++;
}

/* A promise about a whole way from a node. */
static void hold(bool kept, const char *name, uint32_t from)
{
	promise(kept, name);
	report(broken_promise(), from, (struct move){ 0 });
}

/* Every move from a node that costs COST, each to its own node. */
static void expand(uint32_t index, int cost)
{
	struct move moves[MOVES_MAX];
	size_t count = all_moves(explored, moves);

	for (size_t i = 0; i < count; i++) {
		struct node next = nodes[index];

		if (move_cost(moves[i]) != cost || !move(&next, moves[i]))
			continue;
		report(broken_promise(), index, moves[i]);
		edge_count++;
		(void)add(&next, index, moves[i]);
	}
}

static void explore_all(unsigned disturbances, bool verbose)
{
	uint32_t from = 0, to;

	for (unsigned root = 0; root < ROOTS; root++) {
		struct node node;

		first_node(&node, root);
		if (node.feature == explored)
			(void)add(&node, NONE, (struct move){ 0 });
		else if (node_count == 0)
			first_root = root + 1;
	}
	for (unsigned level = 0;; level++) {
		for (to = from; to < node_count; to++)
			expand(to, 0);
		if (verbose)
			(void)printf("%s, %u disturbances: %" PRIu32 " nodes\n",
				feature_name(explored), level, node_count);
		(void)fflush(stdout);
		if (level == disturbances)
			return;
		for (; from < to; from++)
			expand(from, 1);
	}
}

bool calms_down(struct node *node, bool show)
{
	for (int i = 0; i < CALM_MAX; i++) {
		struct move next = calm_move(node);

		if (at_goal(node))
			return true;
		if (show)
			show_move(next);
		if (!move(node, next))
			return false;
		if (show)
			show_node(node);
	}
	return false;
}

/* The node that follows on the calm way; NONE at its end, and where there is no way on. */
static uint32_t calm_next(uint32_t index)
{
	struct node next = nodes[index];
	bool moves = !at_goal(&next) && move(&next, calm_move(&next));

	(void)broken_promise(); /* it was reported when this move was first made */
	return moves ? *slot_of(&next) : NONE;
}

/* Whether snapd takes a request of ours between the two. */
static bool starts_change(uint32_t from, uint32_t to)
{
	return nodes[from].pc == ACT && nodes[to].pc == ANSWER && nodes[to].verdict == ACCEPTED;
}

/* Goes the calm way from INDEX up to its end, or to a node whose way is known. */
static void calm_way(uint32_t index)
{
	uint32_t way[CALM_MAX + 1] = { index };
	unsigned length = 0;

	while (length < CALM_MAX && !found[way[length]].calms &&
		(index = calm_next(way[length])) != NONE)
		way[++length] = index;
	hold(length < CALM_MAX && (found[way[length]].calms || at_goal(&nodes[way[length]])),
		"everything comes to its end when nothing disturbs", way[0]);
	found[way[length]].calms = 1;
	while (length-- > 0) {
		struct found *here = &found[way[length]];

		here->calms = 1;
		here->requests = (uint8_t)(found[way[length + 1]].requests +
					   starts_change(way[length], way[length + 1]));
		hold(here->requests <= calm_changes[explored],
			"the end costs one change at most, with a hold or an order two",
			way[length]);
	}
}

/* A hook in which nothing disturbs. */
static bool run_hook(struct node *node)
{
	struct move start = { MOVE_HOOK, FSM_HOOK_OTHER };

	if (!move(node, start))
		return false;
	for (int i = 0; i < CALM_MAX && node->pc != IDLE; i++)
		(void)move(node, calm_move(node));
	return node->pc == IDLE;
}

/* The second of two hooks between which nothing happens finds nothing to do. */
static void quiet(uint32_t index)
{
	struct node once = nodes[index], twice;

	if (once.pc != IDLE || once.again != FSM_HOOK_OTHER || once.life == GONE ||
		once.reach != UP || once.store == TROUBLE || in_flight(&once) ||
		once.air.op != FSM_OP_NONE || !run_hook(&once))
		return;
	twice = once;
	(void)run_hook(&twice);
	/* What a rollback led to, the next hook asks the Snap Store about, a return it reads back. */
	for (int i = 0; i < HOOKS && (IN_TRIED | IN_FLEET) & 1u << once.feature; i++) {
		once = twice;
		(void)run_hook(&twice);
	}
	(void)broken_promise(); /* these moves were made before */
	hold(memcmp(&once, &twice, sizeof once) == 0, "a hook with nothing to do changes nothing",
		index);
}

static void forget_all(void)
{
	free(nodes);
	free(found);
	free(slots);
	nodes = NULL;
	found = NULL;
	slots = NULL;
	node_count = node_room = slot_count = first_root = 0;
	edge_count = 0;
	broken_count = 0;
	forget_promises();
}

int explore(enum feature feature, unsigned disturbances, bool verbose)
{
	bool ret;

	explored = feature;
	explore_all(disturbances, verbose);
	for (uint32_t i = 0; i < node_count; i++) {
		calm_way(i);
		quiet(i);
	}
	for (unsigned i = 0; i < broken_count; i++)
		(void)printf("%" PRIu64 " times broken: %s\n", broken[i].times, broken[i].name);
	(void)printf("%s, %u disturbances at most: %" PRIu32 " nodes, %" PRIu64 " edges\n",
		feature_name(feature), disturbances, node_count, edge_count);
	/* In the words of Check, for who counts tests. */
	(void)printf("%u%%: Checks: %u, Failures: %u, Errors: 0\n",
		100 - 100 * broken_count / promises_tested(), promises_tested(), broken_count);
	ret = broken_count > 0;
	forget_all();
	return ret;
}
