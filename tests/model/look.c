/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hook reads of the world, in the order of fsm/look.h: our change and the snap in one step,
 * the changes in the next one. Whatever can happen in the world can happen between the two.
 */
#include <string.h>

#include "fsm/look.h"
#include "fsm/resource.h"
#include "tests/model/model.h"

/* Change ID as snapd shows it; one that is not there, or not any more, has the id 0. */
static struct fsm_change change_of(const struct node *node, uint8_t id)
{
	static const enum fsm_fate fates[] = {
		[DOING] = FSM_FATE_RUNNING,
		[DONE] = FSM_FATE_DONE,
		[EMPTY] = FSM_FATE_EMPTY,
		[FAILED] = FSM_FATE_FAILED,
		[UNDOING] = FSM_FATE_RUNNING,
	};
	struct fsm_change ret = { .kind = "", .error = "" };
	const struct change *change;

	if (id == 0 || id == PRUNED || node->changes[id - 1].stage == NO_CHANGE)
		return ret;
	change = &node->changes[id - 1];
	ret.id = id;
	ret.kind = change->kind == AUTO_REFRESH ? "auto-refresh" : fsm_op_row(change->kind)->kind;
	ret.fate = fates[change->stage];
	ret.error = change->stage == FAILED ? "cause" : "";
	ret.stopped = !change->fresh;
	ret.way = change->stage == UNDOING ? FSM_WAY_UNDOES : FSM_WAY_NONE;
	return ret;
}

/* The change of our request: the known one, or that which an unanswered one is seen to have made. */
static struct fsm_change own_change(const struct node *node, const struct fsm_record *record)
{
	struct fsm_change ret = change_of(node, 0);

	if (record->intent.phase != FSM_PHASE_ASKED)
		return change_of(node, node->db.change);
	for (uint8_t id = 1; id <= CHANGES; id++) {
		struct fsm_change change = change_of(node, id);

		if (fsm_made_by(&record->intent, &change, &ret))
			ret = change;
	}
	return ret;
}

/* Our change first, then the snap. */
void look(struct node *node)
{
	struct fsm_record record;
	struct fsm_change own;

	record_of(&node->db, &record);
	own = own_change(node, &record);
	node->seen_own = (uint8_t)own.fate;
	node->seen_id = (uint8_t)own.id;
	node->seen_snap = node->snap;
	node->seen_track = node->track;
	node->seen_revision = node->revision;
	node->seen_hold = node->hold;
	node->seen_hold_id = node->hold_id;
	node->moved = 0;
	node->pc = LIST;
}

/* The change of our request as it was when it was read; id 0 if it did not show then. */
static struct fsm_change own_as_seen(const struct node *node)
{
	struct fsm_change own = change_of(node, node->seen_id);

	own.fate = own.id ? node->seen_own : FSM_FATE_NONE;
	if (own.fate != FSM_FATE_FAILED)
		own.error = "";
	return own;
}

/* Whether the list that is read after the snap shows what the one before did not. */
bool must_look_again(const struct node *node)
{
	struct fsm_record record;
	struct fsm_change first, last;

	record_of(&node->db, &record);
	first = own_as_seen(node);
	last = own_change(node, &record);
	return !silent(node) && fsm_look_again(&record.intent, &first, &last);
}

/* Seconds since the epoch. */
static int64_t until(enum hold hold)
{
	static const int64_t lasts[] = { [NO_HOLD] = INT64_MIN,
		[LONG] = INT64_C(292) * 366 * 24 * 3600,
		[SHORT] = 3600,
		[OVER] = -1 };

	return hold ? model_now() + lasts[hold] : 0;
}

