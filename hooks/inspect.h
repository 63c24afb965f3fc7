/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of `state`: what a person or a program sees of the unit's record. Shared by the files
 * of hooks/ only.
 */
#ifndef HOOKS_INSPECT_H
#define HOOKS_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "fsm/record.h"
#include "store/store.h"

enum {
	STATE_ROWS = 10, /* of the journal, unless told otherwise */
};

/* What is shown. The journal is read on the way. */
struct state_view {
	const char *directory;
	struct store *store;
	struct fsm_record record;
	size_t problems; /* found by the integrity check */
	size_t rows;     /* of the journal, at most */
};

/* TEXT on standard output, with everything escaped that a terminal must not see. */
void state_put(const char *text);

/* The view as text for people, or as one JSON object for programs. */
int state_show_text(const struct state_view *view, struct error *err);
int state_show_json(const struct state_view *view, struct error *err);

/* The journal's rows alone. */
int state_history_text(const struct state_view *view, struct error *err);
int state_history_json(const struct state_view *view, struct error *err);

#endif
