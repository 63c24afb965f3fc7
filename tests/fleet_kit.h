/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole charms on several machines, each with a stand-in snapd of its own: unit N is on machine N. For
 * charm.h, which has machine 0.
 */
#ifndef TESTS_FLEET_KIT_H
#define TESTS_FLEET_KIT_H

#include "tests/charm.h"

enum {
	FLEET_MAX = 4
};

struct fleet {
	struct charm charm; /* the model, and machine 0 */
	int count;
	struct fleet_machine {
		char *dir, *data;
		const char *options[7];
		struct snapd_proc snapd;
	} more[FLEET_MAX]; /* the other machines, by number; that of 0 is not used */
};

/* Deploys COUNT units with OPTION ("rollout-width=1"), each Ready at 'edge'; counts begin after that. */
void fleet_open(struct fleet *fleet, int count, const char *option);
void fleet_close(struct fleet *fleet);

/* One more unit, on a machine of its own. */
void fleet_add(struct fleet *fleet);

/* The name of unit NUMBER; in one of a few places that are used in turn. */
const char *fleet_unit(int number);

/* Sends COMMAND to the snapd of machine NUMBER. */
void fleet_ctl(struct fleet *fleet, int number, const char *command);

/* POSTs that this snapd got. */
long fleet_posts(struct fleet *fleet, int number);

/* The status and the message of unit NUMBER must be these. */
#define fleet_expect(fleet, number, status, message)                                               \
	juju_assert_status(&(fleet)->charm.juju, fleet_unit(number), status, message)

/* How many units were away at once, at most, by changes that refresh the snap, since the deploy. */
int fleet_away(struct fleet *fleet);

/* Lets the changes of this snapd stand; and go on to their ends, which the unit sees. */
void fleet_stand(struct fleet *fleet, int number);
void fleet_go_on(struct fleet *fleet, int number);

/* Sets NAME=VALUE of the application. */
void fleet_config(struct fleet *fleet, const char *setting);

/* A hook of unit NUMBER, and what follows from it in the others. */
void fleet_hook(struct fleet *fleet, int number, const char *hook);

/* The setting KEY in the bag of unit NUMBER, or, with -1, of the application; "" for none. To be freed. */
char *fleet_bag(struct fleet *fleet, int number, const char *key);

/* How often unit NUMBER called TOOL ("" for any) in HOOK ("" for any) since it was forgotten. */
int fleet_calls(struct fleet *fleet, int number, const char *hook, const char *tool);

/* Starts counts of hooks, tools and requests again. */
void fleet_forget(struct fleet *fleet);

#endif
