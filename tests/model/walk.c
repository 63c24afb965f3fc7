/* SPDX-License-Identifier: Apache-2.0 */
/* One long way at random, far beyond what can be explored whole; and ways told by their moves. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/model.h"

enum {
	LIFE = 400,   /* moves of one unit's life */
	TROUBLED = 8, /* one move out of so many is a disturbance */
	SHOWN = 3,    /* broken promises, then it is enough */
};

/* xorshift64*: the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717u >> 32;
}

/* A move that can happen, taken at once. */
static struct move any_move(struct node *node, uint64_t *random)
{
	struct move moves[MOVES_MAX];
	size_t count = all_moves(node->feature, moves);
	int cost = next_random(random) % TROUBLED == 0;

	for (int tries = 0;; tries++) {
		struct move chosen = moves[next_random(random) % count];
		struct node next = *node;

		if (tries > 1000)
			chosen = calm_move(node);
		if ((tries <= 1000 && move_cost(chosen) != cost) || !move(&next, chosen))
			continue;
		*node = next;
		return chosen;
	}
}

static void tell_way(unsigned root, const struct move *way, unsigned length)
{
	(void)printf("    --replay '%u", root);
	for (unsigned i = 0; i < length; i++)
		(void)printf(" %u.%u", way[i].kind, way[i].arg);
	(void)printf("'\n");
}

/* One life; the name of the promise that it broke, or NULL. */
static const char *live(uint64_t *random, uint64_t *steps)
{
	unsigned root = (unsigned)(next_random(random) % ROOTS), length = 0;
	struct move way[LIFE];
	const char *name = NULL;
	struct node node;

	first_node(&node, root);
	while (!name && length < LIFE && node.life != GONE) {
		struct node calm;

		way[length++] = any_move(&node, random);
		name = broken_promise();
		calm = node;
		promise(calms_down(&calm, false),
			"everything comes to its end when nothing disturbs");
		name = name ? name : broken_promise();
	}
	*steps += length;
	if (name) {
		(void)printf("BROKEN: %s\n", name);
		tell_way(root, way, length);
	}
	return name;
}

int walk(uint64_t seed, uint64_t steps)
{
	uint64_t random = seed * 2 + 1, lives = 0, walked = 0, broken = 0;

	for (; walked < steps && broken < SHOWN; lives++)
		broken += live(&random, &walked) != NULL;
	(void)printf("seed %" PRIu64 ": %" PRIu64 " moves in %" PRIu64 " lives, %" PRIu64
		     " of them broke a promise\n",
		seed, walked, lives, broken);
	return broken > 0;
}

int replay(const char *trace)
{
	char *at;
	unsigned root = (unsigned)strtoul(trace, &at, 10);
	struct node node;
	bool kept = true;

	if (at == trace || root >= ROOTS)
		return 2;
	first_node(&node, root);
	show_node(&node);
	while (*at) {
		unsigned kind = (unsigned)strtoul(at, &at, 10);
		struct move next = { (uint8_t)kind, 0 };
		const char *name;

		if (*at++ != '.' || kind >= MOVE_COUNT)
			return 2;
		next.arg = (uint8_t)strtoul(at, &at, 10);
		show_move(next);
		if (!move(&node, next)) {
			(void)printf("    that cannot happen here\n");
			return 2;
		}
		show_node(&node);
		name = broken_promise();
		if (name)
			(void)printf("BROKEN: %s\n", name);
		kept &= !name;
	}
	(void)printf("-- and when nothing disturbs any more:\n");
	kept &= calms_down(&node, true);
	(void)printf("-- %s\n", kept ? "the end" : "no end");
	return !kept;
}
