/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operator reads: sane for every record there can be, and word for word in the situations
 * that people meet.
 */
#include "fsm/names.h"
#include "fsm/status.h"
#include "tests/fsm_kit.h"

/* clang-format off */
/* A text of as many bytes as a detail may have. */
#define LONG_LINE \
	"cannot perform the following tasks: - Download snap \"microsample\" (12) from channel " \
	"\"latest/edge\" (received an unexpected http response code (503) when trying to download " \
	"https://x)"
/* The longest channel there can be: a track of 122 bytes, without `latest/` in front. */
#define LONG_TRACK \
	"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff" \
	"gggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjjkkkkkkkkkkllllllllllmm"

static const char *const details[] = {
	"", "'foo'", "edge, beta", LONG_LINE,
	"\x01\n\r\t\x1b[2J\x7f\x80\xc3\xa4\xff'%s%n\\", "; ; ;", "'", ",,,,",
	LONG_TRACK "/edge, " LONG_TRACK "/beta",
};
static const char *const channels[] = {
	"", EDGE, "2.0/candidate/fix-12345", "latest/", LONG_TRACK "/stable",
	"\n\x1b\xff/%s",
};
static const char *const progresses[] = {
	"", "download 45%", "step 7 of 15", "a\nb\xff\x1b[1m", LONG_LINE,
};
/* clang-format on */

static void must_be_sane(const struct fsm_record *record, const char *progress)
{
	struct fsm_told told = fsm_told(record, progress);
	size_t length = strnlen(told.message, sizeof told.message);

	if (told.status == FSM_STATUS_NONE || length < 10 || length > 90 ||
		(told.status == FSM_STATUS_ACTIVE) != (record->state == FSM_STATE_ACTIVE))
		ck_abort_msg("%s: '%s'", fsm_status_name(told.status), told.message);
	for (size_t i = 0; i < length; i++)
		if (told.message[i] < 0x20 || told.message[i] > 0x7e)
			ck_abort_msg("'%s'", told.message);
	if (told.message[length - 1] == ' ')
		ck_abort_msg("'%s'", told.message);
}

static void try_texts(struct fsm_record *record)
{
	for (int detail = 0; detail < COUNT(details); detail++) {
		strncpy(record->detail, details[detail], sizeof record->detail - 1);
		for (int channel = 0; channel < COUNT(channels); channel++) {
			strcpy(record->channel, channels[channel]);
			strcpy(record->intent.channel, channels[channel]);
			strcpy(record->tracking, channels[channel]);
			for (int progress = 0; progress < COUNT(progresses); progress++)
				must_be_sane(record, progresses[progress]);
		}
	}
}

START_TEST(status_is_sane_for_every_record)
{
	static const int64_t times[] = { 0, NOW, NOW + HOUR, INT64_MAX, INT64_MIN };
	struct fsm_record record = { .state = (enum fsm_state)_i, .since = NOW };

	for (record.reason = 0; record.reason < FSM_REASON_COUNT; record.reason++) {
		record.memory.reason = record.reason;
		for (int time = 0; time < COUNT(times); time++) {
			record.memory.next_try = times[time];
			for (record.intent.op = 0; record.intent.op < FSM_OP_COUNT;
				record.intent.op++) {
				record.retired = false;
				try_texts(&record);
				record.retired = true;
				try_texts(&record);
			}
		}
	}
}
END_TEST

START_TEST(same_record_tells_the_same)
{
	struct fsm_record record = { .reason = FSM_REASON_STORE_TROUBLE };
	struct fsm_told one, other;

	memset(&one, 1, sizeof one);
	memset(&other, 2, sizeof other);
	one = fsm_told(&record, "");
	other = fsm_told(&record, "");
	ck_assert_int_eq(one.status, other.status);
	ck_assert_str_eq(one.message, other.message);
}
END_TEST

START_TEST(every_reason_has_a_meaning)
{
	ck_assert_uint_gt(strlen(fsm_reason_meaning((enum fsm_reason)_i)), 15);
}
END_TEST

