/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the stand-in snapd over its control socket, so the questions do not count as requests.
 */
#ifndef TESTS_CRASH_CTL_H
#define TESTS_CRASH_CTL_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "fsm/target.h"

/* The answer to COMMAND, the caller's; NULL when there was none. SOCKET: of the control. */
cJSON *ctl_ask(const char *socket, const char *command);

/* What snapd shows of the snap, in the terms of the charm's promises. */
struct ctl_snap {
	bool present;
	bool active;  /* and neither disabled nor broken */
	bool serving; /* every enabled service runs */
	bool held;    /* with or without an end */
	bool busy;    /* a change of it is in progress, whoever made it */
	char tracking[64];
	char revision[32];
	char version[64];
	long made; /* changes made by requests */
	long done; /* of these, Done with something done */
};

/* -1 when snapd did not answer. */
int ctl_look(const char *socket, struct ctl_snap *ret);

/* Whether a unit may say that it is active at TARGET. */
bool ctl_fit(const struct ctl_snap *snap, const struct fsm_target *target);

#endif
