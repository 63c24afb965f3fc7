/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actions that look: `juju run` gives what `./state` shows, whatever state the unit and its
 * database are in, changes nothing, and fails with a reason only.
 */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/hostile_kit.h"
#include "tests/suite.h"

enum {
	JSON_MAX = 60 * 1024,
};

static struct charm charm;

/* What the last `juju run` gave. */
static struct {
	cJSON *all;
	const cJSON *results;
	const char *status, *message;
} task;

static void set_up(void)
{
	charm_open_ready(&charm, "2.77");
}

static void tear_down(void)
{
	cJSON_Delete(task.all);
	charm_close(&charm);
}

static void take(const struct juju_answer *answer)
{
	const cJSON *one;

	cJSON_Delete(task.all);
	task.all = cJSON_Parse(answer->out);
	one = cJSON_GetObjectItemCaseSensitive(task.all, UNIT);
	ck_assert_msg(one != NULL, "no task: %s%s", answer->out, answer->err);
	task.results = cJSON_GetObjectItemCaseSensitive(one, "results");
	task.status = charm_told(task.all, "status");
	task.message = charm_told(task.all, "message");
}

/* juju run ACTION, which always exits 0. */
static void run(const char *action, const char *parameter)
{
	struct juju_answer answer =
		juju_ask(&charm.juju, "run", "--format", "json", UNIT, action, parameter);

	ck_assert_msg(answer.code == 0, "run %s %s: exit %d: %s", action,
		parameter ? parameter : "", answer.code, answer.err);
	take(&answer);
	juju_answer_done(&answer);
}

static const char *result(const char *key)
{
	return charm_result(task.all, key);
}

static const cJSON *row(size_t number)
{
	char key[32];

	(void)snprintf(key, sizeof key, "row-%zu", number);
	return cJSON_GetObjectItemCaseSensitive(task.results, key);
}

