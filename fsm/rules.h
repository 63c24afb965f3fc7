/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which event holds. A look and the record become bits; an ordered list of rules picks the event and
 * the reason: the first row whose WHEN bits all hold and whose UNLESS bits do not. The order of the
 * rows is the precedence of the machine; moving one row brings back doubled requests, a false
 * `active` or an orphaned snap, which the model checker finds.
 */
#ifndef FSM_RULES_H
#define FSM_RULES_H

#include <stdint.h>

#include "fsm/facts.h"
#include "fsm/fsm.h"
#include "fsm/record.h"

/* clang-format off */
#define FSM_BITS(ON) \
	ON(GOING,          "the unit is on its way out: the remove hook, and what comes after it") \
	ON(STOPPING,       "the unit is about to go: nothing new is started") \
	ON(BAD_OPTION,     "an option is not valid") \
	ON(BAD_RESOURCE,   "the resource is of no use") \
	ON(UNSUPPLIED,     "nobody knows whether there is a resource: it was never read") \
	ON(SUPPLIED,       "the snap is to come from the resource") \
	ON(SILENT,         "snapd does not answer, or is not seeded") \
	ON(UNSEEDED,       "snapd answers and is not seeded") \
	ON(TASK,           "the unit is blocked, and as far as is known a person still has the same to do") \
	ON(IN_FLIGHT,      "a change of the snap is not final") \
	ON(OURS_IN_FLIGHT, "it is the one that we asked for") \
	ON(STANDS,         "that change has not moved for longer than is waited for it, or waits for a reboot") \
	ON(ABORTS,         "a person wants the change in flight aborted") \
	ON(INTENT,         "there is a request in the record") \
	ON(FRESH,          "the request went unanswered and may still land") \
	ON(ENDED,          "the request is what is needed, and ended without doing its work") \
	ON(PRESENT,        "the snap is there") \
	ON(LOCAL,          "the snap is a local build") \
	ON(BROKEN,         "snapd cannot read the snap") \
	ON(DISABLED,       "the snap is disabled") \
	ON(SERVICE_DOWN,   "an enabled service of the snap does not run") \
	ON(UNSERVED,       "no service of the snap is enabled") \
	ON(UNHEALTHY,      "the snap says of itself that it is blocked or in error") \
	ON(TRACKS,         "the snap tracks the wanted channel, and is at the wanted revision, if there is one") \
	ON(LOOSE,          "the snap is to be held, and is not, or not for long") \
	ON(TIED,           "our hold is on the snap, and is not wanted any more") \
	ON(ORDERED,        "a person has given an order, and it is not asked for yet") \
	ON(TAKEN,          "another unit on the machine has the port") \
	ON(OURS,           "a unit of this charm installed the snap") \
	ON(RESTS,          "the request that is needed failed before, and its next try is not due") \
	ON(FOR_PERSON,     "that failure needs a person, or has lasted for hours and nobody knows why") \
	ON(MUTE,           "the workload does not answer") \
	ON(SICK,           "a service of the snap is down, or the snap says that it is in trouble, or does not answer") \
	ON(PROBATION,      "the revision came by our own refresh, five minutes ago at most, and what ran before was well") \
	ON(ROLLS,          "a refresh that spoils the snap is to be rolled back") \
	ON(ROLLBACK,       "a rollback has been begun, and is not at its end") \
	ON(RESTLESS,       "a service that it, or the order, starts again kept dying less than 15 s ago") \
	ON(ROLLED,         "the wanted target was rolled back from, and the snap is where that led") \
	ON(UNROLLED,       "such a rollback failed, and the snap is where that left it") \
	ON(GIVEN_UP,       "refreshes to the wanted target have failed too often") \
	ON(DRIFTS,         "the snap was put right before, and is not to be put right again yet") \
	ON(CONTESTED,      "it was put right so often that a person has to act") \
	ON(UNLISTED,       "the register of the machine's units cannot be read, or this unit not be entered") \
	ON(SHARED,         "another unit on this machine has the snap too, or nobody knows") \
	ON(RIVAL,          "another application on this machine would not have the snap where this unit wants it") \
	ON(BOUND,          "another application on this machine would not have the snap where a rollback leads") \
	ON(QUEUED,         "what is needed next stops a service that runs, and the unit has no turn for it") \
	ON(UNRELATED,      "the same, and there is no peer relation in which it could get one")

/*
 * KEPT and REMEMBERED are no reasons of their own: what the record says stays; what the failure says
 * is said.
 */
