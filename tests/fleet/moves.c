/* SPDX-License-Identifier: Apache-2.0 */
/* What can happen to the fleet, and what a hook does. */
#include "tests/fleet/fleet.h"

#include <string.h>

#define MOVE(name, cost, each, text) cost,
static const uint8_t costs[] = { MOVES(MOVE) };
#undef MOVE
#define MOVE(name, cost, each, text) each,
static const uint8_t variants[] = { MOVES(MOVE) };
#undef MOVE

unsigned move_cost(struct move move)
{
	return costs[move.kind] + (move.outcome == WELL ? 0U : 1U);
}

unsigned move_variants(enum move_kind kind)
{
	return variants[kind];
}

struct node first_node(const struct run *run)
{
	struct node node = { .leader = 0, .option = B };

	node.bag = node.before = (struct bag){ .goal = A, .over = true };
	for (unsigned i = 0; i < run->units; i++) {
		bool late = i >= run->units - run->late;

		node.units[i] = (struct unit){
			.life = late ? TO_COME : HERE, .at = A, .config = true, .wide = true
		};
	}
	for (unsigned i = run->units; i < UNITS; i++)
		node.units[i].life = FORGOTTEN;
	return node;
}

static enum fsm_stand_kind stand_of(const struct unit *unit, unsigned wish)
{
	switch ((enum snap)unit->snap) {
	case AWAY:
		return FSM_STAND_AWAY;
	case DOWN:
		/* What does not serve needs no turn. */
		return unit->at == wish ? FSM_STAND_STUCK : FSM_STAND_AWAY;
	case BACK:
		return unit->dest == wish ? FSM_STAND_STUCK
		       : unit->at == wish ? FSM_STAND_PLACED
					  : FSM_STAND_MOVES;
	case HURT:
		return unit->dest == wish ? FSM_STAND_LATER : FSM_STAND_AWAY;
	case TROUBLE:
		return unit->dest == wish ? FSM_STAND_LATER
		       : unit->at == wish ? FSM_STAND_PLACED
					  : FSM_STAND_MOVES;
	case SERVES:
		break;
	}
	return unit->at == wish ? FSM_STAND_PLACED : FSM_STAND_MOVES;
}

/* A unit's part of a hook: the step, its commit, and the request if it may be. What is to be written. */
static struct fsm_leave unit_part(struct node *node, unsigned number, enum move_kind hook,
	enum outcome outcome, const struct bag *bag)
{
	struct unit *unit = &node->units[number];
	struct fsm_ticket ticket = ticket_of(unit), before = ticket;
	struct fsm_seat seats[UNITS];
	struct fsm_fleet fleet;
	struct fsm_note note = note_of(unit);
	struct fsm_leave leave;
	unsigned wish = unit->open ? unit->wish : node->option;
	struct fsm_stand stand = { .unit = number,
		.width = 1,
		.idle = hook == MOVE_CLOCK,
		.signal = hook == MOVE_SIGNAL || hook == MOVE_STALE,
		.wish = goal_name(wish),
		.kind = stand_of(unit, wish),
		.serves = unit->snap != DOWN && unit->snap != AWAY && unit->snap != HURT,
		.why = "x" };
	bool starts = (unit->snap == DOWN && unit->at != wish) ||
		      (unit->snap == HURT && unit->dest != wish);

	if (fsm_ticket_reads(&ticket, &stand)) {
		fleet_of(bag, &fleet, seats);
		stand.fleet = &fleet;
		stand.note = &note;
	}
	fsm_ticket_step(&ticket, &stand, &leave);
	keep_ticket(&ticket, unit);
	if (ticket.taken > before.taken && fsm_ticket_held(&ticket))
		check_take(node, number, (unsigned)ticket.taken);
	if (stand.kind == FSM_STAND_MOVES && leave.may)
		starts = true;
	if (!starts || unit->open || outcome == EARLY)
		return leave;
	unit->hurt = unit->snap == DOWN || unit->snap == HURT;
	if (!unit->hurt)
		check_start(node, number);
	unit->served = unit->served || stand.serves;
	unit->snap = AWAY;
	unit->dest = (uint8_t)wish;
	unit->open = outcome == WELL;
	unit->wish = (uint8_t)wish;
	return leave;
}

