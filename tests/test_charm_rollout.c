/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet that moves one by one, in whole charms: three units on three machines, on each Juju. Unit 0
 * leads unless a test says otherwise, and moves last.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/fleet_kit.h"
#include "tests/sandbox/juju_json.h"
#include "tests/sandbox/snap_files.h"

#define WAITS  "Ready at 'edge'; waits for its turn for 'beta'"
#define EDGE   "Ready at 'edge'"
#define BETA   "Ready at 'beta'"
#define STANDS "Refresh stands at step"
#define FAILS  "{\"do\":\"fail\",\"task\":\"start-snap-services\",\"log\":\"no port\",\"times\":9}"

static struct fleet fleet;

static void set_up(void)
{
	fleet_open(&fleet, 3, "rollout-width=1");
}

static void tear_down(void)
{
	/* whatever a test did, never two at once */
	ck_assert_int_le(fleet_away(&fleet), 1);
	fleet_close(&fleet);
}

static void set_up_free(void)
{
}

static void tear_down_free(void)
{
	fleet_close(&fleet);
}

static void expect_all(const char *message)
{
	for (int number = 0; number < fleet.count; number++)
		fleet_expect(&fleet, number, "active", message);
}

static void expect_posts(int zero, int one, int two)
{
	ck_assert_int_eq(fleet_posts(&fleet, 0), zero);
	ck_assert_int_eq(fleet_posts(&fleet, 1), one);
	ck_assert_int_eq(fleet_posts(&fleet, 2), two);
}

static void expect_bag(int number, const char *key, const char *wanted)
{
	CLEANUP(cleanup_free) char *value = fleet_bag(&fleet, number, key);

	ck_assert_str_eq(value, wanted);
}

static void expect_begin(int number, const char *status, const char *begin)
{
	cJSON *shown = juju_show(&fleet.charm.juju, fleet_unit(number));

	ck_assert_str_eq(juju_show_text(shown, "status"), status);
	ck_assert_msg(strncmp(juju_show_text(shown, "message"), begin, strlen(begin)) == 0, "%s",
		juju_show_text(shown, "message"));
	cJSON_Delete(shown);
}

static void fault(const char *tool, const char *mode, const char *text, const char *skip)
{
	ck_assert_int_eq(
		juju_call(&fleet.charm.juju, "fault", tool, mode, text, "--skip", skip), 0);
}

static void lead(int number)
{
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "lead", fleet_unit(number)), 0);
}

/* The answer to resume-rollout on unit NUMBER; to be deleted. */
static cJSON *resumed(int number, const char *skip)
{
	struct juju_answer answer = juju_ask(&fleet.charm.juju, "run", fleet_unit(number),
		"resume-rollout", "--format", "json", skip);
	cJSON *ret = cJSON_Parse(answer.out);

	juju_answer_done(&answer);
	ck_assert_ptr_nonnull(ret);
	return ret;
}

static void resume(int number, const char *skip, const char *refusal)
{
	cJSON *answer = resumed(number, skip);

	ck_assert_str_eq(json_text(json_get(answer, fleet_unit(number)), "message", ""), refusal);
	cJSON_Delete(answer);
}

/* Unit 1 is away with its turn, and stays so. */
static void begin_and_stand(void)
{
	fleet_stand(&fleet, 1);
	fleet_config(&fleet, "channel=beta");
	expect_begin(1, "waiting", STANDS);
	fleet_expect(&fleet, 0, "active", "Ready at 'edge'; rollout 0 of 3");
	fleet_expect(&fleet, 2, "active", WAITS);
	expect_posts(0, 1, 0);
}

/* --- one after the other --- */

START_TEST(units_move_one_after_the_other_and_the_leader_last)
{
	fleet_config(&fleet, "channel=beta");
	expect_all(BETA);
	expect_posts(1, 1, 1);
	expect_bag(-1, "turn-1", "1 latest/beta done");
	expect_bag(-1, "turn-2", "2 latest/beta done");
	expect_bag(-1, "turn-0", "3 latest/beta done");
	expect_bag(-1, "rollout", "0 latest/beta over");
	expect_bag(-1, "leader", "microsample/0");
}
END_TEST

static const struct {
	const char *name;
	int posts; /* of the unit, by the order itself */
} orders[] = { { "abort", 0 }, { "revert", 0 }, { "restart", 1 } };

/* What was refused, or is something else, is no word of a person that lets the unit move. */
START_TEST(order_that_moves_nothing_lets_no_unit_move_that_waits)
{
	struct juju_answer answer;

	begin_and_stand();
	answer = juju_ask(&fleet.charm.juju, "run", fleet_unit(2), orders[_i].name);
	juju_answer_done(&answer);
	fleet_expect(&fleet, 2, "active", WAITS);
	expect_posts(0, 1, orders[_i].posts);
	fleet_go_on(&fleet, 1);
	expect_all(BETA);
}
END_TEST

