/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures what a hook's use of the database costs in each journal mode. Each hook is a process
 * that opens the database, reads the record, commits a few times and closes it. This is not a test,
 * because it checks nothing. The numbers in docs/store.md come from it.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/schema.h"

struct way {
	const char *name;
	const char *set_up; /* NULL: as the charm does it */
	int keep;           /* keeps the log when the last process closes */
};

/* clang-format off */
static const struct way ways[] = {
	{ "DELETE",                  "PRAGMA synchronous = FULL; PRAGMA journal_mode = DELETE", 0 },
	{ "TRUNCATE",                "PRAGMA synchronous = FULL; PRAGMA journal_mode = TRUNCATE", 0 },
	{ "PERSIST",                 "PRAGMA synchronous = FULL; PRAGMA journal_mode = PERSIST", 0 },
	{ "WAL",                     "PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL", 0 },
	{ "WAL, kept",               "PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL", 1 },
	{ "WAL, kept, 64 pages",     "PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL;"
	                             "PRAGMA wal_autocheckpoint = 64", 1 },
	{ "as the charm does it",    NULL, 0 },
};
enum {
	HOOKS = 200,
	WAYS = sizeof ways / sizeof ways[0],
};

static const char commit[] =
	"BEGIN IMMEDIATE; UPDATE record SET failure_attempts = failure_attempts + 1;"
	"INSERT INTO journal SELECT NULL, '2026-11-23T03:25:00Z', 'config-changed', 'astray', 'active',"
	" 'installing', 'refresh', 'latest/edge', 7, 'from latest/stable';"
	"DELETE FROM journal WHERE sequence <= (SELECT max(sequence) FROM journal) - 1000; COMMIT";
/* clang-format on */

static int *syncs; /* shared with the children */

int fdatasync(int fd)
{
	++*syncs;
	return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	++*syncs;
	return (int)syscall(SYS_fsync, fd);
}

static void must(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

static void use_store(int commits)
{
	static const struct store_entry entry = { .time = 1795404300,
		.hook = "config-changed",
		.event = "astray",
		.before = "active",
		.after = "installing",
		.effect = "refresh",
		.channel = "latest/edge",
		.change = 7,
		.detail = "from latest/stable" };
	struct fsm_record record;
	struct store *store;

	must(store_open(".", &store, NULL, 0, NULL) == 0, "open");
	must(store_load(store, &record, NULL) == 0, "load");
	for (int i = 0; i < commits; i++) {
		record.failure.attempts++;
		must(store_commit(store, &record, &entry, 1, NULL) == 0, "commit");
	}
	store_close(store);
}

static void use_sqlite(const struct way *way, int commits)
{
	sqlite3 *db;

	must(sqlite3_open("state.db", &db) == SQLITE_OK, "open");
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, way->keep, NULL);
	must(sqlite3_exec(db, way->set_up, NULL, NULL, NULL) == SQLITE_OK, "set up");
	must(sqlite3_exec(db, "SELECT * FROM record", NULL, NULL, NULL) == SQLITE_OK, "read");
	for (int i = 0; i < commits; i++)
		must(sqlite3_exec(db, commit, NULL, NULL, NULL) == SQLITE_OK, "commit");
	must(sqlite3_close(db) == SQLITE_OK, "close");
}

static void hook(const struct way *way, int commits)
{
	pid_t child = fork();

	must(child >= 0, "fork");
	if (child == 0) {
		if (way->set_up)
			use_sqlite(way, commits);
		else
			use_store(commits);
		_exit(0);
	}
	int status;
	must(waitpid(child, &status, 0) == child && status == 0, "hook");
}

static double now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int ascending(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

/* A directory for each mode, with the same database and a full journal. */
static void prepare(void)
{
	must(system("rm -rf [0-9]") == 0, "rm");
	for (int i = 0; i < WAYS; i++) {
		char name[] = { (char)('0' + i), '\0' };

		must(mkdir(name, 0700) == 0 && chdir(name) == 0, "mkdir");
		must(system("cp ../made state.db; cp ../made-wal state.db-wal") == 0, "cp");
		hook(&ways[i], 1);
		must(chdir("..") == 0, "chdir");
	}
}

/* The modes take turns, so that other work on the machine affects all of them. */
static void measure(int commits)
{
	static double times[WAYS][HOOKS];
	int counts[WAYS] = { 0 };

	prepare();
	for (int k = 0; k < HOOKS; k++) {
		for (int i = 0; i < WAYS; i++) {
			char name[] = { (char)('0' + i), '\0' };

			must(chdir(name) == 0, "chdir");
			*syncs = 0;
			times[i][k] = now();
			hook(&ways[i], commits);
			times[i][k] = now() - times[i][k];
			counts[i] += *syncs;
			must(chdir("..") == 0, "chdir");
		}
	}
	for (int i = 0; i < WAYS; i++) {
		qsort(times[i], HOOKS, sizeof times[i][0], ascending);
		printf("%-22s %7d %7.2f %9.2f %9.2f\n", ways[i].name, commits,
			(double)counts[i] / HOOKS, times[i][HOOKS / 2], times[i][HOOKS * 95 / 100]);
	}
	(void)fflush(stdout);
}

int main(void)
{
	static const int commits[] = { 0, 1, 4, 8 };
	char scratch[] = "measure-store-XXXXXX";

	syncs = mmap(
		NULL, sizeof *syncs, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(syncs != MAP_FAILED, "mmap");
	must(mkdtemp(scratch) && chdir(scratch) == 0, "mkdtemp");
	hook(&ways[WAYS - 1], STORE_JOURNAL_MAX + 100);
	must(system("mv state.db made && mv state.db-wal made-wal && rm state.db-shm") == 0, "mv");
	puts("way                    commits   syncs median ms    95% ms");
	for (size_t k = 0; k < sizeof commits / sizeof commits[0]; k++)
		measure(commits[k]);
	must(chdir("..") == 0, "chdir");
	printf("the databases are left in %s\n", scratch);
	return 0;
}
