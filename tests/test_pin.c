/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The revision: one that is wanted, one that a person or the Snap Store put there, and the newer one
 * that the Snap Store has for a snap that is held.
 */
#include "tests/fsm_kit.h"

enum {
	PIN = 41,
};

/* The snap is to be at PIN, is at REVISION of CHANNEL, and is held. */
static struct fsm_facts pinned(const char *revision, const char *channel)
{
	struct fsm_facts facts = kit_facts();

	facts.wanted.revision = PIN;
	facts.hold_wanted = true;
	kit_hold(&facts, FOREVER, FOREVER_UNTIL);
	facts.revision = revision;
	facts.tracking = channel;
	return facts;
}

/* clang-format off */
static const struct {
	const char *revision, *channel;
	bool in_place;
} places[] = {
	{ "41", EDGE, true },
	{ "41", BETA, false },
	{ "45", EDGE, false },
	{ "45", BETA, false },
	{ "4",  EDGE, false },
	{ "410", EDGE, false },
	{ "x41", EDGE, false },
};
/* clang-format on */

START_TEST(pinned_snap_is_in_place_at_its_revision_of_the_wanted_channel_alone)
{
	struct fsm_record record = { .ours = true };
	struct fsm_facts facts = pinned(places[_i].revision, places[_i].channel);
	struct fsm_turn turn = kit_turn(&record, &facts);

	if (places[_i].in_place) {
		ck_assert_int_eq(turn.event, FSM_EVENT_SETTLED);
		ck_assert_str_eq(turn.status.message, "Ready at 'edge', pinned to revision 41");
		return;
	}
	ck_assert_int_eq(turn.effect, FSM_DO_REFRESH);
	ck_assert_str_eq(record.intent.target.channel, EDGE);
	ck_assert_int_eq(record.intent.target.revision, PIN);
	ck_assert_str_eq(turn.status.message, "Refreshing microsample snap to 'edge' revision 41");
}
END_TEST

START_TEST(pinned_snap_that_is_missing_is_installed_at_its_revision)
{
	struct fsm_record record = { 0 };
	struct fsm_facts facts = kit_bare();

	facts.wanted.revision = PIN;
	ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_INSTALL);
	ck_assert_int_eq(record.intent.target.revision, PIN);
}
END_TEST

/* snap refresh --revision, snap revert, or snapd's own refresh. */
START_TEST(revision_within_the_channel_is_a_persons_matter_unless_one_is_wanted)
{
	struct fsm_record record = { .state = FSM_STATE_ACTIVE, .target.channel = EDGE };
	struct fsm_facts facts = kit_facts();

	facts.revision = "45";
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_SETTLED);
	facts.revision = "3";
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_SETTLED);
	ck_assert_int_eq(record.drift.times, 1);
}
END_TEST

/* A request puts the snap back where it is pinned. */
static void put_right(struct fsm_record *record, int64_t now)
{
	struct fsm_facts facts = pinned("45", EDGE);
	struct fsm_turn turn;

	facts.now = now;
	turn = kit_turn(record, &facts);
	ck_assert_int_eq(turn.effect, FSM_DO_REFRESH);
	ck_assert(turn.drifted);
	(void)kit_accept(record, &turn);
	facts = pinned("41", EDGE);
	facts.now = now;
	facts.fate = FSM_FATE_DONE;
	ck_assert_int_eq(kit_look(record, &facts), FSM_EVENT_SETTLED);
}

START_TEST(pinned_snap_that_a_person_moves_is_put_right_ever_more_slowly)
{
	static const int64_t minutes[] = { 5, 15, 60, 60, 60, 120 };
	struct fsm_facts facts = pinned("41", EDGE);
	struct fsm_record record = { 0 };
	int64_t now = NOW;

	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_SETTLED);
	for (int i = 0; i < COUNT(minutes); i++) {
		put_right(&record, now);
		ck_assert_int_eq(record.drift.next_try, now + minutes[i] * MINUTE);
		facts = pinned("45", EDGE);
		facts.now = record.drift.next_try - 1;
		ck_assert_int_eq(kit_turn(&record, &facts).effect, FSM_DO_NOTHING);
		ck_assert_int_eq(record.reason, i < 4 ? FSM_REASON_DRIFTED : FSM_REASON_CONTESTED);
		now = record.drift.next_try;
		/* the unit has settled before it is moved again */
		facts = pinned("41", EDGE);
		facts.now = now;
		ck_assert_int_eq(kit_look(&record, &facts), FSM_EVENT_SETTLED);
	}
}
END_TEST

/* Another pin, or none, is another target: what failed for this one says nothing of it. */
START_TEST(refusal_of_a_pin_is_about_that_revision)
{
	struct fsm_record record = { .revision = "45" };
	struct fsm_facts facts = pinned("45", EDGE);
	struct fsm_turn turn = kit_turn(&record, &facts);

	(void)kit_refuse(&record, &turn, FSM_REASON_PIN_MISSING, NOW);
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_REFUSED);
	ck_assert_int_eq(record.state, FSM_STATE_BLOCKED);
	facts.wanted.revision = _i;
	turn = kit_turn(&record, &facts);
	ck_assert_int_eq(turn.event, _i ? FSM_EVENT_ASTRAY : FSM_EVENT_SETTLED);
}
END_TEST

