/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop that every hook runs: look, classify, step, commit, tell Juju, act. The next event always
 * comes from looking again, so that a hook that was killed, an answer that was lost and an ordinary
 * return take the same path.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/channel.h"
#include "base/clock.h"
#include "base/text.h"
#include "fsm/memory.h"
#include "fsm/names.h"
#include "fsm/status.h"
#include "hooks/run.h"

enum {
	LOOKS_MAX = 1000, /* in one run; the budget ends it long before */
};

/* Which snapd was asked to install: what a reader of the journal wants to know years later. */
static void note_system(struct run *run)
{
	char text[2 * SNAPD_WORD_SIZE + 16];
	struct snapd_system system;

	if (*run->note || snapd_get_system(run_snapd(run), &system, NULL) < 0)
		return;
	(void)snprintf(text, sizeof text, "snapd %s on %s", system.version, system.architecture);
	text_ascii(run->note, sizeof run->note, text);
}

/* Puts the intent into the record, to be committed with the transition that leads to it. */
static bool intend(struct run *run, enum fsm_op op)
{
	struct fsm_asking asking = {
		.op = op,
		.channel = op == FSM_OP_REMOVE ? "" : run->option.channel,
		.now = clock_now(),
		.uptime = clock_uptime() / 1000,
		.boot = run->boot,
		.unit = run->unit,
	};
	struct error err = { 0 };

	if (!run_may_ask(run))
		return false;
	/* Without a baseline an unanswered request could not be told from an old one. */
	if (run_baseline(run, &asking.baseline, &err) < 0) {
		run_log(run, JUJU_WARNING, "%s", err.text);
		return false;
	}
	if (op == FSM_OP_INSTALL)
		note_system(run);
	run->memory_before = run->record.memory;
	fsm_intend(&run->record, &asking);
	return true;
}

static void add(char *ret, size_t size, const char *text)
{
	size_t used = strlen(ret);

	if (*text)
		(void)snprintf(ret + used, size - used, "%s%s", used ? "; " : "", text);
}

/* What a reader of the journal wants to know beyond the names. */
static void describe(const struct run *run, const struct fsm_record *before,
	const struct fsm_facts *facts, char *ret, size_t size)
{
	const struct fsm_record *record = &run->record;
	char text[FSM_WORD_MAX * 2 + 32];

	ret[0] = '\0';
	add(ret, size, run->note);
	if (fsm_drifted(before, run->event, facts))
		add(ret, size,
			facts->present ? "drift: the snap was switched"
				       : "drift: the snap was removed");
	if (strcmp(before->revision, record->revision) != 0) {
		(void)snprintf(text, sizeof text, "revision %s -> %s",
			*before->revision ? before->revision : "none",
			*record->revision ? record->revision : "none");
		add(ret, size, text);
	}
	if (before->port != record->port) {
		(void)snprintf(text, sizeof text, "port " WORKLOAD_PORT ": %s",
			fsm_port_name(record->port));
		add(ret, size, text);
	}
	if (before->ours != record->ours)
		add(ret, size, record->ours ? "the snap is ours" : "no snap of ours");
	if (record->reason != FSM_REASON_OWN_CHANGE && record->reason != FSM_REASON_NONE)
		add(ret, size, fsm_reason_name(record->reason));
	add(ret, size, record->detail);
}

static void log_transition(
	struct run *run, const struct fsm_record *before, const char *effect, const char *detail)
{
	const struct fsm_record *record = &run->record;
	enum juju_level level = record->state == FSM_STATE_BLOCKED ? JUJU_ERROR : JUJU_INFO;

	if (level == JUJU_INFO && fsm_told(record, "").status == FSM_STATUS_WAITING)
		level = JUJU_WARNING;
	run_log(run, level, "%s: %s -> %s on %s%s%s, '%s'%s%s%s", run->hook,
		fsm_state_name(before->state), fsm_state_name(record->state),
		fsm_event_name(run->event), strcmp(effect, "nothing") ? ", " : "",
		strcmp(effect, "nothing") ? effect : "", channel_short(record->channel),
		*detail ? " (" : "", detail, *detail ? ")" : "");
}

/* Makes the transition durable; a look that changed nothing writes nothing. */
static int commit_transition(struct run *run, const struct fsm_record *before,
	const struct fsm_facts *facts, enum fsm_effect effect, struct error *err)
{
	const struct fsm_record *record = &run->record;
	char detail[512];
	struct store_entry entry = {
		.event = fsm_event_name(run->event),
		.before = fsm_state_name(before->state),
		.after = fsm_state_name(record->state),
		.effect = fsm_effect_name(effect),
		.channel = *record->intent.channel ? record->intent.channel : record->channel,
		.change = record->intent.change,
		.detail = detail,
	};

	if (fsm_same(before, record))
		return 0;
	describe(run, before, facts, detail, sizeof detail);
	run->note[0] = '\0';
	if (run_commit(run, &entry, err) < 0)
		return -1;
	log_transition(run, before, entry.effect, detail);
	return 0;
}

/* From one look to one durable transition; RET is the effect that it leaves to be done. */
static int transition(struct run *run, const struct fsm_record *before, const struct look *look,
	enum fsm_effect *ret, struct error *err)
{
	struct fsm_step step;
	enum fsm_effect effect;
	enum fsm_op op;

	fsm_learn(&run->record, &look->facts);
	run->event = fsm_classify(&run->record, &look->facts);
	step = fsm_step(run->record.state, run->event);
	run_say("%s: %s on %s -> %s, %s", run->hook, fsm_state_name(run->record.state),
		fsm_event_name(run->event), fsm_state_name(step.state),
		fsm_effect_name(step.effect));
	fsm_apply(&run->record, run->event, &look->facts);
	effect = step.effect;
	op = run_operation(effect);
	if (op != FSM_OP_NONE && !intend(run, op))
		effect = FSM_DO_NOTHING; /* no time or no more requests: the next hook goes on */
	if (commit_transition(run, before, &look->facts, effect, err) < 0)
		return -1;
	*ret = effect;
	return 0;
}

static int look_and_act(
	struct run *run, const struct fsm_record *before, enum run_next *ret, struct error *err)
{
	enum fsm_effect effect;
	struct look look;

	run_observe(run, &look);
	if (transition(run, before, &look, &effect, err) < 0)
		return -1;
	run->first = false;
	run_tell(run, "");
	return run_effect(run, effect, &look, ret, err);
}

int run_drive(struct run *run, struct error *err)
{
	struct fsm_record before = run->record;
	enum run_next next = RUN_AGAIN;

	run->first = true;
	if (strcmp(run->record.build, MICROSAMPLE_VERSION) != 0) {
		if (*run->record.build && !*run->note)
			(void)snprintf(run->note, sizeof run->note, "charm %s -> %s",
				run->record.build, MICROSAMPLE_VERSION);
		fsm_copy(run->record.build, sizeof run->record.build, MICROSAMPLE_VERSION);
	}
	/* An older build may have refused this database, and told Juju so without noting it here. */
	if (run->kind == FSM_HOOK_UPGRADE_CHARM) {
		run->record.told_status = FSM_STATUS_NONE;
		fsm_copy(run->record.told_message, sizeof run->record.told_message, "");
	}
	run_port(run);
	for (int looks = 0; next == RUN_AGAIN && looks < LOOKS_MAX; looks++) {
		if (look_and_act(run, &before, &next, err) < 0)
			return -1;
		before = run->record;
	}
	/* What Juju was told since the last commit. */
	return run->dirty ? run_commit(run, NULL, err) : 0;
}
