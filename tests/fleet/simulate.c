/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fleet through a rollout, by the clock: what Juju does with hooks and relation data as it was seen on
 * a genuine controller, and fsm/ticket.c and fsm/rollout.c for the rest. Prints how many units were away
 * at once at most, the hooks of all units, and how long it took.
 *	simulate [--units N] [--width N] [--seeds N] [--calm]
 * First calm, then with faults, once for each seed: hooks are killed or fail, leaders get lost, refreshes fail, records are lost and units
 * leave; a person goes on past what halts for five minutes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fsm/rollout.h"

enum {
	MOST = 1000,
	TEXT = 2 * FSM_GOAL_SIZE + 40
};
enum kind {      /* of a hook, in the order in which they are run */
	CHANGED, /* the application's bag */
	CONFIG,
	ELECTED,
	CLOCK,
	KINDS,
	ABOUT = KINDS /* and the number of the unit */
};
enum snap {
	SERVES,
	AWAY,
	DOWN,
	BACK,
	TROUBLE
};
enum happening {
	ARRIVES,
	ENDS,
	IS_DUE,
	FORGETS,
	LOSES
};

static const char *const edge = "latest/edge", *const beta = "latest/beta";

struct unit {
	bool gone, forgotten, elected;
	enum snap snap;
	bool there; /* at beta */
	bool served, passed;
	struct fsm_ticket ticket;
	char returned[TEXT], wants[TEXT], turn[TEXT];
	/* hooks */
	bool pending[KINDS], about[MOST];
	unsigned queue[MOST], queued, first;
	bool busy, moved;
	unsigned hook, about_whom, failures;
	/* what the hook has read */
	char read_turn[TEXT], read_rollout[TEXT];
	double since; /* it is away */
};
struct event {
	double at;
	enum happening what;
	unsigned unit, kind, whom;
};

static struct unit units[MOST];
static unsigned count, leader, width;
static char number[TEXT], rollout[TEXT];
static struct event *heap;
static size_t length, room;
static double now;
static bool faults;
static uint64_t random_state;
static struct {
	unsigned away, most, broken;
	unsigned long hooks, worked, lost, killed;
	double halted;
} seen;

static double chance(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (double)(random_state >> 11) / 9007199254740992.0;
}

static bool happens(double often)
{
	return faults && chance() < often;
}

