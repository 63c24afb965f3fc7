/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The effects of the table, one function each. An effect writes what came of it into the record;
 * what that means is for the next look to say.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "fsm/memory.h"
#include "fsm/names.h"
#include "fsm/status.h"
#include "hooks/run.h"

enum {
	POLL_FIRST = 100,          /* ms between two looks at a running change, growing ... */
	POLL_LAST = 1000,          /* ... to this */
	PROGRESS_PAUSE = 5 * 1000, /* ms between two progress messages */
	IDLE_PATIENCE = 20 * 1000, /* ms for somebody else's change that makes no progress */
	POLL_FAILURES = 30 * 1000, /* ms without an answer: snapd may be replacing itself */
};

/* clang-format off */
/* What an answer to a request means when nothing is in flight. `drop` looks again at once. */
static const struct {
	bool drop;
	enum fsm_class class;
	enum fsm_reason reason;
} verdicts[] = {
	[SNAPD_ACCEPTED]          = { true,  FSM_CLASS_NONE,     FSM_REASON_NONE },
	[SNAPD_ALREADY_INSTALLED] = { true,  FSM_CLASS_PASSING,  FSM_REASON_CONFLICT },
	[SNAPD_NOT_INSTALLED]     = { true,  FSM_CLASS_PASSING,  FSM_REASON_CONFLICT },
	[SNAPD_NO_UPDATE]         = { true,  FSM_CLASS_PASSING,  FSM_REASON_CONFLICT },
	[SNAPD_LOCAL]             = { true,  FSM_CLASS_OPERATOR, FSM_REASON_LOCAL },
	[SNAPD_CONFLICT]          = { false, FSM_CLASS_PASSING,  FSM_REASON_CONFLICT },
	[SNAPD_CHANNEL_MISSING]   = { false, FSM_CLASS_OPERATOR, FSM_REASON_CHANNEL_MISSING },
	[SNAPD_ARCH_MISSING]      = { false, FSM_CLASS_OPERATOR, FSM_REASON_ARCH_MISSING },
	[SNAPD_REVISION_MISSING]  = { false, FSM_CLASS_OPERATOR, FSM_REASON_REVISION_MISSING },
	[SNAPD_SNAP_MISSING]      = { false, FSM_CLASS_OPERATOR, FSM_REASON_SNAP_MISSING },
	[SNAPD_NEEDS_CLASSIC]     = { false, FSM_CLASS_OPERATOR, FSM_REASON_NEEDS_CLASSIC },
	[SNAPD_NEEDS_DEVMODE]     = { false, FSM_CLASS_OPERATOR, FSM_REASON_NEEDS_DEVMODE },
	[SNAPD_DENIED]            = { false, FSM_CLASS_OPERATOR, FSM_REASON_DENIED },
	[SNAPD_DISK_FULL]         = { false, FSM_CLASS_OPERATOR, FSM_REASON_DISK_FULL },
	[SNAPD_DEGRADED]          = { false, FSM_CLASS_OPERATOR, FSM_REASON_DEGRADED },
	[SNAPD_TIMEOUT]           = { false, FSM_CLASS_PASSING,  FSM_REASON_STORE_TIMEOUT },
	[SNAPD_TROUBLE]           = { false, FSM_CLASS_PASSING,  FSM_REASON_STORE_TROUBLE },
};
/* clang-format on */

/* The outcome of a request, durable, with its row in the journal. */
static int commit_outcome(
	struct run *run, enum fsm_effect effect, const char *detail, struct error *err)
{
	const char *state = fsm_state_name(run->record.state);
	const char *channel =
		*run->record.intent.channel ? run->record.intent.channel : run->record.channel;
	struct store_entry entry = {
		.event = fsm_event_name(run->event),
		.before = state,
		.after = state,
		.effect = fsm_effect_name(effect),
		.channel = channel,
		.change = run->record.intent.change,
		.detail = detail,
	};

	return run_commit(run, &entry, err);
}

/* While something is in flight snapd's checks answer about that: no refusal can be trusted. */
static bool in_flight(struct run *run)
{
	__attribute__((cleanup(snapd_changes_done))) struct snapd_changes changes = { 0 };

	return snapd_get_changes(run_snapd(run), WORKLOAD_SNAP, false, &changes, NULL) < 0 ||
	       changes.count > 0;
}

/* snapd's words without "cannot refresh "microsample": ", for which a status has no room. */
static const char *cause(const struct snapd_answer *answer)
{
	const char *colon = strstr(answer->message, "\": ");

	return strncmp(answer->message, "cannot ", 7) == 0 && colon && colon[3] ? colon + 3
										: answer->message;
}

