/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Troubles as they come in the field, and how soon after their end the unit is well again, at what
 * cost: the whole charm on the virtual clock, with an update-status every five minutes.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fsm/failure.h"
#include "fsm/names.h"
#include "tests/charm.h"
#include "tests/sandbox/juju_json.h"
#include "tests/suite.h"

static struct charm charm;

static void set_up(void)
{
	charm_open(&charm, "2.77");
}

static void set_up_deployed(void)
{
	charm_open_ready(&charm, "2.77");
}

static void tear_down(void)
{
	charm_close(&charm);
}

/* Every POST is answered with REST, members of a fault, until trouble_ends(). */
static void trouble_begins(const char *rest)
{
	charm_ctl(&charm,
		"{\"do\":\"fault\",\"method\":\"POST\",\"mode\":\"status\",\"times\":0,%s}", rest);
}

static void trouble_ends(void)
{
	charm_ctl(&charm, "{\"do\":\"well\"}");
}

static void person_sets_it_again(void)
{
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
}

static bool is_active(void)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	bool active = strcmp(juju_show_text(shown, "status"), "active") == 0;

	cJSON_Delete(shown);
	return active;
}

static bool is_gone(void)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	bool gone = cJSON_IsTrue(cJSON_GetObjectItem(shown, "gone"));

	cJSON_Delete(shown);
	return gone;
}

/* MINUTES pass, with an update-status in every fifth of those since COUNT was 0. */
static void minutes_pass(int minutes, int *count)
{
	for (int i = 0; i < minutes; i++) {
		charm_pass(&charm, 60);
		if (++*count % 5 == 0)
			ck_assert_int_eq(charm_tick(&charm), 0);
	}
}

/* --- how long, and how many requests ------------------------------------------------------- */

enum place {
	AT_DEPLOY,
	AT_REFRESH, /* config-changed */
	AT_TICK,    /* somebody has removed the snap, which an update-status notices */
};

/* What CHANNEL has from now on. */
#define RELEASE(channel, revision, quirk)                                                          \
	"{\"do\":\"store\",\"set\":{\"channels\":{\"latest/" channel                               \
	"\":{\"revision\":\"" revision "\",\"version\":\"1\",\"quirk\":\"" quirk "\"}}}}"
#define URL "Post \\\"https://store.example/v2/snaps/refresh\\\": "

