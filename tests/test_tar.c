/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of tars: what libarchive writes in every format is read back; anything that is no plain
 * file, leads out, or is not whole is refused with words that name it.
 */
#include "resource/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "tests/suite.h"
#include "tests/tar_kit.h"

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))

enum {
	BLOCK = 512,
};

static struct buf made;
static struct error err;

static void set_up(void)
{
	buf_init(&made, TAR_KIT_MAX);
	err = (struct error){ .kind = ERROR_NONE };
}

static void tear_down(void)
{
	buf_done(&made);
}

/* Reads all of FD; the number of files, the last one in RET, or -1. */
static int read_all(int fd, int64_t size, struct tar_member *ret)
{
	struct tar tar;
	int count = 0, more;

	tar_init(&tar, fd, size);
	while ((more = tar_next(&tar, ret, &err)) == 1)
		count++;
	return more < 0 ? -1 : count;
}

static int read_made(struct tar_member *ret)
{
	CLEANUP(cleanup_close) int fd = tar_kit_open(&made);

	return read_all(fd, (int64_t)made.len, ret);
}

static void must_refuse(const char *words)
{
	struct tar_member member;

	err = (struct error){ .kind = ERROR_NONE };
	ck_assert_int_eq(read_made(&member), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_str_eq(err.text, words);
}

static void write_entry(struct archive *archive, const char *name, const char *data)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, name[strlen(name) - 1] == '/' ? AE_IFDIR : AE_IFREG);
	archive_entry_set_size(entry, (int64_t)strlen(data));
	archive_entry_set_mtime(entry, 1750000000, 123456789);
	archive_entry_set_perm(entry, 0644);
	ck_assert_int_eq(archive_write_header(archive, entry), ARCHIVE_OK);
	ck_assert_int_eq(archive_write_data(archive, data, strlen(data)), (ssize_t)strlen(data));
	archive_entry_free(entry);
}

/* More than the 100 bytes of a header, in folders, so that ustar can write it too. */
static const char *long_name(void)
{
	static char ret[TAR_NAME_SIZE];

	for (size_t i = 0; i < 15; i++)
		(void)snprintf(ret + i * 10, 11, "%09zu/", i);
	return strcat(ret, "microsample_3.snap");
}

START_TEST(what_libarchive_writes_is_read)
{
	static const int formats[] = { ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FORMAT_TAR_GNUTAR,
		ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FORMAT_TAR_PAX_RESTRICTED };
	static char bytes[64 * 1024];
	const char *names[] = { "./", "./microsample_3.snap", "a/b/core22_1.snap", "\xc3\xa9.snap",
		long_name() };
	CLEANUP(cleanup_close) int fd = memfd_create("tar", MFD_CLOEXEC);
	struct archive *archive = archive_write_new();
	struct tar tar;
	struct tar_member member;
	size_t used = 0;
	char text[16] = "";

	ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
	ck_assert_int_eq(archive_write_set_format(archive, formats[_i]), ARCHIVE_OK);
	ck_assert_int_eq(
		archive_write_open_memory(archive, bytes, sizeof bytes, &used), ARCHIVE_OK);
	for (int i = 0; i < COUNT(names); i++)
		write_entry(archive, names[i], i ? "content" : "");
	ck_assert_int_eq(archive_write_close(archive), ARCHIVE_OK);
	archive_write_free(archive);
	ck_assert_int_eq(write(fd, bytes, used), (ssize_t)used);
	tar_init(&tar, fd, (int64_t)used);
	for (int i = 1; i < COUNT(names); i++) {
		ck_assert_msg(tar_next(&tar, &member, &err) == 1, "%s", err.text);
		ck_assert_str_eq(member.name, names[i] + (i == 1 ? 2 : 0));
		ck_assert_int_eq(member.size, 7);
		ck_assert_int_eq(tar_read(fd, member.offset, text, 7, &err), 0);
		ck_assert_str_eq(text, "content");
	}
	ck_assert_int_eq(tar_next(&tar, &member, &err), 0);
}
END_TEST

