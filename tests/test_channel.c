/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests the channel grammar with snapd's own table (snap/channel/channel_test.go), and with values
 * that nobody should write into an option.
 */
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/channel.h"
#include "tests/suite.h"

#define WORD_121                                                                                   \
	"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff"                             \
	"gggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjjkkkkkkkkkkllllllllllm"

/* clang-format off */
static const struct {
	const char *value, *full;
} valid[] = {
	{ "stable",                "latest/stable" },
	{ "candidate",             "latest/candidate" },
	{ "beta",                  "latest/beta" },
	{ "edge",                  "latest/edge" },
	{ "latest/edge",           "latest/edge" },
	{ "2.0/stable",            "2.0/stable" },
	{ "2.0/beta/fix",          "2.0/beta/fix" },
	{ "edge/fix",              "latest/edge/fix" },
	{ "edge/stable",           "latest/edge/stable" },
	{ "edge/edge/edge",        "edge/edge/edge" },
	{ "latest/edge/Fix-1_a.b", "latest/edge/Fix-1_a.b" },
	{ "stable/2",              "latest/stable/2" },
	{ "EDGE/edge",             "EDGE/edge" },
	{ "a/edge",                "a/edge" },
	{ WORD_121 "/stable",      WORD_121 "/stable" },
	{ "stable/" WORD_121,      "latest/stable/" WORD_121 },
};

#define VALUE(text) { text, sizeof text - 1 }
static const struct {
	const char *value;
	size_t size;
} invalid[] = {
	/* what snapd refuses */
	VALUE(""), VALUE("2.0/foo"), VALUE("fix//x"), VALUE("edge/"), VALUE("stable/"),
	VALUE("/edge"), VALUE("/"), VALUE("//"), VALUE("///"), VALUE("a/b/c/d"), VALUE("a/edge/b/c"),
	VALUE("latest/foo"), VALUE("2.0/EDGE"), VALUE("latest//edge"), VALUE("latest/edge/"),
	VALUE("/latest/edge"), VALUE("edge/fix/"), VALUE("/stable/x"),
	/* what snapd takes for a track */
	VALUE("foo"), VALUE("latest"), VALUE("2.0"), VALUE("EDGE"), VALUE("Stable"),
	VALUE("edg"), VALUE("edgee"), VALUE("stable "), VALUE("None"), VALUE("null"),
	/* what nobody should write */
	VALUE(" edge"), VALUE("edge "), VALUE("latest/ edge"), VALUE("edge\n"), VALUE("\nedge"),
	VALUE("edge\r\n"), VALUE("edge\t"), VALUE("edge\0"), VALUE("edge\0/x"), VALUE("\0"),
	VALUE("latest\0/edge"), VALUE("edge/\0"), VALUE("edge/a\0b"),
	VALUE("\xc3\xa4/edge"), VALUE("edge/\xc3\xa4"), VALUE("\xff/edge"), VALUE("edge\xc2\xa0"),
	VALUE("\xef\xbb\xbf" "edge"), VALUE("edge/\xe2\x80\xae"),
	VALUE("edge;reboot"), VALUE("$(id)/edge"), VALUE("edge/`id`"), VALUE("edge/$HOME"),
	VALUE("edge|cat"), VALUE("edge&"), VALUE("edge/'"), VALUE("edge/\""), VALUE("edge/\\"),
	VALUE("edge/{}"), VALUE("edge/*"), VALUE("edge/~"), VALUE("edge?x=1"), VALUE("edge/%00"),
	VALUE("edge/%2e"), VALUE("edge/#"), VALUE("edge/a=b"), VALUE("edge/a:b"), VALUE("edge/a,b"),
	VALUE("../edge"), VALUE("./edge"), VALUE("edge/.."), VALUE("edge/."), VALUE("edge/.git"),
	VALUE("-/edge"), VALUE("--x/edge"), VALUE("edge/-x"), VALUE("_/edge"), VALUE("edge/_"),
	VALUE("%s%n/edge"), VALUE("edge/' OR 1=1 --"),
	VALUE("a" WORD_121 "/stable"), VALUE("stable/" "a" WORD_121), VALUE("a" WORD_121 "stable"),
};

/* What snapd shows, and what that means in full. */
static const struct {
	const char *shown, *full;
} lenient[] = {
	{ "",                   "" },
	{ "edge",               "latest/edge" },
	{ "stable",             "latest/stable" },
	{ "latest",             "latest/stable" },
	{ "2.0",                "2.0/stable" },
	{ "EDGE",               "EDGE/stable" },
	{ "2.0/stable",         "2.0/stable" },
	{ "latest/edge",        "latest/edge" },
	{ "edge/fix",           "latest/edge/fix" },
	{ "2.0/stable/hotfix",  "2.0/stable/hotfix" },
	{ "2.0/foo",            "2.0/foo" },
	{ "a/b/c/d",            "a/b/c/d" },
	{ "a b",                "a b/stable" },
	{ WORD_121 "1234567",   WORD_121 "1234567/stable" },
	{ WORD_121 "12345678",  "" },
	{ "edge/" WORD_121,     "latest/edge/" WORD_121 },
	{ "edge/" WORD_121 "1", "latest/edge/" WORD_121 "1" },
	{ "candidate/" WORD_121, "" },
	{ WORD_121 WORD_121,    "" },
};
/* clang-format on */

