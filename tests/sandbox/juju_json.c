/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/juju_json.h"

#include <stdlib.h>
#include <string.h>

void json_done(cJSON **json)
{
	cJSON_Delete(*json);
}

cJSON *json_get(const cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *json_text(const cJSON *object, const char *key, const char *fallback)
{
	const char *text = cJSON_GetStringValue(json_get(object, key));

	return text ? text : fallback;
}

long long json_number(const cJSON *object, const char *key, long long fallback)
{
	const cJSON *item = json_get(object, key);

	return cJSON_IsNumber(item) ? (long long)item->valuedouble : fallback;
}

bool json_true(const cJSON *object, const char *key)
{
	return cJSON_IsTrue(json_get(object, key));
}

bool json_has(const cJSON *object, const char *key)
{
	const cJSON *item = json_get(object, key);

	return item && !cJSON_IsNull(item);
}

cJSON *json_object(cJSON *object, const char *key)
{
	cJSON *item = json_get(object, key);

	if (cJSON_IsObject(item))
		return item;
	json_put(object, key, cJSON_CreateObject());
	return json_get(object, key);
}

cJSON *json_array(cJSON *object, const char *key)
{
	cJSON *item = json_get(object, key);

	if (cJSON_IsArray(item))
		return item;
	json_put(object, key, cJSON_CreateArray());
	return json_get(object, key);
}

void json_put(cJSON *object, const char *key, cJSON *value)
{
	if (!value)
		value = cJSON_CreateNull();
	if (json_get(object, key))
		cJSON_ReplaceItemInObjectCaseSensitive(object, key, value);
	else
		cJSON_AddItemToObject(object, key, value);
}

void json_put_text(cJSON *object, const char *key, const char *value)
{
	json_put(object, key, value ? cJSON_CreateString(value) : NULL);
}

void json_put_number(cJSON *object, const char *key, double value)
{
	json_put(object, key, cJSON_CreateNumber(value));
}

void json_put_bool(cJSON *object, const char *key, bool value)
{
	json_put(object, key, cJSON_CreateBool(value));
}

void json_drop(cJSON *object, const char *key)
{
	cJSON_DeleteItemFromObjectCaseSensitive(object, key);
}

void json_push_text(cJSON *array, const char *value)
{
	cJSON_AddItemToArray(array, cJSON_CreateString(value));
}

static int by_key(const void *one, const void *two)
{
	const cJSON *const *left = one;
	const cJSON *const *right = two;

	return strcmp((*left)->string, (*right)->string);
}

static cJSON *sorted_object(const cJSON *value)
{
	size_t count = (size_t)cJSON_GetArraySize(value);
	const cJSON **items = calloc(count + 1, sizeof *items);
	cJSON *result = cJSON_CreateObject();
	const cJSON *item;
	size_t at = 0;

	if (!items)
		abort();
	cJSON_ArrayForEach(item, value) items[at++] = item;
	qsort(items, count, sizeof *items, by_key);
	for (at = 0; at < count; at++)
		cJSON_AddItemToObject(result, items[at]->string, json_sorted(items[at]));
	free(items);
	return result;
}

cJSON *json_sorted(const cJSON *value)
{
	const cJSON *item;
	cJSON *result;

	if (cJSON_IsObject(value))
		return sorted_object(value);
	if (!cJSON_IsArray(value))
		return value ? cJSON_Duplicate(value, true) : cJSON_CreateNull();
	result = cJSON_CreateArray();
	cJSON_ArrayForEach(item, value) cJSON_AddItemToArray(result, json_sorted(item));
	return result;
}
