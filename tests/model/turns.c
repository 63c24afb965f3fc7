/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The turns of a unit in a fleet that moves one by one: the bags of the peer relation, the leader on
 * another machine, and how the hook reads and writes (hooks/fleet.c). What is decided is decided by
 * fsm/ticket.c, fsm/stand.c and fsm/rollout.c. tests/fleet explores what units do to each other.
 */
#include <string.h>

#include "fsm/request.h"
#include "fsm/rollout.h"
#include "fsm/stand.h"
#include "tests/model/model.h"

enum {          /* units */
	BEFORE, /* that gets its turn earlier */
	OWN,
	SEATS
};

bool in_fleet(const struct node *node)
{
	return IN_FLEET & 1u << node->feature;
}

static void goal_of(unsigned target, char ret[FSM_GOAL_SIZE])
{
	struct fsm_target named = target_of(target);

	fsm_goal_of(&named, ret);
}

static void fleet_of(const struct turns *turns, struct fsm_fleet *ret, struct fsm_seat seats[SEATS])
{
	struct fsm_seat *seat;

	fsm_fleet_init(ret, seats, SEATS);
	ret->number = turns->number;
	ret->start = turns->start;
	ret->over = turns->over;
	goal_of(turns->goal, ret->goal);
	if (!turns->turn && !turns->state && !turns->wanted)
		return;
	seat = fsm_fleet_seated(ret, OWN);
	seat->number = turns->turn;
	seat->state = turns->state;
	goal_of(turns->to, seat->goal);
	goal_of(turns->wanted, seat->wanted);
}

static struct turns turns_of(const struct fsm_fleet *fleet)
{
	const struct fsm_seat *seat = fsm_fleet_seat(fleet, OWN);
	struct turns ret = {
		.number = (uint8_t)fleet->number,
		.start = (uint8_t)fleet->start,
		.goal = code_of_goal(fleet->goal),
		.over = fleet->over,
	};

	if (!seat)
		return ret;
	ret.turn = (uint8_t)seat->number;
	ret.to = code_of_goal(seat->goal);
	ret.state = (uint8_t)seat->state;
	ret.wanted = code_of_goal(seat->wanted);
	return ret;
}

static void note_of(const struct note *note, struct fsm_note *ret)
{
	fsm_note_init(ret);
	ret->number = note->number;
	ret->word = note->word;
	goal_of(note->wants, ret->wants);
}

/* It leads this unit alone, or beside one that is before it. */
bool lead(struct node *node, enum room room, bool resume)
{
	struct turns before = node->turns;
	struct fsm_note note, nothing;
	const struct fsm_member members[] = {
		{ .unit = BEFORE, .joined = true, .note = &nothing },
		{ .unit = OWN, .joined = true, .note = &note },
	};
	struct fsm_lead lead = {
		.unit = OWN,
		.members = room == NO_ROOM ? members : members + 1,
		.count = room == NO_ROOM ? 2 : 1,
		.moves = node->track != node->option,
		.width = node->width,
		.resume = resume,
		.skip = resume ? OWN : FSM_NO_UNIT,
	};
	char wish[FSM_GOAL_SIZE];
	struct fsm_seat seats[SEATS];
	struct fsm_rollout rollout;
	struct fsm_fleet fleet;

	if (node->unrelated || node->leaving)
		return false;
	goal_of(option_target(node), wish);
	lead.wish = wish;
	fsm_note_init(&nothing);
	note_of(&node->note, &note);
	fleet_of(&before, &fleet, seats);
	fsm_fleet_lead(&fleet, &lead, &rollout);
	node->turns = turns_of(&fleet);
	if (memcmp(&before, &node->turns, sizeof before) == 0)
		return false;
	node->signal = 1;
	return true;
}

/* Whatever led to it. */
bool show_old_turn(struct node *node, uint8_t target)
{
	struct turns *turns = &node->turns;

	if (fsm_seat_row(turns->state)->out || node->note.number == 0)
		return false;
	turns->turn = node->note.number;
	turns->to = target;
	turns->state = FSM_SEAT_OUT;
	node->signal = 1;
	return true;
}

static bool is_new(const struct node *node, const struct fsm_ticket *ticket)
{
	struct fsm_seat seats[SEATS];
	struct fsm_fleet fleet;

	fleet_of(&node->turns, &fleet, seats);
	return fsm_ticket_new(ticket, fsm_fleet_seat(&fleet, OWN));
}