/* clang-format off */
static const struct trouble {
	enum place place;
	const char *answer;           /* members of a fault, or a command */
	int minutes;                  /* until it ends */
	int posts;                    /* in all */
	const char *status, *message; /* while it lasts */
} troubles[] = {
	/* snapd itself refuses: each hook asks once. A deploy has five hooks. */
	{ AT_DEPLOY, "\"status\":500,\"message\":\"system is not fit: test image does not mount\"",
		3, 6, "blocked", "snapd cannot work here: ...is not fit: test image does not mount; asked again at each hook" },
	{ AT_DEPLOY, "\"status\":403,\"message\":\"access denied\"",
		12, 8, "blocked", "snapd denies access; the unit agent must be root; asked again at" },
	{ AT_REFRESH, "\"status\":401,\"kind\":\"login-required\",\"message\":\"access denied\"",
		12, 4, "blocked", "snapd denies access; the unit agent must be root; asked again at" },
	{ AT_TICK, "\"status\":500,\"message\":\"no fuse\"",
		62, 14, "blocked", "snapd cannot work here: no fuse; asked again at each hook" },
	/* Little: 1, 5, 15 minutes, and no more than that. */
	{ AT_DEPLOY, "\"status\":507,\"kind\":\"insufficient-disk-space\",\"message\":\"no room\"",
		4, 2, "blocked", "Not enough disk space for the snap; next try " },
	{ AT_DEPLOY, "\"status\":507,\"message\":\"no room\"",
		181, 15, "blocked", "Not enough disk space for the snap; next try " },
	{ AT_REFRESH, "\"status\":507,\"kind\":\"insufficient-disk-space\",\"message\":\"no room\"",
		181, 15, "blocked", "Not enough disk space for the snap; next try " },
	{ AT_REFRESH, "\"status\":409,\"kind\":\"snap-change-conflict\",\"message\":\"remodeling\","
		"\"value\":{\"change-kind\":\"remodel\"}",
		12, 4, "waiting", "snapd is busy: remodeling; next try " },
	{ AT_TICK, "\"status\":409,\"message\":\"something else\"",
		31, 5, "waiting", "snapd is busy: something else; next try " },
	/* Final: 5, 15, 60 minutes. */
	{ AT_DEPLOY, "\"status\":404,\"kind\":\"snap-channel-not-available\",\"message\":\"none\"",
		1, 2, "blocked", "Snap Store has no channel 'edge'; " },
	{ AT_DEPLOY, "\"status\":404,\"kind\":\"snap-architecture-not-available\","
		"\"message\":\"none\"",
		21, 4, "blocked", "No build for this machine's architecture in 'edge'; set another" },
	{ AT_REFRESH, "\"status\":404,\"kind\":\"snap-not-found\",\"message\":\"none\"",
		4, 2, "blocked", "Snap Store has no snap microsample; see: snap info microsample" },
	/* Passing: 1, 5, 15 minutes, and with nothing installed no more than that. */
	{ AT_DEPLOY, "\"status\":400,\"message\":\"cannot install \\\"microsample\\\": " URL "refused\"",
		27, 5, "waiting", "Snap Store trouble: " },
	{ AT_DEPLOY, "\"status\":400,\"kind\":\"network-timeout\",\"message\":\"late\"",
		181, 15, "waiting", "Snap Store timeout: late; next try " },
	{ AT_REFRESH, "\"status\":400,\"message\":\"cannot refresh \\\"microsample\\\": " URL "refused\"",
		27, 5, "waiting", "Snap Store trouble: " },
	{ AT_TICK, "\"status\":400,\"message\":\"cannot install \\\"microsample\\\": " URL "refused\"",
		121, 11, "waiting", "Snap Store trouble: " },
	/* What the charm has no name for is not the Snap Store's. */
	{ AT_DEPLOY, "\"status\":400,\"message\":\"cannot install snap \\\"microsample\\\": forbidden "
		"by rule set 16/acme/fleet/3\"",
		12, 4, "waiting", "snapd refused: forbidden by rule set" },
	{ AT_REFRESH, "\"status\":503,\"message\":\"try later\"",
		4, 2, "waiting", "snapd refused: try later; next try " },
	{ AT_DEPLOY, "\"status\":400,\"message\":\"cannot install \\\"microsample\\\": snap "
		"\\\"microsample\\\" assumes unsupported features: snapd9.99 (try to refresh snapd)\"",
		4, 2, "waiting",
		"snapd refused: ...features: snapd9.99 (try to refresh snapd); next try " },
	/* snapd is not busy when it is not seeded, and neither when it has no update. */
	{ AT_REFRESH, "\"status\":409,\"kind\":\"snap-change-conflict\",\"message\":\"too early for "
		"operation, device not yet seeded\",\"value\":{\"change-kind\":\"seed\"}",
		12, 4, "waiting", "Waiting for snapd: it is not seeded yet" },
	{ AT_REFRESH, "\"status\":400,\"kind\":\"snap-no-update-available\","
		"\"message\":\"snap has no updates available\"",
		70, 5, "waiting", "snapd refused: snap has no updates available; next try " },
	{ AT_REFRESH, "\"status\":400,\"kind\":\"snap-not-installed\","
		"\"message\":\"snap \\\"microsample\\\" is not installed\"",
		4, 3, "waiting", "snapd refused: snap \"microsample\" is not installed; next try " },
	/* In a change, and not in the answer to the request: the times are those of its class all the same. */
	{ AT_DEPLOY, RELEASE("edge", "31", "hookfail"), 12, 4, "waiting", "Change failed: " },
	{ AT_REFRESH, RELEASE("beta", "31", "hookfail"), 12, 2, "waiting", "Refresh failed: " },
	{ AT_TICK, RELEASE("edge", "31", "badconf"), 62, 7, "waiting", "Change failed: " },
	/* The whole Snap Store, and the whole of snapd. */
	{ AT_DEPLOY, "{\"do\":\"store\",\"set\":{\"down\":true}}", 27, 5, "waiting", "Snap Store trouble: " },
	{ AT_DEPLOY, "{\"do\":\"store\",\"set\":{\"snap-missing\":true}}", 6, 3, "blocked",
		"Snap Store has no snap microsample; " },
	{ AT_DEPLOY, "{\"do\":\"degraded\",\"value\":true}", 12, 8, "blocked", "snapd cannot work here: " },
	{ AT_REFRESH, "{\"do\":\"root\",\"value\":false}", 12, 4, "blocked",
		"snapd denies access; the unit agent must be root; asked again at" },
	{ AT_DEPLOY, "{\"do\":\"seeded\",\"value\":false}", 12, 1, "waiting", "Waiting for snapd: it is not seeded yet" },
	{ AT_DEPLOY, "{\"do\":\"away\",\"how\":\"missing\"}", 12, 1, "waiting", "Waiting for snapd: its socket is not there" },
	{ AT_REFRESH, "{\"do\":\"away\",\"how\":\"refused\"}", 62, 1, "waiting", "Waiting for snapd: nothing listens on" },
	{ AT_DEPLOY, "{\"do\":\"fault\",\"method\":\"GET\",\"mode\":\"drop-unacted\",\"times\":0}",
		12, 1, "waiting", "Waiting for snapd: it does not answer" },
	{ AT_DEPLOY, "{\"do\":\"fault\",\"method\":\"GET\",\"mode\":\"status\",\"times\":0,\"status\":500,"
		"\"message\":\"cannot read the state\"}",
		12, 1, "waiting", "Waiting for snapd: it answered with HTTP status 500: cannot read the state" },
	{ AT_REFRESH, "{\"do\":\"fault\",\"method\":\"GET\",\"mode\":\"status\",\"times\":0,\"status\":503,"
		"\"message\":\"maintenance\"}",
		7, 1, "waiting", "Waiting for snapd: it answered with HTTP status 503: maintenance" },
};
/* clang-format on */