START_TEST(nobody_moves_while_one_is_away)
{
	begin_and_stand();
	for (int number = 0; number < 3; number++)
		fleet_hook(&fleet, number, "update-status");
	fleet_config(&fleet, "rollback=true");
	fleet_config(&fleet, "rollback=false");
	lead(2);
	lead(0);
	expect_posts(0, 1, 0);
	fleet_go_on(&fleet, 1);

	expect_all(BETA);
}
END_TEST

/* What is wanted is changed twice while one is away: its turn is for the first. */
START_TEST(new_target_takes_no_turn_back)
{
	begin_and_stand();
	fleet_config(&fleet, "channel=candidate");
	fleet_config(&fleet, "channel=edge");
	expect_posts(0, 1, 0);
	fleet_expect(&fleet, 2, "active", EDGE);
	fleet_go_on(&fleet, 1);
	expect_all(EDGE);
	expect_posts(0, 2, 0);
	fleet_config(&fleet, "channel=beta");
	expect_all(BETA);
}
END_TEST

START_TEST(pin_is_a_target_as_well)
{
	fleet_stand(&fleet, 1);
	ck_assert_int_eq(
		juju_call(&fleet.charm.juju, "config", "microsample", "channel=beta", "revision=2"),
		0);
	fleet_expect(&fleet, 2, "active",
		"Ready at 'edge', held at revision 3; waits for its turn "
		"for 'beta' revision 2");
	fleet_go_on(&fleet, 1);
	expect_all("Ready at 'beta', pinned to revision 2");
}
END_TEST

START_TEST(file_is_a_target_as_well)
{
	CLEANUP(cleanup_free) char *files = alloc_textf("%s/files", fleet.charm.dir);
	CLEANUP(cleanup_free) char *pair = alloc_textf("snaps=%s/snaps.tar", fleet.charm.dir);

	ck_assert_int_eq(mkdir(files, 0700), 0);
	snap_file_make(files, "{'name':'microsample','revision':'7'}");
	snap_file_make(files, "{'name':'bare','revision':'5'}");
	snap_files_tar(strchr(pair, '/'), files);
	fleet_stand(&fleet, 1);
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "attach-resource", "microsample", pair), 0);
	fleet_expect(&fleet, 2, "active",
		"Ready at 'edge', held at revision 3; waits for its turn "
		"for revision 7 of the resource");
	fleet_expect(&fleet, 0, "active", "Ready at 'edge', held at revision 3; rollout 0 of 3");
	expect_bag(-1, "turn-1", "1 @7 out");
	fleet_go_on(&fleet, 1);
	expect_all("Ready at revision 7 of the resource");
	expect_bag(-1, "rollout", "0 @7 over");
}
END_TEST

/*
 * It gives its turn back, and waits for none. The agents of all machines have one folder here, and the
 * machines one register, so the other application is beside all three.
 */
START_TEST(unit_that_may_not_move_for_another_application_halts_nothing)
{
	static const char rival[] = "other/0 on this machine wants 'edge'; set the same channel";

	ck_assert_int_eq(charm_deploy_as(&fleet.charm, "other", "channel=edge"), 0);
	fleet_config(&fleet, "channel=beta");
	for (int number = 0; number < 3; number++)
		fleet_expect(&fleet, number, "blocked", rival);
	expect_bag(-1, "turn-1", "1 latest/beta later");
	expect_bag(-1, "turn-2", "2 latest/beta later");
	expect_bag(-1, "turn-0", "3 latest/beta later");
	expect_posts(0, 0, 0);
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "remove-unit", "other/0"), 0);
	for (int number = 0; number < 3; number++)
		fleet_hook(&fleet, number, "update-status");
	expect_all(BETA);
	expect_posts(1, 1, 1);
}
END_TEST

START_TEST(width_of_two_lets_two_go)
{
	fleet_config(&fleet, "rollout-width=2");
	fleet_stand(&fleet, 1);
	fleet_stand(&fleet, 2);
	fleet_config(&fleet, "channel=beta");
	expect_posts(0, 1, 1);
	fleet_expect(&fleet, 0, "active", "Ready at 'edge'; rollout 0 of 3");
	fleet_go_on(&fleet, 2);
	expect_posts(1, 1, 1);
	fleet_go_on(&fleet, 1);
	expect_all(BETA);
	ck_assert_int_eq(fleet_away(&fleet), 2);
}
END_TEST

/* In the middle: of two that are out, one more than may be, none is taken back. */
START_TEST(width_may_change_in_the_middle)
{
	begin_and_stand();
	fleet_stand(&fleet, 2);
	fleet_config(&fleet, "rollout-width=2");
	expect_posts(0, 1, 1);
	fleet_config(&fleet, "rollout-width=1");
	fleet_go_on(&fleet, 2);
	expect_posts(0, 1, 1);
	fleet_go_on(&fleet, 1);
	expect_all(BETA);
}
END_TEST

