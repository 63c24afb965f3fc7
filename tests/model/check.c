/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The promises, told in terms of the world: what the record believes is no witness here.
 */
#include <string.h>

#include "fsm/failure.h"
#include "fsm/names.h"
#include "tests/model/model.h"

enum {
	PROMISES_MAX = 96,
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

void forget_promises(void)
{
	promise_count = 0;
}

const char *broken_promise(void)
{
	const char *ret = broken;

	broken = NULL;
	return ret;
}

bool from_file(const struct node *node)
{
	unsigned file = file_known(&node->db);

	return file != UNREAD && file != NO_FILE && file != BAD_FILE;
}

uint8_t wanted_target(const struct node *node)
{
	if (node->option == NO_CHANNEL || !from_file(node))
		return option_target(node);
	return (uint8_t)(REVISION * file_known(&node->db));
}

uint8_t option_target(const struct node *node)
{
	return (uint8_t)(node->option == NO_CHANNEL ? 0 : node->option + REVISION * node->pin);
}

bool hold_wanted(const struct node *node)
{
	return node->no_auto || node->pin || from_file(node);
}

static bool in_place(uint8_t target, uint8_t track, uint8_t revision)
{
	/* What came from a file follows whatever it did. */
	return (track == target % REVISION || target % REVISION == NO_CHANNEL) &&
	       (target < REVISION || revision == target / REVISION);
}

bool would_have(const struct node *node, unsigned channel)
{
	return node->other != UNKNOWN && (node->other != WANTS_A || channel == A) &&
	       (node->other != WANTS_B || channel == B);
}

/* Whether there is nothing that the request could still do. */
static bool achieved(const struct node *node, struct request request)
{
	switch (request.op) {
	case FSM_OP_REMOVE:
		return node->snap == ABSENT;
	case FSM_OP_INSTALL:
		return node->snap != ABSENT;
	case FSM_OP_HOLD:
		return node->hold == LONG;
	case FSM_OP_UNHOLD:
		return node->hold == NO_HOLD;
	case FSM_OP_REVERT:
		return node->revision == request.target / REVISION;
	case FSM_OP_START:
		return node->snap != UNSERVED;
	case FSM_OP_SWITCH:
		return node->track == request.target;
	case FSM_OP_SIDELOAD:
	case FSM_OP_REFRESH:
		return !request.ordered && node->snap != ABSENT &&
		       in_place(request.target, node->track, node->revision);
	default:
		return false;
	}
}

/* Another unit serves from here, and the snap is not ours to move. */
static bool others_place(const struct node *node)
{
	return node->taken && !node->truly_ours;
}

static bool own_in_flight(const struct node *node)
{
	for (int i = 0; i < CHANGES; i++)
		if ((node->changes[i].stage == DOING || node->changes[i].stage == UNDOING) &&
			node->changes[i].ours)
			return true;
	return false;
}

/* What the charm asks by itself leaves alone what a person has settled. */
static void check_own_request(const struct node *node, struct request request)
{
	bool strays = request.op != FSM_OP_REFRESH || node->snap == ABSENT || node->pin ||
		      node->moved || node->track != node->option;

	promise(node->rests.op != request.op || node->rests.target != request.target,
		"what was aborted by order rests");
	if (node->feature == FEATURE_RESOURCE &&
		(request.op == FSM_OP_INSTALL || request.op == FSM_OP_REFRESH))
		promise(file_known(&node->db) == NO_FILE && (node->file == NO_FILE || node->stale),
			"the Snap Store is asked only where no file was attached");
	if (request.op == FSM_OP_SIDELOAD)
		promise(from_file(node), "a file is sent that there is");
	promise(request.op != FSM_OP_REVERT && request.op != FSM_OP_RESTART,
		"a revert, or a restart, is a person's order");
	if (node->put_back == BY_ORDER)
		promise(strays, "after a revert by order the charm moves the snap no more");
	else
		promise(strays, "a revision within the channel is a person's own matter");
	if (request.op == FSM_OP_REFRESH && node->pin)
		promise(node->hold == LONG || node->moved,
			"a snap is held before it is refreshed to a revision");
	if (request.op == FSM_OP_HOLD)
		promise(hold_wanted(node) && !node->leaving && (node->hold != LONG || node->moved),
			"a hold is set when it is wanted and there is none");
	if (request.op == FSM_OP_UNHOLD)
		promise(node->hold_ours || node->moved || node->hold == NO_HOLD,
			"only a hold of ours is lifted");
}

uint8_t rolled_bit(unsigned channel, unsigned revision)
{
	return channel == NO_CHANNEL || revision == 0
		       ? 0
		       : (uint8_t)(1u << ((channel - 1) * 3 + revision - 1));
}

/* A step of a rollback: each when the one before has done its work, or could not. */
static void check_step(const struct node *node, struct request request)
{
	bool there = node->revision == node->back / REVISION || node->moved;

	promise(request.op == FSM_OP_REVERT || request.op == FSM_OP_START ||
			request.op == FSM_OP_SWITCH,
		"a rollback reverts, starts and switches, no more");
	if (node->back == 0) /* nobody can know it */
		return;
	promise(request.op != FSM_OP_REVERT || request.target / REVISION == node->back / REVISION,
		"a rollback goes to what ran before");
	promise(request.op != FSM_OP_SWITCH || request.target == node->back % REVISION,
		"a rollback goes to the channel before");
	promise(request.op != FSM_OP_START || there || node->undone,
		"a rollback starts what ran before, not what it leaves");
	promise(request.op != FSM_OP_SWITCH || node->moved || (there && node->snap != UNSERVED),
		"a rollback switches the channel last");
}

/* A refresh that the charm asks for by itself. */
static void check_refresh(const struct node *node)
{
	promise(!(node->rolled & rolled_bit(node->option, node->newest)),
		"what was rolled back from is not asked for again");
	promise(node->stops < 3 || node->failing != node->option + REVISION * node->newest,
		"a revision whose refresh failed three times is not asked for again");
}

/* A request is about to be sent. */
void check_request(const struct node *node, struct request request)
{
	bool removes =
		request.op == FSM_OP_REMOVE || (request.op == FSM_OP_UNHOLD && node->leaving);
	bool aims = fsm_op_row(request.op)->channel;

	if (request.ordered == ROLLBACK_STEP)
		check_step(node, request);
	else if (request.ordered)
		promise(node->done == NOTHING_DONE,
			"an order that was carried out, or failed, is not asked for again");
	else
		check_own_request(node, request);
	if (request.op == FSM_OP_REFRESH && !request.ordered)
		check_refresh(node);
	if (in_fleet(node) && request.op == FSM_OP_REFRESH && !request.ordered && node->width)
		promise((node->snap != FINE && node->snap != MUTE) || node->moved ||
				node->bags & WORD_GIVEN || has_turn(node, request.target),
			"what stops a service that runs has its turn");
	/* Of one that runs again nobody knows. */
	promise(!request.ordered || request.op == FSM_OP_SWITCH || !node->restless || node->moved ||
			node->snap == FINE || node->snap == MUTE,
		"no order starts a service that kept dying before it was quiet");
	promise(node->db.phase == FSM_PHASE_ASKED && node->db.op == request.op &&
			node->db.to == request.target,
		"an intent is durable before its request");
	promise(node->requests < REQUESTS || request.ordered == ROLLBACK_STEP,
		"a hook sends two requests at most");
	promise(node->air.op == FSM_OP_NONE && !own_in_flight(node),
		"no second request while the first may still land");
	promise(node->moved || !achieved(node, request), "nothing is asked for that is there");
	promise(removes || node->option != NO_CHANNEL || request.ordered == ROLLBACK_STEP,
		"a bad option asks for nothing");
	promise(!aims || request.target == wanted_target(node),
		"only the wanted channel is asked for");
	promise(removes || node->snap == ABSENT || node->moved ||
			(node->snap != DISABLED && node->snap != LOCAL),
		"a snap that cannot be refreshed is not");
	promise(removes || node->snap == ABSENT || node->moved || !others_place(node),
		"the snap of the unit that has the port is not moved");
	promise(node->other != NO_REGISTER, "nothing is asked without the register");
	promise(!aims || would_have(node, request.target % REVISION),
		"the snap is not moved to where another application does not want it");
	promise(request.op != FSM_OP_REMOVE || node->other == ALONE,
		"the snap goes with the last unit");
	promise(removes == node->leaving, "a unit that goes removes, and no other");
	promise(removes || !node->stopping, "stop, and what comes after it, starts nothing");
	promise(request.op != FSM_OP_REMOVE || node->truly_ours || node->moved ||
			node->snap == ABSENT,
		"what is not ours is not removed");
}

/* Refreshes to the wanted channel have failed too often. */
static bool given_up(const struct node *node, uint8_t snap)
{
	return node->db.refused.times >= 3 && node->db.refused.target == wanted_target(node) &&
	       snap != ABSENT;
}

/* It was put right before, by whatever request. */
static bool drifts(const struct node *node)
{
	return node->db.reason == FSM_REASON_DRIFTED || node->db.reason == FSM_REASON_CONTESTED;
}

/* Whether the look shows that the request, which was asked once, is what is to be done. */
static bool is_needed(const struct node *node, struct request request)
{
	switch (request.op) {
	case FSM_OP_REMOVE:
		return node->leaving;
	case FSM_OP_HOLD:
		return !node->leaving && hold_wanted(node) && node->seen_hold != LONG;
	case FSM_OP_UNHOLD:
		return node->seen_hold != NO_HOLD && (node->leaving || !hold_wanted(node));
	case FSM_OP_SIDELOAD:
		return !node->leaving && request.target == wanted_target(node);
	default:
		return !node->leaving && request.target == wanted_target(node) &&
		       (request.op == FSM_OP_INSTALL) == (node->seen_snap == ABSENT);
	}
}

/* An active unit is what its options ask for, and nothing is on the way. */
static void check_active(const struct node *node, bool flight)
{
	uint8_t target = node->db.waits ? node->db.target : wanted_target(node);

	promise((node->seen_snap == FINE || (node->db.waits && node->seen_snap == MUTE)) &&
			in_place(target, node->seen_track, node->seen_revision),
		"active is what snapd showed");
	promise(node->feature != FEATURE_RESOURCE || file_known(&node->db) < BAD_FILE,
		"active is not said of what nobody could read");
	promise(!flight && node->air.op == FSM_OP_NONE, "nothing is on the way while active");
	/* Unless somebody was quick enough to lead back there what was led away. */
	promise(!(node->rolled & rolled_bit(node->option, node->newest)) || node->moved ||
			(node->undone && !node->db.refused.failed &&
				node->seen_revision == node->newest),
		"where a rollback led to, or failed to lead away from, is not called ready");
	promise(!hold_wanted(node) || node->seen_hold == LONG,
		"a hold that is wanted is there when the unit is ready");
	promise(!node->pin || node->seen_revision == node->pin,
		"a pinned unit that is ready runs that revision");
}

/* A transition is durable; FLIGHT: a change is in flight now. */
void check_decision(const struct node *node, bool flight)
{
	bool waits = (node->event == FSM_EVENT_REFUSED || node->event == FSM_EVENT_RESTING) &&
		     node->db.reason != FSM_REASON_UNLISTED &&
		     node->db.reason != FSM_REASON_UNRELATED;
	/* What was aborted, or costs a stop of the service, waits for a person's own word. */
	bool deaf = !fsm_class_row(node->db.failure.class)->by_hand;

	if (node->db.state == FSM_STATE_ACTIVE)
		check_active(node, flight);
	promise(!waits || node->stopping || is_needed(node, node->asked.request) ||
			is_needed(node, node->asked_hold.request) || drifts(node) ||
			given_up(node, node->seen_snap),
		"only what was asked and failed is waited for");
	promise(!waits || node->db.op == FSM_OP_NONE, "what has ended is digested first");
	promise(!waits || !node->first || node->hook != FSM_HOOK_CONFIG_CHANGED ||
			node->db.failure.recent || node->db.drift.recent ||
			given_up(node, node->seen_snap) || deaf,
		"who touches the configuration is answered");
	promise(!waits || node->requests > 0 || node->db.stopping ||
			given_up(node, node->seen_snap) ||
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
	promise(node->db.state != FSM_STATE_ACTIVE || node->event == FSM_EVENT_SETTLED ||
			node->event == FSM_EVENT_QUEUED,
		"active does not outlast a look that shows otherwise");
	if (node->hook == FSM_HOOK_REMOVE && well && owned(node) && !node->moved &&
		node->other == ALONE)
		promise(removal_of_ours(node),
			"remove ends well only when our snap is gone or going");
	if (node->hook == FSM_HOOK_REMOVE && well && node->hold_ours && !node->moved)
		promise(removal_of_ours(node),
			"remove ends well only when our hold is gone or going");
}

void check_node(const struct node *node)
{
	promise(node->db.told != told_of(&node->db) || node->shown == node->db.told ||
			node->pc != IDLE,
		"what Juju was not told is not taken for told");
	promise(node->db.state != FSM_STATE_ACTIVE ||
			(node->db.op == FSM_OP_NONE && node->db.target != NO_CHANNEL),
		"active has a channel and no intent");
	promise((node->db.phase == FSM_PHASE_NONE) == (node->db.op == FSM_OP_NONE) &&
			(node->db.phase == FSM_PHASE_KNOWN) == (node->db.change != 0),
		"an intent has a phase, and an id when it is known");
}

static bool blocked_for(const struct node *node, enum fsm_reason reason)
{
	return node->db.state == FSM_STATE_BLOCKED && node->db.reason == reason;
}

/* What our own refresh has spoilt is rolled back. */
static bool owes_rollback(const struct node *node)
{
	return node->rolls && node->young && node->back && node->revision == node->trial &&
	       node->track == node->option && (node->snap == DOWN || node->snap == MUTE) &&
	       !node->stopping && !(node->rolled & rolled_bit(node->option, node->revision));
}

/* It says that it was rolled back, or that this failed. */
static bool rolled_back(const struct node *node)
{
	uint8_t all = TOUCHED;
	bool there = node->track == node->option &&
		     (node->rolled & rolled_bit(node->option, node->revision));

	for (unsigned revision = 1; revision <= 3; revision++)
		all |= rolled_bit(node->option, revision);
	return node->db.state == FSM_STATE_BLOCKED && (node->rolled & all) &&
	       (node->db.reason == FSM_REASON_ROLLBACK_FAILED ? node->undone : !there);
}

/* It says how its service does not serve. */
static bool tells_of_service(const struct node *node)
{
	return blocked_for(node, node->snap == DOWN       ? FSM_REASON_SERVICE_DOWN
				 : node->snap == UNSERVED ? FSM_REASON_UNSERVED
							  : FSM_REASON_NO_ANSWER);
}

/* What the record must say of a world in which nothing is under way. */
static bool tells_the_truth(const struct node *node)
{
	bool refuses = node->option == A ? node->store == REFUSES_A : node->store == REFUSES_B;
	bool placed = in_place(wanted_target(node), node->track, node->revision);

	if (node->leaving)
		return node->db.state == FSM_STATE_UNINSTALLED && !node->hold_ours &&
		       (!owned(node) || node->other != ALONE) && node->said == 0;
	if (node->stopping && node->snap != ABSENT && node->db.order.kind == FSM_ORDER_ROLLBACK)
		return node->db.reason == FSM_REASON_INTERRUPTED;
	if (node->option == NO_CHANNEL)
		return blocked_for(node, FSM_REASON_BAD_OPTION);
	if (node->feature == FEATURE_RESOURCE && file_known(&node->db) == BAD_FILE)
		return blocked_for(node, FSM_REASON_BAD_RESOURCE);
	if (node->snap != ABSENT && node->snap != LOCAL && node->db.ours != node->truly_ours)
		return false;
	if (node->snap != ABSENT && node->truly_ours && node->marker != FSM_MARKER_OURS)
		return false;
	if (node->snap != ABSENT && node->db.hold.ours != node->hold_ours)
		return false;
	if (node->snap == DISABLED)
		return blocked_for(node, FSM_REASON_DISABLED);
	if (node->snap == LOCAL)
		return blocked_for(node, FSM_REASON_LOCAL);
	if ((node->snap == ABSENT || !placed) && !would_have(node, node->option))
		return blocked_for(node, FSM_REASON_RIVAL) && node->said & 1;
	if (node->snap != ABSENT && (IN_TRIED & 1u << node->feature)) {
		if (owes_rollback(node))
			return false;
		if (node->db.reason == FSM_REASON_ROLLBACK_FAILED)
			return rolled_back(node);
		if (node->db.reason == FSM_REASON_ROLLED_BACK)
			return rolled_back(node) && node->snap == FINE;
		if (node->snap != FINE && rolled_back(node) && tells_of_service(node))
			return true;
	}
	if (node->snap != ABSENT && (placed || others_place(node))) {
		if (node->stopping && hold_wanted(node) && node->hold != LONG)
			return node->db.reason == FSM_REASON_INTERRUPTED;
		if (node->snap == DOWN || node->snap == UNSERVED || node->snap == MUTE)
			return tells_of_service(node);
		if (node->taken)
			return blocked_for(node, FSM_REASON_PORT_TAKEN);
		return node->db.state == FSM_STATE_ACTIVE &&
		       node->db.target == wanted_target(node) &&
		       (hold_wanted(node) ? node->hold == LONG
					  : !node->hold_ours || node->stopping);
	}
	if (given_up(node, node->snap))
		return blocked_for(node, FSM_REASON_TARGET_REFUSED);
	if (node->unrelated && node->width && (node->snap == FINE || node->snap == MUTE) &&
		!node->stopping)
		return blocked_for(node, FSM_REASON_UNRELATED);
	/* What comes next is for Juju to say: remove, or a hook that takes it back. */
	if (node->stopping && node->db.reason == FSM_REASON_INTERRUPTED)
		return true;
	if (node->pin && node->store == REFUSES_REVISIONS)
		return blocked_for(node, FSM_REASON_PIN_MISSING);
	return refuses && !from_file(node) && blocked_for(node, FSM_REASON_CHANNEL_MISSING);
}

/* With a bad option nobody asks snapd, and so nobody hears what became of it. */
static bool order_has_ended(const struct node *node)
{
	return node->db.order.kind == FSM_ORDER_NONE ||
	       (node->stopping && node->db.order.kind == FSM_ORDER_ROLLBACK) ||
	       (node->option == NO_CHANNEL && node->db.op != FSM_OP_NONE);
}

/* The end of every way: active, or blocked for a reason that is one, or gone. */
bool at_goal(const struct node *node)
{
	if (node->life == GONE)
		return true;
	if (node->hidden && (node->stale || file_known(&node->db) == UNREAD))
		return false;
	if (node->pc != IDLE || node->again != FSM_HOOK_OTHER || node->reach != UP ||
		node->other == NO_REGISTER || node->store == TROUBLE ||
		in_flight((struct node *)node) || node->air.op != FSM_OP_NONE)
		return false;
	return tells_the_truth(node) && order_has_ended(node) && turns_are_over(node) &&
	       node->shown == told_of(&node->db);
}
