/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several units on one machine: who may move the snap, who takes it along, what each says of itself;
 * and all that two applications can do to each other within a few turns.
 */
#include "fsm/rules.h"
#include "tests/fsm_kit.h"

#define OTHER "other/0"

/* The unit of a look with one other unit on the machine. */
static struct fsm_facts beside(struct fsm_facts facts, const struct fsm_entry *other)
{
	facts.others = other;
	facts.others_count = 1;
	return facts;
}

static struct fsm_entry entry(const char *channel, int64_t revision)
{
	struct fsm_entry ret = { .unit = OTHER, .target = fsm_target_of(channel) };

	ret.target.revision = revision;
	return ret;
}

/* --- who may move the snap --- */

/* clang-format off */
static const struct {
	const char *channel; /* what the other one wants ... */
	int64_t revision;
	const char *to;      /* ... and where the snap would go */
	int64_t to_revision;
	bool would_have;
} places[] = {
	{ EDGE, 0, EDGE, 0, true },  { EDGE, 0, EDGE, 5, true },  { EDGE, 0, BETA, 0, false },
	{ EDGE, 5, EDGE, 5, true },  { EDGE, 5, EDGE, 0, false }, { EDGE, 5, EDGE, 6, false },
	{ EDGE, 5, BETA, 5, false }, { "",   0, EDGE, 0, true },  { "",   0, BETA, 3, true },
	/* a revision from a file is of no channel */
	{ "",   3, "",   3, true },  { "",   3, EDGE, 3, true },  { "",   3, EDGE, 0, false },
	{ "",   3, "",   4, false }, { EDGE, 0, "",   3, false }, { EDGE, 3, "",   3, false },
};
/* clang-format on */

START_TEST(target_of_another_application_is_respected)
{
	struct fsm_entry other = entry(places[_i].channel, places[_i].revision);
	struct fsm_target to = fsm_target_of(places[_i].to);
	struct fsm_facts facts = beside(kit_facts(), &other);

	to.revision = places[_i].to_revision;
	ck_assert_int_eq(!fsm_rival(&facts, &to), places[_i].would_have);
	other.unknown = true;
	ck_assert_ptr_eq(fsm_rival(&facts, &to), &other);
	other.yields = true;
	ck_assert_ptr_null(fsm_rival(&facts, &to));
	other.yields = false;
	other.kin = true;
	ck_assert_ptr_null(fsm_rival(&facts, &to));
}
END_TEST

START_TEST(rival_is_found_wherever_it_stands)
{
	struct fsm_entry others[3] = { entry(EDGE, 0), entry(EDGE, 0), entry(EDGE, 0) };
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);

	facts.others = others;
	facts.others_count = COUNT(others);
	ck_assert_ptr_null(fsm_rival(&facts, &facts.wanted));
	others[_i].target = fsm_target_of(BETA);
	ck_assert_ptr_eq(fsm_rival(&facts, &facts.wanted), &others[_i]);
}
END_TEST

/* Moving and installing; before the port, and whatever was tried before. */
START_TEST(unit_that_would_have_to_move_the_snap_is_blocked)
{
	struct fsm_facts needs = kit_needs(_i ? FSM_OP_REFRESH : FSM_OP_INSTALL);
	struct fsm_entry other = entry(BETA, 0);
	struct fsm_facts facts = beside(needs, &other);
	struct fsm_record record = { .port = FSM_PORT_TAKEN };
	struct fsm_turn turn = kit_turn(&record, &facts);

	ck_assert_int_eq(turn.event, FSM_EVENT_OPPOSED);
	ck_assert_int_eq(turn.effect, FSM_DO_NOTHING);
	ck_assert_int_eq(turn.status.status, FSM_STATUS_BLOCKED);
	ck_assert_str_eq(
		turn.status.message, "other/0 on this machine wants 'beta'; set the same channel");
	ck_assert(turn.entry.yields);
	other = entry(EDGE, 5);
	turn = kit_turn(&record, &facts);
	ck_assert_str_eq(turn.status.message,
		"other/0 on this machine wants 'edge' revision 5; set the same");
	other = entry("", 5);
	turn = kit_turn(&record, &facts);
	ck_assert_str_eq(
		turn.status.message, "other/0 on this machine wants revision 5 of its resource");
	other.unknown = true;
	turn = kit_turn(&record, &facts);
	ck_assert_str_eq(
		turn.status.message, "other/0 on this machine has not said which channel it wants");
	other.yields = true;
	record.port = FSM_PORT_OPEN;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.effect, _i ? FSM_DO_REFRESH : FSM_DO_INSTALL);
	ck_assert(!turn.entry.yields);
}
END_TEST

