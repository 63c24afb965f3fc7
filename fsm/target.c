/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/target.h"

#include <string.h>

#include "base/text.h"

struct fsm_target fsm_target_of(const char *channel)
{
	struct fsm_target ret = { .revision = 0 };

	text_ascii(ret.channel, sizeof ret.channel, channel);
	return ret;
}

bool fsm_target_same(const struct fsm_target *a, const struct fsm_target *b)
{
	return a->revision == b->revision && strcmp(a->channel, b->channel) == 0;
}

bool fsm_target_supplied(const struct fsm_target *target)
{
	return !*target->channel && target->revision != 0;
}
