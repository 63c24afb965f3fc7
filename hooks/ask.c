/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/ask.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cause.h"
#include "base/clock.h"
#include "base/text.h"
#include "fsm/names.h"
#include "fsm/probation.h"
#include "hooks/commit.h"
#include "hooks/look.h"
#include "hooks/resource.h"
#include "workload/workload.h"

#define UNKNOWN_ACTION "unknown action"

enum {
	HTTP_BAD_REQUEST = 400,
	FIND_TIME = 10 * 1000, /* milliseconds */
};

/* clang-format off */
/*
 * What an answer is to the machine. UNTRUSTED: only a look can settle it, since the snap is not as it
 * was when it was looked at.
 */
static const struct {
	enum fsm_sight sight;
	enum fsm_reason reason;
} verdicts[SNAPD_VERDICT_COUNT] = {
	[SNAPD_ACCEPTED]          = { FSM_SIGHT_ACCEPTED,  FSM_REASON_NONE },
	[SNAPD_ALREADY_INSTALLED] = { FSM_SIGHT_UNTRUSTED, FSM_REASON_CONTRADICTED },
	[SNAPD_NOT_INSTALLED]     = { FSM_SIGHT_UNTRUSTED, FSM_REASON_CONTRADICTED },
	[SNAPD_NO_SERVICE]        = { FSM_SIGHT_UNTRUSTED, FSM_REASON_CONTRADICTED },
	[SNAPD_NO_UPDATE]         = { FSM_SIGHT_UNTRUSTED, FSM_REASON_CONTRADICTED },
	[SNAPD_LOCAL]             = { FSM_SIGHT_UNTRUSTED, FSM_REASON_LOCAL },
	[SNAPD_CONFLICT]          = { FSM_SIGHT_REFUSED,   FSM_REASON_CONFLICT },
	[SNAPD_UNSEEDED]          = { FSM_SIGHT_REFUSED,   FSM_REASON_NOT_SEEDED },
	[SNAPD_CHANNEL_MISSING]   = { FSM_SIGHT_REFUSED,   FSM_REASON_CHANNEL_MISSING },
	[SNAPD_ARCH_MISSING]      = { FSM_SIGHT_REFUSED,   FSM_REASON_ARCH_MISSING },
	[SNAPD_REVISION_MISSING]  = { FSM_SIGHT_REFUSED,   FSM_REASON_REVISION_MISSING },
	[SNAPD_SNAP_MISSING]      = { FSM_SIGHT_REFUSED,   FSM_REASON_SNAP_MISSING },
	[SNAPD_NEEDS_CLASSIC]     = { FSM_SIGHT_REFUSED,   FSM_REASON_NEEDS_CLASSIC },
	[SNAPD_NEEDS_DEVMODE]     = { FSM_SIGHT_REFUSED,   FSM_REASON_NEEDS_DEVMODE },
	[SNAPD_DENIED]            = { FSM_SIGHT_REFUSED,   FSM_REASON_DENIED },
	[SNAPD_DISK_FULL]         = { FSM_SIGHT_REFUSED,   FSM_REASON_DISK_FULL },
	[SNAPD_TIMEOUT]           = { FSM_SIGHT_REFUSED,   FSM_REASON_STORE_TIMEOUT },
	[SNAPD_DEGRADED]          = { FSM_SIGHT_REFUSED,   FSM_REASON_DEGRADED },
	[SNAPD_STORE]             = { FSM_SIGHT_REFUSED,   FSM_REASON_STORE_TROUBLE },
	[SNAPD_TROUBLE]           = { FSM_SIGHT_REFUSED,   FSM_REASON_SNAPD_REFUSED },
};
/* clang-format on */