START_TEST(unit_whose_snap_is_in_place_is_ready_whatever_others_want)
{
	struct fsm_entry other = entry(BETA, 0);
	struct fsm_facts facts = beside(kit_facts(), &other);
	struct fsm_record record = { .ours = true };
	struct fsm_turn turn = kit_turn(&record, &facts);
	struct fsm_entry said;

	ck_assert_int_eq(turn.event, FSM_EVENT_SETTLED);
	/* It came later: the other one may be about to move the snap. */
	ck_assert(turn.entry.yields);
	said = turn.entry;
	facts.own = &said;
	ck_assert(kit_turn(&record, &facts).entry.yields);
	other.yields = true;
	turn = kit_turn(&record, &facts);
	ck_assert(!turn.entry.yields);
	said = turn.entry;
	other.yields = false;
	ck_assert(!kit_turn(&record, &facts).entry.yields);
	said.target = fsm_target_of(BETA); /* what it wants is new */
	ck_assert(kit_turn(&record, &facts).entry.yields);
}
END_TEST

/* The request that ended is over, and rests nobody later. */
START_TEST(request_that_ended_is_forgotten_where_another_wants_the_snap)
{
	struct fsm_entry other = entry(BETA, 0);
	struct fsm_facts facts = beside(kit_needs(FSM_OP_REFRESH), &other);
	struct fsm_record record = { .intent = { .op = FSM_OP_REFRESH,
					     .target.channel = EDGE,
					     .phase = FSM_PHASE_KNOWN,
					     .change = CHANGE } };

	facts.fate = FSM_FATE_FAILED;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_OPPOSED);
	ck_assert_int_eq(record.intent.op, FSM_OP_NONE);
}
END_TEST

START_TEST(long_names_leave_room_for_what_is_wanted)
{
	char name[FSM_UNIT_SIZE], long_channel[CHANNEL_SIZE];
	struct fsm_entry other;
	struct fsm_facts facts = beside(kit_needs(FSM_OP_REFRESH), &other);
	struct fsm_record record = { .ours = true };
	struct fsm_turn turn;

	memset(name, 'a', sizeof name);
	strcpy(name + sizeof name - 3, "/0");
	memset(long_channel, 'b', sizeof long_channel - 1);
	long_channel[sizeof long_channel - 1] = '\0';
	other = entry(_i ? long_channel : BETA, _i > 1 ? INT64_C(1) << 61 : 0);
	strcpy(other.unit, name);
	turn = kit_turn(&record, &facts);
	ck_assert_msg(strncmp(turn.status.message, "aaaaaaaa", 8) == 0, "%s", turn.status.message);
	ck_assert_msg(
		strstr(turn.status.message, _i ? "wants 'bbbbbbbbbbbbbbbbbbbbbbbb'"
					       : "wants 'beta'; set the same channel") != NULL,
		"%s", turn.status.message);
}
END_TEST

/* --- what a unit says of itself --- */

START_TEST(unit_says_what_it_wants)
{
	struct fsm_facts facts = kit_facts();
	struct fsm_record record = { .ours = true };
	struct fsm_turn turn;

	facts.wanted.revision = 7;
	facts.hold_wanted = true;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.listing, FSM_LISTING_ENTERED);
	ck_assert(fsm_target_same(&turn.entry.target, &facts.wanted));
	ck_assert(turn.entry.holds);
}
END_TEST

