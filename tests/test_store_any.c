/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Damaged bytes in the database or its log: each byte flipped, cut at each length, pages
 * overwritten with noise, pages swapped. The code must not crash, hang or delete anything, and
 * there must be a database to go on with.
 *
 * A child tries thousands of them. If it dies or hangs, the test knows what it tried last. Without
 * ANY_DATABASE=all, only a part is tried. ANY_SEED gives the seed of the noise.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tests/store_kit.h"
#include "tests/suite.h"

enum {
	PAGE = 4096,
	COMMITS = 3,
	PATIENCE = 20, /* seconds for one database */
};

/* The machine does not fail here, so nothing needs a sync. */
int fsync(int fd)
{
	(void)fd;
	return 0;
}

int fdatasync(int fd)
{
	(void)fd;
	return 0;
}

/* The database as it was, and its log (no log if everything is in the one file). */
static char *sound_main, *sound_log;
static size_t main_size, log_size;
static struct fsm_record committed[COMMITS + 1]; /* the first is that of a new database */

static struct progress {
	char doing[120];
	char wrong[300];
	long tried, aside, refused; /* refused: a commit */
} * progress;

static void set_up(void)
{
	kit_setup();
	progress = mmap(
		NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(progress, MAP_FAILED);
	memset(&committed[0], 0, sizeof committed[0]);
	for (int i = 1; i <= COMMITS; i++)
		kit_record(&committed[i], i);
}

static void tear_down(void)
{
	free(sound_main);
	free(sound_log);
	sound_main = sound_log = NULL;
	(void)munmap(progress, sizeof *progress);
	kit_teardown();
}

static void make(bool with_log)
{
	struct store *store = kit_open();

	for (int i = 1; i <= COMMITS; i++)
		kit_commit(store, &committed[i]);
	store_close(store);
	if (!with_log)
		kit_sql("PRAGMA wal_checkpoint(TRUNCATE)");
	sound_main = kit_read("state.db", &main_size);
	if (with_log)
		sound_log = kit_read("state.db-wal", &log_size);
	else
		log_size = 0;
	ck_assert_uint_ge(main_size, 3 * PAGE);
	ck_assert(with_log ? log_size > 3 * PAGE : log_size == 0);
}

/* --- one database, in the child --- */

__attribute__((format(printf, 1, 2), noreturn)) static void wrong(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(progress->wrong, sizeof progress->wrong, format, args);
	va_end(args);
	_exit(1);
}

static void write_file(const char *name, const char *data, size_t size)
{
	FILE *file = fopen(name, "we");

	if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0)
		wrong("%s cannot be written", name);
}

static void expect_file(const char *name, const char *data, size_t size)
{
	char found[16 * PAGE];
	FILE *file = fopen(name, "re");

	if (!file || fread(found, 1, sizeof found, file) != size || memcmp(found, data, size) != 0)
		wrong("%s is not what was set aside", name);
	(void)fclose(file);
}

static int any_row(const struct store_entry *entry, void *context)
{
	(void)context;
	return entry->detail[0] == '\x01'; /* reads it */
}

static void any_line(const char *line, void *context)
{
	(void)context;
	if (strchr(line, '\n'))
		wrong("more than a line: %s", line);
}

static bool once_committed(const struct fsm_record *record)
{
	for (int i = 0; i <= COMMITS; i++)
		if (memcmp(record, &committed[i], sizeof *record) == 0)
			return true;
	return false;
}

static void expect_kind(const struct error *err, const char *what)
{
	if ((err->kind != ERROR_CORRUPT && err->kind != ERROR_NEWER) || !*err->text)
		wrong("%s: %s (%d)", what, err->text, (int)err->kind);
}

/* As `state` does. */
static void inspect(void)
{
	struct store *store = NULL;
	struct error err = { 0 };
	struct fsm_record record;
	size_t trouble;

	if (store_inspect(".", &store, &err) < 0)
		return;
	(void)store_load(store, &record, &err);
	(void)store_journal(store, 20, any_row, NULL, &err);
	(void)store_check(store, any_line, NULL, &trouble, &err);
	store_close(store);
}

/* As a hook does that notices damage only when it writes. */
static struct store *replace(struct store *store, char *aside)
{
	struct error err = { 0 };

