/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of a refresh that spoils the snap begin with: the ways in which it does, what snapd was
 * asked for, and how the snap is to be afterwards.
 */
#ifndef TESTS_GOING_BACK_KIT_H
#define TESTS_GOING_BACK_KIT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/hostile_kit.h"
#include "tests/suite.h"

#define DOWN  "service is down"
#define BACK  "Refresh to 'beta' was rolled back: "
#define RUNS  "; 'edge' runs"
#define NOTES "/microsample/common/notes" /* that a person has in the data of the snap */

enum {
	DAY = 24 * 3600,
	TICK = 300, /* seconds between two update-status, about */
	OFTEN = 6,
	SELDOM = 7200,
};

static struct charm charm;

static inline void set_up(void)
{
	char *command;

	charm_open(&charm, "2.77");
	ck_assert_int_eq(charm_deploy(&charm, "rollback=true"), 0);
	charm_expect(&charm, "active", "Ready at 'edge'");
	command = alloc_textf("echo mine > %s" NOTES, charm.data);
	ck_assert_int_eq(system(command), 0);
	free(command);
	charm_forget(&charm);
}

/* As it is when nobody has said that a refresh is to be rolled back. */
static inline void set_up_plain(void)
{
	charm_open_ready(&charm, "2.77");
}

static inline void tear_down(void)
{
	charm_close(&charm);
}

/* --- what is seen ----------------------------------------------------------------------------- */

/* POSTs whose body holds TEXT, since charm_forget(). */
static inline int asked(const char *text)
{
	cJSON *answer = snapd_proc_ctl(&charm.snapd, "{'do':'requests'}");
	const cJSON *request;
	int ret = 0;

	cJSON_ArrayForEach(request, cJSON_GetObjectItem(answer, "requests"))
	{
		const char *body = cJSON_GetStringValue(cJSON_GetObjectItem(request, "body"));

		ret += body && strstr(body, text);
	}
	cJSON_Delete(answer);
	return ret;
}

/* Refreshes, reverts, starts and switches were asked for so often, and nothing else was. */
static inline void expect_asked(int refreshes, int reverts, int starts, int switches)
{
	ck_assert_int_eq(asked("\"refresh\""), refreshes);
	ck_assert_int_eq(asked("\"revert\""), reverts);
	ck_assert_int_eq(asked("\"start\""), starts);
	ck_assert_int_eq(asked("\"switch\""), switches);
	ck_assert_int_eq(charm_posts(&charm), refreshes + reverts + starts + switches);
}

/* When the POST whose body holds TEXT came, in ms; the first one. */
static inline double time_of(const char *text)
{
	cJSON *answer = snapd_proc_ctl(&charm.snapd, "{'do':'requests'}");
	const cJSON *request;
	double ret = -1;

	cJSON_ArrayForEach(request, cJSON_GetObjectItem(answer, "requests"))
	{
		const char *body = cJSON_GetStringValue(cJSON_GetObjectItem(request, "body"));

		if (ret < 0 && body && strstr(body, text))
			ret = cJSON_GetObjectItem(request, "time")->valuedouble;
	}
	cJSON_Delete(answer);
	ck_assert(ret >= 0);
	return ret;
}

/* That KEY of the snap, or of its service NAME, in what the stand-in shows. */
static inline char *shown(const char *list, const char *name, const char *key)
{
	cJSON *state = snapd_proc_ctl(&charm.snapd, "{'do':'state'}");
	const cJSON *item;
	char *ret = NULL;

	cJSON_ArrayForEach(item, cJSON_GetObjectItem(state, list))
	{
		const cJSON *value = cJSON_GetObjectItem(item, key);

		if (strcmp(cJSON_GetObjectItem(item, "name")->valuestring, name) != 0)
			continue;
		ck_assert_ptr_null(ret);
		ret = cJSON_IsBool(value) ? alloc_text(cJSON_IsTrue(value) ? "yes" : "no")
					  : alloc_text(cJSON_GetStringValue(value));
	}
	cJSON_Delete(state);
	ck_assert_msg(ret != NULL, "%s has no %s %s", list, name, key);
	return ret;
}

static inline void expect_shown(
	const char *list, const char *name, const char *key, const char *value)
{
	char *text = shown(list, name, key);

	ck_assert_msg(strcmp(text, value) == 0, "%s of %s is %s, not %s", key, name, text, value);
	free(text);
}