bool rests(const struct node *node)
{
	struct fsm_record record;

	record_of(&node->db, &record);
	tell_record(node->db.told, &record);
	record.port = FSM_PORT_OPEN;
	strcpy(record.told_version, record.version);
	return fsm_at_rest(&record, FSM_HOOK_SIGNAL) &&
	       (!record.ticket.wide || !is_new(node, &record.ticket));
}

/* Both bags once in a hook, or less where that will do: read_bags() of hooks/fleet.c. */
static void read_bags(struct node *node, bool fails, const struct fsm_ticket *ticket,
	const struct fsm_stand *stand)
{
	bool own_alone = ticket->wide && !ticket->pending && !stand->signal &&
			 stand->kind != FSM_STAND_MOVES;

	if (node->bags & (BAGS_TRIED | BAG_WRITTEN))
		return;
	if (own_alone && fsm_ticket_held(ticket) && !(node->bags & TURNS_SEEN) && !ticket->asked) {
		node->noted = (struct note){ (uint8_t)ticket->returned, (uint8_t)ticket->word, 0 };
		node->bags |= BAG_KNOWN;
		return;
	}
	node->bags |= BAGS_TRIED;
	if (node->unrelated || fails)
		return;
	node->noted = node->note;
	node->bags |= own_alone ? BAG_KNOWN : BAG_KNOWN | TURNS_SEEN;
}

static bool has_part(const struct fsm_record *record, const struct fsm_facts *facts)
{
	return facts->option_valid && facts->order != FSM_ORDER_RETRY &&
	       !fsm_going(record, facts) && !fsm_stopping(record, facts->hook);
}

void look_at_turn(struct node *node, bool fails, struct fsm_record *record, struct fsm_facts *facts,
	struct fsm_leave *ret)
{
	static const struct turns none;
	struct fsm_limits limits = { .boot = "", .unit = "" };
	char wish[FSM_GOAL_SIZE], why[FSM_WHY_SIZE];
	struct fsm_stand stand = {
		.unit = OWN,
		.width = node->width,
		.idle = node->hook == FSM_HOOK_OTHER && node->given == FSM_ORDER_NONE,
		.signal = node->hook == FSM_HOOK_SIGNAL,
		.wish = wish,
		.why = why,
	};
	struct fsm_seat seats[SEATS];
	struct fsm_fleet fleet;
	struct fsm_note note;

	*ret = (struct fsm_leave){ .may = false };
	node->bags &= (uint8_t)~WORD_GIVEN;
	if (!in_fleet(node))
		return;
	facts->serves = node->seen_snap == FINE || node->seen_snap == MUTE;
	stand.serves = facts->serves;
	if (!has_part(record, facts)) {
		node->bags |= facts->order == FSM_ORDER_RETRY ? WORD_GIVEN : 0;
		record->ticket.pending |= node->hook == FSM_HOOK_SIGNAL;
		return;
	}
	fsm_goal_of(&facts->wanted, wish);
	stand.kind = fsm_stand_of(record, facts, &limits, why);
	if (fsm_ticket_reads(&record->ticket, &stand))
		read_bags(node, fails, &record->ticket, &stand);
	fleet_of(node->bags & TURNS_SEEN ? &node->turns : &none, &fleet, seats);
	note_of(&node->noted, &note);
	if (node->bags & BAG_KNOWN) {
		stand.fleet = &fleet;
		stand.note = &note;
	}
	fsm_ticket_step(&record->ticket, &stand, ret);
	facts->queued = ret->waits;
	facts->unrelated = ret->waits && node->unrelated;
}

/* --- what is checked ---------------------------------------------------------------------- */

static bool is_out(const struct node *node)
{
	return fsm_seat_row(node->turns.state)->out && node->turns.turn > node->note.number;
}

bool has_turn(const struct node *node, uint8_t target)
{
	return is_out(node) && node->turns.to == target &&
	       !(node->bags & BAG_WRITTEN && node->wrote.number >= node->turns.turn);
}