/*         event          reason          when                   unless */
#define FSM_RULES(ON) \
	/* A person's word about a change in flight comes before all that waits for it. */ \
	ON(ABORTING,      OWN_CHANGE,     ABORTS | OURS_IN_FLIGHT, 0) \
	ON(ABORTING,      FOREIGN_CHANGE, ABORTS,                0) \
	/* Nothing is asked of snapd for an option that cannot be meant; what runs, runs on. */ \
	ON(MISCONFIGURED, BAD_OPTION,     BAD_OPTION,            GOING | ROLLBACK) \
	ON(MISCONFIGURED, BAD_RESOURCE,   BAD_RESOURCE,          GOING | ROLLBACK) \
	ON(UNREACHABLE,   RESOURCE_AWAY,  UNSUPPLIED,            GOING | ROLLBACK) \
	/* What was never ours does not need snapd's word to be left alone. */ \
	ON(RETIRED,       REMOVED,        GOING,                 OURS | INTENT | TIED) \
	/* Nor does what another unit uses: the last one on the machine takes it along. */ \
	ON(RETIRED,       REMOVED,        GOING | SHARED,        INTENT | TIED) \
	ON(UNMENDED,      KEPT,           SILENT | TASK,         0) \
	ON(UNREACHABLE,   NOT_SEEDED,     UNSEEDED,              0) \
	ON(UNREACHABLE,   SNAPD_AWAY,     SILENT,                0) \
	/* While a change runs, what the snap looks like proves nothing, good or bad. */ \
	ON(STANDING,      OWN_STANDS,     OURS_IN_FLIGHT | STANDS, 0) \
	ON(STANDING,      FOREIGN_STANDS, STANDS,                0) \
	ON(BUSY,          OWN_CHANGE,     OURS_IN_FLIGHT,        0) \
	ON(BUSY,          FOREIGN_CHANGE, IN_FLIGHT,             0) \
	/* A request may be inside snapd, waiting for the Snap Store: no list shows it yet. */ \
	ON(UNSURE,        UNANSWERED,     FRESH,                 0) \
	ON(RETIRED,       REMOVED,        GOING,                 PRESENT) \
	ON(RETIRED,       REMOVED,        GOING,                 OURS | TIED) \
	ON(RETIRED,       REMOVED,        GOING | SHARED,        TIED) \
	ON(FAILED,        OWN_CHANGE,     GOING | ENDED,         0) \
	ON(RESTING,       REMEMBERED,     GOING | RESTS,         0) \
	/* A removal takes the hold with it; what is not ours is here for its hold alone. */ \
	ON(RELEASING,     OWN_CHANGE,     GOING,                 OURS) \
	ON(RELEASING,     OWN_CHANGE,     GOING | SHARED,        0) \
	ON(RETIRING,      OWN_CHANGE,     GOING,                 0) \
	/* Nobody would know of this unit, or this unit of nobody. */ \
	ON(RESTING,       UNLISTED,       UNLISTED,              0) \
	/* A rollback knows where it goes, whatever is wanted by now. */ \
	ON(COOLING,       OWN_CHANGE,     ROLLBACK | RESTLESS | PRESENT, STOPPING | INTENT) \
	ON(RETURNING,     OWN_CHANGE,     ROLLBACK | PRESENT,    STOPPING | INTENT) \
	/* What it leaves is not in place. */ \
	ON(RESTING,       INTERRUPTED,    ROLLBACK | PRESENT,    0) \
	ON(MISCONFIGURED, BAD_OPTION,     BAD_OPTION,            0) \
	ON(MISCONFIGURED, BAD_RESOURCE,   BAD_RESOURCE,          0) \
	ON(UNREACHABLE,   RESOURCE_AWAY,  UNSUPPLIED,            0) \
	/* A refresh of such a snap could only be refused. */ \
	ON(UNFIT,         LOCAL,          LOCAL,                 0) \
	ON(UNFIT,         BROKEN,         BROKEN,                0) \
	ON(UNFIT,         DISABLED,       DISABLED,              0) \
	ON(OPPOSED,       RIVAL,          RIVAL,                 TRACKS) \
	/* Another unit serves from here, so the snap is its to move. */ \
	ON(DOWN,          SERVICE_DOWN,   TAKEN | SERVICE_DOWN,  OURS) \
	ON(DOWN,          PORT_TAKEN,     TAKEN | PRESENT,       OURS) \
	ON(COOLING,       OWN_CHANGE,     RESTLESS | PRESENT,    STOPPING) \
	ON(ORDERED,       OWN_CHANGE,     ORDERED | PRESENT,     STOPPING) \
	ON(SPOILT,        OWN_CHANGE,     PROBATION | SICK | ROLLS | TRACKS, STOPPING | BOUND) \
	/* Before a refresh by revision, and first thing after an install. */ \
	ON(FAILED,        OWN_CHANGE,     LOOSE | ENDED,         0) \
	ON(REFUSED,       REMEMBERED,     LOOSE | RESTS | FOR_PERSON, 0) \
	ON(RESTING,       REMEMBERED,     LOOSE | RESTS,         0) \
	ON(LOOSE,         OWN_CHANGE,     LOOSE,                 STOPPING) \
	ON(RESTING,       INTERRUPTED,    LOOSE,                 0) \
	ON(FAILED,        OWN_CHANGE,     TIED | ENDED,          0) \
	ON(REFUSED,       REMEMBERED,     TIED | RESTS | FOR_PERSON, 0) \
	ON(RESTING,       REMEMBERED,     TIED | RESTS,          0) \
	ON(TIED,          OWN_CHANGE,     TIED,                  STOPPING) \
	/* A target that was rolled back from is not asked for again, be it the channel that is tracked. */ \
	ON(REFUSED,       SERVICE_DOWN,   ROLLED | SERVICE_DOWN, 0) \
	ON(REFUSED,       UNSERVED,       ROLLED | UNSERVED,     0) \
	ON(REFUSED,       UNHEALTHY,      ROLLED | UNHEALTHY,    0) \
	ON(REFUSED,       NO_ANSWER,      ROLLED | MUTE,         0) \
	ON(REFUSED,       ROLLED_BACK,    ROLLED,                0) \
	ON(REFUSED,       ROLLBACK_FAILED, UNROLLED,             0) \
	ON(DOWN,          SERVICE_DOWN,   TRACKS | SERVICE_DOWN, 0) \
	ON(DOWN,          UNSERVED,       TRACKS | UNSERVED,     0) \
	ON(DOWN,          UNHEALTHY,      TRACKS | UNHEALTHY,    0) \
	ON(DOWN,          PORT_TAKEN,     TRACKS | TAKEN,        0) \
	ON(DOWN,          NO_ANSWER,      TRACKS | MUTE,         0) \
	ON(SETTLED,       NONE,           TRACKS,                0) \
	ON(FAILED,        OWN_CHANGE,     ENDED,                 0) \
	/* A running service is not stopped a fourth time for what went wrong three times. */ \
	ON(REFUSED,       TARGET_REFUSED, GIVEN_UP | PRESENT,    0) \
	ON(REFUSED,       REMEMBERED,     RESTS | FOR_PERSON,    0) \
	ON(RESTING,       REMEMBERED,     RESTS,                 0) \
	ON(REFUSED,       CONTESTED,      DRIFTS | CONTESTED,    0) \
	ON(RESTING,       DRIFTED,        DRIFTS,                0) \
	ON(RESTING,       INTERRUPTED,    STOPPING,              0) \
	ON(REFUSED,       UNRELATED,      UNRELATED | PRESENT,   0) \
	ON(QUEUED,        NONE,           QUEUED | PRESENT,      0) \
	ON(SUPPLIED,      OWN_CHANGE,     SUPPLIED,              0) \
	ON(ASTRAY,        OWN_CHANGE,     PRESENT,               0) \
	ON(ABSENT,        OWN_CHANGE,     0,                     0) /* asks nothing: the list is total */

