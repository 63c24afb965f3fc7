/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/hold_kit.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"

#define SNAP "/v2/snaps/microsample"

void hold_configure(struct charm *charm, const char *setting)
{
	ck_assert_int_eq(juju_call(&charm->juju, "config", "microsample", setting), 0);
}

void hold_open(struct charm *charm)
{
	charm_open_ready(charm, "2.77");
	hold_configure(charm, "auto-refresh=false");
	charm_expect(charm, "active", "Ready at 'edge', held at revision 3");
	charm_forget(charm);
}

static cJSON *requests(struct charm *charm)
{
	return snapd_proc_ctl(&charm->snapd, "{'do':'requests'}");
}

static const char *text_of(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, key));

	return text ? text : "";
}

void hold_expect_actions(struct charm *charm, const char *expected)
{
	CLEANUP(buf_done) struct buf seen = { .limit = 4096 };
	cJSON *answer = requests(charm);
	const cJSON *request;

	cJSON_ArrayForEach(request, cJSON_GetObjectItem(answer, "requests"))
	{
		cJSON *body = cJSON_Parse(text_of(request, "body"));
		const char *revision = text_of(body, "revision");

		if (strcmp(text_of(request, "method"), "POST") == 0)
			(void)buf_addf(&seen, "%s%s%s%s", seen.len ? " " : "",
				text_of(body, "action"), *revision ? ":" : "", revision);
		cJSON_Delete(body);
	}
	cJSON_Delete(answer);
	ck_assert_str_eq(buf_text(&seen), expected);
}

int hold_questions(struct charm *charm)
{
	cJSON *answer = requests(charm);
	const cJSON *request;
	int count = 0;

	cJSON_ArrayForEach(request, cJSON_GetObjectItem(answer, "requests"))
	{
		char *text = cJSON_PrintUnformatted(request);

		count += strstr(text, "select=refresh") != NULL;
		free(text);
	}
	cJSON_Delete(answer);
	return count;
}

char *hold_shown(struct charm *charm)
{
	long status;
	cJSON *answer = snapd_proc_ask(&charm->snapd, "GET", SNAP, NULL, &status);
	char *ret = alloc_text(text_of(cJSON_GetObjectItem(answer, "result"), "hold"));

	cJSON_Delete(answer);
	return ret;
}

void hold_expect(struct charm *charm, const char *until)
{
	CLEANUP(cleanup_free) char *shown = hold_shown(charm);

	ck_assert_str_eq(shown, until);
}

void hold_person_asks(struct charm *charm, const char *body)
{
	CLEANUP(cleanup_free) char *text = alloc_text(body);
	long status;

	for (char *quote = text; (quote = strchr(quote, '\''));)
		*quote = '"';
	cJSON_Delete(snapd_proc_ask(&charm->snapd, "POST", SNAP, text, &status));
	ck_assert_int_eq(status, 202);
	charm_forget(charm);
}

void hold_by_person(struct charm *charm, const char *until)
{
	CLEANUP(cleanup_free)
	char *body = alloc_textf("{'action':'hold','time':'%s','hold-level':'general'}", until);

	hold_person_asks(charm, body);
}

void hold_lifted_by_person(struct charm *charm)
{
	hold_person_asks(charm, "{'action':'unhold'}");
}

void hold_expect_rest(struct charm *charm)
{
	CLEANUP(cleanup_free)
	char *rows;

	/* A refresh of the charm's is on probation for five minutes. */
	charm_pass(charm, 300);
	ck_assert_int_eq(charm_tick(charm), 0);
	rows = charm_sql(charm, "SELECT max(sequence) FROM journal");
	charm_forget(charm);
	for (int i = 0; i < 3; i++) {
		charm_pass(charm, 3600);
		ck_assert_int_eq(charm_tick(charm), 0);
	}
	hold_expect_actions(charm, "");
	charm_expect_sql(charm, "SELECT max(sequence) FROM journal", rows);
}

void hold_remove_unit(struct charm *charm)
{
	cJSON *shown;

	ck_assert_int_eq(juju_call(&charm->juju, "remove-unit", UNIT), 0);
	shown = juju_show(&charm->juju, UNIT);
	ck_assert(cJSON_IsTrue(cJSON_GetObjectItem(shown, "gone")));
	cJSON_Delete(shown);
}
