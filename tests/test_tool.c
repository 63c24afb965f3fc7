/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hook tools as child processes: what the charm gives them, what it reads from them, and that none
 * of them can hold up a hook. The tools are small scripts in their own folder, first in PATH.
 */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "juju/tool.h"
#include "tests/suite.h"

enum {
	LONG = 20000, /* ms: so long that no test waits for it */
	SHORT = 300,
	SLACK = 3000, /* ms: what a slow machine may add */
};

static char folder[64];
static struct buf out, said;
static struct error err;

static void set_up(void)
{
	char *path = alloc_textf("%s:/usr/bin:/bin", strcpy(folder, "/tmp/tool-XXXXXX"));

	free(path);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	path = alloc_textf("%s:/usr/bin:/bin", folder);
	ck_assert_int_eq(setenv("PATH", path, 1), 0);
	free(path);
	/* Files that the test library has open do not count. */
	ck_assert_int_eq(close_range(3, ~0U, CLOSE_RANGE_CLOEXEC), 0);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	buf_init(&out, TOOL_OUTPUT_MAX);
	buf_init(&said, TOOL_OUTPUT_MAX);
	err = (struct error){ 0 };
}

static void tear_down(void)
{
	char *command = alloc_textf("rm -rf %s", folder);

	buf_done(&out);
	buf_done(&said);
	ck_assert_int_eq(system(command), 0);
	free(command);
}

/* Makes a tool NAME in FOLDER_NAME: a script of one LINE. */
static void put(const char *folder_name, const char *name, mode_t mode, const char *line)
{
	char *path = alloc_textf("%s/%s", folder_name, name);
	FILE *file = fopen(path, "we");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_gt(fprintf(file, "#!/bin/sh\n%s\n", line), 0);
	ck_assert_int_eq(fclose(file), 0);
	ck_assert_int_eq(chmod(path, mode), 0);
	free(path);
}

static int64_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static int open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir))
		count++;
	(void)closedir(dir);
	return count;
}

/* Runs a script of one LINE; whatever it does, nothing may stay open in this process. */
static int run(const char *line, int64_t limit)
{
	static const char *const argv[] = { "tool", NULL };
	int files = open_files();
	int outcome;

	put(folder, "tool", 0755, line);
	outcome = tool_run(argv, limit, &out, &said, &err);
	ck_assert_int_eq(open_files(), files);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	return outcome;
}

START_TEST(output_and_complaints_are_kept_apart)
{
	ck_assert_int_eq(run("echo one; echo two >&2; echo three", LONG), 0);
	ck_assert_str_eq(buf_text(&out), "one\nthree\n");
	ck_assert_str_eq(buf_text(&said), "two\n");
}
END_TEST

START_TEST(nul_bytes_are_kept)
{
	ck_assert_int_eq(run("printf 'a\\000b'", LONG), 0);
	ck_assert_uint_eq(out.len, 3);
	ck_assert_mem_eq(buf_text(&out), "a\0b", 4);
}
END_TEST

START_TEST(arguments_arrive_as_they_are)
{
	const char *argv[] = { "tool", "--", "-x", "", "a  b", "$HOME `id` ;*", "\x01\xff\n",
		NULL };

	put(folder, "tool", 0755, "for word; do printf '[%s]' \"$word\"; done");
	ck_assert_int_eq(tool_run(argv, LONG, &out, &said, &err), 0);
	ck_assert_str_eq(buf_text(&out), "[--][-x][][a  b][$HOME `id` ;*][\x01\xff\n]");
}
END_TEST

static const int codes[] = { 1, 2, 127, 128, 130, 255 };

START_TEST(an_exit_status_is_told_with_the_first_line)
{
	char *line =
		alloc_textf("echo 'ERROR no such thing' >&2; echo more >&2; exit %d", codes[_i]);
	char *text = alloc_textf("tool: exit status %d: no such thing", codes[_i]);

	ck_assert_int_eq(run(line, LONG), -1);
	ck_assert_int_eq(err.kind, ERROR_TOOL);
	ck_assert_int_eq(err.code, codes[_i]);
	ck_assert_str_eq(err.text, text);
	ck_assert_str_eq(buf_text(&said), "ERROR no such thing\nmore\n");
	free(line);
	free(text);
}
END_TEST

