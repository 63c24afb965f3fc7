/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parameters of an action, as action-get gives them: what Juju should never let through either.
 */
#include <check.h>
#include <string.h>

#include "juju/action.h"
#include "tests/suite.h"

#define RANGE       "the parameter limit takes a whole number from 1 to 1000"
#define NO_OBJECT   "action-get: its output is no JSON object"
#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

static const struct juju_parameter limit[] = { { "limit", JUJU_NUMBER, 1, 1000, 7 }, { 0 } };
static const struct juju_parameter both[] = { { "channel", JUJU_TEXT, 0, 0, 0 },
	{ "revision", JUJU_NUMBER, 0, INT32_MAX, -1 }, { 0 } };

static struct juju_value values[JUJU_PARAMETERS_MAX];
static struct error err;

/* What is written to on failure would show. */
static void fresh(void)
{
	memset(values, 'x', sizeof values);
	err = (struct error){ 0 };
}

static int take(const struct juju_parameter *parameters, const char *output)
{
	fresh();
	return juju_action_read(parameters, output, strlen(output), values, &err);
}

static void expect_refused(
	const struct juju_parameter *parameters, const char *output, const char *why)
{
	ck_assert_msg(take(parameters, output) == -1, "%s is taken", output);
	ck_assert_str_eq(err.text, why);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	for (size_t i = 0; i < sizeof values; i++)
		ck_assert_int_eq(((const char *)values)[i], 'x');
}

static const struct {
	const char *output;
	int64_t value;
} taken[] = {
	{ "{}\n", 7 },
	{ "{}", 7 },
	{ " { \"limit\" : 1 } \n", 1 },
	{ "{\"limit\":1000}", 1000 },
	{ "{\"limit\":50.0}", 50 },
	{ "{\"limit\":5e1}", 50 },
};

START_TEST(a_whole_number_within_its_bounds_is_taken)
{
	ck_assert_int_eq(take(limit, taken[_i].output), 0);
	ck_assert_int_eq(values[0].number, taken[_i].value);
}
END_TEST

static const struct {
	const char *output, *why;
} refused[] = {
	{ "{\"limit\":0}", RANGE },
	{ "{\"limit\":-1}", RANGE },
	{ "{\"limit\":-0.5}", RANGE },
	{ "{\"limit\":1001}", RANGE },
	{ "{\"limit\":1000.5}", RANGE },
	{ "{\"limit\":1e9}", RANGE },
	{ "{\"limit\":1e300}", RANGE },
	{ "{\"limit\":1e999}", RANGE },
	{ "{\"limit\":-1e999}", RANGE },
	{ "{\"limit\":99999999999999999999}", RANGE },
	{ "{\"limit\":1.5}", RANGE },
	{ "{\"limit\":\"50\"}", RANGE },
	{ "{\"limit\":\"x\"}", RANGE },
	{ "{\"limit\":\"\"}", RANGE },
	{ "{\"limit\":true}", RANGE },
	{ "{\"limit\":null}", RANGE },
	{ "{\"limit\":{}}", RANGE },
	{ "{\"limit\":[5]}", RANGE },
	{ "{\"limit\":5,\"limit\":0}", RANGE },
	{ "{\"limit\":0,\"limit\":5}", RANGE },
	{ "{\"Limit\":5}", "this action takes no parameter 'Limit'" },
	{ "{\"limit\":5,\"other\":1}", "this action takes no parameter 'other'" },
	{ "{\"\":5}", "this action takes no parameter ''" },
	{ "{\"\\u001b[31m\xc3\xa4\":5}", "this action takes no parameter '?[31m?"
					 "?'" },
	{ "{\"limit\\u0000\":5, \"a\":1}", "this action takes no parameter 'a'" },
	{ "", NO_OBJECT },
	{ "\n", NO_OBJECT },
	{ "null", NO_OBJECT },
	{ "[]", NO_OBJECT },
	{ "5", NO_OBJECT },
	{ "{", NO_OBJECT },
	{ "{\"limit\":5", NO_OBJECT },
	{ "{\"limit\":}", NO_OBJECT },
	{ "{\"limit\":5} x", NO_OBJECT },
	{ "{\"limit\":NaN}", NO_OBJECT },
	{ "limit: 5", NO_OBJECT },
};