/* What is blocked and not where it wants to be wants nothing that counts. */
START_TEST(blocked_unit_yields_unless_the_snap_is_where_it_wants_it)
{
	struct fsm_facts facts = kit_needs(FSM_OP_REFRESH);
	struct fsm_record record = { .failure = { .class = FSM_CLASS_FINAL,
					     .op = FSM_OP_REFRESH,
					     .target.channel = EDGE,
					     .reason = FSM_REASON_CHANNEL_MISSING,
					     .answered = NOW - 7 * HOUR,
					     .since = NOW - 7 * HOUR,
					     .next_try = NOW + 1 } };
	struct fsm_turn turn = kit_turn(&record, &facts);

	ck_assert_int_eq(turn.event, FSM_EVENT_REFUSED);
	ck_assert(turn.entry.yields);
	facts = kit_facts();
	facts.service_down = "daemon";
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, FSM_EVENT_DOWN);
	ck_assert(!turn.entry.yields);
}
END_TEST

/* Where nothing can be seen of the snap, what was said before stays, and a new unit does not push in. */
START_TEST(what_was_said_stays_while_nothing_is_seen)
{
	struct fsm_entry said = entry(EDGE, 0), other = entry(BETA, 0);
	struct fsm_facts facts = beside(_i % 2 ? kit_away() : kit_facts(), &other);
	struct fsm_record record = { .state = FSM_STATE_BLOCKED };

	if (_i % 2 == 0)
		facts.flight = FSM_FLIGHT_FOREIGN;
	if (_i < 2) {
		ck_assert(kit_turn(&record, &facts).entry.yields);
		other.yields = true;
		ck_assert(!kit_turn(&record, &facts).entry.yields);
		return;
	}
	other.yields = true;
	facts.own = &said;
	said.yields = true;
	ck_assert(kit_turn(&record, &facts).entry.yields);
	said.yields = false;
	ck_assert(!kit_turn(&record, &facts).entry.yields);
}
END_TEST

START_TEST(bad_option_leaves_what_was_said)
{
	struct fsm_entry said = entry(BETA, 3);
	struct fsm_facts facts = kit_bad_option();
	struct fsm_record record = { .state = FSM_STATE_ACTIVE };
	struct fsm_turn turn = kit_turn(&record, &facts);

	ck_assert_int_eq(turn.listing, FSM_LISTING_ENTERED);
	ck_assert_str_eq(turn.entry.target.channel, "");
	said.holds = true;
	facts.own = &said;
	turn = kit_turn(&record, &facts);
	ck_assert(fsm_target_same(&turn.entry.target, &said.target));
	ck_assert(turn.entry.holds && !turn.entry.yields);
}
END_TEST

/* --- who takes the snap along --- */

START_TEST(snap_that_another_unit_uses_stays)
{
	struct fsm_facts looks[] = { kit_away(), kit_facts(), kit_facts() };
	struct fsm_entry other = entry(_i ? EDGE : BETA, 0);
	struct fsm_facts facts = beside(looks[_i], &other);
	struct fsm_record record = { .ours = true, .marked = true };
	struct fsm_turn turn;

	other.yields = _i == 1;
	other.kin = _i == 2;
	facts.hook = FSM_HOOK_REMOVE;
	facts.marker = FSM_MARKER_OURS;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, FSM_EVENT_RETIRED);
	ck_assert_int_eq(turn.effect, FSM_DO_NOTHING);
	ck_assert_int_eq(turn.listing, FSM_LISTING_LEFT);
	ck_assert(fsm_may_end(&record, turn.event));
	ck_assert_str_eq(
		turn.status.message, "Leaving microsample snap: other/0 on this machine uses it");
}
END_TEST

START_TEST(last_unit_takes_the_snap_along_and_leaves_when_it_is_gone)
{
	struct fsm_facts facts = kit_needs(FSM_OP_REMOVE);
	struct fsm_record record = { .marked = true, .ours = true };
	struct fsm_turn turn = kit_turn(&record, &facts);

	ck_assert_int_eq(turn.effect, FSM_DO_REMOVE);
	ck_assert_int_eq(turn.listing, FSM_LISTING_AS_IS);
	(void)kit_accept(&record, &turn);
	facts.flight = FSM_FLIGHT_OURS;
	facts.fate = FSM_FATE_RUNNING;
	facts.pace = (struct fsm_pace){ .change = CHANGE, .way = FSM_WAY_UNDOES, .since = NOW };
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.listing, FSM_LISTING_AS_IS);
	facts = kit_bare();
	facts.hook = FSM_HOOK_REMOVE;
	facts.fate = FSM_FATE_DONE;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, FSM_EVENT_RETIRED);
	ck_assert_int_eq(turn.listing, FSM_LISTING_LEFT);
	ck_assert_str_eq(record.detail, "");
}
END_TEST

