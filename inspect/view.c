/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>

#include "fsm/failure.h"
#include "inspect/inspect.h"

int inspect_open(const char *directory, struct inspect_view *ret, struct error *err)
{
	struct inspect_view view = { 0 };

	if (store_inspect(directory, &view.store, err) < 0) {
		if (err && err->kind == ERROR_SYSTEM && err->code == ENOENT)
			error_set(err, ERROR_SYSTEM,
				"there is no database yet: no hook of this unit has run");
		else if (err && err->kind == ERROR_NEWER)
			error_wrap(err, "the database is of a newer charm");
		return -1;
	}
	if (store_load(view.store, &view.record, err) < 0) {
		store_close(view.store);
		return -1;
	}
	view.schema = store_schema(view.store);
	*ret = view;
	return 0;
}

void inspect_close(struct inspect_view *view)
{
	store_close(view->store);
	view->store = NULL;
}

static void ignore(const char *line, void *context)
{
	(void)line;
	(void)context;
}

int inspect_choose(struct inspect_view *view, bool history, size_t rows, struct error *err)
{
	view->history = history;
	view->rows = rows ? rows : history ? STORE_JOURNAL_MAX : INSPECT_ROWS;
	return history ? 0 : store_check(view->store, ignore, NULL, &view->problems, err);
}

int inspect_journal(const struct inspect_view *view,
	int (*show)(const struct store_entry *entry, void *context), void *context,
	struct error *err)
{
	return view->store ? store_journal(view->store, view->rows, show, context, err) : 0;
}

const struct fsm_failure *inspect_failure(const struct fsm_record *record)
{
	const struct fsm_failure *failure = &record->failure;

	if (failure->class == FSM_CLASS_NONE || record->state == FSM_STATE_ACTIVE ||
		record->reason == FSM_REASON_REMOVED)
		return NULL;
	if (record->retired && failure->op != FSM_OP_REMOVE)
		return NULL; /* nothing but the removal is tried any more */
	if (record->intent.op != FSM_OP_NONE)
		return failure->attempts > 1 ? failure
					     : NULL; /* the try in flight is one of them */
	if (record->reason == failure->reason)
		return failure;
	/*
	 * The unit waits for something else first. Installing, it then comes back to what failed; what
	 * blocks it has to be put right by a person, and that is all there is to show.
	 */
	if (record->state != FSM_STATE_INSTALLING || failure->reason == FSM_REASON_INTERRUPTED)
		return NULL;
	return failure;
}

int64_t inspect_next_try(const struct fsm_record *record)
{
	const struct fsm_failure *failure = inspect_failure(record);

	if (inspect_drifts(record))
		return record->drift.next_try;
	return failure && record->intent.op == FSM_OP_NONE && !inspect_each_hook(failure)
		       ? failure->next_try
		       : 0;
}

bool inspect_drifts(const struct fsm_record *record)
{
	return record->reason == FSM_REASON_DRIFTED || record->reason == FSM_REASON_CONTESTED;
}

bool inspect_each_hook(const struct fsm_failure *failure)
{
	return fsm_class_row(failure->class)->minutes[0] == 0;
}