START_TEST(without_a_width_all_go_at_once_also_in_the_middle)
{
	begin_and_stand();
	fleet_config(&fleet, "rollout-width=0");
	expect_posts(1, 1, 1);
	fleet_expect(&fleet, 0, "active", BETA);
	fleet_go_on(&fleet, 1);
	expect_all(BETA);
}
END_TEST

START_TEST(width_that_is_larger_than_the_fleet_is_no_limit)
{
	fleet_open(&fleet, 3, "rollout-width=12");
	fleet_stand(&fleet, 1);
	fleet_stand(&fleet, 2);
	fleet_config(&fleet, "channel=beta");
	expect_posts(1, 1, 1);
	fleet_expect(&fleet, 0, "active", "Ready at 'beta'; rollout 1 of 3");
	fleet_go_on(&fleet, 1);
	fleet_go_on(&fleet, 2);
	expect_all(BETA);
}
END_TEST

START_TEST(single_unit_needs_no_turn)
{
	fleet_open(&fleet, 1, "rollout-width=1");
	fleet_config(&fleet, "channel=beta");
	expect_all(BETA);
	expect_bag(-1, "turn-0", "");
	ck_assert_int_eq(fleet_posts(&fleet, 0), 1);
}
END_TEST

START_TEST(unit_that_is_added_installs_without_a_turn_and_takes_part)
{
	begin_and_stand();
	fleet_add(&fleet);
	fleet_expect(&fleet, 3, "active", BETA);
	fleet_go_on(&fleet, 1);
	expect_all(BETA);
	fleet_config(&fleet, "channel=edge");
	expect_all(EDGE);
	ck_assert_int_eq(fleet_posts(&fleet, 3), 2);
}
END_TEST

/* --- who leads --- */

START_TEST(new_leader_goes_on_where_the_old_one_was)
{
	begin_and_stand();
	lead(2);
	fleet_expect(&fleet, 2, "active", "Ready at 'edge'; rollout 0 of 3");
	expect_posts(0, 1, 0);
	fleet_go_on(&fleet, 1);
	expect_all(BETA);
	expect_bag(-1, "leader", "microsample/2");
	expect_bag(-1, "turn-2", "3 latest/beta done"); /* last, as the leader */
}
END_TEST

/* The agent of the leader is gone, and with it all that it was about to do. */
START_TEST(leader_that_is_lost_is_not_waited_for)
{
	begin_and_stand();
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "agent", fleet_unit(0), "down"), 0);
	fleet_go_on(&fleet, 1);
	expect_posts(0, 1, 0);
	lead(2);
	expect_posts(0, 1, 0); /* the turn of unit 0 is out: it comes before the leader's */
	expect_bag(-1, "turn-0", "2 latest/beta out");
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "agent", fleet_unit(0), "up"), 0);
	expect_all(BETA);
}
END_TEST

static const char *const deaths[] = { "kill-before", "kill-after", "exit1" };

enum {
	CALLS = SANITIZED ? 1 : 3 /* of a tool, at which it is killed */
};

/* At each of its tools: all that it wrote in that hook is lost, or kept. */
START_TEST(leader_that_is_killed_gives_no_turn_twice)
{
	static const char *const tools[] = { "relation-set", "is-leader", "goal-state",
		"relation-get", "status-set" };
	char skip[8];

	for (int at = 0; at < CALLS; at++) {
		(void)snprintf(skip, sizeof skip, "%d", at);
		fault(tools[_i / 3], deaths[_i % 3], NULL, skip);
		fleet_config(&fleet, at % 2 ? "channel=edge" : "channel=beta");
		for (int rounds = 0; rounds < 2; rounds++)
			for (int number = 0; number < 3; number++)
				fleet_hook(&fleet, number, "update-status");
		expect_all(at % 2 ? EDGE : BETA);
		ck_assert_int_eq(fleet_away(&fleet), 1);
		ck_assert_int_eq(juju_call(&fleet.charm.juju, "fault", "--clear"), 0);
	}
}
END_TEST

/* It gave a turn, and led no more when its hook ended: that turn was never given. */
START_TEST(turn_of_a_leader_that_is_deposed_meanwhile_is_none)
{
	fault("relation-set", "deposed", fleet_unit(2), "0");
	(void)juju_call(&fleet.charm.juju, "config", "microsample", "channel=beta");
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "retry"), 0);
	for (int number = 0; number < 3; number++)
		fleet_hook(&fleet, number, "update-status");
	expect_all(BETA);
	expect_posts(1, 1, 1);
	expect_bag(-1, "leader", "microsample/2");
}
END_TEST