	store_close(store);
	store = NULL;
	if (store_set_aside(".", aside, NAME_MAX + 1, &err) < 0 ||
		store_open(".", &store, NULL, 0, &err) < 0)
		wrong("replacing it: %s", err.text);
	return store;
}

static void commit(struct store *store, char *aside)
{
	const struct store_entry entry = { .hook = "start" };
	struct error err = { 0 };
	struct fsm_record found;

	if (store_commit(store, &committed[1], &entry, 1, &err) < 0) {
		expect_kind(&err, "commit");
		progress->refused++;
		store = replace(store, aside);
		if (store_commit(store, &committed[1], &entry, 1, &err) < 0)
			wrong("second commit: %s", err.text);
	}
	if (store_load(store, &found, &err) < 0 || memcmp(&found, &committed[1], sizeof found) != 0)
		wrong("what was committed cannot be read: %s", err.text);
	store_close(store);
}

/* Tries MAIN and LOG. STRICT: the record that is read must be one that was committed. */
static void survive(
	const char *now_main, size_t size, const char *log, size_t log_length, bool strict)
{
	char aside[NAME_MAX + 1] = "", name[NAME_MAX + 16];
	struct store *store = NULL;
	struct error err = { 0 };
	struct fsm_record found;

	(void)alarm(suite_patience(PATIENCE));
	progress->tried++;
	write_file("state.db", now_main, size);
	(void)unlink("state.db-wal");
	(void)unlink("state.db-shm");
	if (log_length)
		write_file("state.db-wal", log, log_length);
	inspect();
	if (store_open(".", &store, aside, sizeof aside, &err) < 0) {
		expect_kind(&err, "open");
		if (err.kind != ERROR_NEWER || *aside)
			wrong("not opened: %s", err.text);
		expect_file("state.db", now_main, size);
		return;
	}
	if (*aside) {
		progress->aside++;
		expect_file(aside, now_main, size);
		(void)snprintf(name, sizeof name, "%s-wal", aside);
		if (log_length)
			expect_file(name, log, log_length);
		(void)unlink(aside);
		(void)unlink(name);
		(void)snprintf(name, sizeof name, "%s-shm", aside);
		(void)unlink(name);
	}
	if (store_load(store, &found, &err) < 0)
		wrong("opened, but: %s", err.text);
	if (strict && !once_committed(&found))
		wrong("a record that never was, of '%s'", found.target.channel);
	(void)store_journal(store, 20, any_row, NULL, &err);
	*aside = '\0';
	commit(store, aside);
	if (*aside && access(aside, F_OK) < 0)
		wrong("%s is gone", aside);
	(void)unlink(aside);
}

/* --- many of them --- */

static void in_child(void (*try_all)(void))
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		try_all();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(status == 0, "%s: %s (status %x)", progress->doing, progress->wrong,
		(unsigned)status);
	(void)printf("%ld databases, %ld set aside, %ld commits refused; last: %s\n",
		progress->tried, progress->aside, progress->refused, progress->doing);
	(void)fflush(stdout);
	ck_assert_int_gt(progress->tried, 50);
}

__attribute__((format(printf, 1, 2))) static void doing(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(progress->doing, sizeof progress->doing, format, args);
	va_end(args);
}

static bool all(void)
{
	return getenv("ANY_DATABASE") != NULL;
}

/* Every byte of the header's page and every seventh of the others; or all, and one bit of each. */
static void flip_main(void)
{
	for (size_t at = 0; at < main_size; at += at < PAGE || all() ? 1 : 7) {
		for (int single = 0; single <= all(); single++) {
			int mask = single ? 1 << at % 8 : 0xff;

			doing("byte %zu of the database ^ %02x", at, (unsigned)mask);
			sound_main[at] = (char)(sound_main[at] ^ mask);
			/*
			 * SQLite keeps no checksum for the database, so a changed text is read as
			 * it is.
			 */
			survive(sound_main, main_size, sound_log, log_size, false);
			sound_main[at] = (char)(sound_main[at] ^ mask);
		}
	}
}

START_TEST(flipped_byte_is_survived)
{
	make(false);
	in_child(flip_main);
}
END_TEST

