/* SPDX-License-Identifier: Apache-2.0 */
#include "juju/relation.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "juju/tool.h"

static void cleanup_json(cJSON **json)
{
	cJSON_Delete(*json);
}

void juju_bag_done(struct juju_bag *bag)
{
	for (size_t i = 0; i < bag->count; i++) {
		free(bag->list[i].key);
		free(bag->list[i].value);
	}
	free(bag->list);
	*bag = (struct juju_bag){ 0 };
}

void juju_units_done(struct juju_units *units)
{
	for (size_t i = 0; i < units->count; i++)
		free(units->list[i].name);
	free(units->list);
	*units = (struct juju_units){ 0 };
}

/* What the tool of ARGV prints, as JSON. */
static int ask(const char *const *argv, int64_t limit, struct buf *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf said;

	buf_init(ret, TOOL_OUTPUT_MAX);
	buf_init(&said, TOOL_OUTPUT_MAX);
	return tool_run(argv, limit, ret, &said, err);
}

static int parse(const char *tool, const char *output, size_t size, cJSON **ret, struct error *err)
{
	/* A NUL would end a text early, and make one key, or one name, of another. */
	if (!memchr(output, '\0', size) && !strstr(output, "\\u0000"))
		*ret = cJSON_ParseWithLengthOpts(output, size + 1, NULL, true);
	if (*ret)
		return 0;
	(void)error_set(err, ERROR_FORMAT, "%s: its output is no JSON", tool);
	return -1;
}

/* `null` is what an empty bag is in some versions. Settings are texts, whatever they look like. */
int juju_bag_read(const char *output, size_t size, struct juju_bag *ret, struct error *err)
{
	CLEANUP(cleanup_json) cJSON *json = NULL;
	const cJSON *item;

	if (parse("relation-get", output, size, &json, err) < 0)
		return -1;
	if (!cJSON_IsObject(json) && !cJSON_IsNull(json))
		return error_set(err, ERROR_FORMAT, "relation-get: its output is no JSON object");
	cJSON_ArrayForEach(item, json)
	{
		if (!cJSON_IsString(item))
			return error_set(err, ERROR_FORMAT, "relation-get: a setting is no text");
	}
	*ret = (struct juju_bag){ .list = alloc_new((size_t)cJSON_GetArraySize(json) + 1,
					  sizeof *ret->list) };
	cJSON_ArrayForEach(item, json)
	{
		ret->list[ret->count].key = alloc_text(item->string);
		ret->list[ret->count++].value = alloc_text(item->valuestring);
	}
	return 0;
}

/* None yet, with room for all of LIST. */
static struct juju_units new_units(const cJSON *list)
{
	struct juju_units ret = { .count = 0 };

	ret.list = alloc_new((size_t)cJSON_GetArraySize(list) + 1, sizeof *ret.list);
	return ret;
}

int juju_list_read(const char *output, size_t size, struct juju_units *ret, struct error *err)
{
	CLEANUP(cleanup_json) cJSON *json = NULL;
	const cJSON *item;

	if (parse("relation-list", output, size, &json, err) < 0)
		return -1;
	if ((!cJSON_IsArray(json) && !cJSON_IsNull(json)) ||
		cJSON_GetArraySize(json) > JUJU_UNITS_MAX)
		return error_set(
			err, ERROR_FORMAT, "relation-list: its output is no list of units");
	cJSON_ArrayForEach(item, json)
	{
		if (!cJSON_IsString(item))
			return error_set(
				err, ERROR_FORMAT, "relation-list: the name of a unit is no text");
	}
	*ret = new_units(json);
	cJSON_ArrayForEach(item, json)
	{
		ret->list[ret->count++].name = alloc_text(item->valuestring);
	}
	return 0;
}

static const char *status_of(const cJSON *unit)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(unit, "status"));
}

int juju_goal_read(const char *output, size_t size, struct juju_units *ret, struct error *err)
{
	CLEANUP(cleanup_json) cJSON *json = NULL;
	const cJSON *list, *item;

	if (parse("goal-state", output, size, &json, err) < 0)
		return -1;
	list = cJSON_GetObjectItemCaseSensitive(json, "units");
	if (!cJSON_IsObject(list) || cJSON_GetArraySize(list) > JUJU_UNITS_MAX)
		return error_set(err, ERROR_FORMAT, "goal-state: its output shows no units");
	cJSON_ArrayForEach(item, list)
	{
		if (!status_of(item))
			return error_set(
				err, ERROR_FORMAT, "goal-state: a unit is shown without status");
	}
	*ret = new_units(list);
	cJSON_ArrayForEach(item, list)
	{
		ret->list[ret->count].name = alloc_text(item->string);
		ret->list[ret->count++].dying = strcmp(status_of(item), "dying") == 0;
	}
	return 0;
}