/* Under juju exec what a hook wrote is kept even if it fails then. */
START_TEST(writes_of_a_failed_exec_are_kept_and_give_no_turn_twice)
{
	begin_and_stand();
	fleet_ctl(&fleet, 1, "{\"do\":\"finish\"}");
	fleet_ctl(&fleet, 1, "{\"do\":\"mode\",\"manual\":false}");
	(void)juju_call(&fleet.charm.juju, "exec", "--unit", fleet_unit(1), "--",
		"JUJU_DISPATCH_PATH=hooks/update-status ./dispatch; exit 1");
	expect_all(BETA);
	expect_posts(1, 1, 1);
}
END_TEST

/* --- a unit and its turn --- */

/*
 * The return is dropped with its hook, and written again until a later hook has read it: what the hook
 * that wrote it reads is its own words.
 */
START_TEST(return_that_is_lost_is_written_again)
{
	begin_and_stand();
	fault(_i / 3 ? "juju-log" : "relation-set", deaths[_i % 3], NULL, "0");
	fleet_go_on(&fleet, 1);
	fleet_hook(&fleet, 1, "update-status");
	expect_all(BETA);
	expect_posts(1, 1, 1);
}
END_TEST

/* Its database is gone: what it took and returned stands in its bag. */
START_TEST(rebuilt_record_takes_no_old_turn)
{
	CLEANUP(cleanup_free) char *script = alloc_text("rm -f state.db*");

	fleet_config(&fleet, "channel=beta");
	ck_assert_int_eq(
		juju_call(&fleet.charm.juju, "exec", "--unit", fleet_unit(1), "--", script), 0);
	fleet_ctl(&fleet, 1,
		"{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"tracking\":"
		"\"latest/edge\",\"channel\":\"latest/edge\"}}");
	fleet_stand(&fleet, 2);
	fleet_config(&fleet, "channel=candidate");
	fleet_hook(&fleet, 1, "update-status");
	fleet_ctl(&fleet, 2, "{\"do\":\"finish\"}");
	fleet_go_on(&fleet, 2);
	for (int number = 0; number < 3; number++)
		fleet_hook(&fleet, number, "update-status");
	expect_all("Ready at 'candidate'");
}
END_TEST

/* Who moves the snap of one unit takes the service away once; the charm takes no second one away. */
START_TEST(drift_of_one_unit_waits_for_a_turn_of_its_own)
{
	begin_and_stand();
	fleet_ctl(&fleet, 2,
		"{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"tracking\":"
		"\"latest/stable\"}}");
	fleet_hook(&fleet, 2, "update-status");
	expect_posts(0, 1, 0);
	fleet_expect(&fleet, 2, "active", "Ready at 'stable'; waits for its turn for 'beta'");
	fleet_go_on(&fleet, 1);
	expect_all(BETA);
	fleet_ctl(&fleet, 2,
		"{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"tracking\":"
		"\"latest/stable\"}}");
	fleet_hook(&fleet, 2, "update-status"); /* it asks, is given a turn, and goes */
	expect_all(BETA);
	expect_posts(1, 1, 2);
}
END_TEST

/* It is gone, and on Juju 4.0 nobody says so: goal-state does not know it any more. */
START_TEST(unit_that_leaves_with_its_turn_holds_up_nobody)
{
	begin_and_stand();
	fleet_ctl(&fleet, 1, "{\"do\":\"finish\"}");
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "remove-unit", "--force", fleet_unit(1)), 0);
	fleet_hook(&fleet, 0, "update-status");
	fleet_expect(&fleet, 0, "active", BETA);
	fleet_expect(&fleet, 2, "active", BETA);
	expect_bag(-1, "turn-1", "");
}
END_TEST

START_TEST(unit_that_is_about_to_go_takes_no_turn)
{
	ck_assert_int_eq(
		juju_call(&fleet.charm.juju, "hook", fleet_unit(1), "fleet-relation-departed",
			"--remote", fleet_unit(0), "--departing", fleet_unit(1)),
		0);
	fleet_forget(&fleet);
	free(fleet_bag(&fleet, 1, "returned"));
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "hook", fleet_unit(1), "update-status"), 0);
	ck_assert_int_eq(fleet_calls(&fleet, 1, "", "relation-get"), 0);
	ck_assert_int_eq(fleet_calls(&fleet, 1, "", "relation-set"), 0);
	ck_assert_int_eq(fleet_calls(&fleet, 1, "", "is-leader"), 0);
}
END_TEST

static const char *const hooks[] = { "start", "config-changed", "upgrade-charm" };

/* The hook that takes that back, and what was wanted meanwhile, come at once. */
START_TEST(unit_that_is_not_to_go_after_all_waits_for_its_turn)
{
	begin_and_stand();
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "hook", fleet_unit(2), "stop"), 0);
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "hook", fleet_unit(2), hooks[_i]), 0);
	fleet_expect(&fleet, 2, "active", WAITS);
	expect_posts(0, 1, 0);
	fleet_go_on(&fleet, 1);
	expect_all(BETA);
}
END_TEST

