/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads any output of config-get as the option.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "juju/options.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct juju_option *option)
{
	char again[CHANNEL_SIZE];
	const char *brief = channel_short(option->channel);

	fuzz_check_ends(option->shown, sizeof option->shown);
	fuzz_check_ascii(option->shown, JUJU_SHOWN_SIZE - 1);
	FUZZ_CHECK(*option->shown == '\'' || *option->shown == '(');
	fuzz_check_ends(option->channel, sizeof option->channel);
	fuzz_check_ends(option->wrong, sizeof option->wrong);
	fuzz_check_ascii(option->wrong, JUJU_WRONG_SIZE - 1);
	FUZZ_CHECK(!*option->wrong == option->valid);
	if (!option->valid) {
		FUZZ_CHECK(!*option->channel);
		return;
	}
	FUZZ_CHECK(channel_parse(brief, strlen(brief), again, NULL) == 0);
	FUZZ_CHECK(strcmp(again, option->channel) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct juju_option option, before;
	char *text = alloc_new(1, size + 1);
	struct error err = { 0 };

	if (size)
		memcpy(text, data, size);
	memset(&option, 0x55, sizeof option);
	before = option;
	if (juju_option_read(text, size, &option, &err) == 0) {
		check(&option);
	} else {
		FUZZ_CHECK(err.kind == ERROR_FORMAT);
		FUZZ_CHECK(memcmp(&option, &before, sizeof before) == 0);
	}
	free(text);
	return 0;
}
