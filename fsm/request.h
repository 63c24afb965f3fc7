/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a request lives: one table from what was seen of it to what is written.
 *
 * A request (the record's intent) is ASKED when it is committed, before it is sent; KNOWN when the id
 * of its change is known; and over when the record holds none.
 */
#ifndef FSM_REQUEST_H
#define FSM_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/facts.h"
#include "fsm/record.h"

/* clang-format off */
/*           name       a failure for   what was seen of the request */
#define FSM_SIGHTS(ON) \
	ON(FRESH,     NONE,          "nothing yet, and it may still land") \
	ON(UNSENT,    NONE,          "it could not be sent") \
	ON(UNTRUSTED, NONE,          "it was refused, but the refusal may be about something else, or a look will tell") \
	ON(ACCEPTED,  NONE,          "snapd made a change for it") \
	ON(SHOWN,     NONE,          "its change shows in snapd's list") \
	ON(REFUSED,   NONE,          "snapd refused it; the answer says why") \
	ON(AGED,      NO_TRACE,      "nothing, for so long that it cannot land any more") \
	ON(RUNNING,   NONE,          "its change runs") \
	ON(DONE,      NONE,          "its change is done") \
	ON(EMPTY,     CHANGE_EMPTY,  "its change ended without doing anything") \
	ON(FAILED,    CHANGE_FAILED, "its change failed") \
	ON(FORGOTTEN, NONE,          "snapd does not know its change any more")

/*           name     what is written into the record */
#define FSM_WRITES(ON) \
	ON(NOTHING, "nothing: it goes on") \
	ON(CHANGE,  "the id of its change") \
	ON(DROP,    "it is over, and the attempt did not count") \
	ON(FORGET,  "it is over") \
	ON(MEET,    "it is over, and whose the snap is follows from the operation") \
	ON(FAIL,    "it is over, and a failure")

/*
 * A request that is not needed any more (another channel is wanted, the unit is going) cannot fail:
 * what ended badly is then forgotten. A pair without a row cannot happen and writes nothing.
 */
/*         phase  seen        when it is needed  when it is not */
#define FSM_LIFE(ON) \
	ON(ASKED, FRESH,      NOTHING,           NOTHING) \
	ON(ASKED, UNSENT,     DROP,              DROP)    \
	ON(ASKED, UNTRUSTED,  DROP,              DROP)    \
	ON(ASKED, ACCEPTED,   CHANGE,            CHANGE)  \
	ON(ASKED, SHOWN,      CHANGE,            CHANGE)  \
	ON(ASKED, REFUSED,    FAIL,              FAIL)    \
	ON(ASKED, AGED,       FAIL,              FORGET)  \
	ON(KNOWN, RUNNING,    NOTHING,           NOTHING) \
	ON(KNOWN, DONE,       MEET,              MEET)    \
	ON(KNOWN, EMPTY,      FAIL,              FORGET)  \
	ON(KNOWN, FAILED,     FAIL,              FORGET)  \
	ON(KNOWN, FORGOTTEN,  MEET,              MEET)

#define FSM_SIGHT_(name, reason, meaning) FSM_SIGHT_##name,
#define FSM_WRITE_(name, meaning)         FSM_WRITE_##name,
/* clang-format on */

enum fsm_sight {
	FSM_SIGHTS(FSM_SIGHT_) FSM_SIGHT_COUNT
};
enum fsm_write {
	FSM_WRITES(FSM_WRITE_) FSM_WRITE_COUNT
};

/* What is written for a request in PHASE, of which SIGHT was seen. */
enum fsm_write fsm_life(enum fsm_phase phase, enum fsm_sight sight, bool needed);

/* What an ended request of which SIGHT was seen failed for. */
enum fsm_reason fsm_sight_reason(enum fsm_sight sight);

/* Name and meaning, for the documents. */
const char *fsm_sight_name(enum fsm_sight sight);
const char *fsm_sight_meaning(enum fsm_sight sight);
const char *fsm_write_name(enum fsm_write write);
const char *fsm_write_meaning(enum fsm_write write);

/* There is no request any more. */
void fsm_request_forget(struct fsm_record *record);

/* Whether the unit is on its way out: the remove hook, and what comes after it. */
bool fsm_going(const struct fsm_record *record, const struct fsm_facts *facts);

/* Whether the unit is about to go, as HOOK tells it, or one before. */
bool fsm_stopping(const struct fsm_record *record, enum fsm_hook hook);

/* Whether the snap is to be held and is not, or for less than a lifetime. */
bool fsm_loose(const struct fsm_record *record, const struct fsm_facts *facts);

/* Whether our hold is on the snap and is not wanted, by the options or since the unit goes. */
bool fsm_tied(const struct fsm_record *record, const struct fsm_facts *facts);

/*
 * What would bring the snap to where it should be: a hold or its end, then the resource, refresh or install. Of a
 * unit that goes, remove, or the end of its hold on a snap that stays.
 */
enum fsm_op fsm_needed(const struct fsm_record *record, const struct fsm_facts *facts);

/*
 * Whether the request in the record is still to the purpose. That of an order never is: it is the
 * person's to ask again.
 */
bool fsm_is_needed(const struct fsm_record *record, const struct fsm_facts *facts);

/*
 * Seconds since the request was made, by the clock that runs since boot; INT64_MAX for one of another
 * boot. UPTIME and BOOT are now.
 */
int64_t fsm_request_age(const struct fsm_intent *intent, const char *boot, int64_t uptime);

/* What a look saw of the request in the record. */
enum fsm_sight fsm_sight_of(const struct fsm_record *record, const struct fsm_facts *facts);

#endif
