/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classification over the full product of fact values, against the order of precedence told a
 * second time in other words.
 */
#include "fsm/names.h"
#include "tests/fsm_kit.h"

enum {
	LONGEST = 6 * HOUR + 6 * HOUR / 5, /* the longest pause, spread included */
};

/* The values of each fact; what one of them looks like to the machine stands in build(). */
enum reach {
	AWAY,
	UNSEEDED,
	UP,
	REACHES
};
enum request { /* which an intent or a memory is about */
	NO_REQUEST,
	INSTALL_WANTED,
	INSTALL_OTHER,
	REFRESH_WANTED,
	REFRESH_OTHER,
	REMOVAL,
	REQUESTS
};
enum fate { /* of the intent */
	FRESH,
	AGED,
	RUNNING,
	DONE,
	EMPTY,
	FAILED,
	PRUNED,
	FATES
};
enum health {
	HEALTHY,
	DISABLED,
	BROKEN,
	LOCAL,
	ALL_THREE,
	HEALTHS
};
enum due {
	DUE,
	PENDING,
	TOO_FAR, /* the clock was set back */
	DUES
};

struct situation {
	enum fsm_hook hook;
	bool first, valid;
	enum reach reach;
	enum fsm_flight flight;
	enum request intent;
	enum fate fate;
	bool present, tracks, serves, taken, ours, retired;
	enum health health;
	enum request memory;
	enum fsm_class class;
	enum due due;
};

/* The order of precedence, told again: the first row that holds. */

static bool going(const struct situation *s)
{
	bool new_life = s->hook == FSM_HOOK_INSTALL || s->hook == FSM_HOOK_START;

	return s->hook == FSM_HOOK_REMOVE || (s->retired && !new_life);
}

static enum request needed(const struct situation *s)
{
	return going(s) ? REMOVAL : s->present ? REFRESH_WANTED : INSTALL_WANTED;
}

static bool misconfigured(const struct situation *s)
{
	return !going(s) && !s->valid;
}

static bool never_ours(const struct situation *s)
{
	return going(s) && !s->ours && s->intent == NO_REQUEST;
}

static bool unreachable(const struct situation *s)
{
	return s->reach != UP;
}

static bool busy(const struct situation *s)
{
	return s->flight != FSM_FLIGHT_NONE;
}

static bool unsure(const struct situation *s)
{
	return s->intent != NO_REQUEST && s->fate == FRESH;
}

static bool retired(const struct situation *s)
{
	return going(s) && (!s->present || !s->ours);
}

static bool unfit(const struct situation *s)
{
	return !going(s) && s->present && s->health != HEALTHY;
}

/* The unit that has the port serves from this snap, and may move it; this one may not. */
static bool another_units(const struct situation *s)
{
	return s->taken && !s->ours;
}

static bool down(const struct situation *s)
{
	return !going(s) && s->present &&
	       (another_units(s) || (s->tracks && (!s->serves || s->taken)));
}

static bool settled(const struct situation *s)
{
	return !going(s) && s->present && s->tracks && s->serves && !s->taken;
}

static bool failed(const struct situation *s)
{
	return s->intent == needed(s) && (s->fate == AGED || s->fate == EMPTY || s->fate == FAILED);
}

static bool rests(const struct situation *s)
{
	return s->class != FSM_CLASS_NONE && s->memory == needed(s) && s->due == PENDING;
}

static bool refused(const struct situation *s)
{
	bool by_hand = s->first &&
		       (s->hook == FSM_HOOK_CONFIG_CHANGED || s->hook == FSM_HOOK_UPGRADE_CHARM);

	return !going(s) && rests(s) && s->class == FSM_CLASS_OPERATOR && !by_hand;
}

static bool resting(const struct situation *s)
{
	return (rests(s) && (going(s) || s->class != FSM_CLASS_OPERATOR)) ||
	       (!going(s) && s->hook == FSM_HOOK_STOP);
}

static bool retiring(const struct situation *s)
{
	return going(s);
}

static bool absent(const struct situation *s)
{
	return !s->present;
}

static bool astray(const struct situation *s)
{
	return s->present;
}

static const struct {
	enum fsm_event event;
	bool (*holds)(const struct situation *s);
} precedence[] = {
	{ FSM_EVENT_MISCONFIGURED, misconfigured },
	{ FSM_EVENT_RETIRED, never_ours },
	{ FSM_EVENT_UNREACHABLE, unreachable },
	{ FSM_EVENT_BUSY, busy },
	{ FSM_EVENT_UNSURE, unsure },
	{ FSM_EVENT_RETIRED, retired },
	{ FSM_EVENT_UNFIT, unfit },
	{ FSM_EVENT_DOWN, down },
	{ FSM_EVENT_SETTLED, settled },
	{ FSM_EVENT_FAILED, failed },
	{ FSM_EVENT_REFUSED, refused },
	{ FSM_EVENT_RESTING, resting },
	{ FSM_EVENT_RETIRING, retiring },
	{ FSM_EVENT_ABSENT, absent },
	{ FSM_EVENT_ASTRAY, astray },
};

static enum fsm_event expected(const struct situation *s)
{
	int row = 0;

	while (!precedence[row].holds(s))
		row++;
	return precedence[row].event;
}

/* A situation as the machine sees it. */

static const struct {
	enum fsm_op op;
	const char *channel;
} requests[REQUESTS] = {
	[NO_REQUEST] = { FSM_OP_NONE, "" },
	[INSTALL_WANTED] = { FSM_OP_INSTALL, EDGE },
	[INSTALL_OTHER] = { FSM_OP_INSTALL, BETA },
	[REFRESH_WANTED] = { FSM_OP_REFRESH, EDGE },
	[REFRESH_OTHER] = { FSM_OP_REFRESH, BETA },
	[REMOVAL] = { FSM_OP_REMOVE, "" },
};

