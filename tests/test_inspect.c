/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `state` shows of a record, without a database: above all that a unit with which nothing is
 * wrong shows nothing wrong.
 */
#include <check.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/inspect.h"
#include "tests/suite.h"
#include "workload/workload.h"

enum {
	THEN = 1795404300, /* 2026-11-23T03:25:00Z */
};

static struct inspect_view view;

/* The view printed by SHOW; free it. */
static char *printed(int (*show)(const struct inspect_view *, FILE *, struct error *))
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(show(&view, out, NULL), 0);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

/* The line of the text that begins with LABEL is LABEL, blanks, LINE. */
static void expect_line(const char *label, const char *line)
{
	char *text = printed(inspect_show_text);
	char wanted[256];

	(void)snprintf(wanted, sizeof wanted, "\n%-11s%s\n", label, line);
	ck_assert_msg(strstr(text, wanted) != NULL, "no '%s' in: %s", wanted, text);
	free(text);
}

static cJSON *shown_json(void)
{
	char *text = printed(inspect_show_json);
	cJSON *json = cJSON_Parse(text);

	ck_assert_msg(json != NULL, "no JSON: %s", text);
	free(text);
	return json;
}

static void expect_no_failure(void)
{
	cJSON *json = shown_json();

	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(json, "failure")));
	cJSON_Delete(json);
	expect_line("next try", "none is due");
}

/* NEXT is the time of the next try, NULL when there is none. */
static void expect_failure(const char *reason, const char *next)
{
	cJSON *json = shown_json();
	const cJSON *failure = cJSON_GetObjectItem(json, "failure");
	const cJSON *time = cJSON_GetObjectItem(failure, "next-try");

	ck_assert_str_eq(cJSON_GetStringValue(cJSON_GetObjectItem(failure, "reason")), reason);
	if (next)
		ck_assert_str_eq(cJSON_GetStringValue(time), next);
	else
		ck_assert(cJSON_IsNull(time));
	cJSON_Delete(json);
}

static void set_up(void)
{
	view = (struct inspect_view){
		.record = {
			.state = FSM_STATE_ACTIVE,
			.target.channel = "latest/edge",
			.since = THEN,
			.revision = "3",
			.version = "3.0-dev",
			.tracking = "latest/edge",
			.ours = true,
		},
		.schema = 1,
	};
}

static void remember(enum fsm_class class, enum fsm_reason reason, int attempts)
{
	view.record.failure = (struct fsm_failure){
		.class = class,
		.op = FSM_OP_REFRESH,
		.target.channel = "latest/beta",
		.reason = reason,
		.attempts = attempts,
		.tried = THEN,
		.next_try = THEN + 67,
	};
}

static void be(enum fsm_state state, enum fsm_reason reason)
{
	view.record.state = state;
	view.record.reason = reason;
}

static void ask(void)
{
	be(FSM_STATE_INSTALLING, FSM_REASON_OWN_CHANGE);
	view.record.intent = (struct fsm_intent){
		.op = FSM_OP_REFRESH,
		.target.channel = "latest/beta",
		.phase = FSM_PHASE_KNOWN,
		.change = 12,
		.asked = THEN,
	};
}

/* A snap that is in place leaves a memory by which a person's change of it would be told. */
static void remember_in_place(void)
{
	view.record.drift =
		(struct fsm_drift){ .target.channel = "latest/beta", .times = 1, .put = THEN };
}

START_TEST(healthy_unit_shows_no_failure)
{
	expect_no_failure();
	remember_in_place();
	expect_no_failure();
	view.record.drift.times = 3;
	view.record.drift.next_try = THEN + 67;
	expect_no_failure();
}
END_TEST

START_TEST(unit_that_never_drifted_shows_no_drift)
{
	static const enum fsm_reason reasons[] = { FSM_REASON_SERVICE_DOWN, FSM_REASON_PORT_TAKEN,
		FSM_REASON_DISABLED, FSM_REASON_BAD_OPTION };

	remember_in_place();
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
		be(FSM_STATE_BLOCKED, reasons[i]);
		expect_no_failure();
	}
	be(FSM_STATE_INSTALLING, FSM_REASON_SNAPD_AWAY);
	expect_no_failure();
}
END_TEST

START_TEST(first_request_in_flight_has_not_failed)
{
	ask();
	remember(FSM_CLASS_PASSING, FSM_REASON_INTERRUPTED, 1);
	expect_no_failure();
	view.record.intent.phase = FSM_PHASE_ASKED;
	be(FSM_STATE_INSTALLING, FSM_REASON_UNANSWERED);
	expect_no_failure();
}
END_TEST

START_TEST(failure_that_is_tried_again_now_has_no_next_try)
{
	ask();
	remember(FSM_CLASS_PASSING, FSM_REASON_CHANGE_FAILED, 2);
	expect_failure("change-failed", NULL);
	expect_line("next try", "none is due: try 2 is under way (change-failed)");
}
END_TEST

START_TEST(failure_that_rests_has_its_next_try_to_the_second)
{
	be(FSM_STATE_INSTALLING, FSM_REASON_STORE_TROUBLE);
	remember(FSM_CLASS_PASSING, FSM_REASON_STORE_TROUBLE, 1);
	strcpy(view.record.failure.detail, "no route");
	expect_failure("store-trouble", "2026-11-23T03:26:07Z");
	expect_line("next try",
		"refresh from beta at 2026-11-23T03:26:07Z, after 1 try (store-trouble: no route)");
}
END_TEST

