/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/lead.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "hooks/commit.h"
#include "hooks/fleet.h"
#include "hooks/loop.h"
#include "hooks/tell.h"
#include "hooks/unit.h"
#include "hooks/waker.h"

#define LEADER "leader" /* the key that names it, for people */

enum {
	/* Milliseconds for which the bag that was read is nobody else's: is-leader says 30 s. */
	BAG_LASTS = 20 * 1000,
};

/* What the leader has in its hands. */
struct lead {
	struct fsm_seat *seats;
	struct fsm_fleet fleet;
	struct fsm_member *members;
	struct fsm_note *notes; /* one for each member */
	unsigned count;
	struct fsm_note remote; /* of a unit that goal-state does not show */
	bool named;             /* the bag names this unit as leader */
};

static struct fsm_member *member_of(const struct lead *lead, int64_t unit)
{
	for (unsigned i = 0; i < lead->count; i++)
		if (lead->members[i].unit == unit)
			return &lead->members[i];
	return NULL;
}

static void lead_done(struct lead *lead)
{
	free(lead->seats);
	free(lead->members);
	free(lead->notes);
}

static void set_rollout(struct run *run, const char *words)
{
	struct fsm_peers *peers = &run->record.peers;

	run->dirty = run->dirty || strcmp(peers->rollout, words) != 0;
	text_ascii(peers->rollout, sizeof peers->rollout, words);
}

static void set_flag(struct run *run, bool *flag, bool value)
{
	run->dirty = run->dirty || *flag != value;
	*flag = value;
}

static int by_number(const void *a, const void *b)
{
	const struct fsm_member *one = a, *two = b;

	return (one->unit > two->unit) - (one->unit < two->unit);
}

/* The units that goal-state shows, of this application all. */
static int read_members(struct run *run, struct lead *lead, struct error *err)
{
	const struct juju_units *units = &run->fleet.units;

	if (fleet_count(run, err) < 0)
		return -1;
	lead->members = alloc_new(units->count + 1, sizeof *lead->members);
	lead->notes = alloc_new(units->count + 1, sizeof *lead->notes);
	for (size_t i = 0; i < units->count; i++) {
		int64_t unit = fsm_unit_number(units->list[i].name);

		if (unit != FSM_NO_UNIT)
			lead->members[lead->count++] =
				(struct fsm_member){ .unit = unit, .dying = units->list[i].dying };
	}
	qsort(lead->members, lead->count, sizeof *lead->members, by_number);
	return 0;
}

/* Who has had a turn has an agent; for the others the relation shows it. */
static int read_joined(struct run *run, struct lead *lead, struct error *err)
{
	CLEANUP(juju_units_done) struct juju_units units = { 0 };
	int64_t self = fsm_unit_number(run->unit);
	bool all = true;

	for (unsigned i = 0; i < lead->count; i++) {
		struct fsm_member *member = &lead->members[i];

		member->joined = member->unit == self || fsm_fleet_seat(&lead->fleet, member->unit);
		all = all && member->joined;
	}
	if (all)
		return 0;
	if (juju_relation_list(run->record.peers.relation, run_tool_time(run), &units, err) < 0)
		return -1;
	for (size_t i = 0; i < units.count; i++) {
		struct fsm_member *member = member_of(lead, fsm_unit_number(units.list[i].name));

		if (member)
			member->joined = true;
	}
	return 0;
}

static int read_note(
	struct run *run, struct lead *lead, struct fsm_member *member, struct error *err)
{
	CLEANUP(cleanup_free)
	char *name = alloc_textf(
		"%.*s/%lld", (int)strcspn(run->unit, "/"), run->unit, (long long)member->unit);
	CLEANUP(juju_bag_done) struct juju_bag bag = { 0 };
	struct fsm_note *note = &lead->notes[member - lead->members];

	if (juju_relation_get(
		    run->record.peers.relation, name, false, run_tool_time(run), &bag, err) < 0)
		return -1;
	fleet_take_note(note, &bag);
	member->note = note;
	return 0;
}

/* What the units say: all of them, or the one that the hook is about; the own bag as it is to be. */
static int read_notes(struct run *run, struct lead *lead, struct error *err)
{
	const char *remote = getenv("JUJU_REMOTE_UNIT");
	int64_t about = remote ? fsm_unit_number(remote) : FSM_NO_UNIT;
	int64_t self = fsm_unit_number(run->unit);
	bool all = fsm_hook_is(run->kind, FSM_HOOK_GATHERS) || run->fleet.resume ||
		   run->record.peers.due;

	for (unsigned i = 0; i < lead->count; i++) {
		struct fsm_member *member = &lead->members[i];

		if (member->unit == self) {
			member->note = run->fleet.noted ? &run->fleet.leave.note : NULL;
			if (!member->note && all && read_note(run, lead, member, err) < 0)
				return -1;
		} else if (member->joined && (all || member->unit == about) &&
			   read_note(run, lead, member, err) < 0) {
			return -1;
		}
	}
	return 0;
}