/* Errors of Juju's tools nest: the cause is the last of a line that is too long. */
START_TEST(the_cause_of_a_long_line_stays)
{
	ck_assert_int_eq(
		run("echo 'ERROR could not download resource: opening the file of the unit: "
		    "Get \"https://192.0.2.1:17070/model/8419cd78-4993-4c3a-928e-"
		    "c646226beeee/units/microsample-0/resources/snaps\": dial tcp "
		    "192.0.2.1:17070: connect: no route to host' >&2; exit 1",
			LONG),
		-1);
	ck_assert_str_eq(err.text,
		"tool: exit status 1: could not download resource: opening the file of the unit: "
		"dial tcp 192.0.2.1:17070: connect: no route to host");
}
END_TEST

START_TEST(a_silent_failure_is_told)
{
	ck_assert_int_eq(run("exit 3", LONG), -1);
	ck_assert_str_eq(err.text, "tool: exit status 3");
}
END_TEST

START_TEST(what_it_said_is_made_fit_to_be_shown)
{
	ck_assert_int_eq(run("printf '\\033[31m\\377%0500d' 7 >&2; exit 1", LONG), -1);
	for (const char *at = err.text; *at; at++)
		ck_assert(*at >= ' ' && *at <= '~');
	ck_assert_uint_lt(strlen(err.text), 200);
}
END_TEST

static const int signals[] = { SIGTERM, SIGKILL, SIGSEGV, SIGPIPE };

START_TEST(a_death_by_signal_is_told)
{
	char *line = alloc_textf("ulimit -c 0; kill -%d $$; sleep 10", signals[_i]);
	char *text = alloc_textf("tool: ended by signal %d", signals[_i]);

	ck_assert_int_eq(run(line, LONG), -1);
	ck_assert_int_eq(err.kind, ERROR_TOOL);
	ck_assert_int_eq(err.code, 128 + signals[_i]);
	ck_assert_str_eq(err.text, text);
	free(line);
	free(text);
}
END_TEST

