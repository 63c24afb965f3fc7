/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An assertion is headers, an empty line, a body of `body-length` bytes and an empty line if it has
 * one, and a signature, up to an empty line or the end (snapd's asserts/asserts.go).
 */
#include "resource/assertion.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define SMALL    "abcdefghijklmnopqrstuvwxyz"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS   "0123456789"

enum {
	NUMBER_SIZE = 20,
	TYPE_SIZE = 64,
};

struct span {
	const char *text;
	size_t size;
};

/* The bytes of SPAN up to the first MARK, which with it goes from SPAN; all of it without one. */
static struct span cut(struct span *span, const char *mark)
{
	const char *found = memmem(span->text, span->size, mark, strlen(mark));
	struct span ret = *span;
	size_t gone = found ? (size_t)(found - span->text) + strlen(mark) : span->size;

	if (found)
		ret.size = (size_t)(found - span->text);
	span->text += gone;
	span->size -= gone;
	return ret;
}

/*
 * The value of the header NAME into RET, SIZE bytes, or "". A line that begins with a blank belongs to
 * the header before it. -1 when it is there twice, does not fit, or has a byte that is not in LETTERS.
 */
static int find_header(
	struct span headers, const char *name, const char *letters, char *ret, size_t size)
{
	bool found = false;

	*ret = '\0';
	while (headers.size > 0) {
		struct span value = cut(&headers, "\n");
		struct span key = cut(&value, ": ");

		if (key.size != strlen(name) || memcmp(key.text, name, key.size) != 0)
			continue;
		if (found || value.size >= size || memchr(value.text, '\0', value.size))
			return -1;
		found = true;
		memcpy(ret, value.text, value.size);
		ret[value.size] = '\0';
		if (strspn(ret, letters) != value.size)
			return -1;
	}
	return 0;
}

/* -1 when the header is not a number; NONE when it is not there. */
static int64_t find_number(struct span headers, const char *name, int64_t none)
{
	char text[NUMBER_SIZE];

	if (find_header(headers, name, DIGITS, text, sizeof text) < 0)
		return -1;
	return *text ? text_number(text) : none;
}

static int read_headers(struct span headers, struct assertion *ret)
{
	char type[TYPE_SIZE];

	*ret = (struct assertion){ .type = ASSERTION_OTHER };
	if (find_header(headers, "type", SMALL DIGITS "-", type, sizeof type) < 0 || !*type)
		return -1;
	if (strcmp(type, "snap-declaration") == 0)
		ret->type = ASSERTION_DECLARATION;
	else if (strcmp(type, "snap-revision") == 0)
		ret->type = ASSERTION_REVISION;
	else
		return 0;
	if (find_header(headers, "snap-id", SMALL CAPITALS DIGITS "-", ret->id, sizeof ret->id) <
			0 ||
		!*ret->id)
		return -1;
	if (ret->type == ASSERTION_DECLARATION)
		return find_header(headers, "snap-name", SMALL DIGITS "-", ret->name,
			       sizeof ret->name) < 0 ||
				       !*ret->name
			       ? -1
			       : 0;
	ret->revision = find_number(headers, "snap-revision", -1);
	ret->size = find_number(headers, "snap-size", -1);
	if (find_header(headers, "snap-sha3-384", SMALL CAPITALS DIGITS "-_", ret->hash,
		    sizeof ret->hash) < 0 ||
		strlen(ret->hash) != ASSERTION_HASH_SIZE - 1 || ret->size < 1)
		return -1;
	return ret->revision >= 1 && ret->revision <= INT_MAX ? 0 : -1;
}

static int refuse(struct error *err)
{
	return error_set(err, ERROR_FORMAT, "is not a stream of assertions");
}

int assertion_next(
	const char *text, size_t size, size_t *at, struct assertion *ret, struct error *err)
{
	struct span rest = { text + *at, size - *at };
	struct span headers;
	struct assertion seen;
	int64_t body;

	while (rest.size > 0 && *rest.text == '\n') {
		rest.text++;
		rest.size--;
	}
	if (rest.size == 0)
		return 0;
	headers = cut(&rest, "\n\n");
	body = find_number(headers, "body-length", 0);
	if (body < 0 || read_headers(headers, &seen) < 0)
		return refuse(err);
	if (body > 0) {
		if ((uint64_t)body > rest.size || rest.size - (size_t)body < 2 ||
			memcmp(rest.text + body, "\n\n", 2) != 0)
			return refuse(err);
		rest.text += body + 2;
		rest.size -= (size_t)body + 2;
	}
	if (cut(&rest, "\n\n").size == 0)
		return refuse(err);
	*at = size - rest.size;
	*ret = seen;
	return 1;
}
