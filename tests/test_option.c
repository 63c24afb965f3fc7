/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options as config-get prints them: values that are meant, values that are bad and are shown to
 * the operator, and output that cannot be read at all.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/option.h"
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

static struct juju_options option;

static int read_text(const char *output)
{
	struct error err = { 0 };
	int outcome;

	memset(&option, 0x55, sizeof option);
	outcome = juju_options_read(output, strlen(output), &option, &err);
	if (outcome < 0)
		ck_assert_int_eq(err.kind, ERROR_FORMAT);
	return outcome;
}

START_TEST(a_channel_is_read_in_full)
{
	ck_assert_int_eq(read_text(channels[_i].output), 0);
	ck_assert(option.valid);
	ck_assert_str_eq(option.channel, channels[_i].channel);
	ck_assert_int_eq(option.revision, 0);
	ck_assert(option.auto_refresh);
	ck_assert_str_eq(option.health_path, "/");
	ck_assert(!option.rollback);
	ck_assert_str_eq(option.wrong, "");
}
END_TEST

#define NO_RISK   "has no risk: one of stable, candidate, beta, edge"
#define STRANGE   "has characters other than A-Z a-z 0-9 . _ -"
#define NO_NUMBER "is no whole number from 0 to 2147483647"
#define NEITHER   "is neither true nor false"
#define NO_PAUSE  "is neither none nor first"
#define NO_PATH   "has characters other than A-Z a-z 0-9 /?%-._~!$&()*+,;=:@"

/* Once more with `channel` good: WITH(revision, 3) is {"channel":"edge","revision":3}. */
#define WITH(name, value) "{\"channel\":\"edge\",\"" name "\":" value "}"
#define PIN(value)        WITH("revision", value)
#define AUTO(value)       WITH("auto-refresh", value)
#define PATH(value)       WITH("health-path", value)
#define ROLL(value)       WITH("rollback", value)
#define WIDTH(value)      WITH("rollout-width", value)
#define PAUSE(value)      WITH("rollout-pause", value)

static const struct {
	const char *output;
	int64_t revision;
	bool auto_refresh;
} meant[] = {
	{ "{\"channel\":\"edge\"}", 0, true },
	{ PIN("0"), 0, true },
	{ PIN("-0"), 0, true },
	{ PIN("1"), 1, true },
	{ PIN("1.0"), 1, true },
	{ PIN("1234567"), 1234567, true },
	{ PIN("1.234567e+06"), 1234567, true },
	{ PIN("2147483647"), 2147483647, true },
	{ AUTO("true"), 0, true },
	{ AUTO("false"), 0, false },
	{ "{\"auto-refresh\":false,\"channel\":\"edge\",\"revision\":7}", 7, false },
	{ "{\"Revision\":-1,\"auto_refresh\":5,\"channel\":\"edge\"}", 0, true },
};

START_TEST(a_pin_and_a_hold_are_read)
{
	ck_assert_int_eq(read_text(meant[_i].output), 0);
	ck_assert_str_eq(option.wrong, "");
	ck_assert(option.valid);
	ck_assert_str_eq(option.channel, "latest/edge");
	ck_assert_int_eq(option.revision, meant[_i].revision);
	ck_assert_int_eq(option.auto_refresh, meant[_i].auto_refresh);
}
END_TEST

static const struct {
	const char *output;
	int64_t width;
	bool pause;
} rollouts[] = {
	{ "{\"channel\":\"edge\"}", 0, false },
	{ WIDTH("0"), 0, false },
	{ WIDTH("1"), 1, false },
	{ WIDTH("1e1"), 10, false },
	{ WIDTH("2147483647"), 2147483647, false },
	{ PAUSE("\"first\""), 0, true },
	{ PAUSE("\"none\""), 0, false },
	{ PAUSE("\"\""), 0, false },
	{ "{\"rollout-pause\":\"first\",\"rollout-width\":3,\"channel\":\"edge\"}", 3, true },
	{ "{\"Rollout-Width\":-1,\"rollout_pause\":5,\"channel\":\"edge\"}", 0, false },
};