/* What the Snap Store has. */

static struct fsm_record at_rest(void)
{
	struct fsm_record record = { .ours = true };
	struct fsm_facts facts = kit_facts();

	kit_hold(&facts, FOREVER, FOREVER_UNTIL);
	ck_assert_int_eq(kit_turn(&record, &facts).event, FSM_EVENT_SETTLED);
	return record;
}

START_TEST(snap_store_is_asked_for_a_held_snap_when_all_is_well)
{
	struct fsm_record record = at_rest();

	ck_assert(fsm_update_due(&record, NOW, UNIT));
	for (record.state = 0; record.state < FSM_STATE_COUNT; record.state++)
		ck_assert_int_eq(
			fsm_update_due(&record, NOW, UNIT), record.state == FSM_STATE_ACTIVE);
	record = at_rest();
	record.hold.held = false;
	ck_assert(!fsm_update_due(&record, NOW, UNIT));
	record = at_rest();
	record.stopping = true;
	ck_assert(!fsm_update_due(&record, NOW, UNIT));
}
END_TEST

START_TEST(snap_store_is_asked_again_after_six_hours_or_when_the_clock_was_set_back)
{
	struct fsm_record record = at_rest();

	fsm_update_note(&record, "45", NOW);
	ck_assert(!fsm_update_due(&record, NOW, UNIT));
	ck_assert(!fsm_update_due(&record, NOW + 6 * HOUR - 1, UNIT));
	ck_assert(fsm_update_due(&record, NOW + 6 * HOUR, UNIT));
	ck_assert(fsm_update_due(&record, NOW + 100 * DAY, UNIT));
	ck_assert(fsm_update_due(&record, NOW - 1, UNIT));
	ck_assert(fsm_update_due(&record, NOW - 100 * DAY, UNIT));
	/* a unit earlier or later than another, by a fifth at most */
	ck_assert(!fsm_update_due(&record, NOW + 20087, "microsample/0"));
	ck_assert(fsm_update_due(&record, NOW + 20088, "microsample/0"));
	ck_assert(!fsm_update_due(&record, NOW + 22031, "microsample/1"));
	ck_assert(fsm_update_due(&record, NOW + 22032, "microsample/1"));
}
END_TEST

START_TEST(answer_of_the_snap_store_is_shown_and_its_silence_leaves_the_last_one)
{
	struct fsm_record record = at_rest();

	fsm_update_note(&record, "45", NOW);
	ck_assert_str_eq(record.update.revision, "45");
	ck_assert_str_eq(fsm_status_line(&record, "").message,
		"Ready at 'edge', held at revision 7; revision 45 is available");
	fsm_update_note(&record, NULL, NOW + 6 * HOUR);
	ck_assert_str_eq(record.update.revision, "45");
	ck_assert_int_eq(record.update.asked, NOW + 6 * HOUR);
	fsm_update_note(&record, "", NOW + 12 * HOUR);
	ck_assert_str_eq(record.update.revision, "");
	ck_assert_str_eq(
		fsm_status_line(&record, "").message, "Ready at 'edge', held at revision 7");
}
END_TEST

/* What Juju was told is taken back by what makes it untrue, and by nothing else. */
START_TEST(new_answer_of_the_snap_store_is_to_be_told)
{
	struct fsm_record record = at_rest();

	record.told_status = FSM_STATUS_ACTIVE;
	strcpy(record.told_message, fsm_status_line(&record, "").message);
	fsm_update_note(&record, _i ? "45" : "", NOW);
	ck_assert_int_eq(record.told_status, _i ? FSM_STATUS_NONE : FSM_STATUS_ACTIVE);
}
END_TEST

START_TEST(answer_is_forgotten_when_the_revision_changes)
{
	struct fsm_record record = at_rest();
	struct fsm_facts facts = kit_facts();

	kit_hold(&facts, FOREVER, FOREVER_UNTIL);
	fsm_update_note(&record, "45", NOW);
	(void)kit_turn(&record, &facts);
	ck_assert_str_eq(record.update.revision, "45");
	facts.revision = "45";
	(void)kit_turn(&record, &facts);
	ck_assert_str_eq(record.update.revision, "");
	ck_assert_int_eq(record.update.asked, 0);
	ck_assert(fsm_update_due(&record, NOW, UNIT));
}
END_TEST

/* clang-format off */
#define AT(channel_, pin) .state = FSM_STATE_ACTIVE, .target = { channel_, pin }, .revision = "3"
#define HELD              .hold = { FOREVER, true, false }
#define DOES(name)        .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_OWN_CHANGE, .intent = { .op = FSM_OP_##name }
/* The longest channel there can be: a track of 122 bytes, without `latest/` in front. */
#define LONG_TRACK \
	"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff" \
	"gggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjjkkkkkkkkkkllllllllllmm"
