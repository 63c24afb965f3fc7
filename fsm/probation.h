/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probation and rollback: whether a refresh of ours did the snap good, and the way back when it did
 * not. Pure.
 *
 * What runs is remembered when a refresh is asked for. When it is done, the new revision is on
 * probation for five minutes. Found sick in that time it goes back, if that is wanted, by an order of
 * three steps, each of which is asked for only while the look shows that it is needed: revert, to the
 * revision before; start, with enable, of the services that are not enabled any more, as a failed undo
 * leaves them; switch, to the channel before.
 */
#ifndef FSM_PROBATION_H
#define FSM_PROBATION_H

#include <stdbool.h>

#include "fsm/facts.h"
#include "fsm/record.h"

enum {
	FSM_LOOKS = 5,  /* that are taken of a revision on probation */
	FSM_QUIET = 15, /* seconds: systemd starts a service five times in ten, and then no more */
	FSM_RESTLESS = 60, /* seconds for which that is waited for at most */
};

/* Seconds after the end of the refresh until look NUMBER, 0 to FSM_LOOKS - 1. */
int fsm_probation_look(unsigned number);

/* Whether what FACTS show of a snap that is there is no service to anybody; a disabled one is no fault. */
bool fsm_sick(const struct fsm_record *record, const struct fsm_facts *facts);

/* Whether the workload was asked, and that it does not answer is a fault. */
bool fsm_mute(const struct fsm_record *record, const struct fsm_facts *facts);

/* What was seen of a sick snap, in a few words. */
const char *fsm_symptom(const struct fsm_facts *facts);

/* Remembers what runs, before a refresh is asked for. */
void fsm_probation_prepare(struct fsm_record *record, const struct fsm_facts *facts);

/* Our refresh is done: probation begins. */
void fsm_probation_begin(struct fsm_record *record, const struct fsm_facts *facts);

/* Takes a look of the snap into the probation of RECORD: before it is judged, and after. */
void fsm_probation_see(struct fsm_record *record, const struct fsm_facts *facts);
void fsm_probation_seen(struct fsm_record *record, const struct fsm_facts *facts);

/*
 * Whether the snap of the look is sick, and a revert could help if the revision of before is still on
 * the disk: that makes a difference to nothing else, and costs a question.
 */
bool fsm_way_back_matters(const struct fsm_record *record, const struct fsm_facts *facts);

/* Whether the snap of the look is on probation, and there is something to go back to. */
bool fsm_on_probation(const struct fsm_record *record, const struct fsm_facts *facts);

/* Whether the order has to wait, since a service that kept dying may have used up its starts. */
bool fsm_restless(const struct fsm_record *record, const struct fsm_facts *facts);

/* The step that the rollback in RECORD needs next: FSM_DO_NOTHING when all is as it was before. */
enum fsm_effect fsm_rollback_step(const struct fsm_record *record, const struct fsm_facts *facts);

/* The services that were enabled before and are not now, "web worker"; FSM_SERVICES_MAX + 1 bytes. */
void fsm_lost_services(
	const struct fsm_probation *probation, const char *enabled, char ret[FSM_SERVICES_MAX + 1]);

/* Whether the wanted target was rolled back from: with the snap where that led (ROLLED), or still not. */
bool fsm_rolled(const struct fsm_record *record, const struct fsm_facts *facts);
bool fsm_unrolled(const struct fsm_record *record, const struct fsm_facts *facts);

#endif