static int read_fleet(struct run *run, struct lead *lead, struct error *err)
{
	CLEANUP(juju_bag_done) struct juju_bag bag = { 0 };

	lead->seats = alloc_new(FSM_FLEET_MAX, sizeof *lead->seats);
	fsm_fleet_init(&lead->fleet, lead->seats, FSM_FLEET_MAX);
	if (juju_relation_get(
		    run->record.peers.relation, run->unit, true, run_tool_time(run), &bag, err) < 0)
		return -1;
	fleet_take(&lead->fleet, &bag);
	for (size_t i = 0; i < bag.count; i++)
		lead->named = lead->named || (strcmp(bag.list[i].key, LEADER) == 0 &&
						     strcmp(bag.list[i].value, run->unit) == 0);
	return 0;
}

static int write_fleet(struct run *run, struct lead *lead, struct error *err)
{
	CLEANUP(cleanup_free) char **pairs = alloc_new(lead->fleet.count + 4, sizeof *pairs);
	struct fsm_setting setting;
	unsigned at = 0;
	size_t count = 0;
	int ret = 0;

	while (fsm_fleet_setting(&lead->fleet, &at, &setting))
		pairs[count++] = alloc_textf("%s=%s", setting.key, setting.value);
	if (!lead->named)
		pairs[count++] = alloc_textf(LEADER "=%s", run->unit);
	if (count > 0)
		ret = juju_relation_set(
			run->record.peers.relation, true, pairs, count, run_tool_time(run), err);
	for (size_t i = 0; i < count; i++)
		free(pairs[i]);
	return ret;
}

static struct fsm_lead lead_of(const struct run *run, const struct lead *lead)
{
	const struct run_fleet *fleet = &run->fleet;
	bool held = fsm_ticket_held(&run->record.ticket);

	return (struct fsm_lead){
		.unit = fsm_unit_number(run->unit),
		.members = lead->members,
		.count = lead->count,
		.wish = fleet->wish,
		.moves = fleet->kind == FSM_STAND_MOVES,
		.away = fleet->kind == FSM_STAND_AWAY && !held &&
			run->record.intent.op != FSM_OP_NONE,
		.width = run->option.rollout_width,
		.pause = run->option.rollout_pause,
		.resume = fleet->resume,
		.skip = fleet->skip,
	};
}

/* What the leader has given itself it takes in a later hook: it hears of its own write. */
static void see_own_turn(struct run *run, const struct lead *lead)
{
	const struct fsm_seat *seat = fsm_fleet_seat(&lead->fleet, fsm_unit_number(run->unit));

	set_flag(run, &run->record.ticket.pending, fsm_ticket_new(&run->record.ticket, seat));
}

static int give_turns(struct run *run, struct error *err)
{
	CLEANUP(lead_done) struct lead lead = { 0 };
	char words[FSM_STATUS_MAX + 1], application[FSM_WORD_MAX + 1];
	struct fsm_lead view;

	run->fleet.led = true;
	if (read_members(run, &lead, err) < 0)
		return -1;
	if (!member_of(&lead, fsm_unit_number(run->unit)))
		return error_set(err, ERROR_FORMAT, "goal-state: this unit is not among the units");
	if (lead.count == 1) {
		set_rollout(run, ""); /* it needs no turn */
		return 0;
	}
	if (read_fleet(run, &lead, err) < 0 || read_joined(run, &lead, err) < 0 ||
		read_notes(run, &lead, err) < 0)
		return -1;
	view = lead_of(run, &lead);
	fsm_fleet_lead(&lead.fleet, &view, &run->fleet.rollout);
	if (write_fleet(run, &lead, err) < 0)
		return -1;
	(void)snprintf(
		application, sizeof application, "%.*s", (int)strcspn(run->unit, "/"), run->unit);
	fsm_rollout_words(&lead.fleet, &run->fleet.rollout, application, words, sizeof words);
	set_rollout(run, words);
	see_own_turn(run, &lead);
	return 0;
}

/*
 * Whether there may be something to do for a leader: another unit has told something, or this one has;
 * a rollout is under way, in which a unit may be gone that Juju said nothing of; or a person asks for it.
 * A record that is new does not know who was elected.
 */
