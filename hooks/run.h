/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of the program for one hook: what it was called for, what it has in its hands, and what it
 * may still spend.
 */
#ifndef HOOKS_RUN_H
#define HOOKS_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "fsm/hook.h"
#include "fsm/order.h"
#include "fsm/record.h"
#include "fsm/rollout.h"
#include "hooks/log.h"
#include "juju/options.h"
#include "juju/relation.h"
#include "snapd/snapd.h"
#include "store/store.h"

enum {
	/* All waiting of a hook together, in seconds: the hook holds the machine's lock. */
	RUN_BUDGET_MIN = 1,
	RUN_BUDGET_MAX = 3600,
	/*
	 * A POST has a time of its own beside the budget, in milliseconds: snapd waits for the Snap Store
	 * for up to 64 s, and what is cut short does not tell the cause. It starts if so much is left,
	 * and a second one goes out only if the first was short. With a budget that was made smaller it
	 * has as long as that, and needs half of it.
	 */
	RUN_POST_TIME = 120 * 1000,
	RUN_POST_LEAST = 5 * 1000,
	RUN_POST_SHORT = 5 * 1000,
	RUN_POSTS_MAX = 2, /* per hook */
	/*
	 * What moves gigabytes takes longer, beside the budget too: Juju fetches the resource, and snapd
	 * writes it to the disk and sums it up. The request of which an upload is a part may land 90 s
	 * after that time: see fsm/op.h.
	 */
	RUN_FETCH_TIME = 15 * 60 * 1000,
	RUN_UPLOAD_TIME = 5 * 60 * 1000,
	/* What is still to be told when the budget is spent gets so much, in milliseconds. */
	RUN_TOOL_GRACE = 5 * 1000,
	/* One GET: a busy snapd needs a while, a frozen one never answers. The least is for the last look. */
	RUN_GET_TIME = 20 * 1000,
	RUN_GET_LEAST = 1000,
	/* One silence of snapd: a restart takes less; with a request under way it may replace itself. */
	RUN_SILENCE = 5 * 1000,
	RUN_SILENCE_OWN = 30 * 1000,
};

/* What a run has to do with the fleet (fleet.h, lead.h). */
struct run_fleet {
	bool tried;       /* the bags were read, as far as they could be */
	bool seen, noted; /* the application's bag was, and the own one */
	int64_t read_at;  /* clock_uptime() at which the first of them was */
	struct fsm_seat seat;
	struct fsm_fleet bag; /* with the own turn alone */
	struct fsm_note note;
	bool counted; /* UNITS is what goal-state shows */
	struct juju_units units;
	enum fsm_stand_kind kind; /* in the last look */
	char wish[FSM_GOAL_SIZE], why[FSM_WHY_SIZE];
	struct fsm_leave leave;
	bool said; /* LAST was written into the own bag */
	struct fsm_note last;

	bool resume; /* the action resume-rollout, with the unit to be passed over */
	int64_t skip;
	struct fsm_rollout rollout; /* what the leader found */
	bool led;
};

struct run {
	const char *hook; /* its name, for people */
	enum fsm_hook kind;
	const char *unit;
	const char *directory; /* the charm's */
	const char *data;      /* where the data of all snaps is */
	const char *machine;   /* the register of the units on this machine */
	int port;              /* of the workload */
	int64_t budget;        /* milliseconds */
	int64_t deadline;      /* clock_uptime() at which the budget is spent */
	char boot[FSM_WORD_MAX + 1];

	int lock; /* a file descriptor, -1: it is not held */
	struct store *store;
	struct snapd *snapd;
	struct juju_options option;
	struct fsm_record record;
	enum fsm_event event; /* of the last look */
	bool dirty;           /* the record holds what the database does not: what Juju was told */

	enum fsm_order order;       /* what an action asks for; none in a hook */
	struct fsm_order_news news; /* what became of it */
	int64_t change;             /* the last one that was made or met for it, 0 for none */

	bool fresh;        /* the record is a new one */
	bool first;        /* no look has been taken yet */
	bool finished_own; /* our change ended in this run: a service may still be starting */
	bool confirm;      /* what it started ran: to be looked at once more at the end */
	bool seeded;       /* known in this run */
	int64_t silent; /* clock_uptime() since which snapd has given no usable answer, 0: it does */
	int posts;      /* so far */
	int64_t posting; /* milliseconds that they took */

	bool again;    /* the last answer was a refusal for the same reason as the one before it */
	bool digested; /* the last row says how a request failed */
	struct fsm_record before_try; /* when that request was tried again */

	struct run_fleet fleet;

	char resource[FSM_DETAIL_MAX +
		      1]; /* why the charm's resource could not be read; "" it could, or was not */
	char note[192];   /* goes into the next row of the journal */
	struct log log;
};

/*
 * A run for the hook or action NAME, with what the environment says of the unit and its machine. Takes
 * no lock and opens no database.
 */
void run_init(struct run *run, const char *name);
void run_done(struct run *run); /* closes what it has in its hands */

/* Milliseconds left of the budget, 0 when it is spent. */
int64_t run_left(const struct run *run);

/* The milliseconds that a hook tool may take now. */
int64_t run_tool_time(const struct run *run);

/* The client of snapd, its GETs held to what is left of the budget, and of a silence, now. */
struct snapd *run_snapd(const struct run *run);

/* Keeps NEWS of an order, if they are some, unless the order of this run was refused. */
void run_news(struct run *run, const struct fsm_order_news *news);

/* Whether snapd gave a usable answer to what it was asked at BEGUN, by clock_uptime(). */
void run_heard(struct run *run, int64_t begun, bool usable);

/* Milliseconds for which a silence of snapd is still waited out: one silence has one deadline. */
int64_t run_patience(const struct run *run);

/* Whether this run may still send a POST, how long it may take, and how long it took. */
bool run_may_post(const struct run *run);
bool run_may_wait(const struct run *run); /* whether there is time for one, however many it sent */
int64_t run_post_time(const struct run *run);
/* MOST milliseconds for what moves files, or less with a budget that was made smaller. */
int64_t run_move_time(const struct run *run, int64_t most);
void run_posted(struct run *run, int64_t milliseconds);

#endif