START_TEST(unit_in_error_keeps_its_turn)
{
	begin_and_stand();
	fleet_ctl(&fleet, 1, "{\"do\":\"finish\"}");
	fleet_ctl(&fleet, 1, "{\"do\":\"mode\",\"manual\":false}");
	ck_assert_int_eq(
		juju_call(&fleet.charm.juju, "fault", "config-get", "exit1", "--times", "5"), 0);
	(void)juju_call(&fleet.charm.juju, "tick", fleet_unit(1));
	fleet_expect(&fleet, 1, "error", "hook failed: \"update-status\"");
	expect_posts(0, 1, 0);
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "fault", "--clear"), 0);
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "resolved", fleet_unit(1)), 0);
	expect_all(BETA);
}
END_TEST

/* --- what halts and pauses --- */

/* Unit 1 is done, and unit 2 could not: its service was stopped for it, and runs again. */
static void halt(void)
{
	fleet_ctl(&fleet, 2, FAILS);
	fleet_config(&fleet, "channel=beta");
	fleet_expect(
		&fleet, 0, "active", "Ready at 'edge'; rollout to 'beta' halted by microsample/2");
	fleet_expect(&fleet, 1, "active", BETA);
	expect_begin(2, "waiting", "Refresh failed");
	expect_bag(2, "returned", "2 stuck refresh-failed");
	expect_posts(0, 1, 1);
}

START_TEST(unit_that_is_stuck_halts_the_rollout)
{
	halt();
	for (int number = 0; number < 2; number++)
		fleet_hook(&fleet, number, "update-status");
	lead(1);
	fleet_expect(
		&fleet, 1, "active", "Ready at 'beta'; rollout to 'beta' halted by microsample/2");
	expect_posts(0, 1, 1);
}
END_TEST

START_TEST(person_lets_it_go_on)
{
	halt();
	resume(0, _i ? "skip=microsample/2" : NULL, "");
	fleet_expect(&fleet, 0, "active", BETA);
	expect_posts(1, 1, 1);
}
END_TEST

START_TEST(another_target_goes_on_too)
{
	halt();
	fleet_ctl(&fleet, 2, "{\"do\":\"well\"}");
	fleet_config(&fleet, "channel=edge");
	expect_begin(0, "active", EDGE);
	expect_begin(1, "active", EDGE);
	expect_begin(2, "active", EDGE);
}
END_TEST

START_TEST(resume_is_refused_with_a_reason)
{
	resume(0, "skip=microsample/1", "microsample/1 has no turn, and is not stuck");
	resume(0, "skip=other/1", "the parameter skip takes a unit, like microsample/0");
	resume(0, "skip=microsample/x", "the parameter skip takes a unit, like microsample/0");
	resume(0, "skip=microsample", "the parameter skip takes a unit, like microsample/0");
	fleet_config(&fleet, "channel=beta");
	resume(1, NULL, "this unit is not the leader; run it on microsample/0");
	lead(2);
	resume(1, NULL, "this unit is not the leader; run it on microsample/2");
	fleet_config(&fleet, "rollout-width=0");
	resume(2, NULL, "rollout-width is 0: units move without a turn");
	fleet_config(&fleet, "channel=no risk");
	expect_begin(2, "blocked", "Invalid channel configured");
}
END_TEST

START_TEST(turn_that_is_given_up_by_a_person_holds_up_nobody)
{
	begin_and_stand();
	resume(0, "skip=microsample/1", "");
	fleet_expect(&fleet, 0, "active", BETA);
	fleet_expect(&fleet, 2, "active", BETA);
	ck_assert_int_eq(fleet_away(&fleet), 2); /* which that person wanted */
	fleet_go_on(&fleet, 1);
	expect_all(BETA);
}
END_TEST

START_TEST(rollout_pauses_after_the_first_unit)
{
	fleet_config(&fleet, "rollout-pause=first");
	fleet_config(&fleet, "channel=beta");
	fleet_expect(&fleet, 0, "active",
		"Ready at 'edge'; rollout to 'beta' paused after microsample/1");
	fleet_expect(&fleet, 1, "active", BETA);
	fleet_expect(&fleet, 2, "active", WAITS);
	fleet_hook(&fleet, 0, "update-status");
	expect_posts(0, 1, 0);
	resume(0, NULL, "");
	expect_all(BETA);
}
END_TEST

