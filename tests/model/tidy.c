/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes that differ only in what can matter no more are made one.
 */
#include <string.h>

#include "tests/model/model.h"

/* Whether a finished change can still be taken for that of the intent. */
static bool matters(const struct node *node, int i)
{
	const struct change *change = &node->changes[i];

	if (change->stage == DOING || change->stage == UNDOING)
		return true;
	if (change->stage == NO_CHANGE)
		return false;
	if (node->db.phase == FSM_PHASE_ASKED)
		return change->kind == node->db.op;
	return node->db.phase == FSM_PHASE_KNOWN && node->db.change == i + 1;
}

/* Of what a hold is called no more counts than which are the same: snapd's, the look's, the record's. */
static void tidy_holds(struct node *node)
{
	uint8_t *const ids[] = { &node->hold_id, &node->seen_hold_id, &node->db.hold.until };
	uint8_t old[3], next = 1;

	for (int i = 0; i < 3; i++) {
		int j = 0;

		old[i] = *ids[i];
		while (old[j] != old[i])
			j++;
		*ids[i] = old[i] == 0 ? 0 : j < i ? *ids[j] : next++;
	}
}

static void tidy_changes(struct node *node)
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

void tidy(struct node *node)
{
	bool ordered = asker_of(&node->db) == PERSON || node->air.ordered == PERSON;

	tidy_changes(node);
	tidy_holds(node);
	tidy_numbers(node);
	for (int i = 0; i < CHANGES; i++)
		ordered |= node->changes[i].ordered == PERSON;
	if (!ordered)
		node->done = NOTHING_DONE;
	if (node->db.op != FSM_OP_HOLD)
		node->touches = 0;
}
