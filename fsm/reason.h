/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a unit is where it is: every reason, with what Juju shows for it, what a person is told, and,
 * where a request can fail for it, whom that failure waits for.
 */
#ifndef FSM_REASON_H
#define FSM_REASON_H

#include <stdint.h>

#include "workload/workload.h"

/* clang-format off */
#define FSM_STATUSES(ON) \
	ON(NONE,        "none") \
	ON(MAINTENANCE, "maintenance") \
	ON(WAITING,     "waiting") \
	ON(BLOCKED,     "blocked") \
	ON(ACTIVE,      "active")

/*
 * What a failed try costs, and who can cure it: that decides how long it is until the next one. The
 * minutes are the pauses before the second try, the third, and so on; the last one repeats. Where
 * they are 0, each hook asks once. BY HAND: a hook that a person caused asks past the pause. LASTING:
 * hours of the same reason after which a person has to act, where the reason does not say so at once;
 * 0 for never. The tries go on.
 */
/*            name      in the database   minutes                by hand  lasting */
#define FSM_CLASSES(ON) \
	ON(NONE,     "none",        0,   0,   0,   0,   0,  true,   0) \
	/* Nothing, and a person: snapd itself refuses. */ \
	ON(SNAPD,    "snapd",       0,   0,   0,   0,   0,  true,   0) \
	/* A look at the disk or at other changes. */ \
	ON(LITTLE,   "little",      1,   5,  15,  15,  15,  true,   0) \
	/* A stop of the service and a snapshot: snapd tried to remove the snap. */ \
	ON(REMOVAL,  "removal",     1,   5,  15,  15,  15,  false,  0) \
	/* A request to the Snap Store, or a download; time cures it. */ \
	ON(PASSING,  "passing",     1,   5,  15,  60,  60,  true,   0) \
	/* A request, perhaps to the Snap Store; nobody knows what cures it. */ \
	ON(UNKNOWN,  "unknown",     1,   5,  15,  60,  60,  true,   6) \
	/* A request, at a deploy thousands; refused for good. */ \
	ON(FINAL,    "final",       5,  15,  60, 120, 360,  true,   6) \
	/* A change; a person did not want it. */ \
	ON(ABORT,    "abort",     360, 360, 360, 360, 360,  false,  0) \
	/* The service was down for it: snapd refreshed the snap and went back. */ \
	ON(SERVICE,  "service",    15,  60,  60,  60,  60,  true,   0) \
	/* A question to the Snap Store: whether it has something newer for a snap that is held. */ \
	ON(UPDATE,   "update",    360, 360, 360, 360, 360,  false,  0) \
	/* A move of the snap, which somebody undoes each time. */ \
	ON(DRIFT,    "drift",       5,  15,  60,  60,  60,  true,   0) \
	/* The same, and a person has to make them agree. */ \
	ON(CONTEST,  "contest",    60, 120, 240, 360, 360,  true,   0)

/* What follows the message in the status line: see tell_tail() in status.c. */
enum fsm_tail {
	FSM_TAIL_NOTHING,         /* but the next try, as wherever a tail leaves room for it */
	FSM_TAIL_OPERATION,       /* in place of the message: what is being done */
	FSM_TAIL_START,           /* how to start it, or to go back from a refresh */
	FSM_TAIL_ANSWER,          /* where, what was seen, and where to look or how to go back */
	FSM_TAIL_OPTION,          /* the first bad option, its value, and what is accepted */
	FSM_TAIL_DETAIL,          /* the detail, and how to go back from a refresh */
	FSM_TAIL_UNITS,           /* what snapd says; see: systemctl --failed */
	FSM_TAIL_AWAY,            /* how snapd is away */
	FSM_TAIL_KIND,            /* the kind of the change in flight */
	FSM_TAIL_STANDS,          /* in place of the message: which change stands where, since when */
	FSM_TAIL_CHANNELS,        /* the channel, and those that there are */
	FSM_TAIL_ANOTHER,         /* the channel; set another */
	FSM_TAIL_ANOTHER_CHANNEL, /* the channel; set another channel */
	FSM_TAIL_PIN,             /* the revision and the channel, and what that has */
	FSM_TAIL_CHANGES,         /* the channel; see: snap changes */
	FSM_TAIL_RESOURCE,        /* what is wrong with it */
	FSM_TAIL_CAUSE,           /* snapd's cause, the next try, and what runs */
	FSM_TAIL_OUTLOOK,         /* the next try, and what runs */
	FSM_TAIL_FAILED_TARGET,   /* the channel failed three times: the cause, and what runs */
	FSM_TAIL_ROLLED,          /* the channel was rolled back: what was seen, and what runs */
	FSM_TAIL_UNROLLED,        /* the channel failed: the cause, and how to go back */
	FSM_TAIL_RIVAL,           /* who wants the snap where, and what to set */
	FSM_TAIL_LEFT,            /* in place of the message, when the snap stays */
};

