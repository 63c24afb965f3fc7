/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as results of an action: its items, and the channels of the Snap Store, whose first are the
 * ones that people look for.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/channel.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "inspect/inspect.h"
#include "inspect/json.h"

static char *json_of(const struct inspect_release *release)
{
	CLEANUP(inspect_json_done) cJSON *json = cJSON_CreateObject();

	inspect_json_text(json, "channel", release->channel);
	inspect_json_text(json, "revision", release->revision);
	inspect_json_text(json, "version", release->version);
	inspect_json_text(json, "released", release->released);
	inspect_json_number(json, "size", release->size);
	return inspect_json_compact(json);
}

static char *document(const struct inspect_item *items, size_t count, const char *releases)
{
	CLEANUP(inspect_json_done) cJSON *json = cJSON_CreateObject();

	for (size_t i = 0; i < count; i++)
		inspect_json_text(json, items[i].key, items[i].value);
	(void)cJSON_AddRawToObject(json, "channels", releases);
	return inspect_json_compact(json);
}

static void add_item(struct inspect_results *results, const char *key, const char *value)
{
	CLEANUP(buf_done) struct buf escaped;

	buf_init(&escaped, INSPECT_JSON_MAX);
	(void)text_escape(&escaped, value, strlen(value));
	inspect_results_add(results, alloc_textf("%s=%s", key, buf_text(&escaped)));
}

void inspect_items(const struct inspect_item *items, size_t count, struct inspect_results *results)
{
	for (size_t i = 0; i < count; i++)
		if (*items[i].value)
			add_item(results, items[i].key, items[i].value);
}

/* As snapd's own client tells it: 12 MB are 12,000,000 bytes. */
static void say_size(int64_t bytes, char *ret, size_t size)
{
	static const char *const units[] = { "B", "kB", "MB", "GB" };
	size_t unit = 0;

	for (; bytes >= 10000 && unit + 1 < sizeof units / sizeof *units; unit++)
		bytes = (bytes + 500) / 1000;
	(void)snprintf(ret, size, bytes > 0 ? "%" PRId64 "%s" : "-", bytes, units[unit]);
}

static void add_release(
	struct inspect_results *results, const struct inspect_release *release, size_t number)
{
	CLEANUP(cleanup_free) char *key = alloc_textf("row-%zu", number);
	CLEANUP(cleanup_free) char *text = NULL;
	char size[32];

	say_size(release->size, size, sizeof size);
	text = alloc_textf("%s %s %s %s %.10s", channel_short(release->channel), release->revision,
		*release->version ? release->version : "-", size,
		*release->released ? release->released : "-");
	add_item(results, key, text);
}

/* As many of the RELEASES as fit into ROOM, as a JSON array. Returns how many. */
static size_t join_releases(
	const struct inspect_release *releases, size_t count, size_t room, struct buf *ret)
{
	size_t fit = 0;

	buf_init(ret, room);
	(void)buf_adds(ret, "[");
	for (ret->limit--; fit < count; fit++) {
		CLEANUP(cleanup_free) char *json = json_of(&releases[fit]);

		if (buf_addf(ret, "%s%s", fit > 0 ? "," : "", json) < 0)
			break;
	}
	ret->limit++;
	(void)buf_adds(ret, "]");
	return fit;
}

void inspect_plan(const struct inspect_item *items, size_t count,
	const struct inspect_release *releases, size_t released, struct inspect_results *ret)
{
	CLEANUP(cleanup_free) char *empty = document(items, count, "");
	CLEANUP(cleanup_free) char *json = NULL;
	CLEANUP(buf_done) struct buf list;
	size_t fit, rows;

	*ret = (struct inspect_results){ 0 };
	assert(strlen(empty) < INSPECT_JSON_MAX);
	fit = join_releases(releases, released, INSPECT_JSON_MAX - strlen(empty), &list);
	rows = fit < INSPECT_RELEASES ? fit : INSPECT_RELEASES;
	inspect_items(items, count, ret);
	inspect_results_add(ret, alloc_textf("rows=%zu", rows));
	if (rows < released)
		inspect_results_add(
			ret, alloc_textf("note=the first %zu of %zu channels; json has %zu", rows,
				     released, fit));
	for (size_t i = 0; i < rows; i++)
		add_release(ret, &releases[i], i + 1);
	json = document(items, count, buf_text(&list));
	inspect_results_add(ret, alloc_textf("json=%s", json));
}
