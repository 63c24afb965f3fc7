/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a unit remembers between two hooks: its state, its intent towards snapd, the last failure, and
 * what Juju was last told. Plain data of fixed size, text NUL-terminated, written to the database as
 * names. A zeroed record is that of a unit which has done nothing yet.
 */
#ifndef FSM_RECORD_H
#define FSM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fsm/fsm.h"
#include "fsm/op.h"
#include "fsm/order.h"
#include "fsm/reason.h"
#include "fsm/target.h"
#include "fsm/ticket.h"

enum {
	FSM_SERVICES_MAX = 1023, /* names with a blank between them */
	FSM_WORD_MAX = 63,       /* versions, revisions, boot ids, names of hooks */
	FSM_STATUS_MAX = 90,     /* a status message: juju status cuts at 120 with its own prefix */
};

/* clang-format off */
/* How far a request came: ASKED is committed before it is sent, KNOWN with the id of its change. */
#define FSM_PHASES(ON) \
	ON(NONE,  "none") \
	ON(ASKED, "asked") \
	ON(KNOWN, "known")

/* The port: ASKED is the buffered wish of a hook, OPEN is what Juju showed in a later one. */
#define FSM_PORTS(ON) \
	ON(NONE,  "none") \
	ON(ASKED, "asked") \
	ON(OPEN,  "open") \
	ON(TAKEN, "taken")

/* Where the snap comes from, as the charm's resource was last read. */
#define FSM_SUPPLIES(ON) \
	ON(NONE,  "none")  /* it never was */ \
	ON(STORE, "store") /* the Snap Store: there is no resource, or its file is empty */ \
	ON(FILE,  "file") \
	ON(BAD,   "bad")   /* a file that is of no use */

/* How a change is under way. WAITS: for a reboot of the machine (snapd's status Wait). */
#define FSM_WAYS(ON) \
	ON(NONE,   "none") \
	ON(DOES,   "does") \
	ON(UNDOES, "undoes") \
	ON(WAITS,  "waits")

#define FSM_PHASE_(name, text) FSM_PHASE_##name,
#define FSM_PORT_(name, text)  FSM_PORT_##name,
#define FSM_WAY_(name, text)   FSM_WAY_##name,
#define FSM_SUPPLY_(name, text) FSM_SUPPLY_##name,
/* clang-format on */

enum fsm_phase {
	FSM_PHASES(FSM_PHASE_) FSM_PHASE_COUNT
};
enum fsm_port {
	FSM_PORTS(FSM_PORT_) FSM_PORT_COUNT
};
enum fsm_supply {
	FSM_SUPPLIES(FSM_SUPPLY_) FSM_SUPPLY_COUNT
};
enum fsm_way {
	FSM_WAYS(FSM_WAY_) FSM_WAY_COUNT
};

/* Where a change in flight was seen to be, and since when. */
struct fsm_pace {
	int64_t change; /* its id, 0: none is in flight */
	enum fsm_way way;
	char at[FSM_WORD_MAX + 1]; /* "step 11 of 23", "" when snapd does not tell */
	int64_t bytes;             /* of a download, so far */
	int64_t since;             /* seconds since the epoch */
};

struct fsm_record {
	enum fsm_state state;
	struct fsm_target target; /* what the state is about; none yet at first */
	enum fsm_reason reason;
	char detail[FSM_DETAIL_MAX + 1];
	int64_t since; /* seconds since the epoch: the last change of state or reason */
	char build[FSM_WORD_MAX + 1]; /* the charm build that last wrote here */

	struct fsm_intent {
		enum fsm_op op;
		struct fsm_target
			target; /* of a revert the revision alone, none for what has none */
		enum fsm_phase phase;
		int64_t baseline; /* the highest change id snapd had before it was asked */
		int64_t change;   /* our change, 0 while not known */
		int64_t asked;    /* seconds since the epoch, for people */
		int64_t uptime;   /* seconds since boot, for the machine: no clock moves it */
		char boot[FSM_WORD_MAX + 1]; /* the boot that UPTIME counts from */
		bool aborted; /* a person wanted its change aborted: when it fails it is to rest */
	} intent;

	/* An order that has not ended. While there is one, the intent is the order's. */
	struct fsm_given {
		enum fsm_order kind;
		int64_t since;    /* seconds since the epoch */
		int64_t revision; /* of a revert and a rollback: where it goes; 0: it could not */
	} order;

	/*
	 * The last refresh of ours and what ran before it, as that was when it was asked: while it is on
	 * probation, and while it is rolled back.
	 */
	struct fsm_probation {
		char revision[FSM_WORD_MAX + 1]; /* that it led to; "" it is not done */
		struct fsm_target before;        /* the channel that was tracked, the revision */
		char services[FSM_SERVICES_MAX + 1]; /* that were enabled */
		bool well;                           /* it ran and answered */
		int64_t since; /* seconds since boot: it was done, or its end began */
		int64_t quiet; /* the same: a service was last seen to die before an order; 0 */
		char boot[FSM_WORD_MAX + 1]; /* the boot that both count from */
		int64_t looks;               /* of FSM_LOOKS, that were taken */
	} probation;

