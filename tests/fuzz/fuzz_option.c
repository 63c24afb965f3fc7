/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads any output of config-get as the options.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/option.h"
#include "juju/options.h"
#include "tests/fuzz/fuzz.h"

/* What is wrong: the bad options in the order of the table, each with a value. */
static void check_wrong(const char *wrong)
{
	int last = -1;

	for (const char *at = wrong; at; at = strstr(at, "; ")) {
		at += at == wrong ? 0 : 2;
		enum option_id id = option_named(at);
		size_t length;

		FUZZ_CHECK((int)id > last && id < OPTION_COUNT);
		last = (int)id;
		at += strlen(option_rows[id].name) + 1;
		length = option_value(at);
		FUZZ_CHECK(length > 0 && strchr("; ", at[length]));
		if (*at == '\'')
			FUZZ_CHECK(length > 1 && at[length - 1] == '\'' && at[length] == ' ');
		at += length;
	}
}

static void check(const struct juju_options *option)
{
	char again[CHANNEL_SIZE];
	const char *brief = channel_short(option->channel);

	fuzz_check_ends(option->channel, sizeof option->channel);
	fuzz_check_ends(option->health_path, sizeof option->health_path);
	fuzz_check_ascii(option->health_path, JUJU_PATH_MAX);
	FUZZ_CHECK(!strpbrk(option->health_path, " '#\\"));
	FUZZ_CHECK(!*option->health_path || *option->health_path == '/');
	fuzz_check_ends(option->wrong, sizeof option->wrong);
	fuzz_check_ascii(option->wrong, JUJU_WRONG_SIZE - 1);
	FUZZ_CHECK(!*option->wrong == option->valid);
	FUZZ_CHECK(option->revision >= 0 && option->revision <= INT32_MAX);
	if (!option->valid) {
		FUZZ_CHECK(!*option->channel && option->revision == 0);
		check_wrong(option->wrong);
		return;
	}
	FUZZ_CHECK(channel_parse(brief, strlen(brief), again, NULL) == 0);
	FUZZ_CHECK(strcmp(again, option->channel) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct juju_options option, before;
	char *text = alloc_new(1, size + 1);
	struct error err = { 0 };

	if (size)
		memcpy(text, data, size);
	memset(&option, 0x55, sizeof option);
	before = option;
	if (juju_options_read(text, size, &option, &err) == 0) {
		check(&option);
	} else {
		FUZZ_CHECK(err.kind == ERROR_FORMAT);
		FUZZ_CHECK(memcmp(&option, &before, sizeof before) == 0);
	}
	free(text);
	return 0;
}