#define FSM_BIT_(name, meaning)               FSM_BIT_NUMBER_##name,
#define FSM_BIT_VALUE_(name, meaning)         FSM_BIT_##name = UINT64_C(1) << FSM_BIT_NUMBER_##name,
#define FSM_RULE_(event, reason, when, unless) + 1
/* clang-format on */

enum {
	FSM_BITS(FSM_BIT_) FSM_BIT_COUNT
};
enum {
	FSM_PATIENCE =
		20, /* seconds for which a change in flight may stand still, ours or anyone's */
};
/* More than an int has; C23 allows what is an extension of both compilers before. */
__extension__ enum fsm_bit {
	FSM_BITS(FSM_BIT_VALUE_)
};
enum {
	FSM_RULE_COUNT = 0 FSM_RULES(FSM_RULE_)
};

/* Reasons that stand in a rule only. */
enum {
	FSM_REASON_KEPT = FSM_REASON_COUNT,
	FSM_REASON_REMEMBERED
};

struct fsm_rule {
	enum fsm_event event;
	unsigned reason; /* an enum fsm_reason, or one of the two above */
	uint64_t when, unless;
};

/* The rules, FSM_RULE_COUNT of them, for the documents and the tests. */
extern const struct fsm_rule fsm_rules[FSM_RULE_COUNT];

/* The name and the meaning of bit NUMBER (0 to FSM_BIT_COUNT - 1), for the documents. */
const char *fsm_bit_name(unsigned number);
const char *fsm_bit_meaning(unsigned number);

/* The bits of a look, after the record has learned from it (fsm_learn in turn.c). */
uint64_t fsm_bits(const struct fsm_record *record, const struct fsm_facts *facts);

/* The first rule that holds for BITS. */
const struct fsm_rule *fsm_rule(uint64_t bits);

#endif
