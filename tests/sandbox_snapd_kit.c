/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox_snapd_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"

enum {
	TEXTS = 8,
	TEXT_SIZE = 1024
};

struct snapd_proc kit;
char kit_dir[64];

static cJSON *answer;
static char texts[TEXTS][TEXT_SIZE];

static char *next_text(void)
{
	static unsigned next;

	return texts[next++ % TEXTS];
}

static void start(void)
{
	(void)strcpy(kit_dir, "/tmp/snapdXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(kit_dir));
	snapd_proc_start(&kit, kit_dir, NULL);
}

static void stop(void)
{
	snapd_proc_stop(&kit);
	ck_assert_int_eq(rmdir(kit_dir), 0);
}

static void reset(void)
{
	kit_do("{'do':'like','value':'2.68'}");
	kit_do("{'do':'reset'}");
	kit_do("{'do':'mode','manual':true}");
}

static void forget(void)
{
	cJSON_Delete(answer);
	answer = NULL;
}

TCase *kit_case(const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_unchecked_fixture(tcase, start, stop);
	tcase_add_checked_fixture(tcase, reset, forget);
	tcase_set_timeout(tcase, 30);
	return tcase;
}

const cJSON *kit_answer(void)
{
	return answer;
}

static const cJSON *result_of(const cJSON *json)
{
	return cJSON_GetObjectItemCaseSensitive(json, "result");
}

static const char *text_of(const cJSON *json, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));

	return text ? text : "";
}

/* What the answer says, which must have STATUS and KIND; it GOT that one. */
static const char *told(long got, int status, const char *kind)
{
	ck_assert_int_eq(got, status);
	if (!answer)
		return "";
	if (status >= 400)
		ck_assert_str_eq(text_of(result_of(answer), "kind"), kind);
	if (status == 202)
		return text_of(answer, "change");
	return text_of(result_of(answer), "message");
}

const char *kit_ask(
	const char *method, const char *target, const char *body, int status, const char *kind)
{
	CLEANUP(cleanup_free) char *quoted = alloc_text(body);
	long got;

	for (char *c = quoted; c && *c; c++)
		if (*c == '\'')
			*c = '"';
	forget();
	answer = snapd_proc_ask(&kit, method, target, quoted, &got);
	return told(got, status, kind);
}

const char *kit_send(const char *dir, const char *form, int status, const char *kind)
{
	long got;

	forget();
	answer = snapd_proc_send(&kit, dir, form, &got);
	return told(got, status, kind);
}

const char *kit_acknowledge(const char *dir, const char *name, int status)
{
	CLEANUP(cleanup_free) char *path = alloc_textf("%s/%s", dir, name);
	char text[8192] = "";
	FILE *file = fopen(path, "r");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_lt(fread(text, 1, sizeof text - 1, file), sizeof text - 1);
	(void)fclose(file);
	return kit_ask("POST", "/v2/assertions", text, status, "");
}

const char *kit_post(const char *body, int status, const char *kind)
{
	return kit_ask("POST", KIT_SNAP, body, status, kind);
}

const char *kit_member(const char *target, const char *member)
{
	char *ret = next_text();
	const cJSON *value;
	char *printed;

	(void)kit_ask("GET", target, NULL, 200, "");
	value = cJSON_GetObjectItemCaseSensitive(result_of(answer), member);
	ret[0] = '\0';
	if (cJSON_IsString(value))
		(void)snprintf(ret, TEXT_SIZE, "%s", value->valuestring);
	else if (value) {
		printed = cJSON_PrintUnformatted(value);
		(void)snprintf(ret, TEXT_SIZE, "%s", printed);
		free(printed);
	}
	return ret;
}

const char *kit_tasks(const char *change)
{
	static const struct {
		const char *status;
		char letter;
	} letters[] = { { "Do", '.' }, { "Doing", 'D' }, { "Done", '+' }, { "Undo", 'u' },
		{ "Undoing", 'U' }, { "Undone", '-' }, { "Hold", 'H' }, { "Abort", 'A' },
		{ "Error", 'E' }, { "Wait", 'W' } };
	char *ret = next_text(), target[64];
	const cJSON *task;
	size_t count = 0;

	(void)snprintf(target, sizeof target, "/v2/changes/%s", change);
	(void)kit_ask("GET", target, NULL, 200, "");
	cJSON_ArrayForEach(task, cJSON_GetObjectItemCaseSensitive(result_of(answer), "tasks"))
	{
		for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++)
			if (strcmp(letters[i].status, text_of(task, "status")) == 0)
				ret[count++] = letters[i].letter;
	}
	(void)snprintf(ret + count, TEXT_SIZE - count, " %s", text_of(result_of(answer), "status"));
	return ret;
}

const char *kit_snap(void)
{
	char *ret = next_text();
	const cJSON *snap, *app;
	long status;

	forget();
	answer = snapd_proc_ask(&kit, "GET", KIT_SNAP, NULL, &status);
	if (status == 404)
		return "none";
	ck_assert_int_eq(status, 200);
	snap = result_of(answer);
	app = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(snap, "apps"), 0);
	(void)snprintf(ret, TEXT_SIZE, "%s %s %s %s%s", text_of(snap, "revision"),
		text_of(snap, "tracking-channel"), text_of(snap, "status"),
		cJSON_GetObjectItemCaseSensitive(app, "enabled") ? "e" : "",
		cJSON_GetObjectItemCaseSensitive(app, "active") ? "a" : "");
	return ret;
}

void kit_install(const char *channel)
{
	CLEANUP(cleanup_free)
	char *body = alloc_textf("{'action':'install','channel':'%s'}", channel);

	(void)kit_post(body, 202, "");
	kit_do("{'do':'finish'}");
}

int kit_counter(const char *key)
{
	cJSON *state = snapd_proc_ctl(&kit, "{'do':'state'}");
	int value = atoi(text_of(state, key));

	cJSON_Delete(state);
	return value;
}
