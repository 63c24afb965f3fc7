/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The marker's file: what is written is read back, and nothing else that can be in its place proves
 * anything, is followed or waited for.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/suite.h"
#include "workload/marker.h"
#include "workload/workload.h"

#define TAG       "unit-microsample-0"
#define COMMON    WORKLOAD_SNAP "/common"
#define FILE_NAME COMMON "/.installed-by-microsample-vm"

static char folder[] = "/tmp/marker-XXXXXX", data[sizeof folder];

static void set_up(void)
{
	strcpy(data, folder);
	ck_assert_ptr_nonnull(mkdtemp(data));
	ck_assert_int_eq(chdir(data), 0);
	ck_assert_int_eq(system("mkdir -p " COMMON), 0);
}

static void tear_down(void)
{
	char command[64];

	ck_assert_int_eq(chdir("/"), 0);
	(void)snprintf(command, sizeof command, "rm -rf %s", data);
	ck_assert_int_eq(system(command), 0);
}

static void run(const char *commands)
{
	ck_assert_msg(system(commands) == 0, "%s", commands);
}

static int write_marker(const char *tag)
{
	struct error err = { 0 };
	int ret = marker_write(data, tag, &err);

	ck_assert_int_eq(ret < 0, *err.text != '\0');
	return ret;
}

/* What the marker says; "-" when that cannot be told. */
static const char *read_marker(void)
{
	static char ret[MARKER_TAG_SIZE];
	struct error err = { 0 };

	return marker_read(data, ret, &err) < 0 ? "-" : ret;
}

static void expect_nothing_left(void)
{
	run("[ \"$(ls -A " COMMON " | grep -v '^.installed-by-microsample-vm$')\" = '' ]");
}

START_TEST(what_is_written_is_read_back)
{
	ck_assert_str_eq(read_marker(), "");
	ck_assert_int_eq(write_marker(TAG), 0);
	ck_assert_str_eq(read_marker(), TAG);
	run("[ $(stat -c %a " FILE_NAME ") = 600 ]");
	ck_assert_int_eq(write_marker("unit-a-b-17"), 0);
	ck_assert_str_eq(read_marker(), "unit-a-b-17");
	expect_nothing_left();
}
END_TEST

START_TEST(moved_with_its_folder_it_stays)
{
	ck_assert_int_eq(write_marker(TAG), 0);
	run("mv " WORKLOAD_SNAP " old && mv old " WORKLOAD_SNAP " && touch " FILE_NAME
	    " && chmod 644 " FILE_NAME " && ln " FILE_NAME " elsewhere");
	ck_assert_str_eq(read_marker(), TAG);
}
END_TEST

/* clang-format off */
static const char *const copies[] = {
	"cp -a " FILE_NAME " copy && mv copy " FILE_NAME,
	"cp -a " FILE_NAME " copy && rm " FILE_NAME " && mv copy " FILE_NAME,
	"tar cf copy.tar " WORKLOAD_SNAP " && rm -r " WORKLOAD_SNAP " && tar xf copy.tar",
	/* A file system may give the number of a file that is gone to the next one. */
	"was=$(stat -c %i " FILE_NAME "); text=$(cat " FILE_NAME "); rm " FILE_NAME ";"
	" for i in $(seq 500); do echo \"$text\" >" FILE_NAME ";"
	" [ $(stat -c %i " FILE_NAME ") = $was ] && break; mv " FILE_NAME " other-$i; done;"
	" [ -e " FILE_NAME " ] || mv other-500 " FILE_NAME,
};

/* Other things in the marker's place, beside a whole one whose name is `good`. */
static const char *const others[] = {
	"mkdir " FILE_NAME,
	"ln -s ../../good " FILE_NAME,
	"ln -s nowhere " FILE_NAME,
	"ln -s .installed-by-microsample-vm " FILE_NAME,
	"mkfifo " FILE_NAME,
	": >" FILE_NAME,
	"head -c 100000000 /dev/zero >" FILE_NAME,
	"yes | head -c 100000000 >" FILE_NAME,
	"head -c 300 /dev/urandom >" FILE_NAME,
	"echo unit-microsample-0 >" FILE_NAME,
	"echo unit-microsample-0 >" FILE_NAME "; stat -c 'unit-microsample-0 %i' " FILE_NAME " >>" FILE_NAME,
	"rmdir " COMMON "; : >" COMMON,
	"rmdir " COMMON,
	"rm -r " WORKLOAD_SNAP,
	"rmdir " COMMON "; ln -s common " COMMON,
};

/* Changes of a whole one in place, which stays the same file. */
static const char *const changes[] = {
	"printf x >>" FILE_NAME,
	"echo >>" FILE_NAME,
	"truncate -s -1 " FILE_NAME,
	"truncate -s 100000 " FILE_NAME,
	"printf '\\0' | dd of=" FILE_NAME " conv=notrunc bs=1 seek=3 status=none",
	"printf x | dd of=" FILE_NAME " conv=notrunc bs=1 seek=0 status=none",
	"printf U | dd of=" FILE_NAME " conv=notrunc bs=1 seek=6 status=none",
	"printf / | dd of=" FILE_NAME " conv=notrunc bs=1 seek=6 status=none",
	"printf '\\033' | dd of=" FILE_NAME " conv=notrunc bs=1 seek=6 status=none",
	"printf '..' | dd of=" FILE_NAME " conv=notrunc bs=1 seek=5 status=none",
};

