/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of holds and of other requests of the whole charm: what snapd was asked, what hold it
 * shows, and what a person does to that.
 */
#ifndef TESTS_HOLD_KIT_H
#define TESTS_HOLD_KIT_H

#include "tests/charm.h"

/* Opens it, deploys, and holds: Ready at 'edge', held at revision 3; what that cost is not counted. */
void hold_open(struct charm *charm);

/* juju config microsample SETTING. */
void hold_configure(struct charm *charm, const char *setting);

/* Checks the POSTs since charm_forget(): their actions, and the revisions they name, "hold refresh:2". */
void hold_expect_actions(struct charm *charm, const char *expected);

/* How often the Snap Store was asked for updates since charm_forget(). */
int hold_questions(struct charm *charm);

/* The hold as snapd shows it, "" for none; to be freed. And a check that it is UNTIL. */
char *hold_shown(struct charm *charm);
void hold_expect(struct charm *charm, const char *until);

/* A request of somebody else, ' for ", which snapd must take; it is not counted, nor any before it. */
void hold_person_asks(struct charm *charm, const char *body);
void hold_by_person(struct charm *charm, const char *until);
void hold_lifted_by_person(struct charm *charm);

/* Checks that nothing is asked and no row is written in the next hours. */
void hold_expect_rest(struct charm *charm);

/* juju remove-unit; the unit must be gone. */
void hold_remove_unit(struct charm *charm);

#endif
