/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that people will see: the escapes, and the status of a record whose fields hold anything
 * that a database can hold.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "fsm/names.h"
#include "fsm/status.h"
#include "tests/fuzz/fuzz.h"

static void escape(const uint8_t *data, size_t size)
{
	struct buf all, few;
	char *exact = alloc_new(1, size);

	if (size)
		memcpy(exact, data, size);
	buf_init(&all, 4 * size);
	FUZZ_CHECK(text_escape(&all, exact, size) == 0);
	fuzz_check_shown(buf_text(&all), all.len);
	FUZZ_CHECK(!memchr(buf_text(&all), '\n', all.len));
	FUZZ_CHECK(!memchr(buf_text(&all), '\t', all.len));
	buf_init(&few, size / 2);
	if (text_escape(&few, exact, size) < 0)
		FUZZ_CHECK(few.len <= size / 2);
	FUZZ_CHECK(memcmp(buf_text(&few), buf_text(&all), few.len) == 0);
	buf_done(&all);
	buf_done(&few);
	free(exact);
}

static void print(const char *text)
{
	for (size_t size = 1; size < 70; size += 1 + size / 3) {
		char *ret = alloc_new(1, size);

		text_ascii(ret, size, text);
		fuzz_check_ends(ret, size);
		fuzz_check_ascii(ret, size - 1);
		free(ret);
	}
}

static void count(const char *text)
{
	long long number = text_number(text);
	char again[32];

	FUZZ_CHECK(number >= -1 && number <= 1LL << 62);
	if (number < 0)
		return;
	(void)snprintf(again, sizeof again, "%lld", number);
	while (text[0] == '0' && text[1])
		text++;
	FUZZ_CHECK(strcmp(text, again) == 0);
}

/* Takes bytes from the input, and zeros after its end. */
static void take(const uint8_t **data, size_t *size, void *ret, size_t wanted)
{
	size_t got = wanted < *size ? wanted : *size;

	memset(ret, 0, wanted);
	if (got)
		memcpy(ret, *data, got);
	*data += got;
	*size -= got;
}

static unsigned pick(const uint8_t **data, size_t *size, unsigned choices)
{
	uint8_t byte;

	take(data, size, &byte, 1);
	return byte % choices;
}

static void take_text(const uint8_t **data, size_t *size, char *ret, size_t room)
{
	size_t length = pick(data, size, (unsigned)(room > 256 ? 256 : room));

	memset(ret, 0, room);
	take(data, size, ret, length < room ? length : room - 1);
}

static void tell(const uint8_t *data, size_t size)
{
	struct fsm_record record = { 0 };
	struct fsm_status_line told;
	char progress[64];

	record.state = (enum fsm_state)pick(&data, &size, FSM_STATE_COUNT);
	record.reason = (enum fsm_reason)pick(&data, &size, FSM_REASON_COUNT);
	record.intent.op = (enum fsm_op)pick(&data, &size, FSM_OP_COUNT);
	record.failure.reason = (enum fsm_reason)pick(&data, &size, FSM_REASON_COUNT);
	record.failure.class = (enum fsm_class)pick(&data, &size, FSM_CLASS_COUNT);
	record.retired = pick(&data, &size, 2);
	record.stopping = pick(&data, &size, 2);
	take(&data, &size, &record.since, sizeof record.since);
	take(&data, &size, &record.failure.next_try, sizeof record.failure.next_try);
	record.drift.next_try = record.failure.next_try;
	take_text(&data, &size, record.target.channel, sizeof record.target.channel);
	take_text(&data, &size, record.detail, sizeof record.detail);
	take_text(&data, &size, record.intent.target.channel, sizeof record.intent.target.channel);
	take_text(&data, &size, record.tracking, sizeof record.tracking);
	take_text(&data, &size, progress, sizeof progress);
	told = fsm_status_line(&record, progress);
	FUZZ_CHECK(told.status > FSM_STATUS_NONE && told.status < FSM_STATUS_COUNT);
	FUZZ_CHECK((told.status == FSM_STATUS_ACTIVE) == (record.state == FSM_STATE_ACTIVE));
	fuzz_check_ends(told.message, sizeof told.message);
	fuzz_check_ascii(told.message, FSM_STATUS_MAX);
	FUZZ_CHECK(*told.message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = alloc_new(1, size + 1);

	if (size)
		memcpy(text, data, size);
	escape(data, size);
	print(text);
	count(text);
	tell(data, size);
	free(text);
	return 0;
}