/* Writes what came of the request of TURN into the record, and makes it durable. */
static int write_answer(struct run *run, struct fsm_turn *turn, struct fsm_answer answer,
	const char *words, struct error *err)
{
	const struct fsm_failure *failure = &run->record.failure;
	char ended[FSM_DETAIL_MAX + 33];
	enum fsm_write write;

	answer.may_ask = run_may_post(run);
	answer.now = clock_now();
	answer.unit = run->unit;
	write = fsm_answer(&run->record, turn, &answer);
	run_news(run, &turn->news);
	run->again = write == FSM_WRITE_FAIL && failure->reason == turn->before.reason &&
		     strcmp(failure->detail, turn->before.detail) == 0;
	if (run->again)
		return commit_record(run, err);
	if (write == FSM_WRITE_FAIL)
		log_add(&run->log,
			fsm_reason_row(failure->reason)->status == FSM_STATUS_BLOCKED
				? JUJU_ERROR
				: JUJU_WARNING,
			"snapd refused to %s %s: %s", fsm_effect_name(turn->effect), WORKLOAD_SNAP,
			words);
	if (write == FSM_WRITE_FORGET) {
		(void)snprintf(ended, sizeof ended, "order %s %s: %s",
			fsm_order_name(turn->news.kind), fsm_order_end_name(turn->news.end),
			turn->news.text);
		words = ended;
	}
	if (write == FSM_WRITE_DROP && answer.sight != FSM_SIGHT_UNSENT)
		words = "not needed or not possible now: looking again";
	return commit_outcome(run, turn->effect, words, err);
}

static int not_sent(struct run *run, struct fsm_turn *turn, const char *why, struct error *err)
{
	return write_answer(run, turn, (struct fsm_answer){ .sight = FSM_SIGHT_UNSENT }, why, err);
}

bool ask_the_store(struct run *run, const char *channel, int64_t limit, char ret[FSM_WORD_MAX + 1])
{
	struct snapd_releases releases = { 0 };
	int64_t left = run_left(run);

	ret[0] = '\0';
	if (snapd_find(run_snapd(run), WORKLOAD_SNAP, left < limit ? left : limit, &releases,
		    NULL) < 0)
		return false;
	for (size_t i = 0; i < releases.count; i++)
		if (strcmp(releases.list[i].channel, channel) == 0)
			text_ascii(ret, FSM_WORD_MAX + 1, releases.list[i].revision);
	snapd_releases_done(&releases);
	return true;
}

/*
 * What the refusal of a request is about, where the verdict does not tell. RET gets what explains it: of
 * a revision that is not there, the one that the channel has.
 */
static enum fsm_reason reason_of(
	struct run *run, const struct snapd_answer *answer, char ret[FSM_DETAIL_MAX + 1])
{
	const struct fsm_intent *intent = &run->record.intent;
	enum fsm_reason reason = verdicts[answer->verdict].reason;
	bool pinned = intent->target.revision != 0 && intent->op != FSM_OP_REVERT;

	if (intent->op == FSM_OP_HOLD && answer->status == HTTP_BAD_REQUEST &&
		strncmp(answer->message, UNKNOWN_ACTION, strlen(UNKNOWN_ACTION)) == 0)
		return FSM_REASON_HOLD_UNKNOWN;
	if (pinned &&
		(reason == FSM_REASON_REVISION_MISSING || reason == FSM_REASON_CHANNEL_MISSING)) {
		char revision[FSM_WORD_MAX + 1];

		(void)ask_the_store(run, intent->target.channel, FIND_TIME, revision);
		(void)snprintf(
			ret, FSM_DETAIL_MAX + 1, "%s%s", *revision ? "revision " : "", revision);
		return FSM_REASON_PIN_MISSING;
	}
	/* Whatever snapd has against files, it has no kind for it, and may call it its own error. */
	if (intent->op == FSM_OP_SIDELOAD &&
		(reason == FSM_REASON_SNAPD_REFUSED || reason == FSM_REASON_DEGRADED ||
			reason == FSM_REASON_STORE_TROUBLE))
		reason = FSM_REASON_RESOURCE_REFUSED;
	(void)snprintf(ret, FSM_DETAIL_MAX + 1, "%s",
		answer->verdict == SNAPD_CHANNEL_MISSING ? answer->releases
							 : cause_words(answer->message));
	return reason;
}

static int take_answer(struct run *run, struct fsm_turn *turn, const struct snapd_answer *answer,
	struct error *err)
{
	char detail[FSM_DETAIL_MAX + 1] = "";
	struct fsm_answer seen = {
		.sight = verdicts[answer->verdict].sight,
		.reason = reason_of(run, answer, detail),
		.change = answer->change,
		.detail = detail,
		.newest = answer->verdict == SNAPD_NO_UPDATE,
	};
	char words[FSM_DETAIL_MAX + 1] = "accepted", cause[sizeof words];

