/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The promises, told in terms of the world: what the record believes is no witness here.
 */
#include <string.h>

#include "fsm/names.h"
#include "tests/model/model.h"

enum {
	PROMISES_MAX = 64,
};

static const char *broken;
static const char *promises[PROMISES_MAX]; /* that have been put to the test */
static unsigned promise_count;

void promise(bool kept, const char *name)
{
	unsigned i = 0;

	while (i < promise_count && promises[i] != name)
		i++;
	if (i == promise_count && i < PROMISES_MAX)
		promises[promise_count++] = name;
	if (!kept && !broken)
		broken = name;
}

unsigned promises_tested(void)
{
	return promise_count;
}

const char *broken_promise(void)
{
	const char *ret = broken;

	broken = NULL;
	return ret;
}

static bool same(struct request a, struct request b)
{
	return a.op == b.op && a.channel == b.channel;
}

/* Whether there is nothing that the request could still do. */
static bool achieved(const struct node *node, struct request request)
{
	if (request.op == FSM_OP_REMOVE)
		return node->snap == ABSENT;
	return node->snap != ABSENT &&
	       (request.op == FSM_OP_INSTALL || node->track == request.channel);
}

/* Another unit serves from here, and the snap is not ours to move. */
static bool others_place(const struct node *node)
{
	return node->taken && !node->truly_ours;
}

static bool own_in_flight(const struct node *node)
{
	for (int i = 0; i < CHANGES; i++)
		if (node->changes[i].stage == DOING && node->changes[i].ours)
			return true;
	return false;
}

/* A request is about to be sent. */
void check_request(const struct node *node, struct request request)
{
	bool removes = request.op == FSM_OP_REMOVE;

	promise(node->db.phase == FSM_PHASE_ASKED && node->db.op == request.op &&
			node->db.to == request.channel,
		"an intent is durable before its request");
	promise(node->requests < REQUESTS, "a hook sends two requests at most");
	promise(node->air.op == FSM_OP_NONE && !own_in_flight(node),
		"no second request while the first may still land");
	promise(node->moved || !achieved(node, request), "nothing is asked for that is there");
	promise(removes || node->option != NO_CHANNEL, "a bad option asks for nothing");
	promise(removes || request.channel == node->option, "only the wanted channel is asked for");
	promise(removes || node->snap == ABSENT || node->moved ||
			(node->snap != DISABLED && node->snap != LOCAL),
		"a snap that cannot be refreshed is not");
	promise(removes || node->snap == ABSENT || node->moved || !others_place(node),
		"the snap of the unit that has the port is not moved");
	promise(removes == node->leaving, "a unit that goes removes, and no other");
	promise(removes || !node->stopping, "stop, and what comes after it, starts nothing");
	promise(!removes || node->truly_ours || node->moved || node->snap == ABSENT,
		"what is not ours is not removed");
}

/* Refreshes to the wanted channel have failed too often. */
static bool given_up(const struct node *node)
{
	return node->db.refused.times >= 3 && node->db.refused.channel == node->option &&
	       node->snap != ABSENT;
}

/* It was put right before, by whatever request. */
static bool drifts(const struct node *node)
{
	return node->db.reason == FSM_REASON_DRIFTED || node->db.reason == FSM_REASON_CONTESTED;
}

/* A transition is durable; FLIGHT: a change is in flight now. */
void check_decision(const struct node *node, bool flight)
{
	struct request needed = {
		.op = node->leaving               ? FSM_OP_REMOVE
		      : node->seen_snap == ABSENT ? FSM_OP_INSTALL
						  : FSM_OP_REFRESH,
		.channel = node->leaving ? NO_CHANNEL : node->option,
	};
	bool waits = node->event == FSM_EVENT_REFUSED || node->event == FSM_EVENT_RESTING;
	bool active = node->db.state == FSM_STATE_ACTIVE;

	promise(!active || (node->seen_snap == FINE && node->seen_track == node->option),
		"active is what snapd showed");
	promise(!active || (!flight && node->air.op == FSM_OP_NONE),
		"nothing is on the way while active");
	promise(!waits || node->stopping || same(node->asked, needed) || drifts(node) ||
			given_up(node),
		"only what was asked and failed is waited for");
	promise(!waits || node->db.op == FSM_OP_NONE, "what has ended is digested first");
	promise((node->event != FSM_EVENT_REFUSED && node->event != FSM_EVENT_RESTING) ||
			!node->first || node->hook != FSM_HOOK_CONFIG_CHANGED ||
			node->db.failure.recent || node->db.drift.recent || given_up(node),
		"who touches the configuration is answered");
	promise(!waits || node->requests > 0 || node->db.stopping || given_up(node) ||
			!(drifts(node) ? node->db.drift.due : node->db.failure.due),
		"no failure rests longer than its pause");
	promise(node->event != FSM_EVENT_RESTING || node->db.state != FSM_STATE_BLOCKED,
		"what passes blocks nobody");
}

