/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cause.h"

#include <string.h>

enum {
	TEXT_MAX = 4096,  /* bytes that are read, from the end */
	PARTS_MAX = 32,   /* from the end as well; what stands before is one part */
	NESTED_MAX = 4,   /* parentheses that end with the text */
	FRAGMENT_MIN = 8, /* bytes of a part that tell something without the others */
};

/* What a part tells: the least goes first. */
enum weight {
	LEAST,
	ADDRESS,
	WORDS
};

struct part {
	const char *at;   /* what is kept of it; ... */
	size_t length;    /* ... 0: nothing is */
	const char *glue; /* in front of it, when a part is kept before it */
	enum weight weight;
	bool cut; /* its beginning is left out */
	bool kept;
};

struct parts {
	struct part list[PARTS_MAX];
	size_t count;
};

/* clang-format off */
/* Where a part begins. NEEDS: what must follow before the next part, or NULL. */
static const struct {
	const char *mark;
	size_t skip; /* bytes of it that do not belong to the part */
	const char *glue, *needs;
} borders[] = {
	{ ": ",               2, ": ", NULL },
	{ ". See ",           2, ". ", NULL },
	{ " via ",            1, " ",  "://" },
	{ " when trying to ", 1, " ",  "://" },
};
#define BORDERS (sizeof borders / sizeof *borders)

/* What a part that begins so is worth; all others are words. Go writes these, untranslated. */
static const struct {
	const char *begin;
	enum weight weight;
} worths[] = {
	{ "Get \"",          LEAST },
	{ "Head \"",         LEAST },
	{ "Post \"",         LEAST },
	{ "Put \"",          LEAST },
	{ "See ",            LEAST },
	{ "via ",            LEAST },
	{ "when trying to ", LEAST },
	{ "stderr",          LEAST },
	{ "dial ",           ADDRESS },
	{ "read tcp ",       ADDRESS },
	{ "read udp ",       ADDRESS },
	{ "write tcp ",      ADDRESS },
	{ "write udp ",      ADDRESS },
};
/* clang-format on */

static bool begins(const char *text, size_t length, const char *with)
{
	return length >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

static bool holds(const char *text, size_t length, const char *what)
{
	for (; length >= strlen(what); text++, length--)
		if (begins(text, length, what))
			return true;
	return false;
}

static enum weight weight_of(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof worths / sizeof *worths; i++)
		if (begins(text, length, worths[i].begin))
			return worths[i].weight;
	return WORDS;
}

/* The " (" that belongs to the ")" at the end of the text from FROM to END; NULL if there is none. */
static const char *opening(const char *from, const char *end)
{
	size_t depth = 0;

	if (end == from || end[-1] != ')')
		return NULL;
	for (const char *at = end - 1; at > from; at--) {
		depth += *at == ')';
		depth -= *at == '(';
		if (depth == 0)
			return at[-1] == ' ' ? at - 1 : NULL;
	}
	return NULL;
}

/* Puts a part in front of those that there are; they come from the end of the text. */
static void put(struct parts *parts, const char *at, const char *end, const char *glue)
{
	size_t length = (size_t)(end - at);

	if (length == 0)
		return;
	memmove(parts->list + 1, parts->list, parts->count * sizeof *parts->list);
	parts->list[0] = (struct part){ at, length, glue, weight_of(at, length), false, false };
	parts->count++;
}

/* The border at AT of a part that would end at END; BORDERS if there is none. */
static size_t border_at(const char *at, const char *end)
{
	size_t left = (size_t)(end - at);
	size_t i = 0;

	while (i < BORDERS && !(begins(at, left, borders[i].mark) &&
				      (!borders[i].needs || holds(at, left, borders[i].needs))))
		i++;
	return i;
}

static void split(const char *text, struct parts *ret)
{
	const char *end = text + strlen(text);
	const char *nested[NESTED_MAX];
	size_t depth = 0; /* parentheses in which the text ends, the innermost last */
	const char *at;

	ret->count = 0;
	while (depth < NESTED_MAX && (nested[depth] = opening(text, end))) {
		depth++;
		end--;
	}
	for (at = end; at > text && ret->count < PARTS_MAX - 1; at--) {
		size_t border = border_at(at, end);

		if (depth > 0 && at == nested[depth - 1]) {
			put(ret, at + 2, end, " (");
			depth--;
			end = at;
		} else if (border < BORDERS) {
			put(ret, at + borders[border].skip, end, borders[border].glue);
			end = at;
		}
	}
	put(ret, text, end, "");
}

/* Adds to the text in RET, of which *USED bytes are needed so far, room or not. */
static void add(char *ret, size_t size, size_t *used, const char *text, size_t length)
{
	if (*used + length < size) {
		memcpy(ret + *used, text, length);
		ret[*used + length] = '\0';
	}
	*used += length;
}