static void flip_main_beside_log(void)
{
	for (size_t at = 0; at < main_size; at += all() ? 1 : at < 100 ? 1 : 61) {
		doing("byte %zu of the database with a log", at);
		sound_main[at] = (char)~sound_main[at];
		survive(sound_main, main_size, sound_log, log_size, false);
		sound_main[at] = (char)~sound_main[at];
	}
}

START_TEST(flipped_byte_beside_a_log_is_survived)
{
	make(true);
	in_child(flip_main_beside_log);
}
END_TEST

static void flip_log(void)
{
	for (size_t at = 0; at < log_size; at += all() ? 1 : 29) {
		doing("byte %zu of the log", at);
		sound_log[at] = (char)~sound_log[at];
		survive(sound_main, main_size, sound_log, log_size, true);
		sound_log[at] = (char)~sound_log[at];
	}
}

START_TEST(flipped_byte_of_the_log_gives_an_older_record)
{
	make(true);
	in_child(flip_log);
}
END_TEST

static void cut_main(void)
{
	for (size_t size = 0; size <= main_size; size += all() || size % PAGE == 0 ? 1 : 15) {
		doing("the first %zu bytes of the database", size);
		survive(sound_main, size, sound_log, log_size, false);
	}
}

START_TEST(cut_database_is_survived)
{
	make(_i > 0);
	in_child(cut_main);
}
END_TEST

static void cut_log(void)
{
	for (size_t size = 0; size <= log_size; size += all() ? 1 : 31) {
		doing("the first %zu bytes of the log", size);
		survive(sound_main, main_size, sound_log, size, true);
	}
}

START_TEST(cut_log_gives_an_older_record)
{
	make(true);
	in_child(cut_log);
}
END_TEST

static uint64_t noise; /* xorshift64* */

static uint64_t next_noise(void)
{
	noise ^= noise >> 12;
	noise ^= noise << 25;
	noise ^= noise >> 27;
	return noise * 2685821657736338717u;
}

/* Changes one page in three ways: noise, another page, noise in a few bytes. */
static void spoil(char *data, size_t size)
{
	size_t pages = size / PAGE, page = next_noise() % pages;
	char *at = data + page * PAGE;

	switch (next_noise() % 3) {
	case 0:
		for (size_t i = page ? 0 : next_noise() % 100; i < PAGE; i++)
			at[i] = (char)(next_noise() >> 56);
		break;
	case 1:
		memmove(at, data + next_noise() % pages * PAGE, PAGE);
		break;
	default:
		for (size_t i = 1 + next_noise() % 20; i; i--)
			at[next_noise() % PAGE] = (char)(next_noise() >> 56);
		break;
	}
}

static void pages_of_noise(void)
{
	const char *given = getenv("ANY_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	char *copy = malloc(main_size), *log = malloc(log_size);

	if (!copy || !log)
		wrong("no memory");
	(void)printf("ANY_SEED=%llu\n", (unsigned long long)seed);
	(void)fflush(stdout);
	for (int i = 0; i < (all() ? 5000 : 400); i++) {
		noise = (seed + (uint64_t)i) * 2654435761u + 1;
		doing("ANY_SEED=%llu", (unsigned long long)seed + (unsigned)i);
		memcpy(copy, sound_main, main_size);
		memcpy(log, sound_log, log_size);
		spoil(copy, main_size);
		if (i % 2)
			spoil(log, log_size);
		survive(copy, main_size, i % 4 == 3 ? sound_log : log, log_size, false);
	}
	free(copy);
	free(log);
}

START_TEST(pages_of_noise_are_survived)
{
	make(true);
	in_child(pages_of_noise);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("store, any database");
	TCase *tests = tcase_create("any");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, getenv("ANY_DATABASE") ? 3600 : 60);
	tcase_add_test(tests, flipped_byte_is_survived);
	tcase_add_test(tests, flipped_byte_beside_a_log_is_survived);
	tcase_add_test(tests, flipped_byte_of_the_log_gives_an_older_record);
	tcase_add_loop_test(tests, cut_database_is_survived, 0, 2);
	tcase_add_test(tests, cut_log_gives_an_older_record);
	tcase_add_test(tests, pages_of_noise_are_survived);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
