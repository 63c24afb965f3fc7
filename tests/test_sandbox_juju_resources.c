/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stand-in Juju: the files that an operator attaches to an application, and how a unit gets
 * them. On both versions; what differs was seen on a genuine 4.0.15.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_json.h"
#include "tests/shell_charm.h"
#include "tests/suite.h"

enum {
	JUJU_3,
	JUJU_4,
	LIKES
};
static const char *const likes[LIKES] = { "3.6", "4.0" };

#define METADATA                                                                                   \
	"name: shelly\nsummary: Files\nresources:\n"                                               \
	"  snaps: {type: file, filename: all-snaps.tar}\n"                                         \
	"  notes: {type: file, filename: notes}\n"

/* Each hook asks for the resource, and notes its name, what is said, and the exit code. */
#define NOTES                                                                                      \
	"f=$(resource-get snaps 2>&1); code=$?; "                                                  \
	"echo \"${JUJU_DISPATCH_PATH#hooks/} $f $code\" >>hooks.txt"
#define NOT_FOUND                                                                                  \
	"ERROR could not download resource: HTTP request failed: resource \"snaps\" not found 1"

static char *folder;

static void begin(int like, const char *script)
{
	ck_assert_int_eq(setenv("SANDBOX_JUJU_LIKE", likes[like], 1), 0);
	ck_assert_int_eq(setenv("SANDBOX_JUJU_RETRIES", "0", 1), 0);
	juju_proc_init(&shelly);
	folder = shell_charm(&shelly, script);
	shell_charm_file(folder, "metadata.yaml", METADATA, 0644);
}

static void done(void)
{
	free(folder);
	shell_charm_done();
}

static void deploy(int like, const char *script)
{
	begin(like, script);
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder), 0);
}

/* The path of the file NAME with TEXT, beside the model, to be freed. */
static char *file_of(const char *name, const char *text)
{
	shell_charm_file(shelly.dir, name, text, 0644);
	return alloc_textf("%s/%s", shelly.dir, name);
}

static char *pair_of(const char *resource, const char *name, const char *text)
{
	CLEANUP(cleanup_free) char *path = file_of(name, text);

	return alloc_textf("%s=%s", resource, path);
}

static void attach(const char *text)
{
	CLEANUP(cleanup_free) char *pair = pair_of("snaps", "new.tar", text);

	ck_assert_int_eq(juju_call(&shelly, "attach-resource", "shelly", pair), 0);
}

/* What SCRIPT prints on both ways, without its last newline, must be WANTED. */
static void says(const char *script, const char *wanted)
{
	CLEANUP(cleanup_free) char *whole = alloc_textf("exec 2>&1; %s", script);
	struct juju_answer answer = juju_ask(&shelly, "exec", "--unit", SHELLY, "--", whole);

	answer.out[strcspn(answer.out, "\n")] = '\0';
	ck_assert_str_eq(answer.out, wanted);
	juju_answer_done(&answer);
}

#define CONTENT "f=$(resource-get snaps) && echo \"$(cat $f) $(wc -c <$f)\""

START_TEST(resource_is_found_once_it_is_attached)
{
	CLEANUP(cleanup_free) char *path = NULL;

	deploy(_i, "exit 0");
	path = alloc_textf("%s/agents/unit-shelly-0/resources/all-snaps.tar0", shelly.dir);
	says("resource-get snaps; echo $?", "ERROR could not download resource: HTTP request "
					    "failed: resource \"snaps\" not found");
	says("resource-get other; echo $?", "ERROR could not download resource: HTTP request "
					    "failed: resource \"other\" not found");
	says("resource-get", "ERROR missing required resource name");
	says("resource-get snaps more", "ERROR unrecognized args: [\"more\"]");
	attach("one");
	says("resource-get snaps; echo $?", path);
	says(CONTENT, "one 3");
	says("resource-get notes >/dev/null; echo", "ERROR could not download resource: HTTP "
						    "request failed: resource \"notes\" not found");
}
END_TEST

START_TEST(each_attach_is_an_upgrade)
{
	char seen[8192];

	deploy(_i, NOTES);
	ck_assert_int_eq(juju_call(&shelly, "forget"), 0);
	attach("one");
	shell_charm_hooks("upgrade-charm config-changed");
	attach("one");
	shell_charm_hooks("upgrade-charm config-changed upgrade-charm config-changed");
	ck_assert_int_eq(juju_call(&shelly, "tick"), 0);
	shell_charm_hooks(
		"upgrade-charm config-changed upgrade-charm config-changed update-status");
	shell_charm_read(seen, &shelly, "hooks.txt");
	ck_assert_ptr_nonnull(strstr(seen, "install " NOT_FOUND "\n"));
	ck_assert_ptr_nonnull(strstr(seen, "upgrade-charm /"));
	ck_assert_ptr_nonnull(strstr(seen, "/resources/all-snaps.tar 0\n"));
}
END_TEST