/* Its own removal may still land, or has failed: what came in between decides. */
START_TEST(unit_that_comes_while_the_last_one_goes_keeps_the_snap)
{
	struct fsm_entry other = entry(EDGE, 0);
	struct fsm_facts facts = beside(kit_needs(FSM_OP_REMOVE), &other);
	struct fsm_record record = { .marked = true,
		.ours = true,
		.intent = { .op = FSM_OP_REMOVE, .phase = FSM_PHASE_ASKED } };

	facts.marker = FSM_MARKER_OURS;
	facts.age = 0;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_UNSURE);
	record.intent.phase = FSM_PHASE_KNOWN;
	record.intent.change = CHANGE;
	facts.fate = FSM_FATE_FAILED;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_RETIRED);
}
END_TEST

/* --- holds --- */

START_TEST(hold_that_another_unit_wants_is_not_lifted)
{
	struct fsm_entry other = entry(EDGE, 0);
	struct fsm_facts facts = beside(kit_needs(FSM_OP_UNHOLD), &other);
	struct fsm_record record = kit_owner(FSM_OP_UNHOLD);

	other.holds = true;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
	other.yields = true;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_TIED);
	other.yields = other.holds = false;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_TIED);
}
END_TEST

/* With its snap it would go; with one that stays it is lifted first, as one that is nobody's else. */
START_TEST(unit_that_leaves_the_snap_to_another_lifts_its_hold)
{
	struct fsm_entry other = entry(EDGE, 0);
	struct fsm_facts facts = beside(kit_needs(FSM_OP_UNHOLD), &other);
	struct fsm_record record = kit_owner(FSM_OP_UNHOLD);
	struct fsm_turn turn;

	other.holds = _i;
	facts.hook = FSM_HOOK_REMOVE;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, FSM_EVENT_RELEASING);
	ck_assert_int_eq(turn.effect, FSM_DO_UNHOLD);
	ck_assert_int_eq(turn.listing, FSM_LISTING_AS_IS);
	ck_assert_str_eq(turn.status.message, "Lifting the hold of microsample snap");
	(void)kit_accept(&record, &turn);
	facts.fate = FSM_FATE_DONE;
	facts.hold = "";
	facts.hold_until = 0;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, FSM_EVENT_RETIRED);
}
END_TEST

/* What was lifted in vain counts: the unit waits, and is not gone. */
START_TEST(hold_that_could_not_be_lifted_is_tried_again)
{
	struct fsm_entry other = entry(EDGE, 0);
	struct fsm_facts facts = beside(kit_needs(FSM_OP_UNHOLD), &other);
	struct fsm_record record = kit_owner(FSM_OP_UNHOLD);
	struct fsm_turn turn;

	facts.hook = FSM_HOOK_REMOVE;
	turn = kit_turn(&record, &facts);
	(void)kit_accept(&record, &turn);
	facts.fate = FSM_FATE_FAILED;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_FAILED);
	ck_assert_int_eq(record.failure.op, FSM_OP_UNHOLD);
}
END_TEST

/* --- a register that cannot be used --- */

START_TEST(nothing_is_asked_without_the_register)
{
	enum fsm_op op = (enum fsm_op)_i;
	struct fsm_facts facts = kit_needs(op);
	struct fsm_record record = kit_owner(op);
	struct fsm_turn turn;

	facts.unlisted = "/var/lib/microsample-vm: No space left on device";
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.effect, FSM_DO_NOTHING);
	ck_assert_int_eq(turn.listing, op == FSM_OP_REMOVE ? FSM_LISTING_LEFT : FSM_LISTING_AS_IS);
	if (op == FSM_OP_REMOVE) {
		ck_assert_int_eq(turn.event, FSM_EVENT_RETIRED);
		ck_assert_str_eq(turn.status.message,
			"Leaving microsample snap: who else uses it cannot be read");
		return;
	}
	ck_assert_int_eq(turn.event, FSM_EVENT_RESTING);
	ck_assert_int_eq(turn.status.status, FSM_STATUS_WAITING);
	ck_assert_ptr_eq(strstr(turn.status.message, "Waiting for the register of units: "),
		turn.status.message);
	ck_assert_ptr_nonnull(strstr(turn.status.message, "No space left on device"));
}
END_TEST