START_TEST(the_old_format_is_read)
{
	struct tar_member member;

	tar_kit_file(&made, "x.snap", '\0', "12345", 5);
	memset(made.data + 257, 0, 8);
	memcpy(made.data + 345, "noprefix", 8); /* of ustar alone */
	tar_kit_sum(&made, 0);
	tar_kit_end(&made);
	ck_assert_msg(read_made(&member) == 1, "%s", err.text);
	ck_assert_str_eq(member.name, "x.snap");
}
END_TEST

START_TEST(the_longest_name_of_ustar_is_read)
{
	struct tar_member member;

	tar_kit_file(&made, "x", '0', "", 0);
	memset(made.data, 'n', 100);
	memset(made.data + 345, 'p', 155);
	tar_kit_sum(&made, 0);
	tar_kit_end(&made);
	ck_assert_msg(read_made(&member) == 1, "%s", err.text);
	ck_assert_uint_eq(strlen(member.name), TAR_NAME_SIZE - 1);
	ck_assert_int_eq(member.name[155], '/');
}
END_TEST

START_TEST(what_is_behind_the_end_is_not_read)
{
	struct tar_member member;

	tar_kit_file(&made, "x.snap", '0', "12345", 5);
	tar_kit_end(&made);
	tar_kit_file(&made, "../y.snap", '2', "", 0);
	ck_assert_int_eq(read_made(&member), 1);
}
END_TEST

/* One row for each kind; a link is one also when its name is harmless. */
static const struct {
	char type;
	const char *name, *words;
} kinds[] = {
	{ '1', "x.snap", "holds 'x.snap', a link" },
	{ '2', "x.snap", "holds 'x.snap', a link" },
	{ '2', "README", "holds 'README', a link" },
	{ '3', "x.snap", "holds 'x.snap', a device" },
	{ '4', "x.snap", "holds 'x.snap', a device" },
	{ '6', "x.snap", "holds 'x.snap', a pipe" },
	{ 'S', "x.snap", "holds 'x.snap', a sparse file" },
	{ 'M', "x.snap", "holds 'x.snap', of a kind that is not known" },
	{ 'V', "label", "holds 'label', of a kind that is not known" },
	{ 'D', "folder/", "holds 'folder/', of a kind that is not known" },
	{ 'N', "x.snap", "holds 'x.snap', of a kind that is not known" },
	{ 'Z', "x.snap", "holds 'x.snap', of a kind that is not known" },
	{ '\x80', "x.snap", "holds 'x.snap', of a kind that is not known" },
	{ '0', "../x.snap", "holds '../x.snap', a name that leads out of it" },
	{ '0', "a/../../x.snap", "holds 'a/../../x.snap', a name that leads out of it" },
	{ '0', "a/..", "holds 'a/..', a name that leads out of it" },
	{ '5', "../", "holds '../', a name that leads out of it" },
	{ '0', "/etc/x.snap", "holds '/etc/x.snap', a name that leads out of it" },
	{ '0', "./../x.snap", "holds './../x.snap', a name that leads out of it" },
	{ '0', "", "holds a file without a name" },
	{ '0', "a\033[2Jb'.snap/..", "holds 'a?[2Jb'.snap/..', a name that leads out of it" },
};

START_TEST(what_is_no_plain_file_is_refused)
{
	tar_kit_file(&made, "first.snap", '0', "1", 1);
	tar_kit_file(&made, kinds[_i].name, kinds[_i].type, "", 0);
	tar_kit_end(&made);
	must_refuse(kinds[_i].words);
}
END_TEST

