/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The view as results of an action. A result is one argument of a hook tool and is kept by the
 * controller, so there is a limit to it, and whole rows are left out to keep it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "inspect/inspect.h"

/* The rows from FIRST to END fit; never more are held than that, and the one that is being added. */
struct rows {
	struct row {
		char *text, *json;
	} all[STORE_JOURNAL_MAX];
	size_t first, end;
	size_t size, room; /* bytes of their JSON with a comma each */
};

static void drop(struct rows *rows)
{
	struct row *oldest = &rows->all[rows->first++];

	rows->size -= strlen(oldest->json) + 1;
	free(oldest->text);
	free(oldest->json);
}

static void rows_done(struct rows *rows)
{
	while (rows->first < rows->end)
		drop(rows);
}

static int add_row(const struct store_entry *entry, void *context)
{
	struct rows *rows = context;
	struct row *row = &rows->all[rows->end];

	assert(rows->end < STORE_JOURNAL_MAX);
	rows->end++;
	row->text = inspect_row(entry);
	row->json = inspect_row_json(entry);
	rows->size += strlen(row->json) + 1;
	while (rows->size > rows->room)
		drop(rows);
	return 0;
}

void inspect_results_add(struct inspect_results *results, char *pair)
{
	assert(results->count < sizeof results->pairs / sizeof *results->pairs);
	results->pairs[results->count++] = pair;
}

static void add_line(const char *label, const char *key, const char *value, void *context)
{
	(void)label;
	inspect_results_add(context, alloc_textf("%s=%s", key, value));
}

static void add_rows(struct inspect_results *results, const struct rows *rows)
{
	size_t count = rows->end - rows->first;

	inspect_results_add(results, alloc_textf("rows=%zu", count));
	if (rows->first > 0)
		inspect_results_add(
			results, alloc_textf("note=the oldest %zu of %zu rows do not fit in here; "
					     "./state history shows them",
					 rows->first, rows->end));
	for (size_t i = 0; i < count; i++) {
		const char *text = rows->all[rows->first + i].text;

		inspect_results_add(
			results, alloc_textf("row-%zu=%s", i + 1, text + strspn(text, " ")));
	}
}

/* The rows as a JSON array. */
static void join(const struct rows *rows, struct buf *ret)
{
	(void)buf_adds(ret, "[");
	for (size_t i = rows->first; i < rows->end; i++) {
		(void)buf_adds(ret, i > rows->first ? "," : "");
		(void)buf_adds(ret, rows->all[i].json);
	}
	(void)buf_adds(ret, "]");
}

static char *document(const struct inspect_view *view, const char *journal)
{
	return view->history ? alloc_text(journal) : inspect_view_json(view, journal);
}

int inspect_results(const struct inspect_view *view, struct inspect_results *ret, struct error *err)
{
	CLEANUP(cleanup_free) char *empty = document(view, "[]");
	CLEANUP(cleanup_free) char *json = NULL;
	CLEANUP(buf_done) struct buf journal;
	CLEANUP(rows_done) struct rows rows = { 0 };

	*ret = (struct inspect_results){ 0 };
	buf_init(&journal, INSPECT_JSON_MAX);
	assert(strlen(empty) <= INSPECT_JSON_MAX);
	rows.room = INSPECT_JSON_MAX - strlen(empty);
	if (inspect_journal(view, add_row, &rows, err) < 0)
		return -1;
	if (!view->history)
		inspect_lines(view, add_line, ret);
	add_rows(ret, &rows);
	join(&rows, &journal);
	json = document(view, buf_text(&journal));
	inspect_results_add(ret, alloc_textf("json=%s", json));
	return 0;
}

void inspect_results_done(struct inspect_results *results)
{
	for (size_t i = 0; i < results->count; i++)
		free(results->pairs[i]);
	*results = (struct inspect_results){ 0 };
}
