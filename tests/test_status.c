/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operator reads: sane for every record there can be, and word for word in the situations
 * that people meet.
 */
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
	struct fsm_status_line line = fsm_status_line(record, progress);
	size_t length = strnlen(line.message, sizeof line.message);

	if (line.status == FSM_STATUS_NONE || length < 10 || length > 90 ||
		(line.status == FSM_STATUS_ACTIVE) != (record->state == FSM_STATE_ACTIVE))
		ck_abort_msg("%s: '%s'", fsm_status_name(line.status), line.message);
	for (size_t i = 0; i < length; i++)
		if (line.message[i] < 0x20 || line.message[i] > 0x7e)
			ck_abort_msg("'%s'", line.message);
	if (line.message[length - 1] == ' ')
		ck_abort_msg("'%s'", line.message);
}

static void try_texts(struct fsm_record *record)
{
	for (int detail = 0; detail < COUNT(details); detail++) {
		strncpy(record->detail, details[detail], sizeof record->detail - 1);
		for (int channel = 0; channel < COUNT(channels); channel++) {
			strcpy(record->target.channel, channels[channel]);
			strcpy(record->intent.target.channel, channels[channel]);
			strcpy(record->tracking, channels[channel]);
			strcpy(record->origin, channels[COUNT(channels) - 1 - channel]);
			record->serves = detail % 2;
			record->target.revision = detail % 2 ? 0 : INT64_MAX;
			strncpy(record->revision, details[channel], sizeof record->revision - 1);
			record->hold.held = detail % 3 && *record->revision; /* of a snap */
			strcpy(record->reverted, channel % 2 ? record->revision : "");
			strcpy(record->update.revision, channel % 3 ? "12345" : "");
			strncpy(record->peers.waits, channels[channel],
				sizeof record->peers.waits - 1);
			strcpy(record->peers.rollout, detail % 2 ? "rollout 3 of 12" : "");
			for (int progress = 0; progress < COUNT(progresses); progress++)
				must_be_sane(record, progresses[progress]);
		}
	}
}

START_TEST(status_is_sane_for_every_record)
{
	static const int64_t tries[] = { 0, NOW, NOW + HOUR, INT64_MAX, INT64_MIN };
	struct fsm_record record = { .state = (enum fsm_state)_i, .since = NOW };

	for (record.reason = 0; record.reason < FSM_REASON_COUNT; record.reason++) {
		record.failure.reason = record.reason;
		record.failure.class = fsm_reason_row(record.reason)->class;
		for (int try = 0; try < COUNT(tries); try++) {
			record.failure.next_try = record.drift.next_try = tries[try];
			record.pace =
				(struct fsm_pace){ INT64_MAX, (enum fsm_way)(try % FSM_WAY_COUNT),
					"step 10 of 23", 0, tries[try] };
			/* in turn: an operation and a time have nothing to do with one another */
			for (unsigned op = (unsigned)try % 2; op < FSM_OP_COUNT; op += 2) {
				record.intent.op = (enum fsm_op)op;
				record.retired = false;
				try_texts(&record);
				record.retired = true;
				try_texts(&record);
			}
		}
	}
}
END_TEST

/* The situations of the operator's guide. */
enum {
	FAILED_AT = 1750000000 + 13 * MINUTE + 20, /* 2025-06-15 15:20:00 UTC */
};

/* clang-format off */
#define AT(where, why) .state = FSM_STATE_##where, .reason = FSM_REASON_##why
#define OP(name) .intent = { .op = FSM_OP_##name, .target.channel = "latest/beta" }
#define AGAIN(where, why) AT(where, why), .since = FAILED_AT, \
	.failure = { .class = FSM_CLASS_PASSING, .reason = FSM_REASON_##why, \
		.next_try = FAILED_AT + 30 * MINUTE }
