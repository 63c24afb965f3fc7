/* SPDX-License-Identifier: Apache-2.0 */
#include "juju/options.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/option.h"
#include "base/text.h"
#include "juju/tool.h"

enum {
	SHOWN_SIZE = 160, /* bytes of a value, made fit to be shown */
	SHOWN_LEAST = 8,  /* it is cut down to these when there are others */
};

/* What is wrong with one option; WORDS is "" when SHOWN says it. */
struct fault {
	char shown[SHOWN_SIZE]; /* "" when nothing is */
	char words[64];
};

static void cleanup_json(cJSON **json)
{
	cJSON_Delete(*json);
}

/* TEXT as a value in quotes. What does not fit is cut: its beginning is what a person recognises. */
static void quote(const char *text, char ret[SHOWN_SIZE])
{
	CLEANUP(buf_done) struct buf escaped;
	CLEANUP(buf_done) struct buf quoted;
	char line[2 * SHOWN_SIZE];

	buf_init(&escaped, 4 * (size_t)SHOWN_SIZE + 64);
	buf_init(&quoted, 8 * (size_t)SHOWN_SIZE + 128);
	(void)text_escape(&escaped, text, strnlen(text, SHOWN_SIZE));
	(void)buf_adds(&quoted, "'");
	for (const char *at = buf_text(&escaped); *at; at++)
		(void)buf_addf(&quoted, "%s%c", *at == '\'' ? "\\" : "", *at);
	(void)buf_adds(&quoted, "'");
	text_ascii(line, sizeof line, buf_text(&quoted));
	option_value_fit(ret, SHOWN_SIZE, line, strlen(line));
}

/* In the fewest digits that mean just VALUE: cJSON prints 1 for what is nearly that. */
static void show_number(double value, char ret[SHOWN_SIZE])
{
	(void)snprintf(ret, SHOWN_SIZE, "%.15g", value);
	if (strtod(ret, NULL) != value)
		(void)snprintf(ret, SHOWN_SIZE, "%.17g", value);
	if (isinf(value))
		(void)snprintf(ret, SHOWN_SIZE, "(too large)");
}

/* The value ITEM, NULL when there is none; KIND is what the option wants to have. */
static void show(const cJSON *item, const char *kind, char ret[SHOWN_SIZE])
{
	if (!item || cJSON_IsNull(item))
		(void)snprintf(ret, SHOWN_SIZE, "(not set)");
	else if (cJSON_IsString(item))
		quote(item->valuestring, ret);
	else if (cJSON_IsNumber(item))
		show_number(item->valuedouble, ret);
	else if (cJSON_IsBool(item))
		(void)snprintf(ret, SHOWN_SIZE, "%s", cJSON_IsTrue(item) ? "true" : "false");
	else
		(void)snprintf(ret, SHOWN_SIZE, "(no %s)", kind);
}

static void show_text(const cJSON *item, char ret[SHOWN_SIZE])
{
	if (cJSON_IsString(item) || !item || cJSON_IsNull(item))
		show(item, "text", ret);
	else
		(void)snprintf(ret, SHOWN_SIZE, "(no text)");
}

static bool read_channel(const cJSON *item, struct juju_options *ret, struct fault *fault)
{
	const char *value = cJSON_GetStringValue(item);
	struct error why = { 0 };

	if (value && channel_parse(value, strlen(value), ret->channel, &why) == 0)
		return true;
	show_text(item, fault->shown);
	text_ascii(fault->words, sizeof fault->words, why.text);
	return false;
}

/* Up to what snapd can count: a revision is an int of Go, and the Snap Store's fit into 32 bits. */
static bool read_number(const cJSON *item, int64_t *ret, struct fault *fault)
{
	double value = cJSON_IsNumber(item) ? item->valuedouble : -1;

	if (value >= 0 && value <= INT32_MAX && (double)(int32_t)value == value) {
		*ret = (int32_t)value;
		return true;
	}
	show(item, "number", fault->shown);
	(void)snprintf(
		fault->words, sizeof fault->words, "is no whole number from 0 to %d", INT32_MAX);
	return false;
}

