/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ready means that the snap serves: a service was seen running and stays so, at least one is enabled,
 * and the snap itself has no complaint. And no status says that a channel runs which does not.
 */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/hostile_kit.h"
#include "tests/suite.h"

static struct charm charm;

static void set_up(void)
{
	charm_open(&charm, "2.77");
}

static void set_up_ready(void)
{
	set_up();
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	charm_forget(&charm);
}

static void tear_down(void)
{
	charm_close(&charm);
}

/* A control command of the stand-in snapd, with ' for ". */
__attribute__((format(printf, 1, 2))) static void control(const char *format, ...)
{
	char command[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(command, sizeof command, format, args);
	va_end(args);
	for (char *quote = command; (quote = strchr(quote, '\''));)
		*quote = '"';
	charm_ctl(&charm, "%s", command);
}

/* What CHANNEL has from now on: a revision of its own, and MORE. */
static void release(const char *channel, const char *more)
{
	control("{'do':'store','set':{'channels':{'latest/"
		"%s':{'revision':'31','version':'3.1',%s}}}}",
		channel, more);
}

static void set_snap(const char *what)
{
	control("{'do':'snap','name':'microsample','set':{%s}}", what);
}

static void set_service(const char *what)
{
	control("{'do':'snap','name':'microsample','set':{'service':{%s}}}", what);
}

#define OFF  "'enabled':false,'active':false"
#define DEAD "'enabled':true,'active':false"
#define ON   "'enabled':true,'active':true"

#define DOWN   "Service is down; run: snap start microsample"
#define SPOILT "Service is down; to go back: juju run UNIT revert"
#define NONE   "No service is enabled; run: snap start --enable microsample"

/* The status ends with TEXT. */
static void expect_end(const char *text)
{
	cJSON *shown = juju_show(&charm.juju, UNIT);
	const char *message = juju_show_text(shown, "message");

	ck_assert_uint_ge(strlen(message), strlen(text));
	ck_assert_str_eq(message + strlen(message) - strlen(text), text);
	cJSON_Delete(shown);
}

/* --- a service that dies at once --- */

static void never_ready(const char *channel)
{
	char query[128];

	(void)snprintf(query, sizeof query,
		"SELECT count(*) FROM journal WHERE event = 'settled' AND channel = 'latest/%s'",
		channel);
	charm_expect_sql(&charm, query, "0");
}

/* systemd starts it five times, and in between it shows as running: whenever a look meets it. */
START_TEST(refresh_to_a_service_that_dies_is_never_ready)
{
	release("beta", "'quirk':'crash'");
	charm_ctl(&charm, "{\"do\":\"mode\",\"task-ms\":%d}", 3 + 17 * _i);
	charm_config(&charm, "beta");
	charm_expect(&charm, "blocked", SPOILT);
	never_ready("beta");
	charm_pass(&charm, 300);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "blocked", SPOILT);
	never_ready("beta");
}
END_TEST

START_TEST(install_of_a_service_that_dies_is_never_ready)
{
	release("edge", "'quirk':'crash'");
	charm_ctl(&charm, "{\"do\":\"mode\",\"task-ms\":%d}", 3 + 37 * _i);
	ck_assert_int_eq(charm_deploy(&charm, NULL), 0);
	charm_expect(&charm, "blocked", DOWN);
	never_ready("edge");
}
END_TEST

/* Our change ended while no hook ran: what it started may still be dying. */
START_TEST(hook_that_finds_our_change_done_watches_too)
{
	release("beta", "'quirk':'crash'");
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	sandbox_clock_advance(charm.clock, _i * SANDBOX_CLOCK_SECOND / 20);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "blocked", SPOILT);
	never_ready("beta");
}
END_TEST

/* It is watched once, not in every hook. */
START_TEST(service_that_stays_is_watched_for_a_moment)
{
	long long before = sandbox_clock_now(charm.clock), spent;

	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
	spent = sandbox_clock_now(charm.clock) - before;
	ck_assert_int_ge(spent, 5 * SANDBOX_CLOCK_SECOND / 2);
	ck_assert_int_le(spent, 6 * SANDBOX_CLOCK_SECOND);
	before = sandbox_clock_now(charm.clock);
	ck_assert_int_eq(charm_tick(&charm), 0);
	ck_assert_int_le(sandbox_clock_now(charm.clock) - before, SANDBOX_CLOCK_SECOND / 2);
}
END_TEST

/* What was seen before snapd fell silent is no second look. */
START_TEST(silence_between_the_two_looks_is_no_ready)
{
	charm_ctl(&charm, "{\"do\":\"mode\",\"manual\":true}");
	charm_config(&charm, "beta");
	charm_ctl(&charm, "{\"do\":\"finish\"}");
	/* our change, the snap, the changes in progress; and from one of the next three on nothing */
	control("{'do':'fault','method':'GET','path':'','mode':'drop-unacted','times':0,'skip':%d}",
		3 + _i);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "waiting", "Waiting for snapd: it does not answer");
	never_ready("beta");
	charm_ctl(&charm, "{\"do\":\"well\"}");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

/* --- services that nobody starts --- */

START_TEST(snap_without_an_enabled_service_is_not_ready)
{
	set_service(OFF);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "blocked", NONE);
	charm_config(&charm, "beta"); /* a refresh leaves it so */
	charm_expect(&charm, "blocked", NONE);
	set_service(ON);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

