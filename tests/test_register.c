/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files of the register: what is entered is read back by the others, who does not live is taken
 * out, one at a time is at it, and nothing that can lie there is followed, believed or waited for.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/register.h"
#include "store/store.h"
#include "tests/suite.h"

#define EDGE "latest/edge"

static char folder[64];
static struct store_register list;
static struct error err;

static void run(const char *commands)
{
	ck_assert_msg(system(commands) == 0, "%s", commands);
}

/* The charm of a unit: with a database of ours, its log, or what COMMAND makes in its folder. */
static void agent(const char *tag, const char *command)
{
	char line[512];

	(void)snprintf(line, sizeof line,
		"mkdir -p agents/%s/charm && cd agents/%s/charm && { %s; }", tag, tag, command);
	run(line);
}

static void live(const char *tag)
{
	struct store *store = NULL;
	char path[128];

	agent(tag, ":");
	(void)snprintf(path, sizeof path, "agents/%s/charm", tag);
	ck_assert_int_eq(store_open(path, &store, NULL, 0, &err), 0);
	store_close(store);
}

static void set_up(void)
{
	(void)snprintf(folder, sizeof folder, "/tmp/register-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	live("unit-app-0");
	live("unit-app-1");
	live("unit-other-0");
	err = (struct error){ 0 };
}

static void tear_down(void)
{
	char command[80];

	store_register_close(&list);
	ck_assert_int_eq(chdir("/"), 0);
	(void)snprintf(command, sizeof command, "chmod -R u+rwx %s; rm -rf %s", folder, folder);
	ck_assert_int_eq(system(command), 0);
}

/* As UNIT, app/0 for one; until it is closed. */
static int take(const char *unit, enum store_register_use use)
{
	char directory[128];
	const char *slash = strchr(unit, '/');

	(void)snprintf(directory, sizeof directory, "agents/unit-%.*s-%s/charm",
		(int)(slash - unit), unit, slash + 1);
	err = (struct error){ 0 };
	return store_register_open("r", use, 100, unit, directory, &list, &err);
}

static struct fsm_entry entry(const char *unit, const char *channel)
{
	struct fsm_entry ret = { .target = fsm_target_of(channel) };

	(void)snprintf(ret.unit, sizeof ret.unit, "%s", unit);
	return ret;
}

static void enter(const char *unit, const char *channel)
{
	struct fsm_entry one = entry(unit, channel);

	ck_assert_int_eq(take(unit, STORE_REGISTER_ENTER), 0);
	ck_assert_msg(store_register_enter(&list, &one, &err) == 0, "%s", err.text);
	store_register_close(&list);
}

static void leave(const char *unit)
{
	ck_assert_int_eq(take(unit, STORE_REGISTER_LEAVE), 0);
	ck_assert_int_eq(store_register_leave(&list, unit, &err), 0);
	store_register_close(&list);
}

/* The others, as UNIT sees them: "other/0 latest/edge; app/1 ?". */
static const char *others_of(const char *unit)
{
	static char text[4096];
	size_t used = 0;

	*text = '\0';
	if (take(unit, STORE_REGISTER_LOOK) < 0) {
		store_register_close(&list);
		return "-";
	}
	for (size_t i = 0; i < list.count; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %s%s",
			used ? "; " : "", list.others[i].unit,
			list.others[i].unknown ? "?" : list.others[i].target.channel,
			list.others[i].kin ? " kin" : "");
	store_register_close(&list);
	return text;
}

START_TEST(what_is_entered_is_read_back)
{
	struct fsm_entry one = entry("other/0", EDGE);

	one.target.revision = _i & 1 ? INT64_C(1) << 61 : 0;
	one.yields = _i & 2;
	one.holds = _i & 4;
	if (_i & 8)
		one.target = fsm_target_of("");
	ck_assert_int_eq(take("other/0", STORE_REGISTER_ENTER), 0);
	ck_assert(!list.listed);
	ck_assert_int_eq(store_register_enter(&list, &one, &err), 0);
	store_register_close(&list);
	ck_assert_int_eq(take("other/0", STORE_REGISTER_ENTER), 0);
	ck_assert(list.listed && !list.own.unknown);
	ck_assert(fsm_target_same(&list.own.target, &one.target));
	store_register_close(&list);
	enter("app/0", EDGE);
	ck_assert_int_eq(take("app/0", STORE_REGISTER_ENTER), 0);
	for (size_t i = 0; i < list.count; i++) {
		const struct fsm_entry *seen = &list.others[i];

		if (strcmp(seen->unit, "other/0") != 0)
			continue;
		ck_assert(fsm_target_same(&seen->target, &one.target) && !seen->unknown);
		ck_assert(seen->yields == one.yields && seen->holds == one.holds && !seen->kin);
	}
	run("[ $(stat -c %a r) = 700 ] && [ $(stat -c %a r/unit-other-0) = 600 ]");
	run("[ \"$(ls -A r)\" = \"$(printf 'unit-app-0\\nunit-app-1\\nunit-other-0')\" ]");
}
END_TEST

START_TEST(last_one_that_leaves_takes_the_folder_along)
{
	enter("app/0", EDGE);
	enter("other/0", EDGE);
	enter("app/1", EDGE);
	leave("app/0");
	ck_assert_int_eq(take("app/1", STORE_REGISTER_LOOK), 0);
	ck_assert_uint_eq(list.count, 1);
	ck_assert_str_eq(list.others[0].unit, "other/0");
	store_register_close(&list);
	leave("other/0");
	run("touch r/.next");
	leave("app/1");
	run("[ ! -e r ]");
	leave("app/1"); /* again */
	run("[ ! -e r ]");
}
END_TEST

START_TEST(units_of_one_application_are_kin)
{
	enter("app/0", EDGE);
	enter("app/1", "latest/beta");
	run("rm -r agents/unit-other-0 r/unit-other-0");
	ck_assert_str_eq(others_of("app/0"), "app/1 latest/beta kin");
	live("unit-app-1-0");
	run("rm -r agents/unit-app-1");
	ck_assert_int_eq(take("app-1/0", STORE_REGISTER_ENTER), 0);
	ck_assert_uint_eq(list.count, 1);
	ck_assert(!list.others[0].kin);
}
END_TEST

/* --- who lives --- */

/* clang-format off */
static const struct {
	const char *made; /* in the folder of the charm, by the database of ours that was there */
	bool entered;     /* the unit in the register lives ... */
	bool found;       /* ... and one that is not in it is taken for one of ours */
} lives[] = {
	{ ":",                                                               true,  true },
	{ "rm state.db*",                                                    false, false },
	{ "rm -r ../charm",                                                  false, false },
	{ "cd ..; rm -r charm; touch charm",                                 false, false },
	{ "cd ../..; rm -r unit-other-0",                                    false, false },
	/* another program's, and one of a program that has no number: its first page may be in the log */
	{ "printf 'abcd' | dd of=state.db bs=1 seek=68 conv=notrunc 2>&1",   false, false },
	{ "printf '\\0\\0\\0\\0' | dd of=state.db bs=1 seek=68 conv=notrunc 2>&1; touch state.db-wal", true, true },
	{ "printf '\\0\\0\\0\\0' | dd of=state.db bs=1 seek=68 conv=notrunc 2>&1; rm -f state.db-wal", false, false },
	/* it may be a damaged one of ours */
	{ "echo garbage >state.db",                                          true,  false },
	{ ": >state.db",                                                     true,  false },
	{ "rm state.db*; mkdir state.db",                                    true,  false },
	{ "rm state.db*; ln -s /nowhere state.db",                           true,  false },
	{ "rm state.db*; ln -s ../../unit-app-1/charm/state.db state.db",    true,  false },
	{ "rm state.db*; mkfifo state.db",                                   true,  false },
};
/* clang-format on */

START_TEST(unit_without_our_database_is_taken_out)
{
	run("rm -r agents/unit-app-1");
	enter("other/0", EDGE);
	enter("app/0", EDGE);
	agent("unit-other-0", lives[_i].made);
	ck_assert_str_eq(others_of("app/0"), lives[_i].entered ? "other/0 latest/edge" : "");
	run("[ -e r/unit-other-0 ]"); /* a look changes nothing */
	ck_assert_int_eq(take("app/0", STORE_REGISTER_ENTER), 0);
	ck_assert_int_eq(access("r/unit-other-0", F_OK) == 0, lives[_i].entered);
}
END_TEST

/* The register was lost, or the other unit is of a build that knew none. */
START_TEST(unit_that_is_not_in_the_register_looks_for_others)
{
	run("rm -r agents/unit-app-1");
	agent("unit-other-0", lives[_i].made);
	ck_assert_str_eq(others_of("app/0"), lives[_i].found ? "other/0 ?" : "");
	run("[ ! -e r ]");
	enter("app/0", EDGE);
	ck_assert_int_eq(access("r/unit-other-0", F_OK) == 0, lives[_i].found);
	ck_assert_str_eq(others_of("app/0"), lives[_i].found ? "other/0 ?" : "");
	if (lives[_i].found)
		enter("other/0", "latest/beta");
	ck_assert_str_eq(others_of("app/0"), lives[_i].found ? "other/0 latest/beta" : "");
}
END_TEST

/* One that goes is no reason to enter the others: they may be about to go as well. */
START_TEST(unit_that_goes_looks_and_enters_nobody)
{
	ck_assert_int_eq(take("app/0", STORE_REGISTER_LEAVE), 0);
	ck_assert_uint_eq(list.count, 2);
	ck_assert(list.others[0].unknown && list.others[1].unknown);
	store_register_close(&list);
	run("[ ! -e r ]");
	run("mkdir -m 700 r");
	ck_assert_int_eq(take("app/0", STORE_REGISTER_LEAVE), 0);
	ck_assert_uint_eq(list.count, 2);
	store_register_close(&list);
	run("[ \"$(ls -A r)\" = '' ]");
}
END_TEST

/* Where the agents are is not where they should be: nobody is taken for dead. */
START_TEST(folder_that_is_elsewhere_proves_nothing)
{
	enter("other/0", EDGE);
	run("mkdir -p x/charm && rm -r agents/unit-other-0");
	ck_assert_int_eq(store_register_open(
				 "r", STORE_REGISTER_ENTER, 100, "app/0", "x/charm", &list, &err),
		0);
	ck_assert_uint_eq(list.count, 2);
	run("[ -e r/unit-other-0 ]");
}
END_TEST

/* --- what can lie there --- */

#define OTHERS "r/unit-other-0"
/* clang-format off */
/* In place of the entry of the other unit: it lives, and what it wants is not known. */
static const char *const garbage[] = {
	": >" OTHERS,
	"echo garbage >" OTHERS,
	"echo '1 other/0 latest/edge 0 counts' >" OTHERS,
	"echo '1 other/0 latest/edge 0 counts free more' >" OTHERS,
	"echo '2 other/0 latest/edge 0 counts free' >" OTHERS,
	"echo '1 app/1 latest/edge 0 counts free' >" OTHERS,
	"echo '1 other/0 latest/edge -1 counts free' >" OTHERS,
	"echo '1 other/0 latest/edge 007 counts free' >" OTHERS,
	"echo '1 other/0 latest/edge 99999999999999999999999999 counts free' >" OTHERS,
	"echo '1 other/0 latest/edge 0 Counts free' >" OTHERS,
	"echo '1 other/0  0 counts free' >" OTHERS,
	"printf '1 other/0 latest/edge 0 counts free' >" OTHERS,
	"printf '1 other/0 latest/edge 0 counts free\\n\\n' >" OTHERS,
	"printf '1 other/0 latest/edge\\0 0 counts free\\n' >" OTHERS,
	"printf '\\0\\0\\0' >" OTHERS,
	"{ printf '1 other/0 '; head -c 200 /dev/zero | tr '\\0' a; echo ' 0 counts free'; } >" OTHERS,
	"head -c 1000 /dev/urandom >" OTHERS,
	"truncate -s 1T " OTHERS,
	"ln -sf /etc/passwd " OTHERS,
	"ln -sf /dev/zero " OTHERS,
	"rm " OTHERS "; mkdir " OTHERS,
	"rm " OTHERS "; mkfifo " OTHERS,
	"rm " OTHERS "; mknod " OTHERS " c 1 5 2>/dev/null || mkfifo " OTHERS,
};
/* clang-format on */

START_TEST(entry_that_cannot_be_understood_says_nothing)
{
	int64_t begun = clock_uptime();

	run("rm -r agents/unit-app-1");
	enter("other/0", EDGE);
	enter("app/0", EDGE);
	run(garbage[_i]);
	ck_assert_str_eq(others_of("app/0"), "other/0 ?");
	enter("app/0", EDGE);
	ck_assert_int_lt(clock_uptime() - begun, 2000);
	run("rm -rf " OTHERS);
	enter("other/0", EDGE);
	ck_assert_str_eq(others_of("app/0"), "other/0 latest/edge");
}
END_TEST

/* Its own entry, if it is garbage, is written anew; a folder in its place is not removed. */
START_TEST(own_entry_that_cannot_be_understood_is_written_anew)
{
	struct fsm_entry one = entry("other/0", EDGE);
	struct stat file;

	enter("other/0", EDGE);
	run(garbage[_i]);
	ck_assert_int_eq(take("other/0", STORE_REGISTER_ENTER), 0);
	ck_assert(list.listed && list.own.unknown);
	ck_assert_int_eq(lstat(OTHERS, &file), 0);
	if (S_ISDIR(file.st_mode)) {
		ck_assert_int_eq(store_register_enter(&list, &one, &err), -1);
		ck_assert_int_eq(store_register_leave(&list, "other/0", &err), -1);
		return;
	}
	ck_assert_int_eq(store_register_enter(&list, &one, &err), 0);
	store_register_close(&list);
	run("[ \"$(cat " OTHERS ")\" = '1 other/0 latest/edge 0 counts free' ]");
	run("[ \"$(ls -A r | grep -c next)\" = 0 ]");
}
END_TEST

/* clang-format off */
static const char *const names[] = {
	"unit", "unit-", "unit--", "unit-0", "unit-other", "unit-other-", "unit-other-x", "unit-Other-0",
	"unit-other-0~", ".unit-other-0", "unit-other-0 ", "machine-0", "unit-..-0", "unit-%2e-0", "-", "\xff",
};
/* clang-format on */

START_TEST(name_that_is_no_tag_is_left_alone)
{
	char path[64];

	enter("app/0", EDGE);
	run("rm -r agents/unit-app-1 agents/unit-other-0; rm -f r/unit-app-1 r/unit-other-0");
	(void)snprintf(path, sizeof path, "r/%s", names[_i]);
	ck_assert_int_eq(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	ck_assert_str_eq(others_of("app/0"), "");
	enter("app/0", EDGE);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(what_is_no_unit_is_not_entered)
{
	static const char *const units[] = { "", "app", "app/", "/0", "app/x", "../0", "a/b/0",
		"app/0/..", "App/0", "app/-0", "app/0 " };

	ck_assert_int_eq(store_register_open("r", STORE_REGISTER_ENTER, 100, units[_i],
				 "agents/unit-app-0/charm", &list, &err),
		-1);
	run("[ ! -e r ]");
}
END_TEST

/* clang-format off */
static const char *const folders[] = {
	"echo >r", "ln -s agents r", "ln -s nowhere r", "mkfifo r", "mkdir -m 777 r", "mkdir -m 770 r",
};
/* clang-format on */

START_TEST(folder_that_is_none_of_ours_is_not_used)
{
	run(folders[_i]);
	ck_assert_int_eq(take("app/0", STORE_REGISTER_ENTER), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	store_register_close(&list);
	ck_assert_int_eq(take("app/0", STORE_REGISTER_LEAVE), -1);
	ck_assert_int_eq(store_register_leave(&list, "app/0", &err), 0);
}
END_TEST

START_TEST(folder_whose_parent_is_not_there_is_told)
{
	ck_assert_int_eq(store_register_open("no/r", STORE_REGISTER_ENTER, 100, "app/0",
				 "agents/unit-app-0/charm", &list, &err),
		-1);
	ck_assert_str_eq(err.text, "no/r: No such file or directory");
}
END_TEST

/* Thousands: of units that do not live, which are taken out; of units that do; of anything. */
START_TEST(thousands_of_files_take_bounded_time)
{
	static const char *const makes[] = {
		"cd r && seq -f 'unit-dead-%.0f' 4000 | xargs touch",
		"cd r && seq -f 'junk-%.0f' 4000 | xargs touch",
		"cd r && seq -f 'junk-%.0f' 5000 | xargs touch",
		("for i in $(seq 65); do t=unit-x-$i; cp -r agents/unit-app-1 agents/$t; >r/$t; "
		 "done"),
	};
	int64_t begun;
	bool fits = _i < 2;

	run("rm -r agents/unit-app-1 agents/unit-other-0; mkdir -m 700 r");
	live("unit-app-1");
	run("touch r/unit-app-0");
	run(makes[_i]);
	begun = clock_uptime();
	ck_assert_int_eq(take("app/0", STORE_REGISTER_ENTER), fits ? 0 : -1);
	ck_assert_int_lt(clock_uptime() - begun, 5000);
	if (fits)
		ck_assert_uint_eq(list.count, 0);
	else
		ck_assert_int_eq(err.kind, ERROR_LIMIT);
	if (_i == 0)
		run("[ $(ls r | wc -l) = 1 ]");
	store_register_close(&list);
	/* And one that goes may leave. */
	(void)take("app/0", STORE_REGISTER_LEAVE);
	ck_assert_int_eq(store_register_leave(&list, "app/0", &err), 0);
	run("[ ! -e r/unit-app-0 ]");
}
END_TEST

/* --- a disk that is full, and a lock that is kept --- */

START_TEST(entry_that_does_not_fit_leaves_the_one_before)
{
	struct fsm_entry one = entry("app/0", "latest/beta");
	struct rlimit limit = { 0, RLIM_INFINITY };

	enter("app/0", EDGE);
	ck_assert_int_eq(take("app/0", STORE_REGISTER_ENTER), 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(store_register_enter(&list, &one, &err), -1);
	limit.rlim_cur = RLIM_INFINITY;
	(void)setrlimit(RLIMIT_FSIZE, &limit);
	store_register_close(&list);
	run("[ \"$(cat r/unit-app-0)\" = '1 app/0 latest/edge 0 counts free' ] && [ ! -e r/.next "
	    "]");
}
END_TEST

/* What a writer that was killed left is replaced. */
START_TEST(leftover_of_a_writer_that_was_killed_is_replaced)
{
	run("mkdir -m 700 r");
	run(_i ? "ln -s /etc/passwd r/.next" : "echo half >r/.next");
	enter("app/0", EDGE);
	run("[ \"$(cat r/unit-app-0)\" = '1 app/0 latest/edge 0 counts free' ] && [ ! -e r/.next "
	    "]");
}
END_TEST

START_TEST(lock_that_is_kept_is_waited_for_and_not_for_ever)
{
	int64_t begun;
	int fd;

	run("mkdir -m 700 r");
	fd = open("r", O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	begun = clock_uptime();
	ck_assert_int_eq(take("app/0", STORE_REGISTER_ENTER), -1);
	ck_assert_int_eq(err.code, EBUSY);
	ck_assert_int_ge(clock_uptime() - begun, 100);
	ck_assert_int_lt(clock_uptime() - begun, 2000);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(take("app/0", STORE_REGISTER_ENTER), 0);
}
END_TEST

/* Who waits for the lock of a folder that is removed meanwhile makes a new one. */
START_TEST(folder_that_goes_while_it_is_waited_for_is_made_again)
{
	int ready[2], status;
	pid_t pid;
	char byte;

	ck_assert_int_eq(pipe(ready), 0);
	enter("app/0", EDGE);
	run("rm -r agents/unit-app-1 agents/unit-other-0; rm -f r/unit-app-1 r/unit-other-0");
	pid = fork();
	if (pid == 0) {
		ck_assert_int_eq(take("app/0", STORE_REGISTER_LEAVE), 0);
		(void)!write(ready[1], "x", 1);
		clock_sleep(300);
		_exit(store_register_leave(&list, "app/0", &err) < 0);
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	live("unit-other-0");
	ck_assert_int_eq(store_register_open("r", STORE_REGISTER_ENTER, 5000, "other/0",
				 "agents/unit-other-0/charm", &list, &err),
		0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	struct fsm_entry one = entry("other/0", EDGE);
	ck_assert_int_eq(store_register_enter(&list, &one, &err), 0);
	run("[ -e r/unit-other-0 ]");
}
END_TEST

#define LOOP(test, list) tcase_add_loop_test(tests, test, 0, (int)(sizeof(list) / sizeof *(list)))

int main(void)
{
	Suite *suite = suite_create("register");
	TCase *tests = tcase_create("register");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 60);
	suite_add_tcase(suite, tests);
	tcase_add_loop_test(tests, what_is_entered_is_read_back, 0, 16);
	tcase_add_test(tests, last_one_that_leaves_takes_the_folder_along);
	tcase_add_test(tests, units_of_one_application_are_kin);
	LOOP(unit_without_our_database_is_taken_out, lives);
	LOOP(unit_that_is_not_in_the_register_looks_for_others, lives);
	tcase_add_test(tests, unit_that_goes_looks_and_enters_nobody);
	tcase_add_test(tests, folder_that_is_elsewhere_proves_nothing);
	LOOP(entry_that_cannot_be_understood_says_nothing, garbage);
	LOOP(own_entry_that_cannot_be_understood_is_written_anew, garbage);
	LOOP(name_that_is_no_tag_is_left_alone, names);
	tcase_add_loop_test(tests, what_is_no_unit_is_not_entered, 0, 11);
	LOOP(folder_that_is_none_of_ours_is_not_used, folders);
	tcase_add_test(tests, folder_whose_parent_is_not_there_is_told);
	tcase_add_loop_test(tests, thousands_of_files_take_bounded_time, 0, 4);
	tcase_add_test(tests, entry_that_does_not_fit_leaves_the_one_before);
	tcase_add_loop_test(tests, leftover_of_a_writer_that_was_killed_is_replaced, 0, 2);
	tcase_add_test(tests, lock_that_is_kept_is_waited_for_and_not_for_ever);
	tcase_add_test(tests, folder_that_goes_while_it_is_waited_for_is_made_again);
	return run_suite(suite);
}