static bool read_boolean(const cJSON *item, bool *ret, struct fault *fault)
{
	if (cJSON_IsBool(item)) {
		*ret = cJSON_IsTrue(item);
		return true;
	}
	show(item, "boolean", fault->shown);
	(void)snprintf(fault->words, sizeof fault->words, "is neither true nor false");
	return false;
}

/*
 * What may stand in a request's path and query by RFC 3986. Not the quote, which would end the value
 * where a status shows it, and not '#': what follows that is never sent.
 */
static bool read_health_path(const cJSON *item, struct juju_options *ret, struct fault *fault)
{
	static const char signs[] = "/?%-._~!$&()*+,;=:@", letters[] = "A-Z a-z 0-9 ";
	const char *value = cJSON_GetStringValue(item), *at = value ? value : "";

	while (isalnum((unsigned char)*at) || (*at && strchr(signs, *at)))
		at++;
	if (value && !*at && (!*value || *value == '/') && strlen(value) <= JUJU_PATH_MAX) {
		(void)snprintf(ret->health_path, sizeof ret->health_path, "%s", value);
		return true;
	}
	show_text(item, fault->shown);
	if (*at)
		(void)snprintf(fault->words, sizeof fault->words, "has characters other than %s%s",
			letters, signs);
	else if (value && *value != '/')
		(void)snprintf(fault->words, sizeof fault->words, "does not begin with /");
	else
		(void)snprintf(fault->words, sizeof fault->words, "is longer than %d bytes",
			JUJU_PATH_MAX);
	return false;
}

/* Empty is none, too: Juju takes `rollout-pause=`. */
static bool read_pause(const cJSON *item, bool *ret, struct fault *fault)
{
	const char *value = cJSON_GetStringValue(item);

	*ret = value && strcmp(value, "first") == 0;
	if (*ret || (value && (!*value || strcmp(value, "none") == 0)))
		return true;
	show_text(item, fault->shown);
	(void)snprintf(fault->words, sizeof fault->words, "is neither none nor first");
	return false;
}

static bool read_option(
	enum option_id id, const cJSON *json, struct juju_options *ret, struct fault *fault)
{
	const struct option_row *row = &option_rows[id];
	CLEANUP(cleanup_json)
	cJSON *standard = strcmp(row->type, "string") == 0 ? cJSON_CreateString(row->standard)
							   : cJSON_Parse(row->standard);
	const cJSON *found = cJSON_GetObjectItemCaseSensitive(json, row->name);
	/* An older configuration has not all of them; `channel` was always there. */
	const cJSON *item = found || id == OPTION_CHANNEL ? found : standard;

	switch (id) {
	case OPTION_CHANNEL:
		return read_channel(item, ret, fault);
	case OPTION_REVISION:
		return read_number(item, &ret->revision, fault);
	case OPTION_AUTO_REFRESH:
		return read_boolean(item, &ret->auto_refresh, fault);
	case OPTION_HEALTH_PATH:
		return read_health_path(item, ret, fault);
	case OPTION_ROLLBACK:
		return read_boolean(item, &ret->rollback, fault);
	case OPTION_ROLLOUT_WIDTH:
		return read_number(item, &ret->rollout_width, fault);
	case OPTION_ROLLOUT_PAUSE:
		return read_pause(item, &ret->rollout_pause, fault);
	case OPTION_COUNT:
		break;
	}
	return false;
}

/* -1 when that does not fit, with values of up to LONGEST bytes. */
static int add_faults(struct buf *ret, const struct fault *faults, size_t longest)
{
	char value[SHOWN_SIZE];

	for (enum option_id id = 0; id < OPTION_COUNT; id++) {
		const char *shown = faults[id].shown;
		const char *words = *shown == '(' ? "" : faults[id].words;

		if (!*shown)
			continue;
		option_value_fit(value, longest + 1, shown, strlen(shown));
		if (buf_addf(ret, "%s%s %s%s%s", ret->len ? "; " : "", option_rows[id].name, value,
			    *words ? " " : "", words) < 0)
			return -1;
	}
	return 0;
}

