/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The register: what the units on one machine, which all have the same snap, say of themselves to each
 * other. store/register.h has its files; this is what follows from them.
 *
 * A unit is entered before it asks anything of snapd, and leaves when it goes. Of two applications that
 * want the snap in different places only the one that would have to move it is stopped, and says so in
 * its entry: what it wants does not count then. So of two that come at the same time one goes on.
 */
#ifndef FSM_REGISTER_H
#define FSM_REGISTER_H

#include <stdbool.h>
#include <stddef.h>

#include "fsm/target.h"

struct fsm_record;
struct fsm_facts;
struct fsm_status_line;

enum {
	FSM_UNIT_SIZE = 128, /* of the name of a unit, with its NUL */
};

struct fsm_entry {
	char unit[FSM_UNIT_SIZE];
	struct fsm_target target; /* that it wants; none: nothing so far */
	bool unknown;             /* it is there, and what it wants cannot be read */
	bool yields;              /* it is blocked elsewhere: what it wants does not count */
	bool holds;               /* it wants the snap held */
	bool kin;                 /* it is of the same application as the unit that looks */
};

enum fsm_listing { /* what is to become of this unit's own entry */
	FSM_LISTING_AS_IS,
	FSM_LISTING_ENTERED,
	FSM_LISTING_LEFT, /* the unit may go: the next one decides without it */
};

/* The entry of a unit of another application that would not have the snap at TO, NULL for none. */
const struct fsm_entry *fsm_rival(const struct fsm_facts *facts, const struct fsm_target *to);

/* Who that is and what it wants, in words; RET has SIZE bytes. */
void fsm_rival_say(const struct fsm_entry *rival, char *ret, size_t size);

/* Adds to LINE what it said, as DETAIL has it, and what to do. */
void fsm_rival_tell(struct fsm_status_line *line, const char *detail);

/* Whether another unit on the machine has the snap too; so it is taken to be when nobody knows. */
bool fsm_shared(const struct fsm_facts *facts);

/* Whether another unit wants the snap held. */
bool fsm_held_for_others(const struct fsm_facts *facts);

/*
 * What the unit with RECORD, which is as it will be committed, says of itself; IN_PLACE: the snap is
 * where it is wanted. Where a look shows nothing of the snap, what was said before stays.
 */
struct fsm_entry fsm_entry_of(
	const struct fsm_record *record, const struct fsm_facts *facts, bool in_place);

#endif