/* What stands in the way of writing. A folder with something in it cannot be replaced. */
static const char *const obstacles[] = {
	"rmdir " COMMON,
	"rm -r " WORKLOAD_SNAP,
	"rmdir " COMMON "; : >" COMMON,
	"mkdir -p " FILE_NAME "/x",
	"mkdir " FILE_NAME,
	"mkdir -p " FILE_NAME ".next/x",
};

/* Whatever a killed hook or anyone has left under the name that it has first. */
static const char *const leftovers[] = {
	"echo half >" FILE_NAME ".next",
	"mkfifo " FILE_NAME ".next",
	"echo kept >target; ln -s ../../target " FILE_NAME ".next",
	"ln -s nowhere " FILE_NAME ".next",
	"echo kept >target; ln target " FILE_NAME ".next",
	"echo kept >target; ln -s ../../target " FILE_NAME,
};

static const char *const no_tags[] = { "", "unit", "microsample-0", "unit-../x-0", "unit-a/0",
	"unit-A-0", "unit-a-0\n", "unit-a 0", "unit-\xc3\xa4-0" };
/* clang-format on */

START_TEST(copy_proves_nothing)
{
	ck_assert_int_eq(write_marker(TAG), 0);
	run(copies[_i]);
	run("[ -s " FILE_NAME " ]");
	ck_assert_str_eq(read_marker(), "");
}
END_TEST

START_TEST(other_thing_proves_nothing)
{
	ck_assert_int_eq(write_marker(TAG), 0);
	run("mv " FILE_NAME " good");
	run(others[_i]);
	ck_assert_str_eq(read_marker(), "");
}
END_TEST

START_TEST(changed_marker_proves_nothing)
{
	ck_assert_int_eq(write_marker(TAG), 0);
	run(changes[_i]);
	ck_assert_str_eq(read_marker(), "");
}
END_TEST

START_TEST(marker_of_another_user_proves_nothing)
{
	if (geteuid() != 0)
		return;
	ck_assert_int_eq(write_marker(TAG), 0);
	ck_assert_int_eq(chown(FILE_NAME, 1, 0), 0);
	ck_assert_str_eq(read_marker(), "");
}
END_TEST

START_TEST(what_cannot_be_read_is_not_taken_for_none)
{
	char long_name[5000];
	struct error err = { 0 };
	char tag[MARKER_TAG_SIZE] = "same";

	memset(long_name, '/', sizeof long_name - 1);
	long_name[sizeof long_name - 1] = '\0';
	ck_assert_int_eq(marker_read(long_name, tag, &err), -1);
	ck_assert_str_eq(tag, "same");
	ck_assert_int_eq(marker_write(long_name, TAG, &err), -1);
}
END_TEST

START_TEST(obstacle_is_an_error_and_nothing_is_left)
{
	run(obstacles[_i]);
	run("find | sort >/tmp/marker.$PPID");
	ck_assert_int_eq(write_marker(TAG), -1);
	ck_assert_str_eq(read_marker(), "");
	run("find | sort | cmp - /tmp/marker.$PPID && rm /tmp/marker.$PPID");
}
END_TEST

START_TEST(leftover_is_replaced_and_not_followed)
{
	run(leftovers[_i]);
	ck_assert_int_eq(write_marker(TAG), 0);
	ck_assert_str_eq(read_marker(), TAG);
	expect_nothing_left();
	run("[ ! -e target ] || [ \"$(cat target)\" = kept ]");
	run("[ ! -e nowhere ]");
}
END_TEST

/* As on a full disk; what was there before stays. */
START_TEST(file_that_cannot_be_filled_replaces_nothing)
{
	struct rlimit limit;

	ck_assert_int_eq(write_marker("unit-before-0"), 0);
	ck_assert(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = (rlim_t)_i;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(write_marker(TAG), -1);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_str_eq(read_marker(), "unit-before-0");
	expect_nothing_left();
}
END_TEST

START_TEST(only_the_tag_of_a_unit_is_written)
{
	char longest[MARKER_TAG_SIZE + 1] = "unit-";

	ck_assert_int_eq(write_marker(no_tags[_i]), -1);
	run("[ \"$(ls -A " COMMON ")\" = '' ]");
	memset(longest + 5, 'a', MARKER_TAG_SIZE - 5);
	ck_assert_int_eq(write_marker(longest), -1);
	longest[MARKER_TAG_SIZE - 1] = '\0';
	ck_assert_int_eq(write_marker(longest), 0);
	ck_assert_str_eq(read_marker(), longest);
}
END_TEST

#define LOOP(test, list) tcase_add_loop_test(tests, test, 0, (int)(sizeof(list) / sizeof(list)[0]))

int main(void)
{
	Suite *suite = suite_create("marker");
	TCase *tests = tcase_create("file");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 30);
	suite_add_tcase(suite, tests);
	tcase_add_test(tests, what_is_written_is_read_back);
	tcase_add_test(tests, moved_with_its_folder_it_stays);
	LOOP(copy_proves_nothing, copies);
	LOOP(other_thing_proves_nothing, others);
	LOOP(changed_marker_proves_nothing, changes);
	tcase_add_test(tests, marker_of_another_user_proves_nothing);
	tcase_add_test(tests, what_cannot_be_read_is_not_taken_for_none);
	LOOP(obstacle_is_an_error_and_nothing_is_left, obstacles);
	LOOP(leftover_is_replaced_and_not_followed, leftovers);
	tcase_add_loop_test(tests, file_that_cannot_be_filled_replaces_nothing, 0, 5);
	LOOP(only_the_tag_of_a_unit_is_written, no_tags);
	return run_suite(suite);
}