/* The longest values are cut first. */
static void say_faults(const struct fault *faults, char ret[JUJU_WRONG_SIZE])
{
	CLEANUP(buf_done) struct buf text;
	size_t longest = SHOWN_SIZE - 1;

	buf_init(&text, JUJU_WRONG_SIZE - 1);
	while (add_faults(&text, faults, longest) < 0 && longest > SHOWN_LEAST) {
		buf_done(&text);
		longest--;
	}
	text_ascii(ret, JUJU_WRONG_SIZE, buf_text(&text));
}

static int parse(const char *output, size_t size, cJSON **ret, struct error *err)
{
	static const char nul[] = "\\u0000", substitute[] = "\\u001a";
	CLEANUP(cleanup_free) char *text = NULL;

	/* cJSON ends a text at a NUL. No option may have one, nor what ASCII has in its place. */
	if (!memchr(output, '\0', size)) {
		text = alloc_text(output);
		for (char *at = text; (at = strstr(at, nul)); at += strlen(substitute))
			memcpy(at, substitute, strlen(substitute));
		*ret = cJSON_ParseWithLengthOpts(text, size + 1, NULL, true);
	}
	if (!cJSON_IsObject(*ret))
		return error_set(err, ERROR_FORMAT, "config-get: its output is no JSON object");
	return 0;
}

static void read_all(const cJSON *json, struct juju_options *ret)
{
	struct fault faults[OPTION_COUNT] = { 0 };
	struct juju_options options = { .valid = true };

	for (enum option_id id = 0; id < OPTION_COUNT; id++)
		options.valid &= read_option(id, json, &options, &faults[id]);
	if (!options.valid)
		options = (struct juju_options){ 0 };
	say_faults(faults, options.wrong);
	*ret = options;
}

int juju_options_read(const char *output, size_t size, struct juju_options *ret, struct error *err)
{
	CLEANUP(cleanup_json) cJSON *json = NULL;

	if (parse(output, size, &json, err) < 0)
		return -1;
	read_all(json, ret);
	return 0;
}

static int get(int64_t limit, struct buf *ret, struct error *err)
{
	static const char *const argv[] = { "config-get", "--format=json", NULL };
	CLEANUP(buf_done) struct buf said;

	buf_init(ret, TOOL_OUTPUT_MAX);
	buf_init(&said, TOOL_OUTPUT_MAX);
	return tool_run(argv, limit, ret, &said, err);
}

int juju_options(int64_t limit, struct juju_options *ret, struct error *err)
{
	CLEANUP(buf_done) struct buf out;

	if (get(limit, &out, err) < 0)
		return -1;
	return juju_options_read(buf_text(&out), out.len, ret, err);
}

/* ITEM takes the place of all values that OBJECT has under that name. */
static void put(cJSON *object, enum option_id id, cJSON *item)
{
	const char *name = option_rows[id].name;

	while (cJSON_GetObjectItemCaseSensitive(object, name))
		cJSON_DeleteItemFromObjectCaseSensitive(object, name);
	(void)cJSON_AddItemToObject(object, name, item);
}

int juju_options_instead(int64_t limit, const char *channel, int64_t revision,
	struct juju_options *ret, struct error *err)
{
	CLEANUP(cleanup_json) cJSON *json = NULL;
	CLEANUP(buf_done) struct buf out;

	if (get(limit, &out, err) < 0 || parse(buf_text(&out), out.len, &json, err) < 0)
		return -1;
	if (*channel)
		put(json, OPTION_CHANNEL, cJSON_CreateString(channel));
	if (revision != JUJU_AS_CONFIGURED)
		put(json, OPTION_REVISION, cJSON_CreateNumber((double)revision));
	read_all(json, ret);
	return 0;
}
