/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call to the disk in the life of a database fails, once or from then on, in each way that it
 * can; and the process dies at each call. Whatever happens, no commit may be lost, the error must
 * be clear, a temporary fault must not set the database aside, and the next process must find the
 * record from before or after the interrupted commit.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "store/files.h"
#include "store/schema.h"
#include "tests/fault_vfs.h"
#include "tests/store_kit.h"
#include "tests/suite.h"

enum {
	COMMITS = 4,   /* in one life */
	FULL_LOG = 14, /* commits after which the next one or two move the log into the database */
	PATIENCE = 20, /* seconds for one life */
};

/* --- the calls of store/ to the C library --- */

int openat(int at, const char *name, int flags, ...)
{
	return fault_meets(FAULT_LIBC) ? -1 : (int)syscall(SYS_openat, at, name, flags, 0600);
}

int fstatat(int at, const char *restrict name, struct stat *restrict ret, int flags)
{
	return fault_meets(FAULT_LIBC) ? -1 : (int)syscall(SYS_newfstatat, at, name, ret, flags);
}

int faccessat(int at, const char *name, int mode, int flags)
{
	return fault_meets(FAULT_LIBC) ? -1 : (int)syscall(SYS_faccessat2, at, name, mode, flags);
}

int renameat(int at, const char *name, int to_at, const char *to)
{
	return fault_meets(FAULT_LIBC) ? -1 : (int)syscall(SYS_renameat2, at, name, to_at, to, 0);
}

/* The machine does not fail here, so nothing has to be on a disk. */
int fsync(int fd)
{
	(void)fd;
	return fault_meets(FAULT_LIBC) ? -1 : 0;
}

int fdatasync(int fd)
{
	(void)fd;
	return 0;
}

/* --- the databases with which a life begins --- */

/* The migration of a later charm. */
static struct store_migration later[3] = {
	[2] = { .sql = "ALTER TABLE journal ADD COLUMN remark TEXT NOT NULL DEFAULT '';"
		       "UPDATE record SET build = build" },
};

/* Record number 0 is that of a new database. */
static void numbered(struct fsm_record *ret, int number)
{
	memset(ret, 0, sizeof *ret);
	if (!number)
		return;
	kit_record(ret, number);
	kit_as_first_had_it(ret); /* schema 1 cannot hold more */
}

static void commits(int count)
{
	struct store *store = kit_open();
	struct fsm_record record;

	for (int i = 1; i <= count; i++) {
		numbered(&record, i);
		kit_commit(store, &record);
	}
	store_close(store);
}

static void make_none(void)
{
}

static void make_full_log(void)
{
	commits(FULL_LOG);
}

static void make_log_without_index(void)
{
	commits(FULL_LOG);
	ck_assert_int_eq(unlink("state.db-shm"), 0);
}

/* As a person may leave it who used another tool. */
static void make_without_log(void)
{
	commits(1);
	kit_sql("PRAGMA journal_mode = DELETE");
}

static void change_and_die(void)
{
	static const struct fault at_the_end = {
		.call = FAULT_DELETE, .how = FAULT_DEATH, .at = 1
	};

	fault_install(&at_the_end);
	kit_sql("BEGIN; UPDATE record SET state = 'active', reason = 'none'; DELETE FROM journal; "
		"COMMIT");
}