/* What ends any of them. */
static const char *const remedies[] = { "{\"do\":\"well\"}", "{\"do\":\"back\"}",
	"{\"do\":\"degraded\",\"value\":false}", "{\"do\":\"root\",\"value\":true}",
	"{\"do\":\"seeded\",\"value\":true}",
	"{\"do\":\"store\",\"set\":{\"down\":false,\"snap-missing\":false}}",
	RELEASE("edge", "32", ""), RELEASE("beta", "32", "") };

static void begin(const struct trouble *trouble)
{
	if (trouble->place != AT_DEPLOY) {
		ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
		charm_expect(&charm, "active", "Ready at 'edge'");
		charm_forget(&charm);
	}
	if (*trouble->answer == '{')
		charm_ctl(&charm, "%s", trouble->answer);
	else
		trouble_begins(trouble->answer);
	if (trouble->place == AT_DEPLOY) {
		ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	} else if (trouble->place == AT_REFRESH) {
		charm_config(&charm, "beta");
	} else {
		charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
		ck_assert_int_eq(charm_tick(&charm), 0);
	}
}

/* The minutes that the trouble may cost after its end: one pause of its class, and an update-status. */
static int minutes_at_most(void)
{
	char *known = charm_sql(&charm, "SELECT failure_class FROM record");
	char *attempts = charm_sql(&charm, "SELECT failure_attempts FROM record");
	char *revision = charm_sql(&charm, "SELECT revision FROM record");
	enum fsm_class class = FSM_CLASS_NONE;
	int64_t pause;

	while (strcmp(fsm_class_name(class), known) != 0)
		ck_assert_int_lt(++class, FSM_CLASS_COUNT);
	pause = fsm_pause(class, atol(attempts), UNIT, *revision != '\0');
	free(known);
	free(attempts);
	free(revision);
	return (int)((pause + 59) / 60) + 5;
}

/* Where each hook asks, the second one for a change of the option asks as well. */
static int told_again(const struct trouble *trouble)
{
	bool each = strstr(trouble->message, "; asked") || strstr(trouble->message, "not seeded");

	return each && trouble->place == AT_REFRESH ? charm_tells() - 1 : 0;
}