START_TEST(a_width_and_a_pause_are_read)
{
	ck_assert_int_eq(read_text(rollouts[_i].output), 0);
	ck_assert_str_eq(option.wrong, "");
	ck_assert(option.valid);
	ck_assert_int_eq(option.rollout_width, rollouts[_i].width);
	ck_assert_int_eq(option.rollout_pause, rollouts[_i].pause);
}
END_TEST

static const struct {
	const char *output, *name, *words;
} no_rollouts[] = {
	{ WIDTH("-1"), "rollout-width", NO_NUMBER },
	{ WIDTH("0.5"), "rollout-width", NO_NUMBER },
	{ WIDTH("2147483648"), "rollout-width", NO_NUMBER },
	{ WIDTH("1e999"), "rollout-width", "(too large)" },
	{ WIDTH("\"1\""), "rollout-width", NO_NUMBER },
	{ WIDTH("\"10%\""), "rollout-width", NO_NUMBER },
	{ WIDTH("null"), "rollout-width", "(not set)" },
	{ WIDTH("true"), "rollout-width", NO_NUMBER },
	{ WIDTH("[1]"), "rollout-width", "(no number)" },
	{ PAUSE("\"First\""), "rollout-pause", NO_PAUSE },
	{ PAUSE("\"first \""), "rollout-pause", NO_PAUSE },
	{ PAUSE("\"first,none\""), "rollout-pause", NO_PAUSE },
	{ PAUSE("\"false\""), "rollout-pause", NO_PAUSE },
	{ PAUSE("true"), "rollout-pause", "(no text)" },
	{ PAUSE("1"), "rollout-pause", "(no text)" },
	{ PAUSE("null"), "rollout-pause", "(not set)" },
	{ PAUSE("{}"), "rollout-pause", "(no text)" },
};

START_TEST(bad_width_or_pause_is_named)
{
	ck_assert_int_eq(read_text(no_rollouts[_i].output), 0);
	ck_assert(!option.valid);
	ck_assert_ptr_nonnull(strstr(option.wrong, no_rollouts[_i].name));
	ck_assert_msg(strstr(option.wrong, no_rollouts[_i].words) != NULL, "%s", option.wrong);
}
END_TEST

static const struct {
	const char *output, *path;
} paths[] = {
	{ PATH("\"/\""), "/" },
	{ PATH("\"\""), "" },
	{ PATH("\"/healthz\""), "/healthz" },
	{ PATH("\"\\/a\\u002fb\""), "/a/b" },
	{ PATH("\"//\""), "//" },
	{ PATH("\"/..\""), "/.." },
	{ PATH("\"/v1/live?deep=1\\u0026of=%20all\""), "/v1/live?deep=1&of=%20all" },
	{ PATH("\"/?%-._~!$&()*+,;=:@azAZ09\""), "/?%-._~!$&()*+,;=:@azAZ09" },
	{ "{\"Health-Path\":5,\"channel\":\"edge\",\"health_path\":\"/x\"}", "/" },
};

START_TEST(a_path_is_read_as_it_stands)
{
	ck_assert_int_eq(read_text(paths[_i].output), 0);
	ck_assert_str_eq(option.wrong, "");
	ck_assert(option.valid);
	ck_assert_str_eq(option.health_path, paths[_i].path);
}
END_TEST

