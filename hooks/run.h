/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of the program for one hook: what it was called for, what it has in its hands, and what
 * it may still spend. Shared by the files of hooks/ only.
 */
#ifndef HOOKS_RUN_H
#define HOOKS_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"
#include "fsm/classify.h"
#include "fsm/record.h"
#include "juju/juju.h"
#include "juju/options.h"
#include "snapd/snapd.h"
#include "store/store.h"
#include "workload/workload.h"

enum {
	/* All waiting of a hook together, in seconds: the hook holds the machine's lock. */
	RUN_BUDGET_MIN = 1,
	RUN_BUDGET_MAX = 3600,
	/*
	 * No request to snapd with less left than the Snap Store may take, in milliseconds; of a
	 * budget that was made smaller, with less than half of it.
	 */
	RUN_REQUEST_TIME = 60 * 1000,
	RUN_REQUESTS_MAX = 2, /* per hook */
	RUN_LOCK_TIME = 10 * 1000,
	/* What is still to be told when the budget is spent gets so much, in milliseconds. */
	RUN_TOOL_GRACE = 5 * 1000,
	/* One GET: a frozen snapd never answers. The least is for the last look. */
	RUN_GET_TIME = 10 * 1000,
	RUN_GET_LEAST = 1000,
	RUN_LOG_MAX = 16 * 1024, /* bytes of one hook's juju-log record */
};

struct run {
	const char *hook; /* its name, for people */
	enum fsm_hook kind;
	const char *unit;
	const char *directory; /* the charm's */
	int64_t budget;        /* milliseconds */
	int64_t deadline;      /* clock_uptime() at which the budget is spent */

	struct store *store;
	struct snapd *snapd;
	struct fsm_record record;
	bool dirty; /* the record holds what the database does not: what Juju was told */

	struct juju_option option;
	char boot[FSM_WORD_MAX + 1];

	bool first;        /* no look has been taken yet */
	bool finished_own; /* our change ended in this run: a service may still be starting */
	bool seeded;       /* known in this run */
	int requests;      /* POSTs so far */
	struct fsm_memory
		memory_before; /* as it was before the intent: a dropped one counts for nothing */
	enum fsm_event event;  /* of the last look */
	char note[192];        /* goes into the next row of the journal */

	struct buf log; /* the lines of one batched juju-log */
	enum juju_level level;
};

/* Milliseconds left of the budget, 0 when it is spent. */
int64_t run_left(const struct run *run);

/* The milliseconds that a hook tool may take now. */
int64_t run_tool_time(const struct run *run);

/* The client of snapd, its GETs held to what is left of the budget now. */
struct snapd *run_snapd(const struct run *run);

/* A step's detail on standard output, which Juju shows at DEBUG. */
void run_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line for the batched juju-log. */
void run_log(struct run *run, enum juju_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What one look found, with the memory its facts borrow from. */
struct look {
	struct fsm_facts facts;
	struct snapd_snap snap;
	struct snapd_change flight; /* the change in flight, id 0 when there is none */
	struct snapd_change own;    /* the change of our intent, id 0 when not known */
};

/*
 * Looks at the world. Adopts the change of an unanswered request when it shows. snapd's silence is
 * a fact, not a failure.
 */
void run_observe(struct run *run, struct look *ret);

/* The highest id of a change that snapd shows for the snap, 0 when there is none. */
int run_baseline(struct run *run, int64_t *ret, struct error *err);

/* Whether an effect leaves more to be looked at in this run. */
enum run_next {
	RUN_STOP,
	RUN_AGAIN
};

/* Carries out an effect of the table. Its outcome is in the record, durable. */
int run_effect(struct run *run, enum fsm_effect effect, const struct look *look, enum run_next *ret,
	struct error *err);

/* The operation that an effect asks snapd for, FSM_OP_NONE for one that asks nothing. */
enum fsm_op run_operation(enum fsm_effect effect);

/* Whether this run may still send a request. */
bool run_may_ask(const struct run *run);

/* Makes the record durable; ENTRY (may be NULL) joins the journal. */
int run_commit(struct run *run, const struct store_entry *entry, struct error *err);

/* Tells Juju what it does not know yet: status (with PROGRESS) and version. Never fails a hook. */
void run_tell(struct run *run, const char *progress);

/* Sees to it that WORKLOAD_PORT is open; the record says how far that is. */
void run_port(struct run *run);

/* The loop: look, classify, step, commit, tell, act, until nothing is pending. */
int run_drive(struct run *run, struct error *err);

#endif