START_TEST(dots_that_do_not_climb_are_a_name)
{
	static const char *const names[][2] = { { "..x.snap", "..x.snap" }, { "a/...", "a/..." },
		{ "x..", "x.." }, { ".x.snap", ".x.snap" }, { ".//./x.snap", "x.snap" } };
	struct tar_member member;

	tar_kit_file(&made, names[_i][0], '0', "1", 1);
	tar_kit_end(&made);
	ck_assert_msg(read_made(&member) == 1, "%s", err.text);
	ck_assert_str_eq(member.name, names[_i][1]);
}
END_TEST

START_TEST(a_folder_has_no_bytes)
{
	tar_kit_file(&made, "a/", '5', "1", 1);
	tar_kit_end(&made);
	must_refuse("holds 'a/', a folder with bytes of its own");
}
END_TEST

/* Of every length, but those behind the first block of zeros. */
START_TEST(a_tar_that_is_cut_off_is_refused)
{
	size_t whole;

	tar_kit_file(&made, "x.snap", '0', "12345", 5);
	tar_kit_file(&made, "x", 'x', "19 path=other.snap\n", 19);
	tar_kit_file(&made, "y.snap", '0', "12345", 5);
	whole = made.len + BLOCK;
	tar_kit_end(&made);
	for (size_t size = 0; size < whole; size++) {
		made.len = size;
		must_refuse("is cut off");
	}
	made.len = whole;
	ck_assert_int_eq(read_made(&(struct tar_member){ .size = 0 }), 2);
}
END_TEST

START_TEST(a_size_beyond_the_end_is_cut_off)
{
	static const int64_t sizes[] = { 1025, 077777777777, 6 };
	CLEANUP(cleanup_close) int fd = -1;
	struct tar_member member;
	struct tar tar;

	tar_kit_header(&made, "x.snap", '0', sizes[_i]);
	if (sizes[_i] > 6)
		tar_kit_end(&made);
	fd = tar_kit_open(&made);
	tar_init(&tar, fd, (int64_t)made.len);
	ck_assert_int_eq(tar_next(&tar, &member, &err), -1); /* before it is given away */
	ck_assert_str_eq(err.text, "is cut off");
}
END_TEST

START_TEST(a_size_in_base_256_is_read)
{
	struct tar_member member;

	tar_kit_file(&made, "x.snap", '0', "12345", 5);
	memset(made.data + 124, 0, 12);
	made.data[124] = (char)0x80;
	made.data[135] = 5;
	tar_kit_sum(&made, 0);
	tar_kit_end(&made);
	ck_assert_int_eq(read_made(&member), 1);
	ck_assert_int_eq(member.size, 5);
	made.data[126] = 0x7f; /* some 2^78 */
	tar_kit_sum(&made, 0);
	must_refuse("is not a tar");
	made.data[126] = 0;
	made.data[128] = 0x7f; /* some 2^63 */
	tar_kit_sum(&made, 0);
	must_refuse("is cut off");
	made.data[124] = (char)0xff; /* a negative number */
	tar_kit_sum(&made, 0);
	must_refuse("is not a tar");
}
END_TEST

/* In the first header this is no tar at all. */
START_TEST(each_changed_byte_of_a_header_is_seen)
{
	tar_kit_file(&made, "x.snap", '0', "1", 1);
	tar_kit_file(&made, "y.snap", '0', "1", 1);
	tar_kit_end(&made);
	for (size_t i = 0; i < BLOCK; i++) {
		if (i >= 148 + 6 && i < 148 + 8) /* behind the number of the checksum */
			continue;
		made.data[i] = (char)(made.data[i] + 1);
		must_refuse("is not a tar");
		made.data[i] = (char)(made.data[i] - 1);
		made.data[i + 2 * (size_t)BLOCK] = (char)(made.data[i + 2 * (size_t)BLOCK] + 1);
		must_refuse("holds a damaged header");
		made.data[i + 2 * (size_t)BLOCK] = (char)(made.data[i + 2 * (size_t)BLOCK] - 1);
	}
}
END_TEST

