/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people and programs see of a unit: one view of its record, as text and as JSON. Changes
 * nothing and takes no lock of the charm's.
 */
#ifndef INSPECT_INSPECT_H
#define INSPECT_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "fsm/record.h"
#include "store/store.h"

enum {
	INSPECT_ROWS = 10, /* of the journal, unless told otherwise */
};

/* What is shown. The journal is read on the way. */
struct inspect_view {
	struct store *store; /* NULL: there is no journal to show */
	struct fsm_record record;
	int schema;      /* of the database */
	size_t problems; /* found by the integrity check */
	size_t rows;     /* of the journal, at most */
};

/*
 * Takes a copy of the database in DIRECTORY to look at, as store_inspect() does and with its
 * failures.
 */
int inspect_open(const char *directory, struct inspect_view *ret, struct error *err);
void inspect_close(struct inspect_view *view);

/*
 * The failure that still keeps the unit from its goal, NULL when there is none: the record also holds
 * what has been settled, and is written before a request can fail.
 */
const struct fsm_failure *inspect_failure(const struct fsm_record *record);

/* Whether the unit waits to put right a snap that somebody keeps moving. */
bool inspect_drifts(const struct fsm_record *record);

/* Whether FAILURE has no pause: each hook tries once. */
bool inspect_each_hook(const struct fsm_failure *failure);

/*
 * When either is tried again, in seconds since the epoch; 0 when nothing is due, when it is tried now,
 * and when each hook tries.
 */
int64_t inspect_next_try(const struct fsm_record *record);

/* The journal's last rows of the view, each given to SHOW as by store_journal(). */
int inspect_journal(const struct inspect_view *view,
	int (*show)(const struct store_entry *entry, void *context), void *context,
	struct error *err);

/* TEXT with everything escaped that a terminal must not see. */
void inspect_put(FILE *out, const char *text);

/*
 * The view as text for people, or as one JSON object for programs. Fails when the journal cannot be
 * read; whether OUT took it all, its own error flag says.
 */
int inspect_show_text(const struct inspect_view *view, FILE *out, struct error *err);
int inspect_show_json(const struct inspect_view *view, FILE *out, struct error *err);

/* The journal's rows alone. */
int inspect_history_text(const struct inspect_view *view, FILE *out, struct error *err);
int inspect_history_json(const struct inspect_view *view, FILE *out, struct error *err);

/* A library that the program runs with, for --version. A NULL name ends a list of them. */
struct inspect_library {
	const char *name, *version;
};

/*
 * `state ...`: ARGV[0] is the command's own name, LIBRARIES are named beside SQLite. Exit status 0
 * fine, 1 trouble, 2 usage.
 */
int state_command(int argc, char **argv, const struct inspect_library *libraries);

#endif
