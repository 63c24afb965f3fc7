/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unit's part in a fleet that moves one by one: it reads the bags of the peer relation, takes its
 * turn and gives it back (fsm/ticket.h decides). What the leader does is in lead.h.
 */
#ifndef HOOKS_FLEET_H
#define HOOKS_FLEET_H

#include "hooks/look.h"
#include "juju/relation.h"

/*
 * Whether a hook of the peer relation that finds the unit at rest ends there: the leader listens to
 * others, and any unit looks whether it has a turn, which costs it one hook tool.
 */
bool fleet_rests(struct run *run);

/* Before the turn of the machine: takes a turn or gives one back in the record, and says so in LOOK. */
void fleet_look(struct run *run, struct look *look);

/* The same for a plan, on a record that is a copy: nothing is taken or returned. */
void fleet_plan(struct run *run, struct look *look);

/* Once the record is durable: what the unit has to say, into its bag. */
void fleet_say(struct run *run);

/* The id of the peer relation, "" when there is none; -1 when nobody knows. */
int fleet_relation(struct run *run, struct error *err);

/* The units that goal-state shows, once in a run, into run->fleet. */
int fleet_count(struct run *run, struct error *err);

/* Takes the settings of BAG that are about turns. */
void fleet_take_note(struct fsm_note *note, const struct juju_bag *bag);
void fleet_take(struct fsm_fleet *fleet, const struct juju_bag *bag);

/* COUNT SETTINGS as texts for relation-set, which the caller frees one by one. */
char **fleet_pairs(const struct fsm_setting *settings, size_t count);

#endif
