/* SPDX-License-Identifier: Apache-2.0 */
/* The promises of a fleet. */
#include "tests/fleet/fleet.h"

#include <string.h>

enum {
	NAMES = 32
};

static const char *names[NAMES], *broken;
static unsigned tested;

void promise(bool kept, const char *name)
{
	unsigned i = 0;

	while (i < tested && names[i] != name)
		i++;
	if (i == tested && tested < NAMES)
		names[tested++] = name;
	if (!kept && !broken)
		broken = name;
}

const char *broken_promise(void)
{
	const char *ret = broken;

	broken = NULL;
	return ret;
}

unsigned promises_tested(void)
{
	return tested;
}

/* A turn that the unit begins to hold. */
void check_take(const struct node *node, unsigned unit, unsigned number)
{
	promise(number > node->units[unit].number, "no turn is taken that was returned");
	for (unsigned i = 0; i < UNITS; i++)
		promise(i == unit || node->units[i].life != HERE || node->units[i].taken != number,
			"no number is taken by two units");
}

/* A unit begins to move. */
void check_start(const struct node *node, unsigned unit)
{
	const struct seat *seat = &node->bag.seats[unit];

	promise(seat->there && fsm_seat_row((enum fsm_seat_state)seat->state)->out &&
			seat->number == node->units[unit].taken,
		"a unit moves in a turn that is out");
}

void check_node(const struct run *run, const struct node *node)
{
	unsigned away = 0;

	for (unsigned i = 0; i < UNITS; i++) {
		const struct unit *unit = &node->units[i];
		unsigned state = node->bag.seats[i].state;

		away += unit->life == HERE && unit->served && !unit->passed &&
			(unit->snap == AWAY || unit->snap == DOWN || unit->snap == HURT);
		promise(unit->life != HERE || unit->passed || state != FSM_SEAT_SKIPPED,
			"a turn is given up by a person alone");
		promise(unit->life != HERE || unit->passed ||
				(state != FSM_SEAT_PASSED && state != FSM_SEAT_AGAIN),
			"a unit is passed over by a person alone");
		for (unsigned j = 0; j < i; j++)
			promise(node->bag.seats[i].number == 0 ||
					node->bag.seats[i].number != node->bag.seats[j].number,
				"no number is given twice");
	}
	promise(away <= run->width, "no more are away than the width");
}

/* Nothing more happens by itself: is that as it should be? */
bool at_goal(const struct run *run, const struct node *node)
{
	const struct bag *bag = &node->bag;
	bool stands = false;

	for (unsigned i = 0; i < UNITS; i++) {
		const struct seat *seat = &bag->seats[i];

		stands = stands || (seat->there && seat->state == FSM_SEAT_STUCK);
		stands = stands ||
			 (seat->there && run->pause && !bag->resumed &&
				 seat->state == FSM_SEAT_DONE && seat->number > bag->start);
	}
	for (unsigned i = 0; i < UNITS; i++) {
		const struct unit *unit = &node->units[i];

		if (unit->life != HERE)
			continue;
		if (unit->open || unit->asked || unit->taken > unit->returned)
			return false;
		if (!stands && unit->snap != DOWN && unit->at != node->option)
			return false;
	}
	return bag->goal == node->option && (stands || bag->over);
}
