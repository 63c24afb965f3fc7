/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/rollout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum {
	LEFT = 1000000000, /* turns that can be given whatever a unit says it returned */
};

static bool same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static void set_state(struct fsm_seat *seat, enum fsm_seat_state state)
{
	seat->changed = seat->changed || seat->state != state;
	seat->state = state;
}

static void set_wanted(struct fsm_seat *seat, const char *wanted)
{
	seat->changed = seat->changed || !same(seat->wanted, wanted);
	text_ascii(seat->wanted, sizeof seat->wanted, wanted);
}

/* Every unit that is stuck, or was, is passed over by a person. */
static void pass_over(struct fsm_fleet *fleet)
{
	for (unsigned i = 0; i < fleet->count; i++)
		set_state(&fleet->seats[i], fsm_seat_row(fleet->seats[i].state)->passed);
}

static const struct fsm_member *member_of(const struct fsm_lead *lead, int64_t unit)
{
	unsigned low = 0, high = lead->count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (lead->members[middle].unit < unit)
			low = middle + 1;
		else
			high = middle;
	}
	return low < lead->count && lead->members[low].unit == unit ? &lead->members[low] : NULL;
}

/* Whose unit goal-state does not know any more, gives no turn back and needs none. */
static void drop_gone(struct fsm_fleet *fleet, const struct fsm_lead *lead)
{
	for (unsigned i = 0; i < fleet->count; i++) {
		if (member_of(lead, fleet->seats[i].unit))
			continue;
		fleet->seats[i].gone = fleet->seats[i].changed = true;
		fleet->seats[i].state = FSM_SEAT_NONE;
		fleet->seats[i].wanted[0] = '\0';
	}
}

/* A number that a bag shows was given, whatever `number` says. */
static void raise_number(struct fsm_fleet *fleet, int64_t number)
{
	if (number <= fleet->number)
		return;
	fleet->number = number;
	fleet->changed = true;
}

/* A number that was never given, and would leave none to be given after it, is nonsense. */
static bool is_heard(const struct fsm_fleet *fleet, const struct fsm_note *note)
{
	return note && (note->number <= FSM_NUMBER_MAX - LEFT || note->number <= fleet->number);
}

static void take_note(struct fsm_fleet *fleet, int64_t unit, const struct fsm_note *note)
{
	struct fsm_seat *seat = fsm_fleet_seat(fleet, unit);

	if (!seat && *note->wants && (seat = fsm_fleet_seated(fleet, unit)))
		seat->number = note->number;
	if (!seat)
		return;
	/* A bag that is older than the turn says nothing about it. */
	if (note->number < seat->number)
		return;
	set_state(seat, fsm_seat_row(seat->state)->after[note->word]);
	if (!fsm_seat_row(seat->state)->out)
		set_wanted(seat, note->wants);
}

static void begin(struct fsm_fleet *fleet, const struct fsm_lead *lead)
{
	bool first = !*fleet->goal;

	if (!*lead->wish || same(lead->wish, fleet->goal))
		return;
	fleet->start = fleet->number;
	text_ascii(fleet->goal, sizeof fleet->goal, lead->wish);
	/* At a deploy nobody has to move: who has to nevertheless, says so. */
	fleet->over = first && !lead->moves;
	fleet->resumed = false;
	fleet->changed = true;
	pass_over(fleet);
}

static void resume(struct fsm_fleet *fleet, const struct fsm_lead *lead, struct fsm_rollout *ret)
{
	struct fsm_seat *seat =
		lead->skip != FSM_NO_UNIT ? fsm_fleet_seat(fleet, lead->skip) : NULL;

	if (!lead->resume)
		return;
	if (seat && fsm_seat_row(seat->state)->counts) {
		ret->skipped = true;
		if (fsm_seat_row(seat->state)->out && seat->state != FSM_SEAT_GARBLED)
			set_state(seat, FSM_SEAT_SKIPPED);
	}
	pass_over(fleet);
	fleet->resumed = fleet->changed = true;
	fleet->fault[0] = '\0';
}

