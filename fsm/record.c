/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/record.h"

#include <string.h>

/* clang-format off */
#define SAME(field) (a->field == b->field)
#define EQUAL(field) (strcmp(a->field, b->field) == 0)
/* clang-format on */

static bool same_intent(const struct fsm_intent *a, const struct fsm_intent *b)
{
	return SAME(op) && EQUAL(channel) && SAME(phase) && SAME(baseline) && SAME(change) &&
	       SAME(asked) && SAME(uptime) && EQUAL(boot);
}

static bool same_memory(const struct fsm_memory *a, const struct fsm_memory *b)
{
	return SAME(class) && SAME(op) && EQUAL(channel) && SAME(reason) && EQUAL(detail) &&
	       SAME(attempts) && SAME(tried) && SAME(next_try);
}

bool fsm_same(const struct fsm_record *a, const struct fsm_record *b)
{
	return SAME(state) && EQUAL(channel) && SAME(reason) && EQUAL(detail) && SAME(since) &&
	       EQUAL(build) && same_intent(&a->intent, &b->intent) &&
	       same_memory(&a->memory, &b->memory) && SAME(ours) && SAME(retired) && SAME(port) &&
	       EQUAL(revision) && EQUAL(version) && EQUAL(tracking);
}
