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

static const struct juju_parameter limit = { "limit", 1, 1000, 7 };

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
	int64_t value = -1;

	ck_assert_int_eq(
		juju_action_read(&limit, taken[_i].output, strlen(taken[_i].output), &value, NULL),
		0);
	ck_assert_int_eq(value, taken[_i].value);
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
	struct error err = { 0 };
	int64_t value = -1;

	ck_assert_int_eq(juju_action_read(&limit, refused[_i].output, strlen(refused[_i].output),
				 &value, &err),
		-1);
	ck_assert_str_eq(err.text, refused[_i].why);
	ck_assert_int_eq(err.kind, ERROR_FORMAT);
	ck_assert_int_eq(value, -1);
}
END_TEST

START_TEST(a_zero_byte_ends_nothing)
{
	static const char output[] = "{\"limit\":5}\0{\"limit\":0}";
	struct error err = { 0 };
	int64_t value = -1;

	ck_assert_int_eq(juju_action_read(&limit, output, sizeof output - 1, &value, &err), -1);
	ck_assert_str_eq(err.text, NO_OBJECT);
}
END_TEST

START_TEST(a_long_name_is_cut)
{
	char output[4096];
	struct error err = { 0 };
	int64_t value;

	memset(output, 'x', sizeof output);
	memcpy(output, "{\"", 2);
	memcpy(output + sizeof output - 5, "\":1}", 5);
	ck_assert_int_eq(juju_action_read(&limit, output, strlen(output), &value, &err), -1);
	ck_assert_uint_lt(strlen(err.text), 110);
	ck_assert_ptr_nonnull(strstr(err.text, "...'"));
}
END_TEST

START_TEST(an_action_without_parameters_takes_none)
{
	struct error err = { 0 };
	int64_t value = -1;

	ck_assert_int_eq(juju_action_read(NULL, "{}", 2, &value, &err), 0);
	ck_assert_int_eq(value, 0);
	ck_assert_int_eq(juju_action_read(NULL, "{\"limit\":5}", 11, &value, &err), -1);
	ck_assert_str_eq(err.text, "this action takes no parameter 'limit'");
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
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