/* A rollback journal beside a database that is already partly written. */
static void make_hot_journal(void)
{
	pid_t pid;

	make_without_log();
	pid = fork();
	if (pid == 0) {
		change_and_die();
		_exit(1);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_eq(access("state.db-journal", F_OK), 0);
}

static void make_first(void)
{
	kit_make_first(1);
}

/* Its header is of a newer format: it has to be set aside, with its log. */
static void make_damaged(void)
{
	commits(1);
	kit_write("state.db",
		"this is no database, and never was one, whatever its name may say; "
		"it is long enough to be taken for one all the same.............."
		"................................................................"
		"................................................................"
		"................................................................"
		"................................................................"
		"................................................................"
		"................................................................"
		"................................................................",
		512);
}

/* clang-format off */
static const struct {
	const char *name;
	void (*make)(void);
	int holds;         /* the number of its record */
	size_t migrations; /* of the charm that opens it */
	bool aside;        /* it has to be set aside */
} starts[] = {
	{ "no database",         make_none,              0,        2, false },
	{ "a full log",          make_full_log,          FULL_LOG, 2, false },
	{ "a log without index", make_log_without_index, FULL_LOG, 2, false },
	{ "no log",              make_without_log,       1,        2, false },
	{ "a hot journal",       make_hot_journal,       1,        2, false },
	{ "schema 1",            make_first,             1,        2, false },
	{ "an older schema",     make_full_log,          FULL_LOG, 3, false },
	{ "a damaged database",  make_damaged,           0,        2, true },
};
/* clang-format on */

static const char *const files[] = { "state.db", "state.db-wal", "state.db-shm",
	"state.db-journal" };
enum {
	FILES = sizeof files / sizeof files[0],
};

static void keep(void)
{
	char kept[32];

	for (int i = 0; i < FILES; i++) {
		(void)snprintf(kept, sizeof kept, "kept-%s", files[i]);
		if (access(files[i], F_OK) == 0)
			kit_copy(files[i], kept);
	}
}

static void restore(void)
{
	char kept[32];
	glob_t now = { 0 };

	if (glob("state.db*", 0, NULL, &now) == 0)
		for (size_t i = 0; i < now.gl_pathc; i++)
			ck_assert_int_eq(unlink(now.gl_pathv[i]), 0);
	globfree(&now);
	for (int i = 0; i < FILES; i++) {
		(void)snprintf(kept, sizeof kept, "kept-%s", files[i]);
		if (access(kept, F_OK) == 0)
			kit_copy(kept, files[i]);
	}
}

/* --- one life, in a process of its own --- */

struct report {
	int tried, durable; /* numbers of records */
	int met;            /* faults */
	int wrong;          /* a record read that may not be there */
	int said;           /* errors */
	struct error first; /* of them */
	char aside[64];
	bool opened;
};

static struct report *report; /* shared with the child */

static int count_row(const struct store_entry *entry, void *context)
{
	(void)entry;
	++*(int *)context;
	return 0;
}

static void count_line(const char *line, void *context)
{
	(void)line;
	++*(int *)context;
}

static void note(const struct error *err)
{
	if (!report->said++)
		report->first = *err;
}

/* Reads the record, which must be that from before or after the last commit; reports any other. */
static void look_at(struct store *store, bool own)
{
	struct fsm_record found, before, after;
	struct error err = { 0 };

	numbered(&before, report->durable);
	numbered(&after, report->tried);
	if (store_load(store, &found, &err) < 0) {
		if (own)
			note(&err);
	} else if (memcmp(&found, &before, sizeof found) != 0 &&
		   memcmp(&found, &after, sizeof found) != 0) {
		report->wrong++;
	}
}

static void write_and_read(struct store *store)
{
	struct error err = { 0 };
	struct fsm_record record;
	size_t trouble = 0;
	int rows = 0, lines = 0;

	look_at(store, true);
	for (int i = 0; i < COMMITS; i++) {
		numbered(&record, ++report->tried);
		if (store_commit(store, &record, &(struct store_entry){ .hook = "start" }, 1,
			    &err) < 0) {
			note(&err);
			look_at(store, false);
			break;
		}
		report->durable = report->tried;
	}
	if (store_journal(store, 100, count_row, &rows, &err) < 0)
		note(&err);
	if (store_check(store, count_line, &lines, &trouble, &err) < 0)
		note(&err);
}

static void live(size_t migrations)
{
	struct store *store = NULL;
	struct error err = { 0 };

	if (store_open_with(".", later, migrations, &store, report->aside, sizeof report->aside,
		    &err) < 0) {
		note(&err);
	} else {
		report->opened = true;
		if (*report->aside)
			report->durable = report->tried = 0;
		write_and_read(store);
		store_close(store);
	}
	store = NULL;
	if (store_inspect_with(".", later, migrations, &store, &err) < 0) {
		/* There is no database until one could be made. */
		if (err.code != ENOENT || report->opened)
			note(&err);
	} else {
		look_at(store, true);
	}
	store_close(store);
}

/* Returns how the process ended: an exit code, or 128 and the signal. */
static int run(int start, const struct fault *fault)
{
	pid_t pid;
	int status;

	memset(report, 0, sizeof *report);
	report->durable = report->tried = starts[start].holds;
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		(void)alarm(suite_patience(PATIENCE));
		fault_install(fault);
		live(starts[start].migrations);
		report->met = fault_met();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* --- what must hold afterwards --- */

static const char *describe(int start, const struct fault *fault)
{
	static char text[200];

	(void)snprintf(text, sizeof text, "%s: %s %d, %s%s: tried %d, durable %d, \"%s\" (%d)",
		starts[start].name, fault_call_names[fault->call], fault->at,
		fault_how_names[fault->how], fault->lasting ? " for good" : "", report->tried,
		report->durable, report->first.text, report->first.code);
	return text;
}

#define HOLDS(condition) ck_assert_msg((condition), "%s: %s", #condition, describe(start, fault))

/* The error must name the cause of a fault; a fault without effect needs no error. */
static void expect_clear(int start, const struct fault *fault)
{
	const struct error *err = &report->first;

	HOLDS(report->wrong == 0);
	if (!report->said)
		return;
	HOLDS(strchr(err->text, '\n') == NULL && strlen(err->text) > 12);
	HOLDS(strncmp(err->text, "state.db", 8) == 0);
	HOLDS(fault->call != FAULT_READ || fault->how != FAULT_SHORT);
	if (err->kind == ERROR_BUSY)
		HOLDS(fault->how == FAULT_BUSY);
	else
		HOLDS(err->kind == ERROR_SYSTEM);
	if (fault->how == FAULT_ERROR)
		HOLDS(err->code == EIO);
	/* SQLite does not always pass on what failed beneath a sync or an index. */
	if (fault->how == FAULT_NO_SPACE)
		HOLDS(err->code == ENOSPC || (err->code == EIO && fault->call != FAULT_WRITE));
}

static struct store *open_again(int start, const struct fault *fault, bool may_set_aside)
{
	struct store *store = NULL;
	struct error err = { 0 };
	char aside[64];

	if (store_open_with(
		    ".", later, starts[start].migrations, &store, aside, sizeof aside, &err) < 0)
		ck_abort_msg("%s; then: %s", describe(start, fault), err.text);
	if (*aside && !may_set_aside)
		ck_abort_msg("%s; then: %s set aside, %s", describe(start, fault), aside, err.text);
	return store;
}

static void expect_sound(int start, const struct fault *fault, int least, int most, bool may)
{
	struct fsm_record found, before, after;
	struct error err = { 0 };
	struct store *store = open_again(start, fault, may);
	size_t trouble = 0;
	int lines = 0;

	numbered(&before, least);
	numbered(&after, most);
	HOLDS(store_load(store, &found, &err) == 0);
	HOLDS(memcmp(&found, &before, sizeof found) == 0 ||
		memcmp(&found, &after, sizeof found) == 0);
	HOLDS(store_check(store, count_line, &lines, &trouble, &err) == 0);
	HOLDS(trouble == 0);
	kit_commit(store, &after);
	kit_expect(store, &after);
	store_close(store);
}

/* All that had to be set aside is still there, under the old or the new name. */
static void expect_kept(int start, const struct fault *fault)
{
	HOLDS(system("for kept in kept-state.db kept-state.db-wal; do found=; "
		     "for now in state.db*; do ! cmp -s $kept $now || found=$now; done; "
		     "[ \"$found\" ] || exit 1; done") == 0);
}

static void judge(int start, const struct fault *fault, int ended)
{
	if (fault->how == FAULT_DEATH) {
		HOLDS(ended == 0 || ended == FAULT_DEATH_CODE);
		/* It is unknown whether the commit succeeded during which the process died. */
		if (ended && report->durable == report->tried && report->opened)
			report->tried++;
	} else {
		HOLDS(ended == 0);
		HOLDS(report->met > 0 || report->said == 0);
		expect_clear(start, fault);
	}
	if (starts[start].aside)
		expect_kept(start, fault);
	else
		HOLDS(!*report->aside);
	expect_sound(start, fault, report->durable, report->tried, starts[start].aside);
}

/* Fails each call of one kind in turn, until a life ends without meeting the fault. */
static int sweep(int start, struct fault fault)
{
	/*
	 * A lasting fault also fails the next call, so without FAULTS=all only every third call is
	 * tried.
	 */
	int stride = fault.lasting && !getenv("FAULTS") ? 3 : 1;
	int lives = 0;

	for (fault.at = 1;; fault.at += stride) {
		int ended;

		restore();
		ended = run(start, &fault);
		judge(start, &fault, ended);
		if (!report->met && ended != FAULT_DEATH_CODE)
			return lives;
		lives++;
	}
}

START_TEST(failing_call_loses_nothing)
{
	int faults = 0, deaths = 0;

	ck_assert_uint_eq(store_migrations_count, 2);
	memcpy(later, store_migrations, 2 * sizeof *later);
	report = mmap(
		NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(report, MAP_FAILED);
	starts[_i].make();
	keep();
	for (enum fault_call call = FAULT_NONE + 1; call < FAULT_CALL_COUNT; call++) {
		for (enum fault_how how = 0; how < FAULT_HOW_COUNT; how++) {
			if (!fault_makes_sense(call, how))
				continue;
			if (how == FAULT_DEATH) {
				deaths += sweep(_i, (struct fault){ .call = call, .how = how });
				continue;
			}
			faults += sweep(_i, (struct fault){ .call = call, .how = how });
			faults += sweep(
				_i, (struct fault){ .call = call, .how = how, .lasting = true });
		}
	}
	(void)printf("%s: %d faults, %d deaths\n", starts[_i].name, faults, deaths);
	(void)fflush(stdout);
	ck_assert_int_gt(faults, 200);
	ck_assert_int_gt(deaths, 50);
}
END_TEST

int main(void)
{
	TCase *tests;
	Suite *suite = kit_suite("store, faults", &tests);

	tcase_add_loop_test(tests, failing_call_loses_nothing, 0, sizeof starts / sizeof starts[0]);
	return run_suite(suite);
}