START_TEST(one_of_two_services_may_be_disabled)
{
	release("beta", "'services':'web,worker'");
	charm_config(&charm, "beta");
	set_service("'name':'web'," ON);
	set_service("'name':'worker'," OFF);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'beta'");
	set_service("'name':'web'," OFF);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "blocked", NONE);
	set_service("'name':'worker'," DEAD);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "blocked", SPOILT);
}
END_TEST

START_TEST(service_that_need_not_run_is_no_trouble)
{
	release("beta", "'quirk':'oneshot'");
	/* nor does it answer then */
	ck_assert_int_eq(juju_call(&charm.juju, "config", "microsample", "health-path="), 0);
	charm_config(&charm, "beta");
	charm_expect(&charm, "active", "Ready at 'beta'");
}
END_TEST

/* systemd's start limit: the undo cannot start the old revision either, and leaves it disabled. */
START_TEST(rollback_that_fails_is_not_called_running)
{
	cJSON *shown;

	charm_pass(&charm, 60);
	release("beta", "'quirk':'crash'");
	charm_config(&charm, "beta");
	charm_config(&charm, "stable"); /* within the ten seconds */
	shown = juju_show(&charm.juju, UNIT);
	ck_assert_ptr_null(strstr(juju_show_text(shown, "message"), "' runs"));
	ck_assert_str_ne(juju_show_text(shown, "status"), "active");
	cJSON_Delete(shown);
	for (int i = 0; i < 12; i++) {
		charm_pass(&charm, 300);
		ck_assert_int_eq(charm_tick(&charm), 0);
	}
	charm_expect(&charm, "blocked", NONE);
	set_service(ON);
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'stable'");
}
END_TEST

/* --- what the snap says of itself --- */

static const struct {
	const char *release, *message;
} healths[] = {
	{ "'health':'blocked','health-message':'no license'",
		"Snap reports blocked: no license; to go back: juju run UNIT revert" },
	{ "'health':'error','health-message':'the disk died'",
		"Snap reports error: the disk died; to go back: juju run UNIT revert" },
	{ "'health':'waiting','health-message':'for a peer'", NULL },
	{ "'health':'okay'", NULL },
	{ "'health':'silent'", NULL },
};

START_TEST(health_of_the_revision_that_runs_counts)
{
	release("beta", healths[_i].release);
	charm_config(&charm, "beta");
	if (healths[_i].message)
		charm_expect(&charm, "blocked", healths[_i].message);
	else
		charm_expect(&charm, "active", "Ready at 'beta'");
	/* snapd keeps it for ever, with the number of that revision */
	charm_config(&charm, "stable");
	charm_expect(&charm, "active", "Ready at 'stable'");
}
END_TEST

START_TEST(health_that_gets_well_is_noticed)
{
	set_snap("'health':'error','health-message':'x'");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "blocked", "Snap reports error: x");
	set_snap("'health':'okay'");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	ck_assert_int_eq(charm_posts(&charm), 0);
}
END_TEST

START_TEST(broken_snap_is_told_in_the_words_of_snapd)
{
	set_snap("'broken':'cannot find installed snap \\\"microsample\\\" at revision 3: missing "
		 "file "
		 "/snap/microsample/3/meta/snap.yaml'");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "blocked",
		"Snap is broken: missing file /snap/microsample/3/meta/snap.yaml; see: systemctl "
		"--failed");
	set_snap("'broken':''");
	ck_assert_int_eq(charm_tick(&charm), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
}
END_TEST

/* --- what runs and what is followed --- */

START_TEST(channel_that_is_only_followed_does_not_run)
{
	set_snap("'tracking':'latest/stable'"); /* as after snap switch */
	control("{'do':'fault','method':'POST','mode':'status','times':0,'status':507,'message':'"
		"no room'}");
	charm_config(&charm, "beta");
	charm_expect_begin(&charm, "blocked", "Not enough disk space for the snap; next try ");
	expect_end("; 'edge' runs");
	set_snap("'channel':''"); /* a revision that came from none */
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_end("; tracks 'stable'");
	set_snap("'channel':'latest/edge'");
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_end("; 'edge' runs");
	set_service(DEAD);
	ck_assert_int_eq(charm_tick(&charm), 0);
	expect_end("; tracks 'stable'");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("serving");
	TCase *tests = charm_case(suite, "services", set_up_ready, tear_down);

	tcase_add_loop_test(tests, refresh_to_a_service_that_dies_is_never_ready, 0, 12);
	tcase_add_loop_test(tests, hook_that_finds_our_change_done_watches_too, 0, 12);
	tcase_add_loop_test(tests, silence_between_the_two_looks_is_no_ready, 0, 3);
	tcase_add_test(tests, service_that_stays_is_watched_for_a_moment);
	tcase_add_test(tests, snap_without_an_enabled_service_is_not_ready);
	tcase_add_test(tests, one_of_two_services_may_be_disabled);
	tcase_add_test(tests, service_that_need_not_run_is_no_trouble);
	tcase_add_test(tests, rollback_that_fails_is_not_called_running);
	tcase_add_loop_test(tests, health_of_the_revision_that_runs_counts, 0, COUNT(healths));
	tcase_add_test(tests, health_that_gets_well_is_noticed);
	tcase_add_test(tests, broken_snap_is_told_in_the_words_of_snapd);
	tcase_add_test(tests, channel_that_is_only_followed_does_not_run);
	tests = charm_case(suite, "an install", set_up, tear_down);
	tcase_add_loop_test(tests, install_of_a_service_that_dies_is_never_ready, 0, 6);
	return run_suite(suite);
}
