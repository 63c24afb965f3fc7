/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wanted of the snap: a channel, and a revision of it when one is meant.
 */
#ifndef FSM_TARGET_H
#define FSM_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/channel.h"

/* All zeros: no target, as for a removal. Texts are filled with NUL bytes to their end. */
struct fsm_target {
	char channel[CHANNEL_SIZE]; /* in full, track/risk[/branch] */
	int64_t revision;           /* 0: whatever the channel has */
};

/* The target CHANNEL (in full, or "" for none) without a revision. */
struct fsm_target fsm_target_of(const char *channel);

/* Whether TARGET is a revision of no channel: that of the resource. */
bool fsm_target_supplied(const struct fsm_target *target);

bool fsm_target_same(const struct fsm_target *a, const struct fsm_target *b);

#endif
