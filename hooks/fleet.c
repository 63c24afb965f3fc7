/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "fsm/request.h"
#include "fsm/stand.h"
#include "hooks/register.h"
#include "juju/relation.h"

#define ENDPOINT "fleet"

int fleet_relation(struct run *run, struct error *err)
{
	struct fsm_peers *peers = &run->record.peers;
	const char *name = getenv("JUJU_RELATION"), *id = getenv("JUJU_RELATION_ID");
	char found[JUJU_RELATION_SIZE];

	if (*peers->relation)
		return 0;
	if (name && id && strcmp(name, ENDPOINT) == 0)
		(void)snprintf(found, sizeof found, "%s", id);
	else if (juju_relation_id(ENDPOINT, run_tool_time(run), found, err) < 0)
		return -1;
	text_ascii(peers->relation, sizeof peers->relation, found);
	run->dirty = run->dirty || *found;
	return 0;
}

void fleet_take_note(struct fsm_note *note, const struct juju_bag *bag)
{
	fsm_note_init(note);
	for (size_t i = 0; i < bag->count; i++)
		fsm_note_take(note, bag->list[i].key, bag->list[i].value);
}

void fleet_take(struct fsm_fleet *fleet, const struct juju_bag *bag)
{
	for (size_t i = 0; i < bag->count; i++)
		fsm_fleet_take(fleet, bag->list[i].key, bag->list[i].value);
}

char **fleet_pairs(const struct fsm_setting *settings, size_t count)
{
	char **ret = alloc_new(count + 1, sizeof *ret);

	for (size_t i = 0; i < count; i++)
		ret[i] = alloc_textf("%s=%s", settings[i].key, settings[i].value);
	return ret;
}

static void warn(struct run *run, const struct error *err)
{
	log_add(&run->log, JUJU_WARNING, "%s", err->text);
}

/* What concerns this unit: its own turn, and which rollout there is. */
static void take_own(struct run *run, const struct juju_bag *bag)
{
	struct run_fleet *fleet = &run->fleet;
	char key[FSM_KEY_SIZE];

	fsm_turn_key(fsm_unit_number(run->unit), key);
	fleet->read_at = clock_uptime();
	fsm_fleet_init(&fleet->bag, &fleet->seat, 1);
	for (size_t i = 0; i < bag->count; i++)
		if (strcmp(bag->list[i].key, key) == 0 || strcmp(bag->list[i].key, "rollout") == 0)
			fsm_fleet_take(&fleet->bag, bag->list[i].key, bag->list[i].value);
	fleet->seen = true;
}

/* The own turn alone, from the application's bag. */
static int read_own_turn(struct run *run, struct error *err)
{
	CLEANUP(juju_bag_done) struct juju_bag bag = { 0 };
	struct run_fleet *fleet = &run->fleet;
	char key[FSM_KEY_SIZE];

	if (fleet->seen)
		return 0;
	fsm_turn_key(fsm_unit_number(run->unit), key);
	if (fleet_relation(run, err) < 0 || juju_relation_get_one(run->record.peers.relation, key,
						    run->unit, run_tool_time(run), &bag, err) < 0)
		return -1;
	take_own(run, &bag);
	return 0;
}

static bool has_new_turn(const struct run *run)
{
	const struct fsm_seat *seat = fsm_fleet_seat(&run->fleet.bag, fsm_unit_number(run->unit));

	return run->fleet.seen && fsm_ticket_new(&run->record.ticket, seat);
}

bool fleet_rests(struct run *run)
{
	const struct fsm_record *record = &run->record;
	struct error err = { 0 };

	if (!record->ticket.wide)
		return true;
	if (fsm_hook_is(run->kind, FSM_HOOK_TELLS))
		return !record->peers.elected;
	if (run->kind != FSM_HOOK_SIGNAL)
		return true;
	return read_own_turn(run, &err) == 0 && !has_new_turn(run);
}

static int read_note(struct run *run, struct error *err)
{
	CLEANUP(juju_bag_done) struct juju_bag bag = { 0 };

	if (juju_relation_get(run->record.peers.relation, run->unit, false, run_tool_time(run),
		    &bag, err) < 0)
		return -1;
	fleet_take_note(&run->fleet.note, &bag);
	run->fleet.noted = true;
	return 0;
}

static int read_turns(struct run *run, struct error *err)
{
	CLEANUP(juju_bag_done) struct juju_bag bag = { 0 };

	if (juju_relation_get(
		    run->record.peers.relation, run->unit, true, run_tool_time(run), &bag, err) < 0)
		return -1;
	take_own(run, &bag);
	return 0;
}

/* What the own bag holds while a turn is out: the unit read it when it took that turn. */
static void remember_note(struct run *run)
{
	const struct fsm_ticket *ticket = &run->record.ticket;
	struct run_fleet *fleet = &run->fleet;

	fsm_fleet_init(&fleet->bag, &fleet->seat, 1);
	fsm_note_init(&fleet->note);
	fleet->note.number = ticket->returned;
	fleet->note.word = ticket->word;
	fleet->noted = true;
}

/*
 * Both bags, once in a run: what is read after the unit has written would be its own words. To take a
 * turn just read, that turn will do; to see whether a return has arrived, the own bag; and to return a
 * turn, what the record knows.
 */