/* The Snap Store is away before anything stopped: that halts nothing. */
START_TEST(snap_store_trouble_halts_nothing)
{
	fleet_ctl(&fleet, 1, "{\"do\":\"store\",\"set\":{\"down\":true}}");
	fleet_config(&fleet, "channel=beta");
	fleet_expect(&fleet, 0, "active", BETA);
	fleet_expect(&fleet, 2, "active", BETA);
	expect_bag(1, "returned", "1 later");
	fleet_ctl(&fleet, 1, "{\"do\":\"store\",\"set\":{\"down\":false}}");
	charm_pass(&fleet.charm, 3600);
	fleet_hook(&fleet, 1, "update-status");
	expect_all(BETA);
}
END_TEST

/* Its turn ends with its probation. */
START_TEST(unit_on_probation_keeps_its_turn_where_it_would_go_back)
{
	fleet_config(&fleet, "rollback=true");
	fleet_config(&fleet, "channel=beta");
	fleet_expect(&fleet, 1, "active", BETA);
	expect_posts(0, 1, 0);
	charm_pass(&fleet.charm, 299);
	fleet_hook(&fleet, 1, "update-status");
	expect_posts(0, 1, 0);
	charm_pass(&fleet.charm, 2);
	fleet_hook(&fleet, 1, "update-status");
	expect_posts(0, 1, 1);
}
END_TEST

START_TEST(rollback_in_probation_halts_the_rollout)
{
	fleet_config(&fleet, "rollback=true");
	fleet_config(&fleet, "channel=beta");
	charm_pass(&fleet.charm, 60);
	fleet_ctl(&fleet, 1, "{\"do\":\"workload\",\"revision\":\"2\",\"answer\":500}");
	fleet_hook(&fleet, 1, "update-status");
	expect_begin(1, "blocked", "Refresh to 'beta' was rolled back");
	fleet_expect(
		&fleet, 0, "active", "Ready at 'edge'; rollout to 'beta' halted by microsample/1");
	expect_bag(1, "returned", "1 stuck rolled-back");
	ck_assert_int_eq(fleet_posts(&fleet, 2), 0);
}
END_TEST

/* --- what may stand in a bag, and come out of a tool --- */

static void write_bag(int number, const char *settings)
{
	CLEANUP(cleanup_free)
	char *script = alloc_textf("relation-set -r fleet:1 %s", settings);

	ck_assert_int_eq(
		juju_call(&fleet.charm.juju, "exec", "--unit", fleet_unit(number), "--", script),
		0);
}

static const char *const nonsense[] = {
	"--app turn-2=what",
	"--app rollout=x",
	"--app number=many",
	"--app turn-1='9 latest/beta out up to'",
};

/* The leader gives nothing, and says so, until a person says otherwise. */
START_TEST(bag_that_cannot_be_read_stops_the_rollout)
{
	begin_and_stand();
	write_bag(0, nonsense[_i]);
	fleet_go_on(&fleet, 1);
	fleet_hook(&fleet, 0, "update-status");
	expect_begin(0, "active", "Ready at 'edge'; rollout stands: bad relation data: ");
	expect_posts(0, 1, 0);
	resume(0, NULL, "");
	for (int rounds = 0; rounds < 2; rounds++)
		for (int number = 0; number < 3; number++)
			fleet_hook(&fleet, number, "update-status");
	expect_all(BETA);
}
END_TEST

START_TEST(keys_of_a_newer_charm_are_left_alone)
{
	write_bag(0, "--app later=yes");
	write_bag(1, "later=yes");
	fleet_config(&fleet, "channel=beta");
	expect_all(BETA);
	expect_bag(-1, "later", "yes");
	expect_bag(1, "later", "yes");
}
END_TEST

static const struct {
	const char *tool, *text;
} said[] = {
	{ "relation-get", "" },
	{ "relation-get", "{\"turn-1\":7}" },
	{ "relation-get", "[]" },
	{ "relation-get", "{\"turn-1\":\"9 latest/beta out\"" },
	{ "relation-get", "{\"turn-1\\u0000\":\"9 latest/beta out\"}" },
	{ "goal-state", "{}" },
	{ "goal-state", "{\"units\":{}}" },
	{ "goal-state", "{\"units\":{\"other/7\":{\"status\":\"active\"}}}" },
	{ "goal-state", "{\"units\":{\"microsample/1\":{}}}" },
	{ "relation-list", "{}" },
	{ "relation-list", "[7]" },
	{ "is-leader", "maybe" },
	{ "is-leader", "\"true\"" },
};

/* Nobody moves for what a tool says that cannot be meant; a later hook goes on. */
START_TEST(nonsense_of_a_tool_moves_nobody)
{
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "fault", said[_i].tool, "text", said[_i].text,
				 "--times", "100"),
		0);
	fleet_config(&fleet, "channel=beta");
	for (int number = 0; number < 3; number++)
		fleet_hook(&fleet, number, "update-status");
	if (strcmp(said[_i].tool, "relation-list") != 0)
		expect_posts(0, 0, 0);
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "fault", "--clear"), 0);
	for (int rounds = 0; rounds < 2; rounds++)
		for (int number = 0; number < 3; number++)
			fleet_hook(&fleet, number, "update-status");
	expect_all(BETA);
}
END_TEST

