/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a unit remembers between two hooks: its state, its intent towards snapd, the memory of the
 * last failure, and what Juju was last told. Plain data of fixed size, text NUL-terminated, written
 * to the database as names. A zeroed record is that of a unit which has done nothing yet.
 */
#ifndef FSM_RECORD_H
#define FSM_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/fsm.h"

enum {
	FSM_CHANNEL_MAX = 135, /* "latest/" and 128 bytes of an option value */
	FSM_DETAIL_MAX = 191,  /* free text that explains a reason, printable ASCII */
	FSM_WORD_MAX = 63,     /* versions, revisions, boot ids, names of hooks */
	FSM_STATUS_MAX = 90,   /* a status message: juju status cuts at 120 with its own prefix */
};

/* clang-format off */
#define FSM_OPS(ON) \
	ON(NONE,    "none") \
	ON(INSTALL, "install") \
	ON(REFRESH, "refresh") \
	ON(REMOVE,  "remove")

/* How far an intent came: ASKED is committed before the request, KNOWN with the id of its change. */
#define FSM_PHASES(ON) \
	ON(NONE,  "none") \
	ON(ASKED, "asked") \
	ON(KNOWN, "known")

/*
 * Whom a failure waits for: PASSING trouble is tried again soon, OPERATOR trouble needs a person
 * and is tried again slowly, DRIFT counts how often the snap was put right after it had settled.
 */
#define FSM_CLASSES(ON) \
	ON(NONE,     "none") \
	ON(PASSING,  "passing") \
	ON(OPERATOR, "operator") \
	ON(DRIFT,    "drift")

/* 8080/tcp: ASKED is the buffered wish of a hook, OPEN is what Juju showed in a later one. */
#define FSM_PORTS(ON) \
	ON(NONE,  "none") \
	ON(ASKED, "asked") \
	ON(OPEN,  "open") \
	ON(TAKEN, "taken")

#define FSM_REASONS(ON) \
	ON(NONE,             "none") \
	ON(BAD_OPTION,       "bad-option") \
	ON(SNAPD_AWAY,       "snapd-away") \
	ON(NOT_SEEDED,       "not-seeded") \
	ON(OWN_CHANGE,       "own-change") \
	ON(FOREIGN_CHANGE,   "foreign-change") \
	ON(UNANSWERED,       "unanswered") \
	ON(DISABLED,         "disabled") \
	ON(BROKEN,           "broken") \
	ON(LOCAL,            "local") \
	ON(SERVICE_DOWN,     "service-down") \
	ON(PORT_TAKEN,       "port-taken") \
	ON(CHANNEL_MISSING,  "channel-missing") \
	ON(ARCH_MISSING,     "architecture-missing") \
	ON(REVISION_MISSING, "revision-missing") \
	ON(SNAP_MISSING,     "snap-missing") \
	ON(NEEDS_CLASSIC,    "needs-classic") \
	ON(NEEDS_DEVMODE,    "needs-devmode") \
	ON(DENIED,           "denied") \
	ON(DEGRADED,         "degraded") \
	ON(STORE_TROUBLE,    "store-trouble") \
	ON(STORE_TIMEOUT,    "store-timeout") \
	ON(DISK_FULL,        "disk-full") \
	ON(CONFLICT,         "conflict") \
	ON(CHANGE_FAILED,    "change-failed") \
	ON(CHANGE_EMPTY,     "change-empty") \
	ON(NO_TRACE,         "no-trace") \
	ON(DRIFTED,          "drifted") \
	ON(CONTESTED,        "contested") \
	ON(INTERRUPTED,      "interrupted") \
	ON(REMOVED,          "removed")

#define FSM_STATUSES(ON) \
	ON(NONE,        "none") \
	ON(MAINTENANCE, "maintenance") \
	ON(WAITING,     "waiting") \
	ON(BLOCKED,     "blocked") \
	ON(ACTIVE,      "active")

#define FSM_OP_(name, text)     FSM_OP_##name,
#define FSM_PHASE_(name, text)  FSM_PHASE_##name,
#define FSM_CLASS_(name, text)  FSM_CLASS_##name,
#define FSM_PORT_(name, text)   FSM_PORT_##name,
#define FSM_REASON_(name, text) FSM_REASON_##name,
#define FSM_STATUS_(name, text) FSM_STATUS_##name,
/* clang-format on */

enum fsm_op {
	FSM_OPS(FSM_OP_) FSM_OP_COUNT
};
enum fsm_phase {
	FSM_PHASES(FSM_PHASE_) FSM_PHASE_COUNT
};
enum fsm_class {
	FSM_CLASSES(FSM_CLASS_) FSM_CLASS_COUNT
};
enum fsm_port {
	FSM_PORTS(FSM_PORT_) FSM_PORT_COUNT
};
enum fsm_reason {
	FSM_REASONS(FSM_REASON_) FSM_REASON_COUNT
};
enum fsm_status {
	FSM_STATUSES(FSM_STATUS_) FSM_STATUS_COUNT
};

struct fsm_record {
	enum fsm_state state;
	char channel[FSM_CHANNEL_MAX + 1]; /* what the state is about, in full; "" none yet */
	enum fsm_reason reason;
	char detail[FSM_DETAIL_MAX + 1];
	int64_t since; /* seconds since the epoch: the last change of state or reason */
	char build[FSM_WORD_MAX + 1]; /* the charm build that last wrote here */

	struct fsm_intent {
		enum fsm_op op;
		char channel[FSM_CHANNEL_MAX + 1]; /* "" for a removal */
		enum fsm_phase phase;
		int64_t baseline; /* the highest change id snapd had before it was asked */
		int64_t change;   /* our change, 0 while not known */
		int64_t asked;    /* seconds since the epoch, for people */
		int64_t uptime;   /* seconds since boot, for the machine: no clock moves it */
		char boot[FSM_WORD_MAX + 1]; /* the boot that UPTIME counts from */
	} intent;

	struct fsm_memory {
		enum fsm_class class;
		enum fsm_op op;                    /* the request this memory is about ... */
		char channel[FSM_CHANNEL_MAX + 1]; /* ... and its channel */
		enum fsm_reason reason;
		char detail[FSM_DETAIL_MAX + 1];
		int64_t attempts; /* counted when the intent is committed */
		int64_t tried;    /* seconds since the epoch */
		int64_t next_try; /* seconds since the epoch */
	} memory;

	bool ours;    /* this charm installed the snap */
	bool retired; /* the unit is going */
	enum fsm_port port;
	char revision[FSM_WORD_MAX + 1]; /* as last observed; "" the snap is not there */
	char version[FSM_WORD_MAX + 1];
	char tracking[FSM_CHANNEL_MAX +
		      1]; /* the channel that the snap follows, as last observed */

	enum fsm_status told_status; /* what Juju was last told, committed after it was told */
	char told_message[FSM_STATUS_MAX + 1];
	char told_version[FSM_WORD_MAX + 1];
};

/* Whether two records say the same, what Juju was told aside. */
bool fsm_same(const struct fsm_record *a, const struct fsm_record *b);

#endif