static inline void expect_service(const char *name, const char *enabled, const char *running)
{
	expect_shown("units", name, "enabled", enabled);
	expect_shown("units", name, "running", running);
}

static inline void expect_revision(const char *revision)
{
	char *query = alloc_textf("select revision = '%s' from record", revision);

	charm_expect_sql(&charm, query, "1");
	free(query);
}

/* As before the refresh: revision 3 of edge, enabled and running, with the data. */
static inline void expect_as_before(void)
{
	char *command = alloc_textf("grep -qx mine %s" NOTES, charm.data);

	ck_assert_int_eq(system(command), 0);
	free(command);
	expect_revision("3");
	expect_shown("snaps", "microsample", "tracking", "latest/edge");
	expect_service("microsample", "yes", "yes");
	charm_expect_version(&charm, "3.0-dev");
}

static inline void expect_rolled_back(const char *why)
{
	char *message = alloc_textf(BACK "%s" RUNS, why);

	charm_expect(&charm, "blocked", message);
	free(message);
	expect_as_before();
	hostile_sound(&charm);
}

/* --- what is done ----------------------------------------------------------------------------- */

/* The channel has REVISION, which is as MORE says: "'quirk':'crash'"; ' means ". */
static inline void release(const char *channel, const char *revision, const char *more)
{
	char *command = alloc_textf(
		"{'do':'store','set':{'channels':{'latest/%s':{'revision':'%s','version':'%s.0',"
		"'quirk':'','dies-ms':0,'stays-dead':false,'health':'','health-message':''%s%s}}}}",
		channel, revision, revision, *more ? "," : "", more);

	for (char *quote = command; (quote = strchr(quote, '\''));)
		*quote = '"';
	charm_ctl(&charm, "%s", command);
	free(command);
}

static inline void tick_after(long long seconds)
{
	charm_pass(&charm, seconds);
	ck_assert_int_eq(charm_tick(&charm), 0);
}

/* update-status for a while: as often as Juju runs it at first, then every other hour. */
static inline void live(int seconds)
{
	for (int i = 0, pause; seconds > 0; i++, seconds -= pause) {
		pause = i < OFTEN ? TICK : SELDOM;
		tick_after(pause);
	}
}

static inline void set(const char *setting)
{
	ck_assert_int_eq(juju_call(&charm.juju, "config", "microsample", setting), 0);
}

/* --- how it breaks ---------------------------------------------------------------------------- */

#define CRASHES            "'quirk':'crash'"
#define DIES(milliseconds) "'dies-ms':" milliseconds ",'stays-dead':true"

/* clang-format off */
enum {
	CRASH_LOOPS = 3, /* of the ways, the first ones */
};
static const struct way {
	const char *how, *seen;
	const char *answer; /* at its port, in place of 200 */
} ways[] = {
	{ CRASHES,                                       DOWN, NULL },
	{ "'dies-ms':1",                                 DOWN, NULL },
	{ "'dies-ms':900",                               DOWN, NULL }, /* and systemd starts it again, five times */
	{ DIES("1000"),                                  DOWN, NULL },
	{ DIES("3000"),                                  DOWN, NULL },
	{ DIES("30000"),                                 DOWN, NULL },
	{ DIES("240000"),                                DOWN, NULL },
	{ "'health':'error','health-message':'no disk'", "error: no disk", NULL },
	{ "'health':'blocked','health-message':'no license'", "blocked: no license", NULL },
	{ "", "HTTP 500", "500" },
	{ "", "connection refused", "\"refuse\"" },
	{ "", "connection closed", "\"close\"" },
};
/* clang-format on */

/* beta has revision 5, which breaks in that WAY. */
static inline void release_broken(const struct way *way)
{
	release("beta", "5", way->how);
	if (way->answer)
		charm_ctl(&charm, "{\"do\":\"workload\",\"revision\":\"5\",\"answer\":%s}",
			way->answer);
}

/* Five looks in five minutes; Juju's own hooks happen to be so far apart. */
static inline void probation_passes(void)
{
	static const int seconds[] = { 10, 20, 30, 60, 180 };

	for (int i = 0; i < COUNT(seconds); i++)
		tick_after(seconds[i]);
}

#endif