/* --- what it costs --- */

static int relation_tools(int number, const char *hook)
{
	static const char *const tools[] = { "relation-ids", "relation-list", "relation-get",
		"relation-set", "is-leader", "goal-state" };
	int ret = 0;

	for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
		ret += fleet_calls(&fleet, number, hook, tools[i]);
	return ret;
}

/* One hook tool, two GETs and the probe, leader or not, before a rollout and after it. */
START_TEST(idle_hook_costs_what_it_costs_without_a_fleet)
{
	if (_i) {
		fleet_config(&fleet, "channel=beta");
		expect_all(BETA);
		charm_pass(&fleet.charm, 600);
		for (int rounds = 0; rounds < 2; rounds++)
			for (int number = 0; number < 3; number++)
				fleet_hook(&fleet, number, "update-status");
	}
	fleet_forget(&fleet);
	for (int number = 0; number < 3; number++) {
		fleet_hook(&fleet, number, "update-status");
		ck_assert_int_eq(fleet_calls(&fleet, number, "", ""), 1);
	}
	ck_assert_int_eq(charm_requests(&fleet.charm), 2);
}
END_TEST

static const char *const quiet[] = { "fleet-relation-created", "fleet-relation-joined",
	"fleet-relation-changed", "fleet-relation-departed" };

/* Of a unit that was never elected, about another unit. */
START_TEST(hook_about_another_unit_reads_the_record_and_no_more)
{
	ck_assert_int_eq(juju_call(&fleet.charm.juju, "hook", fleet_unit(1), quiet[_i], "--remote",
				 fleet_unit(2), "--departing", fleet_unit(2)),
		0);
	ck_assert_int_eq(fleet_calls(&fleet, 1, "", ""), 0);
}
END_TEST

/* The most tools about the fleet in one run of HOOK. */
static int most_in(int number, const char *hook)
{
	cJSON *shown = juju_show(&fleet.charm.juju, fleet_unit(number));
	const cJSON *run, *call;
	int ret = 0;

	cJSON_ArrayForEach(run, json_get(shown, "runs"))
	{
		int count = 0;

		if (strcmp(json_text(run, "name", ""), hook) != 0)
			continue;
		cJSON_ArrayForEach(call, json_get(run, "calls")) count +=
			strncmp(json_text(call, "tool", ""), "relation-", 9) == 0 ||
			strcmp(json_text(call, "tool", ""), "goal-state") == 0;
		ret = count > ret ? count : ret;
	}
	cJSON_Delete(shown);
	return ret;
}

/* From the turn until its return is known to have arrived; in a second rollout, as any later one. */
START_TEST(turn_costs_the_unit_four_tools_and_the_leader_six)
{
	int own;

	fleet_config(&fleet, "channel=candidate");
	expect_all("Ready at 'candidate'");
	fleet_config(&fleet, "rollout-pause=first");
	fleet_hook(&fleet, 1, "update-status"); /* it has read that its return has arrived */
	fleet_stand(&fleet, 1);
	fleet_forget(&fleet);
	fleet_config(&fleet, "channel=beta");
	own = most_in(1, "fleet-relation-changed");
	fleet_forget(&fleet);
	fleet_go_on(&fleet, 1); /* it returns its turn, and the leader takes note */
	fleet_hook(&fleet, 1, "update-status");
	own += relation_tools(1, "update-status");
	ck_assert_int_le(own, 4);
	ck_assert_int_le(relation_tools(0, ""), 6);
}
END_TEST

/* --- the action state --- */

START_TEST(state_shows_the_rollout_as_the_unit_sees_it)
{
	static const char *const shown[] = { "this unit leads; rollout 0 of 3",
		"1 to go to 'beta', not returned yet", "waits for its turn to go to 'beta'" };

	begin_and_stand();
	for (int number = 0; number < 3; number++) {
		struct juju_answer answer = juju_ask(
			&fleet.charm.juju, "run", fleet_unit(number), "state", "--format", "json");

		ck_assert_msg(strstr(answer.out, shown[number]) != NULL, "%s", answer.out);
		juju_answer_done(&answer);
	}
	fleet_go_on(&fleet, 1);
}
END_TEST

START_TEST(plan_says_that_it_would_wait)
{
	struct juju_answer answer = juju_ask(&fleet.charm.juju, "run", fleet_unit(1), "plan",
		"channel=beta", "--format", "json");

	ck_assert_ptr_nonnull(strstr(answer.out, "\"would\":\"nothing\""));
	ck_assert_ptr_nonnull(strstr(answer.out, WAITS));
	juju_answer_done(&answer);
	ck_assert_int_eq(fleet_calls(&fleet, 1, "", "relation-set"), 0);
}
END_TEST