	if (seen.sight == FSM_SIGHT_ACCEPTED) {
		log_say("snapd accepted to %s: change %" PRId64, fsm_effect_name(turn->effect),
			answer->change);
		run->change = answer->change;
	} else {
		(void)cause_fit(cause, sizeof cause, answer->message);
		text_ascii(words, sizeof words, cause);
		log_say("snapd refused to %s: %d %s: %s", fsm_effect_name(turn->effect),
			answer->status, answer->kind, words);
		/* snapd checks other things before conflicts: any refusal may be about the other change. */
		seen.busy = look_in_flight(run);
	}
	return write_answer(run, turn, seen, words, err);
}

/*
 * The request of the intent; a restart is one of the services that LOOK found enabled, a start one of
 * those that are not any more.
 */
static int post(
	struct run *run, const struct look *look, struct snapd_answer *ret, struct error *err)
{
	const struct fsm_intent *intent = &run->record.intent;
	char revision[FSM_WORD_MAX + 1] = "", lost[FSM_SERVICES_MAX + 1];
	struct snapd_request request = {
		.action = fsm_op_name(intent->op),
		.channel = intent->target.channel,
		.revision = revision,
		.services = intent->op == FSM_OP_RESTART ? look->snap.enabled
			    : intent->op == FSM_OP_START ? lost
							 : NULL,
	};

	if (intent->op == FSM_OP_SIDELOAD)
		return resource_post(run, ret, err);
	fsm_lost_services(&run->record.probation, look->snap.enabled, lost);

	if (intent->target.revision != 0)
		(void)snprintf(revision, sizeof revision, "%" PRId64, intent->target.revision);
	return snapd_post(run->snapd, WORKLOAD_SNAP, &request, run_post_time(run), ret, err);
}

void ask_to_abort(struct run *run, const struct look *look)
{
	struct snapd_request request = { .action = "abort", .change = look->flight.id };
	struct fsm_order_news news = { .kind = FSM_ORDER_ABORT, .end = FSM_ORDER_END_FAILED };
	int64_t begun = clock_uptime();
	struct snapd_answer answer;
	struct error why = { 0 };

	run->change = request.change;
	if (!run_may_post(run)) {
		(void)snprintf(news.text, sizeof news.text, "no time is left to ask snapd");
	} else if (snapd_post(run->snapd, WORKLOAD_SNAP, &request, run_post_time(run), &answer,
			   &why) < 0) {
		text_ascii(news.text, sizeof news.text, why.text);
	} else if (answer.verdict != SNAPD_ACCEPTED) {
		text_ascii(news.text, sizeof news.text, answer.message);
	} else {
		news.end = FSM_ORDER_END_DONE;
		text_ascii(news.text, sizeof news.text, look->flight.kind);
	}
	run_posted(run, clock_uptime() - begun);
	log_say("snapd was asked to abort change %" PRId64 ": %s", request.change, news.text);
	run_news(run, &news);
}

int ask_snapd(struct run *run, const struct look *look, struct fsm_turn *turn, bool *ret,
	struct error *err)
{
	struct snapd_answer answer;
	struct error why = { 0 };
	int64_t begun = clock_uptime();
	int outcome;

	*ret = run->record.order.kind == FSM_ORDER_ROLLBACK ? run_may_wait(run) : run_may_post(run);
	/* What was done since the turn, telling Juju first of all, took its time. */
	if (!*ret)
		return not_sent(run, turn, "no time left to ask: the next hook does", err);
	outcome = post(run, look, &answer, &why);
	run_posted(run, clock_uptime() - begun);
	if (outcome == 0)
		return take_answer(run, turn, &answer, err);
	log_add(&run->log, JUJU_WARNING, "%s: %s", fsm_effect_name(turn->effect), why.text);
	if (why.kind == ERROR_CORRUPT || why.kind == ERROR_CUT)
		return write_answer(run, turn,
			(struct fsm_answer){ .sight = FSM_SIGHT_REFUSED,
				.reason = why.kind == ERROR_CUT ? FSM_REASON_UPLOAD_CUT
								: FSM_REASON_RESOURCE_LOST,
				.detail = why.text },
			why.text, err);
	if (why.kind == ERROR_UNREACHABLE)
		return not_sent(run, turn, why.text, err);
	return 0; /* snapd may be at it: the request stays, later looks will tell */
}