static int take_refusal(struct run *run, enum fsm_effect effect, const struct snapd_answer *answer,
	const struct fsm_memory *before, struct error *err)
{
	const char *detail =
		answer->verdict == SNAPD_CHANNEL_MISSING ? answer->releases : cause(answer);
	char line[FSM_DETAIL_MAX + 1];

	text_ascii(line, sizeof line, answer->message);
	run_say("snapd refused to %s: %d %s: %s", fsm_effect_name(effect), answer->status,
		answer->kind, line);
	if (in_flight(run) ||
		(verdicts[answer->verdict].drop && run->requests < RUN_REQUESTS_MAX)) {
		fsm_drop(&run->record, before);
		return commit_outcome(
			run, effect, "not needed or not possible now: looking again", err);
	}
	fsm_refuse(&run->record, verdicts[answer->verdict].class, verdicts[answer->verdict].reason,
		detail, clock_now(), run->unit);
	run_log(run,
		verdicts[answer->verdict].class == FSM_CLASS_OPERATOR ? JUJU_ERROR : JUJU_WARNING,
		"snapd refused to %s %s: %s", fsm_effect_name(effect), WORKLOAD_SNAP, line);
	return commit_outcome(run, effect, line, err);
}

static int send(
	struct run *run, enum fsm_effect effect, struct snapd_answer *ret, struct error *err)
{
	const char *channel = run->record.intent.channel;
	int64_t limit = run_left(run);

	switch (effect) {
	case FSM_DO_INSTALL:
		return snapd_install(run->snapd, WORKLOAD_SNAP, channel, limit, ret, err);
	case FSM_DO_REFRESH:
		return snapd_refresh(run->snapd, WORKLOAD_SNAP, channel, limit, ret, err);
	default:
		return snapd_remove(run->snapd, WORKLOAD_SNAP, limit, ret, err);
	}
}

/* The intent is committed. One request; whatever comes of it is in the record afterwards. */
static int ask(
	struct run *run, enum fsm_effect effect, const struct fsm_memory *before, struct error *err)
{
	struct snapd_answer answer;
	struct error why = { 0 };

	run->requests++;
	if (send(run, effect, &answer, &why) < 0) {
		run_log(run, JUJU_WARNING, "%s: %s", fsm_effect_name(effect), why.text);
		if (why.kind != ERROR_UNREACHABLE)
			return 0; /* snapd may be at it: the intent stays, later looks will tell */
		fsm_drop(&run->record, before);
		return commit_outcome(run, effect, why.text, err);
	}
	if (answer.verdict != SNAPD_ACCEPTED)
		return take_refusal(run, effect, &answer, before, err);
	fsm_accept(&run->record, answer.change);
	run_say("snapd accepted to %s: change %" PRId64, fsm_effect_name(effect), answer.change);
	return commit_outcome(run, effect, "accepted", err);
}

static void describe(const struct snapd_change *change, char *ret, size_t size)
{
	int64_t percent = change->total > 1 ? change->done * 100 / change->total : 0;

	if (strcmp(change->task_kind, "download-snap") == 0 && change->total > 1)
		(void)snprintf(ret, size, "download %" PRId64 "%%", percent > 100 ? 100 : percent);
	else if (change->steps > 0)
		(void)snprintf(ret, size, "step %" PRId64 " of %" PRId64,
			change->steps_done < change->steps ? change->steps_done + 1 : change->steps,
			change->steps);
	else
		ret[0] = '\0';
}

/* Where a change stood, so that the next look can tell whether it moved. */
struct pace {
	int64_t steps, done, moved; /* MOVED: clock_uptime() */
};

static bool moves(struct pace *pace, const struct snapd_change *change)
{
	int64_t now = clock_uptime();

	if (change->steps_done != pace->steps || change->done != pace->done)
		*pace = (struct pace){ change->steps_done, change->done, now };
	return now - pace->moved < IDLE_PATIENCE;
}

static void tell_progress(struct run *run, const struct snapd_change *change, int64_t *told)
{
	char progress[48];

	if (clock_uptime() - *told < PROGRESS_PAUSE)
		return;
	*told = clock_uptime();
	describe(change, progress, sizeof progress);
	run_tell(run, progress);
}

/* Waits for one change as long as it is worth it. */
static enum run_next follow_change(struct run *run, int64_t id, bool ours)
{
	struct pace pace = { .moved = clock_uptime() };
	int64_t pause = POLL_FIRST, told = clock_uptime(), heard = clock_uptime();