/* The leader writes BAG: who was passed over by a person is known from here on. */
static void write_bag(struct node *node, const struct fsm_fleet *fleet)
{
	struct bag before = node->bag;

	keep_fleet(fleet, &node->bag);
	if (memcmp(&before, &node->bag, sizeof before) == 0)
		return;
	node->before = before;
	for (unsigned i = 0; i < UNITS; i++)
		if (node->units[i].life == HERE) {
			node->units[i].signal = true;
			node->units[i].saw = false;
		}
}

/* The leader's part of a hook that hears of the bag of ABOUT; NOBODY: of none, UNITS + 1: of all. */
static void lead(const struct run *run, struct node *node, unsigned about, bool resume,
	unsigned skip, unsigned wish)
{
	struct fsm_seat seats[UNITS];
	struct fsm_member members[UNITS];
	struct fsm_note notes[UNITS];
	struct fsm_fleet fleet;
	struct fsm_rollout rollout;
	struct fsm_lead all = { .unit = node->leader,
		.members = members,
		.wish = goal_name(wish),
		.width = run->width,
		.pause = run->pause,
		.resume = resume,
		.skip = skip == NOBODY ? FSM_NO_UNIT : (int64_t)skip };
	bool renewed;

	for (unsigned i = 0; i < UNITS; i++) {
		struct unit *unit = &node->units[i];
		bool read = about == i || about > UNITS || i == node->leader;

		if (unit->life == TO_COME || unit->life == FORGOTTEN)
			continue;
		notes[i] = note_of(unit);
		members[all.count++] = (struct fsm_member){ .unit = i,
			.joined = true,
			.note = read && unit->life == HERE ? &notes[i] : NULL };
		if (read)
			unit->told = false;
	}
	fleet_of(&node->bag, &fleet, seats);
	renewed = strcmp(fleet.goal, all.wish) != 0;
	/* A person who goes on, or wants another target, knows who is stuck, and whom he skips. */
	for (unsigned i = 0; i < fleet.count; i++) {
		struct unit *unit = &node->units[seats[i].unit];
		bool stuck = seats[i].state == FSM_SEAT_STUCK || seats[i].state == FSM_SEAT_RETRY;

		if ((stuck && (resume || renewed)) || (resume && seats[i].unit == (int64_t)skip))
			unit->passed = true;
	}
	fsm_fleet_lead(&fleet, &all, &rollout);
	write_bag(node, &fleet);
}

static void flush_note(struct node *node, unsigned number, const struct fsm_leave *leave)
{
	if (!leave->writes)
		return;
	keep_note(&leave->note, &node->units[number]);
	node->units[number].told = number != node->leader;
}

/* A hook of unit NUMBER that hears of the bag of ABOUT. Juju forgets an event only when it ends well. */
static bool run_hook(const struct run *run, struct node *node, struct move move, unsigned about)
{
	unsigned number = move.kind == MOVE_ABOUT ? node->leader : move.unit;
	struct unit *unit = &node->units[number];
	bool ends = move.kind == MOVE_END;
	const struct bag *bag = move.kind == MOVE_STALE ? &node->before : &node->bag;
	struct fsm_leave leave;

	if (unit->life != HERE || unit->open != ends)
		return false;
	unit->saw = move.kind != MOVE_STALE;
	leave = unit_part(node, number, (enum move_kind)move.kind, (enum outcome)move.outcome, bag);
	/* It is open now, or was killed; the event of a hook that starts to move is over, or comes back. */
	if (unit->open && !ends) {
		unit->signal = unit->signal && move.kind != MOVE_SIGNAL;
		unit->config = unit->config && move.kind != MOVE_CONFIG;
		return true;
	}
	if (move.outcome == WELL || move.outcome == PARTLY)
		flush_note(node, number, &leave);
	if (move.outcome == WELL) {
		/* A bag that was read late has not been read in the version that the event is about. */
		unit->signal = unit->signal && move.kind != MOVE_SIGNAL;
		if (number == node->leader && !unit->late && move.kind != MOVE_STALE)
			lead(run, node, about, false, NOBODY, ends ? unit->wish : node->option);
		unit->config = unit->config && move.kind != MOVE_CONFIG;
		unit->elected = unit->elected && move.kind != MOVE_ELECTED;
	}
	unit->open = unit->wish = unit->late = 0;
	return true;
}

