/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_actions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "tests/sandbox/juju_charm.h"
#include "tests/sandbox/juju_json.h"

static bool is_text(const cJSON *value)
{
	return cJSON_IsString(value);
}

static bool is_flag(const cJSON *value)
{
	return cJSON_IsBool(value);
}

static bool is_number(const cJSON *value)
{
	return cJSON_IsNumber(value);
}

static bool is_whole(const cJSON *value)
{
	return cJSON_IsNumber(value) && value->valuedouble == trunc(value->valuedouble);
}

/* Objects and arrays are never accepted. */
static const struct {
	const char *name;
	bool (*fits)(const cJSON *value);
} types[] = {
	{ "string", is_text },
	{ "boolean", is_flag },
	{ "number", is_number },
	{ "integer", is_whole },
};

static bool fits(const char *type, const cJSON *value)
{
	for (size_t at = 0; at < sizeof types / sizeof *types; at++)
		if (strcmp(types[at].name, type) == 0)
			return types[at].fits(value);
	return false;
}

/* One more complaint, in the words of the validator that Juju uses. */
static void complain(struct buf *ret, const char *where, const char *what, const cJSON *given)
{
	(void)buf_addf(ret, "%s(root)%s : %s, given ", ret->len ? "; " : "", where, what);
	json_print_go(ret, given);
}

static void check_bound(struct buf *ret, const char *where, const cJSON *bound, const cJSON *value,
	const char *words, int side)
{
	CLEANUP(cleanup_free) char *what = NULL;

	if (!cJSON_IsNumber(bound) || (value->valuedouble - bound->valuedouble) * side >= 0)
		return;
	what = alloc_textf("must be %s than or equal to %.15g", words, bound->valuedouble);
	complain(ret, where, what, value);
}

static void check_value(struct buf *ret, const cJSON *property, const cJSON *value)
{
	CLEANUP(cleanup_free) char *where = alloc_textf(".%s", value->string);
	const char *type = json_text(property, "type", NULL);
	CLEANUP(cleanup_free) char *what = NULL;

	if (type && !fits(type, value)) {
		what = alloc_textf("must be of type %s", type);
		complain(ret, where, what, value);
		return;
	}
	if (!cJSON_IsNumber(value))
		return;
	check_bound(ret, where, json_get(property, "minimum"), value, "greater", 1);
	check_bound(ret, where, json_get(property, "maximum"), value, "lower", -1);
}

static void check_required(struct buf *ret, const cJSON *action, const cJSON *params)
{
	const cJSON *name;

	cJSON_ArrayForEach(name, json_get(action, "required"))
	{
		CLEANUP(cleanup_free)
		char *what = alloc_textf(
			"\"%s\" property is missing and required", cJSON_GetStringValue(name));

		if (!json_get(params, cJSON_GetStringValue(name)))
			complain(ret, "", what, params);
	}
}

char *juju_actions_refuse(const struct juju_like *like, const cJSON *action, const cJSON *params)
{
	CLEANUP(buf_done) struct buf why = { .limit = 1 << 20 };
	const cJSON *open = json_get(action, "additionalProperties");
	const cJSON *value;

	cJSON_ArrayForEach(value, params)
	{
		const cJSON *property = json_get(json_get(action, "params"), value->string);
		CLEANUP(cleanup_free)
		char *what =
			alloc_textf("additional property \"%s\" is not allowed", value->string);

		if (property)
			check_value(&why, property, value);
		else if (open ? cJSON_IsFalse(open) : like->closed_params)
			complain(&why, "", what, params);
	}
	check_required(&why, action, params);
	return why.len ? alloc_textf("cannot run \"%s\" action: validation failed: %s",
				 action->string, buf_text(&why))
		       : NULL;
}

void juju_actions_defaults(const cJSON *action, cJSON *params)
{
	const cJSON *property;

	cJSON_ArrayForEach(property, json_get(action, "params"))
	{
		const cJSON *standard = json_get(property, "default");

		if (standard && !json_get(params, property->string))
			json_put(params, property->string, cJSON_Duplicate(standard, true));
	}
}

/* The value is YAML: 50 is a number, "50" with its quotes a text. */
int juju_actions_params(cJSON **ret, const char *file, char *const *args, struct error *err)
{
	CLEANUP(json_done) cJSON *params = NULL;

	if (file && juju_yaml_read(&params, file, err))
		return -1;
	if (!params)
		params = cJSON_CreateObject();
	for (; *args; args++) {
		const char *equals = strchr(*args, '=');
		CLEANUP(cleanup_free) char *key = NULL;
		cJSON *value = NULL;

		if (!equals || equals == *args)
			return error_set(err, ERROR_FORMAT,
				"argument \"%s\" must be of the form key.key.key...=value", *args);
		key = alloc_textf("%.*s", (int)(equals - *args), *args);
		if (juju_yaml_text(&value, equals + 1, err))
			return -1;
		json_put(params, key, value);
	}
	*ret = params;
	params = NULL;
	return 0;
}
