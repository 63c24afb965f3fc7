/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads JSON from snapd: see json.h.
 */
#include "snapd/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cause.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"

enum {
	/*
	 * cJSON uses some 80 bytes for each value, so 16 MiB of "0,0,0," would become 640 MiB. A
	 * real answer of 16 MiB has about 600,000 values.
	 */
	VALUES_MAX = 1000000,
};

static const int64_t number_max = INT64_C(1) << 53; /* the largest that a double holds exactly */

static bool too_many_values(const char *data, size_t size)
{
	size_t count = 0;

	if (size <= VALUES_MAX)
		return false;
	for (size_t i = 0; i < size; i++)
		count += data[i] == ',' || data[i] == ':' || data[i] == '[' || data[i] == '{';
	return count > VALUES_MAX;
}

/* NULL if BODY is not exactly one JSON value. */
static cJSON *parse(const struct buf *body)
{
	const char *end = NULL;
	cJSON *json;

	/*
	 * The length includes the NUL, because older cJSON reads one byte further than it was told.
	 */
	json = cJSON_ParseWithLengthOpts(buf_text(body), body->len + 1, &end, false);
	if (!json)
		return NULL;
	if (strspn(end, " \t\r\n") == (size_t)(buf_text(body) + body->len - end))
		return json;
	cJSON_Delete(json);
	return NULL;
}

static bool is_envelope(const cJSON *root, int status)
{
	const char *type = snapd_json_text(root, "type");
	bool failed = strcmp(type, "error") == 0;

	if (snapd_json_count(root, "status-code") != status)
		return false;
	if (!cJSON_GetObjectItemCaseSensitive(root, "result"))
		return false;
	if (!failed && strcmp(type, "sync") != 0 && strcmp(type, "async") != 0)
		return false;
	return failed ? status >= 400 : status >= 200 && status < 300;
}

int snapd_envelope_read(
	const struct snapd_http *reply, struct snapd_envelope *ret, struct error *err)
{
	cJSON *root;

	if (too_many_values(buf_text(&reply->body), reply->body.len))
		return error_set(err, ERROR_LIMIT, "snapd answers with too much");
	root = parse(&reply->body);
	if (!root || !is_envelope(root, reply->status)) {
		cJSON_Delete(root);
		return error_set(err, ERROR_FORMAT,
			"snapd answers with HTTP status %d and not in its own format",
			reply->status);
	}
	ret->status = reply->status;
	ret->root = root;
	ret->result = cJSON_GetObjectItemCaseSensitive(root, "result");
	return 0;
}

void snapd_envelope_done(struct snapd_envelope *envelope)
{
	cJSON_Delete(envelope->root);
	*envelope = (struct snapd_envelope){ 0 };
}

int snapd_unexpected(const struct snapd_envelope *envelope, struct error *err)
{
	/* What is cut is cut here: the cause is the last of it. */
	char message[sizeof err->text - (sizeof "snapd answered with HTTP status 500: " - 1)];

	snapd_cause(message, sizeof message, snapd_json_text(envelope->result, "message"));
	(void)error_set(err, ERROR_FORMAT, "snapd answered with HTTP status %d%s%s",
		envelope->status, *message ? ": " : "", message);
	if (err)
		err->code = envelope->status;
	return -1;
}

const char *snapd_json_text(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

	return text ? text : "";
}

bool snapd_json_true(const cJSON *object, const char *key)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}

int64_t snapd_json_count(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	double number;

	if (!cJSON_IsNumber(item))
		return 0;
	number = item->valuedouble;
	if (!isfinite(number) || number < 0 || number > (double)number_max)
		return 0;
	return (int64_t)number;
}

int64_t snapd_json_id(const cJSON *object, const char *key)
{
	long long number = text_number(snapd_json_text(object, key));

	return number > 0 && number <= number_max ? number : 0;
}

bool snapd_revision_fine(const char *text)
{
	const char *number = text + (*text == 'x');
	size_t digits = strspn(number, "0123456789");

	return *number != '0' && digits > 0 && digits <= 10 && number[digits] == '\0';
}

/* The offset from UTC at the end of a time, "Z" or "+01:30", in seconds. */
static bool read_offset(const char *text, int64_t *ret)
{
	static const char shape[] = "+00:00";
	int digits[sizeof shape - 1] = { 0 };

	*ret = 0;
	if (strcmp(text, "Z") == 0)
		return true;
	if (strlen(text) != sizeof shape - 1 || (*text != '+' && *text != '-'))
		return false;
	for (size_t i = 1; i < sizeof shape - 1; i++) {
		digits[i] = text[i] - '0';
		if (shape[i] == '0' ? digits[i] < 0 || digits[i] > 9 : text[i] != shape[i])
			return false;
	}
	*ret = (digits[1] * 10 + digits[2]) * 3600 + (digits[4] * 10 + digits[5]) * 60;
	*ret = *text == '-' ? -*ret : *ret;
	return digits[1] * 10 + digits[2] < 24 && digits[4] < 6;
}

int64_t snapd_time(const char *text)
{
	char whole[] = "2026-11-25T20:38:41Z";
	size_t size = sizeof whole - 2, fraction;
	int64_t seconds, offset;

	if (strlen(text) <= size)
		return 0;
	memcpy(whole, text, size);
	text += size;
	fraction = *text == '.' ? strspn(text + 1, "0123456789") : 0;
	text += fraction ? fraction + 1 : 0;
	if (clock_read(whole, &seconds) < 0 || !read_offset(text, &offset))
		return 0;
	return seconds - offset;
}

static bool continues(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The length at which to cut TEXT, of which USED bytes fit, so that no character is cut in two. */
static size_t cut(const char *text, size_t used, char next)
{
	size_t back = 0;

	if (!continues(next))
		return used;
	while (back < 3 && back < used && continues(text[used - back - 1]))
		back++;
	return used - back - (back < used);
}

void snapd_line_add(char *ret, size_t size, const char *text, size_t length, bool glue)
{
	size_t used = strlen(ret);
	bool gap = !glue;

	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)text[i] <= ' ') {
			gap = true;
			continue;
		}
		if (gap && used > 0 && used + 1 < size)
			ret[used++] = ' ';
		gap = false;
		if (used + 1 >= size) {
			used = cut(ret, used, text[i]);
			break;
		}
		ret[used++] = text[i];
	}
	ret[used] = '\0';
}

void snapd_line(char *ret, size_t size, const char *text)
{
	ret[0] = '\0';
	snapd_line_add(ret, size, text, strlen(text), true);
}

void snapd_cause(char *ret, size_t size, const char *text)
{
	CLEANUP(cleanup_free) char *line = alloc_new(strlen(text) + 1, 1);

	snapd_line(line, strlen(text) + 1, text);
	(void)cause_fit(ret, size, line);
}
