/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts that a status line is put together from; what has no room is cut off at its end.
 */
#ifndef FSM_LINE_H
#define FSM_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/status.h"

enum {
	FSM_LINE_CHANNEL = 25, /* bytes of a channel that are shown, with the NUL */
	FSM_LINE_TARGET = 40,
};

void fsm_line_add(struct fsm_status_line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A channel of up to 128 bytes in a line of 90: its beginning says which one it is. */
const char *fsm_line_channel(const char *channel, char ret[FSM_LINE_CHANNEL]);

/* TARGET, its revision left out unless it is of the resource: 'edge', or revision 3 of the resource. */
const char *fsm_line_target(const struct fsm_target *target, char ret[FSM_LINE_TARGET]);

/* The next try, never a minute too early; nothing if TIME is 0. */
void fsm_line_time(struct fsm_status_line *line, int64_t time);

/* The cause that snapd gave, as far as the line has room for it and OUTLOOK; whether it is whole. */
bool fsm_line_cause(struct fsm_status_line *line, const char *detail, const char *outlook);

/* LIST, "stable, edge", up to the last one that fits. */
void fsm_line_list(struct fsm_status_line *line, const char *list);

#endif
