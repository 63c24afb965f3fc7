/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all other code uses: errors, the buffer with its limit, memory, and text from outside made
 * safe to show.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "tests/suite.h"

START_TEST(an_error_is_minus_one_and_its_text)
{
	struct error err = { .code = 7 };

	ck_assert_int_eq(error_set(&err, ERROR_LIMIT, "%s: %d", "more than", 3), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	ck_assert_int_eq(err.code, 0);
	ck_assert_str_eq(err.text, "more than: 3");
}
END_TEST

START_TEST(a_system_error_names_its_cause)
{
	struct error err;

	ck_assert_int_eq(error_system(&err, ENOENT, "open %s", "x"), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	ck_assert_int_eq(err.code, ENOENT);
	ck_assert_str_eq(err.text, "open x: No such file or directory");
}
END_TEST

START_TEST(a_wrapped_error_keeps_its_kind)
{
	struct error err;

	(void)error_system(&err, EACCES, "open");
	ck_assert_int_eq(error_wrap(&err, "record %d", 1), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	ck_assert_int_eq(err.code, EACCES);
	ck_assert_str_eq(err.text, "record 1: open: Permission denied");
}
END_TEST

START_TEST(a_long_error_is_cut)
{
	struct error err;
	char text[1000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	(void)error_set(&err, ERROR_FORMAT, "%s", text);
	ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
	(void)error_system(&err, EIO, "%s", text);
	ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
	(void)error_wrap(&err, "%s", text);
	ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
}
END_TEST

START_TEST(nobody_must_want_the_error)
{
	ck_assert_int_eq(error_set(NULL, ERROR_LIMIT, "x"), -1);
	ck_assert_int_eq(error_system(NULL, EIO, "x"), -1);
	ck_assert_int_eq(error_wrap(NULL, "x"), -1);
}
END_TEST

START_TEST(a_buffer_ends_at_its_limit)
{
	CLEANUP(buf_done) struct buf buf;

	buf_init(&buf, 5);
	ck_assert_str_eq(buf_text(&buf), "");
	ck_assert_ptr_null(buf.data);
	ck_assert_int_eq(buf_adds(&buf, "abc"), 0);
	ck_assert_int_eq(buf_adds(&buf, "def"), -1);
	ck_assert_int_eq(buf_addf(&buf, "%s", "def"), -1);
	ck_assert_int_eq(buf_add(&buf, "", SIZE_MAX), -1);
	ck_assert_str_eq(buf_text(&buf), "abc");
	ck_assert_int_eq(buf_addf(&buf, "%c", 'd'), 0);
	ck_assert_int_eq(buf_add(&buf, "e", 1), 0);
	ck_assert_int_eq(buf_add(&buf, "", 0), 0);
	ck_assert_int_eq(buf_add(&buf, "f", 1), -1);
	ck_assert_str_eq(buf_text(&buf), "abcde");
	ck_assert_uint_eq(buf.len, 5);
}
END_TEST

START_TEST(a_buffer_may_hold_nul_bytes)
{
	CLEANUP(buf_done) struct buf buf;

	buf_init(&buf, 100);
	ck_assert_int_eq(buf_add(&buf, "a\0b", 3), 0);
	ck_assert_uint_eq(buf.len, 3);
	ck_assert_mem_eq(buf_text(&buf), "a\0b", 4);
}
END_TEST

START_TEST(a_buffer_grows_in_any_steps)
{
	CLEANUP(buf_done) struct buf buf;
	char piece[1000];

	memset(piece, 'x', sizeof piece);
	buf_init(&buf, 1000000);
	for (size_t i = 0; i < 1000; i++) {
		ck_assert_int_eq(buf_add(&buf, piece, i), 0);
		ck_assert_int_eq(buf.data[buf.len], '\0');
	}
	ck_assert_uint_eq(buf.len, 999 * 1000 / 2);
	ck_assert_uint_eq(strlen(buf_text(&buf)), buf.len);
}
END_TEST

START_TEST(a_done_buffer_is_empty_and_keeps_its_limit)
{
	struct buf buf;

	buf_init(&buf, 3);
	ck_assert_int_eq(buf_adds(&buf, "abc"), 0);
	buf_done(&buf);
	buf_done(&buf);
	buf_done(NULL);
	ck_assert_str_eq(buf_text(&buf), "");
	ck_assert_int_eq(buf_adds(&buf, "abcd"), -1);
	ck_assert_int_eq(buf_adds(&buf, "abc"), 0);
	buf_done(&buf);
}
END_TEST

START_TEST(memory_is_zeroed_and_never_null)
{
	CLEANUP(cleanup_free) char *memory = alloc_new(3, 5);
	CLEANUP(cleanup_free) char *none = alloc_new(0, 0);
	CLEANUP(cleanup_free) char *text = alloc_textf("%s-%d", "a", 1);
	CLEANUP(cleanup_free) char *same = alloc_text(text);

	ck_assert_mem_eq(memory, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15);
	ck_assert_ptr_nonnull(none);
	ck_assert_str_eq(text, "a-1");
	ck_assert_str_eq(same, "a-1");
	ck_assert_ptr_ne(same, text);
	ck_assert_ptr_null(alloc_text(NULL));
	memory = alloc_again(memory, 100);
	ck_assert_mem_eq(memory, "\0\0\0\0", 4);
}
END_TEST

/* AddressSanitizer calls this; without it, its allocator would end the process. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* Runs OVERDRAW in a child without memory; RET gets the child's standard error. */
static int starve(void (*overdraw)(void), char *ret, size_t size)
{
	struct rlimit none = { 0, 0 };
	int fds[2], status;
	ssize_t got;
	size_t used = 0;
	pid_t pid;

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		(void)dup2(fds[1], STDERR_FILENO);
		(void)setrlimit(RLIMIT_CORE, &none);
		overdraw();
		_exit(0);
	}
	(void)close(fds[1]);
	while ((got = read(fds[0], ret + used, size - 1 - used)) > 0)
		used += (size_t)got;
	ret[used] = '\0';
	(void)close(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* Hidden from the compiler, which warns about such sizes. */
static volatile size_t absurd = SIZE_MAX / 4;

static void overdraw_new(void)
{
	free(alloc_new(1, absurd));
}

static void overdraw_product(void)
{
	free(alloc_new(absurd, absurd));
}

static void overdraw_again(void)
{
	free(alloc_again(NULL, absurd));
}

static void (*const overdraws[])(void) = { overdraw_new, overdraw_product, overdraw_again };

START_TEST(out_of_memory_is_one_line_and_an_abort)
{
	static const char line[] = "microsample-vm: out of memory; the next hook repeats\n";
	char said[4000];

	ck_assert_int_eq(starve(overdraws[_i], said, sizeof said), SIGABRT);
	ck_assert_uint_ge(strlen(said), strlen(line));
	ck_assert_str_eq(said + strlen(said) - strlen(line), line);
}
END_TEST

START_TEST(cleanup_closes_what_is_open)
{
	int copy;

	{
		CLEANUP(cleanup_close) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		CLEANUP(cleanup_close) int none = -1;

		ck_assert_int_ge(fd, 0);
		ck_assert_int_lt(none, 0);
		copy = fd;
	}
	ck_assert_int_eq(fcntl(copy, F_GETFD), -1);
}
END_TEST

/* clang-format off */
static const struct {
	const char *text, *escaped;
} escapes[] = {
	{ "", "" },
	{ "plain text, 'quoted' \"twice\"", "plain text, 'quoted' \"twice\"" },
	{ "a\nb\rc\td\\e", "a\\nb\\rc\\td\\\\e" },
	{ "\x01\x1b[31m\x7f", "\\x01\\x1b[31m\\x7f" },
	{ "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
	{ "\xff\xfe\xc0\x80\x80", "\\xff\\xfe\\xc0\\x80\\x80" },
	{ "\xc3", "\\xc3" },                           /* ends within a character */
	{ "\xe2\x82", "\\xe2\\x82" },
	{ "\xe2\x82" "a", "\\xe2\\x82" "a" },
	{ "\xc0\xaf", "\\xc0\\xaf" },                  /* a slash, too long */
	{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },
	{ "\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },         /* a surrogate */
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },/* beyond U+10FFFF */
	{ "\xc2\x9b" "31m", "\\xc2\\x9b" "31m" },      /* CSI as a C1 control */
	{ "\xc2\xa0", "\xc2\xa0" },
	{ "\xe2\x80\xae" "x", "\\xe2\\x80\\xae" "x" }, /* right-to-left override */
	{ "\xe2\x81\xa6" "x", "\\xe2\\x81\\xa6" "x" },
	{ "\xe2\x80\x8f", "\\xe2\\x80\\x8f" },
	{ "\xe2\x80\x90", "\xe2\x80\x90" },
};
/* clang-format on */

START_TEST(what_a_terminal_must_not_see_is_escaped)
{
	CLEANUP(buf_done) struct buf buf;

	buf_init(&buf, 1000);
	ck_assert_int_eq(text_escape(&buf, escapes[_i].text, strlen(escapes[_i].text)), 0);
	ck_assert_str_eq(buf_text(&buf), escapes[_i].escaped);
}
END_TEST

START_TEST(escaping_sees_the_size_and_no_more)
{
	CLEANUP(buf_done) struct buf buf;

	buf_init(&buf, 1000);
	ck_assert_int_eq(text_escape(&buf, "\xe2\x82\xac", 2), 0);
	ck_assert_int_eq(text_escape(&buf, "a\0b", 3), 0);
	ck_assert_str_eq(buf_text(&buf), "\\xe2\\x82"
					 "a\\x00b");
}
END_TEST

START_TEST(escaping_ends_where_the_buffer_is_full)
{
	CLEANUP(buf_done) struct buf buf;

	buf_init(&buf, 5);
	ck_assert_int_eq(text_escape(&buf, "ab\x01", 3), -1);
	ck_assert_str_eq(buf_text(&buf), "ab");
}
END_TEST

static const struct {
	const char *text;
	size_t size;
	const char *ascii;
} asciis[] = {
	{ "", 1, "" },
	{ "abc", 1, "" },
	{ "abc", 4, "abc" },
	{ "abc", 3, "ab" },
	{ "abcdef", 6, "abcde" },
	{ "abcdefg", 7, "abc..." },
	{ "abcdefgh", 9, "abcdefgh" },
	{ "a\nb\x7f"
	  "caf\xc3\xa9",
		20, "a?b?caf?\?" },
};

START_TEST(a_status_is_printable_ascii)
{
	char ret[32];

	memset(ret, 'x', sizeof ret);
	text_ascii(ret, asciis[_i].size, asciis[_i].text);
	ck_assert_str_eq(ret, asciis[_i].ascii);
	for (size_t i = strlen(ret); i < asciis[_i].size; i++)
		ck_assert_int_eq(ret[i], 0);
	ck_assert_int_eq(ret[asciis[_i].size], 'x');
}
END_TEST

static const struct {
	const char *text;
	long long number;
} numbers[] = {
	{ "0", 0 },
	{ "007", 7 },
	{ "9007199254740993", 9007199254740993 },
	{ "", -1 },
	{ " 1", -1 },
	{ "1 ", -1 },
	{ "+1", -1 },
	{ "-1", -1 },
	{ "1e3", -1 },
	{ "0x1", -1 },
	{ "1\n", -1 },
	{ "9999999999999999999", -1 },
	{ "18446744073709551617", -1 },
	{ "99999999999999999999999999999999999999", -1 },
};

START_TEST(a_number_is_digits_and_nothing_else)
{
	ck_assert_int_eq(text_number(numbers[_i].text), numbers[_i].number);
}
END_TEST

/* clang-format off */
static const struct {
	int64_t time;
	const char *text;
	int64_t back;
} times[] = {
	{ 0,            "",                     0 },
	{ 1,            "1970-01-01T00:00:01Z", 1 },
	{ -1,           "",                     0 },
	{ INT64_MIN,    "",                     0 },
	{ 1795404300,   "2026-11-23T03:25:00Z", 1795404300 },
	{ 4107542399,   "2100-02-28T23:59:59Z", 4107542399 },
	{ 4107542400,   "2100-03-01T00:00:00Z", 4107542400 },
	{ 253402300799, "9999-12-31T23:59:59Z", 253402300799 },
	{ 253402300800, "9999-12-31T23:59:59Z", 253402300799 },
	{ INT64_MAX,    "9999-12-31T23:59:59Z", 253402300799 },
};
static const char *const no_times[] = {
	" ", "0", "2026-11-23", "2026-11-23T03:25:00", "2026-11-23T03:25:00+0", "2026-11-23 03:25:00Z",
	"2026-11-23T03:25:00Z ", " 2026-11-23T03:25:00Z", "2026-02-30T00:00:00Z", "2026-1-1T0:0:0Z",
	"1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "10000-01-01T00:00:00Z",
};
/* clang-format on */

START_TEST(times_are_text_that_a_person_reads)
{
	char text[CLOCK_TEXT_SIZE];
	int64_t time;

	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		clock_text(times[i].time, text);
		ck_assert_str_eq(text, times[i].text);
		ck_assert_int_eq(clock_read(text, &time), 0);
		ck_assert_int_eq(time, times[i].back);
	}
	for (size_t i = 0; i < sizeof no_times / sizeof no_times[0]; i++)
		ck_assert_int_eq(clock_read(no_times[i], &time), -1);
}
END_TEST

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

static Suite *suite(void)
{
	Suite *suite = suite_create("base");
	TCase *tests = tcase_create("base");

	tcase_add_test(tests, an_error_is_minus_one_and_its_text);
	tcase_add_test(tests, a_system_error_names_its_cause);
	tcase_add_test(tests, a_wrapped_error_keeps_its_kind);
	tcase_add_test(tests, a_long_error_is_cut);
	tcase_add_test(tests, nobody_must_want_the_error);
	tcase_add_test(tests, a_buffer_ends_at_its_limit);
	tcase_add_test(tests, a_buffer_may_hold_nul_bytes);
	tcase_add_test(tests, a_buffer_grows_in_any_steps);
	tcase_add_test(tests, a_done_buffer_is_empty_and_keeps_its_limit);
	tcase_add_test(tests, memory_is_zeroed_and_never_null);
	tcase_add_loop_test(tests, out_of_memory_is_one_line_and_an_abort, 0, COUNT(overdraws));
	tcase_add_test(tests, cleanup_closes_what_is_open);
	tcase_add_loop_test(tests, what_a_terminal_must_not_see_is_escaped, 0, COUNT(escapes));
	tcase_add_test(tests, escaping_sees_the_size_and_no_more);
	tcase_add_test(tests, escaping_ends_where_the_buffer_is_full);
	tcase_add_loop_test(tests, a_status_is_printable_ascii, 0, COUNT(asciis));
	tcase_add_loop_test(tests, a_number_is_digits_and_nothing_else, 0, COUNT(numbers));
	tcase_add_test(tests, times_are_text_that_a_person_reads);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