#define EACH_HOOK(why) AT(BLOCKED, why), .since = FAILED_AT, \
	.failure = { .class = FSM_CLASS_SNAPD, .reason = FSM_REASON_##why, .next_try = FAILED_AT }
#define MOVED(where, why) AT(where, why), .since = FAILED_AT, \
	.drift = { .times = 2, .next_try = FAILED_AT + 30 * MINUTE }
/* It runs what came from edge; after a switch by hand it follows another channel. */
#define RUNS .tracking = "latest/stable", .origin = "latest/edge", .serves = true
#define STOOD(how, where) .pace = { CHANGE, FSM_WAY_##how, where, 0, FAILED_AT + 59 }
/* Our refresh led to revision 7 from another that was well; it runs, or what somebody moved it to. */
#define CAME_FROM(runs, from, is_well) .revision = runs, \
	.probation = { .revision = "7", .before = { "latest/edge", from }, .well = is_well }
#define CAME(runs, from) CAME_FROM(runs, from, true)
#define STUCK(at) STUCK_FROM("latest/beta", at)
#define STUCK_FROM(where, at) AT(BLOCKED, ROLLBACK_FAILED), .target.channel = where, .revision = at, \
	.refused = { { where, 0 }, .times = 3, .bad = 7, .back = BACK, .failed = true }
static const struct {
	struct fsm_record record;
	const char *progress;
	enum fsm_status status;
	const char *message;
} situations[] = {
	/* on the way */
	{ { 0 }, "", FSM_STATUS_MAINTENANCE, "Installing microsample snap" },
	{ { AT(INSTALLING, OWN_CHANGE), OP(INSTALL) }, "",
		FSM_STATUS_MAINTENANCE, "Installing microsample snap" },
	{ { AT(INSTALLING, OWN_CHANGE), OP(INSTALL) },
		"download 45%", FSM_STATUS_MAINTENANCE, "Installing microsample snap: download 45%" },
	{ { AT(INSTALLING, OWN_CHANGE), OP(REFRESH) }, "",
		FSM_STATUS_MAINTENANCE, "Refreshing microsample snap to 'beta'" },
	{ { AT(INSTALLING, OWN_CHANGE), OP(REFRESH) }, "step 7 of 15", FSM_STATUS_MAINTENANCE,
		"Refreshing microsample snap to 'beta': step 7 of 15" },
	{ { AT(INSTALLING, OWN_CHANGE), .retired = true,
		OP(REMOVE) }, "", FSM_STATUS_MAINTENANCE, "Removing microsample snap" },
	/* no time was left to ask: what will be done */
	{ { AT(INSTALLING, OWN_CHANGE),
		.target.channel = "latest/beta", .tracking = "latest/edge" }, "",
		FSM_STATUS_MAINTENANCE, "Refreshing microsample snap to 'beta'" },
	{ { AT(INSTALLING, OWN_CHANGE), .retired = true }, "",
		FSM_STATUS_MAINTENANCE, "Removing microsample snap" },
	/* there */
	{ { .state = FSM_STATE_ACTIVE, .target.channel = "latest/beta" }, "",
		FSM_STATUS_ACTIVE, "Ready at 'beta'" },
	/* in a rollout */
	{ { .state = FSM_STATE_ACTIVE, .target.channel = EDGE, .peers.waits = "latest/beta" }, "",
		FSM_STATUS_ACTIVE, "Ready at 'edge'; waits for its turn for 'beta'" },
	{ { .state = FSM_STATE_ACTIVE, .target.channel = EDGE, .peers.waits = "2.0/beta@5" }, "",
		FSM_STATUS_ACTIVE, "Ready at 'edge'; waits for its turn for '2.0/beta' revision 5" },
	{ { .state = FSM_STATE_ACTIVE, .target.channel = EDGE, .revision = "3", .hold.held = true,
		.peers.waits = "latest/beta" }, "",
		FSM_STATUS_ACTIVE, "Ready at 'edge', held at revision 3; waits for its turn for 'beta'" },
	{ { .state = FSM_STATE_ACTIVE, .target.channel = "latest/beta",
		.peers.rollout = "rollout 3 of 12" }, "",
		FSM_STATUS_ACTIVE, "Ready at 'beta'; rollout 3 of 12" },
	{ { .state = FSM_STATE_ACTIVE, .target.channel = EDGE, .peers.waits = "latest/beta",
		.peers.rollout = "rollout to 'beta' halted by microsample/3" }, "",
		FSM_STATUS_ACTIVE, "Ready at 'edge'; rollout to 'beta' halted by microsample/3" },
	{ { AT(BLOCKED, UNRELATED), .target.channel = "latest/beta" }, "", FSM_STATUS_BLOCKED,
		"No relation fleet for rollout-width; deploy this build anew, or set rollout-width=0" },
	{ { .state = FSM_STATE_ACTIVE, .target.channel = "2.0/edge/fix-1" }, "",
		FSM_STATUS_ACTIVE, "Ready at '2.0/edge/fix-1'" },
	{ { .state = FSM_STATE_ACTIVE, .target.channel = LONG_TRACK "/edge" }, "",
		FSM_STATUS_ACTIVE, "Ready at 'aaaaaaaaaabbbbbbbbbbc...'" },
	/* the option */
	{ { AT(BLOCKED, BAD_OPTION), .detail = "channel 'foo' has no risk: one of edge" }, "",
		FSM_STATUS_BLOCKED,
		"Invalid channel configured: 'foo'; use [track/]stable|candidate|beta|edge[/branch]" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "channel '' is empty" }, "", FSM_STATUS_BLOCKED,
		"Invalid channel configured: ''; use [track/]stable|candidate|beta|edge[/branch]" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "channel (not set)" }, "", FSM_STATUS_BLOCKED,
		"Invalid channel configured: (not set); use [track/]stable|candidate|beta|edge[/branch]" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "channel '12345678901' has no risk" },
		"", FSM_STATUS_BLOCKED,
		"Invalid channel configured: '12345678901'; "
		"use [track/]stable|candidate|beta|edge[/branch]" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "channel '123456789012' has no risk" },
		"", FSM_STATUS_BLOCKED,
		"Invalid channel configured: '12345678...'; "
		"use [track/]stable|candidate|beta|edge[/branch]" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "channel 'it\\'s' is it" }, "", FSM_STATUS_BLOCKED,
		"Invalid channel configured: 'it\\'s'; use [track/]stable|candidate|beta|edge[/branch]" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "channel (no text)" }, "", FSM_STATUS_BLOCKED,
		"Invalid channel configured: (no text); use [track/]stable|candidate|beta|edge[/branch]" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "channel 'a\\\\' has; revision -3 is; auto-refresh 'x' is" },
		"", FSM_STATUS_BLOCKED,
		"Invalid channel configured: 'a\\\\'; use [track/]stable|candidate|beta|edge[/branch]" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "channel 'a; revision 5 b' is" }, "", FSM_STATUS_BLOCKED,
		"Invalid channel configured: 'a; revis...'; "
		"use [track/]stable|candidate|beta|edge[/branch]" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "revision -3 is no; auto-refresh 'x' is" }, "",
		FSM_STATUS_BLOCKED,
		"Invalid revision configured: -3; use 0 or the number of a revision" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "revision (not set); auto-refresh (not set)" }, "",
		FSM_STATUS_BLOCKED,
		"Invalid revision configured: (not set); use 0 or the number of a revision" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "revision -1.2345678901234567e+300 is no" }, "",
		FSM_STATUS_BLOCKED,
		"Invalid revision configured: -1.2345678901234567e+300; use 0 or the number of a revision" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "revision 'aaaaaaaaaabbbbbbbbbbccccccccccd' is no" },
		"", FSM_STATUS_BLOCKED,
		"Invalid revision configured: 'aaaaaaaaaabbbbbbbbbbc...'; use 0 or the number of a revision" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "auto-refresh 'yes' is neither" }, "",
		FSM_STATUS_BLOCKED,
		"Invalid auto-refresh configured: 'yes'; use true or false" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "health-path '/aaaaaaaaabbbbbbbbb#' has; rollback 'x' is" },
		"", FSM_STATUS_BLOCKED,
		"Invalid health-path configured: '/aaaaaaaaabbbbb...'; use a path like /healthz, or nothing" },
	{ { AT(BLOCKED, BAD_OPTION), .detail = "rollback 'yes' is neither" }, "", FSM_STATUS_BLOCKED,
		"Invalid rollback configured: 'yes'; use true or false" },
	/* of a charm that had one option */
	{ { AT(BLOCKED, BAD_OPTION), .detail = "'foo' has no risk: one of edge" }, "", FSM_STATUS_BLOCKED,
		"Invalid channel configured: 'foo'; use [track/]stable|candidate|beta|edge[/branch]" },
	/* snapd */
	{ { AT(INSTALLING, SNAPD_AWAY) }, "",
		FSM_STATUS_WAITING, "Waiting for snapd: it does not answer" },
	{ { AT(INSTALLING, SNAPD_AWAY), .detail = "its socket is not there" }, "",
		FSM_STATUS_WAITING, "Waiting for snapd: its socket is not there" },
	{ { AT(INSTALLING, SNAPD_AWAY),
		.detail = "it answered with HTTP status 500: cannot do " LONG_TRACK "/and/so/on" }, "", FSM_STATUS_WAITING,
		"Waiting for snapd: ...gggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjjkkkkkkkkkkllllllllllmm/and/so/on" },
	{ { AT(INSTALLING, SNAPD_AWAY),
		.detail = "it answered with HTTP status 500: cannot read the state: open "
			  "/var/lib/snapd/state.json: input/output error" }, "", FSM_STATUS_WAITING,
		"Waiting for snapd: ...read the state: open /var/lib/snapd/state.json: input/output error" },
	{ { AT(INSTALLING, NOT_SEEDED) }, "",
		FSM_STATUS_WAITING, "Waiting for snapd: it is not seeded yet" },
	{ { AT(INSTALLING, FOREIGN_CHANGE), .detail = "auto-refresh" }, "",
		FSM_STATUS_WAITING, "Waiting for snapd: auto-refresh in progress" },
	{ { AT(INSTALLING, FOREIGN_CHANGE) }, "",
		FSM_STATUS_WAITING, "Waiting for snapd: a change in progress" },
	/* a change that does not move on, since 15:20:00 */
	{ { AT(INSTALLING, OWN_STANDS), OP(REFRESH), STOOD(DOES, "step 11 of 23") }, "", FSM_STATUS_WAITING,
		"Refresh stands at step 11 of 23 since 15:20 UTC; see: snap change 41" },
	{ { AT(INSTALLING, OWN_STANDS), OP(INSTALL), STOOD(DOES, "download 45%") }, "", FSM_STATUS_WAITING,
		"Install stands at download 45% since 15:20 UTC; see: snap change 41" },
	{ { AT(INSTALLING, OWN_STANDS), OP(REMOVE), STOOD(DOES, "") }, "", FSM_STATUS_WAITING,
		"Removal stands since 15:20 UTC; see: snap change 41" },
	{ { AT(INSTALLING, OWN_STANDS), OP(REFRESH), STOOD(UNDOES, "step 11 of 23") }, "", FSM_STATUS_WAITING,
		"Refresh is being rolled back since 15:20 UTC; see: snap change 41" },
	{ { AT(INSTALLING, OWN_STANDS), OP(REFRESH), STOOD(WAITS, "step 11 of 23") }, "", FSM_STATUS_WAITING,
		"Refresh waits for a reboot of the machine; see: snap change 41" },
	{ { AT(INSTALLING, FOREIGN_STANDS), STOOD(DOES, "step 2 of 9"), .detail = "auto-refresh" }, "",
		FSM_STATUS_WAITING, "auto-refresh stands at step 2 of 9 since 15:20 UTC; see: snap change 41" },
	{ { AT(INSTALLING, FOREIGN_STANDS), STOOD(UNDOES, "step 2 of 9"), .detail = "revert-snap" }, "",
		FSM_STATUS_WAITING, "revert-snap is being rolled back since 15:20 UTC; see: snap change 41" },
	{ { AT(INSTALLING, FOREIGN_STANDS), STOOD(WAITS, ""), .detail = "install-snap" }, "",
		FSM_STATUS_WAITING, "install-snap waits for a reboot of the machine; see: snap change 41" },
	{ { AT(INSTALLING, FOREIGN_STANDS), STOOD(DOES, "") }, "",
		FSM_STATUS_WAITING, "A change stands since 15:20 UTC; see: snap change 41" },
	{ { AT(INSTALLING, UNANSWERED), OP(REFRESH) }, "",
		FSM_STATUS_WAITING, "No answer from snapd; asking it again" },
	/* the snap */
	{ { AT(BLOCKED, DISABLED) }, "",
		FSM_STATUS_BLOCKED, "Snap is disabled; run: snap enable microsample" },
	{ { AT(BLOCKED, BROKEN) }, "",
		FSM_STATUS_BLOCKED, "Snap is broken; see: systemctl --failed" },
	{ { AT(BLOCKED, BROKEN), .detail = "snap is inoperative" }, "", FSM_STATUS_BLOCKED,
		"Snap is broken: snap is inoperative; see: systemctl --failed" },
	{ { AT(BLOCKED, BROKEN), .detail = "cannot find installed snap \"microsample\" at revision 3: "
		"missing file /snap/microsample/3/meta/snap.yaml" }, "", FSM_STATUS_BLOCKED,
		"Snap is broken: missing file /snap/microsample/3/meta/snap.yaml; see: systemctl --failed" },
	{ { AT(BLOCKED, LOCAL) }, "", FSM_STATUS_BLOCKED,
		"Local build is kept; replace it: snap refresh --amend --channel=CHANNEL microsample" },
	{ { AT(BLOCKED, SERVICE_DOWN), .detail = "microsample" },
		"", FSM_STATUS_BLOCKED, "Service is down; run: snap start microsample" },
	{ { AT(BLOCKED, SERVICE_DOWN), CAME("7", BACK), .detail = "microsample" }, "", FSM_STATUS_BLOCKED,
		"Service is down; to go back: juju run UNIT revert" },
	/* that was no better before, that brought no other revision, that somebody has moved since */
	{ { AT(BLOCKED, SERVICE_DOWN), CAME_FROM("7", BACK, false) }, "", FSM_STATUS_BLOCKED,
		"Service is down; run: snap start microsample" },
	{ { AT(BLOCKED, SERVICE_DOWN), CAME("7", 7) }, "", FSM_STATUS_BLOCKED,
		"Service is down; run: snap start microsample" },
	{ { AT(BLOCKED, SERVICE_DOWN), CAME("8", BACK) }, "", FSM_STATUS_BLOCKED,
		"Service is down; run: snap start microsample" },
	/* that is not on the disk any more; and where that order would be refused */
	{ { AT(BLOCKED, SERVICE_DOWN), CAME("7", 0) }, "", FSM_STATUS_BLOCKED,
		"Service is down; run: snap start microsample" },
	{ { AT(BLOCKED, SERVICE_DOWN), CAME("7", BACK), .target.revision = 7 }, "", FSM_STATUS_BLOCKED,
		"Service is down; run: snap start microsample" },
	{ { AT(BLOCKED, SERVICE_DOWN), CAME("7", BACK), .drift.times = 6 }, "", FSM_STATUS_BLOCKED,
		"Service is down; run: snap start microsample" },
	{ { AT(BLOCKED, SERVICE_DOWN), CAME("7", BACK), .port = FSM_PORT_TAKEN }, "", FSM_STATUS_BLOCKED,
		"Service is down; run: snap start microsample" },
	{ { AT(BLOCKED, SERVICE_DOWN), CAME("7", BACK), .port = FSM_PORT_TAKEN, .ours = true }, "",
		FSM_STATUS_BLOCKED, "Service is down; to go back: juju run UNIT revert" },
	{ { AT(BLOCKED, NO_ANSWER), .detail = "8080/healthz: HTTP 500" }, "", FSM_STATUS_BLOCKED,
		"No answer at 8080/healthz: HTTP 500; see: snap logs microsample" },
	{ { AT(BLOCKED, NO_ANSWER), .detail = "8080/: no answer within 2 s" }, "", FSM_STATUS_BLOCKED,
		"No answer at 8080/: no answer within 2 s; see: snap logs microsample" },
	{ { AT(BLOCKED, NO_ANSWER), CAME("7", BACK), .detail = "8080/: connection refused" }, "",
		FSM_STATUS_BLOCKED,
		"No answer at 8080/: connection refused; to go back: juju run UNIT revert" },
	{ { AT(BLOCKED, NO_ANSWER), .detail = "8080/" LONG_TRACK ": HTTP 500" }, "", FSM_STATUS_BLOCKED,
		"No answer at 8080/aaaaaaaaaabbbbbbbbbbccccccccccd...: HTTP 500; see: snap logs microsample" },
	{ { AT(BLOCKED, NO_ANSWER), CAME("7", BACK), .detail = "8080/" LONG_TRACK ": no answer within 2 s" },
		"", FSM_STATUS_BLOCKED,
		"No answer at 8080/aaaaaaaaaabbb...: no answer within 2 s; to go back: juju run UNIT revert" },
	{ { AT(BLOCKED, NO_ANSWER), .detail = "8080/a:b?c=:d: HTTP 404" }, "", FSM_STATUS_BLOCKED,
		"No answer at 8080/a:b?c=:d: HTTP 404; see: snap logs microsample" },
	{ { AT(BLOCKED, UNSERVED) }, "", FSM_STATUS_BLOCKED,
		"No service is enabled; run: snap start --enable microsample" },
	{ { AT(BLOCKED, NO_ANSWER), .detail = "8080/: connection refused" }, "", FSM_STATUS_BLOCKED,
		"No answer at 8080/: connection refused; see: snap logs microsample" },
	{ { AT(BLOCKED, NO_ANSWER), .detail = "8080/healthz: HTTP 500" }, "", FSM_STATUS_BLOCKED,
		"No answer at 8080/healthz: HTTP 500; see: snap logs microsample" },
	{ { AT(BLOCKED, NO_ANSWER), .detail = "8080/a:b;c?d=/e:f/0123456789: no answer within 2 s" }, "", FSM_STATUS_BLOCKED,
		"No answer at 8080/a:b;c?d=/e:f/012345...: no answer within 2 s; see: snap logs microsample" },
	{ { AT(BLOCKED, NO_ANSWER), .detail = "8080/" }, "", FSM_STATUS_BLOCKED,
		"No answer at 8080/; see: snap logs microsample" },
	{ { AT(BLOCKED, UNHEALTHY), .detail = "blocked: no license" }, "", FSM_STATUS_BLOCKED,
		"Snap reports blocked: no license" },
	{ { AT(BLOCKED, UNHEALTHY), .detail = "error: " LONG_TRACK }, "", FSM_STATUS_BLOCKED,
		"Snap reports error: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggggg..." },
	{ { AT(BLOCKED, RIVAL), .detail = "other/0 on this machine wants 'edge'" }, "", FSM_STATUS_BLOCKED,
		"other/0 on this machine wants 'edge'; set the same channel" },
	{ { AT(BLOCKED, RIVAL), .detail = "other/0 on this machine wants 'edge' revision 3" }, "",
		FSM_STATUS_BLOCKED, "other/0 on this machine wants 'edge' revision 3; set the same" },
	{ { AT(BLOCKED, RIVAL), .detail = "other/0 on this machine has not said which channel it wants" }, "",
		FSM_STATUS_BLOCKED, "other/0 on this machine has not said which channel it wants" },
	{ { AT(INSTALLING, UNLISTED), .detail = "/var/lib/microsample-vm: Not a directory",
		  .serves = true, .origin = EDGE }, "",
		FSM_STATUS_WAITING, "Waiting for the register of units: /var/lib/microsample-vm: Not a directory; 'edge' runs" },
	{ { AT(BLOCKED, PORT_TAKEN) }, "", FSM_STATUS_BLOCKED,
		"Port 8080/tcp is taken by another unit on this machine; move one of them" },
	/* refused */
	{ { AT(BLOCKED, CHANNEL_MISSING),
		.target.channel = "2.0/stable", .detail = "edge, beta" }, "",
		FSM_STATUS_BLOCKED, "Snap Store has no channel '2.0/stable'; it has edge, beta" },
	{ { AT(BLOCKED, CHANNEL_MISSING), .target.channel = "2.0/stable" }, "",
		FSM_STATUS_BLOCKED, "Snap Store has no channel '2.0/stable'; set another" },
	{ { AT(BLOCKED, CHANNEL_MISSING), .target.channel = "2.0/stable",
		.detail = "stable, candidate, beta, edge, 1.0/stable, 1.0/beta" }, "",
		FSM_STATUS_BLOCKED,
		"Snap Store has no channel '2.0/stable'; it has stable, candidate, beta, edge, ..." },
	{ { AT(BLOCKED, ARCH_MISSING), .target.channel = "latest/beta" },
		"", FSM_STATUS_BLOCKED,
		"No build for this machine's architecture in 'beta'; set another" },
	{ { AT(BLOCKED, REVISION_MISSING),
		.target.channel = "latest/beta" }, "", FSM_STATUS_BLOCKED,
		"Snap Store offers no revision in 'beta'; set another channel" },
	/* the resource */
	{ { AT(BLOCKED, BAD_RESOURCE), .detail = "holds 'microsample_3.snap', without its .assert" }, "",
		FSM_STATUS_BLOCKED, "Resource snaps holds 'microsample_3.snap', without its .assert; attach another" },
	{ { AT(BLOCKED, BAD_RESOURCE), .detail = "" }, "", FSM_STATUS_BLOCKED, "Resource snaps; attach another" },
	{ { AT(INSTALLING, RESOURCE_AWAY), .detail = "resource-get: exit status 1: could not download" }, "",
		FSM_STATUS_WAITING, "Waiting for the resource snaps: resource-get: exit status 1: could not download" },
	{ { AT(INSTALLING, RESOURCE_AWAY), .detail = "resource-get: exit status 1: could not download "
		"resource: Get \"https://192.0.2.1:17070/resource\": dial tcp 192.0.2.1:17070: connect: no route to host",
		RUNS }, "", FSM_STATUS_WAITING,
		"Waiting for the resource snaps: ...resource: connect: no route to host; 'edge' runs" },
	{ { AT(BLOCKED, RESOURCE_LOST) }, "", FSM_STATUS_BLOCKED,
		"Resource snaps is not on the disk as it was; attach it again" },
	{ { AGAIN(BLOCKED, RESOURCE_REFUSED), .target = { "", 3 }, .detail = "not amd64" }, "", FSM_STATUS_BLOCKED,
		"snapd refuses the resource: not amd64; next try 15:50 UTC" },
	{ { AGAIN(INSTALLING, UPLOAD_CUT), .target = { "", 3 }, .detail = "not told" }, "", FSM_STATUS_WAITING,
		"Upload to snapd was cut off; next try 15:50 UTC" },
	{ { AT(INSTALLING, OWN_CHANGE), .target = { "", 3 } }, "step 1 of 5", FSM_STATUS_MAINTENANCE,
		"Installing microsample snap revision 3 of the resource: step 1 of 5" },
	{ { AT(BLOCKED, CONTESTED), .target = { "", 3 } }, "", FSM_STATUS_BLOCKED,
		"Somebody keeps moving the snap away from revision 3 of the resource; see: snap changes" },
	{ { AT(ACTIVE, NONE), .target = { "", 3 }, .revision = "3", .hold = { .held = true } }, "", FSM_STATUS_ACTIVE,
		"Ready at revision 3 of the resource" },
	{ { AT(BLOCKED, PIN_MISSING), .target = { "latest/beta", 41 } }, "", FSM_STATUS_BLOCKED,
		"Snap Store has no revision 41 in 'beta'; set another" },
	{ { AGAIN(BLOCKED, PIN_MISSING), .target = { "latest/beta", 41 } }, "", FSM_STATUS_BLOCKED,
		"Snap Store has no revision 41 in 'beta'; set another; next try 15:50 UTC" },
	{ { AGAIN(BLOCKED, PIN_MISSING), .target = { "latest/beta", 41 }, .detail = "45" }, "",
		FSM_STATUS_BLOCKED, "Snap Store has no revision 41 in 'beta'; it has 45; next try 15:50 UTC" },
	{ { AGAIN(BLOCKED, PIN_MISSING), .target = { "1.0/edge/abcdefghijklmno", 1234567 } }, "",
		FSM_STATUS_BLOCKED,
		"Snap Store has no revision 1234567 in '1.0/edge/abcdefghijklmno'; set another" },
	{ { AGAIN(BLOCKED, HOLD_UNKNOWN) }, "", FSM_STATUS_BLOCKED,
		"snapd is too old to hold a snap; run: snap refresh snapd; next try 15:50 UTC" },
	{ { AGAIN(BLOCKED, ABORTED), RUNS }, "", FSM_STATUS_BLOCKED,
		"Change was aborted by order; next try 15:50 UTC; 'edge' runs" },
	{ { AT(BLOCKED, SNAP_MISSING) }, "", FSM_STATUS_BLOCKED,
		"Snap Store has no snap microsample; see: snap info microsample" },
	{ { AT(BLOCKED, NEEDS_CLASSIC), .target.channel = LONG_TRACK "/edge" },
		"", FSM_STATUS_BLOCKED,
		"Classic confinement is needed for 'aaaaaaaaaabbbbbbbbbbc...'; set another channel" },
	{ { AGAIN(BLOCKED, CHANNEL_MISSING), .target.channel = "2.0/stable", .detail = "edge, beta" },
		"", FSM_STATUS_BLOCKED,
		"Snap Store has no channel '2.0/stable'; it has edge, beta; next try 15:50 UTC" },
	{ { AGAIN(BLOCKED, CHANNEL_MISSING), .target.channel = "2.0/stable",
		.detail = "stable, candidate, beta, edge" }, "", FSM_STATUS_BLOCKED,
		"Snap Store has no channel '2.0/stable'; it has stable, candidate, beta, edge" },
	/* to the byte: 90, and one too many */
	{ { AGAIN(BLOCKED, CHANNEL_MISSING), .target.channel = "2.0/stable",
		.detail = "edge, beta, 10.0/stable" }, "", FSM_STATUS_BLOCKED,
		"Snap Store has no channel '2.0/stable'; it has edge, beta, 10.0/stable; next try 15:50 UTC" },
	{ { AGAIN(BLOCKED, CHANNEL_MISSING), .target.channel = "2.0/stable",
		.detail = "edge, beta, 100.0/stable" }, "", FSM_STATUS_BLOCKED,
		"Snap Store has no channel '2.0/stable'; it has edge, beta, 100.0/stable" },
	{ { AGAIN(BLOCKED, ARCH_MISSING), .target.channel = "latest/beta" }, "", FSM_STATUS_BLOCKED,
		"No build for this machine's architecture in 'beta'; set another; next try 15:50 UTC" },
	{ { AGAIN(BLOCKED, REVISION_MISSING), .target.channel = "latest/beta" }, "", FSM_STATUS_BLOCKED,
		"Snap Store offers no revision in 'beta'; set another channel; next try 15:50 UTC" },
	/* three stops of the service */
	{ { AT(BLOCKED, TARGET_REFUSED), .target.channel = "latest/beta", RUNS,
		.detail = "no space" }, "", FSM_STATUS_BLOCKED,
		"Refresh to 'beta' failed three times: no space; 'edge' runs" },
	{ { AT(BLOCKED, TARGET_REFUSED), .target.channel = "latest/beta", RUNS,
		.failure = { FSM_CLASS_SERVICE, .reason = FSM_REASON_REFRESH_FAILED,
			.next_try = FAILED_AT } }, "",
		FSM_STATUS_BLOCKED, "Refresh to 'beta' failed three times; 'edge' runs" },
	/* gone back */
	{ { AT(BLOCKED, ROLLED_BACK), .target.channel = "latest/beta", RUNS, .detail = "HTTP 500" }, "",
		FSM_STATUS_BLOCKED, "Refresh to 'beta' was rolled back: HTTP 500; 'edge' runs" },
	{ { AT(BLOCKED, ROLLED_BACK), .target.channel = "latest/beta", RUNS, .detail = "service is down" },
		"", FSM_STATUS_BLOCKED,
		"Refresh to 'beta' was rolled back: service is down; 'edge' runs" },
	{ { AT(BLOCKED, ROLLED_BACK), .target.channel = LONG_TRACK "/beta", RUNS,
		.detail = "no answer within 2 s" }, "", FSM_STATUS_BLOCKED,
		"Refresh to 'aaaaaaaaaabbbbbbbbbbc...' was rolled back: no answer within 2 s; 'edge' runs" },
	{ { AT(BLOCKED, ROLLED_BACK), .target.channel = LONG_TRACK "/beta", .origin = LONG_TRACK "/edge",
		.serves = true, .detail = "no answer within 2 s" }, "", FSM_STATUS_BLOCKED,
		"Refresh to 'aaaaaaaaaabbbbbbbbbbc...' was rolled back: no answer within 2 s" },
	{ { AT(INSTALLING, OWN_CHANGE), .order = { FSM_ORDER_ROLLBACK, NOW, BACK }, .refused.back = BACK,
		OP(REVERT) }, "step 3 of 9", FSM_STATUS_MAINTENANCE,
		"Rolling microsample snap back to revision 3: step 3 of 9" },
	{ { AT(INSTALLING, OWN_CHANGE), .order = { FSM_ORDER_ROLLBACK, NOW, 0 }, .refused.back = BACK },
		"", FSM_STATUS_MAINTENANCE, "Rolling microsample snap back to revision 3" },
	{ { STUCK("7"), .detail = "no space left" }, "", FSM_STATUS_BLOCKED,
		"Rollback from 'beta' failed: no space left; run: juju run UNIT revert" },
	{ { STUCK("7"), .detail = "cannot perform the following tasks: - Start snap \"microsample\" (3) "
		"services (exit status 1)" }, "", FSM_STATUS_BLOCKED,
		"Rollback from 'beta' failed: ...(3) services (exit status 1); run: juju run UNIT revert" },
	{ { STUCK_FROM(LONG_TRACK "/beta", "7"), .detail = "no space" }, "", FSM_STATUS_BLOCKED,
		"Rollback from 'aaaaaaaaaabbbbbbbbbbc...' failed: no space; run: juju run UNIT revert" },
	/* it is back, and does not run; and runs */
	{ { STUCK("3"), .detail = "exit status 1" }, "", FSM_STATUS_BLOCKED,
		"Rollback from 'beta' failed: exit status 1; run: snap start --enable microsample" },
	{ { STUCK("3"), RUNS, .detail = "no network" }, "", FSM_STATUS_BLOCKED,
		"Rollback from 'beta' failed: no network; 'edge' runs" },
	{ { MOVED(BLOCKED, CONTESTED), .target.channel = "latest/beta" }, "", FSM_STATUS_BLOCKED,
		"Somebody keeps moving the snap away from 'beta'; see: snap changes; next try 15:50 UTC" },
	{ { AGAIN(BLOCKED, DISK_FULL), RUNS }, "", FSM_STATUS_BLOCKED,
		"Not enough disk space for the snap; next try 15:50 UTC; 'edge' runs" },
	{ { AT(BLOCKED, NEEDS_DEVMODE), .target.channel = "2.0/edge" }, "", FSM_STATUS_BLOCKED,
		"Devmode confinement is needed for '2.0/edge'; set another channel" },
	{ { EACH_HOOK(DENIED) }, "", FSM_STATUS_BLOCKED,
		"snapd denies access; the unit agent must be root; asked again at each hook" },
	{ { EACH_HOOK(DEGRADED), .detail = "system does not fully support snapd: no squashfs" },
		"", FSM_STATUS_BLOCKED,
		"snapd cannot work here: ...not fully support snapd: no squashfs; asked again at each hook" },
	/* tried again */
	{ { AGAIN(INSTALLING, STORE_TIMEOUT) }, "",
		FSM_STATUS_WAITING, "Snap Store timeout; next try 15:50 UTC" },
	{ { AGAIN(INSTALLING, STORE_TIMEOUT), RUNS }, "",
		FSM_STATUS_WAITING, "Snap Store timeout; next try 15:50 UTC; 'edge' runs" },
	{ { AGAIN(INSTALLING, STORE_TIMEOUT), .detail = "proxyconnect tcp: i/o timeout",
		RUNS }, "", FSM_STATUS_WAITING,
		"Snap Store timeout: proxyconnect tcp: i/o timeout; next try 15:50 UTC; 'edge' runs" },
	{ { AGAIN(INSTALLING, STORE_TROUBLE), .detail = "too many requests",
		RUNS }, "", FSM_STATUS_WAITING,
		"Snap Store trouble: too many requests; next try 15:50 UTC; 'edge' runs" },
	/* what does not run, or came from no channel, is only followed */
	{ { AGAIN(INSTALLING, STORE_TIMEOUT), .tracking = "latest/edge", .origin = "latest/edge" }, "",
		FSM_STATUS_WAITING, "Snap Store timeout; next try 15:50 UTC; tracks 'edge'" },
	{ { AGAIN(INSTALLING, STORE_TIMEOUT), .tracking = "latest/edge", .serves = true }, "",
		FSM_STATUS_WAITING, "Snap Store timeout; next try 15:50 UTC; tracks 'edge'" },
	{ { AGAIN(INSTALLING, STORE_TIMEOUT), .serves = true }, "",
		FSM_STATUS_WAITING, "Snap Store timeout; next try 15:50 UTC" },
	{ { AGAIN(INSTALLING, CHANGE_FAILED), .detail = "Mount snap (no space)" },
		"", FSM_STATUS_WAITING, "Change failed: Mount snap (no space); next try 15:50 UTC" },
	{ { AGAIN(INSTALLING, CHANGE_FAILED), .detail = LONG_LINE,
		RUNS }, "", FSM_STATUS_WAITING,
		"Change failed: received an unexpected http response code (503); next try 15:50 UTC" },
	{ { AGAIN(INSTALLING, REFRESH_FAILED), .detail = "Start services (exit 1)",
		RUNS }, "", FSM_STATUS_WAITING,
		"Refresh failed: Start services (exit 1); next try 15:50 UTC; 'edge' runs" },
	{ { AGAIN(INSTALLING, REMOVAL_FAILED), .detail = "busy", .retired = true }, "",
		FSM_STATUS_WAITING, "Removal failed: busy; next try 15:50 UTC" },
	{ { AGAIN(INSTALLING, REMOVAL_REFUSED), .detail = "has dependants", .retired = true }, "",
		FSM_STATUS_WAITING, "Removal refused: has dependants; next try 15:50 UTC" },
	{ { AGAIN(INSTALLING, SNAPD_REFUSED), .detail = "cannot do this" }, "",
		FSM_STATUS_WAITING, "snapd refused: cannot do this; next try 15:50 UTC" },
	{ { AGAIN(BLOCKED, SNAPD_REFUSED), .detail = "cannot do this" }, "",
		FSM_STATUS_BLOCKED, "snapd refused: cannot do this; next try 15:50 UTC" },
	{ { AGAIN(INSTALLING, CONTRADICTED), .detail = "snap has no updates available",
		RUNS }, "", FSM_STATUS_WAITING,
		"snapd refused: snap has no updates available; next try 15:50 UTC; 'edge' runs" },
	{ { AGAIN(INSTALLING, CHANGE_EMPTY) }, "",
		FSM_STATUS_WAITING, "Change was aborted; next try 15:50 UTC" },
	{ { AGAIN(INSTALLING, CONFLICT) }, "",
		FSM_STATUS_WAITING, "snapd is busy; next try 15:50 UTC" },
	{ { AGAIN(INSTALLING, CONFLICT), .detail = "snap \"microsample\" has \"refresh-snap\" change in progress" },
		"", FSM_STATUS_WAITING, "snapd is busy: ...\"microsample\" has \"refresh-snap\" change in progress; next try 15:50 UTC" },
	{ { AGAIN(INSTALLING, NO_TRACE) }, "",
		FSM_STATUS_WAITING, "Request was lost; next try 15:50 UTC" },
	{ { MOVED(INSTALLING, DRIFTED), RUNS }, "",
		FSM_STATUS_WAITING, "Snap was moved away again; next try 15:50 UTC; 'edge' runs" },
	{ { AGAIN(INSTALLING, INTERRUPTED) }, "",
		FSM_STATUS_WAITING, "Interrupted; next try 15:50 UTC" },
	/* the next try of another trouble, or one that has passed, is none of this one */
	{ { AT(INSTALLING, INTERRUPTED),
		.failure = { FSM_CLASS_PASSING, .reason = FSM_REASON_CHANGE_FAILED, .next_try = FAILED_AT } }, "",
		FSM_STATUS_WAITING, "Interrupted" },
	{ { AT(INSTALLING, INTERRUPTED), .since = FAILED_AT,
		.failure = { FSM_CLASS_PASSING, .reason = FSM_REASON_INTERRUPTED, .next_try = FAILED_AT } }, "",
		FSM_STATUS_WAITING, "Interrupted" },
	{ { AT(BLOCKED, REVISION_MISSING), .target.channel = "latest/beta",
		.failure = { FSM_CLASS_PASSING, .reason = FSM_REASON_NO_TRACE, .next_try = FAILED_AT } },
		"", FSM_STATUS_BLOCKED, "Snap Store offers no revision in 'beta'; set another channel" },
	/* gone */
	{ { .reason = FSM_REASON_REMOVED, .retired = true }, "",
		FSM_STATUS_MAINTENANCE, "Removed; run juju remove-unit, or JUJU_DISPATCH_PATH=hooks/start ./dispatch" },
	{ { .reason = FSM_REASON_REMOVED, .retired = true, .detail = "the snap stays" }, "",
		FSM_STATUS_MAINTENANCE,
		"Leaving microsample snap: it was not installed by this unit" },
	{ { .reason = FSM_REASON_REMOVED, .retired = true,
		  .detail = "the snap stays: other/0 on this machine uses it" }, "",
		FSM_STATUS_MAINTENANCE, "Leaving microsample snap: other/0 on this machine uses it" },
};
/* clang-format on */

