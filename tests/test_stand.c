/* SPDX-License-Identifier: Apache-2.0 */
/* How a unit stands for its turn: by the event of the look, and the three cases in which that is not all. */
#include "fsm/probation.h"
#include "fsm/stand.h"
#include "tests/fsm_kit.h"

/* The unit wants beta, its snap runs from edge and serves. */
static struct fsm_record record;
static struct fsm_facts facts;
static char why[FSM_WHY_SIZE];

static void set_up(void)
{
	record = (struct fsm_record){ .state = FSM_STATE_ACTIVE, .ours = true };
	record.target = fsm_target_of(EDGE);
	facts = kit_facts();
	facts.wanted = fsm_target_of(BETA);
	facts.serves = true;
}

static enum fsm_stand_kind stand(void)
{
	struct fsm_limits limits = { .boot = "boot", .unit = UNIT };

	return fsm_stand_of(&record, &facts, &limits, why);
}

static void arrive(void)
{
	facts.tracking = BETA;
}

static void intend(enum fsm_op op, enum fsm_phase phase)
{
	record.intent = (struct fsm_intent){
		.op = op, .phase = phase, .change = phase == FSM_PHASE_KNOWN ? CHANGE : 0
	};
	if (fsm_op_row(op)->channel)
		record.intent.target = fsm_target_of(BETA);
}

static void rest_for(enum fsm_reason reason)
{
	fsm_failure_count(&record, FSM_OP_REFRESH, &facts.wanted, NOW, UNIT);
	fsm_failure_note(&record, reason, "", NOW, UNIT);
}

static void roll_back(void)
{
	record.order =
		(struct fsm_given){ .kind = FSM_ORDER_ROLLBACK, .since = NOW, .revision = BACK };
	record.refused = (struct fsm_refused){ .bad = 7, .back = BACK };
	record.probation.before = fsm_target_of(EDGE);
}

/* What came by our refresh SINCE, in seconds since boot. */
static void try_out(int64_t since)
{
	struct fsm_probation *probation = &record.probation;

	arrive();
	strcpy(probation->revision, facts.revision);
	strcpy(probation->boot, facts.boot);
	probation->before = fsm_target_of(EDGE);
	probation->before.revision = BACK;
	probation->well = true;
	probation->since = since;
}

/* --- what makes each event, and how the unit stands then: told a second time ------------------------ */

static void misconfigured(void)
{
	facts.source = FSM_SOURCE_BAD;
}
static void unmended(void)
{
	record.state = FSM_STATE_BLOCKED;
	record.reason = FSM_REASON_DISABLED;
	record.target = facts.wanted;
	facts.reachable = false;
}
static void unreachable(void)
{
	facts.reachable = false;
}
static void busy(void)
{
	facts.flight = FSM_FLIGHT_FOREIGN;
}
static void standing(void)
{
	facts.flight = FSM_FLIGHT_FOREIGN;
	facts.pace =
		(struct fsm_pace){ .change = CHANGE, .way = FSM_WAY_DOES, .since = NOW - HOUR };
}
static void unsure(void)
{
	intend(FSM_OP_REFRESH, FSM_PHASE_ASKED);
	facts.age = 10;
}
static void retired(void)
{
	facts.hook = FSM_HOOK_REMOVE;
	record.ours = false;
}
static void unfit(void)
{
	facts.active = false;
}
static struct fsm_entry rival = { .unit = "other/0" };
static void opposed(void)
{
	rival.target = fsm_target_of(EDGE);
	facts.others = &rival;
	facts.others_count = 1;
}
static void down(void)
{
	arrive();
	facts.service_down = "daemon";
}
static void failed(void)
{
	intend(FSM_OP_REFRESH, FSM_PHASE_KNOWN);
	facts.fate = FSM_FATE_FAILED;
}
static void refused(void)
{
	rest_for(FSM_REASON_CHANNEL_MISSING);
}
static void resting(void)
{
	rest_for(FSM_REASON_STORE_TROUBLE);
}
static void retiring(void)
{
	facts.hook = FSM_HOOK_REMOVE;
}
static void releasing(void)
{
	facts.hook = FSM_HOOK_REMOVE;
	record.ours = false;
	record.hold = (struct fsm_hold){ .until = FOREVER, .held = true, .ours = true };
	facts.hold = FOREVER;
	facts.hold_until = FOREVER_UNTIL;
}
static void aborting(void)
{
	facts.order = FSM_ORDER_ABORT;
	facts.first = true;
	facts.flight = FSM_FLIGHT_FOREIGN;
}
static void spoilt(void)
{
	try_out(facts.uptime - 10);
	facts.rollback = true;
	facts.service_down = "daemon";
}
static void cooling(void)
{
	roll_back();
	record.probation.quiet = record.probation.since = facts.uptime;
}
static void ordered(void)
{
	record.order = (struct fsm_given){ .kind = FSM_ORDER_RESTART, .since = NOW };
}
static void loose(void)
{
	facts.hold_wanted = true;
}
static void tied(void)
{
	record.hold = (struct fsm_hold){ .until = FOREVER, .held = true, .ours = true };
	facts.hold = FOREVER;
	facts.hold_until = FOREVER_UNTIL;
}
static void queued(void)
{
	facts.queued = true;
}
static void supplied(void)
{
	kit_supply(&facts, 8);
}
static void absent(void)
{
	facts.present = facts.serves = false;
}
static void nothing(void)
{
}