static const enum fsm_fate fates[FATES] = {
	[FRESH] = FSM_FATE_NONE,
	[AGED] = FSM_FATE_NONE,
	[RUNNING] = FSM_FATE_RUNNING,
	[DONE] = FSM_FATE_DONE,
	[EMPTY] = FSM_FATE_EMPTY,
	[FAILED] = FSM_FATE_FAILED,
	[PRUNED] = FSM_FATE_PRUNED,
};

static const int64_t next_tries[DUES] = {
	[DUE] = NOW,
	[PENDING] = NOW + 1,
	[TOO_FAR] = NOW + LONGEST + 1,
};

static void build_intent(
	const struct situation *s, struct fsm_record *record, struct fsm_facts *facts)
{
	bool asked = s->fate == FRESH || s->fate == AGED;

	record->intent = (struct fsm_intent){ .op = requests[s->intent].op };
	strcpy(record->intent.channel, requests[s->intent].channel);
	facts->fate = FSM_FATE_NONE;
	facts->age = INT64_MAX;
	if (s->intent == NO_REQUEST)
		return;
	record->intent.phase = asked ? FSM_PHASE_ASKED : FSM_PHASE_KNOWN;
	record->intent.change = asked ? 0 : 41;
	facts->fate = fates[s->fate];
	facts->age = s->fate == FRESH ? FSM_PATIENCE - 1 : FSM_PATIENCE;
}

static void build(const struct situation *s, struct fsm_record *record, struct fsm_facts *facts)
{
	*facts = kit_facts();
	facts->hook = s->hook;
	facts->first = s->first;
	facts->option_valid = s->valid;
	facts->wanted = s->valid ? EDGE : "";
	facts->reachable = s->reach != AWAY;
	facts->seeded = s->reach == UP;
	facts->flight = s->flight;
	facts->present = s->present;
	facts->active = s->present && s->health != DISABLED && s->health != ALL_THREE;
	facts->broken = s->present && (s->health == BROKEN || s->health == ALL_THREE);
	facts->local = s->present && (s->health == LOCAL || s->health == ALL_THREE);
	facts->tracking = !s->present ? "" : s->tracks ? EDGE : BETA;
	facts->service_down = s->present && !s->serves ? "microsample" : "";
	record->port = s->taken ? FSM_PORT_TAKEN : FSM_PORT_OPEN;
	record->ours = s->ours;
	record->retired = s->retired;
	build_intent(s, record, facts);
}

static unsigned long compared;

static void compare_memories(
	struct situation *s, struct fsm_record *record, const struct fsm_facts *facts)
{
	for (s->memory = 0; s->memory < REQUESTS; s->memory++) {
		record->memory.op = requests[s->memory].op;
		strcpy(record->memory.channel, requests[s->memory].channel);
		for (s->class = 0; s->class < FSM_CLASS_COUNT; s->class ++) {
			record->memory.class = s->class;
			for (s->due = 0; s->due < DUES; s->due++) {
				record->memory.next_try = next_tries[s->due];
				compared++;
				if (fsm_classify(record, facts) != expected(s))
					ck_assert_str_eq(
						fsm_event_name(fsm_classify(record, facts)),
						fsm_event_name(expected(s)));
			}
		}
	}
}

static void compare_intents(struct situation *s)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts;

	for (s->intent = 0; s->intent < REQUESTS; s->intent++) {
		for (s->fate = 0; s->fate < FATES; s->fate++) {
			build(s, &record, &facts);
			compare_memories(s, &record, &facts);
			if (s->intent == NO_REQUEST)
				break;
		}
	}
}

/* The bits of OWN are ours, retired, the first look, a valid option, a taken port. */
static void compare_snaps(struct situation *s, unsigned own)
{
	s->ours = own & 1;
	s->retired = own & 2;
	s->first = own & 4;
	s->valid = own & 8;
	s->taken = own & 16;
	s->present = s->tracks = s->serves = false;
	s->health = HEALTHY;
	compare_intents(s);
	s->present = true;
	for (s->health = 0; s->health < HEALTHS; s->health++) {
		for (unsigned bits = 0; bits < 4; bits++) {
			s->tracks = bits & 1;
			s->serves = bits & 2;
			compare_intents(s);
		}
	}
}

START_TEST(precedence_is_as_written_over_the_full_product)
{
	struct situation s = { .hook = (enum fsm_hook)_i };

	compared = 0;
	for (unsigned own = 0; own < 32; own++)
		for (s.reach = 0; s.reach < REACHES; s.reach++)
			for (s.flight = 0; s.flight < FSM_FLIGHT_COUNT; s.flight++)
				compare_snaps(&s, own);
	/* own, reach, flight, snap, intent, memory */
	ck_assert_uint_eq(compared, 32ul * 3 * 3 * 21 * 36 * (6 * 4 * 3));
}
END_TEST

/* The documents number the events by their precedence; what was never ours is the one exception. */
START_TEST(events_are_listed_in_their_precedence)
{
	unsigned listed = 0;

	for (int i = 0; i < COUNT(precedence); i++)
		if (precedence[i].holds != never_ours)
			ck_assert_uint_eq(precedence[i].event, listed++);
	ck_assert_uint_eq(listed, FSM_EVENT_COUNT);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("precedence");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(
		tests, precedence_is_as_written_over_the_full_product, 0, FSM_HOOK_COUNT);
	tcase_add_test(tests, events_are_listed_in_their_precedence);
	return kit_run(tests, "precedence");
}