/* No reason's words can change unseen. */
START_TEST(every_reason_is_among_the_situations)
{
	bool found = false;

	for (int i = 0; i < COUNT(situations); i++)
		found |= situations[i].record.reason == (enum fsm_reason)_i &&
			 situations[i].record.state != FSM_STATE_ACTIVE;
	ck_assert(found);
	ck_assert_uint_gt(strlen(fsm_reason_row((enum fsm_reason)_i)->meaning), 15);
}
END_TEST

/* Where all is said by the reason, nothing that the record remembers is added. */
START_TEST(reason_that_says_it_all_has_no_tail)
{
	static const enum fsm_reason whole[] = { FSM_REASON_NOT_SEEDED, FSM_REASON_UNANSWERED,
		FSM_REASON_DISABLED, FSM_REASON_LOCAL, FSM_REASON_SERVICE_DOWN,
		FSM_REASON_PORT_TAKEN };

	for (int i = 0; i < COUNT(whole); i++) {
		struct fsm_record bare = { .reason = whole[i] }, full = { .reason = whole[i] };

		full.since = NOW;
		full.failure.reason = whole[i];
		full.failure.next_try = NOW + HOUR;
		full.target = fsm_target_of(EDGE);
		strcpy(full.detail, "words");
		strcpy(full.tracking, BETA);
		ck_assert_str_eq(fsm_status_line(&full, "step 1 of 2").message,
			fsm_status_line(&bare, "").message);
	}
}
END_TEST