/* clang-format off */
static const struct {
	enum fsm_event event;
	void (*make)(void);
	enum fsm_stand_kind stand;
} told[] = {
	{ FSM_EVENT_MISCONFIGURED, misconfigured, FSM_STAND_STUCK },
	{ FSM_EVENT_UNMENDED,      unmended,      FSM_STAND_UNKNOWN },
	{ FSM_EVENT_UNREACHABLE,   unreachable,   FSM_STAND_UNKNOWN },
	{ FSM_EVENT_BUSY,          busy,          FSM_STAND_AWAY },
	{ FSM_EVENT_STANDING,      standing,      FSM_STAND_AWAY },
	{ FSM_EVENT_UNSURE,        unsure,        FSM_STAND_AWAY },
	{ FSM_EVENT_RETIRED,       retired,       FSM_STAND_AWAY },
	{ FSM_EVENT_UNFIT,         unfit,         FSM_STAND_STUCK },
	{ FSM_EVENT_OPPOSED,       opposed,       FSM_STAND_STUCK },
	{ FSM_EVENT_DOWN,          down,          FSM_STAND_STUCK },
	{ FSM_EVENT_SETTLED,       arrive,        FSM_STAND_PLACED },
	{ FSM_EVENT_FAILED,        failed,        FSM_STAND_AWAY },
	{ FSM_EVENT_REFUSED,       refused,       FSM_STAND_STUCK },
	{ FSM_EVENT_RESTING,       resting,       FSM_STAND_LATER },
	{ FSM_EVENT_RETIRING,      retiring,      FSM_STAND_AWAY },
	{ FSM_EVENT_RELEASING,     releasing,     FSM_STAND_AWAY },
	{ FSM_EVENT_ABORTING,      aborting,      FSM_STAND_AWAY },
	{ FSM_EVENT_SPOILT,        spoilt,        FSM_STAND_AWAY },
	{ FSM_EVENT_COOLING,       cooling,       FSM_STAND_AWAY },
	{ FSM_EVENT_RETURNING,     roll_back,     FSM_STAND_AWAY },
	{ FSM_EVENT_ORDERED,       ordered,       FSM_STAND_AWAY },
	{ FSM_EVENT_LOOSE,         loose,         FSM_STAND_AWAY },
	{ FSM_EVENT_TIED,          tied,          FSM_STAND_AWAY },
	{ FSM_EVENT_QUEUED,        queued,        FSM_STAND_MOVES },
	{ FSM_EVENT_SUPPLIED,      supplied,      FSM_STAND_MOVES },
	{ FSM_EVENT_ABSENT,        absent,        FSM_STAND_AWAY },
	{ FSM_EVENT_ASTRAY,        nothing,       FSM_STAND_MOVES },
};
/* clang-format on */

START_TEST(each_event_has_its_stand)
{
	struct fsm_limits limits = { .boot = "boot", .unit = UNIT };
	struct fsm_turn turn;

	ck_assert_int_eq(COUNT(told), FSM_EVENT_COUNT);
	told[_i].make();
	fsm_turn(&record, &facts, &limits, &turn);
	ck_assert_str_eq(fsm_event_name(turn.event), fsm_event_name(told[_i].event));
	ck_assert_int_eq(stand(), told[_i].stand);
	ck_assert_str_eq(why, fsm_reason_name(turn.record.reason));
}
END_TEST

START_TEST(what_does_not_serve_moves_without_a_turn)
{
	for (int supply = 0; supply < 2; supply++) {
		set_up();
		if (supply)
			supplied();
		facts.serves = false;
		ck_assert_int_eq(stand(), FSM_STAND_AWAY);
		facts.serves = true;
		ck_assert_int_eq(stand(), FSM_STAND_MOVES);
	}
}
END_TEST

/* Only the pause after a try that stopped the service, and not every pause that follows one. */
START_TEST(pause_after_a_stop_is_stuck)
{
	for (enum fsm_reason reason = 0; reason < FSM_REASON_COUNT; reason++) {
		enum fsm_class class = fsm_reason_row(reason)->class;

		set_up();
		if (fsm_class_row(class)->minutes[0] == 0 ||
			fsm_reason_row(reason)->status == FSM_STATUS_BLOCKED)
			continue;
		rest_for(reason);
		ck_assert_int_eq(
			stand(), class == FSM_CLASS_SERVICE ? FSM_STAND_STUCK : FSM_STAND_LATER);
		ck_assert_str_eq(why, fsm_reason_name(reason));
	}
	set_up();
	rest_for(FSM_REASON_REFRESH_FAILED);
	facts.unlisted = "why";
	ck_assert_int_eq(stand(), FSM_STAND_LATER);
}
END_TEST

START_TEST(probation_that_may_be_undone_is_away)
{
	for (int way = 0; way < 16; way++) {
		bool rolls = way & 1, well = way & 2, back = way & 4, young = way & 8;

		set_up();
		try_out(facts.uptime - (young ? 100 : 301));
		record.probation.looks = young ? 0 : FSM_LOOKS;
		record.probation.well = well;
		record.probation.before.revision = back ? BACK : 0;
		facts.rollback = rolls;
		ck_assert_int_eq(stand(),
			rolls && well && back && young ? FSM_STAND_AWAY : FSM_STAND_PLACED);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stand");
	TCase *tests = tcase_create("stand");

	tcase_add_checked_fixture(tests, set_up, NULL);
	tcase_add_loop_test(tests, each_event_has_its_stand, 0, COUNT(told));
	tcase_add_test(tests, what_does_not_serve_moves_without_a_turn);
	tcase_add_test(tests, pause_after_a_stop_is_stuck);
	tcase_add_test(tests, probation_that_may_be_undone_is_away);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