int juju_relation_id(
	const char *endpoint, int64_t limit, char ret[JUJU_RELATION_SIZE], struct error *err)
{
	const char *const argv[] = { "relation-ids", "--format=json", endpoint, NULL };
	CLEANUP(juju_units_done) struct juju_units ids = { 0 };
	CLEANUP(buf_done) struct buf out;

	if (ask(argv, limit, &out, err) < 0 ||
		juju_list_read(buf_text(&out), out.len, &ids, err) < 0)
		return -1;
	if (ids.count > 0 && strlen(ids.list[0].name) >= JUJU_RELATION_SIZE)
		return error_set(err, ERROR_FORMAT, "relation-ids: the id is too long");
	(void)snprintf(ret, JUJU_RELATION_SIZE, "%s", ids.count > 0 ? ids.list[0].name : "");
	return 0;
}

int juju_relation_get(const char *relation, const char *owner, bool application, int64_t limit,
	struct juju_bag *ret, struct error *err)
{
	const char *const argv[] = { "relation-get", "--format=json", "-r", relation, "-", owner,
		application ? "--app" : NULL, NULL };
	CLEANUP(buf_done) struct buf out;

	if (ask(argv, limit, &out, err) < 0)
		return -1;
	return juju_bag_read(buf_text(&out), out.len, ret, err);
}

int juju_relation_get_one(const char *relation, const char *key, const char *unit, int64_t limit,
	struct juju_bag *ret, struct error *err)
{
	const char *const argv[] = { "relation-get", "--format=json", "-r", relation, "--app", key,
		unit, NULL };
	CLEANUP(cleanup_json) cJSON *json = NULL;
	CLEANUP(buf_done) struct buf out;

	if (ask(argv, limit, &out, err) < 0 ||
		parse("relation-get", buf_text(&out), out.len, &json, err) < 0)
		return -1;
	if (!cJSON_IsString(json) && !cJSON_IsNull(json))
		return error_set(err, ERROR_FORMAT, "relation-get: a setting is no text");
	*ret = (struct juju_bag){ .list = alloc_new(1, sizeof *ret->list) };
	if (cJSON_IsNull(json))
		return 0;
	ret->list[0].key = alloc_text(key);
	ret->list[0].value = alloc_text(json->valuestring);
	ret->count = 1;
	return 0;
}

int juju_relation_set(const char *relation, bool application, char *const *pairs, size_t count,
	int64_t limit, struct error *err)
{
	CLEANUP(cleanup_free) const char **argv = alloc_new(count + 6, sizeof *argv);
	CLEANUP(buf_done) struct buf said;
	size_t used = 0;

	argv[used++] = "relation-set";
	argv[used++] = "-r";
	argv[used++] = relation;
	if (application)
		argv[used++] = "--app";
	argv[used++] = "--";
	for (size_t i = 0; i < count; i++)
		argv[used++] = pairs[i];
	buf_init(&said, TOOL_OUTPUT_MAX);
	return tool_run(argv, limit, NULL, &said, err);
}

int juju_relation_list(
	const char *relation, int64_t limit, struct juju_units *ret, struct error *err)
{
	const char *const argv[] = { "relation-list", "--format=json", "-r", relation, NULL };
	CLEANUP(buf_done) struct buf out;

	if (ask(argv, limit, &out, err) < 0)
		return -1;
	return juju_list_read(buf_text(&out), out.len, ret, err);
}

int juju_goal_units(int64_t limit, struct juju_units *ret, struct error *err)
{
	static const char *const argv[] = { "goal-state", "--format=json", NULL };
	CLEANUP(buf_done) struct buf out;

	if (ask(argv, limit, &out, err) < 0)
		return -1;
	return juju_goal_read(buf_text(&out), out.len, ret, err);
}

int juju_is_leader(int64_t limit, bool *ret, struct error *err)
{
	static const char *const argv[] = { "is-leader", "--format=json", NULL };
	CLEANUP(cleanup_json) cJSON *json = NULL;
	CLEANUP(buf_done) struct buf out;

	if (ask(argv, limit, &out, err) < 0 ||
		parse("is-leader", buf_text(&out), out.len, &json, err) < 0)
		return -1;
	if (!cJSON_IsBool(json))
		return error_set(
			err, ERROR_FORMAT, "is-leader: its output is neither true nor false");
	*ret = cJSON_IsTrue(json);
	return 0;
}
