/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option as config-get prints it: values that are a channel, values that are not and are shown
 * to the operator, and output that cannot be read at all.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "juju/options.h"
#include "tests/suite.h"

static const struct {
	const char *output, *channel;
} channels[] = {
	{ "{\"channel\":\"edge\"}", "latest/edge" },
	{ "{\"channel\":\"edge\"}\n", "latest/edge" },
	{ " \t\r\n{ \"channel\" : \"edge\" } \t\r\n", "latest/edge" },
	{ "{\"channel\":\"latest/edge\"}", "latest/edge" },
	{ "{\"channel\":\"2.0/beta/fix-1\"}", "2.0/beta/fix-1" },
	{ "{\"channel\":\"edge/fix\"}", "latest/edge/fix" },
	{ "{\"channel\":\"\\u0065dge\"}", "latest/edge" },
	{ "{\"channel\":\"2.0\\/edge\"}", "2.0/edge" },
	{ "{\"other\":[1,{\"channel\":\"beta\"}],\"channel\":\"edge\",\"more\":null}",
		"latest/edge" },
	{ "{\"Channel\":\"beta\",\"channel\":\"edge\",\"channels\":\"beta\"}", "latest/edge" },
};

static struct juju_option option;

static int read_text(const char *output)
{
	struct error err = { 0 };
	int outcome;

	memset(&option, 0x55, sizeof option);
	outcome = juju_option_read(output, strlen(output), &option, &err);
	if (outcome < 0)
		ck_assert_int_eq(err.kind, ERROR_FORMAT);
	return outcome;
}

START_TEST(a_channel_is_read_in_full)
{
	ck_assert_int_eq(read_text(channels[_i].output), 0);
	ck_assert(option.valid);
	ck_assert_str_eq(option.channel, channels[_i].channel);
	ck_assert_str_eq(option.wrong, "");
}
END_TEST

#define NO_RISK "has no risk: one of stable, candidate, beta, edge"
#define STRANGE "has characters other than A-Z a-z 0-9 . _ -"

static const struct {
	const char *output, *shown, *wrong;
} nonsense[] = {
	{ "{}", "(not set)", "is not set" },
	{ "{\"channel\":null}", "(not set)", "is not set" },
	{ "{\"Channel\":\"edge\"}", "(not set)", "is not set" },
	{ "{\"channel\":5}", "(no text)", "is no text" },
	{ "{\"channel\":true}", "(no text)", "is no text" },
	{ "{\"channel\":[\"edge\"]}", "(no text)", "is no text" },
	{ "{\"channel\":{\"channel\":\"edge\"}}", "(no text)", "is no text" },
	{ "{\"channel\":\"\"}", "''", "is empty" },
	{ "{\"channel\":\"foo\"}", "'foo'", NO_RISK },
	{ "{\"channel\":\"2.0/foo\"}", "'2.0/foo'", NO_RISK },
	{ "{\"channel\":\"edge/\"}", "'edge/'", "has an empty part" },
	{ "{\"channel\":\"2/edge/a/b\"}", "'2/edge/a/b'", "has more than three parts" },
	{ "{\"channel\":\"edge/-a\"}", "'edge/-a'",
		"has a part that does not begin with a letter or a digit" },
	{ "{\"channel\":\"edge \"}", "'edge '", STRANGE },
	{ "{\"channel\":\"edge\\n\"}", "'edge\\n'", STRANGE },
	{ "{\"channel\":\"edge\\\\\"}", "'edge\\\\'", STRANGE },
	{ "{\"channel\":\"edge\\u0000\"}", "'edge'", "has a NUL byte in it" },
	{ "{\"channel\":\"edge\\u0000x\"}", "'edge'", "has a NUL byte in it" },
	{ "{\"channel\":\"\\u0000\"}", "''", "has a NUL byte in it" },
	{ "{\"channel\":\"\\u001b[31medge\"}", "'\\x1b[31medge'", STRANGE },
	{ "{\"channel\":\"\x7f\"}", "'\\x7f'", STRANGE },
	{ "{\"channel\":\"\xff\xfe\"}", "'\\xff\\xfe'", STRANGE },
	{ "{\"channel\":\"caf\xc3\xa9/edge\"}", "'caf?\?/edge'", STRANGE },
	{ "{\"channel\":\"\\u202eegde\"}", "'\\xe2\\x80\\xaeegde'", STRANGE },
	{ "{\"channel\":\"; rm -rf /\"}", "'; rm -rf /'", STRANGE },
	{ "{\"channel\":\"%s%n\"}", "'%s%n'", STRANGE },
};