	for (;;) {
		struct snapd_change change;

		if (run_left(run) <= pause)
			return RUN_STOP;
		clock_sleep(pause);
		pause = pause * 2 < POLL_LAST ? pause * 2 : POLL_LAST;
		if (snapd_get_change(run_snapd(run), id, &change, NULL) < 0) {
			if (clock_uptime() - heard > POLL_FAILURES)
				return RUN_AGAIN; /* the next look says what is the matter */
			continue;
		}
		heard = clock_uptime();
		if (change.id == 0 || (change.progress != SNAPD_CHANGE_RUNNING &&
					      change.progress != SNAPD_CHANGE_WAITING)) {
			run->finished_own = run->finished_own || ours;
			return RUN_AGAIN;
		}
		if (change.progress == SNAPD_CHANGE_WAITING)
			return RUN_STOP; /* for a reboot, say: that is not ours to wait for */
		if (!ours && !moves(&pace, &change))
			return RUN_STOP;
		if (ours)
			tell_progress(run, &change, &told);
	}
}

static int do_nothing(
	struct run *run, const struct look *look, enum run_next *ret, struct error *err)
{
	(void)run;
	(void)look;
	(void)err;
	*ret = RUN_STOP;
	return 0;
}

static int do_request(
	struct run *run, enum fsm_effect effect, enum run_next *ret, struct error *err)
{
	/* The intent was committed with the transition; without one there was no time to ask. */
	if (run->record.intent.op != run_operation(effect) ||
		run->record.intent.phase != FSM_PHASE_ASKED) {
		*ret = RUN_STOP;
		return 0;
	}
	*ret = RUN_AGAIN;
	if (run_may_ask(run))
		return ask(run, effect, &run->memory_before, err);
	/* What was done since the intent, telling Juju first of all, took its time. */
	*ret = RUN_STOP;
	fsm_drop(&run->record, &run->memory_before);
	return commit_outcome(run, effect, "no time left to ask: the next hook does", err);
}

static int do_install(
	struct run *run, const struct look *look, enum run_next *ret, struct error *err)
{
	(void)look;
	return do_request(run, FSM_DO_INSTALL, ret, err);
}

static int do_refresh(
	struct run *run, const struct look *look, enum run_next *ret, struct error *err)
{
	(void)look;
	return do_request(run, FSM_DO_REFRESH, ret, err);
}

static int do_remove(
	struct run *run, const struct look *look, enum run_next *ret, struct error *err)
{
	(void)look;
	return do_request(run, FSM_DO_REMOVE, ret, err);
}

static int do_follow(
	struct run *run, const struct look *look, enum run_next *ret, struct error *err)
{
	(void)err;
	if (look->flight.id != 0) {
		*ret = follow_change(run, look->flight.id, look->facts.flight == FSM_FLIGHT_OURS);
		return 0;
	}
	/* An unanswered request: it shows, or time shows that it does not. */
	*ret = run_left(run) > POLL_LAST ? RUN_AGAIN : RUN_STOP;
	if (*ret == RUN_AGAIN)
		clock_sleep(POLL_LAST);
	return 0;
}

static int do_digest(
	struct run *run, const struct look *look, enum run_next *ret, struct error *err)
{
	fsm_digest(&run->record, &look->facts, run->unit);
	run_log(run, JUJU_WARNING, "%s%s%s", fsm_reason_meaning(run->record.memory.reason),
		*run->record.memory.detail ? ": " : "", run->record.memory.detail);
	*ret = RUN_AGAIN;
	return commit_outcome(run, FSM_DO_DIGEST, run->record.memory.detail, err);
}

/* clang-format off */
/* One function for each effect of the table: a forgotten one does not compile. */
#define do_NOTHING do_nothing
#define do_INSTALL do_install
#define do_REFRESH do_refresh
#define do_REMOVE  do_remove
#define do_FOLLOW  do_follow
#define do_DIGEST  do_digest
#define EFFECT(name, text, meaning) [FSM_DO_##name] = do_##name,
static int (*const effects[FSM_DO_COUNT])(
	struct run *, const struct look *, enum run_next *, struct error *) = { FSM_EFFECTS(EFFECT) };
/* clang-format on */

int run_effect(struct run *run, enum fsm_effect effect, const struct look *look, enum run_next *ret,
	struct error *err)
{
	return effects[effect](run, look, ret, err);
}

enum fsm_op run_operation(enum fsm_effect effect)
{
	switch (effect) {
	case FSM_DO_INSTALL:
		return FSM_OP_INSTALL;
	case FSM_DO_REFRESH:
		return FSM_OP_REFRESH;
	case FSM_DO_REMOVE:
		return FSM_OP_REMOVE;
	default:
		return FSM_OP_NONE;
	}
}

bool run_may_ask(const struct run *run)
{
	int64_t needed = run->budget / 2 < RUN_REQUEST_TIME ? run->budget / 2 : RUN_REQUEST_TIME;

	return run->requests < RUN_REQUESTS_MAX && run_left(run) >= needed;
}
