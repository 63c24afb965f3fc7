/* SPDX-License-Identifier: Apache-2.0 */
/* What main() of every test program calls. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* What every macro of Check calls to add a test; with $ONLY_TEST, the others are left out. */
static inline void suite_add_test(
	TCase *tcase, const TTest *test, int signal, int code, int from, int to)
{
	const char *only = getenv("ONLY_TEST");

	if (!only || strcmp(only, test->name) == 0)
		_tcase_add_test(tcase, test, signal, code, from, to);
}
#define _tcase_add_test suite_add_test

/* A limit of a test's own, for as busy a machine as Check's own limits allow for. */
static inline unsigned suite_patience(unsigned seconds)
{
	const char *times = getenv("CK_TIMEOUT_MULTIPLIER");

	return times && atoi(times) > 0 ? seconds * (unsigned)atoi(times) : seconds;
}

/*
 * Runs all of SUITE and frees it. Check's CK_VERBOSITY decides what it shows. Returns the status
 * for main() to return, which is failure when any test failed.
 */
static inline int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Whether the address sanitizer is here, which needs memory of its own: gcc has a macro, clang a feature. */
#if defined __has_feature
#define HAS(feature) __has_feature(feature)
#else
#define HAS(feature) 0
#endif
#if defined __SANITIZE_ADDRESS__
#define SANITIZED true
#else
#define SANITIZED HAS(address_sanitizer)
#endif

#endif
