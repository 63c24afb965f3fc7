/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The channel grammar: see channel.h. Follows snap/channel/channel.go of snapd. snapd's own parser
 * checks only the risk, and takes anything else for a track or a branch.
 */
#include "base/channel.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *const channel_risks[CHANNEL_RISKS] = { "stable", "candidate", "beta", "edge" };

struct part {
	const char *text;
	size_t size;
};

static bool is_risk(struct part part)
{
	for (size_t i = 0; i < CHANNEL_RISKS; i++)
		if (part.size == strlen(channel_risks[i]) &&
			memcmp(part.text, channel_risks[i], part.size) == 0)
			return true;
	return false;
}

/* Not isalnum(), because that depends on the locale. */
static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* What keeps a part from being one, NULL when nothing does. */
static const char *fault_of(struct part part)
{
	if (part.size == 0)
		return "has an empty part";
	for (size_t i = 0; i < part.size; i++)
		if (!is_alnum(part.text[i]) && (!part.text[i] || !strchr("._-", part.text[i])))
			return "has characters other than A-Z a-z 0-9 . _ -";
	return is_alnum(part.text[0]) ? NULL
				      : "has a part that does not begin with a letter or a digit";
}

/* The number of parts between slashes; RET gets the first three. */
static size_t split(const char *value, size_t size, struct part ret[3])
{
	const char *end = value + size;
	size_t count = 0;

	for (const char *at = value;; at++) {
		const char *slash = memchr(at, '/', (size_t)(end - at));
		size_t length = (size_t)((slash ? slash : end) - at);

		if (count < 3)
			ret[count] = (struct part){ at, length };
		count++;
		if (!slash)
			return count;
		at = slash;
	}
}

int channel_parse(const char *value, size_t size, char *ret, struct error *err)
{
	struct part parts[3];
	size_t count;
	bool bare; /* no track in front */

	if (size == 0)
		return error_set(err, ERROR_FORMAT, "is empty");
	if (size > CHANNEL_OPTION_MAX)
		return error_set(err, ERROR_FORMAT, "is longer than %d bytes", CHANNEL_OPTION_MAX);
	count = split(value, size, parts);
	if (count > 3)
		return error_set(err, ERROR_FORMAT, "has more than three parts");
	for (size_t i = 0; i < count; i++) {
		const char *fault = fault_of(parts[i]);

		if (fault)
			return error_set(err, ERROR_FORMAT, "%s", fault);
	}
	bare = count < 3 && is_risk(parts[0]);
	if (!bare && (count < 2 || !is_risk(parts[1])))
		return error_set(
			err, ERROR_FORMAT, "has no risk: one of stable, candidate, beta, edge");
	(void)snprintf(ret, CHANNEL_SIZE, "%s%.*s", bare ? "latest/" : "", (int)size, value);
	return 0;
}

void channel_full(const char *channel, char *ret)
{
	struct part parts[3];
	size_t size = strlen(channel);
	size_t count = split(channel, size, parts);
	bool bare = count < 3 && is_risk(parts[0]);
	const char *before = bare ? "latest/" : "";
	const char *after = count == 1 && !bare ? "/stable" : "";

	if (size == 0 || strlen(before) + size + strlen(after) >= CHANNEL_SIZE) {
		ret[0] = '\0';
		return;
	}
	(void)snprintf(ret, CHANNEL_SIZE, "%s%s%s", before, channel, after);
}

const char *channel_short(const char *channel)
{
	static const char latest[] = "latest/";

	return strncmp(channel, latest, sizeof latest - 1) == 0 ? channel + sizeof latest - 1
								: channel;
}