START_TEST(failure_is_shown_while_snapd_is_away)
{
	be(FSM_STATE_INSTALLING, FSM_REASON_SNAPD_AWAY);
	remember(FSM_CLASS_PASSING, FSM_REASON_STORE_TROUBLE, 2);
	expect_failure("store-trouble", "2026-11-23T03:26:07Z");
}
END_TEST

/* Whatever failed before, nothing is tried while this is so. */
START_TEST(failure_behind_another_block_is_not_shown)
{
	be(FSM_STATE_BLOCKED, FSM_REASON_BAD_OPTION);
	remember(FSM_CLASS_PASSING, FSM_REASON_STORE_TROUBLE, 2);
	expect_no_failure();
}
END_TEST

START_TEST(unit_that_went_shows_no_failure)
{
	be(FSM_STATE_UNINSTALLED, FSM_REASON_REMOVED);
	view.record.retired = true;
	remember(FSM_CLASS_PASSING, FSM_REASON_INTERRUPTED, 1);
	view.record.failure.op = FSM_OP_REMOVE;
	expect_no_failure();
}
END_TEST

START_TEST(going_unit_shows_its_removal_alone)
{
	be(FSM_STATE_INSTALLING, FSM_REASON_SNAPD_AWAY);
	view.record.retired = true;
	remember(FSM_CLASS_PASSING, FSM_REASON_STORE_TROUBLE, 1);
	expect_no_failure();
	view.record.failure.op = FSM_OP_REMOVE;
	expect_failure("store-trouble", "2026-11-23T03:26:07Z");
}
END_TEST

START_TEST(snap_is_shown_with_what_is_known_of_it)
{
	expect_line(
		"snap", WORKLOAD_SNAP " 3.0-dev, revision 3, tracks edge; installed by this charm");
	view.record.version[0] = '\0';
	expect_line("snap", WORKLOAD_SNAP ", revision 3, tracks edge; installed by this charm");
	view.record.tracking[0] = '\0';
	view.record.ours = false;
	expect_line(
		"snap", WORKLOAD_SNAP ", revision 3, tracks nothing; not installed by this charm");
	view.record.revision[0] = '\0';
	expect_line("snap", WORKLOAD_SNAP ": not there when last seen");
}
END_TEST

START_TEST(channel_of_the_revision_is_shown_where_it_is_another)
{
	strcpy(view.record.origin, "latest/edge");
	expect_line(
		"snap", WORKLOAD_SNAP " 3.0-dev, revision 3, tracks edge; installed by this charm");
	strcpy(view.record.origin, "latest/beta");
	expect_line("snap", WORKLOAD_SNAP
		" 3.0-dev, revision 3, tracks edge, came from beta; installed by this charm");
}
END_TEST

START_TEST(change_in_flight_is_shown_where_it_was_seen)
{
	view.record.pace = (struct fsm_pace){ 12, FSM_WAY_DOES, "step 11 of 23", 0, THEN };
	expect_line("change", "12 at step 11 of 23, seen there since 2026-11-23T03:25:00Z");
	view.record.pace.way = FSM_WAY_UNDOES;
	expect_line("change",
		"12 at step 11 of 23, is being rolled back, seen there since 2026-11-23T03:25:00Z");
	view.record.pace = (struct fsm_pace){ 12, FSM_WAY_WAITS, "", 0, THEN };
	expect_line("change",
		"12, waits for a reboot of the machine, seen there since 2026-11-23T03:25:00Z");
}
END_TEST

START_TEST(drift_shows_when_the_snap_is_put_right_again)
{
	view.record.drift = (struct fsm_drift){ .target = fsm_target_of("latest/edge"),
		.times = 3,
		.put = THEN,
		.next_try = THEN + 900 };
	expect_no_failure(); /* the snap is in place */
	be(FSM_STATE_INSTALLING, FSM_REASON_DRIFTED);
	expect_line("next try", "back to edge at 2026-11-23T03:40:00Z, settled 3 times (drifted)");
	be(FSM_STATE_BLOCKED, FSM_REASON_CONTESTED);
	expect_line(
		"next try", "back to edge at 2026-11-23T03:40:00Z, settled 3 times (contested)");
}
END_TEST

START_TEST(failure_without_a_pause_is_tried_at_each_hook)
{
	remember(FSM_CLASS_SNAPD, FSM_REASON_DENIED, 2);
	be(FSM_STATE_BLOCKED, FSM_REASON_DENIED);
	expect_failure("denied", NULL);
	expect_line("next try", "refresh from beta at each hook, after 2 tries (denied)");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("inspect");
	TCase *tests = tcase_create("view");

	tcase_add_checked_fixture(tests, set_up, NULL);
	tcase_add_test(tests, healthy_unit_shows_no_failure);
	tcase_add_test(tests, unit_that_never_drifted_shows_no_drift);
	tcase_add_test(tests, first_request_in_flight_has_not_failed);
	tcase_add_test(tests, failure_that_is_tried_again_now_has_no_next_try);
	tcase_add_test(tests, failure_that_rests_has_its_next_try_to_the_second);
	tcase_add_test(tests, failure_is_shown_while_snapd_is_away);
	tcase_add_test(tests, failure_behind_another_block_is_not_shown);
	tcase_add_test(tests, unit_that_went_shows_no_failure);
	tcase_add_test(tests, going_unit_shows_its_removal_alone);
	tcase_add_test(tests, snap_is_shown_with_what_is_known_of_it);
	tcase_add_test(tests, channel_of_the_revision_is_shown_where_it_is_another);
	tcase_add_test(tests, change_in_flight_is_shown_where_it_was_seen);
	tcase_add_test(tests, drift_shows_when_the_snap_is_put_right_again);
	tcase_add_test(tests, failure_without_a_pause_is_tried_at_each_hook);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