static const struct {
	char type;
	const char *text, *words;
} extended[] = {
	{ 'x', "18 path=../x.snap\n", "holds '../x.snap', a name that leads out of it" },
	{ 'L', "../x.snap", "holds '../x.snap', a name that leads out of it" },
	{ 'x', "22 GNU.sparse.major=1\n", "holds a sparse file" },
	{ 'x', "25 GNU.sparse.map=0,1,2,3\n", "holds a damaged header" }, /* 26 */
	{ 'x', "19 GNU.sparse.x=12\n", "holds a sparse file" },
	{ 'g', "22 GNU.sparse.major=1\n", "holds a sparse file" },
	{ 'g', "15 path=x.snap\n", "holds a damaged header" },
	{ 'g', "9 size=1\n", "holds a damaged header" },
	{ 'x', "9 path=\n", "holds a damaged header" }, /* 8 */
	{ 'x', "8 path=\n", "holds a file whose name cannot be used" },
	{ 'x', "9 size=x\n", "holds a damaged header" },
	{ 'x', "10 size=-1\n", "holds a damaged header" },
	{ 'x', "29 size=99999999999999999999\n", "holds a damaged header" },
	{ 'x', "15 size=999999\n", "is cut off" },
	{ 'x', "path=x\n", "holds a damaged header" },
	{ 'x', "99999999999999999999 path=x\n", "holds a damaged header" },
	{ 'x', "100 path=x\n", "holds a damaged header" },
	{ 'x', "0 path=x\n", "holds a damaged header" },
	{ 'x', "3 \n", "holds a damaged header" },
	{ 'x', "9 pathxxx\n", "holds a damaged header" },
	{ 'x', "9 path=xx", "holds a damaged header" },
	{ 'x', "10 path=xx", "holds a damaged header" },
	{ 'L', "", "holds a file whose name cannot be used" },
};

START_TEST(an_extended_header_takes_no_way_round)
{
	tar_kit_file(&made, "first.snap", '0', "1", 1);
	tar_kit_file(
		&made, "header", extended[_i].type, extended[_i].text, strlen(extended[_i].text));
	tar_kit_file(&made, "x.snap", '0', "1", 1);
	tar_kit_end(&made);
	must_refuse(extended[_i].words);
}
END_TEST

START_TEST(a_name_with_a_nul_is_refused)
{
	tar_kit_file(&made, "x", 'x', "15 path=x.snap\0\n", 16);
	tar_kit_file(&made, "y", '0', "", 0);
	memcpy(made.data + BLOCK, "16", 2);
	tar_kit_end(&made);
	must_refuse("holds a file whose name cannot be used");
}
END_TEST

START_TEST(a_name_that_is_too_long_is_refused)
{
	char name[TAR_NAME_SIZE];

	memset(name, 'x', sizeof name);
	tar_kit_file(&made, "x", 'L', name, sizeof name);
	tar_kit_file(&made, "y", '0', "", 0);
	tar_kit_end(&made);
	must_refuse("holds a file whose name cannot be used");
}
END_TEST

START_TEST(an_extended_header_is_of_the_next_file_alone)
{
	CLEANUP(cleanup_close) int fd = -1;
	struct tar tar;
	struct tar_member member;

	tar_kit_file(&made, "x", 'g', "22 comment=0123456789\n", 22);
	tar_kit_file(&made, "x", 'K', "some/link", 9);
	tar_kit_file(&made, "x", 'x', "15 path=z.snap\n9 size=2\n", 24);
	tar_kit_file(&made, "x.snap", '0', "12", 2);
	tar_kit_file(&made, "y.snap", '0', "1", 1);
	tar_kit_end(&made);
	fd = tar_kit_open(&made);
	tar_init(&tar, fd, (int64_t)made.len);
	ck_assert_msg(tar_next(&tar, &member, &err) == 1, "%s", err.text);
	ck_assert_str_eq(member.name, "z.snap");
	ck_assert_int_eq(member.size, 2);
	ck_assert_int_eq(tar_next(&tar, &member, &err), 1);
	ck_assert_str_eq(member.name, "y.snap");
	ck_assert_int_eq(member.size, 1);
}
END_TEST

