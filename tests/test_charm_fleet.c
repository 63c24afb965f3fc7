/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The peer relation in the life of the whole charm: what its hooks cost, how a unit that is about to
 * go behaves, and what is done where the relation is missing. And that Juju tells a change twice.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/charm.h"

#define REMOVED  "Removed; run juju remove-unit, or JUJU_DISPATCH_PATH=hooks/start ./dispatch"
#define DEPARTED "fleet-relation-departed"

static struct charm charm;

static void set_up_bare(void)
{
	charm_open(&charm, "2.77");
}

static void set_up(void)
{
	charm_open_ready(&charm, "2.77");
}

static void tear_down(void)
{
	charm_close(&charm);
}

static int run_hook(const char *hook, const char *departing)
{
	return juju_call(&charm.juju, "hook", UNIT, hook, "--remote", "microsample/1",
		"--departing", departing);
}

static char *output_of(const char *command)
{
	char line[512] = "";
	FILE *pipe = popen(command, "re");

	ck_assert_ptr_nonnull(pipe);
	ck_assert_ptr_nonnull(fgets(line, sizeof line, pipe));
	ck_assert_int_eq(pclose(pipe), 0);
	return alloc_text(line);
}

/* What the database holds, and when anybody last wrote to it. */
static char *database(void)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	const char *folder = juju_show_text(shown, "charm-dir");
	CLEANUP(cleanup_free)
	char *command =
		alloc_textf("cd %s && echo $({ cat state.db; cat state.db-wal; } 2>&1 | cksum) "
			    "$(stat -c '%%n %%y' state.db state.db-wal 2>&1)",
			folder);

	cJSON_Delete(shown);
	return output_of(command);
}

static int tools_called(const char *hook)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	int count = cJSON_GetArraySize(cJSON_GetObjectItem(juju_show_run(shown, hook), "calls"));

	cJSON_Delete(shown);
	return count;
}

static bool is_gone(void)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	bool gone = cJSON_IsTrue(cJSON_GetObjectItem(shown, "gone"));

	cJSON_Delete(shown);
	return gone;
}

static void take_the_snap_away(void)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
}

/* By hand, as the guide says. */
static void exec_hook(const char *hook)
{
	CLEANUP(cleanup_free)
	char *script = alloc_textf("JUJU_DISPATCH_PATH=hooks/%s ./dispatch", hook);

	ck_assert_int_eq(juju_call(&charm.juju, "exec", "--unit", UNIT, "--", script), 0);
}

/* --- what they cost --- */

static const char *const fleet[] = { "fleet-relation-created", "fleet-relation-joined",
	"fleet-relation-changed", DEPARTED, "fleet-relation-broken" };

