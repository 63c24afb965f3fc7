/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record in few bytes and back. What the model's time cannot tell apart becomes the same here:
 * this is where the nodes become finitely many.
 */
#include <assert.h>
#include <string.h>

#include "fsm/memory.h"
#include "fsm/status.h"
#include "tests/model/model.h"

enum {
	NOW = 1750000000,
	LATER = 1800, /* until a next try that is not due */
	DAY = 24 * 3600,
	TEXTS = 250,
	KNOWN = 4096,
};

static char texts[TEXTS][FSM_DETAIL_MAX + 1];
static struct fsm_told tolds[TEXTS];
static unsigned text_count = 1, told_count = 1; /* 0: "" and nothing told yet */

int64_t model_now(void)
{
	return NOW;
}

const char *channel_name(unsigned channel)
{
	static const char *const names[] = { "", "latest/a", "latest/b" };

	assert(channel <= B);
	return names[channel];
}

static uint8_t channel_of(const char *name)
{
	uint8_t channel = 0;

	while (strcmp(channel_name(channel), name) != 0)
		channel++;
	return channel;
}

static uint8_t text_of(const char *text)
{
	unsigned i = 0;

	while (i < text_count && strcmp(texts[i], text) != 0)
		i++;
	if (i == text_count) {
		assert(text_count < TEXTS);
		strcpy(texts[text_count++], text);
	}
	return (uint8_t)i;
}

void memory_of(const struct memory *memory, struct fsm_memory *ret)
{
	*ret = (struct fsm_memory){
		.class = memory->class,
		.op = memory->op,
		.reason = memory->reason,
		.attempts = memory->attempts,
	};
	if (memory->class == FSM_CLASS_NONE)
		return;
	strcpy(ret->channel, channel_name(memory->channel));
	strcpy(ret->detail, texts[memory->detail]);
	ret->tried = memory->old ? NOW - 2 * DAY : NOW;
	ret->next_try = memory->due ? 0 : NOW + LATER;
}

/* How often it was tried matters up to a point, which depends on whose trouble it is. */
static uint8_t attempts_of(const struct fsm_memory *memory)
{
	if (memory->class == FSM_CLASS_DRIFT)
		return (uint8_t)memory->attempts;
	if (memory->class == FSM_CLASS_PASSING)
		return memory->attempts > 1 ? 2 : 1;
	return 1;
}

void keep_memory(const struct fsm_memory *memory, struct memory *ret)
{
	*ret = (struct memory){ 0 };
	if (memory->class == FSM_CLASS_NONE)
		return;
	*ret = (struct memory){
		.class = (uint8_t)memory->class,
		.op = (uint8_t)memory->op,
		.channel = channel_of(memory->channel),
		.reason = (uint8_t)memory->reason,
		.detail = text_of(memory->detail),
		.attempts = attempts_of(memory),
		.due = memory->next_try <= NOW,
		.old = memory->tried < NOW - DAY &&
		       (memory->class == FSM_CLASS_DRIFT || memory->reason == FSM_REASON_CONTESTED),
	};
}

void record_of(const struct database *db, struct fsm_record *ret)
{
	*ret = (struct fsm_record){
		.state = db->state,
		.reason = db->reason,
		.intent = { .op = db->op, .phase = db->phase, .change = db->change },
		.ours = db->ours,
		.retired = db->retired,
	};
	strcpy(ret->channel, channel_name(db->channel));
	strcpy(ret->detail, texts[db->detail]);
	strcpy(ret->intent.channel, channel_name(db->to));
	memory_of(&db->memory, &ret->memory);
	strcpy(ret->tracking, channel_name(db->tracking));
	strcpy(ret->revision, db->tracking ? "1" : "");
	strcpy(ret->version, db->tracking ? "1" : "");
}

/* Keeps what time alone changes: whether the intent is aged. A new one is not. */
void keep_record(const struct fsm_record *record, struct database *ret)
{
	bool same = ret->op == record->intent.op && ret->phase == record->intent.phase &&
		    ret->phase == FSM_PHASE_ASKED;

	ret->state = (uint8_t)record->state;
	ret->channel = channel_of(record->channel);
	ret->reason = (uint8_t)record->reason;
	ret->detail = text_of(record->detail);
	ret->aged = same && ret->aged;
	ret->op = (uint8_t)record->intent.op;
	ret->to = channel_of(record->intent.channel);
	ret->phase = (uint8_t)record->intent.phase;
	ret->change = (uint8_t)record->intent.change;
	keep_memory(&record->memory, &ret->memory);
	ret->ours = record->ours;
	ret->retired = record->retired;
	ret->tracking = channel_of(record->tracking);
}

static uint8_t intern_told(const struct fsm_told *told)
{
	unsigned i = 1;

	while (i < told_count &&
		(tolds[i].status != told->status || strcmp(tolds[i].message, told->message) != 0))
		i++;
	if (i == told_count) {
		assert(told_count < TEXTS);
		tolds[told_count++] = *told;
	}
	return (uint8_t)i;
}

/* The same few records are asked about again and again, and a text takes its time. */
uint8_t told_of(const struct database *db)
{
	static struct {
		struct database db;
		uint8_t told;
	} known[KNOWN];
	const unsigned char *bytes = (const unsigned char *)db;
	struct fsm_record record;
	struct fsm_told told;
	unsigned slot = 0;

	for (size_t i = 0; i < sizeof *db; i++)
		slot = slot * 31 + bytes[i];
	slot %= KNOWN;
	if (!known[slot].told || memcmp(&known[slot].db, db, sizeof *db) != 0) {
		record_of(db, &record);
		told = fsm_told(&record, "");
		known[slot].db = *db;
		known[slot].told = intern_told(&told);
	}
	return known[slot].told;
}

void tell_record(uint8_t told, struct fsm_record *ret)
{
	ret->told_status = tolds[told].status;
	strcpy(ret->told_message, tolds[told].message);
}

const char *told_text(uint8_t told)
{
	return told ? tolds[told].message : "nothing yet";
}