/* The workload is asked when its service runs. */
static void observe_trial(const struct node *node, struct fsm_facts *facts)
{
	static const enum fsm_probe probes[] = {
		[FINE] = FSM_PROBE_ANSWERED,
		[MUTE] = FSM_PROBE_MUTE,
		[UNSERVED] = FSM_PROBE_OFF,
	};
	uint8_t id = node->seen_id;

	facts->probe = probes[node->seen_snap];
	facts->mute = node->seen_snap == MUTE ? "HTTP 500" : "";
	facts->unserved = node->seen_snap == UNSERVED;
	if (facts->unserved)
		facts->services = "";
	if (id && id != PRUNED)
		facts->fetched = node->changes[id - 1].target / REVISION;
}

/* What hooks/register.c adds. */
static void observe_others(const struct node *node, struct fsm_facts *facts)
{
	static struct fsm_entry other, own;

	other = (struct fsm_entry){ .unit = "other/0",
		.unknown = node->other == UNKNOWN,
		.yields = node->other == YIELDS,
		.kin = node->other == KIN };
	other.target = fsm_target_of(channel_name(node->other == WANTS_A ? A : B));
	own = (struct fsm_entry){ .target = target_of(node->said / 2), .yields = node->said & 1 };
	facts->own = node->said && node->other != NO_REGISTER ? &own : NULL;
	facts->others = &other;
	facts->others_count = node->other != ALONE && node->other != NO_REGISTER;
	facts->unlisted = node->other == NO_REGISTER ? "why" : "";
}

/* The facts as hooks/look.c states them. */
struct fsm_facts observe(struct node *node, const struct fsm_record *record)
{
	bool option = node->hook != FSM_HOOK_REMOVE && node->option != NO_CHANNEL;
	bool tried = IN_TRIED & 1u << node->feature;
	struct fsm_facts facts = fsm_facts_none;
	const struct change *change = in_flight(node);
	bool unread = node->feature == FEATURE_RESOURCE && file_known(&node->db) == UNREAD;
	struct fsm_change own = own_as_seen(node);
	struct fsm_change flight =
		change_of(node, change ? (uint8_t)(change - node->changes + 1) : 0);
	bool there = node->seen_snap != ABSENT;

	facts.hook = node->hook;
	facts.first = node->first;
	facts.asked = node->requests > 0;
	facts.now = model_now();
	facts.age = node->db.aged ? INT64_MAX : 10;
	facts.uptime = model_uptime();
	facts.boot = BOOT;
	facts.option_valid = option;
	facts.option = "'bad' is bad";
	facts.options = tried ? 1 + node->rolls : 0;
	facts.order = node->first ? node->given : FSM_ORDER_NONE;
	facts.wanted = target_of(option ? option_target(node) : 0);
	facts.hold_wanted = option && hold_wanted(node);
	facts.rollback = option && node->rolls;
	facts.services = SERVICES;
	facts.asked_at = "8080/";
	observe_others(node, &facts);
	if (option)
		fsm_resource_facts(record, unread ? "no answer" : "", &facts);
	if (!option && !fsm_going(record, &facts) && facts.order != FSM_ORDER_ABORT &&
		record->order.kind != FSM_ORDER_ROLLBACK)
		return facts;
	facts.marker = node->marker;
	facts.no_snapd = node->reach == PURGED;
	if (silent(node))
		return facts;
	facts.reachable = true;
	fsm_look_changes(&record->intent, &own, &flight, &facts);
	if (node->stands && facts.pace.change)
		facts.pace = model_stand();
	facts.seeded = there || flight.id != 0 || node->reach != UNSEEDED;
	facts.present = there;
	facts.active = there && node->seen_snap != DISABLED;
	facts.local = node->seen_snap == LOCAL;
	facts.tracking = channel_name(node->seen_track);
	facts.revision = facts.version = revision_name(node->seen_revision);
	facts.before = node->previous;
	facts.hold = revision_name(node->seen_hold_id);
	facts.hold_until = until(node->seen_hold);
	facts.holds = node->touches;
	facts.service_down = node->seen_snap == DOWN ? "daemon" : "";
	if (tried)
		observe_trial(node, &facts);
	return facts;
}