START_TEST(latest_is_not_shown)
{
	ck_assert_str_eq(fsm_short("latest/edge"), "edge");
	ck_assert_str_eq(fsm_short("latest/edge/fix"), "edge/fix");
	ck_assert_str_eq(fsm_short("2.0/edge"), "2.0/edge");
	ck_assert_str_eq(fsm_short("latestX/edge"), "latestX/edge");
	ck_assert_str_eq(fsm_short(""), "");
}
END_TEST

/* The situations of the operator's guide. */
enum {
	FAILED_AT = 1750000000 + 13 * MINUTE + 20, /* 2025-06-15 15:20:00 UTC */
};

/* clang-format off */
#define OP(name) .intent = { .op = FSM_OP_##name, .channel = "latest/beta" }
#define AGAIN(why) .reason = FSM_REASON_##why, .since = FAILED_AT, \
	.memory = { .reason = FSM_REASON_##why, .next_try = FAILED_AT + 30 * MINUTE }
static const struct {
	struct fsm_record record;
	const char *progress;
	enum fsm_status status;
	const char *message;
} situations[] = {
	/* on the way */
	{ { 0 }, "", FSM_STATUS_MAINTENANCE, "Installing microsample snap" },
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_OWN_CHANGE, OP(INSTALL) }, "",
		FSM_STATUS_MAINTENANCE, "Installing microsample snap" },
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_OWN_CHANGE, OP(INSTALL) },
		"download 45%", FSM_STATUS_MAINTENANCE, "Installing microsample snap: download 45%" },
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_OWN_CHANGE, OP(REFRESH) }, "",
		FSM_STATUS_MAINTENANCE, "Refreshing microsample snap to 'beta'" },
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_OWN_CHANGE, OP(REFRESH) },
		"step 7 of 15", FSM_STATUS_MAINTENANCE,
		"Refreshing microsample snap to 'beta': step 7 of 15" },
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_OWN_CHANGE, .retired = true,
		OP(REMOVE) }, "", FSM_STATUS_MAINTENANCE, "Removing microsample snap" },
	/* no time was left to ask: what will be done */
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_OWN_CHANGE,
		.channel = "latest/beta", .tracking = "latest/edge" }, "",
		FSM_STATUS_MAINTENANCE, "Refreshing microsample snap to 'beta'" },
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_OWN_CHANGE, .retired = true }, "",
		FSM_STATUS_MAINTENANCE, "Removing microsample snap" },
	/* there */
	{ { .state = FSM_STATE_ACTIVE, .channel = "latest/beta" }, "",
		FSM_STATUS_ACTIVE, "Ready at 'beta'" },
	{ { .state = FSM_STATE_ACTIVE, .channel = "2.0/edge/fix-1" }, "",
		FSM_STATUS_ACTIVE, "Ready at '2.0/edge/fix-1'" },
	{ { .state = FSM_STATE_ACTIVE, .channel = LONG_TRACK "/edge" }, "",
		FSM_STATUS_ACTIVE, "Ready at 'aaaaaaaaaabbbbbbbbbbc...'" },
	/* the option */
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_BAD_OPTION, .detail = "'foo'" }, "",
		FSM_STATUS_BLOCKED,
		"Invalid channel configured: 'foo'; use [track/]stable|candidate|beta|edge[/branch]" },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_BAD_OPTION, .detail = "''" }, "",
		FSM_STATUS_BLOCKED,
		"Invalid channel configured: ''; use [track/]stable|candidate|beta|edge[/branch]" },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_BAD_OPTION, .detail = "(not set)" }, "",
		FSM_STATUS_BLOCKED,
		"Invalid channel configured: (not set); use [track/]stable|candidate|beta|edge[/branch]" },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_BAD_OPTION, .detail = "'12345678901'" },
		"", FSM_STATUS_BLOCKED,
		"Invalid channel configured: '12345678901'; "
		"use [track/]stable|candidate|beta|edge[/branch]" },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_BAD_OPTION, .detail = "'123456789012'" },
		"", FSM_STATUS_BLOCKED,
		"Invalid channel configured: '12345678...'; "
		"use [track/]stable|candidate|beta|edge[/branch]" },
	/* snapd */
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_SNAPD_AWAY }, "",
		FSM_STATUS_WAITING, "Waiting for snapd: it does not answer" },
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_NOT_SEEDED }, "",
		FSM_STATUS_WAITING, "Waiting for snapd: it is not seeded yet" },
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_FOREIGN_CHANGE,
		.detail = "auto-refresh" }, "",
		FSM_STATUS_WAITING, "Waiting for snapd: auto-refresh in progress" },
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_FOREIGN_CHANGE }, "",
		FSM_STATUS_WAITING, "Waiting for snapd: a change in progress" },
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_UNANSWERED, OP(REFRESH) }, "",
		FSM_STATUS_WAITING, "No answer from snapd; asking it again" },
	/* the snap */
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_DISABLED }, "",
		FSM_STATUS_BLOCKED, "Snap is disabled; run: snap enable microsample" },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_BROKEN }, "",
		FSM_STATUS_BLOCKED, "Snap is broken; run: snap remove microsample" },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_LOCAL }, "", FSM_STATUS_BLOCKED,
		"Local build is left alone; to replace it: snap refresh --amend microsample" },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_SERVICE_DOWN, .detail = "microsample" },
		"", FSM_STATUS_BLOCKED, "Service is down; run: snap start microsample" },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_PORT_TAKEN }, "", FSM_STATUS_BLOCKED,
		"Port 8080/tcp is taken by another unit on this machine; move one of them" },
	/* refused */
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_CHANNEL_MISSING,
		.channel = "2.0/stable", .detail = "edge, beta" }, "",
		FSM_STATUS_BLOCKED, "Snap Store has no channel '2.0/stable'; it has edge, beta" },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_CHANNEL_MISSING,
		.channel = "2.0/stable" }, "",
		FSM_STATUS_BLOCKED, "Snap Store has no channel '2.0/stable'; set another" },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_CHANNEL_MISSING, .channel = "2.0/stable",
		.detail = "stable, candidate, beta, edge, 1.0/stable, 1.0/beta" }, "",
		FSM_STATUS_BLOCKED,
		"Snap Store has no channel '2.0/stable'; it has stable, candidate, beta, edge, ..." },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_ARCH_MISSING, .channel = "latest/beta" },
		"", FSM_STATUS_BLOCKED,
		"No build for this machine's architecture in 'beta'; set another" },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_REVISION_MISSING,
		.channel = "latest/beta" }, "", FSM_STATUS_BLOCKED,
		"Snap Store offers no revision in 'beta'; set another channel" },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_SNAP_MISSING }, "", FSM_STATUS_BLOCKED,
		"Snap Store has no snap microsample; see: snap info microsample" },
	{ { .state = FSM_STATE_BLOCKED, .reason = FSM_REASON_NEEDS_CLASSIC, .channel = LONG_TRACK "/edge" },
		"", FSM_STATUS_BLOCKED,
		"Classic confinement is needed for 'aaaaaaaaaabbbbbbbbbbc...'; set another channel" },
	{ { .state = FSM_STATE_BLOCKED, .channel = "latest/beta", AGAIN(CONTESTED) }, "",
		FSM_STATUS_BLOCKED,
		"Somebody keeps moving the snap away from 'beta'; see: snap changes" },
	{ { .state = FSM_STATE_BLOCKED, AGAIN(DISK_FULL), .tracking = "latest/edge" }, "",
		FSM_STATUS_BLOCKED,
		"Not enough disk space for the snap; next try 15:50 UTC; 'edge' runs" },
	/* tried again */
	{ { .state = FSM_STATE_INSTALLING, AGAIN(STORE_TIMEOUT) }, "",
		FSM_STATUS_WAITING, "Snap Store does not answer; next try 15:50 UTC" },
	{ { .state = FSM_STATE_INSTALLING, AGAIN(STORE_TIMEOUT), .tracking = "latest/edge" }, "",
		FSM_STATUS_WAITING, "Snap Store does not answer; next try 15:50 UTC; 'edge' runs" },
	{ { .state = FSM_STATE_INSTALLING, AGAIN(STORE_TROUBLE), .detail = "too many requests",
		.tracking = "latest/edge" }, "", FSM_STATUS_WAITING,
		"Snap Store trouble: too many requests; next try 15:50 UTC; 'edge' runs" },
	{ { .state = FSM_STATE_INSTALLING, AGAIN(CHANGE_FAILED), .detail = "Mount snap (no space)" },
		"", FSM_STATUS_WAITING, "Change failed: Mount snap (no space); next try 15:50 UTC" },
	{ { .state = FSM_STATE_INSTALLING, AGAIN(CHANGE_FAILED), .detail = LONG_LINE,
		.tracking = "latest/edge" }, "", FSM_STATUS_WAITING,
		"Change failed: cannot perform the following tasks: - D...; next try 15:50 UTC; 'edge' runs" },
	{ { .state = FSM_STATE_INSTALLING, AGAIN(CHANGE_EMPTY) }, "",
		FSM_STATUS_WAITING, "Change was aborted; next try 15:50 UTC" },
	{ { .state = FSM_STATE_INSTALLING, AGAIN(CONFLICT) }, "",
		FSM_STATUS_WAITING, "snapd is busy; next try 15:50 UTC" },
	{ { .state = FSM_STATE_INSTALLING, AGAIN(NO_TRACE) }, "",
		FSM_STATUS_WAITING, "Request was lost; next try 15:50 UTC" },
	{ { .state = FSM_STATE_INSTALLING, AGAIN(DRIFTED), .tracking = "latest/edge" }, "",
		FSM_STATUS_WAITING, "Snap was moved away again; next try 15:50 UTC; 'edge' runs" },
	{ { .state = FSM_STATE_INSTALLING, AGAIN(INTERRUPTED) }, "",
		FSM_STATUS_WAITING, "Interrupted; next try 15:50 UTC" },
	/* the next try of another trouble, or one that has passed, is none of this one */
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_INTERRUPTED,
		.memory = { .reason = FSM_REASON_CHANGE_FAILED, .next_try = FAILED_AT } }, "",
		FSM_STATUS_WAITING, "Interrupted" },
	{ { .state = FSM_STATE_INSTALLING, .reason = FSM_REASON_INTERRUPTED, .since = FAILED_AT,
		.memory = { .reason = FSM_REASON_INTERRUPTED, .next_try = FAILED_AT } }, "",
		FSM_STATUS_WAITING, "Interrupted" },
	/* gone */
	{ { .reason = FSM_REASON_REMOVED, .retired = true }, "",
		FSM_STATUS_MAINTENANCE, "Removed microsample snap" },
	{ { .reason = FSM_REASON_REMOVED, .retired = true, .detail = "the snap stays" }, "",
		FSM_STATUS_MAINTENANCE,
		"Leaving microsample snap: it was not installed by this unit" },
};
/* clang-format on */

START_TEST(operator_reads)
{
	struct fsm_told told = fsm_told(&situations[_i].record, situations[_i].progress);

	ck_assert_str_eq(told.message, situations[_i].message);
	ck_assert_int_eq(told.status, situations[_i].status);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("status");

	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, status_is_sane_for_every_record, 0, FSM_STATE_COUNT);
	tcase_add_test(tests, same_record_tells_the_same);
	tcase_add_loop_test(tests, every_reason_has_a_meaning, 0, FSM_REASON_COUNT);
	tcase_add_test(tests, latest_is_not_shown);
	tcase_add_loop_test(tests, operator_reads, 0, COUNT(situations));
	return kit_run(tests, "status");
}