/* What is kept, in one text; whether it fits. */
static bool join(const struct parts *parts, char *ret, size_t size)
{
	size_t used = 0, open = 0;
	bool gap = false;

	for (size_t i = 0; i < parts->count; i++) {
		const struct part *part = &parts->list[i];

		if (!part->kept) {
			gap |= part->weight == WORDS;
			continue;
		}
		if (used > 0) {
			open += strcmp(part->glue, " (") == 0;
			add(ret, size, &used, part->glue, strlen(part->glue));
			if (gap && !part->cut)
				add(ret, size, &used, "...: ", 5);
		}
		if (part->cut)
			add(ret, size, &used, "...", 3);
		add(ret, size, &used, part->at, part->length);
		gap = false;
	}
	while (open-- > 0)
		add(ret, size, &used, ")", 1);
	return used < size;
}

static bool continues(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Leaves out words at the beginning of PART until all that is kept fits; false if too little is left. */
static bool shorten(struct parts *parts, struct part *part, char *ret, size_t size)
{
	struct part whole = *part;

	part->kept = part->cut = true;
	while (part->length >= FRAGMENT_MIN) {
		const char *blank = memchr(part->at, ' ', part->length);
		size_t skip = blank ? (size_t)(blank + 1 - part->at) : part->length;

		part->at += skip;
		part->length -= skip;
		if (part->length >= FRAGMENT_MIN && join(parts, ret, size))
			return true;
	}
	*part = whole;
	return false;
}

/* Cuts PART, the only one that is kept, at any byte. */
static void cut(struct part *part, size_t size)
{
	size_t skip = part->length - (size - 1 - strlen("..."));

	while (skip < part->length && continues(part->at[skip]))
		skip++;
	part->at += skip;
	part->length -= skip;
	part->cut = true;
}

/* The part that tells the cause: the last that has words, or else the last. */
static size_t innermost(const struct parts *parts)
{
	for (size_t i = parts->count; i-- > 0;)
		if (parts->list[i].weight == WORDS)
			return i;
	return parts->count - 1;
}

/* Keeps the name of a task, with all else in parentheses, if that leaves most of the room to the cause. */
static void keep_task(struct parts *parts, char *ret, size_t size)
{
	struct part *first = &parts->list[0];

	if (parts->count < 2 || first->kept || first->length > size / 3 ||
		strcmp(first[1].glue, " (") != 0)
		return;
	first->kept = true;
	first->kept = join(parts, ret, size);
}

/* Keeps what else fits of this WEIGHT, from the end; whether all of it does. */
static bool keep(struct parts *parts, enum weight weight, char *ret, size_t size)
{
	bool all = true;

	for (size_t i = parts->count; i-- > 0;) {
		struct part *part = &parts->list[i];

		if (part->weight != weight || part->kept)
			continue;
		part->kept = true;
		if (join(parts, ret, size))
			continue;
		part->kept = all && weight == WORDS && shorten(parts, part, ret, size);
		all = false;
	}
	return all;
}

bool cause_fit(char *ret, size_t size, const char *text)
{
	size_t length = strlen(text);
	struct parts parts;
	struct part *cause;
	bool whole;

	if (length < size) {
		memcpy(ret, text, length + 1);
		return true;
	}
	ret[0] = '\0';
	if (length > TEXT_MAX)
		text += length - TEXT_MAX;
	/* Not into a character of UTF-8, which has three such bytes at most. */
	for (int i = 0; length > TEXT_MAX && i < 3 && continues(*text); i++)
		text++;
	split(text, &parts);
	cause = &parts.list[innermost(&parts)];
	cause->kept = true;
	whole = join(&parts, ret, size);
	if (!whole && !shorten(&parts, cause, ret, size)) {
		cause->kept = true;
		cut(cause, size);
	}
	keep_task(&parts, ret, size);
	if (keep(&parts, WORDS, ret, size) && keep(&parts, ADDRESS, ret, size))
		(void)keep(&parts, LEAST, ret, size);
	ret[0] = '\0';
	(void)join(&parts, ret, size);
	return whole;
}

const char *cause_words(const char *text)
{
	static const char cannot[] = "cannot ", snap[] = "snap ";
	const char *at = text + strlen(cannot);
	const char *end;

	if (strncmp(text, cannot, strlen(cannot)) != 0)
		return text;
	at += strspn(at, "abcdefghijklmnopqrstuvwxyz");
	at += *at == ' ';
	if (strncmp(at, snap, strlen(snap)) == 0)
		at += strlen(snap);
	end = *at == '"' ? strchr(at + 1, '"') : NULL;
	return end && strncmp(end, "\": ", 3) == 0 && end[3] ? end + 3 : text;
}
