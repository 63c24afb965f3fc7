/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests in which the whole charm is given what it never should be given: what must hold
 * afterwards, whatever it was.
 */
#ifndef TESTS_HOSTILE_KIT_H
#define TESTS_HOSTILE_KIT_H

#include "tests/charm.h"

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

/* Adds NAME=VALUE to the environment of hooks to come. */
void hostile_env(struct charm *charm, const char *setting);

/* Faults for requests to come; ' stands for ". What follows the path comes from MORE. */
void hostile_fault(struct charm *charm, const char *method, const char *more, int times);

/* A fault of a hook tool. */
void hostile_tool(struct charm *charm, const char *tool, const char *mode, int times, int skip);
void hostile_tools_well(struct charm *charm); /* no more of them */

/* Lines on standard error of all hooks since charm_forget(). */
int hostile_complaints(struct charm *charm);

/* A text among the log lines since charm_forget(). */
bool hostile_logged(struct charm *charm, const char *text);

/* Time goes by, five minutes at a time and update-status in each, until it is ready at CHANNEL. */
void hostile_settle(struct charm *charm, const char *channel);

/* `./state check` finds nothing. */
void hostile_sound(struct charm *charm);

/* Real milliseconds since the test began. */
void hostile_begin(void);
long hostile_elapsed(void);

#endif
