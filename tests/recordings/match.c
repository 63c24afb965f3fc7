/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/recordings/match.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"

enum {
	PATH_SIZE = 256,
	PATTERN_SIZE = 16384
};

/* clang-format off */
static const struct {
	const char *name, *pattern;
} placeholders[] = {
	{ "<time>",    "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})" },
	{ "<id>",      "[0-9]+" },
	{ "<text>",    ".*" },
	{ "<url>",     "https?://[^\" ]+" },
	{ "<address>", "[0-9A-Za-z.-]+:[0-9]+" },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The placeholder at TEXT; -1 for none. */
static int placeholder_at(const char *text)
{
	for (int i = 0; i < (int)COUNT(placeholders); i++)
		if (strncmp(text, placeholders[i].name, strlen(placeholders[i].name)) == 0)
			return i;
	return -1;
}

static void write_pattern(const char *text, struct buf *ret)
{
	(void)buf_adds(ret, "^");
	while (*text) {
		int which = placeholder_at(text);

		if (which >= 0) {
			(void)buf_adds(ret, placeholders[which].pattern);
			text += strlen(placeholders[which].name);
			continue;
		}
		if (strchr("^.[$()|*+?{\\", *text))
			(void)buf_adds(ret, "\\");
		(void)buf_add(ret, text++, 1);
	}
	(void)buf_adds(ret, "$");
}

static bool has_placeholder(const char *text)
{
	for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<'))
		if (placeholder_at(at) >= 0)
			return true;
	return false;
}

bool match_text(const char *recorded, const char *seen)
{
	CLEANUP(buf_done) struct buf pattern = { 0 };
	regex_t regex;
	bool ret;

	if (!has_placeholder(recorded))
		return strcmp(recorded, seen) == 0;
	buf_init(&pattern, PATTERN_SIZE);
	write_pattern(recorded, &pattern);
	if (regcomp(&regex, buf_text(&pattern), REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	ret = regexec(&regex, seen, 0, NULL, 0) == 0;
	regfree(&regex);
	return ret;
}

static bool differ(struct buf *why, const char *path, const cJSON *recorded, const cJSON *seen)
{
	CLEANUP(cleanup_free) char *left = recorded ? cJSON_PrintUnformatted(recorded) : NULL;
	CLEANUP(cleanup_free) char *right = seen ? cJSON_PrintUnformatted(seen) : NULL;

	(void)buf_addf(why, "    %s: recorded %.300s, here %.300s\n", path, left ? left : "nothing",
		right ? right : "nothing");
	return false;
}

static bool match_at(const char *path, const cJSON *recorded, const cJSON *seen, struct buf *why);

static bool match_object(
	const char *path, const cJSON *recorded, const cJSON *seen, struct buf *why)
{
	const cJSON *item;
	char inner[PATH_SIZE];
	bool ret = true;

	cJSON_ArrayForEach(item, recorded)
	{
		(void)snprintf(inner, sizeof inner, "%s/%s", path, item->string);
		ret &= match_at(
			inner, item, cJSON_GetObjectItemCaseSensitive(seen, item->string), why);
	}
	cJSON_ArrayForEach(item, seen)
	{
		(void)snprintf(inner, sizeof inner, "%s/%s", path, item->string);
		if (!cJSON_GetObjectItemCaseSensitive(recorded, item->string))
			ret = differ(why, inner, NULL, item);
	}
	return ret;
}

static bool match_array(const char *path, const cJSON *recorded, const cJSON *seen, struct buf *why)
{
	const cJSON *left = recorded->child, *right = seen->child;
	char inner[PATH_SIZE];
	bool ret = true;

	for (int i = 0; left || right; i++) {
		(void)snprintf(inner, sizeof inner, "%s/%d", path, i);
		ret &= match_at(inner, left, right, why);
		left = left ? left->next : NULL;
		right = right ? right->next : NULL;
	}
	return ret;
}

/* Label, bytes done, bytes in all. */
static bool is_download(const cJSON *seen)
{
	const cJSON *done = cJSON_GetObjectItem(seen, "done");
	const cJSON *total = cJSON_GetObjectItem(seen, "total");

	return cJSON_GetArraySize(seen) == 3 && cJSON_HasObjectItem(seen, "label") &&
	       cJSON_IsNumber(done) && cJSON_IsNumber(total) &&
	       done->valuedouble <= total->valuedouble;
}

static bool match_at(const char *path, const cJSON *recorded, const cJSON *seen, struct buf *why)
{
	const char *text = cJSON_GetStringValue(recorded);

	if (!recorded || !seen)
		return differ(why, path, recorded, seen);
	if (text && strcmp(text, "<number>") == 0)
		return cJSON_IsNumber(seen) || differ(why, path, recorded, seen);
	if (text && strcmp(text, "<object>") == 0)
		return cJSON_IsObject(seen) || differ(why, path, recorded, seen);
	if (text && strcmp(text, "<download>") == 0)
		return is_download(seen) || differ(why, path, recorded, seen);
	if ((recorded->type & 0xff) != (seen->type & 0xff))
		return differ(why, path, recorded, seen);
	if (cJSON_IsObject(recorded))
		return match_object(path, recorded, seen, why);
	if (cJSON_IsArray(recorded))
		return match_array(path, recorded, seen, why);
	if (text && !match_text(text, seen->valuestring))
		return differ(why, path, recorded, seen);
	if (cJSON_IsNumber(recorded) && recorded->valuedouble != seen->valuedouble)
		return differ(why, path, recorded, seen);
	return true;
}

bool match_json(const cJSON *recorded, const cJSON *seen, struct buf *why)
{
	return match_at("", recorded, seen, why);
}
