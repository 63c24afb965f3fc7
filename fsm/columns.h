/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record as columns: the one list that the SQL, the comparison and the JSON of `state` are made
 * of.
 */
#ifndef FSM_COLUMNS_H
#define FSM_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "fsm/names.h"
#include "fsm/record.h"

/* clang-format off */
/*
 * How a member is written: as a name (one of FSM_KINDS), as it is (text, number), as a time in UTC,
 * or as yes or no (flag). The part and the key are those in JSON; a column without a key is not
 * shown.
 */
/*             column            how     member                  part       key */
#define FSM_COLUMNS(FIRST, NEXT) \
	FIRST( state,            state,  state,                  "",        "state") \
	NEXT(  channel,          text,   target.channel,         "",        "channel") \
	NEXT(  target_revision,  number, target.revision,        "",        "target-revision") \
	NEXT(  reason,           reason, reason,                 "",        "reason") \
	NEXT(  detail,           text,   detail,                 "",        "detail") \
	NEXT(  since,            time,   since,                  "",        "since") \
	NEXT(  build,            text,   build,                  "",        "build") \
	NEXT(  revision,         text,   revision,               "snap",    "revision") \
	NEXT(  version,          text,   version,                "snap",    "version") \
	NEXT(  tracking,         text,   tracking,               "snap",    "tracking") \
	NEXT(  origin,           text,   origin,                 "snap",    "channel") \
	NEXT(  serves,           flag,   serves,                 "snap",    "serves") \
	NEXT(  lenient,          flag,   lenient,                "snap",    "lenient") \
	NEXT(  ours,             flag,   ours,                   "snap",    "ours") \
	NEXT(  marked,           flag,   marked,                 "snap",    "marked") \
	NEXT(  reverted,         text,   reverted,               "snap",    "reverted-to") \
	NEXT(  hold_until,       text,   hold.until,             "hold",    "until") \
	NEXT(  hold_held,        flag,   hold.held,              "hold",    "held") \
	NEXT(  hold_ours,        flag,   hold.ours,              "hold",    "ours") \
	NEXT(  update_revision,  text,   update.revision,        "update",  "revision") \
	NEXT(  update_asked,     time,   update.asked,           "update",  "asked") \
	NEXT(  turn_taken,       number, ticket.taken,           "turn",    "taken") \
	NEXT(  turn_target,      text,   ticket.goal,            "turn",    "target") \
	NEXT(  turn_well,        flag,   ticket.well,            "turn",    "served-before") \
	NEXT(  turn_returned,    number, ticket.returned,        "turn",    "returned") \
	NEXT(  turn_word,        word,   ticket.word,            "turn",    "as") \
	NEXT(  turn_why,         text,   ticket.why,             "turn",    "why") \
	NEXT(  turn_asked,       flag,   ticket.asked,           "",        "") \
	NEXT(  turn_pending,     flag,   ticket.pending,         "",        "") \
	NEXT(  turn_wide,        flag,   ticket.wide,            "",        "") \
	NEXT(  peers_relation,   text,   peers.relation,         "",        "") \
	NEXT(  peers_waits,      text,   peers.waits,            "turn",    "waits-for") \
	NEXT(  peers_elected,    flag,   peers.elected,          "rollout", "leader") \
	NEXT(  peers_due,        flag,   peers.due,              "",        "") \
	NEXT(  peers_rollout,    text,   peers.rollout,          "rollout", "state") \
	NEXT(  retired,          flag,   retired,                "",        "retired") \
	NEXT(  stopping,         flag,   stopping,               "",        "stopping") \
	NEXT(  port,             port,   port,                   "",        "port") \
	NEXT(  intent_op,        op,     intent.op,              "doing",   "operation") \
	NEXT(  intent_channel,   text,   intent.target.channel,  "doing",   "channel") \
	NEXT(  intent_revision,  number, intent.target.revision, "doing",   "revision") \
	NEXT(  intent_phase,     phase,  intent.phase,           "doing",   "phase") \
	NEXT(  intent_baseline,  number, intent.baseline,        "doing",   "baseline") \
	NEXT(  intent_change,    number, intent.change,          "doing",   "change") \
	NEXT(  intent_asked,     time,   intent.asked,           "doing",   "asked") \
	NEXT(  intent_uptime,    number, intent.uptime,          "",        "") \
	NEXT(  intent_boot,      text,   intent.boot,            "",        "") \
	NEXT(  intent_aborted,   flag,   intent.aborted,         "doing",   "aborted") \
	NEXT(  order_kind,       order,  order.kind,             "order",   "order") \
	NEXT(  order_since,      time,   order.since,            "order",   "since") \
	NEXT(  order_revision,   number, order.revision,         "order",   "revision") \
	NEXT(  probation_revision, text, probation.revision,     "probation", "revision") \
	NEXT(  before_channel,   text,   probation.before.channel, "probation", "channel-before") \
	NEXT(  before_revision,  number, probation.before.revision, "probation", "revision-before") \
	NEXT(  before_services,  text,   probation.services,     "probation", "services-before") \
	NEXT(  before_well,      flag,   probation.well,         "probation", "well-before") \
	NEXT(  probation_since,  number, probation.since,        "",        "") \
	NEXT(  probation_quiet,  number, probation.quiet,        "",        "") \
	NEXT(  probation_boot,   text,   probation.boot,         "",        "") \
	NEXT(  probation_looks,  number, probation.looks,        "probation", "looks") \
	NEXT(  failure_class,    class,  failure.class,          "failure", "class") \
	NEXT(  failure_op,       op,     failure.op,             "failure", "operation") \
	NEXT(  failure_channel,  text,   failure.target.channel, "failure", "channel") \
	NEXT(  failure_revision, number, failure.target.revision,"failure", "revision") \
	NEXT(  failure_reason,   reason, failure.reason,         "failure", "reason") \
	NEXT(  failure_detail,   text,   failure.detail,         "failure", "detail") \
	NEXT(  failure_attempts, number, failure.attempts,       "failure", "attempts") \
	NEXT(  failure_tried,    time,   failure.tried,          "failure", "tried") \
	NEXT(  failure_answered, time,   failure.answered,       "failure", "answered") \
	NEXT(  failure_next_try, time,   failure.next_try,       "failure", "next-try") \
	NEXT(  failure_since,    time,   failure.since,          "failure", "since") \
	NEXT(  drift_channel,    text,   drift.target.channel,   "drift",   "channel") \
	NEXT(  drift_revision,   number, drift.target.revision,  "drift",   "revision") \
	NEXT(  drift_times,      number, drift.times,            "drift",   "times") \
	NEXT(  drift_put,        time,   drift.put,              "drift",   "put") \
	NEXT(  drift_next_try,   time,   drift.next_try,         "drift",   "next-try") \
	NEXT(  refused_channel,  text,   refused.target.channel, "refused", "channel") \
	NEXT(  refused_revision, number, refused.target.revision,"refused", "revision") \
	NEXT(  refused_times,    number, refused.times,          "refused", "times") \
	NEXT(  refused_bad,      number, refused.bad,            "refused", "was-revision") \
	NEXT(  refused_back,     number, refused.back,           "refused", "rolled-back-to") \
	NEXT(  refused_failed,   flag,   refused.failed,         "refused", "rollback-failed") \
	NEXT(  refused_options,  number, refused.options,        "",        "") \
	NEXT(  refused_detail,   text,   refused.detail,         "refused", "detail") \
	NEXT(  resource_supply,  supply, resource.supply,        "resource", "from") \
	NEXT(  resource_path,    text,   resource.path,          "resource", "path") \
	NEXT(  resource_size,    number, resource.size,          "resource", "size") \
	NEXT(  resource_hash,    number, resource.hash,          "",        "") \
	NEXT(  resource_revision, number, resource.revision,     "resource", "revision") \
	NEXT(  resource_detail,  text,   resource.detail,        "resource", "detail") \
	NEXT(  pace_change,      number, pace.change,            "flight",  "change") \
	NEXT(  pace_way,         way,    pace.way,               "flight",  "way") \
	NEXT(  pace_at,          text,   pace.at,                "flight",  "at") \
	NEXT(  pace_bytes,       number, pace.bytes,             "flight",  "bytes") \
	NEXT(  pace_since,       time,   pace.since,             "flight",  "since") \
	NEXT(  told_status,      status, told_status,            "told",    "status") \
	NEXT(  told_message,     text,   told_message,           "told",    "message") \
	NEXT(  told_version,     text,   told_version,           "told",    "version")