/* Equal bytes are not written again; others are, into the same file. */
START_TEST(file_stays_in_its_place)
{
	const char *number = "stat -c '%i %Y' $(resource-get snaps) >now; "
			     "cmp -s now before && echo same || echo other; mv now before";
	const char *inode = "stat -c %i $(resource-get snaps) >now; "
			    "cmp -s now inode && echo same || echo other; mv now inode";

	deploy(_i, "exit 0");
	attach("one");
	says("touch -d 2001-01-01 $(resource-get snaps)", "");
	says(number, "other");
	says(number, "same");
	attach("one");
	says(number, "same");
	says(inode, "other");
	attach("another");
	says(CONTENT, "another 7");
	says(number, "other");
	says(inode, "same");
	attach("");
	says(CONTENT, " 0");
	says(inode, "same");
}
END_TEST

START_TEST(wrong_files_are_refused)
{
	static const struct {
		const char *application, *resource, *file, *error;
	} rows[] = {
		{ "shelly", "snaps", "new.zip", "expected \".tar\"" },
		{ "shelly", "snaps", "tar", "expected \".tar\"" },
		{ "shelly", "notes", "notes.tar", "expected \"\"" },
		{ "shelly", "other", "new.tar", "resource \"other\" not found" },
		{ "shelly", "", "new.tar", "expected name=path format" },
		{ "other", "snaps", "new.tar", "application \"other\" not found" },
	};

	deploy(_i, "exit 0");
	ck_assert_int_eq(juju_call(&shelly, "forget"), 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		CLEANUP(cleanup_free) char *pair = pair_of(rows[i].resource, rows[i].file, "x");
		struct juju_answer answer =
			juju_ask(&shelly, "attach-resource", rows[i].application, pair);

		ck_assert_int_eq(answer.code, 1);
		ck_assert_msg(strstr(answer.err, rows[i].error) != NULL, "%s", answer.err);
		juju_answer_done(&answer);
	}
	ck_assert_int_ne(juju_call(&shelly, "attach-resource", "shelly", "snaps=/none.tar"), 0);
	ck_assert_int_ne(juju_call(&shelly, "attach-resource", "shelly", "snaps"), 0);
	ck_assert_int_ne(juju_call(&shelly, "attach-resource", "shelly"), 0);
	shell_charm_hooks("");
}
END_TEST

/* Half of it is there, in the place of what was there before. */
START_TEST(download_can_fail_halfway)
{
	deploy(_i, "exit 0");
	attach("before");
	says(CONTENT, "before 6");
	attach("12345678");
	ck_assert_int_eq(juju_call(&shelly, "fault", "resource-get", "halfway"), 0);
	says("resource-get snaps; echo $?", "ERROR could not download resource: unexpected EOF");
	says("cat ../resources/all-snaps.tar; echo", "1234");
	says(CONTENT, "12345678 8");
	ck_assert_int_ne(juju_call(&shelly, "fault", "status-set", "halfway"), 0);
	ck_assert_int_ne(juju_call(&shelly, "fault", "any", "halfway"), 0);
}
END_TEST

/* The file of before is not asked for by its path: it may be an old one. */
START_TEST(controller_may_be_away)
{
	deploy(_i, "exit 0");
	attach("one");
	says(CONTENT, "one 3");
	ck_assert_int_eq(juju_call(&shelly, "fault", "resource-get", "exit1",
				 "could not download resource: dial tcp: connection refused"),
		0);
	says("resource-get snaps; echo $?",
		"ERROR could not download resource: dial tcp: connection refused");
	says("cat ../resources/all-snaps.tar; echo", "one");
	says(CONTENT, "one 3");
}
END_TEST

/* Killed after the tool, the hook is over but the file is there. */
START_TEST(caller_can_be_killed)
{
	deploy(_i, "test \"$JUJU_DISPATCH_PATH\" = hooks/update-status || exit 0; "
		   "rm -f ../resources/all-snaps.tar; resource-get snaps; "
		   "echo ran >>ran.txt; exit 0");
	attach("one");
	ck_assert_int_eq(juju_call(&shelly, "fault", "resource-get", "kill-before"), 0);
	ck_assert_int_eq(
		juju_call(&shelly, "fault", "resource-get", "kill-after", "--skip", "1"), 0);
	ck_assert_int_eq(juju_call(&shelly, "tick"), 0);
	says("cat ran.txt | wc -l; echo", "1");
	says("cat ../resources/all-snaps.tar; echo", "one");
}
END_TEST