START_TEST(a_trouble_that_ends_is_noticed_soon_and_costs_few_requests)
{
	const struct trouble *trouble = &troubles[_i];
	int minutes = 0, most;

	begin(trouble);
	charm_expect_begin(&charm, trouble->status, trouble->message);
	minutes_pass(trouble->minutes, &minutes);
	ck_assert(!is_active());
	charm_expect_begin(&charm, trouble->status, trouble->message);
	most = minutes_at_most();
	for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
		charm_ctl(&charm, "%s", remedies[i]);
	while (!is_active() && minutes < trouble->minutes + most)
		minutes_pass(1, &minutes);
	ck_assert_msg(is_active(), "row %d is not active %d minutes after its end", _i, most);
	ck_assert_msg(charm_posts(&charm) == trouble->posts + told_again(trouble),
		"row %d made %ld requests; active %d minutes after its end", _i,
		charm_posts(&charm), minutes - trouble->minutes);
}
END_TEST

/* --- what lasts ---------------------------------------------------------------------------- */

/* clang-format off */
static const struct {
	const char *answer, *message;
	int most; /* requests in six hours */
} lasting[] = {
	{ "\"status\":400,\"message\":\"cannot refresh \\\"microsample\\\": forbidden by rule set 16/acme\"",
		"snapd refused: forbidden by rule set 16/acme; next try ", 10 },
	{ "\"status\":400,\"message\":\"cannot refresh \\\"microsample\\\" to new revision 5 with epoch 2, "
		"because it can't read the current epoch of 0\"",
		"snapd refused: ...2, because it can't read the current epoch of 0; next try ", 10 },
	{ "\"status\":400,\"kind\":\"snap-no-update-available\",\"message\":\"snap has no updates available\"",
		"snapd refused: snap has no updates available; next try ", 6 },
};
/* clang-format on */

START_TEST(a_refusal_without_a_name_is_for_a_person_after_six_hours)
{
	int minutes = 0;

	trouble_begins(lasting[_i].answer);
	charm_config(&charm, "beta");
	minutes_pass(355, &minutes);
	charm_expect_begin(&charm, "waiting", lasting[_i].message);
	minutes_pass(5, &minutes);
	charm_expect_begin(&charm, "blocked", lasting[_i].message);
	ck_assert_int_le(charm_posts(&charm), lasting[_i].most);
	/* It is asked again as before; when that works, or another channel is wanted, it is over. */
	minutes_pass(600, &minutes);
	charm_expect_begin(&charm, "blocked", lasting[_i].message);
	trouble_ends();
	charm_config(&charm, "candidate");
	charm_expect(&charm, "active", "Ready at 'candidate'");
	trouble_begins(lasting[_i].answer);
	charm_config(&charm, "beta");
	charm_expect_begin(&charm, "waiting", lasting[_i].message);
}
END_TEST

/* What is told about refused requests, in rows of the journal and lines of the log. */
static long told(const char *level)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	char *rows = charm_sql(&charm, "select count(*) from journal");
	const cJSON *line;
	long ret = *level ? 0 : atol(rows);

	cJSON_ArrayForEach(line, json_get(shown, "log")) ret +=
		strcmp(json_text(line, "level", ""), level) == 0;
	free(rows);
	cJSON_Delete(shown);
	return ret;
}

/* clang-format off */
static const char *const repeated[] = {
	"\"status\":500,\"message\":\"no fuse\"", /* each hook asks */
	"\"status\":404,\"kind\":\"snap-channel-not-available\",\"message\":\"none\"",
	"\"status\":400,\"message\":\"cannot refresh: " URL "refused\"",
	"\"status\":507,\"kind\":\"insufficient-disk-space\",\"message\":\"no room\"",
};
/* clang-format on */