/* A request of ours that moves the snap is on its way, or in snapd. */
static bool is_away(const struct node *node)
{
	bool ret = node->air.op == FSM_OP_REFRESH;

	for (int i = 0; i < CHANGES; i++)
		ret |= node->changes[i].ours && node->changes[i].kind == FSM_OP_REFRESH &&
		       (node->changes[i].stage == DOING || node->changes[i].stage == UNDOING);
	return ret;
}

static void witness_return(const struct node *node, const struct fsm_record *record)
{
	enum fsm_word word = record->ticket.word;
	bool serves = node->seen_snap == FINE || node->seen_snap == MUTE;

	promise(!is_away(node) && record->order.kind != FSM_ORDER_ROLLBACK,
		"no turn is returned by a unit that is away");
	if (word == FSM_SAYS_DONE) {
		promise(node->seen_snap == FINE && node->seen_track == node->option,
			"a turn that is done has led to what is wanted");
		promise(!(node->rolls && node->young && node->back) || node->moved,
			"a turn is not done while it may be undone");
	}
	promise(word != FSM_SAYS_LATER || record->failure.class != FSM_CLASS_SERVICE,
		"a unit that was stopped does not say that nothing was");
	promise(serves || word == FSM_SAYS_DONE || word == FSM_SAYS_STUCK || word == FSM_SAYS_STILL,
		"a unit that is down is stuck");
}

/* RECORD is about to be committed. */
void witness_ticket(const struct node *node, const struct fsm_record *record)
{
	const struct fsm_ticket *ticket = &record->ticket;
	const struct ticket *was = &node->db.ticket;
	bool takes = fsm_ticket_held(ticket) && ticket->taken != was->taken;
	bool held = was->taken > was->returned;

	if (takes)
		promise(is_out(node) && ticket->taken == node->turns.turn &&
				ticket->taken > was->returned,
			"no turn is taken that was returned");
	if (held && ticket->returned >= was->taken && node->note.number < was->taken)
		witness_return(node, record);
}

/* Nothing is kept that others wait for, and nothing is still to be said. */
bool turns_are_over(const struct node *node)
{
	const struct ticket *ticket = &node->db.ticket;
	struct node next = *node;

	if (!in_fleet(node) || node->unrelated || node->stopping || node->leaving ||
		node->option == NO_CHANNEL)
		return true;
	return !node->signal && ticket->taken <= ticket->returned && !ticket->pending &&
	       !ticket->asked && node->note.number >= ticket->returned &&
	       (node->width == 0 || !is_out(node)) && !lead(&next, ROOM, false);
}

/* --- what is written ---------------------------------------------------------------------- */

void say(struct node *node, const struct fsm_leave *leave)
{
	struct note wrote = {
		.number = (uint8_t)leave->note.number,
		.word = (uint8_t)leave->note.word,
		.wants = code_of_goal(leave->note.wants),
	};

	if (!leave->writes ||
		(node->bags & BAG_WRITTEN && memcmp(&wrote, &node->wrote, sizeof wrote) == 0))
		return;
	node->bags |= BAG_WRITTEN;
	node->wrote = wrote;
}

void flush(struct node *node)
{
	if (node->bags & BAG_WRITTEN)
		node->note = node->wrote;
}

/*
 * What is above what makes a difference, and no more: the highest that was given is above all, and a turn
 * is of this rollout or not.
 */
void tidy_numbers(struct node *node)
{
	struct turns *turns = &node->turns;
	struct ticket *ticket = &node->db.ticket;
	uint8_t *const numbers[] = { &ticket->taken, &ticket->returned, &turns->turn,
		&node->note.number, &node->noted.number, &node->wrote.number };
	enum {
		COUNT = sizeof numbers / sizeof *numbers
	};
	bool older = turns->turn <= turns->start;
	uint8_t old[COUNT], highest = 0;

	if (!in_fleet(node))
		return;
	for (int i = 0; i < COUNT; i++)
		old[i] = *numbers[i];
	for (int i = 0; i < COUNT; i++) {
		uint8_t above = 0;

		/* How many different ones are not above it, but for 0. */
		for (int j = 0; j < COUNT; j++) {
			bool first = true;

			for (int k = 0; k < j; k++)
				first &= old[k] != old[j];
			if (first && old[j] != 0 && old[j] <= old[i])
				above++;
		}
		*numbers[i] = above;
		highest = above > highest ? above : highest;
	}
	turns->number = highest;
	turns->start = older ? highest : 0;
}
