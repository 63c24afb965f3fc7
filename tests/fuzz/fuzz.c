/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

void fuzz_fail(const char *file, int line, const char *what)
{
	char text[512];
	int size = snprintf(text, sizeof text, "%s:%d: does not hold: %s\n", file, line, what);

	/*
	 * The targets redirect standard error; libFuzzer keeps a copy of it and shows the trace
	 * there.
	 */
	(void)!write(STDERR_FILENO, text, (size_t)size);
	abort();
}

static void read_part(struct fuzz_part *ret, char *text, size_t size)
{
	char *end = memchr(text, '\n', size);
	char *blank;

	ret->word = text;
	ret->body = end ? end + 1 : text + size;
	ret->size = size - (size_t)(ret->body - text);
	if (end)
		*end = '\0';
	blank = strchr(text, ' ');
	ret->rest = blank ? blank + 1 : "";
	if (blank)
		*blank = '\0';
}

void fuzz_input_read(struct fuzz_input *ret, const uint8_t *data, size_t size)
{
	char *at, *end;

	*ret = (struct fuzz_input){ .text = alloc_new(1, size + 1) };
	if (size)
		memcpy(ret->text, data, size);
	at = ret->text;
	end = at + size;
	while (at < end && ret->count < FUZZ_PARTS_MAX) {
		char *gap = memmem(at, (size_t)(end - at), "\n\n", 2);
		char *stop = gap ? gap : end;

		*stop = '\0';
		read_part(&ret->parts[ret->count++], at, (size_t)(stop - at));
		at = gap ? gap + 2 : end;
	}
}

void fuzz_input_done(struct fuzz_input *input)
{
	free(input->text);
}

struct fuzz_part *fuzz_input_next(struct fuzz_input *input, const char *word)
{
	struct fuzz_part *found = NULL;

	for (size_t i = 0; i < input->count; i++) {
		struct fuzz_part *part = &input->parts[i];

		if (strcmp(part->word, word) != 0)
			continue;
		found = part;
		if (!part->used)
			break;
	}
	if (found)
		found->used = true;
	return found;
}

/* The character at TEXT and its length, 0 if there is none. Follows the table of RFC 3629. */
static size_t character(const unsigned char *text, size_t size, unsigned *ret)
{
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = text[0] < 0x80   ? 1
			: text[0] < 0xc0 ? 0
			: text[0] < 0xe0 ? 2
			: text[0] < 0xf0 ? 3
			: text[0] < 0xf8 ? 4
					 : 0;

	if (length == 0 || length > size)
		return 0;
	*ret = length == 1 ? text[0] : text[0] & (0x7fU >> length);
	for (size_t i = 1; i < length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*ret = *ret << 6 | (text[i] & 0x3f);
	}
	if (*ret < least[length] || *ret > 0x10ffff || (*ret >= 0xd800 && *ret < 0xe000))
		return 0;
	return length;
}

static bool harmless(unsigned code)
{
	bool control =
		(code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7f && code < 0xa0);
	bool reorders = code == 0x200e || code == 0x200f || (code >= 0x202a && code <= 0x202e) ||
			(code >= 0x2066 && code <= 0x2069);
	/* Some terminals and log readers take these for the end of a line. */
	bool breaks = code == 0x2028 || code == 0x2029;

	return !control && !reorders && !breaks;
}

void fuzz_check_shown(const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text;
	const unsigned char *end = at + size;

	while (at < end) {
		unsigned code = 0;
		size_t length = character(at, (size_t)(end - at), &code);

		FUZZ_CHECK(length > 0);
		FUZZ_CHECK(harmless(code));
		at += length;
	}
}

void fuzz_check_ascii(const char *text, size_t max)
{
	FUZZ_CHECK(strlen(text) <= max);
	for (; *text; text++)
		FUZZ_CHECK(*text >= ' ' && *text <= '~');
}

void fuzz_check_ends(const char *text, size_t size)
{
	FUZZ_CHECK(strnlen(text, size) < size);
}
