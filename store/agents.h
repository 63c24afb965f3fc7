/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder of Juju's agents on a machine: which units there are, and which of them are of this charm.
 */
#ifndef STORE_AGENTS_H
#define STORE_AGENTS_H

#include <stdbool.h>

#include "fsm/register.h"

enum {
	AGENTS_TAG_SIZE = FSM_UNIT_SIZE + 5, /* unit-app-0 of app/0 */
};

enum agents_life {
	AGENTS_NOT,   /* there is none, or one of another charm */
	AGENTS_MAYBE, /* that cannot be told */
	AGENTS_OURS,
};

/* The tag of UNIT; -1 when that is not the name of a unit. */
int agents_tag(const char *unit, char ret[AGENTS_TAG_SIZE]);

/* Whether NAME is the tag of a unit; nothing else may name a file or a folder. */
bool agents_is_tag(const char *name);

/* The unit whose tag TAG is. */
void agents_unit(const char *tag, char ret[FSM_UNIT_SIZE]);

/* The folder of the agents, by the DIRECTORY of the charm of the unit with TAG; -1 when it is elsewhere. */
int agents_open(const char *directory, const char *tag);

/* Whether the unit with TAG lives: its charm has our database. AGENTS is their folder, or -1. */
enum agents_life agents_life(int agents, const char *tag);

#endif
