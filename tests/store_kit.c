/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/store_kit.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "store/schema.h"

static char scratch[PATH_MAX];
static int child_in = -1, child_out = -1;

void kit_setup(void)
{
	const char *top = getenv("TMPDIR");

	(void)snprintf(scratch, sizeof scratch, "%s/test-store-XXXXXX", top ? top : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(scratch));
	ck_assert_int_eq(chdir(scratch), 0);
}

static int wipe(const char *path, const struct stat *file, int flag, struct FTW *where)
{
	(void)file, (void)flag, (void)where;
	return remove(path);
}

void kit_teardown(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(nftw(scratch, wipe, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT), 0);
}

Suite *kit_suite(const char *name, TCase **ret)
{
	Suite *suite = suite_create(name);

	*ret = tcase_create(name);
	tcase_add_checked_fixture(*ret, kit_setup, kit_teardown);
	tcase_set_timeout(*ret, 60);
	suite_add_tcase(suite, *ret);
	return suite;
}

struct store *kit_open(void)
{
	struct error err = { 0 };
	struct store *store = NULL;
	char aside[NAME_MAX + 1] = "?";

	if (store_open(".", &store, aside, sizeof aside, &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert_str_eq(aside, "");
	return store;
}

struct store *kit_open_aside(char *aside)
{
	struct error err = { 0 };
	struct store *store = NULL;

	if (store_open(".", &store, aside, NAME_MAX + 1, &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert_str_ne(aside, "");
	ck_assert_str_ne(err.text, "");
	return store;
}

/* SIZE - 1 bytes with characters that SQL, C and terminals often handle wrongly. */
static void odd_text(char *text, size_t size, int salt)
{
	static const char odd[] = "'\"%s\\;--\t\n\x7f\xc3\xa4\xe2\x82\xac|?:$(id)";

	(void)snprintf(text, size, "%d", salt);
	for (size_t i = strlen(text); i + 1 < size; i++)
		text[i] = odd[(i + (size_t)salt) % (sizeof odd - 1)];
}

#define TEXT(member) odd_text(ret->member, sizeof ret->member, salt++)

void kit_record(struct fsm_record *ret, int salt)
{
	salt *= 100;
	memset(ret, 0, sizeof *ret);
	ret->state = FSM_STATE_BLOCKED;
	TEXT(target.channel);
	ret->target.revision = salt++;
	ret->reason = FSM_REASON_CONTESTED;
	TEXT(detail);
	ret->since = 1700000000 + salt++;
	TEXT(build);
	ret->intent.op = FSM_OP_REFRESH;
	TEXT(intent.target.channel);
	ret->intent.target.revision = salt++;
	ret->intent.phase = FSM_PHASE_KNOWN;
	ret->intent.baseline = INT64_MAX - salt++;
	ret->intent.change = INT64_MIN + salt++;
	ret->intent.asked = 1 + salt++;
	ret->intent.uptime = salt++;
	TEXT(intent.boot);
	ret->failure.class = FSM_CLASS_SERVICE;
	ret->failure.op = FSM_OP_REMOVE;
	TEXT(failure.target.channel);
	ret->failure.target.revision = salt++;
	ret->failure.reason = FSM_REASON_REMOVED;
	TEXT(failure.detail);
	ret->failure.attempts = salt++;
	ret->failure.tried = 253402300799 - salt++;
	ret->failure.answered = 253402300799 - salt++;
	ret->failure.next_try = 4102444800 + salt++;
	TEXT(drift.target.channel);
	ret->drift.target.revision = salt++;
	ret->drift.times = salt++;
	ret->drift.put = 1 + salt++;
	ret->drift.next_try = 4102444800 + salt++;
	TEXT(refused.target.channel);
	ret->refused.target.revision = salt++;
	ret->refused.times = salt++;
	TEXT(refused.detail);
	ret->refused.bad = salt++;
	ret->refused.back = salt++;
	ret->refused.failed = true;
	ret->refused.options = INT64_MAX - salt++;
	TEXT(probation.revision);
	TEXT(probation.before.channel);
	ret->probation.before.revision = salt++;
	TEXT(probation.services);
	ret->probation.well = true;
	ret->probation.since = salt++;
	ret->probation.quiet = salt++;
	TEXT(probation.boot);
	ret->probation.looks = salt++;
	ret->lenient = true;
	ret->ours = true;
	ret->marked = true;
	ret->retired = true;
	ret->stopping = true;
	ret->port = FSM_PORT_TAKEN;
	TEXT(revision);
	TEXT(version);
	TEXT(tracking);
	ret->told_status = FSM_STATUS_ACTIVE;
	TEXT(told_message);
	TEXT(told_version);
}

void kit_commit(struct store *store, const struct fsm_record *record)
{
	static const struct fsm_record zeroed;
	struct error err = { 0 };
	const struct store_entry entry = { .time = 1700000000,
		.hook = "config-changed",
		.event = "astray",
		.before = "active",
		.after = "installing",
		.effect = "refresh",
		.channel = "latest/edge",
		.change = 7,
		.detail = "from latest/stable" };

	if (store_commit(store, record ? record : &zeroed, &entry, 1, &err) < 0)
		ck_abort_msg("%s", err.text);
}

void kit_expect(struct store *store, const struct fsm_record *record)
{
	struct fsm_record found;
	struct error err = { 0 };

	if (store_load(store, &found, &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert_mem_eq(&found, record, sizeof found);
}

void kit_make(int salt)
{
	struct store *store = kit_open();
	struct fsm_record record;

	kit_record(&record, salt);
	kit_commit(store, &record);
	store_close(store);
}

void kit_sql(const char *sql)
{
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open("state.db", &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		ck_abort_msg("%s: %s", sql, sqlite3_errmsg(db));
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}

/* Schema 1 gets what a database of ours holds, as far as it has the columns. */
void kit_make_first(int salt)
{
	kit_make_whole(salt);
	ck_assert_int_eq(rename("state.db", "ours.db"), 0);
	kit_sql("PRAGMA journal_mode = WAL");
	kit_sql(store_migrations[0].sql);
	kit_sql("ATTACH 'ours.db' AS ours; DELETE FROM record;"
		"INSERT INTO record SELECT id, state, channel, reason, detail, since, build, "
		"intent_op,"
		" intent_channel, intent_phase, intent_baseline, intent_change, intent_asked,"
		" intent_uptime, intent_boot, 'operator', failure_op, failure_channel,"
		" failure_reason, failure_detail, failure_attempts, failure_tried, "
		"failure_next_try,"
		" ours, retired, port, revision, version, tracking, told_status, told_message,"
		" told_version FROM ours.record;"
		"INSERT INTO journal SELECT * FROM ours.journal;"
		"PRAGMA application_id = 0x6d73766d; PRAGMA user_version = 1");
	ck_assert_int_eq(unlink("ours.db"), 0);
}

void kit_as_first_had_it(struct fsm_record *record)
{
	record->target.revision = record->intent.target.revision = 0;
	record->failure.target.revision = 0;
	record->marked = false;
	record->failure.class = FSM_CLASS_FINAL;
	record->failure.answered = record->failure.since = record->failure.tried;
	record->drift = (struct fsm_drift){ 0 };
	record->refused = (struct fsm_refused){ 0 };
	record->probation = (struct fsm_probation){ .revision = "" };
	record->lenient = record->since != 0; /* a unit that has done something was not probed */
	record->stopping = false;
}

char *kit_read(const char *name, size_t *size)
{
	CLEANUP(cleanup_close) int fd = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat file;
	char *data;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &file), 0);
	data = alloc_new(1, (size_t)file.st_size + 1);
	ck_assert_int_eq(read(fd, data, (size_t)file.st_size), file.st_size);
	*size = (size_t)file.st_size;
	return data;
}

void kit_write(const char *name, const void *data, size_t size)
{
	CLEANUP(cleanup_close)
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, size), (ssize_t)size);
}

void kit_copy(const char *from, const char *to)
{
	size_t size;
	CLEANUP(cleanup_free) char *data = kit_read(from, &size);

	kit_write(to, data, size);
}

void kit_expect_same(const char *one, const char *other)
{
	size_t size, other_size;
	CLEANUP(cleanup_free) char *data = kit_read(one, &size);
	CLEANUP(cleanup_free) char *other_data = kit_read(other, &other_size);

	ck_assert_uint_eq(size, other_size);
	ck_assert_mem_eq(data, other_data, size);
}

void kit_make_whole(int salt)
{
	kit_make(salt);
	kit_sql("PRAGMA wal_checkpoint(TRUNCATE)");
	(void)unlink("state.db-wal");
	(void)unlink("state.db-shm");
}

void kit_clear(void)
{
	ck_assert_int_eq(system("rm -rf state.db*"), 0);
}

static unsigned long long digest(const char *data, size_t size)
{
	unsigned long long sum = 14695981039346656037u;

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ (unsigned char)data[i]) * 1099511628211u;
	return sum;
}

static void add_to_picture(struct buf *picture, const char *name, bool with_index)
{
	bool index = strcmp(name, "state.db-shm") == 0;
	struct stat file;
	size_t size = 0;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	ck_assert_int_eq(lstat(name, &file), 0);
	CLEANUP(cleanup_free) char *data = S_ISREG(file.st_mode) ? kit_read(name, &size) : NULL;
	ck_assert_int_eq(buf_addf(picture, "%s %o %zu %llx\n", name, (unsigned)file.st_mode, size,
				 index && !with_index ? 0 : digest(data, size)),
		0);
}

char *kit_picture(bool with_index)
{
	struct dirent **entries;
	struct buf picture;
	int count = scandir(".", &entries, NULL, alphasort);

	ck_assert_int_ge(count, 0);
	buf_init(&picture, 65536);
	for (int i = 0; i < count; i++) {
		add_to_picture(&picture, entries[i]->d_name, with_index);
		free(entries[i]);
	}
	free(entries);
	return picture.data ? picture.data : alloc_text("");
}

void kit_fork(struct kit_child *ret, void (*do_this)(void *context), void *context)
{
	int from[2], to[2];
	char ready;

	ck_assert_int_eq(pipe(from), 0);
	ck_assert_int_eq(pipe(to), 0);
	ret->pid = fork();
	ck_assert_int_ge(ret->pid, 0);
	if (ret->pid == 0) {
		(void)close(from[0]);
		(void)close(to[1]);
		child_in = to[0];
		child_out = from[1];
		do_this(context);
		_exit(0);
	}
	(void)close(from[1]);
	(void)close(to[0]);
	ret->from = from[0];
	ret->to = to[1];
	ck_assert_int_eq(read(ret->from, &ready, 1), 1);
}

void kit_ready(void)
{
	if (write(child_out, "r", 1) != 1)
		_exit(99);
}

void kit_wait(void)
{
	char go;

	if (read(child_in, &go, 1) < 0)
		_exit(98);
}

int kit_release(struct kit_child *child)
{
	int status;

	(void)close(child->to);
	(void)close(child->from);
	ck_assert_int_eq(waitpid(child->pid, &status, 0), child->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void kit_expect_text(const char *sql, const char *expected)
{
	sqlite3_stmt *statement;
	sqlite3 *db;

	ck_assert_int_eq(sqlite3_open("state.db", &db), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
	ck_assert_str_eq((const char *)sqlite3_column_text(statement, 0), expected);
	sqlite3_finalize(statement);
	sqlite3_close(db);
}

static int see(const struct store_entry *entry, void *context)
{
	struct kit_seen *seen = context;

	if (!seen->count)
		seen->first = entry->sequence;
	else
		ck_assert_int_eq(entry->sequence, seen->last + 1);
	seen->last = entry->sequence;
	(void)snprintf(seen->detail, sizeof seen->detail, "%s", entry->detail);
	return ++seen->count == seen->stop;
}

void kit_list(struct store *store, size_t limit, struct kit_seen *seen)
{
	struct error err = { 0 };

	if (store_journal(store, limit, see, seen, &err) < 0)
		ck_abort_msg("%s", err.text);
}

static void gather(const char *line, void *context)
{
	char *lines = context;
	size_t used = strlen(lines);

	(void)snprintf(lines + used, 4096 - used, "%s\n", line);
}

size_t kit_check(char lines[static 4096])
{
	struct error err = { 0 };
	struct store *store = NULL;
	size_t found;

	lines[0] = '\0';
	if (store_inspect(".", &store, &err) < 0)
		ck_abort_msg("%s", err.text);
	if (store_check(store, gather, lines, &found, &err) < 0)
		ck_abort_msg("%s", err.text);
	store_close(store);
	return found;
}