static void read_bags(struct run *run, const struct fsm_stand *stand)
{
	const struct fsm_ticket *ticket = &run->record.ticket;
	struct run_fleet *fleet = &run->fleet;
	bool own_alone = ticket->wide && !ticket->pending && !stand->signal &&
			 stand->kind != FSM_STAND_MOVES;
	struct error err = { 0 };

	if (fleet->tried || fleet->said)
		return;
	if (own_alone && fsm_ticket_held(ticket) && !fleet->seen && !ticket->asked) {
		remember_note(run);
		return;
	}
	fleet->tried = true;
	if (fleet_relation(run, &err) < 0) {
		warn(run, &err);
		return;
	}
	if (!*run->record.peers.relation)
		return;
	if (!fleet->seen && own_alone)
		fsm_fleet_init(&fleet->bag, &fleet->seat, 1);
	else if (!fleet->seen && read_turns(run, &err) < 0)
		warn(run, &err);
	if ((fleet->seen || own_alone) && read_note(run, &err) < 0)
		warn(run, &err);
}

int fleet_count(struct run *run, struct error *err)
{
	struct run_fleet *fleet = &run->fleet;

	if (!fleet->counted && juju_goal_units(run_tool_time(run), &fleet->units, err) < 0)
		return -1;
	fleet->counted = true;
	return 0;
}

/* Whether goal-state knows no other unit; with a turn at hand it does not matter. */
static bool is_alone(struct run *run)
{
	const struct juju_units *units = &run->fleet.units;
	struct error err = { 0 };

	if (fleet_count(run, &err) < 0) {
		warn(run, &err);
		return false;
	}
	return units->count == 1 && strcmp(units->list[0].name, run->unit) == 0;
}

static struct fsm_stand stand_of(struct run *run, const struct look *look)
{
	struct fsm_limits limits = { .boot = run->boot, .unit = run->unit };
	struct run_fleet *fleet = &run->fleet;
	struct fsm_stand ret = {
		.unit = fsm_unit_number(run->unit),
		.width = run->option.rollout_width,
		.idle = fsm_hook_is(run->kind, FSM_HOOK_IDLE),
		.signal = run->kind == FSM_HOOK_SIGNAL,
		.wish = fleet->wish,
		.serves = look->facts.serves,
		.why = fleet->why,
	};

	fsm_goal_of(&look->facts.wanted, fleet->wish);
	ret.kind = fsm_stand_of(&run->record, &look->facts, &limits, fleet->why);
	fleet->kind = ret.kind;
	return ret;
}

/*
 * Nothing is begun by a unit that is about to go; with a bad option nobody knows what is wanted. That a
 * person wants it tried again means now.
 */
static bool has_part(const struct run *run, const struct look *look)
{
	return run->option.valid && look->facts.order != FSM_ORDER_RETRY &&
	       !fsm_going(&run->record, &look->facts) && !fsm_stopping(&run->record, run->kind) &&
	       fsm_unit_number(run->unit) != FSM_NO_UNIT;
}

void fleet_look(struct run *run, struct look *look)
{
	struct fsm_ticket *ticket = &run->record.ticket;
	struct run_fleet *fleet = &run->fleet;
	struct error err = { 0 };
	struct fsm_stand stand;

	if (!has_part(run, look)) {
		/* Nobody signals it again: it is read when the unit has its part again. */
		ticket->pending = ticket->pending || run->kind == FSM_HOOK_SIGNAL;
		return;
	}
	/* Where other units of the machine hinder it no turn helps. */
	if (run->option.rollout_width > 0 || fsm_ticket_held(ticket)) {
		register_take(run, false, &look->facts);
		register_release();
	}
	stand = stand_of(run, look);
	if (fsm_ticket_reads(ticket, &stand))
		read_bags(run, &stand);
	if (stand.width > 0 && stand.kind == FSM_STAND_MOVES && !fsm_ticket_held(ticket) &&
		!has_new_turn(run))
		stand.alone = is_alone(run);
	if (fleet->noted) {
		stand.fleet = &fleet->bag;
		stand.note = &fleet->note;
	}
	fsm_ticket_step(ticket, &stand, &fleet->leave);
	look->facts.queued = fleet->leave.waits;
	look->facts.unrelated = fleet->leave.waits && fleet_relation(run, &err) == 0 &&
				!*run->record.peers.relation;
}

void fleet_plan(struct run *run, struct look *look)
{
	struct fsm_ticket ticket = run->record.ticket;
	struct fsm_leave leave;
	struct fsm_stand stand;

	if (!has_part(run, look))
		return;
	stand = stand_of(run, look);
	if (stand.width > 0 && stand.kind == FSM_STAND_MOVES)
		stand.alone = is_alone(run);
	fsm_ticket_step(&ticket, &stand, &leave);
	look->facts.queued = leave.waits;
}

/* Why it is stuck goes with the number. */
static bool is_same(const struct fsm_note *a, const struct fsm_note *b)
{
	return a->number == b->number && a->word == b->word && strcmp(a->wants, b->wants) == 0;
}

void fleet_say(struct run *run)
{
	struct run_fleet *fleet = &run->fleet;
	struct fsm_setting settings[2];
	struct error err = { 0 };
	char **pairs;

	if (!fleet->leave.writes || (fleet->said && is_same(&fleet->leave.note, &fleet->last)))
		return;
	fsm_note_settings(&fleet->leave.note, settings);
	pairs = fleet_pairs(settings, 2);
	if (juju_relation_set(
		    run->record.peers.relation, false, pairs, 2, run_tool_time(run), &err) < 0) {
		warn(run, &err); /* it is asked for in the record: the next hook writes it */
	} else {
		fleet->said = true;
		fleet->last = fleet->leave.note;
	}
	for (size_t i = 0; i < 2; i++)
		free(pairs[i]);
	free(pairs);
}
