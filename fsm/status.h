/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operator sees: a total, pure function of the record.
 */
#ifndef FSM_STATUS_H
#define FSM_STATUS_H

#include "fsm/record.h"

struct fsm_told {
	enum fsm_status status;           /* never FSM_STATUS_NONE */
	char message[FSM_STATUS_MAX + 1]; /* one line of printable ASCII */
};

/*
 * The Juju status that RECORD stands for. PROGRESS is a few words on how far our running change is
 * ("download 45%"), "" when nothing is known.
 */
struct fsm_told fsm_told(const struct fsm_record *record, const char *progress);

/* CHANNEL as people write it, without `latest/`. Points into CHANNEL. */
const char *fsm_short(const char *channel);

/* One line for a person: what REASON means and, where there is something to be done, what. */
const char *fsm_reason_meaning(enum fsm_reason reason);

#endif