static void at(double when, enum happening what, unsigned unit, unsigned kind, unsigned whom)
{
	size_t i = length++;

	if (length > room) {
		room = room ? 2 * room : 4096;
		heap = realloc(heap, room * sizeof *heap);
		if (!heap)
			abort();
	}
	for (; i > 0 && heap[(i - 1) / 2].at > when; i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = (struct event){ when, what, unit, kind, whom };
}

static struct event next_event(void)
{
	struct event ret = heap[0], last = heap[--length];
	size_t i = 0;

	for (size_t child; (child = 2 * i + 1) < length; i = child) {
		if (child + 1 < length && heap[child + 1].at < heap[child].at)
			child++;
		if (last.at <= heap[child].at)
			break;
		heap[i] = heap[child];
	}
	heap[i] = last;
	return ret;
}

/* Juju tells others of a write after 0.6 to 4.2 s, mostly sooner than later. */
static void tell(unsigned unit, unsigned kind, unsigned whom)
{
	double slow = chance();

	at(now + 0.6 + 3.6 * slow * slow, ARRIVES, unit, kind, whom);
}

static void count_away(void)
{
	seen.away = 0;
	for (unsigned i = 0; i < count; i++)
		seen.away += !units[i].gone && units[i].served && !units[i].passed &&
			     (units[i].snap == AWAY || units[i].snap == DOWN);
	if (seen.away > seen.most)
		seen.most = seen.away;
}

/* --- hooks --------------------------------------------------------------------------------- */

static enum fsm_stand_kind stand_of(const struct unit *unit)
{
	static const enum fsm_stand_kind stands[] = { [AWAY] = FSM_STAND_AWAY,
		[DOWN] = FSM_STAND_STUCK,
		[BACK] = FSM_STAND_STUCK,
		[TROUBLE] = FSM_STAND_LATER };

	if (unit->snap == SERVES)
		return unit->there ? FSM_STAND_PLACED : FSM_STAND_MOVES;
	return stands[unit->snap];
}

/* The step of UNIT with what its hook has read. */
static struct fsm_leave step(unsigned which)
{
	struct unit *unit = &units[which];
	struct fsm_seat seat[1];
	struct fsm_fleet fleet;
	struct fsm_note note;
	struct fsm_leave leave;
	char key[FSM_KEY_SIZE];
	struct fsm_stand stand = { .unit = which,
		.width = width,
		.idle = unit->hook == CLOCK,
		.signal = unit->hook == CHANGED,
		.wish = beta,
		.kind = stand_of(unit),
		.serves = unit->snap != AWAY && unit->snap != DOWN,
		.why = "Refresh failed" };

	if (fsm_ticket_reads(&unit->ticket, &stand)) {
		fsm_turn_key(which, key);
		fsm_fleet_init(&fleet, seat, 1);
		fsm_fleet_take(&fleet, "rollout", unit->read_rollout);
		fsm_fleet_take(&fleet, key, unit->read_turn);
		fsm_note_init(&note);
		fsm_note_take(&note, "returned", unit->returned);
		fsm_note_take(&note, "wants", unit->wants);
		stand.fleet = &fleet;
		stand.note = &note;
	}
	fsm_ticket_step(&unit->ticket, &stand, &leave);
	return leave;
}

static void write_note(unsigned which, const struct fsm_leave *leave)
{
	struct fsm_setting settings[2];

	if (!leave->writes)
		return;
	fsm_note_settings(&leave->note, settings);
	strcpy(units[which].returned, settings[0].value);
	strcpy(units[which].wants, settings[1].value);
	for (unsigned i = 0; i < count; i++)
		if (i != which && !units[i].gone)
			tell(i, ABOUT, which);
}

static void lead(unsigned whom, bool all, bool resume)
{
	static struct fsm_seat seats[MOST];
	static struct fsm_member members[MOST];
	static struct fsm_note notes[MOST];
	struct fsm_fleet fleet;
	struct fsm_rollout state;
	struct fsm_setting setting;
	struct fsm_lead ask = { .unit = leader,
		.members = members,
		.wish = beta,
		.width = width,
		.resume = resume,
		.skip = FSM_NO_UNIT };
	unsigned next = 0;
	char key[FSM_KEY_SIZE];
	bool changed = false;

	fsm_fleet_init(&fleet, seats, MOST);
	fsm_fleet_take(&fleet, "number", number);
	fsm_fleet_take(&fleet, "rollout", rollout);
	for (unsigned i = 0; i < count; i++) {
		bool read = all || i == whom || i == leader;

		fsm_turn_key(i, key);
		fsm_fleet_take(&fleet, key, units[i].turn);
		if (units[i].forgotten)
			continue;
		if (read) {
			fsm_note_init(&notes[i]);
			fsm_note_take(&notes[i], "returned", units[i].returned);
			fsm_note_take(&notes[i], "wants", units[i].wants);
		}
		members[ask.count++] = (struct fsm_member){
			.unit = i, .joined = true, .note = read ? &notes[i] : NULL
		};
	}
	for (unsigned i = 0; i < fleet.count && resume; i++)
		if (fsm_seat_row(seats[i].state)->halts)
			units[seats[i].unit].passed = true;
	fsm_fleet_lead(&fleet, &ask, &state);
	while (fsm_fleet_setting(&fleet, &next, &setting)) {
		bool seat = strncmp(setting.key, "turn-", 5) == 0;
		char *to = seat                                 ? units[atoi(setting.key + 5)].turn
			   : strcmp(setting.key, "number") == 0 ? number
								: rollout;

		changed = changed || strcmp(to, setting.value) != 0;
		strcpy(to, setting.value);
	}
	for (unsigned i = 0; i < count && changed; i++)
		if (!units[i].gone)
			tell(i, CHANGED, 0);
	if (state.kind != FSM_ROLLOUT_HALTED)
		seen.halted = 0;
	else if (seen.halted <= 0)
		seen.halted = now;
}

/* How long a refresh keeps the service away; what it brings is known at its end. */
static void begin_move(struct unit *unit)
{
	unit->served = unit->snap != DOWN;
	unit->snap = AWAY;
	unit->since = now;
	unit->moved = true;
}

static void end_move(struct unit *unit)
{
	if (happens(0.03)) {
		unit->snap = DOWN;
	} else if (happens(0.05)) {
		unit->snap = BACK;
		at(now + 900, IS_DUE, (unsigned)(unit - units), 0, 0);
	} else if (happens(0.05)) {
		unit->snap = TROUBLE;
		at(now + 60, IS_DUE, (unsigned)(unit - units), 0, 0);
	} else {
		unit->snap = SERVES;
		unit->there = true;
		unit->passed = false;
	}
	unit->there = unit->there || unit->snap == DOWN;
}

static bool take_hook(struct unit *unit)
{
	for (unsigned kind = 0; kind < KINDS; kind++) {
		if (!unit->pending[kind])
			continue;
		unit->pending[kind] = false;
		unit->hook = kind;
		return true;
	}
	if (unit->queued == 0)
		return false;
	unit->hook = ABOUT;
	unit->about_whom = unit->queue[unit->first];
	unit->first = (unit->first + 1) % MOST;
	unit->queued--;
	unit->about[unit->about_whom] = false;
	return true;
}

static void begin_hook(unsigned which)
{
	struct unit *unit = &units[which];
	struct fsm_leave leave;
	bool quiet;

	if (unit->busy || unit->gone || !take_hook(unit))
		return;
	seen.hooks++;
	unit->busy = true;
	unit->moved = false;
	quiet = unit->hook == ABOUT && !unit->ticket.asked && which != leader;
	seen.worked += !quiet;
	if (!quiet) {
		strcpy(unit->read_turn, unit->turn);
		strcpy(unit->read_rollout, rollout);
		leave = step(which);
		if (leave.may && stand_of(unit) == FSM_STAND_MOVES && !happens(0.01))
			begin_move(unit);
		count_away();
	}
	/* Juju's own part, the charm's, and a refresh. */
	at(now + 0.22 + (quiet ? 0 : 0.05) + (unit->moved ? 15 + 10 * chance() : 0), ENDS, which, 0,
		0);
}

/* The event comes back after a hook that did not end well. */
static void again(unsigned which, double pause)
{
	struct unit *unit = &units[which];

	at(now + pause, ARRIVES, which, unit->hook, unit->about_whom);
}

static void end_hook(unsigned which)
{
	struct unit *unit = &units[which];
	bool quiet = unit->hook == ABOUT && !unit->ticket.asked && which != leader;
	struct fsm_leave leave = { .may = false };

	unit->busy = false;
	if (unit->moved)
		end_move(unit);
	if (!quiet)
		leave = step(which);
	count_away();
	if (!quiet && happens(0.02)) {
		seen.killed++;
		again(which, 3);
	} else if (!quiet && happens(0.01)) {
		write_note(which, &leave);
		again(which, 5);
	} else {
		write_note(which, &leave);
		if (which == leader && width > 0)
			lead(unit->hook == ABOUT ? unit->about_whom : MOST,
				unit->hook == CONFIG || unit->hook == ELECTED, false);
		if (happens(0.002))
			memset(&unit->ticket, 0, sizeof unit->ticket);
	}
	if (unit->hook == CLOCK)
		at(now + 240 + 120 * chance(), ARRIVES, which, CLOCK, 0);
	begin_hook(which);
}

static void lose_leader(bool leaves)
{
	unsigned left = 0, to;

	for (unsigned i = 0; i < count; i++)
		left += !units[i].gone;
	if (left < 3)
		return;
	if (leaves) {
		units[leader].gone = true;
		at(now + 12, FORGETS, leader, 0, 0);
	}
	do
		to = (unsigned)(chance() * count);
	while (to >= count || units[to].gone || to == leader);
	leader = to;
	seen.lost++;
	at(now + (leaves ? 11 : 44), ARRIVES, to, ELECTED, 0);
}

static void person_acts(void)
{
	if (seen.halted > 0 && now - seen.halted > 300) {
		lead(MOST, true, true);
		for (unsigned i = 0; i < count; i++)
			if (units[i].snap == DOWN)
				units[i].snap = SERVES;
		seen.halted = 0;
	}
}

static bool is_over(void)
{
	for (unsigned i = 0; i < count; i++)
		if (!units[i].gone && (!units[i].there || units[i].snap == AWAY))
			return false;
	return width == 0 || strstr(rollout, " over") != NULL;
}

static void happen(const struct event *event)
{
	struct unit *unit = &units[event->unit];

	switch (event->what) {
	case ARRIVES:
		if (event->kind < KINDS)
			unit->pending[event->kind] = true;
		else if (!unit->about[event->whom]) {
			unit->about[event->whom] = true;
			unit->queue[(unit->first + unit->queued++) % MOST] = event->whom;
		}
		begin_hook(event->unit);
		break;
	case ENDS:
		if (!unit->gone)
			end_hook(event->unit);
		break;
	case IS_DUE:
		unit->snap = unit->snap == BACK || unit->snap == TROUBLE ? SERVES : unit->snap;
		at(now, ARRIVES, event->unit, CLOCK, 0);
		break;
	case FORGETS:
		unit->forgotten = true;
		break;
	case LOSES:
		lose_leader(happens(0.3));
		at(now + 60 + 300 * chance(), LOSES, 0, 0, 0);
		break;
	}
}

/* One rollout. False when it broke the promise, or did not end within a week. */
static bool run(unsigned fleet, unsigned wide, uint64_t seed, double *ret)
{
	memset(units, 0, sizeof units);
	memset(&seen, 0, sizeof seen);
	length = 0;
	count = fleet;
	width = wide;
	leader = fleet / 2;
	now = 0;
	random_state = seed * 2654435761U + 88172645463325252U;
	strcpy(number, "0");
	(void)snprintf(rollout, sizeof rollout, "0 %s over", edge);
	for (unsigned i = 0; i < count; i++) {
		units[i].ticket.wide = wide > 0;
		at(0.5 + 1.5 * chance(), ARRIVES, i, CONFIG, 0);
		at(300 * chance(), ARRIVES, i, CLOCK, 0);
	}
	if (faults)
		at(20 * chance(), LOSES, 0, 0, 0);
	while (now < 7 * 86400.0 && !is_over()) {
		struct event event = next_event();

		now = event.at;
		happen(&event);
		person_acts();
		if (wide > 0 && seen.most > wide)
			return false;
	}
	*ret = now;
	return now < 7 * 86400.0;
}

static int report(unsigned fleet, unsigned wide, unsigned seeds)
{
	unsigned most = 0;
	unsigned long hooks = 0, worked = 0, lost = 0, killed = 0;
	double took = 0, longest = 0;

	for (unsigned seed = 1; seed <= seeds; seed++) {
		double time = 0;

		if (!run(fleet, wide, seed, &time)) {
			printf("1 times broken: %s (%u units, width %u, seed %u: %u away at once, "
			       "%.0f s)\n",
				seen.most > wide ? "no more are away than the width"
						 : "a rollout ends",
				fleet, wide, seed, seen.most, time);
			return 1;
		}
		most = seen.most > most ? seen.most : most;
		hooks += seen.hooks;
		worked += seen.worked;
		lost += seen.lost;
		killed += seen.killed;
		took += time;
		longest = time > longest ? time : longest;
	}
	printf("%5u %6u %9u %10lu %10lu %9.0f %9.0f", fleet, wide, most, hooks / seeds,
		worked / seeds, took / seeds, longest);
	if (faults)
		printf(" %7lu %7lu", lost, killed);
	puts("");
	return 0;
}

/* A table of fleets and widths; ONLY and WIDE: of these alone, 0 and MORE THAN MOST for all. */
static int table(unsigned only, unsigned wide, unsigned seeds, int *checks)
{
	static const unsigned fleets[] = { 3, 10, 100 };
	int failed = 0;

	printf("units  width away most      hooks  not quiet   seconds   longest%s\n",
		faults ? " leaders  killed" : "");
	for (unsigned i = 0; i < (only ? 1 : 3); i++) {
		unsigned fleet = only ? only : fleets[i];
		unsigned tenth = (fleet + 9) / 10;
		unsigned widths[] = { 1, tenth > 1 ? tenth : 2, 0 };

		for (unsigned j = 0; j < (wide > MOST ? 3 : 1) && !failed; j++, ++*checks)
			failed = report(fleet, wide > MOST ? widths[j] : wide, seeds);
	}
	return failed;
}

int main(int argc, char **argv)
{
	unsigned only = 0, seeds = 10, wide = MOST + 1;
	bool calm = false;
	int failed, checks = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--calm") == 0)
			calm = true;
		else if (strcmp(argv[i], "--units") == 0 && ++i < argc)
			only = (unsigned)atoi(argv[i]);
		else if (strcmp(argv[i], "--width") == 0 && ++i < argc)
			wide = (unsigned)atoi(argv[i]);
		else if (strcmp(argv[i], "--seeds") == 0 && ++i < argc)
			seeds = (unsigned)atoi(argv[i]);
	}
	if (only > MOST || seeds == 0)
		return 2;
	failed = table(only, wide, 1, &checks);
	faults = true;
	if (!failed && !calm)
		failed = table(only, wide, seeds, &checks);
	printf("%d%%: Checks: %d, Failures: %d, Errors: 0\n", failed ? 0 : 100, checks, failed);
	free(heap);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