START_TEST(valid_channel_is_given_in_full)
{
	char full[CHANNEL_SIZE] = "";

	ck_assert_int_eq(channel_parse(valid[_i].value, strlen(valid[_i].value), full, NULL), 0);
	ck_assert_str_eq(full, valid[_i].full);
}
END_TEST

START_TEST(full_channel_is_its_own_full_form)
{
	char full[CHANNEL_SIZE] = "";
	char again[CHANNEL_SIZE] = "";

	ck_assert_int_eq(channel_parse(valid[_i].value, strlen(valid[_i].value), full, NULL), 0);
	channel_full(full, again);
	ck_assert_str_eq(again, full);
	channel_full(channel_short(full), again);
	ck_assert_str_eq(again, full);
}
END_TEST

START_TEST(invalid_channel_is_refused_and_ret_stays)
{
	char full[CHANNEL_SIZE] = "as it was";
	struct error err = { 0 };
	/* on the heap and without a NUL, so that reading one byte too many is noticed */
	char *value = malloc(invalid[_i].size ? invalid[_i].size : 1);

	ck_assert_ptr_nonnull(value);
	memcpy(value, invalid[_i].value, invalid[_i].size);
	ck_assert_int_eq(channel_parse(value, invalid[_i].size, full, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_uint_gt(strlen(err.text), 0);
	ck_assert_str_eq(full, "as it was");
	free(value);
}
END_TEST

START_TEST(every_other_byte_is_refused_in_every_part)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	char full[CHANNEL_SIZE];

	for (int byte = 0; byte < 256; byte++) {
		char track[] = "a?/edge", branch[] = "edge/a?", first[] = "edge/?a";
		bool letter = byte && strchr(fine, byte);
		bool inside = letter || byte == '.' || byte == '_' || byte == '-';

		track[1] = branch[6] = first[5] = (char)byte;
		ck_assert_int_eq(channel_parse(track, 7, full, NULL), inside ? 0 : -1);
		ck_assert_int_eq(channel_parse(branch, 7, full, NULL), inside ? 0 : -1);
		ck_assert_int_eq(channel_parse(first, 7, full, NULL), letter ? 0 : -1);
	}
}
END_TEST

START_TEST(length_is_bounded_by_bytes)
{
	char value[200];
	char full[CHANNEL_SIZE];

	memset(value, 'a', sizeof value);
	for (size_t size = 6; size <= sizeof value; size++) {
		memcpy(value, "edge/", 5);
		ck_assert_int_eq(channel_parse(value, size, full, NULL),
			size <= CHANNEL_OPTION_MAX ? 0 : -1);
	}
	ck_assert_uint_eq(strlen(full), CHANNEL_SIZE - 1);
}
END_TEST

START_TEST(shown_channel_is_completed)
{
	char full[CHANNEL_SIZE];

	channel_full(lenient[_i].shown, full);
	ck_assert_str_eq(full, lenient[_i].full);
}
END_TEST

START_TEST(short_form_leaves_out_latest_alone)
{
	ck_assert_str_eq(channel_short("latest/edge"), "edge");
	ck_assert_str_eq(channel_short("latest/edge/fix"), "edge/fix");
	ck_assert_str_eq(channel_short("2.0/edge"), "2.0/edge");
	ck_assert_str_eq(channel_short("latest2/edge"), "latest2/edge");
	ck_assert_str_eq(channel_short("latest"), "latest");
	ck_assert_str_eq(channel_short(""), "");
}
END_TEST

#define COUNT(array) (int)(sizeof array / sizeof *array)

int main(void)
{
	Suite *suite = suite_create("channel");
	TCase *tests = tcase_create("channel");

	tcase_add_loop_test(tests, valid_channel_is_given_in_full, 0, COUNT(valid));
	tcase_add_loop_test(tests, full_channel_is_its_own_full_form, 0, COUNT(valid));
	tcase_add_loop_test(tests, invalid_channel_is_refused_and_ret_stays, 0, COUNT(invalid));
	tcase_add_test(tests, every_other_byte_is_refused_in_every_part);
	tcase_add_test(tests, length_is_bounded_by_bytes);
	tcase_add_loop_test(tests, shown_channel_is_completed, 0, COUNT(lenient));
	tcase_add_test(tests, short_form_leaves_out_latest_alone);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
