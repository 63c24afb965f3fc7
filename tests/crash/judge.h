/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks the promises by what can be seen. Each broken promise adds a line to RET.
 */
#ifndef TESTS_CRASH_JUDGE_H
#define TESTS_CRASH_JUDGE_H

#include <stdbool.h>

#include "base/buf.h"
#include "tests/crash/world.h"

/*
 * How the undisturbed run ended; every other run must end in the same way. An order of a person that
 * is killed may also come to nothing: then as if it had not been given. The same holds for a new file
 * of the resource when the operator skips the hook that comes with it.
 */
struct judge_end {
	struct sight sight;
	long posts;
	bool ordered, attached;
	bool supplied;        /* the snap comes from files: nothing asks the Snap Store */
	struct sight without; /* with ordered or attached */
};

/* At the end of a hook that was not killed: "active" is what snapd shows. */
void judge_truth(const struct sight *now, struct buf *ret);

/*
 * At the end of a hook, or of a waker, that was not killed: what is due is waited for, so a waker is to
 * run, and it has not ended before nothing is due.
 */
void judge_waker(const struct world *world, const struct sight *now, struct buf *ret);

/*
 * Right after a kill: the database can be read, and what Juju shows is what it was told before or
 * what the database says now.
 */
void judge_killed(const struct sight *now, struct buf *ret);

/* Whether the run ended as it should; LOST: or as if what may come to nothing had done so. */
bool judge_ended(const struct judge_end *end, bool lost, const struct sight *now, struct buf *ret);

/*
 * The whole schedule: no additional change; at most MORE requests more than in the undisturbed run;
 * no unanswered request repeated too early; no complaint of the witness; a sound journal, which says
 * how each order ended. A snap from a file is never asked of the Snap Store.
 */
void judge_whole(struct world *world, const struct judge_end *end, const struct sight *now,
	int more, struct buf *ret);

/* POSTs so far, those of assertions aside: snapd has them or not. */
long judge_posts(struct world *world);

#endif