/* What is tried again says when, unless a remedy needs the room. _i: the reason. */
START_TEST(next_try_is_told_of_whatever_is_tried_again)
{
	enum fsm_reason reason = (enum fsm_reason)_i;
	enum fsm_class class = fsm_reason_row(reason)->class;
	bool pauses = fsm_class_row(class)->minutes[0] != 0;
	struct fsm_record record = { AGAIN(BLOCKED, NONE), .target = { "latest/beta", 0 } };
	const char *said = pauses ? "; next try 15:50 UTC" : "; asked again at each hook";
	struct fsm_status_line line;

	if (class == FSM_CLASS_NONE)
		return; /* each hook looks */
	record.reason = record.failure.reason = reason;
	record.failure.class = class;
	record.drift.next_try = record.failure.next_try;
	line = fsm_status_line(&record, "");
	ck_assert_msg(strstr(line.message, said) || strlen(line.message) + strlen(said) > 90, "%s",
		line.message);
}
END_TEST

/* A person who looks at the minute that was told must find that it has been tried. */
static const struct {
	int hour, minute, second;
	const char *told;
} times[] = {
	{ 12, 0, 0, "12:00" },
	{ 12, 0, 1, "12:01" },
	{ 12, 0, 59, "12:01" },
	{ 12, 59, 1, "13:00" },
	{ 23, 59, 0, "23:59" },
	{ 23, 59, 1, "00:00" },
};

