/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `state` with any arguments and a database that holds anything that its schema allows. The parts
 * are "arg WORD", "set COLUMN" (of the record) and "row COLUMN" (of the journal; a column that was
 * already given begins another row). The database is in memory, and the machine is not touched.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "inspect/inspect.h"
#include "store/sql.h"
#include "tests/fuzz/fuzz.h"

enum {
	ARGUMENTS_MAX = 16,
};

static struct fuzz_input input;

static const char *const row_columns[] = { "time", "hook", "event", "before", "after", "effect",
	"channel", "change", "detail" };

/* Writes one value into one column, unless the schema refuses it. */
static void put(sqlite3 *db, const char *sql, const struct fuzz_part *part)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK) {
		(void)sqlite3_bind_text(
			statement, 1, part->body, (int)part->size, SQLITE_TRANSIENT);
		(void)sqlite3_step(statement);
	}
	(void)sqlite3_finalize(statement);
}

static void put_record(sqlite3 *db, const struct fuzz_part *part)
{
	static const char known[] = "abcdefghijklmnopqrstuvwxyz_";
	char sql[128];

	if (strlen(part->rest) > 32 || part->rest[strspn(part->rest, known)])
		return;
	(void)snprintf(sql, sizeof sql, "UPDATE record SET %s = ?", part->rest);
	put(db, sql, part);
}

static void put_row(sqlite3 *db, const struct fuzz_part *part, unsigned *given)
{
	char sql[160];

	for (unsigned i = 0; i < sizeof row_columns / sizeof *row_columns; i++) {
		if (strcmp(part->rest, row_columns[i]) != 0)
			continue;
		if (*given == 0 || *given & 1U << i) {
			*given = 0;
			FUZZ_CHECK(store_run(db,
					   "INSERT INTO journal (time, hook, event, before, after,"
					   " effect, channel, change, detail) VALUES ('', '', '',"
					   " '', '', '', '', 0, '')",
					   NULL) == 0);
		}
		*given |= 1U << i;
		(void)snprintf(sql, sizeof sql,
			"UPDATE journal SET %s = ? WHERE sequence = (SELECT max(sequence) FROM "
			"journal)",
			row_columns[i]);
		put(db, sql, part);
	}
}

static void fill(sqlite3 *db)
{
	unsigned given = 0;

	for (size_t i = 0; i < input.count; i++) {
		if (strcmp(input.parts[i].word, "set") == 0)
			put_record(db, &input.parts[i]);
		else if (strcmp(input.parts[i].word, "row") == 0)
			put_row(db, &input.parts[i], &given);
	}
}

/* Replaces the function that copies a file. */
int store_inspect(const char *directory, struct store **ret, struct error *err)
{
	CLEANUP(store_cleanup) struct store *store = NULL;

	FUZZ_CHECK(*directory == '/');
	FUZZ_CHECK(store_connect(":memory:", SQLITE_OPEN_READWRITE, 0, &store, err) == 0);
	FUZZ_CHECK(store_migrate(store->db, store_migrations, store_migrations_count, err) == 0);
	store->schema = store_schema_own();
	fill(store->db);
	*ret = store;
	store = NULL;
	return 0;
}

/* What `state` prints must be safe for a terminal and readable for a program. */
static void check_output(
	int code, const char *shown, size_t size, const char *said, size_t said_size)
{
	FUZZ_CHECK(code >= 0 && code <= 2);
	fuzz_check_shown(shown, size);
	fuzz_check_shown(said, said_size);
	FUZZ_CHECK(code != 2 || said_size > 0);
	FUZZ_CHECK(code != 0 || said_size == 0);
	FUZZ_CHECK(said_size == 0 || memchr(said, '\n', said_size) == said + said_size - 1);
	if (said_size == 0 && (shown[0] == '{' || shown[0] == '[')) {
		cJSON *json = cJSON_Parse(shown);

		FUZZ_CHECK(json != NULL);
		cJSON_Delete(json);
	}
}

static int run(int argc, char **argv)
{
	static const struct inspect_library libraries[] = { { "some", "1" }, { NULL, NULL } };
	FILE *out = stdout, *err = stderr;
	char *shown = NULL, *said = NULL;
	size_t shown_size = 0, said_size = 0;
	int code;

	stdout = open_memstream(&shown, &shown_size);
	stderr = open_memstream(&said, &said_size);
	FUZZ_CHECK(stdout && stderr);
	code = state_command(argc, argv, libraries);
	(void)fclose(stdout);
	(void)fclose(stderr);
	stdout = out;
	stderr = err;
	check_output(code, shown, shown_size, said, said_size);
	free(shown);
	free(said);
	return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *argv[ARGUMENTS_MAX + 2] = { alloc_text("state") };
	int argc = 1;

	fuzz_input_read(&input, data, size);
	for (size_t i = 0; i < input.count && argc <= ARGUMENTS_MAX; i++)
		if (strcmp(input.parts[i].word, "arg") == 0)
			argv[argc++] = alloc_text(input.parts[i].rest);
	(void)run(argc, argv);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	fuzz_input_done(&input);
	return 0;
}