/* --- giving turns -------------------------------------------------------------------------- */

/* What there is before a turn is given. */
struct tally {
	int64_t out; /* that count */
	int64_t limit;
	const struct fsm_seat *halts;  /* the first that does */
	const struct fsm_seat *paused; /* the first that is done, while nobody may follow it */
};

static struct tally count_out(const struct fsm_fleet *fleet, const struct fsm_lead *lead)
{
	const struct fsm_seat *own = fsm_fleet_seat(fleet, lead->unit);
	bool first = lead->pause && !fleet->resumed && !fleet->over;
	struct tally ret = { .limit = first ? 1 : lead->width };

	for (unsigned i = 0; i < fleet->count; i++) {
		const struct fsm_seat *seat = &fleet->seats[i];
		const struct fsm_seat_row *row = fsm_seat_row(seat->state);

		ret.out += row->counts;
		if (row->halts && !ret.halts)
			ret.halts = seat;
		if (first && !ret.paused && seat->number > fleet->start &&
			seat->state == FSM_SEAT_DONE)
			ret.paused = seat;
	}
	if (lead->away && !(own && fsm_seat_row(own->state)->counts))
		ret.out++;
	if (ret.paused)
		ret.limit = lead->width;
	return ret;
}

/*
 * To where the unit of MEMBER may have a turn, "" if it may not. While the rollout stands, only who was
 * at its target already may go back there, and who is stuck may try again.
 */
static const char *goal_for(const struct fsm_fleet *fleet, const struct fsm_member *member,
	const struct fsm_seat *seat, const struct tally *tally)
{
	const char *goal = fsm_fleet_owes(fleet, seat) ? fleet->goal : seat ? seat->wanted : "";
	bool repair = seat && (seat->state == FSM_SEAT_STUCK ||
				      (seat->state == FSM_SEAT_DONE && same(seat->goal, goal)));

	if (member->dying || !member->joined || (seat && fsm_seat_row(seat->state)->out) ||
		((tally->halts || tally->paused) && !repair))
		return "";
	return goal;
}

/* Lowest unit first, then the leader, then who is stuck: a smaller rank comes before a larger one. */
static int rank_of(
	const struct fsm_seat *seat, const struct fsm_member *member, const struct fsm_lead *lead)
{
	if (seat && (seat->state == FSM_SEAT_STUCK || seat->state == FSM_SEAT_PASSED))
		return 2;
	return member->unit == lead->unit ? 1 : 0;
}

static void give(struct fsm_fleet *fleet, int64_t unit, const char *goal, struct tally *tally)
{
	struct fsm_seat *seat = fsm_fleet_seated(fleet, unit);
	bool counted;

	if (!seat)
		return;
	counted = fsm_seat_row(seat->state)->counts;
	if (tally->out - counted >= tally->limit)
		return;
	tally->out += !counted;
	seat->number = ++fleet->number;
	seat->state = seat->state == FSM_SEAT_STUCK    ? FSM_SEAT_RETRY
		      : seat->state == FSM_SEAT_PASSED ? FSM_SEAT_AGAIN
						       : FSM_SEAT_OUT;
	text_ascii(seat->goal, sizeof seat->goal, goal);
	seat->wanted[0] = '\0';
	seat->changed = fleet->changed = true;
}

static void give_turns(struct fsm_fleet *fleet, const struct fsm_lead *lead, struct tally *tally)
{
	char goal[FSM_GOAL_SIZE];

	for (int rank = 0; rank <= 2; rank++) {
		for (unsigned i = 0; i < lead->count; i++) {
			const struct fsm_member *member = &lead->members[i];
			const struct fsm_seat *seat = fsm_fleet_seat(fleet, member->unit);

			if (rank_of(seat, member, lead) != rank)
				continue;
			text_ascii(goal, sizeof goal, goal_for(fleet, member, seat, tally));
			if (*goal)
				give(fleet, member->unit, goal, tally);
		}
	}
}

/* --- what there is to say ------------------------------------------------------------------ */