	struct fsm_failure {
		enum fsm_class class;
		enum fsm_op op;           /* the request that failed ... */
		struct fsm_target target; /* ... and its target */
		enum fsm_reason reason;
		char detail[FSM_DETAIL_MAX + 1];
		int64_t attempts; /* counted when the request is committed */
		int64_t tried;    /* seconds since the epoch: when it was asked ... */
		int64_t answered; /* ... and when it was known to have failed, from which it rests ... */
		int64_t next_try; /* ... until here */
		int64_t since; /* seconds since the epoch: when it first failed for that reason */
	} failure;

	/* The target on which the snap had settled, and how often it was put right since. */
	struct fsm_drift {
		struct fsm_target target; /* none: the snap has not settled yet */
		int64_t times;    /* it settled by a request of ours, the first time included */
		int64_t put;      /* seconds since the epoch: the last time */
		int64_t next_try; /* if it is moved again, it is put right then */
	} drift;

	/* How often a refresh to a target failed after it had stopped the service, or spoilt it. */
	struct fsm_refused {
		struct fsm_target target; /* none: there is none */
		int64_t times;   /* after FSM_REFRESHES no refresh to it is asked any more */
		int64_t bad;     /* the revision that it had then, 0 when that is not known */
		int64_t back;    /* the revision that a rollback went to, 0: there was none */
		bool failed;     /* it did not get there, or not to all that was before */
		int64_t options; /* what else was configured, in short: see fsm_facts */
		char detail[FSM_DETAIL_MAX + 1];
	} refused;

	/* The hold on the snap, as last observed. */
	struct fsm_hold {
		char until[FSM_WORD_MAX + 1]; /* as snapd shows it: no two are alike; "" for none */
		bool held;                    /* it was not over when it was seen */
		bool ours; /* it is the one that we asked for, and so ours to lift */
	} hold;

	/* What the Snap Store was seen to have for a snap that is held. */
	struct fsm_update {
		char revision[FSM_WORD_MAX + 1]; /* "" for none */
		int64_t asked; /* seconds since the epoch, 0: not since the revision changed */
	} update;

	/* The charm's resource, as it was last read; it may be on the disk no more. */
	struct fsm_resource {
		enum fsm_supply supply;
		char path[FSM_DETAIL_MAX + 1];   /* of a file, and of one that is bad */
		int64_t size, hash;              /* by which it is known again */
		int64_t revision;                /* of the snap in it; 0 for none */
		char detail[FSM_DETAIL_MAX + 1]; /* why it is bad */
	} resource;

	struct fsm_pace pace; /* of the change in flight, ours or anyone's */

	struct fsm_ticket ticket; /* its turns in rollouts */
	struct fsm_peers {
		char relation[FSM_WORD_MAX +
			      1];          /* the id of the peer relation, "" while not known */
		char waits[FSM_GOAL_SIZE]; /* it waits for its turn to go there; "" for no */
		bool elected; /* Juju made it the leader, and has not said otherwise since */
		bool due;     /* what it has to do as leader was left to a later hook */
		char rollout[FSM_STATUS_MAX +
			     1]; /* where the rollout is, as the leader sees it; "" at rest */
	} peers;

	bool ours;     /* this charm installed the snap */
	bool marked;   /* the marker in the snap's data says so */
	bool retired;  /* the unit is going */
	bool stopping; /* the unit is about to go: it has heard so, and nothing else since */
	enum fsm_port port;
	char revision[FSM_WORD_MAX + 1]; /* as last observed; "" the snap is not there */
	char version[FSM_WORD_MAX + 1];
	char tracking[CHANNEL_SIZE]; /* the channel that the snap follows, as last observed */
	char origin[CHANNEL_SIZE];   /* the channel that its revision came from, "" if from none */
	bool serves;                 /* a service of it was seen running */
	bool lenient; /* it comes from a charm that did not probe: no answer is no fault yet */
	char reverted[FSM_WORD_MAX +
		      1]; /* the revision that an order went back to, while it runs */

	enum fsm_status told_status; /* what Juju was last told, committed after it was told */
	char told_message[FSM_STATUS_MAX + 1];
	char told_version[FSM_WORD_MAX + 1];
};

/*
 * Whether two records say the same; what Juju was told, where a change in flight is, and how often and
 * how a revision on probation was looked at aside (columns.c).
 */
bool fsm_same(const struct fsm_record *a, const struct fsm_record *b);

#endif