START_TEST(unit_goes_without_the_register_and_without_snapd)
{
	struct fsm_facts facts = kit_away();
	struct fsm_record record = { .marked = true, .ours = true };

	facts.hook = FSM_HOOK_REMOVE;
	facts.unlisted = "?";
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_RETIRED);
}
END_TEST

/* --- orders, and the way back --- */

START_TEST(order_that_is_kept_waits_while_another_unit_would_not_have_it)
{
	static const enum fsm_order orders[] = { FSM_ORDER_REFRESH, FSM_ORDER_REVERT,
		FSM_ORDER_RESTART };
	struct fsm_entry other = entry(EDGE, 7);
	struct fsm_facts facts = beside(kit_facts(), &other);
	struct fsm_record record = { .ours = true, .order = { orders[_i], NOW, BACK } };
	bool moves = orders[_i] != FSM_ORDER_RESTART;

	ck_assert_int_eq(kit_look(&record, &facts), moves ? FSM_EVENT_SETTLED : FSM_EVENT_ORDERED);
	other.target.revision = orders[_i] == FSM_ORDER_REVERT ? BACK : 0;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_ORDERED);
}
END_TEST

START_TEST(refresh_is_not_rolled_back_under_another_application)
{
	struct fsm_entry other = entry(EDGE, 0);
	struct fsm_facts facts = beside(kit_facts(), &other);
	struct fsm_record record = { .ours = true,
		.probation = { .revision = "7",
			.before = { BETA, 3 },
			.well = true,
			.since = 990,
			.boot = "boot" } };

	facts.rollback = true;
	facts.service_down = "daemon";
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_DOWN);
	other.kin = true;
	ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SPOILT);
}
END_TEST

/* --- two applications, all that they can do --- */

enum {
	UNITS = 2,
	WANTS = 5,
	STEPS = 5
};

/* Two units of two applications, and the snap between them. */
struct machine {
	struct fsm_record records[UNITS];
	struct fsm_entry entries[UNITS];
	bool entered[UNITS];
	int wants[UNITS];
	const char *tracking;
	int64_t revision;
	bool present;
};

static const struct fsm_target wishes[WANTS] = { { EDGE, 0 }, { BETA, 0 }, { EDGE, 1 }, { EDGE, 2 },
	{ BETA, 2 } };

static bool is_there(const struct machine *machine, int unit)
{
	const struct fsm_target *wish = &wishes[machine->wants[unit]];

	return machine->present && strcmp(machine->tracking, wish->channel) == 0 &&
	       (wish->revision == 0 || wish->revision == machine->revision);
}

/* A whole hook of UNIT; snapd does at once what it is asked. */
static struct fsm_turn hook(struct machine *machine, int unit)
{
	struct fsm_record *record = &machine->records[unit];
	struct fsm_facts facts = machine->present ? kit_facts() : kit_bare();
	const struct fsm_target *wish = &wishes[machine->wants[unit]];
	char revision[2] = { (char)('0' + machine->revision), '\0' };
	int other = 1 - unit;
	struct fsm_turn turn;

	facts.wanted = *wish;
	if (machine->present) {
		facts.tracking = machine->tracking;
		facts.revision = revision;
	}
	facts.own = machine->entered[unit] ? &machine->entries[unit] : NULL;
	facts.others = &machine->entries[other];
	facts.others_count = machine->entered[other];
	turn = kit_turn(record, &facts);
	ck_assert_int_eq(turn.listing, FSM_LISTING_ENTERED);
	machine->entries[unit] = turn.entry;
	machine->entered[unit] = true;
	if (turn.effect != FSM_DO_NOTHING) {
		/* The promise, in terms of the world: what the other one has is not moved away. */
		ck_assert_msg(turn.effect == FSM_DO_REFRESH || turn.effect == FSM_DO_INSTALL,
			"effect %d", turn.effect);
		machine->present = true;
		machine->tracking = wish->channel;
		machine->revision = wish->revision ? wish->revision : 2;
		record->intent = (struct fsm_intent){ .op = FSM_OP_NONE };
		record->failure = (struct fsm_failure){ .class = FSM_CLASS_NONE };
		record->drift = (struct fsm_drift){ .times = 0 };
	}
	return turn;
}

