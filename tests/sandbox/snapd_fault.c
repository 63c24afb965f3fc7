/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/snapd_fault.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* clang-format off */
static const struct {
	const char *name;
	enum sim_fault_mode mode;
} modes[] = {
	{ "drop-unacted", SIM_DROP_UNACTED }, { "drop-acted",   SIM_DROP_ACTED },
	{ "act-late",     SIM_ACT_LATE },     { "reset",        SIM_RESET },
	{ "hang",         SIM_HANG },         { "delay",        SIM_DELAY },
	{ "eof-mid-body", SIM_EOF },          { "drip",         SIM_DRIP },
	{ "huge",         SIM_HUGE },         { "raw",          SIM_RAW },
	{ "status",       SIM_STATUS },       { "kill-client",  SIM_KILL_CLIENT },
	{ "chunked",      SIM_CHUNKED },      { "extra-fields", SIM_EXTRA_FIELDS },
	{ "shuffle",      SIM_SHUFFLE },
};

static const char *const keys[] = {
	"do", "method", "path", "mode", "times", "skip", "ms", "bytes", "status", "type", "body",
	"kind", "message", "value", "when",
};
/* clang-format on */

static enum sim_fault_mode mode_of(const char *name)
{
	for (size_t i = 0; name && i < sizeof modes / sizeof modes[0]; i++)
		if (strcmp(modes[i].name, name) == 0)
			return modes[i].mode;
	return SIM_NO_FAULT;
}

static const char *text_of(const cJSON *json, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));

	return text ? text : "";
}

static long long number_of(const cJSON *json, const char *key, long long otherwise)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, key);

	return cJSON_IsNumber(value) ? (long long)value->valuedouble : otherwise;
}

static bool is_key(const char *name)
{
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		if (strcmp(keys[i], name) == 0)
			return true;
	return false;
}

int sim_fault_add(struct sim *sim, const cJSON *json, struct error *err)
{
	enum sim_fault_mode mode = mode_of(text_of(json, "mode"));
	struct sim_fault **end = &sim->faults, *fault;
	const cJSON *value;

	cJSON_ArrayForEach(value, json)
	{
		if (!is_key(value->string))
			return error_set(err, ERROR_FORMAT, "unknown key %s", value->string);
	}
	if (mode == SIM_NO_FAULT)
		return error_set(err, ERROR_FORMAT, "unknown mode %s", text_of(json, "mode"));
	fault = alloc_new(1, sizeof *fault);
	fault->mode = mode;
	fault->times = number_of(json, "times", 1);
	fault->skip = number_of(json, "skip", 0);
	fault->json = cJSON_Duplicate(json, 1);
	while (*end)
		end = &(*end)->next;
	*end = fault;
	return 0;
}

static bool matches(const struct sim_fault *fault, const char *method, const char *path)
{
	const char *wanted_method = text_of(fault->json, "method");
	const char *wanted_path = text_of(fault->json, "path");

	return (wanted_method[0] == '\0' || strcmp(wanted_method, method) == 0) &&
	       (wanted_path[0] == '\0' || strcmp(wanted_path, path) == 0);
}

static void fault_free(struct sim_fault *fault)
{
	cJSON_Delete(fault->json);
	free(fault);
}

enum sim_fault_mode sim_fault_take(
	struct sim *sim, const char *method, const char *path, cJSON **ret)
{
	for (struct sim_fault **at = &sim->faults; *at; at = &(*at)->next) {
		struct sim_fault *fault = *at;
		enum sim_fault_mode mode = fault->mode;

		if (!matches(fault, method, path))
			continue;
		if (fault->skip > 0) {
			sim->dirty = true;
			fault->skip--;
			continue;
		}
		sim->dirty = true;
		*ret = cJSON_Duplicate(fault->json, 1);
		if (fault->times > 0 && --fault->times == 0) {
			*at = fault->next;
			fault_free(fault);
		}
		return mode;
	}
	return SIM_NO_FAULT;
}

void sim_late_add(
	struct sim *sim, long long due, const char *method, const char *target, const char *body)
{
	struct sim_late **at = &sim->late, *late = alloc_new(1, sizeof *late);

	while (*at && (*at)->due <= due)
		at = &(*at)->next;
	late->due = due;
	late->method = alloc_text(method);
	late->target = alloc_text(target);
	late->body = alloc_text(body);
	late->next = *at;
	*at = late;
}

struct sim_late *sim_late_take(struct sim *sim)
{
	struct sim_late *late = sim->late;

	if (!late || late->due > sim_now(sim))
		return NULL;
	sim->late = late->next;
	return late;
}

void sim_late_free(struct sim_late *late)
{
	free(late->method);
	free(late->target);
	free(late->body);
	free(late);
}

void sim_faults_clear(struct sim *sim)
{
	while (sim->faults) {
		struct sim_fault *fault = sim->faults;

		sim->faults = fault->next;
		fault_free(fault);
	}
	while (sim->late) {
		struct sim_late *late = sim->late;

		sim->late = late->next;
		sim_late_free(late);
	}
}

void sim_mangle_extra(cJSON *json)
{
	cJSON *child;

	cJSON_ArrayForEach(child, json)
	{
		sim_mangle_extra(child);
	}
	if (!cJSON_IsObject(json))
		return;
	cJSON_AddNullToObject(json, "x-null");
	cJSON_AddNumberToObject(json, "x-number", -1.5e300);
	cJSON_AddStringToObject(json, "x-text", "\xc3\xa9\"\\\n\t\x01");
	cJSON_AddItemToObject(json, "x-object", cJSON_Parse("{\"a\":[[],{},[null]]}"));
}

void sim_mangle_shuffle(struct sim *sim, cJSON *json)
{
	cJSON *child, *rest[64];
	unsigned count = 0;

	cJSON_ArrayForEach(child, json)
	{
		sim_mangle_shuffle(sim, child);
	}
	if (!cJSON_IsObject(json))
		return;
	while (json->child && count < sizeof rest / sizeof rest[0])
		rest[count++] = cJSON_DetachItemViaPointer(json, json->child);
	for (; count > 0; count--) {
		unsigned at = sim_dice(sim, count);

		cJSON_AddItemToObject(json, rest[at]->string, rest[at]);
		rest[at] = rest[count - 1];
	}
}
