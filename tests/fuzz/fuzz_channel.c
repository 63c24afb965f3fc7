/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares the channel grammar with a second implementation of its description in channel.h.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/channel.h"
#include "tests/fuzz/fuzz.h"

static bool is_risk(const char *word)
{
	return strcmp(word, "stable") == 0 || strcmp(word, "candidate") == 0 ||
	       strcmp(word, "beta") == 0 || strcmp(word, "edge") == 0;
}

static bool is_word(const char *word)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return *word && !strchr("._-", *word) && strspn(word, letters) == strlen(word);
}

/* [track/]risk[/branch], or not. */
static bool is_channel(const char *value, size_t size)
{
	char copy[CHANNEL_OPTION_MAX + 1];
	char *words[4], *rest = copy, *word;
	size_t count = 0;

	if (size == 0 || size > CHANNEL_OPTION_MAX || memchr(value, '\0', size))
		return false;
	memcpy(copy, value, size);
	copy[size] = '\0';
	while ((word = strsep(&rest, "/")) && count < 4)
		words[count++] = word;
	if (word)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!is_word(words[i]))
			return false;
	return (count < 3 && is_risk(words[0])) ||
	       ((count == 2 || count == 3) && is_risk(words[1]));
}

static void parse(const char *value, size_t size)
{
	char full[CHANNEL_SIZE], again[CHANNEL_SIZE], lenient[CHANNEL_SIZE];
	const char *brief;
	int outcome;

	memset(full, 'x', sizeof full);
	outcome = channel_parse(value, size, full, NULL);
	FUZZ_CHECK((outcome == 0) == is_channel(value, size));
	if (outcome < 0) {
		FUZZ_CHECK(full[0] == 'x' && full[sizeof full - 1] == 'x');
		return;
	}
	fuzz_check_ends(full, sizeof full);
	fuzz_check_ascii(full, sizeof full - 1);
	/* A channel that is shown can be written into the option, and means the same there. */
	brief = channel_short(full);
	FUZZ_CHECK(channel_parse(brief, strlen(brief), again, NULL) == 0);
	FUZZ_CHECK(strcmp(again, full) == 0);
	/* channel_full(), which accepts more, gives the same. */
	channel_full(full, lenient);
	FUZZ_CHECK(strcmp(lenient, full) == 0);
	channel_full(brief, lenient);
	FUZZ_CHECK(strcmp(lenient, full) == 0);
}

static void complete(const char *shown)
{
	char full[CHANNEL_SIZE], again[CHANNEL_SIZE];

	channel_full(shown, full);
	fuzz_check_ends(full, sizeof full);
	channel_full(full, again);
	FUZZ_CHECK(strcmp(again, full) == 0);
	FUZZ_CHECK(*shown || !*full);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *exact = alloc_new(1, size);
	char *text = alloc_new(1, size + 1);

	if (size) {
		memcpy(exact, data, size);
		memcpy(text, data, size);
	}
	parse(exact, size);
	complete(text);
	free(exact);
	free(text);
	return 0;
}
