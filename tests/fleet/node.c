/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fleet/fleet.h"

#include <stdio.h>
#include <string.h>

#include "fsm/names.h"

static const char *const goals[] = { "", "latest/edge", "latest/beta" };

const char *goal_name(unsigned target)
{
	return goals[target];
}

static uint8_t target_named(const char *goal)
{
	for (uint8_t i = 0; i < 3; i++)
		if (strcmp(goals[i], goal) == 0)
			return i;
	promise(false, "a target is one that somebody wanted");
	return NOWHERE;
}

void fleet_of(const struct bag *bag, struct fsm_fleet *ret, struct fsm_seat seats[UNITS])
{
	fsm_fleet_init(ret, seats, UNITS);
	ret->number = bag->number;
	ret->start = bag->start;
	strcpy(ret->goal, goals[bag->goal]);
	ret->resumed = bag->resumed;
	ret->over = bag->over;
	for (unsigned i = 0; i < UNITS; i++) {
		const struct seat *from = &bag->seats[i];
		struct fsm_seat *seat;

		if (!from->there)
			continue;
		seat = fsm_fleet_seated(ret, i);
		seat->number = from->number;
		strcpy(seat->goal, goals[from->goal]);
		seat->state = (enum fsm_seat_state)from->state;
		strcpy(seat->wanted, goals[from->wanted]);
	}
}

/* By what is written, setting by setting: what was changed and not marked so is not seen here. */
void keep_fleet(const struct fsm_fleet *fleet, struct bag *ret)
{
	struct fsm_fleet read;
	struct fsm_seat seats[UNITS];
	struct fsm_setting setting;
	unsigned at = 0;

	fleet_of(ret, &read, seats);
	while (fsm_fleet_setting(fleet, &at, &setting)) {
		int64_t unit = *setting.value ? -1 : fsm_unit_number(setting.key);

		for (unsigned i = 0; i < UNITS && !*setting.value; i++) {
			char key[FSM_KEY_SIZE];

			fsm_turn_key(i, key);
			if (strcmp(key, setting.key) == 0)
				unit = i;
		}
		if (unit >= 0)
			ret->seats[unit].there = false;
		fsm_fleet_take(&read, setting.key, setting.value);
	}
	promise(!*read.fault, "the leader can read what it wrote");
	ret->number = (uint8_t)read.number;
	ret->start = (uint8_t)read.start;
	ret->goal = target_named(read.goal);
	ret->resumed = read.resumed;
	ret->over = read.over;
	for (unsigned i = 0; i < read.count; i++) {
		struct seat *seat = &ret->seats[seats[i].unit];
		bool there = seat->there || fsm_fleet_seat(fleet, seats[i].unit);
		const struct fsm_seat *now = fsm_fleet_seat(fleet, seats[i].unit);

		if (now && now->gone)
			there = false;
		*seat = (struct seat){ there, (uint8_t)seats[i].number, target_named(seats[i].goal),
			(uint8_t)seats[i].state, target_named(seats[i].wanted) };
		if (!there)
			memset(seat, 0, sizeof *seat);
	}
}

struct fsm_ticket ticket_of(const struct unit *unit)
{
	struct fsm_ticket ret = { .taken = unit->taken,
		.well = unit->well,
		.returned = unit->returned,
		.word = (enum fsm_word)unit->word,
		.asked = unit->asked,
		.pending = unit->pending,
		.wide = unit->wide };

	strcpy(ret.goal, goals[unit->goal]);
	return ret;
}

void keep_ticket(const struct fsm_ticket *ticket, struct unit *ret)
{
	ret->taken = (uint8_t)ticket->taken;
	ret->goal = target_named(ticket->goal);
	ret->well = ticket->well;
	ret->returned = (uint8_t)ticket->returned;
	ret->word = (uint8_t)ticket->word;
	ret->asked = ticket->asked;
	ret->pending = ticket->pending;
	ret->wide = ticket->wide;
}

struct fsm_note note_of(const struct unit *unit)
{
	struct fsm_note ret;

	fsm_note_init(&ret);
	ret.number = unit->number;
	ret.word = (enum fsm_word)unit->said;
	strcpy(ret.wants, goals[unit->wants]);
	return ret;
}

void keep_note(const struct fsm_note *note, struct unit *ret)
{
	struct fsm_setting settings[2];
	struct fsm_note read;

	fsm_note_settings(note, settings);
	fsm_note_init(&read);
	fsm_note_take(&read, settings[0].key, settings[0].value);
	fsm_note_take(&read, settings[1].key, settings[1].value);
	promise(!*read.fault, "a unit's bag can be read");
	ret->number = (uint8_t)read.number;
	ret->said = (uint8_t)read.word;
	ret->wants = target_named(read.wants);
}

