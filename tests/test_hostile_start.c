/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts the program in ways that Juju would not: without its environment, with a hostile one,
 * without standard files, or with something else in place of its lock. `juju exec` runs each script
 * in the unit's folder, so the hook tools work.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/hostile_kit.h"
#include "tests/suite.h"

static struct charm charm;

static void set_up(void)
{
	charm_open_ready(&charm, "2.68");
}

static void tear_down(void)
{
	charm_close(&charm);
}

static struct {
	int code;
	int complaints; /* lines on standard error */
	char *said;     /* those lines */
} end;

/* Runs SCRIPT; the exit status is that of its last command. */
static void run(const char *script)
{
	char *all = alloc_textf("export JUJU_DISPATCH_PATH=hooks/update-status; %s\n"
				"code=$?; echo; echo \"exit $code\"",
		script);
	struct juju_answer answer =
		juju_ask(&charm.juju, "exec", "--unit", UNIT, "--", "bash", "-c", all);
	const char *tail = strstr(answer.out, "\nexit ");

	for (const char *next = tail; next; next = strstr(next + 1, "\nexit "))
		tail = next;
	ck_assert_msg(tail != NULL, "%s: %s", script, answer.err);
	end.code = atoi(tail + 6);
	end.complaints = 0;
	for (const char *at = answer.err; (at = strchr(at, '\n')); at++)
		end.complaints++;
	end.said = alloc_text(answer.err);
	juju_answer_done(&answer);
	free(all);
}

/* Ready as before, nothing was asked, and the next hook that Juju runs succeeds. */
static void expect_unharmed(void)
{
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	hostile_sound(&charm);
	free(end.said);
}

static const char *const fine[] = {
	"./dispatch",
	/* Names that are not hooks. */
	"JUJU_DISPATCH_PATH=hooks/ ./dispatch",
	"JUJU_DISPATCH_PATH=/ ./dispatch",
	"JUJU_DISPATCH_PATH=.. ./dispatch",
	"JUJU_DISPATCH_PATH=hooks/../../etc/passwd ./dispatch",
	"JUJU_DISPATCH_PATH=$'hooks/\\x1b[31m\\n\\xff%s%n' ./dispatch",
	"JUJU_DISPATCH_PATH=$(head -c 100000 /dev/zero | tr '\\0' a) ./dispatch",
	"JUJU_DISPATCH_PATH=hooks/$(head -c 100000 /dev/zero | tr '\\0' /) ./dispatch",
	"JUJU_DISPATCH_PATH=hooks/meter-status-changed PATH=/nowhere ./dispatch",
	/* Standard files. */
	"./dispatch <&-",
	"./dispatch >&-",
	"./dispatch 2>&-",
	"./dispatch <&- >&-",
	"./dispatch <&- 2>&-",
	"./dispatch >&- 2>&-",
	"./dispatch <&- >&- 2>&-",
	"./dispatch >/dev/full",
	"{ ./dispatch; code=$?; } > >(exit 0); (exit $code)",
	"./dispatch </dev/zero",
	/* Signals that the caller ignored. */
	"trap '' CHLD; ./dispatch",
	"trap '' PIPE INT HUP TERM; ./dispatch",
	/* The rest of the environment. */
	"unset JUJU_CHARM_DIR; ./dispatch",
	"unset JUJU_CHARM_DIR CHARM_DIR; ./dispatch",
	"unset JUJU_UNIT_NAME; ./dispatch",
	"JUJU_UNIT_NAME=$'\\x1b%n' ./dispatch",
	"JUJU_UNIT_NAME=$(head -c 100000 /dev/zero | tr '\\0' a) ./dispatch",
	"http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 "
	"ALL_PROXY=socks5://127.0.0.1:1 "
	"NO_PROXY= ./dispatch",
	"CURL_HOME=/tmp HOME=/tmp SSLKEYLOGFILE=/tmp/x CURL_SSL_BACKEND=none ./dispatch",
	"LANG=tr_TR.UTF-8 LC_ALL=C TZ=:/etc/passwd ./dispatch",
	"SQLITE_TMPDIR=/nowhere TMPDIR=/nowhere ./dispatch",
	"PATH=::$PATH:$(head -c 20000 /dev/zero | tr '\\0' x) ./dispatch",
	"MICROSAMPLE_HOOK_BUDGET=-5 ./dispatch",
	"MICROSAMPLE_HOOK_BUDGET=0 ./dispatch",
	"MICROSAMPLE_HOOK_BUDGET=99999999999999999999999 ./dispatch",
	"MICROSAMPLE_HOOK_BUDGET=$'\\n' ./dispatch",
	"ulimit -n 12; ./dispatch",
	"umask 0777; ./dispatch",
	"umask 0; ./dispatch",
	"nice -n 19 ./dispatch",
	"cd /; $JUJU_CHARM_DIR/dispatch",
	"mkdir gone; cd gone; rmdir ../gone; $JUJU_CHARM_DIR/dispatch; code=$?; cd /; (exit $code)",
};

