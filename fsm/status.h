/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operator sees: a total, pure function of the record.
 */
#ifndef FSM_STATUS_H
#define FSM_STATUS_H

#include "fsm/record.h"

struct fsm_status_line {
	enum fsm_status status;           /* never FSM_STATUS_NONE */
	char message[FSM_STATUS_MAX + 1]; /* one line of printable ASCII */
};

/*
 * The Juju status that RECORD stands for. PROGRESS is a few words on how far our running change is
 * ("download 45%"), "" when nothing is known.
 */
struct fsm_status_line fsm_status_line(const struct fsm_record *record, const char *progress);

/*
 * What Juju was told is taken back before it is told STATUS instead: a hook that is killed between
 * the telling and the next commit must not leave a record that believes in the old message.
 */
void fsm_told_take_back(struct fsm_record *record, const struct fsm_status_line *status);

#endif