/* Calls ACT for each number in NODE. */
static void each_number(struct node *node, void (*act)(uint8_t *number))
{
	struct bag *bags[] = { &node->bag, &node->before };

	for (unsigned i = 0; i < 2; i++) {
		act(&bags[i]->number);
		act(&bags[i]->start);
		for (unsigned seat = 0; seat < UNITS; seat++)
			act(&bags[i]->seats[seat].number);
	}
	for (unsigned i = 0; i < UNITS; i++) {
		act(&node->units[i].taken);
		act(&node->units[i].returned);
		act(&node->units[i].number);
	}
}

static uint8_t rank[256];

static void mark(uint8_t *number)
{
	rank[*number] = 1;
}

static void renumber(uint8_t *number)
{
	*number = rank[*number];
}

void tidy(const struct run *run, struct node *node)
{
	uint8_t next = 0;
	bool unread = false;

	for (unsigned i = 0; i < UNITS; i++) {
		struct unit *unit = &node->units[i];
		unsigned state = node->bag.seats[i].state;

		if (unit->snap != AWAY && unit->snap != BACK && unit->snap != TROUBLE &&
			unit->snap != HURT)
			unit->dest = NOWHERE;
		if (unit->life >= GONE) {
			uint8_t life = unit->life;

			memset(unit, 0, sizeof *unit);
			unit->life = life;
		}
		unit->saw = unit->saw && unit->signal && run->stale;
		unread = unread || (unit->signal && !unit->saw && run->stale);
		if (!unit->open)
			unit->wish = unit->late = 0;
		if (unit->snap != AWAY)
			unit->hurt = 0;
		if (unit->snap != AWAY && unit->snap != DOWN && unit->snap != HURT)
			unit->served = 0;
		if (!unit->served && state != FSM_SEAT_SKIPPED && state != FSM_SEAT_PASSED &&
			state != FSM_SEAT_AGAIN)
			unit->passed = 0;
	}
	if (!unread)
		node->before = node->bag;
	memset(rank, 0, sizeof rank);
	rank[0] = 1;
	each_number(node, mark);
	for (unsigned i = 0; i < sizeof rank; i++)
		if (rank[i])
			rank[i] = next++;
	each_number(node, renumber);
}

static void show_bag(const struct bag *bag)
{
	printf("number %u, rollout above %u to %s%s%s;", bag->number, bag->start, goals[bag->goal],
		bag->resumed ? ", resumed" : "", bag->over ? ", over" : "");
	for (unsigned i = 0; i < UNITS; i++)
		if (bag->seats[i].there)
			printf(" %u: %u %s %s %s;", i, bag->seats[i].number,
				goals[bag->seats[i].goal],
				fsm_seat_state_name((enum fsm_seat_state)bag->seats[i].state),
				goals[bag->seats[i].wanted]);
	puts("");
}

void show_node(const struct node *node)
{
	static const char *const lives[] = { "to come", "", "gone", "forgotten" };
	static const char *const snaps[] = { "serves", "away", "down", "back", "trouble", "hurt" };

	printf("    %s is wanted, %u leads; ", goals[node->option], node->leader);
	show_bag(&node->bag);
	for (unsigned i = 0; i < UNITS; i++) {
		const struct unit *unit = &node->units[i];

		if (unit->life == FORGOTTEN || (unit->life == TO_COME && !unit->at))
			continue;
		printf("      %u %s %s at %s, to %s;%s%s taken %u for %s, returned %u %s%s%s; bag: "
		       "%u %s, wants "
		       "'%s';%s%s%s%s%s%s\n",
			i, lives[unit->life], snaps[unit->snap], goals[unit->at], goals[unit->dest],
			unit->served ? " served," : "", unit->passed ? " passed," : "", unit->taken,
			goals[unit->goal], unit->returned, fsm_word_name((enum fsm_word)unit->word),
			unit->asked ? " asked" : "", unit->pending ? " pending" : "", unit->number,
			fsm_word_name((enum fsm_word)unit->said), goals[unit->wants],
			unit->signal ? " signal" : "", unit->config ? " config" : "",
			unit->elected ? " elected" : "", unit->told ? " told" : "",
			unit->open ? " open" : "", unit->late ? " late" : "");
	}
}

void show_move(struct move move)
{
#define MOVE(name, cost, each, text) text,
	static const char *const texts[] = { MOVES(MOVE) };
#undef MOVE
	static const char *const outcomes[] = { "", ", and its writes are dropped",
		", and its first write alone is kept", ", and is killed before it asks snapd" };

	printf("  %s %u%s\n", texts[move.kind], move.unit, outcomes[move.outcome]);
}
