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
	INSPECT_ROWS = 10,            /* of the journal, unless told otherwise */
	INSPECT_KEYS = 16,            /* of the results of an action, the rows aside */
	INSPECT_RELEASES = 20,        /* channels of the Snap Store in rows */
	INSPECT_JSON_MAX = 60 * 1024, /* bytes; so much was seen to go through `action-set` */
};

/* What is shown. The journal is read on the way. */
struct inspect_view {
	struct store *store; /* NULL: there is no journal to show */
	struct fsm_record record;
	int schema;      /* of the database */
	bool history;    /* only the journal is shown */
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
 * Makes the view one of all, looking for damage, or of the journal alone (HISTORY); of that the last
 * ROWS, 0 for as many as are usual.
 */
int inspect_choose(struct inspect_view *view, bool history, size_t rows, struct error *err);

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

/* The lines of the text before the journal: what stands before VALUE, and a name for programs. */
void inspect_lines(const struct inspect_view *view,
	void (*show)(const char *label, const char *key, const char *value, void *context),
	void *context);

/* A row of the journal: as in the text, and as compact JSON. To be freed. */
char *inspect_row(const struct store_entry *entry);
char *inspect_row_json(const struct store_entry *entry);

/* The view as compact JSON, in it JOURNAL, which is JSON. To be freed. */
char *inspect_view_json(const struct inspect_view *view, const char *journal);

/* What an action gives of a view: texts of the form KEY=VALUE. */
struct inspect_results {
	char *pairs[STORE_JOURNAL_MAX + INSPECT_KEYS];
	size_t count;
};

/*
 * The lines and rows of the text, each under a key of its own, and all of it as JSON under `json`.
 * That has at most INSPECT_JSON_MAX bytes: the oldest rows that do not fit are left out everywhere,
 * and `note` says so. RET is to be given back, whatever this returns.
 */
int inspect_results(
	const struct inspect_view *view, struct inspect_results *ret, struct error *err);
void inspect_results_add(struct inspect_results *results, char *pair); /* takes PAIR over */
void inspect_results_done(struct inspect_results *results);

/* What other actions show: texts under their keys, and a channel that the Snap Store has something in. */
struct inspect_item {
	const char *key;
	const char *value; /* "" is left out */
};
struct inspect_release {
	const char *channel; /* in full */
	const char *revision, *version, *released;
	int64_t size; /* bytes, 0 when unknown */
};

/* Adds COUNT ITEMS. */
void inspect_items(const struct inspect_item *items, size_t count, struct inspect_results *results);

/*
 * COUNT ITEMS, a row for each of the first INSPECT_RELEASES of RELEASES, and all of it as JSON. That
 * has at most INSPECT_JSON_MAX bytes: the last releases that do not fit are left out, and `note` says
 * so. RET is to be given back.
 */
void inspect_plan(const struct inspect_item *items, size_t count,
	const struct inspect_release *releases, size_t released, struct inspect_results *ret);

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