static const struct {
	struct fsm_record record;
	const char *message;
} reads[] = {
	{ { AT(BETA, 41) },       "Ready at 'beta', pinned to revision 41" },
	{ { AT(BETA, 41), HELD }, "Ready at 'beta', pinned to revision 41" },
	{ { AT(BETA, 41), HELD, .update.revision = "45" },
		"Ready at 'beta', pinned to revision 41; revision 45 is available" },
	{ { AT(BETA, 3), HELD, .reverted = "3" }, "Ready at 'beta', pinned to revision 3" },
	{ { AT(EDGE, 0), HELD },  "Ready at 'edge', held at revision 3" },
	{ { AT(EDGE, 0), HELD, .update.revision = "5" },
		"Ready at 'edge', held at revision 3; revision 5 is available" },
	{ { AT(EDGE, 0), HELD, .update.revision = "3" }, "Ready at 'edge', held at revision 3" },
	/* what is not held, snapd refreshes by itself */
	{ { AT(EDGE, 0), .update.revision = "5" }, "Ready at 'edge'" },
	{ { AT(EDGE, 0), .hold = { FOREVER, false, true } }, "Ready at 'edge'" },
	{ { AT(BETA, 0), .reverted = "3" }, "Ready at 'beta', reverted to revision 3" },
	{ { AT(BETA, 0), .reverted = "3", .update.revision = "5" }, "Ready at 'beta', reverted to revision 3" },
	{ { AT(BETA, 0), HELD, .reverted = "3", .update.revision = "5" },
		"Ready at 'beta', reverted to revision 3 and held; revision 5 is available" },
	{ { AT(BETA, 0), .reverted = "4" }, "Ready at 'beta'" },
	/* to the byte: 90, and one too many */
	{ { AT("1.0/edge/abcdefghijklmno", 123456), HELD, .update.revision = "1234" },
		"Ready at '1.0/edge/abcdefghijklmno', pinned to revision 123456; revision 1234 is available" },
	{ { AT("1.0/edge/abcdefghijklmno", 123456), HELD, .update.revision = "12345" },
		"Ready at '1.0/edge/abcdefghijklmno', pinned to revision 123456" },
	{ { AT(LONG_TRACK "/edge", INT64_MAX), HELD, .update.revision = "5" },
		"Ready at 'aaaaaaaaaabbbbbbbbbbc...', pinned to revision 9223372036854775807" },
	/* on the way */
	{ { DOES(HOLD) },    "Holding microsample snap" },
	{ { DOES(UNHOLD) },  "Lifting the hold of microsample snap" },
	{ { DOES(REVERT), .intent.target.revision = 3 }, "Reverting microsample snap to revision 3" },
	{ { DOES(RESTART) }, "Restarting microsample snap" },
	/* a unit that goes; asked, or not yet */
	{ { DOES(UNHOLD), .retired = true, .hold = { FOREVER, true, true } }, "Lifting the hold of microsample snap" },
	{ { .reason = FSM_REASON_OWN_CHANGE, .retired = true, .hold = { FOREVER, true, true } },
		"Lifting the hold of microsample snap" },
	{ { DOES(REMOVE), .retired = true, .ours = true, .hold = { FOREVER, true, true } }, "Removing microsample snap" },
	{ { DOES(REFRESH), .retired = true }, "Removing microsample snap" },
};
/* clang-format on */

START_TEST(operator_reads)
{
	ck_assert_str_eq(fsm_status_line(&reads[_i].record, "").message, reads[_i].message);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("pin");

	tcase_add_loop_test(tests,
		pinned_snap_is_in_place_at_its_revision_of_the_wanted_channel_alone, 0,
		COUNT(places));
	tcase_add_test(tests, pinned_snap_that_is_missing_is_installed_at_its_revision);
	tcase_add_test(tests, revision_within_the_channel_is_a_persons_matter_unless_one_is_wanted);
	tcase_add_test(tests, pinned_snap_that_a_person_moves_is_put_right_ever_more_slowly);
	tcase_add_loop_test(tests, refusal_of_a_pin_is_about_that_revision, 0, 2);
	tcase_add_test(tests, snap_store_is_asked_for_a_held_snap_when_all_is_well);
	tcase_add_test(
		tests, snap_store_is_asked_again_after_six_hours_or_when_the_clock_was_set_back);
	tcase_add_test(
		tests, answer_of_the_snap_store_is_shown_and_its_silence_leaves_the_last_one);
	tcase_add_loop_test(tests, new_answer_of_the_snap_store_is_to_be_told, 0, 2);
	tcase_add_test(tests, answer_is_forgotten_when_the_revision_changes);
	tcase_add_loop_test(tests, operator_reads, 0, COUNT(reads));
	return kit_run(tests, "pin");
}
