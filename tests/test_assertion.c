/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of assertions, on those of the recordings and on what is none.
 */
#include "resource/assertion.h"

#include <stdio.h>
#include <string.h>

#include "tests/suite.h"

#define COUNT(list) ((int)(sizeof(list) / sizeof *(list)))
#define HASH        "q4oZMTrToPO7aSrhK2Mc2z3pUZ_86dvJ1rt3sp1N1Vol3wxgIq6sCIzHUHJomnLn"
#define KEY                                                                                        \
	"type: account-key\nauthority-id: testrootorg\nname: test-store\n"                         \
	"since: 2016-08-11T18:42:22+02:00\nbody-length: 25\nsign-key-sha3-384: hIed\n\n"           \
	"AcbB\n\ntype: snap-revision\n\nAcLB\nXAQA\n"
#define DECLARATION                                                                                \
	"type: snap-declaration\nauthority-id: testrootorg\nseries: 16\nsnap-id: micro-ID1\n"      \
	"publisher-id: testrootorg\nsnap-name: microsample\nplugs:\n  x:\n    snap-name: y\n"      \
	"timestamp: 2026-11-25T19:04:49Z\nsign-key-sha3-384: XCIC\n\nAcLB\n"
#define REVISION(hash, revision, size)                                                             \
	"type: snap-revision\nauthority-id: testrootorg\nsnap-sha3-384: " hash                     \
	"\ndeveloper-id: testrootorg\nprovenance: global-upload\nsnap-id: micro-ID1\n"             \
	"snap-revision: " revision "\nsnap-size: " size "\nsign-key-sha3-384: XCIC\n\nAcLB\n"

static int next(const char *text, size_t *at, struct assertion *ret)
{
	struct error err = { 0 };
	int more = assertion_next(text, strlen(text), at, ret, &err);

	ck_assert_int_eq(more < 0, err.kind == ERROR_FORMAT);
	return more;
}

START_TEST(a_stream_is_read_from_end_to_end)
{
	static const char *const ends[] = { "", "\n", "\n\n\n" };
	char text[4096];
	struct assertion seen;
	size_t at = 0;

	(void)snprintf(text, sizeof text, "%s\n%s\n%s%s", KEY, DECLARATION,
		REVISION(HASH, "3", "569344"), ends[_i]);
	ck_assert_int_eq(next(text, &at, &seen), 1);
	ck_assert_int_eq(seen.type, ASSERTION_OTHER);
	ck_assert_int_eq(next(text, &at, &seen), 1);
	ck_assert_int_eq(seen.type, ASSERTION_DECLARATION);
	ck_assert_str_eq(seen.name, "microsample");
	ck_assert_str_eq(seen.id, "micro-ID1");
	ck_assert_int_eq(next(text, &at, &seen), 1);
	ck_assert_int_eq(seen.type, ASSERTION_REVISION);
	ck_assert_str_eq(seen.id, "micro-ID1");
	ck_assert_str_eq(seen.hash, HASH);
	ck_assert_int_eq(seen.revision, 3);
	ck_assert_int_eq(seen.size, 569344);
	ck_assert_int_eq(next(text, &at, &seen), 0);
}
END_TEST

START_TEST(nothing_is_the_end)
{
	struct assertion seen;

	ck_assert_int_eq(next("", &(size_t){ 0 }, &seen), 0);
	ck_assert_int_eq(next("\n\n", &(size_t){ 0 }, &seen), 0);
}
END_TEST

static const char *const bad[] = {
	"hello, this is no assertion\n",
	"type: \n\nAcLB\n",
	"type: x y\n\nAcLB\n",
	"type: account-key\n", /* without a signature */
	"type: account-key\n\n",
	"type: account-key\nbody-length: 100\n\nshort\n\nAcLB\n",
	"type: account-key\nbody-length: 3\n\nfive.\n\nAcLB\n",
	"type: account-key\nbody-length: -1\n\nAcLB\n",
	"type: account-key\nbody-length: 99999999999999999999\n\nAcLB\n",
	"type: account-key\nbody-length: 9223372036854775807\n\nAcLB\n",
	"type: account-key\nbody-length: 1\nbody-length: 2\n\nAcLB\n",
	"type: account-key\ntype: account\n\nAcLB\n",
	"type: snap-declaration\nsnap-name: microsample\n\nAcLB\n",
	"type: snap-declaration\nsnap-id: x\n\nAcLB\n",
	"type: snap-declaration\nsnap-id: x\nsnap-name: ../x\n\nAcLB\n",
	"type: snap-declaration\nsnap-id: x\n  snap-name: indented\n\nAcLB\n",
	"type: snap-declaration\nsnap-id: "
	"0123456789012345678901234567890123456789012345678901234567890123\nsnap-name: x\n\nAcLB\n",
	REVISION(HASH, "0", "1"),
	REVISION(HASH, "2147483648", "1"),
	REVISION(HASH, "x1", "1"),
	REVISION(HASH, "", "1"),
	REVISION(HASH, "3", "0"),
	REVISION(HASH, "3", "-1"),
	REVISION(HASH, "3", "1 "),
	REVISION("short", "3", "1"),
	REVISION(HASH "n", "3", "1"),
	REVISION("q4oZMTrToPO7aSrhK2Mc2z3pUZ/86dvJ1rt3sp1N1Vol3wxgIq6sCIzHUHJomnLn", "3", "1"),
};

START_TEST(what_is_no_assertion_is_refused)
{
	struct assertion seen = { .revision = 7 };
	size_t at = 0;

	ck_assert_msg(next(bad[_i], &at, &seen) == -1, "%s", bad[_i]);
	ck_assert_uint_eq(at, 0);
	ck_assert_int_eq(seen.revision, 7);
}
END_TEST

/* What is behind a good assertion is looked at in its turn. */
START_TEST(rubbish_behind_an_assertion_is_refused)
{
	const char *text = DECLARATION "\nrubbish\n\nrubbish\n";
	struct assertion seen;
	size_t at = 0;

	ck_assert_int_eq(next(text, &at, &seen), 1);
	ck_assert_int_eq(next(text, &at, &seen), -1);
}
END_TEST

START_TEST(a_nul_is_in_no_header)
{
	static const char text[] = "type: snap-declaration\nsnap-id: x\nsnap-name: a\0b\n\nAcLB\n";
	struct assertion seen;
	struct error err;
	size_t at = 0;

	ck_assert_int_eq(assertion_next(text, sizeof text - 1, &at, &seen, &err), -1);
}
END_TEST

/* A signed stream, cut anywhere, is either refused or ends at an assertion. */
START_TEST(a_cut_gives_no_wrong_revision)
{
	static const char text[] = KEY "\n" DECLARATION "\n" REVISION(HASH, "312", "569344");
	struct assertion seen;

	for (size_t size = 0; size < sizeof text; size++) {
		size_t at = 0;

		while (assertion_next(text, size, &at, &seen, NULL) == 1)
			if (seen.type == ASSERTION_REVISION)
				ck_assert_int_eq(seen.revision, 312);
		ck_assert_uint_le(at, size);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("assertion");
	TCase *tests = tcase_create("all");

	tcase_add_loop_test(tests, a_stream_is_read_from_end_to_end, 0, 3);
	tcase_add_test(tests, nothing_is_the_end);
	tcase_add_loop_test(tests, what_is_no_assertion_is_refused, 0, COUNT(bad));
	tcase_add_test(tests, rubbish_behind_an_assertion_is_refused);
	tcase_add_test(tests, a_nul_is_in_no_header);
	tcase_add_test(tests, a_cut_gives_no_wrong_revision);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