/* The other unit's snap was where it wants it, and it has said so. */
static bool uses(const struct machine *machine, int unit)
{
	return machine->entered[unit] && is_there(machine, unit) &&
	       fsm_target_same(&machine->entries[unit].target, &wishes[machine->wants[unit]]) &&
	       !machine->entries[unit].yields;
}

static void explore(const struct machine *machine, int steps)
{
	for (int unit = 0; unit < UNITS; unit++) {
		struct machine next = *machine;
		bool used = uses(machine, 1 - unit);
		struct fsm_turn turn = hook(&next, unit);

		ck_assert_msg(!used || is_there(&next, 1 - unit), "the snap was moved away");
		ck_assert_msg(next.records[0].reason != FSM_REASON_RIVAL ||
				      next.records[1].reason != FSM_REASON_RIVAL ||
				      !is_there(&next, 0) || !is_there(&next, 1),
			"nobody is blocked where both have what they want");
		ck_assert_msg(
			turn.event != FSM_EVENT_OPPOSED || next.entered[1 - unit], "by whom?");
		/* One of the two has its way, as soon as both have had a hook. */
		for (int i = 0; i < 2; i++)
			(void)hook(&next, i);
		ck_assert_msg(is_there(&next, 0) || is_there(&next, 1), "neither goes on");
		next = *machine;
		(void)hook(&next, unit);
		if (steps > 0)
			explore(&next, steps - 1);
		for (int want = 0; steps > 0 && want < WANTS; want++) {
			struct machine other = next;

			other.wants[unit] = want;
			explore(&other, steps - 2);
		}
	}
}

START_TEST(of_two_applications_one_goes_on)
{
	struct machine machine = { .tracking = EDGE, .revision = 1 };

	machine.present = _i >= WANTS * WANTS;
	machine.wants[0] = _i % WANTS;
	machine.wants[1] = _i / WANTS % WANTS;
	explore(&machine, STEPS);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("shared");

	tcase_add_loop_test(tests, target_of_another_application_is_respected, 0, COUNT(places));
	tcase_add_loop_test(tests, rival_is_found_wherever_it_stands, 0, 3);
	tcase_add_loop_test(tests, unit_that_would_have_to_move_the_snap_is_blocked, 0, 2);
	tcase_add_test(tests, unit_whose_snap_is_in_place_is_ready_whatever_others_want);
	tcase_add_test(tests, request_that_ended_is_forgotten_where_another_wants_the_snap);
	tcase_add_loop_test(tests, long_names_leave_room_for_what_is_wanted, 0, 3);
	tcase_add_test(tests, unit_says_what_it_wants);
	tcase_add_test(tests, blocked_unit_yields_unless_the_snap_is_where_it_wants_it);
	tcase_add_loop_test(tests, what_was_said_stays_while_nothing_is_seen, 0, 4);
	tcase_add_test(tests, bad_option_leaves_what_was_said);
	tcase_add_loop_test(tests, snap_that_another_unit_uses_stays, 0, 3);
	tcase_add_test(tests, last_unit_takes_the_snap_along_and_leaves_when_it_is_gone);
	tcase_add_test(tests, unit_that_comes_while_the_last_one_goes_keeps_the_snap);
	tcase_add_test(tests, hold_that_another_unit_wants_is_not_lifted);
	tcase_add_loop_test(tests, unit_that_leaves_the_snap_to_another_lifts_its_hold, 0, 2);
	tcase_add_test(tests, hold_that_could_not_be_lifted_is_tried_again);
	tcase_add_loop_test(tests, nothing_is_asked_without_the_register, 1, FSM_OP_COUNT);
	tcase_add_test(tests, unit_goes_without_the_register_and_without_snapd);
	tcase_add_loop_test(
		tests, order_that_is_kept_waits_while_another_unit_would_not_have_it, 0, 3);
	tcase_add_test(tests, refresh_is_not_rolled_back_under_another_application);
	tcase_add_loop_test(tests, of_two_applications_one_goes_on, 0, 2 * WANTS * WANTS);
	return kit_run(tests, "shared");
}
