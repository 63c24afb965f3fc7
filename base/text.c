/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <string.h>

/* Length of the well-formed UTF-8 sequence that starts at TEXT (RFC 3629), 0 if there is none. */
static size_t sequence(const unsigned char *text, size_t size)
{
	unsigned char first = text[0];
	unsigned char low = 0x80, high = 0xbf;
	size_t length;

	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		length = 2;
	else if ((first & 0xf0) == 0xe0)
		length = 3;
	else if (first >= 0xf0 && first <= 0xf4)
		length = 4;
	else
		return 0;
	if (first == 0xe0)
		low = 0xa0; /* no overlong forms */
	else if (first == 0xed)
		high = 0x9f; /* no surrogates */
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f; /* nothing beyond U+10FFFF */
	if (length > size || text[1] < low || text[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (text[i] < 0x80 || text[i] > 0xbf)
			return 0;
	return length;
}

/* U+200E.., U+202A.. and U+2066.. reorder what a terminal shows. */
static bool reorders(const unsigned char *text, size_t length)
{
	if (length != 3 || text[0] != 0xe2)
		return false;
	if (text[1] == 0x80)
		return text[2] == 0x8e || text[2] == 0x8f || (text[2] >= 0xa8 && text[2] <= 0xae);
	return text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9;
}

static int escape_byte(struct buf *ret, unsigned char byte)
{
	switch (byte) {
	case '\n':
		return buf_adds(ret, "\\n");
	case '\r':
		return buf_adds(ret, "\\r");
	case '\t':
		return buf_adds(ret, "\\t");
	case '\\':
		return buf_adds(ret, "\\\\");
	default:
		return buf_addf(ret, "\\x%02x", byte);
	}
}

int text_escape(struct buf *ret, const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text;
	const unsigned char *end = at + size;

	while (at < end) {
		size_t length = sequence(at, (size_t)(end - at));
		bool c1 = length == 2 && at[0] == 0xc2 && at[1] < 0xa0;
		bool plain = length == 1 ? *at >= 0x20 && *at != 0x7f && *at != '\\'
					 : length > 1 && !c1 && !reorders(at, length);

		if (plain) {
			if (buf_add(ret, at, length) < 0)
				return -1;
			at += length;
			continue;
		}
		for (size_t i = 0; i < (length ? length : 1); i++)
			if (escape_byte(ret, at[i]) < 0)
				return -1;
		at += length ? length : 1;
	}
	return 0;
}

void text_ascii(char *ret, size_t size, const char *text)
{
	size_t length = strlen(text);
	size_t keep = length < size ? length : size - 1;

	for (size_t i = 0; i < keep; i++)
		ret[i] = text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?';
	memset(ret + keep, 0, size - keep);
	if (keep < length && keep >= 6)
		memcpy(ret + keep - 3, "...", 3);
}

long long text_number(const char *text)
{
	long long number = 0;

	if (!*text)
		return -1;
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || number > (1LL << 62) / 10 - 1)
			return -1;
		number = number * 10 + (*text - '0');
	}
	return number;
}

uint32_t text_hash(const char *text)
{
	uint32_t hash = 2166136261U;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619U;
	return hash;
}