static bool may_lead(const struct run *run)
{
	const struct fsm_peers *peers = &run->record.peers;
	bool asked = fsm_hook_is(run->kind, FSM_HOOK_GATHERS) || run->fleet.resume || run->fresh;
	bool said = fsm_hook_is(run->kind, FSM_HOOK_TELLS) || run->fleet.leave.writes ||
		    peers->due || (*peers->rollout && fsm_hook_is(run->kind, FSM_HOOK_IDLE));

	return (asked || (peers->elected && said)) && run->option.rollout_width > 0 &&
	       run->order == FSM_ORDER_NONE && !run->record.stopping && !run->record.retired &&
	       !fsm_hook_is(run->kind, FSM_HOOK_LEAVES);
}

/* Where the rollout is stands in the status of a unit that is Ready. */
static int tell(struct run *run, struct error *err)
{
	struct fsm_status_line status = fsm_status_line(&run->record, "");

	if (run->record.state != FSM_STATE_ACTIVE)
		return 0;
	fsm_told_take_back(&run->record, &status);
	if (commit_record(run, err) < 0)
		return -1;
	tell_juju(run, &status);
	return 0;
}

static int ask_and_lead(struct run *run, struct error *err)
{
	bool leads = false;

	if (fleet_relation(run, err) < 0 || juju_is_leader(run_tool_time(run), &leads, err) < 0)
		return -1;
	set_flag(run, &run->record.peers.elected, leads);
	if (!leads || !*run->record.peers.relation) {
		set_rollout(run, "");
		return 0;
	}
	if (run->fleet.read_at && clock_uptime() - run->fleet.read_at > BAG_LASTS)
		return error_set(
			err, ERROR_LIMIT, "the relation data was read too long ago to lead");
	return give_turns(run, err);
}

int lead_fleet(struct run *run, struct error *err)
{
	struct fsm_peers *peers = &run->record.peers;
	char before[sizeof peers->rollout];
	struct error why = { 0 };

	memcpy(before, peers->rollout, sizeof before);
	if (run->option.valid && run->option.rollout_width == 0) {
		set_rollout(run, "");
		set_flag(run, &peers->due, false); /* who leads is asked when there is a width */
	} else if (run->kind == FSM_HOOK_LEADER_ELECTED) {
		set_flag(run, &peers->elected, true);
	}
	if (may_lead(run)) {
		bool failed = ask_and_lead(run, &why) < 0;

		/* What was not done a later hook does. */
		set_flag(run, &peers->due, failed && peers->elected);
		if (failed)
			log_add(&run->log, JUJU_WARNING, "%s", why.text);
	}
	return strcmp(before, peers->rollout) == 0 ? 0 : tell(run, err);
}

/* --- resume-rollout ------------------------------------------------------------------------ */

static int read_skip(struct run *run, const char *skip, struct error *err)
{
	size_t application = strcspn(run->unit, "/");

	if (!*skip)
		return 0;
	run->fleet.skip = fsm_unit_number(skip);
	if (run->fleet.skip == FSM_NO_UNIT || strncmp(skip, run->unit, application + 1) != 0)
		return error_set(
			err, ERROR_FORMAT, "the parameter skip takes a unit, like %s", run->unit);
	return 0;
}

/* Who leads, as far as the bag tells. */
static int refuse(struct run *run, struct error *err)
{
	CLEANUP(juju_bag_done) struct juju_bag bag = { 0 };
	const char *leader = "";

	if (*run->record.peers.relation &&
		juju_relation_get_one(run->record.peers.relation, LEADER, run->unit,
			run_tool_time(run), &bag, NULL) == 0 &&
		bag.count > 0)
		leader = bag.list[0].value;
	if (*leader && strcmp(leader, run->unit) != 0)
		return error_set(
			err, ERROR_FORMAT, "this unit is not the leader; run it on %s", leader);
	return error_set(err, ERROR_FORMAT,
		"this unit is not the leader; juju status marks the leader with *");
}

int lead_resume(struct run *run, const char *skip, struct fsm_status_line *ret, struct error *err)
{
	if (read_skip(run, skip, err) < 0 || unit_take(run, err) < 0)
		return -1;
	if (!run->option.valid)
		return error_set(
			err, ERROR_FORMAT, "an option is not valid: %s", run->option.wrong);
	if (run->option.rollout_width == 0)
		return error_set(
			err, ERROR_FORMAT, "rollout-width is 0: units move without a turn");
	run->fleet.resume = true;
	if (loop_run(run, err) < 0)
		return -1;
	waker_keep(run);
	log_send(&run->log, run_tool_time(run));
	*ret = fsm_status_line(&run->record, "");
	if (!run->record.peers.elected)
		return refuse(run, err);
	if (!run->fleet.led || run->record.peers.due)
		return error_set(err, ERROR_TOOL,
			"the relation data could not be used; see: juju debug-log");
	if (*skip && !run->fleet.rollout.skipped)
		return error_set(err, ERROR_FORMAT, "%s has no turn, and is not stuck", skip);
	return 0;
}