START_TEST(it_runs_all_the_same)
{
	run(fine[_i]);
	ck_assert_msg(end.code == 0, "%s: exit status %d: %s", fine[_i], end.code, end.said);
	ck_assert_str_eq(end.said, "");
	expect_unharmed();
}
END_TEST

static const struct {
	const char *script;
	int code;
	const char *said; /* the beginning of the one line */
} odd[] = {
	{ "unset JUJU_DISPATCH_PATH; ./dispatch", 2, "usage: dispatch runs the hook" },
	{ "JUJU_DISPATCH_PATH= ./dispatch", 2, "usage: dispatch runs the hook" },
	{ "./dispatch $'\\x1b' 2>&1 | head -n 1 >&2; (exit ${PIPESTATUS[0]})", 2,
		"usage: dispatch " },
	{ "env -u PATH ./dispatch", 1, "microsample-vm: config-get: No such file or directory" },
	{ "PATH=/nowhere ./dispatch", 1, "microsample-vm: config-get: No such file or directory" },
	{ "env -i JUJU_DISPATCH_PATH=hooks/start ./dispatch", 1,
		"microsample-vm: config-get: No such file or directory" },
	{ "unset JUJU_CONTEXT_ID; ./dispatch", 1, "microsample-vm: config-get: exit status 1" },
	{ "JUJU_CHARM_DIR=/nowhere ./dispatch", 1,
		"microsample-vm: /nowhere: No such file or directory" },
	{ "JUJU_CHARM_DIR=/dev/null ./dispatch", 1, "microsample-vm: /dev/null: Not a directory" },
	{ "JUJU_CHARM_DIR=$'/\\x1b[31m\\n' ./dispatch", 1,
		"microsample-vm: /?[31m?: No such file or directory" },
	{ "JUJU_CHARM_DIR=/$(head -c 10000 /dev/zero | tr '\\0' a) ./dispatch", 1,
		"microsample-vm: /aaaaaaaa" },
	{ "ulimit -n 6; ./dispatch", 1, "microsample-vm: state.db: unable to open" },
	{ "ulimit -n 9; ./dispatch", 1, "microsample-vm: config-get: pipe: Too many open files" },
	{ "JUJU_DISPATCH_PATH=hooks/upgrade-charm; ulimit -f 0; ./dispatch", 1,
		"microsample-vm: state.db: " },
	{ "mv state.lock kept; ln -s /etc/passwd state.lock; ./dispatch; code=$?; "
	  "rm state.lock; mv kept state.lock; (exit $code)",
		1, "microsample-vm: " },
	{ "mv state.lock kept; ln -s nowhere state.lock; ./dispatch; code=$?; "
	  "[ ! -e nowhere ] || code=99; rm state.lock; mv kept state.lock; (exit $code)",
		1, "microsample-vm: " },
	{ "mv state.lock kept; mkdir state.lock; ./dispatch; code=$?; "
	  "rmdir state.lock; mv kept state.lock; (exit $code)",
		1, "microsample-vm: " },
};

START_TEST(it_fails_with_one_line)
{
	run(odd[_i].script);
	ck_assert_msg(end.code == odd[_i].code, "%s: exit status %d: %s", odd[_i].script, end.code,
		end.said);
	ck_assert_int_eq(end.complaints, 1);
	ck_assert_msg(strncmp(end.said, odd[_i].said, strlen(odd[_i].said)) == 0, "%s: %s",
		odd[_i].script, end.said);
	for (const char *at = end.said; at[1]; at++)
		ck_assert(*at >= ' ' && *at <= '~');
	expect_unharmed();
}
END_TEST