/* Of all bytes, those that may stand in a path. */
START_TEST(each_byte_stands_in_a_path_or_does_not)
{
	static const char taken[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "/?%-._~!$&()*+,;=:@";
	char text[64];

	for (int byte = 1; byte < 256; byte++) {
		const char *escape = byte == '"' || byte == '\\' ? "\\" : "";

		(void)snprintf(text, sizeof text, PATH("\"/%s%cx\""), escape, byte);
		ck_assert_int_eq(read_text(text), 0);
		ck_assert_msg(option.valid == (strchr(taken, byte) != NULL), "byte %d", byte);
		ck_assert_ptr_nonnull(strstr(option.wrong, option.valid ? "" : NO_PATH));
	}
}
END_TEST

START_TEST(the_longest_path_is_one)
{
	char path[JUJU_PATH_MAX + 2], text[sizeof path + 64];

	memset(path, '/', sizeof path);
	path[JUJU_PATH_MAX] = '\0';
	(void)snprintf(text, sizeof text, PATH("\"%s\""), path);
	ck_assert_int_eq(read_text(text), 0);
	ck_assert_str_eq(option.health_path, path);
	path[JUJU_PATH_MAX] = '/';
	path[JUJU_PATH_MAX + 1] = '\0';
	(void)snprintf(text, sizeof text, PATH("\"%s\""), path);
	ck_assert_int_eq(read_text(text), 0);
	ck_assert(!option.valid);
	ck_assert_ptr_nonnull(strstr(option.wrong, "//' is longer than 128 bytes"));
}
END_TEST

START_TEST(a_rollback_is_wanted_or_not)
{
	ck_assert_int_eq(read_text(_i ? ROLL("true") : ROLL("false")), 0);
	ck_assert(option.valid);
	ck_assert_int_eq(option.rollback, _i);
}
END_TEST

static const struct {
	const char *output, *wrong;
} nonsense[] = {
	{ "{}", "channel (not set)" },
	{ "{\"channel\":null}", "channel (not set)" },
	{ "{\"Channel\":\"edge\"}", "channel (not set)" },
	{ "{\"channel\":5}", "channel (no text)" },
	{ "{\"channel\":true}", "channel (no text)" },
	{ "{\"channel\":[\"edge\"]}", "channel (no text)" },
	{ "{\"channel\":{\"channel\":\"edge\"}}", "channel (no text)" },
	{ "{\"channel\":\"\"}", "channel '' is empty" },
	{ "{\"channel\":\"foo\"}", "channel 'foo' " NO_RISK },
	{ "{\"channel\":\"2.0/foo\"}", "channel '2.0/foo' " NO_RISK },
	{ "{\"channel\":\"edge/\"}", "channel 'edge/' has an empty part" },
	{ "{\"channel\":\"2/edge/a/b\"}", "channel '2/edge/a/b' has more than three parts" },
	{ "{\"channel\":\"edge/-a\"}",
		"channel 'edge/-a' has a part that does not begin with a letter or a digit" },
	{ "{\"channel\":\"edge \"}", "channel 'edge ' " STRANGE },
	{ "{\"channel\":\"edge\\n\"}", "channel 'edge\\n' " STRANGE },
	{ "{\"channel\":\"edge\\\\\"}", "channel 'edge\\\\' " STRANGE },
	{ "{\"channel\":\"edge\\u0000\"}", "channel 'edge\\x1a' " STRANGE },
	{ "{\"channel\":\"edge\\u0000x\\u0000\"}", "channel 'edge\\x1ax\\x1a' " STRANGE },
	{ "{\"channel\":\"\\u0000\"}", "channel '\\x1a' " STRANGE },
	{ "{\"channel\":\"\\u001b[31medge\"}", "channel '\\x1b[31medge' " STRANGE },
	{ "{\"channel\":\"\x7f\"}", "channel '\\x7f' " STRANGE },
	{ "{\"channel\":\"\xff\xfe\"}", "channel '\\xff\\xfe' " STRANGE },
	{ "{\"channel\":\"caf\xc3\xa9/edge\"}", "channel 'caf?\?/edge' " STRANGE },
	{ "{\"channel\":\"\\u202eegde\"}", "channel '\\xe2\\x80\\xaeegde' " STRANGE },
	{ "{\"channel\":\"; rm -rf /\"}", "channel '; rm -rf /' " STRANGE },
	{ "{\"channel\":\"%s%n\"}", "channel '%s%n' " STRANGE },
	{ "{\"channel\":\"it's\"}", "channel 'it\\'s' " STRANGE },
	{ "{\"channel\":\"a'; revision 5\"}", "channel 'a\\'; revision 5' " STRANGE },
	/* a revision */
	{ PIN("-1"), "revision -1 " NO_NUMBER },
	{ PIN("-3"), "revision -3 " NO_NUMBER },
	{ PIN("1.5"), "revision 1.5 " NO_NUMBER },
	{ PIN("0.1"), "revision 0.1 " NO_NUMBER },
	{ PIN("-0.5"), "revision -0.5 " NO_NUMBER },
	{ PIN("1e-300"), "revision 1e-300 " NO_NUMBER },
	{ PIN("0.99999999999999989"), "revision 0.99999999999999989 " NO_NUMBER },
	{ PIN("2147483647.5"), "revision 2147483647.5 " NO_NUMBER },
	{ PIN("2147483648"), "revision 2147483648 " NO_NUMBER },
	{ PIN("4294967297"), "revision 4294967297 " NO_NUMBER },
	{ PIN("1e300"), "revision 1e+300 " NO_NUMBER },
	{ PIN("1e400"), "revision (too large)" },
	{ PIN("-1e400"), "revision (too large)" },
	{ PIN("null"), "revision (not set)" },
	{ PIN("true"), "revision true " NO_NUMBER },
	{ PIN("\"41\""), "revision '41' " NO_NUMBER },
	{ PIN("\"\""), "revision '' " NO_NUMBER },
	{ PIN("\"a\\nb\""), "revision 'a\\nb' " NO_NUMBER },
	{ PIN("[41]"), "revision (no number)" },
	{ PIN("{\"revision\":41}"), "revision (no number)" },
	/* a hold */
	{ AUTO("null"), "auto-refresh (not set)" },
	{ AUTO("0"), "auto-refresh 0 " NEITHER },
	{ AUTO("1"), "auto-refresh 1 " NEITHER },
	{ AUTO("\"true\""), "auto-refresh 'true' " NEITHER },
	{ AUTO("\"\""), "auto-refresh '' " NEITHER },
	{ AUTO("[true]"), "auto-refresh (no boolean)" },
	{ AUTO("{}"), "auto-refresh (no boolean)" },
	/* a path */
	{ PATH("null"), "health-path (not set)" },
	{ PATH("5"), "health-path (no text)" },
	{ PATH("false"), "health-path (no text)" },
	{ PATH("[\"/\"]"), "health-path (no text)" },
	{ PATH("\"healthz\""), "health-path 'healthz' does not begin with /" },
	{ PATH("\"?a\""), "health-path '?a' does not begin with /" },
	{ PATH("\"http://h/\""), "health-path 'http://h/' does not begin with /" },
	{ PATH("\" /\""), "health-path ' /' " NO_PATH },
	{ PATH("\"/ HTTP/1.1\\r\\nX: y\""), "health-path '/ HTTP/1.1\\r\\nX: y' " NO_PATH },
	{ PATH("\"/a#b\""), "health-path '/a#b' " NO_PATH },
	{ PATH("\"/it's\""), "health-path '/it\\'s' " NO_PATH },
	{ PATH("\"/a\\\\b\""), "health-path '/a\\\\b' " NO_PATH },
	{ PATH("\"/a\\u0000\""), "health-path '/a\\x1a' " NO_PATH },
	{ PATH("\"\\u0000\""), "health-path '\\x1a' " NO_PATH },
	{ PATH("\"/caf\xc3\xa9\""), "health-path '/caf?\?' " NO_PATH },
	/* a rollback */
	{ ROLL("null"), "rollback (not set)" },
	{ ROLL("1"), "rollback 1 " NEITHER },
	{ ROLL("\"true\""), "rollback 'true' " NEITHER },
	{ ROLL("{}"), "rollback (no boolean)" },
	/* several */
	{ "{\"channel\":\"foo\",\"revision\":-3}",
		"channel 'foo' " NO_RISK "; revision -3 " NO_NUMBER },
	{ "{\"auto-refresh\":0,\"channel\":\"edge\",\"revision\":1.5}",
		"revision 1.5 " NO_NUMBER "; auto-refresh 0 " NEITHER },
	{ "{\"auto-refresh\":\"no\",\"channel\":\"foo\",\"revision\":-3}",
		"channel 'foo' " NO_RISK "; revision -3 " NO_NUMBER
		"; auto-refresh 'no' " NEITHER },
	{ "{\"revision\":-3}", "channel (not set); revision -3 " NO_NUMBER },
	{ "{\"rollback\":5,\"health-path\":\"x\",\"channel\":\"edge\"}",
		"health-path 'x' does not begin with /; rollback 5 " NEITHER },
	{ "{\"auto-refresh\":null,\"channel\":null,\"revision\":null}",
		"channel (not set); revision (not set); auto-refresh (not set)" },
};

START_TEST(a_bad_value_is_named_and_shown)
{
	struct juju_options expected = { 0 };

	ck_assert_int_eq(read_text(nonsense[_i].output), 0);
	ck_assert_str_eq(option.wrong, nonsense[_i].wrong);
	strcpy(expected.wrong, nonsense[_i].wrong);
	ck_assert_mem_eq(&option, &expected, sizeof expected);
}
END_TEST

/* However long their values are, also if all is escaped. */
START_TEST(each_of_many_long_bad_values_has_its_place)
{
	static const char unit[] = "\\\\'\\u202e-";
	char *text = malloc(OPTION_COUNT * 1000 * sizeof unit + 200), *end = text;
	const char *at;
	size_t length;

	ck_assert_ptr_nonnull(text);
	end += sprintf(end, "{\"other\":0");
	for (enum option_id id = 0; id < OPTION_COUNT; id++) {
		end += sprintf(end, ",\"%s\":\"%.*s", option_rows[id].name, _i % 7, "x-x-x-");
		for (int i = 0; i < (id == OPTION_CHANNEL ? 10 : 1000); i++)
			end += sprintf(end, "%s", unit);
		end += sprintf(end, "\"");
	}
	strcpy(end, "}");
	ck_assert_int_eq(read_text(text), 0);
	at = option.wrong;
	for (enum option_id id = 0; id < OPTION_COUNT; id++) {
		ck_assert_int_eq(option_named(at), id);
		at += strlen(option_rows[id].name) + 1;
		length = option_value(at);
		ck_assert_int_eq(*at, '\'');
		ck_assert_uint_gt(length, 8);
		ck_assert_int_eq(strncmp(at + length - 4, "...'", 4), 0);
		ck_assert(strncmp(at + length, " has ", 5) == 0 ||
			  strncmp(at + length, " is ", 4) == 0);
		at = strstr(at, "; ");
		ck_assert_int_eq(at == NULL, id + 1 == OPTION_COUNT);
		at = at ? at + 2 : "";
	}
	free(text);
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
	struct juju_options before;

	memset(&before, 0x55, sizeof before);
	ck_assert_int_eq(read_text(unreadable[_i]), -1);
	ck_assert_mem_eq(&option, &before, sizeof before);
}
END_TEST

START_TEST(a_bare_nul_ends_no_channel)
{
	static const char output[] = "{\"channel\":\"edge\0x\"}";
	struct error err = { 0 };

	ck_assert_int_eq(juju_options_read(output, sizeof output - 1, &option, &err), -1);
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
	const char *value = option.wrong + strlen("channel "), *words;

	ck_assert_int_eq(read_text(text), 0);
	ck_assert(!option.valid);
	words = sizes[_i] > CHANNEL_OPTION_MAX ? " is longer than 128 bytes" : " " NO_RISK;
	ck_assert_int_eq(option_named(option.wrong), OPTION_CHANNEL);
	ck_assert_int_eq(*value, '\'');
	ck_assert_int_eq(value[option_value(value) - 1], '\'');
	ck_assert_str_eq(value + option_value(value), words);
	/* all the room is used */
	ck_assert(option_value(value) == sizes[_i] + 2 || strlen(option.wrong) >= 190 ||
		  option_value(value) == 159);
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
	tcase_add_loop_test(tests, a_pin_and_a_hold_are_read, 0, COUNT(meant));
	tcase_add_loop_test(tests, a_width_and_a_pause_are_read, 0, COUNT(rollouts));
	tcase_add_loop_test(tests, bad_width_or_pause_is_named, 0, COUNT(no_rollouts));
	tcase_add_loop_test(tests, a_path_is_read_as_it_stands, 0, COUNT(paths));
	tcase_add_test(tests, each_byte_stands_in_a_path_or_does_not);
	tcase_add_test(tests, the_longest_path_is_one);
	tcase_add_loop_test(tests, a_rollback_is_wanted_or_not, 0, 2);
	tcase_add_loop_test(tests, a_bad_value_is_named_and_shown, 0, COUNT(nonsense));
	tcase_add_loop_test(tests, each_of_many_long_bad_values_has_its_place, 0, 7);
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
