/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making the record durable, with its row in the journal.
 */
#ifndef HOOKS_COMMIT_H
#define HOOKS_COMMIT_H

#include "fsm/turn.h"
#include "hooks/run.h"

/* The record alone: what Juju was told. */
int commit_record(struct run *run, struct error *err);

/*
 * What TURN made of the record BEFORE, with a row and lines in the log. A turn that changed nothing
 * writes nothing; one that repeats what is known has no row and no lines.
 */
int commit_turn(struct run *run, const struct fsm_record *before, const struct fsm_turn *turn,
	struct error *err);

/* What came of the request for which EFFECT stands, with a row that says so in DETAIL. */
int commit_outcome(struct run *run, enum fsm_effect effect, const char *detail, struct error *err);

#endif