/* Output must not go into a file of the program that got the number of a closed standard file. */
START_TEST(nothing_is_printed_into_its_own_files)
{
	run("./dispatch <&- >&- 2>&-; PATH=/nowhere ./dispatch <&- >&- 2>&-; [ ! -s state.lock ]");
	ck_assert_int_eq(end.code, 0);
	expect_unharmed();
}
END_TEST

START_TEST(a_lock_of_another_kind_is_a_lock)
{
	run("rm state.lock; mkfifo state.lock; ./dispatch; code=$?; rm state.lock; (exit $code)");
	ck_assert_int_eq(end.code, 0);
	expect_unharmed();
}
END_TEST

/* The name of the hook goes into the journal, the log and `state`. */
START_TEST(a_hostile_name_is_written_down_in_ascii)
{
	char *hooks;

	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"active\":false,"
			  "\"disabled\":true}}");
	run("JUJU_DISPATCH_PATH=$'hooks/\\x1b[31m\\n\\xff%s%n' ./dispatch");
	ck_assert_int_eq(end.code, 0);
	hooks = charm_sql(&charm, "select hook from journal order by sequence desc limit 1");
	ck_assert_str_eq(hooks, "?[31m??%s%n");
	ck_assert(!hostile_logged(&charm, "\x1b"));
	free(hooks);
	free(end.said);
}
END_TEST

START_TEST(an_action_that_cannot_be_failed_fails)
{
	hostile_tool(&charm, "action-fail", "exit1", 1, 0);
	run("JUJU_DISPATCH_PATH=actions/$'\\x1b' ./dispatch");
	ck_assert_int_eq(end.code, 1);
	ck_assert_int_eq(end.complaints, 1);
	ck_assert_ptr_nonnull(strstr(end.said, "microsample-vm: action-fail: exit status 1"));
	expect_unharmed();
}
END_TEST

static const struct {
	const char *path, *told;
} sockets[] = {
	{ "relative", "Waiting for snapd: its socket is not there" },
	{ "/nowhere/snapd.socket", "Waiting for snapd: its socket is not there" },
	{ "/dev/null", "Waiting for snapd: nothing listens on its socket" },
	{ "/dev/null/socket", "Waiting for snapd: its socket cannot be used" },
	{ "/", "Waiting for snapd: nothing listens on its socket" },
	{ "$(head -c 5000 /dev/zero | tr '\\0' /)", "Waiting for snapd: it does not answer" },
	{ "$'\\x1b\\n'", "Waiting for snapd: its socket is not there" },
};

START_TEST(a_socket_that_is_none_is_waited_for)
{
	char *script =
		alloc_textf("MICROSAMPLE_SNAPD_SOCKET=%s MICROSAMPLE_HOOK_BUDGET=1 ./dispatch",
			sockets[_i].path);

	run(script);
	ck_assert_int_eq(end.code, 0);
	ck_assert_str_eq(end.said, "");
	charm_expect(&charm, "waiting", sockets[_i].told);
	ck_assert(!hostile_logged(&charm, "\x1b"));
	free(script);
	expect_unharmed();
}
END_TEST

/* If standard output or standard error cannot be written, `state` must not call that a success. */
static const char *const deaf[] = { "./state >/dev/full", "./state >&-",
	"./state history >/dev/full", "./state check >&-", "./state --help >/dev/full",
	"./state diagram >&-" };

START_TEST(what_state_cannot_show_is_no_success)
{
	run(deaf[_i]);
	ck_assert_int_eq(end.code, 1);
	ck_assert_int_eq(end.complaints, 1);
	expect_unharmed();
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("hostile_start");
	TCase *tests = tcase_create("start");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, it_runs_all_the_same, 0, COUNT(fine));
	tcase_add_loop_test(tests, it_fails_with_one_line, 0, COUNT(odd));
	tcase_add_test(tests, nothing_is_printed_into_its_own_files);
	tcase_add_test(tests, a_lock_of_another_kind_is_a_lock);
	tcase_add_test(tests, a_hostile_name_is_written_down_in_ascii);
	tcase_add_test(tests, an_action_that_cannot_be_failed_fails);
	tcase_add_loop_test(tests, a_socket_that_is_none_is_waited_for, 0, COUNT(sockets));
	tcase_add_loop_test(tests, what_state_cannot_show_is_no_success, 0, COUNT(deaf));
	suite_add_tcase(suite, tests);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