START_TEST(the_same_refusal_again_is_no_news)
{
	long rows, errors, warnings, asked;
	int minutes = 0;

	trouble_begins(repeated[_i]);
	charm_config(&charm, "beta");
	rows = told("");
	errors = told("ERROR");
	warnings = told("WARNING");
	asked = charm_posts(&charm);
	ck_assert_int_gt(errors + warnings, 0);
	minutes_pass(600, &minutes);
	ck_assert_int_eq(charm_hook(&charm, "upgrade-charm"), 0);
	ck_assert_int_gt(charm_posts(&charm), asked + 4);
	ck_assert_int_eq(told(""), rows);
	ck_assert_int_eq(told("ERROR"), errors);
	ck_assert_int_eq(told("WARNING"), warnings);
	/* The record goes on all the same, and another answer is news. */
	charm_expect_sql(&charm, "select failure_attempts > 4 from record", "1");
	trouble_ends();
	trouble_begins("\"status\":400,\"message\":\"something else\"");
	charm_pass(&charm, 120);
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	ck_assert_int_eq(told(""), rows + 2);
	charm_expect_begin(&charm, "waiting", "snapd refused: something else; next try ");
	trouble_ends();
	charm_pass(&charm, 120);
	ck_assert_int_eq(charm_hook(&charm, "config-changed"), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
	charm_expect_sql(&charm,
		"select count(*) from journal where effect = 'refresh' and detail = 'accepted'",
		"1");
}
END_TEST

/* Of a request that was lost, and was lost again: one row for each, and none that repeats it. */
START_TEST(a_lost_request_is_told_once)
{
	int minutes = 0;

	charm_ctl(&charm,
		"{\"do\":\"fault\",\"method\":\"POST\",\"mode\":\"drop-unacted\",\"times\":2}");
	charm_config(&charm, "beta");
	minutes_pass(10, &minutes);
	charm_expect_sql(&charm,
		"select count(*) || ' ' || sum(effect = 'digest') from journal where detail like "
		"'%no-trace%'",
		"2 2");
	charm_expect_sql(&charm, "select count(*) from journal where detail = 'unanswered'", "2");
}
END_TEST

/* A block that is not new is no error again; without a channel the line names none. */
START_TEST(a_block_is_an_error_in_the_log_once)
{
	long errors;

	charm_config(&charm, "nonsense");
	errors = told("ERROR");
	ck_assert_int_gt(errors, 0);
	ck_assert_int_eq(charm_hook(&charm, "upgrade-charm"), 0);
	free(charm_sql(&charm, "update record set build = '0.0.1'"));
	ck_assert_int_eq(charm_hook(&charm, "upgrade-charm"), 0);
	charm_expect_sql(
		&charm, "select count(*) from journal where detail like 'charm 0.0.1 -> %'", "1");
	ck_assert_int_eq(told("ERROR"), errors);
}
END_TEST

START_TEST(a_line_about_no_channel_names_none)
{
	ck_assert_int_eq(charm_deploy(&charm, "channel=nonsense"), 0);
	charm_expect_begin(&charm, "blocked", "Invalid channel configured: ");
	ck_assert(charm_logged(&charm, "ERROR", "blocked on misconfigured ("));
	ck_assert(!charm_logged(&charm, "INFO", "''"));
}
END_TEST

START_TEST(a_refusal_for_a_person_ends_with_a_try_that_works)
{
	int minutes = 0;

	trouble_begins(lasting[0].answer);
	charm_config(&charm, "beta");
	minutes_pass(365, &minutes);
	charm_expect_begin(&charm, "blocked", lasting[0].message);
	trouble_ends();
	minutes_pass(77, &minutes);
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

/* --- a person's hooks ---------------------------------------------------------------------- */

/* One that is blocked, and one that waits. */
static const char *const refusals[] = {
	"\"status\":404,\"kind\":\"snap-channel-not-available\",\"message\":\"none\"",
	"\"status\":400,\"message\":\"cannot refresh: " URL "refused\"",
	"\"status\":507,\"kind\":\"insufficient-disk-space\",\"message\":\"no room\"",
};

START_TEST(config_changed_twice_within_a_second_is_one_request)
{
	trouble_begins(refusals[_i]);
	charm_config(&charm, "beta");
	ck_assert_int_eq(charm_posts(&charm), 1);
	person_sets_it_again();
	charm_pass(&charm, 1);
	person_sets_it_again();
	ck_assert_int_eq(charm_posts(&charm), 1);
}
END_TEST

START_TEST(a_persons_hook_asks_at_once_after_a_minute)
{
	trouble_begins(refusals[_i]);
	charm_config(&charm, "beta");
	charm_pass(&charm, 61);
	person_sets_it_again();
	ck_assert_int_eq(charm_posts(&charm), 2);
	charm_pass(&charm, 61);
	trouble_ends();
	/* It is the second pause, of at least four minutes, and no other hook asks past it. */
	ck_assert_int_eq(charm_hook(&charm, "start"), 0);
	ck_assert_int_eq(charm_hook(&charm, "leader-elected"), 0);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(charm_posts(&charm), 2);
	person_sets_it_again();
	charm_expect(&charm, "active", "Ready at 'beta'");
	ck_assert_int_eq(charm_posts(&charm), 3);
}
END_TEST

START_TEST(a_proxy_that_is_put_right_after_three_hours_is_used_at_once)
{
	int minutes = 0;

	trouble_begins(refusals[1]);
	charm_config(&charm, "beta");
	minutes_pass(181, &minutes);
	charm_expect_begin(&charm, "waiting", "Snap Store trouble: ");
	trouble_ends();
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert(!is_active());
	person_sets_it_again();
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

/* --- the clock ----------------------------------------------------------------------------- */

static void set_clock_back(long long hours)
{
	sandbox_clock_set(
		charm.clock, sandbox_clock_now(charm.clock) - hours * 3600 * SANDBOX_CLOCK_SECOND);
}

static const int hours_back[] = { 2, 7 };

START_TEST(a_clock_that_is_set_back_ends_the_pause_at_the_next_hook)
{
	int minutes = 0;

	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		trouble_begins(refusals[i]);
		charm_config(&charm, i % 2 ? "edge" : "beta");
		minutes_pass(30, &minutes);
		trouble_ends();
		ck_assert(!is_active());
		set_clock_back(hours_back[_i]);
		ck_assert_int_eq(charm_tick(&charm), 0);
		ck_assert(is_active());
	}
}
END_TEST

START_TEST(a_clock_that_is_set_back_ends_the_pause_of_drift)
{
	for (int i = 0; i < 2; i++) {
		charm_ctl(&charm, "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}");
		ck_assert_int_eq(charm_tick(&charm), 0);
	}
	charm_expect_begin(&charm, "waiting", "Snap was moved away again; next try ");
	set_clock_back(hours_back[_i]);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

/* --- removal ------------------------------------------------------------------------------- */

/* One run of the hook; Juju, too, would run a failed one again. */
static void resolve(void)
{
	ck_assert_int_eq(juju_call(&charm.juju, "--retries", "0", "resolved", UNIT), 0);
}

START_TEST(a_removal_that_a_rule_refused_goes_at_the_next_run)
{
	trouble_begins("\"status\":400,\"message\":\"cannot remove \\\"microsample\\\": rule 7\"");
	ck_assert_int_eq(juju_call(&charm.juju, "--retries", "0", "remove-unit", UNIT), 0);
	charm_expect(&charm, "error", "hook failed: \"remove\"");
	for (int i = 0; i < 3; i++)
		resolve();
	ck_assert_int_eq(charm_posts(&charm), 4);
	ck_assert(charm_logged(&charm, "WARNING", "rule 7"));
	/* the line of the hook that fails has the cause */
	ck_assert(charm_logged(
		&charm, "WARNING", "the hook is to run again: Removal refused: rule 7; next try "));
	trouble_ends();
	resolve();
	ck_assert(is_gone());
	ck_assert(!charm_snap_present(&charm));
	ck_assert_int_eq(charm_posts(&charm), 5);
}
END_TEST

/* Each try stops the service and takes a snapshot. */
START_TEST(a_removal_that_fails_is_asked_again_after_1_5_and_15_minutes)
{
	static const int minutes[] = { 1, 5, 15, 15 };
	const int tries = (int)(sizeof minutes / sizeof *minutes);

	charm_ctl(&charm,
		"{\"do\":\"fail\",\"task\":\"run-hook\",\"hook\":\"remove\",\"times\":%d}", tries);
	ck_assert_int_eq(juju_call(&charm.juju, "--retries", "0", "remove-unit", UNIT), 0);
	ck_assert(charm_logged(&charm, "WARNING", "the hook is to run again: Removal failed: "));
	for (int i = 0; i < tries; i++) {
		charm_expect(&charm, "error", "hook failed: \"remove\"");
		ck_assert_int_eq(charm_posts(&charm), i + 1);
		charm_pass(&charm, minutes[i] * 60 * 3 / 4); /* a pause is spread by a fifth */
		resolve();
		ck_assert_int_eq(charm_posts(&charm), i + 1);
		charm_pass(&charm, minutes[i] * 60 / 2);
		resolve();
	}
	ck_assert(is_gone());
	ck_assert_int_eq(charm_posts(&charm), tries + 1);
}
END_TEST

/* --- drift --------------------------------------------------------------------------------- */

/* Somebody refreshes the snap, or removes it. */
static void moves_it(bool removes)
{
	charm_ctl(
		&charm, removes ? "{\"do\":\"snap\",\"name\":\"microsample\",\"gone\":true}"
				: "{\"do\":\"snap\",\"name\":\"microsample\",\"set\":{\"tracking\":"
				  "\"latest/beta\",\"channel\":\"latest/beta\"}}");
}

START_TEST(drift_by_hand_is_slowed_down_and_contested_at_the_sixth)
{
	static const int minutes[] = { 0, 5, 15, 60, 60 };
	const int rounds = (int)(sizeof minutes / sizeof *minutes);

	for (int i = 0; i < rounds; i++) {
		moves_it(i % 2);
		if (minutes[i] > 0) {
			charm_pass(&charm, minutes[i] * 60 * 3 / 4);
			ck_assert_int_eq(charm_tick(&charm), 0);
			charm_expect_begin(
				&charm, "waiting", "Snap was moved away again; next try ");
			ck_assert_int_eq(charm_posts(&charm), i);
			charm_pass(&charm, minutes[i] * 60 / 2);
		}
		ck_assert_int_eq(charm_tick(&charm), 0);
		charm_expect(&charm, "active", "Ready at 'edge'");
		ck_assert_int_eq(charm_posts(&charm), i + 1);
	}
	moves_it(rounds % 2);
	charm_pass(&charm, 45 * 60);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect_begin(&charm, "blocked", "Somebody keeps moving the snap away from 'edge'");
	ck_assert_int_eq(charm_posts(&charm), rounds);
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

/* Trouble of the store in between does not start the count again. */
START_TEST(drift_is_counted_across_a_refused_request)
{
	moves_it(true);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	moves_it(false);
	charm_pass(&charm, 400); /* the pause is of five minutes */
	trouble_begins(refusals[1]);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect_begin(&charm, "waiting", "Snap Store trouble: ");
	trouble_ends();
	charm_pass(&charm, 100);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	moves_it(true);
	charm_pass(&charm, 600); /* and now of fifteen */
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect_begin(&charm, "waiting", "Snap was moved away again; next try ");
}
END_TEST

/* --- the service is stopped three times a day ---------------------------------------------- */

START_TEST(a_failing_post_refresh_hook_stops_the_service_three_times_a_day)
{
	long before = charm_changes(&charm);

	charm_ctl(&charm, "{\"do\":\"fail\",\"task\":\"run-hook\",\"hook\":\"post-refresh\","
			  "\"times\":99}");
	charm_config(&charm, "beta");
	charm_expect_begin(&charm, "waiting", "Refresh failed: ");
	charm_pass(&charm, 600); /* the pause is of fifteen minutes */
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_eq(charm_changes(&charm) - before, 1);
	/* Other trouble in between does not start the count again. */
	trouble_begins(refusals[1]);
	charm_pass(&charm, 600);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect_begin(&charm, "waiting", "Snap Store trouble: ");
	trouble_ends();
	for (int i = 0; i < 4 * 24; i++) {
		charm_pass(&charm, 900);
		ck_assert_int_eq(charm_tick(&charm), 0);
		if (i % 32 == 0)
			person_sets_it_again();
	}
	charm_expect_begin(&charm, "blocked", "Refresh to 'beta' failed three times: ");
	ck_assert_int_eq(charm_changes(&charm) - before, 3);
	charm_expect_version(&charm, "3.0-dev");
}
END_TEST

/* The service runs on while a refresh downloads: that it fails costs a request, whatever the trouble. */
START_TEST(a_download_that_fails_refuses_no_channel)
{
	int count = 0;

	charm_ctl(&charm, "{\"do\":\"store\",\"set\":{\"download\":\"500\"}}");
	charm_config(&charm, "beta");
	/* snapd tries for 82 s and shows nothing of it */
	charm_expect_begin(&charm, "waiting", "Refresh stands at step 2 of ");
	minutes_pass(6, &count);
	charm_expect_begin(&charm, "waiting", "Change failed: ");
	minutes_pass(175, &count);
	ck_assert(!is_active());
	charm_ctl(&charm, "{\"do\":\"store\",\"set\":{\"download\":\"ok\"}}");
	minutes_pass(77, &count);
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

static Suite *suite(void)
{
	const int persons = (int)(sizeof refusals / sizeof *refusals);
	Suite *suite = suite_create("retries");
	TCase *tests;

	tests = charm_case(suite, "troubles", set_up, tear_down);
	tcase_add_loop_test(tests, a_trouble_that_ends_is_noticed_soon_and_costs_few_requests, 0,
		(int)(sizeof troubles / sizeof *troubles));

	tests = charm_case(suite, "lasting", set_up_deployed, tear_down);
	tcase_add_loop_test(tests, a_refusal_without_a_name_is_for_a_person_after_six_hours, 0,
		(int)(sizeof lasting / sizeof *lasting));
	tcase_add_test(tests, a_refusal_for_a_person_ends_with_a_try_that_works);

	tests = charm_case(suite, "news", set_up_deployed, tear_down);
	tcase_add_loop_test(tests, the_same_refusal_again_is_no_news, 0,
		(int)(sizeof repeated / sizeof *repeated));
	tcase_add_test(tests, a_lost_request_is_told_once);
	tcase_add_test(tests, a_block_is_an_error_in_the_log_once);

	tests = charm_case(suite, "lines", set_up, tear_down);
	tcase_add_test(tests, a_line_about_no_channel_names_none);

	tests = charm_case(suite, "person", set_up_deployed, tear_down);
	tcase_add_loop_test(tests, config_changed_twice_within_a_second_is_one_request, 0, persons);
	tcase_add_loop_test(tests, a_persons_hook_asks_at_once_after_a_minute, 0, persons);
	tcase_add_test(tests, a_proxy_that_is_put_right_after_three_hours_is_used_at_once);

	tests = charm_case(suite, "clock", set_up_deployed, tear_down);
	tcase_add_loop_test(tests, a_clock_that_is_set_back_ends_the_pause_at_the_next_hook, 0,
		(int)(sizeof hours_back / sizeof *hours_back));
	tcase_add_loop_test(tests, a_clock_that_is_set_back_ends_the_pause_of_drift, 0,
		(int)(sizeof hours_back / sizeof *hours_back));

	tests = charm_case(suite, "stops", set_up_deployed, tear_down);
	tcase_add_test(tests, a_download_that_fails_refuses_no_channel);

	tests = charm_case(suite, "removal", set_up_deployed, tear_down);
	tcase_add_test(tests, a_removal_that_a_rule_refused_goes_at_the_next_run);
	tcase_add_test(tests, a_removal_that_fails_is_asked_again_after_1_5_and_15_minutes);

	tests = charm_case(suite, "drift", set_up_deployed, tear_down);
	tcase_add_test(tests, drift_by_hand_is_slowed_down_and_contested_at_the_sixth);
	tcase_add_test(tests, drift_is_counted_across_a_refused_request);

	tests = charm_case(suite, "stops", set_up_deployed, tear_down);
	tcase_add_test(tests, a_failing_post_refresh_hook_stops_the_service_three_times_a_day);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