START_TEST(anything_else_is_refused_and_named)
{
	expect_refused(limit, refused[_i].output, refused[_i].why);
}
END_TEST

START_TEST(a_zero_byte_ends_nothing)
{
	static const char output[] = "{\"limit\":5}\0{\"limit\":0}";

	fresh();
	ck_assert_int_eq(juju_action_read(limit, output, sizeof output - 1, values, &err), -1);
	ck_assert_str_eq(err.text, NO_OBJECT);
}
END_TEST

START_TEST(a_long_name_is_cut)
{
	char output[4096];

	memset(output, 'x', sizeof output);
	memcpy(output, "{\"", 2);
	memcpy(output + sizeof output - 5, "\":1}", 5);
	ck_assert_int_eq(take(limit, output), -1);
	ck_assert_uint_lt(strlen(err.text), 110);
	ck_assert_ptr_nonnull(strstr(err.text, "...'"));
}
END_TEST

START_TEST(an_action_without_parameters_takes_none)
{
	ck_assert_int_eq(take(NULL, "{}"), 0);
	expect_refused(NULL, "{\"limit\":5}", "this action takes no parameter 'limit'");
}
END_TEST

#define LONG128 LONG32 LONG32 LONG32 LONG32
#define LONG32  "abcdefghabcdefghabcdefghabcdefgh"

static const struct {
	const char *output, *text;
	int64_t number;
} pairs[] = {
	{ "{}", "", -1 },
	{ "{\"channel\":\"\"}", "", -1 },
	{ "{\"channel\":\"2.0/edge\"}", "2.0/edge", -1 },
	{ "{\"channel\":\"" LONG128 "\"}", LONG128, -1 },
	{ "{\"revision\":0}", "", 0 },
	{ "{\"revision\":2147483647,\"channel\":\"beta\"}", "beta", INT32_MAX },
	{ "{\"channel\":\"beta\",\"revision\":7}", "beta", 7 },
};

START_TEST(parameters_of_two_kinds_keep_their_places)
{
	ck_assert_int_eq(take(both, pairs[_i].output), 0);
	ck_assert_str_eq(values[0].text, pairs[_i].text);
	ck_assert_int_eq(values[1].number, pairs[_i].number);
}
END_TEST

#define A_TEXT   "the parameter channel takes a text of at most 128 bytes"
#define A_NUMBER "the parameter revision takes a whole number from 0 to 2147483647"

static const struct {
	const char *output, *why;
} wrong[] = {
	{ "{\"channel\":5}", A_TEXT },
	{ "{\"channel\":null}", A_TEXT },
	{ "{\"channel\":true}", A_TEXT },
	{ "{\"channel\":[\"beta\"]}", A_TEXT },
	{ "{\"channel\":{\"beta\":1}}", A_TEXT },
	{ "{\"channel\":\"" LONG128 "a\"}", A_TEXT },
	{ "{\"channel\":\"edge\\u0000/x\"}", A_TEXT },
	{ "{\"channel\":\"beta\",\"channel\":5}", A_TEXT },
	{ "{\"revision\":\"7\"}", A_NUMBER },
	{ "{\"revision\":-1}", A_NUMBER },
	{ "{\"revision\":2147483648}", A_NUMBER },
	{ "{\"channel\":\"beta\",\"revision\":1.5}", A_NUMBER },
	{ "{\"channel\":\"beta\",\"revision\":7,\"limit\":1}",
		"this action takes no parameter 'limit'" },
};

START_TEST(each_kind_takes_only_its_own)
{
	expect_refused(both, wrong[_i].output, wrong[_i].why);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("parameter");
	TCase *tests = tcase_create("read");

	tcase_add_loop_test(tests, a_whole_number_within_its_bounds_is_taken, 0, COUNT(taken));
	tcase_add_loop_test(tests, anything_else_is_refused_and_named, 0, COUNT(refused));
	tcase_add_test(tests, a_zero_byte_ends_nothing);
	tcase_add_test(tests, a_long_name_is_cut);
	tcase_add_test(tests, an_action_without_parameters_takes_none);
	tcase_add_loop_test(tests, parameters_of_two_kinds_keep_their_places, 0, COUNT(pairs));
	tcase_add_loop_test(tests, each_kind_takes_only_its_own, 0, COUNT(wrong));
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
