/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests that give the whole charm input that it should never get: helpers, and what must hold
 * afterwards whatever the input was.
 */
#ifndef TESTS_HOSTILE_KIT_H
#define TESTS_HOSTILE_KIT_H

#include "tests/charm.h"

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

/* Adds NAME=VALUE to the environment of the next hooks. */
void hostile_env(struct charm *charm, const char *setting);

/* Sets faults for the next requests; ' means ". MORE is what follows the path. */
void hostile_fault(struct charm *charm, const char *method, const char *more, int times);

/* Sets a fault of a hook tool. */
void hostile_tool(struct charm *charm, const char *tool, const char *mode, int times, int skip);
void hostile_tools_well(struct charm *charm); /* removes these faults */

/* Lines on standard error of all hooks since charm_forget(). */
int hostile_complaints(struct charm *charm);

/* A text among the log lines since charm_forget(). */
bool hostile_logged(struct charm *charm, const char *text);

/* Runs update-status every five minutes until the unit is ready at CHANNEL. */
void hostile_settle(struct charm *charm, const char *channel);

/* Checks that `./state check` finds nothing. */
void hostile_sound(struct charm *charm);

/* Real milliseconds since the test began. */
void hostile_begin(void);
long hostile_elapsed(void);

#endif
