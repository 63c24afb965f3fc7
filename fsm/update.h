/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the Snap Store has for a snap that does not follow it: one that is held, or one of which a
 * revision was refused.
 */
#ifndef FSM_UPDATE_H
#define FSM_UPDATE_H

#include "fsm/record.h"

/*
 * Whether the Snap Store is to be asked, at NOW, if it has a newer revision of a snap that is held, or
 * another one in a channel whose revision was refused: every six hours, spread over a fleet by the name of the UNIT.
 */
bool fsm_update_due(const struct fsm_record *record, int64_t now, const char *unit);

/*
 * It was asked at NOW, and has REVISION; "" for no newer one, NULL when it did not say. True when it is
 * another one than what was refused, which so is refused no more.
 */
bool fsm_update_note(struct fsm_record *record, const char *revision, int64_t now);

#endif