START_TEST(next_try_is_rounded_up_to_the_minute)
{
	int64_t midnight = NOW / DAY * DAY;
	struct fsm_record record = { AGAIN(INSTALLING, CONFLICT) };
	struct fsm_status_line line;
	char expected[64];

	record.since = midnight;
	record.failure.next_try =
		midnight + times[_i].hour * HOUR + times[_i].minute * MINUTE + times[_i].second;
	line = fsm_status_line(&record, "");
	snprintf(expected, sizeof expected, "snapd is busy; next try %s UTC", times[_i].told);
	ck_assert_str_eq(line.message, expected);
}
END_TEST

/* The detail is not told but where it says something to a person. */
static bool tells_detail(enum fsm_reason reason)
{
	static const enum fsm_reason tellers[] = { FSM_REASON_BAD_OPTION, FSM_REASON_FOREIGN_CHANGE,
		FSM_REASON_FOREIGN_STANDS, FSM_REASON_CHANNEL_MISSING, FSM_REASON_STORE_TROUBLE,
		FSM_REASON_CHANGE_FAILED, FSM_REASON_REFRESH_FAILED, FSM_REASON_TARGET_REFUSED,
		FSM_REASON_REMOVAL_FAILED, FSM_REASON_REMOVAL_REFUSED, FSM_REASON_SNAPD_REFUSED,
		FSM_REASON_DEGRADED, FSM_REASON_CONTRADICTED, FSM_REASON_SNAPD_AWAY,
		FSM_REASON_BAD_RESOURCE, FSM_REASON_RESOURCE_AWAY, FSM_REASON_RESOURCE_REFUSED,
		FSM_REASON_UNHEALTHY, FSM_REASON_BROKEN, FSM_REASON_REMOVED, FSM_REASON_PIN_MISSING,
		FSM_REASON_STORE_TIMEOUT, FSM_REASON_CONFLICT, FSM_REASON_NO_ANSWER,
		FSM_REASON_ROLLED_BACK, FSM_REASON_ROLLBACK_FAILED, FSM_REASON_RIVAL,
		FSM_REASON_UNLISTED };

	for (int i = 0; i < COUNT(tellers); i++)
		if (tellers[i] == reason)
			return true;
	return false;
}

START_TEST(operator_reads)
{
	struct fsm_record record = situations[_i].record;
	struct fsm_status_line line = fsm_status_line(&record, situations[_i].progress);

	ck_assert_str_eq(line.message, situations[_i].message);
	ck_assert_int_eq(line.status, situations[_i].status);
	if (!tells_detail(record.reason))
		strcpy(record.detail, "words");
	line = fsm_status_line(&record, situations[_i].progress);
	ck_assert_str_eq(line.message, situations[_i].message);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("status");

	tcase_add_loop_test(tests, status_is_sane_for_every_record, 0, FSM_STATE_COUNT);
	tcase_add_loop_test(tests, every_reason_is_among_the_situations, 0, FSM_REASON_COUNT);
	tcase_add_test(tests, reason_that_says_it_all_has_no_tail);
	tcase_add_loop_test(
		tests, next_try_is_told_of_whatever_is_tried_again, 0, FSM_REASON_COUNT);
	tcase_add_loop_test(tests, next_try_is_rounded_up_to_the_minute, 0, COUNT(times));
	tcase_add_loop_test(tests, operator_reads, 0, COUNT(situations));
	return kit_run(tests, "status");
}
