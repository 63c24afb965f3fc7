/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/ticket.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

/* clang-format off */
enum { NEW, HELD, COUNT };
#define ROW(name, new_same, new_other, held_same, held_other, meaning) \
	[FSM_STAND_##name] = { \
		[NEW]  = { FSM_SAYS_##new_other,  FSM_SAYS_##new_same }, \
		[HELD] = { FSM_SAYS_##held_other, FSM_SAYS_##held_same } },
static const enum fsm_word words[FSM_STAND_COUNT][COUNT][2] = { FSM_STANDS(ROW) };
/* clang-format on */

bool fsm_ticket_held(const struct fsm_ticket *ticket)
{
	return ticket->taken > ticket->returned;
}

bool fsm_ticket_new(const struct fsm_ticket *ticket, const struct fsm_seat *seat)
{
	return seat && fsm_seat_row(seat->state)->out && seat->state != FSM_SEAT_GARBLED &&
	       seat->number > ticket->taken && seat->number > ticket->returned;
}

static bool is_stuck(enum fsm_word word)
{
	return word == FSM_SAYS_STUCK || word == FSM_SAYS_STILL;
}

/* It gave back a turn as stuck, and is where that turn led to. */
static bool is_mended(const struct fsm_ticket *ticket, const struct fsm_stand *stand)
{
	return !fsm_ticket_held(ticket) && is_stuck(ticket->word) &&
	       stand->kind == FSM_STAND_PLACED && strcmp(ticket->goal, stand->wish) == 0;
}

static bool is_limited(const struct fsm_stand *stand)
{
	return stand->width > 0 && !stand->alone;
}

bool fsm_ticket_reads(const struct fsm_ticket *ticket, const struct fsm_stand *stand)
{
	bool held = fsm_ticket_held(ticket);
	bool same = strcmp(ticket->goal, stand->wish) == 0;

	if (ticket->asked || ticket->pending || is_mended(ticket, stand))
		return true;
	if (held)
		return stand->kind == FSM_STAND_MOVES ||
		       words[stand->kind][HELD][same] != FSM_SAYS_NONE;
	/* A turn that was given before this unit knew of a width has signalled in vain. */
	return is_limited(stand) &&
	       (stand->signal || !ticket->wide || (stand->kind == FSM_STAND_MOVES && stand->idle));
}

/* The bag knows of a return that the record does not: the record is a younger one, or an older. */
static void adopt(
	struct fsm_ticket *ticket, const struct fsm_note *note, const struct fsm_seat *seat)
{
	if (note->number > ticket->returned) {
		ticket->returned = note->number;
		ticket->word = note->word;
		memcpy(ticket->why, note->why, sizeof ticket->why);
		ticket->asked = false;
	}
	if (note->number > ticket->taken) {
		bool last = seat && seat->number == note->number;

		ticket->taken = note->number;
		text_ascii(ticket->goal, sizeof ticket->goal, last ? seat->goal : "");
	}
	if (note->number == ticket->returned && note->word == ticket->word)
		ticket->asked = false;
}

static void give_back(struct fsm_ticket *ticket, enum fsm_word word, const struct fsm_stand *stand)
{
	ticket->returned = ticket->taken;
	ticket->word = word;
	ticket->asked = true;
	text_ascii(ticket->why, sizeof ticket->why, is_stuck(word) ? stand->why : "");
}

static void return_held(struct fsm_ticket *ticket, const struct fsm_stand *stand)
{
	bool same = strcmp(ticket->goal, stand->wish) == 0;
	enum fsm_word word = words[stand->kind][HELD][same];

	if (word == FSM_SAYS_NONE)
		return;
	/* A unit that is down is no unit that others may go down beside, whatever it wants by now. */
	if (!stand->serves && word != FSM_SAYS_DONE)
		word = FSM_SAYS_STUCK;
	if (word == FSM_SAYS_STUCK && !ticket->well)
		word = FSM_SAYS_STILL;
	give_back(ticket, word, stand);
}

static void take(struct fsm_ticket *ticket, const struct fsm_seat *seat, bool well)
{
	ticket->taken = seat->number;
	ticket->well = well;
	text_ascii(ticket->goal, sizeof ticket->goal, seat->goal);
}

static void meet_new(
	struct fsm_ticket *ticket, const struct fsm_stand *stand, const struct fsm_seat *seat)
{
	bool same = strcmp(seat->goal, stand->wish) == 0;
	enum fsm_word word = words[stand->kind][NEW][same];

	/* What was given up is not taken any more: a turn that counts is asked for instead. */
	if (seat->state == FSM_SEAT_SKIPPED && word == FSM_SAYS_NONE)
		word = FSM_SAYS_DECLINED;
	/* Who was stuck and has been mended otherwise says so: it is to halt the next rollout again. */
	if (same && is_stuck(ticket->word) && stand->kind == FSM_STAND_PLACED)
		word = FSM_SAYS_DONE;
	if (word == FSM_SAYS_NONE && stand->kind != FSM_STAND_MOVES)
		return;
	take(ticket, seat, stand->serves);
	if (word != FSM_SAYS_NONE)
		give_back(ticket, word, stand);
}

/*
 * Whether a turn has to be asked for: no rollout owes one, and the leader does not know yet. That the
 * leader has not begun one for a new target is waited for until a hook that comes by the clock.
 */
static bool has_to_ask(
	const struct fsm_ticket *ticket, const struct fsm_stand *stand, const struct fsm_seat *seat)
{
	const struct fsm_fleet *fleet = stand->fleet;

	if (fsm_ticket_new(ticket, seat) || (seat && strcmp(seat->wanted, stand->wish) == 0))
		return false;
	if (strcmp(fleet->goal, stand->wish) != 0)
		return stand->idle;
	return !fsm_fleet_owes(fleet, seat);
}

static void write_note(
	struct fsm_ticket *ticket, const struct fsm_stand *stand, bool asks, struct fsm_leave *ret)
{
	const struct fsm_note *was = stand->note;
	struct fsm_note *note = &ret->note;
	bool said = ticket->returned > was->number || ticket->word != was->word;

	fsm_note_init(note);
	note->number = ticket->returned;
	note->word = ticket->word;
	memcpy(note->why, ticket->why, sizeof note->why);
	if (asks)
		text_ascii(note->wants, sizeof note->wants, stand->wish);
	else if (!said)
		memcpy(note->wants, was->wants, sizeof note->wants);
	ret->writes = said || *was->fault || strcmp(note->wants, was->wants) != 0;
}

static void meet(
	struct fsm_ticket *ticket, const struct fsm_stand *stand, const struct fsm_seat *seat)
{
	/* With a bag that cannot be read nobody knows what was returned. */
	bool known = !*stand->note->fault;

	adopt(ticket, stand->note, seat);
	/* The record may have been rebuilt while the unit was away in this very turn. */
	if (!ticket->wide && known && fsm_ticket_new(ticket, seat))
		take(ticket, seat, true);
	if (fsm_ticket_held(ticket))
		return_held(ticket, stand);
	else if (known && fsm_ticket_new(ticket, seat))
		meet_new(ticket, stand, seat);
	else if (is_mended(ticket, stand))
		give_back(ticket, FSM_SAYS_DONE, stand);
	ticket->pending = fsm_ticket_new(ticket, seat);
}

void fsm_ticket_step(
	struct fsm_ticket *ticket, const struct fsm_stand *stand, struct fsm_leave *ret)
{
	const struct fsm_seat *seat =
		stand->fleet ? fsm_fleet_seat(stand->fleet, stand->unit) : NULL;
	bool read = stand->fleet && stand->note;

	assert((unsigned)stand->kind < FSM_STAND_COUNT);
	memset(ret, 0, sizeof *ret);
	if (read)
		meet(ticket, stand, seat);
	else if (stand->signal && is_limited(stand))
		ticket->pending = true; /* nobody signals it again */
	ticket->wide = stand->width > 0 && (ticket->wide || read);
	ret->may = !is_limited(stand) ||
		   (read && fsm_ticket_held(ticket) && strcmp(ticket->goal, stand->wish) == 0);
	ret->waits = stand->kind == FSM_STAND_MOVES && !ret->may;
	if (read)
		write_note(ticket, stand, ret->waits && has_to_ask(ticket, stand, seat), ret);
}