#define FSM_HOW_KIND_(kind, PREFIX, LIST) FSM_HOW_##kind,
#define FSM_COLUMN_(column, how, member, part, key) + 1
/* clang-format on */

enum fsm_how {
	FSM_KINDS(FSM_HOW_KIND_) FSM_HOW_text,
	FSM_HOW_number, /* int64_t */
	FSM_HOW_time,   /* int64_t, seconds since the epoch, 0 for none */
	FSM_HOW_flag,
};
enum {
	FSM_COLUMN_COUNT = 0 FSM_COLUMNS(FSM_COLUMN_, FSM_COLUMN_)
};

struct fsm_column {
	const char *name, *part, *key;
	enum fsm_how how;
	size_t offset, size; /* of the member in struct fsm_record */
};
extern const struct fsm_column fsm_columns[FSM_COLUMN_COUNT];

/* The member of RECORD that COLUMN holds; its type follows from HOW. */
const void *fsm_value(const struct fsm_record *record, const struct fsm_column *column);

/* The name that the value of a kind or a flag has; NULL for a text, a number and a time. */
const char *fsm_value_name(const struct fsm_record *record, const struct fsm_column *column);

/* The reverse: takes NAME into RECORD. -1 when it is none of the names, or COLUMN has none. */
int fsm_value_named(struct fsm_record *record, const struct fsm_column *column, const char *name);

/* Whether two records are the same in every column. */
bool fsm_same_all(const struct fsm_record *a, const struct fsm_record *b);

#endif