START_TEST(an_extended_header_is_bounded)
{
	tar_kit_header(&made, "x", 'x', TAR_EXTENDED_MAX + 1);
	must_refuse("holds a header that is too long");
}
END_TEST

START_TEST(the_number_of_headers_is_bounded)
{
	for (int i = 0; i <= TAR_HEADERS_MAX; i++)
		tar_kit_file(&made, "x", '0', "", 0);
	tar_kit_end(&made);
	must_refuse("holds too many files");
}
END_TEST

START_TEST(anything_else_is_not_a_tar)
{
	static const char *const texts[] = { "\x1f\x8b\x08", "PK\003\004", "hsqs", "hello" };

	tar_kit_bytes(&made, texts[_i], strlen(texts[_i]));
	tar_kit_end(&made);
	must_refuse("is not a tar");
}
END_TEST

/* With no room for more than a little: 2 GB and more, in a file of holes. */
START_TEST(a_large_file_takes_no_memory)
{
	int64_t size = INT64_C(2) << 30;
	struct rlimit limit = { .rlim_cur = 256 * 1024 * 1024, .rlim_max = RLIM_INFINITY };
	CLEANUP(cleanup_close) int fd = -1;
	struct tar_member member;

	tar_kit_header(&made, "x.snap", '0', size);
	fd = tar_kit_open(&made);
	made.len = 0;
	tar_kit_header(&made, "y.snap", '0', 0);
	ck_assert_int_eq(pwrite(fd, made.data, BLOCK, BLOCK + size), BLOCK);
	ck_assert_int_eq(ftruncate(fd, 3 * BLOCK + size), 0);
	ck_assert_int_eq(SANITIZED ? 0 : setrlimit(RLIMIT_DATA, &limit), 0);
	ck_assert_msg(read_all(fd, 3 * BLOCK + size, &member) == 2, "%s", err.text);
	ck_assert_str_eq(member.name, "y.snap");
	ck_assert_int_eq(member.offset, 2 * BLOCK + size);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_no_damaged_one)
{
	struct tar_member member;

	ck_assert_int_eq(read_all(-1, BLOCK, &member), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tar");
	TCase *tests = tcase_create("all");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, what_libarchive_writes_is_read, 0, 4);
	tcase_add_test(tests, the_old_format_is_read);
	tcase_add_test(tests, the_longest_name_of_ustar_is_read);
	tcase_add_test(tests, what_is_behind_the_end_is_not_read);
	tcase_add_loop_test(tests, what_is_no_plain_file_is_refused, 0, COUNT(kinds));
	tcase_add_loop_test(tests, dots_that_do_not_climb_are_a_name, 0, 5);
	tcase_add_test(tests, a_folder_has_no_bytes);
	tcase_add_test(tests, a_tar_that_is_cut_off_is_refused);
	tcase_add_loop_test(tests, a_size_beyond_the_end_is_cut_off, 0, 3);
	tcase_add_test(tests, a_size_in_base_256_is_read);
	tcase_add_test(tests, each_changed_byte_of_a_header_is_seen);
	tcase_add_loop_test(tests, an_extended_header_takes_no_way_round, 0, COUNT(extended));
	tcase_add_test(tests, a_name_with_a_nul_is_refused);
	tcase_add_test(tests, a_name_that_is_too_long_is_refused);
	tcase_add_test(tests, an_extended_header_is_of_the_next_file_alone);
	tcase_add_test(tests, an_extended_header_is_bounded);
	tcase_add_test(tests, the_number_of_headers_is_bounded);
	tcase_add_loop_test(tests, anything_else_is_not_a_tar, 0, 4);
	tcase_add_test(tests, a_large_file_takes_no_memory);
	tcase_add_test(tests, a_file_that_cannot_be_read_is_no_damaged_one);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
