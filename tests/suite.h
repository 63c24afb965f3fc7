/* SPDX-License-Identifier: Apache-2.0 */
/* What main() of every test program calls. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

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

#endif