/*  name, in the database, class of a failure, status (not in state active), tail,
 *      the message for the status line,
 *      the meaning: one line for the guide and for `state`; where something is to be done, what */
#define FSM_REASONS(ON) \
	ON(NONE, "none", NONE, MAINTENANCE, OPERATION, "", \
		"nothing stands in the way") \
	ON(BAD_OPTION, "bad-option", NONE, BLOCKED, OPTION, "Invalid", \
		"an option has a value that it cannot have: set what the status names") \
	ON(BAD_RESOURCE, "bad-resource", NONE, BLOCKED, RESOURCE, "Resource snaps", \
		"the file in the resource snaps is of no use: make it anew as the guide says, and attach it") \
	ON(RESOURCE_AWAY, "resource-away", NONE, WAITING, CAUSE, "Waiting for the resource snaps", \
		"the controller does not give the resource snaps, and it was never read: each hook asks again") \
	ON(RESOURCE_LOST, "resource-lost", FINAL, BLOCKED, NOTHING, \
		"Resource snaps is not on the disk as it was; attach it again", \
		"the file of the resource was changed or deleted on the machine: attach it again") \
	ON(RESOURCE_REFUSED, "resource-refused", FINAL, BLOCKED, CAUSE, "snapd refuses the resource", \
		"snapd takes the snaps of the resource not: their assertions, the architecture; attach others") \
	ON(UPLOAD_CUT, "upload-cut", PASSING, WAITING, OUTLOOK, "Upload to snapd was cut off", \
		"snapd did not get all of the resource in five minutes, or stopped: nothing was done; how fast is the disk?") \
	ON(SNAPD_AWAY, "snapd-away", NONE, WAITING, AWAY, "Waiting for snapd", \
		"snapd gives no usable answer on its socket: systemctl status snapd.socket snapd") \
	ON(NOT_SEEDED, "not-seeded", SNAPD, WAITING, NOTHING, "Waiting for snapd: it is not seeded yet", \
		"snapd is still setting up the machine's first snaps: snap wait system seed.loaded") \
	ON(OWN_CHANGE, "own-change", NONE, MAINTENANCE, OPERATION, "", \
		"our own change is under way in snapd, or the next hook asks for it") \
	ON(FOREIGN_CHANGE, "foreign-change", NONE, WAITING, KIND, "Waiting for snapd", \
		"somebody else's change of the snap is in progress: snap changes") \
	ON(OWN_STANDS, "own-stands", NONE, WAITING, STANDS, "", \
		"our own change does not move on: snap change ID; snap abort ID takes it back") \
	ON(FOREIGN_STANDS, "foreign-stands", NONE, WAITING, STANDS, "", \
		"somebody else's change of the snap does not move on: snap change ID") \
	ON(UNANSWERED, "unanswered", NONE, WAITING, NOTHING, "No answer from snapd; asking it again", \
		"a request went unanswered; snapd is looked at, then asked again") \
	ON(DISABLED, "disabled", NONE, BLOCKED, NOTHING, \
		"Snap is disabled; run: snap enable " WORKLOAD_SNAP, \
		"the snap is disabled: snap enable " WORKLOAD_SNAP) \
	ON(BROKEN, "broken", NONE, BLOCKED, UNITS, "Snap is broken", \
		"snapd cannot read the installed snap: its mount is in systemctl --failed; last of all, snap remove " \
		WORKLOAD_SNAP) \
	ON(LOCAL, "local", FINAL, BLOCKED, NOTHING, \
		"Local build is kept; replace it: snap refresh --amend --channel=CHANNEL " WORKLOAD_SNAP, \
		"the snap was built locally and is kept: snap refresh --amend --channel=CHANNEL " WORKLOAD_SNAP \
		" replaces it") \
	ON(SERVICE_DOWN, "service-down", NONE, BLOCKED, START, "Service is down", \
		"a service of the snap does not run: snap start " WORKLOAD_SNAP "; why: snap logs " WORKLOAD_SNAP) \
	ON(UNSERVED, "no-service", NONE, BLOCKED, NOTHING, \
		"No service is enabled; run: snap start --enable " WORKLOAD_SNAP, \
		"all services of the snap are disabled: snap start --enable " WORKLOAD_SNAP) \
	ON(UNHEALTHY, "unhealthy", NONE, BLOCKED, DETAIL, "Snap reports", \
		"the snap's own health check found something: snap info " WORKLOAD_SNAP ", snap logs " WORKLOAD_SNAP) \
	ON(NO_ANSWER, "no-answer", NONE, BLOCKED, ANSWER, "No answer at", \
		"the service runs and does not answer: snap logs " WORKLOAD_SNAP "; the option health-path says where it is asked") \
	ON(RIVAL, "rival", NONE, BLOCKED, RIVAL, "", \
		"another application on this machine wants the snap elsewhere: make them agree, or move one of them") \
	ON(UNLISTED, "unlisted", NONE, WAITING, CAUSE, "Waiting for the register of units", \
		"the folder that the units of one machine share cannot be used, and nothing is asked without it: ls -la /var/lib/microsample-vm, df") \
	ON(PORT_TAKEN, "port-taken", NONE, BLOCKED, NOTHING, \
		"Port " WORKLOAD_PORT " is taken by another unit on this machine; move one of them", \
		"another unit on this machine has opened " WORKLOAD_PORT ": move one of the two") \
	ON(CHANNEL_MISSING, "channel-missing", FINAL, BLOCKED, CHANNELS, "Snap Store has no channel", \
		"the Snap Store has no such channel: set one that exists") \
	ON(ARCH_MISSING, "architecture-missing", FINAL, BLOCKED, ANOTHER, \
		"No build for this machine's architecture in", \
		"the channel has no build for this architecture: set another channel") \
	ON(REVISION_MISSING, "revision-missing", FINAL, BLOCKED, ANOTHER_CHANNEL, \
		"Snap Store offers no revision in", \
		"the Snap Store offers no revision there: set another channel") \
	ON(PIN_MISSING, "pin-missing", FINAL, BLOCKED, PIN, "Snap Store has no revision", \
		"the Snap Store does not offer that revision there: set another, or revision=0") \
	ON(HOLD_UNKNOWN, "hold-unknown", FINAL, BLOCKED, NOTHING, \
		"snapd is too old to hold a snap; run: snap refresh snapd", \
		"snapd before 2.58 cannot hold a snap: snap refresh snapd; or set auto-refresh=true and revision=0") \
	ON(SNAP_MISSING, "snap-missing", FINAL, BLOCKED, NOTHING, \
		"Snap Store has no snap " WORKLOAD_SNAP "; see: snap info " WORKLOAD_SNAP, \
		"the Snap Store does not know the snap: snap info " WORKLOAD_SNAP) \
	ON(NEEDS_CLASSIC, "needs-classic", FINAL, BLOCKED, ANOTHER_CHANNEL, \
		"Classic confinement is needed for", \
		"that revision needs classic confinement, which this charm does not give: set another channel") \
	ON(NEEDS_DEVMODE, "needs-devmode", FINAL, BLOCKED, ANOTHER_CHANNEL, \
		"Devmode confinement is needed for", \
		"that revision needs devmode, which this charm does not give: set another channel") \
	ON(DENIED, "denied", SNAPD, BLOCKED, OUTLOOK, \
		"snapd denies access; the unit agent must be root", \
		"snapd refuses the unit agent: it must run as root, on the machine itself") \
	ON(DEGRADED, "degraded", SNAPD, BLOCKED, CAUSE, \
		"snapd cannot work here", \
		"snapd does not fully support this system: journalctl -u snapd") \
	ON(STORE_TROUBLE, "store-trouble", PASSING, WAITING, CAUSE, "Snap Store trouble", \
		"the Snap Store could not be reached: snap debug connectivity") \
	ON(STORE_TIMEOUT, "store-timeout", PASSING, WAITING, CAUSE, "Snap Store timeout", \
		"the Snap Store did not answer in time: snap debug connectivity") \
	ON(DISK_FULL, "disk-full", LITTLE, BLOCKED, OUTLOOK, "Not enough disk space for the snap", \
		"the disk has no room for the snap: df -h /var/lib/snapd") \
	ON(CONFLICT, "conflict", LITTLE, WAITING, CAUSE, "snapd is busy", \
		"snapd was busy with something that excludes our request: snap changes") \
	ON(CHANGE_FAILED, "change-failed", PASSING, WAITING, CAUSE, "Change failed", \
		"snapd could not do what it was asked for: snap changes, snap tasks ID") \
	ON(REFRESH_FAILED, "refresh-failed", SERVICE, WAITING, CAUSE, "Refresh failed", \
		"snapd could not refresh the snap, which stopped its service, and went back: snap changes, snap tasks ID") \
	ON(TARGET_REFUSED, "target-refused", NONE, BLOCKED, FAILED_TARGET, "Refresh to", \
		"three refreshes to this channel failed and went back; each stopped the service: set another channel") \
	ON(ROLLED_BACK, "rolled-back", NONE, BLOCKED, ROLLED, "Refresh to", \
		"our refresh left the snap down or silent and was undone: set another channel, or run the action retry") \
	ON(ROLLBACK_FAILED, "rollback-failed", NONE, BLOCKED, UNROLLED, "Rollback from", \
		"our refresh left the snap down or silent, and snapd could not go back: snap changes, snap logs " \
		WORKLOAD_SNAP) \
	ON(REMOVAL_FAILED, "removal-failed", REMOVAL, WAITING, CAUSE, "Removal failed", \
		"snapd could not remove the snap: snap changes, snap tasks ID") \
	ON(REMOVAL_REFUSED, "removal-refused", LITTLE, WAITING, CAUSE, "Removal refused", \
		"snapd refuses to remove the snap; each run of the remove hook asks again") \
	ON(SNAPD_REFUSED, "snapd-refused", UNKNOWN, WAITING, CAUSE, "snapd refused", \
		"snapd refused, and gave no reason that this charm knows; its words are shown") \
	ON(CONTRADICTED, "contradicted", FINAL, WAITING, CAUSE, "snapd refused", \
		"snapd's answer does not fit the snap that it shows: snap list " WORKLOAD_SNAP ", snap changes") \
	ON(CHANGE_EMPTY, "change-empty", PASSING, WAITING, OUTLOOK, "Change was aborted", \
		"somebody aborted our change before it did anything") \
	ON(ABORTED, "aborted", ABORT, BLOCKED, OUTLOOK, "Change was aborted by order", \
		"the action abort ended our change: it rests, until the action retry or another option") \
	ON(NO_TRACE, "no-trace", PASSING, WAITING, OUTLOOK, "Request was lost", \
		"a request left no trace in snapd: it is asked again") \
	ON(DRIFTED, "drifted", NONE, WAITING, OUTLOOK, "Snap was moved away again", \
		"somebody moves or removes the snap: it is put right, each time after a longer pause") \
	ON(CONTESTED, "contested", CONTEST, BLOCKED, CHANGES, "Somebody keeps moving the snap away from", \
		"another unit or person keeps changing the snap: make them agree on one channel") \
	ON(UNRELATED, "no-relation", NONE, BLOCKED, NOTHING, \
		"No relation fleet for rollout-width; deploy this build anew, or set rollout-width=0", \
		"rollout-width is set, and this application came from a build without the relation `fleet`: rollout-width=0") \
	ON(INTERRUPTED, "interrupted", PASSING, WAITING, OUTLOOK, "Interrupted", \
		"the hook ended before it knew the outcome: the next one goes on") \
	ON(REMOVED, "removed", NONE, MAINTENANCE, LEFT, \
		"Removed; run juju remove-unit, or JUJU_DISPATCH_PATH=hooks/start ./dispatch", \
		"the unit is going; nothing of it is left")

#define FSM_STATUS_(name, text)              FSM_STATUS_##name,
#define FSM_CLASS_(name, text, a, b, c, d, e, by_hand, lasting) FSM_CLASS_##name,
#define FSM_REASON_(name, text, class, status, tail, message, meaning) FSM_REASON_##name,
/* clang-format on */

enum fsm_status {
	FSM_STATUSES(FSM_STATUS_) FSM_STATUS_COUNT
};
enum fsm_class {
	FSM_CLASSES(FSM_CLASS_) FSM_CLASS_COUNT
};
enum fsm_reason {
	FSM_REASONS(FSM_REASON_) FSM_REASON_COUNT
};

struct fsm_reason_row {
	enum fsm_class class;
	enum fsm_status status;
	enum fsm_tail tail;
	const char *message;
	const char *meaning;
};

/* The row of a valid REASON. */
const struct fsm_reason_row *fsm_reason_row(enum fsm_reason reason);

#endif