START_TEST(what_is_no_channel_is_shown)
{
	ck_assert_int_eq(read_text(nonsense[_i].output), 0);
	ck_assert(!option.valid);
	ck_assert_str_eq(option.channel, "");
	ck_assert_str_eq(option.shown, nonsense[_i].shown);
	ck_assert_str_eq(option.wrong, nonsense[_i].wrong);
}
END_TEST

static const char *const unreadable[] = { "", "\n", "null", "true", "5", "\"edge\"", "[]",
	"[{\"channel\":\"edge\"}]", "{", "{\"channel\"", "{\"channel\":", "{\"channel\":\"edge",
	"{\"channel\":\"edge\"", "{\"channel\":\"edge\"}}", "{\"channel\":\"edge\"} x",
	"{\"channel\":\"edge\"}{\"channel\":\"beta\"}", "{'channel':'edge'}", "channel: edge",
	"ERROR permission denied", "{\"channel\":\"\\ud800\"}", "{\"channel\":\"\\x\"}",
	"{\"channel\":edge}", "\xef\xbb\xbf" };

START_TEST(a_configuration_that_cannot_be_read_is_a_failure)
{
	struct juju_option before;

	memset(&before, 0x55, sizeof before);
	ck_assert_int_eq(read_text(unreadable[_i]), -1);
	ck_assert_mem_eq(&option, &before, sizeof before);
}
END_TEST

START_TEST(a_bare_nul_ends_no_channel)
{
	static const char output[] = "{\"channel\":\"edge\0x\"}";
	struct error err = { 0 };

	ck_assert_int_eq(juju_option_read(output, sizeof output - 1, &option, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
}
END_TEST

/* {"channel":"xxx..."} with SIZE times x; to be freed. */
static char *long_value(size_t size)
{
	static const char head[] = "{\"channel\":\"";
	char *text = malloc(sizeof head + size + 2);

	ck_assert_ptr_nonnull(text);
	memcpy(text, head, sizeof head - 1);
	memset(text + sizeof head - 1, 'x', size);
	memcpy(text + sizeof head - 1 + size, "\"}", 3);
	return text;
}

START_TEST(a_long_value_is_cut_in_its_quotes)
{
	static const size_t sizes[] = { 100, 127, 128, 129, 150, 1000, 1000000 };
	char *text = long_value(sizes[_i]);
	size_t shown;

	ck_assert_int_eq(read_text(text), 0);
	ck_assert(!option.valid);
	shown = strnlen(option.shown, sizeof option.shown);
	ck_assert_uint_lt(shown, sizeof option.shown);
	ck_assert_int_eq(option.shown[0], '\'');
	ck_assert_int_eq(option.shown[shown - 1], '\'');
	ck_assert_str_eq(option.wrong,
		sizes[_i] > CHANNEL_OPTION_MAX ? "is longer than 128 bytes" : NO_RISK);
	free(text);
}
END_TEST

START_TEST(the_longest_channel_is_one)
{
	char text[CHANNEL_OPTION_MAX + 32] = "{\"channel\":\"";
	size_t used = strlen(text);

	memset(text + used, 'x', CHANNEL_OPTION_MAX - 5);
	memcpy(text + used + CHANNEL_OPTION_MAX - 5, "/edge\"}", 8);
	ck_assert_int_eq(read_text(text), 0);
	ck_assert(option.valid);
	ck_assert_uint_eq(strlen(option.channel), CHANNEL_OPTION_MAX);
}
END_TEST

START_TEST(deep_nesting_is_refused)
{
	enum {
		DEPTH = 500000
	};
	char *text = malloc(DEPTH + 1);

	ck_assert_ptr_nonnull(text);
	memset(text, '[', DEPTH);
	text[DEPTH] = '\0';
	ck_assert_int_eq(read_text(text), -1);
	free(text);
}
END_TEST

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

static Suite *suite(void)
{
	Suite *suite = suite_create("option");
	TCase *tests = tcase_create("config-get");

	tcase_add_loop_test(tests, a_channel_is_read_in_full, 0, COUNT(channels));
	tcase_add_loop_test(tests, what_is_no_channel_is_shown, 0, COUNT(nonsense));
	tcase_add_loop_test(
		tests, a_configuration_that_cannot_be_read_is_a_failure, 0, COUNT(unreadable));
	tcase_add_test(tests, a_bare_nul_ends_no_channel);
	tcase_add_loop_test(tests, a_long_value_is_cut_in_its_quotes, 0, 7);
	tcase_add_test(tests, the_longest_channel_is_one);
	tcase_add_test(tests, deep_nesting_is_refused);
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