START_TEST(deploy_may_bring_it)
{
	CLEANUP(cleanup_free) char *pair = NULL;
	char seen[8192];

	begin(_i, NOTES);
	pair = pair_of("snaps", "first.tar", "first");
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder, "--resource", pair), 0);
	shell_charm_read(seen, &shelly, "hooks.txt");
	ck_assert_int_eq(strncmp(seen, "install /", 9), 0);
	ck_assert_ptr_null(strstr(seen, "upgrade-charm"));
	ck_assert_int_eq(juju_call(&shelly, "add-unit", "shelly"), 0);
	ck_assert_int_eq(juju_call(&shelly, "forget"), 0);
	ck_assert_int_eq(juju_call(&shelly, "tick"), 0);
	shell_charm_hooks("update-status");
	attach("second");
	for (int number = 0; number < 2; number++) {
		CLEANUP(cleanup_free) char *unit = alloc_textf("shelly/%d", number);
		CLEANUP(json_done) cJSON *shown = juju_show(&shelly, unit);
		CLEANUP(cleanup_free) char *hooks = juju_show_hooks(shown);

		ck_assert_str_eq(hooks, "update-status upgrade-charm config-changed");
	}
}
END_TEST

START_TEST(refresh_may_bring_it)
{
	CLEANUP(cleanup_free) char *pair = NULL;
	struct juju_answer answer;

	deploy(_i, "exit 0");
	pair = pair_of("snaps", "next.tar", "next");
	ck_assert_int_eq(juju_call(&shelly, "forget"), 0);
	ck_assert_int_eq(
		juju_call(&shelly, "refresh", "shelly", "--path", folder, "--resource", pair), 0);
	shell_charm_hooks("upgrade-charm config-changed");
	says(CONTENT, "next 4");
	/* It stays over a refresh without one. */
	ck_assert_int_eq(juju_call(&shelly, "refresh", "shelly", "--path", folder), 0);
	says(CONTENT, "next 4");
	/* A charm that has one more. */
	shell_charm_file(
		folder, "metadata.yaml", METADATA "  more: {type: file, filename: m.tar}\n", 0644);
	free(pair);
	pair = pair_of("more", "m.tar", "more");
	answer = juju_ask(&shelly, "refresh", "shelly", "--path", folder, "--resource", pair);
	ck_assert_int_eq(answer.code, _i == JUJU_3 ? 0 : 1);
	if (_i == JUJU_4)
		ck_assert_str_eq(answer.err, "ERROR resource \"more\" not found\n");
	juju_answer_done(&answer);
	/* And one that has none. */
	shell_charm_file(folder, "metadata.yaml", "name: shelly\nsummary: None\n", 0644);
	ck_assert_int_eq(juju_call(&shelly, "refresh", "shelly", "--path", folder), 0);
	says("resource-get snaps", "ERROR could not download resource: HTTP request failed: "
				   "resource \"snaps\" not found");
}
END_TEST

START_TEST(unit_in_error_waits_for_it)
{
	deploy(_i, "test $JUJU_DISPATCH_PATH != hooks/update-status || ! test -e ../fail");
	says("touch ../fail", "");
	ck_assert_int_eq(juju_call(&shelly, "tick"), 0);
	juju_assert_status(&shelly, SHELLY, "error", "hook failed: \"update-status\"");
	ck_assert_int_eq(juju_call(&shelly, "forget"), 0);
	attach("one");
	shell_charm_hooks("");
	ck_assert_int_eq(juju_call(&shelly, "resolved", SHELLY, "--no-retry"), 0);
	shell_charm_hooks("upgrade-charm config-changed");
}
END_TEST

START_TEST(it_goes_with_the_application)
{
	deploy(_i, "exit 0");
	attach("one");
	ck_assert_int_eq(juju_call(&shelly, "remove-application", "shelly"), 0);
	ck_assert_int_eq(juju_call(&shelly, "deploy", folder, "other"), 0);
	ck_assert_int_eq(juju_call(&shelly, "exec", "--unit", "other/0", "--",
				 "! resource-get snaps 2>/dev/null"),
		0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sandbox_juju_resources");
	TCase *tcase = tcase_create("resources");

	tcase_add_checked_fixture(tcase, NULL, done);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, resource_is_found_once_it_is_attached, 0, LIKES);
	tcase_add_loop_test(tcase, each_attach_is_an_upgrade, 0, LIKES);
	tcase_add_loop_test(tcase, file_stays_in_its_place, 0, LIKES);
	tcase_add_loop_test(tcase, wrong_files_are_refused, 0, LIKES);
	tcase_add_loop_test(tcase, download_can_fail_halfway, 0, LIKES);
	tcase_add_loop_test(tcase, controller_may_be_away, 0, LIKES);
	tcase_add_loop_test(tcase, caller_can_be_killed, 0, LIKES);
	tcase_add_loop_test(tcase, deploy_may_bring_it, 0, LIKES);
	tcase_add_loop_test(tcase, refresh_may_bring_it, 0, LIKES);
	tcase_add_loop_test(tcase, unit_in_error_waits_for_it, 0, LIKES);
	tcase_add_loop_test(tcase, it_goes_with_the_application, 0, LIKES);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