/* Whether the rows of the results are LINES, of which each begins with blanks. */
static void expect_rows(char *lines)
{
	size_t count = 0;
	char *rest = NULL;
	char wanted[16];

	for (char *line = strtok_r(lines, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *shown = cJSON_GetStringValue(row(++count));

		ck_assert_msg(shown != NULL, "no row %zu: %s", count, line);
		ck_assert_str_eq(shown, line + strspn(line, " "));
	}
	ck_assert_ptr_null(row(count + 1));
	(void)snprintf(wanted, sizeof wanted, "%zu", count);
	ck_assert_str_eq(result("rows"), wanted);
}

/* The result that belongs to what a line of the text begins with. */
static const char *result_of(const char *label, size_t size)
{
	char key[16] = "";

	while (size && label[size - 1] == ' ')
		size--;
	for (size_t i = 0; i < size; i++)
		key[i] = (char)(label[i] == ' ' ? '-' : tolower((unsigned char)label[i]));
	return result(size ? key : "detail");
}

/* What ./state printed for ARGUMENTS, without its exit status, which must be CODE; to be freed. */
static char *printed(const char *arguments, int code)
{
	int found;
	char *text = charm_state(&charm, arguments, &found);

	ck_assert_msg(found == code, "state %s: exit %d: %s", arguments, found, text);
	for (char *end = strstr(text, "exit "); end; end = strstr(end + 1, "exit "))
		if (!strchr(end, '\n') || strchr(end, '\n')[1] == '\0')
			*end = '\0';
	return text;
}

/* The action `state` says what ./state says, line by line, whose exit status is CODE. */
static void expect_lines(int code)
{
	char *text = printed("", code);
	char *line = text;

	run("state", NULL);
	while (strncmp(line, "journal ", 8) != 0) {
		char *end = strchr(line, '\n');

		*end = '\0';
		ck_assert_str_eq(result_of(line, 11), line + 11);
		line = end + 1;
	}
	expect_rows(strchr(line, '\n') + 1);
	free(text);
}

/* The result `json` is the JSON that ./state prints for ARGUMENTS. */
static void expect_json(const char *arguments, int code)
{
	char *text = printed(arguments, code);
	cJSON *told = cJSON_Parse(text);
	cJSON *got = cJSON_Parse(result("json"));

	ck_assert_ptr_nonnull(told);
	ck_assert_msg(cJSON_Compare(told, got, true), "%s: %s", text, result("json"));
	cJSON_Delete(got);
	cJSON_Delete(told);
	free(text);
}

START_TEST(state_gives_what_the_command_shows)
{
	expect_lines(0);
	ck_assert_str_eq(task.status, "completed");
	ck_assert_ptr_nonnull(strstr(result("state"), "active at 'edge' since "));
	ck_assert_str_eq(result("told-juju"), "active: Ready at 'edge' (version 3.0-dev)");
	expect_json("--format json", 0);
	/* One more line: the detail of a reason. */
	charm_config(&charm, "9.9/stable");
	expect_lines(0);
	ck_assert_ptr_nonnull(
		strstr(result("detail"), "stable, candidate, beta, edge, 2.0/stable"));
	expect_json("--format json", 0);
	/* And one for a change in flight. */
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	expect_lines(0);
	ck_assert_ptr_nonnull(strstr(result("change"), ", seen there since "));
	expect_json("--format json", 0);
}
END_TEST

static const struct {
	const char *parameter, *arguments, *json;
} lengths[] = {
	{ NULL, "history", "history --format json" },
	{ "limit=1", "history -n 1", "history -n 1 --format json" },
	{ "limit=2", "history -n 2", "history -n 2 --format json" },
	{ "limit=2.0", "history -n 2", "history -n 2 --format json" },
	{ "limit=50", "history -n 50", "history -n 50 --format json" },
	{ "limit=1000", "history -n 1000", "history -n 1000 --format json" },
};

START_TEST(history_gives_what_the_command_shows)
{
	char *text = printed(lengths[_i].arguments, 0);

	run("history", lengths[_i].parameter);
	ck_assert_str_eq(task.status, "completed");
	ck_assert_str_eq(result("note"), "");
	expect_rows(text);
	expect_json(lengths[_i].json, 0);
	free(text);
}
END_TEST

/* Without a schema's default, as where Juju adds none. */
START_TEST(history_without_a_limit_is_all_of_it)
{
	struct juju_answer answer = juju_ask(&charm.juju, "exec", "--format", "json", "--unit",
		UNIT, "--", "JUJU_DISPATCH_PATH=actions/history ./dispatch");
	char *text = printed("history", 0);

	take(&answer);
	expect_rows(text);
	free(text);
	juju_answer_done(&answer);
}
END_TEST

#define RANGE "the parameter limit takes a whole number from 1 to 1000"

static void expect_failed(const char *message)
{
	ck_assert_str_eq(task.status, "failed");
	ck_assert_str_eq(task.message, message);
}

/* Nothing but the unit as it was, and its next hook runs. */
static void expect_unharmed(void)
{
	ck_assert_int_eq(charm_requests(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
	hostile_sound(&charm);
}

#define REFUSED(name, text) "cannot run \"" name "\" action: validation failed: (root)" text

static const struct {
	const char *action, *parameter, *message;
} wrong[] = {
	{ "history", "limit=0",
		REFUSED("history", ".limit : must be greater than or equal to 1, given 0") },
	{ "history", "limit=-1",
		REFUSED("history", ".limit : must be greater than or equal to 1, given -1") },
	{ "history", "limit=1001",
		REFUSED("history", ".limit : must be lower than or equal to 1000, given 1001") },
	{ "history", "limit=1e9",
		REFUSED("history",
			".limit : must be lower than or equal to 1000, given 1000000000") },
	{ "history", "limit=1.5",
		REFUSED("history", ".limit : must be of type integer, given 1.5") },
	{ "history", "limit=x",
		REFUSED("history", ".limit : must be of type integer, given \"x\"") },
	{ "history", "limit='50'",
		REFUSED("history", ".limit : must be of type integer, given \"50\"") },
	{ "history", "limit=", REFUSED("history", ".limit : must be of type integer, given null") },
	{ "history", "limit=true",
		REFUSED("history", ".limit : must be of type integer, given true") },
	{ "history", "limit=[5]",
		REFUSED("history", ".limit : must be of type integer, given [5]") },
	{ "history", "rows=5",
		REFUSED("history",
			" : additional property \"rows\" is not allowed, given {\"rows\":5}") },
	{ "state", "limit=5",
		REFUSED("state",
			" : additional property \"limit\" is not allowed, given {\"limit\":5}") },
};

START_TEST(juju_refuses_a_wrong_parameter)
{
	cJSON *shown;

	run(wrong[_i].action, wrong[_i].parameter);
	expect_failed(wrong[_i].message);
	shown = juju_show(&charm.juju, UNIT);
	ck_assert_ptr_null(juju_show_run(shown, wrong[_i].action));
	cJSON_Delete(shown);
	expect_unharmed();
}
END_TEST

/* What action-get says in place of Juju's answer, and why the action then fails. */
static const struct {
	const char *says, *message;
} got[] = {
	{ "{\"limit\":0}", RANGE },
	{ "{\"limit\":-1}", RANGE },
	{ "{\"limit\":1e9}", RANGE },
	{ "{\"limit\":\"x\"}", RANGE },
	{ "{\"limit\":null}", RANGE },
	{ "{\"limit\":5,\"x\":1}", "this action takes no parameter 'x'" },
	{ "", "action-get: its output is no JSON object" },
	{ "null", "action-get: its output is no JSON object" },
	{ "{\"limit\":5", "action-get: its output is no JSON object" },
	{ "\x1b[31m\xff", "action-get: its output is no JSON object" },
};

START_TEST(the_charm_refuses_it_once_more)
{
	ck_assert_int_eq(juju_call(&charm.juju, "fault", "action-get", "text", got[_i].says), 0);
	run("history", NULL);
	expect_failed(got[_i].message);
	ck_assert_int_eq(cJSON_GetArraySize(task.results), 3); /* exit status and output */
	ck_assert_int_eq(hostile_complaints(&charm), 0);
	expect_unharmed();
}
END_TEST

static const struct {
	const char *tool, *mode, *message;
} faults[] = {
	{ "action-get", "exit1", "action-get: exit status 1" },
	{ "action-get", "exit2", "action-get: exit status 2" },
	{ "action-get", "die", "action-get: ended by signal 11" },
	{ "action-get", "flood", "action-get: more than 1048576 bytes of output" },
	{ "action-get", "hang", "action-get: no end after 1 s" },
	{ "action-get", "missing", "action-get: No such file or directory" },
	{ "action-set", "exit1", "action-set: exit status 1" },
	{ "action-set", "exit2", "action-set: exit status 2" },
	{ "action-set", "die", "action-set: ended by signal 11" },
	{ "action-set", "flood", "action-set: " },
	{ "action-set", "hang", "action-set: no end after 1 s" },
	{ "action-set", "missing", "action-set: No such file or directory" },
};

START_TEST(a_tool_that_fails_is_named)
{
	const char *wanted = faults[_i].message;

	hostile_env(&charm, "MICROSAMPLE_HOOK_BUDGET=1");
	hostile_tool(&charm, faults[_i].tool, faults[_i].mode, 1, 0);
	hostile_begin();
	run("history", NULL);
	ck_assert_int_lt(hostile_elapsed(), 20 * 1000);
	ck_assert_msg(strncmp(task.message, wanted, strlen(wanted)) == 0, "%s", task.message);
	ck_assert_str_eq(task.status, "failed");
	ck_assert_str_eq(result("json"), "");
	ck_assert_int_eq(hostile_complaints(&charm), 0);
	hostile_tools_well(&charm);
	expect_unharmed();
}
END_TEST

/* Runs SCRIPT in the unit's folder; what it printed, to be freed. */
static char *do_there(const char *script)
{
	struct juju_answer answer =
		juju_ask(&charm.juju, "exec", "--unit", UNIT, "--", "bash", "-c", script);
	char *ret = alloc_text(answer.out);

	ck_assert_msg(answer.code == 0, "%s: %s", script, answer.err);
	juju_answer_done(&answer);
	return ret;
}

static const char *const troubles[] = {
	"rm -f state.db*",
	": >state.db; rm -f state.db-*",
	"rm -f state.db*; mkdir state.db",
	"rm -f state.db*; ln -s /nowhere state.db",
	"rm -f state.db*; head -c 100 /dev/zero >state.db",
	"rm -f state.db*; head -c 9000 /dev/urandom >state.db",
	"rm -f state.db*; printf 'SQLite format 3\\0%8000s' x >state.db",
	"rm -f state.db-*; dd if=/dev/urandom of=state.db bs=4096 seek=1 count=100 conv=notrunc",
	"sqlite() { python3 -c 'import sqlite3, sys; c = sqlite3.connect(\"state.db\"); "
	"c.executescript(sys.argv[1])' \"$1\"; }; sqlite 'pragma user_version = 99'",
	"sqlite() { python3 -c 'import sqlite3, sys; c = sqlite3.connect(\"state.db\"); "
	"c.executescript(sys.argv[1])' \"$1\"; }; sqlite 'pragma application_id = 7'",
};

START_TEST(trouble_is_told_in_the_words_of_the_command)
{
	static const char *const names[] = { "state", "history" };
	char *said;

	free(do_there(troubles[_i]));
	said = do_there("./state 2>&1 >/dev/null || true");
	ck_assert_msg(strncmp(said, "state: ", 7) == 0, "%s: %s", troubles[_i], said);
	said[strcspn(said, "\n")] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		run(names[i], NULL);
		expect_failed(said + 7);
		ck_assert_int_eq(cJSON_GetArraySize(task.results), 3);
	}
	ck_assert_int_eq(hostile_complaints(&charm), 0);
	ck_assert_int_eq(charm_requests(&charm), 0);
	free(said);
}
END_TEST

START_TEST(damage_is_shown_and_is_no_success)
{
	free(charm_sql(&charm, "delete from journal where sequence = 2"));
	expect_lines(1);
	expect_failed("the database is damaged: see ./state check");
	ck_assert_ptr_nonnull(strstr(result("database"), "DAMAGED: see ./state check"));
	expect_json("--format json", 1);
	run("history", NULL);
	ck_assert_str_eq(task.status, "completed");
}
END_TEST

/* An action of the unit beside its own hook, which has the lock, leaves everything as it is. */
START_TEST(looking_waits_for_no_hook_and_changes_nothing)
{
	static const char script[] =
		"picture() { sha256sum state.db* state.lock; ls -la; }; picture >/tmp/before.$$\n"
		"flock state.lock env JUJU_DISPATCH_PATH=actions/%s ./dispatch; code=$?\n"
		"picture | cmp -s - /tmp/before.$$ || code=77; rm /tmp/before.$$; exit $code";
	static const char *const names[] = { "state", "history" };
	char *all = alloc_textf(script, names[_i]);
	struct juju_answer answer =
		juju_ask(&charm.juju, "exec", "--format", "json", "--unit", UNIT, "--", all);

	ck_assert_msg(answer.code == 0, "%s", answer.err);
	take(&answer);
	ck_assert_ptr_nonnull(row(1));
	ck_assert_str_ne(result("json"), "");
	ck_assert(!hostile_logged(&charm, "another dispatch"));
	ck_assert_int_eq(charm_requests(&charm), 0);
	juju_answer_done(&answer);
	free(all);
}
END_TEST

/* As everywhere: a terminal obeys none of them, and the JSON is UTF-8. */
START_TEST(odd_bytes_in_the_journal_are_escaped)
{
	char *text;

	free(charm_sql(&charm,
		"update journal set detail = cast(x'1b5b33316d0aff5c09c2a0e280ae22c3a4' as text), "
		"hook = cast(x'0a3d' as text) where sequence = 2"));
	text = printed("history", 0);
	run("history", NULL);
	ck_assert_ptr_nonnull(
		strstr(text, "\\x1b[31m\\n\\xff\\\\\\t\xc2\xa0\\xe2\\x80\\xae\"\xc3\xa4"));
	expect_rows(text);
	expect_json("history --format json", 0);
	for (const char *at = result("row-2"); *at; at++)
		ck_assert((unsigned char)*at >= ' ' && *at != 0x7f);
	free(text);
	expect_lines(0);
	expect_json("--format json", 0);
}
END_TEST

/* Makes the journal one of COUNT rows, each with the detail of the SQL expression. */
static void fill(int count, const char *detail)
{
	char *sql = alloc_textf(
		"with recursive n(i) as (select max(sequence) + 1 from journal union all select "
		"i + 1 from n where i < %d) insert into journal select i, time, hook, event, "
		"before, "
		"after, effect, channel, change, %s from n, (select * from journal limit 1)",
		count, detail);

	free(charm_sql(&charm, sql));
	free(sql);
}

/* What the results hold when the whole would be more than fits; LEFT: of 1000 rows. */
static void expect_cut(size_t left)
{
	size_t size = strlen(result("json"));
	cJSON *json = cJSON_Parse(result("json"));
	size_t count = (size_t)cJSON_GetArraySize(json);
	char wanted[96];

	ck_assert_uint_le(size, JSON_MAX);
	ck_assert_ptr_nonnull(json);
	ck_assert_uint_eq(count, 1000 - left);
	ck_assert_ptr_null(row(count + 1));
	(void)snprintf(wanted, sizeof wanted,
		"the oldest %zu of 1000 rows do not fit in here; ./state history shows them", left);
	ck_assert_str_eq(result("note"), wanted);
	(void)snprintf(wanted, sizeof wanted, "%zu", count);
	ck_assert_str_eq(result("rows"), wanted);
	cJSON_Delete(json);
}

/* The newest rows are the ones that stay: a person looks for what has just happened. */
START_TEST(what_does_not_fit_is_left_out_by_whole_rows)
{
	static const char *const details[] = { "substr(hex(zeroblob(200)), 1, 319)",
		"replace(hex(zeroblob(40)), '0', '\xc3\xa4')",
		"replace(hex(zeroblob(20)), '0', char(27))" };
	size_t count;
	char *text;

	fill(1000, details[_i]);
	text = printed("history -n 1", 0);
	text[strlen(text) - 1] = '\0';
	run("history", NULL);
	count = strtoul(result("rows"), NULL, 10);
	expect_cut(1000 - count);
	/* One row more would have been too much. */
	ck_assert_uint_gt(strlen(result("json")) * (count + 1) / count, JSON_MAX);
	ck_assert_str_eq(cJSON_GetStringValue(row(count)), text + strspn(text, " "));
	free(text);
	run("state", NULL);
	ck_assert_str_eq(result("rows"), "10");
	ck_assert_str_eq(result("note"), "");
	ck_assert_str_eq(task.status, "completed");
}
END_TEST

/* The charm writes no such row; an older one before it is left out with it. */
START_TEST(a_row_that_never_fits_is_left_out)
{
	fill(1000, "iif(i in (5, 990), hex(zeroblob(600000)), '')");
	run("history", NULL);
	expect_cut(990);
	run("state", NULL);
	ck_assert_str_eq(result("rows"), "10");
	free(charm_sql(&charm, "update journal set detail = hex(zeroblob(600000)) "
			       "where sequence = 1000"));
	run("history", NULL);
	expect_cut(1000);
	ck_assert_str_eq(result("json"), "[]");
	run("state", NULL);
	ck_assert_str_eq(result("rows"), "0");
	ck_assert_str_eq(task.status, "completed");
	ck_assert_ptr_nonnull(strstr(result("json"), "\"journal\":[]"));
}
END_TEST

/* Each one that Juju knows is one that the charm knows. */
START_TEST(what_is_declared_is_there)
{
	char *path = alloc_textf("%s/actions.yaml", getenv("CHARM_TREE"));
	FILE *file = fopen(path, "r");
	char line[256];
	int count = 0;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof line, file)) {
		if (!islower((unsigned char)*line))
			continue;
		line[strcspn(line, ":")] = '\0';
		run(line, NULL);
		/* Some of them are refused: nothing is to be aborted, for one. */
		ck_assert_ptr_null(strstr(task.message, "this charm has no action"));
		count++;
	}
	ck_assert_int_eq(count, 9);
	(void)fclose(file);
	free(path);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("actions");
	TCase *tests = charm_case(suite, "actions", set_up, tear_down);

	tcase_add_test(tests, state_gives_what_the_command_shows);
	tcase_add_loop_test(tests, history_gives_what_the_command_shows, 0, COUNT(lengths));
	tcase_add_test(tests, history_without_a_limit_is_all_of_it);
	tcase_add_loop_test(tests, juju_refuses_a_wrong_parameter, 0, COUNT(wrong));
	tcase_add_loop_test(tests, the_charm_refuses_it_once_more, 0, COUNT(got));
	tcase_add_loop_test(tests, a_tool_that_fails_is_named, 0, COUNT(faults));
	tcase_add_loop_test(tests, trouble_is_told_in_the_words_of_the_command, 0, COUNT(troubles));
	tcase_add_test(tests, damage_is_shown_and_is_no_success);
	tcase_add_loop_test(tests, looking_waits_for_no_hook_and_changes_nothing, 0, 2);
	tcase_add_test(tests, odd_bytes_in_the_journal_are_escaped);
	tcase_add_loop_test(tests, what_does_not_fit_is_left_out_by_whole_rows, 0, 3);
	tcase_add_test(tests, a_row_that_never_fits_is_left_out);
	tcase_add_test(tests, what_is_declared_is_there);
	return suite;
}

int main(void)
{
	return charm_run(suite);
}
