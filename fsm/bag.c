/* SPDX-License-Identifier: Apache-2.0 */
#include "fsm/bag.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "fsm/names.h"

enum {
	FIELDS = 4, /* of a value, at most */
};
#define UNIT_MAX INT64_C(999999999)
#define NO_GOAL  "-"

/* clang-format off */
#define ROW(name, text, out, counts, halts, done, stuck, still, later, declined, passed) \
	[FSM_SEAT_##name] = { out, counts, halts, { FSM_SEAT_##name, FSM_SEAT_##done, FSM_SEAT_##stuck, \
		FSM_SEAT_##still, FSM_SEAT_##later, FSM_SEAT_##declined }, FSM_SEAT_##passed },
static const struct fsm_seat_row rows[FSM_SEAT_COUNT] = { FSM_SEATS(ROW) };
/* clang-format on */

const struct fsm_seat_row *fsm_seat_row(enum fsm_seat_state state)
{
	assert((unsigned)state < FSM_SEAT_COUNT);
	return &rows[state];
}

void fsm_goal_words(const char *goal, char *ret)
{
	size_t length = strcspn(goal, "@");
	char channel[FSM_GOAL_SIZE];

	if (length == 0 && *goal) {
		(void)snprintf(ret, FSM_GOAL_WORDS, "revision %s of the resource", goal + 1);
		return;
	}
	(void)snprintf(channel, sizeof channel, "%.*s", (int)length, goal);
	(void)snprintf(ret, FSM_GOAL_WORDS, "'%s'%s%s", channel_short(channel),
		goal[length] ? " revision " : "", goal[length] ? goal + length + 1 : "");
}

void fsm_goal_of(const struct fsm_target *target, char ret[FSM_GOAL_SIZE])
{
	memset(ret, 0, FSM_GOAL_SIZE);
	if (target->revision == 0)
		(void)snprintf(ret, FSM_GOAL_SIZE, "%s", target->channel);
	else
		(void)snprintf(
			ret, FSM_GOAL_SIZE, "%s@%" PRId64, target->channel, target->revision);
}

/* TEXT as a number from 0 to MAX, written as this file writes it; -1 when it is anything else. */
static int64_t number_of(const char *text, int64_t max)
{
	int64_t number = text_number(text);

	return number > max || (text[0] == '0' && text[1]) ? -1 : number;
}

int64_t fsm_unit_number(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash && slash != name ? number_of(slash + 1, UNIT_MAX) : FSM_NO_UNIT;
}

void fsm_turn_key(int64_t unit, char ret[FSM_KEY_SIZE])
{
	(void)snprintf(ret, FSM_KEY_SIZE, "turn-%" PRId64, unit);
}

static bool is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

/* Whether WORD can be a target; of blanks there are none in it. */
static bool is_goal(const char *word)
{
	return *word && strlen(word) < FSM_GOAL_SIZE && strcmp(word, NO_GOAL) != 0;
}

/*
 * Splits VALUE at its first MOST - 1 blanks into FIELD, which points into COPY. The number of fields; 0
 * for a value that this charm never writes: empty, too long, not printable, or with an empty field.
 */
static unsigned split(const char *value, struct fsm_setting *copy, unsigned most, char **field)
{
	unsigned count = 1;

	if (strlen(value) >= sizeof copy->value || !is_printable(value))
		return 0;
	(void)snprintf(copy->value, sizeof copy->value, "%s", value);
	field[0] = copy->value;
	for (char *blank; count < most && (blank = strchr(field[count - 1], ' ')); count++) {
		*blank = '\0';
		field[count] = blank + 1;
	}
	for (unsigned i = 0; i < count; i++)
		if (!*field[i])
			return 0;
	return count;
}

static void name_fault(char fault[FSM_FAULT_SIZE], const char *key, const char *value)
{
	char shown[FSM_FAULT_SIZE - FSM_KEY_SIZE - 4];

	if (*fault)
		return;
	text_ascii(shown, sizeof shown, value);
	(void)snprintf(fault, FSM_FAULT_SIZE, "%s '%s'", key, shown);
}

/* --- a unit's bag -------------------------------------------------------------------------- */

void fsm_note_init(struct fsm_note *note)
{
	memset(note, 0, sizeof *note);
}

static bool take_returned(struct fsm_note *note, const char *value)
{
	struct fsm_setting copy;
	char *field[FIELDS] = { NULL };
	unsigned count = split(value, &copy, 3, field);
	int64_t number = count >= 2 ? number_of(field[0], FSM_NUMBER_MAX) : 0;
	enum fsm_word word;

	if (number <= 0 || fsm_word_named(field[1], &word) < 0 || word == FSM_SAYS_NONE)
		return false;
	note->number = number;
	note->word = word;
	text_ascii(note->why, sizeof note->why, count == 3 ? field[2] : "");
	return true;
}

static bool take_wants(struct fsm_note *note, const char *value)
{
	struct fsm_setting copy;
	char *field[FIELDS];

	if (split(value, &copy, 2, field) != 1 || !is_goal(field[0]))
		return false;
	text_ascii(note->wants, sizeof note->wants, field[0]);
	return true;
}

void fsm_note_take(struct fsm_note *note, const char *key, const char *value)
{
	bool returned = strcmp(key, "returned") == 0;

	if (!*value || (!returned && strcmp(key, "wants") != 0))
		return;
	if (!(returned ? take_returned : take_wants)(note, value))
		name_fault(note->fault, key, value);
}

void fsm_note_settings(const struct fsm_note *note, struct fsm_setting ret[2])
{
	memset(ret, 0, 2 * sizeof *ret);
	(void)snprintf(ret[0].key, sizeof ret[0].key, "returned");
	if (note->number > 0)
		(void)snprintf(ret[0].value, sizeof ret[0].value, "%" PRId64 " %s%s%s",
			note->number, fsm_word_name(note->word), *note->why ? " " : "", note->why);
	(void)snprintf(ret[1].key, sizeof ret[1].key, "wants");
	(void)snprintf(ret[1].value, sizeof ret[1].value, "%s", note->wants);
}

/* --- the application's bag ----------------------------------------------------------------- */

void fsm_fleet_init(struct fsm_fleet *fleet, struct fsm_seat *seats, unsigned room)
{
	memset(fleet, 0, sizeof *fleet);
	fleet->seats = seats;
	fleet->room = room;
}

/* Where UNIT sits, or would. */
static unsigned place_of(const struct fsm_fleet *fleet, int64_t unit)
{
	unsigned low = 0, high = fleet->count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (fleet->seats[middle].unit < unit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct fsm_seat *fsm_fleet_seat(const struct fsm_fleet *fleet, int64_t unit)
{
	unsigned at = place_of(fleet, unit);

	return at < fleet->count && fleet->seats[at].unit == unit ? &fleet->seats[at] : NULL;
}

struct fsm_seat *fsm_fleet_seated(struct fsm_fleet *fleet, int64_t unit)
{
	unsigned at = place_of(fleet, unit);
	struct fsm_seat *seat = &fleet->seats[at];

	if (at < fleet->count && seat->unit == unit)
		return seat;
	if (fleet->count == fleet->room)
		return NULL;
	memmove(seat + 1, seat, (fleet->count - at) * sizeof *seat);
	fleet->count++;
	memset(seat, 0, sizeof *seat);
	seat->unit = unit;
	return seat;
}

/*
 * A unit that was done with this very target before, and has had no turn since, is at it; were it moved
 * by somebody, it would say that it wants a turn.
 */
bool fsm_fleet_owes(const struct fsm_fleet *fleet, const struct fsm_seat *seat)
{
	if (!*fleet->goal || fleet->over)
		return false;
	return !seat ||
	       (seat->number <= fleet->start &&
		       !(seat->state == FSM_SEAT_DONE && strcmp(seat->goal, fleet->goal) == 0));
}

/* NUMBER TARGET STATE [WANTED] */
static bool take_seat(struct fsm_seat *seat, const char *value)
{
	struct fsm_setting copy;
	char *field[FIELDS];
	unsigned count = split(value, &copy, 4, field);
	int64_t number = count >= 3 ? number_of(field[0], FSM_NUMBER_MAX) : -1;
	enum fsm_seat_state state;
	bool none;

	if (number < 0 || fsm_seat_state_named(field[2], &state) < 0 || state == FSM_SEAT_GARBLED)
		return false;
	none = strcmp(field[1], NO_GOAL) == 0;
	if (none ? state != FSM_SEAT_NONE
		 : state == FSM_SEAT_NONE || number == 0 || !is_goal(field[1]))
		return false;
	if (count == 4 && (!is_goal(field[3]) || strchr(field[3], ' ')))
		return false;
	seat->number = number;
	seat->state = state;
	text_ascii(seat->goal, sizeof seat->goal, none ? "" : field[1]);
	text_ascii(seat->wanted, sizeof seat->wanted, count == 4 ? field[3] : "");
	return true;
}

/* START TARGET [resumed] [over] */
static bool take_rollout(struct fsm_fleet *fleet, const char *value)
{
	struct fsm_setting copy;
	char *field[FIELDS];
	unsigned count = split(value, &copy, 4, field), at = 2;
	int64_t start = count >= 2 ? number_of(field[0], FSM_NUMBER_MAX) : -1;
	bool resumed = at < count && strcmp(field[at], "resumed") == 0 && ++at;
	bool over = at < count && strcmp(field[at], "over") == 0 && ++at;

	if (start < 0 || !is_goal(field[1]) || at != count)
		return false;
	fleet->start = start;
	fleet->resumed = resumed;
	fleet->over = over;
	text_ascii(fleet->goal, sizeof fleet->goal, field[1]);
	return true;
}

static bool take_number(struct fsm_fleet *fleet, const char *value)
{
	int64_t number = number_of(value, FSM_NUMBER_MAX);

	if (number >= 0)
		fleet->number = number;
	return number >= 0;
}

void fsm_fleet_take(struct fsm_fleet *fleet, const char *key, const char *value)
{
	int64_t unit = strncmp(key, "turn-", 5) == 0 ? number_of(key + 5, UNIT_MAX) : -1;
	struct fsm_seat *seat = NULL;
	bool good = true;

	if (!*value)
		return;
	if (unit >= 0) {
		seat = fsm_fleet_seated(fleet, unit);
		good = seat && take_seat(seat, value);
	} else if (strcmp(key, "rollout") == 0) {
		good = take_rollout(fleet, value);
	} else if (strcmp(key, "number") == 0) {
		good = take_number(fleet, value);
	}
	if (seat && !good)
		*seat = (struct fsm_seat){ .unit = unit, .state = FSM_SEAT_GARBLED };
	if (!good)
		name_fault(fleet->fault, key, value);
}

static void write_seat(const struct fsm_seat *seat, struct fsm_setting *ret)
{
	fsm_turn_key(seat->unit, ret->key);
	if (seat->gone)
		return;
	(void)snprintf(ret->value, sizeof ret->value, "%" PRId64 " %s %s%s%s", seat->number,
		*seat->goal ? seat->goal : NO_GOAL, fsm_seat_state_name(seat->state),
		*seat->wanted ? " " : "", seat->wanted);
}

bool fsm_fleet_setting(const struct fsm_fleet *fleet, unsigned *at, struct fsm_setting *ret)
{
	memset(ret, 0, sizeof *ret);
	if (*at < 2 && !fleet->changed)
		*at = 2;
	if (*at == 0) {
		(void)snprintf(ret->key, sizeof ret->key, "number");
		(void)snprintf(ret->value, sizeof ret->value, "%" PRId64, fleet->number);
	} else if (*at == 1) {
		(void)snprintf(ret->key, sizeof ret->key, "rollout");
		if (*fleet->goal)
			(void)snprintf(ret->value, sizeof ret->value, "%" PRId64 " %s%s%s",
				fleet->start, fleet->goal, fleet->resumed ? " resumed" : "",
				fleet->over ? " over" : "");
	} else {
		while (*at - 2 < fleet->count && !fleet->seats[*at - 2].changed)
			++*at;
		if (*at - 2 >= fleet->count)
			return false;
		write_seat(&fleet->seats[*at - 2], ret);
	}
	++*at;
	return true;
}
