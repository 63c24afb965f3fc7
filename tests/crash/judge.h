/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The promises, held against what can be seen. Each broken one adds a line to RET.
 */
#ifndef TESTS_CRASH_JUDGE_H
#define TESTS_CRASH_JUDGE_H

#include <stdbool.h>

#include "base/buf.h"
#include "tests/crash/world.h"

/* How the undisturbed run ended, which every other one is held to. */
struct judge_end {
	struct sight sight;
	long posts;
};

/* At the end of a hook that was not killed: "active" is what snapd shows. */
void judge_truth(const struct sight *now, struct buf *ret);

/*
 * Right after a kill: the database can be read, and what Juju shows is what it was told before or
 * what the database says now.
 */
void judge_killed(const struct sight *now, struct buf *ret);

/* The same end as the undisturbed run's. True when it is. */
bool judge_same(const struct judge_end *end, const struct sight *now, struct buf *ret);

/*
 * The whole schedule: no additional change, at most MORE requests more than in the undisturbed run,
 * none repeated within the patience that an unanswered one is given, no word of the witness, a
 * sound journal.
 */
void judge_whole(struct world *world, const struct judge_end *end, const struct sight *now,
	int more, struct buf *ret);

/* POSTs so far. */
long judge_posts(struct world *world);

#endif
