/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows from the charm's resource: where the snap is to come from, and what is wanted of it.
 */
#ifndef FSM_RESOURCE_H
#define FSM_RESOURCE_H

#include <stdbool.h>

#include "fsm/facts.h"
#include "fsm/record.h"

/*
 * Whether the resource is to be read in a run of HOOK, or of an action that gives ORDER: where it may be
 * another one by now, where a person says so, and where it was never read.
 */
bool fsm_resource_due(const struct fsm_record *record, enum fsm_hook hook, enum fsm_order order);

/*
 * Takes what was read into RECORD; whether that is something else. Then a request that failed with
 * what was there before is asked again at once.
 */
bool fsm_resource_note(struct fsm_record *record, const struct fsm_resource *seen);

/*
 * What RECORD makes of the facts, whose WANTED is that of the options; WHY is what hindered this run from
 * reading, "" for nothing. The texts stay RECORD's and WHY's.
 */
void fsm_resource_facts(const struct fsm_record *record, const char *why, struct fsm_facts *facts);

#endif
