/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/hostile_kit.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"

void hostile_env(struct charm *charm, const char *setting)
{
	ck_assert_int_eq(juju_call(&charm->juju, "hook-env", "microsample", setting), 0);
}

void hostile_fault(struct charm *charm, const char *method, const char *more, int times)
{
	char *command =
		alloc_textf("{'do':'fault','method':'%s','times':%d,%s}", method, times, more);

	for (char *quote = command; (quote = strchr(quote, '\''));)
		*quote = '"';
	snapd_proc_do(&charm->snapd, "%s", command);
	free(command);
}

void hostile_tool(struct charm *charm, const char *tool, const char *mode, int times, int skip)
{
	char *often = alloc_textf("%d", times);
	char *later = alloc_textf("%d", skip);

	ck_assert_int_eq(
		juju_call(&charm->juju, "fault", tool, mode, "--times", often, "--skip", later), 0);
	free(often);
	free(later);
}

void hostile_tools_well(struct charm *charm)
{
	ck_assert_int_eq(juju_call(&charm->juju, "fault", "--clear"), 0);
}

/* How many lines of the log hold TEXT. */
static int lines_with(struct charm *charm, const char *text)
{
	cJSON *shown = juju_show(&charm->juju, UNIT);
	const cJSON *record;
	int count = 0;

	cJSON_ArrayForEach(record, cJSON_GetObjectItem(shown, "log"))
	{
		const char *line = cJSON_GetStringValue(cJSON_GetObjectItem(record, "text"));

		count += line && strstr(line, text);
	}
	cJSON_Delete(shown);
	return count;
}

int hostile_complaints(struct charm *charm)
{
	return lines_with(charm, "microsample-vm: ");
}

bool hostile_logged(struct charm *charm, const char *text)
{
	return lines_with(charm, text) > 0;
}

static bool is_ready(struct charm *charm, const char *channel)
{
	char *wanted = alloc_textf("Ready at '%s'", channel);
	cJSON *shown = juju_show(&charm->juju, UNIT);
	bool ready = strcmp(juju_show_text(shown, "status"), "active") == 0 &&
		     strcmp(juju_show_text(shown, "message"), wanted) == 0;

	cJSON_Delete(shown);
	free(wanted);
	return ready;
}

void hostile_settle(struct charm *charm, const char *channel)
{
	for (int ticks = 0; ticks < 15 && !is_ready(charm, channel); ticks++) {
		charm_pass(charm, 300);
		ck_assert_int_eq(charm_tick(charm), 0);
	}
	ck_assert(is_ready(charm, channel));
	/* And it stays ready, and does nothing more. */
	charm_forget(charm);
	ck_assert_int_eq(charm_tick(charm), 0);
	ck_assert(is_ready(charm, channel));
	ck_assert_int_eq(charm_posts(charm), 0);
}

void hostile_sound(struct charm *charm)
{
	int code = -1;
	char *said = charm_state(charm, "check", &code);

	ck_assert_msg(code == 0, "state check: %s", said);
	free(said);
}

static struct timespec start;

void hostile_begin(void)
{
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
}

long hostile_elapsed(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000;
}