static bool owned(const struct node *node)
{
	return node->truly_ours && node->snap != ABSENT;
}

/* The removal was in flight when it was last looked at; it may have failed since. */
static bool removal_of_ours(const struct node *node)
{
	return (node->event == FSM_EVENT_BUSY || node->event == FSM_EVENT_STANDING) &&
	       node->db.op == FSM_OP_REMOVE && node->db.change && node->db.change != PRUNED;
}

/* The hook ends by itself; WELL: with exit status 0. */
void check_end(const struct node *node, bool well)
{
	promise(node->shown == told_of(&node->db), "Juju shows what the record says");
	promise(node->db.state != FSM_STATE_ACTIVE || node->event == FSM_EVENT_SETTLED,
		"active does not outlast a look that shows otherwise");
	if (node->hook == FSM_HOOK_REMOVE && well && owned(node) && !node->moved)
		promise(removal_of_ours(node),
			"remove ends well only when our snap is gone or going");
}

void check_node(const struct node *node)
{
	promise(node->db.told != told_of(&node->db) || node->shown == node->db.told ||
			node->pc != IDLE,
		"what Juju was not told is not taken for told");
	promise(node->db.state != FSM_STATE_ACTIVE ||
			(node->db.op == FSM_OP_NONE && node->db.channel != NO_CHANNEL),
		"active has a channel and no intent");
	promise((node->db.phase == FSM_PHASE_NONE) == (node->db.op == FSM_OP_NONE) &&
			(node->db.phase == FSM_PHASE_KNOWN) == (node->db.change != 0),
		"an intent has a phase, and an id when it is known");
}

static bool blocked_for(const struct node *node, enum fsm_reason reason)
{
	return node->db.state == FSM_STATE_BLOCKED && node->db.reason == reason;
}

/* What the record must say of a world in which nothing is under way. */
static bool tells_the_truth(const struct node *node)
{
	bool refuses = node->option == A ? node->store == REFUSES_A : node->store == REFUSES_B;

	if (node->leaving)
		return node->db.state == FSM_STATE_UNINSTALLED && !owned(node);
	if (node->option == NO_CHANNEL)
		return blocked_for(node, FSM_REASON_BAD_OPTION);
	if (node->snap != ABSENT && node->snap != LOCAL &&
		(node->db.ours != node->truly_ours || node->marker == FSM_MARKER_ORPHAN))
		return false;
	if (node->snap == DISABLED)
		return blocked_for(node, FSM_REASON_DISABLED);
	if (node->snap == LOCAL)
		return blocked_for(node, FSM_REASON_LOCAL);
	if (node->snap != ABSENT && (node->track == node->option || others_place(node))) {
		if (node->snap == DOWN)
			return blocked_for(node, FSM_REASON_SERVICE_DOWN);
		if (node->taken)
			return blocked_for(node, FSM_REASON_PORT_TAKEN);
		return node->db.state == FSM_STATE_ACTIVE && node->db.channel == node->option;
	}
	if (given_up(node))
		return blocked_for(node, FSM_REASON_TARGET_REFUSED);
	/* What comes next is for Juju to say: remove, or a hook that takes it back. */
	if (node->stopping && node->db.reason == FSM_REASON_INTERRUPTED)
		return true;
	return refuses && blocked_for(node, FSM_REASON_CHANNEL_MISSING);
}

/* The end of every way: active, or blocked for a reason that is one, or gone. */
bool at_goal(const struct node *node)
{
	if (node->life == GONE)
		return true;
	if (node->pc != IDLE || node->again != FSM_HOOK_OTHER || node->reach != UP ||
		node->store == TROUBLE || in_flight((struct node *)node) ||
		node->air.op != FSM_OP_NONE)
		return false;
	return tells_the_truth(node) && node->shown == told_of(&node->db);
}

/*
 * A request may be repeated once, when nothing came of it at all; one that was refused or that
 * failed not even once: not before a pause is over, or somebody gives a reason to.
 */
enum {
	ENOUGH = 2
};

void witness_intent(struct node *node, struct request request)
{
	node->asked_before = node->asked;
	node->times_before = node->times;
	if (!same(node->asked, request))
		node->times = 0;
	promise(node->times < ENOUGH, "nothing is asked again and again");
	node->asked = request;
	node->times = (uint8_t)(node->times < ENOUGH ? node->times + 1 : ENOUGH);
}

void witness_drop(struct node *node)
{
	node->asked = node->asked_before;
	node->times = node->times_before;
}

void witness_failure(struct node *node, bool lost)
{
	node->asked = (struct request){ node->db.op, node->db.to };
	if (!lost)
		node->times = ENOUGH;
	else if (node->times == 0)
		node->times = 1;
}

void witness_reason_to_ask(struct node *node)
{
	node->times = 0;
}

void witness_pause(struct node *node)
{
	node->asked = (struct request){ 0 };
	node->times = 0;
}
