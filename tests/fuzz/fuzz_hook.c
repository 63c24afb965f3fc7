/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole hooks in one process, with a real database in its own folder. An input has the parts of
 * hook_world.h and these: "hook config-changed", once for each hook to run, in order, with the
 * seconds that pass before it as its body; "set COLUMN", a value of the record before the first
 * hook; "env NAME", where NAME is JUJU_UNIT_NAME or MICROSAMPLE_HOOK_BUDGET.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "fsm/names.h"
#include "hooks/dispatch.h"
#include "hooks/unit.h"
#include "store/store.h"
#include "tests/fuzz/hook_world.h"

enum {
	HOOKS_MAX = 6,
};

static char folder[64];

static void empty_folder(void)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	FUZZ_CHECK(dir != NULL);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	(void)closedir(dir);
}

static void remove_folder(void)
{
	empty_folder();
	(void)rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* In memory if possible, because each commit waits for the disk. */
	(void)snprintf(folder, sizeof folder, "%s/fuzz-hook-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	FUZZ_CHECK(mkdtemp(folder) != NULL);
	(void)atexit(remove_folder);
	FUZZ_CHECK(setenv("JUJU_CHARM_DIR", folder, 1) == 0);
	FUZZ_CHECK(setenv("MICROSAMPLE_SNAP_DATA", folder, 1) == 0);
	FUZZ_CHECK(setenv("MICROSAMPLE_REGISTER", folder, 1) == 0);
	return 0;
}

/* Writes one value into one column of the record, unless the schema refuses it. */
static void put(const struct fuzz_part *part)
{
	static const char known[] = "abcdefghijklmnopqrstuvwxyz_";
	char sql[128], path[128];
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;

	if (strlen(part->rest) > 32 || part->rest[strspn(part->rest, known)])
		return;
	(void)snprintf(path, sizeof path, "%s/state.db", folder);
	(void)snprintf(sql, sizeof sql, "UPDATE record SET %s = ?", part->rest);
	FUZZ_CHECK(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK) {
		(void)sqlite3_bind_text(
			statement, 1, part->body, (int)part->size, SQLITE_TRANSIENT);
		(void)sqlite3_step(statement);
	}
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
}

static void prepare(struct fuzz_input *input)
{
	struct store *store = NULL;
	bool made = false;

	empty_folder();
	(void)unsetenv("JUJU_UNIT_NAME");
	(void)unsetenv("MICROSAMPLE_HOOK_BUDGET");
	for (size_t i = 0; i < input->count; i++) {
		const struct fuzz_part *part = &input->parts[i];

		if (strcmp(part->word, "env") == 0 &&
			(strcmp(part->rest, "JUJU_UNIT_NAME") == 0 ||
				strcmp(part->rest, "MICROSAMPLE_HOOK_BUDGET") == 0))
			(void)setenv(part->rest, part->body, 1);
		if (strcmp(part->word, "set") != 0)
			continue;
		if (!made)
			FUZZ_CHECK(store_open(folder, &store, NULL, 0, NULL) == 0);
		store_close(store);
		store = NULL;
		made = true;
		put(part);
	}
}

static bool gives_order(const char *path)
{
	enum fsm_order order;

	return strncmp(path, "actions/", 8) == 0 && fsm_order_named(path + 8, &order) == 0;
}

/* The budget as dispatch reads it, in milliseconds. */
static int64_t budget_of(const char *path)
{
	const char *text = getenv("MICROSAMPLE_HOOK_BUDGET");
	long long seconds = 0;
	int64_t ret;

	if (text && *text && strlen(text) < 5 && !text[strspn(text, "0123456789")])
		seconds = atoll(text);
	ret = 1000 * (seconds < 1 || seconds > 3600 ? MICROSAMPLE_HOOK_BUDGET : seconds);
	return gives_order(path) && ret > UNIT_ACTION_TIME ? UNIT_ACTION_TIME : ret;
}

/* A hook that Juju must run again prints one clear line on standard error; others print none. */
static void check_end(int code, const char *said, size_t size)
{
	FUZZ_CHECK(code >= 0 && code <= 2);
	FUZZ_CHECK((code == 0) == (size == 0));
	fuzz_check_shown(said, size);
	FUZZ_CHECK(size == 0 || memchr(said, '\n', size) == said + size - 1);
}

static void run_hook(struct fuzz_input *input, const struct fuzz_part *hook)
{
	static FILE *nowhere;
	FILE *out = stdout, *err = stderr;
	char *said = NULL;
	size_t size = 0;
	int code;

	if (!nowhere)
		nowhere = fopen("/dev/null", "we");
	world_pass(1000 * (int64_t)(atoi(hook->body) & 0xffffff));
	FUZZ_CHECK(setenv("JUJU_DISPATCH_PATH", hook->rest, 1) == 0);
	world_begin(input, budget_of(hook->rest));
	stdout = nowhere;
	stderr = open_memstream(&said, &size);
	FUZZ_CHECK(stdout && stderr);
	code = dispatch();
	(void)fclose(stderr);
	stdout = out;
	stderr = err;
	world_end();
	check_end(code, said, size);
	free(said);
}

static void show(const char *line, void *context)
{
	(void)line;
	(void)context;
}

/* Whatever the input was, the database is sound. */
static void check_store(void)
{
	struct store *store = NULL;
	size_t problems = 0;

	if (store_inspect(folder, &store, NULL) < 0)
		return; /* no hook got as far as writing */
	FUZZ_CHECK(store_check(store, show, NULL, &problems, NULL) == 0);
	FUZZ_CHECK(problems == 0);
	store_close(store);
}

/* Whether HOOK opens the database. */
static bool reconciles(const struct fuzz_part *hook)
{
	return *hook->rest && strncmp(hook->rest, "actions/", 8) != 0 &&
	       !strstr(hook->rest, "meter-status-changed") &&
	       !strstr(hook->rest, "collect-metrics");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input;
	bool opened = false;
	int hooks = 0;

	fuzz_input_read(&input, data, size);
	prepare(&input);
	for (size_t i = 0; i < input.count && hooks < HOOKS_MAX; i++) {
		if (strcmp(input.parts[i].word, "hook") != 0)
			continue;
		run_hook(&input, &input.parts[i]);
		opened = opened || reconciles(&input.parts[i]);
		hooks++;
	}
	if (opened)
		check_store();
	fuzz_input_done(&input);
	return 0;
}