/* clang-format off */
#define COUNT(array) (int)(sizeof array / sizeof *array)
static Suite *suite(void)
{
	Suite *suite = suite_create("charm_rollout");
	TCase *tests = charm_case(suite, "one after the other", set_up, tear_down);

	tcase_add_test(tests, units_move_one_after_the_other_and_the_leader_last);
	tcase_add_test(tests, nobody_moves_while_one_is_away);
	tcase_add_loop_test(tests, order_that_moves_nothing_lets_no_unit_move_that_waits, 0, COUNT(orders));
	tcase_add_test(tests, new_target_takes_no_turn_back);
	tcase_add_test(tests, pin_is_a_target_as_well);
	tcase_add_test(tests, file_is_a_target_as_well);
	tcase_add_test(tests, unit_that_may_not_move_for_another_application_halts_nothing);
	tcase_add_test(tests, unit_that_is_added_installs_without_a_turn_and_takes_part);
	tests = charm_case(suite, "other widths", set_up, tear_down_free);
	tcase_add_test(tests, width_of_two_lets_two_go);
	tcase_add_test(tests, width_may_change_in_the_middle);
	tcase_add_test(tests, without_a_width_all_go_at_once_also_in_the_middle);
	tcase_add_test(tests, turn_that_is_given_up_by_a_person_holds_up_nobody);
	tests = charm_case(suite, "other fleets", set_up_free, tear_down_free);
	tcase_add_test(tests, width_that_is_larger_than_the_fleet_is_no_limit);
	tcase_add_test(tests, single_unit_needs_no_turn);

	tests = charm_case(suite, "leader", set_up, tear_down);
	tcase_add_test(tests, new_leader_goes_on_where_the_old_one_was);
	tcase_add_test(tests, leader_that_is_lost_is_not_waited_for);
	tcase_add_loop_test(tests, leader_that_is_killed_gives_no_turn_twice, 0, 5 * COUNT(deaths));
	tcase_add_test(tests, turn_of_a_leader_that_is_deposed_meanwhile_is_none);
	tcase_add_test(tests, writes_of_a_failed_exec_are_kept_and_give_no_turn_twice);

	tests = charm_case(suite, "unit", set_up, tear_down);
	tcase_add_loop_test(tests, return_that_is_lost_is_written_again, 0, 2 * COUNT(deaths));
	tcase_add_test(tests, rebuilt_record_takes_no_old_turn);
	tcase_add_test(tests, drift_of_one_unit_waits_for_a_turn_of_its_own);
	tcase_add_test(tests, unit_that_leaves_with_its_turn_holds_up_nobody);
	tcase_add_test(tests, unit_that_is_about_to_go_takes_no_turn);
	tcase_add_loop_test(tests, unit_that_is_not_to_go_after_all_waits_for_its_turn, 0, COUNT(hooks));
	tcase_add_test(tests, unit_in_error_keeps_its_turn);

	tests = charm_case(suite, "halted", set_up, tear_down);
	tcase_add_test(tests, unit_that_is_stuck_halts_the_rollout);
	tcase_add_loop_test(tests, person_lets_it_go_on, 0, 2);
	tcase_add_test(tests, another_target_goes_on_too);
	tcase_add_test(tests, resume_is_refused_with_a_reason);
	tcase_add_test(tests, rollout_pauses_after_the_first_unit);
	tcase_add_test(tests, snap_store_trouble_halts_nothing);
	tcase_add_test(tests, unit_on_probation_keeps_its_turn_where_it_would_go_back);
	tcase_add_test(tests, rollback_in_probation_halts_the_rollout);

	tests = charm_case(suite, "nonsense", set_up, tear_down);
	tcase_add_loop_test(tests, bag_that_cannot_be_read_stops_the_rollout, 0, COUNT(nonsense));
	tcase_add_test(tests, keys_of_a_newer_charm_are_left_alone);
	tcase_add_loop_test(tests, nonsense_of_a_tool_moves_nobody, 0, COUNT(said));

	tests = charm_case(suite, "cost", set_up, tear_down);
	tcase_add_loop_test(tests, idle_hook_costs_what_it_costs_without_a_fleet, 0, 2);
	tcase_add_loop_test(tests, hook_about_another_unit_reads_the_record_and_no_more, 0, COUNT(quiet));
	tcase_add_test(tests, turn_costs_the_unit_four_tools_and_the_leader_six);
	tcase_add_test(tests, state_shows_the_rollout_as_the_unit_sees_it);
	tcase_add_test(tests, plan_says_that_it_would_wait);
	return suite;
}
/* clang-format on */

int main(void)
{
	return charm_run(suite);
}
