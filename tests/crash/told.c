/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/told.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "fsm/names.h"
#include "fsm/status.h"
#include "store/store.h"
#include "tests/crash/tree.h"

/* With the index as it was left, because a person who looks would find it so too. */
static void copy_database(const char *directory, const char *scratch)
{
	static const char *const names[] = { "state.db", "state.db-wal", "state.db-shm",
		"state.db-journal" };

	tree_remove(scratch);
	tree_make(scratch);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CLEANUP(cleanup_free) char *from = alloc_textf("%s/%s", directory, names[i]);
		CLEANUP(cleanup_free) char *to = alloc_textf("%s/%s", scratch, names[i]);

		if (access(from, F_OK) == 0)
			tree_copy(from, to);
	}
}

int told_load(const char *directory, const char *scratch, struct fsm_record *ret)
{
	struct store *store = NULL;
	struct error err = { 0 };
	int outcome;

	*ret = (struct fsm_record){ 0 };
	if (scratch)
		copy_database(directory, scratch);
	if (store_inspect(scratch ? scratch : directory, &store, &err) < 0) {
		if (err.kind == ERROR_SYSTEM && err.code == ENOENT)
			return 0;
		(void)fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	outcome = store_load(store, ret, &err);
	store_close(store);
	return outcome;
}

bool told_by(const struct fsm_record *record, const char *status, const char *message)
{
	struct fsm_status_line told = fsm_status_line(record, "");
	size_t length = strlen(told.message);

	return strcmp(fsm_status_name(told.status), status) == 0 &&
	       strncmp(told.message, message, length) == 0 &&
	       (message[length] == '\0' || strncmp(message + length, ": ", 2) == 0);
}

static void ignore(const char *line, void *context)
{
	(void)context;
	(void)fprintf(stderr, "state check: %s\n", line);
}

bool told_sound(const char *directory)
{
	struct store *store = NULL;
	struct error err = { 0 };
	size_t wrong = 0;
	bool sound;

	if (store_inspect(directory, &store, &err) < 0) {
		if (err.kind == ERROR_SYSTEM && err.code == ENOENT)
			return true;
		(void)fprintf(stderr, "%s\n", err.text);
		return false;
	}
	sound = store_check(store, ignore, NULL, &wrong, &err) == 0 && wrong == 0;
	store_close(store);
	return sound;
}

/* Whether DETAIL takes an order, or ends one; neither leaves OPEN as it is. */
static void see_order(const char *detail, bool *open)
{
	static const enum fsm_order orders[] = { FSM_ORDER_REFRESH, FSM_ORDER_REVERT,
		FSM_ORDER_RESTART };

	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		CLEANUP(cleanup_free)
		char *taken = alloc_textf("order %s", fsm_order_name(orders[i]));
		const char *found = strstr(detail, taken);

		if (found)
			*open = found[strlen(taken)] != ' ';
	}
}

static int see_row(const struct store_entry *entry, void *context)
{
	see_order(entry->detail, context);
	return 0;
}

bool told_orders(const char *directory)
{
	struct store *store = NULL;
	struct error err = { 0 };
	bool open = false;
	int outcome;

	if (store_inspect(directory, &store, &err) < 0)
		return err.kind == ERROR_SYSTEM && err.code == ENOENT;
	outcome = store_journal(store, STORE_JOURNAL_MAX, see_row, &open, &err);
	store_close(store);
	return outcome == 0 && !open;
}