/* Counts, and ends a rollout that owes nobody a turn and waits for none. */
static void sum_up(struct fsm_fleet *fleet, const struct fsm_lead *lead, const struct tally *tally,
	struct fsm_rollout *ret)
{
	unsigned open = 0;

	ret->unit = FSM_NO_UNIT;
	for (unsigned i = 0; i < lead->count; i++) {
		const struct fsm_member *member = &lead->members[i];
		const struct fsm_seat *seat = fsm_fleet_seat(fleet, member->unit);
		bool out =
			seat && fsm_seat_row(seat->state)->out && seat->state != FSM_SEAT_SKIPPED;

		if (out && ret->unit == FSM_NO_UNIT)
			ret->unit = member->unit;
		ret->out += out;
		ret->all += member->joined && !member->dying;
		open += member->joined && !member->dying && (out || fsm_fleet_owes(fleet, seat));
	}
	ret->done = ret->all - open;
	if (!fleet->over && *fleet->goal && open == 0 && ret->out == 0 && !tally->halts) {
		fleet->over = fleet->changed = true;
		return;
	}
	if (tally->halts) {
		ret->kind = FSM_ROLLOUT_HALTED;
		ret->unit = tally->halts->unit;
	} else if (tally->paused) {
		ret->kind = FSM_ROLLOUT_PAUSED;
		ret->unit = tally->paused->unit;
	} else if (!fleet->over || ret->out > 0) {
		ret->kind = FSM_ROLLOUT_ROLLS;
	}
}

void fsm_fleet_lead(struct fsm_fleet *fleet, const struct fsm_lead *lead, struct fsm_rollout *ret)
{
	struct tally tally;

	memset(ret, 0, sizeof *ret);
	ret->unit = FSM_NO_UNIT;
	if (!member_of(lead, lead->unit) || lead->width <= 0)
		return;
	drop_gone(fleet, lead);
	resume(fleet, lead, ret);
	if (*fleet->fault) {
		ret->kind = FSM_ROLLOUT_FAULT;
		return;
	}
	raise_number(fleet, fleet->start);
	for (unsigned i = 0; i < fleet->count; i++)
		raise_number(fleet, fleet->seats[i].number);
	for (unsigned i = 0; i < lead->count; i++)
		if (is_heard(fleet, lead->members[i].note))
			raise_number(fleet, lead->members[i].note->number);
	/* Nobody knew yet of who turns out to be stuck now: it is not passed over. */
	begin(fleet, lead);
	for (unsigned i = 0; i < lead->count; i++)
		if (is_heard(fleet, lead->members[i].note))
			take_note(fleet, lead->members[i].unit, lead->members[i].note);
	tally = count_out(fleet, lead);
	if (*lead->wish)
		give_turns(fleet, lead, &tally);
	sum_up(fleet, lead, &tally, ret);
}

void fsm_rollout_words(const struct fsm_fleet *fleet, const struct fsm_rollout *rollout,
	const char *application, char *ret, unsigned size)
{
	char goal[FSM_GOAL_WORDS];

	memset(ret, 0, size);
	fsm_goal_words(fleet->goal, goal);
	switch (rollout->kind) {
	case FSM_ROLLOUT_REST:
	case FSM_ROLLOUT_COUNT:
		break;
	case FSM_ROLLOUT_FAULT:
		(void)snprintf(ret, size, "rollout stands: bad relation data: %s", fleet->fault);
		break;
	case FSM_ROLLOUT_HALTED:
		(void)snprintf(ret, size, "rollout to %s halted by %s/%" PRId64, goal, application,
			rollout->unit);
		break;
	case FSM_ROLLOUT_PAUSED:
		(void)snprintf(ret, size, "rollout to %s paused after %s/%" PRId64, goal,
			application, rollout->unit);
		break;
	case FSM_ROLLOUT_ROLLS:
		if (fleet->over)
			(void)snprintf(
				ret, size, "turn of %s/%" PRId64, application, rollout->unit);
		else
			(void)snprintf(ret, size, "rollout %u of %u", rollout->done, rollout->all);
		break;
	}
}
