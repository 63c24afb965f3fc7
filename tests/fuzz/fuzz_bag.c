/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bags of the peer relation with anything in them: never a turn that was not given, never more turns
 * than the width, and what is written can be read. An input is lines: `a KEY=VALUE` for the
 * application's bag, `0 KEY=VALUE` and so on for a unit's, `o` for the action resume-rollout, `s 3` with
 * skip=, `w 2` for the width.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "fsm/rollout.h"
#include "tests/fuzz/fuzz.h"

enum {
	UNITS = 6,
	SEATS = 8
};

struct world {
	struct fsm_seat seats[SEATS];
	struct fsm_fleet fleet;
	struct fsm_note notes[UNITS];
	struct fsm_member members[UNITS];
	struct fsm_lead lead;
};

static void take_line(struct world *world, char *line)
{
	char *key = line[0] && line[1] == ' ' ? line + 2 : line;
	char *value = strchr(key, '=');

	if (line[0] == 'o')
		world->lead.resume = true;
	if (line[0] == 's')
		world->lead.skip = atoi(key);
	if (line[0] == 'w')
		world->lead.width = atoi(key);
	if (!value)
		return;
	*value++ = '\0';
	if (line[0] == 'a')
		fsm_fleet_take(&world->fleet, key, value);
	else if (line[0] >= '0' && line[0] < '0' + UNITS)
		fsm_note_take(&world->notes[line[0] - '0'], key, value);
}

static unsigned counted(const struct fsm_fleet *fleet)
{
	unsigned ret = 0;

	for (unsigned i = 0; i < fleet->count; i++)
		ret += fsm_seat_row(fleet->seats[i].state)->counts;
	return ret;
}

/* No unit makes a turn of a bag with a fault in its turn, or of a number that it has returned. */
static void check_unit(const struct world *world, unsigned unit)
{
	const struct fsm_seat *seat = fsm_fleet_seat(&world->fleet, unit);
	struct fsm_ticket ticket = { .wide = unit & 1 };
	struct fsm_stand stand = { .unit = unit,
		.width = 1,
		.wish = "latest/beta",
		.kind = FSM_STAND_MOVES,
		.serves = true,
		.why = "x",
		.fleet = &world->fleet,
		.note = &world->notes[unit] };
	struct fsm_setting settings[2];
	struct fsm_note again;
	struct fsm_leave leave;

	fsm_ticket_step(&ticket, &stand, &leave);
	if (leave.may) {
		FUZZ_CHECK(seat && seat->state != FSM_SEAT_GARBLED && seat->number > 0);
		FUZZ_CHECK(seat->number > stand.note->number && !*stand.note->fault);
		FUZZ_CHECK(strcmp(seat->goal, stand.wish) == 0);
	}
	fsm_note_settings(&leave.note, settings);
	fsm_note_init(&again);
	fsm_note_take(&again, settings[0].key, settings[0].value);
	fsm_note_take(&again, settings[1].key, settings[1].value);
	FUZZ_CHECK(memcmp(&again, &leave.note, sizeof again) == 0);
}

static void check_leader(struct world *world)
{
	struct fsm_fleet *fleet = &world->fleet, again;
	struct fsm_seat seats[SEATS];
	struct fsm_setting setting;
	struct fsm_rollout rollout;
	char words[91];
	unsigned before = counted(fleet), at = 0;
	int64_t number = fleet->number;
	bool fault = *fleet->fault;

	fsm_fleet_lead(fleet, &world->lead, &rollout);
	fsm_rollout_words(fleet, &rollout, "app", words, sizeof words);
	fuzz_check_ascii(words, sizeof words - 1);
	FUZZ_CHECK(counted(fleet) <= before || counted(fleet) <= (unsigned)world->lead.width ||
		   world->lead.width < 0);
	FUZZ_CHECK(
		!fault || world->lead.resume || world->lead.width <= 0 || fleet->number == number);
	FUZZ_CHECK(fleet->number >= number);
	FUZZ_CHECK(rollout.kind == FSM_ROLLOUT_FAULT || world->lead.width <= 0 ||
		   fleet->number >= fleet->start);
	fsm_fleet_init(&again, seats, SEATS);
	while (fsm_fleet_setting(fleet, &at, &setting))
		fsm_fleet_take(&again, setting.key, setting.value);
	FUZZ_CHECK(!*again.fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = alloc_new(1, size + 1), *rest = text, *line;
	struct world *world = alloc_new(1, sizeof *world);

	memcpy(text, data, size);
	fsm_fleet_init(&world->fleet, world->seats, SEATS);
	world->lead = (struct fsm_lead){ .members = world->members,
		.count = UNITS,
		.wish = "latest/beta",
		.width = 1,
		.skip = FSM_NO_UNIT };
	for (unsigned i = 0; i < UNITS; i++) {
		fsm_note_init(&world->notes[i]);
		world->members[i] = (struct fsm_member){ i, false, true, &world->notes[i] };
	}
	while ((line = strsep(&rest, "\n")))
		take_line(world, line);
	for (unsigned i = 0; i < UNITS; i++)
		check_unit(world, i);
	check_leader(world);
	free(world);
	free(text);
	return 0;
}
