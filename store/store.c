/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes an open database. */
#include "store/store.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "fsm/columns.h"
#include "store/files.h"
#include "store/record.h"
#include "store/sql.h"

/* Writes the record; ERROR_CORRUPT when there is no row to write it to. */
static int save(struct store *store, const struct fsm_record *record, struct error *err)
{
	CLEANUP(store_reset) sqlite3_stmt *statement = store_statement(store, STORE_SAVE, err);
	int rc;

	if (!statement)
		return -1;
	rc = store_record_bind(statement, record);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	if (rc != SQLITE_DONE)
		return store_fail(store->db, rc, err);
	if (sqlite3_changes(store->db) != 1)
		return error_set(err, ERROR_CORRUPT, "%s: the record is gone", STORE_FILE);
	return 0;
}

const struct fsm_record *store_opened(const struct store *store)
{
	return &store->record;
}

int store_load(struct store *store, struct fsm_record *ret, struct error *err)
{
	CLEANUP(store_reset) sqlite3_stmt *statement = store_statement(store, STORE_LOAD, err);
	int rc;

	if (!statement)
		return -1;
	rc = sqlite3_step(statement);
	if (rc == SQLITE_DONE)
		return error_set(err, ERROR_CORRUPT, "%s: the record is gone", STORE_FILE);
	if (rc != SQLITE_ROW)
		return store_fail(store->db, rc, err);
	if (store_record_read(statement, err) == 0) {
		*ret = store->taken;
		return 0;
	}
	if (sqlite3_errcode(store->db) == SQLITE_NOMEM)
		return store_fail(store->db, SQLITE_NOMEM, err);
	return error_wrap(err, "%s", STORE_FILE);
}

/* 1 when the database holds this same record; a record that cannot be read counts as different. */
static int same(struct store *store, const struct fsm_record *record, struct error *err)
{
	struct fsm_record found;
	struct error why = { 0 };

	if (store_load(store, &found, &why) == 0)
		return fsm_same_all(&found, record);
	if (why.kind == ERROR_CORRUPT)
		return 0;
	if (err)
		*err = why;
	return -1;
}

static int bind_entry(sqlite3_stmt *statement, const struct store_entry *entry, const char *time)
{
	const char *const texts[] = { time, entry->hook, entry->event, entry->before, entry->after,
		entry->effect, entry->channel };
	int index = 1;
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < sizeof texts / sizeof texts[0]; i++)
		rc = sqlite3_bind_text(
			statement, index++, texts[i] ? texts[i] : "", -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(statement, index++, entry->change);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(
			statement, index, entry->detail ? entry->detail : "", -1, SQLITE_STATIC);
	return rc;
}

static int add(struct store *store, const struct store_entry *entry, struct error *err)
{
	CLEANUP(store_reset) sqlite3_stmt *statement = store_statement(store, STORE_ADD, err);
	char time[CLOCK_TEXT_SIZE];
	int rc;

	if (!statement)
		return -1;
	clock_text(entry->time, time);
	rc = bind_entry(statement, entry, time);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	return rc == SQLITE_DONE ? 0 : store_fail(store->db, rc, err);
}

static int trim(struct store *store, struct error *err)
{
	CLEANUP(store_reset) sqlite3_stmt *statement = store_statement(store, STORE_TRIM, err);
	int rc;

	if (!statement)
		return -1;
	rc = sqlite3_bind_int(statement, 1, STORE_JOURNAL_MAX);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	return rc == SQLITE_DONE ? 0 : store_fail(store->db, rc, err);
}

static int write_all(struct store *store, const struct fsm_record *record,
	const struct store_entry *entries, size_t count, struct error *err)
{
	if (save(store, record, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (add(store, &entries[i], err) < 0)
			return -1;
	return count ? trim(store, err) : 0;
}

int store_commit(struct store *store, const struct fsm_record *record,
	const struct store_entry *entries, size_t count, struct error *err)
{
	/* This takes no lock, so a hook with nothing to write does not wait for a writer. */
	int known = count ? 0 : same(store, record, err);

	if (known)
		return known < 0 ? -1 : 0;
	if (store_begin(store, err) < 0)
		return -1;
	if (write_all(store, record, entries, count, err) < 0 || store_end(store, err) < 0) {
		store_undo(store);
		return -1;
	}
	return 0;
}

static const char *text_at(sqlite3_stmt *statement, int index)
{
	const char *text = (const char *)sqlite3_column_text(statement, index);

	return text ? text : "";
}

/* The texts belong to the statement and live until its next step. */
static struct store_entry read_entry(sqlite3_stmt *statement)
{
	struct store_entry entry = {
		.sequence = sqlite3_column_int64(statement, 0),
		.hook = text_at(statement, 2),
		.event = text_at(statement, 3),
		.before = text_at(statement, 4),
		.after = text_at(statement, 5),
		.effect = text_at(statement, 6),
		.channel = text_at(statement, 7),
		.change = sqlite3_column_int64(statement, 8),
		.detail = text_at(statement, 9),
	};

	if (clock_read(text_at(statement, 1), &entry.time) < 0)
		entry.time = 0;
	return entry;
}

int store_journal(struct store *store, size_t limit,
	int (*show)(const struct store_entry *entry, void *context), void *context,
	struct error *err)
{
	CLEANUP(store_reset) sqlite3_stmt *statement = store_statement(store, STORE_RECENT, err);
	struct store_entry entry;
	int rc = sqlite3_bind_int64(
		statement, 1, limit < STORE_JOURNAL_MAX ? (sqlite3_int64)limit : STORE_JOURNAL_MAX);

	while (rc == SQLITE_OK || rc == SQLITE_ROW) {
		rc = sqlite3_step(statement);
		if (rc != SQLITE_ROW)
			break;
		entry = read_entry(statement);
		if (show(&entry, context))
			return 0;
	}
	return rc == SQLITE_DONE ? 0 : store_fail(store->db, rc, err);
}

int store_schema(struct store *store)
{
	return store->schema;
}

const char *store_library(void)
{
	return sqlite3_libversion();
}
