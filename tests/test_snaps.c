/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a resource holds: snaps with their assertions, or the reason why it is of no use.
 */
#include "resource/snaps.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "resource/tar.h"
#include "tests/suite.h"
#include "tests/tar_kit.h"

static struct buf made, text;
static struct snaps snaps;
static struct error err;

static void set_up(void)
{
	buf_init(&made, TAR_KIT_MAX);
	buf_init(&text, TAR_KIT_MAX);
	err = (struct error){ .kind = ERROR_NONE };
}

static void tear_down(void)
{
	buf_done(&made);
	buf_done(&text);
}

static int read_made(void)
{
	CLEANUP(cleanup_close) int fd = -1;

	tar_kit_end(&made);
	fd = tar_kit_open(&made);
	return snaps_read(fd, (int64_t)made.len, "microsample", &snaps, &err);
}

static void must_refuse(const char *words)
{
	ck_assert_int_eq(read_made(), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_str_eq(err.text, words);
}

/* A .assert that says so. */
static void add_assertions(const char *file, const char *name, int revision, size_t size)
{
	text.len = 0;
	tar_kit_assertions(&text, name, revision, size);
	tar_kit_file(&made, file, '0', text.data, text.len);
}

START_TEST(each_snap_is_found_with_its_assertions)
{
	tar_kit_file(&made, "./", '5', "", 0);
	tar_kit_snap(&made, "core22", 1122, 5000);
	tar_kit_file(&made, "README", '0', "hello", 5);
	tar_kit_snap(&made, "microsample", 3, 700);
	tar_kit_snap(&made, "snapd", 21, 1);
	ck_assert_msg(read_made() == 0, "%s", err.text);
	ck_assert_uint_eq(snaps.count, 3);
	ck_assert_str_eq(snaps.list[0].name, "core22");
	ck_assert_int_eq(snaps.list[0].revision, 1122);
	ck_assert_ptr_eq(snaps.main, &snaps.list[1]);
	ck_assert_str_eq(snaps.main->name, "microsample");
	ck_assert_int_eq(snaps.main->revision, 3);
	ck_assert_int_eq(snaps.main->snap.size, 700);
	ck_assert_int_eq(made.data[snaps.main->snap.offset], 'm');
	ck_assert_int_eq(made.data[snaps.main->snap.offset + 699], 'm');
	ck_assert_int_eq(strncmp(made.data + snaps.main->assertions.offset, "type: ", 6), 0);
	ck_assert_int_eq(snaps.list[2].snap.size, 1);
}
END_TEST

START_TEST(folders_and_other_names_do_not_matter)
{
	tar_kit_file(&made, "a/b.snap", '0', "123", 3);
	add_assertions("a/b.assert", "microsample", 4, 3);
	ck_assert_msg(read_made() == 0, "%s", err.text);
	ck_assert_int_eq(snaps.main->revision, 4);
}
END_TEST

START_TEST(other_snaps_have_another_hash)
{
	int64_t hash;

	tar_kit_snap(&made, "microsample", 3, 700);
	ck_assert_int_eq(read_made(), 0);
	hash = snaps.hash;
	made.len = 0;
	tar_kit_snap(&made, "microsample", 3, 701);
	ck_assert_int_eq(read_made(), 0);
	ck_assert_int_ne(snaps.hash, hash);
	made.len = 0;
	tar_kit_snap(&made, "microsample", 3, 700);
	ck_assert_int_eq(read_made(), 0);
	ck_assert_int_eq(snaps.hash, hash);
}
END_TEST

START_TEST(without_the_snap_it_is_of_no_use)
{
	must_refuse("holds no snap 'microsample'");
}
END_TEST

START_TEST(another_snap_alone_is_of_no_use)
{
	tar_kit_snap(&made, "core22", 1, 10);
	add_assertions("microsample_3.assert", "microsample", 3, 10);
	must_refuse("holds no snap 'microsample'");
}
END_TEST

START_TEST(a_snap_needs_its_assertions)
{
	tar_kit_file(&made, "microsample_3.snap", '0', "123", 3);
	add_assertions("other_3.assert", "microsample", 3, 3);
	must_refuse("holds 'microsample_3.snap', without its .assert");
}
END_TEST

START_TEST(assertions_in_another_folder_are_not_beside_it)
{
	tar_kit_file(&made, "a/microsample_3.snap", '0', "123", 3);
	add_assertions("microsample_3.assert", "microsample", 3, 3);
	must_refuse("holds 'a/microsample_3.snap', without its .assert");
}
END_TEST

START_TEST(assertions_of_another_file_are_foreign)
{
	tar_kit_file(&made, "microsample_3.snap", '0', "123", 3);
	add_assertions("microsample_3.assert", "microsample", 3, 4);
	must_refuse(
		"holds 'microsample_3.assert', which is of another file than the .snap beside it");
}
END_TEST

START_TEST(a_revision_without_its_declaration_is_foreign)
{
	char *declared;

	tar_kit_file(&made, "microsample_3.snap", '0', "123", 3);
	tar_kit_assertions(&text, "microsample", 3, 3);
	declared = strstr(text.data, "snap-id: microsample-id\nsnap-name");
	ck_assert_ptr_nonnull(declared);
	memcpy(declared, "snap-id: macrosample-id", 23);
	tar_kit_file(&made, "microsample_3.assert", '0', text.data, text.len);
	must_refuse(
		"holds 'microsample_3.assert', which is of another file than the .snap beside it");
}
END_TEST

START_TEST(what_is_no_assertion_is_named)
{
	tar_kit_file(&made, "microsample_3.snap", '0', "123", 3);
	tar_kit_file(&made, "microsample_3.assert", '0', "hello\n", 6);
	must_refuse("holds 'microsample_3.assert', which is not a list of assertions");
}
END_TEST

START_TEST(assertions_are_bounded)
{
	tar_kit_file(&made, "microsample_3.snap", '0', "123", 3);
	tar_kit_assertions(&text, "microsample", 3, 3);
	while (text.len < SNAPS_ASSERTIONS_MAX)
		ck_assert_int_eq(buf_adds(&text, "\n"), 0);
	tar_kit_file(&made, "microsample_3.assert", '0', text.data, text.len);
	ck_assert_msg(read_made() == 0, "%s", err.text);
	made.len = 0;
	ck_assert_int_eq(buf_adds(&text, "\n"), 0);
	tar_kit_file(&made, "microsample_3.snap", '0', "123", 3);
	tar_kit_file(&made, "microsample_3.assert", '0', text.data, text.len);
	must_refuse("holds 'microsample_3.assert', which is too large");
}
END_TEST

START_TEST(two_versions_of_a_snap_are_refused)
{
	tar_kit_snap(&made, "microsample", 3, 10);
	tar_kit_snap(&made, "microsample", 4, 11);
	must_refuse("holds two files of the snap 'microsample'");
}
END_TEST

START_TEST(a_file_that_is_there_twice_is_refused)
{
	tar_kit_snap(&made, "microsample", 3, 10);
	add_assertions("microsample_3.assert", "microsample", 3, 10);
	must_refuse("holds 'microsample_3.assert', twice");
}
END_TEST

START_TEST(a_snap_that_is_there_twice_is_refused)
{
	tar_kit_snap(&made, "microsample", 3, 10);
	tar_kit_file(&made, "microsample_3.snap", '0', "mmmmmmmmmm", 10);
	must_refuse("holds two files of the snap 'microsample'");
}
END_TEST

START_TEST(the_number_of_snaps_is_bounded)
{
	char name[16];

	for (int i = 1; i < SNAPS_MAX; i++) {
		(void)snprintf(name, sizeof name, "snap-%d", i);
		tar_kit_snap(&made, name, 1, 5);
	}
	tar_kit_snap(&made, "microsample", 3, 5);
	ck_assert_msg(read_made() == 0, "%s", err.text);
	ck_assert_uint_eq(snaps.count, SNAPS_MAX);
	made.len -= 1024; /* the end */
	tar_kit_snap(&made, "one-more", 1, 5);
	must_refuse("holds more than 16 snaps");
}
END_TEST

START_TEST(the_tar_itself_is_judged_first)
{
	tar_kit_snap(&made, "microsample", 3, 10);
	tar_kit_file(&made, "b.snap", '2', "", 0);
	must_refuse("holds 'b.snap', a link");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snaps");
	TCase *tests = tcase_create("all");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, each_snap_is_found_with_its_assertions);
	tcase_add_test(tests, folders_and_other_names_do_not_matter);
	tcase_add_test(tests, other_snaps_have_another_hash);
	tcase_add_test(tests, without_the_snap_it_is_of_no_use);
	tcase_add_test(tests, another_snap_alone_is_of_no_use);
	tcase_add_test(tests, a_snap_needs_its_assertions);
	tcase_add_test(tests, assertions_in_another_folder_are_not_beside_it);
	tcase_add_test(tests, assertions_of_another_file_are_foreign);
	tcase_add_test(tests, a_revision_without_its_declaration_is_foreign);
	tcase_add_test(tests, what_is_no_assertion_is_named);
	tcase_add_test(tests, assertions_are_bounded);
	tcase_add_test(tests, two_versions_of_a_snap_are_refused);
	tcase_add_test(tests, a_file_that_is_there_twice_is_refused);
	tcase_add_test(tests, a_snap_that_is_there_twice_is_refused);
	tcase_add_test(tests, the_number_of_snaps_is_bounded);
	tcase_add_test(tests, the_tar_itself_is_judged_first);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