START_TEST(fleet_hook_of_a_unit_at_rest_reads_its_record_and_no_more)
{
	CLEANUP(cleanup_free) char *before = NULL;
	CLEANUP(cleanup_free) char *after = NULL;

	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_forget(&charm);
	before = database();
	ck_assert_int_eq(run_hook(fleet[_i], "microsample/1"), 0);
	after = database();
	ck_assert_int_eq(tools_called(fleet[_i]), 0);
	ck_assert_int_eq(charm_requests(&charm), 0);
	ck_assert_str_eq(after, before);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

START_TEST(fleet_hook_of_another_unit_goes_on_with_its_work)
{
	charm_ctl(&charm, "{\"do\":\"away\",\"how\":\"refused\"}");
	charm_config(&charm, "beta");
	charm_expect(&charm, "waiting", "Waiting for snapd: nothing listens on its socket");
	charm_ctl(&charm, "{\"do\":\"back\"}");
	ck_assert_int_eq(run_hook(fleet[_i], "microsample/1"), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(fleet_hook_never_asks_past_a_pause)
{
	charm_config(&charm, "9.9/stable");
	charm_expect_begin(&charm, "blocked", "Snap Store has no channel '9.9/stable'");
	charm_pass(&charm, 61); /* now a person's hook would ask */
	for (size_t i = 0; i < sizeof fleet / sizeof *fleet; i++)
		ck_assert_int_eq(run_hook(fleet[i], "microsample/1"), 0);
	ck_assert_int_eq(charm_posts(&charm), 1);
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	ck_assert_int_eq(charm_posts(&charm), 2);
}
END_TEST

START_TEST(units_of_one_application_deploy_together)
{
	cJSON *shown;
	CLEANUP(cleanup_free) char *hooks = NULL;

	ck_assert_int_eq(juju_call(&charm.juju, "add-unit", "microsample", "-n", "2"), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	shown = juju_show(&charm.juju, UNIT);
	hooks = juju_show_hooks(shown);
	ck_assert_str_eq(hooks, "fleet-relation-joined fleet-relation-changed "
				"fleet-relation-joined fleet-relation-changed");
	cJSON_Delete(shown);
	ck_assert_int_eq(charm_posts(&charm), 0);
	/* The second of them has no port to serve on, and the snap is not its own. */
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", "microsample/1"), 0);
	ck_assert(charm_snap_present(&charm));
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(charm_snap_present(&charm));
	ck_assert_int_eq(charm_changes_done(&charm), 1);
	ck_assert_int_eq(juju_call(&charm.juju, "hook", "microsample/2", "update-status"), 0);
	juju_assert_status(&charm.juju, "microsample/2", "active", "Ready at 'edge'");
}
END_TEST

/* --- about to go --- */

static const char *const says[] = { "stop", DEPARTED };

START_TEST(unit_that_is_about_to_go_starts_nothing)
{
	ck_assert_int_eq(run_hook(says[_i], UNIT), 0);
	charm_expect_sql(&charm, "select stopping from record", "yes");
	take_the_snap_away();
	for (size_t i = 0; i < sizeof fleet / sizeof *fleet; i++)
		ck_assert_int_eq(run_hook(fleet[i], "microsample/1"), 0);
	ck_assert_int_eq(run_hook(DEPARTED, UNIT), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(charm_posts(&charm), 0);
	charm_expect(&charm, "waiting", "Interrupted");
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 1);
	charm_expect_sql(&charm, "select stopping from record", "no");
}
END_TEST

/* The first of n - 1 such hooks writes; the others find it written. */
START_TEST(second_word_that_it_goes_costs_nothing)
{
	ck_assert_int_eq(run_hook(DEPARTED, UNIT), 0);
	charm_forget(&charm);
	ck_assert_int_eq(run_hook(DEPARTED, UNIT), 0);
	ck_assert_int_eq(tools_called(DEPARTED), 0);
	ck_assert_int_eq(charm_requests(&charm), 0);
}
END_TEST

START_TEST(removal_after_it_is_the_one_request)
{
	ck_assert_int_eq(run_hook(DEPARTED, UNIT), 0);
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(is_gone());
	ck_assert(!charm_snap_present(&charm));
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

/* --- by hand, where Juju sends no remove --- */

START_TEST(remove_by_hand_takes_the_snap_along)
{
	exec_hook("remove");
	charm_expect(&charm, "maintenance", REMOVED);
	ck_assert(!charm_snap_present(&charm));
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_config(&charm, "beta");
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(is_gone());
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(start_by_hand_takes_a_remove_back)
{
	exec_hook("remove");
	exec_hook("start");
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert(charm_snap_present(&charm));
	ck_assert_int_eq(charm_posts(&charm), 2);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

START_TEST(snap_of_others_is_left_by_hand_as_well)
{
	charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"revision\":\"3\","
			  "\"version\":\"3.0-dev\",\"channel\":\"latest/edge\",\"tracking\":"
			  "\"latest/edge\",\"id\":\"MicroSampleSnapId000000000000001\"}}");
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	exec_hook("remove");
	charm_expect(&charm, "maintenance",
		"Leaving microsample snap: it was not installed by this unit");
	ck_assert(charm_snap_present(&charm));
}
END_TEST

/* --- a build without the relation --- */

/* The charm as a build before the relation had it. */
static void deploy_old_build(void)
{
	CLEANUP(cleanup_free) char *folder = alloc_textf("%s/old", charm.dir);
	const char *tree = getenv("CHARM_TREE");
	CLEANUP(cleanup_free)
	char *command = alloc_textf("cp -r %s %s && cd %s && sed -i -e '/^peers:/,/^resources:/d' "
				    "-e '/^  snaps:/,/^    type:/d' metadata.yaml",
		tree, folder, folder);

	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(setenv("CHARM_TREE", folder, 1), 0);
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	ck_assert_int_eq(setenv("CHARM_TREE", tree, 1), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_forget(&charm);
}

START_TEST(old_build_is_removed_by_hand)
{
	deploy_old_build();
	exec_hook("remove");
	charm_expect(&charm, "maintenance", REMOVED);
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", UNIT), 0);
	ck_assert(is_gone());
	ck_assert(!charm_snap_present(&charm));
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

/* Where Juju sends no remove: the way to the new build that the guide shows. */
START_TEST(snap_of_an_old_build_runs_on_under_the_new_one)
{
	bool refused = charm_tells() > 1;
	struct juju_answer answer;

	deploy_old_build();
	answer = juju_ask(&charm.juju, "refresh", "microsample", "--path", getenv("CHARM_TREE"));
	ck_assert_int_eq(answer.code, refused ? 1 : 0);
	juju_answer_done(&answer);
	charm_expect(&charm, "active", "Ready at 'edge'");
	if (!refused)
		return;
	ck_assert_int_eq(juju_call(&charm.juju, "remove-application", "microsample"), 0);
	ck_assert(charm_snap_present(&charm));
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	juju_assert_status(&charm.juju, "microsample/1", "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
	ck_assert_int_eq(juju_call(&charm.juju, "remove-unit", "microsample/1"), 0);
	ck_assert(!charm_snap_present(&charm)); /* it follows a unit that went without remove */
}
END_TEST

/* --- a change that is told twice --- */

/* The statuses that the charm set since they were forgotten, one on a line; and the ERROR records. */
static char *statuses(int *ret_errors)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	char *ret = alloc_text("");
	const cJSON *entry;

	cJSON_ArrayForEach(entry, cJSON_GetObjectItem(shown, "history"))
	{
		const char *status = cJSON_GetStringValue(cJSON_GetObjectItem(entry, "status"));
		CLEANUP(cleanup_free) char *before = ret;

		ret = alloc_textf("%s%s\n", before, status ? status : "");
	}
	*ret_errors = 0;
	cJSON_ArrayForEach(entry, cJSON_GetObjectItem(shown, "log")) *ret_errors +=
		strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(entry, "level")), "ERROR") == 0;
	cJSON_Delete(shown);
	return ret;
}

static const struct {
	const char *channel;
	int posts;
	const char *statuses;
	int errors;
} changes[] = {
	{ "beta", 1, "maintenance\nactive\n", 0 },
	{ "9.9/stable", 1, "maintenance\nblocked\n", 1 },
	{ "no such risk", 0, "blocked\n", 1 },
};

START_TEST(change_that_is_told_twice_is_answered_once)
{
	CLEANUP(cleanup_free) char *seen = NULL;
	int errors;

	charm_config(&charm, changes[_i].channel);
	seen = statuses(&errors);
	ck_assert_int_eq(charm_posts(&charm), changes[_i].posts);
	ck_assert_str_eq(seen, changes[_i].statuses);
	ck_assert_int_eq(errors, changes[_i].errors);
}
END_TEST

START_TEST(option_that_was_reset_is_seen_by_the_next_hook)
{
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(juju_call(&charm.juju, "config", "microsample", "--reset", "channel"), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 2);
}
END_TEST

/* clang-format off */
#define COUNT(array) (int)(sizeof array / sizeof *array)
static Suite *suite(void)
{
	Suite *suite = suite_create("fleet");
	TCase *tests;

	tests = charm_case(suite, "cost", set_up, tear_down);
	tcase_add_loop_test(tests, fleet_hook_of_a_unit_at_rest_reads_its_record_and_no_more, 0, COUNT(fleet));
	tcase_add_loop_test(tests, fleet_hook_of_another_unit_goes_on_with_its_work, 0, COUNT(fleet));
	tcase_add_test(tests, fleet_hook_never_asks_past_a_pause);
	tcase_add_test(tests, units_of_one_application_deploy_together);

	tests = charm_case(suite, "going", set_up, tear_down);
	tcase_add_loop_test(tests, unit_that_is_about_to_go_starts_nothing, 0, COUNT(says));
	tcase_add_test(tests, second_word_that_it_goes_costs_nothing);
	tcase_add_test(tests, removal_after_it_is_the_one_request);
	tcase_add_test(tests, remove_by_hand_takes_the_snap_along);
	tcase_add_test(tests, start_by_hand_takes_a_remove_back);

	tests = charm_case(suite, "bare", set_up_bare, tear_down);
	tcase_add_test(tests, snap_of_others_is_left_by_hand_as_well);
	tcase_add_test(tests, old_build_is_removed_by_hand);
	tcase_add_test(tests, snap_of_an_old_build_runs_on_under_the_new_one);

	tests = charm_case(suite, "twice", set_up, tear_down);
	tcase_add_loop_test(tests, change_that_is_told_twice_is_answered_once, 0, COUNT(changes));
	tcase_add_test(tests, option_that_was_reset_is_seen_by_the_next_hook);
	return suite;
}
/* clang-format on */

int main(void)
{
	return charm_run(suite);
}