START_TEST(a_missing_tool_is_127)
{
	const char *argv[] = { "no-such-tool", NULL };

	ck_assert_int_eq(tool_run(argv, LONG, &out, &said, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_TOOL);
	ck_assert_int_eq(err.code, 127);
	ck_assert_str_eq(err.text, "no-such-tool: No such file or directory");
}
END_TEST

START_TEST(a_tool_that_cannot_be_executed_is_127)
{
	const char *argv[] = { "odd-tool", NULL };

	put(folder, "odd-tool", 0644, "echo no");
	ck_assert_int_eq(tool_run(argv, LONG, &out, &said, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_TOOL);
	ck_assert_int_eq(err.code, 127);
	ck_assert_str_eq(err.text, "odd-tool: Permission denied");
}
END_TEST

START_TEST(an_argument_too_long_for_the_kernel_is_an_error)
{
	enum {
		SIZE = 200 * 1024
	};
	char *word = alloc_new(1, SIZE);
	const char *argv[] = { "tool", word, NULL };

	memset(word, 'x', SIZE - 1);
	put(folder, "tool", 0755, "exit 0");
	ck_assert_int_eq(tool_run(argv, LONG, &out, &said, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_TOOL);
	free(word);
}
END_TEST

START_TEST(the_first_folder_of_the_path_wins)
{
	const char *argv[] = { "tool", NULL };
	char *second = alloc_textf("%s/second", folder);
	char *path = alloc_textf("/nowhere:%s:%s:/usr/bin:/bin", second, folder);

	ck_assert_int_eq(mkdir(second, 0755), 0);
	put(folder, "tool", 0755, "echo last");
	put(second, "tool", 0755, "echo first");
	ck_assert_int_eq(setenv("PATH", path, 1), 0);
	ck_assert_int_eq(tool_run(argv, LONG, &out, &said, &err), 0);
	ck_assert_str_eq(buf_text(&out), "first\n");
	free(second);
	free(path);
}
END_TEST

START_TEST(without_a_path_the_system_is_searched)
{
	const char *here[] = { "tool", NULL };
	const char *there[] = { "true", NULL };

	put(folder, "tool", 0755, "exit 0");
	ck_assert_int_eq(unsetenv("PATH"), 0);
	ck_assert_int_eq(tool_run(here, LONG, &out, &said, &err), -1);
	ck_assert_int_eq(err.code, 127);
	ck_assert_int_eq(tool_run(there, LONG, &out, &said, &err), 0);
}
END_TEST

START_TEST(it_reads_nothing)
{
	ck_assert_int_eq(run("readlink /proc/self/fd/0; cat", LONG), 0);
	ck_assert_str_eq(buf_text(&out), "/dev/null\n");
}
END_TEST

START_TEST(it_inherits_the_environment)
{
	ck_assert_int_eq(setenv("JUJU_CONTEXT_ID", "a b", 1), 0);
	ck_assert_int_eq(run("echo \"$JUJU_CONTEXT_ID\"", LONG), 0);
	ck_assert_str_eq(buf_text(&out), "a b\n");
}
END_TEST

START_TEST(it_inherits_no_file)
{
	/* 3 is the descriptor of the folder that ls reads. */
	ck_assert_int_eq(run("exec ls /proc/self/fd", LONG), 0);
	ck_assert_str_eq(buf_text(&out), "0\n1\n2\n3\n");
}
END_TEST

START_TEST(what_we_ignore_it_does_not)
{
	static const unsigned long long both = 1ULL << (SIGPIPE - 1) | 1ULL << (SIGXFSZ - 1);
	struct sigaction ours;

	ck_assert_int_eq(run("sed -n 's/^SigIgn:\t*//p' /proc/self/status", LONG), 0);
	ck_assert_uint_eq(strtoull(buf_text(&out), NULL, 16) & both, 0);
	ck_assert_int_eq(sigaction(SIGPIPE, NULL, &ours), 0);
	ck_assert(ours.sa_handler == SIG_IGN);
}
END_TEST

static const struct {
	const char *line;
	bool fits;
} floods[] = {
	{ "head -c 1048576 /dev/zero", true },
	{ "head -c 1048577 /dev/zero", false },
	{ "head -c 1048576 /dev/zero >&2", true },
	{ "head -c 1048577 /dev/zero >&2", false },
	{ "cat /dev/zero", false },
	{ "exec cat /dev/zero >&2", false },
	{ "cat /dev/zero >&2 & exec cat /dev/zero", false },
};

START_TEST(a_flood_ends_at_a_mebibyte)
{
	int64_t start = now();

	ck_assert_int_eq(run(floods[_i].line, LONG), floods[_i].fits ? 0 : -1);
	if (!floods[_i].fits)
		ck_assert_int_eq(err.kind, ERROR_LIMIT);
	ck_assert_uint_le(out.len, TOOL_OUTPUT_MAX);
	ck_assert_uint_le(said.len, TOOL_OUTPUT_MAX);
	ck_assert_int_lt(now() - start, SLACK);
}
END_TEST

START_TEST(full_pipes_on_both_sides_do_not_lock)
{
	ck_assert_int_eq(run("i=0; while [ $i -lt 8 ]; do head -c 100000 /dev/zero >&2;"
			     " head -c 100000 /dev/zero; i=$((i + 1)); done",
				 LONG),
		0);
	ck_assert_uint_eq(out.len, 800000);
	ck_assert_uint_eq(said.len, 800000);
}
END_TEST

START_TEST(unwanted_output_is_read_and_dropped)
{
	const char *argv[] = { "tool", NULL };

	put(folder, "tool", 0755, "head -c 5000000 /dev/zero");
	ck_assert_int_eq(tool_run(argv, LONG, NULL, &said, &err), 0);
	put(folder, "tool", 0755, "exec cat /dev/zero");
	ck_assert_int_eq(tool_run(argv, SHORT, NULL, &said, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
}
END_TEST

/* $0.pid gets the tool's pid. */
static const char *const hangs[] = {
	"echo $$ >$0.pid; exec sleep 10",
	"echo $$ >$0.pid; exec >&- 2>&-; sleep 10",
	"echo $$ >$0.pid; trap '' TERM INT HUP QUIT PIPE; exec sleep 10",
	"echo $$ >$0.pid; kill -STOP $$; sleep 10",
	"echo $$ >$0.pid; while :; do echo x; sleep 0.05; done",
	"echo $$ >$0.pid; sleep 10 & exit 0",
};

START_TEST(a_tool_that_hangs_is_killed)
{
	char *path = alloc_textf("%s/tool.pid", folder);
	int64_t start = now();
	FILE *file;
	int pid;

	ck_assert_int_eq(run(hangs[_i], SHORT), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	ck_assert_str_eq(err.text, "tool: no end after 1 s");
	ck_assert_int_ge(now() - start, SHORT);
	ck_assert_int_lt(now() - start, SHORT + SLACK);
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%d", &pid), 1);
	(void)fclose(file);
	ck_assert_int_eq(kill(pid, 0), -1);
	ck_assert_int_eq(errno, ESRCH);
	free(path);
}
END_TEST

START_TEST(without_time_it_is_not_waited_for)
{
	int64_t start = now();

	ck_assert_int_eq(run("exec sleep 10", 0), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	ck_assert_int_lt(now() - start, SLACK);
}
END_TEST

START_TEST(without_file_descriptors_it_is_an_error)
{
	const char *argv[] = { "true", NULL };
	struct rlimit few = { 64, 64 };
	int files[64];
	int count = 0, outcome;

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	while (count < 64 && (files[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
		count++;
	for (int spare = 0; spare < 4; spare++) {
		outcome = tool_run(argv, LONG, &out, &said, &err);
		ck_assert_int_eq(outcome, -1);
		(void)close(files[--count]);
	}
	outcome = tool_run(argv, LONG, &out, &said, &err);
	while (count > 0)
		(void)close(files[--count]);
	ck_assert_int_eq(outcome, 0);
}
END_TEST

START_TEST(nobody_must_want_the_reason)
{
	const char *argv[] = { "no-such-tool", NULL };

	ck_assert_int_eq(tool_run(argv, LONG, NULL, &said, NULL), -1);
	put(folder, "no-such-tool", 0755, "exit 1");
	ck_assert_int_eq(tool_run(argv, LONG, NULL, &said, NULL), -1);
	put(folder, "no-such-tool", 0755, "exec sleep 10");
	ck_assert_int_eq(tool_run(argv, SHORT, NULL, &said, NULL), -1);
}
END_TEST

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

static Suite *suite(void)
{
	Suite *suite = suite_create("tool");
	TCase *tests = tcase_create("child");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, output_and_complaints_are_kept_apart);
	tcase_add_test(tests, nul_bytes_are_kept);
	tcase_add_test(tests, arguments_arrive_as_they_are);
	tcase_add_loop_test(tests, an_exit_status_is_told_with_the_first_line, 0, COUNT(codes));
	tcase_add_test(tests, a_silent_failure_is_told);
	tcase_add_test(tests, the_cause_of_a_long_line_stays);
	tcase_add_test(tests, what_it_said_is_made_fit_to_be_shown);
	tcase_add_loop_test(tests, a_death_by_signal_is_told, 0, COUNT(signals));
	tcase_add_test(tests, a_missing_tool_is_127);
	tcase_add_test(tests, a_tool_that_cannot_be_executed_is_127);
	tcase_add_test(tests, an_argument_too_long_for_the_kernel_is_an_error);
	tcase_add_test(tests, the_first_folder_of_the_path_wins);
	tcase_add_test(tests, without_a_path_the_system_is_searched);
	tcase_add_test(tests, it_reads_nothing);
	tcase_add_test(tests, it_inherits_the_environment);
	tcase_add_test(tests, it_inherits_no_file);
	tcase_add_test(tests, what_we_ignore_it_does_not);
	tcase_add_loop_test(tests, a_flood_ends_at_a_mebibyte, 0, COUNT(floods));
	tcase_add_test(tests, full_pipes_on_both_sides_do_not_lock);
	tcase_add_test(tests, unwanted_output_is_read_and_dropped);
	tcase_add_loop_test(tests, a_tool_that_hangs_is_killed, 0, COUNT(hangs));
	tcase_add_test(tests, without_time_it_is_not_waited_for);
	tcase_add_test(tests, without_file_descriptors_it_is_an_error);
	tcase_add_test(tests, nobody_must_want_the_reason);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
