/* SPDX-License-Identifier: Apache-2.0 */
/* Looks for damage in an open database, for `state check`. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "fsm/names.h"
#include "store/files.h"
#include "store/record.h"
#include "store/sql.h"

struct findings {
	void (*show)(const char *line, void *context);
	void *context;
	size_t count;
};

__attribute__((format(printf, 2, 3))) static void found(
	struct findings *findings, const char *format, ...)
{
	char line[256], ascii[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line, sizeof line, format, args);
	va_end(args);
	text_ascii(ascii, sizeof ascii, line);
	findings->count++;
	findings->show(ascii, findings->context);
}

static int check_integrity(struct store *store, struct findings *findings, struct error *err)
{
	CLEANUP(store_reset) sqlite3_stmt *statement = store_statement(store, STORE_INTEGRITY, err);
	int rc;

	if (!statement)
		return -1;
	while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(statement, 0);

		if (!text || strcmp(text, "ok") != 0)
			found(findings, "%s: %s", STORE_FILE, text ? text : "");
	}
	if (rc == SQLITE_DONE)
		return 0;
	return store_fail(store->db, rc, err);
}

static int check_record(struct store *store, struct findings *findings, struct error *err)
{
	struct fsm_record record;
	struct error why = { 0 };

	if (store_load(store, &record, &why) == 0)
		return 0;
	if (why.kind != ERROR_CORRUPT) {
		if (err)
			*err = why;
		return -1;
	}
	found(findings, "%s", why.text);
	return 0;
}

/*
 * The first name in a row of the journal that is not known, or NULL. "" means that nothing
 * happened.
 */
static const char *unknown_name(sqlite3_stmt *statement)
{
	enum fsm_event event;
	enum fsm_state state;
	enum fsm_effect effect;
	const char *names[4];

	for (int i = 0; i < 4; i++) {
		names[i] = (const char *)sqlite3_column_text(statement, i + 3);
		if (!names[i])
			return "NULL";
	}
	if (*names[0] && fsm_event_named(names[0], &event) < 0)
		return names[0];
	if (*names[1] && fsm_state_named(names[1], &state) < 0)
		return names[1];
	if (*names[2] && fsm_state_named(names[2], &state) < 0)
		return names[2];
	if (*names[3] && fsm_effect_named(names[3], &effect) < 0)
		return names[3];
	return NULL;
}

static void check_row(sqlite3_stmt *statement, struct findings *findings)
{
	const char *text = (const char *)sqlite3_column_text(statement, 1);
	const char *unknown = unknown_name(statement);
	long long sequence = sqlite3_column_int64(statement, 0);
	int64_t time;

	if (!text || clock_read(text, &time) < 0)
		found(findings, "journal row %lld: not a valid time", sequence);
	if (unknown)
		found(findings, "journal row %lld: unknown name '%.60s'", sequence, unknown);
}

static int check_journal(struct store *store, struct findings *findings, struct error *err)
{
	CLEANUP(store_reset) sqlite3_stmt *statement = store_statement(store, STORE_ALL, err);
	long long last = 0;
	size_t rows = 0;
	int rc;

	if (!statement)
		return -1;
	while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
		long long sequence = sqlite3_column_int64(statement, 0);

		if (rows++ && sequence != last + 1)
			found(findings, "journal: no rows between %lld and %lld", last, sequence);
		last = sequence;
		check_row(statement, findings);
	}
	if (rc != SQLITE_DONE)
		return store_fail(store->db, rc, err);
	if (rows > STORE_JOURNAL_MAX)
		found(findings, "journal: %zu rows, more than %d", rows, STORE_JOURNAL_MAX);
	return 0;
}

/* Damage that stops a check is also a finding. */
static int finish(int result, struct findings *findings, const struct error *why, struct error *err)
{
	if (result == 0)
		return 0;
	if (why->kind == ERROR_CORRUPT) {
		found(findings, "%s", why->text);
		return 0;
	}
	if (err)
		*err = *why;
	return -1;
}

int store_check(struct store *store, void (*show)(const char *line, void *context), void *context,
	size_t *ret, struct error *err)
{
	struct findings findings = { show, context, 0 };
	struct error why = { 0 };

	if (finish(check_integrity(store, &findings, &why), &findings, &why, err) < 0)
		return -1;
	if (finish(check_record(store, &findings, &why), &findings, &why, err) < 0)
		return -1;
	if (finish(check_journal(store, &findings, &why), &findings, &why, err) < 0)
		return -1;
	*ret = findings.count;
	return 0;
}
