/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "tests/sandbox/snapd_store.h"

/* clang-format off */
static const struct {
	const char *key;
	const char *go;     /* where Go keeps it */
	bool text;          /* else a boolean */
	size_t offset, size;
} members[] = {
#define TEXT(key, go, member) { key, go, true, offsetof(struct sim_instruction, member), \
	sizeof(((struct sim_instruction *)NULL)->member) }
#define FLAG(key, go, member) { key, go, false, offsetof(struct sim_instruction, member), 0 }
	TEXT("action",     "action",                        action),
	TEXT("channel",    "snapRevisionOptions.channel",   channel),
	TEXT("time",       "time",                          time),
	TEXT("hold-level", "hold-level",                    level),
	FLAG("classic",    "classic",                       classic),
	FLAG("devmode",    "devmode",                       devmode),
	FLAG("jailmode",   "jailmode",                      jailmode),
	FLAG("amend",      "amend",                         amend),
	FLAG("purge",      "purge",                         purge),
};
/* clang-format on */

#define INTO "request body into snap instruction"

static const char *type_name(const cJSON *value)
{
	if (cJSON_IsArray(value))
		return "array";
	if (cJSON_IsObject(value))
		return "object";
	if (cJSON_IsString(value))
		return "string";
	return cJSON_IsNumber(value) ? "number" : "bool";
}

cJSON *sim_body(const struct sim_request *request, const char *what, const char *type,
	struct sim_answer *answer)
{
	const char *text = request->body, *end = NULL;
	cJSON *json;

	text += strspn(text, " \t\r\n");
	if (*text == '\0') {
		*answer = sim_error(400, NULL, NULL, "cannot decode %s: EOF", what);
		return NULL;
	}
	/* Text after the first value is ignored. */
	json = cJSON_ParseWithOpts(text, &end, 0);
	if (!json) {
		char bad[64] = "unexpected EOF";

		if (end && *end != '\0' && end[strspn(end, " \t\r\n")] != '\0')
			(void)snprintf(bad, sizeof bad,
				"invalid character '%c' looking for beginning of value", *end);
		*answer = sim_error(400, NULL, NULL, "cannot decode %s: %s", what, bad);
		return NULL;
	}
	if (cJSON_IsObject(json))
		return json;
	*answer = sim_error(400, NULL, NULL,
		"cannot decode %s: json: cannot unmarshal %s into Go value of type %s", what,
		type_name(json), type);
	cJSON_Delete(json);
	return NULL;
}

static int read_members(const cJSON *body, struct sim_instruction *ret, struct sim_answer *answer)
{
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(body, members[i].key);
		char *at = (char *)ret + members[i].offset;

		if (!value || cJSON_IsNull(value))
			continue;
		if (members[i].text ? !cJSON_IsString(value) : !cJSON_IsBool(value)) {
			*answer = sim_error(400, NULL, NULL,
				"cannot decode " INTO
				": json: cannot unmarshal %s into Go struct field "
				"snapInstruction.%s of type %s",
				type_name(value), members[i].go,
				members[i].text ? "string" : "bool");
			return -1;
		}
		if (members[i].text)
			(void)snprintf(at, members[i].size, "%s", value->valuestring);
		else
			*(bool *)at = cJSON_IsTrue(value);
	}
	return 0;
}

/* A number, or a text that holds one, or one of a local revision: x1. */
static int read_revision(const cJSON *body, struct sim_instruction *ret, struct sim_answer *answer)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(body, "revision");
	const char *text = cJSON_GetStringValue(value);
	CLEANUP(cleanup_free) char *shown = NULL;
	char *end = NULL;

	if (!value)
		return 0;
	if (cJSON_IsNumber(value)) {
		(void)snprintf(ret->revision, sizeof ret->revision, "%.0f", value->valuedouble);
		return 0;
	}
	if (text && (strtol(text[0] == 'x' ? text + 1 : text, &end, 10) > 0) && *end == '\0') {
		(void)snprintf(ret->revision, sizeof ret->revision, "%s", text);
		return 0;
	}
	/* The bytes of the JSON, quoted once more. */
	shown = text ? alloc_textf("\\\"%s\\\"", text) : alloc_text("null");
	*answer = sim_error(
		400, NULL, NULL, "cannot decode " INTO ": invalid snap revision: \"%s\"", shown);
	return -1;
}

static int check_hold(const struct sim_instruction *what, struct sim_answer *answer)
{
	if (strcmp(what->action, "hold") != 0)
		return 0;
	if (what->time[0] == '\0') {
		*answer = sim_error(400, NULL, NULL, "hold action requires a non-empty time value");
		return -1;
	}
	if (strcmp(what->level, "general") == 0 || strcmp(what->level, "auto-refresh") == 0)
		return 0;
	*answer = sim_error(400, NULL, NULL,
		"hold action requires hold-level to be either \"auto-refresh\" or \"general\"");
	return -1;
}

int sim_instruction_read(
	const struct sim_request *request, struct sim_instruction *ret, struct sim_answer *answer)
{
	cJSON *body = sim_body(request, INTO, "daemon.snapInstruction", answer);
	CLEANUP(cleanup_free) char *fault = NULL;
	int result;

	if (!body)
		return -1;
	result = read_members(body, ret, answer);
	if (result == 0)
		result = read_revision(body, ret, answer);
	cJSON_Delete(body);
	if (result < 0)
		return -1;
	fault = ret->channel[0] != '\0' ? sim_channel_fault(ret->channel) : NULL;
	if (fault) {
		*answer = sim_error(400, NULL, NULL, "%s", fault);
		return -1;
	}
	return check_hold(ret, answer);
}
