/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record as columns. One list says which column holds which member and how. The statements that
 * read and write the record are made from that list, so they always agree.
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/error.h"
#include "fsm/record.h"

/* clang-format off */
/*
 * column, how, member of struct fsm_record. HOW is one of FSM_KINDS, or text, number, time, flag.
 */
#define STORE_RECORD(FIRST, NEXT) \
	FIRST(state,          state,  state) \
	NEXT(channel,         text,   channel) \
	NEXT(reason,          reason, reason) \
	NEXT(detail,          text,   detail) \
	NEXT(since,           time,   since) \
	NEXT(build,           text,   build) \
	NEXT(intent_op,       op,     intent.op) \
	NEXT(intent_channel,  text,   intent.channel) \
	NEXT(intent_phase,    phase,  intent.phase) \
	NEXT(intent_baseline, number, intent.baseline) \
	NEXT(intent_change,   number, intent.change) \
	NEXT(intent_asked,    time,   intent.asked) \
	NEXT(intent_uptime,   number, intent.uptime) \
	NEXT(intent_boot,     text,   intent.boot) \
	NEXT(memory_class,    class,  memory.class) \
	NEXT(memory_op,       op,     memory.op) \
	NEXT(memory_channel,  text,   memory.channel) \
	NEXT(memory_reason,   reason, memory.reason) \
	NEXT(memory_detail,   text,   memory.detail) \
	NEXT(memory_attempts, number, memory.attempts) \
	NEXT(memory_tried,    time,   memory.tried) \
	NEXT(memory_next_try, time,   memory.next_try) \
	NEXT(ours,            flag,   ours) \
	NEXT(retired,         flag,   retired) \
	NEXT(port,            port,   port) \
	NEXT(revision,        text,   revision) \
	NEXT(version,         text,   version) \
	NEXT(tracking,        text,   tracking) \
	NEXT(told_status,     status, told_status) \
	NEXT(told_message,    text,   told_message) \
	NEXT(told_version,    text,   told_version)
/* clang-format on */

/* Binds RECORD to parameter 1 and following; it must outlive the step. Returns an SQLite code. */
int store_record_bind(sqlite3_stmt *statement, const struct fsm_record *record);

/* Reads the record from column 0 and following. ERROR_CORRUPT: a value that we never write. */
int store_record_read(sqlite3_stmt *statement, struct fsm_record *ret, struct error *err);

/* Whether two records are the same in every column. */
bool store_record_same(const struct fsm_record *a, const struct fsm_record *b);

enum {
	STORE_TIME_SIZE = sizeof "2026-11-23T03:25:00Z",
};

/*
 * A time as text, "" for 0. A time before 1970 also gives "", and a time after the year 9999 gives
 * the end of that year.
 */
void store_time_text(char ret[static STORE_TIME_SIZE], int64_t time);

/* The reverse; -1 for a text that store_time_text() does not write. */
int store_time_read(const char *text, int64_t *ret);

#endif