static bool hook_moves(const struct run *run, struct node *node, struct move move)
{
	const struct unit *unit = &node->units[move.unit];
	bool leads = move.unit == node->leader;

	switch ((enum move_kind)move.kind) {
	case MOVE_SIGNAL:
		return unit->signal && run_hook(run, node, move, NOBODY);
	case MOVE_STALE:
		return run->stale && unit->signal && !unit->saw &&
		       run_hook(run, node, move, NOBODY);
	case MOVE_CONFIG:
		return unit->config && run_hook(run, node, move, leads ? UNITS + 1 : NOBODY);
	case MOVE_ELECTED:
		return unit->elected && run_hook(run, node, move, UNITS + 1);
	case MOVE_ABOUT:
		return unit->told && !leads && run_hook(run, node, move, move.unit);
	default:
		return run_hook(run, node, move, NOBODY);
	}
}

static bool snap_moves(struct node *node, struct move move)
{
	struct unit *unit = &node->units[move.unit];
	bool away = unit->snap == AWAY;

	if (unit->life != HERE)
		return false;
	switch ((enum move_kind)move.kind) {
	case MOVE_FINISH:
	case MOVE_BREAK:
		unit->at = away ? unit->dest : unit->at;
		unit->snap = move.kind == MOVE_BREAK ? DOWN : SERVES;
		return away;
	case MOVE_UNDO:
		unit->snap = unit->hurt ? DOWN : BACK;
		return away;
	case MOVE_STORE:
		unit->snap = unit->hurt ? HURT : TROUBLE;
		return away;
	case MOVE_DUE:
		away = unit->snap == BACK || unit->snap == TROUBLE || unit->snap == HURT;
		unit->snap = unit->snap == HURT ? DOWN : SERVES;
		return away;
	case MOVE_MEND:
		away = unit->snap == DOWN || unit->snap == HURT;
		unit->snap = SERVES;
		return away;
	case MOVE_DRIFT:
		away = unit->snap == SERVES;
		unit->at = unit->at == A ? B : A;
		return away;
	default:
		return false;
	}
}

static bool leadership_moves(struct node *node, unsigned to)
{
	if (node->units[to].life != HERE || node->leader == to)
		return false;
	if (node->leader != NOBODY)
		node->units[node->leader].late = node->units[node->leader].open;
	node->leader = (uint8_t)to;
	/* What it heard of while it did not lead, it forgot. */
	for (unsigned i = 0; i < UNITS; i++)
		node->units[i].told = node->units[i].elected = false;
	node->units[to].elected = true;
	node->units[to].late = node->units[to].open;
	return true;
}

static bool unit_leaves(struct node *node, unsigned number)
{
	struct unit *unit = &node->units[number];
	unsigned others = 0;

	for (unsigned i = 0; i < UNITS; i++)
		others += i != number && node->units[i].life == HERE;
	if (unit->life != HERE || !others)
		return false;
	unit->life = GONE;
	for (unsigned i = 0; i < UNITS && node->leader == number; i++)
		(void)leadership_moves(node, i);
	return true;
}

bool fleet_moves(const struct run *run, struct node *node, struct move move)
{
	struct unit *unit = &node->units[move.unit];
	bool person = node->units[node->leader].life == HERE && !node->units[node->leader].open;

	switch ((enum move_kind)move.kind) {
	case MOVE_OPTION:
		node->option = node->option == A ? B : A;
		for (unsigned i = 0; i < UNITS; i++)
			node->units[i].config = node->units[i].life == HERE;
		return true;
	case MOVE_LEAD:
		return leadership_moves(node, move.unit);
	case MOVE_REBUILD:
		if (unit->life != HERE || unit->open || (!unit->taken && !unit->wide))
			return false;
		keep_ticket(&(struct fsm_ticket){ .taken = 0 }, unit);
		return true;
	case MOVE_LEAVE:
		return unit_leaves(node, move.unit);
	case MOVE_COME:
		if (unit->life != TO_COME)
			return false;
		unit->life = HERE;
		unit->at = node->option;
		unit->signal = true;
		unit->wide = false;
		return true;
	case MOVE_FORGET:
		if (unit->life != GONE)
			return false;
		unit->life = FORGOTTEN;
		return true;
	case MOVE_SKIP:
	case MOVE_RESUME:
		if (!person || (move.kind == MOVE_SKIP && !node->bag.seats[move.unit].there))
			return false;
		lead(run, node, UNITS + 1, true, move.kind == MOVE_SKIP ? move.unit : NOBODY,
			node->option);
		return true;
	default:
		return move.kind <= MOVE_END || move.kind == MOVE_STALE
			       ? hook_moves(run, node, move)
			       : snap_moves(node, move);
	}
}
