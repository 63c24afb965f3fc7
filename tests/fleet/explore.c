/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explores all nodes within so many disturbances, cheapest first, and prints the way to a broken promise.
 *	explore [--run NAME] [--more DISTURBANCES] [--nodes MOST]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fleet/fleet.h"
#include "tests/suite.h"

/* clang-format off */
static const struct run runs[] = {
	/* name       units late width pause  stale  disturbances */
	{ "two",       2,   0,   1,    false, true,  2 },
	{ "three",     3,   0,   1,    false, false, 1 },
	{ "wide",      3,   0,   2,    false, false, 0 },
	{ "pause",     3,   0,   2,    true,  false, 0 },
	{ "scale-up",  3,   1,   1,    false, false, 1 },
	{ "four",      4,   0,   1,    false, false, 0 },
	{ "four-wide", 4,   0,   2,    false, false, -1 }, /* in the long form alone */
};
/* clang-format on */

struct entry {
	struct node node;
	uint32_t from;
	struct move move;
	uint8_t cost;
};

static struct entry *entries;
static uint32_t *table, count, room, slots;

static uint32_t hash_of(const struct node *node)
{
	const unsigned char *at = (const unsigned char *)node;
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < sizeof *node; i++)
		hash = (hash ^ at[i]) * 1099511628211U;
	return (uint32_t)(hash ^ (hash >> 32));
}

static uint32_t *slot_of(const struct node *node)
{
	uint32_t slot = hash_of(node) & (slots - 1);

	while (table[slot] && memcmp(&entries[table[slot] - 1].node, node, sizeof *node) != 0)
		slot = (slot + 1) & (slots - 1);
	return &table[slot];
}

static void show_way(uint32_t at)
{
	if (entries[at].from != at) {
		show_way(entries[at].from);
		show_move(entries[at].move);
	}
	show_node(&entries[at].node);
}

/* The layers: nodes of one cost after the other. */
static uint32_t *layers[16], lengths[16], sizes[16];

static void enqueue(uint32_t entry, unsigned cost)
{
	if (lengths[cost] == sizes[cost]) {
		sizes[cost] = sizes[cost] ? 2 * sizes[cost] : 1024;
		layers[cost] = realloc(layers[cost], sizes[cost] * sizeof **layers);
		if (!layers[cost])
			abort();
	}
	layers[cost][lengths[cost]++] = entry;
}

static bool reach(const struct node *node, uint32_t from, struct move move, unsigned cost)
{
	uint32_t *slot = slot_of(node);

	if (*slot) {
		struct entry *entry = &entries[*slot - 1];

		if (entry->cost <= cost)
			return true;
		entry->cost = (uint8_t)cost;
		entry->from = from;
		entry->move = move;
		enqueue(*slot - 1, cost);
		return true;
	}
	if (count == room)
		return false;
	entries[count] = (struct entry){ *node, from, move, (uint8_t)cost };
	*slot = ++count;
	enqueue(count - 1, cost);
	return true;
}

enum way_on {
	ENDS,
	GOES_ON,
	BROKEN,
	NO_ROOM
};

/* All that can follow; whether anything does that costs nothing. */
static enum way_on expand(const struct run *run, uint32_t at, unsigned most, unsigned long *steps)
{
	enum way_on goes_on = ENDS;
	struct move move = { 0 };

	for (move.kind = 0; move.kind < MOVE_COUNT; move.kind++) {
		unsigned variants = move_variants((enum move_kind)move.kind);

		for (move.unit = 0; move.unit < (variants ? UNITS : 1); move.unit++) {
			for (move.outcome = 0; move.outcome < (variants ? variants : 1);
				move.outcome++) {
				struct node node = entries[at].node;
				unsigned cost = entries[at].cost + move_cost(move);
				const char *name;

				if (cost > most || !fleet_moves(run, &node, move))
					continue;
				++*steps;
				tidy(run, &node);
				check_node(run, &node);
				if ((name = broken_promise())) {
					printf("1 times broken: %s\n", name);
					show_way(at);
					show_move(move);
					show_node(&node);
					return BROKEN;
				}
				if (cost == entries[at].cost &&
					memcmp(&node, &entries[at].node, sizeof node) != 0)
					goes_on = GOES_ON;
				if (!reach(&node, at, move, cost))
					return NO_ROOM;
			}
		}
	}
	return goes_on;
}

static bool is_stranded(const struct run *run, uint32_t at, enum way_on way)
{
	if (way != ENDS || at_goal(run, &entries[at].node))
		return false;
	puts("1 times broken: a fleet that is left alone gets to where it is wanted");
	show_way(at);
	return true;
}

static int explore(const struct run *run, unsigned most)
{
	struct node root = first_node(run);
	unsigned long steps = 0, ends = 0;
	unsigned cost = 0;
	enum way_on way = GOES_ON;

	count = 0;
	memset(table, 0, slots * sizeof *table);
	memset(lengths, 0, sizeof lengths);
	tidy(run, &root);
	(void)reach(&root, 0, (struct move){ 0 }, 0);
	for (; cost <= most && way != NO_ROOM; cost++) {
		for (uint32_t i = 0; i < lengths[cost] && way != NO_ROOM; i++) {
			uint32_t at = layers[cost][i];

			if (entries[at].cost != cost)
				continue;
			way = expand(run, at, most, &steps);
			ends += way == ENDS;
			if (way == BROKEN || is_stranded(run, at, way))
				return -1;
		}
	}
	printf("%-10s %u units, width %u: %9u nodes, %10lu steps, %6lu ends: ", run->name,
		run->units, run->width, count, steps, ends);
	if (way != NO_ROOM)
		printf("all within %u disturbances\n", most);
	else if (cost > 1)
		printf("all within %u disturbances, and some of those with more\n", cost - 2);
	else
		puts("some of those without a disturbance");
	(void)fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	const char *only = NULL;
	int more = SANITIZED ? -1 : 0, failed = 0; /* with sanitizers for the memory alone */

	room = 3000000;
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--run") == 0)
			only = argv[i + 1];
		else if (strcmp(argv[i], "--more") == 0)
			more = atoi(argv[i + 1]);
		else if (strcmp(argv[i], "--nodes") == 0)
			room = (uint32_t)atoi(argv[i + 1]);
	}
	for (slots = 1024; slots < 2 * room;)
		slots *= 2;
	entries = calloc(room, sizeof *entries);
	table = calloc(slots, sizeof *table);
	if (!entries || !table)
		abort();
	for (unsigned i = 0; i < sizeof runs / sizeof *runs && !failed; i++)
		if ((!only || strcmp(only, runs[i].name) == 0) && runs[i].disturbances + more >= 0)
			failed = explore(&runs[i], (unsigned)(runs[i].disturbances + more));
	printf("%u promises\n", promises_tested());
	printf("%d%%: Checks: %u, Failures: %d, Errors: 0\n", failed ? 0 : 100, promises_tested(),
		failed ? 1 : 0);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
